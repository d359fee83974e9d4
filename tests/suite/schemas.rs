//! The schemas for editors, held by an independent validator: what the decoder accepts they accept, and most of what it rejects
//! they reject.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jakscreen::{Library, Profile, Source, schema};
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn validator(schema: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    jsonschema::draft7::meta::validate(&schema).expect("a schema of draft 7");
    jsonschema::draft7::new(&schema).expect("a schema")
}

/// A file as any reader of YAML sees it; none if it is no YAML.
#[allow(clippy::disallowed_methods, reason = "the oracle of this test")]
fn yaml(text: &str) -> Option<Value> {
    serde_yaml::from_str(text).ok()
}

/// The YAML files of a folder, by path.
fn files(folder: &str) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{folder}: {e}"));
    let paths = entries.map(|entry| entry.expect("a file").path());
    let paths = paths.filter(|p| p.extension().is_some_and(|e| e == "yaml"));
    paths
        .map(|path| {
            (
                path.display().to_string(),
                fs::read_to_string(path).expect("a text"),
            )
        })
        .collect()
}

fn accepts(validator: &Validator, name: &str, text: &str) {
    let value = yaml(text).unwrap_or_else(|| panic!("{name}: no YAML"));
    let problems: Vec<String> = validator
        .iter_errors(&value)
        .map(|e| format!("{}: {e:.300}", e.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{name}:\n{}", problems.join("\n"));
}

fn reads(library: &Library, profile: &Value) -> bool {
    Profile::read(library, "profile", &profile.to_string()).is_ok()
}

#[test]
fn the_committed_schemas_are_those_the_program_makes() {
    let library = Library::builtin();
    for (name, made) in [
        ("profile", schema::profile(&library)),
        ("rules", schema::rules(&library)),
    ] {
        let committed = fs::read_to_string(format!("schemas/{name}.json")).unwrap_or_default();
        assert!(
            committed == made,
            "schemas/{name}.json is not what the dictionary and the decoder say now; write it anew:\n\
             cargo run -- schema {name} > schemas/{name}.json"
        );
    }
}

#[test]
fn every_shipped_file_validates() {
    let library = Library::builtin();
    let profiles = validator(&schema::profile(&library));
    for folder in ["examples/profiles", "examples/cohort", "examples/cases"] {
        let mut files = files(folder);
        files.retain(|name, _| !name.ends_with(".lesson.yaml"));
        assert!(files.len() > 10, "{folder}");
        files
            .iter()
            .for_each(|(name, text)| accepts(&profiles, name, text));
    }
    let rules = validator(&schema::rules(&library));
    let cases = validator(&schema::cases(&library));
    let mut texts = BTreeMap::new();
    for folder in [
        "rules/labels/us",
        "rules/labels/eu",
        "rules/guidance",
        "examples/hospital",
    ] {
        texts.extend(files(folder));
    }
    for name in [
        "rules/policy.yaml",
        "rules/hazards.yaml",
        "rules/dictionary/medicines.cases.yaml",
    ] {
        texts.insert(
            name.to_owned(),
            fs::read_to_string(name).expect("a rule file"),
        );
    }
    let mut counts = (0, 0);
    for (name, text) in &texts {
        if name.ends_with(".cases.yaml") {
            counts.0 += 1;
            accepts(&cases, name, text);
        } else {
            counts.1 += 1;
            accepts(&rules, name, text);
        }
    }
    assert!(counts.0 > 40 && counts.1 > 40, "{counts:?}");
}

/// Bad files that the decoder rejects and a schema cannot: each with the reason.
const NOT_SEEN: &[(&str, &str)] = &[
    (
        "profiles/results-without-day",
        "a day and the results beside it are compared",
    ),
    (
        "profiles/contradiction-about",
        "two statements exclude each other",
    ),
    ("profiles/contradiction-both", "one thing under two names"),
    (
        "profiles/contradiction-class-denied",
        "a class and its member",
    ),
    (
        "profiles/contradiction-group-denied",
        "a group and its member",
    ),
    (
        "profiles/contradiction-medicine-two-names",
        "one medicine under two names",
    ),
    (
        "profiles/contradiction-never-smoked",
        "two statements exclude each other",
    ),
    (
        "profiles/contradiction-ongoing-stopped",
        "two statements exclude each other",
    ),
    ("profiles/unread-answer", "comments are not seen"),
    (
        "profiles/unknown-unit-gram",
        "small and capital letters of a unit are not told apart",
    ),
    ("profiles/contradiction-remark", "remarks are free text"),
    (
        "profiles/impossible-value-born-later",
        "two dates are compared",
    ),
    (
        "profiles/impossible-value-event-later",
        "two dates are compared",
    ),
    (
        "profiles/impossible-value-hemoglobin-142-g-dl",
        "a number inside a text is not compared",
    ),
    (
        "profiles/duplicate-key",
        "readers of YAML say it, or take the last one",
    ),
    (
        "profiles/alias-tag",
        "tags are gone when YAML has been read",
    ),
    ("rules/duplicate-id", "ids of two lists are compared"),
    (
        "rules/impossible-value-limit",
        "a number inside a text is not compared",
    ),
];

#[test]
fn bad_files_are_rejected_or_known_not_to_be() {
    let library = Library::builtin();
    let schemas = [
        ("profiles", validator(&schema::profile(&library))),
        ("rules", validator(&schema::rules(&library))),
    ];
    let mut wrong = Vec::new();
    for (kind, validator) in schemas {
        for (path, text) in files(&format!("tests/bad/{kind}")) {
            let stem = Path::new(&path)
                .file_stem()
                .expect("a name")
                .to_string_lossy();
            let name = format!("{kind}/{stem}");
            let not_seen = NOT_SEEN.iter().any(|(n, _)| *n == name);
            // What is no YAML at all every editor marks, with any schema.
            let Some(value) = yaml(&text) else {
                assert!(!not_seen, "{name} is no YAML: take it from the list");
                continue;
            };
            let read = if kind == "profiles" {
                Profile::read(&library, &name, &text).is_ok()
            } else {
                let source = Source {
                    name: &name,
                    text: &text,
                };
                library.clone().with_rules(&[source]).is_ok()
            };
            let valid = validator.is_valid(&value);
            match (read, valid) {
                (true, false) => {
                    wrong.push(format!("{name} can be read, and the schema rejects it"));
                }
                (false, true) if !not_seen => {
                    wrong.push(format!(
                        "{name}: the schema should reject it, or NOT_SEEN tell why not"
                    ));
                }
                (_, false) if not_seen => {
                    wrong.push(format!("{name} is rejected: take it from NOT_SEEN"));
                }
                _ => {}
            }
        }
    }
    for (name, _) in NOT_SEEN {
        let path = format!("tests/bad/{name}.yaml");
        assert!(
            Path::new(&path).exists(),
            "{path} is gone: take it from NOT_SEEN"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every way to misspell one key of a mapping, free names of medicines aside.
fn misspelt(value: &Value, free: bool) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                if !free {
                    let mut other = map.clone();
                    other.remove(key);
                    other.insert(format!("{key}q"), inner.clone());
                    all.push(Value::Object(other));
                }
                let below_free = key == "medicines" || key == "treatments";
                all.extend(misspelt(inner, below_free).into_iter().map(|inner| {
                    let mut other = map.clone();
                    other.insert(key.clone(), inner);
                    Value::Object(other)
                }));
            }
        }
        Value::Array(items) => {
            for (i, inner) in items.iter().enumerate() {
                all.extend(misspelt(inner, false).into_iter().map(|inner| {
                    let mut other = items.clone();
                    other[i] = inner;
                    Value::Array(other)
                }));
            }
        }
        _ => {}
    }
    all
}

/// Of each profile of the cohort every eleventh key, from another one on in each.
#[test]
fn a_profile_with_a_misspelt_key_is_rejected() {
    let library = Library::builtin();
    let validator = validator(&schema::profile(&library));
    let mut count = 0;
    for (i, (name, text)) in crate::cohort::texts().into_iter().enumerate() {
        let profile = yaml(&text).expect("YAML");
        for bad in misspelt(&profile, false)
            .into_iter()
            .skip(i % 11)
            .step_by(11)
        {
            count += 1;
            assert!(!reads(&library, &bad), "{name}: read all the same: {bad}");
            assert!(!validator.is_valid(&bad), "{name}: not rejected: {bad}");
        }
    }
    assert!(count > 300, "{count}");
}

const SECTIONS: [&str; 5] = ["plan", "about", "tests", "history", "vaccines"];

/// A fact as the files of the dictionary describe it.
struct Fact {
    section: &'static str,
    names: Vec<String>,
    /// Of an attribute: the fact it belongs to.
    parent: Option<String>,
    described: Value,
}

/// The facts of the dictionary's files, with their attributes, and the units.
fn dictionary() -> (Vec<Fact>, Value) {
    let read = |name: &str| {
        let text =
            fs::read_to_string(format!("rules/dictionary/{name}.yaml")).expect("a dictionary");
        yaml(&text).expect("YAML")
    };
    let mut facts = Vec::new();
    for section in SECTIONS {
        let file = read(section);
        for (id, described) in file["facts"].as_object().expect("facts") {
            let aliases = described["aliases"].as_array().cloned().unwrap_or_default();
            let aliases = aliases
                .iter()
                .map(|a| a.as_str().expect("a name").to_owned());
            facts.push(Fact {
                section,
                names: aliases.chain([id.clone()]).collect(),
                parent: None,
                described: described.clone(),
            });
            for (name, described) in described["attributes"].as_object().into_iter().flatten() {
                facts.push(Fact {
                    section,
                    names: vec![name.clone()],
                    parent: Some(id.clone()),
                    described: described.clone(),
                });
            }
        }
    }
    (facts, read("units")["units"].clone())
}

fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items
        .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
        .collect()
}

/// A number in the middle of what is possible, in each unit and each spelling of it.
fn quantities(units: &Value, range: &Value, all: bool) -> Vec<Value> {
    let number = |v: &Value| v.as_f64().expect("a number");
    let middle = f64::midpoint(number(&range[0]), number(&range[1]).min(1e6));
    let mut values = Vec::new();
    for (name, unit) in units["units"].as_object().expect("units") {
        let value = (middle - unit["plus"].as_f64().unwrap_or(0.0)) / number(&unit["factor"]);
        let spellings = strings(&unit["spellings"]);
        let spellings = spellings.iter().filter(|_| all);
        if name == "1" {
            // The unit of a ratio is not written.
            values.extend(spellings.map(|spelling| json!(format!("{value:.6} {spelling}"))));
            continue;
        }
        for spelling in spellings.chain([name]) {
            values.push(json!(format!("{value:.6} {spelling}")));
        }
        values.push(json!(format!(
            "{value:.6}{}",
            name.to_uppercase().replace("10*", " x10^")
        )));
    }
    if units["bare"].as_bool() == Some(true) || units["bare"] == "yes" {
        values.push(json!(middle));
        values.push(json!(middle.to_string()));
    }
    values
}

impl Fact {
    /// What a profile may say of it.
    fn values(&self, units: &Value) -> Vec<Value> {
        let d = &self.described;
        let mut values: Vec<Value> = ["not_done", "not_asked", "pending", "declined", "unknown"]
            .map(Value::from)
            .to_vec();
        match d["kind"].as_str().expect("a kind") {
            "quantity" if self.names.contains(&"dose".to_owned()) => {
                values.extend(
                    ["15 mg daily", "5 mg twice daily", "1 g every 2 weeks"].map(Value::from),
                );
            }
            "quantity" => {
                let units = &units[d["units"].as_str().expect("units")];
                let range = if d["likely"].is_array() {
                    &d["likely"]
                } else {
                    &d["possible"]
                };
                values.extend(quantities(units, range, true));
            }
            "choice" => {
                if self.names.contains(&"indication".to_owned()) {
                    values.clear();
                }
                let synonyms = d["synonyms"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(word, _)| word.clone());
                for word in strings(&d["choices"]).into_iter().chain(synonyms) {
                    values.push(json!(word.to_uppercase().replace('_', " ")));
                    values.push(json!(word));
                }
                let measured = &d["measured"];
                if let Some(name) = measured["units"].as_str() {
                    values.extend(quantities(&units[name], &measured["possible"], false));
                }
            }
            kind => {
                values.extend([
                    json!("yes"),
                    json!("no"),
                    json!(true),
                    json!(false),
                    json!(2019),
                ]);
                values.extend(["2019", "2019-05", "2019-05-07"].map(Value::from));
                values.extend(
                    ["since", "until", "date", "dates", "when"]
                        .map(|key| json!({ key: "2019-05" })),
                );
                values.push(json!({ "since": 2001, "Until": ["2002-01-01"] }));
                if kind == "event" {
                    values.push(json!(["2019-05-07", 2020, "unknown"]));
                }
            }
        }
        values
    }

    /// A profile that says this of it, under one of its names.
    fn profile(&self, name: &str, value: &Value) -> Value {
        let mut profile = json!({
            "plan": { "drug": "tofacitinib", "indication": "rheumatoid_arthritis", "label": "us" },
        });
        let said = match &self.parent {
            Some(parent) => (parent.clone(), json!({ name: value })),
            None => (name.to_owned(), value.clone()),
        };
        let section = profile
            .as_object_mut()
            .expect("a profile")
            .entry(self.section);
        let section = section.or_insert_with(|| Value::Object(Map::new()));
        section[said.0] = said.1;
        profile
    }
}

#[test]
fn every_name_unit_and_choice_of_the_dictionary_is_accepted() {
    let library = Library::builtin();
    let validator = validator(&schema::profile(&library));
    let (facts, units) = dictionary();
    let mut count = 0;
    for fact in &facts {
        let values = fact.values(&units);
        let last = fact.names.last().expect("a name");
        let shouted = last.to_uppercase().replace('_', "-");
        let by_names = fact
            .names
            .iter()
            .chain([&shouted])
            .map(|name| fact.profile(name, &values[0]));
        let by_values = values.iter().map(|value| fact.profile(last, value));
        for profile in by_values.chain(by_names) {
            count += 1;
            let read = Profile::read(&library, "sample", &profile.to_string());
            assert!(read.is_ok(), "{profile}\n{}", read.unwrap_err());
            let problem = validator
                .iter_errors(&profile)
                .next()
                .map(|e| e.to_string());
            assert_eq!(problem, None, "{profile}");
        }
    }
    assert!(count > 2000, "{count}");
    // As a medicine they stand in the wrong place, unless there is one of that name.
    for name in facts.iter().flat_map(|fact| &fact.names) {
        for name in [name.clone(), name.to_uppercase().replace('_', "  ")] {
            let plan = json!({ "drug": "tofacitinib", "indication": "rheumatoid_arthritis", "label": "us" });
            let profile = json!({ "plan": plan, "medicines": { name: "yes" } });
            assert!(
                !reads(&library, &profile) || validator.is_valid(&profile),
                "{profile}"
            );
        }
    }
}

#[test]
fn an_editor_is_told_the_question_and_the_units() {
    let schema: Value = serde_json::from_str(&schema::profile(&Library::builtin())).expect("JSON");
    let fact = &schema["definitions"]["hemoglobin"];
    assert_eq!(fact["description"], "Full blood count: haemoglobin?");
    let offered = schema["definitions"]["quantity-hemoglobin"].to_string();
    assert!(offered.contains("${1:0} g/dL"), "{offered}");
    assert!(schema["definitions"]["a-panel"]["properties"]["hemoglobin"].is_object());
    assert!(
        schema["definitions"]["igra"]
            .to_string()
            .contains("\"enum\":[\"indeterminate\",\"negative\",\"positive\"]")
    );
}

/// Values of every kind, likely and unlikely: where the decoder reads one, no schema may reject it.
fn odd_values() -> Vec<Value> {
    let texts = json!([
        "",
        " ",
        "yes",
        "Yes",
        "NO",
        " no ",
        "none",
        "None",
        "true",
        "false",
        "null",
        "~",
        "unknown",
        "Not Done",
        "not-asked",
        " pending",
        "not__done",
        "us",
        "EU",
        "2019",
        "2019-02",
        "2019-02-28",
        "2019-02-30",
        "1879",
        "2200-12-31",
        " 2019",
        "10/11/2019",
        "15 mg daily",
        "15mg  daily",
        "5 MG once BID",
        "0.5 g every 2 weeks",
        "15 mg/day",
        "15 mg",
        "2 puffs",
        "10 U at night",
        "7,5 mg daily",
        "15-30 mg daily",
        "30 mg 2 weeks",
        "0 mg daily",
        "5",
        "5 ",
        "≤5 %",
        "< 5.0 g/dl",
        ">60 mL/min/1.73 m²",
        "3.1×10⁹/L",
        "3.1 x 10^9 / l",
        "3.1 10E+9/L",
        "3.1 109/L",
        "3.1 10⁹/L",
        "450/µL",
        "450 /μl",
        "450 / mm^3",
        "1 200 /uL",
        "-3 g/dL",
        "1. kg",
        "61 KG",
        "30 py",
        "1e3",
        "positive",
        "Non-Reactive",
        "+",
        "Former smoker",
        "RA",
        "Rinvoq",
        "upadacitinib",
        "topical",
        "Eye Drops",
        "intolerance",
        "Intolerance",
        "tnf_blocker",
        "TNF blocker",
        "completed",
    ]);
    let others = json!([
        null, true, false, 0, 5, 5.5, -1, 2019, 2019.5, [], {}, ["2019"], ["yes", 2020], [["2019"]], ["us", "eu"], [null],
        { "date": "2019" }, { "Since": 2019 }, { "since": [] }, { "treatment": "none" },
        { "status": "ex", "pack_years": 5 }, { "dose": "5 mg" }, { "dose": "unknown" },
        { "route": "Eye drops", "since": "2020", "until": "no" }, { "outcome": ["intolerance", "unknown"] },
        { "ongoing": true, "started": 2020 }, { "stopped": "2020-01" }, { "taken": "No" }, { "classes": "NSAIDs" },
        { "classes": [] }, { "classes": "None" }, { "everything_else": "No" }, { "Everything else": false },
        { "everything_else": true }, { "also": ["x", 5] }, { "none": "yes" }, { "hb": "11 g/dL" },
        [{ "date": "2026-01-01", "Hb": "11 g/dL" }], [{ "hb": "11 g/dL" }], [{ "Date": "2026-01-01" }],
    ]);
    let lists = [texts, others];
    let lists = lists
        .iter()
        .flat_map(|list| list.as_array().expect("a list"));
    lists.cloned().collect()
}

#[test]
fn what_can_be_read_is_never_rejected() {
    let library = Library::builtin();
    let validator = validator(&schema::profile(&library));
    let places = [
        "/patient",
        "/as_of",
        "/about",
        "/tests",
        "/history",
        "/vaccines",
        "/medicines",
        "/treatments",
        "/plan",
        "/plan/drug",
        "/plan/Drug",
        "/plan/indication",
        "/plan/label",
        "/plan/LABELS",
        "/plan/dose",
        "/plan/start",
        "/plan/severity",
        "/plan/refractory",
        "/plan/no_suitable_alternative",
        "/plan/body_surface",
        "/about/born",
        "/about/dob",
        "/about/age",
        "/about/sex",
        "/about/weight",
        "/about/smoking",
        "/about/smoking/status",
        "/about/smoking/quit",
        "/about/pregnancy",
        "/tests/date",
        "/tests/hemoglobin",
        "/tests/Lymphocytes",
        "/tests/inr",
        "/tests/egfr",
        "/tests/igra",
        "/tests/tst",
        "/tests/hba1c",
        "/history/diabetes",
        "/history/dvt",
        "/history/latent_tuberculosis",
        "/history/latent_tuberculosis/treatment",
        "/history/latent_tuberculosis/since",
        "/history/also",
        "/history/everything_else",
        "/vaccines/zoster_live",
        "/medicines/prednisolone",
        "/medicines/Prednisolone tablets",
        "/medicines/nsaid",
        "/medicines/zxq tea",
        "/medicines/zxq tea/classes",
        "/medicines/ibuprofen/until",
        "/medicines/ibuprofen/dose",
        "/medicines/everything_else",
        "/treatments/adalimumab",
        "/treatments/adalimumab/outcome",
        "/treatments/adalimumab/ongoing",
        "/treatments/adalimumab/stopped",
        "/treatments/tnf_blocker",
        "/treatments/zxq",
    ];
    let mut wrong = Vec::new();
    let mut count = [0, 0, 0];
    for place in places {
        for value in odd_values() {
            let mut profile = json!({
                "plan": { "drug": "tofacitinib", "indication": "rheumatoid_arthritis", "label": "us" },
            });
            // A second `label` or `drug` in another spelling would stand beside the first.
            let plan = profile["plan"].as_object_mut().expect("a plan");
            match place {
                "/plan/LABELS" => drop(plan.remove("label")),
                "/plan/Drug" => drop(plan.remove("drug")),
                _ => {}
            }
            let keys: Vec<&str> = place.trim_start_matches('/').split('/').collect();
            let mut here = &mut profile;
            for key in keys {
                here = here
                    .as_object_mut()
                    .expect("a mapping")
                    .entry(key)
                    .or_insert_with(|| json!({}));
            }
            *here = value;
            let (read, valid) = (reads(&library, &profile), validator.is_valid(&profile));
            count[usize::from(read) + usize::from(valid)] += 1;
            if read && !valid {
                wrong.push(profile.to_string());
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "read, and rejected by the schema:\n{}",
        wrong.join("\n")
    );
    // Both reject, only the decoder does, both accept.
    assert!(count[0] > 10 * count[1] && count[2] > 300, "{count:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn generated_profiles_that_can_be_read_are_accepted(profile in crate::generate::profile()) {
        static SCHEMA: std::sync::OnceLock<(Library, Validator)> = std::sync::OnceLock::new();
        let (library, validator) = SCHEMA.get_or_init(|| {
            let library = Library::builtin();
            let validator = validator(&schema::profile(&library));
            (library, validator)
        });
        prop_assert!(!reads(library, &profile) || validator.is_valid(&profile), "{profile}");
    }
}

/// A document with one thing in it.
fn document(section: &str, row: &Value) -> Value {
    let mut document = json!({
        "document": {
            "id": "us/peficitinib", "title": "A test label", "drug": "peficitinib", "jurisdiction": "us",
            "revision": "2025-10", "url": "none", "reviewed": "none",
        },
    });
    if section == "document" {
        for (key, value) in row.as_object().expect("keys") {
            document["document"][key] = value.clone();
        }
    } else {
        document[section] = json!([row]);
    }
    document
}

/// Documents that differ in one place: what is asked, and every key of a row.
fn documents() -> Vec<Value> {
    let citation = |mut row: Value| {
        row["section"] = json!(2.1);
        row["seen"] = json!("full_text");
        row
    };
    let criterion = citation(json!({
        "id": "a", "hazard": "tuberculosis", "when": { "igra": "positive" }, "strength": "avoid", "says": "avoid",
    }));
    let dose_row = citation(json!({
        "id": "a", "when": "always", "strength": "adjust_dose", "max": "15 mg daily", "says": "reduce",
    }));
    let indication =
        citation(json!({ "indication": "ra", "requires": { "age": { "at_least": 18 } } }));
    let test = citation(json!({ "test": "igra", "verb": "perform" }));
    let monitoring = citation(json!({ "test": "lipids", "at": "12 weeks" }));
    let left_out = citation(json!({ "about": "x", "why": "y" }));
    let values = json!([
        null, "", "yes", "none", "No", true, 5, [], {}, "x", "a-b", "28 days", "28  weeks ", "lead_times.live_vaccine",
        "lead_times.x", "15 mg daily", "15 mg", "81 mg/day", "avoid", "adjust_dose", "full_text", "tuberculosis",
        "consider", "always", ["igra", "tst"], "blood_count", "cbc", "smoking.pack_years", "psoriatic_arthritis", "psa",
        "us", ["us", "eu"], "Rinvoq", "rinvoq", "rinvoqq", { "igra": "positive" },
        { "by": "A", "on": "2026-01-01", "next": "2027-01-01", "text": "x" },
    ]);
    let values = values.as_array().expect("a list");
    let rows = [
        (
            "criteria",
            criterion,
            &[
                "hazard", "for", "when", "strength", "says", "boxed", "note", "section", "seen",
                "facts", "id", "max",
            ][..],
        ),
        (
            "dosing",
            dose_row,
            &["hazard", "when", "strength", "max", "boxed"],
        ),
        ("indications", indication, &["indication", "requires"]),
        (
            "before_starting",
            test,
            &["test", "any_of", "satisfied_by", "verb"],
        ),
        ("monitoring", monitoring, &["test", "watch", "do", "at"]),
        ("not_evaluated", left_out, &["about"]),
        (
            "document",
            json!({}),
            &[
                "id",
                "issuer",
                "drug",
                "drugs",
                "jurisdiction",
                "jurisdictions",
                "revision",
                "url",
                "reviewed",
            ],
        ),
    ];
    let mut documents = Vec::new();
    for (section, row, keys) in rows {
        documents.push(document(section, &row));
        for key in keys {
            for value in values {
                let mut other = row.clone();
                other[*key] = value.clone();
                documents.push(document(section, &other));
            }
            let mut other = row.clone();
            other.as_object_mut().expect("a row").remove(*key);
            documents.push(document(section, &other));
        }
    }
    let asked = json!([
        {}, "yes", true, "no", "positive", "Positive", ["former", "ex"], [], 5, { "below": 500 }, { "below": "500 /uL" },
        { "below": "<500 /uL" }, { "below": "500 /uL", "at_most": "5 /uL" }, { "at_least": "18", "below": "65 years" },
        { "at_most": "5 %" }, { "within": "28 days" }, { "within": "lead_times.live_vaccine" }, { "in_next": 28 },
        { "treatment": "none" }, { "Treatment": "none" },
        { "treatment": ["none", "completed"], "started": { "longer_ago_than": "1 month" } }, { "class": "nsaid" },
        { "class": "NSAIDs", "except": { "aspirin": "any" } }, { "class": "nsaidx" }, { "clas": "nsaid" },
        { "medicine": ["aspirin", "ibuprofen"], "except": { "Aspirin": { "at_most": "81 mg/day" } } },
        { "all_classes": "nsaid", "except": { "aspirin": { "at_most": 81 } } }, { "except": { "aspirin": "any" } },
        { "with": "tnf_blocker", "outcome": "intolerance", "at_least": 2 }, { "with": "tnf_blocker", "at_least": "2" },
        { "with": "tnf_blocker", "at_least": 0 }, { "with": "tnf_blocker", "outcome": "failed" },
        { "outcome": "intolerance" }, [{ "igra": "positive" }], { "igra": "positive", "age": { "above": "5" } },
    ]);
    let asked = asked.as_array().expect("a list");
    let facts = [
        "lymphocytes",
        "age",
        "hba1c",
        "igra",
        "smoking",
        "smoking.pack_years",
        "diabetes",
        "dvt",
        "deep_vein_thrombosis",
        "latent_tuberculosis",
        "tb_infection",
        "taking",
        "treated",
        "all",
        "any",
        "not",
        "severity",
        "zoster_live",
    ];
    for fact in facts {
        for asked in asked {
            let row = citation(json!({
                "id": "a", "hazard": "tuberculosis", "when": { fact: asked }, "strength": "avoid", "says": "avoid",
            }));
            documents.push(document("criteria", &row));
        }
    }
    documents
}

#[test]
fn rules_that_can_be_read_are_never_rejected() {
    let library = Library::builtin();
    let validator = validator(&schema::rules(&library));
    let mut wrong = Vec::new();
    let mut count = [0, 0, 0];
    for document in documents() {
        let text = document.to_string();
        let source = Source {
            name: "rules",
            text: &text,
        };
        let read = library.clone().with_rules(&[source]).is_ok();
        let valid = validator.is_valid(&document);
        count[usize::from(read) + usize::from(valid)] += 1;
        if read && !valid {
            wrong.push(text);
        }
    }
    assert!(
        wrong.is_empty(),
        "read, and rejected by the schema:\n{}",
        wrong.join("\n")
    );
    assert!(count[0] > 10 * count[1] && count[2] > 150, "{count:?}");
}

/// A schema is of a library: what local rules add is known to it.
#[test]
fn local_rules_are_known_to_the_schema() {
    let text = "hazards: { spleen: { order: 99, name: spleen, why: w, plain: p } }";
    let library = Library::builtin().with_rules(&[Source {
        name: "hazards",
        text,
    }]);
    let library = library.expect("rules");
    let row = json!({
        "id": "a", "hazard": "spleen", "when": "always", "strength": "avoid", "says": "x", "section": "1", "seen": "section",
    });
    let with = document("criteria", &row);
    assert!(validator(&schema::rules(&library)).is_valid(&with));
    assert!(!validator(&schema::rules(&Library::builtin())).is_valid(&with));
}
