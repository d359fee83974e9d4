//! `jakscreen what-if`: what changes when some facts are said otherwise.

use std::io;
use std::path::PathBuf;

use clap::Args;
use jakscreen::{CHANGES, Profile, render};

use super::input::Input;
use super::messages::Messages;
use super::{Status, print};

#[derive(Debug, Args)]
pub(super) struct WhatIf {
    /// A profile, YAML or JSON; `-` reads standard input
    profile: PathBuf,
    /// What is said otherwise, as in a profile: `lymphocytes="600 /uL"`, `drug=baricitinib`, `medicines.fluconazole=yes`
    #[arg(required = true, value_name = "NAME=VALUE")]
    changes: Vec<String>,
    #[command(flatten)]
    input: Input,
}

impl WhatIf {
    pub(super) fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let Some((library, patient)) = self.input.one(&self.profile, messages) else {
            return Ok(Status::BadInput);
        };
        let (name, text) = &patient.file;
        let (plan, style) = (self.input.plan_change(), messages.style());
        let changes = self.changes.join("\n");
        match Profile::read_changed(library, name, text, &plan, &changes, patient.as_of) {
            Ok(profile) => {
                let after = library.screen(&profile, patient.as_of);
                print(&render::changes(&patient.screening, &after, style))?;
                print(&render::unread(library, &after, &changes, style))?;
                Ok(Status::Done)
            }
            Err(problems) => {
                let files = [patient.file, (CHANGES.to_owned(), changes)];
                let so = "Nothing was changed, and nothing was assumed.";
                messages.refused(&problems, &files, so);
                Ok(Status::BadInput)
            }
        }
    }
}
