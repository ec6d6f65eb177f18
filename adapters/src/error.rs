//! The pipe's errors as those of streams: the table stands in the crate's documentation.
//!
//! The typed error stays inside: `io::Error::get_ref` gives it, and its `source` what an end was closed or aborted with.

use std::{
    error::Error,
    io::{self, ErrorKind},
};

use headpond_pipe::{CopyError, FlushError, ReadError, WriterDropped};
use headpond_pool::{PoolError, WriteError};

#[cfg(feature = "rustls")]
use crate::rustls::TlsError;

/// What a stream over a pipe's end fails with when the operation was cancelled by a canceller, inside an [`io::Error`] of
/// kind [`Other`](ErrorKind::Other). (Not `Interrupted`: by custom that is tried again at once, and the cancel would be
/// lost.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operation was cancelled")]
pub struct Cancelled;

/// What a pipe fails with as an [`io::Error`]: for code over a pipe's own ends whose errors are those of streams.
///
/// # Examples
///
/// ```
/// use std::io;
///
/// use headpond_adapters::IntoIoError;
/// use headpond_pipe::{Pipe, PipeOptions};
/// use headpond_pool::Pool;
///
/// let Pipe { mut writer, reader } = Pipe::new(&PipeOptions::new(&Pool::new()));
/// drop(reader);
/// let error = writer.write(b"to nobody").map_err(IntoIoError::into_io_error).unwrap_err();
/// assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
/// ```
pub trait IntoIoError {
    /// The error as one of a stream, of the kind that the [table](crate#errors) names, with the typed one inside.
    fn into_io_error(self) -> io::Error;
}

impl IntoIoError for ReadError {
    fn into_io_error(self) -> io::Error {
        of_read(self)
    }
}

impl IntoIoError for WriteError {
    fn into_io_error(self) -> io::Error {
        of_write(self)
    }
}

impl IntoIoError for FlushError {
    fn into_io_error(self) -> io::Error {
        of_flush(self)
    }
}

impl IntoIoError for CopyError {
    fn into_io_error(self) -> io::Error {
        match self {
            Self::Read(error) => of_read(error),
            Self::Write(error) => of_write(error),
            Self::Flush(error) => of_flush(error),
            Self::Cancelled => io::Error::other(Cancelled),
            _ => io::Error::other(self),
        }
    }
}

/// Whether an error is one that the next attempt may not meet.
pub(crate) fn is_cancelled(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Cancelled>())
}

/// Whether an error says that the reader of what was to be written is gone.
#[cfg(all(feature = "transport", any(feature = "futures-io", feature = "tokio-net")))]
pub(crate) fn is_closed(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref()).is_some_and(|error| matches!(error, WriteError::Closed(_)))
}

/// A reader's error. A writer dropped early is an unexpected end; what an [`io::Error`] ended keeps that one's kind.
pub(crate) fn of_read(error: ReadError) -> io::Error {
    let kind = match &error {
        ReadError::Aborted(cause) if cause.is::<WriterDropped>() => ErrorKind::UnexpectedEof,
        ReadError::Aborted(cause) => kind_of(Some(cause.as_ref()), ErrorKind::ConnectionAborted),
        ReadError::LimitExceeded { .. } => ErrorKind::QuotaExceeded,
        ReadError::Closed => ErrorKind::BrokenPipe,
        _ => ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

/// An error of a reservation.
pub(crate) fn of_write(error: WriteError) -> io::Error {
    let kind = match &error {
        WriteError::Pool(PoolError::Exhausted { .. } | PoolError::TooLarge { .. } | PoolError::Allocation { .. }) => {
            ErrorKind::OutOfMemory
        }
        WriteError::Oversize { .. } => ErrorKind::InvalidInput,
        WriteError::Closed(cause) => kind_of(cause.as_deref().map(|cause| cause as _), ErrorKind::BrokenPipe),
        WriteError::Ended => ErrorKind::BrokenPipe,
        WriteError::Cancelled => return io::Error::other(Cancelled),
        _ => ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

/// An error of a flush.
pub(crate) fn of_flush(error: FlushError) -> io::Error {
    let kind = match &error {
        FlushError::Closed(cause) => kind_of(cause.as_deref().map(|cause| cause as _), ErrorKind::BrokenPipe),
        FlushError::Cancelled => return io::Error::other(Cancelled),
        FlushError::Aborted => ErrorKind::ConnectionAborted,
        FlushError::Sink(cause) => kind_of(Some(cause.as_ref()), ErrorKind::Other),
        _ => ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

/// The kind of an [`io::Error`], and `otherwise` of any other error or none. An ended stream stays ended, so the kinds by which
/// custom has it tried again do not count: `read_to_end` would never come back.
fn kind_of(cause: Option<&(dyn Error + Send + Sync + 'static)>, otherwise: ErrorKind) -> ErrorKind {
    #[cfg(feature = "rustls")]
    if let Some(error) = cause.and_then(|cause| cause.downcast_ref::<TlsError>()) {
        return error.kind();
    }
    let kind = cause.and_then(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    kind.filter(|kind| !matches!(kind, ErrorKind::Interrupted | ErrorKind::WouldBlock)).unwrap_or(otherwise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::Arc;

    /// In the order of the table.
    #[test]
    fn kinds_say_what_happened() {
        let refused = || Arc::new(io::Error::from(ErrorKind::ConnectionRefused));
        let plain = || Arc::new(Cancelled);
        for (error, kind) in [
            (of_read(ReadError::Aborted(Arc::new(WriterDropped))), ErrorKind::UnexpectedEof),
            (of_read(ReadError::Aborted(plain())), ErrorKind::ConnectionAborted),
            (
                of_read(ReadError::Aborted(Arc::new(io::Error::from(ErrorKind::Interrupted)))),
                ErrorKind::ConnectionAborted,
            ),
            (of_flush(FlushError::Aborted), ErrorKind::ConnectionAborted),
            (of_read(ReadError::Closed), ErrorKind::BrokenPipe),
            (of_write(WriteError::Closed(None)), ErrorKind::BrokenPipe),
            (of_write(WriteError::Ended), ErrorKind::BrokenPipe),
            (of_flush(FlushError::Closed(None)), ErrorKind::BrokenPipe),
            (of_flush(FlushError::Closed(Some(plain()))), ErrorKind::BrokenPipe),
            (of_read(ReadError::Aborted(refused())), ErrorKind::ConnectionRefused),
            (of_write(WriteError::Closed(Some(refused()))), ErrorKind::ConnectionRefused),
            (of_flush(FlushError::Closed(Some(refused()))), ErrorKind::ConnectionRefused),
            (of_flush(FlushError::Sink(refused())), ErrorKind::ConnectionRefused),
            (of_flush(FlushError::Sink(plain())), ErrorKind::Other),
            (of_write(PoolError::Exhausted { requested: 1, limit: 1 }.into()), ErrorKind::OutOfMemory),
            (of_write(PoolError::TooLarge { requested: 2, limit: 1 }.into()), ErrorKind::OutOfMemory),
            (of_write(PoolError::Allocation { bytes: 1 }.into()), ErrorKind::OutOfMemory),
            (of_read(ReadError::LimitExceeded { limit: 1 }), ErrorKind::QuotaExceeded),
            (of_write(WriteError::Oversize { requested: 2, block_size: 1 }), ErrorKind::InvalidInput),
            (of_write(WriteError::Cancelled), ErrorKind::Other),
            (of_flush(FlushError::Cancelled), ErrorKind::Other),
        ] {
            assert_eq!(error.kind(), kind, "{error}");
        }
    }

    #[test]
    fn a_copy_fails_with_what_its_ends_failed_with() {
        for (error, kind) in [
            (CopyError::Read(ReadError::Aborted(Arc::new(WriterDropped))), ErrorKind::UnexpectedEof),
            (CopyError::Write(WriteError::Ended), ErrorKind::BrokenPipe),
            (CopyError::Flush(FlushError::Aborted), ErrorKind::ConnectionAborted),
        ] {
            assert_eq!(error.into_io_error().kind(), kind);
        }
        assert!(is_cancelled(&CopyError::Cancelled.into_io_error()));
    }

    #[test]
    fn the_typed_error_stays_inside() {
        let error = of_flush(FlushError::Closed(Some(Arc::new(Cancelled))));
        let typed = error.get_ref().and_then(|inner| inner.downcast_ref::<FlushError>());
        assert!(matches!(typed, Some(FlushError::Closed(Some(cause))) if cause.is::<Cancelled>()));
        assert!(of_write(WriteError::Cancelled).get_ref().is_some_and(|inner| inner.is::<Cancelled>()));
    }
}
