//! Counts of what was received, taken chunk by chunk where it lies.

use crc32fast::Hasher;
use headpond_pool::Sequence;

/// Lines, words, bytes and a checksum of a stream.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    lines: u64,
    words: u64,
    bytes: u64,
    /// The last byte belongs to a word, which may go on.
    in_word: bool,
    checksum: Hasher,
}

impl Tally {
    /// Counts a line.
    #[inline]
    pub(crate) fn add_line(&mut self) {
        self.lines += 1;
    }

    /// Counts the words and bytes of what follows.
    pub(crate) fn add_text(&mut self, text: Sequence<'_>) {
        text.chunks().for_each(|chunk| self.add_chunk(chunk));
    }

    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    pub(crate) fn words(&self) -> u64 {
        self.words
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn checksum(&self) -> u32 {
        self.checksum.clone().finalize()
    }

    /// A word begins where something else follows white space.
    fn add_chunk(&mut self, chunk: &[u8]) {
        let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else { return };
        self.words += u64::from(!self.in_word && !is_space(*first));
        self.words += count_begins(chunk);
        self.in_word = !is_space(*last);
        self.bytes += chunk.len() as u64;
        self.checksum.update(chunk);
    }
}

/// How many words begin behind the first byte. In stretches whose count fits a byte, so that the compiler can count many
/// bytes at once.
fn count_begins(chunk: &[u8]) -> u64 {
    const STRETCH: usize = 128;
    let (before, after) = (&chunk[..chunk.len() - 1], &chunk[1..]);
    let stretches = before.chunks(STRETCH).zip(after.chunks(STRETCH));
    let counts = stretches.map(|(before, after)| {
        let begins = before.iter().zip(after).map(|(before, after)| u8::from(is_space(*before) & !is_space(*after)));
        begins.sum::<u8>()
    });
    counts.map(u64::from).sum()
}

#[inline]
fn is_space(byte: u8) -> bool {
    (byte == b' ') | (byte.wrapping_sub(b'\t') < 5)
}
