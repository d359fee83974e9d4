//! Which options a question has. Right is what is open and counts; beside it stands what is known already or asked by nobody.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Choice, Key, Settles, missing_tests};
use crate::checklist::{Checklist, FindingOutcome, Screening, TestStatus};
use crate::dictionary::{Dictionary, FactId, Section};
use crate::evaluate::{Evidence, Open, Trace, TraceNode};
use crate::library::{Document, Level, Library};
use crate::outcome::Outcome;
use crate::profile::Profile;
use crate::text::hash;

/// How many options there are, and how many of them are right at most.
const OPTIONS: usize = 7;
const RIGHT: usize = 5;

/// Something that is open and counts.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) option: Choice,
    settles: Vec<Settles>,
}

/// The options with their keys, and what is right too.
pub(super) struct Chosen {
    pub(super) options: Vec<(Choice, Key)>,
    pub(super) left_out: Vec<Wanted>,
}

/// The options on a screening. Their choice and order depend on the name of the case and on nothing else.
pub(super) fn choose(
    library: &Library,
    profile: &Profile,
    screening: &Screening,
    case: &str,
) -> Chosen {
    let place = |option: &Choice| hash(&format!("{case}/{}", option.fact));
    let mut wanted = wanted(library.dictionary(), screening);
    let gravest = |w: &Wanted| w.settles.iter().filter_map(|s| s.level).min();
    // What a criterion waits for comes before a test that is listed only; what more of them wait for, before the others.
    wanted.sort_by_cached_key(|w| {
        let waiting = Reverse(w.settles.len());
        (gravest(w).is_none(), gravest(w), waiting, place(&w.option))
    });
    let left_out = wanted.split_off(wanted.len().min(RIGHT));
    let right = wanted.into_iter();
    let mut options: Vec<(Choice, Key)> =
        right.map(|w| (w.option, Key::Settles(w.settles))).collect();
    let mut others = others(library, profile, screening);
    for list in &mut others {
        list.sort_by_cached_key(|(option, _)| place(option));
    }
    // One of each kind in turn.
    let mut lists = others.map(Vec::into_iter);
    while options.len() < OPTIONS {
        let before = options.len();
        for list in &mut lists {
            options.extend(list.next().filter(|_| options.len() < OPTIONS));
        }
        if options.len() == before {
            break;
        }
    }
    options.sort_by_cached_key(|(option, _)| place(option));
    Chosen { options, left_out }
}

/// What is open and counts, each once, with all that waits for it.
fn wanted(dictionary: &Dictionary, screening: &Screening) -> Vec<Wanted> {
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    let mut add = |option: Choice, settles: Settles| {
        let entry = wanted.entry(option.fact.clone());
        let entry = entry.or_insert_with(|| Wanted {
            option,
            settles: Vec::new(),
        });
        entry.settles.push(settles);
    };
    let mut open: Vec<&Open> = Vec::new();
    let mut instead: BTreeSet<&str> = BTreeSet::new();
    for checklist in &screening.checklists {
        for (o, settles) in counting(checklist) {
            open.push(o);
            let (fact, name, question) = (o.fact.clone(), o.name.clone(), o.question.clone());
            let option = Choice {
                fact,
                name,
                question,
            };
            add(option, settles);
        }
        for test in missing_tests(checklist) {
            let fact = dictionary.find(&test.test).map(|f| dictionary.fact(f));
            instead.extend(test.or.iter().map(String::as_str));
            if let (Some(fact), Some(source)) = (fact, &test.source) {
                let option = Choice {
                    fact: fact.id.clone(),
                    name: fact.name.clone(),
                    question: fact.question.clone(),
                };
                // `why` goes on with what the test settles.
                let says = test.why.split(';').next().unwrap_or_default().to_owned();
                let settles = Settles {
                    level: None,
                    criterion: None,
                    says,
                    source: source.clone(),
                };
                add(option, settles);
            }
        }
    }
    let open_facts: BTreeSet<&str> = open.iter().map(|o| o.fact.as_str()).collect();
    // What another question covers, or what matters only after its answer, is no question of its own yet.
    let later = |o: &&Open| {
        let fact = dictionary.find(&o.fact).map(|f| dictionary.fact(f));
        let parent = fact.and_then(|f| f.parent).map(|p| dictionary.fact(p));
        let first = o.after.as_deref();
        o.covered(&open)
            || first.is_some_and(|f| open_facts.contains(f))
            || parent.is_some_and(|p| open_facts.contains(p.id.as_str()))
    };
    let later: BTreeSet<&str> = open
        .iter()
        .copied()
        .filter(|o| later(o))
        .map(|o| o.fact.as_str())
        .collect();
    let mut wanted: Vec<Wanted> = wanted.into_values().collect();
    wanted.retain(|w| {
        let fact = w.option.fact.as_str();
        !later.contains(fact) && !instead.contains(fact)
    });
    for w in &mut wanted {
        w.settles.sort();
        w.settles.dedup();
    }
    wanted
}

/// What is open in findings that count, and of the indication.
fn counting(checklist: &Checklist) -> Vec<(&Open, Settles)> {
    let findings = checklist.findings.iter();
    let unknown = findings.filter(|f| f.outcome == FindingOutcome::Unknown && f.counts());
    let mut counting: Vec<(&Open, Settles)> = unknown
        .flat_map(|f| {
            let settles = Settles {
                level: Some(f.level),
                criterion: Some(f.criterion.clone()),
                says: f.says.clone(),
                source: f.source.clone(),
            };
            f.open.iter().map(move |o| (o, settles.clone()))
        })
        .collect();
    let e = &checklist.eligibility;
    if let (Outcome::Unknown, Some(source)) = (e.outcome, &e.source) {
        let settles = Settles {
            level: Some(Level::Caution),
            criterion: Some("eligibility".to_owned()),
            says: "whether the label's indication fits".to_owned(),
            source: source.clone(),
        };
        counting.extend(e.open.iter().map(|o| (o, settles.clone())));
    }
    counting
}

/// What is not right: known from the file, a test that no criterion asks for, known from a denial.
fn others(library: &Library, profile: &Profile, screening: &Screening) -> [Vec<(Choice, Key)>; 3] {
    let dictionary = library.dictionary();
    let open = open_facts(dictionary, screening);
    let near_open = Near::of(dictionary, open);
    let known = known(screening);
    let can_be_asked = |id: FactId, sections: &[Section]| {
        let fact = dictionary.fact(id);
        // An attribute, or "another one" of a group, is no question of its own.
        let whole = fact.parent.is_none() && fact.groups.is_empty();
        sections.contains(&fact.section) && whole && !near_open.has(id)
    };
    let option = |id: FactId| {
        let fact = dictionary.fact(id);
        Choice {
            fact: fact.id.clone(),
            name: fact.name.clone(),
            question: fact.question.clone(),
        }
    };
    let sections = [Section::Tests, Section::History, Section::Vaccines];
    let (denied, written): (Vec<_>, Vec<_>) = known
        .into_iter()
        .filter_map(|e| Some((dictionary.find(&e.fact)?, e)))
        .filter(|(id, _)| can_be_asked(*id, &sections))
        .map(|(id, e)| (option(id), Key::Known(e.clone())))
        .partition(|(_, key)| matches!(key, Key::Known(e) if e.how.is_some()));
    let used = screening.checklists.iter().flat_map(|c| &c.documents);
    let used: BTreeSet<&str> = used.map(|d| d.id.as_str()).collect();
    let documents = library.documents();
    let asked = documents
        .filter(|d| used.contains(d.id.as_str()))
        .flat_map(Document::asked)
        .collect();
    let near_asked = Near::of(dictionary, asked);
    let names: Vec<String> = used.into_iter().map(str::to_owned).collect();
    // Tests only: of the history, documents tell more than criteria ask.
    let silent = |id: &FactId| profile.entries(*id).is_empty() && !near_asked.has(*id);
    let not_asked = dictionary
        .facts()
        .map(|(id, _)| id)
        .filter(|id| can_be_asked(*id, &[Section::Tests]) && silent(id))
        .map(|id| (option(id), Key::NotAsked(names.clone())));
    [written, not_asked.collect(), denied]
}

/// Facts with what they rest on and what rests on them.
struct Near<'d> {
    dictionary: &'d Dictionary,
    facts: BTreeSet<FactId>,
    behind: BTreeSet<FactId>,
}

impl<'d> Near<'d> {
    fn of(dictionary: &'d Dictionary, facts: BTreeSet<FactId>) -> Self {
        Self {
            dictionary,
            behind: dictionary.behind(facts.clone()),
            facts,
        }
    }

    fn has(&self, id: FactId) -> bool {
        self.behind.contains(&id)
            || !self
                .dictionary
                .behind(BTreeSet::from([id]))
                .is_disjoint(&self.facts)
    }
}

/// All that is open in any way, advice and alternatives included.
fn open_facts(dictionary: &Dictionary, screening: &Screening) -> BTreeSet<FactId> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for c in &screening.checklists {
        let open = c.findings.iter().flat_map(|f| &f.open);
        names.extend(open.chain(&c.eligibility.open).map(|o| o.fact.as_str()));
        for test in c.tests.iter().filter(|t| t.status != TestStatus::Done) {
            names.extend(test.or.iter().chain([&test.test]).map(String::as_str));
        }
    }
    names
        .into_iter()
        .filter_map(|n| dictionary.find(n))
        .collect()
}

/// What the criteria read, in date, where it decided; one piece of evidence for each fact.
fn known(screening: &Screening) -> Vec<&Evidence> {
    let mut read: Vec<&Evidence> = Vec::new();
    let findings = screening.checklists.iter().flat_map(|c| &c.findings);
    for trace in findings.filter_map(|f| f.trace.as_ref()) {
        decided(trace, &mut read);
    }
    read.sort();
    read.dedup_by(|a, b| a.fact == b.fact);
    read
}

fn decided<'t>(trace: &'t Trace, read: &mut Vec<&'t Evidence>) {
    match &trace.node {
        TraceNode::All(parts) | TraceNode::Any(parts) => {
            parts.iter().for_each(|p| decided(p, read));
        }
        TraceNode::Not(part) => decided(part, read),
        TraceNode::Leaf(answer) if answer.outcome != Outcome::Unknown => {
            read.extend(answer.read.iter().filter(|e| !e.out_of_date));
        }
        TraceNode::Leaf(_) => {}
    }
}
