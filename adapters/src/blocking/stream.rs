//! A stream of the standard library, as the adapters see it: one that is always ready, since it waits in its calls.

use std::{
    io::{self, ErrorKind, IoSlice, IoSliceMut, Read, Write},
    task::{Context, Poll},
};

use crate::stream::{ReadPieces, ReadStream, WriteStream};

/// A stream of the standard library.
pub(super) struct StdStream<S>(pub(super) S);

/// A stream that waits says that it would block when a timeout of its own, such as a socket's, is over. To try again is what
/// that timeout forbids.
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::WouldBlock { io::Error::new(ErrorKind::TimedOut, error) } else { error }
}

fn ready<T>(outcome: io::Result<T>) -> Poll<io::Result<T>> {
    Poll::Ready(outcome.map_err(timed_out))
}

impl<S: Read> ReadStream for StdStream<S> {
    fn poll_read(&mut self, _: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        ready(self.0.read(memory))
    }
}

impl<S: Read> ReadPieces for StdStream<S> {
    /// Where the stream has no such read of its own, the trait's fills the first piece.
    const VECTORED: bool = true;

    fn poll_read_pieces(&mut self, _: &mut Context<'_>, pieces: &mut [IoSliceMut<'_>]) -> Poll<io::Result<usize>> {
        ready(self.0.read_vectored(pieces))
    }
}

impl<S: Write> WriteStream for StdStream<S> {
    const CLOSE_FLUSHES: bool = true;

    fn poll_write(&mut self, _: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match pieces {
            [piece] => ready(self.0.write(piece)),
            pieces => ready(self.0.write_vectored(pieces)),
        }
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready(self.0.flush())
    }

    /// Such a stream ends when it is dropped.
    fn poll_close(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready(self.0.flush())
    }
}
