//! One result in both of its forms.

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
    pub json: Value,
    pub text: Text,
}

impl Document {
    pub fn new(json: Value, text: impl Into<Text>) -> Self {
        Self { json, text: text.into() }
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
