//! What the binary says beside its result, for programs; and what it says of its own commands.

use std::collections::BTreeSet;
use std::fs;
use std::process::Output;

use jakscreen::{Code, Library, Profile};
use serde_json::{Value, json};

use crate::binary::{DEMO, err, jakscreen, out, rules_with, scratch, with_stdin};

const TEN: &str = "tests/bad/profiles/ten-mistakes-at-once.yaml";

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

fn in_format(format: &str, arguments: &[&str]) -> Output {
    jakscreen(&[arguments, &["--message-format", format]].concat())
}

#[test]
fn every_problem_of_a_profile_is_a_json_line_with_its_place() {
    let output = in_format("json", &["check", TEN]);
    assert_eq!(
        (output.status.code(), out(&output)),
        (Some(2), String::new())
    );
    let text = fs::read_to_string(TEN).expect("the profile");
    let problems = Profile::read(&Library::builtin(), TEN, &text).expect_err("ten mistakes");
    let said = lines(&err(&output));
    let (refused, said) = said.split_last().expect("lines");
    assert_eq!(json!(said), json!(problems.list()));
    assert_eq!(said.len(), 10);
    assert_eq!(
        (&refused["code"], &refused["severity"], &refused["file"]),
        (&json!("refused"), &json!("note"), &json!(TEN))
    );
}

#[test]
fn nothing_but_json_lines_is_said() {
    let codes = |arguments: &[&str]| -> Vec<String> {
        let said = lines(&err(&in_format("json", arguments)));
        let code = |line: Value| line["code"].as_str().expect("a code").to_owned();
        assert!(said.iter().all(|l| l["message"].is_string()));
        said.into_iter().map(code).collect()
    };
    let several = ["check", "none.yaml", "examples", DEMO];
    assert_eq!(codes(&several), ["unreadable", "unreadable", "as-of"]);
    assert_eq!(codes(&["needed", DEMO]), ["as-of"]);
    assert!(codes(&["check", DEMO, "--as-of", "2026-11-21"]).is_empty());
    let nowhere = "no/such/folder/report.txt";
    let unwritten = codes(&["check", DEMO, "--output", nowhere]);
    assert_eq!(unwritten, ["as-of", "unwritable"]);
    for arguments in [
        &["rules", "list", "--drug", "aspirin"][..],
        &["rules", "show", "no-such-criterion"],
        &["rules", "test", "--only", "us/aspirin"],
    ] {
        assert_eq!(codes(arguments), ["argument"], "{arguments:?}");
    }
    let folder = scratch("json-rules");
    fs::create_dir_all(&folder).expect("a folder");
    let folder = folder.to_str().expect("a path");
    assert_eq!(codes(&["rules", "list", "--rules", folder]), ["unreadable"]);
    let policy = "validity: { blood_count: soon }\n";
    fs::write(format!("{folder}/policy.yaml"), policy).expect("a file");
    for arguments in [
        &["check", DEMO, "--rules", folder][..],
        &["needed", DEMO, "--rules", folder],
        &["rules", "list", "--rules", folder],
        &["rules", "show", "lymphocytes-low", "--rules", folder],
        &["rules", "test", folder],
        &["rules", "check", folder],
        &["rules", "coverage", folder],
        &["rules", "diff", "builtin", folder],
    ] {
        assert_eq!(codes(arguments), ["bad-period", "refused"], "{arguments:?}");
    }
    assert_eq!(codes(&["rules", "review", DEMO]), ["missing-key"]);
    let binary = with_stdin(
        &["check", "-", "--message-format", "json"],
        b"plan:\xff\xfe",
    );
    let said = lines(&err(&binary));
    assert_eq!(
        (&said[0]["code"], &said[0]["file"], said.len()),
        (&json!("not-utf8"), &json!("standard input"), 1)
    );
    let large = vec![b' '; 5 * 1024 * 1024];
    let large = with_stdin(&["check", "-", "--message-format", "json"], &large);
    assert_eq!(lines(&err(&large))[0]["code"], "limit");
}

/// The results of a log that has the form of SARIF.
fn results(log: &str) -> Vec<Value> {
    let log: Value = serde_json::from_str(log).expect("one log");
    assert_eq!(log["version"], "2.1.0");
    let [run] = log["runs"].as_array().expect("runs").as_slice() else {
        panic!("not one run");
    };
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let driver = &run["tool"]["driver"];
    assert_eq!(
        (&driver["name"], &driver["version"]),
        (&json!("jakscreen"), &json!(env!("CARGO_PKG_VERSION")))
    );
    let rules: BTreeSet<&str> = driver["rules"]
        .as_array()
        .expect("rules")
        .iter()
        .map(|rule| rule["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(rules, Code::ALL.iter().map(|c| c.name()).collect());
    let results = run["results"].as_array().expect("results");
    for result in results {
        assert!(rules.contains(result["ruleId"].as_str().expect("a rule")));
        assert!(["error", "warning"].contains(&result["level"].as_str().expect("a level")));
        assert!(result["message"]["text"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].is_string());
        if let Some(region) = place["region"].as_object() {
            assert_eq!(region.len(), 4);
            assert!(region.values().all(|n| n.as_u64().is_some_and(|n| n >= 1)));
        }
    }
    results.clone()
}

#[test]
fn one_sarif_log_of_the_run() {
    let output = in_format("sarif", &["check", TEN, "none.yaml", DEMO]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        out(&output).contains("DEMO-0067"),
        "the others are screened"
    );
    let problems = results(&err(&output));
    assert_eq!(problems.len(), 11);
    assert_eq!(
        problems[1]["message"]["text"],
        "unknown key `abuot` in the profile; did you mean `about`?"
    );
    assert_eq!(
        problems[1]["locations"][0]["physicalLocation"],
        json!({
            "artifactLocation": { "uri": TEN },
            "region": { "startLine": 4, "startColumn": 1, "endLine": 4, "endColumn": 6 },
        })
    );
    assert_eq!(problems[10]["ruleId"], "unreadable");
    let fine = in_format("sarif", &["check", DEMO]);
    assert_eq!(fine.status.code(), Some(0));
    assert!(results(&err(&fine)).is_empty());
    let log: Value = serde_json::from_str(&err(&fine)).expect("a log");
    let note = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(note["descriptor"]["id"], "as-of");
    let path = scratch("a profile: one.yaml");
    fs::copy(TEN, &path).expect("a copy");
    let named = in_format("sarif", &["check", path.to_str().expect("a path")]);
    let problem = &results(&err(&named))[0];
    let uri = &problem["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    let uri = uri.as_str().expect("a URI");
    assert!(uri.starts_with("file:///") && uri.ends_with("/a%20profile%3A%20one.yaml"));
}

#[test]
fn what_rules_check_finds_is_its_result() {
    let label = "labels/us/upadacitinib.yaml";
    let folder = rules_with("found", label, "below: 1000 /uL", "below: 0 /uL");
    let folder = folder.to_str().expect("a path");
    let json = in_format("json", &["rules", "check", folder]);
    assert_eq!((json.status.code(), err(&json)), (Some(1), String::new()));
    let found = lines(&out(&json));
    assert!(found.iter().any(|f| f["code"] == "decided-already"));
    let sarif = in_format("sarif", &["rules", "check", folder]);
    assert_eq!((sarif.status.code(), err(&sarif)), (Some(1), String::new()));
    assert_eq!(results(&out(&sarif)).len(), found.len());
    let nothing = ["rules", "check", "--as-of", "2026-11-21"];
    assert_eq!(out(&in_format("json", &nothing)), "");
    let nothing = in_format("sarif", &nothing);
    assert_eq!(nothing.status.code(), Some(0));
    assert!(results(&out(&nothing)).is_empty());
}

#[test]
fn completions_and_manual_pages() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = jakscreen(&["completions", shell]);
        assert_eq!(
            (output.status.code(), err(&output)),
            (Some(0), String::new())
        );
        assert!(out(&output).contains("message-format"), "{shell}");
    }
    let page = out(&jakscreen(&["man"]));
    let folder = scratch("man");
    let pages = jakscreen(&["man", "--output", folder.to_str().expect("a path")]);
    assert_eq!((pages.status.code(), out(&pages)), (Some(0), String::new()));
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a page");
    assert_eq!(read("jakscreen.1"), page);
    for command in ["check", "needed", "rules", "schema", "completions", "man"] {
        assert!(
            page.contains(&format!("jakscreen\\-{command}(1)")),
            "{page}"
        );
        let page = read(&format!("jakscreen-{command}.1"));
        assert!(page.contains("message\\-format"), "{page}");
    }
    assert!(read("jakscreen-rules-review.1").contains("\\-\\-next"));
    let nowhere = jakscreen(&["man", "--output", "Cargo.toml"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(err(&nowhere).starts_with("error: Cargo.toml: "));
}
