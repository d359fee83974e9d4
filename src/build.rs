//! Prepares the rules: every YAML file under `rules/` becomes a tree, and the trees one small binary that the library
//! reads at start. Of the labels nothing is decided here; what they mean is checked when they are read. The dictionary is made
//! here; the medicines, some thousand names, become a table. The texts, cases included, are kept beside it for the tools,
//! and so are the teaching cases.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "the modules are the library's, which uses more of them"
)]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

mod decode;
mod diagnostic;
mod dictionary;
mod outcome;
mod quantity;
mod text;

use diagnostic::Collector;
use dictionary::prepared::{File, Rules};
use text::Node;

fn main() -> Result<(), Box<dyn Error>> {
    let sources = texts("rules")?;
    let teaching = texts("examples/cases")?;
    let (of_cases, mut sources): (Vec<_>, Vec<_>) = sources
        .into_iter()
        .partition(|(name, _)| name.ends_with(".cases.yaml"));
    let mut trees = Vec::new();
    let mut canonical = String::new();
    for (name, source) in &sources {
        let (tree, fault) = text::read(source);
        if let Some(fault) = fault {
            let mut out = Collector::new(name, source);
            out.fault(&fault);
            out.finish()?;
        }
        let tree = tree.ok_or_else(|| format!("{name} is empty"))?;
        if tree.get("codes").is_none() {
            canonical += name;
            canonical += &tree.canonical();
            trees.push((name, source, tree));
        }
    }
    let (of_dictionary, others): (Vec<_>, Vec<_>) = trees
        .iter()
        .partition(|(_, _, tree)| dictionary::read::is_part(tree));
    let mut of_dictionary: Vec<_> = of_dictionary
        .into_iter()
        .map(|(name, source, tree)| (Collector::new(name, source), tree))
        .collect();
    let (dictionary, medicines) = dictionary::read::read(&mut of_dictionary);
    for (problems, _) in of_dictionary {
        problems.finish()?;
    }
    let packed = others
        .iter()
        .map(|(_, _, tree)| postcard::to_allocvec(tree))
        .collect::<Result<Vec<_>, _>>()?;
    let files = others
        .iter()
        .zip(&packed)
        .map(|((name, _, tree), packed)| File {
            name,
            speaks_of: tree.get("document").map(speaks_of),
            tree: packed,
        });
    let rules = Rules {
        hash: &text::hash(&canonical),
        dictionary,
        medicines: &postcard::to_allocvec(&medicines)?,
        files: files.collect(),
    };
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    fs::write(out.join("rules.bin"), postcard::to_allocvec(&rules)?)?;
    sources.extend(of_cases);
    fs::write(out.join("sources.bin"), postcard::to_allocvec(&sources)?)?;
    fs::write(out.join("cases.bin"), postcard::to_allocvec(&teaching)?)?;
    Ok(())
}

/// The YAML files below a folder, each with its name there.
fn texts(folder: &str) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={folder}");
    let mut paths = Vec::new();
    collect(Path::new(folder), &mut paths)?;
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        let name = path
            .strip_prefix(folder)?
            .to_string_lossy()
            .replace('\\', "/");
        texts.push((name, fs::read_to_string(&path)?));
    }
    Ok(texts)
}

/// The jurisdictions and drugs that a document names.
fn speaks_of<'n>(document: &'n Node<'_>) -> (Vec<&'n str>, Vec<&'n str>) {
    let texts = |keys: [&str; 2]| {
        let nodes = keys.into_iter().filter_map(|key| document.get(key));
        nodes
            .flat_map(decode::items)
            .filter_map(Node::text)
            .collect()
    };
    (
        texts(["jurisdiction", "jurisdictions"]),
        texts(["drug", "drugs"]),
    )
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|e| e == "yaml") {
            paths.push(path);
        }
    }
    Ok(())
}
