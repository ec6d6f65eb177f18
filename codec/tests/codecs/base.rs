//! Hexadecimal, Base32 and Base64: RFC 4648's vectors, and `data-encoding` on flat bytes, over every split.

use data_encoding::{DecodeKind, Encoding};
use headpond_codec::{
    Encode,
    base::{Base, BaseEncoder, BaseError},
};
use headpond_pool::{SequenceBuf, Slice};

use crate::{cuts, small_blocks::SmallBlocks, splits};

/// Each form with its reference.
const FORMS: [(Base, Encoding); 8] = [
    (Base::Hex, data_encoding::HEXLOWER_PERMISSIVE),
    (Base::HexUpper, data_encoding::HEXUPPER_PERMISSIVE),
    (Base::Base32, data_encoding::BASE32),
    (Base::Base32NoPad, data_encoding::BASE32_NOPAD),
    (Base::Base64, data_encoding::BASE64),
    (Base::Base64NoPad, data_encoding::BASE64_NOPAD),
    (Base::Base64Url, data_encoding::BASE64URL),
    (Base::Base64UrlNoPad, data_encoding::BASE64URL_NOPAD),
];

/// Section 10 of the RFC.
const VECTORS: [(&str, &str, &str, &str); 7] = [
    ("", "", "", ""),
    ("f", "Zg==", "MY======", "66"),
    ("fo", "Zm8=", "MZXQ====", "666F"),
    ("foo", "Zm9v", "MZXW6===", "666F6F"),
    ("foob", "Zm9vYg==", "MZXW6YQ=", "666F6F62"),
    ("fooba", "Zm9vYmE=", "MZXW6YTB", "666F6F6261"),
    ("foobar", "Zm9vYmFy", "MZXW6YTBOI======", "666F6F626172"),
];

fn encoded(base: Base, payload: impl headpond_codec::Payload) -> String {
    let mut out = SmallBlocks::of(7);
    base.of(payload).encode(&mut out).unwrap();
    String::from_utf8(out.bytes()).unwrap()
}

/// The bytes of a text that arrives in pieces, and the error that ended it.
fn decoded(base: Base, pieces: &[&[u8]]) -> (Vec<u8>, Option<BaseError>) {
    let (mut out, mut buffer) = (SmallBlocks::of(7), SequenceBuf::new());
    for piece in pieces {
        buffer.push(Slice::copy_from_slice(piece));
        let mut cursor = buffer.as_sequence().cursor();
        if let Err(error) = base.decode(&mut cursor, &mut out) {
            return (out.bytes(), Some(error));
        }
        let consumed = cursor.position() - buffer.start();
        buffer.consume(consumed);
        assert!(buffer.len() < 8, "what has arrived is decoded");
    }
    let error = base.finish(&mut buffer.as_sequence().cursor(), &mut out).err();
    (out.bytes(), error)
}

#[test]
fn published_vectors() {
    for (bytes, base64, base32, hex) in VECTORS {
        for (base, text) in [(Base::Base64, base64), (Base::Base32, base32), (Base::HexUpper, hex)] {
            assert_eq!(encoded(base, bytes), text);
            assert_eq!(decoded(base, &[text.as_bytes()]).0, bytes.as_bytes());
        }
        assert_eq!(encoded(Base::Base64NoPad, bytes), base64.trim_end_matches('='));
        assert_eq!(encoded(Base::Hex, bytes), hex.to_lowercase());
    }
}

#[test]
fn every_split_of_the_bytes_is_encoded_alike() {
    let bytes: Vec<u8> = (0..40_u8).map(|at| at.wrapping_mul(101)).collect();
    for (base, reference) in FORMS {
        for len in 0..bytes.len() {
            let (bytes, text) = (&bytes[..len], reference.encode(&bytes[..len]));
            cuts::for_each_cut(bytes, |sequence| assert_eq!(encoded(base, sequence), text));
            let (mut out, mut encoder) = (Vec::new(), BaseEncoder::new(base));
            bytes.chunks(2).for_each(|piece| encoder.encode(piece, &mut out).unwrap());
            encoder.finish(&mut out).unwrap();
            encoder.finish(&mut out).unwrap();
            assert_eq!(out, text.as_bytes());
        }
    }
}

#[test]
fn every_split_of_the_text_is_decoded_alike() {
    let bytes: Vec<u8> = (0..23_u8).map(|at| at.wrapping_mul(101)).collect();
    for (base, reference) in FORMS {
        for len in 0..bytes.len() {
            let text = reference.encode(&bytes[..len]);
            splits::for_each_arrival(text.as_bytes(), |pieces| {
                let (found, error) = decoded(base, pieces);
                assert_eq!((&found[..], error.is_none()), (&bytes[..len], true), "{base:?} {pieces:?}");
            });
            cuts::for_each_cut(text.as_bytes(), |sequence| {
                let mut out = SmallBlocks::of(7);
                base.finish(&mut sequence.cursor(), &mut out).unwrap();
                assert_eq!(out.bytes(), &bytes[..len], "{base:?} {sequence:?}");
            });
        }
    }
}

/// Every text that differs from a good one in one character, or in its length.
#[test]
fn what_the_reference_refuses_is_refused_at_the_same_place() {
    let bytes = b"\x00\x10\x83\x10\x51\x87\x20";
    for (base, reference) in FORMS {
        let good = reference.encode(bytes).into_bytes();
        let mut texts: Vec<Vec<u8>> = (0..good.len()).map(|len| good[..len].to_vec()).collect();
        for at in 0..good.len() {
            for character in [b'=', b'B', b'b', b'-', b'/', b' ', 0xff] {
                let mut text = good.clone();
                text[at] = character;
                texts.push(text);
            }
        }
        texts.push([&good[..], &good[..]].concat());
        for text in texts {
            let expected = reference.decode(&text);
            splits::for_each_arrival(&text, |pieces| {
                let (found, error) = decoded(base, pieces);
                let place = match error {
                    None => return assert_eq!(expected.as_ref(), Ok(&found), "{base:?} {pieces:?}"),
                    Some(BaseError::Symbol { offset }) => (DecodeKind::Symbol, offset),
                    Some(BaseError::Trailing { offset }) => (DecodeKind::Trailing, offset),
                    Some(BaseError::Padding { offset }) => (DecodeKind::Padding, offset),
                    Some(BaseError::Length { offset }) => (DecodeKind::Length, offset),
                    Some(other) => panic!("{other}"),
                };
                let expected = expected.as_ref().unwrap_err();
                // At once the length is looked at first, and in a stream last.
                if expected.kind != DecodeKind::Length || place.0 == DecodeKind::Length {
                    // What stands behind padding is not waited for: it is wrong by itself, or what it ends is.
                    let is_padding = text.get(expected.position) == Some(&b'=') && place.0 != DecodeKind::Symbol;
                    let position = expected.position as u64;
                    let is_alike = place == (expected.kind, position);
                    assert!(is_alike || is_padding && place.1 <= position, "{base:?} {pieces:?} {place:?}");
                }
            });
        }
    }
}

#[test]
fn a_writer_without_memory_loses_nothing() {
    let bytes = b"a text that takes several blocks of seven bytes";
    let text = data_encoding::BASE64.encode(bytes);
    for blocks in 0..12 {
        let buffer: SequenceBuf = text.as_bytes().chunks(5).map(Slice::copy_from_slice).collect();
        let mut cursor = buffer.as_sequence().cursor();
        let (mut first, mut second) = (SmallBlocks::of(7).at_most(blocks), Vec::new());
        let result = Base::Base64.decode(&mut cursor, &mut first);
        assert_eq!(matches!(result, Err(BaseError::Write(_))), blocks < 8, "{blocks}");
        Base::Base64.finish(&mut cursor, &mut second).unwrap();
        assert_eq!([first.bytes(), second].concat(), bytes);
    }
}
