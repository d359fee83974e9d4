//! From a tree to an expression, reporting every problem.

use rust_decimal::Decimal;

use super::{Exception, Expr, Leaf, NamedTest, RangeText, Taking, Test, Time, Treated};
use crate::decode::{self, did_you_mean, fields, items, normal, record, shown, texts};
use crate::diagnostic::{Code, Collector};
use crate::dictionary::{Fact, FactId, Kind, Named, in_words};
use crate::library::Library;
use crate::profile::{Response, per_day};
use crate::quantity::{self, Bound, Interval};
use crate::text::{Kind as NodeKind, Node};

/// Reads expressions against a library's dictionary and policy.
pub(crate) struct Reader<'l> {
    pub(crate) library: &'l Library,
}

impl Reader<'_> {
    pub(crate) fn read(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Expr> {
        let mut fields = fields(node, "an expression", out)?;
        fields.sort_by_key(|f| f.key);
        if fields.is_empty() {
            out.error(Code::EmptyValue, node.span, "the expression is empty", None);
            return None;
        }
        let mut parts = Vec::new();
        for field in &fields {
            let part = match field.key {
                "all" => self.list(field.value, out).map(Expr::All),
                "any" => self.list(field.value, out).map(Expr::Any),
                "not" => self.read(field.value, out).map(|e| Expr::Not(Box::new(e))),
                key => self.leaf(key, field, out),
            };
            parts.push(part);
        }
        // Every problem has been reported; an expression with one is not used.
        let mut parts = parts.into_iter().collect::<Option<Vec<Expr>>>()?;
        if parts.len() == 1 {
            parts.pop()
        } else {
            Some(Expr::All(parts))
        }
    }

    fn list(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Vec<Expr>> {
        let NodeKind::List(list) = &node.kind else {
            out.error(
                Code::WrongShape,
                node.span,
                "`all` and `any` take a list",
                Some("start each part with `- `".to_owned()),
            );
            return None;
        };
        if list.is_empty() {
            out.error(Code::EmptyValue, node.span, "the list is empty", None);
            return None;
        }
        let parts: Vec<Option<Expr>> = list.iter().map(|n| self.read(n, out)).collect();
        let mut parts: Vec<Expr> = parts.into_iter().collect::<Option<_>>()?;
        // The order of the file does not matter, not even to the wording.
        parts.sort_by(Expr::compare);
        Some(parts)
    }

    fn leaf(&self, key: &str, field: &decode::Field<'_>, out: &mut Collector<'_>) -> Option<Expr> {
        match key {
            "taking" => self.taking(field.value, out),
            "treated" => self.treated(field.value, out),
            _ => {
                let dictionary = self.library.dictionary();
                let Some(id) = dictionary.find(key) else {
                    let names = dictionary
                        .fact_ids()
                        .chain(["taking", "treated", "all", "any", "not"]);
                    let help = did_you_mean(&normal(key), names);
                    out.error(
                        Code::UnknownName,
                        field.at,
                        format!("no fact `{}`", shown(key)),
                        help,
                    );
                    return None;
                };
                self.fact_test(id, field.value, out)
            }
        }
    }

    fn fact_test(&self, id: FactId, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Expr> {
        let fact = self.library.dictionary().fact(id);
        if let NodeKind::Map(_) = node.kind {
            return self.fact_map(id, fact, node, out);
        }
        match &fact.kind {
            Kind::Choice { .. } => {
                let mut choices = Vec::new();
                for (word, span) in texts(node, "a value", out) {
                    if let Some(choice) = fact.choice(&word) {
                        choices.push(choice);
                    } else {
                        let Kind::Choice { choices, .. } = &fact.kind else {
                            continue;
                        };
                        let help = did_you_mean(&word, choices.iter().map(String::as_str))
                            .unwrap_or_else(|| format!("write one of: {}", choices.join(", ")));
                        out.error(
                            Code::UnknownWord,
                            span,
                            format!("not a value of {}", fact.id),
                            help,
                        );
                    }
                }
                choices.sort_unstable();
                let list: Vec<String> = choices.iter().map(|c| in_words(fact.word(*c))).collect();
                let words = format!("{} is {}", fact.name, list.join(" or "));
                (!choices.is_empty()).then_some(Expr::Leaf(Leaf {
                    number: Leaf::ALONE,
                    test: Test::OneOf { fact: id, choices },
                    words,
                }))
            }
            Kind::State | Kind::Event => {
                let wanted = decode::yes_no(node, out)?;
                let words = if wanted {
                    fact.name.clone()
                } else {
                    format!("no {}", fact.name)
                };
                Some(Expr::Leaf(Leaf {
                    number: Leaf::ALONE,
                    test: Test::Present { fact: id, wanted },
                    words,
                }))
            }
            Kind::Quantity { .. } => {
                let help = Some("write it as { below: 500 /uL }".to_owned());
                out.error(
                    Code::WrongTest,
                    node.span,
                    format!("{} is a quantity: say the limit and its side", fact.id),
                    help,
                );
                None
            }
        }
    }

    /// Limits, times and attributes of a fact.
    fn fact_map(
        &self,
        id: FactId,
        fact: &Fact,
        node: &Node<'_>,
        out: &mut Collector<'_>,
    ) -> Option<Expr> {
        let mut fields = fields(node, &fact.id, out)?;
        fields.sort_by_key(|f| f.key);
        if fields.is_empty() {
            decode::empty(node, &fact.id, out);
            return None;
        }
        let mut parts: Vec<Option<Expr>> = Vec::new();
        let mut range = Interval::default();
        let mut text = RangeText::default();
        for field in &fields {
            let limit = match field.key {
                "below" => Some((false, false)),
                "at_most" => Some((false, true)),
                "above" => Some((true, false)),
                "at_least" => Some((true, true)),
                _ => None,
            };
            let time = match field.key {
                "within" => Some(Time::Within),
                "longer_ago_than" => Some(Time::LongerAgoThan),
                "in_next" => Some(Time::InNext),
                _ => None,
            };
            if let (Some((low, closed)), Kind::Quantity { .. }) = (limit, &fact.kind) {
                let Some((value, written)) = self.limit(fact, field.value, out) else {
                    parts.push(None);
                    continue;
                };
                let end = if low {
                    (&mut range.low, &mut text.low)
                } else {
                    (&mut range.high, &mut text.high)
                };
                if end.0.is_some() {
                    let help = "keep one limit on each side".to_owned();
                    out.error(Code::WrongTest, field.at, "two limits on one side", help);
                }
                *end.0 = Some(Bound { value, closed });
                *end.1 = Some((written, closed));
            } else if let (Some(time), Kind::Event) = (time, &fact.kind) {
                parts.push(self.library.period(field.value, out).map(|period| {
                    let verb = match time {
                        Time::Within => "in the last",
                        Time::LongerAgoThan => "longer ago than",
                        Time::InNext => "planned in the next",
                    };
                    Expr::Leaf(Leaf {
                        number: Leaf::ALONE,
                        test: Test::When {
                            fact: id,
                            time,
                            period,
                        },
                        words: format!("{} {verb} {period}", fact.name),
                    })
                }));
            } else if let Some(attribute) = self.library.dictionary().attribute(id, field.key) {
                parts.push(self.fact_test(attribute, field.value, out));
            } else {
                let mut known: Vec<&str> = fact
                    .attributes
                    .iter()
                    .filter_map(|a| self.library.dictionary().fact(*a).id.rsplit('.').next())
                    .collect();
                match fact.kind {
                    Kind::Quantity { .. } => {
                        known.extend(["below", "at_most", "above", "at_least"]);
                    }
                    Kind::Event => known.extend(["within", "longer_ago_than", "in_next"]),
                    Kind::Choice { .. } | Kind::State => {}
                }
                let help = did_you_mean(field.key, known.iter().copied())
                    .unwrap_or_else(|| format!("{} can be asked: {}", fact.id, known.join(", ")));
                out.error(
                    Code::WrongTest,
                    field.at,
                    format!("{} cannot be asked `{}`", fact.id, shown(field.key)),
                    help,
                );
                parts.push(None);
            }
        }
        if range != Interval::default() {
            if let (Some(low), Some(high)) = (range.low, range.high)
                && (low.value > high.value
                    || (low.value == high.value && !(low.closed && high.closed)))
            {
                out.error(
                    Code::WrongTest,
                    node.span,
                    "no value lies in this band",
                    None,
                );
            }
            let words = format!("{} {}", fact.name, range_words(&text));
            parts.push(Some(Expr::Leaf(Leaf {
                number: Leaf::ALONE,
                test: Test::Range {
                    fact: id,
                    range,
                    text,
                },
                words,
            })));
        }
        let mut parts = parts.into_iter().collect::<Option<Vec<Expr>>>()?;
        if parts.len() == 1 {
            parts.pop()
        } else {
            Some(Expr::All(parts))
        }
    }

    fn limit(
        &self,
        fact: &Fact,
        node: &Node<'_>,
        out: &mut Collector<'_>,
    ) -> Option<(Decimal, String)> {
        let Kind::Quantity {
            units, possible, ..
        } = &fact.kind
        else {
            return None;
        };
        let text = decode::text(node, "a limit", out)?;
        let list = self.library.dictionary().unit_list(*units);
        let converted = quantity::parse(text)
            .map_err(|(c, h)| (c, h.to_owned()))
            .and_then(|w| {
                if w.comparator.is_some() {
                    Err((
                        Code::BadNumber,
                        "the side is said by the key; write the number alone".to_owned(),
                    ))
                } else {
                    list.convert(&w)
                }
            });
        match converted {
            Ok(converted) => {
                let value = converted.value.exact()?;
                if Interval::point(value).within(*possible) != crate::outcome::Outcome::Met {
                    out.error(
                        Code::ImpossibleValue,
                        node.span,
                        format!("{} never has this value", fact.id),
                        None,
                    );
                }
                let written = if converted.converted || text.contains(' ') {
                    text.to_owned()
                } else {
                    format!("{text} {}", list.canonical())
                };
                Some((value, written))
            }
            Err((code, help)) => {
                out.error(code, node.span, format!("not a limit of {}", fact.id), help);
                None
            }
        }
    }

    fn named(&self, node: Option<&Node<'_>>, out: &mut Collector<'_>) -> Vec<NamedTest> {
        let dictionary = self.library.dictionary();
        let mut found = Vec::new();
        for (name, span) in node
            .map(|n| texts(n, "a medicine or class", out))
            .unwrap_or_default()
        {
            match dictionary.find_medicine(&name) {
                Some(Named::Medicine(id)) => found.push(NamedTest::Medicine(id)),
                Some(Named::Class(id)) => found.push(NamedTest::Class(id)),
                None => {
                    let help = did_you_mean(&normal(&name), dictionary.medicine_names());
                    out.error(
                        Code::UnknownName,
                        span,
                        format!("no medicine or class `{}`", shown(&name)),
                        help,
                    );
                }
            }
        }
        found.sort();
        found
    }

    fn named_words(&self, tests: &[NamedTest]) -> String {
        let dictionary = self.library.dictionary();
        let names: Vec<String> = tests
            .iter()
            .map(|t| match t {
                NamedTest::Medicine(id) => dictionary.medicine(*id).id.replace('_', " "),
                NamedTest::Class(id) => dictionary.class(*id).name.to_string(),
            })
            .collect();
        names.join(" or ")
    }

    fn taking(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Expr> {
        let r = record(
            node,
            "`taking`",
            &["class", "medicine", "any_of", "all_classes", "except"],
            out,
        )?;
        let mut taking = Taking::default();
        for key in ["class", "medicine", "any_of"] {
            taking.any.extend(self.named(r.get(key), out));
        }
        let mut words = self.named_words(&taking.any);
        let all = self.named(r.get("all_classes"), out);
        if !all.is_empty() {
            let names: Vec<String> = all
                .iter()
                .map(|t| self.named_words(std::slice::from_ref(t)))
                .collect();
            words = [words, names.join(" that is also a ")]
                .into_iter()
                .filter(|w| !w.is_empty())
                .collect::<Vec<_>>()
                .join(", ");
        }
        for test in all {
            match test {
                NamedTest::Class(id) => taking.all.push(id),
                NamedTest::Medicine(_) => {
                    let help = "name a medicine with `medicine:`".to_owned();
                    out.error(
                        Code::WrongTest,
                        node.span,
                        "`all_classes` names classes",
                        help,
                    );
                }
            }
        }
        let mut exceptions = r
            .get("except")
            .and_then(|n| fields(n, "`except`", out))
            .unwrap_or_default();
        exceptions.sort_by_key(|f| f.key);
        for field in exceptions {
            let Some(Named::Medicine(id)) = self.library.dictionary().find_medicine(field.key)
            else {
                out.error(
                    Code::UnknownName,
                    field.at,
                    "an exception is a medicine",
                    did_you_mean(
                        &normal(field.key),
                        self.library.dictionary().medicine_names(),
                    ),
                );
                continue;
            };
            if let Some(exception) = self.exception(field.value, out) {
                taking.except.push((id, exception));
                let dose = if let Exception::Daily(range) = exception {
                    format!(
                        " up to {} mg/day",
                        range
                            .high
                            .map_or_else(String::new, |b| quantity::plain(b.value))
                    )
                } else {
                    String::new()
                };
                words = format!("{words} (except {}{dose})", field.key.replace('_', " "));
            }
        }
        if taking.any.is_empty() && taking.all.is_empty() {
            out.error(
                Code::EmptyValue,
                node.span,
                "`taking` names no medicine and no class",
                Some("write { class: nsaid } or { medicine: probenecid }".to_owned()),
            );
            return None;
        }
        Some(Expr::Leaf(Leaf {
            number: Leaf::ALONE,
            test: Test::Taking(taking),
            words: format!("taking {words}"),
        }))
    }

    fn exception(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Exception> {
        if node.text() == Some("any") {
            return Some(Exception::Any);
        }
        let r = record(node, "an exception", &["at_most", "below"], out)?;
        let (limit, closed) = match (r.get("at_most"), r.get("below")) {
            (Some(node), None) => (node, true),
            (None, Some(node)) => (node, false),
            _ => {
                out.error(
                    Code::WrongShape,
                    node.span,
                    "an exception has one limit",
                    Some("write `any`, or { at_most: 81 mg/day }".to_owned()),
                );
                return None;
            }
        };
        match limit.text().map(per_day) {
            Some(Ok(Some(value))) => Some(Exception::Daily(Interval {
                low: None,
                high: Some(Bound { value, closed }),
            })),
            _ => {
                out.error(
                    Code::BadDose,
                    limit.span,
                    "not a daily dose",
                    Some("write it as 81 mg/day".to_owned()),
                );
                None
            }
        }
    }

    fn treated(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Expr> {
        let r = record(node, "`treated`", &["with", "outcome", "at_least"], out)?;
        let with = self.named(Some(r.need("with", out)?), out);
        let mut outcome = Vec::new();
        for (word, span) in r
            .get("outcome")
            .map(|n| texts(n, "an outcome", out))
            .unwrap_or_default()
        {
            match Response::WORDS.iter().find(|(w, _)| *w == word) {
                Some((_, response)) => outcome.push(*response),
                None => {
                    let words = Response::WORDS.map(|(w, _)| w);
                    let help = did_you_mean(&word, words)
                        .unwrap_or_else(|| format!("write one of: {}", words.join(", ")));
                    out.error(
                        Code::UnknownWord,
                        span,
                        "not an outcome of a treatment",
                        help,
                    );
                }
            }
        }
        let at_least = match r.get("at_least") {
            None => 1,
            Some(node) => node
                .text()
                .and_then(|t| t.parse().ok())
                .filter(|n| (1..=20).contains(n))
                .or_else(|| {
                    out.error(
                        Code::BadNumber,
                        node.span,
                        "not a number of treatments",
                        None,
                    );
                    None
                })?,
        };
        if with.is_empty() {
            return None;
        }
        let mut responses: Vec<&str> = r
            .get("outcome")
            .map(items)
            .unwrap_or_default()
            .into_iter()
            .filter_map(Node::text)
            .collect();
        responses.sort_unstable();
        let how = if responses.is_empty() {
            String::new()
        } else {
            format!(" with {}", responses.join(" or ").replace('_', " "))
        };
        let count = if at_least > 1 {
            format!("at least {at_least} of ")
        } else {
            String::new()
        };
        let words = format!("treated with {count}{}{how}", self.named_words(&with));
        Some(Expr::Leaf(Leaf {
            number: Leaf::ALONE,
            test: Test::Treated(Treated {
                with,
                outcome,
                at_least,
            }),
            words,
        }))
    }
}

fn range_words(text: &RangeText) -> String {
    let low = text.low.as_ref().map(|(t, closed)| {
        if *closed {
            format!("at least {t}")
        } else {
            format!("above {t}")
        }
    });
    let high = text.high.as_ref().map(|(t, closed)| {
        if *closed {
            format!("at most {t}")
        } else {
            format!("below {t}")
        }
    });
    [low, high]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" and ")
}
