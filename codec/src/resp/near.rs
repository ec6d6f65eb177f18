//! Tokens that lie in one chunk, as nearly all do: taken by one look at it, and none of them that anything could be wrong with.

use headpond_pool::{Cursor, Sequence};
use memchr::memchr2;

use super::{Limits, Token, token_decoder::near_double};

/// The most digits of a number that is no larger than any may be.
const MAX_DIGITS: usize = 18;

/// Takes a value, or the head of an aggregate, that is within the limits; `None` for everything else, which may be a token too. Lines that
/// are not searched for are not among them.
#[inline]
pub(super) fn take<'a>(
    cursor: &mut Cursor<'a>,
    limits: &Limits,
    split_above: u64,
    is_searched: bool,
) -> Option<Token<Sequence<'a>>> {
    let chunk = cursor.chunk();
    let (sign, text) = chunk.split_first()?;
    match sign {
        b'$' => {
            let (len, head) = number(text)?;
            if len > limits.max_string || len > split_above {
                return None;
            }
            let start = 1 + head;
            let end = start.checked_add(usize::try_from(len).ok()?)?;
            if chunk.get(end..)?.starts_with(b"\r\n") {
                Some(Token::Bulk(take_between(cursor, start, end)?))
            } else {
                None
            }
        }
        b'*' | b'%' | b'~' | b'>' | b'|' => {
            let (len, head) = number(text)?;
            if len > limits.max_elements {
                return None;
            }
            cursor.skip(1 + head).ok()?;
            Some(match sign {
                b'*' => Token::Array(len),
                b'%' => Token::Map(len),
                b'~' => Token::Set(len),
                b'>' => Token::Push(len),
                _ => Token::Attributes(len),
            })
        }
        b':' => {
            let (magnitude, is_negative) = text.strip_prefix(b"-").map_or((text, false), |text| (text, true));
            let (number, len) = number(magnitude)?;
            cursor.skip(1 + usize::from(is_negative) + len).ok()?;
            Some(Token::Integer(if is_negative { -(number as i64) } else { number as i64 }))
        }
        b'+' | b'-' | b',' if !is_searched => {
            let len = memchr2(b'\r', b'\n', text)?;
            if len > limits.max_line || !text[len..].starts_with(b"\r\n") {
                return None;
            }
            let double = if *sign == b',' { Some(near_double(&text[..len])?) } else { None };
            let line = take_between(cursor, 1, 1 + len)?;
            Some(match (sign, double) {
                (_, Some(number)) => Token::Double(number),
                (b'+', _) => Token::Simple(line),
                _ => Token::Error(line),
            })
        }
        b'#' | b'_' => {
            let (token, len) = match *text {
                [b't', b'\r', b'\n', ..] if *sign == b'#' => (Token::Boolean(true), 4),
                [b'f', b'\r', b'\n', ..] if *sign == b'#' => (Token::Boolean(false), 4),
                [b'\r', b'\n', ..] if *sign == b'_' => (Token::Null, 3),
                _ => return None,
            };
            cursor.skip(len).ok()?;
            Some(token)
        }
        _ => None,
    }
}

/// What lies between two places of the chunk, the second before a line end; the cursor goes behind that.
#[inline]
fn take_between<'a>(cursor: &mut Cursor<'a>, start: usize, end: usize) -> Option<Sequence<'a>> {
    cursor.skip(start).ok()?;
    let bytes = cursor.take_exact(end - start).ok()?;
    cursor.skip(2).ok()?;
    Some(bytes)
}

/// A number without a sign, and how long it is with the line end behind it.
#[inline]
fn number(text: &[u8]) -> Option<(u64, usize)> {
    let digit = |byte: u8| u64::from(byte - b'0');
    // Nearly all are lengths and counts of one digit or two.
    match *text {
        [a @ b'0'..=b'9', b'\r', b'\n', ..] => return Some((digit(a), 3)),
        [a @ b'0'..=b'9', b @ b'0'..=b'9', b'\r', b'\n', ..] => return Some((10 * digit(a) + digit(b), 4)),
        _ => {}
    }
    let mut number = 0;
    for (len, byte) in text.iter().enumerate().take(MAX_DIGITS + 1) {
        match byte {
            b'0'..=b'9' => number = 10 * number + digit(*byte),
            b'\r' if len > 0 && text.get(len + 1) == Some(&b'\n') => return Some((number, len + 2)),
            _ => return None,
        }
    }
    None
}
