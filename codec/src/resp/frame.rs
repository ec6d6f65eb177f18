//! Whole values of RESP, of whatever nesting.

use headpond_pool::{Cursor, Sequence};

use super::{Limits, RespError, Token, TokenDecoder, Value, build::build, scan::Unread, token_decoder::scan_checked};
use crate::{
    decode::{Decoded, Decoder},
    nested::{self, Nested, Passed},
};

/// How long a frame may be unless [`FrameDecoder::max_len`] says otherwise, in bytes.
const DEFAULT_MAX_LEN: usize = 64 << 20;

/// Takes whole values off a stream: a reply, a push, a command.
///
/// A value that has arrived in part is not read again: what was checked stays checked.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoded, Decoder, resp::{FrameDecoder, Token}};
/// use headpond_pool::SequenceBuf;
///
/// let mut replies = FrameDecoder::new();
/// let buffer = SequenceBuf::from("+OK\r\n%1\r\n$1\r\na\r\n:1\r\n*1\r\n");
/// let mut cursor = buffer.as_sequence().cursor();
/// let ok = replies.decode(&mut cursor)?.value().unwrap();
/// assert!(matches!(ok.first(), Token::Simple(text) if text == "OK"));
/// let map = replies.decode(&mut cursor)?.value().unwrap();
/// assert_eq!(map.tokens().count(), 3);
/// assert_eq!(replies.decode(&mut cursor)?, Decoded::NeedMore(1));
/// # Ok::<(), headpond_codec::resp::RespError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FrameDecoder(Nested<TokenDecoder>);

impl FrameDecoder {
    /// Frames of at most 64 MiB, within the default [`Limits`].
    pub const fn new() -> Self {
        Self::with_limits(Limits::new())
    }

    /// Frames of at most 64 MiB, within such limits.
    pub const fn with_limits(limits: Limits) -> Self {
        Self(Nested::new(TokenDecoder::with_limits(limits), DEFAULT_MAX_LEN))
    }

    /// How long a whole frame may be, in bytes.
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
    type Error = RespError;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Frame<'a>>, RespError> {
        Ok(self.0.decode(cursor)?.map(|sequence| Frame { sequence }))
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

impl nested::Tokens for TokenDecoder {
    fn too_long(offset: u64, limit: u64) -> RespError {
        RespError::TooLong { offset, limit, unit: "bytes" }
    }

    #[inline]
    fn pass(&mut self, cursor: &mut Cursor<'_>, left: u64) -> Result<Passed, RespError> {
        let start = cursor.position();
        let unread = match self.read(cursor, left) {
            Ok(_) => return Ok(Passed::Token),
            Err(unread) => unread,
        };
        cursor.rewind_to(start);
        match unread {
            Unread::NeedMore(needed) => Ok(Passed::NeedMore(needed)),
            Unread::NoRoom => Ok(Passed::NoRoom),
            Unread::Invalid(error) => Err(error),
        }
    }

    fn least_missing(&self) -> u64 {
        self.least_missing_bytes()
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
        self.tokens().next().unwrap_or(Token::Null)
    }

    /// The bytes, as they stand in the stream.
    pub fn sequence(&self) -> Sequence<'a> {
        self.sequence
    }

    /// An owned value: strings share the stream's memory, or are copied where that would pin much more than they are.
    ///
    /// It takes some tens of bytes for each value within it, though it be three bytes in the stream: how many there may be, the
    /// longest frame tells, and what stands in one aggregate, the [`Limits`].
    pub fn to_value(&self) -> Value {
        build(&mut self.tokens())
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
        scan_checked(&mut self.cursor)
    }
}

impl std::iter::FusedIterator for Tokens<'_> {}
