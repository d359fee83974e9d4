//! Blank profiles and questions at the terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use chrono::NaiveDate;
use jakscreen::{Form, FormLine, Library, PlanChange, Profile, Screening, render};
use proptest::prelude::*;

use crate::binary::{err, jakscreen, out, scratch, with_stdin};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")
}

fn plan(drug: &str, indication: &str, labels: &[&str]) -> PlanChange {
    PlanChange {
        drug: Some(drug.to_owned()),
        indication: Some(indication.to_owned()),
        labels: labels.iter().map(|l| (*l).to_owned()).collect(),
    }
}

/// Every drug with each of its labels and each of their indications; then with both labels, and once off-label.
fn plans(library: &Library) -> Vec<PlanChange> {
    let mut plans = Vec::new();
    for drug in library.drugs() {
        let labels = library.labels_of(drug);
        for label in &labels {
            for indication in library.indications_of(drug, label) {
                plans.push(plan(drug, indication, &[label]));
            }
        }
        if let [first, ..] = labels.as_slice() {
            for indication in library.indications_of(drug, first).into_iter().take(1) {
                plans.push(plan(drug, indication, &labels));
            }
            plans.push(plan(drug, "takayasu_arteritis", &labels));
        }
    }
    assert!(plans.len() > 60, "{}", plans.len());
    plans
}

fn form(library: &Library, plan: &PlanChange) -> Form {
    library.form(plan, day()).expect("a plan of the library")
}

/// The checklist of a text, without what is of the text itself.
fn checklist(library: &Library, text: &str) -> (Screening, String) {
    let profile = Profile::read(library, "a form", text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(profile.warnings(), &[], "{text}");
    let screening = library.screen(&profile, day());
    let json = render::json(&screening)
        .replace(&screening.run, "")
        .replace(&screening.patient.profile_hash, "");
    (screening, json)
}

/// The facts and lists that a screening leaves open, with the tests it lists.
fn open(screening: &Screening) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for c in &screening.checklists {
        let findings = c.findings.iter().filter(|f| f.suppressed.is_none());
        let facts = findings.flat_map(|f| &f.open).chain(&c.eligibility.open);
        all.extend(facts.map(|o| o.fact.clone()));
        for test in &c.tests {
            all.insert(test.test.clone());
            all.extend(test.or.iter().cloned());
        }
    }
    all
}

#[test]
fn a_blank_form_says_nothing_but_the_plan_and_asks_for_all_it_leaves_open() {
    let library = Library::builtin();
    for plan in plans(&library) {
        let form = form(&library, &plan);
        let blank = render::blank(&form);
        let bare = format!(
            "plan: {{ drug: {}, indication: {}, label: [{}] }}",
            form.drug,
            form.indication,
            form.labels.join(", ")
        );
        let (screening, of_plan) = checklist(&library, &bare);
        assert_eq!(checklist(&library, &blank).1, of_plan, "{plan:?}");
        let asked: BTreeSet<String> = form.lines.iter().map(|l| l.fact.clone()).collect();
        for fact in open(&screening) {
            assert!(asked.contains(&fact), "{fact} of {plan:?} is not asked for");
        }
        for line in blank.lines() {
            assert!(line.chars().count() <= 80, "{plan:?}: {line}");
        }
        assert!(!blank.to_lowercase().contains("safe"));
        let crlf = blank.replace('\n', "\r\n");
        assert_eq!(checklist(&library, &crlf).1, of_plan, "{plan:?}");
    }
}

/// A value from the line's own words and units: the first, or the last.
fn value(library: &Library, form: &Form, line: &FormLine, last: bool) -> String {
    let dated = || "2026-11-10".to_owned();
    match line.key.as_str() {
        "born" => return "1980-05-01".to_owned(),
        "dose" => return "15 mg daily".to_owned(),
        "start" => return "2026-12-01".to_owned(),
        "as_of" => return "2026-11-21".to_owned(),
        "patient" => return "A-17".to_owned(),
        "no_suitable_alternative" => return "all others were tried".to_owned(),
        _ => {}
    }
    if line.is_day() || line.expects == "a date" {
        return dated();
    }
    let word = if last {
        line.words.last()
    } else {
        line.words.first()
    };
    if let Some(word) = word {
        let event = line.expects.starts_with("no, yes, or a date");
        return if event && last { dated() } else { word.clone() };
    }
    let unit = if last {
        line.units.last()
    } else {
        line.units.first()
    };
    let unit = unit.unwrap_or_else(|| panic!("{} takes nothing", line.key));
    let reads = |value: &String| {
        let dated = render::blank(form).replace("date: unknown", "date: 2026-11-10");
        let text = form.answered(&dated, line, value).expect("a line");
        Profile::read(library, "a form", &text).is_ok_and(|p| p.warnings().is_empty())
    };
    let numbers = [
        "1", "4", "40", "100", "150", "1500", "0.4", "0.05", "150000",
    ];
    let mut values = numbers.iter().map(|n| format!("{n} {unit}"));
    values
        .find(reads)
        .unwrap_or_else(|| panic!("no number of {unit} is a value of {}", line.key))
}

fn id(line: &FormLine) -> String {
    let sample = line.sample.as_ref().filter(|_| line.is_day());
    format!(
        "{} {:?} {} {sample:?}",
        line.section, line.part_of, line.key
    )
}

/// Answers what is open until nothing is: one line after the other, or all that is open at once. The answers are given back
/// in their order; a list is left empty.
fn answer_all(
    library: &Library,
    form: &Form,
    text: &mut String,
    last: bool,
    one_by_one: bool,
) -> Vec<Answer> {
    let mut passed: BTreeSet<String> = BTreeSet::new();
    let mut answers = Vec::new();
    for _ in 0..300 {
        let profile =
            Profile::read(library, "a form", text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let mut open = form.open(library, &profile, text, day());
        open.retain(|l| !passed.contains(&id(l)));
        if one_by_one {
            open.truncate(1);
        }
        passed.extend(open.iter().map(id));
        if open.is_empty() {
            return answers;
        }
        for line in open {
            if line.is_list() {
                answers.push((line, String::new()));
                continue;
            }
            let value = if line.is_denial() {
                "no".to_owned()
            } else {
                value(library, form, &line, last)
            };
            let answered = form.answered(text, &line, &value);
            *text = answered.unwrap_or_else(|| panic!("{} takes no line", line.key));
            answers.push((line, value));
        }
    }
    panic!("it asks for ever");
}

#[test]
fn answered_as_it_is_asked_nothing_is_left_that_is_not_recorded() {
    let library = Library::builtin();
    for plan in plans(&library) {
        let form = form(&library, &plan);
        for last in [false, true] {
            let mut text = render::blank(&form);
            answer_all(&library, &form, &mut text, last, false);
            let profile = Profile::read(&library, "a form", &text).expect("a profile");
            let screening = library.screen(&profile, day());
            for c in &screening.checklists {
                let open = c
                    .findings
                    .iter()
                    .flat_map(|f| &f.open)
                    .chain(&c.eligibility.open);
                let left = open.filter(|o| o.reason.words() == "not recorded");
                let left: Vec<&str> = left.map(|o| o.fact.as_str()).collect();
                assert_eq!(left, Vec::<&str>::new(), "{plan:?} {last}\n{text}");
            }
        }
    }
}

/// Takes away the # and writes the value, as somebody with an editor does.
fn by_hand(blank: &str, form: &Form, values: &BTreeMap<String, String>) -> String {
    let mut text = blank.to_owned();
    for line in form.lines.iter().filter(|l| l.part_of.is_none()) {
        let value = values.get(&line.fact).filter(|_| !line.fact.is_empty());
        let Some(value) = value else { continue };
        let (open, own) = (
            format!("#{}:\n", line.key),
            format!("{}: unknown\n", line.key),
        );
        assert!(
            text.contains(&open) || text.contains(&own),
            "{} has no line",
            line.key
        );
        let given = format!("{}: {value}\n", line.key);
        text = if text.contains(&open) {
            text.replacen(&open, &given, 1)
        } else {
            text.replacen(&own, &given, 1)
        };
    }
    text.replace("date: unknown", "date: 2026-11-10")
        .replace("everything_else: unknown", "everything_else: no")
}

#[test]
fn every_line_filled_in_by_hand_is_read() {
    let library = Library::builtin();
    for plan in plans(&library) {
        let form = form(&library, &plan);
        let blank = render::blank(&form);
        for last in [false, true] {
            let mut values: BTreeMap<String, String> = BTreeMap::new();
            for line in form
                .lines
                .iter()
                .filter(|l| !l.fact.is_empty() && !l.is_list())
            {
                if line.part_of.is_none() {
                    values.insert(line.fact.clone(), value(&library, &form, line, last));
                }
            }
            // More about what is said: only where it is said.
            for line in form.lines.iter().filter(|l| l.part_of.is_some()) {
                let parent = line.part_of.clone().unwrap_or_default();
                let given = values.get(&parent).cloned().unwrap_or_default();
                let own = line.only_if.iter().find(|c| c.fact == parent);
                let fits = own.is_none_or(|c| {
                    c.is.contains(&given)
                        || (c.is.iter().any(|w| w == "yes") && given.starts_with('2'))
                });
                if given == "no" || given == "never" || !fits {
                    continue;
                }
                let mine = value(&library, &form, line, last);
                let inside = given.strip_prefix("{ ").and_then(|g| g.strip_suffix(" }"));
                let before = match (inside, given.as_str()) {
                    (Some(inside), _) => format!("{inside}, "),
                    (None, "yes") => String::new(),
                    (None, date) if date.starts_with('2') => format!("date: {date}, "),
                    (None, word) => format!("status: {word}, "),
                };
                values.insert(parent, format!("{{ {before}{}: {mine} }}", line.key));
            }
            // A group that is denied has no member.
            for line in &form.lines {
                let denied = |c: &jakscreen::OnlyIf| {
                    values.get(&c.fact).is_some_and(|v| v == "no") && c.is == ["yes"]
                };
                if line.part_of.is_none() && line.only_if.iter().any(denied) {
                    values.remove(&line.fact);
                }
            }
            let text = by_hand(&blank, &form, &values);
            if let Err(e) = Profile::read(&library, "a form", &text) {
                panic!("{plan:?} {last}: {e}\n{text}");
            }
        }
    }
}

#[test]
fn blank_forms_are_as_reviewed() {
    let library = Library::builtin();
    let one = form(
        &library,
        &plan("upadacitinib", "rheumatoid_arthritis", &["us"]),
    );
    let both = form(
        &library,
        &plan("tofacitinib", "ulcerative_colitis", &["us", "eu"]),
    );
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("blank-one-label", render::blank(&one));
        insta::assert_snapshot!("blank-both-labels", render::blank(&both));
    });
}

/// A line with what is written in it.
type Answer = (FormLine, String);

/// Read once: what all cases of a property share.
static ANSWERS: LazyLock<(Library, Form, Vec<Answer>)> = LazyLock::new(|| {
    let library = Library::builtin();
    let form = form(
        &library,
        &plan("baricitinib", "atopic_dermatitis", &["us", "eu"]),
    );
    let mut text = render::blank(&form);
    let answers = answer_all(&library, &form, &mut text, true, true);
    (library, form, answers)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever is answered first, the file says the same in the end.
    #[test]
    fn the_order_of_answers_changes_nothing(keys in proptest::collection::vec(any::<u16>(), 200)) {
        let (library, form, answers) = &*ANSWERS;
        let text_of = |answers: &[Answer]| {
            let mut text = render::blank(form);
            for (line, value) in answers.iter().filter(|(l, _)| !l.is_list()) {
                text = form.answered(&text, line, value).expect("a line");
                Profile::read(library, "a form", &text).expect("a profile at every step");
            }
            render::json(&library.screen(&Profile::read(library, "a form", &text).expect("a profile"), day()))
        };
        let mut mixed: Vec<_> = answers.iter().cloned().zip(keys).collect();
        // The day of a sample comes before its results, and what is part of a line after it.
        mixed.sort_by_key(|((line, _), key)| (!line.is_day(), line.part_of.is_some(), *key));
        let mixed: Vec<_> = mixed.into_iter().map(|(answer, _)| answer).collect();
        prop_assert_eq!(text_of(&mixed), text_of(answers));
    }
}

const PLAN: [&str; 6] = [
    "--drug",
    "upadacitinib",
    "--indication",
    "ra",
    "--label",
    "us",
];

fn new(more: &[&str]) -> Vec<String> {
    let all = ["new"].iter().chain(&PLAN).chain(more);
    all.map(|a| (*a).to_owned()).collect()
}

fn run(arguments: &[String], lines: &[&str]) -> std::process::Output {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let input: String = lines.iter().flat_map(|l| [*l, "\n"]).collect();
    with_stdin(&arguments, input.as_bytes())
}

#[test]
fn new_prints_a_form_and_writes_over_nothing() {
    let plain: Vec<String> = new(&[]);
    let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
    let printed = jakscreen(&plain);
    assert_eq!(
        (printed.status.code(), err(&printed).as_str()),
        (Some(0), "")
    );
    assert!(out(&printed).starts_with("# What has to be known before upadacitinib"));
    assert_eq!(out(&run(&new(&["-o", "-"]), &[])), out(&printed));
    let asked = run(&new(&["-o", "-", "--interactive"]), &["62"]);
    assert_eq!(asked.status.code(), Some(2));
    assert!(
        err(&asked).contains("name one with `-o`"),
        "{}",
        err(&asked)
    );
    let file = scratch("new.yaml");
    let path = file.to_str().expect("a path");
    assert_eq!(run(&new(&["-o", path]), &[]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(&file).expect("a file"), out(&printed));
    let dated = new(&["-o", path, "--force", "--as-of", "2026-11-21"]);
    assert_eq!(run(&dated, &[]).status.code(), Some(0));
    let text = fs::read_to_string(&file).expect("a file");
    assert!(text.contains("\nas_of: 2026-11-21\n"), "{text}");
    fs::write(&file, "mine").expect("written");
    let again = run(&new(&["-o", path]), &[]);
    assert_eq!(again.status.code(), Some(2));
    assert!(err(&again).contains("is there already"), "{}", err(&again));
    assert_eq!(fs::read_to_string(&file).expect("a file"), "mine");
    assert_eq!(
        run(&new(&["-o", path, "--force"]), &[]).status.code(),
        Some(0)
    );
    assert_eq!(fs::read_to_string(&file).expect("a file"), out(&printed));
}

#[test]
fn a_plan_that_is_not_said_or_not_known_is_answered_with_what_could_be() {
    let says = |arguments: &[&str], text: &str| {
        let output = jakscreen(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", out(&output));
        assert!(err(&output).contains(text), "{}", err(&output));
    };
    says(&["new"], "abrocitinib, baricitinib");
    says(&["new", "--drug", "ritlecitinib"], "us has alopecia_areata");
    let drug = ["new", "--drug", "filgotinib", "--indication", "ra"];
    says(&drug, "of this drug there is: eu");
    says(
        &["new", "--drug", "upadacitnib"],
        "did you mean `upadacitinib`?",
    );
    let label = [
        "new",
        "--drug",
        "filgotinib",
        "--indication",
        "ra",
        "--label",
        "us",
    ];
    says(&label, "labels of filgotinib in the library: eu");
    let off = jakscreen(&[
        "new",
        "--drug",
        "ritlecitinib",
        "--indication",
        "vitiligo",
        "--label",
        "us",
    ]);
    assert_eq!(off.status.code(), Some(0));
    assert!(
        err(&off).contains("off-label: the label does not have the indication vitiligo"),
        "{}",
        err(&off)
    );
}

fn interactive(name: &str) -> (std::path::PathBuf, Vec<String>) {
    let file = scratch(name);
    let path = file.to_str().expect("a path").to_owned();
    (
        file,
        new(&["--interactive", "-o", &path, "--as-of", "2026-11-21"]),
    )
}

#[test]
fn a_wrong_answer_is_said_and_asked_again_and_b_goes_back() {
    let (file, arguments) = interactive("back.yaml");
    let output = run(
        &arguments,
        &[
            "A-17",
            "moderate",
            "15 mg daly",
            "15 mg daily",
            "",
            "67",
            "femal",
            "?",
            "female",
            "never",
            "b",
            "former",
            "q",
        ],
    );
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let (said, wrong) = (out(&output), err(&output));
    assert!(wrong.contains("did you mean `female`?"), "{wrong}");
    assert!(
        wrong.contains("not a dose") || wrong.contains("how much a day"),
        "{wrong}"
    );
    assert_eq!(
        said.matches("Do you smoke now, or did you ever smoke?")
            .count(),
        2,
        "{said}"
    );
    assert!(said.contains("It settles us/upadacitinib"), "{said}");
    assert!(said.contains("jakscreen check "), "{said}");
    assert!(!said.contains('\u{1b}') && !wrong.contains('\u{1b}'));
    let text = fs::read_to_string(&file).expect("a file");
    for line in [
        "\npatient: A-17\n",
        "\nas_of: 2026-11-21\n",
        "\n  dose: 15 mg daily\n",
        "\n  #start:\n",
        "\n  age: 67\n",
        "\n  sex: female\n",
        "\n  smoking: former\n",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
    let checked = jakscreen(&["check", file.to_str().expect("a path")]);
    assert_eq!(checked.status.code(), Some(0), "{}", err(&checked));
}

/// What is typed in a whole consultation, and the file that comes of it.
fn consultation() -> (Vec<String>, String) {
    let library = Library::builtin();
    let form = form(&library, &plan("upadacitinib", "ra", &["us"]));
    let dated = form.lines.iter().find(|l| l.key == "as_of").expect("a day");
    let mut text = form
        .answered(&render::blank(&form), dated, "2026-11-21")
        .expect("a line");
    let answers = answer_all(&library, &form, &mut text, false, true);
    (
        answers.into_iter().map(|(_, answer)| answer).collect(),
        text,
    )
}

#[test]
fn a_whole_consultation() {
    let (typed, text) = consultation();
    let (file, arguments) = interactive("whole.yaml");
    let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
    let output = run(&arguments, &typed);
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(&file).expect("a file"), text);
    let said = out(&output);
    assert!(said.contains("  us/upadacitinib: "), "{said}");
    assert!(
        said.ends_with(&format!("jakscreen check {}\n", file.display())),
        "{said}"
    );
    for line in said.lines().filter(|l| !l.contains(".yaml")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn quitting_and_going_on_gives_the_same_file() {
    let (typed, text) = consultation();
    for every in [2, 9] {
        let (file, arguments) = interactive(&format!("parts-{every}.yaml"));
        let mut rest: Vec<&str> = typed.iter().map(String::as_str).collect();
        while !rest.is_empty() {
            // What is left as not asked is asked again in the next session: no session ends with it.
            let enough = |n: &usize| rest.get(n - 1).is_some_and(|last| !last.is_empty());
            let n = (every..=rest.len()).find(enough).unwrap_or(rest.len());
            let now: Vec<&str> = rest.drain(..n).chain(["q"]).collect();
            let part = run(&arguments, &now);
            assert_eq!(part.status.code(), Some(0), "{}", err(&part));
        }
        assert_eq!(fs::read_to_string(&file).expect("a file"), text);
    }
}

#[test]
fn a_file_written_by_hand_is_gone_on_with_and_keeps_what_it_says() {
    let file = scratch("hand.yaml");
    let path = file.to_str().expect("a path");
    let hand = "# mine\nplan: { drug: upadacitinib, indication: ra, label: us }\nabout:\n  smoking: never # she says\nmedicines: none\n";
    fs::write(&file, hand).expect("written");
    let arguments: Vec<String> = ["new", "--interactive", "-o", path, "--as-of", "2026-11-21"]
        .map(str::to_owned)
        .to_vec();
    let output = run(
        &arguments,
        &[
            "A-17",
            "2026-11-21",
            "severe",
            "",
            "",
            "",
            "67",
            "male",
            "no",
            "q",
        ],
    );
    assert!(
        err(&output).contains("takes no further line"),
        "{}",
        err(&output)
    );
    let text = fs::read_to_string(&file).expect("a file");
    for line in [
        "# mine\n",
        "\npatient: A-17\n",
        "\n  smoking: never # she says\n",
        "\n  age: 67\n",
        "\n  sex: male\n",
        "\nmedicines: none\n",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
    let other = run(
        &new(&["--interactive", "-o", path, "--drug", "tofacitinib"]),
        &[],
    );
    assert_eq!(other.status.code(), Some(2));
    fs::write(
        &file,
        "plan: { drug: upadacitinib, indication: ra, label: us }\nabout: { sex: femal }\n",
    )
    .expect("written");
    let wrong = run(&arguments, &["A-17"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        err(&wrong).contains("did you mean `female`?"),
        "{}",
        err(&wrong)
    );
}

#[test]
fn medicines_are_named_one_after_the_other_and_what_is_open_of_them_is_asked() {
    let (file, arguments) = interactive("medicines.yaml");
    let library = Library::builtin();
    let form = form(&library, &plan("upadacitinib", "ra", &["us"]));
    // Everything before the medicines is left as not asked.
    let blank = render::blank(&form);
    let profile = Profile::read(&library, "a form", &blank).expect("a profile");
    let open = form.open(&library, &profile, &blank, day());
    let before = open.iter().position(FormLine::is_list).expect("a list") - 1;
    let mut typed = vec![""; before];
    typed.extend([
        "prednisolone: 5 mg daily",
        "aspirn",
        "",
        "classes",
        "{ classes: none }",
        "no",
        "adalimumab",
        "",
        "{ outcome: intolerance, ongoing: no }",
        "no",
        "q",
    ]);
    let output = run(&arguments, &typed);
    let text = fs::read_to_string(&file).expect("a file");
    let said = out(&output);
    assert!(
        said.contains("Is `aspirn` meant to be `aspirin`?"),
        "{said}"
    );
    assert!(
        said.contains("adalimumab: how did the treatment go"),
        "{said}"
    );
    for line in [
        "\n  prednisolone: 5 mg daily\n  aspirn: { classes: none }\n",
        "\n  adalimumab: { outcome: intolerance, ongoing: no }\n",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
}

/// The consultation from the medicines on; everything before is left as not asked.
fn at_the_medicines(name: &str, lines: &[&str]) -> (String, String, String) {
    let (file, arguments) = interactive(name);
    let library = Library::builtin();
    let form = form(&library, &plan("upadacitinib", "ra", &["us"]));
    let blank = render::blank(&form);
    let profile = Profile::read(&library, "a form", &blank).expect("a profile");
    let open = form.open(&library, &profile, &blank, day());
    let before = open.iter().position(FormLine::is_list).expect("a list") - 1;
    let mut typed = vec![""; before];
    typed.extend(lines);
    let output = run(&arguments, &typed);
    let text = fs::read_to_string(&file).expect("a file");
    (text, out(&output), err(&output))
}

#[test]
fn a_medicine_that_is_not_known_keeps_its_dose_whatever_it_is() {
    let (text, said, wrong) = at_the_medicines(
        "unrecognised.yaml",
        &[
            "apixiban: 5 mg twice daily",
            "aspirn: 75 mg daily",
            "tea of her aunt: 5 mg daily",
            "zzyzx: 7 mg daily",
            "",
            "none",
            "yes",
            "no",
            "nsaid",
            "",
            "q",
        ],
    );
    assert_eq!(wrong.matches("error[").count(), 0, "{wrong}");
    assert!(
        said.contains("Is `apixiban` meant to be `apixaban`?"),
        "{said}"
    );
    assert!(said.contains("What is `aspirn`?"), "{said}");
    assert!(said.contains("What is `tea of her aunt`?"), "{said}");
    for line in [
        "\n  apixaban: 5 mg twice daily\n",
        "\n  aspirn: { dose: 75 mg daily, classes: nsaid }\n",
        "\n  tea of her aunt: { dose: 5 mg daily, classes: none }\n",
        "\n  zzyzx: 7 mg daily\n",
    ] {
        assert!(text.contains(line), "{line:?} in {text}\n{said}");
    }
}

#[test]
fn a_name_in_place_of_an_id_is_said_at_once() {
    let (_, arguments) = interactive("named.yaml");
    let output = run(&arguments, &["Erika Mustermann", "q"]);
    let said = err(&output);
    assert!(said.contains("warning[bad-id]"), "{said}");
}

#[test]
fn none_is_confirmed_with_what_it_denies() {
    for none in ["none", "no"] {
        let (text, said, _) = at_the_medicines(&format!("{none}.yaml"), &[none, "q"]);
        assert!(
            text.contains("\nmedicines:") && !text.contains("everything_else: no\n"),
            "{text}"
        );
        let (_, asked) = said.split_once("\nmedicines: ").expect("the medicines");
        assert!(
            asked.contains("Was everything else asked about, and denied?"),
            "{said}"
        );
        assert!(
            asked.contains("The plan asks for: ") && asked.contains("(NSAID)"),
            "{said}"
        );
        let (before, _) = said.split_once("\nmedicines: ").expect("the medicines");
        let (_, denied) = before
            .split_once("Not answered here: ")
            .expect("the history");
        let (denied, _) = denied.split_once("no, only if it was").expect("the answer");
        for never in ["latent tuberculosis", "clotting disorder", "thrombophilia"] {
            assert!(!denied.contains(never), "{denied}");
        }
        assert!(denied.contains("heart failure"), "{denied}");
    }
}

#[test]
fn none_denies_the_rest_of_a_list_and_one_answer_is_one_line() {
    let library = Library::builtin();
    let form = form(&library, &plan("upadacitinib", "ra", &["us"]));
    let blank = render::blank(&form);
    let mut lists = form.lines.iter().filter(|l| l.is_list());
    let medicines = lists.next().expect("a list");
    let denied = form.answered(&blank, medicines, "none").expect("a line");
    let (screening, _) = checklist(&library, &denied);
    assert!(!open(&screening).contains("medicines"), "{denied}");
    let sex = form.lines.iter().find(|l| l.key == "sex").expect("a line");
    let two = form
        .answered(&blank, sex, "male\nweight: 61 kg")
        .expect("a line");
    assert!(Profile::read(&library, "a form", &two).is_err(), "{two}");
}

#[test]
fn rules_of_ones_own_are_asked_for_too() {
    let with = |more: &[&str]| {
        let arguments = new(more);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = jakscreen(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        out(&output)
    };
    let (alone, hospital) = (with(&[]), with(&["--rules", "examples/hospital"]));
    assert_ne!(alone, hospital);
}
