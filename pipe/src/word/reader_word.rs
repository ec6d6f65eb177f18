//! The reader's word: how far the reader has examined, and what holds the writer back.
//!
//! | bit | flag | set by | cleared by |
//! |---|---|---|---|
//! | 0 | `WAITING` | the parking writer | who takes its waker: see [the words](super) |
//! | 2 | `PAUSED` | a flush that finds too much unexamined | an advance that brings it below the resume threshold; a reader with a demand; a flush that finds so itself |
//! | 3 | `DEMAND` | a reader that waits for more than the writer may ever flush while paused | that reader, once it is polled or withdraws |
//! | 4 | `CLOSED` | the closing reader, after the writer's word says so | - |
//! | 5 | `CANCELLED` | a flush canceller | the writer, taking the cancellation |
//! | 8..64 | examined bytes: the highest so far | the reader | - |
//!
//! | transition | by | when | operation |
//! |---|---|---|---|
//! | examined + n | reader, `examine` | an advance | add |
//! | set `WAITING`, perhaps `PAUSED` | writer, `park_writer` | it has to wait, by the value it has seen | exchange |
//! | clear `PAUSED` | either half, `resume` | an advance below the resume threshold; a flush that finds the pause over | exchange |
//! | set `DEMAND`, clear `PAUSED` | reader, `request_more` | it parks for more than a paused writer would flush | exchange |
//! | clear `DEMAND` | reader, `clear_demand` | it is polled again, dropped or closed | and |
//! | clear `WAITING` | whoever wakes the writer, `claim_waker` | what it waits for has come; a close; a cancellation | exchange |
//! | clear `WAITING` | writer, `unregister_waker` | it is polled again, or ends | and |
//! | set `CANCELLED` | flush canceller, `cancel_flush` | any time | or |
//! | clear `CANCELLED` | writer, `take_cancel` | a flush or a wait for memory | and |
//! | set `CLOSED` | reader, `close` | after the writer's word says so | or |
//!
//! While `DEMAND` is set, a flush sets `PAUSED` only once the reader's target is flushed: each of the two is set by a
//! read-modify-write that sees the other. `PAUSED` outlives a dropped flush, so that one called again between the
//! thresholds waits again.

use std::fmt;

use super::{Cancelled, Change, WAITING, Word, grown_beyond, print_flags};

const PAUSED: u64 = 1 << 2;
const DEMAND: u64 = 1 << 3;
const CLOSED: u64 = 1 << 4;
const CANCELLED: u64 = 1 << 5;

/// One value of the reader's word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReaderState(u64);

impl fmt::Debug for ReaderState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print_flags(
            f,
            self.0,
            &[
                (WAITING, "WAITING"),
                (PAUSED, "PAUSED"),
                (DEMAND, "DEMAND"),
                (CLOSED, "CLOSED"),
                (CANCELLED, "CANCELLED"),
            ],
        )
    }
}

impl ReaderState {
    #[inline]
    pub(crate) fn is_waiting(self) -> bool {
        self.0 & WAITING != 0
    }

    pub(crate) fn is_paused(self) -> bool {
        self.0 & PAUSED != 0
    }

    pub(crate) fn has_demand(self) -> bool {
        self.0 & DEMAND != 0
    }

    pub(crate) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    pub(crate) fn is_cancelled(self) -> bool {
        self.0 & CANCELLED != 0
    }

    /// Nothing for an advancing reader to look after: the writer neither waits nor is paused.
    #[inline]
    pub(crate) fn is_clear_for_advance(self) -> bool {
        self.0 & (WAITING | PAUSED) == 0
    }

    /// The bytes examined beyond a position that was examined before.
    #[inline]
    pub(crate) fn grown_beyond(self, examined: u64) -> u64 {
        grown_beyond(examined, self.0)
    }
}

/// The reader's word.
#[derive(Debug)]
pub(crate) struct ReaderWord(Word);

impl ReaderWord {
    pub(crate) fn new() -> Self {
        Self(Word::new())
    }

    #[inline]
    pub(crate) fn load(&self) -> ReaderState {
        ReaderState(self.0.load())
    }

    /// The writer looks again, up to `looks` times, whether the word is still what it has `seen`.
    pub(crate) fn changes_while_spinning(&self, seen: ReaderState, looks: &mut u32) -> bool {
        self.0.changes_while_spinning(seen.0, looks)
    }

    /// The part that is about the parked writer.
    pub(crate) fn park_bit(&self) -> &Word {
        &self.0
    }

    /// The reader has examined `bytes` more. Returns the word before.
    #[inline]
    pub(crate) fn examine(&self, bytes: u64) -> ReaderState {
        ReaderState(self.0.add(bytes, 0))
    }

    /// The writer parks, having seen `seen` and put its waker in place; `paused` says whether it is held back.
    pub(crate) fn park_writer(&self, seen: ReaderState, paused: bool) -> Change {
        let paused = if paused { PAUSED } else { 0 };
        self.0.exchange(seen.0, seen.0 | WAITING | paused)
    }

    /// Leaves the paused state, as decided on `seen`.
    pub(crate) fn resume(&self, seen: ReaderState) -> Change {
        self.0.exchange(seen.0, seen.0 & !PAUSED)
    }

    /// The reader waits for bytes beyond what a paused writer would flush: the pause is over, and none begins before they are
    /// there.
    pub(crate) fn request_more(&self, seen: ReaderState) -> Change {
        self.0.exchange(seen.0, (seen.0 | DEMAND) & !PAUSED)
    }

    /// The reader waits for that no more.
    pub(crate) fn clear_demand(&self) {
        self.0.clear(DEMAND);
    }

    /// The reader is gone. Returns the word before.
    pub(crate) fn close(&self) -> ReaderState {
        ReaderState(self.0.set(CLOSED))
    }

    /// Cancels a flush. Returns the word before.
    pub(crate) fn cancel_flush(&self) -> ReaderState {
        ReaderState(self.0.set(CANCELLED))
    }

    /// The writer takes the cancellation.
    pub(crate) fn take_cancel(&self) -> Cancelled {
        Cancelled::from_bit(self.0.clear(CANCELLED) & CANCELLED)
    }
}
