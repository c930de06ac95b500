//! Checks of the token's flags, and of this machine's clock.

use super::{Finding, some_of};
use crate::{
    keystore::{clock::Clock, key::Key, record::Record},
    shell::{kmsctl, kmsctl_without_pin},
    token::{LoginError, PinState, TokenInfo, UserType},
};

/// `token` holds the flags from before the login of this run, which resets the PIN counter. A login that failed says the
/// state of the user PIN itself.
pub(super) fn check(token: &TokenInfo, login: Option<&LoginError>) -> Vec<Finding> {
    let pins = [(UserType::User, token.user_pin()), (UserType::SecurityOfficer, token.so_pin())];
    let unsaid = pins.into_iter().filter(|(user, _)| login.is_none() || *user != UserType::User);
    let mut findings: Vec<_> = unsaid.filter_map(|(user, state)| pin(user, state)).collect();
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

/// The code of a clock that is before all events.
pub(super) const CLOCK_BEHIND: &str = "CLOCK_BEHIND";

/// Tells a clock that is wrong from events that a wrong clock has recorded.
pub(super) fn check_clock(keys: &[Key], clock: &Clock) -> Option<Finding> {
    const SET: &str = "set the clock: timedatectl set-ntp true";
    let now = clock.now;
    if let Some(difference) = clock.difference() {
        return Some(Finding::error("CLOCK_DIFFERS", difference.to_string()).remedy(SET));
    }
    let records = || keys.iter().filter_map(Key::record);
    let newest = records().map(Record::latest_event).max().filter(|newest| clock.is_ahead(*newest))?;
    // A machine whose clock starts in 1970 sees every key in its future; one bad run leaves older events alone.
    if !clock.is_confirmed() && records().all(|record| clock.is_ahead(record.first_event())) {
        let text = format!(
            "the clock of this machine says {now}, but an event was recorded on {newest}: schedules do not run"
        );
        return Some(Finding::error(CLOCK_BEHIND, text).remedy(SET));
    }
    let is_ahead = |record: &&Record| clock.is_ahead(record.latest_event());
    let labels: Vec<_> = records().filter(is_ahead).map(|record| record.label.clone()).collect();
    let text = format!(
        "events of {} are dated in the future, up to {newest}: {}",
        some_of(&labels),
        if clock.is_confirmed() {
            "the clock of a machine was ahead"
        } else {
            "if this clock is right, another machine's was ahead"
        }
    );
    Some(Finding::info("EVENT_IN_FUTURE", text))
}
