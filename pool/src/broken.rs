//! Mistakes that the models are seen to catch: each is made in the shipped code when a model asks for it. Outside
//! loom every question here is a constant `false`.

use crate::sync::Ordering;

/// One mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A cache is claimed without seeing what the last claimer left.
    RelaxedClaim,
    /// A cache is opened without publishing its contents.
    RelaxedOpen,
    /// A waiter empties the caches, and leaves them open to the next return.
    DrainWithoutDivert,
    /// A waiter joins the queue without emptying the caches.
    JoinWithoutDrain,
    /// A return to the depot does not look at the queue.
    ReturnWithoutServing,
    /// A waiter that was served and is dropped keeps its block.
    ForgetServed,
    /// A plain rent takes what somebody waits for.
    Barge,
    /// The last block of a closed pool comes back without the pool going.
    ForgetHeirs,
    /// The last handle goes without emptying the caches.
    CloseWithoutDrain,
    /// A return to the depot unlocks it without a reference to the pool of its own.
    UnlockWithoutReference,
    /// The last handle leaves a reference to the heirs though all that is out is a dedicated allocation, which is none.
    HeirsWithoutBlocks,
    /// Whoever joins the line and is served at once leaves the caches diverted.
    JoinLeavesDiverted,
    /// One slab more goes back to the system than the limit of what may lie idle asks.
    GiveBackOneMore,
    /// The budget of a dedicated allocation is given back without looking at the queue.
    DedicatedWithoutServing,
    /// A reference goes without publishing the end of its holder's accesses.
    DecrementWithoutRelease,
    /// The last reference, known by its count, goes without seeing the end of the others' accesses.
    RelaxedLast,
    /// The last reference, made so by its own decrement, goes without seeing the end of the others' accesses.
    DecrementWithoutAcquire,
    /// A holder finds itself alone without seeing the end of the others' accesses.
    RelaxedUnique,
}

#[cfg(loom)]
std::thread_local! {
    static CURRENT: std::cell::Cell<Option<Broken>> = const { std::cell::Cell::new(None) };
}

/// Makes a mistake, on this thread (a model runs on one), until the next call.
#[cfg(all(test, loom))]
pub(crate) fn set(broken: Option<Broken>) {
    CURRENT.set(broken);
}

/// Whether the mistake is to be made.
#[inline(always)]
pub(crate) fn is(broken: Broken) -> bool {
    #[cfg(loom)]
    return CURRENT.get() == Some(broken);
    #[cfg(not(loom))]
    {
        let _ = broken;
        false
    }
}

/// `Relaxed` when the mistake is to be made, otherwise `ordering`.
#[inline(always)]
pub(crate) fn weaken(broken: Broken, ordering: Ordering) -> Ordering {
    if is(broken) { Ordering::Relaxed } else { ordering }
}

/// `AcqRel`, or the half of it that a mistake leaves.
#[inline(always)]
pub(crate) fn acq_rel(without_acquire: Broken, without_release: Broken) -> Ordering {
    match (is(without_acquire), is(without_release)) {
        (false, false) => Ordering::AcqRel,
        (true, _) => Ordering::Release,
        (false, true) => Ordering::Acquire,
    }
}
