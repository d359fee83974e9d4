//! The sheet for the patient: plain words for the clinician to read, amend and hand over. It holds no ids of criteria, no
//! percentages, no results in figures and no advice to start or stop.

use std::collections::BTreeSet;

use super::layout::{Mark, Page, Style};
use super::phrase::{cited_documents, day, found, name, of, open_tests, questions};
use crate::checklist::{Checklist, Finding, FindingOutcome, Screening};
use crate::dictionary::Section;
use crate::evaluate::Evidence;
use crate::library::{Level, Library};

/// Renders the sheet. What stands in brackets is for the clinician.
pub fn patient(library: &Library, screening: &Screening) -> String {
    let s = screening;
    let mut page = Page::new(Style::default());
    let clinician = format!(
        "[For the clinician: read this, change what is wrong, take out what this person should not be told, then hand it \
         over. What stands in brackets is for you. Made from {}; run {}.]",
        cited_documents(s),
        s.run
    );
    page.item(Mark::Plain, "", &clinician, 0);
    let title = format!("Your checks before {}", name(&s.plan.drug));
    page.section(Mark::Plain, &title, "");
    say(
        &mut page,
        "This medicine calms an immune system that is too active. It can also raise the chance of some health problems. \
         That is why we check you first. What we do not know, we ask. We do not guess.",
    );
    what_was_found(&mut page, library, s);
    what_is_needed(&mut page, library, s);
    page.section(Mark::Plain, "What you can do", "");
    for line in [
        "Bring a list of all your pills, creams, hormones and herbs.",
        "Tell us if you smoke or used to smoke.",
        "Tell us if you could be pregnant, or hope to be.",
        "Ask us about vaccines. Some work better before the first dose, and some must not be too close to it.",
    ] {
        bullet(&mut page, line);
    }
    page.section(Mark::Plain, "Questions you can ask", "");
    for line in [
        "What else could I take?",
        "What is my own chance of harm, out of 100 people like me?",
        "What happens if I wait?",
    ] {
        bullet(&mut page, line);
    }
    page.section(Mark::Plain, "Who to call", "");
    for line in [
        "Your clinic: ______________________________",
        "In an emergency: __________________________",
        "Get help the same day if you have: ________",
        "[The clinic fills in these three lines.]",
    ] {
        page.item(Mark::Plain, "", line, 0);
    }
    page.blank();
    let given = "Checked and given to you by: ______________________ Date: ____________";
    page.item(Mark::Plain, "", given, 0);
    say(
        &mut page,
        "This sheet does not replace talking with your care team.",
    );
    page.out
}

fn say(page: &mut Page, text: &str) {
    page.item(Mark::Plain, "", text, 0);
}

fn bullet(page: &mut Page, text: &str) {
    page.item(Mark::Plain, " - ", text, 3);
}

/// What is met, each kind of harm once for all labels, in the words the rules have for patients.
fn what_was_found(page: &mut Page, library: &Library, s: &Screening) {
    let levels = [Level::Barrier, Level::Warning, Level::Caution];
    let met: Vec<&Finding> = s
        .checklists
        .iter()
        .flat_map(|c| of(c, FindingOutcome::Met, &levels))
        .collect();
    let mut hazards: Vec<&str> = Vec::new();
    for finding in &met {
        if !hazards.contains(&finding.hazard.as_str()) {
            hazards.push(&finding.hazard);
        }
    }
    page.section(Mark::Plain, "What we found", "");
    match hazards.len() {
        0 => say(
            page,
            "We found nothing so far that needs a closer look. That does not mean that there is no risk.",
        ),
        1 => say(
            page,
            "One thing needs a closer look before a choice is made.",
        ),
        n => {
            let text = format!("{n} things need a closer look before a choice is made.");
            say(page, &text);
        }
    }
    for hazard in hazards {
        let Some((title, _, plain)) = library.hazard_text(hazard) else {
            continue;
        };
        page.blank();
        let mut title = title.to_owned();
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        page.item(Mark::Plain, &title, "", 0);
        say(page, plain);
        let of_hazard = met.iter().filter(|f| f.hazard == hazard);
        let said: BTreeSet<String> = of_hazard
            .flat_map(|f| &f.because)
            .filter_map(recorded)
            .collect();
        let said: Vec<String> = said.into_iter().collect();
        if !said.is_empty() {
            say(page, &format!("Your record says: {}.", said.join("; ")));
        }
    }
}

/// What the record says, without figures of results.
fn recorded(evidence: &Evidence) -> Option<String> {
    if ["no", "not taken", "none"].contains(&evidence.value.as_str()) {
        return None;
    }
    let of_test = evidence.path.starts_with("tests");
    let figure = of_test && !evidence.value.chars().all(char::is_alphabetic);
    if !figure && !evidence.value.contains('%') {
        return Some(found(&Evidence {
            given: None,
            age_days: None,
            how: None,
            ..evidence.clone()
        }));
    }
    let date = evidence.date.as_deref().map(day);
    Some(date.map_or_else(
        || evidence.name.clone(),
        |date| format!("{}, {date}", evidence.name),
    ))
}

fn what_is_needed(page: &mut Page, library: &Library, s: &Screening) {
    // What the patient cannot answer is the clinic's to look up: the plan, and what follows from a test not yet done.
    let asks = |c: &Checklist| -> Vec<String> {
        let of_plan = |fact: &str| {
            let dictionary = library.dictionary();
            let id = dictionary.find(fact);
            id.is_some_and(|id| dictionary.fact(id).section == Section::Plan)
        };
        let mut c = c.clone();
        c.questions.retain(|q| !of_plan(&q.about.fact));
        let asked = questions(&c).into_iter().map(|(question, _)| question);
        asked.filter(|q| !q.starts_with("if ")).collect()
    };
    let mut asked: Vec<String> = Vec::new();
    let mut looks: BTreeSet<&str> = BTreeSet::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for c in &s.checklists {
        for question in asks(c) {
            if !asked.contains(&question) {
                asked.push(question);
            }
        }
        for test in open_tests(c).filter(|t| t.after.is_none()) {
            looks.extend(test.sample.as_deref().map(looks_at));
            names.insert(&test.name);
        }
    }
    page.section(Mark::Plain, "What we still need to know", "");
    if looks.is_empty() && asked.is_empty() {
        say(page, "Nothing more is asked for here.");
        return;
    }
    if !looks.is_empty() {
        say(page, "We need some tests. They look at:");
        for look in &looks {
            bullet(page, &format!("{look}."));
        }
        let names: Vec<&str> = names.into_iter().collect();
        say(page, &format!("[Tests: {}]", names.join(", ")));
    }
    if !asked.is_empty() {
        say(page, "Please think about these questions:");
    }
    for question in asked {
        bullet(page, &question);
    }
}

/// What a sample tells, in plain words.
fn looks_at(sample: &str) -> &'static str {
    match sample {
        "blood count" => "Your blood cells",
        "serum" => "How your liver and kidneys work, and your blood fats",
        "TB blood test tube" | "skin test" => "TB germs that may be asleep",
        "serology" | "virology" => "Viruses, such as those of hepatitis B or C",
        "genotype" => "How your body clears some medicines",
        "coagulation" => "How your blood clots",
        "imaging" => "Your lungs",
        "examination" => "Your skin",
        "urine or serum" => "Whether you could be pregnant",
        _ => "Other points your clinic will explain",
    }
}
