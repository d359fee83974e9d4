//! Drugs side by side for one patient: only what differs, in alphabetical order, without a score.

use std::collections::BTreeMap;

use super::layout::{Mark, Page, Style};
use super::phrase::{
    NOT_ASKED, Row, concluded, day, differ, name, open_tests, policy_changes, reasons, side_by_side,
};
use crate::checklist::{Checklist, Screening};
use crate::outcome::Outcome;

/// Renders the labels of several drugs side by side: screenings of one patient and one indication, each with another drug.
///
/// A label that does not have the indication is named, and not held against the others; so are drugs `without` a label, each with the
/// jurisdiction that was asked for.
pub fn compare(screenings: &[Screening], without: &[(String, String)], style: Style) -> String {
    let mut page = Page::new(style);
    let mut all: Vec<&Checklist> = screenings.iter().flat_map(|s| &s.checklists).collect();
    all.sort_by_key(|c| drug_first(&c.label.id));
    let (off_label, columns): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|c| c.eligibility.off_label);
    let mut rows = vec![row("The conclusion", &columns, |c| {
        let (_, word) = concluded(c);
        let headline = c.headline.trim_start_matches("Incomplete: ");
        (word.to_owned(), headline.to_owned())
    })];
    rows.push(row("The label's indication", &columns, |c| {
        let open: Vec<_> = c.eligibility.open.iter().collect();
        let (word, says) = match c.eligibility.outcome {
            Outcome::Met => ("the patient is one it means", String::new()),
            Outcome::NotMet => ("it asks for more", c.eligibility.lacks.join("; ")),
            Outcome::Unknown => ("not known", reasons(&open).join("; ")),
        };
        (word.to_owned(), says)
    }));
    rows.extend(side_by_side(&columns));
    rows.push(row(
        "Tests the label lists before starting, without a result",
        &columns,
        |c| {
            let listed = open_tests(c).filter(|t| t.before_starting && t.source.is_some());
            let mut names: Vec<&str> = listed.map(|t| t.name.as_str()).collect();
            names.sort_unstable();
            let none = "none".to_owned();
            let names = Some(names.join(", ")).filter(|n| !n.is_empty());
            (names.unwrap_or(none), String::new())
        },
    ));
    if let Some(s) = screenings.first() {
        let id = s.patient.id.as_deref().unwrap_or("no id given");
        let indication = name(&s.plan.indication);
        let text = format!("{id}, {indication}, as of {}", day(&s.as_of));
        page.item(Mark::Plain, "Side by side for ", &text, 2);
        for change in policy_changes(s) {
            page.item(Mark::Weigh, "Local rules: ", &change, 2);
        }
    }
    let count = rows.len();
    let (differing, alike): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(differ);
    let labels: Vec<&str> = columns.iter().map(|c| c.label.id.as_str()).collect();
    if labels.len() > 1 {
        page.item(Mark::Plain, "Labels: ", &labels.join(", "), 2);
    }
    let text = match columns.as_slice() {
        [] => "nothing; no label that is asked for has the indication.".to_owned(),
        [one] => format!("nothing; only {} has the indication.", one.label.id),
        _ => format!(
            "of {count} rows the {} that differ. Alphabetical: no ranking and no score.",
            differing.len()
        ),
    };
    page.item(Mark::Plain, "Shown: ", &text, 2);
    not_compared(&mut page, &off_label, without);
    let widest = columns.iter().map(|c| c.label.id.chars().count()).max();
    for (what, cells) in &differing {
        page.section(Mark::Plain, what, "");
        for (column, (word, says)) in columns.iter().zip(cells) {
            let says = if says.is_empty() {
                String::new()
            } else {
                format!(": {says}")
            };
            let lead = format!("  {}", column.label.id);
            page.item(
                Mark::Plain,
                &lead,
                &format!("{word}{says}"),
                widest.unwrap_or(0) + 4,
            );
        }
    }
    let not_asked = |(_, cells): &&Row| {
        let asked = cells.iter().filter(|(word, _)| word != NOT_ASKED).count();
        (1..cells.len()).contains(&asked)
    };
    let names: Vec<&str> = alike
        .iter()
        .filter(not_asked)
        .map(|r| r.0.as_str())
        .collect();
    if !names.is_empty() {
        page.section(
            Mark::Plain,
            "Nothing met, but not every label has a criterion",
            "",
        );
        let text = format!("{}. It may matter all the same.", names.join(", "));
        page.item(Mark::Plain, "  ", &text, 2);
    }
    page.out
}

/// A row with what is said of each column.
fn row(what: &str, columns: &[&Checklist], cell: impl Fn(&Checklist) -> (String, String)) -> Row {
    (what.to_owned(), columns.iter().map(|c| cell(c)).collect())
}

/// By drug, then by jurisdiction.
fn drug_first(label: &str) -> (String, String) {
    let (jurisdiction, drug) = label.split_once('/').unwrap_or(("", label));
    (drug.to_owned(), jurisdiction.to_owned())
}

/// The labels that are not held against the others, and why.
fn not_compared(page: &mut Page, off_label: &[&Checklist], without: &[(String, String)]) {
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for c in off_label {
        let why = c.eligibility.lacks.join("; ");
        lines.entry(why).or_default().push(c.label.id.clone());
    }
    for (drug, jurisdiction) in without {
        let why = format!("the library has no {jurisdiction} label of it");
        lines.entry(why).or_default().push(drug.clone());
    }
    if lines.is_empty() {
        return;
    }
    page.section(Mark::Plain, "Not held against the others", "");
    for (why, labels) in lines {
        let text = format!("{}: {why}", labels.join(", "));
        page.item(Mark::Plain, "  - ", &text, 4);
    }
}
