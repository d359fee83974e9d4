//! A criterion as a page for a terminal.

use super::layout::{Mark, Page, Style};
use crate::library::Level;
use crate::rules;

/// Renders a criterion as a page: what it asks, what it says, where it stands, what flips it, its cases.
pub fn criterion(criterion: &rules::Page, style: Style) -> String {
    const INDENT: usize = 15;
    let listed = &criterion.listed;
    let mut page = Page::new(style);
    page.item(Mark::Plain, &listed.id, "", 0);
    let mut line = |lead: &str, text: &str| {
        if !text.is_empty() {
            page.item(Mark::Plain, &format!("  {lead}"), text, INDENT);
        }
    };
    tree(&mut line, "asks", &criterion.asks);
    tree(&mut line, "only for", &criterion.population);
    let level = match listed.level {
        Level::Barrier => "barrier",
        Level::Warning => "warning",
        Level::Caution => "caution",
        Level::Dose => "dose",
        Level::Advice => "advice",
    };
    let strength = listed.strength.name().replace('_', " ");
    let boxed = if criterion.boxed {
        ", in the boxed warning too"
    } else {
        ""
    };
    line("level", &format!("{level} ({strength}{boxed})"));
    line("says", &listed.says);
    line("highest dose", criterion.max.as_deref().unwrap_or_default());
    line("action", criterion.action.as_deref().unwrap_or_default());
    line("note", criterion.note.as_deref().unwrap_or_default());
    let [title, revision, address] = &criterion.source;
    let source = format!("{title}, revision {revision}, section {}", listed.section);
    line("source", &source);
    line("", address);
    line("seen", listed.seen.words());
    line("review", &criterion.reviewed);
    line("facts", &criterion.facts.join(", "));
    for (i, flip) in criterion.flips.iter().enumerate() {
        line(if i == 0 { "flips" } else { "" }, flip);
    }
    let [name, why, plain] = &criterion.hazard_text;
    line("hazard", name);
    line("why", why);
    line("plain words", plain);
    for (outcome, cases) in &criterion.cases {
        let lead = format!("{} {}", cases.len(), outcome.replace('_', " "));
        line(&lead, &cases.join("; "));
    }
    page.out
}

/// The parts of an expression, each on a line of its own; what stands deeper starts with more dots.
fn tree(line: &mut impl FnMut(&str, &str), lead: &str, parts: &[String]) {
    for (i, part) in parts.iter().enumerate() {
        let depth = (part.len() - part.trim_start().len()) / 2;
        let text = format!("{}{}", ". ".repeat(depth), part.trim_start());
        line(if i == 0 { lead } else { "" }, &text);
    }
}
