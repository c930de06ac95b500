//! A queue with a window: `push` waits while too many items are under way.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

/// Items between the feeder and the workers. Clones are handles to the same queue.
#[derive(Debug)]
pub struct Queue<T>(Arc<Shared<T>>);

#[derive(Debug)]
struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    /// The most items under way: queued, in work, or finished and waiting for their turn.
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

    /// Waits for room in the window. Returns false if the queue is closed.
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

    /// Ends the queue after the items that are in it.
    pub fn close(&self) {
        self.lock().closed = true;
        self.0.changed.notify_all();
    }

    /// Ends the queue and drops the items that no worker has taken.
    pub fn stop(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.items.clear();
        drop(state);
        self.0.changed.notify_all();
    }

    /// The next item, if there is one.
    pub(super) fn next(&self) -> Option<(u64, T)> {
        self.lock().items.pop_front()
    }

    /// Waits for the next item. `None` at the end of the queue.
    pub(super) fn wait_for_next(&self) -> Option<(u64, T)> {
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

    pub(super) fn answered(&self, count: u64) {
        self.lock().answered += count;
        self.0.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // A panic of a worker leaves the state consistent: each change is one step.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}
