//! Which patients are screened, against what, and for which day.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use jakscreen::rules::is_cases;
use jakscreen::{Library, PlanChange, Profile, Screening};

use super::draw::draw;
use super::files::{self, drawn, read, sources, total};
use super::{Status, say};

#[derive(Debug, Args)]
pub(super) struct Input {
    /// Profiles, YAML or JSON; `-` reads standard input
    #[arg(required = true, value_name = "PROFILE")]
    profiles: Vec<PathBuf>,
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
    /// Colour words
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    color: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    Auto,
    Always,
    Never,
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

/// What was read and screened.
pub(super) struct Screened {
    /// The rules. They live as long as the process, which ends soon: taking them apart would cost more than reading a profile.
    pub(super) library: &'static Library,
    pub(super) screenings: Vec<Screening>,
    pub(super) status: Status,
}

impl Input {
    /// The screenings of all profiles that can be read. What cannot is said, and nothing is assumed. None if the rules cannot be
    /// read.
    pub(super) fn screened(&self) -> Option<Screened> {
        let errors_color = color(self.color, io::stderr().is_terminal());
        let library = match self.library(errors_color) {
            Ok(library) => Box::leak(Box::new(library)),
            Err(message) => {
                say(&message);
                return None;
            }
        };
        let change = PlanChange {
            drug: self.drug.clone(),
            indication: self.indication.clone(),
            labels: self.label.clone(),
        };
        let mut status = Status::Done;
        let mut screenings = Vec::new();
        for path in &self.profiles {
            match self.screen(library, path, &change, errors_color) {
                Some(screening) => screenings.push(screening),
                None => status = Status::BadInput,
            }
        }
        Some(Screened {
            library,
            screenings,
            status,
        })
    }

    /// Whether more than one profile is named.
    pub(super) fn several(&self) -> bool {
        self.profiles.len() > 1
    }

    /// Whether the output, if it goes to the terminal, is painted.
    pub(super) fn paints(&self, to_terminal: bool) -> bool {
        color(self.color, io::stdout().is_terminal() && to_terminal)
    }

    fn library(&self, color: bool) -> Result<Library, String> {
        let library = Library::builtin();
        let Some(folder) = &self.rules else {
            return Ok(library);
        };
        let mut files = files::folder(folder).map_err(|e| format!("error: {e}\n"))?;
        files.retain(|(name, _)| !is_cases(name));
        library.with_rules(&sources(&files)).map_err(|problems| {
            format!(
                "{}{}No screening was done and nothing was assumed.\n",
                drawn(problems.list(), &files, color),
                total(&problems)
            )
        })
    }

    fn screen(
        &self,
        library: &Library,
        path: &Path,
        change: &PlanChange,
        color: bool,
    ) -> Option<Screening> {
        let (name, text) = match read(path) {
            Ok(read) => read,
            Err(error) => {
                say(&format!("error: {error}\n"));
                return None;
            }
        };
        match Profile::read_with(library, &name, &text, change) {
            Ok(profile) => {
                say(&draw(profile.warnings(), &text, color));
                Some(library.screen(&profile, self.day(&name, &profile)))
            }
            Err(problems) => {
                say(&draw(problems.list(), &text, color));
                say(&total(&problems));
                say(&format!(
                    "{name} was not screened, and nothing was assumed.\n"
                ));
                None
            }
        }
    }

    /// The day of judgement: the only place where the clock is read.
    fn day(&self, name: &str, profile: &Profile) -> NaiveDate {
        if let Some(day) = self.as_of {
            return day;
        }
        #[allow(clippy::disallowed_methods, reason = "only the binary knows today")]
        let today = chrono::Local::now().date_naive();
        let Some(day) = profile.as_of() else {
            return today;
        };
        if day != today {
            say(&format!(
                "note: {name} is judged as of {}, the day it was written for, not today; --as-of {} judges it for today\n",
                day.format("%d-%b-%Y"),
                today.format("%Y-%m-%d")
            ));
        }
        day
    }
}

/// Colour: as asked, else on a terminal unless `NO_COLOR` is set.
pub(super) fn color(when: When, terminal: bool) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            terminal
                && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
        }
    }
}
