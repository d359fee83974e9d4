//! The search for what can matter: from what is open of the bare plan to what its answers open, as lines.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::NaiveDate;

use super::{
    ALTERNATIVE, Asks, BORN, DOSE, Form, FormLine, OnlyIf, Opening, PLAN, REST, SECTIONS, openings,
};
use crate::checklist::{FindingOutcome, Screening};
use crate::dictionary::{Dictionary, Fact, FactId, Kind, Section, in_words};
use crate::library::{Expr, Library, NamedTest, Strength, Test};
use crate::profile::{PlanChange, Profile, Response};

/// The plan and the day for which is searched.
#[derive(Clone, Copy)]
pub(super) struct Search<'l> {
    pub(super) library: &'l Library,
    pub(super) plan: &'l PlanChange,
    pub(super) as_of: NaiveDate,
}

/// A fact to ask for.
#[derive(Debug, Default)]
struct Asked {
    only_if: BTreeMap<FactId, BTreeSet<String>>,
    instead_of: Option<FactId>,
    settles: BTreeSet<String>,
}

impl<'l> Search<'l> {
    fn dictionary(self) -> &'l Dictionary {
        self.library.dictionary()
    }

    pub(super) fn form(self, bare: &Profile) -> Form {
        let screening = self.library.screen(bare, self.as_of);
        let open = openings(&screening);
        let mut asked: BTreeMap<FactId, Asked> = BTreeMap::new();
        for (name, opening) in &open {
            self.add(name, opening, &mut asked);
        }
        self.follow(&mut asked);
        self.relate(&open, &mut asked);
        let mut lines: Vec<FormLine> = asked
            .iter()
            .filter(|(id, _)| self.dictionary().fact(**id).id != "indication")
            .map(|(id, asked)| self.line(*id, asked))
            .collect();
        self.keys(&screening, &mut lines);
        for section in ["medicines", "treatments"] {
            if let Some(opening) = open.get(section) {
                lines.push(self.list(section, opening, &screening));
                lines.push(denial(section));
            }
        }
        for section in ["history", "vaccines"] {
            if lines.iter().any(|l| l.section == section) {
                lines.push(denial(section));
            }
        }
        // Samples stand in the order of their first tests.
        let mut first: BTreeMap<Option<String>, u16> = BTreeMap::new();
        for line in lines.iter().filter(|l| l.section == "tests") {
            let place = first.entry(line.sample.clone()).or_insert(u16::MAX);
            *place = line.order.2.min(*place);
        }
        for line in lines.iter_mut().filter(|l| l.section == "tests") {
            line.order.1 = first.get(&line.sample).copied().unwrap_or(u16::MAX);
        }
        let days = first.iter();
        lines.extend(days.map(|(sample, place)| day(sample.as_deref(), *place)));
        lines.sort_by(|a, b| (a.order, &a.key).cmp(&(b.order, &b.key)));
        let used = screening.checklists.iter().map(|c| c.label.clone());
        let off_label = screening.checklists.iter().map(|c| &c.eligibility);
        let off_label = off_label.filter(|e| e.off_label).flat_map(|e| &e.lacks);
        Form {
            drug: bare.plan.drug.clone(),
            indication: bare.plan.indication.clone(),
            labels: bare.plan.labels.clone(),
            documents: used.collect(),
            off_label: off_label.cloned().collect(),
            lines,
        }
    }

    /// A fact that is open; for one that is derived, what it is to be asked by.
    fn add(self, name: &str, opening: &Opening, asked: &mut BTreeMap<FactId, Asked>) {
        let Some(id) = self.dictionary().find(name) else {
            return;
        };
        let fact = self.dictionary().fact(id);
        let ids = if fact.section == Section::Derived {
            fact.ask.clone()
        } else {
            vec![id]
        };
        let instead_of = opening.instead_of.as_deref();
        for id in ids {
            let entry = asked.entry(id).or_insert_with(|| Asked {
                instead_of: instead_of.and_then(|f| self.dictionary().find(f)),
                ..Asked::default()
            });
            entry.settles.extend(opening.settles.iter().cloned());
        }
    }

    /// Answers, one after the other, what other facts hang on, and adds what that opens.
    fn follow(self, asked: &mut BTreeMap<FactId, Asked>) {
        let part_of = |id: FactId| self.dictionary().fact(id).parent;
        let mut queue: VecDeque<(FactId, String)> =
            asked.keys().map(|id| (*id, String::new())).collect();
        while let Some((id, path)) = queue.pop_front() {
            let fact = self.dictionary().fact(id);
            if !self.leads_on(id) {
                continue;
            }
            for value in values(fact) {
                let change = format!("{}.{}={value}", fact.section.name(), fact.id);
                let changes = if path.is_empty() {
                    change
                } else {
                    format!("{path}\n{change}")
                };
                let read = Profile::read_changed(
                    self.library,
                    "the plan",
                    PLAN,
                    self.plan,
                    &changes,
                    self.as_of,
                );
                let Ok(profile) = read else { continue };
                for (name, opening) in openings(&self.library.screen(&profile, self.as_of)) {
                    let Some(opened) = self.dictionary().find(&name) else {
                        continue;
                    };
                    let new = !asked.contains_key(&opened);
                    if new {
                        self.add(&name, &opening, asked);
                    }
                    if let Some(entry) = asked.get_mut(&opened)
                        && (new || entry.only_if.contains_key(&id) || part_of(opened) == Some(id))
                    {
                        let values = entry.only_if.entry(id).or_default();
                        values.insert(value.clone());
                    }
                    if new {
                        queue.push_back((opened, changes.clone()));
                    }
                }
            }
        }
    }

    /// Whether an answer can open another fact: one that is an attribute of it, or derived from it.
    fn leads_on(self, id: FactId) -> bool {
        let fact = self.dictionary().fact(id);
        let mut facts = self.dictionary().facts();
        !fact.attributes.is_empty()
            || facts.any(|(_, f)| f.from.contains(&id) || f.ask_after == Some(id))
    }

    /// What hangs together: attributes and what they are part of, members and their groups, tests that come after others,
    /// values that others can be derived from.
    fn relate(self, open: &BTreeMap<String, Opening>, asked: &mut BTreeMap<FactId, Asked>) {
        let all: Vec<FactId> = asked.keys().copied().collect();
        let yes = || BTreeSet::from(["yes".to_owned()]);
        for id in all {
            let fact = self.dictionary().fact(id);
            let mut only_if = BTreeMap::new();
            if let Some(parent) = fact.parent {
                let settles = asked.get(&id).map(|a| a.settles.clone());
                let entry = asked.entry(parent).or_default();
                entry.settles.extend(settles.unwrap_or_default());
                if fact.value_key_of(self.dictionary()).is_none() {
                    only_if.insert(parent, yes());
                }
            }
            if open.contains_key(&fact.id) {
                let group = fact.groups.iter().find(|g| asked.contains_key(g));
                only_if.extend(group.map(|g| (*g, yes())));
            }
            if let Some(after) = fact.ask_after.filter(|a| asked.contains_key(a)) {
                only_if.insert(after, BTreeSet::from(["positive".to_owned()]));
            }
            if let Some(entry) = asked.get_mut(&id) {
                for (fact, values) in only_if {
                    entry.only_if.entry(fact).or_insert(values);
                }
            }
            if fact.section != Section::Tests {
                continue;
            }
            let settles = asked.get(&id).map(|a| a.settles.clone());
            for from in &fact.from {
                asked.entry(*from).or_insert_with(|| Asked {
                    instead_of: Some(id),
                    settles: settles.clone().unwrap_or_default(),
                    ..Asked::default()
                });
            }
        }
    }

    fn line(self, id: FactId, asked: &Asked) -> FormLine {
        let fact = self.dictionary().fact(id);
        let (words, units, mut expects) = self.takes(fact);
        if fact.not_deniable && fact.section == Section::History && fact.parent.is_none() {
            expects += "; `everything_else` does not cover it";
        }
        let only_if = asked.only_if.iter().map(|(of, is)| {
            let of = self.dictionary().fact(*of);
            OnlyIf {
                fact: of.id.clone(),
                name: of.name.clone(),
                is: is.iter().cloned().collect(),
            }
        });
        let part_of = fact.parent.map(|p| self.dictionary().fact(p).id.clone());
        let own = match &part_of {
            Some(_) => fact.id.rsplit('.').next().unwrap_or_default(),
            None if fact.id == BORN.1 => BORN.0,
            None => &fact.id,
        };
        let members = fact.members.iter();
        let instead_of = asked.instead_of.map(|of| self.dictionary().fact(of));
        // What stands for another test stands after it.
        let beside = instead_of.filter(|of| of.sample == fact.sample);
        let place = beside.map_or((fact.place.saturating_add(1), 0), |of| {
            (of.place.saturating_add(1), 1)
        });
        FormLine {
            section: fact.section.name(),
            key: own.to_owned(),
            part_of,
            fact: fact.id.clone(),
            name: fact.name.clone(),
            question: fact.question.clone(),
            words,
            units,
            expects,
            kinds: members
                .map(|m| self.dictionary().fact(*m).id.clone())
                .collect(),
            sample: fact.sample.clone(),
            only_if: only_if.collect(),
            instead_of: instead_of.map(|of| (of.id.clone(), of.name.clone())),
            suggests: None,
            settles: asked.settles.iter().cloned().collect(),
            asks: Asks::Fact,
            deniable: !fact.not_deniable
                && fact.parent.is_none()
                && matches!(fact.kind, Kind::Event | Kind::State),
            value_key: fact.value_key.clone(),
            order: (rank(fact.section.name()), 0, place.0, place.1),
        }
    }

    /// The words and units that a fact takes, and both as a sentence.
    fn takes(self, fact: &Fact) -> (Vec<String>, Vec<String>, String) {
        let of = |units: usize| {
            let names = self.dictionary().unit_list(units).names();
            names.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        match &fact.kind {
            Kind::Quantity { units, .. } => {
                let bare = self.dictionary().unit_list(*units).bare;
                let units = of(*units);
                let expects = match fact.id.as_str() {
                    DOSE => "as `15 mg daily` or `5 mg twice daily`".to_owned(),
                    id if id == BORN.1 => {
                        "years, or the date of birth as 1959-02-04, 1959-02 or 1959".to_owned()
                    }
                    _ if bare => format!("a number of {}", units.join(" or ")),
                    _ => format!("with its unit: {}", units.join(", ")),
                };
                (Vec::new(), units, expects)
            }
            Kind::Choice {
                choices, measured, ..
            } => {
                let units = measured.as_ref().map(|m| of(m.units)).unwrap_or_default();
                let mut expects = choices.join(", ");
                if !units.is_empty() {
                    expects = format!("{expects}; or a number with its unit: {}", units.join(", "));
                }
                (choices.clone(), units, expects)
            }
            Kind::State => (words(&["yes", "no"]), Vec::new(), "yes, no".to_owned()),
            Kind::Event => {
                let dated = fact.parent.is_some();
                let expects = if dated {
                    "a date"
                } else {
                    "no, yes, or a date"
                };
                (words(&["no", "yes"]), Vec::new(), expects.to_owned())
            }
        }
    }

    /// What the format has beside facts.
    fn keys(self, screening: &Screening, lines: &mut Vec<FormLine>) {
        let key = |section, key: &str, name: &str, question: &str, expects: &str, order| FormLine {
            name: name.to_owned(),
            question: question.to_owned(),
            expects: expects.to_owned(),
            ..FormLine::plain(section, key, Asks::Key, order)
        };
        let day = "a day, as 2026-11-21";
        let question = "Which id of your own has the patient?";
        lines.push(key("", "patient", "id", question, "never a name", 0));
        let question = "On which day is this filled in?";
        let expects = "a day, as 2026-11-21; what bears no date is as old as this day";
        lines.push(key("", "as_of", "day of the file", question, expects, 1));
        // The section has to hold a line that stands: the one of the age.
        let about = |l: &FormLine| l.section == Section::About.name();
        if lines.iter().any(about)
            && lines.iter().all(|l| l.fact != BORN.1)
            && let Some(age) = self.dictionary().find(BORN.1)
        {
            lines.push(self.line(age, &Asked::default()));
        }
        if let Some(dose) = self.dictionary().find(DOSE) {
            let mut line = self.line(dose, &Asked::default());
            line.asks = Asks::Key;
            let of_facts = lines.iter().find(|l| l.fact == DOSE);
            line.settles = of_facts.map(|l| l.settles.clone()).unwrap_or_default();
            lines.retain(|l| l.fact != DOSE);
            lines.push(line);
        }
        let question = "On which day is the first dose planned?";
        lines.push(key("plan", "start", "start", question, day, u16::MAX - 3));
        let findings = screening.checklists.iter().flat_map(|c| &c.findings);
        let mut restricted = findings.filter(|f| {
            f.strength == Strength::Restricted && f.outcome != FindingOutcome::NotApplicable
        });
        if restricted.next().is_some() {
            let question = "If no suitable alternative is left: why?";
            let (name, expects) = ("no suitable alternative", "the reason in words");
            lines.push(key(
                "plan",
                ALTERNATIVE,
                name,
                question,
                expects,
                u16::MAX - 2,
            ));
        }
    }

    /// Medicines or treatments, one after the other.
    fn list(self, section: &'static str, opening: &Opening, screening: &Screening) -> FormLine {
        let mut outcomes = Response::WORDS.to_vec();
        outcomes.dedup_by_key(|(_, outcome)| *outcome);
        let outcomes: Vec<&str> = outcomes.into_iter().map(|(word, _)| word).collect();
        let expects = if section == "medicines" {
            "a name and the dose, as `name: 7.5 mg daily`; or `name: yes`".to_owned()
        } else {
            format!(
                "a name and how it went, as `name: intolerance`: {}; or {{ outcome: intolerance, stopped: 2026-03 }}, {{ \
                 outcome: adequate, ongoing: yes }}",
                outcomes.join(", ")
            )
        };
        FormLine {
            name: opening.name.clone(),
            question: opening.questions.first().cloned().unwrap_or_default(),
            expects,
            kinds: self.kinds(section, screening),
            settles: opening.settles.iter().cloned().collect(),
            fact: section.to_owned(),
            ..FormLine::plain(section, "", Asks::List, 0)
        }
    }

    /// The medicines and classes that the plan asks for, by name.
    fn kinds(self, section: &str, screening: &Screening) -> Vec<String> {
        let plan = &screening.plan;
        let mut named: Vec<NamedTest> = Vec::new();
        let mut leaves = |expr: &Expr| {
            for leaf in expr.leaves() {
                match &leaf.test {
                    Test::Taking(taking) if section == "medicines" => {
                        named.extend(taking.any.iter().copied());
                        named.extend(taking.all.iter().map(|c| NamedTest::Class(*c)));
                    }
                    Test::Treated(treated) if section == "treatments" => {
                        named.extend(treated.with.iter().copied());
                    }
                    _ => {}
                }
            }
        };
        for (jurisdiction, checklist) in plan.labels.iter().zip(&screening.checklists) {
            let Some(label) = self.library.label(jurisdiction, &plan.drug) else {
                continue;
            };
            let entries = label.indications.iter();
            entries
                .filter(|e| e.indication == plan.indication)
                .for_each(|e| leaves(&e.requires));
            let guidance = self.library.guidance(jurisdiction, &plan.drug);
            for document in std::iter::once(label).chain(guidance) {
                for criterion in &document.criteria {
                    let applies = checklist.findings.iter().any(|f| {
                        f.outcome == FindingOutcome::Unknown
                            && f.criterion == criterion.id
                            && f.source.document == document.id
                    });
                    if applies {
                        criterion.population.iter().for_each(&mut leaves);
                        criterion.when.iter().for_each(&mut leaves);
                    }
                }
            }
        }
        named.sort_unstable();
        named.dedup();
        let name = |test: NamedTest| match test {
            NamedTest::Class(class) => self.dictionary().class(class).name.to_string(),
            NamedTest::Medicine(id) => in_words(&self.dictionary().medicine(id).id),
        };
        named.into_iter().map(name).collect()
    }
}

impl Fact {
    /// Of an attribute: the key of the value itself beside it.
    fn value_key_of<'d>(&self, dictionary: &'d Dictionary) -> Option<&'d str> {
        dictionary.fact(self.parent?).value_key.as_deref()
    }
}

/// What a fact may be answered with that opens others.
fn values(fact: &Fact) -> Vec<String> {
    match &fact.kind {
        Kind::Choice { choices, .. } => choices.clone(),
        Kind::State | Kind::Event => vec!["yes".to_owned(), "no".to_owned()],
        Kind::Quantity { .. } => Vec::new(),
    }
}

fn rank(section: &str) -> u8 {
    // What stands at the top comes first.
    let at = SECTIONS
        .iter()
        .position(|s| *s == section)
        .map_or(0, |at| at + 1);
    u8::try_from(at).unwrap_or(u8::MAX)
}

impl FormLine {
    /// A line of the format.
    pub(super) fn plain(section: &'static str, key: &str, asks: Asks, place: u16) -> FormLine {
        FormLine {
            section,
            key: key.to_owned(),
            part_of: None,
            fact: String::new(),
            name: String::new(),
            question: String::new(),
            words: Vec::new(),
            units: Vec::new(),
            expects: String::new(),
            kinds: Vec::new(),
            sample: None,
            only_if: Vec::new(),
            instead_of: None,
            suggests: None,
            settles: Vec::new(),
            asks,
            deniable: false,
            value_key: None,
            order: (rank(section), 0, place.saturating_add(1), 0),
        }
    }
}

fn denial(section: &'static str) -> FormLine {
    FormLine {
        name: "everything else".to_owned(),
        question: "Was everything else asked about, and denied?".to_owned(),
        words: vec!["no".to_owned()],
        expects: "no, only if it was".to_owned(),
        ..FormLine::plain(section, REST, Asks::Denial, u16::MAX)
    }
}

fn day(sample: Option<&str>, place: u16) -> FormLine {
    let name = sample.unwrap_or("other tests");
    FormLine {
        name: name.to_owned(),
        question: format!("Of which day are the results: {name}?"),
        expects: "a date".to_owned(),
        sample: sample.map(str::to_owned),
        order: (rank("tests"), place, 0, 0),
        ..FormLine::plain("tests", "date", Asks::Day, 0)
    }
}
