//! The texts of the hazards: complete, cited, and those for patients easy to read.
//!
//! The measure is the Flesch-Kincaid grade: Kincaid, Fishburne, Rogers and Chissom, "Derivation of New Readability Formulas for
//! Navy Enlisted Personnel", Research Branch Report 8-75, 1975. Its grades are US school years. It sees only the length of words
//! and sentences: a low grade does not say that a text is right or kind. Syllables are counted by rule, for want of a dictionary;
//! where the spelling leaves it open the rule counts more, so that the grade errs upwards.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use jakscreen::{Library, render};
use serde::Deserialize;

#[derive(Deserialize)]
struct Hazards {
    hazards: BTreeMap<String, Hazard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hazard {
    order: u32,
    name: String,
    why: String,
    plain: String,
}

#[allow(clippy::disallowed_methods, reason = "a shipped file, not a user's")]
fn hazards() -> BTreeMap<String, Hazard> {
    let text = fs::read_to_string("rules/hazards.yaml").expect("the hazards");
    let read: Hazards = serde_yaml::from_str(&text).expect("hazards");
    assert!(!read.hazards.is_empty());
    read.hazards
}

/// Words whose syllables no rule below finds.
const IRREGULAR: [(&str, usize); 10] = [
    ("acne", 2),
    ("ascites", 3),
    ("diabetes", 4),
    ("herpes", 2),
    ("hour", 2),
    ("hours", 2),
    ("our", 2),
    ("recipe", 3),
    ("syncope", 3),
    ("testes", 2),
];

/// Neighbouring vowels that are, or may be, spoken apart: one syllable more for each.
const APART: [&str; 35] = [
    "aic", "ao", "coag", "coop", "coord", "crea", "eing", "eo", "eum", "eus", "ia", "ien", "ier",
    "iest", "iet", "ii", "io", "iu", "oem", "oet", "oing", "react", "reali", "scient", "theat",
    "ua", "uel", "uen", "uer", "uid", "uin", "uity", "uo", "useat", "uu",
];

/// Letters that hold one of those and are one sound after all.
const TOGETHER: [&str; 27] = [
    "cial", "cian", "cient", "cion", "cious", "cream", "creas", "friend", "geon", "gion", "gious",
    "gua", "guid", "people", "pneum", "qua", "quel", "quen", "quid", "quin", "quo", "rheum",
    "sion", "tial", "tient", "tion", "tious",
];

/// The same at the end of a word that has a syllable before.
const APART_AT_THE_END: [&str; 4] = ["ea", "eal", "ean", "eas"];

/// Where a vowel is heard that is not written.
const HEARD_AT_THE_END: [&str; 6] = ["ire", "ired", "ires", "sm", "sms", "thm"];

/// The syllables of a word: groups of vowels, more where vowels are spoken apart, less a silent `e`.
fn syllables(word: &str) -> usize {
    word.split('-').map(part).sum()
}

fn part(written: &str) -> usize {
    let digits = written.chars().filter(char::is_ascii_digit).count();
    let letters: String = written.chars().filter(|c| c.is_alphabetic()).collect();
    let word = letters.to_lowercase();
    if letters.len() > 1 && letters == letters.to_uppercase() {
        return 3 * digits + letters.len(); // Spelt out: TB, HIV.
    }
    if let Some((_, count)) = IRREGULAR.iter().find(|(w, _)| *w == word) {
        return *count;
    }
    let c: Vec<char> = word.chars().collect();
    let letter = |i: usize| "aeiou".contains(c[i]);
    // A `y` is a consonant before a vowel, at the start or between two.
    let vowel = |i: usize| {
        letter(i)
            || c[i] == 'y'
                && !(c.get(i + 1).is_some_and(|_| letter(i + 1)) && (i == 0 || letter(i - 1)))
    };
    let starts = |i: &usize| vowel(*i) && (*i == 0 || !vowel(i - 1) || c[i - 1] == 'y');
    let groups = (0..c.len()).filter(starts).count();
    let has = |parts: &[&str]| -> usize { parts.iter().map(|p| word.matches(p).count()).sum() };
    let ends = |parts: &[&str]| usize::from(parts.iter().any(|p| word.ends_with(p)));
    let mut count =
        groups + has(&APART) - has(&TOGETHER).min(has(&APART)) + ends(&HEARD_AT_THE_END);
    if groups > 1 {
        count += ends(&APART_AT_THE_END);
        count -= usize::from(silent_e(&word, &c, vowel));
    }
    if written.ends_with("n't") && !vowel(c.len() - 3) {
        count += 1; // `isn't`, not `don't`.
    }
    count.max(usize::from(!c.is_empty())) + 3 * digits
}

/// An `e` at the end, before a last `s` or in a last `ed`, is silent after a consonant: not in `table`, `needed`, `doses`.
fn silent_e(word: &str, c: &[char], vowel: impl Fn(usize) -> bool) -> bool {
    let Some((ending, at)) = ["es", "ed", "e"]
        .into_iter()
        .find(|e| word.ends_with(*e))
        .and_then(|e| Some((e, c.len().checked_sub(e.len() + 1)?)))
    else {
        return false;
    };
    let heard = match ending {
        "es" => "szxcgh".contains(c[at]),
        "ed" => "td".contains(c[at]),
        _ => false,
    };
    let in_table = "lr".contains(c[at]) && at > 0 && !vowel(at - 1) && !"lr".contains(c[at - 1]);
    !vowel(at) && !heard && !in_table
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace()
        .map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|w| !w.is_empty())
        .collect()
}

fn grade(text: &str) -> f64 {
    let count = |n: usize| f64::from(u32::try_from(n).expect("a short text"));
    let spaced: Vec<&str> = text.split_whitespace().collect();
    // A stop that no capital follows, as in `e.g. this`, ends no sentence.
    let last = |i: usize| {
        spaced
            .get(i + 1)
            .is_none_or(|next| next.starts_with(char::is_uppercase))
    };
    let sentences = (0..spaced.len())
        .filter(|i| spaced[*i].ends_with(['.', '?', '!']) && last(*i))
        .count();
    let words = words(text);
    let syllables: usize = words.iter().map(|w| syllables(w)).sum();
    let (words, sentences) = (count(words.len()), count(sentences));
    0.39 * (words / sentences) + 11.8 * (count(syllables) / words) - 15.59
}

/// Words counted by ear: words of the texts for patients, medical ones, and ones that try the rules.
const SPOKEN: [(usize, &str); 6] = [
    (
        1,
        "a bones caused cough cured does don't dose friend genes germs guard heart juice knees lives made rash scarred stroke \
         style the through types vein weighed while whole years",
    ),
    (
        2,
        "TB about acne again attacks baby's being better bleeding blisters body bowel broken buying cancer carry caution \
         children create diet disease doses dying effect enough enzyme fever fire fluid happened herpes hormones hour hundred \
         immune increase isn't itching kidneys kinase language level litre liver muscles needed older organs patient people \
         picture pouches pregnant pressure problems protein question react region rhythm science shingles single smoking \
         social spasm steroids study sugar surgeon system table taken thyroid tissue tired trouble tumour unborn urine \
         vaccine vaccines vessels virus woman",
    ),
    (
        3,
        "HIV allergic animals another area arthritis biopsy breastfeeding calcium cardiac carrier chickenpox creatine diseases \
         exercise genuine idea illnesses infection infectious lymphocytes lymphoma medicine medicines medium nausea \
         neutrophils official oxygen pancreas period reaction required retina rheumatoid serious surgery thrombosis usual \
         violent viruses",
    ),
    (
        4,
        "anaemia anemia antiviral associate coagulate continuous creatinine diabetes diarrhea diarrhoea embolism European \
         fertility haemoglobin hepatitis influenza January malignancy organism pneumonia reality scientific situation \
         society varicella",
    ),
    (
        5,
        "antibiotic baricitinib individual tofacitinib tuberculosis",
    ),
    (
        6,
        "cardiovascular diverticulitis hypoglycemia immunosuppression upadacitinib",
    ),
];

/// Where the rules count more than is spoken.
const COUNTED_HIGHER: [(usize, &str); 2] = [
    (1, "dye fierce priest"),
    (
        2,
        "careful elsewhere fatigue grapefruit million platelets something somewhat 50",
    ),
];

#[test]
fn syllables_are_those_of_the_ear_or_more() {
    let mut wrong = Vec::new();
    for (spoken, list) in SPOKEN {
        let counted = list.split(' ').map(|w| (w, spoken, syllables(w)));
        wrong.extend(counted.filter(|(_, spoken, counted)| counted != spoken));
    }
    for (spoken, list) in COUNTED_HIGHER {
        let counted = list.split(' ').map(|w| (w, spoken, syllables(w)));
        wrong.extend(counted.filter(|(_, spoken, counted)| counted <= spoken));
    }
    assert!(wrong.is_empty(), "word, spoken, counted: {wrong:?}");
}

#[test]
fn the_grade_is_that_of_the_formula() {
    for (text, words, syllables, sentences) in [
        ("The cat sat on the mat.", 6.0, 6.0, 1.0),
        (
            "Lymphocytes are white bl. cells that fight viruses.",
            8.0,
            12.0,
            1.0,
        ),
        (
            "Is it shingles? Tell us! We may do a test first.",
            11.0,
            12.0,
            3.0,
        ),
    ] {
        let wanted = 0.39 * words / sentences + 11.8 * syllables / words - 15.59;
        let found = grade(text);
        assert!(
            (found - wanted).abs() < 1e-9,
            "{text} {found}, not {wanted}"
        );
    }
}

#[test]
fn the_words_for_patients_are_easy_to_read() {
    let hard: Vec<String> = hazards()
        .iter()
        .map(|(id, h)| (id, grade(&h.plain)))
        .filter(|(_, grade)| !grade.is_finite() || *grade > 8.0)
        .map(|(id, grade)| format!("{id} {grade:.1}"))
        .collect();
    assert!(hard.is_empty(), "above grade 8: {}", hard.join(", "));
}

/// No promise, no figure that patients would take for their own, no advice to start or stop, no spelling of one side of the
/// ocean.
const NOT_FOR_PATIENTS: [&str; 19] = [
    "safe",
    "%",
    "percent",
    "per cent",
    "you should",
    "you must",
    "do not take",
    "start taking",
    "stop taking",
    "anaemi",
    "anemi",
    "haemog",
    "hemog",
    "estrogen",
    "rrhoea",
    "rrhea",
    "tumo",
    "defence",
    "defense",
];

#[test]
fn every_hazard_has_both_texts_and_the_plain_one_misleads_by_no_word() {
    let hazards = hazards();
    let orders: BTreeSet<u32> = hazards.values().map(|h| h.order).collect();
    assert_eq!(orders.len(), hazards.len(), "two hazards in one place");
    for (id, hazard) in &hazards {
        assert!(!hazard.name.trim().is_empty(), "{id}");
        for text in [&hazard.why, &hazard.plain] {
            assert!(
                words(text).len() >= 10 && text.ends_with('.'),
                "{id}: {text}"
            );
        }
        let plain = hazard.plain.to_lowercase();
        let found: Vec<_> = NOT_FOR_PATIENTS
            .iter()
            .filter(|w| plain.contains(**w))
            .collect();
        assert!(found.is_empty(), "{id}: {found:?}");
    }
}

/// A percentage or a decimal stands in a sentence that names its source.
#[test]
fn every_figure_for_students_has_its_source() {
    let digit = |b: Option<&u8>| b.is_some_and(u8::is_ascii_digit);
    let sources = fs::read_to_string("rules/README.md").expect("what the brackets stand for");
    let (_, sources) = sources
        .split_once("## Sources of the texts")
        .expect("a part");
    for (id, hazard) in hazards() {
        for sentence in hazard.why.split(". ") {
            let said = sentence.split('[').next().expect("a first part").as_bytes();
            let decimal = |i: usize| {
                said[i] == b'.' && digit(said.get(i + 1)) && i > 0 && digit(said.get(i - 1))
            };
            let figure = said.contains(&b'%') || (0..said.len()).any(decimal);
            assert!(
                !figure || sentence.contains('['),
                "{id}: no source: {sentence}"
            );
        }
        for source in hazard.why.split('[').skip(1) {
            let (source, _) = source.split_once(']').expect("a closed bracket");
            for source in source.split(", ") {
                let source = source.replace("EU and US labels", "US labels, EU labels");
                assert!(sources.contains(&source), "{id}: {source}");
            }
        }
    }
}

#[test]
fn the_sheet_for_the_patient_is_easy_to_read_and_holds_nothing_it_must_not() {
    let library = Library::builtin();
    for (name, profile) in crate::cohort::profiles(&library) {
        let screening = library.screen(&profile, crate::cohort::day());
        let sheet = render::patient(&library, &screening);
        // What stands in brackets is for the clinician. A line that is no sentence is read as one.
        let lines = sheet.split("\n\n").flat_map(|p| p.split("\n - "));
        let joined: Vec<String> = lines.map(|l| l.replace('\n', " ")).collect();
        let mut text = String::new();
        for line in joined.iter().filter(|l| !l.starts_with('[')) {
            let line = line.split(" [").next().expect("a line").trim_end();
            text += line;
            text += if line.ends_with(['.', '?', '!']) {
                " "
            } else {
                ". "
            };
        }
        let grade = grade(&text);
        assert!(grade <= 8.0, "{name}: grade {grade:.1}: {text}");
        assert!(!sheet.contains('%'), "{name}");
        for checklist in &screening.checklists {
            for finding in &checklist.findings {
                let id = &finding.criterion;
                let named = id.contains('-') && sheet.contains(id.as_str());
                assert!(
                    !named || finding.hazard_name.contains(id.as_str()),
                    "{name}: {id}"
                );
            }
        }
        let lower = sheet.to_lowercase();
        for never in [
            "you should start",
            "you should stop",
            "do not start",
            "stop taking",
        ] {
            assert!(!lower.contains(never), "{name}: {never}");
        }
    }
}
