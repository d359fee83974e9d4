//! All questions of a document answered for up to 64 profiles, side by side.
//!
//! A fact is looked at once for each profile, and answers all that is asked of it. The answers of all profiles are then turned, so
//! that each question has one word of outcomes with a place for every profile, and the connectives work on whole words. What is said
//! of states in short has such words already. A single screening is a block of one.

use super::{Judge, Pass, Verdicts, verdicts};
use crate::dictionary::FactId;
use crate::library::{Criterion, Document, Expr, Leaf, Questions, Results, State};
use crate::outcome::{Outcome, Outcomes, Reason, bits};
use crate::profile::{Said, Short, Silence, place};

/// How many profiles a block holds.
pub(crate) const PLACES: usize = 64;

/// The answers of up to 64 profiles to the questions of a document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Block {
    /// In date: for each question a place for each profile.
    answers: Vec<Outcomes>,
    /// With results that are out of date.
    old_answers: Vec<Outcomes>,
    /// The profiles where these may differ.
    old: u64,
}

impl Block {
    /// Puts the questions of a document to some profiles, 64 at most.
    pub(crate) fn fill(&mut self, document: &Document, judges: &[Judge<'_>]) {
        let questions = &document.questions;
        let judges: Vec<Judge<'_>> = judges.iter().map(|j| j.of(document)).collect();
        let all = bits(judges.iter().map(|_| true));
        self.old = answer(questions, &judges, all, false, &mut self.answers);
        if self.old != 0 {
            answer(questions, &judges, self.old, true, &mut self.old_answers);
            for (old, answers) in self.old_answers.iter_mut().zip(&self.answers) {
                *old = old.beside(answers.only(!self.old));
            }
        }
    }

    /// The answers of all profiles to a question.
    fn answer(&self, leaf: &Leaf, old: bool) -> Outcomes {
        let answers = if old {
            &self.old_answers
        } else {
            &self.answers
        };
        let answer = answers.get(usize::from(leaf.number));
        answer.copied().unwrap_or_default()
    }

    /// What comes out of an expression of the document.
    pub(crate) fn outcomes(&self, expr: &Expr, pass: Pass) -> Outcomes {
        expr.fold(&mut |leaf| self.answer(leaf, pass.old))
    }

    /// What comes out of a criterion of the document; `above` are the profiles whose planned dose is above its limit.
    pub(crate) fn verdicts(&self, criterion: &Criterion, above: u64) -> Verdicts {
        verdicts(criterion, above, self.old, |expr, pass| {
            self.outcomes(expr, pass)
        })
    }

    /// The questions of a criterion that decided it for one profile, with their answers.
    pub(crate) fn deciding<'e>(
        &self,
        criterion: &'e Criterion,
        place: u32,
        with: &mut impl FnMut(&'e str, Outcome),
    ) {
        let stale = self.verdicts(criterion, 0).stale >> place & 1 == 1;
        let population = criterion.population.as_ref();
        let of_population = population.map_or(Outcome::Met, |p| {
            self.outcomes(p, Pass::POPULATION).at(place)
        });
        if let Some(population) = population.filter(|_| of_population == Outcome::Unknown) {
            self.walk(population, stale, place, with);
        }
        if let Some(when) = criterion
            .when
            .as_ref()
            .filter(|_| of_population != Outcome::NotMet)
        {
            self.walk(when, stale, place, with);
        }
    }

    /// The leaves of the parts that have the outcome of their node; of an `all` that is not known also what is met.
    fn walk<'e>(
        &self,
        expr: &'e Expr,
        old: bool,
        place: u32,
        with: &mut impl FnMut(&'e str, Outcome),
    ) {
        let outcome = |expr: &Expr| self.outcomes(expr, Pass { old, ..Pass::FIRST }).at(place);
        match expr {
            Expr::All(parts) | Expr::Any(parts) => {
                let wanted = outcome(expr);
                let matters = matches!(expr, Expr::All(_)) && wanted == Outcome::Unknown;
                for part in parts {
                    let came = outcome(part);
                    if came == wanted || (matters && came == Outcome::Met) {
                        self.walk(part, old, place, with);
                    }
                }
            }
            Expr::Not(part) => self.walk(part, old, place, with),
            Expr::Leaf(leaf) => with(&leaf.words, outcome(expr)),
        }
    }
}

/// The profiles at some places, each with its place.
fn at<'j, 's>(
    judges: &'j [Judge<'s>],
    places: u64,
) -> impl Iterator<Item = (usize, &'j Judge<'s>)> {
    let judges = judges.iter().enumerate();
    judges.filter(move |(place, _)| places >> place & 1 == 1)
}

/// Puts the questions of a document to the profiles at some places: gives for each question a place for each profile, and the
/// places where results that are out of date could answer more.
fn answer(
    questions: &Questions,
    judges: &[Judge<'_>],
    places: u64,
    old: bool,
    answers: &mut Vec<Outcomes>,
) -> u64 {
    let words = questions.first_state().div_ceil(PLACES);
    let mut met = vec![[0; PLACES]; words];
    let mut not = met.clone();
    let mut own = vec![Outcomes::UNKNOWN; words];
    let mut more = 0;
    for (place, judge) in at(judges, places) {
        own.fill(Outcomes::UNKNOWN);
        more |= u64::from(judge.answer_all(questions, old, &mut own)) << place;
        for ((own, met), not) in own.iter().zip(&mut met).zip(&mut not) {
            if let (Some(met), Some(not)) = (met.get_mut(place), not.get_mut(place)) {
                (*met, *not) = (own.met, own.not);
            }
        }
    }
    met.iter_mut().chain(&mut not).for_each(transpose);
    let of_questions = met.iter().flatten().zip(not.iter().flatten());
    let of_questions = of_questions.map(|(met, not)| Outcomes {
        met: *met,
        not: *not,
    });
    answers.clear();
    answers.extend(of_questions.take(questions.first_state()));
    answer_states(questions, judges, places, old, answers);
    more
}

/// Adds for each question to a state a place for each profile. What is said in short answers it; a profile is looked at only where
/// there is more to say, or where silence takes more to understand.
fn answer_states(
    questions: &Questions,
    judges: &[Judge<'_>],
    places: u64,
    old: bool,
    answers: &mut Vec<Outcomes>,
) {
    let pass = Pass { old, ..Pass::FIRST };
    let outdated = if old {
        0
    } else {
        bits(judges.iter().map(|j| !j.fresh))
    };
    let denied = |section| {
        let denied = |j: &Judge<'_>| j.profile.silence(section) == Silence::Denied;
        bits(judges.iter().map(denied))
    };
    let mut denied_in = None;
    let mut said = Vec::with_capacity(judges.len());
    let word = |state: &State| place(state.fact).0;
    for states in questions.states.chunk_by(|a, b| word(a) == word(b)) {
        said.clear();
        let first = states.first().map_or(0, word);
        said.extend(judges.iter().map(|j| j.profile.short(first)));
        for state in states {
            let (mut is, any) = said_of(state.fact, &said);
            let mut more = any & !(is.met | is.not);
            match state.denied_in {
                None => more |= !any,
                Some(section) => {
                    let known = denied_in.filter(|(of, _)| *of == section);
                    let (of, denied) = known.unwrap_or_else(|| (section, denied(section)));
                    denied_in = Some((of, denied));
                    is.not |= !any & denied;
                }
            }
            if state.changes {
                more |= outdated;
            }
            is = is.only(places & !more);
            for (place, judge) in at(judges, places & more) {
                let alone = judge.present_alone(state.fact, pass);
                is = is.beside(alone.only(1 << place));
            }
            answers.push(if state.wanted { is } else { is.not() });
        }
    }
}

/// What is said in short of a state by each profile, and by which of them anything is said.
fn said_of(state: FactId, said: &[Short]) -> (Outcomes, u64) {
    let (mut is, mut any) = (Outcomes::UNKNOWN, 0);
    let (_, bit) = place(state);
    for said in said.iter().rev() {
        let before = |bits: u64, word: u64| bits << 1 | (word >> bit & 1);
        is.met = before(is.met, said.said(Said::Present));
        is.not = before(is.not, said.said(Said::Absent));
        any = before(any, said.any);
    }
    (is, any)
}

/// Exchanges rows and columns of a square of bits, in six steps of ever smaller squares.
pub(crate) fn transpose(bits: &mut [u64; PLACES]) {
    let mut width = 32;
    let mut mask = 0x0000_0000_ffff_ffff_u64;
    while width > 0 {
        for pair in bits.chunks_exact_mut(2 * width) {
            let (upper, lower) = pair.split_at_mut(width);
            for (a, b) in upper.iter_mut().zip(lower) {
                let swap = (*a >> width ^ *b) & mask;
                *a ^= swap << width;
                *b ^= swap;
            }
        }
        width /= 2;
        mask ^= mask << width;
    }
}

impl Judge<'_> {
    /// Answers the questions of a document, each in its place, a fact at a time. Whether results that are out of date could answer
    /// more.
    fn answer_all(&self, questions: &Questions, old: bool, answers: &mut [Outcomes]) -> bool {
        let pass = Pass { old, ..Pass::FIRST };
        let mut put = |first: usize, outcomes: Outcomes| {
            if let Some(answers) = answers.get_mut(first / PLACES) {
                *answers = answers.beside(outcomes.from_place(first % PLACES));
            }
        };
        let mut more = !self.fresh;
        for (first, fact, results) in &questions.results {
            let (outcomes, stale) = self.say(*fact, results, pass);
            more |= stale;
            put(*first, outcomes);
        }
        for (first, taken) in &questions.taken {
            put(*first, self.all_taken(taken, pass));
        }
        for (first, treated) in &questions.treated {
            put(*first, self.all_treated(treated));
        }
        for (number, leaf, population) in &questions.others {
            let pass = Pass {
                population: *population,
                ..pass
            };
            let outcome = Outcomes::from(self.ask(leaf, pass).outcome);
            put(*number, outcome.only(1));
        }
        // What is denied today may still be accused by an old result.
        more || (!questions.others.is_empty() && self.has_old_results())
    }

    /// What the results of a fact answer, and whether any is out of date.
    fn say(&self, fact: FactId, results: &Results, pass: Pass) -> (Outcomes, bool) {
        if !results.computed || !self.may_be_computed(fact) {
            if !results.ages
                && let Some(all) = self.profile.number(fact).and_then(|n| results.of_number(n))
            {
                return (all, false);
            }
            match self.profile.entries(fact) {
                [] => return (Outcomes::UNKNOWN, false),
                [entry] if self.is_newest(entry, results.ages) => {
                    return (results.of(&entry.value), false);
                }
                _ => {}
            }
        }
        let mut readings = Vec::new();
        if let Some(reason) = self.readings(fact, pass, &mut readings) {
            let stale = matches!(reason, Reason::OutOfDate | Reason::Pending);
            return (Outcomes::UNKNOWN, stale);
        }
        let stale = readings.iter().any(|r| r.stale);
        (Self::together(&readings, pass, |v| results.of(&v)), stale)
    }
}
