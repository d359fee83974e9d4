//! `jakscreen rules`: the tools for those who write, review and sign rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use jakscreen::rules::{
    Collection, Covered, Filter, Listed, Signature, Volume, builtin_files, diff, sign,
    signed_by as rules_state,
};
use jakscreen::{Level, Library, Profile, Seen, Style, render};

use super::draw::draw;
use super::files::{self, Text, drawn, sources, total};
use super::input::{When, color, day};
use super::{Status, print, say};

#[derive(Debug, Args)]
pub(super) struct Rules {
    #[command(subcommand)]
    command: Command,
    /// Colour words
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN", global = true)]
    color: When,
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
    pub(super) fn run(self) -> io::Result<Status> {
        let color = color(self.color, io::stderr().is_terminal());
        match &self.command {
            Command::List(list) => list.run(color),
            Command::Show(show) => show.run(color),
            Command::Diff(diff) => diff.run(color),
            Command::Review(review) => review.run(color),
            Command::Test(which) => test(which, color),
            Command::Check(check) => check.run(color),
            Command::Coverage(coverage) => coverage.run(color),
        }
    }
}

/// The files of a folder, or those that come with the program.
fn texts(folder: Option<&Path>) -> Result<Vec<Text>, String> {
    match folder {
        Some(folder) => files::folder(folder).map_err(|e| format!("error: {e}\n")),
        None => Ok(builtin_files()
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect()),
    }
}

impl Which {
    fn collection(&self, color: bool) -> Result<Collection, String> {
        let mut collection = collection(self.folder.as_deref(), color)?;
        let known = collection.documents();
        if let Some(unknown) = self.only.iter().find(|id| !known.contains(id)) {
            let known = known.join(", ");
            return Err(format!(
                "error: no document `{unknown}` here; there are: {known}\n"
            ));
        }
        if !self.only.is_empty() {
            collection.only(&self.only);
        }
        Ok(collection)
    }
}

impl Laid {
    fn collection(&self, color: bool) -> Result<Collection, String> {
        collection(self.rules.as_deref(), color)
    }
}

/// The rules of a folder, or those that come with the program.
fn collection(folder: Option<&Path>, color: bool) -> Result<Collection, String> {
    let files = texts(folder)?;
    Collection::read(&sources(&files)).map_err(|problems| {
        let drawn = drawn(problems.list(), &files, color);
        format!("{drawn}{}\n", total(&problems).trim_end())
    })
}

/// What was asked for, or a message and the status for it.
fn or_say<T>(
    result: Result<T, String>,
    then: impl FnOnce(T) -> io::Result<Status>,
) -> io::Result<Status> {
    match result {
        Ok(value) => then(value),
        Err(message) => {
            say(&message);
            Ok(Status::BadInput)
        }
    }
}

impl List {
    fn run(&self, color: bool) -> io::Result<Status> {
        or_say(self.laid.collection(color), |collection| {
            let filter = Filter {
                drug: self.drug.clone(),
                jurisdiction: self.label.clone(),
                hazard: self.hazard.clone(),
                level: self.level.map(LevelName::level),
            };
            if let Some(message) = self.unknown(&collection) {
                say(&message);
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
        })
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
            (
                "hazard",
                &self.hazard,
                of(|l| std::slice::from_ref(&l.hazard)),
            ),
        ];
        let unknown = asked.into_iter().find_map(|(what, name, known)| {
            let name = name.as_ref().filter(|n| !known.contains(n))?;
            Some((what, name, known))
        });
        unknown.map(|(what, name, known)| {
            let known: Vec<&str> = known.into_iter().map(String::as_str).collect();
            format!(
                "error: no criterion of the {what} `{name}`; there are: {}\n",
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
    fn run(&self, color: bool) -> io::Result<Status> {
        or_say(self.laid.collection(color), |collection| {
            let pages = collection.show(&self.id);
            if pages.is_empty() {
                say(&self.unknown(&collection));
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
        })
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
        format!("error: no criterion `{}`; {help}\n", self.id)
    }
}

impl Difference {
    fn run(&self, color: bool) -> io::Result<Status> {
        let side = |path: &Path| {
            let folder = (path != Path::new("builtin")).then_some(path);
            collection(folder, color)
        };
        let read = side(&self.old).and_then(|old| {
            let (new, cohort) = (side(&self.new)?, self.patients.texts()?);
            diff(old.library(), new.library(), &sources(&cohort), |profile| {
                self.patients.day(profile)
            })
            .map_err(|problems| drawn(problems.list(), &cohort, color))
        });
        or_say(read, |diff| {
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
        })
    }
}

impl Review {
    fn run(&self, color: bool) -> io::Result<Status> {
        let read = files::read(&self.file).map_err(|e| format!("error: {e}\n"));
        or_say(read, |(name, text)| {
            let (Some(by), Some(next)) = (&self.by, self.next) else {
                return or_say(state(&name, &text, color), |state| {
                    print(&format!("{name}: {state}\n"))?;
                    Ok(Status::Done)
                });
            };
            let on = self.on.unwrap_or_else(today);
            if on > today() {
                say("error: the day of the review has not come yet\n");
                return Ok(Status::BadInput);
            }
            let signature = Signature { by, on, next };
            let signed = sign(&name, &text, &signature).and_then(|signed| {
                // What is written must be read as signed.
                rules_state(&name, &signed).map(|state| (signed, state))
            });
            let signed = signed.map_err(|problems| draw(problems.list(), &text, color));
            or_say(signed, |(signed, state)| {
                if let Err(error) = std::fs::write(&self.file, signed) {
                    say(&format!("error: {name}: {error}\n"));
                    return Ok(Status::BadInput);
                }
                print(&format!("{name}: {state}\n"))?;
                Ok(Status::Done)
            })
        })
    }
}

fn state(name: &str, text: &str, color: bool) -> Result<String, String> {
    rules_state(name, text).map_err(|problems| draw(problems.list(), text, color))
}

impl Patients {
    fn day(&self, profile: &Profile) -> NaiveDate {
        self.as_of.or(profile.as_of()).unwrap_or_else(today)
    }

    /// The texts of the cohort.
    fn texts(&self) -> Result<Vec<Text>, String> {
        let mut texts = Vec::new();
        for path in &self.cohort {
            let read = if path.is_dir() {
                files::folder(path)
            } else {
                files::read(path).map(|text| vec![text])
            };
            texts.extend(read.map_err(|e| format!("error: {e}\n"))?);
        }
        Ok(texts)
    }

    /// The cohort, read against a library.
    fn read(&self, library: &Library, color: bool) -> Result<Vec<(Profile, NaiveDate)>, String> {
        let texts = self.texts()?;
        let mut profiles = Vec::new();
        let mut wrong = String::new();
        for (name, text) in &texts {
            match Profile::read(library, name, text) {
                Ok(profile) => {
                    let day = self.day(&profile);
                    profiles.push((profile, day));
                }
                Err(problems) => wrong += &draw(problems.list(), text, color),
            }
        }
        if wrong.is_empty() {
            Ok(profiles)
        } else {
            Err(wrong)
        }
    }
}

impl Check {
    fn run(&self, color: bool) -> io::Result<Status> {
        let found = texts(self.which.folder.as_deref()).and_then(|files| {
            let collection = self.which.collection(color)?;
            let cohort = self.patients.read(collection.library(), color)?;
            Ok((
                files,
                collection.check(self.patients.as_of.unwrap_or_else(today), &cohort),
            ))
        });
        or_say(found, |(files, found)| {
            if self.which.json {
                json(&found)?;
            } else if found.is_empty() {
                print("nothing found\n")?;
            } else {
                let drawn = drawn(&found, &files, color);
                print(&format!("{drawn}{} found\n", found.len()))?;
            }
            Ok(if found.is_empty() {
                Status::Done
            } else {
                Status::Failed
            })
        })
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

fn test(which: &Which, color: bool) -> io::Result<Status> {
    or_say(which.collection(color), |collection| {
        tested(which, &collection)
    })
}

fn tested(which: &Which, collection: &Collection) -> io::Result<Status> {
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
    fn run(&self, color: bool) -> io::Result<Status> {
        let read = self.which.collection(color).and_then(|collection| {
            let cohort = self.patients.read(collection.library(), color)?;
            Ok((collection, cohort))
        });
        or_say(read, |(collection, cohort)| {
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
