//! What a cohort costs: evaluation alone; reading, evaluating and writing a record; and how it grows with the number of patients, of
//! criteria and of facts. Ratios within one run matter, not the times of a machine.
//!
//! `cargo bench --bench cohort`
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a benchmark that cannot start fails, and reads what the repository holds"
)]

use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use jakscreen::batch::{Batch, Place, Select};
use jakscreen::memory::Recorder;
use jakscreen::{Library, PlanChange, Profile, Source};

fn main() {
    divan::main();
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")
}

fn plan() -> PlanChange {
    PlanChange {
        drug: Some("upadacitinib".to_owned()),
        indication: Some("rheumatoid_arthritis".to_owned()),
        labels: vec!["us".to_owned()],
    }
}

/// The profiles of the cohort, all with one plan.
fn texts() -> Vec<String> {
    let folder = fs::read_dir("examples/cohort").expect("the cohort");
    let mut paths: Vec<_> = folder.map(|f| f.expect("a file").path()).collect();
    paths.sort();
    let read = |path: &Path| fs::read_to_string(path).expect("a profile");
    paths.iter().map(|p| read(p)).collect()
}

fn profiles(library: &Library, count: usize) -> Vec<Profile> {
    let read = |text: &String| Profile::read_with(library, "p", text, &plan()).ok();
    let cohort: Vec<Profile> = texts().iter().filter_map(read).collect();
    cohort.iter().cycle().take(count).cloned().collect()
}

/// Patients: the criteria of a label and its guidance, evaluated alone.
#[divan::bench(args = [64, 640, 6400])]
fn evaluate_patients(bencher: Bencher<'_, '_>, patients: usize) {
    let library = Library::builtin();
    let profiles = profiles(&library, patients);
    let mut screener = library.screener("upadacitinib", "us").expect("a label");
    bencher
        .counter(ItemsCount::new(patients))
        .bench_local(|| screener.screen(black_box(&profiles), day()));
}

/// Criteria: those of the label so many times, under other names. An item is one criterion for one of 64 patients.
#[divan::bench(args = [1, 4, 16])]
fn evaluate_criteria(bencher: Bencher<'_, '_>, times: usize) {
    let library = multiplied(times);
    let profiles = profiles(&library, 64);
    let mut screener = library.screener("upadacitinib", "us").expect("a label");
    let criteria = screener.criteria().len();
    bencher
        .counter(ItemsCount::new(criteria * profiles.len()))
        .bench_local(|| screener.screen(black_box(&profiles), day()));
}

/// Facts: records in memory with so many states said, made and evaluated. An item is one fact of one of 64 patients.
#[divan::bench(args = [8, 24, 72])]
fn record_and_evaluate_facts(bencher: Bencher<'_, '_>, facts: usize) {
    let library = Library::builtin();
    let recorder = Recorder::new(&library, &plan()).expect("a plan");
    let history = include_str!("../rules/dictionary/history.yaml");
    let names = history.lines().filter(|l| l.contains("{ kind: "));
    let names = names.filter_map(|l| library.fact(l.trim().split(':').next()?));
    let names: Vec<_> = names.take(facts).collect();
    assert_eq!(names.len(), facts, "so many facts are there");
    let mut screener = library.screener("upadacitinib", "us").expect("a label");
    bencher
        .counter(ItemsCount::new(facts * 64))
        .bench_local(|| {
            let record = |_| {
                let mut record = recorder.record(day());
                let said = names.iter();
                said.for_each(|fact| record.state(*fact, false, None));
                record.finish()
            };
            let profiles: Vec<Profile> = (0..64).map(record).collect();
            screener.screen(&profiles, day());
        });
}

/// A record of newline-delimited JSON, read, evaluated and written; by what its line carries.
#[divan::bench(args = ["level", "findings", "all"])]
fn batch_record(bencher: Bencher<'_, '_>, select: &str) {
    let library = Library::builtin();
    let select = match select {
        "level" => Select::Level,
        "findings" => Select::Findings,
        _ => Select::All,
    };
    let batch = Batch::new(&library, day()).plan(plan()).select(select);
    let json = |text: &String| -> String {
        let tree: serde_yaml::Value = serde_yaml::from_str(text).expect("YAML");
        serde_json::to_string(&tree).expect("JSON")
    };
    let records: Vec<String> = texts().iter().map(json).collect();
    bencher.counter(ItemsCount::new(records.len())).bench(|| {
        let lines = (1..).zip(&records);
        let lines = lines.map(|(n, r)| batch.record(Place::Line(n), r.as_bytes()).json.len());
        lines.sum::<usize>()
    });
}

/// The built-in rules with the criteria of one label so many times.
fn multiplied(times: usize) -> Library {
    let mut files = Vec::new();
    let mut folders = vec![Path::new("rules").to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a file").path();
            let name = path.display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".yaml") && !name.ends_with(".cases.yaml") {
                files.push((name, fs::read_to_string(&path).expect("a rule file")));
            }
        }
    }
    let label = files
        .iter_mut()
        .find(|(n, _)| n.ends_with("us/upadacitinib.yaml"));
    let (_, text) = label.expect("the label");
    let start = text.find("\ncriteria:\n").expect("criteria") + "\ncriteria:\n".len();
    let rest = text.get(start..).unwrap_or_default();
    let end = rest
        .find("\ndosing:")
        .or(rest.find("\nmonitoring:"))
        .expect("an end");
    let criteria = rest.get(..=end).unwrap_or_default().to_owned();
    let more = (1..times).map(|n| criteria.replace("  - id: ", &format!("  - id: again-{n}-")));
    let more: String = more.collect();
    text.insert_str(start, &more);
    let sources = files.iter().map(|(name, text)| Source { name, text });
    Library::read(&sources.collect::<Vec<_>>()).unwrap_or_else(|e| panic!("{e}"))
}
