//! What changed between two libraries, in words, and for whom.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;

use crate::checklist::Checklist;
use crate::diagnostic::Diagnostics;
use crate::library::{
    BeforeStarting, Criterion, Document, Entry, Expr, Library, Monitoring, NotEvaluated, Source,
};
use crate::profile::Profile;

/// The differences between two libraries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diff {
    /// One for each document that is new, gone or changed.
    pub documents: Vec<DocumentDiff>,
    /// Windows, lead times and hazards: a line for each change.
    pub others: Vec<String>,
    /// Of a cohort: how many patients' findings and conclusions change.
    pub patients: Vec<Shift>,
}

/// What changed in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DocumentDiff {
    /// The document's id.
    pub document: String,
    /// A line for each change.
    pub changes: Vec<String>,
}

/// How many patients' outcome of a criterion, or conclusion, changes in one way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Shift {
    /// The criterion with its document, or the label with `conclusion`.
    pub what: String,
    /// In the old library; `absent` if it is not there.
    pub from: String,
    /// In the new one.
    pub to: String,
    /// For how many patients.
    pub patients: usize,
}

/// Compares two libraries, and what they say of a cohort; `day` chooses the day of judgement for a patient. A profile that
/// one of them cannot read is an error.
///
/// # Errors
/// Every problem of every profile, for the library that cannot read it.
pub fn diff(
    old: &Library,
    new: &Library,
    cohort: &[Source<'_>],
    day: impl Fn(&Profile) -> NaiveDate,
) -> Result<Diff, Diagnostics> {
    let by_id = |library: &Library| -> BTreeMap<String, Document> {
        let all = library.documents().map(|d| (d.id.clone(), d.clone()));
        all.collect()
    };
    let (before, after) = (by_id(old), by_id(new));
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let documents = ids.into_iter().filter_map(|id| {
        let changes = match (before.get(id), after.get(id)) {
            (Some(a), Some(b)) => document(a, b),
            (None, Some(b)) => vec![format!("new, with {} criteria", b.criteria.len())],
            (Some(_), None) => vec!["gone".to_owned()],
            (None, None) => Vec::new(),
        };
        let document = id.clone();
        (!changes.is_empty()).then_some(DocumentDiff { document, changes })
    });
    Ok(Diff {
        documents: documents.collect(),
        others: others(old, new),
        patients: patients(old, new, cohort, day)?,
    })
}

/// Lines for rows that are new, gone or changed, by name.
fn rows<T>(
    old: &[T],
    new: &[T],
    name: impl Fn(&T) -> String,
    compare: impl Fn(&T, &T) -> Vec<String>,
) -> Vec<String> {
    let by_name = |rows: &[T]| -> BTreeMap<String, usize> {
        let places = rows.iter().enumerate();
        places.map(|(i, row)| (name(row), i)).collect()
    };
    let (before, after) = (by_name(old), by_name(new));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut lines = Vec::new();
    for id in names {
        let row = |of: &BTreeMap<String, usize>| of.get(id).copied();
        match (row(&before), row(&after)) {
            (Some(a), Some(b)) => {
                if let (Some(a), Some(b)) = (old.get(a), new.get(b)) {
                    lines.extend(
                        compare(a, b)
                            .into_iter()
                            .map(|line| format!("{id}: {line}")),
                    );
                }
            }
            (None, _) => lines.push(format!("{id}: new")),
            (_, None) => lines.push(format!("{id}: gone")),
        }
    }
    lines
}

/// A line if a part is not the same.
fn part(what: &str, old: &str, new: &str) -> Option<String> {
    (old != new).then(|| {
        let shown = |text: &str| {
            if text.is_empty() {
                "nothing".to_owned()
            } else {
                text.to_owned()
            }
        };
        format!("{what}: {} -> {}", shown(old), shown(new))
    })
}

fn document(old: &Document, new: &Document) -> Vec<String> {
    let mut lines: Vec<String> = [
        part("title", &old.title, &new.title),
        part("revision", &old.revision, &new.revision),
        part("address", &old.url, &new.url),
        part("drugs", &old.drugs.join(", "), &new.drugs.join(", ")),
        part("review", &old.reviewed(), &new.reviewed()),
    ]
    .into_iter()
    .flatten()
    .collect();
    lines.extend(rows(
        &old.criteria,
        &new.criteria,
        |c| c.id.clone(),
        criterion,
    ));
    // A label may have two ways to an indication.
    let entry = |e: &Entry| format!("indication {} ({})", e.indication, e.cited.section);
    lines.extend(rows(&old.indications, &new.indications, entry, |a, b| {
        let asks = part("asks", &a.requires.words(), &b.requires.words());
        asks.into_iter().chain(seen(&a.cited, &b.cited)).collect()
    }));
    let test = |t: &BeforeStarting| {
        format!(
            "test before starting {} {}",
            t.name,
            words(t.population.as_ref())
        )
    };
    lines.extend(rows(
        &old.before_starting,
        &new.before_starting,
        test,
        |a, b| {
            let verb = part("verb", &a.verb, &b.verb);
            let satisfied = part(
                "replaced by",
                &words(a.satisfied_by.as_ref()),
                &words(b.satisfied_by.as_ref()),
            );
            verb.into_iter()
                .chain(satisfied)
                .chain(seen(&a.cited, &b.cited))
                .collect()
        },
    ));
    let watched =
        |m: &Monitoring| format!("monitoring {} {}", m.what, words(m.population.as_ref()));
    lines.extend(rows(&old.monitoring, &new.monitoring, watched, |a, b| {
        let at = |m: &Monitoring| m.at.map_or_else(String::new, |p| p.to_string());
        let parts = [part("at", &at(a), &at(b)), part("then", &a.then, &b.then)];
        parts
            .into_iter()
            .flatten()
            .chain(seen(&a.cited, &b.cited))
            .collect()
    }));
    let about = |n: &NotEvaluated| format!("not evaluated {}", n.about);
    lines.extend(rows(
        &old.not_evaluated,
        &new.not_evaluated,
        about,
        |a, b| {
            part("why", &a.why, &b.why)
                .into_iter()
                .chain(seen(&a.cited, &b.cited))
                .collect()
        },
    ));
    lines
}

fn words(expr: Option<&Expr>) -> String {
    expr.map_or_else(String::new, Expr::words)
}

fn seen(a: &crate::library::Citation, b: &crate::library::Citation) -> Vec<String> {
    let parts = [
        part("section", &a.section, &b.section),
        part("seen", a.seen.words(), b.seen.words()),
        part("facts", &a.facts.join(", "), &b.facts.join(", ")),
    ];
    parts.into_iter().flatten().collect()
}

fn criterion(a: &Criterion, b: &Criterion) -> Vec<String> {
    let asks = |c: &Criterion| {
        c.when
            .as_ref()
            .map_or_else(|| "always".to_owned(), Expr::words)
    };
    let boxed = |c: &Criterion| if c.boxed { "boxed" } else { "not boxed" };
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let max = |c: &Criterion| {
        c.max
            .as_ref()
            .map_or_else(String::new, |(_, text)| text.clone())
    };
    let parts = [
        part("asks", &asks(a), &asks(b)),
        part(
            "for",
            &words(a.population.as_ref()),
            &words(b.population.as_ref()),
        ),
        part("strength", a.strength.name(), b.strength.name()),
        part("highest dose", &max(a), &max(b)),
        part("says", &a.says, &b.says),
        part("boxed warning", boxed(a), boxed(b)),
        part("hazard", &a.hazard, &b.hazard),
        part("action", &text(&a.action), &text(&b.action)),
        part("note", &text(&a.note), &text(&b.note)),
    ];
    parts
        .into_iter()
        .flatten()
        .chain(seen(&a.cited, &b.cited))
        .collect()
}

fn others(old: &Library, new: &Library) -> Vec<String> {
    let policy = old.policy().changes(new.policy());
    let mut lines: Vec<String> = policy
        .into_iter()
        .map(|c| format!("policy {}: {} -> {}", c.name, c.from, c.to))
        .collect();
    let names: BTreeSet<&str> = old.hazard_names().chain(new.hazard_names()).collect();
    for name in names {
        match (old.hazard(name), new.hazard(name)) {
            (Some(a), Some(b)) if a != b => lines.push(format!("hazard {name}: another text")),
            (None, Some(_)) => lines.push(format!("hazard {name}: new")),
            (Some(_), None) => lines.push(format!("hazard {name}: gone")),
            _ => {}
        }
    }
    let aside = |library: &Library| -> BTreeSet<String> {
        let all = library.suppressions().iter();
        all.map(|s| format!("{}/{} until {}", s.document, s.criterion, s.until))
            .collect()
    };
    let (before, after) = (aside(old), aside(new));
    lines.extend(after.difference(&before).map(|s| format!("set aside: {s}")));
    lines.extend(
        before
            .difference(&after)
            .map(|s| format!("no longer set aside: {s}")),
    );
    lines
}

fn patients(
    old: &Library,
    new: &Library,
    cohort: &[Source<'_>],
    day: impl Fn(&Profile) -> NaiveDate,
) -> Result<Vec<Shift>, Diagnostics> {
    let mut counts: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for Source { name, text } in cohort {
        let outcomes = |library: &Library| -> Result<BTreeMap<String, String>, Diagnostics> {
            let profile = Profile::read(library, name, text)?;
            let checklists = library.screen(&profile, day(&profile)).checklists;
            Ok(checklists.iter().flat_map(of_checklist).collect())
        };
        let (before, after) = (outcomes(old)?, outcomes(new)?);
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names {
            let outcome = |of: &BTreeMap<String, String>| {
                of.get(name).cloned().unwrap_or_else(|| "absent".to_owned())
            };
            let (from, to) = (outcome(&before), outcome(&after));
            if from != to {
                *counts.entry((name.clone(), from, to)).or_default() += 1;
            }
        }
    }
    let shifts = counts
        .into_iter()
        .map(|((what, from, to), patients)| Shift {
            what,
            from,
            to,
            patients,
        });
    Ok(shifts.collect())
}

/// The outcome of each criterion, and the conclusion.
fn of_checklist(c: &Checklist) -> Vec<(String, String)> {
    let mut all = vec![(
        format!("{} conclusion", c.label.id),
        c.conclusion.name().to_owned(),
    )];
    all.extend(c.findings.iter().map(|f| {
        let what = format!("{}/{}", f.source.document, f.criterion);
        let outcome = f.outcome.name();
        let aside = if f.suppressed.is_some() {
            ", set aside"
        } else {
            ""
        };
        (what, format!("{outcome}{aside}"))
    }));
    all
}
