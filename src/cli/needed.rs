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
        let (screenings, status) = self.input.screenings(messages);
        let style = Style {
            color: messages.paints(io::stdout().is_terminal()),
            ..Style::default()
        };
        let lists = screenings
            .iter()
            .map(|s| render::needed(s, style, self.headline));
        print(&lists.collect::<Vec<_>>().join("\n"))?;
        Ok(status)
    }
}
