//! An `AsyncRead` as a reading end.

use futures_io::AsyncRead;

use super::stream::FuturesStream;
use crate::{forward::impl_source_reader, source::Source};

/// Any [`AsyncRead`] as a [`PipeRead`](headpond_pipe::PipeRead): read straight into blocks, and only when more is asked for.
///
/// The stream's end is the end; its error is [`ReadError::Aborted`](headpond_pipe::ReadError::Aborted), behind the bytes
/// before it. After either it is not read again. While the stream has nothing and everything is consumed, no block is held.
///
/// Of the options, the pool and `max_unconsumed` matter. A spent pool is waited for.
pub struct SourceReader<S>(Source<FuturesStream<S>>);

impl_source_reader!(FuturesStream, AsyncRead + Unpin);
