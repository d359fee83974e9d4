//! Values as a profile writes them: yes and no, words, quantities, dates, attributes.

use super::{Entry, Profile, Reader, Value, Written, absence};
use crate::date::PartialDate;
use crate::decode::{self, did_you_mean, fields, items, normal};
use crate::diagnostic::{Code, Collector};
use crate::dictionary::{Fact, FactId, Kind, Measured, Section};
use crate::outcome::Outcome;
use crate::quantity::{self, Interval};
use crate::text::{Kind as NodeKind, Node};

/// Where and when a value stands.
struct Place<'p> {
    date: Option<PartialDate>,
    panel: usize,
    path: &'p str,
}

impl Reader<'_> {
    /// Reads what a profile says of one fact.
    pub(super) fn value(
        &self,
        id: FactId,
        node: &Node<'_>,
        (date, panel): (Option<PartialDate>, usize),
        path: &str,
        profile: &mut Profile,
        out: &mut Collector<'_>,
    ) {
        let place = Place { date, panel, path };
        let fact = self.dictionary.fact(id);
        match &node.kind {
            NodeKind::Empty => {
                let help = Some("write the value, or why there is none: not_done, not_asked, pending, declined, unknown".to_owned());
                out.error(
                    Code::EmptyValue,
                    node.span,
                    format!("{} is empty", fact.id),
                    help,
                );
            }
            NodeKind::Map(_) => self.attributes(id, node, &place, profile, out),
            NodeKind::List(list) => {
                if fact.kind == Kind::Event && !list.is_empty() {
                    list.iter()
                        .for_each(|n| self.scalar(id, n, &place, profile, out));
                } else {
                    out.error(
                        Code::WrongShape,
                        node.span,
                        format!("{} takes one value here", fact.id),
                        Some("only events may be a list of dates".to_owned()),
                    );
                }
            }
            NodeKind::Scalar { .. } => self.scalar(id, node, &place, profile, out),
        }
    }

    fn scalar(
        &self,
        id: FactId,
        node: &Node<'_>,
        place: &Place<'_>,
        profile: &mut Profile,
        out: &mut Collector<'_>,
    ) {
        let fact = self.dictionary.fact(id);
        let Some(text) = decode::text(node, &fact.id, out) else {
            return;
        };
        let mut entry = Self::entry(id, fact, text, node, place);
        if let Some(reason) = absence(text) {
            entry.value = Value::Missing(reason);
        } else {
            let value = match &fact.kind {
                Kind::Quantity { .. } => {
                    self.quantity(fact, node, text, out)
                        .map(|(value, unlikely)| {
                            entry.unlikely = unlikely;
                            value
                        })
                }
                Kind::Choice { measured, .. } => {
                    self.choice(fact, measured.as_ref(), node, text, out)
                }
                Kind::Event | Kind::State => presence(fact, node, text, &mut entry, out),
            };
            let Some(value) = value else { return };
            let found = entry.date.filter(|_| place.date.is_none());
            if let (Kind::Event | Kind::State, Some(date)) = (&fact.kind, found) {
                to_come(fact, date, node, profile, out);
            }
            entry.value = value;
        }
        profile.entries.push(entry);
    }

    fn entry(id: FactId, fact: &Fact, given: &str, node: &Node<'_>, place: &Place<'_>) -> Entry {
        Entry {
            fact: id,
            date: place.date,
            value: Value::Present,
            unlikely: false,
            written: Some(Box::new(Written {
                given: given.to_owned(),
                path: format!("{} {}", place.path, fact.id),
                until: None,
                at: node.span.start,
                panel: place.panel,
            })),
        }
    }

    /// A mapping: the fact's own value (or its mere presence) and its attributes.
    fn attributes(
        &self,
        id: FactId,
        node: &Node<'_>,
        place: &Place<'_>,
        profile: &mut Profile,
        out: &mut Collector<'_>,
    ) {
        let fact = self.dictionary.fact(id);
        let stands = matches!(fact.kind, Kind::Event | Kind::State);
        if !stands && fact.attributes.is_empty() {
            out.error(
                Code::WrongShape,
                node.span,
                format!("{} takes one value", fact.id),
                Some("write the value itself".to_owned()),
            );
            return;
        }
        let mut entry = Self::entry(id, fact, "yes", node, place);
        let mut dates = Vec::new();
        let fields = fields(node, &fact.id, out).unwrap_or_default();
        if fields.is_empty() {
            decode::empty(node, &fact.id, out);
        }
        for field in fields {
            let key = normal(field.key);
            let time = matches!(key.as_str(), "since" | "until" | "date" | "dates" | "when");
            if stands && time {
                if items(field.value).is_empty() {
                    decode::empty(field.value, field.key, out);
                }
                let found: Vec<PartialDate> = items(field.value)
                    .into_iter()
                    .filter_map(|n| {
                        let date = date(n, out)?;
                        to_come(fact, date, n, profile, out);
                        Some(date)
                    })
                    .collect();
                if key == "until" {
                    if let Some(written) = &mut entry.written {
                        written.until = found.first().copied();
                    }
                } else {
                    dates.extend(found);
                }
            } else if fact.value_key.as_deref() == Some(key.as_str()) {
                self.scalar(id, field.value, place, profile, out);
            } else if let Some(attribute) = self.dictionary.attribute(id, &key) {
                self.value(attribute, field.value, (None, 0), place.path, profile, out);
            } else {
                let mut names: Vec<&str> = fact
                    .attributes
                    .iter()
                    .filter_map(|a| self.dictionary.fact(*a).id.rsplit('.').next())
                    .collect();
                names.extend(fact.value_key.as_deref());
                if stands {
                    names.extend(["since", "until", "date"]);
                }
                let help = did_you_mean(&key, names.iter().copied())
                    .unwrap_or_else(|| format!("known keys: {}", names.join(", ")));
                out.error(
                    Code::UnknownKey,
                    field.at,
                    format!("unknown key `{}` in {}", decode::shown(field.key), fact.id),
                    help,
                );
            }
        }
        if !stands {
            return;
        }
        if dates.is_empty() {
            profile.entries.push(entry);
        } else {
            for date in dates {
                profile.entries.push(Entry {
                    date: Some(date),
                    ..entry.clone()
                });
            }
        }
    }

    /// A quantity in its canonical unit, and whether it is unlikely.
    fn quantity(
        &self,
        fact: &Fact,
        node: &Node<'_>,
        text: &str,
        out: &mut Collector<'_>,
    ) -> Option<(Value, bool)> {
        let Kind::Quantity {
            units,
            possible,
            likely,
        } = &fact.kind
        else {
            return None;
        };
        let (value, converted) = self.convert(fact, *units, *possible, node, text, out)?;
        let unlikely = likely.is_some_and(|range| value.within(range) == Outcome::NotMet);
        if unlikely {
            out.warning(
                Code::UnlikelyValue,
                node.span,
                format!("{} is hardly possible; it is read as written", fact.id),
                Some("confirm the value and its unit".to_owned()),
            );
        }
        Some((Value::Quantity { value, converted }, unlikely))
    }

    fn convert(
        &self,
        fact: &Fact,
        units: usize,
        possible: Interval,
        node: &Node<'_>,
        text: &str,
        out: &mut Collector<'_>,
    ) -> Option<(Interval, bool)> {
        let list = self.dictionary.unit_list(units);
        let written = match quantity::parse(text) {
            Ok(written) => written,
            Err((code, help)) => {
                out.error(
                    code,
                    node.span,
                    format!("{} is not a quantity", fact.id),
                    Some(help.to_owned()),
                );
                return None;
            }
        };
        let converted = match list.convert(&written) {
            Ok(converted) => converted,
            Err((code, help)) => {
                let message = if code == Code::MissingUnit {
                    format!("{} has no unit", fact.id)
                } else {
                    format!("not a unit of {}", fact.id)
                };
                out.error(code, node.span, message, help);
                return None;
            }
        };
        if converted.value.within(possible) == Outcome::NotMet
            || (written.comparator.is_none() && converted.value.within(possible) != Outcome::Met)
        {
            let fit = list.units_that_fit(written.number, possible);
            let help = match fit.as_slice() {
                [] => format!(
                    "values in {} from {} to {} are read",
                    list.canonical(),
                    ends(possible).0,
                    ends(possible).1
                ),
                units => format!(
                    "did you mean another unit: {}? The value was not changed for you",
                    units.join(", ")
                ),
            };
            out.error(
                Code::ImpossibleValue,
                node.span,
                format!("{} cannot have this value in this unit", fact.id),
                help,
            );
            return None;
        }
        Some((converted.value, converted.converted))
    }

    fn choice(
        &self,
        fact: &Fact,
        measured: Option<&Measured>,
        node: &Node<'_>,
        text: &str,
        out: &mut Collector<'_>,
    ) -> Option<Value> {
        let word = normal(text);
        let synonym = if fact.choice("positive").is_some() {
            let found = RESULTS.iter().find(|(w, _)| *w == word);
            found.map(|(_, result)| *result)
        } else {
            None
        };
        if let Some(choice) = fact.choice(synonym.unwrap_or(&word)) {
            return Some(Value::Choice(choice));
        }
        if let Some(measured) = measured
            && text.starts_with(|c: char| c.is_ascii_digit() || "<>≤≥".contains(c))
        {
            let (value, _) =
                self.convert(fact, measured.units, measured.possible, node, text, out)?;
            let word = match value.within(measured.positive) {
                Outcome::Met => "positive",
                Outcome::NotMet => "negative",
                Outcome::Unknown => "indeterminate",
            };
            return fact.choice(word).map(Value::Choice);
        }
        let Kind::Choice { choices, .. } = &fact.kind else {
            return None;
        };
        let help = did_you_mean(&word, choices.iter().map(String::as_str)).unwrap_or_else(|| {
            format!(
                "write one of: {}; or not_done, not_asked, pending, declined, unknown",
                choices.join(", ")
            )
        });
        out.error(
            Code::UnknownWord,
            node.span,
            format!("not a value of {}", fact.id),
            help,
        );
        None
    }
}

/// Words of laboratories for positive and negative. Whole words only: "non-reactive" contains "reactive".
pub(crate) const RESULTS: [(&str, &str); 16] = [
    ("pos", "positive"),
    ("reactive", "positive"),
    ("detected", "positive"),
    ("present", "positive"),
    ("+", "positive"),
    ("neg", "negative"),
    ("non_reactive", "negative"),
    ("nonreactive", "negative"),
    ("not_detected", "negative"),
    ("undetected", "negative"),
    ("undetectable", "negative"),
    ("absent", "negative"),
    ("borderline", "indeterminate"),
    ("equivocal", "indeterminate"),
    ("invalid", "indeterminate"),
    ("inconclusive", "indeterminate"),
];

fn presence(
    fact: &Fact,
    node: &Node<'_>,
    text: &str,
    entry: &mut Entry,
    out: &mut Collector<'_>,
) -> Option<Value> {
    match text.to_lowercase().as_str() {
        "yes" | "true" => Some(Value::Present),
        "no" | "none" | "false" => Some(Value::Absent),
        "never" if fact.section == Section::History => Some(Value::Absent),
        _ => match PartialDate::parse(text) {
            Ok(date) => {
                entry.date = Some(date);
                Some(Value::Present)
            }
            Err((code, help)) => {
                let (code, help) =
                    if code == Code::BadDate && !text.starts_with(|c: char| c.is_ascii_digit()) {
                        let help = decode::short_for(text)
                            .unwrap_or("write yes, no, a date, or not_asked, declined, unknown");
                        (Code::UnknownWord, help.to_owned())
                    } else {
                        (code, help.to_owned())
                    };
                out.error(code, node.span, format!("not a value of {}", fact.id), help);
                None
            }
        },
    }
}

/// A date after the day of the file is a slip, unless the event can be planned.
fn to_come(
    fact: &Fact,
    date: PartialDate,
    node: &Node<'_>,
    profile: &Profile,
    out: &mut Collector<'_>,
) {
    if !fact.planned && profile.as_of.is_some_and(|day| date.first > day) {
        let message = format!("{} lies after the day of the file", fact.id);
        let help = "correct the date, or `as_of`".to_owned();
        out.error(Code::ImpossibleValue, node.span, message, help);
    }
}

fn date(node: &Node<'_>, out: &mut Collector<'_>) -> Option<PartialDate> {
    let text = decode::text(node, "a date", out)?;
    PartialDate::parse(text)
        .map_err(|(code, help)| out.error(code, node.span, "not a date", Some(help.to_owned())))
        .ok()
}

fn ends(range: Interval) -> (String, String) {
    let show = |bound: Option<quantity::Bound>| {
        bound.map_or_else(String::new, |b| quantity::plain(b.value))
    };
    (show(range.low), show(range.high))
}
