//! Bytes and strings behind their length.
//!
//! The length need not be known before: [`write_prefixed`] leaves room for it, lets the body be written, and puts it there.

use headpond_pool::{BufferWriter, Cursor, Sequence};

use crate::{
    binary::{Be, Le},
    body::Body,
    decode::{Decoded, Decoder, Interrupt, attempt},
    encode::{Encode, EncodeError, Encoder, MaxSize, Payload, encode_bounded, encode_or_rewind, written},
    field_range::{FieldRange, Partial},
    varint::{Leb128, VarintError},
};

/// How long a body may be unless [`Prefixed::max_len`] says otherwise, in bytes.
const DEFAULT_MAX_LEN: usize = 8 * 1024 * 1024;

/// The form of a length before its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LengthPrefix {
    /// One byte.
    U8,
    /// Two bytes, the high one first.
    U16Be,
    /// Two bytes, the low one first.
    U16Le,
    /// Four bytes, the high one first.
    U32Be,
    /// Four bytes, the low one first.
    U32Le,
    /// LEB128 of at most 32 bits. Before a body of known length it is as short as can be. Before one whose length was
    /// not known it is padded to five bytes, which protobuf and WebAssembly decoders read, and this crate's for prefixes.
    Varint,
}

impl LengthPrefix {
    /// The most bytes it takes.
    pub const fn max_size(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16Be | Self::U16Le => 2,
            Self::U32Be | Self::U32Le => 4,
            Self::Varint => 5,
        }
    }

    /// The longest body it has a number for, in bytes.
    pub const fn max_len(self) -> u32 {
        match self {
            Self::U8 => u8::MAX as u32,
            Self::U16Be | Self::U16Le => u16::MAX as u32,
            Self::U32Be | Self::U32Le | Self::Varint => u32::MAX,
        }
    }

    /// Puts `len`, not more than its longest, at the start of `memory`.
    fn put(self, len: u32, memory: &mut [u8]) -> usize {
        match self {
            Self::U8 => Be(len as u8).put(memory),
            Self::U16Be => Be(len as u16).put(memory),
            Self::U16Le => Le(len as u16).put(memory),
            Self::U32Be => Be(len).put(memory),
            Self::U32Le => Le(len).put(memory),
            Self::Varint => Leb128(len).put(memory),
        }
    }

    /// Puts `len` into all the bytes that it takes at most.
    fn put_padded(self, len: u32, memory: &mut [u8; 5]) -> usize {
        if self != Self::Varint {
            return self.put(len, memory);
        }
        for (index, byte) in memory.iter_mut().enumerate() {
            *byte = (len >> (7 * index)) as u8 | 0x80;
        }
        memory[4] &= 0x0f;
        memory.len()
    }

    /// Reads a length.
    fn read(self, cursor: &mut Cursor<'_>) -> Result<u32, Interrupt<VarintError>> {
        Ok(match self {
            Self::U8 => cursor.u8()?.into(),
            Self::U16Be => cursor.u16_be()?.into(),
            Self::U16Le => cursor.u16_le()?.into(),
            Self::U32Be => cursor.u32_be()?,
            Self::U32Le => cursor.u32_le()?,
            Self::Varint => read_varint(cursor)?,
        })
    }
}

/// The longest number, in bytes.
const MAX_VARINT_LEN: usize = 5;

/// A number of at most five bytes, padded or not.
fn read_varint(cursor: &mut Cursor<'_>) -> Result<u32, Interrupt<VarintError>> {
    let offset = cursor.position().offset();
    let mut value = 0;
    for shift in [0, 7, 14, 21] {
        let byte = cursor.u8()?;
        value |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    match cursor.u8()? {
        byte @ 0..0x10 => Ok(value | u32::from(byte) << 28),
        _ => Err(Interrupt::Invalid(VarintError::TooLarge { offset, bits: 32 })),
    }
}

/// Writes a body of any length behind its length, which is put there afterwards.
///
/// # Errors
///
/// What `body` fails with, and when it wrote more than the prefix has a number for: nothing of either is left then. Also when it
/// flushed the writer, which publishes the prefix, a zero, before it is known: then the stream is broken, and best aborted.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, prefix::{LengthPrefix, write_prefixed}};
///
/// let mut out = Vec::new();
/// write_prefixed(&mut out, LengthPrefix::U16Be, |out| format_args!("{:.3}", 1.0 / 3.0).encode(out))?;
/// assert_eq!(out, b"\0\x050.333");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
pub fn write_prefixed<W: BufferWriter + ?Sized>(
    out: &mut W,
    prefix: LengthPrefix,
    body: impl FnOnce(&mut W) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let place = out.reserve_prefix(prefix.max_size())?;
    let start = place.position().saturating_add(place.len() as u64);
    encode_or_rewind(out, &place, |out| {
        body(out)?;
        let (len, limit) = (written(out)?.saturating_sub(start), u64::from(prefix.max_len()));
        if len > limit {
            return Err(EncodeError::TooLong { len, limit });
        }
        let mut bytes = [0; 5];
        let size = prefix.put_padded(len as u32, &mut bytes);
        Ok(out.patch(&place, &bytes[..size])?)
    })
}

/// Why what stands behind a length prefix is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrefixError {
    /// The body is longer than it may be. That is told with the first byte of the prefix that shows it.
    #[error("the prefix at offset {offset} announces at least {len} bytes, where {limit} is the most")]
    TooLong {
        /// Where the prefix begins in the stream, in bytes.
        offset: u64,
        /// The length that it announces at the least, by what was read of it, in bytes.
        len: u32,
        /// How long a body may be, in bytes.
        limit: usize,
    },
    /// The prefix is no number.
    #[error(transparent)]
    Varint(#[from] VarintError),
}

/// Bodies behind their length, in both directions.
///
/// For strings, [`utf8::decode`](crate::utf8::decode) makes text of what it gives.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoded, Decoder, Encoder, prefix::{LengthPrefix, Prefixed}};
/// use headpond_pool::SequenceBuf;
///
/// let mut codec = Prefixed::new(LengthPrefix::Varint).max_len(1024);
/// let mut out = Vec::new();
/// codec.encode("hello", &mut out)?;
/// assert_eq!(out, b"\x05hello");
///
/// let buffer = SequenceBuf::from("\x05hello\x03a");
/// let mut cursor = buffer.as_sequence().cursor();
/// assert_eq!(codec.decode(&mut cursor)?.value().unwrap(), "hello");
/// assert_eq!(codec.decode(&mut cursor)?, Decoded::NeedMore(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefixed {
    prefix: LengthPrefix,
    max_len: usize,
}

impl Prefixed {
    /// Bodies behind such a prefix, of 8 MiB at most.
    pub const fn new(prefix: LengthPrefix) -> Self {
        Self { prefix, max_len: DEFAULT_MAX_LEN }
    }

    /// Says how long a body may be, in bytes.
    #[must_use]
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }

    /// The prefix alone: the body behind it is to be taken in parts.
    ///
    /// # Errors
    ///
    /// As [`decode`](Decoder::decode).
    pub fn decode_head(&self, cursor: &mut Cursor<'_>) -> Result<Decoded<Body>, PrefixError> {
        attempt(cursor, |cursor| Ok(Body::of(self.read_len(cursor, false)?.into())))
    }

    /// The length of the next body, which is waited for as well if it is taken as a whole.
    #[inline]
    fn read_len(&self, cursor: &mut Cursor<'_>, is_whole: bool) -> Result<u32, Interrupt<PrefixError>> {
        let start = cursor.clone();
        match self.prefix.read(cursor) {
            Ok(len) if len as usize <= self.max_len => Ok(len),
            _ => Err(self.judge(&start, is_whole)),
        }
    }

    /// What is wrong with a prefix, or missing of it.
    #[inline(never)]
    fn judge(&self, cursor: &Cursor<'_>, is_whole: bool) -> Interrupt<PrefixError> {
        let (width, high) = (self.prefix.max_size(), self.max_len as u64);
        let field = match self.prefix {
            LengthPrefix::U8 | LengthPrefix::U16Be | LengthPrefix::U32Be => FieldRange::big_endian(width, 0, high),
            LengthPrefix::U16Le | LengthPrefix::U32Le => FieldRange::little_endian(width, 0, high),
            LengthPrefix::Varint => return self.judge_varint(cursor, is_whole),
        };
        match field.read(cursor) {
            Ok(partial) => {
                let body = if is_whole { partial.number as usize } else { 0 };
                let whole = (width - partial.len).saturating_add(body);
                Interrupt::NeedMore(field.fails_after(partial).map_or(whole, |fails_after| fails_after.min(whole)))
            }
            Err(Partial { number, .. }) => Interrupt::Invalid(self.too_long(cursor, number)),
        }
    }

    /// As `judge`. The low bits come first, so that those that have come are the least that it announces.
    fn judge_varint(&self, cursor: &Cursor<'_>, is_whole: bool) -> Interrupt<PrefixError> {
        let (mut number, mut len) = (0_u64, 0);
        for byte in cursor.remaining().bytes().take(MAX_VARINT_LEN) {
            number |= u64::from(byte & 0x7f) << (7 * len);
            len += 1;
            if len == MAX_VARINT_LEN && byte > 0xf {
                let offset = cursor.position().offset();
                return Interrupt::Invalid(VarintError::TooLarge { offset, bits: u32::BITS }.into());
            }
            if number > self.max_len as u64 {
                return Interrupt::Invalid(self.too_long(cursor, number));
            }
        }
        // Nothing but the last byte that there may be, and one that makes it too much, can be wrong.
        let most = |more: usize| number | ((1 << (7 * more)) - 1) << (7 * len);
        let fails_after = (1..MAX_VARINT_LEN - len).find(|more| most(*more) > self.max_len as u64);
        let body = if is_whole { number as usize } else { 0 };
        Interrupt::NeedMore(fails_after.unwrap_or(MAX_VARINT_LEN - len).min(body.saturating_add(1)))
    }

    #[cold]
    fn too_long(&self, cursor: &Cursor<'_>, len: u64) -> PrefixError {
        PrefixError::TooLong { offset: cursor.position().offset(), len: len as u32, limit: self.max_len }
    }
}

impl Decoder for Prefixed {
    type Item<'a> = Sequence<'a>;
    type Error = PrefixError;

    #[inline]
    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Sequence<'a>>, PrefixError> {
        attempt(cursor, |cursor| {
            let len = self.read_len(cursor, true)?;
            Ok(cursor.take_exact(len as usize)?)
        })
    }

    fn reset(&mut self) {}
}

impl<P: Payload> Encoder<P> for Prefixed {
    #[inline]
    fn encode<W: BufferWriter + ?Sized>(&mut self, item: P, out: &mut W) -> Result<(), EncodeError> {
        let limit = u64::from(self.prefix.max_len()).min(self.max_len as u64);
        EncodeError::check_len(item.len(), limit)?;
        encode_bounded(&Length(self.prefix, item.len() as u32), out)?;
        item.encode(out)
    }
}

/// A length in its form.
struct Length(LengthPrefix, u32);

impl Encode for Length {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encode_bounded(self, out)
    }
}

impl MaxSize for Length {
    const MAX_SIZE: usize = LengthPrefix::Varint.max_size();

    #[inline]
    fn put(&self, memory: &mut [u8]) -> usize {
        self.0.put(self.1, memory)
    }
}
