//! Mutants: a criterion with one small mistake in it, which its cases must catch.

use rust_decimal::Decimal;

use crate::dictionary::{Dictionary, Fact, FactId, Kind};
use crate::library::{
    BeforeStarting, Criterion, Exception, Expr, Leaf, NamedTest, RangeText, Strength, Taking, Test,
    Time, Treated,
};
use crate::profile::Response;
use crate::quantity::{self, Bound, Interval};

/// The most questions of one expression that mutants are made of: each mutant is a copy of the whole.
pub(super) const MOST_QUESTIONS: usize = 200;

/// A criterion with a mistake, and the mistake in words.
pub(super) struct Mutated {
    pub(super) what: String,
    pub(super) criterion: Criterion,
}

/// Every mutant of what a criterion asks: its `when` and its `for`. Strength and dose are words that the cases state.
pub(super) fn of_criterion(dictionary: &Dictionary, criterion: &Criterion) -> Vec<Mutated> {
    let mut mutants = Vec::new();
    if let Some(when) = &criterion.when {
        for (what, changed) in of_expression(dictionary, when) {
            let when = Some(changed);
            let criterion = Criterion {
                when,
                ..criterion.clone()
            };
            mutants.push(Mutated { what, criterion });
        }
    }
    if let Some(population) = &criterion.population {
        let mut populations = vec![
            ("`for` dropped".to_owned(), None),
            (
                "`for` turned round".to_owned(),
                Some(Expr::Not(Box::new(population.clone()))),
            ),
        ];
        let changed = of_expression(dictionary, population).into_iter();
        populations.extend(changed.map(|(what, e)| (format!("for: {what}"), Some(e))));
        for (what, population) in populations {
            let criterion = Criterion {
                population,
                ..criterion.clone()
            };
            mutants.push(Mutated { what, criterion });
        }
    }
    mutants
}

/// Every mutant of a row of tests before starting: whom it is asked of, what replaces it, which test. `None` is the row gone.
pub(super) fn of_test_row(
    dictionary: &Dictionary,
    row: &BeforeStarting,
) -> Vec<(String, Option<BeforeStarting>)> {
    let mut mutants = vec![("row dropped".to_owned(), None)];
    let mut add = |what: String, row: BeforeStarting| mutants.push((what, Some(row)));
    if let Some(population) = &row.population {
        let with = |population| BeforeStarting {
            population,
            ..row.clone()
        };
        add("`for` dropped".to_owned(), with(None));
        let turned = Expr::Not(Box::new(population.clone()));
        add("`for` turned round".to_owned(), with(Some(turned)));
        for (what, changed) in of_expression(dictionary, population) {
            add(format!("for: {what}"), with(Some(changed)));
        }
    }
    if let Some(satisfied) = &row.satisfied_by {
        let with = |satisfied_by| BeforeStarting {
            satisfied_by,
            ..row.clone()
        };
        add("`satisfied_by` dropped".to_owned(), with(None));
        for (what, changed) in of_expression(dictionary, satisfied) {
            add(format!("satisfied by: {what}"), with(Some(changed)));
        }
    }
    if row.tests.len() > 1 {
        let any = !row.any;
        let what = if any {
            "one is enough"
        } else {
            "all are asked"
        };
        add(what.to_owned(), BeforeStarting { any, ..row.clone() });
        for (i, test) in row.tests.iter().enumerate() {
            let mut tests = row.tests.clone();
            tests.remove(i);
            let what = format!("without {}", dictionary.fact(*test).id);
            add(
                what,
                BeforeStarting {
                    tests,
                    ..row.clone()
                },
            );
        }
    }
    mutants
}

/// Every expression that differs in one small thing, with the difference in words. One of too many questions is given back
/// as it is: a mutant that nothing can catch.
pub(super) fn of_expression(dictionary: &Dictionary, expr: &Expr) -> Vec<(String, Expr)> {
    let questions = expr.leaves().len();
    if questions > MOST_QUESTIONS {
        let what = format!("{questions} questions are too many to try: split it");
        return vec![(what, expr.clone())];
    }
    of_any_expression(dictionary, expr)
}

fn of_any_expression(dictionary: &Dictionary, expr: &Expr) -> Vec<(String, Expr)> {
    match expr {
        Expr::All(parts) => of_parts(dictionary, parts, Expr::All, Expr::Any, "`all` -> `any`"),
        Expr::Any(parts) => of_parts(dictionary, parts, Expr::Any, Expr::All, "`any` -> `all`"),
        Expr::Not(inner) => {
            let mut mutants = vec![("`not` dropped".to_owned(), (**inner).clone())];
            let changed = of_any_expression(dictionary, inner).into_iter();
            mutants.extend(changed.map(|(what, e)| (what, Expr::Not(Box::new(e)))));
            mutants
        }
        Expr::Leaf(leaf) => of_test(dictionary, &leaf.test)
            .into_iter()
            .map(|(what, test)| {
                let words = leaf.words.clone();
                (
                    format!("{}: {what}", leaf.words),
                    Expr::Leaf(Leaf {
                        test,
                        words,
                        number: Leaf::ALONE,
                    }),
                )
            })
            .collect(),
    }
}

fn of_parts(
    dictionary: &Dictionary,
    parts: &[Expr],
    same: fn(Vec<Expr>) -> Expr,
    other: fn(Vec<Expr>) -> Expr,
    swapped: &str,
) -> Vec<(String, Expr)> {
    let mut mutants = Vec::new();
    if parts.len() > 1 {
        mutants.push((swapped.to_owned(), other(parts.to_vec())));
        for (i, part) in parts.iter().enumerate() {
            let mut rest = parts.to_vec();
            rest.remove(i);
            mutants.push((format!("without `{}`", part.words()), same(rest)));
        }
    }
    for (i, part) in parts.iter().enumerate() {
        for (what, changed) in of_any_expression(dictionary, part) {
            let mut parts = parts.to_vec();
            if let Some(place) = parts.get_mut(i) {
                *place = changed;
            }
            mutants.push((what, same(parts)));
        }
    }
    mutants
}

fn of_test(dictionary: &Dictionary, test: &Test) -> Vec<(String, Test)> {
    match test {
        Test::Range { fact, range, text } => of_range(dictionary, *fact, *range, text),
        Test::OneOf { fact, choices } => of_choices(dictionary, *fact, choices),
        Test::Present { fact, wanted } => of_presence(dictionary, *fact, *wanted),
        Test::When { fact, time, period } => {
            let when = |time, period| Test::When {
                fact: *fact,
                time,
                period,
            };
            let turned = match time {
                Time::Within => Time::LongerAgoThan,
                Time::LongerAgoThan | Time::InNext => Time::Within,
            };
            let mut mutants = vec![("another side in time".to_owned(), when(turned, *period))];
            let days = [
                ("a day longer", Some(period.longer())),
                ("a day shorter", period.shorter()),
            ];
            for (what, period) in days {
                mutants.extend(period.map(|p| (what.to_owned(), when(*time, p))));
            }
            mutants
        }
        Test::Taking(taking) => of_taking(dictionary, taking),
        Test::Treated(treated) => of_treated(dictionary, treated),
    }
}

/// Each limit moved by its smallest step, the limit itself inside or outside, the other direction, one limit of two.
fn of_range(
    dictionary: &Dictionary,
    fact: FactId,
    range: Interval,
    text: &RangeText,
) -> Vec<(String, Test)> {
    let mut mutants = Vec::new();
    let range_test = |range| Test::Range {
        fact,
        range,
        text: text.clone(),
    };
    for (is_low, bound, written) in [
        (true, range.low, &text.low),
        (false, range.high, &text.high),
    ] {
        let (Some(bound), Some((written, _))) = (bound, written) else {
            continue;
        };
        let with = |new: Option<Bound>| {
            if is_low {
                Interval { low: new, ..range }
            } else {
                Interval { high: new, ..range }
            }
        };
        for (value, step) in around(dictionary, fact, bound.value, written) {
            let moved = Bound { value, ..bound };
            mutants.push((
                format!("limit {written} {step} a step"),
                range_test(with(Some(moved))),
            ));
        }
        let closed = !bound.closed;
        let what = if closed { "inside" } else { "outside" };
        mutants.push((
            format!("limit {written} itself {what}"),
            range_test(with(Some(Bound { closed, ..bound }))),
        ));
        if range.low.is_some() && range.high.is_some() {
            mutants.push((format!("limit {written} dropped"), range_test(with(None))));
        } else {
            let other = Some(Bound { closed, ..bound });
            let turned = if is_low {
                Interval {
                    low: None,
                    high: other,
                }
            } else {
                Interval {
                    low: other,
                    high: None,
                }
            };
            mutants.push((format!("the other side of {written}"), range_test(turned)));
        }
    }
    if let Some(other) = next_fact(dictionary, fact, |f| {
        match (&f.kind, &dictionary.fact(fact).kind) {
            (Kind::Quantity { units: a, .. }, Kind::Quantity { units: b, .. }) => a == b,
            _ => false,
        }
    }) {
        let text = text.clone();
        let what = format!("of {} instead", dictionary.fact(other).id);
        let fact = other;
        mutants.push((what, Test::Range { fact, range, text }));
    }
    mutants
}

/// The values one step of the last digit as written away from a limit.
pub(super) fn around(
    dictionary: &Dictionary,
    fact: FactId,
    limit: Decimal,
    written: &str,
) -> Vec<(Decimal, &'static str)> {
    let Kind::Quantity { units, .. } = dictionary.fact(fact).kind else {
        return Vec::new();
    };
    let Ok(parsed) = quantity::parse(written) else {
        return Vec::new();
    };
    let step = Decimal::new(1, parsed.number.scale());
    let moved = [("up", parsed.number + step), ("down", parsed.number - step)];
    let values = moved.into_iter().filter_map(|(what, number)| {
        let converted = dictionary
            .unit_list(units)
            .convert(&quantity::Written { number, ..parsed });
        let value = converted.ok()?.value.exact()?;
        (value != limit).then_some((value, what))
    });
    values.collect()
}

fn of_choices(dictionary: &Dictionary, fact: FactId, choices: &[u16]) -> Vec<(String, Test)> {
    let described = dictionary.fact(fact);
    let Kind::Choice { choices: all, .. } = &described.kind else {
        return Vec::new();
    };
    let mut mutants = Vec::new();
    for (i, choice) in choices.iter().enumerate() {
        let mut rest = choices.to_vec();
        rest.remove(i);
        // The next word that is not asked for, from the first again after the last.
        let numbers = (0..).zip(all).map(|(number, _)| number);
        let following = numbers
            .clone()
            .filter(|c| c > choice)
            .chain(numbers.filter(|c| c < choice))
            .find(|c| !choices.contains(c));
        if !rest.is_empty() {
            let what = format!("without {}", described.word(*choice));
            mutants.push((
                what,
                Test::OneOf {
                    fact,
                    choices: rest.clone(),
                },
            ));
        }
        if let Some(following) = following {
            let what = format!(
                "{} instead of {}",
                described.word(following),
                described.word(*choice)
            );
            rest.push(following);
            rest.sort_unstable();
            mutants.push((
                what,
                Test::OneOf {
                    fact,
                    choices: rest,
                },
            ));
        }
    }
    let like = |f: &Fact| matches!(&f.kind, Kind::Choice { choices, .. } if choices == all);
    if let Some(other) = next_fact(dictionary, fact, like) {
        let what = format!("{} instead", dictionary.fact(other).id);
        let choices = choices.to_vec();
        mutants.push((
            what,
            Test::OneOf {
                fact: other,
                choices,
            },
        ));
    }
    mutants
}

fn of_presence(dictionary: &Dictionary, fact: FactId, wanted: bool) -> Vec<(String, Test)> {
    let described = dictionary.fact(fact);
    let mut others = described.groups.clone();
    others.extend(described.members.first());
    let like = |f: &Fact| f.kind == described.kind && f.parent == described.parent;
    others.extend(next_fact(dictionary, fact, like));
    let turned = if wanted { "denied" } else { "present" };
    let mut mutants = vec![(
        turned.to_owned(),
        Test::Present {
            fact,
            wanted: !wanted,
        },
    )];
    mutants.extend(others.into_iter().map(|other| {
        let what = format!("{} instead", dictionary.fact(other).id);
        (
            what,
            Test::Present {
                fact: other,
                wanted,
            },
        )
    }));
    mutants
}

/// The next fact of the same section that is like this one.
fn next_fact(
    dictionary: &Dictionary,
    fact: FactId,
    like: impl Fn(&Fact) -> bool,
) -> Option<FactId> {
    let section = dictionary.fact(fact).section;
    let all = dictionary
        .facts()
        .filter(|(id, f)| *id == fact || (f.section == section && like(f)))
        .map(|(id, _)| id);
    let all: Vec<FactId> = all.collect();
    let place = all.iter().position(|id| *id == fact)?;
    let next = *all.get((place + 1) % all.len())?;
    (next != fact).then_some(next)
}

/// Names that stand near a medicine or class: the next one, a wider class, a narrower class.
fn near(dictionary: &Dictionary, test: NamedTest) -> Vec<NamedTest> {
    match test {
        NamedTest::Medicine(id) => dictionary
            .medicine_after(id)
            .map(NamedTest::Medicine)
            .into_iter()
            .collect(),
        NamedTest::Class(id) => {
            let mut near: Vec<_> = dictionary.containing(id).filter(|c| *c != id).collect();
            near.extend(dictionary.class_after(id));
            near.extend(dictionary.inside(id).next());
            near.sort();
            near.dedup();
            near.into_iter().map(NamedTest::Class).collect()
        }
    }
}

fn name(dictionary: &Dictionary, test: NamedTest) -> String {
    match test {
        NamedTest::Medicine(id) => dictionary.medicine(id).id.to_string(),
        NamedTest::Class(id) => dictionary.class(id).id.to_string(),
    }
}

/// Each of a list of names dropped, and replaced by what stands near.
fn of_names(dictionary: &Dictionary, names: &[NamedTest]) -> Vec<(String, Vec<NamedTest>)> {
    let mut mutants = Vec::new();
    for (i, test) in names.iter().enumerate() {
        let mut rest = names.to_vec();
        rest.remove(i);
        if !rest.is_empty() {
            mutants.push((format!("without {}", name(dictionary, *test)), rest.clone()));
        }
        for other in near(dictionary, *test) {
            if !names.contains(&other) {
                let mut replaced = rest.clone();
                replaced.push(other);
                let what = format!(
                    "{} instead of {}",
                    name(dictionary, other),
                    name(dictionary, *test)
                );
                mutants.push((what, replaced));
            }
        }
    }
    mutants
}

fn of_taking(dictionary: &Dictionary, taking: &Taking) -> Vec<(String, Test)> {
    let mut mutants = Vec::new();
    for (what, any) in of_names(dictionary, &taking.any) {
        mutants.push((
            what,
            Taking {
                any,
                ..taking.clone()
            },
        ));
    }
    let classes: Vec<NamedTest> = taking.all.iter().map(|c| NamedTest::Class(*c)).collect();
    for (what, all) in of_names(dictionary, &classes) {
        let all = all.into_iter().filter_map(|t| match t {
            NamedTest::Class(id) => Some(id),
            NamedTest::Medicine(_) => None,
        });
        let all = all.collect();
        mutants.push((
            what,
            Taking {
                all,
                ..taking.clone()
            },
        ));
    }
    for (i, (medicine, exception)) in taking.except.iter().enumerate() {
        let with = |new: Option<Exception>| {
            let mut except = taking.except.clone();
            match (new, except.get_mut(i)) {
                (Some(new), Some(place)) => place.1 = new,
                _ => drop(except.remove(i)),
            }
            Taking {
                except,
                ..taking.clone()
            }
        };
        let named = name(dictionary, NamedTest::Medicine(*medicine));
        mutants.push((format!("{named} no exception"), with(None)));
        if let Exception::Daily(range) = exception
            && let Some(bound) = range.high
        {
            let daily = |bound| {
                Some(Exception::Daily(Interval {
                    low: None,
                    high: Some(bound),
                }))
            };
            let step = Decimal::new(1, bound.value.scale());
            for (what, value) in [("up", bound.value + step), ("down", bound.value - step)] {
                let what = format!("limit of {named} {what} a step");
                mutants.push((what, with(daily(Bound { value, ..bound }))));
            }
            let closed = !bound.closed;
            let what = format!("limit of {named} itself on the other side");
            mutants.push((what, with(daily(Bound { closed, ..bound }))));
        }
    }
    mutants
        .into_iter()
        .map(|(what, taking)| (what, Test::Taking(taking)))
        .collect()
}

fn of_treated(dictionary: &Dictionary, treated: &Treated) -> Vec<(String, Test)> {
    let mut mutants = Vec::new();
    for (what, with) in of_names(dictionary, &treated.with) {
        mutants.push((
            what,
            Treated {
                with,
                ..treated.clone()
            },
        ));
    }
    for (i, response) in treated.outcome.iter().enumerate() {
        let mut outcome = treated.outcome.clone();
        outcome.remove(i);
        let word = |r: &Response| {
            let found = Response::WORDS.iter().find(|(_, x)| x == r);
            found.map_or("", |(w, _)| w)
        };
        if !outcome.is_empty() {
            let what = format!("without {}", word(response));
            mutants.push((
                what,
                Treated {
                    outcome: outcome.clone(),
                    ..treated.clone()
                },
            ));
        }
        let place = Response::WORDS.iter().position(|(_, x)| x == response);
        let following = (1..Response::WORDS.len()).find_map(|n| {
            let at = (place? + n) % Response::WORDS.len();
            let (_, other) = Response::WORDS.get(at)?;
            (!treated.outcome.contains(other)).then_some(*other)
        });
        if let Some(following) = following {
            outcome.push(following);
            let what = format!("{} instead of {}", word(&following), word(response));
            mutants.push((
                what,
                Treated {
                    outcome,
                    ..treated.clone()
                },
            ));
        }
    }
    if treated.at_least > 1 {
        let what = "one treatment fewer".to_owned();
        let at_least = treated.at_least - 1;
        mutants.push((
            what,
            Treated {
                at_least,
                ..treated.clone()
            },
        ));
    }
    let what = "one treatment more".to_owned();
    let at_least = treated.at_least + 1;
    mutants.push((
        what,
        Treated {
            at_least,
            ..treated.clone()
        },
    ));
    mutants
        .into_iter()
        .map(|(what, treated)| (what, Test::Treated(treated)))
        .collect()
}

/// Another strength, for the mutant that the strength stated by the cases must catch.
pub(super) fn another(strength: Strength) -> Strength {
    let place = Strength::WORDS.iter().position(|(_, s)| *s == strength);
    let next = place.map_or(0, |p| (p + 1) % Strength::WORDS.len());
    Strength::WORDS.get(next).map_or(strength, |(_, s)| *s)
}
