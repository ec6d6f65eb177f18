//! The header every piece of shared memory carries, and the handle that counts it.
//!
//! # Invariants
//!
//! 1. A header lives from its making until its `release` function has been called with it.
//! 2. `refs` is the number of [`Handle`]s (and of raw references made by [`Handle::into_raw`]). At rest, with
//!    nobody holding it, a pooled header keeps the value 1, so that renting stores nothing.
//! 3. `data` points to `capacity` initialised bytes that stay in place as long as the header lives.
//! 4. `release` is called once for each time the count would reach 0, by the one who held the last reference,
//!    after every access of every other holder.
//! 5. `release` does not unwind: whoever gives a reference back is in the middle of a change, more often than not, which
//!    an owner that panics when it is dropped must not leave half made.

use std::{fmt, mem, ptr::NonNull};

use crate::sync::{AtomicUsize, Ordering, after_last_touch};

/// The reference count of a piece of memory, and how to give it back.
#[repr(C)]
pub(crate) struct Header {
    refs: AtomicUsize,
    data: NonNull<u8>,
    capacity: usize,
    release: unsafe fn(NonNull<Header>),
    kind: Kind,
}

/// What is known of the memory behind a header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Other,
    /// A `bytes::Bytes` owns it: see `foreign`.
    #[cfg(feature = "bytes")]
    Bytes,
}

// SAFETY: invariants 2 and 4: the count is atomic, the rest never changes, and the memory behind `data` is
// handed only to those whom the count or exclusive ownership entitles.
unsafe impl Send for Header {}
// SAFETY: as above.
unsafe impl Sync for Header {}

impl Header {
    /// A header with one reference. `release` is given the header when the last reference goes.
    pub(crate) fn new(data: NonNull<u8>, capacity: usize, kind: Kind, release: unsafe fn(NonNull<Header>)) -> Self {
        Self { refs: AtomicUsize::new(1), data, capacity, release, kind }
    }

    /// Calls the header's release function.
    ///
    /// # Safety
    ///
    /// The count has come to an end, and the last reference was the caller's.
    #[inline]
    pub(crate) unsafe fn release(header: NonNull<Self>) {
        // SAFETY: invariant 1: it lives until it is released.
        let release = unsafe { header.as_ref() }.release;
        // SAFETY: the caller's promise.
        unsafe { release(header) }
    }

    #[cfg(feature = "bytes")]
    #[inline]
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    #[inline]
    pub(crate) fn data(&self) -> NonNull<u8> {
        self.data
    }

    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }
}

/// One counted reference to a header. Cloning adds one, dropping takes one away.
pub(crate) struct Handle(NonNull<Header>);

// SAFETY: a handle gives only shared access to the header (`Sync`), and the last one may release it from any
// thread (invariant 4: `release` functions are written for that).
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Handle {
    /// Takes over one reference.
    ///
    /// # Safety
    ///
    /// The header lives, and one of its counted references is the caller's to give.
    #[inline]
    pub(crate) unsafe fn from_raw(header: NonNull<Header>) -> Self {
        Self(header)
    }

    /// Gives the reference out as a pointer, still counted.
    #[inline]
    pub(crate) fn into_raw(self) -> NonNull<Header> {
        let header = self.0;
        mem::forget(self);
        header
    }

    #[inline]
    pub(crate) fn header(&self) -> &Header {
        // SAFETY: invariant 1: our reference keeps the header alive.
        unsafe { self.0.as_ref() }
    }

    #[inline]
    pub(crate) fn as_ptr(&self) -> NonNull<Header> {
        self.0
    }

    /// Whether this is the only reference: then nobody can make another but through it.
    #[inline]
    pub(crate) fn is_unique(&self) -> bool {
        // Ordering: Acquire pairs with the Release of `release_ref`'s decrement, so that whoever let go before is
        // done with the memory. Nothing is published here.
        self.header().refs.load(Ordering::Acquire) == 1
    }
}

impl Clone for Handle {
    #[inline]
    fn clone(&self) -> Self {
        // SAFETY: our reference keeps the header alive.
        unsafe { add_ref(self.0) };
        Self(self.0)
    }
}

impl Drop for Handle {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: our one reference is given up here, once.
        unsafe { release_ref(self.0) }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("header", &self.0).finish()
    }
}

/// Adds a reference.
///
/// # Safety
///
/// The caller holds, or borrows from a holder of, a reference.
#[inline]
pub(crate) unsafe fn add_ref(header: NonNull<Header>) {
    // SAFETY: the caller's reference keeps the header alive (invariant 1).
    let header = unsafe { header.as_ref() };
    // Ordering: Relaxed: the new reference comes from one that is held, which already orders everything; as in
    // the standard library's `Arc`.
    let old = header.refs.fetch_add(1, Ordering::Relaxed);
    if old > usize::MAX / 2 {
        // 2^63 leaked handles: going on would wrap the count and free shared memory.
        std::process::abort();
    }
}

/// Gives a reference up, and releases the memory when it was the last.
///
/// # Safety
///
/// The caller gives up one counted reference and touches the memory no more.
#[inline]
pub(crate) unsafe fn release_ref(header: NonNull<Header>) {
    // SAFETY: the reference being given up keeps the header alive until here (invariant 1).
    let shared = unsafe { header.as_ref() };
    // Ordering: Acquire pairs with the Release half of other holders' decrements below: their accesses are over
    // before ours, or the memory's next tenant's, begin. A count of 1 is ours alone, and needs no decrement.
    if shared.refs.load(Ordering::Acquire) != 1 {
        // Ordering: Release publishes the end of our accesses to whoever takes the count to 0; Acquire, for when
        // that is us, sees the end of everyone else's.
        if shared.refs.fetch_sub(1, Ordering::AcqRel) != 1 {
            after_last_touch();
            return;
        }
        // Ordering: Relaxed: nobody else can reach the header now; its next tenant learns of it by the release.
        shared.refs.store(1, Ordering::Relaxed);
    }
    // SAFETY: invariant 4: the count has come to an end, and the last reference is ours.
    unsafe { Header::release(header) }
}
