//! What a profile records is in every report: judged, or said not to be.

use std::fs;

use jakscreen::{Library, PlanChange, Profile, Screening, Style, render};
use serde_json::Value;

use crate::cohort::day;

fn screen(text: &str) -> Screening {
    let library = Library::builtin();
    let profile = Profile::read(&library, "p", text).unwrap_or_else(|e| panic!("{e}"));
    library.screen(&profile, day())
}

#[allow(clippy::disallowed_methods, reason = "a shipped file, not a user's")]
fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).expect("YAML")
}

/// The newest result of every test of the cohort is behind a finding or among those not judged.
#[test]
fn no_result_is_lost() {
    let absent = ["pending", "not_done", "not_asked", "declined", "unknown"];
    let mut seen = (0, 0);
    let dictionary = yaml(&fs::read_to_string("rules/dictionary/tests.yaml").expect("the tests"));
    let facts = dictionary["facts"].as_object().expect("facts");
    let id = |name: &str| {
        let named = |(id, fact): &(&String, &Value)| {
            let aliases = fact["aliases"].as_array().into_iter().flatten();
            *id == name || aliases.clone().any(|a| a == name)
        };
        facts
            .iter()
            .find(named)
            .map(|(id, _)| id.clone())
            .expect(name)
    };
    for (name, text) in crate::cohort::texts() {
        let screening = screen(&text);
        let json: Value = serde_json::from_str(&render::json(&screening)).expect("JSON");
        let profile = yaml(&text);
        let panels = match &profile["tests"] {
            Value::Array(panels) => panels.clone(),
            Value::Null => Vec::new(),
            one => vec![one.clone()],
        };
        let dated = |panel: &Value| panel["date"].as_str().map(str::to_owned);
        for panel in &panels {
            for (test, value) in panel.as_object().expect("a panel") {
                let newer = |p: &&Value| p.get(test).is_some() && dated(p) > dated(panel);
                let said = value.as_str().is_none_or(|v| !absent.contains(&v));
                if test == "date" || !said || panels.iter().any(|p| newer(&p)) {
                    continue;
                }
                let test = id(test);
                for c in json["checklists"].as_array().expect("checklists") {
                    let path = |e: &Value| {
                        let mut paths = e["path"].as_str().expect("a path").split(", ");
                        paths.any(|p| p.starts_with("tests") && p.ends_with(&format!(" {test}")))
                    };
                    let judged = c["findings"].as_array().expect("findings").iter();
                    let mut judged =
                        judged.flat_map(|f| f["because"].as_array().into_iter().flatten());
                    let mut left = c["not_judged"].as_array().expect("results").iter();
                    let (judged, left) = (judged.any(path), left.any(path));
                    assert!(
                        judged != left,
                        "{name}: {test}: judged {judged}, left {left}"
                    );
                    seen = (seen.0 + usize::from(judged), seen.1 + usize::from(left));
                }
            }
        }
    }
    assert!(seen.0 > 1000 && seen.1 > 300, "{seen:?}");
}

const LIVER: &str = "
plan: { drug: tofacitinib, indication: rheumatoid_arthritis, label: [us, eu], dose: 5 mg twice daily }
about: { age: 60, sex: female }
medicines: { prednisolone: 7.5 mg daily, everything_else: no }
history: { everything_else: no }
tests:
  - { date: 2026-11-10, alt: 280 U/L, igra: indeterminate, tst: 4 mm }
";

#[test]
fn what_nobody_judges_is_printed_in_every_format() {
    let library = Library::builtin();
    let screening = screen(LIVER);
    for text in [
        render::text(&screening, Style::default()),
        render::plain(&screening),
        render::html(&screening),
        render::markdown(&screening),
        render::note(&screening),
    ] {
        let text = text.replace(['\u{a0}', '\n'], " ");
        for result in ["ALT 280 U/L", "IGRA indeterminate"] {
            let normal = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(normal.contains(result), "{result}: {text}");
        }
    }
    // The skin test was judged, and by which limit.
    let profile = Profile::read(&library, "p", LIVER).expect("a profile");
    let file = jakscreen::Source {
        name: "p",
        text: LIVER,
    };
    let text = render::explain(
        &library,
        &profile,
        day(),
        file,
        Some("tst"),
        Style::default(),
    );
    assert!(text.expect("a fact").contains("positive from 5 mm"));
}

/// A medicine that is taken in a dose that is not meant is not denied.
#[test]
fn what_is_taken_is_not_denied() {
    let screening = screen(LIVER);
    let json = render::json(&screening);
    assert!(
        json.contains("\"prednisolone 7.5 mg daily") || json.contains("\"7.5 mg daily\""),
        "{json}"
    );
    for c in &screening.checklists {
        assert!(
            !c.denied.iter().any(|d| d == "prednisolone"),
            "{:?}",
            c.denied
        );
        let because = c.findings.iter().flat_map(|f| &f.because);
        for e in because.filter(|e| e.value == "not taken") {
            assert!(!e.name.contains("prednisolone"), "{}: {e:?}", c.label.id);
        }
    }
}

/// A dose that the plan follows is a limit all the same where drugs are compared.
#[test]
fn a_followed_dose_is_compared() {
    let library = Library::builtin();
    let text = "
plan: { drug: upadacitinib, indication: atopic_dermatitis, label: eu, dose: 15 mg daily }
about: { age: 70, sex: male }
";
    let mut screenings = Vec::new();
    for drug in ["baricitinib", "upadacitinib"] {
        let change = PlanChange {
            drug: Some(drug.to_owned()),
            ..PlanChange::default()
        };
        let profile = Profile::read_with(&library, "p", text, &change).expect("a profile");
        screenings.push(library.screen(&profile, day()));
    }
    let text = render::compare(&screenings, &[], Style::default());
    let (_, dose) = text.split_once("the dose for this patient").expect("a row");
    let dose = dose.split("\n\n").next().expect("a row").replace('\n', " ");
    let dose = dose.split_whitespace().collect::<Vec<_>>().join(" ");
    for says in [
        "2 mg once daily from 65 years",
        "15 mg once daily from 65 years",
        "the plan follows it",
    ] {
        assert!(dose.contains(says), "{says}: {dose}");
    }
}
