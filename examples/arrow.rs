//! Rows of a table, as Arrow record batches, screened without a text in between: a column for each fact, a null for what is not
//! known.
//!
//! ```sh
//! cargo run --example arrow
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what came out")]

use std::error::Error;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Float64Type, Int8Type};
use arrow_array::{
    Array as _, BooleanArray, Date32Array, DictionaryArray, Float64Array, RecordBatch, StringArray,
};
use chrono::NaiveDate;
use jakscreen::memory::{Choice, Decimal, Recorder};
use jakscreen::{Library, PlanChange, Profile};

/// A few patients, as a warehouse may hold them: haemoglobin in g/dL, age in years, a clot ever, an IGRA.
pub(crate) fn table(day: NaiveDate) -> Result<RecordBatch, Box<dyn Error>> {
    let taken = Date32Type::from_naive_date(day);
    let igra: DictionaryArray<Int8Type> = [Some("negative"), None, Some("positive"), None]
        .into_iter()
        .collect();
    Ok(RecordBatch::try_from_iter([
        (
            "patient",
            Arc::new(StringArray::from(vec!["A", "B", "C", "D"])) as _,
        ),
        (
            "age",
            Arc::new(Float64Array::from(vec![
                Some(34.0),
                Some(71.0),
                None,
                Some(50.0),
            ])) as _,
        ),
        (
            "hemoglobin",
            Arc::new(Float64Array::from(vec![
                Some(13.2),
                Some(7.4),
                Some(11.0),
                None,
            ])) as _,
        ),
        ("taken", Arc::new(Date32Array::from(vec![taken; 4])) as _),
        (
            "clot",
            Arc::new(BooleanArray::from(vec![
                Some(false),
                Some(true),
                None,
                None,
            ])) as _,
        ),
        ("igra", Arc::new(igra) as _),
    ])?)
}

/// A profile for each row.
pub(crate) fn profiles(
    library: &Library,
    plan: &PlanChange,
    batch: &RecordBatch,
    day: NaiveDate,
) -> Result<Vec<Profile>, Box<dyn Error>> {
    // Names are looked up once: facts, units, and the words of a dictionary column by their keys.
    let fact = |name: &str| library.fact(name).ok_or_else(|| format!("no fact {name}"));
    let column = |name: &str| {
        batch
            .column_by_name(name)
            .ok_or_else(|| format!("no column {name}"))
    };
    let (age, hemoglobin) = (fact("age")?, fact("hemoglobin")?);
    let (igra, clot) = (fact("igra")?, fact("venous_thromboembolism")?);
    let years = library.unit(age, "years").ok_or("no such unit")?;
    let grams = library.unit(hemoglobin, "g/dL").ok_or("no such unit")?;
    let patients = column("patient")?.as_string::<i32>();
    let ages = column("age")?.as_primitive::<Float64Type>();
    let values = column("hemoglobin")?.as_primitive::<Float64Type>();
    let taken = column("taken")?.as_primitive::<Date32Type>();
    let clots = column("clot")?.as_boolean();
    let results = column("igra")?.as_dictionary::<Int8Type>();
    let words = results.values().as_string::<i32>();
    let words: Vec<Choice> = words
        .iter()
        .map(|word| {
            library
                .choice(igra, word.unwrap_or_default())
                .ok_or("no such result")
        })
        .collect::<Result<_, _>>()?;

    let recorder = Recorder::new(library, plan)?;
    let number = |value: f64| value.to_string().parse::<Decimal>();
    let mut profiles = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let mut record = recorder.record(day);
        record.patient(patients.value(row));
        let date = taken
            .is_valid(row)
            .then(|| taken.value_as_date(row))
            .flatten();
        if ages.is_valid(row) {
            record.quantity(number(ages.value(row))?, &years, None)?;
        }
        if values.is_valid(row) {
            record.quantity(number(values.value(row))?, &grams, date)?;
        }
        if clots.is_valid(row) {
            record.state(clot, clots.value(row), None);
        }
        if let Some(word) = results.key(row).and_then(|key| words.get(key)) {
            record.choice(*word, date);
        }
        profiles.push(record.finish());
    }
    Ok(profiles)
}

fn main() -> Result<(), Box<dyn Error>> {
    let day = NaiveDate::from_ymd_opt(2026, 11, 21).ok_or("no such day")?;
    let library = Library::builtin();
    let plan = PlanChange {
        drug: Some("upadacitinib".to_owned()),
        indication: Some("rheumatoid_arthritis".to_owned()),
        labels: vec!["us".to_owned()],
    };
    let profiles = profiles(&library, &plan, &table(day)?, day)?;
    let mut screener = library
        .screener("upadacitinib", "us")
        .ok_or("no such label")?;
    screener.screen(&profiles, day);
    for (profile, found) in profiles.iter().zip(screener.found()) {
        let id = |criterion: usize| screener.criteria().get(criterion).map_or("", |c| c.id);
        let met: Vec<&str> = found.met().map(id).collect();
        let unknown = found.unknown().count();
        println!(
            "{}: {}; {unknown} not known",
            profile.patient().unwrap_or_default(),
            met.join(", ")
        );
    }
    Ok(())
}
