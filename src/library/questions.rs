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
use crate::quantity::{Bound, Interval};

/// How many questions are answered at once.
const TOGETHER: usize = 64;

/// All questions of a document, by what they are put to. Questions that are answered together have numbers that follow each
/// other, within 64 that begin with a multiple of 64; here stands the first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Questions {
    /// How many numbers they take.
    pub(crate) count: usize,
    /// Those put to the results of a fact.
    pub(crate) results: Vec<(usize, FactId, Results)>,
    pub(crate) states: Vec<(usize, State)>,
    /// Those put to the medicines taken now.
    pub(crate) taken: Vec<(usize, OfMedicines<Taking>)>,
    /// Those put to earlier treatments.
    pub(crate) treated: Vec<(usize, OfMedicines<Treated>)>,
    /// All others, each with whether it stands in a `for`.
    pub(crate) others: Vec<(usize, Leaf, bool)>,
}

/// A state or event: the places of the questions that ask whether it is present, and whether it is absent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    pub(crate) fact: FactId,
    pub(crate) present: u64,
    pub(crate) absent: u64,
    /// The section in which "everything else: no" denies it, where nothing else says what its silence means.
    pub(crate) denied_in: Option<Section>,
}

/// What each value of a fact answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Results {
    /// The limits of all ranges, in order.
    limits: Vec<Limit>,
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

/// A limit of a range, ready to be compared.
#[derive(Debug, Clone, Copy)]
struct Limit {
    value: Decimal,
    mantissa: i64,
    power: i64,
}

/// Powers of ten that leave room beside the digits of most values.
const POWERS: [i64; 10] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
];

/// The digits of a value and the power of ten they are divided by, of all that is not very long or negative.
fn digits(value: Decimal) -> Option<(i64, i64)> {
    let value = value.unpack();
    let power = POWERS.get(value.scale as usize)?;
    let long = value.negative || value.hi != 0;
    let digits = u64::from(value.mid) << 32 | u64::from(value.lo);
    let digits = i64::try_from(digits).ok().filter(|_| !long)?;
    Some((digits, *power))
}

impl Limit {
    fn new(value: Decimal) -> Self {
        // What is too long has no power, and is compared as it is.
        let (mantissa, power) = digits(value).unwrap_or_default();
        Self {
            value,
            mantissa,
            power,
        }
    }

    /// 0 for a value below it, 1 for the limit itself, 2 for one above; exact.
    fn passed_by(&self, value: Decimal, digits: Option<(i64, i64)>) -> u8 {
        let ordering = match digits {
            Some((mantissa, power)) if self.power != 0 => {
                let here = i128::from(mantissa) * i128::from(self.power);
                here.cmp(&(i128::from(self.mantissa) * i128::from(power)))
            }
            _ => value.cmp(&self.value),
        };
        (ordering as i8 + 1).unsigned_abs()
    }
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
            limits: limits.into_iter().map(Limit::new).collect(),
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

    /// The cell of a value: a limit that is passed is two cells behind, one that is met is one.
    fn passed_by(&self, value: Decimal) -> usize {
        let digits = digits(value);
        let passed = self.limits.iter().map(|l| l.passed_by(value, digits));
        passed.map(usize::from).sum()
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
    State(FactId),
    Taken,
    Treated,
    Alone,
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
                if questions.count % TOGETHER + part.len() > TOGETHER {
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
                let places = |wanted| {
                    let asked = (0..TOGETHER).zip(tests.clone());
                    let asked = asked.filter(|(_, t)| t.wants(wanted));
                    asked.fold(0, |places, (place, _)| places | 1 << place)
                };
                let state = State {
                    fact,
                    present: places(true),
                    absent: places(false),
                    denied_in: dictionary.fact(fact).denied_in(),
                };
                self.states.push((first, state));
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
