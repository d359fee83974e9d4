//! Dates that may be partial, and periods of time.

use std::fmt;

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::diagnostic::Code;

/// A day, a month or a year: the days from `first` to `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PartialDate {
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
}

impl PartialDate {
    pub(crate) fn day(day: NaiveDate) -> Self {
        Self {
            first: day,
            last: day,
        }
    }

    /// Reads `2019`, `2019-05` or `2019-05-07`.
    pub(crate) fn parse(text: &str) -> Result<Self, (Code, &'static str)> {
        let bad = (Code::BadDate, "write a date as 2019-05-07, 2019-05 or 2019");
        let parts: Vec<&str> = text.split('-').collect();
        let split = |sign: char| text.matches(sign).count() == 2;
        if text.starts_with(|c: char| c.is_ascii_digit()) && (split('/') || split('.')) {
            let number = |part: &str| part.parse::<u8>().is_ok_and(|n| (13..=31).contains(&n));
            let day = text.split(['/', '.']).take(2).position(number);
            if let Some(place) = day {
                let help = if place == 0 {
                    "the first number is the day here: write year, month and day, as 2019-05-13"
                } else {
                    "the second number is the day here: write year, month and day, as 2019-05-13"
                };
                return Err((Code::BadDate, help));
            }
            return Err((
                Code::AmbiguousDate,
                "day and month could be swapped: write 2019-05-07 (year, month, day)",
            ));
        }
        let digits =
            |part: &str, len: usize| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
        let (first, last) = match parts.as_slice() {
            [year] if digits(year, 4) => {
                let year = year.parse().map_err(|_| bad)?;
                (
                    NaiveDate::from_ymd_opt(year, 1, 1),
                    NaiveDate::from_ymd_opt(year, 12, 31),
                )
            }
            [year, month] if digits(year, 4) && digits(month, 2) => {
                let first = NaiveDate::from_ymd_opt(
                    year.parse().map_err(|_| bad)?,
                    month.parse().map_err(|_| bad)?,
                    1,
                );
                let last = first
                    .and_then(|d| d.checked_add_months(Months::new(1)))
                    .and_then(|d| d.pred_opt());
                (first, last)
            }
            [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2) => {
                let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
                (day, day)
            }
            _ => return Err(bad),
        };
        match (first, last) {
            (Some(first), Some(last)) if (1880..=2200).contains(&first.year()) => {
                Ok(Self { first, last })
            }
            _ => Err((Code::BadDate, "there is no such day")),
        }
    }

    /// The same date, not reaching past a day on which it is already known.
    pub(crate) fn until(self, day: NaiveDate) -> Self {
        Self {
            first: self.first,
            last: self.last.min(day).max(self.first),
        }
    }

    /// Reads a whole day.
    pub(crate) fn parse_day(text: &str) -> Result<NaiveDate, (Code, &'static str)> {
        let date = Self::parse(text)?;
        if date.first == date.last {
            Ok(date.first)
        } else {
            Err((Code::BadDate, "write the whole day, as 2026-11-21"))
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first.format("%d-%b-%Y"))
        } else if self.first.month() == self.last.month() {
            write!(f, "{}", self.first.format("%b-%Y"))
        } else {
            write!(f, "{}", self.first.format("%Y"))
        }
    }
}

/// A length of time. Months and years end where the calendar ends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    months: u32,
    days: u64,
    /// The number and unit as written.
    number: u32,
    unit: &'static str,
}

impl Period {
    /// Reads `28 days`, `12 weeks`, `3 months`, `1 year`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.trim().split_once(' ')?;
        let digits = number.bytes().all(|b| b.is_ascii_digit());
        let n: u32 = number.parse().ok().filter(|n| digits && *n <= 10_000)?;
        let period = |months, days, unit| {
            Some(Self {
                months,
                days,
                number: n,
                unit,
            })
        };
        match unit.trim() {
            "day" | "days" => period(0, u64::from(n), "day"),
            "week" | "weeks" => period(0, u64::from(n) * 7, "week"),
            "month" | "months" => period(n, 0, "month"),
            "year" | "years" => period(n * 12, 0, "year"),
            _ => None,
        }
    }

    /// A day more.
    pub(crate) fn longer(self) -> Self {
        let days = self.days + 1;
        Self { days, ..self }
    }

    /// A day less; none of a month or year, whose days the calendar counts.
    pub(crate) fn shorter(self) -> Option<Self> {
        let days = self.days.checked_sub(1)?;
        Some(Self { days, ..self })
    }

    /// The day this long before a day.
    pub(crate) fn before(self, day: NaiveDate) -> NaiveDate {
        let day = day
            .checked_sub_months(Months::new(self.months))
            .unwrap_or(NaiveDate::MIN);
        day.checked_sub_days(Days::new(self.days))
            .unwrap_or(NaiveDate::MIN)
    }

    /// The day this long after a day.
    pub(crate) fn after(self, day: NaiveDate) -> NaiveDate {
        let day = day
            .checked_add_months(Months::new(self.months))
            .unwrap_or(NaiveDate::MAX);
        day.checked_add_days(Days::new(self.days))
            .unwrap_or(NaiveDate::MAX)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}{}",
            self.number,
            self.unit,
            if self.number == 1 { "" } else { "s" }
        )
    }
}

/// Whole years from one day to another; negative spans count as none.
pub(crate) fn years_between(from: NaiveDate, to: NaiveDate) -> u32 {
    to.years_since(from).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{PartialDate, Period};
    use crate::diagnostic::Code;

    #[test]
    fn dates() {
        let show =
            |t: &str| PartialDate::parse(t).map(|d| (d.first.to_string(), d.last.to_string()));
        assert_eq!(show("2019"), Ok(("2019-01-01".into(), "2019-12-31".into())));
        assert_eq!(
            show("2020-02"),
            Ok(("2020-02-01".into(), "2020-02-29".into()))
        );
        assert_eq!(
            show("2019-05-07"),
            Ok(("2019-05-07".into(), "2019-05-07".into()))
        );
        for bad in [
            "2019-2-30",
            "2019-02-30",
            "2024-2-3",
            " 2024-02-03",
            "+2024-02-03",
            "-0001-01-01",
            "20240203",
            "19",
            "2019-13",
            "",
            "٢٠١٩",
            "0000",
        ] {
            assert_eq!(
                PartialDate::parse(bad).map_err(|e| e.0),
                Err(Code::BadDate),
                "{bad}"
            );
        }
        assert_eq!(
            PartialDate::parse("03/04/2026").map_err(|e| e.0),
            Err(Code::AmbiguousDate)
        );
        assert_eq!(
            PartialDate::parse("03.04.2026").map_err(|e| e.0),
            Err(Code::AmbiguousDate)
        );
    }

    #[test]
    fn months_end_where_the_calendar_ends_them() {
        let day = |t: &str| PartialDate::parse(t).expect("a date").first;
        let month = Period::parse("1 month").expect("a period");
        assert_eq!(month.before(day("2026-03-31")), day("2026-02-28"));
        assert_eq!(month.after(day("2024-01-31")), day("2024-02-29"));
        assert!(Period::parse("99999999 years").is_none());
    }
}
