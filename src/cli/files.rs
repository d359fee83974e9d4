//! Reading files and folders.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use jakscreen::{Code, Source};

/// The largest input read, in bytes; one more is read to see that there is more.
pub(super) const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Why a file could not be used.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) code: Code,
    pub(super) file: String,
    pub(super) why: String,
}

impl Unreadable {
    fn new(code: Code, file: String, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { code, file, why }
    }
}

/// A file's name and its text.
pub(super) type Text = (String, String);

/// The file that output goes to; none, for standard output, if none is named or its name is `-`.
pub(super) fn named(output: Option<&Path>) -> Option<&Path> {
    output.filter(|path| *path != Path::new("-"))
}

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
            let why = "is a directory; name a file";
            return Err(Unreadable::new(Code::Unreadable, name, why));
        }
        File::open(path).and_then(|f| f.take(MAX_BYTES + 1).read_to_end(&mut bytes))
    };
    if let Err(error) = outcome {
        return Err(Unreadable::new(Code::Unreadable, name, error.to_string()));
    }
    if bytes.len() as u64 > MAX_BYTES {
        let why = "is larger than 4 MiB; a profile holds one patient";
        return Err(Unreadable::new(Code::Limit, name, why));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text)),
        Err(e) => {
            let at = e.utf8_error().valid_up_to() + 1;
            let why = format!(
                "not UTF-8 text; the first byte that is not is number {at}. Save the file as UTF-8"
            );
            Err(Unreadable::new(Code::NotUtf8, name, why))
        }
    }
}

/// Every YAML file below a folder, by name, with its text.
pub(super) fn folder(folder: &Path) -> Result<Vec<Text>, Unreadable> {
    let paths = yaml(folder).map_err(|e| {
        let name = folder.display().to_string();
        Unreadable::new(Code::Unreadable, name, e.to_string())
    })?;
    paths.iter().map(|path| read(path)).collect()
}

/// Every YAML file below a folder, by name.
pub(super) fn yaml(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    if files.is_empty() {
        return Err(io::Error::other("no .yaml files here"));
    }
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut paths: Vec<(PathBuf, fs::FileType)> = fs::read_dir(folder)?
        .map(|e| e.and_then(|e| Ok((e.path(), e.file_type()?))))
        .collect::<Result<_, _>>()?;
    paths.sort_by(|a, b| a.0.cmp(&b.0));
    for (path, kind) in paths {
        let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        let yaml = ending.is_some_and(|e| e == "yaml" || e == "yml");
        // A linked folder may lead back here; a file may be linked.
        if kind.is_dir() {
            collect(&path, files)?;
        } else if yaml && path.is_file() {
            files.push(path);
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
