//! From a tree to a document, reporting every problem.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    BeforeStarting, Citation, Criterion, Document, Entry, Kind, Monitoring, NotEvaluated, Review,
    Strength,
};
use crate::date::PartialDate;
use crate::decode::{self, Record, did_you_mean, items, normal, record, shown, texts};
use crate::diagnostic::{Code, Collector};
use crate::dictionary::{Named, Section, Seen};
use crate::library::Library;
use crate::library::expression::{Expr, Reader};
use crate::profile::per_day;
use crate::text::{self, Kind as NodeKind, Node, Span};

const CRITERION: [&str; 12] = [
    "id", "hazard", "for", "when", "strength", "says", "boxed", "section", "seen", "action",
    "note", "facts",
];
const DOSE_ROW: [&str; 12] = [
    "id", "hazard", "for", "when", "strength", "max", "says", "section", "seen", "action", "note",
    "facts",
];

/// Reads a document. With any problem there is none.
pub(in crate::library) fn read(
    library: &Library,
    tree: &Node<'_>,
    out: &mut Collector<'_>,
) -> Option<Document> {
    const KEYS: [&str; 7] = [
        "document",
        "indications",
        "before_starting",
        "criteria",
        "dosing",
        "monitoring",
        "not_evaluated",
    ];
    let r = record(tree, "a rule file", &KEYS, out)?;
    let head = r
        .need("document", out)
        .and_then(|n| head(library, n, tree, out));
    let mut document = head.unwrap_or_default();
    let reader = Rows {
        library,
        expressions: Reader { library },
    };
    document.indications = rows(&r, "indications", out, |n, out| reader.indication(n, out));
    document.before_starting = rows(&r, "before_starting", out, |n, out| {
        reader.before_starting(n, out)
    });
    document.criteria = rows(&r, "criteria", out, |n, out| {
        reader.criterion(n, &CRITERION, out)
    });
    document.criteria.extend(rows(&r, "dosing", out, |n, out| {
        reader.criterion(n, &DOSE_ROW, out)
    }));
    document.monitoring = rows(&r, "monitoring", out, |n, out| reader.monitoring(n, out));
    document.not_evaluated = rows(&r, "not_evaluated", out, |n, out| {
        reader.not_evaluated(n, out)
    });
    document.monitoring.sort_by(|a, b| {
        (a.at.map(|p| p.after(NaiveDate::default())), &a.what)
            .cmp(&(b.at.map(|p| p.after(NaiveDate::default())), &b.what))
    });
    document.not_evaluated.sort_by(|a, b| a.about.cmp(&b.about));
    document.before_starting.sort_by(|a, b| a.name.cmp(&b.name));
    report_twice(&r, out);
    document.criteria.sort_by(|a, b| a.id.cmp(&b.id));
    document.number(library.dictionary());
    Some(document)
}

/// Ids given twice, criteria and dose rows together.
fn report_twice(r: &Record<'_>, out: &mut Collector<'_>) {
    let mut ids = std::collections::BTreeSet::new();
    let rows = ["criteria", "dosing"]
        .into_iter()
        .filter_map(|key| r.get(key));
    for id in rows.flat_map(items).filter_map(|row| row.get("id")) {
        if id.text().is_some_and(|text| !ids.insert(text)) {
            let help = "ids are unique in a document and never used again".to_owned();
            out.error(Code::DuplicateId, id.span, "this id is used above", help);
        }
    }
}

fn rows<T>(
    r: &Record<'_>,
    key: &str,
    out: &mut Collector<'_>,
    mut read: impl FnMut(&Node<'_>, &mut Collector<'_>) -> Option<T>,
) -> Vec<T> {
    let Some(node) = r.get(key) else {
        return Vec::new();
    };
    if !matches!(node.kind, NodeKind::List(_)) {
        out.error(
            Code::WrongShape,
            node.span,
            format!("`{key}` must be a list"),
            Some("start each entry with `- `".to_owned()),
        );
        return Vec::new();
    }
    items(node)
        .into_iter()
        .filter_map(|n| read(n, out))
        .collect()
}

fn head(
    library: &Library,
    node: &Node<'_>,
    tree: &Node<'_>,
    out: &mut Collector<'_>,
) -> Option<Document> {
    const KEYS: [&str; 10] = [
        "id",
        "title",
        "issuer",
        "drug",
        "drugs",
        "jurisdiction",
        "jurisdictions",
        "revision",
        "url",
        "reviewed",
    ];
    let r = record(node, "`document`", &KEYS, out)?;
    let issuer = r.text("issuer", out);
    let kind = if issuer.is_some() {
        Kind::Guidance
    } else {
        Kind::Label
    };
    let drugs = drugs(library, &r, out);
    let jurisdictions = jurisdictions(&r, out);
    if kind == Kind::Label && (drugs.len() != 1 || jurisdictions.len() != 1) {
        let help = "add `drug:` and `jurisdiction:`, or `issuer:` if it is guidance".to_owned();
        let message = "a label has one drug and one jurisdiction";
        out.error(Code::MissingKey, node.span, message, help);
    } else if jurisdictions.is_empty() {
        let help = "add `jurisdictions: [us, eu]`".to_owned();
        let message = "guidance says for which jurisdictions it speaks";
        out.error(Code::MissingKey, node.span, message, help);
    }
    let id = r.need_text("id", out);
    let title = r.need_text("title", out);
    let revision = r.need_text("revision", out);
    let url = r.need_text("url", out);
    let review = review(r.need("reviewed", out), tree, out);
    Some(Document {
        id: id?,
        kind,
        issuer,
        title: title?,
        drugs,
        jurisdictions,
        revision: revision?,
        url: url?,
        review,
        ..Document::default()
    })
}

/// One key or its plural.
fn either(r: &Record<'_>, one: &str, many: &str, out: &mut Collector<'_>) -> Vec<(String, Span)> {
    if let (Some(_), Some(second)) = (r.get(one), r.get(many)) {
        let help = "keep one of them".to_owned();
        let message = format!("`{one}` and `{many}` are both given");
        out.error(Code::DuplicateKey, second.span, message, help);
    }
    let node = r.get(one).or_else(|| r.get(many));
    node.map(|n| texts(n, one, out)).unwrap_or_default()
}

/// Generic names of the drugs a document speaks of, brand names resolved.
fn drugs(library: &Library, r: &Record<'_>, out: &mut Collector<'_>) -> Vec<String> {
    let dictionary = library.dictionary();
    let mut drugs = Vec::new();
    for (name, span) in either(r, "drug", "drugs", out) {
        if let Some(Named::Medicine(id)) = dictionary.find_medicine(&name) {
            drugs.push(dictionary.medicine(id).id.to_string());
        } else {
            let help = did_you_mean(&normal(&name), dictionary.medicine_names());
            let message = format!("no medicine `{}`", shown(&name));
            out.error(Code::UnknownName, span, message, help);
        }
    }
    drugs.sort();
    drugs
}

fn jurisdictions(r: &Record<'_>, out: &mut Collector<'_>) -> Vec<String> {
    let mut jurisdictions = Vec::new();
    for (name, span) in either(r, "jurisdiction", "jurisdictions", out) {
        if JURISDICTIONS.contains(&name.as_str()) {
            jurisdictions.push(name);
        } else {
            let help = format!(
                "write one of: {}; UK documents count under eu",
                JURISDICTIONS.join(", ")
            );
            out.error(
                Code::UnknownWord,
                span,
                "not a jurisdiction known here",
                help,
            );
        }
    }
    jurisdictions.sort();
    jurisdictions
}

/// The jurisdictions that labels and guidance can speak for.
pub(crate) const JURISDICTIONS: [&str; 2] = ["us", "eu"];

pub(crate) fn review(
    node: Option<&Node<'_>>,
    tree: &Node<'_>,
    out: &mut Collector<'_>,
) -> Option<Review> {
    let node = node?;
    if node.text() == Some("none") {
        return None;
    }
    let r = record(node, "`reviewed`", &["by", "on", "next", "text"], out)?;
    let by = r.need_text("by", out);
    let signed = r.need_text("text", out);
    let mut day = |key: &str| {
        let node = r.need(key, out)?;
        let text = decode::text(node, key, out)?;
        PartialDate::parse_day(text)
            .map_err(|(code, help)| out.error(code, node.span, "not a day", Some(help.to_owned())))
            .ok()
    };
    let (on, next) = (day("on"), day("next"));
    let (by, on, next) = (by?, on?, next?);
    let holds = signed? == signed_hash(tree, &by, on, next);
    Some(Review {
        by,
        on,
        next,
        holds,
    })
}

/// The hash of what a document says, and of who signs it when.
pub(crate) fn signed_hash(tree: &Node<'_>, by: &str, on: NaiveDate, next: NaiveDate) -> String {
    let content = without_signature(tree).canonical();
    text::hash(&format!("{content}\n{by}\n{on}\n{next}"))
}

fn without_signature<'n>(tree: &Node<'n>) -> Node<'n> {
    let kind = match &tree.kind {
        NodeKind::Map(pairs) => {
            let kept = pairs.iter().filter(|(k, _)| k.text() != Some("reviewed"));
            let of_head = |k: &Node<'n>, v: &Node<'n>| {
                let head = k.text() == Some("document");
                if head {
                    without_signature(v)
                } else {
                    v.clone()
                }
            };
            NodeKind::Map(kept.map(|(k, v)| (k.clone(), of_head(k, v))).collect())
        }
        other => other.clone(),
    };
    Node {
        kind,
        span: tree.span,
    }
}

struct Rows<'l> {
    library: &'l Library,
    expressions: Reader<'l>,
}

impl Rows<'_> {
    fn cited(&self, r: &Record<'_>, out: &mut Collector<'_>) -> Option<Citation> {
        let section = r.need_text("section", out);
        let seen = r
            .need("seen", out)
            .and_then(|n| decode::word(n, "`seen`", &Seen::WORDS, out));
        let facts = r
            .get("facts")
            .map(|n| {
                texts(n, "a fact id", out)
                    .into_iter()
                    .map(|(t, _)| t)
                    .collect()
            })
            .unwrap_or_default();
        Some(Citation {
            section: section?,
            seen: seen?,
            facts,
        })
    }

    fn expression(&self, node: Option<&Node<'_>>, out: &mut Collector<'_>) -> Option<Expr> {
        self.expressions.read(node?, out)
    }

    fn population(&self, r: &Record<'_>, out: &mut Collector<'_>) -> Option<Expr> {
        let node = r.get("for")?;
        let population = self.expressions.read(node, out)?;
        if population.negates_plan(self.library, false) {
            let help = Some("list the indications that are meant, so that an indication the label lacks excludes nothing".to_owned());
            out.error(
                Code::WrongTest,
                node.span,
                "`for` cannot deny an indication",
                help,
            );
        }
        Some(population)
    }

    fn indication(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Entry> {
        let r = record(
            node,
            "an indication",
            &["indication", "requires", "section", "seen", "facts"],
            out,
        )?;
        let indication = r.need_text("indication", out);
        let known = self
            .library
            .dictionary()
            .find("indication")
            .map(|f| self.library.dictionary().fact(f));
        if let (Some(name), Some(fact)) = (&indication, known)
            && fact.choice(name).is_none()
        {
            out.error(
                Code::UnknownName,
                r.get("indication").map_or(node.span, |n| n.span),
                format!("no indication `{}`", shown(name)),
                None,
            );
        }
        let requires = self.expression(r.need("requires", out), out);
        let cited = self.cited(&r, out);
        Some(Entry {
            indication: indication?,
            requires: requires?,
            cited: cited?,
        })
    }

    fn before_starting(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<BeforeStarting> {
        const KEYS: [&str; 8] = [
            "test",
            "any_of",
            "for",
            "satisfied_by",
            "verb",
            "section",
            "seen",
            "facts",
        ];
        let r = record(node, "a test before starting", &KEYS, out)?;
        let dictionary = self.library.dictionary();
        let (names, any) = match (r.get("test"), r.get("any_of")) {
            (Some(n), None) => (texts(n, "a test", out), false),
            (None, Some(n)) => (texts(n, "a test", out), true),
            _ => {
                out.error(
                    Code::MissingKey,
                    node.span,
                    "a row names one `test`, or several with `any_of`",
                    None,
                );
                return None;
            }
        };
        // Of several tests that would do, one of the laboratory comes before a statement; else the alphabet decides.
        let mut tests = Vec::new();
        for (name, span) in names {
            if let Some(panel) = dictionary.panel(&name) {
                tests.push((false, panel.name.clone(), panel.members.clone()));
            } else if let Some(id) = dictionary.find(&name) {
                let fact = dictionary.fact(id);
                let statement = fact.section != Section::Tests;
                tests.push((statement, fact.name.clone(), vec![id]));
            } else {
                out.error(
                    Code::UnknownName,
                    span,
                    format!("no test `{}`", shown(&name)),
                    did_you_mean(&name, dictionary.names_in(Section::Tests)),
                );
            }
        }
        let verbs = [("perform", ()), ("consider", ()), ("verify", ())];
        let verb = r
            .need("verb", out)
            .filter(|n| decode::word(n, "a verb", &verbs, out).is_some())
            .and_then(|n| n.text())
            .map(str::to_owned);
        let population = self.population(&r, out);
        let satisfied_by = self.expression(r.get("satisfied_by"), out);
        let cited = self.cited(&r, out);
        if tests.is_empty() {
            return None;
        }
        tests.sort();
        let names: Vec<&str> = tests.iter().map(|(_, name, _)| name.as_str()).collect();
        Some(BeforeStarting {
            name: names.join(" or "),
            tests: tests.iter().flat_map(|(_, _, ids)| ids).copied().collect(),
            any,
            population,
            satisfied_by,
            verb: verb?,
            cited: cited?,
        })
    }

    fn criterion(
        &self,
        node: &Node<'_>,
        keys: &[&str],
        out: &mut Collector<'_>,
    ) -> Option<Criterion> {
        let dosing = keys.contains(&"max");
        let r = record(
            node,
            if dosing { "a dose row" } else { "a criterion" },
            keys,
            out,
        )?;
        let id = r.need_text("id", out);
        if let Some(id) = &id
            && !(id.split('-').all(|p| {
                !p.is_empty()
                    && p.bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            }))
        {
            out.error(
                Code::BadId,
                r.get("id").map_or(node.span, |n| n.span),
                "an id is kebab-case",
                Some(
                    "write small letters, digits and single hyphens, as lymphocytes-low".to_owned(),
                ),
            );
        }
        let hazard = self.hazard(&r, dosing, out);
        let population = self.population(&r, out);
        let always = r.get("when").and_then(Node::text) == Some("always");
        let when_node = r.need("when", out);
        let when = if always {
            None
        } else {
            self.expression(when_node, out)
        };
        let strength = r
            .need("strength", out)
            .and_then(|n| decode::word(n, "a strength", &Strength::WORDS, out));
        if let Some(strength) = strength
            && (strength == Strength::AdjustDose) != dosing
        {
            let at = r.get("strength").map_or(Span::default(), |n| n.span);
            out.error(
                Code::WrongTest,
                at,
                "`adjust_dose` belongs to rows of `dosing`, and only it",
                None,
            );
        }
        let max = if dosing { self.max(&r, out) } else { None };
        let says = r.need_text("says", out);
        let boxed = r.yes("boxed", out);
        let action = r.text("action", out);
        let remark = r.text("note", out);
        let cited = self.cited(&r, out);
        when_node?;
        if !always && when.is_none()
            || (dosing && max.is_none())
            || (r.get("for").is_some() && population.is_none())
        {
            return None;
        }
        Some(Criterion {
            id: id?,
            hazard: hazard?,
            population,
            when,
            strength: strength?,
            says: says?,
            boxed,
            action,
            note: remark,
            max,
            cited: cited?,
        })
    }

    fn hazard(&self, r: &Record<'_>, dosing: bool, out: &mut Collector<'_>) -> Option<String> {
        if dosing && r.get("hazard").is_none() {
            return Some("dose".to_owned());
        }
        let node = r.need("hazard", out)?;
        let name = decode::text(node, "a hazard", out)?;
        if self.library.hazard(name).is_none() {
            out.error(
                Code::UnknownName,
                node.span,
                format!("no hazard `{}`", shown(name)),
                did_you_mean(name, self.library.hazard_names()),
            );
            return None;
        }
        Some(name.to_owned())
    }

    fn max(&self, r: &Record<'_>, out: &mut Collector<'_>) -> Option<(Decimal, String)> {
        let node = r.need("max", out)?;
        let text = decode::text(node, "the highest dose", out)?;
        if let Ok(Some(daily)) = per_day(text) {
            return Some((daily, text.to_owned()));
        }
        out.error(
            Code::BadDose,
            node.span,
            "not a daily dose",
            Some("write it as 15 mg daily".to_owned()),
        );
        None
    }

    fn monitoring(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Monitoring> {
        let r = record(
            node,
            "a row of monitoring",
            &[
                "test", "watch", "do", "at", "then", "for", "section", "seen", "facts",
            ],
            out,
        )?;
        let dictionary = self.library.dictionary();
        let (what, tests) = match (r.get("test"), r.get("watch")) {
            (Some(node), None) => {
                let name = decode::text(node, "a test", out)?;
                let panel = dictionary.panel(name);
                let found = panel
                    .map(|p| (p.name.clone(), p.members.clone()))
                    .or_else(|| {
                        let id = dictionary.find(name)?;
                        Some((dictionary.fact(id).name.clone(), vec![id]))
                    });
                if found.is_none() {
                    out.error(
                        Code::UnknownName,
                        node.span,
                        format!("no test `{}`", shown(name)),
                        did_you_mean(name, dictionary.names_in(Section::Tests)),
                    );
                }
                found?
            }
            (None, Some(node)) => {
                let what = decode::text(node, "what to watch", out)?;
                (what.to_owned(), Vec::new())
            }
            _ => {
                out.error(
                    Code::MissingKey,
                    node.span,
                    "a row names a `test`, or something to `watch`",
                    None,
                );
                return None;
            }
        };
        let at = match r.get("at") {
            Some(node) => Some(self.library.period(node, out)?),
            None => None,
        };
        let then = r
            .text("then", out)
            .or_else(|| r.text("do", out))
            .unwrap_or_default();
        let population = self.population(&r, out);
        Some(Monitoring {
            what,
            tests,
            at,
            then,
            population,
            cited: self.cited(&r, out)?,
        })
    }

    fn not_evaluated(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<NotEvaluated> {
        let r = record(
            node,
            "a row of not_evaluated",
            &["about", "why", "section", "seen", "facts"],
            out,
        )?;
        let (about, why) = (r.need_text("about", out), r.need_text("why", out));
        let cited = self.cited(&r, out);
        Some(NotEvaluated {
            about: about?,
            why: why?,
            cited: cited?,
        })
    }
}
