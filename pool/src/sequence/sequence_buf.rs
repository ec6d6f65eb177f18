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
//! 5. `end` is at most [`Position::LAST`]: no sum of a position in the chain and a length overflows. It is at most `usize::MAX`
//!    bytes behind `start`: no length of a part is cut short, on a 32-bit system either.

#[cfg(feature = "__internal")]
pub(crate) mod lent;

use std::{fmt, ptr, slice};

use crate::{
    memory::Slice,
    sequence::{Sequence, chunk::Chunk, chunk_queue::ChunkQueue, position::Position},
};

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
    /// When more than 2^63 - 1 bytes would have been pushed, consumed or not, or more than `usize::MAX` bytes would be held (the same
    /// memory can be pushed again and again), with nothing changed.
    pub fn push(&mut self, slice: Slice) {
        debug_assert!(!self.last_is_lent);
        let room = Position::LAST.bytes_since(self.end);
        assert!(room.is_some_and(|room| slice.len() as u64 <= room), "no chain goes on beyond {}", Position::LAST);
        assert!(self.len().checked_add(slice.len()).is_some(), "no chain holds more than {} bytes", usize::MAX);
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
        assert!(bytes <= self.len(), "cannot consume {bytes} bytes of {}", self.len());
        self.set_start(self.start.forward(bytes));
    }

    /// Lets go of everything. The next byte pushed stands where the last one ended.
    pub fn clear(&mut self) {
        self.set_start(self.end);
    }

    /// Everything in it.
    #[inline]
    pub fn as_sequence(&self) -> Sequence<'_> {
        let front_end = self.end.min(self.front.limit);
        let front: &[u8] = if self.start < front_end {
            let data = self.front.origin.wrapping_add(self.start.offset() as usize);
            // SAFETY: invariants 1 and 4: the bytes from the start on lie in the first chunk up to its limit; 2 and 3 keep them.
            unsafe { slice::from_raw_parts(data, front_end.since(self.start)) }
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
        self.end.since(self.start)
    }

    /// Whether it holds no byte.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Moves the start to `consumed`, within the chain, and gives back every chunk of ours before it.
    #[inline]
    fn set_start(&mut self, consumed: Position) {
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

    /// Gives back everything that is ours; a lent last chunk stays its lender's. The caller sets the start and the end.
    fn release_all(&mut self) {
        if self.last_is_lent {
            self.chunks.pop_last();
            self.last_is_lent = false;
        }
        while let Some(chunk) = self.chunks.pop_first() {
            // SAFETY: invariant 2: the lent one was taken out above, so each reference is ours.
            unsafe { chunk.release() };
        }
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
        self.release_all();
    }
}

impl fmt::Debug for SequenceBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SequenceBuf").field("start", &self.start).field("end", &self.end).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom), feature = "__internal"))]
mod tests {
    use super::{
        SequenceBuf,
        lent::{forget_last, grow_last, push_lent, restart},
    };
    use crate::{
        memory::{Slice, raw_chunk::RawChunk},
        sequence::position::Position,
    };

    #[test]
    #[should_panic(expected = "no chain goes on beyond")]
    fn positions_do_not_overflow() {
        let mut buffer = SequenceBuf::new();
        restart(&mut buffer, Position::new(Position::LAST.offset() - 8));
        buffer.push(Slice::from_static(&[1; 8]));
        assert_eq!(buffer.as_sequence().first_chunk(), [1; 8]);
        buffer.clear();
        buffer.push(Slice::from_static(&[2]));
    }

    /// With positions that wrap, what is consumed lay before the chunk that was looked into: bytes behind that were shown.
    #[test]
    #[should_panic(expected = "no chain goes on beyond")]
    fn a_chain_does_not_go_on_beyond_the_last_position() {
        let mut buffer = SequenceBuf::new();
        restart(&mut buffer, Position::new(u64::MAX - 8));
        buffer.push(Slice::from(vec![1; 8]));
        buffer.push(Slice::from(vec![2; 16]));
        buffer.consume(20);
        assert_eq!(buffer.as_sequence().first_chunk(), [2; 4]);
    }

    /// The same megabyte, again and again, is more than the lengths of a 32-bit system count.
    #[test]
    #[cfg(target_pointer_width = "32")]
    #[should_panic(expected = "no chain holds more than")]
    fn a_chain_holds_no_more_than_a_length_counts() {
        let megabyte = Slice::from(vec![1; 1 << 20]);
        let mut buffer: SequenceBuf = (0..4095).map(|_| megabyte.clone()).collect();
        buffer.push(megabyte.slice(1..));
        assert_eq!((buffer.len(), buffer.as_sequence().cursor().len()), (usize::MAX, usize::MAX));
        buffer.push(megabyte.slice(..1));
    }

    /// Left in, they would be looked for in the chunk that comes next, before its first byte.
    #[test]
    fn unconsumed_bytes_of_a_forgotten_chunk_leave_the_chain() {
        for before in [&b""[..], b"before"] {
            let mut buffer = SequenceBuf::from(before.to_vec());
            let (lent, len) = RawChunk::from_slice(Slice::from(vec![7; 8]));
            // SAFETY: the reference stays ours, and is given back when the chain has forgotten the chunk.
            unsafe {
                push_lent(&mut buffer, lent, len);
                grow_last(&mut buffer, 5);
            }
            forget_last(&mut buffer);
            // SAFETY: as above.
            unsafe { lent.release() };
            buffer.push(Slice::from(b"behind".to_vec()));
            assert_eq!(buffer.as_sequence().first_chunk(), if before.is_empty() { b"behind" } else { before });
            assert_eq!(
                (buffer.end().offset(), buffer.as_sequence().to_vec()),
                (before.len() as u64 + 6, [before, b"behind"].concat())
            );
        }
    }
}
