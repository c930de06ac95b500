//! Work in parallel, answers in order: a bounded window of items between one feeder, several workers and one taker.
//!
//! A worker owns a session of the token, whose time is what counts. So it does the part of an item that needs the session
//! and nothing else; a second thread beside each worker finishes what the first one began.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::ControlFlow,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
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

    /// The next item, if one is there.
    fn next(&self) -> Option<(u64, T)> {
        self.lock().items.pop_front()
    }

    /// Waits for the next item. `None` when there is none any more.
    fn wait_for_next(&self) -> Option<(u64, T)> {
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

    fn answered(&self, count: u64) {
        self.lock().answered += count;
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

/// Runs until the queue is closed and empty. `work` does what needs a worker, `finish` the rest. `take` gets each answer in
/// the order of the items, and `None` whenever it has to wait for the next one. When it breaks off, what is under way is
/// finished and taken, and nothing new is begun.
pub fn work_in_order<T: Send, W: Send, M: Send, R: Send>(
    queue: &Queue<T>,
    workers: Vec<W>,
    work: impl Fn(&mut W, T) -> M + Sync,
    finish: impl Fn(M) -> R + Sync,
    mut take: impl FnMut(Option<R>) -> ControlFlow<()>,
) {
    let (begun, unfinished) = mpsc::channel();
    let (finished, answers) = mpsc::channel();
    let unfinished = Mutex::new(unfinished);
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for mut worker in workers {
            let (mut outbox, work) = (Outbox::new(begun.clone()), &work);
            threads.push(scope.spawn(move || {
                while let Some((number, item)) = outbox.next_of(queue) {
                    outbox.put((number, work(&mut worker, item)));
                }
            }));
            let (finished, unfinished, finish) = (finished.clone(), &unfinished, &finish);
            threads.push(scope.spawn(move || {
                while let Some(part) = received(unfinished) {
                    let part: Vec<_> =
                        part.into_iter().map(|(number, item)| (number, finish(item))).collect();
                    // The taker lives as long as anyone may send.
                    let _ = finished.send(part);
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
        // The scope waits for their work alone; a module may not be finalised before they have ended altogether.
        for thread in threads {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
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

/// Hands items on several at a time while there are more to do: waking another thread for each would cost the session
/// some hundredths of its time.
struct Outbox<M> {
    items: Vec<M>,
    since: Option<Instant>,
    channel: mpsc::Sender<Vec<M>>,
}

impl<M> Outbox<M> {
    const MOST: usize = 16;
    const LONGEST: Duration = Duration::from_millis(2);

    fn new(channel: mpsc::Sender<Vec<M>>) -> Self {
        Self { items: Vec::new(), since: None, channel }
    }

    /// The next thing to do. What was done before is handed on rather than kept while there is none.
    fn next_of<T>(&mut self, queue: &Queue<T>) -> Option<(u64, T)> {
        queue.next().or_else(|| {
            self.hand_on();
            queue.wait_for_next()
        })
    }

    fn put(&mut self, item: M) {
        self.items.push(item);
        let since = *self.since.get_or_insert_with(Instant::now);
        if self.items.len() >= Self::MOST || since.elapsed() >= Self::LONGEST {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        self.since = None;
        if !self.items.is_empty() {
            // Whoever finishes lives as long as any worker.
            let _ = self.channel.send(std::mem::take(&mut self.items));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

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
        work_in_order(&queue, vec![(); 2], work, |item| item, |_| ControlFlow::Continue(()));
        assert!(ENDED.load(Ordering::SeqCst) > 0);
        let ended = ENDED.load(Ordering::SeqCst);
        thread::sleep(Duration::from_millis(200));
        assert_eq!(ENDED.load(Ordering::SeqCst), ended);
    }
}
