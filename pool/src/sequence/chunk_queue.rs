//! A queue of chunks that lie in one slice.
//!
//! A ring, such as `VecDeque`, shows its elements as two slices, and every look at them works out which; a vector whose consumed
//! front is skipped costs a move of the live half now and then, and made a 64-byte message 25 instructions cheaper.
//!
//! # Invariants
//!
//! 1. `gone <= chunks.len()`: it grows by an element that was there, and whatever makes fewer of them counts anew.

use crate::sequence::chunk::Chunk;

#[derive(Debug, Default)]
pub(crate) struct ChunkQueue {
    chunks: Vec<Chunk>,
    /// How many at the front are gone; fewer than there are, unless there are none.
    gone: usize,
}

impl ChunkQueue {
    pub(crate) const fn new() -> Self {
        Self { chunks: Vec::new(), gone: 0 }
    }

    pub(crate) fn push(&mut self, chunk: Chunk) {
        if self.chunks.len() == self.chunks.capacity() && self.gone * 2 >= self.chunks.len() {
            // At least as many have gone since the last move as are moved now.
            self.chunks.drain(..self.gone);
            self.gone = 0;
        }
        self.chunks.push(chunk);
    }

    pub(crate) fn pop_first(&mut self) -> Option<Chunk> {
        let first = *self.chunks.get(self.gone)?;
        self.gone += 1;
        self.restart_when_empty();
        Some(first)
    }

    pub(crate) fn pop_last(&mut self) -> Option<Chunk> {
        let last = self.chunks.pop();
        self.restart_when_empty();
        last
    }

    #[cfg(feature = "__internal")]
    #[inline]
    pub(crate) fn last_mut(&mut self) -> Option<&mut Chunk> {
        self.chunks.last_mut()
    }

    /// Those that are not gone.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[Chunk] {
        // SAFETY: invariant 1. What cannot panic is not worked out where the slice is not looked at in the end, which saves a
        // message five instructions.
        unsafe { self.chunks.get_unchecked(self.gone..) }
    }

    /// Shrinks to at most `places`, if no more chunks than that are in it: the next burst finds its memory anew.
    #[cfg(feature = "__internal")]
    pub(crate) fn shrink_to(&mut self, places: usize) {
        if self.chunks.capacity() > places && self.chunks.len() - self.gone <= places {
            self.chunks.drain(..self.gone);
            self.gone = 0;
            self.chunks.shrink_to(places);
        }
    }

    fn restart_when_empty(&mut self) {
        if self.gone == self.chunks.len() {
            self.chunks.clear();
            self.gone = 0;
        }
    }
}

#[cfg(all(test, feature = "__internal"))]
mod tests {
    use std::{collections::VecDeque, ptr::NonNull};

    use super::*;
    use crate::sequence::position::Position;

    fn chunk(number: u64) -> Chunk {
        Chunk { header: None, data: NonNull::dangling(), len: 1, position: Position::new(number) }
    }

    #[test]
    fn it_agrees_with_a_ring_and_stays_small() {
        let (mut queue, mut ring) = (ChunkQueue::new(), VecDeque::new());
        let mut state = 7_u64;
        for number in 0..100_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            match state >> 62 {
                0 | 1 if ring.len() < 40 => {
                    queue.push(chunk(number));
                    ring.push_back(number);
                }
                3 if state & (1 << 40) == 0 => {
                    assert_eq!(queue.pop_last().map(|last| last.position.offset()), ring.pop_back());
                }
                _ => assert_eq!(queue.pop_first().map(|first| first.position.offset()), ring.pop_front()),
            }
            assert!(queue.as_slice().iter().map(|chunk| chunk.position.offset()).eq(ring.iter().copied()));
            assert_eq!(queue.last_mut().map(|last| last.position.offset()), ring.back().copied());
        }
        assert!(queue.chunks.capacity() <= 256, "{} places for at most 40 chunks", queue.chunks.capacity());
    }
}
