//! Lines, against a search for each.

use headpond_codec::line::{LineDecoder, LineEnding};

use super::{End, Outcome, Stream};

/// What a stream is made of: items are lines.
pub type Op = super::Op<Vec<u8>>;

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let stream = Stream::of(ops, &[b"\n", b"\r\n", b"\r", b"\r\r\n"], |line, out| {
        out.extend_from_slice(line);
        out.push(b'\n');
    });
    let ending = [LineEnding::Any, LineEnding::Lf, LineEnding::CrLf][usize::from(stream.variant) % 3];
    let limit = stream.limit.unwrap_or(1 << 16);
    let (lines, end) =
        stream.decode(|| LineDecoder::new().ending(ending).max_len(limit), |lines, line| lines.push(line.to_vec()));
    let (naive, naive_end) = read(&stream.bytes, ending, limit);
    assert_eq!((lines, end.kind()), (naive, naive_end));
}

fn read(bytes: &[u8], ending: LineEnding, limit: usize) -> Outcome<Vec<u8>> {
    let (mut lines, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let (line, behind) = first_line(rest, ending).unwrap_or((rest, &[]));
        if line.len() > limit {
            return (lines, End::Failed(String::new()));
        }
        lines.push(line.to_vec());
        rest = behind;
    }
    (lines, End::Clean)
}

fn first_line(bytes: &[u8], ending: LineEnding) -> Option<(&[u8], &[u8])> {
    let newlines = (0..bytes.len()).filter(|&at| bytes[at] == b'\n');
    newlines.into_iter().find_map(|at| {
        let (line, behind) = (&bytes[..at], &bytes[at + 1..]);
        match (ending, line.strip_suffix(b"\r")) {
            (LineEnding::Lf, _) => Some((line, behind)),
            (LineEnding::CrLf, None) => None,
            (_, stripped) => Some((stripped.unwrap_or(line), behind)),
        }
    })
}
