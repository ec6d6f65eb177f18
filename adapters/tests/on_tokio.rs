//! The adapters over tokio: the same cases as over `futures-io`.

#[path = "streams/copies.rs"]
mod copies;
#[path = "streams/drain.rs"]
mod drain;
#[path = "streams/duplex.rs"]
mod duplex_ends;
#[path = "streams/halves.rs"]
mod halves;
#[path = "streams/polling.rs"]
mod polling;
#[path = "streams/reader.rs"]
mod reader;
#[path = "streams/scripted.rs"]
mod scripted;
#[path = "streams/settle.rs"]
mod settle;
#[path = "streams/sink.rs"]
mod sink;
#[path = "streams/source.rs"]
mod source;
#[path = "streams/writer.rs"]
mod writer;

use std::io::{self, IoSlice};

use headpond_adapters::tokio::{CopyFromStream, CopyToStream, TokioReadExt, TokioWriteExt};
use headpond_pipe::{PipeRead, PipeWrite};
use tokio::io::{AsyncRead, AsyncWrite};

pub(crate) use headpond_adapters::tokio::{
    SinkWriter, SourceReader, TokioReader as StreamReader, TokioWriter as StreamWriter, copy, copy_bidirectional,
};
pub(crate) use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, split};

/// Ends a stream.
pub(crate) async fn close<W: AsyncWrite + Unpin>(writer: &mut W) -> io::Result<()> {
    writer.shutdown().await
}

/// Copies a stream into a writing end.
pub(crate) fn copy_in<'a, W: PipeWrite, S: AsyncRead + Unpin>(
    writer: &'a mut W,
    stream: &'a mut S,
) -> CopyFromStream<'a, W, S> {
    writer.copy_from_tokio(stream)
}

/// Copies a reading end to a stream.
pub(crate) fn copy_out<'a, R: PipeRead, S: AsyncWrite + Unpin>(
    reader: &'a mut R,
    stream: &'a mut S,
) -> CopyToStream<'a, R, S> {
    reader.copy_to_tokio(stream)
}

/// Writes some bytes of several pieces.
pub(crate) async fn write_vectored<W: PipeWrite + Unpin>(
    writer: &mut StreamWriter<W>,
    pieces: &[IoSlice<'_>],
) -> io::Result<usize> {
    assert!(AsyncWrite::is_write_vectored(writer));
    writer.write_vectored(pieces).await
}
