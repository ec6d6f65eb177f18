//! A reading end as an `AsyncRead`.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use headpond_pipe::{PipeRead, Reader};
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

use crate::byte_reader;

/// A reading end of a pipe as an [`AsyncRead`] and [`AsyncBufRead`].
///
/// The latter lends the bytes where they lie; the former copies them. What the end buffers comes first, whether it was
/// examined or not. A pipe's error is an [`io::Error`] that holds it, of a kind of its own: a writer dropped before it
/// finished is `UnexpectedEof`; a reader that was closed, `BrokenPipe`; an [`io::Error`] the writer aborted with keeps its
/// kind; a cancelled read is [`Cancelled`](crate::Cancelled).
#[derive(Debug)]
pub struct TokioReader<R = Reader> {
    inner: R,
}

impl<R: PipeRead> TokioReader<R> {
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

impl<R: PipeRead + Unpin> AsyncRead for TokioReader<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, memory: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let inner = &mut self.get_mut().inner;
        if memory.remaining() > 0 {
            ready!(byte_reader::poll_fill(inner, cx))?;
            byte_reader::take(inner, |chunk| {
                let n = chunk.len().min(memory.remaining());
                memory.put_slice(&chunk[..n]);
                n
            });
        }
        Poll::Ready(Ok(()))
    }
}

impl<R: PipeRead + Unpin> AsyncBufRead for TokioReader<R> {
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
