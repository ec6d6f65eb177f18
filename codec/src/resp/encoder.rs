//! RESP3 values for clients that speak RESP2.

use headpond_pool::BufferWriter;

use super::{
    Token, Value,
    token::{put_double, write_bulk},
};
use crate::{
    encode::{Encode, EncodeError, Encoder, Payload},
    number::MAX_FLOAT_LEN,
};

/// A version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum RespVersion {
    /// RESP2: what a connection begins with.
    #[default]
    V2,
    /// RESP3: what `HELLO 3` asks for.
    V3,
}

/// Writes tokens and values in the version that a client speaks.
///
/// What RESP2 does not have, it writes as Redis does: a map as an array of keys and values, sets and pushes as arrays,
/// nulls as `$-1`, booleans as `1` and `0`, doubles and big numbers as bulk strings, verbatim strings as bulk strings without
/// their format, bulk errors as errors with spaces for line breaks. A [`Value`]'s attributes are left out.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encoder, resp::{RespEncoder, RespVersion, Token}};
///
/// let mut out = Vec::new();
/// RespEncoder::new(RespVersion::V2).encode(&Token::<&str>::Boolean(true), &mut out)?;
/// RespEncoder::new(RespVersion::V3).encode(&Token::<&str>::Boolean(true), &mut out)?;
/// assert_eq!(out, b":1\r\n#t\r\n");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RespEncoder {
    version: RespVersion,
}

impl RespEncoder {
    /// Writes such a version.
    pub const fn new(version: RespVersion) -> Self {
        Self { version }
    }

    /// The version it writes.
    pub const fn version(&self) -> RespVersion {
        self.version
    }
}

impl<B: Payload> Encoder<&Token<B>> for RespEncoder {
    fn encode<W: BufferWriter + ?Sized>(&mut self, token: &Token<B>, out: &mut W) -> Result<(), EncodeError> {
        if self.version == RespVersion::V3 {
            return token.encode(out);
        }
        match token {
            Token::Null => Token::<&[u8]>::NullBulk.encode(out),
            Token::Boolean(value) => Token::<&[u8]>::Integer(i64::from(*value)).encode(out),
            Token::Double(number) => {
                let mut text = [0; MAX_FLOAT_LEN];
                let len = put_double(*number, &mut text);
                write_bulk(out, b'$', &&text[..len])
            }
            Token::BigNumber(text) | Token::Verbatim { text, .. } => write_bulk(out, b'$', text),
            Token::BulkError(text) => write_error(out, text),
            Token::Map(pairs) => Token::<&[u8]>::Array(pairs.saturating_mul(2)).encode(out),
            Token::Set(len) | Token::Push(len) => Token::<&[u8]>::Array(*len).encode(out),
            Token::Attributes(_)
            | Token::StreamedString
            | Token::Chunk(_)
            | Token::EndOfString
            | Token::StreamedArray
            | Token::StreamedMap
            | Token::StreamedSet
            | Token::End => {
                Err(EncodeError::Unrepresentable { reason: "RESP2 has no attributes, and streams no values" })
            }
            _ => token.encode(out),
        }
    }
}

impl Encoder<&Value> for RespEncoder {
    fn encode<W: BufferWriter + ?Sized>(&mut self, value: &Value, out: &mut W) -> Result<(), EncodeError> {
        match value {
            Value::Attributed { value, .. } if self.version == RespVersion::V2 => self.encode(&**value, out),
            _ => {
                self.encode(&value.head(), out)?;
                value.try_for_each_part(|part| self.encode(part, out))
            }
        }
    }
}

/// A simple error, with a space for each byte of a line break.
fn write_error<W: BufferWriter + ?Sized>(out: &mut W, text: &impl Payload) -> Result<(), EncodeError> {
    out.write(b"-")?;
    for piece in text.pieces() {
        let mut lines = piece.split(|byte| matches!(byte, b'\r' | b'\n'));
        if let Some(first) = lines.next() {
            out.write(first)?;
        }
        for line in lines {
            out.write(b" ")?;
            out.write(line)?;
        }
    }
    Ok(out.write(b"\r\n")?)
}
