//! A reading end as an `AsyncRead`.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use headpond_pipe::{PipeRead, Reader};
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

use crate::byte_reader::ByteReader;

/// A reading end of a pipe as an [`AsyncRead`] and [`AsyncBufRead`].
///
/// The latter lends the bytes where they lie; the former copies them. What the end buffers comes first, whether it was
/// examined or not. Errors are those of the [crate](crate#errors)'s table.
#[derive(Debug)]
pub struct TokioReader<R = Reader> {
    inner: ByteReader<R>,
}

impl<R: PipeRead> TokioReader<R> {
    /// Reads from `inner`.
    pub fn new(inner: R) -> Self {
        Self { inner: ByteReader::new(inner) }
    }

    /// The end, with everything that was not read.
    pub fn into_inner(self) -> R {
        self.inner.into_inner()
    }

    /// The end.
    pub fn get_ref(&self) -> &R {
        self.inner.get_ref()
    }

    /// The end.
    pub fn get_mut(&mut self) -> &mut R {
        self.inner.get_mut()
    }
}

impl<R: PipeRead + Unpin> AsyncRead for TokioReader<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, memory: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let inner = &mut self.get_mut().inner;
        if memory.remaining() > 0 {
            ready!(inner.poll_fill(cx))?;
            put(inner, memory);
        }
        Poll::Ready(Ok(()))
    }
}

impl<R: PipeRead + Unpin> AsyncBufRead for TokioReader<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let inner = &mut self.get_mut().inner;
        ready!(inner.poll_fill(cx))?;
        Poll::Ready(Ok(inner.lent()))
    }

    /// # Panics
    ///
    /// When fewer bytes are buffered.
    fn consume(self: Pin<&mut Self>, bytes: usize) {
        self.get_mut().inner.consume(bytes);
    }
}

/// Copies as many buffered bytes as there are, or as there is room for.
pub(super) fn put<R: PipeRead>(reader: &mut ByteReader<R>, memory: &mut ReadBuf<'_>) {
    reader.take(|chunk| {
        let n = chunk.len().min(memory.remaining());
        memory.put_slice(&chunk[..n]);
        n
    });
}
