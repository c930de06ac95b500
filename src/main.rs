//! The program's entry.

mod start;

use std::io::{Write as _, stdout};

/// The end skips the destructors of linked and loaded libraries. Everything of ours is closed and wiped by then; theirs take
/// OpenSSL a tenth of a signature's time, and run beside a module's thread that is at work still (a completion does not
/// wait for it), which ends in a crash.
fn main() {
    let code = kmsctl::run(std::env::args_os().collect(), start::closed_streams());
    let _ = stdout().flush();
    kmsctl::token::end_modules(code);
    signal_hook::low_level::exit(code.into())
}
