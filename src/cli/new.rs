//! `jakscreen new`: a profile that asks what a plan needs, on paper or at the terminal.

mod asking;

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;
use jakscreen::{Form, Library, PlanChange, render};

use super::input::{day, library, today};
use super::messages::Messages;
use super::{Status, files, print};

#[derive(Debug, Args)]
pub(super) struct New {
    /// The planned drug
    #[arg(long)]
    drug: Option<String>,
    /// The planned indication
    #[arg(long)]
    indication: Option<String>,
    /// The labels it is to be held against: us, eu, or us,eu
    #[arg(long, value_delimiter = ',', value_name = "LABEL")]
    label: Vec<String>,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "output")]
    force: bool,
    /// Ask here, question by question; run again with the same file to go on
    #[arg(long, short, requires = "output")]
    interactive: bool,
    /// The day the profile is filled in, as 2026-11-21; else today
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<NaiveDate>,
    /// A folder of rule files to lay over the built-in ones
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

impl New {
    pub(super) fn run(mut self, messages: &mut Messages) -> io::Result<Status> {
        let output = self.output.take();
        let output = files::named(output.as_deref());
        let so = "Nothing was asked.";
        let Some(library) = library(self.rules.as_deref(), so, messages) else {
            return Ok(Status::BadInput);
        };
        if self.interactive {
            let Some(path) = output else {
                let message = "`--interactive` keeps the answers in a file: name one with `-o`";
                messages.error("missing-key", None, message);
                return Ok(Status::BadInput);
            };
            return asking::ask(&library, self, path.to_owned(), messages);
        }
        if let Some(missing) = self.missing(&library) {
            messages.error("missing-key", None, &missing);
            return Ok(Status::BadInput);
        }
        let Some(form) = self.form(&library, messages) else {
            return Ok(Status::BadInput);
        };
        let text = self.dated(&form);
        let Some(path) = output else {
            print(&text)?;
            return Ok(Status::Done);
        };
        if let Err(error) = write_new(path, &text, self.force) {
            unwritable(path, &error, messages);
            return Ok(Status::BadInput);
        }
        Ok(Status::Done)
    }

    /// What the command line does not say of the plan, with what could be said.
    fn missing(&self, library: &Library) -> Option<String> {
        let Some(drug) = &self.drug else {
            let drugs = library.drugs().join(", ");
            return Some(format!(
                "name the plan by --drug, --indication and --label, or have it asked for by --interactive; drugs with a label \
                 here: {drugs}"
            ));
        };
        let labels = library.labels_of(drug);
        if labels.is_empty() {
            // The reader of plans says what is wrong with it.
            return None;
        }
        if self.indication.is_none() {
            let all = self.indications(library);
            return Some(format!("name the indication by --indication; {all}"));
        }
        let all = labels.join(",");
        let missing = self.label.is_empty();
        missing.then(|| format!("name the label by --label; of this drug there is: {all}"))
    }

    /// The indications of each label of the drug.
    fn indications(&self, library: &Library) -> String {
        let drug = self.drug.as_deref().unwrap_or_default();
        let labels = library.labels_of(drug).into_iter();
        let of = |label: &str| {
            let all = library.indications_of(drug, label);
            format!("{label} has {}", all.join(", "))
        };
        labels.map(of).collect::<Vec<_>>().join("; ")
    }

    fn plan(&self) -> PlanChange {
        PlanChange {
            drug: self.drug.clone(),
            indication: self.indication.clone(),
            labels: self.label.clone(),
        }
    }

    fn day(&self) -> NaiveDate {
        self.as_of.unwrap_or_else(today)
    }

    /// The blank form, of the day it is filled in.
    fn dated(&self, form: &Form) -> String {
        let blank = render::blank(form);
        let line = form.lines.iter().find(|l| l.key == "as_of");
        let day = self.day().format("%Y-%m-%d").to_string();
        let dated = line.and_then(|l| form.answered(&blank, l, &day));
        dated.unwrap_or(blank)
    }

    fn form(&self, library: &Library, messages: &mut Messages) -> Option<Form> {
        let file = ("the plan".to_owned(), String::new());
        match library.form(&self.plan(), self.day()) {
            Ok(form) => {
                for lack in &form.off_label {
                    messages.note("off-label", "the plan", &format!("off-label: {lack}"));
                }
                Some(form)
            }
            Err(problems) => {
                messages.refused(&problems, &[file], "Nothing was written.");
                None
            }
        }
    }
}

/// Writes a file that is not there yet, or, with `force`, in the place of one.
fn write_new(path: &Path, text: &str, force: bool) -> io::Result<()> {
    if force {
        return replace(path, text);
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    if written.is_err() {
        let _half_of_it = fs::remove_file(path);
    }
    written
}

/// Writes a file beside the old one and puts it in its place, so that a failure leaves the old one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // What a link points to is written, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let beside = path.with_file_name(name);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| match fs::metadata(&path) {
            Ok(old) => file.set_permissions(old.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _half_of_it = fs::remove_file(&beside);
    }
    written
}

fn unwritable(path: &Path, error: &io::Error, messages: &mut Messages) {
    let name = path.display().to_string();
    let why = if error.kind() == io::ErrorKind::AlreadyExists {
        "is there already and was left as it is; name another file, go on with it by --interactive, or write over it by --force".to_owned()
    } else {
        error.to_string()
    };
    messages.error("unwritable", Some(&name), &why);
}
