//! What can go wrong when memory is asked for, written or patched.

use crate::sync::PlainArc;

/// An error that several holders can share: what an end was aborted or closed with.
pub type SharedError = PlainArc<dyn std::error::Error + Send + Sync>;

/// Why a pool, or another [`BlockSource`](crate::BlockSource), gave no memory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// The budget is spent: nothing is idle in any cache, and no memory may be added. A later rent succeeds
    /// once enough blocks have come back.
    #[error("the pool is exhausted: {requested} bytes asked for, {limit} bytes is its budget")]
    Exhausted {
        /// Bytes asked for.
        requested: usize,
        /// The budget, in bytes.
        limit: usize,
    },
    /// More than the whole budget was asked for at once: no return of blocks can ever satisfy it.
    #[error("{requested} bytes asked for at once, more than the whole budget of {limit} bytes")]
    TooLarge {
        /// Bytes asked for.
        requested: usize,
        /// The most that could ever be had at once, in bytes.
        limit: usize,
    },
    /// The system gave no memory.
    #[error("the system could not allocate {bytes} bytes")]
    Allocation {
        /// Bytes asked of the system.
        bytes: usize,
    },
}

/// Why nothing was reserved, written or appended. Nothing of the failed call was written.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The source of blocks had none to give.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// More than a block was asked for where larger memory is refused.
    #[error("{requested} contiguous bytes asked for, {block_size} is the size of a block")]
    Oversize {
        /// Bytes asked for.
        requested: usize,
        /// The size of a block, in bytes.
        block_size: usize,
    },
    /// The reader is gone, with the error it was closed with, if any.
    #[error("the reader is closed")]
    Closed(#[source] Option<SharedError>),
    /// The writer itself has already finished or aborted.
    #[error("the writer has ended the stream")]
    Ended,
    /// The wait for memory was cancelled.
    #[error("the wait for memory was cancelled")]
    Cancelled,
    /// The writer's own [`reserve`](crate::BufferWriter::reserve) is broken: it gave less than it was asked for. What was
    /// written before stays written.
    #[error("the writer gave {given} bytes of memory where {requested} were asked for")]
    ShortBuffer {
        /// Bytes asked for.
        requested: usize,
        /// Bytes given.
        given: usize,
    },
}

/// Why a prefix could not be patched. The bytes stay as they were.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// The prefix was published by a flush (or discarded by an ending): its bytes are the reader's.
    #[error("the prefix at {position} is no longer the writer's to patch")]
    Flushed {
        /// Where the prefix begins in the stream.
        position: u64,
    },
    /// The prefix was reserved from another writer.
    #[error("the prefix was reserved from another writer")]
    Foreign,
    /// More bytes than were reserved.
    #[error("{given} bytes do not fit a prefix of {reserved} bytes")]
    TooLong {
        /// Bytes given.
        given: usize,
        /// Bytes reserved.
        reserved: usize,
    },
}
