//! All questions of a document answered for up to 64 profiles, side by side.
//!
//! A fact is looked at once for each profile, and answers all that is asked of it. The answers of all profiles are then turned, so
//! that each question has one word of outcomes with a place for every profile, and the connectives work on whole words. A single
//! screening is a block of one.

use super::{Judge, Pass, Verdicts, verdicts};
use crate::dictionary::FactId;
use crate::library::{Criterion, Document, Expr, Leaf, Questions, Results};
use crate::outcome::{Outcome, Outcomes, Reason};

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
        let judges = || judges.iter().map(|j| j.of(document)).enumerate();
        self.old = answer(questions, judges(), false, &mut self.answers);
        if self.old != 0 {
            let old = judges().filter(|(place, _)| self.old >> place & 1 == 1);
            answer(questions, old, true, &mut self.old_answers);
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

/// Puts the questions of a document to the profiles at some places: gives for each question a place for each profile, and the
/// places where results that are out of date could answer more.
fn answer<'s>(
    questions: &Questions,
    judges: impl Iterator<Item = (usize, Judge<'s>)>,
    old: bool,
    answers: &mut Vec<Outcomes>,
) -> u64 {
    let words = questions.count.div_ceil(PLACES);
    let mut met = vec![[0; PLACES]; words];
    let mut not = met.clone();
    let mut own = vec![Outcomes::UNKNOWN; words];
    let mut more = 0;
    for (place, judge) in judges {
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
    answers.clear();
    answers.extend(of_questions.map(|(met, not)| Outcomes {
        met: *met,
        not: *not,
    }));
    more
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
        for (first, state) in &questions.states {
            let is = self.present_alone(state, pass);
            put(
                *first,
                is.only(state.present).beside(is.not().only(state.absent)),
            );
        }
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
