//! JSON: what serde serializes, straight into blocks and out of them, by `serde_json`.
//!
//! [`write()`] and [`Json`] put a value into a writer's memory as it is serialized, without a `Vec` in between: its tokens are gathered on
//! the stack, up to 1 KiB of them, and copied together; [`write_line`] and [`JsonLine`] put a line feed behind it. [`read`] takes one out of a
//! [`Sequence`](headpond_pool::Sequence): by slice where it lies in one chunk, and otherwise byte by byte over the joins. [`read_with`]
//! joins it first, into memory that the caller keeps, so that the value may borrow from it. [`JsonDecoder`] finds
//! where the values of a stream end, so that one that has not arrived is not parsed again and again.

mod decoder;
mod read;

use std::{
    io::{self, Write as _},
    mem,
};

use headpond_pool::{BufferWriter, WriteError};
use serde::Serialize;

use crate::encode::{Encode, EncodeError};

pub use decoder::{JsonDecoder, JsonTooLong};
pub use read::{ReadJsonError, read, read_with};

/// Why a value was not written, or only a part of it.
///
/// Two are equal when they are of the same kind, and the writer's errors are: what is wrong with a value is not compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteJsonError {
    /// The writer gave no memory.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The value is not one that JSON has: a map whose keys are no strings, or what its `Serialize` refuses.
    #[error(transparent)]
    Value(serde_json::Error),
}

impl PartialEq for WriteJsonError {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Write(one), Self::Write(other)) => one == other,
            (Self::Value(_), Self::Value(_)) => true,
            _ => false,
        }
    }
}

impl Eq for WriteJsonError {}

/// Writes a value as JSON, without white space, and returns how many bytes that took.
///
/// # Errors
///
/// When the writer has no memory, or nobody to read it, and when JSON has no such value. A part may be written by then, and the
/// stream is best aborted.
///
/// # Examples
///
/// ```
/// let mut out = Vec::new(); // or a pipe's writer
/// assert_eq!(headpond_codec::json::write(&mut out, &("head", [1, 2], 0.5))?, 18);
/// assert_eq!(out, br#"["head",[1,2],0.5]"#);
/// # Ok::<(), headpond_codec::json::WriteJsonError>(())
/// ```
pub fn write<T: Serialize + ?Sized>(
    out: &mut (impl BufferWriter + ?Sized),
    value: &T,
) -> Result<usize, WriteJsonError> {
    write_by(out, |blocks| serde_json::to_writer(blocks, value))
}

/// As [`write()`], with a line for each element and two spaces for each level.
///
/// # Errors
///
/// As [`write()`].
pub fn write_pretty<T: Serialize + ?Sized>(
    out: &mut (impl BufferWriter + ?Sized),
    value: &T,
) -> Result<usize, WriteJsonError> {
    write_by(out, |blocks| serde_json::to_writer_pretty(blocks, value))
}

/// As [`write()`], with a line feed behind the value: one line of a stream of them, as JSON Lines and NDJSON are.
///
/// # Errors
///
/// As [`write()`].
pub fn write_line<T: Serialize + ?Sized>(
    out: &mut (impl BufferWriter + ?Sized),
    value: &T,
) -> Result<usize, WriteJsonError> {
    write_by(out, |blocks| {
        serde_json::to_writer(&mut *blocks, value)?;
        blocks.write_all(b"\n").map_err(serde_json::Error::io)
    })
}

fn write_by<W: BufferWriter + ?Sized>(
    out: &mut W,
    write: impl FnOnce(&mut Tokens<'_, W>) -> Result<(), serde_json::Error>,
) -> Result<usize, WriteJsonError> {
    let mut tokens = Tokens { out, gathered: [0; GATHERED_LEN], gathered_len: 0, written: 0, error: None };
    let result = write(&mut tokens);
    let settled = tokens.settle();
    match (tokens.error, settled) {
        // The writer's error is the cause of the other one.
        (Some(error), _) | (None, Err(error)) => Err(error.into()),
        (None, Ok(())) => result.map(|()| tokens.written).map_err(WriteJsonError::Value),
    }
}

/// How many bytes of tokens go to the writer together.
const GATHERED_LEN: usize = 1024;

/// Any writer, as what `serde_json` writes to.
///
/// Most tokens are of one byte or two. Gathered, they cost the writer one look at its room and its reader for many: a document of
/// 200 fields takes 7.1 us by 256 bytes, 5 % less by 1024, and 8.9 us token by token.
struct Tokens<'a, W: BufferWriter + ?Sized> {
    out: &'a mut W,
    gathered: [u8; GATHERED_LEN],
    gathered_len: usize,
    written: usize,
    error: Option<WriteError>,
}

impl<W: BufferWriter + ?Sized> Tokens<'_, W> {
    /// Writes what is gathered, unless there was an error.
    fn settle(&mut self) -> Result<(), WriteError> {
        let len = mem::take(&mut self.gathered_len);
        if self.error.is_none() {
            self.out.write(&self.gathered[..len])?;
            self.written += len;
        }
        Ok(())
    }

    /// Writes what is gathered, and then a token that did not fit behind it.
    #[inline(never)]
    fn write_past(&mut self, token: &[u8]) -> Result<(), WriteError> {
        self.settle()?;
        match self.gathered.get_mut(..token.len()) {
            Some(place) => {
                place.copy_from_slice(token);
                self.gathered_len = token.len();
            }
            None => {
                self.out.write(token)?;
                self.written += token.len();
            }
        }
        Ok(())
    }
}

impl<W: BufferWriter + ?Sized> io::Write for Tokens<'_, W> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    // Only so are tokens that are known when it is compiled stored where they belong, and not copied by a call.
    #[inline(always)]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let end = self.gathered_len.wrapping_add(bytes.len());
        if let Some(place) = self.gathered.get_mut(self.gathered_len..end) {
            place.copy_from_slice(bytes);
            self.gathered_len = end;
            return Ok(());
        }
        self.write_past(bytes).map_err(|error| {
            self.error = Some(error);
            // A kind alone allocates nothing.
            io::ErrorKind::Other.into()
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A value written as JSON.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, json::Json, prefix::{LengthPrefix, write_prefixed}};
///
/// let mut out = Vec::new();
/// write_prefixed(&mut out, LengthPrefix::U16Be, |out| Json([true, false]).encode(out))?;
/// assert_eq!(out, b"\0\x0c[true,false]");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Json<T>(pub T);

impl<T: Serialize> Encode for Json<T> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encoded(write(out, &self.0))
    }
}

/// A value written as JSON with a line feed behind it, as JSON Lines and NDJSON have it.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Codec, Decoder, Encoder, Plain, json::{self, JsonDecoder, JsonLine}};
/// use headpond_pool::SequenceBuf;
///
/// // Both directions of a stream of lines: texts are made values of, and values texts.
/// let decoder = JsonDecoder::new().map(|text| json::read::<(u8, String)>(text));
/// let mut codec = Codec { decoder, encoder: Plain };
/// let mut out = Vec::new();
/// codec.encode(JsonLine((1, "one")), &mut out)?;
/// assert_eq!(out, b"[1,\"one\"]\n");
///
/// let buffer = SequenceBuf::from(out);
/// let value = codec.decode(&mut buffer.as_sequence().cursor())?.value().ok_or("half a value")??;
/// assert_eq!(value, (1, "one".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JsonLine<T>(pub T);

impl<T: Serialize> Encode for JsonLine<T> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encoded(write_line(out, &self.0))
    }
}

fn encoded(written: Result<usize, WriteJsonError>) -> Result<(), EncodeError> {
    match written {
        Ok(_) => Ok(()),
        Err(WriteJsonError::Write(error)) => Err(error.into()),
        Err(WriteJsonError::Value(_)) => Err(EncodeError::Unrepresentable { reason: "JSON has no such value" }),
    }
}
