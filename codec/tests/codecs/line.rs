//! The line decoder at every split of its input, against a naive splitter.

use headpond_codec::{
    Decoded, Decoder,
    line::{LineDecoder, LineEnding},
};
use headpond_pool::{SequenceBuf, Slice};
use tokio_util::codec::{Decoder as _, LinesCodec};

use crate::splits;

/// What became of a stream: its lines, and the offset of the one too long that ended it.
type Naive = (Vec<Vec<u8>>, Option<u64>);

const TEXTS: [&[u8]; 12] = [
    b"",
    b"\n",
    b"\r\n",
    b"\r",
    b"one",
    b"one\ntwo\r\nthree\rfour\n\r\n\r\r\nfive",
    b"\n\n\n",
    b"\r\n\r\n",
    b"a\r\nb\n",
    b"four\nfive!\nand more\n",
    b"four\r\nfive!\r\nand more\r\n",
    b"\xff\x00\n\xfe\r",
];

/// One line at a time, with everything at hand.
fn naive(text: &[u8], ending: LineEnding, max_len: usize) -> Naive {
    let (mut lines, mut start) = (Vec::new(), 0);
    while start < text.len() {
        let rest = &text[start..];
        let end = (0..rest.len()).find_map(|at| match ending {
            LineEnding::Lf => (rest[at] == b'\n').then_some((at, 1)),
            LineEnding::CrLf => rest[at..].starts_with(b"\r\n").then_some((at, 2)),
            _ if rest[at..].starts_with(b"\r\n") => Some((at, 2)),
            _ => (rest[at] == b'\n').then_some((at, 1)),
        });
        let (len, passed) = end.unwrap_or((rest.len(), 0));
        if len > max_len {
            return (lines, Some(start as u64));
        }
        lines.push(rest[..len].to_vec());
        start += len + passed;
    }
    (lines, None)
}

#[test]
fn every_split_gives_the_same_lines() {
    for text in TEXTS {
        for ending in [LineEnding::Lf, LineEnding::CrLf, LineEnding::Any] {
            for max_len in [0, 1, 3, 4, 5, 100] {
                let expected = naive(text, ending, max_len);
                let decoder = LineDecoder::new().ending(ending).max_len(max_len);
                let found = splits::outcome(text, || decoder.clone(), |line| line.to_vec());
                let error =
                    expected.1.map(|offset| format!("the line at offset {offset} is longer than {max_len} bytes"));
                assert_eq!(found, (expected.0, error), "{ending:?} {max_len} {text:?}");
            }
        }
    }
}

/// The standard library's lines, and `tokio_util`'s, which takes a `\r` off the end of the stream as well.
#[test]
fn the_references_take_the_same_lines() {
    for text in TEXTS.iter().filter_map(|text| std::str::from_utf8(text).ok()) {
        let lines = splits::items(text.as_bytes(), LineDecoder::new, |line| String::from_utf8(line.to_vec()).unwrap());
        assert_eq!(lines, text.lines().collect::<Vec<_>>(), "{text:?}");
        let (mut reference, mut buffer) = (LinesCodec::new(), text.into());
        let mut theirs: Vec<String> = std::iter::from_fn(|| reference.decode_eof(&mut buffer).unwrap()).collect();
        if text.ends_with('\r') {
            // Of nothing but that it makes no line.
            if text == "\r" {
                theirs.push(String::new());
            }
            theirs.last_mut().unwrap().push('\r');
        }
        assert_eq!(lines, theirs, "{text:?}");
    }
}

#[test]
fn a_line_too_long_is_refused_before_it_is_gathered() {
    let mut decoder = LineDecoder::new().ending(LineEnding::Lf).max_len(4);
    let buffer = SequenceBuf::from("four\nfive!");
    let mut cursor = buffer.as_sequence().cursor();
    assert_eq!(decoder.decode(&mut cursor).unwrap().value().unwrap(), "four");
    let error = decoder.decode(&mut cursor).unwrap_err();
    assert_eq!((error.offset, error.limit), (5, 4));
    assert_eq!(error.to_string(), "the line at offset 5 is longer than 4 bytes");
    assert_eq!(cursor.remaining(), "five!", "the cursor stays where the line begins");
}

#[test]
fn lines_are_parts_of_the_stream_and_share_its_memory() {
    let buffer = SequenceBuf::from_iter([Slice::from("he"), Slice::from("llo\nworld\n")]);
    let mut cursor = buffer.as_sequence().cursor();
    let mut decoder = LineDecoder::new();
    let line = decoder.decode(&mut cursor).unwrap().value().unwrap();
    assert_eq!((line.start().offset(), line.end().offset()), (0, 5));
    assert_eq!(line.chunks().count(), 2);
    let line = decoder.decode(&mut cursor).unwrap().value().unwrap();
    assert_eq!((line.start().offset(), line.end().offset()), (6, 11));
    let whole = buffer.as_sequence();
    let last_chunk = whole.chunks().next_back().unwrap();
    assert_eq!(line.first_chunk().as_ptr(), last_chunk[4..].as_ptr());
}

/// A position that was searched is not searched again, and one of another line is not mistaken for it.
#[test]
fn a_decoder_that_was_reset_or_moved_on_searches_anew() {
    let mut decoder = LineDecoder::new();
    let first = SequenceBuf::from("no ending yet");
    assert!(decoder.decode(&mut first.as_sequence().cursor()).unwrap() == Decoded::NeedMore(1));
    decoder.reset();
    let second = SequenceBuf::from("a\nb");
    assert_eq!(decoder.decode(&mut second.as_sequence().cursor()).unwrap().value().unwrap(), "a");

    let mut decoder = LineDecoder::new();
    assert!(decoder.decode(&mut first.as_sequence().cursor()).unwrap() == Decoded::NeedMore(1));
    let other = SequenceBuf::from("no\nending\n");
    let mut cursor = other.as_sequence().cursor();
    cursor.skip(3).unwrap();
    assert_eq!(decoder.decode(&mut cursor).unwrap().value().unwrap(), "ending");
}

/// Who must know whether a line is whole says so: what is left at the end of the stream is then no line.
#[test]
fn a_line_without_its_end_is_refused_on_request() {
    for ending in [LineEnding::Lf, LineEnding::CrLf, LineEnding::Any] {
        let decoder = LineDecoder::new().ending(ending).require_ending(true);
        let read = |bytes: &[u8]| splits::outcome(bytes, || decoder.clone(), |line| line.to_vec());
        assert_eq!(read(b"one\r\ntwo").1.as_deref(), Some("truncated"));
        assert_eq!(read(b"one\r\n\r").1.as_deref(), Some("truncated"));
        assert_eq!(read(b"one\r\n").1, None);
        assert_eq!(read(b"").1, None);
        let buffer = SequenceBuf::from("\r\nDELETE /a");
        let (mut lines, mut cursor) = (decoder.clone(), buffer.as_sequence().cursor());
        assert!(lines.finish(&mut cursor).unwrap().is_some());
        let error = lines.finish(&mut cursor).unwrap_err();
        assert!(matches!(error, headpond_codec::FinishError::Truncated { offset: 2, end: 11, .. }), "{error}");
        assert_eq!(cursor.remaining(), "DELETE /a");
    }
    let mut lines = LineDecoder::new();
    assert_eq!(lines.finish(&mut SequenceBuf::from("two").as_sequence().cursor()).unwrap().unwrap(), "two");
}
