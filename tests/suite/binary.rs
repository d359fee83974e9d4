//! The binary, end to end.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const DEMO: &str = "examples/profiles/demo-0067.yaml";

fn jakscreen(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jakscreen"))
        .args(arguments)
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .output()
        .expect("the binary")
}

fn with_stdin(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_jakscreen"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary");
    // The program may end before it has read all of it.
    let _ = child.stdin.take().expect("stdin").write_all(input);
    child.wait_with_output().expect("an end")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn scratch(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    let _ = fs::remove_file(&path);
    path
}

#[test]
fn the_main_job() {
    let output = jakscreen(&["check", DEMO]);
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).starts_with("JAK inhibitor pre-treatment screen"));
    assert!(out(&output).contains("BARRIER  3 barriers"));
    assert!(!out(&output).contains('\u{1b}'));
}

#[test]
fn a_file_of_another_day_is_said_on_stderr() {
    assert!(err(&jakscreen(&["check", DEMO])).contains("judged as of 21-Nov-2026"));
    let chosen = jakscreen(&["check", DEMO, "--as-of", "2026-11-21"]);
    assert_eq!(err(&chosen), "");
    let later = jakscreen(&[
        "check",
        "examples/profiles/older-file.yaml",
        "--as-of",
        "2026-11-21",
    ]);
    assert!(out(&later).contains("out of date"), "{}", out(&later));
}

#[test]
fn standard_input_is_read() {
    let profile = fs::read(DEMO).expect("the example");
    let piped = with_stdin(&["check", "-", "--as-of", "2026-11-21"], &profile);
    assert_eq!(
        (piped.status.code(), out(&piped)),
        (
            Some(0),
            out(&jakscreen(&["check", DEMO, "--as-of", "2026-11-21"]))
        )
    );
}

#[test]
fn exit_statuses() {
    let status = |arguments: &[&str]| jakscreen(arguments).status.code();
    assert_eq!(status(&["check", DEMO, "--fail-on", "barrier"]), Some(1));
    assert_eq!(
        status(&[
            "check",
            "examples/profiles/clean.yaml",
            "--fail-on",
            "weigh"
        ]),
        Some(0)
    );
    assert_eq!(
        status(&[
            "check",
            "examples/profiles/nearly-nothing.yaml",
            "--fail-on",
            "barrier"
        ]),
        Some(0)
    );
    assert_eq!(
        status(&[
            "check",
            "examples/profiles/nearly-nothing.yaml",
            "--fail-on",
            "incomplete"
        ]),
        Some(1)
    );
    assert_eq!(status(&["check"]), Some(2));
    assert_eq!(status(&["check", "no-such-file.yaml"]), Some(2));
    assert_eq!(status(&["check", "examples"]), Some(2));
    assert_eq!(status(&["check", DEMO, "--as-of", "21/11/2026"]), Some(2));
    assert_eq!(status(&["--help"]), Some(0));
    assert_eq!(status(&["--version"]), Some(0));
}

#[test]
fn of_several_profiles_a_bad_one_is_not_screened_and_the_others_are() {
    let output = jakscreen(&[
        "check",
        "no-such-file.yaml",
        "examples/profiles/clean.yaml",
        "--format",
        "json",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("no-such-file.yaml"));
    let document: serde_json::Value =
        serde_json::from_str(&out(&output)).expect("one JSON document");
    assert_eq!(document["checklists"][0]["conclusion"], "no_flags");
}

#[test]
fn bad_input_is_shown_at_its_place_and_nothing_is_screened() {
    let output = with_stdin(&["check", "-"], b"plan: { drug: upadacitinib, indication: rheumatoid_arthritis, label: us }\nhistory:\n  perfuration: yes\ntests:\n  - { date: 03/04/2026, lymphocytes: 450 }\n");
    assert_eq!(
        (output.status.code(), out(&output)),
        (Some(2), String::new())
    );
    let said = err(&output);
    for part in [
        "error[unknown-key]",
        "standard input:3:3",
        "perfuration: yes",
        "error[ambiguous-date]",
        "error[missing-unit]",
        "3 errors",
        "nothing was assumed",
    ] {
        assert!(said.contains(part), "{part} in:\n{said}");
    }
}

#[test]
fn bytes_that_are_no_text_and_files_that_are_too_large() {
    let binary = with_stdin(&["check", "-"], b"plan:\xff\xfe");
    assert_eq!(binary.status.code(), Some(2));
    assert!(
        err(&binary).contains("not UTF-8") && err(&binary).contains("number 6"),
        "{}",
        err(&binary)
    );
    let large = with_stdin(&["check", "-"], &vec![b' '; 5 * 1024 * 1024]);
    assert_eq!(large.status.code(), Some(2));
    assert!(err(&large).contains("larger than 4 MiB"));
    if cfg!(unix) {
        assert_eq!(jakscreen(&["check", "/dev/zero"]).status.code(), Some(2));
    }
}

#[test]
fn a_broken_pipe_is_success() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_jakscreen"))
        .args(["check", DEMO, "--all", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("an end").code(), Some(0));
}

#[test]
fn colour_is_asked_for_or_on_a_terminal() {
    assert!(out(&jakscreen(&["check", DEMO, "--color", "always"])).contains("\u{1b}[1;31m"));
    assert!(!out(&jakscreen(&["check", DEMO, "--color", "never"])).contains('\u{1b}'));
    let quiet = Command::new(env!("CARGO_BIN_EXE_jakscreen"))
        .args(["check", DEMO])
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary");
    assert!(!out(&quiet).contains('\u{1b}'));
}

#[test]
fn the_plan_can_be_changed_from_outside() {
    let output = jakscreen(&[
        "check",
        DEMO,
        "--drug",
        "tofacitinib",
        "--label",
        "us,eu",
        "--format",
        "json",
    ]);
    let document: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
    let labels: Vec<_> = document["checklists"]
        .as_array()
        .expect("checklists")
        .iter()
        .map(|c| c["label"]["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(labels, ["us/tofacitinib", "eu/tofacitinib"]);
    let unknown = jakscreen(&["check", DEMO, "--drug", "upadacitinb"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        err(&unknown).contains("did you mean `upadacitinib`?"),
        "{}",
        err(&unknown)
    );
}

#[test]
fn the_output_goes_to_a_file() {
    let path = scratch("report.txt");
    let output = jakscreen(&["check", DEMO, "--output", path.to_str().expect("a path")]);
    assert_eq!(
        (output.status.code(), out(&output)),
        (Some(0), String::new())
    );
    assert!(
        fs::read_to_string(&path)
            .expect("the report")
            .contains("BARRIER")
    );
    let nowhere = jakscreen(&["check", DEMO, "--output", "no/such/folder/report.txt"]);
    assert_eq!(nowhere.status.code(), Some(2));
}

#[test]
fn rules_of_ones_own_are_laid_over_and_named() {
    let folder = scratch("rules");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(
        folder.join("policy.yaml"),
        "validity: { blood_count: 5 days }\n",
    )
    .expect("a file");
    let output = jakscreen(&["check", DEMO, "--rules", folder.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(
        out(&output).contains("OUT OF DATE") && out(&output).contains("Local rules"),
        "{}",
        out(&output)
    );
    fs::write(
        folder.join("policy.yaml"),
        "validity: { blood_count: soon }\n",
    )
    .expect("a file");
    let bad = jakscreen(&["check", DEMO, "--rules", folder.to_str().expect("a path")]);
    assert_eq!((bad.status.code(), out(&bad)), (Some(2), String::new()));
    assert!(err(&bad).contains("error[bad-period]"), "{}", err(&bad));
}

#[test]
fn the_schema_is_printed() {
    let output = jakscreen(&["schema", "checklist"]);
    let schema: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
}
