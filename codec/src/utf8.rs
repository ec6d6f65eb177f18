//! UTF-8 read and checked wherever it lies: a character may be cut by a join.
//!
//! Nothing is joined to be checked. A text in one chunk is borrowed; one in several is given as pieces that are borrowed too, but
//! for the characters at the joins. With the feature `simdutf8` the check is that crate's.
//!
//! What is malformed is either an error that names its place, or becomes U+FFFD, one for each maximal part of a
//! character, as the Unicode standard recommends and as `String::from_utf8_lossy` does.

mod decoder;
mod scan;
mod validator;

use std::borrow::Cow;

use headpond_pool::Sequence;

use scan::{Piece, next_piece};

pub use decoder::{Utf8Decoder, Utf8Part};
pub use validator::Utf8Validator;

/// Why bytes are no text in UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Utf8Error {
    /// Bytes that begin no character.
    #[error("the {len} bytes at offset {offset} are no UTF-8")]
    Invalid {
        /// Where they stand in the stream, in bytes.
        offset: u64,
        /// How many belong together, 1 to 3: one U+FFFD stands for them.
        len: usize,
    },
    /// The text ends within a character.
    #[error("the text ends within the character at offset {offset}, of which {needed} bytes are missing")]
    Truncated {
        /// Where the character begins in the stream, in bytes.
        offset: u64,
        /// How many of its bytes are missing.
        needed: usize,
    },
}

/// What becomes of bytes that are no text, and of characters that an encoding has no place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Malformed {
    /// They are an error.
    #[default]
    Refuse,
    /// They are replaced by what the standard says: U+FFFD in text that is read.
    Replace,
}

/// Checks that the whole of `bytes` is text.
///
/// # Errors
///
/// At the first bytes that are not, and when the text ends within a character.
///
/// # Examples
///
/// ```
/// use headpond_codec::utf8::{self, Utf8Error};
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let buffer = SequenceBuf::from_iter([Slice::from(&b"caf\xc3"[..]), Slice::from(&b"\xa9"[..])]);
/// utf8::validate(buffer.as_sequence())?;
/// let cut = buffer.as_sequence().slice(..buffer.start() + 4);
/// assert_eq!(utf8::validate(cut), Err(Utf8Error::Truncated { offset: 3, needed: 1 }));
/// # Ok::<(), Utf8Error>(())
/// ```
pub fn validate(bytes: Sequence<'_>) -> Result<(), Utf8Error> {
    let mut validator = Utf8Validator::starting_at(bytes.start().offset());
    bytes.chunks().try_for_each(|chunk| validator.push(chunk))?;
    validator.finish()
}

/// The whole of `bytes` as a string: borrowed when it lies in one chunk, otherwise copied.
///
/// # Errors
///
/// As [`validate`].
///
/// # Examples
///
/// ```
/// use headpond_codec::utf8;
/// use headpond_pool::SequenceBuf;
///
/// let buffer = SequenceBuf::from("Ünïcödé");
/// assert!(matches!(utf8::decode(buffer.as_sequence())?, std::borrow::Cow::Borrowed("Ünïcödé")));
/// # Ok::<(), utf8::Utf8Error>(())
/// ```
pub fn decode(bytes: Sequence<'_>) -> Result<Cow<'_, str>, Utf8Error> {
    gather(bytes, Malformed::Refuse)
}

/// The whole of `bytes` as a string, U+FFFD for what is malformed: borrowed when it lies in one chunk and is all text.
///
/// # Examples
///
/// ```
/// use headpond_codec::utf8;
/// use headpond_pool::SequenceBuf;
///
/// let buffer = SequenceBuf::from(&b"a\xffb\xe2\x82"[..]);
/// assert_eq!(utf8::decode_lossy(buffer.as_sequence()), "a\u{fffd}b\u{fffd}");
/// ```
pub fn decode_lossy(bytes: Sequence<'_>) -> Cow<'_, str> {
    // What is replaced is no error.
    gather(bytes, Malformed::Replace).unwrap_or_default()
}

fn gather(bytes: Sequence<'_>, malformed: Malformed) -> Result<Cow<'_, str>, Utf8Error> {
    if let Some(text) = bytes.as_single_chunk().and_then(|chunk| scan::check(chunk).ok()) {
        return Ok(Cow::Borrowed(text));
    }
    let mut text = String::with_capacity(bytes.len());
    let mut cursor = bytes.cursor();
    loop {
        let offset = cursor.position().offset();
        match (next_piece(&mut cursor), malformed) {
            (Piece::Text(piece), _) => text.push_str(piece),
            (Piece::Joined(character), _) => text.push(character),
            (Piece::Invalid { len }, Malformed::Refuse) => return Err(Utf8Error::Invalid { offset, len }),
            (Piece::Unfinished { needed }, Malformed::Refuse) => return Err(Utf8Error::Truncated { offset, needed }),
            (Piece::Invalid { .. }, Malformed::Replace) => text.push(char::REPLACEMENT_CHARACTER),
            (Piece::Unfinished { .. }, Malformed::Replace) => {
                text.push(char::REPLACEMENT_CHARACTER);
                return Ok(Cow::Owned(text));
            }
            (Piece::End, _) => return Ok(Cow::Owned(text)),
        }
    }
}
