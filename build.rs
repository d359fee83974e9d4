//! Prepares the rules: every YAML file under `rules/` becomes a tree, and the trees one small binary that the library
//! reads at start. Nothing is decided here; what the trees mean is checked when they are read.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

#[allow(
    dead_code,
    reason = "the library uses more of this module than the build does"
)]
#[path = "src/text.rs"]
mod text;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/text.rs");
    let mut paths = Vec::new();
    collect(Path::new("rules"), &mut paths)?;
    paths.sort();
    let mut trees = Vec::new();
    let mut canonical = String::new();
    for path in paths {
        let source = fs::read_to_string(&path)?;
        let (tree, fault) = text::read(&source);
        if let Some(fault) = fault {
            let line = source
                .bytes()
                .take(fault.span.start as usize)
                .filter(|b| *b == b'\n')
                .count()
                + 1;
            return Err(format!("{}:{line}: {}", path.display(), fault.message).into());
        }
        let tree = tree.ok_or_else(|| format!("{} is empty", path.display()))?;
        let name = path
            .strip_prefix("rules")?
            .to_string_lossy()
            .replace('\\', "/");
        canonical += &name;
        canonical += &tree.canonical();
        trees.push((name, postcard::to_allocvec(&tree)?));
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("rules.bin");
    fs::write(
        out,
        postcard::to_allocvec(&(text::hash(&canonical), trees))?,
    )?;
    Ok(())
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|e| e == "yaml") && !name.contains(".cases.") {
            paths.push(path);
        }
    }
    Ok(())
}
