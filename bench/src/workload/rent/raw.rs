//! A piece of memory of one allocator, which need not be the program's own.
//!
//! # Invariants
//!
//! 1. The pointer is that of an allocation of `PIECE` bytes that `A` made, initialised up to `MARK`, and nobody else's.

use std::{
    alloc::{GlobalAlloc, Layout, System, handle_alloc_error},
    marker::PhantomData,
    ptr::NonNull,
    slice,
};

use mimalloc::MiMalloc;

use super::PIECE;

/// How much of it is used: what matters is that it is touched.
const MARK: usize = 8;
const LAYOUT: Layout = match Layout::from_size_align(PIECE, 16) {
    Ok(layout) => layout,
    Err(_) => panic!("16 is a power of two"),
};

/// An allocator that is one for the whole program.
pub(crate) trait Stateless: GlobalAlloc + 'static {
    const IT: Self;
}

impl Stateless for System {
    const IT: Self = Self;
}

impl Stateless for MiMalloc {
    const IT: Self = Self;
}

/// The piece.
pub(crate) struct Raw<A: Stateless> {
    bytes: NonNull<u8>,
    allocator: PhantomData<A>,
}

// SAFETY: invariant 1: it is an owner of memory, and allocators free from any thread.
unsafe impl<A: Stateless> Send for Raw<A> {}

impl<A: Stateless> Raw<A> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        // SAFETY: the layout is not empty.
        let bytes = unsafe { A::IT.alloc(LAYOUT) };
        let Some(bytes) = NonNull::new(bytes) else { handle_alloc_error(LAYOUT) };
        // SAFETY: the allocation is that long, and new.
        unsafe { bytes.write_bytes(0, MARK) };
        Self { bytes, allocator: PhantomData }
    }
}

impl<A: Stateless> AsMut<[u8]> for Raw<A> {
    #[inline(always)]
    fn as_mut(&mut self) -> &mut [u8] {
        // SAFETY: invariant 1.
        unsafe { slice::from_raw_parts_mut(self.bytes.as_ptr(), MARK) }
    }
}

impl<A: Stateless> Drop for Raw<A> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: invariant 1: it was allocated by an allocator of this type, which has no state, with this layout.
        unsafe { A::IT.dealloc(self.bytes.as_ptr(), LAYOUT) };
    }
}
