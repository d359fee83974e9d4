//! Diagnostics drawn for people: the line, the place, the code, and what to write instead.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use jakscreen::{Diagnostic, Severity};

/// Most characters of a line that are drawn.
const MAX_LINE: usize = 200;

/// Draws problems of a file with their lines.
pub(super) fn draw<'d>(
    list: impl Iterator<Item = &'d Diagnostic>,
    source: &str,
    color: bool,
) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    list.map(|d| one(d, source, &renderer) + "\n").collect()
}

fn one(diagnostic: &Diagnostic, source: &str, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let placed = diagnostic.line > 0 && !source.is_empty();
    let message = if placed {
        clean(&diagnostic.message)
    } else {
        clean(&format!("{}: {}", diagnostic.file, diagnostic.message))
    };
    let title = level.primary_title(message).id(diagnostic.code.name());
    let (line, span) = if placed {
        cut(source, diagnostic)
    } else {
        (String::new(), 0..0)
    };
    let mut group = if placed {
        let snippet = Snippet::source(&line)
            .line_start(diagnostic.line)
            .path(&diagnostic.file)
            .annotation(AnnotationKind::Primary.span(span));
        title.element(snippet)
    } else {
        title.elements(Vec::<annotate_snippets::Element<'_>>::new())
    };
    let help = diagnostic.help.as_ref().map(|h| clean(h));
    if let Some(help) = help {
        group = group.element(Level::HELP.message(help));
    }
    renderer.render(&[group])
}

/// The line of a problem without control characters, and the place in it. A long line is shown around the place only.
fn cut(source: &str, diagnostic: &Diagnostic) -> (String, std::ops::Range<usize>) {
    let start = source
        .get(..diagnostic.bytes.start)
        .map_or(0, |before| before.rfind('\n').map_or(0, |i| i + 1));
    let rest = source.get(start..).unwrap_or_default();
    let line = rest.split(['\n', '\r']).next().unwrap_or_default();
    let from = source
        .get(start..diagnostic.bytes.start)
        .unwrap_or_default()
        .chars()
        .count();
    let marked = source
        .get(diagnostic.bytes.clone())
        .unwrap_or_default()
        .split(['\n', '\r'])
        .next()
        .unwrap_or_default()
        .chars()
        .count();
    let skip = from.saturating_sub(MAX_LINE / 2);
    let shown: Vec<char> = line
        .chars()
        .skip(skip)
        .take(MAX_LINE)
        .map(|c| {
            if c == '\t' {
                '\u{2192}'
            } else if c.is_control() || is_bidi(c) {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect();
    let begin = (from - skip).min(shown.len());
    let end = (begin + marked.max(1)).min(shown.len()).max(begin);
    let bytes = |n: usize| shown.iter().take(n).map(|c| c.len_utf8()).sum::<usize>();
    (shown.iter().collect(), bytes(begin)..bytes(end))
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !is_bidi(*c))
        .collect()
}
