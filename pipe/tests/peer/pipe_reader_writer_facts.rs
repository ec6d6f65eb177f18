//! Section PipeReaderWriterFacts. `DoubleAsyncReadThrows`, `AdvanceWithoutReadThrows` and `TryReadAfterReadAsyncThrows` do not
//! compile here.

use std::{io, sync::Arc};

use headpond_pipe::{FlushError, ReadError, Reader};
use headpond_pool::WriteError;

use crate::harness::{BLOCK, Task, length, never_paused, panic_message, paused_at, poll, ready, send, take};

const HELLO: &[u8] = b"Hello World";

/// Everything unconsumed, as the next read shows it; given back as it was.
#[track_caller]
fn shown(reader: &mut Reader) -> Vec<u8> {
    ready(reader.read()).expect("an open writer").buffer().to_vec()
}

#[test]
fn can_read_and_write() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, HELLO);
    let view = ready(reader.read()).expect("an open writer");
    assert_eq!(view.buffer().len(), 11);
    assert_eq!(view.buffer().as_single_chunk(), Some(HELLO));
}

#[test]
fn advance_resets_commit_head_index() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 100]);
    assert_eq!(take(&mut reader).len(), 100);
    let read = Task::pending(reader.read());
    send(&mut writer, &[2]);
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("an open writer");
    assert_eq!(view.buffer(), [2][..]);
    view.advance_all();
    assert!(poll(reader.read()).is_pending());
}

#[test]
fn advance_should_reset_state_if_read_canceled() {
    let (_, _writer, mut reader) = never_paused(BLOCK);
    reader.canceller().cancel();
    let view = ready(reader.read()).expect("an open writer");
    assert!(view.is_cancelled());
    let end = view.buffer().end();
    view.advance(end);
    assert!(poll(reader.read()).is_pending());
}

#[test]
fn advance_to_invalid_cursor_throws() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 100]);
    let view = ready(reader.read()).expect("an open writer");
    let stale = view.buffer().start();
    view.advance_all();
    send(&mut writer, &[2; 100]);
    let message = panic_message(|| ready(reader.read()).expect("an open writer").advance(stale));
    assert!(message.contains("100..200"), "{message}");
    let view = ready(reader.read()).expect("an open writer");
    assert_eq!(view.buffer(), [2; 100][..]);
    let to = view.buffer().start() + 100;
    view.advance(to);
    assert_eq!(reader.unconsumed(), 0);
}

#[test]
fn advance_with_get_position_crossing_into_write_head_works() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; BLOCK]);
    send(&mut writer, &[2; BLOCK]);
    let view = ready(reader.read()).expect("an open writer");
    assert_eq!(view.buffer().len(), 2 * BLOCK);
    let mut memory = writer.reserve(1).expect("room");
    memory.fill(3);
    let end = view.buffer().start() + view.buffer().len();
    view.advance(end);
    // The memory is still the writer's.
    assert_eq!(memory.len(), BLOCK);
    assert!(memory.iter().all(|&byte| byte == 3));
    memory.advance(BLOCK);
    ready(writer.flush()).expect("an open reader");
    assert_eq!(take(&mut reader), [3; BLOCK]);
    assert_eq!(pool.rents(), 3);
}

#[test]
fn complete_reader_after_flush_without_advancing_does_not_throw() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 10]);
    assert_eq!(shown(&mut reader).len(), 10);
    reader.close();
    drop((writer, reader));
    assert_eq!(pool.rented(), 0);
}

// A view cannot outlive the reader's close; the reader itself refuses the positions the view had.
#[test]
fn advance_after_complete_throws() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, HELLO);
    let start = ready(reader.read()).expect("an open writer").buffer().start();
    reader.close();
    let message = panic_message(|| reader.advance_to(start, start + 1));
    assert!(message.contains("cannot advance"), "{message}");
    assert!(matches!(ready(reader.read()), Err(ReadError::Closed)));
}

#[test]
fn hello_world_across_two_blocks() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &vec![0; BLOCK - 5]);
    assert_eq!(take(&mut reader).len(), 4091);
    send(&mut writer, HELLO);
    let view = ready(reader.read()).expect("an open writer");
    assert_eq!(view.buffer().as_single_chunk(), None);
    assert_eq!(view.buffer().chunks().collect::<Vec<_>>(), [&b"Hello"[..], b" World"]);
}

#[test]
fn read_async_throws_if_writer_completed_with_exception() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    writer.abort("the source failed");
    let mut errors = (0..3).map(|_| match ready(reader.read()) {
        Err(ReadError::Aborted(error)) => error,
        other => panic!("{other:?}"),
    });
    let first = errors.next().expect("an error");
    assert_eq!(first.to_string(), "the source failed");
    // The one error the writer gave, each time.
    assert!(errors.all(|error| Arc::ptr_eq(&error, &first)));
}

#[test]
fn reader_should_not_get_unflushed_bytes() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[1; 4]);
    writer.write(&[2; 8]).expect("room");
    assert_eq!(shown(&mut reader), [1; 4]);
    assert_eq!((length(&reader), writer.unflushed()), (4, 8));
    ready(writer.flush()).expect("an open reader");
    assert_eq!(shown(&mut reader), [1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
}

#[test]
fn reader_should_not_get_unflushed_bytes_when_overflowing_segments() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &vec![0; BLOCK - 5]);
    assert_eq!(take(&mut reader).len(), 4091);
    send(&mut writer, b"He");
    // Three bytes go into this block, the others into the next.
    writer.write(b"llo World").expect("room");
    assert_eq!(pool.rents(), 2);
    assert_eq!(shown(&mut reader), b"He");
    assert_eq!(take(&mut reader), b"He");
    assert!(poll(reader.read()).is_pending());
    ready(writer.flush()).expect("an open reader");
    let view = ready(reader.read()).expect("an open writer");
    assert_eq!(view.buffer().chunks().collect::<Vec<_>>(), [&b"llo"[..], b" World"]);
}

#[test]
fn reader_should_not_get_unflushed_bytes_with_append() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    let (_, mut other_writer, mut other_reader) = never_paused(BLOCK);
    send(&mut other_writer, &[2; 8]);
    send(&mut writer, &[1; 4]);
    assert_eq!(other_reader.transfer(&mut writer, 8).expect("an open reader"), 8);
    assert_eq!(other_reader.unconsumed(), 0);
    assert_eq!(shown(&mut reader), [1; 4]);
    ready(writer.flush()).expect("an open reader");
    assert_eq!(shown(&mut reader), [1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
}

#[test]
fn reading_can_be_canceled() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    let read = Task::pending(reader.read());
    writer.abort(io::Error::from(io::ErrorKind::Interrupted));
    match read.finish() {
        Err(ReadError::Aborted(error)) => assert!(error.is::<io::Error>()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn sync_read_then_async_read() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, HELLO);
    let view = reader.try_read().expect("an open writer").expect("bytes");
    assert_eq!(view.buffer(), *HELLO);
    let to = view.buffer().start() + 6;
    view.advance(to);
    assert_eq!(shown(&mut reader), b"World");
}

#[test]
fn throws_on_alloc_after_complete_writer() {
    let (pool, mut writer, _reader) = never_paused(BLOCK);
    writer.finish().expect("an open reader");
    assert!(matches!(writer.reserve(1), Err(WriteError::Ended)));
    assert_eq!(pool.rents(), 0);
}

#[test]
fn throws_on_read_after_complete_reader() {
    let (_, _writer, mut reader) = never_paused(BLOCK);
    reader.close();
    assert!(matches!(ready(reader.read()), Err(ReadError::Closed)));
}

#[test]
fn try_read_after_cancel_pending_read_returns_true() {
    let (_, _writer, mut reader) = never_paused(BLOCK);
    reader.canceller().cancel();
    assert!(reader.try_read().expect("an open writer").expect("a cancellation").is_cancelled());
    assert!(matches!(reader.try_read(), Ok(None)));
}

#[test]
fn try_read_after_close_writer_with_exception_throws() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    writer.abort("wow");
    match reader.try_read() {
        Err(ReadError::Aborted(error)) => assert_eq!(error.to_string(), "wow"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn try_read_after_reader_complete_throws() {
    let (_, _writer, mut reader) = never_paused(BLOCK);
    reader.close();
    assert!(matches!(reader.try_read(), Err(ReadError::Closed)));
}

#[test]
fn try_read_after_writer_complete_returns_true() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    writer.finish().expect("an open reader");
    let view = reader.try_read().expect("a clean end").expect("the end");
    assert!(view.is_finished() && view.buffer().is_empty());
}

// There is no view to give back, and no position to give: the reader goes on as it was.
#[test]
fn when_try_read_returns_false_dont_need_to_call_advance() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    assert!(matches!(reader.try_read(), Ok(None)));
    assert!(matches!(reader.try_read(), Ok(None)));
    send(&mut writer, HELLO);
    assert_eq!(take(&mut reader), HELLO);
}

#[test]
fn writing_data_makes_data_readable_via_pipeline() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, HELLO);
    let view = ready(reader.read()).expect("an open writer");
    assert_eq!(view.buffer().first_chunk(), HELLO);
    assert_eq!(view.buffer().len(), 11);
}

#[test]
fn complete_after_advance_commits() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    let mut memory = writer.reserve(4).expect("room");
    memory[..4].copy_from_slice(b"last");
    memory.advance(4);
    writer.finish().expect("an open reader");
    let view = ready(reader.read()).expect("a clean end");
    assert!(view.is_finished());
    assert_eq!(view.buffer(), *b"last");
    view.advance_all();
    assert!(ready(reader.read()).expect("a clean end").buffer().is_empty());
    // Nobody claims the block any more, and nothing is left in it.
    assert_eq!(pool.rented(), 0);
}

#[test]
fn get_memory_zero_returns_non_empty() {
    let (_, mut writer, _reader) = never_paused(BLOCK);
    assert!(!writer.reserve(0).expect("room").is_empty());
}

#[test]
fn read_async_with_data_ready_returns_task_with_value() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[0; 10]);
    let read = Task::new(reader.read());
    let wakes = read.wake_count();
    let view = read.finish().expect("an open writer");
    assert_eq!(view.buffer().len(), 10);
    assert_eq!(wakes.get(), 0);
}

#[test]
fn cancelled_read_async_returns_task_with_value() {
    let (_, _writer, mut reader) = never_paused(BLOCK);
    reader.canceller().cancel();
    let read = Task::new(reader.read());
    let wakes = read.wake_count();
    assert!(read.finish().expect("an open writer").is_cancelled());
    assert_eq!(wakes.get(), 0);
}

#[test]
fn flush_async_without_backpressure_returns_task_with_value() {
    let (mut writer, reader) = paused_at(64, 32);
    writer.write(&[0; 10]).expect("room");
    let flush = Task::new(writer.flush());
    let wakes = flush.wake_count();
    assert!(matches!(flush.finish(), Ok(())));
    assert_eq!((wakes.get(), reader.unconsumed()), (0, 10));
}

#[test]
fn cancelled_flush_async_returns_task_with_value() {
    let (mut writer, _reader) = paused_at(64, 32);
    writer.write(&[0; 64]).expect("room");
    writer.canceller().cancel();
    let flush = Task::new(writer.flush());
    let wakes = flush.wake_count();
    assert!(matches!(flush.finish(), Err(FlushError::Cancelled)));
    assert_eq!(wakes.get(), 0);
}

#[test]
fn empty_flush_async_doesnt_wake_up_reader() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    let mut read = Task::pending(reader.read());
    ready(writer.flush()).expect("an open reader");
    assert_eq!(read.wakes(), 0);
    assert!(read.poll().is_pending());
}

#[test]
fn empty_flush_async_doesnt_wake_up_reader_after_advance() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, &[0; 10]);
    let view = ready(reader.read()).expect("an open writer");
    let start = view.buffer().start();
    view.need_more(start);
    let mut read = Task::pending(reader.read());
    ready(writer.flush()).expect("an open reader");
    assert_eq!(read.wakes(), 0);
    assert!(read.poll().is_pending());
    drop(read);
    assert_eq!(reader.unconsumed(), 10);
}

#[test]
fn read_async_returns_data_after_canceled_read() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    let canceller = reader.canceller();
    let read = Task::pending(reader.read());
    canceller.cancel();
    let view = read.finish().expect("an open writer");
    assert!(view.is_cancelled());
    view.advance_all();
    let read = Task::pending(reader.read());
    send(&mut writer, &[1, 2, 3]);
    let view = read.finish().expect("an open writer");
    assert!(!view.is_cancelled());
    assert_eq!(view.buffer().len(), 3);
}
