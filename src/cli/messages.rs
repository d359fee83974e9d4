//! What a run says beside its result, in the format asked for: the one place that writes to stderr.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{MAIN_SEPARATOR_STR, Path};

use clap::{Args, ValueEnum};
use jakscreen::{Code, Diagnostic, Diagnostics, Severity, Style};
use serde::Serialize;
use serde_json::{Value, json};

use super::draw::draw;
use super::files::{Text, Unreadable};
use super::{Status, print};

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Show {
    /// Colour words
    #[arg(long, value_enum, default_value_t = When::Auto, value_name = "WHEN", global = true)]
    color: When,
    /// How problems and notes are written
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT", global = true)]
    message_format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, with the line of each problem
    Text,
    /// One JSON object a line
    Json,
    /// One SARIF 2.1.0 log of the run
    Sarif,
}

#[derive(Debug)]
pub(super) struct Messages {
    show: Show,
    /// What the SARIF log will hold: of files, and of the run.
    results: Vec<Value>,
    notifications: Vec<Value>,
    /// The log was the result of the run and is written.
    logged: bool,
}

/// What is said of the run and not of a place in a file.
#[derive(Debug, Serialize)]
struct Remark<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

impl Messages {
    pub(super) fn new(show: Show) -> Self {
        Self {
            show,
            results: Vec::new(),
            notifications: Vec::new(),
            logged: false,
        }
    }

    /// How text is laid out on standard output.
    pub(super) fn style(&self) -> Style {
        Style {
            color: self.paints(io::stdout().is_terminal()),
            ..Style::default()
        }
    }

    /// Colour: as asked, else on a terminal unless `NO_COLOR` is set.
    pub(super) fn paints(&self, terminal: bool) -> bool {
        match self.show.color {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                terminal
                    && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                    && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
            }
        }
    }

    /// Problems of files.
    pub(super) fn problems(&mut self, list: &[Diagnostic], files: &[Text]) {
        let text = self.written(list, files, io::stderr().is_terminal());
        say(&text);
    }

    /// What came of files; their problems, if there are any, are said.
    pub(super) fn checked<T>(
        &mut self,
        checked: Result<T, Diagnostics>,
        files: &[Text],
    ) -> Option<T> {
        checked
            .map_err(|problems| self.problems(problems.list(), files))
            .ok()
    }

    /// Problems because of which files are not used, and what that means.
    pub(super) fn refused(&mut self, problems: &Diagnostics, files: &[Text], so: &str) {
        self.problems(problems.list(), files);
        let errors = problems.list().iter();
        let errors = errors.filter(|d| d.severity == Severity::Error).count();
        let word = if errors == 1 { "error" } else { "errors" };
        let message = format!("{errors} {word}. {so}");
        let remark = Remark {
            code: "refused",
            severity: "note",
            message: message.trim_end(),
            file: match files {
                [(name, _)] => Some(name),
                _ => None,
            },
        };
        self.remark(&remark, &format!("{}\n", remark.message));
    }

    /// Problems that are the result of the run: on stdout.
    pub(super) fn result(&mut self, found: &[Diagnostic], files: &[Text]) -> io::Result<()> {
        let text = self.written(found, files, io::stdout().is_terminal());
        match self.show.message_format {
            Format::Text if found.is_empty() => print("nothing found\n"),
            Format::Text => print(&format!("{text}{} found\n", found.len())),
            Format::Json => print(&text),
            Format::Sarif => {
                print(&self.log(true))?;
                self.logged = true;
                Ok(())
            }
        }
    }

    /// What was read; a file that cannot be read is said.
    pub(super) fn read<T>(&mut self, read: Result<T, Unreadable>) -> Option<T> {
        let Unreadable { code, file, why } = match read {
            Ok(read) => return Some(read),
            Err(error) => error,
        };
        if self.show.message_format == Format::Sarif {
            self.results.push(json!({
                "ruleId": code.name(),
                "level": "error",
                "message": { "text": why },
                "locations": [place(&file, None)],
            }));
        } else {
            self.error(code.name(), Some(&file), &why);
        }
        None
    }

    /// What could not be done.
    pub(super) fn error(&mut self, code: &'static str, file: Option<&str>, message: &str) {
        let remark = Remark {
            code,
            severity: "error",
            message,
            file,
        };
        let of = file.map(|file| format!("{file}: ")).unwrap_or_default();
        self.remark(&remark, &format!("error: {of}{message}\n"));
    }

    /// What the reader should know.
    pub(super) fn note(&mut self, code: &'static str, file: &str, message: &str) {
        let remark = Remark {
            code,
            severity: "note",
            message,
            file: Some(file),
        };
        self.remark(&remark, &format!("note: {message}\n"));
    }

    fn remark(&mut self, remark: &Remark<'_>, text: &str) {
        match self.show.message_format {
            Format::Text => say(text),
            Format::Json => say(&line(remark)),
            Format::Sarif => self.notifications.push(json!({
                "descriptor": { "id": remark.code },
                "level": remark.severity,
                "message": { "text": remark.message },
                "locations": remark.file.iter().map(|f| place(f, None)).collect::<Vec<_>>(),
            })),
        }
    }

    /// Diagnostics as text; for SARIF they are kept for the log.
    fn written(&mut self, list: &[Diagnostic], files: &[Text], terminal: bool) -> String {
        match self.show.message_format {
            Format::Text => {
                let color = self.paints(terminal);
                let of_file = |(name, text): &Text| {
                    draw(list.iter().filter(|d| d.file == *name), text, color)
                };
                files.iter().map(of_file).collect()
            }
            Format::Json => list.iter().map(line).collect(),
            Format::Sarif => {
                self.results.extend(list.iter().map(result));
                String::new()
            }
        }
    }

    /// The end of the run, when a SARIF log is written.
    pub(super) fn end(&self, status: Status) {
        if self.show.message_format == Format::Sarif && !self.logged {
            say(&self.log(status != Status::BadInput));
        }
    }

    fn log(&self, successful: bool) -> String {
        let rules: Vec<Value> = Code::ALL
            .iter()
            .map(|code| json!({ "id": code.name() }))
            .collect();
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "jakscreen",
                    "version": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                } },
                "columnKind": "unicodeCodePoints",
                "invocations": [{
                    "executionSuccessful": successful,
                    "toolExecutionNotifications": self.notifications,
                }],
                "results": self.results,
            }],
        });
        format!("{log:#}\n")
    }
}

/// Writes to stderr; that nobody reads it changes nothing.
fn say(text: &str) {
    let _nobody_reads = io::stderr().lock().write_all(text.as_bytes());
}

fn line(value: &impl Serialize) -> String {
    // Strings and numbers always have a JSON form.
    serde_json::to_string(value).unwrap_or_default() + "\n"
}

/// A diagnostic as a SARIF result.
fn result(d: &Diagnostic) -> Value {
    let help = d.help.as_ref().map(|help| format!("; {help}"));
    let region = json!({
        "startLine": d.line,
        "startColumn": d.column,
        "endLine": d.end_line,
        "endColumn": d.end_column,
    });
    json!({
        "ruleId": d.code.name(),
        "level": d.severity,
        "message": { "text": d.message.clone() + &help.unwrap_or_default() },
        "locations": [place(&d.file, (d.line > 0).then_some(region))],
    })
}

fn place(file: &str, region: Option<Value>) -> Value {
    let mut place = json!({ "artifactLocation": { "uri": uri(file) } });
    if let (Some(place), Some(region)) = (place.as_object_mut(), region) {
        place.insert("region".to_owned(), region);
    }
    json!({ "physicalLocation": place })
}

/// A path as a URI: relative, or of a file.
fn uri(path: &str) -> String {
    let slashed = path.replace(MAIN_SEPARATOR_STR, "/");
    let (mut uri, rest) = if Path::new(path).is_absolute() {
        ("file:///".to_owned(), slashed.trim_start_matches('/'))
    } else {
        (String::new(), slashed.as_str())
    };
    for byte in rest.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
