//! One result in both of its forms.

use serde_json::Value;

/// What a command has to say on standard output.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub json: Value,
    /// Ends with a newline unless it is empty.
    pub text: String,
}

impl Document {
    pub fn new(json: Value, text: impl Into<String>) -> Self {
        Self { json, text: text.into() }
    }

    /// The bytes for standard output: JSON on one line, or the text.
    pub fn to_bytes(&self, json: bool) -> Vec<u8> {
        if json { format!("{}\n", self.json).into_bytes() } else { self.text.clone().into_bytes() }
    }
}
