//! The command line: a client of the library that touches files, the clock and the terminal.

mod batch;
mod check;
mod compare;
mod draw;
mod explain;
mod files;
mod input;
mod manual;
mod messages;
mod needed;
mod new;
mod quiz;
mod rules;
mod schema;
mod verify;
mod what_if;

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
    #[command(flatten)]
    show: messages::Show,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Screen patients and print the checklist
    Check(check::Check),
    /// Print a blank profile that asks what a plan needs, or ask for it here
    New(new::New),
    /// Screen many patients: a record in, a line out
    Batch(batch::BatchOf),
    /// List what is still to be taken, done and asked
    Needed(needed::Needed),
    /// Hold the labels of several drugs against one patient, side by side, only where they differ
    Compare(compare::Compare),
    /// Say how the findings came about: what was read, where it turns, what a fact decides
    Explain(explain::Explain),
    /// Print only what changes when some facts are said otherwise
    WhatIf(what_if::WhatIf),
    /// Check that a checklist that was kept is what its profile gives now
    Verify(verify::Verify),
    /// Ask what you would want to know next and what follows, and mark the answers
    Quiz(quiz::Quiz),
    /// Read, test and compare the rules
    Rules(rules::Rules),
    /// Print a JSON Schema
    Schema(schema::Schema),
    /// Print what a shell needs to complete this program's commands and options
    Completions(manual::Completions),
    /// Print the manual page
    Man(manual::Man),
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
    let mut messages = messages::Messages::new(arguments.show);
    let status = match arguments.command {
        Command::Check(check) => check.run(&mut messages),
        Command::New(new) => new.run(&mut messages),
        Command::Batch(batch) => batch.run(&mut messages),
        Command::Needed(needed) => needed.run(&mut messages),
        Command::Compare(compare) => compare.run(&mut messages),
        Command::Explain(explain) => explain.run(&mut messages),
        Command::WhatIf(what_if) => what_if.run(&mut messages),
        Command::Verify(verify) => verify.run(&mut messages),
        Command::Quiz(quiz) => quiz.run(&mut messages),
        Command::Rules(rules) => rules.run(&mut messages),
        Command::Schema(schema) => schema.run(&mut messages),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(&mut messages),
    };
    let status = match status {
        Ok(status) => status,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Status::Done,
        Err(error) => {
            let message = format!("the output could not be written: {error}");
            messages.error("unwritable", None, &message);
            Status::BadInput
        }
    };
    messages.end(status);
    match status {
        Status::Done => ExitCode::SUCCESS,
        Status::Failed => ExitCode::from(1),
        Status::BadInput => ExitCode::from(2),
    }
}

/// Writes to stdout.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
