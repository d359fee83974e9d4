//! The HTML report: what it must hold for whoever prints it, reads it on a telephone or listens to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use jakscreen::{Library, PlanChange, Profile, render};
use serde_json::Value;

/// Every example, and one on two labels.
fn pages() -> Vec<(String, String)> {
    let library = Library::builtin();
    let mut pages = Vec::new();
    for entry in fs::read_dir("examples/profiles").expect("the examples") {
        let path = entry.expect("a file").path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&path).expect("an example");
        let mut plans = vec![(name.clone(), Vec::new())];
        if name == "demo-0067" {
            plans.push((format!("{name}-us-eu"), vec!["us".into(), "eu".into()]));
        }
        for (name, labels) in plans {
            let change = PlanChange {
                labels,
                ..PlanChange::default()
            };
            let profile = Profile::read_with(&library, &name, &text, &change).expect("a profile");
            let day = profile.as_of().expect("examples say their day");
            pages.push((name, render::html(&library.screen(&profile, day))));
        }
    }
    pages.sort();
    pages
}

fn between<'p>(page: &'p str, before: &str, after: char) -> Vec<&'p str> {
    page.split(before)
        .skip(1)
        .map(|rest| rest.split(after).next().expect("an end"))
        .collect()
}

#[test]
fn a_page_is_whole_by_itself() {
    for (name, page) in pages() {
        assert!(
            page.starts_with("<!DOCTYPE html><html lang=\"en\">"),
            "{name}"
        );
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        for never in [
            "<script", "<link", "<img", "<iframe", "@import", "url(", " src=",
        ] {
            assert!(!page.contains(never), "{name}: {never}");
        }
        let ids = between(&page, " id=\"", '"');
        let all: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), all.len(), "{name}: an id stands twice");
        for link in between(&page, " href=\"", '"') {
            let inside = link.strip_prefix('#').is_some_and(|id| all.contains(id));
            assert!(inside || link.starts_with("https://"), "{name}: {link}");
        }
        // Nothing is ticked, and nobody is told that it is without risk.
        for never in ["checked=", "\u{2611}", "\u{2713}", "\u{2714}"] {
            assert!(!page.contains(never), "{name}: {never}");
        }
        for section in ["Prescriber review", "Basis", "About", "Checked and not met"] {
            assert!(page.contains(section), "{name}: {section}");
        }
    }
}

/// Nobody signs without seeing what is open, and rows of one kind of harm can be told apart.
#[test]
fn each_finding_and_each_open_harm_has_a_line_to_sign() {
    let (_, page) = pages()
        .into_iter()
        .find(|(name, _)| name == "clots-found")
        .expect("the example");
    let review = page.split("<div class=\"sign\">").nth(1).expect("a review");
    let review = review.split("</div>").next().expect("its end");
    for part in [
        "<strong>not known: vaccinations</strong>: live vaccine (not recorded)",
        "<strong>not known: tuberculosis</strong>: chest imaging (not recorded)",
        "<strong>WARNING major cardiovascular events</strong>: hypertension <span class=\"id\">restricted-cardiovascular</span>",
        "<strong>WARNING major cardiovascular events</strong>: smoking: former; ... <span class=\"id\">restricted-smoking</span>",
    ] {
        assert!(review.contains(part), "{part}: {review}");
    }
    assert_eq!(review.matches("will be found out by").count(), 3);
    assert_eq!(review.matches("resolved, date").count(), 7);
    assert_eq!(review.matches("accepted, because").count(), 10);
}

/// A reason in somebody's own words stands once, and what it settles, or what no time brings back, is not asked for.
#[test]
fn a_documented_reason_is_printed_once() {
    let library = Library::builtin();
    let text = "plan: { drug: tofacitinib, indication: rheumatoid_arthritis, label: eu, \
        no_suitable_alternative: nothing else was tolerated }\n\
        about: { age: 70, sex: male, smoking: current }\n";
    let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day");
    let page = |text: &str| {
        let profile = Profile::read(&library, "profile", text).expect("a profile");
        render::html(&library.screen(&profile, day))
    };
    let with = page(text);
    assert_eq!(with.matches("nothing else was tolerated").count(), 1);
    assert!(with.matches("documented reason</a> is above").count() > 1);
    assert!(!with.contains("record why") && !with.contains("record which"));
    assert!(!with.contains("clears below"));
    let without = page(&text.replace(", no_suitable_alternative: nothing else was tolerated", ""));
    assert!(without.contains("record why no alternative is suitable"));
}

#[test]
fn what_a_profile_says_is_text_in_a_page_and_in_its_margins() {
    let library = Library::builtin();
    let profile = Profile::read(
        &library,
        "profile",
        "plan: { drug: tofacitinib, indication: crohns_disease, label: us, dose: 5 mg daily, \
         no_suitable_alternative: 'a <script>' }\nhistory: { also: ['<i>x</i>'] }\n",
    )
    .expect("a profile");
    let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day");
    let page = render::html(&library.screen(&profile, day));
    for never in ["<b>", "<i>", "<script>"] {
        assert!(!page.contains(never), "{never}");
    }
    assert_eq!(page.matches("</style>").count(), 1);
    assert!(page.contains("&lt;i&gt;x&lt;/i&gt;"));
    let margin = between(&page, "@top-left { content: \"", '"');
    assert!(margin[0].contains("Crohn\\27 s disease"), "{margin:?}");
}

/// axe-core in a real Chromium, at 1280 and 320 pixels; what is not installed is said, or fails where it must be.
#[test]
fn an_accessibility_checker_finds_nothing_and_nothing_is_wider_than_a_telephone() {
    let axe = Path::new("target/axe/node_modules/axe-core/axe.min.js");
    let chromium = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|c| Command::new(c).arg("--version").output().is_ok());
    let (Some(chromium), Ok(axe)) = (chromium, fs::read_to_string(axe)) else {
        assert!(
            std::env::var_os("JAKSCREEN_BROWSER").is_none(),
            "Chromium or axe-core is not installed"
        );
        // The harness shows it with --nocapture; CI demands the browser.
        eprintln!(
            "NOT CHECKED: Chromium or target/axe (npm install --prefix target/axe axe-core) is missing"
        );
        return;
    };
    let inside = |name: &str, width: u32| {
        format!(
            "<script>{axe}</script><script>addEventListener('load', async () => {{ \
             const r = await axe.run(document, {{ resultTypes: ['violations'] }}); \
             parent.postMessage({{ name: '{name}', width: {width}, ran: r.passes.length, \
             wide: document.documentElement.scrollWidth, \
             violations: r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 120)).join(' | ')) }}, '*'); }});</script>"
        )
    };
    let mut frames = Vec::new();
    for (name, page) in pages() {
        for width in [320, 1280] {
            let end = page.find("<meta http-equiv").expect("a policy");
            let rest = &page[end..];
            let rest = &rest[rest.find('>').expect("its end") + 1..];
            let page = format!("{}{rest}", &page[..end])
                .replace("</body>", &format!("{}</body>", inside(&name, width)));
            frames.push((width, page));
        }
    }
    let expected = frames.len();
    let frames = serde_json::to_string(&frames)
        .expect("JSON")
        .replace("</", "<\\/");
    let harness = format!(
        "<!DOCTYPE html><pre id=out></pre><script>const frames = {frames}; const results = []; \
         function next() {{ const f = frames.shift(); if (!f) {{ out.textContent = 'RESULTS' + JSON.stringify(results) + 'END'; return; }} \
         const i = document.createElement('iframe'); i.style.width = f[0] + 'px'; i.style.height = '2000px'; i.style.border = '0'; \
         i.srcdoc = f[1]; addEventListener('message', e => {{ results.push(e.data); i.remove(); next(); }}, {{ once: true }}); document.body.append(i); }} \
         next();</script>"
    );
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("harness.html");
    fs::write(&file, harness).expect("a file");
    let output = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--virtual-time-budget=600000",
            "--window-size=1400,2200",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", folder.join("user").display()))
        .arg(format!("file://{}", file.display()))
        .output()
        .expect("Chromium");
    let dom = String::from_utf8_lossy(&output.stdout);
    let results = dom
        .split("<pre id=\"out\">RESULTS")
        .nth(1)
        .and_then(|r| r.split("END</pre>").next())
        .expect("results");
    let results = results
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let results: Vec<Value> = serde_json::from_str(&results)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(results.len(), expected);
    for result in results {
        let (name, width) = (&result["name"], result["width"].as_u64().expect("a width"));
        assert_eq!(
            result["violations"],
            Value::Array(Vec::new()),
            "{name} at {width}"
        );
        assert!(
            result["ran"].as_u64() > Some(10),
            "{name}: the checker ran nothing"
        );
        assert!(
            result["wide"].as_u64() <= Some(width),
            "{name} at {width} is {} wide",
            result["wide"]
        );
    }
}
