//! The least that a byte channel can cost: a ring of bytes with one atomic position an end, and no way to wait.

use crossbeam_utils::CachePadded;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A ring of bytes, written in place by one end and read in place by the other.
#[derive(Debug)]
pub(crate) struct ByteRing {
    bytes: Box<[u8]>,
    written: CachePadded<AtomicUsize>,
    read: CachePadded<AtomicUsize>,
}

impl ByteRing {
    /// A ring of `capacity` bytes, a power of two.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            bytes: vec![0; capacity].into_boxed_slice(),
            written: CachePadded::new(AtomicUsize::new(0)),
            read: CachePadded::new(AtomicUsize::new(0)),
        }
    }

    /// Lets `fill` write the next `n` bytes, then publishes them. False when there is no room.
    pub(crate) fn produce(&mut self, n: usize, fill: impl FnOnce(&mut [u8])) -> bool {
        // Ordering: Relaxed for one's own position; Acquire pairs with the other end's Release.
        let written = self.written.load(Ordering::Relaxed);
        let read = self.read.load(Ordering::Acquire);
        if written + n - read > self.bytes.len() {
            return false;
        }
        let start = written & (self.bytes.len() - 1);
        fill(&mut self.bytes[start..start + n]);
        self.written.store(written + n, Ordering::Release);
        true
    }

    /// Lets `look` read the next `n` bytes, then lets go of them. False when they are not there.
    pub(crate) fn consume(&self, n: usize, look: impl FnOnce(&[u8])) -> bool {
        let read = self.read.load(Ordering::Relaxed);
        let written = self.written.load(Ordering::Acquire);
        if written - read < n {
            return false;
        }
        let start = read & (self.bytes.len() - 1);
        look(&self.bytes[start..start + n]);
        self.read.store(read + n, Ordering::Release);
        true
    }
}
