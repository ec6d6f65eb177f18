//! Text taken off a stream part by part.

use std::{fmt, ops::Deref};

use headpond_pool::Cursor;

use super::{
    Malformed, Utf8Error,
    scan::{Piece, next_piece},
};
use crate::decode::{Decoded, Decoder, FinishError};

/// Takes text off a stream as it arrives, part by part, however long it is: borrowed but for a character over a join.
///
/// A part ends where a chunk does, or before what is malformed. The beginning of a character is left until the rest of
/// it has arrived; at the end of the stream it is [`FinishError::Truncated`], or U+FFFD.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoded, Decoder, utf8::{Malformed, Utf8Decoder}};
/// use headpond_pool::SequenceBuf;
///
/// let mut decoder = Utf8Decoder::new().malformed(Malformed::Replace);
/// let buffer = SequenceBuf::from(&b"na\xc3\xafve \xff \xe2\x82"[..]);
/// let mut cursor = buffer.as_sequence().cursor();
/// let mut text = String::new();
/// while let Decoded::Value(part) = decoder.decode(&mut cursor)? {
///     text += &part;
/// }
/// assert_eq!(text, "naïve \u{fffd} ");
/// assert_eq!(cursor.len(), 2, "a character that has begun is left");
/// # Ok::<(), headpond_codec::utf8::Utf8Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Utf8Decoder {
    malformed: Malformed,
}

impl Utf8Decoder {
    /// Refuses what is malformed.
    pub const fn new() -> Self {
        Self { malformed: Malformed::Refuse }
    }

    /// Says what becomes of what is malformed.
    #[must_use]
    pub const fn malformed(mut self, malformed: Malformed) -> Self {
        self.malformed = malformed;
        self
    }
}

impl Decoder for Utf8Decoder {
    type Item<'a> = Utf8Part<'a>;
    type Error = Utf8Error;

    #[inline]
    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Utf8Part<'a>>, Utf8Error> {
        let start = cursor.position();
        Ok(Decoded::Value(match next_piece(cursor) {
            Piece::Text(text) => Utf8Part(Part::Borrowed(text)),
            Piece::Joined(character) => Utf8Part::from(character),
            Piece::Invalid { .. } if self.malformed == Malformed::Replace => {
                Utf8Part::from(char::REPLACEMENT_CHARACTER)
            }
            Piece::Invalid { len } => {
                cursor.rewind_to(start);
                return Err(Utf8Error::Invalid { offset: start.offset(), len });
            }
            // One more byte may show that it is malformed.
            Piece::Unfinished { .. } | Piece::End => return Ok(Decoded::NeedMore(1)),
        }))
    }

    fn finish<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Option<Utf8Part<'a>>, FinishError<Utf8Error>> {
        match self.decode(cursor).map_err(FinishError::Invalid)? {
            Decoded::Value(part) => Ok(Some(part)),
            Decoded::NeedMore(_) if cursor.is_empty() => Ok(None),
            Decoded::NeedMore(_) if self.malformed == Malformed::Replace => {
                let _ = cursor.skip(cursor.len());
                Ok(Some(Utf8Part::from(char::REPLACEMENT_CHARACTER)))
            }
            Decoded::NeedMore(_) => {
                let needed = match next_piece(cursor) {
                    Piece::Unfinished { needed } => needed,
                    _ => 1,
                };
                Err(FinishError::truncated(cursor, needed))
            }
        }
    }

    fn reset(&mut self) {}
}

/// A part of a text, never empty: a `str` that is the stream's, or one character that lay over a join or was put in.
#[derive(Clone, Copy)]
pub struct Utf8Part<'a>(Part<'a>);

#[derive(Clone, Copy)]
enum Part<'a> {
    Borrowed(&'a str),
    Character { bytes: [u8; 4], len: usize },
}

impl<'a> Utf8Part<'a> {
    /// The text, when it lies in the stream.
    pub const fn as_borrowed(&self) -> Option<&'a str> {
        match self.0 {
            Part::Borrowed(text) => Some(text),
            Part::Character { .. } => None,
        }
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Part::Borrowed(text) => text,
            // Put there by `encode_utf8`.
            Part::Character { bytes, len } => std::str::from_utf8(&bytes[..*len]).unwrap_or_default(),
        }
    }
}

impl From<char> for Utf8Part<'_> {
    fn from(character: char) -> Self {
        let mut bytes = [0; 4];
        let len = character.encode_utf8(&mut bytes).len();
        Self(Part::Character { bytes, len })
    }
}

impl Deref for Utf8Part<'_> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Utf8Part<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Utf8Part<'_> {}

impl fmt::Display for Utf8Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Utf8Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
