//! What can end a read, a flush or a copy otherwise than well. The end of the stream is not an error.

use std::mem;

use headpond_pool::{SharedError, WriteError};

/// Why a read gave no view.
///
/// Two are equal when they are of the same kind with the same numbers: what the writer aborted with is not compared.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The writer ended the stream with an error, and everything published before has been examined. What is not consumed
    /// stays there for `peek`.
    #[error("the writer aborted the stream")]
    Aborted(#[source] SharedError),
    /// As many bytes as the pipe may hold unconsumed are there, all examined, and none of them was consumed; or more than that
    /// were asked for at once, or more than the source of blocks ever has out, and are not there. The data is still there for `peek`.
    #[error("the pipe holds at most {limit} unconsumed bytes")]
    LimitExceeded {
        /// The limit, in bytes.
        limit: usize,
    },
    /// This reader was closed.
    #[error("the reader is closed")]
    Closed,
    /// An implementation of [`PipeRead`](crate::PipeRead) broke its contract: it was ready without the bytes that were waited for, an
    /// end or a cancellation, or showed again what was consumed. Those who read in a loop would never come to an end.
    #[error("the reader was ready and had nothing new")]
    NoProgress,
}

/// Why a flush did not go through. What it was to publish is published, unless the reader is gone.
///
/// Two are equal when they are of the same kind: what a reader was closed with, or a sink failed with, is not compared.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum FlushError {
    /// The reader is gone, with the error it was closed with, if any.
    #[error("the reader is closed")]
    Closed(#[source] Option<SharedError>),
    /// The flush was cancelled; its bytes are published.
    #[error("the flush was cancelled")]
    Cancelled,
    /// The writer itself has aborted the stream.
    #[error("the writer has aborted the stream")]
    Aborted,
    /// What stands behind the writer failed; the bytes it had not taken are still there for another attempt.
    #[error("the sink failed")]
    Sink(#[source] SharedError),
}

impl ReadError {
    /// Returns `true` when the writer aborted the stream, or was dropped before it finished.
    pub const fn is_aborted(&self) -> bool {
        matches!(self, Self::Aborted(_))
    }

    /// Returns `true` when the writer was dropped before it finished or aborted the stream, as one that panics is.
    pub fn is_writer_dropped(&self) -> bool {
        matches!(self, Self::Aborted(cause) if cause.is::<WriterDropped>())
    }

    /// Returns `true` when more was waited for than may be there.
    pub const fn is_limit_exceeded(&self) -> bool {
        matches!(self, Self::LimitExceeded { .. })
    }

    /// Returns `true` when this reader was closed.
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }
}

impl PartialEq for ReadError {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::LimitExceeded { limit }, Self::LimitExceeded { limit: other }) => limit == other,
            _ => mem::discriminant(self) == mem::discriminant(other),
        }
    }
}

impl Eq for ReadError {}

impl FlushError {
    /// Returns `true` when the reader is gone.
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }

    /// Returns `true` when the flush was cancelled.
    pub const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }

    /// Returns `true` when this writer has aborted the stream.
    pub const fn is_aborted(&self) -> bool {
        matches!(self, Self::Aborted)
    }
}

impl PartialEq for FlushError {
    fn eq(&self, other: &Self) -> bool {
        mem::discriminant(self) == mem::discriminant(other)
    }
}

impl Eq for FlushError {}

impl CopyError {
    /// Returns `true` when the stream's writer was dropped before it finished or aborted.
    pub fn is_writer_dropped(&self) -> bool {
        matches!(self, Self::Read(error) if error.is_writer_dropped())
    }

    /// Returns `true` when nobody reads what is copied to.
    pub const fn is_closed(&self) -> bool {
        match self {
            Self::Write(error) => error.is_closed(),
            Self::Flush(error) => error.is_closed(),
            _ => false,
        }
    }

    /// Returns `true` when a read, a wait for memory or a flush was cancelled.
    pub const fn is_cancelled(&self) -> bool {
        match self {
            Self::Write(error) => error.is_cancelled(),
            Self::Flush(error) => error.is_cancelled(),
            Self::Cancelled => true,
            Self::Read(_) => false,
        }
    }

    /// Returns `true` when the pool's budget was spent, where that is not waited for.
    pub const fn is_exhausted(&self) -> bool {
        matches!(self, Self::Write(error) if error.is_exhausted())
    }
}

/// What a reader sees when its writer was dropped without `finish` or `abort`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the writer was dropped before it finished the stream")]
pub struct WriterDropped;

/// What a writer is told of a reader that closed when it had [all it wanted](crate::PipeRead::mark_complete): no failure, unless the
/// writer has more to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the reader has all it wanted, and reads no more")]
pub struct ReadInFull {
    /// Up to where that was.
    pub(crate) position: u64,
}

/// Why a copy from a reader to a writer stopped early. Whatever the writer did not take is still the reader's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The reader failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The writer had no room.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The writer could not publish.
    #[error(transparent)]
    Flush(#[from] FlushError),
    /// A read was cancelled.
    #[error("the copy was cancelled")]
    Cancelled,
}

/// Options that contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// A writer would never resume, or resume before it paused.
    #[error("the resume threshold of {resume} bytes is not within 1..={pause}, the pause threshold")]
    ResumeThreshold {
        /// The resume threshold, in bytes.
        resume: usize,
        /// The pause threshold, in bytes.
        pause: usize,
    },
    /// A pipe that may hold nothing carries nothing.
    #[error("a pipe must be allowed to hold at least one unconsumed byte")]
    MaxUnconsumed,
    /// The source of blocks gives empty ones.
    #[error("the source of blocks has a block size of 0")]
    BlockSize,
}
