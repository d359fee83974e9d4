//! Reading lessons and answers.

use super::{Answers, CONCLUSIONS, Given, Lesson, Point, Questions, Quiz};
use crate::checklist::Conclusion;
use crate::decode::{
    self, Field, Record, did_you_mean, fields, items, normal, record, shown, texts,
};
use crate::diagnostic::{Code, Collector, Diagnostics};
use crate::library::Library;
use crate::text::{self, Kind, Node, Span};

/// Reads a file: a file that holds nothing is an error that says how to begin.
fn tree<'a>(source: &'a str, begin: &str, out: &mut Collector<'_>) -> Option<Node<'a>> {
    let (tree, fault) = text::read(source);
    if let Some(fault) = &fault {
        out.fault(fault);
    }
    let tree = tree.filter(|t| t.kind != Kind::Empty);
    if tree.is_none() && fault.is_none() {
        let help = format!("start with `{begin}:`");
        out.error(Code::EmptyFile, Span::default(), "the file is empty", help);
    }
    tree
}

impl Lesson {
    /// Reads a lesson, YAML or JSON: `title`, `story`, and `points`, each with `text` and the `criteria` that show it.
    ///
    /// # Errors
    /// Every problem of the file at once, a criterion that the library does not have included.
    pub fn read(library: &Library, name: &str, source: &str) -> Result<Self, Diagnostics> {
        let mut out = Collector::new(name, source);
        let mut lesson = Self {
            title: String::new(),
            story: String::new(),
            points: Vec::new(),
        };
        let keys = ["title", "story", "points"];
        let tree = tree(source, "title", &mut out);
        let r = tree
            .as_ref()
            .and_then(|t| record(t, "a lesson", &keys, &mut out));
        if let Some(r) = r {
            lesson.title = r.need_text("title", &mut out).unwrap_or_default();
            lesson.story = r.need_text("story", &mut out).unwrap_or_default();
            let known = criteria(library);
            let points = r.get("points").map(items).unwrap_or_default().into_iter();
            lesson.points = points
                .filter_map(|node| {
                    let r = record(node, "a point", &["text", "criteria"], &mut out)?;
                    point(&r, &known, &mut out)
                })
                .collect();
        }
        out.finish()?;
        Ok(lesson)
    }
}

/// Every criterion, as `us/upadacitinib/lymphocytes-low`.
fn criteria(library: &Library) -> Vec<String> {
    let documents = library.documents();
    let names = documents.flat_map(|d| d.criteria.iter().map(|c| format!("{}/{}", d.id, c.id)));
    names.collect()
}

fn point(r: &Record<'_>, known: &[String], out: &mut Collector<'_>) -> Option<Point> {
    let text = r.need_text("text", out)?;
    let criteria = r.need("criteria", out)?;
    let criteria = texts(criteria, "a criterion", out);
    for (criterion, span) in criteria.iter().filter(|(c, _)| !known.contains(c)) {
        let help = did_you_mean(criterion, known.iter().map(String::as_str))
            .unwrap_or_else(|| "write it as us/upadacitinib/lymphocytes-low".to_owned());
        out.error(Code::UnknownName, *span, "no such criterion", help);
    }
    Some(Point {
        text,
        criteria: criteria.into_iter().map(|(c, _)| c).collect(),
    })
}

impl Answers {
    /// Reads answers, YAML or JSON: for each case `next`, the facts chosen or `none`, and `conclusions`, one for each label. What is left
    /// out or left empty is not answered.
    ///
    /// # Errors
    /// Every problem of the file at once, each with its place and what to write instead.
    pub fn read(quizzes: &[Quiz], name: &str, source: &str) -> Result<Self, Diagnostics> {
        let mut out = Collector::new(name, source);
        let mut answers = Self::default();
        let known: Vec<&str> = quizzes.iter().map(|q| q.questions.case.as_str()).collect();
        let begin = known.first().copied().unwrap_or("case");
        let tree = tree(source, begin, &mut out);
        let cases = tree
            .as_ref()
            .and_then(|t| fields(t, "the answers", &mut out));
        for case in cases.unwrap_or_default() {
            let quiz = quizzes.iter().find(|q| q.questions.case == case.key);
            let Some(quiz) = quiz else {
                unknown(case.key, case.at, "case", &known, &mut out);
                continue;
            };
            if case.value.kind == Kind::Empty {
                continue;
            }
            let keys = ["next", "conclusions"];
            if let Some(r) = record(case.value, "the answers to a case", &keys, &mut out) {
                let given = given(&r, &quiz.questions, &mut out);
                answers.cases.insert(case.key.to_owned(), given);
            }
        }
        out.finish()?;
        Ok(answers)
    }
}

fn given(r: &Record<'_>, asked: &Questions, out: &mut Collector<'_>) -> Given {
    let next = r.get("next").filter(|n| n.kind != Kind::Empty);
    let conclusions = r.get("conclusions").filter(|n| n.kind != Kind::Empty);
    let conclusions = conclusions.and_then(|n| fields(n, "conclusions", out));
    Given {
        next: next.map(|n| chosen(n, asked, out)),
        conclusions: conclusions
            .unwrap_or_default()
            .iter()
            .filter_map(|field| conclusion(field, asked, out))
            .collect(),
    }
}

fn chosen(node: &Node<'_>, asked: &Questions, out: &mut Collector<'_>) -> Vec<String> {
    let known: Vec<&str> = asked.options.iter().map(|o| o.fact.as_str()).collect();
    let mut chosen: Vec<String> = Vec::new();
    let mut denied = false;
    for item in items(node) {
        let Some(text) = decode::text(item, "a fact", out) else {
            continue;
        };
        let fact = normal(text);
        if fact == "none" {
            denied = true;
        } else if known.contains(&fact.as_str()) {
            chosen.push(fact);
        } else {
            unknown(text, item.span, "option", &known, out);
        }
    }
    if denied && !chosen.is_empty() {
        let help = "keep the facts, or `none` alone".to_owned();
        let message = "both something and none of these are chosen";
        out.error(Code::Contradiction, node.span, message, help);
    }
    chosen
}

fn conclusion(
    field: &Field<'_>,
    asked: &Questions,
    out: &mut Collector<'_>,
) -> Option<(String, Conclusion)> {
    let known: Vec<&str> = asked.labels.iter().map(|l| l.label.as_str()).collect();
    let label = normal(field.key);
    if !known.contains(&label.as_str()) {
        unknown(field.key, field.at, "label", &known, out);
        return None;
    }
    if field.value.kind == Kind::Empty {
        return None;
    }
    let words = CONCLUSIONS.map(|c| (c.name.name(), c.name));
    let conclusion = decode::word(field.value, "a conclusion", &words, out)?;
    Some((label, conclusion))
}

fn unknown(name: &str, at: Span, what: &str, known: &[&str], out: &mut Collector<'_>) {
    let message = format!("no {what} `{}` here", shown(name));
    let near = did_you_mean(&normal(name), known.iter().copied())
        .or_else(|| did_you_mean(name, known.iter().copied()));
    let list = format!("write one of: {}", known.join(", "));
    let help = match near {
        // A short name is near to others that were not meant.
        Some(near) if name.len() < 8 => format!("{near} Else {list}"),
        Some(near) => near,
        None => list,
    };
    out.error(Code::UnknownName, at, message, help);
}
