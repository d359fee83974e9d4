//! The profile: what is known of one patient on one day, checked against the dictionary.

mod change;
mod contradictions;
mod entries;
mod json;
mod medicines;
pub mod memory;
mod plan;
mod unread;
mod values;

use std::borrow::Cow;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::date::PartialDate;
use crate::decode::{self, did_you_mean, fields, items, record, shown};
use crate::diagnostic::{Code, Collector, Diagnostic, Diagnostics};
use crate::dictionary::{Dictionary, FactId, Section};
use crate::library::Library;
use crate::outcome::Reason;
use crate::text::{self, Kind, Node, Span};

pub use change::CHANGES;
pub(crate) use change::changed;
use entries::{Entries, Written};
pub(crate) use entries::{Entry, Said, Short, Value, place};
pub(crate) use medicines::{LOCAL, Listed, Listing, Response, Responses, SYSTEMIC, What};
pub use plan::PlanChange;
pub(crate) use plan::{COUNTED, EVERY, MASS, OFTEN, Plan, per_day};
pub(crate) use values::RESULTS;

/// What is known of one patient on one day.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(crate) patient: Option<String>,
    pub(crate) as_of: Option<NaiveDate>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) born: Option<PartialDate>,
    born_at: u32,
    entries: Entries,
    history: Silence,
    vaccines: Silence,
    tests: Silence,
    about: Silence,
    pub(crate) medicines: Listing,
    pub(crate) treatments: Listing,
    /// Free text of the history, printed as not evaluated.
    pub(crate) also: Vec<String>,
    hash: String,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// What it means that a section does not mention something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Silence {
    /// Not asked.
    #[default]
    NotGiven,
    /// `everything_else: no`: asked and denied.
    Denied,
    /// The whole section was given as `unknown`.
    Unknown,
}

impl AsRef<Self> for Profile {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Profile {
    /// Reads a profile, YAML or JSON. `name` is the file's name in messages.
    ///
    /// # Errors
    /// Every problem of the file at once, each with its place and what to write instead. A file with one is not used.
    pub fn read(library: &Library, name: &str, source: &str) -> Result<Self, Diagnostics> {
        Self::read_with(library, name, source, &PlanChange::default())
    }

    /// Reads a profile, with parts of the plan given from outside.
    ///
    /// # Errors
    /// As [`Profile::read`].
    pub fn read_with(
        library: &Library,
        name: &str,
        source: &str,
        change: &PlanChange,
    ) -> Result<Self, Diagnostics> {
        let mut out = Collector::new(name, source);
        let (tree, fault) = match json::read(source) {
            Some(tree) => (Some(tree), None),
            None => text::read(source),
        };
        if let Some(fault) = &fault {
            out.fault(fault);
        }
        let Some(tree) = tree.filter(|t| t.kind != Kind::Empty) else {
            if fault.is_none() {
                out.error(
                    Code::EmptyFile,
                    Span::default(),
                    "the file is empty",
                    Some("start with `plan:`".to_owned()),
                );
            }
            return Err(out.finish().err().unwrap_or_else(|| {
                Diagnostics::one(Code::EmptyFile, name, "the file is empty", None)
            }));
        };
        let reader = Reader {
            library,
            dictionary: library.dictionary(),
        };
        let mut profile = reader.profile(&tree, change, &mut out);
        if fault.is_none() {
            reader.unread(source, &tree, &profile, &mut out);
        }
        profile.warnings = out.finish()?;
        Ok(profile)
    }

    /// The profile that a tree holds; what is wrong with it is reported.
    pub(crate) fn of_tree(
        library: &Library,
        tree: &Node<'_>,
        change: &PlanChange,
        out: &mut Collector<'_>,
    ) -> Self {
        let dictionary = library.dictionary();
        Reader {
            library,
            dictionary,
        }
        .profile(tree, change, out)
    }

    /// A profile that says nothing.
    fn blank() -> Self {
        Self {
            patient: None,
            as_of: None,
            plan: Arc::default(),
            born: None,
            born_at: 0,
            entries: Entries::default(),
            history: Silence::NotGiven,
            vaccines: Silence::NotGiven,
            tests: Silence::NotGiven,
            about: Silence::NotGiven,
            medicines: Listing::default(),
            treatments: Listing::default(),
            also: Vec::new(),
            hash: String::new(),
            warnings: Vec::new(),
        }
    }

    fn plan(&mut self) -> &mut Plan {
        Arc::make_mut(&mut self.plan)
    }

    /// The hash of what it says; of one made in memory, of its values.
    pub(crate) fn hash(&self) -> Cow<'_, str> {
        if self.hash.is_empty() {
            let about = (&self.patient, self.as_of, &self.plan, self.born);
            let silence = (self.history, self.vaccines, self.tests, self.about);
            let lists = (&self.medicines, &self.treatments);
            let entries: Vec<&Entry> = self.entries.all().collect();
            let all = format!("{about:?}{silence:?}{lists:?}{entries:?}");
            return Cow::Owned(text::hash(&all));
        }
        Cow::Borrowed(&self.hash)
    }

    /// The patient's id, as given.
    pub fn patient(&self) -> Option<&str> {
        self.patient.as_deref()
    }

    /// The day the file was written for, if it says.
    pub fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }

    /// What the reader should know although the file is used.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The lines of `source`, the text this was read from, on which the evidence of a path stands.
    pub fn lines(&self, source: &str, path: &str) -> Vec<usize> {
        let mut parts: Vec<String> = path.split(", ").map(str::to_owned).collect();
        // A derived value names its inputs: `tests 2026-11-10 creatinine, about age, sex`.
        parts.extend(path.split(", ").map(|part| format!("about {part}")));
        let of_facts = self.entries.listed().map(|e| (e.path(), e.at()));
        let listed = self.medicines.listed.iter().chain(&self.treatments.listed);
        let of_lists = listed.map(|l| (l.path.as_str(), l.at));
        let here = of_facts
            .chain(of_lists)
            .filter(|(path, _)| parts.iter().any(|p| p == path))
            .map(|(_, at)| at);
        let born = parts.iter().any(|p| p == "about born" || p == "about age");
        let born = self.born.filter(|_| born).map(|_| self.born_at);
        let lines = here.chain(born).filter_map(|at| {
            let before = source.get(..at as usize)?;
            Some(1 + before.matches('\n').count())
        });
        let mut lines: Vec<usize> = lines.collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    #[inline]
    pub(crate) fn entries(&self, fact: FactId) -> &[Entry] {
        self.entries.of(fact)
    }

    /// Whether it says anything of a fact.
    pub(crate) fn mentions(&self, fact: FactId) -> bool {
        self.entries.any(fact)
    }

    /// The choice, or the quantity in nanos, that is said of a fact, if nothing else is said of it.
    pub(crate) fn number(&self, fact: FactId) -> Option<i64> {
        self.entries.number(fact)
    }

    /// What is said in short of 64 facts, from 64 times `word` on.
    pub(crate) fn short(&self, word: usize) -> Short {
        self.entries.short(word)
    }

    pub(crate) fn silence(&self, section: Section) -> Silence {
        match section {
            Section::History => self.history,
            Section::Vaccines => self.vaccines,
            Section::Tests => self.tests,
            Section::About => self.about,
            Section::Plan | Section::Derived => Silence::NotGiven,
        }
    }
}

/// Why a value is missing, if that is what is written.
pub(crate) fn absence(text: &str) -> Option<Reason> {
    let text = decode::normal(text);
    let found = ABSENCES.iter().find(|(word, _)| *word == text);
    found.map(|(_, reason)| *reason)
}

/// The words that stand in place of a value.
pub(crate) const ABSENCES: [(&str, Reason); 5] = [
    ("not_done", Reason::NotDone),
    ("not_asked", Reason::NotAsked),
    ("pending", Reason::Pending),
    ("declined", Reason::Declined),
    ("unknown", Reason::NotGiven),
];

/// The keys of a profile.
const KEYS: [&str; 9] = [
    "patient",
    "as_of",
    "plan",
    "about",
    "tests",
    "history",
    "treatments",
    "medicines",
    "vaccines",
];
/// Keys of a date of birth.
const BORN: [&str; 4] = ["born", "birth_date", "date_of_birth", "dob"];

/// Words without a digit, of which two are longer than a letter, one is a title, or the only one is written like a name.
fn like_a_name(id: &str) -> bool {
    const TITLES: [&str; 9] = [
        "mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "mx",
    ];
    let words = id
        .split(|c: char| !c.is_alphabetic())
        .filter(|w| !w.is_empty());
    let title = words
        .clone()
        .any(|w| TITLES.contains(&w.to_lowercase().as_str()));
    let long = words.filter(|w| w.chars().nth(1).is_some()).count();
    let like_one = id.starts_with(char::is_uppercase) && id.chars().skip(1).all(char::is_lowercase);
    title || (!id.contains(|c: char| c.is_numeric()) && (long > 1 || (long == 1 && like_one)))
}

struct Reader<'l> {
    library: &'l Library,
    dictionary: &'l Dictionary,
}

impl Reader<'_> {
    fn profile(&self, tree: &Node<'_>, change: &PlanChange, out: &mut Collector<'_>) -> Profile {
        let mut profile = Profile {
            hash: text::hash(&tree.canonical()),
            ..Profile::blank()
        };
        profile.entries.clear(self.dictionary.len());
        let Some(r) = record(tree, "the profile", &KEYS, out) else {
            return profile;
        };
        match r.get("patient") {
            Some(node) if matches!(node.kind, Kind::Map(_) | Kind::List(_)) => out.error(
                Code::WrongShape,
                node.span,
                "patient is an id",
                "write an id of your own, never a name: `patient: A-17`; age, sex and smoking stand under `about:`".to_owned(),
            ),
            Some(node) => {
                let id = decode::text(node, "patient", out);
                profile.patient = id.map(|id| self.patient(id, node.span, out));
            }
            None => {}
        }
        profile.as_of = r.get("as_of").and_then(|n| self.day(n, out));
        self.plan(r.get("plan"), tree, change, &mut profile, out);
        if let Some(node) = r.get("about") {
            profile.about = self.about(node, &mut profile, out);
        }
        if let Some(node) = r.get("tests") {
            profile.tests = self.tests(node, &mut profile, out);
        }
        if let Some(node) = r.get("history") {
            profile.history = self.statements(node, Section::History, &mut profile, out);
        }
        if let Some(node) = r.get("vaccines") {
            profile.vaccines = self.statements(node, Section::Vaccines, &mut profile, out);
        }
        if let Some(node) = r.get("medicines") {
            profile.medicines = self.listing(node, "medicines", out);
        }
        if let Some(node) = r.get("treatments") {
            profile.treatments = self.listing(node, "treatments", out);
        }
        profile.entries.arrange();
        self.contradictions(tree, &profile, out);
        profile
    }

    /// The id of a patient; what looks like a name is not shown.
    fn patient(&self, id: &str, at: Span, out: &mut Collector<'_>) -> String {
        let id = if like_a_name(id) {
            decode::WITHHELD.to_owned()
        } else {
            shown(id)
        };
        if id == decode::WITHHELD {
            let message = "this looks like no id of your own and is not printed";
            let help = "write an id of your own, never a name: `patient: P-014`".to_owned();
            out.warning(Code::BadId, at, message, help);
        }
        id
    }

    fn day(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<NaiveDate> {
        let text = decode::text(node, "a date", out)?;
        PartialDate::parse_day(text)
            .map_err(|(code, help)| out.error(code, node.span, "not a day", Some(help.to_owned())))
            .ok()
    }

    /// `none` (denied) or `unknown` in place of a whole section.
    fn silence(&self, node: &Node<'_>, what: &str, out: &mut Collector<'_>) -> Option<Silence> {
        match &node.kind {
            Kind::Scalar { text, .. } if text.eq_ignore_ascii_case("none") => Some(Silence::Denied),
            Kind::Scalar { text, .. } if absence(text).is_some() => Some(Silence::Unknown),
            Kind::Scalar { .. } | Kind::Empty | Kind::List(_) => {
                let help = format!(
                    "write `{what}:` with one line for each name, or `{what}: none`, or `{what}: unknown`"
                );
                out.error(
                    Code::WrongShape,
                    node.span,
                    format!("{what} must be a mapping"),
                    help,
                );
                Some(Silence::NotGiven)
            }
            Kind::Map(_) => None,
        }
    }

    fn about(&self, node: &Node<'_>, profile: &mut Profile, out: &mut Collector<'_>) -> Silence {
        if node.text().is_some_and(|t| absence(t).is_some()) {
            return Silence::Unknown;
        }
        for field in fields(node, "about", out).unwrap_or_default() {
            if BORN.contains(&field.key) {
                let Some(text) = decode::text(field.value, "a date of birth", out) else {
                    continue;
                };
                if absence(text).is_some() {
                    continue;
                }
                match PartialDate::parse(text) {
                    Ok(_) if profile.born.is_some() => {
                        let help = "keep one of them".to_owned();
                        out.error(
                            Code::DuplicateKey,
                            field.at,
                            "the date of birth stands here twice",
                            help,
                        );
                    }
                    Ok(date) => self.born(date, &field, profile, out),
                    Err((code, help)) => {
                        let age = text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
                        let help = if age {
                            "for an age write `age:` instead; a year has four digits"
                        } else {
                            help
                        };
                        out.error(
                            code,
                            field.value.span,
                            "not a date of birth",
                            help.to_owned(),
                        );
                    }
                }
                continue;
            }
            match self.dictionary.find_in(Section::About, field.key) {
                Some(fact) => self.value(fact, field.value, (None, 0), "about", profile, out),
                None => self.unknown_name(Section::About, &field, out),
            }
        }
        Silence::NotGiven
    }

    fn born(
        &self,
        date: PartialDate,
        field: &decode::Field<'_>,
        profile: &mut Profile,
        out: &mut Collector<'_>,
    ) {
        let oldest = self
            .dictionary
            .find("age")
            .map(|a| &self.dictionary.fact(a).kind);
        let oldest = match oldest {
            Some(crate::dictionary::Kind::Quantity { possible, .. }) => possible.high,
            _ => None,
        };
        let age = profile
            .as_of
            .map(|day| crate::date::years_between(date.last, day));
        let too_old = oldest
            .zip(age)
            .is_some_and(|(o, a)| rust_decimal::Decimal::from(a) > o.value);
        if profile.as_of.is_some_and(|day| date.first > day) || too_old {
            let help = "correct the date of birth, or the day of the file".to_owned();
            let message = "nobody of this date of birth lives on the day of the file";
            out.error(Code::ImpossibleValue, field.value.span, message, help);
        }
        profile.born = Some(date);
        profile.born_at = field.value.span.start;
    }

    /// A list of panels, each with its date, or one panel of the file's day.
    fn tests(&self, node: &Node<'_>, profile: &mut Profile, out: &mut Collector<'_>) -> Silence {
        if let Kind::Scalar { .. } | Kind::Empty = node.kind {
            return self
                .silence(node, "tests", out)
                .filter(|s| *s != Silence::Denied)
                .unwrap_or_default();
        }
        for (number, panel) in items(node).into_iter().enumerate() {
            let Some(fields) = fields(panel, "a panel of tests", out) else {
                continue;
            };
            let mut date = None;
            let mut path = "tests".to_owned();
            if let Some(field) = fields.iter().find(|f| f.key == "date")
                && let Some(text) = decode::text(field.value, "the date of the tests", out)
            {
                match PartialDate::parse(text) {
                    Ok(day) => {
                        date = Some(day);
                        path = format!("tests {text}");
                    }
                    // A form whose results are still to come.
                    Err(_) if absence(text).is_some() && fields.len() == 1 => {}
                    Err(_) if absence(text).is_some() => {
                        let help = "write the day, as 2026-11-10; or the month or the year, if no more is known";
                        let message = "these results have no day";
                        out.error(Code::MissingKey, field.value.span, message, help.to_owned());
                    }
                    Err((code, help)) => {
                        out.error(code, field.value.span, "not a date", Some(help.to_owned()));
                    }
                }
            }
            if !fields.iter().any(|f| f.key == "date") && matches!(node.kind, Kind::List(_)) {
                let help = "add `date:`; results of the file's own day may stand as one mapping instead of a list";
                out.error(
                    Code::MissingKey,
                    panel.span,
                    "a panel of tests has no date",
                    help.to_owned(),
                );
            }
            for field in fields.iter().filter(|f| f.key != "date") {
                match self.dictionary.find_in(Section::Tests, field.key) {
                    Some(fact) => {
                        self.value(fact, field.value, (date, number), &path, profile, out);
                    }
                    None => self.unknown_name(Section::Tests, field, out),
                }
            }
        }
        Silence::NotGiven
    }

    fn statements(
        &self,
        node: &Node<'_>,
        section: Section,
        profile: &mut Profile,
        out: &mut Collector<'_>,
    ) -> Silence {
        if let Some(silence) = self.silence(node, section.name(), out) {
            return silence;
        }
        let mut silence = Silence::NotGiven;
        for field in fields(node, section.name(), out).unwrap_or_default() {
            if decode::normal(field.key) == "everything_else" {
                silence = self.everything_else(field.value, out);
            } else if field.key == "also" && section == Section::History {
                self.also(field.value, profile, out);
            } else if let Some(fact) = self.dictionary.find_in(section, field.key) {
                self.value(fact, field.value, (None, 0), section.name(), profile, out);
            } else {
                self.unknown_name(section, &field, out);
            }
        }
        silence
    }

    fn everything_else(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Silence {
        match node.text().map(str::to_lowercase).as_deref() {
            Some("no" | "none" | "false") => Silence::Denied,
            Some(text) if absence(text).is_some() => Silence::NotGiven,
            _ => {
                out.error(
                    Code::UnknownWord,
                    node.span,
                    "everything_else can only be denied",
                    Some("write `everything_else: no`, or leave it out".to_owned()),
                );
                Silence::NotGiven
            }
        }
    }

    fn also(&self, node: &Node<'_>, profile: &mut Profile, out: &mut Collector<'_>) {
        for (text, span) in decode::texts(node, "a remark", out) {
            if let Some(fact) = self.dictionary.find_in(Section::History, &text) {
                let help = format!(
                    "write `{}: yes` in the history",
                    self.dictionary.fact(fact).id
                );
                out.error(
                    Code::Contradiction,
                    span,
                    "a known name stands among the remarks, where nothing evaluates it",
                    help,
                );
            }
            profile
                .also
                .push(text.chars().filter(|c| !c.is_control()).take(200).collect());
        }
        profile.also.sort();
    }

    fn unknown_name(&self, section: Section, field: &decode::Field<'_>, out: &mut Collector<'_>) {
        let here = did_you_mean(
            &decode::normal(field.key),
            self.dictionary.names_in(section),
        );
        let elsewhere = || {
            let sections = [
                Section::About,
                Section::Tests,
                Section::History,
                Section::Vaccines,
                Section::Plan,
            ];
            let found = sections
                .into_iter()
                .find(|s| self.dictionary.find_in(*s, field.key).is_some())
                .map(Section::name);
            let medicine = self
                .dictionary
                .find_medicine(field.key)
                .map(|_| "medicines");
            Some(format!("it belongs under `{}:`", found.or(medicine)?))
        };
        let help = elsewhere().or(here).unwrap_or_else(|| {
            if section == Section::History {
                "names stand in rules/dictionary/history.yaml; what none of them fits goes under `also:`, where nothing evaluates it".to_owned()
            } else {
                "`jakscreen` does not know this name; an unread key would hide a risk".to_owned()
            }
        });
        out.error(
            Code::UnknownKey,
            field.at,
            format!("unknown key `{}` in {}", shown(field.key), section.name()),
            help,
        );
    }
}
