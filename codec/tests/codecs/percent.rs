//! Percent-encoding over every split, against `percent-encoding` on flat bytes.

use headpond_codec::{
    Encode,
    percent::{AsciiSet, COMPONENT, CONTROLS, NON_ALPHANUMERIC, Percent, PercentDecoder, PercentError},
    utf8::Malformed,
};
use headpond_pool::{SequenceBuf, Slice};
use percent_encoding::{percent_decode, percent_encode};

use crate::{cuts, small_blocks::SmallBlocks, splits};

const TEXTS: [&[u8]; 9] = [
    b"",
    b"plain",
    b"100%25%20sure",
    b"%e2%82%ACuro",
    b"%",
    b"a%4",
    b"%%41%4%zz%4z%z4%",
    b"%00%ff%7F+%2b",
    b"a+b%20c%",
];

fn decoded(decoder: PercentDecoder, pieces: &[&[u8]]) -> (Vec<u8>, Option<PercentError>) {
    let (mut out, mut buffer) = (SmallBlocks::of(3), SequenceBuf::new());
    for piece in pieces {
        buffer.push(Slice::copy_from_slice(piece));
        let mut cursor = buffer.as_sequence().cursor();
        if let Err(error) = decoder.decode(&mut cursor, &mut out) {
            return (out.bytes(), Some(error));
        }
        let consumed = cursor.position() - buffer.start();
        buffer.consume(consumed);
        assert!(buffer.len() < 3, "what has arrived is decoded");
    }
    let error = decoder.finish(&mut buffer.as_sequence().cursor(), &mut out).err();
    (out.bytes(), error)
}

/// Where the first `%` stands that no two digits stand behind.
fn first_malformed(text: &[u8]) -> Option<usize> {
    (0..text.len()).find(|&at| {
        let is_inside = |at: usize| (1..=2).any(|back| at >= back && is_escape(&text[at - back..]));
        text[at] == b'%' && !is_escape(&text[at..]) && !is_inside(at)
    })
}

fn is_escape(text: &[u8]) -> bool {
    matches!(text, [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

#[test]
fn every_byte_is_encoded_as_the_reference_does() {
    let bytes: Vec<u8> = (0..=255).collect();
    for set in [COMPONENT, CONTROLS, NON_ALPHANUMERIC, const { &AsciiSet::EMPTY.add(b' ') }] {
        let text = percent_encode(&bytes, set).to_string();
        let mut out = SmallBlocks::of(5);
        Percent::new(&bytes[..], set).encode(&mut out).unwrap();
        assert_eq!(out.bytes(), text.as_bytes());
        let lenient = PercentDecoder::new().malformed(Malformed::Replace);
        assert_eq!(decoded(lenient, &[text.as_bytes()]).0, percent_decode(text.as_bytes()).collect::<Vec<_>>());
    }
    cuts::for_each_cut(b"a b%\xc3\xa9", |sequence| {
        let mut out = Vec::new();
        Percent::new(sequence, COMPONENT).encode(&mut out).unwrap();
        assert_eq!(out, b"a%20b%25%C3%A9");
    });
}

#[test]
fn every_split_is_decoded_as_the_reference_does() {
    for text in TEXTS {
        let expected: Vec<u8> = percent_decode(text).collect();
        splits::for_each_arrival(text, |pieces| {
            let (found, error) = decoded(PercentDecoder::new().malformed(Malformed::Replace), pieces);
            assert!(error.is_none());
            assert_eq!(found, expected, "{pieces:?}");
        });
        cuts::for_each_cut(text, |sequence| {
            let mut out = SmallBlocks::of(3);
            PercentDecoder::new().malformed(Malformed::Replace).finish(&mut sequence.cursor(), &mut out).unwrap();
            assert_eq!(out.bytes(), expected, "{sequence:?}");
        });
    }
}

#[test]
fn what_is_malformed_is_refused_where_it_stands() {
    for text in TEXTS {
        let place = first_malformed(text);
        let before: Vec<u8> = percent_decode(&text[..place.unwrap_or(text.len())]).collect();
        splits::for_each_arrival(text, |pieces| {
            let (found, error) = decoded(PercentDecoder::new(), pieces);
            let offset = error.map(|error| match error {
                PercentError::Malformed { offset } => offset as usize,
                other => panic!("{other}"),
            });
            assert_eq!((&found, offset), (&before, place), "{pieces:?}");
        });
        cuts::for_each_cut(text, |sequence| {
            let mut out = SmallBlocks::of(3);
            let error = PercentDecoder::new().finish(&mut sequence.cursor(), &mut out).err();
            let offset = error.map(|error| match error {
                PercentError::Malformed { offset } => (offset - sequence.start().offset()) as usize,
                other => panic!("{other}"),
            });
            assert_eq!((&out.bytes(), offset), (&before, place), "{sequence:?}");
        });
    }
}

#[test]
fn a_plus_is_a_space_in_a_form() {
    splits::for_each_arrival(b"a+b%2B+", |pieces| {
        assert_eq!(decoded(PercentDecoder::new().form(true), pieces).0, b"a b+ ");
        assert_eq!(decoded(PercentDecoder::new(), pieces).0, b"a+b++");
    });
}

#[test]
fn a_writer_without_memory_loses_nothing() {
    for blocks in 0..6 {
        let buffer = SequenceBuf::from("one%20two%20three");
        let mut cursor = buffer.as_sequence().cursor();
        let (mut first, mut second) = (SmallBlocks::of(3).at_most(blocks), Vec::new());
        let result = PercentDecoder::new().decode(&mut cursor, &mut first);
        assert_eq!(matches!(result, Err(PercentError::Write(_))), blocks < 5);
        PercentDecoder::new().finish(&mut cursor, &mut second).unwrap();
        assert_eq!([first.bytes(), second].concat(), b"one two three");
    }
}
