//! A view over a stretch of a stream that lies in many chunks.
//!
//! # Invariants
//!
//! 1. The chunks follow each other without gaps. Any of them may be empty, and the last may be longer than what is
//!    published of it: nothing from `end` on is read.
//! 2. Unless the sequence is empty, there are chunks, `start` lies in the first, or at its end, and `end` in, or at the
//!    end of, the last. An empty sequence may name chunks, or none, and reads none of them.
//! 3. The memory of the bytes from `start` to `end` lives, unwritten, as long as `'a`.
//! 4. `front` is the sequence's bytes in the first chunk. It may be empty though the sequence is not: see 1.
//! 5. `end` is at most [`Position::LAST`], and at most `usize::MAX` bytes behind `start`.

#[cfg(feature = "bytes")]
mod buf;
mod chunk;
mod chunk_queue;
mod compare;
mod cursor;
mod display;
mod extract;
mod iter;
mod position;
mod search;
pub(crate) mod sequence_buf;
mod split;

use std::{
    fmt,
    ops::{Bound, RangeBounds},
};

use self::chunk::Chunk;
use crate::memory::Slice;

pub use cursor::{Cursor, Incomplete};
#[cfg(feature = "bytes")]
pub use extract::SharedBytes;
pub use extract::Slices;
pub use iter::{ByteIter, Chunks};
pub use position::Position;
pub use sequence_buf::SequenceBuf;
pub use split::Split;

/// A borrowed view over bytes in many chunks, as one: nothing is copied to make it, and copying it copies six words.
///
/// Bytes are named by their [`Position`] in the stream, which a view keeps when it is narrowed: a position found in a
/// part is good for the whole.
///
/// # Examples
///
/// ```
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let buffer = SequenceBuf::from_iter([Slice::from("GET / HT"), Slice::from("TP/1.1\r"), Slice::from("\nHost")]);
/// let sequence = buffer.as_sequence();
/// let end = sequence.find(b"\r\n").unwrap();
/// assert_eq!(sequence.slice(..end), "GET / HTTP/1.1");
/// assert_eq!(sequence.slice(end + 2..), "Host");
/// ```
#[derive(Clone, Copy)]
pub struct Sequence<'a> {
    /// Found beforehand: most views lie in one chunk, and most looks at the others begin here.
    front: &'a [u8],
    chunks: &'a [Chunk],
    start: Position,
    end: Position,
}

impl<'a> Sequence<'a> {
    /// No bytes, at position zero.
    pub const fn empty() -> Self {
        Self::nothing(Position::ZERO)
    }

    /// A view over chunks.
    ///
    /// # Safety
    ///
    /// The module's invariants, for `'a`.
    #[inline]
    pub(crate) unsafe fn from_chunks(front: &'a [u8], chunks: &'a [Chunk], start: Position, end: Position) -> Self {
        Self { front, chunks, start, end }
    }

    /// No bytes, at a position.
    #[inline]
    const fn nothing(at: Position) -> Self {
        Self { front: &[], chunks: &[], start: at, end: at }
    }

    /// How many bytes there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.end.since(self.start)
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Where its first byte stands in the stream.
    #[inline]
    pub fn start(&self) -> Position {
        self.start
    }

    /// Where the byte after its last stands in the stream.
    #[inline]
    pub fn end(&self) -> Position {
        self.end
    }

    /// The bytes of the first chunk: all of them when they lie in one. Empty only when the sequence is.
    #[inline]
    pub fn first_chunk(&self) -> &'a [u8] {
        if self.front.is_empty() && !self.is_empty() {
            return first_chunk_not_empty(self.chunks, self.start, self.end);
        }
        self.front
    }

    /// All the bytes, when they lie in one chunk.
    #[inline]
    pub fn as_single_chunk(&self) -> Option<&'a [u8]> {
        let first = self.first_chunk();
        (first.len() == self.len()).then_some(first)
    }

    /// The byte at `position`, when it lies within.
    #[inline]
    pub fn byte_at(&self, position: Position) -> Option<u8> {
        if position < self.start || position >= self.end {
            return None;
        }
        let index = self.chunk_holding(position);
        self.chunk_bytes(index).get(position - self.chunk_start(index)).copied()
    }

    /// The part within `range`, found in O(log chunks).
    ///
    /// # Panics
    ///
    /// When the range lies outside the sequence, or ends before it starts.
    #[must_use]
    pub fn slice(&self, range: impl RangeBounds<Position>) -> Self {
        let (start, end) = self.bounds(range);
        if start == end {
            return Self::nothing(start);
        }
        let first = self.chunk_holding(start);
        let final_byte = Position::new(end.offset() - 1);
        let last = if end == self.end { self.chunk_count() } else { self.chunk_holding(final_byte) + 1 };
        self.narrow(first, last, start, end)
    }

    /// The parts before and from `position` on, found in O(log chunks).
    ///
    /// # Panics
    ///
    /// When the position lies outside the sequence.
    #[must_use]
    pub fn split_at(&self, position: Position) -> (Self, Self) {
        (self.slice(..position), self.slice(position..))
    }

    /// A reader over the bytes.
    #[inline]
    pub fn cursor(&self) -> Cursor<'a> {
        Cursor::new(*self)
    }

    /// How many chunks are named, empty ones too.
    #[inline]
    pub(crate) fn chunk_count(&self) -> usize {
        self.chunks.len()
    }

    /// The bytes of the sequence in the chunk at `index`: none when there is no such chunk.
    #[inline]
    pub(crate) fn chunk_bytes(&self, index: usize) -> &'a [u8] {
        self.chunk(index).map_or(&[], |chunk| self.clip(chunk))
    }

    /// Where the bytes of the sequence in the chunk at `index` begin: the end, when there is no such chunk.
    #[inline]
    pub(crate) fn chunk_start(&self, index: usize) -> Position {
        self.chunk(index).map_or(self.end, |chunk| chunk.position.max(self.start).min(self.end))
    }

    /// The bytes of [`chunk_bytes`](Self::chunk_bytes), shared.
    pub(crate) fn chunk_slice(&self, index: usize) -> Slice {
        match self.chunk(index).map(|chunk| (chunk, self.clip_offsets(chunk))) {
            // SAFETY: `clip_offsets` gives offsets within the chunk, alive for `'a` by invariant 3.
            Some((chunk, (start, end))) if start < end => unsafe { chunk.to_slice(start, end) },
            _ => Slice::new(),
        }
    }

    /// The index of the chunk that holds the byte at `position`, which is not before the start: the count of chunks
    /// when it is past them.
    #[inline]
    pub(crate) fn chunk_holding(&self, position: Position) -> usize {
        debug_assert!(position >= self.start);
        match self.chunks {
            [first, ..] if position < first.end() => 0,
            _ => self.chunks.partition_point(|chunk| chunk.end() <= position),
        }
    }

    /// The part from `start` to `end`, where the first byte lies in the chunk at `first` and the last before the chunk
    /// at `last`.
    #[inline]
    pub(crate) fn narrow(&self, first: usize, last: usize, start: Position, end: Position) -> Self {
        debug_assert!(self.start <= start && start <= end && end <= self.end);
        let mut part = Self { front: &[], chunks: &self.chunks[first..last], start, end };
        part.front = part.chunk_bytes(0);
        part
    }

    /// The part that is `bytes`, which stand at `start` and lie in the chunk at `index`: nothing is looked up.
    #[inline]
    pub(crate) fn within_chunk(&self, index: usize, bytes: &'a [u8], start: Position) -> Self {
        debug_assert!(bytes.is_empty() || self.narrow(index, index + 1, start, start + bytes.len()).front == bytes);
        let last = index + usize::from(!bytes.is_empty());
        Self { front: bytes, chunks: &self.chunks[index..last], start, end: start + bytes.len() }
    }

    /// The start and end of `range`.
    ///
    /// # Panics
    ///
    /// When it lies outside the sequence, or ends before it starts.
    #[inline]
    fn bounds(&self, range: impl RangeBounds<Position>) -> (Position, Position) {
        let after = |position: Position| Position::new(position.offset().saturating_add(1));
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&start) => after(start),
            Bound::Unbounded => self.start,
        };
        let end = match range.end_bound() {
            Bound::Included(&end) => after(end),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => self.end,
        };
        if start < self.start || start > end || end > self.end {
            outside(start, end, self);
        }
        (start, end)
    }

    #[inline]
    fn chunk(&self, index: usize) -> Option<&'a Chunk> {
        self.chunks.get(index)
    }

    /// The bytes of the sequence in one of its chunks.
    #[inline]
    fn clip(&self, chunk: &Chunk) -> &'a [u8] {
        let (start, end) = self.clip_offsets(chunk);
        if start >= end {
            return &[];
        }
        // SAFETY: `clip_offsets` gives offsets within the chunk, whose bytes live for `'a` by invariant 3.
        unsafe { chunk.bytes(start, end) }
    }

    /// From where to where, in offsets within the chunk, it is the sequence's: nothing when the second is not greater.
    #[inline]
    fn clip_offsets(&self, chunk: &Chunk) -> (usize, usize) {
        let start = self.start.max(chunk.position).min(chunk.end());
        let end = self.end.min(chunk.end()).max(chunk.position);
        (start.since(chunk.position), end.since(chunk.position))
    }
}

/// The first chunk, when the one named first has nothing of it. Out of line, and given the fields one by one: a sequence would be
/// put into memory on the common path for the sake of this one.
#[cold]
#[inline(never)]
fn first_chunk_not_empty(chunks: &[Chunk], start: Position, end: Position) -> &[u8] {
    Sequence { front: &[], chunks, start, end }.chunks().next().unwrap_or_default()
}

impl Default for Sequence<'_> {
    fn default() -> Self {
        Self::empty()
    }
}

/// The most bytes that `Debug` shows.
const SHOWN_BYTES: usize = 64;

impl fmt::Debug for Sequence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sequence({:?}..{:?}, b\"", self.start, self.end)?;
        let shown = self.slice(..self.start + self.len().min(SHOWN_BYTES));
        for chunk in shown.chunks() {
            write!(f, "{}", chunk.escape_ascii())?;
        }
        f.write_str(if shown.len() < self.len() { "\"...)" } else { "\")" })
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn outside(start: Position, end: Position, sequence: &Sequence<'_>) -> ! {
    panic!("range {start}..{end} is outside of the sequence {}..{}", sequence.start, sequence.end)
}
