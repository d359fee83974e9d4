//! `jakscreen quiz`: questions on cases, asked here or handed out, and marked by the evaluation.

use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::slice;

use clap::{Args, ValueEnum};
use jakscreen::quiz::{
    Answers, CONCLUSIONS, Given, Lesson, QUIZ_SCHEMA, Questions, Quiz as Asked, Results,
    builtin_cases, case_help,
};
use jakscreen::rules::is_cases;
use jakscreen::{Code, Conclusion, Library, Style, render};
use serde::Serialize;

use super::files::{self, Text};
use super::input::Input;
use super::messages::Messages;
use super::{Status, print};

/// The longest line read at once, in bytes.
const MOST: u64 = 4096;

#[derive(Debug, Args)]
pub(super) struct Quiz {
    /// A profile, a folder of profiles, or the name of a case that comes with the program; without it, all of those
    case: Option<PathBuf>,
    /// Print the questions alone, to hand out
    #[arg(long, conflicts_with_all = ["answers", "blank_answers"])]
    questions: bool,
    /// Print a file of answers to fill in
    #[arg(long, conflicts_with = "answers")]
    blank_answers: bool,
    /// Mark the answers in this file, YAML or JSON, instead of asking; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// How questions and results are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    input: Input,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs; with --questions or --answers
    Json,
}

/// The questions as JSON.
#[derive(Serialize)]
struct HandedOut<'q> {
    schema: &'static str,
    cases: Vec<&'q Questions>,
}

/// What a question was answered with.
enum Line<T> {
    Answer(T),
    /// No more answers.
    Quit,
}

impl Quiz {
    pub(super) fn run(&self, messages: &mut Messages) -> io::Result<Status> {
        let asks = !self.questions && !self.blank_answers && self.answers.is_none();
        if self.format == Format::Json && (asks || self.blank_answers) {
            let message = "--format json goes with --questions or --answers FILE";
            messages.error("usage", None, message);
            return Ok(Status::BadInput);
        }
        let stdin = Path::new("-");
        let both = self.case.as_deref() == Some(stdin);
        if both && (asks || self.answers.as_deref() == Some(stdin)) {
            let message = "standard input cannot hold both a profile and the answers";
            messages.error("usage", None, message);
            return Ok(Status::BadInput);
        }
        let Some(library) = self.input.library(messages) else {
            return Ok(Status::BadInput);
        };
        let Some(cases) = self.cases(&library, messages) else {
            return Ok(Status::BadInput);
        };
        let style = messages.style();
        if self.questions {
            let cases = cases.iter().map(Asked::questions);
            return self.write(style, cases).map(|()| Status::Done);
        }
        if self.blank_answers {
            return print(&blank(&cases)).map(|()| Status::Done);
        }
        let Some(path) = &self.answers else {
            let results = ask(&cases, &mut io::stdin().lock(), style)?;
            print(&render::quiz::total(&results, style))?;
            return Ok(Status::Done);
        };
        let Some(file) = messages.read(files::read(path)) else {
            return Ok(Status::BadInput);
        };
        let answers = match Answers::read(&cases, &file.0, &file.1) {
            Ok(answers) => answers,
            Err(problems) => {
                messages.refused(&problems, slice::from_ref(&file), "Nothing was marked.");
                return Ok(Status::BadInput);
            }
        };
        let given = |case: &&Asked| answers.of(&case.questions().case).map(|g| case.mark(g));
        let results = Results::of(cases.iter().filter_map(|c| given(&c)).collect());
        let unanswered = cases.len() - results.cases.len();
        if unanswered > 0 {
            let message = format!(
                "{}: {unanswered} of {} cases are not answered there and not marked",
                file.0,
                cases.len()
            );
            messages.note("not-answered", &file.0, &message);
        }
        match self.format {
            Format::Text => print(&render::quiz::results(&results, style))?,
            Format::Json => print(&json(&results))?,
        }
        Ok(Status::Done)
    }

    /// The questions alone.
    fn write<'q>(
        &self,
        style: Style,
        cases: impl Iterator<Item = &'q Questions>,
    ) -> io::Result<()> {
        match self.format {
            Format::Text => print(&render::quiz::questions(cases, style)),
            Format::Json => print(&json(&HandedOut {
                schema: QUIZ_SCHEMA,
                cases: cases.collect(),
            })),
        }
    }

    /// The cases, by the ids of their patients and their names.
    fn cases(&self, library: &Library, messages: &mut Messages) -> Option<Vec<Asked>> {
        let files = self.files(messages)?;
        let (lessons, profiles): (Vec<Text>, Vec<Text>) =
            files.into_iter().partition(|(name, _)| is_lesson(name));
        let lessons: BTreeMap<&str, &Text> = lessons
            .iter()
            .filter_map(|file| Some((stem(&file.0)?.strip_suffix(".lesson")?, file)))
            .collect();
        let change = self.input.plan_change();
        let mut cases = Vec::new();
        let mut names = BTreeMap::new();
        let mut good = true;
        for file in profiles.iter().filter(|(name, _)| !is_cases(name)) {
            let name = stem(&file.0).unwrap_or(&file.0);
            if let Some(other) = names.insert(name, &file.0) {
                let message =
                    format!("{other} has the same name: answers could not tell them apart");
                messages.error(Code::DuplicateId.name(), Some(&file.0), &message);
                good = false;
            }
            let lesson = lessons.get(name).map(|file| {
                let (name, text) = *file;
                messages.checked(Lesson::read(library, name, text), slice::from_ref(file))
            });
            let profile = self.input.profile(library, file, &change, messages);
            let (Some(profile), false) = (profile, matches!(lesson, Some(None))) else {
                good = false;
                continue;
            };
            let day = self.input.day_of_case(&file.0, &profile, messages);
            let lesson = lesson.flatten();
            let quiz = Asked::new(library, &profile, day, name, lesson.as_ref());
            let number = profile.patient().map(str::to_owned);
            cases.push((number, quiz));
        }
        if good && cases.is_empty() {
            let folder = self.case.as_ref().map(|p| p.display().to_string());
            messages.error(
                Code::Unreadable.name(),
                folder.as_deref(),
                "no profiles here",
            );
            good = false;
        }
        // A folder of cases is asked as they are numbered.
        cases.sort_by(|(a, _), (b, _)| a.cmp(b));
        good.then(|| cases.into_iter().map(|(_, quiz)| quiz).collect())
    }

    /// The profiles with the lessons beside them.
    fn files(&self, messages: &mut Messages) -> Option<Vec<Text>> {
        let builtin = || builtin_cases().into_iter();
        let owned = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        let Some(path) = &self.case else {
            return Some(builtin().map(owned).collect());
        };
        if path.is_dir() {
            return messages.read(files::folder(path));
        }
        let named = |(name, _): &(&str, &str)| {
            path.to_str().is_some_and(|p| {
                *name == format!("{p}.yaml") || *name == format!("{p}.lesson.yaml")
            })
        };
        if !path.exists() && builtin().any(|file| named(&file)) {
            return Some(builtin().filter(named).map(owned).collect());
        }
        if !path.exists() && path != Path::new("-") {
            let name = path.display().to_string();
            let message = format!(
                "no such file, and no case has this name. {}",
                case_help(&name)
            );
            messages.error(Code::Unreadable.name(), Some(&name), &message);
            return None;
        }
        let mut files = vec![messages.read(files::read(path))?];
        let lesson = path.with_extension("lesson.yaml");
        if lesson.exists() {
            files.push(messages.read(files::read(&lesson))?);
        }
        Some(files)
    }
}

fn is_lesson(name: &str) -> bool {
    stem(name).is_some_and(|stem| stem.ends_with(".lesson"))
}

/// The name of a file without folder and ending.
fn stem(name: &str) -> Option<&str> {
    Path::new(name).file_stem()?.to_str()
}

/// A file of answers to fill in: what is left empty is not answered.
fn blank(cases: &[Asked]) -> String {
    let of_case = |quiz: &Asked| {
        let asked = quiz.questions();
        let facts: Vec<&str> = asked.options.iter().map(|o| o.fact.as_str()).collect();
        let labels = asked.labels.iter().map(|l| format!("    {}:\n", l.label));
        format!(
            "{}:\n  # none, or some of: {}\n  next:\n  conclusions:\n{}",
            asked.case,
            facts.join(", "),
            labels.collect::<String>()
        )
    };
    let words = CONCLUSIONS.map(|c| format!("# {}: {}\n", c.name.name(), c.words));
    let cases: Vec<String> = cases.iter().map(of_case).collect();
    format!(
        "# Conclusions, the first that applies:\n{}\n{}",
        words.concat(),
        cases.join("\n")
    )
}

fn json(value: &impl Serialize) -> String {
    // Nothing in it has a key that is no text, the one thing that could fail here.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// Asks and marks, case after case, until somebody leaves: the cases that were finished.
fn ask(cases: &[Asked], lines: &mut impl BufRead, style: Style) -> io::Result<Results> {
    let mut marked = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        if at > 0 {
            print("\n\n")?;
        }
        match ask_case(case, lines, style)? {
            Line::Answer(given) => {
                let of_case = case.mark(&given);
                print(&render::quiz::learnt(&of_case, style))?;
                marked.push(of_case);
            }
            Line::Quit => break,
        }
    }
    Ok(Results::of(marked))
}

fn ask_case(case: &Asked, lines: &mut impl BufRead, style: Style) -> io::Result<Line<Given>> {
    let asked = case.questions();
    print(&render::quiz::case(asked, style))?;
    print(&render::quiz::next(asked, style))?;
    let mut given = Given::default();
    let most = asked.options.len();
    let prompt = "Numbers as 1,3; none; or q to leave: ";
    let Line::Answer(chosen) = answer(lines, prompt, |text| numbers(text, most))? else {
        return Ok(Line::Quit);
    };
    let options = (1..).zip(&asked.options);
    let chosen = options.filter(|(number, _)| chosen.contains(number));
    given.next = Some(chosen.map(|(_, option)| option.fact.clone()).collect());
    let marked = case.mark_next(given.next.as_deref());
    print(&render::quiz::next_marked(&marked, style))?;
    for label in &asked.labels {
        print(&render::quiz::conclude(label, style))?;
        let prompt = "A number from 1 to 4, or q to leave: ";
        let Line::Answer(conclusion) = answer(lines, prompt, conclusion)? else {
            return Ok(Line::Quit);
        };
        given.conclusions.insert(label.label.clone(), conclusion);
        if let Some(marked) = case.mark_label(&label.label, Some(conclusion)) {
            print(&render::quiz::label_marked(&marked, style))?;
        }
    }
    Ok(Line::Answer(given))
}

/// Asks until a line can be read; the end of the input leaves.
fn answer<T>(
    lines: &mut impl BufRead,
    prompt: &str,
    read: impl Fn(&str) -> Option<T>,
) -> io::Result<Line<T>> {
    loop {
        print(&format!("\n{prompt}"))?;
        let mut bytes = Vec::new();
        let end = lines.take(MOST).read_until(b'\n', &mut bytes)? == 0;
        // What is typed at a terminal is on the screen; what is piped is not.
        if end || !io::stdin().is_terminal() {
            print("\n")?;
        }
        let line = String::from_utf8_lossy(&bytes).trim().to_lowercase();
        if end || line == "q" {
            return Ok(Line::Quit);
        }
        if let Some(answer) = read(&line) {
            return Ok(Line::Answer(answer));
        }
        print("That is no answer to this question.\n")?;
    }
}

/// `1,3`, `1 3`, or `none` (also `0`).
fn numbers(text: &str, most: usize) -> Option<Vec<usize>> {
    if text == "none" || text == "0" {
        return Some(Vec::new());
    }
    let parts = text.split([',', ' ', ';']).filter(|part| !part.is_empty());
    let numbers: Option<Vec<usize>> = parts
        .map(|part| part.parse().ok().filter(|n| (1..=most).contains(n)))
        .collect();
    numbers.filter(|numbers| !numbers.is_empty())
}

/// The number of a conclusion, or its name.
fn conclusion(text: &str) -> Option<Conclusion> {
    let mut all = (1..).zip(CONCLUSIONS);
    all.find(|(number, c): &(usize, _)| number.to_string() == text || c.name.name() == text)
        .map(|(_, c)| c.name)
}
