//! One result in both of its forms.

use serde::Serialize;
use serde_json::Value;

use super::Table;

/// What the reader of a text is: a terminal of some width, with colours or without, or a file or program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// Columns; `None` has no limit.
    pub width: Option<u16>,
    pub colour: bool,
}

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
    /// Written already: as a tree of values, a list of ten thousand keys takes more room than all the rest.
    json: String,
    pub text: Text,
}

impl Document {
    #[allow(clippy::needless_pass_by_value, reason = "the tree is made in the call")]
    pub fn new(json: Value, text: impl Into<Text>) -> Self {
        Self { json: json.to_string(), text: text.into() }
    }

    /// The same from values that write themselves.
    pub fn of(values: &impl Serialize, text: impl Into<Text>) -> Self {
        // Strings, numbers and lists of them always serialise.
        Self { json: serde_json::to_string(values).unwrap_or_default(), text: text.into() }
    }

    /// The bytes for standard output: JSON on one line, or the text as wide as it is.
    pub fn to_bytes(&self, json: bool) -> Vec<u8> {
        self.to_bytes_for(json, Layout::default())
    }

    /// The same for a reader who is known.
    pub fn to_bytes_for(&self, json: bool, layout: Layout) -> Vec<u8> {
        match &self.text {
            _ if json => format!("{}\n", self.json).into_bytes(),
            Text::Plain(text) => text.clone().into_bytes(),
            Text::Table(table) => table.to_text(layout).into_bytes(),
        }
    }
}
