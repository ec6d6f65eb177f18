//! Between ends that are always ready, others get their turn.

use std::{
    convert::Infallible,
    future::poll_fn,
    io,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

use ::tokio_util::codec::LinesCodec;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use headpond_adapters::{
    codec::{Framed, ReadItemExt},
    copy, copy_bidirectional,
    flate2::{Format, InflateReader},
    futures_core::{ReaderStream, StreamReader},
    futures_io::{self, FuturesReadExt, FuturesWriteExt},
    futures_sink,
    http_body::PipeBody,
    tokio as on_tokio,
    tokio::{TokioReadExt, TokioWriteExt},
    tokio_util,
    transport::{Connection, Handler, HandlerError, Listener, Peer, Pumps, Runtime, Server, Task, async_trait},
};
use headpond_codec::{Decoder, line::LineDecoder};
use headpond_pipe::{FixedReader, PipeRead, PipeReadExt, PipeWriteExt};
use headpond_pool::{BufferWriter, SequenceBuf, Slice};
use http_body_util::BodyExt;

use crate::{
    options,
    polling::{Wakes, poll_once},
    streams::Endless,
    unpaused,
};

const MIB: usize = 1 << 20;

/// What one poll may move, and what it may have read ahead.
const MOST: u64 = (1 << 20) + (64 << 10);

/// Polls once a future that could go on for ever: it is pending, and comes again by itself.
#[track_caller]
fn gives_way<F: Future>(future: F) {
    let (wakes, waker) = Wakes::new();
    assert!(poll_once(&waker, pin!(future)).is_pending(), "it went on to its end");
    assert!(wakes.count() > 0, "nobody polls it again");
}

/// That one poll moved something, and not too much.
#[track_caller]
fn assert_turn(moved: u64) {
    assert!((1..=MOST).contains(&moved), "{moved} bytes in one poll");
}

/// So many bytes, all there.
fn all_there(bytes: usize) -> FixedReader {
    FixedReader::new(SequenceBuf::from_iter([Slice::from(vec![b'x'; bytes])]))
}

#[test]
fn both_directions_between_ends_take_turns() {
    let (mut a, mut b) = (all_there(8 * MIB), all_there(8 * MIB));
    let (mut to_a, mut to_b) = (unpaused(), unpaused());
    let (wakes, waker) = Wakes::new();
    let mut copying = pin!(copy_bidirectional((&mut a, &mut to_a.writer), (&mut b, &mut to_b.writer)));
    let mut moved = [0, 0];
    while poll_once(&waker, copying.as_mut()).is_pending() {
        let now = [to_a.reader.stats().flushed, to_b.reader.stats().flushed];
        for (now, before) in now.iter().zip(moved) {
            assert!(now - before <= MIB as u64, "{} bytes in one poll", now - before);
        }
        assert_eq!(now[0], now[1], "one direction is ahead");
        moved = now;
        assert!(wakes.count() < 20);
    }
    assert!(wakes.count() >= 8);
}

#[test]
fn what_is_polled_beside_a_copy_gets_its_turn() {
    let (mut reader, mut pipe) = (all_there(64 * MIB), unpaused());
    let mut copying = pin!(copy(&mut reader, &mut pipe.writer));
    // What stands for a timeout: the third time that it is asked, the time is up.
    let mut left = 3;
    let mut deadline = pin!(poll_fn(|_| {
        left -= 1;
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    }));
    loop {
        assert!(poll_once(Waker::noop(), copying.as_mut()).is_pending(), "nobody else was asked");
        if poll_once(Waker::noop(), deadline.as_mut()).is_ready() {
            break;
        }
    }
    assert!(pipe.reader.unconsumed() <= 3 * MIB);
}

#[test]
fn copies_between_streams() {
    let (mut from, mut to) = (Endless::default(), Endless::default());
    gives_way(on_tokio::copy(&mut from, &mut to, &options()));
    assert_turn(to.written);
    let (mut from, mut to) = (Endless::default(), Endless::default());
    gives_way(futures_io::copy(&mut from, &mut to, &options()));
    assert_turn(to.written);

    let (mut a, mut b) = (Endless::default(), Endless::default());
    gives_way(on_tokio::copy_bidirectional(&mut a, &mut b, &options()));
    assert_turn(a.written);
    assert_turn(b.written);
    let (mut a, mut b) = (Endless::default(), Endless::default());
    gives_way(futures_io::copy_bidirectional(&mut a, &mut b, &options()));
    assert_turn(a.written);
    assert_turn(b.written);
}

#[test]
fn copies_between_a_stream_and_an_end() {
    let mut pipe = unpaused();
    gives_way(pipe.writer.copy_from_tokio(&mut Endless::default()));
    assert_turn(pipe.reader.stats().flushed);
    let mut pipe = unpaused();
    gives_way(pipe.writer.copy_from_futures_io(&mut Endless::default()));
    assert_turn(pipe.reader.stats().flushed);

    let mut sink = Endless::default();
    gives_way(all_there(8 * MIB).copy_to_tokio(&mut sink));
    assert_turn(sink.written);
    let mut sink = Endless::default();
    gives_way(all_there(8 * MIB).copy_to_futures_io(&mut sink));
    assert_turn(sink.written);
}

#[test]
fn flushes_of_much() {
    let much = Slice::from(vec![b'x'; 8 * MIB]);
    let mut writer = on_tokio::SinkWriter::new(Endless::default(), &options());
    writer.append(much.clone()).unwrap();
    gives_way(writer.flush());
    assert_turn(writer.get_ref().written);
    gives_way(writer.finish_async());
    let mut writer = futures_io::SinkWriter::new(Endless::default(), &options());
    writer.append(much.clone()).unwrap();
    gives_way(writer.flush());
    assert_turn(writer.get_ref().written);

    let mut writer = futures_sink::SinkWriter::new(Taker::default(), &options());
    for at in 0..1000 {
        writer.append(much.slice(at..at + 10_000)).unwrap();
    }
    gives_way(writer.flush());
    assert_turn(writer.get_ref().0);
    gives_way(writer.finish_async());
}

/// What others do with streams and sinks goes on as long as the stream is ready.
#[test]
fn streams_that_are_forwarded() {
    let slices = || FixedReader::new(SequenceBuf::from_iter((0..800).map(|_| Slice::from(vec![b'x'; 10_000]))));
    let mut sink = Taker::default();
    gives_way(ReaderStream::new(slices()).forward(&mut sink));
    assert_turn(sink.0);
    gives_way(PipeBody::new(slices()).collect());

    let lines = || FixedReader::new(SequenceBuf::from_iter([Slice::from(b"a line\n".repeat(MIB))]));
    let mut seen = 0;
    gives_way(Framed::new(lines(), LineDecoder::new().map(|line| line.len())).for_each(|line| {
        seen += line.unwrap() as u64;
        std::future::ready(())
    }));
    assert_turn(seen);
    let mut seen = 0;
    gives_way(tokio_util::Framed::new(lines(), LinesCodec::new()).for_each(|line| {
        seen += line.unwrap().len() as u64;
        std::future::ready(())
    }));
    assert_turn(seen);
}

/// A sink that takes anything.
#[derive(Default)]
struct Taker(u64);

impl futures_util::Sink<Bytes> for Taker {
    type Error = io::Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, bytes: Bytes) -> io::Result<()> {
        self.0 += bytes.len() as u64;
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn reads_of_much() {
    let mut reader = on_tokio::SourceReader::new(Endless::default(), &options());
    gives_way(reader.read_at_least(8 * MIB));
    assert_turn(reader.get_ref().read);
    let mut reader = futures_io::SourceReader::new(Endless::default(), &options());
    gives_way(reader.read_at_least(8 * MIB));
    assert_turn(reader.get_ref().read);
    let pieces = stream::repeat(Bytes::from_static(&[b'x'; 10_000])).map(Ok::<_, Infallible>);
    let mut reader = StreamReader::new(pieces, &options());
    gives_way(reader.read_at_least(8 * MIB));
    assert_turn(reader.buffer().len() as u64);
    // What was read so far is not lost.
    assert!(poll_once(Waker::noop(), pin!(reader.read_at_least(100_000))).is_ready());
}

#[test]
fn items_without_end() {
    let mut reader = on_tokio::SourceReader::new(Endless::default(), &options());
    gives_way(reader.read_item(&mut LineDecoder::new().max_len(8 * MIB).map(|line| line.to_vec())));
    assert_turn(reader.get_ref().read);
    let reader = on_tokio::SourceReader::new(Endless::default(), &options());
    let mut lines = tokio_util::Framed::new(reader, LinesCodec::new());
    gives_way(lines.next());
    assert_turn(lines.get_ref().get_ref().read);
}

#[test]
fn the_pumps_of_a_connection() {
    let unpaused = headpond_pipe::PipeOptions::builder(headpond_pool::Pool::new()).pause_threshold(0).build().unwrap();
    let (mut connection, pumps) = futures_io::connection(Endless::default(), Peer::Unknown, &unpaused);
    connection.writer.append(Slice::from(vec![b'x'; 8 * MIB])).unwrap();
    let mut pumps = pin!(pumps);
    assert!(poll_once(Waker::noop(), pin!(connection.writer.flush())).is_ready());
    gives_way(poll_fn(|cx| pumps.as_mut().poll(cx)));
    assert_turn(connection.reader.stats().flushed);
    assert_turn(connection.writer.stats().consumed);
}

/// Blocks of nothing: they are input, of which no output comes.
#[test]
fn inflating_what_makes_nothing() {
    let nothing = [0, 0, 0, 0xff, 0xff].repeat(8 * MIB / 5);
    let len = nothing.len();
    let source = FixedReader::new(SequenceBuf::from_iter([Slice::from(nothing)]));
    let mut reader = InflateReader::new(source, Format::Deflate, &options());
    gives_way(reader.read());
    assert_turn((len - reader.get_ref().buffer().len()) as u64);
}

/// Every connection is gone before it is accepted.
struct Flood(usize);

#[async_trait]
impl Listener for Flood {
    async fn accept(&mut self) -> io::Result<(Connection, Pumps)> {
        self.0 += 1;
        assert!(self.0 <= 1000, "a poll that never ends");
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

struct Nobody;

#[async_trait]
impl Handler for Nobody {
    async fn handle(&self, _: &mut Connection) -> Result<(), HandlerError> {
        Ok(())
    }
}

impl Runtime for Nobody {
    fn spawn(&self, _: Task) {}

    fn sleep(&self, _: Duration) -> Task {
        Box::pin(std::future::pending())
    }
}

#[test]
fn accepting() {
    gives_way(Server::new(Flood(0), Nobody, Nobody).serve());
}
