//! From an error to what the user sees: code, message, causes, hint, exit code. Decided once, here.

mod code;
mod diagnosis;
mod pkcs11;
mod token;

use std::fmt::Write as _;

use serde_json::{Value, json};

pub use code::{Code, exit};
use diagnosis::Diagnosis;

use crate::token as pkcs11_token;

/// A failure, ready to be shown.
#[derive(Debug)]
pub struct Failure {
    code: Code,
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
    /// The PKCS#11 call behind it.
    call: Option<pkcs11_token::Error>,
}

impl Failure {
    pub fn new(error: &anyhow::Error) -> Self {
        let Diagnosis { code, hint } = diagnosis::of(error);
        let mut texts = error.chain().map(ToString::to_string);
        let message = texts.next().unwrap_or_default();
        let mut causes: Vec<String> = texts.collect();
        // A wrapper that repeats its source says nothing new.
        causes.dedup();
        causes.retain(|cause| *cause != message);
        let call = error.chain().find_map(|cause| cause.downcast_ref::<pkcs11_token::Error>()).copied();
        Self { code, message, causes, hint, call }
    }

    /// A failure that was never an error value: what clap has to say.
    pub fn usage(message: String, hint: Option<String>) -> Self {
        Self { code: Code::Usage, message, causes: Vec::new(), hint, call: None }
    }

    pub fn code(&self) -> Code {
        self.code
    }

    pub fn exit(&self) -> u8 {
        self.code.exit()
    }

    /// The three-part text of the contract; `clean` makes text from outside safe for a terminal.
    pub fn to_text(&self, clean: impl Fn(&str) -> String) -> String {
        let mut text = format!("error: {}\n", clean(&self.message));
        for cause in &self.causes {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  caused by: {}", clean(cause));
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(text, "hint: {}", clean(hint));
        }
        text
    }

    /// The error object of `--json`.
    pub fn to_json(&self) -> Value {
        json!({"error": {
            "code": self.code.name(),
            "exit": self.code.exit(),
            "message": self.message,
            "causes": self.causes,
            "hint": self.hint,
            "ckr": self.call.map(|call| call.name()),
            "function": self.call.map(|call| call.function()),
        }})
    }
}
