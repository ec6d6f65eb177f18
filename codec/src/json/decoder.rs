//! Where the values of a stream end.

use headpond_pool::{Cursor, Sequence};

use crate::{
    ascii::Ascii,
    decode::{Decoded, Decoder, FinishError},
    searched::Searched,
};

/// How long the text of a value may be unless [`JsonDecoder::max_len`] says otherwise, in bytes.
const DEFAULT_MAX_LEN: usize = 8 * 1024 * 1024;

/// A value longer than it may be, found out with the first byte that shows it: that opens a bracket too many to be closed, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the JSON at offset {offset} is longer than {limit} bytes")]
#[non_exhaustive]
pub struct JsonTooLong {
    /// Where its text begins in the stream, in bytes, the white space before it included.
    pub offset: u64,
    /// How long it may be, in bytes.
    pub limit: usize,
}

/// Takes JSON values off a stream, one behind the other or a line each, as text: [`read`](super::read) makes values of it.
///
/// It looks at brackets and strings alone, and at each byte once, however small the pieces are in which a value arrives. What is no
/// JSON comes out as some text, which is then no value. A number or a word ends before white space, a bracket, a
/// quotation mark, a comma or a colon, or at the end of the stream. White space before a value counts as its text, and is not given.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoded, Decoder, json::{self, JsonDecoder}};
/// use headpond_pool::SequenceBuf;
///
/// let buffer = SequenceBuf::from("[1, \"]\"]\n{\"a\":{}} 17 [tru");
/// let mut cursor = buffer.as_sequence().cursor();
/// let mut decoder = JsonDecoder::new().max_len(1024);
/// assert_eq!(decoder.decode(&mut cursor)?.value().unwrap(), "[1, \"]\"]");
/// assert_eq!(decoder.decode(&mut cursor)?.value().unwrap(), "{\"a\":{}}");
/// let number: u8 = json::read(decoder.decode(&mut cursor)?.value().unwrap())?;
/// assert_eq!(number, 17);
/// assert_eq!(decoder.decode(&mut cursor)?, Decoded::NeedMore(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct JsonDecoder {
    max_len: usize,
    /// How much of the value that has not ended was searched, and what the next byte belongs to.
    searched: Searched,
    place: Place,
}

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// White space before a value.
    Before,
    /// So many brackets; zero for a string that is a value itself.
    String { depth: usize },
    /// A string, behind a backslash.
    Escape { depth: usize },
    /// So many brackets, not zero.
    Brackets { depth: usize },
    /// A number, a word, or nothing that there is.
    Word,
}

/// Whether a byte belongs to the value.
enum Step {
    Within(Place),
    Last,
    Behind,
}

impl Place {
    /// How many bytes must follow at the least before the value ends.
    fn least_behind(self) -> usize {
        match self {
            // The stream may end there.
            Self::Before | Self::Word => 0,
            Self::String { depth } => depth + 1,
            Self::Escape { depth } => depth + 2,
            Self::Brackets { depth } => depth,
        }
    }

    /// After how many bytes the value may have ended, or be longer than it may be, when it may have `room` more than it must.
    fn changes_after(self, room: usize) -> usize {
        match self {
            Self::Before | Self::Word | Self::String { depth: 0 } => 1,
            // A backslash wants two bytes more behind it, and a bracket another.
            Self::String { depth } => (depth + 1).min(room.max(1)).min(room / 2 + 2),
            // The byte behind the backslash is one of those that it wants.
            Self::Escape { depth } => 1 + Self::String { depth }.changes_after(room),
            Self::Brackets { depth } => depth.min(room / 2 + 1),
        }
    }

    /// How many bytes at the start of `bytes` change nothing.
    #[inline]
    fn indifferent(self, bytes: &[u8]) -> usize {
        let found = match self {
            Self::String { .. } => memchr::memchr2(b'"', b'\\', bytes),
            Self::Brackets { .. } => bytes.iter().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']')),
            Self::Before | Self::Escape { .. } | Self::Word => Some(0),
        };
        found.unwrap_or(bytes.len())
    }

    #[inline]
    fn step(self, byte: u8) -> Step {
        Step::Within(match (self, byte) {
            (Self::Before, b' ' | b'\t' | b'\n' | b'\r') => Self::Before,
            (Self::Before, b'{' | b'[') => Self::Brackets { depth: 1 },
            (Self::Before, b'"') => Self::String { depth: 0 },
            (Self::Before, b'}' | b']' | b',' | b':') => return Step::Last,
            (Self::Before, _) => Self::Word,
            (Self::String { depth: 0 }, b'"') | (Self::Brackets { depth: 1 }, b'}' | b']') => return Step::Last,
            (Self::String { depth }, b'"') => Self::Brackets { depth },
            (Self::String { depth }, b'\\') => Self::Escape { depth },
            (Self::String { depth } | Self::Escape { depth }, _) => Self::String { depth },
            (Self::Brackets { depth }, b'"') => Self::String { depth },
            (Self::Brackets { depth }, b'{' | b'[') => Self::Brackets { depth: depth + 1 },
            (Self::Brackets { depth }, b'}' | b']') => Self::Brackets { depth: depth - 1 },
            (Self::Brackets { depth }, _) => Self::Brackets { depth },
            (Self::Word, b' ' | b'\t' | b'\n' | b'\r' | b'{' | b'[' | b'}' | b']' | b'"' | b',' | b':') => {
                return Step::Behind;
            }
            (Self::Word, _) => Self::Word,
        })
    }
}

impl JsonDecoder {
    /// Values of 8 MiB at most.
    pub const fn new() -> Self {
        Self { max_len: DEFAULT_MAX_LEN, searched: Searched::NOTHING, place: Place::Before }
    }

    /// Says how long the text of a value may be, the white space before it included, in bytes.
    #[must_use]
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }

    /// Searches on for the end of the value that begins at the cursor: its length, if it has ended.
    fn search(&mut self, cursor: &Cursor<'_>) -> Option<usize> {
        let rest = cursor.remaining();
        let start = rest.start();
        // No further than there is to see that it is too long.
        let window = rest.slice(..start + rest.len().min(self.max_len.saturating_add(1)));
        let mut searched = self.searched.resume(start, window.end());
        if searched == start {
            self.place = Place::Before;
        }
        for chunk in window.slice(searched..).chunks() {
            let mut at = 0;
            loop {
                at += self.place.indifferent(&chunk[at..]);
                let Some(&byte) = chunk.get(at) else {
                    break;
                };
                let last = match self.place.step(byte) {
                    Step::Within(place) => {
                        (self.place, at) = (place, at + 1);
                        continue;
                    }
                    Step::Last => 1,
                    Step::Behind => 0,
                };
                searched += at;
                self.searched.note(start, searched);
                return Some(searched - start + last);
            }
            searched += chunk.len();
        }
        self.searched.note(start, searched);
        None
    }

    /// Takes a text of a length that is there.
    fn take<'a>(&mut self, cursor: &mut Cursor<'a>, len: usize) -> Result<Sequence<'a>, JsonTooLong> {
        if len > self.max_len {
            return Err(self.too_long(cursor));
        }
        let text = cursor.take_exact(len).unwrap_or_default();
        self.searched = Searched::NOTHING;
        Ok(text.trim_bytes_start(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')))
    }

    fn too_long(&self, cursor: &Cursor<'_>) -> JsonTooLong {
        JsonTooLong { offset: cursor.position().offset(), limit: self.max_len }
    }
}

impl Decoder for JsonDecoder {
    type Item<'a> = Sequence<'a>;
    type Error = JsonTooLong;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Sequence<'a>>, JsonTooLong> {
        match self.search(cursor) {
            Some(len) => self.take(cursor, len).map(Decoded::Value),
            None if cursor.len().saturating_add(self.place.least_behind()) > self.max_len => Err(self.too_long(cursor)),
            None => {
                let room = self.max_len - cursor.len() - self.place.least_behind();
                Ok(Decoded::NeedMore(self.place.changes_after(room)))
            }
        }
    }

    /// A number or a word ends where the stream does; white space that is left is passed over.
    fn finish<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Option<Sequence<'a>>, FinishError<JsonTooLong>> {
        if let Decoded::Value(text) = self.decode(cursor).map_err(FinishError::Invalid)? {
            return Ok(Some(text));
        }
        match self.place {
            Place::Before => {
                let _ = cursor.skip(cursor.len());
                Ok(None)
            }
            Place::Word => self.take(cursor, cursor.len()).map(Some).map_err(FinishError::Invalid),
            Place::String { .. } | Place::Escape { .. } | Place::Brackets { .. } => {
                Err(FinishError::truncated(cursor, 1))
            }
        }
    }

    fn reset(&mut self) {
        self.searched = Searched::NOTHING;
    }
}

impl Default for JsonDecoder {
    fn default() -> Self {
        Self::new()
    }
}
