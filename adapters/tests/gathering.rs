//! Readers that gather: more than there is memory for, and without ever advancing.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use futures_lite::{future::block_on, stream};
use headpond_adapters::{blocking, duplex, futures_core::StreamReader, futures_io, transport::Peer};
use headpond_pipe::{PipeOptions, PipeRead, PipeReadExt, ReadError};
use headpond_pool::PoolOptions;

/// Four blocks of 64 bytes.
fn options() -> PipeOptions {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(256).build().unwrap();
    PipeOptions::builder(pool).max_unconsumed(None).build().unwrap()
}

/// Reads until there are so many bytes, consuming none; no wait is for ever.
async fn gather(reader: &mut impl PipeRead, bytes: usize) -> Result<usize, ReadError> {
    loop {
        let view = reader.read().await?;
        let (start, len) = (view.buffer().start(), view.buffer().len());
        if len >= bytes || view.is_finished() {
            return Ok(len);
        }
        view.need_more(start);
    }
}

#[test]
fn a_message_beyond_the_budget_is_refused() {
    let limited = ReadError::LimitExceeded { limit: 256 };
    let bytes = [7; 1000];
    let mut reader = blocking::SourceReader::new(&bytes[..], &options());
    assert_eq!(block_on(async { reader.read_at_least(257).await.map(|_| ()) }), Err(limited.clone()));
    assert_eq!(block_on(gather(&mut reader, 257)), Err(limited.clone()));
    assert_eq!(reader.buffer().len(), 256, "nothing is lost");
    let mut reader = futures_io::SourceReader::new(&bytes[..], &options());
    assert_eq!(block_on(async { reader.read_at_least(257).await.map(|_| ()) }), Err(limited.clone()));
    assert_eq!(block_on(gather(&mut reader, 257)), Err(limited.clone()));
    // A connection's reader, whose pump fills it.
    let (near, far) = duplex(&options());
    let (mut connection, _pumps) = futures_io::connection(near, Peer::Unknown, &options());
    assert_eq!(block_on(async { connection.reader.read_at_least(257).await.map(|_| ()) }), Err(limited));
    drop(far);
}

/// Pieces bring their own memory.
#[test]
fn pieces_are_gathered_beyond_the_budget() {
    let pieces = (0..10).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&[7; 100])));
    let mut reader = StreamReader::new(stream::iter(pieces), &options());
    block_on(async {
        assert_eq!(reader.read_at_least(900).await.unwrap().buffer().len(), 900);
        assert_eq!(gather(&mut reader, 2000).await, Ok(1000));
    });
}

/// What is told of a loop that drops every view.
#[cfg(debug_assertions)]
fn told_of(reader: &mut impl PipeRead) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| {
        for _ in 0..20_000 {
            let mut read = pin!(reader.read());
            let Poll::Ready(view) = read.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
                panic!("waits")
            };
            drop(view.unwrap());
        }
    }));
    panic.unwrap_err().downcast_ref::<String>().cloned().unwrap()
}

#[test]
#[cfg(debug_assertions)]
fn every_reader_tells_a_loop_that_forgets_to_advance() {
    let told = |text: String| assert!(text.contains("without advancing"), "{text}");
    told(told_of(&mut blocking::SourceReader::new(&[7; 1000][..], &options())));
    told(told_of(&mut futures_io::SourceReader::new(&[7; 1000][..], &options())));
    let pieces = [Ok::<_, std::io::Error>(Bytes::from_static(b"one")), Ok(Bytes::from_static(b"two"))];
    told(told_of(&mut StreamReader::new(stream::iter(pieces), &options())));
    let (mut near, far) = duplex(&options());
    let mut far = headpond_adapters::blocking::BlockingWriteExt::into_blocking(far.into_split().1);
    std::io::Write::write_all(&mut far, b"bytes").unwrap();
    told(told_of(&mut near));
}
