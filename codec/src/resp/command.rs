//! Commands, as a server reads them.

use std::borrow::Cow;

use headpond_pool::{Cursor, Position, Sequence, Slice};

use super::{
    Limits, RespError,
    inline::{self, Words},
    scan::{LINE_END, Number, Scan, Unread, any_number, malformed, offset, read_line_end, too_long},
};
use crate::{
    decode::{Decoded, Decoder},
    searched::Searched,
};

/// How long a command may be unless [`CommandDecoder::max_len`] says otherwise, in bytes.
const DEFAULT_MAX_LEN: usize = 64 << 20;

/// Takes commands off a stream: arrays of bulk strings, and lines of words for whoever types them by hand.
///
/// Arguments that have arrived are not read again while others are missing.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoder, resp::CommandDecoder};
/// use headpond_pool::SequenceBuf;
///
/// let mut commands = CommandDecoder::new();
/// let buffer = SequenceBuf::from("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\nset key \"two words\"\r\n");
/// let mut cursor = buffer.as_sequence().cursor();
/// let get = commands.decode(&mut cursor)?.value().unwrap();
/// assert!(get.arguments().eq([&b"GET"[..], b"key"]));
/// let set = commands.decode(&mut cursor)?.value().unwrap();
/// assert!(set.arguments().eq([&b"set"[..], b"key", b"two words"]));
/// # Ok::<(), headpond_codec::resp::RespError>(())
/// ```
#[derive(Debug, Clone)]
pub struct CommandDecoder {
    limits: Limits,
    max_len: usize,
    /// How much of the command that has not ended was checked, or searched for its line end.
    checked: Searched,
    /// Its arguments, and where they begin, once its head has arrived.
    head: Option<(u64, Position)>,
    /// How many of them have not been checked.
    missing: u64,
    /// What is known of a line of words that has not ended.
    words: Words,
}

impl CommandDecoder {
    /// Commands of at most 64 MiB, within the default [`Limits`].
    pub const fn new() -> Self {
        Self::with_limits(Limits::new())
    }

    /// Commands of at most 64 MiB, within such limits.
    pub const fn with_limits(limits: Limits) -> Self {
        let (checked, words) = (Searched::NOTHING, Words::NONE);
        Self { limits, max_len: DEFAULT_MAX_LEN, checked, head: None, missing: 0, words }
    }

    /// How long a whole command may be, in bytes.
    #[must_use]
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }

    fn go_on<'a>(&mut self, cursor: &mut Cursor<'a>, start: Position) -> Scan<Command<'a>> {
        let (count, first) = match (self.head, cursor.peek()) {
            (Some(head), _) => head,
            (None, Err(_)) => return Err(Unread::NeedMore(1)),
            (None, Ok(b'*')) => {
                let count = self.read_count(cursor)?;
                self.missing = count;
                *self.head.insert((count, cursor.position()))
            }
            (None, Ok(_)) => return self.read_inline(cursor, start),
        };
        self.checked.note(start, cursor.position());
        while self.missing > 0 {
            self.skip_argument(cursor, start)?;
            self.missing -= 1;
            self.checked.note(start, cursor.position());
        }
        let arguments = cursor.sequence().slice(first..cursor.position());
        Ok(Command { arguments, count, is_inline: false })
    }

    /// How many arguments there are, none if that is negative.
    fn read_count(&self, cursor: &mut Cursor<'_>) -> Scan<u64> {
        let _ = cursor.skip(1);
        let limit = self.limits.max_elements;
        let number = Number {
            expected: "a count of arguments",
            low: i64::MIN,
            high: i64::try_from(limit).unwrap_or(i64::MAX),
            beyond: RespError::TooLong { offset: offset(cursor), limit, unit: "arguments" },
            behind: |count: u64| count.saturating_mul(LEAST_ARGUMENT),
        };
        let room = (self.max_len as u64).checked_sub(1).ok_or(Unread::NoRoom)?;
        Ok(u64::try_from(number.read(cursor, room)?).unwrap_or(0))
    }

    /// Passes a bulk string, once all of it is there.
    #[inline]
    fn skip_argument(&self, cursor: &mut Cursor<'_>, start: Position) -> Scan<()> {
        let argument = cursor.position();
        // The arguments behind it have their least.
        let behind = (self.missing - 1).saturating_mul(LEAST_ARGUMENT);
        let room = (self.max_len as u64).saturating_sub((argument - start) as u64).checked_sub(behind);
        let room = room.ok_or(Unread::NoRoom)?;
        if let Some((head, len)) = near_argument(cursor.chunk()) {
            let whole = head + len + 2;
            if len as u64 <= self.limits.max_string && whole as u64 <= room {
                let _ = cursor.skip(whole);
                return Ok(());
            }
        }
        if room < LEAST_ARGUMENT {
            return Err(Unread::NoRoom);
        }
        match cursor.peek() {
            Ok(b'$') => {}
            Ok(_) => return malformed(argument.offset(), "an argument's $"),
            Err(_) => return Err(Unread::NeedMore(1)),
        }
        let _ = cursor.skip(1);
        let limit = self.limits.max_string;
        let number = Number {
            expected: "a length",
            low: 0,
            high: i64::try_from(limit).unwrap_or(i64::MAX),
            beyond: RespError::TooLong { offset: argument.offset(), limit, unit: "bytes" },
            behind: |len: u64| len.saturating_add(LINE_END),
        };
        let len = number.read(cursor, room - 1)? as usize;
        if cursor.len() <= len {
            // And the first byte of the line end, which may be another.
            return Err(Unread::NeedMore(len - cursor.len() + 1));
        }
        let _ = cursor.skip(len);
        read_line_end(cursor)
    }

    fn read_inline<'a>(&mut self, cursor: &mut Cursor<'a>, start: Position) -> Scan<Command<'a>> {
        let (rest, max_len) = (cursor.remaining(), self.limits.max_line);
        let from = self.checked.resume(start, rest.end());
        if from == start {
            self.words = Words::NONE;
        }
        let too_long = || too_long(start.offset(), max_len as u64, "bytes");
        let mut at = from;
        for byte in rest.slice(from..).bytes() {
            let len = at - start;
            match byte {
                b'\n' if self.words.are_whole() => {
                    let has_return = len > 0 && rest.byte_at(start + (len - 1)) == Some(b'\r');
                    let line = rest.slice(..start + (len - usize::from(has_return)));
                    let count = self.words.count();
                    cursor.rewind_to(at + 1);
                    return Ok(Command { arguments: line, count, is_inline: true });
                }
                b'\n' => return unbalanced(start),
                // It is no part of the line when that ends behind it.
                b'\r' if len == max_len && self.words.are_whole() => {}
                _ if len >= max_len => return too_long(),
                _ if !self.words.step(byte) => return unbalanced(start),
                _ if len + 1 + self.words.least_missing() > max_len => return too_long(),
                _ => {}
            }
            at += 1;
        }
        self.checked.note(start, at);
        Err(Unread::NeedMore(1))
    }
}

/// The shortest argument, in bytes: `$0\r\n\r\n`.
const LEAST_ARGUMENT: u64 = 6;

#[cold]
fn unbalanced<T>(start: Position) -> Scan<T> {
    Err(Unread::Invalid(RespError::UnbalancedQuotes { offset: start.offset() }))
}

impl Default for CommandDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for CommandDecoder {
    type Item<'a> = Command<'a>;
    type Error = RespError;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Command<'a>>, RespError> {
        let start = cursor.position();
        if !self.checked.begins_at(start) {
            self.reset();
        } else if self.head.is_some() {
            cursor.rewind_to(self.checked.resume(start, cursor.sequence().end()));
        }
        let read = self.go_on(cursor, start);
        if !matches!(read, Err(Unread::NeedMore(_))) {
            self.reset();
        }
        let unread = match read {
            Ok(command) => return Ok(Decoded::Value(command)),
            Err(unread) => unread,
        };
        cursor.rewind_to(start);
        match unread {
            Unread::NeedMore(at_least) => Ok(Decoded::NeedMore(at_least)),
            Unread::NoRoom => {
                Err(RespError::TooLong { offset: start.offset(), limit: self.max_len as u64, unit: "bytes" })
            }
            Unread::Invalid(error) => Err(error),
        }
    }

    fn reset(&mut self) {
        self.checked = Searched::NOTHING;
        self.head = None;
        self.missing = 0;
        self.words = Words::NONE;
    }
}

/// The lengths of the head and of the string behind it, where a chunk begins with a whole argument of less than a hundred bytes: most
/// are, and need no more than this look.
#[inline]
fn near_argument(chunk: &[u8]) -> Option<(usize, usize)> {
    let (head, len) = match *chunk {
        [b'$', a @ b'0'..=b'9', b'\r', b'\n', ..] => (4, a - b'0'),
        [b'$', a @ b'0'..=b'9', b @ b'0'..=b'9', b'\r', b'\n', ..] => (5, 10 * (a - b'0') + (b - b'0')),
        _ => return None,
    };
    let end = head + usize::from(len);
    (chunk.get(end..end + 2)? == b"\r\n").then_some((head, len.into()))
}

/// A whole command: its arguments, the name first. An empty one, which an empty line is too, asks for no reply.
#[derive(Debug, Clone, Copy)]
pub struct Command<'a> {
    arguments: Sequence<'a>,
    count: u64,
    is_inline: bool,
}

impl<'a> Command<'a> {
    /// Its arguments, the name first.
    pub fn arguments(&self) -> Arguments<'a> {
        Arguments { cursor: self.arguments.cursor(), left: self.count, is_inline: self.is_inline }
    }

    /// How many there are, the name among them.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is none, not even a name.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// The arguments of a [`Command`].
#[derive(Debug, Clone)]
pub struct Arguments<'a> {
    cursor: Cursor<'a>,
    left: u64,
    is_inline: bool,
}

impl<'a> Iterator for Arguments<'a> {
    type Item = Argument<'a>;

    #[inline]
    fn next(&mut self) -> Option<Argument<'a>> {
        if self.is_inline {
            return inline::next(&mut self.cursor).inspect(|_| self.left -= 1);
        }
        // They were checked: whatever fails here is the end of them.
        if let Some((head, len)) = near_argument(self.cursor.chunk()) {
            self.cursor.skip(head).ok()?;
            let argument = self.cursor.take_exact(len).ok()?;
            self.cursor.skip(2).ok()?;
            self.left -= 1;
            return Some(Argument::Shared(argument));
        }
        self.cursor.skip(1).ok()?;
        let len = any_number(0).read(&mut self.cursor, u64::MAX).ok()?;
        let argument = self.cursor.take_exact(usize::try_from(len).ok()?).ok()?;
        self.cursor.skip(2).ok()?;
        self.left -= 1;
        Some(Argument::Shared(argument))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left as usize, Some(self.left as usize))
    }
}

impl ExactSizeIterator for Arguments<'_> {}
impl std::iter::FusedIterator for Arguments<'_> {}

/// An argument of a [`Command`], any bytes.
#[derive(Debug, Clone)]
pub enum Argument<'a> {
    /// As it stands in the stream.
    Shared(Sequence<'a>),
    /// What the quotes and escapes of an inline command stand for.
    Unquoted(Vec<u8>),
}

impl<'a> Argument<'a> {
    /// How many bytes it has.
    pub fn len(&self) -> usize {
        match self {
            Self::Shared(bytes) => bytes.len(),
            Self::Unquoted(bytes) => bytes.len(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes in one piece: borrowed, unless they lie in several chunks or were unquoted.
    pub fn to_cow(self) -> Cow<'a, [u8]> {
        match self {
            Self::Shared(bytes) => bytes.to_cow(),
            Self::Unquoted(bytes) => Cow::Owned(bytes),
        }
    }

    /// The bytes, to be kept: they share the stream's memory, or are copied where that would pin much more than they are.
    pub fn to_slice(self) -> Slice {
        match self {
            Self::Shared(bytes) => bytes.to_contiguous(..).compact(),
            Self::Unquoted(bytes) => Slice::from(bytes),
        }
    }
}

impl PartialEq<[u8]> for Argument<'_> {
    fn eq(&self, other: &[u8]) -> bool {
        match self {
            Self::Shared(bytes) => *bytes == *other,
            Self::Unquoted(bytes) => *bytes == *other,
        }
    }
}

impl PartialEq<&[u8]> for Argument<'_> {
    fn eq(&self, other: &&[u8]) -> bool {
        *self == **other
    }
}

impl PartialEq<&str> for Argument<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == *other.as_bytes()
    }
}
