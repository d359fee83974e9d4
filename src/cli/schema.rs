//! `jakscreen schema`: the published JSON Schemas.

use std::io;

use clap::{Args, ValueEnum};

use super::{Status, print};

#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Which schema
    #[arg(value_enum)]
    of: Of,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Of {
    /// What `check --format json` prints
    Checklist,
}

impl Schema {
    pub(super) fn run(self) -> io::Result<Status> {
        match self.of {
            Of::Checklist => print(jakscreen::render::CHECKLIST_SCHEMA)?,
        }
        Ok(Status::Done)
    }
}
