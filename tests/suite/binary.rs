//! The binary, end to end.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

pub(crate) const DEMO: &str = "examples/profiles/demo-0067.yaml";

pub(crate) fn jakscreen(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_jakscreen"))
        .args(arguments)
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .output()
        .expect("the binary")
}

pub(crate) fn with_stdin(arguments: &[&str], input: &[u8]) -> Output {
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

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn scratch(name: &str) -> PathBuf {
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
fn what_is_needed_is_printed_and_a_bad_file_is_refused() {
    let needed = jakscreen(&["needed", DEMO, "--as-of", "2026-11-21"]);
    assert_eq!(needed.status.code(), Some(0));
    assert!(out(&needed).contains("Blood draw"), "{}", out(&needed));
    let bad = jakscreen(&["needed", "tests/bad/profiles/bad-date.yaml", DEMO]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(out(&bad).contains("DEMO-0067"), "the others are listed");
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
    let printed = out(&jakscreen(&["check", DEMO]));
    assert_eq!(out(&jakscreen(&["check", DEMO, "-o", "-"])), printed);
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
    for (of, needle) in [
        ("profile", "Full blood count: haemoglobin?"),
        ("rules", "\"before_starting\""),
        ("cases", "\"thresholds\""),
    ] {
        let (status, schema, said) = run(&["schema", of, "--rules", "examples/hospital"]);
        assert_eq!((status, said), (Some(0), String::new()), "{of}");
        assert!(schema.contains(needle), "{of}");
    }
}

#[test]
fn no_schema_of_rules_that_cannot_be_read() {
    let folder = scratch("no_schema_of_these");
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.to_str().expect("a path");
    let (status, schema, said) = run(&["schema", "profile", "--rules", path]);
    assert_eq!((status, schema), (Some(2), String::new()));
    assert!(said.contains("no .yaml files here"), "{said}");
    fs::write(folder.join("policy.yaml"), "validity: { igra: soon }\n").expect("a file");
    let (status, schema, said) = run(&["schema", "profile", "--rules", path]);
    assert_eq!((status, schema), (Some(2), String::new()));
    assert!(said.contains("policy.yaml:1:"), "{said}");
    assert!(
        said.ends_with("1 error. No schema was printed.\n"),
        "{said}"
    );
    let format = ["--message-format", "json"];
    let (_, _, said) = run(&[&["schema", "rules", "--rules", path][..], &format].concat());
    assert!(said.lines().all(|line| line.starts_with('{')), "{said}");
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = jakscreen(arguments);
    (output.status.code(), out(&output), err(&output))
}

/// A copy of the rules with one place changed.
pub(crate) fn rules_with(name: &str, file: &str, from: &str, to: &str) -> PathBuf {
    let folder = scratch(name);
    let mut folders = vec![PathBuf::from("rules")];
    while let Some(from) = folders.pop() {
        fs::create_dir_all(folder.join(from.strip_prefix("rules").expect("below")))
            .expect("a folder");
        for entry in fs::read_dir(&from).expect("the rules") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                fs::copy(
                    &path,
                    folder.join(path.strip_prefix("rules").expect("below")),
                )
                .expect("a copy");
            }
        }
    }
    let path = folder.join(file);
    let text = fs::read_to_string(&path).expect("the file");
    assert!(text.contains(from));
    fs::write(&path, text.replacen(from, to, 1)).expect("the change");
    folder
}

#[test]
fn the_rules_test_and_check_themselves() {
    let (status, said, problems) = run(&["rules", "test"]);
    assert_eq!((status, problems.as_str()), (Some(0), ""), "{said}");
    assert!(said.ends_with("documents, 0 wrong\n"), "{said}");
    let (status, said, _) = run(&[
        "rules",
        "check",
        "--as-of",
        "2026-11-21",
        "--cohort",
        "examples/cohort",
    ]);
    assert_eq!((status, said.as_str()), (Some(0), "nothing found\n"));
    let (status, said, _) = run(&[
        "rules",
        "coverage",
        "--only",
        "us/delgocitinib",
        "--only",
        "eu/delgocitinib",
    ]);
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(said.matches("100.0 %").count(), 2);
    let (status, said, _) = run(&[
        "rules",
        "coverage",
        "examples/hospital",
        "--all",
        "--cohort",
        DEMO,
    ]);
    assert_eq!(status, Some(0));
    assert!(
        said.contains("chest-imaging-signs-of-tuberculosis")
            && said.contains("conclusions: barrier 1"),
        "{said}"
    );
}

#[test]
fn a_mistake_in_the_rules_ends_with_status_1_at_its_place() {
    let label = "labels/us/upadacitinib.yaml";
    let folder = rules_with("wrong-limit", label, "below: 500 /uL", "below: 501 /uL");
    let folder = folder.to_str().expect("a path");
    let (status, said, _) = run(&["rules", "test", folder, "--only", "us/upadacitinib"]);
    assert_eq!(status, Some(1));
    assert!(
        said.contains("upadacitinib.cases.yaml:")
            && said.contains("lymphocytes-low is met, not not_met"),
        "{said}"
    );
    let (status, said, _) = run(&["rules", "diff", "builtin", folder]);
    assert_eq!(status, Some(0));
    assert!(
        said.contains("lymphocytes below 500 /uL -> lymphocytes below 501 /uL"),
        "{said}"
    );
    let folder = rules_with("hidden-limit", label, "below: 1000 /uL", "below: 0 /uL");
    let (status, said, _) = run(&["rules", "check", folder.to_str().expect("a path")]);
    assert_eq!(status, Some(1));
    assert!(
        said.contains("warning[decided-already]: this can never be met")
            && said.contains("neutrophils-low"),
        "{said}"
    );
    let folder = rules_with("no-section", label, "    section: \"5.5\"\n", "");
    let (status, _, problems) = run(&["rules", "check", folder.to_str().expect("a path")]);
    assert_eq!(status, Some(2));
    assert!(
        problems.contains("missing-key") && problems.contains("upadacitinib.yaml"),
        "{problems}"
    );
}

#[test]
fn the_rules_are_listed_shown_and_signed() {
    let (status, said, _) = run(&[
        "rules",
        "list",
        "--drug",
        "abrocitinib",
        "--label",
        "us",
        "--hazard",
        "thrombocytopenia",
    ]);
    assert_eq!(status, Some(0));
    assert_eq!(
        said,
        "us/abrocitinib/platelets-low  barrier: initiation not recommended [2.1]\n1 criteria\n"
    );
    let (status, json, _) = run(&["rules", "list", "--level", "dose", "--json"]);
    assert_eq!(status, Some(0));
    let listed: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert!(
        listed
            .as_array()
            .expect("a list")
            .iter()
            .all(|l| l["level"] == "dose")
    );
    for wrong in [
        ["--drug", "aspirin"],
        ["--hazard", "clots"],
        ["--label", "jp"],
    ] {
        let (status, _, problems) = run(&[&["rules", "list"][..], &wrong[..]].concat());
        assert_eq!(status, Some(2));
        assert!(problems.contains("there are: "), "{problems}");
    }
    let (status, _, problems) = run(&["rules", "show", "us/upadacitinib/lymph-low"]);
    assert_eq!(
        (status, problems.contains("rules list")),
        (Some(2), true),
        "{problems}"
    );
    let (status, page, _) = run(&["rules", "show", "us/upadacitinib/lymphocytes-low"]);
    assert_eq!(status, Some(0));
    assert!(page.lines().all(|l| l.chars().count() <= 80), "{page}");
    let copy = rules_with(
        "signed",
        "policy.yaml",
        "blood_count: 90 days",
        "blood_count: 90 days",
    );
    let label = copy.join("labels/eu/delgocitinib.yaml");
    let label = label.to_str().expect("a path");
    let state = |file: &str| run(&["rules", "review", file]).1;
    assert!(state(label).contains("nobody has signed these rules"));
    assert_eq!(
        run(&["rules", "review", label, "--by", "A. B"]).0,
        Some(2),
        "no day of the next review"
    );
    let signed = run(&[
        "rules",
        "review",
        label,
        "--by",
        "A. B",
        "--on",
        "2026-11-21",
        "--next",
        "2027-11-21",
    ]);
    assert_eq!(signed.0, Some(0), "{signed:?}");
    assert!(state(label).contains("signed by A. B on 2026-11-21, next review 2027-11-21"));
    let overdue = run(&[
        "rules",
        "check",
        copy.to_str().expect("a path"),
        "--as-of",
        "2027-12-01",
    ]);
    assert_eq!(overdue.0, Some(1));
    assert!(overdue.1.contains("review-overdue"), "{}", overdue.1);
    let earlier = run(&[
        "rules",
        "review",
        label,
        "--by",
        "A. B",
        "--on",
        "2026-11-21",
        "--next",
        "2026-11-21",
    ]);
    assert_eq!(earlier.0, Some(2));
    assert!(earlier.2.contains("must come after"), "{}", earlier.2);
}
