//! Criteria held against a profile: three outcomes, each with the trace of what was read and how it was decided.

mod derive;
mod facts;
mod medicines;
mod presence;
mod states;

use chrono::NaiveDate;
use serde::Serialize;

pub(crate) use facts::Known;

use crate::date::PartialDate;
use crate::dictionary::{Dictionary, FactId};
use crate::library::{Criterion, Document, Expr, Leaf, Library, Test};
use crate::outcome::{Outcome, Reason};
use crate::profile::{Entry, Profile};

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
#[derive(Debug, Clone)]
pub(crate) struct Decided<'l> {
    pub(crate) document: &'l Document,
    pub(crate) criterion: &'l Criterion,
    pub(crate) verdict: Verdict,
    /// Met only by a result that is out of date.
    pub(crate) stale: bool,
}

/// What came out of a criterion.
#[derive(Debug, Clone)]
pub(crate) enum Verdict {
    /// The patient is not in the population it speaks of.
    NotApplicable,
    /// It stands for all patients.
    Note,
    Decided(Trace),
}

/// A profile on a day, before a library.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(crate) library: &'a Library,
    pub(crate) profile: &'a Profile,
    pub(crate) as_of: NaiveDate,
    /// The label does not have the planned indication: `for: indication` excludes nothing.
    pub(crate) off_label: bool,
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
}

impl<'a> Judge<'a> {
    pub(crate) fn dictionary(&self) -> &'a Dictionary {
        self.library.dictionary()
    }

    /// The day the profile's undated statements were made.
    pub(crate) fn file_day(&self) -> NaiveDate {
        self.profile.as_of.unwrap_or(self.as_of)
    }

    /// Decides one criterion: in date first; if that leaves it open, with old results too, which may accuse and never acquit.
    pub(crate) fn decide<'l>(
        &self,
        document: &'l Document,
        criterion: &'l Criterion,
    ) -> Decided<'l> {
        self.of(document).decide_here(document, criterion)
    }

    /// This judge for a document: off-label is what a label says of an indication it lacks; guidance means those it names.
    pub(crate) fn of(&self, document: &Document) -> Self {
        Self {
            off_label: self.off_label && !document.is_guidance(),
            ..*self
        }
    }

    fn decide_here<'l>(&self, document: &'l Document, criterion: &'l Criterion) -> Decided<'l> {
        let decided = |verdict, stale| Decided {
            document,
            criterion,
            verdict,
            stale,
        };
        let population = criterion.population.as_ref();
        let of_population = population.map(|p| self.trace(p, Pass::POPULATION));
        if of_population
            .as_ref()
            .is_some_and(|t| t.outcome == Outcome::NotMet)
        {
            return decided(Verdict::NotApplicable, false);
        }
        let Some(when) = &criterion.when else {
            return match of_population {
                // A usual dose for all: met by a plan above it.
                None if self.above(criterion) => {
                    decided(Verdict::Decided(self.planned_dose()), false)
                }
                Some(trace) if trace.outcome == Outcome::Met && self.above(criterion) => {
                    decided(Verdict::Decided(self.planned_dose()), false)
                }
                // A standing note for a population that is not known to be the patient's.
                Some(trace) if trace.outcome == Outcome::Unknown => {
                    decided(Verdict::Decided(trace), false)
                }
                _ => decided(Verdict::Note, false),
            };
        };
        let first = both(of_population, self.trace(when, Pass::FIRST));
        if first.outcome != Outcome::Unknown {
            return decided(Verdict::Decided(first), false);
        }
        let with_old = Pass {
            old: true,
            ..Pass::POPULATION
        };
        let of_population = population.map(|p| self.trace(p, with_old));
        let second = both(of_population, self.trace(when, Pass::SECOND));
        if second.outcome == Outcome::Met {
            return decided(Verdict::Decided(second), true);
        }
        decided(Verdict::Decided(first), false)
    }

    fn above(&self, criterion: &Criterion) -> bool {
        criterion
            .max
            .as_ref()
            .is_some_and(|(max, _)| self.profile.plan.daily.is_some_and(|d| d > *max))
    }

    fn planned_dose(&self) -> Trace {
        let read = self
            .dictionary()
            .find("dose")
            .map(|id| self.readings(id, Pass::FIRST));
        let read = match read {
            Some(Known::Readings(readings)) => readings.into_iter().map(|r| r.evidence).collect(),
            Some(Known::Unknown(_)) | None => Vec::new(),
        };
        let answer = Answer {
            asks: "a planned dose above the usual one".to_owned(),
            ..Answer::known(Outcome::Met, read)
        };
        Trace {
            outcome: Outcome::Met,
            node: TraceNode::Leaf(answer),
        }
    }

    /// Evaluates an expression, recording what was read.
    pub(crate) fn trace(&self, expr: &Expr, pass: Pass) -> Trace {
        match expr {
            Expr::All(parts) => {
                let parts: Vec<Trace> = parts.iter().map(|p| self.trace(p, pass)).collect();
                let outcome = parts
                    .iter()
                    .map(|p| p.outcome)
                    .fold(Outcome::Met, Outcome::and);
                Trace {
                    outcome,
                    node: TraceNode::All(parts),
                }
            }
            Expr::Any(parts) => {
                let parts: Vec<Trace> = parts.iter().map(|p| self.trace(p, pass)).collect();
                let outcome = parts
                    .iter()
                    .map(|p| p.outcome)
                    .fold(Outcome::NotMet, Outcome::or);
                Trace {
                    outcome,
                    node: TraceNode::Any(parts),
                }
            }
            Expr::Not(part) => {
                let part = self.trace(part, pass);
                Trace {
                    outcome: part.outcome.not(),
                    node: TraceNode::Not(Box::new(part)),
                }
            }
            Expr::Leaf(leaf) => {
                let answer = self.ask(leaf, pass);
                Trace {
                    outcome: answer.outcome,
                    node: TraceNode::Leaf(answer),
                }
            }
        }
    }

    fn ask(&self, leaf: &Leaf, pass: Pass) -> Answer {
        let mut answer = match &leaf.test {
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
        };
        answer.asks.clone_from(&leaf.words);
        answer
    }

    /// How a fact is asked for.
    pub(crate) fn open(&self, id: FactId, reason: Reason) -> Open {
        let fact = self.dictionary().fact(id);
        let not_said = |parent: FactId| self.profile.entries(parent).is_empty();
        let question = if !fact.when.is_empty() && fact.parent.is_some_and(not_said) {
            format!("If {}: {}", fact.when.join(" or "), fact.question)
        } else {
            fact.question.clone()
        };
        Open {
            fact: fact.id.clone(),
            name: fact.name.clone(),
            reason,
            question,
            sample: fact.sample.clone(),
            after: fact.ask_after.map(|f| self.dictionary().fact(f).id.clone()),
            part_of: fact
                .groups
                .iter()
                .map(|g| self.dictionary().fact(*g).id.clone())
                .collect(),
        }
    }

    /// What an entry says, ready to show.
    fn evidence(
        &self,
        id: FactId,
        entry: &Entry,
        value: String,
        given: Option<String>,
        date: Option<PartialDate>,
    ) -> Evidence {
        let fact = self.dictionary().fact(id);
        Evidence {
            fact: fact.id.clone(),
            name: fact.name.clone(),
            value,
            given,
            date: date.map(iso),
            age_days: date
                .filter(|d| d.first == d.last)
                .map(|d| (self.as_of - d.last).num_days()),
            path: entry.path.clone(),
            how: None,
            out_of_date: false,
            unlikely: entry.unlikely,
        }
    }

    /// What the silence of a section says of a fact.
    fn denial(&self, id: FactId, how: &str) -> Evidence {
        let fact = self.dictionary().fact(id);
        Evidence {
            fact: fact.id.clone(),
            name: fact.name.clone(),
            value: "no".to_owned(),
            given: None,
            date: None,
            age_days: None,
            path: fact.section.name().to_owned(),
            how: Some(how.to_owned()),
            out_of_date: false,
            unlikely: false,
        }
    }
}

/// `all: [for, when]`, or `when` alone.
fn both(population: Option<Trace>, when: Trace) -> Trace {
    match population {
        Some(population) if population.outcome == Outcome::Unknown => Trace {
            outcome: population.outcome.and(when.outcome),
            node: TraceNode::All(vec![population, when]),
        },
        _ => when,
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

impl Answer {
    pub(crate) fn known(outcome: Outcome, read: Vec<Evidence>) -> Self {
        Self {
            asks: String::new(),
            outcome,
            read,
            open: Vec::new(),
        }
    }

    pub(crate) fn unknown(read: Vec<Evidence>, open: Vec<Open>) -> Self {
        Self {
            asks: String::new(),
            outcome: Outcome::Unknown,
            read,
            open,
        }
    }
}
