//! NumericDates (RFC 7519, section 2): seconds since 1970, fractions allowed.

use serde_json::Value;

use super::error::ClaimsError;
use crate::{encoding::Object, model::Timestamp};

/// The claims that are dates.
const DATES: [&str; 3] = ["exp", "nbf", "iat"];
/// From here on a number of seconds is probably one of milliseconds: 2001-09-09 in milliseconds is the year 33658.
const FIRST_LIKELY: f64 = 1e9;

/// A claim that is there, but of another type.
pub(super) struct Mistyped {
    pub(super) name: &'static str,
    pub(super) expected: &'static str,
}

/// The dates, in seconds since 1970.
pub(super) struct Times {
    pub(super) expires: Option<f64>,
    pub(super) not_before: Option<f64>,
    pub(super) issued: Option<f64>,
}

impl Times {
    pub(super) fn read(claims: &Object) -> Result<Self, Mistyped> {
        let date = |name| match claims.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(_) => Err(Mistyped { name, expected: "a number of seconds" }),
        };
        Ok(Self { expires: date("exp")?, not_before: date("nbf")?, issued: date("iat")? })
    }

    /// Refuses dates outside the calendar: libraries treat them differently, and most are mistakes of the unit.
    pub(super) fn check_plausible(&self, claims: &Object) -> Result<(), ClaimsError> {
        for (name, date) in DATES.into_iter().zip([self.expires, self.not_before, self.issued]) {
            let is_date = |date: f64| (0.0..=last()).contains(&date);
            if let Some(date) = date.filter(|date| !is_date(*date)) {
                let value = claims.get(name).unwrap_or_default();
                return Err(ClaimsError::Implausible { name, value, seconds: in_another_unit(date) });
            }
        }
        Ok(())
    }
}

/// The date in seconds, if it was probably given in milliseconds, microseconds or nanoseconds.
fn in_another_unit(date: f64) -> Option<(&'static str, Timestamp)> {
    [("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9)]
        .into_iter()
        .map(|(unit, per_second)| (unit, date / per_second))
        .find(|(_, seconds)| (FIRST_LIKELY..=last()).contains(seconds))
        .map(|(unit, seconds)| (unit, moment(seconds)))
}

fn last() -> f64 {
    seconds(Timestamp::LAST)
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds stay exact until the year 287396")]
pub(super) fn seconds(time: Timestamp) -> f64 {
    time.millis() as f64 / 1000.0
}

/// For messages; dates outside the calendar become its first or last.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
pub(super) fn moment(seconds: f64) -> Timestamp {
    Timestamp::from_millis((seconds * 1000.0) as u64)
}
