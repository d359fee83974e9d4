//! What a plan asks for: every fact that can matter for it, in the order of a consultation, as lines of a profile.

mod fill;
mod now;
mod search;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::checklist::{DocumentUsed, FindingOutcome, Screening, TestStatus};
use crate::date::PartialDate;
use crate::diagnostic::Diagnostics;
use crate::dictionary::in_words;
use crate::evaluate::Open;
use crate::library::Library;
use crate::outcome::Reason;
use crate::profile::{PlanChange, Profile};

use now::Now;
use search::Search;

/// A profile without a value: the lines that a plan asks for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Form {
    /// The plan.
    pub drug: String,
    /// Its indication.
    pub indication: String,
    /// Its labels, as `us`.
    pub labels: Vec<String>,
    /// The documents of these labels.
    pub documents: Vec<DocumentUsed>,
    /// Of each label that does not have the indication: what it lacks.
    pub off_label: Vec<String>,
    /// In the order of a consultation: plan, about, history, medicines, treatments, vaccines, tests by sample.
    pub lines: Vec<FormLine>,
}

/// One line of a form: a question, and the key under which a profile answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormLine {
    /// The section of the profile; empty for a key at the top.
    pub section: &'static str,
    /// The key in its section; of an attribute its own.
    pub key: String,
    /// Of an attribute: the key of the line it is written in.
    pub part_of: Option<String>,
    /// The fact it asks for, in the dictionary's spelling; empty if it is none.
    pub fact: String,
    /// Its display name.
    pub name: String,
    /// The question in full.
    pub question: String,
    /// The words it takes.
    pub words: Vec<String>,
    /// The units of a quantity.
    pub units: Vec<String>,
    /// What to write, in words.
    pub expects: String,
    /// Members of a group, or the kinds of medicine the plan asks for: named, they say more.
    pub kinds: Vec<String>,
    /// Of a test: the sample it needs.
    pub sample: Option<String>,
    /// It matters only if one of these holds.
    pub only_if: Vec<OnlyIf>,
    /// It does only where this fact, given with its display name, is not known.
    pub instead_of: Option<(String, String)>,
    /// Of a medicine that is not known: the name that may be meant.
    pub suggests: Option<String>,
    /// What it settles: documents with their criteria.
    pub settles: Vec<String>,
    asks: Asks,
    /// A denial of the rest covers it.
    deniable: bool,
    /// The key of the value itself beside attributes.
    value_key: Option<String>,
    order: (u8, u16, u16, u8),
}

/// What makes a line matter.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OnlyIf {
    /// The fact.
    pub fact: String,
    /// Its display name.
    pub name: String,
    /// One of these values.
    pub is: Vec<String>,
}

/// What kind of line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    Fact,
    /// Of the format: an id, a day, a reason.
    Key,
    /// A name and what is known of it, again and again.
    List,
    /// More about a medicine or treatment that is listed.
    Listed,
    /// What a listed medicine is that is not known.
    Unrecognised,
    /// `everything_else`.
    Denial,
    /// The day of the results of one sample.
    Day,
}

/// What a medicine that is not known takes.
const CLASSES: &str = "its classes, as nsaid or [nsaid, anticoagulant]; none, if it belongs to no class; an empty line, if that \
                       is not known";
/// A date of birth stands for the age: the key and the fact.
const BORN: (&str, &str) = ("born", "age");
/// The dose stands in the plan, be it asked for or not.
const DOSE: &str = "dose";
/// The key of the reason that documents what a restricted use asks for: it matters once one is met.
const ALTERNATIVE: &str = "no_suitable_alternative";
/// The denial of what is not listed.
const REST: &str = "everything_else";
const PLAN: &str = "plan: {}";
/// The sections of a profile, in the order of a consultation.
const SECTIONS: [&str; 7] = [
    "plan",
    "about",
    "history",
    "medicines",
    "treatments",
    "vaccines",
    "tests",
];
impl Library {
    /// The form for a plan: everything that can matter for it under the library, and nothing else.
    ///
    /// # Errors
    /// A plan that names no drug, indication or label of the library.
    pub fn form(&self, plan: &PlanChange, as_of: NaiveDate) -> Result<Form, Diagnostics> {
        let bare = Profile::read_with(self, "the plan", PLAN, plan)?;
        let search = Search {
            library: self,
            plan,
            as_of,
        };
        Ok(search.form(&bare))
    }
}

impl Form {
    /// The lines that a profile still leaves open and that matter as it stands, in order. `source` is the text it was read from.
    pub fn open(
        &self,
        library: &Library,
        profile: &Profile,
        source: &str,
        as_of: NaiveDate,
    ) -> Vec<FormLine> {
        let screening = library.screen(profile, as_of);
        let now = Now {
            form: self,
            library,
            profile,
            open: openings(&screening),
            source,
        };
        now.lines(&screening)
    }

    /// The text of a profile with a line answered, the rest of it as it stands; none if the section cannot take a line.
    pub fn answered(&self, source: &str, line: &FormLine, answer: &str) -> Option<String> {
        fill::answered(self, source, line, answer)
    }

    fn of_sample(&self, sample: Option<&str>) -> impl Iterator<Item = &FormLine> {
        let here = move |l: &&FormLine| l.section == "tests" && l.sample.as_deref() == sample;
        self.lines.iter().filter(here)
    }
}

impl FormLine {
    /// The question that is left where the suggested name is not meant.
    #[must_use]
    pub fn not_meant(self) -> Self {
        Self {
            suggests: None,
            question: format!("What is `{}`?", self.key),
            words: Vec::new(),
            expects: CLASSES.to_owned(),
            ..self
        }
    }

    /// Whether it takes one name after the other.
    pub fn is_list(&self) -> bool {
        self.asks == Asks::List
    }

    /// Whether it denies what is not listed.
    pub fn is_denial(&self) -> bool {
        self.asks == Asks::Denial
    }

    /// Whether a denial of what is not listed covers it.
    pub fn is_covered(&self) -> bool {
        self.deniable
    }

    /// Whether a word that says nothing can stand in it.
    pub(crate) fn stands_open(&self) -> bool {
        self.is_denial() || self.is_day() || (self.key == BORN.0 && self.asks == Asks::Fact)
    }

    /// Of a line with attributes: the key of the value itself beside them.
    pub(crate) fn own_key(&self) -> Option<&str> {
        self.value_key.as_deref()
    }

    /// Whether it is the day of the results of a sample.
    pub fn is_day(&self) -> bool {
        self.asks == Asks::Day
    }

    /// When it matters, in words; nothing if always.
    pub fn condition(&self) -> Option<String> {
        let words = |c: &OnlyIf| {
            let is =
                c.is.iter()
                    .map(|w| in_words(w))
                    .collect::<Vec<_>>()
                    .join(" or ");
            let own = self.part_of.is_some() && self.fact.starts_with(&format!("{}.", c.fact));
            match is.as_str() {
                is if own => format!("if {is}"),
                "yes" => format!("if {}", c.name),
                "no" => format!("if no {}", c.name),
                is => format!("if {} is {is}", c.name),
            }
        };
        let mut all: Vec<String> = self.only_if.iter().map(words).collect();
        // What the line is part of comes first.
        all.sort_by_key(|c| c.split(' ').count());
        (!all.is_empty()).then(|| all.join(", or "))
    }
}

/// Something open in a screening: what it waits for, and what it would settle.
#[derive(Debug, Default)]
struct Opening {
    questions: Vec<String>,
    name: String,
    reason: Option<Reason>,
    after: Option<String>,
    part_of: Vec<String>,
    instead_of: Option<String>,
    settles: BTreeSet<String>,
}

/// Everything open in a screening, by fact.
fn openings(screening: &Screening) -> BTreeMap<String, Opening> {
    let mut all: BTreeMap<String, Opening> = BTreeMap::new();
    let mut add = |open: &Open, settles: String| {
        let opening = all.entry(open.fact.clone()).or_default();
        if !opening.questions.contains(&open.question) {
            opening.questions.push(open.question.clone());
        }
        opening.name.clone_from(&open.name);
        opening.reason = Some(open.reason);
        opening.after.clone_from(&open.after);
        opening.part_of.clone_from(&open.part_of);
        opening.settles.insert(settles);
    };
    for checklist in &screening.checklists {
        let label = &checklist.label.id;
        for open in &checklist.eligibility.open {
            add(open, format!("{label}: the indication"));
        }
        for finding in &checklist.findings {
            if finding.outcome == FindingOutcome::Unknown && finding.suppressed.is_none() {
                for open in &finding.open {
                    let document = &finding.source.document;
                    add(open, format!("{document}: {}", finding.criterion));
                }
            }
        }
    }
    let tests = screening.checklists.iter().flat_map(|c| &c.tests);
    for test in tests.filter(|t| t.status != TestStatus::Done) {
        let Some(source) = &test.source else { continue };
        let settles = format!("{}: {} before starting", source.document, test.name);
        let opening = all.entry(test.test.clone()).or_default();
        opening.settles.insert(settles.clone());
        for other in &test.or {
            let opening = all.entry(other.clone()).or_insert_with(|| Opening {
                instead_of: Some(test.test.clone()),
                ..Opening::default()
            });
            opening.settles.insert(settles.clone());
        }
    }
    all
}

/// Whether an answer is a date of birth, and no age.
fn is_date(text: &str) -> bool {
    text.len() >= 4 && PartialDate::parse(text).is_ok()
}
