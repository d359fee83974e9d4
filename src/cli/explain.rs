//! `jakscreen explain`: the reasoning in words.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::slice;

use clap::Args;
use jakscreen::{Source, Style, render};

use super::input::Input;
use super::messages::Messages;
use super::{Status, print};

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A profile, YAML or JSON; `-` reads standard input
    profile: PathBuf,
    /// A criterion, a kind of harm, a fact or a medicine; without it, all that is met or not known
    what: Option<String>,
    #[command(flatten)]
    input: Input,
}

impl Explain {
    pub(super) fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let profiles = slice::from_ref(&self.profile);
        let Some(screened) = self.input.screened(profiles, messages) else {
            return Ok(Status::BadInput);
        };
        let style = Style {
            color: messages.paints(io::stdout().is_terminal()),
            ..Style::default()
        };
        let what = self.what.as_deref();
        for patient in &screened.patients {
            let (name, text) = &patient.file;
            let file = Source { name, text };
            let (profile, as_of) = (&patient.profile, patient.as_of);
            match render::explain(screened.library, profile, as_of, file, what, style) {
                Ok(text) => print(&text)?,
                Err(help) => {
                    let what = what.unwrap_or_default();
                    let message = format!("nothing here has the name `{what}`: {help}");
                    messages.error("unknown-name", None, &message);
                    return Ok(Status::BadInput);
                }
            }
        }
        Ok(screened.status)
    }
}
