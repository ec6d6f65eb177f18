//! One token, wherever it stands.

use headpond_pool::{Cursor, Sequence};

use super::{Limits, MessagePackError, Timestamp, Token};
use crate::decode::Interrupt;

pub(super) type Scan<T> = Result<T, Interrupt<MessagePackError>>;

/// What has a length.
#[derive(Clone, Copy)]
enum Kind {
    String,
    Binary,
    Extension,
}

/// Reads a token. Strings of more than `split_above` bytes are read up to their length only.
#[inline]
pub(super) fn scan<'a>(cursor: &mut Cursor<'a>, limits: &Limits, split_above: u64) -> Scan<Token<Sequence<'a>>> {
    let offset = cursor.position().offset();
    let marker = cursor.u8()?;
    let (kind, len) = match marker {
        0x00..=0x7f => return Ok(Token::Unsigned(marker.into())),
        0xe0..=0xff => return Ok(Token::Signed((marker as i8).into())),
        0x80..=0x8f => return Ok(Token::Map((marker & 0xf).into())),
        0x90..=0x9f => return Ok(Token::Array((marker & 0xf).into())),
        0xa0..=0xbf => (Kind::String, u32::from(marker & 0x1f)),
        0xc0 => return Ok(Token::Nil),
        0xc1 => return Err(Interrupt::Invalid(MessagePackError::NeverUsed { offset })),
        0xc2 | 0xc3 => return Ok(Token::Boolean(marker == 0xc3)),
        0xc4..=0xc6 => (Kind::Binary, read_len(cursor, marker - 0xc4)?),
        0xc7..=0xc9 => (Kind::Extension, read_len(cursor, marker - 0xc7)?),
        0xca => return Ok(Token::Float32(cursor.f32_be()?)),
        0xcb => return Ok(Token::Float64(cursor.f64_be()?)),
        0xcc => return Ok(Token::Unsigned(cursor.u8()?.into())),
        0xcd => return Ok(Token::Unsigned(cursor.u16_be()?.into())),
        0xce => return Ok(Token::Unsigned(cursor.u32_be()?.into())),
        0xcf => return Ok(Token::Unsigned(cursor.u64_be()?)),
        0xd0 => return Ok(integer(cursor.i8()?.into())),
        0xd1 => return Ok(integer(cursor.i16_be()?.into())),
        0xd2 => return Ok(integer(cursor.i32_be()?.into())),
        0xd3 => return Ok(integer(cursor.i64_be()?)),
        0xd4..=0xd8 => (Kind::Extension, 1 << (marker - 0xd4)),
        0xd9..=0xdb => (Kind::String, read_len(cursor, marker - 0xd9)?),
        0xdc | 0xdd => return Ok(Token::Array(read_len(cursor, marker - 0xdb)?)),
        0xde | 0xdf => return Ok(Token::Map(read_len(cursor, marker - 0xdd)?)),
    };
    if len > limits.max_string {
        return Err(Interrupt::Invalid(too_long(offset, limits.max_string.into(), "bytes in a string")));
    }
    scan_string(cursor, kind, len, split_above)
}

/// Strings and what is like them, behind their length.
#[inline]
fn scan_string<'a>(cursor: &mut Cursor<'a>, kind: Kind, len: u32, split_above: u64) -> Scan<Token<Sequence<'a>>> {
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
fn read_len(cursor: &mut Cursor<'_>, form: u8) -> Scan<u32> {
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

#[cold]
pub(super) fn too_long(offset: u64, limit: u64, unit: &'static str) -> MessagePackError {
    MessagePackError::TooLong { offset, limit, unit }
}
