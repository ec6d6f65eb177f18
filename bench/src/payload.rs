//! What is carried: words that count up, so that every byte depends on where it stands in the stream.

pub(crate) mod lines;

use std::hint::black_box;

use headpond_pool::{Position, Sequence};

const WORD: usize = size_of::<u64>();

/// Something that produces bytes.
pub(crate) trait Produce: Send + Default {
    /// Fills `memory` with what comes next.
    fn fill(&mut self, memory: &mut [u8]);
}

/// Something that looks at bytes.
pub(crate) trait Look: Send + Default {
    /// Looks at what comes next.
    fn add(&mut self, bytes: &[u8]);

    /// How many bytes came.
    fn seen(&self) -> u64;

    /// Looks at everything there is, in headpond's own way. Returns up to where it is done with, and up to where looked at.
    fn view(&mut self, view: Sequence<'_>) -> (Position, Position);
}

/// What a receiver found, held against what was sent.
pub(crate) trait Verdict: Look {
    /// Whether what came is the first `bytes` bytes of the stream.
    fn is_right(&self, bytes: u64) -> bool;
}

/// Numbers without a pattern, the same for everyone.
#[derive(Debug, Clone)]
pub(crate) struct Noise(u64);

impl Default for Noise {
    fn default() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }
}

impl Iterator for Noise {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Of the state itself the low bits have a short period.
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        Some(mixed ^ (mixed >> 32))
    }
}

/// Fills memory with the words of a stream, each one higher than the word before.
#[derive(Debug, Default)]
pub(crate) struct Words {
    next: u64,
    /// Bytes of the next word that were filled already.
    begun: usize,
}

/// The sum of the words of a stream, in whatever pieces it comes.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    seen: u64,
    total: u64,
}

impl Produce for Words {
    #[inline(always)]
    fn fill(&mut self, memory: &mut [u8]) {
        // Nobody may know what is written here before it is read at the other end.
        let memory = black_box(memory);
        if self.begun != 0 || !memory.len().is_multiple_of(WORD) {
            return self.fill_parts(memory);
        }
        let (words, _) = memory.as_chunks_mut::<WORD>();
        for (word, value) in words.iter_mut().zip(self.next..) {
            *word = value.to_le_bytes();
        }
        self.next += words.len() as u64;
    }
}

impl Words {
    /// Fills memory that begins or ends within a word.
    #[cold]
    fn fill_parts(&mut self, memory: &mut [u8]) {
        let head = ((WORD - self.begun) % WORD).min(memory.len());
        let (head, rest) = memory.split_at_mut(head);
        let (words, tail) = rest.as_chunks_mut::<WORD>();
        self.fill_part(head);
        for (word, value) in words.iter_mut().zip(self.next..) {
            *word = value.to_le_bytes();
        }
        self.next += words.len() as u64;
        self.fill_part(tail);
    }

    fn fill_part(&mut self, part: &mut [u8]) {
        let end = self.begun + part.len();
        part.copy_from_slice(&self.next.to_le_bytes()[self.begun..end]);
        self.next += (end / WORD) as u64;
        self.begun = end % WORD;
    }
}

impl Look for Sum {
    #[inline(always)]
    fn add(&mut self, bytes: &[u8]) {
        let bytes = black_box(bytes);
        if !(self.seen as usize | bytes.len()).is_multiple_of(WORD) {
            return self.add_parts(bytes);
        }
        let words = bytes.as_chunks::<WORD>().0.iter().map(|word| u64::from_le_bytes(*word));
        self.total = self.total.wrapping_add(words.fold(0, u64::wrapping_add));
        self.seen += bytes.len() as u64;
    }

    #[inline(always)]
    fn seen(&self) -> u64 {
        self.seen
    }

    /// One chunk, so that its block goes back before the next one is looked at.
    #[inline(always)]
    fn view(&mut self, view: Sequence<'_>) -> (Position, Position) {
        let chunk = view.first_chunk();
        self.add(chunk);
        let done = view.start() + chunk.len();
        (done, done)
    }
}

impl Sum {
    /// Adds bytes that begin or end within a word.
    #[cold]
    fn add_parts(&mut self, bytes: &[u8]) {
        let begun = self.seen as usize % WORD;
        let (head, rest) = bytes.split_at(((WORD - begun) % WORD).min(bytes.len()));
        let (words, tail) = rest.as_chunks::<WORD>();
        let whole = words.iter().map(|word| u64::from_le_bytes(*word)).fold(0, u64::wrapping_add);
        let parts = part(head, begun).wrapping_add(part(tail, 0));
        self.total = self.total.wrapping_add(whole).wrapping_add(parts);
        self.seen += bytes.len() as u64;
    }
}

impl Verdict for Sum {
    /// The sum is worked out from the count alone.
    fn is_right(&self, bytes: u64) -> bool {
        let words = u128::from(bytes / WORD as u64);
        let total = words * words.saturating_sub(1) / 2;
        self.seen == bytes && u128::from(self.total) == total % (1 << 64)
    }
}

/// What bytes contribute to a word in which they stand from byte `begun` on.
fn part(bytes: &[u8], begun: usize) -> u64 {
    let mut word = [0; WORD];
    word[begun..begun + bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words from 0 on.
    fn stream(words: u64) -> Vec<u8> {
        (0..words).flat_map(u64::to_le_bytes).collect()
    }

    fn is_right(bytes: &[u8]) -> bool {
        let mut sum = Sum::default();
        sum.add(bytes);
        sum.is_right(bytes.len() as u64)
    }

    #[test]
    fn any_pieces_make_the_same_stream() {
        for piece in [1, 3, 7, 8, 13, 24, 64, 999, 1000] {
            let (mut words, mut sum) = (Words::default(), Sum::default());
            let mut memory = vec![0; 4000];
            memory.chunks_mut(piece).for_each(|piece| words.fill(piece));
            assert_eq!(memory, stream(500), "pieces of {piece}");
            memory.chunks(piece + 1).for_each(|piece| sum.add(piece));
            assert!(sum.is_right(4000), "pieces of {piece}");
        }
    }

    #[test]
    fn wrong_bytes_are_found() {
        let right = stream(32);
        assert!(is_right(&right));
        for at in 0..right.len() {
            let mut wrong = right.clone();
            wrong[at] ^= 1;
            assert!(!is_right(&wrong), "byte {at}");
        }
    }

    #[test]
    fn missing_bytes_are_found() {
        let right = stream(32);
        assert!(!is_right(&right[8..]));
        assert!(!is_right(&[&right[..128], &right[120..]].concat()));
    }
}
