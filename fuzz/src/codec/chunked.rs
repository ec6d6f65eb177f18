//! The chunked coding, against a reading of its grammar byte by byte.

use headpond_codec::{
    Encoder,
    chunked::{ChunkedDecoder, ChunkedEncoder, Limits, Piece},
};
use headpond_pool::Sequence;

use super::{Bytes, End, Stop, Stream};

/// What a stream is made of: items are chunks, and the end with trailers.
pub type Op = super::Op<Item>;

/// A part of a body.
#[derive(Debug, Clone, arbitrary::Arbitrary)]
#[expect(missing_docs, reason = "they say what they are")]
pub enum Item {
    Chunk(Vec<u8>),
    End(Vec<(u8, u8)>),
}

/// A piece as it is the same however it arrives: data is put together.
#[derive(Debug, PartialEq, Clone)]
enum Seen {
    Chunk(u64, Vec<u8>),
    Data(Vec<u8>),
    Trailer(Vec<u8>, Vec<u8>),
    End,
}

/// How narrow a body may be.
#[derive(Clone, Copy)]
struct Bounds {
    line: usize,
    chunk: u64,
    body: u64,
    extensions: u64,
    trailers: usize,
}

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let words: &[&[u8]] = &[
        b"\r\n",
        b"\n",
        b"\r",
        b"0\r\n",
        b"0\r\n\r\n",
        b"1\r\nx\r\n",
        b"5\r\nhello\r\n",
        b";",
        b"a=b",
        b";a=\"b\\\"c\"",
        b" ",
        b"\t",
        b"\"",
        b"a: b\r\n",
        b":",
        b"fffffffffffffffff",
        b"0x",
    ];
    let stream = Stream::of(ops, words, |item, out| match item {
        Item::Chunk(data) if data.is_empty() => {}
        Item::Chunk(data) => {
            out.extend_from_slice(format!("{:X}\r\n", data.len()).as_bytes());
            out.extend_from_slice(data);
            out.extend_from_slice(b"\r\n");
        }
        Item::End(trailers) => {
            out.extend_from_slice(b"0\r\n");
            for (name, value) in trailers {
                out.extend_from_slice(&[b'a' + name % 26, b':', b' ' + value % 90, b'\r', b'\n']);
            }
            out.extend_from_slice(b"\r\n");
        }
    });
    let bounds = match stream.limit {
        None => Bounds { line: 1 << 16, chunk: u64::MAX, body: u64::MAX, extensions: 1 << 16, trailers: 1 << 16 },
        Some(limit) => {
            let bits = usize::from(stream.variant);
            // Each of them is narrow, or wide.
            let bound = |bit: usize, wide: usize| if bits >> bit & 1 == 1 { limit } else { wide };
            let (line, trailers) = (bound(0, 1 << 16), bound(1, 1 << 16));
            let [chunk, body, extensions] = [bound(2, 1 << 20), bound(3, 1 << 20), bound(4, 1 << 20)].map(|n| n as u64);
            Bounds { line, chunk, body, extensions, trailers }
        }
    };
    let limits = Limits::new().max_line(bounds.line).max_chunk(bounds.chunk).max_body(bounds.body);
    let limits = limits.max_extensions(bounds.extensions).max_trailers(bounds.trailers);
    let (seen, end) = stream.decode(|| ChunkedDecoder::with_limits(limits), add);
    let read = |bytes: &[u8]| {
        let mut naive = Vec::new();
        let end = read(&mut Bytes::of(bytes), bounds, &mut naive).map_or_else(Stop::end, |()| End::Clean);
        (naive, end)
    };
    let ends =
        ["\r\n", "\n", "0\r\n", "\"\r\n", "a\"\r\n", "a\r\n", "=a\r\n", ";a\r\n", ":\r\n", "\r\n0\r\n", "\n0\r\n"];
    let ends = ends.map(|end| end.as_bytes().to_vec());
    let (naive, naive_end) = super::settled(read(&stream.bytes), &end, &stream.bytes, &ends, read);
    assert_eq!((&seen, end.kind()), (&naive, naive_end), "{}", stream.bytes.escape_ascii());
    if end == End::Clean {
        write_again(&seen);
    }
}

fn add(all: &mut Vec<Seen>, piece: Piece<Sequence<'_>>) {
    match (all.last_mut(), piece) {
        (Some(Seen::Data(before)), Piece::Data(data)) => before.extend(data.bytes()),
        (_, Piece::Data(data)) => all.push(Seen::Data(data.to_vec())),
        (_, Piece::Chunk { size, extensions }) => all.push(Seen::Chunk(size, extensions.to_vec())),
        (_, Piece::Trailer { name, value }) => all.push(Seen::Trailer(name.to_vec(), value.to_vec())),
        (_, Piece::End) => all.push(Seen::End),
        (_, other) => panic!("another kind of piece: {other:?}"),
    }
}

/// Whatever was read can be written, and is read again as the same.
fn write_again(seen: &[Seen]) {
    let (mut encoder, mut out) = (ChunkedEncoder::new(), Vec::new());
    for piece in seen {
        let piece = match piece {
            Seen::Chunk(size, extensions) => Piece::Chunk { size: *size, extensions: &extensions[..] },
            Seen::Data(data) => Piece::Data(&data[..]),
            Seen::Trailer(name, value) => Piece::Trailer { name: &name[..], value: &value[..] },
            Seen::End => Piece::End,
        };
        encoder.encode(piece, &mut out).expect("it was read");
    }
    let stream = Stream { bytes: out, cuts: Vec::new(), variant: 0, limit: None };
    let limits = Limits::new().max_line(1 << 16).max_chunk(u64::MAX).max_extensions(1 << 20).max_trailers(1 << 20);
    assert_eq!(stream.decode(|| ChunkedDecoder::with_limits(limits), add), (seen.to_vec(), End::Clean));
}

fn read(bytes: &mut Bytes<'_>, bounds: Bounds, seen: &mut Vec<Seen>) -> Result<(), Stop> {
    let (mut body, mut extended) = (0_u64, 0_u64);
    loop {
        let (size, extensions) = read_head(&mut Line { bytes, left: bounds.line }, bounds.chunk)?;
        body = body.saturating_add(size);
        extended += extensions.len() as u64;
        if body > bounds.body || extended > bounds.extensions {
            return Err(Stop::Failed);
        }
        seen.push(Seen::Chunk(size, extensions));
        if size == 0 {
            break;
        }
        let there = size.min((bytes.all.len() - bytes.at) as u64);
        let data = bytes.take(there)?;
        if !data.is_empty() {
            seen.push(Seen::Data(data.to_vec()));
        }
        if there < size {
            return Err(Stop::Truncated);
        }
        bytes.expect(b'\r')?;
        bytes.expect(b'\n')?;
    }
    let mut left = bounds.trailers;
    loop {
        let mut line = Line { bytes, left };
        let Some(trailer) = read_trailer(&mut line)? else { break };
        left = line.left;
        seen.push(trailer);
    }
    seen.push(Seen::End);
    Ok(())
}

/// A line that may have so many bytes more, and a line end.
struct Line<'l, 'b> {
    bytes: &'l mut Bytes<'b>,
    left: usize,
}

impl Line<'_, '_> {
    /// The next byte of the line, or the carriage return of its end, which is not counted.
    fn next(&mut self) -> Result<u8, Stop> {
        let byte = self.bytes.next()?;
        if byte != b'\r' {
            self.left = self.left.checked_sub(1).ok_or(Stop::Failed)?;
        }
        Ok(byte)
    }
}

fn read_head(line: &mut Line<'_, '_>, most: u64) -> Result<(u64, Vec<u8>), Stop> {
    let (mut digits, mut text) = (String::new(), Vec::new());
    let mut byte = line.next()?;
    while byte.is_ascii_hexdigit() {
        digits.push(byte.into());
        if u64::from_str_radix(&digits, 16).map_or(true, |size| size > most) {
            return Err(Stop::Failed);
        }
        byte = line.next()?;
    }
    let size = u64::from_str_radix(&digits, 16).map_err(|_| Stop::Failed)?;
    // What is left of the line is read as extensions, each time from its start, to the first byte that makes it none.
    while byte != b'\r' {
        text.push(byte);
        if !begins_extensions(&text) {
            return Err(Stop::Failed);
        }
        byte = line.next()?;
    }
    if !text.is_empty() && !is_extensions(&text) {
        return Err(Stop::Failed);
    }
    line.bytes.expect(b'\n')?;
    Ok((size, text))
}

const fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}

fn is_text(byte: &u8) -> bool {
    *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f)
}

fn after(text: &[u8], holds: impl Fn(&u8) -> bool) -> &[u8] {
    &text[text.iter().take_while(|byte| holds(byte)).count()..]
}

/// Whether the text is extensions to its end.
fn is_extensions(text: &[u8]) -> bool {
    extensions(text) == Some(true)
}

/// Whether it is, or may become some.
fn begins_extensions(text: &[u8]) -> bool {
    extensions(text).is_some()
}

/// `None` when no text that begins so is extensions; otherwise whether this one is.
fn extensions(text: &[u8]) -> Option<bool> {
    let mut rest = text;
    loop {
        rest = after(rest, is_space);
        let Some((b';', behind)) = rest.split_first() else { return rest.is_empty().then_some(false) };
        let name = after(behind, is_space);
        rest = after(name, is_token);
        if rest.len() == name.len() {
            return rest.is_empty().then_some(false);
        }
        if rest.is_empty() {
            return Some(true);
        }
        let Some((b'=', behind)) = after(rest, is_space).split_first() else { continue };
        let value = after(behind, is_space);
        let Some((b'"', mut quoted)) = value.split_first() else {
            rest = after(value, is_token);
            match (value.len() > rest.len(), rest.is_empty()) {
                (false, is_empty) => return is_empty.then_some(false),
                (true, true) => return Some(true),
                (true, false) => continue,
            }
        };
        loop {
            match quoted.split_first() {
                None => return Some(false),
                Some((b'"', behind)) => {
                    rest = behind;
                    break;
                }
                Some((b'\\', behind)) => match behind.split_first() {
                    None => return Some(false),
                    Some((byte, behind)) if is_text(byte) => quoted = behind,
                    _ => return None,
                },
                Some((byte, behind)) if is_text(byte) => quoted = behind,
                _ => return None,
            }
        }
        if rest.is_empty() {
            return Some(true);
        }
    }
}

/// A trailer, or `None` at the end.
fn read_trailer(line: &mut Line<'_, '_>) -> Result<Option<Seen>, Stop> {
    let (mut name, mut value) = (Vec::new(), Vec::new());
    loop {
        match line.next()? {
            b'\r' if name.is_empty() => {
                line.bytes.expect(b'\n')?;
                return Ok(None);
            }
            b':' if !name.is_empty() => break,
            byte if is_token(&byte) => name.push(byte),
            _ => return Err(Stop::Failed),
        }
    }
    loop {
        match line.next()? {
            b'\r' => break,
            byte if is_text(&byte) => value.push(byte),
            _ => return Err(Stop::Failed),
        }
    }
    line.bytes.expect(b'\n')?;
    let value = after(&value, is_space);
    let behind = value.iter().rev().take_while(|byte| is_space(byte)).count();
    let value = value[..value.len() - behind].to_vec();
    Ok(Some(Seen::Trailer(name, value)))
}
