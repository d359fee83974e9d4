//! The rules as the build prepares them; the medicines as a table: thousands of names that no start should read from a tree.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Dictionary, Seen};

/// The rules that come with the crate.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Rules<'a> {
    /// Of their canonical form.
    pub(crate) hash: &'a str,
    /// Without its medicines.
    pub(crate) dictionary: Dictionary,
    /// [`Prepared`], packed.
    pub(crate) medicines: &'a [u8],
    /// Every other file.
    #[serde(borrow)]
    pub(crate) files: Vec<File<'a>>,
}

/// A rule file as a packed tree.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct File<'a> {
    /// Its name below the folder of the rules.
    pub(crate) name: &'a str,
    /// Of a document: the jurisdictions and the drugs it speaks of, so that it is read only when one of them is asked for.
    #[serde(borrow)]
    pub(crate) speaks_of: Option<(Vec<&'a str>, Vec<&'a str>)>,
    pub(crate) tree: &'a [u8],
}

/// Classes, medicines and names; numbers are places in these lists.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Prepared<'a> {
    #[serde(borrow)]
    pub(crate) classes: Vec<Class<'a>>,
    #[serde(borrow)]
    pub(crate) medicines: Vec<Medicine<'a>>,
    /// Every name in its one spelling, sorted, one a line: the name, a tab, `c` or `m` for a class or a medicine, its number.
    #[serde(borrow)]
    pub(crate) names: Cow<'a, str>,
}

/// A class of medicines.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Class<'a> {
    #[serde(borrow)]
    pub(crate) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) name: Cow<'a, str>,
    /// How its membership was checked.
    pub(crate) seen: Seen,
    /// A class of local use (creams); the others speak of systemic use.
    pub(crate) local: bool,
    /// A class that speaks of both (JAK inhibitors: tablet or cream).
    pub(crate) any_route: bool,
    /// All classes it contains, itself included.
    #[serde(borrow)]
    pub(crate) includes: Cow<'a, [u8]>,
}

/// A medicine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Medicine<'a> {
    #[serde(borrow)]
    pub(crate) id: Cow<'a, str>,
    pub(crate) local: bool,
    /// Every class it belongs to, through classes of classes too.
    #[serde(borrow)]
    pub(crate) classes: Cow<'a, [u8]>,
    pub(crate) parts: Vec<u16>,
}
