//! Signing: a named reviewer says of a document that its rules are what the source says. The signature holds for that text only.

use chrono::NaiveDate;

use crate::diagnostic::{Code, Collector, Diagnostics};
use crate::library::{Library, read_document, review, reviewed, signed_hash};
use crate::text;

/// Who signs, and until when it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature<'s> {
    /// The reviewer's name.
    pub by: &'s str,
    /// The day of the review.
    pub on: NaiveDate,
    /// The day of the next one.
    pub next: NaiveDate,
}

/// The text of a document with a signature instead of what stands after `reviewed:`. Everything else stays as it is written.
///
/// # Errors
/// The text cannot be read as rules, or has no `reviewed`; the name is empty; the next review is not after this one.
pub fn sign(name: &str, source: &str, signature: &Signature<'_>) -> Result<String, Diagnostics> {
    let mut out = Collector::new(name, source);
    let (tree, fault) = text::read(source);
    if let Some(fault) = &fault {
        out.fault(fault);
    }
    let tree = match tree {
        Some(tree) if fault.is_none() => tree,
        _ => return Err(refused(out, name, "the file cannot be read")),
    };
    let reviewed = tree.get("document").and_then(|d| d.get("reviewed"));
    let Some(reviewed) = reviewed else {
        let help = "add `reviewed: none` below `document:`".to_owned();
        out.error(
            Code::MissingKey,
            tree.span,
            "no `document` with `reviewed`",
            help,
        );
        return Err(refused(out, name, "nothing to sign"));
    };
    if signature.by.trim().is_empty() || signature.by.chars().any(char::is_control) {
        return Err(refused(out, name, "the reviewer has no name"));
    }
    let mut as_rules = Collector::new(name, source);
    let _document = read_document(&Library::builtin(), &tree, &mut as_rules);
    as_rules.finish()?;
    if signature.next <= signature.on {
        return Err(refused(
            out,
            name,
            "the next review must come after this one",
        ));
    }
    let by = signature.by.trim();
    let quoted = by.replace('\\', "\\\\").replace('"', "\\\"");
    let block = format!(
        "{{ by: \"{quoted}\", on: {}, next: {}, text: {} }}",
        signature.on,
        signature.next,
        signed_hash(&tree, by, signature.on, signature.next)
    );
    let (start, end) = (reviewed.span.start as usize, reviewed.span.end as usize);
    let old = source.get(start..end).unwrap_or_default().trim_end();
    let (before, after) = (source.get(..start), source.get(start + old.len()..));
    match (before, after) {
        (Some(before), Some(after)) => Ok(format!("{before}{block}{after}")),
        _ => Err(refused(out, name, "nothing to sign")),
    }
}

/// Who has signed a document, or that nobody has.
///
/// # Errors
/// The text cannot be read, or is no document.
pub fn signed_by(name: &str, source: &str) -> Result<String, Diagnostics> {
    let mut out = Collector::new(name, source);
    let (tree, fault) = text::read(source);
    if let Some(fault) = &fault {
        out.fault(fault);
    }
    let reviewed = tree.as_ref().and_then(|tree| {
        let node = tree.get("document")?.get("reviewed")?;
        Some(reviewed(review(Some(node), tree, &mut out).as_ref()))
    });
    match reviewed {
        Some(words) => out.finish().map(|_warnings| words),
        None => Err(refused(out, name, "no `document` with `reviewed`")),
    }
}

fn refused(out: Collector<'_>, name: &str, why: &str) -> Diagnostics {
    let one = || Diagnostics::one(Code::MissingKey, name, why, None);
    out.finish().err().unwrap_or_else(one)
}
