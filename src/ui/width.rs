//! How wide a table may be.

use std::io::{self, IsTerminal};

use rustix::termios::tcgetwinsize;

/// Columns of standard output; `columns` is what the environment says, which goes first. `None`: no limit, because
/// a file or a program reads it.
pub fn stdout_width(columns: Option<u16>) -> Option<u16> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let measured = || tcgetwinsize(&stdout).ok().map(|size| size.ws_col);
    columns.or_else(measured).filter(|width| *width > 0)
}
