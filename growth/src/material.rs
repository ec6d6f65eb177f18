//! What operations work on.

use anyhow::Result;
use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::{Pool, PoolOptions, SequenceBuf, Slice};

/// A pool of small blocks, a few in a slab, that keeps nothing idle longer than it must.
pub(crate) fn pool() -> Result<Pool> {
    Ok(PoolOptions::new().block_size(64).slab_blocks(8).max_idle_bytes(0).build()?)
}

/// Options of a pipe over such a pool that neither pauses nor limits.
pub(crate) fn options() -> Result<PipeOptions> {
    options_over(&pool()?)
}

/// Options of a pipe over a pool that neither pauses nor limits.
pub(crate) fn options_over(pool: &Pool) -> Result<PipeOptions> {
    Ok(PipeOptions::builder(pool).pause_threshold(0).max_unconsumed(None).build()?)
}

/// Such a pipe.
pub(crate) fn pipe() -> Result<Pipe> {
    Ok(Pipe::new(&options()?))
}

/// A chain of `n` chunks of so many bytes each, which repeat `pattern`.
pub(crate) fn chain(n: usize, width: usize, pattern: &[u8]) -> SequenceBuf {
    cut(&pattern.iter().copied().cycle().take(n * width).collect::<Vec<_>>(), width)
}

/// Bytes as a chain of chunks of so many bytes each.
pub(crate) fn cut(bytes: &[u8], width: usize) -> SequenceBuf {
    bytes.chunks(width).map(Slice::copy_from_slice).collect()
}
