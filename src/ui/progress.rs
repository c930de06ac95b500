//! Progress of long work: one terminal line that appears after a delay, is redrawn, and is erased at the end.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::{process::getpgrp, termios::tcgetpgrp};

use super::{screen::Screen, shape, width::stderr_width};
use crate::secret::streams;

/// Shorter work shows nothing, to avoid flicker.
const DELAY: Duration = Duration::from_millis(500);
const INTERVAL: Duration = Duration::from_millis(100);
/// Used if the width of the terminal is unknown.
const WIDTH: usize = 80;

/// The unit of progress.
#[derive(Debug, Clone)]
pub enum Measure {
    /// No unit: a single long call.
    Time,
    /// Bytes, counted by the reader. The total is unknown for a pipe.
    Bytes { done: Arc<AtomicU64>, total: Option<u64> },
    /// Steps, reported by [`Progress::at`] or [`Progress::step`].
    Steps { total: Option<u64> },
}

/// The content of the line.
#[derive(Debug)]
struct Work {
    doing: String,
    measure: Measure,
    steps: u64,
}

impl Work {
    fn line(&self, tick: usize, elapsed: Duration, width: usize) -> String {
        let shape = match &self.measure {
            Measure::Time => shape::time(tick, &self.doing, elapsed),
            Measure::Bytes { done, total } => {
                shape::bytes(tick, &self.doing, done.load(Ordering::Relaxed), *total, elapsed)
            }
            Measure::Steps { total } => shape::steps(tick, &self.doing, self.steps, *total, elapsed),
        };
        // One column less: some terminals wrap as soon as the last column is written.
        shape.chars().take(width.saturating_sub(1)).collect()
    }
}

/// Shows progress until dropped. Shows nothing if stderr is not a terminal.
#[derive(Debug)]
pub struct Progress(Option<Watched>);

#[derive(Debug)]
struct Watched {
    work: Arc<Mutex<Work>>,
    /// Dropped to stop the thread.
    stop: Option<mpsc::Sender<()>>,
    painter: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows nothing.
    pub fn unseen() -> Self {
        Self(None)
    }

    /// Draws in a separate thread, because most long work is a single call into the module.
    pub(super) fn start(screen: Arc<Screen>, doing: String, measure: Measure) -> Self {
        let work = Arc::new(Mutex::new(Work { doing, measure, steps: 0 }));
        let (stop, stopped) = mpsc::channel();
        let shared = Arc::clone(&work);
        let painter = thread::Builder::new()
            .name("progress".to_owned())
            .spawn(move || paint(&screen, &shared, &stopped))
            .ok();
        Self(Some(Watched { work, stop: Some(stop), painter }))
    }

    /// Reports that `done` of `total` steps are complete, and the current step `doing`.
    pub fn at(&self, done: u64, total: u64, doing: impl fmt::Display) {
        self.change(|work| {
            work.steps = done;
            work.measure = Measure::Steps { total: Some(total) };
            work.doing = doing.to_string();
        });
    }

    /// Reports another completed step.
    pub fn step(&self) {
        self.change(|work| work.steps += 1);
    }

    fn change(&self, change: impl FnOnce(&mut Work)) {
        if let Some(watched) = &self.0 {
            change(&mut lock(&watched.work));
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        drop(self.stop.take());
        // Waits until the line is erased, so that later output starts on a clean line.
        if let Some(painter) = self.painter.take() {
            let _ = painter.join();
        }
    }
}

fn paint(screen: &Screen, work: &Mutex<Work>, stopped: &mpsc::Receiver<()>) {
    let start = Instant::now();
    let mut wait = DELAY;
    let mut tick = 0;
    while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        if is_in_foreground() {
            let line = lock(work).line(tick, start.elapsed(), stderr_width().map_or(WIDTH, usize::from));
            screen.draw(&line);
            tick += 1;
        }
        wait = INTERVAL;
    }
    screen.erase();
}

/// Whether this is the foreground job: a background job must not draw over what the user types.
fn is_in_foreground() -> bool {
    let foreground = || -> std::io::Result<_> { Ok(tcgetpgrp(streams::stderr()?)?) };
    foreground().map_or(true, |group| group == getpgrp())
}

/// Ignores poisoning: the state is consistent after each change.
fn lock(work: &Mutex<Work>) -> MutexGuard<'_, Work> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::Captured, *};

    fn shown(act: impl FnOnce(&Progress)) -> String {
        let paper = Captured::default();
        let screen = Arc::new(Screen::new(Box::new(paper.clone())));
        let progress = Progress::start(screen, "making".to_owned(), Measure::Time);
        act(&progress);
        drop(progress);
        paper.text()
    }

    #[test]
    fn short_work_shows_nothing() {
        assert_eq!(shown(|_| ()), "");
    }

    #[test]
    fn long_work_is_shown_and_erased() {
        let text = shown(|progress| {
            progress.at(1, 2, "sign\n");
            thread::sleep(DELAY + 3 * INTERVAL);
        });
        assert!(text.contains("1/2  sign\\n"), "{text:?}");
        assert!(text.ends_with("\r\u{1b}[K"), "{text:?}");
    }

    #[test]
    fn no_line_reaches_the_last_column() {
        let work = Work { doing: "x".repeat(300), measure: Measure::Steps { total: Some(3) }, steps: 1 };
        assert_eq!(work.line(0, Duration::ZERO, 40).chars().count(), 39);
    }
}
