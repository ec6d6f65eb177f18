//! Reads, views and what they leave.

use headpond_pipe::{Pipe, PipeOptions, ReadError};
use headpond_pool::{Pool, Position};

use crate::harness::{Task, never_paused, panic_message, poll, ready, send, take};

#[test]
fn a_read_is_ready_when_a_byte_is_unexamined() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    let read = Task::pending(reader.read());
    send(&mut writer, b"a");
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("open");
    let start = view.buffer().start();
    view.need_more(start);
    assert!(poll(reader.read()).is_pending());
    assert!(matches!(reader.try_read(), Ok(None)));
    assert_eq!(reader.peek(), b"a"[..]);
    send(&mut writer, b"b");
    assert_eq!(ready(reader.read()).expect("open").buffer(), b"ab"[..]);
}

#[test]
fn a_view_dropped_without_an_advance_changes_nothing() {
    let (_pool, mut writer, mut reader) = never_paused(4);
    send(&mut writer, b"0123456789");
    for _ in 0..3 {
        let _ = ready(reader.read()).expect("open");
        assert!(matches!(reader.try_read(), Ok(Some(view)) if view.buffer() == b"0123456789"[..]));
    }
    assert_eq!((reader.stats().examined, reader.stats().consumed), (0, 0));
}

#[test]
fn the_three_ways_to_end_a_view() {
    let (_pool, mut writer, mut reader) = never_paused(4);
    send(&mut writer, b"0123456789");
    let view = ready(reader.read()).expect("open");
    let start = view.buffer().start();
    view.advance(start + 2);
    let view = ready(reader.read()).expect("more is unexamined");
    assert_eq!(view.buffer(), b"23456789"[..]);
    view.advance_to(start + 4, start + 9);
    let view = ready(reader.read()).expect("one byte is unexamined");
    assert_eq!(view.buffer(), b"456789"[..]);
    view.need_more(start + 5);
    assert!(poll(reader.read()).is_pending());
    assert_eq!((reader.stats().examined, reader.stats().consumed), (10, 5));
}

#[test]
fn examined_may_move_back_but_not_before_consumed() {
    let (_pool, mut writer, mut reader) = never_paused(4);
    send(&mut writer, b"0123456789");
    reader.peek();
    reader.advance_to(Position::new(2), Position::new(10));
    assert!(poll(reader.read()).is_pending());
    reader.advance_to(Position::new(2), Position::new(3));
    assert!(poll(reader.read()).is_ready());
    assert_eq!(reader.stats().examined, 10, "the writer's side does not move back");
    let message = panic_message(|| reader.advance_to(Position::new(5), Position::new(4)));
    assert!(message.contains("consumed 5") && message.contains("examined 4"), "{message}");
}

#[test]
fn a_position_outside_the_view_panics_and_changes_nothing() {
    let (_pool, mut writer, mut reader) = never_paused(4);
    send(&mut writer, b"0123456789");
    reader.peek();
    reader.advance_to(Position::new(3), Position::new(3));
    send(&mut writer, b"not looked at yet");
    for (consumed, examined) in [(2, 5), (3, 11), (11, 11), (u64::MAX, u64::MAX)] {
        let advance = || reader.advance_to(Position::new(consumed), Position::new(examined));
        let message = panic_message(advance);
        assert!(message.contains(&format!("consumed {consumed}, examined {examined}")), "{message}");
        assert!(message.contains("3..10"), "{message}");
    }
    assert_eq!(take(&mut reader), b"3456789not looked at yet");
}

#[test]
fn peek_shows_everything_and_marks_nothing() {
    let (_pool, mut writer, mut reader) = never_paused(4);
    assert!(reader.peek().is_empty());
    send(&mut writer, b"012345");
    assert_eq!(reader.peek(), b"012345"[..]);
    assert!(poll(reader.read()).is_ready());
    writer.finish().expect("open");
    take(&mut reader);
    assert!(reader.peek().is_empty());
    reader.close();
    assert!(reader.peek().is_empty());
}

#[test]
fn read_at_least_is_ready_when_so_much_is_unconsumed_examined_or_not_and_woken_once() {
    let (_pool, mut writer, mut reader) = never_paused(4);
    send(&mut writer, b"01234");
    let view = ready(reader.read_at_least(5)).expect("open");
    let start = view.buffer().start();
    view.need_more(start);
    assert!(poll(reader.read_at_least(5)).is_ready(), "examined bytes count");
    let read = Task::pending(reader.read_at_least(12));
    for byte in 0..6 {
        send(&mut writer, &[byte]);
        assert_eq!(read.wakes(), 0);
    }
    send(&mut writer, b"78");
    send(&mut writer, b"9");
    assert_eq!(read.wakes(), 1);
    assert_eq!(read.finish().expect("open").buffer().len(), 14);
}

#[test]
fn read_at_least_nothing_waits_as_a_read() {
    let (_pool, mut writer, mut reader) = never_paused(4);
    send(&mut writer, b"01");
    let view = ready(reader.read_at_least(0)).expect("open");
    let start = view.buffer().start();
    view.need_more(start);
    assert!(poll(reader.read_at_least(0)).is_pending());
}

#[test]
fn more_than_any_stream_has_is_waited_for_up_to_the_end() {
    let options = PipeOptions::builder(Pool::new()).max_unconsumed(None).build().expect("valid");
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    send(&mut writer, b"0123");
    let view = ready(reader.read()).expect("open");
    let to = view.buffer().start() + 1;
    view.advance(to);
    let read = Task::pending(reader.read_at_least(usize::MAX));
    send(&mut writer, b"4");
    assert_eq!(read.wakes(), 0);
    writer.finish().expect("open");
    assert_eq!(read.wakes(), 1);
    let view = read.finish().expect("a clean end");
    assert!(view.is_finished());
    assert_eq!(view.buffer(), b"1234"[..]);
}

#[test]
fn a_dropped_read_takes_back_what_it_waited_for() {
    let (_pool, mut writer, mut reader) = never_paused(4);
    let large = Task::pending(reader.read_at_least(1000));
    let wakes = large.wake_count();
    drop(large);
    let small = Task::pending(reader.read_at_least(2));
    send(&mut writer, b"0");
    assert_eq!(small.wakes(), 0);
    send(&mut writer, b"1");
    assert_eq!((small.wakes(), wakes.get()), (1, 0));
    assert_eq!(small.finish().expect("open").buffer(), b"01"[..]);
}

#[test]
fn a_full_pipe_fails_the_read_and_keeps_the_data() {
    let options = PipeOptions::builder(Pool::new()).max_unconsumed(8).build().expect("valid");
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    assert!(matches!(ready(reader.read_at_least(9)), Err(ReadError::LimitExceeded { limit: 8 })));
    assert!(poll(reader.read_at_least(8)).is_pending());
    send(&mut writer, &[1; 7]);
    let view = ready(reader.read()).expect("below the limit");
    let start = view.buffer().start();
    view.need_more(start);
    assert!(poll(reader.read()).is_pending());
    // One write may exceed it.
    send(&mut writer, &[1; 20]);
    let view = ready(reader.read()).expect("not all is examined");
    view.need_more(start);
    assert!(matches!(ready(reader.read()), Err(ReadError::LimitExceeded { limit: 8 })));
    assert!(matches!(reader.try_read(), Err(ReadError::LimitExceeded { limit: 8 })), "nor would a wait bring more");
    assert_eq!(reader.peek().len(), 27);
    reader.advance_to(start + 20, start + 27);
    assert!(poll(reader.read()).is_pending(), "there is room again");
}

#[test]
fn the_limit_refuses_nothing_that_is_there() {
    let options = PipeOptions::builder(Pool::new()).max_unconsumed(8).build().expect("valid");
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    send(&mut writer, &[1; 20]);
    let view = ready(reader.read_at_least(20)).expect("as many are there");
    let start = view.buffer().start();
    assert!(matches!(ready(reader.read_at_least(21)), Err(ReadError::LimitExceeded { limit: 8 })));
    reader.advance_to(start, start + 20);
    assert!(matches!(ready(reader.read_at_least(20)), Ok(view) if view.buffer().len() == 20));
    assert!(matches!(ready(reader.read()), Err(ReadError::LimitExceeded { limit: 8 })));
}

#[test]
fn without_a_limit_everything_may_be_gathered() {
    let options = PipeOptions::builder(Pool::new()).max_unconsumed(None).pause_threshold(0).build().expect("valid");
    let Pipe { mut writer, mut reader } = Pipe::new(&options);
    assert_eq!(PipeOptions::new(Pool::new()).max_unconsumed(), Some(16 << 20));
    let chunk = headpond_pool::Slice::from(vec![1; 1 << 20]);
    for _ in 0..20 {
        writer.append(chunk.clone()).expect("open");
        ready(writer.flush()).expect("open");
        let view = ready(reader.read()).expect("no limit");
        let start = view.buffer().start();
        view.need_more(start);
    }
    assert_eq!(reader.unconsumed(), 20 << 20);
    assert!(poll(reader.read_at_least(usize::MAX / 2)).is_pending());
}

#[test]
fn the_counts_say_what_went_through() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, &[1; 30]);
    writer.write(&[2; 5]).expect("room");
    let start = reader.peek().start();
    reader.advance_to(start + 10, start + 20);
    let stats = writer.stats();
    assert_eq!((stats.written, stats.flushed, stats.examined, stats.consumed), (35, 30, 20, 10));
    assert_eq!((stats.pauses, stats.reader_wakes, stats.writer_wakes), (0, 0, 0));
    assert_eq!((writer.unflushed(), reader.unconsumed()), (5, 20));
    let stats = reader.stats();
    assert_eq!((stats.written, stats.flushed, stats.examined, stats.consumed), (30, 30, 20, 10));
}
