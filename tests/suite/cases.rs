//! The cases beside the documents: each comes out as it says, and together they hold every criterion.

use std::fs;
use std::path::{Path, PathBuf};

use jakscreen::rules::Collection;

/// The files of the shipped documents.
pub(crate) fn documents() -> Vec<PathBuf> {
    let folders = ["rules/labels/us", "rules/labels/eu", "rules/guidance"];
    let mut files: Vec<PathBuf> = folders
        .iter()
        .filter(|folder| Path::new(folder).is_dir())
        .flat_map(|folder| fs::read_dir(folder).expect("a folder of rules"))
        .map(|entry| entry.expect("a file").path())
        .filter(|path| !path.to_string_lossy().ends_with(".cases.yaml"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_case_comes_out_as_it_says() {
    let tested = Collection::builtin().expect("the rules").test();
    let wrong: Vec<&String> = tested.iter().flat_map(|t| &t.wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let without: Vec<_> = tested.iter().filter(|t| t.file.is_none()).collect();
    assert!(without.is_empty(), "documents without cases: {without:?}");
    // The documents, and the dictionary's classes.
    assert_eq!(tested.len(), documents().len() + 1);
    assert!(
        tested
            .iter()
            .any(|t| t.document == "dictionary/medicines" && t.count > 50)
    );
    let count: usize = tested.iter().map(|t| t.count).sum();
    assert!(count > 7000, "only {count} cases were found");
}

#[test]
fn every_criterion_has_cases_met_not_met_and_unknown() {
    for document in Collection::builtin().expect("the rules").coverage() {
        for c in document.criteria.iter().filter(|c| !c.standing) {
            let counts = [c.met, c.not_met, c.unknown];
            assert!(
                !counts.contains(&0),
                "{} {}",
                document.document,
                c.criterion
            );
        }
    }
}
