//! A reference to memory that passes from hand to hand as plain data.
//!
//! # Invariants
//!
//! 1. A [`RawChunk`] stands for one counted reference; exactly one place at a time is entitled to it.
//! 2. Bytes of a raw chunk are written by one writer at most, and only those nobody was shown yet.

use std::ptr::NonNull;

use crate::memory::{
    block::Block,
    header::{Handle, Header, add_ref},
    slice::Slice,
};

/// One counted reference to memory, and where it begins, as plain data.
#[derive(Clone, Copy, Debug)]
pub struct RawChunk {
    header: Option<NonNull<Header>>,
    data: NonNull<u8>,
}

// SAFETY: plain data; every use of what it points to is an unsafe call with its own promise.
unsafe impl Send for RawChunk {}
// SAFETY: as above.
unsafe impl Sync for RawChunk {}

impl RawChunk {
    /// Opens a block up: its reference, and its capacity in bytes.
    #[inline]
    pub fn from_block(block: Block) -> (Self, usize) {
        let capacity = block.capacity();
        let handle = block.into_handle();
        let data = handle.header().data();
        (Self { header: Some(handle.into_raw()), data }, capacity)
    }

    /// Opens a slice up: its reference, and its length in bytes.
    pub fn from_slice(slice: Slice) -> (Self, usize) {
        let (handle, data, len) = slice.into_parts();
        (Self { header: handle.map(Handle::into_raw), data }, len)
    }

    /// Where its bytes begin.
    #[inline]
    pub fn data(self) -> NonNull<u8> {
        self.data
    }

    /// Its reference, if it is counted, and where its bytes begin.
    #[inline]
    pub(crate) fn into_parts(self) -> (Option<NonNull<Header>>, NonNull<u8>) {
        (self.header, self.data)
    }

    /// A second reference to the same memory, beginning `offset` bytes later.
    ///
    /// # Safety
    ///
    /// The reference is alive, and `offset` lies within the memory.
    pub unsafe fn share(self, offset: usize) -> Self {
        if let Some(header) = self.header {
            // SAFETY: the caller's promise.
            unsafe { add_ref(header) };
        }
        // SAFETY: the caller's promise.
        Self { header: self.header, data: unsafe { self.data.add(offset) } }
    }

    /// Gives the reference back.
    ///
    /// # Safety
    ///
    /// It is the caller's, and is not used again.
    pub unsafe fn release(self) {
        if let Some(header) = self.header {
            // SAFETY: the caller's promise.
            drop(unsafe { Handle::from_raw(header) });
        }
    }
}
