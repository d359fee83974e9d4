//! Facts derived from others. Each names its formula, its inputs and where it is valid; outside that it is unknown.
//!
//! A derived value is as old as its oldest input. Floating point stays inside a formula; its result is taken to one
//! decimal, and that is what is compared and shown.

use chrono::Datelike;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::words::Formula;
use super::{Judge, Pass};
use crate::date::{PartialDate, years_between};
use crate::outcome::Reason;
use crate::profile::Value;
use crate::quantity::{Bound, Interval};

/// A value that can be computed on a day, or could be if nothing were missing.
#[derive(Debug, Clone)]
pub(super) struct Candidate<'s> {
    pub(super) value: Option<Interval>,
    pub(super) date: PartialDate,
    pub(super) from: Formula<'s>,
}

impl Judge<'_> {
    /// What can be computed of a fact, newest or not.
    pub(super) fn derived(&self, fact: &str, pass: Pass) -> Vec<Candidate<'_>> {
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

    /// Age in whole years: exact from a date of birth, an interval from a year or from an age given some time ago.
    fn age(&self) -> Option<Candidate<'_>> {
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
                from: Formula::BirthDate,
            });
        }
        let day = self.file_day();
        if day >= self.as_of {
            return None;
        }
        let given = self.profile.entries(self.id("age")?).iter();
        let given = given.filter_map(|entry| entry.value.quantity());
        // Where it is given twice, differently, it is any of them.
        let given: Vec<Decimal> = given.map(Interval::exact).collect::<Option<_>>()?;
        let passed = years_between(day, self.as_of);
        let low = given.iter().min()?.checked_add(years(passed))?;
        let more = passed + u32::from(day.ordinal() != self.as_of.ordinal());
        let high = given.iter().max()?.checked_add(years(more))?;
        Some(Candidate {
            value: Some(Interval::between(low, high)),
            date: PartialDate::day(self.as_of),
            from: Formula::AgeOfFile,
        })
    }

    fn body_mass_index(&self, pass: Pass) -> Option<Candidate<'_>> {
        let weight = self.number("weight", pass)?;
        let height = self
            .number("height", pass)?
            .checked_div(Decimal::ONE_HUNDRED)?;
        let value = weight.checked_div(height.checked_mul(height)?)?.round_dp(1);
        let date = PartialDate::day(self.file_day().min(self.as_of));
        Some(Candidate {
            value: Some(Interval::point(value)),
            date,
            from: Formula::BodyMassIndex,
        })
    }

    /// A single value of a fact of `about`.
    fn number(&self, name: &str, pass: Pass) -> Option<Decimal> {
        let mut readings = Vec::new();
        if self.readings(self.id(name)?, pass, &mut readings).is_some() {
            return None;
        }
        match readings.as_slice() {
            [one] => one.value.quantity()?.exact(),
            _ => None,
        }
    }

    /// White cells x percentage of the same day / 100, exact. A day on which one of the two is `unknown` gives a value that
    /// is not known.
    fn count_from_percent(&self, percent: &'static str) -> Vec<Candidate<'_>> {
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
                found.push(Candidate {
                    value,
                    date: day,
                    from: Formula::Share(cell, share, percent),
                });
            }
        }
        found
    }

    /// A clearance or filtration rate for every creatinine result. Valid from 18 years.
    fn from_creatinine(
        &self,
        pass: Pass,
        how: &'static str,
        needs: &'static [&'static str],
        formula: impl Fn(&Inputs) -> Option<f64>,
    ) -> Vec<Candidate<'_>> {
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
            found.push(Candidate {
                value,
                date: date.until(self.as_of),
                from: Formula::Creatinine(entry, how, needs),
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
        let mut readings = Vec::new();
        if self
            .readings(self.id("age")?, pass, &mut readings)
            .is_some()
        {
            return None;
        }
        let ages = readings.iter().map(|r| {
            let age = r.value.quantity()?;
            Some((age.low?.value, age.high?.value))
        });
        let ages: Vec<(Decimal, Decimal)> = ages.collect::<Option<_>>()?;
        let youngest = ages.iter().map(|(youngest, _)| *youngest).min()?;
        let oldest = ages.iter().map(|(_, oldest)| *oldest).max()?;
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
        let (female, male) = (fact.choice("female")?, fact.choice("male")?);
        let says = |sex| {
            let mut entries = self.profile.entries(id).iter();
            entries.any(|e| e.value == Value::Choice(sex))
        };
        match (says(female), says(male)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
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
