//! Tokens, one after the other, as they arrive.

use headpond_pool::{Cursor, Sequence};

use super::{
    Limits, MessagePackError, Token,
    head::{Head, Unfinished, Unread},
    nesting::Nesting,
    scan::scan,
};
use crate::{
    body::Body,
    decode::{Decoded, Decoder},
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

impl TokenDecoder {
    /// The next token, when it and all that must come with it have no more than `left` bytes. Otherwise the cursor stays.
    #[inline]
    pub(super) fn read<'a>(&mut self, cursor: &mut Cursor<'a>, left: u64) -> Result<Token<Sequence<'a>>, Unread> {
        match self.read_near(cursor) {
            Some(token) => Ok(token),
            None => self.read_far(cursor, left),
        }
    }

    /// The next token, if it is whole and nothing is wrong with it. Otherwise the cursor stays.
    #[inline]
    fn read_near<'a>(&mut self, cursor: &mut Cursor<'a>) -> Option<Token<Sequence<'a>>> {
        if !self.body.is_done() {
            return None;
        }
        let start = cursor.position();
        if let Some((token, len)) = scan(cursor, self.split_above) {
            if len <= self.limits.max_string && self.nesting.step(&token, &self.limits, 0).is_ok() {
                if let Token::StringHead(len) | Token::BinaryHead(len) | Token::ExtensionHead { len, .. } = token {
                    self.body = Body::of(len.into());
                }
                return Some(token);
            }
        }
        cursor.rewind_to(start);
        None
    }

    /// A part of a string, or why there is no token.
    #[inline(never)]
    fn read_far<'a>(&mut self, cursor: &mut Cursor<'a>, left: u64) -> Result<Token<Sequence<'a>>, Unread> {
        if self.body.is_done() {
            let (limits, nesting, split_above) = (&self.limits, &self.nesting, self.split_above);
            return Err(Head { limits, nesting, split_above, left }.judge(cursor));
        }
        let part = self.body.take(cursor);
        if part.is_empty() {
            return Err(Unread::NeedMore(Unfinished { fails_after: None, missing: 1, is_last: true }));
        }
        if self.body.is_done() {
            self.nesting.value_ended();
        }
        Ok(Token::Part(part))
    }

    /// How many values are missing before the one that has begun ends.
    pub(super) fn due(&self) -> u64 {
        self.nesting.due()
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
        if let Some(token) = self.read_near(cursor) {
            return Ok(Decoded::Value(token));
        }
        match self.read_far(cursor, u64::MAX) {
            Ok(token) => Ok(Decoded::Value(token)),
            Err(Unread::NeedMore(unfinished)) => Ok(Decoded::NeedMore(unfinished.changes_after(0))),
            // There is room for any.
            Err(Unread::NoRoom) => Ok(Decoded::NeedMore(1)),
            Err(Unread::Invalid(error)) => Err(error),
        }
    }

    fn is_inside(&self) -> bool {
        !self.body.is_done() || self.nesting.is_inside()
    }

    fn reset(&mut self) {
        self.nesting.clear();
        self.body = Body::of(0);
    }
}
