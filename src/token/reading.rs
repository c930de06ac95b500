//! Many reads at once: over several sessions where the token answers slowly.
//!
//! On a network HSM a call takes a millisecond or more and the line carries many of them side by side; a token in this
//! process answers in microseconds and gains nothing. Which of the two it is, the first reads tell.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{error::Result, session::Session};

/// Sessions in use at most, the caller's own among them. Every token that was tried allows as many. On SoftHSM with a
/// millisecond more for each call, twice as many gain another tenth.
const SESSIONS: usize = 16;
/// Reads that are timed before anything is decided.
const SAMPLE: usize = 8;
/// A read that takes longer spends its time on the way to the token.
const SLOW_READ: Duration = Duration::from_micros(500);
/// Reads that a session takes on at once. For fewer, opening and closing one costs as much as it saves.
const PORTION: usize = 8;

impl Session {
    /// Reads every item, in their order. An item that `read` has nothing for is left out.
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
        let sessions = (rest.len() / PORTION).min(SESSIONS);
        if is_slow && sessions > 1 {
            all.extend(self.read_side_by_side(sessions, rest, read)?);
        } else {
            for item in rest {
                all.extend(read(self, item)?);
            }
        }
        Ok(all)
    }

    fn read_side_by_side<I: Sync, T: Send>(
        &self,
        sessions: usize,
        items: &[I],
        read: impl Fn(&Self, &I) -> Result<Option<T>> + Sync,
    ) -> Result<Vec<T>> {
        let queue = Queue { items, next: AtomicUsize::new(0) };
        let mut portions = thread::scope(|scope| {
            let helpers: Vec<_> = (1..sessions)
                .map(|_| {
                    // A token that allows fewer sessions is read over those that it allows.
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

/// Items that several sessions take portions of.
struct Queue<'a, I> {
    items: &'a [I],
    next: AtomicUsize,
}

impl<I> Queue<'_, I> {
    /// Reads portions until none is left. Each comes with the place that it began at. An error ends everybody's work.
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
