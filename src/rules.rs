//! The tools for those who write, review and sign rules: cases, coverage, lints, pages, differences.
//!
//! ```
//! let rules = jakscreen::rules::Collection::builtin()?;
//! let tested = rules.test();
//! assert!(tested.iter().all(|document| document.wrong.is_empty()));
//! # Ok::<(), jakscreen::Diagnostics>(())
//! ```

mod cases;
mod catalogue;
mod coverage;
mod diff;
mod lint;
mod mutants;
mod sign;
mod volume;

use crate::diagnostic::{Code, Diagnostics};
use crate::dictionary::read::is_part;
use crate::library::{Document, Library, Source};
use crate::text::{self, Node};

pub(crate) use cases::OUTCOMES;
pub use cases::Tested;
pub(crate) use catalogue::flip;
pub use catalogue::{Filter, Listed, Page};
pub use coverage::{Covered, CriterionCovered, Mutant};
pub use diff::{Diff, DocumentDiff, Shift, diff};
pub use sign::{Signature, sign, signed_by};
pub use volume::Volume;

/// The texts of the rules that come with the crate, cases included.
static SOURCES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sources.bin"));

/// A library together with the files it was read from.
#[derive(Debug)]
pub struct Collection {
    library: Library,
    files: Vec<RuleFile>,
    /// Documents whose cases stand here.
    cases: Vec<cases::Cases>,
    /// The ids of the documents of these files.
    ids: Vec<String>,
}

/// A rule file with its tree.
#[derive(Debug)]
struct RuleFile {
    name: String,
    text: String,
    tree: Node<'static>,
}

/// The rule files that come with the crate, cases included: each one's name below `rules/` and its text.
pub fn builtin_files() -> Vec<(&'static str, &'static str)> {
    // Written by the build: it can always be read.
    postcard::from_bytes(SOURCES).unwrap_or_default()
}

impl Collection {
    /// The rules that come with the crate, with their cases.
    ///
    /// # Errors
    /// None for the rules as shipped: the tests of the crate hold that.
    pub fn builtin() -> Result<Self, Diagnostics> {
        let files = builtin_files();
        let sources: Vec<Source<'_>> = files
            .iter()
            .map(|(name, text)| Source { name, text })
            .collect();
        Self::read(&sources)
    }

    /// Reads rule files and their cases: a whole library if a dictionary is among them, else rules of one's own that are laid over
    /// the built-in library. A file of cases has a name that ends in `.cases.yaml`.
    ///
    /// # Errors
    /// Every problem of every file.
    pub fn read(files: &[Source<'_>]) -> Result<Self, Diagnostics> {
        let (cases, rules): (Vec<Source<'_>>, Vec<Source<'_>>) =
            files.iter().partition(|f| is_cases(f.name));
        let read = rules.iter().filter_map(|f| {
            let (name, text) = (f.name.to_owned(), f.text.to_owned());
            let tree = text::read(f.text).0?;
            Some(RuleFile { name, text, tree })
        });
        let files: Vec<RuleFile> = read.collect();
        let library = if files.iter().any(|f| is_part(&f.tree)) {
            Library::read(&rules)?
        } else {
            Library::builtin().with_rules(&rules)?
        };
        let ids = files
            .iter()
            .filter_map(|f| Some(f.tree.get("document")?.get("id")?.text()?.to_owned()));
        let mut collection = Self {
            ids: ids.collect(),
            files,
            library,
            cases: Vec::new(),
        };
        collection.ids.sort();
        let mut problems = Vec::new();
        for file in cases {
            match cases::Cases::read(&collection.library, file) {
                Ok(cases) => collection.cases.push(cases),
                Err(e) => problems.push(e),
            }
        }
        collection.cases.sort_by(|a, b| a.document.cmp(&b.document));
        for pair in collection.cases.windows(2) {
            if let [a, b] = pair
                && a.document == b.document
            {
                let message = format!("another file here has the cases of `{}`", a.document);
                problems.push(Diagnostics::one(Code::DuplicateId, &b.file, message, None));
            }
        }
        Diagnostics::join(problems)?;
        Ok(collection)
    }

    /// The library that was read.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The ids of the documents of these files, as `us/upadacitinib`.
    pub fn documents(&self) -> &[String] {
        &self.ids
    }

    /// Keeps the cases of these documents only.
    pub fn only(&mut self, documents: &[String]) {
        self.ids.retain(|id| documents.contains(id));
        self.cases.retain(|c| documents.contains(&c.document));
    }

    fn document(&self, id: &str) -> Option<&Document> {
        self.library.documents().find(|d| d.id == id)
    }
}

/// Whether a file holds cases.
pub fn is_cases(name: &str) -> bool {
    name.ends_with(".cases.yaml") || name.ends_with(".cases.yml")
}
