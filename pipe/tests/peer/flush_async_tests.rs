//! Section FlushAsyncTests. `DoubleFlushAsyncThrows` does not compile here.

use std::sync::Arc;

use headpond_pipe::FlushError;

use crate::harness::{BLOCK, Task, never_paused, paused_at, poll, ready, take};

#[test]
fn flush_async_returns_completed_task_when_max_size_if_zero() {
    let (_, mut writer, reader) = never_paused(BLOCK);
    for _ in 0..100 {
        writer.write(&[0; 1000]).expect("room");
        assert!(matches!(ready(writer.flush()), Ok(())));
    }
    assert_eq!(reader.unconsumed(), 100_000);
}

#[test]
fn flush_async_throws_if_writer_reader_with_exception() {
    let (mut writer, mut reader) = paused_at(64, 32);
    reader.close_with("no more");
    let mut errors = (0..3).map(|_| match ready(writer.flush()) {
        Err(FlushError::Closed(Some(error))) => error,
        other => panic!("{other:?}"),
    });
    let first = errors.next().expect("an error");
    assert_eq!(first.to_string(), "no more");
    // The one error the reader gave, each time.
    assert!(errors.all(|error| Arc::ptr_eq(&error, &first)));
}

// Only one flush exists at a time: those called and dropped do not break the one that stays.
#[test]
fn calling_flush_async_multiple_times_allows_first_to_complete() {
    let (mut writer, mut reader) = paused_at(64, 32);
    writer.write(&[0; 64]).expect("room");
    for _ in 0..3 {
        assert!(poll(writer.flush()).is_pending());
        drop(writer.flush());
    }
    let flush = Task::pending(writer.flush());
    assert_eq!(take(&mut reader).len(), 64);
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Ok(())));
}
