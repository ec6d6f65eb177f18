//! One stretch of memory in a chain of them.
//!
//! # Invariants
//!
//! 1. `data` points to `len` initialised bytes. Those that a [`Sequence`](crate::Sequence) shows nobody writes while it lives;
//!    the others may be another's.
//! 2. The memory lives as long as the chunk's reference does: the holder of the chain says whose that is.

use std::{ptr::NonNull, slice};

use crate::{
    memory::{Handle, Header, Slice, add_ref},
    sequence::position::Position,
};

/// A plain description: copying it copies no reference, and dropping it gives none back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk {
    pub(crate) header: Option<NonNull<Header>>,
    pub(crate) data: NonNull<u8>,
    pub(crate) len: usize,
    /// Where its first byte stands in the stream.
    pub(crate) position: Position,
}

// SAFETY: invariants 1 and 2: shared bytes that are only read through it, counted atomically.
unsafe impl Send for Chunk {}
// SAFETY: as above.
unsafe impl Sync for Chunk {}

impl Chunk {
    /// Takes the slice's reference over.
    pub(crate) fn from_slice(slice: Slice, position: Position) -> Self {
        let (handle, data, len) = slice.into_parts();
        Self { header: handle.map(Handle::into_raw), data, len, position }
    }

    #[inline]
    pub(crate) fn end(&self) -> Position {
        self.position.forward(self.len)
    }

    /// The bytes from `start` to `end`, offsets within the chunk.
    ///
    /// # Safety
    ///
    /// `start <= end <= len`, and the chunk's reference outlives `'a`.
    #[inline]
    pub(crate) unsafe fn bytes<'a>(&self, start: usize, end: usize) -> &'a [u8] {
        debug_assert!(start <= end && end <= self.len);
        // SAFETY: invariant 1 and the caller's promise. No byte, of memory that may be gone, is a wrapping offset and no access.
        unsafe { slice::from_raw_parts(self.data.as_ptr().wrapping_add(start), end - start) }
    }

    /// A counted slice of the bytes from `start` to `end`, offsets within the chunk.
    ///
    /// # Safety
    ///
    /// `start <= end <= len`, and the chunk's reference is alive during the call.
    pub(crate) unsafe fn to_slice(self, start: usize, end: usize) -> Slice {
        debug_assert!(start <= end && end <= self.len);
        let handle = self.header.map(|header| {
            // SAFETY: the chunk's reference keeps the header alive; the added one becomes the slice's.
            unsafe {
                add_ref(header);
                Handle::from_raw(header)
            }
        });
        // SAFETY: invariant 1: published bytes are never written again while referred to.
        unsafe { Slice::from_parts(handle, self.data.add(start), end - start) }
    }

    /// Gives the chunk's reference back.
    ///
    /// # Safety
    ///
    /// The reference is the caller's, and the chunk is not used again.
    pub(crate) unsafe fn release(self) {
        if let Some(header) = self.header {
            // SAFETY: the caller's promise.
            drop(unsafe { Handle::from_raw(header) });
        }
    }
}
