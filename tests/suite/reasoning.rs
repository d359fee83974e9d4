//! The questions that follow a checklist: why, what if, which drug, and whether it is still the same.

use std::collections::BTreeSet;
use std::fs;

use jakscreen::{Library, PlanChange, Profile, Screening, Source, Style, render, verify};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::binary::{DEMO, err, jakscreen, out, scratch};
use crate::cohort::day;

fn examples() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for folder in ["examples/profiles", "examples/cases"] {
        for entry in fs::read_dir(folder).expect("the examples") {
            let path = entry.expect("a file").path().display().to_string();
            if !path.contains(".lesson.") {
                let text = fs::read_to_string(&path).expect("an example");
                all.push((path, text));
            }
        }
    }
    all.sort();
    assert!(all.len() >= 24);
    all
}

fn read(library: &Library, name: &str, text: &str) -> Profile {
    Profile::read(library, name, text).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn explain(library: &Library, name: &str, text: &str, what: Option<&str>) -> String {
    let profile = read(library, name, text);
    let file = Source { name, text };
    let day = profile.as_of().expect("examples say their day");
    render::explain(library, &profile, day, file, what, Style::default())
        .unwrap_or_else(|help| panic!("{name}: {what:?}: {help}"))
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("reasoning/{name}"), text);
    });
}

#[test]
fn reviewed_explanations() {
    let library = Library::builtin();
    let demo = fs::read_to_string(DEMO).expect("the example");
    for (name, what) in [
        ("all", None),
        ("met", Some("us/upadacitinib/lymphocytes-low")),
        ("several-steps", Some("latent-tuberculosis-untreated")),
        ("not-met", Some("hemoglobin-low")),
        ("not-known", Some("active-hepatitis-b")),
        ("not-applicable", Some("egfr-below-15")),
        ("hazard", Some("hepatitis_b")),
        ("fact", Some("Hb")),
        ("fact-denied", Some("past_tuberculosis")),
        ("medicine", Some("clarithromycin")),
        ("class", Some("strong_cyp3a4_inhibitor")),
    ] {
        let text = explain(&library, "demo-0067.yaml", &demo, what);
        snapshot(&format!("explain-{name}"), &text);
    }
}

/// Everything a checklist speaks of can be asked about, and nothing is wider than a terminal.
#[test]
fn everything_can_be_explained() {
    let library = Library::builtin();
    for (name, text) in examples() {
        let profile = read(&library, &name, &text);
        let screening = library.screen(&profile, profile.as_of().expect("a day"));
        let mut asked = BTreeSet::new();
        for f in screening.checklists.iter().flat_map(|c| &c.findings) {
            asked.insert(format!("{}/{}", f.source.document, f.criterion));
            asked.insert(f.hazard.clone());
            asked.extend(f.open.iter().map(|o| o.fact.clone()));
        }
        assert!(asked.len() > 30, "{name}");
        for what in asked.iter().map(|a| Some(a.as_str())).chain([None]) {
            let text = explain(&library, &name, &text, what);
            assert!(!text.trim().is_empty(), "{name}: {what:?}");
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{name}: {what:?}: {line}");
            }
        }
    }
}

/// What is said to stand on a line stands there.
#[test]
fn evidence_stands_on_its_line() {
    let library = Library::builtin();
    let mut found = 0;
    for (name, text) in examples() {
        let profile = read(&library, &name, &text);
        let screening = library.screen(&profile, profile.as_of().expect("a day"));
        let lines: Vec<&str> = text.lines().collect();
        for f in screening.checklists.iter().flat_map(|c| &c.findings) {
            for e in &f.because {
                let at = profile.lines(&text, &e.path);
                let silent = e.how.as_deref() == Some("everything else denied");
                let from_others = e.path.contains(", ") || e.path.starts_with("plan");
                assert!(silent || from_others || !at.is_empty(), "{name}: {e:?}");
                let Some(given) = &e.given else { continue };
                for line in at {
                    found += 1;
                    assert!(lines[line - 1].contains(given.as_str()), "{name}: {e:?}");
                }
            }
        }
    }
    assert!(found > 20, "{found}");
}

#[test]
fn an_unknown_name_is_told_what_to_write() {
    let output = jakscreen(&["explain", DEMO, "lymfocytes"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("did you mean `lymphocytes`?"),
        "{}",
        err(&output)
    );
    assert_eq!(out(&output), "");
}

#[test]
fn words_the_indication_and_kinds_of_harm_are_explained() {
    let explained = |what: &str| {
        let output = jakscreen(&["explain", DEMO, what]);
        assert_eq!(output.status.code(), Some(0), "{what}: {}", err(&output));
        let text = out(&output);
        assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
        text
    };
    for what in [
        "barrier",
        "NOT KNOWN",
        "not-known",
        "boxed",
        "superseded",
        "CYP3A4",
        "anti-HBc",
    ] {
        assert!(explained(what).contains("\n  Means"), "{what}");
    }
    // A word that is also a fact: both.
    let text = explained("IGRA");
    assert!(
        text.starts_with("WORD igra") && text.contains("FACT igra"),
        "{text}"
    );
    let text = explained("indication");
    for part in [
        "INDICATION us/upadacitinib",
        "upadacitinib, rheumatoid arthritis",
        "the patient is one it means [us 1",
        "It asks",
        "Read",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for what in ["pregnancy", "hepatitis_b", "thrombosis-risk"] {
        assert!(explained(what).matches("\n  Why ").count() <= 1, "{what}");
    }
}

/// An id that has to break does so at one of its joints.
#[test]
fn an_id_breaks_at_a_joint() {
    let library = Library::builtin();
    let demo = fs::read_to_string(DEMO).expect("the example");
    let profile = read(&library, DEMO, &demo);
    let day = profile.as_of().expect("a day");
    let style = Style {
        width: 40,
        ..Style::default()
    };
    let file = Source {
        name: DEMO,
        text: &demo,
    };
    let what = Some("guidance/acr-2021-rheumatoid-arthritis/hepatitis-b-past-infection");
    let text = render::explain(&library, &profile, day, file, what, style).expect("a criterion");
    let id = "guidance/acr-2021-rheumatoid-arthritis/hepatitis-b-past-infection:";
    let joined: String = text.lines().take(4).map(str::trim).collect();
    assert!(joined.replace(' ', "").contains(id), "{text}");
    let broken = text.lines().take(2).map(str::trim_end);
    assert!(
        broken.into_iter().all(|l| l.ends_with(['-', '/', ':'])),
        "{text}"
    );
}

fn what_if(library: &Library, text: &str, changes: &str) -> (Screening, Screening) {
    let profile = read(library, "p", text);
    let day = profile.as_of().expect("a day");
    let plan = PlanChange::default();
    let after = Profile::read_changed(library, "p", text, &plan, changes, day)
        .unwrap_or_else(|e| panic!("{changes}: {e}"));
    (library.screen(&profile, day), library.screen(&after, day))
}

#[test]
fn reviewed_changes() {
    let library = Library::builtin();
    let demo = fs::read_to_string(DEMO).expect("the example");
    for (name, changes) in [
        ("count", "lymphocytes=600 /uL"),
        (
            "tests",
            "hbsag=negative\nanti_hbc=negative\nhcv_antibody=negative",
        ),
        (
            "attribute",
            "latent_tuberculosis={ treatment: started, started: 2026-10-01 }",
        ),
        (
            "medicine",
            "medicines.clarithromycin=yes\nmedicines.prednisolone=no",
        ),
        ("drug", "drug=baricitinib\ndose=2 mg daily"),
        ("label", "label=[us, eu]"),
        ("nothing", "smoking.pack_years=31"),
    ] {
        let (before, after) = what_if(&library, &demo, changes);
        let text = render::changes(&before, &after, Style::default());
        assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
        snapshot(&format!("what-if-{name}"), &text);
    }
}

/// A change gives what the file would give if it said so itself.
#[test]
fn a_change_is_an_edit() {
    let library = Library::builtin();
    let demo = fs::read_to_string(DEMO).expect("the example");
    let edits = [
        (
            "lymphocytes=600 /uL",
            "lymphocytes: 450 /uL",
            "lymphocytes: 600 /uL",
            "2026-11-10",
        ),
        (
            "smoking=never",
            "smoking: { status: former, pack_years: 30 }",
            "smoking: never",
            "",
        ),
        (
            "smoking.pack_years=5",
            "pack_years: 30",
            "pack_years: 5",
            "",
        ),
        ("born=1960", "born: 1959-02-04", "born: 1960", ""),
        (
            "deep_vein_thrombosis=no",
            "deep_vein_thrombosis: 2019",
            "deep_vein_thrombosis: no",
            "",
        ),
        (
            "dvt=2020-01",
            "deep_vein_thrombosis: 2019",
            "deep_vein_thrombosis: 2020-01",
            "",
        ),
        (
            "latent_tuberculosis.treatment=completed",
            "treatment: none",
            "treatment: completed",
            "",
        ),
        (
            "medicines.estradiol=no",
            "estradiol: yes",
            "estradiol: no",
            "",
        ),
        (
            "treatments.methotrexate={ outcome: intolerance }",
            "{ outcome: inadequate_response, ongoing: yes }",
            "{ outcome: intolerance }",
            "",
        ),
        (
            "dose=30 mg daily",
            "dose: 15 mg daily",
            "dose: 30 mg daily",
            "",
        ),
        ("label=eu", "label: us ", "label: eu ", ""),
        (
            "zoster_recombinant=no",
            "[2025-03-01, 2025-05-10]",
            "no",
            "",
        ),
        (
            "history.everything_else=no",
            "everything_else: no",
            "everything_else: no",
            "",
        ),
    ];
    for (change, from, to, day_of_test) in edits {
        let edited = demo.replacen(from, to, 1);
        assert!(demo.contains(from));
        let (_, mut changed) = what_if(&library, &demo, change);
        let profile = read(&library, "p", &edited);
        let mut expected = library.screen(&profile, profile.as_of().expect("a day"));
        for s in [&mut changed, &mut expected] {
            s.run.clear();
            s.patient.profile_hash.clear();
        }
        let mut expected = render::json(&expected);
        if !day_of_test.is_empty() {
            // A result that is said otherwise is of the day of judgement.
            let old = "\"date\": \"2026-11-10\",\n              \"age_days\": 11,\n              \"path\": \"tests 2026-11-10 lymphocytes\"";
            assert!(expected.contains(old));
            let new = "\"date\": \"2026-11-21\",\n              \"age_days\": 0,\n              \"path\": \"tests 2026-11-21 lymphocytes\"";
            expected = expected.replace(old, new);
        }
        assert!(render::json(&changed) == expected, "{change}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Saying what the file says already changes nothing, and a change never panics.
    #[test]
    fn the_same_said_again_changes_nothing(profile in crate::generate::profile()) {
        let library = Library::builtin();
        let text = profile.to_string();
        let Ok(read) = Profile::read(&library, "p", &text) else { return Ok(()) };
        for section in ["about", "history", "vaccines"] {
            for (key, value) in profile[section].as_object().into_iter().flatten() {
                let Some(value) = value.as_str().filter(|v| !v.starts_with(['{', '['])) else { continue };
                let change = format!("{section}.{key}={value}");
                let plan = PlanChange::default();
                let changed = Profile::read_changed(&library, "p", &text, &plan, &change, day());
                let changed = changed.map_err(|e| TestCaseError::fail(format!("{change}: {e}")))?;
                let (before, after) = (library.screen(&read, day()), library.screen(&changed, day()));
                let said = render::changes(&before, &after, Style::default());
                prop_assert_eq!(said, "Nothing changes.\n", "{}", change);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever is typed, it is read or refused, and what is refused is told at a place in the text with the changes.
    #[test]
    fn any_change_is_read_or_refused(
        name in "(tests|history|about|plan|medicines|treatments|vaccines|x)?\\.?(hbsag|smoking|smoking.pack_years|born|weight|label|dose|drug|latent_tuberculosis.treatment|everything_else|igra|\\PC{0,6})",
        value in "(\\PC{0,12}|\\{ ?[a-z]{0,3}: ?\\PC{0,6}|\\[\\PC{0,6}\\]|negative|3 kg|none|2019|yes|no|unknown|5 mg daily)",
    ) {
        let library = Library::builtin();
        let demo = fs::read_to_string(DEMO).expect("the example");
        let changes = format!("{name}={value}");
        let plan = PlanChange::default();
        match Profile::read_changed(&library, "p", &demo, &plan, &changes, day()) {
            Ok(profile) => {
                let after = library.screen(&profile, day());
                let before = library.screen(&read(&library, "p", &demo), day());
                let text = render::changes(&before, &after, Style::default());
                prop_assert!(!text.contains(char::from(27)), "a control character");
            }
            Err(problems) => {
                for d in problems.list() {
                    let whole = if d.file == jakscreen::CHANGES { &changes } else { &demo };
                    prop_assert!(whole.get(d.bytes.clone()).is_some(), "{d:?}");
                    prop_assert!(d.line <= whole.lines().count(), "{d:?}");
                }
            }
        }
    }
}

#[test]
fn a_change_that_cannot_be_read_changes_nothing() {
    for (change, code, help) in [
        (
            "lymfocytes=3",
            "unknown-name",
            "did you mean `lymphocytes`?",
        ),
        ("lymphocytes=3", "missing-unit", "write the unit"),
        ("lymphocytes", "empty-value", "name=value"),
        ("lymphocytes=", "empty-value", "name=value"),
        ("lymphocytes={ 3", "syntax", ""),
        ("age=66", "contradiction", ""),
        ("crcl=50 mL/min", "", ""),
        ("pulmonary_embolism=yes\u{1b}[31m", "", ""),
    ] {
        let output = jakscreen(&["what-if", DEMO, change]);
        if code.is_empty() {
            assert!(!err(&output).contains('\u{1b}') && !out(&output).contains('\u{1b}'));
            continue;
        }
        assert_eq!(output.status.code(), Some(2), "{change}: {}", out(&output));
        assert!(
            err(&output).contains(code) && err(&output).contains(help),
            "{}",
            err(&output)
        );
        assert_eq!(out(&output), "", "{change}");
    }
}

/// A fault in a change is shown in the change, one of the file in the file; what of a group is denied there is named.
#[test]
fn a_fault_in_a_change_is_shown_where_it_was_written() {
    let refused = |changes: &[&str]| {
        let output = jakscreen(&[&["what-if", DEMO], changes].concat());
        assert_eq!(output.status.code(), Some(2), "{}", out(&output));
        err(&output)
    };
    let said = refused(&["hbsag=negative", "lymphocytes=400"]);
    assert!(said.contains("--> the changes:2:13"), "{said}");
    assert!(said.contains("2 | lymphocytes=400"), "{said}");
    assert!(!said.contains("demo-0067.yaml:"), "{said}");
    let said = refused(&["age=66"]);
    assert!(said.contains("demo-0067.yaml:"), "{said}");
    let said = refused(&["venous_thromboembolism=no"]);
    assert!(said.contains("demo-0067.yaml:"), "{said}");
    let denied = scratch("denied.yaml");
    let text = "plan: { drug: tofacitinib, indication: rheumatoid_arthritis, label: us }\n\
                history: { venous_thromboembolism: no }\n";
    fs::write(&denied, text).expect("a file");
    let denied = denied.to_str().expect("a path");
    for name in ["deep_vein_thrombosis", "DVT"] {
        let said = err(&jakscreen(&["what-if", denied, &format!("{name}=2019")]));
        assert!(
            said.contains("change the group as well: `venous_thromboembolism=yes`"),
            "{said}"
        );
        let both = [&format!("{name}=2019"), "venous_thromboembolism=yes"];
        let output = jakscreen(&["what-if", denied, both[0], both[1]]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    }
}

/// That nothing changes is no reassurance where nothing reads what was changed.
#[test]
fn a_change_that_no_criterion_reads_is_said() {
    let alt = "No criterion of these documents reads ALT; it may matter all the same.\n";
    let output = jakscreen(&["what-if", DEMO, "alt=280 U/L"]);
    assert!(out(&output).ends_with(alt), "{}", out(&output));
    // What is read, if only as a part of something else.
    for change in ["lymphocytes=450 /uL", "creatinine=0.9 mg/dL", "dvt=2019"] {
        let output = jakscreen(&["what-if", DEMO, change]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert!(
            !out(&output).contains("No criterion"),
            "{change}: {}",
            out(&output)
        );
    }
}

#[test]
fn reviewed_comparisons() {
    let day = ["--as-of", "2026-11-21"];
    for (name, arguments) in [
        ("all", vec![DEMO]),
        (
            "two-labels",
            vec![
                DEMO,
                "--drugs",
                "tofacitinib,baricitinib",
                "--label",
                "us,eu",
            ],
        ),
        ("cream", vec!["examples/cases/only-a-cream.yaml"]),
        ("one", vec![DEMO, "--drugs", "abrocitinib,Rinvoq"]),
        ("none", vec![DEMO, "--drugs", "filgotinib", "--label", "US"]),
    ] {
        let output = jakscreen(&[&["compare"], arguments.as_slice(), &day].concat());
        assert_eq!(
            (output.status.code(), err(&output)),
            (Some(0), String::new())
        );
        let text = out(&output);
        assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
        snapshot(&format!("compare-{name}"), &text);
    }
}

#[test]
fn a_drug_that_is_none_is_named() {
    let output = jakscreen(&["compare", DEMO, "--drugs", "tofa,barictinib,Rinvoq,xyz"]);
    assert_eq!(
        (output.status.code(), out(&output)),
        (Some(2), String::new())
    );
    for part in [
        "error: --drugs: no drug with a label has the name `tofa`: did you mean `tofacitinib`?\n",
        "the name `barictinib`: did you mean `baricitinib`?\n",
        "the name `xyz`: drugs with a label here: abrocitinib, ",
    ] {
        assert!(err(&output).contains(part), "{}", err(&output));
    }
    assert!(!err(&output).contains("Rinvoq"), "{}", err(&output));
}

/// For each patient of the cohort: every label is named once, and a row is shown exactly if what it says differs.
#[test]
fn a_comparison_names_every_label() {
    let library = Library::builtin();
    for (name, text) in crate::cohort::texts() {
        let own = read(&library, &name, &text);
        let label = library.screen(&own, day()).plan.labels[0].clone();
        let mut screenings = Vec::new();
        for drug in library.drugs() {
            if !library.labels_of(drug).contains(&label.as_str()) {
                continue;
            }
            let change = PlanChange {
                drug: Some(drug.to_owned()),
                labels: vec![label.clone()],
                ..PlanChange::default()
            };
            let profile = Profile::read_with(&library, &name, &text, &change).expect("a profile");
            screenings.push(library.screen(&profile, day()));
        }
        let text = render::compare(&screenings, &[], Style::default());
        let (head, rows) = text.split_once("\n\n").expect("rows");
        assert!(
            head.contains("no ranking") || head.contains("Shown: nothing"),
            "{head}"
        );
        let with: Vec<String> = screenings
            .iter()
            .flat_map(|s| &s.checklists)
            .filter(|c| !c.eligibility.off_label)
            .map(|c| c.label.id.clone())
            .collect();
        for c in screenings.iter().flat_map(|s| &s.checklists) {
            let id = &c.label.id;
            assert!(text.contains(id.as_str()), "{name}: {id}");
        }
        for block in rows
            .split("\n\n")
            .filter(|b| b.contains("\n  us/") || b.contains("\n  eu/"))
        {
            let shown: Vec<&str> = block
                .lines()
                .filter_map(|l| l.strip_prefix("  ")?.split_whitespace().next())
                .filter(|l| l.starts_with("us/") || l.starts_with("eu/"))
                .collect();
            let mut sorted = shown.clone();
            sorted.sort_unstable();
            assert_eq!(shown, sorted, "{name}");
            assert_eq!(shown, with, "{name}: {block}");
        }
    }
}

#[test]
fn a_kept_checklist_is_verified() {
    let library = Library::builtin();
    for (name, text) in examples() {
        let profile = read(&library, &name, &text);
        let screening = library.screen(&profile, profile.as_of().expect("a day"));
        for report in [render::json(&screening), render::yaml(&screening)] {
            let report = Source {
                name: "kept",
                text: &report,
            };
            let verified = verify(
                &library,
                report,
                Source {
                    name: &name,
                    text: &text,
                },
            );
            let verified = verified.expect("a checklist");
            assert!(verified.same(), "{name}: {:?}", verified.parts);
            assert_eq!(verified.screening, screening);
        }
    }
}

/// Every value of a kept checklist counts: changed alone, it is found.
#[test]
fn a_changed_checklist_is_found() {
    fn changed(value: &Value, all: &mut Vec<Value>, whole: &mut dyn FnMut(Value) -> Value) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    let mut put = |v: Value| {
                        let mut map = map.clone();
                        map.insert(key.clone(), v);
                        whole(Value::Object(map))
                    };
                    changed(inner, all, &mut put);
                }
            }
            Value::Array(items) => {
                for (i, inner) in items.iter().enumerate() {
                    let mut put = |v: Value| {
                        let mut items = items.clone();
                        items[i] = v;
                        whole(Value::Array(items))
                    };
                    changed(inner, all, &mut put);
                }
            }
            other => {
                let v = whole(json!(format!("{other}x")));
                all.push(v);
            }
        }
    }
    let library = Library::builtin();
    let text = fs::read_to_string("examples/profiles/nearly-nothing.yaml").expect("an example");
    let profile = read(&library, "p", &text);
    let screening = library.screen(&profile, profile.as_of().expect("a day"));
    let report: Value = serde_json::from_str(&render::json(&screening)).expect("JSON");
    let mut all = Vec::new();
    changed(&report, &mut all, &mut |v| v);
    assert!(all.len() > 500, "{}", all.len());
    for bad in all.into_iter().step_by(7) {
        let bad = bad.to_string();
        let report = Source {
            name: "kept",
            text: &bad,
        };
        let verified = verify(
            &library,
            report,
            Source {
                name: "p",
                text: &text,
            },
        );
        assert!(!verified.is_ok_and(|v| v.same()), "{bad:.300}");
    }
}

/// What is no checklist for programs is told what it can be verified by; what was changed in one is named.
#[test]
fn verify_says_what_differs_and_what_it_cannot_read() {
    let kept = scratch("kept.html");
    let kept = kept.to_str().expect("a path");
    let day = ["--as-of", "2026-11-21"];
    for format in ["html", "text", "plain", "markdown", "note"] {
        jakscreen(&[&["check", DEMO, "--format", format, "-o", kept][..], &day].concat());
        let output = jakscreen(&["verify", DEMO, "--report", kept]);
        assert_eq!(output.status.code(), Some(2), "{format}");
        let said = err(&output);
        assert!(said.contains("this is no JSON or YAML checklist"), "{said}");
        assert!(
            said.contains("--run and the run id that stands on it"),
            "{said}"
        );
        assert!(!said.contains("syntax"), "{said}");
    }
    let json = out(&jakscreen(
        &[&["check", DEMO, "--format", "json"][..], &day].concat(),
    ));
    let mut report: Value = serde_json::from_str(&json).expect("JSON");
    report["patient"]["age"] = json!("27 years");
    report["checklists"][0]["conclusion"] = json!("no_flags");
    report["checklists"][0]["findings"][0]["outcome"] = json!("met");
    report["checklists"][0]["findings"][1]["outcome"] = json!("met");
    fs::write(kept, report.to_string()).expect("a file");
    let output = jakscreen(&["verify", DEMO, "--report", kept]);
    assert_eq!(
        (output.status.code(), err(&output)),
        (Some(1), String::new())
    );
    let said = out(&output);
    for part in [
        "DIFFERS  content",
        "DIFFERS  patient.age\n  kept   27 years\n  now    67 years",
        "DIFFERS  checklists[0].conclusion\n  kept   no_flags\n  now    barrier",
        "DIFFERS  checklists[0].findings[0].outcome\n  kept   met\n  now    not_met",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("findings[1]"), "{said}");
}

#[test]
fn verify_end_to_end() {
    let kept = scratch("kept.json");
    let kept = kept.to_str().expect("a path");
    let day = ["--as-of", "2026-11-21"];
    let check = ["check", DEMO, DEMO, "--format", "json", "-o", kept];
    jakscreen(&[&check[..], &day].concat());
    let output = jakscreen(&["verify", DEMO, "--report", kept]);
    assert_eq!(
        (output.status.code(), err(&output)),
        (Some(0), String::new())
    );
    let other = "examples/profiles/clean.yaml";
    let output = jakscreen(&["verify", other, "--report", kept]);
    assert_eq!(
        output.status.code(),
        Some(2),
        "none of several is of this patient"
    );

    // Every format carries the run, and it can be verified by that alone.
    for format in [
        "text", "plain", "html", "markdown", "note", "patient", "yaml",
    ] {
        let report = out(&jakscreen(
            &[&["check", DEMO, "--format", format][..], &day].concat(),
        ));
        let json = fs::read_to_string(kept).expect("JSON");
        let run = json
            .split("\"run\": \"")
            .nth(1)
            .expect("a run")
            .get(..12)
            .expect("an id");
        assert!(report.contains(run), "{format}");
        let output = jakscreen(&[&["verify", DEMO, "--run", run][..], &day].concat());
        assert_eq!(output.status.code(), Some(0), "{}", out(&output));
        let output = jakscreen(&["verify", DEMO, "--run", run, "--as-of", "2026-11-20"]);
        assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    }
    let output = jakscreen(&["verify", DEMO, "--report", kept, "--label", "eu"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("those of the report"));
}
