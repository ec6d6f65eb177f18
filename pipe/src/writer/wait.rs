//! How the writer waits: for memory, for its reader to go, and for everything to be consumed.

use std::task::{Context, Poll, Waker};

use headpond_pool::WriteError;

use super::Writer;
use crate::{
    core::WriterWait,
    error::FlushError,
    word::{Change, ReaderState},
};

/// What came of an attempt to park.
pub(super) enum Park {
    /// The task will be woken.
    Parked,
    /// Something has changed: look again.
    LookAgain,
}

impl Writer {
    /// Parks the task behind `cx`, unless the reader's word has changed since `seen`.
    pub(super) fn park(&mut self, cx: &mut Context<'_>, seen: ReaderState, wait: WriterWait) -> Park {
        if self.slow_path.parked() {
            // The waker of an earlier poll may be in the cell yet.
            self.unpark();
            return Park::LookAgain;
        }
        if self.core.writer_waker().is_being_taken() {
            // Somebody is emptying the cell, so it cannot be filled: come again.
            cx.waker().wake_by_ref();
            return Park::Parked;
        }
        let waker = cx.waker().clone();
        let cell = self.core.writer_waker();
        // SAFETY: invariant 1 of `waker_cell`: we are the waiter, not parked; and nobody is emptying the cell, nor begins to.
        drop(unsafe { cell.register(waker) });
        self.core.set_writer_wait(wait);
        let pauses = wait == WriterWait::Flush;
        if self.core.reader_word().park_writer(seen, pauses) == Change::Made {
            if pauses && !seen.is_paused() {
                self.core.counters().pauses.increment();
            }
            if pauses {
                self.slow_path.set_paused(true);
            }
            self.slow_path.set_parked(true);
            return Park::Parked;
        }
        // SAFETY: invariant 1 of `waker_cell`: the park failed, so the cell is still ours.
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
        if !self.slow_path.parked() {
            return None;
        }
        self.slow_path.set_parked(false);
        self.core.writer_waker().unregister(self.core.reader_word().park_bit())
    }

    /// Waits until a reserve of `min` bytes would succeed.
    pub(super) fn wait_for_memory(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
        if self.unflushed() == 0 {
            // What is waited for may be this very block, once it is consumed.
            self.release_tail();
        }
        if self.slow_path.closed() {
            self.unpark();
            self.ticket.clear();
            return Poll::Ready(Err(self.closed_write_error()));
        }
        match self.core.options().source().poll_rent(cx, min, &mut self.ticket) {
            Poll::Ready(rented) => {
                self.ticket.clear();
                self.unpark();
                Poll::Ready(rented.map_err(WriteError::from).and_then(|block| self.install(block, min)))
            }
            Poll::Pending => loop {
                let seen = self.core.reader_word().load();
                if let Some(error) = self.interruption(seen) {
                    self.ticket.clear();
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
            if self.slow_path.closed() || seen.is_closed() {
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
            if self.slow_path.closed() || seen.is_closed() {
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
