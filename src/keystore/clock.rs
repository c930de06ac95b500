//! Plausibility of this machine's clock, which decides about irreversible destruction.

use std::{fmt, time::Duration};

use crate::model::{Counted, Timestamp};

/// Allowed difference between the clocks of machines that share a token.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// Allowed difference of the token's clock: HSM clocks drift, and some are set to local time.
const TOKEN_TOLERANCE: Duration = Timestamp::DAY;

/// Days that a nightly run may plausibly be late: one night was missed. More would let a clock destroy that jumped by as much
/// beyond the waiting period, whose default is three days.
const MAX_LATE: u32 = 2;

/// The time of a run, and the evidence for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    pub now: Timestamp,
    /// The system reports that a time service synchronises its clock. False proves nothing: it is always false in containers
    /// and with some time services.
    pub is_synchronised: bool,
    /// The time of the token's clock, if it has one.
    pub of_token: Option<Timestamp>,
    /// The newest event in the records of the token, where they were read for it.
    pub newest: Option<Timestamp>,
}

/// Why it is doubtful that a date has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockDoubt {
    /// The token's clock differs.
    Differs { now: Timestamp, of_token: Timestamp },
    /// The date is long past, and nothing confirms the clock, which may have jumped ahead. Later events in the record prove
    /// nothing: a scheduled rotation may have recorded them with the same wrong clock.
    Late { now: Timestamp, date: Timestamp },
}

impl fmt::Display for ClockDoubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs { now, of_token } => {
                write!(f, "this machine's clock says {now}, the token's says {of_token}")
            }
            Self::Late { now, date } => {
                let days = (now.millis() - date.millis()) / 1000 / Timestamp::DAY.as_secs();
                write!(
                    f,
                    "{date} was {} ago by the clock of this machine, and nothing confirms the clock",
                    Counted(usize::try_from(days).unwrap_or(usize::MAX), "day")
                )
            }
        }
    }
}

impl Clock {
    /// Why it is doubtful that this date has come, if it is. `None` for a date in the future.
    pub fn doubt(&self, date: Timestamp) -> Option<ClockDoubt> {
        let Self { now, .. } = *self;
        match self.of_token {
            _ if date > now => None,
            Some(_) => self.difference(),
            None if self.is_synchronised || now <= date.after_days(MAX_LATE) => None,
            None => Some(ClockDoubt::Late { now, date }),
        }
    }

    /// That the token's clock differs, if it does.
    pub(super) fn difference(&self) -> Option<ClockDoubt> {
        let Self { now, .. } = *self;
        let of_token = self.of_token?;
        let differs = of_token.after(TOKEN_TOLERANCE) < now || now.after(TOKEN_TOLERANCE) < of_token;
        differs.then_some(ClockDoubt::Differs { now, of_token })
    }

    /// Whether the token's clock confirms the time, or without one the system.
    pub(super) fn is_confirmed(&self) -> bool {
        self.of_token.map_or(self.is_synchronised, |_| self.difference().is_none())
    }

    /// Whether a date is in the future even on other machines that share the token.
    pub(super) fn is_ahead(&self, date: Timestamp) -> bool {
        date > self.now.after(TOLERANCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_long_past_needs_a_confirmed_clock() {
        let date = Timestamp::from_millis(1_800_000_000_000);
        let clock = |days, is_synchronised, of_token: Option<u32>| Clock {
            now: date.after_days(days),
            is_synchronised,
            of_token: of_token.map(|days| date.after_days(days)),
            newest: None,
        };
        for (clock, is_doubted) in [
            (clock(0, false, None), false),
            (clock(MAX_LATE, false, None), false),
            (clock(MAX_LATE + 1, false, None), true),
            (clock(400, true, None), false),
            (clock(400, true, Some(1)), true),
            (clock(400, false, Some(399)), false),
            (clock(1, true, Some(3)), true),
        ] {
            assert_eq!(clock.doubt(date).is_some(), is_doubted, "{clock:?}");
        }
        let doubt = clock(8, false, None).doubt(date).expect("a doubt").to_string();
        assert!(doubt.starts_with("2027-01-15T08:00:00Z was 8 days ago"), "{doubt}");
    }
}
