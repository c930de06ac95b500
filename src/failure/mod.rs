//! From an error to what the user sees: code, message, causes, hint, exit code. Decided once, here.

mod diagnosis;
mod explain;
mod seal;

use serde_json::{Value, json};

pub use explain::{Explanation, Kind, explain, nearest};

use crate::{
    model::{Code, Diagnosis},
    token as pkcs11_token,
};

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

    pub fn code(&self) -> Code {
        self.code
    }

    pub fn exit(&self) -> u8 {
        self.code.exit()
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
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
