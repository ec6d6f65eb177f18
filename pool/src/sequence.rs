//! A view over a stretch of a stream that lies in many chunks.
//!
//! # Invariants
//!
//! 1. The chunks of `front` and then `back` follow each other without gaps.
//! 2. Unless the sequence is empty, `front` is not, `start` lies in its first chunk and `end` in, or at the end of, the
//!    last chunk. An empty sequence may name chunks, or none, and reads none of them.
//! 3. The memory of the bytes from `start` to `end` lives, unwritten, as long as `'a`.

use std::fmt;

use crate::{chunk::Chunk, position::Position};

/// A borrowed view over bytes in many chunks, as one: nothing is copied to make it, and copying it copies six words.
#[derive(Clone, Copy)]
pub struct Sequence<'a> {
    front: &'a [Chunk],
    back: &'a [Chunk],
    start: Position,
    end: Position,
}

impl<'a> Sequence<'a> {
    /// No bytes, at position zero.
    pub const fn empty() -> Self {
        Self { front: &[], back: &[], start: Position::ZERO, end: Position::ZERO }
    }

    /// A view over chunks.
    ///
    /// # Safety
    ///
    /// The module's invariants, for `'a`.
    #[inline]
    pub(crate) unsafe fn from_chunks(
        front: &'a [Chunk],
        back: &'a [Chunk],
        start: Position,
        end: Position,
    ) -> Self {
        Self { front, back, start, end }
    }

    /// How many bytes there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.end - self.start
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
        match self.front.first() {
            Some(chunk) if !self.is_empty() => {
                let end = self.end.min(chunk.end());
                // SAFETY: invariants 2 and 3.
                unsafe { chunk.bytes(self.start - chunk.position, end - chunk.position) }
            }
            _ => &[],
        }
    }
}

impl PartialEq<[u8]> for Sequence<'_> {
    fn eq(&self, other: &[u8]) -> bool {
        let _ = other;
        todo!()
    }
}

impl<const N: usize> PartialEq<[u8; N]> for Sequence<'_> {
    fn eq(&self, other: &[u8; N]) -> bool {
        *self == other[..]
    }
}

impl fmt::Debug for Sequence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sequence").field("start", &self.start).field("end", &self.end).finish_non_exhaustive()
    }
}
