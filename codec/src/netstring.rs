//! Netstrings, by D. J. Bernstein: `12:hello world!,`.

use headpond_pool::{BufferWriter, Cursor, Sequence};

use crate::{
    body::Body,
    decode::{Decoded, Decoder, Interrupt, attempt},
    encode::{EncodeError, Encoder, Payload},
    number::write_integer,
};

/// How long a string may be unless [`Netstring::max_len`] says otherwise, in bytes.
const DEFAULT_MAX_LEN: usize = 8 * 1024 * 1024;

/// Why bytes are no netstring, or not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetstringError {
    /// Something else stands there than a length: no digit, or a zero that leads.
    #[error("no length at offset {offset}")]
    Length {
        /// Where it stands in the stream, in bytes.
        offset: u64,
    },
    /// No comma stands behind the string.
    #[error("no comma at offset {offset}")]
    Comma {
        /// Where it should stand in the stream, in bytes.
        offset: u64,
    },
    /// The string is longer than it may be.
    #[error("the netstring at offset {offset} is longer than {limit} bytes")]
    TooLong {
        /// Where its length begins in the stream, in bytes.
        offset: u64,
        /// How long it may be, in bytes.
        limit: usize,
    },
}

/// Netstrings, in both directions.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoder, Encoder, netstring::Netstring};
/// use headpond_pool::SequenceBuf;
///
/// let mut out = Vec::new();
/// Netstring::new().encode("hello world!", &mut out)?;
/// assert_eq!(out, b"12:hello world!,");
/// let buffer = SequenceBuf::from(out);
/// let text = Netstring::new().decode(&mut buffer.as_sequence().cursor())?.value().unwrap();
/// assert_eq!(text, "hello world!");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Netstring {
    max_len: usize,
}

impl Netstring {
    /// Strings of at most 8 MiB.
    pub const fn new() -> Self {
        Self { max_len: DEFAULT_MAX_LEN }
    }

    /// Says how long a string may be, in bytes.
    #[must_use]
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }

    /// The length alone, and its colon: the string is to be taken in parts, and the comma behind it by
    /// [`decode_end`](Self::decode_end).
    ///
    /// # Errors
    ///
    /// As [`decode`](Decoder::decode).
    pub fn decode_head(&self, cursor: &mut Cursor<'_>) -> Result<Decoded<Body>, NetstringError> {
        attempt(cursor, |cursor| Ok(Body::of(self.read_len(cursor)? as u64)))
    }

    /// The comma.
    ///
    /// # Errors
    ///
    /// When something else is there.
    pub fn decode_end(&self, cursor: &mut Cursor<'_>) -> Result<Decoded<()>, NetstringError> {
        attempt(cursor, read_comma)
    }

    fn read_len(&self, cursor: &mut Cursor<'_>) -> Result<usize, Interrupt<NetstringError>> {
        let offset = cursor.position().offset();
        let mut len: usize = 0;
        loop {
            let at = cursor.position().offset();
            let (byte, is_first) = (cursor.u8()?, at == offset);
            match byte {
                b'0'..=b'9' if is_first || len > 0 => {
                    len = len.saturating_mul(10).saturating_add((byte - b'0').into());
                    // No more digits than the limit has are ever read.
                    if len > self.max_len {
                        return Err(Interrupt::Invalid(NetstringError::TooLong { offset, limit: self.max_len }));
                    }
                }
                b':' if !is_first => return Ok(len),
                _ => return Err(Interrupt::Invalid(NetstringError::Length { offset: at })),
            }
        }
    }
}

fn read_comma(cursor: &mut Cursor<'_>) -> Result<(), Interrupt<NetstringError>> {
    let offset = cursor.position().offset();
    match cursor.u8()? {
        b',' => Ok(()),
        _ => Err(Interrupt::Invalid(NetstringError::Comma { offset })),
    }
}

impl Default for Netstring {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for Netstring {
    type Item<'a> = Sequence<'a>;
    type Error = NetstringError;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Sequence<'a>>, NetstringError> {
        attempt(cursor, |cursor| {
            let len = self.read_len(cursor)?;
            let missing = len.saturating_add(1).saturating_sub(cursor.len());
            if missing > 0 {
                return Err(Interrupt::NeedMore(missing));
            }
            let text = cursor.take_exact(len)?;
            read_comma(cursor)?;
            Ok(text)
        })
    }

    fn reset(&mut self) {}
}

impl<P: Payload> Encoder<P> for Netstring {
    fn encode<W: BufferWriter + ?Sized>(&mut self, item: P, out: &mut W) -> Result<(), EncodeError> {
        EncodeError::check_len(item.len(), self.max_len as u64)?;
        write_integer(out, item.len())?;
        out.write(b":")?;
        item.encode(out)?;
        Ok(out.write(b",")?)
    }
}
