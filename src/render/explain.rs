//! The reasoning in words: how a criterion was decided, what hangs on a fact, what a kind of harm is about.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::layout::{Mark, Page, Style};
use super::phrase::{cited, cited_words, day, found, indication, level, limits, outcome, reasons};
use crate::checklist::{Checklist, Finding, FindingOutcome, Screening};
use crate::date::PartialDate;
use crate::decode::{did_you_mean, normal};
use crate::dictionary::{FactId, Kind, Named, Section, Seen, in_words};
use crate::evaluate::{Evidence, Judge, Pass, Trace, TraceNode};
use crate::library::{Criterion, Document, Expr, Leaf, Level, Library, NamedTest, Source, Test};
use crate::outcome::Outcome;
use crate::profile::{Profile, changed};
use crate::rules::flip;

/// Columns of the lead.
const LEAD: usize = 13;

/// Renders how findings came about. `file` is the text the profile was read from, with its name.
///
/// `what` is a criterion (`lymphocytes-low` or `us/upadacitinib/lymphocytes-low`), a kind of harm, a fact, or a medicine; without it,
/// everything that is met or not known is explained.
///
/// # Errors
/// If nothing in the documents of the plan and the dictionary has that name: what to write instead.
pub fn explain(
    library: &Library,
    profile: &Profile,
    as_of: NaiveDate,
    file: Source<'_>,
    what: Option<&str>,
    style: Style,
) -> Result<String, String> {
    let screening = library.screen(profile, as_of);
    let mut explained = Explainer {
        library,
        profile,
        as_of,
        file,
        page: Page::new(style),
        told: BTreeSet::new(),
    };
    match what {
        None => explained.all(&screening),
        Some(what) => explained.one(&screening, what),
    }
    if explained.page.out.is_empty() {
        let what = normal(what.unwrap_or_default());
        let findings = screening.checklists.iter().flat_map(|c| &c.findings);
        let known = findings.flat_map(|f| [f.criterion.as_str(), f.hazard.as_str()]);
        let dictionary = library.dictionary();
        let facts = SECTIONS.iter().flat_map(|s| dictionary.names_in(*s));
        let known = known.chain(facts).chain(dictionary.medicine_names());
        return Err(did_you_mean(&what, known).unwrap_or_else(|| {
            "name a criterion, a kind of harm, a fact or a medicine; `check --all` shows them"
                .to_owned()
        }));
    }
    Ok(explained.page.out.trim_start().to_owned())
}

/// Words that the program prints itself: other spellings of them, and what they mean here.
const WORDS: [(&[&str], &str); 21] = [
    (
        &["barrier"],
        "the source says avoid, do not start, or treat first; met, it speaks against starting as things stand",
    ),
    (
        &["warning"],
        "the source warns of it in a box, or restricts use to patients without an alternative; to be weighed",
    ),
    (&["caution"], "the source asks for care; to be weighed"),
    (
        &["dose"],
        "the source gives a dose, or a highest dose, for such a patient",
    ),
    (
        &["advice"],
        "something to do or to say before the first dose; it is not counted in the conclusion",
    ),
    (
        &["not_known", "incomplete"],
        "the profile does not say it, or not clearly enough; never read as no and never as normal",
    ),
    (
        &["not_met"],
        "what is recorded decides that the criterion does not hold",
    ),
    (
        &["not_applicable"],
        "the criterion speaks of other patients than this one",
    ),
    (
        &["met"],
        "what is recorded decides that the criterion holds",
    ),
    (
        &["boxed", "boxed_warning"],
        "the warning stands in the box at the head of a US label",
    ),
    (
        &["restricted"],
        "the source allows it only if no suitable alternative exists",
    ),
    (
        &["unverified", "wording_not_verified"],
        "nobody has held this wording against the original document: check it there",
    ),
    (
        &["superseded", "superseded_edition"],
        "the wording was read in an edition that a newer one has replaced",
    ),
    (
        &["off_label"],
        "the label does not have the planned indication",
    ),
    (
        &["set_aside"],
        "local rules do not count this criterion, for a reason and until a day that are shown with it",
    ),
    (
        &["out_of_date"],
        "a result older than local policy accepts: it may still accuse, and never acquit",
    ),
    (
        &["igra"],
        "interferon-gamma release assay: a blood test for infection with tuberculosis bacteria",
    ),
    (
        &["tst", "tuberculin_skin_test"],
        "tuberculin skin test: a skin test for infection with tuberculosis bacteria",
    ),
    (
        &["hbsag"],
        "surface antigen of the hepatitis B virus: positive in an infection that is present",
    ),
    (
        &["anti_hbc"],
        "antibodies against the core of the hepatitis B virus: positive after contact with the virus",
    ),
    (
        &["cyp3a4"],
        "an enzyme that breaks down many medicines; inhibitors slow it, inducers speed it up",
    ),
];

const SECTIONS: [Section; 5] = [
    Section::About,
    Section::Tests,
    Section::History,
    Section::Vaccines,
    Section::Plan,
];

/// What was changed and no criterion of the plan's documents reads: that nothing changes is then no reassurance.
pub fn unread(library: &Library, after: &Screening, changes: &str, style: Style) -> String {
    let dictionary = library.dictionary();
    let findings = || after.checklists.iter().flat_map(|c| &c.findings);
    let here = |d: &&Document| {
        let label = |c: &Checklist| c.label.id == d.id;
        findings().any(|f| f.source.document == d.id) || after.checklists.iter().any(label)
    };
    let mut exprs: Vec<&Expr> = Vec::new();
    for document in library.documents().filter(here) {
        let criteria = document.criteria.iter();
        exprs.extend(criteria.flat_map(|c| c.when.iter().chain(&c.population)));
        exprs.extend(document.indications.iter().map(|i| &i.requires));
    }
    let read: BTreeSet<FactId> = exprs
        .into_iter()
        .flat_map(Expr::leaves)
        .filter_map(Leaf::fact)
        .collect();
    let mut page = Page::new(style);
    for id in changed(dictionary, changes) {
        let fact = dictionary.fact(id);
        let of_plan = fact.section == Section::Plan;
        if !of_plan && !read.iter().any(|read| dictionary.comes_from(*read, id)) {
            let text = format!(
                "No criterion of these documents reads {}; it may matter all the same.",
                fact.name
            );
            page.item(Mark::Plain, "", &text, 0);
        }
    }
    page.out
}

struct Explainer<'a> {
    library: &'a Library,
    profile: &'a Profile,
    as_of: NaiveDate,
    file: Source<'a>,
    page: Page,
    /// The kinds of harm of which it is told why they matter.
    told: BTreeSet<String>,
}

impl<'a> Explainer<'a> {
    fn all(&mut self, screening: &Screening) {
        for c in &screening.checklists {
            self.page
                .item(Mark::Plain, &format!("{}  ", c.label.id), &c.headline, 2);
            let decides = |f: &&Finding| {
                let open = f.outcome == FindingOutcome::Unknown;
                (open || f.outcome == FindingOutcome::Met) && f.level != Level::Advice
            };
            for finding in c.findings.iter().filter(decides) {
                self.finding(finding, false);
            }
            self.page.blank();
        }
        let more = "Name a criterion, a kind of harm, a fact or a medicine for more: also why something is not met.";
        self.page.item(Mark::Plain, "", more, 0);
    }

    fn one(&mut self, screening: &Screening, what: &str) {
        let word = normal(what).replace('-', "_");
        for (names, means) in WORDS {
            if names.contains(&word.as_str()) {
                self.page.item(Mark::Plain, "WORD ", &in_words(&word), 2);
                self.line("Means", means);
            }
        }
        if word == "indication" {
            self.indication(screening);
        }
        let findings = |c: &'_ Checklist| -> Vec<Finding> {
            let named = |f: &&Finding| {
                f.criterion == what || format!("{}/{}", f.source.document, f.criterion) == what
            };
            c.findings.iter().filter(named).cloned().collect()
        };
        for finding in screening.checklists.iter().flat_map(findings) {
            self.finding(&finding, true);
        }
        self.hazard(screening, what);
        let dictionary = self.library.dictionary();
        let named = SECTIONS.iter().find_map(|s| dictionary.find_in(*s, what));
        if let Some(fact) = dictionary.find(&normal(what)).or(named) {
            self.fact(screening, fact);
        } else if let Some(named) = dictionary.find_medicine(what) {
            self.medicine(screening, named);
        }
        // What stands for several facts, such as all other medicines, is no fact itself.
        if self.page.out.is_empty() {
            self.open(screening, &normal(what));
        }
    }

    /// What is planned, and whether each label's indication fits.
    fn indication(&mut self, screening: &Screening) {
        let plan = &screening.plan;
        for c in &screening.checklists {
            let e = &c.eligibility;
            self.page.blank();
            self.page.item(Mark::Plain, "INDICATION ", &c.label.id, 2);
            let text = format!("{}, {}", in_words(&plan.drug), in_words(&plan.indication));
            self.line("Plan", &text);
            let fits = indication(e).unwrap_or_else(|| {
                let source = e.source.as_ref().map(cited).unwrap_or_default();
                (Mark::Plain, format!("the patient is one it means {source}"))
            });
            self.line("The label", &fits.1);
            let mut documents = self.library.documents();
            let document = documents.find(|d| d.id == c.label.id);
            let entries = document.into_iter().flat_map(|d| &d.indications);
            let entries = entries.filter(|i| i.indication == plan.indication);
            self.lines("It asks", entries.map(|i| i.requires.words()));
            let read: Vec<String> = e.because.iter().map(|e| self.read(e)).collect();
            self.lines("Read", read);
            for question in e.open.iter().map(|o| &o.question) {
                self.line("Lacks", question);
            }
        }
    }

    /// Why a kind of harm matters, once.
    fn why(&mut self, hazard: &str) {
        if let Some((_, why, _)) = self.library.hazard_text(hazard)
            && self.told.insert(hazard.to_owned())
        {
            self.line("Why", why);
        }
    }

    /// What waits for something that is open.
    fn open(&mut self, screening: &Screening, what: &str) {
        let findings = || screening.checklists.iter().flat_map(|c| &c.findings);
        let mut open = findings().flat_map(|f| &f.open);
        let Some(open) = open.find(|o| o.fact == what) else {
            return;
        };
        self.page.item(Mark::NotKnown, "NOT KNOWN ", &open.name, 2);
        self.line("Question", &open.question);
        let waits = |f: &Finding| f.open.iter().any(|o| o.fact == what);
        self.listed(screening, "Waiting", waits);
    }

    fn line(&mut self, lead: &str, text: &str) {
        self.page
            .item(Mark::Plain, &format!("  {lead}"), text, LEAD);
    }

    /// Lines under one lead.
    fn lines(&mut self, lead: &str, texts: impl IntoIterator<Item = String>) {
        for (at, text) in texts.into_iter().enumerate() {
            self.line(if at == 0 { lead } else { "" }, &text);
        }
    }

    /// The criterion behind a finding, with its document.
    fn criterion(&self, finding: &Finding) -> Option<(&'a Document, &'a Criterion)> {
        let mut documents = self.library.documents();
        let document = documents.find(|d| d.id == finding.source.document)?;
        let mut criteria = document.criteria.iter();
        Some((document, criteria.find(|c| c.id == finding.criterion)?))
    }

    fn finding(&mut self, f: &Finding, whole: bool) {
        let Some((document, criterion)) = self.criterion(f) else {
            return;
        };
        let (mark, word) = outcome(f);
        self.page.blank();
        let lead = format!("{} {word} ", level(f.level));
        let name = format!("{}/{}: {}", document.id, f.criterion, f.hazard_name);
        self.page.item(mark, &lead, &name, 2);
        if let Some(when) = &criterion.when {
            self.line("Asks", &when.words());
        } else {
            self.line("Asks", "nothing: it stands for all patients");
        }
        if let Some(population) = &criterion.population {
            self.line("Only for", &population.words());
        }
        match &f.trace {
            Some(trace) => self.decided(trace, f),
            None if f.outcome == FindingOutcome::NotApplicable => self.outside(document, criterion),
            None => {}
        }
        self.turns(f, criterion);
        self.line("Says", &format!("{}{}", f.says, limits(f)));
        let source = format!("{}, {}", cited_words(&f.source), document.title);
        let seen = match f.source.seen {
            // The citation says it.
            Seen::Unverified | Seen::Superseded => String::new(),
            seen => format!("; {}", seen.words()),
        };
        let (revision, reviewed) = (&document.revision, document.reviewed());
        let source = format!("{source}, revision {revision}{seen}; {reviewed}");
        self.line("Source", &source);
        if let Some(s) = &f.suppressed {
            let text = format!(
                "by local rules until {}: {} ({})",
                day(&s.until),
                s.reason,
                s.by
            );
            self.line("Set aside", &text);
        }
        if let Some(note) = f.note.as_ref().filter(|_| whole) {
            self.line("Note", note);
        }
        if whole {
            self.why(&f.hazard);
        }
    }

    fn decided(&mut self, trace: &Trace, f: &Finding) {
        let mut lines = Vec::new();
        steps(trace, 0, &mut lines);
        self.lines("Decided", lines);
        let because = trace.because();
        let read: Vec<String> = because.iter().map(|e| self.read(e)).collect();
        self.lines("Read", read);
        let counts: Vec<String> = because
            .iter()
            .filter_map(|e| self.counts_until(e))
            .collect();
        self.lines("Counts", counts);
        let open: Vec<_> = f.open.iter().collect();
        let open = reasons(&open);
        if !open.is_empty() {
            self.line("Lacks", &open.join("; "));
            for question in f.open.iter().map(|o| &o.question) {
                self.line("", question);
            }
        }
        if f.stale {
            let text =
                "met by a result that is out of date: an old result may accuse, and never acquit";
            self.line("Stale", text);
        }
    }

    /// What was read, and on which line.
    fn read(&self, evidence: &Evidence) -> String {
        let lines = self.profile.lines(self.file.text, &evidence.path);
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let place = if lines.is_empty() {
            evidence.path.clone()
        } else {
            format!("{}:{}", self.file.name, lines.join(","))
        };
        let converted = match &evidence.given {
            Some(given) => format!("; {given} is {}", evidence.value),
            None => String::new(),
        };
        format!("{} [{place}]{converted}", found(evidence))
    }

    /// Until when a result counts.
    fn counts_until(&self, evidence: &Evidence) -> Option<String> {
        let dictionary = self.library.dictionary();
        let fact = dictionary.fact(dictionary.find(&evidence.fact)?);
        let window = self.library.policy().window(fact.window.as_deref()?)?;
        let stays = fact.any_positive && evidence.value == "positive";
        let date = PartialDate::parse(evidence.date.as_deref()?).ok()?;
        if stays || evidence.out_of_date || date.first != date.last {
            return None;
        }
        let until = PartialDate::day(window.after(date.last));
        Some(format!(
            "{} until {until} ({window}, local policy); after that it may accuse, and is not known otherwise",
            fact.name
        ))
    }

    /// Why a criterion does not speak of this patient.
    fn outside(&mut self, document: &Document, criterion: &Criterion) {
        let judge = Judge::new(self.library, self.profile, self.as_of);
        let Some(population) = &criterion.population else {
            return;
        };
        let trace = judge.of(document).trace(population, Pass::POPULATION);
        let mut lines = Vec::new();
        steps(&trace, 0, &mut lines);
        self.lines("Outside", lines);
    }

    /// What would change it: of a finding that is met what clears it, and where each of its questions turns.
    fn turns(&mut self, f: &Finding, criterion: &Criterion) {
        if let Some(clears) = &f.clears {
            self.line("Clears", clears);
        }
        if let Some(action) = &f.action {
            self.line("To do", action);
        }
        let leaves = criterion
            .when
            .as_ref()
            .map(Expr::leaves)
            .unwrap_or_default();
        let mut flips: Vec<String> = leaves.into_iter().map(flip).collect();
        flips.dedup();
        self.lines("Flips", flips);
    }

    fn hazard(&mut self, screening: &Screening, what: &str) {
        let hazards: BTreeSet<(&str, &str)> = screening
            .checklists
            .iter()
            .flat_map(|c| &c.findings)
            .map(|f| (f.hazard.as_str(), f.hazard_name.as_str()))
            .filter(|(id, name)| *id == normal(what) || *name == what)
            .collect();
        for (hazard, name) in hazards {
            self.page.blank();
            self.page.item(Mark::Plain, "KIND OF HARM ", name, 2);
            self.why(hazard);
            let here = |f: &Finding| f.hazard == hazard;
            self.listed(screening, "Criteria", here);
        }
    }

    fn fact(&mut self, screening: &Screening, id: FactId) {
        let dictionary = self.library.dictionary();
        let fact = dictionary.fact(id);
        self.page.blank();
        self.page.item(
            Mark::Plain,
            "FACT ",
            &format!("{}: {}", fact.id, fact.name),
            2,
        );
        self.line("Question", &fact.question);
        let unit = match &fact.kind {
            Kind::Quantity { units, .. } => dictionary.unit_list(*units).names().join(", "),
            Kind::Choice { choices, .. } => choices.join(", "),
            Kind::Event => "yes, no, or dates".to_owned(),
            Kind::State => "yes or no".to_owned(),
        };
        self.line("Written in", &unit);
        if let Some(window) = fact
            .window
            .as_deref()
            .and_then(|w| self.library.policy().window(w))
        {
            self.line("Counts for", &format!("{window} (local policy)"));
        }
        let names = |facts: &[FactId]| {
            let names: Vec<&str> = facts
                .iter()
                .map(|f| dictionary.fact(*f).name.as_str())
                .collect();
            names.join(", ")
        };
        for (lead, facts) in [
            ("Made from", &fact.from),
            ("Covers", &fact.members),
            ("Part of", &fact.groups),
        ] {
            if !facts.is_empty() {
                self.line(lead, &names(facts));
            }
        }
        let entries = self.profile.entries(id);
        let written: Vec<String> = entries
            .iter()
            .map(|e| {
                let lines = self.profile.lines(self.file.text, e.path());
                let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
                format!(
                    "{}: {} [{}:{}]",
                    e.path(),
                    e.given(),
                    self.file.name,
                    lines.join(",")
                )
            })
            .collect();
        if written.is_empty() {
            self.line("The file", "does not say it by this name");
        }
        self.lines("The file", written);
        let because = screening.checklists.iter().flat_map(|c| &c.findings);
        let because = because.flat_map(|f| &f.because);
        let read: BTreeSet<String> = because.filter(|e| e.fact == fact.id).map(found).collect();
        self.lines("Read as", read);
        let tests = screening.checklists.iter().flat_map(|c| &c.tests);
        for test in tests.filter(|t| t.test == fact.id || t.or.contains(&fact.id)) {
            self.line(
                "As a test",
                &format!("{}; {}", test.status.words(), test.why),
            );
        }
        let asking = self.asking(screening, |leaf| {
            let asked = leaf.fact();
            asked.is_some_and(|asked| dictionary.comes_from(asked, id))
        });
        self.listed(screening, "Asked by", |f| asking.contains(&key(f)));
    }

    fn medicine(&mut self, screening: &Screening, named: Named) {
        let dictionary = self.library.dictionary();
        let name = match named {
            Named::Medicine(id) => in_words(&dictionary.medicine(id).id),
            Named::Class(id) => in_words(&dictionary.class(id).id),
        };
        self.page.blank();
        self.page.item(Mark::Plain, "MEDICINE ", &name, 2);
        if let Named::Medicine(id) = named {
            let classes = dictionary.classes().filter(|c| dictionary.belongs(id, *c));
            let classes: Vec<String> = classes.map(|c| in_words(&dictionary.class(c).id)).collect();
            let none = "in no class that a document asks for".to_owned();
            self.line(
                "Classes",
                &if classes.is_empty() {
                    none
                } else {
                    classes.join(", ")
                },
            );
        }
        let here = |one: &NamedTest| match (one, named) {
            (NamedTest::Medicine(a), Named::Medicine(b)) => *a == b,
            (NamedTest::Class(class), Named::Medicine(b)) => dictionary.belongs(b, *class),
            (NamedTest::Class(class), Named::Class(b)) => dictionary.contains(*class, b),
            (NamedTest::Medicine(_), Named::Class(_)) => false,
        };
        let asking = self.asking(screening, |leaf| match &leaf.test {
            Test::Taking(taking) => taking.any.iter().any(here),
            Test::Treated(treated) => treated.with.iter().any(here),
            Test::Range { .. } | Test::OneOf { .. } | Test::Present { .. } | Test::When { .. } => {
                false
            }
        });
        self.listed(screening, "Asked by", |f| asking.contains(&key(f)));
    }

    /// The criteria of a screening one of whose questions is such a one.
    fn asking(
        &self,
        screening: &Screening,
        such: impl Fn(&Leaf) -> bool,
    ) -> BTreeSet<(String, String)> {
        let findings = screening.checklists.iter().flat_map(|c| &c.findings);
        let asks = |f: &&Finding| {
            let Some((_, criterion)) = self.criterion(f) else {
                return false;
            };
            let parts = [&criterion.population, &criterion.when];
            let mut leaves = parts.into_iter().flatten().flat_map(Expr::leaves);
            leaves.any(&such)
        };
        findings.filter(asks).map(key).collect()
    }

    /// Findings with their outcomes, met ones first.
    fn listed(&mut self, screening: &Screening, lead: &str, here: impl Fn(&Finding) -> bool) {
        let findings = screening.checklists.iter().flat_map(|c| &c.findings);
        let mut lines: Vec<(u8, String)> = findings
            .filter(|f| here(f))
            .map(|f| {
                let rank = match f.outcome {
                    FindingOutcome::Met => 0,
                    FindingOutcome::Unknown => 1,
                    FindingOutcome::Note => 2,
                    FindingOutcome::NotMet => 3,
                    FindingOutcome::NotApplicable => 4,
                };
                let (_, word) = outcome(f);
                let name = format!("{}/{}", f.source.document, f.criterion);
                (
                    rank,
                    format!("{word}: {name}, {}; {}", level(f.level), f.says),
                )
            })
            .collect();
        lines.sort();
        lines.dedup();
        if lines.is_empty() {
            self.line(lead, "no criterion of these documents");
        }
        self.lines(lead, lines.into_iter().map(|(_, line)| line));
    }
}

fn key(f: &Finding) -> (String, String) {
    (f.source.document.clone(), f.criterion.clone())
}

/// The trace, a line for each part; what stands deeper starts with more dots.
fn steps(trace: &Trace, depth: usize, lines: &mut Vec<String>) {
    let outcome = match trace.outcome {
        Outcome::Met => "met",
        Outcome::NotMet => "not met",
        Outcome::Unknown => "not known",
    };
    let lead = format!("{}{outcome}: ", ". ".repeat(depth));
    let mut below = |word: &str, parts: &[Trace]| {
        lines.push(format!("{lead}{word}"));
        parts.iter().for_each(|p| steps(p, depth + 1, lines));
    };
    match &trace.node {
        TraceNode::All(parts) => below("all of these must be", parts),
        TraceNode::Any(parts) => below("one of these is enough", parts),
        TraceNode::Not(part) => below("the opposite of this", std::slice::from_ref(part)),
        TraceNode::Leaf(answer) => lines.push(format!("{lead}{}", answer.asks)),
    }
}
