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
/// examined or not. Errors are those of the [crate](crate#errors)'s table.
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
        poll_read(&mut self.get_mut().inner, cx, memory)
    }
}

impl<R: PipeRead + Unpin> AsyncBufRead for TokioReader<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        byte_reader::poll_lend(&mut self.get_mut().inner, cx)
    }

    /// # Panics
    ///
    /// When fewer bytes are buffered.
    fn consume(self: Pin<&mut Self>, bytes: usize) {
        byte_reader::consume(&mut self.get_mut().inner, bytes);
    }
}

/// Waits for bytes, unless there is no room for any, and copies as many as there are.
pub(super) fn poll_read<R: PipeRead + ?Sized>(
    reader: &mut R,
    cx: &mut Context<'_>,
    memory: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    if memory.remaining() > 0 {
        ready!(byte_reader::poll_fill(reader, cx))?;
        byte_reader::take(reader, |chunk| {
            let n = chunk.len().min(memory.remaining());
            memory.put_slice(&chunk[..n]);
            n
        });
    }
    Poll::Ready(Ok(()))
}
