//! jakscreen as a contestant: the 40 rules as a library of its own. The adapter says the facts of a record; recency, presence
//! and unusable units, which the neutral atoms mean otherwise than jakscreen does, are decided here, and the time counts.
//! Feature `sonic` reads with sonic-rs instead of serde_json.
//!
//! modes:  eval DIR FILE REPS [LIMIT]   evaluation only
//!         e2e  DIR FILE OUT [LIMIT]    read, map, evaluate, write; TRACE=1 adds what decided each flag
//!         one  DIR FILE                load the rules, evaluate the first line
use std::io::{BufRead, BufReader, BufWriter, Write};

use ahash::AHashMap;
use bench_common::{Flags, cpu_ns, load_ids, peak_rss_kb, write_line};
use chrono::NaiveDate;
use jakscreen::memory::{Choice, Decimal, Fact, Medicine, Recorder, Unit, Went};
use jakscreen::{Found, Library, Outcome, PlanChange, Profile, Screener, Source};
use serde::Deserialize;

#[derive(Deserialize)]
struct Lab<'a> {
    value: Option<f64>,
    unit: &'a str,
    date: &'a str,
}
#[derive(Deserialize, Default)]
#[serde(default)]
struct Labs<'a> {
    #[serde(borrow)] hb: Option<Lab<'a>>,
    #[serde(borrow)] alc: Option<Lab<'a>>,
    #[serde(borrow)] anc: Option<Lab<'a>>,
    #[serde(borrow)] plt: Option<Lab<'a>>,
    #[serde(borrow)] alt: Option<Lab<'a>>,
    #[serde(borrow)] ast: Option<Lab<'a>>,
    #[serde(borrow)] creat: Option<Lab<'a>>,
    #[serde(borrow)] egfr: Option<Lab<'a>>,
    #[serde(borrow)] ldl: Option<Lab<'a>>,
    #[serde(borrow)] tg: Option<Lab<'a>>,
    #[serde(borrow)] crp: Option<Lab<'a>>,
    #[serde(borrow)] ck: Option<Lab<'a>>,
}
#[derive(Deserialize, Default)]
#[serde(default)]
struct Conditions {
    vte: Option<bool>,
    mi_stroke: Option<bool>,
    heart_failure: Option<bool>,
    smoker_current: Option<bool>,
    smoker_past: Option<bool>,
    malignancy: Option<bool>,
    active_infection: Option<bool>,
    diverticulitis: Option<bool>,
    pregnant: Option<bool>,
    breastfeeding: Option<bool>,
    hepatic_severe: Option<bool>,
    live_vaccine: Option<bool>,
    recent_surgery: Option<bool>,
    zoster_vaccinated: Option<bool>,
}
#[derive(Deserialize)]
struct Prior<'a> {
    drug: &'a str,
    outcome: &'a str,
}
#[derive(Deserialize)]
struct Screen<'a> {
    result: &'a str,
    date: &'a str,
}
#[derive(Deserialize, Default)]
#[serde(default)]
struct Screens<'a> {
    #[serde(borrow)] tb: Option<Screen<'a>>,
    #[serde(borrow)] hbv: Option<Screen<'a>>,
    #[serde(borrow)] hcv: Option<Screen<'a>>,
    #[serde(borrow)] cxr: Option<Screen<'a>>,
}
#[derive(Deserialize)]
struct Record<'a> {
    id: &'a str,
    age: Option<f64>,
    sex: Option<&'a str>,
    drug: Option<&'a str>,
    indication: Option<&'a str>,
    jurisdiction: Option<&'a str>,
    #[serde(borrow, default)] labs: Box<Labs<'a>>,
    #[serde(default)] conditions: Conditions,
    #[serde(borrow)] meds: Option<Vec<&'a str>>,
    #[serde(borrow)] prior: Option<Vec<Prior<'a>>>,
    #[serde(borrow, default)] screens: Screens<'a>,
}

type Words = AHashMap<&'static str, Choice>;

/// A laboratory value: its units, and the facts that there is one since a day.
struct LabNames {
    units: Vec<(&'static str, Unit)>,
    since: Vec<(Fact, Day)>,
}

/// A screening test: its words since a day, and the facts that there is a result since a day.
struct ScreenNames {
    results: Vec<(Day, Words)>,
    since: Vec<(Fact, Day)>,
}

/// Everything that is looked up by name once.
struct Names {
    age: Option<Unit>,
    plan: [Words; 4],
    labs: [LabNames; 12],
    conditions: [Option<Fact>; 14],
    pregnant_known: Option<Fact>,
    screens: [ScreenNames; 4],
    medicines: AHashMap<&'static str, Medicine>,
    before: AHashMap<&'static str, Medicine>,
    went: Vec<(&'static str, Went)>,
}

/// A day as it is written: days compare as their letters do.
type Day = [u8; 10];

const D28: Day = *b"2026-05-04";
const D90: Day = *b"2026-03-03";
const D180: Day = *b"2025-12-03";
const D365: Day = *b"2025-06-01";
const D730: Day = *b"2024-06-01";

const DRUGS: [&str; 7] = ["tofacitinib", "baricitinib", "upadacitinib", "filgotinib", "abrocitinib", "ritlecitinib", "deucravacitinib"];
const CELLS: &[&str] = &["10*9/L", "cells/uL"];
const LABS: [(&str, &[&str]); 12] = [
    ("hb", &["g/dL", "g/L"]), ("alc", CELLS), ("anc", CELLS), ("plt", &["10*9/L"]), ("alt", &["U/L"]), ("ast", &["U/L"]),
    ("creat", &["mg/dL", "umol/L"]), ("egfr", &["mL/min"]), ("ldl", &["mmol/L", "mg/dL"]), ("tg", &["mmol/L", "mg/dL"]),
    ("crp", &["mg/L"]), ("ck", &["U/L"]),
];
const CONDITIONS: [&str; 14] = [
    "vte", "mi_stroke", "heart_failure", "smoker_current", "smoker_past", "malignancy", "active_infection", "diverticulitis",
    "pregnant", "breastfeeding", "hepatic_severe", "live_vaccine", "recent_surgery", "zoster_vaccinated",
];
const PRIOR: [&str; 16] = [
    "methotrexate", "leflunomide", "sulfasalazine", "hydroxychloroquine", "adalimumab", "etanercept", "infliximab", "golimumab",
    "certolizumab", "tocilizumab", "abatacept", "rituximab", "secukinumab", "ustekinumab", "dupilumab", "ciclosporin",
];
const MEDICINES: &str = "ibuprofen naproxen diclofenac prednisolone oxycodone simvastatin atorvastatin rosuvastatin fluoxetine fluvoxamine \
    ticlopidine carbamazepine phenytoin st_johns_wort apalutamide rifampicin ketoconazole itraconazole clarithromycin ritonavir cobicistat \
    posaconazole voriconazole fluconazole probenecid azathioprine ciclosporin tacrolimus mycophenolate adalimumab etanercept infliximab \
    golimumab certolizumab tocilizumab sarilumab abatacept rituximab secukinumab ustekinumab dupilumab ethinylestradiol estradiol \
    conjugated_estrogens raloxifene clopidogrel prasugrel ticagrelor aspirin warfarin apixaban rivaroxaban dabigatran methotrexate";

impl Names {
    fn new(library: &Library) -> Self {
        // Facts that no rule asks for are not in the dictionary.
        let words = |fact: &str, words: &[(&'static str, &str)]| -> Words {
            let choice = |word| library.choice(library.fact(fact)?, word);
            words.iter().filter_map(|(given, word)| Some((*given, choice(word)?))).collect()
        };
        let unit = |fact: &str, unit: &str| library.unit(library.fact(fact)?, unit);
        let days = [("28", D28), ("90", D90), ("180", D180), ("365", D365), ("730", D730)];
        let since = |name: &str| days.iter().filter_map(|(days, day)| Some((library.fact(&format!("{name}_within_{days}"))?, *day))).collect();
        let results = [("negative", "negative"), ("positive", "positive"), ("indeterminate", "unclear")];
        Self {
            age: unit("age", "years"),
            plan: [
                words("its_sex", &[("F", "f"), ("M", "m")]),
                words("its_drug", &DRUGS.map(|drug| (drug, drug))),
                words("its_indication", &[("RA", "ra"), ("PsA", "psa"), ("axSpA", "axspa"), ("UC", "uc"), ("CD", "cd"), ("AD", "ad"), ("AA", "aa"), ("GCA", "gca")]),
                words("its_jurisdiction", &[("EU", "eu"), ("US", "us"), ("UK", "uk"), ("CH", "ch")]),
            ],
            labs: LABS.map(|(name, units)| LabNames {
                units: units.iter().filter_map(|u| Some((*u, unit(name, u)?))).collect(),
                since: since(name),
            }),
            conditions: CONDITIONS.map(|name| library.fact(&format!("its_{name}"))),
            pregnant_known: library.fact("pregnant_known"),
            screens: ["tb", "hbv", "hcv", "cxr"].map(|name| ScreenNames {
                results: days.iter().map(|(days, day)| (*day, words(&format!("{name}_of_{days}"), &results))).filter(|(_, words)| !words.is_empty()).collect(),
                since: since(name),
            }),
            medicines: MEDICINES.split_whitespace().filter_map(|m| Some((m, library.medicine(m)?))).collect(),
            before: PRIOR.iter().filter_map(|m| Some((*m, library.medicine(&format!("before_{m}"))?))).collect(),
            went: ["inadequate_response", "intolerance", "contraindicated", "adequate"].iter().filter_map(|w| Some((*w, library.went(w)?))).collect(),
        }
    }
}

fn day(date: &str) -> Day {
    date.as_bytes().try_into().expect("a day")
}

fn find<'t, T>(table: &'t [(&'static str, T)], word: &str) -> Option<&'t T> {
    table.iter().find(|(w, _)| *w == word).map(|(_, t)| t)
}

/// The decimal that was written: exact for up to four places.
fn decimal(value: f64) -> Decimal {
    #[allow(clippy::cast_possible_truncation)]
    let scaled = (value * 1e4 + 0.5) as i64;
    if scaled.abs() < 1_000_000_000_000_000 && scaled as f64 / 1e4 == value {
        return Decimal::new(scaled, 4);
    }
    value.to_string().parse().unwrap_or_default()
}

struct Jak {
    names: Names,
    recorder: Recorder<'static>,
    screener: Screener<'static>,
    day: NaiveDate,
}

fn parse(line: &[u8]) -> Record<'_> {
    let line = str::from_utf8(line).expect("UTF-8");
    #[cfg(not(feature = "sonic"))]
    return serde_json::from_str(line).expect("a record");
    #[cfg(feature = "sonic")]
    return sonic_rs::from_str(line).expect("a record");
}

impl Jak {
    fn new(rules: &str) -> Self {
        let texts: Vec<(String, String)> = std::fs::read_dir(format!("{rules}/jakscreen"))
            .expect("the folder of rules")
            .map(|e| e.expect("a file").path())
            .map(|p| (p.display().to_string(), std::fs::read_to_string(&p).expect("a rule file")))
            .collect();
        let sources: Vec<Source> = texts.iter().map(|(name, text)| Source { name, text }).collect();
        let library = Library::read(&sources).unwrap_or_else(|e| panic!("{e}"));
        let library: &'static Library = Box::leak(Box::new(library));
        let plan = PlanChange {
            drug: Some("upadacitinib".into()),
            indication: Some("rheumatoid_arthritis".into()),
            labels: vec!["us".into()],
        };
        Self {
            names: Names::new(library),
            recorder: Recorder::new(library, &plan).unwrap_or_else(|e| panic!("{e}")),
            screener: library.screener("upadacitinib", "us").expect("the label"),
            day: NaiveDate::from_ymd_opt(2026, 6, 1).expect("a day"),
        }
    }

    /// The facts of a record.
    fn profile(&self, r: &Record, used: Option<Profile>) -> Profile {
        let n = &self.names;
        let mut to = match used {
            Some(used) => self.recorder.record_in(used, self.day),
            None => self.recorder.record(self.day),
        };
        if let (Some(unit), Some(age)) = (&n.age, r.age) {
            to.quantity(decimal(age), unit, None).expect("an age");
        }
        for (table, word) in n.plan.iter().zip([r.sex, r.drug, r.indication, r.jurisdiction]) {
            if let Some(choice) = word.and_then(|w| table.get(w)) {
                to.choice(*choice, None);
            }
        }
        let l = &r.labs;
        let labs = [&l.hb, &l.alc, &l.anc, &l.plt, &l.alt, &l.ast, &l.creat, &l.egfr, &l.ldl, &l.tg, &l.crp, &l.ck];
        for (names, lab) in n.labs.iter().zip(labs) {
            let lab = lab.as_ref().and_then(|l| Some((l.value?, l.unit, day(l.date))));
            if let Some((value, unit, _)) = lab.filter(|l| l.2 >= D90)
                && let Some(unit) = find(&names.units, unit)
            {
                to.quantity(decimal(value), unit, None).expect("a value");
            }
            for (fact, since) in &names.since {
                to.state(*fact, lab.is_some_and(|l| l.2 >= *since), None);
            }
        }
        let c = &r.conditions;
        let conditions = [
            c.vte, c.mi_stroke, c.heart_failure, c.smoker_current, c.smoker_past, c.malignancy, c.active_infection, c.diverticulitis,
            c.pregnant, c.breastfeeding, c.hepatic_severe, c.live_vaccine, c.recent_surgery, c.zoster_vaccinated,
        ];
        for (fact, said) in n.conditions.iter().zip(conditions) {
            if let (Some(fact), Some(said)) = (fact, said) {
                to.state(*fact, said, None);
            }
        }
        if let Some(fact) = n.pregnant_known {
            to.state(fact, c.pregnant.is_some(), None);
        }
        let s = &r.screens;
        for (names, screen) in n.screens.iter().zip([&s.tb, &s.hbv, &s.hcv, &s.cxr]) {
            let screen = screen.as_ref().map(|s| (s.result, day(s.date)));
            for (since, results) in &names.results {
                if let Some(result) = screen.filter(|s| s.1 >= *since).and_then(|s| results.get(s.0)) {
                    to.choice(*result, None);
                }
            }
            for (fact, since) in &names.since {
                to.state(*fact, screen.is_some_and(|s| s.1 >= *since), None);
            }
        }
        if let Some(meds) = &r.meds {
            meds.iter().filter_map(|m| n.medicines.get(m)).for_each(|m| to.medicine(*m));
            to.no_other_medicines();
        }
        if let Some(prior) = &r.prior {
            // One line for each drug, with all that was said of it.
            for (i, p) in prior.iter().enumerate() {
                let Some(medicine) = n.before.get(p.drug).filter(|_| !prior[..i].iter().any(|b| b.drug == p.drug)) else {
                    continue;
                };
                let mut went = [n.went[0].1; 4];
                let mut count = 0;
                for p in prior.iter().filter(|o| o.drug == p.drug).take(4) {
                    went[count] = *find(&n.went, p.outcome).unwrap_or(&n.went[3].1);
                    count += 1;
                }
                to.treatment(*medicine, &went[..count]);
            }
            to.no_other_treatments();
        }
        to.finish()
    }
}

fn flags(found: Found) -> Flags {
    let first = |bits: &[u64]| bits.first().copied().unwrap_or_default();
    Flags { t: first(found.met_bits), u: first(found.unknown_bits) }
}

/// As `write_line`, from ids that stand in quotes already.
fn line(w: &mut impl Write, id: &str, quoted: &[String], f: Flags) -> std::io::Result<()> {
    w.write_all(b"{\"id\":\"")?;
    w.write_all(id.as_bytes())?;
    for (key, mut bits) in [("\",\"flags\":[", f.t), ("],\"unknown\":[", f.u)] {
        w.write_all(key.as_bytes())?;
        let mut lead = 1;
        while bits != 0 {
            w.write_all(&quoted[bits.trailing_zeros() as usize].as_bytes()[lead..])?;
            lead = 0;
            bits &= bits - 1;
        }
    }
    w.write_all(b"]}\n")
}

/// `,"trace":{"rule":[["question",outcome],..],..}` in place of the closing brace.
fn trace(w: &mut Vec<u8>, screener: &Screener, found: Found, profile: usize, quoted: &[String]) {
    w.truncate(w.len() - 2);
    w.extend_from_slice(b",\"trace\":{");
    for (n, rule) in found.met().chain(found.unknown()).enumerate() {
        w.extend_from_slice(&quoted[rule].as_bytes()[usize::from(n == 0)..]);
        w.extend_from_slice(b":[");
        let mut first = true;
        screener.trace(profile, rule, |asked, outcome| {
            w.extend_from_slice(if first { b"[\"" } else { b",[\"" });
            first = false;
            w.extend_from_slice(asked.as_bytes());
            w.extend_from_slice(match outcome {
                Outcome::Met => b"\",true]",
                Outcome::NotMet => b"\",false]",
                Outcome::Unknown => b"\",null]",
            });
        });
        w.push(b']');
    }
    w.extend_from_slice(b"}}\n");
}

fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (mode, rules, file) = (a[1].as_str(), a[2].as_str(), a[3].as_str());
    let limit = a.get(5).and_then(|s| s.parse().ok()).unwrap_or(usize::MAX);
    let mut e = Jak::new(rules);
    let mut lines = BufReader::with_capacity(1 << 18, std::fs::File::open(file).expect("the records")).split(b'\n').map(|l| l.expect("a line")).take(limit);
    let name = if cfg!(feature = "sonic") { "jakscreen + sonic-rs" } else { "jakscreen" };
    match mode {
        "eval" => {
            let reps: usize = a[4].parse().expect("repetitions");
            let (mut total, mut n, mut sink) = (0, 0, 0);
            loop {
                let profiles: Vec<Profile> = lines.by_ref().take(500).map(|l| e.profile(&parse(&l), None)).collect();
                if profiles.is_empty() {
                    break;
                }
                for _ in 0..reps {
                    let start = cpu_ns();
                    e.screener.screen(&profiles, e.day);
                    let found = e.screener.found();
                    total += cpu_ns() - start;
                    n += profiles.len();
                    for f in found.map(flags) {
                        sink ^= f.t.wrapping_mul(3) ^ f.u;
                    }
                }
            }
            let criteria = e.screener.criteria().len();
            println!("{}", serde_json::json!({"name": name, "mode": "eval", "n": n, "criteria": criteria, "ns_per_profile": total as f64 / n as f64, "rss_kb": peak_rss_kb(), "sink": sink}));
        }
        "e2e" => {
            let traced = std::env::var("TRACE").is_ok();
            let (wall, cpu) = (std::time::Instant::now(), cpu_ns());
            let quoted: Vec<String> = load_ids(rules).iter().map(|id| format!(",\"{id}\"")).collect();
            let mut w = BufWriter::with_capacity(1 << 18, std::fs::File::create(&a[4]).expect("the output"));
            let mut reader = BufReader::with_capacity(1 << 18, std::fs::File::open(file).expect("the records"));
            let (mut profiles, mut used, mut ids) = (Vec::with_capacity(64), Vec::with_capacity(64), Vec::with_capacity(64));
            let (mut buffer, mut out, mut n) = (Vec::with_capacity(4096), Vec::with_capacity(1 << 16), 0);
            let mut more = true;
            while more {
                used.append(&mut profiles);
                ids.clear();
                while profiles.len() < 64 {
                    buffer.clear();
                    if n == limit || reader.read_until(b'\n', &mut buffer).expect("a line") == 0 {
                        more = false;
                        break;
                    }
                    let record = parse(&buffer);
                    let mut id = [0; 8];
                    id.copy_from_slice(record.id.as_bytes());
                    ids.push(id);
                    profiles.push(e.profile(&record, used.pop()));
                    n += 1;
                }
                e.screener.screen(&profiles, e.day);
                out.clear();
                for (i, (id, found)) in ids.iter().zip(e.screener.found()).enumerate() {
                    line(&mut out, str::from_utf8(id).expect("an id"), &quoted, flags(found)).expect("memory");
                    if traced {
                        trace(&mut out, &e.screener, found, i, &quoted);
                    }
                }
                w.write_all(&out).expect("the output");
            }
            w.flush().expect("the output");
            let (wall, cpu) = (wall.elapsed().as_nanos(), cpu_ns() - cpu);
            println!("{}", serde_json::json!({"name": name, "mode": "e2e", "n": n, "ns_per_profile": cpu as f64 / n as f64, "wall_ns_per_profile": wall as f64 / n as f64, "rss_kb": peak_rss_kb()}));
        }
        _ => {
            let ids = load_ids(rules);
            let first = lines.next().expect("a record");
            let record = parse(&first);
            let profile = e.profile(&record, None);
            e.screener.screen(&[profile], e.day);
            let found = e.screener.found().map(flags).next().expect("a profile");
            write_line(&mut std::io::stdout().lock(), record.id.as_bytes(), &ids, found);
        }
    }
}
