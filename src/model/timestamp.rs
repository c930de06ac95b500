//! Points in time: Unix milliseconds in JSON, RFC 3339 in UTC for people.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z, at most [`Self::LAST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "u64", from = "u64")]
pub struct Timestamp(u64);

impl Timestamp {
    pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    /// 9999-12-31T23:59:59.999Z, the last time that RFC 3339 can express.
    pub const LAST: Self = Self(253_402_300_799_999);

    pub const fn from_millis(millis: u64) -> Self {
        Self(if millis > Self::LAST.0 { Self::LAST.0 } else { millis })
    }

    pub const fn millis(self) -> u64 {
        self.0
    }

    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The day in UTC: `2026-11-21`.
    pub fn day(self) -> String {
        let mut text = self.to_string();
        text.truncate("2026-11-21".len());
        text
    }

    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self::from_millis(self.0.saturating_add(millis))
    }

    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(millis))
    }

    #[must_use]
    pub fn after_days(self, days: u32) -> Self {
        self.after(Self::DAY * days)
    }
}

impl From<u64> for Timestamp {
    fn from(millis: u64) -> Self {
        Self::from_millis(millis)
    }
}

impl From<Timestamp> for u64 {
    fn from(time: Timestamp) -> Self {
        time.0
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// RFC 3339 to the second: `2026-11-21T23:25:00Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = UNIX_EPOCH + Duration::from_secs(self.seconds());
        f.pad(&humantime::format_rfc3339_seconds(time).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_rfc_3339_in_utc() {
        assert_eq!(Timestamp::from_millis(1_741_156_631_314).to_string(), "2025-03-05T06:37:11Z");
        assert_eq!(Timestamp::from_millis(1_741_156_631_314).day(), "2025-03-05");
        assert_eq!(Timestamp::from_millis(u64::MAX).to_string(), "9999-12-31T23:59:59Z");
        let read: Timestamp = serde_json::from_str(&u64::MAX.to_string()).expect("a number");
        assert_eq!(read, Timestamp::from_millis(u64::MAX), "deserialising limits the value too");
    }

    #[test]
    fn days_are_added_exactly() {
        let start = Timestamp::from_millis(1_733_380_631_000);
        assert_eq!(start.after_days(90).millis() - start.millis(), 90 * 86_400_000);
    }
}
