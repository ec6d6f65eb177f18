//! What is wrong with a token, or missing of it.

use headpond_pool::Cursor;

use super::{Limits, MessagePackError, Timestamp, nesting::Nesting};
use crate::field_range::FieldRange;

/// Why there is no token.
#[derive(Debug)]
pub(super) enum Unread {
    /// Bytes are missing.
    NeedMore(Unfinished),
    /// More than there may be are missing.
    NoRoom,
    /// None can come of what there is.
    Invalid(MessagePackError),
}

/// How far a token is from being one.
#[derive(Debug)]
pub(super) struct Unfinished {
    /// After how many bytes it may turn out to be none.
    pub(super) fails_after: Option<usize>,
    /// How many bytes are missing at the least.
    pub(super) missing: usize,
    /// Whether it may be one that opens nothing.
    pub(super) is_last: bool,
}

impl Unfinished {
    /// After how many bytes the answer may be another, when `behind` of them must come behind the token.
    pub(super) fn changes_after(&self, behind: usize) -> usize {
        let whole = self.missing.saturating_add(behind);
        self.fails_after.map_or(whole, |fails_after| fails_after.min(whole))
    }
}

/// What the token at a cursor may be.
pub(super) struct Head<'d> {
    pub(super) limits: &'d Limits,
    pub(super) nesting: &'d Nesting,
    pub(super) split_above: u64,
    /// How many bytes there may be of it, and of what it opens.
    pub(super) left: u64,
}

/// What is announced behind a marker.
#[derive(Clone, Copy)]
struct Announced {
    /// In so many bytes behind the marker; none when the marker itself says that it is `number`.
    width: usize,
    number: u64,
    /// How many bytes stand between the number and what it counts: the type of an extension.
    between: usize,
    /// How many values each of what it counts is, or how many bytes.
    unit: u64,
    is_string: bool,
}

impl Head<'_> {
    /// Tells why a token is not taken.
    #[cold]
    #[inline(never)]
    pub(super) fn judge(&self, cursor: &Cursor<'_>) -> Unread {
        let offset = cursor.position().offset();
        let Ok(marker) = cursor.peek() else {
            return Unread::NeedMore(Unfinished { fails_after: Some(1), missing: 1, is_last: true });
        };
        let string = |width, number, between| Announced { width, number, between, unit: 1, is_string: true };
        let values = |width, number, unit| Announced { width, number, between: 0, unit, is_string: false };
        let announced = match marker {
            0x80..=0x8f => values(0, (marker & 0xf).into(), 2),
            0x90..=0x9f => values(0, (marker & 0xf).into(), 1),
            0xa0..=0xbf => string(0, (marker & 0x1f).into(), 0),
            0xc1 => return Unread::Invalid(MessagePackError::NeverUsed { offset }),
            0xc4..=0xc6 => string(1 << (marker - 0xc4), 0, 0),
            0xc7..=0xc9 => string(1 << (marker - 0xc7), 0, 1),
            0xd4..=0xd8 => string(0, 1 << (marker - 0xd4), 1),
            0xd9..=0xdb => string(1 << (marker - 0xd9), 0, 0),
            0xdc | 0xdd => values(2 << (marker - 0xdc), 0, 1),
            0xde | 0xdf => values(2 << (marker - 0xde), 0, 2),
            0xcc | 0xd0 => return self.fixed(cursor, 1),
            0xcd | 0xd1 => return self.fixed(cursor, 2),
            0xca | 0xce | 0xd2 => return self.fixed(cursor, 4),
            0xcb | 0xcf | 0xd3 => return self.fixed(cursor, 8),
            _ => return self.fixed(cursor, 0),
        };
        if !announced.is_string && self.nesting.is_full(self.limits) {
            return Unread::Invalid(MessagePackError::TooDeep { offset, limit: self.limits.max_depth });
        }
        self.announced(cursor, announced, offset)
    }

    /// So many bytes behind the marker, whatever they are.
    fn fixed(&self, cursor: &Cursor<'_>, len: usize) -> Unread {
        if 1 + len as u64 > self.left {
            return Unread::NoRoom;
        }
        let missing = (1 + len).saturating_sub(cursor.len());
        Unread::NeedMore(Unfinished { fails_after: None, missing, is_last: true })
    }

    fn announced(&self, cursor: &Cursor<'_>, announced: Announced, offset: u64) -> Unread {
        let Announced { width, number, between, unit, is_string } = announced;
        let limit = match is_string {
            true => u64::from(self.limits.max_string),
            false => self.nesting.values_left(self.limits) / unit,
        };
        let beyond = || {
            let string = too_long(offset, limit, "bytes in a string");
            Unread::Invalid(if is_string { string } else { too_long(offset, self.limits.max_values, "values") })
        };
        let Some(room) = self.left.checked_sub((1 + width + between) as u64) else { return Unread::NoRoom };
        let room = room / unit;
        let mut behind = cursor.clone();
        let _ = behind.skip(1);
        let (least, fails_after, there) = if width == 0 {
            match number {
                _ if number > limit => return beyond(),
                _ if number > room => return Unread::NoRoom,
                _ => (number, None, 0),
            }
        } else {
            let field = FieldRange::big_endian(width, 0, limit.min(room));
            match field.read(&behind) {
                Ok(partial) => (partial.number, field.fails_after(partial), partial.len),
                Err(partial) if partial.number > limit => return beyond(),
                Err(_) => return Unread::NoRoom,
            }
        };
        let _ = behind.skip(there);
        let body = if is_string { self.body_len(&behind, least, between) } else { 0 };
        let missing = (width - there).saturating_add(between).saturating_add(body).saturating_sub(behind.len());
        Unread::NeedMore(Unfinished { fails_after, missing, is_last: is_string || least == 0 })
    }

    /// How much of a string of so many bytes is waited for, with its type at the cursor if it has one.
    fn body_len(&self, behind: &Cursor<'_>, len: u64, between: usize) -> usize {
        let is_instant = between > 0 && behind.peek().is_ok_and(|kind| Timestamp::fits(kind as i8, len as u32));
        if len > self.split_above && !is_instant { 0 } else { len as usize }
    }
}

#[cold]
pub(super) fn too_long(offset: u64, limit: u64, unit: &'static str) -> MessagePackError {
    MessagePackError::TooLong { offset, limit, unit }
}
