//! Adds a criterion of one's own to the built-in rules: a hospital asks for a chest X-ray before any JAK inhibitor.
//!
//! `cargo run --example own_criteria`
#![allow(clippy::print_stdout, reason = "an example prints")]

use chrono::NaiveDate;
use jakscreen::{Library, Profile, Source};

const OURS: &str = r#"
document:
  id: local/chest-imaging
  issuer: Example Hospital
  title: Chest imaging before immunosuppression (house rule of an invented hospital)
  jurisdictions: [us, eu]
  revision: 2026-11
  url: none
  reviewed: none
criteria:
  - id: chest-imaging-with-signs-of-tuberculosis
    hazard: tuberculosis
    when: { chest_imaging: signs_of_tuberculosis }
    strength: treat_first
    says: refer to the TB clinic first
    section: "2"
    seen: full_text
before_starting:
  - { test: chest_imaging, verb: perform, section: "1", seen: full_text }
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = [Source {
        name: "chest-imaging.yaml",
        text: OURS,
    }];
    let library = Library::builtin().with_rules(&rules)?;
    let text = include_str!("profiles/clean.yaml");
    let profile = Profile::read(&library, "clean.yaml", text)?;
    let day = NaiveDate::from_ymd_opt(2026, 11, 21).ok_or("no such day")?;

    let screening = library.screen(&profile, day);
    for checklist in &screening.checklists {
        println!("{}", checklist.headline);
        for finding in checklist
            .findings
            .iter()
            .filter(|f| f.source.document == "local/chest-imaging")
        {
            println!("  {}: {:?}", finding.criterion, finding.outcome);
        }
    }
    Ok(())
}
