//! One result in both of its forms.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::table::{Layout, Table};

/// The form for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// Ends with a newline unless it is empty.
    Plain(String),
    Table(Table),
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<Table> for Text {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

/// What a command has to say on standard output.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Written already, with its end of line: as a tree of values, a list of ten thousand keys takes more room than all
    /// the rest.
    json: String,
    pub text: Text,
}

impl Document {
    #[allow(clippy::needless_pass_by_value, reason = "the tree is made in the call")]
    pub fn new(json: Value, text: impl Into<Text>) -> Self {
        Self { json: format!("{json}\n"), text: text.into() }
    }

    /// `json` is an object or array of plain data, which always serialises.
    pub fn of(json: &impl Serialize, text: impl Into<Text>) -> Self {
        Self { json: serde_json::to_string(json).unwrap_or_default() + "\n", text: text.into() }
    }

    /// An array in JSON alone. Each item is written and let go before the next is made.
    pub fn array(items: impl Iterator<Item = impl Serialize>) -> Self {
        let mut json = String::from("[");
        for item in items {
            if json.len() > 1 {
                json.push(',');
            }
            // Strings, numbers and lists of them always serialise.
            json.push_str(&serde_json::to_string(&item).unwrap_or_default());
        }
        json.push_str("]\n");
        Self { json, text: "".into() }
    }

    /// The bytes for standard output: JSON on one line, or the text as wide as it is.
    pub fn to_bytes(&self, json: bool) -> Cow<'_, [u8]> {
        self.to_bytes_for(json, Layout::default())
    }

    /// The same for a reader who is known.
    pub fn to_bytes_for(&self, json: bool, layout: Layout) -> Cow<'_, [u8]> {
        match &self.text {
            _ if json => self.json.as_bytes().into(),
            Text::Plain(text) => text.as_bytes().into(),
            Text::Table(table) => table.to_text(layout).into_bytes().into(),
        }
    }
}
