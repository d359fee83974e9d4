//! Profiles made in memory, and what they meet without words: the same as profiles that are read, and as checklists.

use chrono::{Days, NaiveDate};
use jakscreen::memory::{Decimal, Fact, Record, Recorder};
use jakscreen::{FindingOutcome, Library, PlanChange, Profile, Reason, Screener, Screening};
use proptest::prelude::*;

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

/// Criteria of a screener by document and id.
fn named(screener: &Screener<'_>, numbers: &[usize]) -> Vec<(String, String)> {
    let name = |n: &usize| {
        let criterion = screener.criteria()[*n];
        (criterion.document.to_owned(), criterion.id.to_owned())
    };
    let mut names: Vec<_> = numbers.iter().map(name).collect();
    names.sort();
    names
}

fn plan(drug: &str, indication: &str, label: &str) -> PlanChange {
    PlanChange {
        drug: Some(drug.to_owned()),
        indication: Some(indication.to_owned()),
        labels: vec![label.to_owned()],
    }
}

/// Makes records of a plan for rheumatoid arthritis.
fn recorder<'l>(library: &'l Library, drug: &str, label: &str) -> Recorder<'l> {
    Recorder::new(library, &plan(drug, "rheumatoid_arthritis", label)).expect("a plan")
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
                assert_eq!(
                    named(&screener, &numbers),
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

/// The conclusion, what came out of each criterion, and the listed tests.
fn outcomes(s: &Screening) -> impl PartialEq + std::fmt::Debug + use<> {
    let c = &s.checklists[0];
    let findings = c.findings.iter();
    let findings = findings.map(|f| (f.criterion.clone(), f.outcome, f.stale));
    let tests = c.tests.iter().map(|t| (t.test.clone(), t.status));
    let (findings, tests): (Vec<_>, Vec<_>) = (findings.collect(), tests.collect());
    (c.conclusion, findings, tests)
}

/// What decided the criteria, in words.
fn evidence(s: &Screening) -> Vec<(String, String, Option<String>)> {
    let findings = s.checklists[0].findings.iter().flat_map(|f| &f.because);
    let said = findings.map(|e| (e.name.clone(), e.value.clone(), e.date.clone()));
    said.collect()
}

/// A record is its file, value by value.
#[test]
fn a_record_in_memory_is_what_its_file_says() {
    let library = Library::builtin();
    let recorder = recorder(&library, "upadacitinib", "us");
    let fact = |name: &str| library.fact(name).expect("a fact");
    let taken = day().pred_opt().expect("a day");
    let mut record = recorder.record(day());
    let age = fact("age");
    let years = library.unit(age, "years").expect("a unit");
    record
        .quantity(Decimal::from(71), &years, None)
        .expect("an age");
    let hemoglobin = fact("hemoglobin");
    let grams = library.unit(hemoglobin, "g/dL").expect("a unit");
    let value = Decimal::new(74, 1);
    record
        .quantity(value, &grams, Some(taken))
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
    assert_eq!(outcomes(&made), outcomes(&read));
    let of_made = evidence(&made);
    assert_eq!(of_made, evidence(&read), "the same evidence in words");
    assert!(of_made.len() > 3, "{of_made:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// However often a fact is said, with dates and without and in whatever order: a record is the file that says the same.
    #[test]
    fn what_is_said_in_any_order_is_what_its_file_says(
        // Tenths of g/dL, and how many days ago.
        values in prop::collection::vec((60i64..180, prop::option::of(0u64..400)), 0..5),
        results in prop::collection::vec((0usize..3, prop::option::of(0u64..400)), 0..4),
        clot in prop::option::of((any::<bool>(), any::<bool>())),
        age in prop::option::of(18i64..90),
        denied in any::<bool>(),
        mixed in any::<bool>(),
    ) {
        let library = Library::builtin();
        let recorder = recorder(&library, "upadacitinib", "us");
        let fact = |name: &str| library.fact(name).expect("a fact");
        let grams = library.unit(fact("hemoglobin"), "g/dL").expect("a unit");
        let words = ["positive", "negative", "indeterminate"];
        let ago = |days: Option<u64>| days.map(|d| day() - Days::new(d));
        // What has no date is of the day of the record.
        let found = |days: Option<u64>| ago(days).unwrap_or(day());
        let mut panels = Vec::new();
        let mut record = recorder.record(day());
        let hemoglobin = |record: &mut Record, values: &[(i64, Option<u64>)]| {
            for (tenths, days) in values {
                record.quantity(Decimal::new(*tenths, 1), &grams, ago(*days)).expect("a value");
            }
        };
        // Some before the other test, some after it.
        let (before, after) = values.split_at(if mixed { values.len() / 2 } else { 0 });
        hemoglobin(&mut record, before);
        for (word, days) in &results {
            let choice = library.choice(fact("igra"), words[*word]).expect("a word");
            record.choice(choice, ago(*days));
            panels.push(format!("{{ date: {}, igra: {} }}", found(*days), words[*word]));
        }
        hemoglobin(&mut record, after);
        for (tenths, days) in &values {
            let value = Decimal::new(*tenths, 1);
            panels.push(format!("{{ date: {}, hemoglobin: {value} g/dL }}", found(*days)));
        }
        if let Some(age) = age {
            let years = library.unit(fact("age"), "years").expect("a unit");
            record.quantity(Decimal::from(age), &years, None).expect("an age");
        }
        let about = age.map_or(String::new(), |age| format!("about: {{ age: {age} }},"));
        let mut history = Vec::new();
        if let Some((clot, since)) = clot {
            let date = (clot && since).then(day);
            record.state(fact("venous_thromboembolism"), clot, date);
            let said = if clot { "yes" } else { "no" };
            let since = date.map(|d| format!("{{ since: {d} }}"));
            history.push(format!("venous_thromboembolism: {}", since.as_deref().unwrap_or(said)));
        }
        if denied {
            record.no_other_history();
            history.push("everything_else: no".to_owned());
        }
        let (panels, history) = (panels.join(", "), history.join(", "));
        let text = format!(
            "{{ plan: {{ drug: upadacitinib, indication: rheumatoid_arthritis, label: us }}, as_of: 2026-11-21,
            {about} tests: [{panels}], history: {{ {history} }} }}"
        );
        let read = Profile::read(&library, "a file", &text);
        let read = read.unwrap_or_else(|e| panic!("{e}\n{text}"));
        let (made, read) = (record.finish(), read);
        let mut screener = library.screener("upadacitinib", "us").expect("a label");
        screener.screen(&[made.clone(), read.clone()], day());
        let mut bits = screener.found().map(|f| (f.met_bits.to_vec(), f.unknown_bits.to_vec()));
        let (of_made, of_read) = (bits.next(), bits.next());
        prop_assert_eq!(of_made, of_read, "{}", text);
        let (made, read) = (library.screen(&made, day()), library.screen(&read, day()));
        prop_assert_eq!(outcomes(&made), outcomes(&read), "{}", text);
        prop_assert_eq!(evidence(&made), evidence(&read), "{}", text);
    }
}

/// Says of a state, one after the other, that it is present, denied, or not asked.
fn state(record: &mut Record, fact: Fact, said: &[Option<bool>]) {
    for said in said {
        match said {
            Some(present) => record.state(fact, *present, None),
            None => record.missing(fact, Reason::NotAsked),
        }
    }
}

/// What is said twice counts as it does in words, and memory that is used again keeps nothing.
#[test]
fn said_twice_or_in_used_memory_it_comes_to_its_checklist() {
    let library = Library::builtin();
    let recorder = recorder(&library, "upadacitinib", "us");
    let bowel = library.fact("altered_bowel_transit").expect("a fact");
    let age = library.fact("age").expect("a fact");
    let years = library.unit(age, "years").expect("a unit");
    let mut screener = library.screener("upadacitinib", "us").expect("a label");
    let mut used: Option<Profile> = None;
    let (yes, no, missing) = (Some(true), Some(false), None);
    let (met, not) = (FindingOutcome::Met, FindingOutcome::NotMet);
    // What is present stands before what is missing, and that before what denies.
    for (said, old, outcome) in [
        (&[yes][..], true, met),
        (&[], false, not),
        (&[yes, no], false, met),
        (&[no], true, not),
        (&[no, yes], false, met),
        (&[], true, not),
        (&[yes, missing], false, met),
        (&[no, missing], false, FindingOutcome::Unknown),
        (&[missing, no], false, FindingOutcome::Unknown),
    ] {
        let say = |mut record: Record| {
            state(&mut record, bowel, said);
            if old {
                let age = record.quantity(Decimal::from(80), &years, None);
                age.expect("an age");
            }
            record.no_other_history();
            record.finish()
        };
        let fresh = say(recorder.record(day()));
        let profile = match used.take() {
            Some(used) => say(recorder.record_in(used, day())),
            None => fresh.clone(),
        };
        let screening = library.screen(&profile, day());
        let of_fresh = library.screen(&fresh, day());
        assert_eq!(outcomes(&screening), outcomes(&of_fresh), "{said:?}");
        assert_eq!(evidence(&screening), evidence(&of_fresh), "{said:?}");
        let bowel = self::outcome(&screening, "altered-bowel-transit");
        assert_eq!(bowel, outcome, "{said:?}");
        screener.screen(&[&profile], day());
        let bits = screener.found().next().expect("a profile");
        let numbers: Vec<usize> = bits.met().collect();
        let of_label = found(&screening, "us/upadacitinib", met);
        assert_eq!(named(&screener, &numbers), of_label, "{said:?}");
        used = Some(profile);
    }
}

/// What came out of a criterion.
fn outcome(screening: &Screening, criterion: &str) -> FindingOutcome {
    let mut findings = screening.checklists[0].findings.iter();
    let finding = findings.find(|f| f.criterion == criterion);
    finding.expect("the criterion").outcome
}

/// What contradicts itself is not known, in whatever order it is said.
#[test]
fn a_contradiction_acquits_in_no_order() {
    let library = Library::builtin();
    let fact = |name: &str| library.fact(name).expect("a fact");
    let later = NaiveDate::from_ymd_opt(2028, 1, 1).expect("a day");
    let (met, open) = (FindingOutcome::Met, FindingOutcome::Unknown);
    let years = library.unit(fact("age"), "years").expect("a unit");
    let creatinine = library.unit(fact("creatinine"), "umol/L").expect("a unit");
    let sex = |word| library.choice(fact("sex"), word).expect("a word");
    for swapped in [false, true] {
        for mut two in [[Some(true), Some(false)], [None, Some(false)]] {
            if swapped {
                two.reverse();
            }
            let risk = fact("cardiovascular_risk_factor");
            let mut record = recorder(&library, "baricitinib", "eu").record(day());
            state(&mut record, risk, &two);
            record.no_other_history();
            let screening = library.screen(&record.finish(), day());
            assert_eq!(outcome(&screening, "diabetes-infection"), open, "{two:?}");
        }
        let mut record = recorder(&library, "tofacitinib", "eu").record(day());
        for age in if swapped { [45, 75] } else { [75, 45] } {
            record
                .quantity(Decimal::from(age), &years, None)
                .expect("an age");
        }
        let record = record.finish();
        for day in [day(), later] {
            let screening = library.screen(&record, day);
            assert_eq!(outcome(&screening, "age-over-70"), open);
            assert_eq!(outcome(&screening, "restricted-age-65"), open);
        }
        // By the formula for women below 30, for men above it.
        let mut record = recorder(&library, "baricitinib", "us").record(day());
        record
            .quantity(Decimal::from(60), &years, None)
            .expect("an age");
        let value = Decimal::from(200);
        record
            .quantity(value, &creatinine, Some(day()))
            .expect("a value");
        let mut woman = record.clone();
        woman.choice(sex("female"), None);
        let of_woman = library.screen(&woman.finish(), day());
        assert_eq!(outcome(&of_woman, "egfr-below-30"), met);
        for word in if swapped {
            ["male", "female"]
        } else {
            ["female", "male"]
        } {
            record.choice(sex(word), None);
        }
        let of_both = library.screen(&record.finish(), day());
        assert_eq!(outcome(&of_both, "egfr-below-30"), open);
    }
}

/// In a file too, a group that is not known under one of its names denies nothing.
#[test]
fn a_group_denied_and_unknown_denies_no_member() {
    let library = Library::builtin();
    let text = "{ plan: { drug: tofacitinib, indication: rheumatoid_arthritis, label: eu }, as_of: 2026-11-21,
        about: { age: 50, sex: female }, history: { atherosclerotic_disease: no, ascvd: unknown } }";
    let read = Profile::read(&library, "a file", text).unwrap_or_else(|e| panic!("{e}"));
    let screening = library.screen(&read, day());
    let outcome = outcome(&screening, "recent-myocardial-infarction");
    assert_eq!(outcome, FindingOutcome::Unknown);
}

/// What cannot be is refused, and nothing of it is kept.
#[test]
fn an_impossible_value_is_not_recorded() {
    let library = Library::builtin();
    let recorder = recorder(&library, "upadacitinib", "us");
    let hemoglobin = library.fact("hemoglobin").expect("a fact");
    let grams = library.unit(hemoglobin, "g/L").expect("a unit");
    let mut record = recorder.record(day());
    let refused = record.quantity(Decimal::from(7000), &grams, None);
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
