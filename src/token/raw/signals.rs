//! Protects the signal handlers of this process from modules.
//!
//! Some modules install handlers when loaded or initialised (for a daemon's child, for a broken connection) and leave
//! them in place. Then Ctrl-C might not end the program, a closed pipe might kill it silently, and waiting for a child
//! might fail. So the previous handlers are restored.

use std::{
    ffi::c_int,
    mem::MaybeUninit,
    ptr,
    sync::atomic::{AtomicI32, Ordering},
};

use nix::libc;

/// The signals that this program, its children or its callers rely on.
const OURS: [c_int; 10] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGPIPE,
    libc::SIGALRM,
    libc::SIGTERM,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGCHLD,
    libc::SIGXFSZ,
];

/// Signals of a crash.
const CRASHES: [c_int; 5] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT];

/// Runs a call of the module and restores the signal handlers that it changed.
pub(super) fn preserve<T>(call: impl FnOnce() -> T) -> T {
    let before = OURS.map(disposition);
    let result = call();
    for (signal, before) in OURS.into_iter().zip(before) {
        let Some(before) = before else { continue };
        if disposition(signal).is_none_or(|now| now.sa_sigaction != before.sa_sigaction) {
            // SAFETY: `before` was returned by the system for this signal.
            unsafe { libc::sigaction(signal, &raw const before, ptr::null_mut()) };
        }
    }
    result
}

fn disposition(signal: c_int) -> Option<libc::sigaction> {
    let mut found = MaybeUninit::uninit();
    // SAFETY: a null action only queries; the result is written before it is read.
    match unsafe { libc::sigaction(signal, ptr::null(), found.as_mut_ptr()) } {
        // SAFETY: the call succeeded.
        0 => Some(unsafe { found.assume_init() }),
        _ => None,
    }
}

/// The exit code if a module crashes after all work is done.
static EXIT: AtomicI32 = AtomicI32::new(0);

/// From now on a crash ends the process with this exit code: the work is done and its output written, so a crash of a
/// module during finalisation must not change the outcome.
pub(super) fn exit_on_crash(code: u8) {
    EXIT.store(code.into(), Ordering::SeqCst);
    for signal in CRASHES {
        // SAFETY: all zeros is a valid value; the handler below is async-signal-safe.
        unsafe {
            let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
            action.sa_sigaction = end as extern "C" fn(c_int) as libc::sighandler_t;
            // On the alternate stack: the crash may be a stack overflow.
            action.sa_flags = libc::SA_ONSTACK;
            libc::sigaction(signal, &raw const action, ptr::null_mut());
        }
    }
}

extern "C" fn end(_: c_int) {
    // SAFETY: `_exit` may be called in a signal handler (POSIX.1-2024, section 2.4.3).
    unsafe { libc::_exit(EXIT.load(Ordering::SeqCst)) }
}
