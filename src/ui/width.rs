//! The available width for tables.

use std::io::IsTerminal;

use rustix::termios::tcgetwinsize;

use crate::secret::streams;

/// Width of standard output in columns; `columns` from the environment takes precedence. `None` means unlimited, for a
/// file or a program.
pub fn stdout_width(columns: Option<u16>) -> Option<u16> {
    let stdout = streams::stdout().ok()?;
    if !stdout.is_terminal() {
        return None;
    }
    let measured = || tcgetwinsize(&stdout).ok().map(|size| size.ws_col);
    columns.or_else(measured).filter(|width| *width > 0)
}
