//! The schema of a rule file.

use serde_json::{Map, Value, json};

use super::profile::quantity;
use super::{
    anything_but, daily_dose, day, defined, described, each, full_record, one_or_more, record,
    usual, whole, with, word_or,
};
use crate::dictionary::{Dictionary, Fact, Kind, Seen, Units};
use crate::library::{JURISDICTIONS, Library, Strength};
use crate::profile::Response;

/// A rule file: which keys go together, its first key says.
pub(super) fn file(library: &Library) -> Value {
    let rows = |name: &str| json!({ "type": "array", "items": defined(name) });
    let of_document = [
        "document",
        "indications",
        "before_starting",
        "criteria",
        "dosing",
        "monitoring",
        "not_evaluated",
    ];
    let windows = each(library.dictionary().windows(), &defined("a-validity"));
    let lead_times = each(library.policy().lead_times(), &defined("a-lead-time"));
    let policy = ["validity", "lead_times"];
    let only = |keys: &[&str]| json!({ "propertyNames": { "enum": keys } });
    let either = |key: &str, keys: &[&str], other: Value| json!({ "if": { "required": [key] }, "then": only(keys), "else": other });
    let no_document = json!({
        "anyOf": policy.map(|key| json!({ "required": [key] })),
        "propertyNames": { "enum": policy },
        "errorMessage": "a rule file starts with `document:` or `suppress:`, a policy with `validity:` or `lead_times:`",
    });
    let kinds = either("hazards", &["hazards"], no_document);
    let kinds = either("suppress", &["suppress"], kinds);
    let kinds = either("document", &of_document, kinds);
    let schema = record(
        &[],
        &json!({
            "document": defined("a-document"),
            "indications": rows("an-indication"),
            "before_starting": rows("a-test-before-starting"),
            "criteria": rows("a-criterion"),
            "dosing": rows("a-dose-row"),
            "monitoring": rows("a-row-of-monitoring"),
            "not_evaluated": rows("a-row-not-evaluated"),
            "validity": record(&[], &windows),
            "lead_times": record(&[], &lead_times),
            "hazards": { "type": "object", "additionalProperties": defined("a-hazard") },
            "suppress": one_or_more(&defined("a-suppression")),
        }),
    );
    with(schema, kinds)
}

/// What documents are made of.
pub(super) fn definitions(library: &Library) -> Value {
    let dictionary = library.dictionary();
    let facts = dictionary.facts();
    let facts = facts.map(|(_, fact)| (fact.id.clone(), question(dictionary, fact)));
    let limit = dictionary.units.iter().map(|units| {
        let schema = quantity(units, false);
        (format!("limit-{}", units.name), schema)
    });
    let of_limits = dictionary.units.iter().map(|units| {
        let one_a_side = json!({ "allOf": [defined("one-limit-a-side")] });
        let schema = with(asked(&limits(units)), one_a_side);
        (format!("limits-{}", units.name), schema)
    });
    let of_dictionary = Value::Object(facts.chain(limit).chain(of_limits).collect());
    let sides = [["below", "at_most"], ["above", "at_least"]];
    let sides = sides.map(|keys| json!({ "not": { "required": keys } }));
    let lead_times = library.policy().lead_times();
    let lead_times: Vec<String> = lead_times.map(|n| format!("lead_times.{n}")).collect();
    let lead_times: Vec<&str> = lead_times.iter().map(String::as_str).collect();
    let panels = dictionary.panels.iter().map(|p| p.id.as_str());
    let tests: Vec<&str> = panels.chain(dictionary.fact_ids()).collect();
    let text = defined("a-text");
    let own = json!({
        "a-period": words_or_period(&lead_times),
        "a-validity": words_or_period(&["never"]),
        "a-lead-time": words_or_period(&[]),
        "a-medicine-or-class": medicine_or_class(dictionary),
        "a-test": { "enum": tests },
        "how-seen": { "enum": Seen::WORDS.map(|(word, _)| word) },
        "an-expression": expression(dictionary),
        "yes-no-or-when": { "anyOf": [defined("yes-or-no"), asked(&periods())] },
        "one-limit-a-side": { "allOf": sides },
        "what-is-taken": taking(),
        "what-was-tried": treated(),
        "a-document": document(),
        "a-hazard": full_record(&json!({ "order": text, "name": text, "why": text, "plain": text })),
        "a-suppression": full_record(&json!({
            "document": text, "criterion": text, "reason": text, "by": text, "until": day(),
        })),
    });
    with(with(of_dictionary, own), rows(library))
}

fn words_or_period(names: &[&str]) -> Value {
    let period = json!({
        "type": "string", "pattern": whole("[0-9]+ \\s*(?:days?|weeks?|months?|years?)"),
        "errorMessage": "write a period as `28 days` or `12 weeks`",
    });
    if names.is_empty() {
        period
    } else {
        usual(names.iter().copied(), &period)
    }
}

/// A name of the dictionary; ids are completed. One in another spelling (`TNF blocker`) is read too, and not looked at here.
fn medicine_or_class(dictionary: &Dictionary) -> Value {
    let ids = dictionary
        .medicines()
        .map(|m| dictionary.medicine(m).id.as_ref());
    let classes = dictionary
        .classes()
        .map(|c| dictionary.class(c).id.as_ref());
    let names: Vec<&str> = dictionary.medicine_names().collect();
    let known = json!({
        "type": "string", "pattern": format!("^(?:{})$|[^a-z0-9_]|__", names.join("|")),
        "errorMessage": "not a medicine or class of the dictionary",
    });
    usual(ids.chain(classes), &known)
}

/// Facts by their ids, `taking` and `treated`, joined by `all`, `any` and `not`.
fn expression(dictionary: &Dictionary) -> Value {
    let inner = defined("an-expression");
    let list = json!({ "type": "array", "minItems": 1, "items": inner });
    let joints = [
        ("all", list.clone()),
        ("any", list),
        ("not", inner),
        ("taking", defined("what-is-taken")),
        ("treated", defined("what-was-tried")),
    ];
    let joints = joints.map(|(name, schema)| (name.to_owned(), schema));
    let facts = dictionary.fact_ids().map(|id| (id.to_owned(), defined(id)));
    let keys: Map<String, Value> = facts.chain(joints).collect();
    asked(&Value::Object(keys))
}

/// What a fact can be asked; the question put to a patient is shown.
fn question(dictionary: &Dictionary, fact: &Fact) -> Value {
    let (own, keys) = match &fact.kind {
        Kind::Quantity { units, .. } => {
            let units = dictionary.unit_list(*units);
            (defined(&format!("limits-{}", units.name)), limits(units))
        }
        Kind::Choice {
            choices, synonyms, ..
        } => (one_or_more(&choice(choices, synonyms)), json!({})),
        Kind::State => (defined("yes-or-no"), json!({})),
        Kind::Event => (defined("yes-no-or-when"), periods()),
    };
    if fact.attributes.is_empty() {
        return described(own, &fact.question);
    }
    let attributes = fact.attributes.iter().map(|id| {
        let id = &dictionary.fact(*id).id;
        let name = id.rsplit('.').next().unwrap_or(id);
        (name.to_owned(), defined(id))
    });
    let keys = with(keys, Value::Object(attributes.collect()));
    described(json!({ "anyOf": [own, asked(&keys)] }), &fact.question)
}

/// Some of these keys, at least one.
fn asked(keys: &Value) -> Value {
    with(record(&[], keys), json!({ "minProperties": 1 }))
}

fn limits(units: &Units) -> Value {
    let limit = defined(&format!("limit-{}", units.name));
    json!({ "below": limit, "at_most": limit, "above": limit, "at_least": limit })
}

fn periods() -> Value {
    let period = defined("a-period");
    json!({ "within": period, "longer_ago_than": period, "in_next": period })
}

fn choice(choices: &[String], synonyms: &[(String, u16)]) -> Value {
    let synonyms = synonyms.iter().map(|(word, _)| word);
    json!({ "enum": choices.iter().chain(synonyms).collect::<Vec<_>>() })
}

fn taking() -> Value {
    let names = one_or_more(&defined("a-medicine-or-class"));
    let dose = daily_dose();
    let limit = with(
        record(&[], &json!({ "at_most": dose, "below": dose })),
        one_of(&["at_most", "below"]),
    );
    let exception = word_or("any", &limit);
    let except = json!({
        "type": "object", "additionalProperties": exception,
        "propertyNames": defined("a-medicine-or-class"),
    });
    let keys = ["class", "medicine", "any_of", "all_classes"];
    let needed = keys.map(|key| json!({ "required": [key] }));
    let schema = record(
        &[],
        &json!({ "class": names, "medicine": names, "any_of": names, "all_classes": names, "except": except }),
    );
    with(
        schema,
        json!({ "anyOf": needed, "description": "One medicine taken now meets all of it." }),
    )
}

fn treated() -> Value {
    let outcomes = Response::WORDS.map(|(word, _)| word);
    let schema = record(
        &["with"],
        &json!({
            "with": one_or_more(&defined("a-medicine-or-class")),
            "outcome": one_or_more(&json!({ "enum": outcomes })),
            "at_least": { "type": ["integer", "string"], "pattern": "^\\+?[0-9]+$", "minimum": 1, "maximum": 20 },
        }),
    );
    with(
        schema,
        json!({ "description": "So many treatments of the disease went so." }),
    )
}

/// The head of a document. One with an `issuer` is guidance, one without is a label.
fn document() -> Value {
    let medicines = one_or_more(&defined("a-medicine-or-class"));
    let jurisdictions = one_or_more(&json!({ "enum": JURISDICTIONS }));
    let text = defined("a-text");
    let signature = full_record(&json!({ "by": text, "on": day(), "next": day(), "text": text }));
    let schema = record(
        &["id", "title", "revision", "url", "reviewed"],
        &json!({
            "id": text, "title": text,
            "issuer": described(defined("a-text"), "Who publishes it. A document with an issuer is guidance, one without is a label."),
            "drug": medicines, "drugs": medicines,
            "jurisdiction": jurisdictions, "jurisdictions": jurisdictions,
            "revision": described(defined("a-text"), "The date of the text that was read."),
            "url": text,
            "reviewed": described(word_or("none", &signature), "`jakscreen rules review` writes it."),
        }),
    );
    let place = one_of(&["jurisdiction", "jurisdictions"]);
    let both = json!({ "not": { "required": ["drug", "drugs"] } });
    with(
        schema,
        json!({
            "if": { "required": ["issuer"] },
            "then": { "allOf": [place, both] },
            "else": { "allOf": [place, one_of(&["drug", "drugs"])] },
        }),
    )
}

/// Exactly one of two keys.
fn one_of(keys: &[&str]) -> Value {
    let required: Vec<Value> = keys
        .iter()
        .map(|key| json!({ "required": [key] }))
        .collect();
    json!({ "oneOf": required })
}

/// A row of a document; it says where it stands and how its wording was checked.
fn row(required: &[&str], properties: Value) -> Value {
    let cited = json!({
        "section": defined("a-text"), "seen": defined("how-seen"), "facts": one_or_more(&defined("a-text")),
    });
    record(
        &[required, &["section", "seen"]].concat(),
        &with(properties, cited),
    )
}

fn rows(library: &Library) -> Value {
    let text = defined("a-text");
    let dictionary = library.dictionary();
    let expression = defined("an-expression");
    let indications = dictionary.find("indication");
    let indications = match indications.map(|id| &dictionary.fact(id).kind) {
        Some(Kind::Choice {
            choices, synonyms, ..
        }) => choice(choices, synonyms),
        _ => json!({}),
    };
    let indication = json!({ "indication": indications, "requires": expression });
    let tested = defined("a-test");
    let before_starting = json!({
        "test": one_or_more(&tested), "any_of": one_or_more(&tested), "for": expression,
        "satisfied_by": expression, "verb": { "enum": ["perform", "consider", "verify"] },
    });
    let monitoring = json!({
        "test": tested, "watch": text, "do": text, "at": defined("a-period"), "then": text, "for": expression,
    });
    let id = anything_but(
        &["array", "object"],
        "^[a-z0-9]+(?:-[a-z0-9]+)*$",
        "write small letters, digits and single hyphens, as lymphocytes-low",
    );
    let id = json!({ "anyOf": [id] });
    let hazards: Vec<&str> = library.hazard_names().collect();
    let criterion = |strengths: Vec<&str>, own: Value| {
        let shared = json!({
            "id": id, "hazard": { "enum": hazards }, "for": expression,
            "when": word_or("always", &expression),
            "strength": { "enum": strengths }, "says": text, "action": text, "note": text,
        });
        with(shared, own)
    };
    let (dosing, strengths): (Vec<&str>, Vec<&str>) = Strength::WORDS
        .map(|(word, _)| word)
        .into_iter()
        .partition(|w| *w == "adjust_dose");
    let before_starting = with(row(&["verb"], before_starting), one_of(&["test", "any_of"]));
    let criteria = criterion(strengths, json!({ "boxed": defined("yes-or-no") }));
    let dosing = criterion(dosing, json!({ "max": daily_dose() }));
    let not_evaluated = json!({ "about": text, "why": text });
    json!({
        "an-indication": row(&["indication", "requires"], indication),
        "a-test-before-starting": before_starting,
        "a-criterion": row(&["id", "hazard", "when", "strength", "says"], criteria),
        "a-dose-row": row(&["id", "when", "strength", "max", "says"], dosing),
        "a-row-of-monitoring": with(row(&[], monitoring), one_of(&["test", "watch"])),
        "a-row-not-evaluated": row(&["about", "why"], not_evaluated),
    })
}
