//! Section PipeResetTests.

use headpond_pipe::Pipe;

use crate::harness::{BLOCK, length, never_paused, ready, send, take};

#[test]
fn reads_and_writes_after_reset() {
    let (_, writer, reader) = never_paused(BLOCK);
    let mut pipe = Pipe { writer, reader };
    for _ in 0..2 {
        let (mut writer, mut reader) = pipe.split();
        send(&mut writer, b"Hello World");
        let view = ready(reader.read()).expect("an open writer");
        assert_eq!(view.buffer(), *b"Hello World");
        assert_eq!(view.buffer().start().offset(), 0);
        view.advance_all();
        writer.finish().expect("an open reader");
        assert!(ready(reader.read()).expect("a clean end").is_finished());
        reader.close();
        pipe = Pipe { writer, reader }.reset().expect("both ended");
    }
    assert!(matches!(pipe.reader.try_read(), Ok(None)));
}

#[test]
fn reset_throws_if_reader_not_completed() {
    let (_, mut writer, reader) = never_paused(BLOCK);
    send(&mut writer, b"kept");
    writer.finish().expect("an open reader");
    let error = Pipe { writer, reader }.reset().expect_err("an open reader");
    assert!(error.to_string().contains("reader"), "{error}");
    // Both ends come back as they were.
    assert_eq!(take(&mut error.into_pipe().reader), b"kept");
}

#[test]
fn reset_throws_if_writer_not_completed() {
    let (_, writer, mut reader) = never_paused(BLOCK);
    reader.close();
    let error = Pipe { writer, reader }.reset().expect_err("an open writer");
    assert!(error.to_string().contains("writer"), "{error}");
    let Pipe { mut writer, reader } = error.into_pipe();
    writer.finish().expect_err("a closed reader");
    assert!(Pipe { writer, reader }.reset().is_ok());
}

#[test]
fn reset_resets_reader_awaitable() {
    let (_, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, b"Hello");
    writer.finish().expect("an open reader");
    reader.close();
    let mut pipe = Pipe { writer, reader }.reset().expect("both ended");
    assert!(matches!(pipe.reader.try_read(), Ok(None)));
}

#[test]
fn length_is_reseted() {
    let (pool, mut writer, mut reader) = never_paused(BLOCK);
    send(&mut writer, b"Hello");
    assert_eq!(length(&reader), 5);
    writer.finish().expect("an open reader");
    reader.close();
    let pipe = Pipe { writer, reader }.reset().expect("both ended");
    assert_eq!(length(&pipe.reader), 0);
    assert_eq!((pipe.reader.unconsumed(), pipe.writer.stats().written), (0, 0));
    assert_eq!(pool.rented(), 0);
}
