//! What a profile says of a fact on a day: the newest result, presence and denial, times.

use super::derive::Candidate;
use super::{Answer, Evidence, Judge, Open, Pass};
use crate::date::{PartialDate, Period};
use crate::dictionary::{FactId, Kind, Section, in_words};
use crate::outcome::{Outcome, Reason};
use crate::profile::{Entry, Silence, Value};
use crate::quantity::{Interval, plain};

/// A result that may be used.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) value: Value,
    pub(crate) date: PartialDate,
    pub(crate) stale: bool,
    pub(crate) evidence: Evidence,
}

/// The newest results of a fact, or why there is none.
#[derive(Debug, Clone)]
pub(crate) enum Known {
    Readings(Vec<Reading>),
    Unknown(Reason),
}

impl Judge<'_> {
    /// Whether a result of this date is certainly in date.
    pub(crate) fn in_date(&self, window: Option<Period>, date: PartialDate) -> bool {
        window.is_none_or(|w| date.first >= w.before(self.as_of))
    }

    /// Whether what the file says of changing things is still in date.
    pub(crate) fn statements_in_date(&self) -> bool {
        let day = self.file_day();
        day <= self.as_of
            && self.in_date(
                self.library.policy().window("statements"),
                PartialDate::day(day),
            )
    }

    /// The newest results on or before the day; several if none is certainly newer.
    pub(crate) fn readings(&self, id: FactId, pass: Pass) -> Known {
        let fact = self.dictionary().fact(id);
        let window = fact
            .window
            .as_ref()
            .and_then(|w| self.library.policy().window(w));
        let mut all: Vec<Reading> = Vec::new();
        let mut missing: Option<(PartialDate, Reason)> = None;
        for entry in self.profile.entries(id) {
            let date = entry
                .date
                .unwrap_or(PartialDate::day(self.file_day().min(self.as_of)));
            if date.first > self.as_of {
                continue;
            }
            let date = date.until(self.as_of);
            if let Value::Missing(reason) = entry.value {
                if missing.is_none_or(|(newest, _)| newest.last <= date.last) {
                    missing = Some((date, reason));
                }
                continue;
            }
            let stale = !self.in_date(window, date)
                || self.ended_by_exposure(fact.window.as_deref(), id, entry.value, date);
            let mut evidence = self.measured(id, entry);
            evidence.out_of_date = stale;
            all.push(Reading {
                value: entry.value,
                date,
                stale,
                evidence,
            });
        }
        if fact.any_positive
            && let Some(positive) = fact.choice("positive")
            && all.iter().any(|r| r.value == Value::Choice(positive))
        {
            // One positive stays true, however old.
            all.retain(|r| r.value == Value::Choice(positive));
            for reading in &mut all {
                reading.stale = false;
                reading.evidence.out_of_date = false;
            }
            return Known::Readings(newest(all));
        }
        let derived = self.derived(&fact.id, pass);
        let computed = derived
            .iter()
            .filter_map(|c| self.computed(id, c, window))
            .filter(|d| !all.iter().any(|m| ties(m.date, d.date)));
        let mut all: Vec<Reading> = computed
            .collect::<Vec<_>>()
            .into_iter()
            .chain(all)
            .collect();
        all = newest(all);
        // A newer derivation that lacks an input: the older result may accuse, not acquit.
        let hidden = derived
            .iter()
            .filter(|c| c.value.is_none())
            .any(|c| all.iter().all(|r| c.date.first > r.date.last));
        match (all.is_empty(), missing) {
            (true, Some((_, reason))) => Known::Unknown(reason),
            (true, None) => Known::Unknown(Reason::NotGiven),
            (false, _) if hidden && !pass.old => Known::Unknown(Reason::OutOfDate),
            (false, Some((date, Reason::Pending)))
                if all.iter().all(|r| r.stale && r.date.last <= date.last) && !pass.old =>
            {
                Known::Unknown(Reason::Pending)
            }
            (false, _) => Known::Readings(all),
        }
    }

    fn computed(
        &self,
        id: FactId,
        candidate: &Candidate,
        window: Option<Period>,
    ) -> Option<Reading> {
        let value = candidate.value?;
        let fact = self.dictionary().fact(id);
        let stale = !self.in_date(window, candidate.date);
        let evidence = Evidence {
            fact: fact.id.clone(),
            name: fact.name.clone(),
            value: self.show_quantity(id, value),
            given: None,
            date: candidate.dated.then(|| super::iso(candidate.date)),
            age_days: candidate
                .dated
                .then(|| (self.as_of - candidate.date.last).num_days()),
            path: candidate.path.clone(),
            how: Some(candidate.how.clone()),
            out_of_date: stale,
            unlikely: false,
        };
        Some(Reading {
            value: Value::Quantity {
                value,
                converted: false,
            },
            date: candidate.date,
            stale,
            evidence,
        })
    }

    /// What a measured entry says.
    pub(super) fn measured(&self, id: FactId, entry: &Entry) -> Evidence {
        let fact = self.dictionary().fact(id);
        let of_file = PartialDate::day(self.file_day().min(self.as_of));
        let dated = entry
            .date
            .or((fact.section == Section::Tests).then_some(of_file));
        let (value, given) = match entry.value {
            Value::Quantity { value, converted } => (
                self.show_quantity(id, value),
                converted.then(|| entry.given.clone()),
            ),
            Value::Choice(choice) => {
                let word = in_words(fact.word(choice));
                let given = entry
                    .given
                    .starts_with(|c: char| c.is_ascii_digit() || "<>≤≥".contains(c))
                    .then(|| entry.given.clone());
                (word, given)
            }
            Value::Present => ("yes".to_owned(), None),
            Value::Absent => ("no".to_owned(), None),
            Value::Missing(reason) => (reason.words().to_owned(), None),
        };
        let mut evidence = self.evidence(id, entry, value, given, dated);
        if let (
            Kind::Choice {
                measured: Some(m), ..
            },
            Some(_),
        ) = (&fact.kind, &evidence.given)
        {
            let unit = self.dictionary().unit_list(m.units).canonical();
            let from = m.positive.low;
            evidence.how = from.map(|low| {
                let word = if low.closed { "from" } else { "above" };
                format!("positive {word} {} {unit}", plain(low.value))
                    .trim_end()
                    .to_owned()
            });
        }
        evidence
    }

    /// A quantity with its canonical unit.
    pub(crate) fn show_quantity(&self, id: FactId, value: Interval) -> String {
        let unit = match &self.dictionary().fact(id).kind {
            Kind::Quantity { units, .. } => self.dictionary().unit_list(*units).canonical(),
            Kind::Choice { .. } | Kind::Event | Kind::State => "",
        };
        let number = match (value.exact(), value.low, value.high) {
            (Some(exact), ..) => plain(exact),
            (None, Some(low), None) => format!(
                "{} {}",
                if low.closed { "at least" } else { "above" },
                plain(low.value)
            ),
            (None, Some(low), Some(high)) if !low.value.is_zero() => {
                format!("{} to {}", plain(low.value), plain(high.value))
            }
            (None, _, Some(high)) => format!(
                "{} {}",
                if high.closed { "at most" } else { "below" },
                plain(high.value)
            ),
            (None, None, None) => String::new(),
        };
        if unit == "1" || unit.is_empty() {
            number
        } else {
            format!("{number} {unit}")
        }
    }

    /// Whether a quantity lies in a range.
    pub(crate) fn in_range(&self, id: FactId, range: Interval, pass: Pass) -> Answer {
        self.decide_readings(id, pass, |value| match value {
            Value::Quantity { value, .. } => value.within(range),
            Value::Choice(_) | Value::Present | Value::Absent | Value::Missing(_) => {
                Outcome::Unknown
            }
        })
    }

    /// Whether a value is one of some choices.
    pub(crate) fn one_of(&self, id: FactId, choices: &[usize], pass: Pass) -> Answer {
        let fact = self.dictionary().fact(id);
        if fact.id == "indication" {
            return self.indication(id, choices, pass);
        }
        if fact.section == Section::Derived {
            return self.derived_choice(id, choices, pass);
        }
        if let Some(parent) = fact.parent
            && matches!(
                self.dictionary().fact(parent).kind,
                Kind::State | Kind::Event
            )
        {
            return self.attribute(id, parent, pass, |judge, pass| {
                judge.plain_choice(id, choices, pass)
            });
        }
        self.plain_choice(id, choices, pass)
    }

    fn plain_choice(&self, id: FactId, choices: &[usize], pass: Pass) -> Answer {
        let indeterminate = self.dictionary().fact(id).choice("indeterminate");
        self.decide_readings(id, pass, |value| match value {
            Value::Choice(choice) if choices.contains(&choice) => Outcome::Met,
            Value::Choice(choice) if Some(choice) == indeterminate => Outcome::Unknown,
            Value::Choice(_) => Outcome::NotMet,
            Value::Quantity { .. } | Value::Present | Value::Absent | Value::Missing(_) => {
                Outcome::Unknown
            }
        })
    }

    fn indication(&self, id: FactId, choices: &[usize], pass: Pass) -> Answer {
        let planned = self
            .dictionary()
            .fact(id)
            .choice(&self.profile.plan.indication);
        let met =
            planned.is_some_and(|p| choices.contains(&p)) || (self.off_label && pass.population);
        Answer::known(Outcome::of(met), Vec::new())
    }

    /// What to ask for where a value is missing: where it can be computed and only statements lack for that, those; no new sample.
    fn asked(&self, id: FactId, reason: Reason, pass: Pass) -> Vec<Open> {
        let fact = self.dictionary().fact(id);
        if reason != Reason::NotGiven {
            return vec![self.open(id, reason)];
        }
        let lacks = |input: &&FactId| {
            let readings = self.readings(**input, pass);
            !matches!(readings, Known::Readings(r) if r.iter().all(|r| !r.stale))
        };
        let lacking: Vec<FactId> = fact.from.iter().filter(lacks).copied().collect();
        let statement = |input: &FactId| self.dictionary().fact(*input).sample.is_none();
        if lacking.is_empty() || !lacking.iter().all(statement) {
            return vec![self.open(id, reason)];
        }
        lacking
            .iter()
            .map(|input| self.open(*input, reason))
            .collect()
    }

    /// All readings must agree: met if all meet it, not met if none does.
    fn decide_readings(&self, id: FactId, pass: Pass, test: impl Fn(Value) -> Outcome) -> Answer {
        let readings = match self.readings(id, pass) {
            Known::Readings(readings) => readings,
            Known::Unknown(reason) => {
                return Answer::unknown(Vec::new(), self.asked(id, reason, pass));
            }
        };
        let outcomes: Vec<Outcome> = readings
            .iter()
            .map(|r| {
                if r.stale && !pass.old {
                    Outcome::Unknown
                } else {
                    test(r.value)
                }
            })
            .collect();
        let all = outcomes.iter().copied().fold(Outcome::Met, Outcome::and);
        let any = outcomes.iter().copied().fold(Outcome::NotMet, Outcome::or);
        let stale = !pass.old && readings.iter().any(|r| r.stale);
        let read: Vec<Evidence> = readings.into_iter().map(|r| r.evidence).collect();
        if all == any && all != Outcome::Unknown {
            return Answer::known(all, read);
        }
        let indeterminate = self.dictionary().fact(id).choice("indeterminate").is_some();
        let reason = if stale {
            Reason::OutOfDate
        } else if all != any {
            Reason::Conflicting
        } else if indeterminate {
            Reason::Indeterminate
        } else {
            Reason::Imprecise
        };
        Answer::unknown(read, vec![self.open(id, reason)])
    }

    /// A negative TB test says nothing after a later exposure, or after one whose date is not known.
    fn ended_by_exposure(
        &self,
        window: Option<&str>,
        id: FactId,
        value: Value,
        date: PartialDate,
    ) -> bool {
        let negative = self
            .dictionary()
            .fact(id)
            .choice("negative")
            .map(Value::Choice);
        if window != Some("tuberculosis") || Some(value) != negative {
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
                .until
                .or(entry.date)
                .is_none_or(|d| d.last > date.first && d.first <= self.as_of),
            Value::Missing(_) => true,
            Value::Absent | Value::Quantity { .. } | Value::Choice(_) => false,
        }
    }
}

/// The readings of which none other is certainly newer.
fn newest(readings: Vec<Reading>) -> Vec<Reading> {
    let latest = readings.iter().map(|r| r.date.first).max();
    let mut newest: Vec<Reading> = readings
        .into_iter()
        .filter(|r| latest.is_some_and(|l| r.date.last >= l))
        .collect();
    newest.sort_by(|a, b| a.evidence.cmp(&b.evidence));
    newest.dedup_by(|a, b| a.evidence == b.evidence);
    newest
}

fn ties(a: PartialDate, b: PartialDate) -> bool {
    a.first <= b.last && b.first <= a.last
}
