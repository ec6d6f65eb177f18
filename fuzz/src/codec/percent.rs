//! Percent-encoding, against the crate `percent-encoding` on one flat buffer.

use headpond_codec::{
    Encode,
    percent::{AsciiSet, COMPONENT, CONTROLS, NON_ALPHANUMERIC, Percent, PercentDecoder, PercentError},
    utf8::Malformed,
};
use headpond_pool::{Cursor, SequenceBuf};

use super::{
    Stream,
    conversion::{Converter, SmallBlocks},
};

/// What a stream is made of: items are bytes to be encoded.
pub type Op = super::Op<Vec<u8>>;

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let words: &[&[u8]] = &[b"%", b"%%", b"%4", b"%4a", b"%2B", b"%2b", b"+", b"%+1", b"%g0", b"%0g", b"plain text"];
    let stream = Stream::of(ops, words, |bytes, out| {
        Percent::new(bytes, COMPONENT).encode(out).expect("a Vec has memory");
    });
    let (form, is_refused) = (stream.variant % 2 == 1, stream.variant / 2 % 2 == 1);
    let malformed = if is_refused { Malformed::Refuse } else { Malformed::Replace };
    let converted = stream.convert(|| PercentDecoder::new().form(form).malformed(malformed));
    let end = if is_refused { first_malformed(&stream.bytes) } else { None };
    let valid = &stream.bytes[..end.unwrap_or(stream.bytes.len())];
    let spaced = |byte: &u8| if form && *byte == b'+' { b' ' } else { *byte };
    let expected = percent_encoding::percent_decode(&valid.iter().map(spaced).collect::<Vec<_>>()).collect();
    let error = end.map(|offset| PercentError::Malformed { offset: offset as u64 }.to_string());
    assert_eq!(converted, (expected, error), "{}", stream.bytes.escape_ascii());
    // With the last the % stands for itself, and what is written cannot be read back.
    for (set, is_unique) in [(COMPONENT, true), (NON_ALPHANUMERIC, true), (CONTROLS, false)] {
        encode(&stream, set, is_unique);
    }
}

impl Converter for PercentDecoder {
    type Error = PercentError;

    fn convert(&mut self, input: &mut Cursor<'_>, out: &mut SmallBlocks, is_last: bool) -> Result<(), PercentError> {
        if is_last { self.finish(input, out) } else { self.decode(input, out) }
    }

    fn is_exhausted(error: &PercentError) -> bool {
        matches!(error, PercentError::Write(_))
    }
}

/// Where the first `%` stands that no two digits stand behind.
fn first_malformed(text: &[u8]) -> Option<usize> {
    let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_hexdigit);
    (0..text.len()).find(|&at| text[at] == b'%' && !(is_digit(at + 1) && is_digit(at + 2)))
}

/// Encodes the stream itself, as one of many chunks into small blocks.
fn encode(stream: &Stream, set: &'static AsciiSet, is_unique: bool) {
    let mut out = SmallBlocks::of(7);
    Percent::new(stream.buffer().as_sequence(), set).encode(&mut out).expect("there are blocks");
    let encoded = out.bytes();
    assert_eq!(encoded, percent_encoding::percent_encode(&stream.bytes, set).to_string().as_bytes());
    if is_unique {
        let (buffer, mut back) = (SequenceBuf::from(encoded), Vec::new());
        let decoded = PercentDecoder::new().finish(&mut buffer.as_sequence().cursor(), &mut back);
        decoded.expect("it was encoded");
        assert_eq!(back, stream.bytes);
    }
}
