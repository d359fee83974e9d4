//! The checklist in Markdown, for notes and trackers that show it: the order of the text, tick boxes for what is to be done.

use super::phrase::{
    all_found, cited, concluded, day, differences, dose_unchecked, highest_dose, indication, level,
    limits, name, not_judged, not_known, of, policy_changes, questions, set_aside, standing,
    tests_needed, together, when,
};
use crate::checklist::{Checklist, Finding, FindingOutcome, Screening, TestStatus};
use crate::library::Level;

/// Renders a screening in Markdown (`CommonMark` with task lists).
pub fn markdown(screening: &Screening) -> String {
    let s = screening;
    let mut page = Page(String::new());
    page.head(1, "JAK inhibitor pre-treatment screen");
    page.text("For review by a prescriber.");
    let id = s.patient.id.as_deref().unwrap_or("no id given");
    let known = [Some(id), s.patient.sex.as_deref(), s.patient.age.as_deref()];
    let known: Vec<&str> = known.into_iter().flatten().collect();
    page.item("Patient", &known.join(", "));
    let dose = s.plan.dose.as_deref().unwrap_or("(dose not given)");
    let start = s.plan.start.as_deref().map(day);
    let start = start.map_or_else(String::new, |d| format!(", start {d}"));
    let plan = format!(
        "{} {dose}, {}{start}",
        name(&s.plan.drug),
        name(&s.plan.indication)
    );
    page.item("Plan", &plan);
    for label in s.checklists.iter().map(|c| &c.label) {
        let text = format!(
            "{}: {}, revision {}; {}",
            label.id, label.title, label.revision, label.reviewed
        );
        page.item("Label", &text);
    }
    let policy = "; how old a result may be is local policy";
    page.item("As of", &format!("{}{policy}", day(&s.as_of)));
    for notice in &s.diagnostics {
        page.item("Note", &format!("{} ({})", notice.message, notice.path));
    }
    if s.checklists.len() > 1 {
        page.head(2, "The labels side by side");
        page.text("Where they differ, each as it stands, not merged.");
        for (hazard, cells) in differences(&s.checklists) {
            let labels = s.checklists.iter().map(|c| &c.label.id);
            let cells: Vec<String> = labels
                .zip(cells)
                .map(|(l, (word, says))| format!("{l}: {word} {says}").trim().to_owned())
                .collect();
            page.item(&hazard, &cells.join("; "));
        }
    }
    for checklist in &s.checklists {
        page.checklist(checklist);
    }
    page.head(2, "Basis");
    let mut documents: Vec<_> = s.checklists.iter().flat_map(|c| &c.documents).collect();
    documents.sort();
    documents.dedup();
    for d in documents {
        let local = if d.local { "LOCAL " } else { "" };
        let text = format!("{}, revision {}; {}", d.title, d.revision, d.reviewed);
        page.item(&format!("{local}{}", d.id), &text);
        page.address(&d.url);
    }
    for change in s.library.local.iter().cloned().chain(policy_changes(s)) {
        page.item("Local rules", &change);
    }
    let run = format!(
        "{}, {} {}, rules {}, profile {}",
        s.run, s.engine.name, s.engine.version, s.library.hash, s.patient.profile_hash
    );
    page.item("Run", &run);
    page.0
}

/// A page that grows; what is put on it is escaped.
struct Page(String);

impl Page {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn head(&mut self, depth: usize, title: &str) {
        if !self.0.is_empty() && !self.0.ends_with("\n\n") {
            self.line("");
        }
        self.line(&format!("{} {}\n", "#".repeat(depth), escaped(title)));
    }

    fn text(&mut self, text: &str) {
        self.line(&format!("{}\n", escaped(text)));
    }

    fn item(&mut self, lead: &str, text: &str) {
        self.line(&format!("- **{}**: {}", escaped(lead), escaped(text)));
    }

    fn below(&mut self, text: &str) {
        self.line(&format!("  - {}", escaped(text)));
    }

    fn tick(&mut self, text: &str) {
        self.line(&format!("- [ ] {}", escaped(text)));
    }

    fn address(&mut self, url: &str) {
        let plain = |c: char| c.is_ascii_graphic() && !"<>".contains(c);
        if url.starts_with("https://") && url.chars().all(plain) {
            self.line(&format!("  - <{url}>"));
        } else {
            self.below(url);
        }
    }

    fn checklist(&mut self, c: &Checklist) {
        let (_, word) = concluded(c);
        self.head(2, &format!("{}: {word}", c.label.id));
        self.text(&c.headline);
        if let Some((_, text)) = indication(&c.eligibility) {
            self.item("Indication", &text);
        }
        for line in set_aside(c) {
            self.item("Set aside by local rules, and not counted", &line);
        }
        self.findings(c, "Barriers", &[Level::Barrier]);
        let unknown = not_known(c);
        if !unknown.is_empty() {
            self.head(3, "Not known: not assumed normal");
        }
        for (hazard, could, open) in unknown {
            let lead = format!("{hazard}, could add a {}", level(could));
            self.item(&lead, &open.join("; "));
        }
        self.findings(c, "To weigh", &[Level::Warning, Level::Caution]);
        self.dose(c);
        self.unjudged(c);
        self.needed(c);
        self.after(c);
    }

    fn findings(&mut self, c: &Checklist, title: &str, levels: &[Level]) {
        let met = of(c, FindingOutcome::Met, levels);
        if !met.is_empty() {
            self.head(3, title);
        }
        for group in together(&met) {
            if let Some(f) = group.first() {
                let lead = format!("{} {}", level(f.level), f.hazard_name);
                self.item(&lead, &all_found(&f.because));
            }
            for f in group {
                let reason = f.alternative.as_ref();
                let reason = reason.map_or_else(String::new, |r| format!("; documented: {r}"));
                let source = cited(&f.source);
                self.below(&format!(
                    "says: {}{} {source} {}{reason}",
                    f.says,
                    limits(f),
                    f.criterion
                ));
                if let Some(clears) = &f.clears {
                    self.below(&format!("clears: {clears}"));
                } else if let Some(action) = &f.action {
                    self.below(&format!("to do: {action}"));
                }
            }
        }
    }

    fn unjudged(&mut self, c: &Checklist) {
        let results = not_judged(c);
        if !results.is_empty() {
            self.head(
                3,
                "Recorded and not judged: no finding here rests on these results",
            );
            self.text(&results.join("; "));
        }
    }

    fn dose(&mut self, c: &Checklist) {
        let met = of(c, FindingOutcome::Met, &[Level::Dose]);
        let usual = of(c, FindingOutcome::Note, &[Level::Dose]);
        if met.is_empty() && usual.is_empty() {
            if let Some(unchecked) = dose_unchecked(c) {
                self.head(3, "Dose");
                self.text(&unchecked);
            }
            return;
        }
        let planned = c.dose.planned.as_deref().unwrap_or("not recorded");
        self.head(3, &format!("Dose: planned {planned}{}", highest_dose(c)));
        for f in met {
            let followed = if f.followed == Some(true) {
                "Followed by the plan"
            } else {
                "To weigh"
            };
            let text = format!(
                "{}{}; {} {}",
                f.says,
                limits(f),
                all_found(&f.because),
                cited(&f.source)
            );
            self.item(followed, &text);
        }
        for f in usual {
            self.item(
                "Usual",
                &format!("{}{} {}", f.says, limits(f), cited(&f.source)),
            );
        }
    }

    fn needed(&mut self, c: &Checklist) {
        let (blood, other) = tests_needed(c);
        let questions = questions(c);
        if !(blood.is_empty() && other.is_empty() && questions.is_empty()) {
            self.head(3, "Still needed");
        }
        for text in blood {
            self.tick(&format!("Blood draw, {text}"));
        }
        for text in other {
            self.tick(&format!("Test: {text}"));
        }
        for (question, could) in questions {
            self.tick(&format!("{question} ({})", level(could)));
        }
        if !c.advice.is_empty() {
            self.head(3, "Before the first dose");
        }
        for a in &c.advice {
            let all = if a.note { "all patients: " } else { "" };
            self.tick(&format!("{all}{} {}", a.says, cited(&a.source)));
        }
    }

    fn after(&mut self, c: &Checklist) {
        let standing = standing(c);
        if !standing.is_empty() || !c.monitoring.is_empty() {
            self.head(3, "For all patients, and after the start");
        }
        for f in standing {
            self.item(
                "All patients",
                &format!("{}{} {}", f.says, limits(f), cited(&f.source)),
            );
        }
        for m in &c.monitoring {
            let when = when(m).map_or_else(String::new, |w| format!("{w}; "));
            self.item(&m.what, &format!("{when}{} {}", m.then, cited(&m.source)));
        }
        let count = |o: FindingOutcome| c.findings.iter().filter(|f| f.outcome == o).count();
        self.head(3, "Checked");
        let not_met = c
            .findings
            .iter()
            .filter(|f| f.outcome == FindingOutcome::NotMet);
        let not_met: Vec<String> = not_met.map(describe).collect();
        self.item(
            &format!("{} criteria not met", not_met.len()),
            &not_met.join("; "),
        );
        let listed = c.tests.iter().filter(|t| t.before_starting);
        let done = listed.filter(|t| t.status == TestStatus::Done);
        let done: Vec<&str> = done.map(|t| t.name.as_str()).collect();
        self.item(
            &format!("{} listed tests done", done.len()),
            &done.join(", "),
        );
        let denied: Vec<String> = c.denied.iter().map(|d| name(d)).collect();
        let lead = format!("{} facts denied as \"everything else\"", denied.len());
        self.item(&lead, &denied.join(", "));
        let advice: Vec<String> = of(c, FindingOutcome::Unknown, &[Level::Advice])
            .into_iter()
            .map(describe)
            .collect();
        let lead = format!("{} advice not known to apply", advice.len());
        self.item(&lead, &advice.join("; "));
        let lead = "Not applicable";
        self.item(
            lead,
            &format!("{} criteria", count(FindingOutcome::NotApplicable)),
        );
        self.head(3, "Not evaluated");
        for n in &c.not_evaluated {
            let source = n.source.as_ref().map(cited).unwrap_or_default();
            self.item(&n.about, &format!("{} {source}", n.why));
        }
    }
}

fn describe(f: &Finding) -> String {
    format!("{} {}", f.criterion, cited(&f.source))
}

/// Characters that Markdown would read are written as themselves.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim_end().chars() {
        if "\\`*_[]<>|#~&".contains(c) {
            out.push('\\');
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}
