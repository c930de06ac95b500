//! Standard error, shared by messages and by the line that shows progress: a message takes the line's place.

use std::{
    fmt,
    io::Write,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// To the start of the line, and away with what is there.
const ERASE: &str = "\r\x1b[K";

pub(super) struct Screen(Mutex<Shown>);

struct Shown {
    out: Box<dyn Write + Send>,
    /// A line of progress stands there, without an end.
    line: bool,
}

impl Screen {
    pub(super) fn new(out: Box<dyn Write + Send>) -> Self {
        Self(Mutex::new(Shown { out, line: false }))
    }

    /// One write, so that lines of parallel runs do not mix. Best effort: stderr may be gone.
    pub(super) fn say(&self, text: &str) {
        let mut shown = self.shown();
        shown.erase();
        shown.write(text);
    }

    /// Puts a line of progress in the place of the last one.
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
