//! How text is laid out for a terminal: leads, wrapped lines, marks.

use std::fmt::Write as _;

/// How a text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns of a line.
    pub width: usize,
    /// Mark words with ANSI colours.
    pub color: bool,
    /// Print what is folded otherwise: criteria not met, not evaluated, the basis.
    pub all: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            width: 80,
            color: false,
            all: false,
        }
    }
}

/// The marks: a word and a shape for each, besides the colour.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    Barrier,
    NotKnown,
    Weigh,
    ToDo,
    Plain,
}

impl Mark {
    fn ansi(self) -> &'static str {
        match self {
            Self::Barrier => "1;31",
            Self::NotKnown => "1;35",
            Self::Weigh => "1;33",
            Self::ToDo => "1;34",
            Self::Plain => "1",
        }
    }
}

pub(super) struct Page {
    pub(super) out: String,
    pub(super) style: Style,
}

impl Page {
    pub(super) fn new(style: Style) -> Self {
        let out = String::new();
        Self { out, style }
    }

    pub(super) fn paint(&self, mark: Mark, word: &str) -> String {
        if self.style.color {
            format!("\u{1b}[{}m{word}\u{1b}[0m", mark.ansi())
        } else {
            word.to_owned()
        }
    }

    pub(super) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A painted lead, then text wrapped under it.
    pub(super) fn item(&mut self, mark: Mark, lead: &str, text: &str, indent: usize) {
        let first = lead.chars().count().max(indent);
        let painted = self.paint(mark, lead);
        let pad = " ".repeat(first - lead.chars().count());
        let mut lines = wrap(
            text,
            self.style.width.saturating_sub(indent).max(20),
            self.style.width.saturating_sub(first).max(20),
        )
        .into_iter();
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.out,
            "{painted}{pad}{}",
            lines.next().unwrap_or_default()
        );
        for line in lines {
            let _ = writeln!(self.out, "{}{line}", " ".repeat(indent));
        }
    }

    pub(super) fn section(&mut self, mark: Mark, title: &str, remark: &str) {
        self.blank();
        let painted = self.paint(mark, title);
        let _ = writeln!(self.out, "{painted}{remark}");
    }
}

/// Lines of at most `width` characters, the first of at most `first`; nothing is cut, a word longer than a line is broken, after a
/// `-` or `/` if it can be.
pub(super) fn wrap(text: &str, width: usize, first: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut room = first;
    for word in text.split_whitespace() {
        let address = word.contains("://");
        let mut word: Vec<char> = word.chars().collect();
        let used = line.chars().count();
        if used > 0 && used + 1 + word.len() > room {
            lines.push(std::mem::take(&mut line));
            room = width;
        }
        while word.len() > room {
            // An id breaks after a joint of its own, if there is one; an address does not.
            let joint = word
                .iter()
                .take(room)
                .rposition(|c| !address && "-/".contains(*c));
            let rest = word.split_off(joint.map_or(room, |at| at + 1));
            lines.push(word.into_iter().collect());
            word = rest;
            room = width;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word);
    }
    lines.push(line);
    lines
}
