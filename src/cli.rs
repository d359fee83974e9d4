//! The command line: a client of the library that touches files, the clock and the terminal.

mod check;
mod draw;
mod files;
mod input;
mod needed;
mod rules;
mod schema;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Pre-treatment screening checklists for JAK inhibitors.
///
/// Holds what is known of a patient against what each label says, and prints what speaks against starting, what is not known
/// yet, and what is still needed. It never decides: the checklist is for review by a prescriber.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Screen patients and print the checklist
    Check(check::Check),
    /// List what is still to be taken, done and asked
    Needed(needed::Needed),
    /// Read, test and compare the rules
    Rules(rules::Rules),
    /// Print a JSON Schema
    Schema(schema::Schema),
}

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    /// Done; also when the reader of the output went away.
    Done,
    /// What was asked to fail did.
    Failed,
    /// An input could not be read or had errors.
    BadInput,
}

pub(crate) fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to stdout with status 0, errors of usage to stderr with status 2.
            let _gone = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let status = match arguments.command {
        Command::Check(check) => check.run(),
        Command::Needed(needed) => needed.run(),
        Command::Rules(rules) => rules.run(),
        Command::Schema(schema) => schema.run(),
    };
    match status {
        Ok(Status::Done) => ExitCode::SUCCESS,
        Ok(Status::Failed) => ExitCode::from(1),
        Ok(Status::BadInput) => ExitCode::from(2),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!(
                "error: the output could not be written: {error}\n"
            ));
            ExitCode::from(2)
        }
    }
}

/// Writes to stdout.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes to stderr; that nobody reads it changes nothing.
fn say(text: &str) {
    let _nobody_reads = io::stderr().lock().write_all(text.as_bytes());
}
