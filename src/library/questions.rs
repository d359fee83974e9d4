//! The questions of a document, each once, numbered and grouped by what they are put to, so that one look at a fact answers
//! all that is asked of it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rust_decimal::Decimal;

use super::expression::{Exception, Leaf, Taking, Test, Treated};
use super::label::Document;
use crate::dictionary::{Dictionary, FactId, Kind, MedicineId, Section};
use crate::outcome::{Outcome, Outcomes};
use crate::profile::Value;
use crate::quantity::{Bound, Interval, nanos};

/// How many questions are answered at once.
const TOGETHER: usize = 64;

/// All questions of a document, by what they are put to. Questions that are answered together have numbers that follow each
/// other, within 64 that begin with a multiple of 64; here stands the first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Questions {
    /// How many numbers they take.
    count: usize,
    /// Those put to the results of a fact.
    pub(crate) results: Vec<(usize, FactId, Results)>,
    /// Those put to the medicines taken now.
    pub(crate) taken: Vec<(usize, OfMedicines<Taking>)>,
    /// Those put to earlier treatments.
    pub(crate) treated: Vec<(usize, OfMedicines<Treated>)>,
    /// All others, each with whether it stands in a `for`.
    pub(crate) others: Vec<(usize, Leaf, bool)>,
    /// Those put to states, which follow each other to the end.
    pub(crate) states: Vec<State>,
}

/// Whether a state or event is present, or absent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    pub(crate) fact: FactId,
    /// It is asked whether it is present; else whether it is absent.
    pub(crate) wanted: bool,
    /// The section in which "everything else: no" denies it, where nothing else says what its silence means.
    pub(crate) denied_in: Option<Section>,
    /// It may change: what is said of it goes out of date.
    pub(crate) changes: bool,
}

/// What each value of a fact answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Results {
    /// The limits of all ranges, in order.
    limits: Vec<Decimal>,
    /// The same in nanos, where all can be.
    nanos: Option<Vec<i64>>,
    /// The answers below the first limit, at it, between it and the next, and so on.
    cells: Vec<Outcomes>,
    /// The answers of each choice.
    choices: Vec<Outcomes>,
    /// Whether a value may also be computed from other facts.
    pub(crate) computed: bool,
    /// Whether a result goes out of date.
    pub(crate) ages: bool,
}

/// The outcomes of some questions, the first in the first place.
fn side_by_side(outcomes: impl Iterator<Item = Outcome>) -> Outcomes {
    let numbered = (0..TOGETHER).zip(outcomes);
    let in_place = numbered.map(|(place, outcome)| Outcomes::from(outcome).only(1 << place));
    in_place.fold(Outcomes::UNKNOWN, Outcomes::beside)
}

impl Results {
    fn new(dictionary: &Dictionary, fact: FactId, asked: &[&Test]) -> Self {
        let fact = dictionary.fact(fact);
        let ends = asked.iter().flat_map(|test| match test {
            Test::Range { range, .. } => [range.low, range.high],
            _ => [None, None],
        });
        let mut limits: Vec<Decimal> = ends.flatten().map(|b| b.value).collect();
        limits.sort_unstable();
        limits.dedup();
        let all =
            |says: &dyn Fn(&Test) -> Outcome| side_by_side(asked.iter().map(|test| says(test)));
        let within = |value: Interval| {
            all(&|test| match test {
                Test::Range { range, .. } => value.within(*range),
                _ => Outcome::Unknown,
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
        let words: &[String] = match &fact.kind {
            Kind::Choice { choices, .. } => choices,
            Kind::Quantity { .. } | Kind::Event | Kind::State => &[],
        };
        let indeterminate = fact.choice("indeterminate");
        let choices = (0..).zip(words).map(|(choice, _)| {
            all(&|test| match test {
                Test::OneOf { choices, .. } => Test::chosen(choice, choices, indeterminate),
                _ => Outcome::Unknown,
            })
        });
        Self {
            choices: choices.collect(),
            computed: fact.is_computed(),
            ages: fact.window.is_some(),
            nanos: limits.iter().map(|l| nanos(*l)).collect(),
            limits,
            cells,
        }
    }

    /// What a value answers.
    pub(crate) fn of(&self, value: &Value) -> Outcomes {
        match value {
            Value::Quantity { value, .. } => self.of_interval(value),
            Value::Choice(choice) => self
                .choices
                .get(usize::from(*choice))
                .copied()
                .unwrap_or_default(),
            Value::Present | Value::Absent | Value::Missing(_) => Outcomes::UNKNOWN,
        }
    }

    fn of_interval(&self, value: &Interval) -> Outcomes {
        if let Some(point) = value.single() {
            let cell = self.passed_by(point);
            return self.cells.get(cell).copied().unwrap_or_default();
        }
        let last = self.cells.len().saturating_sub(1);
        let low = value.low.map_or(0, |b| self.cell(b, true));
        let high = value.high.map_or(last, |b| self.cell(b, false));
        let cells = self.cells.get(low..=high).unwrap_or_default();
        let cells = cells.iter().copied();
        cells.reduce(Outcomes::agree).unwrap_or_default()
    }

    /// What a number answers: a choice, or a quantity in nanos. None if nanos do not hold the limits, or there is no such choice.
    pub(crate) fn of_number(&self, number: i64) -> Option<Outcomes> {
        if self.choices.is_empty() {
            let cell = passed(self.nanos.as_ref()?, &number);
            return self.cells.get(cell).copied();
        }
        let choice = usize::try_from(number).ok()?;
        self.choices.get(choice).copied()
    }

    /// The cell of a value.
    fn passed_by(&self, value: Decimal) -> usize {
        match (&self.nanos, nanos(value)) {
            (Some(limits), Some(nanos)) => passed(limits, &nanos),
            _ => passed(&self.limits, &value),
        }
    }

    /// The cell in which values end at a bound, from above if it is their lower one.
    fn cell(&self, bound: Bound, lower: bool) -> usize {
        let cell = self.passed_by(bound.value);
        match (bound.closed || cell.is_multiple_of(2), lower) {
            (true, _) => cell,
            (false, true) => cell + 1,
            (false, false) => cell - 1,
        }
    }
}

/// How far a value reaches: a limit that is passed counts two, one that is met one.
fn passed<T: PartialOrd>(limits: &[T], value: &T) -> usize {
    let passed = limits
        .iter()
        .map(|l| usize::from(value >= l) + usize::from(value > l));
    passed.sum()
}

/// Questions for medicines: for those taken now, or for those that were tried.
#[derive(Debug, Clone)]
pub(crate) struct OfMedicines<T> {
    pub(crate) tests: Vec<T>,
    /// Medicines of which the dose decides what they are.
    pub(crate) by_dose: Vec<MedicineId>,
    /// What each medicine of the dictionary is, of what is asked for; made when first needed.
    fits: Vec<OnceLock<Outcomes>>,
}

impl<T> OfMedicines<T> {
    fn new(dictionary: &Dictionary, tests: Vec<T>, by_dose: Vec<MedicineId>) -> Self {
        Self {
            tests,
            by_dose,
            fits: vec![OnceLock::new(); dictionary.medicines().count()],
        }
    }

    /// What a medicine is of all that is asked for; `one` says it for one question.
    pub(crate) fn fits(
        &self,
        medicine: Option<MedicineId>,
        one: impl Fn(&T) -> Outcome,
    ) -> Outcomes {
        let all = || side_by_side(self.tests.iter().map(one));
        match medicine.and_then(|id| self.fits.get(usize::from(id.0))) {
            Some(known) => *known.get_or_init(all),
            None => all(),
        }
    }
}

/// What a question is put to, in the order in which they are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Put {
    Results(FactId),
    Taken,
    Treated,
    Alone,
    State(FactId),
}

impl Put {
    fn to(test: &Test, dictionary: &Dictionary) -> Self {
        let alone = |fact: FactId| {
            let fact = dictionary.fact(fact);
            dictionary.state_of(fact).is_some()
                || fact.section == Section::Derived
                || fact.id == "indication"
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
            Test::Treated(_) => Self::Treated,
            Test::OneOf { .. } | Test::Present { .. } | Test::When { .. } => Self::Alone,
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
        let mut numbers: BTreeMap<(Put, usize), usize> = BTreeMap::new();
        for (put, group) in &groups {
            for (chunk, part) in group.chunks(TOGETHER).enumerate() {
                let together = !matches!(put, Put::State(_));
                if together && questions.count % TOGETHER + part.len() > TOGETHER {
                    questions.count = questions.count.next_multiple_of(TOGETHER);
                }
                let first = questions.count;
                for i in 0..part.len() {
                    numbers.insert((*put, chunk * TOGETHER + i), first + i);
                }
                questions.count += part.len();
                questions.put(dictionary, *put, first, part);
            }
        }
        self.questions = questions;
        let mut placed = placed.into_iter();
        self.each_leaf(&mut |leaf, _| {
            let number = placed.next().and_then(|p| numbers.get(&p));
            let number = number.and_then(|n| u16::try_from(*n).ok());
            leaf.number = number.unwrap_or(Leaf::ALONE);
        });
    }
}

impl Questions {
    /// The number of the first question to a state.
    pub(crate) fn first_state(&self) -> usize {
        self.count - self.states.len()
    }

    /// Adds questions that are put to one thing.
    fn put(&mut self, dictionary: &Dictionary, put: Put, first: usize, asked: &[(Leaf, bool)]) {
        let tests = asked.iter().map(|(leaf, _)| &leaf.test);
        match put {
            Put::Results(fact) => {
                let tests: Vec<&Test> = tests.collect();
                let results = Results::new(dictionary, fact, &tests);
                self.results.push((first, fact, results));
            }
            Put::State(fact) => {
                let of_fact = dictionary.fact(fact);
                self.states.extend(tests.map(|test| State {
                    fact,
                    wanted: !matches!(test, Test::Present { wanted: false, .. }),
                    denied_in: of_fact.denied_in(),
                    changes: of_fact.changes,
                }));
            }
            Put::Taken => {
                let tests = tests.filter_map(|test| match test {
                    Test::Taking(taking) => Some(taking.clone()),
                    _ => None,
                });
                let tests: Vec<Taking> = tests.collect();
                let exceptions = tests.iter().flat_map(|t| &t.except);
                let by_dose = exceptions.filter(|(_, e)| matches!(e, Exception::Daily(_)));
                let by_dose = by_dose.map(|(medicine, _)| *medicine).collect();
                self.taken
                    .push((first, OfMedicines::new(dictionary, tests, by_dose)));
            }
            Put::Treated => {
                let tests = tests.filter_map(|test| match test {
                    Test::Treated(treated) => Some(treated.clone()),
                    _ => None,
                });
                let of = OfMedicines::new(dictionary, tests.collect(), Vec::new());
                self.treated.push((first, of));
            }
            Put::Alone => {
                let others = (first..).zip(asked);
                let others = others.map(|(number, (leaf, p))| (number, leaf.clone(), *p));
                self.others.extend(others);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{Results, Test};
    use crate::library::{Library, RangeText};
    use crate::outcome::Outcomes;
    use crate::profile::Value;
    use crate::quantity::{Bound, Interval, nanos};

    /// What a value answers to several ranges at once is what each range says of it, also where a limit has more places than nanos.
    #[test]
    fn cells_are_ranges() {
        let library = Library::builtin();
        let fact = library.dictionary().find("hemoglobin").expect("a fact");
        for last_place in [1, 9, 10] {
            let limit = |tenths: i64, closed| {
                let value = Decimal::new(tenths, 1) + Decimal::new(1, last_place);
                Some(Bound { value, closed })
            };
            let ranges = [
                Interval {
                    low: None,
                    high: limit(80, false),
                },
                Interval {
                    low: limit(80, true),
                    high: limit(100, true),
                },
                Interval {
                    low: limit(100, false),
                    high: None,
                },
            ];
            let test = |range: &Interval| Test::Range {
                fact,
                range: *range,
                text: RangeText::default(),
            };
            let tests = ranges.each_ref().map(test);
            let results = Results::new(library.dictionary(), fact, &tests.each_ref());
            assert_eq!(results.nanos.is_some(), last_place < 10);
            for tenths in [0, 79, 80, 81, 99, 100, 101, 250] {
                for more in [0, 1, 2] {
                    let value = Decimal::new(tenths, 1) + Decimal::new(more, last_place);
                    let value = Interval::point(value);
                    let all = results.of(&Value::Quantity {
                        value,
                        converted: false,
                    });
                    for (place, range) in (0..).zip(&ranges) {
                        assert_eq!(all.at(place), value.within(*range), "{value:?} {range:?}");
                    }
                    let number = value.single().and_then(nanos);
                    let in_short = number.and_then(|n| results.of_number(n));
                    assert_eq!(in_short, Some(all).filter(|_| last_place < 10));
                    assert_eq!(all.only(!0b111), Outcomes::UNKNOWN);
                }
            }
        }
    }
}
