//! Waiting for what other processes on the same token are in the midst of.

use std::{thread, time::Duration};

use cryptoki_sys as ck;

use super::error::Result;

/// 20 to 70 ms, spread by process, so that runs which collided do not collide again.
pub(super) fn pause(tries: u32) {
    let spread = u64::from(std::process::id().wrapping_mul(2_654_435_761).rotate_left(tries) % 51);
    thread::sleep(Duration::from_millis(20 + spread));
}

/// Repeats a change of the token that failed for a passing reason, as on SoftHSM while fifty processes
/// work. What is done must be the same when done twice. So not a creation: SoftHSM then left a key behind that its own
/// process did not see.
pub(super) fn patiently<T>(mut act: impl FnMut() -> Result<T>) -> Result<T> {
    const MAX_ATTEMPTS: u32 = 4;
    let mut tries = 1;
    loop {
        match act() {
            Err(error)
                if tries < MAX_ATTEMPTS
                    && error.is_any(&[ck::CKR_GENERAL_ERROR, ck::CKR_FUNCTION_FAILED]) =>
            {
                pause(tries);
                tries += 1;
            }
            outcome => return outcome,
        }
    }
}
