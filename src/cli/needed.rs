//! `jakscreen needed`: what is still to be taken, done and asked.

use std::io::{self, IsTerminal as _};

use clap::Args;
use jakscreen::{Style, render};

use super::input::Input;
use super::messages::Messages;
use super::{Status, print};

#[derive(Debug, Args)]
pub(super) struct Needed {
    #[command(flatten)]
    input: Input,
    /// Only what could still change the headline: not the whole screen
    #[arg(long)]
    headline: bool,
}

impl Needed {
    pub(super) fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let Some(screened) = self.input.screened(messages) else {
            return Ok(Status::BadInput);
        };
        let style = Style {
            color: messages.paints(io::stdout().is_terminal()),
            ..Style::default()
        };
        let lists = screened
            .screenings
            .iter()
            .map(|s| render::needed(s, style, self.headline));
        print(&lists.collect::<Vec<_>>().join("\n"))?;
        Ok(screened.status)
    }
}
