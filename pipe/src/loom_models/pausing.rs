//! A writer that is held back, against a reader that lets it go; and a writer that waits for everything to be consumed.

use super::{
    explore,
    memory::Memory,
    probe::{Probe, ready, wait},
};
use crate::{read::PipeRead, sync::modelled::thread, write::PipeWrite};

/// The writer finds too much unexamined, the reader examines it and sees nobody held back, the writer parks.
#[test]
fn model_advance_against_parking_flush() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(2, 1);
        memory.write(&mut writer, b"ab");
        let writing = thread::spawn(move || {
            let probe = Probe::new();
            let first = probe.flush(&mut writer);
            (writer, probe, first)
        });
        assert_eq!(memory.read(reader.peek()), [b"ab", &b""[..]][usize::from(reader.buffer().is_empty())]);
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        let (mut writer, probe, first) = writing.join().expect("no panic");
        let unexamined = 2 - end.offset();
        if first.is_pending() && unexamined == 2 {
            assert_eq!(probe.wakes(), 0, "nothing is examined");
            let end = reader.peek().end();
            reader.advance_to(end, end);
        }
        probe.settle_flush(first, &mut writer).expect("flushed");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// An advance that stays between the thresholds meets a flush that is parking, or was dropped and is called again: it waits, and
/// waits again, until the next advance.
#[test]
fn model_advance_between_the_thresholds() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(3, 1);
        memory.write(&mut writer, b"abc");
        let dropped = Probe::new();
        assert!(dropped.flush(&mut writer).is_pending());
        let writing = thread::spawn(move || {
            writer.withdraw();
            let probe = Probe::new();
            let again = probe.flush(&mut writer);
            assert!(again.is_pending(), "two bytes, or three, are unexamined");
            (writer, probe, again)
        });
        let start = reader.peek().start();
        reader.advance_to(start + 1, start + 2);
        let (mut writer, probe, again) = writing.join().expect("no panic");
        assert_eq!(probe.wakes() + dropped.wakes(), 0, "one byte is not below one");
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        probe.settle_flush(again, &mut writer).expect("flushed");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
        dropped.assert_forgotten();
    });
}

/// A flush is dropped and called again with another waker, while an advance ends the pause and claims the waker.
#[test]
fn model_flush_called_again_against_resume() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(2, 1);
        memory.write(&mut writer, b"ab");
        let earlier = Probe::new();
        assert!(earlier.flush(&mut writer).is_pending());
        let writing = thread::spawn(move || {
            let later = Probe::new();
            let again = later.flush(&mut writer);
            (writer, later, again)
        });
        let end = reader.peek().end();
        reader.advance_to(end, end);
        let (mut writer, later, again) = writing.join().expect("no panic");
        if again.is_pending() {
            assert!(later.wakes() >= 1, "the waker of the last poll is the one to call");
            ready(later.flush(&mut writer)).expect("flushed");
        }
        drop((writer, reader));
        memory.assert_all_back();
        earlier.assert_forgotten();
        later.assert_forgotten();
    });
}

/// The reader parks for more than a paused writer would flush and sees no pause; the writer sees no reader with a demand and parks: each
/// looked before the other had stored.
#[test]
fn model_demand_against_parking_flush() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(1, 1);
        memory.write(&mut writer, b"a");
        let writing = thread::spawn(move || {
            let probe = Probe::new();
            let first = probe.flush(&mut writer);
            (writer, probe, first)
        });
        let demanding = Probe::new();
        assert!(demanding.read(&mut reader, 3).is_pending());
        let (mut writer, probe, first) = writing.join().expect("no panic");
        probe.settle_flush(first, &mut writer).expect("a reader waits for more");
        memory.write(&mut writer, b"bc");
        // What the reader waits for is there with this flush, which is held back as any other.
        assert!(probe.flush(&mut writer).is_pending());
        assert_eq!(demanding.wakes(), 1);
        ready(demanding.read(&mut reader, 3)).expect("read");
        assert_eq!(memory.read(reader.buffer()), b"abc");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
        demanding.assert_forgotten();
    });
}

/// The reader waits for one byte more than are there, and has examined none of those that pause the writer.
#[test]
fn model_demand_for_one_byte_more() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(2, 1);
        memory.write(&mut writer, b"ab");
        let writing = thread::spawn(move || {
            let probe = Probe::new();
            let first = probe.flush(&mut writer);
            (writer, probe, first)
        });
        let demanding = Probe::new();
        assert!(demanding.read(&mut reader, 3).is_pending());
        let (mut writer, probe, first) = writing.join().expect("no panic");
        probe.settle_flush(first, &mut writer).expect("a reader waits for more");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
        demanding.assert_forgotten();
    });
}

/// The writer sees a reader with a demand whose target it has met, and parks; meanwhile that reader was dropped and asked again for more,
/// which leaves the word as it was.
#[test]
fn model_demand_asked_again_against_flush() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(1, 1);
        let dropped = Probe::new();
        assert!(dropped.read(&mut reader, 3).is_pending());
        memory.write(&mut writer, b"abc");
        let writing = thread::spawn(move || {
            let probe = Probe::new();
            let first = probe.flush(&mut writer);
            (writer, probe, first)
        });
        reader.withdraw();
        let demanding = Probe::new();
        assert!(demanding.read(&mut reader, 5).is_pending());
        let (mut writer, probe, first) = writing.join().expect("no panic");
        if demanding.wakes() == 1 {
            assert!(demanding.read(&mut reader, 5).is_pending());
        }
        if first.is_pending() {
            assert_eq!(probe.wakes(), 1);
            ready(probe.flush(&mut writer)).expect("a reader waits for more");
        }
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
        demanding.assert_forgotten();
        dropped.assert_forgotten();
    });
}

/// As before, and the pause that the writer had begun is over for good: between the thresholds no later flush is held up by it.
#[test]
fn model_pause_over_by_a_demand_made_while_parking() {
    explore(|| {
        let memory = Memory::new(8);
        let (mut writer, mut reader) = memory.pausing_pipe(4, 1);
        assert!(Probe::new().read(&mut reader, 5).is_pending());
        memory.write(&mut writer, b"abcde");
        let writing = thread::spawn(move || {
            let first = Probe::new().flush(&mut writer);
            (writer, first)
        });
        reader.withdraw();
        let more = Probe::new();
        assert!(more.read(&mut reader, 8).is_pending());
        let (mut writer, first) = writing.join().expect("no panic");
        if more.wakes() == 1 {
            // Its cell was being emptied, and it was told to come again.
            assert!(more.read(&mut reader, 8).is_pending());
        }
        if first.is_pending() {
            ready(Probe::new().flush(&mut writer)).expect("a reader waits for more");
        }
        reader.withdraw();
        let start = reader.peek().start();
        reader.advance_to(start, start + 2);
        assert!(Probe::new().flush(&mut writer).is_ready(), "three bytes do not begin a pause");
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// A reader with a demand is dropped, which puts the pause in order again, while the writer looks whether to park.
#[test]
fn model_demand_withdrawn_against_flush() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(1, 1);
        let demanding = Probe::new();
        assert!(demanding.read(&mut reader, 3).is_pending());
        memory.write(&mut writer, b"a");
        let writing = thread::spawn(move || {
            let probe = Probe::new();
            let first = probe.flush(&mut writer);
            (writer, probe, first)
        });
        reader.withdraw();
        let end = reader.peek().end();
        reader.advance_to(end, end);
        let (mut writer, probe, first) = writing.join().expect("no panic");
        if first.is_pending() && end.offset() == 0 {
            let end = reader.peek().end();
            reader.advance_to(end, end);
        }
        probe.settle_flush(first, &mut writer).expect("flushed");
        assert_eq!(demanding.wakes(), 0);
        memory.write(&mut writer, b"b");
        assert!(probe.flush(&mut writer).is_pending(), "nobody waits for more");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
        demanding.assert_forgotten();
    });
}

/// A flush that was held back is dropped while a reader with a demand ends its pause: called again between the thresholds, it does not
/// wait.
#[test]
fn model_demand_against_dropped_flush() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(3, 1);
        memory.write(&mut writer, b"abc");
        let probe = Probe::new();
        assert!(probe.flush(&mut writer).is_pending());
        let dropping = thread::spawn(move || {
            writer.withdraw();
            writer
        });
        let demanding = Probe::new();
        assert!(demanding.read(&mut reader, 5).is_pending());
        reader.withdraw();
        let start = reader.buffer().start();
        reader.advance_to(start, start + 1);
        let mut writer = dropping.join().expect("no panic");
        ready(probe.flush(&mut writer)).expect("2 bytes are less than 3, and the pause is over");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
        demanding.assert_forgotten();
    });
}

/// The writer sees bytes unconsumed, the reader consumes them and sees nobody waiting, the writer parks.
#[test]
fn model_drained_against_advance() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"ab");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let writing = thread::spawn(move || {
            wait(writer.drained()).expect("drained");
            writer
        });
        let end = reader.peek().end();
        reader.advance_to(end, end);
        drop((writing.join().expect("no panic"), reader));
        memory.assert_all_back();
    });
}

/// As above, by an advance that examines nothing new: the word keeps its value, so the park is not refused.
#[test]
fn model_drained_against_advance_over_examined_bytes() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        memory.write(&mut writer, b"ab");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        let (start, end) = (reader.peek().start(), reader.buffer().end());
        reader.advance_to(start, end);
        let writing = thread::spawn(move || {
            wait(writer.drained()).expect("drained");
            writer
        });
        reader.advance_to(end, end);
        drop((writing.join().expect("no panic"), reader));
        memory.assert_all_back();
    });
}

/// A flush that was held back is dropped, and the writer waits for the drain instead: the advance that ends the pause is the one
/// that drains.
#[test]
fn model_drained_after_a_pause_against_advance() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(2, 1);
        memory.write(&mut writer, b"ab");
        assert!(Probe::new().flush(&mut writer).is_pending());
        let writing = thread::spawn(move || {
            wait(writer.drained()).expect("drained");
            writer
        });
        let end = reader.peek().end();
        reader.advance_to(end, end);
        drop((writing.join().expect("no panic"), reader));
        memory.assert_all_back();
    });
}

/// The reader closes while the writer parks to wait for just that.
#[test]
fn model_closed_against_drop() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, reader) = memory.pipe();
        let closing = thread::spawn(move || drop(reader));
        let probe = Probe::new();
        let first = probe.closed(&mut writer);
        closing.join().expect("no panic");
        if first.is_pending() {
            assert_eq!(probe.wakes(), 1);
            ready(probe.closed(&mut writer));
        }
        drop(writer);
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}
