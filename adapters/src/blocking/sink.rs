//! A `Write` as a writing end.

use std::{fmt, io::Write};

use headpond_pipe::{FlushCanceller, PipeOptions, Reader};

use super::stream::StdStream;
use crate::{forward::impl_pipe_write, sink::Sink};

/// Any [`Write`] as a [`PipeWrite`](headpond_pipe::PipeWrite): what is written gathers in blocks, and a flush writes
/// them to the stream, many with one call.
///
/// A poll waits in the stream, so it holds up its thread: give it to
/// [`into_blocking`](super::BlockingWriteExt::into_blocking) or [`copy`](super::copy()), not to a task. For a file as a writing end
/// of a task, see [`file`](crate::file).
///
/// A flush, or a finish, is over when the stream has taken everything and has flushed itself. When the stream fails, the flush
/// fails with [`FlushError::Sink`](headpond_pipe::FlushError::Sink): what the stream took is gone, the rest stays for another
/// attempt. An abort drops the rest, and does not flush the stream. The end counts as closed once it has finished or aborted: a
/// stream does not tell when its peer is gone, but by failing.
///
/// Of the options, the pool and `oversize` matter. A wait for memory writes out what is published.
pub struct SinkWriter<S>(Sink<StdStream<S>>);

impl<S: Write> SinkWriter<S> {
    /// Writes to `stream`.
    pub fn new(stream: S, options: &PipeOptions) -> Self {
        Self(Sink::new(StdStream(stream), options))
    }
}

impl<S> SinkWriter<S> {
    /// The stream, and a reader of what it has not taken, which ends there.
    pub fn into_parts(self) -> (S, Reader) {
        let (stream, reader) = self.0.into_parts();
        (stream.0, reader)
    }

    /// The stream.
    pub fn get_ref(&self) -> &S {
        &self.0.stream().0
    }

    /// The stream. What is written to it directly overtakes what it has not taken yet.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.0.stream_mut().0
    }

    /// A handle that cancels flushes, from anywhere: their bytes stay for the next one.
    pub fn canceller(&self) -> FlushCanceller {
        self.0.canceller()
    }

    /// How many bytes the stream has not taken, flushed or not.
    pub fn unwritten(&self) -> usize {
        self.0.unwritten()
    }
}

impl_pipe_write!(SinkWriter<S: Write>);

impl<S> fmt::Debug for SinkWriter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
