//! Consistent overhead byte stuffing, against a naive unstuffing and the crate `cobs`.

use headpond_codec::{Encoder, cobs::Cobs};

use super::{End, Outcome, Stream};

/// What a stream is made of: items are frames.
pub type Op = super::Op<Vec<u8>>;

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let stream = Stream::of(ops, &[b"\0", b"\x01", b"\x02", b"\xff", b"\xfe"], |frame, out| {
        let start = out.len();
        out.resize(start + ::cobs::max_encoding_length(frame.len()) + 1, 0);
        let len = ::cobs::encode(frame, &mut out[start..]);
        out.truncate(start + len);
        out.push(0);
    });
    let limit = stream.limit.unwrap_or(1 << 16);
    let make = || Cobs::new().max_len(limit);
    let (frames, end) = stream.decode(make, |frames, frame| frames.push(frame.to_vec()));
    let ends: Vec<Vec<u8>> = (0..255).map(|len| [vec![1; len], vec![0]].concat()).collect();
    let naive = super::settled(read(&stream.bytes, limit), &end, &stream.bytes, &ends, |bytes| read(bytes, limit));
    assert_eq!((&frames, end.kind()), (&naive.0, naive.1));
    for frame in frames {
        let mut out = Vec::new();
        Cobs::new().encode(&frame[..], &mut out).expect("a Vec has memory");
        assert_eq!(read(&out, 1 << 16), (vec![frame.clone()], End::Clean));
        let mut back = vec![0; out.len()];
        let len = ::cobs::decode(&out[..out.len() - 1], &mut back).expect("the reference reads it");
        assert_eq!(back[..len], frame);
    }
}

fn read(bytes: &[u8], limit: usize) -> Outcome<Vec<u8>> {
    let (mut frames, mut rest) = (Vec::new(), bytes);
    let failed = End::Failed(String::new());
    loop {
        let end = rest.iter().position(|byte| *byte == 0);
        match end {
            _ if rest.is_empty() => return (frames, End::Clean),
            Some(end) if end <= limit => match unstuffed(&rest[..end]) {
                Some(frame) => frames.push(frame),
                None => return (frames, failed),
            },
            None if rest.len() <= limit => return (frames, End::Truncated),
            _ => return (frames, failed),
        }
        rest = &rest[end.map_or(rest.len(), |end| end + 1)..];
    }
}

fn unstuffed(stuffed: &[u8]) -> Option<Vec<u8>> {
    let (mut frame, mut rest) = (Vec::new(), stuffed);
    loop {
        let (&code, behind) = rest.split_first()?;
        let (run, behind) = behind.split_at_checked(usize::from(code) - 1)?;
        frame.extend_from_slice(run);
        if behind.is_empty() {
            return Some(frame);
        }
        if code < 255 {
            frame.push(0);
        }
        rest = behind;
    }
}
