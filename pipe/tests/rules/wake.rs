//! Who is woken, when, and what is true by then.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use headpond_pipe::{PipeRead, PipeWrite, Reader, Writer};

use crate::harness::{Task, never_paused, panic_message, paused_at, ready, send, waker_calling};

#[test]
fn wakes_and_pauses_are_counted() {
    let (mut writer, mut reader) = paused_at(4, 2);
    for round in 1..=3 {
        let read = Task::pending(reader.read());
        writer.write(&[1; 4]).expect("room");
        let flush = Task::pending(writer.flush());
        assert_eq!((read.wakes(), flush.wakes()), (1, 0));
        drop((read, flush));
        let flush = Task::pending(writer.flush());
        let end = reader.peek().end();
        reader.advance_to(end, end);
        assert_eq!(flush.wakes(), 1);
        drop(flush);
        let stats = writer.stats();
        assert_eq!((stats.pauses, stats.reader_wakes, stats.writer_wakes), (round, round, round));
        assert_eq!(reader.stats().reader_wakes, round);
    }
}

/// A waker, and how many of it there are besides.
struct Counted;

impl Wake for Counted {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn at_most_one_waker_is_kept_replaced_by_the_next_poll_and_dropped_with_its_end() {
    let (mut writer, mut reader) = paused_at(4, 2);
    let [first, second] = [Arc::new(Counted), Arc::new(Counted)];
    let kept =
        |first: &Arc<Counted>, second: &Arc<Counted>| (Arc::strong_count(first) - 1, Arc::strong_count(second) - 1);
    let wakers = [Waker::from(Arc::clone(&first)), Waker::from(Arc::clone(&second))];
    let with = |which: usize| Context::from_waker(&wakers[which]);
    let base = kept(&first, &second);
    for _ in 0..3 {
        assert!(reader.poll_read(&mut with(0), 0).is_pending());
        assert_eq!(kept(&first, &second), (base.0 + 1, base.1));
        assert!(reader.poll_read(&mut with(1), 10).is_pending());
        assert_eq!(kept(&first, &second), (base.0, base.1 + 1));
    }
    PipeRead::withdraw(&mut reader);
    assert_eq!(kept(&first, &second), base);
    writer.write(&[1; 4]).expect("room");
    for _ in 0..3 {
        assert!(writer.poll_flush(&mut with(0)).is_pending());
        assert_eq!(kept(&first, &second), (base.0 + 1, base.1));
        assert!(writer.poll_flush(&mut with(1)).is_pending());
        assert_eq!(kept(&first, &second), (base.0, base.1 + 1));
    }
    drop(writer);
    assert_eq!(kept(&first, &second), base);
    let (_writer, mut reader) = paused_at(4, 2);
    assert!(reader.poll_read(&mut with(0), 0).is_pending());
    drop(reader);
    assert_eq!(kept(&first, &second), base);
}

#[test]
fn a_future_drops_its_waker_with_itself() {
    let (mut writer, mut reader) = paused_at(4, 2);
    let count = Arc::new(Counted);
    let waker = Waker::from(Arc::clone(&count));
    let mut cx = Context::from_waker(&waker);
    let before = Arc::strong_count(&count);
    {
        let mut read = pin!(reader.read());
        assert!(Future::poll(read.as_mut(), &mut cx).is_pending());
        assert_eq!(Arc::strong_count(&count), before + 1);
    }
    assert_eq!(Arc::strong_count(&count), before);
    writer.write(&[1; 4]).expect("room");
    assert!(Future::poll(pin!(writer.flush()), &mut cx).is_pending());
    assert_eq!(Arc::strong_count(&count), before);
    assert!(Future::poll(pin!(writer.closed()), &mut cx).is_pending());
    assert!(Future::poll(pin!(writer.drained()), &mut cx).is_pending());
    assert_eq!(Arc::strong_count(&count), before);
}

/// A waker that looks at the other end, which must be found as it is after the call that wakes.
fn looking<T: Send + 'static>(
    end: &Arc<Mutex<T>>,
    look: impl Fn(&mut T) + Send + Sync + 'static,
) -> (Waker, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let waker = {
        let (end, calls) = (Arc::clone(end), Arc::clone(&calls));
        waker_calling(move || {
            look(&mut end.lock().expect("not poisoned"));
            calls.fetch_add(1, Ordering::SeqCst);
        })
    };
    (waker, calls)
}

#[test]
fn a_reader_woken_inside_the_flush_can_read_and_park_there() {
    let (_pool, mut writer, reader) = never_paused(16);
    let reader = Arc::new(Mutex::new(reader));
    let (waker, calls) = looking(&reader, |reader: &mut Reader| {
        let view = reader.try_read().expect("open").expect("published before the call");
        assert_eq!(view.buffer(), b"hello"[..]);
        view.advance_all();
        assert!(reader.poll_read(&mut Context::from_waker(Waker::noop()), 0).is_pending());
    });
    assert!(reader.lock().expect("free").poll_read(&mut Context::from_waker(&waker), 0).is_pending());
    send(&mut writer, b"hello");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(writer.stats().consumed, 5);
}

#[test]
fn a_writer_woken_inside_the_advance_can_write_and_flush_there() {
    let (writer, mut reader) = paused_at(4, 2);
    let writer = Arc::new(Mutex::new(writer));
    let (waker, calls) = looking(&writer, |writer: &mut Writer| {
        assert!(matches!(writer.poll_flush(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(()))));
        writer.write(b"again").expect("room");
        assert!(writer.poll_flush(&mut Context::from_waker(Waker::noop())).is_pending());
    });
    {
        let mut writer = writer.lock().expect("free");
        writer.write(b"full").expect("room");
        assert!(writer.poll_flush(&mut Context::from_waker(&waker)).is_pending());
    }
    let end = reader.peek().end();
    reader.advance_to(end, end);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(reader.peek(), b"again"[..]);
}

#[test]
fn a_waker_that_panics_breaks_nothing() {
    let panicking = waker_calling(|| panic!("in a waker"));
    let mut cx = Context::from_waker(&panicking);

    let (pool, mut writer, mut reader) = never_paused(16);
    assert!(reader.poll_read(&mut cx, 0).is_pending());
    writer.write(b"flushed").expect("room");
    assert_eq!(panic_message(|| drop(ready(writer.flush()))), "in a waker");
    assert_eq!(writer.unflushed(), 0);
    assert_eq!(reader.peek(), b"flushed"[..]);
    send(&mut writer, b" more");
    assert_eq!(reader.peek(), b"flushed more"[..]);
    let end = reader.peek().end();
    reader.advance_to(end, end);
    assert!(reader.poll_read(&mut cx, 0).is_pending());
    assert_eq!(panic_message(|| writer.finish().expect("open")), "in a waker");
    assert!(matches!(ready(reader.read()), Ok(view) if view.is_finished()));
    drop((writer, reader));
    assert_eq!(pool.rented(), 0);

    let (mut writer, mut reader) = paused_at(4, 2);
    writer.write(b"full").expect("room");
    assert!(writer.poll_flush(&mut cx).is_pending());
    let end = reader.peek().end();
    assert_eq!(panic_message(|| reader.advance_to(end, end)), "in a waker");
    assert_eq!(reader.unconsumed(), 0);
    writer.write(b"full").expect("room");
    assert!(writer.poll_flush(&mut cx).is_pending());
    let canceller = writer.canceller();
    assert_eq!(panic_message(|| canceller.cancel()), "in a waker");
    assert!(ready(writer.flush()).is_err());
    assert!(writer.poll_flush(&mut cx).is_pending());
    assert_eq!(panic_message(|| reader.close()), "in a waker");
    assert!(ready(writer.flush()).is_err());
}

#[test]
fn a_waker_that_panics_while_an_end_is_dropped_leaks_no_block() {
    let panicking = waker_calling(|| panic!("in a waker"));
    let mut cx = Context::from_waker(&panicking);
    let (pool, mut writer, mut reader) = never_paused(16);
    send(&mut writer, &[1; 40]);
    assert!(writer.poll_closed(&mut cx).is_pending());
    assert_eq!(panic_message(move || drop(reader)), "in a waker");
    drop(writer);
    assert_eq!(pool.rented(), 0);

    let (pool, mut writer, reader2) = never_paused(16);
    reader = reader2;
    writer.write(&[1; 40]).expect("room");
    assert!(reader.poll_read(&mut cx, 0).is_pending());
    assert_eq!(panic_message(move || drop(writer)), "in a waker");
    drop(reader);
    assert_eq!(pool.rented(), 0);
}

/// A waker that panics when the last of it is dropped.
struct PanicsWhenDropped;

impl Wake for PanicsWhenDropped {
    fn wake(self: Arc<Self>) {}
}

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("a waker dropped");
    }
}

#[test]
fn a_waker_that_panics_when_dropped_costs_the_other_end_no_wake() {
    let (_pool, mut writer, mut reader) = never_paused(16);
    let wakes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&wakes);
    let counting = waker_calling(move || {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    assert!(reader.poll_read(&mut Context::from_waker(&counting), 0).is_pending());
    let panicking = Waker::from(Arc::new(PanicsWhenDropped));
    assert!(writer.poll_closed(&mut Context::from_waker(&panicking)).is_pending());
    drop(panicking);
    // The last of it is in the pipe, which drops it as the writer goes on to flush.
    writer.write(b"flushed").expect("room");
    let flush = || drop(writer.poll_flush(&mut Context::from_waker(Waker::noop())));
    assert_eq!(panic_message(flush), "a waker dropped");
    drop(writer);
    assert_eq!(wakes.load(Ordering::SeqCst), 1, "woken at the latest by the writer's end");
    assert_eq!(reader.peek(), b"flushed"[..]);
}
