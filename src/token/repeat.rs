//! Retries of changes that failed while other processes used the same token.

use cryptoki_sys as ck;

use super::error::Result;
use crate::retry::{Policy, Retry};

/// Retries a change of the token that failed with a general error, as on SoftHSM under fifty processes. The change must
/// be idempotent. Not for creations: a failed one on SoftHSM left a key behind that its own process did not see.
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
