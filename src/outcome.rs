//! Three outcomes and their connectives (Kleene's strong logic), and why something is unknown.

use serde::Serialize;

/// Whether a statement holds for a patient, as far as the profile tells.
///
/// | `a`     | `b`     | `a.and(b)` | `a.or(b)` |
/// |---------|---------|------------|-----------|
/// | not met | any     | not met    | `b`       |
/// | unknown | not met | not met    | unknown   |
/// | unknown | unknown | unknown    | unknown   |
/// | unknown | met     | unknown    | met       |
/// | met     | any     | `b`        | met       |
///
/// `not` swaps the ends and leaves unknown alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It does not hold.
    NotMet,
    /// The profile does not say.
    Unknown,
    /// It holds.
    Met,
}

impl Outcome {
    /// The lesser of the two in the order not met, unknown, met.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// The greater of the two in the order not met, unknown, met.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// The opposite; unknown stays unknown.
    #[must_use]
    #[allow(
        clippy::should_implement_trait,
        reason = "the standard word of the logic, and `!` hides that it has three values"
    )]
    pub fn not(self) -> Self {
        match self {
            Self::NotMet => Self::Met,
            Self::Unknown => Self::Unknown,
            Self::Met => Self::NotMet,
        }
    }

    /// Met if `claim` holds.
    pub(crate) fn of(claim: bool) -> Self {
        if claim { Self::Met } else { Self::NotMet }
    }
}

/// Up to 64 outcomes side by side: bit `i` of `met` and of `not` say what came out of the `i`th, and where neither is set it is
/// not known. The connectives are those of [`Outcome`], for all of them at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Outcomes {
    pub(crate) met: u64,
    pub(crate) not: u64,
}

impl Outcomes {
    pub(crate) const UNKNOWN: Self = Self { met: 0, not: 0 };
    pub(crate) const MET: Self = Self { met: !0, not: 0 };
    pub(crate) const NOT_MET: Self = Self { met: 0, not: !0 };

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            met: self.met & other.met,
            not: self.not | other.not,
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            met: self.met | other.met,
            not: self.not & other.not,
        }
    }

    pub(crate) fn not(self) -> Self {
        Self {
            met: self.not,
            not: self.met,
        }
    }

    /// What both say; where they differ it is not known.
    pub(crate) fn agree(self, other: Self) -> Self {
        Self {
            met: self.met & other.met,
            not: self.not & other.not,
        }
    }

    /// These and those; no place is known to both.
    pub(crate) fn beside(self, other: Self) -> Self {
        Self {
            met: self.met | other.met,
            not: self.not | other.not,
        }
    }

    /// Those of these places only; the others are not known.
    pub(crate) fn only(self, places: u64) -> Self {
        Self {
            met: self.met & places,
            not: self.not & places,
        }
    }

    /// The same, the first at this place.
    pub(crate) fn from_place(self, place: usize) -> Self {
        Self {
            met: self.met << place,
            not: self.not << place,
        }
    }

    /// What came out at a place.
    pub(crate) fn at(self, place: u32) -> Outcome {
        if self.met >> place & 1 == 1 {
            Outcome::Met
        } else if self.not >> place & 1 == 1 {
            Outcome::NotMet
        } else {
            Outcome::Unknown
        }
    }
}

/// A bit for each of up to 64 claims, the first in the lowest.
pub(crate) fn bits(claims: impl Iterator<Item = bool>) -> u64 {
    let placed = (0..).zip(claims);
    placed.fold(0, |bits, (place, claim)| bits | u64::from(claim) << place)
}

impl From<Outcome> for Outcomes {
    /// The same at every place.
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Met => Self::MET,
            Outcome::NotMet => Self::NOT_MET,
            Outcome::Unknown => Self::UNKNOWN,
        }
    }
}

/// Why something is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The profile does not mention it.
    NotGiven,
    /// The test was not done.
    NotDone,
    /// The question was not asked.
    NotAsked,
    /// The result is awaited.
    Pending,
    /// The patient declined.
    Declined,
    /// The result or statement is older than policy allows.
    OutOfDate,
    /// The result is neither positive nor negative.
    Indeterminate,
    /// Results of the same day disagree.
    Conflicting,
    /// The value or date is not exact enough to decide.
    Imprecise,
    /// A medicine that the dictionary does not know.
    Unrecognised,
}

impl Reason {
    /// The reason in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotGiven => "not recorded",
            Self::NotDone => "not done",
            Self::NotAsked => "not asked",
            Self::Pending => "pending",
            Self::Declined => "declined",
            Self::OutOfDate => "out of date",
            Self::Indeterminate => "indeterminate",
            Self::Conflicting => "conflicting",
            Self::Imprecise => "imprecise",
            Self::Unrecognised => "not recognised",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome::{self, Met, NotMet, Unknown};
    use super::Outcomes;

    #[test]
    fn all_nine_pairs() {
        let table: [(Outcome, Outcome, Outcome, Outcome); 9] = [
            (NotMet, NotMet, NotMet, NotMet),
            (NotMet, Unknown, NotMet, Unknown),
            (NotMet, Met, NotMet, Met),
            (Unknown, NotMet, NotMet, Unknown),
            (Unknown, Unknown, Unknown, Unknown),
            (Unknown, Met, Unknown, Met),
            (Met, NotMet, NotMet, Met),
            (Met, Unknown, Unknown, Met),
            (Met, Met, Met, Met),
        ];
        for (a, b, and, or) in table {
            assert_eq!(a.and(b), and, "{a:?} and {b:?}");
            assert_eq!(a.or(b), or, "{a:?} or {b:?}");
            // De Morgan
            assert_eq!(a.and(b).not(), a.not().or(b.not()));
            // Side by side they come out the same.
            let (one, other) = (Outcomes::from(a), Outcomes::from(b));
            assert_eq!(one.and(other).at(7), and);
            assert_eq!(one.or(other).at(63), or);
            assert_eq!(one.not().at(0), a.not());
        }
        assert_eq!(
            [NotMet.not(), Unknown.not(), Met.not()],
            [Met, Unknown, NotMet]
        );
    }
}
