//! A form as text: a profile in which nothing is said but the plan.

use std::fmt::Write as _;

use super::layout::wrap;
use super::phrase::name;
use crate::form::{Form, FormLine};

const WIDTH: usize = 80;

/// Renders a form: valid as it stands, and read as the plan alone.
pub fn blank(form: &Form) -> String {
    let documents = form.documents.iter();
    let documents = documents.map(|d| format!("{}, revision {}", d.id, d.revision));
    let title = format!(
        "What has to be known before {} for {}: asked for by {}, and by the guidance beside it.",
        name(&form.drug),
        name(&form.indication),
        documents.collect::<Vec<_>>().join("; ")
    );
    let mut blank = Blank {
        form,
        out: String::new(),
    };
    for text in [
        &title,
        "",
        "To answer, take away the # that stands directly before a name and write the answer after its colon; where \
         `unknown` stands, write over it. A line left as it is reads as not asked: never as no, never as normal.",
        "A date is written as 2019-05-07, as 2019-05 or as 2019, as far as it is known; a value with < or > in front \
         stands in quotes. Any answer may say why there is none: not_done, not_asked, pending, declined, unknown.",
        "`everything_else: no` says that everything not listed was asked about and denied: write it only after asking \
         about everything.",
        "Write no name, address or record number of a patient: at most an id of your own.",
    ] {
        blank.prose("# ", "# ", text);
    }
    blank.out.push('\n');
    let mut section = "";
    for line in form.lines.iter().filter(|l| l.part_of.is_none()) {
        let (first, member) = (line.section != section, blank.group(line).is_some());
        if first {
            section = line.section;
            blank.head(section);
        } else if !member && !blank.out.ends_with("\n\n") {
            blank.out.push('\n');
        }
        blank.line(line, member);
    }
    blank.out
}

struct Blank<'f> {
    form: &'f Form,
    out: String,
}

impl Blank<'_> {
    /// The name of a section, and in the plan what is planned.
    fn head(&mut self, section: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "\n{section}:");
        if section == "plan" {
            let labels = match self.form.labels.as_slice() {
                [one] => one.clone(),
                many => format!("[{}]", many.join(", ")),
            };
            let (drug, indication) = (&self.form.drug, &self.form.indication);
            let _ = writeln!(self.out, "  drug: {drug}\n  indication: {indication}");
            let _ = writeln!(self.out, "  label: {labels}");
        }
    }

    /// The group under which a line stands.
    fn group(&self, line: &FormLine) -> Option<&FormLine> {
        let mut lines = self.form.lines.iter();
        lines.find(|l| l.section == line.section && !l.is_list() && l.kinds.contains(&line.key))
    }

    fn line(&mut self, line: &FormLine, member: bool) {
        let indent = match (line.section, line.is_day()) {
            ("", _) => "",
            ("tests", false) => "    ",
            _ => "  ",
        };
        let (here, below) = (format!("{indent}# "), format!("{indent}#   "));
        let lead = if member { &below } else { &here };
        let text = self.asked(line, member);
        self.prose(lead, lead, &text);
        for attribute in self.form.lines.iter().filter(|l| is_part(l, line)) {
            let text = format!("{}: {}", attribute.key, self.asked(attribute, false));
            self.prose(&below, &format!("{below}  "), &text);
        }
        let key = &line.key;
        let _ = match line.stands_open() {
            true if line.is_day() => writeln!(self.out, "{indent}- {key}: unknown"),
            true if *key != line.fact && !line.is_denial() => {
                writeln!(self.out, "{indent}{key}: unknown\n{indent}#{}:", line.fact)
            }
            true => writeln!(self.out, "{indent}{key}: unknown"),
            false if line.is_list() => Ok(()),
            false => writeln!(self.out, "{indent}#{key}:"),
        };
    }

    /// The question with what to write.
    fn asked(&self, line: &FormLine, member: bool) -> String {
        let condition = if member {
            Some("if so".to_owned())
        } else {
            line.condition()
        };
        let condition = condition.map(|c| format!("{}: ", upper(&c)));
        let instead = line.instead_of.as_ref();
        let instead = instead.map(|(_, other)| format!("Instead of {other}: "));
        let mut expects = line.expects.clone();
        let parts = self.form.lines.iter().filter(|l| is_part(l, line));
        let parts: Vec<&str> = parts.map(|l| l.key.as_str()).collect();
        if !parts.is_empty() {
            let keys = line.own_key().into_iter().chain(parts);
            let keys: Vec<String> = keys.map(|k| format!("{k}: ...")).collect();
            let _ = write!(
                expects,
                "; or what more is known: {{ {} }}",
                keys.join(", ")
            );
        }
        // Members that have a line of their own stand below.
        let own = |kind: &&String| {
            let mut lines = self.form.lines.iter();
            !line.is_list() && lines.any(|l| l.section == line.section && l.key == **kind)
        };
        let kinds = line.kinds.iter().filter(|k| !own(k));
        let kinds: Vec<&str> = kinds.map(String::as_str).collect();
        if !kinds.is_empty() {
            let say = if line.is_list() {
                "the plan asks for"
            } else {
                "better, in a line of its own, which"
            };
            let _ = write!(expects, "; {say}: {}", kinds.join(", "));
        }
        let (instead, condition) = (instead.unwrap_or_default(), condition.unwrap_or_default());
        format!("{instead}{condition}{} [{expects}]", line.question)
    }

    fn prose(&mut self, first: &str, rest: &str, text: &str) {
        let (here, below) = (WIDTH - first.len(), WIDTH - rest.len());
        for (i, line) in wrap(text, below, here).iter().enumerate() {
            let lead = if i == 0 { first } else { rest };
            let _ = writeln!(self.out, "{}", format!("{lead}{line}").trim_end());
        }
    }
}

fn is_part(line: &FormLine, of: &FormLine) -> bool {
    line.section == of.section && line.part_of.as_ref() == Some(&of.key)
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next();
    first.map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
