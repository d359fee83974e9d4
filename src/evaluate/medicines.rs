//! What is taken now, and what was tried: questions about medicines, one medicine at a time.

use super::{Ask, Evidence, Judge, Pass, Read, Reply};
use crate::dictionary::{ClassId, MedicineId};
use crate::library::{Exception, NamedTest, Taking, Treated};
use crate::outcome::{Outcome, Reason};
use crate::profile::{Listed, Silence, What};

impl Judge<'_> {
    /// Whether one medicine taken now meets all that is asked of it.
    pub(super) fn taking<'s>(&'s self, taking: &'s Taking, pass: Pass) -> Reply<'s> {
        let fresh = self.statements_in_date();
        let mut met = Vec::new();
        let mut read = Vec::new();
        let mut open = Vec::new();
        for (line, taken) in self.lines_taken() {
            let (fits, why) = self.fits(line, taking);
            let of_line = Read::Line {
                line,
                class: self.class_of(line, taking),
                stale: !fresh,
            };
            match fits.and(taken) {
                Outcome::Met => met.push(of_line),
                Outcome::Unknown => {
                    read.push(of_line);
                    open.push(if taken == Outcome::Unknown && fits != Outcome::Unknown {
                        Ask::Taken(line)
                    } else {
                        why(line)
                    });
                }
                Outcome::NotMet => {}
            }
        }
        if !met.is_empty() && (fresh || pass.old) {
            return Reply::known(Outcome::Met, met);
        }
        let silent = self.silence_on(taking);
        if !fresh && !pass.old && (!met.is_empty() || silent.is_ok()) {
            return Reply::unknown(met, vec![Ask::Medicines(Reason::OutOfDate)]);
        }
        match silent {
            Ok(how) if open.is_empty() => {
                let mut read = self.excepted_lines(taking, !fresh);
                read.push(Read::NotTaken { taking, how });
                Reply::known(Outcome::NotMet, read)
            }
            Ok(_) => Reply::unknown(read, open),
            Err(silent) => {
                open.extend(silent);
                Reply::unknown(read, open)
            }
        }
    }

    /// What is taken in a dose or form that is not meant: that is said, and not that it is not taken.
    fn excepted_lines<'s>(&'s self, taking: &'s Taking, stale: bool) -> Vec<Read<'s>> {
        let lines = self.lines_taken().into_iter();
        let excepted = lines.filter(|(line, taken)| {
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
    fn lines_taken(&self) -> Vec<(&Listed, Outcome)> {
        let medicines = &self.profile.medicines.listed;
        let mut lines: Vec<(&Listed, Outcome)> = medicines
            .iter()
            .map(|l| (l, self.ended(l, l.present)))
            .collect();
        for line in &self.profile.treatments.listed {
            if medicines.iter().any(|m| {
                m.what == line.what && m.name == line.name && m.present != Outcome::Unknown
            }) {
                continue;
            }
            let taken = if line.present == Outcome::NotMet {
                Outcome::NotMet
            } else {
                self.ended(line, line.ongoing.and(line.present.or(Outcome::Unknown)))
            };
            lines.push((line, taken));
        }
        lines
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
        let mut open = Vec::new();
        if self.profile.medicines.silence != Silence::Denied {
            open.push(Ask::Medicines(Reason::NotGiven));
        }
        if self.profile.treatments.silence == Silence::Unknown {
            open.push(Ask::Treatments { went: false });
        }
        if open.is_empty() {
            Ok("everything else denied")
        } else {
            Err(open)
        }
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
        let mut count = 0;
        let mut possible = 0;
        let mut met = Vec::new();
        let mut open = Vec::new();
        let mut counted: Vec<&What> = Vec::new();
        for line in self
            .profile
            .treatments
            .listed
            .iter()
            .chain(&self.profile.medicines.listed)
        {
            if line.present == Outcome::NotMet || counted.contains(&&line.what) {
                continue;
            }
            let of_class = self.treatment_fits(line, treated);
            if of_class == Outcome::NotMet {
                continue;
            }
            counted.push(&line.what);
            let went = if treated.outcome.is_empty() {
                line.present
            } else if line.response.iter().any(|r| treated.outcome.contains(r)) {
                Outcome::Met
            } else if line.response.is_empty() {
                Outcome::Unknown
            } else {
                Outcome::NotMet
            };
            match of_class.and(went).and(line.present) {
                Outcome::Met => {
                    count += 1;
                    met.push(Read::Line {
                        line,
                        class: None,
                        stale: false,
                    });
                }
                Outcome::Unknown => {
                    possible += 1;
                    open.push(match line.what {
                        What::Unrecognised { classes: None, .. } => Ask::Unrecognised(line),
                        _ => Ask::Went(line),
                    });
                }
                Outcome::NotMet => {}
            }
        }
        if count >= treated.at_least {
            return Reply::known(Outcome::Met, met);
        }
        if !self.treatments_denied(treated) {
            open.push(Ask::Treatments { went: true });
        } else if count + possible < treated.at_least {
            return Reply::known(Outcome::NotMet, met);
        }
        Reply::unknown(met, open)
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
