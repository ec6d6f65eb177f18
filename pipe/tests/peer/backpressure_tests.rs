//! Section BackpressureTests. The pipe pauses at 64 unexamined bytes and resumes below 32.

use headpond_pipe::{FlushError, Reader, Writer};

use crate::harness::{Task, paused_at, poll, ready};

fn ends() -> (Writer, Reader) {
    paused_at(64, 32)
}

/// Consumes `n` bytes of what is there.
fn consume(reader: &mut Reader, n: usize) {
    let view = ready(reader.read()).expect("bytes");
    let to = view.buffer().start() + n;
    view.advance(to);
}

/// Examines `n` bytes of what is there, and consumes none.
fn examine(reader: &mut Reader, n: usize) {
    let view = ready(reader.read()).expect("bytes");
    let start = view.buffer().start();
    view.advance_to(start, start + n);
}

#[test]
fn flush_async_awaitable_completes_when_reader_advances_under_low() {
    let (mut writer, mut reader) = ends();
    writer.write(&[0; 64]).expect("room");
    let flush = Task::pending(writer.flush());
    consume(&mut reader, 33);
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Ok(())));
}

#[test]
fn flush_async_awaitable_completes_when_reader_advances_examined_under_low() {
    let (mut writer, mut reader) = ends();
    writer.write(&[0; 64]).expect("room");
    let flush = Task::pending(writer.flush());
    examine(&mut reader, 33);
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Ok(())));
    assert_eq!(reader.unconsumed(), 64);
}

#[test]
fn can_buffer_past_pause_threshold_but_get_paused_each_time() {
    let (mut writer, mut reader) = ends();
    for round in 1..=5 {
        writer.write(&[0; 64]).expect("room");
        let flush = Task::pending(writer.flush());
        examine(&mut reader, round * 64);
        assert_eq!(flush.wakes(), 1, "round {round}");
        assert!(matches!(flush.finish(), Ok(())), "round {round}");
    }
    assert_eq!(reader.unconsumed(), 320);
    assert_eq!(reader.peek().len(), 320);
    assert_eq!(writer.stats().pauses, 5);
}

#[test]
fn flush_async_awaitable_does_not_completes_when_reader_advances_under_hight() {
    let (mut writer, mut reader) = ends();
    writer.write(&[0; 64]).expect("room");
    let mut flush = Task::pending(writer.flush());
    consume(&mut reader, 32);
    assert_eq!(flush.wakes(), 0);
    assert!(flush.poll().is_pending());
}

#[test]
fn flush_async_awaitable_resets_on_commit() {
    let (mut writer, mut reader) = ends();
    writer.write(&[0; 64]).expect("room");
    let flush = Task::pending(writer.flush());
    consume(&mut reader, 33);
    assert!(matches!(flush.finish(), Ok(())));
    writer.write(&[0; 64]).expect("room");
    assert!(poll(writer.flush()).is_pending());
}

#[test]
fn flush_async_returns_completed_if_reader_completes() {
    let (mut writer, mut reader) = ends();
    writer.write(&[0; 64]).expect("room");
    let flush = Task::pending(writer.flush());
    reader.close();
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Err(FlushError::Closed(None))));
    for _ in 0..3 {
        assert!(matches!(ready(writer.flush()), Err(FlushError::Closed(None))));
    }
}

#[test]
fn flush_async_returns_completed_if_reader_completes_without_advance() {
    let (mut writer, mut reader) = ends();
    writer.write(&[0; 64]).expect("room");
    let flush = Task::pending(writer.flush());
    let view = ready(reader.read()).expect("bytes");
    assert_eq!(view.buffer().len(), 64);
    reader.close();
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Err(FlushError::Closed(None))));
    assert!(matches!(ready(writer.flush()), Err(FlushError::Closed(None))));
}

#[test]
fn flush_async_returns_completed_task_when_size_less_then_limit() {
    let (mut writer, _reader) = ends();
    writer.write(&[0; 32]).expect("room");
    assert!(matches!(ready(writer.flush()), Ok(())));
}

#[test]
fn flush_async_returns_non_completed_size_when_commit_over_the_limit() {
    let (mut writer, reader) = ends();
    writer.write(&[0; 64]).expect("room");
    assert!(poll(writer.flush()).is_pending());
    assert_eq!(reader.unconsumed(), 64);
}

#[test]
fn read_at_least_async_unblocks_writer_if_minimumlower_than_resume_threshold() {
    let (mut writer, mut reader) = ends();
    writer.write(&[0; 64]).expect("room");
    let flush = Task::pending(writer.flush());
    let read = Task::pending(reader.read_at_least(192));
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Ok(())));
    assert_eq!(read.wakes(), 0);
    writer.write(&[0; 64]).expect("room");
    assert!(matches!(ready(writer.flush()), Ok(())));
    // Back-pressure is level-triggered: the flush that meets the reader's target is held back as any other, until the
    // reader, which it woke, has caught up.
    assert_eq!(read.wakes(), 0);
    writer.write(&[0; 64]).expect("room");
    let flush = Task::pending(writer.flush());
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("bytes");
    assert_eq!(view.buffer().len(), 192);
    view.advance_all();
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Ok(())));
}

#[test]
fn flush_async_throws_if_reader_completed_with_exception() {
    let (mut writer, mut reader) = ends();
    reader.close_with("out of order");
    writer.write(&[0; 64]).expect_err("a closed reader");
    for _ in 0..3 {
        let error = ready(writer.flush()).expect_err("a closed reader");
        assert!(matches!(error, FlushError::Closed(Some(cause)) if cause.to_string() == "out of order"));
    }
}

#[test]
fn flush_async_awaitable_does_not_complete_when_reader_unexamines() {
    let (mut writer, mut reader) = ends();
    writer.write(&[0; 64]).expect("room");
    let mut flush = Task::pending(writer.flush());
    examine(&mut reader, 2);
    examine(&mut reader, 1);
    assert_eq!(flush.wakes(), 0);
    assert!(flush.poll().is_pending());
    examine(&mut reader, 33);
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Ok(())));
}
