//! How a stream ends, from either side.

use std::panic::{AssertUnwindSafe, catch_unwind};

use headpond_pipe::{
    FlushError, OnWriterDrop, Pipe, PipeOptions, PipeRead, ReadError, ReadInFull, Writer, WriterDropped,
};
use headpond_pool::{Pool, Slice, WriteError};

use crate::harness::{Task, never_paused, poll, ready, send, take};

#[test]
fn finish_publishes_what_is_unflushed_and_the_end_stays_ready_for_ever() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    let read = Task::pending(reader.read_at_least(100));
    writer.write(&[1; 40]).expect("room");
    writer.finish().expect("open");
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("open");
    assert!(view.is_finished());
    assert_eq!(view.buffer().len(), 40);
    view.advance_all();
    for _ in 0..3 {
        let view = ready(reader.read()).expect("the end is no error");
        assert!(view.is_finished() && view.buffer().is_empty());
        assert!(matches!(ready(reader.read_at_least(1000)), Ok(view) if view.is_finished()));
        assert!(matches!(reader.try_read(), Ok(Some(view)) if view.is_finished()));
    }
}

#[test]
fn after_an_abort_the_reader_gets_what_was_published_and_then_the_error_for_ever() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, b"published");
    writer.write(b"lost").expect("room");
    assert!(!reader.is_aborted());
    writer.abort("broken");
    assert!(reader.is_aborted());
    assert_eq!(writer.unflushed(), 0);
    for _ in 0..2 {
        let view = ready(reader.read()).expect("bytes are unexamined");
        assert!(!view.is_finished());
        assert_eq!(view.buffer(), b"published"[..]);
    }
    let view = ready(reader.read_at_least(100)).expect("bytes are unexamined");
    let start = view.buffer().start();
    view.need_more(start + 3);
    for _ in 0..3 {
        assert!(matches!(ready(reader.read()), Err(ReadError::Aborted(error)) if error.to_string() == "broken"));
        assert!(matches!(ready(reader.read_at_least(1)), Err(ReadError::Aborted(_))));
        assert!(matches!(reader.try_read(), Err(ReadError::Aborted(_))));
        assert_eq!(reader.peek(), b"lished"[..]);
    }
}

/// What is unflushed begins in a block of its own, or in the rest of the last one, with slices in between, or is not there.
#[test]
fn an_abort_discards_exactly_what_is_unflushed() {
    let fill: [fn(&mut Writer); 6] = [
        |_| {},
        |writer| drop(writer.reserve(16).expect("room")),
        |writer| writer.write(b"lost").expect("room"),
        |writer| writer.write(&[7; 40]).expect("room"),
        |writer| {
            writer.append(Slice::from_static(b"linked")).expect("open");
            writer.write(b"lost").expect("room");
        },
        |writer| {
            writer.write(b"lost").expect("room");
            writer.append(Slice::from_static(b"linked")).expect("open");
            writer.append(Slice::from_static(b"too")).expect("open");
        },
    ];
    // How many bytes are published by a write, and how many by a slice behind them, after which the block goes on.
    for (written, linked) in [(0, 0), (5, 0), (16, 0), (21, 0), (32, 0), (0, 3), (5, 3), (16, 3)] {
        for (way, fill) in fill.iter().enumerate() {
            let (pool, mut writer, mut reader) = never_paused(16);
            let published = b"published, over blocks of sixteen".get(..written + linked).expect("long enough");
            writer.write(&published[..written]).expect("room");
            writer.append(Slice::from_static(&published[written..])).expect("open");
            assert!(poll(writer.flush()).is_ready());
            fill(&mut writer);
            writer.abort("broken");
            assert_eq!(pool.rented(), written.div_ceil(16), "{written} and {linked} flushed, way {way}");
            assert_eq!(reader.peek(), *published, "{written} and {linked} flushed, way {way}");
            let end = reader.peek().end();
            reader.advance_to(end, end);
            assert!(matches!(reader.try_read(), Err(ReadError::Aborted(_))));
            assert_eq!(pool.rented(), 0, "{written} and {linked} flushed, way {way}");
        }
    }
}

#[test]
fn the_first_ending_wins() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    writer.finish().expect("open");
    writer.abort("too late");
    drop(writer);
    assert!(!reader.is_aborted());
    assert!(matches!(ready(reader.read()), Ok(view) if view.is_finished()));

    let (_pool, mut writer, mut reader) = never_paused(16);
    writer.abort("first");
    writer.abort("second");
    assert!(matches!(writer.finish(), Err(FlushError::Aborted)));
    assert!(matches!(ready(writer.flush()), Err(FlushError::Aborted)));
    drop(writer);
    assert!(matches!(ready(reader.read()), Err(ReadError::Aborted(error)) if error.to_string() == "first"));
}

#[test]
fn a_producer_that_panics_never_looks_like_a_clean_end() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, b"half a");
    let read = catch_unwind(AssertUnwindSafe(move || {
        writer.write(b" message").expect("room");
        panic!("on purpose");
    }));
    assert!(read.is_err());
    assert_eq!(take(&mut reader), b"half a");
    let Err(ReadError::Aborted(error)) = ready(reader.read()) else { panic!("a clean end") };
    assert!(error.downcast_ref::<WriterDropped>().is_some());
}

#[test]
fn a_dropped_writer_ends_cleanly_when_the_options_say_so() {
    let pool = Pool::new();
    let options = PipeOptions::builder(&pool).on_writer_drop(OnWriterDrop::Finish).build().expect("valid");
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    writer.write(b"unflushed").expect("room");
    let read = Task::pending(reader.read());
    drop(writer);
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("a clean end");
    assert!(view.is_finished());
    assert_eq!(view.buffer(), b"unflushed"[..]);
    view.advance_all();
    assert!(matches!(reader.try_read(), Ok(Some(view)) if view.is_finished()));
}

#[test]
fn a_closing_reader_gives_its_blocks_back_at_once() {
    for drops in [false, true] {
        let (pool, mut writer, mut reader) = never_paused(16);
        send(&mut writer, &[1; 100]);
        writer.write(&[2; 20]).expect("room");
        assert_eq!(pool.rented(), 8);
        if drops {
            drop(reader)
        } else {
            reader.close()
        }
        // What is left is the writer's: the blocks of what it has not flushed.
        assert_eq!(pool.rented(), 2);
        assert!(matches!(ready(writer.flush()), Err(FlushError::Closed(None))));
        assert_eq!((pool.rented(), writer.unflushed()), (0, 0));
    }
}

#[test]
fn a_closed_pipe_refuses_writes_and_holds_no_block() {
    let (pool, mut writer, mut reader) = never_paused(16);
    let _ = writer.reserve(10).expect("room");
    reader.close_with("not interested");
    reader.close_with("too late");
    for _ in 0..3 {
        assert!(
            matches!(writer.reserve(1), Err(WriteError::Closed(Some(error))) if error.to_string() == "not interested")
        );
        assert_eq!(pool.rented(), 0);
        assert!(matches!(writer.write(b"x"), Err(WriteError::Closed(Some(_)))));
        assert!(matches!(writer.write(b""), Err(WriteError::Closed(Some(_)))));
        assert!(matches!(writer.reserve_prefix(4), Err(WriteError::Closed(Some(_)))));
        assert!(matches!(ready(writer.flush()), Err(FlushError::Closed(Some(_)))));
        assert!(matches!(ready(writer.reserve_async(1)), Err(WriteError::Closed(Some(_)))));
    }
    assert_eq!(pool.rents(), 1);
    assert!(matches!(writer.finish(), Err(FlushError::Closed(Some(_)))));
    assert!(matches!(ready(reader.read()), Err(ReadError::Closed)));
    assert!(matches!(reader.try_read(), Err(ReadError::Closed)));
    assert!(reader.peek().is_empty());
}

#[test]
fn a_writer_waits_for_the_reader_to_go() {
    let (pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, &[1; 20]);
    let closed = Task::pending(writer.closed());
    take(&mut reader);
    assert_eq!(closed.wakes(), 0);
    drop(reader);
    assert_eq!(closed.wakes(), 1);
    closed.finish();
    assert!(poll(writer.closed()).is_ready());
    assert_eq!(pool.rented(), 0);
}

#[test]
fn a_writer_waits_for_everything_flushed_to_be_consumed() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    assert!(matches!(ready(writer.drained()), Ok(())));
    send(&mut writer, &[1; 20]);
    writer.write(b"unflushed bytes do not count").expect("room");
    let drained = Task::pending(writer.drained());
    let start = reader.peek().start();
    reader.advance_to(start + 19, start + 20);
    assert_eq!(drained.wakes(), 0);
    reader.advance_to(start + 20, start + 20);
    assert_eq!(drained.wakes(), 1);
    assert!(matches!(drained.finish(), Ok(())));
    ready(writer.flush()).expect("open");
    let drained = Task::pending(writer.drained());
    reader.close_with("unread");
    assert_eq!(drained.wakes(), 1);
    assert!(matches!(drained.finish(), Err(FlushError::Closed(Some(_)))));
}

#[test]
fn abort_gives_back_what_was_never_published() {
    let (pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, &[1; 20]);
    writer.write(&[2; 100]).expect("room");
    assert_eq!(pool.rented(), 8);
    writer.abort("over");
    assert_eq!(pool.rented(), 2);
    take(&mut reader);
    assert!(ready(reader.read()).is_err());
    drop((writer, reader));
    assert_eq!(pool.rented(), 0);
}

/// Up to a position: what is written beyond it is a failure as ever, whether it is published when the reader goes or not.
#[test]
fn a_reader_that_goes_with_all_it_wanted_fails_neither_flush_nor_finish() {
    let full = |outcome: Result<(), FlushError>| match outcome {
        Err(FlushError::Closed(Some(cause))) => cause.is::<ReadInFull>(),
        _ => false,
    };
    for drops in [false, true] {
        let pool = Pool::new();
        let options = PipeOptions::builder(&pool).pause_threshold(4).build().expect("valid");
        let Pipe { mut writer, mut reader } = Pipe::new(&options);
        writer.write(b"message").expect("room");
        let flush = Task::pending(writer.flush());
        assert_eq!(take(&mut reader), b"message");
        reader.mark_complete();
        if drops {
            drop(reader)
        } else {
            reader.close()
        }
        assert!(flush.wakes() > 0);
        flush.finish().expect("all of it was read");
        ready(writer.flush()).expect("nothing new");
        ready(writer.closed());
        assert!(matches!(writer.write(b"x"), Err(WriteError::Closed(Some(cause))) if cause.is::<ReadInFull>()));
        writer.finish().expect("all of it was read");
        writer.finish().expect("and so it stays");

        for published in [false, true] {
            let (_pool, mut writer, mut reader) = never_paused(16);
            send(&mut writer, b"message");
            assert_eq!(take(&mut reader), b"message");
            reader.mark_complete();
            writer.write(b"more").expect("room");
            if published {
                ready(writer.flush()).expect("open");
            }
            if drops {
                drop(reader)
            } else {
                reader.close()
            }
            ready(writer.closed());
            assert!(full(ready(writer.flush())) && full(writer.finish()));
        }

        // Who reads on has not had all, and an error is an error.
        let (_pool, mut writer, mut reader) = never_paused(16);
        reader.mark_complete();
        send(&mut writer, b"message");
        assert_eq!(take(&mut reader), b"message");
        if drops {
            drop(reader)
        } else {
            reader.close_with("enough")
        }
        assert!(writer.finish().is_err_and(|error| !full(Err(error))));
        let (_pool, mut writer, mut reader) = never_paused(16);
        reader.mark_complete();
        writer.abort("no more");
        drop(reader);
        assert!(matches!(writer.finish(), Err(FlushError::Aborted)));
    }
}
