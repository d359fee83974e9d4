//! Statements of one profile that cannot hold together.

use std::collections::BTreeSet;

use super::{Entry, Profile, Reader, Value};
use crate::diagnostic::{Code, Collector};
use crate::dictionary::{FactId, Kind, Section};
use crate::text::{Node, Span};

impl Reader<'_> {
    pub(super) fn contradictions(
        &self,
        tree: &Node<'_>,
        profile: &Profile,
        out: &mut Collector<'_>,
    ) {
        for (id, fact) in self.dictionary.facts() {
            let entries = profile.entries(id);
            let place = section_span(tree, fact.section);
            let denied = says(profile, id, Value::Absent);
            if denied && says(profile, id, Value::Present) {
                let message = format!("`{}` is both denied and present", fact.id);
                let help = "keep one of them".to_owned();
                out.error(Code::Contradiction, place, message, help);
            }
            let member = fact
                .members
                .iter()
                .find(|m| says(profile, **m, Value::Present));
            if let Some(member) = member.filter(|_| denied) {
                let member = &self.dictionary.fact(*member).id;
                let message = format!(
                    "`{}` is denied, but its member `{member}` is present",
                    fact.id
                );
                let help = format!("leave out `{}: no`, or correct one of them", fact.id);
                out.error(Code::Contradiction, place, message, help);
            }
            if twice(entries, &fact.kind) {
                let message = format!("`{}` is given twice in one place, under two names", fact.id);
                let help = "keep one of them".to_owned();
                out.error(Code::DuplicateKey, place, message, help);
            }
            let backwards =
                |e: &Entry| e.date.zip(e.until()).is_some_and(|(d, u)| d.first > u.last);
            if entries.iter().any(backwards) {
                let message = format!("`{}` ends before it begins", fact.id);
                let help = "correct `since` or `until`".to_owned();
                out.error(Code::Contradiction, place, message, help);
            }
        }
        self.about_contradictions(tree, profile, out);
    }

    fn about_contradictions(&self, tree: &Node<'_>, profile: &Profile, out: &mut Collector<'_>) {
        let place = section_span(tree, Section::About);
        let is = |name: &str, word: &str| {
            let id = self.dictionary.find(name);
            id.is_some_and(|id| {
                let choice = self.dictionary.fact(id).choice(word).map(Value::Choice);
                choice.is_some_and(|c| says(profile, id, c))
            })
        };
        let given = |name: &str| {
            let id = self.dictionary.find(name);
            id.is_some_and(|id| profile.entries(id).iter().any(smoked))
        };
        let present = |name: &str| {
            let id = self.dictionary.find(name);
            id.is_some_and(|id| says(profile, id, Value::Present))
        };
        let two = [
            (
                profile.born.is_some() && given("age"),
                "both age and date of birth are given",
                "keep the date of birth",
            ),
            (
                is("sex", "male") && (present("pregnancy") || present("breastfeeding")),
                "sex male and pregnancy or breastfeeding are both given",
                "correct one of them",
            ),
            (
                is("smoking", "never")
                    && (given("smoking.pack_years") || present("smoking.long_time")),
                "never smoked, and yet pack-years or a long time of smoking are given",
                "write `status: former`, or leave them out",
            ),
        ];
        for (_, message, help) in two.into_iter().filter(|(both, ..)| *both) {
            out.error(Code::Contradiction, place, message, help.to_owned());
        }
    }
}

fn says(profile: &Profile, fact: FactId, value: Value) -> bool {
    profile.entries(fact).iter().any(|e| e.value == value)
}

/// A value above nothing: no pack-years are no smoking.
fn smoked(entry: &Entry) -> bool {
    match entry.value {
        Value::Quantity { value, .. } => value.high.is_none_or(|b| !b.value.is_zero()),
        Value::Choice(_) | Value::Present => true,
        Value::Absent | Value::Missing(_) => false,
    }
}

/// Two values in one panel or in one section, where only events may be a list.
fn twice(entries: &[Entry], kind: &Kind) -> bool {
    let mut places = BTreeSet::new();
    *kind != Kind::Event
        && entries
            .iter()
            .any(|e| !places.insert((e.path(), e.panel())))
}

fn section_span(tree: &Node<'_>, section: Section) -> Span {
    tree.get(section.name()).map_or(tree.span, |n| n.span)
}
