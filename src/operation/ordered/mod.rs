//! Work in parallel, answers in order: a bounded window of items between one feeder, several workers and one taker.
//!
//! A worker owns a session of the token. Where the token is slow, the session's time is what counts, so other threads finish
//! its items. Where the token is faster than they are, the worker finishes some itself rather than wait.

mod batcher;
mod latch;
mod queue;

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{Mutex, PoisonError, mpsc},
    thread,
    time::Instant,
};

pub use queue::Queue;

use batcher::{Batcher, all_of};
use latch::{Latch, Latency};

/// The workers, and when they start.
#[derive(Debug)]
pub enum Workers<W> {
    /// All of them, from the start.
    All(Vec<W>),
    /// The first; the others too, as soon as its items prove slow.
    AsNeeded(Vec<W>),
}

/// Runs until the queue is closed and empty. `work` does what needs a worker, `finish` the rest. `take` gets the answers in
/// the order of the items, and `None` before each wait for the next one. If it breaks, the items under way are finished and
/// taken, and no others are begun.
pub fn work_in_order<T: Send, W: Send, M: Send, R: Send>(
    queue: &Queue<T>,
    workers: Workers<W>,
    work: impl Fn(&mut W, T) -> M + Sync,
    finish: impl Fn(M) -> R + Sync,
    mut take: impl FnMut(Option<R>) -> ControlFlow<()>,
) {
    let (latch, workers) = match workers {
        Workers::All(workers) => (Latch::new(true), workers),
        Workers::AsNeeded(workers) => (Latch::new(false), workers),
    };
    let finishers = finishers();
    let (begun, unfinished) = mpsc::sync_channel(finishers);
    let (finished, answers) = mpsc::channel();
    let unfinished = Mutex::new(unfinished);
    thread::scope(|scope| {
        let mut threads = Vec::new();
        let (latch, work, finish, unfinished) = (&latch, &work, &finish, &unfinished);
        for (index, mut worker) in workers.into_iter().enumerate() {
            let mut batcher = Batcher::new(begun.clone(), finished.clone(), finish);
            threads.push(scope.spawn(move || {
                let _opened = latch.opened_at_end();
                if index > 0 {
                    latch.wait();
                }
                let mut latency = Latency::default();
                while let Some((number, item)) = batcher.next_of(queue) {
                    let begun = Instant::now();
                    let done = work(&mut worker, item);
                    if latency.is_slow(begun.elapsed()) {
                        latch.open();
                    }
                    batcher.put((number, done));
                }
            }));
        }
        for _ in 0..finishers {
            let finished = finished.clone();
            threads.push(scope.spawn(move || {
                while let Some(part) = received(unfinished) {
                    // The receiver lives as long as any sender.
                    let _ = finished.send(all_of(part, finish));
                }
            }));
        }
        drop((begun, finished));
        let mut early = BTreeMap::new();
        let mut next = 0;
        while let Some(part) = next_answers(&answers, || take(None).is_break().then(|| queue.stop())) {
            let before = next;
            early.extend(part);
            while let Some(answer) = early.remove(&next) {
                next += 1;
                if take(Some(answer)).is_break() {
                    queue.stop();
                }
            }
            queue.answered(next - before);
        }
        // The scope waits for the closures only, but a module must not be finalised before its threads have ended.
        for thread in threads {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
}

/// How many threads finish. Verifying, which is most of it, takes up to twice as long as signing; and workers help.
fn finishers() -> usize {
    thread::available_parallelism().map_or(1, usize::from).saturating_sub(1).clamp(1, 2)
}

fn received<M>(channel: &Mutex<mpsc::Receiver<M>>) -> Option<M> {
    channel.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Waits for answers if none are there, and says so before it does.
fn next_answers<R>(answers: &mpsc::Receiver<R>, before_waiting: impl FnOnce() -> Option<()>) -> Option<R> {
    answers.try_recv().ok().or_else(|| {
        before_waiting();
        answers.recv().ok()
    })
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU64, AtomicUsize, Ordering},
        time::Duration,
    };

    use super::*;

    /// Items that are slow in an uneven way.
    fn run(workers: usize, items: u64, window: u64, until: u64) -> (Vec<u64>, u64) {
        let queue = Queue::new(window);
        let feed = queue.clone();
        let feeder = thread::spawn(move || {
            for item in 0..items {
                if !feed.push(item) {
                    break;
                }
            }
            feed.close();
        });
        let (mut taken, begun, most) = (Vec::new(), AtomicU64::new(0), AtomicU64::new(0));
        let finished = AtomicU64::new(0);
        work_in_order(
            &queue,
            Workers::All(vec![(); workers]),
            |(), item| {
                let open = begun.fetch_add(1, Ordering::SeqCst) + 1 - finished.load(Ordering::SeqCst);
                most.fetch_max(open, Ordering::SeqCst);
                thread::sleep(Duration::from_micros(item * 7919 % 400));
                item
            },
            |item| {
                thread::sleep(Duration::from_micros(item * 104_729 % 300));
                item
            },
            |item| {
                let Some(item) = item else { return ControlFlow::Continue(()) };
                finished.fetch_add(1, Ordering::SeqCst);
                taken.push(item);
                if item == until { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        feeder.join().expect("the feeder ends");
        (taken, most.load(Ordering::SeqCst))
    }

    #[test]
    fn answers_come_in_order_and_the_window_holds() {
        for workers in [1, 2, 7] {
            let (taken, most) = run(workers, 500, 8, u64::MAX);
            assert_eq!(taken, (0..500).collect::<Vec<_>>());
            assert!(most <= 8, "{most} were under way");
        }
        assert!(run(3, 0, 8, u64::MAX).0.is_empty());
    }

    #[test]
    fn breaking_off_finishes_what_is_under_way() {
        let (taken, _) = run(3, 500, 8, 20);
        assert!(taken.len() >= 21 && taken.len() <= 29, "{}", taken.len());
        assert_eq!(taken, (0..taken.len() as u64).collect::<Vec<_>>(), "in order, without a gap");
    }

    /// Also the shortest sleep takes a part of a millisecond.
    fn pause(time: Duration) {
        if !time.is_zero() {
            thread::sleep(time);
        }
    }

    /// How many of four workers did anything.
    fn busy(items: u64, working: Duration, finishing: Duration) -> usize {
        let queue = Queue::new(u64::MAX);
        assert!((0..items).all(|item| queue.push(item)));
        queue.close();
        let used = [const { AtomicU64::new(0) }; 4];
        let work = |worker: &mut usize, _| {
            used[*worker].fetch_add(1, Ordering::SeqCst);
            pause(working);
        };
        let mut taken = 0;
        work_in_order(
            &queue,
            Workers::AsNeeded((0..4).collect()),
            work,
            |()| pause(finishing),
            |item| {
                taken += u64::from(item.is_some());
                ControlFlow::Continue(())
            },
        );
        assert_eq!(taken, items);
        used.iter().filter(|used| used.load(Ordering::SeqCst) > 0).count()
    }

    #[test]
    fn more_work_as_soon_as_the_first_proves_slow() {
        let slow = Duration::from_millis(5);
        assert_eq!(busy(0, Duration::ZERO, Duration::ZERO), 0);
        assert_eq!(busy(100, slow, Duration::ZERO), 4);
        assert_eq!(busy(100, Duration::ZERO, slow), 1, "finishing is not the session's time");
    }

    /// Modules leave destructors with the threads that call them; these must not meet a module that is finalised.
    #[test]
    fn workers_have_ended_altogether() {
        static ENDED: AtomicUsize = AtomicUsize::new(0);
        struct Slow;
        impl Drop for Slow {
            fn drop(&mut self) {
                thread::sleep(Duration::from_millis(50));
                ENDED.fetch_add(1, Ordering::SeqCst);
            }
        }
        thread_local!(static LEFT: Slow = const { Slow });
        let queue = Queue::new(8);
        assert!((0..4).all(|item| queue.push(item)));
        queue.close();
        let work = |(): &mut (), item: i32| LEFT.with(|_| item);
        work_in_order(&queue, Workers::All(vec![(); 2]), work, |item| item, |_| ControlFlow::Continue(()));
        assert!(ENDED.load(Ordering::SeqCst) > 0);
        let ended = ENDED.load(Ordering::SeqCst);
        thread::sleep(Duration::from_millis(200));
        assert_eq!(ENDED.load(Ordering::SeqCst), ended);
    }
}
