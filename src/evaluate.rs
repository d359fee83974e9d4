//! Criteria held against a profile: three outcomes, each with the trace of what was read and how it was decided.

mod block;
mod derive;
mod facts;
mod medicines;
mod presence;
mod states;
mod words;

use chrono::NaiveDate;
use serde::Serialize;

pub(crate) use block::{Block, PLACES, transpose};
pub(crate) use words::{Ask, Read};

use crate::date::PartialDate;
use crate::dictionary::Dictionary;
use crate::library::{Criterion, Document, Expr, Leaf, Library, Test};
use crate::outcome::{Outcome, Outcomes, Reason};
use crate::profile::Profile;

/// How one part of a criterion was decided.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace {
    /// What came out.
    pub outcome: Outcome,
    /// What it is made of.
    #[serde(flatten)]
    pub node: TraceNode,
}

/// A connective with its parts, or a question to the profile.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceNode {
    /// The least of its parts.
    All(Vec<Trace>),
    /// The greatest of its parts.
    Any(Vec<Trace>),
    /// The opposite of its part.
    Not(Box<Trace>),
    /// A question.
    Leaf(Answer),
}

/// The answer of the profile to one question.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Answer {
    /// What is asked, in words.
    pub asks: String,
    /// The outcome.
    pub outcome: Outcome,
    /// What was read.
    pub read: Vec<Evidence>,
    /// What would have to be known.
    pub open: Vec<Open>,
}

/// One thing the profile says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Evidence {
    /// The fact, in the dictionary's spelling.
    pub fact: String,
    /// Its display name.
    pub name: String,
    /// The value, in the canonical unit.
    pub value: String,
    /// The value as written, where it was converted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// When it was found or happened, as `2026-11-10`, `2026-11` or `2026`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// How many days ago, counted to the day of judgement; none for a month or year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_days: Option<i64>,
    /// Where it stands in the profile.
    pub path: String,
    /// How it was derived, or what denies it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// Older than policy allows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub out_of_date: bool,
    /// Hardly possible: to be confirmed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unlikely: bool,
}

/// Something that would have to be known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Open {
    /// The fact, in the dictionary's spelling; or `medicines`, `treatments`, or the name of a medicine.
    pub fact: String,
    /// Its display name.
    pub name: String,
    /// Why it is not known.
    pub reason: Reason,
    /// What to ask or order.
    pub question: String,
    /// For a test: the sample it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
    /// Matters only if this fact comes out positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Groups it belongs to: where one of them is asked for, that question covers it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub part_of: Vec<String>,
}

impl Open {
    /// Whether the question for a whole group, asked for the same reason, covers it.
    pub(crate) fn covered(&self, open: &[&Self]) -> bool {
        let group = |o: &&Self| o.reason == self.reason && self.part_of.contains(&o.fact);
        open.iter().any(group)
    }
}

impl Trace {
    /// The outcome, folded from the leaves up; always equal to [`Trace::outcome`].
    pub fn fold(&self) -> Outcome {
        match &self.node {
            TraceNode::All(parts) => parts
                .iter()
                .map(Self::fold)
                .fold(Outcome::Met, Outcome::and),
            TraceNode::Any(parts) => parts
                .iter()
                .map(Self::fold)
                .fold(Outcome::NotMet, Outcome::or),
            TraceNode::Not(part) => part.fold().not(),
            TraceNode::Leaf(answer) => answer.outcome,
        }
    }

    /// What was asked, in words.
    pub fn words(&self) -> String {
        let join = |parts: &[Self], with: &str| {
            let parts: Vec<String> = parts.iter().map(Self::words).collect();
            parts.join(with)
        };
        match &self.node {
            TraceNode::Leaf(answer) => answer.asks.clone(),
            TraceNode::All(parts) => join(parts, " and "),
            TraceNode::Any(parts) => join(parts, " or "),
            TraceNode::Not(part) => format!("not {}", part.words()),
        }
    }

    /// The open facts: the union over the unknown parts of an unknown node.
    pub fn open(&self) -> Vec<Open> {
        let mut open = Vec::new();
        self.collect_open(&mut open);
        open.sort();
        open.dedup();
        open
    }

    fn collect_open(&self, open: &mut Vec<Open>) {
        if self.outcome != Outcome::Unknown {
            return;
        }
        match &self.node {
            TraceNode::All(parts) | TraceNode::Any(parts) => {
                parts.iter().for_each(|p| p.collect_open(open));
            }
            TraceNode::Not(part) => part.collect_open(open),
            TraceNode::Leaf(answer) => open.extend(answer.open.iter().cloned()),
        }
    }

    /// What decided: what was read by the parts that have the outcome of their node.
    pub fn because(&self) -> Vec<Evidence> {
        let mut because = Vec::new();
        self.collect_because(&mut because);
        because.sort();
        because.dedup();
        because
    }

    fn collect_because(&self, because: &mut Vec<Evidence>) {
        match &self.node {
            TraceNode::All(parts) | TraceNode::Any(parts) => {
                // What is met of an `all` that is not known is why the rest matters.
                let matters =
                    matches!(self.node, TraceNode::All(_)) && self.outcome == Outcome::Unknown;
                parts
                    .iter()
                    .filter(|p| p.outcome == self.outcome || (matters && p.outcome == Outcome::Met))
                    .for_each(|p| p.collect_because(because));
            }
            TraceNode::Not(part) => part.collect_because(because),
            TraceNode::Leaf(answer) => because.extend(answer.read.iter().cloned()),
        }
    }
}

/// One criterion for one profile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decided<'l> {
    pub(crate) document: &'l Document,
    pub(crate) criterion: &'l Criterion,
    pub(crate) verdict: Verdict,
    /// Met only by a result that is out of date.
    pub(crate) stale: bool,
}

/// What came out of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The patient is not in the population it speaks of.
    NotApplicable,
    /// It stands for all patients.
    Note,
    Decided(Outcome),
}

/// What came out of a criterion for up to 64 profiles side by side: a bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdicts {
    pub(crate) not_applicable: u64,
    pub(crate) note: u64,
    /// Of the others.
    pub(crate) outcomes: Outcomes,
    pub(crate) stale: u64,
}

impl Verdicts {
    /// Where it speaks of the patient, is no note, and is not known.
    pub(crate) fn unknown(self) -> u64 {
        !(self.not_applicable | self.note | self.outcomes.met | self.outcomes.not)
    }

    /// What came out for the profile at a place.
    fn decided<'l>(
        self,
        place: u32,
        document: &'l Document,
        criterion: &'l Criterion,
    ) -> Decided<'l> {
        let here = |places: u64| places >> place & 1 == 1;
        let verdict = if here(self.not_applicable) {
            Verdict::NotApplicable
        } else if here(self.note) {
            Verdict::Note
        } else {
            Verdict::Decided(self.outcomes.at(place))
        };
        Decided {
            document,
            criterion,
            verdict,
            stale: here(self.stale),
        }
    }
}

/// Decides a criterion: in date first; where that leaves it open, with old results too, which may accuse and never acquit.
/// `above` are the profiles whose planned dose is above its limit, `old` those where old results matter; `answer` says what
/// comes out of an expression.
fn verdicts(
    criterion: &Criterion,
    above: u64,
    old: u64,
    mut answer: impl FnMut(&Expr, Pass) -> Outcomes,
) -> Verdicts {
    let of_population = |pass, answer: &mut dyn FnMut(&Expr, Pass) -> Outcomes| {
        let population = criterion.population.as_ref();
        population.map_or(Outcomes::MET, |p| answer(p, pass))
    };
    let population = of_population(Pass::POPULATION, &mut answer);
    let Some(when) = &criterion.when else {
        // A usual dose is met by a plan above it; a standing note is not known where its population is not.
        return Verdicts {
            not_applicable: population.not,
            note: population.met & !above,
            outcomes: Outcomes {
                met: population.met & above,
                not: 0,
            },
            stale: 0,
        };
    };
    if population == Outcomes::NOT_MET {
        return Verdicts {
            not_applicable: population.not,
            note: 0,
            outcomes: Outcomes::UNKNOWN,
            stale: 0,
        };
    }
    let first = population.and(answer(when, Pass::FIRST));
    let open = old & !(first.met | first.not);
    let stale = if open == 0 {
        0
    } else {
        let population = of_population(Pass::OLD_POPULATION, &mut answer);
        open & population.and(answer(when, Pass::SECOND)).met
    };
    Verdicts {
        not_applicable: population.not,
        note: 0,
        outcomes: Outcomes {
            met: first.met | stale,
            not: first.not & !population.not,
        },
        stale,
    }
}

/// A profile on a day, before a library.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(crate) library: &'a Library,
    pub(crate) profile: &'a Profile,
    pub(crate) as_of: NaiveDate,
    /// What the file says of changing things is still in date.
    fresh: bool,
    /// The label does not have the planned indication: `for: indication` excludes nothing.
    pub(crate) off_label: bool,
}

/// A day of judgement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    as_of: NaiveDate,
    /// From when on what was said of changing things counts.
    statements_from: Option<NaiveDate>,
}

impl Day {
    pub(crate) fn new(library: &Library, as_of: NaiveDate) -> Self {
        Self {
            as_of,
            statements_from: library.policy().statements.map(|w| w.before(as_of)),
        }
    }
}

/// What an evaluation may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass {
    /// Results that are out of date count (the second pass).
    pub(crate) old: bool,
    /// The expression is a `for`.
    pub(crate) population: bool,
}

impl Pass {
    pub(crate) const FIRST: Self = Self {
        old: false,
        population: false,
    };
    pub(crate) const POPULATION: Self = Self {
        old: false,
        population: true,
    };
    pub(crate) const SECOND: Self = Self {
        old: true,
        population: false,
    };
    pub(crate) const OLD_POPULATION: Self = Self {
        old: true,
        population: true,
    };
}

/// The answer of the profile to one question: what was read and what is open, without words.
#[derive(Debug, Clone)]
pub(crate) struct Reply<'s> {
    pub(crate) outcome: Outcome,
    pub(crate) read: Vec<Read<'s>>,
    pub(crate) open: Vec<Ask<'s>>,
}

impl<'s> Reply<'s> {
    pub(crate) fn known(outcome: Outcome, read: Vec<Read<'s>>) -> Self {
        Self {
            outcome,
            read,
            open: Vec::new(),
        }
    }

    pub(crate) fn unknown(read: Vec<Read<'s>>, open: Vec<Ask<'s>>) -> Self {
        Self {
            outcome: Outcome::Unknown,
            read,
            open,
        }
    }
}

impl<'a> Judge<'a> {
    pub(crate) fn new(library: &'a Library, profile: &'a Profile, as_of: NaiveDate) -> Self {
        Self::on(Day::new(library, as_of), library, profile)
    }

    pub(crate) fn on(day: Day, library: &'a Library, profile: &'a Profile) -> Self {
        let file_day = profile.as_of.unwrap_or(day.as_of);
        Self {
            library,
            profile,
            as_of: day.as_of,
            fresh: file_day <= day.as_of && day.statements_from.is_none_or(|from| file_day >= from),
            off_label: false,
        }
    }

    /// This judge for a label: whether it lacks the planned indication.
    pub(crate) fn for_label(&self, label: &Document) -> Self {
        Self {
            off_label: label.lacks(&self.profile.plan.indication),
            ..*self
        }
    }

    pub(crate) fn dictionary(&self) -> &'a Dictionary {
        self.library.dictionary()
    }

    /// The day the profile's undated statements were made.
    pub(crate) fn file_day(&self) -> NaiveDate {
        self.profile.as_of.unwrap_or(self.as_of)
    }

    /// This judge for a document: off-label is what a label says of an indication it lacks; guidance means those it names.
    pub(crate) fn of(&self, document: &Document) -> Self {
        Self {
            off_label: self.off_label && !document.is_guidance(),
            ..*self
        }
    }

    /// Decides one criterion.
    pub(crate) fn decide<'l>(
        &self,
        document: &'l Document,
        criterion: &'l Criterion,
    ) -> Decided<'l> {
        let judge = self.of(document);
        let above = u64::from(criterion.below(self.profile.plan.daily));
        let verdicts = verdicts(criterion, above, !0, |expr, pass| {
            expr.fold(&mut |leaf| judge.ask(leaf, pass).outcome.into())
        });
        verdicts.decided(0, document, criterion)
    }

    /// Decides all criteria of a document, whose questions a block has put to this profile alone.
    pub(crate) fn decide_all<'l>(
        &self,
        document: &'l Document,
        block: &Block,
    ) -> impl Iterator<Item = Decided<'l>> {
        let daily = self.profile.plan.daily;
        document.criteria.iter().map(move |criterion| {
            let above = u64::from(criterion.below(daily));
            let verdicts = block.verdicts(criterion, above);
            verdicts.decided(0, document, criterion)
        })
    }

    /// What would have to be known to decide an expression: the union over the unknown parts of an unknown node.
    pub(crate) fn asks<'s>(
        &'s self,
        expr: &'s Expr,
        pass: Pass,
        asks: &mut Vec<Ask<'s>>,
    ) -> Outcome {
        let before = asks.len();
        let outcome = match expr {
            Expr::All(parts) => {
                let parts = parts.iter().map(|p| self.asks(p, pass, asks));
                parts.fold(Outcome::Met, Outcome::and)
            }
            Expr::Any(parts) => {
                let parts = parts.iter().map(|p| self.asks(p, pass, asks));
                parts.fold(Outcome::NotMet, Outcome::or)
            }
            Expr::Not(part) => self.asks(part, pass, asks).not(),
            Expr::Leaf(leaf) => {
                let reply = self.ask(leaf, pass);
                asks.extend(reply.open);
                reply.outcome
            }
        };
        if outcome != Outcome::Unknown {
            asks.truncate(before);
        }
        outcome
    }

    /// How a criterion came to be decided; none for a note, and for one that does not speak of the patient.
    pub(crate) fn explain(&self, decided: &Decided<'_>) -> Option<Trace> {
        let Verdict::Decided(outcome) = decided.verdict else {
            return None;
        };
        let judge = self.of(decided.document);
        let criterion = decided.criterion;
        let old = decided.stale;
        let population = Pass {
            old,
            ..Pass::POPULATION
        };
        let population = criterion
            .population
            .as_ref()
            .map(|p| judge.trace(p, population));
        let Some(when) = &criterion.when else {
            return if outcome == Outcome::Met {
                Some(judge.planned_dose())
            } else {
                population
            };
        };
        let when = judge.trace(when, Pass { old, ..Pass::FIRST });
        Some(match population {
            // Where it is not known whom the criterion speaks of, both must be known.
            Some(population) if population.outcome == Outcome::Unknown => Trace {
                outcome: population.outcome.and(when.outcome),
                node: TraceNode::All(vec![population, when]),
            },
            _ => when,
        })
    }

    fn planned_dose(&self) -> Trace {
        let mut readings = Vec::new();
        if let Some(id) = self.id("dose") {
            self.readings(id, Pass::FIRST, &mut readings);
        }
        let read = readings.iter().filter_map(|r| self.words(&r.read));
        let answer = Answer {
            asks: "a planned dose above the usual one".to_owned(),
            outcome: Outcome::Met,
            read: read.collect(),
            open: Vec::new(),
        };
        Trace {
            outcome: Outcome::Met,
            node: TraceNode::Leaf(answer),
        }
    }

    /// Evaluates an expression and puts what was read into words.
    pub(crate) fn trace(&self, expr: &Expr, pass: Pass) -> Trace {
        let parts =
            |parts: &[Expr]| -> Vec<Trace> { parts.iter().map(|p| self.trace(p, pass)).collect() };
        let node = match expr {
            Expr::All(all) => TraceNode::All(parts(all)),
            Expr::Any(any) => TraceNode::Any(parts(any)),
            Expr::Not(part) => TraceNode::Not(Box::new(self.trace(part, pass))),
            Expr::Leaf(leaf) => TraceNode::Leaf(self.answer(leaf, pass)),
        };
        Trace {
            outcome: node.outcome(),
            node,
        }
    }

    fn answer(&self, leaf: &Leaf, pass: Pass) -> Answer {
        let reply = self.ask(leaf, pass);
        let mut answer = Answer {
            asks: leaf.words.clone(),
            outcome: reply.outcome,
            read: reply.read.iter().filter_map(|r| self.words(r)).collect(),
            open: reply.open.iter().map(|o| self.question(o)).collect(),
        };
        answer.read.sort();
        answer.read.dedup();
        answer.open.sort();
        answer.open.dedup();
        answer
    }

    /// Puts a question to the profile.
    pub(crate) fn ask<'s>(&'s self, leaf: &'s Leaf, pass: Pass) -> Reply<'s> {
        match &leaf.test {
            Test::Range { fact, range, .. } => self.in_range(*fact, *range, pass),
            Test::OneOf { fact, choices } => self.one_of(*fact, choices, pass),
            Test::Present { fact, wanted: true } => self.present(*fact, pass),
            Test::Present {
                fact,
                wanted: false,
            } => self.absent(*fact, pass),
            Test::When { fact, time, period } => self.when(*fact, *time, *period, pass),
            Test::Taking(taking) => self.taking(taking, pass),
            Test::Treated(treated) => self.treated(treated),
        }
    }
}

impl TraceNode {
    /// What comes out of its parts.
    fn outcome(&self) -> Outcome {
        match self {
            Self::All(parts) => {
                let parts = parts.iter().map(|p| p.outcome);
                parts.fold(Outcome::Met, Outcome::and)
            }
            Self::Any(parts) => {
                let parts = parts.iter().map(|p| p.outcome);
                parts.fold(Outcome::NotMet, Outcome::or)
            }
            Self::Not(part) => part.outcome.not(),
            Self::Leaf(answer) => answer.outcome,
        }
    }
}

/// A date as files write it.
pub(crate) fn iso(date: PartialDate) -> String {
    let first = date.first.format("%Y-%m-%d").to_string();
    if date.first == date.last {
        first
    } else if date.first.format("%Y-%m").to_string() == date.last.format("%Y-%m").to_string() {
        date.first.format("%Y-%m").to_string()
    } else {
        date.first.format("%Y").to_string()
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{Block, Judge, PLACES};
    use crate::library::Library;
    use crate::profile::Profile;

    /// Asked one by one or all at once, alone or side by side with others, a criterion comes out the same: for the cohort on days on
    /// which more and more is out of date, for an old test that only a derived state reads, and for states that are over.
    #[test]
    fn all_at_once_is_one_by_one() {
        let library = Library::builtin();
        let files = std::fs::read_dir("examples/cohort").expect("the cohort");
        let read = |f: std::fs::DirEntry| std::fs::read_to_string(f.path()).expect("a profile");
        let mut texts: Vec<String> = files.map(|f| read(f.expect("a file"))).collect();
        texts.push(
            "{ as_of: 2026-11-21, plan: { drug: tofacitinib, indication: rheumatoid_arthritis, label: [us, eu] },
               about: { sex: female, age: 30 }, tests: [{ date: 2026-08-01, pregnancy_test: positive }] }"
                .to_owned(),
        );
        // States that are over.
        texts.push(
            "{ as_of: 2026-11-21, plan: { drug: tofacitinib, indication: rheumatoid_arthritis, label: [us, eu] },
               history: { venous_thromboembolism: { since: 2020, until: 2024 }, active_infection: { since: 2026-10, until: 2026-11-15 },
                          everything_else: no } }"
                .to_owned(),
        );
        let read = |t: &String| Profile::read(&library, "p", t).unwrap_or_else(|e| panic!("{e}"));
        let profiles: Vec<Profile> = texts.iter().map(read).collect();
        let mut compared = 0;
        for day in [(2026, 11, 21), (2026, 12, 31), (2027, 6, 1)] {
            let day = NaiveDate::from_ymd_opt(day.0, day.1, day.2).expect("a day");
            for label in library.documents() {
                let judge = |p| Judge::new(&library, p, day).for_label(label);
                let judges: Vec<Judge<'_>> = profiles.iter().map(judge).collect();
                let (mut alone, mut all) = (Block::default(), Block::default());
                for side_by_side in judges.chunks(PLACES) {
                    all.fill(label, side_by_side);
                    for (place, judge) in (0..).zip(side_by_side) {
                        alone.fill(label, &[*judge]);
                        for decided in judge.decide_all(label, &alone) {
                            let one = judge.decide(label, decided.criterion);
                            let id = &decided.criterion.id;
                            let wanted = (one.verdict, one.stale);
                            assert_eq!((decided.verdict, decided.stale), wanted, "{id} {day}");
                            let above = decided.criterion.below(judge.profile.plan.daily);
                            let above = u64::from(above) << place;
                            let verdicts = all.verdicts(decided.criterion, above);
                            let decided = verdicts.decided(place, label, decided.criterion);
                            assert_eq!((decided.verdict, decided.stale), wanted, "{id} {day}");
                            compared += 1;
                        }
                    }
                }
            }
        }
        assert!(compared > 50_000, "{compared}");
    }
}
