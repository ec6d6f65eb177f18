//! A waker, kept for whoever wakes its task.
//!
//! | `WAITING`, in the waiter's [`Word`] | the cell is | and belongs to |
//! |---|---|---|
//! | clear | empty | the waiter |
//! | set | full | whoever clears `WAITING` |
//! | clear | full | the one who cleared it, until it says that the cell is empty |
//! | set | empty | nobody: never |
//!
//! The third state exists because a waiter may be polled between the clearing and the taking, and would then write the cell that is
//! being read. That the cell is empty is said beside it, not by a bit of the word, whose change takes a read-modify-write.
//!
//! # Invariants
//!
//! 1. The cell is accessed only by the one to whom it belongs.

use std::task::Waker;

use crate::{
    stats::Counter,
    sync::{AtomicBool, Ordering, UnsafeCell},
    word::{Claim, Word},
};

/// The waker of one end.
#[derive(Debug)]
pub(crate) struct WakerCell {
    waker: UnsafeCell<Option<Waker>>,
    is_full: AtomicBool,
}

// SAFETY: invariant 1: one thread at a time accesses the cell, ordered by the word's read-modify-writes and `is_full`; `Waker` is `Send`.
unsafe impl Send for WakerCell {}
// SAFETY: as above.
unsafe impl Sync for WakerCell {}

impl WakerCell {
    pub(crate) fn new() -> Self {
        Self { waker: UnsafeCell::new(None), is_full: AtomicBool::new(false) }
    }

    /// Whether somebody has claimed the waker and not taken it yet. For the waiter, while it is not parked.
    pub(crate) fn is_being_taken(&self) -> bool {
        // Ordering: Acquire pairs with the Release in `mark_empty`: who took the waker is done with the cell.
        self.is_full.load(Ordering::Acquire)
    }

    /// Puts a waker in, and gives the one out that was there.
    ///
    /// # Safety
    ///
    /// The caller is the cell's waiter, not parked, and has seen that nobody is emptying the cell.
    pub(crate) unsafe fn register(&self, waker: Waker) -> Option<Waker> {
        // Ordering: Relaxed: until the cell is claimed, only the waiter looks; the park that follows publishes it to who claims.
        self.is_full.store(true, Ordering::Relaxed);
        // SAFETY: invariant 1.
        self.waker.with_mut(|cell| unsafe { (*cell).replace(waker) })
    }

    /// Takes the waker out, and says so.
    ///
    /// # Safety
    ///
    /// As [`put`](Self::register), or the caller has just claimed or withdrawn the waker of the cell's word.
    pub(crate) unsafe fn take(&self) -> Option<Waker> {
        // SAFETY: invariant 1.
        let waker = self.waker.with_mut(|cell| unsafe { (*cell).take() });
        self.mark_empty();
        waker
    }

    fn mark_empty(&self) {
        // Ordering: Release publishes the end of our access to the waiter, which fills the cell again.
        self.is_full.store(false, Ordering::Release);
    }

    /// Takes the waker of the waiter behind `word`, if it waits and `wanted` says so to the last, and counts it. To be woken by the
    /// caller, once everything else it has to do is done.
    #[must_use = "a waker taken must be woken"]
    pub(crate) fn claim(&self, word: &Word, wakes: &Counter, wanted: impl FnMut() -> bool) -> Option<Waker> {
        match word.claim_waker(wanted) {
            Claim::Nobody => None,
            Claim::Taken => {
                // Nobody else claims before the cell is full again.
                wakes.increment();
                // SAFETY: invariant 1: `WAITING` was cleared by us.
                unsafe { self.take() }
            }
        }
    }

    /// The waiter takes its own waker back, unless somebody is waking it.
    pub(crate) fn unregister(&self, word: &Word) -> Option<Waker> {
        match word.unregister_waker() {
            Claim::Nobody => None,
            // SAFETY: invariant 1: `WAITING` was cleared by us.
            Claim::Taken => unsafe { self.take() },
        }
    }
}
