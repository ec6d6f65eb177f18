//! The least that a byte channel can cost: a ring with one atomic position an end, and no way to wait.
//!
//! An end that may have to wake the other cannot publish by a plain store: the store may still be on its way when it looks
//! whether the other sleeps. So the ring of atomics comes in two forms, one that stores its positions and one that adds to them.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crossbeam_utils::CachePadded;

/// How a position is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Publishing {
    /// By a plain store: the least there is.
    Store,
    /// By a read-modify-write: the least for ends that can park.
    ReadModifyWrite,
}

impl Publishing {
    fn advance(self, position: &AtomicUsize, n: usize) {
        match self {
            // Ordering: Relaxed for one's own position; Release publishes what was done before.
            Self::Store => position.store(position.load(Ordering::Relaxed) + n, Ordering::Release),
            // Ordering: Release as above; Acquire is what would see the other end asleep.
            Self::ReadModifyWrite => {
                position.fetch_add(n, Ordering::AcqRel);
            }
        }
    }
}

/// The positions of a ring, each on a cache line of its own.
#[derive(Debug)]
struct Positions {
    publishing: Publishing,
    written: CachePadded<AtomicUsize>,
    read: CachePadded<AtomicUsize>,
}

impl Positions {
    fn new(publishing: Publishing) -> Self {
        Self { publishing, written: CachePadded::default(), read: CachePadded::default() }
    }

    /// Where the next `n` units may be written, if there is room for them in `capacity`, a power of two.
    fn room(&self, n: usize, capacity: usize) -> Option<usize> {
        // Ordering: Relaxed for one's own position; Acquire pairs with the other end's Release.
        let written = self.written.load(Ordering::Relaxed);
        let read = self.read.load(Ordering::Acquire);
        (written + n - read <= capacity).then_some(written & (capacity - 1))
    }

    fn publish(&self, n: usize) {
        self.publishing.advance(&self.written, n);
    }

    /// Where the next `n` units are to be read, if they are there.
    fn filled(&self, n: usize, capacity: usize) -> Option<usize> {
        let read = self.read.load(Ordering::Relaxed);
        let written = self.written.load(Ordering::Acquire);
        (written - read >= n).then_some(read & (capacity - 1))
    }

    fn consume(&self, n: usize) {
        self.publishing.advance(&self.read, n);
    }
}

/// A ring of atomic words: what two threads can share without unsafe code.
#[derive(Debug)]
pub(crate) struct AtomicRing {
    words: Box<[AtomicU64]>,
    positions: Positions,
}

impl AtomicRing {
    /// A ring of `capacity` bytes, a power of two.
    pub(crate) fn new(capacity: usize, publishing: Publishing) -> Self {
        let words = (0..capacity / 8).map(|_| AtomicU64::new(0)).collect();
        Self { words, positions: Positions::new(publishing) }
    }

    /// Lets `fill` write the next `n` words, then publishes them. False when there is no room.
    pub(crate) fn produce(&self, n: usize, fill: impl FnOnce(&[AtomicU64])) -> bool {
        let Some(start) = self.positions.room(n, self.words.len()) else { return false };
        fill(&self.words[start..start + n]);
        self.positions.publish(n);
        true
    }

    /// Lets `look` read the next `n` words, then lets go of them. False when they are not there.
    pub(crate) fn consume(&self, n: usize, look: impl FnOnce(&[AtomicU64])) -> bool {
        let Some(start) = self.positions.filled(n, self.words.len()) else { return false };
        look(&self.words[start..start + n]);
        self.positions.consume(n);
        true
    }
}

/// A ring of plain bytes: cheaper still, since the compiler may join their accesses, and only one thread's in safe code.
#[derive(Debug)]
pub(crate) struct PlainRing {
    bytes: Box<[u8]>,
    positions: Positions,
}

impl PlainRing {
    /// A ring of `capacity` bytes, a power of two.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { bytes: vec![0; capacity].into_boxed_slice(), positions: Positions::new(Publishing::Store) }
    }

    /// Lets `fill` write the next `n` bytes, then publishes them. False when there is no room.
    pub(crate) fn produce(&mut self, n: usize, fill: impl FnOnce(&mut [u8])) -> bool {
        let Some(start) = self.positions.room(n, self.bytes.len()) else { return false };
        fill(&mut self.bytes[start..start + n]);
        self.positions.publish(n);
        true
    }

    /// Lets `look` read the next `n` bytes, then lets go of them. False when they are not there.
    pub(crate) fn consume(&self, n: usize, look: impl FnOnce(&[u8])) -> bool {
        let Some(start) = self.positions.filled(n, self.bytes.len()) else { return false };
        look(&self.bytes[start..start + n]);
        self.positions.consume(n);
        true
    }
}
