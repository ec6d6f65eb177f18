//! The block being filled: how it is found, left, let go of and taken up again.

use std::{ptr::NonNull, slice};

use headpond_pool::{Block, PoolError, Position, WriteError};

use super::{Writer, chain::Tail};
use crate::{options::Oversize, word::MOST_UNEXAMINED};

/// For how many spare blocks an idle writer keeps memory: as many as the default pause threshold has.
const IDLE_SPARE: usize = 16;

impl Writer {
    /// Makes `min` bytes available behind the written ones.
    #[cold]
    #[inline(never)]
    pub(super) fn make_room(&mut self, min: usize) -> Result<(), WriteError> {
        if !self.take_up_room(min)? {
            let block = self.core.options().source().rent(min)?;
            self.install(block, min)?;
        }
        Ok(())
    }

    /// Whether `min` bytes are there without renting; an error when they never will be.
    pub(super) fn take_up_room(&mut self, min: usize) -> Result<bool, WriteError> {
        self.check_open()?;
        self.reclaim();
        if self.capacity - self.filled >= min {
            return Ok(true);
        }
        if self.core.options().oversize() == Oversize::Reject {
            let block_size = self.core.options().source().block_size();
            if min > block_size {
                return Err(WriteError::Oversize { requested: min, block_size });
            }
        }
        // Before renting: it may be the last block there is.
        if self.written() == self.flushed {
            self.give_back_consumed_tail();
        }
        Ok(false)
    }

    /// Goes on in a new block.
    pub(super) fn install(&mut self, block: Block, min: usize) -> Result<(), WriteError> {
        if block.capacity() < min {
            // A source that breaks its word; its block goes back.
            return Err(PoolError::TooLarge { requested: min, limit: block.capacity() }.into());
        }
        self.check_count(block.capacity());
        self.reclaim();
        let counts = self.counts();
        let (data, capacity) = self.chain.install(&self.core, counts, block);
        (self.data, self.filled, self.capacity, self.base) = (data, 0, capacity, counts.written);
        Ok(())
    }

    /// Sees to it that `bytes` more bytes can be counted: by positions, and by the count in a word, of which either end takes what
    /// it grew by. No memory holds so many, but a slice can be appended again and again.
    ///
    /// # Panics
    ///
    /// When they cannot, with nothing changed.
    pub(super) fn check_count(&mut self, bytes: usize) {
        let end = self.written().saturating_add(bytes as u64);
        if end - self.examined > MOST_UNEXAMINED {
            self.note_examined(self.core.reader_word().load());
        }
        assert!(end <= Position::LAST.offset(), "no stream goes on beyond {}", Position::LAST);
        assert!(end - self.examined <= MOST_UNEXAMINED, "no pipe has more than {MOST_UNEXAMINED} bytes unexamined");
        // Where it could be: the reader's chain is one buffer, whose length is a `usize`.
        let fits = usize::BITS == 64 || end - self.core.consumed() <= usize::MAX as u64;
        assert!(fits, "no pipe holds more than {} bytes", usize::MAX);
    }

    /// A write that does not fit the current block, or meets an end.
    #[cold]
    #[inline(never)]
    pub(super) fn write_slow(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        if bytes.is_empty() {
            return self.check_open();
        }
        if self.take_up_room(1)? && bytes.len() <= self.capacity - self.filled {
            self.put(bytes);
            return Ok(());
        }
        let room = self.capacity - self.filled;
        let (head, mut rest) = bytes.split_at(room);
        // Taken out meanwhile: a source that fails, or panics, leaves no block behind.
        let mut spare = std::mem::take(&mut self.spare);
        self.rent_spare(rest.len(), &mut spare)?;
        self.check_count(spare.iter().fold(room, |sum, block| sum.saturating_add(block.capacity())));
        self.put(head);
        for block in spare.drain(..) {
            self.install(block, 1)?;
            let (chunk, behind) = rest.split_at(rest.len().min(self.capacity));
            self.put(chunk);
            rest = behind;
        }
        self.spare = spare;
        Ok(())
    }

    /// Rents spare blocks for `bytes` bytes.
    fn rent_spare(&self, bytes: usize, spare: &mut Vec<Block>) -> Result<(), WriteError> {
        let mut missing = bytes;
        while missing > 0 {
            let block = self.core.options().source().rent(1)?;
            if block.is_empty() {
                return Err(PoolError::TooLarge { requested: 1, limit: 0 }.into());
            }
            missing = missing.saturating_sub(block.capacity());
            spare.push(block);
        }
        Ok(())
    }

    /// Copies bytes that fit behind the filled ones.
    #[inline]
    pub(super) fn put(&mut self, bytes: &[u8]) {
        debug_assert!(bytes.len() <= self.capacity - self.filled);
        // SAFETY: invariant 1 of `writer`; the caller saw that they fit.
        unsafe { slice::from_raw_parts_mut(self.data.as_ptr().add(self.filled), bytes.len()) }.copy_from_slice(bytes);
        self.filled += bytes.len();
    }

    /// Lets go of the tail, and of what a burst has left; nothing is unflushed.
    pub(super) fn release_tail(&mut self) {
        self.give_back_consumed_tail();
        self.chain.trim(&self.core, self.core.consumed() == self.flushed);
        self.spare.shrink_to(IDLE_SPARE);
        self.rewinds.trim(self.flushed);
        if let Tail::Held(chunk) = self.chain.tail() {
            let old = self.core.writer_word().release_tail();
            if old.is_closed() {
                // The reader closed before, and left the tail to us.
                self.notice_closed();
                return;
            }
            self.chain.set_tail(Tail::Released(chunk));
            self.released_capacity = self.capacity;
            self.capacity = self.filled;
            // A reader that parked before the tail was released cannot take it: then it has consumed everything.
            let parked_before = old.is_waiting();
            if parked_before && self.core.consumed() == self.flushed && self.reacquire_tail() {
                self.chain.release_held();
                self.forget_view();
            }
        }
    }

    /// Gives a tail back in which nothing is unconsumed, flushed or not.
    pub(super) fn give_back_consumed_tail(&mut self) {
        if let Tail::Held(_) = self.chain.tail() {
            let written = self.written();
            if self.chain.is_open(written) {
                self.chain.release_open();
            } else if self.core.consumed() == written {
                self.chain.release_held();
            } else {
                return;
            }
            self.forget_view();
        }
    }

    /// Takes a released tail up again, if nobody else has.
    pub(super) fn reclaim(&mut self) {
        if let Tail::Released(_) = self.chain.tail() {
            if self.reacquire_tail() {
                self.capacity = self.released_capacity;
            } else {
                self.forget_view();
            }
        }
    }

    /// Whether the released tail is ours again.
    fn reacquire_tail(&mut self) -> bool {
        let Tail::Released(chunk) = self.chain.tail() else { return false };
        let ours = self.core.writer_word().take_released().is_released();
        self.chain.set_tail(if ours { Tail::Held(chunk) } else { Tail::None });
        ours
    }

    /// The memory behind the written bytes is ours no more.
    pub(super) fn forget_view(&mut self) {
        self.base = self.written();
        self.filled = 0;
        self.capacity = 0;
        self.data = NonNull::dangling();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use headpond_pool::{Pool, PoolOptions, Position, Slice};

    use super::MOST_UNEXAMINED;
    use crate::{options::PipeOptions, pipe::Pipe};

    /// Appends 16 bytes to a stream that had so many, of which so many are examined as far as the writer knows.
    fn append_behind(written: u64, examined: u64, consumed: u64) {
        let Pipe { mut writer, reader: _reader } = Pipe::new(&PipeOptions::new(Pool::new()));
        writer.core.set_consumed(consumed);
        (writer.base, writer.flushed, writer.examined) = (written, written, examined);
        writer.append(Slice::from_static(&[1; 16])).expect("open");
    }

    #[test]
    #[should_panic(expected = "no pipe has more than")]
    fn growth_is_never_more_than_a_word_counts() {
        append_behind(MOST_UNEXAMINED - 16, 0, 0);
        append_behind(MOST_UNEXAMINED - 15, 0, 0);
    }

    /// A block of 64 bytes is begun at a position, and 40 bytes are appended, which leaves 60 of the block behind them.
    fn append_within_a_block(written: u64, examined: u64) {
        let pool = PoolOptions::new().block_size(64).build().expect("valid");
        let Pipe { mut writer, reader: _reader } = Pipe::new(&PipeOptions::new(&pool));
        writer.core.set_consumed(examined);
        (writer.base, writer.flushed, writer.examined) = (written, written, examined);
        writer.reserve(1).expect("no budget").advance(4);
        writer.append(Slice::from_static(&[1; 40])).expect("open");
    }

    #[test]
    #[should_panic(expected = "no stream goes on beyond")]
    fn the_rest_of_a_block_behind_a_slice_is_counted() {
        let last = Position::LAST.offset();
        append_within_a_block(last - 104, last - 104);
        append_within_a_block(last - 103, last - 103);
    }

    #[test]
    #[should_panic(expected = "no pipe has more than")]
    fn the_rest_of_a_block_behind_a_slice_is_growth() {
        append_within_a_block(MOST_UNEXAMINED - 104, 0);
        append_within_a_block(MOST_UNEXAMINED - 103, 0);
    }

    /// A block of 64 bytes at a position.
    fn reserve_at(written: u64, examined: u64) {
        let pool = PoolOptions::new().block_size(64).build().expect("valid");
        let Pipe { mut writer, reader: _reader } = Pipe::new(&PipeOptions::new(&pool));
        writer.core.set_consumed(examined);
        (writer.base, writer.flushed, writer.examined) = (written, written, examined);
        let _ = writer.reserve(1).expect("no budget");
    }

    #[test]
    #[should_panic(expected = "no stream goes on beyond")]
    fn a_block_is_counted_before_it_is_written() {
        let last = Position::LAST.offset();
        reserve_at(last - 64, last - 64);
        reserve_at(last - 63, last - 63);
    }

    #[test]
    #[should_panic(expected = "no pipe has more than")]
    fn a_block_is_growth_before_it_is_written() {
        reserve_at(MOST_UNEXAMINED - 64, 0);
        reserve_at(MOST_UNEXAMINED - 63, 0);
    }

    #[test]
    #[should_panic(expected = "no stream goes on beyond")]
    fn positions_do_not_overflow() {
        let last = Position::LAST.offset();
        append_behind(last - 16, last - 16, last - 16);
        append_behind(last - 15, last - 15, last - 15);
    }

    /// Everything examined, nothing consumed: the count of a word would have room.
    #[test]
    #[cfg(target_pointer_width = "32")]
    #[should_panic(expected = "no pipe holds more than")]
    fn no_pipe_holds_more_than_a_length_counts() {
        let most = usize::MAX as u64;
        append_behind(most - 16, most - 16, 0);
        append_behind(most - 15, most - 15, 0);
    }
}
