//! Why claims are not signed, and why signed claims are refused.

use serde_json::Value;

use crate::model::{Code, Coded, Diagnosis, Timestamp};

/// Why claims are not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    #[error("the claim {name:?} is given twice")]
    Twice { name: String },
    #[error("the claim {name:?} is not {expected}")]
    Type { name: &'static str, expected: &'static str },
    #[error("the claim \"exp\" is {at}, which is not after now, {now}")]
    ExpiresInPast { at: Timestamp, now: Timestamp },
    #[error("the claims are never valid: \"nbf\" is {from} and \"exp\" is {until}")]
    NeverValid { from: Timestamp, until: Timestamp },
    /// Not a date, or one outside the calendar. `seconds`: its probable unit, and the date in that unit.
    #[error("the claim {name:?} is {value}, which is not a time in seconds since 1970")]
    Implausible { name: &'static str, value: Value, seconds: Option<(&'static str, Timestamp)> },
    #[error("the claims are larger than {limit} bytes")]
    TooLarge { limit: usize },
}

impl Coded for ClaimsError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::Implausible { seconds: Some((unit, meant)), .. } => {
                Code::Usage.hint(format!("{unit}? A JWT counts seconds: {} is {meant}", meant.seconds()))
            }
            Self::Implausible { .. } => Code::Usage.hint("a JWT counts seconds; `--ttl 15m` sets \"exp\""),
            _ => Code::Usage.into(),
        }
    }
}

/// Why signed claims are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("its claim {name:?} is not {expected}")]
    Type { name: &'static str, expected: &'static str },
    #[error("it expired at {at}")]
    Expired { at: Timestamp },
    #[error("it is not valid before {from}")]
    NotYetValid { from: Timestamp },
    #[error("it was issued in the future, at {at}")]
    IssuedInFuture { at: Timestamp },
    #[error("its audience is not {}: {}", expected.iter().map(|audience| format!("{audience:?}")).collect::<Vec<_>>().join(" or "), found_instead(found.as_ref()))]
    Audience { expected: Vec<String>, found: Option<Value> },
    /// It names an audience, and the verifier named none.
    #[error("it is for the audience {found}, and no audience was expected")]
    AudienceNotExpected { found: Value },
    #[error("it never expires: it has no \"exp\"")]
    NoExpiry,
    /// The `typ` of its header.
    #[error("its type (\"typ\") is not {expected:?}: {}", found.as_ref().map_or_else(|| "the JWT has none".to_owned(), |typ| format!("it is {typ:?}")))]
    Typ { expected: String, found: Option<String> },
    #[error("its issuer is not {expected:?}: {}", found_instead(found.as_ref()))]
    Issuer { expected: String, found: Option<Value> },
}

fn found_instead(found: Option<&Value>) -> String {
    found.map_or_else(|| "the JWT has none".to_owned(), |value| format!("the JWT has {value}"))
}
