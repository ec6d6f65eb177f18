//! What can be wrong with a compressed stream.

use std::{
    io::{self, ErrorKind},
    mem,
};

use flate2::DecompressError;

/// Why a stream could not be inflated: inside the [`io::Error`] that the reader was
/// [aborted](headpond_pipe::ReadError::Aborted) with, whose kind is given here. Everything before it was read.
///
/// Two are equal when they are of the same kind with the same limit: how bytes are corrupt is not compared.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum InflateError {
    /// The source ended cleanly, and the compressed stream did not, or never began: `UnexpectedEof`.
    #[error("the compressed stream ends early")]
    Truncated,
    /// The bytes are not of this format, or not those that the checksum was made of: `InvalidData`.
    #[error("the compressed stream is corrupt")]
    Corrupt(#[source] DecompressError),
    /// Behind the compressed stream stands something else, see [`single`](super::InflateReader::single): `InvalidData`.
    #[error("something else stands behind the compressed stream")]
    TrailingData,
    /// More would be inflated than [`max_output`](super::InflateReader::max_output) allows: `QuotaExceeded`.
    #[error("more than the {limit} bytes allowed would be inflated")]
    TooLong {
        /// The most that may be inflated, in bytes.
        limit: u64,
    },
}

impl PartialEq for InflateError {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::TooLong { limit }, Self::TooLong { limit: other }) => limit == other,
            _ => mem::discriminant(self) == mem::discriminant(other),
        }
    }
}

impl Eq for InflateError {}

impl From<InflateError> for io::Error {
    fn from(error: InflateError) -> Self {
        let kind = match &error {
            InflateError::Truncated => ErrorKind::UnexpectedEof,
            InflateError::Corrupt(_) | InflateError::TrailingData => ErrorKind::InvalidData,
            InflateError::TooLong { .. } => ErrorKind::QuotaExceeded,
        };
        Self::new(kind, error)
    }
}
