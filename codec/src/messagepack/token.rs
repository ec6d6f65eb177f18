//! The tokens that MessagePack is a sequence of, and how they are written.

use headpond_pool::{BufferWriter, Sequence};

use super::{Timestamp, timestamp};
use crate::encode::{Encode, EncodeError, Payload, SMALL_LEN, put_pieces};

/// The most bytes of a token without what it holds: a timestamp's.
const MAX_HEAD: usize = 3 + 12;

/// One piece of MessagePack: a scalar, or the head of an aggregate whose elements are the tokens behind it.
///
/// Decoded ones hold a [`Sequence`]. To be written they may hold whatever is a [`Payload`].
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, messagepack::Token};
///
/// let mut out = Vec::new();
/// for token in [Token::Map(2), Token::String("compact"), Token::Boolean(true), Token::String("schema"), Token::Unsigned(0)] {
///     token.encode(&mut out)?;
/// }
/// assert_eq!(out, b"\x82\xa7compact\xc3\xa6schema\x00");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Token<B> {
    /// Nothing.
    Nil,
    /// True or false.
    Boolean(bool),
    /// An integer that is not negative.
    Unsigned(u64),
    /// An integer; a decoded one is negative. One that is not is written as [`Unsigned`](Self::Unsigned).
    Signed(i64),
    /// A floating-point number of 32 bits.
    Float32(f32),
    /// A floating-point number of 64 bits.
    Float64(f64),
    /// Text, which should be UTF-8; it is not checked.
    String(B),
    /// Any bytes.
    Binary(B),
    /// So many elements.
    Array(u32),
    /// So many pairs.
    Map(u32),
    /// A value of a type that the application knows, or of one that the specification reserves, below 0.
    Extension {
        /// Which type.
        kind: i8,
        /// The value.
        data: B,
    },
    /// The extension of type -1. Data of that type in none of its forms comes as an [`Extension`](Self::Extension).
    Timestamp(Timestamp),
    /// The head of a text of so many bytes that comes in [`Part`](Self::Part)s: see
    /// [`TokenDecoder::split_above`](super::TokenDecoder::split_above).
    StringHead(u32),
    /// The head of binary data that comes in parts.
    BinaryHead(u32),
    /// The head of an extension that comes in parts.
    ExtensionHead {
        /// Which type.
        kind: i8,
        /// How many bytes follow.
        len: u32,
    },
    /// A part of what one of the three heads announced.
    Part(B),
}

impl<B> Token<B> {
    /// The bytes it holds, if it is of a kind that does.
    pub const fn payload(&self) -> Option<&B> {
        match self {
            Self::String(bytes) | Self::Binary(bytes) | Self::Extension { data: bytes, .. } | Self::Part(bytes) => {
                Some(bytes)
            }
            _ => None,
        }
    }

    /// The same with its bytes changed.
    pub fn map<C>(self, change: impl FnOnce(B) -> C) -> Token<C> {
        match self {
            Self::Nil => Token::Nil,
            Self::Boolean(value) => Token::Boolean(value),
            Self::Unsigned(number) => Token::Unsigned(number),
            Self::Signed(number) => Token::Signed(number),
            Self::Float32(number) => Token::Float32(number),
            Self::Float64(number) => Token::Float64(number),
            Self::String(bytes) => Token::String(change(bytes)),
            Self::Binary(bytes) => Token::Binary(change(bytes)),
            Self::Array(len) => Token::Array(len),
            Self::Map(pairs) => Token::Map(pairs),
            Self::Extension { kind, data } => Token::Extension { kind, data: change(data) },
            Self::Timestamp(instant) => Token::Timestamp(instant),
            Self::StringHead(len) => Token::StringHead(len),
            Self::BinaryHead(len) => Token::BinaryHead(len),
            Self::ExtensionHead { kind, len } => Token::ExtensionHead { kind, len },
            Self::Part(bytes) => Token::Part(change(bytes)),
        }
    }
}

impl Token<Sequence<'_>> {
    /// The same with its bytes copied.
    pub fn to_owned(self) -> Token<Vec<u8>> {
        self.map(|bytes| bytes.to_vec())
    }
}

impl<B: Payload> Token<B> {
    /// Puts everything but the bytes it holds at the start of `memory`, and returns how much that is.
    #[inline]
    fn put_head(&self, memory: &mut [u8], payload_len: u32) -> usize {
        match *self {
            Self::Nil => put(memory, 0xc0, []),
            Self::Boolean(value) => put(memory, 0xc2 | u8::from(value), []),
            Self::Unsigned(number) => put_unsigned(memory, number),
            Self::Signed(number) => put_signed(memory, number),
            Self::Float32(number) => put(memory, 0xca, number.to_be_bytes()),
            Self::Float64(number) => put(memory, 0xcb, number.to_be_bytes()),
            Self::String(_) => put_string(memory, payload_len),
            Self::StringHead(len) => put_string(memory, len),
            Self::Binary(_) => put_len(memory, [0xc4, 0xc5, 0xc6], payload_len),
            Self::BinaryHead(len) => put_len(memory, [0xc4, 0xc5, 0xc6], len),
            Self::Array(len) => put_count(memory, 0x90, 0xdc, len),
            Self::Map(pairs) => put_count(memory, 0x80, 0xde, pairs),
            Self::Extension { kind, .. } => put_extension(memory, kind, payload_len),
            Self::ExtensionHead { kind, len } => put_extension(memory, kind, len),
            Self::Timestamp(instant) => {
                let mut data = [0; 12];
                let len = instant.put(&mut data);
                let head = put_extension(memory, timestamp::KIND, len as u32);
                memory[head..head + len].copy_from_slice(&data[..len]);
                head + len
            }
            Self::Part(_) => 0,
        }
    }
}

impl<B: Payload> Encode for Token<B> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        let Some(payload) = self.payload() else {
            let mut memory = out.reserve(MAX_HEAD)?.at_least(MAX_HEAD)?;
            let len = self.put_head(&mut memory, 0);
            memory.advance(len);
            return Ok(());
        };
        let len = payload.len();
        EncodeError::check_len(len, u32::MAX.into())?;
        let is_small = len <= SMALL_LEN;
        let room = MAX_HEAD + if is_small { len } else { 0 };
        let mut memory = out.reserve(room)?.at_least(room)?;
        let mut end = self.put_head(&mut memory, len as u32);
        if is_small {
            end += put_pieces(payload, &mut memory[end..]);
        }
        memory.advance(end);
        if is_small { Ok(()) } else { payload.encode(out) }
    }
}

#[inline]
fn put<const N: usize>(memory: &mut [u8], marker: u8, bytes: [u8; N]) -> usize {
    memory[0] = marker;
    memory[1..=N].copy_from_slice(&bytes);
    1 + N
}

#[inline]
fn put_unsigned(memory: &mut [u8], number: u64) -> usize {
    match number {
        0..0x80 => put(memory, number as u8, []),
        0x80..0x100 => put(memory, 0xcc, [number as u8]),
        0x100..0x1_0000 => put(memory, 0xcd, (number as u16).to_be_bytes()),
        0x1_0000..0x1_0000_0000 => put(memory, 0xce, (number as u32).to_be_bytes()),
        _ => put(memory, 0xcf, number.to_be_bytes()),
    }
}

#[inline]
fn put_signed(memory: &mut [u8], number: i64) -> usize {
    match number {
        0.. => put_unsigned(memory, number as u64),
        -0x20..0 => put(memory, number as u8, []),
        -0x80..-0x20 => put(memory, 0xd0, [number as u8]),
        -0x8000..-0x80 => put(memory, 0xd1, (number as i16).to_be_bytes()),
        -0x8000_0000..-0x8000 => put(memory, 0xd2, (number as i32).to_be_bytes()),
        _ => put(memory, 0xd3, number.to_be_bytes()),
    }
}

#[inline]
fn put_string(memory: &mut [u8], len: u32) -> usize {
    if len < 0x20 { put(memory, 0xa0 | len as u8, []) } else { put_len(memory, [0xd9, 0xda, 0xdb], len) }
}

/// A length of one, two or four bytes behind the marker that says which.
#[inline]
fn put_len(memory: &mut [u8], markers: [u8; 3], len: u32) -> usize {
    match len {
        0..0x100 => put(memory, markers[0], [len as u8]),
        0x100..0x1_0000 => put(memory, markers[1], (len as u16).to_be_bytes()),
        _ => put(memory, markers[2], len.to_be_bytes()),
    }
}

/// A count in the marker itself, or of two or four bytes behind it.
#[inline]
fn put_count(memory: &mut [u8], short: u8, long: u8, len: u32) -> usize {
    match len {
        0..0x10 => put(memory, short | len as u8, []),
        0x10..0x1_0000 => put(memory, long, (len as u16).to_be_bytes()),
        _ => put(memory, long + 1, len.to_be_bytes()),
    }
}

#[inline]
fn put_extension(memory: &mut [u8], kind: i8, len: u32) -> usize {
    let end = match len {
        1 | 2 | 4 | 8 | 16 => put(memory, 0xd4 + len.trailing_zeros() as u8, []),
        _ => put_len(memory, [0xc7, 0xc8, 0xc9], len),
    };
    memory[end] = kind as u8;
    end + 1
}
