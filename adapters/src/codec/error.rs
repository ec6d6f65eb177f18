//! What reading and sending items fails with.

use headpond_codec::{EncodeError, FinishError};
use headpond_pipe::{FlushError, ReadError};
use headpond_pool::WriteError;

use crate::gathered::RoomError;

/// Why no item was read. Whatever it is, nothing was consumed: the bytes are still the end's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadItemError<E> {
    /// The bytes are no item, or it is larger than the decoder takes; or the stream ended within it.
    #[error(transparent)]
    Decode(#[from] FinishError<E>),
    /// The item is longer than [`Framed::max_len`](super::Framed::max_len) allows.
    #[error("the item at offset {offset} has {len} bytes or more, where {limit} is the most")]
    TooLong {
        /// Where it begins in the stream, in bytes.
        offset: u64,
        /// How many bytes it has at the least.
        len: usize,
        /// The most it may have.
        limit: usize,
    },
    /// The end failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A canceller ended the wait. The next one goes on.
    #[error("the read was cancelled")]
    Cancelled,
}

impl<E> ReadItemError<E> {
    /// Returns `true` when the stream's writer was dropped before it finished or aborted.
    pub fn is_writer_dropped(&self) -> bool {
        matches!(self, Self::Read(error) if error.is_writer_dropped())
    }

    /// Returns `true` when a canceller ended the wait.
    pub const fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }

    /// Whether the next attempt may go well.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Cancelled)
    }
}

/// Why an item was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendItemError {
    /// It was not encoded, or there was no memory for it.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The end failed, or a canceller ended the wait.
    #[error(transparent)]
    Flush(#[from] FlushError),
}

impl SendItemError {
    /// Returns `true` when nobody reads what is sent.
    pub const fn is_closed(&self) -> bool {
        match self {
            Self::Encode(error) => error.is_closed(),
            Self::Flush(error) => error.is_closed(),
        }
    }

    /// Returns `true` when a canceller ended the wait.
    pub const fn is_cancelled(&self) -> bool {
        match self {
            Self::Encode(EncodeError::Write(error)) => error.is_cancelled(),
            Self::Encode(_) => false,
            Self::Flush(error) => error.is_cancelled(),
        }
    }

    /// Returns `true` when the pool's budget is spent for now: a later attempt may succeed.
    pub const fn is_exhausted(&self) -> bool {
        matches!(self, Self::Encode(error) if error.is_exhausted())
    }
}

impl From<WriteError> for SendItemError {
    fn from(error: WriteError) -> Self {
        Self::Encode(error.into())
    }
}

impl From<RoomError> for SendItemError {
    fn from(error: RoomError) -> Self {
        match error {
            RoomError::Reserve(error) => error.into(),
            RoomError::Flush(error) => error.into(),
        }
    }
}
