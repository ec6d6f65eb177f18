//! What can end a session otherwise than well.

use std::{io::ErrorKind, mem};

use headpond_pipe::{FlushError, ReadError};
use headpond_pool::{PoolError, SharedError, WriteError};
use rustls::AlertDescription;

use crate::error;

/// Why a TLS session failed. The plaintext ends are told the same: it is what a read is aborted and a flush closed with. The reader
/// alone is told of [`Truncated`](Self::Truncated), while the writer goes on; the writer alone of [`Send`](Self::Send) and
/// [`Room`](Self::Room), while the reader goes on; both of everything else.
///
/// Two are equal when they are of the same kind, and what they hold is: what a side aborted with is not compared.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The handshake came to nothing, or what arrived is no TLS: a certificate that is not trusted, a protocol in common that
    /// there is not, a record that was changed on its way. The peer was sent the alert that belongs to it.
    #[error("the TLS session failed")]
    Protocol(#[source] rustls::Error),
    /// The peer has given up, and says why.
    #[error("the peer gave up the TLS session: {0:?}")]
    Alert(AlertDescription),
    /// The ciphertext ended before the peer had said so: somebody may have cut it off.
    #[error("the peer's stream ended without its close_notify")]
    Truncated,
    /// The ciphertext could not be read.
    #[error("the ciphertext could not be read")]
    Receive(#[source] ReadError),
    /// The ciphertext could not be sent on.
    #[error("the ciphertext could not be sent")]
    Send(#[source] FlushError),
    /// There was no room for the ciphertext.
    #[error("there was no room for the ciphertext")]
    Room(#[source] WriteError),
    /// There was no memory for a record.
    #[error("there was no memory for a record")]
    Memory(#[source] PoolError),
    /// The plaintext's writer has aborted, or was dropped unfinished.
    #[error("this side aborted the TLS session")]
    Aborted(#[source] SharedError),
    /// A read of the ciphertext was cancelled.
    #[error("the TLS session was cancelled")]
    Cancelled,
}

impl TlsError {
    /// The kind of an [`io::Error`](std::io::Error) with this inside, by the [crate](crate#errors)'s table.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Protocol(_) | Self::Alert(_) => ErrorKind::InvalidData,
            Self::Truncated => ErrorKind::UnexpectedEof,
            Self::Receive(error) => error::of_read(error.clone()).kind(),
            Self::Send(error) => error::of_flush(error.clone()).kind(),
            Self::Room(error) => error::of_write(error.clone()).kind(),
            Self::Memory(error) => error::of_write(error.clone().into()).kind(),
            Self::Aborted(_) => ErrorKind::ConnectionAborted,
            Self::Cancelled => ErrorKind::Other,
        }
    }
}

impl PartialEq for TlsError {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Protocol(one), Self::Protocol(other)) => one == other,
            (Self::Alert(one), Self::Alert(other)) => one == other,
            (Self::Receive(one), Self::Receive(other)) => one == other,
            (Self::Send(one), Self::Send(other)) => one == other,
            (Self::Room(one), Self::Room(other)) => one == other,
            (Self::Memory(one), Self::Memory(other)) => one == other,
            _ => mem::discriminant(self) == mem::discriminant(other),
        }
    }
}

impl Eq for TlsError {}

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        match error {
            rustls::Error::AlertReceived(alert) => Self::Alert(alert),
            error => Self::Protocol(error),
        }
    }
}
