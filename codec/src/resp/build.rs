//! Owned values out of the tokens of a frame, without a call within a call: no stack is as deep as a stream likes.

use std::mem;

use headpond_pool::{Sequence, Slice};

use super::{Token, Tokens, Value};

/// An aggregate whose elements are not all built. What is streamed misses more than there are tokens.
enum Open {
    Elements {
        make: fn(Vec<Value>) -> Value,
        elements: Vec<Value>,
        missing: u64,
    },
    Map {
        pairs: Vec<(Value, Value)>,
        key: Option<Value>,
        missing: u64,
    },
    Attributes {
        pairs: Vec<(Value, Value)>,
        key: Option<Value>,
        missing: u64,
    },
    /// What the attributes are of is next.
    Attributed {
        attributes: Vec<(Value, Value)>,
    },
    Chunks(Vec<u8>),
}

/// The next value of a frame's tokens. The frame was checked: it holds all elements that it announces, which are allocated for at once.
pub(super) fn build(tokens: &mut Tokens<'_>) -> Value {
    let mut open: Vec<Open> = Vec::new();
    for token in tokens {
        let mut ended = match token {
            Token::Chunk(chunk) => {
                if let Some(Open::Chunks(bytes)) = open.last_mut() {
                    chunk.chunks().for_each(|piece| bytes.extend_from_slice(piece));
                }
                continue;
            }
            Token::EndOfString | Token::End => match open.pop() {
                Some(streamed) => streamed.finish(),
                None => break,
            },
            token => match leaf(&token) {
                Some(value) => value,
                None => {
                    open.extend(Open::of(&token));
                    continue;
                }
            },
        };
        loop {
            let Some(outer) = open.last_mut() else { return ended };
            let Some(complete) = outer.push(ended) else { break };
            open.pop();
            ended = complete;
        }
    }
    // A frame is whole.
    Value::Null
}

/// A value of one token.
#[inline]
fn leaf(token: &Token<Sequence<'_>>) -> Option<Value> {
    Some(match *token {
        Token::Simple(text) => Value::Simple(share(text)),
        Token::Error(text) => Value::Error(share(text)),
        Token::Integer(number) => Value::Integer(number),
        Token::Bulk(bytes) | Token::Part(bytes) => Value::Bulk(share(bytes)),
        Token::Boolean(value) => Value::Boolean(value),
        Token::Double(number) => Value::Double(number),
        Token::BigNumber(digits) => Value::BigNumber(share(digits)),
        Token::BulkError(bytes) => Value::BulkError(share(bytes)),
        Token::Verbatim { format, text } => Value::Verbatim { format, text: share(text) },
        Token::Array(0) => Value::Array(Vec::new()),
        Token::Set(0) => Value::Set(Vec::new()),
        Token::Push(0) => Value::Push(Vec::new()),
        Token::Map(0) => Value::Map(Vec::new()),
        Token::Null | Token::NullBulk | Token::NullArray => Value::Null,
        _ => return None,
    })
}

impl Open {
    /// What a token opens that is no value by itself.
    fn of(token: &Token<Sequence<'_>>) -> Option<Self> {
        let elements =
            |make, missing: u64, len: u64| Self::Elements { make, elements: Vec::with_capacity(len as usize), missing };
        Some(match *token {
            Token::Array(len) => elements(Value::Array, len, len),
            Token::Set(len) => elements(Value::Set, len, len),
            Token::Push(len) => elements(Value::Push, len, len),
            Token::StreamedArray => elements(Value::Array, u64::MAX, 0),
            Token::StreamedSet => elements(Value::Set, u64::MAX, 0),
            Token::Map(len) => Self::Map { pairs: Vec::with_capacity(len as usize), key: None, missing: len },
            Token::StreamedMap => Self::Map { pairs: Vec::new(), key: None, missing: u64::MAX },
            Token::Attributes(0) => Self::Attributed { attributes: Vec::new() },
            Token::Attributes(len) => {
                Self::Attributes { pairs: Vec::with_capacity(len as usize), key: None, missing: len }
            }
            Token::StreamedString => Self::Chunks(Vec::new()),
            _ => return None,
        })
    }

    /// Puts a value behind those before; the whole, if it was the last.
    #[inline]
    fn push(&mut self, value: Value) -> Option<Value> {
        match self {
            Self::Elements { make, elements, missing } => {
                elements.push(value);
                *missing -= 1;
                (*missing == 0).then(|| make(mem::take(elements)))
            }
            Self::Map { pairs, key, missing } => {
                push_pair(pairs, key, missing, value).then(|| Value::Map(mem::take(pairs)))
            }
            Self::Attributes { pairs, key, missing } => {
                if push_pair(pairs, key, missing, value) {
                    *self = Self::Attributed { attributes: mem::take(pairs) };
                }
                None
            }
            Self::Attributed { attributes } => {
                Some(Value::Attributed { attributes: mem::take(attributes), value: Box::new(value) })
            }
            Self::Chunks(_) => None,
        }
    }

    /// The value that ends with what it streams.
    fn finish(self) -> Value {
        match self {
            Self::Elements { make, elements, .. } => make(elements),
            Self::Map { pairs, .. } | Self::Attributes { pairs, .. } => Value::Map(pairs),
            Self::Chunks(bytes) => Value::Bulk(Slice::from(bytes)),
            Self::Attributed { attributes } => Value::Map(attributes),
        }
    }
}

/// Puts a key or its value behind the pairs before; whether none is missing then.
#[inline]
fn push_pair(pairs: &mut Vec<(Value, Value)>, key: &mut Option<Value>, missing: &mut u64, value: Value) -> bool {
    match key.take() {
        Some(key) => {
            pairs.push((key, value));
            *missing -= 1;
        }
        None => *key = Some(value),
    }
    *missing == 0
}

fn share(bytes: Sequence<'_>) -> Slice {
    bytes.to_contiguous(..).compact()
}
