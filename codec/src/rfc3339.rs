//! Times as RFC 3339 has them: `1985-04-12T23:20:50.52Z`. The calendar is `jiff`'s.

use headpond_pool::{BufferWriter, Sequence};
use jiff::{
    Timestamp,
    civil::Date,
    fmt::temporal::{DateTimeParser, DateTimePrinter},
    tz::Offset,
};

use crate::encode::{Encode, EncodeError};

/// Longer than any time that is written, or read, in bytes.
const MAX_LEN: usize = 64;

/// A time to be written: in UTC, with as many digits of a second as it has, unless said otherwise.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, rfc3339::Rfc3339};
/// use jiff::{Timestamp, tz};
///
/// let time = Timestamp::from_millisecond(1_700_000_000_250)?;
/// let mut out = Vec::new();
/// Rfc3339::new(time).encode(&mut out)?;
/// assert_eq!(out, b"2023-11-14T22:13:20.25Z");
///
/// out.clear();
/// Rfc3339::new(time).offset(tz::offset(2)).precision(3).encode(&mut out)?;
/// assert_eq!(out, b"2023-11-15T00:13:20.250+02:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rfc3339 {
    time: Timestamp,
    offset: Option<Offset>,
    precision: Option<u8>,
}

/// Why text is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rfc3339Error {
    /// The text has not the form.
    #[error("no time at offset {offset}")]
    Invalid {
        /// Where it should begin in the stream, in bytes.
        offset: u64,
    },
    /// The text has the form, and there is no such time: the 30th of February.
    #[error("the time at offset {offset} does not exist")]
    OutOfRange {
        /// Where it begins in the stream, in bytes.
        offset: u64,
    },
    /// There is such a time, and `jiff` has no [`Timestamp`] for it: it is finer than nanoseconds, or later than
    /// [`Timestamp::MAX`], which is the 30th of December of the year 9999, 22:00 UTC, and what is left of that second.
    #[error("the time at offset {offset} is finer than nanoseconds, or later than the last timestamp")]
    Unrepresentable {
        /// Where it begins in the stream, in bytes.
        offset: u64,
    },
}

impl Rfc3339 {
    /// In UTC.
    pub const fn new(time: Timestamp) -> Self {
        Self { time, offset: None, precision: None }
    }

    /// In local time, so far from UTC. Its seconds are rounded to minutes.
    #[must_use]
    pub const fn offset(mut self, offset: Offset) -> Self {
        self.offset = Some(offset);
        self
    }

    /// With exactly so many digits of a second, 9 at most; what is behind is cut off.
    #[must_use]
    pub const fn precision(mut self, digits: u8) -> Self {
        self.precision = Some(digits);
        self
    }
}

impl Encode for Rfc3339 {
    /// # Errors
    ///
    /// As always, and when the year has not four digits.
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        let mut memory = out.reserve(MAX_LEN)?.at_least(MAX_LEN)?;
        let mut text = Text { memory: &mut memory, len: 0 };
        let printer = DateTimePrinter::new().precision(self.precision);
        let printed = match self.offset {
            Some(offset) => printer.print_timestamp_with_offset(&self.time, offset, &mut text),
            None => printer.print_timestamp(&self.time, &mut text),
        };
        let len = text.len;
        // A year of another length begins with a sign.
        if printed.is_err() || !memory[0].is_ascii_digit() {
            return Err(EncodeError::Unrepresentable { reason: "a year has four digits" });
        }
        memory.advance(len);
        Ok(())
    }
}

/// Memory that is filled with text.
struct Text<'a> {
    memory: &'a mut [u8],
    len: usize,
}

impl jiff::fmt::Write for &mut Text<'_> {
    fn write_str(&mut self, text: &str) -> Result<(), jiff::Error> {
        match self.memory.get_mut(self.len..self.len + text.len()) {
            Some(place) => place.copy_from_slice(text.as_bytes()),
            None => return Err(jiff::Error::from_args(format_args!("longer than {MAX_LEN} bytes"))),
        }
        self.len += text.len();
        Ok(())
    }
}

/// Reads a time that is all of `text`, in whatever chunks it lies.
///
/// The 60th second of a minute, a leap second, is read as the 59th. An offset of `-00:00` is UTC.
///
/// # Errors
///
/// When the text has not the form that RFC 3339 prints, of which `jiff` knows more, when there is no such time, and when there is no
/// [`Timestamp`] for it.
///
/// # Examples
///
/// ```
/// use headpond_codec::rfc3339;
/// use headpond_pool::SequenceBuf;
///
/// let time = SequenceBuf::from("1996-12-19T16:39:57-08:00");
/// assert_eq!(rfc3339::parse(time.as_sequence())?.as_second(), 851_042_397);
/// # Ok::<(), rfc3339::Rfc3339Error>(())
/// ```
pub fn parse(text: Sequence<'_>) -> Result<Timestamp, Rfc3339Error> {
    let offset = text.start().offset();
    let invalid = Rfc3339Error::Invalid { offset };
    let mut scratch = [0; MAX_LEN];
    if text.len() > scratch.len() {
        return Err(invalid);
    }
    let bytes = text.cursor().read_contiguous(text.len(), &mut scratch).map_err(|_| invalid)?;
    if !has_form(bytes) {
        return Err(invalid);
    }
    DateTimeParser::new().parse_timestamp(bytes).map_err(|_| {
        if exists(bytes) { Rfc3339Error::Unrepresentable { offset } } else { Rfc3339Error::OutOfRange { offset } }
    })
}

/// Whether the date and the time of a text that has the form are ones.
fn exists(text: &[u8]) -> bool {
    let number =
        |from: usize, to: usize| text[from..to].iter().fold(0, |all, digit| all * 10 + i16::from(digit - b'0'));
    let (month, day) = (number(5, 7) as i8, number(8, 10) as i8);
    Date::new(number(0, 4), month, day).is_ok() && number(11, 13) < 24 && number(14, 16) < 60 && number(17, 19) <= 60
}

/// Whether the text has the form, whatever its numbers are.
fn has_form(text: &[u8]) -> bool {
    const DATE_TIME: &[u8; 19] = b"0000-00-00T00:00:00";
    let Some((date_time, rest)) = text.split_first_chunk::<{ DATE_TIME.len() }>() else {
        return false;
    };
    let fits = |(&byte, &form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        form => byte == form,
    };
    let zone = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            &fraction[digits..]
        }
        zone => zone,
    };
    date_time.iter().zip(DATE_TIME).all(fits) && is_zone(zone)
}

fn is_zone(text: &[u8]) -> bool {
    match text {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', hours @ .., b':', tens, ones] => {
            let two = |text: &[u8]| text.len() == 2 && text.iter().all(u8::is_ascii_digit);
            two(hours) && hours < b"24".as_slice() && two(&[*tens, *ones]) && *tens < b'6'
        }
        _ => false,
    }
}
