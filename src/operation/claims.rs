//! The claims of a JWT (RFC 7519): made complete before signing, checked after verifying. The time comes from outside.

use std::{fmt, time::Duration};

use serde_json::Value;

use crate::{
    encoding::{self, Object},
    model::Timestamp,
};

/// The longest claims, in bytes of JSON. Tokens travel in HTTP headers, which end far below.
pub const MAX_CLAIMS: usize = 256 * 1024;

/// What is added to claims when they are issued.
#[derive(Debug, Clone, Default)]
pub struct Issue {
    /// Sets `exp`.
    pub lifetime: Option<Duration>,
    /// Sets `jti`.
    pub id: Option<String>,
}

/// What a verifier expects of claims beyond their times.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// How far the issuer's clock may be off.
    pub leeway: Duration,
    /// `aud` must name one of them, where any is given.
    pub audiences: Vec<String>,
    pub issuer: Option<String>,
}

/// Claims that nobody should sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimsError {
    Twice { name: String },
    Type { name: &'static str, expected: &'static str },
    ExpiresInPast { at: Timestamp, now: Timestamp },
    NeverValid { from: Timestamp, until: Timestamp },
    TooLarge { limit: usize },
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
            Self::TooLarge { limit } => write!(f, "the claims are larger than {limit} bytes"),
        }
    }
}

impl std::error::Error for ClaimsError {}

/// Why claims that are rightly signed are not to be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    Type { name: &'static str, expected: &'static str },
    Expired { at: Timestamp },
    NotYetValid { from: Timestamp },
    IssuedInFuture { at: Timestamp },
    Audience { expected: Vec<String>, found: Option<Value> },
    Issuer { expected: String, found: Option<Value> },
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
            Self::Issuer { expected, found: other } => {
                write!(f, "its issuer is not {expected:?}: {}", found(other))
            }
        }
    }
}

/// The claims, from JSON that must be one object.
pub fn read_claims(json: &[u8]) -> Result<Object, encoding::Error> {
    Object::read(json, "the claim set", MAX_CLAIMS)
}

/// Adds a claim that must not be there yet.
pub fn add_claim(claims: &mut Object, name: &str, value: &Value) -> Result<(), ClaimsError> {
    if claims.insert(name, value) { Ok(()) } else { Err(ClaimsError::Twice { name: name.to_owned() }) }
}

/// Fills in `iat` and `nbf` where they are not given, and `exp` and `jti` where they are asked for.
pub fn issue(mut claims: Object, issue: &Issue, now: Timestamp) -> Result<Object, ClaimsError> {
    for name in ["iat", "nbf"] {
        let _ = claims.insert(name, &now.seconds().into());
    }
    if let Some(lifetime) = issue.lifetime {
        let expires =
            now.seconds().checked_add(lifetime.as_secs()).filter(|at| *at <= Timestamp::LAST.seconds());
        let beyond = ClaimsError::Type { name: "exp", expected: "a date before the year 10000" };
        add_claim(&mut claims, "exp", &expires.ok_or(beyond)?.into())?;
    }
    if let Some(id) = &issue.id {
        add_claim(&mut claims, "jti", &id.as_str().into())?;
    }
    check_issued(&claims, now)?;
    if claims.to_string().len() > MAX_CLAIMS {
        return Err(ClaimsError::TooLarge { limit: MAX_CLAIMS });
    }
    Ok(claims)
}

/// Whether the claims make a token that somebody can accept, now or later.
pub fn check_issued(claims: &Object, now: Timestamp) -> Result<(), ClaimsError> {
    let times = Times::read(claims)
        .and_then(|times| texts(claims).map(|()| times))
        .map_err(|Mistyped { name, expected }| ClaimsError::Type { name, expected })?;
    match (times.not_before, times.expires) {
        (_, Some(expires)) if expires <= seconds(now) => {
            Err(ClaimsError::ExpiresInPast { at: moment(expires), now })
        }
        (Some(from), Some(until)) if until <= from => {
            Err(ClaimsError::NeverValid { from: moment(from), until: moment(until) })
        }
        _ => Ok(()),
    }
}

/// Whether a token with these claims is good now (RFC 7519, section 4.1).
pub(super) fn check_presented(claims: &Object, expected: &Expected, now: Timestamp) -> Result<(), Rejection> {
    let times = Times::read(claims)
        .and_then(|times| texts(claims).map(|()| times))
        .map_err(|Mistyped { name, expected }| Rejection::Type { name, expected })?;
    let (now, leeway) = (seconds(now), expected.leeway.as_secs_f64());
    if let Some(expires) = times.expires.filter(|expires| now >= expires + leeway) {
        return Err(Rejection::Expired { at: moment(expires) });
    }
    if let Some(from) = times.not_before.filter(|from| now + leeway < *from) {
        return Err(Rejection::NotYetValid { from: moment(from) });
    }
    if let Some(at) = times.issued.filter(|at| now + leeway < *at) {
        return Err(Rejection::IssuedInFuture { at: moment(at) });
    }
    let audience = claims.get("aud");
    if !expected.audiences.is_empty() && !names_one_of(audience.as_ref(), &expected.audiences) {
        return Err(Rejection::Audience { expected: expected.audiences.clone(), found: audience });
    }
    let issuer = claims.get("iss");
    match &expected.issuer {
        Some(wanted) if issuer.as_ref().and_then(Value::as_str) != Some(wanted) => {
            Err(Rejection::Issuer { expected: wanted.clone(), found: issuer })
        }
        _ => Ok(()),
    }
}

fn names_one_of(audience: Option<&Value>, wanted: &[String]) -> bool {
    let is_wanted = |value: &Value| value.as_str().is_some_and(|text| wanted.iter().any(|name| name == text));
    match audience {
        Some(Value::Array(names)) => names.iter().any(is_wanted),
        Some(name) => is_wanted(name),
        None => false,
    }
}

struct Mistyped {
    name: &'static str,
    expected: &'static str,
}

/// The dates, in seconds since 1970; fractions are allowed (NumericDate, RFC 7519, section 2).
struct Times {
    expires: Option<f64>,
    not_before: Option<f64>,
    issued: Option<f64>,
}

impl Times {
    fn read(claims: &Object) -> Result<Self, Mistyped> {
        let date = |name| match claims.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(_) => Err(Mistyped { name, expected: "a number of seconds" }),
        };
        Ok(Self { expires: date("exp")?, not_before: date("nbf")?, issued: date("iat")? })
    }
}

/// The types of the registered claims that are text.
fn texts(claims: &Object) -> Result<(), Mistyped> {
    for name in ["iss", "sub", "jti"] {
        if claims.get(name).is_some_and(|value| !value.is_string()) {
            return Err(Mistyped { name, expected: "a string" });
        }
    }
    match claims.get("aud") {
        None | Some(Value::String(_)) => Ok(()),
        Some(Value::Array(names)) if names.iter().all(Value::is_string) => Ok(()),
        Some(_) => Err(Mistyped { name: "aud", expected: "a string or a list of strings" }),
    }
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds stay exact until the year 287396")]
fn seconds(time: Timestamp) -> f64 {
    time.millis() as f64 / 1000.0
}

/// For messages; what no calendar has is moved to its nearest end.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
fn moment(seconds: f64) -> Timestamp {
    Timestamp::from_millis((seconds * 1000.0) as u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_500);

    fn claims(json: &str) -> Object {
        read_claims(json.as_bytes()).expect(json)
    }

    fn refused(json: &str, request: &Issue) -> String {
        issue(claims(json), request, NOW).expect_err(json).to_string()
    }

    #[test]
    fn dates_and_identity_are_filled_in() {
        let request = Issue { lifetime: Some(Duration::from_secs(900)), id: Some("x".to_owned()) };
        let issued = issue(claims(r#"{"n":1.0,"sub":"a"}"#), &request, NOW).expect("fine");
        assert_eq!(
            issued.to_string(),
            r#"{"n":1.0,"sub":"a","iat":1800000000,"nbf":1800000000,"exp":1800000900,"jti":"x"}"#
        );
        let given = issue(claims(r#"{"iat":5,"nbf":6.5}"#), &Issue::default(), NOW).expect("fine");
        assert_eq!(given.to_string(), r#"{"iat":5,"nbf":6.5}"#);
    }

    #[test]
    fn what_nobody_could_accept_is_not_signed() {
        let minute = Issue { lifetime: Some(Duration::from_secs(60)), id: Some("a".to_owned()) };
        for (json, why) in [
            (r#"{"exp":1900000000}"#, "\"exp\" is given twice"),
            (r#"{"jti":"b"}"#, "\"jti\" is given twice"),
            (r#"{"nbf":1900000000}"#, "never valid"),
        ] {
            assert!(refused(json, &minute).contains(why), "{json}");
        }
        for (json, why) in [
            (r#"{"exp":1800000000}"#, "2027-01-15T08:00:00Z, which is not after now"),
            (r#"{"exp":-1}"#, "not after now"),
            (r#"{"exp":"soon"}"#, "\"exp\" is not a number of seconds"),
            (r#"{"iat":null}"#, "\"iat\" is not a number"),
            (r#"{"sub":7}"#, "\"sub\" is not a string"),
            (r#"{"aud":["a",1]}"#, "\"aud\" is not a string or a list"),
        ] {
            assert!(refused(json, &Issue::default()).contains(why), "{json}");
        }
        let nothing = Issue { lifetime: Some(Duration::ZERO), id: None };
        assert!(refused("{}", &nothing).contains("not after now"));
        for seconds in [253_402_300_800 - 1_800_000_000, u64::MAX] {
            let forever = Issue { lifetime: Some(Duration::from_secs(seconds)), id: None };
            assert!(refused("{}", &forever).contains("\"exp\" is not a date before the year 10000"));
        }
        let long = format!("{{\"a\":\"{}\"}}", "a".repeat(MAX_CLAIMS - 20));
        assert!(refused(&long, &Issue::default()).contains("larger than 262144 bytes"));
    }

    #[test]
    fn presented_claims_are_checked_by_the_clock() {
        let check = |json: &str, leeway| {
            let expected = Expected { leeway: Duration::from_secs(leeway), ..Expected::default() };
            check_presented(&claims(json), &expected, NOW).map_err(|rejection| rejection.to_string())
        };
        for (json, leeway, rejection) in [
            (r#"{"exp":1800000001}"#, 0, None),
            (r#"{"exp":1800000000}"#, 0, Some("it expired at 2027-01-15T08:00:00Z")),
            (r#"{"exp":1800000000.6}"#, 0, None),
            (r#"{"exp":1799999990}"#, 11, None),
            (r#"{"exp":1799999990}"#, 10, Some("expired")),
            (r#"{"exp":1e300}"#, 0, None),
            (r#"{"nbf":1800000001}"#, 0, Some("not valid before")),
            (r#"{"nbf":1800000001}"#, 1, None),
            (r#"{"iat":1800000100}"#, 60, Some("issued in the future")),
            (r#"{"exp":"1900000000"}"#, 0, Some("\"exp\" is not a number")),
            (r#"{"exp":null}"#, 0, Some("\"exp\" is not a number")),
        ] {
            match (check(json, leeway), rejection) {
                (Ok(()), None) => {}
                (Err(found), Some(expected)) if found.contains(expected) => {}
                (found, expected) => panic!("{json}: {found:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn presented_claims_are_checked_by_name() {
        let expected = Expected {
            audiences: vec!["api".into(), "web".into()],
            issuer: Some("me".into()),
            ..Expected::default()
        };
        let check = |json: &str| check_presented(&claims(json), &expected, NOW);
        assert_eq!(check(r#"{"aud":"api","iss":"me"}"#), Ok(()));
        assert_eq!(check(r#"{"aud":["x","web"],"iss":"me"}"#), Ok(()));
        let wrong = |json| check(json).expect_err(json).to_string();
        assert_eq!(wrong(r#"{"iss":"me"}"#), "its audience is not \"api\" or \"web\": the token has none");
        assert_eq!(
            wrong(r#"{"aud":["x"],"iss":"me"}"#),
            "its audience is not \"api\" or \"web\": the token has [\"x\"]"
        );
        assert_eq!(wrong(r#"{"aud":"api","iss":"Me"}"#), "its issuer is not \"me\": the token has \"Me\"");
        assert_eq!(
            check(r#"{"aud":7,"iss":"me"}"#),
            Err(Rejection::Type { name: "aud", expected: "a string or a list of strings" })
        );
        assert_eq!(check(r#"{"aud":"api"}"#), Err(Rejection::Issuer { expected: "me".into(), found: None }));
        assert!(add_claim(&mut claims(r#"{"a":1}"#), "a", &json!(2)).is_err());
    }
}
