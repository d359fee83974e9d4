//! `jakscreen what-if`: what changes when some facts are said otherwise.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::slice;

use clap::Args;
use jakscreen::{CHANGES, Profile, Style, render};

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
        let profiles = slice::from_ref(&self.profile);
        let Some(screened) = self.input.screened(profiles, messages) else {
            return Ok(Status::BadInput);
        };
        let style = Style {
            color: messages.paints(io::stdout().is_terminal()),
            ..Style::default()
        };
        let changes = self.changes.join("\n");
        for patient in &screened.patients {
            let (name, text) = &patient.file;
            let (library, as_of) = (screened.library, patient.as_of);
            let plan = self.input.plan_change();
            match Profile::read_changed(library, name, text, &plan, &changes, as_of) {
                Ok(profile) => {
                    let after = library.screen(&profile, as_of);
                    print(&render::changes(&patient.screening, &after, style))?;
                    print(&render::unread(library, &after, &changes, style))?;
                }
                Err(problems) => {
                    let files = [patient.file.clone(), (CHANGES.to_owned(), changes)];
                    let so = "Nothing was changed, and nothing was assumed.";
                    messages.refused(&problems, &files, so);
                    return Ok(Status::BadInput);
                }
            }
        }
        Ok(screened.status)
    }
}
