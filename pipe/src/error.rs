//! What can end a read, a flush or a copy otherwise than well. The end of the stream is not an error.

use headpond_pool::{SharedError, WriteError};

/// Why a read gave no view.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The writer ended the stream with an error, and everything published before has been examined. What is not consumed
    /// stays there for `peek`.
    #[error("the writer aborted the stream")]
    Aborted(#[source] SharedError),
    /// As many bytes as the pipe may hold unconsumed are there, all examined, and none of them was consumed; or more than that
    /// were asked for at once, and are not there. The data is still there for `peek`.
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
#[derive(Debug, Clone, thiserror::Error)]
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
