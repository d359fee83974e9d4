//! `jakscreen compare`: drugs side by side for one patient.

use std::io;
use std::path::PathBuf;
use std::slice;

use clap::Args;
use jakscreen::{Profile, render};

use super::input::Input;
use super::messages::Messages;
use super::{Status, print};

#[derive(Debug, Args)]
pub(super) struct Compare {
    /// A profile, YAML or JSON; `-` reads standard input
    profile: PathBuf,
    /// These drugs only; without it, all that have a label
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "DRUG",
        conflicts_with = "drug"
    )]
    drugs: Vec<String>,
    #[command(flatten)]
    input: Input,
}

impl Compare {
    pub(super) fn run(mut self, messages: &mut Messages) -> io::Result<Status> {
        // The file is read once for its own plan: its labels are those of all drugs, unless others are asked for.
        let asked = self.input.take_labels();
        let Some((library, patient)) = self.input.one(&self.profile, messages) else {
            return Ok(Status::BadInput);
        };
        let (name, text) = &patient.file;
        let mut labels = asked;
        if labels.is_empty() {
            labels.clone_from(&patient.screening.plan.labels);
        }
        let all: Vec<String> = library.drugs().into_iter().map(str::to_owned).collect();
        // What no drug has is for the reader to complain of.
        let has = |drug: &str, label: &str| library.labels_of(drug).contains(&label);
        let strange = |label: &str| !all.iter().any(|drug| has(drug, label));
        let drugs = if self.drugs.is_empty() {
            all.clone()
        } else {
            self.drugs
        };
        let mut known = true;
        for drug in &drugs {
            if let Some(help) = library.drug_help(drug) {
                let message =
                    format!("--drugs: no drug with a label has the name `{drug}`: {help}");
                messages.error("unknown-name", None, &message);
                known = false;
            }
        }
        if !known {
            return Ok(Status::BadInput);
        }
        let (mut screenings, mut without) = (Vec::new(), Vec::new());
        for drug in drugs {
            let (with, lacks) = labels
                .iter()
                .cloned()
                .partition(|l| has(&drug, l) || strange(l));
            let lacks: Vec<String> = lacks;
            without.extend(lacks.into_iter().map(|label| (drug.clone(), label)));
            let mut change = self.input.plan_change();
            change.labels = with;
            if change.labels.is_empty() {
                continue;
            }
            change.drug = Some(drug);
            match Profile::read_with(library, name, text, &change) {
                Ok(profile) => screenings.push(library.screen(&profile, patient.as_of)),
                Err(problems) => {
                    messages.refused(
                        &problems,
                        slice::from_ref(&patient.file),
                        "Nothing was compared.",
                    );
                    return Ok(Status::BadInput);
                }
            }
        }
        print(&render::compare(&screenings, &without, messages.style()))?;
        Ok(Status::Done)
    }
}
