//! `jakscreen completions` and `jakscreen man`: the command line described by itself.

use std::path::PathBuf;
use std::{fs, io};

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::messages::Messages;
use super::{Arguments, Status, print};

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct Man {
    /// Write a page for each command into this folder instead
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Completions {
    pub(super) fn run(&self) -> io::Result<Status> {
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut Arguments::command(),
            "jakscreen",
            &mut script,
        );
        print(&String::from_utf8_lossy(&script))?;
        Ok(Status::Done)
    }
}

impl Man {
    pub(super) fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let command = Arguments::command().disable_help_subcommand(true);
        let Some(folder) = &self.output else {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            print(&String::from_utf8_lossy(&page))?;
            return Ok(Status::Done);
        };
        let written =
            fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
        if let Err(error) = written {
            let folder = folder.display().to_string();
            messages.error("unwritable", Some(&folder), &error.to_string());
            return Ok(Status::BadInput);
        }
        Ok(Status::Done)
    }
}
