//! The tools for rule authors and reviewers: each finds what it says it finds.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use jakscreen::rules::{
    Collection, Filter, Signature, builtin_files, diff, is_cases, sign, signed_by,
};
use jakscreen::{
    Conclusion, Diagnostic, FindingOutcome, Level, Library, Profile, Source, Style, render,
};

use crate::cohort::{day, profiles, texts};

type Files = Vec<(String, String)>;

fn sources(files: &Files) -> Vec<Source<'_>> {
    files
        .iter()
        .map(|(name, text)| Source { name, text })
        .collect()
}

fn shipped() -> Files {
    builtin_files()
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}

/// The shipped files, with one place of one file changed.
fn changed(file: &str, from: &str, to: &str) -> Files {
    let mut files = shipped();
    let (_, text) = files
        .iter_mut()
        .find(|(name, _)| name == file)
        .expect("the file");
    assert_eq!(text.matches(from).count(), 1, "{from:?} in {file}");
    *text = text.replace(from, to);
    files
}

fn collection(files: &Files) -> Collection {
    Collection::read(&sources(files)).expect("the rules")
}

/// A document of one's own with these rows.
fn own(rows: &str) -> Files {
    let head = "document: { id: test/own, issuer: Test, title: Test, jurisdictions: [us], revision: 2026, url: none, reviewed: none }\n";
    vec![("own.yaml".to_owned(), format!("{head}{rows}"))]
}

fn row(id: &str, when: &str, strength: &str) -> String {
    format!(
        "  - {{ id: {id}, hazard: kidney, when: {when}, strength: {strength}, says: test, section: \"1\", seen: full_text }}\n"
    )
}

fn found(files: &Files) -> Vec<(&'static str, usize)> {
    let list: Vec<Diagnostic> = collection(files).check(day(), &[]);
    list.iter().map(|d| (d.code.name(), d.line)).collect()
}

#[test]
fn nothing_is_found_in_the_shipped_rules() {
    let collection = Collection::builtin().expect("the rules");
    let cohort = profiles(collection.library());
    let cohort: Vec<_> = cohort.into_iter().map(|(_, p)| (p, day())).collect();
    let found = collection.check(day(), &cohort);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn criteria_that_are_decided_already_are_found() {
    let rows = [
        row(
            "never",
            "{ all: [{ age: { below: 18 years } }, { age: { at_least: 65 years } }] }",
            "caution",
        ),
        row(
            "ever",
            "{ any: [{ diabetes: yes }, { diabetes: no }] }",
            "caution",
        ),
        row(
            "band",
            "{ all: [{ age: { below: 65 years } }, { age: { at_least: 18 years } }] }",
            "caution",
        ),
        row("age", "{ age: { at_least: 0 years } }", "caution"),
    ];
    let rows = [
        rows.concat(),
        row(
            "twice",
            "{ any: [{ all: [{ diabetes: yes }, { obesity: yes }] }, { all: [{ diabetes: no }, { obesity: yes }] }] }",
            "caution",
        ),
        row(
            "exception",
            "{ taking: { class: nsaid, except: { clopidogrel: any } } }",
            "caution",
        ),
    ];
    assert_eq!(
        found(&own(&format!("criteria:\n{}", rows.concat()))),
        [
            ("decided-already", 3),
            ("decided-already", 4),
            // The age of everybody, and an age that hardly anybody has.
            ("unlikely-value", 6),
            ("decided-already", 6),
            ("two-branches", 7),
            ("decided-already", 8),
        ]
    );
}

#[test]
fn limits_that_hide_contradict_or_miss_each_other_are_found() {
    let below = |id: &str, limit: &str, strength: &str| {
        row(
            id,
            &format!("{{ lymphocytes: {{ below: {limit} /uL }} }}"),
            strength,
        )
    };
    let lint = |rows: &[String]| found(&own(&format!("criteria:\n{}", rows.concat())));
    let graded = [
        below("a", "500", "do_not_initiate"),
        below("b", "1000", "caution"),
    ];
    assert_eq!(lint(&graded), []);
    let hidden = [
        below("a", "500", "caution"),
        below("b", "1000", "do_not_initiate"),
    ];
    assert_eq!(lint(&hidden), [("shadowed", 3)]);
    let other_unit = [
        below("a", "500", "avoid"),
        row("b", "{ lymphocytes: { below: 1 10*9/L } }", "avoid"),
    ];
    assert_eq!(lint(&other_unit), [("shadowed", 3)]);
    let same = [below("a", "500", "avoid"), below("b", "500", "avoid")];
    assert_eq!(lint(&same), [("same-statement", 4)]);
    let contradict = [below("a", "500", "avoid"), below("b", "500", "caution")];
    assert_eq!(lint(&contradict), [("shadowed", 4)]);
    let dose = |id: &str, band: &str, max: &str| {
        format!(
            "  - {{ id: {id}, when: {{ egfr: {band} }}, strength: adjust_dose, max: {max} mg daily, says: test, section: \"1\", seen: full_text }}\n"
        )
    };
    let bands = |low: &str, high: &str| {
        let rows = [
            dose(
                "a",
                &format!("{{ at_least: 15 mL/min/1.73m2, below: {high} mL/min/1.73m2 }}"),
                "5",
            ),
            dose(
                "b",
                &format!("{{ at_least: {low} mL/min/1.73m2, below: 60 mL/min/1.73m2 }}"),
                "10",
            ),
        ];
        found(&own(&format!("dosing:\n{}", rows.concat())))
    };
    assert_eq!(bands("30", "30"), []);
    assert_eq!(bands("31", "30"), [("shadowed", 4)]);
    assert_eq!(bands("29", "30"), [("shadowed", 4)]);
}

#[test]
fn facts_to_no_use_and_hazards_without_words_are_found() {
    let unused = changed(
        "dictionary/history.yaml",
        "  osteoporosis: { kind: state, name: osteoporosis, record_only: yes,",
        "  osteoporosis: { kind: state, name: osteoporosis,",
    );
    let codes: Vec<&str> = found(&unused).iter().map(|f| f.0).collect();
    assert_eq!(codes, ["unused-fact"]);
    let mut wordless = shipped();
    let (_, hazards) = wordless
        .iter_mut()
        .find(|(n, _)| n == "hazards.yaml")
        .expect("hazards");
    let at = hazards.find("    plain: >-\n").expect("plain words");
    let end = at + hazards[at..].find("\n  t").expect("the next hazard");
    hazards.replace_range(at..end, "    plain: \"\"");
    let codes: Vec<&str> = found(&wordless).iter().map(|f| f.0).collect();
    assert_eq!(codes, ["no-text"]);
}

#[test]
fn a_finding_that_most_patients_would_have_is_found() {
    let files = own(&format!(
        "criteria:\n{}",
        row("everybody", "{ age: { at_least: 2 years } }", "caution")
    ));
    let collection = collection(&files);
    let cohort = profiles(collection.library());
    let cohort: Vec<_> = cohort.into_iter().map(|(_, p)| (p, day())).collect();
    let found = collection.check(day(), &cohort);
    let codes: Vec<_> = found.iter().map(|d| (d.code.name(), d.line)).collect();
    assert_eq!(codes, [("volume", 3)]);
    assert!(
        collection.check(day(), &cohort[..3]).is_empty(),
        "three patients are no crowd"
    );
}

#[test]
fn every_mistake_tried_is_caught_by_the_cases() {
    for document in Collection::builtin().expect("the rules").coverage() {
        let lacking = document.lacking();
        assert!(lacking.is_empty(), "{}: {lacking:#?}", document.document);
        let (made, caught) = document.mutants();
        let explained: usize = document.criteria.iter().map(|c| c.survivors.len()).sum();
        assert_eq!(made, caught + explained, "{}", document.document);
        assert!(
            explained * 20 <= made.max(20),
            "{}: too many stay",
            document.document
        );
    }
}

#[test]
fn a_mistake_in_a_label_fails_its_cases_and_a_missing_case_is_missed() {
    let label = "labels/us/upadacitinib.yaml";
    for (from, to) in [
        (
            "{ lymphocytes: { below: 500 /uL } }",
            "{ lymphocytes: { below: 501 /uL } }",
        ),
        (
            "{ lymphocytes: { below: 500 /uL } }",
            "{ lymphocytes: { at_most: 500 /uL } }",
        ),
        (
            "{ lymphocytes: { below: 500 /uL } }",
            "{ neutrophils: { below: 500 /uL } }",
        ),
    ] {
        let tested = collection(&changed(label, from, to)).test();
        let wrong: Vec<&str> = tested
            .iter()
            .filter(|t| !t.wrong.is_empty())
            .map(|t| t.document.as_str())
            .collect();
        assert_eq!(wrong, ["us/upadacitinib"], "{to}");
    }
    let cases = "labels/us/upadacitinib.cases.yaml";
    let fewer = changed(
        cases,
        "    met: [499 /uL, 0.499 10*9/L]\n    not_met: [500 /uL, 0.5 10*9/L, 501 /uL, 0.501 10*9/L]\n",
        "    met: [400 /uL]\n    not_met: [501 /uL, 600 /uL]\n",
    );
    let covered = collection(&fewer).coverage();
    let lacking: Vec<String> = covered
        .iter()
        .flat_map(jakscreen::rules::Covered::lacking)
        .collect();
    assert!(
        lacking
            .iter()
            .any(|l| l.contains("no case under, on lymphocytes 500 /uL")),
        "{lacking:#?}"
    );
    assert!(
        lacking
            .iter()
            .any(|l| l.contains("limit 500 /uL up a step")),
        "{lacking:#?}"
    );
}

#[test]
fn a_medicine_in_a_wrong_class_is_found() {
    let tested = |from: &str, to: &str| -> Vec<String> {
        let files = changed("dictionary/medicines.yaml", from, to);
        let tested = collection(&files).test();
        tested
            .into_iter()
            .filter(|t| t.document == "dictionary/medicines")
            .flat_map(|t| t.wrong)
            .collect()
    };
    let gone = tested(
        "  ibuprofen: { classes: [nsaid]",
        "  ibuprofen: { classes: []",
    );
    assert!(
        gone.len() == 1 && gone[0].contains("nsaid: ibuprofen is stated here"),
        "{gone:?}"
    );
    let more = tested(
        "  ibuprofen: { classes: [nsaid]",
        "  ibuprofen: { classes: [nsaid, opioid]",
    );
    assert!(
        more.len() == 1 && more[0].contains("opioid: ibuprofen belongs to it"),
        "{more:?}"
    );
}

#[test]
fn cases_that_cannot_be_read_are_diagnosed_at_their_place() {
    let mut files = own(&format!(
        "criteria:\n{}",
        row("a", "{ diabetes: yes }", "caution")
    ));
    let cases = "document: test/own\nas_of: 2026-11-21\nbase: { plan: { drug: upadacitinib, indication: RA, label: us } }\ncriteria:\n  a:\n    strength: heavy\n    met:\n      a name: { history: { diabetis: yes } }\n    perhaps:\n      another: {}\ntests: { hiv_tset: { done: {}, perhaps: {} } }\nscenario: []\n";
    files.push(("own.cases.yaml".to_owned(), cases.to_owned()));
    let problems = Collection::read(&sources(&files)).expect_err("problems");
    let places: Vec<_> = problems
        .list()
        .iter()
        .map(|d| (d.code.name(), d.line))
        .collect();
    assert_eq!(
        places,
        [
            ("unknown-word", 6),
            ("unknown-key", 8),
            ("unknown-key", 9),
            ("unknown-name", 11),
            ("unknown-key", 11),
            ("unknown-key", 12)
        ]
    );
}

#[test]
fn a_page_says_what_is_asked_the_source_and_what_flips_it() {
    let collection = Collection::builtin().expect("the rules");
    let pages = collection.show("us/upadacitinib/lymphocytes-low");
    assert_eq!(pages.len(), 1);
    let page = &pages[0];
    assert_eq!(page.asks, ["lymphocytes below 500 /uL"]);
    assert_eq!(
        page.flips,
        ["lymphocytes below 500 /uL: turns at 500 /uL or above"]
    );
    assert_eq!(page.listed.level, Level::Barrier);
    assert_eq!(page.source[1], "2025-10");
    assert_eq!(page.reviewed, "nobody has signed these rules");
    assert!(
        page.cases
            .iter()
            .any(|(outcome, names)| outcome == "unknown" && !names.is_empty())
    );
    assert!(collection.show("lymphocytes-low").len() > 10);
    assert!(collection.show("no-such").is_empty());
    // Every page of the library can be made.
    for listed in collection.list(&Filter::default()) {
        let page = collection.show(&listed.id);
        assert_eq!(page.len(), 1, "{}", listed.id);
        assert!(!page[0].asks.is_empty() && !page[0].hazard_text[2].is_empty());
        assert!(!page[0].cases.is_empty(), "{}", listed.id);
    }
}

#[test]
fn a_list_is_narrowed_by_each_filter() {
    let collection = Collection::builtin().expect("the rules");
    let all = collection.list(&Filter::default());
    let filters = [
        Filter {
            drug: Some("abrocitinib".into()),
            ..Filter::default()
        },
        Filter {
            jurisdiction: Some("eu".into()),
            ..Filter::default()
        },
        Filter {
            hazard: Some("thrombosis".into()),
            ..Filter::default()
        },
        Filter {
            level: Some(Level::Barrier),
            ..Filter::default()
        },
    ];
    for filter in filters {
        let some = collection.list(&filter);
        assert!(!some.is_empty() && some.len() < all.len(), "{filter:?}");
        let fits = |l: &jakscreen::rules::Listed| {
            filter.drug.as_ref().is_none_or(|d| l.drugs.contains(d))
                && filter
                    .jurisdiction
                    .as_ref()
                    .is_none_or(|j| l.jurisdictions.contains(j))
                && filter.hazard.as_ref().is_none_or(|h| l.hazard == *h)
                && filter.level.is_none_or(|level| l.level == level)
        };
        assert!(some.iter().all(fits), "{filter:?}");
    }
}

#[test]
fn a_difference_is_said_in_words_and_counted_in_patients() {
    let old = Library::builtin();
    let new = changed(
        "labels/us/upadacitinib.yaml",
        "{ lymphocytes: { below: 500 /uL } }",
        "{ lymphocytes: { below: 1700 /uL } }",
    );
    let new: Files = new
        .into_iter()
        .filter(|(name, _)| !is_cases(name))
        .collect();
    let new = Library::read(&sources(&new)).expect("the rules");
    let cohort = texts();
    let difference = diff(&old, &new, &sources(&cohort), |_| day()).expect("a cohort");
    assert_eq!(difference.documents.len(), 1);
    assert_eq!(
        difference.documents[0].changes,
        ["lymphocytes-low: asks: lymphocytes below 500 /uL -> lymphocytes below 1700 /uL"]
    );
    assert!(difference.others.is_empty());
    let shifts: Vec<_> = difference
        .patients
        .iter()
        .map(|s| (s.what.as_str(), s.from.as_str(), s.to.as_str()))
        .collect();
    assert!(
        shifts.contains(&("us/upadacitinib/lymphocytes-low", "not_met", "met")),
        "{shifts:?}"
    );
    assert!(
        shifts.contains(&("us/upadacitinib conclusion", "no_flags", "barrier")),
        "{shifts:?}"
    );
    let nothing = diff(&old, &old, &sources(&cohort), |_| day()).expect("a cohort");
    assert!(nothing.documents.is_empty() && nothing.patients.is_empty());
}

const SIGNED: &str = "labels/us/upadacitinib.yaml";

fn signature() -> Signature<'static> {
    let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).expect("a day");
    Signature {
        by: "A. \"B\" C",
        on: day(2026, 11, 21),
        next: day(2027, 11, 21),
    }
}

#[test]
fn a_signature_holds_for_the_text_that_was_signed() {
    let (_, text) = builtin_files()
        .into_iter()
        .find(|(n, _)| *n == SIGNED)
        .expect("the label");
    let signed = sign(SIGNED, text, &signature()).expect("a signature");
    let said = signed_by(SIGNED, &signed).expect("a state");
    assert_eq!(
        said,
        "signed by A. \"B\" C on 2026-11-21, next review 2027-11-21"
    );
    // Nothing else of the file is touched.
    let line = |text: &str| {
        text.lines()
            .filter(|l| !l.contains("reviewed:"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(line(&signed), line(text));
    // The order of keys and comments are no other text; a number is.
    let commented = format!("# a remark\n{signed}");
    assert_eq!(signed_by(SIGNED, &commented).expect("a state"), said);
    let other = signed.replacen("500 /uL", "501 /uL", 1);
    let unsigned = signed_by(SIGNED, &other).expect("a state");
    assert!(
        unsigned.starts_with("nobody has signed these rules as they stand"),
        "{unsigned}"
    );
    // Nor does a signature hold under another name or for other days.
    for (from, to) in [("A. \\\"B\\\" C", "D. E"), ("next: 2027", "next: 2037")] {
        let forged = signed.replacen(from, to, 1);
        assert_ne!(forged, signed);
        let state = signed_by(SIGNED, &forged).expect("a state");
        assert!(state.starts_with("nobody has signed"), "{state}");
        let files: Files = shipped()
            .into_iter()
            .map(|(name, text)| {
                let text = if name == SIGNED { forged.clone() } else { text };
                (name, text)
            })
            .collect();
        assert_eq!(
            found(&files).iter().map(|f| f.0).collect::<Vec<_>>(),
            ["review-overdue"]
        );
    }
    // Signed again, it holds again.
    let again = sign(SIGNED, &other, &signature()).expect("a signature");
    assert_eq!(signed_by(SIGNED, &again).expect("a state"), said);
    // The report says it, and the review that is overdue is found.
    let mut files = shipped();
    for (name, text) in &mut files {
        if name == SIGNED {
            text.clone_from(&signed);
        }
    }
    let collection = collection(&files);
    let library = collection.library();
    let profile = Profile::read(
        library,
        "p",
        "plan: { drug: upadacitinib, indication: RA, label: us }\n",
    )
    .expect("a profile");
    let text = render::text(&library.screen(&profile, day()), Style::default());
    assert!(
        text.contains("signed by A. \"B\" C on 2026-11-21"),
        "{text}"
    );
    assert!(collection.check(day(), &[]).is_empty());
    let later = NaiveDate::from_ymd_opt(2027, 11, 22).expect("a day");
    let codes: Vec<_> = collection
        .check(later, &[])
        .iter()
        .map(|d| d.code.name())
        .collect();
    assert_eq!(codes, ["review-overdue"]);
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let refused = |text: &str, signature: &Signature<'_>| sign("x.yaml", text, signature).is_err();
    let good = &own("")[0].1;
    assert!(!refused(good, &signature()));
    assert!(refused(&good.replace(", reviewed: none", ""), &signature()));
    let unreadable = own("criteria:\n  - { id: no-section, hazard: kidney }\n");
    assert!(refused(&unreadable[0].1, &signature()));
    assert!(refused("document: [\n", &signature()));
    assert!(refused("", &signature()));
    assert!(refused(
        good,
        &Signature {
            by: "  ",
            ..signature()
        }
    ));
    assert!(refused(
        good,
        &Signature {
            next: signature().on,
            ..signature()
        }
    ));
}

/// The example hospital, read as a user's folder.
fn hospital() -> Files {
    let mut files: Files = std::fs::read_dir("examples/hospital")
        .expect("the folder")
        .map(|e| e.expect("a file").path())
        .map(|p| {
            (
                p.to_string_lossy().into_owned(),
                std::fs::read_to_string(&p).expect("a file"),
            )
        })
        .collect();
    files.sort();
    files
}

const GRAPEFRUIT: &str = "plan: { drug: upadacitinib, indication: RA, label: us }\nas_of: 2026-11-21\nmedicines: { grapefruit: yes }\n";

fn screened(library: &Library, text: &str, on: NaiveDate) -> jakscreen::Screening {
    library.screen(&Profile::read(library, "p", text).expect("a profile"), on)
}

#[test]
fn what_local_rules_set_aside_is_shown_and_does_not_count_until_its_last_day() {
    let collection = collection(&hospital());
    assert!(
        collection
            .test()
            .iter()
            .all(|t| t.wrong.is_empty() && t.count > 0)
    );
    assert!(collection.coverage().iter().all(|c| c.lacking().is_empty()));
    let library = collection.library();
    let of = |s: &jakscreen::Screening| {
        let all = &s.checklists[0].findings;
        all.iter()
            .find(|f| f.criterion == "grapefruit")
            .expect("the finding")
            .clone()
    };
    let plain = screened(&Library::builtin(), GRAPEFRUIT, day());
    assert_eq!(plain.checklists[0].conclusion, Conclusion::Barrier);
    let aside = screened(library, GRAPEFRUIT, day());
    let finding = of(&aside);
    assert_eq!(finding.outcome, FindingOutcome::Met);
    assert!(finding.suppressed.is_some() && !finding.counts());
    assert_eq!(aside.checklists[0].conclusion, Conclusion::Incomplete);
    let text = render::text(&aside, Style::default());
    for said in [
        "SET ASIDE: by local rules, and not counted",
        "grapefruit (BARRIER, met) [us 7.1]; grapefruit taken; dietitians",
        "Drug committee (invented) until",
        "chest imaging [LOCAL example-hospital/chest-imaging]",
        "validity.blood_count is 60 days, not 90 days",
        "set-aside.yaml",
    ] {
        assert!(
            text.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .contains(said),
            "{said}\n{text}"
        );
    }
    let plain_text = render::plain(&aside);
    assert!(
        plain_text.contains("Set aside by local rules, not counted: grapefruit"),
        "{plain_text}"
    );
    // The last day still, and not the day after.
    let last = NaiveDate::from_ymd_opt(2027, 6, 30).expect("a day");
    assert!(
        of(&screened(library, GRAPEFRUIT, last))
            .suppressed
            .is_some()
    );
    let after = screened(library, GRAPEFRUIT, last.succ_opt().expect("a day"));
    assert!(of(&after).suppressed.is_none());
    assert!(
        after
            .diagnostics
            .iter()
            .any(|n| n.code == "suppression-ended"),
        "{:?}",
        after.diagnostics
    );
}

#[test]
fn local_rules_cannot_replace_and_set_aside_only_with_reason_name_and_day() {
    let read = |text: &str| {
        let source = Source {
            name: "local.yaml",
            text,
        };
        Library::builtin().with_rules(&[source])
    };
    let codes = |text: &str| -> Vec<&'static str> {
        let problems = read(text).expect_err("problems");
        problems.list().iter().map(|d| d.code.name()).collect()
    };
    let entry = |reason: &str, by: &str, until: &str| {
        format!(
            "suppress:\n  - {{ document: us/upadacitinib, criterion: grapefruit{reason}{by}{until} }}\n"
        )
    };
    let (reason, by, until) = (", reason: because", ", by: A. B", ", until: 2027-01-31");
    assert!(read(&entry(reason, by, until)).is_ok());
    assert_eq!(codes(&entry("", by, until)), ["missing-key"]);
    assert_eq!(codes(&entry(reason, "", until)), ["missing-key"]);
    assert_eq!(codes(&entry(reason, by, "")), ["missing-key"]);
    assert_eq!(codes(&entry(", reason: \" \"", by, until)), ["empty-value"]);
    assert_eq!(codes(&entry(reason, by, ", until: 2027")), ["bad-date"]);
    let unknown = entry(reason, by, until).replace("grapefruit", "grapefruits");
    assert_eq!(codes(&unknown), ["unknown-name"]);
    let elsewhere = entry(reason, by, until).replace("us/upadacitinib", "us/upadacitinip");
    assert_eq!(codes(&elsewhere), ["unknown-name"]);
    let hazards =
        "hazards: { thrombosis: { order: 1, name: Not important, why: no, plain: no } }\n";
    assert_eq!(codes(hazards), ["duplicate-id"]);
    let policy = |name| Source {
        name,
        text: "validity: { liver: 30 days }\n",
    };
    let policies = [policy("a.yaml"), policy("b.yaml")];
    assert!(Library::builtin().with_rules(&policies).is_err());
    let label = builtin_files()
        .into_iter()
        .find(|(n, _)| *n == SIGNED)
        .expect("the label")
        .1;
    assert_eq!(codes(label), ["duplicate-id"]);
}

#[test]
fn a_drug_without_a_label_somewhere_says_where_it_has_one() {
    let library = Library::builtin();
    for (drug, label, elsewhere) in [("filgotinib", "us", "eu"), ("deuruxolitinib", "eu", "us")] {
        let text = format!("plan: {{ drug: {drug}, indication: RA, label: {label} }}\n");
        let problems = Profile::read(&library, "p", &text).expect_err("no label");
        let problem = &problems.list()[0];
        assert_eq!(problem.code.name(), "unknown-document");
        assert_eq!(
            problem.help.as_deref(),
            Some(format!("labels of {drug} in the library: {elsewhere}").as_str())
        );
    }
    let drugs: BTreeSet<&str> = library.drugs().into_iter().collect();
    assert_eq!(drugs.len(), 10);
}

#[test]
fn guidance_speaks_where_it_says_and_nowhere_else() {
    let library = Library::builtin();
    let cited = |drug: &str, indication: &str, label: &str| -> BTreeSet<String> {
        let text = format!("plan: {{ drug: {drug}, indication: {indication}, label: {label} }}\n");
        let screening = screened(&library, &text, day());
        screening.checklists[0]
            .documents
            .iter()
            .map(|d| d.id.clone())
            .collect()
    };
    let us = cited("upadacitinib", "RA", "us");
    assert!(
        us.contains("guidance/acr-2022-vaccinations")
            && us
                .iter()
                .all(|d| !d.contains("getaid") && !d.contains("mhra"))
    );
    let eu = cited("tofacitinib", "UC", "eu");
    assert!(
        eu.contains("guidance/getaid-tofacitinib")
            && eu.iter().all(|d| !d.starts_with("guidance/acr"))
    );
    assert!(
        cited("delgocitinib", "hand_eczema", "eu")
            .iter()
            .all(|d| !d.contains("ema-2023"))
    );
}

#[test]
fn what_is_met_and_set_aside_is_never_no_flags() {
    let aside = "suppress:\n  - { document: us/upadacitinib, criterion: lymphocytes-low, reason: because, by: A. B, until: 2027-01-31 }\n";
    let source = Source {
        name: "aside.yaml",
        text: aside,
    };
    let library = Library::builtin().with_rules(&[source]).expect("the rules");
    let clean = std::fs::read_to_string("examples/profiles/clean.yaml").expect("a profile");
    let line = clean
        .lines()
        .find(|l| l.contains("lymphocytes:"))
        .expect("the count");
    let low = clean.replace(line, "    lymphocytes: 0.3 10*9/L");
    assert_eq!(
        screened(&library, &clean, day()).conclusion(),
        Conclusion::NoFlags
    );
    let screening = screened(&library, &low, day());
    assert_eq!(screening.conclusion(), Conclusion::Weigh);
    let headline = &screening.checklists[0].headline;
    assert_eq!(headline, "1 met and set aside by local rules.");
    let text = render::text(&screening, Style::default());
    assert!(text.contains("lymphocytes 0.3 10*9/L"), "{text}");
}
