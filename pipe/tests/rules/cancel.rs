//! Cancelling either end from elsewhere.

use headpond_pipe::{FlushError, Pipe, PipeOptions, ReadError};
use headpond_pool::Pool;

use crate::harness::{Task, paused_at, poll, ready, send, take};

#[test]
fn several_cancellations_of_a_read_are_one_and_harm_no_data() {
    let (mut writer, mut reader) = paused_at(1024, 512);
    let canceller = reader.canceller();
    let clone = canceller.clone();
    canceller.cancel();
    clone.cancel();
    canceller.cancel();
    send(&mut writer, b"data");
    let view = ready(reader.read()).expect("open");
    assert!(view.is_cancelled() && !view.is_finished());
    assert_eq!(view.buffer(), b"data"[..]);
    let view = ready(reader.read()).expect("open");
    assert!(!view.is_cancelled());
    view.advance_all();
    assert!(poll(reader.read()).is_pending());
}

#[test]
fn a_cancelled_read_with_nothing_new_needs_no_advance() {
    let (mut writer, mut reader) = paused_at(1024, 512);
    send(&mut writer, b"data");
    let view = ready(reader.read()).expect("open");
    let start = view.buffer().start();
    view.need_more(start);
    let canceller = reader.canceller();
    let read = Task::pending(reader.read_at_least(100));
    canceller.cancel();
    canceller.cancel();
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("open");
    assert!(view.is_cancelled());
    assert_eq!(view.buffer(), b"data"[..]);
    assert!(poll(reader.read()).is_pending(), "examined as before");
    canceller.cancel();
    assert!(matches!(reader.try_read(), Ok(Some(view)) if view.is_cancelled()));
    assert!(matches!(reader.try_read(), Ok(None)));
}

#[test]
fn a_cancelled_flush_has_published_its_bytes() {
    let (mut writer, mut reader) = paused_at(64, 32);
    let canceller = writer.canceller();
    canceller.cancel();
    canceller.clone().cancel();
    writer.write(&[1; 10]).expect("room");
    assert!(matches!(ready(writer.flush()), Err(FlushError::Cancelled)));
    assert_eq!((writer.unflushed(), take(&mut reader).len()), (0, 10));
    writer.write(&[1; 64]).expect("room");
    let flush = Task::pending(writer.flush());
    canceller.cancel();
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Err(FlushError::Cancelled)));
    assert!(poll(writer.flush()).is_pending(), "the pause is what it was");
}

#[test]
fn a_cancellation_not_met_by_its_flush_is_for_the_next() {
    let (mut writer, _reader) = paused_at(64, 32);
    let canceller = writer.canceller();
    writer.write(&[1; 64]).expect("room");
    let flush = Task::pending(writer.flush());
    canceller.cancel();
    drop(flush);
    assert!(matches!(ready(writer.flush()), Err(FlushError::Cancelled)));
    assert!(poll(writer.flush()).is_pending());
}

#[test]
fn a_cancellation_beats_the_end_and_the_limit_and_the_end_beats_the_limit() {
    let options = PipeOptions::builder(Pool::new()).max_unconsumed(4).build().expect("valid");
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    send(&mut writer, b"full");
    let view = ready(reader.read()).expect("open");
    let start = view.buffer().start();
    view.need_more(start);
    let canceller = reader.canceller();
    canceller.cancel();
    assert!(matches!(ready(reader.read()), Ok(view) if view.is_cancelled()));
    assert!(matches!(ready(reader.read()), Err(ReadError::LimitExceeded { limit: 4 })));
    assert!(matches!(ready(reader.read_at_least(5)), Err(ReadError::LimitExceeded { limit: 4 })));
    writer.finish().expect("open");
    canceller.cancel();
    assert!(matches!(ready(reader.read_at_least(5)), Ok(view) if view.is_cancelled() && view.is_finished()));
    assert!(matches!(ready(reader.read_at_least(5)), Ok(view) if !view.is_cancelled() && view.is_finished()));
}

#[test]
fn a_cancellation_beats_an_abort_once() {
    let (mut writer, mut reader) = paused_at(1024, 512);
    writer.abort("gone");
    reader.canceller().cancel();
    assert!(matches!(ready(reader.read()), Ok(view) if view.is_cancelled() && !view.is_finished()));
    assert!(matches!(ready(reader.read()), Err(ReadError::Aborted(_))));
}
