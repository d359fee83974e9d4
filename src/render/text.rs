//! The checklist for a terminal, 80 columns wide: the headline first, then what speaks against starting, what is not known,
//! what to weigh, what is still needed, and the sources at the end. Words and marks carry the meaning, colour only helps.

use std::fmt::Write as _;

use super::layout::{Mark, Page, Style};
use super::phrase::{
    all_found, cited, concluded, day, differences, dose_unchecked, highest_dose, indication, level,
    limits, name, not_judged, not_known, of, policy_changes, questions_needed, set_aside, short,
    speaks, standing, tests_needed, together, when, within,
};
use crate::checklist::{Checklist, DocumentUsed, Finding, FindingOutcome, Screening, TestStatus};
use crate::library::Level;

/// What most documents say of their review.
const NOBODY: &str = "nobody has signed these rules";

/// Renders a screening as text.
pub fn text(screening: &Screening, style: Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, screening);
    if screening.checklists.len() > 1 {
        side_by_side(&mut page, screening);
    }
    for checklist in &screening.checklists {
        body(&mut page, screening, checklist);
    }
    foot(&mut page, screening);
    page.out
}

fn head(page: &mut Page, s: &Screening) {
    let title = "JAK inhibitor pre-treatment screen";
    let review = "For review by a prescriber";
    let gap = page
        .style
        .width
        .saturating_sub(title.len() + review.len())
        .max(2);
    let painted = page.paint(Mark::Plain, title);
    let _ = writeln!(page.out, "{painted}{}{review}", " ".repeat(gap));
    let id = s
        .patient
        .id
        .clone()
        .unwrap_or_else(|| "no id given".to_owned());
    let known: Vec<String> = [Some(id), s.patient.sex.clone(), s.patient.age.clone()]
        .into_iter()
        .flatten()
        .collect();
    page.item(Mark::Plain, "Patient", &known.join(", "), 9);
    let mut plan = format!(
        "{} {}, {}",
        name(&s.plan.drug),
        s.plan.dose.as_deref().unwrap_or("(dose not given)"),
        name(&s.plan.indication)
    );
    if let Some(start) = &s.plan.start {
        let _ = write!(plan, ", start {}", day(start));
    }
    page.item(Mark::Plain, "Plan", &plan, 9);
    for checklist in &s.checklists {
        let label = &checklist.label;
        page.item(
            Mark::Plain,
            "Label",
            &format!(
                "{}{}: {}, rev. {}; {}",
                if label.local { "LOCAL " } else { "" },
                label.id,
                label.title,
                label.revision,
                label.reviewed
            ),
            9,
        );
    }
    let as_of = format!("{}; how old a result may be is local policy", day(&s.as_of));
    page.item(Mark::Plain, "As of", &as_of, 9);
    for notice in &s.diagnostics {
        page.item(
            Mark::Weigh,
            "Note",
            &format!("{} ({})", notice.message, notice.path),
            9,
        );
    }
}

fn side_by_side(page: &mut Page, s: &Screening) {
    page.section(
        Mark::Plain,
        "THE LABELS SIDE BY SIDE",
        ": where they differ, each as it stands, not merged",
    );
    let labels: Vec<&str> = s
        .checklists
        .iter()
        .map(|c| c.label.id.split('/').next().unwrap_or_default())
        .collect();
    for (label, checklist) in labels.iter().zip(&s.checklists) {
        page.item(Mark::Plain, &format!(" {label}"), &checklist.headline, 5);
    }
    for (hazard, cells) in differences(&s.checklists) {
        let cells: Vec<String> = labels
            .iter()
            .zip(cells)
            .map(|(l, (word, says))| format!("{l}: {word} {says}").trim().to_owned())
            .collect();
        page.item(
            Mark::Plain,
            " -",
            &format!("{hazard}: {}", cells.join("; ")),
            3,
        );
    }
}

fn body(page: &mut Page, s: &Screening, c: &Checklist) {
    page.blank();
    let (mark, word) = concluded(c);
    let lead = if s.checklists.len() > 1 {
        format!("{}  {word}", c.label.id)
    } else {
        word.to_owned()
    };
    let headline = c.headline.trim_start_matches("Incomplete: ");
    page.item(mark, &format!("{lead}  "), headline, 2);
    aside(page, c);
    eligibility(page, c);
    barriers(page, c);
    unknown(page, c);
    weigh(page, c);
    dose(page, c);
    unjudged(page, c);
    needed(page, c);
    before(page, c);
    monitoring(page, c);
    folded(page, c);
}

fn eligibility(page: &mut Page, c: &Checklist) {
    if let Some((mark, text)) = indication(&c.eligibility) {
        page.item(mark, " Indication", &text, 12);
    }
}

fn barriers(page: &mut Page, c: &Checklist) {
    let findings = of(c, FindingOutcome::Met, &[Level::Barrier]);
    if findings.is_empty() {
        return;
    }
    page.section(
        Mark::Barrier,
        "BARRIERS",
        ": the source says avoid, do not start, or treat first",
    );
    for group in together(&findings) {
        if let Some(first) = group.first() {
            let found = format!("{}: {}", first.hazard_name, all_found(&first.because));
            page.item(Mark::Barrier, " !!", &found, 4);
        }
        for f in group {
            let says = format!(
                "{} {} {}{}",
                f.says,
                cited(&f.source),
                f.criterion,
                limits(f)
            );
            page.item(Mark::Plain, "    Says", &says, 11);
            if let Some(clears) = &f.clears {
                page.item(Mark::Plain, "    Clears", clears, 11);
            } else if let Some(action) = &f.action {
                page.item(Mark::Plain, "    To do", action, 11);
            }
            if page.style.all
                && let Some(note) = &f.note
            {
                page.item(Mark::Plain, "    Note", note, 11);
            }
        }
    }
}

fn unknown(page: &mut Page, c: &Checklist) {
    let lines = not_known(c);
    if lines.is_empty() {
        return;
    }
    page.section(
        Mark::NotKnown,
        "NOT KNOWN",
        ": not assumed normal; each could add what it says",
    );
    for (hazard, could, open) in lines {
        page.item(
            Mark::NotKnown,
            " ..",
            &format!("{hazard}, {}: {}", level(could), open.join("; ")),
            4,
        );
    }
}

fn weigh(page: &mut Page, c: &Checklist) {
    let findings = of(c, FindingOutcome::Met, &[Level::Warning, Level::Caution]);
    if findings.is_empty() {
        return;
    }
    page.section(
        Mark::Weigh,
        "TO WEIGH",
        ": warnings (boxed or restricted) and cautions",
    );
    for group in together(&findings) {
        let Some(first) = group.first() else {
            continue;
        };
        let found = format!(
            "{} {}: {}.",
            level(first.level),
            first.hazard_name,
            all_found(&first.because)
        );
        let says = |f: &Finding| {
            let reason = f.alternative.as_ref();
            let reason = reason.map_or_else(String::new, |r| format!("; documented: {r}"));
            format!("{} {}{}{reason}", f.says, cited(&f.source), limits(f))
        };
        if let [only] = group.as_slice() {
            page.item(Mark::Weigh, " !", &format!("{found} {}", says(only)), 4);
        } else {
            page.item(Mark::Weigh, " !", &found, 4);
            for f in group {
                page.item(Mark::Plain, "    -", &says(f), 6);
            }
        }
    }
}

fn dose(page: &mut Page, c: &Checklist) {
    let findings = of(c, FindingOutcome::Met, &[Level::Dose]);
    let usual = of(c, FindingOutcome::Note, &[Level::Dose]);
    if findings.is_empty() && usual.is_empty() {
        if let Some(unchecked) = dose_unchecked(c) {
            page.blank();
            page.item(Mark::Plain, "Dose", &unchecked, 14);
        }
        return;
    }
    let planned = c
        .dose
        .planned
        .clone()
        .unwrap_or_else(|| "not recorded".to_owned());
    let max = highest_dose(c);
    page.section(Mark::Weigh, "DOSE", &format!(": planned {planned}{max}"));
    for f in findings {
        let followed = if f.followed == Some(true) {
            "followed by the plan: "
        } else {
            ""
        };
        let text = format!(
            "{followed}{}; {} {}{}",
            f.says,
            all_found(&f.because),
            cited(&f.source),
            limits(f)
        );
        page.item(Mark::Weigh, " >", &text, 4);
    }
    for f in usual {
        let text = format!("usual: {} {}{}", f.says, cited(&f.source), limits(f));
        page.item(Mark::Plain, " -", &text, 4);
    }
}

fn aside(page: &mut Page, c: &Checklist) {
    let lines = set_aside(c);
    if lines.is_empty() {
        return;
    }
    let remark = ": by local rules, and not counted";
    page.section(Mark::Weigh, "SET ASIDE", remark);
    for line in lines {
        page.item(Mark::Weigh, " ~", &line, 4);
    }
}

fn unjudged(page: &mut Page, c: &Checklist) {
    let results = not_judged(c);
    if !results.is_empty() {
        let remark = ": no finding here rests on these results";
        page.section(Mark::Plain, "RECORDED AND NOT JUDGED", remark);
        for line in results {
            page.item(Mark::Plain, " - ", &line, 3);
        }
    }
}

fn needed(page: &mut Page, c: &Checklist) {
    let (blood, other) = tests_needed(c);
    let questions = questions_needed(c);
    if blood.is_empty() && other.is_empty() && questions.is_empty() {
        return;
    }
    page.section(Mark::ToDo, "STILL NEEDED", "");
    if !blood.is_empty() {
        page.item(Mark::ToDo, " [ ] Blood draw", &blood.join("; "), 17);
    }
    if !other.is_empty() {
        page.item(Mark::ToDo, " [ ] Other tests", &other.join("; "), 17);
    }
    if !questions.is_empty() {
        if page.style.all {
            for question in &c.questions {
                page.item(Mark::ToDo, " [ ] Ask", &question.about.question, 17);
            }
        } else {
            page.item(Mark::ToDo, " [ ] Ask", &ask(c, &questions), 17);
        }
    }
}

/// The questions by name; a long list points to where they stand already.
fn ask(c: &Checklist, questions: &[String]) -> String {
    const MOST: usize = 12;
    if questions.len() <= MOST {
        return questions.join("; ");
    }
    let stand: Vec<String> = not_known(c)
        .into_iter()
        .flat_map(|(_, _, open)| open)
        .collect();
    let more: Vec<&str> = questions
        .iter()
        .filter(|q| !stand.iter().any(|s| s.contains(q.as_str())))
        .map(String::as_str)
        .collect();
    let others = if more.is_empty() {
        String::new()
    } else {
        format!("; also {}", more.join("; "))
    };
    format!(
        "{} questions: everything under NOT KNOWN that is no test{others}",
        questions.len()
    )
}

fn before(page: &mut Page, c: &Checklist) {
    if c.advice.is_empty() {
        return;
    }
    page.section(Mark::ToDo, "BEFORE THE FIRST DOSE", "");
    let shown: Vec<_> = c
        .advice
        .iter()
        .filter(|a| !a.note || page.style.all)
        .collect();
    for advice in shown {
        page.item(
            Mark::ToDo,
            " [ ]",
            &format!("{} {}", advice.says, cited(&advice.source)),
            5,
        );
    }
    let notes: Vec<String> = c
        .advice
        .iter()
        .filter(|a| a.note)
        .map(|a| format!("{} {}", a.says, within(&c.label.id, &a.source)))
        .collect();
    if !notes.is_empty() && !page.style.all {
        page.item(
            Mark::ToDo,
            " [ ]",
            &format!("all patients: {}", notes.join("; ")),
            5,
        );
    }
}

fn monitoring(page: &mut Page, c: &Checklist) {
    for f in standing(c) {
        page.item(
            Mark::Plain,
            "All patients",
            &format!("{} {}", f.says, cited(&f.source)),
            14,
        );
    }
    let (tests, watch): (Vec<_>, Vec<_>) = c.monitoring.iter().partition(|m| m.at.is_some());
    if page.style.all {
        for m in &c.monitoring {
            let when = when(m).unwrap_or_default();
            let text = [m.what.clone(), when, m.then.clone()]
                .into_iter()
                .filter(|t| !t.is_empty())
                .collect::<Vec<_>>()
                .join("; ");
            page.item(
                Mark::Plain,
                "Monitor",
                &format!("{text} {}", cited(&m.source)),
                14,
            );
        }
        return;
    }
    let due: Vec<String> = tests
        .iter()
        .map(|m| {
            let when = when(m).unwrap_or_default();
            format!("{} {when} {}", m.what, within(&c.label.id, &m.source))
        })
        .collect();
    let more = format!("{} other points after the start", watch.len());
    let text = if due.is_empty() {
        more
    } else if watch.is_empty() {
        due.join("; ")
    } else {
        format!("{}; {more}", due.join("; "))
    };
    if !c.monitoring.is_empty() {
        page.item(Mark::Plain, "Monitor", &text, 14);
    }
}

fn folded(page: &mut Page, c: &Checklist) {
    let count = |o: FindingOutcome| c.findings.iter().filter(|f| f.outcome == o).count();
    let done = c
        .tests
        .iter()
        .filter(|t| t.before_starting && t.status == TestStatus::Done)
        .count();
    let listed = c.tests.iter().filter(|t| t.before_starting).count();
    let advice_open = of(c, FindingOutcome::Unknown, &[Level::Advice]).len();
    let mut parts = vec![
        format!("{} criteria not met", count(FindingOutcome::NotMet)),
        format!("{} not applicable", count(FindingOutcome::NotApplicable)),
        format!("{done} of {listed} listed tests done"),
        format!("{} facts denied as \"everything else\"", c.denied.len()),
        format!("{} statements not evaluated", c.not_evaluated.len()),
    ];
    if advice_open > 0 {
        parts.push(format!("{advice_open} advice not known to apply"));
    }
    page.item(Mark::Plain, "Checked", &parts.join(", "), 14);
    if !page.style.all {
        return;
    }
    page.section(Mark::Plain, "CHECKED AND NOT MET", "");
    for f in c
        .findings
        .iter()
        .filter(|f| f.outcome == FindingOutcome::NotMet)
    {
        page.item(
            Mark::Plain,
            " -",
            &format!(
                "{}: {} {}",
                f.criterion,
                all_found(&f.because),
                cited(&f.source)
            ),
            4,
        );
    }
    if !c.denied.is_empty() {
        let denied: Vec<String> = c.denied.iter().map(|d| name(d)).collect();
        page.section(Mark::Plain, "DENIED BY \"EVERYTHING ELSE: NO\"", "");
        page.item(Mark::Plain, " -", &denied.join(", "), 4);
    }
    page.section(Mark::Plain, "NOT EVALUATED", "");
    for n in &c.not_evaluated {
        page.item(
            Mark::Plain,
            " -",
            &format!(
                "{}: {} {}",
                n.about,
                n.why,
                n.source.as_ref().map(cited).unwrap_or_default()
            ),
            4,
        );
    }
}

fn foot(page: &mut Page, s: &Screening) {
    let mut documents: Vec<_> = s.checklists.iter().flat_map(|c| &c.documents).collect();
    documents.sort();
    documents.dedup();
    let speaks = |id: &str| s.checklists.iter().any(|c| speaks(c, id));
    let (speaking, silent): (Vec<_>, Vec<_>) = documents
        .into_iter()
        .partition(|d| page.style.all || speaks(&d.id));
    let (addressed, named): (Vec<_>, Vec<_>) = speaking
        .into_iter()
        .partition(|d| page.style.all || d.issuer.is_none() || d.local);
    for document in addressed {
        page.item(
            Mark::Plain,
            "Source",
            &format!("[{}] {}", short(&document.id), document.url),
            14,
        );
    }
    let listed = |documents: &[&DocumentUsed]| {
        let ids: Vec<&str> = documents.iter().map(|d| short(&d.id)).collect();
        ids.join(", ")
    };
    let mut guidance = Vec::new();
    if !named.is_empty() {
        guidance.push(listed(&named));
    }
    if !silent.is_empty() {
        guidance.push(format!("nothing met or open in {} others", silent.len()));
    }
    if !guidance.is_empty() {
        page.item(Mark::Plain, "Guidance", &guidance.join("; "), 14);
    }
    let beside = s.checklists.iter().flat_map(|c| &c.documents);
    let mut signed: Vec<_> = beside
        .filter(|d| d.issuer.is_some() && d.reviewed != NOBODY)
        .collect();
    signed.sort();
    signed.dedup();
    for document in signed {
        let text = format!("{}: {}", short(&document.id), document.reviewed);
        page.item(Mark::Plain, "Review", &text, 14);
    }
    for local in &s.library.local {
        page.item(Mark::Plain, "Local rules", local, 14);
    }
    for change in policy_changes(s) {
        page.item(Mark::Plain, "Local policy", &change, 14);
    }
    let begin = |hash: &str| hash.chars().take(12).collect::<String>();
    let mut run = format!(
        "{}, {} {}, rules {}",
        s.run,
        s.engine.name,
        s.engine.version,
        begin(&s.library.hash)
    );
    if page.style.all {
        let _ = write!(run, ", profile {}", begin(&s.patient.profile_hash));
    } else {
        run += "; more with --all";
    }
    page.item(Mark::Plain, "Run", &run, 14);
}
