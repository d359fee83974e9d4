//! `jakscreen check`: the main job.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jakscreen::{Conclusion, Library, Screening, Style, render};

use super::input::Input;
use super::messages::Messages;
use super::{Status, files, print};

#[derive(Debug, Args)]
pub(super) struct Check {
    /// Profiles, YAML or JSON; `-` reads standard input
    #[arg(required = true, value_name = "PROFILE")]
    profiles: Vec<PathBuf>,
    #[command(flatten)]
    input: Input,
    /// How the checklist is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print what is folded otherwise: criteria not met, not evaluated, monitoring
    #[arg(long)]
    all: bool,
    /// End with status 1 if a checklist concludes this or worse
    #[arg(long, value_enum, value_name = "CONCLUSION")]
    fail_on: Option<FailOn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For a screen reader: one sentence on a line
    Plain,
    /// The contract for integrators
    Json,
    /// The same document as YAML
    Yaml,
    /// One page to read, print and sign; one patient
    Html,
    /// For notes and trackers that show Markdown
    Markdown,
    /// At most ten lines to paste into a record
    Note,
    /// The sheet in plain words, for the clinician to read, amend and hand over; one patient
    Patient,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Barrier,
    Incomplete,
    Weigh,
}

impl Check {
    pub(super) fn run(self, messages: &mut Messages) -> io::Result<Status> {
        if matches!(self.format, Format::Html | Format::Patient) && self.profiles.len() > 1 {
            messages.error(
                "argument",
                None,
                "this format holds one patient; name one profile",
            );
            return Ok(Status::BadInput);
        }
        let Some(screened) = self.input.screened(&self.profiles, messages) else {
            return Ok(Status::BadInput);
        };
        let mut status = screened.status;
        let screenings: Vec<Screening> = screened
            .patients
            .into_iter()
            .map(|patient| patient.screening)
            .collect();
        if screenings.iter().any(|s| self.fails(s)) {
            status = status.max(Status::Failed);
        }
        if screenings.is_empty() {
            return Ok(status);
        }
        let output = files::named(self.output.as_deref());
        let style = Style {
            color: messages.paints(output.is_none() && io::stdout().is_terminal()),
            all: self.all,
            ..Style::default()
        };
        let text = self.render(screened.library, &screenings, style);
        match output {
            None => print(&text)?,
            Some(path) => {
                if let Err(error) = fs::write(path, text) {
                    let file = path.display().to_string();
                    messages.error("unwritable", Some(&file), &error.to_string());
                    status = Status::BadInput;
                }
            }
        }
        Ok(status)
    }

    fn fails(&self, screening: &Screening) -> bool {
        let conclusion = screening.conclusion();
        self.fail_on.is_some_and(|fail| match fail {
            FailOn::Barrier => conclusion >= Conclusion::Barrier,
            FailOn::Incomplete => conclusion >= Conclusion::Incomplete,
            FailOn::Weigh => conclusion >= Conclusion::Weigh,
        })
    }

    fn render(&self, library: &Library, screenings: &[Screening], style: Style) -> String {
        match self.format {
            Format::Text => screenings
                .iter()
                .map(|s| render::text(s, style))
                .collect::<Vec<_>>()
                .join("\n\n"),
            Format::Plain => joined(screenings, render::plain),
            // Several profiles give one array.
            Format::Json => match screenings {
                [one] => render::json(one),
                many => {
                    let documents: Vec<String> = many.iter().map(render::json).collect();
                    format!("[\n{}]\n", documents.join(","))
                }
            },
            Format::Yaml => screenings
                .iter()
                .map(render::yaml)
                .map(|document| {
                    [
                        "---
", &document,
                    ]
                    .concat()
                })
                .collect(),
            Format::Html => screenings.iter().map(render::html).collect(),
            Format::Markdown => joined(screenings, render::markdown),
            Format::Patient => joined(screenings, |s| render::patient(library, s)),
            Format::Note => joined(screenings, render::note),
        }
    }
}

/// One after the other, with an empty line between two.
fn joined(screenings: &[Screening], render: impl Fn(&Screening) -> String) -> String {
    screenings.iter().map(render).collect::<Vec<_>>().join("\n")
}
