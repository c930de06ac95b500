//! Which standard streams the caller left closed.
//!
//! Before `main`, Rust's runtime opens `/dev/null` in the place of each that is closed, and nothing tells it from a
//! `/dev/null` that the caller opened afterwards (Python's `subprocess.DEVNULL` and daemon(3) open it for reading and
//! writing, as the runtime does). So the question is asked earlier, where the dynamic linker calls a program's
//! initialisers.
#![allow(unsafe_code, reason = "an initialiser is a function that the linker is told of by its section")]

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
static INITIALISER: extern "C" fn() = look;

/// Asks the system and stores three flags: nothing here needs the runtime.
extern "C" fn look() {
    for (stream, closed) in streams().into_iter().zip(&CLOSED) {
        closed.store(fcntl_getfd(stream) == Err(Errno::BADF), Ordering::Relaxed);
    }
}

fn streams() -> [BorrowedFd<'static>; 3] {
    [stdio::stdin(), stdio::stdout(), stdio::stderr()]
}

/// Standard input, output and error.
pub(super) fn closed_streams() -> [bool; 3] {
    [0, 1, 2].map(|stream: usize| CLOSED[stream].load(Ordering::Relaxed))
}
