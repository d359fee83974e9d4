//! The same profile with some facts said otherwise.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::{PlanChange, Profile, Reader, plan};
use crate::decode::{did_you_mean, normal, shown};
use crate::diagnostic::{Code, Collector, Diagnostics};
use crate::dictionary::{Dictionary, FactId, Section};
use crate::library::Library;
use crate::text::{self, Kind, Node, Span};

const SECTIONS: [(&str, Option<Section>); 7] = [
    ("plan", Some(Section::Plan)),
    ("about", Some(Section::About)),
    ("tests", Some(Section::Tests)),
    ("history", Some(Section::History)),
    ("vaccines", Some(Section::Vaccines)),
    ("medicines", None),
    ("treatments", None),
];

/// The name that diagnostics give to the changes in place of a file's.
pub const CHANGES: &str = "the changes";

/// Where a change goes: the section, the key there, and the key of an attribute below it.
struct Target {
    section: (&'static str, Option<Section>),
    key: String,
    attribute: Option<String>,
}

impl Profile {
    /// Reads a profile in which some facts are said otherwise: each line of `changes` is `name=value`, a name as profiles or criteria
    /// write it and a value as a profile writes it. All that the file says of the fact is replaced; a test is as of `day`.
    ///
    /// # Errors
    /// As [`Profile::read`]. What is wrong with the changes is told as of the file [`CHANGES`], which holds `changes`.
    pub fn read_changed(
        library: &Library,
        name: &str,
        source: &str,
        plan: &PlanChange,
        changes: &str,
        day: NaiveDate,
    ) -> Result<Self, Diagnostics> {
        let whole = format!("{source}\n{changes}");
        let mut out = Collector::new(name, &whole);
        let Some(mut tree) = text::read(source).0 else {
            return Self::read_with(library, name, source, plan);
        };
        let reader = Reader {
            library,
            dictionary: library.dictionary(),
        };
        let day = day.format("%Y-%m-%d").to_string();
        let mut plan = plan.clone();
        let mut targets = Vec::new();
        let first = source.len() + 1;
        let mut start = first;
        for line in changes.split('\n') {
            let (name, value) = line.split_once('=').unwrap_or((line, ""));
            let at = Span::new(start, start + name.len());
            let of_value = start + name.len() + 1;
            start += line.len() + 1;
            if value.trim().is_empty() {
                let help = "write it as `name=value`, the name as in a profile".to_owned();
                out.error(Code::EmptyValue, at, "nothing is said otherwise here", help);
                continue;
            }
            let Some(value) = node(value, of_value, &mut out) else {
                continue;
            };
            match target(reader.dictionary, name) {
                Ok(target) => targets.push((target, value)),
                Err(help) => {
                    let message = format!("unknown name `{}`", shown(name));
                    out.error(Code::UnknownName, at, message, help);
                }
            }
        }
        // A dose said together with another drug is that drug's.
        targets.sort_by_key(|(target, _)| target.key != "drug");
        let mut groups = Vec::new();
        for (target, value) in targets {
            groups.extend(reader.groups(&target));
            match target.key.as_str() {
                "drug" => plan.drug = None,
                "indication" => plan.indication = None,
                "label" | "labels" => plan.labels.clear(),
                _ => {}
            }
            reader.set(&mut tree, &target, value, &day);
        }
        let mut profile = reader.profile(&tree, &plan, &mut out);
        reader.unread(source, &tree, &profile, &mut out);
        out.finish().map_err(|problems| {
            let problems = problems.each(|d| {
                // What was said of one of a group is denied by what the file says of the group.
                let denied = |group: &&&str| d.message.starts_with(&format!("`{group}` is denied"));
                if let Some(group) = groups.iter().find(denied) {
                    d.help = Some(format!("change the group as well: `{group}=yes`"));
                }
            });
            problems.part_of(&whole, first, CHANGES)
        })?;
        // What is to be known of the file itself was said when it was read.
        profile.warnings.clear();
        Ok(profile)
    }
}

/// A value as it stands; a mapping or list is read as YAML.
fn node<'v>(value: &'v str, start: usize, out: &mut Collector<'_>) -> Option<Node<'v>> {
    let mut node = if value.starts_with(['{', '[']) {
        let (tree, fault) = text::read(value);
        if let Some(mut fault) = fault {
            fault.span = moved(fault.span, start);
            out.fault(&fault);
            return None;
        }
        tree?
    } else {
        scalar(value, Span::new(0, value.len()))
    };
    shift(&mut node, start);
    Some(node)
}

fn scalar(text: &str, span: Span) -> Node<'_> {
    let text = Cow::Borrowed(text);
    let quoted = false;
    Node {
        kind: Kind::Scalar { text, quoted },
        span,
    }
}

fn moved(span: Span, by: usize) -> Span {
    Span::new(span.start as usize + by, span.end as usize + by)
}

fn shift(node: &mut Node<'_>, by: usize) {
    node.span = moved(node.span, by);
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().for_each(|n| shift(n, by)),
        Kind::Map(pairs) => pairs.iter_mut().for_each(|(key, value)| {
            shift(key, by);
            shift(value, by);
        }),
        Kind::Empty | Kind::Scalar { .. } => {}
    }
}

/// Finds where a name belongs; else what to write instead.
fn target(dictionary: &Dictionary, name: &str) -> Result<Target, String> {
    let to = |section, key: &str, attribute: Option<&str>| Target {
        section,
        key: key.to_owned(),
        attribute: attribute.map(str::to_owned),
    };
    let named = name.split_once('.').and_then(|(section, key)| {
        let section = SECTIONS.into_iter().find(|(s, _)| *s == section)?;
        Some((section, key))
    });
    // An attribute may be written with its section or without.
    let full = normal(named.map_or(name, |(_, key)| key));
    if let Some(fact) = dictionary.find(&full).map(|id| dictionary.fact(id))
        && let Some(parent) = fact.parent.map(|id| dictionary.fact(id))
        && let Some(section) = SECTIONS
            .into_iter()
            .find(|(_, s)| *s == Some(parent.section))
    {
        let attribute = full.rsplit('.').next();
        return Ok(to(section, &parent.id, attribute));
    }
    if let Some((section, key)) = named {
        return Ok(to(section, key, None));
    }
    let key = normal(name);
    if plan::KEYS.contains(&key.as_str()) {
        return Ok(to(("plan", Some(Section::Plan)), &key, None));
    }
    if key == "born" {
        return Ok(to(("about", Some(Section::About)), &key, None));
    }
    let knows = |(_, section): &(&str, Option<Section>)| {
        section.is_some_and(|s| dictionary.find_in(s, name).is_some())
    };
    if let Some(section) = SECTIONS.into_iter().find(knows) {
        return Ok(to(section, name, None));
    }
    if dictionary.find_medicine(name).is_some() {
        return Ok(to(("medicines", None), name, None));
    }
    if let Some(fact) = dictionary.find(&key).map(|id| dictionary.fact(id)) {
        let from = fact.from.iter().chain(&fact.ask);
        let mut from: Vec<&str> = from.map(|f| dictionary.fact(*f).id.as_str()).collect();
        from.sort_unstable();
        from.dedup();
        let from = from.join(", ");
        return Err(format!(
            "it is made from other facts; change one of: {from}"
        ));
    }
    let sections = SECTIONS.into_iter().filter_map(|(_, s)| s);
    let of_facts = sections.flat_map(|s| dictionary.names_in(s));
    let all = of_facts.chain(dictionary.medicine_names());
    Err(did_you_mean(&key, all.chain(plan::KEYS))
        .unwrap_or_else(|| "name a fact, or a medicine as `medicines.NAME`".to_owned()))
}

/// The facts that changes speak of.
pub(crate) fn changed(dictionary: &Dictionary, changes: &str) -> Vec<FactId> {
    let names = changes
        .split('\n')
        .map(|line| line.split_once('=').map_or(line, |(name, _)| name));
    let targets = names.filter_map(|name| target(dictionary, name).ok());
    targets
        .filter_map(|target| target.fact(dictionary))
        .collect()
}

impl Target {
    /// The fact it is, an attribute's if it names one.
    fn fact(&self, dictionary: &Dictionary) -> Option<FactId> {
        let fact = dictionary.find_in(self.section.1?, &self.key)?;
        let Some(attribute) = &self.attribute else {
            return Some(fact);
        };
        dictionary.find(&format!("{}.{attribute}", dictionary.fact(fact).id))
    }
}

impl<'d> Reader<'d> {
    /// The groups whose denial would deny the target.
    fn groups(&self, target: &Target) -> Vec<&'d str> {
        let fact = target
            .fact(self.dictionary)
            .map(|id| self.dictionary.fact(id));
        let groups = fact.into_iter().flat_map(|fact| &fact.groups);
        groups
            .map(|id| self.dictionary.fact(*id).id.as_str())
            .collect()
    }

    /// Puts a value in the place of all that the tree says of its target.
    fn set<'t>(&self, tree: &mut Node<'t>, target: &Target, value: Node<'t>, day: &str) {
        let (section, of) = target.section;
        let place = child(tree, section);
        let same = |key: &Node<'_>| key.text().is_some_and(|k| self.same(of, k, &target.key));
        let named = |name: &str| Node {
            kind: Kind::Scalar {
                text: Cow::Owned(name.to_owned()),
                quoted: false,
            },
            span: value.span,
        };
        let key = named(&target.key);
        if let Some(attribute) = &target.attribute {
            let fact = child_by(map(place), same, key);
            // What is said by one word stays said where the mapping has a key for it.
            if let Some(word) = fact.text().filter(|_| of == Some(Section::About)) {
                let own = self.dictionary.find(&target.key);
                let own = own.and_then(|id| self.dictionary.fact(id).value_key.as_deref());
                let word = named(word);
                if let Some(own) = own {
                    fact.kind = Kind::Map(vec![(named(own), word)]);
                }
            }
            let pairs = map(fact);
            pairs.retain(|(k, _)| k.text().is_none_or(|k| normal(k) != *attribute));
            pairs.push((named(attribute), value));
            return;
        }
        if of == Some(Section::Tests) && !matches!(place.kind, Kind::Map(_)) {
            if !matches!(place.kind, Kind::List(_)) {
                place.kind = Kind::List(Vec::new());
            }
            if let Kind::List(panels) = &mut place.kind {
                for panel in panels.iter_mut() {
                    map(panel).retain(|(k, _)| !same(k));
                }
                // A panel of nothing but its date says nothing.
                panels.retain(|p| !matches!(&p.kind, Kind::Map(pairs) if pairs.len() <= 1 && p.get("date").is_some()));
                let date = (named("date"), named(day));
                let span = value.span;
                panels.push(Node {
                    kind: Kind::Map(vec![date, (key, value)]),
                    span,
                });
            }
            return;
        }
        let pairs = map(place);
        // A dose or formulation of one drug says nothing of another.
        let drug_only = |k: &Node<'_>| {
            let key = k.text().map(normal);
            target.key == "drug" && matches!(key.as_deref(), Some("dose" | "formulation"))
        };
        pairs.retain(|(k, _)| !same(k) && !drug_only(k));
        pairs.push((key, value));
    }

    /// Whether two keys of a section mean the same.
    fn same(&self, section: Option<Section>, a: &str, b: &str) -> bool {
        let label = |key: &str| matches!(key, "label" | "labels");
        let (normal_a, normal_b) = (normal(a), normal(b));
        if normal_a == normal_b || (label(&normal_a) && label(&normal_b)) {
            return true;
        }
        let ids = |name: &str| match section {
            Some(section) => (self.dictionary.find_in(section, name), None),
            None => (None, self.dictionary.find_medicine(name)),
        };
        let (of_a, of_b) = (ids(a), ids(b));
        of_a == of_b && of_a != (None, None)
    }
}

/// The value of a key, which is added where it is missing.
fn child<'n, 't>(tree: &'n mut Node<'t>, key: &'static str) -> &'n mut Node<'t> {
    let new = scalar(key, Span::default());
    child_by(map(tree), |k| k.text() == Some(key), new)
}

fn child_by<'n, 't>(
    pairs: &'n mut Vec<(Node<'t>, Node<'t>)>,
    is: impl Fn(&Node<'t>) -> bool,
    new: Node<'t>,
) -> &'n mut Node<'t> {
    let at = pairs.iter().position(|(k, _)| is(k)).unwrap_or_else(|| {
        let span = new.span;
        let kind = Kind::Map(Vec::new());
        pairs.push((new, Node { kind, span }));
        pairs.len() - 1
    });
    #[allow(clippy::indexing_slicing, reason = "found or pushed just now")]
    &mut pairs[at].1
}

/// The pairs of a mapping. `none` in place of one is the denial of everything; another word gives way.
fn map<'n, 't>(node: &'n mut Node<'t>) -> &'n mut Vec<(Node<'t>, Node<'t>)> {
    if !matches!(node.kind, Kind::Map(_)) {
        let denied = node.text().is_some_and(|t| normal(t) == "none");
        let word = |text| scalar(text, node.span);
        let denial = denied.then(|| (word("everything_else"), word("no")));
        node.kind = Kind::Map(denial.into_iter().collect());
    }
    match &mut node.kind {
        Kind::Map(pairs) => pairs,
        #[expect(clippy::unreachable, reason = "made a mapping above")]
        Kind::Empty | Kind::Scalar { .. } | Kind::List(_) => unreachable!(),
    }
}
