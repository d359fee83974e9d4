//! `jakscreen rules`: the tools for those who write, review and sign rules.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use jakscreen::rules::{Collection, Covered, builtin_files};
use jakscreen::{Library, Profile};

use super::check::{When, color, day};
use super::draw::draw;
use super::files::{self, Text, drawn, sources, total};
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
    /// Run the cases kept beside the documents
    Test(Which),
    /// Find what is wrong with rules that can be read: contradictions, statements nobody can meet, texts and facts to no use
    Check(Check),
    /// Show how well the cases hold the criteria, and which mistakes they would not notice
    Coverage(Coverage),
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
    /// The day to judge for, as 2026-11-21; else today
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<NaiveDate>,
}

impl Rules {
    pub(super) fn run(self) -> io::Result<Status> {
        let color = color(self.color, io::stderr().is_terminal());
        match &self.command {
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
        let files = texts(self.folder.as_deref())?;
        let mut collection = Collection::read(&sources(&files)).map_err(|problems| {
            let drawn = drawn(problems.list(), &files, color);
            format!("{drawn}{}\n", total(&problems).trim_end())
        })?;
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

impl Patients {
    fn as_of(&self) -> NaiveDate {
        #[allow(clippy::disallowed_methods, reason = "only the binary knows today")]
        let today = || chrono::Local::now().date_naive();
        self.as_of.unwrap_or_else(today)
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
    fn read(&self, library: &Library, color: bool) -> Result<Vec<Profile>, String> {
        let texts = self.texts()?;
        let mut profiles = Vec::new();
        let mut wrong = String::new();
        for (name, text) in &texts {
            match Profile::read(library, name, text) {
                Ok(profile) => profiles.push(profile),
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
            Ok((files, collection.check(self.patients.as_of(), &cohort)))
        });
        let (files, found) = match found {
            Ok(found) => found,
            Err(message) => {
                say(&message);
                return Ok(Status::BadInput);
            }
        };
        if self.which.json {
            json(&found)?;
        } else if found.is_empty() {
            print("nothing found\n")?;
        } else {
            print(&format!(
                "{}{} found\n",
                drawn(&found, &files, color),
                found.len()
            ))?;
        }
        Ok(if found.is_empty() {
            Status::Done
        } else {
            Status::Failed
        })
    }
}

fn json(value: &impl serde::Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    print(&format!("{text}\n"))
}

fn test(which: &Which, color: bool) -> io::Result<Status> {
    let collection = match which.collection(color) {
        Ok(collection) => collection,
        Err(message) => {
            say(&message);
            return Ok(Status::BadInput);
        }
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

impl Coverage {
    fn run(&self, color: bool) -> io::Result<Status> {
        let collection = match self.which.collection(color) {
            Ok(collection) => collection,
            Err(message) => {
                say(&message);
                return Ok(Status::BadInput);
            }
        };
        let covered = collection.coverage();
        let lacking: usize = covered.iter().map(|c| c.lacking().len()).sum();
        if self.which.json {
            json(&covered)?;
        } else {
            print(&self.text(&covered))?;
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

/// A share in percent, rounded down: 100 % is all.
fn percent(part: usize, whole: usize) -> String {
    let tenths = (part * 1000).checked_div(whole).unwrap_or(1000);
    format!("{}.{} %", tenths / 10, tenths % 10)
}
