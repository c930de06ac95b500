//! Errors in the encoding of keys and signatures.

use std::fmt;

/// [`crate::encoding::Error`] is for files; this is for the numbers in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not well-formed, with the rule that it breaks.
    #[error("{what} is malformed: {why}")]
    Malformed { what: &'static str, why: String },
    /// A key, curve or size that kmsctl does not support.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// A private key whose numbers contradict each other.
    #[error("the private key is inconsistent: {0}")]
    Inconsistent(&'static str),
}

impl Error {
    pub fn malformed(what: &'static str, why: impl fmt::Display) -> Self {
        Self::Malformed { what, why: why.to_string() }
    }
}
