//! Section FlushAsyncCompletionTests. `AwaitingFlushAsyncAwaitableTwiceCompletesReaderWithException` does not compile here.

use headpond_pipe::{ReadError, Reader};

use crate::harness::{paused_at, ready};

/// What the reader's error says.
fn aborted_with(reader: &mut Reader) -> String {
    match ready(reader.read()) {
        Err(ReadError::Aborted(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn completing_with_exception_does_not_affect_state() {
    let (mut writer, mut reader) = paused_at(64, 32);
    writer.finish().expect("an open reader");
    writer.abort("too late");
    assert!(ready(reader.read()).expect("a clean end").is_finished());
}

#[test]
fn completing_with_exception_does_not_affect_failed_state() {
    let (mut writer, mut reader) = paused_at(64, 32);
    writer.abort("first");
    writer.abort("second");
    assert_eq!(aborted_with(&mut reader), "first");
}

#[test]
fn completing_without_exception_does_not_affect_state() {
    let (mut writer, mut reader) = paused_at(64, 32);
    writer.abort("first");
    writer.finish().expect_err("an aborted stream");
    assert_eq!(aborted_with(&mut reader), "first");
    assert_eq!(aborted_with(&mut reader), "first");
}
