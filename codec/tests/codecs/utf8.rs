//! Text cut everywhere: the cases of Markus Kuhn's decoder stress test, each with what is to come of it, against the
//! standard library on the same bytes at once.

use headpond_codec::{
    Decoded, Decoder, FinishError,
    utf8::{self, Malformed, Utf8Decoder, Utf8Error, Utf8Validator},
};
use headpond_pool::{SequenceBuf, Slice};

use crate::{cuts, splits};

/// The test's sections, what each is about, and pairs of bytes and the text that stands for them: `?` for U+FFFD.
type Section = (&'static str, &'static [(&'static [u8], &'static str)]);

/// One U+FFFD stands for the longest beginning of a character, or for one byte that begins none.
const STRESS: [Section; 17] = [
    ("1 correct text", &[(b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", "κ\u{1f79}σμε")]),
    (
        "2.1 the first of each length",
        &[
            (b"\0", "\0"),
            (b"\xc2\x80", "\u{80}"),
            (b"\xe0\xa0\x80", "\u{800}"),
            (b"\xf0\x90\x80\x80", "\u{10000}"),
            (b"\xf8\x88\x80\x80\x80", "?????"),
            (b"\xfc\x84\x80\x80\x80\x80", "??????"),
        ],
    ),
    (
        "2.2 the last of each length",
        &[
            (b"\x7f", "\u{7f}"),
            (b"\xdf\xbf", "\u{7ff}"),
            (b"\xef\xbf\xbf", "\u{ffff}"),
            (b"\xf7\xbf\xbf\xbf", "????"),
            (b"\xfb\xbf\xbf\xbf\xbf", "?????"),
            (b"\xfd\xbf\xbf\xbf\xbf\xbf", "??????"),
        ],
    ),
    (
        "2.3 other boundaries",
        &[
            (b"\xed\x9f\xbf", "\u{d7ff}"),
            (b"\xee\x80\x80", "\u{e000}"),
            (b"\xef\xbf\xbd", "\u{fffd}"),
            (b"\xf4\x8f\xbf\xbf", "\u{10ffff}"),
            (b"\xf4\x90\x80\x80", "????"),
        ],
    ),
    (
        "3.1 continuations of nothing",
        &[
            (b"\x80", "?"),
            (b"\xbf", "?"),
            (b"\x80\xbf", "??"),
            (b"\x80\xbf\x80", "???"),
            (b"\x80\xbf\x80\xbf", "????"),
            (b"\x80\xbf\x80\xbf\x80", "?????"),
            (b"\x80\xbf\x80\xbf\x80\xbf", "??????"),
            (b"\x80\xbf\x80\xbf\x80\xbf\x80", "???????"),
        ],
    ),
    (
        "3.2 beginnings of nothing",
        &[
            (b"\xc0 \xc1 \xc2 \xdf ", "? ? ? ? "),
            (b"\xe0 \xe1 \xed \xef ", "? ? ? ? "),
            (b"\xf0 \xf1 \xf4 \xf5 \xf7 ", "? ? ? ? ? "),
            (b"\xf8 \xf9 \xfa \xfb ", "? ? ? ? "),
            (b"\xfc \xfd ", "? ? "),
        ],
    ),
    (
        "3.3 the last continuation missing",
        &[
            (b"\xc0", "?"),
            (b"\xe0\x80", "??"),
            (b"\xf0\x80\x80", "???"),
            (b"\xf8\x80\x80\x80", "????"),
            (b"\xfc\x80\x80\x80\x80", "?????"),
            (b"\xdf", "?"),
            (b"\xef\xbf", "?"),
            (b"\xf7\xbf\xbf", "???"),
            (b"\xfb\xbf\xbf\xbf", "????"),
            (b"\xfd\xbf\xbf\xbf\xbf", "?????"),
        ],
    ),
    (
        "3.3 the same, of characters there are",
        &[(b"\xe2\x82", "?"), (b"\xf0\x9f\xa6", "?"), (b"\xf0\x9f", "?"), (b"\xf0\x9f!", "?!"), (b"\xe2\x82\xe2", "??")],
    ),
    (
        "3.4 all of 3.3 in a row",
        &[(
            b"\xc0\xe0\x80\xf0\x80\x80\xf8\x80\x80\x80\xfc\x80\x80\x80\x80\xdf\xef\xbf\xf7\xbf\xbf\xfb\xbf\xbf\xbf\xfd\xbf\xbf\xbf\xbf",
            "?????????????????????????????",
        )],
    ),
    ("3.5 impossible bytes", &[(b"\xfe", "?"), (b"\xff", "?"), (b"\xfe\xfe\xff\xff", "????")]),
    (
        "4.1 a slash in too many bytes",
        &[
            (b"\xc0\xaf", "??"),
            (b"\xe0\x80\xaf", "???"),
            (b"\xf0\x80\x80\xaf", "????"),
            (b"\xf8\x80\x80\x80\xaf", "?????"),
            (b"\xfc\x80\x80\x80\x80\xaf", "??????"),
        ],
    ),
    (
        "4.2 the highest in too many bytes",
        &[
            (b"\xc1\xbf", "??"),
            (b"\xe0\x9f\xbf", "???"),
            (b"\xf0\x8f\xbf\xbf", "????"),
            (b"\xf8\x87\xbf\xbf\xbf", "?????"),
            (b"\xfc\x83\xbf\xbf\xbf\xbf", "??????"),
        ],
    ),
    (
        "4.3 zero in too many bytes",
        &[
            (b"\xc0\x80", "??"),
            (b"\xe0\x80\x80", "???"),
            (b"\xf0\x80\x80\x80", "????"),
            (b"\xf8\x80\x80\x80\x80", "?????"),
            (b"\xfc\x80\x80\x80\x80\x80", "??????"),
        ],
    ),
    (
        "5.1 single surrogates",
        &[
            (b"\xed\xa0\x80", "???"),
            (b"\xed\xad\xbf", "???"),
            (b"\xed\xae\x80", "???"),
            (b"\xed\xaf\xbf", "???"),
            (b"\xed\xb0\x80", "???"),
            (b"\xed\xbe\x80", "???"),
            (b"\xed\xbf\xbf", "???"),
        ],
    ),
    (
        "5.2 paired surrogates",
        &[
            (b"\xed\xa0\x80\xed\xb0\x80", "??????"),
            (b"\xed\xa0\x80\xed\xbf\xbf", "??????"),
            (b"\xed\xaf\xbf\xed\xb0\x80", "??????"),
            (b"\xed\xaf\xbf\xed\xbf\xbf", "??????"),
        ],
    ),
    ("5.3 noncharacters are characters", &[(b"\xef\xbf\xbe", "\u{fffe}"), (b"\xef\xb7\x90\xef\xb7\xaf", "\u{fdd0}\u{fdef}")]),
    ("between good text", &[(b"a\xff\xc3\xa9\xe2\x82z\xf0\x9f\xa6\x80\xf0", "a?é?z🦀?")]),
];

/// Every case, all of them in a row, and texts long enough for whole vectors.
fn cases() -> Vec<(String, Vec<u8>, String)> {
    let mut cases = Vec::new();
    let (mut all_bytes, mut all_text) = (Vec::new(), String::new());
    for (section, rows) in STRESS {
        for (bytes, text) in rows {
            let text = text.replace('?', "\u{fffd}");
            all_bytes.extend_from_slice(bytes);
            all_bytes.push(b'|');
            all_text += &text;
            all_text.push('|');
            cases.push((section.to_owned(), bytes.to_vec(), text));
        }
    }
    for before in [63, 64, 65, 130] {
        let ascii = "x".repeat(before);
        cases.push((
            format!("behind {before}"),
            [ascii.as_bytes(), b"\xe2\x82\xac\xff"].concat(),
            format!("{ascii}€\u{fffd}"),
        ));
    }
    cases.push(("everything".to_owned(), all_bytes, all_text));
    cases
}

/// The text that a decoder makes of pieces, consuming after each what it took, and the error that ended it.
fn fed(pieces: &[&[u8]], malformed: Malformed) -> (String, Option<String>) {
    let (parts, error) = splits::fed(pieces, Utf8Decoder::new().malformed(malformed), &|part| {
        assert!(!part.is_empty());
        part.to_string()
    });
    (parts.concat(), error)
}

/// What the standard library finds first, at once, behind `start` bytes of a stream.
fn first_flaw(bytes: &[u8], start: u64) -> Option<Utf8Error> {
    let error = std::str::from_utf8(bytes).err()?;
    let (at, offset) = (error.valid_up_to(), start + error.valid_up_to() as u64);
    Some(match error.error_len() {
        Some(len) => Utf8Error::Invalid { offset, len },
        None => {
            let width = [0xc2..=0xdf, 0xe0..=0xef, 0xf0..=0xf4].iter().position(|leads| leads.contains(&bytes[at]));
            Utf8Error::Truncated { offset, needed: width.unwrap() + 2 - (bytes.len() - at) }
        }
    })
}

#[test]
fn every_case_agrees_with_the_standard_library() {
    for (section, bytes, text) in cases() {
        assert_eq!(String::from_utf8_lossy(&bytes), text, "{section}: the table itself");
    }
}

#[test]
fn every_case_is_replaced_alike_wherever_it_is_cut() {
    for (section, bytes, text) in cases() {
        splits::for_each_arrival(&bytes, |pieces| {
            assert_eq!(fed(pieces, Malformed::Replace), (text.clone(), None), "{section}: {pieces:?}");
        });
        if bytes.len() < 100 {
            cuts::for_each_cut(&bytes, |sequence| {
                assert_eq!(utf8::decode_lossy(sequence), text, "{section}: {sequence:?}");
            });
        }
    }
}

#[test]
fn every_case_is_refused_alike_wherever_it_is_cut() {
    for (section, bytes, _) in cases() {
        let flaw = first_flaw(&bytes, 0);
        let good = std::str::from_utf8(&bytes).err().map_or(bytes.len(), |error| error.valid_up_to());
        let message = flaw.map(|flaw| match flaw {
            Utf8Error::Truncated { .. } => "truncated".to_owned(),
            flaw => flaw.to_string(),
        });
        splits::for_each_arrival(&bytes, |pieces| {
            let (text, error) = fed(pieces, Malformed::Refuse);
            assert_eq!((text.as_bytes(), &error), (&bytes[..good], &message), "{section}: {pieces:?}");
            let mut validator = Utf8Validator::new();
            let pushed = pieces.iter().try_for_each(|piece| validator.push(piece));
            assert_eq!(pushed.and_then(|()| validator.finish()).err(), flaw, "{section}: {pieces:?}");
            assert_eq!(validator.finish().err(), flaw, "an error comes again");
        });
        if bytes.len() < 100 {
            cuts::for_each_cut(&bytes, |sequence| {
                let flaw = first_flaw(&bytes, sequence.start().offset());
                assert_eq!(utf8::validate(sequence).err(), flaw, "{section}: {sequence:?}");
                match utf8::decode(sequence) {
                    Ok(text) => assert_eq!((text.as_bytes(), None), (&bytes[..], flaw)),
                    Err(error) => assert_eq!(Some(error), flaw, "{section}: {sequence:?}"),
                }
            });
        }
    }
}

#[test]
fn text_in_one_chunk_is_borrowed_and_a_join_costs_one_character() {
    let whole = SequenceBuf::from("für");
    assert!(matches!(utf8::decode(whole.as_sequence()), Ok(std::borrow::Cow::Borrowed("für"))));
    assert!(matches!(utf8::decode_lossy(whole.as_sequence()), std::borrow::Cow::Borrowed("für")));

    let cut = SequenceBuf::from_iter([Slice::from(&b"f\xc3"[..]), Slice::from(&b"\xbcr"[..])]);
    let (mut decoder, sequence) = (Utf8Decoder::new(), cut.as_sequence());
    let mut cursor = sequence.cursor();
    let mut parts = Vec::new();
    while let Ok(Decoded::Value(part)) = decoder.decode(&mut cursor) {
        parts.push((part.as_borrowed().is_some(), part.to_string()));
    }
    assert_eq!(parts, [(true, "f".to_owned()), (false, "ü".to_owned()), (true, "r".to_owned())]);
}

/// Every pair of bytes, and every three that begin with one that may begin three or four, cut at both places.
#[test]
fn every_short_beginning_agrees_with_the_standard_library() {
    for first in 0_u8..=255 {
        for second in 0_u8..=255 {
            let thirds: &[u8] = if first >= 0xe0 { &[0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0] } else { b"a" };
            for third in thirds {
                let bytes = [first, second, *third];
                let mut validator = Utf8Validator::new();
                let pushed = bytes.chunks(1).try_for_each(|byte| validator.push(byte));
                assert_eq!(pushed.and_then(|()| validator.finish()).err(), first_flaw(&bytes, 0), "{bytes:x?}");
                let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
                assert_eq!(fed(&pieces, Malformed::Replace).0, String::from_utf8_lossy(&bytes), "{bytes:x?}");
            }
        }
    }
}

#[test]
fn an_end_within_a_character_tells_what_is_missing() {
    let buffer = SequenceBuf::from(&b"a\xf0\x9f"[..]);
    let mut cursor = buffer.as_sequence().cursor();
    let mut decoder = Utf8Decoder::new();
    assert_eq!(decoder.finish(&mut cursor).unwrap().unwrap().as_str(), "a");
    assert_eq!(decoder.decode(&mut cursor).unwrap(), Decoded::NeedMore(1));
    assert_eq!(decoder.finish(&mut cursor), Err(FinishError::Truncated { offset: 1, end: 3, needed: 2 }));
    assert_eq!(cursor.len(), 2);
}
