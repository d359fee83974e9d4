//! What a checklist comes to, without words: what of each criterion, of the label's indication and of the listed tests, and what
//! follows from them.

use crate::checklist::{Conclusion, TestStatus};
use crate::dictionary::{FactId, Kind};
use crate::evaluate::{Ask, Block, Decided, Judge, Pass, Verdict};
use crate::library::{BeforeStarting, Document, Entry, Level, Library, Suppression};
use crate::outcome::{Outcome, Reason};
use crate::profile::Value;

/// A label and the guidance beside it, judged for a profile.
#[derive(Debug)]
pub(crate) struct Judged<'l> {
    pub(crate) label: &'l Document,
    pub(crate) documents: Vec<&'l Document>,
    /// In the order of the documents.
    pub(crate) criteria: Vec<Decision<'l>>,
    pub(crate) tests: Vec<ListedTest<'l>>,
    pub(crate) conclusion: Conclusion,
}

/// What came out of a criterion, and whether that counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decision<'l> {
    pub(crate) decided: Decided<'l>,
    pub(crate) level: Level,
    /// Of a dose row that is met: whether the planned dose keeps to it.
    pub(crate) followed: Option<bool>,
    pub(crate) suppressed: Option<&'l Suppression>,
}

impl Decision<'_> {
    pub(crate) fn is(&self, outcome: Outcome) -> bool {
        self.decided.verdict == Verdict::Decided(outcome)
    }

    /// Whether it counts towards the conclusion.
    pub(crate) fn counts(&self) -> bool {
        self.level != Level::Advice && self.followed != Some(true) && self.suppressed.is_none()
    }

    /// Whether it is met and set aside by local rules: what is met is never "no flags".
    pub(crate) fn set_aside(&self) -> bool {
        self.is(Outcome::Met) && self.level != Level::Advice && self.suppressed.is_some()
    }

    /// By which findings are ordered: the gravest first, then by kind of harm and name.
    pub(crate) fn order(&self, library: &Library) -> impl Ord + use<'_> {
        let criterion = self.decided.criterion;
        let hazard = library.hazard(&criterion.hazard).map(|h| h.order);
        (
            self.level,
            criterion.strength,
            hazard.unwrap_or(usize::MAX),
            &criterion.id,
            &self.decided.document.id,
        )
    }
}

/// A test that a document lists before starting.
#[derive(Debug, Clone)]
pub(crate) struct ListedTest<'l> {
    pub(crate) document: &'l Document,
    pub(crate) row: &'l BeforeStarting,
    pub(crate) test: FactId,
    /// Others of which one would do.
    pub(crate) or: Vec<FactId>,
    pub(crate) status: TestStatus,
}

impl ListedTest<'_> {
    /// Whether it makes a checklist incomplete: a test of the label without a usable result.
    pub(crate) fn lacks(&self) -> bool {
        !self.document.is_guidance() && self.status != TestStatus::Done
    }
}

impl Library {
    /// Judges a profile for each label of its plan.
    pub(crate) fn judge(&self, judge: &Judge<'_>) -> Vec<Judged<'_>> {
        let plan = &judge.profile.plan;
        let labels = plan.labels.iter();
        let labels = labels.filter_map(|l| Some((l, self.label(l, &plan.drug)?)));
        let judged = labels.map(|(jurisdiction, label)| {
            judge.judged(self, label, self.guidance(jurisdiction, &plan.drug))
        });
        judged.collect()
    }
}

impl Judge<'_> {
    /// Judges a label of a library, with the guidance that stands beside it.
    pub(crate) fn judged<'d>(
        &self,
        library: &'d Library,
        label: &'d Document,
        guidance: impl Iterator<Item = &'d Document>,
    ) -> Judged<'d> {
        let judge = self.for_label(label);
        let documents: Vec<&Document> = std::iter::once(label).chain(guidance).collect();
        let mut criteria = Vec::new();
        let mut tests = Vec::new();
        let mut eligible = None;
        let mut block = Block::default();
        for document in &documents {
            block.fill(document, &[judge]);
            if std::ptr::eq(*document, label) {
                eligible = judge.eligible(label, &block);
            }
            let decided = judge.decide_all(document, &block);
            criteria.extend(decided.map(|d| judge.decision(library, d)));
            tests.extend(judge.of(document).before_starting(document, &block));
        }
        judge.reopen(&criteria, eligible, &mut tests);
        let eligible = eligible.map_or(Outcome::NotMet, |(outcome, _)| outcome);
        Judged {
            conclusion: conclude(&criteria, eligible, &tests),
            label,
            documents,
            criteria,
            tests,
        }
    }

    fn decision<'d>(&self, library: &'d Library, decided: Decided<'d>) -> Decision<'d> {
        let (document, criterion) = (decided.document, decided.criterion);
        let met = decided.verdict == Verdict::Decided(Outcome::Met);
        let limit = criterion.max.as_ref().filter(|_| met);
        let planned = self.profile.plan.daily;
        Decision {
            decided,
            level: criterion.strength.level(criterion.boxed),
            followed: limit.zip(planned).map(|((max, _), daily)| daily <= *max),
            suppressed: library.suppressed(&document.id, &criterion.id, self.as_of),
        }
    }

    /// The best of what a label asks for the indication, and what comes out of it; none if the label does not have it.
    fn eligible<'d>(&self, label: &'d Document, block: &Block) -> Option<(Outcome, &'d Entry)> {
        let entries = label.indications.iter();
        let entries = entries.filter(|e| e.indication == self.profile.plan.indication);
        let judged = entries.map(|e| (block.outcomes(&e.requires, Pass::FIRST).at(0), e));
        judged.max_by_key(|(outcome, e)| (*outcome, &e.cited.section))
    }

    /// The tests a document lists before starting, with their status.
    fn before_starting<'d>(&self, document: &'d Document, block: &Block) -> Vec<ListedTest<'d>> {
        let mut listed = Vec::new();
        for row in &document.before_starting {
            let population = row.population.as_ref();
            let population = population.map(|p| block.outcomes(p, Pass::POPULATION).at(0));
            if population == Some(Outcome::NotMet) {
                continue;
            }
            let satisfied = row.satisfied_by.as_ref();
            let satisfied = satisfied.map(|s| block.outcomes(s, Pass::FIRST).at(0));
            let status = |test: FactId| {
                if satisfied == Some(Outcome::Met) {
                    TestStatus::Done
                } else {
                    self.status(test)
                }
            };
            let item = |test: FactId, or| ListedTest {
                document,
                row,
                test,
                or,
                status: status(test),
            };
            if row.any {
                listed.extend(self.one_of_tests(row).map(|test| {
                    let others = row.tests.iter().filter(|t| **t != test);
                    item(test, others.copied().collect())
                }));
            } else {
                listed.extend(row.tests.iter().map(|t| item(*t, Vec::new())));
            }
        }
        listed
    }

    /// Of several tests the one that is done, else the one that was tried, else the first, which is the preferred one.
    fn one_of_tests(&self, row: &BeforeStarting) -> Option<FactId> {
        let first = |wanted: &dyn Fn(TestStatus) -> bool| {
            let mut tests = row.tests.iter().copied();
            tests.find(|t| wanted(self.status(*t)))
        };
        first(&|s| s == TestStatus::Done)
            .or_else(|| first(&|s| s != TestStatus::Missing))
            .or(row.tests.first().copied())
    }

    /// Whether a test has a usable result in date.
    fn status(&self, test: FactId) -> TestStatus {
        let fact = self.dictionary().fact(test);
        if matches!(fact.kind, Kind::State | Kind::Event) {
            let answer = self.present(test, Pass::FIRST);
            return if answer.outcome == Outcome::Unknown {
                let reason = answer.open.first().map(|o| self.question(o).reason);
                of_reason(reason.unwrap_or(Reason::NotGiven))
            } else {
                TestStatus::Done
            };
        }
        let mut readings = Vec::new();
        if let Some(reason) = self.readings(test, Pass::FIRST, &mut readings) {
            return of_reason(reason);
        }
        let indeterminate = fact.choice("indeterminate").map(Value::Choice);
        let differ = || {
            readings
                .windows(2)
                .any(|w| w.first().map(|r| r.value) != w.last().map(|r| r.value))
        };
        if readings.iter().any(|r| r.stale) {
            TestStatus::OutOfDate
        } else if readings.iter().all(|r| Some(r.value) == indeterminate) {
            TestStatus::Indeterminate
        } else if matches!(fact.kind, Kind::Choice { .. }) && differ() {
            TestStatus::Conflicting
        } else {
            TestStatus::Done
        }
    }

    /// A test that is done, and of which a criterion wants to know more than its result says, is not. Advice does not reopen a test.
    fn reopen(
        &self,
        criteria: &[Decision<'_>],
        eligible: Option<(Outcome, &Entry)>,
        tests: &mut [ListedTest<'_>],
    ) {
        if tests.iter().all(|t| t.status != TestStatus::Done) {
            return;
        }
        let mut asks = Vec::new();
        if let Some((_, entry)) = eligible.filter(|(outcome, _)| *outcome == Outcome::Unknown) {
            self.asks(&entry.requires, Pass::FIRST, &mut asks);
        }
        let judges: Vec<_> = criteria
            .iter()
            .filter(|c| {
                c.is(Outcome::Unknown) && c.suppressed.is_none() && c.level != Level::Advice
            })
            .map(|c| (self.of(c.decided.document), c.decided.criterion))
            .collect();
        let mut of_criteria = Vec::new();
        for (judge, criterion) in &judges {
            for (expr, pass) in [
                (&criterion.population, Pass::POPULATION),
                (&criterion.when, Pass::FIRST),
            ] {
                if let Some(expr) = expr {
                    judge.asks(expr, pass, &mut of_criteria);
                }
            }
        }
        let facts = asks.iter().chain(&of_criteria).filter_map(|ask| match ask {
            Ask::Fact(fact, reason) => Some((*fact, *reason)),
            _ => None,
        });
        let mut asks: Vec<(FactId, Reason)> = facts.collect();
        asks.sort_unstable();
        for (fact, reason) in asks {
            let sample = self.dictionary().fact(fact).sample.is_some();
            let first = tests.iter_mut().find(|t| sample && t.test == fact);
            if let Some(test) = first.filter(|t| t.status == TestStatus::Done) {
                test.status = of_reason(reason);
            }
        }
    }
}

/// The conclusion: the first that applies.
fn conclude(criteria: &[Decision<'_>], eligible: Outcome, tests: &[ListedTest<'_>]) -> Conclusion {
    let counting = |outcome| criteria.iter().filter(move |c| c.counts() && c.is(outcome));
    let met = || counting(Outcome::Met);
    if met().any(|c| c.level == Level::Barrier) {
        Conclusion::Barrier
    } else if counting(Outcome::Unknown).next().is_some()
        || tests.iter().any(ListedTest::lacks)
        || eligible == Outcome::Unknown
    {
        Conclusion::Incomplete
    } else if met().next().is_some()
        || eligible == Outcome::NotMet
        || criteria.iter().any(Decision::set_aside)
    {
        Conclusion::Weigh
    } else {
        Conclusion::NoFlags
    }
}

pub(crate) fn of_reason(reason: Reason) -> TestStatus {
    match reason {
        Reason::OutOfDate => TestStatus::OutOfDate,
        Reason::Pending => TestStatus::Pending,
        Reason::Indeterminate => TestStatus::Indeterminate,
        Reason::Conflicting => TestStatus::Conflicting,
        Reason::NotDone => TestStatus::NotDone,
        Reason::Declined => TestStatus::Declined,
        Reason::Imprecise => TestStatus::Imprecise,
        Reason::NotGiven | Reason::NotAsked | Reason::Unrecognised => TestStatus::Missing,
    }
}
