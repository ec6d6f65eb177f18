//! Protobuf's messages, straight into blocks and out of them, by `prost`.
//!
//! A message does not say where it ends. Alone it is all that there is, for [`write()`] and [`read`]; on a stream it stands behind
//! its length, for [`MessageCodec`].

use std::marker::PhantomData;

use headpond_pool::{BufMutView, BufferWriter, Cursor, Sequence, WriteError};
use prost::{DecodeError, Message};

use crate::{
    decode::{Decoded, Decoder},
    encode::{Encode, EncodeError, Encoder, encode_bounded},
    prefix::{LengthPrefix, PrefixError, Prefixed},
    varint::Leb128,
};

/// How long a message may be unless [`MessageCodec::max_len`] says otherwise, in bytes.
const DEFAULT_MAX_LEN: usize = 4 * 1024 * 1024;

/// Writes a message, and returns how many bytes that took.
///
/// # Errors
///
/// When the writer has no memory, or nobody to read it. A part may be written by then, and the stream is best aborted.
///
/// # Examples
///
/// ```
/// let mut out = Vec::new(); // or a pipe's writer
/// headpond_codec::protobuf::write(&mut out, &"head".to_owned())?; // a `google.protobuf.StringValue`
/// assert_eq!(out, b"\x0a\x04head");
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
pub fn write<M: Message>(out: &mut (impl BufferWriter + ?Sized), message: &M) -> Result<usize, WriteError> {
    let mut view = BufMutView::new(out);
    // Its only error is that of a buffer without room, and the view grows.
    let _ = message.encode(&mut view);
    view.finish()
}

/// Bytes that are no message of the type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no message at offset {offset}, as was seen at offset {seen}")]
#[non_exhaustive]
pub struct ReadMessageError {
    /// Where the message begins in the stream, in bytes.
    pub offset: u64,
    /// Up to where it was read: before what is wrong, or up to ten bytes further, depending on the chunks it lies in.
    pub seen: u64,
    /// What is wrong, and in which field.
    pub source: DecodeError,
}

/// Reads a message that is all of `bytes`, in whatever chunks they lie.
///
/// # Errors
///
/// When the bytes are no such message, end within a field, or are nested more than 100 levels deep.
///
/// # Examples
///
/// ```
/// use headpond_codec::protobuf;
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let buffer = SequenceBuf::from_iter([Slice::from("\x0a\x04he"), Slice::from("ad")]);
/// assert_eq!(protobuf::read::<String>(buffer.as_sequence())?, "head");
/// # Ok::<(), protobuf::ReadMessageError>(())
/// ```
pub fn read<M: Message + Default>(bytes: Sequence<'_>) -> Result<M, ReadMessageError> {
    let mut message = M::default();
    merge(&mut message, bytes)?;
    Ok(message)
}

/// As [`read`], into a message that is there: fields that occur replace its own, repeated ones are put behind. Cleared before,
/// it keeps its memory.
///
/// # Errors
///
/// As [`read`]; a part of the fields may be replaced by then.
pub fn merge<M: Message>(message: &mut M, bytes: Sequence<'_>) -> Result<(), ReadMessageError> {
    let mut cursor = bytes.cursor();
    message.merge(&mut cursor).map_err(|source| ReadMessageError {
        offset: bytes.start().offset(),
        seen: cursor.position().offset(),
        source,
    })
}

/// A message, written without its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Protobuf<M>(pub M);

impl<M: Message> Encode for Protobuf<M> {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        write(out, &self.0)?;
        Ok(())
    }
}

/// Why what stands on a stream is no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// Its length is no number, or longer than it may be.
    #[error(transparent)]
    Prefix(#[from] PrefixError),
    /// The bytes behind the length are none.
    #[error(transparent)]
    Message(#[from] ReadMessageError),
}

/// Messages behind their length, in both directions: what `encode_length_delimited` writes, and `writeDelimitedTo` in Java.
///
/// The length is a varint of at most 32 bits in at most five bytes. What stands behind it is judged once all of it is there.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoded, Decoder, Encoder, protobuf::MessageCodec};
/// use headpond_pool::SequenceBuf;
///
/// let mut codec = MessageCodec::<String>::new().max_len(1024);
/// let mut out = Vec::new();
/// codec.encode(&"head".to_owned(), &mut out)?;
/// assert_eq!(out, b"\x06\x0a\x04head");
///
/// let buffer = SequenceBuf::from(out);
/// let mut cursor = buffer.as_sequence().cursor();
/// assert_eq!(codec.decode(&mut cursor)?, Decoded::Value("head".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct MessageCodec<M> {
    max_len: usize,
    message: PhantomData<fn() -> M>,
}

impl<M> MessageCodec<M> {
    /// Messages of 4 MiB at most.
    pub const fn new() -> Self {
        Self { max_len: DEFAULT_MAX_LEN, message: PhantomData }
    }

    /// Says how long a message may be, in bytes.
    #[must_use]
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }
}

impl<M> Default for MessageCodec<M> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: Message + Default> Decoder for MessageCodec<M> {
    type Item<'a> = M;
    type Error = MessageError;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<M>, MessageError> {
        let start = cursor.position();
        let body = match Prefixed::new(LengthPrefix::Varint).max_len(self.max_len).decode(cursor)? {
            Decoded::Value(body) => body,
            Decoded::NeedMore(at_least) => return Ok(Decoded::NeedMore(at_least)),
        };
        match read(body) {
            Ok(message) => Ok(Decoded::Value(message)),
            Err(error) => {
                cursor.rewind_to(start);
                Err(error.into())
            }
        }
    }

    fn reset(&mut self) {}
}

impl<M: Message> Encoder<&M> for MessageCodec<M> {
    fn encode<W: BufferWriter + ?Sized>(&mut self, message: &M, out: &mut W) -> Result<(), EncodeError> {
        let len = message.encoded_len();
        EncodeError::check_len(len, u64::from(LengthPrefix::Varint.max_len()).min(self.max_len as u64))?;
        encode_bounded(&Leb128(len as u32), out)?;
        write(out, message)?;
        Ok(())
    }
}
