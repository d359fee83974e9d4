//! `jakscreen schema`: the published JSON Schemas.

use std::io;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jakscreen::{render, schema};

use super::input::library;
use super::messages::Messages;
use super::{Status, print};

#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Which schema
    #[arg(value_enum)]
    of: Of,
    /// A folder of rule files to lay over the built-in ones
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Of {
    /// A profile, as `check` reads it
    Profile,
    /// A rule file: a label, guidance, policy, hazards, what is set aside
    Rules,
    /// A file of cases, as `rules test` reads it
    Cases,
    /// What `check --format json` prints
    Checklist,
}

impl Schema {
    pub(super) fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let Some(library) = library(self.rules.as_deref(), "No schema was printed.", messages)
        else {
            return Ok(Status::BadInput);
        };
        match self.of {
            Of::Profile => print(&schema::profile(&library))?,
            Of::Rules => print(&schema::rules(&library))?,
            Of::Cases => print(&schema::cases(&library))?,
            Of::Checklist => print(render::CHECKLIST_SCHEMA)?,
        }
        Ok(Status::Done)
    }
}
