//! Which patients are screened, against what, and for which day.

use std::path::{Path, PathBuf};
use std::slice;

use chrono::NaiveDate;
use clap::Args;
use jakscreen::rules::is_cases;
use jakscreen::{Library, PlanChange, Profile, Screening};

use super::Status;
use super::files::{self, Text, read, sources};
use super::messages::Messages;

#[derive(Debug, Args)]
pub(super) struct Input {
    /// The day to judge for, as 2026-11-21; else the file's, else today
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<NaiveDate>,
    /// Hold against these labels instead of the plan's: us, eu, or us,eu
    #[arg(long, value_delimiter = ',', value_name = "LABEL")]
    label: Vec<String>,
    /// Plan this drug instead
    #[arg(long)]
    drug: Option<String>,
    /// Plan for this indication instead
    #[arg(long)]
    indication: Option<String>,
    /// A folder of rule files to lay over the built-in ones
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| {
            if i == 4 || i == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    let day = shape
        .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .flatten();
    day.ok_or_else(|| "write the day as 2026-11-21".to_owned())
}

/// The built-in rules, with those of a folder laid over them. None if these cannot be read; that, and what it means, is said.
pub(super) fn library(folder: Option<&Path>, so: &str, messages: &mut Messages) -> Option<Library> {
    let library = Library::builtin();
    let Some(folder) = folder else {
        return Some(library);
    };
    let mut files = messages.read(files::folder(folder))?;
    files.retain(|(name, _)| !is_cases(name));
    library
        .with_rules(&sources(&files))
        .map_err(|problems| messages.refused(&problems, &files, so))
        .ok()
}

/// The one place of the commands for patients where the clock is read.
pub(super) fn today() -> NaiveDate {
    #[allow(clippy::disallowed_methods, reason = "only the binary knows today")]
    chrono::Local::now().date_naive()
}

/// A profile that was read and screened.
pub(super) struct Patient {
    /// The name of its file, and its text.
    pub(super) file: Text,
    pub(super) profile: Profile,
    /// The day it was judged for.
    pub(super) as_of: NaiveDate,
    pub(super) screening: Screening,
}

/// What was read and screened.
pub(super) struct Screened {
    /// The rules. They live as long as the process, which ends soon: taking them apart would cost more than reading a profile.
    pub(super) library: &'static Library,
    pub(super) patients: Vec<Patient>,
    pub(super) status: Status,
}

impl Input {
    /// The screenings of all profiles that can be read. What cannot is said, and nothing is assumed. None if the rules cannot be
    /// read.
    pub(super) fn screened(
        &self,
        profiles: &[PathBuf],
        messages: &mut Messages,
    ) -> Option<Screened> {
        let library: &'static Library = Box::leak(Box::new(self.library(messages)?));
        let change = self.plan_change();
        let mut status = Status::Done;
        let mut patients = Vec::new();
        for path in profiles {
            match self.screen(library, path, &change, messages) {
                Some(patient) => patients.push(patient),
                None => status = Status::BadInput,
            }
        }
        Some(Screened {
            library,
            patients,
            status,
        })
    }

    /// As [`Self::screened`], of one profile. None if it cannot be read either.
    pub(super) fn one(
        &self,
        profile: &Path,
        messages: &mut Messages,
    ) -> Option<(&'static Library, Patient)> {
        let screened = self.screened(&[profile.to_owned()], messages)?;
        Some((screened.library, screened.patients.into_iter().next()?))
    }

    /// What the command line plans instead of the file.
    pub(super) fn plan_change(&self) -> PlanChange {
        PlanChange {
            drug: self.drug.clone(),
            indication: self.indication.clone(),
            labels: self.label.clone(),
        }
    }

    /// Takes the labels out: what was asked for instead of the plan's.
    pub(super) fn take_labels(&mut self) -> Vec<String> {
        let labels = std::mem::take(&mut self.label);
        labels
            .iter()
            .map(|label| label.trim().to_lowercase())
            .collect()
    }

    /// The day that the command line says.
    pub(super) fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }

    /// Whether the command line says the day or the plan.
    pub(super) fn plans(&self) -> bool {
        let plan = self.drug.is_some() || self.indication.is_some() || !self.label.is_empty();
        plan || self.as_of.is_some()
    }

    pub(super) fn library(&self, messages: &mut Messages) -> Option<Library> {
        let so = "No screening was done and nothing was assumed.";
        library(self.rules.as_deref(), so, messages)
    }

    fn screen(
        &self,
        library: &Library,
        path: &Path,
        change: &PlanChange,
        messages: &mut Messages,
    ) -> Option<Patient> {
        let file = messages.read(read(path))?;
        let profile = self.profile(library, &file, change, messages)?;
        let as_of = self.day(&file.0, &profile, messages);
        let screening = library.screen(&profile, as_of);
        Some(Patient {
            file,
            profile,
            as_of,
            screening,
        })
    }

    /// The profile of a file; what is wrong with it is said.
    pub(super) fn profile(
        &self,
        library: &Library,
        file: &Text,
        change: &PlanChange,
        messages: &mut Messages,
    ) -> Option<Profile> {
        let (name, text) = file;
        match Profile::read_with(library, name, text, change) {
            Ok(profile) => {
                messages.problems(profile.warnings(), slice::from_ref(file));
                Some(profile)
            }
            Err(problems) => {
                let so = format!("{name} was not screened, and nothing was assumed.");
                messages.refused(&problems, slice::from_ref(file), &so);
                None
            }
        }
    }

    /// The day to judge a case for, which is told as of its own day: nothing is said of that.
    pub(super) fn day_of_case(
        &self,
        name: &str,
        profile: &Profile,
        messages: &mut Messages,
    ) -> NaiveDate {
        let told = self.as_of.or(profile.as_of());
        told.unwrap_or_else(|| self.day(name, profile, messages))
    }

    /// The day of judgement.
    fn day(&self, name: &str, profile: &Profile, messages: &mut Messages) -> NaiveDate {
        if let Some(day) = self.as_of {
            return day;
        }
        let today = today();
        let Some(day) = profile.as_of() else {
            return today;
        };
        if day != today {
            let message = format!(
                "{name} is judged as of {}, the day it was written for, not today; --as-of {} judges it for today",
                day.format("%d-%b-%Y"),
                today.format("%Y-%m-%d")
            );
            messages.note("as-of", name, &message);
        }
        day
    }
}
