//! What is wrong with a file, where, and what to write instead.

use std::fmt;

use serde::Serialize;

use crate::text::{Fault, FaultKind, Span};

/// Most problems reported of one file; the rest is counted.
const MAX_REPORTED: usize = 200;

/// What kind of problem a diagnostic reports. The kebab-case name is stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The text is neither YAML nor JSON.
    Syntax,
    /// The file cannot be read at all.
    Unreadable,
    /// The bytes are not UTF-8 text.
    NotUtf8,
    /// The file is larger, deeper or longer than a file may be.
    Limit,
    /// An anchor, alias or tag, which are not read.
    Alias,
    /// The file holds more than one document.
    Documents,
    /// The file holds nothing.
    EmptyFile,
    /// A key that nothing reads.
    UnknownKey,
    /// A key given twice.
    DuplicateKey,
    /// A key that must be there and is not.
    MissingKey,
    /// A key without a value.
    EmptyValue,
    /// A list, mapping or scalar where another shape belongs.
    WrongShape,
    /// A name that the dictionary does not have.
    UnknownName,
    /// A word that is not among the possible ones.
    UnknownWord,
    /// Not a number as it must be written.
    BadNumber,
    /// A decimal comma.
    DecimalComma,
    /// A quantity without a unit.
    MissingUnit,
    /// A unit that this quantity does not have.
    UnknownUnit,
    /// A value that cannot be.
    ImpossibleValue,
    /// A value that hardly can be: read, and marked for confirmation.
    UnlikelyValue,
    /// Not a date as it must be written.
    BadDate,
    /// A date that can be read in two ways.
    AmbiguousDate,
    /// A dose that cannot be read.
    BadDose,
    /// Not a period of time.
    BadPeriod,
    /// Two statements that cannot both hold.
    Contradiction,
    /// The plan names no label.
    NoLabel,
    /// The library has no such document.
    UnknownDocument,
    /// An expression that asks something the fact cannot answer.
    WrongTest,
    /// An identifier used twice.
    DuplicateId,
    /// An identifier that is not kebab-case, or the id of a patient that looks like a name.
    BadId,
    /// An answer behind a `#`, which nothing reads: an error where its section denies the rest.
    UnreadAnswer,
    /// A result dated after the day of judgement: reported and ignored.
    LaterResult,
    /// A criterion that can never be met, or always is.
    Decided,
    /// A fact in two branches that leaves a criterion unknown where logic would decide.
    TwoBranches,
    /// Limits or rows of one document that contradict, hide or miss each other.
    Shadowed,
    /// The same statement twice.
    SameStatement,
    /// A fact that nothing asks for.
    UnusedFact,
    /// A hazard without a text.
    NoText,
    /// A signature past its day.
    ReviewOverdue,
    /// A finding that most patients would have.
    Volume,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 40] = [
        Self::Syntax,
        Self::Unreadable,
        Self::NotUtf8,
        Self::Limit,
        Self::Alias,
        Self::Documents,
        Self::EmptyFile,
        Self::UnknownKey,
        Self::DuplicateKey,
        Self::MissingKey,
        Self::EmptyValue,
        Self::WrongShape,
        Self::UnknownName,
        Self::UnknownWord,
        Self::BadNumber,
        Self::DecimalComma,
        Self::MissingUnit,
        Self::UnknownUnit,
        Self::ImpossibleValue,
        Self::UnlikelyValue,
        Self::BadDate,
        Self::AmbiguousDate,
        Self::BadDose,
        Self::BadPeriod,
        Self::Contradiction,
        Self::NoLabel,
        Self::UnknownDocument,
        Self::WrongTest,
        Self::DuplicateId,
        Self::BadId,
        Self::UnreadAnswer,
        Self::LaterResult,
        Self::Decided,
        Self::TwoBranches,
        Self::Shadowed,
        Self::SameStatement,
        Self::UnusedFact,
        Self::NoText,
        Self::ReviewOverdue,
        Self::Volume,
    ];

    /// The stable name, in kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Unreadable => "unreadable",
            Self::NotUtf8 => "not-utf8",
            Self::Limit => "limit",
            Self::Alias => "alias",
            Self::Documents => "documents",
            Self::EmptyFile => "empty-file",
            Self::UnknownKey => "unknown-key",
            Self::DuplicateKey => "duplicate-key",
            Self::MissingKey => "missing-key",
            Self::EmptyValue => "empty-value",
            Self::WrongShape => "wrong-shape",
            Self::UnknownName => "unknown-name",
            Self::UnknownWord => "unknown-word",
            Self::BadNumber => "bad-number",
            Self::DecimalComma => "decimal-comma",
            Self::MissingUnit => "missing-unit",
            Self::UnknownUnit => "unknown-unit",
            Self::ImpossibleValue => "impossible-value",
            Self::UnlikelyValue => "unlikely-value",
            Self::BadDate => "bad-date",
            Self::AmbiguousDate => "ambiguous-date",
            Self::BadDose => "bad-dose",
            Self::BadPeriod => "bad-period",
            Self::Contradiction => "contradiction",
            Self::NoLabel => "no-label",
            Self::UnknownDocument => "unknown-document",
            Self::WrongTest => "wrong-test",
            Self::DuplicateId => "duplicate-id",
            Self::BadId => "bad-id",
            Self::UnreadAnswer => "unread-answer",
            Self::LaterResult => "later-result",
            Self::Decided => "decided-already",
            Self::TwoBranches => "two-branches",
            Self::Shadowed => "shadowed",
            Self::SameStatement => "same-statement",
            Self::UnusedFact => "unused-fact",
            Self::NoText => "no-text",
            Self::ReviewOverdue => "review-overdue",
            Self::Volume => "volume",
        }
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

/// Whether a file with this problem is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file is not used.
    Error,
    /// The file is used; the reader should know.
    Warning,
}

/// One problem of a file: what, where, and what to write instead. It never repeats what the file says of a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What kind of problem it is.
    pub code: Code,
    /// Whether the file is used all the same.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// The name of the file.
    pub file: String,
    /// The line, from 1; 0 when the problem has no place.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The line where the place ends.
    pub end_line: usize,
    /// The column after the place.
    pub end_column: usize,
    /// What to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The place in bytes of the file.
    #[serde(skip)]
    pub bytes: std::ops::Range<usize>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}[{}]: {}", self.code.name(), self.message)?;
        write!(f, " ({}:{}:{})", self.file, self.line, self.column)?;
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

/// Everything that is wrong with the files that were read: the library's one error. It is never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", summary(.list))]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// The problems, in the order of the files.
    pub fn list(&self) -> &[Diagnostic] {
        &self.list
    }
}

fn summary(list: &[Diagnostic]) -> String {
    let lines: Vec<String> = list.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Collects the problems of one file.
#[derive(Debug)]
pub(crate) struct Collector<'s> {
    file: String,
    source: &'s str,
    list: Vec<Diagnostic>,
    left_out: usize,
    /// The file could not be read to its end.
    cut_short: bool,
}

impl<'s> Collector<'s> {
    pub(crate) fn new(file: &str, source: &'s str) -> Self {
        Self {
            file: file.to_owned(),
            source,
            list: Vec::new(),
            left_out: 0,
            cut_short: false,
        }
    }

    pub(crate) fn error(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        self.add(code, Severity::Error, span, message.into(), help.into());
    }

    pub(crate) fn warning(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        self.add(code, Severity::Warning, span, message.into(), help.into());
    }

    pub(crate) fn fault(&mut self, fault: &Fault) {
        self.cut_short = true;
        let (code, help) = match fault.kind {
            FaultKind::Syntax => {
                let help = self.indentation(fault);
                (Code::Syntax, help.or_else(|| syntax_help(&fault.message)))
            }
            FaultKind::Limit => (
                Code::Limit,
                Some("split the file; a profile holds one patient".to_owned()),
            ),
            FaultKind::Alias => (
                Code::Alias,
                Some("write the value itself, in quotes if it starts with & * or !".to_owned()),
            ),
            FaultKind::Documents => (
                Code::Documents,
                Some("keep one document in a file".to_owned()),
            ),
        };
        self.error(code, fault.span, fault.message.clone(), help);
    }

    fn add(
        &mut self,
        code: Code,
        severity: Severity,
        span: Span,
        message: String,
        help: Option<String>,
    ) {
        if self.list.len() >= MAX_REPORTED {
            self.left_out += 1;
            return;
        }
        let (bytes, (line, column), (end_line, end_column)) = if span == Span::NOWHERE {
            (0..0, (0, 0), (0, 0))
        } else {
            let bytes = self.clamp(span);
            let (start, end) = (self.place(bytes.start), self.place(bytes.end));
            (bytes, start, end)
        };
        let file = self.file.clone();
        self.list.push(Diagnostic {
            code,
            severity,
            message,
            file,
            line,
            column,
            end_line,
            end_column,
            help,
            bytes,
        });
    }

    /// What to do about a line that stands further in or out than the ones around it.
    fn indentation(&self, fault: &Fault) -> Option<String> {
        let block = ["block mapping", "block collection", "mapping values"];
        if !block.iter().any(|b| fault.message.contains(b)) {
            return None;
        }
        let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let at = self.line(fault.span);
        let here = self.source.lines().nth(at - 1).map(blanks)?;
        let says = |l: &&str| !l.trim().is_empty() && !l.trim_start().starts_with('#');
        let above = self.source.lines().take(at - 1).filter(says).last()?;
        let before = blanks(above);
        if here == before || above.trim_end().ends_with(':') {
            return (!fault.message.contains("mapping values")).then(|| {
                "check the blanks at the beginning of this line and its neighbours".to_owned()
            });
        }
        let blanks = |n: usize| format!("{n} {}", if n == 1 { "blank" } else { "blanks" });
        let (here, before) = (blanks(here), blanks(before));
        Some(format!(
            "this line begins with {here}, the one above with {before}: lines that belong together begin with the same"
        ))
    }

    fn clamp(&self, span: Span) -> std::ops::Range<usize> {
        let mut start = (span.start as usize).min(self.source.len());
        let mut end = (span.end as usize).clamp(start, self.source.len());
        while !self.source.is_char_boundary(start) {
            start -= 1;
        }
        while !self.source.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }

    /// The line of a place, from 1.
    pub(crate) fn line(&self, span: Span) -> usize {
        self.place(self.clamp(span).start).0
    }

    fn place(&self, byte: usize) -> (usize, usize) {
        let before = self.source.get(..byte).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        (line, column)
    }

    /// The errors as an error, or the warnings.
    pub(crate) fn finish(mut self) -> Result<Vec<Diagnostic>, Diagnostics> {
        if self.cut_short {
            // What is missing may stand below the place where reading ended.
            self.list
                .retain(|d| !matches!(d.code, Code::MissingKey | Code::EmptyValue | Code::NoLabel));
        }
        if self.left_out > 0 {
            let message = format!("{} more problems are not shown", self.left_out + 1);
            self.left_out = 0;
            self.list.truncate(MAX_REPORTED - 1);
            self.error(Code::Limit, Span::default(), message, None);
        }
        self.list
            .sort_by_key(|d| (d.bytes.start, d.bytes.end, d.code));
        if self.list.iter().any(|d| d.severity == Severity::Error) {
            Err(Diagnostics { list: self.list })
        } else {
            Ok(self.list)
        }
    }
}

impl Diagnostics {
    /// One problem that has no place in a file.
    pub(crate) fn one(
        code: Code,
        file: &str,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) -> Self {
        let mut collector = Collector::new(file, "");
        collector.error(code, Span::NOWHERE, message, help);
        Self {
            list: collector.list,
        }
    }

    /// Moves what lies in the part of a text from byte `from` on into a file of its own.
    pub(crate) fn part_of(mut self, text: &str, from: usize, file: &str) -> Self {
        let before = text.get(..from).unwrap_or_default().matches('\n').count();
        for d in self.list.iter_mut().filter(|d| d.line > before) {
            file.clone_into(&mut d.file);
            d.line -= before;
            d.end_line = d.end_line.saturating_sub(before);
            d.bytes = d.bytes.start.saturating_sub(from)..d.bytes.end.saturating_sub(from);
        }
        self
    }

    /// Changes what is said of some problems.
    pub(crate) fn each(mut self, change: impl FnMut(&mut Diagnostic)) -> Self {
        self.list.iter_mut().for_each(change);
        self
    }

    /// Puts the problems of several files together; none is no error.
    pub(crate) fn join(parts: Vec<Self>) -> Result<(), Self> {
        let list: Vec<Diagnostic> = parts.into_iter().flat_map(|p| p.list).collect();
        if list.is_empty() {
            Ok(())
        } else {
            Err(Self { list })
        }
    }
}

fn syntax_help(message: &str) -> Option<String> {
    let help = if message.contains("block scalar") {
        "quote a value that starts with > or |, as \">60 mL/min/1.73m2\""
    } else if message.contains("document start") {
        "a bracket closes here that was never opened, or a line starts too far left"
    } else if message.contains("quoted scalar") || message.contains("quote") {
        "a quote was opened above and not closed"
    } else if message.contains("tab") {
        "indent with spaces, not with tabs"
    } else if message.contains("flow") {
        "a bracket `[` or `{` was opened and not closed"
    } else if message.contains("mapping values") || message.contains("simple key") {
        "write `key: value` with a space after the colon, and quote a value that holds `: ` or starts with > or <"
    } else {
        return None;
    };
    Some(help.to_owned())
}
