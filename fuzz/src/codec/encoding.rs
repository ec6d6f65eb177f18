//! Text in the WHATWG's encodings, against `encoding_rs` on one flat buffer.

use encoding_rs::{
    BIG5, DecoderResult, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, ISO_8859_8, REPLACEMENT, SHIFT_JIS,
    UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED,
};
use headpond_codec::{
    encoding::{ByteOrderMark, DecodeTextError, EncodeTextError, TextDecoder, TextEncoder},
    utf8::Malformed,
};
use headpond_pool::Cursor;

use super::{
    Stream,
    conversion::{Converted, Converter, SmallBlocks},
};

/// What a stream is made of: items are texts, in the encoding of that number.
pub type Op = super::Op<(u8, String)>;

/// One of each kind that `encoding_rs` has code for.
const ENCODINGS: [&Encoding; 14] = [
    UTF_8,
    UTF_16LE,
    UTF_16BE,
    WINDOWS_1252,
    SHIFT_JIS,
    EUC_JP,
    ISO_2022_JP,
    GB18030,
    GBK,
    BIG5,
    EUC_KR,
    ISO_8859_8,
    X_USER_DEFINED,
    REPLACEMENT,
];

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let words: &[&[u8]] = &[
        b"\xef\xbb\xbf",
        b"\xfe\xff",
        b"\xff\xfe",
        b"\xef\xbb",
        b"\xd8\x3d\xde\x00",
        b"\xd8\x00",
        b"\x1b$B",
        b"\x1b(J",
        b"\x1b(B",
        b"\x1b(I",
        b"\x1b",
        b"\x82\xa0",
        b"\x8f\xa2\xb7",
        b"\x88\x62",
        b"\x84\x31\xa4\x37",
        b"\x81\x30",
        b"\x90\x30\x81\x30",
        b"text",
    ];
    let stream = Stream::of(ops, words, |(encoding, text), out| {
        let mut encoder = TextEncoder::new(encoding_of(*encoding)).unmappable(Malformed::Replace);
        encoder.encode(text, out).and_then(|()| encoder.finish(out)).expect("a Vec has memory");
    });
    let encoding = encoding_of(stream.variant);
    let options = stream.limit.unwrap_or_default();
    let mark = [ByteOrderMark::Sniff, ByteOrderMark::Remove, ByteOrderMark::Keep][options % 3];
    let malformed = [Malformed::Replace, Malformed::Refuse][options / 3 % 2];
    let decoded = stream.convert(|| TextDecoder::new(encoding).mark(mark).malformed(malformed));
    assert_eq!(decoded, flat(&stream.bytes, encoding, mark, malformed));
    let text = String::from_utf8(decoded.0).expect("whole characters are written");
    encode(&text, &stream.cuts, encoding, Malformed::Replace);
    encode(&text, &stream.cuts, encoding, Malformed::Refuse);
}

fn encoding_of(number: u8) -> &'static Encoding {
    ENCODINGS[usize::from(number) % ENCODINGS.len()]
}

impl Converter for TextDecoder {
    type Error = DecodeTextError;

    fn convert(&mut self, input: &mut Cursor<'_>, out: &mut SmallBlocks, is_last: bool) -> Result<(), DecodeTextError> {
        if is_last { self.finish(input, out) } else { self.decode(input, out) }
    }

    fn is_exhausted(error: &DecodeTextError) -> bool {
        matches!(error, DecodeTextError::Write(_))
    }
}

/// What `encoding_rs` makes of all the bytes at once.
fn flat(bytes: &[u8], encoding: &'static Encoding, mark: ByteOrderMark, malformed: Malformed) -> Converted {
    let (encoding, mark_len) = match (mark, Encoding::for_bom(bytes)) {
        (ByteOrderMark::Sniff, Some(found)) => found,
        (ByteOrderMark::Remove, Some((found, len))) if found == encoding => (encoding, len),
        _ => (encoding, 0),
    };
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (mut text, mut at) = (String::with_capacity(4 * bytes.len() + 64), mark_len);
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(&bytes[at..], &mut text, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => return (text.into_bytes(), None),
            DecoderResult::OutputFull => panic!("no byte becomes more than four"),
            DecoderResult::Malformed(..) if malformed == Malformed::Replace => text.push(char::REPLACEMENT_CHARACTER),
            DecoderResult::Malformed(len, behind) => {
                let offset = (at - usize::from(len + behind)) as u64;
                let error = DecodeTextError::Malformed { offset, len: len.into(), encoding: encoding.name() };
                return (text.into_bytes(), Some(error.to_string()));
            }
        }
    }
}

/// Encodes a text in pieces, into blocks that run out.
fn encode(text: &str, cuts: &[usize], encoding: &'static Encoding, unmappable: Malformed) {
    let (mut encoder, mut out) = (TextEncoder::new(encoding).unmappable(unmappable), Vec::new());
    let cuts = cuts.iter().copied().filter(|&cut| text.is_char_boundary(cut)).chain([text.len()]);
    let (mut done, mut refused) = (0, None);
    'pieces: for cut in cuts {
        // A block may have no room for a character and the escape sequences around it: the next one is of the length asked for.
        while done < cut {
            let mut blocks = SmallBlocks::of(10).at_most(2);
            let result = encoder.encode(&text[done..cut], &mut blocks);
            out.extend(blocks.bytes());
            match result {
                Ok(()) => done = cut,
                Err(EncodeTextError::Write { taken, .. }) => done += taken,
                Err(EncodeTextError::Unmappable { taken, character, .. }) => {
                    done += taken;
                    refused = Some(character);
                    break 'pieces;
                }
                Err(error) => panic!("another error: {error}"),
            }
        }
    }
    encoder.finish(&mut out).expect("a Vec has memory");
    let expected: Vec<u8> = if encoding == UTF_16LE {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    } else if encoding == UTF_16BE {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    } else {
        encoding.encode(&text[..done]).0.into_owned()
    };
    assert_eq!(out, expected, "{} in {}", text.escape_unicode(), encoding.name());
    if let Some(character) = refused {
        assert!(text[done..].starts_with(character));
        let (_, _, is_replaced) = encoding.encode(character.encode_utf8(&mut [0; 4]));
        assert!(is_replaced, "{character:?} has a place in {}", encoding.name());
    } else if unmappable == Malformed::Refuse {
        assert_eq!(done, text.len());
    }
}
