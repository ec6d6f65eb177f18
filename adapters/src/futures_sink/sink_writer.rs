//! A `Sink` as a writing end.

use std::{
    error::Error,
    fmt,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_sink::Sink;
use headpond_pipe::{FlushCanceller, FlushError, PipeOptions, PipeWrite, Reader};
use headpond_pool::{SharedError, WriteError};

use super::outlet::Outlet;
use crate::forward::impl_buffer_writer;

/// Any [`Sink`] of [`Bytes`] as a [`PipeWrite`]: what is written gathers in blocks, and a flush gives the sink a `Bytes` of
/// each stretch, where it lies. A block stays rented as long as any of them lives.
///
/// A flush is over when the sink has taken everything and has flushed itself; a finish closes it as well. When the sink
/// fails, the flush fails with [`FlushError::Sink`]: what the sink took is gone, the rest stays for another attempt. An abort
/// drops the rest; it neither flushes nor closes the sink. The end counts as closed once it has finished or aborted: a sink
/// does not tell when its peer is gone, but by failing.
///
/// Of the options, the pool and `oversize` matter. A wait for memory sends on what is published.
pub struct SinkWriter<S>(Outlet<S>);

impl<S> SinkWriter<S> {
    /// Writes to `sink`.
    pub fn new(sink: S, options: &PipeOptions) -> Self {
        Self(Outlet::new(sink, options))
    }

    /// The sink, and a reader of what it has not taken, which ends there.
    pub fn into_parts(mut self) -> (S, Reader) {
        self.0.writer.withdraw();
        // Its reader is here, so there is nobody to be told of a failure.
        let _ = self.0.writer.finish();
        (self.0.sink, self.0.reader)
    }

    /// The sink.
    pub fn get_ref(&self) -> &S {
        &self.0.sink
    }

    /// The sink. What is sent to it directly overtakes what it has not taken yet.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.0.sink
    }

    /// A handle that cancels flushes, and a finish that waits, from anywhere: their bytes stay for the next one.
    pub fn canceller(&self) -> FlushCanceller {
        self.0.writer.canceller()
    }

    /// How many bytes the sink has not taken, flushed or not.
    pub fn unwritten(&self) -> usize {
        self.0.unwritten()
    }
}

impl_buffer_writer!([S] SinkWriter<S>, |this| this.0.writer);

impl<S> PipeWrite for SinkWriter<S>
where
    S: Sink<Bytes> + Unpin,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    fn poll_reserve(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
        self.0.poll_reserve(cx, min)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.0.poll_flush(cx)
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.0.poll_finish(cx)
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.writer.poll_closed(cx)
    }

    fn release(&mut self) {
        self.0.writer.release();
    }

    fn abort(&mut self, error: SharedError) {
        self.0.abort(error);
    }

    fn withdraw(&mut self) {
        self.0.writer.withdraw();
    }
}

impl<S> fmt::Debug for SinkWriter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SinkWriter").field("unwritten", &self.unwritten()).finish_non_exhaustive()
    }
}
