//! What a profile says of a fact on a day: the newest result, presence and denial, times.

use super::words::Read;
use super::{Ask, Judge, Pass, Reply};
use crate::date::{PartialDate, Period};
use crate::dictionary::{FactId, Section};
use crate::library::Test;
use crate::outcome::{Outcome, Outcomes, Reason};
use crate::profile::{Entry, Silence, Value};
use crate::quantity::Interval;

/// A result that may be used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'s> {
    pub(crate) value: Value,
    pub(crate) date: PartialDate,
    pub(crate) stale: bool,
    pub(crate) read: Read<'s>,
}

impl Judge<'_> {
    pub(crate) fn id(&self, name: &str) -> Option<FactId> {
        self.dictionary().find(name)
    }

    /// When a result was found; none for one of a later day.
    fn found_on(&self, entry: &Entry) -> Option<PartialDate> {
        let Some(date) = entry.date else {
            return Some(PartialDate::day(self.file_day().min(self.as_of)));
        };
        (date.first <= self.as_of).then(|| date.until(self.as_of))
    }

    /// Whether a result is older than policy allows, or was ended by an exposure. Where one positive counts for ever, it stays
    /// true, however old.
    fn is_stale(&self, id: FactId, value: Value, date: PartialDate) -> bool {
        let window = self.library.window(id);
        if window.is_none() {
            return false;
        }
        let fact = self.dictionary().fact(id);
        let positive = || fact.choice("positive").map(Value::Choice) == Some(value);
        if fact.any_positive && positive() {
            return false;
        }
        !self.in_date(window, date)
            || self.ended_by_exposure(fact.window.as_deref(), id, value, date)
    }

    /// Whether a result, if there is no other, is one that counts; `ages` if results of its fact go out of date.
    pub(super) fn is_newest(&self, entry: &Entry, ages: bool) -> bool {
        let given = !matches!(entry.value, Value::Missing(_));
        if !ages {
            return given && entry.date.is_none_or(|d| d.first <= self.as_of);
        }
        let in_date = |date| !self.is_stale(entry.fact, entry.value, date);
        given && self.found_on(entry).is_some_and(in_date)
    }

    /// Whether the profile has something from which a value of a fact could be computed. May say yes where it has not.
    pub(super) fn may_be_computed(&self, id: FactId) -> bool {
        let from = &self.dictionary().fact(id).from;
        if from.is_empty() {
            return self.profile.born.is_some() || self.file_day() < self.as_of;
        }
        from.iter().any(|f| self.profile.mentions(*f))
    }

    /// Whether a result of this date is certainly in date.
    pub(crate) fn in_date(&self, window: Option<&Period>, date: PartialDate) -> bool {
        window.is_none_or(|w| date.first >= w.before(self.as_of))
    }

    /// The newest results on or before the day; several if none is certainly newer. If there is none, why.
    pub(crate) fn readings<'s>(
        &'s self,
        id: FactId,
        pass: Pass,
        all: &mut Vec<Reading<'s>>,
    ) -> Option<Reason> {
        all.clear();
        let fact = self.dictionary().fact(id);
        let mut missing: Option<(PartialDate, Reason)> = None;
        for entry in self.profile.entries(id) {
            let Some(date) = self.found_on(entry) else {
                continue;
            };
            if let Value::Missing(reason) = entry.value {
                if missing.is_none_or(|(newest, _)| newest.last <= date.last) {
                    missing = Some((date, reason));
                }
                continue;
            }
            let stale = self.is_stale(id, entry.value, date);
            all.push(Reading {
                value: entry.value,
                date,
                stale,
                read: Read::Entry {
                    fact: id,
                    entry,
                    stale,
                },
            });
        }
        if fact.any_positive
            && let Some(positive) = fact.choice("positive").map(Value::Choice)
            && all.iter().any(|r| r.value == positive)
        {
            all.retain(|r| r.value == positive);
            newest(all);
            return None;
        }
        let derived = if fact.is_computed() {
            self.derived(&fact.id, pass)
        } else {
            Vec::new()
        };
        let measured = all.len();
        for candidate in &derived {
            let Some(value) = candidate.value else {
                continue;
            };
            let of_the_day = |m: &Reading<'_>| ties(m.date, candidate.date);
            if all.iter().take(measured).any(of_the_day) {
                continue;
            }
            let stale = !self.in_date(self.library.window(id), candidate.date);
            all.push(Reading {
                value: Value::Quantity {
                    value,
                    converted: false,
                },
                date: candidate.date,
                stale,
                read: Read::Computed {
                    fact: id,
                    value,
                    date: candidate.date,
                    from: candidate.from,
                    stale,
                },
            });
        }
        newest(all);
        // A newer derivation that lacks an input: the older result may accuse, not acquit.
        let hidden = derived
            .iter()
            .filter(|c| c.value.is_none())
            .any(|c| all.iter().all(|r| c.date.first > r.date.last));
        match (all.is_empty(), missing) {
            (true, Some((_, reason))) => Some(reason),
            (true, None) => Some(Reason::NotGiven),
            (false, _) if hidden && !pass.old => Some(Reason::OutOfDate),
            (false, Some((date, Reason::Pending)))
                if !pass.old && all.iter().all(|r| r.stale && r.date.last <= date.last) =>
            {
                Some(Reason::Pending)
            }
            (false, _) => None,
        }
    }

    /// Whether a quantity lies in a range.
    pub(crate) fn in_range(&self, id: FactId, range: Interval, pass: Pass) -> Reply<'_> {
        self.decide_readings(id, pass, |value| match value {
            Value::Quantity { value, .. } => value.within(range),
            Value::Choice(_) | Value::Present | Value::Absent | Value::Missing(_) => {
                Outcome::Unknown
            }
        })
    }

    /// Whether a value is one of some choices.
    pub(crate) fn one_of(&self, id: FactId, choices: &[u16], pass: Pass) -> Reply<'_> {
        let fact = self.dictionary().fact(id);
        if fact.id == "indication" {
            return self.indication(id, choices, pass);
        }
        if fact.section == Section::Derived {
            return self.derived_choice(id, choices, pass);
        }
        if let Some(parent) = self.dictionary().state_of(fact) {
            return self.attribute(id, parent, pass, |judge, pass| {
                judge.plain_choice(id, choices, pass)
            });
        }
        self.plain_choice(id, choices, pass)
    }

    fn plain_choice(&self, id: FactId, choices: &[u16], pass: Pass) -> Reply<'_> {
        let indeterminate = self.dictionary().fact(id).choice("indeterminate");
        self.decide_readings(id, pass, |value| match value {
            Value::Choice(choice) => Test::chosen(choice, choices, indeterminate),
            Value::Quantity { .. } | Value::Present | Value::Absent | Value::Missing(_) => {
                Outcome::Unknown
            }
        })
    }

    fn indication(&self, id: FactId, choices: &[u16], pass: Pass) -> Reply<'_> {
        let planned = self
            .dictionary()
            .fact(id)
            .choice(&self.profile.plan.indication);
        let met =
            planned.is_some_and(|p| choices.contains(&p)) || (self.off_label && pass.population);
        Reply::known(Outcome::of(met), Vec::new())
    }

    /// Whether a result is, or may be hidden by, one that is out of date, awaited or lacking. May say yes where none is.
    pub(super) fn has_old_results(&self) -> bool {
        let tests = self.dictionary().facts();
        let mut said =
            tests.filter(|(id, fact)| fact.section == Section::Tests && self.profile.mentions(*id));
        said.any(|(id, _)| {
            self.profile.entries(id).iter().any(|e| {
                let date = e.date.unwrap_or(PartialDate::day(self.file_day()));
                matches!(e.value, Value::Missing(_)) || self.is_stale(id, e.value, date)
            })
        })
    }

    /// What to ask for where a value is missing: where it can be computed and only statements lack for that, those; no new sample.
    fn asked(&self, id: FactId, reason: Reason, pass: Pass) -> Vec<Ask<'_>> {
        let fact = self.dictionary().fact(id);
        if reason != Reason::NotGiven {
            return vec![Ask::Fact(id, reason)];
        }
        let mut readings = Vec::new();
        let mut lacks = |input: &FactId| {
            self.readings(*input, pass, &mut readings).is_some() || readings.iter().any(|r| r.stale)
        };
        let mut lacking = fact.from.clone();
        lacking.retain(&mut lacks);
        let statement = |input: &FactId| self.dictionary().fact(*input).sample.is_none();
        if lacking.is_empty() || !lacking.iter().all(statement) {
            return vec![Ask::Fact(id, reason)];
        }
        lacking.iter().map(|i| Ask::Fact(*i, reason)).collect()
    }

    /// What readings say together: met if all meet it, not met if none does.
    pub(super) fn together(
        readings: &[Reading<'_>],
        pass: Pass,
        test: impl Fn(Value) -> Outcomes,
    ) -> Outcomes {
        let usable = |r: &Reading<'_>| !r.stale || pass.old;
        let says = |r: &Reading<'_>| {
            if usable(r) {
                test(r.value)
            } else {
                Outcomes::UNKNOWN
            }
        };
        let says = readings.iter().map(says);
        says.reduce(Outcomes::agree).unwrap_or_default()
    }

    fn decide_readings(
        &self,
        id: FactId,
        pass: Pass,
        test: impl Fn(Value) -> Outcome,
    ) -> Reply<'_> {
        let mut readings = Vec::new();
        if let Some(reason) = self.readings(id, pass, &mut readings) {
            return Reply::unknown(Vec::new(), self.asked(id, reason, pass));
        }
        let outcome = Self::together(&readings, pass, |v| test(v).into()).at(0);
        let read = readings.iter().map(|r| r.read).collect();
        if outcome != Outcome::Unknown {
            return Reply::known(outcome, read);
        }
        let first = readings.first().map(|r| test(r.value));
        let reason = if !pass.old && readings.iter().any(|r| r.stale) {
            Reason::OutOfDate
        } else if readings.iter().any(|r| Some(test(r.value)) != first) {
            Reason::Conflicting
        } else if self.dictionary().fact(id).choice("indeterminate").is_some() {
            Reason::Indeterminate
        } else {
            Reason::Imprecise
        };
        Reply::unknown(read, vec![Ask::Fact(id, reason)])
    }

    /// A negative TB test says nothing after a later exposure, or after one whose date is not known.
    fn ended_by_exposure(
        &self,
        window: Option<&str>,
        id: FactId,
        value: Value,
        date: PartialDate,
    ) -> bool {
        let negative = || self.dictionary().fact(id).choice("negative");
        if window != Some("tuberculosis") || Some(value) != negative().map(Value::Choice) {
            return false;
        }
        self.exposures().any(|fact| {
            let entries = self.profile.entries(fact);
            let section_unknown =
                self.profile.silence(self.dictionary().fact(fact).section) == Silence::Unknown;
            section_unknown || entries.iter().any(|e| self.may_be_after(e, date))
        })
    }

    /// Contact with tuberculosis, and stays where it is common.
    pub(super) fn exposures(&self) -> impl Iterator<Item = FactId> {
        ["tb_exposure", "tb_endemic_stay"]
            .into_iter()
            .filter_map(|name| self.dictionary().find(name))
    }

    fn may_be_after(&self, entry: &Entry, date: PartialDate) -> bool {
        match entry.value {
            Value::Present => entry
                .until()
                .or(entry.date)
                .is_none_or(|d| d.last > date.first && d.first <= self.as_of),
            Value::Missing(_) => true,
            Value::Absent | Value::Quantity { .. } | Value::Choice(_) => false,
        }
    }
}

/// Leaves the readings of which none other is certainly newer.
fn newest(readings: &mut Vec<Reading<'_>>) {
    if readings.len() > 1 {
        let latest = readings.iter().map(|r| r.date.first).max();
        readings.retain(|r| latest.is_some_and(|l| r.date.last >= l));
    }
}

fn ties(a: PartialDate, b: PartialDate) -> bool {
    a.first <= b.last && b.first <= a.last
}
