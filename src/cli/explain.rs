//! `jakscreen explain`: the reasoning in words.

use std::io;
use std::path::PathBuf;

use clap::Args;
use jakscreen::{Source, render};

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
        let Some((library, patient)) = self.input.one(&self.profile, messages) else {
            return Ok(Status::BadInput);
        };
        let (name, text) = &patient.file;
        let file = Source { name, text };
        let (profile, as_of, what) = (&patient.profile, patient.as_of, self.what.as_deref());
        match render::explain(library, profile, as_of, file, what, messages.style()) {
            Ok(text) => {
                print(&text)?;
                Ok(Status::Done)
            }
            Err(help) => {
                let what = what.unwrap_or_default();
                let message = format!("nothing here has the name `{what}`: {help}");
                messages.error("unknown-name", None, &message);
                Ok(Status::BadInput)
            }
        }
    }
}
