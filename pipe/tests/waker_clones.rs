//! Wakers that use the other end when they are cloned or dropped, which must find no claim held.
//!
//! # Invariants
//!
//! 1. The data of every waker made here points to an `Acting` that is borrowed for longer than the waker lives.

use std::{
    cell::{Cell, RefCell},
    ptr,
    task::{Context, Poll, RawWaker, RawWakerVTable, Waker},
};

use headpond_pipe::{Pipe, PipeOptions, PipeRead, PipeWrite, Reader, Writer};
use headpond_pool::Pool;

/// What the next clone does, and the next drop of one. Each test is of one thread.
#[derive(Default)]
struct Acting<'a> {
    on_clone: Cell<Option<&'a dyn Fn()>>,
    on_drop: Cell<Option<&'a dyn Fn()>>,
}

const VTABLE: RawWakerVTable = RawWakerVTable::new(cloned, dropped, |_| {}, dropped);

/// # Safety
///
/// `data` is a waker's of this file.
unsafe fn cloned(data: *const ()) -> RawWaker {
    // SAFETY: invariant 1.
    let acting = unsafe { &*data.cast::<Acting<'_>>() };
    acting.on_clone.take().into_iter().for_each(|act| act());
    RawWaker::new(data, &VTABLE)
}

/// # Safety
///
/// `data` is a waker's of this file.
unsafe fn dropped(data: *const ()) {
    // SAFETY: invariant 1.
    let acting = unsafe { &*data.cast::<Acting<'_>>() };
    acting.on_drop.take().into_iter().for_each(|act| act());
}

fn waker(acting: &Acting<'_>) -> Waker {
    // SAFETY: `VTABLE` is for the data of these wakers: invariant 1, which each test upholds by dropping the ends first.
    unsafe { Waker::from_raw(RawWaker::new(ptr::from_ref(acting).cast(), &VTABLE)) }
}

fn ends() -> (RefCell<Writer>, RefCell<Reader>) {
    let options = PipeOptions::builder(Pool::new()).pause_threshold(4).resume_threshold(2).build().expect("valid");
    let Pipe { writer, reader } = Pipe::new(&options);
    (RefCell::new(writer), RefCell::new(reader))
}

fn send(writer: &RefCell<Writer>, bytes: &[u8]) {
    let mut writer = writer.borrow_mut();
    writer.write(bytes).expect("room");
    let _ = writer.poll_flush(&mut Context::from_waker(Waker::noop()));
}

fn consume(reader: &RefCell<Reader>) {
    let mut reader = reader.borrow_mut();
    let end = reader.peek().end();
    reader.advance_to(end, end);
}

#[test]
fn a_flush_while_the_readers_waker_is_cloned_is_seen() {
    let (writer, reader) = ends();
    let flush = || send(&writer, b"a");
    let acting = Acting::default();
    acting.on_clone.set(Some(&flush));
    let mut reader = reader.into_inner();
    assert!(matches!(reader.poll_read(&mut Context::from_waker(&waker(&acting)), 0), Poll::Ready(Ok(_))));
    assert_eq!(reader.peek(), b"a"[..]);
    drop(reader);
}

#[test]
fn a_flush_while_the_readers_waker_is_dropped_is_seen() {
    let (writer, reader) = ends();
    let flush = || send(&writer, b"a");
    let acting = Acting::default();
    let mut reader = reader.into_inner();
    assert!(reader.poll_read(&mut Context::from_waker(&waker(&acting)), 0).is_pending());
    acting.on_drop.set(Some(&flush));
    // The waker of the first poll is dropped by the second, which has looked for bytes by then.
    assert!(reader.poll_read(&mut Context::from_waker(Waker::noop()), 0).is_ready());
    assert_eq!(reader.peek(), b"a"[..]);
    drop(reader);
}

#[test]
fn an_advance_while_the_writers_waker_is_cloned_is_seen() {
    let (writer, reader) = ends();
    let advance = || consume(&reader);
    let acting = Acting::default();
    acting.on_clone.set(Some(&advance));
    let mut writer = writer.into_inner();
    writer.write(b"full").expect("room");
    assert!(matches!(writer.poll_flush(&mut Context::from_waker(&waker(&acting))), Poll::Ready(Ok(()))));
    assert_eq!(writer.unconsumed(), 0);
    drop(writer);
}

#[test]
fn an_advance_while_the_writers_waker_is_dropped_is_seen() {
    let (writer, reader) = ends();
    let advance = || consume(&reader);
    let acting = Acting::default();
    let mut writer = writer.into_inner();
    writer.write(b"full").expect("room");
    assert!(writer.poll_flush(&mut Context::from_waker(&waker(&acting))).is_pending());
    acting.on_drop.set(Some(&advance));
    PipeWrite::withdraw(&mut writer);
    assert!(writer.poll_flush(&mut Context::from_waker(Waker::noop())).is_ready());
    assert_eq!(writer.unconsumed(), 0);
    drop(writer);
}
