//! The reader that goes, against whatever its writer does.

use std::task::Poll;

use headpond_pool::{Slice, WriteError};

use super::{
    explore,
    memory::Memory,
    probe::{Probe, ready},
};
use crate::{error::FlushError, sync::modelled::thread, write::PipeWrite};

/// The writer publishes, links the next block and publishes again while the reader closes: each chunk goes back by whoever has it.
#[test]
fn model_close_against_flush() {
    explore(|| {
        let memory = Memory::new(2);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            if writers.try_write(&mut writer, b"bc") {
                let _ = ready(Probe::new().flush(&mut writer));
            }
            writer
        });
        reader.close();
        let mut writer = writing.join().expect("no panic");
        assert!(matches!(ready(Probe::new().flush(&mut writer)), Err(FlushError::Closed(None))));
        memory.assert_all_back();
        drop((writer, reader));
    });
}

/// The reader closes while a flush parks, held back.
#[test]
fn model_close_against_parking_flush() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, reader) = memory.pausing_pipe(1, 1);
        memory.write(&mut writer, b"a");
        let closing = thread::spawn(move || drop(reader));
        let probe = Probe::new();
        let first = probe.flush(&mut writer);
        closing.join().expect("no panic");
        assert!(matches!(probe.settle_flush(first, &mut writer), Err(FlushError::Closed(None))));
        memory.assert_all_back();
        drop(writer);
        probe.assert_forgotten();
    });
}

/// The reader closes while a flush publishes and lets go of its block.
#[test]
fn model_close_against_flush_release() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        memory.write(&mut writer, b"b");
        let flushing = thread::spawn(move || {
            let _ = super::probe::wait(writer.flush_release());
            writer
        });
        reader.close();
        let mut writer = flushing.join().expect("no panic");
        assert!(matches!(writer.reserve(1), Err(WriteError::Closed(None))));
        memory.assert_all_back();
        drop((writer, reader));
    });
}

/// The reader closes while a flush that is held back is dropped.
#[test]
fn model_close_against_dropped_flush() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, reader) = memory.pausing_pipe(1, 1);
        let probe = Probe::new();
        memory.write(&mut writer, b"a");
        assert!(probe.flush(&mut writer).is_pending());
        let closing = thread::spawn(move || drop(reader));
        writer.withdraw();
        closing.join().expect("no panic");
        assert!(probe.wakes() <= 1);
        assert!(matches!(ready(probe.flush(&mut writer)), Err(FlushError::Closed(None))));
        drop(writer);
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// The reader closes over unflushed bytes that the writer then overwrites: their block is not given back under it.
#[test]
fn model_close_against_patch() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let prefix = writer.reserve_prefix(1).expect("memory");
        memory.write(&mut writer, b"bcde");
        let closing = thread::spawn(move || {
            reader.close();
            reader
        });
        let block = memory.address_of(0);
        if writer.patch(&prefix, b"x").is_ok() {
            memory.note_write(block + 1, 1);
        }
        let reader = closing.join().expect("no panic");
        assert!(ready(Probe::new().flush(&mut writer)).is_err());
        memory.assert_all_back();
        drop((writer, reader));
    });
}

/// The reader closes while the writer links foreign memory between the bytes of its block.
#[test]
fn model_close_against_append() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        memory.write(&mut writer, b"b");
        let foreign = Memory::new(2);
        let slice = foreign.slice(b"xy");
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            let _ = writer.append(slice);
            let _ = writers.try_write(&mut writer, b"c");
            writer
        });
        reader.close();
        let mut writer = writing.join().expect("no panic");
        assert!(matches!(writer.append(Slice::from("z")), Err(WriteError::Closed(None))));
        memory.assert_all_back();
        foreign.assert_all_back();
        drop((writer, reader));
    });
}

/// The reader closes while the writer takes up the tail it had let go of, and links another behind it.
#[test]
fn model_close_against_new_claim() {
    explore(|| {
        let memory = Memory::new(2);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        writer.release();
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            if writers.try_write(&mut writer, b"b") {
                let _ = writers.try_write(&mut writer, b"c");
            }
            writer
        });
        reader.close();
        let mut writer = writing.join().expect("no panic");
        assert!(matches!(writer.reserve(1), Err(WriteError::Closed(None))));
        memory.assert_all_back();
        drop((writer, reader));
    });
}

/// The reader closes while the writer finishes, with bytes to publish.
#[test]
fn model_close_against_finish() {
    explore(|| {
        let memory = Memory::new(2);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        memory.write(&mut writer, b"bc");
        let finishing = thread::spawn(move || {
            let _ = writer.finish();
            writer
        });
        reader.close();
        let writer = finishing.join().expect("no panic");
        memory.assert_all_back();
        drop((writer, reader));
    });
}

/// The reader closes while the writer aborts, with an unflushed block behind a block that is published in part.
#[test]
fn model_close_against_abort() {
    explore(|| {
        let memory = Memory::new(2);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        memory.write(&mut writer, b"bc");
        let aborting = thread::spawn(move || {
            writer.abort("broken");
            writer
        });
        reader.close();
        let writer = aborting.join().expect("no panic");
        memory.assert_all_back();
        drop((writer, reader));
    });
}

/// The reader closes having taken the first of two published blocks and not the second, while the writer looks.
#[test]
fn model_close_against_reserve() {
    explore(|| {
        let memory = Memory::new(1);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        reader.peek();
        memory.write(&mut writer, b"bc");
        let writing = thread::spawn(move || {
            let reserved = writer.reserve(1).is_ok();
            (writer, reserved)
        });
        reader.close();
        let (mut writer, _) = writing.join().expect("no panic");
        assert!(writer.reserve(1).is_err());
        memory.assert_all_back();
        drop((writer, reader));
    });
}

/// The reader closes, with an error, while the writer waits for the drain: it learns of one or the other.
#[test]
fn model_close_against_drained() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let closing = thread::spawn(move || reader.close_with("enough"));
        let drained = super::probe::wait(writer.drained());
        assert!(matches!(drained, Err(FlushError::Closed(Some(_)))));
        closing.join().expect("no panic");
        drop(writer);
        memory.assert_all_back();
    });
}

/// The reader goes while the writer is polled again for its close.
#[test]
fn model_close_against_closed_polled_again() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, reader) = memory.pipe();
        let (earlier, later) = (Probe::new(), Probe::new());
        assert!(earlier.closed(&mut writer).is_pending());
        let closing = thread::spawn(move || drop(reader));
        let again = later.closed(&mut writer);
        closing.join().expect("no panic");
        if again == Poll::Pending {
            assert!(later.wakes() >= 1, "the waker of the last poll is the one to call");
            ready(later.closed(&mut writer));
        }
        drop(writer);
        memory.assert_all_back();
        earlier.assert_forgotten();
        later.assert_forgotten();
    });
}
