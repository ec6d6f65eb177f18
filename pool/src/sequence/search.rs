//! Search across joins, in time linear in the bytes looked at, and in the needle.
//!
//! A single byte is looked for chunk by chunk. A longer needle is too, and between two chunks an automaton (Knuth,
//! Morris and Pratt's) carries a match that has begun on into the next one, until none that began earlier is left:
//! then the vectorised search takes over again. Copying the bytes about each join into one buffer and searching that
//! would take the needle's length again for every join: quadratic over one-byte chunks.

use memchr::{memchr, memchr2, memchr3, memmem};

use super::Sequence;
use crate::sequence::position::Position;

impl Sequence<'_> {
    /// Where the first `byte` stands.
    #[inline]
    pub fn position_of(&self, byte: u8) -> Option<Position> {
        self.position_by(|chunk| memchr(byte, chunk))
    }

    /// Where the first byte that is one of `set` stands. An empty set is found nowhere.
    ///
    /// Sets of up to three bytes are the fastest.
    pub fn find_any(&self, set: &[u8]) -> Option<Position> {
        match *set {
            [] => None,
            [a] => self.position_of(a),
            [a, b] => self.position_by(|chunk| memchr2(a, b, chunk)),
            [a, b, c] => self.position_by(|chunk| memchr3(a, b, c, chunk)),
            _ => {
                let set = ByteSet::new(set);
                self.position_by(|chunk| chunk.iter().position(|&byte| set.contains(byte)))
            }
        }
    }

    /// Where the first occurrence of `needle` begins, in whatever chunks it lies. The empty needle is found at the
    /// start.
    ///
    /// A needle of more than 256 bytes in a sequence of more than one chunk costs one allocation.
    pub fn find(&self, needle: &[u8]) -> Option<Position> {
        match *needle {
            [] => Some(self.start()),
            [byte] => self.position_of(byte),
            _ if needle.len() > self.len() => None,
            _ => match self.as_single_chunk() {
                Some(chunk) => memmem::find(chunk, needle).map(|offset| self.start() + offset),
                None => Search::new(needle).run(self),
            },
        }
    }

    /// The first place that `find` gives within a chunk.
    #[inline]
    pub(crate) fn position_by(&self, mut find: impl FnMut(&[u8]) -> Option<usize>) -> Option<Position> {
        let mut before = self.start();
        for chunk in self.chunks() {
            if let Some(offset) = find(chunk) {
                return Some(before + offset);
            }
            before += chunk.len();
        }
        None
    }
}

/// Membership of 256 bytes.
struct ByteSet([bool; 256]);

impl ByteSet {
    fn new(set: &[u8]) -> Self {
        let mut members = [false; 256];
        set.iter().for_each(|&byte| members[usize::from(byte)] = true);
        Self(members)
    }

    fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }
}

/// A needle longer than this has its table on the heap. Of no longer one every border is less, and so a byte.
const SHORT_NEEDLE_BYTES: usize = 256;

/// A search for a needle of two bytes or more.
struct Search<'n> {
    needle: &'n [u8],
    finder: memmem::Finder<'n>,
    borders: Borders,
    /// Bytes looked at, for the tests of linear time.
    #[cfg(test)]
    steps: usize,
}

impl<'n> Search<'n> {
    fn new(needle: &'n [u8]) -> Self {
        Self {
            needle,
            finder: memmem::Finder::new(needle),
            borders: Borders::new(needle),
            #[cfg(test)]
            steps: 0,
        }
    }

    fn run(&mut self, sequence: &Sequence<'_>) -> Option<Position> {
        let mut before = sequence.start();
        // How many bytes of the needle the bytes before the chunk end with.
        let mut matched = 0;
        for chunk in sequence.chunks() {
            match self.search_chunk(chunk, matched) {
                // A match that began in an earlier chunk begins before this one.
                Found::At { end } => return Some(Position::new((before + end).offset() - self.needle.len() as u64)),
                Found::Partly(carried) => matched = carried,
            }
            before += chunk.len();
        }
        None
    }

    fn search_chunk(&mut self, chunk: &[u8], mut matched: usize) -> Found {
        let mut done = 0;
        // While the match under way began before this chunk, only the automaton can follow it.
        while matched > done {
            let Some(&byte) = chunk.get(done) else { return Found::Partly(matched) };
            matched = self.step(matched, byte);
            done += 1;
            if matched == self.needle.len() {
                return Found::At { end: done };
            }
        }
        // What is under way, if anything, began in this chunk: look for it from there.
        let rest = &chunk[done - matched..];
        #[cfg(test)]
        {
            self.steps += rest.len();
        }
        if rest.len() >= self.needle.len() {
            if let Some(offset) = self.finder.find(rest) {
                return Found::At { end: done - matched + offset + self.needle.len() };
            }
        }
        // Only a match that begins in the last bytes can go on behind the chunk.
        let tail = &rest[rest.len() - rest.len().min(self.needle.len() - 1)..];
        Found::Partly(tail.iter().fold(0, |matched, &byte| self.step(matched, byte)))
    }

    /// How many bytes of the needle are matched after `byte`, when `matched`, not all of them, were before.
    fn step(&mut self, mut matched: usize, byte: u8) -> usize {
        loop {
            #[cfg(test)]
            {
                self.steps += 1;
            }
            if self.needle[matched] == byte {
                return matched + 1;
            }
            if matched == 0 {
                return 0;
            }
            matched = self.borders.of(matched);
        }
    }
}

enum Found {
    /// The needle ends at this offset in the chunk.
    At { end: usize },
    /// The chunk ends with so many bytes of the needle.
    Partly(usize),
}

/// For each beginning of a needle, the length of its longest proper beginning that is its end too.
#[expect(clippy::large_enum_variant, reason = "there is one, on the stack, for as long as a search takes")]
enum Borders {
    Short([u8; SHORT_NEEDLE_BYTES]),
    Long(Vec<usize>),
}

impl Borders {
    fn new(needle: &[u8]) -> Self {
        if needle.len() <= SHORT_NEEDLE_BYTES {
            let mut table = [0; SHORT_NEEDLE_BYTES];
            fill_borders(needle, &mut table, usize::from, |border| border as u8);
            Self::Short(table)
        } else {
            let mut table = vec![0; needle.len()];
            fill_borders(needle, &mut table, |border| border, |border| border);
            Self::Long(table)
        }
    }

    /// The border of the first `len` bytes, at least one.
    #[inline]
    fn of(&self, len: usize) -> usize {
        match self {
            Self::Short(table) => table[len - 1].into(),
            Self::Long(table) => table[len - 1],
        }
    }
}

/// Fills `table[len - 1]` with the border of the needle's first `len` bytes, kept in less than a number has.
#[inline]
fn fill_borders<B: Copy>(needle: &[u8], table: &mut [B], kept: impl Fn(B) -> usize, keep: impl Fn(usize) -> B) {
    let mut border = 0;
    for index in 1..needle.len() {
        while border > 0 && needle[border] != needle[index] {
            border = kept(table[border - 1]);
        }
        if needle[border] == needle[index] {
            border += 1;
        }
        table[index] = keep(border);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{memory::Slice, sequence::sequence_buf::SequenceBuf};

    /// Bytes looked at by a search of `text` in chunks of `width`, the vectorised part counted too.
    fn steps(text: &[u8], width: usize, needle: &[u8]) -> (usize, Option<Position>) {
        let buffer: SequenceBuf = text.chunks(width).map(Slice::copy_from_slice).collect();
        let mut search = Search::new(needle);
        let found = search.run(&buffer.as_sequence());
        (search.steps, found)
    }

    #[test]
    fn hostile_needles_take_linear_time() {
        let a = |len: usize| vec![b'a'; len];
        let text = a(20_000);
        let needles = [[a(999), b"b".to_vec()].concat(), [b"b".to_vec(), a(999)].concat(), b"ab".repeat(500)];
        for needle in &needles {
            for width in [1, 2, 3, 10, 499, 500, 998, 999, 1000, 1001, 1999, 7000] {
                let (steps, found) = steps(&text, width, needle);
                assert_eq!(found, None);
                // The needle's length for each join would be a thousand times the text in one-byte chunks.
                assert!(steps <= 4 * text.len(), "{steps} steps in chunks of {width}");
            }
        }
    }

    #[test]
    fn matches_that_nearly_complete_take_linear_time() {
        let near = [vec![b'a'; 99], b"c".to_vec()].concat().repeat(200);
        let needle = [vec![b'a'; 99], b"b".to_vec()].concat();
        let text = [near, needle.clone()].concat();
        for width in [1, 2, 7, 50, 99, 100, 101, 333] {
            let (steps, found) = steps(&text, width, &needle);
            assert_eq!(found, Some(Position::new(20_000)));
            assert!(steps <= 4 * text.len(), "{steps} steps in chunks of {width}");
        }
    }

    #[test]
    fn borders_are_the_longest() {
        let borders = |needle: &[u8]| (1..=needle.len()).map(|len| Borders::new(needle).of(len)).collect::<Vec<_>>();
        assert_eq!(borders(b"aabaaabb"), [0, 1, 0, 1, 2, 2, 3, 0]);
        // The longest one whose borders are bytes, and the shortest whose are not.
        for len in [SHORT_NEEDLE_BYTES, SHORT_NEEDLE_BYTES + 1] {
            assert_eq!(borders(&vec![b'a'; len]), (0..len).collect::<Vec<_>>());
        }
    }
}
