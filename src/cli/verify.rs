//! `jakscreen verify`: whether a checklist that was kept is what its profile gives now.

use std::io;
use std::path::PathBuf;

use clap::{ArgGroup, Args};
use jakscreen::{Part, Source, Verification, verify};

use super::files::{Text, read};
use super::input::Input;
use super::messages::Messages;
use super::{Status, print};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("kept").required(true))]
pub(super) struct Verify {
    /// The profile the checklist was made from
    profile: PathBuf,
    /// The checklist as `check --format json` or yaml wrote it: day and plan are taken from it, and every value is compared
    #[arg(long, value_name = "FILE", group = "kept")]
    report: Option<PathBuf>,
    /// The run that stands on any other report; the day and the plan are those of the file and of these options
    #[arg(long, value_name = "ID", group = "kept")]
    run: Option<String>,
    #[command(flatten)]
    input: Input,
}

impl Verify {
    pub(super) fn run(self, messages: &mut Messages) -> io::Result<Status> {
        let (report, run) = (self.report.as_ref(), self.run.as_deref());
        match report {
            None => self.by_run(run.unwrap_or_default(), messages),
            Some(report) => {
                let report = messages.read(read(report));
                self.by_report(report, messages)
            }
        }
    }

    fn by_report(&self, report: Option<Text>, messages: &mut Messages) -> io::Result<Status> {
        if self.input.plans() {
            let message = "with --report, the day and the plan are those of the report; leave --as-of, --drug, --indication and --label out";
            messages.error("argument", None, message);
            return Ok(Status::BadInput);
        }
        let profile = messages.read(read(&self.profile));
        let (Some(report), Some(profile)) = (report, profile) else {
            return Ok(Status::BadInput);
        };
        let Some(library) = self.input.library(messages) else {
            return Ok(Status::BadInput);
        };
        match verify(&library, source(&report), source(&profile)) {
            Ok(Verification { parts, values, .. }) => {
                compared(&parts.into_iter().chain(values).collect::<Vec<_>>())
            }
            Err(problems) => {
                messages.refused(&problems, &[report, profile], "Nothing was compared.");
                Ok(Status::BadInput)
            }
        }
    }

    fn by_run(&self, run: &str, messages: &mut Messages) -> io::Result<Status> {
        let Some((_, patient)) = self.input.one(&self.profile, messages) else {
            return Ok(Status::BadInput);
        };
        let now = patient.screening.run;
        compared(&[Part::new("run", run.trim().to_lowercase(), now)])
    }
}

/// Prints what was compared; what differs fails.
fn compared(parts: &[Part]) -> io::Result<Status> {
    let line = |part: &Part| {
        let Part {
            what, kept, now, ..
        } = part;
        if part.same() {
            format!("same     {what}: {kept}\n")
        } else {
            let text = format!("DIFFERS  {what}\n  kept   {kept}\n  now    {now}\n");
            // The report is anybody's: nothing in it may steer the terminal.
            text.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}")
        }
    };
    let lines: String = parts.iter().map(line).collect();
    let (verified, status) = if parts.iter().all(Part::same) {
        ("Verified: these inputs give this checklist.", Status::Done)
    } else {
        let text = "Not verified: these inputs do not give this checklist.";
        (text, Status::Failed)
    };
    print(&format!("{lines}{verified}\n"))?;
    Ok(status)
}

fn source((name, text): &Text) -> Source<'_> {
    Source { name, text }
}
