//! The claims of a JWT (RFC 7519): completed before signing, checked after verifying. The caller gives the time.

mod error;
mod times;

use std::time::Duration;

use serde_json::Value;

pub use error::{ClaimsError, Rejection};

use crate::{
    encoding::{self, Object},
    model::Timestamp,
};
use times::{Mistyped, Times, moment, seconds};

/// The longest claims, in bytes of JSON. Tokens travel in HTTP headers, whose limits are far lower.
pub const MAX_CLAIMS: usize = 256 * 1024;

/// Claims that are added when a token is issued.
#[derive(Debug, Clone, Default)]
pub struct Issue {
    /// Sets `exp`.
    pub lifetime: Option<Duration>,
    /// Sets `nbf`, which is else the time of issue.
    pub not_before: Option<Timestamp>,
    /// Sets `jti`.
    pub id: Option<String>,
}

/// What a verifier expects of a token beyond its signature.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// How far the issuer's clock may be off.
    pub leeway: Duration,
    pub audience: Audience,
    pub issuer: Option<String>,
    /// The `typ` of the header.
    pub typ: Option<String>,
    /// A token without `exp` is refused.
    pub requires_expiry: bool,
}

/// The audience that a token must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// `aud` must name one of them. With none of them, a token that has an audience is refused: it may be for another
    /// (RFC 7519, section 4.1.3).
    OneOf(Vec<String>),
    Any,
}

impl Default for Audience {
    fn default() -> Self {
        Self::OneOf(Vec::new())
    }
}

/// Reads the claims from a JSON object.
pub fn read_claims(json: &[u8]) -> Result<Object, encoding::Error> {
    Object::read(json, "the claim set", MAX_CLAIMS)
}

/// Adds a claim. An error if it is there already.
pub fn add_claim(claims: &mut Object, name: &str, value: &Value) -> Result<(), ClaimsError> {
    if claims.insert(name, value) { Ok(()) } else { Err(ClaimsError::Twice { name: name.to_owned() }) }
}

/// Adds `iat` and `nbf` unless they are given, and `exp` and `jti` if requested.
pub fn issue(mut claims: Object, issue: &Issue, now: Timestamp) -> Result<Object, ClaimsError> {
    if let Some(from) = issue.not_before {
        add_claim(&mut claims, "nbf", &from.seconds().into())?;
    }
    // Given claims stay as they are.
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

/// Whether a verifier could ever accept a token with these claims.
pub fn check_issued(claims: &Object, now: Timestamp) -> Result<(), ClaimsError> {
    let times = Times::read(claims)
        .and_then(|times| texts(claims).map(|()| times))
        .map_err(|Mistyped { name, expected }| ClaimsError::Type { name, expected })?;
    times.check_plausible(claims)?;
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

/// Whether a token with these claims is valid now (RFC 7519, section 4.1).
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
    if expected.requires_expiry && times.expires.is_none() {
        return Err(Rejection::NoExpiry);
    }
    check_audience(claims.get("aud"), &expected.audience)?;
    let issuer = claims.get("iss");
    match &expected.issuer {
        Some(wanted) if issuer.as_ref().and_then(Value::as_str) != Some(wanted) => {
            Err(Rejection::Issuer { expected: wanted.clone(), found: issuer })
        }
        _ => Ok(()),
    }
}

fn check_audience(found: Option<Value>, expected: &Audience) -> Result<(), Rejection> {
    let Audience::OneOf(names) = expected else { return Ok(()) };
    match found {
        None if names.is_empty() => Ok(()),
        Some(found) if names.is_empty() => Err(Rejection::AudienceNotExpected { found }),
        found if names_one_of(found.as_ref(), names) => Ok(()),
        found => Err(Rejection::Audience { expected: names.clone(), found }),
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

#[cfg(test)]
mod tests;
