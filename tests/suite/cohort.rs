//! The example cohort: every drug with every indication, and clean patients that stay clean.

use std::collections::BTreeSet;
use std::fs;

use chrono::NaiveDate;
use jakscreen::{Conclusion, Library, Profile};
use serde_yaml::Value;

/// The profiles of the cohort: each one's file name and text.
pub(crate) fn texts() -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = fs::read_dir("examples/cohort")
        .expect("the cohort")
        .map(|entry| entry.expect("a file").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            let text = fs::read_to_string(&path).expect("a profile");
            (name.into_owned(), text)
        })
        .collect();
    texts.sort();
    texts
}

pub(crate) fn profiles(library: &Library) -> Vec<(String, Profile)> {
    let read = |(name, text): (String, String)| {
        let profile = Profile::read(library, &name, &text).unwrap_or_else(|e| panic!("{e}"));
        (name, profile)
    };
    texts().into_iter().map(read).collect()
}

pub(crate) fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")
}

#[test]
fn patients_without_risk_have_no_flag_and_every_indication_has_one() {
    let library = Library::builtin();
    let mut clean = BTreeSet::new();
    let mut flagged = Vec::new();
    let mut ids = BTreeSet::new();
    let profiles = profiles(&library);
    assert!(profiles.len() >= 40);
    for (name, profile) in &profiles {
        let patient = profile.patient().expect("an id").to_owned();
        assert!(ids.insert(patient), "{name}: the id is used twice");
        if !name.ends_with("-clean.yaml") {
            continue;
        }
        let screening = library.screen(profile, day());
        for checklist in &screening.checklists {
            let jurisdiction = checklist.label.jurisdictions[0].clone();
            let plan = &screening.plan;
            clean.insert((plan.drug.clone(), plan.indication.clone(), jurisdiction));
            if checklist.conclusion != Conclusion::NoFlags {
                flagged.push(format!("{name}: {}", checklist.headline));
            }
        }
    }
    assert!(flagged.is_empty(), "{flagged:#?}");
    let all = triples();
    let without: Vec<_> = all.difference(&clean).collect();
    assert!(without.is_empty(), "no clean patient: {without:?}");
}

/// Every drug with every indication of each of its labels.
#[allow(clippy::disallowed_methods, reason = "shipped files, not a user's")]
fn triples() -> BTreeSet<(String, String, String)> {
    let mut triples = BTreeSet::new();
    for path in crate::cases::documents() {
        let text = fs::read_to_string(path).expect("a document");
        let document: Value = serde_yaml::from_str(&text).expect("YAML");
        let head = |key: &str| document["document"][key].as_str().map(str::to_owned);
        let (Some(drug), Some(jurisdiction)) = (head("drug"), head("jurisdiction")) else {
            continue;
        };
        for entry in document["indications"].as_sequence().into_iter().flatten() {
            let indication = entry["indication"].as_str().expect("an indication");
            triples.insert((drug.clone(), indication.to_owned(), jurisdiction.clone()));
        }
    }
    triples
}
