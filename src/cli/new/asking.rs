//! The questions of a form at the terminal, each answer checked at once by the reader of profiles.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::PathBuf;

use chrono::NaiveDate;
use jakscreen::{Diagnostic, Diagnostics, Form, FormLine, Library, PlanChange, Profile, Screening};

use super::super::files::{self, Text};
use super::super::messages::Messages;
use super::super::{Status, print};
use super::{New, replace, unwritable, write_new};

const HOW: &str = "\
An empty line leaves a question as not asked. ? says more, b (or back) goes
back, q (or quit) leaves; the file holds what was answered.
";
/// The longest line that is read, in bytes.
const MAX_LINE: u64 = 64 * 1024;
const WIDTH: usize = 80;
/// Most criteria named where a question says what it settles.
const MAX_NAMED: usize = 12;

/// What was typed.
enum Typed {
    Nothing,
    More,
    Back,
    Quit,
    Answer(String),
}

/// Questions and answers on the way to a file.
pub(super) struct Asking<'a> {
    library: &'a Library,
    form: Form,
    path: PathBuf,
    name: String,
    /// The command that prints the checklist.
    check: String,
    /// The day it is judged for, unless the text says one.
    as_of: NaiveDate,
    text: String,
    /// What stands in the file.
    written: String,
    /// Questions that are done with in this session.
    done: BTreeSet<String>,
    /// What can be taken back: the text, and what was done with.
    steps: Vec<(String, BTreeSet<String>)>,
}

/// Asks for what a new file or one begun earlier leaves open.
pub(super) fn ask(
    library: &Library,
    mut new: New,
    path: PathBuf,
    messages: &mut Messages,
) -> io::Result<Status> {
    let ready = if path.exists() && !new.force {
        let ready = Asking::resume(library, &new, path, messages);
        if ready.is_some() {
            print(HOW)?;
        }
        ready
    } else {
        print(HOW)?;
        if !new.ask_plan(library, messages)? {
            print("\nNothing was written.\n")?;
            return Ok(Status::Done);
        }
        Asking::begin(library, &new, path, messages)
    };
    match ready {
        Some(mut asking) => {
            if let Some(folder) = &new.rules {
                asking.check = format!("{} --rules {}", asking.check, folder.display());
            }
            asking.ask(messages)
        }
        None => Ok(Status::BadInput),
    }
}

impl New {
    /// Asks for what the command line does not say of the plan. False if the user leaves.
    fn ask_plan(&mut self, library: &Library, messages: &mut Messages) -> io::Result<bool> {
        // What was asked here, and can be asked again.
        let mut asked: Vec<&str> = Vec::new();
        loop {
            let drug = self.drug.clone().unwrap_or_default();
            let (key, choices) = if self.drug.is_none() {
                ("drug", library.drugs().join(", "))
            } else if self.indication.is_none() {
                ("indication", self.indications(library))
            } else if self.label.is_empty() {
                let labels = library.labels_of(&drug);
                let both = if labels.len() > 1 {
                    format!("; or {}", labels.join(","))
                } else {
                    String::new()
                };
                ("label", labels.join(", ") + &both)
            } else {
                return Ok(true);
            };
            print(&format!(
                "\nWhich {key} is planned?\n{}",
                wrapped("  ", &choices)
            ))?;
            match typed(key, &[])? {
                Typed::Quit => return Ok(false),
                Typed::Nothing | Typed::More => print("A plan is needed to know what to ask.\n")?,
                Typed::Back => match asked.pop() {
                    Some(key) => self.set(key, None),
                    None => print("This is the first question.\n")?,
                },
                Typed::Answer(answer) => {
                    self.set(key, Some(answer));
                    // Only what is said so far can be wrong.
                    let problems = library.form(&self.plan(), self.day()).err();
                    let problems = problems.iter().flat_map(Diagnostics::list);
                    let lacking =
                        |d: &&Diagnostic| !["missing-key", "no-label"].contains(&d.code.name());
                    let wrong: Vec<Diagnostic> = problems.filter(lacking).cloned().collect();
                    if wrong.is_empty() {
                        asked.push(key);
                    } else {
                        messages.problems(&wrong, &[("the plan".to_owned(), String::new())]);
                        self.set(key, None);
                    }
                }
            }
        }
    }

    fn set(&mut self, key: &str, answer: Option<String>) {
        match key {
            "drug" => self.drug = answer,
            "indication" => self.indication = answer,
            _ => {
                let answer = answer.unwrap_or_default();
                let labels = answer.split([',', ' ']).filter(|l| !l.is_empty());
                self.label = labels.map(str::to_owned).collect();
            }
        }
    }
}

impl<'a> Asking<'a> {
    /// A new file: the blank form, of this day.
    fn begin(
        library: &'a Library,
        new: &New,
        path: PathBuf,
        messages: &mut Messages,
    ) -> Option<Self> {
        let form = new.form(library, messages)?;
        let text = new.dated(&form);
        if let Err(error) = write_new(&path, &text, new.force) {
            unwritable(&path, &error, messages);
            return None;
        }
        Some(Self::of(library, form, path, new.day(), text))
    }

    /// A file that is there: its plan, and what it does not answer.
    fn resume(
        library: &'a Library,
        new: &New,
        path: PathBuf,
        messages: &mut Messages,
    ) -> Option<Self> {
        let file = messages.read(files::read(&path))?;
        let (name, text) = file.clone();
        let left = "The file was left as it is: correct it, then go on with it.";
        let plan_of = |profile: &Profile| {
            let plan = library.screen(profile, new.day()).plan;
            PlanChange {
                drug: Some(plan.drug),
                indication: Some(plan.indication),
                labels: plan.labels,
            }
        };
        let read = Profile::read(library, &name, &text).and_then(|profile| {
            let plan = plan_of(&profile);
            let form = library.form(&plan, new.day())?;
            Ok((profile, plan, form))
        });
        let (profile, plan, form) = match read {
            Ok(read) => read,
            Err(problems) => {
                messages.refused(&problems, &[file], left);
                return None;
            }
        };
        let asked = Profile::read_with(library, &name, &text, &new.plan());
        if asked.is_ok_and(|p| plan_of(&p) != plan) {
            let why = "holds another plan; leave out --drug, --indication and --label to go on with it, or name another file";
            messages.error("contradiction", Some(&name), why);
            return None;
        }
        if let Some(day) = profile.as_of().filter(|day| *day != new.day()) {
            let day = day.format("%Y-%m-%d");
            let message = format!("{name} goes on as of {day}, the day it says");
            messages.note("as-of", &name, &message);
        }
        Some(Self::of(library, form, path, new.day(), text))
    }

    fn of(library: &'a Library, form: Form, path: PathBuf, as_of: NaiveDate, text: String) -> Self {
        Self {
            library,
            form,
            name: path.display().to_string(),
            check: format!("jakscreen check {}", path.display()),
            path,
            as_of,
            written: text.clone(),
            text,
            done: BTreeSet::new(),
            steps: Vec::new(),
        }
    }

    /// Asks what is open, in order, until nothing is left or the user leaves.
    fn ask(&mut self, messages: &mut Messages) -> io::Result<Status> {
        let mut section = None;
        loop {
            let profile = match Profile::read(self.library, &self.name, &self.text) {
                Ok(profile) => profile,
                Err(problems) => {
                    self.say(problems.list(), &self.text, messages);
                    return Ok(Status::BadInput);
                }
            };
            let library = self.library;
            let as_of = profile.as_of().unwrap_or(self.as_of);
            let open = self.form.open(library, &profile, &self.text, as_of);
            let open: Vec<FormLine> = open.into_iter().map(|l| self.as_known(l)).collect();
            let mut left = open.iter().filter(|l| !self.done.contains(&id(l)));
            let Some(line) = left.next() else {
                return self.end(&library.screen(&profile, as_of));
            };
            if section != Some(line.section) {
                section = Some(line.section);
                let title = [line.section, "this file"]
                    .into_iter()
                    .find(|s| !s.is_empty());
                let title = title.unwrap_or_default().to_uppercase();
                print(&format!("\n{title} ({} open)\n", left.count() + 1))?;
            }
            print(&format!("\n{}", question(line, &open)))?;
            loop {
                match typed(&key(line), &line.words)? {
                    Typed::More => print(&more(line))?,
                    Typed::Quit => return self.end(&library.screen(&profile, as_of)),
                    Typed::Back => {
                        let Some((text, done)) = self.steps.pop() else {
                            print("This is the first question.\n")?;
                            continue;
                        };
                        (self.text, self.done) = (text, done);
                    }
                    Typed::Nothing => {
                        self.steps.push((self.text.clone(), self.done.clone()));
                        self.done.insert(id(line));
                        self.done.insert(id(&line.clone().not_meant()));
                    }
                    // That there is none is said of everything else, which is asked next.
                    Typed::Answer(answer)
                        if line.is_list() && ["no", "none"].contains(&answer.as_str()) =>
                    {
                        self.steps.push((self.text.clone(), self.done.clone()));
                        self.done.insert(id(line));
                    }
                    // What is it then?
                    Typed::Answer(answer) if answer == "no" && line.suggests.is_some() => {
                        self.steps.push((self.text.clone(), self.done.clone()));
                        self.done.insert(id(line));
                    }
                    Typed::Answer(answer) => {
                        let Some(text) = self.checked(&profile, line, &answer, messages) else {
                            continue;
                        };
                        let before = std::mem::replace(&mut self.text, text);
                        self.steps.push((before, self.done.clone()));
                        if !line.is_list() {
                            self.done.insert(id(line));
                        }
                    }
                }
                break;
            }
            if !self.write(messages)? {
                return Ok(Status::BadInput);
            }
        }
    }

    /// A name that is not meant is not suggested again.
    fn as_known(&self, line: FormLine) -> FormLine {
        if line.suggests.is_some() && self.done.contains(&id(&line)) {
            line.not_meant()
        } else {
            line
        }
    }

    /// The text with an answer, if the reader takes it; what it says of it is said.
    fn checked(
        &self,
        before: &Profile,
        line: &FormLine,
        answer: &str,
        messages: &mut Messages,
    ) -> Option<String> {
        let Some(text) = self.form.answered(&self.text, line, answer) else {
            let why = format!(
                "`{}` is written there in a way that takes no further line: write this answer into the file",
                line.part_of.as_deref().unwrap_or(line.section)
            );
            messages.error("wrong-shape", Some(&self.name), &why);
            return None;
        };
        match Profile::read(self.library, &self.name, &text) {
            Ok(profile) => {
                let known =
                    |d: &&Diagnostic| before.warnings().iter().all(|b| b.message != d.message);
                let new: Vec<Diagnostic> =
                    profile.warnings().iter().filter(known).cloned().collect();
                self.say(&new, &text, messages);
                Some(text)
            }
            Err(problems) => {
                self.say(problems.list(), &text, messages);
                None
            }
        }
    }

    fn say(&self, list: &[Diagnostic], text: &str, messages: &mut Messages) {
        let file: Text = (self.name.clone(), text.to_owned());
        messages.problems(list, &[file]);
    }

    /// Writes what was answered. What cannot be written goes to standard output, so that nothing is lost.
    fn write(&mut self, messages: &mut Messages) -> io::Result<bool> {
        if self.text == self.written {
            return Ok(true);
        }
        let same = fs::read_to_string(&self.path).is_ok_and(|there| there == self.written);
        let written = if same {
            replace(&self.path, &self.text)
        } else {
            Err(io::Error::other(
                "was changed by something else and was left as it is",
            ))
        };
        match written {
            Ok(()) => {
                self.written.clone_from(&self.text);
                Ok(true)
            }
            Err(error) => {
                unwritable(&self.path, &error, messages);
                print(&format!("\nWhat was answered so far:\n\n{}", self.text))?;
                Ok(false)
            }
        }
    }

    fn end(&self, screening: &Screening) -> io::Result<Status> {
        let name = &self.name;
        print(&format!(
            "\n{name} holds what was answered. As it stands:\n"
        ))?;
        for checklist in &screening.checklists {
            let text = format!("{}: {}", checklist.label.id, checklist.headline);
            print(&wrapped("  ", &text))?;
        }
        print(&format!("The checklist: {}\n", self.check))?;
        Ok(Status::Done)
    }
}

/// A question is known by its place.
fn id(line: &FormLine) -> String {
    let sample = line.sample.as_deref().filter(|_| line.is_day());
    let more = sample.or(line.suggests.as_deref());
    [line.section, &key(line), more.unwrap_or_default()].join(" ")
}

/// The key that is answered, as a profile or a criterion writes it.
fn key(line: &FormLine) -> String {
    match &line.part_of {
        Some(parent) => format!("{parent}.{}", line.key),
        None if line.is_list() => line.section.to_owned(),
        // A date of birth may stand for the age.
        None if line.section == "about" => line.fact.clone(),
        None => line.key.clone(),
    }
}

fn question(line: &FormLine, open: &[FormLine]) -> String {
    let instead = line.instead_of.as_ref();
    let instead = instead.map(|(_, name)| format!("Instead of {name}: "));
    let mut text = wrapped("", &(instead.unwrap_or_default() + &line.question));
    if line.is_denial() {
        let here = || open.iter().filter(|l| l.section == line.section);
        let names: Vec<&str> = here()
            .filter(|l| l.is_covered())
            .map(|l| l.name.as_str())
            .collect();
        if !names.is_empty() {
            text += &wrapped("  ", &format!("Not answered here: {}", names.join("; ")));
        }
        let kinds: Vec<&str> = here()
            .filter(|l| l.is_list())
            .flat_map(|l| &l.kinds)
            .map(String::as_str)
            .collect();
        if !kinds.is_empty() {
            text += &wrapped("  ", &format!("The plan asks for: {}", kinds.join("; ")));
        }
    }
    text += &wrapped("  ", &line.expects);
    if line.is_list() {
        text += "  one line for each, or none; an empty line when all are named\n";
    }
    text
}

/// What a question is about: units and kinds, when it matters, what it settles.
fn more(line: &FormLine) -> String {
    let mut said = Vec::new();
    if !line.units.is_empty() {
        said.push(format!("Units: {}", line.units.join(", ")));
    }
    if !line.kinds.is_empty() {
        let what = if line.is_list() {
            "The plan asks for"
        } else {
            "Kinds"
        };
        said.push(format!("{what}: {}", line.kinds.join(", ")));
    }
    said.extend(line.condition().map(|c| format!("It matters {c}.")));
    if !line.settles.is_empty() {
        let named: Vec<&str> = line
            .settles
            .iter()
            .take(MAX_NAMED)
            .map(String::as_str)
            .collect();
        let more = line.settles.len() - named.len();
        let more = if more > 0 {
            format!("; {more} more")
        } else {
            String::new()
        };
        said.push(format!("It settles {}{more}", named.join("; ")));
    }
    said.push(
        "Or why there is no answer: not_done, not_asked, pending, declined, unknown".to_owned(),
    );
    if line.words.iter().any(|w| w == "b" || w == "q") {
        said.push("Here b and q are answers: back goes back, quit leaves".to_owned());
    }
    said.iter().map(|text| wrapped("  ", text)).collect()
}

/// Lines of at most 80 columns.
fn wrapped(indent: &str, text: &str) -> String {
    let mut lines = vec![indent.to_owned()];
    for word in text.split_whitespace() {
        let fits = |line: &&mut String| line.chars().count() + word.chars().count() < WIDTH;
        match lines.last_mut().filter(fits) {
            Some(line) if line.len() == indent.len() => *line += word,
            Some(line) => *line = format!("{line} {word}"),
            None => lines.push(format!("{indent}{word}")),
        }
    }
    lines.join("\n") + "\n"
}

/// Asks for a line. What the question itself takes is an answer.
fn typed(prompt: &str, words: &[String]) -> io::Result<Typed> {
    let stdin = io::stdin();
    let text = loop {
        print(&format!("{prompt}: "))?;
        let mut bytes = Vec::new();
        let read = stdin.lock().take(MAX_LINE).read_until(b'\n', &mut bytes)?;
        if !stdin.is_terminal() {
            print("\n")?;
        }
        if read == 0 {
            return Ok(Typed::Quit);
        }
        match String::from_utf8(bytes) {
            Ok(text) => break text,
            Err(_) => print("That is not UTF-8 text: write it again.\n")?,
        }
    };
    let text = text.trim();
    Ok(match text {
        _ if words.iter().any(|w| w == text) => Typed::Answer(text.to_owned()),
        "" => Typed::Nothing,
        "?" => Typed::More,
        "b" | "back" => Typed::Back,
        "q" | "quit" => Typed::Quit,
        _ => Typed::Answer(text.to_owned()),
    })
}
