//! Tokens, one after the other, as they arrive.

use headpond_pool::{Cursor, Sequence};

use super::{Limits, MessagePackError, Token, nesting::Nesting, scan::scan};
use crate::{
    body::Body,
    decode::{Decoded, Decoder, Interrupt, attempt},
};

/// Takes tokens off a stream, and knows when they make up a value: between two of them [`is_inside`](Decoder::is_inside) is
/// false.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoded, Decoder, messagepack::{Token, TokenDecoder}};
/// use headpond_pool::SequenceBuf;
///
/// let mut tokens = TokenDecoder::new().split_above(4);
/// let buffer = SequenceBuf::from(&b"\x92\xc3\xb4a long "[..]);
/// let mut cursor = buffer.as_sequence().cursor();
/// assert_eq!(tokens.decode(&mut cursor)?, Decoded::Value(Token::Array(2)));
/// assert_eq!(tokens.decode(&mut cursor)?, Decoded::Value(Token::Boolean(true)));
/// assert_eq!(tokens.decode(&mut cursor)?, Decoded::Value(Token::StringHead(20)));
/// assert!(matches!(tokens.decode(&mut cursor)?, Decoded::Value(Token::Part(part)) if part == "a long "));
/// assert_eq!(tokens.decode(&mut cursor)?, Decoded::NeedMore(1));
/// # Ok::<(), headpond_codec::messagepack::MessagePackError>(())
/// ```
#[derive(Debug, Clone)]
pub struct TokenDecoder {
    limits: Limits,
    split_above: u64,
    nesting: Nesting,
    /// What is missing of a string that comes in parts.
    body: Body,
}

impl TokenDecoder {
    /// Any tokens, within the default [`Limits`].
    pub const fn new() -> Self {
        Self::with_limits(Limits::new())
    }

    /// Any tokens, within such limits.
    pub const fn with_limits(limits: Limits) -> Self {
        Self { limits, split_above: u64::MAX, nesting: Nesting::NOTHING, body: Body::of(0) }
    }

    /// Gives strings, binary data and extensions of more than so many bytes in parts, as they arrive, so that they are never
    /// gathered: first [`Token::StringHead`] or its like, then [`Token::Part`]s, as many bytes as the head says.
    #[must_use]
    pub const fn split_above(mut self, bytes: u64) -> Self {
        self.split_above = bytes;
        self
    }
}

impl Default for TokenDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for TokenDecoder {
    type Item<'a> = Token<Sequence<'a>>;
    type Error = MessagePackError;

    #[inline]
    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Token<Sequence<'a>>>, MessagePackError> {
        if !self.body.is_done() {
            let part = self.body.take(cursor);
            if part.is_empty() {
                return Ok(Decoded::NeedMore(1));
            }
            if self.body.is_done() {
                self.nesting.value_ended();
            }
            return Ok(Decoded::Value(Token::Part(part)));
        }
        attempt(cursor, |cursor| {
            let start = cursor.position().offset();
            let token = scan(cursor, &self.limits, self.split_above)?;
            self.nesting.step(&token, &self.limits, start).map_err(Interrupt::Invalid)?;
            if let Token::StringHead(len) | Token::BinaryHead(len) | Token::ExtensionHead { len, .. } = token {
                self.body = Body::of(len.into());
            }
            Ok(token)
        })
    }

    fn is_inside(&self) -> bool {
        !self.body.is_done() || self.nesting.is_inside()
    }

    fn reset(&mut self) {
        self.nesting.clear();
        self.body = Body::of(0);
    }
}
