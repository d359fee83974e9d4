//! The plan: the drug, indication, labels and dose the clinician has in mind.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{Entry, Profile, Reader, Value, Written};
use crate::decode::{self, did_you_mean, fields, normal, shown, texts};
use crate::diagnostic::{Code, Collector};
use crate::dictionary::{Named, Section};
use crate::quantity::{self, Interval};
use crate::text::{Node, Span};

/// The drug, indication and labels of a screen, and what else is planned.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) drug: String,
    pub(crate) indication: String,
    pub(crate) labels: Vec<String>,
    /// The dose as written.
    pub(crate) dose: Option<String>,
    /// The planned dose in mg a day.
    pub(crate) daily: Option<Decimal>,
    pub(crate) start: Option<NaiveDate>,
    pub(crate) no_suitable_alternative: Option<String>,
}

/// Parts of a plan given from outside the file; they replace the file's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanChange {
    /// Another drug: the file's dose and formulation are then not used.
    pub drug: Option<String>,
    /// Another indication.
    pub indication: Option<String>,
    /// Other labels, as `us` or `eu`.
    pub labels: Vec<String>,
}

pub(super) const KEYS: [&str; 7] = [
    "drug",
    "indication",
    "label",
    "labels",
    "dose",
    "start",
    "no_suitable_alternative",
];

impl Reader<'_> {
    pub(super) fn plan(
        &self,
        node: Option<&Node<'_>>,
        tree: &Node<'_>,
        change: &PlanChange,
        profile: &mut Profile,
        out: &mut Collector<'_>,
    ) {
        let said = |text: &String| (text.clone(), Span::NOWHERE);
        let mut drug: Option<(String, Span)> = change.drug.as_ref().map(said);
        let mut indication: Option<(String, Span)> = change.indication.as_ref().map(said);
        let mut labels: Vec<(String, Span)> = change.labels.iter().map(said).collect();
        // A dose or formulation of one drug says nothing of another.
        let written = node.and_then(|n| n.get("drug")?.text());
        let same = |a: &str, b: &str| {
            let (a, b) = (
                self.dictionary.find_medicine(a),
                self.dictionary.find_medicine(b),
            );
            a.is_some() && a == b
        };
        let other_drug = change
            .drug
            .as_deref()
            .zip(written)
            .is_some_and(|(drug, written)| !same(drug, written));
        let fields = node.map(|n| fields(n, "plan", out));
        let mut broken = matches!(fields, Some(None));
        let mut broken_label = false;
        for field in fields.flatten().unwrap_or_default() {
            let mut scalar = |out: &mut Collector<'_>| {
                let text = decode::text(field.value, field.key, out)
                    .map(|t| (t.to_owned(), field.value.span));
                broken |= text.is_none();
                text
            };
            match normal(field.key).as_str() {
                "drug" if change.drug.is_none() => drug = scalar(out),
                "indication" if change.indication.is_none() => indication = scalar(out),
                "drug" | "indication" => {}
                "label" | "labels" if change.labels.is_empty() => {
                    labels = texts(field.value, "a label", out);
                    broken_label = labels.is_empty();
                }
                "label" | "labels" => {}
                "dose" | "formulation" if other_drug => {}
                "dose" => self.dose(field.value, profile, out),
                "start" => {
                    profile.plan().start = self.day(field.value, out);
                    if profile
                        .plan
                        .start
                        .zip(profile.as_of)
                        .is_some_and(|(s, d)| s < d)
                    {
                        let help = "correct `start`, or `as_of`".to_owned();
                        let message = "the start lies before the day of the file";
                        out.warning(Code::UnlikelyValue, field.value.span, message, help);
                    }
                }
                "no_suitable_alternative" => {
                    profile.plan().no_suitable_alternative =
                        decode::text(field.value, "the reason", out).map(shown_long);
                    let reason = profile.plan.no_suitable_alternative.as_deref();
                    if reason.is_some_and(|r| r.split_whitespace().count() < 2) {
                        let help = "write the reason in words, more than one, or leave the key out"
                            .to_owned();
                        out.error(Code::UnknownWord, field.value.span, "not a reason", help);
                    }
                }
                key => match self.dictionary.find_in(Section::Plan, key) {
                    Some(fact) => self.value(fact, field.value, (None, 0), "plan", profile, out),
                    None => {
                        let names = self.dictionary.names_in(Section::Plan).chain(KEYS);
                        let help = did_you_mean(&normal(key), names).unwrap_or_else(|| "the plan has drug, indication, label, dose, start and what the label's indication asks".to_owned());
                        out.error(
                            Code::UnknownKey,
                            field.at,
                            format!("unknown key `{}` in plan", shown(key)),
                            help,
                        );
                    }
                },
            }
        }
        let place = node.map_or(
            Span::new(tree.span.start as usize, tree.span.start as usize),
            |n| n.span,
        );
        self.set_drug(drug, place, broken, profile, out);
        self.set_indication(indication, place, broken, profile, out);
        self.set_labels(labels, place, broken || broken_label, profile, out);
    }

    fn set_drug(
        &self,
        drug: Option<(String, Span)>,
        place: Span,
        quiet: bool,
        profile: &mut Profile,
        out: &mut Collector<'_>,
    ) {
        let drugs = self.library.drugs();
        let Some((name, at)) = drug else {
            if !quiet {
                out.error(
                    Code::MissingKey,
                    place,
                    "the plan names no drug",
                    format!("add `drug:` with one of: {}", drugs.join(", ")),
                );
            }
            return;
        };
        let found = match self.dictionary.find_medicine(&name) {
            Some(Named::Medicine(id)) => Some(self.dictionary.medicine(id).id.as_ref()),
            Some(Named::Class(_)) | None => None,
        };
        match found.filter(|id| drugs.contains(id)) {
            Some(id) => id.clone_into(&mut profile.plan().drug),
            None => {
                let help = did_you_mean(&normal(&name), drugs.iter().copied())
                    .unwrap_or_else(|| format!("drugs with a label here: {}", drugs.join(", ")));
                out.error(
                    Code::UnknownName,
                    at,
                    "no label of this drug is in the library",
                    help,
                );
            }
        }
    }

    fn set_indication(
        &self,
        indication: Option<(String, Span)>,
        place: Span,
        quiet: bool,
        profile: &mut Profile,
        out: &mut Collector<'_>,
    ) {
        let Some(fact_id) = self.dictionary.find("indication") else {
            return;
        };
        let fact = self.dictionary.fact(fact_id);
        let crate::dictionary::Kind::Choice { choices, .. } = &fact.kind else {
            return;
        };
        let Some((name, at)) = indication else {
            if !quiet {
                out.error(
                    Code::MissingKey,
                    place,
                    "the plan names no indication",
                    "add `indication:`, as rheumatoid_arthritis".to_owned(),
                );
            }
            return;
        };
        if let Some(choice) = fact.choice(&normal(&name)) {
            fact.word(choice).clone_into(&mut profile.plan().indication);
        } else {
            let help = did_you_mean(&normal(&name), choices.iter().map(String::as_str))
                .unwrap_or_else(|| format!("write one of: {}", choices.join(", ")));
            out.error(Code::UnknownName, at, "not an indication known here", help);
        }
    }

    fn set_labels(
        &self,
        labels: Vec<(String, Span)>,
        place: Span,
        quiet: bool,
        profile: &mut Profile,
        out: &mut Collector<'_>,
    ) {
        if labels.is_empty() && !quiet {
            out.error(
                Code::NoLabel,
                place,
                "the plan names no label",
                "add `label: us`, `label: eu` or `label: [us, eu]`".to_owned(),
            );
        }
        let drug = profile.plan.drug.clone();
        for (label, at) in labels {
            let label = normal(&label);
            if !self.library.jurisdictions().contains(&label.as_str()) {
                let known = self.library.jurisdictions();
                let help = format!(
                    "write one of: {}; or both as [{}]",
                    known.join(", "),
                    known.join(", ")
                );
                out.error(
                    Code::UnknownWord,
                    at,
                    "not a label jurisdiction known here",
                    help,
                );
            } else if !drug.is_empty() && self.library.label(&label, &drug).is_none() {
                let help = format!(
                    "labels of {drug} in the library: {}",
                    self.library.labels_of(&drug).join(", ")
                );
                out.error(
                    Code::UnknownDocument,
                    at,
                    format!("the library has no label of {drug} for `{label}`"),
                    help,
                );
            } else {
                profile.plan().labels.push(label);
            }
        }
        // The order of the labels is the library's, so that the file's does not matter.
        profile
            .plan()
            .labels
            .sort_by_key(|l| self.library.jurisdictions().iter().position(|j| j == l));
        profile.plan().labels.dedup();
    }

    fn dose(&self, node: &Node<'_>, profile: &mut Profile, out: &mut Collector<'_>) {
        let Some(text) = decode::text(node, "dose", out) else {
            return;
        };
        if super::absence(text).is_some() {
            return;
        }
        match per_day(text) {
            Ok(Some(daily)) if daily.is_zero() => {
                let help = "write the dose that is planned".to_owned();
                out.error(Code::BadDose, node.span, "a planned dose of nothing", help);
            }
            Ok(Some(daily)) => {
                profile.plan().dose = Some(text.to_owned());
                profile.plan().daily = Some(daily);
                let entry = |fact| Entry {
                    fact,
                    date: None,
                    value: Value::Quantity {
                        value: Interval::point(daily),
                        converted: false,
                    },
                    unlikely: false,
                    written: Some(Box::new(Written {
                        given: text.to_owned(),
                        path: "plan dose".to_owned(),
                        at: node.span.start,
                        ..Written::default()
                    })),
                };
                if let Some(dose) = self.dictionary.find("dose") {
                    profile.entries.push(entry(dose));
                }
            }
            Ok(None) => out.error(
                Code::BadDose,
                node.span,
                "the planned dose does not say how much a day",
                "write it as `15 mg daily` or `5 mg twice daily`".to_owned(),
            ),
            Err((code, help)) => {
                // A plan takes no yes or no.
                let help = if help == A_DOSE {
                    "write it as `15 mg daily` or `5 mg twice daily`"
                } else {
                    help
                };
                out.error(code, node.span, "not a dose", Some(help.to_owned()));
            }
        }
    }
}

fn shown_long(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

const A_DOSE: &str = "write yes, no, or a dose as `7.5 mg daily`";

/// The daily dose in mg of `15 mg daily`, `5 mg twice daily`, `20 mg weekly`; none if the text gives no amount in mg or no
/// frequency.
///
/// # Errors
/// A text that is no dose: without a number, or with a unit that no medicine is measured in.
pub(crate) fn per_day(text: &str) -> Result<Option<Decimal>, (Code, &'static str)> {
    let lower = text.trim().to_lowercase();
    let help = A_DOSE;
    if !lower.starts_with(|c: char| c.is_ascii_digit()) {
        return Err((Code::BadDose, help));
    }
    let written = quantity::parse(&lower).map_err(|(code, help)| {
        let code = if code == Code::BadNumber {
            Code::BadDose
        } else {
            code
        };
        (code, help)
    })?;
    let end = written.unit.find([' ', '/']).unwrap_or(written.unit.len());
    let (unit, often) = written
        .unit
        .split_at_checked(end)
        .unwrap_or((written.unit, ""));
    let factor = match MASS.iter().find(|(name, _)| *name == unit) {
        Some((_, factor)) => *factor,
        None if COUNTED.contains(&unit) => return Ok(None),
        None => return Err((Code::BadDose, help)),
    };
    let often = often.trim_start_matches(['/', ' ']).trim();
    let Some((times, days)) = frequency(often.trim_start_matches("once ")) else {
        return Ok(None);
    };
    let amount = written
        .number
        .checked_mul(factor)
        .and_then(|n| n.checked_mul(Decimal::from(times)))
        .and_then(|n| n.checked_div(Decimal::from(days)));
    amount
        .map(Some)
        .ok_or((Code::BadDose, "the number is too large"))
}

/// Units of which the milligrams are known.
pub(crate) const MASS: [(&str, Decimal); 8] = [
    ("mg", Decimal::ONE),
    ("g", Decimal::ONE_THOUSAND),
    ("mcg", MICRO),
    ("ug", MICRO),
    ("\u{b5}g", MICRO),
    ("\u{3bc}g", MICRO),
    ("microgram", MICRO),
    ("micrograms", MICRO),
];
const MICRO: Decimal = Decimal::from_parts(1, 0, 0, false, 3);

/// Units of which the milligrams are not known.
pub(crate) const COUNTED: [&str; 30] = [
    "unit",
    "units",
    "iu",
    "u",
    "ml",
    "l",
    "tablet",
    "tablets",
    "tab",
    "tabs",
    "capsule",
    "capsules",
    "cap",
    "caps",
    "puff",
    "puffs",
    "drop",
    "drops",
    "patch",
    "patches",
    "sachet",
    "sachets",
    "injection",
    "injections",
    "spray",
    "sprays",
    "application",
    "applications",
    "mmol",
    "%",
];

/// How many doses in how many days.
fn frequency(often: &str) -> Option<(u32, u32)> {
    let every = often
        .strip_prefix("every ")
        .or_else(|| often.strip_prefix("per "))
        .or_else(|| often.strip_prefix("a "));
    let (words, often) = match every {
        Some(interval) => (&EVERY[..], interval),
        None => (&OFTEN[..], often),
    };
    let found = words.iter().find(|(word, _)| *word == often);
    found.map(|(_, frequency)| *frequency)
}

/// What follows `every`, `per` or `a`: how many doses in how many days.
pub(crate) const EVERY: [(&str, (u32, u32)); 18] = [
    ("day", (1, 1)),
    ("24 hours", (1, 1)),
    ("12 hours", (2, 1)),
    ("8 hours", (3, 1)),
    ("6 hours", (4, 1)),
    ("other day", (1, 2)),
    ("second day", (1, 2)),
    ("2 days", (1, 2)),
    ("week", (1, 7)),
    ("7 days", (1, 7)),
    ("2 weeks", (1, 14)),
    ("two weeks", (1, 14)),
    ("other week", (1, 14)),
    ("second week", (1, 14)),
    ("14 days", (1, 14)),
    ("4 weeks", (1, 28)),
    ("four weeks", (1, 28)),
    ("28 days", (1, 28)),
];

/// Frequencies: how many doses in how many days.
pub(crate) const OFTEN: [(&str, (u32, u32)); 29] = [
    ("daily", (1, 1)),
    ("day", (1, 1)),
    ("d", (1, 1)),
    ("od", (1, 1)),
    ("qd", (1, 1)),
    ("qam", (1, 1)),
    ("qhs", (1, 1)),
    ("nightly", (1, 1)),
    ("in the morning", (1, 1)),
    ("at night", (1, 1)),
    ("twice daily", (2, 1)),
    ("twice a day", (2, 1)),
    ("bd", (2, 1)),
    ("bid", (2, 1)),
    ("b.i.d.", (2, 1)),
    ("three times daily", (3, 1)),
    ("three times a day", (3, 1)),
    ("tds", (3, 1)),
    ("tid", (3, 1)),
    ("four times daily", (4, 1)),
    ("four times a day", (4, 1)),
    ("qds", (4, 1)),
    ("qid", (4, 1)),
    ("alternate days", (1, 2)),
    ("twice weekly", (2, 7)),
    ("twice a week", (2, 7)),
    ("weekly", (1, 7)),
    ("week", (1, 7)),
    ("fortnightly", (1, 14)),
];

#[cfg(test)]
mod tests {
    use super::per_day;

    #[test]
    fn doses() {
        let mg = |t: &str| per_day(t).map(|d| d.map(|d| d.normalize().to_string()));
        assert_eq!(mg("7.5 mg daily"), Ok(Some("7.5".into())));
        assert_eq!(mg("5 mg twice daily"), Ok(Some("10".into())));
        assert_eq!(mg("81 mg/day"), Ok(Some("81".into())));
        assert_eq!(mg("5mg BD"), Ok(Some("10".into())));
        assert_eq!(mg("15 mg once daily"), Ok(Some("15".into())));
        assert_eq!(mg("1 g daily"), Ok(Some("1000".into())));
        assert_eq!(mg("75 mg"), Ok(None));
        assert_eq!(mg("30 mg 2 weeks"), Ok(None));
        assert_eq!(
            mg("30 mg every 2 weeks"),
            Ok(Some("2.1428571428571428571428571429".into()))
        );
        assert_eq!(mg("10 units at night"), Ok(None));
        assert!(per_day("7,5 mg daily").is_err());
        for bad in [
            "one tablet",
            "2019-2023",
            "2020 stopped",
            "5-10 mg daily",
            "0",
        ] {
            assert!(per_day(bad).is_err(), "{bad}");
        }
    }
}
