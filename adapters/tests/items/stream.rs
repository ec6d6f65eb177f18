//! Streams of bytes.

use std::{
    io::{self, ErrorKind},
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_lite::future::block_on;
use futures_util::{StreamExt, TryStreamExt, stream, stream::FusedStream};
use headpond_adapters::{
    Cancelled,
    futures_core::{ReaderStream, StreamReader},
};
use headpond_pipe::{Pipe, PipeOptions, PipeRead, PipeReadExt, ReadError};
use headpond_pool::Slice;

use crate::{
    options,
    polling::{Wakes, now, pattern, pends, poll_once},
    script::{Give, Giver},
};

#[test]
fn items_share_the_blocks_and_keep_them() {
    let (pool, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut memory = writer.reserve(5).unwrap();
    let address = memory.as_ptr();
    memory[..5].copy_from_slice(b"first");
    memory.advance(5);
    writer.append("second".into()).unwrap();
    block_on(writer.flush_release()).unwrap();
    let mut stream = ReaderStream::new(reader);
    let first = now(stream.next()).unwrap().unwrap();
    let second = now(stream.next()).unwrap().unwrap();
    assert_eq!((first.as_ptr(), &first[..], &second[..]), (address, &b"first"[..], &b"second"[..]));
    drop((writer, stream));
    assert_eq!(pool.stats().rented, 1, "the first item lives");
    assert_eq!(first, "first");
    drop(first);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn everything_comes_in_order_and_the_end_stays_the_end() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut stream = ReaderStream::new(reader);
    let bytes = pattern(1000);
    let mut read = Vec::new();
    for piece in bytes.chunks(77) {
        writer.write(piece).unwrap();
        let _ = writer.poll_flush(&mut Context::from_waker(std::task::Waker::noop()));
        while let Poll::Ready(item) = poll_once(std::task::Waker::noop(), std::pin::pin!(stream.next())) {
            read.extend_from_slice(&item.unwrap().unwrap());
        }
    }
    writer.finish().unwrap();
    assert!(!stream.is_terminated());
    assert!(now(stream.next()).is_none());
    assert!(now(stream.next()).is_none());
    assert!(stream.is_terminated());
    assert_eq!(read, bytes);
}

#[test]
fn an_error_comes_behind_the_bytes_and_is_the_last() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    writer.write(b"published").unwrap();
    now(writer.flush()).unwrap();
    writer.abort(io::Error::from(ErrorKind::HostUnreachable));
    let mut stream = ReaderStream::new(reader);
    assert_eq!(now(stream.next()).unwrap().unwrap(), "published");
    assert_eq!(now(stream.next()).unwrap().unwrap_err().kind(), ErrorKind::HostUnreachable);
    assert!(now(stream.next()).is_none());
}

#[test]
fn a_cancelled_read_is_an_error_after_which_the_stream_goes_on() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let canceller = reader.canceller();
    let mut stream = ReaderStream::new(reader);
    pends(stream.next());
    canceller.cancel();
    assert!(now(stream.next()).unwrap().unwrap_err().get_ref().unwrap().is::<Cancelled>());
    pends(stream.next());
    writer.write(b"kept").unwrap();
    now(writer.flush()).unwrap();
    assert_eq!(now(stream.next()).unwrap().unwrap(), "kept");
    let mut reader = stream.into_inner();
    assert!(reader.peek().is_empty());
}

#[test]
fn items_are_shown_as_one_where_they_lie() {
    let (pool, options) = options();
    let items = [Bytes::from(vec![b'a'; 100]), Bytes::from(vec![b'b'; 100])];
    let addresses = items.each_ref().map(|item| item.as_ptr());
    let mut reader = StreamReader::new(Giver::new(items.map(Give::Bytes)), &options);
    {
        let view = now(reader.read_at_least(150)).unwrap();
        let shown: Vec<_> = view.buffer().chunks().map(<[u8]>::as_ptr).collect();
        assert_eq!(shown, addresses);
        view.advance_all();
    }
    assert!(now(reader.read()).unwrap().is_finished());
    assert!(now(reader.read()).unwrap().is_finished(), "and the stream is not polled again");
    assert_eq!(pool.stats().served(), 0);
}

#[test]
fn whatever_makes_a_slice_may_be_an_item() {
    let (_, options) = options();
    let vectors = stream::iter([Ok::<_, io::Error>(vec![1, 2]), Ok(vec![3])]);
    let mut reader = StreamReader::new(vectors, &options);
    assert_eq!(now(reader.read_at_least(3)).unwrap().buffer(), [1, 2, 3]);
    let slices = stream::iter([Err::<Slice, _>("a plain message")]);
    let error = now(StreamReader::new(slices, &options).read()).unwrap_err();
    assert!(matches!(error, ReadError::Aborted(cause) if cause.to_string() == "a plain message"));
}

#[test]
fn the_next_item_is_taken_only_when_more_is_asked_for() {
    let (_, options) = options();
    let mut reader = StreamReader::new(Giver::in_pieces(b"abcd", 1), &options);
    let _ = now(reader.read()).unwrap();
    let _ = now(reader.read()).unwrap();
    assert_eq!(reader.buffer(), "a", "nothing was consumed nor examined");
    let end = reader.buffer().end();
    now(reader.read()).unwrap().need_more(end);
    assert_eq!(now(reader.read()).unwrap().buffer(), "b");
    let (mut stream, mut rest) = reader.into_parts();
    assert_eq!(rest.peek(), "b");
    assert!(now(rest.read()).unwrap().is_finished());
    assert_eq!(now(stream.next()).unwrap().unwrap(), "c");
}

#[test]
fn empty_items_are_passed_over_and_never_hold_up_the_task() {
    let (_, options) = options();
    let script = |empty| std::iter::repeat_n(Give::Bytes(Bytes::new()), empty).chain([Give::Bytes("x".into())]);
    let mut reader = StreamReader::new(Giver::new(script(5)), &options);
    assert_eq!(now(reader.read()).unwrap().buffer(), "x");

    let mut reader = StreamReader::new(Giver::new(script(100)), &options);
    let (wakes, waker) = Wakes::new();
    let mut read = std::pin::pin!(reader.read());
    let mut polls = 0;
    while poll_once(&waker, read.as_mut()).is_pending() {
        polls += 1;
        assert_eq!(wakes.count(), polls, "it comes again by itself");
    }
    assert!(polls >= 1);
}

#[test]
fn an_error_of_the_stream_comes_behind_its_bytes() {
    let (_, options) = options();
    let script = [Give::Bytes("before".into()), Give::Fail(ErrorKind::ConnectionReset)];
    let mut reader = StreamReader::new(Giver::new(script), &options);
    let end = now(reader.read()).unwrap().buffer().end();
    assert_eq!(reader.buffer(), "before");
    now(reader.read()).unwrap().need_more(end);
    for _ in 0..2 {
        let error = now(reader.read()).unwrap_err();
        assert!(matches!(&error, ReadError::Aborted(cause) if cause.is::<io::Error>()), "{error:?}");
    }
}

#[test]
fn a_waiting_read_is_cancelled_and_dropped_without_loss() {
    let (_, options) = options();
    let mut reader = StreamReader::new(Giver::new([Give::Never]), &options);
    let canceller = reader.canceller();
    let (wakes, waker) = Wakes::new();
    {
        let mut read = std::pin::pin!(reader.read());
        assert!(poll_once(&waker, read.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&waker, read), Poll::Ready(Ok(view)) if view.is_cancelled()));
    }
    pends(reader.read());
    reader.get_mut().push(Give::Bytes("late".into()));
    assert_eq!(now(reader.read()).unwrap().buffer(), "late");
    reader.close(None);
    assert!(matches!(now(reader.read()), Err(ReadError::Closed)));
}

#[test]
fn a_reader_that_only_examines_meets_the_limit() {
    let (pool, _) = options();
    let options = PipeOptions::builder(&pool).max_unconsumed(4).build().unwrap();
    let mut reader = StreamReader::new(Giver::in_pieces(b"abcdef", 2), &options);
    let start = reader.buffer().start();
    now(reader.read()).unwrap().need_more(start);
    now(reader.read()).unwrap().need_more(start);
    assert!(matches!(now(reader.read()), Err(ReadError::LimitExceeded { limit: 4 })));
    assert!(matches!(now(reader.read_at_least(5)), Err(ReadError::LimitExceeded { limit: 4 })));
    assert_eq!(reader.buffer(), "abcd");
    let end = reader.buffer().end();
    reader.advance_to(end, end);
    assert_eq!(now(reader.read()).unwrap().buffer(), "ef");
}

/// There and back: what a pipe gives as a stream, a reader of that stream gives again.
#[test]
fn a_stream_of_a_reader_of_a_stream_is_the_same_bytes() {
    let (pool, options) = options();
    let bytes = pattern(20_000);
    for size in [1, 63, 64, 65, 999] {
        let reader = StreamReader::new(Giver::in_pieces(&bytes, size), &options);
        let Pipe { mut writer, reader: copied } = Pipe::new(&options);
        let copy = async {
            StreamReader::new(ReaderStream::new(reader), &options).copy_to(&mut writer).await.unwrap();
            writer.finish().unwrap();
        };
        let collect = ReaderStream::new(copied).map_ok(|item| item.to_vec()).try_concat();
        let ((), collected) = block_on(futures_lite::future::zip(copy, collect));
        assert_eq!(collected.unwrap(), bytes, "in pieces of {size}");
    }
    assert_eq!(pool.stats().rented, 0);
}
