//! What is taken now, and what was tried for the disease.

use rust_decimal::Decimal;

use super::{Reader, Silence, absence, per_day};
use crate::date::PartialDate;
use crate::decode::{self, Field, did_you_mean, fields, normal, record, shown};
use crate::diagnostic::{Code, Collector};
use crate::dictionary::{ClassId, MedicineId, Named, Section};
use crate::outcome::{Outcome, Reason};
use crate::text::{Kind, Node};

/// The section `medicines` or `treatments`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listing {
    pub(crate) listed: Vec<Listed>,
    pub(crate) silence: Silence,
}

/// One line of it; a combination product gives one for each part.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) what: What,
    /// The name to show.
    pub(crate) name: String,
    /// Taken, or used at some time: met, not met, or unknown with the reason.
    pub(crate) present: Outcome,
    pub(crate) reason: Reason,
    /// Of a treatment: still going on? Met, not met, unknown.
    pub(crate) ongoing: Outcome,
    pub(crate) response: Responses,
    /// In mg a day.
    pub(crate) daily: Option<Decimal>,
    /// Used only locally: eye drops, creams, inhalers.
    pub(crate) local: bool,
    pub(crate) until: Option<PartialDate>,
    pub(crate) given: String,
    pub(crate) path: String,
    /// Where it stands in the text, in bytes.
    pub(crate) at: u32,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    Medicine(MedicineId),
    Class(ClassId),
    /// Not in the dictionary; with the classes the author names, if any.
    Unrecognised {
        classes: Option<Vec<ClassId>>,
        nearest: Option<String>,
    },
}

/// How a treatment went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Response {
    InadequateResponse,
    Intolerance,
    Contraindicated,
    Inadvisable,
    Adequate,
}

impl Response {
    pub(crate) const WORDS: [(&'static str, Self); 6] = [
        ("inadequate_response", Self::InadequateResponse),
        ("intolerance", Self::Intolerance),
        ("contraindicated", Self::Contraindicated),
        ("inadvisable", Self::Inadvisable),
        ("adequate", Self::Adequate),
        ("adequate_response", Self::Adequate),
    ];
}

/// Several of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Responses(u8);

impl Responses {
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn has(self, response: Response) -> bool {
        self.0 >> response as u8 & 1 == 1
    }

    pub(crate) fn insert(&mut self, response: Response) {
        self.0 |= 1 << response as u8;
    }
}

/// Forms in which a medicine acts only where it is put.
pub(crate) const LOCAL: [&str; 24] = [
    "topical",
    "cream",
    "ointment",
    "gel",
    "lotion",
    "foam",
    "skin",
    "eye",
    "eye_drops",
    "ophthalmic",
    "ear",
    "ear_drops",
    "nasal",
    "nasal_spray",
    "inhaled",
    "inhaler",
    "inhalation",
    "vaginal",
    "mouthwash",
    "shampoo",
    "intraarticular",
    "intra_articular",
    "drops",
    "scalp",
];
/// Forms in which it acts in the whole body.
pub(crate) const SYSTEMIC: [&str; 18] = [
    "oral",
    "tablet",
    "tablets",
    "capsule",
    "capsules",
    "intravenous",
    "iv",
    "subcutaneous",
    "sc",
    "intramuscular",
    "im",
    "injection",
    "infusion",
    "transdermal",
    "patch",
    "rectal",
    "by_mouth",
    "depot",
];

impl Reader<'_> {
    pub(super) fn listing(
        &self,
        node: &Node<'_>,
        section: &str,
        out: &mut Collector<'_>,
    ) -> Listing {
        let mut listing = Listing::default();
        if let Some(silence) = self.silence(node, section, out) {
            listing.silence = silence;
            return listing;
        }
        for field in fields(node, section, out).unwrap_or_default() {
            if normal(field.key) == "everything_else" {
                listing.silence = self.everything_else(field.value, out);
            } else {
                self.line(&field, section, &mut listing, out);
            }
        }
        listing
            .listed
            .sort_by(|a, b| (&a.name, &a.path, &a.given).cmp(&(&b.name, &b.path, &b.given)));
        self.denied_and_taken(&listing, node, out);
        listing
    }

    fn line(
        &self,
        field: &Field<'_>,
        section: &str,
        listing: &mut Listing,
        out: &mut Collector<'_>,
    ) {
        let (named, local_name) = self.name(field.key);
        let mut line = Listed {
            what: What::Unrecognised {
                classes: None,
                nearest: None,
            },
            name: shown(field.key),
            present: Outcome::Met,
            reason: Reason::NotGiven,
            ongoing: Outcome::Unknown,
            response: Responses::default(),
            daily: None,
            local: local_name,
            until: None,
            given: "yes".to_owned(),
            path: format!("{section} {}", shown(field.key)),
            at: field.at.start,
        };
        let mut classes = None;
        match &field.value.kind {
            Kind::Map(_) => classes = self.details(field, section, &mut line, out),
            Kind::Scalar { text, .. } => brief(text, field, section, &mut line, out),
            Kind::List(_) => {
                let help =
                    "write one dose, as `7.5 mg daily`, or { dose: ..., route: ... }".to_owned();
                out.error(
                    Code::WrongShape,
                    field.value.span,
                    "a medicine takes one value",
                    help,
                );
                return;
            }
            Kind::Empty => {
                let help = Some(
                    "write yes, no, a dose as `7.5 mg daily`, or { dose: ..., route: ... }"
                        .to_owned(),
                );
                out.error(
                    Code::EmptyValue,
                    field.value.span,
                    format!("nothing is said of this line of {section}"),
                    help,
                );
                return;
            }
        }
        match named {
            Some(Named::Class(id)) => {
                line.what = What::Class(id);
                self.dictionary
                    .class(id)
                    .id
                    .as_ref()
                    .clone_into(&mut line.name);
                listing.listed.push(line);
            }
            Some(Named::Medicine(id)) => {
                if classes.is_some() {
                    out.error(
                        Code::UnknownKey,
                        field.value.span,
                        "the classes of a known medicine are the dictionary's",
                        Some("leave out `classes`".to_owned()),
                    );
                }
                let medicine = self.dictionary.medicine(id);
                let parts: Vec<MedicineId> = if medicine.parts.is_empty() {
                    vec![id]
                } else {
                    medicine.parts.iter().copied().map(MedicineId).collect()
                };
                let combined = parts.len() > 1;
                if combined && line.present == Outcome::NotMet {
                    // That a combination is not taken says nothing of its parts.
                    return;
                }
                for part in parts {
                    let part_of = self.dictionary.medicine(part);
                    let mut line = line.clone();
                    line.what = What::Medicine(part);
                    part_of.id.as_ref().clone_into(&mut line.name);
                    line.local |= medicine.local || part_of.local;
                    if combined {
                        // The dose of the product says nothing of one part.
                        line.daily = None;
                        let product = medicine.id.replace('_', " ");
                        line.given = format!("in {product}, {}", line.given);
                    }
                    listing.listed.push(line);
                }
            }
            None if self.elsewhere(field.key).is_some() => {
                let help = self.elsewhere(field.key);
                let message = format!("`{}` is no medicine", shown(field.key));
                out.error(Code::UnknownKey, field.at, message, help);
            }
            None => {
                let nearest = decode::nearest(&normal(field.key), self.dictionary.medicine_names())
                    .map(str::to_owned);
                if line.name == decode::WITHHELD && classes.is_none() {
                    let message =
                        format!("this name in {section} is not known, and no checklist shows it");
                    let help = "write the generic name; or say more, as { dose: 5 mg daily, classes: none }";
                    out.warning(Code::UnknownName, field.at, message, help.to_owned());
                }
                line.what = What::Unrecognised { classes, nearest };
                listing.listed.push(line);
            }
        }
    }

    /// Where a name belongs that is no medicine.
    fn elsewhere(&self, name: &str) -> Option<String> {
        if normal(name) == "none" {
            return Some("write `medicines: none` for the whole section".to_owned());
        }
        let sections = [
            Section::About,
            Section::Tests,
            Section::History,
            Section::Vaccines,
        ];
        let found = sections
            .into_iter()
            .find(|s| self.dictionary.find_in(*s, name).is_some())?;
        Some(format!("it belongs under `{}:`", found.name()))
    }

    /// What a name stands for, and whether it says a local form ("ciclosporin eye drops").
    pub(super) fn name(&self, written: &str) -> (Option<Named>, bool) {
        let name = normal(written);
        if let Some(named) = self.dictionary.find_medicine(&name) {
            return (Some(named), false);
        }
        let local = LOCAL.iter().map(|form| (form, true));
        for (form, local) in local.chain(SYSTEMIC.iter().map(|form| (form, false))) {
            if let Some(named) = name
                .strip_suffix(&format!("_{form}"))
                .and_then(|n| self.dictionary.find_medicine(n))
            {
                return (Some(named), local);
            }
        }
        (None, false)
    }

    fn details(
        &self,
        field: &Field<'_>,
        section: &str,
        line: &mut Listed,
        out: &mut Collector<'_>,
    ) -> Option<Vec<ClassId>> {
        const MEDICINE: [&str; 6] = ["dose", "route", "since", "until", "taken", "classes"];
        const TREATMENT: [&str; 9] = [
            "outcome", "ongoing", "stopped", "started", "since", "until", "dose", "route",
            "classes",
        ];
        let known: &[&str] = if section == "medicines" {
            &MEDICINE
        } else {
            &TREATMENT
        };
        let r = record(field.value, section, known, out)?;
        if let Some(text) = r.text("dose", out) {
            line.daily = per_day(&text).unwrap_or_else(|(code, help)| {
                out.error(code, field.value.span, "not a dose", Some(help.to_owned()));
                None
            });
            line.given = text;
        }
        let told: Vec<String> = ["outcome", "ongoing", "stopped", "until"]
            .into_iter()
            .filter_map(|key| Some((key, r.get(key)?)))
            .flat_map(|(key, node)| decode::items(node).into_iter().map(move |n| (key, n)))
            .filter_map(|(key, node)| {
                let text = node.text()?;
                Some(if key == "outcome" {
                    text.to_owned()
                } else {
                    format!("{key} {text}")
                })
            })
            .collect();
        if section == "treatments" && !told.is_empty() {
            line.given = told.join(", ");
        }
        if let Some(node) = r.get("route") {
            let words: Vec<(&str, bool)> = LOCAL
                .iter()
                .map(|w| (*w, true))
                .chain(SYSTEMIC.iter().map(|w| (*w, false)))
                .collect();
            let route = node.text().map(normal);
            match words.iter().find(|(w, _)| route.as_deref() == Some(*w)) {
                Some((_, local)) => line.local = *local,
                None => {
                    out.error(
                        Code::UnknownWord,
                        node.span,
                        "not a route known here",
                        Some("write oral, injection, topical, eye, nasal, inhaled, ...".to_owned()),
                    );
                }
            }
        }
        if let Some(node) = r.get("taken") {
            line.present = decode::yes_no(node, out).map_or(Outcome::Unknown, Outcome::of);
        }
        for (outcome, span) in r
            .get("outcome")
            .map(|n| decode::texts(n, "an outcome", out))
            .unwrap_or_default()
        {
            match Response::WORDS.iter().find(|(w, _)| *w == outcome) {
                Some((_, response)) => line.response.insert(*response),
                None if absence(&outcome).is_some() => {}
                None => {
                    let names = Response::WORDS.map(|(w, _)| w);
                    let help = did_you_mean(&outcome, names)
                        .unwrap_or_else(|| format!("write one of: {}", names.join(", ")));
                    out.error(
                        Code::UnknownWord,
                        span,
                        "not an outcome of a treatment",
                        help,
                    );
                }
            }
        }
        if let Some(node) = r.get("ongoing") {
            let unknown = node.text().is_some_and(|t| absence(t).is_some());
            line.ongoing = if unknown {
                Outcome::Unknown
            } else {
                decode::yes_no(node, out).map_or(Outcome::Unknown, Outcome::of)
            };
        }
        for key in ["stopped", "until"] {
            let Some(node) = r.get(key) else { continue };
            match node.text() {
                Some("yes" | "true") => line.ongoing = Outcome::NotMet,
                Some("no" | "false") => line.ongoing = Outcome::Met,
                Some(text) if absence(text).is_some() => {}
                _ => {
                    line.until = self.a_date(node, out);
                    line.ongoing = Outcome::NotMet;
                }
            }
        }
        let stopped = line.ongoing == Outcome::NotMet;
        if stopped
            && r.get("ongoing")
                .is_some_and(|n| decode::yes_no(n, out) == Some(true))
        {
            let help = "keep one of them".to_owned();
            out.error(
                Code::Contradiction,
                field.value.span,
                "it both goes on and was stopped",
                help,
            );
        }
        for key in ["since", "started"] {
            let begun = r.get(key).and_then(|n| self.a_date(n, out));
            if begun.zip(line.until).is_some_and(|(b, u)| b.first > u.last) {
                let help = "correct one of the dates".to_owned();
                out.error(
                    Code::Contradiction,
                    field.value.span,
                    "it was stopped before it began",
                    help,
                );
            }
        }
        Some(self.classes(r.get("classes")?, out))
    }

    fn a_date(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<PartialDate> {
        let text = decode::text(node, "a date", out)?;
        PartialDate::parse(text)
            .map_err(|(code, help)| out.error(code, node.span, "not a date", Some(help.to_owned())))
            .ok()
    }

    fn classes(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Vec<ClassId> {
        if node.text().is_some_and(|t| t.eq_ignore_ascii_case("none")) {
            return Vec::new();
        }
        let mut classes = Vec::new();
        for (name, span) in decode::texts(node, "a class", out) {
            match self.dictionary.find_class(&name) {
                Some(id) => classes.extend(self.dictionary.containing(id)),
                None => out.error(
                    Code::UnknownName,
                    span,
                    format!("no class `{}`", shown(&name)),
                    did_you_mean(&normal(&name), self.dictionary.medicine_names()),
                ),
            }
        }
        classes
    }

    /// A medicine both taken and not, or a class denied with a member taken.
    fn denied_and_taken(&self, listing: &Listing, node: &Node<'_>, out: &mut Collector<'_>) {
        for line in listing
            .listed
            .iter()
            .filter(|l| l.present == Outcome::NotMet)
        {
            let same = |l: &&Listed| {
                l.what == line.what && l.present == Outcome::Met && l.local == line.local
            };
            if !matches!(line.what, What::Unrecognised { .. })
                && listing.listed.iter().any(|l| same(&l))
            {
                let message = format!("`{}` is both denied and listed, under two names", line.name);
                let help = "keep one of them".to_owned();
                out.error(Code::Contradiction, node.span, message, help);
            }
        }
        for denied in &listing.listed {
            let What::Class(class) = denied.what else {
                continue;
            };
            if denied.present != Outcome::NotMet {
                continue;
            }
            let taken = listing.listed.iter().find(|l| match &l.what {
                What::Medicine(id) => {
                    l.present == Outcome::Met && !l.local && self.dictionary.belongs(*id, class)
                }
                What::Class(inner) => {
                    l.present == Outcome::Met && self.dictionary.contains(class, *inner)
                }
                What::Unrecognised { .. } => false,
            });
            if let Some(taken) = taken {
                let message = format!(
                    "`{}` is denied, but its member `{}` is listed",
                    denied.name, taken.name
                );
                out.error(
                    Code::Contradiction,
                    node.span,
                    message,
                    Some("correct one of them".to_owned()),
                );
            }
        }
    }
}

/// A line that is one word: yes, no, a reason for absence, a dose, or the outcome of a treatment.
fn brief(text: &str, field: &Field<'_>, section: &str, line: &mut Listed, out: &mut Collector<'_>) {
    text.clone_into(&mut line.given);
    if let Some(reason) = absence(text) {
        line.present = Outcome::Unknown;
        line.reason = reason;
        return;
    }
    match text.to_lowercase().as_str() {
        "yes" | "true" => "yes".clone_into(&mut line.given),
        "no" | "none" | "false" => line.present = Outcome::NotMet,
        _ => {
            if let Some((_, response)) = Response::WORDS
                .iter()
                .find(|(w, _)| *w == text)
                .filter(|_| section == "treatments")
            {
                line.response.insert(*response);
                return;
            }
            match per_day(text) {
                Ok(Some(daily)) if daily.is_zero() => {
                    let help = "write `no` if it is not taken".to_owned();
                    out.error(Code::BadDose, field.value.span, "a dose of nothing", help);
                }
                Ok(daily) => line.daily = daily,
                Err((code, help)) => {
                    let names = Response::WORDS.map(|(w, _)| w);
                    let help = match section {
                        "treatments" => did_you_mean(text, names).unwrap_or_else(|| {
                            format!("{help}; or how it went: {}", names.join(", "))
                        }),
                        _ => help.to_owned(),
                    };
                    out.error(
                        code,
                        field.value.span,
                        format!("not a value of a line of {section}"),
                        help,
                    );
                }
            }
        }
    }
}
