//! A waker, kept for whoever wakes its task.
//!
//! # Invariants
//!
//! 1. The cell is accessed only by the one to whom the park bits of its [`Word`] give it: see the table there.

use std::task::Waker;

use crate::{
    sync::UnsafeCell,
    word::{Claim, Word},
};

/// The waker of one end.
#[derive(Debug)]
pub(crate) struct WakerCell(UnsafeCell<Option<Waker>>);

// SAFETY: invariant 1: one thread at a time accesses the cell, ordered by the word's read-modify-writes; `Waker` is `Send`.
unsafe impl Send for WakerCell {}
// SAFETY: as above.
unsafe impl Sync for WakerCell {}

impl WakerCell {
    pub(crate) fn new() -> Self {
        Self(UnsafeCell::new(None))
    }

    /// Puts a waker in, and gives the one out that was there.
    ///
    /// # Safety
    ///
    /// The caller is the cell's waiter, with neither `WAITING` nor `WAKING` set.
    pub(crate) unsafe fn put(&self, waker: Waker) -> Option<Waker> {
        // SAFETY: invariant 1.
        self.0.with_mut(|cell| unsafe { (*cell).replace(waker) })
    }

    /// Takes the waker out.
    ///
    /// # Safety
    ///
    /// As [`put`](Self::put), or the caller has just claimed or withdrawn the waker of the cell's word.
    pub(crate) unsafe fn take(&self) -> Option<Waker> {
        // SAFETY: invariant 1.
        self.0.with_mut(|cell| unsafe { (*cell).take() })
    }

    /// Takes the waker of the waiter behind `word`, if it waits and `wanted` says so to the last. To be woken by the caller,
    /// once everything else it has to do is done.
    #[must_use = "a waker taken must be woken"]
    pub(crate) fn claim(&self, word: &Word, wanted: impl FnMut() -> bool) -> Option<Waker> {
        match word.claim_waker(wanted) {
            Claim::Nobody => None,
            Claim::Taken => {
                // SAFETY: invariant 1: `WAKING` is set, by us.
                let waker = unsafe { self.take() };
                word.release_claim();
                waker
            }
        }
    }

    /// The waiter takes its own waker back, unless somebody is waking it.
    pub(crate) fn withdraw(&self, word: &Word) -> Option<Waker> {
        match word.withdraw_waker() {
            Claim::Nobody => None,
            // SAFETY: invariant 1: `WAITING` was cleared by us.
            Claim::Taken => unsafe { self.take() },
        }
    }
}
