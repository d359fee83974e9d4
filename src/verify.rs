//! Whether a checklist that was kept is what the same profile gives now.

use crate::checklist::{SCHEMA, Screening};
use crate::date::PartialDate;
use crate::decode;
use crate::diagnostic::{Code, Collector, Diagnostics};
use crate::library::{Library, Source};
use crate::profile::{PlanChange, Profile};
use crate::render;
use crate::text::{self, Kind, Node};

/// How a checklist that was kept compares with what the same profile gives now, for the same day and plan.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Verification {
    /// The new run.
    pub screening: Screening,
    /// What was compared; all the same if the checklist is verified.
    pub parts: Vec<Part>,
    /// The first values of the content that differ, each with its path.
    pub values: Vec<Part>,
}

/// One thing that was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// What it is, in words.
    pub what: String,
    /// As it was kept.
    pub kept: String,
    /// As it is now.
    pub now: String,
}

impl Part {
    /// One thing as it was kept and as it is now.
    pub fn new(what: impl Into<String>, kept: String, now: String) -> Self {
        let what = what.into();
        Self { what, kept, now }
    }

    /// Whether nothing differs.
    pub fn same(&self) -> bool {
        self.kept == self.now
    }
}

impl Verification {
    /// Whether the checklist is what the same inputs give now, in every value.
    pub fn same(&self) -> bool {
        self.parts.iter().all(Part::same)
    }
}

/// Screens a profile again as a checklist says it was screened, and compares the two. `report` is what `check` wrote as JSON or YAML; of
/// several checklists in it, the one of this profile.
///
/// # Errors
/// If the report or the profile cannot be read, or no checklist in the report can be of this profile.
pub fn verify(
    library: &Library,
    report: Source<'_>,
    profile: Source<'_>,
) -> Result<Verification, Diagnostics> {
    // Other formats have no such line, and may read as YAML or not.
    if !report.text.contains(SCHEMA) {
        let message = "this is no JSON or YAML checklist";
        let help = "verify it with --run and the run id that stands on it".to_owned();
        return Err(Diagnostics::one(
            Code::UnknownDocument,
            report.name,
            message,
            help,
        ));
    }
    let mut out = Collector::new(report.name, report.text);
    let (tree, fault) = text::read(report.text);
    if let Some(fault) = fault {
        out.fault(&fault);
        out.finish()?;
    }
    let all: Vec<&Node<'_>> = tree.iter().flat_map(decode::items).collect();
    let kept = match all.as_slice() {
        [one] => Some(*one),
        several => {
            let hash = text::read(profile.text).0;
            let hash = hash.map(|tree| text::hash(&tree.canonical()));
            let of_profile = |node: &&Node<'_>| at(node, PROFILE_HASH) == hash.as_deref();
            several.iter().copied().find(of_profile)
        }
    };
    let kept = kept.filter(|node| at(node, &["schema"]) == Some(SCHEMA));
    let day = kept.and_then(|node| PartialDate::parse(at(node, &["as_of"])?).ok());
    let (Some(kept), Some(day)) = (kept, day) else {
        let help =
            format!("name what `check --format json` or yaml wrote for this profile ({SCHEMA})");
        let message = "it holds no checklist of this profile";
        return Err(Diagnostics::one(
            Code::UnknownDocument,
            report.name,
            message,
            help,
        ));
    };
    let labels = kept.get("plan").and_then(|plan| plan.get("labels"));
    let labels = labels.into_iter().flat_map(decode::items);
    let planned = |key| at(kept, &["plan", key]).map(str::to_owned);
    let change = PlanChange {
        drug: planned("drug"),
        indication: planned("indication"),
        labels: labels.filter_map(Node::text).map(str::to_owned).collect(),
    };
    let profile = Profile::read_with(library, profile.name, profile.text, &change)?;
    let screening = library.screen(&profile, day.first);
    let now = render::json(&screening);
    let now = text::read(&now).0;
    let Some(now) = now else {
        let message = "the new checklist cannot be read";
        return Err(Diagnostics::one(Code::Limit, report.name, message, None));
    };
    let of = |node: &Node<'_>, path: &[&str]| at(node, path).unwrap_or("not given").to_owned();
    let part = |what, path: &[&str]| Part::new(what, of(kept, path), of(&now, path));
    let contents = [kept, &now].map(|node| text::hash(&content(node)));
    let [kept_content, content] = contents;
    let parts = vec![
        part("program", &["engine", "version"]),
        part("rules", &["library", "hash"]),
        part("profile", PROFILE_HASH),
        part("day", &["as_of"]),
        part("run", &["run"]),
        Part::new("content", kept_content, content),
    ];
    let mut values = Vec::new();
    differing(Some(kept), Some(&now), "", &mut values);
    Ok(Verification {
        screening,
        parts,
        values,
    })
}

const PROFILE_HASH: &[&str] = &["patient", "profile_hash"];

/// The text at the end of a path of keys.
fn at<'n>(node: &'n Node<'_>, path: &[&str]) -> Option<&'n str> {
    path.iter()
        .try_fold(node, |node, key| node.get(key))?
        .text()
}

/// How many of the values that differ are named.
const NAMED: usize = 3;

/// The first values that differ, those aside that are compared by themselves.
fn differing(kept: Option<&Node<'_>>, now: Option<&Node<'_>>, path: &str, out: &mut Vec<Part>) {
    let whole = [
        "run",
        "as_of",
        "engine.version",
        "library.hash",
        "patient.profile_hash",
    ];
    if whole.contains(&path) || out.len() >= NAMED {
        return;
    }
    match (kept.map(|n| &n.kind), now.map(|n| &n.kind)) {
        (Some(Kind::Map(a)), Some(Kind::Map(b))) => {
            let keys: Vec<&str> = b
                .iter()
                .chain(a)
                .filter_map(|(key, _)| key.text())
                .collect();
            for (at, key) in keys.iter().enumerate() {
                if keys.iter().take(at).all(|before| before != key) {
                    let dot = if path.is_empty() { "" } else { "." };
                    let (kept, now) = (kept.and_then(|n| n.get(key)), now.and_then(|n| n.get(key)));
                    differing(kept, now, &format!("{path}{dot}{key}"), out);
                }
            }
        }
        (Some(Kind::List(a)), Some(Kind::List(b))) => {
            for at in 0..a.len().max(b.len()) {
                differing(a.get(at), b.get(at), &format!("{path}[{at}]"), out);
            }
        }
        _ if kept.map(content) == now.map(content) => {}
        _ => {
            let shown = |node: Option<&Node<'_>>| match node.map(|n| &n.kind) {
                None => "not there".to_owned(),
                Some(Kind::Scalar { text, .. }) => text.to_string(),
                Some(Kind::Empty) => "nothing".to_owned(),
                Some(Kind::Map(_) | Kind::List(_)) => "several values".to_owned(),
            };
            out.push(Part::new(path, shown(kept), shown(now)));
        }
    }
}

/// All values of a checklist in their order, without the places they stand at.
fn content(node: &Node<'_>) -> String {
    match &node.kind {
        Kind::Empty => "~".to_owned(),
        Kind::Scalar { text, .. } => format!("{text:?}"),
        Kind::List(items) => {
            let items: Vec<String> = items.iter().map(content).collect();
            format!("[{}]", items.join(","))
        }
        Kind::Map(pairs) => {
            let pair = |(key, value): &(Node<'_>, Node<'_>)| {
                format!("{}:{}", content(key), content(value))
            };
            let pairs: Vec<String> = pairs.iter().map(pair).collect();
            format!("{{{}}}", pairs.join(","))
        }
    }
}
