//! How a worker passes its items to the threads that finish them.

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use super::Queue;

/// Items with their numbers.
pub(super) type Numbered<T> = Vec<(u64, T)>;

pub(super) fn all_of<M, R>(part: Numbered<M>, finish: impl Fn(M) -> R) -> Numbered<R> {
    part.into_iter().map(|(number, item)| (number, finish(item))).collect()
}

/// Passes items on in batches while there are more: waking another thread for each one would cost the session a few percent
/// of its time.
pub(super) struct Batcher<'a, M, R, F> {
    batch: Numbered<M>,
    since: Option<Instant>,
    unfinished: mpsc::SyncSender<Numbered<M>>,
    finished: mpsc::Sender<Numbered<R>>,
    finish: &'a F,
}

impl<'a, M, R, F: Fn(M) -> R> Batcher<'a, M, R, F> {
    const MAX_ITEMS: usize = 16;
    const MAX_AGE: Duration = Duration::from_millis(2);

    pub(super) fn new(
        unfinished: mpsc::SyncSender<Numbered<M>>,
        finished: mpsc::Sender<Numbered<R>>,
        finish: &'a F,
    ) -> Self {
        Self { batch: Vec::new(), since: None, unfinished, finished, finish }
    }

    /// The next item of the queue. Passes the batch on before it waits for one.
    pub(super) fn next_of<T>(&mut self, queue: &Queue<T>) -> Option<(u64, T)> {
        queue.next().or_else(|| {
            self.flush();
            queue.wait_for_next()
        })
    }

    pub(super) fn put(&mut self, item: (u64, M)) {
        self.batch.push(item);
        let since = *self.since.get_or_insert_with(Instant::now);
        if self.batch.len() >= Self::MAX_ITEMS || since.elapsed() >= Self::MAX_AGE {
            self.flush();
        }
    }

    /// Passes the batch to the finishing threads, or finishes it here if each of them has a batch waiting.
    fn flush(&mut self) {
        self.since = None;
        if self.batch.is_empty() {
            return;
        }
        // The receivers live as long as any worker.
        if let Err(mpsc::TrySendError::Full(part)) = self.unfinished.try_send(std::mem::take(&mut self.batch))
        {
            let _ = self.finished.send(all_of(part, self.finish));
        }
    }
}
