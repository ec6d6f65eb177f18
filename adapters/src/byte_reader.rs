//! A reading end of a pipe as a stream of bytes: what the newtypes of every runtime do.

use std::{
    io::{self, IoSliceMut},
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

/// Waits likewise, and lends the first bytes where they lie: none at the end.
#[cfg(any(feature = "futures-io", feature = "tokio"))]
pub(crate) fn poll_lend<'a, R: PipeRead + ?Sized>(
    reader: &'a mut R,
    cx: &mut Context<'_>,
) -> Poll<io::Result<&'a [u8]>> {
    ready!(poll_fill(reader, cx))?;
    Poll::Ready(Ok(R::buffer(reader).first_chunk()))
}

/// Waits likewise, and copies bytes into all the pieces, as many as there are: 0 at the end, and at once when there is no
/// room for any.
pub(crate) fn poll_read_pieces<R: PipeRead + ?Sized>(
    reader: &mut R,
    cx: &mut Context<'_>,
    pieces: &mut [IoSliceMut<'_>],
) -> Poll<io::Result<usize>> {
    if pieces.iter().all(|piece| piece.is_empty()) {
        return Poll::Ready(Ok(0));
    }
    ready!(poll_fill(reader, cx))?;
    let (mut piece, mut filled) = (0, 0);
    Poll::Ready(Ok(take(reader, |chunk| {
        let mut rest = chunk;
        while let (Some(memory), false) = (pieces.get_mut(piece), rest.is_empty()) {
            let n = rest.len().min(memory.len() - filled);
            memory[filled..filled + n].copy_from_slice(&rest[..n]);
            (rest, filled) = (&rest[n..], filled + n);
            if filled == memory.len() {
                (piece, filled) = (piece + 1, 0);
            }
        }
        chunk.len() - rest.len()
    })))
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
