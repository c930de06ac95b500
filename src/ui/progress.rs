//! How far a long piece of work has come, on one line of the terminal that is gone when it is done.

use std::fmt;

use super::{Ui, safe};

/// Characters of the bar.
const BAR: usize = 24;
/// Narrow enough for every terminal: a line that wraps could not be drawn over.
const LINE: usize = 79;

/// A line that each step draws over. Shows nothing where nobody watches.
#[derive(Debug)]
pub struct Progress<'a> {
    ui: &'a Ui,
    watched: bool,
}

impl<'a> Progress<'a> {
    pub(super) fn new(ui: &'a Ui, watched: bool) -> Self {
        Self { ui, watched }
    }

    /// `done` steps of `all` are behind; `next` is what is being done.
    pub fn show(&self, done: usize, all: usize, next: impl fmt::Display) {
        if self.watched {
            self.ui.send(&format!("\r\x1b[K{}", line(done, all, &next.to_string())));
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if self.watched {
            self.ui.send("\r\x1b[K");
        }
    }
}

fn line(done: usize, all: usize, next: &str) -> String {
    let filled = BAR * done.min(all) / all.max(1);
    let line = format!("[{}{}] {done}/{all}  {}", "#".repeat(filled), "-".repeat(BAR - filled), safe(next));
    line.chars().take(LINE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fits_and_fills() {
        assert_eq!(line(1, 2, "sign"), "[############------------] 1/2  sign");
        assert_eq!(line(0, 0, ""), "[------------------------] 0/0  ");
        assert_eq!(line(5, 2, &"x".repeat(200)).chars().count(), LINE);
    }
}
