//! An owned chain of chunks.
//!
//! # Invariants
//!
//! 1. Chunks follow each other without gaps: each begins where the one before ends; the last ends at `end`, and
//!    `start` lies in the first, or at its end.
//! 2. Every chunk's reference is ours, except the last one's while `last_is_lent`.
//! 3. A lent last chunk is only read as long as its lender keeps the memory alive, and only before `end`: its `len` is that of
//!    the whole memory, which its lender goes on filling.
//! 4. `front` describes the first chunk, lent or not, or no memory where there is none.
//! 5. `end` is at most [`Position::LAST`]: no sum of a position in the chain and a length overflows.

use std::{fmt, ptr, slice};

use crate::{chunk::Chunk, chunk_queue::ChunkQueue, position::Position, sequence::Sequence, slice::Slice};

/// An owned queue of shared slices, seen as one [`Sequence`]: pushed at the end, consumed from the front.
///
/// # Examples
///
/// ```
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let mut buffer = SequenceBuf::from_iter([Slice::from("hel"), Slice::from("lo")]);
/// assert_eq!(buffer.as_sequence(), b"hello"[..]);
/// buffer.consume(4);
/// assert_eq!(buffer.as_sequence(), b"o"[..]);
/// ```
pub struct SequenceBuf {
    chunks: ChunkQueue,
    start: Position,
    end: Position,
    /// Where the first chunk of ours ends: consuming less gives nothing back.
    first_end: Position,
    front: Front,
    last_is_lent: bool,
}

/// Where the bytes of the first chunk are found, without going through the queue: two dependent loads fewer a look.
#[derive(Clone, Copy)]
struct Front {
    /// Where the byte at position zero would be, if the chunk reached so far: its byte at a position is that far behind.
    origin: *const u8,
    /// Where the chunk's memory ends.
    limit: Position,
}

// SAFETY: a copy of what a `Chunk` says, which is `Send` and `Sync` likewise.
unsafe impl Send for Front {}
// SAFETY: as above.
unsafe impl Sync for Front {}

impl Front {
    /// No memory.
    const NONE: Self = Self { origin: ptr::null(), limit: Position::ZERO };

    fn of(chunk: &Chunk) -> Self {
        Self { origin: chunk.data.as_ptr().wrapping_sub(chunk.position.offset() as usize), limit: chunk.end() }
    }
}

/// A `first_end` where there is no chunk of ours.
const NEVER: Position = Position::new(u64::MAX);

impl SequenceBuf {
    /// An empty chain, at position zero.
    pub const fn new() -> Self {
        Self {
            chunks: ChunkQueue::new(),
            start: Position::ZERO,
            end: Position::ZERO,
            first_end: NEVER,
            front: Front::NONE,
            last_is_lent: false,
        }
    }

    /// Links a slice at the end. An empty one leaves no chunk.
    ///
    /// # Panics
    ///
    /// When more than 2^63 - 1 bytes have been pushed, consumed or not, with nothing changed.
    pub fn push(&mut self, slice: Slice) {
        debug_assert!(!self.last_is_lent);
        assert!(
            slice.len() as u64 <= Position::LAST.offset() - self.end.offset(),
            "no chain goes on beyond {}",
            Position::LAST
        );
        if !slice.is_empty() {
            let chunk = Chunk::from_slice(slice, self.end);
            self.end = chunk.end();
            self.chunks.push(chunk);
            self.note_first();
        }
    }

    /// Lets go of the first `bytes` bytes; every chunk wholly before that is given back.
    ///
    /// # Panics
    ///
    /// When there are fewer.
    pub fn consume(&mut self, bytes: usize) {
        assert!(bytes <= self.end - self.start, "cannot consume {bytes} bytes of {}", self.end - self.start);
        self.consume_to(self.start + bytes);
    }

    /// Lets go of everything. The next byte pushed stands where the last one ended.
    pub fn clear(&mut self) {
        self.consume_to(self.end);
    }

    /// Everything in it.
    #[inline]
    pub fn as_sequence(&self) -> Sequence<'_> {
        let front_end = self.end.min(self.front.limit);
        let front: &[u8] = if self.start < front_end {
            let data = self.front.origin.wrapping_add(self.start.offset() as usize);
            // SAFETY: invariants 1 and 4: the bytes from the start on lie in the first chunk up to its limit; 2 and 3 keep them.
            unsafe { slice::from_raw_parts(data, front_end - self.start) }
        } else {
            &[]
        };
        // SAFETY: invariants 1 to 4, which hold as long as `self` is borrowed.
        unsafe { Sequence::from_chunks(front, self.chunks.as_slice(), self.start, self.end) }
    }

    /// Where its first byte stands in the stream.
    #[inline]
    pub fn start(&self) -> Position {
        self.start
    }

    /// Where the next byte pushed will stand.
    #[inline]
    pub fn end(&self) -> Position {
        self.end
    }

    /// How many bytes are in it.
    #[inline]
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether it holds no byte.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Moves the start to `consumed`, within the chain, and gives back every chunk of ours before it.
    #[inline]
    pub(crate) fn consume_to(&mut self, consumed: Position) {
        debug_assert!(self.start <= consumed && consumed <= self.end);
        self.start = consumed;
        if consumed >= self.first_end {
            self.give_back();
        }
    }

    /// Gives back every chunk of ours before the start.
    #[cold]
    #[inline(never)]
    fn give_back(&mut self) {
        while self.start >= self.first_end {
            if let Some(first) = self.chunks.pop_first() {
                // SAFETY: invariant 2: it is not a lent last one, so the reference is ours; it has left the chain.
                unsafe { first.release() };
            }
            self.note_first();
        }
    }

    fn note_first(&mut self) {
        (self.front, self.first_end) = match self.chunks.as_slice() {
            [] => (Front::NONE, NEVER),
            [first] if self.last_is_lent => (Front::of(first), NEVER),
            [first, ..] => (Front::of(first), first.end()),
        };
    }

    /// Links memory whose reference stays another's, at the end; nothing of it is part of the chain yet.
    ///
    /// # Safety
    ///
    /// Its lender keeps the memory alive until [`own_last`](Self::own_last) or [`forget_last`](Self::forget_last),
    /// or as long as its bytes stay unconsumed. The last chunk before it is ours.
    pub(crate) unsafe fn push_lent(&mut self, chunk: Chunk) {
        debug_assert!(!self.last_is_lent && chunk.position == self.end);
        self.chunks.push(chunk);
        self.last_is_lent = true;
        self.note_first();
    }

    /// Makes `bytes` more bytes of the lent chunk's memory part of the chain.
    ///
    /// # Safety
    ///
    /// There is a lent chunk, it has that many bytes behind the end, which stays within invariant 5, and they are published
    /// and never written again.
    #[inline]
    pub(crate) unsafe fn grow_last(&mut self, bytes: usize) {
        debug_assert!(bytes == 0 || self.last_is_lent);
        self.end += bytes;
    }

    /// Takes the lent last chunk's reference over; gives it back at once when nothing of it is unconsumed.
    ///
    /// # Safety
    ///
    /// The lender gives its reference up.
    pub(crate) unsafe fn own_last(&mut self) {
        self.last_is_lent = false;
        let end = self.end;
        if let Some(last) = self.chunks.last_mut() {
            last.len = end - last.position;
        }
        self.note_first();
        self.consume_to(self.start);
    }

    /// Drops a lent last chunk, all consumed, whose memory its lender has taken away, or will.
    pub(crate) fn forget_last(&mut self) {
        if self.last_is_lent {
            let last = self.chunks.pop_last();
            debug_assert!(last.is_some_and(|last| self.start >= last.position));
            self.last_is_lent = false;
            self.note_first();
        }
    }

    /// Shrinks the queue to at most `chunks` places, if it has so few chunks.
    pub(crate) fn shrink_to(&mut self, chunks: usize) {
        self.chunks.shrink_to(chunks);
    }

    pub(crate) fn last_is_lent(&self) -> bool {
        self.last_is_lent
    }

    /// Gives back everything that is ours and begins anew at `position`; a lent last chunk stays its lender's.
    pub(crate) fn restart(&mut self, position: Position) {
        if self.last_is_lent {
            self.chunks.pop_last();
            self.last_is_lent = false;
        }
        while let Some(chunk) = self.chunks.pop_first() {
            // SAFETY: invariant 2: the lent one was taken out above, so each reference is ours.
            unsafe { chunk.release() };
        }
        (self.start, self.end) = (position, position);
        self.note_first();
    }
}

impl Default for SequenceBuf {
    fn default() -> Self {
        Self::new()
    }
}

impl Extend<Slice> for SequenceBuf {
    fn extend<I: IntoIterator<Item = Slice>>(&mut self, slices: I) {
        slices.into_iter().for_each(|slice| self.push(slice));
    }
}

impl FromIterator<Slice> for SequenceBuf {
    fn from_iter<I: IntoIterator<Item = Slice>>(slices: I) -> Self {
        let mut buffer = Self::new();
        buffer.extend(slices);
        buffer
    }
}

impl<T: Into<Slice>> From<T> for SequenceBuf {
    fn from(slice: T) -> Self {
        let mut buffer = Self::new();
        buffer.push(slice.into());
        buffer
    }
}

impl Drop for SequenceBuf {
    fn drop(&mut self) {
        self.restart(self.end);
    }
}

impl fmt::Debug for SequenceBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SequenceBuf").field("start", &self.start).field("end", &self.end).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::SequenceBuf;
    use crate::{position::Position, slice::Slice};

    #[test]
    #[should_panic(expected = "no chain goes on beyond")]
    fn positions_do_not_overflow() {
        let mut buffer = SequenceBuf::new();
        buffer.restart(Position::new(Position::LAST.offset() - 8));
        buffer.push(Slice::from_static(&[1; 8]));
        assert_eq!(buffer.as_sequence().first_chunk(), [1; 8]);
        buffer.clear();
        buffer.push(Slice::from_static(&[2]));
    }
}
