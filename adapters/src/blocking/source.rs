//! A `Read` as a reading end.

use std::io::Read;

use super::stream::StdStream;
use crate::{forward::impl_source_reader, source::Source};

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

impl_source_reader!(StdStream, Read);
