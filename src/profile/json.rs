//! Profiles as JSON, one of thousands: a tree that borrows from the text.
//!
//! It is the tree that [`text::read`] gives of the same text, made in less time. What is not well-formed JSON, and what
//! is rare in it, is left to that reader, whose problems are the ones that are told.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::text::{Kind, MAX_BYTES, MAX_DEPTH, Node, Span};

/// The most values read here.
const MAX_VALUES: usize = 50_000;

/// The tree of a JSON object; none if the text is something else, or not read here.
pub(super) fn read(source: &str) -> Option<Node<'_>> {
    if !source.starts_with('{') || source.len() > MAX_BYTES {
        return None;
    }
    let object = source.trim_end();
    let mut reader = Reader { source, values: 0 };
    reader.value(object, 0)
}

struct Reader<'s> {
    source: &'s str,
    values: usize,
}

impl<'s> Reader<'s> {
    fn span(&self, part: &'s str) -> Span {
        let start = part.as_ptr() as usize - self.source.as_ptr() as usize;
        Span::new(start, start + part.len())
    }

    fn value(&mut self, text: &'s str, depth: usize) -> Option<Node<'s>> {
        self.values += 1;
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            return None;
        }
        let kind = match text.as_bytes().first()? {
            b'{' => {
                let fields: Fields<'s> = serde_json::from_str(text).ok()?;
                let mut pairs = Vec::with_capacity(fields.0.len());
                for (key, value) in fields.0 {
                    let key = self.key(key)?;
                    pairs.push((key, self.value(value.get(), depth + 1)?));
                }
                Kind::Map(pairs)
            }
            b'[' => {
                let items: Vec<&'s RawValue> = serde_json::from_str(text).ok()?;
                let items = items.into_iter();
                let items = items.map(|item| self.value(item.get(), depth + 1));
                Kind::List(items.collect::<Option<_>>()?)
            }
            b'"' => Kind::Scalar {
                text: Cow::Borrowed(plain(text.strip_prefix('"')?.strip_suffix('"')?)?),
                quoted: true,
            },
            _ => Kind::Scalar {
                text: Cow::Borrowed(text),
                quoted: false,
            },
        };
        let span = self.span(text);
        Some(Node { kind, span })
    }

    /// A key, whose place is that of its quotes.
    fn key(&mut self, key: &'s str) -> Option<Node<'s>> {
        self.values += 1;
        let Span { start, end } = self.span(plain(key)?);
        Some(Node {
            kind: Kind::Scalar {
                text: Cow::Borrowed(key),
                quoted: true,
            },
            span: Span {
                start: start.checked_sub(1)?,
                end: end + 1,
            },
        })
    }
}

/// A string that says what stands in the text.
fn plain(text: &str) -> Option<&str> {
    let escaped = text.bytes().any(|b| b == b'\\' || b.is_ascii_control());
    (!escaped).then_some(text)
}

/// The fields of an object, in their order, with values that are not looked at yet.
struct Fields<'s>(Vec<(&'s str, &'s RawValue)>);

impl<'s> Deserialize<'s> for Fields<'s> {
    fn deserialize<D: Deserializer<'s>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of;
        impl<'s> Visitor<'s> for Of {
            type Value = Fields<'s>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'s>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Of)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::read;
    use crate::text;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            (-1e6..1e6).prop_map(|n: f64| json!(n)),
            "\\PC{0,12}".prop_map(Value::from),
            "[ -~]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[ -~]{0,8}", inner, 0..5).prop_map(Value::from_iter),
            ]
        })
    }

    proptest! {
        /// What is read here is what the other reader gives, whatever the JSON says.
        #[test]
        fn any_object_is_read_as_by_the_other_reader(value in any_json(), key in "\\PC{0,8}") {
            let value = json!({ key: value });
            for text in [value.to_string(), serde_json::to_string_pretty(&value)?] {
                if let Some(tree) = read(&text) {
                    prop_assert_eq!((Some(tree), None), text::read(&text), "{}", text);
                }
            }
        }
    }

    /// Every JSON text that is read here has the tree, places included, that the other reader gives.
    #[test]
    fn the_tree_is_that_of_the_other_reader() {
        let texts = [
            r#"{"plan": {"drug": "upadacitinib", "label": ["us", "eu"]}, "as_of": "2026-11-21"}"#,
            r#"{"tests":[{"date":"2026-11-10","hemoglobin":"7.4 g/dL","crp":12.50,"igra":null}],"about":{"age":71,"sex":"female"}}"#,
            r#"{"history": {}, "vaccines": [], "patient": "", "a": -1.5e3, "b": true, "a": "again"}"#,
            "{\n  \"patient\": \"\u{e9}\u{1f600}\",\n  \"plan\": { }\n}\n",
        ];
        for text in texts {
            let here = read(text);
            assert!(here.is_some(), "{text}");
            assert_eq!((here, None), text::read(text), "{text}");
        }
        for text in [
            r#"{"patient": "A\u00e9"}"#,
            r#"{"patient": A}"#,
            r#"{"patient": "A"} {"#,
            r#"{"patient": "A""#,
            "patient: A",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
