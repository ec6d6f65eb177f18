//! The doors between the pool and a pipe: chunks whose reference passes from hand to hand, and a chain that reads
//! memory which its writer still holds. Not public interface: `headpond-pipe` is the only user.
//!
//! # Invariants
//!
//! 1. A [`RawChunk`] stands for one counted reference; exactly one place at a time is entitled to it.
//! 2. Bytes of a raw chunk are written by one writer at most, and only those nobody was shown yet.

use std::ptr::NonNull;

use crate::{
    block::Block, buffer_writer::Prefix, chunk::Chunk, header::Handle, position::Position, sequence_buf::SequenceBuf,
    slice::Slice,
};

/// One counted reference to memory, and where it begins, as plain data.
#[derive(Clone, Copy, Debug)]
pub struct RawChunk {
    header: Option<NonNull<crate::header::Header>>,
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

    /// A second reference to the same memory, beginning `offset` bytes later.
    ///
    /// # Safety
    ///
    /// The reference is alive, and `offset` lies within the memory.
    pub unsafe fn share(self, offset: usize) -> Self {
        if let Some(header) = self.header {
            // SAFETY: the caller's promise.
            unsafe { crate::header::add_ref(header) };
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

/// Links memory of `len` bytes whose reference stays the lender's; none of them is part of the chain before [`grow_last`].
/// See [`own_last`] and [`forget_last`].
///
/// # Safety
///
/// The lender keeps the memory, which has `len` bytes, alive as long as any of its bytes is unconsumed, or until [`own_last`]. No
/// chunk is lent to the chain at the time, and none is linked behind this one before [`own_last`] or [`forget_last`].
#[inline]
pub unsafe fn push_lent(chain: &mut SequenceBuf, chunk: RawChunk, len: usize) {
    let chunk = Chunk { header: chunk.header, data: chunk.data, len, position: chain.end() };
    // SAFETY: the caller's promise.
    unsafe { chain.push_lent(chunk) }
}

/// Makes `bytes` more bytes of the lent chunk's memory part of the chain.
///
/// # Safety
///
/// A chunk is lent (or `bytes` is 0), it has that many bytes behind the end of the chain, and they are published and never written
/// again. The end stays below 2^63, and at most `usize::MAX` bytes behind the start.
#[inline]
pub unsafe fn grow_last(chain: &mut SequenceBuf, bytes: usize) {
    // SAFETY: the caller's promise.
    unsafe { chain.grow_last(bytes) }
}

/// Takes the lent chunk's reference over.
///
/// # Safety
///
/// A chunk is lent, and its lender gives the reference to this chain.
pub unsafe fn own_last(chain: &mut SequenceBuf) {
    // SAFETY: the caller's promise.
    unsafe { chain.own_last() }
}

/// Drops the description of the lent chunk, if there is one: its reference stays the lender's. A pipe does so when all its bytes are
/// consumed; any that are not leave the chain with it.
pub fn forget_last(chain: &mut SequenceBuf) {
    chain.forget_last();
}

/// Whether a chunk is lent to the chain.
#[inline]
pub fn last_is_lent(chain: &SequenceBuf) -> bool {
    chain.last_is_lent()
}

/// Moves the start of the chain to `consumed`.
///
/// # Safety
///
/// The position lies within the chain.
#[inline]
pub unsafe fn consume_to(chain: &mut SequenceBuf, consumed: Position) {
    chain.consume_to(consumed);
}

/// Gives back everything the chain owns; it goes on at `position`. A lent chunk stays its lender's.
///
/// # Panics
///
/// When the position is beyond [`Position::LAST`], with nothing changed.
pub fn restart(chain: &mut SequenceBuf, position: Position) {
    chain.restart(position);
}

/// Shrinks the chain's list of chunks to at most `chunks` places, if it has so few chunks.
pub fn shrink_to(chain: &mut SequenceBuf, chunks: usize) {
    chain.shrink_to(chunks);
}

/// Where the bytes of a prefix are, as plain data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PrefixMemory(NonNull<u8>);

// SAFETY: plain data; only the writer that made the prefix follows the pointer, after its own checks.
unsafe impl Send for PrefixMemory {}
// SAFETY: as above.
unsafe impl Sync for PrefixMemory {}

/// Makes a prefix that remembers where its bytes are, so that its writer finds them at once.
///
/// # Safety
///
/// `owner` is a number that no other writer has, and `data` points to the `len` bytes at `position` of that writer's stream for as
/// long as they are unflushed.
pub unsafe fn prefix_at(owner: u64, position: u64, len: usize, data: NonNull<u8>) -> Prefix {
    Prefix::with_memory(owner, position, len, PrefixMemory(data))
}

/// Returns where the bytes of a prefix are, if [`prefix_at`] made it.
pub fn prefix_data(prefix: &Prefix) -> Option<NonNull<u8>> {
    prefix.memory().map(|memory| memory.0)
}
