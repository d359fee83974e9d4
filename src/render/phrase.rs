//! Phrases that several renderers share.

use std::collections::BTreeMap;

use super::layout::Mark;
use crate::checklist::{
    Checklist, Conclusion, Eligibility, Finding, FindingOutcome, MonitoringItem, Screening,
    SourceRef, TestItem, TestStatus,
};
use crate::date::PartialDate;
use crate::dictionary::Seen;
pub(super) use crate::dictionary::in_words as name;
use crate::evaluate::{Evidence, Open};
use crate::library::Level;
use crate::outcome::Outcome;

/// `10-Nov-2026` for `2026-11-10`.
pub(super) fn day(iso: &str) -> String {
    PartialDate::parse(iso).map_or_else(|_| iso.to_owned(), |d| d.to_string())
}

/// What was found: name, value, the value as written, date and age.
pub(super) fn found(evidence: &Evidence) -> String {
    let mut text = match (evidence.value.as_str(), &evidence.how) {
        ("yes", _) => evidence.name.clone(),
        ("no", Some(how)) => format!("no {} ({how})", evidence.name),
        ("no", None) => format!("no {}", evidence.name),
        (value, _) if evidence.path.starts_with("about") => format!("{}: {value}", evidence.name),
        (value, _) => format!("{} {value}", evidence.name),
    };
    let mut aside: Vec<String> = Vec::new();
    aside.extend(evidence.given.clone());
    if evidence.value != "no" {
        aside.extend(evidence.how.clone());
    }
    if !aside.is_empty() {
        text = format!("{text} ({})", aside.join("; "));
    }
    if let Some(date) = &evidence.date {
        text = format!("{text}, {}", day(date));
        if let Some(age) = evidence
            .age_days
            .filter(|_| evidence.path.starts_with("tests"))
        {
            text = format!(
                "{text}, {age} {} old",
                if age == 1 { "day" } else { "days" }
            );
        }
    }
    if evidence.out_of_date {
        text = format!("{text}, OUT OF DATE");
    }
    if evidence.unlikely {
        text = format!("{text}, TO BE CONFIRMED");
    }
    text
}

/// Everything found, parts of one fact together.
pub(super) fn all_found(because: &[Evidence]) -> String {
    if because.is_empty() {
        "the plan".to_owned()
    } else {
        because.iter().map(found).collect::<Vec<_>>().join("; ")
    }
}

/// `[us 2.1]` for a label, `[guidance-id 3]` for guidance, with what is not verified.
pub(super) fn cited(source: &SourceRef) -> String {
    format!("[{}]", cited_words(source))
}

/// As [`cited`], without brackets.
pub(super) fn cited_words(source: &SourceRef) -> String {
    let caveat = match source.seen {
        Seen::Unverified if of_label(source) => "; wording not verified: check the label",
        Seen::Unverified => "; wording not verified: check the document",
        Seen::Superseded => "; superseded edition",
        Seen::FullText | Seen::Section | Seen::Secondary => "",
    };
    let local = if source.local { "LOCAL " } else { "" };
    let document = short(&source.document);
    format!("{local}{document} {}{caveat}", source.section)
}

/// Labels are named after their jurisdiction and drug, guidance is not.
pub(super) fn of_label(source: &SourceRef) -> bool {
    let of = source.document.split_once('/').map(|(of, _)| of);
    matches!(of, Some("us" | "eu"))
}

/// A label is known by its jurisdiction: a checklist cites one label of one drug. Guidance is known by its name.
pub(super) fn short(document: &str) -> &str {
    match document.split_once('/') {
        Some((jurisdiction @ ("us" | "eu"), _)) => jurisdiction,
        Some(("guidance", name)) => name,
        _ => document,
    }
}

/// `[2.1]` for the label itself, as [`cited`] for another document.
pub(super) fn within(label: &str, source: &SourceRef) -> String {
    if source.document == label {
        format!("[{}]", source.section)
    } else {
        cited(source)
    }
}

/// Findings of one harm and one level that rest on the same, each group at the place of its first.
pub(super) fn together<'c>(findings: &[&'c Finding]) -> Vec<Vec<&'c Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        let same = |f: &&Finding| {
            f.hazard_name == finding.hazard_name
                && f.level == finding.level
                && f.because == finding.because
        };
        match groups.iter_mut().find(|g| g.first().is_some_and(same)) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// Whether the folded page says anything of a document: it is the label, or a finding of it is met, open or for all patients.
pub(super) fn speaks(checklist: &Checklist, document: &str) -> bool {
    let shown = |f: &&Finding| {
        !matches!(
            f.outcome,
            FindingOutcome::NotMet | FindingOutcome::NotApplicable
        ) || f.suppressed.is_some()
    };
    let mut findings = checklist.findings.iter().filter(shown);
    let needed = |t: &TestItem| {
        let source = t.source.as_ref();
        t.status != TestStatus::Done && source.is_some_and(|s| s.document == document)
    };
    checklist.label.id == document
        || findings.any(|f| f.source.document == document)
        || checklist.tests.iter().any(needed)
}

/// Findings that local rules set aside, and that would say something otherwise.
pub(super) fn set_aside(checklist: &Checklist) -> Vec<String> {
    let all = checklist.findings.iter();
    let of_finding = |f: &Finding| {
        let s = f.suppressed.as_ref()?;
        let is = outcome_word(f.outcome);
        let (level, until) = (level(f.level), day(&s.until));
        let found = if f.outcome == FindingOutcome::Met {
            format!(" {};", all_found(&f.because))
        } else {
            String::new()
        };
        Some(format!(
            "{} ({level}, {is}) {};{found} {}, set aside by {} until {until}",
            f.criterion,
            cited(&f.source),
            s.reason,
            s.by
        ))
    };
    all.filter_map(of_finding).collect()
}

/// Windows and lead times that local rules set.
pub(super) fn policy_changes(s: &Screening) -> Vec<String> {
    let changes = s.library.policy_changes.iter();
    changes
        .map(|c| format!("{} is {}, not {}", c.name, c.to, c.from))
        .collect()
}

/// The conclusion in a word, with its mark.
pub(super) fn concluded(checklist: &Checklist) -> (Mark, &'static str) {
    match checklist.conclusion {
        Conclusion::Barrier => (Mark::Barrier, "BARRIER"),
        Conclusion::Incomplete => (Mark::NotKnown, "INCOMPLETE"),
        Conclusion::Weigh => (Mark::Weigh, "TO WEIGH"),
        Conclusion::NoFlags => (Mark::Plain, "NO FLAGS"),
    }
}

/// What is to be said of the label's indication; nothing if the patient is one it means.
pub(super) fn indication(e: &Eligibility) -> Option<(Mark, String)> {
    let lacks = e.lacks.join("; ");
    let (mark, text) = match e.outcome {
        Outcome::Met => return None,
        Outcome::NotMet if e.off_label => (
            Mark::Weigh,
            format!("off-label: {lacks}. Limits given for other indications are shown and marked"),
        ),
        Outcome::NotMet => (
            Mark::Weigh,
            format!("the label's indication asks for more: {lacks}"),
        ),
        Outcome::Unknown => {
            let open: Vec<_> = e.open.iter().collect();
            let open = reasons(&open).join("; ");
            let text = format!("not known whether the label's indication fits: {open}");
            (Mark::NotKnown, text)
        }
    };
    let source = e.source.as_ref().map(cited).unwrap_or_default();
    Some((mark, format!("{text} {source}").trim_end().to_owned()))
}

/// What stands for all patients, advice and doses aside.
pub(super) fn standing(checklist: &Checklist) -> Vec<&Finding> {
    let levels = [Level::Barrier, Level::Warning, Level::Caution];
    of(checklist, FindingOutcome::Note, &levels)
}

/// Of a finding off-label: the indications its limit is given for.
pub(super) fn limits(f: &Finding) -> String {
    if f.limit_for.is_empty() {
        String::new()
    } else {
        format!(
            " (limit given for {})",
            f.limit_for
                .iter()
                .map(|i| name(i))
                .collect::<Vec<_>>()
                .join(", ")
        )
    }
}

/// The word of a level.
pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Barrier => "BARRIER",
        Level::Warning => "WARNING",
        Level::Caution => "CAUTION",
        Level::Dose => "DOSE",
        Level::Advice => "ADVICE",
    }
}

/// The outcome of a finding in words, with its mark.
pub(super) fn outcome(f: &Finding) -> (Mark, &'static str) {
    (mark(f.outcome, f.level), outcome_word(f.outcome))
}

/// The mark of an outcome.
pub(super) fn mark(outcome: FindingOutcome, level: Level) -> Mark {
    match outcome {
        FindingOutcome::Met if level == Level::Barrier => Mark::Barrier,
        FindingOutcome::Met => Mark::Weigh,
        FindingOutcome::Unknown => Mark::NotKnown,
        FindingOutcome::NotMet | FindingOutcome::NotApplicable | FindingOutcome::Note => {
            Mark::Plain
        }
    }
}

/// An outcome in words.
pub(super) fn outcome_word(outcome: FindingOutcome) -> &'static str {
    match outcome {
        FindingOutcome::Met => "met",
        FindingOutcome::NotMet => "not met",
        FindingOutcome::Unknown => "not known",
        FindingOutcome::NotApplicable => "not applicable",
        FindingOutcome::Note => "for all patients",
    }
}

/// Findings with an outcome at some levels, in their order.
pub(super) fn of<'c>(
    checklist: &'c Checklist,
    outcome: FindingOutcome,
    levels: &[Level],
) -> Vec<&'c Finding> {
    checklist
        .findings
        .iter()
        .filter(|f| f.outcome == outcome && levels.contains(&f.level) && f.suppressed.is_none())
        .collect()
}

/// What is not known, one line for each hazard: its name, the gravest level it could add, and the open facts.
pub(super) fn not_known(checklist: &Checklist) -> Vec<(String, Level, Vec<String>)> {
    let mut lines: Vec<(String, Level, Vec<&Open>, Vec<String>)> = Vec::new();
    for finding in of(
        checklist,
        FindingOutcome::Unknown,
        &[Level::Barrier, Level::Warning, Level::Caution, Level::Dose],
    ) {
        let line = match lines.iter().position(|l| l.0 == finding.hazard_name) {
            Some(at) => at,
            None => {
                lines.push((
                    finding.hazard_name.clone(),
                    finding.level,
                    Vec::new(),
                    Vec::new(),
                ));
                lines.len() - 1
            }
        };
        if let Some(line) = lines.get_mut(line) {
            line.1 = line.1.min(finding.level);
            // What matters only after another open fact is printed with the tests still needed.
            let first = |o: &&Open| {
                o.after
                    .as_ref()
                    .is_none_or(|a| !finding.open.iter().any(|other| other.fact == *a))
            };
            line.2.extend(finding.open.iter().filter(first));
            // What was found, and makes the rest matter.
            let says =
                |e: &&Evidence| e.how.is_none() && !["no", "not taken"].contains(&e.value.as_str());
            let recorded =
                |e: &&Evidence| e.path.starts_with("tests") || e.path.starts_with("history");
            let of_tests = finding.because.iter().filter(says).filter(recorded);
            for text in of_tests.map(found) {
                if !line.3.contains(&text) {
                    line.3.push(text);
                }
            }
        }
    }
    lines
        .into_iter()
        .map(|(hazard, level, open, found)| {
            let mut parts = reasons(&open);
            if !found.is_empty() {
                parts.push(format!("found: {}", found.join(", ")));
            }
            (hazard, level, parts)
        })
        .collect()
}

/// Open facts grouped by their reason: `not given: A, B`.
pub(super) fn reasons(open: &[&Open]) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in open.iter().filter(|o| !o.covered(open)) {
        let names = by_reason.entry(item.reason.words()).or_default();
        if !names.contains(&item.name.as_str()) {
            names.push(&item.name);
        }
    }
    by_reason
        .into_iter()
        .map(|(reason, names)| format!("{} ({reason})", names.join(", ")))
        .collect()
}

/// Results on which no finding rests, as written, those of one day together.
pub(super) fn not_judged(checklist: &Checklist) -> Vec<String> {
    let mut days: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for e in &checklist.not_judged {
        let value = match (&e.given, &e.how) {
            (Some(given), Some(_)) => format!("{} ({given})", e.value),
            (Some(given), None) => given.clone(),
            (None, _) => e.value.clone(),
        };
        let old = if e.out_of_date { " OUT OF DATE" } else { "" };
        let unlikely = if e.unlikely { " TO BE CONFIRMED" } else { "" };
        let date = e.date.as_deref().unwrap_or_default();
        let text = format!("{} {value}{old}{unlikely}", e.name);
        days.entry(date).or_default().push(text);
    }
    let lines = days.into_iter().rev();
    lines
        .map(|(date, results)| format!("{}: {}", day(date), results.join(", ")))
        .collect()
}

/// Tests without a usable result.
pub(super) fn open_tests(checklist: &Checklist) -> impl Iterator<Item = &TestItem> {
    let open = |t: &&TestItem| t.status != TestStatus::Done && t.sample.is_some();
    checklist.tests.iter().filter(open)
}

/// The labels of a screening with their revisions, and who signed them.
pub(super) fn cited_documents(s: &Screening) -> String {
    let labels = s.checklists.iter().map(|c| &c.label);
    let labels = labels.map(|l| format!("{}, revision {}, {}", l.id, l.revision, l.reviewed));
    labels.collect::<Vec<_>>().join("; ")
}

/// Tests still needed: of blood, and others; each with its status unless it is simply missing.
pub(super) fn tests_needed(checklist: &Checklist) -> (Vec<String>, Vec<String>) {
    const BLOOD: [&str; 7] = [
        "blood count",
        "serum",
        "TB blood test tube",
        "serology",
        "virology",
        "genotype",
        "coagulation",
    ];
    let mut blood: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut other = Vec::new();
    for item in open_tests(checklist) {
        let text = one_test(item, checklist);
        match item.sample.as_deref() {
            Some(sample) if BLOOD.contains(&sample) => blood.entry(sample).or_default().push(text),
            _ => other.push(text),
        }
    }
    (
        blood
            .into_iter()
            .map(|(sample, tests)| format!("{sample}: {}", tests.join(", ")))
            .collect(),
        other,
    )
}

fn one_test(item: &TestItem, checklist: &Checklist) -> String {
    let mut text = item.name.clone();
    // What guidance or local rules ask for beside the label says who asks.
    let asks = item
        .source
        .as_ref()
        .filter(|s| s.document != checklist.label.id);
    if let Some(source) = asks {
        let local = if source.local { "LOCAL " } else { "" };
        text = format!("{text} [{local}{}]", short(&source.document));
    }
    if item.status != TestStatus::Missing {
        text = format!("{text} ({})", item.status.words());
    }
    match item
        .after
        .as_ref()
        .and_then(|after| awaited(after, checklist))
    {
        Some(first) => format!("if {first} is positive: {text}"),
        None => text,
    }
}

/// The name of a test that has no usable result yet.
fn awaited<'c>(test: &str, checklist: &'c Checklist) -> Option<&'c str> {
    let mut tests = checklist.tests.iter();
    let found = tests.find(|t| t.test == test && t.status != TestStatus::Done);
    found.map(|t| t.name.as_str())
}

/// The test that must come out positive before a question matters.
fn first_asked<'c>(open: &Open, checklist: &'c Checklist) -> Option<&'c str> {
    awaited(open.after.as_ref()?, checklist)
}

/// Questions still needed, in full, each with the gravest level it could add.
pub(super) fn questions(checklist: &Checklist) -> Vec<(String, Level)> {
    let open: Vec<&Open> = checklist.questions.iter().map(|q| &q.about).collect();
    let asked = checklist
        .questions
        .iter()
        .filter(|q| !q.about.covered(&open));
    let mut questions: Vec<(String, Level)> = asked
        .map(|q| match first_asked(&q.about, checklist) {
            Some(first) => (
                format!("if {first} is positive: {}", q.about.question),
                q.could_change,
            ),
            None => (q.about.question.clone(), q.could_change),
        })
        .collect();
    let mut seen = Vec::new();
    questions.retain(|(question, _)| {
        let new = !seen.contains(question);
        seen.push(question.clone());
        new
    });
    questions
}

/// Questions still needed, by name.
pub(super) fn questions_needed(checklist: &Checklist) -> Vec<String> {
    let open: Vec<&Open> = checklist.questions.iter().map(|q| &q.about).collect();
    let mut names: Vec<String> = open
        .iter()
        .filter(|o| !o.covered(&open))
        .map(|o| match first_asked(o, checklist) {
            Some(first) => format!("if {first} is positive: {}", o.name),
            None => o.name.clone(),
        })
        .collect();
    let statements = checklist
        .tests
        .iter()
        .filter(|t| t.status != TestStatus::Done && t.sample.is_none());
    names.extend(statements.map(|t| t.name.clone()));
    let mut seen = Vec::new();
    names.retain(|n| {
        let new = !seen.contains(n);
        seen.push(n.clone());
        new
    });
    names
}

/// What is said of the highest dose that applies, and whether the plan is above it.
pub(super) fn highest_dose(checklist: &Checklist) -> String {
    let dose = &checklist.dose;
    match (&dose.max, dose.followed) {
        (Some(max), Some(false)) => format!("; ABOVE the highest dose that applies, {max}"),
        (Some(max), _) => format!("; at most {max}"),
        (None, _) => String::new(),
    }
}

/// A planned dose that no row of the document speaks of must not look checked.
pub(super) fn dose_unchecked(checklist: &Checklist) -> Option<String> {
    let planned = checklist.dose.planned.as_ref()?;
    let open = of(checklist, FindingOutcome::Unknown, &[Level::Dose]);
    if !checklist.dose.because.is_empty() || !open.is_empty() {
        return None;
    }
    let of_dose = |f: &&Finding| f.because.iter().any(|e| e.fact == "dose");
    let held = checklist.findings.iter().filter(of_dose);
    let held: Vec<String> = held
        .map(|f| format!("{} {}", f.criterion, cited(&f.source)))
        .collect();
    Some(if held.is_empty() {
        format!("planned {planned}; not checked: these rules hold no dose for this plan")
    } else {
        format!(
            "planned {planned}; checked only for {}: these rules hold no usual dose for this plan",
            held.join(", ")
        )
    })
}

/// What several checklists say of one thing: the outcome of each in a word, and what there is to say of it.
pub(super) type Row = (String, Vec<(String, String)>);

/// Where checklists differ: a line for each hazard, with what each label says of this patient.
pub(super) fn differences(checklists: &[Checklist]) -> Vec<Row> {
    let mut rows = side_by_side(&checklists.iter().collect::<Vec<_>>());
    rows.retain(differ);
    rows
}

/// Whether what is said differs for this patient: that a document does not ask is no other result than that nothing was met. Doses
/// differ in what is said of them.
pub(super) fn differ((_, cells): &Row) -> bool {
    let result = |(word, says): &(String, String)| match word.as_str() {
        NOT_ASKED => NOTHING_MET.to_owned(),
        dose if dose == level(Level::Dose) => says.clone(),
        other => other.to_owned(),
    };
    let mut results = cells.iter().map(result);
    let first = results.next();
    first.is_some_and(|first| results.any(|other| other != first))
}

pub(super) const NOTHING_MET: &str = "nothing met";
pub(super) const NOT_ASKED: &str = "no criterion";

/// What checklists say of each hazard.
pub(super) fn side_by_side(checklists: &[&Checklist]) -> Vec<Row> {
    let mut hazards: Vec<&str> = Vec::new();
    for finding in checklists.iter().flat_map(|c| &c.findings) {
        if finding.level != Level::Advice && !hazards.contains(&finding.hazard_name.as_str()) {
            hazards.push(&finding.hazard_name);
        }
    }
    let row = |hazard: &str| {
        let cells = checklists.iter().map(|c| cell(c, hazard));
        (hazard.to_owned(), cells.collect())
    };
    hazards.into_iter().map(row).collect()
}

/// The gravest that a checklist says of a hazard.
fn cell(c: &Checklist, hazard: &str) -> (String, String) {
    let here = |f: &&Finding| f.hazard_name == hazard && f.level != Level::Advice;
    let here = c.findings.iter().filter(here);
    let gravest = |outcome: FindingOutcome| {
        // A dose that the plan follows is a limit all the same.
        let shown = |f: &&Finding| f.counts() || f.followed == Some(true);
        let such = here
            .clone()
            .filter(move |f| f.outcome == outcome)
            .filter(shown);
        let level = such.clone().map(|f| f.level).min()?;
        Some((level, such.filter(move |f| f.level == level)))
    };
    let open = gravest(FindingOutcome::Unknown).map(|(grave, unknown)| {
        let open: Vec<&Open> = unknown.flat_map(|f| &f.open).collect();
        format!(
            "could add a {}: {}",
            level(grave),
            reasons(&open).join("; ")
        )
    });
    if let Some((grave, met)) = gravest(FindingOutcome::Met) {
        let mut says: Vec<String> = Vec::new();
        for f in met {
            let follows = f.followed == Some(true);
            let follows = if follows { "; the plan follows it" } else { "" };
            let text = format!("{} {}{follows}", f.says, cited(&f.source));
            if !says.contains(&text) {
                says.push(text);
            }
        }
        if let Some(open) = open.filter(|_| grave == Level::Dose) {
            says.push(format!("NOT KNOWN: {open}"));
        }
        (level(grave).to_owned(), says.join("; "))
    } else if let Some(open) = open {
        ("NOT KNOWN".to_owned(), open)
    } else if here
        .clone()
        .all(|f| f.outcome == FindingOutcome::NotApplicable)
    {
        (NOT_ASKED.to_owned(), String::new())
    } else {
        (NOTHING_MET.to_owned(), String::new())
    }
}

/// The day a control is due, or how long after the start.
pub(super) fn when(m: &MonitoringItem) -> Option<String> {
    let due = m.due.as_ref().map(|d| format!("due {}", day(d)));
    due.or_else(|| m.at.clone())
}
