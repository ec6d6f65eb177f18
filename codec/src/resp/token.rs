//! The tokens that RESP is a sequence of, and how they are written.

use headpond_pool::{BufferWriter, Sequence};
use memchr::memchr2;

use crate::{
    encode::{Encode, EncodeError, MaxSize, Payload, SMALL_LEN, encode_bounded, put_pieces},
    number::{Integer, MAX_FLOAT_LEN, put_float},
};

/// One piece of RESP: a scalar, or the head of an aggregate whose elements are the tokens behind it.
///
/// Decoded ones hold a [`Sequence`]. To be written they may hold whatever is a [`Payload`].
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, resp::Token};
///
/// let mut out = Vec::new();
/// for token in [Token::Array(3), Token::Bulk("SET"), Token::Bulk("key"), Token::Integer(42)] {
///     token.encode(&mut out)?;
/// }
/// assert_eq!(out, b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n:42\r\n");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Token<B> {
    /// `+`: text without a line break.
    Simple(B),
    /// `-`: an error, its code first, without a line break.
    Error(B),
    /// `:`
    Integer(i64),
    /// `$`: any bytes.
    Bulk(B),
    /// `$-1`: the null of RESP2.
    NullBulk,
    /// `*`, so many elements.
    Array(u64),
    /// `*-1`: the null of RESP2, where an array is expected.
    NullArray,
    /// `_`
    Null,
    /// `#`
    Boolean(bool),
    /// `,`
    Double(f64),
    /// `(`: decimal digits of any number, with a sign or without.
    BigNumber(B),
    /// `!`: an error of any bytes.
    BulkError(B),
    /// `=`
    Verbatim {
        /// What the text is: `txt`, `mkd`.
        format: [u8; 3],
        /// The text.
        text: B,
    },
    /// `%`, so many pairs.
    Map(u64),
    /// `~`, so many elements.
    Set(u64),
    /// `>`, so many elements.
    Push(u64),
    /// `|`: so many pairs that say something about the value behind them.
    Attributes(u64),
    /// `$?`: a string in chunks, up to [`EndOfString`](Self::EndOfString).
    StreamedString,
    /// `;`: a chunk, not empty, of a streamed string.
    Chunk(B),
    /// `;0`
    EndOfString,
    /// `*?`: an array up to [`End`](Self::End).
    StreamedArray,
    /// `%?`: a map up to [`End`](Self::End).
    StreamedMap,
    /// `~?`: a set up to [`End`](Self::End).
    StreamedSet,
    /// `.`
    End,
    /// The `$` and length of a string that comes in [`Part`](Self::Part)s, up to [`EndOfParts`](Self::EndOfParts):
    /// see [`TokenDecoder::split_above`](super::TokenDecoder::split_above).
    BulkHead(u64),
    /// A part of it.
    Part(B),
    /// Its line end.
    EndOfParts,
}

impl<B> Token<B> {
    /// Whether it is one of the three nulls.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null | Self::NullBulk | Self::NullArray)
    }

    /// The bytes it holds, if it is of a kind that does.
    pub const fn payload(&self) -> Option<&B> {
        match self {
            Self::Simple(bytes)
            | Self::Error(bytes)
            | Self::Bulk(bytes)
            | Self::BigNumber(bytes)
            | Self::BulkError(bytes)
            | Self::Verbatim { text: bytes, .. }
            | Self::Chunk(bytes)
            | Self::Part(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The same with its bytes changed.
    pub fn map<C>(self, change: impl FnOnce(B) -> C) -> Token<C> {
        match self {
            Self::Simple(bytes) => Token::Simple(change(bytes)),
            Self::Error(bytes) => Token::Error(change(bytes)),
            Self::Integer(number) => Token::Integer(number),
            Self::Bulk(bytes) => Token::Bulk(change(bytes)),
            Self::NullBulk => Token::NullBulk,
            Self::Array(len) => Token::Array(len),
            Self::NullArray => Token::NullArray,
            Self::Null => Token::Null,
            Self::Boolean(value) => Token::Boolean(value),
            Self::Double(number) => Token::Double(number),
            Self::BigNumber(digits) => Token::BigNumber(change(digits)),
            Self::BulkError(bytes) => Token::BulkError(change(bytes)),
            Self::Verbatim { format, text } => Token::Verbatim { format, text: change(text) },
            Self::Map(pairs) => Token::Map(pairs),
            Self::Set(len) => Token::Set(len),
            Self::Push(len) => Token::Push(len),
            Self::Attributes(pairs) => Token::Attributes(pairs),
            Self::StreamedString => Token::StreamedString,
            Self::Chunk(bytes) => Token::Chunk(change(bytes)),
            Self::EndOfString => Token::EndOfString,
            Self::StreamedArray => Token::StreamedArray,
            Self::StreamedMap => Token::StreamedMap,
            Self::StreamedSet => Token::StreamedSet,
            Self::End => Token::End,
            Self::BulkHead(len) => Token::BulkHead(len),
            Self::Part(bytes) => Token::Part(change(bytes)),
            Self::EndOfParts => Token::EndOfParts,
        }
    }
}

impl Token<Sequence<'_>> {
    /// The same with its bytes copied.
    pub fn to_owned(self) -> Token<Vec<u8>> {
        self.map(|bytes| bytes.to_vec())
    }
}

impl<B: Payload> Encode for Token<B> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        match self {
            Self::Simple(text) => write_line(out, b'+', text),
            Self::Error(text) => write_line(out, b'-', text),
            Self::Integer(number) => encode_bounded(&Head(b':', *number), out),
            Self::Bulk(bytes) => write_bulk(out, b'$', bytes),
            Self::NullBulk => literal(out, b"$-1\r\n"),
            Self::Array(len) => write_head(out, b'*', *len),
            Self::NullArray => literal(out, b"*-1\r\n"),
            Self::Null => literal(out, b"_\r\n"),
            Self::Boolean(true) => literal(out, b"#t\r\n"),
            Self::Boolean(false) => literal(out, b"#f\r\n"),
            Self::Double(number) => encode_bounded(&Double(*number), out),
            Self::BigNumber(digits) => write_big_number(out, digits),
            Self::BulkError(bytes) => write_bulk(out, b'!', bytes),
            Self::Verbatim { format, text } => {
                write_head(out, b'=', text.len() as u64 + 4)?;
                out.write(format)?;
                literal(out, b":")?;
                text.encode(out)?;
                literal(out, b"\r\n")
            }
            Self::Map(pairs) => write_head(out, b'%', *pairs),
            Self::Set(len) => write_head(out, b'~', *len),
            Self::Push(len) => write_head(out, b'>', *len),
            Self::Attributes(pairs) => write_head(out, b'|', *pairs),
            Self::StreamedString => literal(out, b"$?\r\n"),
            Self::Chunk(bytes) if bytes.is_empty() => {
                Err(EncodeError::Unrepresentable { reason: "a chunk of a streamed string is not empty" })
            }
            Self::Chunk(bytes) => write_bulk(out, b';', bytes),
            Self::EndOfString => literal(out, b";0\r\n"),
            Self::StreamedArray => literal(out, b"*?\r\n"),
            Self::StreamedMap => literal(out, b"%?\r\n"),
            Self::StreamedSet => literal(out, b"~?\r\n"),
            Self::End => literal(out, b".\r\n"),
            Self::BulkHead(len) => write_head(out, b'$', *len),
            Self::Part(bytes) => bytes.encode(out),
            Self::EndOfParts => literal(out, b"\r\n"),
        }
    }
}

/// A sign, a number, and a line end.
struct Head<I>(u8, I);

impl<I: Integer> Encode for Head<I> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encode_bounded(self, out)
    }
}

impl<I: Integer> MaxSize for Head<I> {
    const MAX_SIZE: usize = 1 + I::ROOM + 2;

    #[inline]
    fn put(&self, memory: &mut [u8]) -> usize {
        memory[0] = self.0;
        let end = 1 + self.1.put_at_start(&mut memory[1..1 + I::ROOM]);
        memory[end..end + 2].copy_from_slice(b"\r\n");
        end + 2
    }
}

/// A floating-point number as a line.
struct Double(f64);

impl Encode for Double {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encode_bounded(self, out)
    }
}

impl MaxSize for Double {
    const MAX_SIZE: usize = 1 + MAX_FLOAT_LEN + 2;

    fn put(&self, memory: &mut [u8]) -> usize {
        memory[0] = b',';
        let end = 1 + put_double(self.0, &mut memory[1..]);
        memory[end..end + 2].copy_from_slice(b"\r\n");
        end + 2
    }
}

/// Puts a number as Redis writes it, a whole one without a point, at the start of `memory`, at least [`MAX_FLOAT_LEN`] bytes,
/// and returns its length.
pub(super) fn put_double(number: f64, memory: &mut [u8]) -> usize {
    /// Below it every whole number is one of its own, and is not written with an exponent.
    const WHOLE: f64 = (1_u64 << 53) as f64;

    let whole = number as i64;
    // By their bits, since zero has a sign.
    if number.abs() < WHOLE && (whole as f64).to_bits() == number.to_bits() {
        return whole.put_at_start(memory);
    }
    let name = match number {
        0.0 => "-0",
        _ if number.is_nan() => "nan",
        f64::INFINITY => "inf",
        f64::NEG_INFINITY => "-inf",
        _ => return put_float(number, memory),
    };
    memory[..name.len()].copy_from_slice(name.as_bytes());
    name.len()
}

#[inline]
fn write_head<W: BufferWriter + ?Sized>(out: &mut W, sign: u8, len: u64) -> Result<(), EncodeError> {
    encode_bounded(&Head(sign, len), out)
}

#[inline]
pub(super) fn write_bulk<W: BufferWriter + ?Sized>(
    out: &mut W,
    sign: u8,
    bytes: &impl Payload,
) -> Result<(), EncodeError> {
    let len = bytes.len();
    if len > SMALL_LEN {
        write_head(out, sign, len as u64)?;
        bytes.encode(out)?;
        return literal(out, b"\r\n");
    }
    let room = Head::<u64>::MAX_SIZE + len + 2;
    let mut memory = out.reserve(room)?.at_least(room)?;
    let head = Head(sign, len as u64).put(&mut memory);
    let end = put_ended(&mut memory, head, bytes);
    memory.advance(end);
    Ok(())
}

fn write_line<W: BufferWriter + ?Sized>(out: &mut W, sign: u8, text: &impl Payload) -> Result<(), EncodeError> {
    if text.pieces().any(has_line_break) {
        return Err(EncodeError::Unrepresentable { reason: "a simple string or error of RESP holds no line break" });
    }
    if text.len() > SMALL_LEN {
        out.write(&[sign])?;
        text.encode(out)?;
        return literal(out, b"\r\n");
    }
    let room = 1 + text.len() + 2;
    let mut memory = out.reserve(room)?.at_least(room)?;
    memory[0] = sign;
    let end = put_ended(&mut memory, 1, text);
    memory.advance(end);
    Ok(())
}

#[inline]
fn has_line_break(bytes: &[u8]) -> bool {
    match bytes.len() {
        // The loop is over before a search has begun.
        0..16 => bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n')),
        _ => memchr2(b'\r', b'\n', bytes).is_some(),
    }
}

/// Puts bytes and a line end from `at` on, and returns where they end.
#[inline]
fn put_ended(memory: &mut [u8], at: usize, bytes: &impl Payload) -> usize {
    let end = at + put_pieces(bytes, &mut memory[at..]);
    memory[end..end + 2].copy_from_slice(b"\r\n");
    end + 2
}

fn write_big_number<W: BufferWriter + ?Sized>(out: &mut W, digits: &impl Payload) -> Result<(), EncodeError> {
    if !is_big_number(digits.pieces().flatten().copied()) {
        return Err(EncodeError::Unrepresentable { reason: "a big number of RESP is a sign, if any, and digits" });
    }
    write_line(out, b'(', digits)
}

/// Whether the bytes are digits, at least one, behind a sign or none.
pub(super) fn is_big_number(bytes: impl Iterator<Item = u8>) -> bool {
    let mut bytes = bytes.peekable();
    bytes.next_if(|byte| matches!(byte, b'+' | b'-'));
    bytes.peek().is_some() && bytes.all(|byte| byte.is_ascii_digit())
}

#[inline]
fn literal<W: BufferWriter + ?Sized>(out: &mut W, bytes: &[u8]) -> Result<(), EncodeError> {
    Ok(out.write(bytes)?)
}
