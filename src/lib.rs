//! Pre-treatment screening checklists for JAK inhibitors.
//!
//! A *profile* says what is known of one patient; a *library* holds what each label and guideline says, as criteria that cite
//! their section. Screening holds the one against the other and gives a *checklist* for each label of the plan: what speaks
//! against starting, what is not known yet, what to weigh, what is still needed. It never decides, never ranks drugs, and
//! what the profile does not say is unknown, never absent.
//!
//! ```
//! use chrono::NaiveDate;
//! use jakscreen::{Conclusion, Library, Profile};
//!
//! let library = Library::builtin();
//! let profile = Profile::read(&library, "profile.yaml", "
//! plan: { drug: upadacitinib, indication: rheumatoid_arthritis, label: us }
//! tests:
//!   - { date: 2026-11-10, lymphocytes: 450 /uL }
//! ")?;
//! let day = NaiveDate::from_ymd_opt(2026, 11, 21).ok_or("no such day")?;
//! let screening = library.screen(&profile, day);
//! assert_eq!(screening.conclusion(), Conclusion::Barrier);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | part | what it is |
//! |------|------------|
//! | [`Library`] | dictionary, hazards, policy, labels and guidance; built in, with one's own laid over it |
//! | [`Profile`] | what is known of one patient on one day, read from YAML or JSON |
//! | [`Screening`], [`Checklist`], [`Finding`] | what came out, every statement with its source |
//! | [`Form`] | what a plan asks for: a profile without a value, line by line |
//! | [`Trace`] | how a criterion was decided |
//! | [`render`] | text, plain sentences, JSON, YAML |
//! | [`quiz`] | questions on a profile for teaching, marked by the evaluation |
//! | [`rules`] | for those who write, review and sign rules: cases, coverage, lints, pages, differences |
//! | [`schema`] | JSON Schemas of profiles, rule files and cases, for editors |
//! | [`memory`], [`Screener`] | profiles from values instead of text, and what they meet without words |
//! | [`batch`] | many profiles: a record in, a line out, and what all of them come to |
//! | [`verify()`] | whether a checklist that was kept is what its profile gives now |
//! | [`Diagnostics`] | the one error: everything that is wrong with a file, each with its place |
//!
//! The library takes text and a date. It never touches files, the clock, the environment or a network.

pub mod batch;
mod checklist;
mod date;
mod decode;
mod diagnostic;
mod dictionary;
mod evaluate;
mod form;
mod judged;
mod library;
mod outcome;
mod profile;
mod quantity;
pub mod quiz;
pub mod render;
pub mod rules;
pub mod schema;
mod screen;
mod screener;
mod text;
mod verify;

pub use checklist::{
    Advice, Checklist, Conclusion, DocumentUsed, Dose, Eligibility, Engine, Finding,
    FindingOutcome, LibraryUsed, MonitoringItem, NotEvaluatedItem, Notice, Patient, Planned,
    PolicyChanged, Question, SCHEMA, Screening, SourceRef, Suppressed, TestItem, TestStatus,
};
pub use diagnostic::{Code, Diagnostic, Diagnostics, Severity};
pub use dictionary::Seen;
pub use evaluate::{Answer, Evidence, Open, Trace, TraceNode};
pub use form::{Form, FormLine, OnlyIf};
pub use library::{Level, Library, Source, Strength};
pub use outcome::{Outcome, Reason};
pub use profile::{CHANGES, PlanChange, Profile, memory};
pub use render::Style;
pub use screener::{CriterionRef, Found, Screener};
pub use verify::{Part, Verification, verify};

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
