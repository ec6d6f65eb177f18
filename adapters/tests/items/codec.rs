//! Codecs of headpond over the ends of a pipe.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use futures_lite::future::{block_on, zip};
use futures_util::{SinkExt, StreamExt, stream::FusedStream};
use headpond_adapters::{
    codec::{Framed, ReadItemError, ReadItemExt, SendItemError},
    duplex,
};
use headpond_codec::{
    Codec, Decoder, EncodeError, Encoder, FinishError, Plain,
    length_delimited::{LengthDelimited, LengthError},
    line::LineDecoder,
    resp::{FrameDecoder, RespEncoder, RespVersion, Token, Value},
};
use headpond_pipe::{FlushError, Pipe, PipeOptions, PipeRead, PipeWrite, ReadError, Reader, Writer};
use headpond_pool::{
    BufferWriter, PatchError, PoolOptions, Prefix, Sequence, SharedError, Slice, WritableBuffer, WriteError,
};

use crate::{
    options,
    polling::{Wakes, now, pattern, pends, poll_once},
};

/// Lines of at most eight bytes, owned.
fn lines() -> impl for<'a> Decoder<Item<'a> = String, Error = headpond_codec::line::LineTooLong> + Unpin {
    LineDecoder::new().max_len(8).map(text)
}

fn text(line: Sequence<'_>) -> String {
    String::from_utf8(line.to_vec()).unwrap()
}

fn frames() -> impl for<'a> Decoder<Item<'a> = Vec<u8>, Error = LengthError> + for<'p> Encoder<&'p [u8]> + Unpin {
    LengthDelimited::new().field_len(2).map(|frame| frame.to_vec())
}

fn publish(writer: &mut Writer, bytes: &[u8]) {
    writer.write(bytes).unwrap();
    let _ = poll_once(Waker::noop(), pin!(writer.flush()));
}

/// What a stream gives up to its end, when the bytes arrive in pieces, each after the stream waits for it.
fn in_pieces<D, O>(decoder: D, pieces: &[&[u8]]) -> Vec<Result<O, String>>
where
    D: for<'a> Decoder<Item<'a> = O> + Unpin,
{
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut items = Framed::new(reader, decoder);
    let (mut pieces, mut given) = (pieces.iter(), Vec::new());
    loop {
        match poll_once(Waker::noop(), pin!(items.next())) {
            Poll::Ready(Some(item)) => given.push(item.map_err(|error| error.to_string())),
            Poll::Ready(None) => return given,
            Poll::Pending => match pieces.next() {
                Some(piece) => publish(&mut writer, piece),
                None => writer.finish().unwrap(),
            },
        }
    }
}

#[test]
fn items_are_the_same_wherever_the_bytes_are_split() {
    let text = b"one\ntwo\r\n\nthree";
    let expected = ["one", "two", "", "three"].map(|line| Ok(line.to_owned()));
    for split in 0..=text.len() {
        assert_eq!(in_pieces(lines(), &[&text[..split], &text[split..]]), expected, "{split}");
    }
    let bytes: Vec<&[u8]> = text.chunks(1).collect();
    assert_eq!(in_pieces(lines(), &bytes), expected);

    let replies = b"+OK\r\n%1\r\n$3\r\nkey\r\n*2\r\n:-7\r\n#t\r\n$-1\r\n";
    let expected = [
        Ok(Value::Simple("OK".into())),
        Ok(Value::Map(vec![(Value::Bulk("key".into()), Value::Array(vec![Value::Integer(-7), Value::Boolean(true)]))])),
        Ok(Value::Null),
    ];
    for split in 0..=replies.len() {
        let pieces = [&replies[..split], &replies[split..]];
        assert_eq!(in_pieces(FrameDecoder::new().map(|frame| frame.to_value()), &pieces), expected, "{split}");
    }
}

#[test]
fn several_items_of_one_read_come_without_another() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    publish(&mut writer, b"a\nb\nc\nd");
    let mut items = Framed::new(reader, lines());
    for line in ["a", "b", "c"] {
        assert_eq!(now(items.next()).unwrap().unwrap(), line);
    }
    pends(items.next());
    assert_eq!(items.get_ref().buffer(), "d");
}

#[test]
fn an_item_of_known_length_costs_one_wake_up() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut items = Framed::new(reader, frames());
    publish(&mut writer, &[0, 100]);
    let (wakes, waker) = Wakes::new();
    let mut next = pin!(items.next());
    assert!(poll_once(&waker, next.as_mut()).is_pending());
    for _ in 0..99 {
        publish(&mut writer, b"x");
    }
    assert_eq!(wakes.count(), 0);
    publish(&mut writer, b"x");
    assert_eq!(wakes.count(), 1);
    assert!(matches!(poll_once(&waker, next), Poll::Ready(Some(Ok(frame))) if frame == [b'x'; 100]));
}

/// The writer pauses at 128 bytes, and the item has more: the reader's wait lets it go on.
#[test]
fn an_item_longer_than_the_pause_goes_through() {
    let (_, options) = options();
    let (one, other) = duplex(&options);
    let sent = pattern(5000);
    let (mut sink, mut stream) = (Framed::new(one, frames()), Framed::new(other, frames()));
    let both = zip(sink.send(&sent[..]), stream.next());
    let (outcome, received) = block_on(both);
    outcome.unwrap();
    assert_eq!(received.unwrap().unwrap(), sent);
    let Pipe { writer, mut reader } = Pipe::new(&options);
    let mut sink = Framed::new(writer, frames());
    let (outcome, received) = block_on(zip(sink.send(&sent[..]), async { reader.read_item(&mut frames()).await }));
    outcome.unwrap();
    assert_eq!(received.unwrap().unwrap(), sent);
}

#[test]
fn the_end_within_an_item_is_typed_and_its_bytes_stay() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    publish(&mut writer, &[0, 1, 7, 0, 9, 1, 2]);
    writer.finish().unwrap();
    let mut items = Framed::new(reader, frames());
    assert_eq!(now(items.next()).unwrap().unwrap(), [7]);
    assert!(!items.is_terminated());
    let error = now(items.next()).unwrap().unwrap_err();
    let truncated = FinishError::Truncated { offset: 3, end: 7, needed: 7 };
    assert!(matches!(error, ReadItemError::Decode(ref inner) if *inner == truncated), "{error}");
    assert!(items.is_terminated());
    assert!(now(items.next()).is_none());
    assert_eq!(items.get_ref().buffer(), [0, 9, 1, 2]);
}

#[test]
fn bytes_that_are_no_item_end_the_stream_until_it_is_resumed() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    publish(&mut writer, b"fine\nmuch too long\nagain\n");
    let mut items = Framed::new(reader, lines());
    assert_eq!(now(items.next()).unwrap().unwrap(), "fine");
    let error = now(items.next()).unwrap().unwrap_err();
    assert_eq!(error.to_string(), "the line at offset 5 is longer than 8 bytes");
    assert!(now(items.next()).is_none());
    items.resume();
    assert!(matches!(now(items.next()), Some(Err(ReadItemError::Decode(FinishError::Invalid(_))))));

    let end = items.get_ref().buffer().position_of(b'\n').unwrap() + 1;
    items.get_mut().advance_to(end, end);
    items.resume();
    assert_eq!(now(items.next()).unwrap().unwrap(), "again");
    pends(items.next());
}

#[test]
fn an_item_beyond_the_limit_is_refused_before_it_is_gathered() {
    let frame = |len: u8| [&[0, len][..], &vec![1; len.into()]].concat();
    for (len, allowed) in [(6, true), (7, false)] {
        let frame = frame(len);
        for split in [0, 1, 2, 5, frame.len()] {
            let (_, options) = options();
            let Pipe { mut writer, reader } = Pipe::new(&options);
            let mut items = Framed::new(reader, frames()).max_len(8);
            publish(&mut writer, &frame[..split]);
            let first = poll_once(Waker::noop(), pin!(items.next()));
            let item = if split > 1 && !allowed {
                first
            } else {
                publish(&mut writer, &frame[split..]);
                if first.is_pending() { Poll::Ready(now(items.next())) } else { first }
            };
            match item {
                Poll::Ready(Some(Ok(item))) => assert_eq!((item.len(), allowed), (6, true)),
                Poll::Ready(Some(Err(ReadItemError::TooLong { offset: 0, len: 9, limit: 8 }))) => assert!(!allowed),
                other => panic!("{len} split at {split}: {other:?}"),
            }
        }
    }
}

#[test]
fn what_the_pipe_may_not_hold_is_refused_at_once() {
    let pool = PoolOptions::new().block_size(64).build().unwrap();
    let options = PipeOptions::builder(&pool).max_unconsumed(Some(1000)).build().unwrap();
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    publish(&mut writer, &[0x0f, 0xff, 1]);
    let error = now(reader.read_item(&mut frames())).unwrap_err();
    assert!(matches!(error, ReadItemError::Read(ReadError::LimitExceeded { limit: 1000 })), "{error}");
    assert_eq!(reader.peek(), [0x0f, 0xff, 1]);
}

#[test]
fn an_aborted_stream_gives_its_items_and_then_its_error() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    publish(&mut writer, b"whole\nhalf");
    drop(writer);
    let mut items = Framed::new(reader, lines());
    assert_eq!(now(items.next()).unwrap().unwrap(), "whole");
    assert!(matches!(now(items.next()), Some(Err(ReadItemError::Read(ReadError::Aborted(_))))));
    assert!(now(items.next()).is_none());
    assert_eq!(items.get_mut().peek(), "half");
}

/// Every wait is dropped once, and a cancel thrown in.
#[test]
fn dropped_and_cancelled_waits_lose_nothing() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let canceller = reader.canceller();
    let mut items = Framed::new(reader, frames());
    for round in 0..100 {
        let frame = pattern(round);
        let bytes = [&(round as u16).to_be_bytes(), &frame[..]].concat();
        let (head, rest) = bytes.split_at(round % 3 * bytes.len() / 3);
        pends(items.next());
        publish(&mut writer, head);
        pends(items.next());
        if round % 10 == 3 {
            canceller.cancel();
            assert!(matches!(now(items.next()), Some(Err(ReadItemError::Cancelled))));
            assert!(!items.is_terminated());
        }
        publish(&mut writer, rest);
        assert_eq!(now(items.next()).unwrap().unwrap(), frame);
    }
}

#[test]
fn a_dropped_read_of_an_item_takes_back_what_it_asked_for() {
    let (_, options) = options();
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    let mut decoder = frames();
    publish(&mut writer, &[0, 100, 1]);
    let (wakes, waker) = Wakes::new();
    assert!(poll_once(&waker, pin!(reader.read_item(&mut decoder))).is_pending());
    // Nobody waits any more: not even for so much.
    publish(&mut writer, &[2; 99]);
    assert_eq!(wakes.count(), 0);
    assert_eq!(now(reader.read()).unwrap().buffer().len(), 102);
    assert_eq!(now(reader.read_item(&mut decoder)).unwrap().unwrap().len(), 100);
    writer.finish().unwrap();
    assert!(now(reader.read_item(&mut decoder)).unwrap().is_none());
    assert!(now(reader.read_item(&mut decoder)).unwrap().is_none());
}

#[test]
fn an_idle_connection_holds_no_block() {
    let (pool, options) = options();
    let (client, server) = duplex(&options);
    let (mut client, mut server) = (Framed::new(client, frames()), Framed::new(server, frames()));
    for size in [0, 10, 100] {
        pends(server.next());
        now(client.send(&pattern(size)[..])).unwrap();
        assert_eq!(now(server.next()).unwrap().unwrap(), pattern(size));
        pends(server.next());
        assert_eq!(pool.stats().rented, 0);
    }
}

#[test]
fn a_sink_that_gathered_enough_waits_for_the_reader() {
    let (_, options) = options();
    let Pipe { writer, mut reader } = Pipe::new(&options);
    let mut items = Framed::new(writer, frames());
    let frame = pattern(32 * 1024 - 2);
    now(items.feed(&frame[..])).unwrap();
    now(items.feed(&frame[..])).unwrap();
    assert!(reader.peek().is_empty(), "nothing is published before a flush");
    let (wakes, waker) = Wakes::new();
    let mut feed = pin!(items.feed(&b"next"[..]));
    assert!(poll_once(&waker, feed.as_mut()).is_pending());
    assert_eq!(now(reader.read()).unwrap().buffer().len(), 64 * 1024);
    now(reader.read()).unwrap().advance_all();
    assert_eq!(wakes.count(), 1);
    assert!(matches!(poll_once(&waker, feed), Poll::Ready(Ok(()))));
}

#[test]
fn a_dropped_flush_has_sent_all_the_same() {
    let (_, options) = options();
    let Pipe { writer, reader } = Pipe::new(&options);
    let (mut sink, mut stream) = (Framed::new(writer, frames()), Framed::new(reader, frames()));
    for _ in 0..3 {
        pends(sink.send(&pattern(500)[..]));
        assert_eq!(now(stream.next()).unwrap().unwrap(), pattern(500));
    }
    drop(stream);
    let error = now(sink.send(b"to nobody")).unwrap_err();
    assert!(matches!(error, SendItemError::Encode(EncodeError::Write(WriteError::Closed(_)))), "{error}");
}

/// Gives an error, before or after it has written something.
struct Clumsy;

impl Encoder<Option<bool>> for Clumsy {
    fn encode<W: BufferWriter + ?Sized>(&mut self, item: Option<bool>, out: &mut W) -> Result<(), EncodeError> {
        match item {
            None => return Err(EncodeError::TooLong { len: 2, limit: 1 }),
            Some(_) => out.write(b"half")?,
        }
        if item == Some(false) {
            Err(EncodeError::Unrepresentable { reason: "clumsy" })
        } else {
            Ok(out.write(b"whole")?)
        }
    }
}

#[test]
fn an_item_that_is_refused_leaves_nothing_behind() {
    let (_, options) = options();
    let Pipe { writer, mut reader } = Pipe::new(&options);
    let mut sink = Framed::new(writer, Clumsy);
    assert!(matches!(now(sink.send(None)), Err(SendItemError::Encode(EncodeError::TooLong { len: 2, limit: 1 }))));
    now(sink.send(Some(true))).unwrap();
    assert_eq!(reader.peek(), "halfwhole");
}

#[test]
fn half_an_item_is_taken_back() {
    let (pool, options) = options();
    let Pipe { writer, mut reader } = Pipe::new(&options);
    let mut sink = Framed::new(writer, Clumsy);
    for _ in 0..2 {
        now(sink.send(Some(true))).unwrap();
        assert_eq!(now(sink.send(Some(false))).unwrap_err().to_string(), "clumsy");
        let panicked = catch_unwind(AssertUnwindSafe(|| now(sink.send(Panics))));
        assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"clumsy"));
    }
    now(sink.close()).unwrap();
    assert_eq!(reader.peek(), "halfwholehalfwhole");
    drop((sink, reader));
    assert_eq!(pool.stats().rented, 0);
}

/// An item whose encoder panics midway.
struct Panics;

impl Encoder<Panics> for Clumsy {
    fn encode<W: BufferWriter + ?Sized>(&mut self, _: Panics, out: &mut W) -> Result<(), EncodeError> {
        out.write(&[7; 10_000])?;
        panic!("clumsy")
    }
}

#[test]
fn half_an_item_that_cannot_be_taken_back_is_never_taken_for_one() {
    let (pool, options) = options();
    let Pipe { writer, mut reader } = Pipe::new(&options);
    let mut sink = Framed::new(Stubborn(writer), Clumsy);
    now(sink.send(Some(true))).unwrap();
    assert_eq!(now(sink.send(Some(false))).unwrap_err().to_string(), "clumsy");
    now(reader.read()).unwrap().advance_all();
    let Err(ReadError::Aborted(cause)) = now(reader.read()) else { panic!("not aborted") };
    assert_eq!(cause.to_string(), "clumsy");
    assert!(matches!(now(sink.flush()), Err(SendItemError::Flush(FlushError::Aborted))));
    assert!(matches!(now(sink.send(Some(true))), Err(SendItemError::Encode(EncodeError::Write(WriteError::Ended)))));
    assert_eq!(pool.stats().rented, 0);
}

/// A writer that takes nothing back.
struct Stubborn(Writer);

impl BufferWriter for Stubborn {
    fn reserve(&mut self, min: usize) -> Result<WritableBuffer<'_>, WriteError> {
        self.0.reserve(min)
    }

    fn append(&mut self, slice: Slice) -> Result<(), WriteError> {
        self.0.append(slice)
    }

    fn reserve_prefix(&mut self, n: usize) -> Result<Prefix, WriteError> {
        self.0.reserve_prefix(n)
    }

    fn patch(&mut self, prefix: &Prefix, bytes: &[u8]) -> Result<(), PatchError> {
        self.0.patch(prefix, bytes)
    }

    fn written_since(&self, prefix: &Prefix) -> Result<usize, PatchError> {
        self.0.written_since(prefix)
    }

    fn rewind(&mut self, _: &Prefix) -> Result<(), PatchError> {
        Err(PatchError::Foreign)
    }
}

impl PipeWrite for Stubborn {
    fn poll_reserve(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
        self.0.poll_reserve(cx, min)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.0.poll_flush(cx)
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.0.poll_finish(cx)
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_closed(cx)
    }

    fn release(&mut self) {
        self.0.release();
    }

    fn abort(&mut self, error: SharedError) {
        PipeWrite::abort(&mut self.0, error);
    }
}

/// The pool has two blocks, and one is in use elsewhere.
#[test]
fn a_sink_waits_for_memory_and_publishes_what_holds_it() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(128).build().unwrap();
    let Pipe { writer, reader } = Pipe::new(&PipeOptions::new(&pool));
    let elsewhere = pool.rent().unwrap();
    let mut sink = Framed::new(writer, frames()).room(50);
    now(sink.feed(&[1; 48][..])).unwrap();
    let (wakes, waker) = Wakes::new();
    let mut feed = pin!(sink.feed(&[2; 48][..]));
    assert!(poll_once(&waker, feed.as_mut()).is_pending());
    // It was published, and once the reader waits for more its block is free.
    let mut stream = Framed::new(reader, frames());
    assert_eq!(now(stream.next()).unwrap().unwrap(), [1; 48]);
    pends(stream.next());
    assert_eq!(wakes.count(), 1);
    assert!(matches!(poll_once(&waker, feed.as_mut()), Poll::Ready(Ok(()))));
    drop(elsewhere);
    now(sink.flush()).unwrap();
    assert_eq!(now(stream.next()).unwrap().unwrap(), [2; 48]);
}

#[test]
fn closing_finishes_the_end_and_dropping_does_not() {
    let (_, options) = options();
    let Pipe { writer, reader } = Pipe::new(&options);
    let (mut sink, mut stream) = (Framed::new(writer, frames()), Framed::new(reader, frames()));
    now(sink.feed(b"last")).unwrap();
    now(sink.close()).unwrap();
    assert_eq!(now(stream.next()).unwrap().unwrap(), b"last");
    assert!(now(stream.next()).is_none());

    let Pipe { writer, reader } = Pipe::new(&options);
    let (mut sink, mut stream) = (Framed::new(writer, frames()), Framed::new(reader, frames()));
    now(sink.feed(b"lost")).unwrap();
    drop(sink);
    assert!(matches!(now(stream.next()), Some(Err(ReadItemError::Read(ReadError::Aborted(_))))));
}

#[test]
fn a_decoder_and_an_encoder_of_different_kinds_are_one_codec() {
    let (_, options) = options();
    let (client, server) = duplex(&options);
    let client_codec = Codec { decoder: FrameDecoder::new().map(|frame| frame.to_value()), encoder: Plain };
    let mut client = Framed::new(client, client_codec);
    let mut server = Framed::new(server, Codec { decoder: lines(), encoder: RespEncoder::new(RespVersion::V2) });
    now(client.send("PING\r\n")).unwrap();
    assert_eq!(now(server.next()).unwrap().unwrap(), "PING");
    now(server.send(&Token::<&str>::Boolean(true))).unwrap();
    assert_eq!(now(client.next()).unwrap().unwrap(), Value::Integer(1));
    // Either is told nothing of what type an item is.
    now(client.feed(b"QUIT\r\n")).unwrap();
    now(client.flush()).unwrap();
    assert_eq!(now(server.next()).unwrap().unwrap(), "QUIT");
    now(client.close()).unwrap();
    assert!(now(server.next()).is_none());
    let (_, codec) = server.into_parts();
    assert_eq!(codec.encoder.version(), RespVersion::V2);
}

#[test]
fn items_of_every_size_go_both_ways_at_once() {
    let (pool, options) = options();
    let (one, other) = duplex(&options);
    let sizes: Vec<usize> = (0..200).map(|i| i * i % 3001).collect();
    let exchange = async |end| {
        let (mut sink, mut stream) = Framed::new(end, LengthDelimited::new().map(|frame| frame.to_vec())).split();
        let send = async {
            for &size in &sizes {
                sink.send(pattern(size)).await.unwrap();
            }
            sink.close().await.unwrap();
        };
        let receive = async {
            for &size in &sizes {
                assert_eq!(stream.next().await.unwrap().unwrap(), pattern(size));
            }
            assert!(stream.next().await.is_none());
        };
        zip(send, receive).await;
    };
    block_on(zip(exchange(one), exchange(other)));
    assert_eq!(pool.stats().rented, 0);
}

/// Any end will do, behind a pointer, too.
#[test]
fn ends_behind_a_pointer_are_ends() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    publish(&mut writer, b"line\n");
    let boxed: Box<dyn PipeRead + Unpin> = Box::new(reader);
    let mut items = Framed::new(boxed, lines());
    assert_eq!(now(items.next()).unwrap().unwrap(), "line");
    let error: Arc<dyn std::error::Error + Send + Sync> = Arc::new(std::io::Error::other("enough"));
    items.get_mut().close(Some(error));
    assert!(matches!(now(writer.flush()), Err(FlushError::Closed(Some(_)))));
}

/// The types that hold no more than what they are made of are as `Send` as that.
#[test]
fn futures_over_it_can_be_sent() {
    fn is_send(_: &impl Send) {}
    let (_, options) = options();
    let Pipe { reader, .. } = Pipe::new(&options);
    let mut items: Framed<Reader, _> = Framed::new(reader, LineDecoder::new().map(text as fn(Sequence<'_>) -> String));
    is_send(&items);
    is_send(&items.next());
}
