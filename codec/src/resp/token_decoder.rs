//! Tokens, one after the other, as they arrive.

use headpond_pool::{Cursor, Sequence};

use super::{
    Limits, RespError, Token,
    nesting::Nesting,
    scan::{Scan, malformed, offset, read_integer, read_line, read_line_end},
    token::is_big_number,
};
use crate::{
    body::Body,
    decode::{Decoded, Decoder, Interrupt, attempt},
    number,
    searched::Searched,
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
    searched: Searched,
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
        Self { limits, split_above: u64::MAX, nesting, searched: Searched::NOTHING, body: None }
    }

    /// Gives bulk strings of more than so many bytes in parts, as they arrive, so that they are never gathered: first
    /// [`Token::BulkHead`], then any number of [`Token::Part`]s, last [`Token::EndOfParts`].
    #[must_use]
    pub const fn split_above(mut self, bytes: u64) -> Self {
        self.split_above = bytes;
        self
    }

    /// The next part of a string that comes in parts.
    fn decode_part<'a>(&mut self, body: Body, cursor: &mut Cursor<'a>) -> Scan<Token<Sequence<'a>>> {
        let mut body = body;
        if body.is_done() {
            read_line_end(cursor)?;
            self.body = None;
            return Ok(Token::EndOfParts);
        }
        let part = body.take(cursor);
        if part.is_empty() {
            return Err(Interrupt::NeedMore(1));
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
        attempt(cursor, |cursor| {
            let start = offset(cursor);
            let token = match self.body {
                Some(body) => self.decode_part(body, cursor)?,
                None => scan(cursor, &self.limits, self.split_above, &mut self.searched)?,
            };
            self.nesting.step(&token, &self.limits, start).map_err(Interrupt::Invalid)?;
            if let Token::BulkHead(len) = token {
                self.body = Some(Body::of(len));
            }
            Ok(token)
        })
    }

    fn is_inside(&self) -> bool {
        self.body.is_some() || self.nesting.is_inside()
    }

    fn reset(&mut self) {
        self.nesting.clear();
        self.searched = Searched::NOTHING;
        self.body = None;
    }
}

/// Reads one token, wherever it stands.
pub(super) fn scan<'a>(
    cursor: &mut Cursor<'a>,
    limits: &Limits,
    split_above: u64,
    searched: &mut Searched,
) -> Scan<Token<Sequence<'a>>> {
    let start = offset(cursor);
    let sign = cursor.u8()?;
    match sign {
        b'+' => Ok(Token::Simple(read_line(cursor, limits.max_line, searched)?)),
        b'-' => Ok(Token::Error(read_line(cursor, limits.max_line, searched)?)),
        b':' => Ok(Token::Integer(read_integer(cursor, "an integer")?)),
        b'$' | b'!' | b'=' | b';' => scan_string(cursor, start, sign, limits, split_above),
        b'*' | b'%' | b'~' | b'>' | b'|' => scan_aggregate(cursor, start, sign, limits),
        b',' => {
            let text_start = offset(cursor);
            let text = read_line(cursor, limits.max_line.min(MAX_DOUBLE_LEN), searched)?;
            parse_double(text).map_or_else(|| malformed(text_start, "a double"), |number| Ok(Token::Double(number)))
        }
        b'(' => {
            let digits_start = offset(cursor);
            let digits = read_line(cursor, limits.max_line, searched)?;
            if is_big_number(digits.chunks().flatten().copied()) {
                Ok(Token::BigNumber(digits))
            } else {
                malformed(digits_start, "a big number")
            }
        }
        b'#' => {
            let value = match cursor.peek()? {
                b't' => true,
                b'f' => false,
                _ => return malformed(offset(cursor), "t or f"),
            };
            cursor.skip(1)?;
            read_line_end(cursor)?;
            Ok(Token::Boolean(value))
        }
        b'_' => read_line_end(cursor).map(|()| Token::Null),
        b'.' => read_line_end(cursor).map(|()| Token::End),
        _ => malformed(start, "a type of RESP"),
    }
}

/// A string behind its length, without its sign.
fn scan_string<'a>(
    cursor: &mut Cursor<'a>,
    start: u64,
    sign: u8,
    limits: &Limits,
    split_above: u64,
) -> Scan<Token<Sequence<'a>>> {
    if sign == b'$' && cursor.peek()? == b'?' {
        cursor.skip(1)?;
        read_line_end(cursor)?;
        return Ok(Token::StreamedString);
    }
    let number = offset(cursor);
    let len = read_integer(cursor, "a length")?;
    match (sign, len) {
        (b'$', -1) => return Ok(Token::NullBulk),
        (b';', 0) => return Ok(Token::EndOfString),
        (b'=', 0..4) | (_, ..0) => return malformed(number, "a length"),
        _ => {}
    }
    let len = len.unsigned_abs();
    if len > limits.max_string {
        return too_long(start, limits.max_string, "bytes");
    }
    if sign == b'$' && len > split_above {
        return Ok(Token::BulkHead(len));
    }
    let whole = usize::try_from(len).ok().and_then(|len| len.checked_add(2));
    let Some(missing) = whole.map(|whole| whole.saturating_sub(cursor.len())) else {
        return too_long(start, usize::MAX as u64, "bytes");
    };
    if missing > 0 {
        return Err(Interrupt::NeedMore(missing));
    }
    let format = if sign == b'=' { Some(read_format(cursor)?) } else { None };
    let bytes = cursor.take_exact(len as usize - if format.is_some() { 4 } else { 0 })?;
    read_line_end(cursor)?;
    Ok(match (sign, format) {
        (_, Some(format)) => Token::Verbatim { format, text: bytes },
        (b'!', _) => Token::BulkError(bytes),
        (b';', _) => Token::Chunk(bytes),
        _ => Token::Bulk(bytes),
    })
}

/// The three bytes before a verbatim string, and the colon.
fn read_format(cursor: &mut Cursor<'_>) -> Scan<[u8; 3]> {
    match cursor.clone().array()? {
        [a, b, c, b':'] => {
            cursor.skip(4)?;
            Ok([a, b, c])
        }
        _ => malformed(offset(cursor), "a format of three bytes and a colon"),
    }
}

/// The head of an aggregate, without its sign.
fn scan_aggregate<'a>(cursor: &mut Cursor<'a>, start: u64, sign: u8, limits: &Limits) -> Scan<Token<Sequence<'a>>> {
    if cursor.peek()? == b'?' && sign != b'>' && sign != b'|' {
        cursor.skip(1)?;
        read_line_end(cursor)?;
        return Ok(match sign {
            b'*' => Token::StreamedArray,
            b'%' => Token::StreamedMap,
            _ => Token::StreamedSet,
        });
    }
    let number = offset(cursor);
    let len = read_integer(cursor, "a count")?;
    if len == -1 && sign == b'*' {
        return Ok(Token::NullArray);
    }
    let Ok(len) = u64::try_from(len) else { return malformed(number, "a count") };
    if len > limits.max_elements {
        return too_long(start, limits.max_elements, "elements");
    }
    Ok(match sign {
        b'*' => Token::Array(len),
        b'%' => Token::Map(len),
        b'~' => Token::Set(len),
        b'>' => Token::Push(len),
        _ => Token::Attributes(len),
    })
}

#[cold]
fn too_long<T>(offset: u64, limit: u64, unit: &'static str) -> Scan<T> {
    Err(Interrupt::Invalid(RespError::TooLong { offset, limit, unit }))
}

/// A floating-point number as RESP writes it.
fn parse_double(text: Sequence<'_>) -> Option<f64> {
    let mut scratch = [0; MAX_DOUBLE_LEN];
    let bytes = text.cursor().read_contiguous(text.len(), &mut scratch).ok()?;
    match bytes {
        b"inf" | b"+inf" => Some(f64::INFINITY),
        b"-inf" => Some(f64::NEG_INFINITY),
        b"nan" | b"-nan" => Some(f64::NAN),
        // No other names.
        _ if bytes.iter().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E')) => None,
        _ => number::parse_float_bytes(bytes),
    }
}
