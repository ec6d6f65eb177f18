//! Owned values of RESP.

use headpond_pool::{BufferWriter, Slice};

use super::Token;
use crate::encode::{Encode, EncodeError};

/// An owned value, of whatever nesting.
///
/// Streamed strings and aggregates are what they stream, and the three nulls are one.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoder, Encode, resp::{FrameDecoder, Value}};
/// use headpond_pool::SequenceBuf;
///
/// let buffer = SequenceBuf::from("*2\r\n#t\r\n$?\r\n;2\r\nab\r\n;1\r\nc\r\n;0\r\n");
/// let frame = FrameDecoder::new().decode(&mut buffer.as_sequence().cursor())?.value().unwrap();
/// let value = frame.to_value();
/// assert_eq!(value, Value::Array(vec![Value::Boolean(true), Value::Bulk("abc".into())]));
///
/// let mut out = Vec::new();
/// value.encode(&mut out)?;
/// assert_eq!(out, b"*2\r\n#t\r\n$3\r\nabc\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is the token of that name, with its elements")]
pub enum Value {
    Null,
    Simple(Slice),
    Error(Slice),
    Integer(i64),
    Bulk(Slice),
    Boolean(bool),
    Double(f64),
    BigNumber(Slice),
    BulkError(Slice),
    Verbatim { format: [u8; 3], text: Slice },
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
    Set(Vec<Value>),
    Push(Vec<Value>),
    Attributed { attributes: Vec<(Value, Value)>, value: Box<Value> },
}

impl Value {
    /// The token of the value, without its elements.
    pub(super) fn head(&self) -> Token<&[u8]> {
        match self {
            Self::Null => Token::Null,
            Self::Simple(text) => Token::Simple(text),
            Self::Error(text) => Token::Error(text),
            Self::Integer(number) => Token::Integer(*number),
            Self::Bulk(bytes) => Token::Bulk(bytes),
            Self::Boolean(value) => Token::Boolean(*value),
            Self::Double(number) => Token::Double(*number),
            Self::BigNumber(digits) => Token::BigNumber(digits),
            Self::BulkError(bytes) => Token::BulkError(bytes),
            Self::Verbatim { format, text } => Token::Verbatim { format: *format, text },
            Self::Array(elements) => Token::Array(elements.len() as u64),
            Self::Set(elements) => Token::Set(elements.len() as u64),
            Self::Push(elements) => Token::Push(elements.len() as u64),
            Self::Map(pairs) => Token::Map(pairs.len() as u64),
            Self::Attributed { attributes, .. } => Token::Attributes(attributes.len() as u64),
        }
    }

    /// Calls `visit` with each value directly within it, in order.
    pub(super) fn try_for_each_part<E>(&self, mut visit: impl FnMut(&Self) -> Result<(), E>) -> Result<(), E> {
        let mut visit_pairs = |pairs: &[(Self, Self)]| {
            pairs.iter().try_for_each(|(key, value)| {
                visit(key)?;
                visit(value)
            })
        };
        match self {
            Self::Map(pairs) => visit_pairs(pairs),
            Self::Attributed { attributes, value } => {
                visit_pairs(attributes)?;
                visit(value)
            }
            Self::Array(elements) | Self::Set(elements) | Self::Push(elements) => elements.iter().try_for_each(visit),
            _ => Ok(()),
        }
    }
}

impl Encode for Value {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        self.head().encode(out)?;
        self.try_for_each_part(|part| part.encode(out))
    }
}
