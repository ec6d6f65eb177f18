//! JSON: what serde serializes, straight into blocks and out of them, by `serde_json`.
//!
//! [`write()`] and [`Json`] put a value into a writer's memory token by token, without a `Vec` in between. [`read`] takes one out of a
//! [`Sequence`](headpond_pool::Sequence): by slice where it lies in one chunk, and otherwise byte by byte over the joins. [`read_with`]
//! joins it first, into memory that the caller keeps, so that the value may borrow from it. [`JsonDecoder`] finds
//! where the values of a stream end, so that one that has not arrived is not parsed again and again.

mod decoder;
mod read;

use std::io;

use bytes::BufMut;
use headpond_pool::{BufMutView, BufferWriter, WriteError};
use serde::Serialize;

use crate::encode::{Encode, EncodeError};

pub use decoder::{JsonDecoder, JsonTooLong};
pub use read::{ReadJsonError, read, read_with};

/// Why a value was not written, or only a part of it.
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

fn write_by<'a, W: BufferWriter + ?Sized>(
    out: &'a mut W,
    write: impl FnOnce(&mut Blocks<'a, W>) -> Result<(), serde_json::Error>,
) -> Result<usize, WriteJsonError> {
    let mut blocks = Blocks(BufMutView::new(out));
    let result = write(&mut blocks);
    // The writer's error is the cause of the other one.
    let written = blocks.0.finish()?;
    result.map(|()| written).map_err(WriteJsonError::Value)
}

/// Blocks that are filled in place, as what `serde_json` writes to.
struct Blocks<'a, W: BufferWriter + ?Sized>(BufMutView<'a, W>);

impl<W: BufferWriter + ?Sized> io::Write for Blocks<'_, W> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.put_slice(bytes);
        // A kind alone allocates nothing; the view keeps what it stands for.
        if self.0.error().is_some() { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
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
        match write(out, &self.0) {
            Ok(_) => Ok(()),
            Err(WriteJsonError::Write(error)) => Err(error.into()),
            Err(WriteJsonError::Value(_)) => Err(EncodeError::Unrepresentable { reason: "JSON has no such value" }),
        }
    }
}
