//! Coverage: which criteria the cases hold, and whether the cases would notice a mistake in them.

use rust_decimal::Decimal;
use serde::Serialize;

use super::Collection;
use super::cases::{Case, Cases};
use super::mutants::{self, Mutated};
use crate::dictionary::FactId;
use crate::library::{Criterion, Document, Entry, Expr, Strength, Test};

/// How well the cases hold one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Covered {
    /// The document's id.
    pub document: String,
    /// One for each criterion and dose row, and one for the indications.
    pub criteria: Vec<CriterionCovered>,
    /// Reasons for mutants that do not stay, or are none.
    pub needless: Vec<String>,
}

/// How well the cases hold one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CriterionCovered {
    /// Its id; `eligibility` for the indications, `tests before starting` for these.
    pub criterion: String,
    /// A standing note: one case is enough.
    pub standing: bool,
    /// Cases in which it must be met.
    pub met: usize,
    /// Cases in which it must not be met.
    pub not_met: usize,
    /// Cases in which it must be unknown.
    pub unknown: usize,
    /// Cases outside its population.
    pub not_applicable: usize,
    /// Its limits.
    pub limits: usize,
    /// Limits without a case on them, or just under or over them.
    pub limits_missed: Vec<String>,
    /// Cases in which it must stand as a note for all patients.
    pub note: usize,
    /// Mutants made of it.
    pub mutants: usize,
    /// Mutants that no case catches.
    pub survivors: Vec<Mutant>,
}

/// A small mistake that no case catches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mutant {
    /// What is changed.
    pub what: String,
    /// Why it stays, as the cases say.
    pub why: Option<String>,
}

impl Covered {
    /// What is lacking: kinds of case, limits, mutants without a reason.
    pub fn lacking(&self) -> Vec<String> {
        let mut lacking = self.needless.clone();
        for c in &self.criteria {
            let counts = [
                ("met", c.met),
                ("not met", c.not_met),
                ("unknown", c.unknown),
            ];
            let lacks = counts.into_iter().filter(|(_, n)| *n == 0);
            if c.standing {
                if c.met + c.not_met + c.unknown + c.not_applicable + c.note == 0 {
                    lacking.push(format!("{}: no case", c.criterion));
                }
            } else {
                lacking.extend(lacks.map(|(word, _)| format!("{}: no case {word}", c.criterion)));
            }
            let limits = c.limits_missed.iter();
            lacking.extend(limits.map(|l| format!("{}: {l}", c.criterion)));
            let survivors = c.survivors.iter().filter(|m| m.why.is_none());
            lacking.extend(survivors.map(|m| format!("{}: not caught: {}", c.criterion, m.what)));
        }
        lacking
    }

    /// Mutants made, and mutants caught.
    pub fn mutants(&self) -> (usize, usize) {
        let made = self.criteria.iter().map(|c| c.mutants).sum();
        let stay: usize = self.criteria.iter().map(|c| c.survivors.len()).sum();
        (made, made - stay)
    }
}

impl Collection {
    /// How well the cases hold each document of these files.
    pub fn coverage(&self) -> Vec<Covered> {
        let none = Cases::none();
        let covered = self.ids.iter().filter_map(|id| {
            let document = self.document(id)?;
            let cases = self.cases.iter().find(|c| c.document == *id);
            Some(self.cover(document, cases.unwrap_or(&none)))
        });
        covered.collect()
    }

    fn cover(&self, document: &Document, cases: &Cases) -> Covered {
        let mut criteria: Vec<CriterionCovered> = document
            .criteria
            .iter()
            .map(|c| self.cover_criterion(document, c, cases))
            .collect();
        if !document.indications.is_empty() {
            criteria.push(self.cover_indications(document, cases));
        }
        let tests = self.cover_tests(document, cases);
        criteria.extend(Some(tests).filter(|t| t.mutants > 0));
        for covered in &mut criteria {
            for mutant in &mut covered.survivors {
                let said = cases
                    .survivors
                    .iter()
                    .find(|s| s.criterion == covered.criterion && s.mutant == mutant.what);
                mutant.why = said.map(|s| s.why.clone());
            }
        }
        let stays = |criterion: &str, mutant: &str| {
            let of_criterion = criteria.iter().filter(|c| c.criterion == criterion);
            of_criterion
                .flat_map(|c| &c.survivors)
                .any(|m| m.what == mutant)
        };
        let needless = cases
            .survivors
            .iter()
            .filter(|s| !stays(&s.criterion, &s.mutant));
        let needless = needless.map(|s| {
            format!(
                "{}:{}: the mutant does not stay: {}",
                cases.file, s.line, s.mutant
            )
        });
        Covered {
            document: document.id.clone(),
            needless: needless.collect(),
            criteria,
        }
    }

    fn cover_criterion(
        &self,
        document: &Document,
        criterion: &Criterion,
        cases: &Cases,
    ) -> CriterionCovered {
        let relevant = self.relevant(document, cases, &criterion.id);
        let expressions: Vec<&Expr> = criterion.when.iter().chain(&criterion.population).collect();
        let mutants = mutants::of_criterion(self.library.dictionary(), criterion);
        // Whether the boxed warning carries a statement decides the level of `weigh` only.
        let weigh = criterion.strength == Strength::Weigh;
        let made = mutants.len() + 1 + usize::from(weigh);
        let mut survivors: Vec<Mutant> = mutants
            .into_iter()
            .filter(|m| !self.caught(document, m, &relevant))
            .map(|m| Mutant {
                what: m.what,
                why: None,
            })
            .collect();
        // Strength and dose are said twice: in the document, and by the cases from the source.
        let stated = cases.stated.get(&criterion.id);
        if weigh && stated.and_then(|s| s.boxed) != Some(criterion.boxed) {
            let what = "the boxed warning carries it, or not: not stated by the cases".to_owned();
            survivors.push(Mutant { what, why: None });
        }
        match &criterion.max {
            Some((_, text)) => {
                if stated.and_then(|s| s.max.as_ref()) != Some(text) {
                    let what = format!("max {text}: not stated by the cases");
                    survivors.push(Mutant { what, why: None });
                }
            }
            None => {
                if stated.and_then(|s| s.strength) != Some(criterion.strength) {
                    let (is, other) = (criterion.strength, mutants::another(criterion.strength));
                    let what = format!("strength {} -> {}", is.name(), other.name());
                    survivors.push(Mutant { what, why: None });
                }
            }
        }
        let mut covered = self.count(&criterion.id, &relevant, &expressions);
        covered.standing = criterion.when.is_none();
        covered.mutants = made;
        covered.survivors = survivors;
        covered
    }

    /// The cases that say something of a criterion, with what they say. A case that does not come out proves nothing.
    fn relevant<'c>(
        &self,
        document: &Document,
        cases: &'c Cases,
        criterion: &str,
    ) -> Vec<(&'c Case, &'c str)> {
        let said = cases.cases.iter().flat_map(|case| {
            let of_criterion = case.expected.iter().filter(|(name, _)| name == criterion);
            of_criterion.map(move |(_, wanted)| (case, wanted.as_str()))
        });
        let right = said.filter(|(case, wanted)| {
            case.outcome(&self.library, document, criterion) == Some(*wanted)
        });
        right.collect()
    }

    fn caught(&self, document: &Document, mutant: &Mutated, cases: &[(&Case, &str)]) -> bool {
        cases.iter().any(|(case, wanted)| {
            let (judge, _) = case.judge(&self.library);
            case.decided(&judge, document, &mutant.criterion) != *wanted
        })
    }

    fn cover_indications(&self, document: &Document, cases: &Cases) -> CriterionCovered {
        let relevant = self.relevant(document, cases, "eligibility");
        let mut made = 0;
        let mut survivors = Vec::new();
        for (i, entry) in document.indications.iter().enumerate() {
            let changed = mutants::of_expression(self.library.dictionary(), &entry.requires);
            for (what, requires) in changed {
                made += 1;
                let mut indications = document.indications.clone();
                if let Some(place) = indications.get_mut(i) {
                    *place = Entry {
                        requires,
                        ..entry.clone()
                    };
                }
                let mutant = Document {
                    id: document.id.clone(),
                    indications,
                    ..Document::default()
                };
                let caught = relevant.iter().any(|(case, wanted)| {
                    case.outcome(&self.library, &mutant, "eligibility") != Some(wanted)
                });
                if !caught {
                    let what = format!("{}: {what}", entry.indication);
                    survivors.push(Mutant { what, why: None });
                }
            }
        }
        let expressions: Vec<&Expr> = document.indications.iter().map(|e| &e.requires).collect();
        let mut covered = self.count("eligibility", &relevant, &expressions);
        covered.mutants = made;
        covered.survivors = survivors;
        covered
    }

    /// The tests before starting: whom they are asked of, and what replaces them.
    fn cover_tests(&self, document: &Document, cases: &Cases) -> CriterionCovered {
        let dictionary = self.library.dictionary();
        let said = cases.cases.iter().flat_map(|case| &case.expected);
        let said = said.filter(|(name, _)| name.starts_with("test "));
        let mut covered = self.count("tests before starting", &[], &[]);
        covered.standing = true;
        covered.note = said.count();
        for (i, row) in document.before_starting.iter().enumerate() {
            let ids = row.tests.iter().map(|t| &dictionary.fact(*t).id);
            let names: Vec<String> = ids.map(|id| format!("test {id}")).collect();
            let relevant: Vec<(&Case, &str, &str)> = cases
                .cases
                .iter()
                .flat_map(|case| case.expected.iter().map(move |(n, w)| (case, n, w)))
                .filter(|(_, name, _)| names.contains(name))
                .map(|(case, name, wanted)| (case, name.as_str(), wanted.as_str()))
                .filter(|(case, name, wanted)| {
                    case.outcome(&self.library, document, name) == Some(*wanted)
                })
                .collect();
            for (what, changed) in mutants::of_test_row(dictionary, row) {
                covered.mutants += 1;
                let mut mutant = document.clone();
                match (changed, mutant.before_starting.get_mut(i)) {
                    (Some(changed), Some(place)) => *place = changed,
                    _ => drop(mutant.before_starting.remove(i)),
                }
                mutant.number(dictionary);
                let caught = relevant.iter().any(|(case, name, wanted)| {
                    case.outcome(&self.library, &mutant, name) != Some(wanted)
                });
                if !caught {
                    let what = format!("{}: {what}", row.name);
                    covered.survivors.push(Mutant { what, why: None });
                }
            }
        }
        covered
    }

    fn count(
        &self,
        criterion: &str,
        relevant: &[(&Case, &str)],
        expressions: &[&Expr],
    ) -> CriterionCovered {
        let count = |word: &str| relevant.iter().filter(|(_, w)| *w == word).count();
        let mut limits = 0;
        let mut limits_missed = Vec::new();
        for leaf in expressions.iter().flat_map(|e| e.leaves()) {
            let Test::Range { fact, range, text } = &leaf.test else {
                continue;
            };
            for (bound, written) in [(range.low, &text.low), (range.high, &text.high)] {
                if let (Some(bound), Some((written, _))) = (bound, written) {
                    limits += 1;
                    limits_missed.extend(self.missed(*fact, bound.value, written, relevant));
                }
            }
        }
        limits_missed.sort();
        limits_missed.dedup();
        CriterionCovered {
            criterion: criterion.to_owned(),
            standing: false,
            met: count("met"),
            not_met: count("not_met"),
            unknown: count("unknown"),
            not_applicable: count("not_applicable"),
            note: count("note"),
            limits,
            limits_missed,
            mutants: 0,
            survivors: Vec::new(),
        }
    }

    /// What is missing around a limit: a case on it, and within one step on either side.
    fn missed(
        &self,
        fact: FactId,
        limit: Decimal,
        written: &str,
        relevant: &[(&Case, &str)],
    ) -> Option<String> {
        let near = mutants::around(self.library.dictionary(), fact, limit, written);
        let values: Vec<Decimal> = relevant
            .iter()
            .flat_map(|(case, _)| case.values(fact))
            .collect();
        let end = |wanted: &str| near.iter().find(|(_, w)| *w == wanted).map(|(v, _)| *v);
        let (under, over) = (end("down")?, end("up")?);
        let lacks = [
            ("under", values.iter().any(|v| under <= *v && *v < limit)),
            ("on", values.contains(&limit)),
            ("over", values.iter().any(|v| limit < *v && *v <= over)),
        ];
        let lacks: Vec<&str> = lacks
            .iter()
            .filter(|(_, has)| !has)
            .map(|(w, _)| *w)
            .collect();
        let name = &self.library.dictionary().fact(fact).name;
        (!lacks.is_empty()).then(|| format!("no case {} {name} {written}", lacks.join(", ")))
    }
}
