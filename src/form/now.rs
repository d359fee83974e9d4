//! What a profile leaves open of a form as it stands.

use std::collections::BTreeMap;

use super::{ALTERNATIVE, Asks, BORN, CLASSES, DOSE, Form, FormLine, Opening, fill};
use crate::checklist::{FindingOutcome, Screening};
use crate::decode::WITHHELD;
use crate::library::{Library, Strength};
use crate::outcome::Reason;
use crate::profile::{Listing, Profile, Silence, What};

/// A profile as it stands, before its form.
pub(super) struct Now<'n> {
    pub(super) form: &'n Form,
    pub(super) library: &'n Library,
    pub(super) profile: &'n Profile,
    pub(super) open: BTreeMap<String, Opening>,
    pub(super) source: &'n str,
}

impl Now<'_> {
    pub(super) fn lines(&self, screening: &Screening) -> Vec<FormLine> {
        let mut lines: Vec<FormLine> = Vec::new();
        for line in &self.form.lines {
            let asked = match line.asks {
                Asks::Fact => self.asks(line),
                Asks::Key => self.lacks(line, screening),
                Asks::List => self.open.contains_key(line.section),
                Asks::Denial => self.may_deny(line),
                Asks::Day => {
                    let mut tests = self.form.of_sample(line.sample.as_deref());
                    self.day(line).is_none() && tests.any(|l| self.matters(l))
                }
                Asks::Listed | Asks::Unrecognised => false,
            };
            // What is open of a listed medicine comes before the rest is denied.
            if line.asks == Asks::Denial {
                lines.extend(self.listed(line.section));
            }
            if asked {
                lines.push(line.clone());
            }
        }
        // Only what is found out shows whether it matters.
        lines.sort_by_key(|l| l.key == ALTERNATIVE);
        lines
    }

    fn asks(&self, line: &FormLine) -> bool {
        let dated = line.section != "tests" || self.day(line).is_some();
        dated && self.matters(line)
    }

    /// The day of the results of a sample, as it stands in the text.
    fn day(&self, line: &FormLine) -> Option<String> {
        fill::day_of(self.form, self.source, line.sample.as_deref())
    }

    /// Whether a fact is not given, and what it waits for has come.
    fn matters(&self, line: &FormLine) -> bool {
        if line.asks != Asks::Fact || self.given(&line.fact) {
            return false;
        }
        let attribute = |l: &&FormLine| l.part_of.as_deref() == Some(line.key.as_str());
        let holds = |l: &FormLine| {
            let Some(open) = self.open.get(&l.fact) else {
                return false;
            };
            let came = open.after.as_ref().map(|after| self.given(after));
            let mut groups = open.part_of.iter();
            let covered = groups.any(|g| !self.given(g) && self.open.contains_key(g));
            match &l.part_of {
                Some(parent) => came == Some(true) || self.given(parent),
                None => came != Some(false) && !covered,
            }
        };
        match &line.instead_of {
            Some((other, _)) => self.open.contains_key(other) || holds(line),
            None => {
                let mut attributes = self.form.lines.iter().filter(attribute);
                holds(line) || attributes.any(|l| self.open.contains_key(&l.fact))
            }
        }
    }

    fn given(&self, fact: &str) -> bool {
        let id = self.library.dictionary().find(fact);
        let born = fact == BORN.1 && self.profile.born.is_some();
        born || id.is_some_and(|id| !self.profile.entries(id).is_empty())
    }

    /// Whether a key of the format is not given, where it matters.
    fn lacks(&self, line: &FormLine, screening: &Screening) -> bool {
        match line.key.as_str() {
            "patient" => self.profile.patient.is_none(),
            "as_of" => self.profile.as_of.is_none(),
            DOSE => self.profile.plan.dose.is_none(),
            "start" => self.profile.plan.start.is_none(),
            _ => {
                let findings = screening.checklists.iter().flat_map(|c| &c.findings);
                let mut restricted = findings.filter(|f| {
                    f.strength == Strength::Restricted && f.outcome == FindingOutcome::Met
                });
                restricted.any(|f| f.alternative.is_none())
            }
        }
    }

    /// Whether a denial of the rest would settle something.
    fn may_deny(&self, line: &FormLine) -> bool {
        let dictionary = self.library.dictionary();
        match line.section {
            "medicines" => {
                self.profile.medicines.silence != Silence::Denied
                    && self.open.contains_key("medicines")
            }
            "treatments" => {
                self.profile.treatments.silence != Silence::Denied
                    && self.open.contains_key("treatments")
            }
            section => {
                let deniable = |(name, opening): (&String, &Opening)| {
                    let fact = dictionary.find(name).map(|id| dictionary.fact(id));
                    opening.reason == Some(Reason::NotGiven)
                        && fact.is_some_and(|f| {
                            f.section.name() == section && !f.not_deniable && f.parent.is_none()
                        })
                };
                self.open.iter().any(deniable)
            }
        }
    }

    /// What is open of the medicines or treatments that are listed.
    fn listed(&self, section: &'static str) -> Vec<FormLine> {
        let listing: &Listing = match section {
            "medicines" => &self.profile.medicines,
            "treatments" => &self.profile.treatments,
            _ => return Vec::new(),
        };
        let mut lines: Vec<FormLine> = Vec::new();
        for listed in &listing.listed {
            let key = listed.path.strip_prefix(section).map(str::trim_start);
            // A name that no checklist shows is the author's own: here it stands as in the text.
            let Some(key) = key.and_then(|k| match k {
                WITHHELD => key_at(self.source, listed.at),
                k => Some(k),
            }) else {
                continue;
            };
            let of = |fact: &String| {
                *fact == listed.name || fact.strip_suffix(".dose") == Some(&listed.name)
            };
            let open = self.open.iter().find(|(fact, _)| of(fact));
            if let Some((fact, opening)) = open
                && lines.iter().all(|l| l.key != key)
            {
                let mut line = FormLine {
                    fact: fact.clone(),
                    name: opening.name.clone(),
                    question: opening.questions.join(" "),
                    expects: match section {
                        "medicines" => "yes, no, a dose as `7.5 mg daily`; or { dose: 7.5 mg daily, route: oral }",
                        _ => "as { outcome: intolerance, ongoing: no }",
                    }
                    .to_owned(),
                    settles: opening.settles.iter().cloned().collect(),
                    ..FormLine::plain(section, key, Asks::Listed, 0)
                };
                if let What::Unrecognised { nearest, .. } = &listed.what {
                    line.asks = Asks::Unrecognised;
                    line = line.not_meant();
                    if let Some(name) = nearest {
                        line.question = format!("Is `{key}` meant to be `{name}`?");
                        line.words = vec!["yes".to_owned(), "no".to_owned()];
                        line.expects = format!("yes, no; or {CLASSES}");
                        line.suggests = Some(name.clone());
                    }
                }
                lines.push(line);
            }
        }
        lines
    }
}

/// The key that stands at a place of a text.
fn key_at(source: &str, at: u32) -> Option<&str> {
    let line = source.get(at as usize..)?.lines().next()?;
    Some(line.split_once(':')?.0.trim_end())
}
