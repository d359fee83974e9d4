//! The criteria as a list, and one criterion as a page.

use serde::Serialize;

use super::Collection;
use crate::dictionary::Seen;
use crate::library::{Criterion, Document, Expr, Leaf, Level, Strength, Test};
use crate::quantity::plain;

/// A criterion or dose row in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Listed {
    /// The document and the criterion, as `us/upadacitinib/lymphocytes-low`.
    pub id: String,
    /// The document's id.
    pub document: String,
    /// The drugs it speaks of; none is every drug.
    pub drugs: Vec<String>,
    /// The jurisdictions it speaks for.
    pub jurisdictions: Vec<String>,
    /// The kind of harm.
    pub hazard: String,
    /// How a finding is shown.
    pub level: Level,
    /// How strongly the source speaks.
    pub strength: Strength,
    /// The source's verb.
    pub says: String,
    /// It stands for all patients.
    pub standing: bool,
    /// The section.
    pub section: String,
    /// How the wording was checked.
    pub seen: Seen,
}

/// A criterion as a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Page {
    /// What the list says of it.
    #[serde(flatten)]
    pub listed: Listed,
    /// What it asks, a line for each part, indented by two blanks below its connective.
    pub asks: Vec<String>,
    /// Whom it speaks of, likewise; nobody is left out if it is empty.
    pub population: Vec<String>,
    /// Carried in the boxed warning too.
    pub boxed: bool,
    /// Of a dose row: the highest daily dose.
    pub max: Option<String>,
    /// What to do when it is met.
    pub action: Option<String>,
    /// A remark.
    pub note: Option<String>,
    /// What flips it: each limit and state with what lies beyond it.
    pub flips: Vec<String>,
    /// The document's title, revision and address.
    pub source: [String; 3],
    /// Who signed the document, or that nobody has.
    pub reviewed: String,
    /// The kind of harm: its name, why it matters, and the same in plain words.
    pub hazard_text: [String; 3],
    /// Rows of the clinical fact files.
    pub facts: Vec<String>,
    /// Its cases by outcome.
    pub cases: Vec<(String, Vec<String>)>,
}

/// What a list is narrowed to; nothing narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// A drug, by its generic name.
    pub drug: Option<String>,
    /// A jurisdiction.
    pub jurisdiction: Option<String>,
    /// A kind of harm.
    pub hazard: Option<String>,
    /// A level.
    pub level: Option<Level>,
}

impl Collection {
    /// The criteria and dose rows of every document of the library, in order.
    pub fn list(&self, filter: &Filter) -> Vec<Listed> {
        let all = self.library.documents();
        let all = all.flat_map(|d| d.criteria.iter().map(|c| listed(d, c)));
        all.filter(|l| filter.lets(l)).collect()
    }

    /// The pages of a criterion: `us/upadacitinib/lymphocytes-low` is one, `lymphocytes-low` is that of every document.
    pub fn show(&self, id: &str) -> Vec<Page> {
        let all = self.library.documents();
        let all = all.flat_map(|d| d.criteria.iter().map(move |c| (d, c)));
        let wanted = all.filter(|(d, c)| c.id == id || full_id(d, c) == id);
        wanted.map(|(d, c)| self.page(d, c)).collect()
    }

    fn page(&self, document: &Document, criterion: &Criterion) -> Page {
        let mut asks = Vec::new();
        let mut population = Vec::new();
        let mut flips = Vec::new();
        match &criterion.when {
            Some(when) => {
                tree(when, 0, &mut asks);
                flips.extend(when.leaves().into_iter().map(flip));
            }
            None => asks.push("stands for all patients".to_owned()),
        }
        if let Some(of) = &criterion.population {
            tree(of, 0, &mut population);
        }
        flips.dedup();
        let of_document = self.cases.iter().find(|c| c.document == document.id);
        let outcomes = ["met", "not_met", "unknown", "not_applicable", "note"];
        let cases = outcomes.into_iter().filter_map(|outcome| {
            let cases = of_document.into_iter().flat_map(|c| &c.cases);
            let saying = cases.filter(|case| {
                let mut expected = case.expected.iter();
                expected.any(|(id, wanted)| *id == criterion.id && wanted == outcome)
            });
            let prefix = format!("{}: ", criterion.id);
            let names = saying.map(|c| c.name.strip_prefix(&prefix).unwrap_or(&c.name).to_owned());
            let names: Vec<String> = names.collect();
            (!names.is_empty()).then(|| (outcome.to_owned(), names))
        });
        let hazard = self.library.hazard_text(&criterion.hazard);
        let (name, why, words) = hazard.unwrap_or_default();
        Page {
            listed: listed(document, criterion),
            asks,
            population,
            boxed: criterion.boxed,
            max: criterion.max.as_ref().map(|(_, text)| text.clone()),
            action: criterion.action.clone(),
            note: criterion.note.clone(),
            flips,
            source: [&document.title, &document.revision, &document.url].map(Clone::clone),
            reviewed: document.reviewed(),
            hazard_text: [name, why, words].map(str::to_owned),
            facts: criterion.cited.facts.clone(),
            cases: cases.collect(),
        }
    }
}

impl Filter {
    fn lets(&self, l: &Listed) -> bool {
        let among = |wanted: &Option<String>, names: &[String]| {
            wanted
                .as_ref()
                .is_none_or(|w| names.is_empty() || names.contains(w))
        };
        among(&self.drug, &l.drugs)
            && among(&self.jurisdiction, &l.jurisdictions)
            && self.hazard.as_ref().is_none_or(|h| *h == l.hazard)
            && self.level.is_none_or(|level| level == l.level)
    }
}

fn full_id(document: &Document, criterion: &Criterion) -> String {
    format!("{}/{}", document.id, criterion.id)
}

fn listed(document: &Document, criterion: &Criterion) -> Listed {
    Listed {
        id: full_id(document, criterion),
        document: document.id.clone(),
        drugs: document.drugs.clone(),
        jurisdictions: document.jurisdictions.clone(),
        hazard: criterion.hazard.clone(),
        level: criterion.strength.level(criterion.boxed),
        strength: criterion.strength,
        says: criterion.says.clone(),
        standing: criterion.when.is_none(),
        section: criterion.cited.section.clone(),
        seen: criterion.cited.seen,
    }
}

/// An expression, a line for each part.
fn tree(expr: &Expr, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let mut below = |word: &str, parts: &[Expr]| {
        lines.push(format!("{indent}{word}"));
        for part in parts {
            tree(part, depth + 1, lines);
        }
    };
    match expr {
        Expr::All(parts) => below("all of:", parts),
        Expr::Any(parts) => below("any of:", parts),
        Expr::Not(part) => below("not:", std::slice::from_ref(part)),
        Expr::Leaf(leaf) => lines.push(format!("{indent}{}", leaf.words)),
    }
}

/// What lies beyond a question: where its answer turns.
pub(crate) fn flip(leaf: &Leaf) -> String {
    match &leaf.test {
        Test::Range { text, .. } => format!("{}: turns {}", leaf.words, text.outside()),
        Test::OneOf { .. } => format!("{}: turns with any other known value", leaf.words),
        Test::Present { .. } => format!("{}: turns when the opposite is said", leaf.words),
        Test::When { .. } => format!("{}: turns a day beyond", leaf.words),
        Test::Taking(taking) => {
            let except = taking.except.iter().filter_map(|(_, e)| e.limit());
            let limits: Vec<String> = except.map(|l| format!("{} mg/day", plain(l))).collect();
            let limits = limits.join(", ");
            if limits.is_empty() {
                format!("{}: turns when no such medicine is taken", leaf.words)
            } else {
                format!(
                    "{}: turns when no such medicine is taken, or up to {limits}",
                    leaf.words
                )
            }
        }
        Test::Treated(_) => format!("{}: turns with one treatment more or fewer", leaf.words),
    }
}
