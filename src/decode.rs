//! From a tree to values: every accessor reports what is wrong and carries on, so one run shows all problems of a file.

use crate::diagnostic::{Code, Collector};
use crate::text::{Kind, Node, Span};

/// One key of a mapping with its value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'n> {
    pub(crate) key: &'n str,
    pub(crate) at: Span,
    pub(crate) value: &'n Node<'n>,
}

/// The nearest of the known names, if it is near enough to be what was meant.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let name: String = name.chars().take(64).collect();
    // Two or three letters are near to everything.
    if name.chars().count() <= 3 {
        return None;
    }
    let length = name.chars().count();
    let limit = 1 + length / 4;
    let first = name.chars().next();
    known
        .into_iter()
        .filter(|k| k.len() <= 64 && k.chars().count().abs_diff(length) <= limit)
        .map(|k| (strsim::osa_distance(&name, k), k))
        // Words that begin otherwise are often other words.
        .filter(|(distance, k)| *distance <= if k.chars().next() == first { limit } else { 1 })
        .min()
        .map(|(_, k)| k)
}

/// "did you mean `x`?" for the nearest known name.
pub(crate) fn did_you_mean<'k>(
    name: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<String> {
    nearest(name, known).map(|k| format!("did you mean `{k}`?"))
}

/// What stands for a name that is not shown.
pub(crate) const WITHHELD: &str = "(not shown)";

/// A name as it may be shown in a message: a word of a file's language, never a patient's words.
pub(crate) fn shown(name: &str) -> String {
    let word = |c: char| c.is_alphanumeric() || "_-.<".contains(c);
    if name.chars().count() <= 48 && !name.is_empty() && name.chars().all(word) {
        name.to_owned()
    } else {
        WITHHELD.to_owned()
    }
}

/// The fields of a mapping. Reports another shape, keys that are no text, and keys given twice.
pub(crate) fn fields<'n>(
    node: &'n Node<'n>,
    what: &str,
    out: &mut Collector<'_>,
) -> Option<Vec<Field<'n>>> {
    match &node.kind {
        Kind::Map(pairs) => {
            let mut fields: Vec<Field<'n>> = Vec::with_capacity(pairs.len());
            for (key, value) in pairs {
                let Some(text) = key.text() else {
                    out.error(
                        Code::WrongShape,
                        key.span,
                        "a key must be a plain word",
                        None,
                    );
                    continue;
                };
                fields.push(Field {
                    key: text,
                    at: key.span,
                    value,
                });
            }
            report_twice(&fields, out);
            Some(fields)
        }
        Kind::Empty => {
            out.error(
                Code::EmptyValue,
                node.span,
                format!("{what} is empty"),
                Some("write a value, or leave the key out".to_owned()),
            );
            None
        }
        Kind::Scalar { .. } | Kind::List(_) => {
            out.error(
                Code::WrongShape,
                node.span,
                format!("{what} must be a mapping"),
                Some("write `key: value` lines".to_owned()),
            );
            None
        }
    }
}

fn report_twice(fields: &[Field<'_>], out: &mut Collector<'_>) {
    // Most mappings are short: comparing each pair costs less than sorting them. Long ones are sorted.
    let doubled: Vec<&Field<'_>> = if fields.len() <= 24 {
        let earlier = |i: usize, f: &Field<'_>| fields.iter().take(i).any(|e| e.key == f.key);
        let seconds = fields.iter().enumerate().filter(|(i, f)| earlier(*i, f));
        seconds.map(|(_, f)| f).collect()
    } else {
        let mut seen = std::collections::BTreeSet::new();
        fields.iter().filter(|f| !seen.insert(f.key)).collect()
    };
    for second in doubled {
        let message = format!("`{}` stands here twice", shown(second.key));
        let help = "keep one of them".to_owned();
        out.error(Code::DuplicateKey, second.at, message, help);
    }
}

/// The fields of a mapping of which all keys are known.
pub(crate) fn record<'n>(
    node: &'n Node<'n>,
    what: &str,
    known: &[&str],
    out: &mut Collector<'_>,
) -> Option<Record<'n>> {
    let fields = fields(node, what, out)?;
    for field in &fields {
        if !known.contains(&field.key) {
            let message = format!("unknown key `{}` in {what}", shown(field.key));
            let help = did_you_mean(field.key, known.iter().copied())
                .unwrap_or_else(|| format!("known keys: {}", known.join(", ")));
            out.error(Code::UnknownKey, field.at, message, help);
        }
    }
    Some(Record {
        fields,
        at: node.span,
        what: what.to_owned(),
    })
}

/// A mapping with known keys.
#[derive(Debug)]
pub(crate) struct Record<'n> {
    fields: Vec<Field<'n>>,
    at: Span,
    what: String,
}

impl<'n> Record<'n> {
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node<'n>> {
        self.fields.iter().find(|f| f.key == key).map(|f| f.value)
    }

    pub(crate) fn need(&self, key: &str, out: &mut Collector<'_>) -> Option<&'n Node<'n>> {
        let value = self.get(key);
        if value.is_none() {
            let at = Span {
                start: self.at.start,
                end: self.fields.first().map_or(self.at.end, |f| f.at.end),
            };
            out.error(
                Code::MissingKey,
                at,
                format!("{} has no `{key}`", self.what),
                Some(format!("add `{key}:`")),
            );
        }
        value
    }

    pub(crate) fn need_text(&self, key: &str, out: &mut Collector<'_>) -> Option<String> {
        let node = self.need(key, out)?;
        text(node, key, out).map(str::to_owned)
    }

    pub(crate) fn text(&self, key: &str, out: &mut Collector<'_>) -> Option<String> {
        text(self.get(key)?, key, out).map(str::to_owned)
    }

    pub(crate) fn yes(&self, key: &str, out: &mut Collector<'_>) -> bool {
        self.get(key).and_then(|n| yes_no(n, out)).unwrap_or(false)
    }
}

/// The text of a scalar.
pub(crate) fn text<'n>(node: &'n Node<'_>, what: &str, out: &mut Collector<'_>) -> Option<&'n str> {
    match &node.kind {
        Kind::Scalar { text, .. } => Some(text),
        Kind::Empty => {
            out.error(
                Code::EmptyValue,
                node.span,
                format!("{what} is empty"),
                None,
            );
            None
        }
        Kind::List(_) | Kind::Map(_) => {
            out.error(
                Code::WrongShape,
                node.span,
                format!("{what} must be a single value"),
                None,
            );
            None
        }
    }
}

/// Reports that nothing is written where something must be.
pub(crate) fn empty(node: &Node<'_>, what: &str, out: &mut Collector<'_>) {
    let help = "write the value, or leave the key out".to_owned();
    out.error(
        Code::EmptyValue,
        node.span,
        format!("{what} is empty"),
        help,
    );
}

/// The items of a sequence; a single value counts as a sequence of one.
pub(crate) fn items<'n>(node: &'n Node<'n>) -> Vec<&'n Node<'n>> {
    match &node.kind {
        Kind::List(items) => items.iter().collect(),
        Kind::Empty => Vec::new(),
        Kind::Scalar { .. } | Kind::Map(_) => vec![node],
    }
}

/// The texts of a sequence of at least one.
pub(crate) fn texts(node: &Node<'_>, what: &str, out: &mut Collector<'_>) -> Vec<(String, Span)> {
    let items = items(node);
    if items.is_empty() {
        empty(node, what, out);
    }
    items
        .into_iter()
        .filter_map(|n| text(n, what, out).map(|t| (t.to_owned(), n.span)))
        .collect()
}

/// One of a closed list of words.
pub(crate) fn word<T: Copy>(
    node: &Node<'_>,
    what: &str,
    words: &[(&str, T)],
    out: &mut Collector<'_>,
) -> Option<T> {
    let written = text(node, what, out)?;
    if let Some((_, value)) = words.iter().find(|(w, _)| *w == written) {
        return Some(*value);
    }
    let names: Vec<&str> = words.iter().map(|(w, _)| *w).collect();
    let help = did_you_mean(written, names.iter().copied())
        .unwrap_or_else(|| format!("write one of: {}", names.join(", ")));
    out.error(
        Code::UnknownWord,
        node.span,
        format!("not a word for {what}"),
        help,
    );
    None
}

/// `yes` or `no` (also `true` and `false`).
pub(crate) fn yes_no(node: &Node<'_>, out: &mut Collector<'_>) -> Option<bool> {
    match text(node, "yes or no", out)?.to_lowercase().as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => {
            let help = short_for(node.text().unwrap_or_default()).unwrap_or("write yes or no");
            let help = help.to_owned();
            out.error(Code::UnknownWord, node.span, "not yes or no", help);
            None
        }
    }
}

/// What to write for a letter that may stand for yes or no.
pub(crate) fn short_for(text: &str) -> Option<&'static str> {
    match text {
        "n" | "N" => Some("write no"),
        "y" | "Y" => Some("write yes"),
        _ => None,
    }
}

/// A name in the one spelling: lower case, with underscores, without apostrophes.
pub(crate) fn normal(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let mut out = String::with_capacity(name.len());
    for c in name.chars().filter(|c| !['\'', '\u{2019}'].contains(c)) {
        let c = if c == ' ' || c == '-' || c == '/' || c == '_' {
            '_'
        } else {
            c
        };
        if !(c == '_' && out.ends_with('_')) {
            out.push(c);
        }
    }
    out
}
