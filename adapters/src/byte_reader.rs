//! A reading end of a pipe as a stream of bytes: what the newtypes of both runtimes do.

use std::{
    io,
    task::{Context, Poll, ready},
};

use headpond_pipe::PipeRead;

use crate::error::{self, Cancelled};

/// Waits until the buffer holds a byte, or for the end of the stream: then it stays empty.
///
/// What is buffered is there to be read, examined or not, so the pipe is asked only when nothing is.
pub(crate) fn poll_fill<R: PipeRead + ?Sized>(reader: &mut R, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    while reader.buffer().is_empty() {
        let status = ready!(reader.poll_read(cx, 0)).map_err(error::of_read)?;
        if status.is_cancelled() {
            return Poll::Ready(Err(io::Error::other(Cancelled)));
        }
        if status.is_finished() {
            break;
        }
    }
    Poll::Ready(Ok(()))
}

/// Copies buffered bytes out, as many as `put` takes of each chunk, and consumes them. Returns how many.
pub(crate) fn take<R: PipeRead + ?Sized>(reader: &mut R, mut put: impl FnMut(&[u8]) -> usize) -> usize {
    let buffer = reader.buffer();
    let mut taken = 0;
    for chunk in buffer.chunks() {
        let n = put(chunk);
        taken += n;
        if n < chunk.len() {
            break;
        }
    }
    consume(reader, taken);
    taken
}

/// Consumes buffered bytes.
///
/// # Panics
///
/// When there are fewer.
pub(crate) fn consume<R: PipeRead + ?Sized>(reader: &mut R, bytes: usize) {
    if bytes > 0 {
        let consumed = reader.buffer().start() + bytes;
        reader.advance_to(consumed, consumed);
    }
}
