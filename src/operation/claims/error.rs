//! Why claims are not signed, and why signed claims are refused.

use std::fmt;

use serde_json::Value;

use crate::model::Timestamp;

/// Why claims are not signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimsError {
    Twice {
        name: String,
    },
    Type {
        name: &'static str,
        expected: &'static str,
    },
    ExpiresInPast {
        at: Timestamp,
        now: Timestamp,
    },
    NeverValid {
        from: Timestamp,
        until: Timestamp,
    },
    /// Not a date, or one outside the calendar. `seconds`: its probable unit, and the date in that unit.
    Implausible {
        name: &'static str,
        value: Value,
        seconds: Option<(&'static str, Timestamp)>,
    },
    TooLarge {
        limit: usize,
    },
}

impl fmt::Display for ClaimsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice { name } => write!(f, "the claim {name:?} is given twice"),
            Self::Type { name, expected } => write!(f, "the claim {name:?} is not {expected}"),
            Self::ExpiresInPast { at, now } => {
                write!(f, "the claim \"exp\" is {at}, which is not after now, {now}")
            }
            Self::NeverValid { from, until } => {
                write!(f, "the claims are never valid: \"nbf\" is {from} and \"exp\" is {until}")
            }
            Self::Implausible { name, value, .. } => {
                write!(f, "the claim {name:?} is {value}, which is not a time in seconds since 1970")
            }
            Self::TooLarge { limit } => write!(f, "the claims are larger than {limit} bytes"),
        }
    }
}

impl std::error::Error for ClaimsError {}

/// Why signed claims are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    Type {
        name: &'static str,
        expected: &'static str,
    },
    Expired {
        at: Timestamp,
    },
    NotYetValid {
        from: Timestamp,
    },
    IssuedInFuture {
        at: Timestamp,
    },
    Audience {
        expected: Vec<String>,
        found: Option<Value>,
    },
    /// It names an audience, and the verifier named none.
    AudienceNotExpected {
        found: Value,
    },
    NoExpiry,
    /// The `typ` of its header.
    Typ {
        expected: String,
        found: Option<String>,
    },
    Issuer {
        expected: String,
        found: Option<Value>,
    },
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = |found: &Option<Value>| {
            found
                .as_ref()
                .map_or_else(|| "the token has none".to_owned(), |value| format!("the token has {value}"))
        };
        match self {
            Self::Type { name, expected } => write!(f, "its claim {name:?} is not {expected}"),
            Self::Expired { at } => write!(f, "it expired at {at}"),
            Self::NotYetValid { from } => write!(f, "it is not valid before {from}"),
            Self::IssuedInFuture { at } => write!(f, "it was issued in the future, at {at}"),
            Self::Audience { expected, found: other } => {
                let expected: Vec<_> = expected.iter().map(|audience| format!("{audience:?}")).collect();
                write!(f, "its audience is not {}: {}", expected.join(" or "), found(other))
            }
            Self::AudienceNotExpected { found } => {
                write!(f, "it is for the audience {found}, and no audience was expected")
            }
            Self::NoExpiry => f.write_str("it never expires: it has no \"exp\""),
            Self::Typ { expected, found } => {
                let found = found
                    .as_ref()
                    .map_or_else(|| "the token has none".to_owned(), |typ| format!("it is {typ:?}"));
                write!(f, "its type (\"typ\") is not {expected:?}: {found}")
            }
            Self::Issuer { expected, found: other } => {
                write!(f, "its issuer is not {expected:?}: {}", found(other))
            }
        }
    }
}
