//! Answers behind a `#`, as a form that was not filled in to the end leaves them: nothing reads them.

use super::{BORN, KEYS, Profile, Reader, Silence};
use crate::decode::{normal, shown};
use crate::diagnostic::{Code, Collector};
use crate::dictionary::Section;
use crate::text::{Kind, Node, Span};

impl Reader<'_> {
    /// Reports lines `#name: value` of which the section knows the name. Where the section denies the rest, such an answer would
    /// be read as denied.
    pub(super) fn unread(
        &self,
        source: &str,
        tree: &Node<'_>,
        profile: &Profile,
        out: &mut Collector<'_>,
    ) {
        let Kind::Map(sections) = &tree.kind else {
            return;
        };
        let mut start = 0;
        for whole in source.split_inclusive('\n') {
            let line = whole.trim();
            let at = start + whole.len() - whole.trim_start().len();
            start += whole.len();
            let Some(name) = answered(line) else { continue };
            let before = |(key, _): &&(Node<'_>, _)| (key.span.start as usize) < at;
            let section = sections.iter().rfind(before);
            let section = section.and_then(|(key, _)| key.text()).unwrap_or_default();
            let known = self.known_in(section, name);
            if !known && !KEYS.contains(&name) {
                continue;
            }
            let span = Span::new(at, at + line.len());
            let name = shown(name);
            if known && denies(profile, section) {
                let message = format!(
                    "`{name}` stands behind a #: it is not read, and `{section}` denies the rest"
                );
                let help = "take the # away, or delete the line".to_owned();
                out.error(Code::UnreadAnswer, span, message, help);
            } else {
                let message = format!("`{name}` stands behind a #: the answer is not read");
                let help = "take the # away, or delete the line".to_owned();
                out.warning(Code::UnreadAnswer, span, message, help);
            }
        }
    }

    /// Whether a section has a line or an attribute of this name.
    fn known_in(&self, section: &str, name: &str) -> bool {
        let name = normal(name);
        let of = |section: Section| {
            let attribute = |id: &str| id.rsplit_once('.').is_some_and(|(_, last)| last == name);
            let mut facts = self.dictionary.facts().map(|(_, f)| f);
            self.dictionary.find_in(section, &name).is_some()
                || facts.any(|f| f.section == section && attribute(&f.id))
        };
        match section {
            "plan" => super::plan::KEYS.contains(&name.as_str()) || of(Section::Plan),
            "about" => BORN.contains(&name.as_str()) || of(Section::About),
            "tests" => of(Section::Tests),
            "history" => name == "everything_else" || of(Section::History),
            "vaccines" => name == "everything_else" || of(Section::Vaccines),
            "medicines" | "treatments" => name == "everything_else" || self.name(&name).0.is_some(),
            _ => false,
        }
    }
}

/// The name of a line `#name: value`, with the # directly before the name, as a form writes it.
fn answered(line: &str) -> Option<&str> {
    let (name, value) = line.strip_prefix('#')?.split_once(':')?;
    let value = value.trim_start();
    let said = !value.is_empty() && !value.starts_with('#');
    let name = name.trim_matches(['"', '\'']);
    (said && !name.is_empty() && !name.starts_with([' ', '\t', '#'])).then_some(name)
}

fn denies(profile: &Profile, section: &str) -> bool {
    let silence = match section {
        "history" => profile.history,
        "vaccines" => profile.vaccines,
        "medicines" => profile.medicines.silence,
        "treatments" => profile.treatments.silence,
        _ => Silence::NotGiven,
    };
    silence == Silence::Denied
}
