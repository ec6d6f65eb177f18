//! What a flush has to look after besides its reader, in one place: the fast path looks at one number.

use crate::word::Ending;

/// The states of a writer in which a flush does more than publish. Each change keeps [`is_fast`](Self::is_fast) true to them.
#[derive(Debug)]
pub(super) struct SlowPath {
    /// From how many flushed bytes on a flush looks at the reader's word.
    pause_at: u64,
    /// Below how many written bytes a flush only publishes: `pause_at`, or 0 while any of the states below holds.
    fast_below: u64,
    parked: bool,
    paused: bool,
    closed: bool,
    release_on_flush: bool,
    ended: Option<Ending>,
}

impl SlowPath {
    /// The states of a new writer.
    pub(super) fn new(pause_at: u64) -> Self {
        Self {
            pause_at,
            fast_below: pause_at,
            parked: false,
            paused: false,
            closed: false,
            release_on_flush: false,
            ended: None,
        }
    }

    /// Returns `true` if a flush up to `written` only publishes.
    #[inline]
    pub(super) fn is_fast(&self, written: u64) -> bool {
        written < self.fast_below
    }

    pub(super) fn pause_at(&self) -> u64 {
        self.pause_at
    }

    /// The writer's waker is in its cell, or was taken from there.
    pub(super) fn parked(&self) -> bool {
        self.parked
    }

    /// A flush was paused, and has not been let go since.
    pub(super) fn paused(&self) -> bool {
        self.paused
    }

    /// The writer has seen that its reader closed.
    pub(super) fn closed(&self) -> bool {
        self.closed
    }

    /// How the writer has ended the stream.
    pub(super) fn ended(&self) -> Option<Ending> {
        self.ended
    }

    pub(super) fn set_pause_at(&mut self, pause_at: u64) {
        self.pause_at = pause_at;
        self.update();
    }

    pub(super) fn set_parked(&mut self, parked: bool) {
        self.parked = parked;
        self.update();
    }

    pub(super) fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
        self.update();
    }

    pub(super) fn set_closed(&mut self) {
        self.closed = true;
        self.update();
    }

    pub(super) fn set_ended(&mut self, ending: Ending) {
        self.ended = Some(ending);
        self.update();
    }

    /// The tail is to be released once everything written is flushed.
    pub(super) fn release_on_flush(&mut self) {
        self.release_on_flush = true;
        self.update();
    }

    /// Returns `true` if the tail is to be released, once.
    pub(super) fn take_release(&mut self) -> bool {
        let release = std::mem::take(&mut self.release_on_flush);
        self.update();
        release
    }

    fn update(&mut self) {
        let any = self.parked || self.paused || self.closed || self.release_on_flush || self.ended.is_some();
        self.fast_below = if any { 0 } else { self.pause_at };
    }
}
