//! Two ends that face each other, as streams.

use std::{
    io::{self, IoSlice},
    task::Poll,
};

use futures_lite::future::{block_on, zip};
use headpond_adapters::{Cancelled, Duplex, duplex};
use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::{Pool, PoolOptions};

use crate::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, close,
    polling::{Wakes, now, pattern, pends, poll_once},
};

/// Blocks of 64 bytes, a window of 128, on again below 32.
fn options() -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    let options = PipeOptions::builder(&pool).pause_threshold(128).resume_threshold(32).build().unwrap();
    (pool, options)
}

#[test]
fn what_is_written_to_one_end_is_read_from_the_other() {
    let (_, options) = options();
    let (mut one, mut other) = duplex(&options);
    assert_eq!(now(one.write(b"to the other")).unwrap(), 12);
    assert_eq!(now(other.write(b"to the one")).unwrap(), 10);
    let mut memory = [0; 20];
    assert_eq!(now(other.read(&mut memory)).unwrap(), 12);
    assert_eq!(&memory[..12], b"to the other");
    assert_eq!(now(one.fill_buf()).unwrap(), b"to the one");
    one.consume(7);
    assert_eq!(now(one.read(&mut memory)).unwrap(), 3);
    assert_eq!(&memory[..3], b"one");
    pends(one.read(&mut memory));
    pends(other.read(&mut memory));
}

#[test]
fn a_dropped_end_is_the_end_behind_everything_written() {
    let (pool, options) = options();
    let (mut one, mut other) = duplex(&options);
    now(one.write(&pattern(100))).unwrap();
    drop(one);
    let mut read = Vec::new();
    block_on(other.read_to_end(&mut read)).unwrap();
    assert_eq!(read, pattern(100));
    assert_eq!(now(other.read(&mut [0; 1])).unwrap(), 0, "the end stays the end");
    assert_eq!(now(other.write(b"x")).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    now(other.flush()).unwrap();
    now(close(&mut other)).unwrap();
    drop(other);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_dropped_end_wakes_whoever_waits_for_it() {
    let (_, options) = options();
    let (mut one, other) = duplex(&options);
    now(one.write(&[0; 128])).unwrap();
    let (mut one, mut waiting) = one.into_split();
    let (wakes, waker) = Wakes::new();
    {
        let mut read = std::pin::pin!(one.read());
        let mut flush = std::pin::pin!(waiting.flush());
        assert!(poll_once(&waker, read.as_mut()).is_pending());
        assert!(poll_once(&waker, flush.as_mut()).is_pending());
        drop(other);
        assert_eq!(wakes.count(), 2);
        assert!(matches!(poll_once(&waker, read), Poll::Ready(Ok(view)) if view.is_finished()));
        assert!(matches!(poll_once(&waker, flush), Poll::Ready(Err(_))));
    }
}

#[test]
fn closing_one_direction_leaves_the_other() {
    let (_, options) = options();
    let (mut one, mut other) = duplex(&options);
    now(one.write(b"request")).unwrap();
    now(close(&mut one)).unwrap();
    now(close(&mut one)).unwrap();
    assert_eq!(now(one.write(b"x")).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    let mut request = String::new();
    block_on(other.read_to_string(&mut request)).unwrap();
    now(other.write(b"reply")).unwrap();
    now(close(&mut other)).unwrap();
    let mut reply = String::new();
    block_on(one.read_to_string(&mut reply)).unwrap();
    assert_eq!((&request[..], &reply[..]), ("request", "reply"));
}

#[test]
fn a_write_takes_a_window_at_most_and_the_next_waits_while_that_is_unread() {
    let (_, options) = options();
    let (mut one, mut other) = duplex(&options);
    let bytes = pattern(200);
    assert_eq!(now(one.write(&bytes)).unwrap(), 128);
    let (wakes, waker) = Wakes::new();
    {
        let mut write = std::pin::pin!(one.write(&bytes[128..]));
        assert!(poll_once(&waker, write.as_mut()).is_pending());
        let mut memory = [0; 96];
        now(other.read(&mut memory)).unwrap();
        assert_eq!(wakes.count(), 0, "32 bytes are unread");
        now(other.read(&mut memory[..1])).unwrap();
        assert_eq!(wakes.count(), 1);
        assert!(matches!(poll_once(&waker, write), Poll::Ready(Ok(72))));
    }
    drop(one);
    let mut rest = Vec::new();
    block_on(other.read_to_end(&mut rest)).unwrap();
    assert_eq!(rest, bytes[97..]);
}

#[test]
fn a_window_of_one_byte_carries_one_byte_at_a_time() {
    let pool = Pool::new();
    let options = PipeOptions::builder(&pool).pause_threshold(1).resume_threshold(1).build().unwrap();
    let (mut one, mut other) = duplex(&options);
    for byte in b"slowly" {
        assert_eq!(now(one.write(&[*byte; 9])).unwrap(), 1);
        pends(one.write(b"x"));
        let mut memory = [0; 9];
        assert_eq!(now(other.read(&mut memory)).unwrap(), 1);
        assert_eq!(memory[0], *byte);
    }
}

#[test]
fn without_a_threshold_a_write_is_bounded_and_none_waits() {
    let pool = Pool::new();
    let (mut one, other) = duplex(&PipeOptions::builder(&pool).pause_threshold(0).build().unwrap());
    for _ in 0..3 {
        assert_eq!(now(one.write(&vec![0; 1 << 20])).unwrap(), 64 * 1024);
    }
    assert_eq!(other.reader().unconsumed(), 3 * 64 * 1024);
}

/// A task that writes, flushes and only then reads at the other end must not wait for itself.
#[test]
fn a_flush_does_not_wait_for_the_peer_and_the_next_write_still_does() {
    let (_, options) = options();
    let (mut one, mut other) = duplex(&options);
    now(one.write(&[0; 128])).unwrap();
    now(one.flush()).unwrap();
    pends(one.write(b"x"));
    now(one.flush()).unwrap();
    pends(one.write(b"x"));
    block_on(other.read_exact(&mut [0; 128])).unwrap();
    assert_eq!(now(one.write(b"x")).unwrap(), 1);
}

/// Protocols over a stream poll a flush beside a write that waits, and count on the wake-up of the write.
#[test]
fn a_flush_beside_a_write_that_waits_leaves_it_its_wake() {
    let (pool, options) = options();
    let (mut one, mut other) = duplex(&options);
    now(one.write(&[0; 128])).unwrap();
    let (wakes, waker) = Wakes::new();
    assert!(poll_once(&waker, std::pin::pin!(one.write(b"x"))).is_pending());
    assert!(poll_once(&waker, std::pin::pin!(one.flush())).is_ready());
    assert_eq!(wakes.count(), 0);
    block_on(other.read_exact(&mut [0; 128])).unwrap();
    assert_eq!(wakes.count(), 1);
    // The write was dropped, so that nothing waits: a flush neither wakes nor holds a block.
    assert!(poll_once(&waker, std::pin::pin!(one.flush())).is_ready());
    assert!(poll_once(&waker, std::pin::pin!(one.flush())).is_ready());
    assert!(wakes.count() <= 2, "{}", wakes.count());
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn an_idle_pair_holds_no_block_though_nobody_flushes() {
    let (pool, options) = options();
    let (mut one, mut other) = duplex(&options);
    for size in [1, 63, 64, 65, 128] {
        now(one.write(&pattern(size))).unwrap();
        now(other.write(&pattern(size))).unwrap();
        for end in [&mut one, &mut other] {
            let mut read = vec![0; size];
            block_on(end.read_exact(&mut read)).unwrap();
            assert_eq!(read, pattern(size));
        }
        assert_eq!(pool.stats().rented, 0, "after {size} bytes");
    }
}

/// Giving the block back looks at the pipe, and must leave there what is for the next read.
#[test]
fn a_cancel_that_comes_while_there_are_bytes_is_told_behind_them() {
    let (_, options) = options();
    let (mut one, mut other) = duplex(&options);
    now(one.write(b"bytes")).unwrap();
    now(other.fill_buf()).unwrap();
    other.reader().canceller().cancel();
    assert_eq!(now(other.read(&mut [0; 9])).unwrap(), 5);
    assert!(now(other.read(&mut [0; 9])).unwrap_err().get_ref().unwrap().is::<Cancelled>());
    pends(other.read(&mut [0; 9]));
}

#[test]
fn reads_and_writes_of_nothing_do_nothing() {
    let (pool, options) = options();
    let (mut one, mut other) = duplex(&options);
    assert_eq!(now(one.read(&mut [])).unwrap(), 0);
    assert_eq!(now(one.write(&[])).unwrap(), 0);
    assert_eq!(now(one.write_vectored(&[IoSlice::new(&[])])).unwrap(), 0);
    assert_eq!(pool.stats().rented, 0);
    now(one.write(&[0; 128])).unwrap();
    assert_eq!(now(one.write(&[])).unwrap(), 0, "even while paused");
    assert_eq!(now(other.read(&mut [])).unwrap(), 0);
    assert_eq!(other.reader_mut().peek().len(), 128);
}

#[test]
fn a_vectored_write_takes_all_the_pieces_up_to_the_window() {
    let (_, options) = options();
    let (mut one, mut other) = duplex(&options);
    let bytes = pattern(200);
    let pieces = [&bytes[..10], &[], &bytes[10..100], &bytes[100..]].map(IoSlice::new);
    assert_eq!(now(one.write_vectored(&pieces)).unwrap(), 128);
    assert_eq!(other.reader_mut().peek(), bytes[..128]);
}

#[test]
fn the_ends_come_back_with_everything_that_was_not_read_and_was_written() {
    let (_, options) = options();
    let (mut one, mut other) = duplex(&options);
    now(other.write(b"headpond")).unwrap();
    now(one.read(&mut [0; 4])).unwrap();
    pends(other.read(&mut [0; 4]));
    now(one.write(b"both ")).unwrap();
    let (mut reader, mut writer) = one.into_split();
    assert_eq!(reader.peek(), "pond");
    writer.write(b"ways").unwrap();
    drop(writer);
    let mut text = String::new();
    block_on(other.read_to_string(&mut text)).unwrap();
    assert_eq!(text, "both ways");
}

/// One side speaks streams, the other the pipe's own traits.
#[test]
fn an_end_is_a_pipes_end_as_well() {
    let (_, options) = options();
    let (mut stream, mut native) = duplex(&options);
    now(stream.write(b"question")).unwrap();
    {
        let view = now(headpond_pipe::PipeReadExt::read(&mut native)).unwrap();
        assert_eq!(view.buffer(), "question");
        view.advance_all();
    }
    headpond_pool::BufferWriter::append(&mut native, "answer".into()).unwrap();
    // A flush of the stream publishes what was written in place.
    now(native.flush()).unwrap();
    let mut memory = [0; 9];
    assert_eq!(now(stream.read(&mut memory)).unwrap(), 6);
}

/// Any two ends make a stream, with the manners of their newtypes.
#[test]
fn ends_that_do_not_face_each_other_are_joined_too() {
    let (pool, options) = options();
    let (there, back) = (Pipe::new(&options), Pipe::new(&options));
    let mut one = Duplex::new(back.reader, there.writer);
    let mut other = Duplex::new(there.reader, back.writer);
    let bytes = pattern(20_000);
    let exchange = zip(
        async {
            one.write_all(&bytes).await?;
            close(&mut one).await
        },
        async {
            let mut read = Vec::new();
            other.read_to_end(&mut read).await?;
            io::Result::Ok(read)
        },
    );
    let (written, read) = block_on(exchange);
    written.unwrap();
    assert_eq!(read.unwrap(), bytes);
    drop(other);
    let error = now(one.read(&mut [0; 1])).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "these options say so");
    assert_eq!(pool.stats().rented, 0);
}
