//! What the sections share: a future polled by hand, a waker that counts, a source of blocks that counts.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use headpond_pipe::{Pipe, PipeOptions, Reader, Writer};
use headpond_pool::{Block, BlockSource, PoolError};

/// The size of a block in most of these tests, in bytes.
pub(crate) const BLOCK: usize = 4096;

/// Polls a future once, with a waker that does nothing.
pub(crate) fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// What a future gives on its first poll.
#[track_caller]
pub(crate) fn ready<F: Future>(future: F) -> F::Output {
    match poll(future) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("pending"),
    }
}

/// A future with a waker of its own, polled by hand.
pub(crate) struct Task<F> {
    future: Pin<Box<F>>,
    wakes: Arc<Wakes>,
}

/// How often a waker was called.
#[derive(Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wakes {
    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl<F: Future> Task<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: Box::pin(future), wakes: Arc::default() }
    }

    /// A task that was polled once, and waits.
    #[track_caller]
    pub(crate) fn pending(future: F) -> Self {
        let mut task = Self::new(future);
        assert!(task.poll().is_pending(), "ready on the first poll");
        task
    }

    pub(crate) fn poll(&mut self) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// What it gives now that it must not wait any more.
    #[track_caller]
    pub(crate) fn finish(mut self) -> F::Output {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("still pending"),
        }
    }

    /// How often its waker was called.
    pub(crate) fn wakes(&self) -> usize {
        self.wakes.get()
    }

    /// The waker's count, which outlives the task.
    pub(crate) fn wake_count(&self) -> Arc<Wakes> {
        Arc::clone(&self.wakes)
    }
}

/// A waker that calls `f`.
pub(crate) fn waker_calling(f: impl Fn() + Send + Sync + 'static) -> Waker {
    struct Call<F>(F);

    impl<F: Fn() + Send + Sync + 'static> Wake for Call<F> {
        fn wake(self: Arc<Self>) {
            (self.0)();
        }
    }

    Waker::from(Arc::new(Call(f)))
}

/// Blocks from the heap, each rent and each return counted.
#[derive(Debug, Clone)]
pub(crate) struct CountingPool {
    block_size: usize,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    sizes: Mutex<Vec<usize>>,
    returned: AtomicUsize,
}

/// A block's memory; it tells when it goes back.
struct Rented {
    bytes: Vec<u8>,
    counts: Arc<Counts>,
}

impl AsMut<[u8]> for Rented {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

impl Drop for Rented {
    fn drop(&mut self) {
        self.counts.returned.fetch_add(1, Ordering::SeqCst);
    }
}

impl CountingPool {
    pub(crate) fn new(block_size: usize) -> Self {
        Self { block_size, counts: Arc::default() }
    }

    /// The sizes of all blocks ever rented, in order.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.counts.sizes.lock().expect("not poisoned").clone()
    }

    /// How many blocks were ever rented.
    pub(crate) fn rents(&self) -> usize {
        self.counts.sizes.lock().expect("not poisoned").len()
    }

    /// How many of them came back.
    pub(crate) fn returned(&self) -> usize {
        self.counts.returned.load(Ordering::SeqCst)
    }

    /// How many are out.
    pub(crate) fn rented(&self) -> usize {
        self.rents() - self.returned()
    }
}

impl BlockSource for CountingPool {
    fn block_size(&self) -> usize {
        self.block_size
    }

    fn rent(&self, min: usize) -> Result<Block, PoolError> {
        let size = min.max(self.block_size);
        self.counts.sizes.lock().expect("not poisoned").push(size);
        Ok(Block::from_owner(Rented { bytes: vec![0; size], counts: Arc::clone(&self.counts) }))
    }
}

/// The ends of a pipe that pauses at `pause` unexamined bytes and resumes below `resume`.
pub(crate) fn paused_at(pause: usize, resume: usize) -> (Writer, Reader) {
    let options = PipeOptions::builder(&CountingPool::new(BLOCK)).pause_threshold(pause).resume_threshold(resume);
    Pipe::new(&options.build().expect("thresholds in order")).split()
}

/// The ends of a pipe that never pauses, and the pool it takes blocks of `block_size` bytes from.
pub(crate) fn never_paused(block_size: usize) -> (CountingPool, Writer, Reader) {
    let pool = CountingPool::new(block_size);
    let options = PipeOptions::builder(&pool).pause_threshold(0).build().expect("no threshold to be out of order");
    let (writer, reader) = Pipe::new(&options).split();
    (pool, writer, reader)
}

/// Writes `bytes` and flushes, in a pipe that does not pause by it.
#[track_caller]
pub(crate) fn send(writer: &mut Writer, bytes: &[u8]) {
    writer.write(bytes).expect("room");
    ready(writer.flush()).expect("an open reader");
}

/// Everything that a read shows at once, consumed.
#[track_caller]
pub(crate) fn take(reader: &mut Reader) -> Vec<u8> {
    let view = ready(reader.read()).expect("an open writer");
    let bytes = view.buffer().to_vec();
    view.advance_all();
    bytes
}

/// The unexamined bytes.
pub(crate) fn length(reader: &Reader) -> u64 {
    let stats = reader.stats();
    stats.flushed - stats.examined
}

/// What a closure panics with.
#[track_caller]
pub(crate) fn panic_message(f: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(f)).expect_err("no panic");
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().expect("a message")).to_owned(),
    }
}
