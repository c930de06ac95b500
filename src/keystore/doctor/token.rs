//! Checks of the token's flags, and of this machine's clock.

use std::time::Duration;

use super::Finding;
use crate::{
    keystore::{key::Key, record::Record},
    model::Timestamp,
    shell::{kmsctl, kmsctl_without_pin},
    token::{PinState, TokenInfo, UserType},
};

/// Allowed difference between the clocks of machines that share a token.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// `token` holds the flags from before the login of this run, which resets the PIN counter.
pub(super) fn check(token: &TokenInfo) -> Vec<Finding> {
    let pins = [(UserType::User, token.user_pin()), (UserType::SecurityOfficer, token.so_pin())];
    let mut findings: Vec<_> = pins.into_iter().filter_map(|(user, state)| pin(user, state)).collect();
    if token.user_pin_must_be_changed() {
        let text = "the token requires a new user PIN before it can be used";
        findings.push(Finding::warning("PIN_TO_BE_CHANGED", text).remedy(kmsctl("token set-pin")));
    }
    if token.is_write_protected() {
        let text = "the token is write-protected: keys cannot be made or changed";
        findings.push(Finding::info("WRITE_PROTECTED", text));
    }
    if !token.has_generator() {
        findings.push(Finding::info("NO_GENERATOR", "the token reports no random number generator"));
    }
    findings
}

fn pin(user: UserType, state: PinState) -> Option<Finding> {
    const CODE: &str = "PIN_STATE";
    let finding = match state {
        PinState::Fine => return None,
        PinState::Locked => Finding::error(CODE, format!("the {user} is locked")),
        PinState::FinalTry => Finding::error(CODE, format!("one try is left for the {user}")),
        PinState::CountLow => {
            Finding::warning(CODE, format!("a wrong {user} was entered since the last good one"))
        }
    };
    Some(match (user, state) {
        (UserType::User, PinState::Locked) => finding.remedy(kmsctl_without_pin("token unlock")),
        (UserType::User, _) => finding.remedy("log in once with the right PIN, which resets the counter"),
        (UserType::SecurityOfficer, _) => finding,
    })
}

/// Detects a clock that is behind: an event was recorded in its future.
pub(super) fn check_clock(keys: &[Key], now: Timestamp) -> Option<Finding> {
    let newest = keys.iter().filter_map(Key::record).map(Record::latest_event).max()?;
    (newest > now.after(TOLERANCE)).then(|| {
        let text = format!(
            "the clock of this machine says {now}, but an event was recorded on {newest}: schedules do not run"
        );
        Finding::error("CLOCK_BEHIND", text).remedy("set the clock: timedatectl set-ntp true")
    })
}
