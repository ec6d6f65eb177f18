//! Section FlushAsyncCancellationTests. The pipe pauses at 65 unexamined bytes and resumes below 6.

use std::{
    future::Future,
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    thread,
};

use headpond_pipe::{FlushError, Pipe, PipeOptions, PipeWrite, Reader, Writer};

use crate::harness::{BLOCK, CountingPool, Task, paused_at, poll, ready, send, take, waker_calling};

const HIGH: usize = 65;

fn ends() -> (Writer, Reader) {
    paused_at(HIGH, 6)
}

/// The ends, with as much written as pauses the pipe.
fn full_ends() -> (Writer, Reader) {
    let (mut writer, reader) = ends();
    writer.write(&[7; HIGH]).expect("room");
    (writer, reader)
}

/// A waker that flushes again while it is being called, against a thread that takes the pending flush back.
#[test]
fn flush_async_cancellation_deadlock() {
    for _ in 0..200 {
        let (writer, reader) = full_ends();
        let canceller = writer.canceller();
        let writer = Arc::new(Mutex::new(writer));
        let reentered = Arc::new(AtomicUsize::new(0));
        let waker = {
            let (writer, reentered) = (Arc::clone(&writer), Arc::clone(&reentered));
            waker_calling(move || {
                let mut writer = writer.lock().expect("not poisoned");
                if let Poll::Ready(result) = writer.poll_flush(&mut Context::from_waker(Waker::noop())) {
                    assert!(matches!(result, Err(FlushError::Cancelled)), "{result:?}");
                    reentered.fetch_add(1, Ordering::SeqCst);
                }
            })
        };
        assert!(writer.lock().expect("not poisoned").poll_flush(&mut Context::from_waker(&waker)).is_pending());
        let barrier = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                barrier.wait();
                canceller.cancel();
            });
            barrier.wait();
            writer.lock().expect("not poisoned").withdraw();
        });
        // The cancellation came to one flush: the waker's, or else the next.
        let next = poll(writer.lock().expect("not poisoned").flush());
        let cancelled_now = usize::from(matches!(next, Poll::Ready(Err(FlushError::Cancelled))));
        assert_eq!(reentered.load(Ordering::SeqCst) + cancelled_now, 1);
        assert_eq!(reader.unconsumed(), HIGH);
    }
}

#[test]
fn flush_async_cancellation_e2e() {
    let (mut writer, mut reader) = full_ends();
    let canceller = writer.canceller();
    let flush = Task::pending(writer.flush());
    canceller.cancel();
    assert!(matches!(flush.finish(), Err(FlushError::Cancelled)));
    let second = Task::pending(writer.flush());
    assert_eq!(take(&mut reader), [7; 65]);
    assert_eq!(second.wakes(), 1);
    assert!(matches!(second.finish(), Ok(())));
}

#[test]
fn flush_async_completed_after_pre_cancellation() {
    let (mut writer, mut reader) = ends();
    writer.write(&[1]).expect("room");
    writer.canceller().cancel();
    assert!(matches!(ready(writer.flush()), Err(FlushError::Cancelled)));
    assert!(matches!(ready(writer.flush()), Ok(())));
    assert_eq!(take(&mut reader), [1]);
}

#[test]
fn flush_async_not_completed_after_cancellation() {
    let (mut writer, _reader) = full_ends();
    let canceller = writer.canceller();
    let flush = Task::pending(writer.flush());
    canceller.cancel();
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Err(FlushError::Cancelled)));
    assert!(poll(writer.flush()).is_pending());
}

// The token becomes a dropped future.
#[test]
fn flush_async_not_completed_after_cancellation_token_canceled() {
    let (mut writer, mut reader) = full_ends();
    drop(Task::pending(writer.flush()));
    let flush = Task::pending(writer.flush());
    assert_eq!(take(&mut reader).len(), 65);
    assert!(matches!(flush.finish(), Ok(())));
}

#[test]
fn flush_async_returns_canceled_if_canceled_before_flush() {
    let (mut writer, _reader) = full_ends();
    writer.canceller().cancel();
    assert!(matches!(ready(writer.flush()), Err(FlushError::Cancelled)));
}

#[test]
fn flush_async_returns_canceled_if_flush_canceled() {
    let (mut writer, reader) = full_ends();
    let canceller = writer.canceller();
    let flush = Task::pending(writer.flush());
    canceller.cancel();
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Err(FlushError::Cancelled)));
    assert_eq!(reader.unconsumed(), 65);
}

#[test]
fn flush_async_returns_is_cancel_on_cancel_pending_flush_after_get_result() {
    let (mut writer, mut reader) = full_ends();
    let canceller = writer.canceller();
    let flush = Task::pending(writer.flush());
    canceller.cancel();
    assert_eq!(take(&mut reader).len(), 65);
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Err(FlushError::Cancelled)));
    assert!(matches!(ready(writer.flush()), Ok(())));
}

#[test]
fn flush_async_returns_is_cancel_on_cancel_pending_flush_before_get_result() {
    let (mut writer, mut reader) = full_ends();
    let canceller = writer.canceller();
    let flush = Task::pending(writer.flush());
    assert_eq!(take(&mut reader).len(), 65);
    canceller.cancel();
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Err(FlushError::Cancelled)));
    assert!(matches!(ready(writer.flush()), Ok(())));
}

// The bytes of the cancelled flush are published.
#[test]
fn flush_async_throws_if_passed_canceled_cancellation_token() {
    let (mut writer, mut reader) = ends();
    let canceller = writer.canceller();
    canceller.cancel();
    writer.write(&[1, 2, 3]).expect("room");
    let flush = Task::new(writer.flush());
    assert!(matches!(flush.finish(), Err(FlushError::Cancelled)));
    assert_eq!(take(&mut reader), [1, 2, 3]);
}

#[test]
fn flush_async_with_new_cancellation_token_not_affected_by_previous() {
    let options = PipeOptions::builder(&CountingPool::new(BLOCK)).pause_threshold(HIGH).resume_threshold(6);
    let Pipe { mut writer, mut reader } = Pipe::new(&options.build().expect("in order"));
    let previous = writer.canceller();
    writer.finish().expect("an open reader");
    reader.close();
    let (mut writer, mut reader) = Pipe { writer, reader }.reset().expect("both ended").split();
    writer.write(&[7; HIGH]).expect("room");
    let mut flush = Task::pending(writer.flush());
    previous.cancel();
    assert_eq!(flush.wakes(), 0);
    assert!(flush.poll().is_pending());
    assert_eq!(take(&mut reader).len(), 65);
    assert!(matches!(flush.finish(), Ok(())));
}

#[test]
fn get_result_throws_if_flush_async_canceled_after_on_completed() {
    let (mut writer, _reader) = full_ends();
    let canceller = writer.canceller();
    let mut flush = Task::pending(writer.flush());
    assert!(flush.poll().is_pending());
    assert_eq!(flush.wakes(), 0);
    canceller.cancel();
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Err(FlushError::Cancelled)));
}

#[test]
fn get_result_throws_if_flush_async_canceled_before_on_completed() {
    let (mut writer, _reader) = full_ends();
    let canceller = writer.canceller();
    let flush = Task::new(writer.flush());
    canceller.cancel();
    let wakes = flush.wake_count();
    // Nobody is registered yet: the first poll is ready, and no waker is called for it.
    assert!(matches!(flush.finish(), Err(FlushError::Cancelled)));
    assert_eq!(wakes.get(), 0);
}

// Several cancellations are one.
#[test]
fn get_result_throws_if_flush_async_token_fired_after_cancel_pending() {
    let (mut writer, _reader) = full_ends();
    let (one, other) = (writer.canceller(), writer.canceller());
    let flush = Task::pending(writer.flush());
    one.cancel();
    other.cancel();
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Err(FlushError::Cancelled)));
    assert!(poll(writer.flush()).is_pending());
}

#[test]
fn flush_async_throws_if_passed_canceled_cancellation_token_and_pipe_is_able_to_complete() {
    let (mut writer, mut reader) = ends();
    let read = Task::pending(reader.read());
    writer.canceller().cancel();
    assert!(matches!(ready(writer.flush()), Err(FlushError::Cancelled)));
    assert_eq!(read.wakes(), 0);
    writer.finish().expect("an open reader");
    assert_eq!(read.wakes(), 1);
    assert!(read.finish().expect("a clean end").is_finished());
}

#[test]
fn read_async_returns_data_after_it_was_written_during_cancelled_read() {
    let (writer, mut reader) = ends();
    let canceller = reader.canceller();
    let writer = Arc::new(Mutex::new(writer));
    let waker = {
        let writer = Arc::clone(&writer);
        waker_calling(move || send(&mut writer.lock().expect("not poisoned"), &[9]))
    };
    let mut read = Box::pin(reader.read());
    assert!(read.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    canceller.cancel();
    let view = ready(read).expect("an open writer");
    assert!(view.is_cancelled());
    // No advance: the byte is there for the next read.
    let view = ready(reader.read()).expect("an open writer");
    assert!(!view.is_cancelled());
    assert_eq!(view.buffer(), [9][..]);
}
