//! What a profile says, in words: the sheet beside the questions.

use std::collections::BTreeMap;

use super::Known;
use crate::checklist::Screening;
use crate::date::PartialDate;
use crate::dictionary::{Fact, Section, in_words};
use crate::library::Library;
use crate::outcome::Outcome;
use crate::profile::{Entry, Listed, Listing, Profile, Silence, Value};

/// What the profile says, part by part; a part without anything is left out.
pub(super) fn known(library: &Library, profile: &Profile, screening: &Screening) -> Vec<Known> {
    let age = screening.patient.age.as_ref().map(|a| format!("age {a}"));
    let mut about: Vec<String> = age.into_iter().collect();
    about.extend(facts(library, profile, Section::About));
    let mut plan = vec![planned(screening)];
    plan.extend(facts(library, profile, Section::Plan));
    let section = |section: Section| {
        let mut lines = facts(library, profile, section);
        add_silence(&mut lines, profile.silence(section));
        lines
    };
    let mut history = section(Section::History);
    history.extend(profile.also.iter().map(|text| format!("also: {text}")));
    let parts = [
        ("plan", plan),
        ("about", about),
        ("tests", tests(library, profile)),
        ("history", history),
        ("treatments", listing(&profile.treatments)),
        ("medicines", listing(&profile.medicines)),
        ("vaccines", section(Section::Vaccines)),
    ];
    let parts = parts.into_iter().filter(|(_, says)| !says.is_empty());
    parts.map(|(part, says)| Known { part, says }).collect()
}

fn planned(screening: &Screening) -> String {
    let plan = &screening.plan;
    let mut text = format!(
        "{} for {}",
        in_words(&plan.drug),
        in_words(&plan.indication)
    );
    if let Some(dose) = &plan.dose {
        text = format!("{text}, {dose}");
    }
    if let Some(start) = &plan.start {
        let start = PartialDate::parse(start).map_or_else(|_| start.clone(), |d| d.to_string());
        text = format!("{text}, start {start}");
    }
    format!("{text}; labels: {}", plan.labels.join(", "))
}

fn facts(library: &Library, profile: &Profile, section: Section) -> Vec<String> {
    // The plan says these in its first line.
    let said = ["drug", "indication", "dose", "start", "age"];
    let facts = library.dictionary().facts();
    let facts = facts.filter(|(_, f)| f.section == section && !said.contains(&f.id.as_str()));
    facts
        .filter_map(|(id, fact)| {
            let entries = profile.entries(id);
            let first = entries.first()?;
            let dates: Vec<String> = entries.iter().filter_map(dated).collect();
            let text = one(fact, first);
            Some(match first.value {
                Value::Present if !dates.is_empty() => format!("{text}: {}", dates.join(", ")),
                _ => text,
            })
        })
        .collect()
}

/// When something was, as files write it.
fn dated(entry: &Entry) -> Option<String> {
    let from = entry.date.map(|d| d.to_string());
    match (from, entry.until()) {
        (Some(from), Some(until)) => Some(format!("{from} until {until}")),
        (None, Some(until)) => Some(format!("until {until}")),
        (from, None) => from,
    }
}

fn one(fact: &Fact, entry: &Entry) -> String {
    match entry.value {
        Value::Present => fact.name.clone(),
        Value::Absent => format!("no {}", fact.name),
        Value::Quantity { .. } => format!("{} {}", fact.name, entry.given()),
        Value::Choice(_) | Value::Missing(_) => {
            format!("{}: {}", fact.name, in_words(entry.given()))
        }
    }
}

/// A line for each day, newest first.
fn tests(library: &Library, profile: &Profile) -> Vec<String> {
    let mut days: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let facts = library.dictionary().facts();
    for (id, fact) in facts.filter(|(_, f)| f.section == Section::Tests) {
        for entry in profile.entries(id) {
            let day = entry.date.map(|d| (d.first, d.to_string()));
            days.entry(day).or_default().push(one(fact, entry));
        }
    }
    let lines = days.into_iter().rev().map(|(day, results)| {
        let day = day.map_or_else(|| "undated".to_owned(), |(_, day)| day);
        format!("{day}: {}", results.join(", "))
    });
    lines.collect()
}

fn listing(listing: &Listing) -> Vec<String> {
    let line = |l: &Listed| {
        let name = in_words(&l.name);
        match l.present {
            Outcome::NotMet => format!("no {name}"),
            Outcome::Unknown => format!("{name}: {}", l.reason.words()),
            Outcome::Met if l.given == "yes" => name,
            // A part of a combination says of which.
            Outcome::Met => {
                let given = l.given.strip_suffix(", yes").unwrap_or(&l.given);
                format!("{name} {}", in_words(given))
            }
        }
    };
    let mut lines: Vec<String> = listing.listed.iter().map(line).collect();
    add_silence(&mut lines, listing.silence);
    lines
}

/// What it means that a part does not mention something.
fn add_silence(lines: &mut Vec<String>, silence: Silence) {
    let text = match silence {
        Silence::NotGiven => return,
        Silence::Denied if lines.is_empty() => "none, all was asked for and denied",
        Silence::Denied => "everything else asked for and denied",
        Silence::Unknown => "unknown",
    };
    lines.push(text.to_owned());
}
