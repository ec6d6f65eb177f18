//! The end of the stream, from the writer's side.

use std::io;

use super::{
    explore,
    memory::Memory,
    probe::{Probe, ready, wait},
};
use crate::{error::ReadError, read::ReadStatus, reader::Reader, sync::modelled::thread};

/// Reads to the end. Returns what came, and how it ended.
fn read_to_end(memory: &Memory, reader: &mut Reader) -> (Vec<u8>, Result<(), ReadError>) {
    let mut received = Vec::new();
    loop {
        let view = match wait(reader.read()) {
            Ok(view) => view,
            Err(error) => return (received, Err(error)),
        };
        received.extend(memory.read(view.buffer()));
        let finished = view.is_finished();
        view.advance_all();
        if finished {
            return (received, Ok(()));
        }
    }
}

/// The reader takes the bytes of the first flush, and sees the end before it sees those that were published with it.
#[test]
fn model_end_against_last_flush() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            writers.write(&mut writer, b"a");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writers.write(&mut writer, b"b");
            writer.finish().expect("finished");
            writer
        });
        let (received, end) = read_to_end(&memory, &mut reader);
        assert_eq!(received, b"ab");
        assert!(end.is_ok());
        assert_eq!(memory.out(), 0, "everything is consumed, and nobody fills a block any more");
        drop((writing.join().expect("no panic"), reader));
        memory.assert_all_back();
    });
}

/// The end comes with nothing to publish, while the reader parks.
#[test]
fn model_finish_against_parking_read() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let finishing = thread::spawn(move || {
            writer.finish().expect("finished");
            writer
        });
        let probe = Probe::new();
        let first = probe.read(&mut reader, 3);
        let writer = finishing.join().expect("no panic");
        let status = probe.settle(first, &mut reader, 3).expect("read");
        assert_eq!(status, ReadStatus::new(true, false));
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// The writer gives its last block back, or leaves it released, as the reader consumes the last byte of it.
#[test]
fn model_finish_against_advance() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"ab");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let finishing = thread::spawn(move || {
            writer.finish().expect("finished");
            writer
        });
        assert_eq!(memory.read(reader.peek()), b"ab");
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        let writer = finishing.join().expect("no panic");
        assert!(ready(Probe::new().read(&mut reader, 0)).expect("read").is_finished());
        assert_eq!(memory.out(), 0, "everything is consumed, and nobody fills a block any more");
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// The stream is aborted with published and unflushed bytes while the reader drains it: it gets what was published, in whatever
/// portions, and then the error.
#[test]
fn model_abort_against_drain() {
    explore(|| {
        let memory = Memory::new(2);
        let (mut writer, mut reader) = memory.pipe();
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            writers.write(&mut writer, b"abc");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writers.write(&mut writer, b"de");
            writer.abort(io::Error::other("broken"));
            writer
        });
        let (received, end) = read_to_end(&memory, &mut reader);
        assert_eq!(received, b"abc");
        assert!(matches!(end, Err(ReadError::Aborted(_))));
        assert_eq!(memory.out(), 0, "everything is consumed, and nobody fills a block any more");
        drop((writing.join().expect("no panic"), reader));
        memory.assert_all_back();
    });
}

/// The reader consumes a chunk that is followed by an unflushed one, which the abort gives back meanwhile.
#[test]
fn model_abort_with_unflushed_blocks_against_advance() {
    explore(|| {
        let memory = Memory::new(2);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        memory.write(&mut writer, b"bcde");
        let aborting = thread::spawn(move || {
            writer.abort(io::Error::other("broken"));
            writer
        });
        assert_eq!(memory.read(reader.peek()), b"a");
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        let writer = aborting.join().expect("no panic");
        assert!(ready(Probe::new().read(&mut reader, 0)).is_err());
        assert_eq!(memory.out(), 0, "everything published is consumed");
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// The writer is dropped while the reader parks.
#[test]
fn model_writer_dropped_against_parking_read() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        let dropping = thread::spawn(move || drop(writer));
        let probe = Probe::new();
        let first = probe.read(&mut reader, 0);
        dropping.join().expect("no panic");
        assert!(matches!(probe.settle(first, &mut reader, 0), Err(ReadError::Aborted(_))));
        drop(reader);
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// The writer is dropped while the reader advances over its last published byte.
#[test]
fn model_writer_dropped_against_advance() {
    explore(|| {
        let memory = Memory::new(2);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"ab");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        memory.write(&mut writer, b"c");
        let dropping = thread::spawn(move || drop(writer));
        assert_eq!(memory.read(reader.peek()), b"ab");
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        dropping.join().expect("no panic");
        drop(reader);
        memory.assert_all_back();
    });
}

/// The writer is dropped, its tail let go of, while the reader tries, and so takes the tail itself.
#[test]
fn model_writer_dropped_against_try_read() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        writer.release();
        let end = reader.peek().end();
        reader.advance_to(end, end);
        let dropping = thread::spawn(move || drop(writer));
        match reader.try_read() {
            Ok(view) => assert!(view.is_none(), "nothing is published, and the end is no clean one"),
            Err(error) => assert!(matches!(error, ReadError::Aborted(_))),
        }
        dropping.join().expect("no panic");
        assert!(matches!(reader.try_read(), Err(ReadError::Aborted(_))));
        assert_eq!(memory.out(), 0, "everything is consumed, and nobody fills a block any more");
        drop(reader);
    });
}

/// The writer is dropped, its flush held back, while the reader asks for more than that would ever publish.
#[test]
fn model_writer_dropped_against_demanding_read() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(1, 1);
        memory.write(&mut writer, b"a");
        let flush = Probe::new();
        assert!(flush.flush(&mut writer).is_pending());
        let dropping = thread::spawn(move || drop(writer));
        let probe = Probe::new();
        let first = probe.read(&mut reader, 3);
        dropping.join().expect("no panic");
        // What is published comes before the error, though it is less than was asked for.
        assert_eq!(probe.settle(first, &mut reader, 3).expect("a byte is unexamined"), ReadStatus::default());
        assert_eq!(memory.read(reader.buffer()), b"a");
        drop(reader);
        memory.assert_all_back();
        probe.assert_forgotten();
        flush.assert_forgotten();
    });
}

/// The writer is dropped while the reader moves a chunk that both know on to another pipe, and lets go of it.
#[test]
fn model_writer_dropped_against_transfer() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let (mut target, mut received) = memory.pipe();
        memory.write(&mut writer, b"ab");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let dropping = thread::spawn(move || drop(writer));
        assert_eq!(reader.transfer(&mut target, 2).expect("an open pipe"), 2);
        drop(reader);
        dropping.join().expect("no panic");
        ready(Probe::new().flush(&mut target)).expect("flushed");
        assert_eq!(memory.read(received.peek()), b"ab");
        assert_eq!(memory.out(), 1, "the one block is the other pipe's");
        drop((target, received));
        memory.assert_all_back();
    });
}

/// Both ends are dropped at once, with bytes published, bytes unflushed, a canceller of each that outlives them.
#[test]
fn model_both_ends_dropped() {
    explore(|| {
        let memory = Memory::new(2);
        let (mut writer, reader) = memory.pipe();
        let cancellers = (reader.canceller(), writer.canceller());
        memory.write(&mut writer, b"abc");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        memory.write(&mut writer, b"de");
        let dropping = thread::spawn(move || drop(writer));
        drop(reader);
        dropping.join().expect("no panic");
        memory.assert_all_back();
        cancellers.0.cancel();
        cancellers.1.cancel();
    });
}
