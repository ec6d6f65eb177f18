//! Lines and numbers of RESP, over joins.

use headpond_pool::{Cursor, Sequence};
use memchr::memchr2;

use super::RespError;
use crate::{decode::Interrupt, searched::Searched};

pub(super) type Scan<T> = Result<T, Interrupt<RespError>>;

/// The most digits that a number has, zeros leading included.
const MAX_DIGITS: usize = 20;

/// Something else than what is expected stands at `offset`.
#[cold]
pub(super) fn malformed<T>(offset: u64, expected: &'static str) -> Scan<T> {
    Err(Interrupt::Invalid(RespError::Malformed { offset, expected }))
}

/// Where the next byte stands in the stream.
#[inline]
pub(super) fn offset(cursor: &Cursor<'_>) -> u64 {
    cursor.position().offset()
}

/// A signed number, and the `\r\n` behind it.
#[inline(always)]
pub(super) fn read_integer(cursor: &mut Cursor<'_>, expected: &'static str) -> Scan<i64> {
    // Nearly all are lengths and counts of one digit or two.
    let (number, len) = match *cursor.chunk() {
        [a @ b'0'..=b'9', b'\r', b'\n', ..] => (a - b'0', 3),
        [a @ b'0'..=b'9', b @ b'0'..=b'9', b'\r', b'\n', ..] => (10 * (a - b'0') + (b - b'0'), 4),
        _ => return read_any_integer(cursor, expected),
    };
    cursor.skip(len)?;
    Ok(number.into())
}

#[inline(never)]
fn read_any_integer(cursor: &mut Cursor<'_>, expected: &'static str) -> Scan<i64> {
    let chunk = cursor.chunk();
    let parsed = match parse_integer(chunk.iter().copied()) {
        Parsed::Unfinished if chunk.len() < cursor.len() => parse_integer(cursor.remaining().bytes()),
        parsed => parsed,
    };
    match parsed {
        Parsed::Number(number, len) => {
            cursor.skip(len)?;
            Ok(number)
        }
        Parsed::Unfinished => Err(Interrupt::NeedMore(1)),
        Parsed::Invalid => malformed(offset(cursor), expected),
    }
}

enum Parsed {
    /// A number, and how many bytes it took.
    Number(i64, usize),
    Unfinished,
    Invalid,
}

#[inline]
fn parse_integer(mut bytes: impl Iterator<Item = u8>) -> Parsed {
    let (mut len, mut digits, mut number, mut negative) = (0, 0, 0_i64, false);
    loop {
        let Some(byte) = bytes.next() else { return Parsed::Unfinished };
        len += 1;
        match byte {
            b'0'..=b'9' if digits < MAX_DIGITS => {
                // Downwards, where there is one more.
                let next = number.checked_mul(10).and_then(|number| number.checked_sub(i64::from(byte - b'0')));
                let Some(next) = next else { return Parsed::Invalid };
                (number, digits) = (next, digits + 1);
            }
            b'-' | b'+' if len == 1 => negative = byte == b'-',
            b'\r' if digits > 0 => break,
            _ => return Parsed::Invalid,
        }
    }
    let number = if negative { Some(number) } else { number.checked_neg() };
    match (bytes.next(), number) {
        (None, Some(_)) => Parsed::Unfinished,
        (Some(b'\n'), Some(number)) => Parsed::Number(number, len + 1),
        _ => Parsed::Invalid,
    }
}

/// What lies before the next `\r\n`, up to `max_len` bytes; the cursor goes past it.
///
/// Between two calls `searched` remembers how far it has looked.
#[inline]
pub(super) fn read_line<'a>(cursor: &mut Cursor<'a>, max_len: usize, searched: &mut Searched) -> Scan<Sequence<'a>> {
    // Nearly every line lies in one chunk that was not searched before.
    if searched.is_before(cursor.position()) {
        let chunk = cursor.chunk();
        if let Some(len) = memchr2(b'\r', b'\n', chunk) {
            if len <= max_len && chunk[len..].starts_with(b"\r\n") {
                let line = cursor.take_exact(len)?;
                cursor.skip(2)?;
                return Ok(line);
            }
        }
    }
    read_line_far(cursor, max_len, searched)
}

#[inline(never)]
fn read_line_far<'a>(cursor: &mut Cursor<'a>, max_len: usize, searched: &mut Searched) -> Scan<Sequence<'a>> {
    let rest = cursor.remaining();
    let start = rest.start();
    let window = rest.slice(..start + rest.len().min(max_len.saturating_add(1)));
    let from = searched.resume(start, window.end());
    let Some(end) = window.slice(from..).find_any(b"\r\n") else {
        if rest.len() > max_len {
            let limit = max_len as u64;
            return Err(Interrupt::Invalid(RespError::TooLong { offset: start.offset(), limit, unit: "bytes" }));
        }
        searched.note(start, window.end());
        return Err(Interrupt::NeedMore(2));
    };
    let line = cursor.take_exact(end - start)?;
    read_line_end(cursor)?;
    Ok(line)
}

/// `\r\n`.
#[inline]
pub(super) fn read_line_end(cursor: &mut Cursor<'_>) -> Scan<()> {
    if cursor.starts_with(b"\r\n") {
        return Ok(cursor.skip(2)?);
    }
    match (cursor.peek(), cursor.peek_at(1)) {
        (Err(_), _) => Err(Interrupt::NeedMore(2)),
        (Ok(b'\r'), Err(_)) => Err(Interrupt::NeedMore(1)),
        _ => malformed(offset(cursor), "a line end"),
    }
}
