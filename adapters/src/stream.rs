//! What the adapters need of a stream, whichever runtime's traits it speaks.

use std::{
    io::{self, ErrorKind, IoSlice, IoSliceMut},
    task::{Context, Poll},
};

use headpond_pool::SharedError;

/// How often a stream may say that it was interrupted before the others of its executor get their turn.
const MOST_INTERRUPTIONS: usize = 16;

/// What a read of a stream counts for in a budget, in bytes at the least: it may be a system call.
pub(crate) const LEAST_READ: usize = 4096;

/// A stream that is read from.
pub(crate) trait ReadStream {
    /// Reads some bytes into `memory`, which is not empty; 0 of them at the end.
    fn poll_read(&mut self, cx: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>>;

    /// Takes back a poll that was pending, where the stream reads an end of a pipe.
    fn withdraw(&mut self) {}

    /// Stops reading for good, where the stream reads an end of a pipe.
    fn close(&mut self, _: Option<SharedError>) {}
}

/// A stream that is read from, into several pieces at once where it can be.
pub(crate) trait ReadPieces: ReadStream {
    /// Whether one read may fill several pieces.
    const VECTORED: bool;

    /// Reads some bytes into `pieces`, none of which is empty, one after the other.
    fn poll_read_pieces(&mut self, cx: &mut Context<'_>, pieces: &mut [IoSliceMut<'_>]) -> Poll<io::Result<usize>>;
}

/// A stream that is written to.
pub(crate) trait WriteStream {
    /// Whether closing the stream sends on what it has gathered, so that it needs no flush before.
    const CLOSE_FLUSHES: bool = false;

    /// Whether each flush leaves its mark on what is sent.
    const PAYS_BY_THE_FLUSH: bool = false;

    /// Writes some bytes of `pieces`, none of which is empty.
    fn poll_write(&mut self, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>>;

    /// Sends on whatever the stream has gathered.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Ends the stream.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Waits until nobody reads what is written. A stream that is no end of a pipe does not tell, but by failing.
    fn poll_closed(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    /// Ends the stream with an error, where it writes to an end of a pipe.
    fn abort(&mut self, _: SharedError) {}

    /// Takes back a poll that was pending, where the stream writes to an end of a pipe.
    fn withdraw(&mut self) {}
}

/// Tries again as long as the stream says that it was interrupted, and later when it says that it would block: an error by
/// which it has neither ended nor promised a wake-up.
pub(crate) fn settled<T>(
    cx: &mut Context<'_>,
    mut attempt: impl FnMut(&mut Context<'_>) -> Poll<io::Result<T>>,
) -> Poll<io::Result<T>> {
    for _ in 0..MOST_INTERRUPTIONS {
        match attempt(cx) {
            Poll::Ready(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
            Poll::Ready(Err(error)) if error.kind() == ErrorKind::WouldBlock => break,
            outcome => return outcome,
        }
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// What a stream said it has done, unless that is more than was asked.
pub(crate) fn checked(done: usize, asked: usize) -> io::Result<usize> {
    if done <= asked {
        return Ok(done);
    }
    Err(io::Error::other(format!("a stream claims to have moved {done} bytes where {asked} were offered")))
}
