//! A label or guidance file: one document at one revision, its criteria each with its section.

mod read;

pub(super) use read::read;
pub(crate) use read::{JURISDICTIONS, review, signed_hash};

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::expression::{Expr, Leaf};
use super::questions::Questions;
use crate::date::Period;
use crate::dictionary::{FactId, Seen};

/// How strongly a source speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Strength {
    /// Section 4 of a label.
    Contraindicated,
    /// Do not start, starting is not recommended, avoid starting.
    DoNotInitiate,
    /// Use is not recommended.
    NotRecommended,
    /// Avoid use in these patients.
    Avoid,
    /// Something else must be treated before starting.
    TreatFirst,
    /// Only if there is no suitable alternative.
    Restricted,
    /// Weigh benefit and risk.
    Weigh,
    /// Use with caution, monitor closely.
    Caution,
    /// Another dose.
    AdjustDose,
    /// Vaccines, contraception, counselling, what to do on treatment.
    Advise,
}

impl Strength {
    pub(crate) const WORDS: [(&'static str, Self); 10] = [
        ("contraindicated", Self::Contraindicated),
        ("do_not_initiate", Self::DoNotInitiate),
        ("not_recommended", Self::NotRecommended),
        ("avoid", Self::Avoid),
        ("treat_first", Self::TreatFirst),
        ("restricted", Self::Restricted),
        ("weigh", Self::Weigh),
        ("caution", Self::Caution),
        ("adjust_dose", Self::AdjustDose),
        ("advise", Self::Advise),
    ];

    /// The word of rule files.
    pub fn name(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, strength)| *strength == self);
        found.map_or("", |(word, _)| word)
    }

    /// The level a finding of this strength is shown at: the one table of it. Only `weigh` looks at whether the boxed
    /// warning carries the statement.
    pub fn level(self, boxed: bool) -> Level {
        match self {
            Self::Contraindicated
            | Self::DoNotInitiate
            | Self::NotRecommended
            | Self::Avoid
            | Self::TreatFirst => Level::Barrier,
            Self::Restricted => Level::Warning,
            Self::Weigh if boxed => Level::Warning,
            Self::Weigh | Self::Caution => Level::Caution,
            Self::AdjustDose => Level::Dose,
            Self::Advise => Level::Advice,
        }
    }
}

/// How a finding is shown, derived from the strength of its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The source speaks against starting.
    Barrier,
    /// To weigh, with a strong wording.
    Warning,
    /// To weigh.
    Caution,
    /// Another dose.
    Dose,
    /// Advice; it does not count.
    Advice,
}

/// Label or guidance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    #[default]
    Label,
    Guidance,
}

/// Who signed a document, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Review {
    pub(crate) by: String,
    pub(crate) on: NaiveDate,
    pub(crate) next: NaiveDate,
    /// The text is the one that was signed.
    pub(crate) holds: bool,
}

/// Who signed a document, or that nobody has.
pub(crate) fn reviewed(review: Option<&Review>) -> String {
    match review {
        Some(r) if r.holds => format!("signed by {} on {}, next review {}", r.by, r.on, r.next),
        Some(r) => format!(
            "nobody has signed these rules as they stand; {} signed another text on {}",
            r.by, r.on
        ),
        None => "nobody has signed these rules".to_owned(),
    }
}

/// One document at one revision.
#[derive(Debug, Clone, Default)]
pub(crate) struct Document {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) title: String,
    /// Who publishes it; a document with an issuer is guidance.
    pub(crate) issuer: Option<String>,
    /// Empty: every drug.
    pub(crate) drugs: Vec<String>,
    pub(crate) jurisdictions: Vec<String>,
    pub(crate) revision: String,
    pub(crate) url: String,
    pub(crate) review: Option<Review>,
    /// From rules of one's own.
    pub(crate) local: bool,
    pub(crate) indications: Vec<Entry>,
    pub(crate) before_starting: Vec<BeforeStarting>,
    /// Criteria and dose rows.
    pub(crate) criteria: Vec<Criterion>,
    pub(crate) monitoring: Vec<Monitoring>,
    pub(crate) not_evaluated: Vec<NotEvaluated>,
    /// What all of it asks.
    pub(crate) questions: Questions,
}

impl Document {
    /// Does something to every question, saying whether it stands in a `for`.
    pub(super) fn each_leaf(&mut self, with: &mut impl FnMut(&mut Leaf, bool)) {
        let mut on = |expr: Option<&mut Expr>, population: bool| {
            if let Some(expr) = expr {
                expr.each_leaf(&mut |leaf| with(leaf, population));
            }
        };
        for entry in &mut self.indications {
            on(Some(&mut entry.requires), false);
        }
        for row in &mut self.before_starting {
            on(row.population.as_mut(), true);
            on(row.satisfied_by.as_mut(), false);
        }
        for criterion in &mut self.criteria {
            on(criterion.population.as_mut(), true);
            on(criterion.when.as_mut(), false);
        }
        for row in &mut self.monitoring {
            on(row.population.as_mut(), true);
        }
    }

    /// Who signed it, or that nobody has.
    pub(crate) fn reviewed(&self) -> String {
        reviewed(self.review.as_ref())
    }

    /// Whether it is guidance.
    pub(crate) fn is_guidance(&self) -> bool {
        self.kind == Kind::Guidance
    }

    /// Every fact it asks for by name.
    pub(crate) fn asked(&self) -> BTreeSet<FactId> {
        let criteria = self.criteria.iter();
        let mut asked: Vec<&Expr> = criteria
            .flat_map(|c| c.when.iter().chain(&c.population))
            .collect();
        asked.extend(self.indications.iter().map(|e| &e.requires));
        let rows = &self.before_starting;
        asked.extend(
            rows.iter()
                .flat_map(|r| r.population.iter().chain(&r.satisfied_by)),
        );
        asked.extend(self.monitoring.iter().filter_map(|m| m.population.as_ref()));
        let tests = rows.iter().flat_map(|r| &r.tests);
        let tests = tests.chain(self.monitoring.iter().flat_map(|m| &m.tests));
        let leaves = asked.into_iter().flat_map(Expr::leaves);
        leaves
            .filter_map(Leaf::fact)
            .chain(tests.copied())
            .collect()
    }

    /// Whether a label does not have an indication.
    pub(crate) fn lacks(&self, indication: &str) -> bool {
        self.indications.iter().all(|e| e.indication != indication)
    }
}

/// Where a statement stands, and how its wording was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Citation {
    pub(crate) section: String,
    pub(crate) seen: Seen,
    /// Rows of the clinical fact files.
    pub(crate) facts: Vec<String>,
}

/// An indication and what the label asks of the patient.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) indication: String,
    pub(crate) requires: Expr,
    pub(crate) cited: Citation,
}

/// A test the label lists before starting.
#[derive(Debug, Clone)]
pub(crate) struct BeforeStarting {
    /// The name to show.
    pub(crate) name: String,
    /// One of these is enough if `any`, else all of them are asked.
    pub(crate) tests: Vec<FactId>,
    pub(crate) any: bool,
    pub(crate) population: Option<Expr>,
    pub(crate) satisfied_by: Option<Expr>,
    pub(crate) verb: String,
    pub(crate) cited: Citation,
}

/// A statement about facts with its source, and what follows when it is met.
#[derive(Debug, Clone)]
pub(crate) struct Criterion {
    pub(crate) id: String,
    pub(crate) hazard: String,
    pub(crate) population: Option<Expr>,
    /// `None` is a standing note.
    pub(crate) when: Option<Expr>,
    pub(crate) strength: Strength,
    pub(crate) says: String,
    pub(crate) boxed: bool,
    pub(crate) action: Option<String>,
    pub(crate) note: Option<String>,
    /// Of a dose row: the highest daily dose, in mg and as written.
    pub(crate) max: Option<(Decimal, String)>,
    pub(crate) cited: Citation,
}

impl Criterion {
    /// Whether a daily dose is above its limit.
    pub(crate) fn below(&self, daily: Option<Decimal>) -> bool {
        let max = self.max.as_ref();
        max.is_some_and(|(max, _)| daily.is_some_and(|d| d > *max))
    }
}

/// What to watch or test after the start.
#[derive(Debug, Clone)]
pub(crate) struct Monitoring {
    pub(crate) what: String,
    /// Of a test: the facts.
    pub(crate) tests: Vec<FactId>,
    pub(crate) at: Option<Period>,
    pub(crate) then: String,
    pub(crate) population: Option<Expr>,
    pub(crate) cited: Citation,
}

/// A statement that is known and not evaluated.
#[derive(Debug, Clone)]
pub(crate) struct NotEvaluated {
    pub(crate) about: String,
    pub(crate) why: String,
    pub(crate) cited: Citation,
}
