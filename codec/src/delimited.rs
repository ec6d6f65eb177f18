//! Frames that end with a delimiter: a byte of a set, or a string of bytes.

use headpond_pool::{BufferWriter, Cursor, Position, Sequence};

use crate::{
    decode::{Decoded, Decoder, FinishError},
    encode::{Encode, EncodeError, Encoder, Payload},
    searched::Searched,
};

/// How long a frame may be unless `max_len` says otherwise, in bytes.
const DEFAULT_MAX_LEN: usize = 64 * 1024;

/// A frame longer than it may be, found out before more of it than that was gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the frame at offset {offset} is longer than {limit} bytes")]
#[non_exhaustive]
pub struct FrameTooLong {
    /// Where the frame begins in the stream, in bytes.
    pub offset: u64,
    /// How long a frame may be, its delimiter not counted, in bytes.
    pub limit: usize,
}

/// What ends a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delimiter<'d> {
    /// All of these bytes, in this order.
    Bytes(&'d [u8]),
    /// Any one of these bytes.
    AnyOf(&'d [u8]),
}

impl Delimiter<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::AnyOf(_) => 1,
        }
    }

    /// How many of the last bytes are the first of a delimiter, at the most.
    fn open_len(&self, sequence: &Sequence<'_>) -> usize {
        let Self::Bytes(bytes) = self else { return 0 };
        let most = sequence.len().min(bytes.len() - 1);
        let tail = |len: usize| sequence.slice(sequence.start() + (sequence.len() - len)..);
        (1..=most).rev().find(|len| tail(*len) == bytes[..*len]).unwrap_or(0)
    }

    fn find(&self, sequence: &Sequence<'_>) -> Option<Position> {
        match self {
            Self::Bytes(bytes) => sequence.find(bytes),
            Self::AnyOf(set) => sequence.find_any(set),
        }
    }
}

/// Frames that end with a delimiter, in both directions.
///
/// At the end of the stream, [`finish`](Decoder::finish) gives what is left as the last frame: one that was cut off cannot be told
/// from a whole one. Where that matters, [`require_delimiter`](Self::require_delimiter).
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoder, delimited::Delimited};
/// use headpond_pool::SequenceBuf;
///
/// let buffer = SequenceBuf::from("a: 1\r\nb: 2\r\n\r\nbody");
/// let mut cursor = buffer.as_sequence().cursor();
/// let mut heads = Delimited::by(b"\r\n\r\n").max_len(8192);
/// assert_eq!(heads.decode(&mut cursor)?.value().unwrap(), "a: 1\r\nb: 2");
///
/// let buffer = SequenceBuf::from("1,2;3");
/// let mut cursor = buffer.as_sequence().cursor();
/// let mut fields = Delimited::by_any_of(b",;");
/// assert_eq!(fields.decode(&mut cursor)?.value().unwrap(), "1");
/// assert_eq!(fields.decode(&mut cursor)?.value().unwrap(), "2");
/// assert_eq!(fields.finish(&mut cursor)?.unwrap(), "3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Delimited<'d> {
    delimiter: Delimiter<'d>,
    max_len: usize,
    requires_delimiter: bool,
    searched: Searched,
}

impl<'d> Delimited<'d> {
    /// Frames of at most 64 KiB that end with all of these bytes.
    ///
    /// Up to 256 of them, the search allocates nothing.
    ///
    /// # Panics
    ///
    /// When there are none.
    pub const fn by(delimiter: &'d [u8]) -> Self {
        assert!(!delimiter.is_empty(), "a delimiter has a byte at least");
        Self::new(Delimiter::Bytes(delimiter))
    }

    /// Frames of at most 64 KiB that end with any one of these bytes. They are written with the first of them.
    ///
    /// # Panics
    ///
    /// When there are none.
    pub const fn by_any_of(delimiters: &'d [u8]) -> Self {
        assert!(!delimiters.is_empty(), "a delimiter has a byte at least");
        Self::new(Delimiter::AnyOf(delimiters))
    }

    const fn new(delimiter: Delimiter<'d>) -> Self {
        Self { delimiter, max_len: DEFAULT_MAX_LEN, requires_delimiter: false, searched: Searched::NOTHING }
    }

    /// Says how long a frame may be, its delimiter not counted, in bytes.
    #[must_use]
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }

    /// Says whether the last frame must have its delimiter as well. Without it, [`finish`](Decoder::finish) fails with
    /// [`FinishError::Truncated`]: the stream was cut off.
    #[must_use]
    pub const fn require_delimiter(mut self, is_required: bool) -> Self {
        self.requires_delimiter = is_required;
        self
    }

    fn too_long(&self, start: Position) -> FrameTooLong {
        FrameTooLong { offset: start.offset(), limit: self.max_len }
    }
}

impl Decoder for Delimited<'_> {
    type Item<'a> = Sequence<'a>;
    type Error = FrameTooLong;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Sequence<'a>>, FrameTooLong> {
        let rest = cursor.remaining();
        let (start, delimiter) = (rest.start(), self.delimiter.len());
        let window = rest.slice(..start + rest.len().min(self.max_len.saturating_add(delimiter)));
        let from = self.searched.resume(start, window.end());
        if let Some(end) = self.delimiter.find(&window.slice(from..)) {
            cursor.rewind_to(end + delimiter);
            return Ok(Decoded::Value(rest.slice(..end)));
        }
        // The last bytes may be the first of a delimiter, and the next search begins with them.
        let open = self.delimiter.open_len(&window.slice(from..));
        let len = window.len() - open;
        if len > self.max_len {
            return Err(self.too_long(start));
        }
        self.searched.note(start, start + len);
        // The rest of the delimiter completes a frame, and anything else makes it longer.
        let fails_after = (self.max_len - window.len().min(self.max_len)).saturating_add(1);
        Ok(Decoded::NeedMore(fails_after.min(delimiter - open)))
    }

    fn finish<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Option<Sequence<'a>>, FinishError<FrameTooLong>> {
        if let Decoded::Value(frame) = self.decode(cursor).map_err(FinishError::Invalid)? {
            return Ok(Some(frame));
        }
        match cursor.len() {
            0 => Ok(None),
            _ if self.requires_delimiter => Err(FinishError::truncated(cursor, 1)),
            len if len > self.max_len => Err(FinishError::Invalid(self.too_long(cursor.position()))),
            len => Ok(cursor.take_exact(len).ok()),
        }
    }

    fn reset(&mut self) {
        self.searched = Searched::NOTHING;
    }
}

/// A frame that holds its own delimiter is refused.
impl<P: Payload> Encoder<P> for Delimited<'_> {
    fn encode<W: BufferWriter + ?Sized>(&mut self, item: P, out: &mut W) -> Result<(), EncodeError> {
        EncodeError::check_len(item.len(), self.max_len as u64)?;
        let (holds, end) = match self.delimiter {
            Delimiter::Bytes(bytes) => (holds_bytes(&item, bytes), bytes),
            Delimiter::AnyOf(set) => (item.pieces().flatten().any(|byte| set.contains(byte)), &set[..1]),
        };
        if holds {
            return Err(EncodeError::Unrepresentable { reason: "a delimited frame does not hold its delimiter" });
        }
        item.encode(out)?;
        end.encode(out)
    }
}

/// Whether `needle` occurs in the item with the needle put behind it, but for the end: it would be found too early.
fn holds_bytes(item: &impl Payload, needle: &[u8]) -> bool {
    // How many bytes of the needle the last ones are. Where they go on with another than its next, they may still be the beginning
    // of a shorter part. (A table of those would be an allocation for each frame.)
    let mut matched = 0;
    for byte in item.pieces().flatten().chain(&needle[..needle.len() - 1]) {
        while matched > 0 && needle[matched] != *byte {
            matched = border(&needle[..matched]);
        }
        matched += usize::from(needle[matched] == *byte);
        if matched == needle.len() {
            return true;
        }
    }
    false
}

/// The length of the longest end of `bytes`, not all of them, that they begin with as well.
fn border(bytes: &[u8]) -> usize {
    (1..bytes.len()).find(|&from| bytes.starts_with(&bytes[from..])).map_or(0, |from| bytes.len() - from)
}
