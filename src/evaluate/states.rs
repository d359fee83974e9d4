//! States derived from several facts: TB infection, active hepatitis, pregnancy, the hepatitis B pattern.
//!
//! What is listed as unknown never lets one of them be denied.

use super::{Ask, Judge, Pass, Read, Reply};
use crate::dictionary::{FactId, PREGNANCY};
use crate::outcome::Outcome::{self, Met, NotMet};
use crate::outcome::Reason;
use crate::profile::{Silence, Value};

impl Judge<'_> {
    /// A derived yes or no.
    pub(super) fn derived_state(&self, id: FactId, pass: Pass) -> Reply<'_> {
        match self.dictionary().fact(id).id.as_str() {
            "tb_infection" => self.tb_infection(pass),
            "active_hepatitis_b" => {
                self.active_hepatitis(id, "hbsag", "anti_hbc", "hbv_dna", "hepatitis_b", pass)
            }
            "active_hepatitis_c" => self.active_hepatitis(
                id,
                "hcv_rna",
                "hcv_antibody",
                "hcv_rna",
                "hepatitis_c",
                pass,
            ),
            "pregnancy_possible" => self.pregnancy_possible(pass),
            "current_pregnancy" => self.current_pregnancy(pass),
            "cyp2c19_poor_metabolizer" => self.cyp2c19_poor_metabolizer(pass),
            _ => Reply::unknown(Vec::new(), vec![Ask::Fact(id, Reason::NotGiven)]),
        }
    }

    /// Known or suspected: yes if the genotype or a suspicion says so; no if the genotype says otherwise, unless the suspicion
    /// is given as unknown, or if there is no genotype and the suspicion is denied. No label read asks for the genotype.
    fn cyp2c19_poor_metabolizer(&self, pass: Pass) -> Reply<'_> {
        let genotype = self.says("cyp2c19_phenotype", "poor", pass);
        let suspicion = "suspected_cyp2c19_poor_metabolizer";
        let suspected = self.says(suspicion, "yes", pass);
        match (genotype.outcome, suspected.outcome) {
            (Met, _) | (NotMet, NotMet) => genotype,
            (NotMet, Outcome::Unknown) if !self.listed_as_unknown(suspicion) => genotype,
            (Outcome::Unknown, NotMet) if self.may_be_known("cyp2c19_phenotype") => genotype,
            _ => suspected,
        }
    }

    fn says(&self, name: &str, word: &str, pass: Pass) -> Reply<'_> {
        let Some(id) = self.id(name) else {
            return Reply::known(NotMet, Vec::new());
        };
        match self.dictionary().fact(id).choice(word) {
            Some(choice) => self.one_of(id, &[choice], pass),
            None => self.present(id, pass),
        }
    }

    fn listed(&self, name: &str) -> bool {
        self.id(name)
            .is_some_and(|id| !self.profile.entries(id).is_empty())
    }

    /// Whether a result is awaited, unclear, or part of what was given as unknown.
    fn may_be_known(&self, name: &str) -> bool {
        self.listed(name) || self.listed_as_unknown(name)
    }

    fn listed_as_unknown(&self, name: &str) -> bool {
        let Some(id) = self.id(name) else {
            return false;
        };
        let section = self.dictionary().fact(id).section;
        self.profile.silence(section) == Silence::Unknown
            || self
                .profile
                .entries(id)
                .iter()
                .any(|e| matches!(e.value, Value::Missing(_)))
    }

    /// Yes if latent TB is listed, or any IGRA or TST was ever positive; no if one is negative and in date, latent TB is not
    /// listed, and a later exposure is ruled out; else unknown.
    fn tb_infection(&self, pass: Pass) -> Reply<'_> {
        let latent = self.says("latent_tuberculosis", "yes", pass);
        let tests = [
            self.says("igra", "positive", pass),
            self.says("tst", "positive", pass),
        ];
        let positive: Vec<Read<'_>> = tests
            .iter()
            .chain([&latent])
            .filter(|a| a.outcome == Met)
            .flat_map(|a| a.read.clone())
            .collect();
        if !positive.is_empty() {
            return Reply::known(Met, positive);
        }
        let negative: Vec<Read<'_>> = tests
            .iter()
            .filter(|a| a.outcome == NotMet)
            .flat_map(|a| a.read.clone())
            .collect();
        if negative.is_empty() {
            let (igra, tst) = (&tests[0], &tests[1]);
            let mut open = if self.listed("tst") && !self.listed("igra") {
                tst.open.clone()
            } else {
                igra.open.clone()
            };
            if open
                .iter()
                .any(|o| matches!(o, Ask::Fact(_, Reason::Indeterminate)))
            {
                // Neither positive nor negative: repeat it, and do the other test.
                open.extend(tst.open.clone());
            }
            let read = tests.iter().flat_map(|a| a.read.clone()).collect();
            return Reply::unknown(read, open);
        }
        let mut open: Vec<Ask<'_>> = Vec::new();
        if self.listed_as_unknown("latent_tuberculosis") {
            open.extend(latent.open);
        }
        for test in ["igra", "tst"] {
            // A result that is not known may be a positive one.
            if self.listed_as_unknown(test)
                && let Some(fact) = self.id(test)
                && self
                    .profile
                    .entries(fact)
                    .iter()
                    .any(|e| e.value == Value::Missing(Reason::NotGiven))
            {
                open.push(Ask::Fact(fact, Reason::NotGiven));
            }
        }
        for fact in self.exposures() {
            let exposed = self.present(fact, pass);
            if exposed.outcome == Outcome::Unknown {
                open.extend(exposed.open);
            }
        }
        if open.is_empty() {
            Reply::known(NotMet, negative)
        } else {
            Reply::unknown(negative, open)
        }
    }

    /// Yes if the direct marker or the virus is found; no if the direct marker is negative and the antibody or the virus is
    /// too. What is listed without a value rules nothing out, nor does a history of the infection without the virus' test.
    fn active_hepatitis(
        &self,
        id: FactId,
        marker: &str,
        antibody: &str,
        virus: &str,
        history: &str,
        pass: Pass,
    ) -> Reply<'_> {
        let of_marker = self.says(marker, "positive", pass);
        let of_antibody = self.says(antibody, "positive", pass);
        let of_virus = self.says(virus, "positive", pass);
        let positive: Vec<Read<'_>> = [&of_marker, &of_virus]
            .into_iter()
            .filter(|a| a.outcome == Met)
            .flat_map(|a| a.read.clone())
            .collect();
        if !positive.is_empty() {
            return Reply::known(Met, positive);
        }
        let history_open = self.listed_as_unknown(history)
            || self.id(history).is_some_and(|h| {
                let entries = self.profile.entries(h);
                entries.iter().any(|e| !matches!(e.value, Value::Absent))
            });
        let virus_silent = !self.listed(virus) && !self.listed_as_unknown(virus);
        let marker_negative = marker == virus || of_marker.outcome == NotMet;
        let no_virus = of_virus.outcome == NotMet;
        let no_antibody = of_antibody.outcome == NotMet && virus_silent && !history_open;
        if marker_negative && (no_virus || no_antibody) {
            let parts = if no_virus {
                [&of_marker, &of_virus]
            } else {
                [&of_marker, &of_antibody]
            };
            let read = parts
                .into_iter()
                .filter(|a| a.outcome == NotMet)
                .flat_map(|a| a.read.clone())
                .collect();
            return Reply::known(NotMet, read);
        }
        let mut open = Vec::new();
        if marker != virus && of_marker.outcome != NotMet {
            open.extend(of_marker.open.clone());
        }
        let after_virus = of_antibody.outcome == Met || history_open || !virus_silent;
        if after_virus && !no_virus {
            open.extend(of_virus.open.clone());
        } else if of_antibody.outcome == Outcome::Unknown && !no_virus {
            open.extend(of_antibody.open.clone());
        }
        if open.is_empty() {
            open.push(Ask::Fact(id, Reason::NotGiven));
        }
        let read = [of_marker, of_antibody]
            .into_iter()
            .filter(|a| a.outcome != Outcome::Unknown)
            .flat_map(|a| a.read)
            .collect();
        Reply::unknown(read, open)
    }

    /// No for men, after the menopause, a hysterectomy or the removal of both ovaries, and before the first period; yes if
    /// none of these applies; else unknown.
    fn pregnancy_possible(&self, pass: Pass) -> Reply<'_> {
        let Some(sex) = self.id("sex") else {
            return Reply::known(NotMet, Vec::new());
        };
        let male = self.says("sex", "male", pass);
        if male.outcome == Met {
            return Reply::known(NotMet, male.read);
        }
        if self.says("sex", "female", pass).outcome != Met {
            let open = if male.open.is_empty() {
                vec![Ask::Fact(sex, Reason::Imprecise)]
            } else {
                male.open
            };
            return Reply::unknown(male.read, open);
        }
        let ends = [
            ("menopause", false),
            ("menarche", true),
            ("hysterectomy", false),
            ("bilateral_oophorectomy", false),
        ];
        let mut open = Vec::new();
        let mut read = male.read;
        for (name, inverted) in ends {
            if inverted && !self.listed(name) && !self.listed_as_unknown(name) {
                // Asked of children only: an adult's silence on it says nothing.
                continue;
            }
            let Some(id) = self.id(name) else { continue };
            let mut answer = self.present(id, pass);
            if inverted {
                answer.outcome = answer.outcome.not();
            }
            match answer.outcome {
                Met => return Reply::known(NotMet, answer.read),
                Outcome::Unknown => open.extend(answer.open),
                NotMet => read.extend(answer.read),
            }
        }
        // After the menopause surgery does not matter: ask for it first.
        if let Some(first) = open.first().copied() {
            return Reply::unknown(read, vec![first]);
        }
        Reply::known(Met, read)
    }

    /// Yes if stated or a test is positive; no if denied, a test in date is negative, or a pregnancy is not possible, unless
    /// one of them is listed as unknown.
    fn current_pregnancy(&self, pass: Pass) -> Reply<'_> {
        let sources = [
            ("pregnancy", self.says("pregnancy", "yes", pass)),
            (
                "pregnancy_test",
                self.says("pregnancy_test", "positive", pass),
            ),
        ];
        let with = |wanted: Outcome| {
            sources
                .iter()
                .filter(|(_, a)| a.outcome == wanted)
                .flat_map(|(_, a)| a.read.clone())
                .collect::<Vec<Read<'_>>>()
        };
        if sources.iter().any(|(_, a)| a.outcome == Met) {
            return Reply::known(Met, with(Met));
        }
        let open: Vec<Ask<'_>> = sources
            .iter()
            .filter(|(name, a)| a.outcome == Outcome::Unknown && self.listed_as_unknown(name))
            .flat_map(|(_, a)| a.open.clone())
            .collect();
        if open.is_empty() && sources.iter().any(|(_, a)| a.outcome == NotMet) {
            return Reply::known(NotMet, with(NotMet));
        }
        let asked = if open.is_empty() {
            sources
                .into_iter()
                .last()
                .map(|(_, a)| a.open)
                .unwrap_or_default()
        } else {
            open
        };
        Reply::unknown(Vec::new(), asked)
    }

    /// Pregnancy and breastfeeding, when nothing is said of them, are ruled out where a pregnancy is not possible; but surgery
    /// may have come after a birth, and does not rule out breastfeeding.
    pub(super) fn not_pregnant(&self, id: FactId, pass: Pass) -> Option<Reply<'_>> {
        let name = self.dictionary().fact(id).id.as_str();
        if !PREGNANCY.contains(&name)
            || self.profile.silence(self.dictionary().fact(id).section) == Silence::Unknown
        {
            return None;
        }
        let possible = self.pregnancy_possible(pass);
        let surgery = ["hysterectomy", "bilateral_oophorectomy"].map(|s| self.id(s));
        let of_surgery =
            |r: &Read<'_>| matches!(r, Read::Entry { fact, .. } if surgery.contains(&Some(*fact)));
        if possible.outcome != NotMet
            || (name == "breastfeeding" && possible.read.iter().any(of_surgery))
        {
            return None;
        }
        Some(Reply::known(NotMet, possible.read))
    }

    /// A derived choice: the hepatitis B pattern.
    pub(super) fn derived_choice(&self, id: FactId, choices: &[u16], pass: Pass) -> Reply<'_> {
        let fact = self.dictionary().fact(id);
        let markers = [
            self.says("hbsag", "positive", pass),
            self.says("anti_hbc", "positive", pass),
            self.says("anti_hbs", "positive", pass),
        ];
        let outcomes: Vec<Outcome> = markers.iter().map(|m| m.outcome).collect();
        let pattern = match outcomes.as_slice() {
            [Met, _, _] => Some("infected"),
            [NotMet, Met, Met] => Some("past_infection"),
            [NotMet, Met, NotMet] => Some("isolated_core"),
            [NotMet, NotMet, Met] => Some("immune_by_vaccine"),
            [NotMet, NotMet, NotMet] => Some("not_immune"),
            _ => None,
        };
        let read: Vec<Read<'_>> = markers
            .iter()
            .filter(|m| m.outcome != Outcome::Unknown)
            .flat_map(|m| m.read.clone())
            .collect();
        match pattern.and_then(|p| fact.choice(p)) {
            Some(choice) => Reply::known(Outcome::of(choices.contains(&choice)), read),
            None => Reply::unknown(
                read,
                markers
                    .into_iter()
                    .filter(|m| m.outcome == Outcome::Unknown)
                    .flat_map(|m| m.open)
                    .collect(),
            ),
        }
    }
}
