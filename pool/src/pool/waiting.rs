//! The queue of those who wait for memory.
//!
//! A waiter is in `waiting` until it is first in the queue and there is memory for it; then what it was granted is in
//! `served` until it comes to take it. First come, first served: the smaller requests after a large one at the front wait with
//! it, so that it is not passed over for ever.

use std::{collections::BTreeMap, fmt, task::Waker};

use crate::{
    error::PoolError,
    memory::catch_panic,
    pool::{Pool, slab::FreeBlock},
};

/// What a waiter gets: the right to a block, or the budget for a dedicated allocation of so many bytes.
#[derive(Debug)]
pub(crate) enum Grant {
    Block(FreeBlock),
    Budget(usize),
}

/// What a waiter leaves behind.
pub(crate) enum Left {
    /// It was still waiting; its waker is to be dropped without the lock.
    Waiting(Waker),
    /// It was granted memory, which is the next one's now.
    Served(Grant),
    /// It had taken what it was granted, or an error.
    Nothing,
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: BTreeMap<u64, Entry>,
    served: BTreeMap<u64, Result<Grant, PoolError>>,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    min: usize,
    waker: Waker,
}

impl Queue {
    /// Goes to the end of the queue.
    pub(crate) fn join(&mut self, min: usize, waker: Waker) -> u64 {
        let number = self.next;
        self.next += 1;
        self.waiting.insert(number, Entry { min, waker });
        number
    }

    /// Gives the first in the queue what it waits for, or an error, and returns its waker, to be called without the lock.
    pub(crate) fn serve_first(&mut self, grant: Result<Grant, PoolError>) -> Option<Waker> {
        let (number, entry) = self.waiting.pop_first()?;
        self.served.insert(number, grant);
        Some(entry.waker)
    }

    /// Takes what a waiter was granted. `None`: it still waits, now to be woken by `waker`; the old one is swapped in.
    pub(crate) fn take(&mut self, number: u64, waker: &mut Waker) -> Option<Result<Grant, PoolError>> {
        if let Some(entry) = self.waiting.get_mut(&number) {
            std::mem::swap(&mut entry.waker, waker);
        }
        self.served.remove(&number)
    }

    /// Leaves the queue.
    pub(crate) fn leave(&mut self, number: u64) -> Left {
        if let Some(entry) = self.waiting.remove(&number) {
            return Left::Waiting(entry.waker);
        }
        match self.served.remove(&number) {
            Some(Ok(grant)) => Left::Served(grant),
            _ => Left::Nothing,
        }
    }

    /// How many bytes the first in the queue waits for.
    pub(crate) fn first_min(&self) -> Option<usize> {
        self.waiting.first_key_value().map(|(_, entry)| entry.min)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

/// One who waits, kept in its ticket. Dropping it passes on what it holds.
pub(crate) struct Waiter {
    pool: Pool,
    number: u64,
    min: usize,
    taken: bool,
}

impl Waiter {
    pub(crate) fn new(pool: &Pool, number: u64, min: usize) -> Self {
        Self { pool: pool.clone(), number, min, taken: false }
    }

    /// Whether it is in this pool's queue, for as much.
    pub(crate) fn is_for(&self, pool: &Pool, min: usize) -> bool {
        self.pool.is_same(pool) && self.min == min
    }

    /// Takes what was granted. Otherwise keeps `waker`, to be called when something is, and puts the one before in its place, which
    /// the caller drops without the lock.
    pub(crate) fn take(&mut self, waker: &mut Waker) -> Option<Result<Grant, PoolError>> {
        let granted = self.pool.shared().lock().take(self.number, waker);
        self.taken = granted.is_some();
        granted
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if !self.taken {
            let _left = self.pool.shared().lock().leave(self.number);
        }
    }
}

impl fmt::Debug for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter").field("number", &self.number).field("min", &self.min).finish_non_exhaustive()
    }
}

/// Wakers to call once the lock is gone: when the list is dropped.
#[derive(Debug, Default)]
pub(crate) struct Wakes(Vec<Waker>);

impl Wakes {
    pub(crate) fn extend(&mut self, waker: Option<Waker>) {
        self.0.extend(waker);
    }
}

impl Drop for Wakes {
    fn drop(&mut self) {
        for waker in self.0.drain(..) {
            // A panic goes no further, and the next in the queue is woken all the same.
            catch_panic(|| waker.wake());
        }
    }
}
