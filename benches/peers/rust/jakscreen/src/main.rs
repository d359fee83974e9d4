//! jakscreen as a contestant: the 40 rules as a library of its own. The adapter says the facts of a record; recency, presence
//! and unusable units, which the neutral atoms mean otherwise than jakscreen does, are decided here, and the time counts.
//! Feature `sonic` reads with sonic-rs instead of serde_json.
//!
//! modes:  eval DIR FILE REPS [LIMIT]   evaluation only
//!         e2e  DIR FILE OUT [LIMIT]    read, map, evaluate, write; TRACE=1 adds what decided each flag
//!         one  DIR FILE                load the rules, evaluate the first line
use std::collections::HashMap;
use std::io::{BufRead, BufReader, BufWriter, Write};

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
    #[serde(borrow, default)] labs: Labs<'a>,
    #[serde(default)] conditions: Conditions,
    #[serde(borrow)] meds: Option<Vec<&'a str>>,
    #[serde(borrow)] prior: Option<Vec<Prior<'a>>>,
    #[serde(borrow, default)] screens: Screens<'a>,
}

type Words = Vec<(&'static str, Choice)>;

/// Where a fact comes from in a record.
enum Column {
    Age(Unit),
    /// A word of the record, by its place in `words`.
    Word(usize, Words),
    /// A laboratory value of the last 90 days, in one of its units.
    Lab(usize, Vec<(&'static str, Unit)>),
    /// Whether there is a value since a day.
    LabSince(usize, &'static str),
    Condition(usize),
    PregnantKnown,
    /// A result since a day.
    Screen(usize, &'static str, Words),
    ScreenSince(usize, &'static str),
}

/// Everything that is looked up by name once.
struct Names {
    /// In the order of the facts, so that a record is made in order.
    columns: Vec<(Fact, Column)>,
    medicines: HashMap<&'static str, Medicine>,
    before: Vec<(&'static str, Medicine)>,
    went: Vec<(&'static str, Went)>,
}

const D28: &str = "2026-05-04";
const D90: &str = "2026-03-03";
const D180: &str = "2025-12-03";
const D365: &str = "2025-06-01";
const D730: &str = "2024-06-01";

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
        let words = |fact: Fact, words: &[(&'static str, &str)]| -> Words {
            words.iter().map(|(given, word)| (*given, library.choice(fact, word).expect("a word"))).collect()
        };
        let since = [("28", D28), ("90", D90), ("180", D180), ("365", D365), ("730", D730)];
        let mut columns = Vec::new();
        let mut add = |name: &str, column: &dyn Fn(Fact) -> Column| {
            if let Some(fact) = library.fact(name) {
                columns.push((fact, column(fact)));
            }
        };
        add("age", &|f| Column::Age(library.unit(f, "years").expect("years")));
        let of_plan: [(&str, &[(&str, &str)]); 4] = [
            ("its_sex", &[("F", "f"), ("M", "m")]),
            ("its_drug", &[("tofacitinib", "tofacitinib"), ("baricitinib", "baricitinib"), ("upadacitinib", "upadacitinib"), ("filgotinib", "filgotinib"),
                ("abrocitinib", "abrocitinib"), ("ritlecitinib", "ritlecitinib"), ("deucravacitinib", "deucravacitinib")]),
            ("its_indication", &[("RA", "ra"), ("PsA", "psa"), ("axSpA", "axspa"), ("UC", "uc"), ("CD", "cd"), ("AD", "ad"), ("AA", "aa"), ("GCA", "gca")]),
            ("its_jurisdiction", &[("EU", "eu"), ("US", "us"), ("UK", "uk"), ("CH", "ch")]),
        ];
        for (i, (name, table)) in of_plan.iter().enumerate() {
            add(name, &|f| Column::Word(i, words(f, table)));
        }
        for (i, (name, units)) in LABS.iter().enumerate() {
            add(name, &|f| Column::Lab(i, units.iter().map(|u| (*u, library.unit(f, u).expect("a unit"))).collect()));
            for (days, since) in since {
                add(&format!("{name}_within_{days}"), &|_| Column::LabSince(i, since));
            }
        }
        for (i, name) in CONDITIONS.iter().enumerate() {
            add(&format!("its_{name}"), &|_| Column::Condition(i));
        }
        add("pregnant_known", &|_| Column::PregnantKnown);
        let results = [("negative", "negative"), ("positive", "positive"), ("indeterminate", "unclear")];
        for (i, name) in ["tb", "hbv", "hcv", "cxr"].iter().enumerate() {
            for (days, since) in since {
                add(&format!("{name}_of_{days}"), &|f| Column::Screen(i, since, words(f, &results)));
                add(&format!("{name}_within_{days}"), &|_| Column::ScreenSince(i, since));
            }
        }
        columns.sort_by_key(|(fact, _)| *fact);
        Self {
            columns,
            medicines: MEDICINES.split_whitespace().filter_map(|m| Some((m, library.medicine(m)?))).collect(),
            before: PRIOR.iter().filter_map(|m| Some((*m, library.medicine(&format!("before_{m}"))?))).collect(),
            went: ["inadequate_response", "intolerance", "contraindicated", "adequate"].iter().filter_map(|w| Some((*w, library.went(w)?))).collect(),
        }
    }
}

fn find<T: Copy>(table: &[(&'static str, T)], word: &str) -> Option<T> {
    table.iter().find(|(w, _)| *w == word).map(|(_, t)| *t)
}

/// The decimal that was written: exact for up to four places.
fn decimal(value: f64) -> Decimal {
    let scaled = (value * 1e4).round();
    if scaled.abs() < 1e15 && scaled / 1e4 == value {
        #[allow(clippy::cast_possible_truncation)]
        return Decimal::new(scaled as i64, 4);
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
        let words = [r.sex, r.drug, r.indication, r.jurisdiction];
        let l = &r.labs;
        let labs = [&l.hb, &l.alc, &l.anc, &l.plt, &l.alt, &l.ast, &l.creat, &l.egfr, &l.ldl, &l.tg, &l.crp, &l.ck]
            .map(|lab| lab.as_ref().and_then(|l| Some((l.value?, l.unit, l.date))));
        let c = &r.conditions;
        let conditions = [
            c.vte, c.mi_stroke, c.heart_failure, c.smoker_current, c.smoker_past, c.malignancy, c.active_infection, c.diverticulitis,
            c.pregnant, c.breastfeeding, c.hepatic_severe, c.live_vaccine, c.recent_surgery, c.zoster_vaccinated,
        ];
        let s = &r.screens;
        let screens = [&s.tb, &s.hbv, &s.hcv, &s.cxr];
        for (fact, column) in &n.columns {
            match column {
                Column::Age(unit) => {
                    if let Some(age) = r.age {
                        to.quantity(*fact, decimal(age), *unit, None).expect("an age");
                    }
                }
                Column::Word(i, table) => {
                    if let Some(choice) = words[*i].and_then(|w| find(table, w)) {
                        to.choice(choice, None);
                    }
                }
                Column::Lab(i, units) => {
                    if let Some((value, unit, _)) = labs[*i].filter(|l| l.2 >= D90)
                        && let Some(unit) = find(units, unit)
                    {
                        to.quantity(*fact, decimal(value), unit, None).expect("a value");
                    }
                }
                Column::LabSince(i, since) => to.state(*fact, labs[*i].is_some_and(|l| l.2 >= *since), None),
                Column::Condition(i) => {
                    if let Some(said) = conditions[*i] {
                        to.state(*fact, said, None);
                    }
                }
                Column::PregnantKnown => to.state(*fact, c.pregnant.is_some(), None),
                Column::Screen(i, since, results) => {
                    let screen = screens[*i].as_ref().filter(|s| s.date >= *since);
                    if let Some(result) = screen.and_then(|s| find(results, s.result)) {
                        to.choice(result, None);
                    }
                }
                Column::ScreenSince(i, since) => {
                    to.state(*fact, screens[*i].as_ref().is_some_and(|s| s.date >= *since), None);
                }
            }
        }
        if let Some(meds) = &r.meds {
            meds.iter().filter_map(|m| n.medicines.get(m)).for_each(|m| to.medicine(*m));
            to.no_other_medicines();
        }
        if let Some(prior) = &r.prior {
            // One line for each drug, with all that was said of it.
            for (i, p) in prior.iter().enumerate() {
                let Some(medicine) = find(&n.before, p.drug).filter(|_| !prior[..i].iter().any(|b| b.drug == p.drug)) else {
                    continue;
                };
                let mut went = [n.went[0].1; 4];
                let mut count = 0;
                for p in prior.iter().filter(|o| o.drug == p.drug).take(4) {
                    went[count] = find(&n.went, p.outcome).unwrap_or(n.went[3].1);
                    count += 1;
                }
                to.treatment(medicine, &went[..count]);
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
