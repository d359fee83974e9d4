//! What a profile says, by fact.

use std::cmp::Ordering;
use std::sync::OnceLock;

use rust_decimal::Decimal;

use crate::date::PartialDate;
use crate::dictionary::FactId;
use crate::outcome::Reason;
use crate::quantity::{Interval, NANO_PLACES, nanos};

/// What a profile says. Evaluation mostly reads what is said in short; the entries tell the rest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entries {
    /// For each 64 facts what is said in short.
    short: Vec<Short>,
    /// For each fact the choice or the quantity, if that is what is said in short; else something old.
    numbers: Vec<i64>,
    /// In order: those of one fact follow each other, in an order that does not change with that of the file.
    list: Vec<Entry>,
    /// For each fact where its entries begin in the list, and how many there are.
    places: Vec<(u32, u32)>,
    /// Whether the list is still to be put in order.
    unordered: bool,
    /// Whether anything was said in short only.
    in_short: bool,
    /// Entries of what was said in short only, made when they are first asked for, in the order of the facts.
    made: OnceLock<Vec<Entry>>,
}

/// What can be said in short of a fact. Not so: what has a beginning or an end, several things, a
/// range, a number that nanos do not hold, that something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Present,
    Absent,
    /// A choice, by its number.
    Choice,
    /// A quantity, in nanos of its canonical unit.
    Quantity,
}

impl Said {
    const ALL: [Self; 4] = [Self::Present, Self::Absent, Self::Choice, Self::Quantity];
}

/// What is said of 64 facts, a bit for each.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Short {
    /// Those of which anything is said.
    pub(crate) any: u64,
    /// For each [`Said`] those of which that is all.
    said: [u64; 4],
}

impl Short {
    /// Those of which this is said, and nothing more.
    pub(crate) fn said(&self, said: Said) -> u64 {
        let [present, absent, choice, quantity] = self.said;
        match said {
            Said::Present => present,
            Said::Absent => absent,
            Said::Choice => choice,
            Said::Quantity => quantity,
        }
    }

    fn set(&mut self, said: Said, bit: u32) {
        if let Some(row) = self.said.get_mut(said as usize) {
            *row |= 1 << bit;
        }
    }
}

/// The word of a fact in what is said in short, and its place in it.
pub(crate) fn place(fact: FactId) -> (usize, u32) {
    (usize::from(fact.0 / 64), u32::from(fact.0 % 64))
}

impl Entries {
    /// Nothing said yet, with room for what may be said of some facts.
    pub(super) fn clear(&mut self, facts: usize) {
        self.short.clear();
        self.short.resize(facts.div_ceil(64), Short::default());
        self.numbers.resize(facts, 0);
        self.list.clear();
        self.places.clear();
        self.unordered = false;
        self.in_short = false;
        self.made.take();
    }

    /// Says something of a fact in short; a number is a choice, or a quantity in nanos.
    pub(super) fn say(&mut self, fact: FactId, said: Said, number: i64) {
        let (word, bit) = place(fact);
        if let Some(short) = self.short.get_mut(word)
            && let Some(of_fact) = self.numbers.get_mut(usize::from(fact.0))
        {
            if short.any >> bit & 1 == 1 {
                return self.push(Entry::said(fact, said, number));
            }
            *of_fact = number;
            short.any |= 1 << bit;
            short.set(said, bit);
            self.in_short = true;
        }
    }

    pub(super) fn push(&mut self, entry: Entry) {
        if let Some(before) = self.said_only_in_short(entry.fact) {
            self.add(before);
        }
        self.add(entry);
    }

    fn add(&mut self, entry: Entry) {
        let (word, bit) = place(entry.fact);
        let fact = usize::from(entry.fact.0);
        self.places.resize(self.numbers.len(), (0, 0));
        if let Some(short) = self.short.get_mut(word)
            && let Some(of_fact) = self.numbers.get_mut(fact)
            && let Some((start, count)) = self.places.get_mut(fact)
        {
            if short.any >> bit & 1 == 1 {
                short.said.iter_mut().for_each(|row| *row &= !(1 << bit));
            } else if let Some((said, number)) = entry.in_short() {
                *of_fact = number;
                short.set(said, bit);
            }
            short.any |= 1 << bit;
            if *count == 0 {
                *start = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
            } else {
                let last = self.list.last();
                let in_order = |last: &Entry| last.fact == entry.fact && last.order(&entry).is_le();
                self.unordered |= !last.is_some_and(in_order);
            }
            *count += 1;
        }
        self.list.push(entry);
    }

    /// Puts the list in order.
    pub(super) fn arrange(&mut self) {
        if self.unordered {
            self.list.sort_by(Entry::order);
            let mut before = None;
            for (i, entry) in (0..).zip(&self.list) {
                if before != Some(entry.fact)
                    && let Some((start, _)) = self.places.get_mut(usize::from(entry.fact.0))
                {
                    *start = i;
                }
                before = Some(entry.fact);
            }
            self.unordered = false;
        }
    }

    /// Those in the list: all that were written in a text.
    pub(super) fn listed(&self) -> std::slice::Iter<'_, Entry> {
        self.list.iter()
    }

    /// All, in the order of the facts.
    pub(super) fn all(&self) -> impl Iterator<Item = &Entry> {
        let facts = (0..).take(self.numbers.len());
        facts.flat_map(|fact| self.of(FactId(fact)))
    }

    /// Whether anything is said of a fact.
    pub(super) fn any(&self, fact: FactId) -> bool {
        let (word, bit) = place(fact);
        self.short.get(word).is_some_and(|s| s.any >> bit & 1 == 1)
    }

    #[inline]
    pub(super) fn of(&self, fact: FactId) -> &[Entry] {
        match self.places.get(usize::from(fact.0)) {
            Some((start, count)) if *count > 0 || !self.in_short => {
                let entries = *start as usize..*start as usize + *count as usize;
                self.list.get(entries).unwrap_or_default()
            }
            _ => self.made_of(fact),
        }
    }

    fn made_of(&self, fact: FactId) -> &[Entry] {
        if !self.any(fact) {
            return &[];
        }
        let facts = (0..).take(self.numbers.len()).map(FactId);
        let made = || facts.filter_map(|f| self.said_only_in_short(f)).collect();
        let made = self.made.get_or_init(made);
        let at = made.binary_search_by_key(&fact, |entry| entry.fact);
        at.map_or(&[], |at| made.get(at..=at).unwrap_or_default())
    }

    /// What is said of a fact in short, and nowhere else.
    fn said_only_in_short(&self, fact: FactId) -> Option<Entry> {
        let (word, bit) = place(fact);
        let short = self.short.get(word)?;
        let said = |said: &Said| short.said(*said) >> bit & 1 == 1;
        let said = Said::ALL.into_iter().find(said)?;
        let listed = self.places.get(usize::from(fact.0));
        if listed.is_some_and(|(_, count)| *count > 0) {
            return None;
        }
        let number = self.numbers.get(usize::from(fact.0))?;
        Some(Entry::said(fact, said, *number))
    }

    /// The choice, or the quantity in nanos, that is said of a fact in short.
    pub(super) fn number(&self, fact: FactId) -> Option<i64> {
        let (word, bit) = place(fact);
        let short = self.short.get(word)?;
        let is_number = short.said(Said::Choice) | short.said(Said::Quantity);
        let number = self.numbers.get(usize::from(fact.0));
        number.copied().filter(|_| is_number >> bit & 1 == 1)
    }

    pub(super) fn short(&self, word: usize) -> Short {
        self.short.get(word).copied().unwrap_or_default()
    }
}

/// One thing the profile says of one fact.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) fact: FactId,
    /// When it was found or happened; `None` is the day of the file.
    pub(crate) date: Option<PartialDate>,
    pub(crate) value: Value,
    /// Hardly possible: to be confirmed.
    pub(crate) unlikely: bool,
    /// Of what was written in a file; apart, since evaluation does not look at it.
    pub(super) written: Option<Box<Written>>,
}

/// How and where something is written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// The value as written.
    pub(super) given: String,
    /// Where it stands, in words that do not change with the order of the file.
    pub(super) path: String,
    /// When a state ended.
    pub(super) until: Option<PartialDate>,
    /// Where it stands in the text, in bytes.
    pub(super) at: u32,
    /// Which panel of the file it stands in; two panels of one day may disagree, one panel may not.
    pub(super) panel: usize,
}

impl Entry {
    pub(crate) fn given(&self) -> &str {
        self.written.as_ref().map_or("", |w| &w.given)
    }

    pub(crate) fn path(&self) -> &str {
        self.written.as_ref().map_or("", |w| &w.path)
    }

    /// Whether neither a beginning nor an end is known.
    pub(crate) fn is_timeless(&self) -> bool {
        self.date.is_none() && self.until().is_none()
    }

    pub(crate) fn until(&self) -> Option<PartialDate> {
        self.written.as_ref()?.until
    }

    fn order(&self, other: &Self) -> Ordering {
        let (date, of_other) = ((self.fact, self.date), (other.fact, other.date));
        let of_file = || (self.path(), self.given()).cmp(&(other.path(), other.given()));
        date.cmp(&of_other).then_with(of_file)
    }

    /// What it says in short, and the number if it is one.
    fn in_short(&self) -> Option<(Said, i64)> {
        let timeless = self.is_timeless();
        timeless.then(|| self.value.in_short()).flatten()
    }

    /// The entry that says what is said in short.
    fn said(fact: FactId, said: Said, number: i64) -> Self {
        let value = match said {
            Said::Present => Value::Present,
            Said::Absent => Value::Absent,
            Said::Choice => {
                u16::try_from(number).map_or(Value::Missing(Reason::NotGiven), Value::Choice)
            }
            Said::Quantity => Value::Quantity {
                value: Interval::point(Decimal::new(number, NANO_PLACES).normalize()),
                converted: false,
            },
        };
        Self::unwritten(fact, None, value)
    }

    /// What was said in memory.
    pub(super) fn unwritten(fact: FactId, date: Option<PartialDate>, value: Value) -> Self {
        Self {
            fact,
            date,
            value,
            unlikely: false,
            written: None,
        }
    }

    pub(super) fn at(&self) -> u32 {
        self.written.as_ref().map_or(0, |w| w.at)
    }

    pub(super) fn panel(&self) -> usize {
        self.written.as_ref().map_or(0, |w| w.panel)
    }
}

/// A value in its own kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Quantity { value: Interval, converted: bool },
    Choice(u16),
    Present,
    Absent,
    Missing(Reason),
}

impl Value {
    /// The quantity, if it is one.
    pub(crate) fn quantity(self) -> Option<Interval> {
        match self {
            Self::Quantity { value, .. } => Some(value),
            Self::Choice(_) | Self::Present | Self::Absent | Self::Missing(_) => None,
        }
    }

    /// What it says in short, and the number if it is one.
    #[inline]
    pub(super) fn in_short(self) -> Option<(Said, i64)> {
        match self {
            Self::Present => Some((Said::Present, 0)),
            Self::Absent => Some((Said::Absent, 0)),
            Self::Choice(choice) => Some((Said::Choice, i64::from(choice))),
            Self::Quantity { value, .. } => {
                let nanos = value.single().and_then(nanos)?;
                Some((Said::Quantity, nanos))
            }
            Self::Missing(_) => None,
        }
    }
}
