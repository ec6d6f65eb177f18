//! The block being filled: let go of by the writer, taken by the reader, taken up again, waited for.

use std::task::Poll;

use headpond_pool::{PoolOptions, WriteError};

use super::{
    explore,
    memory::Memory,
    probe::{Probe, ready, wait},
};
use crate::{options::PipeOptions, pipe::Pipe, sync::modelled::thread};

/// The reader parks with everything consumed and takes the released tail, while the writer claims it for more.
#[test]
fn model_tail_taken_against_new_claim() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        writer.release();
        assert_eq!(memory.read(reader.peek()), b"a");
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            writers.write(&mut writer, b"b");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writer
        });
        let probe = Probe::new();
        let first = probe.read(&mut reader, 0);
        let writer = writing.join().expect("no panic");
        probe.settle(first, &mut reader, 0).expect("read");
        assert_eq!(memory.read(reader.buffer()), b"b");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// The writer lets go of a tail that the parking reader has not seen released: one of them gives it back.
#[test]
fn model_release_against_parking_read() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let releasing = thread::spawn(move || {
            writer.release();
            writer
        });
        assert_eq!(memory.read(reader.peek()), b"a");
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        let probe = Probe::new();
        assert!(probe.read(&mut reader, 0).is_pending());
        let mut writer = releasing.join().expect("no panic");
        assert_eq!(memory.out(), 0, "an idle pipe holds a block");
        memory.write(&mut writer, b"b");
        ready(probe.flush(&mut writer)).expect("flushed");
        assert_eq!(probe.wakes(), 1);
        ready(probe.read(&mut reader, 0)).expect("read");
        assert_eq!(memory.read(reader.buffer()), b"b");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// The writer lets go and takes up again, while the reader, with nothing to read, tries.
#[test]
fn model_release_and_reserve_against_try_read() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let end = reader.peek().end();
        reader.advance_to(reader.buffer().start(), end);
        let writers = memory.clone();
        let releasing = thread::spawn(move || {
            writer.release();
            writers.write(&mut writer, b"b");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writer
        });
        reader.advance_to(end, end);
        let _ = reader.try_read().expect("no error");
        // Whether it found a byte, or met one as it took the tail.
        let early = memory.read(reader.buffer());
        let writer = releasing.join().expect("no panic");
        assert!(early.is_empty() || early == b"b");
        assert_eq!(memory.read(reader.peek()), b"b");
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// The writer lets go of its tail while the reader closes.
#[test]
fn model_release_against_close() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let releasing = thread::spawn(move || {
            writer.release();
            writer
        });
        reader.close();
        let mut writer = releasing.join().expect("no panic");
        assert!(matches!(writer.reserve(1), Err(WriteError::Closed(None))));
        memory.assert_all_back();
        drop((writer, reader));
    });
}

/// The writer goes on to a new block while the reader consumes the last byte of the one before: that goes back by one of them,
/// at the latest when the reader finds nothing more.
#[test]
fn model_new_block_against_advance() {
    explore(|| {
        let memory = Memory::new(1);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let writing = thread::spawn(move || {
            let _ = writer.reserve(1).expect("memory");
            writer
        });
        assert_eq!(memory.read(reader.peek()), b"a");
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        let writer = writing.join().expect("no panic");
        assert!(reader.try_read().expect("no error").is_none());
        assert_eq!(memory.out(), 1, "with nothing unconsumed a pipe holds the block being filled");
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// The writer fills the last block there is, which the reader is done with as a new one is asked for: it is that one.
#[test]
fn model_reserve_against_advance() {
    explore(|| {
        let memory = Memory::limited(1, 1);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let writing = thread::spawn(move || {
            let _ = writer.reserve(1).is_ok();
            writer
        });
        assert_eq!(memory.read(reader.peek()), b"a");
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        let mut writer = writing.join().expect("no panic");
        assert!(writer.reserve(1).is_ok());
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// The last block is in the pipe: the writer waits for it, registers, and parks, while the reader's advance gives it back.
#[test]
fn model_reserve_async_against_advance() {
    explore(|| {
        let memory = Memory::limited(1, 1);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        writer.release();
        assert_eq!(memory.read(reader.peek()), b"a");
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            let _ = wait(writer.reserve_async(1)).expect("memory");
            writers.write(&mut writer, b"b");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writer
        });
        let probe = Probe::new();
        let first = probe.read(&mut reader, 0);
        let writer = writing.join().expect("no panic");
        probe.settle(first, &mut reader, 0).expect("read");
        assert_eq!(memory.read(reader.buffer()), b"b");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// The last block holds the bytes that the reader is about to consume, and the writer, which waits for memory, still fills it: it
/// lets go of it, so that it comes back.
#[test]
fn model_reserve_async_for_its_own_block() {
    explore(|| {
        let memory = Memory::limited(1, 1);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let writing = thread::spawn(move || {
            let probe = Probe::new();
            let first = probe.reserve(&mut writer);
            (writer, probe, first)
        });
        assert_eq!(memory.read(reader.peek()), b"a");
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        assert!(reader.try_read().expect("no error").is_none());
        let (mut writer, probe, first) = writing.join().expect("no panic");
        assert!(reader.try_read().expect("no error").is_none());
        if first.is_pending() {
            assert_eq!(probe.wakes(), 1);
            ready(probe.reserve(&mut writer)).expect("memory");
        }
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// The reader closes while the writer parks in the pool's queue, for memory that nobody gives back: the writer leaves the queue.
#[test]
fn model_reserve_async_against_close() {
    explore(|| {
        let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(64).build().expect("the options hold");
        let elsewhere = pool.rent().expect("memory");
        let (mut writer, mut reader) = Pipe::new(&PipeOptions::new(&pool)).split();
        let closing = thread::spawn(move || {
            reader.close();
            reader
        });
        let probe = Probe::new();
        let first = probe.reserve(&mut writer);
        let reader = closing.join().expect("no panic");
        let reserved = match first {
            Poll::Ready(reserved) => reserved,
            Poll::Pending => {
                assert_eq!(probe.wakes(), 1);
                ready(probe.reserve(&mut writer))
            }
        };
        assert!(matches!(reserved, Err(WriteError::Closed(None))));
        drop(elsewhere);
        assert!(pool.rent().is_ok(), "nobody is in line");
        drop((writer, reader));
        assert_eq!(pool.stats().rented, 0);
        probe.assert_forgotten();
    });
}

/// The same between a pipe and its pool: the last block comes back by the reader's advance while the writer joins the queue.
#[test]
fn model_reserve_async_of_a_pool_against_advance() {
    explore(|| {
        let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(64).build().expect("the options hold");
        let (mut writer, mut reader) = Pipe::new(&PipeOptions::new(&pool)).split();
        writer.write(&[7; 64]).expect("memory");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        writer.release();
        let writing = thread::spawn(move || {
            let probe = Probe::new();
            let first = probe.reserve(&mut writer);
            (writer, probe, first)
        });
        let end = reader.peek().end();
        reader.advance_to(end, end);
        assert!(reader.try_read().expect("no error").is_none());
        let (mut writer, probe, first) = writing.join().expect("no panic");
        assert!(reader.try_read().expect("no error").is_none());
        if first.is_pending() {
            assert_eq!(probe.wakes(), 1);
            ready(probe.reserve(&mut writer)).expect("memory");
        }
        drop((writer, reader));
        assert_eq!(pool.stats().rented, 0);
        probe.assert_forgotten();
    });
}

/// Between the reader's look and its take the writer takes the tail up, flushes more into it, and lets go again.
#[test]
fn model_tail_let_go_twice_against_try_read() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        writer.release();
        let end = reader.peek().end();
        reader.advance_to(end, end);
        let writers = memory.clone();
        let releasing = thread::spawn(move || {
            writers.write(&mut writer, b"b");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writer.release();
            writer
        });
        let _ = reader.try_read().expect("no error");
        let _ = memory.read(reader.buffer());
        let writer = releasing.join().expect("no panic");
        assert_eq!(memory.read(reader.peek()), b"b");
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// Everything is consumed; the reader closes while the writer gives its tail back and links another.
#[test]
fn model_close_after_consuming_against_link() {
    explore(|| {
        let memory = Memory::new(1);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let end = reader.peek().end();
        reader.advance_to(end, end);
        let writing = thread::spawn(move || {
            let _ = writer.reserve(1).is_ok();
            writer
        });
        reader.close();
        let mut writer = writing.join().expect("no panic");
        assert!(writer.reserve(1).is_err());
        memory.assert_all_back();
        drop((writer, reader));
    });
}

/// The writer releases a tail of which something is unconsumed, while the reader consumes it and parks: it goes back all the same.
#[test]
fn model_release_of_unconsumed_bytes_against_parking_read() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"ab");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let start = reader.peek().start();
        reader.advance_to(start + 1, start + 1);
        let releasing = thread::spawn(move || {
            writer.release();
            writer
        });
        let end = reader.peek().end();
        reader.advance_to(end, end);
        assert!(Probe::new().read(&mut reader, 0).is_pending());
        let writer = releasing.join().expect("no panic");
        memory.assert_all_back();
        drop((writer, reader));
    });
}

/// Two pipes share a source of one block: the writer of one waits for what the reader of the other gives back.
#[test]
fn model_block_of_one_pipe_serves_the_other() {
    explore(|| {
        let memory = Memory::limited(4, 1);
        let ((mut first, mut reader), (mut second, other)) = (memory.pipe(), memory.pipe());
        memory.write(&mut first, b"a");
        ready(Probe::new().flush(&mut first)).expect("flushed");
        first.release();
        let reading = thread::spawn(move || {
            let end = reader.peek().end();
            reader.advance_to(end, end);
            assert!(Probe::new().read(&mut reader, 0).is_pending());
            reader
        });
        let probe = Probe::new();
        let waiting = probe.reserve(&mut second);
        let reader = reading.join().expect("no panic");
        if waiting.is_pending() {
            assert_eq!(probe.wakes(), 1, "the block is there");
            ready(probe.reserve(&mut second)).expect("a block");
        }
        assert!(memory.try_write(&mut second, b"b"));
        drop((first, reader, second, other));
        memory.assert_all_back();
    });
}

/// The writer releases a tail whose reader has parked, or parks, with bytes of it examined and not consumed: they stay.
#[test]
fn model_release_against_a_reader_that_parks_over_unconsumed_bytes() {
    explore(|| {
        let memory = Memory::limited(4, 1);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"ab");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let releasing = thread::spawn(move || {
            writer.release();
            writer
        });
        let view = reader.peek();
        let (start, end) = (view.start(), view.end());
        reader.advance_to(start, end);
        assert!(Probe::new().read(&mut reader, 0).is_pending());
        let mut writer = releasing.join().expect("no panic");
        assert!(!memory.try_write(&mut writer, b"cdef"), "the one block is not there to be used again");
        assert_eq!(memory.read(reader.peek()), b"ab");
        drop((writer, reader));
        memory.assert_all_back();
    });
}
