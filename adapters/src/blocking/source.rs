//! A `Read` as a reading end.

use std::{fmt, io::Read};

use headpond_pipe::{PipeOptions, ReadCanceller, Reader};

use super::stream::StdStream;
use crate::{forward::impl_pipe_read, source::Source};

/// Any [`Read`] as a [`PipeRead`](headpond_pipe::PipeRead): read straight into blocks, several with one call while it fills them,
/// and only when more is asked for.
///
/// A poll waits in the stream, so it holds up its thread, and a canceller is heard behind it: give it to
/// [`into_blocking`](super::BlockingReadExt::into_blocking) or [`copy`](super::copy()), not to a task. For a file as a reading end of
/// a task, see [`file`](crate::file).
///
/// The stream's end is the end; its error is [`ReadError::Aborted`](headpond_pipe::ReadError::Aborted), behind the bytes
/// before it, and is [`TimedOut`](std::io::ErrorKind::TimedOut) where the stream says that it would block. After either it is not
/// read again.
///
/// Of the options, the pool and `max_unconsumed` matter. A spent pool is waited for.
pub struct SourceReader<S>(Source<StdStream<S>>);

impl<S: Read> SourceReader<S> {
    /// Reads from `stream`.
    pub fn new(stream: S, options: &PipeOptions) -> Self {
        Self(Source::new(StdStream(stream), options))
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

impl_pipe_read!([S] SourceReader<S>, S: Read);

impl<S> fmt::Debug for SourceReader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
