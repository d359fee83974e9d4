//! Profiles made in memory, and what they meet without words: the same as profiles that are read, and as checklists.

use jakscreen::memory::{Decimal, Recorder};
use jakscreen::{FindingOutcome, Library, PlanChange, Profile, Reason, Screening};

use crate::cohort::{day, profiles};

#[allow(dead_code, reason = "the example has a `main` of its own")]
#[path = "../../examples/arrow.rs"]
mod arrow;

/// Criteria of a checklist with an outcome, by document and id.
fn found(screening: &Screening, label: &str, outcome: FindingOutcome) -> Vec<(String, String)> {
    let checklist = screening.checklists.iter().find(|c| c.label.id == label);
    let findings = &checklist.expect("a checklist").findings;
    let findings = findings.iter().filter(|f| f.outcome == outcome);
    let mut found: Vec<_> = findings
        .map(|f| (f.source.document.clone(), f.criterion.clone()))
        .collect();
    found.sort();
    found
}

fn plan(drug: &str, indication: &str, label: &str) -> PlanChange {
    PlanChange {
        drug: Some(drug.to_owned()),
        indication: Some(indication.to_owned()),
        labels: vec![label.to_owned()],
    }
}

/// Side by side, whoever stands beside whom, profiles come to what their checklists say; and what decided it is told.
#[test]
fn screened_side_by_side_the_cohort_comes_to_its_checklists() {
    let library = Library::builtin();
    let cohort = profiles(&library);
    // More than fit into one block, in two orders.
    let there = cohort.iter().map(|(_, p)| p.clone());
    let profiles: Vec<Profile> = there.clone().chain(there.rev()).collect();
    let screenings: Vec<Screening> = profiles.iter().map(|p| library.screen(p, day())).collect();
    let mut compared = 0;
    for (drug, label) in [
        ("upadacitinib", "us"),
        ("tofacitinib", "eu"),
        ("baricitinib", "eu"),
        ("abrocitinib", "us"),
    ] {
        let mut screener = library.screener(drug, label).expect("a label");
        screener.screen(&profiles, day());
        for (i, (screening, bits)) in screenings.iter().zip(screener.found()).enumerate() {
            let other_drug = screening.plan.drug != drug;
            if other_drug {
                assert_eq!(bits.unknown().count(), screener.criteria().len());
                assert_eq!(bits.met().count(), 0);
            }
            if screening.plan.drug != drug || !screening.plan.labels.iter().any(|l| l == label) {
                continue;
            }
            compared += 1;
            let id = format!("{label}/{drug}");
            for (numbers, outcome) in [
                (bits.met().collect::<Vec<_>>(), FindingOutcome::Met),
                (bits.unknown().collect(), FindingOutcome::Unknown),
            ] {
                let name = |n: &usize| {
                    let criterion = screener.criteria()[*n];
                    (criterion.document.to_owned(), criterion.id.to_owned())
                };
                let mut names: Vec<_> = numbers.iter().map(name).collect();
                names.sort();
                assert_eq!(
                    names,
                    found(screening, &id, outcome),
                    "{drug} {label} {outcome:?}"
                );
                for number in numbers {
                    let mut told = 0;
                    screener.trace(i, number, |question, _| {
                        assert!(!question.is_empty());
                        told += 1;
                    });
                    let standing = screener.criteria()[number].id;
                    assert!(told > 0 || outcome == FindingOutcome::Met, "{standing}");
                }
            }
        }
    }
    assert!(compared > 40, "{compared}");
}

/// A record is its file, value by value.
#[test]
fn a_record_in_memory_is_what_its_file_says() {
    let library = Library::builtin();
    let plan = plan("upadacitinib", "rheumatoid_arthritis", "us");
    let recorder = Recorder::new(&library, &plan).expect("a plan");
    let fact = |name: &str| library.fact(name).expect("a fact");
    let taken = day().pred_opt().expect("a day");
    let mut record = recorder.record(day());
    let age = fact("age");
    let years = library.unit(age, "years").expect("a unit");
    record
        .quantity(age, Decimal::from(71), years, None)
        .expect("an age");
    let hemoglobin = fact("hemoglobin");
    let grams = library.unit(hemoglobin, "g/dL").expect("a unit");
    let value = Decimal::new(74, 1);
    record
        .quantity(hemoglobin, value, grams, Some(taken))
        .expect("a value");
    record.missing(fact("neutrophils"), Reason::Pending);
    let igra = fact("igra");
    record.choice(
        library.choice(igra, "positive").expect("a word"),
        Some(taken),
    );
    record.state(fact("venous_thromboembolism"), true, None);
    record.state(fact("heart_failure"), false, None);
    record.medicine(library.medicine("ketoconazole").expect("a medicine"));
    record.no_other_medicines();
    let went = library.went("inadequate_response").expect("a word");
    record.treatment(library.medicine("adalimumab").expect("a medicine"), &[went]);
    record.no_other_treatments();
    record.no_other_history();
    let made = record.finish();
    let text = "
plan: { drug: upadacitinib, indication: rheumatoid_arthritis, label: us }
as_of: 2026-11-21
about: { age: 71 }
tests:
  - { date: 2026-11-20, hemoglobin: 7.4 g/dL, igra: positive }
  - { date: 2026-11-21, neutrophils: pending }
history: { venous_thromboembolism: yes, heart_failure: no, everything_else: no }
medicines: { ketoconazole: yes, everything_else: no }
treatments: { adalimumab: { outcome: inadequate_response, ongoing: no }, everything_else: no }
";
    let read = Profile::read(&library, "a file", text).unwrap_or_else(|e| panic!("{e}"));
    let (made, read) = (library.screen(&made, day()), library.screen(&read, day()));
    assert_ne!(made.run, read.run, "runs are told apart");
    let outcomes = |s: &Screening| {
        let c = &s.checklists[0];
        let findings = c
            .findings
            .iter()
            .map(|f| (f.criterion.clone(), f.outcome, f.stale));
        let tests = c.tests.iter().map(|t| (t.test.clone(), t.status));
        (
            c.conclusion,
            findings.collect::<Vec<_>>(),
            tests.collect::<Vec<_>>(),
        )
    };
    assert_eq!(outcomes(&made), outcomes(&read));
    let because = |s: &Screening| {
        let findings = s.checklists[0].findings.iter().flat_map(|f| &f.because);
        let said = findings.map(|e| (e.name.clone(), e.value.clone(), e.date.clone()));
        said.collect::<Vec<_>>()
    };
    assert_eq!(because(&made), because(&read), "the same evidence in words");
}

/// What cannot be is refused, and nothing of it is kept.
#[test]
fn an_impossible_value_is_not_recorded() {
    let library = Library::builtin();
    let plan = plan("upadacitinib", "rheumatoid_arthritis", "us");
    let recorder = Recorder::new(&library, &plan).expect("a plan");
    let hemoglobin = library.fact("hemoglobin").expect("a fact");
    let grams = library.unit(hemoglobin, "g/L").expect("a unit");
    let mut record = recorder.record(day());
    let refused = record.quantity(hemoglobin, Decimal::from(7000), grams, None);
    let refused = refused.expect_err("no value").to_string();
    assert!(
        refused.contains("hemoglobin") && !refused.contains("7000"),
        "{refused}"
    );
    let screening = library.screen(&record.finish(), day());
    assert!(screening.checklists[0].not_judged.is_empty());
    assert!(library.unit(hemoglobin, "mmHg").is_none() && library.fact("no such fact").is_none());
    let nothing = PlanChange::default();
    assert!(
        Recorder::new(&library, &nothing).is_err(),
        "a plan is needed"
    );
}

/// The rows of an Arrow record batch: nulls are not known.
#[test]
fn rows_of_a_record_batch_are_profiles() {
    let library = Library::builtin();
    let plan = plan("upadacitinib", "rheumatoid_arthritis", "us");
    let table = arrow::table(day()).expect("a table");
    let profiles = arrow::profiles(&library, &plan, &table, day()).expect("profiles");
    let mut screener = library.screener("upadacitinib", "us").expect("a label");
    screener.screen(&profiles, day());
    let number = |id: &str| {
        let of_label = screener.criteria().iter();
        let mut ids = of_label.map(|c| (c.document, c.id));
        ids.position(|c| c == ("us/upadacitinib", id))
            .expect("a criterion")
    };
    let hemoglobin = number("hemoglobin-low");
    let said = |row: usize| {
        let found = screener.found().nth(row).expect("a row");
        let met = found.met().any(|n| n == hemoglobin);
        (met, found.unknown().any(|n| n == hemoglobin))
    };
    assert_eq!(
        [0, 1, 2, 3].map(said),
        [(false, false), (true, false), (false, false), (false, true)]
    );
}
