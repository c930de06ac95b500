//! How a worker hands on what it began.

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use super::Queue;

/// Items and their numbers.
pub(super) type Part<T> = Vec<(u64, T)>;

pub(super) fn all_of<M, R>(part: Part<M>, finish: impl Fn(M) -> R) -> Part<R> {
    part.into_iter().map(|(number, item)| (number, finish(item))).collect()
}

/// Hands items on several at a time while there are more to do: waking another thread for each would cost the session
/// some hundredths of its time.
pub(super) struct Outbox<'a, M, R, F> {
    part: Part<M>,
    since: Option<Instant>,
    unfinished: mpsc::SyncSender<Part<M>>,
    finished: mpsc::Sender<Part<R>>,
    finish: &'a F,
}

impl<'a, M, R, F: Fn(M) -> R> Outbox<'a, M, R, F> {
    const MOST: usize = 16;
    const LONGEST: Duration = Duration::from_millis(2);

    pub(super) fn new(
        unfinished: mpsc::SyncSender<Part<M>>,
        finished: mpsc::Sender<Part<R>>,
        finish: &'a F,
    ) -> Self {
        Self { part: Vec::new(), since: None, unfinished, finished, finish }
    }

    /// The next thing to do. What was done before is handed on rather than kept while there is none.
    pub(super) fn next_of<T>(&mut self, queue: &Queue<T>) -> Option<(u64, T)> {
        queue.next().or_else(|| {
            self.hand_on();
            queue.wait_for_next()
        })
    }

    pub(super) fn put(&mut self, item: (u64, M)) {
        self.part.push(item);
        let since = *self.since.get_or_insert_with(Instant::now);
        if self.part.len() >= Self::MOST || since.elapsed() >= Self::LONGEST {
            self.hand_on();
        }
    }

    /// To whoever finishes; those have enough if a part waits for each of them already.
    fn hand_on(&mut self) {
        self.since = None;
        if self.part.is_empty() {
            return;
        }
        // All who receive live as long as any worker.
        if let Err(mpsc::TrySendError::Full(part)) = self.unfinished.try_send(std::mem::take(&mut self.part))
        {
            let _ = self.finished.send(all_of(part, self.finish));
        }
    }
}
