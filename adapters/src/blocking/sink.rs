//! A `Write` as a writing end.

use std::io::Write;

use super::stream::StdStream;
use crate::{forward::impl_sink_writer, sink::Sink};

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

impl_sink_writer!(StdStream, Write);
