//! The quiz: its questions are marked by the evaluation, and every option is what it is marked as.

use std::collections::BTreeSet;
use std::fs;

use jakscreen::quiz::{Answers, Given, Key, Lesson, Mark, Marked, Quiz, Results, builtin_cases};
use jakscreen::{
    Conclusion, FindingOutcome, Library, PlanChange, Profile, Screening, Style, TestStatus, render,
};
use serde_json::Value;

use super::binary::{err, jakscreen, out, scratch, with_stdin};
use super::cohort;

/// A case: its name, the text of its profile, and the quiz.
struct Case {
    name: String,
    text: String,
    profile: Profile,
    quiz: Quiz,
}

impl Case {
    fn new(library: &Library, name: &str, text: &str, lesson: Option<&Lesson>) -> Self {
        let profile = Profile::read(library, name, text).unwrap_or_else(|e| panic!("{e}"));
        let day = profile.as_of().unwrap_or(cohort::day());
        Self {
            quiz: Quiz::new(library, &profile, day, name, lesson),
            name: name.to_owned(),
            text: text.to_owned(),
            profile,
        }
    }

    fn screening(&self, library: &Library) -> Screening {
        let day = self.profile.as_of().unwrap_or(cohort::day());
        library.screen(&self.profile, day)
    }

    fn marked(&self) -> Marked {
        self.quiz.mark(&Given::default())
    }

    /// What is right, or its contrary.
    fn given(&self, right: bool) -> Given {
        let marked = self.marked();
        let options = marked.next.options.iter();
        let chosen = options.filter(|o| matches!(o.key, Key::Settles(_)) == right);
        let other = |c: Conclusion| match c {
            Conclusion::Barrier => Conclusion::NoFlags,
            _ => Conclusion::Barrier,
        };
        let labels = marked.labels.iter();
        Given {
            next: Some(chosen.map(|o| o.option.fact.clone()).collect()),
            conclusions: labels
                .map(|l| {
                    (
                        l.asked.label.clone(),
                        if right { l.right } else { other(l.right) },
                    )
                })
                .collect(),
        }
    }
}

/// The cases that come with the program.
fn teaching(library: &Library) -> Vec<Case> {
    let files = builtin_cases();
    let lesson_of = |name: &str| {
        let name = format!("{name}.lesson.yaml");
        let (_, text) = files.iter().find(|(n, _)| *n == name).expect("a lesson");
        Lesson::read(library, &name, text).unwrap_or_else(|e| panic!("{e}"))
    };
    let profiles = files.iter().filter(|(n, _)| !n.ends_with(".lesson.yaml"));
    profiles
        .map(|(file, text)| {
            let name = file.strip_suffix(".yaml").expect("a YAML file");
            Case::new(library, name, text, Some(&lesson_of(name)))
        })
        .collect()
}

/// Every other patient among the examples, without a lesson.
fn patients(library: &Library) -> Vec<Case> {
    let mut texts = cohort::texts();
    for entry in fs::read_dir("examples/profiles").expect("profiles") {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        texts.push((
            name.into_owned(),
            fs::read_to_string(&path).expect("a profile"),
        ));
    }
    let case = |(name, text): &(String, String)| Case::new(library, name, text, None);
    texts.iter().map(case).collect()
}

/// All that a case can print.
fn texts(case: &Case) -> Vec<String> {
    let style = Style::default();
    let givens = [Given::default(), case.given(true), case.given(false)];
    let mut texts = vec![render::quiz::questions([case.quiz.questions()], style)];
    texts.push(serde_json::to_string(case.quiz.questions()).expect("JSON"));
    for given in givens {
        let results = Results::of(vec![case.quiz.mark(&given)]);
        texts.push(render::quiz::results(&results, style));
        texts.push(serde_json::to_string(&results).expect("JSON"));
    }
    texts
}

#[test]
fn the_twelve_cases_read_and_show_what_their_lessons_cite() {
    let library = Library::builtin();
    let cases = teaching(&library);
    assert_eq!(cases.len(), 12);
    let mut ids = BTreeSet::new();
    for case in &cases {
        assert_eq!(case.profile.warnings(), [], "{}", case.name);
        ids.insert(case.profile.patient().expect("an id").to_owned());
        let marked = case.marked();
        assert!(!marked.points.is_empty(), "{}", case.name);
        for cited in marked.points.iter().flat_map(|p| &p.criteria) {
            assert!(
                cited.outcome.is_some(),
                "{}: {}",
                case.name,
                cited.criterion
            );
        }
    }
    assert_eq!(ids.len(), 12, "{ids:?}");
    // What is compiled in is what stands in the folder.
    for (name, text) in builtin_cases() {
        let file = fs::read_to_string(format!("examples/cases/{name}")).expect("a case");
        assert_eq!(file, text, "{name}");
    }
}

#[test]
fn no_text_says_safe_and_no_line_is_longer_than_a_terminal() {
    let library = Library::builtin();
    for (name, text) in builtin_cases() {
        assert!(!text.to_lowercase().contains("safe"), "{name}");
    }
    for case in teaching(&library).iter().chain(&patients(&library)) {
        for text in texts(case) {
            assert!(
                !text.to_lowercase().contains("safe"),
                "{}: {text}",
                case.name
            );
            let lines = text.lines().filter(|_| !text.starts_with('{'));
            for line in lines {
                assert!(line.chars().count() <= 80, "{}: {line}", case.name);
            }
        }
    }
}

/// What is open in findings that count or of the indication, and listed tests without a result.
fn counting(screening: &Screening) -> BTreeSet<&str> {
    let mut open = BTreeSet::new();
    for c in &screening.checklists {
        let unknown = c.findings.iter();
        let unknown = unknown.filter(|f| f.outcome == FindingOutcome::Unknown && f.counts());
        open.extend(unknown.flat_map(|f| &f.open).map(|o| o.fact.as_str()));
        open.extend(c.eligibility.open.iter().map(|o| o.fact.as_str()));
        let listed = c.tests.iter().filter(|t| t.before_starting);
        let missing = listed.filter(|t| t.status != TestStatus::Done);
        open.extend(missing.map(|t| t.test.as_str()));
    }
    open
}

/// Whatever is open in any way.
fn open(screening: &Screening) -> BTreeSet<&str> {
    let mut open = counting(screening);
    for c in &screening.checklists {
        open.extend(
            c.findings
                .iter()
                .flat_map(|f| &f.open)
                .map(|o| o.fact.as_str()),
        );
        open.extend(c.questions.iter().map(|q| q.about.fact.as_str()));
        for test in c.tests.iter().filter(|t| t.status != TestStatus::Done) {
            open.extend(test.or.iter().chain([&test.test]).map(String::as_str));
        }
    }
    open
}

#[test]
fn what_is_marked_right_is_open_and_counts_and_what_is_not_changes_nothing_open() {
    let library = Library::builtin();
    for case in teaching(&library).iter().chain(&patients(&library)) {
        let screening = case.screening(&library);
        let (counting, open) = (counting(&screening), open(&screening));
        let marked = case.marked();
        let options = &marked.next.options;
        assert!(
            (6..=8).contains(&options.len()),
            "{}: {options:#?}",
            case.name
        );
        let names: BTreeSet<&str> = options.iter().map(|o| o.option.fact.as_str()).collect();
        assert_eq!(names.len(), options.len(), "{}", case.name);
        let mut others = 0;
        for option in options {
            let fact = option.option.fact.as_str();
            let of = format!("{}: {fact}", case.name);
            match &option.key {
                Key::Settles(settles) => {
                    assert!(counting.contains(fact), "{of}");
                    assert!(!settles.is_empty(), "{of}");
                }
                Key::Known(evidence) => {
                    others += 1;
                    assert!(!open.contains(fact), "{of}");
                    assert!(!evidence.out_of_date && !evidence.path.is_empty(), "{of}");
                }
                Key::NotAsked(documents) => {
                    others += 1;
                    assert!(!open.contains(fact) && !documents.is_empty(), "{of}");
                }
            }
        }
        assert!(others >= 2, "{}", case.name);
        // Where nothing that counts is open, none of these is right, and the other way round.
        let wanted = options.len() - others;
        assert_eq!(wanted == 0, counting.is_empty(), "{}", case.name);
        assert!(!marked.labels.is_empty(), "{}", case.name);
    }
}

#[test]
fn what_no_document_asks_for_changes_no_finding_whatever_it_is() {
    let library = Library::builtin();
    for case in teaching(&library) {
        let findings = |s: &Screening| -> Vec<(String, FindingOutcome)> {
            let all = s.checklists.iter().flat_map(|c| &c.findings);
            all.map(|f| (f.criterion.clone(), f.outcome)).collect()
        };
        let before = findings(&case.screening(&library));
        for option in case.marked().next.options {
            let Key::NotAsked(_) = option.key else {
                continue;
            };
            let test = option.option.fact.as_str();
            let mut told = 0;
            for value in ["yes", "no", "pending", "unknown"] {
                let change = format!("{test}={value}");
                let plan = PlanChange::default();
                let day = cohort::day();
                let read =
                    Profile::read_changed(&library, &case.name, &case.text, &plan, &change, day);
                let Ok(profile) = read else { continue };
                told += 1;
                let after = findings(&library.screen(&profile, day));
                assert_eq!(before, after, "{}: {change}", case.name);
            }
            assert!(told > 0, "{}: {test}", case.name);
        }
    }
}

#[test]
fn right_answers_get_all_points_and_wrong_ones_none_and_every_run_asks_the_same() {
    let library = Library::builtin();
    let again = Library::builtin();
    for case in teaching(&library).iter().chain(&patients(&library)) {
        let all = case.quiz.mark(&case.given(true)).score;
        assert_eq!(all.points, all.of, "{}", case.name);
        assert!(all.of >= 2, "{}", case.name);
        for given in [case.given(false), Given::default()] {
            let score = case.quiz.mark(&given).score;
            assert_eq!((score.points, score.of), (0, all.of), "{}", case.name);
        }
        let twin = Case::new(&again, &case.name, &case.text, None);
        let facts = |c: &Case| -> Vec<String> {
            let options = c.quiz.questions().options.iter();
            options.map(|o| o.fact.clone()).collect()
        };
        assert_eq!(facts(case), facts(&twin), "{}", case.name);
    }
}

#[test]
fn a_wrong_option_takes_a_point_off() {
    let library = Library::builtin();
    let cases = teaching(&library);
    let case = cases
        .iter()
        .find(|c| c.name == "two-low-values")
        .expect("it");
    let next = |facts: &[&str]| {
        let facts: Vec<String> = facts.iter().map(|f| (*f).to_owned()).collect();
        let marked = case.quiz.mark_next(Some(&facts));
        let right = marked.options.iter().filter(|o| o.mark == Mark::Right);
        (marked.score.points, marked.score.of, right.count())
    };
    assert_eq!(next(&["hcv_antibody", "weight"]), (2, 2, 2));
    assert_eq!(next(&["hcv_antibody"]), (1, 2, 1));
    assert_eq!(next(&["hcv_antibody", "weight", "hbsag"]), (1, 2, 2));
    assert_eq!(next(&["hbsag"]), (0, 2, 0));
    assert_eq!(next(&[]), (0, 2, 0));
    // Where nothing is open, saying so is right.
    let case = cases.iter().find(|c| c.name == "only-a-cream").expect("it");
    let points = |next: Option<Vec<String>>| case.quiz.mark_next(next.as_deref()).score.points;
    assert_eq!(points(Some(Vec::new())), 1);
    assert_eq!(points(Some(vec!["hbsag".to_owned()])), 0);
    assert_eq!(points(None), 0);
}

#[test]
fn one_case_asked_and_marked() {
    let library = Library::builtin();
    let cases = teaching(&library);
    let name = "a-second-look-at-the-serology";
    let case = cases.iter().find(|c| c.name == name).expect("it");
    let text = "a-second-look-at-the-serology:\n  next: [platelets, hbsag]\n  conclusions: { us: barrier, eu: weigh }\n";
    let quizzes = [case.quiz.clone()];
    let answers = Answers::read(&quizzes, "answers.yaml", text).unwrap_or_else(|e| panic!("{e}"));
    let results = Results::of(vec![case.quiz.mark(answers.of(name).expect("answers"))]);
    let style = Style::default();
    let json = |value: &dyn Fn() -> serde_json::Result<String>| value().expect("JSON");
    let formats = [
        (
            "questions",
            render::quiz::questions([case.quiz.questions()], style),
        ),
        (
            "questions-json",
            json(&|| serde_json::to_string_pretty(case.quiz.questions())),
        ),
        ("marked", render::quiz::results(&results, style)),
        (
            "marked-json",
            json(&|| serde_json::to_string_pretty(&results)),
        ),
    ];
    for (format, text) in formats {
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true, snapshot_suffix => format }, {
            insta::assert_snapshot!("quiz", text);
        });
    }
}

#[test]
fn a_file_of_answers_is_marked() {
    let blank = out(&jakscreen(&["quiz", "two-low-values", "--blank-answers"]));
    let path = scratch("answers.yaml");
    let answers = |text: &str| {
        fs::write(&path, text).expect("a file");
        path.to_str().expect("a path").to_owned()
    };
    let filled = blank
        .replace("next:", "next: [hcv_antibody, weight]")
        .replace("us:", "us: incomplete")
        .replace("eu:", "eu: barrier");
    let file = answers(&filled);
    let marked = jakscreen(&["quiz", "two-low-values", "--answers", &file]);
    assert_eq!(marked.status.code(), Some(0), "{}", err(&marked));
    assert!(
        out(&marked).contains("4 of 4 points in 1 case"),
        "{}",
        out(&marked)
    );
    assert_eq!(err(&marked), "");
    // Without a case, all are asked; the others are said not to be answered.
    let marked = jakscreen(&["quiz", "--answers", &file, "--format", "json"]);
    let result: Value = serde_json::from_str(&out(&marked)).expect("JSON");
    assert_eq!(result["schema"], "jakscreen/quiz/1");
    assert_eq!(result["cases"].as_array().map(Vec::len), Some(1));
    assert_eq!(result["score"]["points"], 4);
    assert!(
        err(&marked).contains("11 of 12 cases are not answered"),
        "{}",
        err(&marked)
    );
    // Left empty is not answered.
    let file = answers(&blank);
    let marked = jakscreen(&["quiz", "two-low-values", "--answers", &file]);
    assert!(out(&marked).contains("not answered"), "{}", out(&marked));
    assert!(
        out(&marked).contains("0 of 4 points in 1 case"),
        "{}",
        out(&marked)
    );
    // JSON, from standard input.
    let given = br#"{ "two-low-values": { "next": "hcv_antibody" } }"#;
    let marked = with_stdin(&["quiz", "two-low-values", "--answers", "-"], given);
    assert!(out(&marked).contains("1 of 4 points"), "{}", err(&marked));
}

#[test]
fn a_bad_file_of_answers_is_shown_at_its_places() {
    let refused = |text: &str| {
        let output = with_stdin(
            &["quiz", "two-low-values", "--answers", "-"],
            text.as_bytes(),
        );
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert_eq!(out(&output), "", "{text}");
        let said = err(&output);
        assert!(said.contains("Nothing was marked."), "{said}");
        said
    };
    let said = refused(
        "two-low-valeus: {}\n\
         two-low-values:\n  nxt: none\n  next: [hcv_antibodies, igra]\n  conclusions: { us: barier, uk: weigh }\n",
    );
    for part in [
        "6 errors",
        "did you mean `two-low-values`?",
        "known keys: next, conclusions",
        "did you mean `hcv_antibody`?",
        "no option `igra` here",
        "did you mean `barrier`?",
        "write one of: us, eu",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(said.contains(":4:"), "{said}");
    let said = refused("two-low-values: { next: [none, weight] }");
    assert!(said.contains("both something and none"), "{said}");
    assert!(refused("").contains("start with `two-low-values:`"));
    assert!(refused("- a\n").contains("must be a mapping"));
    assert!(refused("two-low-values: { next: { a: b } }").contains("must be a single value"));
    assert!(refused("a: [").contains("error"));
}

#[test]
fn asked_line_by_line() {
    let ask = |lines: &str| {
        let output = with_stdin(&["quiz", "two-low-values"], lines.as_bytes());
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        out(&output)
    };
    let text = ask("9\nlymphocytes\n\n4, 7\n5\n2\nbarrier\n");
    assert_eq!(text.matches("That is no answer").count(), 4, "{text}");
    assert!(text.contains("4 of 4 points in 1 case"), "{text}");
    // Leaving, and the end of the input: the cases that were finished.
    for lines in ["q\n", "", "none\nq\n", "none\n1\n"] {
        assert!(ask(lines).contains("0 of 0 points in 0 cases"), "{lines:?}");
    }
    let two = with_stdin(&["quiz"], b"none\n1\nq\n");
    assert!(
        out(&two).contains("1 of 5 points in 1 case"),
        "{}",
        out(&two)
    );
    assert!(
        out(&two).contains("a-second-look-at-the-serology"),
        "{}",
        out(&two)
    );
}

#[test]
fn any_profile_is_a_case_and_a_folder_is_its_cases() {
    let alone = with_stdin(&["quiz", "examples/profiles/demo-0067.yaml"], b"none\n1\n");
    assert!(
        out(&alone).contains("THE FILE, as of 21-Nov-2026"),
        "{}",
        out(&alone)
    );
    assert!(out(&alone).contains("in 1 case"), "{}", out(&alone));
    assert_eq!(err(&alone), "");
    let beside = jakscreen(&["quiz", "examples/cases/two-low-values.yaml", "--questions"]);
    let named = jakscreen(&["quiz", "two-low-values", "--questions"]);
    assert_eq!(out(&beside), out(&named));
    let folder = jakscreen(&["quiz", "examples/cases", "--questions"]);
    let all = jakscreen(&["quiz", "--questions"]);
    assert_eq!(out(&folder), out(&all));
    let one = jakscreen(&["quiz", "two-low-values", "--questions", "--label", "us"]);
    assert!(!out(&one).contains("eu/tofacitinib"), "{}", out(&one));
}

#[test]
fn what_is_handed_out_does_not_say_what_is_right() {
    let questions = jakscreen(&["quiz", "--questions", "--format", "json"]);
    let text = out(&questions);
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["cases"].as_array().map(Vec::len), Some(12));
    for key in [
        "settles",
        "headline",
        "findings",
        "right",
        "not_asked",
        "points",
    ] {
        assert!(!text.contains(&format!("\"{key}\"")), "{key}");
    }
}

#[test]
fn what_cannot_be_asked_is_said() {
    let refused = |arguments: &[&str], part: &str| {
        let output = jakscreen(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains(part), "{}", err(&output));
    };
    refused(&["quiz", "--format", "json"], "--questions or --answers");
    refused(&["quiz", "-"], "both a profile and the answers");
    refused(&["quiz", "no-such-case"], "no-such-case");
    refused(
        &["quiz", "no-such-case"],
        "The cases are: a-second-look-at-the-serology, ",
    );
    refused(
        &["quiz", "two-low-valeus"],
        "did you mean `two-low-values`?",
    );
    refused(
        &["quiz", "tests/bad/profiles/bad-date.yaml"],
        "was not screened",
    );
    refused(
        &["quiz", "--answers", "no-such-file.yaml"],
        "no-such-file.yaml",
    );
    let folder = scratch("quiz-lessons");
    fs::create_dir_all(&folder).expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a file");
    let path = folder.to_str().expect("a path").to_owned();
    write("x.lesson.yaml", "title: T\nstory: S\n");
    refused(&["quiz", &path], "no profiles here");
    write(
        "x.yaml",
        "plan: { drug: tofacitinib, indication: rheumatoid_arthritis, label: us }\n",
    );
    write(
        "x.lesson.yaml",
        "title: T\npoints:\n  - text: P\n    criteria: [us/tofacitinib/lymphocyte-low]\n",
    );
    refused(
        &["quiz", &path],
        "did you mean `us/tofacitinib/lymphocytes-low`?",
    );
    refused(&["quiz", &path], "a lesson has no `story`");
}
