//! What was read and what is open, put into words.

use super::{Evidence, Judge, Open, iso};
use crate::date::PartialDate;
use crate::dictionary::{ClassId, FactId, Kind, Section, Seen, in_words};
use crate::library::Taking;
use crate::outcome::Reason;
use crate::profile::{Entry, Listed, Value, What};
use crate::quantity::{Interval, plain};

/// One thing the profile says, at its place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Read<'s> {
    /// A result or statement.
    Entry {
        fact: FactId,
        entry: &'s Entry,
        /// Older than policy allows.
        stale: bool,
    },
    /// A value that was computed.
    Computed {
        fact: FactId,
        value: Interval,
        date: PartialDate,
        from: Formula<'s>,
        stale: bool,
    },
    /// Silence that denies.
    Denied {
        fact: FactId,
        how: &'static str,
        /// Said too long ago.
        stale: bool,
    },
    /// A medicine or treatment, and the class it was read for.
    Line {
        line: &'s Listed,
        class: Option<ClassId>,
        stale: bool,
    },
    /// Medicines that are not taken.
    NotTaken {
        taking: &'s Taking,
        how: &'static str,
    },
}

impl Read<'_> {
    /// Everything else was denied.
    pub(super) fn denied(fact: FactId) -> Self {
        Self::Denied {
            fact,
            how: "everything else denied",
            stale: false,
        }
    }

    /// Whether the profile lists it, and does not deny it by silence.
    pub(super) fn is_listed(&self) -> bool {
        matches!(self, Self::Entry { .. })
    }
}

/// How a value was computed, and from what.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Formula<'s> {
    BirthDate,
    AgeOfFile,
    BodyMassIndex,
    /// White cells and a percentage of the same day.
    Share(&'s Entry, &'s Entry, &'static str),
    /// A creatinine, by a formula with further inputs.
    Creatinine(&'s Entry, &'static str, &'static [&'static str]),
}

impl Formula<'_> {
    fn words(self) -> String {
        match self {
            Self::BirthDate => "from the date of birth".to_owned(),
            Self::AgeOfFile => "from the age on the day of the file".to_owned(),
            Self::BodyMassIndex => "weight in kg / (height in m)^2".to_owned(),
            Self::Share(_, _, percent) => {
                format!("white cells x {} / 100, same day", in_words(percent))
            }
            Self::Creatinine(_, how, _) => how.to_owned(),
        }
    }

    fn path(self) -> String {
        match self {
            Self::BirthDate => "about born".to_owned(),
            Self::AgeOfFile => "about age".to_owned(),
            Self::BodyMassIndex => "about weight, height".to_owned(),
            Self::Share(cells, share, _) => format!("{}, {}", cells.path(), share.path()),
            Self::Creatinine(entry, _, needs) => {
                format!("{}, about {}", entry.path(), needs.join(", "))
            }
        }
    }

    /// Whether its date is one of a result.
    fn dated(self) -> bool {
        matches!(self, Self::Share(..) | Self::Creatinine(..))
    }
}

/// Something that would have to be known.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ask<'s> {
    Fact(FactId, Reason),
    /// When an event happened.
    Date(FactId),
    /// All other medicines.
    Medicines(Reason),
    /// All earlier and present treatments, or how they went.
    Treatments {
        went: bool,
    },
    /// What a name is.
    Unrecognised(&'s Listed),
    Dose(&'s Listed),
    /// Which medicine of a class it is.
    Member(&'s Listed),
    /// Whether it is taken now.
    Taken(&'s Listed),
    /// How a treatment went.
    Went(&'s Listed),
}

impl Judge<'_> {
    /// What was read, ready to show; nothing where all that could be said is said elsewhere.
    pub(crate) fn words(&self, read: &Read<'_>) -> Option<Evidence> {
        match *read {
            Read::Entry { fact, entry, stale } => Some(Evidence {
                out_of_date: stale,
                ..self.measured(fact, entry)
            }),
            Read::Computed {
                fact: id,
                value,
                date,
                from,
                stale,
            } => {
                let date = Some(date).filter(|_| from.dated());
                let fact = self.dictionary().fact(id);
                Some(Evidence {
                    fact: fact.id.clone(),
                    name: fact.name.clone(),
                    value: self.show_quantity(id, value),
                    given: None,
                    date: date.map(iso),
                    age_days: date.map(|d| (self.as_of - d.last).num_days()),
                    path: from.path(),
                    how: Some(from.words()),
                    out_of_date: stale,
                    unlikely: false,
                })
            }
            Read::Denied { fact, how, stale } => {
                let fact = self.dictionary().fact(fact);
                Some(Evidence {
                    fact: fact.id.clone(),
                    name: fact.name.clone(),
                    value: "no".to_owned(),
                    given: None,
                    date: None,
                    age_days: None,
                    path: fact.section.name().to_owned(),
                    how: Some(how.to_owned()),
                    out_of_date: stale,
                    unlikely: false,
                })
            }
            Read::Line { line, class, stale } => Some(Evidence {
                fact: self.name_of(line).to_owned(),
                name: self.name_of(line).replace('_', " "),
                value: if line.given == "yes" || line.given.is_empty() {
                    "taken".to_owned()
                } else {
                    line.given.replace('_', " ")
                },
                given: None,
                date: None,
                age_days: None,
                path: if line.path.is_empty() {
                    "medicines".to_owned()
                } else {
                    line.path.clone()
                },
                how: class.map(|c| self.membership(c)),
                out_of_date: stale,
                unlikely: false,
            }),
            Read::NotTaken { taking, how } => self.not_taken(taking, how),
        }
    }

    /// The name of a line; one made in memory has that of its medicine.
    fn name_of<'s>(&'s self, line: &'s Listed) -> &'s str {
        match line.what {
            What::Medicine(id) if line.name.is_empty() => &self.dictionary().medicine(id).id,
            What::Medicine(_) | What::Class(_) | What::Unrecognised { .. } => &line.name,
        }
    }

    /// The class a medicine was read for, and whether its membership is verified.
    fn membership(&self, class: ClassId) -> String {
        let class = self.dictionary().class(class);
        let caveat = match class.seen {
            Seen::Unverified => ", membership not verified",
            Seen::FullText | Seen::Section | Seen::Secondary | Seen::Superseded => "",
        };
        format!("{}{caveat}", class.name)
    }

    /// Where an entry stands; one made in memory in the section of its fact.
    fn path_of(&self, entry: &Entry) -> String {
        if entry.path().is_empty() {
            let fact = self.dictionary().fact(entry.fact);
            return format!("{} {}", fact.section.name(), fact.id);
        }
        entry.path().to_owned()
    }

    /// What a measured entry says.
    fn measured(&self, id: FactId, entry: &Entry) -> Evidence {
        let fact = self.dictionary().fact(id);
        let of_file = PartialDate::day(self.file_day().min(self.as_of));
        let date = entry
            .date
            .or((fact.section == Section::Tests).then_some(of_file));
        let (value, given) = match entry.value {
            Value::Quantity { value, converted } => (
                self.show_quantity(id, value),
                converted.then(|| entry.given().to_owned()),
            ),
            Value::Choice(choice) => {
                let word = in_words(fact.word(choice));
                let given = entry
                    .given()
                    .starts_with(|c: char| c.is_ascii_digit() || "<>≤≥".contains(c))
                    .then(|| entry.given().to_owned());
                (word, given)
            }
            Value::Present => ("yes".to_owned(), None),
            Value::Absent => ("no".to_owned(), None),
            Value::Missing(reason) => (reason.words().to_owned(), None),
        };
        let how = match (&fact.kind, &given) {
            (
                Kind::Choice {
                    measured: Some(m), ..
                },
                Some(_),
            ) => {
                let unit = self.dictionary().unit_list(m.units).canonical();
                m.positive.low.map(|low| {
                    let word = if low.closed { "from" } else { "above" };
                    format!("positive {word} {} {unit}", plain(low.value))
                        .trim_end()
                        .to_owned()
                })
            }
            _ => None,
        };
        Evidence {
            fact: fact.id.clone(),
            name: fact.name.clone(),
            value,
            given,
            date: date.map(iso),
            age_days: date
                .filter(|d| d.first == d.last)
                .map(|d| (self.as_of - d.last).num_days()),
            path: self.path_of(entry),
            how,
            out_of_date: false,
            unlikely: entry.unlikely,
        }
    }

    /// A quantity with its canonical unit.
    fn show_quantity(&self, id: FactId, value: Interval) -> String {
        let unit = match &self.dictionary().fact(id).kind {
            Kind::Quantity { units, .. } => self.dictionary().unit_list(*units).canonical(),
            Kind::Choice { .. } | Kind::Event | Kind::State => "",
        };
        let number = match (value.exact(), value.low, value.high) {
            (Some(exact), ..) => plain(exact),
            (None, Some(low), None) => format!(
                "{} {}",
                if low.closed { "at least" } else { "above" },
                plain(low.value)
            ),
            (None, Some(low), Some(high)) if !low.value.is_zero() => {
                format!("{} to {}", plain(low.value), plain(high.value))
            }
            (None, _, Some(high)) => format!(
                "{} {}",
                if high.closed { "at most" } else { "below" },
                plain(high.value)
            ),
            (None, None, None) => String::new(),
        };
        if unit == "1" || unit.is_empty() {
            number
        } else {
            format!("{number} {unit}")
        }
    }

    /// How something is asked for.
    pub(crate) fn question(&self, ask: &Ask<'_>) -> Open {
        let of_line = |line: &Listed, reason, what: &str, question: &str| {
            let name = self.name_of(line).replace('_', " ");
            open(
                self.name_of(line),
                format!("{name}: {what}"),
                reason,
                format!("{name}: {question}"),
            )
        };
        match *ask {
            Ask::Fact(fact, reason) => self.open(fact, reason),
            Ask::Date(fact) => {
                let open = self.open(fact, Reason::Imprecise);
                Open {
                    name: format!("date of {}", open.name),
                    ..open
                }
            }
            Ask::Medicines(reason) => open(
                "medicines",
                "any other medicine",
                reason,
                "Which other medicines do you take, herbal ones and those without prescription included?",
            ),
            Ask::Treatments { went: false } => open(
                "treatments",
                "earlier and present treatments",
                Reason::NotGiven,
                "Which treatments of the disease were tried, and which go on?",
            ),
            Ask::Treatments { went: true } => open(
                "treatments",
                "any other treatment of the disease",
                Reason::NotGiven,
                "Which treatments of the disease were tried, and how did they go?",
            ),
            Ask::Unrecognised(line) => {
                let nearest = match &line.what {
                    What::Unrecognised { nearest, .. } => nearest.as_ref(),
                    What::Medicine(_) | What::Class(_) => None,
                };
                let name = &line.name;
                let help = match nearest {
                    Some(nearest) => format!(
                        "Is `{name}` meant to be `{nearest}`? Else name its classes, or write `classes: none`."
                    ),
                    None => {
                        format!("What is `{name}`? Name its classes, or write `classes: none`.")
                    }
                };
                open(
                    name,
                    format!("medicine `{name}`"),
                    Reason::Unrecognised,
                    help,
                )
            }
            Ask::Dose(line) => {
                let name = self.name_of(line).replace('_', " ");
                let reason = if line.given == "yes" {
                    Reason::NotGiven
                } else {
                    Reason::Imprecise
                };
                open(
                    &format!("{}.dose", self.name_of(line)),
                    format!("{name} dose"),
                    reason,
                    format!("Which dose of {name} is taken a day, in mg?"),
                )
            }
            Ask::Member(line) => of_line(
                line,
                Reason::Imprecise,
                "which one",
                "which medicine is it?",
            ),
            Ask::Taken(line) => of_line(line, line.reason, "taken now", "is it taken now?"),
            Ask::Went(line) => of_line(
                line,
                line.reason,
                "how it went",
                "how did the treatment go: inadequate response, intolerance?",
            ),
        }
    }

    fn open(&self, id: FactId, reason: Reason) -> Open {
        let fact = self.dictionary().fact(id);
        let not_said = |parent: FactId| self.profile.entries(parent).is_empty();
        let question = if !fact.when.is_empty() && fact.parent.is_some_and(not_said) {
            format!("If {}: {}", fact.when.join(" or "), fact.question)
        } else {
            fact.question.clone()
        };
        let name = |id: &FactId| self.dictionary().fact(*id).id.clone();
        Open {
            fact: fact.id.clone(),
            name: fact.name.clone(),
            reason,
            question,
            sample: fact.sample.clone(),
            after: fact.ask_after.as_ref().map(name),
            part_of: fact.groups.iter().map(name).collect(),
        }
    }
}

/// A question that is not one of the dictionary.
fn open(fact: &str, name: impl Into<String>, reason: Reason, question: impl Into<String>) -> Open {
    Open {
        fact: fact.to_owned(),
        name: name.into(),
        reason,
        question: question.into(),
        sample: None,
        after: None,
        part_of: Vec::new(),
    }
}
