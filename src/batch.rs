//! Many profiles: a record in, a line out, and what all of them come to.
//!
//! ```
//! use jakscreen::{Library, batch::{Batch, Place, Select, Summary}};
//!
//! let library = Library::builtin();
//! let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 21).ok_or("no such day")?;
//! let batch = Batch::new(&library, today).select(Select::Level);
//! let mut summary = Summary::default();
//! let records = [
//!     r#"{"patient": "A", "plan": {"drug": "upadacitinib", "indication": "rheumatoid_arthritis", "label": "us"}}"#,
//!     r#"{"patient": "B"}"#,
//! ];
//! for (line, record) in (1..).zip(records) {
//!     let result = batch.record(Place::Line(line), record.as_bytes());
//!     assert!(result.json.starts_with('{'));
//!     summary.add(&result);
//! }
//! assert_eq!((summary.records, summary.errors), (2, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::checklist::{Checklist, Conclusion, Finding, FindingOutcome, Screening, TestStatus};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::library::{Level, Library};
use crate::profile::{PlanChange, Profile};

/// What a line carries of each checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Select {
    /// What it concludes.
    Level,
    /// That, and the criteria that are met or not known, and the listed tests that lack.
    #[default]
    Findings,
    /// The whole document, as `check --format json` prints it.
    All,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place<'f> {
    /// A line of a stream, from 1.
    Line(usize),
    /// A file of its own.
    File(&'f str),
}

impl<'f> Place<'f> {
    fn file(self) -> &'f str {
        match self {
            Self::Line(_) => "the records",
            Self::File(file) => file,
        }
    }
}

/// How records are screened.
#[derive(Debug, Clone)]
pub struct Batch<'l> {
    library: &'l Library,
    today: NaiveDate,
    as_of: Option<NaiveDate>,
    plan: PlanChange,
    select: Select,
}

/// A record that was screened, or could not be read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Recorded {
    /// The line: one JSON object, without a line break.
    pub json: String,
    /// What came out; the problems if it could not be read.
    pub outcome: Result<Screening, Vec<Diagnostic>>,
}

impl<'l> Batch<'l> {
    /// Records are judged for their own day, or for `today` if they name none.
    pub fn new(library: &'l Library, today: NaiveDate) -> Self {
        Self {
            library,
            today,
            as_of: None,
            plan: PlanChange::default(),
            select: Select::default(),
        }
    }

    /// Judges all records for one day.
    #[must_use]
    pub fn as_of(mut self, day: NaiveDate) -> Self {
        self.as_of = Some(day);
        self
    }

    /// Plans something else than the records do.
    #[must_use]
    pub fn plan(mut self, plan: PlanChange) -> Self {
        self.plan = plan;
        self
    }

    /// What a line carries.
    #[must_use]
    pub fn select(mut self, select: Select) -> Self {
        self.select = select;
        self
    }

    /// Screens a record: a profile as JSON or YAML, in UTF-8.
    pub fn record(&self, place: Place<'_>, record: &[u8]) -> Recorded {
        let file = place.file();
        let text = match str::from_utf8(record) {
            Ok(text) => text.trim_start_matches('\u{feff}'),
            Err(e) => {
                let why = format!("not UTF-8 text; byte {} is not", e.valid_up_to() + 1);
                return Self::refused(place, Code::NotUtf8, why);
            }
        };
        match Profile::read_with(self.library, file, text, &self.plan) {
            Ok(profile) => {
                let day = self.as_of.or(profile.as_of()).unwrap_or(self.today);
                let screening = self.library.screen(&profile, day);
                let json = match self.select {
                    Select::All => json(&screening),
                    Select::Level => json(&Line::of(place, &screening, false)),
                    Select::Findings => json(&Line::of(place, &screening, true)),
                };
                Recorded {
                    json,
                    outcome: Ok(screening),
                }
            }
            Err(problems) => {
                let errors = problems.list().iter();
                let errors = errors.filter(|d| d.severity == Severity::Error).cloned();
                Self::unread(place, errors.collect())
            }
        }
    }

    /// A record that cannot be read as a text.
    pub fn refused(place: Place<'_>, code: Code, why: impl Into<String>) -> Recorded {
        let problems = Diagnostics::one(code, place.file(), why, None);
        Self::unread(place, problems.list().to_vec())
    }

    /// A record that could not be read: its problems, at their places in the whole file.
    fn unread(place: Place<'_>, mut errors: Vec<Diagnostic>) -> Recorded {
        if let Place::Line(line) = place {
            for error in &mut errors {
                error.line = line + error.line.saturating_sub(1);
                error.end_line = line + error.end_line.saturating_sub(1);
            }
        }
        let json = json(&Unread {
            place,
            errors: &errors,
        });
        Recorded {
            json,
            outcome: Err(errors),
        }
    }
}

fn json(value: &impl Serialize) -> String {
    // Strings, numbers and lists: nothing that JSON cannot say.
    serde_json::to_string(value).unwrap_or_default()
}

#[derive(Serialize)]
struct Unread<'d> {
    #[serde(flatten)]
    place: Place<'d>,
    errors: &'d [Diagnostic],
}

/// What a line carries.
#[derive(Serialize)]
struct Line<'s> {
    #[serde(flatten)]
    place: Place<'s>,
    patient: Option<&'s str>,
    as_of: &'s str,
    run: &'s str,
    checklists: Vec<Concluded<'s>>,
}

#[derive(Serialize)]
struct Concluded<'s> {
    label: &'s str,
    conclusion: Conclusion,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    findings: Option<Findings<'s>>,
}

#[derive(Serialize)]
struct Findings<'s> {
    met: Vec<Criterion<'s>>,
    unknown: Vec<Criterion<'s>>,
    tests_missing: Vec<&'s str>,
}

#[derive(Serialize)]
struct Criterion<'s> {
    document: &'s str,
    criterion: &'s str,
    level: Level,
}

impl<'s> Criterion<'s> {
    fn of(f: &'s Finding) -> Self {
        Self {
            document: &f.source.document,
            criterion: &f.criterion,
            level: f.level,
        }
    }
}

impl<'s> Line<'s> {
    fn of(place: Place<'s>, s: &'s Screening, findings: bool) -> Self {
        let concluded = |c: &'s Checklist| Concluded {
            label: &c.label.id,
            conclusion: c.conclusion,
            findings: findings.then(|| Findings {
                met: criteria(c, FindingOutcome::Met),
                unknown: criteria(c, FindingOutcome::Unknown),
                tests_missing: missing(c).collect(),
            }),
        };
        Self {
            place,
            patient: s.patient.id.as_deref(),
            as_of: &s.as_of,
            run: &s.run,
            checklists: s.checklists.iter().map(concluded).collect(),
        }
    }
}

/// The criteria with an outcome that count, barriers first.
fn criteria(c: &Checklist, outcome: FindingOutcome) -> Vec<Criterion<'_>> {
    counting(c, outcome).map(Criterion::of).collect()
}

fn counting(c: &Checklist, outcome: FindingOutcome) -> impl Iterator<Item = &Finding> {
    let counts = move |f: &&Finding| f.outcome == outcome && f.counts();
    c.findings.iter().filter(counts)
}

/// The tests that the label lists before starting, without a usable result.
fn missing(c: &Checklist) -> impl Iterator<Item = &str> {
    let lacks = |t: &&crate::checklist::TestItem| t.before_starting && t.status != TestStatus::Done;
    c.tests.iter().filter(lacks).map(|t| t.test.as_str())
}

/// A row of the table: one checklist of one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// The line or the file of the record.
    pub record: String,
    /// The id the record gives.
    pub patient: Option<String>,
    /// The day it was judged for.
    pub as_of: Option<String>,
    /// The label; none of a record that could not be read.
    pub label: Option<String>,
    /// What the checklist concludes, or `error`.
    pub conclusion: &'static str,
    /// Barriers that are met.
    pub barriers: usize,
    /// Warnings that are met.
    pub warnings: usize,
    /// Cautions that are met.
    pub cautions: usize,
    /// Lower doses that are asked and not planned.
    pub doses: usize,
    /// Criteria that are not known and count.
    pub unknown: usize,
    /// Tests that the label lists before starting, without a usable result.
    pub tests_missing: usize,
}

impl Recorded {
    /// The rows of the table: one for each label, or one that says `error`.
    pub fn rows(&self, place: Place<'_>) -> Vec<Row> {
        let record = match place {
            Place::Line(line) => line.to_string(),
            Place::File(file) => file.to_owned(),
        };
        let error = Row {
            record,
            patient: None,
            as_of: None,
            label: None,
            conclusion: "error",
            barriers: 0,
            warnings: 0,
            cautions: 0,
            doses: 0,
            unknown: 0,
            tests_missing: 0,
        };
        let Ok(s) = &self.outcome else {
            return vec![error];
        };
        let row = |c: &Checklist| {
            let met = |level| {
                let met = counting(c, FindingOutcome::Met);
                met.filter(|f| f.level == level).count()
            };
            Row {
                patient: s.patient.id.clone(),
                as_of: Some(s.as_of.clone()),
                label: Some(c.label.id.clone()),
                conclusion: c.conclusion.name(),
                barriers: met(Level::Barrier),
                warnings: met(Level::Warning),
                cautions: met(Level::Caution),
                doses: met(Level::Dose),
                unknown: counting(c, FindingOutcome::Unknown).count(),
                tests_missing: missing(c).count(),
                ..error.clone()
            }
        };
        s.checklists.iter().map(row).collect()
    }
}

/// What all records come to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Records read or tried.
    pub records: u64,
    /// Records that could not be read.
    pub errors: u64,
    /// How many of them have a problem of each kind.
    pub problems: BTreeMap<String, u64>,
    /// By label: how many checklists conclude what.
    pub conclusions: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// By document and criterion: in how many checklists it is met, and in how many not known. What stands in none is left out.
    pub findings: BTreeMap<String, Count>,
    /// By label and test: how many checklists lack a listed test before starting.
    pub tests_missing: BTreeMap<String, BTreeMap<String, u64>>,
}

/// In how many checklists a criterion came out so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Count {
    /// It holds for the patient.
    pub met: u64,
    /// The record does not say.
    pub unknown: u64,
}

impl Summary {
    /// Counts a record.
    pub fn add(&mut self, record: &Recorded) {
        self.records += 1;
        let screening = match &record.outcome {
            Ok(screening) => screening,
            Err(errors) => {
                self.errors += 1;
                let mut kinds: Vec<&str> = errors.iter().map(|d| d.code.name()).collect();
                kinds.sort_unstable();
                kinds.dedup();
                for kind in kinds {
                    *self.problems.entry(kind.to_owned()).or_default() += 1;
                }
                return;
            }
        };
        for c in &screening.checklists {
            let of_label = self.conclusions.entry(c.label.id.clone()).or_default();
            *of_label.entry(c.conclusion.name()).or_default() += 1;
            let mut count = |outcome, add: fn(&mut Count)| {
                for f in counting(c, outcome) {
                    let name = format!("{}/{}", f.source.document, f.criterion);
                    add(self.findings.entry(name).or_default());
                }
            };
            count(FindingOutcome::Met, |c| c.met += 1);
            count(FindingOutcome::Unknown, |c| c.unknown += 1);
            let of_label = self.tests_missing.entry(c.label.id.clone()).or_default();
            for test in missing(c) {
                *of_label.entry(test.to_owned()).or_default() += 1;
            }
        }
    }
}
