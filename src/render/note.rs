//! The checklist as a short note to paste into a record: at most ten ASCII lines for each label, exceptions only.

use std::fmt::Write as _;

use super::phrase::{
    all_found, cited, day, highest_dose, indication, level, name, not_judged, not_known, of,
    questions_needed, set_aside, tests_needed, together,
};
use crate::checklist::{Checklist, FindingOutcome, Screening};
use crate::library::Level;

/// Renders a note for each label of a screening, with an empty line between two.
pub fn note(screening: &Screening) -> String {
    let notes: Vec<String> = screening
        .checklists
        .iter()
        .map(|c| one(screening, c))
        .collect();
    notes.join("\n")
}

fn one(s: &Screening, c: &Checklist) -> String {
    let mut lines = vec![format!(
        "JAK INHIBITOR SCREEN {} ({} {}, run {})",
        day(&s.as_of),
        s.engine.name,
        s.engine.version,
        s.run
    )];
    let dose = s.plan.dose.as_deref().unwrap_or("(dose not given)");
    lines.push(format!(
        "{}: {} {dose} for {}; {} rev. {}, {}.",
        s.patient.id.as_deref().unwrap_or("No id given"),
        name(&s.plan.drug),
        name(&s.plan.indication),
        c.label.id,
        c.label.revision,
        c.label.reviewed
    ));
    let indication = indication(&c.eligibility)
        .map_or_else(String::new, |(_, text)| format!(" Indication: {text}."));
    let unjudged = not_judged(c).join("; ");
    let unjudged = if unjudged.is_empty() {
        String::new()
    } else {
        format!(" RECORDED AND NOT JUDGED: {unjudged}.")
    };
    lines.push(format!("{}{indication}{unjudged}", c.headline));
    let mut section = |title: &str, items: Vec<String>| {
        if !items.is_empty() {
            lines.push(format!("{title}: {}.", items.join("; ")));
        }
    };
    section("SET ASIDE by local rules", set_aside(c));
    section("BARRIERS", met(c, &[Level::Barrier]));
    let unknown = not_known(c).into_iter();
    let unknown = unknown
        .map(|(hazard, could, open)| format!("{hazard} ({}): {}", level(could), open.join(", ")));
    section("NOT KNOWN", unknown.collect());
    section("TO WEIGH", met(c, &[Level::Warning, Level::Caution]));
    let dose = met(c, &[Level::Dose]);
    let title = format!("DOSE{}", highest_dose(c).replacen(';', ",", 1));
    section(&title, dose);
    let (blood, other) = tests_needed(c);
    let asked = questions_needed(c).into_iter();
    let asked = asked.map(|q| format!("ask {q}"));
    section(
        "NEEDED",
        blood.into_iter().chain(other).chain(asked).collect(),
    );
    lines.push("Decision support only. Prescriber decision: ____________________".to_owned());
    lines.iter().map(|line| ascii(line) + "\n").collect()
}

/// What is met, findings that rest on the same together.
fn met(c: &Checklist, levels: &[Level]) -> Vec<String> {
    let met = of(c, FindingOutcome::Met, levels);
    let groups = together(&met).into_iter();
    let line = groups.filter_map(|group| {
        let first = group.first()?;
        let says: Vec<String> = group
            .iter()
            .map(|f| format!("{} {}", f.says, cited(&f.source)))
            .collect();
        Some(format!(
            "{}: {}",
            all_found(&first.because),
            says.join(", ")
        ))
    });
    line.collect()
}

/// The line in ASCII: letters without their marks, signs in words; what has no such form is written as its number.
fn ascii(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            ' '..='~' => out.push(c),
            '\u{2018}' | '\u{2019}' => out.push('\''),
            '\u{201c}' | '\u{201d}' => out.push('"'),
            '\u{2010}'..='\u{2015}' => out.push('-'),
            '\u{b5}' | '\u{3bc}' => out.push('u'),
            '\u{2264}' => out.push_str("<="),
            '\u{2265}' => out.push_str(">="),
            c if c.is_whitespace() => out.push(' '),
            c => {
                // Writing to a string cannot fail.
                let _ = write!(out, "(U+{:04X})", u32::from(c));
            }
        }
    }
    out
}
