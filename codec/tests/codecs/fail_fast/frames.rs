//! Frames: what they announce, and what they end with.

use headpond_codec::{
    cobs::Cobs,
    delimited::Delimited,
    length_delimited::LengthDelimited,
    line::{LineDecoder, LineEnding},
    netstring::Netstring,
    prefix::{LengthPrefix, Prefixed},
};

use super::{STREAMS, Streams};

const PREFIXES: [LengthPrefix; 6] = [
    LengthPrefix::U8,
    LengthPrefix::U16Be,
    LengthPrefix::U16Le,
    LengthPrefix::U32Be,
    LengthPrefix::U32Le,
    LengthPrefix::Varint,
];

#[test]
fn prefixed() {
    let streams = Streams { alphabet: b"\0\x01\x02\x80\xff", len: 6, ends: b"\0", ..STREAMS };
    for prefix in PREFIXES {
        for max_len in [0, 1, 2, 130, 256, 300, 70_000] {
            let streams = Streams { len: if max_len > 300 { 4 } else { 6 }, ..streams };
            streams.check(|| Prefixed::new(prefix).max_len(max_len));
        }
    }
    for prefix in &PREFIXES[..3] {
        Streams { len: 3, ..streams }.check(|| Prefixed::new(*prefix).max_len(usize::MAX));
    }
}

/// The bytes of what a field may hold, and of what it may not, by one.
fn bytes_around(numbers: [i128; 2], width: usize) -> Vec<u8> {
    let around = numbers.into_iter().flat_map(|number| [number - 1, number, number + 1]);
    let fields = around.filter_map(|number| u64::try_from(number).ok());
    let mut bytes: Vec<u8> =
        fields.flat_map(|field| field.to_be_bytes()[8 - width..].to_vec()).chain([0, 255]).collect();
    bytes.sort_unstable();
    bytes.dedup();
    bytes
}

#[test]
fn length_delimited() {
    let all: Vec<u8> = (0..=255).collect();
    for adjustment in [0, 4, -1, -4, -200, -256, -300] {
        for max_len in [0, 1, 5, 200, 300, 1 << 16] {
            for (width, skip) in [1, 2].into_iter().flat_map(|width| [None, Some(0), Some(5)].map(|skip| (width, skip)))
            {
                let least = i128::from(skip == Some(0));
                let range = [least - i128::from(adjustment), max_len as i128 - i128::from(adjustment)];
                // Options may be such that there is no frame.
                if range[0] > 0xff && width == 1 || range[1] < range[0].max(0) {
                    continue;
                }
                let options = LengthDelimited::new().field_len(width).max_len(max_len).adjustment(adjustment as isize);
                let options = skip.map_or(options, |skip| options.skip(skip));
                let alphabet = bytes_around(range, width);
                let streams = Streams { alphabet: &alphabet, len: 3, ends: &all, ..STREAMS };
                streams.check(|| options.big_endian());
                streams.check(|| options.little_endian());
                let streams = Streams { start: b"x", len: 2, ..streams };
                streams.check(|| options.field_offset(1));
            }
        }
    }
}

#[test]
fn netstrings() {
    let streams = Streams { alphabet: b"012:,x", len: 6, ends: b",:0", ..STREAMS };
    for max_len in [0, 1, 2, 3, 12] {
        streams.check(|| Netstring::new().max_len(max_len));
    }
}

#[test]
fn lines() {
    let streams = Streams { alphabet: b"x\r\n", len: 8, ends: b"\n\r", ..STREAMS };
    for ending in [LineEnding::Lf, LineEnding::CrLf, LineEnding::Any] {
        for max_len in [0, 1, 2, 3, 100] {
            let lines = LineDecoder::new().ending(ending).max_len(max_len);
            streams.check(|| lines.clone());
            streams.check(|| lines.clone().require_ending(true));
        }
    }
}

#[test]
fn delimited() {
    let streams = Streams { alphabet: b"-abx", len: 6, ends: b"-ba", ..STREAMS };
    for max_len in [0, 1, 2, 3, 4, 100] {
        // What goes on from each beginning of the delimiter.
        for (delimiter, ends) in [
            (&b"-"[..], b"-xx"),
            (b"--", b"-xx"),
            (b"a-a", b"-ax"),
            (b"-ab", b"ba-"),
            (b"abab", b"bax"),
            (b"aab-", b"-ba"),
        ] {
            let frames = Delimited::by(delimiter).max_len(max_len);
            Streams { ends, ..streams }.check(|| frames.clone());
            Streams { ends, ..streams }.check(|| frames.clone().require_delimiter(true));
        }
        streams.check(|| Delimited::by_any_of(b"-b").max_len(max_len));
    }
}

#[test]
fn cobs() {
    let streams = Streams { alphabet: b"\0\x01\x02\x03\x05\xff", len: 6, ends: b"\0\x01", ..STREAMS };
    for max_len in [0, 1, 2, 3, 5] {
        streams.check(|| Cobs::new().max_len(max_len));
    }
    // The longest run that there is, up to where it ends.
    let run = [&[5, 1, 1, 1, 1, 6], &[1; 4][..]].concat();
    Streams { start: &run, ..streams }.check(|| Cobs::new().max_len(20));
}
