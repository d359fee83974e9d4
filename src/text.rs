//! Text to a tree: the one reader of YAML and JSON.
//!
//! A file becomes a tree of [`Node`]s that remember where they stand. Scalars stay text: what a value means is decided by
//! who reads it. Size, depth and number of nodes are bounded; anchors, aliases and tags are refused, so a tree never
//! repeats itself.

use std::borrow::Cow;
use std::fmt::Write as _;

use granit_parser::{Event, Parser, ScalarStyle};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The largest file read, in bytes.
pub(crate) const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The deepest nesting read.
pub(crate) const MAX_DEPTH: usize = 32;
/// The most nodes read from one file.
pub(crate) const MAX_NODES: usize = 200_000;

/// A stretch of a file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// Of what does not stand in the file.
    pub(crate) const NOWHERE: Self = Self {
        start: u32::MAX,
        end: u32::MAX,
    };

    pub(crate) fn new(start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            start: clamp(start),
            end: clamp(end.max(start)),
        }
    }
}

/// One value of a file, with its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Node<'a> {
    #[serde(borrow)]
    pub(crate) kind: Kind<'a>,
    /// Not prepared: what was checked has no place to report.
    #[serde(skip)]
    pub(crate) span: Span,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Kind<'a> {
    /// Nothing was written after a key or dash.
    Empty,
    /// A scalar, as text; `quoted` when it stood in quotes.
    Scalar {
        #[serde(borrow)]
        text: Cow<'a, str>,
        quoted: bool,
    },
    /// A sequence.
    List(#[serde(borrow)] Vec<Node<'a>>),
    /// A mapping, in the order of the file.
    Map(#[serde(borrow)] Vec<(Node<'a>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            Kind::Empty | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// The value of a key of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'a>> {
        match &self.kind {
            Kind::Map(pairs) => pairs
                .iter()
                .find(|(k, _)| k.text() == Some(key))
                .map(|(_, v)| v),
            Kind::Empty | Kind::Scalar { .. } | Kind::List(_) => None,
        }
    }

    /// Writes the canonical form: mappings sorted by key, lists sorted, no spaces. Two files that say the same in another
    /// order have the same canonical form; hashes are taken of it.
    pub(crate) fn canonical(&self) -> String {
        match &self.kind {
            Kind::Empty => "~".to_owned(),
            Kind::Scalar { text, .. } => format!("{text:?}"),
            Kind::List(items) => {
                let mut parts: Vec<String> = items.iter().map(Node::canonical).collect();
                parts.sort();
                format!("[{}]", parts.join(","))
            }
            Kind::Map(pairs) => {
                let mut parts: Vec<String> = pairs
                    .iter()
                    .map(|(k, v)| format!("{}:{}", k.canonical(), v.canonical()))
                    .collect();
                parts.sort();
                format!("{{{}}}", parts.join(","))
            }
        }
    }
}

/// The SHA-256 of a text, in hexadecimal.
pub(crate) fn hash(text: &str) -> String {
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(text) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Why a text could not be read to its end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) message: String,
    pub(crate) span: Span,
}

/// The kinds of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// Not YAML or JSON.
    Syntax,
    /// Larger, deeper or longer than a file may be.
    Limit,
    /// An anchor, alias or tag.
    Alias,
    /// More than one document.
    Documents,
}

/// Reads a text as far as it can be read. The tree holds what stood before the first fault.
pub(crate) fn read(source: &str) -> (Option<Node<'static>>, Option<Fault>) {
    if source.len() > MAX_BYTES {
        let message = format!("the file has more than {} MiB", MAX_BYTES / 1024 / 1024);
        return (
            None,
            Some(Fault {
                kind: FaultKind::Limit,
                message,
                span: Span::default(),
            }),
        );
    }
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH + 8,
        block_nesting_limit: MAX_DEPTH + 8,
    };
    let mut builder = Builder {
        source,
        ..Builder::default()
    };
    for event in Parser::new_from_str_with_options(source, options) {
        match event {
            Ok((event, span)) => {
                let span = span
                    .byte_range()
                    .map_or_else(Span::default, |r| Span::new(r.start, r.end));
                if let Err(fault) = builder.take(event, span) {
                    return (builder.finish(), Some(fault));
                }
            }
            Err(error) => {
                let at = byte_at(source, error.marker().line(), error.marker().col());
                let fault = Fault {
                    kind: FaultKind::Syntax,
                    message: error.info(),
                    span: Span::new(at, at),
                };
                return (builder.finish(), Some(fault));
            }
        }
    }
    (builder.finish(), None)
}

/// The byte at a line (from 1) and column (from 0, in characters).
fn byte_at(source: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for text in source.split_inclusive('\n').take(line.saturating_sub(1)) {
        start += text.len();
    }
    let rest = source.get(start..).unwrap_or_default();
    start
        + rest
            .char_indices()
            .nth(column)
            .map_or(rest.len(), |(i, _)| i)
}

#[derive(Default)]
struct Builder<'s> {
    source: &'s str,
    stack: Vec<Open>,
    root: Option<Node<'static>>,
    nodes: usize,
    documents: usize,
}

struct Open {
    span: Span,
    map: bool,
    items: Vec<Node<'static>>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let message = format!("the file has more than {MAX_NODES} values");
            return Err(Fault {
                kind: FaultKind::Limit,
                message,
                span,
            });
        }
        let alias = |what: &str| Fault {
            kind: FaultKind::Alias,
            message: format!("{what} are not read here"),
            span,
        };
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "a second document starts here".to_owned();
                    return Err(Fault {
                        kind: FaultKind::Documents,
                        message,
                        span,
                    });
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                if anchor != 0 {
                    return Err(alias("anchors (`&name`)"));
                }
                if tag.is_some() {
                    return Err(alias("tags (`!name`)"));
                }
                let plain = style == ScalarStyle::Plain;
                let kind = if plain && span.start == span.end {
                    Kind::Empty
                } else {
                    Kind::Scalar {
                        text: Cow::Owned(text.into_owned()),
                        quoted: !plain,
                    }
                };
                self.push(Node {
                    kind,
                    span: self.trim(span),
                });
            }
            Event::SequenceStart(_, anchor, tag) | Event::MappingStart(_, anchor, tag)
                if anchor != 0 || tag.is_some() =>
            {
                return Err(alias("anchors (`&name`) and tags (`!name`)"));
            }
            Event::SequenceStart(..) => self.open(false, span)?,
            Event::MappingStart(..) => self.open(true, span)?,
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(_) | Event::UnresolvedAlias(_) => return Err(alias("aliases (`*name`)")),
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, map: bool, span: Span) -> Result<(), Fault> {
        if self.stack.len() >= MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} levels of nesting");
            return Err(Fault {
                kind: FaultKind::Limit,
                message,
                span,
            });
        }
        self.stack.push(Open {
            span,
            map,
            items: Vec::new(),
        });
        Ok(())
    }

    fn close(&mut self, end: Span) {
        let Some(open) = self.stack.pop() else { return };
        let last = open.items.last().map_or(open.span.end, |n| n.span.end);
        // A block collection ends where its last value ends; a flow collection at its bracket.
        let end = if end.start >= last && self.closes(end) {
            end.end
        } else {
            last
        };
        let span = Span {
            start: open.span.start,
            end: end.max(open.span.start),
        };
        let kind = if open.map {
            let mut pairs = Vec::with_capacity(open.items.len() / 2);
            let mut items = open.items.into_iter();
            while let Some(key) = items.next() {
                let value = items.next().unwrap_or(Node {
                    kind: Kind::Empty,
                    span: key.span,
                });
                pairs.push((key, value));
            }
            Kind::Map(pairs)
        } else {
            Kind::List(open.items)
        };
        self.push(Node { kind, span });
    }

    fn closes(&self, span: Span) -> bool {
        let text = self.source.get(span.start as usize..span.end as usize);
        matches!(text, Some("]" | "}"))
    }

    /// A block scalar's span includes the line end.
    fn trim(&self, span: Span) -> Span {
        let text = self
            .source
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default();
        Span::new(
            span.start as usize,
            span.start as usize + text.trim_end().len(),
        )
    }

    fn push(&mut self, node: Node<'static>) {
        match self.stack.last_mut() {
            Some(open) => open.items.push(node),
            None => self.root = Some(node),
        }
    }

    fn finish(&mut self) -> Option<Node<'static>> {
        while !self.stack.is_empty() {
            self.close(Span::default());
        }
        self.root.take()
    }
}
