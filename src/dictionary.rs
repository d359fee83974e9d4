//! The dictionary: every fact a criterion can ask about, every medicine and class, with their names and units.

pub(crate) mod medicines;
pub(crate) mod prepared;
pub(crate) mod read;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::decode::normal;
use crate::diagnostic::Code;
use crate::quantity::{Interval, Written, unit_key};

pub(crate) use prepared::{Class, Medicine, Prepared};

/// A fact's place in the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct FactId(pub(crate) u16);

/// A class's place in the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClassId(u8);

/// A medicine's place in the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MedicineId(pub(crate) u16);

/// The part of a profile a fact stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Quantity {
        units: usize,
        possible: Interval,
        likely: Option<Interval>,
    },
    Choice {
        choices: Vec<String>,
        /// Other ways to write one of the choices, each with its position.
        synonyms: Vec<(String, u16)>,
        measured: Option<Measured>,
    },
    Event,
    State,
}

/// A name for people: underscores become spaces.
pub(crate) fn in_words(id: &str) -> String {
    match id {
        "crohns_disease" => "Crohn's disease".to_owned(),
        "covid_19" => "COVID-19".to_owned(),
        "nr_axial_spondyloarthritis" => "non-radiographic axial spondyloarthritis".to_owned(),
        _ => id.replace('_', " "),
    }
}

/// How a number is read as positive or negative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) units: usize,
    pub(crate) positive: Interval,
    pub(crate) possible: Interval,
}

/// One named thing a criterion can ask about.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    /// Of an attribute: the words of its fact with which it is asked; any, if none.
    pub(crate) when: Vec<String>,
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
    /// It is read and recorded, and no document asks for it.
    pub(crate) record_only: bool,
    /// In a profile, the key of the value itself beside the attributes.
    pub(crate) value_key: Option<String>,
    /// Its place in the file of its section, where facts stand in the order they are asked in.
    pub(crate) place: u16,
}

/// What is ruled out where a pregnancy is not possible.
pub(crate) const PREGNANCY: [&str; 3] = ["pregnancy", "breastfeeding", "pregnancy_planned"];

impl Fact {
    /// Whether its value may be computed from other facts.
    pub(crate) fn is_computed(&self) -> bool {
        !self.from.is_empty() || self.id == "age"
    }

    /// The section in which "everything else: no" denies a state or event, where no group, and no other fact, says what silence
    /// on it means.
    pub(crate) fn denied_in(&self) -> Option<Section> {
        let of_others = !self.groups.is_empty()
            || self.parent.is_some()
            || self.not_deniable
            || PREGNANCY.contains(&self.id.as_str());
        (!of_others).then_some(self.section)
    }

    /// The position of a choice, written in full or as a synonym.
    pub(crate) fn choice(&self, word: &str) -> Option<u16> {
        match &self.kind {
            Kind::Choice {
                choices, synonyms, ..
            } => {
                let mut numbered = (0..).zip(choices);
                let choice = numbered.find(|(_, c)| *c == word).map(|(i, _)| i);
                choice.or_else(|| {
                    let synonym = synonyms.iter().find(|(s, _)| s == word);
                    synonym.map(|(_, choice)| *choice)
                })
            }
            Kind::Quantity { .. } | Kind::Event | Kind::State => None,
        }
    }

    /// The word of a choice.
    pub(crate) fn word(&self, choice: u16) -> &str {
        match &self.kind {
            Kind::Choice { choices, .. } => {
                choices.get(usize::from(choice)).map_or("", String::as_str)
            }
            Kind::Quantity { .. } | Kind::Event | Kind::State => "",
        }
    }
}

/// A unit of a closed list: value x factor + plus is the value in the canonical unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Unit {
    pub(crate) name: String,
    pub(crate) factor: Decimal,
    pub(crate) plus: Decimal,
    pub(crate) keys: Vec<String>,
}

/// The units of one kind of quantity; the canonical one comes first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Units {
    pub(crate) name: String,
    /// Whether a number alone is read in the canonical unit.
    pub(crate) bare: bool,
    pub(crate) units: Vec<Unit>,
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

    pub(crate) fn find(&self, written: &str) -> Option<&Unit> {
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
        // A small g is gram: only a capital one counts.
        if unit_key(written.unit) == "g/l" && unit.name == "10*9/L" && written.unit != "G/L" {
            let help = "g/L is a mass: did you mean G/L (10*9/L)?";
            return Err((Code::UnknownUnit, help.to_owned()));
        }
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

/// How the wording of a statement was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Dictionary {
    pub(crate) units: Vec<Units>,
    /// Sorted by id.
    #[allow(
        clippy::vec_box,
        reason = "a fact is large: sorting and growing would copy it, which a cold start feels"
    )]
    pub(crate) facts: Vec<Box<Fact>>,
    /// Made when a fact is first looked for.
    #[serde(skip)]
    #[allow(
        clippy::disallowed_types,
        reason = "evaluation looks facts up by name; nothing goes through it in its order"
    )]
    by_id: OnceLock<std::collections::HashMap<String, FactId>>,
    #[serde(skip)]
    classes: Vec<Class<'static>>,
    #[serde(skip)]
    medicines: Vec<Medicine<'static>>,
    pub(crate) panels: Vec<Panel>,
    /// Every name of a fact, sorted.
    pub(crate) fact_names: Vec<((Section, String), FactId)>,
    /// Every name of a medicine or class: see [`Prepared`].
    #[serde(skip)]
    medicine_names: Cow<'static, str>,
}

/// The inputs and members of a fact, and what it is an attribute of.
fn made_from(fact: &Fact) -> impl Iterator<Item = &FactId> {
    fact.members.iter().chain(&fact.from).chain(&fact.parent)
}

impl Dictionary {
    pub(crate) fn facts(&self) -> impl Iterator<Item = (FactId, &Fact)> {
        self.facts
            .iter()
            .enumerate()
            .map(|(i, f)| (FactId(u16::try_from(i).unwrap_or(u16::MAX)), f.as_ref()))
    }

    /// INVARIANT: ids are made by this dictionary only, so they are always in range.
    pub(crate) fn fact(&self, id: FactId) -> &Fact {
        #[allow(
            clippy::indexing_slicing,
            reason = "ids are made by this dictionary only"
        )]
        &self.facts[usize::from(id.0)]
    }

    /// The state or event that a fact is an attribute of.
    pub(crate) fn state_of(&self, fact: &Fact) -> Option<FactId> {
        let stands = |id: &FactId| matches!(self.fact(*id).kind, Kind::State | Kind::Event);
        fact.parent.filter(stands)
    }

    pub(crate) fn class(&self, id: ClassId) -> &Class<'static> {
        #[allow(
            clippy::indexing_slicing,
            reason = "ids are made by this dictionary only"
        )]
        &self.classes[usize::from(id.0)]
    }

    pub(crate) fn medicine(&self, id: MedicineId) -> &Medicine<'static> {
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
        let all = || self.facts().map(|(id, f)| (f.id.clone(), id)).collect();
        self.by_id.get_or_init(all).get(id).copied()
    }

    /// A fact by any of its names in a section of the profile.
    pub(crate) fn find_in(&self, section: Section, name: &str) -> Option<FactId> {
        let wanted = (section, normal(name));
        let at = self.fact_names.binary_search_by(|(n, _)| n.cmp(&wanted));
        Some(self.fact_names.get(at.ok()?)?.1)
    }

    pub(crate) fn names_in(&self, section: Section) -> impl Iterator<Item = &str> {
        self.fact_names
            .iter()
            .filter(move |((s, _), _)| *s == section)
            .map(|((_, name), _)| name.as_str())
    }

    /// Facts with all that they rest on: members, inputs, what is asked for first, what they are attributes of.
    pub(crate) fn behind(&self, facts: BTreeSet<FactId>) -> BTreeSet<FactId> {
        self.reach(facts, |fact| {
            let first = fact.ask.iter().chain(&fact.ask_after);
            first.chain(made_from(fact)).copied().collect()
        })
    }

    /// Whether a fact can come from another one: as its input, its member or its attribute.
    pub(crate) fn comes_from(&self, fact: FactId, other: FactId) -> bool {
        let facts = self.reach(BTreeSet::from([fact]), |f| made_from(f).copied().collect());
        facts.contains(&other)
    }

    /// Facts with all that leads on from them.
    fn reach(
        &self,
        mut facts: BTreeSet<FactId>,
        leads_to: impl Fn(&Fact) -> Vec<FactId>,
    ) -> BTreeSet<FactId> {
        let mut next: Vec<FactId> = facts.iter().copied().collect();
        while let Some(id) = next.pop() {
            let new = leads_to(self.fact(id)).into_iter();
            next.extend(new.filter(|other| facts.insert(*other)));
        }
        facts
    }

    pub(crate) fn fact_ids(&self) -> impl Iterator<Item = &str> {
        self.facts.iter().map(|f| f.id.as_str())
    }

    /// The validity windows that facts name, and the one of statements.
    pub(crate) fn windows(&self) -> BTreeSet<&str> {
        let windows = self.facts.iter().filter_map(|f| f.window.as_deref());
        windows.chain(["statements"]).collect()
    }

    pub(crate) fn panel(&self, name: &str) -> Option<&Panel> {
        self.panels.iter().find(|p| p.id == name)
    }

    /// A medicine or class by any of its names.
    pub(crate) fn find_medicine(&self, name: &str) -> Option<Named> {
        let name = normal(name);
        let mut lines = self.medicine_names.as_ref();
        // Halve the text, at a line end, until one line is left.
        while !lines.is_empty() {
            let middle = lines.len() / 2;
            let before = lines.as_bytes().get(..middle)?;
            let start = before
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(0, |i| i + 1);
            let rest = lines.get(start..)?;
            let line = rest.split('\n').next()?;
            let (here, named) = line.split_once('\t')?;
            match here.cmp(&name) {
                Ordering::Equal => return named_by(named),
                Ordering::Less => lines = rest.get(line.len() + 1..).unwrap_or_default(),
                Ordering::Greater => lines = lines.get(..start.saturating_sub(1))?,
            }
        }
        None
    }

    pub(crate) fn medicine_names(&self) -> impl Iterator<Item = &str> {
        let names = self.medicine_names.split('\n');
        names
            .filter_map(|line| line.split_once('\t'))
            .map(|(name, _)| name)
    }

    /// Takes the table of medicines.
    pub(crate) fn set_medicines(&mut self, prepared: Prepared<'static>) {
        self.classes = prepared.classes;
        self.medicines = prepared.medicines;
        self.medicine_names = prepared.names;
    }

    /// Whether a medicine belongs to a class, through classes of classes too.
    pub(crate) fn belongs(&self, medicine: MedicineId, class: ClassId) -> bool {
        self.medicine(medicine).classes.contains(&class.0)
    }

    /// Whether some medicine belongs to both classes.
    pub(crate) fn overlap(&self, a: ClassId, b: ClassId) -> bool {
        self.medicines
            .iter()
            .any(|m| m.classes.contains(&a.0) && m.classes.contains(&b.0))
    }

    /// The classes that contain a class, itself included.
    pub(crate) fn containing(&self, class: ClassId) -> impl Iterator<Item = ClassId> {
        self.classes()
            .filter(move |outer| self.contains(*outer, class))
    }

    pub(crate) fn classes(&self) -> impl Iterator<Item = ClassId> {
        (0..self.classes.len()).filter_map(|i| u8::try_from(i).ok().map(ClassId))
    }

    pub(crate) fn medicines(&self) -> impl Iterator<Item = MedicineId> {
        (0..self.medicines.len()).filter_map(|i| u16::try_from(i).ok().map(MedicineId))
    }

    /// The class after a class, by name; the first after the last.
    pub(crate) fn class_after(&self, class: ClassId) -> Option<ClassId> {
        let next = (usize::from(class.0) + 1) % self.classes.len().max(1);
        u8::try_from(next).ok().map(ClassId)
    }

    /// The medicine after a medicine, by name; the first after the last.
    pub(crate) fn medicine_after(&self, medicine: MedicineId) -> Option<MedicineId> {
        let next = (usize::from(medicine.0) + 1) % self.medicines.len().max(1);
        u16::try_from(next).ok().map(MedicineId)
    }

    /// The classes that a class contains, without itself.
    pub(crate) fn inside(&self, class: ClassId) -> impl Iterator<Item = ClassId> {
        let includes = self.class(class).includes.iter();
        includes.map(|c| ClassId(*c)).filter(move |c| *c != class)
    }

    pub(crate) fn find_class(&self, name: &str) -> Option<ClassId> {
        match self.find_medicine(name) {
            Some(Named::Class(id)) => Some(id),
            Some(Named::Medicine(_)) | None => None,
        }
    }

    /// Whether `class` contains `inner`.
    pub(crate) fn contains(&self, class: ClassId, inner: ClassId) -> bool {
        self.class(class).includes.contains(&inner.0)
    }

    /// The fact with its attribute's own name, as criteria write it (`latent_tuberculosis.treatment`).
    pub(crate) fn attribute(&self, parent: FactId, name: &str) -> Option<FactId> {
        self.find(&format!("{}.{name}", self.fact(parent).id))
    }
}

/// `c12` is the class of number 12, `m7` the medicine of number 7.
fn named_by(text: &str) -> Option<Named> {
    match text.split_at_checked(1)? {
        ("c", number) => Some(Named::Class(ClassId(number.parse().ok()?))),
        (_, number) => Some(Named::Medicine(MedicineId(number.parse().ok()?))),
    }
}
