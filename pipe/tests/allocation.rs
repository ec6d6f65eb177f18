//! The steady state allocates nothing. Alone in its binary, since it counts what the whole process asks of the system.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    future::Future,
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll, Waker},
};

use headpond_pipe::{Pipe, PipeOptions, Reader, Writer};
use headpond_pool::Pool;

/// The system's allocator, with a count of what it is asked for.
struct Counting;

static ASKED: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Ordering: Relaxed: one thread counts and compares.
        ASKED.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // Ordering: as above.
        ASKED.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Ordering: as above.
        ASKED.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ROUNDS: u64 = 1_000_000;
const WARM_UP: u64 = 20_000;

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Sizes that repeat, small ones mostly, some of several blocks.
fn size(round: u64) -> usize {
    match round % 16 {
        0 => 1,
        3 => 4096,
        7 => 1000,
        11 => 9001,
        _ => 17 + (round % 97) as usize,
    }
}

fn write(writer: &mut Writer, round: u64, source: &[u8]) -> usize {
    let size = size(round);
    if round % 3 == 0 && size <= 1024 {
        let mut memory = writer.reserve(size).expect("no budget");
        memory[..size].fill(round as u8);
        memory.advance(size);
    } else {
        writer.write(&source[..size]).expect("no budget");
    }
    size
}

/// Writes, flushes, reads and consumes all of it each round; sometimes after a read that had to wait.
fn exchange(writer: &mut Writer, reader: &mut Reader, rounds: u64, source: &[u8]) {
    for round in 0..rounds {
        if round % 5 == 0 {
            assert!(poll(reader.read()).is_pending());
        }
        let size = write(writer, round, source);
        if round % 7 == 0 {
            assert!(matches!(poll(writer.flush_release()), Poll::Ready(Ok(()))));
        } else {
            assert!(matches!(poll(writer.flush()), Poll::Ready(Ok(()))));
        }
        match poll(reader.read()) {
            Poll::Ready(Ok(view)) => {
                assert_eq!(view.buffer().len(), size);
                view.advance_all();
            }
            other => panic!("no data: {other:?}"),
        }
    }
}

/// Asks for exact amounts, gathers with `need_more`, and consumes part by part.
fn gather(writer: &mut Writer, reader: &mut Reader, rounds: u64, source: &[u8]) {
    let mut held = 0;
    for round in 0..rounds {
        let size = size(round);
        if round % 4 == 1 {
            assert!(poll(reader.read_at_least(held + size)).is_pending());
        }
        write(writer, round, source);
        assert!(matches!(poll(writer.flush()), Poll::Ready(Ok(()))));
        held += size;
        let Poll::Ready(Ok(view)) = poll(reader.read_at_least(held)) else { panic!("{held} bytes are there") };
        assert_eq!(view.buffer().len(), held);
        let consumed = if round % 8 == 7 { held } else { held / 3 };
        let to = view.buffer().start() + consumed;
        view.need_more(to);
        held -= consumed;
    }
    let end = reader.peek().end();
    reader.advance_to(end, end);
}

fn asked_by(run: impl FnOnce()) -> u64 {
    let before = ASKED.load(Ordering::Relaxed);
    run();
    ASKED.load(Ordering::Relaxed) - before
}

/// One test, so that no other runs meanwhile.
#[test]
fn the_steady_state_allocates_nothing() {
    let source = vec![7_u8; 16 * 1024];
    let pool = Pool::new();
    let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&pool));

    assert!(asked_by(|| exchange(&mut writer, &mut reader, WARM_UP, &source)) > 0, "the counter counts");
    assert_eq!(asked_by(|| exchange(&mut writer, &mut reader, ROUNDS, &source)), 0);

    gather(&mut writer, &mut reader, WARM_UP, &source);
    assert_eq!(asked_by(|| gather(&mut writer, &mut reader, ROUNDS / 4, &source)), 0);

    drop((writer, reader));
    assert_eq!(pool.stats().rented, 0);
}
