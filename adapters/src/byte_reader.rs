//! A reading end of a pipe as a stream of bytes: what the newtypes of every runtime do.

use std::{
    io::{self, IoSliceMut},
    task::{Context, Poll, ready},
};

use headpond_pipe::PipeRead;

use crate::error::{self, Cancelled};

/// A reading end that is read as a stream.
#[derive(Debug)]
pub(crate) struct ByteReader<R> {
    inner: R,
    /// Called when everything there was has been read, to give back memory that only a reader that waits would.
    let_go: Option<fn(&mut R)>,
}

impl<R> ByteReader<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, let_go: None }
    }

    pub(crate) fn letting_go(inner: R, let_go: fn(&mut R)) -> Self {
        Self { inner, let_go: Some(let_go) }
    }

    pub(crate) fn get_ref(&self) -> &R {
        &self.inner
    }

    pub(crate) fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }
}

impl<R: PipeRead> ByteReader<R> {
    /// Waits for bytes, or for the end of the stream: then the buffer stays empty.
    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_fill(&mut self.inner, cx)
    }

    /// The first bytes of the buffer, where they lie.
    pub(crate) fn lent(&self) -> &[u8] {
        self.inner.buffer().first_chunk()
    }

    /// Consumes buffered bytes.
    ///
    /// # Panics
    ///
    /// When there are fewer.
    pub(crate) fn consume(&mut self, bytes: usize) {
        consume(&mut self.inner, bytes);
        self.let_go();
    }

    /// Copies buffered bytes out, as many as `put` takes of each chunk, and consumes them. Returns how many.
    pub(crate) fn take(&mut self, put: impl FnMut(&[u8]) -> usize) -> usize {
        let taken = take(&mut self.inner, put);
        self.let_go();
        taken
    }

    /// Waits for bytes, and copies them into all the pieces, as many as there are: 0 at the end, and at once when there is no
    /// room for any.
    pub(crate) fn poll_read_pieces(
        &mut self,
        cx: &mut Context<'_>,
        pieces: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        if has_room(pieces) {
            ready!(self.poll_fill(cx))?;
        }
        Poll::Ready(Ok(self.take_pieces(pieces)))
    }

    /// Copies buffered bytes into all the pieces, and consumes them. Returns how many.
    pub(crate) fn take_pieces(&mut self, pieces: &mut [IoSliceMut<'_>]) -> usize {
        let (mut piece, mut filled) = (0, 0);
        self.take(|chunk| {
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
        })
    }

    pub(crate) fn into_inner(mut self) -> R {
        self.inner.withdraw();
        self.inner
    }

    fn let_go(&mut self) {
        if let (Some(let_go), true) = (self.let_go, self.inner.buffer().is_empty()) {
            let_go(&mut self.inner);
        }
    }
}

/// Whether there is anything to read into.
pub(crate) fn has_room(pieces: &[IoSliceMut<'_>]) -> bool {
    pieces.iter().any(|piece| !piece.is_empty())
}

/// Waits until the buffer holds a byte, or for the end of the stream: then it stays empty.
///
/// What is buffered is there to be read, examined or not, so the pipe is asked only when nothing is.
pub(crate) fn poll_fill<R: PipeRead + ?Sized>(reader: &mut R, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    while reader.buffer().is_empty() {
        let status = ready!(reader.poll_read(cx, 0)).map_err(error::of_read)?;
        if status.is_cancelled() {
            return Poll::Ready(Err(io::Error::other(Cancelled)));
        }
        if status.checked(reader.buffer().len(), 0).map_err(error::of_read)?.is_finished() {
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
