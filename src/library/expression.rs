//! Expressions over facts: what a criterion asks.

mod read;

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::Library;
use crate::date::Period;
use crate::dictionary::{ClassId, Dictionary, FactId, MedicineId};
use crate::outcome::{Outcome, Outcomes};
use crate::profile::Response;
use crate::quantity::Interval;

pub(super) use read::Reader;

/// A statement about a patient.
#[derive(Debug, Clone)]
pub(crate) enum Expr {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Leaf(Leaf),
}

/// One question to the profile, with its wording.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) test: Test,
    /// What it asks, in words.
    pub(crate) words: String,
    /// Its number among the questions of its document, or [`Leaf::ALONE`].
    pub(crate) number: u16,
}

/// The kinds of question.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// The quantity lies in the range.
    Range {
        fact: FactId,
        range: Interval,
        text: RangeText,
    },
    /// The value is one of these choices.
    OneOf { fact: FactId, choices: Vec<u16> },
    /// The state or event is present (or absent).
    Present { fact: FactId, wanted: bool },
    /// An event, or a date that is an attribute, lies so in time.
    When {
        fact: FactId,
        time: Time,
        period: Period,
    },
    /// One medicine taken now meets all of it.
    Taking(Taking),
    /// So many treatments of a class went so.
    Treated(Treated),
}

/// The limits of a range as written, for the wording of what would change a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RangeText {
    /// `500 /uL` of `below` or `at_most`, and whether the limit itself is inside.
    pub(crate) high: Option<(String, bool)>,
    pub(crate) low: Option<(String, bool)>,
}

impl RangeText {
    /// What lies outside the range, in words.
    pub(crate) fn outside(&self) -> String {
        let beyond = |end: &Option<(String, bool)>, word: &str| {
            end.as_ref().map(|(limit, closed)| {
                if *closed {
                    format!("{word} {limit}")
                } else {
                    format!("at {limit} or {word}")
                }
            })
        };
        let ends = [beyond(&self.high, "above"), beyond(&self.low, "below")];
        ends.into_iter().flatten().collect::<Vec<_>>().join(" or ")
    }
}

/// How a date must lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    Within,
    LongerAgoThan,
    InNext,
}

/// What must be true of one medicine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Taking {
    /// One of these.
    pub(crate) any: Vec<NamedTest>,
    /// All of these classes.
    pub(crate) all: Vec<ClassId>,
    pub(crate) except: Vec<(MedicineId, Exception)>,
}

/// A medicine or class as a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NamedTest {
    Medicine(MedicineId),
    Class(ClassId),
}

/// When an excepted medicine is not meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exception {
    Any,
    /// At daily doses in this range.
    Daily(Interval),
}

impl Exception {
    /// The highest daily dose that is meant by it, in mg.
    pub(crate) fn limit(self) -> Option<Decimal> {
        match self {
            Self::Any => None,
            Self::Daily(range) => range.high.map(|b| b.value),
        }
    }
}

/// What must be true of earlier treatments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Treated {
    pub(crate) with: Vec<NamedTest>,
    pub(crate) outcome: Vec<Response>,
    pub(crate) at_least: usize,
}

impl Test {
    /// Whether two questions ask the same.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Range { fact, range, .. },
                Self::Range {
                    fact: f, range: r, ..
                },
            ) => (fact, range) == (f, r),
            (
                Self::OneOf { fact, choices },
                Self::OneOf {
                    fact: f,
                    choices: c,
                },
            ) => (fact, choices) == (f, c),
            (Self::Present { fact, wanted }, Self::Present { fact: f, wanted: w }) => {
                (fact, wanted) == (f, w)
            }
            (
                Self::When { fact, time, period },
                Self::When {
                    fact: f,
                    time: t,
                    period: p,
                },
            ) => (fact, time, period) == (f, t, p),
            (Self::Taking(one), Self::Taking(other)) => one == other,
            (Self::Treated(one), Self::Treated(other)) => one == other,
            _ => false,
        }
    }

    /// What a choice says of being one of some.
    pub(crate) fn chosen(choice: u16, choices: &[u16], indeterminate: Option<u16>) -> Outcome {
        if choices.contains(&choice) {
            Outcome::Met
        } else if Some(choice) == indeterminate {
            Outcome::Unknown
        } else {
            Outcome::NotMet
        }
    }
}

impl Leaf {
    /// Of what is no question of a document: a mutant.
    pub(crate) const ALONE: u16 = u16::MAX;

    /// Whether it asks for the plan's indication.
    pub(crate) fn asks_indication(&self, dictionary: &Dictionary) -> bool {
        matches!(self.test, Test::OneOf { fact, .. } if dictionary.fact(fact).id == "indication")
    }

    /// The fact it asks for; none if it asks for medicines or treatments.
    pub(crate) fn fact(&self) -> Option<FactId> {
        match &self.test {
            Test::Range { fact, .. }
            | Test::OneOf { fact, .. }
            | Test::Present { fact, .. }
            | Test::When { fact, .. } => Some(*fact),
            Test::Taking(_) | Test::Treated(_) => None,
        }
    }
}

impl Expr {
    /// What comes out of the answers to its questions, for up to 64 profiles side by side: the one place where connectives
    /// are evaluated.
    pub(crate) fn fold(&self, answer: &mut impl FnMut(&Leaf) -> Outcomes) -> Outcomes {
        match self {
            Self::All(parts) => {
                let mut all = Outcomes::MET;
                for part in parts {
                    all = all.and(part.fold(answer));
                    if all == Outcomes::NOT_MET {
                        break;
                    }
                }
                all
            }
            Self::Any(parts) => {
                let mut any = Outcomes::NOT_MET;
                for part in parts {
                    any = any.or(part.fold(answer));
                    if any == Outcomes::MET {
                        break;
                    }
                }
                any
            }
            Self::Not(part) => part.fold(answer).not(),
            Self::Leaf(leaf) => answer(leaf),
        }
    }

    /// An order that depends on what expressions say only.
    fn compare(&self, other: &Self) -> Ordering {
        let rank = |e: &Self| match e {
            Self::Leaf(_) => 0,
            Self::All(_) => 1,
            Self::Any(_) => 2,
            Self::Not(_) => 3,
        };
        match (self, other) {
            (Self::Leaf(a), Self::Leaf(b)) => a.words.cmp(&b.words),
            (Self::All(a), Self::All(b)) | (Self::Any(a), Self::Any(b)) => {
                let parts = a.iter().zip(b).map(|(a, b)| a.compare(b));
                let differ = parts.fold(Ordering::Equal, Ordering::then);
                differ.then(a.len().cmp(&b.len()))
            }
            (Self::Not(a), Self::Not(b)) => a.compare(b),
            (a, b) => rank(a).cmp(&rank(b)),
        }
    }

    /// The expression in words.
    pub(crate) fn words(&self) -> String {
        let join = |parts: &[Self], with: &str| {
            let parts: Vec<String> = parts.iter().map(Self::words).collect();
            parts.join(with)
        };
        match self {
            Self::Leaf(leaf) => leaf.words.clone(),
            Self::Not(inner) => format!("not {}", inner.words()),
            Self::All(parts) => join(parts, " and "),
            Self::Any(parts) => join(parts, ", or "),
        }
    }

    /// Does something to every leaf.
    pub(crate) fn each_leaf(&mut self, with: &mut impl FnMut(&mut Leaf)) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter_mut().for_each(|p| p.each_leaf(with));
            }
            Self::Not(inner) => inner.each_leaf(with),
            Self::Leaf(leaf) => with(leaf),
        }
    }

    /// Every leaf.
    pub(crate) fn leaves(&self) -> Vec<&Leaf> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::leaves).collect(),
            Self::Not(inner) => inner.leaves(),
            Self::Leaf(leaf) => vec![leaf],
        }
    }

    /// Whether the plan's indication is asked below a `not`.
    pub(crate) fn negates_plan(&self, library: &Library, negated: bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().any(|p| p.negates_plan(library, negated))
            }
            Self::Not(inner) => inner.negates_plan(library, true),
            Self::Leaf(leaf) => negated && leaf.asks_indication(library.dictionary()),
        }
    }
}
