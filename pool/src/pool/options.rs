//! What a pool is made with.

use crate::{error::PoolError, pool::Pool};

/// Small under loom, so that a model has few objects to follow.
const DEFAULT_BLOCK_SIZE: usize = if cfg!(loom) { 64 } else { 4096 };
const DEFAULT_SLAB_BLOCKS: usize = if cfg!(loom) { 2 } else { 32 };
const DEFAULT_MAX_IDLE_BYTES: usize = 4 << 20;

/// Settings of a [`Pool`], checked once by [`build`](Self::build).
///
/// # Examples
///
/// ```
/// use headpond_pool::PoolOptions;
///
/// let pool = PoolOptions::new().block_size(16 * 1024).max_bytes(1 << 20).build()?;
/// assert_eq!(pool.rent()?.len(), 16 * 1024);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "options do nothing until `build`"]
pub struct PoolOptions {
    pub(crate) block_size: usize,
    pub(crate) slab_blocks: usize,
    pub(crate) max_bytes: Option<usize>,
    pub(crate) max_idle_bytes: Option<usize>,
    pub(crate) wipe_on_return: bool,
    pub(crate) track_leaks: bool,
}

impl PoolOptions {
    /// Blocks of 4096 bytes in slabs of 32, no budget, 4 MiB kept idle, no wiping, no tracking.
    pub const fn new() -> Self {
        Self {
            block_size: DEFAULT_BLOCK_SIZE,
            slab_blocks: DEFAULT_SLAB_BLOCKS,
            max_bytes: None,
            max_idle_bytes: Some(DEFAULT_MAX_IDLE_BYTES),
            wipe_on_return: false,
            track_leaks: false,
        }
    }

    /// The size of a block, in bytes; at least 1. Blocks begin on 64-byte boundaries (on 4096-byte boundaries when
    /// the size is a multiple of that), so a size that is no multiple of 64 leaves a gap behind every block, which no
    /// figure of the pool counts.
    pub const fn block_size(mut self, bytes: usize) -> Self {
        self.block_size = bytes;
        self
    }

    /// How many blocks are asked of the system at a time; at least 1.
    pub const fn slab_blocks(mut self, blocks: usize) -> Self {
        self.slab_blocks = blocks;
        self
    }

    /// The budget: the most bytes of blocks, rented and idle, ordinary and dedicated, that may be taken from the
    /// system at any time; `None` for no budget. Room for one block at least. What is left over from whole slabs is
    /// used by a smaller one; what is less than a block serves dedicated allocations only.
    ///
    /// A budget below the number of pipes times (their pause threshold plus one block) can stall: writers that wait
    /// for a block, against readers that wait for more bytes than the blocks already out can hold.
    pub fn max_bytes(mut self, bytes: impl Into<Option<usize>>) -> Self {
        self.max_bytes = bytes.into();
        self
    }

    /// The most bytes of free blocks the depot keeps; `None` for no limit. Whenever blocks come back to the depot and
    /// leave it with more, slabs that are wholly free go back to the system until it has no more than that, or none
    /// is wholly free. Blocks in the caches are not counted (at most 512 KiB or 2 blocks each): see
    /// [`Pool::trim`].
    ///
    /// The distance between nothing idle and this limit is what keeps a slab from going back and forth.
    pub fn max_idle_bytes(mut self, bytes: impl Into<Option<usize>>) -> Self {
        self.max_idle_bytes = bytes.into();
        self
    }

    /// Overwrites every block with zeros when it comes back, so that no tenant can read what another left. Without
    /// it, a caller that counts bytes as written which it did not write sees whatever the last tenant left there (in a
    /// build with debug assertions: `0xDD`).
    #[cfg(feature = "zeroize")]
    #[cfg_attr(docsrs, doc(cfg(feature = "zeroize")))]
    pub const fn wipe_on_return(mut self, wipe: bool) -> Self {
        self.wipe_on_return = wipe;
        self
    }

    /// Records where each block is rented, for [`Pool::leaks`]. Takes a lock and a backtrace each time: for tests and
    /// for hunting leaks.
    pub const fn track_leaks(mut self, track: bool) -> Self {
        self.track_leaks = track;
        self
    }

    /// Makes the pool. It takes no memory for blocks until the first rent.
    ///
    /// # Errors
    ///
    /// When a setting is out of its range.
    pub fn build(&self) -> Result<Pool, PoolOptionsError> {
        if self.block_size == 0 {
            return Err(PoolOptionsError::BlockSize);
        }
        if self.slab_blocks == 0 {
            return Err(PoolOptionsError::SlabBlocks);
        }
        let stride = self.block_size.checked_next_multiple_of(64);
        let slab = stride.and_then(|stride| stride.checked_mul(self.slab_blocks));
        if slab.is_none_or(|bytes| bytes > isize::MAX as usize / 2) || self.slab_blocks > u32::MAX as usize {
            return Err(PoolOptionsError::SlabTooLarge { block_size: self.block_size, slab_blocks: self.slab_blocks });
        }
        if let Some(max_bytes) = self.max_bytes.filter(|&max_bytes| max_bytes < self.block_size) {
            return Err(PoolOptionsError::Budget { max_bytes, block_size: self.block_size });
        }
        Ok(Pool::with_options(self))
    }

    /// What a request for more than the whole budget is refused with.
    pub(crate) fn too_large(&self, requested: usize) -> PoolError {
        PoolError::TooLarge { requested, limit: self.max_bytes.unwrap_or(isize::MAX as usize) }
    }
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Which setting of [`PoolOptions`] is out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PoolOptionsError {
    /// The block size is 0.
    #[error("a block needs at least 1 byte")]
    BlockSize,
    /// The slab size is 0.
    #[error("a slab needs at least 1 block")]
    SlabBlocks,
    /// A slab would be larger than any allocation can be.
    #[error("a slab of {slab_blocks} blocks of {block_size} bytes is larger than any allocation")]
    SlabTooLarge {
        /// The block size, in bytes.
        block_size: usize,
        /// Blocks in a slab.
        slab_blocks: usize,
    },
    /// The budget has no room for a block.
    #[error("a budget of {max_bytes} bytes has no room for a block of {block_size}")]
    Budget {
        /// The budget, in bytes.
        max_bytes: usize,
        /// The block size, in bytes.
        block_size: usize,
    },
}
