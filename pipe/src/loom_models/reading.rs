//! A reader that waits, against what it waits for.

use std::task::Poll;

use super::{
    explore,
    memory::Memory,
    probe::{Probe, ready, wait},
};
use crate::{read::PipeRead, sync::modelled::thread};

/// The reader finds nothing, the writer publishes and sees nobody waiting, the reader parks.
#[test]
fn model_flush_against_parking_read() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            writers.write(&mut writer, b"ab");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writer
        });
        let probe = Probe::new();
        let first = probe.read(&mut reader, 0);
        let writer = writing.join().expect("no panic");
        probe.settle(first, &mut reader, 0).expect("read");
        assert_eq!(memory.read(reader.buffer()), b"ab");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// The writer reads the target of a reader that waits for 3 bytes, publishes 2, and leaves the reader alone, which meanwhile was
/// dropped and asked again for 1.
#[test]
fn model_read_at_least_asked_again_for_less() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let greedy = Probe::new();
        assert!(greedy.read(&mut reader, 3).is_pending());
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            writers.write(&mut writer, b"ab");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writer
        });
        reader.withdraw();
        let modest = Probe::new();
        let first = modest.read(&mut reader, 1);
        let writer = writing.join().expect("no panic");
        if first.is_pending() {
            assert_eq!(modest.wakes(), 1);
            ready(modest.read(&mut reader, 1)).expect("read");
        }
        assert_eq!(greedy.wakes(), 0, "2 bytes are not 3");
        assert_eq!(memory.read(reader.buffer()), b"ab");
        drop((writer, reader));
        memory.assert_all_back();
        greedy.assert_forgotten();
        modest.assert_forgotten();
    });
}

/// The first of two flushes sees the reader waiting, but not for so little; the second meets the target: one wake, not two.
#[test]
fn model_two_flushes_against_read_at_least() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            for byte in [b"a", b"b"] {
                writers.write(&mut writer, byte);
                ready(Probe::new().flush(&mut writer)).expect("flushed");
            }
            writer
        });
        let probe = Probe::new();
        let first = probe.read(&mut reader, 2);
        let writer = writing.join().expect("no panic");
        probe.settle(first, &mut reader, 2).expect("read");
        assert_eq!(memory.read(reader.buffer()), b"ab");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// A flush claims the waker of a reader that is polled again just then, by its own doing, with another waker: the cell is being
/// emptied while the reader is about to fill it.
#[test]
fn model_poll_again_against_wake() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let (earlier, later) = (Probe::new(), Probe::new());
        assert!(earlier.read(&mut reader, 2).is_pending());
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            writers.write(&mut writer, b"ab");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writer
        });
        let second = later.read(&mut reader, 2);
        let writer = writing.join().expect("no panic");
        if second.is_pending() {
            assert!(later.wakes() >= 1, "the waker of the last poll is the one to call");
            ready(later.read(&mut reader, 2)).expect("read");
        }
        assert_eq!(memory.read(reader.buffer()), b"ab");
        drop((writer, reader));
        memory.assert_all_back();
        earlier.assert_forgotten();
        later.assert_forgotten();
    });
}

/// A reader that waits for one byte is being woken for it, and asks for more instead: it does not fill the cell that is being
/// emptied, and is polled again.
#[test]
fn model_asked_for_more_against_wake() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let probe = Probe::new();
        assert!(probe.read(&mut reader, 1).is_pending());
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            writers.write(&mut writer, b"a");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writer
        });
        let more = Probe::new();
        assert!(more.read(&mut reader, 2).is_pending());
        let mut writer = writing.join().expect("no panic");
        if more.wakes() == 1 {
            assert!(more.read(&mut reader, 2).is_pending());
        }
        memory.write(&mut writer, b"b");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        assert!(more.wakes() >= 1);
        ready(more.read(&mut reader, 2)).expect("read");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
        more.assert_forgotten();
    });
}

/// A canceller and a flush both see the reader waiting: one of them wakes it, the other finds its claim taken.
#[test]
fn model_two_wakers_of_one_reader() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let probe = Probe::new();
        assert!(probe.read(&mut reader, 0).is_pending());
        let canceller = reader.canceller();
        let cancelling = thread::spawn(move || canceller.cancel());
        memory.write(&mut writer, b"ab");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        cancelling.join().expect("no panic");
        assert_eq!(probe.wakes(), 1);
        assert!(ready(probe.read(&mut reader, 0)).expect("read").is_cancelled());
        assert_eq!(memory.read(reader.buffer()), b"ab");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// Two blocks, with the reader following the writer from one to the next: it finds the link before it finds the flush, or the
/// flush before it has let go of the block before.
#[test]
fn model_link_against_advance() {
    explore(|| {
        let memory = Memory::new(2);
        let (mut writer, mut reader) = memory.pipe();
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            writers.write(&mut writer, b"ab");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writers.write(&mut writer, b"cd");
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writer
        });
        let mut received = Vec::new();
        while received.len() < 4 {
            wait(async {
                let view = reader.read().await.expect("read");
                received.extend(memory.read(view.buffer()));
                view.advance_all();
            });
        }
        assert_eq!(received, b"abcd");
        drop((writing.join().expect("no panic"), reader));
        memory.assert_all_back();
    });
}

/// Three blocks through two nodes: the writer fills a node again that the reader is just moving past.
#[test]
fn model_recycled_node_against_advance() {
    explore(|| {
        let memory = Memory::new(1);
        let (mut writer, mut reader) = memory.pipe();
        let probe = Probe::new();
        memory.write(&mut writer, b"a");
        ready(probe.flush(&mut writer)).expect("flushed");
        let writers = memory.clone();
        let writing = thread::spawn(move || {
            for byte in [b"b", b"c"] {
                writers.write(&mut writer, byte);
                ready(Probe::new().flush(&mut writer)).expect("flushed");
            }
            writer
        });
        let mut received = Vec::new();
        for _ in 0..2 {
            if let Poll::Ready(status) = probe.read(&mut reader, 0) {
                status.expect("read");
                received.extend(memory.read(reader.buffer()));
                let end = reader.buffer().end();
                reader.advance_to(end, end);
            }
        }
        let writer = writing.join().expect("no panic");
        received.extend(memory.read(reader.peek()));
        assert_eq!(received, b"abc");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// A slice kept beyond the advance is dropped while the pipe gives its block back: the last of the two returns it, after the
/// other has read.
#[test]
fn model_kept_slice_against_release() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"ab");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let kept = reader.peek().to_slices(..).next().expect("a slice");
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        let keepers = memory.clone();
        let keeping = thread::spawn(move || {
            assert_eq!(keepers.read_slice(&kept), b"ab");
            drop(kept);
        });
        writer.release();
        keeping.join().expect("no panic");
        drop((writer, reader));
        memory.assert_all_back();
    });
}
