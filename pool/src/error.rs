//! What can go wrong when memory is asked for, written or patched.

use std::mem;

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

/// Why nothing was reserved, written or appended. Nothing of the failed call was written, unless the call or the variant says otherwise.
///
/// Two are equal when they are of the same kind with the same numbers: what a reader was closed with is not compared.
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
    /// A formatting trait failed of itself, as a `Display` may. What was formatted before is written.
    #[error("a formatting trait failed")]
    Format,
}

impl PoolError {
    /// Returns `true` when the budget is spent for now: a later attempt may succeed.
    pub const fn is_exhausted(&self) -> bool {
        matches!(self, Self::Exhausted { .. })
    }
}

impl WriteError {
    /// Returns `true` when the reader is gone.
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }

    /// Returns `true` when the wait for memory was cancelled.
    pub const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }

    /// Returns `true` when the pool's budget is spent for now: a later attempt may succeed.
    pub const fn is_exhausted(&self) -> bool {
        matches!(self, Self::Pool(error) if error.is_exhausted())
    }
}

impl PartialEq for WriteError {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Pool(one), Self::Pool(other)) => one == other,
            (
                Self::Oversize { requested, block_size },
                Self::Oversize { requested: other_requested, block_size: other_size },
            ) => (requested, block_size) == (other_requested, other_size),
            (
                Self::ShortBuffer { requested, given },
                Self::ShortBuffer { requested: other_requested, given: other_given },
            ) => (requested, given) == (other_requested, other_given),
            _ => mem::discriminant(self) == mem::discriminant(other),
        }
    }
}

impl Eq for WriteError {}

/// Why a prefix could not be patched, measured from or rewound to. The bytes stay as they were.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// Something was flushed since the prefix was reserved, or the stream has ended: its bytes are the reader's.
    #[error("the prefix at {position} is no longer the writer's to patch")]
    Flushed {
        /// Where the prefix begins in the stream.
        position: u64,
    },
    /// The writer was rewound to before the end of the prefix since it was reserved: its bytes are gone.
    #[error("the prefix at {position} was discarded by a rewind")]
    Discarded {
        /// Where the prefix began in the stream.
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
