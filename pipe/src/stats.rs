//! Counts of what went through a pipe.

use crate::{
    core::Core,
    sync::{AtomicU64, Ordering},
};

/// What went through a pipe, as of when it was asked. Bytes are counted since the pipe began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PipeStats {
    /// Bytes written, flushed or not. Asked of the reader, which cannot see more: the flushed ones.
    pub written: u64,
    /// Bytes published.
    pub flushed: u64,
    /// The highest position examined.
    pub examined: u64,
    /// How far the reader has consumed.
    pub consumed: u64,
    /// How often a flush entered the paused state.
    pub pauses: u64,
    /// How often the reader was woken.
    pub reader_wakes: u64,
    /// How often the writer was woken.
    pub writer_wakes: u64,
}

impl PipeStats {
    pub(crate) fn new(core: &Core, written: u64, flushed: u64, examined: u64) -> Self {
        let counters = core.counters();
        Self {
            written,
            flushed,
            examined,
            consumed: core.consumed(),
            pauses: counters.pauses.get(),
            reader_wakes: counters.reader_wakes.get(),
            writer_wakes: counters.writer_wakes.get(),
        }
    }
}

/// Events, counted where they happen.
#[derive(Debug)]
pub(crate) struct Counters {
    pub(crate) pauses: Counter,
    pub(crate) reader_wakes: Counter,
    pub(crate) writer_wakes: Counter,
}

impl Counters {
    pub(crate) fn new() -> Self {
        Self { pauses: Counter::new(), reader_wakes: Counter::new(), writer_wakes: Counter::new() }
    }
}

/// A count for statistics only.
#[derive(Debug)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Adds one. Not while another does: it is no read-modify-write.
    pub(crate) fn increment(&self) {
        // Ordering: Relaxed: a statistic; nothing is inferred from it.
        self.0.store(self.get() + 1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        // Ordering: Relaxed: as above.
        self.0.load(Ordering::Relaxed)
    }
}
