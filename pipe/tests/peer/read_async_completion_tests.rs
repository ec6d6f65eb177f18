//! Section ReadAsyncCompletionTests. `AwaitingReadAsyncAwaitableTwiceCompletesWriterWithException` does not compile here.

use headpond_pipe::{FlushError, Writer};

use crate::harness::{paused_at, ready};

/// What the reader closed with, as a flush tells it.
fn closed_with(writer: &mut Writer) -> Option<String> {
    match ready(writer.flush()) {
        Err(FlushError::Closed(error)) => error.map(|error| error.to_string()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn completing_with_exception_does_not_affect_state() {
    let (mut writer, mut reader) = paused_at(64, 32);
    reader.close();
    reader.close_with("too late");
    assert_eq!(closed_with(&mut writer), None);
}

#[test]
fn completing_with_exception_does_not_affect_failed_state() {
    let (mut writer, mut reader) = paused_at(64, 32);
    reader.close_with("first");
    reader.close_with("second");
    assert_eq!(closed_with(&mut writer).as_deref(), Some("first"));
}

#[test]
fn completing_without_exception_does_not_affect_state() {
    let (mut writer, mut reader) = paused_at(64, 32);
    reader.close_with("first");
    reader.close();
    assert_eq!(closed_with(&mut writer).as_deref(), Some("first"));
    assert_eq!(closed_with(&mut writer).as_deref(), Some("first"));
}
