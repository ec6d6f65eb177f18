//! Prefixes: bytes that are overwritten before they are flushed, and marks to go back to.

use std::{ptr::NonNull, slice};

use headpond_pool::{
    PatchError, Prefix, WriteError,
    internal::{self, PrefixPlace},
};

use super::Writer;

/// For how many rewinds an idle writer keeps memory.
const IDLE_REWINDS: usize = 8;

/// What the rewinds since the last flush have discarded, so that its prefixes are known to be void.
///
/// Of rewinds to the same place, or further back, the last one counts. So there are no more entries than rewinds that had something
/// written between them and kept, since the last flush: 16 bytes for each.
#[derive(Debug)]
pub(super) struct Rewinds {
    /// How many there were, of the writer's whole life.
    count: u64,
    /// The flushed count that `entries` belong to.
    flushed: u64,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// How many rewinds there had been.
    number: u64,
    /// Where it went back to. Increases, as numbers do.
    position: u64,
}

impl Rewinds {
    pub(super) const fn new() -> Self {
        Self { count: 0, flushed: 0, entries: Vec::new() }
    }

    /// Whether the prefix is gone, which was made when nothing less was flushed.
    fn have_discarded(&self, prefix: &Prefix, place: &PrefixPlace) -> bool {
        if self.flushed != place.flushed {
            return false;
        }
        let first = self.entries.partition_point(|entry| entry.number < place.rewinds);
        let furthest_back = self.entries.get(first).map(|entry| entry.position);
        furthest_back.is_some_and(|position| position < prefix.position() + prefix.len() as u64)
    }

    fn note(&mut self, flushed: u64, position: u64) {
        if self.flushed != flushed {
            self.entries.clear();
            self.flushed = flushed;
        }
        while self.entries.last().is_some_and(|last| last.position >= position) {
            self.entries.pop();
        }
        self.entries.push(Entry { number: self.count, position });
        self.count += 1;
    }

    /// Gives up what an idle writer does not need.
    pub(super) fn trim(&mut self, flushed: u64) {
        if self.flushed != flushed {
            self.entries.clear();
        }
        self.entries.shrink_to(IDLE_REWINDS);
    }
}

impl Writer {
    /// Writes `n` contiguous zero bytes, to be overwritten by [`patch`](Self::patch) before they are flushed. A prefix of no bytes is a
    /// mark, for [`rewind`](Self::rewind) and [`written_since`](Self::written_since).
    ///
    /// # Errors
    ///
    /// As [`reserve`](Self::reserve).
    pub fn reserve_prefix(&mut self, n: usize) -> Result<Prefix, WriteError> {
        let mut data = NonNull::dangling();
        if n == 0 {
            self.check_open()?;
        } else {
            let mut memory = self.reserve(n)?;
            memory[..n].fill(0);
            memory.advance(n);
            // SAFETY: invariant 1 of `writer`: the bytes were just filled in.
            data = unsafe { self.data.add(self.filled - n) };
        }
        let place = PrefixPlace { data, node: self.chain.last(), flushed: self.flushed, rewinds: self.rewinds.count };
        // SAFETY: no other writer has this number. A block does not move while its bytes are unflushed, and a node at whose end
        // unflushed bytes are, or will be, stays on the list until those of the next one are flushed.
        Ok(unsafe { internal::prefix_at(self.id, self.written() - n as u64, n, place) })
    }

    /// Overwrites the first bytes of a prefix, in constant time.
    ///
    /// # Errors
    ///
    /// When something was published since, or the prefix discarded, it is another writer's, or is shorter than `bytes`. Nothing
    /// changes then.
    pub fn patch(&mut self, prefix: &Prefix, bytes: &[u8]) -> Result<(), PatchError> {
        if prefix.owner() == self.id && bytes.len() > prefix.len() {
            return Err(PatchError::TooLong { given: bytes.len(), reserved: prefix.len() });
        }
        let place = self.check_prefix(prefix)?;
        // SAFETY: `reserve_prefix` of this writer made the prefix, for at least so many bytes, and none of them is published or
        // discarded: they are where they were, and ours (invariant 3 of `writer`). No bytes may dangle.
        unsafe { slice::from_raw_parts_mut(place.data.as_ptr(), bytes.len()) }.copy_from_slice(bytes);
        Ok(())
    }

    /// Returns how many bytes were written behind a prefix.
    ///
    /// # Errors
    ///
    /// When something was published since, or the prefix discarded, or it is another writer's.
    ///
    /// # Examples
    ///
    /// ```
    /// # use headpond_pipe::{Pipe, PipeOptions};
    /// # use headpond_pool::Pool;
    /// # let Pipe { mut writer, reader: _reader } = Pipe::new(&PipeOptions::new(&Pool::new()));
    /// let length = writer.reserve_prefix(2)?;
    /// writer.write(b"body")?;
    /// let body = writer.written_since(&length)?;
    /// writer.patch(&length, &(body as u16).to_be_bytes())?;
    /// assert_eq!((body, writer.unflushed()), (4, 6));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn written_since(&self, prefix: &Prefix) -> Result<usize, PatchError> {
        self.check_prefix(prefix)?;
        // No pipe holds more than a length counts: see `check_count`.
        Ok((self.written() - prefix.position()) as usize - prefix.len())
    }

    /// Discards everything from the start of a prefix on, so that a frame that fails midway leaves no half of it behind. Prefixes
    /// further on are void from then on, and so is this one, unless it is a mark of no bytes: to that one can rewind again.
    ///
    /// Blocks go back to their source at once, and writing goes on in the one that the prefix lies in. It takes time for what is
    /// discarded, however much is kept. To know its void prefixes, the writer remembers each rewind until the next flush, in 16
    /// bytes, unless one goes further back.
    ///
    /// # Errors
    ///
    /// When something was published since, or the prefix discarded, or it is another writer's; also when the reader is gone, or
    /// this end has ended the stream. Nothing changes then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use headpond_pipe::{Pipe, PipeOptions};
    /// # use headpond_pool::Pool;
    /// # let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&Pool::new()));
    /// writer.write(b"whole,")?;
    /// let mark = writer.reserve_prefix(0)?;
    /// writer.write(b"ha")?;
    /// writer.rewind(&mark)?;
    /// writer.finish()?;
    /// assert_eq!(reader.peek(), b"whole,"[..]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rewind(&mut self, prefix: &Prefix) -> Result<(), PatchError> {
        let place = self.check_prefix(prefix)?;
        let position = prefix.position();
        if self.core.writer_word().load().is_closed() {
            // What is discarded would stay with a reader that is gone.
            self.notice_closed();
            return Err(PatchError::Flushed { position });
        }
        if position == self.written() {
            return Ok(());
        }
        if place.node == self.chain.last() {
            // All in its memory, where bytes are unflushed: the writer's, and from its start on.
            debug_assert!(self.base <= position);
            self.filled = (position - self.base) as usize;
        } else {
            // SAFETY: this writer made the prefix, and nothing was flushed, or rewound to before its position, since.
            let memory = unsafe { self.chain.rewind(&self.core, place.node, position) };
            let (data, capacity) = memory.unwrap_or((NonNull::dangling(), 0));
            (self.data, self.filled, self.capacity, self.base) = (data, 0, capacity, position);
        }
        self.rewinds.note(self.flushed, position);
        Ok(())
    }

    /// Returns the place of a prefix that is this writer's, and neither published nor discarded.
    fn check_prefix(&self, prefix: &Prefix) -> Result<PrefixPlace, PatchError> {
        let place = internal::prefix_place(prefix).filter(|_| prefix.owner() == self.id).ok_or(PatchError::Foreign)?;
        let position = prefix.position();
        if place.flushed != self.flushed || self.slow_path.ended().is_some() || self.slow_path.closed() {
            return Err(PatchError::Flushed { position });
        }
        if self.rewinds.have_discarded(prefix, &place) {
            return Err(PatchError::Discarded { position });
        }
        Ok(place)
    }
}
