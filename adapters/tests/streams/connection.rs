//! The pumps of a connection, over streams that do what a script says.

use std::{
    future::Future,
    io, iter,
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use futures_lite::{
    AsyncRead, AsyncWrite,
    future::{block_on, zip},
};
use headpond_adapters::{
    futures_io::connection,
    transport::{Connection, ConnectionError, Peer, Traffic},
};
use headpond_pipe::{FlushError, PipeOptions, PipeRead, ReadError};
use headpond_pool::{Pool, PoolOptions};

use crate::{
    drain::drain,
    polling::{Wakes, now, pattern, poll_once},
    scripted::{Accept, Both, Give, Sink, Source, sink_storm, source_storm},
};

/// A stream that can still be looked at when the pumps have it.
#[derive(Clone)]
struct Watched(Arc<Mutex<Both>>);

impl Watched {
    fn new(source: Source, sink: Sink) -> Self {
        Self(Arc::new(Mutex::new(Both { source, sink })))
    }

    fn look<T>(&self, at: impl FnOnce(&mut Both) -> T) -> T {
        at(&mut self.0.lock().unwrap())
    }
}

impl AsyncRead for Watched {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        self.look(|both| AsyncRead::poll_read(Pin::new(both), cx, memory))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.look(|both| AsyncWrite::poll_write(Pin::new(both), cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.look(|both| AsyncWrite::poll_flush(Pin::new(both), cx))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.look(|both| AsyncWrite::poll_close(Pin::new(both), cx))
    }
}

/// Blocks of 64 bytes, a pause at 128, on again below 64.
fn options() -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    let options = PipeOptions::builder(&pool).pause_threshold(128).resume_threshold(64).build().unwrap();
    (pool, options)
}

#[test]
fn both_ways_outlast_every_delay_of_the_stream() {
    let (heard, said) = (pattern(1000), pattern(300));
    for size in [1, 63, 64, 65, 1000] {
        let (pool, options) = options();
        let sink = Sink::new(iter::repeat_n(sink_storm(), said.len()).flatten());
        let stream = Watched::new(Source::in_pieces(&heard, size, &source_storm()), sink);
        let (mut connection, pumps) = connection(stream.clone(), Peer::Unknown, &options);
        let speaking = async {
            for piece in said.chunks(70) {
                connection.writer.write(piece).unwrap();
                connection.writer.flush().await.unwrap();
            }
            connection.writer.finish().unwrap();
            drain(&mut connection.reader).await
        };
        let ((received, error), over) = block_on(zip(speaking, pumps));
        assert!(error.is_none());
        assert_eq!((received, over.unwrap()), (heard.clone(), Traffic::new(1000, 300)));
        stream.look(|both| {
            assert_eq!((&both.sink.written, both.sink.closes), (&said, 1));
            assert_eq!(both.source.polls_after_end, 0);
        });
        assert_eq!(pool.stats().rented, 0);
    }
}

#[test]
fn a_stream_that_fails_to_be_read_is_an_error_behind_every_byte_before() {
    for before in 0..=130 {
        let (pool, options) = options();
        let mut source = Source::in_pieces(&pattern(before), 50, &[Give::Pending]);
        source.push(Give::Fail(io::ErrorKind::ConnectionReset));
        let stream = Watched::new(source, Sink::default());
        let (mut connection, pumps) = connection(stream.clone(), Peer::Unknown, &options);
        let ((received, error), over) = block_on(zip(drain(&mut connection.reader), pumps));
        assert_eq!(received, pattern(before));
        let Some(ReadError::Aborted(cause)) = error else { panic!("a clean end") };
        assert_eq!(cause.downcast_ref::<io::Error>().unwrap().kind(), io::ErrorKind::ConnectionReset);
        assert!(matches!(over, Err(ConnectionError::Receive(_))), "{over:?}");
        assert!(matches!(now(connection.writer.flush()), Err(FlushError::Closed(Some(_)))));
        assert_eq!(stream.look(|both| both.source.polls_after_end), 0);
        assert_eq!(pool.stats().rented, 0);
    }
}

/// What was received before is still the reader's, and so is what comes: a peer may be deaf and speak.
#[test]
fn a_stream_that_fails_to_be_written_fails_the_writer_and_not_the_reader() {
    let (pool, options) = options();
    let sink = Sink::new([Accept::UpTo(5), Accept::Fail(io::ErrorKind::BrokenPipe)]);
    let stream = Watched::new(Source::in_pieces(&pattern(500), 40, &[Give::Pending]), sink);
    let (mut connection, pumps) = connection(stream.clone(), Peer::Unknown, &options);
    connection.writer.write(&[b'x'; 200]).unwrap();
    let ((received, error), over) = block_on(zip(
        async {
            let Err(FlushError::Closed(Some(cause))) = connection.writer.flush().await else { panic!("flushed") };
            assert_eq!(cause.downcast_ref::<io::Error>().unwrap().kind(), io::ErrorKind::BrokenPipe);
            drain(&mut connection.reader).await
        },
        pumps,
    ));
    assert_eq!((received, error.is_none()), (pattern(500), true));
    assert!(matches!(over, Err(ConnectionError::Send(_))), "{over:?}");
    assert_eq!(stream.look(|both| (both.sink.written.len(), both.sink.closes)), (5, 0));
    assert_eq!(pool.stats().rented, 0);
}

/// The rest is read for nobody, up to its end, and the other direction is not concerned.
#[test]
fn a_reader_dropped_during_the_pump_leaves_the_other_direction() {
    let (pool, options) = options();
    let stream = Watched::new(Source::in_pieces(&pattern(5000), 100, &[Give::Pending]), Sink::default());
    let (Connection { mut reader, mut writer, .. }, pumps) = connection(stream.clone(), Peer::Unknown, &options);
    let speaking = async {
        reader.read_at_least(200).await.unwrap().advance_all();
        drop(reader);
        for piece in pattern(1000).chunks(90) {
            writer.write(piece).unwrap();
            writer.flush().await.unwrap();
        }
        writer.finish().unwrap();
    };
    let ((), over) = block_on(zip(speaking, pumps));
    assert_eq!(over.unwrap().sent, 1000);
    stream.look(|both| {
        assert_eq!((&both.sink.written, both.sink.closes), (&pattern(1000), 1));
        assert_eq!(both.source.polls_after_end, 0);
        assert!(both.source.polls >= 50, "all of it was read: {} reads", both.source.polls);
    });
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn idle_pumps_hold_no_block_and_notice_that_they_are_dropped() {
    let (pool, options) = options();
    let source = Source::new([Give::Bytes(b"ping".to_vec()), Give::Never, Give::Never, Give::Never, Give::Never]);
    let stream = Watched::new(source, Sink::default());
    let (mut connection, pumps) = connection(stream.clone(), Peer::Unknown, &options);
    let (wakes, waker) = Wakes::new();
    let mut pumps = pin!(pumps);
    assert!(poll_once(&waker, pumps.as_mut()).is_pending());
    now(connection.reader.read()).unwrap().advance_all();
    connection.writer.write(b"pong").unwrap();
    now(connection.writer.flush_release()).unwrap();
    assert!(poll_once(&waker, pumps.as_mut()).is_pending());
    assert_eq!(stream.look(|both| (both.sink.written.clone(), both.sink.flushed)), (b"pong".to_vec(), 4));
    assert_eq!(pool.stats().rented, 0);
    let before = wakes.count();
    drop(connection);
    assert!(wakes.count() > before);
    let Poll::Ready(Err(ConnectionError::Aborted(_))) = pumps.as_mut().poll(&mut Context::from_waker(&waker)) else {
        panic!("nobody is left")
    };
    assert_eq!(stream.look(|both| both.sink.closes), 0, "an abort is no end");
}

/// The reader is behind: the stream is left alone until it has caught up.
#[test]
fn a_slow_reader_holds_the_stream_back() {
    let (pool, options) = options();
    let stream = Watched::new(Source::in_pieces(&pattern(10_000), 10_000, &[]), Sink::default());
    let (mut connection, pumps) = connection(stream, Peer::Unknown, &options);
    let mut pumps = pin!(pumps);
    let mut received = Vec::new();
    connection.writer.finish().unwrap();
    // A byte a turn.
    let mut over = false;
    while !over || !connection.reader.peek().is_empty() {
        over = over || poll_once(Waker::noop(), pumps.as_mut()).is_ready();
        if let Some(view) = connection.reader.try_read().unwrap() {
            let next = view.buffer().start() + view.buffer().len().min(1);
            received.extend(view.buffer().slice(..next).to_vec());
            view.advance(next);
        }
    }
    // The trait fills one piece at a time: a block.
    let most = (128 + 64) / 64 + 1;
    assert!(pool.stats().peak_rented <= most, "{} blocks", pool.stats().peak_rented);
    assert_eq!(received, pattern(10_000));
}

/// Also one that said it had all it wanted: then the flush that comes before a read of the stream does not tell.
#[test]
fn what_comes_for_a_reader_that_is_gone_is_discarded() {
    for completes in [true, false] {
        let (pool, options) = options();
        let script = [Give::Bytes(pattern(100)), Give::Pending, Give::Bytes(pattern(500)), Give::Pending];
        let (Connection { mut reader, mut writer, .. }, mut pumps) =
            connection(Watched::new(Source::new(script), Sink::default()), Peer::Unknown, &options);
        assert!(poll_once(Waker::noop(), Pin::new(&mut pumps)).is_pending());
        now(reader.read()).unwrap().advance_all();
        if completes {
            reader.mark_complete();
        }
        drop(reader);
        writer.finish().unwrap();
        assert_eq!(block_on(pumps).unwrap(), Traffic::new(100, 0));
        assert_eq!(pool.stats().rented, 0);
    }
}
