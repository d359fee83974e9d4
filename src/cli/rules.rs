//! `jakscreen rules`: the tools for those who write, review and sign rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::slice;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use jakscreen::rules::{
    Collection, Covered, Diff, Filter, Listed, Signature, Volume, builtin_files, diff, sign,
    signed_by as rules_state,
};
use jakscreen::{Diagnostic, Level, Library, Profile, Seen, Style, render};

use super::files::{self, Text, sources};
use super::input::day;
use super::messages::Messages;
use super::{Status, print};

#[derive(Debug, Args)]
pub(super) struct Rules {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the criteria
    List(List),
    /// Print a criterion as a page: what it asks, its source, its cases, what flips it
    Show(Show),
    /// Run the cases kept beside the documents
    Test(Which),
    /// Find what is wrong with rules that can be read: contradictions, statements nobody can meet, texts and facts to no use
    Check(Check),
    /// Show how well the cases hold the criteria, and which mistakes they would not notice
    Coverage(Coverage),
    /// Say in words which criteria changed between two libraries, and for how many patients
    Diff(Difference),
    /// Sign a document: its rules say what the source says; or say who has signed it
    Review(Review),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    laid: Laid,
    /// Of this drug only
    #[arg(long)]
    drug: Option<String>,
    /// Of this label's jurisdiction only: us or eu
    #[arg(long)]
    label: Option<String>,
    /// About this kind of harm only, as thrombosis
    #[arg(long)]
    hazard: Option<String>,
    /// At this level only
    #[arg(long, value_enum)]
    level: Option<LevelName>,
}

#[derive(Debug, Args)]
struct Show {
    /// The criterion: us/upadacitinib/lymphocytes-low, or lymphocytes-low for that of every document
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    laid: Laid,
}

/// The library, with rules of one's own.
#[derive(Debug, Args)]
struct Laid {
    /// A folder of rules: a whole library, or one's own to lay over the built-in one
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LevelName {
    Barrier,
    Warning,
    Caution,
    Dose,
    Advice,
}

#[derive(Debug, Args)]
struct Difference {
    /// The old rules: a folder, or `builtin`
    old: PathBuf,
    /// The new rules: a folder, or `builtin`
    new: PathBuf,
    #[command(flatten)]
    patients: Patients,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Review {
    /// The file of the document
    file: PathBuf,
    /// Who has held it against the source; without it, the state is printed
    #[arg(long, value_name = "NAME", requires = "next")]
    by: Option<String>,
    /// The day of the review, as 2026-11-21; else today
    #[arg(long, value_name = "DATE", value_parser = day)]
    on: Option<NaiveDate>,
    /// The day by which it must be read again
    #[arg(long, value_name = "DATE", value_parser = day, requires = "by")]
    next: Option<NaiveDate>,
}

/// Which rules are meant.
#[derive(Debug, Args)]
struct Which {
    /// A folder of rules: a whole library, or one's own to lay over the built-in one, which is meant without a folder
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// This document only, as us/upadacitinib; may be repeated
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Coverage {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    patients: Patients,
    /// A line for each criterion
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
struct Check {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    patients: Patients,
}

/// Patients to try rules on.
#[derive(Debug, Args)]
struct Patients {
    /// Profiles to try the rules on: a folder or a file; may be repeated
    #[arg(long, value_name = "PATH")]
    cohort: Vec<PathBuf>,
    /// The day to judge for, as 2026-11-21; else each file's own, else today
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<NaiveDate>,
}

impl Rules {
    pub(super) fn run(self, messages: &mut Messages) -> io::Result<Status> {
        match &self.command {
            Command::List(list) => list.run(messages),
            Command::Show(show) => show.run(messages),
            Command::Diff(diff) => diff.run(messages),
            Command::Review(review) => review.run(messages),
            Command::Test(which) => test(which, messages),
            Command::Check(check) => check.run(messages),
            Command::Coverage(coverage) => coverage.run(messages),
        }
    }
}

/// The files of a folder, or those that come with the program.
fn texts(folder: Option<&Path>, messages: &mut Messages) -> Option<Vec<Text>> {
    match folder {
        Some(folder) => messages.read(files::folder(folder)),
        None => Some(
            builtin_files()
                .into_iter()
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .collect(),
        ),
    }
}

impl Which {
    fn collection(&self, messages: &mut Messages) -> Option<Collection> {
        let mut collection = collection(self.folder.as_deref(), messages)?;
        let known = collection.documents();
        if let Some(unknown) = self.only.iter().find(|id| !known.contains(id)) {
            let known = known.join(", ");
            let message = format!("no document `{unknown}` here; there are: {known}");
            messages.error("argument", None, &message);
            return None;
        }
        if !self.only.is_empty() {
            collection.only(&self.only);
        }
        Some(collection)
    }
}

impl Laid {
    fn collection(&self, messages: &mut Messages) -> Option<Collection> {
        collection(self.rules.as_deref(), messages)
    }
}

/// The rules of a folder, or those that come with the program.
fn collection(folder: Option<&Path>, messages: &mut Messages) -> Option<Collection> {
    let files = texts(folder, messages)?;
    let read = Collection::read(&sources(&files));
    read.map_err(|problems| messages.refused(&problems, &files, ""))
        .ok()
}

impl List {
    fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let Some(collection) = self.laid.collection(messages) else {
            return Ok(Status::BadInput);
        };
        let filter = Filter {
            drug: self.drug.clone(),
            jurisdiction: self.label.clone(),
            hazard: self.hazard.clone(),
            level: self.level.map(LevelName::level),
        };
        if let Some(message) = self.unknown(&collection) {
            messages.error("argument", None, &message);
            return Ok(Status::BadInput);
        }
        let listed = collection.list(&filter);
        if self.laid.json {
            json(&listed)?;
        } else {
            let mut text = String::new();
            for l in &listed {
                let note = if l.standing { ", all patients" } else { "" };
                let seen = match l.seen {
                    Seen::Unverified | Seen::Superseded => format!("; {}", l.seen.words()),
                    _ => String::new(),
                };
                let _ = writeln!(
                    text,
                    "{}  {}{note}: {} [{}{seen}]",
                    l.id,
                    word(l.level),
                    l.says,
                    l.section
                );
            }
            let _ = writeln!(text, "{} criteria", listed.len());
            print(&text)?;
        }
        Ok(Status::Done)
    }
}

impl List {
    /// A name that no criterion has, with those that some have.
    fn unknown(&self, collection: &Collection) -> Option<String> {
        let all = collection.list(&Filter::default());
        let of = |names: fn(&Listed) -> &[String]| all.iter().flat_map(names).collect();
        let asked: [(&str, &Option<String>, BTreeSet<&String>); 3] = [
            ("drug", &self.drug, of(|l| &l.drugs)),
            ("label", &self.label, of(|l| &l.jurisdictions)),
            ("hazard", &self.hazard, of(|l| slice::from_ref(&l.hazard))),
        ];
        let unknown = asked.into_iter().find_map(|(what, name, known)| {
            let name = name.as_ref().filter(|n| !known.contains(n))?;
            Some((what, name, known))
        });
        unknown.map(|(what, name, known)| {
            let known: Vec<&str> = known.into_iter().map(String::as_str).collect();
            format!(
                "no criterion of the {what} `{name}`; there are: {}",
                known.join(", ")
            )
        })
    }
}

impl LevelName {
    fn level(self) -> Level {
        match self {
            Self::Barrier => Level::Barrier,
            Self::Warning => Level::Warning,
            Self::Caution => Level::Caution,
            Self::Dose => Level::Dose,
            Self::Advice => Level::Advice,
        }
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Barrier => "barrier",
        Level::Warning => "warning",
        Level::Caution => "caution",
        Level::Dose => "dose",
        Level::Advice => "advice",
    }
}

impl Show {
    fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let Some(collection) = self.laid.collection(messages) else {
            return Ok(Status::BadInput);
        };
        let pages = collection.show(&self.id);
        if pages.is_empty() {
            messages.error("argument", None, &self.unknown(&collection));
            return Ok(Status::BadInput);
        }
        if self.laid.json {
            json(&pages)?;
        } else {
            let page = |page| render::criterion(page, Style::default());
            let pages: Vec<String> = pages.iter().map(page).collect();
            print(&pages.join("\n"))?;
        }
        Ok(Status::Done)
    }

    fn unknown(&self, collection: &Collection) -> String {
        let all = collection.list(&Filter::default());
        let wanted = self.id.rsplit('/').next().unwrap_or_default();
        let like: Vec<&str> = all
            .iter()
            .filter(|l| !wanted.is_empty() && l.id.contains(wanted))
            .take(8)
            .map(|l| l.id.as_str())
            .collect();
        let help = if like.is_empty() {
            "`jakscreen rules list` names them".to_owned()
        } else {
            format!("there are: {}", like.join(", "))
        };
        format!("no criterion `{}`; {help}", self.id)
    }
}

impl Difference {
    fn read(&self, messages: &mut Messages) -> Option<Diff> {
        let mut side = |path: &Path| {
            let folder = (path != Path::new("builtin")).then_some(path);
            collection(folder, messages)
        };
        let (old, new) = (side(&self.old)?, side(&self.new)?);
        let cohort = self.patients.texts(messages)?;
        let (old, new) = (old.library(), new.library());
        let diff = diff(old, new, &sources(&cohort), |p| self.patients.day(p));
        messages.checked(diff, &cohort)
    }

    fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let Some(diff) = self.read(messages) else {
            return Ok(Status::BadInput);
        };
        if self.json {
            json(&diff)?;
            return Ok(Status::Done);
        }
        let mut text = String::new();
        for document in &diff.documents {
            let _ = writeln!(text, "{}", document.document);
            for change in &document.changes {
                let _ = writeln!(text, "  {change}");
            }
        }
        for other in &diff.others {
            let _ = writeln!(text, "{other}");
        }
        for shift in &diff.patients {
            let count = shift.patients;
            let of = if count == 1 { "patient" } else { "patients" };
            let _ = writeln!(
                text,
                "{}: {} -> {} for {count} {of}",
                shift.what, shift.from, shift.to
            );
        }
        if text.is_empty() {
            text.push_str("no difference\n");
        }
        print(&text)?;
        Ok(Status::Done)
    }
}

impl Review {
    fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let Some(file) = messages.read(files::read(&self.file)) else {
            return Ok(Status::BadInput);
        };
        let (name, text) = &file;
        let (Some(by), Some(next)) = (&self.by, self.next) else {
            let state = messages.checked(rules_state(name, text), slice::from_ref(&file));
            let Some(state) = state else {
                return Ok(Status::BadInput);
            };
            print(&format!("{name}: {state}\n"))?;
            return Ok(Status::Done);
        };
        let on = self.on.unwrap_or_else(today);
        if on > today() {
            messages.error("argument", None, "the day of the review has not come yet");
            return Ok(Status::BadInput);
        }
        let signature = Signature { by, on, next };
        let signed = sign(name, text, &signature).and_then(|signed| {
            // What is written must be read as signed.
            rules_state(name, &signed).map(|state| (signed, state))
        });
        let Some((signed, state)) = messages.checked(signed, slice::from_ref(&file)) else {
            return Ok(Status::BadInput);
        };
        if let Err(error) = std::fs::write(&self.file, signed) {
            messages.error("unwritable", Some(name), &error.to_string());
            return Ok(Status::BadInput);
        }
        print(&format!("{name}: {state}\n"))?;
        Ok(Status::Done)
    }
}

impl Patients {
    fn day(&self, profile: &Profile) -> NaiveDate {
        self.as_of.or(profile.as_of()).unwrap_or_else(today)
    }

    /// The texts of the cohort.
    fn texts(&self, messages: &mut Messages) -> Option<Vec<Text>> {
        let mut texts = Vec::new();
        for path in &self.cohort {
            let read = if path.is_dir() {
                files::folder(path)
            } else {
                files::read(path).map(|text| vec![text])
            };
            texts.extend(messages.read(read)?);
        }
        Some(texts)
    }

    /// The cohort, read against a library.
    fn read(
        &self,
        library: &Library,
        messages: &mut Messages,
    ) -> Option<Vec<(Profile, NaiveDate)>> {
        let files = self.texts(messages)?;
        let read = files.iter().map(|file| {
            let profile = Profile::read(library, &file.0, &file.1);
            messages.checked(profile, slice::from_ref(file))
        });
        // All problems are said before one ends it.
        let profiles: Vec<Option<Profile>> = read.collect();
        let profiles = profiles.into_iter().map(|profile| {
            let profile = profile?;
            let day = self.day(&profile);
            Some((profile, day))
        });
        profiles.collect()
    }
}

impl Check {
    fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let Some((files, found)) = self.found(messages) else {
            return Ok(Status::BadInput);
        };
        if self.which.json {
            json(&found)?;
        } else {
            messages.result(&found, &files)?;
        }
        Ok(if found.is_empty() {
            Status::Done
        } else {
            Status::Failed
        })
    }

    fn found(&self, messages: &mut Messages) -> Option<(Vec<Text>, Vec<Diagnostic>)> {
        let files = texts(self.which.folder.as_deref(), messages)?;
        let collection = self.which.collection(messages)?;
        let cohort = self.patients.read(collection.library(), messages)?;
        let day = self.patients.as_of.unwrap_or_else(today);
        Some((files, collection.check(day, &cohort)))
    }
}

#[allow(clippy::disallowed_methods, reason = "only the binary knows today")]
fn today() -> NaiveDate {
    chrono::Local::now().date_naive()
}

fn json(value: &impl serde::Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    print(&format!("{text}\n"))
}

fn test(which: &Which, messages: &mut Messages) -> io::Result<Status> {
    let Some(collection) = which.collection(messages) else {
        return Ok(Status::BadInput);
    };
    let tested = collection.test();
    let wrong: usize = tested.iter().map(|t| t.wrong.len()).sum();
    if which.json {
        json(&tested)?;
    } else {
        let mut text = String::new();
        for document in &tested {
            let _ = match document.wrong.len() {
                _ if document.file.is_none() => writeln!(text, "{}: no cases", document.document),
                0 => writeln!(text, "{}: {} cases", document.document, document.count),
                n => writeln!(
                    text,
                    "{}: {n} wrong in {} cases",
                    document.document, document.count
                ),
            };
            for line in &document.wrong {
                let _ = writeln!(text, "  {line}");
            }
        }
        let count: usize = tested.iter().map(|t| t.count).sum();
        let _ = writeln!(
            text,
            "{count} cases of {} documents, {wrong} wrong",
            tested.len()
        );
        print(&text)?;
    }
    Ok(if wrong == 0 {
        Status::Done
    } else {
        Status::Failed
    })
}

/// What coverage prints as JSON.
#[derive(Debug, serde::Serialize)]
struct Report {
    documents: Vec<Covered>,
    cohort: Volume,
}

impl Coverage {
    fn read(&self, messages: &mut Messages) -> Option<(Collection, Vec<(Profile, NaiveDate)>)> {
        let collection = self.which.collection(messages)?;
        let cohort = self.patients.read(collection.library(), messages)?;
        Some((collection, cohort))
    }

    fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let Some((collection, cohort)) = self.read(messages) else {
            return Ok(Status::BadInput);
        };
        let documents = collection.coverage();
        let lacking: usize = documents.iter().map(|c| c.lacking().len()).sum();
        let cohort = collection.volume(&cohort);
        if self.which.json {
            json(&Report { documents, cohort })?;
        } else {
            print(&(self.text(&documents) + &volume(&cohort)))?;
        }
        Ok(if lacking == 0 {
            Status::Done
        } else {
            Status::Failed
        })
    }

    fn text(&self, covered: &[Covered]) -> String {
        let mut text = format!(
            "{:28} {:>8} {:>6} {:>8} {:>8} {:>7}\n",
            "document", "criteria", "limits", "mutants", "caught", "score"
        );
        for document in covered {
            let (made, caught) = document.mutants();
            let limits: usize = document.criteria.iter().map(|c| c.limits).sum();
            let _ = writeln!(
                text,
                "{:28} {:>8} {limits:>6} {made:>8} {caught:>8} {:>7}",
                document.document,
                document.criteria.len(),
                percent(caught, made)
            );
            for c in document.criteria.iter().filter(|_| self.all) {
                let _ = writeln!(
                    text,
                    "  {:40} met {}, not met {}, unknown {}, not applicable {}, mutants {} of {}",
                    c.criterion,
                    c.met,
                    c.not_met,
                    c.unknown,
                    c.not_applicable,
                    c.mutants - c.survivors.len(),
                    c.mutants
                );
            }
            for c in &document.criteria {
                for mutant in &c.survivors {
                    if let Some(why) = &mutant.why {
                        let _ = writeln!(text, "  {}: {}: stays: {why}", c.criterion, mutant.what);
                    }
                }
            }
            for line in document.lacking() {
                let _ = writeln!(text, "  {line}");
            }
        }
        text
    }
}

/// How many findings the patients of a cohort have.
fn volume(volume: &Volume) -> String {
    if volume.checklists == 0 {
        return String::new();
    }
    let counts = |counts: &BTreeMap<usize, usize>| {
        let each = counts
            .iter()
            .map(|(n, patients)| format!("{n} in {patients}"));
        each.collect::<Vec<_>>().join(", ")
    };
    let mut text = format!("{} checklists of the cohort\n", volume.checklists);
    let conclusions = volume.conclusions.iter();
    let conclusions: Vec<String> = conclusions.map(|(c, n)| format!("{c} {n}")).collect();
    let _ = writeln!(text, "  conclusions: {}", conclusions.join(", "));
    for (level, of_level) in &volume.findings {
        let _ = writeln!(text, "  {level}: {}", counts(of_level));
    }
    let _ = writeln!(text, "  not known: {}", counts(&volume.unknown));
    text
}

/// A share in percent, rounded down: 100 % is all.
fn percent(part: usize, whole: usize) -> String {
    let tenths = (part * 1000).checked_div(whole).unwrap_or(1000);
    format!("{}.{} %", tenths / 10, tenths % 10)
}
