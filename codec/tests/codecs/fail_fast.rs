//! What a decoder answers is what is known: it asks for as many bytes as its answer cannot change before, and no fewer, and fails with
//! the first byte that nothing can come of any more.
//!
//! Every stream of a few bytes out of a small alphabet is tried, byte by byte, and what a decoder answers to a beginning is held against
//! what the same decoder answers to everything that goes on from there.

mod frames;
mod messages;
mod resp;
mod texts;

use std::{convert::Infallible, fmt::Debug};

use headpond_codec::{
    Decode, Decoded, Decoder,
    binary::{Be, Le},
    number::{Decimal, NumberError},
    varint::{Leb128, QuicVarint, VarintError, ZigZag},
};
use headpond_pool::{Cursor, SequenceBuf, Slice};

/// What comes of bytes.
#[derive(Debug, Clone, PartialEq)]
enum Answer {
    NeedMore(usize),
    /// An item, so many bytes long.
    Item(usize),
    Failed(String),
}

/// Which streams are tried.
#[derive(Clone, Copy)]
struct Streams<'s> {
    /// Whole items, which the decoder has taken before.
    before: &'s [u8],
    /// What the stream begins with then.
    start: &'s [u8],
    alphabet: &'s [u8],
    /// So many bytes of the alphabet behind it.
    len: usize,
    /// The bytes that are tried, the first that does not fail each time, to complete what is longer.
    ends: &'s [u8],
}

const STREAMS: Streams<'static> = Streams { before: b"", start: b"", alphabet: b"", len: 0, ends: b"" };

/// What is known of the streams that go on from some bytes.
#[derive(Default)]
struct Known {
    /// After how many bytes the answer is another, at the least.
    changes_after: Option<usize>,
    /// Whether an item comes of one of them.
    has_item: bool,
}

impl Streams<'_> {
    /// Tries them all.
    ///
    /// # Panics
    ///
    /// When an answer is not what is known.
    fn check<D: Decoder + Clone>(self, make: impl Fn() -> D) {
        let mut ready = make();
        let buffer = SequenceBuf::from(self.before.to_vec());
        let mut cursor = buffer.as_sequence().cursor();
        while let Ok(Decoded::Value(_)) = ready.decode(&mut cursor) {}
        assert!(cursor.is_empty(), "what stands before is not whole: {} bytes are left", cursor.len());
        self.explore(&ready, ready.clone(), &mut self.start.to_vec());
    }

    /// As [`check`](Self::check), unless what the streams begin with is beyond the limits.
    fn check_if_live<D: Decoder + Clone>(self, make: impl Fn() -> D) {
        let answers: Vec<Answer> =
            (0..=self.start.len()).map(|len| self.answer(&mut make(), &self.start[..len])).collect();
        match answers.iter().position(|answer| matches!(answer, Answer::Failed(_))) {
            // An error comes again, whatever follows.
            Some(first) => assert!(answers[first..].iter().all(|answer| *answer == answers[first]), "{answers:?}"),
            None => self.check(make),
        }
    }

    /// What there is after `bytes`, which `resumed` was offered one by one.
    fn explore<D: Decoder + Clone>(&self, ready: &D, mut resumed: D, bytes: &mut Vec<u8>) -> Known {
        let answer = self.answer(&mut ready.clone(), bytes);
        assert_eq!(self.answer(&mut resumed, bytes), answer, "resumed, for {}", bytes.escape_ascii());
        let needed = match answer {
            Answer::NeedMore(needed) => needed,
            Answer::Item(_) => return Known { changes_after: Some(0), has_item: true },
            Answer::Failed(_) => return Known { changes_after: Some(0), has_item: false },
        };
        let left = self.start.len() + self.len - bytes.len();
        let mut known = Known::default();
        for byte in self.alphabet.iter().filter(|_| left > 0) {
            bytes.push(*byte);
            let after = self.explore(ready, resumed.clone(), bytes);
            bytes.pop();
            let changes_after = after.changes_after.map(|after| after + 1);
            known.changes_after = known.changes_after.into_iter().chain(changes_after).min();
            known.has_item |= after.has_item;
        }
        let shown = || format!("{} (behind {})", bytes.escape_ascii(), self.before.escape_ascii());
        if let Some(changes_after) = known.changes_after {
            assert!(needed <= changes_after, "{needed} more, and {changes_after} change it: {}", shown());
        }
        if needed <= left {
            assert_eq!(known.changes_after, Some(needed), "{needed} more change nothing: {}", shown());
        }
        known.has_item = known.has_item || self.is_last(&mut ready.clone(), bytes) || self.completes(ready, bytes);
        assert!(known.has_item || bytes.is_empty(), "nothing comes of it: {}", shown());
        known
    }

    /// Whether an item comes of what goes on with bytes that do not fail.
    fn completes<D: Decoder + Clone>(&self, ready: &D, bytes: &[u8]) -> bool {
        let ends = self.ends.iter().copied();
        // What ends one thing may go on for ever in another.
        self.completes_by(ready, bytes, ends.clone()) || self.completes_by(ready, bytes, ends.rev())
    }

    fn completes_by<D: Decoder + Clone>(
        &self,
        ready: &D,
        bytes: &[u8],
        ends: impl Iterator<Item = u8> + Clone,
    ) -> bool {
        let (mut whole, mut decoder) = (bytes.to_vec(), ready.clone());
        let mut answer = self.answer(&mut decoder, &whole);
        for _ in 0..150 {
            let Answer::NeedMore(needed) = answer else { return true };
            let Some(filler) = ends.clone().next() else { return false };
            // Nothing can be wrong with what comes before the last of those that it asks for.
            whole.extend(std::iter::repeat_n(filler, needed.min(1 << 18) - 1));
            let next = ends.clone().find_map(|byte| {
                let mut tried = decoder.clone();
                whole.push(byte);
                let answer = self.answer(&mut tried, &whole);
                whole.pop();
                (!matches!(answer, Answer::Failed(_))).then_some((byte, answer, tried))
            });
            let Some((byte, after, tried)) = next else { return false };
            whole.push(byte);
            (answer, decoder) = (after, tried);
        }
        false
    }

    /// Whether the stream may end there.
    fn is_last<D: Decoder>(&self, decoder: &mut D, bytes: &[u8]) -> bool {
        let buffer = self.buffer(bytes);
        decoder.finish(&mut buffer.as_sequence().cursor()).is_ok()
    }

    fn answer<D: Decoder>(&self, decoder: &mut D, bytes: &[u8]) -> Answer {
        let buffer = self.buffer(bytes);
        let (start, mut cursor) = (buffer.start(), buffer.as_sequence().cursor());
        let answer = match decoder.decode(&mut cursor) {
            Ok(Decoded::Value(_)) => return Answer::Item(cursor.position() - start),
            Ok(Decoded::NeedMore(needed)) => Answer::NeedMore(needed),
            Err(error) => Answer::Failed(error.to_string()),
        };
        assert_eq!(cursor.position(), start, "the cursor moved without an item");
        answer
    }

    fn buffer(&self, bytes: &[u8]) -> SequenceBuf {
        let mut buffer = SequenceBuf::from_iter([Slice::copy_from_slice(self.before), Slice::copy_from_slice(bytes)]);
        buffer.consume(self.before.len());
        buffer
    }
}

/// Values that are decoded without a memory, as a decoder.
#[derive(Clone)]
struct Values<V, E>(fn(&mut Cursor<'_>) -> Result<Decoded<V>, E>);

impl<V, E: std::error::Error> Decoder for Values<V, E> {
    type Item<'a> = V;
    type Error = E;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<V>, E> {
        (self.0)(cursor)
    }

    fn reset(&mut self) {}
}

fn value<V: for<'a> Decode<'a, Error = E>, E>(cursor: &mut Cursor<'_>) -> Result<Decoded<V>, E> {
    V::decode(cursor)
}

#[test]
fn numbers_of_fixed_width() {
    let streams = Streams { alphabet: b"\0\xff", len: 9, ..STREAMS };
    streams.check(|| Values(value::<Be<u8>, Infallible>));
    streams.check(|| Values(value::<Le<u32>, Infallible>));
    streams.check(|| Values(value::<Be<f64>, Infallible>));
}

#[test]
fn leb128() {
    let streams = Streams { alphabet: b"\0\x01\x0f\x10\x7f\x80\xff", len: 6, ..STREAMS };
    streams.check(|| Values(value::<Leb128<u32>, VarintError>));
    streams.check(|| Values(value::<ZigZag<i32>, VarintError>));
    let streams = Streams { start: &[0x80; 6], alphabet: b"\0\x01\x02\x7f\x80\x81\xff", len: 5, ..STREAMS };
    streams.check(|| Values(value::<Leb128<u64>, VarintError>));
    streams.check(|| Values(value::<ZigZag<i64>, VarintError>));
    let streams = Streams { start: &[0x80; 15], alphabet: b"\0\x01\x03\x04\x7f\x80\x83\xff", len: 5, ..STREAMS };
    streams.check(|| Values(value::<Leb128<u128>, VarintError>));
}

/// The fifth byte is the last of 32 bits, and says by itself that there are more.
#[test]
fn five_bytes_that_all_continue_are_no_number_of_32_bits() {
    let buffer = SequenceBuf::from(vec![0x80; 5]);
    let error = Leb128::<u32>::decode(&mut buffer.as_sequence().cursor()).unwrap_err();
    assert_eq!(error, VarintError::TooLarge { offset: 0, bits: 32 });
}

#[test]
fn quic() {
    let streams = Streams { alphabet: b"\0\x01\x3f\x40\x7f\x80\xff", len: 5, ends: b"\x40", ..STREAMS };
    streams.check(|| Values(value::<QuicVarint, Infallible>));
    streams.check(|| Values(QuicVarint::decode_shortest));
    let streams = Streams { start: b"\xc0", alphabet: b"\0\x3f\x40", len: 8, ..STREAMS };
    streams.check(|| Values(QuicVarint::decode_shortest));
}

#[test]
fn decimal() {
    let streams = Streams { alphabet: b"0256-+x", len: 5, ends: b"x0", ..STREAMS };
    streams.check(|| Values(value::<Decimal<u8>, NumberError>));
    streams.check(|| Values(value::<Decimal<i8>, NumberError>));
    let streams = Streams { start: &[b'0'; 38], ..streams };
    streams.check(|| Values(value::<Decimal<u8>, NumberError>));
}
