//! A result as text and JSON.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::table::{Layout, Table};
use crate::ui::wrapped;

/// Output for people: texts, which end with a newline unless empty, and tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text(Vec<Block>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    /// Data, or a file.
    Plain(String),
    /// Lines that may be broken between words.
    Prose(String),
    Table(Table),
}

impl Text {
    /// Lines that are broken between words on a narrow terminal.
    pub fn prose(text: String) -> Self {
        Self(vec![Block::Prose(text)])
    }

    #[must_use]
    pub fn and(mut self, more: impl Into<Self>) -> Self {
        self.0.append(&mut more.into().0);
        self
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(vec![Block::Plain(text)])
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Table> for Text {
    fn from(table: Table) -> Self {
        Self(vec![Block::Table(table)])
    }
}

/// A change, reported on standard error because it is not requested data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub line: String,
    /// Suggested next command.
    pub next: Option<String>,
}

/// The result of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Serialised, with a newline: a tree of values for ten thousand keys would need more memory than everything else.
    json: String,
    text: Text,
    change: Option<Change>,
}

/// The bytes for standard output.
#[derive(Debug)]
pub struct Shown<'a> {
    pub bytes: Cow<'a, [u8]>,
    /// Headings of the columns that do not fit the terminal.
    pub left_out: Vec<&'static str>,
}

impl Document {
    #[allow(clippy::needless_pass_by_value, reason = "the tree is made in the call")]
    pub fn new(json: Value, text: impl Into<Text>) -> Self {
        Self { json: format!("{json}\n"), text: text.into(), change: None }
    }

    /// Sets the line that reports the change.
    #[must_use]
    pub fn saying(self, line: impl Into<String>) -> Self {
        Self { change: Some(Change { line: line.into(), next: None }), ..self }
    }

    /// Sets the command suggested after the change, if any.
    #[must_use]
    pub fn then(mut self, next: impl Into<Option<String>>) -> Self {
        if let Some(change) = &mut self.change {
            change.next = next.into();
        }
        self
    }

    /// `json` is an object or array of plain data, which always serialises.
    pub fn of(json: &impl Serialize, text: impl Into<Text>) -> Self {
        Self { json: serde_json::to_string(json).unwrap_or_default() + "\n", text: text.into(), change: None }
    }

    /// A JSON array without text. Each item is serialised and dropped before the next is created.
    pub fn array(items: impl Iterator<Item = impl Serialize>) -> Self {
        let mut json = String::from("[");
        for item in items {
            if json.len() > 1 {
                json.push(',');
            }
            // Infallible: only strings, numbers and lists of them.
            json.push_str(&serde_json::to_string(&item).unwrap_or_default());
        }
        json.push_str("]\n");
        Self { json, text: Text::default(), change: None }
    }

    pub const fn changed(&self) -> Option<&Change> {
        self.change.as_ref()
    }

    /// The bytes for a file or a program: JSON on one line, or text at full width.
    pub fn to_bytes(&self, json: bool) -> Cow<'_, [u8]> {
        self.shown(json, Layout::default()).bytes
    }

    /// The bytes in the layout of a known reader.
    pub fn shown(&self, json: bool, layout: Layout) -> Shown<'_> {
        if json {
            let indented = layout.indent.then(|| indented(&self.json)).flatten();
            let bytes = indented.map_or(self.json.as_bytes().into(), |text| text.into_bytes().into());
            return Shown { bytes, left_out: Vec::new() };
        }
        if let [Block::Plain(text)] = self.text.0.as_slice() {
            return Shown { bytes: text.as_bytes().into(), left_out: Vec::new() };
        }
        let mut shown = (String::new(), Vec::new());
        for block in &self.text.0 {
            match block {
                Block::Plain(text) => shown.0.push_str(text),
                Block::Prose(text) => shown.0.push_str(&wrapped(text, layout.width)),
                Block::Table(table) => {
                    let (text, left_out) = table.to_text(layout);
                    shown.0.push_str(&text);
                    shown.1.extend(left_out);
                }
            }
        }
        Shown { bytes: shown.0.into_bytes().into(), left_out: shown.1 }
    }
}

fn indented(json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    Some(format!("{value:#}\n"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::table, *};

    fn text(document: &Document, json: bool, layout: Layout) -> String {
        String::from_utf8(document.shown(json, layout).bytes.into_owned()).expect("UTF-8")
    }

    #[test]
    fn json_is_indented_only_on_a_terminal() {
        let document = Document::new(json!({"b": 1, "a": 12_345_678_901_234_567_890_u64}), "");
        assert_eq!(text(&document, true, Layout::default()), "{\"b\":1,\"a\":12345678901234567890}\n");
        let indented = text(&document, true, Layout { indent: true, ..Layout::default() });
        assert_eq!(indented, "{\n  \"b\": 1,\n  \"a\": 12345678901234567890\n}\n");
    }

    #[test]
    fn a_change_is_not_on_standard_output() {
        let document = Document::new(json!({}), "").saying("created it").then("use it".to_owned());
        assert_eq!(text(&document, false, Layout::default()), "");
        assert_eq!(document.changed().and_then(|change| change.next.as_deref()), Some("use it"));
    }

    #[test]
    fn texts_and_tables_keep_their_order() {
        let table = table(&["A"], vec![vec!["b".to_owned()]]);
        let document = Document::new(Value::Null, Text::from("first\n").and(table).and("last\n"));
        assert_eq!(text(&document, false, Layout::default()), "first\nA\nb\nlast\n");
    }
}
