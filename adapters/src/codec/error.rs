//! What reading and sending items fails with.

use headpond_codec::{EncodeError, FinishError};
use headpond_pipe::{FlushError, ReadError};
use headpond_pool::WriteError;

use crate::gathered::RoomError;

/// Why no item was read. Whatever it is, nothing was consumed: the bytes are still the end's.
#[derive(Debug, Clone, thiserror::Error)]
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
    /// Whether the next attempt may go well.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Cancelled)
    }
}

/// Why an item was not sent.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SendItemError {
    /// It was not encoded, or there was no memory for it.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The end failed, or a canceller ended the wait.
    #[error(transparent)]
    Flush(#[from] FlushError),
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
