//! Looking again before a task is parked.

use std::{
    sync::{Arc, Barrier},
    task::Poll,
    thread,
};

use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::Pool;

use crate::harness::{Task, poll, send, take};

/// A pipe held back at 64 bytes, whose ends look again so many times.
fn pipe(looks: u32) -> Pipe {
    let options = PipeOptions::builder(Pool::new()).pause_threshold(64).looks_before_parking(looks).build();
    Pipe::new(&options.expect("valid"))
}

#[test]
fn nobody_looks_twice_unless_told_to() {
    assert_eq!(PipeOptions::new(Pool::new()).looks_before_parking(), 0);
}

/// With looks for minutes, a poll that finds nothing ends by what the other thread does, and parks nobody.
#[test]
fn a_read_that_looks_again_sees_what_another_thread_flushes() {
    let Pipe { mut writer, mut reader } = pipe(u32::MAX);
    let both = Arc::new(Barrier::new(2));
    let there = Arc::clone(&both);
    let flushing = thread::spawn(move || {
        there.wait();
        send(&mut writer, b"hello");
        writer
    });
    both.wait();
    let Poll::Ready(view) = poll(reader.read()) else { panic!("parked") };
    assert_eq!(view.expect("open").buffer(), b"hello"[..]);
    let writer = flushing.join().expect("no panic");
    assert_eq!(writer.stats().reader_wakes, 0);
}

#[test]
fn a_flush_that_looks_again_sees_what_another_thread_examines() {
    let Pipe { mut writer, mut reader } = pipe(u32::MAX);
    writer.write(&[1; 64]).expect("room");
    let both = Arc::new(Barrier::new(2));
    let there = Arc::clone(&both);
    let reading = thread::spawn(move || {
        there.wait();
        // It looks too, for what the flush publishes before it looks itself.
        take(&mut reader);
        reader
    });
    both.wait();
    assert!(matches!(poll(writer.flush()), Poll::Ready(Ok(()))));
    let reader = reading.join().expect("no panic");
    assert_eq!((reader.stats().writer_wakes, reader.stats().pauses), (0, 0));
}

#[test]
fn who_has_looked_in_vain_parks_and_is_woken() {
    let Pipe { mut writer, mut reader } = pipe(3);
    let read = Task::pending(reader.read());
    send(&mut writer, &[1; 60]);
    assert_eq!(read.wakes(), 1);
    read.finish().expect("open").advance_all();
    writer.write(&[2; 64]).expect("room");
    let flush = Task::pending(writer.flush());
    assert_eq!(take(&mut reader).len(), 64);
    assert_eq!(flush.wakes(), 1);
    assert!(matches!(flush.finish(), Ok(())));
}
