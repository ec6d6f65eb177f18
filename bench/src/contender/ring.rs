//! The limit: shared memory and two positions, with nobody to wake. Its ends spin.
//!
//! # Invariants
//!
//! 1. The bytes from `read` to `written`, modulo the capacity, are the receiver's; all others the sender's. Either end moves
//!    only its own position, and only over bytes that are its own: they become the other's.
//! 2. The memory is initialised, and lives as long as either end.

use std::{
    cell::UnsafeCell,
    future::poll_fn,
    hint::spin_loop,
    slice,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use crossbeam_utils::CachePadded;

use super::{Contender, Measure};

/// How often an end looks before it lets others of its thread run.
const LOOKS: usize = 64;

#[derive(Debug)]
pub(crate) struct Ring;

#[derive(Debug)]
struct Shared {
    bytes: Box<[UnsafeCell<u8>]>,
    written: CachePadded<AtomicUsize>,
    read: CachePadded<AtomicUsize>,
}

// SAFETY: invariant 1: no byte is both ends' at once.
unsafe impl Sync for Shared {}

#[derive(Debug)]
pub(crate) struct RingSender {
    ring: Arc<Shared>,
    written: usize,
    /// What was last seen of the other end.
    read: usize,
}

#[derive(Debug)]
pub(crate) struct RingReceiver {
    ring: Arc<Shared>,
    read: usize,
    written: usize,
}

loops! {
    Ring;
    send(sender: RingSender, n, payload) {
        let mut left = n;
        while left > 0 {
            if sender.vacant(left).is_empty() {
                poll_fn(|cx| spin(cx, || !sender.vacant(left).is_empty())).await;
            }
            let memory = sender.vacant(left);
            let part = memory.len();
            payload.fill(memory);
            sender.written += part;
            // Ordering: Release publishes the bytes.
            sender.ring.written.store(sender.written, Ordering::Release);
            left -= part;
        }
    }
    receive(receiver: RingReceiver, look) {
        if receiver.filled().is_empty() {
            poll_fn(|cx| spin(cx, || !receiver.filled().is_empty())).await;
        }
        let bytes = receiver.filled();
        let n = bytes.len();
        look.add(bytes);
        receiver.read += n;
        // Ordering: Release hands the bytes back.
        receiver.ring.read.store(receiver.read, Ordering::Release);
    }
}

impl Contender for Ring {
    const NAME: &'static str = "ring";

    fn open(measure: Measure) -> (RingSender, RingReceiver) {
        assert!(measure.window.is_power_of_two(), "positions are taken modulo the capacity by a mask");
        let bytes = (0..measure.window).map(|_| UnsafeCell::new(0)).collect();
        let ring = Arc::new(Shared { bytes, written: CachePadded::default(), read: CachePadded::default() });
        (RingSender { ring: Arc::clone(&ring), written: 0, read: 0 }, RingReceiver { ring, read: 0, written: 0 })
    }
}

impl RingSender {
    /// The next bytes that are the sender's, up to `n` and to the end of the memory.
    #[inline(always)]
    fn vacant(&mut self, n: usize) -> &mut [u8] {
        let capacity = self.ring.bytes.len();
        if self.written - self.read == capacity {
            // Ordering: Acquire, pairs with the receiver's Release: its looking is over.
            self.read = self.ring.read.load(Ordering::Acquire);
        }
        let start = self.written & (capacity - 1);
        let len = n.min(capacity - (self.written - self.read)).min(capacity - start);
        // SAFETY: invariants 1 and 2.
        unsafe { slice::from_raw_parts_mut(self.ring.bytes.as_ptr().add(start).cast_mut().cast(), len) }
    }
}

impl RingReceiver {
    /// The next bytes that are the receiver's, up to the end of the memory.
    #[inline(always)]
    fn filled(&mut self) -> &[u8] {
        let capacity = self.ring.bytes.len();
        if self.written == self.read {
            // Ordering: Acquire, pairs with the sender's Release: the bytes are written.
            self.written = self.ring.written.load(Ordering::Acquire);
        }
        let start = self.read & (capacity - 1);
        let len = (self.written - self.read).min(capacity - start);
        // SAFETY: invariants 1 and 2.
        unsafe { slice::from_raw_parts(self.ring.bytes.as_ptr().add(start).cast(), len) }
    }
}

/// Spins until `look` finds something, but for a while only.
pub(crate) fn spin(cx: &mut Context<'_>, mut look: impl FnMut() -> bool) -> Poll<()> {
    for _ in 0..LOOKS {
        if look() {
            return Poll::Ready(());
        }
        spin_loop();
    }
    cx.waker().wake_by_ref();
    Poll::Pending
}
