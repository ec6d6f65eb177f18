//! The same bytes, however they are cut and in whatever pieces they arrive.

use std::fmt::Debug;

use headpond_codec::{Decode, Decoded, Decoder, FinishError};
use headpond_pool::{Cursor, SequenceBuf, Slice};

use crate::cuts;

/// What became of a stream: its items, and the error that ended it, if one did.
pub(crate) type Outcome<T> = (Vec<T>, Option<String>);

/// Bytes up to so many are cut at every two places.
const SHORT: usize = 24;

/// Calls `check` with every way in which bytes may arrive: at once, cut at one place, at two, in pieces of a few bytes.
pub(crate) fn for_each_arrival<'b>(bytes: &'b [u8], mut check: impl FnMut(&[&'b [u8]])) {
    check(&[bytes]);
    for first in 0..=bytes.len() {
        check(&[&bytes[..first], &bytes[first..]]);
        for second in first..=bytes.len().min(if bytes.len() <= SHORT { usize::MAX } else { 0 }) {
            check(&[&bytes[..first], &bytes[first..second], &bytes[second..]]);
        }
    }
    for width in [1, 2, 3, 7, 64] {
        check(&bytes.chunks(width).collect::<Vec<_>>());
    }
}

/// Decodes `bytes` in every arrival and every layout, with one outcome, which is returned.
///
/// # Panics
///
/// When two differ, when a decoder that needs more moves the cursor, or when it asks for more than its item has.
pub(crate) fn outcome<D: Decoder, T: PartialEq + Debug>(
    bytes: &[u8],
    make: impl Fn() -> D,
    own: impl Fn(D::Item<'_>) -> T,
) -> Outcome<T> {
    let expected = fed(&[bytes], make(), &own);
    for_each_arrival(bytes, |pieces| {
        assert_eq!(fed(pieces, make(), &own), expected, "in pieces: {pieces:?}");
    });
    let singles: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(feed(&singles, make(), &own, grow), expected, "byte by byte, in one chunk");
    cuts::for_each_cut(bytes, |sequence| {
        let mut decoder = make();
        let (mut items, mut cursor) = (Vec::new(), sequence.cursor());
        let end = finished(&mut decoder, &mut cursor, |item| items.push(own(item)));
        assert_eq!(items, expected.0, "{sequence:?}");
        assert_eq!(end.is_some(), expected.1.is_some(), "{sequence:?}: {end:?}");
    });
    expected
}

/// The items of `bytes`, which hold nothing but whole ones.
pub(crate) fn items<D: Decoder, T: PartialEq + Debug>(
    bytes: &[u8],
    make: impl Fn() -> D,
    own: impl Fn(D::Item<'_>) -> T,
) -> Vec<T> {
    let (items, error) = outcome(bytes, make, own);
    assert_eq!(error, None, "of {}", bytes.escape_ascii());
    items
}

/// Feeds a decoder piece by piece, consuming after each what it took.
pub(crate) fn fed<D: Decoder, T>(pieces: &[&[u8]], decoder: D, own: &impl Fn(D::Item<'_>) -> T) -> Outcome<T> {
    feed(pieces, decoder, own, |buffer, piece| buffer.push(Slice::copy_from_slice(piece)))
}

/// Puts a piece into the chunk before it, as what is written to a pipe goes on in the block that was begun.
fn grow(buffer: &mut SequenceBuf, piece: &[u8]) {
    let start = buffer.start().offset() as usize;
    let chunk = [&buffer.as_sequence().to_vec(), piece].concat();
    *buffer = SequenceBuf::from_iter([Slice::from(vec![0; start]), Slice::from(chunk)]);
    buffer.consume(start);
}

/// As [`fed`], by what puts a piece behind a buffer.
fn feed<D: Decoder, T>(
    pieces: &[&[u8]],
    mut decoder: D,
    own: &impl Fn(D::Item<'_>) -> T,
    put: impl Fn(&mut SequenceBuf, &[u8]),
) -> Outcome<T> {
    let (mut items, mut buffer) = (Vec::new(), SequenceBuf::new());
    let mut promised = buffer.start();
    for piece in pieces {
        put(&mut buffer, piece);
        let mut cursor = buffer.as_sequence().cursor();
        loop {
            let start = cursor.position();
            match decoder.decode(&mut cursor) {
                Ok(Decoded::Value(item)) => items.push(own(item)),
                Ok(Decoded::NeedMore(at_least)) => {
                    assert_eq!(cursor.position(), start, "the cursor moved without a value");
                    assert!(at_least > 0, "nothing more is needed, and yet there is no value");
                    promised = promised.max(buffer.end() + at_least);
                    break;
                }
                Err(error) => {
                    assert_eq!(cursor.position(), start, "the cursor moved on an error");
                    assert!(promised <= buffer.end(), "it failed before what was asked for has come");
                    return (items, Some(error.to_string()));
                }
            }
            assert!(promised <= cursor.position() || promised <= buffer.end(), "more was asked for than was needed");
        }
        let consumed = cursor.position() - buffer.start();
        buffer.consume(consumed);
    }
    let mut cursor = buffer.as_sequence().cursor();
    let end = finished(&mut decoder, &mut cursor, |item| items.push(own(item)));
    (items, end)
}

/// Takes everything a stream that has ended has left, and tells what error it ended with.
fn finished<D: Decoder>(decoder: &mut D, cursor: &mut Cursor<'_>, mut take: impl FnMut(D::Item<'_>)) -> Option<String> {
    loop {
        match decoder.finish(cursor) {
            Ok(Some(item)) => take(item),
            Ok(None) => return None,
            Err(FinishError::Truncated { .. }) => return Some("truncated".to_owned()),
            Err(error) => return Some(error.to_string()),
        }
    }
}

/// Decodes one value that is `bytes` to the last, in every layout; every part of them needs more, and no more than there is.
pub(crate) fn whole_value<T: for<'a> Decode<'a> + PartialEq + Debug>(bytes: &[u8], expected: &T) {
    cuts::for_each_cut(bytes, |sequence| {
        let mut cursor = sequence.cursor();
        match T::decode(&mut cursor) {
            Ok(Decoded::Value(value)) => assert_eq!(value, *expected),
            _ => panic!("{bytes:?} gave no value"),
        }
        assert!(cursor.is_empty());
        for len in 0..bytes.len() {
            let mut cursor = sequence.slice(..sequence.start() + len).cursor();
            match T::decode(&mut cursor) {
                Ok(Decoded::NeedMore(at_least)) => assert!((1..=bytes.len() - len).contains(&at_least)),
                _ => panic!("{len} bytes of {bytes:?} did not ask for more"),
            }
            assert_eq!(cursor.position(), sequence.start());
        }
    });
}

/// What decoding one value of `bytes` fails with, in every layout alike.
pub(crate) fn refused<T: for<'a> Decode<'a>>(bytes: &[u8]) -> String {
    let mut errors = Vec::new();
    cuts::for_each_cut(bytes, |sequence| {
        let mut cursor = sequence.cursor();
        match T::decode(&mut cursor) {
            Err(error) => {
                errors.push(error.to_string().replace(&format!("offset {}", sequence.start()), "offset START"))
            }
            _ => panic!("{bytes:?} was not refused"),
        }
        assert_eq!(cursor.position(), sequence.start());
    });
    errors.dedup();
    errors.pop().unwrap_or_default()
}
