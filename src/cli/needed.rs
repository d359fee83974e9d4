//! `jakscreen needed`: what is still to be taken, done and asked.

use std::io;

use clap::Args;
use jakscreen::{Style, render};

use super::input::Input;
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
    pub(super) fn run(&self) -> io::Result<Status> {
        let Some(screened) = self.input.screened() else {
            return Ok(Status::BadInput);
        };
        let style = Style {
            color: self.input.paints(true),
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
