//! Random texts, layouts and operations against an offset into the flat bytes. A failure prints its seed: put it into
//! `SEEDS` to replay it.

use headpond_pool::Cursor;

use crate::cuts::{Layout, naive_find};

/// Seeds that once failed, run first.
const SEEDS: [u64; 1] = [0x9e37_79b9_7f4a_7c15];

const RANDOM_RUNS: u64 = 2000;

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn word(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.word() % bound.max(1) as u64) as usize
    }

    /// Few different bytes, so that needles half match everywhere.
    fn text(&mut self, most: usize) -> Vec<u8> {
        let letters = 1 + self.below(4);
        (0..self.below(most + 1)).map(|_| b'a' + self.below(letters) as u8).collect()
    }

    fn layout(&mut self, len: usize) -> Layout {
        let mut cuts: Vec<usize> = (0..self.below(len + 3)).map(|_| self.below(len + 1)).collect();
        cuts.sort_unstable();
        Layout { cuts, before: self.below(9), consumed: self.below(3), lent: self.below(2) == 0 }
    }
}

#[test]
fn random_operations_agree_with_the_flat_bytes() {
    let fresh = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(1, |elapsed| elapsed.as_nanos() as u64 | 1);
    for seed in SEEDS.into_iter().chain((0..RANDOM_RUNS).map(|run| fresh.wrapping_add(run << 32))) {
        let outcome = std::panic::catch_unwind(|| run(&mut Random(seed)));
        assert!(outcome.is_ok(), "seed {seed:#x}");
    }
}

fn run(random: &mut Random) {
    let bytes = random.text(80);
    let buffer = random.layout(bytes.len()).build(&bytes);
    let sequence = buffer.as_sequence();
    assert_eq!(sequence, bytes);
    let start = random.below(bytes.len() + 1);
    let end = start + random.below(bytes.len() - start + 1);
    let (part, flat) = (sequence.slice(sequence.start() + start..sequence.start() + end), &bytes[start..end]);
    assert_eq!(part.to_vec(), flat);
    for _ in 0..4 {
        let needle = random.text(50);
        let found = part.find(&needle).map(|position| position - part.start());
        assert_eq!(found, naive_find(flat, &needle), "{needle:?} in {flat:?}");
    }
    let mut cursor = part.cursor();
    let mut offset = 0;
    for _ in 0..40 {
        offset = step(random, &mut cursor, flat, offset);
        assert_eq!(cursor.position(), part.start() + offset);
        assert_eq!(cursor.len(), flat.len() - offset);
        assert_eq!(cursor.peek().ok(), flat.get(offset).copied());
    }
    assert_eq!(cursor.remaining(), flat[offset..]);
}

/// One operation; returns where the cursor should stand then.
fn step(random: &mut Random, cursor: &mut Cursor<'_>, flat: &[u8], offset: usize) -> usize {
    let rest = &flat[offset..];
    let n = random.below(12);
    let byte = b'a' + random.below(5) as u8;
    match random.below(10) {
        0 => {
            assert_eq!(cursor.skip(n).is_ok(), n <= rest.len());
            if n <= rest.len() { offset + n } else { offset }
        }
        1 => {
            let taken = cursor.take_exact(n).ok().map(|taken| taken.to_vec());
            assert_eq!(taken.as_deref(), rest.get(..n));
            offset + taken.map_or(0, |taken| taken.len())
        }
        2 => {
            let n = n.min(offset);
            cursor.rewind(n);
            offset - n
        }
        3 => {
            let to = random.below(flat.len() + 1);
            cursor.rewind_to(cursor.sequence().start() + to);
            to
        }
        4 => {
            let end = rest.iter().position(|&other| other == byte);
            assert_eq!(cursor.take_until(byte).ok().map(|taken| taken.len()), end);
            offset + end.map_or(0, |end| end + 1)
        }
        5 => {
            let set = random.text(5);
            let end = rest.iter().position(|other| set.contains(other));
            assert_eq!(cursor.take_until_any(&set).ok().map(|(taken, _)| taken.len()), end);
            offset + end.map_or(0, |end| end + 1)
        }
        6 => {
            let needle = random.text(6);
            let end = naive_find(rest, &needle);
            assert_eq!(cursor.take_until_bytes(&needle).ok().map(|taken| taken.len()), end);
            offset + end.map_or(0, |end| end + needle.len())
        }
        7 => {
            let run = rest.iter().take_while(|&&other| other <= byte).count();
            assert_eq!(cursor.take_while(|other| other <= byte), rest[..run]);
            offset + run
        }
        8 => {
            let read = cursor.u32_le().ok();
            assert_eq!(read, rest.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)));
            if read.is_some() { offset + 4 } else { offset }
        }
        _ => {
            let mut scratch = [0; 12];
            let read = cursor.read_contiguous(n, &mut scratch).ok();
            assert_eq!(read, rest.get(..n));
            offset + read.map_or(0, <[u8]>::len)
        }
    }
}
