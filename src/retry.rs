//! Waiting before something is tried again: one mechanism, with a named policy for each occasion.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    thread,
    time::{Duration, Instant},
};

/// How long to wait between two tries: `first`, then twice as long each time, up to `longest`; and a random time up to
/// `spread` more, so that runs which collided do not collide again.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    first: Duration,
    longest: Duration,
    spread: Duration,
}

impl Policy {
    /// For a lock that is held, or a process that has not ended: most are done within milliseconds.
    pub const POLL: Self = Self::new(1, 50, 0);
    /// For processes that log in or write at the same moment, of which a module refuses some without a reason (SoftHSM).
    pub const RACE: Self = Self::new(20, 20, 50);
    /// For a change of another machine to the same key: both start over.
    pub const CONFLICT: Self = Self::new(20, 20, 255);
    /// For what another process has changed and the module does not show yet (SoftHSM).
    pub const SETTLING: Self = Self::new(20, 640, 0);

    const fn new(first: u64, longest: u64, spread: u64) -> Self {
        Self {
            first: Duration::from_millis(first),
            longest: Duration::from_millis(longest),
            spread: Duration::from_millis(spread),
        }
    }

    fn wait(self, tries: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << tries.min(20)).min(self.longest);
        // Seeded from the system's random numbers.
        let random = RandomState::new().build_hasher().finish();
        let spread = u64::try_from(self.spread.as_millis()).unwrap_or_default();
        doubled + Duration::from_millis(random % (spread + 1))
    }
}

/// The tries of one thing.
#[derive(Debug)]
pub struct Retry {
    policy: Policy,
    start: Instant,
    tries: u32,
}

impl Retry {
    pub fn new(policy: Policy) -> Self {
        Self { policy, start: Instant::now(), tries: 0 }
    }

    /// How many times it has waited.
    pub const fn count(&self) -> u32 {
        self.tries
    }

    /// Waits, unless it has waited `limit` times. Whether to try again. Counted in tries, a run behaves the same on a slow
    /// machine.
    pub fn again(&mut self, limit: u32) -> bool {
        if self.tries >= limit {
            return false;
        }
        thread::sleep(self.policy.wait(self.tries));
        self.tries += 1;
        true
    }

    /// Waits, unless `limit` has passed since the start. Whether to try again.
    pub fn again_within(&mut self, limit: Duration) -> bool {
        let left = limit.saturating_sub(self.start.elapsed());
        if left.is_zero() {
            return false;
        }
        thread::sleep(self.policy.wait(self.tries).min(left));
        self.tries += 1;
        true
    }

    /// Since the first try.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest_and_spread() {
        let waits: Vec<_> = (0..8).map(|tries| Policy::POLL.wait(tries).as_millis()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 50, 50]);
        let spread: Vec<_> = (0..50).map(|tries| Policy::RACE.wait(tries).as_millis()).collect();
        assert!(
            spread.iter().all(|wait| (20..=70).contains(wait))
                && spread.iter().any(|wait| *wait != spread[0])
        );
    }

    #[test]
    fn tries_are_counted() {
        let mut retry = Retry::new(Policy::POLL);
        assert_eq!((0..5).map(|_| retry.again(2)).collect::<Vec<_>>(), [true, true, false, false, false]);
        assert_eq!(retry.count(), 2);
        assert!(!Retry::new(Policy::POLL).again_within(Duration::ZERO));
    }
}
