//! What all handles of a pool share, and every block that is out goes back to.
//!
//! # Invariants
//!
//! 1. It lives as long as a handle exists (each owns a reference), a dedicated allocation exists (so does each), or a block is
//!    outstanding, which is outside the depot: the last handle to go leaves a reference to the outstanding blocks together, and
//!    whoever brings the last of them back drops it.
//! 2. A returner keeps the pool alive by its block until a cache or the depot has that; so a return that takes the lock
//!    holds a reference of its own until after the lock is gone.

use std::{mem::ManuallyDrop, ptr::NonNull};

use crossbeam_utils::CachePadded;

use crate::{
    error::PoolError,
    memory,
    pool::{
        cache::Cache, depot::Depot, leaks::Ledger, locked::Locked, options::PoolOptions, slab::FreeBlock, thread_index,
    },
    sync::{Arc, AtomicUsize, Mutex, Ordering},
};

pub(crate) struct Shared {
    caches: Box<[CachePadded<Cache>]>,
    /// Whether a return does more than put the block away.
    is_return_plain: bool,
    pub(crate) ledger: Option<Ledger>,
    pub(crate) options: PoolOptions,
    handles: CachePadded<AtomicUsize>,
    depot: CachePadded<Mutex<Depot>>,
}

impl Shared {
    pub(crate) fn new(options: &PoolOptions) -> Arc<Self> {
        let caches = (0..thread_index::caches()).map(|_| CachePadded::new(Cache::new(options.block_size)));
        let shared = Arc::new(Self {
            caches: caches.collect(),
            is_return_plain: !options.wipe_on_return && !options.track_leaks && !cfg!(debug_assertions),
            ledger: options.track_leaks.then(Ledger::default),
            options: options.clone(),
            handles: CachePadded::new(AtomicUsize::new(1)),
            depot: CachePadded::new(Mutex::new(Depot::new(options))),
        });
        let home = Arc::as_ptr(&shared).cast_mut();
        // SAFETY: an `Arc` points to something.
        shared.depot.lock().home = unsafe { NonNull::new_unchecked(home) };
        shared
    }

    /// Rents an ordinary block, if the thread's cache has one. Not in a pool that tracks leaks: there every rent is
    /// recorded, on the slow path.
    #[inline]
    pub(crate) fn rent_from_cache(&self) -> Option<FreeBlock> {
        if self.options.track_leaks {
            return None;
        }
        self.cache().pop()
    }

    /// Takes a block back.
    ///
    /// # Safety
    ///
    /// The right is the caller's and the block is of this pool, which so lives until the call; it may not live on.
    #[inline]
    pub(crate) unsafe fn give_back(shared: NonNull<Self>, block: FreeBlock) {
        // SAFETY: invariant 1: the block is outside the depot.
        let cache: *const Cache = unsafe { shared.as_ref() }.cache();
        // SAFETY: the caller's promise, and as above. What is passed on are pointers: of what the block kept alive nothing is referred
        // to any more once the cache has it.
        if !unsafe { Cache::push(cache, block) } {
            // SAFETY: the caller's promise; the cache did not take the block.
            unsafe { Self::give_back_to_depot(shared, block) }
        }
    }

    /// # Safety
    ///
    /// As [`give_back`](Self::give_back).
    #[cold]
    #[inline(never)]
    unsafe fn give_back_to_depot(shared: NonNull<Self>, block: FreeBlock) {
        // SAFETY: invariants 1 and 2: the block keeps the pool alive while we take a reference of our own. The pointer
        // is that of the `Arc`.
        let alive = ManuallyDrop::new(unsafe {
            Arc::increment_strong_count(shared.as_ptr());
            Arc::from_raw(shared.as_ptr())
        });
        let mut locked = alive.lock();
        // SAFETY: the caller's promise.
        unsafe { locked.give_back(block) };
        let is_last = locked.is_last_outstanding();
        drop(locked);
        if is_last {
            // SAFETY: invariant 1: `close` left this reference to the blocks outside, and there are none any more;
            // `is_last_outstanding` says so once.
            drop(unsafe { Arc::from_raw(shared.as_ptr()) });
        }
        drop(ManuallyDrop::into_inner(alive));
    }

    pub(crate) fn add_handle(&self) {
        // Ordering: Relaxed: the new handle comes from one that is held, which orders everything; as in `Arc`.
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn drop_handle(shared: &Arc<Self>) {
        // Ordering: Release publishes this handle's rents (their claims of caches come before the closing ones in each
        // claim word's order); Acquire, for the last to go, sees those of all the others.
        if shared.handles.fetch_sub(1, Ordering::AcqRel) == 1 {
            Self::close(shared);
        }
    }

    /// Makes the pool the property of the blocks outside. No handle is left, and so nobody waits.
    fn close(shared: &Arc<Self>) {
        let mut locked = shared.lock();
        if locked.close() {
            std::mem::forget(Arc::clone(shared));
        }
        drop(locked);
    }

    /// What is done with a block's bytes, and the record of it, when it comes back.
    ///
    /// # Safety
    ///
    /// The bytes are the caller's alone. `header` is the address it was recorded under.
    #[inline]
    pub(crate) unsafe fn clean(&self, header: usize, data: NonNull<u8>, len: usize) {
        if !self.is_return_plain {
            // SAFETY: the caller's promise.
            unsafe { self.clean_thoroughly(header, data, len) }
        }
    }

    /// # Safety
    ///
    /// As [`clean`](Self::clean).
    unsafe fn clean_thoroughly(&self, header: usize, data: NonNull<u8>, len: usize) {
        if let Some(ledger) = &self.ledger {
            ledger.remove(header);
        }
        #[cfg(feature = "zeroize")]
        if self.options.wipe_on_return {
            // SAFETY: the caller's promise.
            return unsafe { memory::wipe(data, len) };
        }
        if cfg!(debug_assertions) {
            // SAFETY: the caller's promise.
            unsafe { memory::poison(data, len) };
        }
    }

    pub(crate) fn lock(&self) -> Locked<'_> {
        Locked::new(self, self.depot.lock())
    }

    /// The cache this thread is pointed to.
    #[inline]
    pub(crate) fn cache(&self) -> &Cache {
        &self.caches[thread_index::current() & (self.caches.len() - 1)]
    }

    pub(crate) fn caches(&self) -> impl Iterator<Item = &Cache> {
        self.caches.iter().map(|cache| &**cache)
    }

    pub(crate) fn exhausted(&self, requested: usize) -> PoolError {
        PoolError::Exhausted { requested, limit: self.options.max_bytes.unwrap_or(usize::MAX) }
    }
}
