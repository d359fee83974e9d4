//! The ten invariants of the design, over generated profiles and all label files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use chrono::NaiveDate;
use jakscreen::{
    Checklist, Conclusion, Finding, FindingOutcome, Library, Outcome, Profile, Screening, Source,
    render,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::generate::{DAY, LINES, profile, put};

fn day() -> NaiveDate {
    NaiveDate::parse_from_str(DAY, "%Y-%m-%d").expect("a day")
}

fn screen(library: &Library, profile: &Value) -> Result<Screening, String> {
    let text = profile.to_string();
    let profile = Profile::read(library, "generated", &text).map_err(|e| format!("{e}\n{text}"))?;
    Ok(library.screen(&profile, day()))
}

/// Screens a profile; a generated one that contradicts itself is not a case.
fn try_screen(library: &Library, profile: &Value) -> Result<Checklist, TestCaseError> {
    match screen(library, profile) {
        Ok(screening) => Ok(screening
            .checklists
            .into_iter()
            .next()
            .expect("a checklist")),
        Err(problem) if problem.contains("contradiction") => {
            Err(TestCaseError::reject("a contradiction"))
        }
        Err(problem) => Err(TestCaseError::fail(problem)),
    }
}

fn outcomes(checklist: &Checklist) -> BTreeMap<String, FindingOutcome> {
    checklist
        .findings
        .iter()
        .map(|f| (format!("{} {}", f.source.document, f.criterion), f.outcome))
        .collect()
}

/// What a checklist tells.
struct Told {
    outcomes: BTreeMap<String, FindingOutcome>,
    eligible: Outcome,
    conclusion: Conclusion,
}

impl From<&Checklist> for Told {
    fn from(checklist: &Checklist) -> Self {
        Self {
            outcomes: outcomes(checklist),
            eligible: checklist.eligibility.outcome,
            conclusion: checklist.conclusion,
        }
    }
}

/// What else says something of a fact: what it can be derived from.
fn sources(fact: &str) -> &'static [&'static str] {
    match fact {
        "lymphocytes" => &["lymphocytes", "white_cells", "lymphocyte_percent"],
        "neutrophils" => &["neutrophils", "white_cells", "neutrophil_percent"],
        "egfr" => &["egfr", "creatinine"],
        "crcl" => &["crcl", "creatinine"],
        "igra" => &["igra"],
        _ => &[],
    }
}

/// Replaces all that a profile says of a fact by `unknown`.
fn silence(profile: &Value, section: &str, fact: &str) -> Value {
    let mut profile = profile.clone();
    let mut facts = vec![fact];
    facts.extend(sources(fact));
    if let Some(panels) = profile
        .get_mut("tests")
        .and_then(Value::as_array_mut)
        .filter(|_| section.starts_with("tests"))
    {
        for panel in panels {
            for fact in &facts {
                if let Some(value) = panel.get_mut(*fact) {
                    *value = json!("unknown");
                }
            }
        }
    } else {
        // A medicine may stand among the treatments too.
        for place in [section, "medicines", "treatments"] {
            if let Some(value) = profile.get_mut(place).and_then(|s| s.get_mut(fact)) {
                *value = json!("unknown");
            }
        }
    }
    profile
}

/// Nothing may look better than before.
fn never_milder(before: &Told, after: &Told, what: &str) -> Result<(), TestCaseError> {
    for (criterion, outcome) in &before.outcomes {
        let open = matches!(outcome, FindingOutcome::Met | FindingOutcome::Unknown);
        let later = after.outcomes[criterion];
        prop_assert!(
            !open || matches!(later, FindingOutcome::Met | FindingOutcome::Unknown),
            "{what}: {criterion} was {outcome:?}, is {later:?}"
        );
    }
    prop_assert!(
        before.eligible == Outcome::Met || after.eligible != Outcome::Met,
        "{what}: eligible by silence"
    );
    let held = match before.conclusion {
        Conclusion::Barrier => after.conclusion >= Conclusion::Incomplete,
        milder => after.conclusion >= milder,
    };
    prop_assert!(
        held,
        "{what}: {:?} became {:?}",
        before.conclusion,
        after.conclusion
    );
    Ok(())
}

/// What derived states are made of, a drug for which they count, and what may be said of each part.
type Parts = (&'static str, &'static str, &'static [Part]);
type Part = (&'static str, &'static str, &'static str);
const DERIVED: &[Parts] = &[
    (
        "abrocitinib",
        "atopic_dermatitis",
        &[
            (
                "tests@2026-11-10",
                "cyp2c19_phenotype",
                "normal|intermediate|poor|indeterminate|pending",
            ),
            ("history", "suspected_cyp2c19_poor_metabolizer", "yes|no"),
            ("history", "everything_else", "no"),
        ],
    ),
    (
        "tofacitinib",
        "rheumatoid_arthritis",
        &[
            ("tests@2022-03-01", "igra", "positive|negative"),
            (
                "tests@2026-11-10",
                "igra",
                "positive|negative|indeterminate|pending",
            ),
            ("tests@2026-11-10", "tst", "12 mm|negative"),
            ("history", "latent_tuberculosis", "yes|no"),
            ("history", "tb_exposure", "2026-11-15|no"),
            ("history", "everything_else", "no"),
        ],
    ),
    (
        "tofacitinib",
        "rheumatoid_arthritis",
        &[
            ("tests@2026-11-10", "hbsag", "positive|negative"),
            ("tests@2026-11-10", "anti_hbc", "positive|negative"),
            ("tests@2026-11-10", "hbv_dna", "120 IU/mL|negative"),
            ("history", "hepatitis_b", "yes|no"),
            ("history", "everything_else", "no"),
        ],
    ),
    (
        "upadacitinib",
        "rheumatoid_arthritis",
        &[
            (
                "tests@2026-11-10",
                "hcv_antibody",
                "positive|negative|equivocal",
            ),
            ("tests@2026-11-10", "hcv_rna", "positive|negative"),
            ("history", "hepatitis_c", "yes|no"),
            ("history", "everything_else", "no"),
        ],
    ),
    (
        "upadacitinib",
        "rheumatoid_arthritis",
        &[
            ("about", "sex", "female|male|other"),
            ("about", "menopause", "yes|no"),
            ("about", "menarche", "yes|no"),
            ("history", "hysterectomy", "2015|no"),
            ("history", "bilateral_oophorectomy", "2015|no"),
        ],
    ),
    (
        "upadacitinib",
        "rheumatoid_arthritis",
        &[
            ("about", "sex", "female|male"),
            ("about", "menopause", "yes|no"),
            ("about", "pregnancy", "yes|no"),
            ("about", "breastfeeding", "yes|no"),
            ("tests@2026-11-10", "pregnancy_test", "positive|negative"),
            ("history", "hysterectomy", "2015|no"),
        ],
    ),
];

/// 1 again, of all that can be said of the parts of a derived state: few enough to try every one.
#[test]
fn silence_never_acquits_a_derived_state() {
    let library = library();
    for (drug, indication, parts) in DERIVED {
        // Of each part: nothing (0), unknown (1), or one of the words.
        let ways = |part: usize| parts[part].2.split('|').count() + 2;
        let place = |part: usize| (0..part).map(ways).product::<usize>();
        let said = |number: usize, part: usize| number / place(part) % ways(part);
        let profile = |number: usize| {
            let mut profile = json!({
                "as_of": DAY, "plan": { "drug": drug, "indication": indication, "label": "us" },
            });
            for (part, (section, fact, words)) in parts.iter().enumerate() {
                let word = match said(number, part) {
                    0 => continue,
                    1 => "unknown",
                    word => words.split('|').nth(word - 2).expect("a word"),
                };
                put(&mut profile, section, fact, json!(word));
            }
            profile
        };
        let all: Vec<Option<Told>> = (0..place(parts.len()))
            .map(|number| match screen(library, &profile(number)) {
                Ok(screening) => Some(Told::from(&screening.checklists[0])),
                Err(problem) if problem.contains("contradiction") => None,
                Err(problem) => panic!("{problem}"),
            })
            .collect();
        for (number, before) in all.iter().enumerate() {
            for (part, (section, fact, _)) in parts.iter().enumerate() {
                if *fact == "everything_else" || said(number, part) < 2 {
                    continue;
                }
                let silent = (0..parts.len())
                    .filter(|p| parts[*p].1 == *fact && said(number, *p) > 0)
                    .fold(number, |n, p| n - (said(number, p) - 1) * place(p));
                if let (Some(before), Some(after)) = (before, &all[silent]) {
                    let what = format!("{section} {fact} unknown in {}", profile(number));
                    never_milder(before, after, &what).expect("nothing looks better");
                }
            }
        }
        let told: BTreeSet<_> = all.iter().flatten().map(|t| &t.outcomes).collect();
        assert!(told.len() > 3, "{drug}: the parts decide nothing");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::default() })]

    /// 1. Silence never acquits.
    #[test]
    fn silence_never_acquits(profile in profile()) {
        let library = library();
        let before = Told::from(&try_screen(library, &profile)?);
        for (section, fact, _) in LINES {
            if *section == "plan" || *fact == "everything_else" {
                continue;
            }
            let silent = silence(&profile, section, fact);
            if silent != profile {
                never_milder(&before, &(&try_screen(library, &silent)?).into(), &format!("{section} {fact} unknown"))?;
            }
        }
        for section in ["about", "tests", "history", "treatments", "medicines", "vaccines"] {
            let mut silent = profile.clone();
            if silent.get(section).is_some() {
                silent[section] = json!("unknown");
                never_milder(&before, &(&try_screen(library, &silent)?).into(), &format!("{section} unknown"))?;
            }
        }
    }

    /// 2. Open facts are honest: known, they decide; and nothing else does.
    #[test]
    fn open_facts_decide(profile in profile(), choice in 0..4_usize) {
        let library = library();
        let before = try_screen(library, &profile)?;
        for finding in before.findings.iter().filter(|f| f.outcome == FindingOutcome::Unknown) {
            prop_assert!(!finding.open.is_empty(), "{} is unknown and nothing is open", finding.criterion);
            let mut profile = profile.clone();
            let mut finding: Finding = finding.clone();
            for round in 0..12 {
                for open in &finding.open {
                    answer(&mut profile, &open.fact, &open.name, choice + round);
                }
                let after = match screen(library, &profile) {
                    Ok(screening) => screening.checklists.into_iter().next().expect("a checklist"),
                    Err(problem) if problem.contains("contradiction") => break,
                    Err(problem) => return Err(TestCaseError::fail(problem)),
                };
                finding = after.findings.into_iter().find(|f| f.criterion == finding.criterion).expect("the finding");
                if finding.outcome != FindingOutcome::Unknown {
                    break;
                }
                prop_assert!(round < 11, "{} stays unknown: {:?}\n{profile}", finding.criterion, finding.open);
            }
        }
    }

    /// 2, the other half: a value for a missing fact that is not open changes nothing.
    #[test]
    fn other_facts_change_nothing(profile in profile(), line in 0..LINES.len(), variant in 0..8_usize) {
        let library = library();
        let (section, fact, variants) = LINES[line];
        // Facts that others are derived from, what speaks for more than itself, and what is ruled out where a pregnancy is not
        // possible (said all the same, it counts).
        let derives = ["creatinine", "white_cells", "lymphocyte_percent", "age", "sex", "weight", "igra", "tst", "tb_exposure", "tb_endemic_stay", "hbv_dna", "hcv_rna",
            "hepatitis_b", "hepatitis_c", "everything_else", "menopause", "menarche", "hysterectomy", "pregnancy", "breastfeeding", "pregnancy_planned",
            "pregnancy_test", "cyp2c19_phenotype", "dose", "start", "turmeric", "latent_tuberculosis"];
        let said = profile.to_string().contains(&format!("\"{fact}\""));
        let value: Value = serde_json::from_str(variants[variant % variants.len()]).expect("a line");
        let absent = ["unknown", "pending", "not_done", "declined"].iter().any(|word| value == *word);
        if derives.contains(&fact) || absent || said || section.starts_with("tests@2025") || section.starts_with("tests@2022") {
            return Ok(());
        }
        let before = try_screen(library, &profile)?;
        let mut more = profile.clone();
        put(&mut more, section, fact, value);
        let Ok(after) = try_screen(library, &more) else { return Ok(()) };
        let afterwards = outcomes(&after);
        for finding in &before.findings {
            let decided = matches!(finding.outcome, FindingOutcome::Met | FindingOutcome::NotMet | FindingOutcome::NotApplicable);
            // A blanket denial is a statement about the fact: to list it is to correct the denial.
            let denied = before.denied.iter().any(|d| d == fact) || ["history", "medicines", "treatments", "vaccines"].contains(&section);
            // What is derived from the rest is not missing.
            let derived = finding.because.iter().any(|e| e.fact == fact);
            if decided && !denied && !derived && !finding.stale {
                let later = afterwards[&format!("{} {}", finding.source.document, finding.criterion)];
                // Outside its population and not met is the same to a reader.
                let same = |o: FindingOutcome| if o == FindingOutcome::NotApplicable { FindingOutcome::NotMet } else { o };
                prop_assert_eq!(same(finding.outcome), same(later), "{} by {} {}", finding.criterion, section, fact);
            }
        }
    }

    /// 3. Units do not matter.
    #[test]
    fn units_do_not_matter(profile in profile(), pick in 0..8_usize) {
        let library = library();
        let before = try_screen(library, &profile)?;
        let mut other = profile.clone();
        for panel in other.get_mut("tests").and_then(Value::as_array_mut).into_iter().flatten() {
            for (fact, value) in panel.as_object_mut().expect("a panel") {
                if let Some(text) = value.as_str().and_then(|t| in_other_unit(fact, t, pick)) {
                    *value = json!(text);
                }
            }
        }
        prop_assert_eq!(outcomes(&before), outcomes(&try_screen(library, &other)?), "{}", other);
    }

    /// 4. Order does not matter, and 5. the same input gives the same bytes.
    #[test]
    fn order_does_not_matter(profile in profile(), seed in any::<u64>()) {
        let library = library();
        try_screen(library, &profile)?;
        let shuffled = shuffle(&profile, seed);
        let read = |text: &str| Profile::read(library, "generated", text).map(|p| library.screen(&p, day())).map_err(|e| TestCaseError::fail(e.to_string()));
        let (first, second) = (read(&profile.to_string())?, read(&shuffled)?);
        prop_assert_eq!(render::json(&first), render::json(&second));
        prop_assert_eq!(render::text(&first, jakscreen::Style::default()), render::text(&second, jakscreen::Style::default()));
        prop_assert_eq!(render::json(&first), render::json(&read(&profile.to_string())?));
    }

    /// 6. One path, 7. everything is cited, 9. every criterion gives one finding.
    #[test]
    fn traces_sources_and_counts(profile in profile()) {
        let library = library();
        let checklist = try_screen(library, &profile)?;
        let mut ids = BTreeSet::new();
        for finding in &checklist.findings {
            prop_assert!(ids.insert((&finding.source.document, &finding.criterion)), "{} twice", finding.criterion);
            prop_assert!(!finding.source.section.is_empty() && !finding.source.revision.is_empty());
            prop_assert!(checklist.documents.iter().any(|d| d.id == finding.source.document && d.revision == finding.source.revision));
            if let Some(trace) = &finding.trace {
                prop_assert_eq!(trace.fold(), trace.outcome, "{}", finding.criterion);
                let expected = match finding.outcome {
                    FindingOutcome::Met => Outcome::Met,
                    FindingOutcome::NotMet => Outcome::NotMet,
                    FindingOutcome::Unknown => Outcome::Unknown,
                    other => return Err(TestCaseError::fail(format!("{other:?} has a trace"))),
                };
                prop_assert_eq!(trace.outcome, expected);
                prop_assert_eq!(trace.open().is_empty(), expected != Outcome::Unknown, "{}", finding.criterion);
            }
        }
        let criteria: usize = checklist.documents.iter().map(|d| criteria_of(&d.id)).sum();
        prop_assert_eq!(ids.len(), criteria);
    }

    /// 8. Total: any text gives a checklist or diagnostics.
    #[test]
    fn any_text_is_answered(profile in profile(), at in any::<prop::sample::Index>(), noise in "\\PC{0,12}", cut in any::<prop::sample::Index>()) {
        let library = library();
        let text = profile.to_string();
        let at = text.char_indices().nth(at.index(text.chars().count())).expect("a place").0;
        let broken = format!("{}{noise}{}", &text[..at], &text[at..]);
        let end = broken.char_indices().nth(cut.index(broken.chars().count())).expect("a place").0;
        for text in [broken.as_str(), &broken[..end], noise.as_str()] {
            match Profile::read(library, "noise", text) {
                Ok(profile) => prop_assert!(!render::json(&library.screen(&profile, day())).is_empty()),
                Err(problems) => prop_assert!(!problems.list().is_empty()),
            }
        }
    }
}

fn library() -> &'static Library {
    static LIBRARY: std::sync::OnceLock<Library> = std::sync::OnceLock::new();
    LIBRARY.get_or_init(Library::builtin)
}

/// How many criteria and dose rows a document has.
#[allow(clippy::disallowed_methods, reason = "a shipped file, not a user's")]
fn criteria_of(document: &str) -> usize {
    static COUNTS: std::sync::OnceLock<BTreeMap<String, usize>> = std::sync::OnceLock::new();
    let counts = COUNTS.get_or_init(|| {
        let count = |path: &PathBuf| {
            let text = fs::read_to_string(path).expect("the document");
            let document: serde_yaml::Value = serde_yaml::from_str(&text).expect("YAML");
            let id = document["document"]["id"].as_str().expect("an id");
            let rows = ["criteria", "dosing"].into_iter();
            let rows = rows.filter_map(|key| document.get(key)?.as_sequence().map(Vec::len));
            (id.to_owned(), rows.sum())
        };
        crate::cases::documents().iter().map(count).collect()
    });
    counts[document]
}

/// Gives a precise, in-date value to an open fact.
#[allow(clippy::too_many_lines, reason = "a table of answers")]
fn answer(profile: &mut Value, fact: &str, name: &str, choice: usize) {
    let yes_no = if choice.is_multiple_of(2) {
        "no"
    } else {
        "yes"
    };
    let mut set = |section: &str, key: &str, value: Value| {
        if !profile[section].is_object() {
            profile[section] = json!({});
        }
        profile[section][key] = value;
    };
    if name.starts_with("date of ") {
        let section = if fact.contains("vaccine") || fact.starts_with("zoster_") {
            "vaccines"
        } else {
            "history"
        };
        return set(section, fact, json!("2026-11-01"));
    }
    match fact {
        "medicines" => return set("medicines", "everything_else", json!("no")),
        "treatments" => return set("treatments", "everything_else", json!("no")),
        "turmeric" => return set("medicines", fact, json!({ "classes": "none" })),
        "severity" => return set("plan", fact, json!("moderate_to_severe")),
        "formulation" => return set("plan", fact, json!("tablet")),
        "phase" => {
            return set(
                "plan",
                fact,
                json!(["induction", "maintenance"][choice % 2]),
            );
        }
        "oxygen_support" => return set("plan", fact, json!("oxygen")),
        "dose" => return set("plan", fact, json!("5 mg daily")),
        "body_surface" => return set("plan", fact, json!("9 %")),
        "refractory"
        | "objective_inflammation"
        | "systemic_candidate"
        | "tnf_blocker_inadvisable"
        | "systemic_therapy_inadvisable"
        | "topical_therapy_inadvisable"
        | "topical_corticosteroid_inadvisable"
        | "phototherapy_candidate"
        | "nonsegmental_vitiligo"
        | "facial_involvement"
        | "hospitalized" => {
            return set("plan", fact, json!(yes_no));
        }
        "age" => return set("about", fact, json!(44)),
        "sex" => return set("about", fact, json!(["female", "male"][choice % 2])),
        "weight" => return set("about", fact, json!("61 kg")),
        "height" => return set("about", fact, json!("170 cm")),
        "smoking" => return set("about", fact, json!(["never", "current"][choice % 2])),
        "smoking.long_time" => {
            return set(
                "about",
                "smoking",
                json!({ "status": "former", "long_time": yes_no }),
            );
        }
        "pregnancy"
        | "breastfeeding"
        | "menopause"
        | "menarche"
        | "japanese_or_korean_descent"
        | "pregnancy_planned" => {
            return set("about", fact, json!(yes_no));
        }
        _ => {}
    }
    if let Some((parent, attribute)) = fact.split_once('.') {
        let value = match attribute {
            "treated" => json!(yes_no),
            "child_pugh" => json!("b"),
            "nyha" => json!("iii"),
            "clinically_important" => json!(yes_no),
            "started" => json!("2026-09-01"),
            "dose" => return set("medicines", parent, json!("75 mg daily")),
            _ => json!(["none", "completed"][choice % 2]),
        };
        let mut known = profile["history"][parent]
            .as_object()
            .cloned()
            .unwrap_or_default();
        known.insert(attribute.to_owned(), value);
        if attribute == "started" {
            known.insert("treatment".to_owned(), json!("started"));
        }
        if !profile["history"].is_object() {
            profile["history"] = json!({});
        }
        profile["history"][parent] = Value::Object(known);
        return;
    }
    let test = match fact {
        "hemoglobin" => json!("130 g/L"),
        "lymphocytes" | "neutrophils" | "white_cells" => json!("1.9 10*9/L"),
        "platelets" => json!("200 10*9/L"),
        "egfr" => json!("75 mL/min/1.73m2"),
        "crcl" => json!("75 mL/min"),
        "alt" | "ast" => json!("20 U/L"),
        "chest_imaging" => json!(["normal", "signs_of_tuberculosis"][choice % 2]),
        "cyp2c9_phenotype" | "cyp2c19_phenotype" => json!(["normal", "poor"][choice % 2]),
        "crp" => json!("5 mg/L"),
        "vzv_igg" | "igra" | "tst" | "hbsag" | "anti_hbc" | "anti_hbs" | "hbv_dna"
        | "hcv_antibody" | "hcv_rna" | "hiv_test" | "pregnancy_test" => {
            json!(["negative", "positive"][choice % 2])
        }
        _ => Value::Null,
    };
    if test != Value::Null {
        for panel in profile
            .get_mut("tests")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            panel.as_object_mut().expect("a panel").remove(fact);
        }
        if !profile["tests"].is_array() {
            profile["tests"] = json!([]);
        }
        profile["tests"]
            .as_array_mut()
            .expect("panels")
            .push(json!({ "date": DAY, fact: test }));
        return;
    }
    if ["methotrexate", "adalimumab", "tnf_blocker", "dupilumab"].contains(&fact) {
        return set(
            "treatments",
            fact,
            json!({ "outcome": "intolerance", "stopped": "2026-01" }),
        );
    }
    if LINES
        .iter()
        .any(|(s, k, _)| *s == "medicines" && *k == fact)
    {
        return set("medicines", fact, json!(yes_no));
    }
    let section = if fact.contains("vaccine") || fact.starts_with("zoster_") {
        "vaccines"
    } else {
        "history"
    };
    set(section, fact, json!(yes_no));
}

/// The same quantity in another unit in which it is exact.
fn in_other_unit(fact: &str, text: &str, pick: usize) -> Option<String> {
    use rust_decimal_like::exact;
    let comparator: String = text.chars().take_while(|c| "<>=".contains(*c)).collect();
    let rest = &text[comparator.len()..];
    let (number, unit) = rest.split_once(' ')?;
    let (to, times, by) = match (fact, unit) {
        ("lymphocytes" | "neutrophils" | "white_cells" | "platelets", "10*9/L") => [
            ("/uL", 1000, 1),
            ("G/L", 1, 1),
            ("x10^9/L", 1, 1),
            ("cells/mm3", 1000, 1),
        ][pick % 4],
        ("lymphocytes" | "neutrophils" | "white_cells" | "platelets", "/uL") => {
            [("10*9/L", 1, 1000), ("K/uL", 1, 1000)][pick % 2]
        }
        ("hemoglobin", "g/dL") => ("g/L", 10, 1),
        ("hemoglobin", "g/L") => ("g/dL", 1, 10),
        ("egfr", _) => ("mL/min/1.73 m²", 1, 1),
        ("crcl", "mL/min") if pick.is_multiple_of(2) => {
            return exact(number, 1, 60).map(|n| format!("{comparator}{n} mL/s"));
        }
        ("creatinine", "umol/L") => ("mmol/L", 1, 1000),
        ("tst", "mm") => ("cm", 1, 10),
        ("ast", "ukat/L") => ("U/L", 60, 1),
        ("alt", "U/L") => ("IU/L", 1, 1),
        _ => return None,
    };
    exact(number, times, by).map(|n| format!("{comparator}{n} {to}"))
}

mod rust_decimal_like {
    /// `number` x `times` / `by` as a decimal, if it is one of few digits.
    pub(crate) fn exact(number: &str, times: i64, by: i64) -> Option<String> {
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits: i64 = format!("{whole}{fraction}").parse().ok()?;
        let scale = 10_i64.pow(6);
        let all = digits * times * scale;
        let by = by * 10_i64.pow(u32::try_from(fraction.len()).ok()?);
        (all % by == 0).then(|| format!("{}.{:06}", all / by / scale, all / by % scale))
    }
}

/// The same profile with the keys and lists in another order, as text.
fn shuffle(value: &Value, seed: u64) -> String {
    let order = |n: usize, i: usize| {
        (seed.rotate_left(u32::try_from(i % 64).expect("small"))
            ^ (i as u64).wrapping_mul(0x9e37_79b9))
            % (n as u64 + 1)
    };
    match value {
        Value::Object(map) => {
            let mut parts: Vec<(u64, String)> = map
                .iter()
                .enumerate()
                .map(|(i, (k, v))| {
                    (
                        order(map.len(), i),
                        format!("{}: {}", json!(k), shuffle(v, seed ^ i as u64)),
                    )
                })
                .collect();
            parts.sort();
            format!(
                "{{ {} }}",
                parts
                    .into_iter()
                    .map(|(_, p)| p)
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
        Value::Array(list) => {
            let mut parts: Vec<(u64, String)> = list
                .iter()
                .enumerate()
                .map(|(i, v)| (order(list.len(), i), shuffle(v, seed ^ i as u64)))
                .collect();
            parts.sort();
            format!(
                "[ {} ]",
                parts
                    .into_iter()
                    .map(|(_, p)| p)
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
        other => other.to_string(),
    }
}

/// 4, for rules: the order of files and of keys changes no byte.
#[test]
fn order_of_rule_files_does_not_matter() {
    let texts: Vec<(String, String)> = jakscreen::rules::builtin_files()
        .into_iter()
        .filter(|(name, _)| !jakscreen::rules::is_cases(name) && !name.ends_with("codes.yaml"))
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect();
    // In the dictionary some lists are ordered: lowest and highest, choices.
    let shuffled: Vec<(String, String)> = texts
        .iter()
        .map(|(n, t)| {
            let ordered = n.starts_with("dictionary/");
            let text = if ordered {
                t.clone()
            } else {
                shuffle(&yaml(t), 0x5eed)
            };
            (n.clone(), text)
        })
        .collect();
    let load = |files: &[(String, String)], backwards: bool| {
        let mut sources: Vec<Source<'_>> = files
            .iter()
            .map(|(name, text)| Source { name, text })
            .collect();
        if backwards {
            sources.reverse();
        }
        Library::read(&sources).expect("the rules")
    };
    let libraries = [
        load(&texts, false),
        load(&texts, true),
        load(&shuffled, false),
    ];
    let text = fs::read_to_string("examples/profiles/demo-0067.yaml").expect("the example");
    let screen = |l: &Library| {
        let profile = Profile::read(l, "p", &text).expect("a profile");
        l.screen(&profile, day())
    };
    let rendered: Vec<String> = libraries.iter().map(|l| render::json(&screen(l))).collect();
    assert!(rendered[0] == rendered[1]);
    assert!(rendered[0] == rendered[2]);
    // What the build prepared is what the files say; the codes, which are no rules, are only in its hash, and in the run that
    // the hash makes.
    let builtin = Library::builtin();
    let mut prepared = screen(&builtin);
    prepared.run = screen(&libraries[0]).run;
    prepared.library.hash = libraries[0].hash().to_owned();
    assert!(render::json(&prepared) == rendered[0]);
}

#[allow(clippy::disallowed_methods, reason = "a shipped file, not a user's")]
fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).expect("YAML")
}

/// 7. A label that lacks a section does not load.
#[test]
fn a_criterion_without_a_section_does_not_load() {
    let text = fs::read_to_string("rules/labels/us/upadacitinib.yaml").expect("the label");
    let lacking = text.replacen("    section: \"5.5\"\n", "", 1);
    assert_ne!(text, lacking);
    let lacking = lacking.replace("drug: upadacitinib", "drug: peficitinib");
    let problems = Library::builtin()
        .with_rules(&[Source {
            name: "lacking.yaml",
            text: &lacking,
        }])
        .expect_err("it must not load");
    let problem = &problems.list()[0];
    assert_eq!(
        (problem.code.name(), problems.list().len()),
        ("missing-key", 1),
        "{problems}"
    );
}

/// 10. Only the binary touches the world, and 8 of the design: a module names only those above it.
#[test]
fn layers_hold() {
    let order = [
        "text",
        "diagnostic",
        "outcome",
        "decode",
        "quantity",
        "date",
        "dictionary",
        "library",
        "profile",
        "evaluate",
        "checklist",
        "judged",
        "screen",
        "screener",
        "quiz",
        "form",
        "rules",
        "schema",
        "render",
        "batch",
        "verify",
    ];
    // A profile is read against a library; the words of treatments and doses are the profile's and serve both.
    let shared = [("library", "profile")];
    let world = [
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "std::io",
        "std::time",
        "Local::now",
        "Utc::now",
        "println!",
        "eprintln!",
        "thread::",
    ];
    for (i, module) in order.iter().enumerate() {
        let mut paths = vec![PathBuf::from(format!("src/{module}.rs"))];
        let folder = PathBuf::from(format!("src/{module}"));
        paths.extend(folder.exists().then_some(folder));
        while let Some(path) = paths.pop() {
            if path.is_dir() {
                let folder = fs::read_dir(&path).expect("a folder");
                paths.extend(folder.map(|f| f.expect("a file").path()));
                continue;
            }
            let file = path.display();
            let text = fs::read_to_string(&path).expect("a module");
            let code = text.split("#[cfg(test)]").next().expect("code");
            for forbidden in world {
                assert!(
                    !code.contains(forbidden),
                    "{file} touches the world: {forbidden}"
                );
            }
            for used in code
                .lines()
                .filter_map(|l| l.trim().strip_prefix("use crate::"))
                .map(|l| l.split([':', ';', '{']).next().expect("a module"))
            {
                let at = order
                    .iter()
                    .position(|m| *m == used)
                    .unwrap_or_else(|| panic!("{file} uses {used}, which is no module"));
                assert!(
                    at <= i || shared.contains(&(*module, used)),
                    "{file} names {used}, which is below it"
                );
            }
        }
    }
}
