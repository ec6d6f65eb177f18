//! Cancellations, which are sticky, end one wait, and lose nothing.

use std::task::Poll;

use super::{
    explore,
    memory::Memory,
    probe::{Probe, ready},
};
use crate::{error::FlushError, pipe::Pipe, sync::modelled::thread};

/// A cancellation and bytes arrive at once at a reader that parks: it gets both, whichever it sees first.
#[test]
fn model_cancel_read_against_data() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let canceller = reader.canceller();
        memory.write(&mut writer, b"ab");
        let cancelling = thread::spawn(move || {
            canceller.cancel();
            ready(Probe::new().flush(&mut writer)).expect("flushed");
            writer
        });
        let probe = Probe::new();
        let first = probe.read(&mut reader, 0);
        let writer = cancelling.join().expect("no panic");
        let status = probe.settle(first, &mut reader, 0).expect("read");
        let again = ready(probe.read(&mut reader, 0)).expect("the bytes are unexamined");
        assert!(status.is_cancelled() ^ again.is_cancelled(), "one read was to be cancelled");
        assert_eq!(memory.read(reader.buffer()), b"ab");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// Two cancellations of one read: either they collapse, or each ends one.
#[test]
fn model_two_cancels_of_one_read() {
    explore(|| {
        let memory = Memory::new(4);
        let (writer, mut reader) = memory.pipe();
        let canceller = reader.canceller();
        let cancelling = thread::spawn(move || {
            canceller.cancel();
            canceller.cancel();
        });
        let probe = Probe::new();
        let first = probe.read(&mut reader, 0);
        cancelling.join().expect("no panic");
        if first.is_pending() {
            assert_eq!(probe.wakes(), 1);
            assert!(ready(probe.read(&mut reader, 0)).expect("read").is_cancelled());
        }
        let last = Probe::new();
        if last.read(&mut reader, 0).is_ready() {
            assert!(first.is_ready(), "both came before the read was ready");
            assert!(last.read(&mut reader, 0).is_pending(), "two cancellations end two reads at most");
        }
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
        last.assert_forgotten();
    });
}

/// A flush that waits for nothing looks for cancellations between the moment the canceller has said so and the moment it has
/// called attention: one flush is cancelled, this or the next.
#[test]
fn model_cancel_against_flush() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, reader) = memory.pipe();
        let canceller = writer.canceller();
        let cancelling = thread::spawn(move || canceller.cancel());
        let mut cancelled = 0;
        let probe = Probe::new();
        for byte in [b"a", b"b"] {
            memory.write(&mut writer, byte);
            cancelled += usize::from(matches!(ready(probe.flush(&mut writer)), Err(FlushError::Cancelled)));
        }
        cancelling.join().expect("no panic");
        cancelled += usize::from(matches!(ready(probe.flush(&mut writer)), Err(FlushError::Cancelled)));
        assert_eq!(cancelled, 1);
        assert!(ready(probe.flush(&mut writer)).is_ok());
        assert_eq!(reader.unconsumed(), 2, "what a cancelled flush was to publish is published");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// A cancellation comes while a flush answers the call of one before: between its answer and its look, or after both.
#[test]
fn model_two_cancels_against_flush() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, reader) = memory.pipe();
        let canceller = writer.canceller();
        canceller.cancel();
        let probe = Probe::new();
        let cancelling = thread::spawn(move || canceller.cancel());
        let mut cancelled = 0;
        for _ in 0..2 {
            cancelled += usize::from(matches!(ready(probe.flush(&mut writer)), Err(FlushError::Cancelled)));
        }
        cancelling.join().expect("no panic");
        cancelled += usize::from(matches!(ready(probe.flush(&mut writer)), Err(FlushError::Cancelled)));
        assert!((1..=2).contains(&cancelled), "two cancellations end one flush or two");
        assert!(ready(probe.flush(&mut writer)).is_ok());
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// A cancellation comes to a writer that waits for it alone, whose stream may have ended: it is woken, or sees it at once.
#[test]
fn model_cancel_against_a_wait_for_it() {
    for ended in [false, true] {
        explore(move || {
            let memory = Memory::new(4);
            let (mut writer, reader) = memory.pipe();
            let canceller = writer.canceller();
            if ended {
                writer.finish().expect("finished");
            }
            let cancelling = thread::spawn(move || canceller.cancel());
            let probe = Probe::new();
            let first = probe.cancelled(&mut writer);
            cancelling.join().expect("no panic");
            let cancelled = match first {
                Poll::Ready(cancelled) => {
                    assert_eq!(probe.wakes(), 0, "a writer that did not wait was woken");
                    cancelled
                }
                Poll::Pending => {
                    assert_eq!(probe.wakes(), 1, "the writer was to be woken once");
                    ready(probe.cancelled(&mut writer))
                }
            };
            assert!(matches!(cancelled, FlushError::Cancelled));
            assert!(probe.cancelled(&mut writer).is_pending(), "one cancellation ends one wait");
            drop((writer, reader));
            memory.assert_all_back();
            probe.assert_forgotten();
        });
    }
}

/// A cancellation comes to a writer that has just dealt with one, and does not wait.
#[test]
fn model_cancel_after_cancel() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, reader) = memory.pipe();
        let canceller = writer.canceller();
        let probe = Probe::new();
        canceller.cancel();
        assert!(ready(probe.flush(&mut writer)).is_err());
        let cancelling = thread::spawn(move || canceller.cancel());
        let mut cancelled = usize::from(ready(probe.flush(&mut writer)).is_err());
        cancelling.join().expect("no panic");
        cancelled += usize::from(ready(probe.flush(&mut writer)).is_err());
        assert_eq!(cancelled, 1);
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// A flush that is held back is cancelled, and called again while the canceller is at its waker yet.
#[test]
fn model_flush_again_against_cancel() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(1, 1);
        let canceller = writer.canceller();
        let (earlier, later) = (Probe::new(), Probe::new());
        memory.write(&mut writer, b"a");
        assert!(earlier.flush(&mut writer).is_pending());
        let cancelling = thread::spawn(move || canceller.cancel());
        let mut cancelled = 0;
        for _ in 0..2 {
            if let Poll::Ready(flushed) = later.flush(&mut writer) {
                assert!(matches!(flushed, Err(FlushError::Cancelled)));
                cancelled += 1;
            }
        }
        cancelling.join().expect("no panic");
        if cancelled == 0 || later.wakes() > 0 {
            cancelled += usize::from(later.flush(&mut writer).is_ready());
        }
        assert_eq!(cancelled, 1);
        let wakes = later.wakes();
        let again = later.flush(&mut writer);
        assert!(again.is_pending());
        let end = reader.peek().end();
        reader.advance_to(end, end);
        assert_eq!(later.wakes(), wakes + 1);
        ready(later.flush(&mut writer)).expect("flushed");
        drop((writer, reader));
        memory.assert_all_back();
        earlier.assert_forgotten();
        later.assert_forgotten();
    });
}

/// A flush that is held back parks while it is cancelled.
#[test]
fn model_cancel_against_parking_flush() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, reader) = memory.pausing_pipe(1, 1);
        let canceller = writer.canceller();
        let cancelling = thread::spawn(move || canceller.cancel());
        let probe = Probe::new();
        memory.write(&mut writer, b"a");
        let first = probe.flush(&mut writer);
        cancelling.join().expect("no panic");
        let flushed = probe.settle_flush(first, &mut writer);
        assert!(matches!(flushed, Err(FlushError::Cancelled)));
        assert!(probe.flush(&mut writer).is_pending(), "the state is what it was");
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// A canceller and the reader's advance both see the flush parked: one of them wakes it.
#[test]
fn model_cancel_against_resume() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(1, 1);
        let canceller = writer.canceller();
        let probe = Probe::new();
        memory.write(&mut writer, b"a");
        assert!(probe.flush(&mut writer).is_pending());
        let cancelling = thread::spawn(move || canceller.cancel());
        reader.peek();
        let end = reader.buffer().end();
        reader.advance_to(end, end);
        cancelling.join().expect("no panic");
        assert_eq!(probe.wakes(), 1);
        assert!(matches!(ready(probe.flush(&mut writer)), Err(FlushError::Cancelled)));
        assert!(ready(probe.flush(&mut writer)).is_ok());
        drop((writer, reader));
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// A parked reader is dropped while its read is cancelled: its waker is the one's or the other's to drop.
#[test]
fn model_cancel_against_dropped_reader() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let canceller = reader.canceller();
        let probe = Probe::new();
        assert!(probe.read(&mut reader, 0).is_pending());
        let cancelling = thread::spawn(move || canceller.cancel());
        drop(reader);
        cancelling.join().expect("no panic");
        assert!(probe.wakes() <= 1);
        assert!(matches!(ready(Probe::new().flush(&mut writer)), Err(FlushError::Closed(None))));
        drop(writer);
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// A writer that is held back is dropped while its flush is cancelled.
#[test]
fn model_cancel_against_dropped_writer() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(1, 1);
        let canceller = writer.canceller();
        let probe = Probe::new();
        memory.write(&mut writer, b"a");
        assert!(probe.flush(&mut writer).is_pending());
        let cancelling = thread::spawn(move || canceller.cancel());
        drop(writer);
        cancelling.join().expect("no panic");
        assert!(probe.wakes() <= 1);
        assert_eq!(memory.read(reader.peek()), b"a");
        assert!(reader.is_aborted());
        drop(reader);
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// The reader goes and the canceller comes, both with the flush parked: one of them wakes it, and every flush from the second on
/// says that the reader is gone.
#[test]
fn model_cancel_against_close() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, reader) = memory.pausing_pipe(1, 1);
        let canceller = writer.canceller();
        let probe = Probe::new();
        memory.write(&mut writer, b"a");
        assert!(probe.flush(&mut writer).is_pending());
        let cancelling = thread::spawn(move || canceller.cancel());
        drop(reader);
        cancelling.join().expect("no panic");
        assert_eq!(probe.wakes(), 1);
        let flushed = ready(probe.flush(&mut writer));
        assert!(matches!(flushed, Err(FlushError::Cancelled | FlushError::Closed(None))));
        assert!(matches!(ready(probe.flush(&mut writer)), Err(FlushError::Closed(None))));
        drop(writer);
        memory.assert_all_back();
        probe.assert_forgotten();
    });
}

/// Three parties: a canceller changes the reader's word while an advance ends a pause that a writer, waiting for the drain, left.
#[test]
fn model_cancel_against_advance_against_drained() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(2, 1);
        memory.write(&mut writer, b"ab");
        assert!(Probe::new().flush(&mut writer).is_pending());
        let canceller = writer.canceller();
        let probe = Probe::new();
        let waker = probe.waker();
        let mut cx = std::task::Context::from_waker(&waker);
        {
            let mut drained = Box::pin(writer.drained());
            assert!(std::future::Future::poll(drained.as_mut(), &mut cx).is_pending());
            std::mem::forget(drained);
        }
        let cancelling = thread::spawn(move || canceller.cancel());
        let end = reader.peek().end();
        reader.advance_to(end, end);
        cancelling.join().expect("no panic");
        assert_eq!(probe.wakes(), 1, "the drain was to be told");
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// A reader that waits for more than a paused writer would flush is woken by a cancellation, and waits no more: pauses are in order again.
#[test]
fn model_demanding_read_cancelled() {
    explore(|| {
        let memory = Memory::new(8);
        let (mut writer, mut reader) = memory.pausing_pipe(1, 1);
        let probe = Probe::new();
        assert!(probe.read(&mut reader, 5).is_pending());
        let canceller = reader.canceller();
        let cancelling = thread::spawn(move || canceller.cancel());
        cancelling.join().expect("no panic");
        assert_eq!(probe.wakes(), 1);
        assert!(ready(probe.read(&mut reader, 5)).expect("read").is_cancelled());
        memory.write(&mut writer, b"ab");
        assert!(Probe::new().flush(&mut writer).is_pending(), "nobody waits for more");
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// A flush wakes a parked reader while a flush canceller changes the same word.
#[test]
fn model_flush_wakes_while_attention_is_called() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let probe = Probe::new();
        assert!(probe.read(&mut reader, 0).is_pending());
        let canceller = writer.canceller();
        let cancelling = thread::spawn(move || canceller.cancel());
        memory.write(&mut writer, b"a");
        let _ = ready(Probe::new().flush(&mut writer));
        cancelling.join().expect("no panic");
        assert_eq!(probe.wakes(), 1, "the reader was to be woken");
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// A flush is polled with a new waker while the cell is being emptied: it is parked, or told to come again.
#[test]
fn model_flush_again_against_cancel_polled_once() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pausing_pipe(1, 1);
        let canceller = writer.canceller();
        let (earlier, later) = (Probe::new(), Probe::new());
        memory.write(&mut writer, b"a");
        assert!(earlier.flush(&mut writer).is_pending());
        let cancelling = thread::spawn(move || canceller.cancel());
        let mut last = later.flush(&mut writer);
        if last.is_ready() {
            last = later.flush(&mut writer);
        }
        cancelling.join().expect("no panic");
        if last.is_pending() && later.wakes() == 0 {
            let end = reader.peek().end();
            reader.advance_to(end, end);
            assert_eq!(later.wakes(), 1, "a pending flush is forgotten");
        }
        drop((writer, reader));
        memory.assert_all_back();
    });
}

/// A pipe is reset while a canceller of it is at work: the new pipe knows nothing of it, in whichever core it is.
#[test]
fn model_cancel_against_reset() {
    explore(|| {
        let memory = Memory::new(4);
        let (mut writer, mut reader) = memory.pipe();
        let canceller = reader.canceller();
        assert!(writer.finish().is_ok());
        reader.close();
        let cancelling = thread::spawn(move || canceller.cancel());
        let (mut writer, mut reader) = Pipe { writer, reader }.reset().expect("both have ended").split();
        cancelling.join().expect("no panic");
        assert!(Probe::new().read(&mut reader, 0).is_pending(), "cancelled by a handle of the pipe before");
        memory.write(&mut writer, b"a");
        ready(Probe::new().flush(&mut writer)).expect("flushed");
        assert_eq!(memory.read(reader.peek()), b"a");
        drop((writer, reader));
        memory.assert_all_back();
    });
}
