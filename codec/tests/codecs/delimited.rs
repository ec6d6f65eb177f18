//! Frames that end with a delimiter.

use headpond_codec::{Decoder, EncodeError, Encoder, delimited::Delimited};
use headpond_pool::{Sequence, SequenceBuf, Slice};
use tokio_util::codec::{AnyDelimiterCodec, Decoder as _};

use crate::{
    small_blocks::SmallBlocks,
    splits::{items, outcome},
};

fn text(frame: Sequence<'_>) -> Vec<u8> {
    frame.to_vec()
}

#[test]
fn frames_end_with_all_of_the_bytes() {
    let make = || Delimited::by(b"\r\n\r\n");
    assert_eq!(items(b"a\r\n\r\n\r\n\r\nb\r\nc\r\r\n\r\n", make, text), [&b"a"[..], b"", b"b\r\nc\r"]);
    // What is left at the end is the last frame, with what might have become a delimiter.
    assert_eq!(items(b"a\r\n\r\nb\r\n\r", make, text), [&b"a"[..], b"b\r\n\r"]);
    assert_eq!(items(b"", make, text), [b""; 0]);
}

#[test]
fn a_delimiter_that_repeats_itself_is_found_at_its_first_place() {
    assert_eq!(items(b"xaaaay", || Delimited::by(b"aa"), text), [&b"x"[..], b"", b"y"]);
    assert_eq!(items(b"ababac", || Delimited::by(b"abac"), text), [b"ab"]);
}

#[test]
fn frames_end_with_any_one_of_the_bytes_as_with_the_reference() {
    let stream = b"1,2;;3,\nlast";
    let taken = items(stream, || Delimited::by_any_of(b",;\n"), text);
    let (mut reference, mut buffer) = (AnyDelimiterCodec::new(b",;\n".to_vec(), b",".to_vec()), stream[..].into());
    let mut expected = Vec::new();
    while let Some(frame) = reference.decode_eof(&mut buffer).unwrap() {
        expected.push(frame.to_vec());
    }
    assert_eq!(taken, expected);
    assert_eq!(taken.len(), 6);
}

#[test]
fn a_frame_beyond_the_limit_is_refused() {
    let make = || Delimited::by(b"--").max_len(3);
    assert_eq!(items(b"abc--ab--abc", make, text), [&b"abc"[..], b"ab", b"abc"]);
    let error = "the frame at offset 0 is longer than 3 bytes".to_owned();
    assert_eq!(outcome(b"abcd--", make, text), (vec![], Some(error.clone())));
    assert_eq!(outcome(b"abcd", make, text), (vec![], Some(error)));
}

#[test]
fn frames_are_written_with_their_delimiter_and_never_hold_it() {
    let mut out = SmallBlocks::of(3);
    Delimited::by(b"\r\n").encode("hello", &mut out).unwrap();
    Delimited::by_any_of(b";,").encode("world", &mut out).unwrap();
    assert_eq!(out.bytes(), b"hello\r\nworld;");

    let mut out = Vec::new();
    // The last would be found one byte early: behind it stands the second half.
    for (delimiter, item) in [(&b"aa"[..], "xaay"), (b"aa", "xa"), (b"abab", "xab")] {
        let refused = Delimited::by(delimiter).encode(item, &mut out);
        assert!(matches!(refused, Err(EncodeError::Unrepresentable { .. })), "{item}");
    }
    let joined = SequenceBuf::from_iter([Slice::from("a\r"), Slice::from("\nb")]);
    assert!(Delimited::by(b"\r\n").encode(joined.as_sequence(), &mut out).is_err());
    assert!(Delimited::by_any_of(b";,").encode("a,b", &mut out).is_err());
    assert!(matches!(Delimited::by(b"\n").max_len(2).encode("abc", &mut out), Err(EncodeError::TooLong { .. })));
    assert!(out.is_empty());
}

#[test]
#[should_panic(expected = "a delimiter has a byte at least")]
fn no_delimiter_is_none() {
    let _ = Delimited::by(b"");
}

/// What was searched is not searched again: the square of so many steps would not end in minutes.
#[test]
fn a_long_frame_may_come_byte_by_byte() {
    let (mut buffer, mut decoder) = (SequenceBuf::new(), Delimited::by(b"\r\n").max_len(1 << 20));
    let piece = Slice::from(vec![b'\r'; 1]);
    for _ in 0..200_000 {
        buffer.push(piece.clone());
        assert!(decoder.decode(&mut buffer.as_sequence().cursor()).unwrap().value().is_none());
    }
    buffer.push(Slice::from("\n"));
    let mut cursor = buffer.as_sequence().cursor();
    assert_eq!(decoder.decode(&mut cursor).unwrap().value().map(|frame| frame.len()), Some(199_999));
}
