//! An exclusive piece of pooled memory.
//!
//! # Invariants
//!
//! 1. The handle is the only reference to its header, so the block's bytes are ours alone.
//! 2. `data` and `capacity` are the header's.

use std::{
    fmt,
    ops::{Deref, DerefMut, RangeBounds},
    ptr::NonNull,
    slice,
};

use crate::memory::{foreign, header::Handle, slice::Slice};

/// An exclusive piece of memory, rented from a [`Pool`](crate::Pool) or brought by its owner.
///
/// It dereferences to its bytes, which are initialised: they hold whatever the last tenant left, unless the pool
/// wipes. Dropping it gives it back, from any thread.
///
/// # Examples
///
/// ```
/// use headpond_pool::Block;
///
/// let mut block = Block::from_owner(vec![0_u8; 16]);
/// block[..5].copy_from_slice(b"hello");
/// let slice = block.into_slice(..5);
/// assert_eq!(&slice[..], b"hello");
/// ```
pub struct Block {
    handle: Handle,
    data: NonNull<u8>,
    capacity: usize,
}

// SAFETY: invariant 1: the bytes are reached through this value only.
unsafe impl Send for Block {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for Block {}

impl Block {
    /// Wraps memory that `owner` keeps alive: it is dropped when the block, and every slice made of it, is gone. Should
    /// its destructor panic, that goes no further.
    pub fn from_owner<T: AsMut<[u8]> + Send + 'static>(owner: T) -> Self {
        let handle = foreign::adopt(owner, |owner| {
            let bytes = owner.as_mut();
            (NonNull::from(&mut *bytes).cast(), bytes.len())
        });
        // SAFETY: the one reference was just made.
        unsafe { Self::from_handle(handle) }
    }

    /// Wraps raw memory, for sources whose memory no safe type can lend: registered buffers, huge pages.
    ///
    /// # Safety
    ///
    /// `data` points to `len` initialised bytes, which stay in place and are reached by nobody else until `owner` is
    /// dropped, on whatever thread that happens.
    pub unsafe fn from_raw_parts<T: Send + 'static>(data: NonNull<u8>, len: usize, owner: T) -> Self {
        let handle = foreign::adopt(owner, |_| (data, len));
        // SAFETY: the one reference was just made.
        unsafe { Self::from_handle(handle) }
    }

    /// Rebuilds a block.
    ///
    /// # Safety
    ///
    /// The handle is the only reference to its header.
    #[inline]
    pub(crate) unsafe fn from_handle(handle: Handle) -> Self {
        let header = handle.header();
        let (data, capacity) = (header.data(), header.capacity());
        Self { handle, data, capacity }
    }

    #[cfg(feature = "__internal")]
    #[inline]
    pub(crate) fn into_handle(self) -> Handle {
        self.handle
    }

    /// Turns bytes of the block into a shared [`Slice`]. The block goes back when its last slice is dropped.
    ///
    /// # Panics
    ///
    /// When the range lies outside the block.
    pub fn into_slice(self, range: impl RangeBounds<usize>) -> Slice {
        let (data, capacity) = (self.data, self.capacity);
        // SAFETY: invariant 2, and the block's exclusive reference becomes the slice's.
        unsafe { Slice::from_parts(Some(self.handle), data, capacity) }.into_range(range)
    }

    /// What tells it from every other block that is out at the same time.
    #[inline]
    pub(crate) fn address(&self) -> usize {
        self.handle.as_ptr().as_ptr() as usize
    }

    /// How many bytes there are.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

impl Deref for Block {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: invariants 1 and 2, and the header's invariant 3.
        unsafe { slice::from_raw_parts(self.data.as_ptr(), self.capacity) }
    }
}

impl DerefMut for Block {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: invariants 1 and 2, and the header's invariant 3.
        unsafe { slice::from_raw_parts_mut(self.data.as_ptr(), self.capacity) }
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block").field("data", &self.data).field("capacity", &self.capacity).finish()
    }
}
