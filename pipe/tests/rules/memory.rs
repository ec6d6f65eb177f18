//! Which blocks a pipe holds, and when they go back.

use std::sync::Arc;

use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::{BlockSource, Pool, Slice};

use crate::harness::{Task, never_paused, poll, ready, send, take};

#[test]
fn whole_blocks_before_consumed_go_back_at_the_advance() {
    let (pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, &[1; 72]);
    assert_eq!(pool.rented(), 5);
    for (consumed, left) in [(15, 5), (16, 4), (31, 4), (48, 2), (64, 1), (72, 1)] {
        let at = headpond_pool::Position::new(consumed);
        reader.peek();
        reader.advance_to(at, at);
        assert_eq!(pool.rented(), left, "{consumed} consumed");
    }
}

#[test]
fn with_nothing_unconsumed_a_pipe_holds_the_block_being_filled_at_most() {
    let (pool, mut writer, mut reader) = never_paused(16);
    for size in 1..100 {
        send(&mut writer, &vec![1; size]);
        take(&mut reader);
        assert!(pool.rented() <= 1, "after {size} bytes");
        let _ = writer.reserve(1 + size % 16).expect("room");
        assert!(pool.rented() <= 1, "after {size} bytes, and a reserve");
    }
}

#[test]
fn a_consumed_block_goes_back_when_its_writer_moves_on_however_it_does() {
    let (pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, &[1; 7]);
    take(&mut reader);
    writer.append(Slice::from_static(b"linked")).expect("open");
    assert_eq!(pool.rented(), 1);
    let _ = writer.reserve(20).expect("room");
    assert_eq!(pool.rented(), 1, "moved on after an append");

    let (pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, &[1; 16]);
    take(&mut reader);
    writer.append(Slice::from_static(b"linked")).expect("open");
    assert_eq!(pool.rented(), 0, "moved on by an append");

    let (pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, &[1; 10]);
    take(&mut reader);
    writer.write(&[2; 20]).expect("room");
    assert_eq!(pool.rented(), 2, "moved on by a write that fills the first");
    ready(writer.flush()).expect("open");
    take(&mut reader);
    assert_eq!(pool.rented(), 1);
}

#[test]
fn a_released_block_goes_back_when_its_reader_parks_tries_or_closes() {
    type Meet = fn(&mut headpond_pipe::Reader);
    let meets: [Meet; 3] = [
        |reader| assert!(poll(reader.read()).is_pending()),
        |reader| assert!(matches!(reader.try_read(), Ok(None))),
        |reader| reader.close(),
    ];
    for meet in meets {
        let (pool, mut writer, mut reader) = never_paused(16);
        writer.write(&[1; 10]).expect("room");
        ready(writer.flush_release()).expect("open");
        assert_eq!(take(&mut reader).len(), 10);
        meet(&mut reader);
        assert_eq!(pool.rented(), 0);
    }
}

#[test]
fn a_released_block_that_nobody_took_is_taken_up_again() {
    let (pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, &[1; 4]);
    writer.release();
    assert_eq!(writer.reserve(12).expect("room").len(), 12);
    assert_eq!(pool.rents(), 1);
    take(&mut reader);
    let read = Task::pending(reader.read());
    drop(read);
    assert_eq!(pool.rented(), 1, "claimed again");
    writer.release();
    assert_eq!(pool.rented(), 0);
    writer.write(b"anew").expect("room");
    assert_eq!(pool.rents(), 2);
}

#[test]
fn a_release_with_bytes_unflushed_waits_for_the_flush() {
    let (pool, mut writer, mut reader) = never_paused(16);
    writer.write(b"abc").expect("room");
    writer.release();
    writer.write(b"def").expect("room");
    assert_eq!(pool.rents(), 1);
    ready(writer.flush()).expect("open");
    assert_eq!(take(&mut reader), b"abcdef");
    assert!(poll(reader.read()).is_pending());
    assert_eq!(pool.rented(), 0);
}

#[test]
fn a_finished_and_drained_pipe_holds_no_block_once_the_end_was_read() {
    let (pool, mut writer, mut reader) = never_paused(16);
    writer.write(&[1; 20]).expect("room");
    writer.finish().expect("open");
    take(&mut reader);
    assert!(matches!(ready(reader.read()), Ok(view) if view.is_finished()));
    assert_eq!(pool.rented(), 0);
}

#[test]
fn when_both_ends_are_gone_the_gauge_is_where_it_was_even_while_a_handle_lives() {
    for writer_first in [false, true] {
        let (pool, mut writer, mut reader) = never_paused(16);
        let handles = (writer.canceller(), reader.canceller());
        send(&mut writer, &[1; 100]);
        writer.append(Slice::from(vec![2; 10])).expect("open");
        writer.write(&[3; 100]).expect("room");
        let start = reader.peek().start();
        reader.advance_to(start + 50, start + 70);
        if writer_first {
            drop(writer);
            drop(reader);
        } else {
            drop(reader);
            drop(writer);
        }
        assert_eq!(pool.rented(), 0);
        handles.0.cancel();
        handles.1.cancel();
    }
}

#[test]
fn options_take_a_source_however_it_is_given() {
    let pool = Pool::new();
    let typed = Arc::new(pool.clone());
    let untyped: Arc<dyn BlockSource> = typed.clone();
    let chosen = PipeOptions::new(&untyped);
    assert!(Arc::ptr_eq(chosen.source(), &untyped), "not wrapped again");
    let all = [
        PipeOptions::new(&pool),
        PipeOptions::new(chosen.source()),
        PipeOptions::new(untyped),
        PipeOptions::new(typed),
        PipeOptions::builder(pool.clone()).build().expect("valid"),
        PipeOptions::new(pool.clone()),
        chosen,
    ];
    let pipes = all.each_ref().map(|options| {
        let mut pipe = Pipe::new(options);
        pipe.writer.write(b"rented").expect("memory");
        pipe
    });
    assert_eq!(pool.stats().rented, pipes.len(), "all of the one pool");
}
