//! What both state words share: a wrapping count above eight flags, in one atomic word, and the park bits.
//!
//! | bits | meaning |
//! |---|---|
//! | 0 | `WAITING`: the [cell](crate::waker_cell) of the word's waiter holds a waker, for whoever clears the bit |
//! | 1..8 | the word's own flags: see [`WriterWord`] and [`ReaderWord`] |
//! | 8..64 | the count, modulo 2^56 |
//!
//! A word is changed by read-modify-writes alone, so all its changes stand in one order, and an acquiring one
//! synchronises with every releasing one before it. No fence is needed, and no flag can be older or newer than the
//! count beside it.

mod reader_word;
mod writer_word;

pub(crate) use reader_word::{ReaderState, ReaderWord};
pub(crate) use writer_word::{Ending, ReaderPark, WriterState, WriterWord};

use std::fmt;

use crate::sync::{AtomicU64, Ordering, load_word, spin_loop};

const WAITING: u64 = 1 << 0;
const COUNT_SHIFT: u32 = 8;
const FLAGS: u64 = (1 << COUNT_SHIFT) - 1;

/// The most bytes that may be written and not examined: what a count grows by, between two looks at it, is never more, and so
/// is told by the count. A `usize` tells it too: of 32 bits that is less.
pub(crate) const MOST_UNEXAMINED: u64 = {
    let by_count = u64::MAX >> COUNT_SHIFT;
    let by_length = usize::MAX as u64;
    if by_length < by_count { by_length } else { by_count }
};

/// How far a word's count is beyond a number that it was at before, modulo 2^56.
#[inline]
const fn grown_beyond(count: u64, word: u64) -> u64 {
    (word & !FLAGS).wrapping_sub(count << COUNT_SHIFT) >> COUNT_SHIFT
}

/// Whether a claim of the waiter's waker came through.
#[must_use = "a claimed waker cell must be emptied"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The cell is the caller's, until it says that it is empty.
    Taken,
    /// Nobody waits, or somebody else is waking the waiter already.
    Nobody,
}

/// What became of an attempt to change a word from a value read before.
#[must_use = "a change that lost the race must be decided again"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// The word was as expected, and is changed.
    Made,
    /// The word holds another value meanwhile.
    Lost,
}

/// Whether there was a cancellation to take.
#[must_use = "a cancellation that was taken ends the operation"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cancelled {
    /// It was there, and is the caller's.
    Taken,
    /// There is none.
    None,
}

impl Cancelled {
    fn from_bit(bit: u64) -> Self {
        if bit == 0 { Self::None } else { Self::Taken }
    }
}

/// Prints a word as its count and the names of its flags.
fn print_flags(f: &mut fmt::Formatter<'_>, word: u64, names: &[(u64, &str)]) -> fmt::Result {
    write!(f, "{}", word >> COUNT_SHIFT)?;
    names.iter().filter(|(bit, _)| word & bit != 0).try_for_each(|(_, name)| write!(f, " | {name}"))
}

/// The atomic word, with what is the same for both directions.
#[derive(Debug)]
pub(crate) struct Word(AtomicU64);

impl Word {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    #[inline]
    pub(crate) fn load(&self) -> u64 {
        // Ordering: Acquire pairs with the Release half of every change below: whoever published a count or a flag
        // published what it stands for. Not weaker: the bytes and nodes behind a count are read next.
        load_word(&self.0, Ordering::Acquire)
    }

    /// Looks again while the word is `seen` and there are `looks` left. Says whether it has changed.
    pub(crate) fn changes_while_spinning(&self, seen: u64, looks: &mut u32) -> bool {
        while *looks > 0 {
            *looks -= 1;
            spin_loop();
            if self.load() != seen {
                return true;
            }
        }
        false
    }

    /// Adds to the count and sets flags known to be clear, in one addition. Returns the word before.
    #[inline]
    fn add(&self, bytes: u64, flags: u64) -> u64 {
        // Ordering: Release publishes everything up to the new count; Acquire pairs with the waiter's `exchange`, so
        // that its target and waker are seen when the old word says WAITING. Not SeqCst: one word, one order.
        self.0.fetch_add((bytes << COUNT_SHIFT) | flags, Ordering::AcqRel)
    }

    /// Sets flags. Returns the word before.
    #[inline]
    fn set(&self, flags: u64) -> u64 {
        // Ordering: as for `add`: Release publishes what the flag announces, Acquire sees a waiter's cell.
        self.0.fetch_or(flags, Ordering::AcqRel)
    }

    /// Clears flags. Returns the word before.
    #[inline]
    fn clear(&self, flags: u64) -> u64 {
        // Ordering: Acquire takes over what the flags stood for (a waker cell, a tail). Not Release: their absence promises
        // nothing, and what was published before is not hidden by a read-modify-write, which goes on with it.
        self.0.fetch_and(!flags, Ordering::Acquire)
    }

    /// Changes the word from a value read before to another.
    #[inline]
    fn exchange(&self, from: u64, to: u64) -> Change {
        // Ordering: success as for `set` and `clear`; failure Relaxed: who lost looks again, by `load`.
        match self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => Change::Made,
            Err(_) => Change::Lost,
        }
    }

    /// Takes hold of the waiter's cell, if it waits and `wanted` still says so.
    pub(crate) fn claim_waker(&self, mut wanted: impl FnMut() -> bool) -> Claim {
        let mut word = self.load();
        loop {
            if word & WAITING == 0 || !wanted() {
                return Claim::Nobody;
            }
            match self.exchange(word, word & !WAITING) {
                Change::Made => return Claim::Taken,
                Change::Lost => word = self.load(),
            }
        }
    }

    /// The waiter takes its cell back. `Claim::Nobody` when a waker has it, or had it.
    pub(crate) fn unregister_waker(&self) -> Claim {
        // Nobody else sets the bit: a look at one that is clear is as good as clearing it, and after a wake it mostly is.
        if self.load() & WAITING == 0 {
            return Claim::Nobody;
        }
        if self.clear(WAITING) & WAITING != 0 { Claim::Taken } else { Claim::Nobody }
    }
}
