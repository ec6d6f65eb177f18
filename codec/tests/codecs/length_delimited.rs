//! Frames behind a length field, against `tokio_util`'s codec with the same options.

use bytes::{Bytes, BytesMut};
use headpond_codec::{
    Decoded, Decoder, EncodeError, Encoder,
    length_delimited::{LengthDelimited, LengthError},
};
use headpond_pool::{Sequence, SequenceBuf};
use tokio_util::codec::{Decoder as _, Encoder as _, LengthDelimitedCodec, length_delimited::Builder};

use crate::{
    small_blocks::SmallBlocks,
    splits::{items, outcome},
};

fn text(frame: Sequence<'_>) -> Vec<u8> {
    frame.to_vec()
}

/// The same options for both.
fn codecs() -> Vec<(LengthDelimited, Builder)> {
    let pair = |ours, set: &dyn Fn(&mut Builder)| {
        let mut builder = LengthDelimitedCodec::builder();
        set(&mut builder);
        (ours, builder)
    };
    let ours = LengthDelimited::new;
    vec![
        pair(ours(), &|_| ()),
        pair(ours().field_len(1), &|b| {
            b.length_field_length(1);
        }),
        pair(ours().field_type::<u16>().little_endian(), &|b| {
            b.length_field_type::<u16>().little_endian();
        }),
        pair(ours().field_len(3).adjustment(-3), &|b| {
            b.length_field_length(3).length_adjustment(-3);
        }),
        pair(ours().field_len(8).native_endian().adjustment(2), &|b| {
            b.length_field_length(8).native_endian().length_adjustment(2);
        }),
    ]
}

#[test]
fn frames_are_written_as_by_the_reference_and_come_back() {
    let frames = [&b"hello"[..], b"abc", &[7; 200]];
    for (mut ours, builder) in codecs() {
        let (mut out, mut expected) = (SmallBlocks::of(8), BytesMut::new());
        for frame in frames {
            ours.encode(frame, &mut out).unwrap();
            builder.new_codec().encode(Bytes::copy_from_slice(frame), &mut expected).unwrap();
        }
        assert_eq!(out.bytes(), expected, "{ours:?}");
        assert_eq!(items(&expected, || ours, text), frames, "{ours:?}");
    }
}

#[test]
fn what_stands_before_the_field_and_what_is_dropped() {
    let stream = b"ab\0\x03xyzcd\0\x01w";
    let options = LengthDelimited::new().field_offset(2).field_len(2);
    for (ours, skip) in
        [(options, None), (options.skip(0).adjustment(4), Some(0)), (options.skip(2).adjustment(2), Some(2))]
    {
        let mut builder = LengthDelimitedCodec::builder();
        builder.length_field_offset(2).length_field_length(2);
        if let Some(skip) = skip {
            builder.num_skip(skip).length_adjustment(4 - skip as isize);
        }
        let (mut reference, mut buffer) = (builder.new_codec(), BytesMut::from(&stream[..]));
        let expected: Vec<Vec<u8>> =
            std::iter::from_fn(|| reference.decode(&mut buffer).unwrap()).map(|frame| frame.to_vec()).collect();
        assert_eq!(expected.len(), 2);
        assert_eq!(items(stream, || ours, text), expected, "{ours:?}");
    }
}

#[test]
fn a_length_beyond_the_limit_is_refused_before_anything_of_the_frame_has_come() {
    let make = || LengthDelimited::new().field_len(2).max_len(3);
    assert_eq!(items(b"\0\x03abc", make, text), [b"abc"]);
    let error = LengthError::TooLong { offset: 5, len: 4, limit: 3 }.to_string();
    assert_eq!(outcome(b"\0\x03abc\0\x04", make, text), (vec![b"abc".to_vec()], Some(error)));
    // By the first byte alone.
    let huge = LengthError::TooLong { offset: 0, len: 0xff << 56, limit: 8 << 20 }.to_string();
    assert_eq!(outcome(&[0xff; 8], || LengthDelimited::new().field_len(8), text), (vec![], Some(huge)));
    let mut out = Vec::new();
    assert!(matches!(make().encode("abcd", &mut out), Err(EncodeError::TooLong { .. })));
    assert!(out.is_empty());
}

#[test]
fn a_length_that_makes_no_sense_is_refused() {
    let make = || LengthDelimited::new().field_len(1).adjustment(-2);
    assert_eq!(items(b"\x03a", make, text), [b"a"]);
    let error = LengthError::Adjustment { offset: 0, len: 1, adjustment: -2 }.to_string();
    assert_eq!(outcome(b"\x01", make, text), (vec![], Some(error)));
    let mut out = Vec::new();
    // 254 bytes and the two of the adjustment are more than one byte counts; less than 2 cannot be said with +2.
    assert!(make().encode(&[0; 254][..], &mut out).is_err());
    let refused = LengthDelimited::new().adjustment(2).encode("a", &mut out);
    assert!(matches!(refused, Err(EncodeError::Unrepresentable { .. })));
    assert!(out.is_empty());
}

/// A head that is kept, and a length that counts it, make a frame of no bytes at all: a loop over frames would not end.
#[test]
fn a_frame_that_takes_nothing_off_the_stream_is_refused() {
    let keeps_its_head = LengthDelimited::new().field_len(1).skip(0);
    let error = LengthError::Nothing { offset: 2 };
    let buffer = SequenceBuf::from(&b"\x02a\0"[..]);
    let mut cursor = buffer.as_sequence().cursor();
    let mut codec = keeps_its_head;
    assert_eq!(codec.decode(&mut cursor).unwrap().value().unwrap(), "\x02a");
    assert_eq!(codec.decode(&mut cursor), Err(error));
    assert_eq!(codec.decode_head(&mut cursor), Err(error));
    assert_eq!(outcome(b"\x02a\0", || keeps_its_head, text).1, Some(error.to_string()));
}

#[test]
fn a_long_frame_is_taken_in_parts() {
    let buffer = SequenceBuf::from(&b"\0\0\0\x05abcde"[..]);
    let mut cursor = buffer.as_sequence().cursor();
    let mut body = LengthDelimited::new().decode_head(&mut cursor).unwrap().value().expect("a head");
    assert_eq!(body.take(&mut cursor).to_vec(), b"abcde");
    assert!(cursor.is_empty());
    let half = SequenceBuf::from(&b"\0\0"[..]);
    let mut cursor = half.as_sequence().cursor();
    assert_eq!(LengthDelimited::new().decode(&mut cursor).unwrap(), Decoded::NeedMore(2));
}

#[test]
#[should_panic(expected = "a length field has one to eight bytes")]
fn a_field_of_nine_bytes_is_none() {
    let _ = LengthDelimited::new().field_len(9);
}
