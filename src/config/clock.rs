//! Whether a time service synchronises the system clock.
#![allow(unsafe_code, reason = "no crate here has a safe adjtimex(2)")]

use nix::libc;

/// False if the kernel does not know: without a time service, in some containers, and with chrony without `rtcsync`.
pub(super) fn is_synchronised() -> bool {
    // SAFETY: the structure has only numbers, for which zero is a value; `modes` 0 changes nothing.
    let (result, state) = unsafe {
        let mut state: libc::timex = std::mem::zeroed();
        (libc::adjtimex(&raw mut state), state)
    };
    result >= 0 && state.status & libc::STA_UNSYNC == 0
}
