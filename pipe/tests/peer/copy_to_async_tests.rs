//! Section CopyToAsyncTests, as far as it copies from pipe to pipe; the adapters' tests copy to streams.

use headpond_pipe::{CopyError, FlushError};

use crate::harness::{BLOCK, Task, never_paused, paused_at, poll, ready, send, take};

#[test]
fn copy_to_async_pipe_writer_works() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    let (target_pool, mut target, mut received) = never_paused(BLOCK);
    let mut copy = Task::pending(reader.copy_to(&mut target));
    for message in [b"Hello World1", b"Hello World2", b"Hello World3"] {
        send(&mut writer, message);
        assert!(copy.poll().is_pending());
        assert_eq!(take(&mut received), message);
    }
    writer.finish().expect("an open reader");
    assert_eq!(copy.finish().expect("a clean end"), 36);
    // Moved by reference: the target's pool gave nothing. Its stream goes on until somebody ends it.
    assert_eq!((pool.rents(), target_pool.rents()), (1, 0));
    assert!(matches!(received.try_read(), Ok(None)));
    target.finish().expect("an open reader");
    assert!(ready(received.read()).expect("a clean end").is_finished());
}

// The token becomes the drop of the future, while the target is paused.
#[test]
fn canceling_pipe_writer_via_cancellation_token_throws_operation_cancelled_exception() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    let (mut target, mut received) = paused_at(2, 1);
    send(&mut writer, b"Hello World");
    drop(Task::pending(reader.copy_to(&mut target)));
    assert_eq!(reader.unconsumed(), 0);
    assert!(poll(target.flush()).is_pending());
    assert_eq!(take(&mut received), b"Hello World");
    assert!(matches!(ready(target.flush()), Ok(())));
    send(&mut writer, b"later");
    assert_eq!(take(&mut reader), b"later");
}

#[test]
fn canceling_pipe_writer_via_pending_flush_throws_operation_cancelled_exception() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    let (mut target, mut received) = paused_at(2, 1);
    let canceller = target.canceller();
    send(&mut writer, b"Hello World");
    let copy = Task::pending(reader.copy_to(&mut target));
    canceller.cancel();
    assert_eq!(copy.wakes(), 1);
    assert!(matches!(copy.finish(), Err(CopyError::Flush(FlushError::Cancelled))));
    assert_eq!(take(&mut received), b"Hello World");
    assert_eq!(reader.unconsumed(), 0);
}
