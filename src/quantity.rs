//! Quantities: a decimal with a unit, or the interval that a comparator says. Exact numbers only.

use rust_decimal::Decimal;

use crate::diagnostic::Code;
use crate::outcome::Outcome;

/// The decimal places of nanos, billionths, in which values are compared.
pub(crate) const NANO_PLACES: u32 = 9;

/// A value in nanos, if that is exact.
pub(crate) fn nanos(value: Decimal) -> Option<i64> {
    let last_place = 10_i64.pow(NANO_PLACES.checked_sub(value.scale())?);
    i64::try_from(value.mantissa())
        .ok()?
        .checked_mul(last_place)
}

/// One end of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Bound {
    pub(crate) value: Decimal,
    /// Whether the value itself belongs to the interval.
    pub(crate) closed: bool,
}

/// The values a result can have; without ends it reaches as far as values do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Interval {
    pub(crate) low: Option<Bound>,
    pub(crate) high: Option<Bound>,
}

impl Interval {
    pub(crate) fn point(value: Decimal) -> Self {
        let bound = Some(Bound {
            value,
            closed: true,
        });
        Self {
            low: bound,
            high: bound,
        }
    }

    pub(crate) fn between(low: Decimal, high: Decimal) -> Self {
        Self {
            low: Some(Bound {
                value: low,
                closed: true,
            }),
            high: Some(Bound {
                value: high,
                closed: true,
            }),
        }
    }

    /// The value of one that was written as a single value.
    pub(crate) fn single(&self) -> Option<Decimal> {
        match (&self.low, &self.high) {
            (Some(low), Some(high)) => {
                let same = low.value.serialize() == high.value.serialize();
                (same && low.closed && high.closed).then_some(low.value)
            }
            _ => None,
        }
    }

    /// The single value, if it is one.
    pub(crate) fn exact(self) -> Option<Decimal> {
        match (self.low, self.high) {
            (Some(low), Some(high)) if low.value == high.value => Some(low.value),
            _ => None,
        }
    }

    /// Applies an increasing function to both ends.
    pub(crate) fn map(self, mut f: impl FnMut(Decimal) -> Option<Decimal>) -> Option<Self> {
        let mut end = |bound: Option<Bound>| match bound {
            Some(b) => f(b.value).map(|value| {
                Some(Bound {
                    value,
                    closed: b.closed,
                })
            }),
            None => Some(None),
        };
        Some(Self {
            low: end(self.low)?,
            high: end(self.high)?,
        })
    }

    /// Whether this value lies in `range`: met if all of it does, not met if none of it does, else unknown.
    pub(crate) fn within(self, range: Self) -> Outcome {
        let above_low = match (range.low, self.low) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(r), Some(v)) => {
                v.value > r.value || (v.value == r.value && (r.closed || !v.closed))
            }
        };
        let below_high = match (range.high, self.high) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(r), Some(v)) => {
                v.value < r.value || (v.value == r.value && (r.closed || !v.closed))
            }
        };
        if above_low && below_high {
            Outcome::Met
        } else if apart(self.high, range.low) || apart(range.high, self.low) {
            Outcome::NotMet
        } else {
            Outcome::Unknown
        }
    }
}

/// Whether everything up to `high` lies below everything from `low`.
fn apart(high: Option<Bound>, low: Option<Bound>) -> bool {
    match (high, low) {
        (Some(high), Some(low)) => {
            high.value < low.value || (high.value == low.value && !(high.closed && low.closed))
        }
        _ => false,
    }
}

/// What a written quantity says before its unit is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Written<'t> {
    pub(crate) number: Decimal,
    pub(crate) comparator: Option<Comparator>,
    /// The unit as written; empty when there is none.
    pub(crate) unit: &'t str,
}

/// The side a laboratory leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparator {
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl Comparator {
    pub(crate) fn interval(self, value: Decimal) -> Interval {
        let open = Some(Bound {
            value,
            closed: false,
        });
        let closed = Some(Bound {
            value,
            closed: true,
        });
        match self {
            // A laboratory quantity is never negative.
            Self::Below => Interval {
                low: Some(Bound {
                    value: Decimal::ZERO,
                    closed: true,
                }),
                high: open,
            },
            Self::AtMost => Interval {
                low: Some(Bound {
                    value: Decimal::ZERO,
                    closed: true,
                }),
                high: closed,
            },
            Self::Above => Interval {
                low: open,
                high: None,
            },
            Self::AtLeast => Interval {
                low: closed,
                high: None,
            },
        }
    }
}

/// Reads `450 /uL`, `>60 mL/min/1.73m2`, `11.2g/dL`.
pub(crate) fn parse(text: &str) -> Result<Written<'_>, (Code, &'static str)> {
    let text = text.trim();
    let comparators = [
        ("<=", Comparator::AtMost),
        (">=", Comparator::AtLeast),
        ("≤", Comparator::AtMost),
        ("≥", Comparator::AtLeast),
        ("<", Comparator::Below),
        (">", Comparator::Above),
    ];
    let found = comparators
        .into_iter()
        .find_map(|(sign, c)| text.strip_prefix(sign).map(|rest| (rest, c)));
    let (rest, comparator) = match found {
        Some((rest, c)) => (rest.trim_start(), Some(c)),
        None => (text, None),
    };
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(rest.len());
    let (digits, unit) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if digits.is_empty() {
        let help = if rest.starts_with('-') {
            "a result cannot be negative"
        } else {
            "write a number and its unit, as 450 /uL"
        };
        return Err((
            if rest.starts_with('-') {
                Code::ImpossibleValue
            } else {
                Code::BadNumber
            },
            help,
        ));
    }
    let mut tail = unit.chars();
    if tail.next() == Some(',') && tail.next().is_some_and(|c| c.is_ascii_digit()) {
        return Err((
            Code::DecimalComma,
            "write a decimal point, as 1.5, and no thousands separators",
        ));
    }
    let unit = unit.trim();
    let runs_on = unit.starts_with(|c: char| c.is_ascii_digit() || "'+-.·".contains(c));
    let power = unit.starts_with("10*")
        || unit.starts_with("10^")
        || unit.starts_with("10e")
        || unit.starts_with("10E")
        || unit.starts_with("10⁹");
    if (runs_on && !power)
        || (unit.starts_with('/') && unit.chars().nth(1).is_some_and(|c| c.is_ascii_digit()))
    {
        return Err((
            Code::BadNumber,
            "write one number, without spaces, signs or a range, as 1200",
        ));
    }
    let shape = !digits.starts_with('.')
        && !digits.ends_with('.')
        && digits.matches('.').count() <= 1
        && digits.len() <= 20;
    let number = digits.parse::<Decimal>().ok().filter(|_| shape);
    let Some(number) = number else {
        return Err((
            Code::BadNumber,
            "write the number with digits before and after the point, as 0.5",
        ));
    };
    Ok(Written {
        number,
        comparator,
        unit,
    })
}

/// A unit in the one spelling used for comparing: without spaces, capitals, and the many forms of micro and "x10^".
pub(crate) fn unit_key(unit: &str) -> String {
    let mut key: String = unit
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '·')
        .map(|c| match c {
            '\u{b5}' | '\u{3bc}' => 'u',
            '²' => '2',
            '³' => '3',
            '⁹' => '9',
            '×' => 'x',
            _ => c,
        })
        .collect::<String>()
        .to_lowercase();
    for (from, to) in [
        ("x10", "10"),
        ("10^", "10*"),
        ("10e+", "10*"),
        ("10e", "10*"),
        ("10**", "10*"),
        ("109/l", "10*9/l"),
        ("mm^2", "mm2"),
        ("m^2", "m2"),
        ("mm^3", "mm3"),
    ] {
        if key.starts_with(from) || (from.starts_with('m') && key.contains(from)) {
            key = key.replacen(from, to, 1);
        }
    }
    key
}

/// A number without needless zeros.
pub(crate) fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{Bound, Comparator, Interval, nanos, parse, unit_key};
    use crate::diagnostic::Code;
    use crate::outcome::Outcome::{self, Met, NotMet, Unknown};

    fn below(limit: i64) -> Interval {
        Interval {
            low: None,
            high: Some(Bound {
                value: Decimal::from(limit),
                closed: false,
            }),
        }
    }

    #[test]
    fn comparators_against_a_limit() {
        let cases: [(Comparator, i64, i64, Outcome); 8] = [
            (Comparator::Above, 60, 60, NotMet),
            (Comparator::Above, 60, 90, Unknown),
            (Comparator::AtLeast, 90, 90, NotMet),
            (Comparator::Below, 15, 15, Met),
            (Comparator::AtMost, 15, 15, Unknown),
            (Comparator::Below, 15, 30, Met),
            (Comparator::Below, 30, 15, Unknown),
            (Comparator::AtLeast, 15, 15, NotMet),
        ];
        for (comparator, value, limit, expected) in cases {
            assert_eq!(
                comparator
                    .interval(Decimal::from(value))
                    .within(below(limit)),
                expected,
                "{comparator:?} {value} below {limit}"
            );
        }
    }

    #[test]
    fn a_value_equal_to_the_limit_is_not_below_it() {
        assert_eq!(
            Interval::point(Decimal::from(500)).within(below(500)),
            NotMet
        );
        assert_eq!(
            Interval::point(Decimal::new(4999, 1)).within(below(500)),
            Met
        );
    }

    #[test]
    fn nanos_are_exact_or_none() {
        assert_eq!(nanos(Decimal::new(74, 1)), Some(7_400_000_000));
        assert_eq!(nanos(Decimal::new(-5, 1)), Some(-500_000_000));
        assert_eq!(nanos(Decimal::new(1, 9)), Some(1));
        assert_eq!(
            nanos(Decimal::new(9_000_000_000, 0)),
            Some(9_000_000_000_000_000_000)
        );
        assert_eq!(nanos(Decimal::new(1, 10)), None, "a place too many");
        assert_eq!(nanos(Decimal::new(10_000_000_000, 0)), None, "too large");
        assert_eq!(nanos(Decimal::MAX), None);
    }

    #[test]
    fn numbers() {
        assert_eq!(parse("450 /uL").map(|w| w.unit), Ok("/uL"));
        assert_eq!(
            parse(">60 mL/min/1.73m2").map(|w| (w.comparator, w.unit)),
            Ok((Some(Comparator::Above), "mL/min/1.73m2"))
        );
        assert_eq!(parse("3.1x10^9/L").map(|w| w.unit), Ok("x10^9/L"));
        assert_eq!(parse("1,5 g/dL").map_err(|e| e.0), Err(Code::DecimalComma));
        assert_eq!(parse("1 200 /uL").map_err(|e| e.0), Err(Code::BadNumber));
        assert_eq!(
            parse("-3 g/dL").map_err(|e| e.0),
            Err(Code::ImpossibleValue)
        );
        for bad in [
            ".5 g/dL",
            "5. g/dL",
            "1.2.3 g/dL",
            "abc",
            "",
            ">",
            "99999999999999999999999 /uL",
        ] {
            assert_eq!(parse(bad).map_err(|e| e.0), Err(Code::BadNumber), "{bad}");
        }
    }

    #[test]
    fn unit_spellings() {
        for text in [
            "10^9/L",
            "x10E9/L",
            "10*9/L",
            "×10⁹/L",
            "x10^9/L",
            "10e9/L",
            "10**9/L",
            "x 10^9 / l",
        ] {
            assert_eq!(unit_key(text), "10*9/l", "{text}");
        }
        assert_eq!(unit_key("\u{b5}mol/L"), unit_key("\u{3bc}mol/L"));
        assert_eq!(unit_key("mL/min/1.73 m²"), "ml/min/1.73m2");
    }
}
