//! A reading end as an `AsyncRead`.

use std::{
    io::{self, IoSliceMut},
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_io::{AsyncBufRead, AsyncRead};
use headpond_pipe::{PipeRead, Reader};

use crate::byte_reader;

/// A reading end of a pipe as an [`AsyncRead`] and [`AsyncBufRead`].
///
/// The latter lends the bytes where they lie; the former copies them. What the end buffers comes first, whether it was
/// examined or not. A pipe's error is an [`io::Error`] that holds it, of a kind of its own: a writer dropped before it
/// finished is `UnexpectedEof`; a reader that was closed, `BrokenPipe`; an [`io::Error`] the writer aborted with keeps its
/// kind; a cancelled read is [`Cancelled`](crate::Cancelled).
#[derive(Debug)]
pub struct FuturesReader<R = Reader> {
    inner: R,
}

impl<R: PipeRead> FuturesReader<R> {
    /// Reads from `inner`.
    pub fn new(inner: R) -> Self {
        Self { inner }
    }

    /// The end, with everything that was not read.
    pub fn into_inner(mut self) -> R {
        self.inner.withdraw();
        self.inner
    }

    /// The end.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The end.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }
}

impl<R: PipeRead + Unpin> AsyncRead for FuturesReader<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        self.poll_read_vectored(cx, &mut [IoSliceMut::new(memory)])
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let inner = &mut self.get_mut().inner;
        if pieces.iter().all(|piece| piece.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        ready!(byte_reader::poll_fill(inner, cx))?;
        let (mut piece, mut filled) = (0, 0);
        let taken = byte_reader::take(inner, |chunk| {
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
        });
        Poll::Ready(Ok(taken))
    }
}

impl<R: PipeRead + Unpin> AsyncBufRead for FuturesReader<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let inner = &mut self.get_mut().inner;
        ready!(byte_reader::poll_fill(inner, cx))?;
        Poll::Ready(Ok(R::buffer(inner).first_chunk()))
    }

    /// # Panics
    ///
    /// When fewer bytes are buffered.
    fn consume(self: Pin<&mut Self>, bytes: usize) {
        byte_reader::consume(&mut self.get_mut().inner, bytes);
    }
}
