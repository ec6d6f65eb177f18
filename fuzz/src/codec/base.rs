//! Hexadecimal, Base32 and Base64 text, against `data-encoding` on one flat buffer.

use data_encoding::Encoding;
use headpond_codec::{
    Encode,
    base::{Base, BaseEncoder, BaseError},
};
use headpond_pool::{Cursor, SequenceBuf};

use super::{
    Stream,
    conversion::{Converter, SmallBlocks},
};

/// What a stream is made of: items are bytes, in the form of that number.
pub type Op = super::Op<(u8, Vec<u8>)>;

/// The forms, those of the reference, and how many characters belong together.
static FORMS: [(Base, Encoding, usize); 8] = [
    (Base::Hex, data_encoding::HEXLOWER, 2),
    (Base::HexUpper, data_encoding::HEXUPPER, 2),
    (Base::Base32, data_encoding::BASE32, 8),
    (Base::Base32NoPad, data_encoding::BASE32_NOPAD, 8),
    (Base::Base64, data_encoding::BASE64, 4),
    (Base::Base64NoPad, data_encoding::BASE64_NOPAD, 4),
    (Base::Base64Url, data_encoding::BASE64URL, 4),
    (Base::Base64UrlNoPad, data_encoding::BASE64URL_NOPAD, 4),
];

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let words: &[&[u8]] =
        &[b"=", b"==", b"===", b"======", b"AA==", b"A", b"Zg", b"MY", b"0f", b"F0", b"+/", b"-_", b"\n"];
    let stream = Stream::of(ops, words, |(form, bytes), out| {
        let (base, encoding, _) = &FORMS[usize::from(*form) % FORMS.len()];
        let before = out.len();
        base.of(bytes).encode(out).expect("a Vec has memory");
        assert_eq!(out[before..], *encoding.encode(bytes).as_bytes());
    });
    let &(base, ref encoding, group) = &FORMS[usize::from(stream.variant) % FORMS.len()];
    // Hexadecimal is read with letters of either case.
    let read = |text: &[u8]| match base {
        Base::Hex => encoding.decode(&text.to_ascii_lowercase()),
        Base::HexUpper => encoding.decode(&text.to_ascii_uppercase()),
        _ => encoding.decode(text),
    };
    let (bytes, error) = stream.convert(|| base);
    let text = &stream.bytes;
    let is_whole = read(text).is_ok();
    assert_eq!(error.is_none(), is_whole, "{}: {error:?}", text.escape_ascii());
    // Before what is wrong, whatever belongs together was read.
    let mut groups = (0..=text.len() / group).rev().map(|count| &text[..count * group]);
    let expected = if is_whole { read(text).ok() } else { groups.find_map(|text| read(text).ok()) };
    assert_eq!(Some(&bytes), expected.as_ref(), "{}", text.escape_ascii());
    in_pieces(base, encoding, &stream);
}

impl Converter for Base {
    type Error = BaseError;

    fn convert(&mut self, input: &mut Cursor<'_>, out: &mut SmallBlocks, is_last: bool) -> Result<(), BaseError> {
        if is_last { self.finish(input, out) } else { self.decode(input, out) }
    }

    fn is_exhausted(error: &BaseError) -> bool {
        matches!(error, BaseError::Write(_))
    }
}

/// Encodes the stream itself, piece by piece and as one of many chunks, and decodes that.
fn in_pieces(base: Base, encoding: &Encoding, stream: &Stream) {
    let expected = encoding.encode(&stream.bytes);
    let (mut encoder, mut out) = (BaseEncoder::new(base), SmallBlocks::of(9));
    stream.pieces().into_iter().try_for_each(|piece| encoder.encode(piece, &mut out)).expect("there are blocks");
    encoder.finish(&mut out).expect("there are blocks");
    assert_eq!(out.bytes(), expected.as_bytes());
    let mut out = SmallBlocks::of(9);
    base.of(stream.buffer().as_sequence()).encode(&mut out).expect("there are blocks");
    assert_eq!(out.bytes(), expected.as_bytes());
    let (buffer, mut back) = (SequenceBuf::from(expected), Vec::new());
    base.finish(&mut buffer.as_sequence().cursor(), &mut back).expect("it was encoded");
    assert_eq!(back, stream.bytes);
}
