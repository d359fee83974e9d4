//! `jakscreen needed`: what is still to be taken, done and asked.

use std::io;
use std::path::PathBuf;

use clap::Args;
use jakscreen::render;

use super::input::Input;
use super::messages::Messages;
use super::{Status, print};

#[derive(Debug, Args)]
pub(super) struct Needed {
    /// Profiles, YAML or JSON; `-` reads standard input
    #[arg(required = true, value_name = "PROFILE")]
    profiles: Vec<PathBuf>,
    #[command(flatten)]
    input: Input,
    /// Only what could still change the headline: not the whole screen
    #[arg(long)]
    headline: bool,
}

impl Needed {
    pub(super) fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let Some(screened) = self.input.screened(&self.profiles, messages) else {
            return Ok(Status::BadInput);
        };
        let style = messages.style();
        let lists = screened
            .patients
            .iter()
            .map(|p| render::needed(&p.screening, style, self.headline));
        print(&lists.collect::<Vec<_>>().join("\n"))?;
        Ok(screened.status)
    }
}
