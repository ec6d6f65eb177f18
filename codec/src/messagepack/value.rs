//! Owned values of MessagePack.

use headpond_pool::{BufferWriter, Sequence, Slice};

use super::{Timestamp, Token, Tokens};
use crate::encode::{Encode, EncodeError};

/// An owned value, of whatever nesting.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, messagepack::Value};
///
/// let value = Value::Map(vec![(Value::String("point".into()), Value::Array(vec![Value::Unsigned(3), Value::Signed(-4)]))]);
/// let mut out = Vec::new();
/// value.encode(&mut out)?;
/// assert_eq!(out, b"\x81\xa5point\x92\x03\xfc");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is the token of that name, with its elements")]
pub enum Value {
    Nil,
    Boolean(bool),
    Unsigned(u64),
    Signed(i64),
    Float32(f32),
    Float64(f64),
    String(Slice),
    Binary(Slice),
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
    Extension { kind: i8, data: Slice },
    Timestamp(Timestamp),
}

impl Value {
    /// The text, if it is one, and UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => std::str::from_utf8(text).ok(),
            _ => None,
        }
    }

    /// The next value of a frame's tokens. The frame was checked: it holds all elements that it announces, which are allocated for
    /// at once. There is no call within a call, so that no stack is as deep as a stream likes.
    pub(super) fn build(tokens: &mut Tokens<'_>) -> Self {
        let mut open: Vec<Open> = Vec::new();
        for token in tokens {
            let mut ended = match token {
                Token::Array(len @ 1..) => {
                    open.push(Open::Array { elements: Vec::with_capacity(len as usize), len: len as usize });
                    continue;
                }
                Token::Map(len @ 1..) => {
                    open.push(Open::Map { pairs: Vec::with_capacity(len as usize), key: None, len: len as usize });
                    continue;
                }
                token => Self::leaf(token),
            };
            loop {
                let Some(outer) = open.last_mut() else { return ended };
                let Some(complete) = outer.push(ended) else { break };
                open.pop();
                ended = complete;
            }
        }
        // A frame is whole.
        Self::Nil
    }

    /// A value of one token.
    fn leaf(token: Token<Sequence<'_>>) -> Self {
        match token {
            Token::Boolean(value) => Self::Boolean(value),
            Token::Unsigned(number) => Self::Unsigned(number),
            Token::Signed(number) => Self::Signed(number),
            Token::Float32(number) => Self::Float32(number),
            Token::Float64(number) => Self::Float64(number),
            Token::String(text) => Self::String(share(text)),
            Token::Binary(bytes) | Token::Part(bytes) => Self::Binary(share(bytes)),
            Token::Array(_) => Self::Array(Vec::new()),
            Token::Map(_) => Self::Map(Vec::new()),
            Token::Extension { kind, data } => Self::Extension { kind, data: share(data) },
            Token::Timestamp(instant) => Self::Timestamp(instant),
            // Nothing is split here.
            Token::Nil | Token::StringHead(_) | Token::BinaryHead(_) | Token::ExtensionHead { .. } => Self::Nil,
        }
    }

    /// The token of the value, without its elements.
    fn head(&self) -> Result<Token<&[u8]>, EncodeError> {
        Ok(match self {
            Self::Nil => Token::Nil,
            Self::Boolean(value) => Token::Boolean(*value),
            Self::Unsigned(number) => Token::Unsigned(*number),
            Self::Signed(number) => Token::Signed(*number),
            Self::Float32(number) => Token::Float32(*number),
            Self::Float64(number) => Token::Float64(*number),
            Self::String(text) => Token::String(text),
            Self::Binary(bytes) => Token::Binary(bytes),
            Self::Array(elements) => Token::Array(count(elements.len())?),
            Self::Map(pairs) => Token::Map(count(pairs.len())?),
            Self::Extension { kind, data } => Token::Extension { kind: *kind, data },
            Self::Timestamp(instant) => Token::Timestamp(*instant),
        })
    }
}

/// An array or a map whose elements are not all built.
enum Open {
    Array { elements: Vec<Value>, len: usize },
    Map { pairs: Vec<(Value, Value)>, key: Option<Value>, len: usize },
}

impl Open {
    /// Puts a value behind those before; the whole, if it was the last.
    fn push(&mut self, value: Value) -> Option<Value> {
        match self {
            Self::Array { elements, len } => {
                elements.push(value);
                (elements.len() == *len).then(|| Value::Array(std::mem::take(elements)))
            }
            Self::Map { pairs, key, len } => {
                match key.take() {
                    Some(key) => pairs.push((key, value)),
                    None => *key = Some(value),
                }
                (pairs.len() == *len).then(|| Value::Map(std::mem::take(pairs)))
            }
        }
    }
}

impl Encode for Value {
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        self.head()?.encode(out)?;
        match self {
            Self::Array(elements) => elements.iter().try_for_each(|element| element.encode(out)),
            Self::Map(pairs) => pairs.iter().try_for_each(|(key, value)| {
                key.encode(out)?;
                value.encode(out)
            }),
            _ => Ok(()),
        }
    }
}

fn count(len: usize) -> Result<u32, EncodeError> {
    u32::try_from(len).map_err(|_| EncodeError::TooLong { len: len as u64, limit: u32::MAX.into() })
}

fn share(bytes: Sequence<'_>) -> Slice {
    bytes.to_contiguous(..).compact()
}
