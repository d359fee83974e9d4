//! The library: dictionary, hazards, policy, labels and guidance, checked and ready.

mod expression;
mod label;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::date::Period;
use crate::decode::{self, fields, record};
use crate::diagnostic::{Code, Collector, Diagnostics};
use crate::dictionary::Dictionary;
use crate::dictionary::prepared::Rules;
use crate::text::{self, Node, Span};

pub(crate) use expression::{
    Exception, Expr, Leaf, NamedTest, RangeText, Taking, Test, Time, Treated,
};
pub(crate) use label::{BeforeStarting, Citation, Criterion, Document, Kind};
pub use label::{Level, Strength};

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
    labels: BTreeMap<(String, String), LabelSlot>,
    guidance: Vec<Document>,
    /// Files of one's own, laid over the built-in library.
    pub(crate) local: Vec<String>,
    hash: String,
}

/// A label of the built-in library is read when it is first asked for.
#[derive(Debug, Clone)]
struct LabelSlot {
    prepared: Option<&'static [u8]>,
    document: OnceLock<Document>,
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
    /// They are checked when the crate is tested; labels are read when they are first asked for.
    pub fn builtin() -> Self {
        let (mut library, files) = Self::prepared();
        let (labels, others): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|(name, _)| label_key(name).is_some());
        for (name, bytes) in labels {
            if let Some(key) = label_key(name) {
                let document = OnceLock::new();
                let prepared = Some(bytes);
                library.labels.insert(key, LabelSlot { prepared, document });
            }
        }
        // What the crate ships has been checked by its tests, so that nothing is left to report here.
        let _checked_by_tests = library.read_trees(others);
        library
    }

    /// Everything that is wrong with the rules that come with the crate; tests hold that it is nothing.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn check_builtin() -> Result<(), Diagnostics> {
        let (mut library, files) = Self::prepared();
        library.read_trees(files)
    }

    /// A library with the dictionary alone, and what is to be read: each file's name and packed tree.
    fn prepared() -> (Self, Vec<(&'static str, &'static [u8])>) {
        let rules: Rules<'static> = postcard::from_bytes(PREPARED).unwrap_or_default();
        let mut library = Self::empty(rules.hash.to_owned(), rules.dictionary);
        if let Ok(table) = postcard::from_bytes(rules.medicines) {
            library.dictionary.set_medicines(table);
        }
        (library, rules.files)
    }

    fn read_trees(&mut self, files: Vec<(&str, &'static [u8])>) -> Result<(), Diagnostics> {
        let trees: Vec<(&str, Node<'static>)> = files
            .into_iter()
            .filter_map(|(name, bytes)| Some((name, postcard::from_bytes(bytes).ok()?)))
            .collect();
        let files: Vec<_> = trees.iter().map(|(name, tree)| (*name, "", tree)).collect();
        self.read_parts(&files)
    }

    fn empty(hash: String, dictionary: Dictionary) -> Self {
        Self {
            dictionary,
            policy: Policy::default(),
            hazards: BTreeMap::new(),
            labels: BTreeMap::new(),
            guidance: Vec::new(),
            local: Vec::new(),
            hash,
        }
    }

    /// Lays rule files of one's own over this library: labels and guidance are added (a label replaces the one of the same
    /// drug and jurisdiction), windows and lead times of a `policy.yaml` replace single ones. Reports name the files.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn with_rules(mut self, files: &[Source<'_>]) -> Result<Self, Diagnostics> {
        let mut problems = Vec::new();
        let mut parsed = Vec::new();
        let mut canonical = self.hash.clone();
        let mut files = files.to_vec();
        files.sort_by_key(|f| f.name);
        for file in &files {
            let mut out = Collector::new(file.name, file.text);
            let (tree, fault) = text::read(file.text);
            if let Some(fault) = &fault {
                out.fault(fault);
            } else if tree.is_none() {
                out.error(Code::EmptyFile, Span::default(), "the file is empty", None);
            }
            if let Err(e) = out.finish() {
                problems.push(e);
            }
            if let Some(tree) = tree {
                canonical += &tree.canonical();
                parsed.push((file.name, file.text, tree));
            }
        }
        if let Err(e) = self.read_parts(
            &parsed
                .iter()
                .map(|(n, s, t)| (*n, *s, t))
                .collect::<Vec<_>>(),
        ) {
            problems.push(e);
        }
        if !problems.is_empty() {
            return Err(Diagnostics::join(problems));
        }
        self.local.extend(files.iter().map(|f| f.name.to_owned()));
        self.hash = text::hash(&canonical);
        Ok(self)
    }

    /// Reads files by what they hold: dictionary first, then policy and hazards, then documents.
    fn read_parts(&mut self, files: &[(&str, &str, &Node<'_>)]) -> Result<(), Diagnostics> {
        let mut problems = Vec::new();
        let mut keep = |out: Collector<'_>| {
            if let Err(e) = out.finish() {
                problems.push(e);
            }
        };
        let is_dictionary = |t: &Node<'_>| ["units", "facts"].iter().any(|k| t.get(k).is_some());
        if let Some((name, source, tree)) = files.iter().find(|(_, _, t)| is_dictionary(t)) {
            let mut out = Collector::new(name, source);
            out.error(
                Code::WrongShape,
                tree.span,
                "the dictionary cannot be changed by rules of one's own",
                None,
            );
            keep(out);
        }
        for (name, source, tree) in files.iter().filter(|(_, _, t)| !is_dictionary(t)) {
            let mut out = Collector::new(name, source);
            if tree.get("validity").is_some() || tree.get("lead_times").is_some() {
                self.read_policy(tree, &mut out);
            } else if tree.get("hazards").is_some() {
                self.read_hazards(tree, &mut out);
            }
            keep(out);
        }
        let mut here = std::collections::BTreeSet::new();
        for (name, source, tree) in files.iter().filter(|(_, _, t)| t.get("document").is_some()) {
            let mut out = Collector::new(name, source);
            if let Some(document) = label::read(self, tree, &mut out) {
                if document.kind == Kind::Label {
                    let key = (
                        document.jurisdictions.first().cloned().unwrap_or_default(),
                        document.drugs.first().cloned().unwrap_or_default(),
                    );
                    if !here.insert(key.clone()) {
                        let help = "keep one of the files".to_owned();
                        let message =
                            "another file here is a label of the same drug and jurisdiction";
                        out.error(Code::DuplicateId, tree.span, message, help);
                    }
                    let document = OnceLock::from(document);
                    let prepared = None;
                    self.labels.insert(key, LabelSlot { prepared, document });
                } else {
                    self.guidance.push(document);
                    self.guidance.sort_by(|a, b| a.id.cmp(&b.id));
                }
            }
            keep(out);
        }
        for (name, source, tree) in files {
            let known = [
                "units",
                "facts",
                "medicines",
                "validity",
                "lead_times",
                "hazards",
                "document",
                "codes",
            ];
            if !known.iter().any(|k| tree.get(k).is_some()) {
                let mut out = Collector::new(name, source);
                let help = Some("a rule file starts with `document:`, a policy with `validity:` or `lead_times:`".to_owned());
                out.error(Code::WrongShape, tree.span, "not a rule file", help);
                keep(out);
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Diagnostics::join(problems))
        }
    }

    fn read_policy(&mut self, tree: &Node<'_>, out: &mut Collector<'_>) {
        let Some(r) = record(tree, "a policy", &["validity", "lead_times"], out) else {
            return;
        };
        let windows: Vec<String> = self
            .dictionary
            .facts()
            .filter_map(|(_, f)| f.window.clone())
            .chain(["statements".to_owned()])
            .collect();
        for field in mapping(&r, "validity", out) {
            if !windows.iter().any(|w| w == field.key) {
                unknown_window(&field, windows.iter().map(String::as_str), out);
            } else if field.value.text() == Some("never") {
                self.policy.validity.insert(field.key.to_owned(), None);
            } else if let Some(period) = period(field.value, "`90 days` or `never`", out) {
                self.policy
                    .validity
                    .insert(field.key.to_owned(), Some(period));
            }
        }
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

    pub(crate) fn labels_of(&self, drug: &str) -> Vec<&str> {
        self.jurisdictions()
            .into_iter()
            .filter(|j| {
                self.labels
                    .contains_key(&((*j).to_owned(), drug.to_owned()))
            })
            .collect()
    }

    /// The label of a drug in a jurisdiction.
    pub(crate) fn label(&self, jurisdiction: &str, drug: &str) -> Option<&Document> {
        let slot = self
            .labels
            .get(&(jurisdiction.to_owned(), drug.to_owned()))?;
        if let Some(document) = slot.document.get() {
            return Some(document);
        }
        let tree: Node<'static> = postcard::from_bytes(slot.prepared?).ok()?;
        let mut out = Collector::new(&format!("labels/{jurisdiction}/{drug}.yaml"), "");
        let document = label::read(self, &tree, &mut out)?;
        Some(slot.document.get_or_init(|| document))
    }

    /// The guidance that speaks of a drug in a jurisdiction.
    pub(crate) fn guidance(
        &self,
        jurisdiction: &str,
        drug: &str,
    ) -> impl Iterator<Item = &Document> {
        let speaks = move |d: &&Document| {
            d.jurisdictions.iter().any(|j| j == jurisdiction)
                && (d.drugs.is_empty() || d.drugs.iter().any(|x| x == drug))
        };
        self.guidance.iter().filter(speaks)
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
    let help = decode::did_you_mean(field.key, known);
    let message = format!("no window or lead time `{}`", decode::shown(field.key));
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

/// `labels/us/upadacitinib.yaml` to its jurisdiction and drug.
fn label_key(name: &str) -> Option<(String, String)> {
    let (jurisdiction, drug) = name
        .strip_prefix("labels/")?
        .strip_suffix(".yaml")?
        .split_once('/')?;
    Some((jurisdiction.to_owned(), drug.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::Library;

    #[test]
    fn the_built_in_rules_have_no_problem() {
        if let Err(problems) = Library::check_builtin() {
            panic!("{problems}");
        }
    }
}
