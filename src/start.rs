//! Finds out which standard streams the caller left closed.
//!
//! Before `main`, Rust's runtime opens `/dev/null` in place of each closed stream. Later that cannot be distinguished from a
//! `/dev/null` that the caller opened (Python's `subprocess.DEVNULL` and daemon(3) open it for reading and writing, as the
//! runtime does). So the check runs earlier, when the dynamic linker calls the program's initialisers.
#![allow(unsafe_code, reason = "an initialiser is registered by the linker section that it is in")]

use std::{
    os::fd::BorrowedFd,
    sync::atomic::{AtomicBool, Ordering},
};

use rustix::{
    io::{Errno, fcntl_getfd},
    stdio,
};

static CLOSED: [AtomicBool; 3] = [AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false)];

#[used]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
static INITIALISER: extern "C" fn() = record_closed;

/// Must not use the runtime, which is not initialised yet.
extern "C" fn record_closed() {
    for (stream, closed) in streams().into_iter().zip(&CLOSED) {
        closed.store(fcntl_getfd(stream) == Err(Errno::BADF), Ordering::Relaxed);
    }
}

fn streams() -> [BorrowedFd<'static>; 3] {
    [stdio::stdin(), stdio::stdout(), stdio::stderr()]
}

/// Whether standard input, output and error were closed.
pub(super) fn closed_streams() -> [bool; 3] {
    [0, 1, 2].map(|stream: usize| CLOSED[stream].load(Ordering::Relaxed))
}
