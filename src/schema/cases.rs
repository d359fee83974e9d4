//! The schema of a file of cases: profiles in parts, laid over a base, by what must come out.

use serde_json::{Value, json};

use super::{
    any_of, day, defined, each, full_record, one_or_more, profile, record, whole, with, words,
};
use crate::checklist::TestStatus;
use crate::dictionary::Section;
use crate::library::{Library, Strength};
use crate::rules::OUTCOMES;

pub(super) fn file(library: &Library) -> Value {
    let dictionary = library.dictionary();
    let tests = each(dictionary.fact_ids(), &defined("a-test"));
    let classes = dictionary.medicine_names();
    let classes = any_of(classes.filter(|name| dictionary.find_class(name).is_some()));
    let text = defined("a-text");
    let survivor = full_record(&json!({ "criterion": text, "mutant": text, "why": text }));
    let schema = record(
        &["document"],
        &json!({
            "document": text, "as_of": day(), "base": defined("a-fragment"),
            "classes": { "type": "object", "propertyNames": { "pattern": whole(&classes) } },
            "criteria": { "type": "object", "additionalProperties": defined("a-criterion") },
            "tests": record(&[], &tests),
            "thresholds": one_or_more(&defined("a-threshold")),
            "scenarios": one_or_more(&defined("a-scenario")),
            "survivors": one_or_more(&survivor),
        }),
    );
    let day_needed =
        json!({ "if": { "not": { "required": ["classes"] } }, "then": { "required": ["as_of"] } });
    with(schema, day_needed)
}

/// What it is made of, beside the definitions of a profile.
pub(super) fn definitions(library: &Library) -> Value {
    let dictionary = library.dictionary();
    let profile = defined("a-fragment");
    let by_name = json!({ "type": "object", "additionalProperties": profile });
    let by = |words: Vec<&str>| each(words, &by_name);
    let text = defined("a-text");
    let strengths = Strength::WORDS.map(|(word, _)| word);
    let stated =
        json!({ "strength": { "enum": strengths }, "boxed": defined("yes-or-no"), "max": text });
    let statuses = TestStatus::ALL.iter().map(|s| s.name());
    let facts = dictionary.facts().map(|(_, fact)| fact);
    let facts = facts.filter(|f| f.section != Section::Derived && f.parent.is_none());
    let fact = words(
        facts.map(|f| f.id.as_str()),
        dictionary.names_in(Section::Tests),
    );
    let threshold =
        json!({ "criterion": text, "fact": fact, "met": {}, "not_met": {}, "with": profile });
    let expected = json!({ "type": "object", "additionalProperties": text });
    let scenario = json!({ "name": text, "profile": profile, "expect": expected });
    let statuses = by(statuses.chain(["not_applicable"]).collect());
    let own = json!({
        "a-fragment": profile::fragment(library),
        "a-criterion": record(&[], &with(stated, by(OUTCOMES.to_vec()))),
        "a-test": record(&[], &statuses),
        "a-threshold": record(&["criterion", "fact"], &threshold),
        "a-scenario": full_record(&scenario),
    });
    with(profile::definitions(library), own)
}
