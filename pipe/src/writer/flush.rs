//! Publishing, being held back, and every other wait of the writer.

use std::task::{Context, Poll, Waker};

use headpond_pool::WriteError;

use super::Writer;
use crate::{
    core::WriterWait,
    error::FlushError,
    word::{ReaderState, WriterState},
};

/// What came of an attempt to park.
enum Park {
    /// The task will be woken.
    Parked,
    /// Something has changed: look again.
    LookAgain,
}

impl Writer {
    /// The flush behind the fast path, all published: `old` is the word it met.
    #[cold]
    #[inline(never)]
    pub(super) fn flush_slow(&mut self, cx: &mut Context<'_>, old: WriterState) -> Poll<Result<(), FlushError>> {
        if old.is_closed() {
            self.unpark();
            self.notice_closed();
            return Poll::Ready(Err(self.closed_error()));
        }
        if self.release_on_flush {
            self.release_on_flush = false;
            self.release_tail();
        }
        let result = self.hold_back(cx, old);
        self.note_duties();
        // Last: a waker may do anything, and must find everything said. Claimed no sooner, lest a waker of ours that panics above
        // takes the reader's down with it.
        if old.is_waiting() {
            self.core.claim_reader(|| self.core.reader_target() <= self.flushed).into_iter().for_each(Waker::wake);
        }
        result
    }

    /// A flush with nothing to publish, that is not paused as far as the writer knows: what the reader did meanwhile is in the word.
    /// A function of its own, since the common path is shorter when its exceptions do not share one.
    #[cold]
    #[inline(never)]
    pub(super) fn flush_nothing(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.flush_cold(cx)
    }

    /// A flush with nothing to publish, or with something to look after first.
    #[cold]
    #[inline(never)]
    pub(super) fn flush_cold(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        if let Some(ended) = self.ended_result() {
            return Poll::Ready(ended);
        }
        if self.closed {
            return Poll::Ready(Err(self.closed_error()));
        }
        let (flushed, written) = (self.flushed, self.written());
        let old = if written == flushed {
            self.core.writer_word().load()
        } else {
            self.flushed = written;
            self.core.writer_word().publish(written - flushed)
        };
        self.flush_slow(cx, old)
    }

    /// Waits for the reader, if too much is unexamined.
    fn hold_back(&mut self, cx: &mut Context<'_>, old: WriterState) -> Poll<Result<(), FlushError>> {
        if old.wants_attention() {
            // Before looking: a cancellation that comes after the look raises it again.
            self.core.writer_word().answer_attention();
            if self.core.reader_word().take_cancel() {
                self.unpark();
                return Poll::Ready(Err(FlushError::Cancelled));
            }
        }
        if self.flushed < self.pause_at && !self.paused {
            self.unpark();
            return Poll::Ready(Ok(()));
        }
        let mut looks = self.core.options().looks_before_parking();
        loop {
            let seen = self.core.reader_word().load();
            self.note_examined(seen);
            if let Some(error) = self.interruption(seen) {
                return Poll::Ready(Err(error));
            }
            if !self.must_pause(seen) {
                if seen.is_paused() && !self.core.reader_word().resume(seen) {
                    continue;
                }
                self.paused = false;
                self.unpark();
                return Poll::Ready(Ok(()));
            }
            if self.core.reader_word().changes_within(seen, &mut looks) {
                continue;
            }
            if let Park::Parked = self.park(cx, seen, WriterWait::Flush) {
                // A hungry reader that was dropped and asked for more meanwhile left the word as it was, and saw no pause: but then
                // the park has seen its target.
                if self.must_pause(seen) {
                    return Poll::Pending;
                }
            }
        }
    }

    /// Whether a flush is to wait, by what the reader has examined, and by what it waits for.
    fn must_pause(&self, seen: ReaderState) -> bool {
        if self.pause == 0 || (seen.is_hungry() && self.flushed < self.core.reader_target()) {
            return false;
        }
        let unexamined = self.flushed - self.examined;
        unexamined >= self.pause || (seen.is_paused() && unexamined >= self.resume)
    }

    pub(super) fn note_examined(&mut self, seen: ReaderState) {
        self.examined += seen.grown_beyond(self.examined);
        self.pause_at = if self.pause == 0 { u64::MAX } else { self.examined.saturating_add(self.pause) };
    }

    /// What ends a wait of the writer early, if anything does.
    fn interruption(&mut self, seen: ReaderState) -> Option<FlushError> {
        if seen.is_closed() {
            self.unpark();
            self.notice_closed();
            return Some(self.closed_error());
        }
        if seen.is_cancelled() && self.core.reader_word().take_cancel() {
            self.unpark();
            return Some(FlushError::Cancelled);
        }
        None
    }

    /// Parks the task behind `cx`, unless the reader's word has changed since `seen`.
    fn park(&mut self, cx: &mut Context<'_>, seen: ReaderState, wait: WriterWait) -> Park {
        if self.parked {
            // The waker of an earlier poll may be in the cell yet.
            self.unpark();
            return Park::LookAgain;
        }
        if self.core.writer_waker().is_being_emptied() {
            // Somebody is emptying the cell, so it cannot be filled: come again.
            cx.waker().wake_by_ref();
            return Park::Parked;
        }
        let waker = cx.waker().clone();
        let cell = self.core.writer_waker();
        // SAFETY: invariant 1 of `park`: we are the waiter, not parked; and nobody is emptying the cell, nor begins to.
        drop(unsafe { cell.put(waker) });
        self.core.set_writer_wait(wait);
        let pauses = wait == WriterWait::Flush;
        if self.core.reader_word().park_writer(seen, pauses) {
            if pauses && !seen.is_paused() {
                self.core.counters().pauses.increment();
            }
            self.paused |= pauses;
            self.parked = true;
            self.note_duties();
            return Park::Parked;
        }
        // SAFETY: invariant 1 of `park`: the park failed, so the cell is still ours.
        drop(unsafe { self.core.writer_waker().take() });
        Park::LookAgain
    }

    /// Drops the waker of an earlier poll.
    pub(super) fn unpark(&mut self) {
        drop(self.take_waker_back());
    }

    /// Takes the waker of an earlier poll back.
    #[must_use = "a waker may panic when it is dropped: that comes last"]
    pub(super) fn take_waker_back(&mut self) -> Option<Waker> {
        if !self.parked {
            return None;
        }
        self.parked = false;
        self.note_duties();
        self.core.writer_waker().withdraw(self.core.reader_word().park_bit())
    }

    /// Waits until a reserve of `min` bytes would succeed.
    pub(super) fn wait_for_memory(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
        if self.unflushed() == 0 {
            // What is waited for may be this very block, once it is consumed.
            self.release_tail();
        }
        if self.closed {
            self.unpark();
            self.turn.clear();
            return Poll::Ready(Err(self.closed_write_error()));
        }
        match self.core.options().source().poll_rent(cx, min, &mut self.turn) {
            Poll::Ready(rented) => {
                self.turn.clear();
                self.unpark();
                Poll::Ready(rented.map_err(WriteError::from).and_then(|block| self.install(block, min)))
            }
            Poll::Pending => loop {
                let seen = self.core.reader_word().load();
                if let Some(error) = self.interruption(seen) {
                    self.turn.clear();
                    return Poll::Ready(Err(match error {
                        FlushError::Cancelled => WriteError::Cancelled,
                        _ => self.closed_write_error(),
                    }));
                }
                if let Park::Parked = self.park(cx, seen, WriterWait::Reserve) {
                    return Poll::Pending;
                }
            },
        }
    }

    /// Waits until the reader is gone.
    pub(super) fn wait_for_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let seen = self.core.reader_word().load();
            if self.closed || seen.is_closed() {
                self.unpark();
                self.notice_closed();
                return Poll::Ready(());
            }
            if let Park::Parked = self.park(cx, seen, WriterWait::Closed) {
                return Poll::Pending;
            }
        }
    }

    /// Waits until everything flushed is consumed.
    pub(super) fn wait_for_drain(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        loop {
            let seen = self.core.reader_word().load();
            if self.core.consumed() == self.flushed {
                self.unpark();
                return Poll::Ready(Ok(()));
            }
            if self.closed || seen.is_closed() {
                self.unpark();
                self.notice_closed();
                return Poll::Ready(Err(self.closed_error()));
            }
            if let Park::Parked = self.park(cx, seen, WriterWait::Drained) {
                // An advance that examined nothing new leaves the word as it was, so the park may have come after it: but then
                // the park has seen what it consumed.
                if self.core.consumed() != self.flushed {
                    return Poll::Pending;
                }
            }
        }
    }
}
