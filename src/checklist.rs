//! The checklist: what a screen found, ready to be rendered. Every statement carries its source.

use chrono::NaiveDate;
use serde::Serialize;

use crate::dictionary::Seen;
use crate::evaluate::{Evidence, Open, Trace};
use crate::library::{Level, Strength};
use crate::outcome::Outcome;

/// The name and version of the format.
pub const SCHEMA: &str = "jakscreen/checklist/1";

/// A profile screened on a day: one checklist for each label of the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Screening {
    /// The name and version of this format.
    pub schema: &'static str,
    /// What it was made from, as 12 hexadecimal digits: program version, rules, profile, day and plan. Two runs with one id give the
    /// same bytes.
    pub run: String,
    /// The program that made it.
    pub engine: Engine,
    /// The rules it was made with.
    pub library: LibraryUsed,
    /// The day it was judged for, as `2026-11-21`.
    pub as_of: String,
    /// Whom it is about.
    pub patient: Patient,
    /// What was planned.
    pub plan: Planned,
    /// One checklist for each label; they are never merged.
    pub checklists: Vec<Checklist>,
    /// What the reader should know of the profile.
    pub diagnostics: Vec<Notice>,
}

/// The program that made a screening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Engine {
    /// `jakscreen`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// The rules a screening was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LibraryUsed {
    /// The hash of the canonical form of all rule files (SHA-256).
    pub hash: String,
    /// Rule files of one's own that were laid over the built-in ones.
    pub local: Vec<String>,
    /// Windows and lead times that they set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policy_changes: Vec<PolicyChanged>,
}

/// A window or lead time that local rules set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PolicyChanged {
    /// As `validity.blood_count`.
    pub name: String,
    /// In the built-in rules.
    pub from: String,
    /// In the local rules.
    pub to: String,
}

/// Whom a screening is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Patient {
    /// The id the profile gives.
    pub id: Option<String>,
    /// Age in years, as known.
    pub age: Option<String>,
    /// Sex, as known.
    pub sex: Option<String>,
    /// The hash of the canonical form of the profile (SHA-256).
    pub profile_hash: String,
    /// The day the file was written for, as `2026-11-21`.
    pub file_as_of: Option<String>,
}

/// What was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Planned {
    /// The drug.
    pub drug: String,
    /// The indication.
    pub indication: String,
    /// The jurisdictions whose labels were asked for.
    pub labels: Vec<String>,
    /// The dose as written.
    pub dose: Option<String>,
    /// The day of the start.
    pub start: Option<String>,
    /// The documented reason why there is no suitable alternative.
    pub no_suitable_alternative: Option<String>,
}

/// Something the reader should know of the profile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Notice {
    /// What kind of thing it is: a stable kebab-case code.
    pub code: &'static str,
    /// What it is, in one line.
    pub message: String,
    /// Where it stands in the profile.
    pub path: String,
}

/// One label held against one profile.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Checklist {
    /// The label.
    pub label: DocumentUsed,
    /// What follows from all of it.
    pub conclusion: Conclusion,
    /// The same in one line.
    pub headline: String,
    /// Whether the patient is one the label's indication means.
    pub eligibility: Eligibility,
    /// One for each criterion: barriers first, each level by strength, hazard and id.
    pub findings: Vec<Finding>,
    /// Tests that the label lists before starting, and those that would settle what is not known.
    pub tests: Vec<TestItem>,
    /// Results on which no finding rests: no criterion reads them, or another result settled the matter. They are not judged here.
    pub not_judged: Vec<Evidence>,
    /// Questions that would settle what is not known.
    pub questions: Vec<Question>,
    /// The dose: what is planned and what is asked.
    pub dose: Dose,
    /// What to do before the first dose: vaccines, contraception, counselling.
    pub advice: Vec<Advice>,
    /// What to watch after it.
    pub monitoring: Vec<MonitoringItem>,
    /// Statements that are known and not evaluated.
    pub not_evaluated: Vec<NotEvaluatedItem>,
    /// What "everything else: no" covered.
    pub denied: Vec<String>,
    /// Every document a finding cites.
    pub documents: Vec<DocumentUsed>,
}

/// What follows from a checklist. The first that applies, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Nothing was found in the criteria decided.
    NoFlags,
    /// Something is to be weighed.
    Weigh,
    /// Something that counts is not known.
    Incomplete,
    /// A source speaks against starting.
    Barrier,
}

impl Conclusion {
    /// The conclusion as files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoFlags => "no_flags",
            Self::Weigh => "weigh",
            Self::Incomplete => "incomplete",
            Self::Barrier => "barrier",
        }
    }
}

/// A document with its revision, and whether anybody has signed its rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct DocumentUsed {
    /// Its id, as `us/upadacitinib`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Of guidance: who publishes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Its jurisdictions.
    pub jurisdictions: Vec<String>,
    /// From rules of one's own, laid over the built-in ones.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub local: bool,
    /// Its revision.
    pub revision: String,
    /// Where it is published.
    pub url: String,
    /// Who signed the rules, or that nobody has.
    pub reviewed: String,
}

/// Where a statement stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct SourceRef {
    /// The document's id.
    pub document: String,
    /// Its revision.
    pub revision: String,
    /// The section.
    pub section: String,
    /// How the wording was checked.
    pub seen: Seen,
    /// From rules of one's own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub local: bool,
}

/// Whether the patient is one the label's indication means.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Eligibility {
    /// Met, not met or unknown.
    pub outcome: Outcome,
    /// The label does not have the indication at all.
    pub off_label: bool,
    /// What the label asks and the patient does not meet.
    pub lacks: Vec<String>,
    /// What was read.
    pub because: Vec<Evidence>,
    /// What would have to be known.
    pub open: Vec<Open>,
    /// Where the indication stands.
    pub source: Option<SourceRef>,
}

/// What came out of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingOutcome {
    /// It holds for the patient.
    Met,
    /// It does not.
    NotMet,
    /// The profile does not say.
    Unknown,
    /// The patient is not in the population it speaks of.
    NotApplicable,
    /// It stands for all patients.
    Note,
}

impl FindingOutcome {
    /// The outcome as files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not_applicable",
            Self::Note => "note",
        }
    }
}

/// A criterion with its outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The criterion's id, unique in its document.
    pub criterion: String,
    /// The kind of harm.
    pub hazard: String,
    /// Its name.
    pub hazard_name: String,
    /// What came out.
    pub outcome: FindingOutcome,
    /// How it is shown.
    pub level: Level,
    /// How strongly the source speaks.
    pub strength: Strength,
    /// The source's verb.
    pub says: String,
    /// Carried in the boxed warning too.
    pub boxed: bool,
    /// What was read.
    pub because: Vec<Evidence>,
    /// What would have to be known.
    pub open: Vec<Open>,
    /// Where it stands.
    pub source: SourceRef,
    /// Met only by a result that is out of date.
    pub stale: bool,
    /// What would change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clears: Option<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// A remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Off-label: the indications the limit is given for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limit_for: Vec<String>,
    /// Of a dose finding: the highest daily dose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_dose: Option<String>,
    /// Of a dose finding: the planned dose follows it already, and it does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub followed: Option<bool>,
    /// Of a restricted finding: the documented reason why there is no suitable alternative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative: Option<String>,
    /// Set aside by local rules: shown with its outcome, and not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppressed>,
    /// How it was decided.
    #[serde(skip)]
    pub trace: Option<Trace>,
}

/// How local rules set a criterion aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Suppressed {
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub by: String,
    /// The last day, as `2027-03-31`.
    pub until: String,
}

/// Whether a test has a usable result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TestStatus {
    /// A usable result in date.
    Done,
    /// No result.
    Missing,
    /// A result that is older than policy allows.
    OutOfDate,
    /// Awaited.
    Pending,
    /// Neither positive nor negative.
    Indeterminate,
    /// Results that disagree.
    Conflicting,
    /// Not exact enough to decide.
    Imprecise,
    /// Not done.
    NotDone,
    /// Declined.
    Declined,
}

impl TestStatus {
    /// Every status.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::Missing,
        Self::OutOfDate,
        Self::Pending,
        Self::Indeterminate,
        Self::Conflicting,
        Self::Imprecise,
        Self::NotDone,
        Self::Declined,
    ];

    /// The status as files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Missing => "missing",
            Self::OutOfDate => "out_of_date",
            Self::Pending => "pending",
            Self::Indeterminate => "indeterminate",
            Self::Conflicting => "conflicting",
            Self::Imprecise => "imprecise",
            Self::NotDone => "not_done",
            Self::Declined => "declined",
        }
    }

    /// The status in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Missing => "missing",
            Self::OutOfDate => "out of date",
            Self::Pending => "pending",
            Self::Indeterminate => "indeterminate",
            Self::Conflicting => "conflicting",
            Self::Imprecise => "not exact enough",
            Self::NotDone => "not done",
            Self::Declined => "declined",
        }
    }
}

/// A test with its status and why it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TestItem {
    /// The fact, in the dictionary's spelling.
    pub test: String,
    /// Its display name.
    pub name: String,
    /// Tests that would do as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<String>,
    /// Whether there is a usable result.
    pub status: TestStatus,
    /// The sample it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
    /// Matters only if this fact comes out positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Why it is asked: the label's verb, or the criteria it would settle.
    pub why: String,
    /// The label's list of tests before starting has it.
    pub before_starting: bool,
    /// Where the label asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceRef>,
}

/// A question that would settle what is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Question {
    /// What it asks for.
    pub about: Open,
    /// The criteria it would settle.
    pub settles: Vec<String>,
    /// The gravest level among them.
    pub could_change: Level,
}

/// The dose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Dose {
    /// As planned.
    pub planned: Option<String>,
    /// The lowest of the highest doses that apply, as the source writes it.
    pub max: Option<String>,
    /// Whether the plan follows it.
    pub followed: Option<bool>,
    /// The criteria it comes from.
    pub because: Vec<String>,
}

/// Something to do before the first dose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Advice {
    /// The criterion.
    pub criterion: String,
    /// The kind of harm.
    pub hazard: String,
    /// What the source says.
    pub says: String,
    /// It stands for all patients.
    pub note: bool,
    /// Where it stands.
    pub source: SourceRef,
}

/// What to watch or test after the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MonitoringItem {
    /// What is watched or tested.
    pub what: String,
    /// When, in words.
    pub at: Option<String>,
    /// The day it is due, counted from the planned start.
    pub due: Option<String>,
    /// What then.
    pub then: String,
    /// Where it stands.
    pub source: SourceRef,
}

/// A statement that is known and not evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NotEvaluatedItem {
    /// What it is about.
    pub about: String,
    /// Why it is not evaluated.
    pub why: String,
    /// Where it stands; none for free text of the profile.
    pub source: Option<SourceRef>,
}

impl Screening {
    /// The day of judgement.
    pub fn day(&self) -> Option<NaiveDate> {
        NaiveDate::parse_from_str(&self.as_of, "%Y-%m-%d").ok()
    }

    /// The gravest conclusion of the checklists.
    pub fn conclusion(&self) -> Conclusion {
        self.checklists
            .iter()
            .map(|c| c.conclusion)
            .max()
            .unwrap_or(Conclusion::Incomplete)
    }
}

impl Finding {
    /// Whether it counts towards the conclusion when it is met.
    pub fn counts(&self) -> bool {
        self.level != Level::Advice && self.followed != Some(true) && self.suppressed.is_none()
    }
}
