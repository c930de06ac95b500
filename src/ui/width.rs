//! How wide a table may be.

use std::io::IsTerminal;

use rustix::termios::tcgetwinsize;

use crate::secret::streams;

/// Columns of standard output; `columns` is what the environment says, which goes first. `None`: no limit, because
/// a file or a program reads it.
pub fn stdout_width(columns: Option<u16>) -> Option<u16> {
    let stdout = streams::stdout().ok()?;
    if !stdout.is_terminal() {
        return None;
    }
    let measured = || tcgetwinsize(&stdout).ok().map(|size| size.ws_col);
    columns.or_else(measured).filter(|width| *width > 0)
}
