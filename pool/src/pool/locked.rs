//! The slow paths: what is done with the depot's lock held.
//!
//! # Invariants
//!
//! 1. The lock is held for as long as the value lives.
//! 2. Wakers are called after it is gone: the fields are dropped in their order.
//! 3. A right taken out of a cache or the queue is put into the depot, or given out, before the lock is gone.

use std::task::Waker;

use crate::{
    error::PoolError,
    pool::{
        cache::Contents,
        depot::{Depot, Origin},
        shared::Shared,
        slab::FreeBlock,
        stats::PoolStats,
        waiting::{Grant, Left, Wakes},
    },
    sync::MutexGuard,
};

/// The depot, locked.
pub(crate) struct Locked<'a> {
    depot: MutexGuard<'a, Depot>,
    wakes: Wakes,
    shared: &'a Shared,
}

/// How joining the queue ended.
pub(crate) enum Joined {
    /// In the queue, under this number.
    Waiting(u64),
    /// There was something after all, or an error; and the waker, to be dropped without the lock.
    Served(Result<Grant, PoolError>, Waker),
}

impl<'a> Locked<'a> {
    pub(crate) fn new(shared: &'a Shared, depot: MutexGuard<'a, Depot>) -> Self {
        Self { depot, wakes: Wakes::default(), shared }
    }

    /// Rents an ordinary block, and fills the thread's cache half up on the way.
    pub(crate) fn rent(&mut self) -> Result<FreeBlock, PoolError> {
        self.refuse_to_barge(self.shared.options.block_size)?;
        let mut origin = Origin::Depot;
        let mut batch = true;
        if !self.depot.has_free() {
            if self.depot.grow()? {
                origin = Origin::System;
            } else {
                // What is scarce stays in the depot, where everybody finds it without draining.
                self.drain_caches();
                batch = false;
            }
        }
        let block = self.depot.take().ok_or_else(|| self.shared.exhausted(self.shared.options.block_size))?;
        self.depot.note_served(origin);
        self.exchange(|depot, contents| {
            while batch && contents.level() < contents.batch() {
                let Some(block) = depot.take() else { break };
                contents.put(block);
            }
        });
        Ok(block)
    }

    /// Takes a block back, and half of the thread's cache with it when that is full; then serves the queue.
    ///
    /// # Safety
    ///
    /// The right is the caller's, and the block is of this pool.
    pub(crate) unsafe fn give_back(&mut self, block: FreeBlock) {
        self.exchange(|depot, contents| {
            if contents.is_full() {
                // SAFETY: what a cache holds is its own, and of this pool.
                contents.take_oldest(|block| unsafe { depot.put(block) });
            }
        });
        // SAFETY: the caller's promise.
        unsafe { self.depot.put(block) };
        self.serve();
        self.give_idle_back();
    }

    /// Takes budget for a dedicated allocation.
    pub(crate) fn reserve(&mut self, bytes: usize) -> Result<(), PoolError> {
        self.refuse_to_barge(bytes)?;
        if !self.try_reserve(bytes) {
            self.drain_caches();
            if !self.try_reserve(bytes) {
                return Err(self.shared.exhausted(bytes));
            }
        }
        Ok(())
    }

    /// Gives the budget of a dedicated allocation back, and serves the queue.
    pub(crate) fn unreserve(&mut self, bytes: usize) {
        self.exchange(|_, _| {});
        self.depot.unreserve(bytes);
        self.serve();
    }

    /// Goes to the end of the queue for `min` bytes, unless nobody waits and they are to be had.
    pub(crate) fn join(&mut self, min: usize, waker: Waker) -> Joined {
        self.disable_caches();
        if self.depot.queue.waiting() == 0 {
            if let Some(served) = self.grant(min).transpose() {
                self.enable_caches();
                return Joined::Served(served, waker);
            }
        }
        Joined::Waiting(self.depot.queue.join(min, waker))
    }

    /// Takes what a waiter was granted; otherwise keeps `waker`, and puts the one before in its place.
    pub(crate) fn take(&mut self, number: u64, waker: &mut Waker) -> Option<Result<Grant, PoolError>> {
        self.depot.queue.take(number, waker)
    }

    /// Leaves the queue and passes on what was granted. The result is to be dropped after the lock.
    pub(crate) fn leave(&mut self, number: u64) -> Option<Waker> {
        let waker = match self.depot.queue.leave(number) {
            Left::Waiting(waker) => Some(waker),
            Left::Nothing => None,
            Left::Served(Grant::Budget(bytes)) => {
                self.exchange(|_, _| {});
                self.depot.unreserve(bytes);
                None
            }
            Left::Served(Grant::Block(block)) => {
                self.exchange(|_, _| {});
                // SAFETY: the right was the queue's.
                unsafe { self.depot.put(block) };
                None
            }
        };
        self.serve();
        self.give_idle_back();
        waker
    }

    /// Brings everything free together and gives the wholly free slabs back to the system.
    pub(crate) fn trim(&mut self) -> usize {
        self.drain_caches();
        self.depot.give_idle_back(0)
    }

    /// The gauges and counters.
    pub(crate) fn stats(&mut self) -> PoolStats {
        let (mut cached, mut low, mut served) = (0, 0, 0);
        for cache in self.shared.caches() {
            let count = |contents: &mut Contents| {
                cached += contents.level();
                low += contents.low();
                served += contents.served;
            };
            if self.depot.caches_disabled {
                // SAFETY: invariant 1.
                unsafe { cache.with_lock(count) };
            } else {
                cache.with_wait(count);
            }
        }
        self.depot.note_peak(low);
        self.depot.stats(cached, served)
    }

    /// The last handle is gone: from now on every block goes to the depot, and its slab to the system. Says whether
    /// blocks are outstanding, which then keep the pool.
    pub(crate) fn close(&mut self) -> bool {
        self.disable_caches();
        self.depot.is_closed = true;
        self.depot.give_idle_back(0);
        self.depot.kept_by_outstanding = self.depot.has_outside();
        self.depot.kept_by_outstanding
    }

    /// Whether the last block of a closed pool has just come back. Says so once.
    pub(crate) fn is_last_outstanding(&mut self) -> bool {
        let is_end = self.depot.kept_by_outstanding && !self.depot.has_outside();
        self.depot.kept_by_outstanding &= !is_end;
        is_end
    }

    /// While anyone waits, nobody else is served.
    fn refuse_to_barge(&self, requested: usize) -> Result<(), PoolError> {
        // Before the queue itself is looked at: it lies on another cache line.
        if self.depot.caches_disabled && self.depot.queue.waiting() != 0 {
            return Err(self.shared.exhausted(requested));
        }
        Ok(())
    }

    /// Gives to the first in the queue, and the next, as long as there is something for them.
    fn serve(&mut self) {
        if !self.depot.caches_disabled {
            return;
        }
        while let Some(min) = self.depot.queue.first_min() {
            let Some(granted) = self.grant(min).transpose() else { return };
            self.wakes.extend(self.depot.queue.serve_first(granted));
        }
        if !self.depot.is_closed {
            self.enable_caches();
        }
    }

    /// Memory for one waiter, when there is any. The caches are disabled, so everything free is in the depot.
    fn grant(&mut self, min: usize) -> Result<Option<Grant>, PoolError> {
        if min > self.shared.options.block_size {
            return Ok(self.try_reserve(min).then_some(Grant::Budget(min)));
        }
        let mut origin = Origin::Depot;
        if !self.depot.has_free() && self.depot.grow()? {
            origin = Origin::System;
        }
        let Some(block) = self.depot.take() else { return Ok(None) };
        self.depot.note_served(origin);
        self.depot.note_peak(0);
        Ok(Some(Grant::Block(block)))
    }

    fn try_reserve(&mut self, bytes: usize) -> bool {
        // The peak before and the peak with it are two: what was out before may be back in the cache.
        self.exchange(|_, _| {});
        self.depot.make_room(bytes);
        let is_reserved = self.depot.reserve(bytes);
        if is_reserved {
            self.depot.note_served(Origin::Dedicated);
            self.exchange(|_, _| {});
        }
        is_reserved
    }

    /// Deals with the thread's cache, if it is to be had, after noting how many blocks had been out.
    fn exchange(&mut self, f: impl FnOnce(&mut Depot, &mut Contents)) {
        let depot = &mut *self.depot;
        let dealt = self.shared.cache().with_claim(|contents| {
            depot.note_peak(contents.low());
            f(depot, contents);
            contents.reset_low();
        });
        if dealt.is_none() {
            self.depot.note_peak(0);
        }
    }

    /// Empties the caches. Disabled ones are empty.
    fn drain_caches(&mut self) {
        if self.depot.caches_disabled {
            return;
        }
        let mut low = 0;
        let outside = self.depot.outside_and_dedicated();
        for cache in self.shared.caches() {
            cache.with_wait(|contents| low += drain(&mut self.depot, contents));
        }
        self.depot.note_rented(outside - low);
    }

    /// Empties the caches and disables them: everybody goes to the depot.
    fn disable_caches(&mut self) {
        if self.depot.caches_disabled {
            return;
        }
        let mut low = 0;
        let outside = self.depot.outside_and_dedicated();
        for cache in self.shared.caches() {
            // SAFETY: invariant 1, and the caches are not disabled.
            unsafe { cache.disable(|contents| low += drain(&mut self.depot, contents)) };
        }
        self.depot.note_rented(outside - low);
        self.depot.caches_disabled = true;
    }

    fn enable_caches(&mut self) {
        if self.depot.caches_disabled {
            // SAFETY: invariant 1, and they are disabled.
            self.shared.caches().for_each(|cache| unsafe { cache.enable() });
            self.depot.caches_disabled = false;
        }
    }

    /// Keeps to the limit of what may lie idle.
    fn give_idle_back(&mut self) {
        let limit = if self.depot.is_closed { Some(0) } else { self.shared.options.max_idle_bytes };
        if let Some(limit) = limit.filter(|&limit| self.depot.is_over(limit, self.shared.options.block_size)) {
            self.depot.give_idle_back(limit);
        }
    }
}

/// Moves all of a cache's blocks to the depot, and says how many had stayed in it since it last dealt with that.
fn drain(depot: &mut Depot, contents: &mut Contents) -> usize {
    let low = contents.low();
    while let Some(block) = contents.take() {
        // SAFETY: what a cache holds is its own, and of this pool.
        unsafe { depot.put(block) };
    }
    contents.reset_low();
    low
}
