//! Every case beside a label: the profile gives the outcome that the case says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use jakscreen::{Checklist, Level, Library, Profile, Screening};
use serde::Deserialize;
use serde_yaml::{Mapping, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    document: String,
    as_of: String,
    base: Value,
    #[serde(default)]
    criteria: BTreeMap<String, BTreeMap<Wanted, BTreeMap<String, Value>>>,
    #[serde(default)]
    thresholds: Vec<Threshold>,
    #[serde(default)]
    scenarios: Vec<Scenario>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Met,
    NotMet,
    Unknown,
    NotApplicable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Threshold {
    criterion: String,
    fact: String,
    #[serde(default)]
    met: Vec<Value>,
    #[serde(default)]
    not_met: Vec<Value>,
    #[serde(default)]
    with: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    profile: Value,
    expect: BTreeMap<String, String>,
}

/// Lays `over` over `base`, map by map; a list or value replaces.
fn merge(base: &Value, over: &Value) -> Value {
    match (base, over) {
        (Value::Mapping(base), Value::Mapping(over)) => {
            let mut merged: Mapping = base.clone();
            for (key, value) in over {
                let value = merged
                    .get(key)
                    .map_or_else(|| value.clone(), |old| merge(old, value));
                merged.insert(key.clone(), value);
            }
            Value::Mapping(merged)
        }
        (base, Value::Null) => base.clone(),
        (_, over) => over.clone(),
    }
}

#[allow(clippy::disallowed_methods, reason = "a shipped file, not a user's")]
fn load(path: &Path) -> Cases {
    let text = fs::read_to_string(path).expect("the cases");
    serde_yaml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub(crate) fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in ["us", "eu"] {
        for entry in fs::read_dir(Path::new("rules/labels").join(folder)).expect("labels") {
            let path = entry.expect("a file").path();
            if path.to_string_lossy().ends_with(".cases.yaml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn screen(library: &Library, profile: &Value, as_of: &str) -> Result<Screening, String> {
    let text = serde_json::to_string(profile).expect("JSON");
    let profile = Profile::read(library, "case", &text).map_err(|e| e.to_string())?;
    let day = NaiveDate::parse_from_str(as_of, "%Y-%m-%d").expect("a day");
    Ok(library.screen(&profile, day))
}

fn outcome(checklist: &Checklist, name: &str) -> Option<String> {
    if name == "eligibility" {
        return serde_json::to_value(checklist.eligibility.outcome)
            .ok()?
            .as_str()
            .map(str::to_owned);
    }
    if name == "conclusion" {
        return serde_json::to_value(checklist.conclusion)
            .ok()?
            .as_str()
            .map(str::to_owned);
    }
    if let Some(test) = name.strip_prefix("test ") {
        let item = checklist.tests.iter().find(|t| t.test == test)?;
        return serde_json::to_value(item.status)
            .ok()?
            .as_str()
            .map(str::to_owned);
    }
    let finding = checklist.findings.iter().find(|f| f.criterion == name)?;
    serde_json::to_value(finding.outcome)
        .ok()?
        .as_str()
        .map(str::to_owned)
}

struct Run<'l> {
    library: &'l Library,
    file: String,
    as_of: String,
    wrong: Vec<String>,
    count: usize,
}

impl Run<'_> {
    fn expect(&mut self, case: &str, profile: &Value, expected: &BTreeMap<&str, &str>) {
        self.count += 1;
        match screen(self.library, profile, &self.as_of) {
            Err(problem) => self
                .wrong
                .push(format!("{} `{case}`: {problem}", self.file)),
            Ok(screening) => {
                let checklist = screening.checklists.first().expect("a checklist");
                for (name, wanted) in expected {
                    let found = outcome(checklist, name);
                    if found.as_deref() != Some(wanted) {
                        let open: Vec<_> = checklist
                            .findings
                            .iter()
                            .filter(|f| f.criterion == *name)
                            .flat_map(|f| f.open.iter().map(|o| &o.fact))
                            .collect();
                        self.wrong.push(format!(
                            "{} `{case}`: {name} is {found:?}, not {wanted:?}; open {open:?}; {}",
                            self.file, checklist.headline
                        ));
                    }
                }
            }
        }
    }
}

fn word(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Met => "met",
        Wanted::NotMet => "not_met",
        Wanted::Unknown => "unknown",
        Wanted::NotApplicable => "not_applicable",
    }
}

/// A profile in which one fact has a value: in the section where the profile has it.
fn with_value(fact: &str, value: &Value) -> Value {
    let section = match fact {
        "age" | "weight" | "height" | "bmi" => "about",
        "dose" | "body_surface" => "plan",
        _ => "tests",
    };
    let inner = Mapping::from_iter([(Value::from(fact), value.clone())]);
    Value::Mapping(Mapping::from_iter([(
        Value::from(section),
        Value::Mapping(inner),
    )]))
}

#[test]
fn every_case_comes_out_as_it_says() {
    let library = Library::builtin();
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in files() {
        let cases = load(&path);
        let mut run = Run {
            library: &library,
            file: cases.document.clone(),
            as_of: cases.as_of.clone(),
            wrong: Vec::new(),
            count: 0,
        };
        for (criterion, by_outcome) in &cases.criteria {
            let criterion = criterion.split('/').next().unwrap_or(criterion);
            for (wanted, profiles) in by_outcome {
                for (name, profile) in profiles {
                    run.expect(
                        &format!("{criterion}: {name}"),
                        &merge(&cases.base, profile),
                        &BTreeMap::from([(criterion, word(*wanted))]),
                    );
                }
            }
        }
        for threshold in &cases.thresholds {
            for (wanted, values) in [("met", &threshold.met), ("not_met", &threshold.not_met)] {
                for value in values {
                    let profile = merge(
                        &merge(&cases.base, &threshold.with),
                        &with_value(&threshold.fact, value),
                    );
                    run.expect(
                        &format!("{} {} {value:?}", threshold.criterion, threshold.fact),
                        &profile,
                        &BTreeMap::from([(threshold.criterion.as_str(), wanted)]),
                    );
                }
            }
        }
        for scenario in &cases.scenarios {
            let expected = scenario
                .expect
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect();
            run.expect(
                &scenario.name,
                &merge(&cases.base, &scenario.profile),
                &expected,
            );
        }
        count += run.count;
        wrong.extend(run.wrong);
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(count > 1000, "only {count} cases were found");
}

/// The criteria and dose rows of a label that stand for all patients.
#[allow(clippy::disallowed_methods, reason = "a shipped file, not a user's")]
fn always(cases: &Path) -> BTreeSet<String> {
    let label = cases.to_string_lossy().replace(".cases.yaml", ".yaml");
    let label: Value =
        serde_yaml::from_str(&fs::read_to_string(label).expect("the label")).expect("YAML");
    let rows = ["criteria", "dosing"]
        .into_iter()
        .filter_map(|key| label.get(key)?.as_sequence());
    let standing = rows
        .flatten()
        .filter(|row| row.get("when").and_then(Value::as_str) == Some("always"));
    standing
        .filter_map(|row| row.get("id")?.as_str().map(str::to_owned))
        .collect()
}

#[test]
fn every_criterion_has_cases_met_not_met_and_unknown() {
    let library = Library::builtin();
    let mut lacking = Vec::new();
    for path in files() {
        let cases = load(&path);
        let screening = screen(&library, &cases.base, &cases.as_of).expect("the base of the cases");
        let checklist = screening.checklists.first().expect("a checklist");
        let always = always(&path);
        let known: BTreeSet<&str> = checklist
            .findings
            .iter()
            .map(|f| f.criterion.as_str())
            .collect();
        for finding in &checklist.findings {
            let has = |wanted: Wanted| {
                let listed = cases
                    .criteria
                    .get(&finding.criterion)
                    .is_some_and(|c| c.get(&wanted).is_some_and(|p| !p.is_empty()));
                let of_threshold = cases
                    .thresholds
                    .iter()
                    .filter(|t| t.criterion == finding.criterion)
                    .any(|t| match wanted {
                        Wanted::Met => !t.met.is_empty(),
                        Wanted::NotMet => !t.not_met.is_empty(),
                        Wanted::Unknown | Wanted::NotApplicable => false,
                    });
                listed || of_threshold
            };
            // A standing note has nothing to decide; a usual dose for all is met by a plan above it.
            let standing = always.contains(&finding.criterion);
            if standing && finding.level == Level::Dose {
                assert!(
                    has(Wanted::Met),
                    "{}: no case in which the plan is above {}",
                    cases.document,
                    finding.criterion
                );
            }
            if standing {
                continue;
            }
            for wanted in [Wanted::Met, Wanted::NotMet, Wanted::Unknown] {
                if !has(wanted) {
                    lacking.push(format!(
                        "{} {}: no case {wanted:?}",
                        cases.document, finding.criterion
                    ));
                }
            }
        }
        for criterion in cases
            .criteria
            .keys()
            .filter(|c| !c.starts_with("eligibility"))
        {
            assert!(
                known.contains(criterion.as_str()),
                "{}: cases of `{criterion}`, which does not exist",
                cases.document
            );
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}
