//! The arguments of an inline command, split and unquoted as Redis does.

use headpond_pool::Cursor;

use super::Argument;

/// A quote has no end, or something stands directly behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unbalanced;

/// The words of a line that has not ended, byte by byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    count: u64,
    place: Place,
}

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Space,
    Word,
    /// What stands between these quotes.
    Quoted(u8),
    /// The same, behind a backslash.
    Escaped(u8),
    /// The space behind a quote.
    Behind,
}

impl Words {
    /// Nothing has come.
    pub(super) const NONE: Self = Self { count: 0, place: Place::Space };

    /// How many words there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Whether the line may end here.
    pub(super) fn are_whole(&self) -> bool {
        matches!(self.place, Place::Space | Place::Word | Place::Behind)
    }

    /// How many bytes must come at the least before it may.
    pub(super) fn least_missing(&self) -> usize {
        match self.place {
            Place::Space | Place::Word | Place::Behind => 0,
            Place::Quoted(_) => 1,
            Place::Escaped(_) => 2,
        }
    }

    /// Goes on with a byte; whether there may be one such.
    pub(super) fn step(&mut self, byte: u8) -> bool {
        self.count += u64::from(self.place == Place::Space && !is_space(byte));
        self.place = match (self.place, byte) {
            (Place::Quoted(quote), b'\\') => Place::Escaped(quote),
            (Place::Quoted(quote), _) if byte == quote => Place::Behind,
            // Between single quotes nothing else is escaped.
            (Place::Escaped(b'\''), b'\\') => self.place,
            (Place::Quoted(quote) | Place::Escaped(quote), _) => Place::Quoted(quote),
            (_, _) if is_space(byte) => Place::Space,
            (Place::Behind, _) => return false,
            (Place::Space | Place::Word, b'"' | b'\'') => Place::Quoted(byte),
            (Place::Space | Place::Word, _) => Place::Word,
        };
        true
    }
}

/// The next argument: a part of the line, or what its quotes and escapes stand for.
pub(super) fn next<'a>(cursor: &mut Cursor<'a>) -> Option<Argument<'a>> {
    if !skip_spaces(cursor) {
        return None;
    }
    let start = cursor.clone();
    let plain = cursor.take_while(|byte| !is_space(byte) && !matches!(byte, b'"' | b'\''));
    if cursor.peek().map_or(true, is_space) {
        return Some(Argument::Shared(plain));
    }
    *cursor = start;
    let mut bytes = Vec::new();
    unquote(cursor, |byte| bytes.push(byte)).ok()?;
    Some(Argument::Unquoted(bytes))
}

/// Passes spaces, and tells whether anything is left.
fn skip_spaces(cursor: &mut Cursor<'_>) -> bool {
    cursor.skip_while(is_space);
    !cursor.is_empty()
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0)
}

/// Passes one argument, and gives each of its bytes to `push`.
fn unquote(cursor: &mut Cursor<'_>, mut push: impl FnMut(u8)) -> Result<(), Unbalanced> {
    while let Ok(byte) = cursor.peek() {
        if is_space(byte) {
            break;
        }
        let _ = cursor.skip(1);
        if !matches!(byte, b'"' | b'\'') {
            push(byte);
            continue;
        }
        loop {
            match cursor.u8().map_err(|_| Unbalanced)? {
                quote if quote == byte => break,
                b'\\' if byte == b'"' => push(unescape(cursor)?),
                b'\\' if cursor.peek() == Ok(b'\'') => push(cursor.u8().map_err(|_| Unbalanced)?),
                other => push(other),
            }
        }
        return if cursor.peek().map_or(true, is_space) { Ok(()) } else { Err(Unbalanced) };
    }
    Ok(())
}

/// What stands behind a backslash in double quotes.
fn unescape(cursor: &mut Cursor<'_>) -> Result<u8, Unbalanced> {
    let hex = |offset| cursor.peek_at(offset).ok().and_then(|digit| char::from(digit).to_digit(16));
    if let (Ok(b'x'), Some(high), Some(low)) = (cursor.peek(), hex(1), hex(2)) {
        let _ = cursor.skip(3);
        return Ok((high * 16 + low) as u8);
    }
    Ok(match cursor.u8().map_err(|_| Unbalanced)? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        other => other,
    })
}
