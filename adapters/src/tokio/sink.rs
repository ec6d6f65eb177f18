//! An `AsyncWrite` as a writing end.

use tokio::io::AsyncWrite;

use super::stream::TokioStream;
use crate::{forward::impl_sink_writer, sink::Sink};

/// Any [`AsyncWrite`] as a [`PipeWrite`](headpond_pipe::PipeWrite): what is written gathers in blocks, and a flush writes
/// them to the stream, many with one call.
///
/// A flush is over when the stream has taken everything and has flushed itself; a finish shuts it down as well. When the stream
/// fails, the flush fails with [`FlushError::Sink`](headpond_pipe::FlushError::Sink): what the stream took is gone, the
/// rest stays for another attempt. An abort drops the rest; it neither flushes nor shuts down the stream. The end counts as
/// closed once it has finished or aborted: a stream does not tell when its peer is gone, but by failing.
///
/// Of the options, the pool and `oversize` matter. A wait for memory writes out what is published.
pub struct SinkWriter<S>(Sink<TokioStream<S>>);

impl_sink_writer!(TokioStream, AsyncWrite, Unpin);
