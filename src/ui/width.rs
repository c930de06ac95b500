//! The width of the terminal.

use std::{io::IsTerminal, os::fd::AsFd};

use rustix::termios::tcgetwinsize;

use crate::secret::streams;

/// Width of standard output in columns; `columns` from the environment takes precedence. `None` means unlimited, for a
/// file or a program.
pub fn stdout_width(columns: Option<u16>) -> Option<u16> {
    let stdout = streams::stdout().ok()?;
    if !stdout.is_terminal() {
        return None;
    }
    columns.or_else(|| width_of(&stdout)).filter(|width| *width > 0)
}

/// Width of standard error in columns. `None` for a file or a program.
pub fn stderr_width() -> Option<u16> {
    width_of(streams::stderr().ok()?)
}

/// Width of a terminal in columns.
pub(super) fn width_of(stream: impl AsFd) -> Option<u16> {
    tcgetwinsize(stream).ok().map(|size| size.ws_col).filter(|width| *width > 0)
}
