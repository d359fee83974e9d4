//! What is other in a second screening of the same patient: before and after, and nothing else.

use std::collections::BTreeMap;

use super::layout::{Mark, Page, Style};
use super::phrase::{
    all_found, cited, concluded, day, highest_dose, indication, level, outcome, reasons, when,
};
use crate::checklist::{Checklist, Finding, FindingOutcome, Screening};

/// Renders what differs between two screenings of one patient. Labels are held against each other by their id.
pub fn changes(before: &Screening, after: &Screening, style: Style) -> String {
    let mut page = Page::new(style);
    let mut same = true;
    let of = |s: &'_ Screening| -> BTreeMap<String, Vec<Row>> {
        let rows = |c: &Checklist| (c.label.id.clone(), rows(c));
        s.checklists.iter().map(rows).collect()
    };
    let (old, new) = (of(before), of(after));
    for (label, old) in &old {
        let Some(new) = new.get(label) else {
            page.section(Mark::Plain, label, ": no longer asked");
            same = false;
            continue;
        };
        let changed = changed(old, new);
        if changed.is_empty() {
            continue;
        }
        same = false;
        page.section(Mark::Plain, label, "");
        for (what, before, after) in changed {
            page.item(after.0, &format!(" {what}"), "", 0);
            page.item(Mark::Plain, "   before  ", before.1, 11);
            page.item(Mark::Plain, "   after   ", after.1, 11);
        }
    }
    for checklist in &after.checklists {
        if !old.contains_key(&checklist.label.id) {
            let (_, word) = concluded(checklist);
            let text = format!(": asked now; {word}: {}", checklist.headline);
            page.blank();
            page.item(Mark::Plain, &checklist.label.id, &text, 2);
            same = false;
        }
    }
    if same {
        page.item(Mark::Plain, "", "Nothing changes.", 0);
    }
    page.out.trim_start().to_owned()
}

/// A line of a checklist: what it is about, and what it says.
struct Row {
    what: String,
    mark: Mark,
    says: String,
}

/// What is said of one thing before and after.
type Changed<'r> = (&'r str, (Mark, &'r str), (Mark, &'r str));

const NOTHING: (Mark, &str) = (Mark::Plain, "not on the list");

/// The rows that differ, in the order of the second list; then those that are gone.
fn changed<'r>(old: &'r [Row], new: &'r [Row]) -> Vec<Changed<'r>> {
    let find = |rows: &'r [Row], what: &str| {
        let row = rows.iter().find(|row| row.what == what);
        row.map_or(NOTHING, |row| (row.mark, row.says.as_str()))
    };
    let gone = old.iter().filter(|o| !new.iter().any(|n| n.what == o.what));
    let all = new.iter().chain(gone).map(|row| row.what.as_str());
    let both = all.map(|what| (what, find(old, what), find(new, what)));
    both.filter(|(_, old, new)| old.1 != new.1).collect()
}

/// All that a checklist says, a row for each thing.
fn rows(c: &Checklist) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |what: String, mark: Mark, says: String| rows.push(Row { what, mark, says });
    let (mark, word) = concluded(c);
    add(
        "Headline".to_owned(),
        mark,
        format!("{word}: {}", c.headline),
    );
    let (mark, text) = indication(&c.eligibility)
        .unwrap_or((Mark::Plain, "the patient is one it means".to_owned()));
    add("The label's indication".to_owned(), mark, text);
    for f in &c.findings {
        let what = format!("{}/{}", f.source.document, f.criterion);
        let (mark, says) = said(f);
        add(what, mark, says);
    }
    let dose = match &c.dose.planned {
        Some(planned) => format!("planned {planned}{}", highest_dose(c)),
        None => format!("not planned{}", highest_dose(c)),
    };
    add("Dose".to_owned(), Mark::Plain, dose);
    for t in &c.tests {
        let listed = t.source.as_ref().filter(|_| t.before_starting);
        let listed = listed.map(|s| format!("; listed before starting {}", cited(s)));
        let says = format!("{}{}", t.status.words(), listed.unwrap_or_default());
        add(format!("Test: {}", t.name), Mark::ToDo, says);
    }
    for q in &c.questions {
        let says = format!("asked; could add a {}", level(q.could_change));
        add(format!("Question: {}", q.about.question), Mark::ToDo, says);
    }
    for m in &c.monitoring {
        let says = format!("{} {}", when(m).unwrap_or_default(), cited(&m.source));
        let says = says.trim_start().to_owned();
        add(
            format!("Afterwards: {}; {}", m.what, m.then),
            Mark::Plain,
            says,
        );
    }
    rows
}

/// What came out of a criterion, and from what.
fn said(f: &Finding) -> (Mark, String) {
    let (mark, word) = outcome(f);
    let says = format!("{}: {} {}", level(f.level), f.says, cited(&f.source));
    let text = match f.outcome {
        FindingOutcome::Met => format!("{word}, {says}; found {}", all_found(&f.because)),
        FindingOutcome::Unknown => {
            let open: Vec<_> = f.open.iter().collect();
            format!("{word}; {says}; open: {}", reasons(&open).join("; "))
        }
        FindingOutcome::NotMet | FindingOutcome::NotApplicable | FindingOutcome::Note => {
            word.to_owned()
        }
    };
    let set_aside = f.suppressed.as_ref();
    let set_aside =
        set_aside.map(|s| format!("; set aside by local rules until {}", day(&s.until)));
    let alternative = f.alternative.as_ref();
    let alternative = alternative.map(|_| "; no suitable alternative is documented".to_owned());
    let followed = f.followed.filter(|followed| *followed);
    let followed = followed.map(|_| "; the planned dose follows it".to_owned());
    let aside = [set_aside, alternative, followed];
    let aside: String = aside.into_iter().flatten().collect();
    (mark, text + &aside)
}
