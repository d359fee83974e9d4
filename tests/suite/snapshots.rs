//! Every example in every format, and the drawing of every bad file, as reviewed snapshots.

use std::fs;
use std::path::Path;

use jakscreen::{Library, Profile, Screening, Source, Style, render};

fn screening(library: &Library, path: &Path) -> Screening {
    let text = fs::read_to_string(path).expect("an example");
    let profile = Profile::read(library, "example", &text)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let day = profile.as_of().expect("examples say their day");
    library.screen(&profile, day)
}

/// Rule edits change the hash of every report; snapshots hold the rest.
fn without_hash(text: &str, screening: &Screening) -> String {
    let hash = &screening.library.hash;
    let short: String = hash.chars().take(12).collect();
    text.replace(hash.as_str(), "[hash of the rules]")
        .replace(&short, "[rules]")
        .replace(&screening.run, "[run]")
}

#[test]
fn every_example_in_every_format() {
    let library = Library::builtin();
    insta::glob!("../../examples/profiles", "*.yaml", |path| {
        let screening = screening(&library, path);
        let name = path.file_stem().expect("a name").to_string_lossy();
        let all = Style {
            all: true,
            ..Style::default()
        };
        let formats = [
            ("text", render::text(&screening, Style::default())),
            ("text-all", render::text(&screening, all)),
            ("plain", render::plain(&screening)),
            (
                "needed",
                render::needed(&screening, Style::default(), false),
            ),
            (
                "needed-headline",
                render::needed(&screening, Style::default(), true),
            ),
            ("html", render::html(&screening)),
            ("markdown", render::markdown(&screening)),
            ("note", render::note(&screening)),
            ("patient", render::patient(&library, &screening)),
            ("json", render::json(&screening)),
            ("yaml", render::yaml(&screening)),
        ];
        for (format, text) in formats {
            insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true, snapshot_suffix => format }, {
                insta::assert_snapshot!(name.as_ref(), without_hash(&text, &screening));
            });
        }
    });
}

#[test]
fn no_line_of_a_text_is_longer_than_80_columns() {
    let library = Library::builtin();
    for entry in fs::read_dir("examples/profiles").expect("the examples") {
        let path = entry.expect("a file").path();
        for all in [false, true] {
            let style = Style {
                all,
                ..Style::default()
            };
            let screening = screening(&library, &path);
            let text = render::text(&screening, style) + &render::needed(&screening, style, all);
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{}: {line}", path.display());
            }
        }
    }
}

#[test]
fn a_note_has_at_most_ten_ascii_lines() {
    let library = Library::builtin();
    for (name, profile) in crate::cohort::profiles(&library) {
        let screening = library.screen(&profile, crate::cohort::day());
        for note in render::note(&screening).split("\n\n") {
            assert!(
                note.is_ascii() && note.lines().count() <= 10,
                "{name}: {note}"
            );
            assert!(note.contains(&screening.run), "{name}");
        }
    }
}

#[test]
fn the_text_stays_short_with_guidance_beside_the_label() {
    let library = Library::builtin();
    let lines = |name: &str| {
        render::text(
            &screening(
                &library,
                Path::new(&format!("examples/profiles/{name}.yaml")),
            ),
            Style::default(),
        )
        .lines()
        .count()
    };
    // Results that nobody judges are printed all the same.
    assert!(lines("demo-0067") <= 69, "{}", lines("demo-0067"));
    assert!(lines("clean") <= 42, "{}", lines("clean"));
}

#[test]
fn bad_profiles_are_diagnosed() {
    let library = Library::builtin();
    insta::glob!("../bad/profiles", "*.*", |path| {
        let text = fs::read_to_string(path).expect("a bad file");
        let name = path.file_name().expect("a name").to_string_lossy();
        let said = match Profile::read(&library, &name, &text) {
            Ok(profile) => profile
                .warnings()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
            Err(problems) => problems.to_string(),
        };
        assert!(!said.is_empty(), "{name}: nothing is wrong with it");
        insta::with_settings!({ snapshot_path => "snapshots/bad", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("said", format!("{}\n=====\n{}", ends(&text), ends(&said)));
        });
    });
}

#[test]
fn bad_rules_are_diagnosed() {
    insta::glob!("../bad/rules", "*.*", |path| {
        let text = fs::read_to_string(path).expect("a bad file");
        let name = path.file_name().expect("a name").to_string_lossy();
        let problems = Library::builtin()
            .with_rules(&[Source {
                name: &name,
                text: &text,
            }])
            .err()
            .unwrap_or_else(|| panic!("{name} loads"));
        insta::with_settings!({ snapshot_path => "snapshots/bad-rules", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("said", format!("{text}\n=====\n{problems}"));
        });
    });
}

/// The first and last lines of a long list.
fn ends(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= 60 {
        return text.to_owned();
    }
    let (first, last) = (&lines[..3], &lines[lines.len() - 3..]);
    format!("{}\n...\n{}", first.join("\n"), last.join("\n"))
}

/// Every code has a bad file that provokes it; bytes that are no text and files that are too large are the binary's tests.
#[test]
fn every_code_is_provoked() {
    let library = Library::builtin();
    let mut seen = std::collections::BTreeSet::new();
    for (folder, rules) in [("tests/bad/profiles", false), ("tests/bad/rules", true)] {
        for entry in fs::read_dir(folder).expect("bad files") {
            let text = fs::read_to_string(entry.expect("a file").path()).expect("a bad file");
            let problems = if rules {
                library
                    .clone()
                    .with_rules(&[Source {
                        name: "bad",
                        text: &text,
                    }])
                    .err()
                    .map(|e| e.list().to_vec())
            } else {
                match Profile::read(&library, "bad", &text) {
                    Ok(profile) => Some(profile.warnings().to_vec()),
                    Err(problems) => Some(problems.list().to_vec()),
                }
            };
            seen.extend(problems.into_iter().flatten().map(|d| d.code));
        }
    }
    let elsewhere = [
        jakscreen::Code::Unreadable,
        jakscreen::Code::NotUtf8,
        jakscreen::Code::LaterResult,
        jakscreen::Code::UnknownDocument,
        // Found in rules that can be read: the tests of `rules check`.
        jakscreen::Code::Decided,
        jakscreen::Code::TwoBranches,
        jakscreen::Code::Shadowed,
        jakscreen::Code::SameStatement,
        jakscreen::Code::UnusedFact,
        jakscreen::Code::NoText,
        jakscreen::Code::ReviewOverdue,
        jakscreen::Code::Volume,
    ];
    let lacking: Vec<_> = jakscreen::Code::ALL
        .iter()
        .filter(|c| !seen.contains(c) && !elsewhere.contains(c))
        .collect();
    assert!(lacking.is_empty(), "no bad file provokes {lacking:?}");
}
