//! From the dictionary files to the dictionary: names become numbers.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{
    Dictionary, Fact, FactId, Kind, Measured, Panel, Prepared, Section, Unit, Units, medicines,
};
use crate::decode::{self, did_you_mean, items, normal, record, shown};
use crate::diagnostic::{Code, Collector};
use crate::quantity::{Interval, unit_key};
use crate::text::{Node, Span};

/// Whether a rule file is part of the dictionary.
pub(crate) fn is_part(root: &Node<'_>) -> bool {
    let keys = ["units", "facts", "medicines", "codes"];
    keys.iter().any(|k| root.get(k).is_some())
}

/// Reads the dictionary files, in any order: the dictionary without its medicines, and these.
pub(crate) fn read(files: &mut [(Collector<'_>, &Node<'_>)]) -> (Dictionary, Prepared<'static>) {
    let mut draft = Draft::default();
    let mut prepared = None;
    for (out, root) in files.iter_mut() {
        if root.get("units").is_some() {
            draft.read_units(root, out);
        }
    }
    for (out, root) in files.iter_mut() {
        if root.get("facts").is_some() {
            draft.read_facts(root, out);
        } else if root.get("medicines").is_some() {
            let table = medicines::read(root, out);
            if prepared.replace(table).is_some() {
                let message = "the medicines stand in one file";
                out.error(Code::WrongShape, root.span, message, None);
            }
        }
    }
    let Some((out, _)) = files.first_mut() else {
        return (Dictionary::default(), Prepared::default());
    };
    (draft.finish(out), prepared.unwrap_or_default())
}

/// The dictionary while names are not yet numbers.
#[derive(Default)]
struct Draft {
    units: Vec<Units>,
    facts: Vec<DraftFact>,
    panels: Vec<(String, String, Vec<String>, Vec<String>)>,
}

struct DraftFact {
    /// In a box, so that sorting and handing over move a pointer only.
    fact: Box<Fact>,
    aliases: Vec<String>,
    wants: Wants,
}

/// Other facts by name.
struct Wants {
    ask_after: Option<String>,
    members: Vec<String>,
    from: Vec<String>,
    ask: Vec<String>,
    parent: Option<String>,
}

fn strings(node: Option<&Node<'_>>, out: &mut Collector<'_>) -> Vec<String> {
    let items = node.map(items).unwrap_or_default();
    items
        .into_iter()
        .filter_map(|n| decode::text(n, "a name", out).map(str::to_owned))
        .collect()
}

fn number(node: Option<&Node<'_>>, out: &mut Collector<'_>) -> Option<Decimal> {
    let node = node?;
    let number = node.text().and_then(|t| t.parse().ok());
    if number.is_none() {
        out.error(Code::BadNumber, node.span, "not a number", None);
    }
    number
}

fn pair(node: Option<&Node<'_>>, out: &mut Collector<'_>) -> Option<Interval> {
    let node = node?;
    match items(node).as_slice() {
        [low, high] => Some(Interval::between(
            number(Some(low), out)?,
            number(Some(high), out)?,
        )),
        _ => {
            out.error(
                Code::WrongShape,
                node.span,
                "must be two numbers",
                Some("write [lowest, highest]".to_owned()),
            );
            None
        }
    }
}

impl Draft {
    fn read_units(&mut self, root: &Node<'_>, out: &mut Collector<'_>) {
        let Some(node) = root.get("units") else {
            return;
        };
        for field in decode::fields(node, "units", out).unwrap_or_default() {
            let Some(kind) = record(
                field.value,
                "a kind of quantity",
                &["canonical", "bare", "units"],
                out,
            ) else {
                continue;
            };
            let bare = kind.yes("bare", out);
            let canonical = kind.need_text("canonical", out).unwrap_or_default();
            let mut units = Vec::new();
            let list = kind
                .need("units", out)
                .and_then(|n| decode::fields(n, "units", out))
                .unwrap_or_default();
            for unit in list {
                let Some(r) = record(unit.value, "a unit", &["factor", "plus", "spellings"], out)
                else {
                    continue;
                };
                let mut keys: Vec<String> = strings(r.get("spellings"), out)
                    .iter()
                    .map(|s| unit_key(s))
                    .collect();
                keys.push(unit_key(unit.key));
                keys.sort();
                let factor = number(r.need("factor", out), out).unwrap_or(Decimal::ONE);
                let plus = number(r.get("plus"), out).unwrap_or_default();
                units.push(Unit {
                    name: unit.key.to_owned(),
                    factor,
                    plus,
                    keys,
                });
            }
            units.sort_by_key(|u| (u.name != canonical, u.name.clone()));
            self.units.push(Units {
                name: field.key.to_owned(),
                bare,
                units,
            });
        }
    }

    fn read_facts(&mut self, root: &Node<'_>, out: &mut Collector<'_>) {
        let Some(r) = record(
            root,
            "a dictionary file",
            &["section", "facts", "panels", "derived"],
            out,
        ) else {
            return;
        };
        let sections = [
            ("plan", Section::Plan),
            ("about", Section::About),
            ("tests", Section::Tests),
            ("history", Section::History),
            ("vaccines", Section::Vaccines),
        ];
        let Some(section) = r
            .need("section", out)
            .and_then(|n| decode::word(n, "a section", &sections, out))
        else {
            return;
        };
        let facts = r
            .need("facts", out)
            .and_then(|n| decode::fields(n, "facts", out))
            .unwrap_or_default();
        for field in facts {
            self.read_fact(field.key, field.value, section, None, out);
        }
        for field in r
            .get("derived")
            .and_then(|n| decode::fields(n, "derived", out))
            .unwrap_or_default()
        {
            self.read_fact(field.key, field.value, Section::Derived, None, out);
        }
        for field in r
            .get("panels")
            .and_then(|n| decode::fields(n, "panels", out))
            .unwrap_or_default()
        {
            if let Some(p) = record(field.value, "a panel", &["name", "members", "aliases"], out) {
                let name = p.need_text("name", out).unwrap_or_default();
                let members = strings(p.need("members", out), out);
                let aliases = strings(p.get("aliases"), out);
                self.panels
                    .push((field.key.to_owned(), name, members, aliases));
            }
        }
    }

    fn read_fact(
        &mut self,
        id: &str,
        node: &Node<'_>,
        section: Section,
        parent: Option<&str>,
        out: &mut Collector<'_>,
    ) {
        const KEYS: [&str; 24] = [
            "kind",
            "name",
            "units",
            "choices",
            "synonyms",
            "possible",
            "likely",
            "aliases",
            "question",
            "window",
            "sample",
            "any_positive",
            "not_deniable",
            "changes",
            "ask_after",
            "members",
            "attributes",
            "measured",
            "from",
            "ask",
            "value_key",
            "when",
            "planned",
            "record_only",
        ];
        let Some(r) = record(node, "a fact", &KEYS, out) else {
            return;
        };
        let Some(kind) = self.read_kind(&r, out) else {
            return;
        };
        let full = parent.map_or_else(|| id.to_owned(), |p| format!("{p}.{id}"));
        let fact = Box::new(Fact {
            id: full.clone(),
            name: r.text("name", out).unwrap_or_else(|| id.replace('_', " ")),
            section,
            kind,
            question: r.need_text("question", out).unwrap_or_default(),
            sample: r.text("sample", out),
            window: r.text("window", out),
            any_positive: r.yes("any_positive", out),
            not_deniable: r.yes("not_deniable", out),
            changes: r.yes("changes", out),
            planned: r.yes("planned", out) || section == Section::Vaccines,
            record_only: r.yes("record_only", out),
            ask_after: None,
            when: strings(r.get("when"), out),
            members: Vec::new(),
            groups: Vec::new(),
            parent: None,
            attributes: Vec::new(),
            from: Vec::new(),
            ask: Vec::new(),
            value_key: r.text("value_key", out),
            place: u16::try_from(self.facts.len()).unwrap_or(u16::MAX),
        });
        self.facts.push(DraftFact {
            fact,
            aliases: strings(r.get("aliases"), out),
            wants: Wants {
                ask_after: r.text("ask_after", out),
                members: strings(r.get("members"), out),
                from: strings(r.get("from"), out),
                ask: strings(r.get("ask"), out),
                parent: parent.map(str::to_owned),
            },
        });
        for field in r
            .get("attributes")
            .and_then(|n| decode::fields(n, "attributes", out))
            .unwrap_or_default()
        {
            self.read_fact(field.key, field.value, section, Some(&full), out);
        }
    }

    fn read_kind(&self, r: &decode::Record<'_>, out: &mut Collector<'_>) -> Option<Kind> {
        let node = r.need("kind", out)?;
        let kinds = [("quantity", 0), ("choice", 1), ("event", 2), ("state", 3)];
        Some(match decode::word(node, "a kind", &kinds, out)? {
            0 => Kind::Quantity {
                units: self.unit_number(r.need("units", out)?, out)?,
                possible: pair(r.need("possible", out), out)?,
                likely: pair(r.get("likely"), out),
            },
            1 => {
                let choices = strings(r.need("choices", out), out);
                let measured = match r.get("measured") {
                    Some(node) => self.read_measured(node, out),
                    None => None,
                };
                let mut synonyms = Vec::new();
                for field in r
                    .get("synonyms")
                    .and_then(|n| decode::fields(n, "synonyms", out))
                    .unwrap_or_default()
                {
                    let chosen = decode::text(field.value, field.key, out);
                    match choices.iter().position(|c| Some(c.as_str()) == chosen) {
                        Some(choice) if !choices.iter().any(|c| c == field.key) => {
                            synonyms.push((
                                field.key.to_owned(),
                                u16::try_from(choice).unwrap_or_default(),
                            ));
                        }
                        _ => out.error(
                            Code::UnknownWord,
                            field.value.span,
                            "a synonym is another word for one of the choices",
                            format!("write one of: {}", choices.join(", ")),
                        ),
                    }
                }
                Kind::Choice {
                    choices,
                    synonyms,
                    measured,
                }
            }
            2 => Kind::Event,
            _ => Kind::State,
        })
    }

    fn read_measured(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<Measured> {
        let m = record(
            node,
            "`measured`",
            &["units", "positive_from", "positive_above", "possible"],
            out,
        )?;
        let units = self.unit_number(m.need("units", out)?, out)?;
        let from = number(m.get("positive_from"), out).map(|value| crate::quantity::Bound {
            value,
            closed: true,
        });
        let above = number(m.get("positive_above"), out).map(|value| crate::quantity::Bound {
            value,
            closed: false,
        });
        let positive = Interval {
            low: from.or(above),
            high: None,
        };
        Some(Measured {
            units,
            positive,
            possible: pair(m.need("possible", out), out)?,
        })
    }

    fn unit_number(&self, node: &Node<'_>, out: &mut Collector<'_>) -> Option<usize> {
        let name = decode::text(node, "units", out)?;
        let found = self.units.iter().position(|u| u.name == name);
        if found.is_none() {
            let help = did_you_mean(name, self.units.iter().map(|u| u.name.as_str()));
            out.error(
                Code::UnknownName,
                node.span,
                format!("no units `{}`", shown(name)),
                help,
            );
        }
        found
    }

    fn finish(mut self, out: &mut Collector<'_>) -> Dictionary {
        self.facts.sort_by(|a, b| a.fact.id.cmp(&b.fact.id));
        let mut dictionary = Dictionary {
            units: self.units,
            ..Dictionary::default()
        };
        let mut names = BTreeMap::new();
        let mut wants = Vec::with_capacity(self.facts.len());
        for draft in self.facts {
            if dictionary
                .facts
                .last()
                .is_some_and(|last| last.id == draft.fact.id)
            {
                let message = format!("the fact `{}` is declared twice", draft.fact.id);
                out.error(Code::DuplicateId, Span::default(), message, None);
            }
            let id = FactId(u16::try_from(dictionary.facts.len()).unwrap_or(u16::MAX));
            let section = draft.fact.section;
            for name in draft.aliases.iter().chain([&draft.fact.id]) {
                let key = (section, normal(name));
                if !name.contains('.') && names.insert(key, id).is_some_and(|old| old != id) {
                    let message = format!("the name `{name}` stands for two facts");
                    out.error(Code::DuplicateId, Span::default(), message, None);
                }
            }
            dictionary.facts.push(draft.fact);
            wants.push(draft.wants);
        }
        dictionary.fact_names = names.into_iter().collect();
        let links: Vec<Links> = wants
            .iter()
            .map(|w| Links::of(w, &dictionary, out))
            .collect();
        let facts = &mut dictionary.facts;
        for (i, links) in links.into_iter().enumerate() {
            let id = FactId(u16::try_from(i).unwrap_or(u16::MAX));
            for member in &links.members {
                if let Some(fact) = facts.get_mut(usize::from(member.0)) {
                    fact.groups.push(id);
                }
            }
            if let Some(fact) = links.parent.and_then(|p| facts.get_mut(usize::from(p.0))) {
                fact.attributes.push(id);
            }
            if let Some(fact) = facts.get_mut(i) {
                fact.members = links.members;
                fact.from = links.from;
                fact.ask = links.ask;
                fact.ask_after = links.ask_after;
                fact.parent = links.parent;
            }
        }
        for (id, name, members, aliases) in self.panels {
            let members: Vec<FactId> = members
                .iter()
                .filter_map(|m| need(&dictionary, m, out))
                .collect();
            for alias in aliases {
                dictionary.panels.push(Panel {
                    id: alias,
                    name: name.clone(),
                    members: members.clone(),
                });
            }
            dictionary.panels.push(Panel { id, name, members });
        }
        dictionary
    }
}

#[derive(Default)]
struct Links {
    members: Vec<FactId>,
    from: Vec<FactId>,
    ask: Vec<FactId>,
    ask_after: Option<FactId>,
    parent: Option<FactId>,
}

impl Links {
    fn of(draft: &Wants, dictionary: &Dictionary, out: &mut Collector<'_>) -> Self {
        let mut all = |names: &[String]| -> Vec<FactId> {
            names
                .iter()
                .filter_map(|n| need(dictionary, n, out))
                .collect()
        };
        let (members, from, ask) = (all(&draft.members), all(&draft.from), all(&draft.ask));
        let ask_after = draft
            .ask_after
            .as_ref()
            .and_then(|n| need(dictionary, n, out));
        let parent = draft.parent.as_ref().and_then(|n| need(dictionary, n, out));
        Self {
            members,
            from,
            ask,
            ask_after,
            parent,
        }
    }
}

fn need(dictionary: &Dictionary, name: &str, out: &mut Collector<'_>) -> Option<FactId> {
    let found = dictionary.find(name);
    if found.is_none() {
        out.error(
            Code::UnknownName,
            Span::default(),
            format!("no fact `{}`", shown(name)),
            did_you_mean(name, dictionary.fact_ids()),
        );
    }
    found
}
