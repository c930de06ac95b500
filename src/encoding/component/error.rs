//! Errors in key components.

use super::Scheme;
use crate::algorithm::KeyKind;
use crate::model::{Code, Coded, Diagnosis};

/// Files have the names that the caller passed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentError {
    #[error("the key component is malformed: {0}")]
    Malformed(String),
    /// The check value in the file does not match its content.
    #[error("the key component is damaged: its check value is {found}, but it states {stated}")]
    Damaged { stated: String, found: String },
    /// The same component was given twice.
    #[error("{first} and {second} are the same key component, number {index}")]
    Doubled { index: u8, first: String, second: String },
    /// Two equal plain components, which cancel each other out.
    #[error("{first} and {second} are the same key component and cancel each other out")]
    Equal { first: String, second: String },
    /// A component of another set.
    #[error("{name} belongs to set {set}, but {first} to set {first_set}")]
    Foreign { name: String, set: String, first: String, first_set: String },
    /// A plain component among components of a set.
    #[error("{plain} is a plain component, but others belong to a set")]
    Mixed { plain: String },
    #[error("{given} of {needed} key components given; {}", missing_components(*scheme, missing))]
    TooFew { given: usize, needed: u8, scheme: Scheme, missing: Vec<u8> },
    /// Joined, the components give another key than the one that was split.
    #[error("the key components do not make the key that was split")]
    OtherKey,
    /// An impossible number of components or threshold.
    #[error(
        "{shares} components, {threshold} of them needed: a key is split into 2 to 255, and at least 2 are needed"
    )]
    Numbers { shares: u8, threshold: u8 },
    /// A check value that was given does not match.
    #[error("the check value of {what} is {}, not {given}", found.join(" or "))]
    CheckValue { what: String, given: String, found: Vec<String> },
    /// A check value was given for a key that is not secret.
    #[error("only secret keys have a check value; this one is {kind}")]
    NoCheckValue { kind: KeyKind },
    /// The number of check values is not one, one per component, or one per component plus one.
    #[error(
        "{given} check values for {components} components: give one for the key, one for each component, or all of these"
    )]
    CheckValueCount { given: usize, components: usize },
}

impl ComponentError {
    pub(super) fn malformed(why: impl Into<String>) -> Self {
        Self::Malformed(why.into())
    }
}

fn missing_components(scheme: Scheme, missing: &[u8]) -> String {
    let numbers = missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match scheme {
        Scheme::Xor => format!("missing: number {numbers}"),
        Scheme::Shamir => format!("add any of the numbers {numbers}"),
    }
}

impl Coded for ComponentError {
    fn diagnosis(&self) -> Diagnosis {
        Code::InvalidInput.into()
    }
}
