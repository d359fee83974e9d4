//! A quiz from any profile: what would you want to know next, and what follows? The evaluation marks it; nothing of that is written by
//! hand.
//!
//! ```
//! use jakscreen::quiz::{Given, Quiz};
//! use jakscreen::{Conclusion, Library, Profile};
//!
//! let library = Library::builtin();
//! let profile = Profile::read(&library, "profile.yaml", "
//! as_of: 2026-11-21
//! plan: { drug: upadacitinib, indication: rheumatoid_arthritis, label: us }
//! tests: { lymphocytes: 450 /uL }
//! ")?;
//! let quiz = Quiz::new(&library, &profile, profile.as_of().unwrap_or_default(), "low", None);
//! let mut given = Given::default();
//! given.conclusions.insert("us".to_owned(), Conclusion::Barrier);
//! assert_eq!(quiz.mark(&given).score.points, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod known;
mod options;
mod read;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::checklist::{
    Checklist, Conclusion, Eligibility, Finding, FindingOutcome, Screening, SourceRef, TestItem,
    TestStatus,
};
use crate::decode::did_you_mean;
use crate::evaluate::{Evidence, Open, Trace};
use crate::library::{Level, Library};
use crate::outcome::Outcome;
use crate::profile::Profile;

use options::{Wanted, choose};

/// The name and version of the format of questions and results.
pub const QUIZ_SCHEMA: &str = "jakscreen/quiz/1";

/// The teaching cases that come with the crate.
static CASES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/cases.bin"));

/// The teaching cases that come with the crate: each file's name and its text; the lesson of `NAME.yaml` is `NAME.lesson.yaml`.
pub fn builtin_cases() -> Vec<(&'static str, &'static str)> {
    // Written by the build: it can always be read.
    postcard::from_bytes(CASES).unwrap_or_default()
}

/// What to write where no case that comes with the crate has this name.
pub fn case_help(name: &str) -> String {
    let files = builtin_cases();
    let names = files
        .iter()
        .filter_map(|(name, _)| name.strip_suffix(".yaml"));
    let names: Vec<&str> = names.filter(|name| !name.ends_with(".lesson")).collect();
    let near = did_you_mean(name, names.iter().copied());
    let near = near.map(|near| near + " ").unwrap_or_default();
    format!("{near}The cases are: {}", names.join(", "))
}

/// What a case is told with, and what is to be learnt from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    title: String,
    story: String,
    points: Vec<Point>,
}

/// One thing to be learnt, with the criteria that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Point {
    text: String,
    criteria: Vec<String>,
}

/// The questions on one profile, and how they are marked.
#[derive(Debug, Clone)]
pub struct Quiz {
    questions: Questions,
    /// Why each option is right or wrong, in the order of the options.
    keys: Vec<Key>,
    /// What is right too and not among the options.
    left_out: Vec<Wanted>,
    screening: Screening,
    points: Vec<Point>,
}

/// What is asked, without what is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Questions {
    /// The name of the case.
    pub case: String,
    /// The title of its lesson.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub story: Option<String>,
    /// The day it is judged for, as `2026-11-21`.
    pub as_of: String,
    /// What the profile says.
    pub known: Vec<Known>,
    /// First question: which of these would you want to know next? Several are right, one, or none.
    pub options: Vec<Choice>,
    /// Second question, for each label: which conclusion follows?
    pub labels: Vec<LabelAsked>,
    /// What can follow: the first that applies.
    pub conclusions: Vec<Worded>,
}

/// What a part of a profile says, a line for each fact or day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Known {
    /// As `plan`, `tests` or `medicines`.
    pub part: &'static str,
    /// In words.
    pub says: Vec<String>,
}

/// Something that one might want to know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Choice {
    /// The fact, in the dictionary's spelling; answers name it so.
    pub fact: String,
    /// Its display name.
    pub name: String,
    /// How it is asked for.
    pub question: String,
}

/// A label whose conclusion is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LabelAsked {
    /// Its jurisdiction, as `us`; answers name it so.
    pub label: String,
    /// Its id, as `us/upadacitinib`.
    pub document: String,
    /// Its title.
    pub title: String,
}

/// A conclusion in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Worded {
    /// Answers name it so.
    pub name: Conclusion,
    /// What it means.
    pub words: &'static str,
}

/// The conclusions, gravest first: the first that applies is right.
pub const CONCLUSIONS: [Worded; 4] = [
    Worded {
        name: Conclusion::Barrier,
        words: "a source speaks against starting as things stand",
    },
    Worded {
        name: Conclusion::Incomplete,
        words: "something that counts is still to be known",
    },
    Worded {
        name: Conclusion::Weigh,
        words: "something is to be weighed",
    },
    Worded {
        name: Conclusion::NoFlags,
        words: "nothing was flagged in what was screened",
    },
];

/// What was answered to one case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// The facts chosen; empty: none of them. Without it, the question was not answered.
    pub next: Option<Vec<String>>,
    /// The conclusion for each label, by its jurisdiction.
    pub conclusions: BTreeMap<String, Conclusion>,
}

/// What was answered, by the name of the case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    cases: BTreeMap<String, Given>,
}

impl Answers {
    /// What was answered to a case.
    pub fn of(&self, case: &str) -> Option<&Given> {
        self.cases.get(case)
    }
}

/// Points, and how many there were to get.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Score {
    /// Those given.
    pub points: usize,
    /// All.
    pub of: usize,
}

impl std::iter::Sum for Score {
    fn sum<I: Iterator<Item = Self>>(scores: I) -> Self {
        scores.fold(Self::default(), |a, b| Self {
            points: a.points + b.points,
            of: a.of + b.of,
        })
    }
}

/// Marked cases with the sum of their points.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Results {
    /// The name and version of this format.
    pub schema: &'static str,
    /// Each case.
    pub cases: Vec<Marked>,
    /// The sum.
    pub score: Score,
}

impl Results {
    /// Of marked cases.
    pub fn of(cases: Vec<Marked>) -> Self {
        Self {
            schema: QUIZ_SCHEMA,
            score: cases.iter().map(|c| c.score).sum(),
            cases,
        }
    }
}

/// A case with its answers marked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Marked {
    /// The name of the case.
    pub case: String,
    /// The title of its lesson.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What one would want to know next.
    pub next: MarkedNext,
    /// The conclusion for each label.
    pub labels: Vec<MarkedLabel>,
    /// What is to be learnt from it.
    pub points: Vec<MarkedPoint>,
    /// The sum of its questions.
    pub score: Score,
}

/// What one would want to know next, marked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MarkedNext {
    /// It was answered at all.
    pub answered: bool,
    /// Each option.
    pub options: Vec<MarkedOption>,
    /// What is right too and was not among the options.
    pub left_out: Vec<Choice>,
    /// A point for each right option chosen, one off for each wrong one, never below 0; where no option is right, one point for
    /// saying so.
    pub score: Score,
}

/// How an option was marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Chosen, and right.
    Right,
    /// Right, and not chosen.
    Missed,
    /// Chosen, and not right.
    Wrong,
    /// Not right, and not chosen.
    Left,
}

/// An option, marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MarkedOption {
    /// The option.
    #[serde(flatten)]
    pub option: Choice,
    /// How it was marked.
    pub mark: Mark,
    /// Why.
    #[serde(flatten)]
    pub key: Key,
}

/// Why an option is right or wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// It is right: what is open without it.
    Settles(Vec<Settles>),
    /// It is known already: where it stands.
    Known(Evidence),
    /// No criterion or list of these documents, those of the plan, asks for it.
    NotAsked(Vec<String>),
}

/// What is open as long as something is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Settles {
    /// What the answer could add. None of a listed test as such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The criterion, or `eligibility`. None of a listed test as such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criterion: Option<String>,
    /// The source's verb.
    pub says: String,
    /// Where it stands.
    pub source: SourceRef,
}

/// The conclusion for a label, marked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MarkedLabel {
    /// The label.
    #[serde(flatten)]
    pub asked: LabelAsked,
    /// What was answered.
    pub chosen: Option<Conclusion>,
    /// What follows.
    pub right: Conclusion,
    /// The same in one line.
    pub headline: String,
    /// The findings that decide it.
    pub findings: Vec<Decides>,
    /// Listed tests that decide it: they have no usable result.
    pub tests: Vec<TestItem>,
    /// The label's indication, if that decides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eligibility: Option<Eligibility>,
    /// A point if it is right.
    pub score: Score,
}

/// A finding that decides a conclusion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Decides {
    /// The criterion.
    pub criterion: String,
    /// The kind of harm.
    pub hazard_name: String,
    /// What came out.
    pub outcome: FindingOutcome,
    /// How it is shown.
    pub level: Level,
    /// The source's verb.
    pub says: String,
    /// What was asked, in words.
    pub asks: String,
    /// What was read.
    pub because: Vec<Evidence>,
    /// What would have to be known.
    pub open: Vec<Open>,
    /// Where it stands.
    pub source: SourceRef,
}

/// Something to be learnt, with what came out of its criteria.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MarkedPoint {
    /// What it is.
    pub text: String,
    /// Its criteria.
    pub criteria: Vec<Shown>,
}

/// A criterion that shows something, with its outcome for this profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Shown {
    /// As `us/upadacitinib/lymphocytes-low`.
    pub criterion: String,
    /// What came out; none if no document of the plan has it.
    pub outcome: Option<FindingOutcome>,
    /// How it is shown.
    pub level: Option<Level>,
    /// The source's verb.
    pub says: Option<String>,
}

impl Quiz {
    /// The questions on a profile as of a day. `case` names it in answers, and orders its options: the same case gives the same
    /// questions.
    pub fn new(
        library: &Library,
        profile: &Profile,
        as_of: NaiveDate,
        case: &str,
        lesson: Option<&Lesson>,
    ) -> Self {
        let screening = library.screen(profile, as_of);
        let chosen = choose(library, profile, &screening, case);
        let (options, keys) = chosen.options.into_iter().unzip();
        let labels = screening.checklists.iter().map(|c| LabelAsked {
            label: jurisdiction(&c.label.id).to_owned(),
            document: c.label.id.clone(),
            title: c.label.title.clone(),
        });
        let questions = Questions {
            case: case.to_owned(),
            title: lesson.map(|l| l.title.clone()),
            story: lesson.map(|l| l.story.clone()),
            as_of: screening.as_of.clone(),
            known: known::known(library, profile, &screening),
            options,
            labels: labels.collect(),
            conclusions: CONCLUSIONS.to_vec(),
        };
        Self {
            questions,
            keys,
            left_out: chosen.left_out,
            screening,
            points: lesson.map(|l| l.points.clone()).unwrap_or_default(),
        }
    }

    /// What is asked.
    pub fn questions(&self) -> &Questions {
        &self.questions
    }

    fn options(&self) -> impl Iterator<Item = (&Choice, &Key)> {
        self.questions.options.iter().zip(&self.keys)
    }

    /// Marks the answers to all questions.
    pub fn mark(&self, given: &Given) -> Marked {
        let next = self.mark_next(given.next.as_deref());
        let labels = self.questions.labels.iter();
        let labels: Vec<MarkedLabel> = labels
            .filter_map(|l| self.mark_label(&l.label, given.conclusions.get(&l.label).copied()))
            .collect();
        let scores = labels.iter().map(|l| l.score);
        Marked {
            case: self.questions.case.clone(),
            title: self.questions.title.clone(),
            score: scores.chain([next.score]).sum(),
            next,
            labels,
            points: self.points.iter().map(|p| self.mark_point(p)).collect(),
        }
    }

    /// Marks what one would want to know next; none: not answered.
    pub fn mark_next(&self, chosen: Option<&[String]>) -> MarkedNext {
        let is_chosen = |option: &Choice| chosen.is_some_and(|c| c.contains(&option.fact));
        let options: Vec<MarkedOption> = self
            .options()
            .map(|(option, key)| MarkedOption {
                mark: match (is_right(key), is_chosen(option)) {
                    (true, true) => Mark::Right,
                    (true, false) => Mark::Missed,
                    (false, true) => Mark::Wrong,
                    (false, false) => Mark::Left,
                },
                option: option.clone(),
                key: key.clone(),
            })
            .collect();
        let count = |mark: Mark| options.iter().filter(|o| o.mark == mark).count();
        let (right, wrong) = (count(Mark::Right), count(Mark::Wrong));
        let of = right + count(Mark::Missed);
        let score = if of == 0 {
            let none = chosen.is_some() && wrong == 0;
            Score {
                points: none.into(),
                of: 1,
            }
        } else {
            Score {
                points: right.saturating_sub(wrong),
                of,
            }
        };
        let left_out = self.left_out.iter().map(|w| w.option.clone());
        MarkedNext {
            answered: chosen.is_some(),
            left_out: left_out.collect(),
            options,
            score,
        }
    }

    /// Marks the conclusion for a label, by its jurisdiction; none if it is not asked for.
    pub fn mark_label(&self, label: &str, chosen: Option<Conclusion>) -> Option<MarkedLabel> {
        let labels = self.questions.labels.iter().zip(&self.screening.checklists);
        let (asked, checklist) = labels.into_iter().find(|(asked, _)| asked.label == label)?;
        let indication = match checklist.conclusion {
            Conclusion::Incomplete => Some(Outcome::Unknown),
            Conclusion::Weigh => Some(Outcome::NotMet),
            Conclusion::Barrier | Conclusion::NoFlags => None,
        };
        let eligibility = &checklist.eligibility;
        let tests = missing_tests(checklist)
            .filter(|_| checklist.conclusion == Conclusion::Incomplete)
            .cloned();
        let findings = checklist.findings.iter();
        Some(MarkedLabel {
            asked: asked.clone(),
            chosen,
            right: checklist.conclusion,
            headline: checklist.headline.clone(),
            findings: findings
                .filter(|f| decides(checklist.conclusion, f))
                .map(decided)
                .collect(),
            tests: tests.collect(),
            eligibility: (Some(eligibility.outcome) == indication).then(|| eligibility.clone()),
            score: Score {
                points: (chosen == Some(checklist.conclusion)).into(),
                of: 1,
            },
        })
    }

    fn mark_point(&self, point: &Point) -> MarkedPoint {
        let findings = || self.screening.checklists.iter().flat_map(|c| &c.findings);
        let shown = point.criteria.iter().map(|criterion| {
            let found =
                findings().find(|f| format!("{}/{}", f.source.document, f.criterion) == *criterion);
            Shown {
                criterion: criterion.clone(),
                outcome: found.map(|f| f.outcome),
                level: found.map(|f| f.level),
                says: found.map(|f| f.says.clone()),
            }
        });
        MarkedPoint {
            text: point.text.clone(),
            criteria: shown.collect(),
        }
    }
}

fn is_right(key: &Key) -> bool {
    matches!(key, Key::Settles(_))
}

/// The jurisdiction of a label.
fn jurisdiction(document: &str) -> &str {
    document.split('/').next().unwrap_or_default()
}

/// Listed tests without a usable result.
fn missing_tests(checklist: &Checklist) -> impl Iterator<Item = &TestItem> {
    let missing = |t: &&TestItem| t.before_starting && t.status != TestStatus::Done;
    checklist.tests.iter().filter(missing)
}

/// Whether a finding is one of those from which a conclusion follows.
fn decides(conclusion: Conclusion, f: &Finding) -> bool {
    let aside = f.suppressed.is_some() && f.level != Level::Advice;
    match conclusion {
        Conclusion::Barrier => {
            f.counts() && f.outcome == FindingOutcome::Met && f.level == Level::Barrier
        }
        Conclusion::Incomplete => f.counts() && f.outcome == FindingOutcome::Unknown,
        Conclusion::Weigh => (f.counts() || aside) && f.outcome == FindingOutcome::Met,
        Conclusion::NoFlags => false,
    }
}

fn decided(f: &Finding) -> Decides {
    Decides {
        criterion: f.criterion.clone(),
        hazard_name: f.hazard_name.clone(),
        outcome: f.outcome,
        level: f.level,
        says: f.says.clone(),
        asks: f.trace.as_ref().map(Trace::words).unwrap_or_default(),
        because: f.because.clone(),
        open: f.open.clone(),
        source: f.source.clone(),
    }
}
