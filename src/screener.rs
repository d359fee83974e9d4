//! Many profiles against one label, without words: what is met and what is not known, as bits.

use chrono::NaiveDate;

use crate::evaluate::{Block, Day, Judge, PLACES, transpose};
use crate::library::{Document, Level, Library, Strength};
use crate::outcome::{Outcome, bits};
use crate::profile::Profile;

/// A label with the guidance that stands beside it, ready to screen many profiles.
#[derive(Debug, Clone)]
pub struct Screener<'l> {
    library: &'l Library,
    label: &'l Document,
    /// Each with a block for every 64 profiles that were screened last.
    documents: Vec<(&'l Document, Vec<Block>)>,
    criteria: Vec<CriterionRef<'l>>,
    found: Bits,
}

/// A criterion that is screened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CriterionRef<'l> {
    /// The document it stands in.
    pub document: &'l str,
    /// Its id in the document.
    pub id: &'l str,
    /// How strongly the source speaks.
    pub strength: Strength,
    /// How a finding is shown.
    pub level: Level,
}

/// What was found for a profile: a bit for each criterion, in the order of [`Screener::criteria`], 64 to a word, the first in the lowest
/// bit. A criterion that is neither met nor unknown is not met, does not speak of the patient, or is a standing note.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Found<'s> {
    /// The criteria that are met.
    pub met_bits: &'s [u64],
    /// The criteria of which it is not known whether they are met.
    pub unknown_bits: &'s [u64],
}

impl<'s> Found<'s> {
    /// The numbers of the criteria that are met.
    pub fn met(self) -> impl Iterator<Item = usize> + use<'s> {
        numbers(self.met_bits)
    }

    /// The numbers of the criteria of which it is not known whether they are met.
    pub fn unknown(self) -> impl Iterator<Item = usize> + use<'s> {
        numbers(self.unknown_bits)
    }
}

/// The bits of all profiles, one after the other.
#[derive(Debug, Clone, Default)]
struct Bits {
    profiles: usize,
    words: usize,
    met: Vec<u64>,
    unknown: Vec<u64>,
}

fn numbers(bits: &[u64]) -> impl Iterator<Item = usize> {
    bits.iter().enumerate().flat_map(|(word, bits)| {
        let mut left = *bits;
        std::iter::from_fn(move || {
            let bit = left.trailing_zeros() as usize;
            (left != 0).then(|| {
                left &= left - 1;
                word * 64 + bit
            })
        })
    })
}

impl Library {
    /// Makes a label, and the guidance beside it, ready to screen many profiles. None if there is no such label.
    pub fn screener(&self, drug: &str, label: &str) -> Option<Screener<'_>> {
        let document = self.label(label, drug)?;
        let documents: Vec<&Document> = std::iter::once(document)
            .chain(self.guidance(label, drug))
            .collect();
        let criteria = documents.iter().flat_map(|d| {
            d.criteria.iter().map(|c| CriterionRef {
                document: &d.id,
                id: &c.id,
                strength: c.strength,
                level: c.strength.level(c.boxed),
            })
        });
        Some(Screener {
            library: self,
            label: document,
            criteria: criteria.collect(),
            documents: documents.into_iter().map(|d| (d, Vec::new())).collect(),
            found: Bits::default(),
        })
    }
}

impl<'l> Screener<'l> {
    /// The criteria, in the order of the bits of what is found.
    pub fn criteria(&self) -> &[CriterionRef<'l>] {
        &self.criteria
    }

    /// Screens profiles as of a day; [`Screener::found`] says what was found. Best some multiple of 64 at once, for so many are
    /// screened side by side. Criteria that local rules set aside are screened like the others. Of a profile that plans another drug
    /// nothing is known.
    pub fn screen<P: AsRef<Profile>>(&mut self, profiles: &[P], as_of: NaiveDate) {
        let words = self.criteria.len().div_ceil(PLACES);
        (self.found.words, self.found.profiles) = (words, profiles.len());
        for bits in [&mut self.found.met, &mut self.found.unknown] {
            bits.clear();
            bits.resize(words * profiles.len(), 0);
        }
        let day = Day::new(self.library, as_of);
        for (number, profiles) in profiles.chunks(PLACES).enumerate() {
            self.block(number, profiles, day);
        }
    }

    /// What was found last, for each profile in its order.
    pub fn found(&self) -> impl ExactSizeIterator<Item = Found<'_>> {
        let words = self.found.words;
        (0..self.found.profiles).map(move |profile| {
            let own = profile * words..(profile + 1) * words;
            Found {
                met_bits: self.found.met.get(own.clone()).unwrap_or_default(),
                unknown_bits: self.found.unknown.get(own).unwrap_or_default(),
            }
        })
    }

    fn block<P: AsRef<Profile>>(&mut self, block: usize, profiles: &[P], day: Day) {
        let (library, label) = (self.library, self.label);
        let judges = profiles.iter().map(|p| Judge::on(day, library, p.as_ref()));
        let judges: Vec<Judge<'_>> = judges.map(|j| j.for_label(label)).collect();
        let plans = || profiles.iter().map(|p| &p.as_ref().plan);
        let other_drug = bits(plans().map(|plan| !label.drugs.contains(&plan.drug)));
        let mut turned = Turned::new(block * PLACES, profiles.len());
        for (document, blocks) in &mut self.documents {
            if blocks.len() <= block {
                blocks.resize_with(block + 1, Block::default);
            }
            let Some(block) = blocks.get_mut(block) else {
                continue;
            };
            block.fill(document, &judges);
            for criterion in &document.criteria {
                let above = match criterion.max {
                    Some(_) => bits(plans().map(|plan| criterion.below(plan.daily))),
                    None => 0,
                };
                let verdicts = block.verdicts(criterion, above);
                let met = verdicts.outcomes.met & !other_drug;
                turned.push(met, verdicts.unknown() | other_drug, &mut self.found);
            }
        }
        turned.finish(&mut self.found);
    }

    /// The questions that decided a criterion for a profile that was screened last, each with its answer: those that came out as
    /// the criterion did, and what is met beside what is not known. None if it does not speak of the patient or is a standing note.
    pub fn trace(&self, profile: usize, criterion: usize, mut with: impl FnMut(&'l str, Outcome)) {
        let (number, place) = (profile / PLACES, profile % PLACES);
        let mut before = 0;
        for (document, blocks) in &self.documents {
            if let Some(found) = criterion
                .checked_sub(before)
                .and_then(|n| document.criteria.get(n))
            {
                if let (Some(block), Ok(place)) = (blocks.get(number), u32::try_from(place)) {
                    block.deciding(found, place, &mut with);
                }
                return;
            }
            before += document.criteria.len();
        }
    }
}

/// What came out of criteria, turned from a word for each criterion to words for each profile.
struct Turned {
    first: usize,
    profiles: usize,
    word: usize,
    place: usize,
    met: [u64; PLACES],
    unknown: [u64; PLACES],
}

impl Turned {
    fn new(first: usize, profiles: usize) -> Self {
        Self {
            first,
            profiles,
            word: 0,
            place: 0,
            met: [0; PLACES],
            unknown: [0; PLACES],
        }
    }

    fn push(&mut self, met: u64, unknown: u64, found: &mut Bits) {
        let places = self
            .met
            .get_mut(self.place)
            .zip(self.unknown.get_mut(self.place));
        if let Some((m, u)) = places {
            (*m, *u) = (met, unknown);
        }
        self.place += 1;
        if self.place == PLACES {
            self.finish(found);
        }
    }

    fn finish(&mut self, found: &mut Bits) {
        if self.place == 0 {
            return;
        }
        let start = self.first * found.words + self.word;
        for (bits, turned) in [
            (&mut found.met, &mut self.met),
            (&mut found.unknown, &mut self.unknown),
        ] {
            transpose(turned);
            let places = bits.iter_mut().skip(start).step_by(found.words);
            for (bits, turned) in places.zip(&*turned).take(self.profiles) {
                *bits = *turned;
            }
            *turned = [0; PLACES];
        }
        (self.word, self.place) = (self.word + 1, 0);
    }
}
