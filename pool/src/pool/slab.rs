//! Slabs: many blocks from one request to the system, their headers apart from the data.
//!
//! # Invariants
//!
//! 1. A pooled header begins with the `Header`, so a pointer to one is a pointer to the other.
//! 2. A [`FreeBlock`] is the one right to a block at rest: its header's count is 1 and no handle exists. Whoever
//!    holds it may touch the header's link and the bytes, rent the block, or pass the right on.
//! 3. Headers and data live until their slab is dropped, which happens when every free block is in its list.
//! 4. A header's `shared` lives as long as a block of its slab is outside the depot.

use std::{mem::ManuallyDrop, ptr::NonNull, thread};

use crate::{
    memory::{Block, Handle, Header, Kind, RawMemory},
    pool::shared::Shared,
    sync::UnsafeCell,
};

/// The header of a block in a slab: a cache line of its own.
#[repr(C, align(64))]
struct PooledHeader {
    header: Header,
    shared: NonNull<Shared>,
    /// The slab's place in the depot's table.
    slab: u32,
    /// The next free block of the slab, while this one is in its list.
    next: UnsafeCell<Option<FreeBlock>>,
}

/// The right to a block at rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FreeBlock(NonNull<PooledHeader>);

// SAFETY: invariant 2: an exclusive right, which may change threads.
unsafe impl Send for FreeBlock {}
// SAFETY: as above; it is used by value only.
unsafe impl Sync for FreeBlock {}

impl FreeBlock {
    /// Takes over the right to a block from its header.
    ///
    /// # Safety
    ///
    /// `header` was made by a slab, and its last reference was just given up.
    #[inline]
    unsafe fn from_header(header: NonNull<Header>) -> Self {
        Self(header.cast())
    }

    /// Turns the right into a rented block.
    ///
    /// # Safety
    ///
    /// The right is the caller's and ends here.
    #[inline]
    pub(crate) unsafe fn into_block(self) -> Block {
        // SAFETY: invariants 1 and 2: the count is 1, and this is its one handle.
        unsafe { Block::from_handle(Handle::from_raw(self.0.cast())) }
    }

    fn pooled(&self) -> &PooledHeader {
        // SAFETY: invariant 3: a header outlives the right to its block.
        unsafe { self.0.as_ref() }
    }

    /// The place of its slab in the depot's table.
    pub(crate) fn slab(self) -> usize {
        self.pooled().slab as usize
    }
}

/// Gives a block back to its pool.
///
/// # Safety
///
/// As [`FreeBlock::from_header`].
unsafe fn release(header: NonNull<Header>) {
    // SAFETY: the caller's promise.
    let block = unsafe { FreeBlock::from_header(header) };
    let pooled = block.pooled();
    let (shared, data, len) = (pooled.shared, pooled.header.data(), pooled.header.capacity());
    // SAFETY: invariant 4: the block is outside the depot until `give_back` has it, so the pool lives until then;
    // invariant 2: the bytes are ours until then.
    unsafe {
        shared.as_ref().clean(header.as_ptr() as usize, data, len);
        Shared::give_back(shared, block);
    }
}

/// Blocks that come from and go back to the system together, and the list of those in the depot.
pub(crate) struct Slab {
    headers: NonNull<[PooledHeader]>,
    free: Option<FreeBlock>,
    free_blocks: usize,
    data: ManuallyDrop<RawMemory>,
}

// SAFETY: invariants 2 and 3: the slab owns its headers, and touches only those of blocks in its list.
unsafe impl Send for Slab {}

impl Slab {
    /// Takes a slab from the system, all its blocks free. `None` when the system has no memory, or the table of slabs is longer
    /// than a header can say.
    pub(crate) fn new(blocks: usize, block_size: usize, place: usize, shared: NonNull<Shared>) -> Option<Self> {
        let place = u32::try_from(place).ok()?;
        let align = if block_size % 4096 == 0 { 4096 } else { 64 };
        let stride = block_size.checked_next_multiple_of(64)?;
        let data = RawMemory::zeroed(stride.checked_mul(blocks)?, align)?;
        let mut headers = Vec::new();
        headers.try_reserve_exact(blocks).ok()?;
        for index in 0..blocks {
            // SAFETY: `index` is less than `blocks`, and the memory has that many strides.
            let start = unsafe { data.data().add(index * stride) };
            let header = Header::new(start, block_size, Kind::Other, release);
            headers.push(PooledHeader { header, shared, slab: place, next: UnsafeCell::new(None) });
        }
        let headers = NonNull::from(Box::leak(headers.into_boxed_slice()));
        let mut slab = Self { headers, free: None, free_blocks: 0, data: ManuallyDrop::new(data) };
        // The first block ends up first in the list.
        for index in (0..blocks).rev() {
            // SAFETY: within the array; invariant 2: nobody else has the right to a new block.
            unsafe { slab.put(FreeBlock(headers.cast::<PooledHeader>().add(index))) };
        }
        Some(slab)
    }

    /// Takes a block back.
    ///
    /// # Safety
    ///
    /// The right is the caller's, and the block is of this slab.
    pub(crate) unsafe fn put(&mut self, block: FreeBlock) {
        let next = self.free.replace(block);
        // SAFETY: invariant 2: the right to the block is ours now.
        block.pooled().next.with_mut(|link| unsafe { *link = next });
        self.free_blocks += 1;
    }

    /// Gives the right to a free block out.
    pub(crate) fn take(&mut self) -> Option<FreeBlock> {
        let block = self.free?;
        // SAFETY: invariant 2: the right to a block in the list is ours.
        self.free = block.pooled().next.with(|link| unsafe { *link });
        self.free_blocks -= 1;
        Some(block)
    }

    pub(crate) fn has_free(&self) -> bool {
        self.free_blocks != 0
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.free_blocks == self.blocks()
    }

    pub(crate) fn blocks(&self) -> usize {
        self.headers.len()
    }
}

impl Drop for Slab {
    fn drop(&mut self) {
        if !self.is_whole() {
            // Cannot be, but in a model that is given up halfway: rather leaked than pulled from under a block.
            debug_assert!(thread::panicking(), "a slab goes with all its blocks");
            return;
        }
        // SAFETY: `new` leaked the box; invariant 3: every block is in the list, so no other reference is left. The
        // memory is dropped here only.
        unsafe {
            drop(Box::from_raw(self.headers.as_ptr()));
            ManuallyDrop::drop(&mut self.data);
        }
    }
}
