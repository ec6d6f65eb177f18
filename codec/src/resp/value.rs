//! Owned values of RESP.

use headpond_pool::{BufferWriter, Sequence, Slice};

use super::{Token, Tokens};
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
    /// The next value of a frame's tokens. The frame was checked: it holds all elements that it announces, which are allocated for
    /// at once.
    pub(super) fn build(tokens: &mut Tokens<'_>) -> Self {
        let Some(token) = tokens.next() else { return Self::Null };
        match token {
            Token::Simple(text) => Self::Simple(share(text)),
            Token::Error(text) => Self::Error(share(text)),
            Token::Integer(number) => Self::Integer(number),
            Token::Bulk(bytes) | Token::Chunk(bytes) | Token::Part(bytes) => Self::Bulk(share(bytes)),
            Token::Boolean(value) => Self::Boolean(value),
            Token::Double(number) => Self::Double(number),
            Token::BigNumber(digits) => Self::BigNumber(share(digits)),
            Token::BulkError(bytes) => Self::BulkError(share(bytes)),
            Token::Verbatim { format, text } => Self::Verbatim { format, text: share(text) },
            Token::Array(len) => Self::Array(elements(tokens, len)),
            Token::Set(len) => Self::Set(elements(tokens, len)),
            Token::Push(len) => Self::Push(elements(tokens, len)),
            Token::Map(pairs) => Self::Map(self::pairs(tokens, pairs)),
            Token::Attributes(pairs) => {
                let attributes = self::pairs(tokens, pairs);
                Self::Attributed { attributes, value: Box::new(Self::build(tokens)) }
            }
            Token::StreamedString => Self::Bulk(gather(tokens)),
            Token::StreamedArray => Self::Array(streamed(tokens)),
            Token::StreamedSet => Self::Set(streamed(tokens)),
            Token::StreamedMap => Self::Map(streamed_pairs(tokens)),
            Token::NullBulk | Token::NullArray | Token::Null => Self::Null,
            Token::EndOfString | Token::End | Token::BulkHead(_) | Token::EndOfParts => Self::Null,
        }
    }

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

fn share(bytes: Sequence<'_>) -> Slice {
    bytes.to_contiguous(..).compact()
}

fn elements(tokens: &mut Tokens<'_>, len: u64) -> Vec<Value> {
    (0..len).map(|_| Value::build(tokens)).collect()
}

fn pairs(tokens: &mut Tokens<'_>, pairs: u64) -> Vec<(Value, Value)> {
    (0..pairs).map(|_| (Value::build(tokens), Value::build(tokens))).collect()
}

/// The chunks of a streamed string.
fn gather(tokens: &mut Tokens<'_>) -> Slice {
    let mut bytes = Vec::new();
    while let Some(Token::Chunk(chunk)) = tokens.next() {
        chunk.chunks().for_each(|piece| bytes.extend_from_slice(piece));
    }
    Slice::from(bytes)
}

/// The elements of a streamed aggregate, up to its end.
fn streamed(tokens: &mut Tokens<'_>) -> Vec<Value> {
    let mut elements = Vec::new();
    while !tokens.skip_end() {
        elements.push(Value::build(tokens));
    }
    elements
}

fn streamed_pairs(tokens: &mut Tokens<'_>) -> Vec<(Value, Value)> {
    let mut pairs = Vec::new();
    while !tokens.skip_end() {
        pairs.push((Value::build(tokens), Value::build(tokens)));
    }
    pairs
}
