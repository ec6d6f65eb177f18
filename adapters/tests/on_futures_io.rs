//! The adapters over `futures-io`: the same cases as over tokio, and those that only these traits have.

#[path = "streams/connection.rs"]
mod connections;
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

use std::{
    io::{self, IoSlice, IoSliceMut},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use futures_lite::{AsyncRead, AsyncWrite};
use headpond_adapters::duplex;
use headpond_adapters::futures_io::{CopyFromStream, CopyToStream, FuturesReadExt, FuturesWriteExt};
use headpond_pipe::{Pipe, PipeOptions, PipeRead, PipeReadExt, PipeWrite, ReadError};
use headpond_pool::{Pool, PoolOptions};

pub(crate) use futures_lite::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, io::split};
pub(crate) use headpond_adapters::futures_io::{
    FuturesReader as StreamReader, FuturesWriter as StreamWriter, SinkWriter, SourceReader, copy, copy_bidirectional,
};

use polling::now;

/// Ends a stream.
pub(crate) async fn close<W: AsyncWrite + Unpin>(writer: &mut W) -> io::Result<()> {
    writer.close().await
}

/// Copies a stream into a writing end.
pub(crate) fn copy_in<'a, W: PipeWrite, S: AsyncRead + Unpin>(
    writer: &'a mut W,
    stream: &'a mut S,
) -> CopyFromStream<'a, W, S> {
    writer.copy_from_futures_io(stream)
}

/// Copies a reading end to a stream.
pub(crate) fn copy_out<'a, R: PipeRead, S: AsyncWrite + Unpin>(
    reader: &'a mut R,
    stream: &'a mut S,
) -> CopyToStream<'a, R, S> {
    reader.copy_to_futures_io(stream)
}

/// Writes some bytes of several pieces.
pub(crate) async fn write_vectored<W: PipeWrite + Unpin>(
    writer: &mut StreamWriter<W>,
    pieces: &[IoSlice<'_>],
) -> io::Result<usize> {
    writer.write_vectored(pieces).await
}

#[test]
fn a_vectored_read_fills_all_the_pieces() {
    let pool = PoolOptions::new().block_size(64).build().unwrap();
    let Pipe { mut writer, reader } = Pipe::new(&PipeOptions::new(&pool));
    let bytes = polling::pattern(100);
    writer.write(&bytes).unwrap();
    writer.finish().unwrap();
    let mut reader = StreamReader::new(reader);
    let (mut first, mut second, mut third) = ([0; 30], [0; 50], [0; 40]);
    let mut pieces = [&mut first[..], &mut [], &mut second, &mut third].map(|piece: &mut [u8]| IoSliceMut::new(piece));
    assert_eq!(now(reader.read_vectored(&mut pieces)).unwrap(), 100);
    assert_eq!([&first[..], &second, &third[..20]].concat(), bytes);
    assert_eq!(now(reader.read_vectored(&mut [])).unwrap(), 0);

    let (mut one, mut other) = duplex(&PipeOptions::new(&pool));
    now(one.write(&bytes)).unwrap();
    let (mut first, mut second) = ([0; 70], [0; 70]);
    let mut pieces = [&mut first[..], &mut second].map(|piece: &mut [u8]| IoSliceMut::new(piece));
    assert_eq!(now(other.read_vectored(&mut pieces)).unwrap(), 100);
    assert_eq!([&first[..], &second[..30]].concat(), bytes);
}

/// The trait cannot keep a stream from claiming what it has not done.
#[test]
fn a_source_that_claims_too_much_is_an_error_and_no_panic() {
    struct Liar;
    impl AsyncRead for Liar {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(memory.len() + 1))
        }
    }
    let mut reader = SourceReader::new(Liar, &PipeOptions::new(Pool::new()));
    let error = now(reader.read()).unwrap_err();
    assert!(matches!(&error, ReadError::Aborted(cause) if cause.to_string().contains("claims")), "{error:?}");
    assert!(reader.buffer().is_empty());
    assert!(reader.poll_read(&mut Context::from_waker(Waker::noop()), 0).is_ready());
}
