//! Whole values of MessagePack, of whatever nesting.

use headpond_pool::{Cursor, Sequence};

use super::{Limits, MessagePackError, Token, TokenDecoder, Value, head::Unread, scan::scan};
use crate::{
    decode::{Decoded, Decoder},
    nested::{self, Nested, Passed},
};

/// How long a frame may be unless [`FrameDecoder::max_len`] says otherwise, in bytes.
const DEFAULT_MAX_LEN: usize = 64 << 20;

/// Takes whole values off a stream.
///
/// A value that has arrived in part is not read again: what was checked stays checked.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoded, Decoder, messagepack::{FrameDecoder, Token, Value}};
/// use headpond_pool::SequenceBuf;
///
/// let mut values = FrameDecoder::new();
/// let buffer = SequenceBuf::from(&b"\x81\xa1a\x93\x01\xff\xc0\x92"[..]);
/// let mut cursor = buffer.as_sequence().cursor();
/// let map = values.decode(&mut cursor)?.value().unwrap();
/// assert_eq!(map.tokens().count(), 6);
/// let inner = Value::Array(vec![Value::Unsigned(1), Value::Signed(-1), Value::Nil]);
/// assert_eq!(map.to_value(), Value::Map(vec![(Value::String("a".into()), inner)]));
/// assert_eq!(values.decode(&mut cursor)?, Decoded::NeedMore(1));
/// # Ok::<(), headpond_codec::messagepack::MessagePackError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FrameDecoder(Nested<TokenDecoder>);

impl FrameDecoder {
    /// Values of at most 64 MiB, within the default [`Limits`].
    pub const fn new() -> Self {
        Self::with_limits(Limits::new())
    }

    /// Values of at most 64 MiB, within such limits.
    pub const fn with_limits(limits: Limits) -> Self {
        Self(Nested::new(TokenDecoder::with_limits(limits), DEFAULT_MAX_LEN))
    }

    /// How long a whole value may be, in bytes.
    #[must_use]
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.0.max_len = bytes;
        self
    }
}

impl Default for FrameDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for FrameDecoder {
    type Item<'a> = Frame<'a>;
    type Error = MessagePackError;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Frame<'a>>, MessagePackError> {
        Ok(self.0.decode(cursor)?.map(|sequence| Frame { sequence }))
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

impl nested::Tokens for TokenDecoder {
    fn too_long(offset: u64, limit: u64) -> MessagePackError {
        MessagePackError::TooLong { offset, limit, unit: "bytes" }
    }

    #[inline]
    fn pass(&mut self, cursor: &mut Cursor<'_>, left: u64) -> Result<Passed, MessagePackError> {
        // The values behind this one have a byte each at the least.
        let left = left - self.due().saturating_sub(1);
        match self.read(cursor, left) {
            Ok(_) => Ok(Passed::Token),
            // The byte behind a value may be the one that begins none.
            Err(Unread::NeedMore(unfinished)) => {
                let is_last = unfinished.is_last && self.due() <= 1;
                Ok(Passed::NeedMore(unfinished.changes_after(usize::from(!is_last))))
            }
            Err(Unread::NoRoom) => Ok(Passed::NoRoom),
            Err(Unread::Invalid(error)) => Err(error),
        }
    }

    fn least_missing(&self) -> u64 {
        self.due()
    }
}

/// A whole value: its bytes, which were checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    sequence: Sequence<'a>,
}

impl<'a> Frame<'a> {
    /// Its tokens, in order; those of nested values too.
    pub fn tokens(&self) -> Tokens<'a> {
        Tokens { cursor: self.sequence.cursor() }
    }

    /// Its first token: all of a scalar, the head of an aggregate.
    pub fn first(&self) -> Token<Sequence<'a>> {
        // A frame is never empty.
        self.tokens().next().unwrap_or(Token::Nil)
    }

    /// The bytes, as they stand in the stream.
    pub fn sequence(&self) -> Sequence<'a> {
        self.sequence
    }

    /// An owned value: strings share the stream's memory, or are copied where that would pin much more than they are.
    pub fn to_value(&self) -> Value {
        Value::build(&mut self.tokens())
    }
}

/// The tokens of a [`Frame`].
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<Sequence<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Token<Sequence<'a>>> {
        scan(&mut self.cursor, u64::MAX).map(|(token, _)| token)
    }
}

impl std::iter::FusedIterator for Tokens<'_> {}
