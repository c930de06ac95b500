//! Workers that wait until they are of use.
//!
//! A module serves its sessions in turns at least in part, by locks of its own. Where an operation takes it some hundredths
//! of a millisecond (P-256 in software), two sessions get less done than one; where it takes longer (RSA, anything over a
//! network), each further one counts.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Closed until somebody opens it, for good.
#[derive(Debug)]
pub(super) struct Gate {
    open: Mutex<bool>,
    changed: Condvar,
}

impl Gate {
    pub(super) fn new(open: bool) -> Self {
        Self { open: Mutex::new(open), changed: Condvar::new() }
    }

    pub(super) fn open(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    /// Opens it when the guard is dropped: who waits when a worker ends must not wait for ever.
    pub(super) fn opened_at_end(&self) -> impl Drop {
        OpenedAtEnd(self)
    }

    /// Waits until it is open.
    pub(super) fn pass(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        while !*open {
            open = self.changed.wait(open).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

struct OpenedAtEnd<'a>(&'a Gate);

impl Drop for OpenedAtEnd<'_> {
    fn drop(&mut self) {
        self.0.open();
    }
}

/// How fast a worker gets on, judged over a while: alone, an item may have had to wait for a processor.
#[derive(Debug, Default)]
pub(super) struct Pace {
    busy: Duration,
    items: u32,
}

impl Pace {
    const WHILE: Duration = Duration::from_millis(10);
    /// For each item. Above it, a second session was found to win on SoftHSM and on the embedded token.
    const SLOW: Duration = Duration::from_micros(250);

    /// Counts an item that took so long. True if items are slow.
    pub(super) fn is_slow(&mut self, took: Duration) -> bool {
        self.busy += took;
        self.items += 1;
        if self.busy < Self::WHILE {
            return false;
        }
        let slow = self.busy >= Self::SLOW * self.items;
        *self = Self::default();
        slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_judged_over_a_while() {
        let all = |micros: u64, count: u32| {
            let mut pace = Pace::default();
            (0..count).filter(|_| pace.is_slow(Duration::from_micros(micros))).count()
        };
        assert_eq!(all(50, 10_000), 0, "fast");
        assert_eq!(all(600, 16), 0, "not yet");
        assert_eq!(all(600, 17), 1);
        assert_eq!(all(50_000, 1), 1);
        let mut pace = Pace::default();
        assert!(!pace.is_slow(Duration::from_millis(4)), "one that had to wait");
        assert!((0..200).all(|_| !pace.is_slow(Duration::from_micros(50))));
    }
}
