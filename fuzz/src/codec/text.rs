//! Text in UTF-8 and in ASCII, against the standard library's.

use headpond_codec::{
    Encode,
    ascii::{Ascii, Lowercase, Uppercase},
    text,
    utf8::{self, Malformed, Utf8Decoder, Utf8Error, Utf8Validator},
};
use headpond_pool::SequenceBuf;

use super::{End, Stream};

/// What a stream is made of: items are texts.
pub type Op = super::Op<String>;

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let words: &[&[u8]] = &[
        b" \t\r\n\x0c",
        b"\xc2",
        b"\xa0",
        b"\xe2\x82",
        b"\xac",
        b"\xed\xa0\x80",
        b"\xf0\x9f",
        b"\x98\x80",
        b"\xf4\x90",
        b"\xc0\xaf",
        b"\xef\xbf\xbd",
        b"The same text, long enough for a vector or two: 0123456789 abcdefghijklmnopqrstuvwxyz",
    ];
    let stream = Stream::of(ops, words, |item, out| text::write_str(out, item).expect("a Vec has memory"));
    let buffer = stream.buffer();
    let expected = flaw(&stream.bytes);
    in_parts(&stream, expected);
    whole(&stream.bytes, &buffer, expected);
    let mut validator = Utf8Validator::new();
    let pushed = stream.pieces().into_iter().try_for_each(|piece| validator.push(piece));
    assert_eq!(pushed.and_then(|()| validator.finish()).err(), expected);
    ascii(&stream.bytes, &buffer);
}

/// What the standard library finds wrong.
fn flaw(bytes: &[u8]) -> Option<Utf8Error> {
    let error = std::str::from_utf8(bytes).err()?;
    let (offset, begun) = (error.valid_up_to() as u64, &bytes[error.valid_up_to()..]);
    Some(match error.error_len() {
        Some(len) => Utf8Error::Invalid { offset, len },
        None => Utf8Error::Truncated { offset, needed: begun[0].leading_ones() as usize - begun.len() },
    })
}

fn in_parts(stream: &Stream, expected: Option<Utf8Error>) {
    let decode = |malformed| {
        let make = || Utf8Decoder::new().malformed(malformed);
        let (texts, end) = stream.decode(make, |texts: &mut Vec<String>, part| {
            assert!(!part.is_empty());
            match texts.last_mut() {
                Some(text) => text.push_str(&part),
                None => texts.push(part.to_string()),
            }
        });
        (texts.concat(), end)
    };
    assert_eq!(decode(Malformed::Replace), (String::from_utf8_lossy(&stream.bytes).into_owned(), End::Clean));
    let (text, end) = decode(Malformed::Refuse);
    let valid = std::str::from_utf8(&stream.bytes).map_or_else(|error| error.valid_up_to(), str::len);
    assert_eq!(text.as_bytes(), &stream.bytes[..valid]);
    assert_eq!(
        end,
        match expected {
            None => End::Clean,
            Some(Utf8Error::Truncated { .. }) => End::Truncated,
            Some(error) => End::Failed(error.to_string()),
        }
    );
}

fn whole(bytes: &[u8], buffer: &SequenceBuf, expected: Option<Utf8Error>) {
    let sequence = buffer.as_sequence();
    assert_eq!(utf8::validate(sequence).err(), expected);
    assert_eq!(utf8::decode_lossy(sequence), String::from_utf8_lossy(bytes));
    match (utf8::decode(sequence), expected) {
        (Ok(text), None) => assert_eq!(text.as_bytes(), bytes),
        (Err(error), Some(expected)) => assert_eq!(error, expected),
        (ours, theirs) => panic!("{}: here {ours:?}, there {theirs:?}", bytes.escape_ascii()),
    }
}

fn ascii(bytes: &[u8], buffer: &SequenceBuf) {
    let sequence = buffer.as_sequence();
    assert_eq!(sequence.is_ascii(), bytes.is_ascii());
    assert_eq!(sequence.trim_ascii(), *bytes.trim_ascii());
    assert_eq!(sequence.trim_ascii_start(), *bytes.trim_ascii_start());
    assert_eq!(sequence.trim_ascii_end(), *bytes.trim_ascii_end());
    let (mut lower, mut upper) = (Vec::new(), Vec::new());
    Lowercase(sequence).encode(&mut lower).expect("a Vec has memory");
    Uppercase(sequence).encode(&mut upper).expect("a Vec has memory");
    assert_eq!((&lower, &upper), (&bytes.to_ascii_lowercase(), &bytes.to_ascii_uppercase()));
    assert!(sequence.eq_ignore_ascii_case(&upper) && sequence.eq_ignore_ascii_case(&sequence));
    assert!(sequence.starts_with_ignore_ascii_case(&lower[..lower.len() / 2]));
    // One byte that is another, whatever its case, in the middle or behind.
    if let Some(byte) = upper.get_mut(bytes.len() / 2) {
        *byte ^= 1;
        assert_eq!(sequence.eq_ignore_ascii_case(&upper), bytes.eq_ignore_ascii_case(&upper));
        assert_eq!(sequence.starts_with_ignore_ascii_case(&upper), bytes.eq_ignore_ascii_case(&upper));
    }
    lower.push(b'a');
    assert!(!sequence.eq_ignore_ascii_case(&lower) && !sequence.starts_with_ignore_ascii_case(&lower));
}
