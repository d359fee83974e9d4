//! What must come out right: each situation that is easily got wrong.

use chrono::NaiveDate;
use jakscreen::{
    Checklist, Conclusion, Finding, FindingOutcome, Level, Library, Outcome, PlanChange, Profile,
    Reason, Source, Style, TestStatus, render,
};

fn library() -> Library {
    Library::builtin()
}

fn read(library: &Library, yaml: &str) -> Profile {
    Profile::read(library, "profile", yaml).unwrap_or_else(|e| panic!("{e}\n{yaml}"))
}

#[track_caller]
fn on(library: &Library, day: &str, yaml: &str) -> Checklist {
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").expect("a day");
    let screening = library.screen(&read(library, yaml), day);
    screening
        .checklists
        .into_iter()
        .next()
        .expect("a checklist")
}

#[track_caller]
fn checklist(yaml: &str) -> Checklist {
    on(&library(), "2026-11-21", yaml)
}

#[track_caller]
fn finding<'c>(checklist: &'c Checklist, criterion: &str) -> &'c Finding {
    checklist
        .findings
        .iter()
        .find(|f| f.criterion == criterion)
        .unwrap_or_else(|| panic!("no criterion {criterion}"))
}

fn open(finding: &Finding) -> Vec<&str> {
    finding.open.iter().map(|o| o.fact.as_str()).collect()
}

const CLEAN: &str = include_str!("../../examples/profiles/clean.yaml");

#[test]
fn diverticulitis_unknown_is_never_no_flags() {
    assert_eq!(checklist(CLEAN).conclusion, Conclusion::NoFlags);
    let unknown = CLEAN.replacen("history:\n", "history:\n  diverticulitis: not_asked\n", 1);
    let checklist = checklist(&unknown);
    assert_eq!(checklist.conclusion, Conclusion::Incomplete);
    assert_eq!(
        open(finding(&checklist, "gi-perforation-risk")),
        ["diverticulitis"]
    );
    assert_eq!(
        finding(&checklist, "gi-perforation-risk").open[0].reason,
        Reason::NotAsked
    );
}

#[test]
fn no_creatinine_and_a_renal_dose_row_is_incomplete() {
    let checklist = checklist(
        "plan: { drug: baricitinib, indication: rheumatoid_arthritis, label: eu, dose: 2 mg daily }\nabout: { age: 44, sex: male }",
    );
    let row = checklist.findings.iter().find(|f| {
        f.level == Level::Dose
            && f.outcome == FindingOutcome::Unknown
            && f.open.iter().any(|o| o.fact == "crcl")
    });
    assert!(row.is_some());
    assert_eq!(checklist.conclusion, Conclusion::Incomplete);
}

#[test]
fn off_label_keeps_the_limits_of_other_indications_and_marks_them() {
    let checklist = checklist(
        "plan: { drug: baricitinib, indication: atopic_dermatitis, label: us }\ntests: { lymphocytes: 300 /uL }",
    );
    assert_eq!(
        (
            checklist.eligibility.outcome,
            checklist.eligibility.off_label
        ),
        (Outcome::NotMet, true)
    );
    let low = finding(&checklist, "lymphocytes-low");
    assert_eq!(
        (low.outcome, low.level),
        (FindingOutcome::Met, Level::Barrier)
    );
    assert_eq!(low.limit_for, ["rheumatoid_arthritis", "alopecia_areata"]);
    assert_eq!(checklist.conclusion, Conclusion::Barrier);
}

fn thrombosis(history: &str) -> Finding {
    let checklist = checklist(&format!(
        "plan: {{ drug: upadacitinib, indication: rheumatoid_arthritis, label: us }}\nhistory: {{ thrombophilia: no, {history} }}"
    ));
    finding(&checklist, "thrombosis-risk").clone()
}

#[test]
fn a_blanket_denies_a_group_only_if_no_member_is_open() {
    let unknown = thrombosis("deep_vein_thrombosis: unknown, everything_else: no");
    assert_eq!(unknown.outcome, FindingOutcome::Unknown);
    assert_eq!(open(&unknown), ["deep_vein_thrombosis"]);
    assert_eq!(
        thrombosis("everything_else: no").outcome,
        FindingOutcome::NotMet
    );
    assert_eq!(
        thrombosis("venous_thromboembolism: yes, everything_else: no").outcome,
        FindingOutcome::Met
    );
}

#[test]
fn a_group_that_is_present_leaves_its_members_open() {
    let rules = "document: { id: local/test, issuer: Test, title: Test, jurisdiction: us, revision: 2026, url: none, reviewed: none }\ncriteria:\n  - { id: lung-clot, hazard: thrombosis, when: { pulmonary_embolism: yes }, strength: caution, says: caution, section: \"1\", seen: full_text }\n";
    let library = library()
        .with_rules(&[Source {
            name: "test.yaml",
            text: rules,
        }])
        .expect("the rules");
    let plan = "plan: { drug: upadacitinib, indication: rheumatoid_arthritis, label: us }\n";
    let outcome = |history: &str| {
        finding(
            &on(
                &library,
                "2026-11-21",
                &format!("{plan}history: {{ {history} }}"),
            ),
            "lung-clot",
        )
        .outcome
    };
    assert_eq!(
        outcome("venous_thromboembolism: yes, everything_else: no"),
        FindingOutcome::Unknown
    );
    assert_eq!(
        outcome("deep_vein_thrombosis: 2019, everything_else: no"),
        FindingOutcome::NotMet
    );
    assert_eq!(
        outcome("venous_thromboembolism: no"),
        FindingOutcome::NotMet
    );
}

#[test]
fn a_treatment_that_neither_goes_on_nor_ended_leaves_a_biologic_alongside_unknown() {
    let combination = |treatments: &str| {
        let checklist = checklist(&format!(
            "plan: {{ drug: upadacitinib, indication: rheumatoid_arthritis, label: us }}\nmedicines: {{ everything_else: no }}\ntreatments: {{ {treatments} }}"
        ));
        finding(&checklist, "combination").clone()
    };
    let unknown = combination("adalimumab: inadequate_response");
    assert_eq!(
        (unknown.outcome, open(&unknown)),
        (FindingOutcome::Unknown, vec!["adalimumab"])
    );
    assert_eq!(
        combination("adalimumab: { outcome: inadequate_response, stopped: 2026-03 }").outcome,
        FindingOutcome::NotMet
    );
    assert_eq!(
        combination("adalimumab: { outcome: inadequate_response, ongoing: yes }").outcome,
        FindingOutcome::Met
    );
}

#[test]
fn lymphocytes_of_today_derived_win_over_measured_ones_of_2024() {
    let plan = "plan: { drug: upadacitinib, indication: rheumatoid_arthritis, label: us }\n";
    let derived = checklist(&format!(
        "{plan}tests:\n  - {{ date: 2024-06-01, lymphocytes: 1.2 10*9/L }}\n  - {{ date: 2026-11-21, white_cells: 2.0 10*9/L, lymphocyte_percent: 20 % }}"
    ));
    let low = finding(&derived, "lymphocytes-low");
    assert_eq!((low.outcome, low.stale), (FindingOutcome::Met, false));
    assert_eq!(low.because[0].value, "0.4 10*9/L");
    assert!(
        low.because[0]
            .how
            .as_deref()
            .is_some_and(|h| h.contains("white cells"))
    );
    let apart = checklist(&format!(
        "{plan}tests:\n  - {{ date: 2026-11-20, white_cells: 2.0 10*9/L }}\n  - {{ date: 2026-11-21, lymphocyte_percent: 20 % }}"
    ));
    assert_eq!(
        finding(&apart, "lymphocytes-low").outcome,
        FindingOutcome::Unknown
    );
}

#[test]
fn a_positive_igra_of_2022_stands() {
    let plan = "plan: { drug: upadacitinib, indication: rheumatoid_arthritis, label: us }\nhistory: { latent_tuberculosis: { treatment: none }, everything_else: no }\n";
    let stands = checklist(&format!(
        "{plan}tests:\n  - {{ date: 2022-03-01, igra: positive }}\n  - {{ date: 2026-10-01, igra: negative }}"
    ));
    let latent = finding(&stands, "latent-tuberculosis-untreated");
    assert_eq!(
        (latent.outcome, latent.level),
        (FindingOutcome::Met, Level::Barrier)
    );
    assert!(latent.because.iter().any(|e| e.fact == "igra"
        && e.value == "positive"
        && e.date.as_deref() == Some("2022-03-01")));
}

#[test]
fn an_indeterminate_igra_is_repeated_and_another_test_done() {
    let checklist = checklist(
        "plan: { drug: upadacitinib, indication: rheumatoid_arthritis, label: us }\ntests: { igra: indeterminate }\nhistory: { everything_else: no }",
    );
    let latent = finding(&checklist, "latent-tuberculosis-untreated");
    assert_eq!(
        (latent.outcome, open(latent)[0..2].to_vec()),
        (
            FindingOutcome::Unknown,
            vec!["igra", "latent_tuberculosis.started"]
        )
    );
    assert!(open(latent).contains(&"tst"));
    let item = checklist
        .tests
        .iter()
        .find(|t| t.test == "igra")
        .expect("the test");
    assert_eq!(item.status, TestStatus::Indeterminate);
}

const MEDICINES: &str = "document: { id: local/medicines, issuer: Test, title: Test, jurisdiction: us, revision: 2026, url: none, reviewed: none }
criteria:
  - { id: antiplatelet, hazard: thrombocytopenia, when: { taking: { class: antiplatelet, except: { aspirin: { at_most: 81 mg/day } } } }, strength: contraindicated, says: contraindicated, section: \"4\", seen: full_text }
  - { id: dual-inhibitor, hazard: interaction, when: { taking: { all_classes: [moderate_cyp2c9_inhibitor, strong_cyp2c19_inhibitor] } }, strength: avoid, says: avoid, section: \"7\", seen: full_text }
  - { id: dual-moderate-inhibitor, hazard: interaction, when: { taking: { all_classes: [moderate_cyp2c9_inhibitor, moderate_cyp2c19_inhibitor] } }, strength: avoid, says: avoid, section: \"7\", seen: full_text }
";

fn medicines(medicines: &str, criterion: &str) -> Finding {
    let library = library()
        .with_rules(&[Source {
            name: "medicines.yaml",
            text: MEDICINES,
        }])
        .expect("the rules");
    let yaml = format!(
        "plan: {{ drug: upadacitinib, indication: rheumatoid_arthritis, label: us }}\nmedicines: {{ {medicines}, everything_else: no }}\ntreatments: none"
    );
    finding(&on(&library, "2026-11-21", &yaml), criterion).clone()
}

#[test]
fn an_excepted_medicine_needs_its_dose() {
    let both = medicines(
        "clopidogrel: 75 mg daily, aspirin: 75 mg daily",
        "antiplatelet",
    );
    assert_eq!(both.outcome, FindingOutcome::Met);
    assert_eq!(
        both.because
            .iter()
            .map(|e| e.fact.as_str())
            .collect::<Vec<_>>(),
        ["clopidogrel"]
    );
    let without = medicines("aspirin: yes", "antiplatelet");
    assert_eq!(
        (without.outcome, open(&without)),
        (FindingOutcome::Unknown, vec!["aspirin.dose"])
    );
    assert_eq!(
        medicines("aspirin: 81 mg daily", "antiplatelet").outcome,
        FindingOutcome::NotMet
    );
    assert_eq!(
        medicines("aspirin: 100 mg daily", "antiplatelet").outcome,
        FindingOutcome::Met
    );
}

#[test]
fn two_medicines_are_not_one_inhibitor_of_both() {
    assert_eq!(
        medicines("fluconazole: yes", "dual-inhibitor").outcome,
        FindingOutcome::Met
    );
    assert_eq!(
        medicines(
            "omeprazole: yes, amiodarone: yes",
            "dual-moderate-inhibitor"
        )
        .outcome,
        FindingOutcome::NotMet
    );
}

#[test]
fn eye_drops_are_no_potent_immunosuppressant_and_turmeric_is_one_item() {
    for drops in ["ciclosporin: { route: eye }", "ciclosporin eye drops: yes"] {
        assert_eq!(
            medicines(drops, "combination").outcome,
            FindingOutcome::NotMet,
            "{drops}"
        );
    }
    assert_eq!(
        medicines("ciclosporin: yes", "combination").outcome,
        FindingOutcome::Met
    );
    let checklist = checklist(
        "plan: { drug: upadacitinib, indication: rheumatoid_arthritis, label: us }\nmedicines: { turmeric: yes, everything_else: no }\ntreatments: none",
    );
    let asked: Vec<_> = checklist
        .questions
        .iter()
        .filter(|q| q.about.reason == Reason::Unrecognised)
        .collect();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].settles.len() > 3, "{:?}", asked[0].settles);
    assert!(
        !checklist
            .questions
            .iter()
            .any(|q| q.about.fact == "medicines")
    );
}

#[test]
fn hemoglobin_limits_of_two_drugs_in_three_units() {
    let low = |drug: &str, value: &str| {
        let checklist = checklist(&format!(
            "plan: {{ drug: {drug}, indication: rheumatoid_arthritis, label: us }}\ntests: {{ haemoglobin: {value} }}"
        ));
        finding(&checklist, "hemoglobin-low").outcome
    };
    assert_eq!(low("upadacitinib", "8.0 g/dL"), FindingOutcome::NotMet);
    assert_eq!(low("tofacitinib", "8.0 g/dL"), FindingOutcome::Met);
    assert_eq!(low("upadacitinib", "79.9 g/L"), FindingOutcome::Met);
    assert_eq!(low("upadacitinib", "4.96 mmol/L"), FindingOutcome::Met);
    assert_eq!(low("upadacitinib", "4.97 mmol/L"), FindingOutcome::NotMet);
}

#[test]
fn results_with_a_comparator_are_intervals() {
    let below_15 = |egfr: &str| {
        let checklist = checklist(&format!(
            "plan: {{ drug: upadacitinib, indication: atopic_dermatitis, label: us }}\ntests: {{ egfr: \"{egfr} mL/min/1.73m2\" }}\nhistory: {{ everything_else: no }}"
        ));
        finding(&checklist, "egfr-below-15").outcome
    };
    assert_eq!(below_15(">60"), FindingOutcome::NotMet);
    assert_eq!(below_15(">=90"), FindingOutcome::NotMet);
    assert_eq!(below_15("<15"), FindingOutcome::Met);
    assert_eq!(below_15("<30"), FindingOutcome::Unknown);
    let rules = "document: { id: local/kidney, issuer: Test, title: Test, jurisdiction: us, revision: 2026, url: none, reviewed: none }\ncriteria:\n  - { id: below-90, hazard: kidney, when: { egfr: { below: 90 mL/min/1.73m2 } }, strength: caution, says: caution, section: \"1\", seen: full_text }\n";
    let library = library()
        .with_rules(&[Source {
            name: "kidney.yaml",
            text: rules,
        }])
        .expect("the rules");
    let outcome = |egfr: &str| {
        finding(&on(&library, "2026-11-21", &format!("plan: {{ drug: upadacitinib, indication: rheumatoid_arthritis, label: us }}\ntests: {{ egfr: \"{egfr} mL/min/1.73m2\" }}")), "below-90").outcome
    };
    assert_eq!(
        [outcome(">60"), outcome(">=90"), outcome("<90")],
        [
            FindingOutcome::Unknown,
            FindingOutcome::NotMet,
            FindingOutcome::Met
        ]
    );
}

#[test]
fn hepatitis_b_patterns() {
    let rules = "document: { id: local/hbv, issuer: Test, title: Test, jurisdiction: us, revision: 2026, url: none, reviewed: none }\ncriteria:\n  - { id: isolated-core, hazard: hepatitis_b, when: { hepatitis_b_pattern: isolated_core }, strength: caution, says: caution, section: \"1\", seen: full_text }\n  - { id: immune, hazard: hepatitis_b, when: { hepatitis_b_pattern: immune_by_vaccine }, strength: advise, says: immune, section: \"1\", seen: full_text }\n  - { id: infected, hazard: hepatitis_b, when: { hepatitis_b_pattern: infected }, strength: avoid, says: avoid, section: \"1\", seen: full_text }\n";
    let library = library()
        .with_rules(&[Source {
            name: "hbv.yaml",
            text: rules,
        }])
        .expect("the rules");
    let checklist = |tests: &str| {
        on(
            &library,
            "2026-11-21",
            &format!(
                "plan: {{ drug: upadacitinib, indication: rheumatoid_arthritis, label: us }}\ntests: {{ {tests} }}"
            ),
        )
    };
    let isolated = checklist("hbsag: negative, anti_hbc: positive, anti_hbs: negative");
    assert_eq!(
        finding(&isolated, "isolated-core").outcome,
        FindingOutcome::Met
    );
    assert_eq!(open(finding(&isolated, "active-hepatitis-b")), ["hbv_dna"]);
    let immune = checklist("hbsag: negative, anti_hbc: negative, anti_hbs: positive");
    assert_eq!(finding(&immune, "immune").outcome, FindingOutcome::Met);
    assert_eq!(
        finding(&immune, "active-hepatitis-b").outcome,
        FindingOutcome::NotMet
    );
    let infected = checklist("hbsag: positive");
    assert_eq!(finding(&infected, "infected").outcome, FindingOutcome::Met);
    assert_eq!(
        finding(&infected, "active-hepatitis-b").outcome,
        FindingOutcome::Met
    );
    assert_eq!(
        finding(&checklist("anti_hbc: positive"), "isolated-core").outcome,
        FindingOutcome::Unknown
    );
}

#[test]
fn an_old_file_judged_today_has_counts_out_of_date() {
    let older = include_str!("../../examples/profiles/older-file.yaml");
    let library = library();
    assert_eq!(
        on(&library, "2026-05-21", older).conclusion,
        Conclusion::NoFlags
    );
    let today = on(&library, "2026-11-21", older);
    assert_eq!(today.conclusion, Conclusion::Incomplete);
    let counts = |name: &str| {
        today
            .tests
            .iter()
            .find(|t| t.test == name)
            .map(|t| t.status)
    };
    assert_eq!(counts("lymphocytes"), Some(TestStatus::OutOfDate));
    assert_eq!(
        finding(&today, "lymphocytes-low").open[0].reason,
        Reason::OutOfDate
    );
    assert!(
        finding(&today, "active-serious-infection")
            .open
            .iter()
            .all(|o| o.reason == Reason::OutOfDate)
    );
}

#[test]
fn an_old_result_accuses_and_never_acquits() {
    let plan = "plan: { drug: upadacitinib, indication: rheumatoid_arthritis, label: us }\n";
    let old = checklist(&format!(
        "{plan}tests:\n  - {{ date: 2025-01-05, neutrophils: 0.8 10*9/L, hemoglobin: 14 g/dL }}"
    ));
    let low = finding(&old, "neutrophils-low");
    assert_eq!((low.outcome, low.stale), (FindingOutcome::Met, true));
    assert!(
        old.tests
            .iter()
            .any(|t| t.test == "neutrophils" && t.status == TestStatus::OutOfDate)
    );
    assert_eq!(
        finding(&old, "hemoglobin-low").outcome,
        FindingOutcome::Unknown
    );
}

#[test]
fn a_plan_at_the_reduced_dose_is_followed_and_does_not_count() {
    let dose = |planned: &str| {
        checklist(&format!(
            "plan: {{ drug: tofacitinib, indication: rheumatoid_arthritis, label: us, dose: {planned}, formulation: tablet }}\ntests: {{ crcl: 45 mL/min }}\nhistory: {{ everything_else: no }}"
        ))
    };
    let followed = dose("5 mg once daily");
    assert_eq!(finding(&followed, "dose-renal").followed, Some(true));
    assert_eq!(followed.dose.followed, Some(true));
    assert_eq!(
        finding(&dose("5 mg twice daily"), "dose-renal").followed,
        Some(false)
    );
}

#[test]
fn a_restricted_finding_documented_still_counts() {
    let checklist = checklist(
        "plan: { drug: upadacitinib, indication: rheumatoid_arthritis, label: eu, no_suitable_alternative: \"three biologics failed\" }\nabout: { age: 65 }",
    );
    let restricted = finding(&checklist, "restricted-age-65");
    assert_eq!(
        (restricted.outcome, restricted.level),
        (FindingOutcome::Met, Level::Warning)
    );
    assert_eq!(
        restricted.alternative.as_deref(),
        Some("three biologics failed")
    );
}

#[test]
fn ages_from_a_year_are_intervals() {
    let restricted = |born: &str| {
        let checklist = checklist(&format!(
            "plan: {{ drug: upadacitinib, indication: rheumatoid_arthritis, label: eu }}\nabout: {{ born: {born} }}"
        ));
        finding(&checklist, "restricted-age-65").outcome
    };
    assert_eq!(restricted("1961-11-21"), FindingOutcome::Met);
    assert_eq!(restricted("1961-11-22"), FindingOutcome::NotMet);
    assert_eq!(restricted("1961"), FindingOutcome::Unknown);
    assert_eq!(restricted("1960"), FindingOutcome::Met);
    assert_eq!(restricted("1962"), FindingOutcome::NotMet);
}

#[test]
fn a_later_exposure_ends_a_negative_tb_test() {
    let infection = |history: &str| {
        let checklist = checklist(&format!(
            "plan: {{ drug: upadacitinib, indication: rheumatoid_arthritis, label: us }}\ntests:\n  - {{ date: 2026-09-01, igra: negative }}\nhistory: {{ {history}, everything_else: no }}"
        ));
        (
            finding(&checklist, "latent-tuberculosis-untreated").outcome,
            checklist
                .tests
                .iter()
                .find(|t| t.test == "igra")
                .map(|t| t.status),
        )
    };
    assert_eq!(
        infection("tb_exposure: 2010"),
        (FindingOutcome::NotMet, Some(TestStatus::Done))
    );
    assert_eq!(
        infection("tb_exposure: 2026-10-15"),
        (FindingOutcome::Unknown, Some(TestStatus::OutOfDate))
    );
    assert_eq!(infection("tb_endemic_stay: yes").0, FindingOutcome::Unknown);
}

#[test]
fn two_labels_are_evaluated_each_on_its_own() {
    let library = library();
    let profile = read(
        &library,
        include_str!("../../examples/profiles/unit-trap.yaml"),
    );
    let screening = library.screen(
        &profile,
        NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day"),
    );
    let labels: Vec<&str> = screening
        .checklists
        .iter()
        .map(|c| c.label.id.as_str())
        .collect();
    assert_eq!(labels, ["us/tofacitinib", "eu/tofacitinib"]);
}

#[test]
fn lymphocytes_of_700_stop_tofacitinib_in_the_eu_only() {
    let low = |label: &str| {
        let checklist = checklist(&format!(
            "plan: {{ drug: tofacitinib, indication: rheumatoid_arthritis, label: {label} }}\ntests: {{ lymphocytes: 700 /uL }}"
        ));
        finding(&checklist, "lymphocytes-low").outcome
    };
    assert_eq!(
        [low("us"), low("eu")],
        [FindingOutcome::NotMet, FindingOutcome::Met]
    );
}

#[test]
fn the_word_safe_is_nowhere() {
    let library = library();
    let day = NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day");
    for entry in std::fs::read_dir("examples/profiles").expect("the examples") {
        let text = std::fs::read_to_string(entry.expect("a file").path()).expect("an example");
        let screening = library.screen(&read(&library, &text), day);
        let style = Style {
            all: true,
            ..Style::default()
        };
        for out in [
            render::text(&screening, style),
            render::plain(&screening),
            render::json(&screening),
        ] {
            let words: Vec<&str> = out.split(|c: char| !c.is_ascii_alphabetic()).collect();
            assert!(
                !words
                    .iter()
                    .any(|w| w.eq_ignore_ascii_case("safe") || w.eq_ignore_ascii_case("safely"))
            );
        }
    }
}

#[test]
fn a_drug_without_a_label_in_a_jurisdiction_is_known_by_name() {
    let label = "document: { id: us/ruxolitinib, title: Test, drug: ruxolitinib, jurisdiction: us, revision: 2026, url: none, reviewed: none }\n";
    let library = library()
        .with_rules(&[Source {
            name: "ruxolitinib.yaml",
            text: label,
        }])
        .expect("the label");
    let problems = Profile::read(
        &library,
        "profile",
        "plan: { drug: Jakafi, indication: vitiligo, label: [us, eu] }",
    )
    .expect_err("no EU label");
    assert_eq!(
        problems.list().iter().map(|d| d.code).collect::<Vec<_>>(),
        [jakscreen::Code::UnknownDocument]
    );
}

#[test]
fn a_choice_may_be_written_as_clinicians_abbreviate_it() {
    let findings = |indication: &str, sex: &str, smoking: &str| {
        checklist(&format!(
            "plan: {{ drug: upadacitinib, indication: {indication}, label: us }}\n\
             about: {{ age: 54, sex: {sex}, smoking: {smoking} }}\n"
        ))
        .findings
    };
    let long = findings("rheumatoid_arthritis", "female", "former");
    assert_eq!(findings("RA", "F", "Ex-smoker"), long);
    assert_ne!(findings("UC", "F", "Ex-smoker"), long);
    // Who does not smoke may have smoked.
    let unclear =
        "plan: { drug: upadacitinib, indication: RA, label: us }\nabout: { smoking: non-smoker }\n";
    assert!(Profile::read(&library(), "profile", unclear).is_err());
}

#[test]
fn what_could_change_the_headline_is_part_of_what_is_needed_and_settles_it() {
    let library = library();
    for (name, profile) in crate::cohort::profiles(&library) {
        let screening = library.screen(&profile, crate::cohort::day());
        let whole = render::needed(&screening, Style::default(), false);
        let headline = render::needed(&screening, Style::default(), true);
        let questions = |text: &str| -> Vec<String> {
            let joined = text.replace("\n     ", " ");
            let lines = joined
                .lines()
                .filter(|l| l.ends_with(')') && l.contains("? ("));
            lines.map(str::to_owned).collect()
        };
        let all = questions(&whole);
        assert!(
            questions(&headline).iter().all(|q| all.contains(q)),
            "{name}"
        );
        let waits = |c: &Checklist| c.conclusion == Conclusion::Incomplete;
        if screening.checklists.iter().any(waits) {
            assert!(headline.contains(" [ ] "), "{name}: {headline}");
        } else {
            assert!(!headline.contains(" [ ] "), "{name}: {headline}");
            assert!(!headline.contains("ADVICE"), "{name}");
        }
    }
}

#[test]
fn a_dose_of_one_drug_says_nothing_of_another() {
    let library = library();
    let text = "plan: { drug: upadacitinib, indication: rheumatoid_arthritis, label: us, dose: 30 mg daily, \
                formulation: oral_solution }\n";
    let planned = |drug: &str| {
        let change = PlanChange {
            drug: Some(drug.to_owned()),
            ..PlanChange::default()
        };
        let profile = Profile::read_with(&library, "profile", text, &change).expect("a profile");
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day");
        library.screen(&profile, day).plan.dose
    };
    assert_eq!(planned("upadacitinib").as_deref(), Some("30 mg daily"));
    assert_eq!(planned("Rinvoq").as_deref(), Some("30 mg daily"));
    assert_eq!(planned("tofacitinib"), None);
}
