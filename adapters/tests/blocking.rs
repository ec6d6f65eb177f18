//! The ends for threads: against tasks, against each other, and against the clock.

use std::{
    io::{self, BufRead, ErrorKind, IoSlice, IoSliceMut, Read, Write},
    sync::mpsc,
    thread,
    time::Duration,
};

use futures_lite::{AsyncReadExt, AsyncWriteExt, future::block_on};
use headpond_adapters::{
    Cancelled, Duplex,
    blocking::{BlockingReadExt, BlockingReader, BlockingWriteExt, BlockingWriter},
    duplex,
    futures_io::{FuturesReadExt, FuturesWriteExt, SinkWriter, SourceReader},
};
use headpond_pipe::{CopyError, FlushError, Pipe, PipeOptions, ReadError, Writer};
use headpond_pool::{Block, BlockSource, Pool, PoolError, PoolOptions, WriteError};

const BRIEF: Option<Duration> = Some(Duration::from_millis(1));
const NONE: Option<Duration> = Some(Duration::ZERO);

/// Blocks of 64 bytes, a pause at 64, on again below 32.
fn options() -> (Pool, PipeOptions) {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).build().unwrap();
    let options = PipeOptions::builder(&pool).pause_threshold(64).resume_threshold(32).build().unwrap();
    (pool, options)
}

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 + i / 251) as u8).collect()
}

/// Writes in pieces of every size, and ends.
fn produce(mut writer: BlockingWriter<Writer>, bytes: &[u8]) -> io::Result<()> {
    let (mut rest, mut size) = (bytes, 1);
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(size.min(rest.len()));
        writer.write_all(piece)?;
        (rest, size) = (behind, size * 7 % 211 + 1);
    }
    writer.finish()
}

#[test]
fn a_thread_feeds_a_task() {
    let (pool, options) = options();
    let Pipe { writer, reader } = Pipe::new(&options);
    let bytes = pattern(200_000);
    let read = thread::scope(|scope| {
        let producer = scope.spawn(|| produce(writer.into_blocking(), &bytes));
        let mut read = Vec::new();
        block_on(reader.into_futures_io().read_to_end(&mut read)).unwrap();
        producer.join().unwrap().unwrap();
        read
    });
    assert_eq!(read, bytes);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_task_feeds_a_thread() {
    let (pool, options) = options();
    let Pipe { writer, reader } = Pipe::new(&options);
    let bytes = pattern(200_000);
    let read = thread::scope(|scope| {
        let consumer = scope.spawn(|| {
            let mut read = Vec::new();
            reader.into_blocking().read_to_end(&mut read).map(|_| read)
        });
        let mut writer = writer.into_futures_io();
        block_on(async {
            writer.write_all(&bytes).await?;
            writer.close().await
        })
        .unwrap();
        consumer.join().unwrap().unwrap()
    });
    assert_eq!(read, bytes);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn two_threads_talk_both_ways() {
    let (pool, options) = options();
    let (one, other) = duplex(&options);
    let bytes = pattern(100_000);
    let (read, written) = one.into_blocking().into_split();
    let echo = thread::spawn(move || {
        let mut other = other.into_blocking();
        let mut memory = [0; 100];
        loop {
            match other.read(&mut memory)? {
                0 => return other.finish(),
                n => other.write_all(&memory[..n])?,
            }
        }
    });
    let back = thread::scope(|scope| {
        let producer = scope.spawn(|| produce(written, &bytes));
        let mut back = Vec::new();
        let mut read: BlockingReader = read;
        read.read_to_end(&mut back).unwrap();
        producer.join().unwrap().unwrap();
        back
    });
    echo.join().unwrap().unwrap();
    assert_eq!(back, bytes);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn lines_are_lent_where_they_lie() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    writer.write(b"one\ntwo\nthree").unwrap();
    writer.finish().unwrap();
    let mut reader = reader.into_blocking();
    let lent = reader.fill_buf().unwrap().as_ptr();
    assert_eq!(lent, reader.get_ref().buffer().first_chunk().as_ptr());
    let lines: io::Result<Vec<_>> = reader.lines().collect();
    assert_eq!(lines.unwrap(), ["one", "two", "three"]);
}

#[test]
fn vectored_calls_use_all_the_pieces_and_empty_ones_do_nothing() {
    let (_, options) = options();
    let Pipe { writer, reader } = Pipe::new(&options);
    let (mut writer, mut reader) = (writer.into_blocking(), reader.into_blocking());
    let bytes = pattern(60);
    let pieces = [&bytes[..10], &[], &bytes[10..]].map(IoSlice::new);
    assert_eq!(writer.write_vectored(&pieces).unwrap(), 60);
    let (mut first, mut second) = ([0; 20], [0; 50]);
    let mut pieces = [&mut first[..], &mut [], &mut second].map(|piece: &mut [u8]| IoSliceMut::new(piece));
    assert_eq!(reader.read_vectored(&mut pieces).unwrap(), 60);
    assert_eq!([&first[..], &second[..40]].concat(), bytes);
    assert_eq!(reader.read(&mut []).unwrap(), 0);
    assert_eq!(writer.write(&[]).unwrap(), 0);
}

#[test]
fn a_read_that_takes_too_long_loses_nothing_and_leaves_no_waker() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut reader = reader.into_blocking();
    for timeout in [BRIEF, NONE] {
        reader.set_timeout(timeout);
        assert_eq!(reader.timeout(), timeout);
        assert_eq!(reader.read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(reader.fill_buf().unwrap_err().kind(), ErrorKind::TimedOut);
    }
    writer.write(b"late").unwrap();
    block_on(writer.flush()).unwrap();
    assert_eq!(writer.stats().reader_wakes, 0);
    let mut memory = [0; 8];
    assert_eq!(reader.read(&mut memory).unwrap(), 4);
    assert_eq!(&memory[..4], b"late");
}

#[test]
fn a_write_that_takes_too_long_has_written_nothing() {
    let (_, options) = options();
    let Pipe { writer, mut reader } = Pipe::new(&options);
    let mut writer = writer.into_blocking();
    writer.write_all(&[b'a'; 64]).unwrap();
    for timeout in [BRIEF, NONE] {
        writer.set_timeout(timeout);
        assert_eq!(writer.write(b"b").unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(writer.flush().unwrap_err().kind(), ErrorKind::TimedOut);
    }
    assert_eq!(reader.peek(), [b'a'; 64]);
    let end = reader.peek().end();
    block_on(reader.read()).unwrap().advance(end);
    assert_eq!(reader.stats().writer_wakes, 0);
    writer.write_all(b"c").unwrap();
    writer.finish().unwrap();
    assert_eq!(reader.peek(), "c");
}

#[test]
fn a_wait_for_memory_that_takes_too_long_passes_its_turn_on() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(64).build().unwrap();
    let Pipe { writer, reader: _reader } = Pipe::new(&PipeOptions::new(&pool));
    let mut writer = writer.into_blocking();
    writer.set_timeout(BRIEF);
    let only = pool.rent().unwrap();
    assert_eq!(writer.write(b"x").unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(pool.stats().waiting, 0);
    drop(only);
    assert_eq!(writer.write(b"x").unwrap(), 1);
}

/// A thread that waits is unparked by others, for reasons of theirs, and goes from one thread to another.
#[test]
fn strangers_unpark_and_ends_move() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let mut reader = reader.into_blocking();
    thread::current().unpark();
    reader.set_timeout(BRIEF);
    assert_eq!(reader.read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::TimedOut);
    reader.set_timeout(None);
    let (tell, told) = mpsc::channel();
    let elsewhere = thread::spawn(move || {
        tell.send(thread::current()).unwrap();
        let mut memory = [0; 8];
        reader.read(&mut memory).map(|n| memory[..n].to_vec())
    });
    let waiting = told.recv().unwrap();
    for _ in 0..100 {
        waiting.unpark();
    }
    assert!(!elsewhere.is_finished(), "there is nothing to read yet");
    writer.write(b"moved").unwrap();
    block_on(writer.flush()).unwrap();
    assert_eq!(elsewhere.join().unwrap().unwrap(), b"moved");
}

#[test]
fn endings_are_of_the_same_kinds_as_elsewhere() {
    let (_, options) = options();
    let Pipe { writer, reader } = Pipe::new(&options);
    drop(writer);
    let error = reader.into_blocking().read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);

    let Pipe { writer, reader } = Pipe::new(&options);
    drop(reader);
    let mut writer = writer.into_blocking();
    assert_eq!(writer.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(writer.finish().unwrap_err().kind(), ErrorKind::BrokenPipe);

    let Pipe { writer, reader } = Pipe::new(&options);
    let mut writer = writer.into_blocking();
    writer.finish().unwrap();
    writer.finish().unwrap();
    assert_eq!(writer.write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(reader.into_blocking().read(&mut [0; 1]).unwrap(), 0);
}

/// A thread that waits with no timeout can still be called off.
#[test]
fn a_waiting_thread_is_cancelled_from_another() {
    let (_, options) = options();
    let Pipe { mut writer, reader } = Pipe::new(&options);
    let canceller = reader.canceller();
    let mut reader = reader.into_blocking();
    let waiting = thread::spawn(move || {
        let outcome = reader.read(&mut [0; 1]).map_err(|error| error.get_ref().unwrap().is::<Cancelled>());
        (outcome, reader.into_inner())
    });
    canceller.cancel();
    let (outcome, mut reader) = waiting.join().unwrap();
    assert_eq!(outcome, Err(true));
    writer.write(b"kept").unwrap();
    block_on(writer.flush()).unwrap();
    assert_eq!(reader.peek(), "kept");
}

/// Whatever a timeout cut short is begun again, and nothing is missing or there twice.
#[test]
fn a_task_reads_all_that_a_thread_with_no_patience_writes() {
    let (pool, options) = options();
    let Pipe { writer, reader } = Pipe::new(&options);
    let mut writer = writer.into_blocking();
    writer.set_timeout(NONE);
    let bytes = pattern(50_000);
    let (tell, told) = mpsc::channel();
    let read = thread::scope(|scope| {
        let producer = scope.spawn(|| {
            let (mut rest, mut timeouts) = (&bytes[..], 0);
            while !rest.is_empty() {
                match writer.write(&rest[..rest.len().min(1 + timeouts % 150)]) {
                    Ok(n) => rest = &rest[n..],
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::TimedOut);
                        timeouts += 1;
                        tell.send(timeouts).unwrap();
                        thread::yield_now();
                    }
                }
            }
            writer.set_timeout(None);
            writer.finish().unwrap();
        });
        // Nobody reads before the pipe is full.
        assert_eq!(told.recv().unwrap(), 1);
        let mut read = Vec::new();
        block_on(reader.into_futures_io().read_to_end(&mut read)).unwrap();
        producer.join().unwrap();
        read
    });
    assert!(read == bytes, "{} bytes", read.len());
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn a_thread_with_no_patience_reads_all_that_a_task_writes() {
    let (pool, options) = options();
    let Pipe { writer, reader } = Pipe::new(&options);
    let mut reader = reader.into_blocking();
    reader.set_timeout(NONE);
    let bytes = pattern(50_000);
    let (tell, told) = mpsc::channel();
    let read = thread::scope(|scope| {
        let consumer = scope.spawn(|| {
            let (mut read, mut memory) = (Vec::new(), [0; 100]);
            loop {
                match reader.read(&mut memory) {
                    Ok(0) => return read,
                    Ok(n) => read.extend_from_slice(&memory[..n]),
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::TimedOut);
                        tell.send(()).unwrap();
                        thread::yield_now();
                    }
                }
            }
        });
        // Nobody writes before the reader has run out of patience.
        told.recv().unwrap();
        let mut writer = writer.into_futures_io();
        block_on(async {
            writer.write_all(&bytes).await.unwrap();
            writer.close().await.unwrap();
        });
        consumer.join().unwrap()
    });
    assert!(read == bytes, "{} bytes", read.len());
    drop(reader);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn the_ends_come_back_with_everything_that_was_not_read_and_was_written() {
    let (_, options) = options();
    let Pipe { writer, reader } = Pipe::new(&options);
    let (mut writer, mut reader) = (writer.into_blocking(), reader.into_blocking());
    writer.write_all(b"headpond").unwrap();
    reader.read_exact(&mut [0; 4]).unwrap();
    reader.fill_buf().unwrap();
    let (mut writer, mut reader) = (writer.into_inner(), reader.into_inner());
    assert_eq!(reader.peek(), "pond");
    writer.write(b"s").unwrap();
    writer.finish().unwrap();
    assert_eq!(block_on(reader.read()).unwrap().buffer(), "ponds");
}

/// Takes so many bytes, ten with one call, and then fails.
struct Full {
    taken: Vec<u8>,
    room: usize,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(10).min(self.room - self.taken.len());
        if n == 0 && !bytes.is_empty() {
            return Err(io::Error::from(ErrorKind::StorageFull));
        }
        self.taken.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn everything_is_copied_from_a_stream_and_to_one() {
    let (pool, options) = options();
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    let bytes = pattern(200_000);
    let mut to = Vec::new();
    thread::scope(|scope| {
        let producer = scope.spawn(|| {
            let copied = writer.copy_from_blocking(&mut &bytes[..]);
            writer.finish().unwrap();
            copied.unwrap()
        });
        assert_eq!(reader.copy_to_blocking(&mut to).unwrap(), 200_000);
        assert_eq!(producer.join().unwrap(), 200_000);
    });
    assert_eq!(to, bytes);
    drop(reader);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn what_a_stream_does_not_take_is_still_to_be_read() {
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    let bytes = pattern(100);
    writer.write(&bytes).unwrap();
    writer.finish().unwrap();
    let mut full = Full { taken: Vec::new(), room: 64 };
    let error = reader.copy_to_blocking(&mut full).unwrap_err();
    let is_full = matches!(&error, CopyError::Flush(FlushError::Sink(source))
        if source.downcast_ref::<io::Error>().is_some_and(|source| source.kind() == ErrorKind::StorageFull));
    assert!(is_full, "{error:?}");
    assert_eq!(full.taken, bytes[..64]);
    let mut rest = Vec::new();
    assert_eq!(reader.copy_to_blocking(&mut rest).unwrap(), 36);
    assert_eq!(rest, bytes[64..]);
}

#[test]
fn what_a_stream_gave_before_it_failed_is_written() {
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    /// The other half of the chain fails.
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from(ErrorKind::UnexpectedEof))
        }
    }
    let error = writer.copy_from_blocking(&mut Read::chain(&b"a pond"[..], Broken)).unwrap_err();
    assert!(matches!(error, CopyError::Read(ReadError::Aborted(_))), "{error:?}");
    assert_eq!(reader.peek(), "a pond");
    // This end goes on.
    writer.copy_from_blocking(&mut &b"s"[..]).unwrap();
    assert_eq!(reader.peek(), "a ponds");
}

/// The stream below takes 16 bytes at a time. The timeout is for a failure only, which would otherwise never end.
#[test]
fn who_writes_a_request_and_waits_for_the_answer_need_not_flush() {
    let options = PipeOptions::builder(Pool::new()).pause_threshold(16).resume_threshold(1).build().unwrap();
    let (near, far) = duplex(&options);
    let (reader, writer) = futures_lite::io::split(near);
    let mut near = Duplex::new(SourceReader::new(reader, &options), SinkWriter::new(writer, &options)).into_blocking();
    near.set_read_timeout(Some(Duration::from_secs(60)));
    let mut far = far.into_blocking();
    let answering = thread::spawn(move || {
        let mut question = [0; 64];
        far.read_exact(&mut question)?;
        far.write_all(&question)?;
        far.read_exact(&mut question)?;
        far.write_all(b"!")
    });
    near.write_all(&[7; 64]).unwrap();
    let mut answer = [0; 64];
    near.read_exact(&mut answer).unwrap();
    assert_eq!(answer, [7; 64]);
    near.write_all(&[9; 64]).unwrap();
    assert_eq!(near.fill_buf().unwrap(), b"!");
    answering.join().unwrap().unwrap();
}

/// A thread that writes in place, faster than it is read, over a pool of four blocks: it waits for memory, and for the pause.
#[test]
fn memory_is_waited_for_by_who_writes_in_place() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(256).build().unwrap();
    let bytes = pattern(100_000);
    for pause in [0, 64] {
        let options =
            PipeOptions::builder(&pool).pause_threshold(pause).resume_threshold(pause.min(1)).build().unwrap();
        let Pipe { writer, reader } = Pipe::new(&options);
        let read = thread::scope(|scope| {
            scope.spawn(|| {
                let (mut writer, mut rest, mut size) = (writer.into_blocking(), &bytes[..], 1);
                while !rest.is_empty() {
                    let mut memory = writer.reserve(size).unwrap();
                    assert!(memory.len() >= size);
                    let (piece, behind) = rest.split_at(size.min(rest.len()));
                    memory[..piece.len()].copy_from_slice(piece);
                    memory.advance(piece.len());
                    (rest, size) = (behind, size * 7 % 61 + 1);
                }
                writer.finish().unwrap();
            });
            let mut read = Vec::new();
            block_on(reader.into_futures_io().read_to_end(&mut read)).unwrap();
            read
        });
        assert_eq!(read, bytes);
    }
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn what_cannot_be_waited_for_is_told_at_once() {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(256).build().unwrap();
    let Pipe { writer, mut reader } = Pipe::new(&PipeOptions::new(&pool));
    let mut writer = writer.into_blocking();
    let inside = |error: &io::Error| {
        let typed = error.get_ref().and_then(|inner| inner.downcast_ref::<WriteError>());
        typed.cloned().expect("the typed error stays inside")
    };
    let error = writer.reserve(257).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutOfMemory);
    assert_eq!(inside(&error), PoolError::TooLarge { requested: 257, limit: 256 }.into());
    // All of it at once, when nothing else is out.
    writer.reserve(256).unwrap().advance(256);
    writer.set_timeout(NONE);
    let error = writer.reserve(1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(reader.peek().len(), 256, "what was put in place is published");
    drop(reader);
    assert_eq!(writer.reserve(1).unwrap_err().kind(), ErrorKind::BrokenPipe);
    // A source whose memory is not waited for.
    let Pipe { writer, reader: _reader } = Pipe::new(&PipeOptions::new(&Spent));
    let error = writer.into_blocking().reserve(1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutOfMemory);
    assert!(inside(&error).is_exhausted());
}

#[derive(Debug, Clone)]
struct Spent;

impl BlockSource for Spent {
    fn block_size(&self) -> usize {
        64
    }

    fn rent(&self, min: usize) -> Result<Block, PoolError> {
        Err(PoolError::Exhausted { requested: min, limit: 0 })
    }
}

#[test]
fn both_directions_are_written_in_place() {
    let (pool, options) = options();
    let (one, other) = duplex(&options);
    let (mut one, mut other) = (one.into_blocking(), other.into_blocking());
    let mut memory = one.reserve(4).unwrap();
    memory[..4].copy_from_slice(b"pond");
    memory.advance(4);
    write!(one, " no. {}", 7).unwrap();
    one.finish().unwrap();
    let mut text = String::new();
    other.read_to_string(&mut text).unwrap();
    assert_eq!(text, "pond no. 7");
    drop((one, other));
    assert_eq!(pool.stats().rented, 0);
}
