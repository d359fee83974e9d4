//! What is still needed: blood draws by sample, other tests, questions in full.

use std::collections::BTreeSet;

use super::layout::{Mark, Page, Style};
use super::phrase::{day, level, name, questions, tests_needed};
use crate::checklist::{Checklist, Conclusion, FindingOutcome, Screening};

/// Renders what is still needed for each label. With `headline`, only what could still change the headline: not the whole screen.
pub fn needed(screening: &Screening, style: Style, headline: bool) -> String {
    let mut page = Page::new(style);
    let plan = &screening.plan;
    let title = format!(
        "{} for {}, {}, as of {}",
        name(&plan.drug),
        name(&plan.indication),
        screening.patient.id.as_deref().unwrap_or("no id given"),
        day(&screening.as_of)
    );
    page.item(Mark::Plain, "Still needed before ", &title, 2);
    if headline {
        let remark = "what could still change the headline; this is not the whole screen";
        page.item(Mark::NotKnown, "Only ", remark, 2);
    }
    for checklist in &screening.checklists {
        page.section(Mark::Plain, &checklist.label.id, "");
        if headline && checklist.conclusion == Conclusion::Barrier {
            let text = "A barrier is met: nothing that is open can change the headline.";
            page.item(Mark::Plain, " ", text, 2);
            continue;
        }
        if headline {
            list(&mut page, &decisive(checklist));
        } else {
            list(&mut page, checklist);
        }
    }
    page.out
}

/// A checklist with the open tests and questions only that its conclusion waits for.
fn decisive(checklist: &Checklist) -> Checklist {
    let findings = checklist.findings.iter();
    let unknown = findings.filter(|f| f.outcome == FindingOutcome::Unknown && f.counts());
    let open = unknown
        .flat_map(|f| &f.open)
        .chain(&checklist.eligibility.open);
    let facts: BTreeSet<&str> = open.map(|o| o.fact.as_str()).collect();
    let mut decisive = checklist.clone();
    decisive
        .tests
        .retain(|t| t.before_starting || facts.contains(t.test.as_str()));
    decisive
        .questions
        .retain(|q| facts.contains(q.about.fact.as_str()));
    decisive
}

fn list(page: &mut Page, checklist: &Checklist) {
    let (blood, other) = tests_needed(checklist);
    let questions = questions(checklist);
    if blood.is_empty() && other.is_empty() && questions.is_empty() {
        let left = checklist.not_evaluated.len();
        let text = format!(
            "Nothing is open of what these rules ask; {left} statements of the documents are not evaluated (`check --all` names them)."
        );
        page.item(Mark::Plain, " ", &text, 2);
        return;
    }
    for (title, items) in [("Blood draw", blood), ("Other tests", other)] {
        if !items.is_empty() {
            page.item(Mark::ToDo, title, "", 0);
        }
        for item in items {
            page.item(Mark::ToDo, " [ ] ", &item, 5);
        }
    }
    if !questions.is_empty() {
        page.item(Mark::ToDo, "Questions", "", 0);
    }
    for (question, could_change) in questions {
        let text = format!("{question} ({})", level(could_change));
        page.item(Mark::ToDo, " [ ] ", &text, 5);
    }
}
