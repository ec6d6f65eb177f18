//! A writing end as an `AsyncWrite`.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use futures_io::AsyncWrite;
use headpond_pipe::{PipeWrite, Writer};

use crate::byte_writer::ByteWriter;

/// A writing end of a pipe as an [`AsyncWrite`].
///
/// A write waits while the pipe is paused, and for memory; then it copies up to 64 KiB and publishes them at once. A flush
/// waits for back-pressure, and lets go of the block being filled. Closing finishes the stream; dropped without, it ends as
/// the pipe's options say, which is with an error by default. Errors are those of the [crate](crate#errors)'s table.
///
/// Over an end that pays by the flush, such as a `DeflateWriter` or the writer of a TLS session, and where it is [asked for](Self::gathering), a write gathers instead:
/// the bytes wait for the flush, for closing, or for 64 KiB of them. Over an end that writes to a stream, such as a
/// `SinkWriter`, a write sends what the stream takes, and the rest waits for the next call: flush before you wait for an answer.
/// In a [`Duplex`](crate::Duplex) the reading half sees to both.
#[derive(Debug)]
pub struct FuturesWriter<W = Writer> {
    inner: ByteWriter<W>,
}

impl<W: PipeWrite> FuturesWriter<W> {
    /// Writes to `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner: ByteWriter::new(inner) }
    }

    /// Has writes gather until a flush, the end or 64 KiB, whatever the end is: for one whose stream pays by the flush, or by the
    /// call, as a compressor or TLS of another crate does, which this one cannot know.
    #[must_use]
    pub fn gathering(mut self) -> Self {
        self.inner.gather();
        self
    }

    /// The end, with everything that was written. That a cancellation met the last write is forgotten.
    pub fn into_inner(self) -> W {
        self.inner.into_inner()
    }

    /// The end.
    pub fn get_ref(&self) -> &W {
        self.inner.get_ref()
    }

    /// The end.
    pub fn get_mut(&mut self) -> &mut W {
        self.inner.get_mut()
    }
}

impl<W: PipeWrite + Unpin> AsyncWrite for FuturesWriter<W> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().inner.poll_write(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().inner.poll_write(cx, pieces)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().inner.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().inner.poll_finish(cx)
    }
}
