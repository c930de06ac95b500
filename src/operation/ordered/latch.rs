//! A latch that holds back workers until operations prove slow.
//!
//! A module serializes its sessions at least in part, by internal locks. Where an operation takes some hundredths of a
//! millisecond (P-256 in software), two sessions are slower than one; where it takes longer (RSA, anything over a network),
//! each further session helps.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Closed until it is opened; never closed again.
#[derive(Debug)]
pub(super) struct Latch {
    open: Mutex<bool>,
    changed: Condvar,
}

impl Latch {
    pub(super) fn new(open: bool) -> Self {
        Self { open: Mutex::new(open), changed: Condvar::new() }
    }

    pub(super) fn open(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Opens it when the guard is dropped: the end of a worker must not leave others waiting.
    pub(super) fn opened_at_end(&self) -> impl Drop {
        OpenedAtEnd(self)
    }

    /// Waits until it is open.
    pub(super) fn wait(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        while !*open {
            open = self.changed.wait(open).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

struct OpenedAtEnd<'a>(&'a Latch);

impl Drop for OpenedAtEnd<'_> {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// The average latency of a worker's operations, over [`Self::WINDOW`]: a single one may have waited for a processor.
#[derive(Debug, Default)]
pub(super) struct Latency {
    busy: Duration,
    items: u32,
}

impl Latency {
    const WINDOW: Duration = Duration::from_millis(10);
    /// Per item. Above this, a second session is faster on SoftHSM and on the embedded token (measured).
    const SLOW_ITEM: Duration = Duration::from_micros(250);

    /// Counts an item. Returns true if items are slow.
    pub(super) fn is_slow(&mut self, took: Duration) -> bool {
        self.busy += took;
        self.items += 1;
        if self.busy < Self::WINDOW {
            return false;
        }
        let slow = self.busy >= Self::SLOW_ITEM * self.items;
        *self = Self::default();
        slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_is_averaged_over_a_window() {
        let all = |micros: u64, count: u32| {
            let mut latency = Latency::default();
            (0..count).filter(|_| latency.is_slow(Duration::from_micros(micros))).count()
        };
        assert_eq!(all(50, 10_000), 0, "fast");
        assert_eq!(all(600, 16), 0, "not yet");
        assert_eq!(all(600, 17), 1);
        assert_eq!(all(50_000, 1), 1);
        let mut latency = Latency::default();
        assert!(!latency.is_slow(Duration::from_millis(4)), "one that had to wait");
        assert!((0..200).all(|_| !latency.is_slow(Duration::from_micros(50))));
    }
}
