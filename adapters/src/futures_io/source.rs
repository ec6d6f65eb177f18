//! An `AsyncRead` as a reading end.

use std::fmt;

use futures_io::AsyncRead;
use headpond_pipe::{PipeOptions, ReadCanceller, Reader};

use super::stream::FuturesStream;
use crate::{forward::impl_pipe_read, source::Source};

/// Any [`AsyncRead`] as a [`PipeRead`](headpond_pipe::PipeRead): read straight into blocks, and only when more is asked for.
///
/// The stream's end is the end; its error is [`ReadError::Aborted`](headpond_pipe::ReadError::Aborted), behind the bytes
/// before it. After either it is not read again. While the stream has nothing and everything is consumed, no block is held.
///
/// Of the options, the pool and `max_unconsumed` matter. A spent pool is waited for.
pub struct SourceReader<S>(Source<FuturesStream<S>>);

impl<S: AsyncRead + Unpin> SourceReader<S> {
    /// Reads from `stream`.
    pub fn new(stream: S, options: &PipeOptions) -> Self {
        Self(Source::new(FuturesStream(stream), options))
    }
}

impl<S> SourceReader<S> {
    /// The stream, and a reader of what was read from it and not consumed, which ends there.
    pub fn into_parts(self) -> (S, Reader) {
        let (stream, reader) = self.0.into_parts();
        (stream.0, reader)
    }

    /// The stream.
    pub fn get_ref(&self) -> &S {
        &self.0.stream().0
    }

    /// The stream. What is read from it directly, the reader does not see.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.0.stream_mut().0
    }

    /// A handle that cancels reads, from anywhere.
    pub fn canceller(&self) -> ReadCanceller {
        self.0.canceller()
    }
}

impl_pipe_read!([S] SourceReader<S>, S: AsyncRead + Unpin);

impl<S> fmt::Debug for SourceReader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
