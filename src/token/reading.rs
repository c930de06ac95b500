//! Bulk reads, spread over several sessions if the token is slow.
//!
//! On a network HSM a call takes a millisecond or more, and many calls can be in flight at once. A token in this
//! process answers in microseconds and gains nothing. Timing the first reads decides.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{error::Result, session::Session};

/// Includes the caller's session. Every token tested allows this many. On SoftHSM with 1 ms added to each call,
/// doubling it saves another 10 %.
const MAX_SESSIONS: usize = 16;
/// Number of reads that are timed before deciding.
const SAMPLE: usize = 8;
/// Above this, a read spends most of its time on the way to the token.
const SLOW_READ: Duration = Duration::from_micros(500);
/// Number of reads that a session takes from the queue at once. For fewer, opening and closing a session costs as much
/// as it saves.
const PORTION: usize = 8;

impl Session {
    /// Reads every item and returns the results in order. Items for which `read` returns `None` are skipped.
    pub(super) fn read_each<I: Sync, T: Send>(
        &self,
        items: &[I],
        read: impl Fn(&Self, &I) -> Result<Option<T>> + Sync,
    ) -> Result<Vec<T>> {
        let (sample, rest) = items.split_at(SAMPLE.min(items.len()));
        let mut times = Vec::with_capacity(sample.len());
        let mut all = Vec::with_capacity(items.len());
        for item in sample {
            let start = Instant::now();
            all.extend(read(self, item)?);
            times.push(start.elapsed());
        }
        times.sort_unstable();
        let is_slow = times.get(times.len() / 2).is_some_and(|median| *median > SLOW_READ);
        let sessions = (rest.len() / PORTION).min(MAX_SESSIONS);
        if is_slow && sessions > 1 {
            all.extend(self.read_in_parallel(sessions, rest, read)?);
        } else {
            for item in rest {
                all.extend(read(self, item)?);
            }
        }
        Ok(all)
    }

    fn read_in_parallel<I: Sync, T: Send>(
        &self,
        sessions: usize,
        items: &[I],
        read: impl Fn(&Self, &I) -> Result<Option<T>> + Sync,
    ) -> Result<Vec<T>> {
        let queue = Queue { items, next: AtomicUsize::new(0) };
        let mut portions = thread::scope(|scope| {
            let helpers: Vec<_> = (1..sessions)
                .map(|_| {
                    // A token that allows fewer sessions is read with those it allows.
                    scope.spawn(|| {
                        self.sibling().map_or(Ok(Vec::new()), |session| queue.work(&session, &read))
                    })
                })
                .collect();
            let mut portions = queue.work(self, &read);
            for helper in helpers {
                let theirs = helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                portions = portions.and_then(|mut all| {
                    all.extend(theirs?);
                    Ok(all)
                });
            }
            portions
        })?;
        portions.sort_unstable_by_key(|(start, _)| *start);
        Ok(portions.into_iter().flat_map(|(_, portion)| portion).collect())
    }
}

/// Work queue shared by several sessions.
struct Queue<'a, I> {
    items: &'a [I],
    next: AtomicUsize,
}

impl<I> Queue<'_, I> {
    /// Reads portions until none is left, and returns each with its start index. An error stops all sessions.
    fn work<T>(
        &self,
        session: &Session,
        read: impl Fn(&Session, &I) -> Result<Option<T>>,
    ) -> Result<Vec<(usize, Vec<T>)>> {
        let mut done = Vec::new();
        loop {
            let start = self.next.fetch_add(PORTION, Ordering::Relaxed);
            let Some(rest) = self.items.get(start..).filter(|rest| !rest.is_empty()) else { return Ok(done) };
            let portion = &rest[..PORTION.min(rest.len())];
            let answers: Result<Vec<_>> = portion.iter().map(|item| read(session, item)).collect();
            match answers {
                Ok(answers) => done.push((start, answers.into_iter().flatten().collect())),
                Err(error) => {
                    self.next.store(self.items.len(), Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
    }
}
