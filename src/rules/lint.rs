//! What a machine can find wrong with rules that read well.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Collection;
use super::mutants::MOST_QUESTIONS;
use crate::checklist::FindingOutcome;
use crate::date::PartialDate;
use crate::diagnostic::{Code, Collector, Diagnostic};
use crate::dictionary::{Dictionary, FactId, Kind, Section};
use crate::library::{Criterion, Document, Expr, Leaf, Level, NamedTest, Suppression, Test};
use crate::outcome::Outcome;
use crate::profile::Profile;
use crate::quantity::{Interval, plain};
use crate::text::{Node, Span};

/// The most combinations of values tried for one criterion.
const MOST: usize = 20_000;

impl Collection {
    /// What is wrong with these rules although they can be read, each with its place. `today`: for reviews that are overdue.
    /// `cohort`: patients, each with the day of judgement, for whom a finding must not be the rule.
    pub fn check(&self, today: NaiveDate, cohort: &[(Profile, NaiveDate)]) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for file in &self.files {
            let mut out = Collector::new(&file.name, &file.text);
            let id = file.tree.get("document").and_then(|d| d.get("id")?.text());
            if let Some(document) = id.and_then(|id| self.document(id)) {
                self.check_document(document, &file.tree, today, &mut out);
            }
            if let Some(hazards) = file.tree.get("hazards") {
                self.check_hazards(hazards, &mut out);
            }
            for (suppression, row) in self.suppressions_of(&file.tree) {
                if suppression.until < today {
                    let message = "the last day is over: the criterion counts again";
                    let help = "take the row out, or renew it with a reason of today".to_owned();
                    out.warning(Code::ReviewOverdue, row.span, message, help);
                }
            }
            if file.tree.get("facts").is_some() {
                self.check_facts(&file.tree, &mut out);
            }
            found.extend(out.finish().unwrap_or_default());
        }
        found.extend(self.check_volume(cohort));
        found
    }

    fn check_document(
        &self,
        document: &Document,
        tree: &Node<'_>,
        today: NaiveDate,
        out: &mut Collector<'_>,
    ) {
        let dictionary = self.library.dictionary();
        let overdue = document.review.as_ref().filter(|r| r.next < today);
        if let Some(review) = overdue {
            let head = tree.get("document").and_then(|d| d.get("reviewed"));
            let message = format!("the review was due on {}", PartialDate::day(review.next));
            let help = "read it again and sign it with `jakscreen rules review`".to_owned();
            out.warning(Code::ReviewOverdue, span(head), message, help);
        }
        let stale = document.review.as_ref().filter(|r| !r.holds);
        if let Some(review) = stale {
            let head = tree.get("document").and_then(|d| d.get("reviewed"));
            let message = format!("{} signed another text than this", review.by);
            let help = "read it again and sign it with `jakscreen rules review`".to_owned();
            out.warning(Code::ReviewOverdue, span(head), message, help);
        }
        for criterion in &document.criteria {
            let at = place(tree, &criterion.id);
            for (code, message) in useless(dictionary, criterion) {
                out.warning(code, at, message, None);
            }
            if let Some(message) = decided_already(dictionary, criterion) {
                out.warning(Code::Decided, at, message, None);
                continue;
            }
            for fact in undecided(dictionary, criterion) {
                let message = format!(
                    "{fact} stands in two branches: not known, it leaves this unknown where every value of it would decide the same"
                );
                let help = "write it once, as a band or as the union".to_owned();
                out.warning(Code::TwoBranches, at, message, help);
            }
        }
        let rows = &document.criteria;
        for (i, a) in rows.iter().enumerate() {
            for b in rows.iter().skip(i + 1) {
                if let Some((first, code, message)) = against_each_other(dictionary, a, b) {
                    out.warning(code, place(tree, first), message, None);
                }
            }
        }
        for (id, message) in gaps(dictionary, rows) {
            out.warning(Code::Shadowed, place(tree, &id), message, None);
        }
    }

    /// The suppressions of a file, with their rows.
    fn suppressions_of<'f>(&self, tree: &'f Node<'f>) -> Vec<(&Suppression, &'f Node<'f>)> {
        let rows = tree.get("suppress").map(crate::decode::items);
        let rows = rows.unwrap_or_default().into_iter();
        let text = |row: &Node<'_>, key: &str| row.get(key).and_then(Node::text).map(str::to_owned);
        let found = rows.filter_map(|row| {
            let (document, criterion, until) = (
                text(row, "document")?,
                text(row, "criterion")?,
                text(row, "until")?,
            );
            let mut all = self.library.suppressions().iter();
            let same = all.find(|s| {
                s.document == document && s.criterion == criterion && s.until.to_string() == until
            });
            Some((same?, row))
        });
        found.collect()
    }

    fn check_hazards(&self, hazards: &Node<'_>, out: &mut Collector<'_>) {
        for name in self.library.hazard_names() {
            let hazard = self.library.hazard(name);
            let empty = |text: &str| text.trim().is_empty();
            if hazard.is_none_or(|h| empty(&h.why) || empty(&h.plain) || empty(&h.name)) {
                let message = format!("the hazard `{name}` has no text");
                let help = "say why it matters, and the same in plain words".to_owned();
                out.warning(Code::NoText, span(hazards.get(name)), message, help);
            }
        }
    }

    /// Facts of a file that nothing asks for.
    fn check_facts(&self, tree: &Node<'_>, out: &mut Collector<'_>) {
        let dictionary = self.library.dictionary();
        let used = self.used();
        for (id, fact) in dictionary.facts() {
            let here = ["facts", "derived"]
                .iter()
                .find_map(|key| tree.get(key)?.get(&fact.id));
            if let Some(here) = here
                && !used.contains(&id)
                && !fact.record_only
            {
                let message = format!("nothing asks for the fact `{}`", fact.id);
                let help = "ask for it, or say `record_only: yes`: it is read, and decides nothing"
                    .to_owned();
                out.warning(Code::UnusedFact, here.span, message, help);
            } else if let Some(here) = here
                && used.contains(&id)
                && fact.record_only
            {
                let message = format!("`{}` is asked for: it is not only recorded", fact.id);
                out.warning(
                    Code::UnusedFact,
                    here.span,
                    message,
                    "leave out `record_only`".to_owned(),
                );
            }
        }
    }

    /// Every fact that a document asks for, and what it is derived from.
    fn used(&self) -> BTreeSet<FactId> {
        let documents = self.library.documents();
        let asked = documents.flat_map(Document::asked).collect();
        self.library.dictionary().behind(asked)
    }

    /// Findings that would flag most of a cohort.
    fn check_volume(&self, cohort: &[(Profile, NaiveDate)]) -> Vec<Diagnostic> {
        let mut counts: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
        for (profile, day) in cohort {
            for checklist in self.library.screen(profile, *day).checklists {
                for f in checklist
                    .findings
                    .iter()
                    .filter(|f| f.level <= Level::Caution)
                {
                    if f.outcome == FindingOutcome::NotApplicable {
                        continue;
                    }
                    let key = (f.source.document.clone(), f.criterion.clone());
                    let count = counts.entry(key).or_default();
                    count.0 += usize::from(f.outcome == FindingOutcome::Met);
                    count.1 += 1;
                }
            }
        }
        let most = counts
            .into_iter()
            .filter(|(_, (met, of))| *of >= 5 && met * 2 > *of);
        let found = most.filter_map(|((document, criterion), (met, of))| {
            let file = self.files.iter().find(|f| {
                let id = f.tree.get("document").and_then(|d| d.get("id")?.text());
                id == Some(document.as_str())
            })?;
            let mut out = Collector::new(&file.name, &file.text);
            let message = format!("{criterion} is met by {met} of {of} patients of the cohort");
            let help = "a finding that nearly everybody has tells nobody anything: narrow it, or make it a standing note".to_owned();
            out.warning(Code::Volume, place(&file.tree, &criterion), message, help);
            out.finish().ok()
        });
        found.flatten().collect()
    }
}

fn span(node: Option<&Node<'_>>) -> Span {
    node.map_or_else(Span::default, |n| n.span)
}

/// Where the row of a criterion stands.
fn place(tree: &Node<'_>, id: &str) -> Span {
    let rows = ["criteria", "dosing"]
        .into_iter()
        .filter_map(|k| tree.get(k));
    let mut ids = rows
        .flat_map(crate::decode::items)
        .filter_map(|row| row.get("id"));
    span(ids.find(|node| node.text() == Some(id)))
}

/// A criterion as a table: what each question depends on, and what each value of that answers.
struct Table {
    /// The name of each variable, how many values it has, and in how many questions it stands.
    variables: Vec<(String, usize, usize)>,
    /// For each question, in the order of the expression: its variable, and the answer to each value.
    questions: Vec<(usize, Vec<bool>)>,
    expr: Expr,
}

impl Table {
    fn new(dictionary: &Dictionary, expr: Expr) -> Self {
        let leaves: Vec<&Leaf> = expr.leaves();
        let mut variables: Vec<(String, usize, usize)> = Vec::new();
        let mut questions = Vec::new();
        for leaf in &leaves {
            let (name, answers) = answers(dictionary, leaf, &leaves);
            let at = variables.iter().position(|(n, _, _)| *n == name);
            let at = at.unwrap_or_else(|| {
                variables.push((name, answers.len(), 0));
                variables.len() - 1
            });
            if let Some(variable) = variables.get_mut(at) {
                variable.2 += 1;
            }
            questions.push((at, answers));
        }
        Self {
            variables,
            questions,
            expr,
        }
    }

    fn combinations(&self) -> usize {
        if self.questions.len() > MOST_QUESTIONS {
            return usize::MAX;
        }
        let sizes = self.variables.iter().map(|(_, n, _)| *n);
        sizes.fold(1, |all: usize, n| all.saturating_mul(n.max(1)))
    }

    /// The values of each variable in one combination.
    fn values(&self, mut combination: usize) -> Vec<Option<usize>> {
        let sizes = self.variables.iter().map(|(_, n, _)| (*n).max(1));
        sizes
            .map(|n| {
                let value = combination % n;
                combination /= n;
                Some(value)
            })
            .collect()
    }

    fn outcome(&self, values: &[Option<usize>]) -> Outcome {
        self.fold(&self.expr, values, &mut 0)
    }

    fn fold(&self, expr: &Expr, values: &[Option<usize>], next: &mut usize) -> Outcome {
        match expr {
            Expr::All(parts) => {
                let parts = parts.iter().map(|p| self.fold(p, values, next));
                parts.fold(Outcome::Met, Outcome::and)
            }
            Expr::Any(parts) => {
                let parts = parts.iter().map(|p| self.fold(p, values, next));
                parts.fold(Outcome::NotMet, Outcome::or)
            }
            Expr::Not(part) => self.fold(part, values, next).not(),
            Expr::Leaf(_) => {
                let question = self.questions.get(*next);
                *next += 1;
                let answer = question.and_then(|(variable, answers)| {
                    let value = (*values.get(*variable)?)?;
                    answers.get(value).copied()
                });
                answer.map_or(Outcome::Unknown, Outcome::of)
            }
        }
    }
}

/// What a question depends on, and its answer to each value of that.
fn answers(dictionary: &Dictionary, leaf: &Leaf, all: &[&Leaf]) -> (String, Vec<bool>) {
    match &leaf.test {
        Test::Range { fact, range, .. } => {
            let inside = |v: &Decimal| Interval::point(*v).within(*range) == Outcome::Met;
            let values = values(dictionary, *fact, all);
            (
                dictionary.fact(*fact).id.clone(),
                values.iter().map(inside).collect(),
            )
        }
        Test::OneOf { fact, choices } => {
            let described = dictionary.fact(*fact);
            let all: &[String] = match &described.kind {
                Kind::Choice { choices, .. } => choices,
                Kind::Quantity { .. } | Kind::Event | Kind::State => &[],
            };
            let answers = (0..).zip(all).map(|(c, _)| choices.contains(&c)).collect();
            (described.id.clone(), answers)
        }
        Test::Present { fact, wanted } => {
            (dictionary.fact(*fact).id.clone(), vec![*wanted, !wanted])
        }
        Test::When { .. } | Test::Taking(_) | Test::Treated(_) => {
            (leaf.words.clone(), vec![true, false])
        }
    }
}

/// Values of a quantity on, under and over every limit that a criterion sets for it.
fn values(dictionary: &Dictionary, fact: FactId, all: &[&Leaf]) -> Vec<Decimal> {
    let mut limits: Vec<Decimal> = all
        .iter()
        .filter_map(|leaf| match &leaf.test {
            Test::Range { fact: f, range, .. } if *f == fact => Some([range.low, range.high]),
            _ => None,
        })
        .flatten()
        .filter_map(|bound| bound.map(|b| b.value))
        .collect();
    if let Kind::Quantity { possible, .. } = dictionary.fact(fact).kind {
        limits.extend(
            [possible.low, possible.high]
                .into_iter()
                .flatten()
                .map(|b| b.value),
        );
    }
    limits.sort();
    limits.dedup();
    let mut values = limits.clone();
    for pair in limits.windows(2) {
        if let [a, b] = pair {
            values.push((a + b) / Decimal::TWO);
        }
    }
    values
}

/// `for` and `when` together.
fn whole(criterion: &Criterion) -> Option<Expr> {
    let when = criterion.when.clone()?;
    Some(match &criterion.population {
        Some(population) => Expr::All(vec![population.clone(), when]),
        None => when,
    })
}

/// Whether a criterion can never be met, or always is.
fn decided_already(dictionary: &Dictionary, criterion: &Criterion) -> Option<String> {
    let table = Table::new(dictionary, whole(criterion)?);
    if table.combinations() > MOST {
        return None;
    }
    let outcomes = (0..table.combinations()).map(|c| table.outcome(&table.values(c)));
    let outcomes: Vec<Outcome> = outcomes.collect();
    let all = |wanted: Outcome| outcomes.iter().all(|o| *o == wanted);
    if all(Outcome::NotMet) {
        Some("this can never be met".to_owned())
    } else if all(Outcome::Met) {
        Some("this is met whatever is known: write `when: always`".to_owned())
    } else {
        None
    }
}

/// Limits that no result is likely to reach, and exceptions of medicines that are not meant anyway.
fn useless(dictionary: &Dictionary, criterion: &Criterion) -> Vec<(Code, String)> {
    let expressions = criterion.when.iter().chain(&criterion.population);
    let mut found = Vec::new();
    for leaf in expressions.flat_map(Expr::leaves) {
        match &leaf.test {
            Test::Range { fact, range, text } => {
                let fact = dictionary.fact(*fact);
                let Kind::Quantity {
                    likely: Some(likely),
                    ..
                } = fact.kind
                else {
                    continue;
                };
                for (bound, written) in [(range.low, &text.low), (range.high, &text.high)] {
                    let (Some(bound), Some((written, _))) = (bound, written) else {
                        continue;
                    };
                    if Interval::point(bound.value).within(likely) != Outcome::Met {
                        let name = &fact.name;
                        let message =
                            format!("hardly any {name} is near {written}: check the unit");
                        found.push((Code::UnlikelyValue, message));
                    }
                }
            }
            Test::Taking(taking) => {
                for (medicine, _) in &taking.except {
                    let named = |t: &NamedTest| match t {
                        NamedTest::Class(class) => dictionary.belongs(*medicine, *class),
                        NamedTest::Medicine(id) => id == medicine,
                    };
                    let all = taking.all.iter().all(|c| dictionary.belongs(*medicine, *c));
                    if !all || !(taking.any.is_empty() || taking.any.iter().any(named)) {
                        let name = &dictionary.medicine(*medicine).id;
                        let message = format!("{name} is excepted, and not meant anyway");
                        found.push((Code::Decided, message));
                    }
                }
            }
            Test::OneOf { .. } | Test::Present { .. } | Test::When { .. } | Test::Treated(_) => {}
        }
    }
    found
}

/// Facts that leave a criterion unknown when they are not known, although every value of them decides the same.
fn undecided(dictionary: &Dictionary, criterion: &Criterion) -> Vec<String> {
    let Some(expr) = criterion.when.clone() else {
        return Vec::new();
    };
    let table = Table::new(dictionary, expr);
    if table.combinations() > MOST {
        return Vec::new();
    }
    let twice = table.variables.iter().enumerate();
    let twice = twice.filter(|(_, (_, _, questions))| *questions > 1);
    let found = twice.filter(|(place, (_, count, _))| {
        (0..table.combinations()).any(|combination| {
            let mut values = table.values(combination);
            let mut with = |value: Option<usize>| {
                if let Some(place) = values.get_mut(*place) {
                    *place = value;
                }
                table.outcome(&values)
            };
            if with(None) != Outcome::Unknown {
                return false;
            }
            let first = with(Some(0));
            (1..*count).all(|value| with(Some(value)) == first)
        })
    });
    found.map(|(_, (name, _, _))| name.clone()).collect()
}

/// The one range that a criterion asks for, if that is all it asks.
fn only_range(criterion: &Criterion) -> Option<(FactId, Interval)> {
    match criterion.when.as_ref()? {
        Expr::Leaf(Leaf {
            test: Test::Range { fact, range, .. },
            ..
        }) => Some((*fact, *range)),
        _ => None,
    }
}

fn population(criterion: &Criterion) -> String {
    criterion
        .population
        .as_ref()
        .map_or_else(String::new, Expr::words)
}

/// Whether every value of `inner` lies in `outer`.
fn inside(inner: Interval, outer: Interval) -> bool {
    let low = match (inner.low, outer.low) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(i), Some(o)) => i.value > o.value || (i.value == o.value && (o.closed || !i.closed)),
    };
    let high = match (inner.high, outer.high) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(i), Some(o)) => i.value < o.value || (i.value == o.value && (o.closed || !i.closed)),
    };
    low && high
}

/// Two criteria of one document that say the same, contradict, or of which one hides the other: the one to look at, and why.
fn against_each_other<'c>(
    dictionary: &Dictionary,
    a: &'c Criterion,
    b: &'c Criterion,
) -> Option<(&'c str, Code, String)> {
    // What was read and what was not may stand side by side.
    let alike = population(a) == population(b)
        && a.max.is_some() == b.max.is_some()
        && a.hazard == b.hazard
        && a.cited.seen == b.cited.seen;
    if !alike {
        return None;
    }
    let words = |c: &Criterion| c.when.as_ref().map(Expr::words);
    if a.when.is_some() && words(a) == words(b) {
        let same = a.strength == b.strength && a.max == b.max;
        let (code, how) = if same {
            (Code::SameStatement, "says the same as")
        } else {
            (Code::Shadowed, "contradicts")
        };
        return Some((&b.id, code, format!("this {how} {}", a.id)));
    }
    if a.max.is_some() {
        return None;
    }
    let ((fact_a, range_a), (fact_b, range_b)) = (only_range(a)?, only_range(b)?);
    if fact_a != fact_b {
        return None;
    }
    let level = |c: &Criterion| c.strength.level(c.boxed);
    // A caution for the old inside a restriction for the elderly says something else; a limit of a test does not.
    let of_test = dictionary.fact(fact_a).section == Section::Tests;
    let hides = |outer: &Criterion, inner: &Criterion| {
        level(outer) == level(inner) || (of_test && level(outer) < level(inner))
    };
    let message = |by: &Criterion| {
        format!(
            "wherever this is met, {} is met too, and weighs as much or more",
            by.id
        )
    };
    if inside(range_a, range_b) && hides(b, a) {
        Some((&a.id, Code::Shadowed, message(b)))
    } else if inside(range_b, range_a) && hides(a, b) {
        Some((&b.id, Code::Shadowed, message(a)))
    } else {
        None
    }
}

/// Gaps and overlaps between the bands of dose rows for one population.
fn gaps(dictionary: &Dictionary, rows: &[Criterion]) -> Vec<(String, String)> {
    let mut bands: BTreeMap<(FactId, String), Vec<(Interval, &Criterion)>> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.max.is_some()) {
        if let Some((fact, range)) = only_range(row) {
            let of_population = bands.entry((fact, population(row))).or_default();
            of_population.push((range, row));
        }
    }
    let usual = |population_of: &str| {
        let mut standing = rows.iter().filter(|r| r.max.is_some() && r.when.is_none());
        standing.any(|r| population(r) == population_of)
    };
    let mut found = Vec::new();
    for ((fact, population), mut bands) in bands {
        bands.sort_by_key(|(range, _)| range.low.map(|b| (b.value, !b.closed)));
        for pair in bands.windows(2) {
            let [(below, first), (above, second)] = pair else {
                continue;
            };
            let name = &dictionary.fact(fact).name;
            let (Some(high), Some(low)) = (below.high, above.low) else {
                found.push((
                    second.id.clone(),
                    format!("overlaps {} in {name}", first.id),
                ));
                continue;
            };
            let (from, to) = (plain(high.value), plain(low.value));
            let apart =
                high.value < low.value || (high.value == low.value && !high.closed && !low.closed);
            if apart && !usual(&population) {
                let message = format!("no dose row for {name} between {from} and {to}");
                found.push((second.id.clone(), message));
            } else if high.value > low.value
                || (high.value == low.value && high.closed && low.closed)
            {
                let message = format!("overlaps {} in {name} between {to} and {from}", first.id);
                found.push((second.id.clone(), message));
            }
        }
    }
    found
}
