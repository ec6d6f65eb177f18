//! What is carried: words that count up, so that every byte depends on where it stands in the stream.

use std::hint::black_box;

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
}

/// Fills memory with the words of a stream, each one higher than the word before.
///
/// It is asked for whole words: what remains stays as it is, and the sum at the other end tells.
#[derive(Debug, Default)]
pub(crate) struct Words {
    next: u64,
}

/// The sum of the words of a stream, in whatever pieces of whole words it comes.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    seen: u64,
    total: u64,
}

impl Produce for Words {
    #[inline(always)]
    fn fill(&mut self, memory: &mut [u8]) {
        // Nobody may know what is written here before it is read at the other end.
        let (words, _) = black_box(memory).as_chunks_mut::<WORD>();
        for (word, value) in words.iter_mut().zip(self.next..) {
            *word = value.to_le_bytes();
        }
        self.next += words.len() as u64;
    }
}

impl Look for Sum {
    #[inline(always)]
    fn add(&mut self, bytes: &[u8]) {
        let bytes = black_box(bytes);
        let words = bytes.as_chunks::<WORD>().0.iter().map(|word| u64::from_le_bytes(*word));
        self.total = self.total.wrapping_add(words.fold(0, u64::wrapping_add));
        self.seen += bytes.len() as u64;
    }

    #[inline(always)]
    fn seen(&self) -> u64 {
        self.seen
    }
}

impl Sum {
    /// Whether what came is the first `bytes` bytes of the stream. The sum is worked out from the count alone.
    pub(crate) fn is_right(&self, bytes: u64) -> bool {
        let words = u128::from(bytes / WORD as u64);
        let total = words * words.saturating_sub(1) / 2;
        self.seen == bytes && u128::from(self.total) == total % (1 << 64)
    }
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
        for piece in [8, 24, 64, 1000] {
            let (mut words, mut sum) = (Words::default(), Sum::default());
            let mut memory = vec![0; 4000];
            memory.chunks_mut(piece).for_each(|piece| words.fill(piece));
            assert_eq!(memory, stream(500), "pieces of {piece}");
            memory.chunks(piece + 8).for_each(|piece| sum.add(piece));
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
        let mut sum = Sum::default();
        right.chunks(20).for_each(|piece| sum.add(piece));
        assert!(!sum.is_right(256), "pieces of words cannot be summed");
    }
}
