//! Mutates the example profiles, bytes and keys and values, and screens what comes out: nothing may panic, and each must give
//! a checklist or diagnostics. Prints the slowest.
//!
//! `cargo run --release --example mutate -- 100000`
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::time::{Duration, Instant};

use chrono::NaiveDate;
use jakscreen::{Library, Profile, render};

/// A small generator (splitmix64), so that a run can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap_or(0)
    }
}

const WORDS: [&str; 40] = [
    "yes",
    "no",
    "unknown",
    "pending",
    "none",
    "2019",
    "2026-11-10",
    "450 /uL",
    "0.5 10*9/L",
    "<15 mL/min/1.73m2",
    "-1",
    "1e9",
    "1,5 g/dL",
    "positive",
    "negative",
    "indeterminate",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "\n",
    "\"",
    "'",
    "&a",
    "*a",
    "!t",
    "<<",
    "\u{0}",
    "\u{feff}",
    "\u{2028}",
    "everything_else",
    "plan",
    "tests",
    "history",
    "99999999999999999999",
    "lymphocytes",
    "warfarin: yes",
    "\t",
];

fn mutate(text: &str, random: &mut Random) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len());
        match random.below(7) {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = u8::try_from(random.below(256)).unwrap_or(0);
                }
            }
            1 => _ = bytes.drain(at..(at + random.below(20)).min(bytes.len())),
            2 => {
                let word = WORDS
                    .get(random.below(WORDS.len()))
                    .copied()
                    .unwrap_or_default();
                _ = bytes.splice(at..at, word.bytes()).count();
            }
            3 => {
                let word = WORDS
                    .get(random.below(WORDS.len()))
                    .copied()
                    .unwrap_or_default();
                let end = bytes
                    .iter()
                    .skip(at)
                    .position(|b| *b == b'\n')
                    .map_or(bytes.len(), |i| at + i);
                _ = bytes.splice(at..end, word.bytes()).count();
            }
            4 => {
                // A line twice, or at another place.
                let lines: Vec<Vec<u8>> = bytes
                    .split_inclusive(|b| *b == b'\n')
                    .map(<[u8]>::to_vec)
                    .collect();
                if let Some(line) = lines.get(random.below(lines.len())) {
                    _ = bytes.splice(at..at, line.iter().copied()).count();
                }
            }
            5 => bytes.truncate(at),
            _ => {
                let piece: Vec<u8> = bytes
                    .iter()
                    .skip(at)
                    .take(random.below(40))
                    .copied()
                    .collect();
                for _ in 0..random.below(200) {
                    bytes.extend(&piece);
                }
            }
        }
    }
    bytes
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(10_000), |n| n.parse())?;
    let library = Library::builtin();
    let mut profiles = Vec::new();
    for entry in std::fs::read_dir("examples/profiles")? {
        profiles.push(std::fs::read_to_string(entry?.path())?);
    }
    profiles.sort();
    let day = NaiveDate::from_ymd_opt(2026, 11, 21).ok_or("no such day")?;
    let mut random = Random(1);
    let (mut screened, mut refused, mut no_text) = (0, 0, 0);
    let (mut slowest, mut total) = (Duration::ZERO, Duration::ZERO);
    let mut largest = 0;
    for _ in 0..count {
        let original = profiles
            .get(random.below(profiles.len()))
            .ok_or("no profiles")?;
        let bytes = mutate(original, &mut random);
        let start = Instant::now();
        match std::str::from_utf8(&bytes) {
            Err(_) => no_text += 1,
            Ok(text) => match Profile::read(&library, "mutant", text) {
                Ok(profile) => {
                    assert!(!render::json(&library.screen(&profile, day)).is_empty());
                    screened += 1;
                }
                Err(problems) => {
                    assert!(!problems.list().is_empty());
                    refused += 1;
                }
            },
        }
        let took = start.elapsed();
        total += took;
        if took > slowest {
            (slowest, largest) = (took, bytes.len());
        }
    }
    println!(
        "{count} mutations: {screened} screened, {refused} refused with diagnostics, {no_text} not UTF-8; no panic"
    );
    println!(
        "slowest {slowest:?} ({largest} bytes), mean {:?}",
        total / u32::try_from(count)?
    );
    Ok(())
}
