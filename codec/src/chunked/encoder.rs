//! Bodies in the chunked coding, written chunk by chunk.

use headpond_pool::{BufferWriter, Position};

use super::{
    Piece,
    grammar::{LINE_END, Line, Place, is_text, is_token},
};
use crate::encode::{Encode, EncodeError, Encoder, MaxSize, Payload, encode_bounded, encode_or_rewind, written};

/// Writes a chunk of bytes that are at hand: a shared `Slice` is linked in and not copied. No bytes are no chunk.
///
/// # Errors
///
/// When the writer has no memory, or nobody to read it.
///
/// # Examples
///
/// ```
/// use headpond_codec::chunked::{write_chunk, write_end};
///
/// let mut out = Vec::new();
/// write_chunk(&mut out, "hello, world")?;
/// write_end(&mut out, [("digest", "sha-256=abc")])?;
/// assert_eq!(out, b"c\r\nhello, world\r\n0\r\ndigest: sha-256=abc\r\n\r\n");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
pub fn write_chunk(out: &mut (impl BufferWriter + ?Sized), data: impl Payload) -> Result<(), EncodeError> {
    if data.is_empty() {
        return Ok(());
    }
    encode_bounded(&Size(data.len() as u64), out)?;
    out.write(LINE_END)?;
    data.encode(out)?;
    Ok(out.write(LINE_END)?)
}

/// Writes a chunk whose size is not known before: it is put there afterwards, in eight digits.
///
/// # Errors
///
/// What `data` fails with, and when it wrote nothing, which would end the body, or 4 GiB: nothing of the chunk is left then. Also when it
/// flushed the writer, which publishes the size before it is known: then the body is broken, and the stream best aborted.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, chunked::write_chunk_with};
///
/// let mut out = Vec::new();
/// write_chunk_with(&mut out, |out| format_args!("{:>20}", "right").encode(out))?;
/// assert_eq!(out, b"00000014\r\n               right\r\n");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
pub fn write_chunk_with<W: BufferWriter + ?Sized>(
    out: &mut W,
    data: impl FnOnce(&mut W) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let mut line = *b"00000000\r\n";
    let place = out.reserve_prefix(line.len())?;
    let start = place.position().saturating_add(place.len() as u64);
    encode_or_rewind(out, &place, |out| {
        data(out)?;
        let size = written(out)?.saturating_sub(start);
        if size == 0 {
            return Err(EncodeError::Unrepresentable { reason: "a chunk of no bytes would end the body" });
        }
        let limit = u64::from(u32::MAX);
        if size > limit {
            return Err(EncodeError::TooLong { len: size, limit });
        }
        for (index, digit) in line.iter_mut().take(8).enumerate() {
            *digit = hexadecimal(size >> (28 - 4 * index));
        }
        out.patch(&place, &line)?;
        Ok(out.write(LINE_END)?)
    })
}

/// Writes the last chunk, the trailers and the end of the body.
///
/// # Errors
///
/// When a trailer's name is no token, or its value holds a line break or another control character, before anything is
/// written; when the writer has no memory, or nobody to read it.
pub fn write_end<N: AsRef<[u8]>, V: AsRef<[u8]>>(
    out: &mut (impl BufferWriter + ?Sized),
    trailers: impl IntoIterator<Item = (N, V), IntoIter: Clone>,
) -> Result<(), EncodeError> {
    let trailers = trailers.into_iter();
    for (name, value) in trailers.clone() {
        check_trailer(&name.as_ref(), &value.as_ref())?;
    }
    out.write(b"0\r\n")?;
    for (name, value) in trailers {
        write_trailer(out, &name.as_ref(), &value.as_ref())?;
    }
    Ok(out.write(LINE_END)?)
}

/// Writes the pieces of one body: chunks that are not there as a whole, extensions, trailers.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encoder, chunked::{ChunkedEncoder, Piece}};
///
/// let (mut encoder, mut out) = (ChunkedEncoder::new(), Vec::new());
/// for piece in [
///     Piece::Chunk { size: 10, extensions: ";first" },
///     Piece::Data("hello"),
///     Piece::Data("world"),
///     Piece::Chunk { size: 0, extensions: "" },
///     Piece::End,
/// ] {
///     encoder.encode(piece, &mut out)?;
/// }
/// assert_eq!(out, b"a;first\r\nhelloworld\r\n0\r\n\r\n");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkedEncoder {
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// So many bytes of a chunk are missing.
    Data(u64),
    Trailers,
    Done,
}

impl ChunkedEncoder {
    /// A body that is to begin.
    pub const fn new() -> Self {
        Self { stage: Stage::Data(0) }
    }

    /// Whether the body has ended.
    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }
}

impl Default for ChunkedEncoder {
    fn default() -> Self {
        Self::new()
    }
}

/// Data beyond its chunk, and a piece that is not due, are refused before anything is written.
impl<P: Payload> Encoder<Piece<P>> for ChunkedEncoder {
    fn encode<W: BufferWriter + ?Sized>(&mut self, piece: Piece<P>, out: &mut W) -> Result<(), EncodeError> {
        match (self.stage, piece) {
            (Stage::Data(0), Piece::Chunk { size, extensions }) => {
                check_extensions(&extensions)?;
                encode_bounded(&Size(size), out)?;
                extensions.encode(out)?;
                out.write(LINE_END)?;
                self.stage = if size == 0 { Stage::Trailers } else { Stage::Data(size) };
            }
            (Stage::Data(missing @ 1..), Piece::Data(data)) => {
                EncodeError::check_len(data.len(), missing)?;
                let left = missing - data.len() as u64;
                data.encode(out)?;
                if left == 0 {
                    out.write(LINE_END)?;
                }
                self.stage = Stage::Data(left);
            }
            (Stage::Trailers, Piece::Trailer { name, value }) => {
                check_trailer(&name, &value)?;
                write_trailer(out, &name, &value)?;
            }
            (Stage::Trailers, Piece::End) => {
                out.write(LINE_END)?;
                self.stage = Stage::Done;
            }
            _ => return Err(EncodeError::Unrepresentable { reason: "another piece of the body is due" }),
        }
        Ok(())
    }
}

/// A size in hexadecimal digits.
struct Size(u64);

impl Encode for Size {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encode_bounded(self, out)
    }
}

impl MaxSize for Size {
    const MAX_SIZE: usize = 16;

    #[inline]
    fn put(&self, memory: &mut [u8]) -> usize {
        let digits = (u64::BITS - self.0.leading_zeros()).div_ceil(4).max(1) as usize;
        for (index, digit) in memory[..digits].iter_mut().rev().enumerate() {
            *digit = hexadecimal(self.0 >> (4 * index));
        }
        digits
    }
}

/// The lowest digit.
#[inline]
fn hexadecimal(number: u64) -> u8 {
    b"0123456789abcdef"[(number & 0xf) as usize]
}

fn bytes_of(payload: &impl Payload) -> impl Iterator<Item = u8> {
    payload.pieces().flatten().copied()
}

/// That a decoder reads them as extensions.
fn check_extensions(extensions: &impl Payload) -> Result<(), EncodeError> {
    let mut line = Line::beginning(Place::SizeSpace);
    let mut rest = bytes_of(extensions).chain([b'\r']);
    if extensions.is_empty() || rest.all(|byte| line.step(byte, Position::ZERO, 0).is_ok()) {
        return Ok(());
    }
    Err(EncodeError::Unrepresentable { reason: "an extension is a semicolon, a name, and a token or a string if any" })
}

fn check_trailer(name: &impl Payload, value: &impl Payload) -> Result<(), EncodeError> {
    if name.is_empty() || !bytes_of(name).all(is_token) {
        return Err(EncodeError::Unrepresentable { reason: "the name of a trailer is a token" });
    }
    if !bytes_of(value).all(is_text) {
        return Err(EncodeError::Unrepresentable { reason: "the value of a trailer holds no control character" });
    }
    Ok(())
}

fn write_trailer(
    out: &mut (impl BufferWriter + ?Sized),
    name: &impl Payload,
    value: &impl Payload,
) -> Result<(), EncodeError> {
    name.encode(out)?;
    out.write(b": ")?;
    value.encode(out)?;
    Ok(out.write(LINE_END)?)
}
