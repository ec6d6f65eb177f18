//! Frames with a length field in their head, wherever it stands and whatever it counts.

use headpond_pool::{BufferWriter, Cursor, Sequence};

use crate::{
    body::Body,
    decode::{Decoded, Decoder, Interrupt, attempt},
    encode::{EncodeError, Encoder, Payload},
    field_range::{FieldRange, Partial},
};

/// How long a frame may be unless [`LengthDelimited::max_len`] says otherwise, in bytes.
const DEFAULT_MAX_LEN: usize = 8 * 1024 * 1024;

/// Why a frame is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LengthError {
    /// The frame is longer than it may be. That is told with the first byte of the field that shows it.
    #[error("the head at offset {offset} announces a frame of at least {len} bytes, where {limit} is the most")]
    TooLong {
        /// Where the head begins in the stream, in bytes.
        offset: u64,
        /// How long the frame is at the least, by what was read of the field, in bytes.
        len: u64,
        /// How long it may be, in bytes.
        limit: usize,
    },
    /// Adjusted, the length is negative.
    #[error("the length {len} in the head at offset {offset} makes no sense once adjusted by {adjustment}")]
    Adjustment {
        /// Where the head begins in the stream, in bytes.
        offset: u64,
        /// What the field holds at the least, by what was read of it.
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
/// The options are those of `tokio_util`'s `LengthDelimitedCodec`, and mean the same but for the limit. A head is
/// [`field_offset`](Self::field_offset) bytes of anything, then the field. What is taken off the stream is `skip` bytes, the
/// head unless [`skip`](Self::skip) says otherwise, and then as many bytes as the field holds, plus the adjustment: those
/// are the frame. Written is the field, and the frame behind it: what options have something else before a frame are for reading.
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

    /// How long a frame may be, read or written, in bytes: what is left of the field once it is adjusted. (`tokio_util`'s
    /// limit is one on what the field holds where it reads, and on the frame where it writes.)
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
        attempt(cursor, |cursor| Ok(Body::of(self.read_head(cursor, false)? as u64)))
    }

    /// How long the head is, in bytes.
    const fn head_len(&self) -> usize {
        self.field_offset.saturating_add(self.field_len)
    }

    /// How many bytes are dropped before the frame.
    fn skipped(&self) -> usize {
        self.skip.unwrap_or(self.head_len())
    }

    /// How short a frame may be. One of no bytes whose head is kept would begin where the next one does.
    fn min_len(&self) -> usize {
        usize::from(self.skipped() == 0)
    }

    /// What the field of a frame of so many bytes holds, were it as wide as it takes.
    fn field_of(&self, len: usize) -> i128 {
        len as i128 - self.adjustment as i128
    }

    /// The field with what it may hold; `None` when there is nothing that it may.
    fn field(&self) -> Option<FieldRange> {
        let (low, high) = (self.field_of(self.min_len()).max(0), self.field_of(self.max_len));
        let (low, high) = (u64::try_from(low).ok()?, u64::try_from(high.min(u64::MAX.into())).ok()?);
        let most = u64::MAX >> (64 - 8 * self.field_len);
        let make = if self.is_big_endian { FieldRange::big_endian } else { FieldRange::little_endian };
        (low <= high && low <= most).then(|| make(self.field_len, low, high))
    }

    /// The length of the frame, which is waited for as well if it is taken as a whole; the cursor goes to where that begins.
    #[inline]
    fn read_head(&self, cursor: &mut Cursor<'_>, is_whole: bool) -> Result<usize, Interrupt<LengthError>> {
        let (head_len, skipped) = (self.head_len(), self.skipped());
        if cursor.len() < head_len.max(skipped) {
            return Err(self.judge(cursor, is_whole));
        }
        let mut field = cursor.clone();
        field.skip(self.field_offset)?;
        let mut bytes = [0; 8];
        let number = if self.is_big_endian {
            field.read_exact_into(&mut bytes[8 - self.field_len..])?;
            u64::from_be_bytes(bytes)
        } else {
            field.read_exact_into(&mut bytes[..self.field_len])?;
            u64::from_le_bytes(bytes)
        };
        let len = match usize::try_from(i128::from(number) + self.adjustment as i128) {
            Ok(len) if len <= self.max_len && len >= self.min_len() => len,
            _ => return Err(self.judge(cursor, is_whole)),
        };
        if is_whole && cursor.len() < skipped.saturating_add(len) {
            return Err(self.judge(cursor, is_whole));
        }
        cursor.skip(skipped)?;
        Ok(len)
    }

    /// What is wrong with a head, or missing of it, or of the frame.
    #[inline(never)]
    fn judge(&self, cursor: &Cursor<'_>, is_whole: bool) -> Interrupt<LengthError> {
        let (offset, available) = (cursor.position().offset(), cursor.len());
        let Some(range) = self.field() else { return self.nothing_fits(offset, available) };
        let mut field = cursor.clone();
        let _ = field.skip(self.field_offset.min(available));
        let before_field = self.field_offset.saturating_sub(available);
        let partial = match range.read(&field) {
            Ok(partial) => partial,
            Err(partial) => return Interrupt::Invalid(self.error(&range, partial, offset)),
        };
        let least = range.least(partial).map_or(0, |least| (i128::from(least) + self.adjustment as i128) as usize);
        let skipped = self.skipped();
        let end = if is_whole { skipped.saturating_add(least) } else { skipped };
        let whole = self.head_len().max(end).saturating_sub(available);
        let fails_after = range.fails_after(partial).map(|bytes| bytes.saturating_add(before_field));
        Interrupt::NeedMore(fails_after.map_or(whole, |bytes| bytes.min(whole)))
    }

    /// What is wrong with what a field holds, of which that was read.
    #[cold]
    fn error(&self, range: &FieldRange, partial: Partial, offset: u64) -> LengthError {
        let (adjustment, len) = (self.adjustment, partial.number);
        let adjusted = i128::from(len) + adjustment as i128;
        if adjusted == 0 && partial.len == self.field_len {
            return LengthError::Nothing { offset };
        }
        if range.is_below(partial) || adjusted < 0 {
            return LengthError::Adjustment { offset, len, adjustment };
        }
        LengthError::TooLong { offset, len: u64::try_from(adjusted).unwrap_or(u64::MAX), limit: self.max_len }
    }

    /// The options are such that no frame is one.
    #[cold]
    fn nothing_fits(&self, offset: u64, available: usize) -> Interrupt<LengthError> {
        let adjustment = self.adjustment;
        if available == 0 {
            return Interrupt::NeedMore(1);
        }
        Interrupt::Invalid(match usize::try_from(adjustment) {
            Ok(least) => LengthError::TooLong { offset, len: least.max(self.min_len()) as u64, limit: self.max_len },
            Err(_) => LengthError::Adjustment { offset, len: u64::MAX >> (64 - 8 * self.field_len), adjustment },
        })
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
            let len = self.read_head(cursor, true)?;
            Ok(cursor.take_exact(len)?)
        })
    }

    fn reset(&mut self) {}
}

/// What the decoder would not give back as it is, is refused: frames beyond the limit; lengths that the field has no place for, or that
/// cannot be told by it; and every frame when something stands before the field, when the head is not dropped, or when more than it is.
impl<P: Payload> Encoder<P> for LengthDelimited {
    fn encode<W: BufferWriter + ?Sized>(&mut self, item: P, out: &mut W) -> Result<(), EncodeError> {
        if self.field_offset > 0 || self.skipped() != self.field_len {
            return Err(EncodeError::Unrepresentable {
                reason: "a frame is written behind its field, and nothing else",
            });
        }
        EncodeError::check_len(item.len(), self.max_len as u64)?;
        let most = u64::MAX >> (64 - 8 * self.field_len);
        let Some(field) = u64::try_from(self.field_of(item.len())).ok().filter(|field| *field <= most) else {
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
