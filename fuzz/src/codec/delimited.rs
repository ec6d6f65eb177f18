//! Frames behind a delimiter, against a search for each.

use headpond_codec::{Encoder, delimited::Delimited};

use super::{End, Outcome, Stream};

/// What a stream is made of: items are frames.
pub type Op = super::Op<Vec<u8>>;

/// Delimiters with ends like beginnings, and a set.
const DELIMITERS: [&[u8]; 5] = [b"\r\n", b"aab", b"aa", b"\n", b",;"];

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let stream = Stream::of(ops, &[b"\r\n", b"\r", b"aab", b"aa", b"a", b",", b";", b"\n"], |frame, out| {
        out.extend_from_slice(frame);
        out.extend_from_slice(b"aab\r\n,");
    });
    let which = usize::from(stream.variant) % DELIMITERS.len();
    let (delimiter, limit) = (DELIMITERS[which], stream.limit.unwrap_or(1 << 16));
    let is_set = which + 1 == DELIMITERS.len();
    let make = || (if is_set { Delimited::by_any_of(delimiter) } else { Delimited::by(delimiter) }).max_len(limit);
    let ends: Vec<&[u8]> = if is_set { delimiter.chunks(1).collect() } else { vec![delimiter] };
    let (frames, end) = stream.decode(make, |frames, frame| frames.push(frame.to_vec()));
    assert_eq!((&frames, end.kind()), (&read(&stream.bytes, &ends, limit).0, read(&stream.bytes, &ends, limit).1));
    for frame in frames {
        let mut out = Vec::new();
        let is_written = make().encode(&frame[..], &mut out).is_ok();
        // The last one may be one that would be read in two, and only that is refused.
        let whole = [&frame[..], ends[0]].concat();
        assert_eq!(is_written, read(&whole, &ends, limit) == (vec![frame], End::Clean));
        assert!(out.is_empty() || out == whole);
    }
}

fn read(bytes: &[u8], ends: &[&[u8]], limit: usize) -> Outcome<Vec<u8>> {
    let (mut frames, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let places = (0..rest.len()).flat_map(|at| ends.iter().map(move |end| (at, end.len(), *end)));
        let mut found = places.filter(|(at, _, end)| rest[*at..].starts_with(end));
        let (len, delimiter) = found.next().map_or((rest.len(), 0), |(at, len, _)| (at, len));
        if len > limit {
            return (frames, End::Failed(String::new()));
        }
        frames.push(rest[..len].to_vec());
        rest = &rest[len + delimiter..];
    }
    (frames, End::Clean)
}
