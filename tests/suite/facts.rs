//! The table of facts in `rules/README.md` is what the labels say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_yaml::Value;

fn names(row: &Value) -> String {
    for key in ["id", "indication", "about", "watch", "test", "any_of"] {
        match row.get(key) {
            Some(Value::String(name)) => return name.clone(),
            Some(Value::Sequence(list)) => {
                let list: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                return list.join(if key == "any_of" { " or " } else { ", " });
            }
            _ => {}
        }
    }
    panic!("a row without a name: {row:?}");
}

#[test]
#[allow(clippy::disallowed_methods, reason = "shipped files, not a user's")]
fn the_table_of_facts_is_what_the_labels_say() {
    let mut placed: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let kinds = [
        ("indications", "eligibility "),
        ("before_starting", "before starting "),
        ("criteria", ""),
        ("dosing", ""),
        ("monitoring", "monitoring "),
        ("not_evaluated", "not evaluated "),
    ];
    let mut without = Vec::new();
    for label in crate::cases::documents() {
        let label: Value =
            serde_yaml::from_str(&fs::read_to_string(label).expect("the label")).expect("YAML");
        let id = label["document"]["id"].as_str().expect("an id").to_owned();
        for (section, kind) in kinds {
            for row in label
                .get(section)
                .and_then(Value::as_sequence)
                .into_iter()
                .flatten()
            {
                let facts = row.get("facts").and_then(Value::as_sequence);
                if facts.is_none_or(Vec::is_empty) {
                    without.push(format!("{id} {}", names(row)));
                }
                for fact in facts.into_iter().flatten() {
                    let fact = fact.as_str().expect("a fact id").to_owned();
                    placed
                        .entry((id.clone(), fact))
                        .or_default()
                        .insert(format!("{kind}{}", names(row)));
                }
            }
        }
    }
    assert!(without.is_empty(), "statements without a fact: {without:?}");
    let wanted: Vec<String> = placed
        .into_iter()
        .map(|((label, fact), places)| {
            format!(
                "| {label} | {fact} | {} |",
                places.into_iter().collect::<Vec<_>>().join("; ")
            )
        })
        .collect();
    let readme = fs::read_to_string("rules/README.md").expect("the page");
    let table: Vec<&str> = readme
        .lines()
        .filter(|l| {
            ["| us/", "| eu/", "| guidance/"]
                .iter()
                .any(|d| l.starts_with(d))
        })
        .collect();
    assert_eq!(table, wanted);
}
