//! Prepares the rules: every YAML file under `rules/` becomes a tree, and the trees one small binary that the library
//! reads at start. Of the labels nothing is decided here; what they mean is checked when they are read. The dictionary is made
//! here; the medicines, some thousand names, become a table.

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
#[path = "dictionary/read.rs"]
mod read;
mod text;

use diagnostic::Collector;
use dictionary::prepared::{Class, Medicine, Prepared, Rules};
use text::{Kind, Node};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    let mut paths = Vec::new();
    collect(Path::new("rules"), &mut paths)?;
    paths.sort();
    let mut trees = Vec::new();
    let mut table = Vec::new();
    let mut of_dictionary = Vec::new();
    let mut canonical = String::new();
    let mut sources = Vec::new();
    for path in paths {
        sources.push((fs::read_to_string(&path)?, path));
    }
    for (source, path) in &sources {
        let (tree, fault) = text::read(source);
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
        if path.ends_with("codes.yaml") {
            continue;
        }
        let name = path
            .strip_prefix("rules")?
            .to_string_lossy()
            .replace('\\', "/");
        canonical += &name;
        canonical += &tree.canonical();
        if name == "dictionary/medicines.yaml" {
            table = medicines(&tree).map_err(|e| format!("{name}: {e}"))?;
        } else if name.starts_with("dictionary/") {
            of_dictionary.push((name, source, tree));
        } else {
            trees.push((name, postcard::to_allocvec(&tree)?));
        }
    }
    let mut files: Vec<_> = of_dictionary
        .iter()
        .map(|(name, source, tree)| (Collector::new(name, source), tree))
        .collect();
    let dictionary = read::read(&mut files);
    for (problems, _) in files {
        problems.finish()?;
    }
    let rules = Rules {
        hash: &text::hash(&canonical),
        dictionary,
        medicines: &table,
        files: trees
            .iter()
            .map(|(n, b)| (n.as_str(), b.as_slice()))
            .collect(),
    };
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("rules.bin");
    fs::write(out, postcard::to_allocvec(&rules)?)?;
    Ok(())
}

/// The table of medicines, packed. Names that are unknown, stand for two things or are not in the one spelling stop the
/// build.
fn medicines(tree: &Node<'_>) -> Result<Vec<u8>, Box<dyn Error>> {
    let class_rows = sorted(tree.get("classes"));
    let medicine_rows = sorted(tree.get("medicines"));
    let mut direct = Vec::new();
    for (_, row) in &class_rows {
        direct.push(places(&class_rows, row.get("includes"))?);
    }
    let all: Vec<usize> = (0..class_rows.len()).collect();
    let includes: Vec<Vec<u8>> = all
        .iter()
        .map(|i| bytes(&closure(*i, &direct)))
        .collect::<Result<_, _>>()?;
    let mut of_medicines = Vec::new();
    for (_, row) in &medicine_rows {
        let direct = bytes(&places(&class_rows, row.get("classes"))?)?;
        let outer = includes
            .iter()
            .map(|inner| direct.iter().any(|d| inner.contains(d)));
        let classes: Vec<usize> = outer
            .enumerate()
            .filter(|(_, o)| *o)
            .map(|(i, _)| i)
            .collect();
        of_medicines.push(bytes(&classes)?);
    }
    let mut classes = Vec::new();
    for ((id, row), includes) in class_rows.iter().zip(&includes) {
        let need = |key: &str| {
            row.get(key)
                .and_then(Node::text)
                .ok_or(format!("{id} has no `{key}`"))
        };
        need("question")?;
        let seen = need("seen")?;
        if ![
            "full_text",
            "section",
            "secondary",
            "superseded",
            "unverified",
        ]
        .contains(&seen)
        {
            return Err(format!("{id}: `{seen}` is no word of `seen`").into());
        }
        let (name, local) = (need("name")?, yes(row, "local"));
        classes.push(Class {
            id,
            name,
            seen,
            local,
            includes,
        });
    }
    let mut medicines = Vec::new();
    for ((id, row), classes) in medicine_rows.iter().zip(&of_medicines) {
        let parts = places(&medicine_rows, row.get("parts"))?;
        let parts = parts
            .into_iter()
            .map(u16::try_from)
            .collect::<Result<_, _>>()?;
        medicines.push(Medicine {
            id,
            local: yes(row, "local"),
            classes,
            parts,
        });
    }
    let names = names(&class_rows, &medicine_rows)?;
    let table = Prepared {
        classes,
        medicines,
        names: &names,
    };
    Ok(postcard::to_allocvec(&table)?)
}

/// One line for each name, sorted.
fn names(classes: &[(&str, &Node<'_>)], medicines: &[(&str, &Node<'_>)]) -> Result<String, String> {
    let mut lines: Vec<(&str, String)> = Vec::new();
    for (rows, kind) in [(classes, 'c'), (medicines, 'm')] {
        for (i, (id, row)) in rows.iter().enumerate() {
            let names = texts(row.get("aliases")).into_iter().chain([*id]);
            lines.extend(names.map(|name| (name, format!("{name}\t{kind}{i}"))));
        }
    }
    lines.sort();
    let spelled = |name: &str| {
        name.chars()
            .all(|c| !c.is_whitespace() && !c.is_uppercase() && c != '-')
    };
    for pair in lines.windows(2) {
        if let [(a, _), (b, _)] = pair
            && (a == b || !spelled(a))
        {
            return Err(format!("`{a}` stands for two things, or is misspelt"));
        }
    }
    let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
    Ok(lines.join("\n"))
}

/// The places of named rows.
fn places(rows: &[(&str, &Node<'_>)], names: Option<&Node<'_>>) -> Result<Vec<usize>, String> {
    let place = |name: &str| rows.binary_search_by_key(&name, |(id, _)| id);
    let names = texts(names).into_iter();
    names
        .map(|n| place(n).map_err(|_| format!("no `{n}`")))
        .collect()
}

fn bytes(places: &[usize]) -> Result<Vec<u8>, std::num::TryFromIntError> {
    places.iter().map(|i| u8::try_from(*i)).collect()
}

/// The rows of a mapping, by key.
fn sorted<'n>(node: Option<&'n Node<'_>>) -> Vec<(&'n str, &'n Node<'n>)> {
    let mut rows = match node.map(|n| &n.kind) {
        Some(Kind::Map(pairs)) => pairs
            .iter()
            .filter_map(|(k, v)| Some((k.text()?, v)))
            .collect(),
        _ => Vec::new(),
    };
    rows.sort_by_key(|(id, _)| *id);
    rows
}

fn texts<'n>(node: Option<&'n Node<'_>>) -> Vec<&'n str> {
    match node.map(|n| &n.kind) {
        Some(Kind::List(items)) => items.iter().filter_map(Node::text).collect(),
        _ => Vec::new(),
    }
}

fn yes(row: &Node<'_>, key: &str) -> bool {
    matches!(row.get(key).and_then(Node::text), Some("yes" | "true"))
}

/// A class and all classes it contains.
fn closure(class: usize, direct: &[Vec<usize>]) -> Vec<usize> {
    let mut all = vec![class];
    let mut next = 0;
    while let Some(current) = all.get(next).copied() {
        for inner in direct.get(current).into_iter().flatten() {
            if !all.contains(inner) {
                all.push(*inner);
            }
        }
        next += 1;
    }
    all
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
