//! Checklists for people and machines. A renderer knows checklists only; it decides nothing.

mod blank;
mod changes;
mod compare;
mod criterion;
mod explain;
mod html;
mod layout;
mod markdown;
mod needed;
mod note;
mod patient;
mod phrase;
mod plain;
pub mod quiz;
mod text;

use crate::checklist::Screening;

pub use blank::blank;
pub use changes::changes;
pub use compare::compare;
pub use criterion::criterion;
pub use explain::{explain, unread};
pub use html::html;
pub use layout::Style;
pub use markdown::markdown;
pub use needed::needed;
pub use note::note;
pub use patient::patient;
pub use plain::plain;
pub use text::text;

/// The checklist as JSON, ending in a line break: the contract for integrators.
pub fn json(screening: &Screening) -> String {
    // Nothing in a screening has a key that is no text, the one thing that could fail here.
    let mut out = serde_json::to_string_pretty(screening).unwrap_or_default();
    out.push('\n');
    out
}

/// The same document as YAML.
pub fn yaml(screening: &Screening) -> String {
    serde_yaml::to_string(screening).unwrap_or_default()
}

/// The JSON Schema that every checklist in JSON validates against.
pub const CHECKLIST_SCHEMA: &str = include_str!("../schemas/checklist.json");
