//! Sinks of bytes.

use std::{
    io::{self, ErrorKind},
    task::Poll,
};

use bytes::Bytes;
use futures_lite::future::block_on;
use futures_util::SinkExt;
use headpond_adapters::{
    Cancelled,
    futures_sink::{SinkWriter, WriterSink},
};
use headpond_pipe::{FlushError, Pipe, PipeOptions, PipeWrite, PipeWriteExt};
use headpond_pool::{BufferWriter, PoolOptions, WriteError};

use crate::{
    options,
    polling::{Wakes, now, pattern, pends, poll_once},
    script::Taker,
};

fn ready() -> Taker {
    Taker { room: usize::MAX, ..Taker::default() }
}

#[test]
fn items_are_linked_in_where_they_lie_and_published_by_a_flush() {
    let (pool, options) = options();
    let Pipe { writer, mut reader } = Pipe::new(&options);
    let mut sink = WriterSink::new(writer);
    let item = Bytes::from(vec![b'x'; 50]);
    now(sink.feed(item.clone())).unwrap();
    now(sink.feed(Bytes::new())).unwrap();
    now(sink.feed(Bytes::from_static(b"second"))).unwrap();
    assert!(reader.peek().is_empty());
    now(sink.flush()).unwrap();
    let shown: Vec<_> = reader.peek().chunks().collect();
    assert_eq!(shown, [&item[..], b"second"]);
    assert_eq!(shown[0].as_ptr(), item.as_ptr());
    assert_eq!(pool.stats().served(), 0);
}

#[test]
fn a_sink_that_has_gathered_much_flushes_and_waits_for_the_reader() {
    let (_, options) = options();
    let Pipe { writer, mut reader } = Pipe::new(&options);
    let mut sink = WriterSink::new(writer);
    let item = Bytes::from(vec![0; 16 * 1024]);
    for _ in 0..4 {
        now(sink.feed(item.clone())).unwrap();
    }
    let (wakes, waker) = Wakes::new();
    {
        let mut feed = std::pin::pin!(sink.feed(item.clone()));
        assert!(poll_once(&waker, feed.as_mut()).is_pending());
        assert_eq!(reader.peek().len(), 64 * 1024);
        now(reader.read()).unwrap().advance_all();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&waker, feed), Poll::Ready(Ok(()))));
    }
    now(sink.close()).unwrap();
    let view = now(reader.read()).unwrap();
    assert_eq!((view.buffer().len(), view.is_finished()), (16 * 1024, true));
}

#[test]
fn errors_are_of_the_same_kinds_as_elsewhere() {
    let (_, options) = options();
    let Pipe { writer, reader } = Pipe::new(&options);
    drop(reader);
    let mut sink = WriterSink::new(writer);
    assert_eq!(now(sink.send(Bytes::from_static(b"x"))).unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(now(sink.close()).unwrap_err().kind(), ErrorKind::BrokenPipe);

    let Pipe { writer, mut reader } = Pipe::new(&options);
    let canceller = writer.canceller();
    let mut sink = WriterSink::new(writer);
    canceller.cancel();
    let error = now(sink.send(Bytes::from_static(b"sent"))).unwrap_err();
    assert!(error.get_ref().unwrap().is::<Cancelled>());
    assert_eq!(reader.peek(), "sent");
    let mut writer = sink.into_inner();
    writer.finish().unwrap();
}

#[test]
fn what_is_written_in_place_goes_to_the_sink_as_it_lies() {
    let (_, options) = options();
    let mut writer = SinkWriter::new(ready(), &options);
    let mut memory = writer.reserve(7).unwrap();
    let address = memory.as_ptr();
    memory[..7].copy_from_slice(b"written");
    memory.advance(7);
    writer.append("linked".into()).unwrap();
    assert_eq!(writer.unwritten(), 13);
    assert!(writer.get_ref().taken.is_empty());
    now(writer.flush()).unwrap();
    now(writer.flush()).unwrap();
    let sink = writer.get_ref();
    assert_eq!(sink.taken, ["written", "linked"]);
    assert_eq!(sink.taken[0].as_ptr(), address);
    assert_eq!(sink.flushes, 1, "nothing new, no flush");
    assert_eq!(writer.unwritten(), 0);
}

#[test]
fn a_sink_that_fails_leaves_the_rest_for_another_attempt() {
    let (pool, options) = options();
    let mut writer = SinkWriter::new(Taker { refuses: Some(1), ..ready() }, &options);
    let bytes = pattern(200);
    writer.write(&bytes).unwrap();
    let error = now(writer.flush()).unwrap_err();
    let kind = |error: &FlushError| match error {
        FlushError::Sink(cause) => cause.downcast_ref::<io::Error>().map(io::Error::kind),
        _ => None,
    };
    assert_eq!(kind(&error), Some(ErrorKind::NetworkDown));
    assert_eq!(writer.get_ref().bytes(), bytes[..64]);
    assert_eq!(writer.unwritten(), 136);
    now(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().bytes(), bytes);
    let (sink, mut rest) = writer.into_parts();
    assert!(rest.peek().is_empty());
    drop((sink, rest));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_flush_waits_for_the_sink_and_is_dropped_and_cancelled_without_loss() {
    let (_, options) = options();
    let mut writer = SinkWriter::new(Taker { room: 1, ..Taker::default() }, &options);
    let canceller = writer.canceller();
    let bytes = pattern(200);
    writer.write(&bytes).unwrap();
    pends(writer.flush());
    assert_eq!(writer.get_ref().bytes(), bytes[..64]);
    let (wakes, waker) = Wakes::new();
    {
        let mut flush = std::pin::pin!(writer.flush());
        assert!(poll_once(&waker, flush.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&waker, flush), Poll::Ready(Err(FlushError::Cancelled))));
    }
    writer.get_mut().room = 10;
    now(writer.finish_async()).unwrap();
    now(writer.finish_async()).unwrap();
    assert_eq!(writer.get_ref().bytes(), bytes);
    assert!(writer.get_ref().closed);
    assert!(matches!(writer.reserve(1), Err(WriteError::Ended)));
    now(writer.closed());
}

/// A sink that gathers has taken everything, and waits for what is behind it.
#[test]
fn a_cancel_ends_a_flush_and_a_finish_that_wait_in_the_sinks_own() {
    let (_, options) = options();
    let mut writer = SinkWriter::new(Taker { holds: true, ..ready() }, &options);
    let canceller = writer.canceller();
    writer.write(b"bytes").unwrap();
    let (wakes, waker) = Wakes::new();
    {
        let mut flush = std::pin::pin!(writer.flush());
        assert!(poll_once(&waker, flush.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&waker, flush), Poll::Ready(Err(FlushError::Cancelled))));
    }
    {
        let mut finish = std::pin::pin!(writer.finish_async());
        assert!(poll_once(&waker, finish.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(wakes.count(), 2);
        assert!(matches!(poll_once(&waker, finish), Poll::Ready(Err(FlushError::Cancelled))));
    }
    writer.get_mut().holds = false;
    now(writer.finish_async()).unwrap();
    assert_eq!(writer.get_ref().bytes(), b"bytes");
    assert!(writer.get_ref().closed);
}

#[test]
fn a_wait_for_memory_sends_on_what_is_published() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(128).build().unwrap();
    let mut writer = SinkWriter::new(Taker { forgetful: true, ..ready() }, &PipeOptions::new(&pool));
    writer.write(&pattern(128)).unwrap();
    assert!(matches!(writer.reserve(1), Err(WriteError::Pool(_))));
    // Published, and not taken yet.
    writer.get_mut().room = 0;
    pends(writer.flush());
    pends(writer.reserve_async(1));
    writer.get_mut().room = 10;
    assert_eq!(block_on(writer.reserve_async(1)).unwrap().len(), 64);
    assert_eq!(writer.unwritten(), 0);
}

#[test]
fn an_abort_drops_the_rest_and_does_not_close_the_sink() {
    let (pool, options) = options();
    let mut writer = SinkWriter::new(Taker::default(), &options);
    writer.write(&pattern(200)).unwrap();
    pends(writer.flush());
    writer.abort(headpond_pool::SharedError::from(Box::from("enough")));
    assert!(matches!(now(writer.flush()), Err(FlushError::Aborted | FlushError::Closed(_))));
    assert!(matches!(now(writer.finish_async()), Err(FlushError::Aborted | FlushError::Closed(_))));
    assert!(!writer.get_ref().closed);
    assert_eq!(pool.stats().rented, 0);
}
