//! What a hospital's own rules change: criteria set aside for a time, and other windows.

use chrono::NaiveDate;

use super::Library;
use crate::date::PartialDate;
use crate::decode::{self, did_you_mean, items, record, shown};
use crate::diagnostic::{Code, Collector};
use crate::text::Node;

/// A criterion that local rules set aside until a day: with a reason, and somebody who answers for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suppression {
    pub(crate) document: String,
    pub(crate) criterion: String,
    pub(crate) reason: String,
    pub(crate) by: String,
    /// The last day.
    pub(crate) until: NaiveDate,
}

/// A window or lead time that local rules set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PolicyChange {
    pub(crate) name: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Library {
    /// Reads the list of `suppress`. The documents must have been read.
    pub(super) fn read_suppressions(&mut self, tree: &Node<'_>, out: &mut Collector<'_>) {
        const KEYS: [&str; 5] = ["document", "criterion", "reason", "by", "until"];
        let Some(r) = record(tree, "a list of suppressions", &["suppress"], out) else {
            return;
        };
        for row in r.need("suppress", out).map(items).unwrap_or_default() {
            let Some(r) = record(row, "a suppression", &KEYS, out) else {
                continue;
            };
            let [document, criterion, reason, by] =
                ["document", "criterion", "reason", "by"].map(|key| {
                    let text = r.need_text(key, out);
                    if text.as_ref().is_some_and(|t| t.trim().is_empty()) {
                        decode::empty(r.get(key).unwrap_or(row), key, out);
                    }
                    text
                });
            let until = r.need("until", out).and_then(|node| {
                let text = decode::text(node, "until", out)?;
                PartialDate::parse_day(text)
                    .map_err(|(c, help)| out.error(c, node.span, "not a day", help.to_owned()))
                    .ok()
            });
            let (Some(document), Some(criterion)) = (document, criterion) else {
                continue;
            };
            if !self.names(&r, &document, &criterion, out) {
                continue;
            }
            if let (Some(reason), Some(by), Some(until)) = (reason, by, until) {
                self.suppressions.push(Suppression {
                    document,
                    criterion,
                    reason,
                    by,
                    until,
                });
            }
        }
        let order = |s: &Suppression| (s.document.clone(), s.criterion.clone(), s.until);
        self.suppressions.sort_by_key(order);
    }

    /// Whether there is such a criterion; if not, says so.
    fn names(
        &self,
        r: &decode::Record<'_>,
        document: &str,
        criterion: &str,
        out: &mut Collector<'_>,
    ) -> bool {
        let at = |key: &str| r.get(key).map_or_else(Default::default, |n| n.span);
        let Some(found) = self.documents().find(|d| d.id == document) else {
            let ids: Vec<&str> = self.documents().map(|d| d.id.as_str()).collect();
            let plain = document
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "/-_".contains(c));
            let name = if plain { document } else { "(not shown)" };
            let message = format!("no document `{name}`");
            let help = did_you_mean(document, ids)
                .unwrap_or_else(|| "`jakscreen rules list` names them".to_owned());
            out.error(Code::UnknownName, at("document"), message, help);
            return false;
        };
        let known = found.criteria.iter().any(|c| c.id == criterion);
        if !known {
            let ids = found.criteria.iter().map(|c| c.id.as_str());
            let message = format!("no criterion `{}` in {}", shown(criterion), found.id);
            let help = did_you_mean(criterion, ids);
            out.error(Code::UnknownName, at("criterion"), message, help);
        }
        known
    }

    /// How local rules set a criterion aside on a day.
    pub(crate) fn suppressed(
        &self,
        document: &str,
        criterion: &str,
        day: NaiveDate,
    ) -> Option<&Suppression> {
        let of_criterion = |s: &&Suppression| s.document == document && s.criterion == criterion;
        let mut all = self.suppressions.iter().filter(of_criterion);
        all.find(|s| day <= s.until)
    }

    /// What local rules have set aside, past days included.
    pub(crate) fn suppressions(&self) -> &[Suppression] {
        &self.suppressions
    }

    /// Windows and lead times that local rules set.
    pub(crate) fn policy_changes(&self) -> &[PolicyChange] {
        &self.policy_changes
    }
}
