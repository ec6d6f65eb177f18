//! Chains of chunks, views over them and cursors, against one vector of bytes.

use std::io::IoSlice;

use arbitrary::Arbitrary;
use headpond_pool::{Cursor, Incomplete, Sequence, SequenceBuf, Slice};

/// What can be done to a chain, and asked of the view over it. Numbers are taken modulo what there is.
#[derive(Debug, Clone, Arbitrary)]
pub enum Op {
    /// Link a chunk, of one byte at the least.
    Push(u8, Vec<u8>),
    /// Link the same byte in so many chunks of one.
    PushSingles(u8, u8),
    /// Link what an earlier [`Op::Keep`] kept.
    PushKept(u8),
    /// Let go of the first bytes.
    Consume(u16),
    /// Make what follows look at a part only, until the next of these or a change to the chain.
    Narrow(u16, u16),
    /// Share a range, and hold it to the end.
    Keep(u16, u16),
    /// Look for bytes.
    Find(Vec<u8>),
    /// Look for bytes that are there, with the last one changed by so much.
    FindPart(u16, u16, u8),
    /// Look for one of a set.
    FindAny(Vec<u8>),
    /// Look for a byte.
    PositionOf(u8),
    /// Compare with a part of itself cut elsewhere, with the prefix and with the suffix of that length.
    Compare(u16),
    /// Copy out: a prefix of that length, everything, pieces for `writev`.
    Copy(u16, u8),
    /// One byte, by position.
    ByteAt(u16),
    /// Read with one cursor.
    Read(Vec<Move>),
}

/// What a cursor does.
#[derive(Debug, Clone, Arbitrary)]
#[expect(missing_docs, reason = "each is the cursor's method of that name")]
pub enum Move {
    Skip(u16),
    Take(u16),
    Rewind(u16),
    RewindTo(u16),
    PeekAt(u8),
    TakeWhileNot(u8),
    TakeUntil(u8),
    TakeUntilAny(Vec<u8>),
    TakeUntilBytes(Vec<u8>),
    TakeUntilUnescaped(u8, u8),
    ReadExactInto(u8),
    ReadContiguous(u8),
    U8,
    U16Be,
    U32Le,
    I64Be,
    U128Le,
    F64Be,
    CopyToBytes(u16),
}

/// Most bytes in a chain: longer ones find nothing more.
const MOST_BYTES: usize = 4096;

/// Runs the operations on a chain and on a vector.
///
/// # Panics
///
/// When the two differ.
pub fn run(ops: &[Op]) {
    let mut model = Model::default();
    for op in ops {
        model.apply(op);
        model.check();
    }
    for (slices, bytes) in &model.kept {
        assert_eq!(slices.concat(), *bytes);
    }
}

#[derive(Default)]
struct Model {
    chain: SequenceBuf,
    bytes: Vec<u8>,
    window: Option<(usize, usize)>,
    kept: Vec<(Vec<Slice>, Vec<u8>)>,
}

impl Model {
    fn apply(&mut self, op: &Op) {
        match op {
            Op::Push(first, rest) => self.push(Slice::from([&[*first], &rest[..]].concat())),
            Op::PushSingles(byte, count) => (0..*count).for_each(|_| self.push(Slice::from(vec![*byte]))),
            Op::PushKept(which) => {
                if let Some((slices, _)) = self.kept.get(usize::from(*which) % self.kept.len().max(1)) {
                    slices.clone().into_iter().for_each(|slice| self.push(slice));
                }
            }
            Op::Consume(n) => {
                let n = usize::from(*n) % (self.bytes.len() + 1);
                self.chain.consume(n);
                self.bytes.drain(..n);
                self.window = None;
            }
            Op::Narrow(start, end) => self.window = Some(part(self.bytes.len(), *start, *end)),
            Op::Keep(start, end) => {
                let (sequence, bytes) = self.view();
                let (start, end) = part(bytes.len(), *start, *end);
                let range = sequence.start() + start..sequence.start() + end;
                let slices = sequence.to_slices(range.clone()).collect();
                assert_eq!(sequence.to_contiguous(range.clone()), bytes[start..end]);
                assert_eq!(sequence.to_contiguous_bytes(range.clone()), bytes[start..end]);
                assert_eq!(sequence.to_bytes(range).map(|bytes| bytes.len()).sum::<usize>(), end - start);
                let bytes = bytes[start..end].to_vec();
                self.kept.push((slices, bytes));
            }
            op => {
                let (sequence, bytes) = self.view();
                look(op, sequence, bytes);
            }
        }
    }

    fn push(&mut self, slice: Slice) {
        if self.bytes.len() + slice.len() <= MOST_BYTES {
            self.bytes.extend_from_slice(&slice);
            self.chain.push(slice);
            self.window = None;
        }
    }

    /// What is looked at, on both sides.
    fn view(&self) -> (Sequence<'_>, &[u8]) {
        let whole = self.chain.as_sequence();
        match self.window {
            Some((start, end)) => (whole.slice(whole.start() + start..whole.start() + end), &self.bytes[start..end]),
            None => (whole, &self.bytes),
        }
    }

    fn check(&self) {
        let (sequence, bytes) = self.view();
        assert_eq!(sequence.len(), bytes.len());
        assert_eq!(sequence, *bytes);
        assert!(sequence.chunks().all(|chunk| !chunk.is_empty()));
        assert!(bytes.starts_with(sequence.first_chunk()));
        assert_eq!(sequence.as_single_chunk().is_some(), sequence.chunks().nth(1).is_none());
    }
}

/// What is asked of a view changes nothing.
fn look(op: &Op, sequence: Sequence<'_>, bytes: &[u8]) {
    let offset = |position| position - sequence.start();
    match op {
        Op::Find(needle) => assert_eq!(sequence.find(needle).map(offset), find(bytes, needle)),
        Op::FindPart(start, end, change) => {
            let (start, end) = part(bytes.len(), *start, *end);
            let mut needle = bytes[start..end].to_vec();
            if let Some(last) = needle.last_mut() {
                *last = last.wrapping_add(*change);
            }
            assert_eq!(sequence.find(&needle).map(offset), find(bytes, &needle));
        }
        Op::FindAny(set) => {
            assert_eq!(sequence.find_any(set).map(offset), bytes.iter().position(|byte| set.contains(byte)));
        }
        Op::PositionOf(byte) => {
            assert_eq!(sequence.position_of(*byte).map(offset), bytes.iter().position(|other| other == byte));
        }
        Op::Compare(cut) => {
            let cut = usize::from(*cut) % (bytes.len() + 1);
            let halves: SequenceBuf = [&bytes[..cut], &bytes[cut..]].map(Slice::copy_from_slice).into_iter().collect();
            assert_eq!(sequence, halves.as_sequence());
            assert!(sequence.starts_with(&bytes[..cut]) && sequence.ends_with(&bytes[cut..]));
            let (head, tail) = sequence.split_at(sequence.start() + cut);
            assert_eq!(head == tail, bytes[..cut] == bytes[cut..]);
            assert_eq!(sequence.starts_with(&bytes[cut..]), bytes.starts_with(&bytes[cut..]));
            assert_eq!(sequence.ends_with(&bytes[..cut]), bytes.ends_with(&bytes[..cut]));
        }
        Op::Copy(room, pieces) => {
            let mut out = vec![0; usize::from(*room) % (bytes.len() + 3)];
            let copied = sequence.copy_to(&mut out);
            assert_eq!((copied, &out[..copied]), (out.len().min(bytes.len()), &bytes[..copied]));
            assert_eq!(sequence.to_vec(), bytes);
            assert!(sequence.bytes().rev().eq(bytes.iter().rev().copied()));
            let mut slots = vec![IoSlice::new(&[]); usize::from(*pieces)];
            let filled = sequence.io_slices(&mut slots);
            assert_eq!(filled, sequence.chunks().count().min(slots.len()));
            assert!(sequence.chunks().zip(&slots[..filled]).all(|(chunk, slot)| chunk.as_ptr() == slot.as_ptr()));
        }
        Op::ByteAt(at) => {
            let at = usize::from(*at) % (bytes.len() + 2);
            assert_eq!(sequence.byte_at(sequence.start() + at), bytes.get(at).copied());
        }
        Op::Read(moves) => {
            let mut cursor = sequence.cursor();
            let mut offset = 0;
            for step in moves {
                offset = read(step, &mut cursor, bytes, offset);
                assert_eq!(cursor.position(), sequence.start() + offset);
                assert_eq!(cursor.remaining(), bytes[offset..]);
                assert_eq!((cursor.len(), cursor.is_empty()), (bytes.len() - offset, bytes.len() == offset));
                assert_eq!(cursor.peek().ok(), bytes.get(offset).copied());
                assert!(bytes[offset..].starts_with(cursor.chunk()));
            }
        }
        _ => {}
    }
}

/// One move, and the offset it should lead to.
fn read(step: &Move, cursor: &mut Cursor<'_>, bytes: &[u8], offset: usize) -> usize {
    let rest = &bytes[offset..];
    let missing = |n: usize| Incomplete { needed: n - rest.len() };
    let taken = |taken: Result<Sequence<'_>, Incomplete>, end: Option<usize>, passed: usize| {
        assert_eq!(taken.map(|taken| taken.to_vec()).ok().as_deref(), end.map(|end| &rest[..end]));
        offset + end.map_or(0, |end| end + passed)
    };
    let number = |read: Result<Vec<u8>, Incomplete>, n: usize| {
        assert_eq!(read, rest.get(..n).map(<[u8]>::to_vec).ok_or_else(|| missing(n)));
        if n <= rest.len() { offset + n } else { offset }
    };
    match step {
        Move::Skip(n) => number(cursor.skip((*n).into()).map(|()| rest[..(*n).into()].to_vec()), (*n).into()),
        Move::Take(n) => number(cursor.take_exact((*n).into()).map(|taken| taken.to_vec()), (*n).into()),
        Move::Rewind(n) => {
            let n = usize::from(*n) % (offset + 1);
            cursor.rewind(n);
            offset - n
        }
        Move::RewindTo(to) => {
            let to = usize::from(*to) % (bytes.len() + 1);
            cursor.rewind_to(cursor.sequence().start() + to);
            to
        }
        Move::PeekAt(ahead) => {
            assert_eq!(cursor.peek_at((*ahead).into()).ok(), rest.get(usize::from(*ahead)).copied());
            offset
        }
        Move::TakeWhileNot(byte) => {
            let run = rest.iter().position(|other| other == byte).unwrap_or(rest.len());
            taken(Ok(cursor.take_while(|other| other != *byte)), Some(run), 0)
        }
        Move::TakeUntil(byte) => taken(cursor.take_until(*byte), rest.iter().position(|other| other == byte), 1),
        Move::TakeUntilAny(set) => {
            let end = rest.iter().position(|byte| set.contains(byte));
            let found = cursor.take_until_any(set);
            assert_eq!(found.ok().map(|(_, byte)| byte), end.map(|end| rest[end]));
            taken(found.map(|(taken, _)| taken), end, 1)
        }
        Move::TakeUntilBytes(needle) => taken(cursor.take_until_bytes(needle), find(rest, needle), needle.len()),
        Move::TakeUntilUnescaped(delimiter, escape) => {
            let end = find_unescaped(rest, *delimiter, *escape);
            taken(cursor.take_until_unescaped(*delimiter, *escape), end, 1)
        }
        Move::ReadExactInto(n) => {
            let mut out = vec![0; (*n).into()];
            number(cursor.read_exact_into(&mut out).map(|()| out), (*n).into())
        }
        Move::ReadContiguous(n) => {
            let mut scratch = [0; 255];
            number(cursor.read_contiguous((*n).into(), &mut scratch).map(<[u8]>::to_vec), (*n).into())
        }
        Move::U8 => number(cursor.u8().map(|byte| vec![byte]), 1),
        Move::U16Be => number(cursor.u16_be().map(|value| value.to_be_bytes().to_vec()), 2),
        Move::U32Le => number(cursor.u32_le().map(|value| value.to_le_bytes().to_vec()), 4),
        Move::I64Be => number(cursor.i64_be().map(|value| value.to_be_bytes().to_vec()), 8),
        Move::U128Le => number(cursor.u128_le().map(|value| value.to_le_bytes().to_vec()), 16),
        Move::F64Be => number(cursor.f64_be().map(|value| value.to_be_bytes().to_vec()), 8),
        Move::CopyToBytes(n) => {
            let n = usize::from(*n) % (rest.len() + 1);
            number(Ok(bytes::Buf::copy_to_bytes(cursor, n).to_vec()), n)
        }
    }
}

/// An ordered pair of offsets within `len` bytes.
fn part(len: usize, start: u16, end: u16) -> (usize, usize) {
    let (start, end) = (usize::from(start) % (len + 1), usize::from(end) % (len + 1));
    (start.min(end), start.max(end))
}

/// The naive way.
fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    (0..=bytes.len().checked_sub(needle.len())?).find(|&offset| bytes[offset..].starts_with(needle))
}

/// The naive way.
fn find_unescaped(bytes: &[u8], delimiter: u8, escape: u8) -> Option<usize> {
    let mut escaped = false;
    bytes.iter().position(|&byte| {
        let delimits = !escaped && byte == delimiter;
        escaped = !escaped && byte == escape;
        delimits
    })
}
