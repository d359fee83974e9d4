//! The JSON contract: every output validates against the published schema, and an independent type reads it.

use std::fs;

use jakscreen::{Library, PlanChange, Profile, render};
use serde::Deserialize;
use serde_json::Value;

fn outputs() -> Vec<(String, Value)> {
    let library = Library::builtin();
    let mut outputs = Vec::new();
    for entry in fs::read_dir("examples/profiles").expect("the examples") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(&path).expect("an example");
        for labels in [vec![], vec!["us".to_owned(), "eu".to_owned()]] {
            let change = PlanChange {
                labels,
                ..PlanChange::default()
            };
            let profile =
                Profile::read_with(&library, "example", &text, &change).expect("a profile");
            let json = render::json(&library.screen(&profile, profile.as_of().expect("a day")));
            outputs.push((
                path.display().to_string(),
                serde_json::from_str(&json).expect("JSON"),
            ));
        }
    }
    outputs
}

#[test]
fn every_output_validates_against_the_published_schema() {
    let schema: Value = serde_json::from_str(render::CHECKLIST_SCHEMA).expect("the schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for (name, output) in outputs() {
        let problems: Vec<String> = validator
            .iter_errors(&output)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{name}:\n{}", problems.join("\n"));
    }
    // The schema is no open door.
    let (_, mut output) = outputs().remove(0);
    output["checklists"][0]["conclusion"] = "fine".into();
    assert!(!validator.is_valid(&output));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "that the keys are these is the test")]
struct Output {
    schema: String,
    run: String,
    engine: Value,
    library: Value,
    as_of: String,
    patient: Value,
    plan: Value,
    checklists: Vec<Checklist>,
    diagnostics: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "that the keys are these is the test")]
struct Checklist {
    label: Value,
    conclusion: String,
    headline: String,
    eligibility: Value,
    findings: Vec<Value>,
    tests: Vec<Value>,
    not_judged: Vec<Value>,
    questions: Vec<Value>,
    dose: Value,
    advice: Vec<Value>,
    monitoring: Vec<Value>,
    not_evaluated: Vec<Value>,
    denied: Vec<String>,
    documents: Vec<Value>,
}

#[test]
fn the_keys_of_the_contract_are_these() {
    for (name, output) in outputs() {
        let output: Output =
            serde_json::from_value(output).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(output.schema, "jakscreen/checklist/1");
        assert!(!output.checklists.is_empty());
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the oracle of this test")]
fn yaml_and_json_say_the_same() {
    let library = Library::builtin();
    let text = fs::read_to_string("examples/profiles/demo-0067.yaml").expect("the example");
    let profile = Profile::read(&library, "example", &text).expect("a profile");
    let screening = library.screen(&profile, profile.as_of().expect("a day"));
    let yaml: Value = serde_yaml::from_str(&render::yaml(&screening)).expect("YAML");
    let json: Value = serde_json::from_str(&render::json(&screening)).expect("JSON");
    assert_eq!(yaml, json);
}

/// The one reader of user files and the oracle read every shipped file alike.
#[test]
#[allow(clippy::disallowed_methods, reason = "the oracle of this test")]
fn a_profile_in_json_and_in_yaml_is_the_same_profile() {
    let library = Library::builtin();
    for entry in fs::read_dir("examples/profiles").expect("the examples") {
        let text = fs::read_to_string(entry.expect("a file").path()).expect("an example");
        let as_json = serde_json::to_string(&serde_yaml::from_str::<Value>(&text).expect("YAML"))
            .expect("JSON");
        let screen = |text: &str| {
            let profile = Profile::read(&library, "example", text).expect("a profile");
            render::json(&library.screen(&profile, profile.as_of().expect("a day")))
        };
        assert_eq!(screen(&text), screen(&as_json));
    }
}
