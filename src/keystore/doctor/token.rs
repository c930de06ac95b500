//! What the token says of itself, and what the clock says.

use std::time::Duration;

use super::fault::Fault;
use crate::{
    keystore::key::Key,
    model::Timestamp,
    token::{PinState, TokenInfo, UserType},
};

/// Clocks of two machines that share a token may differ by this.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// The flags as they were before this run logged in: a good login resets the counter.
pub(super) fn check(token: &TokenInfo) -> Vec<Fault> {
    let pins = [(UserType::User, token.user_pin()), (UserType::SecurityOfficer, token.so_pin())];
    let mut faults: Vec<_> = pins
        .into_iter()
        .filter(|(_, state)| *state != PinState::Fine)
        .map(|(user, state)| Fault::Pin { user, state })
        .collect();
    let flags = [
        (token.user_pin_must_be_changed(), Fault::PinToBeChanged),
        (token.is_write_protected(), Fault::WriteProtected),
        (!token.has_generator(), Fault::NoGenerator),
    ];
    faults.extend(flags.into_iter().filter(|(holds, _)| *holds).map(|(_, fault)| fault));
    faults
}

/// Nothing can have been recorded in the future.
pub(super) fn check_clock(keys: &[Key], now: Timestamp) -> Option<Fault> {
    let newest = keys.iter().filter_map(Key::record).map(super::super::record::Record::latest_event).max()?;
    (newest > now.after(TOLERANCE)).then_some(Fault::ClockBehind { now, newest })
}
