//! How long a screen takes: reading the rules, reading a profile, evaluating, rendering. Ratios within one run matter, not
//! the times of a machine.
#![allow(clippy::expect_used, reason = "a benchmark that cannot start fails")]

use chrono::NaiveDate;
use divan::{Bencher, black_box};
use jakscreen::{Library, Profile, Style, render};

const DEMO: &str = include_str!("../examples/profiles/demo-0067.yaml");

fn main() {
    divan::main();
}

fn parts() -> (Library, Profile, NaiveDate) {
    let library = Library::builtin();
    let profile = Profile::read(&library, "demo", DEMO).expect("the example");
    (
        library,
        profile,
        NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day"),
    )
}

#[divan::bench]
fn library_builtin() -> Library {
    Library::builtin()
}

#[divan::bench]
fn profile_read(bencher: Bencher<'_, '_>) {
    let (library, ..) = parts();
    bencher.bench(|| Profile::read(black_box(&library), "demo", black_box(DEMO)));
}

#[divan::bench]
fn screen(bencher: Bencher<'_, '_>) {
    let (library, profile, day) = parts();
    bencher.bench(|| library.screen(black_box(&profile), day));
}

#[divan::bench]
fn render_text(bencher: Bencher<'_, '_>) {
    let (library, profile, day) = parts();
    let screening = library.screen(&profile, day);
    bencher.bench(|| render::text(black_box(&screening), Style::default()));
}

#[divan::bench]
fn render_json(bencher: Bencher<'_, '_>) {
    let (library, profile, day) = parts();
    let screening = library.screen(&profile, day);
    bencher.bench(|| render::json(black_box(&screening)));
}
