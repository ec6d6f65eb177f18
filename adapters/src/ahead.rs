//! Blocks that are filled before a pipe's writer gets them.
//!
//! A vectored read takes several blocks at once, and a writer hands out one at a time. So the others are rented beside it,
//! and when they are filled the writer is given them as if it had rented them itself: it goes on in the last one where the
//! read has left off, and no byte of a block is wasted.

use std::task::{Context, Poll};

use headpond_pool::{Block, BlockSource, PoolError, Ticket};

use crate::sync::{Arc, Mutex};

/// The source of a pipe's blocks, which gives out first what was filled ahead.
#[derive(Debug)]
pub(crate) struct Ahead {
    source: Arc<dyn BlockSource>,
    filled: Mutex<Option<Block>>,
}

impl Ahead {
    pub(crate) fn over(source: Arc<dyn BlockSource>) -> Self {
        Self { source, filled: Mutex::default() }
    }

    /// A block to be filled ahead, if there is one to be had at once.
    pub(crate) fn rent_ahead(&self) -> Option<Block> {
        self.source.rent(self.source.block_size()).ok()
    }

    /// Makes `block` the next one that is rented.
    pub(crate) fn put(&self, block: Block) {
        *self.filled.lock() = Some(block);
    }

    /// The block that was put in and not rented.
    pub(crate) fn take(&self) -> Option<Block> {
        self.filled.lock().take()
    }
}

impl BlockSource for Ahead {
    fn block_size(&self) -> usize {
        self.source.block_size()
    }

    fn rent(&self, min: usize) -> Result<Block, PoolError> {
        self.take().map_or_else(|| self.source.rent(min), Ok)
    }

    fn limit(&self) -> Option<usize> {
        self.source.limit()
    }

    /// What was put in is taken by a plain rent, at once.
    fn poll_rent(&self, cx: &mut Context<'_>, min: usize, ticket: &mut Ticket) -> Poll<Result<Block, PoolError>> {
        self.source.poll_rent(cx, min, ticket)
    }
}
