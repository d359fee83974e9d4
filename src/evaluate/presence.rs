//! Whether states and events are present, and when: groups, attributes, denials, times.

use chrono::NaiveDate;

use super::{Ask, Judge, Pass, Read, Reply};
use crate::date::{PartialDate, Period};
use crate::dictionary::{FactId, Section};
use crate::library::Time;
use crate::outcome::{Outcome, Outcomes, Reason};
use crate::profile::{Entry, Silence, Value};

/// What one entry says of a state or event on the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Present,
    Ended,
    /// It is to come.
    Planned,
    Denied,
    Missing(Reason),
}

/// What a profile says of a state or event alone: without its groups and members.
#[derive(Debug)]
enum Standing<'s> {
    /// Its entries say so.
    Listed(Says),
    /// Silence denies it.
    Silent(&'static str),
    /// It is not possible.
    Impossible(Reply<'s>),
    NotGiven,
}

impl Standing<'_> {
    /// Whether it is present.
    fn outcome(&self) -> Outcome {
        match self {
            Self::Listed(Says::Present) => Outcome::Met,
            Self::Listed(Says::Missing(_)) | Self::NotGiven => Outcome::Unknown,
            Self::Listed(Says::Ended | Says::Planned | Says::Denied)
            | Self::Silent(_)
            | Self::Impossible(_) => Outcome::NotMet,
        }
    }
}

impl Judge<'_> {
    /// Whether a state or event is present.
    pub(crate) fn present(&self, id: FactId, pass: Pass) -> Reply<'_> {
        let fact = self.dictionary().fact(id);
        if fact.section == Section::Derived {
            return self.derived_state(id, pass);
        }
        if let Some(parent) = self.dictionary().state_of(fact) {
            return self.attribute(id, parent, pass, |judge, pass| judge.single(id, pass));
        }
        if fact.members.is_empty() {
            self.single(id, pass)
        } else {
            self.group(id, pass)
        }
    }

    /// Whether a state or event is known to be absent. An attribute of a denied state is neither present nor absent.
    pub(crate) fn absent(&self, id: FactId, pass: Pass) -> Reply<'_> {
        if let Some(parent) = self.dictionary().state_of(self.dictionary().fact(id)) {
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
    pub(super) fn attribute<'s>(
        &'s self,
        id: FactId,
        parent: FactId,
        pass: Pass,
        own: impl Fn(&'s Self, Pass) -> Reply<'s>,
    ) -> Reply<'s> {
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
            return Reply::unknown(of_parent.read, of_parent.open);
        }
        let mut answer = own(self, pass);
        if answer.outcome != Outcome::Unknown {
            answer.read.extend(of_parent.read);
        }
        answer
    }

    fn entry_says(&self, entry: &Entry) -> Says {
        let begins = entry.date.map(|d| d.first);
        match (entry.value, entry.until()) {
            (Value::Present, _) if begins.is_some_and(|first| first > self.as_of) => {
                if self.dictionary().fact(entry.fact).planned {
                    Says::Planned
                } else {
                    Says::Missing(Reason::Imprecise)
                }
            }
            (Value::Present, Some(until)) if until.last <= self.as_of => Says::Ended,
            (Value::Present, Some(until)) if until.first <= self.as_of => {
                Says::Missing(Reason::Imprecise)
            }
            (Value::Present | Value::Quantity { .. } | Value::Choice(_), _) => Says::Present,
            (Value::Absent, _) => Says::Denied,
            (Value::Missing(reason), _) => Says::Missing(reason),
        }
    }

    /// Whether a statement that may change was made too long ago, so that it counts for the second pass only.
    fn outdated(&self, id: FactId) -> bool {
        !self.fresh && self.dictionary().fact(id).changes
    }

    fn standing(&self, id: FactId, pass: Pass) -> Standing<'_> {
        // What is present stands before what is missing, and that before what denies.
        let rank = |says: &Says| match says {
            Says::Present => 0,
            Says::Missing(_) => 1,
            Says::Denied => 2,
            Says::Ended => 3,
            Says::Planned => 4,
        };
        let entries = self.profile.entries(id).iter().rev();
        if let Some(says) = entries.map(|e| self.entry_says(e)).min_by_key(rank) {
            return Standing::Listed(says);
        }
        if let Some(reply) = self.not_pregnant(id, pass) {
            return Standing::Impossible(reply);
        }
        self.silence(id)
            .map_or(Standing::NotGiven, Standing::Silent)
    }

    /// Whether a state or event is present, without its groups and members.
    pub(super) fn present_alone(&self, id: FactId, pass: Pass) -> Outcomes {
        let standing = self.standing(id, pass);
        let counts = pass.old || !self.outdated(id);
        if counts || matches!(standing, Standing::Impossible(_)) {
            standing.outcome().into()
        } else {
            Outcomes::UNKNOWN
        }
    }

    fn single(&self, id: FactId, pass: Pass) -> Reply<'_> {
        let standing = self.standing(id, pass);
        let outcome = standing.outcome();
        let stale = self.outdated(id);
        let read = match standing {
            Standing::Listed(Says::Missing(reason)) => {
                return Reply::unknown(Vec::new(), vec![Ask::Fact(id, reason)]);
            }
            Standing::NotGiven => {
                return Reply::unknown(Vec::new(), vec![Ask::Fact(id, Reason::NotGiven)]);
            }
            Standing::Impossible(reply) => return reply,
            Standing::Silent(how) => vec![Read::Denied {
                fact: id,
                how,
                stale,
            }],
            Standing::Listed(wanted) => {
                let entries = self.profile.entries(id).iter();
                let entries = entries.filter(|e| self.entry_says(e) == wanted);
                let read = entries.map(|entry| Read::Entry {
                    fact: id,
                    entry,
                    stale,
                });
                read.collect()
            }
        };
        if stale && !pass.old {
            return Reply::unknown(read, vec![Ask::Fact(id, Reason::OutOfDate)]);
        }
        Reply::known(outcome, read)
    }

    /// What denies a fact that is not listed: the blanket, or a group denied by name.
    fn silence(&self, id: FactId) -> Option<&'static str> {
        let fact = self.dictionary().fact(id);
        if fact.parent.is_some() {
            // A blanket speaks of states and events, not of what is to be said of one that is present.
            return None;
        }
        let says = |group: FactId, what: fn(&Value) -> bool| {
            let mut entries = self.profile.entries(group).iter();
            entries.any(|e| what(&e.value))
        };
        // Whatever else is said of it: a group that is present or not known denies none of its members.
        let open = |group: FactId| says(group, |v| matches!(v, Value::Present | Value::Missing(_)));
        let mut groups = fact.groups.iter();
        if groups.any(|g| says(*g, |v| *v == Value::Absent) && !open(*g)) {
            return Some("its group is denied");
        }
        let blanket = self.profile.silence(fact.section) == Silence::Denied && !fact.not_deniable;
        let open_group = fact.groups.iter().any(|g| open(*g));
        (blanket && !open_group).then_some("everything else denied")
    }

    /// A group is present if one member is, absent only if denied as a whole or member by member.
    fn group(&self, id: FactId, pass: Pass) -> Reply<'_> {
        let fact = self.dictionary().fact(id);
        let members: Vec<Reply<'_>> = fact
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
            return Reply::known(Outcome::Met, read);
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
            let listed: Vec<Read<'_>> = members
                .into_iter()
                .flat_map(|m| m.read)
                .filter(Read::is_listed)
                .collect();
            let read = if listed.is_empty() {
                vec![Read::denied(id)]
            } else {
                listed
            };
            return Reply::known(Outcome::NotMet, read);
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
            let stale = fact.changes && !self.fresh && self.silence_of_members(id);
            return Reply::unknown(
                read,
                vec![Ask::Fact(
                    id,
                    if stale {
                        Reason::OutOfDate
                    } else {
                        Reason::NotGiven
                    },
                )],
            );
        }
        Reply::unknown(read, open)
    }

    fn silence_of_members(&self, id: FactId) -> bool {
        self.dictionary()
            .fact(id)
            .members
            .iter()
            .all(|m| self.silence(*m).is_some())
    }

    /// Whether an event lies so in time. A group does if one member does, and does not only if every member is known not to.
    pub(crate) fn when(&self, id: FactId, time: Time, period: Period, pass: Pass) -> Reply<'_> {
        let fact = self.dictionary().fact(id);
        if fact.members.is_empty() {
            return self.when_alone(id, time, period, pass);
        }
        let listed = |id: FactId| !self.profile.entries(id).is_empty();
        // A group with dates of its own says when it happened; members add what is listed of them.
        let entries = self.profile.entries(id).iter();
        let says_when = entries.clone().any(|e| e.value == Value::Present);
        let mut answers = Vec::new();
        if listed(id) {
            answers.push((id, self.when_alone(id, time, period, pass)));
        }
        let members = fact.members.iter().filter(|m| !says_when || listed(**m));
        answers.extend(members.map(|m| (*m, self.when(*m, time, period, pass))));
        let reads = |wanted: Outcome| {
            let of_outcome = answers.iter().filter(move |(_, a)| a.outcome == wanted);
            of_outcome.flat_map(|(_, a)| a.read.clone())
        };
        let outcomes = answers.iter().map(|(_, a)| a.outcome);
        match outcomes.fold(Outcome::NotMet, Outcome::or) {
            Outcome::Met => Reply::known(Outcome::Met, reads(Outcome::Met).collect()),
            Outcome::NotMet => {
                let mut read: Vec<Read<'_>> = reads(Outcome::NotMet).collect();
                read.retain(Read::is_listed);
                if read.is_empty() {
                    read.push(Read::denied(id));
                }
                Reply::known(Outcome::NotMet, read)
            }
            Outcome::Unknown => {
                let unknown = answers
                    .iter()
                    .filter(|(m, a)| a.outcome == Outcome::Unknown && listed(*m));
                let mut open: Vec<_> = unknown.flat_map(|(_, a)| a.open.clone()).collect();
                if open.is_empty() {
                    open.push(Ask::Fact(id, Reason::NotGiven));
                }
                Reply::unknown(reads(Outcome::Unknown).collect(), open)
            }
        }
    }

    fn when_alone(&self, id: FactId, time: Time, period: Period, pass: Pass) -> Reply<'_> {
        let fact = self.dictionary().fact(id);
        let present = self.profile.entries(id).iter();
        let present = present.filter(|e| e.value == Value::Present);
        let undated = present.clone().any(|e| e.date.is_none());
        let read = |entry| Read::Entry {
            fact: id,
            entry,
            stale: false,
        };
        let dates = present.filter_map(|e| Some((e.date?, read(e))));
        let of_presence = match fact.parent {
            Some(parent) => self.attribute(id, parent, pass, |judge, pass| judge.single(id, pass)),
            None => self.single(id, pass),
        };
        let judged: Vec<(Outcome, Read<'_>)> = dates
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
                .map(|(_, e)| *e)
                .collect::<Vec<_>>()
        };
        if best == Outcome::Met {
            return Reply::known(Outcome::Met, read(Outcome::Met));
        }
        if best == Outcome::Unknown || undated {
            return Reply::unknown(read(Outcome::Unknown), vec![Ask::Date(id)]);
        }
        if judged.is_empty() || of_presence.outcome == Outcome::Unknown {
            return of_presence;
        }
        Reply::known(Outcome::NotMet, read(Outcome::NotMet))
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
                } else if date.last < start {
                    Outcome::NotMet
                } else {
                    Outcome::Unknown
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
}
