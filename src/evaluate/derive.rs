//! Facts derived from others. Each names its formula, its inputs and where it is valid; outside that it is unknown.
//!
//! A derived value is as old as its oldest input. Floating point stays inside a formula; its result is taken to one
//! decimal, and that is what is compared and shown.

use chrono::Datelike;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::facts::Known;
use super::{Answer, Evidence, Judge, Open, Pass};
use crate::date::{PartialDate, years_between};
use crate::dictionary::FactId;
use crate::outcome::Outcome::{self, Met, NotMet};
use crate::outcome::Reason;
use crate::profile::{Silence, Value};
use crate::quantity::{Bound, Interval};

/// A value that can be computed on a day, or could be if nothing were missing.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) value: Option<Interval>,
    pub(super) date: PartialDate,
    /// Whether the date is one of a result.
    pub(super) dated: bool,
    pub(super) how: String,
    pub(super) path: String,
}

impl Judge<'_> {
    /// What can be computed of a fact, newest or not.
    pub(super) fn derived(&self, fact: &str, pass: Pass) -> Vec<Candidate> {
        match fact {
            "age" => self.age().into_iter().collect(),
            "bmi" => self.body_mass_index(pass).into_iter().collect(),
            "lymphocytes" => self.count_from_percent("lymphocyte_percent"),
            "neutrophils" => self.count_from_percent("neutrophil_percent"),
            "egfr" => self.from_creatinine(
                pass,
                "CKD-EPI 2021 from creatinine, age and sex",
                &["age", "sex"],
                |i| ckd_epi_2021(i.creatinine, *i.numbers.first()?, i.female),
            ),
            "crcl" => self.from_creatinine(
                pass,
                "Cockcroft-Gault from creatinine, age, sex and weight",
                &["age", "sex", "weight"],
                |i| {
                    cockcroft_gault(
                        i.creatinine,
                        *i.numbers.first()?,
                        *i.numbers.get(1)?,
                        i.female,
                    )
                },
            ),
            _ => Vec::new(),
        }
    }

    fn id(&self, name: &str) -> Option<FactId> {
        self.dictionary().find(name)
    }

    /// Age in whole years: exact from a date of birth, an interval from a year or from an age given some time ago.
    fn age(&self) -> Option<Candidate> {
        let years = |n: u32| Decimal::from(n);
        if let Some(born) = self.profile.born {
            if born.first > self.as_of {
                return None;
            }
            let value = Interval::between(
                years(years_between(born.last, self.as_of)),
                years(years_between(born.first, self.as_of)),
            );
            let date = PartialDate::day(self.as_of);
            return Some(Candidate {
                value: Some(value),
                date,
                dated: false,
                how: "from the date of birth".to_owned(),
                path: "about born".to_owned(),
            });
        }
        let (given, day) = (
            self.profile.entries(self.id("age")?).first()?,
            self.file_day(),
        );
        let Value::Quantity { value, .. } = given.value else {
            return None;
        };
        if day >= self.as_of {
            return None;
        }
        let passed = years_between(day, self.as_of);
        let low = value.exact()?.checked_add(years(passed))?;
        let high = low.checked_add(years(u32::from(day.ordinal() != self.as_of.ordinal())))?;
        let how = "from the age on the day of the file".to_owned();
        Some(Candidate {
            value: Some(Interval::between(low, high)),
            date: PartialDate::day(self.as_of),
            dated: false,
            how,
            path: "about age".to_owned(),
        })
    }

    fn body_mass_index(&self, pass: Pass) -> Option<Candidate> {
        let weight = self.number("weight", pass)?;
        let height = self
            .number("height", pass)?
            .checked_div(Decimal::ONE_HUNDRED)?;
        let value = weight.checked_div(height.checked_mul(height)?)?.round_dp(1);
        let how = "weight in kg / (height in m)^2".to_owned();
        let date = PartialDate::day(self.file_day().min(self.as_of));
        Some(Candidate {
            value: Some(Interval::point(value)),
            date,
            dated: false,
            how,
            path: "about weight, height".to_owned(),
        })
    }

    /// A single value of a fact of `about`.
    fn number(&self, name: &str, pass: Pass) -> Option<Decimal> {
        match self.readings(self.id(name)?, pass) {
            Known::Readings(readings) => match readings.as_slice() {
                [one] => match one.value {
                    Value::Quantity { value, .. } => value.exact(),
                    Value::Choice(_) | Value::Present | Value::Absent | Value::Missing(_) => None,
                },
                _ => None,
            },
            Known::Unknown(_) => None,
        }
    }

    /// White cells x percentage of the same day / 100, exact. A day on which one of the two is `unknown` gives a value that
    /// is not known.
    fn count_from_percent(&self, percent: &str) -> Vec<Candidate> {
        let (Some(cells), Some(percent_id)) = (self.id("white_cells"), self.id(percent)) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for cell in self.profile.entries(cells) {
            for share in self.profile.entries(percent_id) {
                let day = cell
                    .date
                    .unwrap_or(PartialDate::day(self.file_day().min(self.as_of)));
                let same =
                    cell.date == share.date && day.first == day.last && day.first <= self.as_of;
                if !same {
                    continue;
                }
                let value = match (cell.value, share.value) {
                    (Value::Quantity { value: c, .. }, Value::Quantity { value: p, .. }) => {
                        product(c, p)
                    }
                    (Value::Quantity { .. }, Value::Missing(Reason::NotGiven))
                    | (Value::Missing(Reason::NotGiven), Value::Quantity { .. }) => None,
                    _ => continue,
                };
                let how = format!(
                    "white cells x {} / 100, same day",
                    percent.replace('_', " ")
                );
                found.push(Candidate {
                    value,
                    date: day,
                    dated: true,
                    how,
                    path: format!("{}, {}", cell.path, share.path),
                });
            }
        }
        found
    }

    /// A clearance or filtration rate for every creatinine result. Valid from 18 years.
    fn from_creatinine(
        &self,
        pass: Pass,
        how: &str,
        needs: &[&str],
        formula: impl Fn(&Inputs) -> Option<f64>,
    ) -> Vec<Candidate> {
        let Some(creatinine) = self.id("creatinine") else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for entry in self.profile.entries(creatinine) {
            let date = entry
                .date
                .unwrap_or(PartialDate::day(self.file_day().min(self.as_of)));
            if date.first > self.as_of {
                continue;
            }
            let value = match entry.value {
                Value::Quantity { value, .. } => self.rate(value, needs, pass, &formula),
                Value::Missing(Reason::NotGiven) => None,
                _ => continue,
            };
            let path = format!("{}, about {}", entry.path, needs.join(", "));
            found.push(Candidate {
                value,
                date: date.until(self.as_of),
                dated: true,
                how: how.to_owned(),
                path,
            });
        }
        found
    }

    fn rate(
        &self,
        creatinine: Interval,
        needs: &[&str],
        pass: Pass,
        formula: &impl Fn(&Inputs) -> Option<f64>,
    ) -> Option<Interval> {
        let age = match self.readings(self.id("age")?, pass) {
            Known::Readings(readings) => match readings.first()?.value {
                Value::Quantity { value, .. } => value,
                _ => return None,
            },
            Known::Unknown(_) => return None,
        };
        let (youngest, oldest) = (age.low?.value, age.high?.value);
        if youngest < Decimal::from(18) {
            return None;
        }
        let female = self.female()?;
        let weight = if needs.contains(&"weight") {
            Some(self.number("weight", pass)?.to_f64()?)
        } else {
            None
        };
        // Both formulas fall with creatinine and with age.
        let at = |creatinine: Decimal, age: Decimal| -> Option<Decimal> {
            let numbers = [age.to_f64()].into_iter().flatten().chain(weight).collect();
            let value = formula(&Inputs {
                creatinine: creatinine.to_f64()?,
                numbers,
                female,
            })?;
            Decimal::from_f64(value).map(|v| v.round_dp(1))
        };
        let low = match creatinine.high {
            Some(b) => Some(Bound {
                value: at(b.value, oldest)?,
                closed: b.closed,
            }),
            None => Some(Bound {
                value: Decimal::ZERO,
                closed: true,
            }),
        };
        let high = match creatinine.low.filter(|b| !b.value.is_zero()) {
            Some(b) => Some(Bound {
                value: at(b.value, youngest)?,
                closed: b.closed,
            }),
            None => None,
        };
        Some(Interval { low, high })
    }

    fn female(&self) -> Option<bool> {
        let id = self.id("sex")?;
        let fact = self.dictionary().fact(id);
        let entry = self.profile.entries(id).first()?;
        if entry.value == Value::Choice(fact.choice("female")?) {
            Some(true)
        } else if entry.value == Value::Choice(fact.choice("male")?) {
            Some(false)
        } else {
            None
        }
    }

    /// A derived yes or no.
    pub(super) fn derived_state(&self, id: FactId, pass: Pass) -> Answer {
        match self.dictionary().fact(id).id.as_str() {
            "tb_infection" => self.tb_infection(pass),
            "active_hepatitis_b" => {
                self.active_hepatitis(id, "hbsag", "anti_hbc", "hbv_dna", "hepatitis_b", pass)
            }
            "active_hepatitis_c" => self.active_hepatitis(
                id,
                "hcv_rna",
                "hcv_antibody",
                "hcv_rna",
                "hepatitis_c",
                pass,
            ),
            "pregnancy_possible" => self.pregnancy_possible(pass),
            "current_pregnancy" => self.current_pregnancy(pass),
            _ => Answer::unknown(Vec::new(), vec![self.open(id, Reason::NotGiven)]),
        }
    }

    fn says(&self, name: &str, word: &str, pass: Pass) -> Answer {
        let Some(id) = self.id(name) else {
            return Answer::known(NotMet, Vec::new());
        };
        match self.dictionary().fact(id).choice(word) {
            Some(choice) => self.one_of(id, &[choice], pass),
            None => self.present(id, pass),
        }
    }

    fn listed(&self, name: &str) -> bool {
        self.id(name)
            .is_some_and(|id| !self.profile.entries(id).is_empty())
    }

    fn listed_as_unknown(&self, name: &str) -> bool {
        let Some(id) = self.id(name) else {
            return false;
        };
        let section = self.dictionary().fact(id).section;
        self.profile.silence(section) == Silence::Unknown
            || self
                .profile
                .entries(id)
                .iter()
                .any(|e| matches!(e.value, Value::Missing(_)))
    }

    /// Yes if latent TB is listed, or any IGRA or TST was ever positive; no if one is negative and in date, latent TB is not
    /// listed, and a later exposure is ruled out; else unknown.
    fn tb_infection(&self, pass: Pass) -> Answer {
        let latent = self.says("latent_tuberculosis", "yes", pass);
        let tests = [
            self.says("igra", "positive", pass),
            self.says("tst", "positive", pass),
        ];
        let positive: Vec<Evidence> = tests
            .iter()
            .chain([&latent])
            .filter(|a| a.outcome == Met)
            .flat_map(|a| a.read.clone())
            .collect();
        if !positive.is_empty() {
            return Answer::known(Met, positive);
        }
        let negative: Vec<Evidence> = tests
            .iter()
            .filter(|a| a.outcome == NotMet)
            .flat_map(|a| a.read.clone())
            .collect();
        if negative.is_empty() {
            let (igra, tst) = (&tests[0], &tests[1]);
            let mut open = if self.listed("tst") && !self.listed("igra") {
                tst.open.clone()
            } else {
                igra.open.clone()
            };
            if open.iter().any(|o| o.reason == Reason::Indeterminate) {
                // Neither positive nor negative: repeat it, and do the other test.
                open.extend(tst.open.clone());
            }
            let read = tests.iter().flat_map(|a| a.read.clone()).collect();
            return Answer::unknown(read, open);
        }
        let mut open: Vec<Open> = Vec::new();
        if self.listed_as_unknown("latent_tuberculosis") {
            open.extend(latent.open);
        }
        for test in ["igra", "tst"] {
            // A result that is not known may be a positive one.
            if self.listed_as_unknown(test)
                && let Some(fact) = self.id(test)
                && self
                    .profile
                    .entries(fact)
                    .iter()
                    .any(|e| e.value == Value::Missing(Reason::NotGiven))
            {
                open.push(self.open(fact, Reason::NotGiven));
            }
        }
        for fact in self.exposures() {
            let exposed = self.present(fact, pass);
            if exposed.outcome == Outcome::Unknown {
                open.extend(exposed.open);
            }
        }
        if open.is_empty() {
            Answer::known(NotMet, negative)
        } else {
            Answer::unknown(negative, open)
        }
    }

    /// Yes if the direct marker or the virus is found; no if the direct marker is negative and the antibody or the virus is
    /// too. What is listed without a value rules nothing out, nor does a history of the infection without the virus' test.
    fn active_hepatitis(
        &self,
        id: FactId,
        marker: &str,
        antibody: &str,
        virus: &str,
        history: &str,
        pass: Pass,
    ) -> Answer {
        let of_marker = self.says(marker, "positive", pass);
        let of_antibody = self.says(antibody, "positive", pass);
        let of_virus = self.says(virus, "positive", pass);
        let positive: Vec<Evidence> = [&of_marker, &of_virus]
            .into_iter()
            .filter(|a| a.outcome == Met)
            .flat_map(|a| a.read.clone())
            .collect();
        if !positive.is_empty() {
            return Answer::known(Met, positive);
        }
        let history_open = self.listed_as_unknown(history)
            || self.id(history).is_some_and(|h| {
                let entries = self.profile.entries(h);
                entries.iter().any(|e| !matches!(e.value, Value::Absent))
            });
        let virus_silent = !self.listed(virus) && !self.listed_as_unknown(virus);
        let marker_negative = marker == virus || of_marker.outcome == NotMet;
        let no_virus = of_virus.outcome == NotMet;
        let no_antibody = of_antibody.outcome == NotMet && virus_silent && !history_open;
        if marker_negative && (no_virus || no_antibody) {
            let parts = if no_virus {
                [&of_marker, &of_virus]
            } else {
                [&of_marker, &of_antibody]
            };
            let read = parts
                .into_iter()
                .filter(|a| a.outcome == NotMet)
                .flat_map(|a| a.read.clone())
                .collect();
            return Answer::known(NotMet, read);
        }
        let mut open = Vec::new();
        if marker != virus && of_marker.outcome != NotMet {
            open.extend(of_marker.open.clone());
        }
        let after_virus = of_antibody.outcome == Met || history_open || !virus_silent;
        if after_virus && !no_virus {
            open.extend(of_virus.open.clone());
        } else if of_antibody.outcome == Outcome::Unknown && !no_virus {
            open.extend(of_antibody.open.clone());
        }
        if open.is_empty() {
            open.push(self.open(id, Reason::NotGiven));
        }
        let read = [of_marker, of_antibody]
            .into_iter()
            .filter(|a| a.outcome != Outcome::Unknown)
            .flat_map(|a| a.read)
            .collect();
        Answer::unknown(read, open)
    }

    /// No for men, after the menopause, a hysterectomy or the removal of both ovaries, and before the first period; yes if
    /// none of these applies; else unknown.
    fn pregnancy_possible(&self, pass: Pass) -> Answer {
        let Some(sex) = self.id("sex") else {
            return Answer::known(NotMet, Vec::new());
        };
        let male = self.says("sex", "male", pass);
        if male.outcome == Met {
            return Answer::known(NotMet, male.read);
        }
        if self.says("sex", "female", pass).outcome != Met {
            let open = if male.open.is_empty() {
                vec![self.open(sex, Reason::Imprecise)]
            } else {
                male.open
            };
            return Answer::unknown(male.read, open);
        }
        let ends = [
            ("menopause", false),
            ("hysterectomy", false),
            ("bilateral_oophorectomy", false),
            ("menarche", true),
        ];
        let mut open = Vec::new();
        let mut read = male.read;
        for (name, inverted) in ends {
            if inverted && !self.listed(name) && !self.listed_as_unknown(name) {
                // Asked of children only: an adult's silence on it says nothing.
                continue;
            }
            let Some(id) = self.id(name) else { continue };
            let mut answer = self.present(id, pass);
            if inverted {
                answer.outcome = answer.outcome.not();
            }
            match answer.outcome {
                Met => return Answer::known(NotMet, answer.read),
                Outcome::Unknown => open.extend(answer.open),
                NotMet => read.extend(answer.read),
            }
        }
        // After the menopause surgery does not matter: ask for it first.
        if let Some(first) = open.first().cloned() {
            return Answer::unknown(read, vec![first]);
        }
        Answer::known(Met, read)
    }

    /// Yes if stated or a test is positive; no if denied, a test in date is negative, or a pregnancy is not possible, unless
    /// one of them is listed as unknown.
    fn current_pregnancy(&self, pass: Pass) -> Answer {
        let sources = [
            ("pregnancy", self.says("pregnancy", "yes", pass)),
            (
                "pregnancy_test",
                self.says("pregnancy_test", "positive", pass),
            ),
        ];
        let with = |wanted: Outcome| {
            sources
                .iter()
                .filter(|(_, a)| a.outcome == wanted)
                .flat_map(|(_, a)| a.read.clone())
                .collect::<Vec<Evidence>>()
        };
        if sources.iter().any(|(_, a)| a.outcome == Met) {
            return Answer::known(Met, with(Met));
        }
        let open: Vec<Open> = sources
            .iter()
            .filter(|(name, a)| a.outcome == Outcome::Unknown && self.listed_as_unknown(name))
            .flat_map(|(_, a)| a.open.clone())
            .collect();
        if open.is_empty() && sources.iter().any(|(_, a)| a.outcome == NotMet) {
            return Answer::known(NotMet, with(NotMet));
        }
        let asked = if open.is_empty() {
            sources
                .into_iter()
                .last()
                .map(|(_, a)| a.open)
                .unwrap_or_default()
        } else {
            open
        };
        Answer::unknown(Vec::new(), asked)
    }

    /// Pregnancy and breastfeeding, when nothing is said of them, are ruled out where a pregnancy is not possible.
    pub(super) fn not_pregnant(&self, id: FactId, pass: Pass) -> Option<Answer> {
        let name = self.dictionary().fact(id).id.as_str();
        if !matches!(name, "pregnancy" | "breastfeeding" | "pregnancy_planned")
            || self.profile.silence(self.dictionary().fact(id).section) == Silence::Unknown
        {
            return None;
        }
        let possible = self.pregnancy_possible(pass);
        if possible.outcome != NotMet
            || (name == "breastfeeding" && possible.read.iter().any(|e| e.fact == "hysterectomy"))
        {
            return None;
        }
        Some(Answer::known(NotMet, possible.read))
    }

    /// A derived choice: the hepatitis B pattern.
    pub(super) fn derived_choice(&self, id: FactId, choices: &[usize], pass: Pass) -> Answer {
        let fact = self.dictionary().fact(id);
        let markers = [
            self.says("hbsag", "positive", pass),
            self.says("anti_hbc", "positive", pass),
            self.says("anti_hbs", "positive", pass),
        ];
        let outcomes: Vec<Outcome> = markers.iter().map(|m| m.outcome).collect();
        let pattern = match outcomes.as_slice() {
            [Met, _, _] => Some("infected"),
            [NotMet, Met, Met] => Some("past_infection"),
            [NotMet, Met, NotMet] => Some("isolated_core"),
            [NotMet, NotMet, Met] => Some("immune_by_vaccine"),
            [NotMet, NotMet, NotMet] => Some("not_immune"),
            _ => None,
        };
        let read: Vec<Evidence> = markers
            .iter()
            .filter(|m| m.outcome != Outcome::Unknown)
            .flat_map(|m| m.read.clone())
            .collect();
        match pattern.and_then(|p| fact.choice(p)) {
            Some(choice) => Answer::known(Outcome::of(choices.contains(&choice)), read),
            None => Answer::unknown(
                read,
                markers
                    .into_iter()
                    .filter(|m| m.outcome == Outcome::Unknown)
                    .flat_map(|m| m.open)
                    .collect(),
            ),
        }
    }
}

struct Inputs {
    /// In umol/L.
    creatinine: f64,
    /// Age in years, then weight in kg if asked.
    numbers: Vec<f64>,
    female: bool,
}

/// eGFR in mL/min/1.73m2 by CKD-EPI 2021 (Inker et al., N Engl J Med 2021;385:1737-1749), creatinine in umol/L.
fn ckd_epi_2021(creatinine: f64, age: f64, female: bool) -> Option<f64> {
    let (kappa, alpha, factor) = if female {
        (0.7, -0.241, 1.012)
    } else {
        (0.9, -0.302, 1.0)
    };
    let ratio = creatinine / 88.4 / kappa;
    let value = 142.0
        * ratio.min(1.0).powf(alpha)
        * ratio.max(1.0).powf(-1.200)
        * 0.9938_f64.powf(age)
        * factor;
    value.is_finite().then_some(value)
}

/// Creatinine clearance in mL/min (Cockcroft and Gault, Nephron 1976;16:31-41), creatinine in umol/L, weight in kg.
fn cockcroft_gault(creatinine: f64, age: f64, weight: f64, female: bool) -> Option<f64> {
    let value = (140.0 - age).max(0.0) * weight / (72.0 * creatinine / 88.4)
        * if female { 0.85 } else { 1.0 };
    value.is_finite().then_some(value)
}

fn product(cells: Interval, percent: Interval) -> Option<Interval> {
    let end = |a: Option<Bound>, b: Option<Bound>| -> Option<Option<Bound>> {
        let (Some(a), Some(b)) = (a, b) else {
            return Some(None);
        };
        let value = a
            .value
            .checked_mul(b.value)?
            .checked_div(Decimal::ONE_HUNDRED)?;
        Some(Some(Bound {
            value,
            closed: a.closed && b.closed,
        }))
    };
    Some(Interval {
        low: end(cells.low, percent.low)?,
        high: end(cells.high, percent.high)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{ckd_epi_2021, cockcroft_gault};

    #[test]
    fn ckd_epi_2021_agrees_with_the_published_equation() {
        // 142 x (1.0/0.9)^-1.2 x 0.9938^50 for a man of 50 with 1.0 mg/dL, and its counterpart for a woman of 0.7 mg/dL, where both
        // powers are of one.
        let man = ckd_epi_2021(88.4, 50.0, false).expect("a value");
        assert!((man - 142.0 * (1.0_f64 / 0.9).powf(-1.2) * 0.9938_f64.powi(50)).abs() < 1e-9);
        let woman = ckd_epi_2021(0.7 * 88.4, 40.0, true).expect("a value");
        assert!((woman - 142.0 * 1.012 * 0.9938_f64.powi(40)).abs() < 1e-9);
    }

    #[test]
    fn cockcroft_gault_by_hand() {
        // (140 - 60) x 72 / (72 x 1) = 80 mL/min for a man, 68 for a woman.
        assert!((cockcroft_gault(88.4, 60.0, 72.0, false).expect("a value") - 80.0).abs() < 1e-9);
        assert!((cockcroft_gault(88.4, 60.0, 72.0, true).expect("a value") - 68.0).abs() < 1e-9);
    }
}
