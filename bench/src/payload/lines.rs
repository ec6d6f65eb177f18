//! Lines of 32 bytes, their endings counted, to be found and summed.

use std::hint::black_box;

use headpond_pool::{Position, Sequence};
use memchr::memchr;

use super::{Look, Produce, Verdict};

/// How long a line is, with its ending.
pub(crate) const LINE: usize = 32;
/// How many different lines there are, one after the other, again and again.
const LINES: usize = 256;

/// The lines.
static TABLE: [[u8; LINE]; LINES] = table();

const fn table() -> [[u8; LINE]; LINES] {
    let mut table = [[b'\n'; LINE]; LINES];
    let mut line = 0;
    while line < LINES {
        let mut column = 0;
        while column < LINE - 1 {
            // Letters, which depend on the line and on the column.
            table[line][column] = b'A' + ((line * 7 + column * 11 + line / 16) % 58) as u8;
            column += 1;
        }
        line += 1;
    }
    table
}

/// Writes lines.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    next: usize,
    /// Bytes of the next line that were written already.
    begun: usize,
}

/// Finds lines and sums what they say.
#[derive(Debug, Default)]
pub(crate) struct LineSum {
    seen: u64,
    lines: u64,
    total: u64,
    /// The beginning of a line that came in two pieces.
    part: Vec<u8>,
    /// How much of it was left where it is.
    left: u64,
}

impl Produce for Lines {
    #[inline(always)]
    fn fill(&mut self, memory: &mut [u8]) {
        let memory = black_box(memory);
        if self.begun != 0 || !memory.len().is_multiple_of(LINE) {
            return self.fill_parts(memory);
        }
        for line in memory.as_chunks_mut::<LINE>().0 {
            *line = TABLE[self.next % LINES];
            self.next += 1;
        }
    }
}

impl Lines {
    #[cold]
    fn fill_parts(&mut self, mut memory: &mut [u8]) {
        while !memory.is_empty() {
            let n = memory.len().min(LINE - self.begun);
            let (part, rest) = memory.split_at_mut(n);
            part.copy_from_slice(&TABLE[self.next % LINES][self.begun..self.begun + n]);
            self.begun = (self.begun + n) % LINE;
            self.next += usize::from(self.begun == 0);
            memory = rest;
        }
    }
}

impl LineSum {
    /// Takes in one line, without its ending.
    #[inline(always)]
    fn line(&mut self, line: &[u8]) {
        let (words, rest) = line.as_chunks::<8>();
        for word in words {
            self.total = self.total.wrapping_add(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.total = self.total.wrapping_add(u64::from_le_bytes(last));
        self.seen += line.len() as u64 + 1;
        self.lines += 1;
    }

    /// Takes in a line that lies in several chunks.
    #[cold]
    fn line_in_parts(&mut self, line: Sequence<'_>) {
        line.chunks().for_each(|part| self.keep(part));
        self.join(&[]);
    }

    /// Takes in the end of a line whose beginning came before, up to and without its ending.
    #[cold]
    fn join(&mut self, end: &[u8]) {
        let mut line = std::mem::take(&mut self.part);
        self.seen -= line.len() as u64;
        line.extend_from_slice(end);
        self.line(&line);
        line.clear();
        self.part = line;
    }

    /// Keeps the beginning of a line.
    #[cold]
    fn keep(&mut self, beginning: &[u8]) {
        self.part.extend_from_slice(beginning);
        self.seen += beginning.len() as u64;
    }
}

impl Look for LineSum {
    #[inline(always)]
    fn add(&mut self, bytes: &[u8]) {
        let mut bytes = black_box(bytes);
        while let Some(end) = memchr(b'\n', bytes) {
            if self.part.is_empty() {
                self.line(&bytes[..end]);
            } else {
                self.join(&bytes[..end]);
            }
            bytes = &bytes[end + 1..];
        }
        if !bytes.is_empty() {
            self.keep(bytes);
        }
    }

    #[inline(always)]
    fn seen(&self) -> u64 {
        self.seen + self.left
    }

    /// The lines of one chunk, and the one that goes on behind it; the beginning of another stays where it is.
    #[inline(always)]
    fn view(&mut self, view: Sequence<'_>) -> (Position, Position) {
        let mut rest = black_box(view.first_chunk());
        while let Some(end) = memchr(b'\n', rest) {
            self.line(&rest[..end]);
            rest = &rest[end + 1..];
        }
        let done = view.start() + (view.first_chunk().len() - rest.len());
        self.left = 0;
        if rest.is_empty() {
            return (done, done);
        }
        let mut cursor = view.slice(done..).cursor();
        if let Ok(line) = cursor.take_until(b'\n') {
            self.line_in_parts(line);
            return (cursor.position(), cursor.position());
        }
        self.left = (view.end() - done) as u64;
        (done, view.end())
    }
}

impl Verdict for LineSum {
    /// The sum is worked out from the table, byte by byte, and from the count of lines alone.
    fn is_right(&self, bytes: u64) -> bool {
        let lines = bytes / LINE as u64;
        let value = |line: &[u8; LINE]| {
            let letters = line[..LINE - 1].iter().enumerate();
            letters.fold(0_u64, |sum, (at, &letter)| sum.wrapping_add(u64::from(letter) << (8 * (at % 8))))
        };
        let sum = |lines: &[[u8; LINE]]| lines.iter().map(value).fold(0, u64::wrapping_add);
        let (cycles, rest) = (lines / LINES as u64, lines as usize % LINES);
        let total = sum(&TABLE).wrapping_mul(cycles).wrapping_add(sum(&TABLE[..rest]));
        self.seen == bytes && self.lines == lines && self.part.is_empty() && self.total == total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(lines: usize) -> Vec<u8> {
        TABLE.iter().cycle().take(lines).flatten().copied().collect()
    }

    #[test]
    fn lines_end_where_they_should() {
        for line in &TABLE {
            assert_eq!(memchr(b'\n', line), Some(LINE - 1));
        }
        assert_ne!(TABLE[0], TABLE[1]);
    }

    #[test]
    fn any_pieces_make_the_same_lines() {
        for piece in [1, 31, 32, 33, 100, 512] {
            let (mut lines, mut sum) = (Lines::default(), LineSum::default());
            let mut memory = vec![0; 300 * LINE];
            memory.chunks_mut(piece).for_each(|piece| lines.fill(piece));
            assert_eq!(memory, stream(300), "pieces of {piece}");
            memory.chunks(piece + 1).for_each(|piece| sum.add(piece));
            assert!(sum.is_right(300 * LINE as u64), "pieces of {piece}");
        }
    }

    #[test]
    fn a_wrong_byte_is_found() {
        let right = stream(5);
        for at in 0..right.len() {
            let mut wrong = right.clone();
            wrong[at] ^= 1;
            let mut sum = LineSum::default();
            sum.add(&wrong);
            assert!(!sum.is_right(right.len() as u64), "byte {at}");
        }
    }
}
