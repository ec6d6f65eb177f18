//! A writing end as a `Sink`.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_sink::Sink;
use headpond_pipe::{PipeOptions, PipeWrite, Writer};
use headpond_pool::Slice;

use crate::{error, gathered::Gathered};

/// A writing end of a pipe as a [`Sink`] of [`Bytes`]: each is linked in where it lies, and kept until it is consumed.
///
/// What was sent is published by a flush, or once 64 KiB have gathered: then the sink is ready again when back-pressure lets
/// it. Closing finishes the stream; dropped without, it ends as the pipe's options say, which is with an error by default. Errors
/// are those of the [crate](crate#errors)'s table.
///
/// Sinks have no call that waits until nobody reads: while a stream that is forwarded has nothing, that the reader is gone is noticed
/// with its next item. A [copy](headpond_pipe::PipeReadExt::copy_to) from a `StreamReader` notices it at once.
///
/// # Cancel safety
///
/// An item given to the sink stays with it, whatever future is dropped then.
#[derive(Debug)]
pub struct WriterSink<W = Writer> {
    inner: W,
    gathered: Gathered,
}

impl<W: PipeWrite> WriterSink<W> {
    /// Writes to `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, gathered: Gathered::up_to(PipeOptions::DEFAULT_PAUSE_THRESHOLD) }
    }

    /// The end, with everything that was sent.
    pub fn into_inner(mut self) -> W {
        self.inner.withdraw();
        self.inner
    }

    /// The end.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The end.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }
}

impl<W: PipeWrite + Unpin> Sink<Bytes> for WriterSink<W> {
    type Error = io::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.gathered.poll_ready(&mut this.inner, cx).map_err(error::of_flush)
    }

    fn start_send(self: Pin<&mut Self>, bytes: Bytes) -> io::Result<()> {
        let this = self.get_mut();
        let len = bytes.len();
        this.inner.append(Slice::from(bytes)).map_err(error::of_write)?;
        this.gathered.add(len);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.gathered.poll_flush(&mut this.inner, cx).map_err(error::of_flush)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().inner.poll_finish(cx).map_err(error::of_flush)
    }
}
