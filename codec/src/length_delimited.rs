//! Frames with a length field in their head, wherever it stands and whatever it counts.

use headpond_pool::{BufferWriter, Cursor, Sequence};

use crate::{
    body::Body,
    decode::{Decoded, Decoder, Interrupt, attempt},
    encode::{EncodeError, Encoder, Payload},
};

/// How long a frame may be unless [`LengthDelimited::max_len`] says otherwise, in bytes.
const DEFAULT_MAX_LEN: usize = 8 * 1024 * 1024;

/// Why a frame is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LengthError {
    /// The field holds more than it may.
    #[error("the head at offset {offset} announces {len} bytes, where {limit} is the most")]
    TooLong {
        /// Where the head begins in the stream, in bytes.
        offset: u64,
        /// What the field holds.
        len: u64,
        /// The most it may hold.
        limit: usize,
    },
    /// Adjusted, the length is negative, or more than memory can hold.
    #[error("the length {len} in the head at offset {offset} makes no sense once adjusted by {adjustment}")]
    Adjustment {
        /// Where the head begins in the stream, in bytes.
        offset: u64,
        /// What the field holds.
        len: u64,
        /// What is added to it.
        adjustment: isize,
    },
    /// The head is not dropped, and the frame has no bytes: the next one would begin where this one does, for ever.
    #[error("the frame at offset {offset} is not even its head")]
    Nothing {
        /// Where the head begins in the stream, in bytes.
        offset: u64,
    },
}

/// Frames with a length field in their head, in both directions.
///
/// The options are those of `tokio_util`'s `LengthDelimitedCodec`, and mean the same. A head is
/// [`field_offset`](Self::field_offset) bytes of anything, then the field. What is taken off the stream is `skip` bytes, the
/// head unless [`skip`](Self::skip) says otherwise, and then as many bytes as the field holds, plus the adjustment: those
/// are the frame. Written is the field, with nothing before it, and the frame.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoder, Encoder, length_delimited::LengthDelimited};
/// use headpond_pool::SequenceBuf;
///
/// // A length of two bytes that counts itself.
/// let mut codec = LengthDelimited::new().field_len(2).adjustment(-2).max_len(1024);
/// let mut out = Vec::new();
/// codec.encode("hello", &mut out)?;
/// assert_eq!(out, b"\0\x07hello");
/// let buffer = SequenceBuf::from(out);
/// assert_eq!(codec.decode(&mut buffer.as_sequence().cursor())?.value().unwrap(), "hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LengthDelimited {
    field_offset: usize,
    field_len: usize,
    is_big_endian: bool,
    adjustment: isize,
    skip: Option<usize>,
    max_len: usize,
}

impl LengthDelimited {
    /// A field of four bytes at the start, the high one first, and frames of at most 8 MiB.
    pub const fn new() -> Self {
        Self { field_offset: 0, field_len: 4, is_big_endian: true, adjustment: 0, skip: None, max_len: DEFAULT_MAX_LEN }
    }

    /// How many bytes stand before the field.
    #[must_use]
    pub const fn field_offset(mut self, bytes: usize) -> Self {
        self.field_offset = bytes;
        self
    }

    /// How many bytes the field has.
    ///
    /// # Panics
    ///
    /// Unless they are one to eight.
    #[must_use]
    pub const fn field_len(mut self, bytes: usize) -> Self {
        assert!(bytes > 0 && bytes <= 8, "a length field has one to eight bytes");
        self.field_len = bytes;
        self
    }

    /// The field has the bytes of such an integer.
    ///
    /// # Panics
    ///
    /// When it has more than eight.
    #[must_use]
    pub const fn field_type<I>(self) -> Self {
        self.field_len(size_of::<I>())
    }

    /// The high byte of the field is the first.
    #[must_use]
    pub const fn big_endian(mut self) -> Self {
        self.is_big_endian = true;
        self
    }

    /// The low byte of the field is the first.
    #[must_use]
    pub const fn little_endian(mut self) -> Self {
        self.is_big_endian = false;
        self
    }

    /// The bytes of the field are in the order of this machine.
    #[must_use]
    pub const fn native_endian(mut self) -> Self {
        self.is_big_endian = cfg!(target_endian = "big");
        self
    }

    /// What is added to what the field holds, to have the frame's length.
    #[must_use]
    pub const fn adjustment(mut self, bytes: isize) -> Self {
        self.adjustment = bytes;
        self
    }

    /// How many bytes are dropped before the frame, from the start of the head: 0 keeps the head.
    #[must_use]
    pub const fn skip(mut self, bytes: usize) -> Self {
        self.skip = Some(bytes);
        self
    }

    /// The most that the field may hold, and the longest frame that is written, in bytes.
    #[must_use]
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }

    /// The head alone, as far as it is dropped: the frame behind it is to be taken in parts.
    ///
    /// # Errors
    ///
    /// As [`decode`](Decoder::decode).
    pub fn decode_head(&self, cursor: &mut Cursor<'_>) -> Result<Decoded<Body>, LengthError> {
        attempt(cursor, |cursor| Ok(Body::of(self.read_head(cursor)? as u64)))
    }

    /// The most that the field may hold: no more than what makes the longest number with the adjustment.
    fn max_field(&self) -> usize {
        let most = u64::MAX >> (64 - 8 * self.field_len);
        let adjusted = most.saturating_add_signed(self.adjustment as i64);
        self.max_len.min(usize::try_from(adjusted).unwrap_or(usize::MAX))
    }

    /// The length of the frame; the cursor goes to where that begins.
    #[inline]
    fn read_head(&self, cursor: &mut Cursor<'_>) -> Result<usize, Interrupt<LengthError>> {
        let head = self.field_offset.saturating_add(self.field_len);
        let (skip, offset) = (self.skip.unwrap_or(head), cursor.position().offset());
        let missing = head.max(skip).saturating_sub(cursor.len());
        if missing > 0 {
            return Err(Interrupt::NeedMore(missing));
        }
        let mut field = cursor.clone();
        field.skip(self.field_offset)?;
        let mut bytes = [0; 8];
        let len = if self.is_big_endian {
            field.read_exact_into(&mut bytes[8 - self.field_len..])?;
            u64::from_be_bytes(bytes)
        } else {
            field.read_exact_into(&mut bytes[..self.field_len])?;
            u64::from_le_bytes(bytes)
        };
        let limit = self.max_field();
        if len > limit as u64 {
            return Err(Interrupt::Invalid(LengthError::TooLong { offset, len, limit }));
        }
        let adjustment = self.adjustment;
        let adjusted = (len as usize).checked_add_signed(adjustment);
        let adjusted = adjusted.ok_or(Interrupt::Invalid(LengthError::Adjustment { offset, len, adjustment }))?;
        if skip == 0 && adjusted == 0 {
            return Err(Interrupt::Invalid(LengthError::Nothing { offset }));
        }
        cursor.skip(skip)?;
        Ok(adjusted)
    }
}

impl Default for LengthDelimited {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for LengthDelimited {
    type Item<'a> = Sequence<'a>;
    type Error = LengthError;

    #[inline]
    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Sequence<'a>>, LengthError> {
        attempt(cursor, |cursor| {
            let len = self.read_head(cursor)?;
            Ok(cursor.take_exact(len)?)
        })
    }

    fn reset(&mut self) {}
}

impl<P: Payload> Encoder<P> for LengthDelimited {
    fn encode<W: BufferWriter + ?Sized>(&mut self, item: P, out: &mut W) -> Result<(), EncodeError> {
        EncodeError::check_len(item.len(), self.max_field() as u64)?;
        let adjusted = self.adjustment.checked_neg().and_then(|back| item.len().checked_add_signed(back));
        let most = u64::MAX >> (64 - 8 * self.field_len);
        let Some(field) = adjusted.map(|len| len as u64).filter(|len| *len <= most) else {
            return Err(EncodeError::Unrepresentable { reason: "the adjusted length has no place in its field" });
        };
        let mut memory = out.reserve(self.field_len)?.at_least(self.field_len)?;
        let (be, le) = (field.to_be_bytes(), field.to_le_bytes());
        let bytes = if self.is_big_endian { &be[8 - self.field_len..] } else { &le[..self.field_len] };
        memory[..self.field_len].copy_from_slice(bytes);
        memory.advance(self.field_len);
        item.encode(out)
    }
}
