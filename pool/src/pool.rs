//! The pool's handle. (Stand-in until the slabs are in: every block is an allocation.)

use crate::{block::Block, error::PoolError, source::BlockSource};

/// A memory pool of fixed blocks: a handle, cheap to clone.
#[derive(Debug, Clone)]
pub struct Pool {
    block_size: usize,
}

impl Pool {
    /// A pool with the default options.
    pub fn new() -> Self {
        Self { block_size: 4096 }
    }
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl BlockSource for Pool {
    fn block_size(&self) -> usize {
        self.block_size
    }

    fn rent(&self, min: usize) -> Result<Block, PoolError> {
        Ok(Block::from_owner(vec![0_u8; min.max(self.block_size)]))
    }
}
