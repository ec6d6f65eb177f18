//! Codecs of `tokio-util` over the ends of a pipe.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use bytes::{BufMut, Bytes, BytesMut};
use futures_lite::future::block_on;
use futures_util::{Sink, SinkExt, StreamExt};
use headpond_adapters::{
    Cancelled, duplex,
    tokio_util::{Framed, FramedParts},
};
use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::PoolOptions;
use tokio_util::codec::{Encoder, FramedRead, LengthDelimitedCodec, LinesCodec, LinesCodecError};

use crate::{
    options,
    polling::{Wakes, now, pattern, pends, poll_once},
};

/// What a codec's frames come to.
type Lines = Vec<Result<String, String>>;

/// As the peer decodes these bytes, all at once.
fn by_the_peer(bytes: &[u8], codec: LinesCodec) -> Lines {
    let frames = FramedRead::new(bytes, codec).map(|line| line.map_err(|error| error.to_string()));
    now(frames.collect())
}

#[test]
fn frames_are_the_same_wherever_the_bytes_are_split() {
    let (_, options) = options();
    let texts: [&[u8]; 4] = [b"one\ntwo\r\n\nthree", b"\n", b"", b"a line \xff that is no text\nafter\n"];
    for text in texts {
        for split in 0..=text.len() {
            let Pipe { mut writer, reader } = Pipe::new(&options);
            let mut frames = Framed::new(reader, LinesCodec::new());
            let mut lines = Lines::new();
            let (waker, mut at) = (std::task::Waker::noop(), 0);
            loop {
                match poll_once(waker, pin!(frames.next())) {
                    Poll::Ready(Some(line)) => lines.push(line.map_err(|error| error.to_string())),
                    Poll::Ready(None) => break,
                    Poll::Pending if at == 0 && split > 0 => {
                        writer.write(&text[..split]).unwrap();
                        now(writer.flush()).unwrap();
                        at = split;
                    }
                    Poll::Pending => {
                        writer.write(&text[at..]).unwrap();
                        writer.finish().unwrap();
                    }
                }
            }
            assert_eq!(lines, by_the_peer(text, LinesCodec::new()), "{} at {split}", text.escape_ascii());
        }
    }
}

#[test]
fn a_decoder_that_fails_ends_the_stream_once_and_it_goes_on() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut frames = Framed::new(reader, LinesCodec::new_with_max_length(4));
    writer.write(b"far too long\nshort\n").unwrap();
    now(writer.flush()).unwrap();
    assert!(matches!(now(frames.next()), Some(Err(LinesCodecError::MaxLineLengthExceeded))));
    assert!(now(frames.next()).is_none());
    pends(frames.next());
    writer.write(b"fine\n").unwrap();
    writer.finish().unwrap();
    // The codec skips to the newline; "short" is too long as well.
    assert!(matches!(now(frames.next()), Some(Err(LinesCodecError::MaxLineLengthExceeded))));
    assert!(now(frames.next()).is_none());
    assert_eq!(now(frames.next()).unwrap().unwrap(), "fine");
    assert!(now(frames.next()).is_none());
}

#[test]
fn half_a_frame_at_the_end_is_the_codecs_to_judge() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    writer.write(&[0, 0, 0, 9, 1, 2]).unwrap();
    writer.finish().unwrap();
    let mut frames = Framed::new(reader, LengthDelimitedCodec::new());
    assert_eq!(now(frames.next()).unwrap().unwrap_err().to_string(), "bytes remaining on stream");
    for _ in 0..5 {
        assert!(now(frames.next()).is_none());
    }
}

/// The end is the last thing there is, however often one asks: behind an error of the decoder, which may have left bytes, and
/// behind one of the pipe. A cancelled read is not the end.
#[test]
fn an_error_at_the_end_is_given_once() {
    let (_, options) = options();
    for finishes in [true, false] {
        let Pipe { mut writer, reader } = Pipe::new(&options);
        let canceller = reader.canceller();
        let mut frames = Framed::new(reader, LinesCodec::new());
        canceller.cancel();
        assert!(matches!(now(frames.next()), Some(Err(LinesCodecError::Io(error))) if error.get_ref().is_some()));
        assert!(now(frames.next()).is_none());
        pends(frames.next());
        writer.write(b"whole\nno text: \xff").unwrap();
        if finishes {
            writer.finish().unwrap()
        } else {
            now(writer.flush()).unwrap()
        }
        drop(writer);
        assert_eq!(now(frames.next()).unwrap().unwrap(), "whole");
        assert!(now(frames.next()).unwrap().is_err());
        for _ in 0..5 {
            assert!(now(frames.next()).is_none(), "{finishes}");
        }
    }
}

#[test]
fn errors_of_the_pipe_are_the_codecs_errors_and_of_the_same_kinds() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    writer.write(b"whole\nhalf").unwrap();
    now(writer.flush()).unwrap();
    drop(writer);
    let mut frames = Framed::new(reader, LinesCodec::new());
    assert_eq!(now(frames.next()).unwrap().unwrap(), "whole");
    let Some(Err(LinesCodecError::Io(error))) = now(frames.next()) else { panic!("no error of the pipe") };
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert!(now(frames.next()).is_none());

    let Pipe { writer, reader } = Pipe::new(&options);
    drop(reader);
    let mut frames = Framed::new(writer, LinesCodec::new());
    let Err(LinesCodecError::Io(error)) = now(frames.send("line")) else { panic!("sent to nobody") };
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

/// Every wait is dropped once, and a cancel thrown in.
#[test]
fn dropped_waits_lose_no_frame() {
    let (_, options) = options();
    let (client, server) = duplex(&options);
    let canceller = server.reader().canceller();
    let mut client = Framed::new(client, LinesCodec::new());
    let mut server = Framed::new(server, LinesCodec::new());
    for round in 0..100 {
        let line = "x".repeat(round);
        pends(server.next());
        if round % 10 == 3 {
            canceller.cancel();
            let Some(Err(LinesCodecError::Io(error))) = now(server.next()) else { panic!("not cancelled") };
            assert!(error.get_ref().unwrap().is::<Cancelled>());
            assert!(now(server.next()).is_none());
        }
        now(client.feed(&line)).unwrap();
        pends(server.next());
        // A flush that waits has sent all the same.
        let _ = poll_once(std::task::Waker::noop(), pin!(SinkExt::<&String>::flush(&mut client)));
        assert_eq!(now(server.next()).unwrap().unwrap(), line);
    }
}

#[test]
fn a_full_pipe_holds_the_sink_back() {
    let (_, options) = options();
    let Pipe { writer, mut reader } = Pipe::new(&options);
    let mut frames = Framed::new(writer, LengthDelimitedCodec::new());
    now(frames.feed(Bytes::from(vec![7; 8 * 1024]))).unwrap();
    assert!(reader.peek().is_empty(), "nothing is published before a flush");
    let (wakes, waker) = Wakes::new();
    let mut feed = pin!(frames.feed(Bytes::from_static(b"next")));
    assert!(poll_once(&waker, feed.as_mut()).is_pending());
    now(reader.read()).unwrap().advance_all();
    assert_eq!(wakes.count(), 1);
    assert!(matches!(poll_once(&waker, feed), Poll::Ready(Ok(()))));
}

/// Writes half of a frame, and gives up.
struct Clumsy;

impl Encoder<bool> for Clumsy {
    type Error = io::Error;

    fn encode(&mut self, succeeds: bool, out: &mut BytesMut) -> io::Result<()> {
        out.put_slice(b"half");
        if !succeeds {
            return Err(io::Error::other("clumsy"));
        }
        out.put_slice(b"whole");
        Ok(())
    }
}

/// A frame whose codec panics midway.
struct Panics;

impl Encoder<Panics> for Clumsy {
    type Error = io::Error;

    fn encode(&mut self, _: Panics, out: &mut BytesMut) -> io::Result<()> {
        out.put_slice(b"half");
        panic!("clumsy")
    }
}

#[test]
fn a_frame_whose_codec_panics_leaves_nothing_behind() {
    let (_, options) = options();
    let Pipe { writer, mut reader } = Pipe::new(&options);
    let mut frames = Framed::new(writer, Clumsy);
    let panicked = catch_unwind(AssertUnwindSafe(|| now(frames.send(Panics))));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"clumsy"));
    now(frames.send(true)).unwrap();
    assert_eq!(reader.peek(), "halfwhole");
}

#[test]
fn a_frame_that_cannot_be_encoded_leaves_nothing_behind() {
    let (_, options) = options();
    let Pipe { writer, mut reader } = Pipe::new(&options);
    let mut frames = Framed::new(writer, Clumsy);
    assert_eq!(now(frames.send(false)).unwrap_err().to_string(), "clumsy");
    now(frames.send(true)).unwrap();
    assert_eq!(reader.peek(), "halfwhole");
}

#[test]
fn frames_go_through_though_the_pool_has_nothing_to_give() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(64).build().unwrap();
    let Pipe { writer, reader } = Pipe::new(&PipeOptions::new(&pool));
    let only = pool.rent().unwrap();
    let mut sink = Framed::new(writer, LinesCodec::new());
    now(sink.send("small")).unwrap();
    now(sink.send("large".repeat(1000))).unwrap();
    now(SinkExt::<&str>::close(&mut sink)).unwrap();
    drop(only);
    let lines: Vec<_> = now(Framed::new(reader, LinesCodec::new()).map(Result::unwrap).collect());
    assert_eq!(lines, ["small".to_owned(), "large".repeat(1000)]);
}

#[test]
fn long_frames_are_linked_in_without_a_copy() {
    let (pool, options) = options();
    let Pipe { writer, mut reader } = Pipe::new(&options);
    let mut sink = Framed::new(writer, LengthDelimitedCodec::new());
    pends(sink.send(Bytes::from(pattern(1 << 20))));
    assert_eq!(reader.peek().len(), (1 << 20) + 4);
    assert!(reader.peek().as_single_chunk().is_some());
    assert_eq!(pool.stats().served(), 0);
}

#[test]
fn an_idle_stream_keeps_no_memory_of_its_longest_frame() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut frames = Framed::new(reader, LinesCodec::new());
    let mut line = "x".repeat(1 << 20).into_bytes();
    line.push(b'\n');
    writer.write(&line).unwrap();
    pends(writer.flush());
    assert_eq!(block_on(frames.next()).unwrap().unwrap().len(), 1 << 20);
    // The first gives way after so many bytes, the second waits.
    pends(frames.next());
    pends(frames.next());
    assert_eq!(frames.undecoded().capacity(), 0);
}

#[test]
fn parts_hold_what_was_not_decoded() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    writer.write(b"line\nanother\nha").unwrap();
    now(writer.flush()).unwrap();
    let mut frames = Framed::new(reader, LinesCodec::new());
    now(frames.next()).unwrap().unwrap();
    assert_eq!(frames.undecoded(), &b"another\nha"[..]);
    let FramedParts { end, undecoded, .. } = frames.into_parts();
    assert_eq!(undecoded, &b"another\nha"[..]);
    let mut frames = Framed::from_parts(FramedParts::new(end, LinesCodec::new(), undecoded));
    assert_eq!(now(frames.next()).unwrap().unwrap(), "another");
    writer.write(b"lf\n").unwrap();
    now(writer.flush()).unwrap();
    assert_eq!(now(frames.next()).unwrap().unwrap(), "half");
}

#[test]
fn frames_of_every_size_go_both_ways_at_once() {
    let (pool, options) = options();
    let (one, other) = duplex(&options);
    let sizes: Vec<usize> = (0..200).map(|i| i * i % 3001).collect();
    let exchange = async |end| {
        let (mut sink, mut stream) = Framed::new(end, LengthDelimitedCodec::new()).split();
        let send = async {
            for &size in &sizes {
                sink.send(Bytes::from(pattern(size))).await.unwrap();
            }
            close(&mut sink).await;
        };
        let receive = async {
            for &size in &sizes {
                assert_eq!(stream.next().await.unwrap().unwrap(), pattern(size));
            }
            assert!(stream.next().await.is_none());
        };
        futures_lite::future::zip(send, receive).await;
    };
    block_on(futures_lite::future::zip(exchange(one), exchange(other)));
    assert_eq!(pool.stats().rented, 0);
}

async fn close<S: Sink<Bytes, Error = io::Error> + Unpin>(sink: &mut S) {
    sink.close().await.unwrap();
}
