//! What the adapters need of a stream, whichever runtime's traits it speaks.

use std::{
    io::{self, IoSlice},
    task::{Context, Poll},
};

/// A stream that is read from.
pub(crate) trait ReadStream {
    /// Reads some bytes into `memory`, which is not empty; 0 of them at the end.
    fn poll_read(&mut self, cx: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>>;
}

/// A stream that is written to.
pub(crate) trait WriteStream {
    /// Writes some bytes of `pieces`, none of which is empty.
    fn poll_write(&mut self, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>>;

    /// Sends on whatever the stream has gathered.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Ends the stream.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// Tries again as long as the stream says that it was interrupted.
pub(crate) fn uninterrupted<T>(mut attempt: impl FnMut() -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
    loop {
        match attempt() {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

/// What a stream said it has done, unless that is more than was asked.
pub(crate) fn checked(done: usize, asked: usize) -> io::Result<usize> {
    if done <= asked {
        return Ok(done);
    }
    Err(io::Error::other(format!("a stream claims to have moved {done} bytes where {asked} were offered")))
}
