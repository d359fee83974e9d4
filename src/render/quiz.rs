//! A quiz for a terminal or on paper: the questions, and what came of the answers.

use super::layout::{Mark as Paint, Page, Style};
use super::phrase::{all_found, cited, day, indication, level, mark, outcome_word, reasons};
use crate::checklist::{Conclusion, TestStatus};
use crate::quiz::{
    CONCLUSIONS, Decides, Key, LabelAsked, Mark, Marked, MarkedLabel, MarkedNext, MarkedOption,
    MarkedPoint, Questions, Results, Score, Settles,
};

/// Columns of a lead.
const LEAD: usize = 13;

/// All questions on some cases, without what is right.
pub fn questions<'q>(cases: impl IntoIterator<Item = &'q Questions>, style: Style) -> String {
    let of_case = |questions: &Questions| {
        let mut text = case(questions, style) + &next(questions, style);
        for label in &questions.labels {
            text += &conclude(label, style);
        }
        text
    };
    let cases: Vec<String> = cases.into_iter().map(of_case).collect();
    cases.join("\n\n")
}

/// Whom a case is about: its story, and what the profile says.
pub fn case(questions: &Questions, style: Style) -> String {
    let mut page = Page::new(style);
    heading(&mut page, &questions.case, questions.title.as_deref());
    if let Some(story) = &questions.story {
        page.item(Paint::Plain, "  ", story, 2);
    }
    let as_of = format!(", as of {}", day(&questions.as_of));
    page.section(Paint::Plain, "THE FILE", &as_of);
    for known in &questions.known {
        let lead = format!("  {}", known.part);
        page.item(Paint::Plain, &lead, &known.says.join("; "), LEAD);
    }
    page.out
}

fn heading(page: &mut Page, case: &str, title: Option<&str>) {
    match title {
        Some(title) => page.item(Paint::Plain, &format!("{case}: "), title, 2),
        None => page.item(Paint::Plain, case, "", 2),
    }
}

/// The first question.
pub fn next(questions: &Questions, style: Style) -> String {
    let mut page = Page::new(style);
    page.section(
        Paint::ToDo,
        "WHICH OF THESE WOULD YOU WANT TO KNOW NEXT?",
        "",
    );
    let remark = "Right is what could still change a checklist of this plan: several, one or none.";
    page.item(Paint::Plain, "  ", remark, 2);
    for (number, option) in (1..).zip(&questions.options) {
        let text = format!("{} ({})", option.name, option.fact);
        page.item(Paint::Plain, &format!("  {number}  "), &text, 5);
    }
    page.item(Paint::Plain, "  0  ", "none of these (none)", 5);
    page.out
}

/// The second question, for one label.
pub fn conclude(label: &LabelAsked, style: Style) -> String {
    let mut page = Page::new(style);
    let of = format!(" {}", label.document);
    page.section(Paint::ToDo, "WHAT WOULD YOU DO?", &of);
    let remark = "What is to be said of starting, by this label and the guidance beside it? The first that applies:";
    page.item(Paint::Plain, "  ", remark, 2);
    for (number, conclusion) in (1..).zip(CONCLUSIONS) {
        let text = format!("{} ({})", conclusion.words, conclusion.name.name());
        page.item(Paint::Plain, &format!("  {number}  "), &text, 5);
    }
    page.out
}

/// What came of all answers.
pub fn results(results: &Results, style: Style) -> String {
    let of_case = |marked: &Marked| {
        let mut page = Page::new(style);
        heading(&mut page, &marked.case, marked.title.as_deref());
        let mut text = page.out + &next_marked(&marked.next, style);
        for label in &marked.labels {
            text += &label_marked(label, style);
        }
        text + &learnt(marked, style)
    };
    let cases: Vec<String> = results.cases.iter().map(of_case).collect();
    cases.join("\n\n") + &total(results, style)
}

/// What came of the answer to the first question.
pub fn next_marked(marked: &MarkedNext, style: Style) -> String {
    let mut page = Page::new(style);
    page.section(Paint::Plain, "TO KNOW NEXT", &points(marked.score));
    if !marked.answered {
        page.item(Paint::NotKnown, "  ", "not answered", 2);
    }
    for option in &marked.options {
        of_option(&mut page, option);
    }
    if !marked.left_out.is_empty() {
        let names: Vec<&str> = marked.left_out.iter().map(|c| c.name.as_str()).collect();
        page.item(Paint::Plain, "  Open too", &names.join(", "), LEAD);
    }
    page.out
}

fn of_option(page: &mut Page, marked: &MarkedOption) {
    let (paint, word) = match marked.mark {
        Mark::Right => (Paint::ToDo, "RIGHT"),
        Mark::Missed => (Paint::NotKnown, "MISSED"),
        Mark::Wrong => (Paint::Barrier, "WRONG"),
        Mark::Left => (Paint::Plain, "left out"),
    };
    let name = &marked.option.name;
    let text = match &marked.key {
        Key::Settles(_) => format!("{name}: {}", marked.option.question),
        Key::Known(evidence) => {
            let evidence = std::slice::from_ref(evidence);
            format!("{name}: known already: {}", all_found(evidence))
        }
        Key::NotAsked(_) => {
            format!("{name}: no document of this plan, as held here, asks for it")
        }
    };
    page.item(paint, &format!("  {word}"), &text, LEAD);
    if let Key::Settles(settles) = &marked.key {
        for one in settles {
            let lead = format!("{:LEAD$}- ", "");
            page.item(Paint::Plain, &lead, &settled(one), LEAD + 2);
        }
    }
}

fn settled(one: &Settles) -> String {
    let source = cited(&one.source);
    match (one.level, &one.criterion) {
        (Some(grave), Some(criterion)) => {
            format!("{} {}: {} {source}", level(grave), criterion, one.says)
        }
        _ => format!("{} {source}", one.says),
    }
}

/// What came of the answer to the second question, for one label.
pub fn label_marked(marked: &MarkedLabel, style: Style) -> String {
    let mut page = Page::new(style);
    let title = format!(" {}{}", marked.asked.document, points(marked.score));
    page.section(Paint::Plain, "WHAT FOLLOWS", &title);
    let (paint, word) = if marked.chosen == Some(marked.right) {
        (Paint::ToDo, "RIGHT")
    } else {
        (Paint::Barrier, "WRONG")
    };
    match marked.chosen {
        Some(chosen) => page.item(paint, &format!("  {word}"), words(chosen), LEAD),
        None => page.item(Paint::NotKnown, "  MISSED", "not answered", LEAD),
    }
    if marked.chosen != Some(marked.right) {
        page.item(Paint::Plain, "  It is", words(marked.right), LEAD);
    }
    page.item(Paint::Plain, "  Headline", &marked.headline, LEAD);
    for finding in &marked.findings {
        of_finding(&mut page, finding);
    }
    for test in &marked.tests {
        let source = test.source.as_ref().map(cited).unwrap_or_default();
        let status = match test.status {
            TestStatus::Missing => "no result",
            status => status.words(),
        };
        let why = test.why.split(';').next().unwrap_or_default();
        let text = format!("listed test, {status}; {why} {source}");
        page.item(Paint::ToDo, &format!("  {}: ", test.name), &text, LEAD);
    }
    if let Some((paint, text)) = marked.eligibility.as_ref().and_then(indication) {
        page.item(paint, "  Indication", &text, LEAD);
    }
    page.out
}

fn of_finding(page: &mut Page, f: &Decides) {
    let (paint, word) = (mark(f.outcome, f.level), outcome_word(f.outcome));
    let lead = format!("  {} {word} ", level(f.level));
    let text = format!("{}: {} ({})", f.hazard_name, f.says, f.criterion);
    page.item(paint, &lead, &format!("{text} {}", cited(&f.source)), 4);
    page.item(Paint::Plain, "    Asks", &f.asks, LEAD);
    if !f.because.is_empty() {
        page.item(Paint::Plain, "    Found", &all_found(&f.because), LEAD);
    }
    let open = reasons(&f.open.iter().collect::<Vec<_>>());
    if !open.is_empty() {
        page.item(Paint::Plain, "    Lacks", &open.join("; "), LEAD);
    }
}

fn words(conclusion: Conclusion) -> &'static str {
    let found = CONCLUSIONS.iter().find(|c| c.name == conclusion);
    found.map_or("", |c| c.words)
}

/// What is to be learnt from a case, and its points.
pub fn learnt(marked: &Marked, style: Style) -> String {
    let mut page = Page::new(style);
    if !marked.points.is_empty() {
        page.section(Paint::Plain, "TO TAKE AWAY", "");
    }
    for point in &marked.points {
        of_point(&mut page, point);
    }
    let score = format!("{} of {} points", marked.score.points, marked.score.of);
    page.blank();
    page.item(Paint::Plain, &format!("{}: ", marked.case), &score, 2);
    page.out
}

fn of_point(page: &mut Page, point: &MarkedPoint) {
    page.item(Paint::Plain, "  - ", &point.text, 4);
    for c in &point.criteria {
        let text = match (c.outcome, c.level, &c.says) {
            (Some(outcome), Some(of), Some(says)) => {
                let (word, level) = (outcome_word(outcome), level(of));
                format!("{}: {word}, {level}; {says}", c.criterion)
            }
            _ => format!("{}: no document of this plan has it", c.criterion),
        };
        page.item(Paint::Plain, "      ", &text, 8);
    }
}

/// The sum, and how it was counted.
pub fn total(results: &Results, style: Style) -> String {
    let mut page = Page::new(style);
    let cases = results.cases.len();
    let word = if cases == 1 { "case" } else { "cases" };
    let Score { points, of, .. } = results.score;
    let text = format!("{points} of {of} points in {cases} {word}");
    page.section(Paint::Plain, "RESULT", "");
    page.item(Paint::Plain, "  ", &text, 2);
    let how = "A right option gives a point and a wrong one takes one off, never below 0 for a question; where no option is right, saying so \
         gives one. A right conclusion gives a point. Marked by this program's rules: hold them against the sources.";
    page.item(Paint::Plain, "  ", how, 2);
    page.out
}

fn points(score: Score) -> String {
    format!("  {} of {}", score.points, score.of)
}
