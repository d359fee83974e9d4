//! The rules as the build prepares them; the medicines as a table: thousands of names that no start should read from a tree.

use serde::{Deserialize, Serialize};

use super::Dictionary;

/// The rules that come with the crate.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Rules<'a> {
    /// Of their canonical form.
    pub(crate) hash: &'a str,
    /// Without its medicines.
    pub(crate) dictionary: Dictionary,
    /// [`Prepared`], packed.
    pub(crate) medicines: &'a [u8],
    /// Every other file: its name and its tree, packed.
    #[serde(borrow)]
    pub(crate) files: Vec<(&'a str, &'a [u8])>,
}

/// Classes, medicines and names; numbers are places in these lists.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Prepared<'a> {
    #[serde(borrow)]
    pub(crate) classes: Vec<Class<'a>>,
    #[serde(borrow)]
    pub(crate) medicines: Vec<Medicine<'a>>,
    /// Every name in its one spelling, sorted, one a line: the name, a tab, `c` or `m` for a class or a medicine, its number.
    pub(crate) names: &'a str,
}

/// A class of medicines.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Class<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    /// The word of `seen`.
    pub(crate) seen: &'a str,
    pub(crate) local: bool,
    /// All classes it contains, itself included.
    #[serde(borrow)]
    pub(crate) includes: &'a [u8],
}

/// A medicine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Medicine<'a> {
    pub(crate) id: &'a str,
    pub(crate) local: bool,
    /// Every class it belongs to, through classes of classes too.
    #[serde(borrow)]
    pub(crate) classes: &'a [u8],
    pub(crate) parts: Vec<u16>,
}
