//! All questions of a document answered for up to 64 profiles, side by side.
//!
//! Each profile answers a fact at a time, into its own rows of outcomes; the rows of all profiles are then turned, so that each
//! question has one word with a place for every profile, and the connectives work on whole words. A single screening is a
//! block of one.

use super::facts::Reading;
use super::{Judge, Pass, Verdicts, verdicts};
use crate::library::{Criterion, Document, Expr, Leaf, Questions, Subject};
use crate::outcome::{Outcome, Outcomes, Reason};
use crate::profile::Value;

/// How many profiles a block holds.
pub(crate) const PLACES: usize = 64;

/// The answers of up to 64 profiles to the questions of a document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Block {
    /// In date: for each question a place for each profile.
    answers: Vec<Outcomes>,
    /// With results that are out of date, of the profiles where they matter.
    old_answers: Vec<Outcomes>,
    /// The profiles where results that are out of date matter.
    old: u64,
    rows: Vec<Outcomes>,
    old_rows: Vec<Outcomes>,
}

impl Block {
    /// Puts the questions of a document to some profiles, 64 at most.
    pub(crate) fn fill<'s>(
        &mut self,
        document: &'s Document,
        judges: impl Iterator<Item = Judge<'s>>,
    ) {
        let questions = &document.questions;
        self.old = 0;
        self.rows.clear();
        self.old_rows.clear();
        for (place, judge) in judges.take(PLACES).enumerate() {
            let judge = judge.of(document);
            let start = self.rows.len();
            self.rows.resize(start + questions.rows, Outcomes::UNKNOWN);
            let rows = self.rows.get_mut(start..).unwrap_or_default();
            if judge.answers(questions, false, rows) {
                self.old |= 1 << place;
                self.old_rows.resize(start, Outcomes::UNKNOWN);
                self.old_rows
                    .resize(start + questions.rows, Outcomes::UNKNOWN);
                let rows = self.old_rows.get_mut(start..).unwrap_or_default();
                judge.answers(questions, true, rows);
            }
        }
        turn(&self.rows, questions.rows, &mut self.answers);
        turn(&self.old_rows, questions.rows, &mut self.old_answers);
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
}

impl Block {
    /// The questions of a criterion that decided it for one profile, with their answers.
    pub(crate) fn deciding<'e>(
        &self,
        criterion: &'e Criterion,
        place: u32,
        with: &mut impl FnMut(&'e str, Outcome),
    ) {
        let old = self.old >> place & 1 == 1;
        let at = |expr: &Expr, old| self.outcomes(expr, Pass { old, ..Pass::FIRST }).at(place);
        let population = criterion.population.as_ref();
        let of_population = population.map_or(Outcome::Met, |p| at(p, false));
        let Some(when) = &criterion.when else {
            if let Some(population) = population.filter(|_| of_population == Outcome::Unknown) {
                self.walk(population, false, place, with);
            }
            return;
        };
        let first = of_population.and(at(when, false));
        let stale = old && first == Outcome::Unknown && at(when, true) == Outcome::Met;
        if let Some(population) = population.filter(|_| of_population == Outcome::Unknown) {
            self.walk(population, stale, place, with);
        }
        if of_population != Outcome::NotMet {
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

/// Turns rows of profiles into rows of questions.
fn turn(rows: &[Outcomes], of_each: usize, turned: &mut Vec<Outcomes>) {
    turned.clear();
    if rows.is_empty() {
        return;
    }
    turned.reserve(of_each * PLACES);
    for row in 0..of_each {
        let (mut met, mut not) = ([0; PLACES], [0; PLACES]);
        let of_profiles = rows.iter().skip(row).step_by(of_each);
        for ((met, not), outcomes) in met.iter_mut().zip(&mut not).zip(of_profiles) {
            *met = outcomes.met;
            *not = outcomes.not;
        }
        transpose(&mut met);
        transpose(&mut not);
        let questions = met.into_iter().zip(not);
        turned.extend(questions.map(|(met, not)| Outcomes { met, not }));
    }
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

impl<'a> Judge<'a> {
    /// Answers all questions of a document. Whether results that are out of date could answer more.
    fn answers(&self, questions: &'a Questions, old: bool, rows: &mut [Outcomes]) -> bool {
        let pass = Pass { old, ..Pass::FIRST };
        let mut readings = Vec::new();
        let mut more = !self.fresh;
        let mut open = false;
        for column in &questions.columns {
            let answers = match &column.subject {
                Subject::Results(fact, results) => {
                    self.results(*fact, pass, &mut readings, &mut more, |v| results.of(v))
                }
                Subject::State {
                    fact,
                    present,
                    absent,
                } => {
                    let outcome = self.present_alone(*fact, pass);
                    let (is, is_not): (Outcomes, Outcomes) = (outcome.into(), outcome.not().into());
                    is.only(*present).beside(is_not.only(*absent))
                }
                Subject::Taken(taken) => self.all_taken(taken, pass),
                Subject::Treated(treated, place) => {
                    Outcomes::from(self.treated_outcome(treated)).only(1 << place)
                }
                Subject::One(leaf, population, place) => {
                    let pass = Pass {
                        population: *population,
                        ..pass
                    };
                    let outcome = self.ask(leaf, pass).outcome;
                    open |= outcome == Outcome::Unknown;
                    Outcomes::from(outcome).only(1 << place)
                }
            };
            if let Some(row) = rows.get_mut(column.row) {
                *row = row.beside(answers);
            }
        }
        more || (open && self.has_old_results())
    }

    /// What the results of a fact answer.
    fn results<'s>(
        &'s self,
        fact: crate::dictionary::FactId,
        pass: Pass,
        readings: &mut Vec<Reading<'s>>,
        more: &mut bool,
        test: impl Fn(Value) -> Outcomes,
    ) -> Outcomes {
        if let Some(reason) = self.readings(fact, pass, readings) {
            *more |= matches!(reason, Reason::OutOfDate | Reason::Pending);
            return Outcomes::UNKNOWN;
        }
        *more |= readings.iter().any(|r| r.stale);
        Self::together(readings, pass, test)
    }
}
