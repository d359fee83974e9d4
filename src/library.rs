//! The library: dictionary, hazards, policy, labels and guidance, checked and ready.

mod expression;
mod label;
mod local;
mod questions;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::date::Period;
use crate::decode::{self, did_you_mean, fields, normal, record, shown};
use crate::diagnostic::{Code, Collector, Diagnostics};
use crate::dictionary::prepared::{File, Rules};
use crate::dictionary::read::is_part;
use crate::dictionary::{self, Dictionary, FactId, Named};
use crate::text::{self, Node, Span};

pub(crate) use expression::{
    Exception, Expr, Leaf, NamedTest, RangeText, Taking, Test, Time, Treated,
};
pub(crate) use label::{
    BeforeStarting, Citation, Criterion, Document, Entry, JURISDICTIONS, Kind, Monitoring,
    NotEvaluated, review, reviewed, signed_hash,
};
pub use label::{Level, Strength};
pub(crate) use local::{PolicyChange, Suppression};
pub(crate) use questions::{OfMedicines, Questions, Results, State};

/// The prepared rules: the hash of their canonical form, and one tree for each file.
static PREPARED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin"));

/// A kind of harm that criteria point at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hazard {
    pub(crate) name: String,
    pub(crate) order: usize,
    /// Why it matters, for students.
    pub(crate) why: String,
    /// The same for patients.
    pub(crate) plain: String,
}

/// How old a result may be, and lead times: local policy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    validity: BTreeMap<String, Option<Period>>,
    /// The window of what was said of changing things.
    pub(crate) statements: Option<Period>,
    lead_times: BTreeMap<String, Period>,
}

impl Policy {
    /// How old a result may be; `None` is for ever, also for what has no window.
    pub(crate) fn window(&self, name: &str) -> Option<Period> {
        self.validity.get(name).copied().flatten()
    }

    pub(crate) fn lead_time(&self, name: &str) -> Option<Period> {
        self.lead_times.get(name).copied()
    }

    /// The names of the lead times.
    pub(crate) fn lead_times(&self) -> impl Iterator<Item = &str> {
        self.lead_times.keys().map(String::as_str)
    }

    /// What another policy sets otherwise.
    pub(crate) fn changes(&self, other: &Self) -> Vec<PolicyChange> {
        let all = |policy: &Self| -> BTreeMap<String, String> {
            let never = || "never".to_owned();
            let show = |p: &Option<Period>| p.map_or_else(never, |p| p.to_string());
            let validity = policy.validity.iter();
            let validity = validity.map(|(name, p)| (format!("validity.{name}"), show(p)));
            let lead_times = policy.lead_times.iter();
            let lead_times =
                lead_times.map(|(name, p)| (format!("lead_times.{name}"), p.to_string()));
            validity.chain(lead_times).collect()
        };
        let before = all(self);
        let changes = all(other).into_iter().filter_map(|(name, to)| {
            let from = before.get(&name).map_or("not set", String::as_str);
            let from = from.to_owned();
            (from != to).then_some(PolicyChange { name, from, to })
        });
        changes.collect()
    }
}

/// Dictionary, hazards, policy, labels and guidance.
///
/// ```
/// let library = jakscreen::Library::builtin();
/// assert!(library.drugs().contains(&"upadacitinib"));
/// ```
#[derive(Debug, Clone)]
pub struct Library {
    dictionary: Dictionary,
    policy: Policy,
    hazards: BTreeMap<String, Hazard>,
    /// By jurisdiction and drug.
    labels: BTreeMap<(String, String), Slot>,
    /// By id.
    guidance: BTreeMap<String, Slot>,
    /// Files of one's own, laid over the built-in library.
    pub(crate) local: Vec<String>,
    /// How old results of each fact may be, of those that have a window; by fact, made when first needed.
    windows: OnceLock<Vec<Option<Period>>>,
    suppressions: Vec<Suppression>,
    policy_changes: Vec<PolicyChange>,
    hash: String,
}

/// A document of the built-in library is read when it is first asked for.
#[derive(Debug, Clone)]
struct Slot {
    /// The file it stands in.
    name: String,
    jurisdictions: Vec<String>,
    drugs: Vec<String>,
    prepared: Option<&'static [u8]>,
    document: OnceLock<Document>,
}

impl Slot {
    fn prepared(file: &File<'static>) -> Option<Self> {
        let (jurisdictions, drugs) = file.speaks_of.clone()?;
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Some(Self {
            name: file.name.to_owned(),
            jurisdictions: owned(jurisdictions),
            drugs: owned(drugs),
            prepared: Some(file.tree),
            document: OnceLock::new(),
        })
    }

    fn read(name: &str, document: Document) -> Self {
        Self {
            name: name.to_owned(),
            jurisdictions: document.jurisdictions.clone(),
            drugs: document.drugs.clone(),
            prepared: None,
            document: OnceLock::from(document),
        }
    }

    fn document(&self, library: &Library) -> Option<&Document> {
        if let Some(document) = self.document.get() {
            return Some(document);
        }
        let tree: Node<'static> = postcard::from_bytes(self.prepared?).ok()?;
        let mut out = Collector::new(&self.name, "");
        let document = label::read(library, &tree, &mut out)?;
        Some(self.document.get_or_init(|| document))
    }

    fn speaks_of(&self, jurisdiction: &str, drug: &str) -> bool {
        self.jurisdictions.iter().any(|j| j == jurisdiction)
            && (self.drugs.is_empty() || self.drugs.iter().any(|d| d == drug))
    }
}

/// A rule file as text: its name and what it holds.
#[derive(Debug, Clone, Copy)]
pub struct Source<'t> {
    /// The file's name, for messages.
    pub name: &'t str,
    /// Its text.
    pub text: &'t str,
}

impl Library {
    /// The rules that come with the crate.
    ///
    /// They are checked when the crate is tested; documents are read when they are first asked for.
    pub fn builtin() -> Self {
        let rules: Rules<'static> = postcard::from_bytes(PREPARED).unwrap_or_default();
        let mut library = Self::empty(rules.hash.to_owned(), rules.dictionary);
        if let Ok(table) = postcard::from_bytes(rules.medicines) {
            library.dictionary.set_medicines(table);
        }
        let mut others = Vec::new();
        for file in rules.files {
            match (label_key(file.name), Slot::prepared(&file)) {
                (Some(key), Some(slot)) => drop(library.labels.insert(key, slot)),
                (None, Some(slot)) => {
                    let id = file.name.strip_suffix(".yaml").unwrap_or(file.name);
                    library.guidance.insert(id.to_owned(), slot);
                }
                (_, None) => others.push((file.name, postcard::from_bytes::<Node<'_>>(file.tree))),
            }
        }
        let others: Vec<_> = others
            .iter()
            .filter_map(|(name, tree)| Some((*name, "", tree.as_ref().ok()?)))
            .collect();
        // What the crate ships has been checked by its tests, so that nothing is left to report here.
        let _checked_by_tests = library.read_parts(&others);
        library
    }

    /// Reads a whole library: dictionary, hazards, policy, labels and guidance.
    ///
    /// # Errors
    /// Every problem of every file; of the dictionary's files first, since nothing can be read without it.
    pub fn read(files: &[Source<'_>]) -> Result<Self, Diagnostics> {
        let files = Parsed::read(files)?;
        let mut of_dictionary: Vec<_> = files
            .iter()
            .filter(|f| is_part(&f.tree) && f.tree.get("codes").is_none())
            .map(|f| (Collector::new(f.name, f.text), &f.tree))
            .collect();
        let (dictionary, medicines) = dictionary::read::read(&mut of_dictionary);
        let problems = of_dictionary.into_iter().map(|(out, _)| out.finish());
        Diagnostics::join(problems.filter_map(Result::err).collect())?;
        let canonical = Parsed::canonical(&files);
        let mut library = Self::empty(text::hash(&canonical), dictionary);
        library.dictionary.set_medicines(medicines);
        let others: Vec<_> = files.iter().filter(|f| !is_part(&f.tree)).collect();
        library.read_parts(
            &others
                .iter()
                .map(|f| (f.name, f.text, &f.tree))
                .collect::<Vec<_>>(),
        )?;
        Ok(library)
    }

    fn empty(hash: String, dictionary: Dictionary) -> Self {
        Self {
            dictionary,
            policy: Policy::default(),
            hazards: BTreeMap::new(),
            labels: BTreeMap::new(),
            guidance: BTreeMap::new(),
            local: Vec::new(),
            windows: OnceLock::new(),
            suppressions: Vec::new(),
            policy_changes: Vec::new(),
            hash,
        }
    }

    /// Lays rule files of one's own over this library: documents are added, windows and lead times of a policy replace single
    /// ones, and a list of `suppress` sets criteria aside, each with a reason, a name and a last day. Reports say all of it.
    ///
    /// # Errors
    /// Every problem of every file. A document of this library cannot be replaced.
    pub fn with_rules(mut self, files: &[Source<'_>]) -> Result<Self, Diagnostics> {
        let files = Parsed::read(files)?;
        if let Some(file) = files.iter().find(|f| is_part(&f.tree)) {
            let mut out = Collector::new(file.name, file.text);
            let message = "the dictionary cannot be changed by rules of one's own";
            let help = "lay documents, a policy or `suppress` over the built-in rules; a whole library is for `jakscreen rules`";
            out.error(Code::WrongShape, file.tree.span, message, help.to_owned());
            out.finish()?;
        }
        let parts: Vec<_> = files.iter().map(|f| (f.name, f.text, &f.tree)).collect();
        self.local.extend(files.iter().map(|f| f.name.to_owned()));
        let before = self.policy.clone();
        self.read_parts(&parts)?;
        self.policy_changes.extend(before.changes(&self.policy));
        self.hash = text::hash(&(self.hash + &Parsed::canonical(&files)));
        Ok(self)
    }

    /// How old a result of a fact may be; none is for ever.
    pub(crate) fn window(&self, fact: FactId) -> Option<&Period> {
        let windows = self.windows.get_or_init(|| {
            let facts = self
                .dictionary
                .facts()
                .map(|(_, fact)| fact.window.as_deref());
            facts.map(|w| self.policy.window(w?)).collect()
        });
        windows.get(usize::from(fact.0))?.as_ref()
    }

    /// Reads files by what they hold: policy and hazards first, then documents.
    fn read_parts(&mut self, files: &[(&str, &str, &Node<'_>)]) -> Result<(), Diagnostics> {
        let mut problems = Vec::new();
        let mut keep = |out: Collector<'_>| {
            if let Err(e) = out.finish() {
                problems.push(e);
            }
        };
        let mut policies = 0;
        for (name, source, tree) in files {
            let mut out = Collector::new(name, source);
            if tree.get("validity").is_some() || tree.get("lead_times").is_some() {
                policies += 1;
                if policies > 1 {
                    let help = "put the windows and lead times into one file".to_owned();
                    out.error(
                        Code::DuplicateId,
                        tree.span,
                        "another file here is a policy",
                        help,
                    );
                }
                self.read_policy(tree, &mut out);
                self.windows = OnceLock::new();
            } else if tree.get("hazards").is_some() {
                self.read_hazards(tree, &mut out);
            } else if tree.get("document").is_none() && tree.get("suppress").is_none() {
                let help = "a rule file starts with `document:` or `suppress:`, a policy with `validity:` or `lead_times:`";
                out.error(
                    Code::WrongShape,
                    tree.span,
                    "not a rule file",
                    help.to_owned(),
                );
            }
            keep(out);
        }
        let mut here = std::collections::BTreeSet::new();
        for (name, source, tree) in files.iter().filter(|(_, _, t)| t.get("document").is_some()) {
            let mut out = Collector::new(name, source);
            if let Some(mut document) = label::read(self, tree, &mut out) {
                document.local = !self.local.is_empty();
                let slot = Slot::read(name, document.clone());
                if !here.insert(document.id.clone()) {
                    let message = format!("another file here is the document `{}`", document.id);
                    out.error(
                        Code::DuplicateId,
                        tree.span,
                        message,
                        "keep one of the files".to_owned(),
                    );
                }
                let place = tree.get("document").map_or(tree.span, |n| n.span);
                let replaced = if document.kind == Kind::Label {
                    let key = (
                        document.jurisdictions.first().cloned().unwrap_or_default(),
                        document.drugs.first().cloned().unwrap_or_default(),
                    );
                    self.labels.insert(key, slot)
                } else {
                    self.guidance.insert(document.id, slot)
                };
                if let Some(old) = replaced {
                    let message = format!("{} is there already", old.name);
                    let help = "add criteria in a document with an `issuer`, and set single ones aside with `suppress`";
                    out.error(Code::DuplicateId, place, message, help.to_owned());
                }
            }
            keep(out);
        }
        for (name, source, tree) in files.iter().filter(|(_, _, t)| t.get("suppress").is_some()) {
            let mut out = Collector::new(name, source);
            self.read_suppressions(tree, &mut out);
            keep(out);
        }
        Diagnostics::join(problems)
    }

    fn read_policy(&mut self, tree: &Node<'_>, out: &mut Collector<'_>) {
        let Some(r) = record(tree, "a policy", &["validity", "lead_times"], out) else {
            return;
        };
        let windows = self.dictionary.windows();
        for field in mapping(&r, "validity", out) {
            if !windows.contains(field.key) {
                unknown_window(&field, windows.iter().copied(), out);
            } else if field.value.text() == Some("never") {
                self.policy.validity.insert(field.key.to_owned(), None);
            } else if let Some(period) = period(field.value, "`90 days` or `never`", out) {
                let validity = &mut self.policy.validity;
                validity.insert(field.key.to_owned(), Some(period));
            }
        }
        self.policy.statements = self.policy.window("statements");
        let first = self.policy.lead_times.is_empty();
        for field in mapping(&r, "lead_times", out) {
            if !first && !self.policy.lead_times.contains_key(field.key) {
                unknown_window(
                    &field,
                    self.policy.lead_times.keys().map(String::as_str),
                    out,
                );
            } else if let Some(period) = period(field.value, "`28 days`", out) {
                self.policy.lead_times.insert(field.key.to_owned(), period);
            }
        }
    }

    fn read_hazards(&mut self, tree: &Node<'_>, out: &mut Collector<'_>) {
        let Some(r) = record(tree, "the hazards", &["hazards"], out) else {
            return;
        };
        for field in r
            .need("hazards", out)
            .and_then(|n| fields(n, "hazards", out))
            .unwrap_or_default()
        {
            if self.hazards.contains_key(field.key) {
                let message = format!("the hazard `{}` is there already", shown(field.key));
                let help = "add another one under a name of its own".to_owned();
                out.error(Code::DuplicateId, field.at, message, help);
                continue;
            }
            let Some(h) = record(
                field.value,
                "a hazard",
                &["order", "name", "why", "plain"],
                out,
            ) else {
                continue;
            };
            let order = h
                .need("order", out)
                .and_then(|n| n.text())
                .and_then(|t| t.parse().ok())
                .unwrap_or(usize::MAX);
            let (name, why, plain) = (
                h.need_text("name", out),
                h.need_text("why", out),
                h.need_text("plain", out),
            );
            let hazard = Hazard {
                name: name.unwrap_or_default(),
                order,
                why: why.unwrap_or_default(),
                plain: plain.unwrap_or_default(),
            };
            self.hazards.insert(field.key.to_owned(), hazard);
        }
    }

    pub(crate) fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) fn hazard(&self, name: &str) -> Option<&Hazard> {
        self.hazards.get(name)
    }

    pub(crate) fn hazard_names(&self) -> impl Iterator<Item = &str> {
        self.hazards.keys().map(String::as_str)
    }

    /// The hash of the canonical form of all rule files.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The drugs that have a label here.
    pub fn drugs(&self) -> Vec<&str> {
        let mut drugs: Vec<&str> = self.labels.keys().map(|(_, drug)| drug.as_str()).collect();
        drugs.sort_unstable();
        drugs.dedup();
        drugs
    }

    /// What to write where no drug with a label has this name; none if one has.
    pub fn drug_help(&self, name: &str) -> Option<String> {
        if !self.labels_of(name).is_empty() {
            return None;
        }
        let (drugs, name) = (self.drugs(), normal(name));
        let longer = drugs
            .iter()
            .find(|d| name.len() > 2 && d.starts_with(&name));
        let near = longer.map(|d| format!("did you mean `{d}`?"));
        let near = near.or_else(|| did_you_mean(&name, drugs.iter().copied()));
        Some(near.unwrap_or_else(|| format!("drugs with a label here: {}", drugs.join(", "))))
    }

    /// The jurisdictions that have labels here, `us` before `eu`, then others.
    pub(crate) fn jurisdictions(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self
            .labels
            .keys()
            .map(|(jurisdiction, _)| jurisdiction.as_str())
            .collect();
        all.sort_by_key(|j| (*j != "us", *j));
        all.dedup();
        all
    }

    /// The jurisdictions in which a drug, by any of its names, has a label here; none if the library does not know it.
    pub fn labels_of(&self, drug: &str) -> Vec<&str> {
        let Some(Named::Medicine(id)) = self.dictionary.find_medicine(drug) else {
            return Vec::new();
        };
        let drug = self.dictionary.medicine(id).id.as_ref();
        let mut all = self.jurisdictions();
        all.retain(|j| self.label(j, drug).is_some());
        all
    }

    /// The indications that the label of a drug has in a jurisdiction; none if there is no such label.
    pub fn indications_of(&self, drug: &str, jurisdiction: &str) -> Vec<&str> {
        let Some(Named::Medicine(id)) = self.dictionary.find_medicine(drug) else {
            return Vec::new();
        };
        let label = self.label(jurisdiction, self.dictionary.medicine(id).id.as_ref());
        let entries = label.into_iter().flat_map(|l| &l.indications);
        let mut all: Vec<&str> = Vec::new();
        for entry in entries {
            if !all.contains(&entry.indication.as_str()) {
                all.push(&entry.indication);
            }
        }
        all
    }

    /// The label of a drug in a jurisdiction.
    pub(crate) fn label(&self, jurisdiction: &str, drug: &str) -> Option<&Document> {
        let key = (jurisdiction.to_owned(), drug.to_owned());
        self.labels.get(&key)?.document(self)
    }

    /// The guidance that speaks of a drug in a jurisdiction.
    pub(crate) fn guidance(
        &self,
        jurisdiction: &str,
        drug: &str,
    ) -> impl Iterator<Item = &Document> {
        let speaking = self
            .guidance
            .values()
            .filter(move |slot| slot.speaks_of(jurisdiction, drug));
        speaking.filter_map(|slot| slot.document(self))
    }

    /// Every document: labels by jurisdiction and drug, then guidance by id.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Document> {
        let slots = self.labels.values().chain(self.guidance.values());
        slots.filter_map(|slot| slot.document(self))
    }

    /// The text of one kind of harm: its name, why it matters, and the same in plain words.
    pub fn hazard_text(&self, hazard: &str) -> Option<(&str, &str, &str)> {
        self.hazards
            .get(hazard)
            .map(|h| (h.name.as_str(), h.why.as_str(), h.plain.as_str()))
    }

    pub(crate) fn period(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Period> {
        let text = decode::text(node, "a period", out)?;
        let found = match text.strip_prefix("lead_times.") {
            Some(name) => self.policy.lead_time(name),
            None => Period::parse(text),
        };
        if found.is_none() {
            out.error(
                Code::BadPeriod,
                node.span,
                "not a period",
                Some(
                    "write it as `28 days`, `12 weeks`, or as lead_times.NAME of the policy"
                        .to_owned(),
                ),
            );
        }
        found
    }
}

fn mapping<'n>(
    r: &decode::Record<'n>,
    key: &str,
    out: &mut Collector<'_>,
) -> Vec<decode::Field<'n>> {
    let node = r.get(key);
    node.and_then(|n| fields(n, key, out)).unwrap_or_default()
}

fn unknown_window<'k>(
    field: &decode::Field<'_>,
    known: impl Iterator<Item = &'k str>,
    out: &mut Collector<'_>,
) {
    let help = did_you_mean(field.key, known);
    let message = format!("no window or lead time `{}`", shown(field.key));
    out.error(Code::UnknownName, field.at, message, help);
}

fn period(node: &Node<'_>, form: &str, out: &mut Collector<'_>) -> Option<Period> {
    let found = node.text().and_then(Period::parse);
    if found.is_none() {
        let help = format!("write it as {form}");
        out.error(Code::BadPeriod, node.span, "not a period", help);
    }
    found
}

/// Reads a document against a library, without adding it.
pub(crate) fn read_document(
    library: &Library,
    tree: &Node<'_>,
    out: &mut Collector<'_>,
) -> Option<Document> {
    label::read(library, tree, out)
}

/// A rule file with its tree.
struct Parsed<'t> {
    name: &'t str,
    text: &'t str,
    tree: Node<'static>,
}

impl<'t> Parsed<'t> {
    /// Parses rule files, by name.
    fn read(files: &[Source<'t>]) -> Result<Vec<Self>, Diagnostics> {
        let mut problems = Vec::new();
        let mut parsed = Vec::new();
        let mut files = files.to_vec();
        files.sort_by_key(|f| f.name);
        for Source { name, text } in files {
            let mut out = Collector::new(name, text);
            let (tree, fault) = text::read(text);
            if let Some(fault) = &fault {
                out.fault(fault);
            } else if tree.is_none() {
                out.error(Code::EmptyFile, Span::default(), "the file is empty", None);
            }
            problems.extend(out.finish().err());
            parsed.extend(tree.map(|tree| Self { name, text, tree }));
        }
        Diagnostics::join(problems)?;
        Ok(parsed)
    }

    fn canonical(files: &[Self]) -> String {
        files.iter().map(|f| f.tree.canonical()).collect()
    }
}

/// `labels/us/upadacitinib.yaml` to its jurisdiction and drug.
fn label_key(name: &str) -> Option<(String, String)> {
    let (jurisdiction, drug) = name
        .strip_prefix("labels/")?
        .strip_suffix(".yaml")?
        .split_once('/')?;
    Some((jurisdiction.to_owned(), drug.to_owned()))
}
