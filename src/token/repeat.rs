//! Doing again what failed while other processes used the same token.

use cryptoki_sys as ck;

use super::error::Result;
use crate::retry::{Policy, Retry};

/// Changes the token, and tries again when that failed without a reason, as on SoftHSM while fifty processes work. What is
/// done must be the same when done twice. So not a creation: SoftHSM then left a key behind that its own process did not
/// see.
pub(super) fn retried<T>(mut change: impl FnMut() -> Result<T>) -> Result<T> {
    const MAX_RETRIES: u32 = 3;
    let mut retry = Retry::new(Policy::RACE);
    loop {
        match change() {
            Err(error)
                if error.is_any(&[ck::CKR_GENERAL_ERROR, ck::CKR_FUNCTION_FAILED])
                    && retry.again(MAX_RETRIES) => {}
            outcome => return outcome,
        }
    }
}
