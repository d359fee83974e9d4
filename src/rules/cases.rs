//! Cases: example profiles with the outcomes they must have, kept beside a document.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;

use super::Collection;
use crate::checklist::TestStatus;
use crate::date::PartialDate;
use crate::decode::{self, Record, fields, items, record, shown};
use crate::diagnostic::{Code, Collector, Diagnostics};
use crate::dictionary::{ClassId, FactId, MedicineId, Named, Section};
use crate::evaluate::{Judge, Verdict};
use crate::library::{Criterion, Document, Library, Source, Strength};
use crate::outcome::Outcome;
use crate::profile::{PlanChange, Profile, Value};
use crate::text::{self, Kind, Node, Span};

/// What came of running the cases of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Tested {
    /// The document's id.
    pub document: String,
    /// The file the cases stand in; none if the document has no cases.
    pub file: Option<String>,
    /// How many profiles were screened.
    pub count: usize,
    /// What did not come out as the cases say, each with its place.
    pub wrong: Vec<String>,
}

/// The cases of one document.
#[derive(Debug)]
pub(super) struct Cases {
    pub(super) file: String,
    pub(super) document: String,
    pub(super) cases: Vec<Case>,
    /// What the cases say of a criterion itself, written a second time from the source.
    pub(super) stated: BTreeMap<String, Stated>,
    /// Of the dictionary: the members of each class, stated a second time.
    pub(super) classes: Vec<Members>,
    /// Mutants that no case can tell from the criterion, each with the reason.
    pub(super) survivors: Vec<Survivor>,
}

/// A profile with what must come out of it.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) line: usize,
    profile: Profile,
    as_of: NaiveDate,
    pub(super) expected: Vec<(String, String)>,
}

/// What cases state of a criterion.
#[derive(Debug, Default)]
pub(super) struct Stated {
    pub(super) strength: Option<Strength>,
    pub(super) boxed: Option<bool>,
    pub(super) max: Option<String>,
    line: usize,
}

/// The members of a class.
#[derive(Debug)]
pub(super) struct Members {
    class: ClassId,
    medicines: Vec<MedicineId>,
    line: usize,
}

/// A mutant that stays, and why.
#[derive(Debug)]
pub(super) struct Survivor {
    pub(super) criterion: String,
    pub(super) mutant: String,
    pub(super) why: String,
    pub(super) line: usize,
}

/// Reads one file of cases.
struct Reader<'l, 's> {
    library: &'l Library,
    out: Collector<'s>,
    as_of: NaiveDate,
    base: Node<'static>,
    cases: Vec<Case>,
}

/// What can be stated of a criterion.
pub(crate) const OUTCOMES: [&str; 5] = ["met", "not_met", "unknown", "not_applicable", "note"];

impl Cases {
    pub(super) fn read(library: &Library, file: Source<'_>) -> Result<Self, Diagnostics> {
        const KEYS: [&str; 9] = [
            "document",
            "classes",
            "as_of",
            "base",
            "criteria",
            "tests",
            "thresholds",
            "scenarios",
            "survivors",
        ];
        let mut out = Collector::new(file.name, file.text);
        let (tree, fault) = text::read(file.text);
        if let Some(fault) = &fault {
            out.fault(fault);
        }
        let tree = tree.unwrap_or(Node {
            kind: Kind::Empty,
            span: Span::default(),
        });
        let Some(r) = record(&tree, "a file of cases", &KEYS, &mut out) else {
            return Err(out.finish().err().unwrap_or_else(|| {
                Diagnostics::one(Code::EmptyFile, file.name, "the file is empty", None)
            }));
        };
        let document = r.need_text("document", &mut out).unwrap_or_default();
        let classes = classes(library, r.get("classes"), &mut out);
        let as_of = match r.get("as_of") {
            None if !classes.is_empty() => None,
            _ => r.need("as_of", &mut out).and_then(|n| day(n, &mut out)),
        };
        let mut reader = Reader {
            library,
            out,
            as_of: as_of.unwrap_or_default(),
            base: owned(r.get("base")),
            cases: Vec::new(),
        };
        let stated = reader.criteria(&r);
        reader.tests(&r);
        for row in r.get("thresholds").map(items).unwrap_or_default() {
            reader.threshold(row);
        }
        for row in r.get("scenarios").map(items).unwrap_or_default() {
            reader.scenario(row);
        }
        let survivors = reader.survivors(&r);
        let Reader { out, cases, .. } = reader;
        out.finish()?;
        Ok(Self {
            file: file.name.to_owned(),
            document,
            cases,
            stated,
            classes,
            survivors,
        })
    }
}

impl Reader<'_, '_> {
    fn criteria(&mut self, r: &Record<'_>) -> BTreeMap<String, Stated> {
        let mut stated: BTreeMap<String, Stated> = BTreeMap::new();
        let of_criteria = r
            .get("criteria")
            .and_then(|n| fields(n, "criteria", &mut self.out));
        for criterion in of_criteria.unwrap_or_default() {
            // `eligibility/crohns_disease` is another group of cases of `eligibility`.
            let id = criterion.key.split('/').next().unwrap_or_default();
            let of_criterion = stated.entry(id.to_owned()).or_default();
            of_criterion.line = self.out.line(criterion.at);
            let parts = fields(criterion.value, "the cases of a criterion", &mut self.out);
            for part in parts.unwrap_or_default() {
                if part.key == "strength" {
                    of_criterion.strength =
                        decode::word(part.value, "a strength", &Strength::WORDS, &mut self.out);
                } else if part.key == "boxed" {
                    of_criterion.boxed = decode::yes_no(part.value, &mut self.out);
                } else if part.key == "max" {
                    of_criterion.max =
                        decode::text(part.value, "max", &mut self.out).map(str::to_owned);
                } else if OUTCOMES.contains(&part.key) {
                    let cases = fields(part.value, "the cases of an outcome", &mut self.out);
                    for case in cases.unwrap_or_default() {
                        let name = format!("{id}: {}", case.key);
                        let expected = vec![(id.to_owned(), part.key.to_owned())];
                        self.case(name, case.at, case.value, expected);
                    }
                } else {
                    let known = [&OUTCOMES[..], &["strength", "boxed", "max"]].concat();
                    let help = decode::did_you_mean(part.key, known.iter().copied())
                        .unwrap_or_else(|| format!("known keys: {}", known.join(", ")));
                    let message = format!("unknown key `{}`", shown(part.key));
                    self.out.error(Code::UnknownKey, part.at, message, help);
                }
            }
        }
        stated
    }

    /// Cases of the tests before starting, by test and status; `not_applicable` where it is not asked for.
    fn tests(&mut self, r: &Record<'_>) {
        let tests = r.get("tests");
        let tests = tests.and_then(|n| fields(n, "tests", &mut self.out));
        for test in tests.unwrap_or_default() {
            self.known_test(test.key, test.at);
            let name = format!("test {}", test.key);
            let by_status = fields(test.value, "the cases of a test", &mut self.out);
            for status in by_status.unwrap_or_default() {
                let known = TestStatus::ALL.iter().map(|s| s.name());
                let known: Vec<&str> = known.chain(["not_applicable"]).collect();
                if !known.contains(&status.key) {
                    let help = format!("write one of: {}", known.join(", "));
                    self.out
                        .error(Code::UnknownKey, status.at, "not a status of a test", help);
                }
                let cases = fields(status.value, "the cases of a status", &mut self.out);
                for case in cases.unwrap_or_default() {
                    let expected = vec![(name.clone(), status.key.to_owned())];
                    self.case(
                        format!("{name}: {}", case.key),
                        case.at,
                        case.value,
                        expected,
                    );
                }
            }
        }
    }

    /// A test that nobody knows would never be asked for.
    fn known_test(&mut self, name: &str, at: Span) {
        let dictionary = self.library.dictionary();
        if dictionary.find(name).is_none() {
            let message = format!("no test `{}`", shown(name));
            let help = decode::did_you_mean(name, dictionary.names_in(Section::Tests));
            self.out.error(Code::UnknownName, at, message, help);
        }
    }

    fn threshold(&mut self, row: &Node<'_>) {
        const KEYS: [&str; 5] = ["criterion", "fact", "met", "not_met", "with"];
        let Some(r) = record(row, "a threshold", &KEYS, &mut self.out) else {
            return;
        };
        let criterion = r.need_text("criterion", &mut self.out).unwrap_or_default();
        let fact = r.need_text("fact", &mut self.out).unwrap_or_default();
        let with = owned(r.get("with"));
        for wanted in ["met", "not_met"] {
            for value in r.get(wanted).map(items).unwrap_or_default() {
                let profile = merge(&with, &self.with_value(&fact, value));
                let written = value.text().unwrap_or_default();
                let name = format!("{criterion}: {fact} {written}");
                let expected = vec![(criterion.clone(), wanted.to_owned())];
                self.case(name, value.span, &profile, expected);
            }
        }
    }

    fn scenario(&mut self, row: &Node<'_>) {
        let Some(r) = record(
            row,
            "a scenario",
            &["name", "profile", "expect"],
            &mut self.out,
        ) else {
            return;
        };
        let name = r.need_text("name", &mut self.out).unwrap_or_default();
        let expected = r.need("expect", &mut self.out);
        let expected = expected.and_then(|n| fields(n, "expect", &mut self.out));
        let expected = expected.unwrap_or_default().into_iter().filter_map(|f| {
            if let Some(test) = f.key.strip_prefix("test ") {
                self.known_test(test, f.at);
            }
            let outcome = decode::text(f.value, "an outcome", &mut self.out)?;
            Some((f.key.to_owned(), outcome.to_owned()))
        });
        let expected = expected.collect();
        if let Some(profile) = r.need("profile", &mut self.out) {
            self.case(name, row.span, profile, expected);
        }
    }

    fn survivors(&mut self, r: &Record<'_>) -> Vec<Survivor> {
        let mut survivors = Vec::new();
        for row in r.get("survivors").map(items).unwrap_or_default() {
            let keys = ["criterion", "mutant", "why"];
            let Some(r) = record(row, "a survivor", &keys, &mut self.out) else {
                continue;
            };
            let [criterion, mutant, why] =
                keys.map(|key| r.need_text(key, &mut self.out).unwrap_or_default());
            survivors.push(Survivor {
                criterion,
                mutant,
                why,
                line: self.out.line(row.span),
            });
        }
        survivors
    }

    fn case(&mut self, name: String, at: Span, over: &Node<'_>, expected: Vec<(String, String)>) {
        let tree = merge(&self.base, over);
        let profile = Profile::of_tree(self.library, &tree, &PlanChange::default(), &mut self.out);
        self.cases.push(Case {
            name,
            line: self.out.line(at),
            profile,
            as_of: self.as_of,
            expected,
        });
    }

    /// A profile in which one fact has a value: in the section where a profile has it.
    fn with_value(&self, fact: &str, value: &Node<'_>) -> Node<'static> {
        let dictionary = self.library.dictionary();
        let section = dictionary.find(fact).map(|f| dictionary.fact(f).section);
        let section = section.map_or("tests", Section::name);
        map(section, map(fact, owned(Some(value))))
    }
}

fn day(node: &Node<'_>, out: &mut Collector<'_>) -> Option<NaiveDate> {
    let text = decode::text(node, "a day", out)?;
    PartialDate::parse_day(text)
        .map_err(|(code, help)| out.error(code, node.span, "not a day", help.to_owned()))
        .ok()
}

fn map(key: &str, value: Node<'static>) -> Node<'static> {
    let key = Node {
        kind: Kind::Scalar {
            text: key.to_owned().into(),
            quoted: false,
        },
        span: value.span,
    };
    Node {
        span: value.span,
        kind: Kind::Map(vec![(key, value)]),
    }
}

/// A node of its own; nothing is an empty mapping.
fn owned(node: Option<&Node<'_>>) -> Node<'static> {
    let Some(node) = node else {
        return Node {
            kind: Kind::Map(Vec::new()),
            span: Span::default(),
        };
    };
    let kind = match &node.kind {
        Kind::Empty => Kind::Empty,
        Kind::Scalar { text, quoted } => Kind::Scalar {
            text: text.clone().into_owned().into(),
            quoted: *quoted,
        },
        Kind::List(items) => Kind::List(items.iter().map(|n| owned(Some(n))).collect()),
        Kind::Map(pairs) => Kind::Map(
            pairs
                .iter()
                .map(|(k, v)| (owned(Some(k)), owned(Some(v))))
                .collect(),
        ),
    };
    Node {
        kind,
        span: node.span,
    }
}

/// Lays `over` over `base`, map by map; a list or value replaces.
fn merge(base: &Node<'_>, over: &Node<'_>) -> Node<'static> {
    let (Kind::Map(below), Kind::Map(above)) = (&base.kind, &over.kind) else {
        return owned(Some(if over.kind == Kind::Empty { base } else { over }));
    };
    let mut pairs: Vec<(Node<'static>, Node<'static>)> = below
        .iter()
        .map(|(k, v)| {
            let value = k.text().and_then(|key| over.get(key));
            let value = value.map_or_else(|| owned(Some(v)), |above| merge(v, above));
            (owned(Some(k)), value)
        })
        .collect();
    for (key, value) in above {
        if key.text().is_none_or(|key| base.get(key).is_none()) {
            pairs.push((owned(Some(key)), owned(Some(value))));
        }
    }
    Node {
        kind: Kind::Map(pairs),
        span: over.span,
    }
}

impl Cases {
    /// Of a document without cases.
    pub(super) fn none() -> Self {
        Self {
            file: String::new(),
            document: String::new(),
            cases: Vec::new(),
            stated: BTreeMap::new(),
            classes: Vec::new(),
            survivors: Vec::new(),
        }
    }
}

/// The members of each class, as the cases of the dictionary state them.
fn classes(library: &Library, node: Option<&Node<'_>>, out: &mut Collector<'_>) -> Vec<Members> {
    let dictionary = library.dictionary();
    let mut classes = Vec::new();
    let listed = node.and_then(|n| fields(n, "classes", out));
    for field in listed.unwrap_or_default() {
        let Some(class) = dictionary.find_class(field.key) else {
            let message = format!("no class `{}`", shown(field.key));
            let help = decode::did_you_mean(field.key, dictionary.medicine_names());
            out.error(Code::UnknownName, field.at, message, help);
            continue;
        };
        let mut medicines = Vec::new();
        for node in items(field.value) {
            let name = decode::text(node, "a medicine", out).unwrap_or_default();
            if let Some(Named::Medicine(id)) = dictionary.find_medicine(name) {
                medicines.push(id);
            } else {
                let message = format!("no medicine `{}`", shown(name));
                let help = decode::did_you_mean(name, dictionary.medicine_names());
                out.error(Code::UnknownName, node.span, message, help);
            }
        }
        let line = out.line(field.at);
        classes.push(Members {
            class,
            medicines,
            line,
        });
    }
    classes
}

impl Case {
    /// The exact values that the profile gives to a fact.
    pub(super) fn values(&self, fact: FactId) -> impl Iterator<Item = Decimal> {
        self.profile
            .entries(fact)
            .iter()
            .filter_map(|e| match e.value {
                Value::Quantity { value, .. } => value.exact(),
                Value::Choice(_) | Value::Present | Value::Absent | Value::Missing(_) => None,
            })
    }

    /// The judge of this case's profile, and the label of its plan.
    pub(super) fn judge<'a>(&'a self, library: &'a Library) -> (Judge<'a>, Option<&'a Document>) {
        let plan = &self.profile.plan;
        let label = plan
            .labels
            .first()
            .and_then(|l| library.label(l, &plan.drug));
        let judge = Judge::new(library, &self.profile, self.as_of);
        (label.map_or(judge, |l| judge.for_label(l)), label)
    }

    /// What comes out under a name: a criterion, `eligibility`, `conclusion`, or `test X`. The document may be a mutant.
    pub(super) fn outcome(
        &self,
        library: &Library,
        document: &Document,
        name: &str,
    ) -> Option<&'static str> {
        let (judge, label) = self.judge(library);
        if name == "eligibility" {
            return Some(word(judge.eligibility(document).outcome));
        }
        if let Some(criterion) = document.criteria.iter().find(|c| c.id == name) {
            return Some(self.decided(&judge, document, criterion));
        }
        // A label is judged alone; guidance beside the label of the plan, its tests alone.
        let nothing = Document::default();
        let judged = match name.strip_prefix("test ") {
            _ if !document.is_guidance() => judge.judged(library, document, std::iter::empty()),
            Some(_) => judge.judged(library, &nothing, std::iter::once(document)),
            None => judge.judged(library, label?, std::iter::once(document)),
        };
        if name == "conclusion" {
            return Some(judged.conclusion.name());
        }
        let test = name.strip_prefix("test ")?;
        let checklist = judge.checklist(&judged);
        let item = checklist.tests.iter().find(|t| t.test == test);
        Some(item.map_or("not_applicable", |t| t.status.name()))
    }

    pub(super) fn decided(
        &self,
        judge: &Judge<'_>,
        document: &Document,
        criterion: &Criterion,
    ) -> &'static str {
        match judge.decide(document, criterion).verdict {
            Verdict::NotApplicable => "not_applicable",
            Verdict::Note => "note",
            Verdict::Decided(outcome) => word(outcome),
        }
    }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// The word of an outcome, as cases write it.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "met",
        Outcome::NotMet => "not_met",
        Outcome::Unknown => "unknown",
    }
}

impl Collection {
    /// Runs the cases of every document of these files.
    pub fn test(&self) -> Vec<Tested> {
        let mut tested: Vec<Tested> = self
            .cases
            .iter()
            .map(|cases| {
                let mut wrong = Vec::new();
                match self.document(&cases.document) {
                    _ if !cases.classes.is_empty() => self.test_classes(cases, &mut wrong),
                    Some(document) => self.test_document(cases, document, &mut wrong),
                    None => wrong.push(format!(
                        "{}: there is no document `{}`",
                        cases.file, cases.document
                    )),
                }
                Tested {
                    document: cases.document.clone(),
                    file: Some(cases.file.clone()),
                    count: cases.cases.len() + cases.classes.len(),
                    wrong,
                }
            })
            .collect();
        for id in &self.ids {
            if !tested.iter().any(|t| t.document == *id) {
                tested.push(Tested {
                    document: id.clone(),
                    file: None,
                    count: 0,
                    wrong: Vec::new(),
                });
            }
        }
        tested.sort_by(|a, b| a.document.cmp(&b.document));
        tested
    }

    /// The members of each class are exactly those that the cases state, and every class is stated.
    fn test_classes(&self, cases: &Cases, wrong: &mut Vec<String>) {
        let dictionary = self.library.dictionary();
        for class in dictionary.classes() {
            let id = &dictionary.class(class).id;
            let Some(stated) = cases.classes.iter().find(|m| m.class == class) else {
                wrong.push(format!("{}: the class {id} is not stated", cases.file));
                continue;
            };
            let place = format!("{}:{}: {id}", cases.file, stated.line);
            for medicine in dictionary.medicines() {
                let belongs = dictionary.belongs(medicine, class);
                let name = &dictionary.medicine(medicine).id;
                match (belongs, stated.medicines.contains(&medicine)) {
                    (true, false) => wrong.push(format!(
                        "{place}: {name} belongs to it, and is not stated here"
                    )),
                    (false, true) => wrong.push(format!(
                        "{place}: {name} is stated here, and does not belong to it"
                    )),
                    _ => {}
                }
            }
        }
    }

    fn test_document(&self, cases: &Cases, document: &Document, wrong: &mut Vec<String>) {
        for case in &cases.cases {
            for (name, wanted) in &case.expected {
                let found = case.outcome(&self.library, document, name);
                if found != Some(wanted) {
                    let place = format!("{}:{}: {}", cases.file, case.line, case.name);
                    wrong.push(match found {
                        Some(found) => format!("{place}: {name} is {found}, not {wanted}"),
                        None => format!("{place}: there is no `{name}`"),
                    });
                }
            }
        }
        for (id, stated) in &cases.stated {
            let place = format!("{}:{}: {id}", cases.file, stated.line);
            let Some(criterion) = document.criteria.iter().find(|c| c.id == *id) else {
                if id != "eligibility" {
                    wrong.push(format!("{place}: there is no such criterion"));
                }
                continue;
            };
            if let Some(strength) = stated.strength.filter(|s| *s != criterion.strength) {
                let (here, there) = (strength.name(), criterion.strength.name());
                wrong.push(format!(
                    "{place}: strength {here} here, {there} in the document"
                ));
            }
            if let Some(boxed) = stated.boxed.filter(|b| *b != criterion.boxed) {
                let (here, there) = (yes_no(boxed), yes_no(criterion.boxed));
                wrong.push(format!(
                    "{place}: boxed {here} here, {there} in the document"
                ));
            }
            let max = criterion.max.as_ref().map(|(_, text)| text);
            if let Some(stated) = stated.max.as_ref().filter(|m| Some(*m) != max) {
                let there = max.map_or("none", String::as_str);
                wrong.push(format!(
                    "{place}: max {stated} here, {there} in the document"
                ));
            }
        }
    }
}
