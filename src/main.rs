//! The entry point.

mod start;

use std::io::{Write as _, stdout};

/// Exits without running the destructors of linked and loaded libraries. By then kmsctl has closed and wiped everything it
/// owns. OpenSSL's destructors take a tenth of the time of a signature, and destructors crash if a module's thread is still
/// running (a completion does not wait for it).
fn main() {
    let code = kmsctl::run(std::env::args_os().collect(), start::closed_streams());
    let _ = stdout().flush();
    kmsctl::token::end_modules(code);
    signal_hook::low_level::exit(code.into())
}
