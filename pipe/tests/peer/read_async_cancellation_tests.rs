//! Section ReadAsyncCancellationTests. A cancelled read is a view that says so, not an error.

use std::{
    io,
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    thread,
};

use headpond_pipe::{Pipe, PipeOptions, PipeRead, ReadError, Reader, Writer};

use crate::harness::{BLOCK, CountingPool, Task, paused_at, poll, ready, send, take, waker_calling};

const HELLO: &[u8] = b"Hello World";

fn ends() -> (Writer, Reader) {
    paused_at(65, 6)
}

/// A read that is ready, cancelled, and shows these bytes.
#[track_caller]
fn expect_cancelled(reader: &mut Reader, bytes: &[u8]) {
    let view = ready(reader.read()).expect("an open writer");
    assert!(view.is_cancelled());
    assert!(!view.is_finished());
    assert_eq!(view.buffer(), *bytes);
}

/// A read that is ready, not cancelled, and shows these bytes, which are consumed.
#[track_caller]
fn expect_bytes(reader: &mut Reader, bytes: &[u8]) {
    let view = ready(reader.read()).expect("an open writer");
    assert!(!view.is_cancelled());
    assert_eq!(view.buffer(), *bytes);
    view.advance_all();
}

#[test]
fn advance_should_reset_state_if_read_canceled() {
    let (_writer, mut reader) = ends();
    reader.canceller().cancel();
    let view = ready(reader.read()).expect("an open writer");
    assert!(view.is_cancelled() && !view.is_finished() && view.buffer().is_empty());
    view.advance_all();
    assert!(poll(reader.read()).is_pending());
}

#[test]
fn cancelling_before_advance() {
    let (mut writer, mut reader) = ends();
    let canceller = reader.canceller();
    send(&mut writer, HELLO);
    let view = ready(reader.read()).expect("an open writer");
    assert!(!view.is_cancelled());
    assert_eq!(view.buffer(), *HELLO);
    canceller.cancel();
    view.advance_all();
    expect_cancelled(&mut reader, b"");
    assert!(poll(reader.read()).is_pending());
}

#[test]
fn cancelling_pending_after_read_async() {
    let (mut writer, mut reader) = ends();
    let canceller = reader.canceller();
    let read = Task::pending(reader.read());
    canceller.cancel();
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("an open writer");
    assert!(view.is_cancelled() && view.buffer().is_empty());
    send(&mut writer, HELLO);
    assert_eq!(HELLO.len(), 11);
    expect_bytes(&mut reader, HELLO);
}

#[test]
fn cancelling_pending_read_before_read_async() {
    let (mut writer, mut reader) = ends();
    reader.canceller().cancel();
    expect_cancelled(&mut reader, b"");
    send(&mut writer, HELLO);
    expect_bytes(&mut reader, HELLO);
}

/// A waker that reads again while it is being called, against a thread that takes the pending read back.
#[test]
fn read_async_cancellation_deadlock() {
    for _ in 0..200 {
        let (mut writer, reader) = ends();
        let canceller = reader.canceller();
        let reader = Arc::new(Mutex::new(reader));
        let reentered = Arc::new(AtomicUsize::new(0));
        let waker = {
            let (reader, reentered) = (Arc::clone(&reader), Arc::clone(&reentered));
            waker_calling(move || {
                let mut reader = reader.lock().expect("not poisoned");
                if let Poll::Ready(status) = reader.poll_read(&mut Context::from_waker(Waker::noop()), 0) {
                    assert!(status.expect("an open writer").is_cancelled());
                    reentered.fetch_add(1, Ordering::SeqCst);
                }
            })
        };
        assert!(reader.lock().expect("not poisoned").poll_read(&mut Context::from_waker(&waker), 0).is_pending());
        let barrier = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                barrier.wait();
                canceller.cancel();
            });
            barrier.wait();
            reader.lock().expect("not poisoned").withdraw();
        });
        // The cancellation came to one read: the waker's, or else the next.
        let mut reader = reader.lock().expect("not poisoned");
        let cancelled_now = match poll(reader.read()) {
            Poll::Ready(view) => usize::from(view.expect("an open writer").is_cancelled()),
            Poll::Pending => 0,
        };
        assert_eq!(reentered.load(Ordering::SeqCst) + cancelled_now, 1);
        send(&mut writer, HELLO);
        expect_bytes(&mut reader, HELLO);
    }
}

// Several cancellations are one.
#[test]
fn get_result_throws_if_flush_async_token_fired_after_cancel_pending() {
    let (_writer, mut reader) = ends();
    let (one, other) = (reader.canceller(), reader.canceller());
    let read = Task::pending(reader.read());
    one.cancel();
    other.cancel();
    assert_eq!(read.wakes(), 1);
    assert!(read.finish().expect("an open writer").is_cancelled());
    assert!(poll(reader.read()).is_pending());
}

#[test]
fn get_result_throws_if_read_async_canceled_after_on_completed() {
    let (_writer, mut reader) = ends();
    let canceller = reader.canceller();
    let mut read = Task::pending(reader.read());
    assert!(read.poll().is_pending());
    assert_eq!(read.wakes(), 0);
    canceller.cancel();
    assert_eq!(read.wakes(), 1);
    assert!(read.finish().expect("an open writer").is_cancelled());
}

#[test]
fn get_result_throws_if_read_async_canceled_before_on_completed() {
    let (_writer, mut reader) = ends();
    let canceller = reader.canceller();
    let read = Task::new(reader.read());
    canceller.cancel();
    let wakes = read.wake_count();
    // Nobody is registered yet: the first poll is ready, and no waker is called for it.
    assert!(read.finish().expect("an open writer").is_cancelled());
    assert_eq!(wakes.get(), 0);
}

#[test]
fn read_async_cancellation_e2e() {
    let (mut writer, mut reader) = ends();
    let canceller = reader.canceller();
    let read = Task::pending(reader.read());
    canceller.cancel();
    assert!(read.finish().expect("an open writer").is_cancelled());
    let read = Task::pending(reader.read());
    send(&mut writer, &[1, 2, 3]);
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("an open writer");
    assert!(!view.is_cancelled());
    assert_eq!(view.buffer(), [1, 2, 3][..]);
}

#[test]
fn read_async_completed_after_pre_cancellation() {
    let (mut writer, mut reader) = ends();
    reader.canceller().cancel();
    send(&mut writer, &[1, 2, 3]);
    expect_cancelled(&mut reader, &[1, 2, 3]);
    expect_bytes(&mut reader, &[1, 2, 3]);
}

#[test]
fn read_async_not_completed_after_cancellation() {
    let (_writer, mut reader) = ends();
    let canceller = reader.canceller();
    let read = Task::pending(reader.read());
    canceller.cancel();
    assert!(read.finish().expect("an open writer").is_cancelled());
    assert!(poll(reader.read()).is_pending());
}

// The token becomes a dropped future.
#[test]
fn read_async_not_completed_after_cancellation_token_canceled() {
    let (mut writer, mut reader) = ends();
    let dropped = Task::pending(reader.read());
    let wakes = dropped.wake_count();
    drop(dropped);
    let read = Task::pending(reader.read());
    send(&mut writer, HELLO);
    assert_eq!((wakes.get(), read.wakes()), (0, 1));
    assert_eq!(read.finish().expect("an open writer").buffer(), *HELLO);
}

#[test]
fn read_async_returns_is_cancel_on_cancel_pending_read_after_get_result() {
    let (mut writer, mut reader) = ends();
    let canceller = reader.canceller();
    let read = Task::pending(reader.read());
    send(&mut writer, b"");
    assert_eq!(read.wakes(), 0);
    canceller.cancel();
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("an open writer");
    assert!(view.is_cancelled() && view.buffer().is_empty());
}

#[test]
fn read_async_returns_is_cancel_on_cancel_pending_read_before_get_result() {
    let (mut writer, mut reader) = ends();
    let canceller = reader.canceller();
    let read = Task::pending(reader.read());
    canceller.cancel();
    send(&mut writer, b"");
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("an open writer");
    assert!(view.is_cancelled() && view.buffer().is_empty());
}

#[test]
fn read_async_throws_if_passed_canceled_cancellation_token() {
    let (mut writer, mut reader) = ends();
    send(&mut writer, HELLO);
    let canceller = reader.canceller();
    canceller.cancel();
    assert!(Task::new(reader.read()).finish().expect("an open writer").is_cancelled());
    expect_bytes(&mut reader, HELLO);
}

#[test]
fn read_async_with_new_cancellation_token_not_affected_by_previous() {
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&CountingPool::new(BLOCK)));
    let previous = reader.canceller();
    writer.finish().expect("an open reader");
    reader.close();
    let (mut writer, mut reader) = Pipe { writer, reader }.reset().expect("both ended").split();
    let mut read = Task::pending(reader.read());
    previous.cancel();
    assert_eq!(read.wakes(), 0);
    assert!(read.poll().is_pending());
    send(&mut writer, HELLO);
    assert!(!read.finish().expect("an open writer").is_cancelled());
}

#[test]
fn reading_can_be_canceled() {
    let (mut writer, mut reader) = ends();
    let read = Task::pending(reader.read());
    writer.abort(io::Error::new(io::ErrorKind::Interrupted, "cancelled"));
    assert_eq!(read.wakes(), 1);
    match read.finish() {
        Err(ReadError::Aborted(error)) => {
            let error = error.downcast_ref::<io::Error>().expect("the writer's error");
            assert_eq!(error.kind(), io::ErrorKind::Interrupted);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn write_and_cancelling_pending_read_before_read_async() {
    let (mut writer, mut reader) = ends();
    send(&mut writer, HELLO);
    reader.canceller().cancel();
    let view = ready(reader.read()).expect("an open writer");
    assert!(view.is_cancelled());
    assert_eq!(view.buffer().len(), 11);
    view.advance_all();
    assert!(poll(reader.read()).is_pending());
}

// A future dropped between two reads, polled or not, leaves nothing behind.
#[test]
fn read_async_is_not_cancelled_when_cancellation_token_cancelled_between_reads() {
    let (mut writer, mut reader) = ends();
    send(&mut writer, HELLO);
    assert_eq!(take(&mut reader), HELLO);
    drop(reader.read());
    drop(Task::pending(reader.read()));
    let read = Task::pending(reader.read());
    send(&mut writer, HELLO);
    let view = read.finish().expect("an open writer");
    assert!(!view.is_cancelled());
    assert_eq!(view.buffer(), *HELLO);
}

#[test]
fn try_read_is_not_cancelled_when_cancellation_token_cancelled_between_reads() {
    let (mut writer, mut reader) = ends();
    send(&mut writer, HELLO);
    assert_eq!(take(&mut reader), HELLO);
    drop(Task::pending(reader.read()));
    assert!(matches!(reader.try_read(), Ok(None)));
}

#[test]
fn try_read_with_data_is_not_cancelled_when_cancellation_token_cancelled_between_reads() {
    let (mut writer, mut reader) = ends();
    drop(Task::pending(reader.read()));
    send(&mut writer, HELLO);
    let view = reader.try_read().expect("an open writer").expect("bytes");
    assert!(!view.is_cancelled());
    assert_eq!(view.buffer(), *HELLO);
}
