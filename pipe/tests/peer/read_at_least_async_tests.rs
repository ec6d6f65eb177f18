//! Section ReadAtLeastAsyncTests. What is counted is the unconsumed bytes, examined or not.

use headpond_pipe::{Reader, Writer};

use crate::harness::{Task, paused_at, poll, ready, send};

fn ends() -> (Writer, Reader) {
    paused_at(65, 6)
}

#[test]
fn can_write_and_read_at_least() {
    let (mut writer, mut reader) = ends();
    send(&mut writer, b"Hello World");
    let view = ready(reader.read_at_least(11)).expect("an open writer");
    assert_eq!(view.buffer().len(), 11);
    assert_eq!(view.buffer(), *b"Hello World");
}

#[test]
fn read_at_least_should_not_complete_if_writer_wrote_less_than_minimum() {
    let (mut writer, mut reader) = ends();
    send(&mut writer, b"Hello");
    let mut read = Task::pending(reader.read_at_least(11));
    assert!(read.poll().is_pending());
    send(&mut writer, b" World");
    assert_eq!(read.wakes(), 1);
    assert_eq!(read.finish().expect("an open writer").buffer(), *b"Hello World");
}

#[test]
fn can_alternate_read_at_least_and_read() {
    let (mut writer, mut reader) = ends();
    send(&mut writer, b"Hello");
    let view = ready(reader.read_at_least(3)).expect("an open writer");
    assert_eq!(view.buffer(), *b"Hello");
    view.advance_all();
    send(&mut writer, b" World");
    let view = ready(reader.read()).expect("an open writer");
    assert_eq!(view.buffer().len(), 6);
    assert_eq!(view.buffer(), *b" World");
}

#[test]
fn read_at_least_returns_if_completed() {
    let (mut writer, mut reader) = ends();
    writer.finish().expect("an open reader");
    for _ in 0..3 {
        let view = ready(reader.read_at_least(100)).expect("a clean end");
        assert!(view.is_finished() && !view.is_cancelled());
        assert!(view.buffer().is_empty());
        view.advance_all();
    }
}

#[test]
fn can_read_at_least() {
    let nothing: fn(&mut Reader) = |_| ();
    let read_and_dropped: fn(&mut Reader) = |reader| {
        assert_eq!(ready(reader.read()).expect("an open writer").buffer().len(), 21);
    };
    let examined: fn(&mut Reader) = |reader| {
        let view = ready(reader.read()).expect("an open writer");
        let start = view.buffer().start();
        view.need_more(start);
        assert!(poll(reader.read()).is_pending());
    };
    let asked_for_more: fn(&mut Reader) = |reader| assert!(poll(reader.read_at_least(22)).is_pending());
    for before in [nothing, read_and_dropped, examined, asked_for_more] {
        let (mut writer, mut reader) = ends();
        send(&mut writer, &[4; 21]);
        before(&mut reader);
        let view = ready(reader.read_at_least(20)).expect("an open writer");
        assert_eq!(view.buffer(), [4; 21][..]);
    }
}

#[test]
fn read_at_least_async_throws_if_passed_canceled_cancellation_token() {
    let (_writer, mut reader) = ends();
    reader.canceller().cancel();
    assert!(ready(reader.read_at_least(1)).expect("an open writer").is_cancelled());
    assert!(poll(reader.read_at_least(1)).is_pending());
}

#[test]
fn write_and_cancelling_pending_read_before_read_at_least_async() {
    let (mut writer, mut reader) = ends();
    send(&mut writer, b"Hello World");
    reader.canceller().cancel();
    let view = ready(reader.read_at_least(12)).expect("an open writer");
    assert!(view.is_cancelled());
    assert_eq!(view.buffer(), *b"Hello World");
}

#[test]
fn read_at_least_async_cancelable_when_waiting_for_more_data() {
    let (_writer, mut reader) = ends();
    let canceller = reader.canceller();
    let read = Task::pending(reader.read_at_least(1));
    canceller.cancel();
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("an open writer");
    assert!(view.is_cancelled() && view.buffer().is_empty());
}

#[test]
fn read_at_least_async_cancelable_after_reading_some() {
    let (mut writer, mut reader) = ends();
    let canceller = reader.canceller();
    send(&mut writer, &[5; 10]);
    let view = ready(reader.read()).expect("an open writer");
    let start = view.buffer().start();
    view.advance_to(start, start);
    let read = Task::pending(reader.read_at_least(11));
    canceller.cancel();
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("an open writer");
    assert!(view.is_cancelled());
    assert_eq!(view.buffer(), [5; 10][..]);
}

#[test]
fn read_at_least_async_cancelable_after_reading_some_and_writing_after_starting_read() {
    let (mut writer, mut reader) = ends();
    let canceller = reader.canceller();
    send(&mut writer, &[5; 10]);
    let view = ready(reader.read()).expect("an open writer");
    let start = view.buffer().start();
    view.advance_to(start, start);
    let mut read = Task::pending(reader.read_at_least(12));
    send(&mut writer, &[5]);
    assert_eq!(read.wakes(), 0);
    assert!(read.poll().is_pending());
    canceller.cancel();
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("an open writer");
    assert!(view.is_cancelled());
    assert_eq!(view.buffer(), [5; 11][..]);
}
