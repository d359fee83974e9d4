//! The checklist as one HTML file: no script and nothing from elsewhere, to be read on a screen, printed and signed.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::layout::Mark;
use super::phrase::{
    all_found, cited_words, concluded, day, differences, dose_unchecked, found, highest_dose,
    indication, level, limits, name, not_judged, not_known, of, of_label, policy_changes,
    questions, set_aside, standing, tests_needed, together, when,
};
use crate::checklist::{
    Checklist, Finding, FindingOutcome, Screening, SourceRef, TestItem, TestStatus,
};
use crate::dictionary::Seen;
use crate::library::Level;
use crate::outcome::Outcome;

const CSS: &str = include_str!("html.css");

/// Renders a screening as one self-contained HTML page.
pub fn html(screening: &Screening) -> String {
    let s = screening;
    let title = format!(
        "{}: JAK inhibitor pre-treatment screen, {}",
        id(s),
        day(&s.as_of)
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(CSS)) (PreEscaped(running(s))) }
            }
            body {
                a.skip href="#result" { "Skip to the result" }
                header { (identity(s)) }
                main {
                    h1 { "JAK inhibitor pre-treatment screen" }
                    p { "For review by a prescriber. What is not recorded is not assumed to be normal." }
                    @for unsigned in unsigned(s) { p.unsigned { (unsigned) } }
                    div id="result" {
                        @if s.checklists.len() > 1 { (side_by_side(s)) }
                        @for c in &s.checklists { (checklist(s, c)) }
                    }
                    (review(s))
                    div.appendix {
                        (about(s))
                        @for c in &s.checklists { (checked(s, c)) }
                        (basis(s))
                    }
                }
            }
        }
    };
    page.into_string()
}

fn id(s: &Screening) -> &str {
    s.patient.id.as_deref().unwrap_or("no id given")
}

/// Identity, run and page number on every printed page, in the margins.
fn running(s: &Screening) -> String {
    let identity = format!("{}   {}   as of {}", id(s), plan(s), day(&s.as_of));
    let run = format!("run {}", s.run);
    let (identity, run) = (css_text(&identity), css_text(&run));
    format!(
        "@page {{ @top-left {{ content: \"{identity}\"; font: 9pt sans-serif; }} \
         @bottom-left {{ content: \"{run}\"; font: 9pt sans-serif; }} \
         @bottom-right {{ content: \"page \" counter(page) \" of \" counter(pages); font: 9pt sans-serif; }} }}"
    )
}

/// A text inside a CSS string: whatever could end it is written as its number.
fn css_text(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " -.,".contains(c);
    let one = |c: char| {
        if plain(c) {
            c.to_string()
        } else {
            format!("\\{:x} ", u32::from(c))
        }
    };
    text.chars().map(one).collect()
}

fn plan(s: &Screening) -> String {
    let dose = s.plan.dose.as_deref().unwrap_or("(dose not given)");
    format!(
        "{} {dose}, {}",
        name(&s.plan.drug),
        name(&s.plan.indication)
    )
}

fn identity(s: &Screening) -> Markup {
    let known = [&s.patient.sex, &s.patient.age];
    let known: Vec<&str> = known.into_iter().flatten().map(String::as_str).collect();
    let known = if known.is_empty() {
        "sex and age not recorded".to_owned()
    } else {
        known.join(", ")
    };
    html! {
        div.identity {
            dl {
                dt { "Patient" } dd { strong { (id(s)) } ", " (known) }
                dt { "Plan" } dd { (typeset(&plan(s))) }
                dt { "Planned start" } dd { @match &s.plan.start { Some(start) => (day(start)), None => "not recorded" } }
                @for c in &s.checklists {
                    dt { "Label" }
                    dd { (c.label.id) ": " (c.label.title) ", revision " (c.label.revision) }
                }
                dt { "As of" } dd { (day(&s.as_of)) "; how old a result may be is local policy" }
                @if let Some(reason) = &s.plan.no_suitable_alternative {
                    dt { "No suitable alternative" } dd id="alternative" { "documented: " (reason) }
                }
                @for notice in &s.diagnostics {
                    dt { "Note" } dd { (notice.message) " (" (notice.path) ")" }
                }
            }
        }
    }
}

/// Whose review is lacking or overdue, in words.
fn unsigned(s: &Screening) -> Vec<String> {
    let labels = s.checklists.iter().map(|c| &c.label);
    labels
        .map(|l| format!("{}: {}.", l.id, l.reviewed))
        .collect()
}

fn side_by_side(s: &Screening) -> Markup {
    let labels: Vec<&str> = s.checklists.iter().map(|c| c.label.id.as_str()).collect();
    let mut heads = vec!["Kind of harm"];
    heads.extend(&labels);
    let headlines = std::iter::once(html! { "Headline" });
    let first: Vec<Markup> = headlines
        .chain(s.checklists.iter().map(|c| html! { (c.headline) }))
        .collect();
    let rows = differences(&s.checklists)
        .into_iter()
        .map(|(hazard, cells)| {
            let cells = cells
                .into_iter()
                .map(|(word, says)| html! { (word) " " (says) });
            std::iter::once(html! { (hazard) }).chain(cells).collect()
        });
    let rows: Vec<Vec<Markup>> = std::iter::once(first).chain(rows).collect();
    html! {
        h2 { "The labels side by side" }
        (table("", "Where they differ for this patient; each as it stands, not merged", &heads, rows))
    }
}

fn checklist(s: &Screening, c: &Checklist) -> Markup {
    let (mark, word) = concluded(c);
    let headline = c.headline.trim_start_matches("Incomplete: ");
    html! {
        section aria-labelledby=(anchor("label", &c.label.id)) {
            h2 id=(anchor("label", &c.label.id)) {
                @if s.checklists.len() > 1 { "Result for " (c.label.id) } @else { "Result" }
            }
            p class={ "headline " (class(mark)) } { (marked(mark, word)) " " (headline) }
            @if let Some((mark, text)) = indication(&c.eligibility) {
                p { (marked(mark, "Indication")) " " (text) }
            }
            @let aside = set_aside(c);
            @if !aside.is_empty() {
                h3 { (marked(Mark::Weigh, "Set aside")) " by local rules, and not counted" }
                ul { @for line in aside { li { (typeset(&line)) } } }
            }
            (findings(c, Mark::Barrier, "Barriers", "the source says avoid, do not start, or treat first", &[Level::Barrier]))
            (unknown(c))
            (findings(c, Mark::Weigh, "To weigh", "warnings (boxed or restricted) and cautions", &[Level::Warning, Level::Caution]))
            (dose(c))
            @let unjudged = not_judged(c);
            @if !unjudged.is_empty() {
                h3 { "Recorded and not judged: no finding here rests on these results" }
                ul { @for result in unjudged { li { (typeset(&result)) } } }
            }
            (needed(c))
            (before(c))
            (after(c))
        }
    }
}

fn findings(c: &Checklist, mark: Mark, word: &str, remark: &str, levels: &[Level]) -> Markup {
    let met = of(c, FindingOutcome::Met, levels);
    if met.is_empty() {
        return html! {};
    }
    let rows = together(&met).into_iter().map(|group| {
        let first = group.first();
        let of_first = |f: &&&Finding| f.level == Level::Warning || f.level == Level::Caution;
        let sources = list(group.iter().map(|f| says(f)));
        let changes = list(group.iter().filter_map(|f| change(f)));
        vec![
            html! {
                @if let Some(f) = first.filter(of_first) { (level(f.level)) " " }
                @if let Some(f) = first { (f.hazard_name) }
                @for f in &group { span.id { (f.criterion) } }
            },
            first.map_or_else(|| html! {}, |f| evidence(f)),
            sources,
            changes,
        ]
    });
    let mut heads = vec!["Finding", "What was found", "What the source says"];
    // A column in which nothing stands is left out: rows end where the heads do.
    if met.iter().any(|f| change(f).is_some()) {
        heads.push("What would change it");
    }
    html! {
        h3 { (marked(mark, word)) ": " (remark) }
        (table(&format!("findings {}", class(mark)), "", &heads, rows.collect()))
    }
}

fn evidence(f: &Finding) -> Markup {
    if f.because.is_empty() {
        return html! { "the plan" };
    }
    list(f.because.iter().map(|e| html! { (typeset(&found(e))) }))
}

fn says(f: &Finding) -> Markup {
    html! {
        (f.says) (limits(f)) " " (cite(&f.source))
        // The reason stands once, at the head of the page.
        @if f.alternative.is_some() { "; " a href="#alternative" { "the documented reason" } " is above" }
    }
}

/// What would change it: nobody grows younger, and what is recorded is not asked for again.
fn change(f: &Finding) -> Option<Markup> {
    let of_age = f.because.iter().all(|e| e.fact == "age");
    let younger = |clears: &&String| of_age && clears.starts_with("below ");
    let clears = f.clears.as_ref().filter(|c| !younger(c));
    let recorded = |action: &&String| f.alternative.is_some() && action.starts_with("record ");
    let action = f
        .action
        .as_ref()
        .filter(|a| f.clears.as_ref() != Some(a) && !recorded(a));
    (clears.is_some() || action.is_some()).then(|| {
        html! {
            @if let Some(clears) = clears { "clears " (typeset(clears)) }
            @if let Some(action) = action { @if clears.is_some() { br; } (typeset(action)) }
        }
    })
}

fn unknown(c: &Checklist) -> Markup {
    let lines = not_known(c);
    if lines.is_empty() {
        return html! {};
    }
    let rows = lines.into_iter().map(|(hazard, could, open)| {
        let open = list(open.iter().map(|o| html! { (typeset(o)) }));
        vec![html! { (hazard) }, open, html! { (level(could)) }]
    });
    let heads = ["Kind of harm", "What is not known, and why", "Could add a"];
    html! {
        h3 { (marked(Mark::NotKnown, "Not known")) ": not assumed normal" }
        (table(class(Mark::NotKnown), "", &heads, rows.collect()))
    }
}

fn dose(c: &Checklist) -> Markup {
    let met = of(c, FindingOutcome::Met, &[Level::Dose]);
    let usual = of(c, FindingOutcome::Note, &[Level::Dose]);
    if met.is_empty() && usual.is_empty() {
        return html! {
            @if let Some(unchecked) = dose_unchecked(c) { h3 { "Dose" } p { (unchecked) "." } }
        };
    }
    let planned = c.dose.planned.as_deref().unwrap_or("not recorded");
    let rows = met.into_iter().map(|f| {
        let follows = match f.followed {
            Some(true) => "followed by the plan",
            Some(false) => "the plan is above it",
            None => "the planned dose is not known",
        };
        vec![
            html! { (f.criterion) },
            evidence(f),
            says(f),
            html! { @if f.max_dose.is_some() { (follows) } @else { "a dose is not compared" } },
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let heads = [
        "Row of the label",
        "What was found",
        "What the source says",
        "The plan",
    ];
    html! {
        h3 { (marked(Mark::Weigh, "Dose")) ": planned " (planned) (highest_dose(c)) }
        @if !rows.is_empty() { (table(class(Mark::Weigh), "", &heads, rows)) }
        @if !usual.is_empty() {
            ul { @for f in usual { li { "usual: " (says(f)) } } }
        }
    }
}

fn needed(c: &Checklist) -> Markup {
    let (blood, other) = tests_needed(c);
    let blood = blood.into_iter().map(|t| ("Blood draw", t));
    let other = other.into_iter().map(|t| ("Other test", t));
    let asked = questions(c).into_iter().map(|(question, could)| {
        (
            "Question",
            format!("{question} (could add: {})", level(could)),
        )
    });
    let rows = blood.chain(other).chain(asked).map(|(kind, text)| {
        vec![
            html! { (kind) },
            html! { (ticks()) (text) },
            blank(),
            blank(),
        ]
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let heads = ["Kind", "What", "Done by", "Date"];
    html! {
        @if !rows.is_empty() {
            h3 { (marked(Mark::ToDo, "Still needed")) ": each settles something that is not known, or is on the label's list" }
            (table(class(Mark::ToDo), "", &heads, rows))
        }
    }
}

fn before(c: &Checklist) -> Markup {
    html! {
        @if !c.advice.is_empty() {
            h3 { (marked(Mark::ToDo, "Before the first dose")) }
            ul.ticks {
                @for a in &c.advice {
                    li { (ticks()) @if a.note { "all patients: " } (a.says) " " (cite(&a.source)) }
                }
            }
        }
    }
}

fn after(c: &Checklist) -> Markup {
    let standing = standing(c);
    html! {
        @if !standing.is_empty() {
            h3 { "For all patients" }
            ul { @for f in standing { li { (says(f)) } } }
        }
        @if !c.monitoring.is_empty() {
            h3 { "After the start" }
            ul.columns {
                @for m in &c.monitoring {
                    li {
                        strong { (typeset(&m.what)) }
                        @if let Some(when) = when(m) { ", " (when) }
                        @if !m.then.is_empty() { ": " (m.then) }
                        " " (cite(&m.source))
                    }
                }
            }
        }
    }
}

/// What is folded on the terminal: all of it stands here.
fn checked(s: &Screening, c: &Checklist) -> Markup {
    let with = |outcome: FindingOutcome| -> Vec<&Finding> {
        c.findings.iter().filter(|f| f.outcome == outcome).collect()
    };
    let not_met = with(FindingOutcome::NotMet);
    let not_applicable = with(FindingOutcome::NotApplicable);
    let advice = of(c, FindingOutcome::Unknown, &[Level::Advice]);
    let done = |t: &&TestItem| t.before_starting && t.status == TestStatus::Done;
    let done: Vec<&str> = c
        .tests
        .iter()
        .filter(done)
        .map(|t| t.name.as_str())
        .collect();
    let denied: Vec<String> = c.denied.iter().map(|d| name(d)).collect();
    html! {
        h2 { "Checked" @if s.checklists.len() > 1 { " for " (c.label.id) } }
        h3 { "Checked and not met (" (not_met.len()) ")" }
        ul.columns {
            @for f in not_met {
                li { strong { (f.criterion) } ": " (typeset(&all_found(&f.because))) " " (cite(&f.source)) }
            }
        }
        @if !done.is_empty() { p { "Listed tests done: " (done.join(", ")) "." } }
        @if !denied.is_empty() {
            p { "Denied by \u{201c}everything else: no\u{201d} (" (denied.len()) "): " (denied.join(", ")) "." }
        }
        @if !advice.is_empty() {
            h3 { "Advice not known to apply (" (advice.len()) ")" }
            ul.columns { @for f in advice { li { (says(f)) } } }
        }
        @if !not_applicable.is_empty() {
            h3 { "Not applicable (" (not_applicable.len()) ")" }
            ul.columns { @for f in not_applicable { li { (f.criterion) " " (cite(&f.source)) } } }
        }
        @if !c.not_evaluated.is_empty() {
            h3 { "Not evaluated (" (c.not_evaluated.len()) ")" }
            ul.columns {
                @for n in &c.not_evaluated {
                    li { (n.about) ": " (n.why) " " @if let Some(source) = &n.source { (cite(source)) } }
                }
            }
        }
    }
}

/// What the prescriber writes: nothing is ticked beforehand, and what is not known is signed for like what is met.
fn review(s: &Screening) -> Markup {
    let levels = [Level::Barrier, Level::Warning, Level::Caution];
    let several = s.checklists.len() > 1;
    let rows = s.checklists.iter().flat_map(|c| {
        let label = several.then(|| html! { li.of { (c.label.id) } });
        let met = of(c, FindingOutcome::Met, &levels);
        let met = together(&met).into_iter().filter_map(|group| {
            let f = *group.first()?;
            let about = html! {
                strong { (level(f.level)) " " (f.hazard_name) } ": " (typeset(&first_found(f))) " "
                span.id { (ids(&group)) }
            };
            Some((about, "resolved, date"))
        });
        let met: Vec<_> = met.collect();
        let open = not_known(c).into_iter().map(|(hazard, _, open)| {
            let about = html! { strong { "not known: " (hazard) } ": " (typeset(&beginning(&open.join("; ")))) };
            (about, "will be found out by")
        });
        let fits = indication(&c.eligibility).filter(|_| c.eligibility.outcome == Outcome::Unknown);
        let fits = fits.map(|(_, text)| (html! { (typeset(&beginning(&text))) }, "will be found out by"));
        let rows = met.into_iter().chain(open).chain(fits);
        let row = |(about, first)| html! {
            li {
                span.about-it { (about) }
                span.write { (ticks()) (first) " " (blank()) }
                span class="write long" { (ticks()) "accepted, because " (blank()) }
            }
        };
        label.into_iter().chain(rows.map(row)).collect::<Vec<_>>()
    });
    let rows: Vec<Markup> = rows.collect();
    let write = |what: &str| html! { span.write { (what) " " (blank()) } };
    html! {
        div.sign {
            h2 { "Prescriber review" }
            @if rows.is_empty() {
                p { "No barrier, warning or caution is met, and none is open." }
            } @else {
                h3 { "Each barrier, warning and caution, and what is not known" }
                ul.review { @for row in rows { (row) } }
            }
            p.line { "If it will be monitored: " (write("what")) (write("by whom")) (write("by when")) }
            p.line { span { (ticks()) "Discussed with the patient" } span.write { (ticks()) "Alternatives considered: " (blank()) } }
            p.line { (write("Decision")) }
            p.line { (write("Name")) (write("Role")) }
            p.line { (write("Signature")) (write("Date")) }
        }
    }
}

/// The criteria of a group, each named once.
fn ids(group: &[&Finding]) -> String {
    let mut ids: Vec<&str> = group.iter().map(|f| f.criterion.as_str()).collect();
    ids.dedup();
    ids.join(" ")
}

/// The first that was found, whole.
fn first_found(f: &Finding) -> String {
    let more = if f.because.len() > 1 { "; ..." } else { "" };
    let first = f.because.first();
    first.map_or_else(|| "the plan".to_owned(), found) + more
}

/// The first words of a text.
fn beginning(text: &str) -> String {
    let mut words = text.split_whitespace();
    let first: Vec<&str> = words.by_ref().take(9).collect();
    let more = if words.next().is_some() { " ..." } else { "" };
    first.join(" ") + more
}

fn basis(s: &Screening) -> Markup {
    let mut documents: Vec<_> = s.checklists.iter().flat_map(|c| &c.documents).collect();
    documents.sort();
    documents.dedup();
    let decided = |f: &&Finding| matches!(f.outcome, FindingOutcome::Met | FindingOutcome::Unknown);
    html! {
        h2 { "Basis" }
        h3 { "How each finding was decided" }
        p { "A criterion is met, not met, or not known; what the profile does not say is not known." }
        @for c in &s.checklists {
            ul.columns {
                @for f in c.findings.iter().filter(decided) {
                    li {
                        strong { (f.criterion) }
                        (if f.outcome == FindingOutcome::Met { ", met: " } else { ", not known: " })
                        @if let Some(trace) = &f.trace { (typeset(&trace.words())) " " }
                        (cite(&f.source))
                        @if f.source.seen != Seen::Unverified { ", " (f.source.seen.words()) }
                        @if let Some(note) = &f.note { ". Note: " (typeset(note)) }
                    }
                }
            }
        }
        h3 { "Documents" }
        ul {
            @for d in documents {
                li id=(anchor("doc", &d.id)) {
                    @if d.local { "LOCAL " }
                    strong { (d.id) } ": " (d.title)
                    @if let Some(issuer) = &d.issuer { ", " (issuer) }
                    ", revision " (d.revision) "; " (d.reviewed) ". "
                    @if d.url.starts_with("https://") || d.url.starts_with("http://") {
                        a href=(d.url) { (d.url) }
                    } @else { (d.url) }
                }
            }
        }
        @if !s.library.local.is_empty() {
            h3 { "Local rules" }
            ul {
                @for file in &s.library.local { li { (file) } }
                @for change in policy_changes(s) { li { (change) } }
            }
        }
    }
}

fn about(s: &Screening) -> Markup {
    html! {
        h2 { "About" }
        p { "A checklist for a prescriber who reviews it: what each source says, held against what is recorded of one patient. It does not decide, does not rank drugs, and is no full interaction check, no dose calculator and no monitor of treatment. Source code for research, education and development; no certified medical device." }
        div.about {
            dl {
                dt { "Run" } dd { (s.run) }
                dt { "Program" } dd { (s.engine.name) " " (s.engine.version) }
                dt { "Rules" } dd { "SHA-256 " (s.library.hash) }
                dt { "Profile" } dd { "SHA-256 " (s.patient.profile_hash) @if let Some(written) = &s.patient.file_as_of { ", written for " (day(written)) } }
            }
        }
    }
}

/// A row with a longer cell may be parted between two pages, in characters of its markup.
const TALL: usize = 200;

/// A table that keeps its meaning where a narrow screen lays it out as blocks: the roles say what the layout no longer does.
fn table(class: &str, caption: &str, heads: &[&str], rows: Vec<Vec<Markup>>) -> Markup {
    html! {
        table class=[(!class.is_empty()).then_some(class)] role="table" {
            @if !caption.is_empty() { caption { (caption) } }
            thead role="rowgroup" {
                tr role="row" { @for head in heads { th scope="col" role="columnheader" { (head) } } }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    tr class=[row.iter().any(|c| c.0.len() > TALL).then_some("tall")] role="row" {
                        @for (at, (head, cell)) in heads.iter().zip(row).enumerate() {
                            @if at == 0 { th scope="row" role="rowheader" { (cell) } }
                            @else { td role="cell" data-head=(head) { (cell) } }
                        }
                    }
                }
            }
        }
    }
}

/// One item stands alone, several are a list.
fn list(items: impl Iterator<Item = Markup>) -> Markup {
    let items: Vec<Markup> = items.collect();
    match items.as_slice() {
        [only] => only.clone(),
        items => html! { @if !items.is_empty() { ul { @for item in items { li { (item) } } } } },
    }
}

/// A citation, linked to its document.
fn cite(source: &SourceRef) -> Markup {
    let words = cited_words(source);
    let words = if of_label(source) {
        words
            .replacen("us ", "US label ", 1)
            .replacen("eu ", "EU label ", 1)
    } else {
        words
    };
    html! { "[" a href={ "#" (anchor("doc", &source.document)) } { (words) } "]" }
}

fn anchor(kind: &str, id: &str) -> String {
    let id = id.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    format!("{kind}-{id}")
}

fn ticks() -> Markup {
    html! { span.box aria-hidden="true" {} }
}

fn blank() -> Markup {
    html! { span.blank aria-hidden="true" { "\u{a0}" } }
}

fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Barrier => "barrier",
        Mark::NotKnown => "unknown",
        Mark::Weigh => "weigh",
        Mark::ToDo => "todo",
        Mark::Plain => "noflags",
    }
}

/// A word with its shape: the word carries the meaning, shape and colour help.
fn marked(mark: Mark, word: &str) -> Markup {
    let shape = match mark {
        Mark::Barrier => {
            r#"<circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="2.5"/><path d="M3.5 3.5l9 9" stroke="currentColor" stroke-width="2.5"/>"#
        }
        Mark::NotKnown => {
            r#"<circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="2.5" stroke-dasharray="3 2.1"/>"#
        }
        Mark::Weigh => {
            r#"<path d="M8 1.5L15 14.5H1z" fill="none" stroke="currentColor" stroke-width="2"/><path d="M8 6v4M8 11.6v1.4" stroke="currentColor" stroke-width="2"/>"#
        }
        Mark::ToDo => {
            r#"<path d="M2 2h12v12H2z" fill="none" stroke="currentColor" stroke-width="2.5"/>"#
        }
        Mark::Plain => r#"<path d="M2 8h12" stroke="currentColor" stroke-width="2.5"/>"#,
    };
    html! {
        span class={ "word " (class(mark)) } {
            svg viewBox="0 0 16 16" aria-hidden="true" focusable="false" { (PreEscaped(shape)) }
            (word)
        }
    }
}

/// Units as they are printed.
fn typeset(text: &str) -> String {
    text.replace(" 10*9/L", "\u{a0}\u{d7}\u{a0}10\u{2079}/L")
        .replace("/uL", "/\u{b5}L")
        .replace("1.73m2", "1.73\u{a0}m\u{b2}")
}
