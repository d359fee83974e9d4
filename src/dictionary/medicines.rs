//! From the file of medicines to a table: every name in its one spelling, every class with all that it contains.

use std::borrow::Cow;

use super::Seen;
use super::prepared::{Class, Medicine, Prepared};
use crate::decode::{self, Record, did_you_mean, normal, record, shown, texts};
use crate::diagnostic::{Code, Collector};
use crate::text::{Node, Span};

/// Reads the classes and the medicines. A name that is unknown, that stands for two things or is not in the one spelling is
/// an error.
pub(crate) fn read(root: &Node<'_>, out: &mut Collector<'_>) -> Prepared<'static> {
    let Some(file) = record(root, "the medicines", &["classes", "medicines"], out) else {
        return Prepared::default();
    };
    let class_rows = rows(
        &file,
        "classes",
        &[
            "name",
            "aliases",
            "question",
            "seen",
            "local",
            "any_route",
            "includes",
        ],
        out,
    );
    let medicine_rows = rows(
        &file,
        "medicines",
        &["classes", "aliases", "codes", "local", "parts"],
        out,
    );
    let direct: Vec<Vec<usize>> = class_rows
        .iter()
        .map(|(_, _, row)| places(&class_rows, row.get("includes"), out))
        .collect();
    let includes: Vec<Vec<u8>> = (0..class_rows.len())
        .map(|i| bytes(&closure(i, &direct)))
        .collect();
    let mut classes = Vec::new();
    for ((id, _, row), includes) in class_rows.iter().zip(&includes) {
        row.need_text("question", out);
        let name = row.need_text("name", out).unwrap_or_default();
        let seen = row.need("seen", out);
        let seen = seen.and_then(|n| decode::word(n, "`seen`", &Seen::WORDS, out));
        classes.push(Class {
            id: Cow::Owned((*id).to_owned()),
            name: Cow::Owned(name),
            seen: seen.unwrap_or(Seen::Unverified),
            local: row.yes("local", out),
            any_route: row.yes("any_route", out),
            includes: Cow::Owned(includes.clone()),
        });
    }
    let mut medicines = Vec::new();
    for (id, _, row) in &medicine_rows {
        let direct = bytes(&places(&class_rows, row.get("classes"), out));
        let outer = includes
            .iter()
            .map(|inner| direct.iter().any(|d| inner.contains(d)));
        let classes: Vec<usize> = outer
            .enumerate()
            .filter(|(_, o)| *o)
            .map(|(i, _)| i)
            .collect();
        let parts = places(&medicine_rows, row.get("parts"), out);
        medicines.push(Medicine {
            id: Cow::Owned((*id).to_owned()),
            local: row.yes("local", out),
            classes: Cow::Owned(bytes(&classes)),
            parts: parts
                .into_iter()
                .filter_map(|p| u16::try_from(p).ok())
                .collect(),
        });
    }
    Prepared {
        classes,
        medicines,
        names: Cow::Owned(names(&class_rows, &medicine_rows, out)),
    }
}

/// A row of the file: its name, where the name stands, what it says.
type Row<'n> = (&'n str, Span, Record<'n>);

/// The rows of a mapping, by name.
fn rows<'n>(file: &Record<'n>, key: &str, known: &[&str], out: &mut Collector<'_>) -> Vec<Row<'n>> {
    let node = file.need(key, out);
    let fields = node.and_then(|n| decode::fields(n, key, out));
    let mut rows = Vec::new();
    for field in fields.unwrap_or_default() {
        if let Some(row) = record(field.value, field.key, known, out) {
            rows.push((field.key, field.at, row));
        }
    }
    rows.sort_by_key(|(id, _, _)| *id);
    if rows.len() > usize::from(u16::MAX) || (key == "classes" && rows.len() > 256) {
        out.error(
            Code::Limit,
            Span::default(),
            format!("too many {key}"),
            None,
        );
        rows.clear();
    }
    rows
}

/// The places of named rows.
fn places(rows: &[Row<'_>], names: Option<&Node<'_>>, out: &mut Collector<'_>) -> Vec<usize> {
    let names = names.map(decode::items).unwrap_or_default();
    let mut found = Vec::new();
    for node in names {
        let Some(name) = decode::text(node, "a name", out) else {
            continue;
        };
        match rows.binary_search_by_key(&name, |(id, _, _)| id) {
            Ok(place) => found.push(place),
            Err(_) => {
                let help = did_you_mean(name, rows.iter().map(|(id, _, _)| *id));
                let message = format!("no `{}`", shown(name));
                out.error(Code::UnknownName, node.span, message, help);
            }
        }
    }
    found
}

fn bytes(places: &[usize]) -> Vec<u8> {
    places
        .iter()
        .filter_map(|i| u8::try_from(*i).ok())
        .collect()
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

/// One line for each name, sorted.
fn names(classes: &[Row<'_>], medicines: &[Row<'_>], out: &mut Collector<'_>) -> String {
    let mut lines: Vec<(String, String, Span)> = Vec::new();
    for (rows, kind) in [(classes, 'c'), (medicines, 'm')] {
        for (i, (id, at, row)) in rows.iter().enumerate() {
            let aliases = row.get("aliases").map(|n| texts(n, "a name", out));
            let names = aliases.unwrap_or_default().into_iter();
            for (name, span) in names.chain([((*id).to_owned(), *at)]) {
                if name != normal(&name) {
                    let help = "write small letters, and _ for blanks and hyphens".to_owned();
                    let message = format!("`{}` is not in the one spelling", shown(&name));
                    out.error(Code::BadId, span, message, help);
                }
                let line = format!("{name}\t{kind}{i}");
                lines.push((name, line, span));
            }
        }
    }
    lines.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    for pair in lines.windows(2) {
        if let [(a, _, _), (b, _, span)] = pair
            && a == b
        {
            let message = format!("`{}` stands for two things", shown(a));
            out.error(Code::DuplicateId, *span, message, None);
        }
    }
    let lines: Vec<String> = lines.into_iter().map(|(_, line, _)| line).collect();
    lines.join("\n")
}
