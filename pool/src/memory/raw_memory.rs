//! Zeroed, aligned memory from the system.
//!
//! # Invariants
//!
//! 1. `base` was allocated with `layout`, and is freed once, by `Drop`.
//! 2. `data` lies within it, on the asked boundary, with the asked number of initialised bytes behind it.

use std::{
    alloc::{Layout, alloc_zeroed, dealloc},
    ptr::NonNull,
    slice,
};

/// A stretch of memory of its own.
pub(crate) struct RawMemory {
    base: NonNull<u8>,
    layout: Layout,
    data: NonNull<u8>,
}

// SAFETY: invariant 1: plain memory that this value owns; its users say who may reach the bytes.
unsafe impl Send for RawMemory {}
// SAFETY: as above.
unsafe impl Sync for RawMemory {}

impl RawMemory {
    /// Allocates `len` zero bytes, on a boundary of `align`, a power of two. `None` when the system has none.
    ///
    /// It allocates a little more and aligns by hand, since the system's `calloc` leaves fresh pages untouched until
    /// they are used, while an aligned allocation would be zeroed by writing.
    pub(crate) fn zeroed(len: usize, align: usize) -> Option<Self> {
        let layout = Layout::from_size_align(len.checked_add(align)?, 1).ok()?;
        // SAFETY: the layout's size is at least `align`, which is not 0.
        let base = NonNull::new(unsafe { alloc_zeroed(layout) })?;
        let offset = base.as_ptr().align_offset(align);
        // SAFETY: a byte pointer's offset to a boundary is less than `align`, so `len` bytes are left behind it.
        let data = unsafe { base.add(offset) };
        Some(Self { base, layout, data })
    }

    #[inline]
    pub(crate) fn data(&self) -> NonNull<u8> {
        self.data
    }
}

impl Drop for RawMemory {
    fn drop(&mut self) {
        // SAFETY: invariant 1.
        unsafe { dealloc(self.base.as_ptr(), self.layout) }
    }
}

/// Overwrites bytes with zeros in a way that is not optimised out.
///
/// # Safety
///
/// `data` points to `len` bytes that are the caller's alone.
#[cfg(feature = "zeroize")]
pub(crate) unsafe fn wipe(data: NonNull<u8>, len: usize) {
    // SAFETY: the caller's promise.
    zeroize::Zeroize::zeroize(unsafe { slice::from_raw_parts_mut(data.as_ptr(), len) });
}

/// Overwrites bytes with `0xDD`.
///
/// # Safety
///
/// `data` points to `len` bytes that are the caller's alone.
pub(crate) unsafe fn poison(data: NonNull<u8>, len: usize) {
    // SAFETY: the caller's promise.
    unsafe { slice::from_raw_parts_mut(data.as_ptr(), len) }.fill(0xDD);
}
