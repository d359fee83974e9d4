//! Reading files and folders.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use jakscreen::{Diagnostic, Diagnostics, Severity, Source};

use super::draw::draw;

/// The largest input read, in bytes; one more is read to see that there is more.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Why a file could not be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("{0}: {1}")]
    Io(String, #[source] io::Error),
    #[error("{0}: is a directory; name a file")]
    Directory(String),
    #[error("{0}: no .yaml files here")]
    NoRules(String),
    #[error("{0}: is larger than 4 MiB; a profile holds one patient")]
    TooLarge(String),
    #[error(
        "{name}: not UTF-8 text; the first byte that is not is number {at}. Save the file as UTF-8"
    )]
    NotUtf8 { name: String, at: usize },
}

/// A file's name and its text.
pub(super) type Text = (String, String);

/// Reads a file, or standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Text, Unreadable> {
    let mut bytes = Vec::new();
    let name = if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    };
    let outcome = if path == Path::new("-") {
        io::stdin()
            .lock()
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
    } else {
        if path.is_dir() {
            return Err(Unreadable::Directory(name));
        }
        File::open(path).and_then(|f| f.take(MAX_BYTES + 1).read_to_end(&mut bytes))
    };
    outcome.map_err(|e| Unreadable::Io(name.clone(), e))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Unreadable::TooLarge(name));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text)),
        Err(e) => Err(Unreadable::NotUtf8 {
            name,
            at: e.utf8_error().valid_up_to() + 1,
        }),
    }
}

/// Every YAML file below a folder, by name.
pub(super) fn folder(folder: &Path) -> Result<Vec<Text>, Unreadable> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    if files.is_empty() {
        return Err(Unreadable::NoRules(folder.display().to_string()));
    }
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<Text>) -> Result<(), Unreadable> {
    let io = |e| Unreadable::Io(folder.display().to_string(), e);
    let mut paths: Vec<(PathBuf, fs::FileType)> = fs::read_dir(folder)
        .map_err(io)?
        .map(|e| e.and_then(|e| Ok((e.path(), e.file_type()?))))
        .collect::<Result<_, _>>()
        .map_err(io)?;
    paths.sort_by(|a, b| a.0.cmp(&b.0));
    for (path, kind) in paths {
        let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        let yaml = ending.is_some_and(|e| e == "yaml" || e == "yml");
        // A linked folder may lead back here; a file may be linked.
        if kind.is_dir() {
            collect(&path, files)?;
        } else if yaml && path.is_file() {
            files.push(read(&path)?);
        }
    }
    Ok(())
}

/// The files as the library takes them.
pub(super) fn sources(files: &[Text]) -> Vec<Source<'_>> {
    files
        .iter()
        .map(|(name, text)| Source { name, text })
        .collect()
}

/// Draws the problems of several files, file by file.
pub(super) fn drawn(problems: &[Diagnostic], files: &[Text], color: bool) -> String {
    let of_file = |name: &str| -> Vec<Diagnostic> {
        let here = problems.iter().filter(|d| d.file == name);
        here.cloned().collect()
    };
    files
        .iter()
        .map(|(name, text)| draw(&of_file(name), text, color))
        .collect()
}

/// How many errors there are, as a sentence.
pub(super) fn total(problems: &Diagnostics) -> String {
    let errors = problems.list().iter();
    let errors = errors.filter(|d| d.severity == Severity::Error).count();
    format!(
        "{errors} {}. ",
        if errors == 1 { "error" } else { "errors" }
    )
}
