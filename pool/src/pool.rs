//! The pool's handle. (Stand-in until the slabs are in: every block is an allocation.)

use std::task::{Context, Poll};

use crate::{
    block::Block,
    error::PoolError,
    leaks::Leak,
    options::PoolOptions,
    rent::RentAsync,
    source::{BlockSource, Turn},
    stats::PoolStats,
};

/// A memory pool of fixed blocks: a handle, cheap to clone.
#[derive(Debug, Clone)]
pub struct Pool {
    options: PoolOptions,
}

impl Pool {
    /// A pool with the default options.
    pub fn new() -> Self {
        Self::with_options(&PoolOptions::new())
    }

    pub(crate) fn with_options(options: &PoolOptions) -> Self {
        Self { options: options.clone() }
    }

    /// Rents a block.
    ///
    /// # Errors
    ///
    /// `Exhausted` when the budget is spent, or somebody waits in line; `Allocation` when the system gave no memory.
    #[track_caller]
    pub fn rent(&self) -> Result<Block, PoolError> {
        self.rent_sized(1)
    }

    /// Rents a block of at least `min` bytes: an ordinary one when that suffices, otherwise a dedicated allocation of
    /// `min` bytes.
    ///
    /// # Errors
    ///
    /// As [`rent`](Self::rent); `TooLarge` when the budget can never hold it.
    #[track_caller]
    pub fn rent_sized(&self, min: usize) -> Result<Block, PoolError> {
        if self.options.max_bytes.is_some_and(|limit| min > limit) {
            return Err(self.options.too_large(min));
        }
        Ok(Block::from_owner(vec![0_u8; min.max(self.options.block_size)]))
    }

    /// Waits in line for a block of at least `min` bytes.
    #[track_caller]
    pub fn rent_async(&self, min: usize) -> RentAsync<'_> {
        RentAsync::new(self, min)
    }

    /// Gives every slab that is wholly free back to the system, and says how many bytes that was.
    pub fn trim(&self) -> usize {
        0
    }

    /// Gauges and counters.
    pub fn stats(&self) -> PoolStats {
        PoolStats { block_size: self.options.block_size, ..PoolStats::default() }
    }

    /// The size of an ordinary block, in bytes.
    pub fn block_size(&self) -> usize {
        self.options.block_size
    }

    /// Where each outstanding block was rented; empty unless the pool was made with `track_leaks`.
    pub fn leaks(&self) -> Vec<Leak> {
        Vec::new()
    }
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl BlockSource for Pool {
    fn block_size(&self) -> usize {
        self.block_size()
    }

    #[track_caller]
    fn rent(&self, min: usize) -> Result<Block, PoolError> {
        self.rent_sized(min)
    }

    #[track_caller]
    fn poll_rent(&self, cx: &mut Context<'_>, min: usize, turn: &mut Turn) -> Poll<Result<Block, PoolError>> {
        let _ = (cx, turn);
        Poll::Ready(self.rent_sized(min))
    }
}
