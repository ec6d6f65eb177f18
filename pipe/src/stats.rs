//! Counts of what went through a pipe.

use crate::core::Core;

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
