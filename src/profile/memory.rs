//! Profiles made in memory: values by their numbers, no text.
//!
//! Names are looked up once, before the first record, in the library that the records are for; a record is then pushed value by
//! value. A value outside what is possible is refused. What contradicts itself is an error in a file; here
//! it is not known, or what is present stands before what denies it.
//!
//! ```
//! use chrono::NaiveDate;
//! use jakscreen::{Library, Outcome, PlanChange, memory::{Decimal, Recorder}};
//!
//! let library = Library::builtin();
//! let plan = PlanChange {
//!     drug: Some("upadacitinib".to_owned()),
//!     indication: Some("rheumatoid_arthritis".to_owned()),
//!     labels: vec!["us".to_owned()],
//! };
//! let recorder = Recorder::new(&library, &plan)?;
//! let lymphocytes = library.fact("lymphocytes").ok_or("no such fact")?;
//! let per_microlitre = library.unit(lymphocytes, "/uL").ok_or("no such unit")?;
//! let day = NaiveDate::from_ymd_opt(2026, 11, 10).ok_or("no such day")?;
//!
//! let mut record = recorder.record(day);
//! record.quantity(Decimal::from(400), &per_microlitre, Some(day))?;
//! let profile = record.finish();
//!
//! let mut screener = library.screener("upadacitinib", "us").ok_or("no such label")?;
//! screener.screen(&[profile], day);
//! let found = screener.found().next().ok_or("one profile")?;
//! let met: Vec<usize> = found.met().collect();
//! let ids: Vec<&str> = met.iter().map(|i| screener.criteria()[*i].id).collect();
//! assert!(ids.contains(&"lymphocytes-low"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Rows of a table
//!
//! Where records come as rows of a table, an Arrow record batch for instance, look up a fact for each column once, and push
//! a value for each cell that is not null: a null is pushed as nothing, or as [`Record::missing`] with its reason, and is then
//! not known. Words of a dictionary column are looked up once with [`Library::choice`], by their key. `examples/arrow.rs` in the
//! repository does so.

use chrono::NaiveDate;
pub use rust_decimal::Decimal;

use super::{
    Entries, Entry, Listed, Listing, PlanChange, Profile, Response, Responses, Said, Silence,
    Value, What,
};
use crate::date::PartialDate;
use crate::diagnostic::{Code, Diagnostics};
use crate::dictionary::{FactId, Kind, MedicineId, Named};
use crate::library::Library;
use crate::outcome::{Outcome, Reason};
use crate::quantity::{Bound, Interval, nanos};

/// A fact of a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact(FactId);

/// A choice of a fact: `positive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice(FactId, u16);

/// A unit of a fact's quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    fact: FactId,
    name_of_fact: String,
    /// Value x factor + plus is the value in the canonical unit.
    factor: Decimal,
    plus: Decimal,
    canonical: bool,
    /// What values are possible, in the canonical unit.
    possible: Interval,
    /// The ends of that in nanos, where both belong to it and are exact.
    ends: Option<(i64, i64)>,
}

/// A medicine of a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Medicine(MedicineId);

/// How a treatment went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Went(Response);

impl Library {
    /// A fact by its name in the dictionary, as profiles write it.
    pub fn fact(&self, name: &str) -> Option<Fact> {
        self.dictionary().find(name).map(Fact)
    }

    /// A word of a fact, or a synonym of one.
    pub fn choice(&self, fact: Fact, word: &str) -> Option<Choice> {
        let choice = self.dictionary().fact(fact.0).choice(word);
        choice.map(|choice| Choice(fact.0, choice))
    }

    /// A unit in which a fact may be given.
    pub fn unit(&self, fact: Fact, name: &str) -> Option<Unit> {
        let Kind::Quantity {
            units, possible, ..
        } = self.dictionary().fact(fact.0).kind
        else {
            return None;
        };
        let units = self.dictionary().unit_list(units);
        let end = |bound: Option<Bound>| bound.filter(|b| b.closed).and_then(|b| nanos(b.value));
        units.find(name).map(|unit| Unit {
            fact: fact.0,
            name_of_fact: self.dictionary().fact(fact.0).id.clone(),
            factor: unit.factor,
            plus: unit.plus,
            canonical: unit.name == units.canonical(),
            possible,
            ends: end(possible.low).zip(end(possible.high)),
        })
    }

    /// A medicine by one of its names; none for a class.
    pub fn medicine(&self, name: &str) -> Option<Medicine> {
        match self.dictionary().find_medicine(name)? {
            Named::Medicine(id) => Some(Medicine(id)),
            Named::Class(_) => None,
        }
    }

    /// How a treatment went, as profiles write it: `inadequate_response`, `intolerance`.
    pub fn went(&self, word: &str) -> Option<Went> {
        let found = Response::WORDS.iter().find(|(w, _)| *w == word);
        found.map(|(_, response)| Went(*response))
    }
}

impl Unit {
    /// That a value is not possible.
    #[cold]
    fn impossible(&self) -> Diagnostics {
        let message = format!("{}: not a possible value", self.name_of_fact);
        let help = Some("correct the value or its unit".to_owned());
        let code = Code::ImpossibleValue;
        Diagnostics::one(code, "a record in memory", message, help)
    }
}

/// Makes profiles of one plan.
#[derive(Debug, Clone)]
pub struct Recorder<'l> {
    library: &'l Library,
    blank: Profile,
}

impl<'l> Recorder<'l> {
    /// Profiles with this drug, indication and labels.
    ///
    /// # Errors
    /// What is wrong with the plan.
    pub fn new(library: &'l Library, plan: &PlanChange) -> Result<Self, Diagnostics> {
        let mut blank = Profile::read_with(library, "the plan", "plan: {}", plan)?;
        blank.hash.clear();
        blank.warnings.clear();
        blank.entries = Entries::default();
        Ok(Self { library, blank })
    }

    /// A new record, of a day: undated statements were made then.
    pub fn record(&self, day: NaiveDate) -> Record {
        self.record_in(self.blank.clone(), day)
    }

    /// A new record in the memory of a profile that is not needed any more.
    pub fn record_in(&self, used: Profile, day: NaiveDate) -> Record {
        let mut entries = used.entries;
        let (mut medicines, mut treatments) = (used.medicines.listed, used.treatments.listed);
        entries.clear(self.library.dictionary().len());
        medicines.clear();
        treatments.clear();
        let listing = |listed| Listing {
            listed,
            silence: Silence::NotGiven,
        };
        Record {
            profile: Profile {
                as_of: Some(day),
                entries,
                medicines: listing(medicines),
                treatments: listing(treatments),
                ..self.blank.clone()
            },
        }
    }
}

/// A profile that is being made.
#[derive(Debug, Clone)]
pub struct Record {
    profile: Profile,
}

impl Record {
    /// The patient's id.
    pub fn patient(&mut self, id: &str) {
        self.profile.patient = Some(id.to_owned());
    }

    #[inline]
    fn push(&mut self, fact: FactId, value: Value, date: Option<NaiveDate>) {
        let entries = &mut self.profile.entries;
        let date = date.map(PartialDate::day);
        let undated = date.is_none();
        match undated.then(|| value.in_short()).flatten() {
            Some((said, number)) => entries.say(fact, said, number),
            None => entries.push(Entry::unwritten(fact, date, value)),
        }
    }

    /// A quantity in a unit, found on a day; of the day of the record if none.
    ///
    /// # Errors
    /// A value outside what is possible: nothing is recorded.
    pub fn quantity(
        &mut self,
        value: Decimal,
        unit: &Unit,
        date: Option<NaiveDate>,
    ) -> Result<(), Diagnostics> {
        let canonical = if unit.canonical {
            Some(value)
        } else {
            let value = value.checked_mul(unit.factor);
            value.and_then(|v| v.checked_add(unit.plus))
        };
        let in_nanos = canonical.and_then(nanos);
        let possible = match (in_nanos, unit.ends) {
            (Some(value), Some((low, high))) => low <= value && value <= high,
            _ => {
                canonical.is_some_and(|v| Interval::point(v).within(unit.possible) == Outcome::Met)
            }
        };
        let Some(value) = canonical.filter(|_| possible) else {
            return Err(unit.impossible());
        };
        match (in_nanos, date) {
            (Some(nanos), None) => {
                let entries = &mut self.profile.entries;
                entries.say(unit.fact, Said::Quantity, nanos);
            }
            _ => {
                let value = Value::Quantity {
                    value: Interval::point(value),
                    converted: false,
                };
                self.push(unit.fact, value, date);
            }
        }
        Ok(())
    }

    /// A word: of a test, of smoking.
    #[inline]
    pub fn choice(&mut self, choice: Choice, date: Option<NaiveDate>) {
        self.push(choice.0, Value::Choice(choice.1), date);
    }

    /// A state or event, present since a day or denied.
    #[inline]
    pub fn state(&mut self, fact: Fact, present: bool, date: Option<NaiveDate>) {
        let value = if present {
            Value::Present
        } else {
            Value::Absent
        };
        self.push(fact.0, value, date);
    }

    /// That something is not known, and why.
    pub fn missing(&mut self, fact: Fact, why: Reason) {
        self.push(fact.0, Value::Missing(why), None);
    }

    /// A medicine that is taken now.
    pub fn medicine(&mut self, medicine: Medicine) {
        let line = Listed::known(medicine.0);
        self.profile.medicines.listed.push(line);
    }

    /// A treatment of the disease that is over, and how it went.
    pub fn treatment(&mut self, medicine: Medicine, went: &[Went]) {
        let mut line = Listed::known(medicine.0);
        line.ongoing = Outcome::NotMet;
        went.iter().for_each(|w| line.response.insert(w.0));
        self.profile.treatments.listed.push(line);
    }

    /// No medicine is taken but those recorded.
    pub fn no_other_medicines(&mut self) {
        self.profile.medicines.silence = Silence::Denied;
    }

    /// No treatment was tried but those recorded.
    pub fn no_other_treatments(&mut self) {
        self.profile.treatments.silence = Silence::Denied;
    }

    /// Whatever of the history is not recorded is denied, as `everything_else: no` does in a file.
    pub fn no_other_history(&mut self) {
        self.profile.history = Silence::Denied;
    }

    /// Whatever of the vaccines is not recorded is denied, as `everything_else: no` does in a file.
    pub fn no_other_vaccines(&mut self) {
        self.profile.vaccines = Silence::Denied;
    }

    /// The profile.
    pub fn finish(mut self) -> Profile {
        self.profile.entries.arrange();
        self.profile
    }
}

impl Listed {
    /// A medicine of the dictionary, taken.
    fn known(medicine: MedicineId) -> Self {
        Self {
            what: What::Medicine(medicine),
            name: String::new(),
            present: Outcome::Met,
            reason: Reason::NotGiven,
            ongoing: Outcome::Unknown,
            response: Responses::default(),
            daily: None,
            local: false,
            until: None,
            given: String::new(),
            path: String::new(),
            at: 0,
        }
    }
}
