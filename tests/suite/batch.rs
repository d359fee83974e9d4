//! `jakscreen batch`: many records, end to end.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use jakscreen::batch::{Batch, Place, Select, Summary};
use jakscreen::{Library, Profile, render};
use serde_json::Value;

use crate::binary::{err, jakscreen, out, scratch, with_stdin};
use crate::cohort::day;

/// The cohort as newline-delimited JSON, with records that cannot be read among it.
fn records() -> Vec<String> {
    let mut lines: Vec<String> = crate::cohort::texts()
        .iter()
        .map(|(_, text)| yaml(text).to_string())
        .collect();
    lines.insert(3, "no record".to_owned());
    lines.insert(10, String::new());
    lines.insert(
        20,
        r#"{"patient": "X", "plan": {"drug": "upadacitinb"}}"#.to_owned(),
    );
    lines
}

#[allow(clippy::disallowed_methods, reason = "a shipped file, not a user's")]
fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).expect("YAML")
}

fn written(name: &str, lines: &[String]) -> String {
    let path = scratch(name);
    fs::write(&path, lines.join("\n")).expect("a file");
    path.to_str().expect("a path").to_owned()
}

fn parsed(text: &str) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    text.lines().map(line).collect()
}

/// One line for each record that is not empty, in order, whatever the number of threads, and each says what `check` says.
#[test]
fn lines_are_in_order_and_say_what_check_says() {
    let library = Library::builtin();
    let records = records();
    let path = written("cohort.ndjson", &records);
    let run = |threads: &str, select: &str| {
        let day = [
            "--as-of",
            "2026-11-21",
            "--threads",
            threads,
            "--select",
            select,
        ];
        let output = jakscreen(&[&["batch", &path][..], &day].concat());
        assert_eq!(output.status.code(), Some(2), "{}", err(&output));
        out(&output)
    };
    let whole = run("1", "all");
    assert!(whole == run("3", "all"), "the same bytes");
    let brief = parsed(&run("2", "findings"));
    let level = parsed(&run("2", "level"));
    let read: Vec<(usize, &String)> = (1..).zip(&records).filter(|(_, r)| !r.is_empty()).collect();
    assert_eq!(whole.lines().count(), read.len());
    let lines = whole.lines().zip(brief).zip(level);
    for ((line, record), ((whole, brief), level)) in read.into_iter().zip(lines) {
        assert_eq!(brief["line"], line);
        let Ok(profile) = Profile::read(&library, "p", record) else {
            assert!(whole.contains("\"errors\":[{"), "{whole}");
            assert_eq!(brief["errors"][0]["line"], line);
            continue;
        };
        let screening = library.screen(&profile, day());
        let json: Value = serde_json::from_str(&render::json(&screening)).expect("JSON");
        assert_eq!(serde_json::from_str::<Value>(whole).expect("JSON"), json);
        assert_eq!(brief["run"], json["run"]);
        for (i, c) in json["checklists"]
            .as_array()
            .expect("checklists")
            .iter()
            .enumerate()
        {
            assert_eq!(level["checklists"][i]["conclusion"], c["conclusion"]);
            assert!(level["checklists"][i].get("met").is_none());
            let of = |outcome: &str| {
                let findings = c["findings"].as_array().expect("findings").iter();
                let counts = |f: &&Value| {
                    f["outcome"] == outcome
                        && f["level"] != "advice"
                        && f["followed"] != true
                        && f.get("suppressed").is_none()
                };
                let ids = findings.filter(counts).map(|f| f["criterion"].clone());
                ids.collect::<Vec<_>>()
            };
            for (key, outcome) in [("met", "met"), ("unknown", "unknown")] {
                let brief = brief["checklists"][i][key].as_array().expect("criteria");
                let ids: Vec<Value> = brief.iter().map(|f| f["criterion"].clone()).collect();
                assert_eq!(ids, of(outcome), "line {line}");
            }
        }
    }
}

#[test]
fn compressed_files_folders_and_pipes_give_the_same() {
    let records = records();
    let plain = written("cohort-plain.ndjson", &records);
    let text = fs::read(&plain).expect("the records");
    let lines = out(&jakscreen(&["batch", &plain]));
    assert_eq!(out(&with_stdin(&["batch", "-"], &text)), lines);
    let piped = with_stdin(&["batch", "-", "-o", "-"], &text);
    assert_eq!(out(&piped), lines);
    for ending in ["gz", "zst"] {
        let zipped = scratch(&format!("cohort.ndjson.{ending}"));
        let mut file = fs::File::create(&zipped).expect("a file");
        if ending == "gz" {
            let mut to = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            to.write_all(&text).expect("written");
            to.finish().expect("an end");
        } else {
            file.write_all(&zstd::encode_all(&text[..], 1).expect("zipped"))
                .expect("written");
        }
        let output = scratch(&format!("out.ndjson.{ending}"));
        let (from, to) = (
            zipped.to_str().expect("a path"),
            output.to_str().expect("a path"),
        );
        jakscreen(&["batch", from, "-o", to]);
        assert_eq!(unzipped(&output), lines);
    }
    // A folder: a file a record, named by its path.
    let folder = parsed(&out(&jakscreen(&[
        "batch",
        "examples/cohort",
        "--select",
        "level",
    ])));
    assert_eq!(folder.len(), crate::cohort::texts().len());
    assert!(
        folder[0]["file"]
            .as_str()
            .expect("a name")
            .starts_with("examples/cohort/")
    );
}

fn unzipped(path: &Path) -> String {
    let file = fs::File::open(path).expect("a file");
    let mut text = String::new();
    if path.extension().is_some_and(|e| e == "gz") {
        flate2::read::MultiGzDecoder::new(file)
            .read_to_string(&mut text)
            .expect("a text");
    } else {
        zstd::Decoder::new(file)
            .expect("zst")
            .read_to_string(&mut text)
            .expect("a text");
    }
    text
}

/// What a stopped run left and what the next one adds are what one run gives.
#[test]
fn a_run_goes_on_where_another_stopped() {
    let records = records();
    let path = written("cohort-skip.ndjson", &records);
    let whole = out(&jakscreen(&["batch", &path]));
    for skip in [0, 1, 4, 30, records.len()] {
        let first = written("cohort-first.ndjson", &records[..skip]);
        let to = scratch("cohort-skipped.ndjson");
        let to = to.to_str().expect("a path");
        jakscreen(&["batch", &first, "-o", to]);
        jakscreen(&["batch", &path, "-o", to, "--skip", &skip.to_string()]);
        assert_eq!(fs::read_to_string(to).expect("lines"), whole, "{skip}");
    }
}

#[test]
fn the_summary_and_the_table_count_what_the_lines_say() {
    let records = records();
    let path = written("cohort-counted.ndjson", &records);
    let (summary, table) = (scratch("summary.json"), scratch("table.csv"));
    let (to, csv) = (
        summary.to_str().expect("a path"),
        table.to_str().expect("a path"),
    );
    let output = jakscreen(&["batch", &path, "--summary", to, "--table", csv]);
    let lines = parsed(&out(&output));
    let summary: Value =
        serde_json::from_str(&fs::read_to_string(&summary).expect("a summary")).expect("JSON");
    assert_eq!(summary["records"], lines.len());
    assert_eq!(summary["errors"], 2);
    assert_eq!(summary["problems"]["unknown-name"], 1);
    let checklists = || {
        lines
            .iter()
            .filter_map(|l| l["checklists"].as_array())
            .flatten()
    };
    for (label, conclusions) in summary["conclusions"].as_object().expect("labels") {
        for (conclusion, count) in conclusions.as_object().expect("conclusions") {
            let so = |c: &&Value| c["label"] == *label && c["conclusion"] == *conclusion;
            assert_eq!(
                *count,
                checklists().filter(so).count(),
                "{label} {conclusion}"
            );
        }
    }
    for (criterion, count) in summary["findings"].as_object().expect("findings") {
        for key in ["met", "unknown"] {
            let here = |f: &&Value| {
                let name = [&f["document"], &f["criterion"]].map(|v| v.as_str().expect("a name"));
                name.join("/") == *criterion
            };
            let of = |c: &Value| {
                c[key]
                    .as_array()
                    .expect("criteria")
                    .iter()
                    .filter(here)
                    .count()
            };
            let total: usize = checklists().map(of).sum();
            assert_eq!(count[key], total, "{criterion} {key}");
        }
    }
    let rows = fs::read_to_string(&table).expect("a table");
    let mut rows = rows.lines();
    assert_eq!(
        rows.next(),
        Some(
            "record,patient,as_of,label,conclusion,barriers,warnings,cautions,doses,unknown,tests_missing"
        )
    );
    let rows: Vec<&str> = rows.collect();
    assert_eq!(rows.len(), checklists().count() + 2);
    assert_eq!(rows.iter().filter(|r| r.contains(",error,")).count(), 2);
    assert!(
        err(&output).contains("records, 2 could not be read"),
        "{}",
        err(&output)
    );
}

/// A table is of the kind its name says, or is refused before anything is screened.
#[test]
fn a_table_of_another_kind_is_refused() {
    let path = written("cohort-table.ndjson", &records());
    let table = scratch("table.xlsx");
    let output = jakscreen(&["batch", &path, "--table", table.to_str().expect("a path")]);
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(err(&output).contains("`.csv`"), "{}", err(&output));
    assert!(!table.exists());
}

/// The Parquet table has the rows of the CSV table.
#[cfg(feature = "parquet")]
#[test]
fn a_parquet_table_has_the_rows_of_the_csv_table() {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    let path = written("cohort-parquet.ndjson", &records());
    let (csv, parquet) = (scratch("same.csv"), scratch("same.parquet"));
    for table in [&csv, &parquet] {
        let output = jakscreen(&["batch", &path, "--table", table.to_str().expect("a path")]);
        assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    }
    let file = fs::File::open(&parquet).expect("a file");
    let file = SerializedFileReader::new(file).expect("Parquet");
    let rows = file.get_row_iter(None).expect("rows").map(|row| {
        let row = row.expect("a row");
        let columns = row.get_column_iter().map(|(_, field)| match field {
            parquet::record::Field::Null => String::new(),
            field => field.to_string().trim_matches('"').to_owned(),
        });
        columns.collect::<Vec<_>>().join(",")
    });
    let there = fs::read_to_string(&csv).expect("a table");
    assert_eq!(
        rows.collect::<Vec<_>>(),
        there.lines().skip(1).collect::<Vec<_>>()
    );
}

/// What cannot be read does not stop the rest, and says where it stands and nothing of what it says.
#[test]
fn bad_records_are_lines_of_their_own() {
    let long = format!(r#"{{"patient": "{}"}}"#, "x".repeat(5 << 20));
    let good = r#"{"plan": {"drug": "upadacitinib", "indication": "rheumatoid_arthritis", "label": "us"}}"#;
    let mut input = Vec::new();
    for record in [
        b"\xff\xfe".as_slice(),
        long.as_bytes(),
        b"[1, 2",
        b"\"Anna Miller\"",
        good.as_bytes(),
    ] {
        input.extend_from_slice(record);
        input.push(b'\n');
    }
    let output = with_stdin(
        &["batch", "-", "--as-of", "2026-11-21", "--select", "level"],
        &input,
    );
    let lines = parsed(&out(&output));
    assert_eq!(lines.len(), 5);
    let code = |i: usize| {
        lines[i]["errors"][0]["code"]
            .as_str()
            .expect("a code")
            .to_owned()
    };
    assert_eq!(
        [code(0), code(1), code(2), code(3)],
        ["not-utf8", "limit", "syntax", "wrong-shape"]
    );
    assert_eq!(lines[4]["checklists"][0]["conclusion"], "incomplete");
    assert!(!out(&output).contains("Miller"));
    assert_eq!(output.status.code(), Some(2));
    let missing = jakscreen(&["batch", "/nowhere.ndjson"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).contains("/nowhere.ndjson"));
}

/// Ctrl-C leaves whole lines and says how to go on.
#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_whole_lines() {
    let one = yaml(&crate::cohort::texts()[0].1).to_string();
    let path = written("cohort-long.ndjson", &vec![one; 20_000]);
    let to = scratch("cohort-stopped.ndjson");
    let mut child = Command::new(env!("CARGO_BIN_EXE_jakscreen"))
        .args([
            "batch",
            &path,
            "-o",
            to.to_str().expect("a path"),
            "--select",
            "level",
        ])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary");
    while fs::metadata(&to).map_or(0, |m| m.len()) == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.is_ok_and(|s| s.success()));
    let mut said = String::new();
    child
        .stderr
        .take()
        .expect("stderr")
        .read_to_string(&mut said)
        .expect("a text");
    assert_eq!(child.wait().expect("an end").code(), Some(2), "{said}");
    let lines = parsed(&fs::read_to_string(&to).expect("the lines"));
    let done = lines.len();
    assert!((1..20_000).contains(&done), "{done}");
    assert_eq!(lines[done - 1]["line"], done);
    assert!(
        said.contains(&format!("go on with --skip {done}")),
        "{said}"
    );
}

/// The same in a program.
#[test]
fn a_program_counts_the_same() {
    let library = Library::builtin();
    let batch = Batch::new(&library, day()).select(Select::Level);
    let mut summary = Summary::default();
    for (line, record) in (1..).zip(records()).filter(|(_, r)| !r.is_empty()) {
        summary.add(&batch.record(Place::Line(line), record.as_bytes()));
    }
    assert_eq!((summary.records, summary.errors), (93, 2));
}
