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

use crate::checklist::Conclusion;
use crate::date::PartialDate;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::evaluate::{Judge, iso};
use crate::judged::{Decision, Judged};
use crate::library::{Level, Library};
use crate::outcome::Outcome;
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
pub struct Recorded<'l> {
    /// The line: one JSON object, without a line break.
    pub json: String,
    /// What came out; the problems if it could not be read.
    pub outcome: Result<Screened<'l>, Vec<Diagnostic>>,
}

/// What came out of a record, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Screened<'l> {
    /// The id the record gives.
    pub patient: Option<String>,
    /// The day it was judged for, as `2026-11-21`.
    pub as_of: String,
    /// The id of the run, as in [`Screening::run`](crate::Screening::run).
    pub run: String,
    /// One for each label.
    pub checklists: Vec<Concluded<'l>>,
}

/// A checklist in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Concluded<'l> {
    /// The label.
    pub label: &'l str,
    /// What it concludes.
    pub conclusion: Conclusion,
    /// Criteria that are met and count, the gravest first.
    pub met: Vec<CriterionOf<'l>>,
    /// Criteria that are not known and would count.
    pub unknown: Vec<CriterionOf<'l>>,
    /// Tests that the label lists before starting, without a usable result.
    pub tests_missing: Vec<&'l str>,
}

/// A criterion of a checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CriterionOf<'l> {
    /// The document it stands in.
    pub document: &'l str,
    /// Its id there.
    pub criterion: &'l str,
    /// How it is shown.
    pub level: Level,
}

impl<'l> Concluded<'l> {
    fn of(judged: &Judged<'l>, library: &'l Library) -> Self {
        let criteria = |outcome| {
            let counting = judged.criteria.iter();
            let counting = counting.filter(|c| c.is(outcome) && c.counts());
            let mut counting: Vec<&Decision<'l>> = counting.collect();
            counting.sort_by(|a, b| a.order(library).cmp(&b.order(library)));
            let of = |c: &&Decision<'l>| CriterionOf {
                document: &c.decided.document.id,
                criterion: &c.decided.criterion.id,
                level: c.level,
            };
            counting.iter().map(of).collect()
        };
        let missing = judged.tests.iter().filter(|t| t.lacks());
        let mut missing: Vec<_> = missing
            .map(|t| library.dictionary().fact(t.test))
            .map(|fact| (&fact.sample, fact.id.as_str()))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        Self {
            label: &judged.label.id,
            conclusion: judged.conclusion,
            met: criteria(Outcome::Met),
            unknown: criteria(Outcome::Unknown),
            tests_missing: missing.into_iter().map(|(_, id)| id).collect(),
        }
    }
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
    pub fn record(&self, place: Place<'_>, record: &[u8]) -> Recorded<'l> {
        let file = place.file();
        let text = match str::from_utf8(record) {
            Ok(text) => text.trim_start_matches('\u{feff}'),
            Err(e) => {
                let why = format!("not UTF-8 text; byte {} is not", e.valid_up_to() + 1);
                return self.refused(place, Code::NotUtf8, why);
            }
        };
        match Profile::read_with(self.library, file, text, &self.plan) {
            Ok(profile) => self.screened(place, &profile),
            Err(problems) => {
                let errors = problems.list().iter();
                let errors = errors.filter(|d| d.severity == Severity::Error).cloned();
                Self::unread(place, errors.collect())
            }
        }
    }

    fn screened(&self, place: Place<'_>, profile: &Profile) -> Recorded<'l> {
        let day = self.as_of.or(profile.as_of()).unwrap_or(self.today);
        let judge = Judge::new(self.library, profile, day);
        let judged = self.library.judge(&judge);
        let concluded = judged.iter().map(|j| Concluded::of(j, self.library));
        let screened = Screened {
            patient: profile.patient().map(str::to_owned),
            as_of: iso(PartialDate::day(day)),
            run: self.library.run(profile, day),
            checklists: concluded.collect(),
        };
        let json = match self.select {
            Select::All => json(&self.library.screening(&judge, &judged)),
            Select::Findings => json(&Line {
                place,
                screened: &screened,
            }),
            Select::Level => json(&Line {
                place,
                screened: &Levels::of(&screened),
            }),
        };
        Recorded {
            json,
            outcome: Ok(screened),
        }
    }

    /// A record that cannot be read as a text.
    pub fn refused(&self, place: Place<'_>, code: Code, why: impl Into<String>) -> Recorded<'l> {
        let problems = Diagnostics::one(code, place.file(), why, None);
        Self::unread(place, problems.list().to_vec())
    }

    /// A record that could not be read: its problems, at their places in the whole file.
    fn unread(place: Place<'_>, mut errors: Vec<Diagnostic>) -> Recorded<'l> {
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

/// A line of a record that was screened.
#[derive(Serialize)]
struct Line<'s, T> {
    #[serde(flatten)]
    place: Place<'s>,
    #[serde(flatten)]
    screened: &'s T,
}

/// What is carried of it when only conclusions are asked for.
#[derive(Serialize)]
struct Levels<'s> {
    patient: Option<&'s str>,
    as_of: &'s str,
    run: &'s str,
    checklists: Vec<Leveled<'s>>,
}

#[derive(Serialize)]
struct Leveled<'s> {
    label: &'s str,
    conclusion: Conclusion,
}

impl<'s> Levels<'s> {
    fn of(s: &'s Screened<'_>) -> Self {
        let leveled = s.checklists.iter().map(|c| Leveled {
            label: c.label,
            conclusion: c.conclusion,
        });
        Self {
            patient: s.patient.as_deref(),
            as_of: &s.as_of,
            run: &s.run,
            checklists: leveled.collect(),
        }
    }
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

impl Recorded<'_> {
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
        let row = |c: &Concluded<'_>| {
            let met = |level| c.met.iter().filter(|f| f.level == level).count();
            Row {
                patient: s.patient.clone(),
                as_of: Some(s.as_of.clone()),
                label: Some(c.label.to_owned()),
                conclusion: c.conclusion.name(),
                barriers: met(Level::Barrier),
                warnings: met(Level::Warning),
                cautions: met(Level::Caution),
                doses: met(Level::Dose),
                unknown: c.unknown.len(),
                tests_missing: c.tests_missing.len(),
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
    pub fn add(&mut self, record: &Recorded<'_>) {
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
            let of_label = self.conclusions.entry(c.label.to_owned()).or_default();
            *of_label.entry(c.conclusion.name()).or_default() += 1;
            for (criteria, add) in [
                (&c.met, (|c| c.met += 1) as fn(&mut Count)),
                (&c.unknown, |c| c.unknown += 1),
            ] {
                for f in criteria {
                    let name = format!("{}/{}", f.document, f.criterion);
                    add(self.findings.entry(name).or_default());
                }
            }
            let of_label = self.tests_missing.entry(c.label.to_owned()).or_default();
            for test in &c.tests_missing {
                *of_label.entry((*test).to_owned()).or_default() += 1;
            }
        }
    }
}
