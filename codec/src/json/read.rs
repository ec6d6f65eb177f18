//! Values out of JSON text, wherever it lies.

use std::{io, mem};

use headpond_pool::{Cursor, Sequence};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::error::Category;

/// Why text is no value of the type asked for.
///
/// Two are equal when they are of the same kind, at the same offset, and their sources at the same line and column.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadJsonError {
    /// The text is no JSON.
    #[error("no JSON at offset {offset}")]
    Syntax {
        /// Where that was seen in the stream, in bytes.
        offset: u64,
        /// What is wrong; its line and column count from the start of the text.
        source: serde_json::Error,
    },
    /// The text is JSON, and not what the type wants.
    #[error("not the value that is wanted at offset {offset}")]
    Data {
        /// Where that was seen in the stream, in bytes: behind what is not wanted, or at its end.
        offset: u64,
        /// What is wrong; its line and column count from the start of the text.
        source: serde_json::Error,
    },
    /// The text ends too early.
    #[error("the JSON ends too early, at offset {offset}")]
    Truncated {
        /// Where it ends in the stream, in bytes.
        offset: u64,
        /// What is missing; its line and column count from the start of the text.
        source: serde_json::Error,
    },
}

/// Reads a value that is all of `text`, in whatever chunks it lies; white space around it does no harm.
///
/// Text in several chunks is read byte by byte, which takes half as long again. It is not joined, so that a value takes no more
/// memory than its own; only what turns out to be none is, so that its error is the same wherever the text is cut.
///
/// # Errors
///
/// When the text is no JSON, is nested more than 127 levels deep, or is not what the type wants.
///
/// # Examples
///
/// ```
/// use headpond_codec::json;
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let buffer = SequenceBuf::from_iter([Slice::from(r#"{"name":"head"#), Slice::from(r#"pond","year":20"#), Slice::from("26}")]);
/// let value: std::collections::BTreeMap<String, serde_json::Value> = json::read(buffer.as_sequence())?;
/// assert_eq!(value["year"], 2026);
/// # Ok::<(), json::ReadJsonError>(())
/// ```
pub fn read<T: DeserializeOwned>(text: Sequence<'_>) -> Result<T, ReadJsonError> {
    let value = match text.as_single_chunk() {
        Some(chunk) => serde_json::from_slice(chunk),
        None => serde_json::from_reader(Bytes(text.cursor())).map_err(|error| in_one_piece::<T>(text).unwrap_or(error)),
    };
    value.map_err(|error| ReadJsonError::at(error, text))
}

/// The error in a text that was read byte by byte, with its place as it is when the text is read by slice: byte by byte, it is one
/// further where a byte was looked at that may be another value's.
#[cold]
fn in_one_piece<T: DeserializeOwned>(text: Sequence<'_>) -> Option<serde_json::Error> {
    serde_json::from_slice::<T>(&text.to_vec()).err()
}

/// As [`read`], for a value that may borrow: from the stream where the text lies in one chunk, otherwise from `scratch`, where it is
/// joined. Kept from one value to the next, that allocates nothing in the end.
///
/// # Errors
///
/// As [`read`].
///
/// # Examples
///
/// ```
/// use headpond_codec::json;
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let buffer = SequenceBuf::from_iter([Slice::from(r#"["he"#), Slice::from(r#"ad","pond"]"#)]);
/// let mut scratch = Vec::new();
/// let words: [&str; 2] = json::read_with(buffer.as_sequence(), &mut scratch)?;
/// assert_eq!(words, ["head", "pond"]);
/// # Ok::<(), json::ReadJsonError>(())
/// ```
pub fn read_with<'s, T: Deserialize<'s>>(text: Sequence<'s>, scratch: &'s mut Vec<u8>) -> Result<T, ReadJsonError> {
    let bytes = match text.as_single_chunk() {
        Some(chunk) => chunk,
        None => {
            scratch.clear();
            text.chunks().for_each(|chunk| scratch.extend_from_slice(chunk));
            scratch
        }
    };
    serde_json::from_slice(bytes).map_err(|error| ReadJsonError::at(error, text))
}

impl PartialEq for ReadJsonError {
    fn eq(&self, other: &Self) -> bool {
        let (Self::Syntax { offset, source } | Self::Data { offset, source } | Self::Truncated { offset, source }) =
            self;
        let place = (*offset, source.line(), source.column());
        let (Self::Syntax { offset, source } | Self::Data { offset, source } | Self::Truncated { offset, source }) =
            other;
        mem::discriminant(self) == mem::discriminant(other) && place == (*offset, source.line(), source.column())
    }
}

impl Eq for ReadJsonError {}

impl ReadJsonError {
    /// What went wrong in `text`.
    #[cold]
    fn at(source: serde_json::Error, text: Sequence<'_>) -> Self {
        let offset = offset_of(source.line(), source.column(), text);
        match source.classify() {
            Category::Data => Self::Data { offset, source },
            Category::Eof => Self::Truncated { offset: text.end().offset(), source },
            Category::Syntax | Category::Io => Self::Syntax { offset, source },
        }
    }
}

/// Where the byte at a line and a column stands in the stream, both counted from one; zero is the line feed before.
fn offset_of(line: usize, column: usize, text: Sequence<'_>) -> u64 {
    let mut rest = text;
    for _ in 1..line {
        match rest.position_of(b'\n') {
            Some(end) => rest = rest.slice(end + 1..),
            None => break,
        }
    }
    let offset = rest.start().offset() + column as u64;
    offset.saturating_sub(1).clamp(text.start().offset(), text.end().offset())
}

/// The bytes of a cursor, as what `serde_json` reads from. There is no error.
struct Bytes<'a>(Cursor<'a>);

impl io::Read for Bytes<'_> {
    #[inline]
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let chunk = self.0.chunk();
        let len = chunk.len().min(out.len());
        out[..len].copy_from_slice(&chunk[..len]);
        let _ = self.0.skip(len);
        Ok(len)
    }
}
