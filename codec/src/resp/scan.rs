//! Lines and numbers of RESP, over joins.

use headpond_pool::{Cursor, Position, Sequence};
use memchr::memchr2;

use super::{RespError, line::LineText};
use crate::{decode::Interrupt, searched::Searched};

/// Why there is nothing yet, or nothing at all.
#[derive(Debug)]
pub(super) enum Unread {
    /// So many more bytes are needed.
    NeedMore(usize),
    /// More bytes than there may be are needed for what it belongs to.
    NoRoom,
    /// What is there can never become it.
    Invalid(RespError),
}

pub(super) type Scan<T> = Result<T, Unread>;

impl Unread {
    /// As an interrupt, where there is room for anything.
    pub(super) fn unbounded(self) -> Interrupt<RespError> {
        match self {
            Self::NeedMore(needed) => Interrupt::NeedMore(needed),
            Self::NoRoom => Interrupt::NeedMore(1),
            Self::Invalid(error) => Interrupt::Invalid(error),
        }
    }
}

/// How long `\r\n` is.
pub(super) const LINE_END: u64 = 2;

/// The most digits that a number has, zeros leading included.
const MAX_DIGITS: usize = 20;

/// Something else than what is expected stands at `offset`.
#[cold]
pub(super) fn malformed<T>(offset: u64, expected: &'static str) -> Scan<T> {
    Err(Unread::Invalid(RespError::Malformed { offset, expected }))
}

#[cold]
pub(super) fn too_long<T>(offset: u64, limit: u64, unit: &'static str) -> Scan<T> {
    Err(Unread::Invalid(RespError::TooLong { offset, limit, unit }))
}

/// Where the next byte stands in the stream.
#[inline]
pub(super) fn offset(cursor: &Cursor<'_>) -> u64 {
    cursor.position().offset()
}

/// A length or a count, or any number.
pub(super) struct Number<C> {
    /// What it is called.
    pub(super) expected: &'static str,
    /// The least that it may be.
    pub(super) low: i64,
    /// The most.
    pub(super) high: i64,
    /// What it fails with when it is more.
    pub(super) beyond: RespError,
    /// How many bytes must come at the least behind the line that it stands in. It is none behind a negative one.
    pub(super) behind: C,
}

impl<C: Fn(u64) -> u64> Number<C> {
    /// Reads it, and the `\r\n` behind it, when with all that must come there are no more than `room` bytes.
    #[inline(always)]
    pub(super) fn read(&self, cursor: &mut Cursor<'_>, room: u64) -> Scan<i64> {
        // Nearly all are lengths and counts of one digit or two.
        let (number, len) = match *cursor.chunk() {
            [a @ b'0'..=b'9', b'\r', b'\n', ..] => (i64::from(a - b'0'), 3),
            [a @ b'0'..=b'9', b @ b'0'..=b'9', b'\r', b'\n', ..] => (i64::from(10 * (a - b'0') + (b - b'0')), 4),
            _ => return self.read_any(cursor, room),
        };
        let fits = (self.low..=self.high).contains(&number);
        if !fits || (self.behind)(number as u64).saturating_add(len as u64) > room {
            return self.read_any(cursor, room);
        }
        let _ = cursor.skip(len);
        Ok(number)
    }

    #[inline(never)]
    fn read_any(&self, cursor: &mut Cursor<'_>, room: u64) -> Scan<i64> {
        let (start, mut text) = (offset(cursor), Digits::default());
        let mut bytes = cursor.remaining().bytes();
        loop {
            match self.least_missing(&text) {
                Some(least) if (text.len as u64).saturating_add(least) <= room => {}
                Some(_) => return Err(Unread::NoRoom),
                None if text.number().is_some_and(|number| number >= self.low) => {
                    return Err(Unread::Invalid(self.beyond));
                }
                None => return malformed(start, self.expected),
            }
            let Some(byte) = bytes.next() else { return Err(Unread::NeedMore(1)) };
            match text.step(byte) {
                Step::Within => {}
                Step::Last => break,
                Step::Beyond if self.high < i64::MAX && !text.is_negative => return Err(Unread::Invalid(self.beyond)),
                Step::Beyond | Step::Wrong => return malformed(start, self.expected),
            }
        }
        let _ = cursor.skip(text.len);
        // It is within the range.
        Ok(text.number().unwrap_or_default())
    }

    /// How many bytes are missing at the least, what must come behind the line included; `None` when the number is, or becomes, one that
    /// it may not be.
    fn least_missing(&self, text: &Digits) -> Option<u64> {
        let least = |digits: usize, number: i64| {
            let behind = u64::try_from(number).map_or(0, &self.behind);
            let line_end = if text.is_ended { 1 } else { LINE_END };
            (self.low..=self.high).contains(&number).then(|| behind.saturating_add(digits as u64 + line_end))
        };
        if text.is_ended {
            return least(0, text.number()?);
        }
        match (text.is_negative, text.digits) {
            (true, 0) => [least(1, -1), least(1, 0)].into_iter().flatten().min(),
            (true, digits) => {
                let other = if digits < MAX_DIGITS && text.downwards == 0 { least(1, -1) } else { None };
                [least(0, text.downwards), other].into_iter().flatten().min()
            }
            (false, 0) => {
                let negative = if text.len == 0 { least(2, -1) } else { None };
                [least(1, self.low.max(0)), negative].into_iter().flatten().min()
            }
            (false, digits) => {
                let number = text.number()?;
                // One that is too small may have another digit.
                let longer = || least(1, number.checked_mul(10)?.max(self.low));
                let may_be_longer = number < self.low && digits < MAX_DIGITS;
                if may_be_longer { longer() } else { least(0, number) }
            }
        }
    }
}

/// Any number.
pub(super) fn any_number(beyond: u64) -> Number<impl Fn(u64) -> u64> {
    let expected = "an integer";
    let beyond = RespError::Malformed { offset: beyond, expected };
    Number { expected, low: i64::MIN, high: i64::MAX, beyond, behind: |_| 0 }
}

/// What was read of a number.
#[derive(Default)]
struct Digits {
    len: usize,
    digits: usize,
    is_negative: bool,
    /// The number without its sign, negative: there is one more of them.
    downwards: i64,
    /// Whether the first byte of its line end has come.
    is_ended: bool,
}

enum Step {
    Within,
    Last,
    Beyond,
    Wrong,
}

impl Digits {
    fn number(&self) -> Option<i64> {
        if self.is_negative { Some(self.downwards) } else { self.downwards.checked_neg() }
    }

    fn step(&mut self, byte: u8) -> Step {
        self.len += 1;
        match byte {
            b'\n' if self.is_ended => return Step::Last,
            _ if self.is_ended => return Step::Wrong,
            b'0'..=b'9' if self.digits < MAX_DIGITS => {
                let next = self.downwards.checked_mul(10).and_then(|number| number.checked_sub(i64::from(byte - b'0')));
                match next {
                    Some(next) if self.is_negative || next > i64::MIN => {
                        (self.downwards, self.digits) = (next, self.digits + 1);
                    }
                    _ => return Step::Beyond,
                }
            }
            b'-' | b'+' if self.len == 1 => self.is_negative = byte == b'-',
            b'\r' if self.digits > 0 => self.is_ended = true,
            _ => return Step::Wrong,
        }
        Step::Within
    }
}

/// What a decoder remembers of a line that has not ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineSearch {
    searched: Searched,
    text: LineText,
}

impl LineSearch {
    /// Nothing was searched.
    pub(super) const NOTHING: Self = Self { searched: Searched::NOTHING, text: LineText::Any };

    /// Whether a part of the line behind the sign at the cursor was searched.
    #[inline]
    pub(super) fn was_searched(&self, cursor: &Cursor<'_>) -> bool {
        !self.searched.is_before(cursor.position())
    }

    /// What lies before the next `\r\n`, up to `max_len` bytes, when with its line end there are no more than `room`; the cursor goes past
    /// it. It must be such a text as `text` begins.
    #[inline]
    pub(super) fn read<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        text: LineText,
        max_len: usize,
        room: u64,
    ) -> Scan<Sequence<'a>> {
        // Nearly every line lies in one chunk that was not searched before.
        if self.searched.is_before(cursor.position()) {
            let chunk = cursor.chunk();
            if let Some(len) = memchr2(b'\r', b'\n', chunk) {
                let fits = len <= max_len && len as u64 + LINE_END <= room && chunk[len..].starts_with(b"\r\n");
                if fits && text.is_all_of(&chunk[..len]) {
                    let line = cursor.take_exact(len).unwrap_or_default();
                    let _ = cursor.skip(2);
                    return Ok(line);
                }
            }
        }
        self.read_far(cursor, text, max_len, room)
    }

    #[inline(never)]
    fn read_far<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        text: LineText,
        max_len: usize,
        room: u64,
    ) -> Scan<Sequence<'a>> {
        let rest = cursor.remaining();
        let start = rest.start();
        let Some(most) = room.checked_sub(LINE_END) else { return Err(Unread::NoRoom) };
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(max_len);
        let beyond = || {
            if most < max_len { Err(Unread::NoRoom) } else { too_long(start.offset(), max_len as u64, "bytes") }
        };
        let window = rest.slice(..start + rest.len().min(most.saturating_add(1)));
        let from = self.searched.resume(start, window.end());
        let mut text = if from == start { text } else { self.text };
        if text.least_missing() > most {
            return beyond();
        }
        let end = match text.find_end(&window, from, most) {
            Ok(Some(end)) => end,
            Ok(None) if window.len() <= most => {
                self.note(start, window.end(), text);
                return Err(Unread::NeedMore(1));
            }
            Ok(None) | Err(None) => return beyond(),
            Err(Some(expected)) => return malformed(start.offset(), expected),
        };
        let mut behind = cursor.clone();
        behind.rewind_to(end);
        if let Err(unread) = read_line_end(&mut behind) {
            self.note(start, end, text);
            return Err(unread);
        }
        *cursor = behind;
        Ok(rest.slice(..end))
    }

    fn note(&mut self, start: Position, end: Position, text: LineText) {
        self.searched.note(start, end);
        self.text = text;
    }
}

/// `\r\n`.
#[inline]
pub(super) fn read_line_end(cursor: &mut Cursor<'_>) -> Scan<()> {
    if cursor.starts_with(b"\r\n") {
        let _ = cursor.skip(2);
        return Ok(());
    }
    match (cursor.peek(), cursor.peek_at(1)) {
        (Err(_), _) | (Ok(b'\r'), Err(_)) => Err(Unread::NeedMore(1)),
        _ => malformed(offset(cursor), "a line end"),
    }
}
