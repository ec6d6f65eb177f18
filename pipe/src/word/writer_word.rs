//! The writer's word: how much is flushed, and what the writer and its reader agree on by it.
//!
//! | bit | flag | set by | cleared by |
//! |---|---|---|---|
//! | 0 | `WAITING` | the parking reader | who takes its waker: see [the words](super) |
//! | 2 | `RELEASED` | the writer, letting go of its tail block | whoever takes the tail: either end |
//! | 3 | `ENDED` | the writer, once: the count is final | - |
//! | 4 | `ABORTED` | the writer, with `ENDED` | - |
//! | 5 | `ATTENTION` | a flush canceller: a hint to look at the reader's word | the writer, before it looks |
//! | 6 | `CLOSED` | the closing reader, once: the chain is no more its own | - |
//! | 7 | `CANCELLED` | a read canceller | the reader, taking the cancellation |
//! | 8..64 | flushed bytes | the writer | - |
//!
//! | state | the chain of nodes | the tail block |
//! |---|---|---|
//! | neither `RELEASED`, `ENDED` nor `CLOSED` | both ends' | the writer's, if it has one |
//! | `RELEASED`, not `CLOSED` | untouched by the writer | belongs to who clears `RELEASED` |
//! | `ENDED`, not `CLOSED` | the reader's | `RELEASED` says whether there is one |
//! | `CLOSED` set while `RELEASED` or `ENDED` was | the reader's, emptied by it | gone |
//! | `CLOSED` set while neither was | the writer's, to empty when it notices | the writer's |
//!
//! | transition | by | when | operation |
//! |---|---|---|---|
//! | flushed + n | writer, `publish` | a flush with something to publish | add |
//! | flushed + n, set `ENDED`, perhaps `ABORTED`, `RELEASED` | writer, `end` | finish, abort or drop, once | add |
//! | set `RELEASED` | writer, `release_tail` | a release with nothing unflushed | or |
//! | clear `RELEASED` | either half, `take_released` | the writer reserves again; the reader finds everything consumed | and |
//! | set `WAITING`, clear `RELEASED` if nothing is unconsumed | reader, `park_reader` | nothing to read in the value it has seen | exchange |
//! | clear `WAITING` | whoever wakes the reader, `claim_waker` | its target is flushed; the end; a cancellation | exchange |
//! | clear `WAITING` | reader, `unregister_waker` | it is polled again, dropped or closed | and |
//! | set `CANCELLED` | read canceller, `cancel_read` | any time | or |
//! | clear `CANCELLED` | reader, `take_cancel` | a read | and |
//! | set `ATTENTION` | flush canceller, `call_attention` | after `CANCELLED` is set in the reader's word | or |
//! | clear `ATTENTION` | writer, `answer_attention` | a flush, before it looks at the reader's word | and |
//! | set `CLOSED`, clear `RELEASED` | reader, `close` | close or drop, once, from the value it has seen | exchange |
//!
//! End of stream lives in the counted word: a separate flag beside the count is how bytes before the end get lost.

use std::fmt;

use super::{Cancelled, Change, WAITING, Word, grown_beyond, print_flags};

const RELEASED: u64 = 1 << 2;
const ENDED: u64 = 1 << 3;
const ABORTED: u64 = 1 << 4;
const ATTENTION: u64 = 1 << 5;
const CLOSED: u64 = 1 << 6;
const CANCELLED: u64 = 1 << 7;

/// One value of the writer's word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct WriterState(u64);

impl fmt::Debug for WriterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print_flags(
            f,
            self.0,
            &[
                (WAITING, "WAITING"),
                (RELEASED, "RELEASED"),
                (ENDED, "ENDED"),
                (ABORTED, "ABORTED"),
                (ATTENTION, "ATTENTION"),
                (CLOSED, "CLOSED"),
                (CANCELLED, "CANCELLED"),
            ],
        )
    }
}

impl WriterState {
    #[inline]
    pub(crate) fn is_waiting(self) -> bool {
        self.0 & WAITING != 0
    }

    #[inline]
    pub(crate) fn is_released(self) -> bool {
        self.0 & RELEASED != 0
    }

    #[inline]
    pub(crate) fn is_ended(self) -> bool {
        self.0 & ENDED != 0
    }

    pub(crate) fn is_aborted(self) -> bool {
        self.0 & ABORTED != 0
    }

    pub(crate) fn wants_attention(self) -> bool {
        self.0 & ATTENTION != 0
    }

    #[inline]
    pub(crate) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    pub(crate) fn is_cancelled(self) -> bool {
        self.0 & CANCELLED != 0
    }

    /// Nothing for a writer to look after: the reader runs, is there, and nobody cancelled.
    #[inline]
    pub(crate) fn is_clear_for_flush(self) -> bool {
        self.0 & (WAITING | ATTENTION | CLOSED) == 0
    }

    /// Nothing for a reader to look after: the stream goes on, and nobody cancelled.
    #[inline]
    pub(crate) fn is_clear_for_read(self) -> bool {
        self.0 & (ENDED | CANCELLED) == 0
    }

    /// The bytes flushed beyond a position that was flushed before.
    #[inline]
    pub(crate) fn grown_beyond(self, flushed: u64) -> u64 {
        grown_beyond(flushed, self.0)
    }
}

/// How the writer ends the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Finish,
    Abort,
}

/// What a parking reader met.
#[must_use = "a reader that lost the race must look again"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReaderPark {
    /// It is parked.
    Parked,
    /// It is parked, and the released tail is its own now.
    ParkedWithTail,
    /// The word has changed.
    Changed,
}

/// The writer's word.
#[derive(Debug)]
pub(crate) struct WriterWord(Word);

impl WriterWord {
    pub(crate) fn new() -> Self {
        Self(Word::new())
    }

    #[inline]
    pub(crate) fn load(&self) -> WriterState {
        WriterState(self.0.load())
    }

    /// The reader looks again, up to `looks` times, whether the word is still what it has `seen`.
    pub(crate) fn changes_while_spinning(&self, seen: WriterState, looks: &mut u32) -> bool {
        self.0.changes_while_spinning(seen.0, looks)
    }

    /// The part that is about the parked reader.
    pub(crate) fn park_bit(&self) -> &Word {
        &self.0
    }

    /// The writer publishes `bytes` more. Returns the word before.
    #[inline]
    pub(crate) fn publish(&self, bytes: u64) -> WriterState {
        WriterState(self.0.add(bytes, 0))
    }

    /// The writer publishes its last `bytes` and the end; `leaves_tail` leaves a tail to the reader. Called once, with
    /// the tail not released already. Returns the word before.
    pub(crate) fn end(&self, bytes: u64, ending: Ending, leaves_tail: bool) -> WriterState {
        let aborted = if ending == Ending::Abort { ABORTED } else { 0 };
        WriterState(self.0.add(bytes, ENDED | aborted | if leaves_tail { RELEASED } else { 0 }))
    }

    /// The writer lets go of its tail: whoever takes it first has it. Returns the word before.
    pub(crate) fn release_tail(&self) -> WriterState {
        WriterState(self.0.set(RELEASED))
    }

    /// Takes the released tail, if it is. Returns the word before.
    pub(crate) fn take_released(&self) -> WriterState {
        WriterState(self.0.clear(RELEASED))
    }

    /// The reader parks, having seen `seen` and put its waker and target in place. With `take_tail`, it takes a released tail.
    pub(crate) fn park_reader(&self, seen: WriterState, take_tail: bool) -> ReaderPark {
        let takes = take_tail && seen.is_released();
        let to = (seen.0 | WAITING) & if takes { !RELEASED } else { !0 };
        match self.0.exchange(seen.0, to) {
            Change::Made if takes => ReaderPark::ParkedWithTail,
            Change::Made => ReaderPark::Parked,
            Change::Lost => ReaderPark::Changed,
        }
    }

    /// The reader closes, having taken everything flushed as of `seen`; a released tail goes with it.
    pub(crate) fn close(&self, seen: WriterState) -> Change {
        self.0.exchange(seen.0, (seen.0 | CLOSED) & !RELEASED)
    }

    /// Cancels a read. Returns the word before.
    pub(crate) fn cancel_read(&self) -> WriterState {
        WriterState(self.0.set(CANCELLED))
    }

    /// The reader takes the cancellation.
    pub(crate) fn take_cancel(&self) -> Cancelled {
        Cancelled::from_bit(self.0.clear(CANCELLED) & CANCELLED)
    }

    /// Tells the writer to look at the reader's word.
    pub(crate) fn call_attention(&self) {
        self.0.set(ATTENTION);
    }

    /// The writer is about to look.
    pub(crate) fn answer_attention(&self) {
        self.0.clear(ATTENTION);
    }
}
