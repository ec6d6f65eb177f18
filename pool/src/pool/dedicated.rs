//! Allocations of their own, for requests of more than a block.
//!
//! # Invariants
//!
//! 1. The header is the first field of a `repr(C)` box, so a pointer to it is a pointer to the box.
//! 2. The bytes live in `memory`, which is freed before their budget is given back.

use std::ptr::NonNull;

use crate::{
    error::PoolError,
    memory::{Block, Handle, Header, Kind, RawMemory},
    pool::shared::Shared,
    sync::Arc,
};

#[repr(C)]
struct Dedicated {
    header: Header,
    memory: RawMemory,
    shared: Arc<Shared>,
}

/// Allocates `bytes` zero bytes whose budget is taken already; gives that back when there are none.
pub(crate) fn allocate(shared: &Arc<Shared>, bytes: usize) -> Result<Block, PoolError> {
    let Some(memory) = RawMemory::zeroed(bytes, 64) else {
        shared.lock().unreserve(bytes);
        return Err(PoolError::Allocation { bytes });
    };
    let header = Header::new(memory.data(), bytes, Kind::Other, release);
    let dedicated = Box::new(Dedicated { header, memory, shared: Arc::clone(shared) });
    let header = NonNull::from(Box::leak(dedicated)).cast();
    // SAFETY: invariant 1: the header was just made with one reference, which becomes the block's.
    Ok(unsafe { Block::from_handle(Handle::from_raw(header)) })
}

/// Gives the memory back to the system, then its budget to the pool.
///
/// # Safety
///
/// `header` was made by `allocate`, and its last reference was just given up.
unsafe fn release(header: NonNull<Header>) {
    // SAFETY: invariant 1 and the caller's promise.
    let dedicated = unsafe { Box::from_raw(header.cast::<Dedicated>().as_ptr()) };
    let Dedicated { header: own, memory, shared } = *dedicated;
    let bytes = own.capacity();
    // SAFETY: nobody else refers to the bytes any more.
    unsafe { shared.clean(header.as_ptr() as usize, memory.data(), bytes) };
    drop(memory);
    shared.lock().unreserve(bytes);
}
