//! How a reader waits.

use std::task::{Context, Poll, Waker};

use headpond_pool::internal;

use super::Reader;
use crate::{
    core::WriterWait,
    error::ReadError,
    read::ReadStatus,
    word::{Cancelled, Change, ReaderPark, WriterState},
};

impl Reader {
    /// A poll that is not ready by the look of the bytes alone.
    #[cold]
    #[inline(never)]
    pub(super) fn poll_slow(&mut self, cx: &mut Context<'_>, at_least: usize) -> Poll<Result<ReadStatus, ReadError>> {
        self.unpark();
        let mut word = self.look();
        let mut looks = self.core.options().looks_before_parking();
        loop {
            if let Some(result) = self.outcome(word, at_least) {
                return Poll::Ready(result);
            }
            if at_least > self.max_at_least {
                return Poll::Ready(Err(ReadError::LimitExceeded { limit: self.max_at_least }));
            }
            if self.buffered() >= self.max_unconsumed {
                return Poll::Ready(Err(ReadError::LimitExceeded { limit: self.max_unconsumed }));
            }
            if self.chain.is_empty() {
                self.give_back_finished_chunk();
            }
            if self.core.writer_word().changes_while_spinning(word, &mut looks) {
                word = self.look();
                continue;
            }
            if self.core.reader_waker().is_being_taken() {
                // Somebody is emptying the cell, so it cannot be filled: come again.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let target = match at_least {
                0 => self.chain.end().offset() + 1,
                // More than any stream has is waited for up to the end.
                n => self.chain.start().offset().saturating_add(n as u64),
            };
            let waker = cx.waker().clone();
            // SAFETY: invariant 1 of `waker_cell`: we are the waiter, not parked; and nobody is emptying the cell, nor begins to.
            drop(unsafe { self.core.reader_waker().register(waker) });
            self.core.set_reader_target(target);
            let parked = self.core.writer_word().park_reader(word, self.chain.is_empty());
            match parked {
                ReaderPark::Changed => {
                    // SAFETY: invariant 1 of `waker_cell`: the park failed, so the cell is still ours.
                    drop(unsafe { self.core.reader_waker().take() });
                    word = self.look();
                    continue;
                }
                // SAFETY: invariant 1 of `reader`: the last chunk was lent, and with the released tail we took its reference.
                ReaderPark::ParkedWithTail => unsafe { internal::own_last(&mut self.chain) },
                ReaderPark::Parked => {}
            }
            self.slow_path.set_parked(true);
            if self.chain.is_empty() {
                self.trim();
            }
            self.ask_for_more(target);
            return Poll::Pending;
        }
    }

    /// What a read comes to, if it need not wait.
    pub(super) fn outcome(&mut self, word: WriterState, at_least: usize) -> Option<Result<ReadStatus, ReadError>> {
        if self.slow_path.closed() {
            return Some(Err(ReadError::Closed));
        }
        if word.is_ended() {
            self.take_over_last(word);
        }
        let finished = word.is_ended() && !word.is_aborted();
        if word.is_cancelled() && self.core.writer_word().take_cancel() == Cancelled::Taken {
            return Some(Ok(ReadStatus::new(finished, true)));
        }
        let unexamined = self.examined < self.chain.end();
        if word.is_aborted() {
            return Some(if unexamined { Ok(ReadStatus::default()) } else { Err(self.aborted()) });
        }
        let enough = if at_least == 0 { unexamined } else { self.buffered() >= at_least };
        (enough || finished).then_some(Ok(ReadStatus::new(finished, false)))
    }

    fn aborted(&self) -> ReadError {
        // SAFETY: invariant 1 of `core`: the word says `ABORTED`, which comes with `ENDED`, and with an error.
        match unsafe { self.core.abort_error() } {
            Some(error) => ReadError::Aborted(error),
            None => ReadError::Closed,
        }
    }

    /// A parked reader that waits for more than a paused writer would ever flush says so, and ends the pause.
    fn ask_for_more(&mut self, target: u64) {
        let end = self.chain.end().offset();
        let plain = self.highest == end;
        if self.pause == 0 || (target == end + 1 && plain) {
            // With everything examined nothing is paused, and nothing will be before the next byte, which wakes us.
            return;
        }
        let reader_word = self.core.reader_word();
        if target - self.highest <= self.pause && !reader_word.load().is_paused() {
            // A flush that would pause from here on meets the target first; an earlier pause would be seen, since it was set
            // before our last change of the word.
            return;
        }
        let resumed = loop {
            let seen = reader_word.load();
            if seen.is_paused() && self.flushed_now(self.core.writer_word().load()) >= target {
                // What we wait for is there, and we are being woken: the pause is rightful.
                return;
            }
            if reader_word.request_more(seen) == Change::Made {
                break seen.is_paused();
            }
        };
        self.has_demand = true;
        if resumed {
            self.core.claim_writer(&[WriterWait::Flush]).into_iter().for_each(Waker::wake);
        }
    }

    /// What is flushed as of `word`, without taking it.
    pub(super) fn flushed_now(&self, word: WriterState) -> u64 {
        let end = self.chain.end().offset();
        end + word.grown_beyond(end)
    }

    /// Takes back what an earlier poll that waited has left behind, and drops its waker.
    pub(super) fn unpark(&mut self) {
        drop(self.take_waker_back());
    }

    /// Takes back what an earlier poll that waited has left behind.
    #[must_use = "a waker may panic when it is dropped: that comes last"]
    pub(super) fn take_waker_back(&mut self) -> Option<Waker> {
        if !self.slow_path.parked() {
            return None;
        }
        self.slow_path.set_parked(false);
        let waker = self.core.reader_waker().unregister(self.core.writer_word().park_bit());
        if self.has_demand {
            self.has_demand = false;
            self.core.reader_word().clear_demand();
        }
        waker
    }
}
