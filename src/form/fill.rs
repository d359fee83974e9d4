//! Answers written into the text of a profile, line by line: all else stays as it stands.

use super::{Asks, BORN, Form, FormLine, REST, SECTIONS, is_date};
use crate::profile::{Response, absence};

/// The lines of a section in a text.
struct Block {
    /// The line of its name.
    head: usize,
    /// The line after its last one.
    end: usize,
    /// How far its keys stand in.
    indent: String,
}

/// A text with a line answered.
pub(super) fn answered(form: &Form, source: &str, line: &FormLine, answer: &str) -> Option<String> {
    let mut text = Text::new(source);
    let one_line = answer.replace(char::is_control, " ");
    text.answer(form, line, one_line.trim())?;
    Some(text.joined())
}

/// The day of the results of a sample, where the text says it.
pub(super) fn day_of(form: &Form, source: &str, sample: Option<&str>) -> Option<String> {
    let text = Text::new(source);
    let head = text.panel(form, sample)?;
    let day = value(text.lines.get(head)?);
    (!day.is_empty() && absence(&day).is_none()).then_some(day)
}

struct Text {
    lines: Vec<String>,
    end: &'static str,
}

impl Text {
    fn new(source: &str) -> Self {
        let end = if source.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        };
        let lines = source.lines().map(str::to_owned).collect();
        Self { lines, end }
    }

    fn joined(&self) -> String {
        self.lines
            .iter()
            .flat_map(|l| [l.as_str(), self.end])
            .collect()
    }

    fn line(&self, at: usize) -> &str {
        self.lines.get(at).map_or("", String::as_str)
    }

    fn set(&mut self, at: usize, line: String) {
        if let Some(old) = self.lines.get_mut(at) {
            *old = line;
        }
    }

    fn answer(&mut self, form: &Form, line: &FormLine, answer: &str) -> Option<()> {
        match (line.section, line.asks, &line.part_of) {
            ("", ..) => {
                let written = format!("{}: {}", line.key, scalar(answer));
                let all = Block {
                    head: 0,
                    end: self.lines.len(),
                    indent: String::new(),
                };
                match self.place(&all, "", &line.key) {
                    Some(at) => self.set(at, written),
                    None => self.lines.insert(self.top(), written),
                }
            }
            ("tests", Asks::Day, _) => self.day(form, line, answer)?,
            ("tests", ..) => {
                let head = self.panel(form, line.sample.as_deref())?;
                let end = self.panel_end(head);
                let indent = " ".repeat(stands_in(self.line(head)) + 2);
                let panel = Block { head, end, indent };
                self.put(&panel, &line.key, answer);
            }
            (section, Asks::List, _) => {
                let (name, known) = match answer {
                    "none" | "no" => (REST, "no"),
                    _ => named(answer),
                };
                let block = self.block(section)?;
                self.put(&block, name, known);
            }
            (section, Asks::Unrecognised, _) => {
                let block = self.block(section)?;
                self.unrecognised(&block, line, answer)?;
            }
            (section, _, Some(parent)) => {
                let block = self.block(section)?;
                let own = form.value_key(parent).unwrap_or("date");
                self.more(&block, parent, own, &line.key, answer)?;
            }
            (section, ..) => {
                let block = self.block(section)?;
                let age = line.key == BORN.0 && !is_date(answer) && absence(answer).is_none();
                if age && let Some(at) = self.place(&block, &block.indent, BORN.0) {
                    self.set(
                        at,
                        format!("{}{}: {}", block.indent, BORN.1, scalar(answer)),
                    );
                } else {
                    let key = if age { BORN.1 } else { &line.key };
                    self.put(&block, key, answer);
                }
            }
        }
        Some(())
    }

    /// Where a key at the top belongs: before the first section.
    fn top(&self) -> usize {
        let section = |l: &String| key_of(l).is_some_and(|k| SECTIONS.contains(&k));
        let first = self
            .lines
            .iter()
            .position(|l| stands_in(l) == 0 && section(l));
        first.unwrap_or(self.lines.len())
    }

    /// The block of a section, which is added where it is missing; none if it is written in one line.
    fn block(&mut self, section: &str) -> Option<Block> {
        let is_head = |l: &String| key_of(l) == Some(section) && stands_in(l) == 0;
        let Some(head) = self.lines.iter().position(is_head) else {
            self.lines.extend([String::new(), format!("{section}:")]);
            let end = self.lines.len();
            let indent = "  ".to_owned();
            return Some(Block {
                head: end - 1,
                end,
                indent,
            });
        };
        if !value(self.line(head)).is_empty() {
            return None;
        }
        let rest = self.lines.iter().enumerate().skip(head + 1);
        let outside = |l: &str| !l.trim().is_empty() && !l.starts_with([' ', '\t', '#', '-']);
        let end = rest.clone().find(|(_, l)| outside(l)).map(|(i, _)| i);
        let end = end.unwrap_or(self.lines.len());
        let live = |l: &str| !l.trim().is_empty() && !l.trim_start().starts_with('#');
        let first = rest.take(end - head - 1).find(|(_, l)| live(l));
        let indent = first.map_or(2, |(_, l)| stands_in(l));
        Some(Block {
            head,
            end,
            indent: " ".repeat(indent),
        })
    }

    /// The line of a key in a block, answered or not.
    fn place(&self, block: &Block, indent: &str, key: &str) -> Option<usize> {
        let here = |at: &usize| {
            let line = self.line(*at);
            let bare = line.trim_start();
            let open = bare.strip_prefix('#').filter(|b| !b.starts_with(' '));
            let here = open.or((stands_in(line) == indent.len()).then_some(bare));
            here.is_some_and(|l| key_of(l.trim_start_matches("- ")) == Some(key))
        };
        let from = if block.indent.is_empty() {
            block.head
        } else {
            block.head + 1
        };
        (from..block.end).find(here)
    }

    /// Writes a key of a block: over its line, else before the denial of the rest, else at the end.
    fn put(&mut self, block: &Block, key: &str, answer: &str) {
        let written = format!("{}{key}: {}", block.indent, scalar(answer));
        if let Some(at) = self.place(block, &block.indent, key) {
            self.set(at, written);
            return;
        }
        let rest = self.place(block, &block.indent, REST);
        self.lines.insert(rest.unwrap_or(self.last(block)), written);
    }

    /// After the last line of a block that says something.
    fn last(&self, block: &Block) -> usize {
        let says = |at: &usize| !self.line(*at).trim().is_empty();
        (block.head..block.end)
            .rev()
            .find(says)
            .map_or(block.end, |at| at + 1)
    }

    /// Says more of a line, in one line with what stands there, which is under `own` if it is a word.
    fn more(
        &mut self,
        block: &Block,
        name: &str,
        own: &str,
        key: &str,
        answer: &str,
    ) -> Option<()> {
        let given = self.given(block, name);
        let said = match given.as_deref() {
            None | Some("yes" | "true") => String::new(),
            // A mapping of lines below it.
            Some("") => return None,
            Some(map) if map.starts_with('{') => {
                let inside = map.strip_prefix('{')?.strip_suffix('}')?.trim();
                format!("{}, ", inside.trim_end_matches(','))
            }
            Some(word) => format!("{own}: {word}, "),
        };
        let map = format!("{{ {said}{key}: {} }}", scalar(answer));
        self.put(block, name, &map);
        Some(())
    }

    /// What is said of a name, if anything is.
    fn given(&self, block: &Block, name: &str) -> Option<String> {
        let line = self.line(self.place(block, &block.indent, name)?);
        (!is_comment(line)).then(|| value(line))
    }

    /// A medicine that is not known: the name that is meant, or its classes. What is written of it stays.
    fn unrecognised(&mut self, block: &Block, line: &FormLine, answer: &str) -> Option<()> {
        let at = self.place(block, &block.indent, &line.key)?;
        if let Some(name) = line.suggests.as_ref().filter(|_| answer == "yes") {
            let renamed = self.line(at).replacen(&line.key, name, 1);
            self.set(at, renamed);
        } else if answer.starts_with('{') && answer.contains("dose:") {
            self.put(block, &line.key, answer);
        } else {
            let given = self.given(block, &line.key)?;
            if absence(&given).is_some() {
                return None;
            }
            let outcome = Response::WORDS.iter().any(|(word, _)| *word == given);
            let own = if outcome { "outcome" } else { "dose" };
            let classes = answer.strip_prefix('{').and_then(|a| a.strip_suffix('}'));
            let classes = classes.unwrap_or(answer).trim();
            let classes = classes.strip_prefix("classes:").unwrap_or(classes);
            self.more(block, &line.key, own, "classes", classes.trim())?;
        }
        Some(())
    }

    /// The panel in which the tests of a sample stand or are to be written: its first line.
    fn panel(&self, form: &Form, sample: Option<&str>) -> Option<usize> {
        let head = self.lines.iter().position(|l| key_of(l) == Some("tests"))?;
        let mut starts = None;
        for (at, line) in self.lines.iter().enumerate().skip(head + 1) {
            let bare = line.trim_start();
            if !line.is_empty() && !line.starts_with([' ', '\t', '#', '-']) {
                break;
            }
            if bare.strip_prefix("- ").and_then(key_of) == Some("date") {
                starts = Some(at);
            }
            let key = key_of(bare.strip_prefix('#').unwrap_or(bare));
            let mut tests = form.of_sample(sample).filter(|l| !l.is_day());
            if starts.is_some() && tests.any(|l| Some(l.key.as_str()) == key) {
                return starts;
            }
        }
        None
    }

    fn panel_end(&self, head: usize) -> usize {
        let indent = stands_in(self.line(head));
        let outside = |l: &String| {
            let bare = l.trim_start();
            !bare.is_empty() && !bare.starts_with('#') && stands_in(l) <= indent
        };
        let rest = self.lines.iter().enumerate().skip(head + 1);
        let next = rest.clone().find(|(_, l)| outside(l)).map(|(at, _)| at);
        next.unwrap_or(self.lines.len())
    }

    /// The day of a panel. One that is not there is added, with the lines of its tests.
    fn day(&mut self, form: &Form, line: &FormLine, answer: &str) -> Option<()> {
        if let Some(at) = self.panel(form, line.sample.as_deref()) {
            let indent = stands_in(self.line(at));
            let written = format!("{}- date: {}", " ".repeat(indent), scalar(answer));
            self.set(at, written);
            return Some(());
        }
        let block = self.block("tests")?;
        let says = |l: &&str| !l.is_empty() && !is_comment(l);
        let lines = (block.head + 1..block.end).map(|at| self.line(at).trim_start());
        if lines
            .clone()
            .find(says)
            .is_some_and(|l| !l.starts_with('-'))
        {
            // Results of the file's own day, in one mapping.
            return None;
        }
        let mut panel = vec![format!("{}- date: {}", block.indent, scalar(answer))];
        let tests = form
            .of_sample(line.sample.as_deref())
            .filter(|l| !l.is_day());
        panel.extend(tests.map(|l| format!("{}  #{}:", block.indent, l.key)));
        let at = self.last(&block);
        self.lines.splice(at..at, panel);
        Some(())
    }
}

impl Form {
    /// The key of the value itself of a fact with attributes.
    fn value_key(&self, fact: &str) -> Option<&str> {
        let line = self
            .lines
            .iter()
            .find(|l| l.part_of.is_none() && l.key == fact);
        line.and_then(|l| l.value_key.as_deref())
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

fn stands_in(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The key of a line `key: value`.
fn key_of(line: &str) -> Option<&str> {
    let (key, rest) = line.trim_start().split_once(':')?;
    (rest.is_empty() || rest.starts_with([' ', '\t', '\r'])).then_some(key)
}

/// What stands after the key of a line, without a comment.
fn value(line: &str) -> String {
    let rest = line.split_once(':').map_or("", |(_, rest)| rest).trim();
    let end = if rest.starts_with('#') {
        Some(0)
    } else {
        rest.find(" #")
    };
    rest.get(..end.unwrap_or(rest.len()))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// `name: what is known`, or a name alone: `yes`.
fn named(answer: &str) -> (&str, &str) {
    match answer.split_once(':') {
        Some((name, known)) if !known.trim().is_empty() => (name.trim(), known.trim()),
        Some((name, _)) => (name.trim(), "yes"),
        None => (answer, "yes"),
    }
}

/// A value as YAML: as it is where that is certain to be read so, else in quotes. Maps and lists are the author's own.
fn scalar(answer: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || " .,-_/%*^+()".contains(c);
    let own = answer.starts_with(['{', '[', '"', '\'']);
    let starts = answer.starts_with(|c: char| c.is_alphanumeric());
    if own || (starts && answer.chars().all(plain)) {
        answer.to_owned()
    } else {
        let inside: String = answer.chars().filter(|c| !c.is_control()).collect();
        format!("'{}'", inside.replace('\'', "''"))
    }
}
