//! Tokens, one after the other, as they arrive.

use headpond_pool::{Cursor, Sequence};

use super::{
    Limits, RespError, Token,
    line::LineText,
    near,
    nesting::{END_OF_STRING, LEAST_VALUE, Nesting},
    scan::{LINE_END, LineSearch, Number, Scan, Unread, any_number, malformed, offset, read_line_end},
};
use crate::{
    body::Body,
    decode::{Decoded, Decoder, attempt},
    number,
};

/// The longest double there may be, as text: more digits than that say nothing about it.
const MAX_DOUBLE_LEN: usize = 1100;

/// Takes tokens off a stream, and sees to it that they make up values.
///
/// Between two values [`is_inside`](Decoder::is_inside) is false.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decoded, Decoder, resp::{Token, TokenDecoder}};
/// use headpond_pool::SequenceBuf;
///
/// let mut tokens = TokenDecoder::new().split_above(4);
/// let buffer = SequenceBuf::from("*2\r\n#t\r\n$20\r\na long ");
/// let mut cursor = buffer.as_sequence().cursor();
/// assert_eq!(tokens.decode(&mut cursor)?, Decoded::Value(Token::Array(2)));
/// assert_eq!(tokens.decode(&mut cursor)?, Decoded::Value(Token::Boolean(true)));
/// assert_eq!(tokens.decode(&mut cursor)?, Decoded::Value(Token::BulkHead(20)));
/// assert!(matches!(tokens.decode(&mut cursor)?, Decoded::Value(Token::Part(part)) if part == "a long "));
/// assert_eq!(tokens.decode(&mut cursor)?, Decoded::NeedMore(1));
/// # Ok::<(), headpond_codec::resp::RespError>(())
/// ```
#[derive(Debug, Clone)]
pub struct TokenDecoder {
    limits: Limits,
    split_above: u64,
    nesting: Nesting,
    line: LineSearch,
    body: Option<Body>,
}

impl TokenDecoder {
    /// Any tokens, within the default [`Limits`].
    pub const fn new() -> Self {
        Self::with_limits(Limits::new())
    }

    /// Any tokens, within such limits.
    pub const fn with_limits(limits: Limits) -> Self {
        let nesting = Nesting::NOTHING;
        Self { limits, split_above: u64::MAX, nesting, line: LineSearch::NOTHING, body: None }
    }

    /// Gives bulk strings of more than so many bytes in parts, as they arrive, so that they are never gathered: first
    /// [`Token::BulkHead`], then any number of [`Token::Part`]s, last [`Token::EndOfParts`].
    #[must_use]
    pub const fn split_above(mut self, bytes: u64) -> Self {
        self.split_above = bytes;
        self
    }

    /// The next token, when it and all that must come with it have no more than `left` bytes.
    #[inline]
    pub(super) fn read<'a>(&mut self, cursor: &mut Cursor<'a>, left: u64) -> Scan<Token<Sequence<'a>>> {
        match self.read_near(cursor) {
            Some(token) => Ok(token),
            None => self.read_far(cursor, left),
        }
    }

    /// The next token, if it lies in one chunk and nothing is wrong with it.
    #[inline]
    fn read_near<'a>(&mut self, cursor: &mut Cursor<'a>) -> Option<Token<Sequence<'a>>> {
        if self.body.is_some() || !self.nesting.admits_values() {
            return None;
        }
        let start = cursor.position();
        let token = near::take(cursor, &self.limits, self.split_above, self.line.was_searched(cursor))?;
        if self.nesting.step(&token, &self.limits, 0).is_err() {
            cursor.rewind_to(start);
            return None;
        }
        Some(token)
    }

    #[inline(never)]
    fn read_far<'a>(&mut self, cursor: &mut Cursor<'a>, left: u64) -> Scan<Token<Sequence<'a>>> {
        let start = offset(cursor);
        let token = match self.body {
            Some(body) => self.read_part(body, cursor)?,
            None => {
                let Ok(sign) = cursor.peek() else { return Err(Unread::NeedMore(1)) };
                self.nesting.admit(sign, &self.limits, start).map_err(Unread::Invalid)?;
                let Some(room) = left.checked_sub(self.nesting.least_behind(sign)) else { return Err(Unread::NoRoom) };
                let is_full = self.nesting.is_full(&self.limits);
                let mut scan = Scanner { limits: &self.limits, split_above: self.split_above, is_full, room, start };
                scan.token(cursor, &mut self.line)?
            }
        };
        self.nesting.step(&token, &self.limits, start).map_err(Unread::Invalid)?;
        if let Token::BulkHead(len) = token {
            self.body = Some(Body::of(len));
        }
        Ok(token)
    }

    /// How many bytes the value that has begun is from ending at the least.
    pub(super) fn least_missing_bytes(&self) -> u64 {
        self.nesting.least_missing()
    }

    /// The next part of a string that comes in parts.
    fn read_part<'a>(&mut self, body: Body, cursor: &mut Cursor<'a>) -> Scan<Token<Sequence<'a>>> {
        let mut body = body;
        if body.is_done() {
            read_line_end(cursor)?;
            self.body = None;
            return Ok(Token::EndOfParts);
        }
        let part = body.take(cursor);
        if part.is_empty() {
            return Err(Unread::NeedMore(1));
        }
        self.body = Some(body);
        Ok(Token::Part(part))
    }
}

impl Default for TokenDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for TokenDecoder {
    type Item<'a> = Token<Sequence<'a>>;
    type Error = RespError;

    #[inline]
    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Token<Sequence<'a>>>, RespError> {
        if let Some(token) = self.read_near(cursor) {
            return Ok(Decoded::Value(token));
        }
        attempt(cursor, |cursor| self.read_far(cursor, u64::MAX).map_err(Unread::unbounded))
    }

    fn is_inside(&self) -> bool {
        self.body.is_some() || self.nesting.is_inside()
    }

    fn reset(&mut self) {
        self.nesting.clear();
        self.line = LineSearch::NOTHING;
        self.body = None;
    }
}

/// Reads one token of bytes that were checked.
#[inline]
pub(super) fn scan_checked<'a>(cursor: &mut Cursor<'a>) -> Option<Token<Sequence<'a>>> {
    near::take(cursor, &Limits::NONE, u64::MAX, false).or_else(|| scan_checked_far(cursor))
}

#[inline(never)]
fn scan_checked_far<'a>(cursor: &mut Cursor<'a>) -> Option<Token<Sequence<'a>>> {
    let mut scanner =
        Scanner { limits: &Limits::NONE, split_above: u64::MAX, is_full: false, room: u64::MAX, start: offset(cursor) };
    scanner.token(cursor, &mut LineSearch::NOTHING.clone()).ok()
}

/// What a token may be.
struct Scanner<'l> {
    limits: &'l Limits,
    split_above: u64,
    /// Whether nothing more may be opened.
    is_full: bool,
    /// How many bytes there may be of it, and of what must come with it.
    room: u64,
    /// Where it begins.
    start: u64,
}

impl Scanner<'_> {
    fn token<'a>(&mut self, cursor: &mut Cursor<'a>, line: &mut LineSearch) -> Scan<Token<Sequence<'a>>> {
        let Ok(sign) = cursor.u8() else { return Err(Unread::NeedMore(1)) };
        self.take_room(1)?;
        let max_line = self.limits.max_line;
        match sign {
            b'+' => Ok(Token::Simple(line.read(cursor, LineText::Any, max_line, self.room)?)),
            b'-' => Ok(Token::Error(line.read(cursor, LineText::Any, max_line, self.room)?)),
            b':' => Ok(Token::Integer(any_number(offset(cursor)).read(cursor, self.room)?)),
            b'$' | b'!' | b'=' | b';' => self.string(cursor, sign),
            b'*' | b'%' | b'~' | b'>' | b'|' => self.aggregate(cursor, sign),
            b',' => {
                let start = offset(cursor);
                let text = line.read(cursor, LineText::Double, max_line.min(MAX_DOUBLE_LEN), self.room)?;
                parse_double(text).map_or_else(|| malformed(start, "a double"), |number| Ok(Token::Double(number)))
            }
            b'(' => Ok(Token::BigNumber(line.read(cursor, LineText::BigNumber, max_line, self.room)?)),
            b'#' => {
                self.take_room(1 + LINE_END)?;
                let value = match cursor.peek() {
                    Ok(b't') => true,
                    Ok(b'f') => false,
                    Ok(_) => return malformed(offset(cursor), "t or f"),
                    Err(_) => return Err(Unread::NeedMore(1)),
                };
                let _ = cursor.skip(1);
                read_line_end(cursor)?;
                Ok(Token::Boolean(value))
            }
            b'_' | b'.' => {
                self.take_room(LINE_END)?;
                read_line_end(cursor)?;
                Ok(if sign == b'_' { Token::Null } else { Token::End })
            }
            _ => malformed(self.start, "a type of RESP"),
        }
    }

    /// Takes so many bytes of the room.
    #[inline]
    fn take_room(&mut self, bytes: u64) -> Scan<()> {
        self.room = self.room.checked_sub(bytes).ok_or(Unread::NoRoom)?;
        Ok(())
    }

    /// The question mark of what is streamed, and the line end behind it, when at least `behind` more bytes must come.
    fn streamed(&mut self, cursor: &mut Cursor<'_>, behind: u64) -> Scan<()> {
        if self.is_full {
            return Err(Unread::Invalid(self.too_deep()));
        }
        self.take_room(1 + LINE_END + behind)?;
        let _ = cursor.skip(1);
        read_line_end(cursor)
    }

    /// A string behind its length, without its sign.
    fn string<'a>(&mut self, cursor: &mut Cursor<'a>, sign: u8) -> Scan<Token<Sequence<'a>>> {
        if sign == b'$' && cursor.peek() == Ok(b'?') {
            self.streamed(cursor, END_OF_STRING)?;
            return Ok(Token::StreamedString);
        }
        let (low, limit) = (if sign == b'$' { -1 } else { 0 }, self.limits.max_string);
        let number = Number {
            expected: "a length",
            low: if sign == b'=' { FORMAT_LEN as i64 } else { low },
            high: i64::try_from(limit).unwrap_or(i64::MAX),
            beyond: RespError::TooLong { offset: self.start, limit, unit: "bytes" },
            behind: |len: u64| match (sign, len) {
                (b';', 0) => 0,
                (b';', _) => len.saturating_add(LINE_END + END_OF_STRING),
                _ => len.saturating_add(LINE_END),
            },
        };
        let len = match (sign, number.read(cursor, self.room)?) {
            (_, ..0) => return Ok(Token::NullBulk),
            (b';', 0) => return Ok(Token::EndOfString),
            (_, len) => len.unsigned_abs(),
        };
        if sign == b'$' && len > self.split_above {
            return Ok(Token::BulkHead(len));
        }
        let Some(len) = usize::try_from(len).ok().filter(|len| *len < usize::MAX - 1) else {
            return Err(Unread::Invalid(number.beyond));
        };
        let format = if sign == b'=' { Some(read_format(cursor)?) } else { None };
        let len = if format.is_some() { len - FORMAT_LEN } else { len };
        let mut end = cursor.clone();
        if end.skip(len).is_err() {
            // And the first byte of the line end, which may be another.
            return Err(Unread::NeedMore(len - cursor.len() + 1));
        }
        if end.is_empty() {
            return Err(Unread::NeedMore(1));
        }
        read_line_end(&mut end)?;
        let bytes = cursor.take_exact(len).unwrap_or_default();
        *cursor = end;
        Ok(match (sign, format) {
            (_, Some(format)) => Token::Verbatim { format, text: bytes },
            (b'!', _) => Token::BulkError(bytes),
            (b';', _) => Token::Chunk(bytes),
            _ => Token::Bulk(bytes),
        })
    }

    /// The head of an aggregate, without its sign.
    fn aggregate<'a>(&mut self, cursor: &mut Cursor<'a>, sign: u8) -> Scan<Token<Sequence<'a>>> {
        if matches!(sign, b'*' | b'%' | b'~') && cursor.peek() == Ok(b'?') {
            self.streamed(cursor, LEAST_VALUE)?;
            return Ok(match sign {
                b'*' => Token::StreamedArray,
                b'%' => Token::StreamedMap,
                _ => Token::StreamedSet,
            });
        }
        let limit = self.limits.max_elements;
        let high = i64::try_from(limit).unwrap_or(i64::MAX);
        let beyond = RespError::TooLong { offset: self.start, limit, unit: "elements" };
        // Of what cannot be opened there is a null.
        let (high, beyond) = if self.is_full { (-1, self.too_deep()) } else { (high, beyond) };
        let behind = |len: u64| {
            let values = len.saturating_mul(LEAST_VALUE);
            match sign {
                b'%' => values.saturating_mul(2),
                b'|' => values.saturating_mul(2).saturating_add(LEAST_VALUE),
                _ => values,
            }
        };
        let low = if sign == b'*' { -1 } else { 0 };
        let len = Number { expected: "a count", low, high, beyond, behind }.read(cursor, self.room)?;
        let Ok(len) = u64::try_from(len) else { return Ok(Token::NullArray) };
        Ok(match sign {
            b'*' => Token::Array(len),
            b'%' => Token::Map(len),
            b'~' => Token::Set(len),
            b'>' => Token::Push(len),
            _ => Token::Attributes(len),
        })
    }

    #[cold]
    fn too_deep(&self) -> RespError {
        RespError::TooDeep { offset: self.start, limit: self.limits.max_depth }
    }
}

/// How long the format of a verbatim string is, with its colon.
const FORMAT_LEN: usize = 4;

/// The three bytes before a verbatim string, and the colon.
fn read_format(cursor: &mut Cursor<'_>) -> Scan<[u8; 3]> {
    match cursor.clone().array() {
        Ok([a, b, c, b':']) => {
            let _ = cursor.skip(FORMAT_LEN);
            Ok([a, b, c])
        }
        Ok(_) => malformed(offset(cursor), "a format of three bytes and a colon"),
        Err(_) => Err(Unread::NeedMore(FORMAT_LEN - cursor.len())),
    }
}

/// A floating-point number that is no name.
#[inline]
pub(super) fn near_double(text: &[u8]) -> Option<f64> {
    let is_name = text.len() > MAX_DOUBLE_LEN
        || text.iter().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E'));
    if is_name { None } else { number::parse_float_bytes(text) }
}

/// A floating-point number as RESP writes it, of a line that has its form.
fn parse_double(text: Sequence<'_>) -> Option<f64> {
    let mut scratch = [0; MAX_DOUBLE_LEN];
    let bytes = text.cursor().read_contiguous(text.len(), &mut scratch).ok()?;
    let name = bytes.strip_prefix(b"-").or(bytes.strip_prefix(b"+")).unwrap_or(bytes);
    match name {
        _ if name.eq_ignore_ascii_case(b"nan") => Some(f64::NAN),
        _ if !name.eq_ignore_ascii_case(b"inf") => number::parse_float_bytes(bytes),
        _ if bytes.starts_with(b"-") => Some(f64::NEG_INFINITY),
        _ => Some(f64::INFINITY),
    }
}
