//! What a profile says of a fact on a day: the newest result, presence and denial, times.

use chrono::NaiveDate;

use super::derive::Candidate;
use super::{Answer, Evidence, Judge, Pass};
use crate::date::{PartialDate, Period};
use crate::dictionary::{FactId, Kind, Section};
use crate::library::Time;
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
    fn measured(&self, id: FactId, entry: &Entry) -> Evidence {
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
                let word = fact.word(choice).replace('_', " ");
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
        self.evidence(id, entry, value, given, dated)
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

    /// All readings must agree: met if all meet it, not met if none does.
    fn decide_readings(&self, id: FactId, pass: Pass, test: impl Fn(Value) -> Outcome) -> Answer {
        let readings = match self.readings(id, pass) {
            Known::Readings(readings) => readings,
            Known::Unknown(reason) => {
                return Answer::unknown(Vec::new(), vec![self.open(id, reason)]);
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

    /// Whether a state or event is present.
    pub(crate) fn present(&self, id: FactId, pass: Pass) -> Answer {
        let fact = self.dictionary().fact(id);
        if fact.section == Section::Derived {
            return self.derived_state(id, pass);
        }
        if let Some(parent) = fact.parent
            && matches!(
                self.dictionary().fact(parent).kind,
                Kind::State | Kind::Event
            )
        {
            return self.attribute(id, parent, pass, |judge, pass| judge.single(id, pass));
        }
        if fact.members.is_empty() {
            self.single(id, pass)
        } else {
            self.group(id, pass)
        }
    }

    /// Whether a state or event is known to be absent. An attribute of a denied state is neither present nor absent.
    pub(crate) fn absent(&self, id: FactId, pass: Pass) -> Answer {
        if let Some(parent) = self.dictionary().fact(id).parent
            && matches!(
                self.dictionary().fact(parent).kind,
                Kind::State | Kind::Event
            )
        {
            let of_parent = self.present(parent, pass);
            if of_parent.outcome == Outcome::NotMet {
                return of_parent;
            }
        }
        let mut answer = self.present(id, pass);
        answer.outcome = answer.outcome.not();
        answer
    }

    /// An attribute: of a denied state not met, of an unqualified one unknown.
    fn attribute(
        &self,
        id: FactId,
        parent: FactId,
        pass: Pass,
        own: impl Fn(&Self, Pass) -> Answer,
    ) -> Answer {
        let of_parent = self.present(parent, pass);
        if of_parent.outcome == Outcome::NotMet {
            return of_parent;
        }
        let given = !self.profile.entries(id).is_empty();
        if !given
            && of_parent.outcome == Outcome::Unknown
            && !self.dictionary().fact(parent).not_deniable
        {
            return of_parent;
        }
        if given && of_parent.outcome == Outcome::Unknown {
            // The state itself is out of date.
            return Answer::unknown(of_parent.read, of_parent.open);
        }
        let mut answer = own(self, pass);
        if answer.outcome != Outcome::Unknown {
            answer.read.extend(of_parent.read);
        }
        answer
    }

    fn single(&self, id: FactId, pass: Pass) -> Answer {
        let fact = self.dictionary().fact(id);
        let stale = fact.changes && !self.statements_in_date();
        let settle = |outcome: Outcome, mut read: Vec<Evidence>| {
            if stale {
                read.iter_mut().for_each(|e| e.out_of_date = true);
                if !pass.old {
                    return Answer::unknown(read, vec![self.open(id, Reason::OutOfDate)]);
                }
            }
            Answer::known(outcome, read)
        };
        let mut present = Vec::new();
        let mut ended = Vec::new();
        let mut planned = Vec::new();
        let mut denied = Vec::new();
        let mut missing = None;
        for entry in self.profile.entries(id) {
            let read = self.measured(id, entry);
            match entry.value {
                Value::Present if entry.date.is_some_and(|d| d.first > self.as_of) => {
                    if fact.planned {
                        planned.push(read);
                    } else {
                        missing = Some(Reason::Imprecise);
                    }
                }
                Value::Present if entry.until.is_some_and(|d| d.last <= self.as_of) => {
                    ended.push(read);
                }
                Value::Present if entry.until.is_some_and(|d| d.first <= self.as_of) => {
                    missing = Some(Reason::Imprecise);
                }
                Value::Present | Value::Quantity { .. } | Value::Choice(_) => present.push(read),
                Value::Absent => denied.push(read),
                Value::Missing(reason) => missing = Some(reason),
            }
        }
        if !present.is_empty() {
            return settle(Outcome::Met, present);
        }
        if let Some(reason) = missing {
            return Answer::unknown(Vec::new(), vec![self.open(id, reason)]);
        }
        for read in [denied, ended, planned] {
            if !read.is_empty() {
                return settle(Outcome::NotMet, read);
            }
        }
        if let Some(answer) = self.not_pregnant(id, pass) {
            return answer;
        }
        match self.silence(id) {
            Some(how) => settle(Outcome::NotMet, vec![self.denial(id, how)]),
            None => Answer::unknown(Vec::new(), vec![self.open(id, Reason::NotGiven)]),
        }
    }

    /// What denies a fact that is not listed: the blanket, or a group denied by name.
    fn silence(&self, id: FactId) -> Option<&'static str> {
        let fact = self.dictionary().fact(id);
        if fact.parent.is_some() {
            // A blanket speaks of states and events, not of what is to be said of one that is present.
            return None;
        }
        let of_group = |group: FactId| self.profile.entries(group).iter().map(|e| e.value).next();
        if fact
            .groups
            .iter()
            .any(|g| of_group(*g) == Some(Value::Absent))
        {
            return Some("its group is denied");
        }
        let blanket = self.profile.silence(fact.section) == Silence::Denied && !fact.not_deniable;
        let open_group = fact
            .groups
            .iter()
            .any(|g| matches!(of_group(*g), Some(Value::Present | Value::Missing(_))));
        (blanket && !open_group).then_some("everything else denied")
    }

    /// A group is present if one member is, absent only if denied as a whole or member by member.
    fn group(&self, id: FactId, pass: Pass) -> Answer {
        let fact = self.dictionary().fact(id);
        let members: Vec<Answer> = fact
            .members
            .iter()
            .map(|m| self.present(*m, pass))
            .collect();
        if members.iter().any(|m| m.outcome == Outcome::Met) {
            let read = members
                .into_iter()
                .filter(|m| m.outcome == Outcome::Met)
                .flat_map(|m| m.read)
                .collect();
            return Answer::known(Outcome::Met, read);
        }
        if !self.profile.entries(id).is_empty() {
            let own = self.single(id, pass);
            let unknown_member = members.iter().any(|m| m.outcome == Outcome::Unknown);
            // A group denied by name denies its members, unless one is listed as unknown.
            if own.outcome != Outcome::NotMet || !unknown_member {
                return own;
            }
        }
        if members.iter().all(|m| m.outcome == Outcome::NotMet) {
            let listed: Vec<Evidence> = members
                .into_iter()
                .flat_map(|m| m.read)
                .filter(|e| e.how.is_none())
                .collect();
            let read = if listed.is_empty() {
                vec![self.denial(id, "everything else denied")]
            } else {
                listed
            };
            return Answer::known(Outcome::NotMet, read);
        }
        let listed = fact.members.iter().zip(&members).filter(|(m, a)| {
            a.outcome == Outcome::Unknown && !self.profile.entries(**m).is_empty()
        });
        let open: Vec<_> = listed.flat_map(|(_, a)| a.open.clone()).collect();
        let read = members
            .into_iter()
            .filter(|m| m.outcome == Outcome::Unknown)
            .flat_map(|m| m.read)
            .collect();
        if open.is_empty() {
            let stale = fact.changes && !self.statements_in_date() && self.silence_of_members(id);
            return Answer::unknown(
                read,
                vec![self.open(
                    id,
                    if stale {
                        Reason::OutOfDate
                    } else {
                        Reason::NotGiven
                    },
                )],
            );
        }
        Answer::unknown(read, open)
    }

    fn silence_of_members(&self, id: FactId) -> bool {
        self.dictionary()
            .fact(id)
            .members
            .iter()
            .all(|m| self.silence(*m).is_some())
    }

    /// Every date of an event, its members' dates included, and whether some occurrence has none.
    fn dates(&self, id: FactId, dates: &mut Vec<(PartialDate, Evidence)>, undated: &mut bool) {
        for entry in self
            .profile
            .entries(id)
            .iter()
            .filter(|e| e.value == Value::Present)
        {
            match entry.date {
                Some(date) => dates.push((date, self.measured(id, entry))),
                None => *undated = true,
            }
        }
        for member in &self.dictionary().fact(id).members {
            self.dates(*member, dates, undated);
        }
    }

    /// Whether an event lies so in time.
    pub(crate) fn when(&self, id: FactId, time: Time, period: Period, pass: Pass) -> Answer {
        let fact = self.dictionary().fact(id);
        let mut dates = Vec::new();
        let mut undated = false;
        self.dates(id, &mut dates, &mut undated);
        let mut of_presence = if fact.parent.is_none() {
            self.present(id, pass)
        } else {
            self.date_attribute(id, pass)
        };
        let judged: Vec<(Outcome, Evidence)> = dates
            .into_iter()
            .map(|(d, e)| (self.lies(d, time, period), e))
            .collect();
        let best = judged
            .iter()
            .map(|(o, _)| *o)
            .fold(Outcome::NotMet, Outcome::or);
        let read = |wanted: Outcome| {
            judged
                .iter()
                .filter(|(o, _)| *o == wanted)
                .map(|(_, e)| e.clone())
                .collect::<Vec<_>>()
        };
        if best == Outcome::Met {
            return Answer::known(Outcome::Met, read(Outcome::Met));
        }
        if best == Outcome::Unknown || undated {
            let mut open = self.open(id, Reason::Imprecise);
            open.name = format!("date of {}", fact.name);
            return Answer::unknown(read(Outcome::Unknown), vec![open]);
        }
        if judged.is_empty() || of_presence.outcome == Outcome::Unknown {
            return of_presence;
        }
        of_presence.read = read(Outcome::NotMet);
        Answer::known(Outcome::NotMet, of_presence.read)
    }

    /// Presence of a date that is an attribute (the start of a treatment).
    fn date_attribute(&self, id: FactId, pass: Pass) -> Answer {
        match self.dictionary().fact(id).parent {
            Some(parent) => self.attribute(id, parent, pass, |judge, pass| judge.single(id, pass)),
            None => self.single(id, pass),
        }
    }

    fn lies(&self, date: PartialDate, time: Time, period: Period) -> Outcome {
        let inside = |from: NaiveDate, to: NaiveDate| {
            if date.first >= from && date.last <= to {
                Outcome::Met
            } else if date.last < from || date.first > to {
                Outcome::NotMet
            } else {
                Outcome::Unknown
            }
        };
        let start = period.before(self.as_of);
        match time {
            Time::Within if date.first > self.as_of => Outcome::NotMet,
            Time::Within => {
                let date = date.until(self.as_of);
                if date.first >= start {
                    Outcome::Met
                } else {
                    Outcome::of(false).or(if date.last < start {
                        Outcome::NotMet
                    } else {
                        Outcome::Unknown
                    })
                }
            }
            Time::LongerAgoThan => inside(NaiveDate::MIN, start.pred_opt().unwrap_or(start)),
            Time::InNext => {
                let from = self.as_of.succ_opt().unwrap_or(self.as_of);
                inside(
                    from,
                    period.after(
                        self.profile
                            .plan
                            .start
                            .unwrap_or(self.as_of)
                            .max(self.as_of),
                    ),
                )
            }
        }
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
