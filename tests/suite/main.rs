//! The tests at the level users see.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on fails"
)]

mod batch;
mod binary;
mod cases;
mod cohort;
mod contract;
mod facts;
mod forms;
mod generate;
mod invariants;
mod memory;
mod messages;
mod pages;
mod quiz;
mod readability;
mod reasoning;
mod recorded;
mod right;
mod rules;
mod schemas;
mod snapshots;
