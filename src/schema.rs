//! JSON Schemas of the files that people write: an editor completes names, units and choices with them, shows the questions,
//! and marks what cannot be read.
//!
//! They are made from the dictionary and from the decoder's own lists of words. What the decoder accepts, a schema accepts; of
//! what it rejects, a schema catches what can be seen in one place: not contradictions, nor values that cannot be, nor days
//! that do not fit each other. A file without a mark is still to be read by the program itself.
//!
//! ```
//! let schema = jakscreen::schema::profile(&jakscreen::Library::builtin());
//! assert!(schema.contains("Full blood count: lymphocytes?"));
//! ```

mod cases;
mod profile;
mod rules;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::library::Library;
use crate::profile::{EVERY, MASS, OFTEN};

/// The schema of a profile.
pub fn profile(library: &Library) -> String {
    let definitions = profile::definitions(library);
    finished("jakscreen profile", profile::file(library), definitions)
}

/// The schema of a rule file: a label or guidance, a policy, hazards, or a list of what is set aside.
pub fn rules(library: &Library) -> String {
    let definitions = rules::definitions(library);
    finished("jakscreen rules", rules::file(library), definitions)
}

/// The schema of a file of cases.
pub fn cases(library: &Library) -> String {
    let definitions = cases::definitions(library);
    finished("jakscreen cases", cases::file(library), definitions)
}

/// Draft 7 is the newest that the YAML language server, and with it most editors, reads.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// The schema as text, its keys sorted.
fn finished(title: &str, schema: Value, definitions: Value) -> String {
    let shared = json!({ "a-text": text(), "yes-or-no": yes_or_no() });
    let definitions = with(definitions, shared);
    let head = json!({ "$schema": DRAFT, "title": title, "definitions": definitions });
    let mut schema = with(schema, head);
    schema.sort_all_objects();
    format!("{schema:#}\n")
}

/// A definition of the schema. The facts have theirs under their ids, which hold no hyphen; all other names do.
fn defined(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// The usual words, which an editor completes, beside everything that is accepted (which comes first: its message is shown).
fn usual<'w>(words: impl IntoIterator<Item = &'w str>, accepted: &Value) -> Value {
    let words: BTreeSet<&str> = words.into_iter().collect();
    json!({ "anyOf": [accepted, { "enum": words }] })
}

/// Words in any spelling; the usual ones are completed.
fn words<'w>(
    usual_words: impl IntoIterator<Item = &'w str>,
    others: impl IntoIterator<Item = &'w str>,
) -> Value {
    let known: Vec<&str> = usual_words.into_iter().collect();
    let pattern = whole(&any_of(known.iter().copied().chain(others)));
    let message = format!("write one of: {}", known.join(", "));
    let accepted = json!({ "type": "string", "pattern": pattern, "errorMessage": message });
    usual(known, &accepted)
}

/// A value, or a list of at least one.
fn one_or_more(value: &Value) -> Value {
    json!({ "anyOf": [value, { "type": "array", "minItems": 1, "items": value }] })
}

/// A mapping of which all keys are known, as they are written.
fn record(required: &[&str], properties: &Value) -> Value {
    let schema =
        json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if required.is_empty() {
        schema
    } else {
        with(schema, json!({ "required": required }))
    }
}

/// A mapping of which all keys are known and none may be left out.
fn full_record(properties: &Value) -> Value {
    let keys = properties.as_object().into_iter().flat_map(Map::keys);
    let mut keys: Vec<&str> = keys.map(String::as_str).collect();
    keys.sort_unstable();
    record(&keys, properties)
}

/// The same under each of some names.
fn each<'n>(names: impl IntoIterator<Item = &'n str>, schema: &Value) -> Value {
    let each = names.into_iter().map(|n| (n.to_owned(), schema.clone()));
    Value::Object(each.collect())
}

/// A key of a mapping: the name that is completed, its other names, and what stands there.
type Key = (String, Vec<String>, Value);

/// A mapping of which all keys are known, in any spelling, but for those that are known as they are written.
fn mapping(keys: impl IntoIterator<Item = Key>, as_written: Value) -> Value {
    let (mut properties, mut patterns) = (Map::new(), Map::new());
    for (name, others, value) in keys {
        let spelled = any_of(others.iter().chain([&name]).map(String::as_str));
        patterns.insert(whole(&spelled), value.clone());
        properties.insert(name, value);
    }
    let properties = with(Value::Object(properties), as_written);
    with(
        record(&[], &properties),
        json!({ "patternProperties": patterns }),
    )
}

/// A key without other names.
fn key(name: &str, value: Value) -> Key {
    (name.to_owned(), Vec::new(), value)
}

/// Lays keywords over a schema.
fn with(mut schema: Value, keywords: Value) -> Value {
    if let (Some(schema), Value::Object(keywords)) = (schema.as_object_mut(), keywords) {
        schema.extend(keywords);
    }
    schema
}

/// A mapping, or a scalar in its place. The scalar stands apart, so that its message is not given for the keys.
fn or_scalar(mapping: Value, scalar: &Value) -> Value {
    let mut either = with(mapping, json!({ "allOf": [scalar] }));
    if let Some(keywords) = either.as_object_mut() {
        keywords.remove("type");
    }
    either
}

/// Something with a description. (Beside a reference nothing else counts, so that it stands apart.)
fn described(schema: Value, description: &str) -> Value {
    let schema = if schema.get("$ref").is_some() {
        json!({ "anyOf": [schema] })
    } else {
        schema
    };
    with(schema, json!({ "description": description }))
}

/// A pattern for the whole of a text, which is read without the blanks around it.
fn whole(pattern: &str) -> String {
    format!("^\\s*(?:{pattern})\\s*$")
}

/// A pattern for one of some names as they are compared: in any case, with blanks, hyphens or slashes for underscores.
fn any_of<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: BTreeSet<String> = names
        .into_iter()
        .map(|name| name.chars().map(any_case).collect())
        .collect();
    names.into_iter().collect::<Vec<_>>().join("|")
}

/// A character in any case; an underscore stands for all that is read as one.
fn any_case(c: char) -> String {
    match c {
        '_' => "[ _/-]+".to_owned(),
        c if c.is_ascii_alphabetic() => {
            format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase())
        }
        c if "^$\\.*+?()[]{}|".contains(c) => format!("\\{c}"),
        c => c.to_string(),
    }
}

/// A pattern for one of some units, given by their keys: see `quantity::unit_key` for what is not told apart.
fn any_unit<'u>(keys: impl IntoIterator<Item = &'u str>) -> String {
    const BLANKS: &str = "[\\s·]*";
    let unit = |key: &str| {
        let (power, rest) = match key.strip_prefix("10*") {
            Some(rest) => ("[xX×]?[\\s·]*1[\\s·]*0[\\s·*^eE+]*", rest),
            None => ("", key),
        };
        let characters = rest.chars().map(|c| match c {
            'u' => "[uU\u{b5}\u{3bc}]".to_owned(),
            '2' => "\\^?[2²]".to_owned(),
            '3' => "\\^?[3³]".to_owned(),
            '9' => "[9⁹]".to_owned(),
            '_' => c.to_string(),
            c => any_case(c),
        });
        power.to_owned() + &characters.collect::<Vec<_>>().join(BLANKS)
    };
    let units: BTreeSet<String> = keys.into_iter().map(unit).collect();
    units.into_iter().collect::<Vec<_>>().join("|")
}

const NUMBER: &str = "[0-9]+(?:\\.[0-9]+)?";

/// A dose that says how much a day.
fn daily_dose() -> Value {
    let unit = any_of(MASS.map(|(unit, _)| unit));
    let every = any_of(EVERY.map(|(word, _)| word));
    let often = any_of(OFTEN.map(|(word, _)| word));
    let often = format!(
        "(?:[Oo][Nn][Cc][Ee] )*(?:(?:{}) (?:{every})|{often})",
        any_of(["every", "per", "a"])
    );
    json!({
        "type": "string",
        "pattern": whole(&format!("{NUMBER}\\s*(?:{unit})[ /]+{often}")),
        "errorMessage": "write a dose as `15 mg daily` or `5 mg twice daily`",
        "defaultSnippets": [snippet("… mg daily", "${1:15} mg daily"), snippet("… mg twice daily", "${1:5} mg twice daily")],
    })
}

/// What an editor offers, with the part to fill in.
fn snippet(label: &str, body: &str) -> Value {
    json!({ "label": label, "body": body })
}

const DAY: &str = "(?:18[89][0-9]|19[0-9]{2}|2[01][0-9]{2}|2200)-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|[12][0-9]))";
const MONTH_OR_YEAR: &str = "(?:18[89][0-9]|19[0-9]{2}|2[01][0-9]{2}|2200)(?:-(?:0[1-9]|1[0-2]))?";

/// A whole day.
fn day() -> Value {
    json!({
        "type": "string", "pattern": format!("^{DAY}$"),
        "errorMessage": "write the whole day, as 2026-11-21",
    })
}

/// A day, month or year, or one of some words; a year may be a number.
fn date(words: &[&str], refused: &[&str]) -> Value {
    let mut pattern = format!("^{DAY}$|^{MONTH_OR_YEAR}$");
    let mut message = "write a date as 2019-05-07, 2019-05 or 2019".to_owned();
    if !words.is_empty() {
        pattern = format!("{pattern}|{}", whole(&any_of(words.iter().copied())));
        message = format!("{message}, or one of: {}", words.join(", "));
    }
    let year = json!({ "minimum": 1880, "maximum": 2200, "multipleOf": 1 });
    with(anything_but(refused, &pattern, &message), year)
}

/// A value of any type but some; a text fits a pattern. (For `"type": "boolean"` an editor offers true and false, where people
/// write yes and no; these arrive as either.)
fn anything_but(refused: &[&str], pattern: &str, message: &str) -> Value {
    json!({
        "if": { "type": refused }, "then": { "type": "string", "errorMessage": message },
        "pattern": pattern, "errorMessage": message,
    })
}

/// Any text. A word such as 12, yes or null arrives as another type, and is read as text all the same.
fn text() -> Value {
    json!({ "anyOf": [{ "not": { "type": ["array", "object"] } }] })
}

fn yes_or_no() -> Value {
    let pattern = whole(&any_of(["yes", "no", "true", "false"]));
    let refused = ["array", "null", "number", "object"];
    usual(
        ["yes", "no"],
        &anything_but(&refused, &pattern, "write yes or no"),
    )
}

/// A word, or else something that is no text.
fn word_or(word: &str, other: &Value) -> Value {
    let is_text = json!({ "type": "string" });
    json!({ "type": ["object", "string"], "if": is_text, "then": { "const": word }, "else": other })
}
