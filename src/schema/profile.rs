//! The schema of a profile.

use serde_json::{Map, Value, json};

use super::{
    Key, NUMBER, any_of, any_unit, anything_but, daily_dose, date, day, defined, described, each,
    key, mapping, one_or_more, or_scalar, record, snippet, usual, whole, with, words,
};
use crate::dictionary::{Dictionary, Fact, Kind, Named, Section, Units};
use crate::library::Library;
use crate::profile::{ABSENCES, COUNTED, LOCAL, MASS, RESULTS, Response, SYSTEMIC};
use crate::quantity::Interval;

/// Every section, as the decoder reads it; the plan names drug, indication and label.
pub(super) fn file(library: &Library) -> Value {
    // Keys in another spelling (`Drug:`) are read too, so nothing is required where there is one.
    let plan = json!({
        "if": { "propertyNames": { "pattern": "^[a-z_]+$" } },
        "then": {
            "required": ["drug", "indication"],
            "anyOf": [{ "required": ["label"] }, { "required": ["labels"] }],
        },
    });
    record(&["plan"], &Sections::of(library).all(plan))
}

/// A profile of which anything may be left out, as cases lay it over another.
pub(super) fn fragment(library: &Library) -> Value {
    let sections = Sections::of(library).all(json!({}));
    with(
        record(&[], &sections),
        json!({ "type": ["object", "null"] }),
    )
}

/// The facts, and what they have in common.
pub(super) fn definitions(library: &Library) -> Value {
    let sections = Sections::of(library);
    let dictionary = sections.dictionary;
    let names = dictionary.medicine_names();
    let classes = dictionary
        .classes()
        .map(|c| dictionary.class(c).id.as_ref());
    let other_classes = names.filter(|name| dictionary.find_class(name).is_some());
    let born = date(&ABSENCE_WORDS, &["array", "boolean", "null", "object"]);
    let own = json!({
        "an-absence": absence(),
        "a-date": date(&[], &["array", "boolean", "null", "object"]),
        "a-date-or-more": one_or_more(&defined("a-date")),
        "a-date-or-word": date_or_word(),
        "a-date-of-birth": described(born, "The date of birth, or give the `age`."),
        "a-state": stands(false),
        "an-event": stands(true),
        "a-panel": sections.panel(),
        "a-class": words(classes, other_classes.chain(["none"])),
        "a-route": words(LOCAL.into_iter().chain(SYSTEMIC), []),
        "a-medicine": medicine(),
        "a-treatment": treatment(),
        "medicine-names": sections.medicine_names(),
        "everything-else": everything_else(),
        "no-section": nothing(),
        // It says how much a day, and is no quantity as the others are.
        "dose": planned_dose(),
    });
    let quantities = dictionary.units.iter().map(|units| {
        let schema = json!({ "anyOf": [quantity(units, true), defined("an-absence")] });
        (format!("quantity-{}", units.name), schema)
    });
    let facts = dictionary.facts().map(|(_, fact)| fact);
    let facts = facts.filter(|f| f.section != Section::Derived);
    let facts = facts.map(|fact| (fact.id.clone(), sections.fact(fact)));
    with(Value::Object(facts.chain(quantities).collect()), own)
}

/// A number with one of the units: a limit, or a result, which may also have a comparator.
pub(super) fn quantity(units: &Units, result: bool) -> Value {
    let keys = units.units.iter().flat_map(|u| &u.keys).map(String::as_str);
    let bare = if units.bare { "?" } else { "" };
    let sign = if result {
        "(?:<=|>=|[≤≥<>])?\\s*"
    } else {
        ""
    };
    let pattern = whole(&format!("{sign}{NUMBER}\\s*(?:{}){bare}", any_unit(keys)));
    // The unit of a ratio is 1, which is not written.
    let names = units.names().into_iter().filter(|name| *name != "1");
    let names: Vec<&str> = names.collect();
    let offered = names
        .iter()
        .map(|unit| snippet(&format!("… {unit}"), &format!("${{1:0}} {unit}")));
    let message = match names.join(", ") {
        names if names.is_empty() => "write a number".to_owned(),
        names => format!("write a number and its unit: {names}"),
    };
    json!({
        "type": if units.bare { json!(["string", "number"]) } else { json!("string") },
        "pattern": pattern, "errorMessage": message, "defaultSnippets": offered.collect::<Vec<_>>(),
    })
}

const ABSENCE_WORDS: [&str; 5] = {
    let [a, b, c, d, e] = ABSENCES;
    [a.0, b.0, c.0, d.0, e.0]
};

/// Why a value is missing. (A type of its own would take the message of what else can stand there.)
fn absence() -> Value {
    let pattern = whole(&any_of(ABSENCE_WORDS));
    let message = format!("write one of: {}", ABSENCE_WORDS.join(", "));
    let refused = ["array", "boolean", "null", "number", "object"];
    usual(
        ABSENCE_WORDS,
        &json!({ "not": { "type": refused }, "pattern": pattern, "errorMessage": message }),
    )
}

/// When a state or event was.
fn times() -> [Key; 2] {
    let others = ["date", "dates", "when"].map(str::to_owned);
    let date = defined("a-date-or-more");
    [
        ("since".to_owned(), others.to_vec(), date.clone()),
        key("until", date),
    ]
}

/// A state or event: yes or no, a date, or a mapping of times; an event may be a list too.
fn stands(event: bool) -> Value {
    let known = [
        &["yes", "no", "true", "false", "none", "never"][..],
        &ABSENCE_WORDS,
    ]
    .concat();
    let refused: &[&str] = if event { &["null"] } else { &["array", "null"] };
    let scalar = date(&known, refused);
    let of_times = with(mapping(times(), json!({})), json!({ "minProperties": 1 }));
    let items = date(&known, &["array", "null", "object"]);
    let list = json!({ "items": items, "minItems": 1 });
    let accepted = with(
        or_scalar(of_times, &scalar),
        if event { list } else { json!({}) },
    );
    usual(["yes", "no"].into_iter().chain(ABSENCE_WORDS), &accepted)
}

/// What is said of a medicine taken now.
fn medicine() -> Value {
    line(&[], json!({ "taken": defined("yes-or-no") }))
}

/// What is said of a treatment of the disease.
fn treatment() -> Value {
    let outcomes = Response::WORDS.map(|(word, _)| word);
    let own = json!({
        "ongoing": { "anyOf": [defined("yes-or-no"), defined("an-absence")] },
        "outcome": one_or_more(&words(outcomes, ABSENCE_WORDS)),
        "stopped": defined("a-date-or-word"),
        "started": defined("a-date"),
    });
    line(&outcomes, own)
}

fn date_or_word() -> Value {
    let known = [&["yes", "no", "true", "false"][..], &ABSENCE_WORDS].concat();
    date(&known, &["array", "null", "object"])
}

/// A line of a listing. `classes` is for what the dictionary does not know.
fn line(outcomes: &[&str], own: Value) -> Value {
    let units = any_of(MASS.map(|(unit, _)| unit).into_iter().chain(COUNTED));
    let dose = format!("{NUMBER}\\s*(?:{units})(?:[ /][\\s\\S]*)?");
    let offered = json!([snippet("… mg daily", "${1:7.5} mg daily")]);
    let properties = json!({
        "dose": {
            "type": "string", "pattern": whole(&dose), "defaultSnippets": offered,
            "errorMessage": "write a dose as `7.5 mg daily`",
        },
        "route": defined("a-route"),
        "since": defined("a-date"),
        "until": defined("a-date-or-word"),
        "classes": one_or_more(&defined("a-class")),
    });
    let said = [&["yes", "no"], outcomes, &ABSENCE_WORDS].concat();
    let known = any_of(said.iter().copied().chain(["true", "false", "none"]));
    let message = "write yes, no, a dose as `7.5 mg daily`, or a mapping with `dose:`, `route:`";
    let pattern = whole(&format!("{known}|{dose}"));
    let word = anything_but(&["array", "null", "number"], &pattern, message);
    let accepted = or_scalar(record(&[], &with(properties, own)), &word);
    let accepted = with(accepted, json!({ "defaultSnippets": offered }));
    usual(said, &accepted)
}

fn everything_else() -> Value {
    let known = ["no", "none", "false"].into_iter().chain(ABSENCE_WORDS);
    let refused = ["array", "null", "number", "object"];
    let message = "write no, or leave it out";
    let accepted = anything_but(&refused, &whole(&any_of(known)), message);
    let accepted = with(accepted, json!({ "not": { "const": true } }));
    let meaning = "no: the rest was asked about and denied.";
    described(usual(["no"], &accepted), meaning)
}

/// Medicines or treatments.
fn listing(line: &str) -> Value {
    let listing = with(
        mapping([key_of_the_rest()], json!({})),
        json!({
            "additionalProperties": defined(line),
            "if": { "type": "object" }, "then": defined("medicine-names"),
        }),
    );
    or_scalar(listing, &defined("no-section"))
}

fn key_of_the_rest() -> Key {
    key("everything_else", defined("everything-else"))
}

/// What can stand in place of a whole section.
fn nothing() -> Value {
    let known = [&["none"][..], &ABSENCE_WORDS].concat();
    let message = format!(
        "write one line for each name, or one of: {}",
        known.join(", ")
    );
    let refused = ["array", "boolean", "null", "number"];
    anything_but(&refused, &whole(&any_of(known)), &message)
}

fn planned_dose() -> Value {
    let dose = json!({ "anyOf": [daily_dose(), defined("an-absence")] });
    described(dose, "The planned dose, and how often.")
}

/// The bounds of a number without a unit.
fn bounds(possible: Interval) -> Value {
    let ends = [("minimum", possible.low), ("maximum", possible.high)];
    let ends = ends.into_iter().filter_map(|(word, end)| {
        let number: serde_json::Number = end?.value.to_string().parse().ok()?;
        Some((word.to_owned(), Value::Number(number)))
    });
    Value::Object(ends.collect())
}

struct Sections<'l> {
    library: &'l Library,
    dictionary: &'l Dictionary,
}

impl<'l> Sections<'l> {
    fn of(library: &'l Library) -> Self {
        let dictionary = library.dictionary();
        Self {
            library,
            dictionary,
        }
    }

    /// The sections and what they hold. The plan may have more to say of its keys.
    fn all(&self, plan: Value) -> Value {
        let dated =
            json!({ "type": "object", "required": ["date"], "allOf": [defined("a-panel")] });
        let panels = json!({ "type": "array", "items": dated });
        let tests = json!({ "anyOf": [panels, defined("a-panel")] });
        let also = one_or_more(&defined("a-text"));
        let also = described(
            also,
            "Remarks; they are printed, and nothing evaluates them.",
        );
        let history = self.statements(Section::History, json!({ "also": also }));
        let vaccines = self.statements(Section::Vaccines, json!({}));
        json!({
            "patient": described(defined("a-text"), "An id of your own, never a name."),
            "as_of": described(day(), "The day this was written."),
            "plan": described(with(self.plan(), plan), "The drug, indication, label and dose in mind."),
            "about": described(self.about(), "Age, sex, weight, smoking and the like."),
            "tests": described(tests, "Results, in panels by their day; units are mandatory."),
            "history": described(
                history, "What happened: yes, no, or when. What is not listed was not asked.",
            ),
            "vaccines": described(vaccines, "The dates of the doses, planned ones included."),
            "medicines": described(
                listing("a-medicine"), "What is taken now: a medicine or a class.",
            ),
            "treatments": described(
                listing("a-treatment"),
                "Treatments of the disease, earlier and present: a drug or a class.",
            ),
        })
    }

    /// What a profile may say of a fact; its question is shown.
    fn fact(&self, fact: &Fact) -> Value {
        let quantity = |units: usize| {
            defined(&format!(
                "quantity-{}",
                self.dictionary.unit_list(units).name
            ))
        };
        let own = match &fact.kind {
            Kind::Quantity {
                units, possible, ..
            } => with(json!({ "anyOf": [quantity(*units)] }), bounds(*possible)),
            Kind::Choice {
                choices,
                synonyms,
                measured,
            } => {
                let results = RESULTS
                    .iter()
                    .filter(|(_, result)| choices.iter().any(|c| c == result));
                let others = synonyms.iter().map(|(word, _)| word.as_str());
                let others = others.chain(results.map(|(word, _)| *word));
                let own = words(choices.iter().map(String::as_str), others);
                match measured {
                    // The plan needs one.
                    _ if fact.id == "indication" => own,
                    Some(measured) => json!({ "anyOf": [own, quantity(measured.units)] }),
                    None => json!({ "anyOf": [own, defined("an-absence")] }),
                }
            }
            Kind::State => defined("a-state"),
            Kind::Event => defined("an-event"),
        };
        let own = described(own, &fact.question);
        if fact.attributes.is_empty() {
            return own;
        }
        let attributes = fact.attributes.iter().map(|id| {
            let id = &self.dictionary.fact(*id).id;
            key(id.rsplit('.').next().unwrap_or(id), defined(id))
        });
        let value = fact.value_key.iter().map(|name| key(name, own.clone()));
        let stands = matches!(fact.kind, Kind::State | Kind::Event);
        let times = times().into_iter().filter(|_| stands);
        let keys = mapping(attributes.chain(value).chain(times), json!({}));
        let keys = with(keys, json!({ "minProperties": 1 }));
        described(json!({ "anyOf": [own, keys] }), &fact.question)
    }

    /// The facts of a section, by all their names.
    fn facts(&self, section: Section) -> impl Iterator<Item = Key> {
        let facts = self.dictionary.facts();
        let facts = facts.filter(move |(_, f)| f.section == section && f.parent.is_none());
        facts.map(move |(id, fact)| {
            let names = self.dictionary.fact_names.iter();
            let names = names
                .filter(|(_, named)| *named == id)
                .map(|((_, name), _)| name.clone());
            (fact.id.clone(), names.collect(), defined(&fact.id))
        })
    }

    fn plan(&self) -> Value {
        let drugs = self.library.drugs();
        let brands = self.dictionary.medicine_names().filter(|name| {
            let named = self.dictionary.find_medicine(name);
            matches!(named, Some(Named::Medicine(id)) if drugs.contains(&self.dictionary.medicine(id).id.as_ref()))
        });
        let drug = words(drugs.iter().copied(), brands);
        let label = one_or_more(&words(self.library.jurisdictions(), []));
        let label = described(label, "Whose label it is held against: one, or a list.");
        let reason = json!({
            "type": "string", "pattern": "\\S\\s+\\S",
            "errorMessage": "write the reason in words, more than one, or leave the key out",
        });
        let own = [
            key("drug", described(drug, "A drug that has a label here.")),
            ("label".to_owned(), vec!["labels".to_owned()], label),
            key("start", described(day(), "The first day, as planned.")),
            key(
                "no_suitable_alternative",
                described(reason, "Why nothing else is suitable, in words."),
            ),
        ];
        mapping(self.facts(Section::Plan).chain(own), json!({}))
    }

    fn about(&self) -> Value {
        let names = ["born", "birth_date", "date_of_birth", "dob"];
        let born = each(names, &defined("a-date-of-birth"));
        let about = mapping(self.facts(Section::About), born);
        or_scalar(about, &defined("no-section"))
    }

    fn panel(&self) -> Value {
        let date = json!({ "anyOf": [defined("a-date"), defined("an-absence")] });
        let date = described(
            date,
            "The day of these results; unknown while there are none.",
        );
        let panel = mapping(self.facts(Section::Tests), json!({ "date": date }));
        or_scalar(panel, &defined("no-section"))
    }

    fn statements(&self, section: Section, as_written: Value) -> Value {
        let facts = self.facts(section).chain([key_of_the_rest()]);
        or_scalar(mapping(facts, as_written), &defined("no-section"))
    }

    /// Any name that stands for nothing else; those of the dictionary are completed, of classes with what they mean.
    fn medicine_names(&self) -> Value {
        let dictionary = self.dictionary;
        let medicines = dictionary.medicines().map(|m| dictionary.medicine(m));
        let classes = dictionary.classes().map(|c| dictionary.class(c));
        let classes: Map<String, Value> = classes
            .map(|c| {
                let described = json!({ "anyOf": [{}], "description": c.name });
                (c.id.as_ref().to_owned(), described)
            })
            .collect();
        let sections = [
            Section::About,
            Section::Tests,
            Section::History,
            Section::Vaccines,
        ];
        let others = sections.into_iter().flat_map(|s| dictionary.names_in(s));
        let others = others.filter(|name| dictionary.find_medicine(name).is_none());
        let others = any_of(others.chain(["none"]));
        let free = json!({
            "pattern": format!("^(?!\\s*(?:{others})\\s*$)"),
            "errorMessage": "no medicine: it has its place under tests, history, vaccines or about",
        });
        let names = usual(medicines.map(|m| m.id.as_ref()), &free);
        json!({ "type": "object", "properties": classes, "propertyNames": names })
    }
}
