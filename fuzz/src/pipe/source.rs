//! Where the pipes under test get their blocks: the pool itself, or a source that counts, with blocks as small as one likes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use headpond_pipe::{PipeOptions, PipeOptionsBuilder};
use headpond_pool::{Block, BlockSource, Pool, PoolError, PoolOptions};

/// Either source.
#[derive(Debug)]
pub(super) enum Source {
    Pool(Pool),
    Counting(Counting),
}

impl Source {
    /// `budget` in bytes; `usize::MAX` for none.
    pub(super) fn new(pooled: bool, block_size: usize, budget: usize) -> Self {
        if pooled {
            let options = PoolOptions::new().block_size(block_size).slab_blocks(1);
            let options = if budget == usize::MAX { options } else { options.max_bytes(budget) };
            Self::Pool(options.build().expect("a valid pool"))
        } else {
            Self::Counting(Counting(Arc::new(Gauge { block_size, budget, blocks: 0.into(), bytes: 0.into() })))
        }
    }

    pub(super) fn options(&self) -> PipeOptionsBuilder {
        match self {
            Self::Pool(pool) => PipeOptions::builder(pool),
            Self::Counting(counting) => PipeOptions::builder(counting),
        }
    }

    pub(super) fn rent(&self) -> Result<Block, PoolError> {
        match self {
            Self::Pool(pool) => pool.rent(),
            Self::Counting(counting) => counting.rent(1),
        }
    }

    /// How many blocks are out.
    pub(super) fn rented(&self) -> usize {
        match self {
            Self::Pool(pool) => pool.stats().rented,
            // Ordering: Relaxed: one thread.
            Self::Counting(counting) => counting.0.blocks.load(Ordering::Relaxed),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Counting(Arc<Gauge>);

#[derive(Debug)]
struct Gauge {
    block_size: usize,
    budget: usize,
    blocks: AtomicUsize,
    bytes: AtomicUsize,
}

impl BlockSource for Counting {
    fn block_size(&self) -> usize {
        self.0.block_size
    }

    fn rent(&self, min: usize) -> Result<Block, PoolError> {
        let (size, limit) = (min.max(self.0.block_size), self.0.budget);
        if size > limit {
            return Err(PoolError::TooLarge { requested: min, limit });
        }
        // Ordering: Relaxed, here and below: one thread.
        if self.0.bytes.load(Ordering::Relaxed) + size > limit {
            return Err(PoolError::Exhausted { requested: min, limit });
        }
        self.0.bytes.fetch_add(size, Ordering::Relaxed);
        self.0.blocks.fetch_add(1, Ordering::Relaxed);
        Ok(Block::from_owner(Counted { memory: vec![0xDD; size], gauge: Arc::clone(&self.0) }))
    }
}

struct Counted {
    memory: Vec<u8>,
    gauge: Arc<Gauge>,
}

impl AsMut<[u8]> for Counted {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.memory
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.gauge.bytes.fetch_sub(self.memory.len(), Ordering::Relaxed);
        self.gauge.blocks.fetch_sub(1, Ordering::Relaxed);
    }
}
