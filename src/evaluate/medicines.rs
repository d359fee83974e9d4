//! What is taken now, and what was tried: questions about medicines, one medicine at a time.

use super::{Ask, Evidence, Judge, Pass, Read, Reply};
use crate::dictionary::{ClassId, MedicineId};
use crate::library::{Exception, NamedTest, OfMedicines, Taking, Treated};
use crate::outcome::{Outcome, Outcomes, Reason};
use crate::profile::{Listed, Silence, What};

impl Judge<'_> {
    /// Whether one medicine taken now meets all that is asked of it.
    pub(super) fn taking<'s>(&'s self, taking: &'s Taking, pass: Pass) -> Reply<'s> {
        let mut met = Vec::new();
        let mut read = Vec::new();
        let mut open = Vec::new();
        for (line, taken) in self.lines_taken() {
            let (fits, why) = self.fits(line, taking);
            let of_line = || Read::Line {
                line,
                class: self.class_of(line, taking),
                stale: !self.fresh,
            };
            match fits.and(taken) {
                Outcome::Met => met.push(of_line()),
                Outcome::Unknown => {
                    read.push(of_line());
                    open.push(if taken == Outcome::Unknown && fits != Outcome::Unknown {
                        Ask::Taken(line)
                    } else {
                        why(line)
                    });
                }
                Outcome::NotMet => {}
            }
        }
        let silent = self.silence_on(taking);
        let (is_met, is_open) = (u64::from(!met.is_empty()), u64::from(!open.is_empty()));
        let outcome = self.of_lines(is_met, is_open, u64::from(silent.is_ok()), pass);
        match (outcome.at(0), silent) {
            (Outcome::Met, _) => Reply::known(Outcome::Met, met),
            (Outcome::NotMet, Ok(how)) => {
                let mut read = self.excepted_lines(taking, !self.fresh);
                read.push(Read::NotTaken { taking, how });
                Reply::known(Outcome::NotMet, read)
            }
            (_, silent) if !self.fresh && !pass.old && (silent.is_ok() || !met.is_empty()) => {
                Reply::unknown(met, vec![Ask::Medicines(Reason::OutOfDate)])
            }
            (_, silent) => {
                open.extend(silent.err().unwrap_or_default());
                Reply::unknown(read, open)
            }
        }
    }

    /// What comes of the lines: those that meet it, those of which it is not known, and what silence denies. What was said
    /// too long ago says nothing in the first pass.
    fn of_lines(&self, met: u64, open: u64, silent: u64, pass: Pass) -> Outcomes {
        if !self.fresh && !pass.old {
            return Outcomes::UNKNOWN;
        }
        Outcomes {
            met,
            not: !met & !open & silent,
        }
    }

    /// Whether medicines taken now meet all that is asked of one, for all such questions of a document.
    pub(super) fn all_taken(&self, taken: &OfMedicines<Taking>, pass: Pass) -> Outcomes {
        let (mut met, mut open) = (0, 0);
        for (line, now) in self.lines_taken() {
            let medicine = systemic(line).filter(|id| !taken.by_dose.contains(id));
            let fits = taken.fits(medicine, |taking| self.fits(line, taking).0);
            let outcomes = fits.and(now.into());
            met |= outcomes.met;
            open |= !(outcomes.met | outcomes.not);
        }
        let mut silent = 0;
        let denied = self.lists_denied();
        let by_name = || {
            let listed = &self.profile.medicines.listed;
            listed.iter().any(|l| l.present == Outcome::NotMet)
        };
        let by_name = !denied && by_name();
        for (place, taking) in taken.tests.iter().enumerate() {
            if denied || (by_name && self.silence_on(taking).is_ok()) {
                silent |= 1 << place;
            }
        }
        self.of_lines(met, open, silent, pass)
    }

    /// What is taken in a dose or form that is not meant: that is said, and not that it is not taken.
    fn excepted_lines<'s>(&'s self, taking: &'s Taking, stale: bool) -> Vec<Read<'s>> {
        let excepted = self.lines_taken().filter(|(line, taken)| {
            *taken == Outcome::Met
                && self.named(line, taking)
                && self.fits(line, taking).0 == Outcome::NotMet
        });
        let read = excepted.map(|(line, _)| Read::Line {
            line,
            class: self.class_of(line, taking),
            stale,
        });
        read.collect()
    }

    /// Every medicine line with whether it is taken now: of `medicines`, and of treatments that are not over.
    fn lines_taken(&self) -> impl Iterator<Item = (&Listed, Outcome)> {
        let medicines = self.profile.medicines.listed.iter();
        let again = medicines.clone();
        let of_treatments = move |line| {
            let taken = self.still_taken(line);
            let same = |m: &Listed| {
                m.what == line.what && m.name == line.name && m.present != Outcome::Unknown
            };
            let says = taken != Outcome::NotMet && !again.clone().any(same);
            says.then_some((line, taken))
        };
        let treatments = self.profile.treatments.listed.iter();
        medicines
            .map(|l| (l, self.ended(l, l.present)))
            .chain(treatments.filter_map(of_treatments))
    }

    /// Whether a treatment is not over.
    fn still_taken(&self, line: &Listed) -> Outcome {
        if line.present == Outcome::NotMet {
            Outcome::NotMet
        } else {
            self.ended(line, line.ongoing.and(line.present.or(Outcome::Unknown)))
        }
    }

    /// A medicine is over after its last day.
    fn ended(&self, line: &Listed, taken: Outcome) -> Outcome {
        match line.until {
            Some(until) if until.first > self.as_of => line.present,
            Some(until) if until.last > self.as_of => Outcome::Unknown,
            Some(_) => Outcome::NotMet,
            None => taken,
        }
    }

    /// Whether a line is a medicine of the kind asked for, and how to ask when that is not known.
    fn fits<'s>(&self, line: &'s Listed, taking: &Taking) -> (Outcome, fn(&'s Listed) -> Ask<'s>) {
        let unrecognised: fn(&'s Listed) -> Ask<'s> = Ask::Unrecognised;
        let dose: fn(&'s Listed) -> Ask<'s> = Ask::Dose;
        let member: fn(&'s Listed) -> Ask<'s> = Ask::Member;
        match &line.what {
            What::Medicine(_) if !self.named(line, taking) => (Outcome::NotMet, dose),
            What::Medicine(id) => (self.excepted(*id, line, taking).not(), dose),
            What::Class(listed) => {
                let classes = taking
                    .any
                    .iter()
                    .map(|t| self.class_fits(*listed, *t))
                    .fold(Outcome::NotMet, Outcome::or);
                let any = if taking.any.is_empty() {
                    Outcome::Met
                } else {
                    classes
                };
                let all = taking
                    .all
                    .iter()
                    .map(|c| self.class_fits(*listed, NamedTest::Class(*c)))
                    .fold(Outcome::Met, Outcome::and);
                let fits = any.and(all);
                // A class given as a whole may be an excepted medicine.
                let fits = if fits == Outcome::Met && !taking.except.is_empty() {
                    Outcome::Unknown
                } else {
                    fits
                };
                (fits, member)
            }
            What::Unrecognised {
                classes: Some(classes),
                ..
            } => {
                let has = |c: &ClassId| classes.contains(c) && self.of_route(*c, line.local);
                let any = taking.any.is_empty()
                    || taking
                        .any
                        .iter()
                        .any(|t| matches!(t, NamedTest::Class(c) if has(c)));
                (Outcome::of(any && taking.all.iter().all(has)), unrecognised)
            }
            What::Unrecognised { classes: None, .. } => (
                if line.local {
                    self.local_fits(taking)
                } else {
                    Outcome::Unknown
                },
                unrecognised,
            ),
        }
    }

    /// Whether a line is a medicine that is named, whatever its dose.
    fn named(&self, line: &Listed, taking: &Taking) -> bool {
        let What::Medicine(id) = line.what else {
            return false;
        };
        let is = |test: NamedTest| self.is(id, line.local, test);
        let any = taking.any.is_empty() || taking.any.iter().any(|t| is(*t));
        any && taking.all.iter().all(|c| is(NamedTest::Class(*c)))
    }

    /// A local form that nobody knows can only be of a local class.
    fn local_fits(&self, taking: &Taking) -> Outcome {
        let local = |t: &NamedTest| matches!(t, NamedTest::Class(c) if self.of_route(*c, true));
        if taking.any.iter().any(local) {
            Outcome::Unknown
        } else {
            Outcome::NotMet
        }
    }

    /// Whether a class speaks of local, or of systemic, use.
    fn of_route(&self, class: ClassId, local: bool) -> bool {
        let class = self.dictionary().class(class);
        class.any_route || class.local == local
    }

    /// Whether a medicine is, or belongs to, what is asked.
    fn is(&self, id: MedicineId, local: bool, test: NamedTest) -> bool {
        match test {
            NamedTest::Medicine(asked) => asked == id && !local,
            NamedTest::Class(class) => {
                self.dictionary().belongs(id, class) && self.of_route(class, local)
            }
        }
    }

    /// A class listed as a whole against a class asked for: a narrower one fits, a wider one may.
    fn class_fits(&self, listed: ClassId, test: NamedTest) -> Outcome {
        match test {
            NamedTest::Class(asked) if self.dictionary().contains(asked, listed) => Outcome::Met,
            NamedTest::Class(asked) if self.dictionary().contains(listed, asked) => {
                Outcome::Unknown
            }
            NamedTest::Medicine(id) if self.dictionary().belongs(id, listed) => Outcome::Unknown,
            NamedTest::Class(asked) => {
                // Two classes that share a member.
                let overlap = self.dictionary().overlap(asked, listed);
                if overlap {
                    Outcome::Unknown
                } else {
                    Outcome::NotMet
                }
            }
            NamedTest::Medicine(_) => Outcome::NotMet,
        }
    }

    fn excepted(&self, id: MedicineId, line: &Listed, taking: &Taking) -> Outcome {
        match taking.except.iter().find(|(m, _)| *m == id) {
            None => Outcome::NotMet,
            Some((_, Exception::Any)) => Outcome::Met,
            Some((_, Exception::Daily(range))) => line.daily.map_or(Outcome::Unknown, |d| {
                crate::quantity::Interval::point(d).within(*range)
            }),
        }
    }

    /// What the silence of the lists says: denied, or the question that is open.
    fn silence_on(&self, taking: &Taking) -> Result<&'static str, Vec<Ask<'_>>> {
        let asked: Vec<NamedTest> = taking
            .any
            .iter()
            .copied()
            .chain(taking.all.iter().map(|c| NamedTest::Class(*c)))
            .collect();
        let denied = |test: &NamedTest| {
            self.profile.medicines.listed.iter().any(|l| {
                l.present == Outcome::NotMet
                    && match (l.what.clone(), test) {
                        (What::Class(listed), NamedTest::Class(asked)) => {
                            self.dictionary().contains(listed, *asked)
                        }
                        (What::Class(listed), NamedTest::Medicine(m)) => {
                            self.dictionary().belongs(*m, listed)
                        }
                        (What::Medicine(listed), NamedTest::Medicine(m)) => listed == *m,
                        (What::Medicine(_), NamedTest::Class(_))
                        | (What::Unrecognised { .. }, _) => false,
                    }
            })
        };
        let by_name = if taking.any.is_empty() {
            asked.iter().any(denied)
        } else {
            taking.any.iter().all(denied)
        };
        if by_name {
            return Ok("denied by name");
        }
        if self.lists_denied() {
            return Ok("everything else denied");
        }
        let mut open = Vec::new();
        if self.profile.medicines.silence != Silence::Denied {
            open.push(Ask::Medicines(Reason::NotGiven));
        }
        if self.profile.treatments.silence == Silence::Unknown {
            open.push(Ask::Treatments { went: false });
        }
        Err(open)
    }

    /// Whether everything that the lists do not name is denied.
    fn lists_denied(&self) -> bool {
        self.profile.medicines.silence == Silence::Denied
            && self.profile.treatments.silence != Silence::Unknown
    }

    /// The class that is asked for, and that a medicine belongs to.
    fn class_of(&self, line: &Listed, taking: &Taking) -> Option<ClassId> {
        let What::Medicine(id) = line.what else {
            return None;
        };
        let asked = taking.any.iter().filter_map(|test| match test {
            NamedTest::Class(class) => Some(*class),
            NamedTest::Medicine(_) => None,
        });
        asked
            .chain(taking.all.iter().copied())
            .find(|c| self.dictionary().belongs(id, *c))
    }

    /// That what is asked for is not taken; nothing, where all of it is taken in a dose or form that is not meant.
    pub(super) fn not_taken(&self, taking: &Taking, how: &str) -> Option<Evidence> {
        let dictionary = self.dictionary();
        let excepted = self.excepted_lines(taking, false);
        let both = |test: NamedTest| match test {
            NamedTest::Class(id) => {
                let class = dictionary.class(id);
                (class.id.to_string(), class.name.to_string())
            }
            NamedTest::Medicine(id) => {
                let id = dictionary.medicine(id).id.to_string();
                (id.clone(), id.replace('_', " "))
            }
        };
        let taken = |test: &NamedTest| {
            let is = |read: &Read<'_>| matches!(read, Read::Line { line, .. } if matches!(line.what, What::Medicine(id) if self.is(id, line.local, *test)));
            excepted.iter().any(is)
        };
        let any = taking.any.iter().filter(|test| !taken(test));
        let any: Vec<(String, String)> = any.copied().map(both).collect();
        if any.is_empty() && !excepted.is_empty() {
            return None;
        }
        let all = taking.all.iter().map(|c| both(NamedTest::Class(*c)));
        let all: Vec<(String, String)> = all.collect();
        let list = |of: &[(String, String)], word: &str| {
            let names: Vec<&str> = of.iter().map(|(_, name)| name.as_str()).collect();
            names.join(word)
        };
        let asked = [list(&any, " or "), list(&all, " and ")];
        let asked: Vec<String> = asked.into_iter().filter(|n| !n.is_empty()).collect();
        let fact = any.first().or(all.first());
        let fact = fact.map_or("medicines", |(id, _)| id).to_owned();
        let name = if asked.is_empty() {
            "medicines".to_owned()
        } else {
            asked.join(" and ")
        };
        Some(Evidence {
            name,
            fact,
            value: "not taken".to_owned(),
            given: None,
            date: None,
            age_days: None,
            path: "medicines".to_owned(),
            how: Some(how.to_owned()),
            out_of_date: false,
            unlikely: false,
        })
    }

    /// Whether so many treatments of a class went as asked.
    pub(super) fn treated<'s>(&'s self, treated: &Treated) -> Reply<'s> {
        let mut met = Vec::new();
        let mut open = Vec::new();
        let lines = || self.lines_tried(treated, |line| self.treatment_fits(line, treated));
        for (line, outcome) in lines() {
            match (outcome, &line.what) {
                (Outcome::Met, _) => met.push(Read::Line {
                    line,
                    class: None,
                    stale: false,
                }),
                (Outcome::Unknown, What::Unrecognised { classes: None, .. }) => {
                    open.push(Ask::Unrecognised(line));
                }
                (Outcome::Unknown, _) => open.push(Ask::Went(line)),
                (Outcome::NotMet, _) => {}
            }
        }
        let (is_met, is_open) = counted(lines());
        let outcome = self.of_treatments(treated, is_met, is_open);
        if outcome != Outcome::Unknown {
            return Reply::known(outcome, met);
        }
        if !self.treatments_denied(treated) {
            open.push(Ask::Treatments { went: true });
        }
        Reply::unknown(met, open)
    }

    /// Whether treatments went as asked, for all such questions of a document.
    pub(super) fn all_treated(&self, all: &OfMedicines<Treated>) -> Outcomes {
        let fits = |line: &Listed| all.fits(systemic(line), |t| self.treatment_fits(line, t));
        let lines = self.profile.treatments.listed.iter();
        let lines = lines.chain(&self.profile.medicines.listed);
        let none = lines.fold(!0, |none, line| none & fits(line).not);
        let mut outcomes = Outcomes::UNKNOWN;
        for (place, treated) in (0..).zip(&all.tests) {
            let (mut met, mut open) = (0, 0);
            if none >> place & 1 == 0 {
                (met, open) = counted(self.lines_tried(treated, |line| fits(line).at(place)));
            }
            let outcome = Outcomes::from(self.of_treatments(treated, met, open));
            outcomes = outcomes.beside(outcome.only(1 << place));
        }
        outcomes
    }

    /// What comes of so many treatments that went as asked, and so many of which it is not known.
    fn of_treatments(&self, treated: &Treated, met: usize, open: usize) -> Outcome {
        if met >= treated.at_least {
            Outcome::Met
        } else if met + open < treated.at_least && self.treatments_denied(treated) {
            Outcome::NotMet
        } else {
            Outcome::Unknown
        }
    }

    /// The treatments that are, or may be, of a class asked for, each once, and whether they went as asked.
    fn lines_tried(
        &self,
        treated: &Treated,
        fits: impl Fn(&Listed) -> Outcome,
    ) -> impl Iterator<Item = (&Listed, Outcome)> {
        let lines = self.profile.treatments.listed.iter();
        let lines = lines.chain(&self.profile.medicines.listed);
        let of_class = move |line: &Listed| match line.present {
            Outcome::NotMet => Outcome::NotMet,
            Outcome::Met | Outcome::Unknown => fits(line),
        };
        let first = lines.clone();
        lines.enumerate().filter_map(move |(i, line)| {
            let of_line = of_class(line);
            let again = |b: &Listed| b.what == line.what && of_class(b) != Outcome::NotMet;
            if of_line == Outcome::NotMet || first.clone().take(i).any(again) {
                return None;
            }
            let went = if treated.outcome.is_empty() {
                line.present
            } else if treated.outcome.iter().any(|r| line.response.has(*r)) {
                Outcome::Met
            } else if line.response.is_empty() {
                Outcome::Unknown
            } else {
                Outcome::NotMet
            };
            Some((line, of_line.and(went).and(line.present)))
        })
    }

    fn treatments_denied(&self, treated: &Treated) -> bool {
        let denied = |test: &NamedTest| {
            self.profile.treatments.listed.iter().any(|l| {
                l.present == Outcome::NotMet
                    && match (l.what.clone(), test) {
                        (What::Class(listed), NamedTest::Class(asked)) => {
                            self.dictionary().contains(listed, *asked)
                        }
                        (What::Medicine(listed), NamedTest::Medicine(m)) => listed == *m,
                        _ => false,
                    }
            })
        };
        self.profile.treatments.silence == Silence::Denied || treated.with.iter().all(denied)
    }

    fn treatment_fits(&self, line: &Listed, treated: &Treated) -> Outcome {
        let one = |test: &NamedTest| match &line.what {
            What::Medicine(id) => Outcome::of(self.is(*id, line.local, *test)),
            What::Class(listed) => self.class_fits(*listed, *test),
            What::Unrecognised {
                classes: Some(classes),
                ..
            } => Outcome::of(matches!(test, NamedTest::Class(c) if classes.contains(c))),
            What::Unrecognised { classes: None, .. } => Outcome::Unknown,
        };
        treated
            .with
            .iter()
            .map(one)
            .fold(Outcome::NotMet, Outcome::or)
    }
}

/// How many lines went as asked, and of how many it is not known.
fn counted<'s>(lines: impl Iterator<Item = (&'s Listed, Outcome)>) -> (usize, usize) {
    lines.fold((0, 0), |(met, open), (_, outcome)| match outcome {
        Outcome::Met => (met + 1, open),
        Outcome::Unknown => (met, open + 1),
        Outcome::NotMet => (met, open),
    })
}

/// The medicine of a line, used systemically.
fn systemic(line: &Listed) -> Option<MedicineId> {
    match line.what {
        What::Medicine(id) if !line.local => Some(id),
        What::Medicine(_) | What::Class(_) | What::Unrecognised { .. } => None,
    }
}
