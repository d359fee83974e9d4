//! How much a cohort of patients is told: findings per patient.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::Collection;
use crate::checklist::FindingOutcome;
use crate::library::Level;
use crate::profile::Profile;

/// How many findings the patients of a cohort have. A patient with two labels counts twice: once for each checklist.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Volume {
    /// How many checklists were made.
    pub checklists: usize,
    /// For each conclusion, how many checklists have it.
    pub conclusions: BTreeMap<&'static str, usize>,
    /// For each level from barrier to dose, and each number of findings met of it, how many checklists have so many.
    pub findings: BTreeMap<&'static str, BTreeMap<usize, usize>>,
    /// For each number of criteria not known, how many checklists have so many.
    pub unknown: BTreeMap<usize, usize>,
}

impl Collection {
    /// Screens a cohort, each patient for a day, and counts what it is told.
    pub fn volume(&self, cohort: &[(Profile, NaiveDate)]) -> Volume {
        let mut volume = Volume::default();
        let screenings = cohort.iter().map(|(p, day)| self.library.screen(p, *day));
        for checklist in screenings.flat_map(|s| s.checklists) {
            volume.checklists += 1;
            *volume
                .conclusions
                .entry(checklist.conclusion.name())
                .or_default() += 1;
            for (name, level) in LEVELS {
                let met = checklist
                    .findings
                    .iter()
                    .filter(|f| f.level == level && f.outcome == FindingOutcome::Met && f.counts());
                let of_level = volume.findings.entry(name).or_default();
                *of_level.entry(met.count()).or_default() += 1;
            }
            let unknown = checklist.findings.iter();
            let unknown = unknown.filter(|f| f.outcome == FindingOutcome::Unknown && f.counts());
            *volume.unknown.entry(unknown.count()).or_default() += 1;
        }
        volume
    }
}

const LEVELS: [(&str, Level); 4] = [
    ("barriers", Level::Barrier),
    ("warnings", Level::Warning),
    ("cautions", Level::Caution),
    ("dose rows", Level::Dose),
];
