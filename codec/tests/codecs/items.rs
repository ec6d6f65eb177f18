//! All items of a buffer at once, and decoders made of others.

use headpond_codec::{
    Codec, Decoded, Decoder, Encoder, FinishError, Plain,
    length_delimited::LengthDelimited,
    line::LineDecoder,
    resp::{RespError, TokenDecoder},
};
use headpond_pool::{Sequence, SequenceBuf};

fn owned<'a, E: std::fmt::Debug>(items: impl Iterator<Item = Result<Sequence<'a>, E>>) -> Vec<Vec<u8>> {
    items.map(|item| item.unwrap().to_vec()).collect()
}

#[test]
fn what_has_arrived_is_given_and_what_is_missing_told() {
    let buffer =
        SequenceBuf::from_iter([&b"\0\x02ab\0"[..], b"\0\0\x05hel"].map(headpond_pool::Slice::copy_from_slice));
    let mut codec = LengthDelimited::new().field_len(2);
    let mut frames = codec.items(buffer.as_sequence(), false);
    assert_eq!(owned(frames.by_ref()), [&b"ab"[..], b""]);
    assert_eq!((frames.consumed().offset(), frames.needed()), (6, 2));
    assert!(frames.next().is_none());
}

#[test]
fn an_ended_stream_is_finished() {
    let buffer = SequenceBuf::from("one\ntwo");
    let mut decoder = LineDecoder::new();
    let mut lines = decoder.items(buffer.as_sequence(), true);
    assert_eq!(owned(lines.by_ref()), [b"one", b"two"]);
    assert_eq!((lines.consumed().offset(), lines.needed()), (7, 0));

    let mut codec = LengthDelimited::new();
    let mut frames = codec.items(buffer.as_sequence(), true);
    assert!(matches!(frames.next(), Some(Err(FinishError::Invalid(_)))));
    let buffer = SequenceBuf::from("\0\0\0\x09hello");
    let mut frames = codec.items(buffer.as_sequence(), true);
    let truncated = FinishError::Truncated { offset: 0, end: 9, needed: 4 };
    assert_eq!(frames.next().map(Result::unwrap_err), Some(truncated));
    assert!(frames.next().is_none());
    assert_eq!(frames.consumed().offset(), 0);
}

/// An error at one place comes again from the decoder, but not from the iterator: a loop over it ends.
#[test]
fn the_first_error_is_the_last_item() {
    let buffer = SequenceBuf::from("fine\ntoo long\nfine\n");
    let mut decoder = LineDecoder::new().max_len(4);
    let items: Vec<_> = decoder.items(buffer.as_sequence(), false).map(|line| line.map(|line| line.to_vec())).collect();
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].as_ref().unwrap(), b"fine");
    assert!(matches!(&items[1], Err(FinishError::Invalid(error)) if error.offset == 5));
}

#[test]
fn changed_items_come_from_the_same_bytes() {
    let buffer = SequenceBuf::from("a\nbc\nlast");
    let mut lens = LineDecoder::new().map(|line| line.len());
    let mut cursor = buffer.as_sequence().cursor();
    assert_eq!(lens.decode(&mut cursor), Ok(Decoded::Value(1)));
    assert_eq!(lens.decode(&mut cursor), Ok(Decoded::Value(2)));
    assert_eq!(lens.decode(&mut cursor), Ok(Decoded::NeedMore(1)));
    assert_eq!(lens.finish(&mut cursor), Ok(Some(4)));
    assert_eq!(lens.finish(&mut cursor), Ok(None));
}

/// What is open inside, and what is forgotten, is passed on.
#[test]
fn a_decoder_within_another_is_reset_and_asked() {
    let buffer = SequenceBuf::from("*2\r\n:1\r\n");
    let mut codec = Codec { decoder: TokenDecoder::new().map(|token| token.is_null()), encoder: Plain };
    let mut cursor = buffer.as_sequence().cursor();
    assert_eq!(codec.decode(&mut cursor), Ok(Decoded::Value(false)));
    assert!(codec.is_inside());
    assert_eq!(codec.decode(&mut cursor), Ok(Decoded::Value(false)));
    assert!(matches!(codec.finish(&mut cursor), Err(FinishError::<RespError>::Truncated { offset: 8, .. })));
    codec.reset();
    assert!(!codec.is_inside());
    let mut out = Vec::new();
    codec.encode("as it is", &mut out).unwrap();
    assert_eq!(out, b"as it is");
}
