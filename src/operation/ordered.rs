//! Work in parallel, answers in order: a bounded window of items between one feeder, several workers and one taker.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::ControlFlow,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

/// Items on their way from the feeder to the workers. Clones are handles to the same queue.
#[derive(Debug)]
pub struct Queue<T>(Arc<Shared<T>>);

#[derive(Debug)]
struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    /// How many items may be under way: queued, worked on, or answered and waiting for their turn.
    window: u64,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<(u64, T)>,
    fed: u64,
    answered: u64,
    closed: bool,
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Queue<T> {
    pub fn new(window: u64) -> Self {
        let state = State { items: VecDeque::new(), fed: 0, answered: 0, closed: false };
        Self(Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new(), window: window.max(1) }))
    }

    /// Waits for room in the window. False when nothing is wanted any more.
    pub fn push(&self, item: T) -> bool {
        let mut state = self.lock();
        while !state.closed && state.fed - state.answered >= self.0.window {
            state = self.wait(state);
        }
        if state.closed {
            return false;
        }
        let number = state.fed;
        state.items.push_back((number, item));
        state.fed += 1;
        drop(state);
        self.0.changed.notify_all();
        true
    }

    /// No more items come; those that are queued are still worked on.
    pub fn close(&self) {
        self.lock().closed = true;
        self.0.changed.notify_all();
    }

    /// No more items come, and those that nobody has begun are dropped.
    pub fn stop(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.items.clear();
        drop(state);
        self.0.changed.notify_all();
    }

    fn pop(&self) -> Option<(u64, T)> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state = self.wait(state);
        }
    }

    fn answered(&self) {
        self.lock().answered += 1;
        self.0.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // A worker that panicked left the numbers whole: they change in one step each.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs until the queue is closed and empty. `take` gets each answer in the order of the items, and `None` whenever it
/// has to wait for the next one. When it breaks off, what is under way is finished and taken, and nothing new is begun.
pub fn work_in_order<T: Send, W: Send, R: Send>(
    queue: &Queue<T>,
    workers: Vec<W>,
    work: impl Fn(&mut W, T) -> R + Sync,
    mut take: impl FnMut(Option<R>) -> ControlFlow<()>,
) {
    let (sender, answers) = mpsc::channel();
    thread::scope(|scope| {
        for mut worker in workers {
            let (sender, work) = (sender.clone(), &work);
            scope.spawn(move || {
                while let Some((number, item)) = queue.pop() {
                    if sender.send((number, work(&mut worker, item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut next = 0;
        while let Some((number, answer)) =
            next_answer(&answers, || take(None).is_break().then(|| queue.stop()))
        {
            early.insert(number, answer);
            while let Some(answer) = early.remove(&next) {
                next += 1;
                if take(Some(answer)).is_break() {
                    queue.stop();
                }
                queue.answered();
            }
        }
    });
}

/// Waits for an answer if none is there, and says so before it does.
fn next_answer<R>(answers: &mpsc::Receiver<R>, before_waiting: impl FnOnce() -> Option<()>) -> Option<R> {
    answers.try_recv().ok().or_else(|| {
        before_waiting();
        answers.recv().ok()
    })
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU64, Ordering},
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
            vec![(); workers],
            |(), item| {
                let open = begun.fetch_add(1, Ordering::SeqCst) + 1 - finished.load(Ordering::SeqCst);
                most.fetch_max(open, Ordering::SeqCst);
                thread::sleep(Duration::from_micros(item * 7919 % 400));
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
}
