//! A writing end as a stream.

use std::{
    io::{self, IoSlice},
    task::Poll,
};

use futures_lite::future::{block_on, zip};
use headpond_adapters::Cancelled;
use headpond_pipe::{FlushError, Pipe, PipeOptions};
use headpond_pool::{Pool, PoolOptions};

use crate::{
    AsyncReadExt, AsyncWriteExt, StreamReader, StreamWriter, close,
    polling::{Wakes, now, pattern, pends, poll_once},
    write_vectored,
};

/// Blocks of 64 bytes, a pause at 64, on again below 32.
fn pipe() -> (Pool, Pipe) {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    let options = PipeOptions::builder(&pool).pause_threshold(64).resume_threshold(32).build().unwrap();
    (pool, Pipe::new(&options))
}

#[test]
fn a_write_is_published_at_once() {
    let (_, Pipe { writer, mut reader }) = pipe();
    let mut writer = StreamWriter::new(writer);
    assert_eq!(now(writer.write(b"heard")).unwrap(), 5);
    assert_eq!(now(reader.read()).unwrap().buffer(), "heard");
}

#[test]
fn a_write_that_pauses_the_pipe_goes_through_and_the_next_waits() {
    let (_, Pipe { writer, mut reader }) = pipe();
    let mut writer = StreamWriter::new(writer);
    let (wakes, waker) = Wakes::new();
    assert!(poll_once(&waker, std::pin::pin!(writer.write(&pattern(64)))).is_ready());
    let view = now(reader.read()).unwrap();
    let start = view.buffer().start();
    view.advance(start + 40);
    assert_eq!(wakes.count(), 0, "a write that went through is not woken for");

    assert_eq!(now(writer.write(&pattern(40))).unwrap(), 40);
    {
        let mut write = std::pin::pin!(writer.write(b"next"));
        assert!(poll_once(&waker, write.as_mut()).is_pending());
        let view = now(reader.read()).unwrap();
        assert_eq!(view.buffer().len(), 24 + 40, "a pending write has written nothing");
        view.advance_all();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&waker, write), Poll::Ready(Ok(4))));
    }
    assert_eq!(now(reader.read()).unwrap().buffer(), "next");
}

#[test]
fn a_pending_write_dropped_has_written_nothing() {
    let (_, Pipe { writer, mut reader }) = pipe();
    let mut writer = StreamWriter::new(writer);
    now(writer.write(&[b'a'; 64])).unwrap();
    pends(writer.write(b"dropped"));
    pends(writer.flush());
    now(reader.read()).unwrap().advance_all();
    now(writer.write(b"kept")).unwrap();
    assert_eq!(now(reader.read()).unwrap().buffer(), "kept");
}

#[test]
fn a_vectored_write_takes_all_the_pieces() {
    let (_, Pipe { writer, mut reader }) = pipe();
    let mut writer = StreamWriter::new(writer);
    let bytes = pattern(150);
    let pieces = [&bytes[..10], &[], &bytes[10..100], &bytes[100..]].map(IoSlice::new);
    assert_eq!(now(write_vectored(&mut writer, &pieces)).unwrap(), 150);
    assert_eq!(now(reader.read()).unwrap().buffer(), bytes);
}

#[test]
fn a_write_of_nothing_is_ready_even_while_paused() {
    let (_, Pipe { writer, reader: _reader }) = pipe();
    let mut writer = StreamWriter::new(writer);
    now(writer.write(&[0; 64])).unwrap();
    assert_eq!(now(writer.write(&[])).unwrap(), 0);
    assert_eq!(now(write_vectored(&mut writer, &[IoSlice::new(&[])])).unwrap(), 0);
}

#[test]
fn one_write_takes_a_bounded_part_of_very_much() {
    let (_, Pipe { writer, reader }) = pipe();
    let mut writer = StreamWriter::new(writer);
    assert_eq!(now(writer.write(&vec![0; 1 << 20])).unwrap(), 64 * 1024);
    assert_eq!(reader.unconsumed(), 64 * 1024);
}

#[test]
fn a_spent_pool_is_waited_for_and_a_write_takes_what_there_is() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(128).build().unwrap();
    let Pipe { writer, mut reader } = Pipe::new(&PipeOptions::new(&pool));
    let mut writer = StreamWriter::new(writer);
    assert_eq!(now(writer.write(&pattern(200))).unwrap(), 128);
    let (wakes, waker) = Wakes::new();
    let mut write = std::pin::pin!(writer.write(b"more"));
    assert!(poll_once(&waker, write.as_mut()).is_pending());
    now(reader.read()).unwrap().advance_all();
    assert!(wakes.count() >= 1);
    assert!(matches!(poll_once(&waker, write), Poll::Ready(Ok(4))));
}

/// Protocols over a stream poll a flush beside a write that waits, and count on the wake-up of the write.
#[test]
fn a_flush_beside_a_write_that_waits_for_memory_leaves_it_its_wakes() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(64).build().unwrap();
    for reader_goes in [true, false] {
        let only = pool.rent().unwrap();
        let Pipe { writer, reader } = Pipe::new(&PipeOptions::new(&pool));
        let mut writer = StreamWriter::new(writer);
        let (wakes, waker) = Wakes::new();
        assert!(poll_once(&waker, std::pin::pin!(writer.write(b"x"))).is_pending());
        assert!(poll_once(&waker, std::pin::pin!(writer.flush())).is_ready());
        assert_eq!(wakes.count(), 0);
        if reader_goes {
            drop(reader)
        } else {
            drop(only)
        }
        assert_eq!(wakes.count(), 1, "{reader_goes}");
    }
}

#[test]
fn a_flush_lets_go_of_the_block() {
    let (pool, Pipe { writer, mut reader }) = pipe();
    let mut writer = StreamWriter::new(writer);
    now(writer.write(b"message")).unwrap();
    now(writer.flush()).unwrap();
    now(reader.read()).unwrap().advance_all();
    pends(reader.read());
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn closing_is_a_clean_end() {
    let (_, Pipe { writer, mut reader }) = pipe();
    let mut writer = StreamWriter::new(writer);
    now(writer.write(b"the end")).unwrap();
    now(close(&mut writer)).unwrap();
    now(close(&mut writer)).unwrap();
    let view = now(reader.read()).unwrap();
    assert!(view.is_finished());
    assert_eq!(view.buffer(), "the end");
    assert_eq!(now(writer.write(b"x")).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn a_reader_that_is_gone_is_a_broken_pipe() {
    let (_, Pipe { writer, reader }) = pipe();
    let mut writer = StreamWriter::new(writer);
    drop(reader);
    let error = now(writer.write(b"x")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    let error = now(writer.flush()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    assert!(error.get_ref().unwrap().is::<FlushError>());
}

#[test]
fn a_cancelled_wait_is_an_error_once_and_loses_nothing() {
    let (_, Pipe { writer, mut reader }) = pipe();
    let canceller = writer.canceller();
    let mut writer = StreamWriter::new(writer);
    now(writer.write(&[b'a'; 64])).unwrap();
    let (wakes, waker) = Wakes::new();
    {
        let mut write = std::pin::pin!(writer.write(b"b"));
        assert!(poll_once(&waker, write.as_mut()).is_pending());
        canceller.cancel();
        assert_eq!(wakes.count(), 1);
        let Poll::Ready(Err(error)) = poll_once(&waker, write) else { panic!("not cancelled") };
        assert!(error.get_ref().unwrap().is::<Cancelled>());
    }
    now(reader.read()).unwrap().advance_all();
    now(writer.write(b"b")).unwrap();
    assert_eq!(now(reader.read()).unwrap().buffer(), "b");
}

/// The bytes of a write whose own flush is cancelled are published: it is the next call that fails.
#[test]
fn a_cancel_that_meets_a_write_is_told_by_the_next_call() {
    let (_, Pipe { writer, mut reader }) = pipe();
    let canceller = writer.canceller();
    let mut writer = StreamWriter::new(writer);
    canceller.cancel();
    assert_eq!(now(writer.write(b"written")).unwrap(), 7);
    assert_eq!(now(reader.read()).unwrap().buffer(), "written");
    assert!(now(writer.flush()).unwrap_err().get_ref().unwrap().is::<Cancelled>());
    now(writer.flush()).unwrap();
}

#[test]
fn the_end_comes_back_with_everything_that_was_written() {
    let (_, Pipe { writer, mut reader }) = pipe();
    let mut writer = StreamWriter::new(writer);
    now(writer.write(b"head")).unwrap();
    let mut writer = writer.into_inner();
    writer.write(b"pond").unwrap();
    writer.finish().unwrap();
    assert_eq!(now(reader.read()).unwrap().buffer(), "headpond");
}

/// Both newtypes over one pipe, with back-pressure at every turn and pieces of every size.
#[test]
fn a_long_stream_arrives_whole_through_a_small_pipe() {
    let (pool, Pipe { writer, reader }) = pipe();
    let (mut writer, mut reader) = (StreamWriter::new(writer), StreamReader::new(reader));
    let bytes = pattern(50_000);
    let mut read = Vec::new();
    let write = async {
        let mut rest = &bytes[..];
        let mut size = 1;
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(size.min(rest.len()));
            writer.write_all(piece).await?;
            (rest, size) = (behind, size * 7 % 211 + 1);
        }
        close(&mut writer).await
    };
    let (written, end) = block_on(zip(write, reader.read_to_end(&mut read)));
    written.unwrap();
    assert_eq!(end.unwrap(), bytes.len());
    assert_eq!(read, bytes);
    drop((writer, reader));
    assert_eq!(pool.stats().rented, 0);
}
