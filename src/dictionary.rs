//! The dictionary: every fact a criterion can ask about, every medicine and class, with their names and units.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::decode::{self, did_you_mean, items, normal, record, shown};
use crate::diagnostic::{Code, Collector};
use crate::quantity::{Interval, Written, unit_key};
use crate::text::{Node, Span};

/// A fact's place in the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FactId(pub(crate) u16);

/// A class's place in the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClassId(pub(crate) u16);

/// A medicine's place in the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MedicineId(pub(crate) u16);

/// The part of a profile a fact stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    Plan,
    About,
    Tests,
    History,
    Vaccines,
    Derived,
}

impl Section {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::About => "about",
            Self::Tests => "tests",
            Self::History => "history",
            Self::Vaccines => "vaccines",
            Self::Derived => "derived",
        }
    }
}

/// What kind of thing a fact is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Quantity {
        units: usize,
        possible: Interval,
        likely: Option<Interval>,
    },
    Choice {
        choices: Vec<String>,
        measured: Option<Measured>,
    },
    Event,
    State,
}

/// How a number is read as positive or negative.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    pub(crate) units: usize,
    pub(crate) positive: Interval,
    pub(crate) possible: Interval,
}

/// One named thing a criterion can ask about.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) section: Section,
    pub(crate) kind: Kind,
    pub(crate) question: String,
    pub(crate) sample: Option<String>,
    pub(crate) window: Option<String>,
    pub(crate) any_positive: bool,
    pub(crate) not_deniable: bool,
    pub(crate) changes: bool,
    /// An event that can be planned: surgery, a vaccination.
    pub(crate) planned: bool,
    pub(crate) ask_after: Option<FactId>,
    /// The members of a group.
    pub(crate) members: Vec<FactId>,
    /// The groups this fact is a member of.
    pub(crate) groups: Vec<FactId>,
    /// The fact this is an attribute of.
    pub(crate) parent: Option<FactId>,
    pub(crate) attributes: Vec<FactId>,
    /// Of a derived fact: what it is derived from, and what to ask for first.
    pub(crate) from: Vec<FactId>,
    pub(crate) ask: Vec<FactId>,
    /// In a profile, the key of the value itself beside the attributes.
    pub(crate) value_key: Option<String>,
    aliases: Vec<String>,
}

impl Fact {
    /// The position of a choice.
    pub(crate) fn choice(&self, word: &str) -> Option<usize> {
        match &self.kind {
            Kind::Choice { choices, .. } => choices.iter().position(|c| c == word),
            Kind::Quantity { .. } | Kind::Event | Kind::State => None,
        }
    }

    /// The word of a choice.
    pub(crate) fn word(&self, choice: usize) -> &str {
        match &self.kind {
            Kind::Choice { choices, .. } => choices.get(choice).map_or("", String::as_str),
            Kind::Quantity { .. } | Kind::Event | Kind::State => "",
        }
    }
}

/// A unit of a closed list: value x factor + plus is the value in the canonical unit.
#[derive(Debug, Clone)]
struct Unit {
    name: String,
    factor: Decimal,
    plus: Decimal,
    keys: Vec<String>,
}

/// The units of one kind of quantity; the canonical one comes first.
#[derive(Debug, Clone)]
pub(crate) struct Units {
    name: String,
    /// Whether a number alone is read in the canonical unit.
    bare: bool,
    units: Vec<Unit>,
}

/// A quantity in its canonical unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Converted {
    pub(crate) value: Interval,
    /// Whether the unit as written was not the canonical one.
    pub(crate) converted: bool,
}

impl Units {
    pub(crate) fn canonical(&self) -> &str {
        self.units.first().map_or("", |u| &u.name)
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.units.iter().map(|u| u.name.as_str()).collect()
    }

    fn find(&self, written: &str) -> Option<&Unit> {
        let key = unit_key(written);
        self.units
            .iter()
            .find(|u| u.keys.binary_search(&key).is_ok())
    }

    /// Converts a written quantity. Fails without a unit or with one that is not in the list.
    pub(crate) fn convert(&self, written: &Written<'_>) -> Result<Converted, (Code, String)> {
        let list = || self.names().join(", ");
        if written.unit.is_empty() && !self.bare {
            return Err((Code::MissingUnit, format!("write the unit: {}", list())));
        }
        let unit = if written.unit.is_empty() {
            self.units.first()
        } else {
            self.find(written.unit)
        };
        let unit =
            unit.ok_or_else(|| (Code::UnknownUnit, format!("units read here: {}", list())))?;
        let value = match written.comparator {
            Some(comparator) => comparator.interval(written.number),
            None => Interval::point(written.number),
        };
        let too_large = || (Code::ImpossibleValue, "the number is too large".to_owned());
        let value = value
            .map(|v| v.checked_mul(unit.factor)?.checked_add(unit.plus))
            .ok_or_else(too_large)?;
        Ok(Converted {
            value,
            converted: unit.name != self.canonical(),
        })
    }

    /// The units in which a value, read as written, would be possible.
    pub(crate) fn units_that_fit(&self, number: Decimal, possible: Interval) -> Vec<&str> {
        let fits = |u: &&Unit| {
            let value = number
                .checked_mul(u.factor)
                .and_then(|v| v.checked_add(u.plus));
            value.is_some_and(|v| {
                Interval::point(v).within(possible) == crate::outcome::Outcome::Met
            })
        };
        self.units
            .iter()
            .filter(fits)
            .map(|u| u.name.as_str())
            .collect()
    }
}

/// A class of medicines.
#[derive(Debug, Clone)]
pub(crate) struct Class {
    pub(crate) id: String,
    pub(crate) name: String,
    /// How its membership was checked.
    pub(crate) seen: Seen,
    /// A class of local use (creams); the others speak of systemic use.
    pub(crate) local: bool,
    /// All classes this one contains, itself included.
    includes: Vec<ClassId>,
    /// The classes that contain this one, itself included.
    pub(crate) within: Vec<ClassId>,
}

/// A medicine by its generic name.
#[derive(Debug, Clone)]
pub(crate) struct Medicine {
    pub(crate) id: String,
    /// Every class it belongs to, through classes of classes too.
    pub(crate) classes: Vec<ClassId>,
    /// Normally used only locally.
    pub(crate) local: bool,
    /// What a combination product consists of.
    pub(crate) parts: Vec<MedicineId>,
}

/// How the wording of a statement was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Seen {
    /// In the full text of the document.
    FullText,
    /// In a section or excerpt of the document.
    Section,
    /// In a secondary source that restates it.
    Secondary,
    /// Only in a superseded edition.
    Superseded,
    /// Nowhere: from memory or inferred.
    Unverified,
}

impl Seen {
    pub(crate) const WORDS: [(&'static str, Self); 5] = [
        ("full_text", Self::FullText),
        ("section", Self::Section),
        ("secondary", Self::Secondary),
        ("superseded", Self::Superseded),
        ("unverified", Self::Unverified),
    ];

    /// What a reader should know of it.
    pub fn words(self) -> &'static str {
        match self {
            Self::FullText => "read in the full text",
            Self::Section => "read in the section",
            Self::Secondary => "read in a secondary source",
            Self::Superseded => "read only in a superseded edition",
            Self::Unverified => "wording not verified: check the label",
        }
    }
}

/// A panel of tests.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) members: Vec<FactId>,
}

/// What a name in `medicines` or `treatments` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Medicine(MedicineId),
    Class(ClassId),
}

/// Every fact, unit, medicine and class, by name and by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dictionary {
    units: Vec<Units>,
    facts: Vec<Fact>,
    classes: Vec<Class>,
    medicines: Vec<Medicine>,
    panels: Vec<Panel>,
    fact_names: BTreeMap<(Section, String), FactId>,
    fact_ids: BTreeMap<String, FactId>,
    medicine_names: BTreeMap<String, Named>,
}

impl Dictionary {
    pub(crate) fn facts(&self) -> impl Iterator<Item = (FactId, &Fact)> {
        self.facts
            .iter()
            .enumerate()
            .map(|(i, f)| (FactId(u16::try_from(i).unwrap_or(u16::MAX)), f))
    }

    /// INVARIANT: ids are made by this dictionary only, so they are always in range.
    pub(crate) fn fact(&self, id: FactId) -> &Fact {
        #[allow(
            clippy::indexing_slicing,
            reason = "ids are made by this dictionary only"
        )]
        &self.facts[usize::from(id.0)]
    }

    pub(crate) fn class(&self, id: ClassId) -> &Class {
        #[allow(
            clippy::indexing_slicing,
            reason = "ids are made by this dictionary only"
        )]
        &self.classes[usize::from(id.0)]
    }

    pub(crate) fn medicine(&self, id: MedicineId) -> &Medicine {
        #[allow(
            clippy::indexing_slicing,
            reason = "ids are made by this dictionary only"
        )]
        &self.medicines[usize::from(id.0)]
    }

    pub(crate) fn unit_list(&self, units: usize) -> &Units {
        #[allow(
            clippy::indexing_slicing,
            reason = "numbers of unit lists are made by this dictionary only"
        )]
        &self.units[units]
    }

    pub(crate) fn len(&self) -> usize {
        self.facts.len()
    }

    /// A fact by the name criteria use.
    pub(crate) fn find(&self, id: &str) -> Option<FactId> {
        self.fact_ids.get(id).copied()
    }

    /// A fact by any of its names in a section of the profile.
    pub(crate) fn find_in(&self, section: Section, name: &str) -> Option<FactId> {
        self.fact_names.get(&(section, normal(name))).copied()
    }

    pub(crate) fn names_in(&self, section: Section) -> impl Iterator<Item = &str> {
        self.fact_names
            .iter()
            .filter(move |((s, _), _)| *s == section)
            .map(|((_, name), _)| name.as_str())
    }

    pub(crate) fn fact_ids(&self) -> impl Iterator<Item = &str> {
        self.fact_ids.keys().map(String::as_str)
    }

    pub(crate) fn panel(&self, name: &str) -> Option<&Panel> {
        self.panels.iter().find(|p| p.id == name)
    }

    /// A medicine or class by any of its names.
    pub(crate) fn find_medicine(&self, name: &str) -> Option<Named> {
        self.medicine_names.get(&normal(name)).copied()
    }

    pub(crate) fn medicine_names(&self) -> impl Iterator<Item = &str> {
        self.medicine_names.keys().map(String::as_str)
    }

    pub(crate) fn medicines(&self) -> impl Iterator<Item = &Medicine> {
        self.medicines.iter()
    }

    pub(crate) fn find_class(&self, name: &str) -> Option<ClassId> {
        match self.find_medicine(name) {
            Some(Named::Class(id)) => Some(id),
            Some(Named::Medicine(_)) | None => None,
        }
    }

    /// Whether `class` contains `inner`.
    pub(crate) fn contains(&self, class: ClassId, inner: ClassId) -> bool {
        self.class(class).includes.contains(&inner)
    }

    /// The fact with its attribute's own name, as criteria write it (`latent_tuberculosis.treatment`).
    pub(crate) fn attribute(&self, parent: FactId, name: &str) -> Option<FactId> {
        self.find(&format!("{}.{name}", self.fact(parent).id))
    }
}

/// Reads the dictionary files, in any order.
pub(crate) fn read(files: &mut [(Collector<'_>, &Node<'_>)]) -> Dictionary {
    let mut draft = Draft::default();
    for (out, root) in files.iter_mut() {
        if root.get("units").is_some() {
            draft.read_units(root, out);
        }
    }
    for (out, root) in files.iter_mut() {
        if root.get("facts").is_some() {
            draft.read_facts(root, out);
        } else if root.get("medicines").is_some() {
            draft.read_medicines(root, out);
        } else if root.get("units").is_none() && root.get("codes").is_none() {
            out.error(
                Code::WrongShape,
                root.span,
                "not a dictionary file",
                Some("a dictionary file has `units`, `facts`, `medicines` or `codes`".to_owned()),
            );
        }
    }
    let Some((out, _)) = files.first_mut() else {
        return Dictionary::default();
    };
    draft.finish(out)
}

/// The dictionary while names are not yet numbers.
#[derive(Default)]
struct Draft {
    units: Vec<Units>,
    facts: Vec<DraftFact>,
    panels: Vec<(String, String, Vec<String>, Vec<String>)>,
    classes: Vec<DraftClass>,
    medicines: Vec<DraftMedicine>,
}

struct DraftFact {
    fact: Fact,
    ask_after: Option<String>,
    members: Vec<String>,
    from: Vec<String>,
    ask: Vec<String>,
    parent: Option<String>,
}

struct DraftClass {
    id: String,
    name: String,
    seen: Seen,
    local: bool,
    includes: Vec<String>,
    aliases: Vec<String>,
}

struct DraftMedicine {
    id: String,
    classes: Vec<String>,
    parts: Vec<String>,
    local: bool,
    aliases: Vec<String>,
}

fn strings(node: Option<&Node<'_>>, out: &mut Collector<'_>) -> Vec<String> {
    let items = node.map(items).unwrap_or_default();
    items
        .into_iter()
        .filter_map(|n| decode::text(n, "a name", out).map(str::to_owned))
        .collect()
}

fn number(node: Option<&Node<'_>>, out: &mut Collector<'_>) -> Option<Decimal> {
    let node = node?;
    let number = node.text().and_then(|t| t.parse().ok());
    if number.is_none() {
        out.error(Code::BadNumber, node.span, "not a number", None);
    }
    number
}

fn pair(node: Option<&Node<'_>>, out: &mut Collector<'_>) -> Option<Interval> {
    let node = node?;
    match items(node).as_slice() {
        [low, high] => Some(Interval::between(
            number(Some(low), out)?,
            number(Some(high), out)?,
        )),
        _ => {
            out.error(
                Code::WrongShape,
                node.span,
                "must be two numbers",
                Some("write [lowest, highest]".to_owned()),
            );
            None
        }
    }
}

impl Draft {
    fn read_units(&mut self, root: &Node<'_>, out: &mut Collector<'_>) {
        let Some(node) = root.get("units") else {
            return;
        };
        for field in decode::fields(node, "units", out).unwrap_or_default() {
            let Some(kind) = record(
                field.value,
                "a kind of quantity",
                &["canonical", "bare", "units"],
                out,
            ) else {
                continue;
            };
            let bare = kind.yes("bare", out);
            let canonical = kind.need_text("canonical", out).unwrap_or_default();
            let mut units = Vec::new();
            let list = kind
                .need("units", out)
                .and_then(|n| decode::fields(n, "units", out))
                .unwrap_or_default();
            for unit in list {
                let Some(r) = record(unit.value, "a unit", &["factor", "plus", "spellings"], out)
                else {
                    continue;
                };
                let mut keys: Vec<String> = strings(r.get("spellings"), out)
                    .iter()
                    .map(|s| unit_key(s))
                    .collect();
                keys.push(unit_key(unit.key));
                keys.sort();
                let factor = number(r.need("factor", out), out).unwrap_or(Decimal::ONE);
                let plus = number(r.get("plus"), out).unwrap_or_default();
                units.push(Unit {
                    name: unit.key.to_owned(),
                    factor,
                    plus,
                    keys,
                });
            }
            units.sort_by_key(|u| (u.name != canonical, u.name.clone()));
            self.units.push(Units {
                name: field.key.to_owned(),
                bare,
                units,
            });
        }
    }

    fn read_facts(&mut self, root: &Node<'_>, out: &mut Collector<'_>) {
        let Some(r) = record(
            root,
            "a dictionary file",
            &["section", "facts", "panels", "derived"],
            out,
        ) else {
            return;
        };
        let sections = [
            ("plan", Section::Plan),
            ("about", Section::About),
            ("tests", Section::Tests),
            ("history", Section::History),
            ("vaccines", Section::Vaccines),
        ];
        let Some(section) = r
            .need("section", out)
            .and_then(|n| decode::word(n, "a section", &sections, out))
        else {
            return;
        };
        let facts = r
            .need("facts", out)
            .and_then(|n| decode::fields(n, "facts", out))
            .unwrap_or_default();
        for field in facts {
            self.read_fact(field.key, field.value, section, None, out);
        }
        for field in r
            .get("derived")
            .and_then(|n| decode::fields(n, "derived", out))
            .unwrap_or_default()
        {
            self.read_fact(field.key, field.value, Section::Derived, None, out);
        }
        for field in r
            .get("panels")
            .and_then(|n| decode::fields(n, "panels", out))
            .unwrap_or_default()
        {
            if let Some(p) = record(field.value, "a panel", &["name", "members", "aliases"], out) {
                let name = p.need_text("name", out).unwrap_or_default();
                let members = strings(p.need("members", out), out);
                let aliases = strings(p.get("aliases"), out);
                self.panels
                    .push((field.key.to_owned(), name, members, aliases));
            }
        }
    }

    fn read_fact(
        &mut self,
        id: &str,
        node: &Node<'_>,
        section: Section,
        parent: Option<&str>,
        out: &mut Collector<'_>,
    ) {
        const KEYS: [&str; 22] = [
            "kind",
            "name",
            "units",
            "choices",
            "possible",
            "likely",
            "aliases",
            "question",
            "window",
            "sample",
            "any_positive",
            "not_deniable",
            "changes",
            "ask_after",
            "members",
            "attributes",
            "measured",
            "from",
            "ask",
            "value_key",
            "when",
            "planned",
        ];
        let Some(r) = record(node, "a fact", &KEYS, out) else {
            return;
        };
        let Some(kind) = self.read_kind(&r, out) else {
            return;
        };
        let full = parent.map_or_else(|| id.to_owned(), |p| format!("{p}.{id}"));
        let fact = Fact {
            id: full.clone(),
            name: r.text("name", out).unwrap_or_else(|| id.replace('_', " ")),
            section,
            kind,
            question: r.need_text("question", out).unwrap_or_default(),
            sample: r.text("sample", out),
            window: r.text("window", out),
            any_positive: r.yes("any_positive", out),
            not_deniable: r.yes("not_deniable", out),
            changes: r.yes("changes", out),
            planned: r.yes("planned", out) || section == Section::Vaccines,
            ask_after: None,
            members: Vec::new(),
            groups: Vec::new(),
            parent: None,
            attributes: Vec::new(),
            from: Vec::new(),
            ask: Vec::new(),
            value_key: r.text("value_key", out),
            aliases: strings(r.get("aliases"), out),
        };
        self.facts.push(DraftFact {
            fact,
            ask_after: r.text("ask_after", out),
            members: strings(r.get("members"), out),
            from: strings(r.get("from"), out),
            ask: strings(r.get("ask"), out),
            parent: parent.map(str::to_owned),
        });
        for field in r
            .get("attributes")
            .and_then(|n| decode::fields(n, "attributes", out))
            .unwrap_or_default()
        {
            self.read_fact(field.key, field.value, section, Some(&full), out);
        }
    }

    fn read_kind(&self, r: &decode::Record<'_>, out: &mut Collector<'_>) -> Option<Kind> {
        let node = r.need("kind", out)?;
        let kinds = [("quantity", 0), ("choice", 1), ("event", 2), ("state", 3)];
        Some(match decode::word(node, "a kind", &kinds, out)? {
            0 => Kind::Quantity {
                units: self.unit_number(r.need("units", out)?, out)?,
                possible: pair(r.need("possible", out), out)?,
                likely: pair(r.get("likely"), out),
            },
            1 => {
                let choices = strings(r.need("choices", out), out);
                let measured = match r.get("measured") {
                    Some(node) => self.read_measured(node, out),
                    None => None,
                };
                Kind::Choice { choices, measured }
            }
            2 => Kind::Event,
            _ => Kind::State,
        })
    }

    fn read_measured(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Measured> {
        let m = record(
            node,
            "`measured`",
            &["units", "positive_from", "positive_above", "possible"],
            out,
        )?;
        let units = self.unit_number(m.need("units", out)?, out)?;
        let from = number(m.get("positive_from"), out).map(|value| crate::quantity::Bound {
            value,
            closed: true,
        });
        let above = number(m.get("positive_above"), out).map(|value| crate::quantity::Bound {
            value,
            closed: false,
        });
        let positive = Interval {
            low: from.or(above),
            high: None,
        };
        Some(Measured {
            units,
            positive,
            possible: pair(m.need("possible", out), out)?,
        })
    }

    fn unit_number(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<usize> {
        let name = decode::text(node, "units", out)?;
        let found = self.units.iter().position(|u| u.name == name);
        if found.is_none() {
            let help = did_you_mean(name, self.units.iter().map(|u| u.name.as_str()));
            out.error(
                Code::UnknownName,
                node.span,
                format!("no units `{}`", shown(name)),
                help,
            );
        }
        found
    }

    fn read_medicines(&mut self, root: &Node<'_>, out: &mut Collector<'_>) {
        let Some(r) = record(root, "a dictionary file", &["classes", "medicines"], out) else {
            return;
        };
        for field in r
            .need("classes", out)
            .and_then(|n| decode::fields(n, "classes", out))
            .unwrap_or_default()
        {
            let Some(c) = record(
                field.value,
                "a class",
                &["name", "aliases", "question", "seen", "local", "includes"],
                out,
            ) else {
                continue;
            };
            self.classes.push(DraftClass {
                id: field.key.to_owned(),
                name: c.need_text("name", out).unwrap_or_default(),
                seen: c
                    .need("seen", out)
                    .and_then(|n| decode::word(n, "`seen`", &Seen::WORDS, out))
                    .unwrap_or(Seen::Unverified),
                local: c.yes("local", out),
                includes: strings(c.get("includes"), out),
                aliases: strings(c.get("aliases"), out),
            });
        }
        for field in r
            .need("medicines", out)
            .and_then(|n| decode::fields(n, "medicines", out))
            .unwrap_or_default()
        {
            let Some(m) = record(
                field.value,
                "a medicine",
                &["classes", "parts", "local", "aliases", "codes"],
                out,
            ) else {
                continue;
            };
            self.medicines.push(DraftMedicine {
                id: field.key.to_owned(),
                classes: strings(m.get("classes"), out),
                parts: strings(m.get("parts"), out),
                local: m.yes("local", out),
                aliases: strings(m.get("aliases"), out),
            });
        }
    }

    fn finish(mut self, out: &mut Collector<'_>) -> Dictionary {
        self.facts.sort_by(|a, b| a.fact.id.cmp(&b.fact.id));
        self.medicines.sort_by(|a, b| a.id.cmp(&b.id));
        self.classes.sort_by(|a, b| a.id.cmp(&b.id));
        let mut dictionary = Dictionary {
            units: self.units,
            ..Dictionary::default()
        };
        for (i, draft) in self.facts.iter().enumerate() {
            let id = FactId(u16::try_from(i).unwrap_or(u16::MAX));
            if dictionary
                .fact_ids
                .insert(draft.fact.id.clone(), id)
                .is_some()
            {
                out.error(
                    Code::DuplicateId,
                    Span::default(),
                    format!("the fact `{}` is declared twice", draft.fact.id),
                    None,
                );
            }
        }
        let links: Vec<Links> = self
            .facts
            .iter()
            .map(|d| Links::of(d, &dictionary, out))
            .collect();
        let mut facts: Vec<Fact> = Vec::with_capacity(self.facts.len());
        for (i, (draft, links)) in self.facts.into_iter().zip(&links).enumerate() {
            let id = FactId(u16::try_from(i).unwrap_or(u16::MAX));
            let mut fact = draft.fact;
            for name in fact.aliases.iter().chain([&fact.id]) {
                if !name.contains('.')
                    && dictionary
                        .fact_names
                        .insert((fact.section, normal(name)), id)
                        .is_some_and(|old| old != id)
                {
                    out.error(
                        Code::DuplicateId,
                        Span::default(),
                        format!("the name `{name}` stands for two facts"),
                        None,
                    );
                }
            }
            fact.members.clone_from(&links.members);
            fact.from.clone_from(&links.from);
            fact.ask.clone_from(&links.ask);
            fact.ask_after = links.ask_after;
            fact.parent = links.parent;
            facts.push(fact);
        }
        for (i, links) in links.iter().enumerate() {
            let id = FactId(u16::try_from(i).unwrap_or(u16::MAX));
            for member in &links.members {
                if let Some(fact) = facts.get_mut(usize::from(member.0)) {
                    fact.groups.push(id);
                }
            }
            if let Some(fact) = links.parent.and_then(|p| facts.get_mut(usize::from(p.0))) {
                fact.attributes.push(id);
            }
        }
        dictionary.facts = facts;
        for (id, name, members, aliases) in self.panels {
            let members: Vec<FactId> = members
                .iter()
                .filter_map(|m| need(&dictionary, m, out))
                .collect();
            for alias in aliases {
                dictionary.panels.push(Panel {
                    id: alias,
                    name: name.clone(),
                    members: members.clone(),
                });
            }
            dictionary.panels.push(Panel { id, name, members });
        }
        add_medicines(&mut dictionary, self.classes, self.medicines, out);
        dictionary
    }
}

#[derive(Default)]
struct Links {
    members: Vec<FactId>,
    from: Vec<FactId>,
    ask: Vec<FactId>,
    ask_after: Option<FactId>,
    parent: Option<FactId>,
}

impl Links {
    fn of(draft: &DraftFact, dictionary: &Dictionary, out: &mut Collector<'_>) -> Self {
        let mut all = |names: &[String]| -> Vec<FactId> {
            names
                .iter()
                .filter_map(|n| need(dictionary, n, out))
                .collect()
        };
        let (members, from, ask) = (all(&draft.members), all(&draft.from), all(&draft.ask));
        let ask_after = draft
            .ask_after
            .as_ref()
            .and_then(|n| need(dictionary, n, out));
        let parent = draft.parent.as_ref().and_then(|n| need(dictionary, n, out));
        Self {
            members,
            from,
            ask,
            ask_after,
            parent,
        }
    }
}

fn need(dictionary: &Dictionary, name: &str, out: &mut Collector<'_>) -> Option<FactId> {
    let found = dictionary.find(name);
    if found.is_none() {
        out.error(
            Code::UnknownName,
            Span::default(),
            format!("no fact `{}`", shown(name)),
            did_you_mean(name, dictionary.fact_ids()),
        );
    }
    found
}

fn add_medicines(
    dictionary: &mut Dictionary,
    classes: Vec<DraftClass>,
    medicines: Vec<DraftMedicine>,
    out: &mut Collector<'_>,
) {
    let mut add = |name: &str, named: Named| {
        if dictionary
            .medicine_names
            .insert(normal(name), named)
            .is_some_and(|old| old != named)
        {
            out.error(
                Code::DuplicateId,
                Span::default(),
                format!("the name `{name}` stands for two medicines"),
                None,
            );
        }
    };
    for (i, class) in classes.iter().enumerate() {
        let named = Named::Class(ClassId(u16::try_from(i).unwrap_or(u16::MAX)));
        class
            .aliases
            .iter()
            .chain([&class.id])
            .for_each(|n| add(n, named));
    }
    for (i, medicine) in medicines.iter().enumerate() {
        let named = Named::Medicine(MedicineId(u16::try_from(i).unwrap_or(u16::MAX)));
        medicine
            .aliases
            .iter()
            .chain([&medicine.id])
            .for_each(|n| add(n, named));
    }
    let mut class_of = |name: &String| -> Option<ClassId> {
        let found = dictionary.find_class(name);
        if found.is_none() {
            out.error(
                Code::UnknownName,
                Span::default(),
                format!("no class `{}`", shown(name)),
                None,
            );
        }
        found
    };
    let direct: Vec<Vec<ClassId>> = classes
        .iter()
        .map(|c| c.includes.iter().filter_map(&mut class_of).collect())
        .collect();
    let memberships: Vec<Vec<ClassId>> = medicines
        .iter()
        .map(|m| m.classes.iter().filter_map(&mut class_of).collect())
        .collect();
    let includes: Vec<Vec<ClassId>> = (0..classes.len())
        .map(|i| closure(ClassId(u16::try_from(i).unwrap_or(u16::MAX)), &direct))
        .collect();
    let within = |class: ClassId| -> Vec<ClassId> {
        let ids = (0..includes.len()).map(|i| ClassId(u16::try_from(i).unwrap_or(u16::MAX)));
        ids.zip(&includes)
            .filter(|(_, inner)| inner.contains(&class))
            .map(|(outer, _)| outer)
            .collect()
    };
    let withins: Vec<Vec<ClassId>> = (0..classes.len())
        .map(|i| within(ClassId(u16::try_from(i).unwrap_or(u16::MAX))))
        .collect();
    let parts: Vec<Vec<MedicineId>> = medicines
        .iter()
        .map(|m| {
            m.parts
                .iter()
                .filter_map(|p| {
                    if let Some(Named::Medicine(id)) = dictionary.find_medicine(p) {
                        Some(id)
                    } else {
                        None
                    }
                })
                .collect()
        })
        .collect();
    for ((medicine, direct), parts) in medicines.into_iter().zip(memberships).zip(parts) {
        let mut all: Vec<ClassId> = direct
            .iter()
            .flat_map(|c| withins.get(usize::from(c.0)).cloned().unwrap_or_default())
            .collect();
        all.sort();
        all.dedup();
        dictionary.medicines.push(Medicine {
            id: medicine.id,
            classes: all,
            local: medicine.local,
            parts,
        });
    }
    for ((class, includes), within) in classes.into_iter().zip(includes).zip(withins) {
        let DraftClass {
            id,
            name,
            seen,
            local,
            ..
        } = class;
        dictionary.classes.push(Class {
            id,
            name,
            seen,
            local,
            includes,
            within,
        });
    }
}

/// A class and all classes it contains.
fn closure(class: ClassId, direct: &[Vec<ClassId>]) -> Vec<ClassId> {
    let mut all = vec![class];
    let mut next = 0;
    while let Some(current) = all.get(next).copied() {
        for inner in direct.get(usize::from(current.0)).into_iter().flatten() {
            if !all.contains(inner) {
                all.push(*inner);
            }
        }
        next += 1;
    }
    all
}
