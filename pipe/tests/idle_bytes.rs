//! What an idle pipe holds of the heap does not depend on what has gone through it. Alone in its binary, since it counts what the
//! whole process has allocated; one test, since tests run at once.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    future::Future,
    pin::pin,
    sync::atomic::{AtomicIsize, Ordering},
    task::{Context, Poll, Waker},
};

use headpond_pipe::{Pipe, PipeOptions};
use headpond_pool::{Pool, Slice};

/// The system's allocator, with a count of the bytes that are out.
struct Counting;

static LIVE: AtomicIsize = AtomicIsize::new(0);

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Ordering: Relaxed: one thread counts and compares.
        LIVE.fetch_add(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // Ordering: as above.
        LIVE.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn live() -> isize {
    // Ordering: as above.
    LIVE.load(Ordering::Relaxed)
}

/// The most that an idle pipe may hold beyond a new one: a few spare nodes and chunk descriptors.
const MOST_IDLE_BYTES: isize = 2048;

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn flush(pipe: &mut Pipe) {
    assert!(matches!(poll(pipe.writer.flush()), Poll::Ready(Ok(()))));
}

fn drain(pipe: &mut Pipe) {
    let end = pipe.reader.peek().end();
    pipe.reader.advance_to(end, end);
}

fn wait(pipe: &mut Pipe) {
    assert!(poll(pipe.reader.read()).is_pending());
}

/// What fills a pipe, unread.
type Burst = fn(&mut Pipe);

const BURSTS: [(&str, Burst); 6] = [
    ("blocks, each flushed", |pipe| {
        for _ in 0..10_000 {
            pipe.writer.write(&[1; 4096]).expect("no budget");
            flush(pipe);
        }
    }),
    ("one huge write", |pipe| {
        pipe.writer.write(&vec![1; 40 << 20]).expect("no budget");
        flush(pipe);
    }),
    ("slices of one byte, flushed at the end", |pipe| {
        for _ in 0..50_000 {
            pipe.writer.append(Slice::from_static(b"a")).expect("open");
        }
        flush(pipe);
    }),
    ("slices between bytes of a block", |pipe| {
        for _ in 0..20_000 {
            pipe.writer.write(b"ab").expect("no budget");
            pipe.writer.append(Slice::from_static(b"c")).expect("open");
            flush(pipe);
        }
    }),
    ("allocations of their own", |pipe| {
        for _ in 0..2_000 {
            let mut memory = pipe.writer.reserve(5000).expect("no budget");
            memory[..5000].fill(7);
            memory.advance(5000);
            flush(pipe);
        }
    }),
    ("taken as it comes, a block behind", |pipe| {
        for _ in 0..10_000 {
            pipe.writer.write(&[1; 4096]).expect("no budget");
            flush(pipe);
            let view = pipe.reader.peek();
            let to = view.start() + view.len().saturating_sub(9000);
            pipe.reader.advance_to(to, to);
        }
    }),
];

/// How both ends go idle.
type Calm = fn(&mut Pipe);

const CALMS: [(&str, Calm); 8] = [
    ("released, drained, waits", |pipe| {
        pipe.writer.release();
        drain(pipe);
        wait(pipe);
    }),
    ("released, drained, tries", |pipe| {
        pipe.writer.release();
        drain(pipe);
        assert!(matches!(pipe.reader.try_read(), Ok(None)));
    }),
    ("drained, released, waits", |pipe| {
        drain(pipe);
        pipe.writer.release();
        wait(pipe);
    }),
    ("drained, waits, released", |pipe| {
        drain(pipe);
        wait(pipe);
        pipe.writer.release();
    }),
    ("drained, tries, released", |pipe| {
        drain(pipe);
        assert!(matches!(pipe.reader.try_read(), Ok(None)));
        pipe.writer.release();
    }),
    ("drained, used a little, released, drained, waits", |pipe| {
        drain(pipe);
        pipe.writer.write(&[2; 9000]).expect("no budget");
        assert!(matches!(poll(pipe.writer.flush_release()), Poll::Ready(Ok(()))));
        drain(pipe);
        wait(pipe);
    }),
    ("closed by the reader, noticed by the writer", |pipe| {
        pipe.reader.close();
        assert!(pipe.writer.reserve(1).is_err());
    }),
    ("finished, drained, read to the end", |pipe| {
        pipe.writer.finish().expect("open");
        drain(pipe);
        assert!(matches!(pipe.reader.try_read(), Ok(Some(_))));
    }),
];

#[test]
fn an_idle_pipe_holds_a_constant_whatever_went_through_it() {
    let pool = Pool::new();
    let options = PipeOptions::builder(&pool).pause_threshold(0).max_unconsumed(None).build().expect("valid");
    for (burst_name, burst) in BURSTS {
        // What the pool itself keeps account of, it keeps from the first burst on.
        burst(&mut Pipe::new(&options));
        pool.trim();
        for (calm_name, calm) in CALMS {
            let before = live();
            let mut pipe = Pipe::new(&options);
            let new = live() - before;
            burst(&mut pipe);
            calm(&mut pipe);
            assert_eq!(pool.stats().rented, 0, "{burst_name}; {calm_name}");
            pool.trim();
            let idle = live() - before - new;
            assert!(idle <= MOST_IDLE_BYTES, "{burst_name}; {calm_name}: {idle} bytes beyond the {new} of a new pipe");
            drop(pipe);
            assert_eq!(live(), before, "{burst_name}; {calm_name}");
        }
    }
}
