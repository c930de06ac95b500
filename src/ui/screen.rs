//! Standard error, shared by messages and the progress line: a message replaces the line.

use std::{
    fmt,
    io::Write,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Returns to the start of the line and erases it.
const ERASE: &str = "\r\x1b[K";

pub(super) struct Screen(Mutex<Shown>);

struct Shown {
    out: Box<dyn Write + Send>,
    /// A progress line is shown, without a newline.
    line: bool,
}

impl Screen {
    pub(super) fn new(out: Box<dyn Write + Send>) -> Self {
        Self(Mutex::new(Shown { out, line: false }))
    }

    /// Prints in a single write, so that lines of parallel runs do not mix. Best effort: stderr may be closed.
    pub(super) fn say(&self, text: &str) {
        let mut shown = self.shown();
        shown.erase();
        shown.write(text);
    }

    /// Replaces the progress line.
    pub(super) fn draw(&self, line: &str) {
        let mut shown = self.shown();
        shown.write(&format!("{ERASE}{line}"));
        shown.line = true;
    }

    pub(super) fn erase(&self) {
        self.shown().erase();
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    fn erase(&mut self) {
        if std::mem::take(&mut self.line) {
            self.write(ERASE);
        }
    }

    fn write(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").finish_non_exhaustive()
    }
}
