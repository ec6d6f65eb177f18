//! Whole values of RESP, of whatever nesting.

use headpond_pool::{Cursor, Position, Sequence};

use super::{Limits, RespError, Token, TokenDecoder, Value, token_decoder::scan};
use crate::{
    decode::{Decoded, Decoder},
    searched::Searched,
};

/// How long a frame may be unless [`FrameDecoder::max_len`] says otherwise, in bytes.
const DEFAULT_MAX_LEN: usize = 64 << 20;

/// How long `\r\n` is.
const LINE_END: usize = 2;

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
pub struct FrameDecoder {
    tokens: TokenDecoder,
    max_len: usize,
    /// How much of the frame that has not ended was taken into account.
    checked: Searched,
}

impl FrameDecoder {
    /// Frames of at most 64 MiB, within the default [`Limits`].
    pub const fn new() -> Self {
        Self::with_limits(Limits::new())
    }

    /// Frames of at most 64 MiB, within such limits.
    pub const fn with_limits(limits: Limits) -> Self {
        let tokens = TokenDecoder::with_limits(limits);
        Self { tokens, max_len: DEFAULT_MAX_LEN, checked: Searched::NOTHING }
    }

    /// How long a whole frame may be, in bytes.
    #[must_use]
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }

    /// Goes on with the frame that begins at `start`, up to its end or as far as there is something. The cursor has no more than the
    /// longest frame.
    fn go_on(&mut self, cursor: &mut Cursor<'_>, start: Position) -> Result<Decoded<()>, RespError> {
        loop {
            match self.tokens.decode(cursor)? {
                Decoded::Value(_) if self.tokens.is_inside() => {}
                Decoded::Value(_) => return Ok(Decoded::Value(())),
                Decoded::NeedMore(at_least) => {
                    // The first byte of a line end may show that it is none.
                    let sure = if at_least <= LINE_END { 1 } else { at_least };
                    let known = (cursor.sequence().end() - start).saturating_add(sure);
                    if known > self.max_len {
                        let (offset, limit) = (start.offset(), self.max_len as u64);
                        return Err(RespError::TooLong { offset, limit, unit: "bytes" });
                    }
                    return Ok(Decoded::NeedMore(at_least));
                }
            }
        }
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
        let (start, whole) = (cursor.position(), cursor.sequence());
        // What lies behind the limit is not looked at: what it fails with must not depend on how much has arrived.
        let mut near = match cursor.len() {
            len if len <= self.max_len => cursor.clone(),
            _ => whole.slice(start..start + self.max_len).cursor(),
        };
        if self.checked.begins_at(start) {
            near.rewind_to(self.checked.resume(start, near.sequence().end()));
        } else {
            self.tokens.reset();
        }
        let decoded = self.go_on(&mut near, start);
        let end = near.position();
        match decoded {
            Ok(Decoded::Value(())) => {
                self.checked = Searched::NOTHING;
                cursor.rewind_to(end);
                return Ok(Decoded::Value(Frame { sequence: whole.slice(start..end) }));
            }
            Ok(Decoded::NeedMore(_)) => self.checked.note(start, end),
            Err(_) => self.reset(),
        }
        // There is no value here.
        decoded.map(|decoded| decoded.map(|()| Frame { sequence: Sequence::empty() }))
    }

    fn reset(&mut self) {
        self.tokens.reset();
        self.checked = Searched::NOTHING;
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
    pub fn to_value(&self) -> Value {
        Value::build(&mut self.tokens())
    }
}

/// The tokens of a [`Frame`].
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    cursor: Cursor<'a>,
}

impl Tokens<'_> {
    /// Passes the end of a streamed aggregate, or of all there is, if that is next.
    pub(super) fn skip_end(&mut self) -> bool {
        match self.cursor.peek() {
            Ok(b'.') => {
                self.next();
                true
            }
            next => next.is_err(),
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<Sequence<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Token<Sequence<'a>>> {
        scan(&mut self.cursor, &Limits::NONE, u64::MAX, &mut Searched::NOTHING.clone()).ok()
    }
}

impl std::iter::FusedIterator for Tokens<'_> {}
