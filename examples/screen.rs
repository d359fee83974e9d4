//! Screens a profile and prints what is still needed.
//!
//! `cargo run --example screen`
#![allow(clippy::print_stdout, reason = "an example prints")]

use chrono::NaiveDate;
use jakscreen::{FindingOutcome, Library, Profile, TestStatus};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let library = Library::builtin();
    let text = include_str!("profiles/demo-0067.yaml");
    let profile = Profile::read(&library, "demo-0067.yaml", text)?;
    let day = NaiveDate::from_ymd_opt(2026, 11, 21).ok_or("no such day")?;

    for checklist in library.screen(&profile, day).checklists {
        println!("{}: {}", checklist.label.id, checklist.headline);
        for finding in &checklist.findings {
            if finding.outcome == FindingOutcome::Unknown {
                let open: Vec<&str> = finding.open.iter().map(|o| o.name.as_str()).collect();
                println!("  not known: {} ({})", finding.criterion, open.join(", "));
            }
        }
        for test in checklist
            .tests
            .iter()
            .filter(|t| t.status != TestStatus::Done)
        {
            println!("  needed: {} ({})", test.name, test.status.words());
        }
    }
    Ok(())
}
