//! The checklist for a screen reader: one sentence on a line, no columns, no symbols.

use super::phrase::{
    all_found, day, differences, dose_unchecked, level, name, not_judged, not_known, of, of_label,
    policy_changes, questions_needed, set_aside, tests_needed, when,
};
use crate::checklist::{Checklist, Conclusion, FindingOutcome, Screening, SourceRef};
use crate::dictionary::Seen;
use crate::library::Level;
use crate::outcome::Outcome;

/// Renders a screening in plain sentences.
pub fn plain(screening: &Screening) -> String {
    let s = screening;
    let mut lines =
        vec!["JAK inhibitor pre-treatment screen, for review by a prescriber.".to_owned()];
    lines.push(format!(
        "Patient: {}.",
        s.patient.id.as_deref().unwrap_or("no id given")
    ));
    lines.push(format!(
        "Plan: {} {} for {}.",
        name(&s.plan.drug),
        s.plan.dose.as_deref().unwrap_or("with no dose given"),
        name(&s.plan.indication)
    ));
    lines.push(format!("As of {}.", day(&s.as_of)));
    lines.extend(
        s.diagnostics
            .iter()
            .map(|n| format!("Note: {}, in {}.", n.message, n.path)),
    );
    if s.checklists.len() > 1 {
        for (hazard, cells) in differences(&s.checklists) {
            let labels = s.checklists.iter().map(|c| &c.label.id);
            let cells: Vec<String> = labels
                .zip(cells)
                .map(|(l, (word, says))| {
                    format!("{l} {} {says}", word.to_lowercase())
                        .trim()
                        .to_owned()
                })
                .collect();
            lines.push(format!(
                "The labels differ on {hazard}: {}.",
                cells.join("; ")
            ));
        }
    }
    for checklist in &s.checklists {
        one(checklist, &mut lines);
    }
    lines.push(format!(
        "Made by {} {}, run {}.",
        s.engine.name, s.engine.version, s.run
    ));
    lines.push("Time limits of results are local policy.".to_owned());
    let local = s.library.local.iter();
    lines.extend(local.map(|file| format!("Local rules: {file}.")));
    let changes = policy_changes(s).into_iter();
    lines.extend(changes.map(|change| format!("Local policy: {change}.")));
    let lines: Vec<String> = lines.iter().map(|l| spoken(l)).collect();
    lines.join("\n") + "\n"
}

fn one(c: &Checklist, lines: &mut Vec<String>) {
    lines.push(format!(
        "Label {}: {}, revision {}; {}.",
        c.label.id, c.label.title, c.label.revision, c.label.reviewed
    ));
    let word = match c.conclusion {
        Conclusion::Barrier => "Barrier",
        Conclusion::Incomplete => "Incomplete",
        Conclusion::Weigh => "To weigh",
        Conclusion::NoFlags => "No flags",
    };
    let headline = c.headline.trim_start_matches("Incomplete: ");
    lines.push(format!("Conclusion: {word}. {headline}"));
    match c.eligibility.outcome {
        Outcome::Met => lines.push("The patient is one the label's indication means.".to_owned()),
        Outcome::NotMet => lines.push(format!(
            "The label's indication does not fit: {}.",
            c.eligibility.lacks.join("; ")
        )),
        Outcome::Unknown => {
            let open: Vec<&str> = c.eligibility.open.iter().map(|o| o.name.as_str()).collect();
            lines.push(format!(
                "Not known whether the label's indication fits: {}.",
                open.join(", ")
            ));
        }
    }
    let barriers = of(c, FindingOutcome::Met, &[Level::Barrier]);
    for (i, f) in barriers.iter().enumerate() {
        lines.push(format!(
            "Barrier {} of {}, {}. {}. {}: {}{}.",
            i + 1,
            barriers.len(),
            f.hazard_name,
            all_found(&f.because),
            place(&f.source),
            f.says,
            limit(&f.limit_for)
        ));
        if let Some(clears) = &f.clears {
            lines.push(format!("It clears: {clears}."));
        }
    }
    let unknown = not_known(c);
    for (i, (hazard, could, open)) in unknown.iter().enumerate() {
        lines.push(format!(
            "Not known {} of {}, {hazard}, could add a {}: {}.",
            i + 1,
            unknown.len(),
            level(*could).to_lowercase(),
            open.join("; ")
        ));
    }
    for f in of(c, FindingOutcome::Met, &[Level::Warning, Level::Caution]) {
        let word = if f.level == Level::Warning {
            "Warning"
        } else {
            "Caution"
        };
        lines.push(format!(
            "{word}, {}. {}. {}: {}{}.",
            f.hazard_name,
            all_found(&f.because),
            place(&f.source),
            f.says,
            limit(&f.limit_for)
        ));
        lines.extend(
            f.alternative
                .iter()
                .map(|a| format!("Documented, no suitable alternative: {a}.")),
        );
    }
    for f in of(c, FindingOutcome::Met, &[Level::Dose]) {
        let followed = if f.followed == Some(true) {
            "The planned dose follows this."
        } else {
            "The planned dose does not follow this, or is not given."
        };
        lines.push(format!(
            "Dose: {}. {}. {}. {followed}",
            f.says,
            all_found(&f.because),
            place(&f.source)
        ));
    }
    let unjudged = not_judged(c).into_iter();
    lines.extend(
        unjudged.map(|result| {
            format!("Recorded and not judged, no finding here rests on it: {result}.")
        }),
    );
    lines.extend(dose_unchecked(c).map(|dose| format!("Dose: {dose}.")));
    let aside = set_aside(c).into_iter();
    lines.extend(aside.map(|line| format!("Set aside by local rules, not counted: {line}.")));
    to_do(c, lines);
}

fn to_do(c: &Checklist, lines: &mut Vec<String>) {
    let (blood, other) = tests_needed(c);
    lines.extend(
        blood
            .iter()
            .map(|b| format!("Still needed, blood draw, {b}.")),
    );
    lines.extend(
        other
            .iter()
            .map(|t| format!("Still needed, other test: {t}.")),
    );
    lines.extend(
        questions_needed(c)
            .iter()
            .map(|q| format!("Still to ask: {q}.")),
    );
    lines.extend(
        c.advice
            .iter()
            .map(|a| format!("Before the first dose: {}. {}.", a.says, place(&a.source))),
    );
    let standing = [Level::Barrier, Level::Warning, Level::Caution, Level::Dose];
    for f in of(c, FindingOutcome::Note, &standing) {
        lines.push(format!("All patients: {}. {}.", f.says, place(&f.source)));
    }
    for m in &c.monitoring {
        let when = when(m).map_or_else(String::new, |w| format!(", {w}"));
        let then = if m.then.is_empty() {
            String::new()
        } else {
            format!(", {}", m.then)
        };
        lines.push(format!(
            "After the start: {}{when}{then}. {}.",
            m.what,
            place(&m.source)
        ));
    }
    let count = |o: FindingOutcome| c.findings.iter().filter(|f| f.outcome == o).count();
    lines.push(format!(
        "{} criteria were checked and not met, {} do not apply.",
        count(FindingOutcome::NotMet),
        count(FindingOutcome::NotApplicable)
    ));
    lines.extend(
        c.not_evaluated
            .iter()
            .map(|n| format!("Not evaluated: {}, because {}.", n.about, n.why)),
    );
}

fn limit(indications: &[String]) -> String {
    if indications.is_empty() {
        String::new()
    } else {
        format!(
            ", a limit given for {}",
            indications
                .iter()
                .map(|i| name(i))
                .collect::<Vec<_>>()
                .join(", ")
        )
    }
}

fn place(source: &SourceRef) -> String {
    let caveat = match source.seen {
        Seen::Unverified if of_label(source) => ", wording not verified, check the label",
        Seen::Unverified => ", wording not verified, check the document",
        Seen::Superseded => ", read in a superseded edition",
        Seen::FullText | Seen::Section | Seen::Secondary => "",
    };
    let local = if source.local { "local rules, " } else { "" };
    format!(
        "{local}{} section {}{caveat}",
        source.document, source.section
    )
}

/// Symbols in words.
fn spoken(line: &str) -> String {
    let mut out = line.to_owned();
    for (from, to) in [
        ("10*9/L", "times ten to the ninth per litre"),
        ("/uL", "per microlitre"),
        ("mL/min/1.73m2", "mL per minute per 1.73 square metres"),
        ("mL/min", "mL per minute"),
        ("[", "("),
        ("]", ")"),
    ] {
        out = out.replace(from, to);
    }
    out.replace("..", ".")
}
