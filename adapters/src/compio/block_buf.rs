//! A block as a buffer to be filled.
//!
//! # Invariants
//!
//! 1. All bytes of a block are initialised. Whoever is lent them as memory that may not be only ever puts initialised bytes there,
//!    as compio's operations do: its own buffers of a fixed size (`[u8]`) rest on the same.
//! 2. `filled` is at most the block's length.
//! 3. A block's bytes stay where they are when it is moved, so an operation may hold their address while it owns the buffer.

use std::{mem::MaybeUninit, ops::Deref};

use compio_buf::{IntoInner, IoBuf, IoBufMut, SetLen};
use headpond_pool::{Block, Slice};

/// A block as an [`IoBufMut`]: an operation fills it from its start, and says how far.
///
/// It dereferences to the filled bytes. Given to another operation, a read writes over them; but see [`clear`](Self::clear).
/// Dropped, be it by an operation that was, the block goes back to its pool.
#[derive(Debug)]
pub struct BlockBuf {
    block: Block,
    filled: usize,
}

impl BlockBuf {
    /// A buffer of the block's length, with nothing filled.
    pub fn new(block: Block) -> Self {
        Self { block, filled: 0 }
    }

    /// Forgets what was filled. A buffer is never said to hold less than it did, so a shorter read would otherwise seem to have
    /// brought what it left there.
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// The filled bytes. The block goes back when they, and all that share them, are dropped.
    pub fn into_slice(self) -> Slice {
        self.block.into_slice(..self.filled)
    }
}

impl From<Block> for BlockBuf {
    fn from(block: Block) -> Self {
        Self::new(block)
    }
}

impl From<BlockBuf> for Slice {
    fn from(buffer: BlockBuf) -> Self {
        buffer.into_slice()
    }
}

impl Deref for BlockBuf {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.block[..self.filled]
    }
}

impl IoBuf for BlockBuf {
    fn as_init(&self) -> &[u8] {
        self
    }
}

impl IoBufMut for BlockBuf {
    /// The whole block, by invariants 1 and 3.
    fn as_uninit(&mut self) -> &mut [MaybeUninit<u8>] {
        self.block.as_uninit()
    }
}

impl SetLen for BlockBuf {
    /// Unsafe by the trait; a block needs no promise: invariant 1. Invariant 2 is upheld here.
    unsafe fn set_len(&mut self, len: usize) {
        debug_assert!(len <= self.block.len(), "{len} bytes filled of {}", self.block.len());
        self.filled = len.min(self.block.len());
    }
}

impl IntoInner for BlockBuf {
    type Inner = Block;

    fn into_inner(self) -> Block {
        self.block
    }
}
