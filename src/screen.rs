//! From a profile and a library to checklists.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::checklist::{
    Advice, Checklist, Conclusion, DocumentUsed, Dose, Eligibility, Engine, Finding,
    FindingOutcome, LibraryUsed, MonitoringItem, NotEvaluatedItem, Notice, Patient, Planned,
    PolicyChanged, Question, SCHEMA, Screening, SourceRef, Suppressed, TestItem, TestStatus,
};
use crate::date::PartialDate;
use crate::diagnostic::Code;
use crate::dictionary::{FactId, Section, in_words};
use crate::evaluate::{Evidence, Judge, Open, Pass, Trace, TraceNode, Verdict, iso};
use crate::judged::{Decision, Judged, ListedTest, of_reason};
use crate::library::{
    Citation, Document, Expr, Kind as DocumentKind, Level, Library, Strength, Test,
};
use crate::outcome::Outcome;
use crate::profile::{Profile, Value};
use crate::text;

impl Library {
    /// Screens a profile as of a day: one checklist for each label of its plan. The same library, profile and day give the
    /// same result, byte for byte.
    pub fn screen(&self, profile: &Profile, as_of: NaiveDate) -> Screening {
        let judge = Judge::new(self, profile, as_of);
        self.screening(&judge, &self.judge(&judge))
    }

    /// The id of a run: of all that a screening is made from.
    pub(crate) fn run(&self, profile: &Profile, as_of: NaiveDate) -> String {
        let plan = &profile.plan;
        let made_from = [
            env!("CARGO_PKG_VERSION"),
            self.hash(),
            &profile.hash(),
            &iso(PartialDate::day(as_of)),
            &plan.drug,
            &plan.indication,
            &plan.labels.join(","),
        ];
        let hash = text::hash(&made_from.join("\n"));
        hash.chars().take(12).collect()
    }

    /// Puts into words what was judged.
    pub(crate) fn screening(&self, judge: &Judge<'_>, judged: &[Judged<'_>]) -> Screening {
        let plan = &judge.profile.plan;
        Screening {
            schema: SCHEMA,
            run: self.run(judge.profile, judge.as_of),
            engine: Engine {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
            },
            library: LibraryUsed {
                hash: self.hash().to_owned(),
                local: self.local.clone(),
                policy_changes: self
                    .policy_changes()
                    .iter()
                    .map(|c| PolicyChanged {
                        name: c.name.clone(),
                        from: c.from.clone(),
                        to: c.to.clone(),
                    })
                    .collect(),
            },
            as_of: iso(PartialDate::day(judge.as_of)),
            patient: judge.patient(),
            plan: Planned {
                drug: plan.drug.clone(),
                indication: plan.indication.clone(),
                labels: plan.labels.clone(),
                dose: plan.dose.clone(),
                start: plan.start.map(|d| d.format("%Y-%m-%d").to_string()),
                no_suitable_alternative: plan.no_suitable_alternative.clone(),
            },
            checklists: judged.iter().map(|j| judge.checklist(j)).collect(),
            diagnostics: judge.notices(),
        }
    }
}

impl Judge<'_> {
    /// The checklist of a label, with the guidance that stands beside it.
    pub(crate) fn checklist(&self, judged: &Judged<'_>) -> Checklist {
        let judge = self.for_label(judged.label);
        let (label, documents) = (judged.label, &judged.documents);
        let mut criteria: Vec<&Decision<'_>> = judged.criteria.iter().collect();
        criteria.sort_by(|a, b| a.order(self.library).cmp(&b.order(self.library)));
        let findings: Vec<Finding> = criteria.iter().map(|c| judge.finding(c)).collect();
        let eligibility = judge.eligibility(label);
        let mut tests: Vec<TestItem> = judged.tests.iter().map(|t| judge.test_item(t)).collect();
        let mut questions = Vec::new();
        judge.needed(&findings, &eligibility, &mut tests, &mut questions);
        let conclusion = judged.conclusion;
        let dose = judge.dose(&judged.criteria);
        let mut headline = headline(conclusion, &findings, &eligibility, &tests);
        let of_dose = |f: &Finding| f.level == Level::Dose && f.outcome == FindingOutcome::Unknown;
        let unchecked =
            dose.planned.is_some() && dose.because.is_empty() && !findings.iter().any(of_dose);
        if conclusion == Conclusion::NoFlags && unchecked {
            headline += " The planned dose is not checked.";
        }
        Checklist {
            label: used(label),
            conclusion,
            headline,
            tests,
            not_judged: judge.not_judged(&findings),
            questions,
            dose,
            advice: advice(&findings),
            monitoring: documents
                .iter()
                .flat_map(|d| judge.of(d).monitoring(d))
                .collect(),
            not_evaluated: judge.not_evaluated(documents),
            denied: denied(&findings),
            documents: documents.iter().map(|d| used(d)).collect(),
            eligibility,
            findings,
        }
    }

    /// The newest results of the profile on which no finding rests.
    fn not_judged(&self, findings: &[Finding]) -> Vec<Evidence> {
        let paths = findings.iter().flat_map(|f| &f.because);
        let used: BTreeSet<&str> = paths.flat_map(|e| e.path.split(", ")).collect();
        let tests = self.dictionary().facts();
        let tests = tests.filter(|(_, fact)| fact.section == Section::Tests);
        let mut left = Vec::new();
        let mut readings = Vec::new();
        for (id, _) in tests {
            if self.readings(id, Pass::SECOND, &mut readings).is_none() {
                let read = readings.iter().filter_map(|r| self.words(&r.read));
                // What was computed of a result is not said beside it.
                let recorded = read.filter(|e| !e.path.contains(", "));
                left.extend(recorded.filter(|e| !used.contains(e.path.as_str())));
            }
        }
        left.sort();
        left.dedup();
        left
    }

    fn finding(&self, decision: &Decision<'_>) -> Finding {
        let decided = &decision.decided;
        let criterion = decided.criterion;
        let hazard = self.library.hazard(&criterion.hazard);
        let outcome = match decided.verdict {
            Verdict::NotApplicable => FindingOutcome::NotApplicable,
            Verdict::Note => FindingOutcome::Note,
            Verdict::Decided(Outcome::Met) => FindingOutcome::Met,
            Verdict::Decided(Outcome::NotMet) => FindingOutcome::NotMet,
            Verdict::Decided(Outcome::Unknown) => FindingOutcome::Unknown,
        };
        let trace = self.explain(decided);
        let met = outcome == FindingOutcome::Met;
        let clears = match (&criterion.when, &trace) {
            // A result that is out of date is taken again before anything else.
            (Some(when), Some(trace)) if met && decided.stale => {
                clears(when, trace).map(|c| format!("repeat what is out of date; {c}"))
            }
            (Some(when), Some(trace)) if met => clears(when, trace),
            _ => None,
        };
        let restricted = met && criterion.strength == Strength::Restricted;
        Finding {
            criterion: criterion.id.clone(),
            hazard: criterion.hazard.clone(),
            hazard_name: hazard.map_or_else(|| criterion.hazard.clone(), |h| h.name.clone()),
            outcome,
            level: criterion.strength.level(criterion.boxed),
            strength: criterion.strength,
            says: criterion.says.clone(),
            boxed: criterion.boxed,
            because: trace.as_ref().map(Trace::because).unwrap_or_default(),
            open: trace.as_ref().map(Trace::open).unwrap_or_default(),
            source: source(decided.document, &criterion.cited),
            stale: decided.stale,
            clears,
            action: criterion.action.clone(),
            note: criterion.note.clone(),
            limit_for: if self.off_label && !decided.document.is_guidance() {
                indications(self, criterion.population.as_ref())
            } else {
                Vec::new()
            },
            max_dose: criterion.max.as_ref().map(|(_, text)| text.clone()),
            followed: decision.followed,
            alternative: self
                .profile
                .plan
                .no_suitable_alternative
                .clone()
                .filter(|_| restricted),
            suppressed: decision.suppressed.map(|s| Suppressed {
                reason: s.reason.clone(),
                by: s.by.clone(),
                until: iso(PartialDate::day(s.until)),
            }),
            trace,
        }
    }

    pub(crate) fn eligibility(&self, label: &Document) -> Eligibility {
        let entries = label
            .indications
            .iter()
            .filter(|e| e.indication == self.profile.plan.indication);
        let traced: Vec<(Trace, SourceRef)> = entries
            .map(|e| {
                (
                    self.trace(&e.requires, Pass::FIRST),
                    source(label, &e.cited),
                )
            })
            .collect();
        let best = traced
            .into_iter()
            .max_by_key(|(t, s)| (t.outcome, s.section.clone()));
        let Some((trace, source)) = best else {
            let lacks = vec![format!(
                "the label does not have the indication {}",
                in_words(&self.profile.plan.indication)
            )];
            return Eligibility {
                outcome: Outcome::NotMet,
                off_label: true,
                lacks,
                because: Vec::new(),
                open: Vec::new(),
                source: None,
            };
        };
        let mut lacks = Vec::new();
        lacking(&trace, &mut lacks);
        Eligibility {
            outcome: trace.outcome,
            off_label: false,
            lacks,
            because: trace.because(),
            open: trace.open(),
            source: Some(source),
        }
    }

    fn test_item(&self, listed: &ListedTest<'_>) -> TestItem {
        let (document, row) = (listed.document, listed.row);
        let fact = self.dictionary().fact(listed.test);
        let id = |test: &FactId| self.dictionary().fact(*test).id.clone();
        TestItem {
            test: fact.id.clone(),
            name: if row.any {
                row.name.clone()
            } else {
                fact.name.clone()
            },
            or: listed.or.iter().map(id).collect(),
            status: listed.status,
            sample: fact.sample.clone(),
            after: None,
            why: match document.kind {
                DocumentKind::Label => format!("the label says: {}", row.verb),
                DocumentKind::Guidance => format!("{} says: {}", document.id, row.verb),
            },
            before_starting: document.kind == DocumentKind::Label,
            source: Some(source(document, &row.cited)),
        }
    }

    fn dose(&self, criteria: &[Decision<'_>]) -> Dose {
        let plan = &self.profile.plan;
        let rows = criteria.iter().filter_map(|c| {
            let (max, text) = c.decided.criterion.max.as_ref()?;
            let met = c.is(Outcome::Met) || c.decided.verdict == Verdict::Note;
            (met && c.suppressed.is_none()).then_some((*max, text, &c.decided.criterion.id))
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort();
        let lowest = rows
            .first()
            .filter(|_| !self.off_label)
            .map(|(max, text, _)| (*max, (*text).clone()));
        Dose {
            planned: plan.dose.clone(),
            // Off-label there is no dose of the label to follow.
            followed: lowest
                .as_ref()
                .and_then(|(max, _)| plan.daily.map(|d| d <= *max)),
            max: lowest.map(|(_, text)| text),
            because: rows.into_iter().map(|(_, _, id)| id.clone()).collect(),
        }
    }

    fn monitoring(&self, document: &Document) -> Vec<MonitoringItem> {
        let applies = |p: &Expr| self.trace(p, Pass::POPULATION).outcome != Outcome::NotMet;
        let rows = document
            .monitoring
            .iter()
            .filter(|m| m.population.as_ref().is_none_or(applies));
        let items = rows.map(|m| MonitoringItem {
            what: m.what.clone(),
            at: m.at.map(|p| format!("{p} after the start")),
            due: m
                .at
                .zip(self.profile.plan.start)
                .map(|(p, start)| p.after(start).format("%Y-%m-%d").to_string()),
            then: m.then.clone(),
            source: source(document, &m.cited),
        });
        items.collect()
    }

    fn not_evaluated(&self, documents: &[&Document]) -> Vec<NotEvaluatedItem> {
        let of_documents = documents.iter().flat_map(|d| {
            d.not_evaluated.iter().map(|n| NotEvaluatedItem {
                about: n.about.clone(),
                why: n.why.clone(),
                source: Some(source(d, &n.cited)),
            })
        });
        let remarks = self.profile.also.iter().map(|text| NotEvaluatedItem {
            about: text.clone(),
            why: "a remark of the profile's history".to_owned(),
            source: None,
        });
        of_documents.chain(remarks).collect()
    }

    /// Tests and questions that would settle what is not known, and tests to repeat because an old result accused.
    fn needed(
        &self,
        findings: &[Finding],
        eligibility: &Eligibility,
        tests: &mut Vec<TestItem>,
        questions: &mut Vec<Question>,
    ) {
        let mut asked: BTreeMap<&Open, (Vec<String>, Level)> = BTreeMap::new();
        for open in &eligibility.open {
            let entry = asked.entry(open).or_insert((Vec::new(), Level::Caution));
            entry.0.push("eligibility".to_owned());
        }
        for finding in findings
            .iter()
            .filter(|f| f.outcome == FindingOutcome::Unknown && f.suppressed.is_none())
        {
            for open in &finding.open {
                let entry = asked.entry(open).or_insert((Vec::new(), finding.level));
                entry.0.push(finding.criterion.clone());
                entry.1 = entry.1.min(finding.level);
            }
        }
        for (open, (settles, level)) in asked {
            let stands_in = tests
                .iter()
                .any(|t| t.or.contains(&open.fact) && t.status == TestStatus::Missing);
            if open.sample.is_none() {
                questions.push(Question {
                    about: open.clone(),
                    settles,
                    could_change: level,
                });
            } else if let Some(item) = tests.iter_mut().find(|t| t.test == open.fact) {
                item.why = format!("{}; settles {}", item.why, settles.join(", "));
            } else if !stands_in {
                let why = format!("settles {}", settles.join(", "));
                tests.push(self.extra_test(&open.fact, of_reason(open.reason), why));
            }
        }
        for finding in findings
            .iter()
            .filter(|f| f.stale && f.suppressed.is_none())
        {
            for evidence in finding.because.iter().filter(|e| e.out_of_date) {
                let test = self.dictionary().find(&evidence.fact);
                let is_test =
                    test.is_some_and(|t| self.dictionary().fact(t).section == Section::Tests);
                if is_test && !tests.iter().any(|t| t.test == evidence.fact) {
                    let why = format!("settles {}", finding.criterion);
                    tests.push(self.extra_test(&evidence.fact, TestStatus::OutOfDate, why));
                }
            }
        }
        tests.sort_by(|a, b| {
            (&a.sample, &a.test, !a.before_starting).cmp(&(&b.sample, &b.test, !b.before_starting))
        });
        tests.dedup_by(|a, b| a.test == b.test);
        questions.sort_by(|a, b| (a.could_change, &a.about).cmp(&(b.could_change, &b.about)));
    }

    /// A test the label's list does not have.
    fn extra_test(&self, test: &str, status: TestStatus, why: String) -> TestItem {
        let fact = self
            .dictionary()
            .find(test)
            .map(|f| self.dictionary().fact(f));
        TestItem {
            test: test.to_owned(),
            name: fact.map_or_else(|| test.to_owned(), |f| f.name.clone()),
            or: Vec::new(),
            status,
            sample: fact.and_then(|f| f.sample.clone()),
            after: fact
                .and_then(|f| f.ask_after)
                .map(|f| self.dictionary().fact(f).id.clone()),
            why,
            before_starting: false,
            source: None,
        }
    }

    fn patient(&self) -> Patient {
        let show = |name: &str| {
            let id = self.dictionary().find(name)?;
            let mut readings = Vec::new();
            if self.readings(id, Pass::FIRST, &mut readings).is_some() {
                return None;
            }
            Some(self.words(&readings.first()?.read)?.value)
        };
        Patient {
            id: self.profile.patient.clone(),
            age: show("age"),
            sex: show("sex"),
            profile_hash: self.profile.hash().into_owned(),
            file_as_of: self.profile.as_of.map(|d| d.format("%Y-%m-%d").to_string()),
        }
    }

    /// Unlikely values, results after the day, statements that contradict a test.
    fn notices(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        for (id, fact) in self.dictionary().facts() {
            for entry in self.profile.entries(id) {
                if entry.unlikely {
                    let message = format!(
                        "{}: hardly possible, read as written; confirm the value and its unit",
                        fact.name
                    );
                    notices.push(Notice {
                        code: Code::UnlikelyValue.name(),
                        message,
                        path: entry.path().to_owned(),
                    });
                }
                if fact.section == Section::Tests
                    && entry.date.is_some_and(|d| d.first > self.as_of)
                {
                    let message = format!(
                        "{}: dated after {}, not used",
                        fact.name,
                        self.as_of.format("%d-%b-%Y")
                    );
                    notices.push(Notice {
                        code: Code::LaterResult.name(),
                        message,
                        path: entry.path().to_owned(),
                    });
                }
            }
        }
        if self.profile.as_of.is_some_and(|d| d > self.as_of) {
            let message =
                "the file was written after this day; what it says of changing things is not used"
                    .to_owned();
            notices.push(Notice {
                code: Code::LaterResult.name(),
                message,
                path: "as_of".to_owned(),
            });
        }
        let against = [
            ("latent_tuberculosis", "igra"),
            ("latent_tuberculosis", "tst"),
            ("hepatitis_b", "hbsag"),
            ("hepatitis_c", "hcv_rna"),
            ("hiv_infection", "hiv_test"),
            ("pregnancy", "pregnancy_test"),
        ];
        for (state, test) in against {
            let (Some(state), Some(test)) =
                (self.dictionary().find(state), self.dictionary().find(test))
            else {
                continue;
            };
            let denied = self
                .profile
                .entries(state)
                .iter()
                .any(|e| e.value == Value::Absent);
            let positive = self
                .dictionary()
                .fact(test)
                .choice("positive")
                .map(|p| self.one_of(test, &[p], Pass::FIRST).outcome);
            if denied && positive == Some(Outcome::Met) {
                let message = format!(
                    "{} is denied, and {} is positive: the test counts",
                    self.dictionary().fact(state).name,
                    self.dictionary().fact(test).name
                );
                notices.push(Notice {
                    code: Code::Contradiction.name(),
                    message,
                    path: format!(
                        "{} {}",
                        self.dictionary().fact(state).section.name(),
                        self.dictionary().fact(state).id
                    ),
                });
            }
        }
        for ended in self.library.suppressions() {
            let (document, criterion) = (&ended.document, &ended.criterion);
            let in_force = self.library.suppressed(document, criterion, self.as_of);
            if ended.until < self.as_of && in_force.is_none() {
                let message = format!(
                    "local rules set {} of {} aside until {}: it counts again",
                    ended.criterion,
                    ended.document,
                    PartialDate::day(ended.until)
                );
                notices.push(Notice {
                    code: "suppression-ended",
                    message,
                    path: "local rules".to_owned(),
                });
            }
        }
        notices.sort();
        notices
    }
}

fn used(document: &Document) -> DocumentUsed {
    DocumentUsed {
        id: document.id.clone(),
        title: document.title.clone(),
        issuer: document.issuer.clone(),
        jurisdictions: document.jurisdictions.clone(),
        local: document.local,
        revision: document.revision.clone(),
        url: document.url.clone(),
        reviewed: document.reviewed(),
    }
}

fn source(document: &Document, cited: &Citation) -> SourceRef {
    SourceRef {
        document: document.id.clone(),
        revision: document.revision.clone(),
        section: cited.section.clone(),
        seen: cited.seen,
        local: document.local,
    }
}

/// The indications a population names.
fn indications(judge: &Judge<'_>, population: Option<&Expr>) -> Vec<String> {
    let leaves = population.map(Expr::leaves).unwrap_or_default();
    let named = leaves.into_iter().filter_map(|l| match &l.test {
        Test::OneOf { fact, choices } if judge.dictionary().fact(*fact).id == "indication" => {
            Some((*fact, choices))
        }
        _ => None,
    });
    named
        .flat_map(|(fact, choices)| {
            choices
                .iter()
                .map(move |c| judge.dictionary().fact(fact).word(*c).to_owned())
        })
        .collect()
}

/// What would change a finding that is met, from the criterion itself.
fn clears(expr: &Expr, trace: &Trace) -> Option<String> {
    match (expr, &trace.node) {
        (Expr::Leaf(leaf), _) => match &leaf.test {
            Test::Range { text, .. } => Some(text.outside()),
            Test::OneOf { .. }
            | Test::Present { .. }
            | Test::When { .. }
            | Test::Taking(_)
            | Test::Treated(_) => None,
        },
        (Expr::Not(inner), _) => Some(inner.words()),
        (Expr::Any(parts), TraceNode::Any(traces)) => {
            let met = parts
                .iter()
                .zip(traces)
                .filter(|(_, t)| t.outcome == Outcome::Met);
            let all: Option<Vec<String>> = met.map(|(p, t)| clears(p, t)).collect();
            all.map(|a| a.join(" and "))
        }
        (Expr::All(parts), TraceNode::All(traces)) => {
            let found: Vec<String> = parts
                .iter()
                .zip(traces)
                .filter_map(|(p, t)| clears(p, t))
                .collect();
            (!found.is_empty()).then(|| found.join(" or "))
        }
        _ => None,
    }
}

/// What of a requirement is not met, in words.
fn lacking(trace: &Trace, lacks: &mut Vec<String>) {
    if trace.outcome != Outcome::NotMet {
        return;
    }
    match &trace.node {
        TraceNode::All(parts) => parts.iter().for_each(|p| lacking(p, lacks)),
        TraceNode::Any(parts) => {
            let mut options: Vec<String> = Vec::new();
            for part in parts {
                let mut of_part = Vec::new();
                lacking(part, &mut of_part);
                options.push(of_part.join(" and "));
            }
            options.dedup();
            lacks.push(options.join(", or "));
        }
        TraceNode::Not(part) => lacks.push(format!("not {}", part.words())),
        TraceNode::Leaf(answer) => lacks.push(answer.asks.clone()),
    }
}

/// How many findings that would count are met and set aside by local rules: what is met is never "no flags".
fn set_aside(findings: &[Finding]) -> usize {
    let aside = findings.iter().filter(|f| {
        f.outcome == FindingOutcome::Met && f.level != Level::Advice && f.suppressed.is_some()
    });
    aside.count()
}

fn headline(
    conclusion: Conclusion,
    findings: &[Finding],
    eligibility: &Eligibility,
    tests: &[TestItem],
) -> String {
    let count = |wanted: FindingOutcome, levels: &[Level]| {
        findings
            .iter()
            .filter(|f| f.outcome == wanted && levels.contains(&f.level) && f.counts())
            .count()
    };
    let barriers = count(FindingOutcome::Met, &[Level::Barrier]);
    // As they are printed: kinds of harm of which something is not known.
    let mut unknown: Vec<&str> = findings
        .iter()
        .filter(|f| f.outcome == FindingOutcome::Unknown && f.counts())
        .map(|f| f.hazard.as_str())
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    let weigh = count(
        FindingOutcome::Met,
        &[Level::Warning, Level::Caution, Level::Dose],
    );
    let missing = tests
        .iter()
        .filter(|t| t.before_starting && t.status != TestStatus::Done)
        .count();
    let decided = count(FindingOutcome::Met, &ALL)
        + count(FindingOutcome::NotMet, &ALL)
        + findings.iter().filter(|f| f.followed == Some(true)).count();
    let some = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let parts: Vec<String> = [
        some(barriers, "barrier", "barriers"),
        some(unknown.len(), "not known", "not known"),
        some(missing, "listed test missing", "listed tests missing"),
        some(weigh, "to weigh", "to weigh"),
        some(
            set_aside(findings),
            "met and set aside by local rules",
            "met and set aside by local rules",
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    let indication = match eligibility.outcome {
        Outcome::Met => "",
        Outcome::NotMet if eligibility.off_label => "; off-label",
        Outcome::NotMet => "; not the label's indication",
        Outcome::Unknown => "; the label's indication is not known to fit",
    };
    let parts = parts.join(", ");
    let barrier_aside = findings.iter().any(|f| {
        f.suppressed.is_some() && f.outcome == FindingOutcome::Met && f.level == Level::Barrier
    });
    match conclusion {
        Conclusion::Barrier => {
            format!("{parts}{indication}. The source speaks against starting as things stand.")
        }
        Conclusion::Incomplete if parts.is_empty() => {
            "Incomplete: the label's indication is not known to fit.".to_owned()
        }
        Conclusion::Incomplete => format!("Incomplete: {parts}{indication}."),
        Conclusion::Weigh if parts.is_empty() => format!("To weigh{indication}."),
        Conclusion::Weigh if barrier_aside => format!("{parts}{indication}."),
        Conclusion::Weigh => format!("No barrier found; {parts}{indication}."),
        Conclusion::NoFlags => {
            format!("No barrier or caution found in the {decided} criteria decided.")
        }
    }
}

const ALL: [Level; 5] = [
    Level::Barrier,
    Level::Warning,
    Level::Caution,
    Level::Dose,
    Level::Advice,
];

fn advice(findings: &[Finding]) -> Vec<Advice> {
    let applies = |f: &&Finding| {
        f.level == Level::Advice
            && f.suppressed.is_none()
            && matches!(f.outcome, FindingOutcome::Met | FindingOutcome::Note)
    };
    let item = |f: &Finding| Advice {
        criterion: f.criterion.clone(),
        hazard: f.hazard.clone(),
        says: f.says.clone(),
        note: f.outcome == FindingOutcome::Note,
        source: f.source.clone(),
    };
    findings.iter().filter(applies).map(item).collect()
}

/// The facts that only "everything else: no" denies.
fn denied(findings: &[Finding]) -> Vec<String> {
    let mut facts: Vec<String> = Vec::new();
    for trace in findings.iter().filter_map(|f| f.trace.as_ref()) {
        collect_denied(trace, &mut facts);
    }
    facts.sort();
    facts.dedup();
    facts
}

fn collect_denied(trace: &Trace, facts: &mut Vec<String>) {
    match &trace.node {
        TraceNode::All(parts) | TraceNode::Any(parts) => {
            parts.iter().for_each(|p| collect_denied(p, facts));
        }
        TraceNode::Not(part) => collect_denied(part, facts),
        TraceNode::Leaf(answer) => facts.extend(
            answer
                .read
                .iter()
                .filter(|e| e.how.as_deref() == Some("everything else denied"))
                .map(|e| e.fact.clone()),
        ),
    }
}
