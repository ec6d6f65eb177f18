//! Publishing, and waiting while too much is unexamined.

use std::task::{Context, Poll, Waker};

use super::{Writer, wait::Park};
use crate::{
    core::WriterWait,
    error::FlushError,
    word::{Cancelled, Change, ReaderState, WriterState},
};

impl Writer {
    /// The flush behind the fast path, all published: `old` is the word it met.
    #[cold]
    #[inline(never)]
    pub(super) fn flush_slow(&mut self, cx: &mut Context<'_>, old: WriterState) -> Poll<Result<(), FlushError>> {
        if old.is_closed() {
            self.unpark();
            self.notice_closed();
            return Poll::Ready(self.closed_result());
        }
        if self.slow_path.take_release() {
            self.release_tail();
        }
        let result = self.wait_for_resume(cx, old);
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
        if self.slow_path.closed() {
            return Poll::Ready(self.closed_result());
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
    fn wait_for_resume(&mut self, cx: &mut Context<'_>, old: WriterState) -> Poll<Result<(), FlushError>> {
        if old.wants_attention() {
            // Before looking: a cancellation that comes after the look raises it again.
            self.core.writer_word().answer_attention();
            if self.core.reader_word().take_cancel() == Cancelled::Taken {
                self.unpark();
                return Poll::Ready(Err(FlushError::Cancelled));
            }
        }
        if self.flushed < self.slow_path.pause_at() && !self.slow_path.paused() {
            self.unpark();
            return Poll::Ready(Ok(()));
        }
        let mut looks = self.core.options().looks_before_parking();
        loop {
            let seen = self.core.reader_word().load();
            self.note_examined(seen);
            if let Some(error) = self.interruption(seen) {
                return Poll::Ready(if self.slow_path.closed() { self.closed_result() } else { Err(error) });
            }
            if !self.must_pause(seen) {
                if seen.is_paused() && self.core.reader_word().resume(seen) == Change::Lost {
                    continue;
                }
                self.slow_path.set_paused(false);
                self.unpark();
                return Poll::Ready(Ok(()));
            }
            if self.core.reader_word().changes_while_spinning(seen, &mut looks) {
                continue;
            }
            if let Park::Parked = self.park(cx, seen, WriterWait::Flush) {
                // A reader with a demand that was dropped and asked for more meanwhile left the word as it was, and saw no pause: but then
                // the park has seen its target.
                if self.must_pause(seen) {
                    return Poll::Pending;
                }
            }
        }
    }

    /// Whether a flush is to wait, by what the reader has examined, and by what it waits for.
    fn must_pause(&self, seen: ReaderState) -> bool {
        if self.pause == 0 || (seen.has_demand() && self.flushed < self.core.reader_target()) {
            return false;
        }
        let unexamined = self.flushed - self.examined;
        unexamined >= self.pause || (seen.is_paused() && unexamined >= self.resume)
    }

    pub(super) fn note_examined(&mut self, seen: ReaderState) {
        self.examined += seen.grown_beyond(self.examined);
        self.slow_path.set_pause_at(if self.pause == 0 { u64::MAX } else { self.examined.saturating_add(self.pause) });
    }

    /// What ends a wait of the writer early, if anything does.
    pub(super) fn interruption(&mut self, seen: ReaderState) -> Option<FlushError> {
        if seen.is_closed() {
            self.unpark();
            self.notice_closed();
            return Some(self.closed_error());
        }
        if seen.is_cancelled() && self.core.reader_word().take_cancel() == Cancelled::Taken {
            self.unpark();
            return Some(FlushError::Cancelled);
        }
        None
    }
}
