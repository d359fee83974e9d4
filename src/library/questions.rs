//! The questions of a document, each once, numbered and grouped by what they are put to, so that one look at a fact answers
//! all that is asked of it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rust_decimal::Decimal;

use super::expression::{Exception, Leaf, Taking, Test, Treated};
use super::label::Document;
use crate::dictionary::{Dictionary, FactId, Kind, MedicineId, Section};
use crate::outcome::Outcomes;
use crate::profile::Value;
use crate::quantity::{Bound, Interval};

/// Places of one row of outcomes.
const PLACES: usize = 64;

/// All questions of a document. Question `n` has the place `n % 64` of the row `n / 64`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Questions {
    pub(crate) columns: Vec<Column>,
    /// How many rows they take.
    pub(crate) rows: usize,
}

/// Questions that are answered together; they stand in one row.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) row: usize,
    pub(crate) subject: Subject,
}

/// What questions are put to.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// The results of a fact.
    Results(FactId, Results),
    /// A state or event: the places of those that ask whether it is present, and whether it is absent.
    State {
        fact: FactId,
        present: u64,
        absent: u64,
    },
    /// The medicines taken now.
    Taken(Taken),
    /// Earlier treatments, and the place of the question.
    Treated(Treated, u32),
    /// Anything else: one question, whether it stands in a `for`, and its place.
    One(Leaf, bool, u32),
}

/// What each value of a fact answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Results {
    /// The limits of all ranges, in order.
    limits: Vec<Decimal>,
    /// The answers below the first limit, at it, between it and the next, and so on.
    cells: Vec<Outcomes>,
    /// The answers of each choice.
    choices: Vec<Outcomes>,
}

impl Results {
    fn new(dictionary: &Dictionary, fact: FactId, asked: &[(u32, &Test)]) -> Self {
        let fact = dictionary.fact(fact);
        let ends = asked.iter().flat_map(|(_, test)| match test {
            Test::Range { range, .. } => [range.low, range.high],
            _ => [None, None],
        });
        let mut limits: Vec<Decimal> = ends.flatten().map(|b| b.value).collect();
        limits.sort_unstable();
        limits.dedup();
        let all = |says: &dyn Fn(&Test) -> Outcomes| {
            let none = Outcomes::UNKNOWN;
            let place = |all: Outcomes, (place, test): &(u32, &Test)| {
                all.beside(says(test).only(1 << place))
            };
            asked.iter().fold(none, place)
        };
        let within = |value: Interval| {
            all(&|test| match test {
                Test::Range { range, .. } => value.within(*range).into(),
                _ => Outcomes::UNKNOWN,
            })
        };
        let open = |value: Option<&Decimal>| {
            value.map(|value| Bound {
                value: *value,
                closed: false,
            })
        };
        let mut cells = Vec::with_capacity(2 * limits.len() + 1);
        for (i, limit) in limits.iter().enumerate() {
            cells.push(within(Interval {
                low: open(i.checked_sub(1).and_then(|i| limits.get(i))),
                high: open(Some(limit)),
            }));
            cells.push(within(Interval::point(*limit)));
        }
        cells.push(within(Interval {
            low: open(limits.last()),
            high: None,
        }));
        let choices = match &fact.kind {
            Kind::Choice { choices, .. } => choices.len(),
            Kind::Quantity { .. } | Kind::Event | Kind::State => 0,
        };
        let indeterminate = fact.choice("indeterminate");
        let choices = (0..choices).map(|choice| {
            all(&|test| match test {
                Test::OneOf { choices, .. } => Test::chosen(choice, choices, indeterminate).into(),
                _ => Outcomes::UNKNOWN,
            })
        });
        Self {
            choices: choices.collect(),
            limits,
            cells,
        }
    }

    /// What a value answers.
    pub(crate) fn of(&self, value: Value) -> Outcomes {
        match value {
            Value::Quantity { value, .. } => self.of_interval(value),
            Value::Choice(choice) => self.choices.get(choice).copied().unwrap_or_default(),
            Value::Present | Value::Absent | Value::Missing(_) => Outcomes::UNKNOWN,
        }
    }

    fn of_interval(&self, value: Interval) -> Outcomes {
        let low = value.low.map_or(0, |b| self.cell(b.value, b.closed, true));
        let high = if value.low == value.high && value.high.is_some() {
            low
        } else {
            let last = self.cells.len().saturating_sub(1);
            value
                .high
                .map_or(last, |b| self.cell(b.value, b.closed, false))
        };
        let cells = self.cells.get(low..=high).unwrap_or_default();
        cells
            .iter()
            .copied()
            .reduce(Outcomes::agree)
            .unwrap_or_default()
    }

    /// The cell in which values end at a bound, from above if it is their lower one.
    fn cell(&self, bound: Decimal, closed: bool, lower: bool) -> usize {
        for (i, limit) in self.limits.iter().enumerate() {
            match bound.cmp(limit) {
                std::cmp::Ordering::Less => return 2 * i,
                std::cmp::Ordering::Equal if closed => return 2 * i + 1,
                std::cmp::Ordering::Equal if lower => return 2 * i + 2,
                std::cmp::Ordering::Equal => return 2 * i,
                std::cmp::Ordering::Greater => {}
            }
        }
        2 * self.limits.len()
    }
}

/// Questions for medicines taken now.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    /// Each with its place.
    pub(crate) tests: Vec<(u32, Taking)>,
    /// What each medicine of the dictionary is, of what is asked for; made when first needed.
    pub(crate) fits: Vec<OnceLock<Outcomes>>,
}

impl Taken {
    fn new(dictionary: &Dictionary, asked: &[(u32, &Test)]) -> Self {
        let tests = asked.iter().filter_map(|(place, test)| match test {
            Test::Taking(taking) => Some((*place, taking.clone())),
            _ => None,
        });
        Self {
            tests: tests.collect(),
            fits: vec![OnceLock::new(); dictionary.medicines().count()],
        }
    }

    /// Whether it hangs on the dose of a medicine what it is.
    pub(crate) fn asks_dose(&self, medicine: MedicineId) -> bool {
        let of_dose = |(m, exception): &(_, Exception)| {
            *m == medicine && matches!(exception, Exception::Daily(_))
        };
        self.tests.iter().any(|(_, t)| t.except.iter().any(of_dose))
    }
}

/// What a question is put to, in the order of the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Put {
    Results(FactId),
    State(FactId),
    Taken,
    Alone,
}

impl Put {
    fn to(test: &Test, dictionary: &Dictionary) -> Self {
        let alone = |fact: FactId| {
            let fact = dictionary.fact(fact);
            let of_state = fact
                .parent
                .is_some_and(|p| matches!(dictionary.fact(p).kind, Kind::State | Kind::Event));
            of_state || fact.section == Section::Derived || fact.id == "indication"
        };
        match test {
            Test::Range { fact, .. } => Self::Results(*fact),
            Test::OneOf { fact, .. } if !alone(*fact) => Self::Results(*fact),
            Test::Present { fact, .. }
                if !alone(*fact) && dictionary.fact(*fact).members.is_empty() =>
            {
                Self::State(*fact)
            }
            Test::Taking(_) => Self::Taken,
            Test::OneOf { .. } | Test::Present { .. } | Test::When { .. } | Test::Treated(_) => {
                Self::Alone
            }
        }
    }
}

impl Document {
    /// Numbers its questions.
    pub(crate) fn number(&mut self, dictionary: &Dictionary) {
        let mut groups: BTreeMap<Put, Vec<(Leaf, bool)>> = BTreeMap::new();
        let mut placed: Vec<(Put, usize)> = Vec::new();
        self.each_leaf(&mut |leaf, population| {
            let put = Put::to(&leaf.test, dictionary);
            let population = population && leaf.asks_indication(dictionary);
            let group = groups.entry(put).or_default();
            let same = |(l, p): &(Leaf, bool)| *p == population && l.test.same(&leaf.test);
            let at = group.iter().position(same).unwrap_or_else(|| {
                group.push((leaf.clone(), population));
                group.len() - 1
            });
            placed.push((put, at));
        });
        let mut questions = Questions::default();
        let mut numbers: BTreeMap<(Put, usize), u16> = BTreeMap::new();
        let mut next = 0;
        for (put, group) in &groups {
            let together = if *put == Put::Alone { 1 } else { PLACES };
            for (chunk, part) in group.chunks(together).enumerate() {
                if next % PLACES + part.len() > PLACES {
                    next = next.next_multiple_of(PLACES);
                }
                let place = |i: usize| u32::try_from((next + i) % PLACES).unwrap_or_default();
                let asked: Vec<(u32, &Test)> = part
                    .iter()
                    .enumerate()
                    .map(|(i, (leaf, _))| (place(i), &leaf.test))
                    .collect();
                for i in 0..part.len() {
                    let number = u16::try_from(next + i).unwrap_or(Leaf::ALONE);
                    numbers.insert((*put, chunk * together + i), number);
                }
                let subject = match (put, part) {
                    (Put::Results(fact), _) => {
                        Subject::Results(*fact, Results::new(dictionary, *fact, &asked))
                    }
                    (Put::State(fact), _) => {
                        let wanted = |wanted: bool| {
                            let of = asked.iter().filter(|(_, t)| t.wants(wanted));
                            of.fold(0, |places, (place, _)| places | 1 << place)
                        };
                        Subject::State {
                            fact: *fact,
                            present: wanted(true),
                            absent: wanted(false),
                        }
                    }
                    (Put::Taken, _) => Subject::Taken(Taken::new(dictionary, &asked)),
                    (Put::Alone, [(leaf, population)]) => match &leaf.test {
                        Test::Treated(treated) => Subject::Treated(treated.clone(), place(0)),
                        _ => Subject::One(leaf.clone(), *population, place(0)),
                    },
                    (Put::Alone, _) => continue,
                };
                questions.columns.push(Column {
                    row: next / PLACES,
                    subject,
                });
                next += part.len();
            }
        }
        questions.rows = next.div_ceil(PLACES);
        self.questions = questions;
        let mut placed = placed.into_iter();
        self.each_leaf(&mut |leaf, _| {
            let number = placed.next().and_then(|p| numbers.get(&p));
            leaf.number = number.copied().unwrap_or(Leaf::ALONE);
        });
    }
}
