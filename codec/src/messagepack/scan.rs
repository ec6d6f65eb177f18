//! One token, wherever it stands.

use headpond_pool::{Cursor, Incomplete, Sequence};

use super::{Timestamp, Token};

/// What has a length.
#[derive(Clone, Copy)]
enum Kind {
    String,
    Binary,
    Extension,
}

/// Reads a token, if there is one and it is whole, and how long its string is. Strings of more than `split_above` bytes are read up to
/// their length only.
#[inline]
pub(super) fn scan<'a>(cursor: &mut Cursor<'a>, split_above: u64) -> Option<(Token<Sequence<'a>>, u32)> {
    let marker = cursor.u8().ok()?;
    let (kind, len) = match marker {
        0x00..=0x7f => return Some((Token::Unsigned(marker.into()), 0)),
        0xe0..=0xff => return Some((Token::Signed((marker as i8).into()), 0)),
        0xa0..=0xbf => (Kind::String, u32::from(marker & 0x1f)),
        0xc1 => return None,
        0xc4..=0xc6 => (Kind::Binary, read_len(cursor, marker - 0xc4).ok()?),
        0xc7..=0xc9 => (Kind::Extension, read_len(cursor, marker - 0xc7).ok()?),
        0xd4..=0xd8 => (Kind::Extension, 1 << (marker - 0xd4)),
        0xd9..=0xdb => (Kind::String, read_len(cursor, marker - 0xd9).ok()?),
        _ => return Some((scan_fixed(cursor, marker).ok()?, 0)),
    };
    Some((scan_string(cursor, kind, len, split_above).ok()?, len))
}

/// What has no string, behind its marker.
#[inline]
fn scan_fixed<'a>(cursor: &mut Cursor<'a>, marker: u8) -> Result<Token<Sequence<'a>>, Incomplete> {
    Ok(match marker {
        0x80..=0x8f => Token::Map((marker & 0xf).into()),
        0x90..=0x9f => Token::Array((marker & 0xf).into()),
        0xc2 | 0xc3 => Token::Boolean(marker == 0xc3),
        0xca => Token::Float32(cursor.f32_be()?),
        0xcb => Token::Float64(cursor.f64_be()?),
        0xcc => Token::Unsigned(cursor.u8()?.into()),
        0xcd => Token::Unsigned(cursor.u16_be()?.into()),
        0xce => Token::Unsigned(cursor.u32_be()?.into()),
        0xcf => Token::Unsigned(cursor.u64_be()?),
        0xd0 => integer(cursor.i8()?.into()),
        0xd1 => integer(cursor.i16_be()?.into()),
        0xd2 => integer(cursor.i32_be()?.into()),
        0xd3 => integer(cursor.i64_be()?),
        0xdc | 0xdd => Token::Array(read_len(cursor, marker - 0xdb)?),
        0xde | 0xdf => Token::Map(read_len(cursor, marker - 0xdd)?),
        _ => Token::Nil,
    })
}

/// Strings and what is like them, behind their length.
#[inline]
fn scan_string<'a>(
    cursor: &mut Cursor<'a>,
    kind: Kind,
    len: u32,
    split_above: u64,
) -> Result<Token<Sequence<'a>>, Incomplete> {
    let extension = if let Kind::Extension = kind { cursor.i8()? } else { 0 };
    let is_instant = Timestamp::fits(extension, len);
    if u64::from(len) > split_above && !is_instant {
        return Ok(match kind {
            Kind::String => Token::StringHead(len),
            Kind::Binary => Token::BinaryHead(len),
            Kind::Extension => Token::ExtensionHead { kind: extension, len },
        });
    }
    let bytes = cursor.take_exact(len as usize)?;
    if is_instant {
        if let Some(instant) = Timestamp::read(bytes) {
            return Ok(Token::Timestamp(instant));
        }
    }
    Ok(match kind {
        Kind::String => Token::String(bytes),
        Kind::Binary => Token::Binary(bytes),
        Kind::Extension => Token::Extension { kind: extension, data: bytes },
    })
}

/// A length of one, two or four bytes.
#[inline]
fn read_len(cursor: &mut Cursor<'_>, form: u8) -> Result<u32, Incomplete> {
    Ok(match form {
        0 => cursor.u8()?.into(),
        1 => cursor.u16_be()?.into(),
        _ => cursor.u32_be()?,
    })
}

#[inline]
fn integer<B>(number: i64) -> Token<B> {
    u64::try_from(number).map_or(Token::Signed(number), Token::Unsigned)
}
