//! Why components do not make a key.

use std::fmt;

use super::Scheme;
use crate::model::KeyKind;

/// Files are named as the caller named them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComponentError {
    Malformed(String),
    /// The check value in the file is not that of its content.
    Damaged {
        stated: String,
        found: String,
    },
    /// The same component twice.
    Doubled {
        index: u8,
        first: String,
        second: String,
    },
    /// Two plain components that are equal: they cancel each other out.
    Equal {
        first: String,
        second: String,
    },
    /// Of another set.
    Foreign {
        name: String,
        set: String,
        first: String,
        first_set: String,
    },
    /// A plain component among those of a set.
    Mixed {
        plain: String,
    },
    TooFew {
        given: usize,
        needed: u8,
        scheme: Scheme,
        missing: Vec<u8>,
    },
    /// Joined, they make another key than the one that was split.
    OtherKey,
    /// A number of components or a threshold that cannot be.
    Numbers {
        shares: u8,
        threshold: u8,
    },
    /// A check value that was given does not fit.
    CheckValue {
        what: String,
        given: String,
        found: Vec<String>,
    },
    /// A check value for a key that is no AES key.
    NoCheckValue {
        kind: KeyKind,
    },
    /// The number of check values is neither one, nor one for each component, nor one more.
    CheckValueCount {
        given: usize,
        components: usize,
    },
}

impl ComponentError {
    pub(super) fn malformed(why: impl Into<String>) -> Self {
        Self::Malformed(why.into())
    }
}

impl fmt::Display for ComponentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "the key component is malformed: {why}"),
            Self::Damaged { stated, found } => {
                write!(f, "the key component is damaged: its check value is {found}, and it says {stated}")
            }
            Self::Doubled { index, first, second } => {
                write!(f, "{first} and {second} are the same key component, number {index}")
            }
            Self::Equal { first, second } => {
                write!(f, "{first} and {second} are the same key component: together they add nothing")
            }
            Self::Foreign { name, set, first, first_set } => {
                write!(f, "{name} belongs to set {set}, but {first} to set {first_set}")
            }
            Self::Mixed { plain } => {
                write!(f, "{plain} is a plain component and belongs to no set, others do")
            }
            Self::TooFew { given, needed, scheme, missing } => {
                write!(f, "too few key components: {given} of {needed} that are needed")?;
                let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
                match scheme {
                    Scheme::Xor => write!(f, "; missing: number {}", missing.join(", ")),
                    Scheme::Shamir => write!(f, "; any of these would do: {}", missing.join(", ")),
                }
            }
            Self::OtherKey => f.write_str("the key components make another key than the one that was split"),
            Self::Numbers { shares, threshold } => {
                write!(
                    f,
                    "a key is split into 2 to 255 components, and at least 2 of them are needed to join it, not {threshold} of {shares}"
                )
            }
            Self::CheckValue { what, given, found } => {
                write!(f, "the check value of {what} is {}, not {given}", found.join(" or "))
            }
            Self::NoCheckValue { kind } => write!(f, "only AES keys have a check value; this one is {kind}"),
            Self::CheckValueCount { given, components } => write!(
                f,
                "{given} check values for {components} components: give one for the key, one for each component, or all of these"
            ),
        }
    }
}

impl std::error::Error for ComponentError {}
