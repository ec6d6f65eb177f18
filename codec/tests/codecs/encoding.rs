//! Every encoding of the standard, both ways, over every split: held against `encoding_rs` on the same input at once.

use encoding_rs::{
    BIG5, DecoderResult, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE,
    WINDOWS_1252,
};
use headpond_codec::{
    Decoder,
    encoding::{ByteOrderMark, DecodeTextError, EncodeTextError, TextDecoder, TextEncoder},
    utf8::{Malformed, Utf8Decoder},
};
use headpond_pool::{SequenceBuf, Slice};

use crate::{cuts, small_blocks::SmallBlocks, splits};

/// The names of the standard, which are labels too.
const NAMES: [&str; 40] = [
    "UTF-8",
    "IBM866",
    "ISO-8859-2",
    "ISO-8859-3",
    "ISO-8859-4",
    "ISO-8859-5",
    "ISO-8859-6",
    "ISO-8859-7",
    "ISO-8859-8",
    "ISO-8859-8-I",
    "ISO-8859-10",
    "ISO-8859-13",
    "ISO-8859-14",
    "ISO-8859-15",
    "ISO-8859-16",
    "KOI8-R",
    "KOI8-U",
    "macintosh",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "x-mac-cyrillic",
    "GBK",
    "gb18030",
    "Big5",
    "EUC-JP",
    "ISO-2022-JP",
    "Shift_JIS",
    "EUC-KR",
    "replacement",
    "UTF-16BE",
    "UTF-16LE",
    "x-user-defined",
];

fn all() -> impl Iterator<Item = &'static Encoding> {
    NAMES.iter().map(|name| Encoding::for_label(name.as_bytes()).unwrap())
}

/// Bytes that all look like text of some encoding, and end within a character of many.
const TRAPS: [&[u8]; 8] = [
    b"",
    b"plain ASCII, longer than a block of eight",
    b"\x82\xa0\x83\x8f\xb0\xa1\xa4\xa2\x8f\xb0\xa1\x81\x30\x81\x30\x84\x31\xa4\x37\x81",
    b"\x1b$B$\"$\x1b(J\\~\x1b(I1\x1b(B\x0e\x1b$@\x30\x21\x1b",
    b"\x00\xd8\x00\xdc\xd8\x3e\xdd\x80\x61\x00\xdc\x00\xd8\xd8\x00",
    b"\x88\x62\x88\x64\xa4\x40\xff\xfe\x80\xe2\x82\xac\xf0\x9f\xa6\x80\xed\xa0\x80\xc3",
    b"\xef\xbb\xbf\xfe\xff\xff\xfe\x41\xef\xbb",
    b"\x81\x81\x30\x81\x30\xff\x30\x84\x31\x82\x36\xe3\x32\x9a\x35\xe3\x32\x9a\x36",
];

/// What becomes of pieces, written into blocks of eight bytes.
fn decoded(pieces: &[&[u8]], mut decoder: TextDecoder) -> (Vec<u8>, Option<DecodeTextError>) {
    let mut out = SmallBlocks::of(8);
    let mut buffer = SequenceBuf::new();
    for piece in pieces {
        buffer.push(Slice::copy_from_slice(piece));
        let mut cursor = buffer.as_sequence().cursor();
        if let Err(error) = decoder.decode(&mut cursor, &mut out) {
            return (out.bytes(), Some(error));
        }
        let consumed = cursor.position() - buffer.start();
        buffer.consume(consumed);
    }
    let error = decoder.finish(&mut buffer.as_sequence().cursor(), &mut out).err();
    (out.bytes(), error)
}

fn offset_of(error: &DecodeTextError) -> (u64, usize) {
    match error {
        DecodeTextError::Malformed { offset, len, .. } => (*offset, *len),
        other => panic!("{other}"),
    }
}

/// What `encoding_rs` refuses first, at once: what comes before it, where it stands, and how long it is.
fn first_malformed(bytes: &[u8], encoding: &'static Encoding) -> Option<(Vec<u8>, (u64, usize))> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = vec![0; decoder.max_utf8_buffer_length(bytes.len()).unwrap()];
    match decoder.decode_to_utf8_without_replacement(bytes, &mut text, true) {
        (DecoderResult::Malformed(len, behind), read, written) => {
            text.truncate(written);
            Some((text, ((read - usize::from(len) - usize::from(behind)) as u64, len.into())))
        }
        _ => None,
    }
}

#[test]
fn every_encoding_is_decoded_alike_wherever_it_is_cut() {
    let every_byte: Vec<u8> = (0..=255).rev().collect();
    for encoding in all() {
        for bytes in TRAPS.into_iter().chain([&every_byte[..]]) {
            let (text, _) = encoding.decode_without_bom_handling(bytes);
            let refused = first_malformed(bytes, encoding);
            let decoder = || TextDecoder::new(encoding).mark(ByteOrderMark::Keep);
            splits::for_each_arrival(bytes, |pieces| {
                let (found, error) = decoded(pieces, decoder().malformed(Malformed::Replace));
                assert!(error.is_none());
                assert_eq!(String::from_utf8(found).unwrap(), text, "{} {pieces:x?}", encoding.name());
                let (found, error) = decoded(pieces, decoder());
                let error = error.as_ref().map(offset_of);
                match &refused {
                    Some((before, place)) => assert_eq!((&found, error), (before, Some(*place)), "{pieces:x?}"),
                    None => assert_eq!((&found[..], error), (text.as_bytes(), None), "{pieces:x?}"),
                }
            });
        }
    }
}

/// In chunks of every size, among them empty ones.
#[test]
fn every_encoding_is_decoded_alike_in_every_layout() {
    for (encoding, bytes) in all().flat_map(|encoding| TRAPS.map(|bytes| (encoding, bytes))) {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        let refused = first_malformed(bytes, encoding);
        cuts::for_each_cut(bytes, |sequence| {
            let decoder = || TextDecoder::new(encoding).mark(ByteOrderMark::Keep);
            let mut out = SmallBlocks::of(8);
            decoder().malformed(Malformed::Replace).finish(&mut sequence.cursor(), &mut out).unwrap();
            assert_eq!(String::from_utf8(out.bytes()).unwrap(), text, "{} {sequence:?}", encoding.name());
            let mut out = SmallBlocks::of(8);
            let error = decoder().finish(&mut sequence.cursor(), &mut out).err();
            let place = error.as_ref().map(offset_of).map(|(at, len)| (at - sequence.start().offset(), len));
            assert_eq!(place, refused.as_ref().map(|(_, place)| *place), "{} {sequence:?}", encoding.name());
            let before = refused.as_ref().map_or(text.as_bytes(), |(before, _)| before);
            assert_eq!(out.bytes(), before, "{} {sequence:?}", encoding.name());
        });
    }
}

#[test]
fn what_was_refused_is_refused_until_a_reset() {
    let mut decoder = TextDecoder::new(SHIFT_JIS);
    let buffer = SequenceBuf::from(&b"ab\x82\xff"[..]);
    let mut out = Vec::new();
    let error = decoder.decode(&mut buffer.as_sequence().cursor(), &mut out).unwrap_err();
    assert_eq!(error.to_string(), "the 2 bytes at offset 2 are no Shift_JIS");
    assert_eq!(out, b"ab");
    let good = SequenceBuf::from("good");
    let error = decoder.decode(&mut good.as_sequence().cursor(), &mut out).unwrap_err();
    assert_eq!(offset_of(&error), (2, 2));
    decoder.reset();
    decoder.finish(&mut good.as_sequence().cursor(), &mut out).unwrap();
    decoder.finish(&mut good.as_sequence().cursor(), &mut out).unwrap();
    assert_eq!(out, b"abgoodgood");
}

/// Marks, with what each way makes of them in an encoding.
#[test]
fn byte_order_marks() {
    use ByteOrderMark::{Keep, Remove, Sniff};
    for (mark, encoding, bytes, text) in [
        (Sniff, WINDOWS_1252, &b"\xef\xbb\xbf\xc3\xa9"[..], "é"),
        (Sniff, WINDOWS_1252, b"\xff\xfe\xe9\0", "é"),
        (Sniff, WINDOWS_1252, b"\xfe\xff\0\xe9", "é"),
        (Sniff, WINDOWS_1252, b"\xef\xbb", "ï»"),
        (Sniff, WINDOWS_1252, b"\xff", "ÿ"),
        (Sniff, WINDOWS_1252, b"\xef\xbba", "ï»a"),
        (Sniff, UTF_16LE, b"\xfe\xff\0\xe9", "é"),
        (Sniff, UTF_8, b"", ""),
        (Remove, WINDOWS_1252, b"\xff\xfe\xe9", "ÿþé"),
        (Remove, UTF_16BE, b"\xff\xfe\0a", "\u{fffe}a"),
        (Remove, UTF_16BE, b"\xfe\xff\0a", "a"),
        (Remove, UTF_8, b"\xef\xbb\xbf\xef\xbb\xbfa", "\u{feff}a"),
        (Keep, UTF_8, b"\xef\xbb\xbfa", "\u{feff}a"),
        (Keep, UTF_16LE, b"\xff\xfea\0", "\u{feff}a"),
    ] {
        splits::for_each_arrival(bytes, |pieces| {
            let (found, error) = decoded(pieces, TextDecoder::new(encoding).mark(mark));
            assert!(error.is_none(), "{error:?}");
            assert_eq!(String::from_utf8(found).unwrap(), text, "{mark:?} {} {pieces:x?}", encoding.name());
        });
    }
}

fn encoded(text: &str, encoder: &mut TextEncoder) -> Vec<u8> {
    let mut out = SmallBlocks::of(8);
    encoder.encode(text, &mut out).unwrap();
    encoder.finish(&mut out).unwrap();
    out.bytes()
}

/// Entries of the standard's indexes, as it prints them.
#[test]
fn published_index_entries() {
    for (encoding, bytes, text) in [
        (WINDOWS_1252, &b"\x80\x9f\xff"[..], "€Ÿÿ"),
        (SHIFT_JIS, b"\x82\xa0\x83\x8f\xb1\xfc\x4b", "あワｱ黑"),
        (EUC_JP, b"\xa4\xa2\x8e\xb1", "あｱ"),
        (EUC_KR, b"\xb0\xa1\x81\x41", "가갂"),
        (BIG5, b"\xa4\x40\xa4\x41", "一乙"),
        (GBK, b"\x80\xb0\xa1", "€啊"),
        (
            GB18030,
            b"\x81\x30\x81\x30\xa2\xe3\x84\x31\xa4\x37\x90\x30\x81\x30\xe3\x32\x9a\x35",
            "\u{80}€\u{fffd}\u{10000}\u{10ffff}",
        ),
        (ISO_2022_JP, b"a\x1b$B$\"\x1b(B", "aあ"),
    ] {
        assert_eq!(encoded(text, &mut TextEncoder::new(encoding)), bytes, "{}", encoding.name());
        assert_eq!(decoded(&[bytes], TextDecoder::new(encoding)).0, text.as_bytes(), "{}", encoding.name());
    }
    // These are only decoded: an entry of two characters, and one of JIS X 0212.
    assert_eq!(decoded(&[b"\x88\x62"], TextDecoder::new(BIG5)).0, "\u{ca}\u{304}".as_bytes());
    assert_eq!(decoded(&[b"\x8f\xb0\xa1"], TextDecoder::new(EUC_JP)).0, "丂".as_bytes());
}

/// The standard's indexes of pairs of bytes: how many entries each has, and the sum over the bytes and the characters of all of them, in
/// their order (FNV-1a, after Fowler, Noll and Vo). Both are of lists generated from the standard's `indexes.json`, not of what
/// any code here decodes.
#[test]
fn every_entry_of_the_published_indexes_is_read_as_it_says() {
    fn sum(sum: u64, bytes: &[u8]) -> u64 {
        bytes.iter().fold(sum, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
    }
    for (encoding, before, leads, entries, expected) in [
        (GB18030, &b""[..], 0x81..=0xfe, 23_940, 0xb8ef_8485_9a25_21f6),
        (GBK, b"", 0x81..=0xfe, 23_940, 0xb8ef_8485_9a25_21f6),
        (BIG5, b"", 0x81..=0xfe, 18_590 + 4, 0xffbb_6de7_f6fe_6072),
        (EUC_KR, b"", 0x81..=0xfe, 17_048, 0xdb81_71e3_b102_b62a),
        // With the private ones.
        (SHIFT_JIS, b"", 0x81..=0xfc, 9_604, 0x02ad_2d72_5f6d_7c89),
        // JIS X 0208, and JIS X 0212 behind a byte of its own.
        (EUC_JP, b"", 0xa1..=0xfe, 7_336, 0xee7d_07e4_3218_a024),
        (EUC_JP, b"\x8f", 0xa1..=0xfe, 6_067, 0x59c8_dbcf_db47_e09b),
    ] {
        let (mut decoder, mut text) = (TextDecoder::new(encoding).mark(ByteOrderMark::Keep), Vec::new());
        let (mut found, mut of_all) = (0, 0xcbf2_9ce4_8422_2325);
        // These are characters of one byte.
        let leads = leads.filter(|lead| encoding != SHIFT_JIS || !(0xa0..0xe0).contains(lead));
        for (lead, trail) in leads.flat_map(|lead| (0x40..=0xfe).map(move |trail| (lead, trail))) {
            let bytes = [before, &[lead, trail]].concat();
            let buffer: SequenceBuf = bytes.chunks(1).map(Slice::copy_from_slice).collect();
            text.clear();
            decoder.reset();
            if decoder.finish(&mut buffer.as_sequence().cursor(), &mut text).is_ok() {
                (found, of_all) = (found + 1, sum(sum(of_all, &bytes), &text));
            }
        }
        assert_eq!((found, of_all), (entries, expected), "{} {before:x?}", encoding.name());
    }
}

/// Every byte of the encodings of single bytes, and back.
#[test]
fn every_pointer_of_one_byte_goes_round() {
    let mut mapped = 0;
    for encoding in all().filter(|encoding| encoding.is_single_byte()) {
        for byte in 0..=255 {
            let (text, error) = decoded(&[&[byte]], TextDecoder::new(encoding));
            if error.is_none() {
                let text = String::from_utf8(text).unwrap();
                assert_eq!(encoded(&text, &mut TextEncoder::new(encoding)), [byte], "{}", encoding.name());
                mapped += 1;
            }
        }
    }
    assert!(mapped > 28 * 200, "{mapped} bytes are mapped");
}

/// Every pair of bytes that is text: read one byte at a time, and written again.
///
/// What is written is the pair, unless the index has its characters twice, or only for reading: Big5's first rows and the
/// private ones of Shift_JIS. How many there are, the standard's index files tell; Big5 has four more, of two characters.
#[test]
fn every_pointer_of_two_bytes_goes_round() {
    for (encoding, entries) in
        [(GBK, 23_940), (GB18030, 23_940), (BIG5, 18_590 + 4), (EUC_KR, 17_048), (EUC_JP, 0), (SHIFT_JIS, 0)]
    {
        let pairs = (0x81..=0xfe).flat_map(|lead| (0x40..=0xfe).map(move |trail| [lead, trail]));
        let (mut bytes, mut texts) = (Vec::new(), Vec::new());
        for pair in pairs {
            if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(&pair) {
                texts.push(text.into_owned());
                bytes.extend_from_slice(&pair);
            }
        }
        assert!(entries == 0 || texts.len() == entries, "{} has {} pairs", encoding.name(), texts.len());
        let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(decoded(&pieces, TextDecoder::new(encoding)).0, texts.concat().as_bytes(), "{}", encoding.name());

        let mut only_read = 0;
        for (pair, text) in bytes.chunks(2).zip(&texts) {
            let mut out = Vec::new();
            match TextEncoder::new(encoding).encode(text, &mut out) {
                Ok(()) => assert!(
                    out == pair || encoding.decode_without_bom_handling(&out).0 == *text,
                    "{} {pair:x?} {out:x?}",
                    encoding.name()
                ),
                Err(EncodeTextError::Unmappable { .. }) => only_read += 1,
                Err(error) => panic!("{error}"),
            }
        }
        let private = if encoding == SHIFT_JIS { 1_880 } else { 0 };
        assert!(encoding == BIG5 || only_read == private, "{} does not write {only_read}", encoding.name());
    }
}

/// Every character there is, in the encodings that have all of them, against the reference at once. The standard takes
/// one out of gb18030, since two would be written alike.
#[test]
fn every_character_goes_round() {
    let text: String = ('\0'..=char::MAX).filter(|&character| character != '\u{e5e5}').collect();
    assert!(TextEncoder::new(GB18030).encode("\u{e5e5}", &mut Vec::new()).is_err());
    let (utf16, (gb18030, _, _)) = (text.encode_utf16(), GB18030.encode(&text));
    let big: Vec<u8> = utf16.clone().flat_map(u16::to_be_bytes).collect();
    let little: Vec<u8> = utf16.flat_map(u16::to_le_bytes).collect();
    for (encoding, bytes) in [(UTF_8, text.as_bytes()), (UTF_16BE, &big), (UTF_16LE, &little), (GB18030, &gb18030)] {
        let mut out = Vec::new();
        let mut encoder = TextEncoder::new(encoding);
        encoder.encode(&text, &mut out).unwrap();
        encoder.finish(&mut out).unwrap();
        assert!(out == bytes, "{}", encoding.name());
        let buffer: SequenceBuf = bytes.chunks(4099).map(Slice::copy_from_slice).collect();
        let (mut decoder, mut back) = (TextDecoder::new(encoding).mark(ByteOrderMark::Keep), Vec::new());
        decoder.finish(&mut buffer.as_sequence().cursor(), &mut back).unwrap();
        // GB 18030-2022 moved a few characters out of the private area: those are written as before, and read as what they are.
        let read = encoding.decode_without_bom_handling(bytes).0;
        let moved = read.chars().zip(text.chars()).filter(|(read, written)| read != written).count();
        assert!(back == read.as_bytes(), "{}", encoding.name());
        assert_eq!(moved, if encoding == GB18030 { 18 } else { 0 }, "{}", encoding.name());
    }
}

/// Text of many scripts, cut at every character, into every encoding.
#[test]
fn every_encoding_is_encoded_alike_wherever_the_text_is_cut() {
    let text = "aé€ßЖאبกあワｱ가一丂啊🦀\u{e000}\u{ca}\u{304}~\\¥‾\x1b\x0e z";
    for encoding in all().filter(|encoding| ![UTF_16BE, UTF_16LE].contains(encoding)) {
        let (bytes, _, unmappable) = encoding.encode(text);
        for (cut, _) in text.char_indices().chain([(text.len(), ' ')]) {
            for before in 0..8 {
                let mut out = SmallBlocks::of(8);
                let mut encoder = TextEncoder::new(encoding).unmappable(Malformed::Replace);
                encoder.encode(&"-".repeat(before), &mut out).unwrap();
                encoder.encode(&text[..cut], &mut out).unwrap();
                encoder.encode(&text[cut..], &mut out).unwrap();
                encoder.finish(&mut out).unwrap();
                assert_eq!(out.bytes()[before..], *bytes, "{} {cut}", encoding.name());
            }
        }
        let error = TextEncoder::new(encoding).encode(text, &mut Vec::new()).err();
        assert_eq!(error.is_some(), unmappable, "{}", encoding.name());
    }
}

#[test]
fn a_character_without_a_place_is_named_and_the_rest_goes_on_behind_it() {
    let (mut out, mut encoder) = (Vec::new(), TextEncoder::new(ISO_2022_JP));
    let text = "あ🦀あ";
    match encoder.encode(text, &mut out).unwrap_err() {
        EncodeTextError::Unmappable { taken, character, encoding } => {
            assert_eq!((taken, character, encoding), (3, '🦀', "ISO-2022-JP"));
            encoder.encode(&text[taken + character.len_utf8()..], &mut out).unwrap();
        }
        other => panic!("{other}"),
    }
    encoder.finish(&mut out).unwrap();
    assert_eq!(out, b"\x1b$B$\"\x1b(B\x1b$B$\"\x1b(B");
}

/// Memory for so many blocks, then for more: nothing is lost and nothing comes twice, wherever it runs out.
#[test]
fn a_writer_without_memory_loses_nothing() {
    let text = "aあb😀é\u{3000}ー".repeat(3);
    for encoding in [SHIFT_JIS, ISO_2022_JP, GB18030, UTF_16LE, UTF_8] {
        let (unmappable, bytes) = (Malformed::Replace, encoded_lossy(&text, encoding));
        for blocks in 0..40 {
            let (mut first, mut second) = (SmallBlocks::of(8).at_most(blocks), Vec::new());
            let mut encoder = TextEncoder::new(encoding).unmappable(unmappable);
            let taken = match encoder.encode(&text, &mut first) {
                Ok(()) => text.len(),
                Err(EncodeTextError::Write { taken, .. }) => taken,
                Err(error) => panic!("{error}"),
            };
            encoder.encode(&text[taken..], &mut second).unwrap();
            encoder.finish(&mut second).unwrap();
            assert_eq!([first.bytes(), second].concat(), bytes, "{} {blocks}", encoding.name());

            let input = [&bytes[..], b"\xff\xff\xff"].concat();
            let expected = encoding.decode_without_bom_handling(&input).0;
            let buffer: SequenceBuf = input.chunks(3).map(Slice::copy_from_slice).collect();
            let mut cursor = buffer.as_sequence().cursor();
            let (mut first, mut second) = (SmallBlocks::of(8).at_most(blocks), Vec::new());
            let mut decoder = TextDecoder::new(encoding).mark(ByteOrderMark::Keep).malformed(Malformed::Replace);
            let _ = decoder.decode(&mut cursor, &mut first);
            decoder.finish(&mut cursor, &mut second).unwrap();
            let found = [first.bytes(), second].concat();
            assert_eq!(String::from_utf8(found).unwrap(), expected, "{} {blocks}", encoding.name());
        }
    }
}

fn encoded_lossy(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    encoded(text, &mut TextEncoder::new(encoding).unmappable(Malformed::Replace))
}

/// From one encoding to another by way of UTF-8, block by block.
#[test]
fn streams_are_transcoded_through_utf8_parts() {
    let text = "naïve café, 5 €";
    let (source, _, _) = WINDOWS_1252.encode(text);
    let mut utf8 = SmallBlocks::of(3);
    let source = SequenceBuf::from(source.into_owned());
    TextDecoder::new(WINDOWS_1252).finish(&mut source.as_sequence().cursor(), &mut utf8).unwrap();
    let blocks: SequenceBuf = utf8.bytes().chunks(1).map(Slice::copy_from_slice).collect();
    let (mut parts, mut cursor) = (Utf8Decoder::new(), blocks.as_sequence().cursor());
    let (mut encoder, mut out) = (TextEncoder::new(UTF_16BE), Vec::new());
    while let Some(part) = parts.finish(&mut cursor).unwrap() {
        encoder.encode(&part, &mut out).unwrap();
    }
    assert_eq!(out, text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>());
}
