//! A reading end as an `AsyncRead`.

use std::{
    io::{self, IoSliceMut},
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_io::{AsyncBufRead, AsyncRead};
use headpond_pipe::{PipeRead, Reader};

use crate::byte_reader::ByteReader;

/// A reading end of a pipe as an [`AsyncRead`] and [`AsyncBufRead`].
///
/// The latter lends the bytes where they lie; the former copies them. What the end buffers comes first, whether it was
/// examined or not. Errors are those of the [crate](crate#errors)'s table.
#[derive(Debug)]
pub struct FuturesReader<R = Reader> {
    inner: ByteReader<R>,
}

impl<R: PipeRead> FuturesReader<R> {
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

impl<R: PipeRead + Unpin> AsyncRead for FuturesReader<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        self.poll_read_vectored(cx, &mut [IoSliceMut::new(memory)])
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().inner.poll_read_pieces(cx, pieces)
    }
}

impl<R: PipeRead + Unpin> AsyncBufRead for FuturesReader<R> {
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
