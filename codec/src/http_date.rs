//! Times as HTTP has them: `Sun, 06 Nov 1994 08:49:37 GMT`.

mod form;

use std::{
    io::Write,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use headpond_pool::{BufferWriter, Cursor, Sequence};

use crate::{
    decode::{Decode, Decoded},
    encode::{Encode, EncodeError, MaxSize, encode_bounded},
};

use form::{FIXDATE_LEN as LEN, Fields, begins_fixdate};

/// Longer than any date of the obsolete forms, in bytes.
const MAX_TEXT_LEN: usize = 64;

/// Where the year 10000 begins, in seconds since 1970.
const END: u64 = 253_402_300_800;

/// A time of the years 1970 to 9999, in whole seconds: RFC 9110's IMF-fixdate.
///
/// As a [`Decode`] it is read in that form alone; [`parse`](Self::parse) takes the obsolete ones too, as a recipient must. Both take what
/// the grammar has and nothing else: no white space around it, and the right name of the day. The 60th second of a minute, a leap
/// second, is read as the 59th.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, http_date::HttpDate};
///
/// let mut out = Vec::new();
/// HttpDate::from_unix_seconds(784_111_777).unwrap().encode(&mut out)?;
/// assert_eq!(out, b"Sun, 06 Nov 1994 08:49:37 GMT");
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpDate {
    seconds: u64,
}

/// Why text is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no date at offset {offset}")]
#[non_exhaustive]
pub struct NoHttpDate {
    /// Where it should begin in the stream, in bytes.
    pub offset: u64,
}

/// A time before the year 1970 or after the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a date is of the years 1970 to 9999")]
#[non_exhaustive]
pub struct HttpDateOutOfRange;

impl HttpDate {
    /// So many seconds after 1970 began; `None` beyond the year 9999.
    pub const fn from_unix_seconds(seconds: u64) -> Option<Self> {
        if seconds < END { Some(Self { seconds }) } else { None }
    }

    /// Reads a date that is all of `text`, in whatever chunks it lies, in any of the three forms of RFC 9110. A year of two digits is one
    /// of 1970 to 2069.
    ///
    /// # Errors
    ///
    /// When the text is none.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_codec::http_date::HttpDate;
    /// use headpond_pool::SequenceBuf;
    ///
    /// let date = SequenceBuf::from("Sunday, 06-Nov-94 08:49:37 GMT");
    /// assert_eq!(HttpDate::parse(date.as_sequence())?.unix_seconds(), 784_111_777);
    /// # Ok::<(), headpond_codec::http_date::NoHttpDate>(())
    /// ```
    pub fn parse(text: Sequence<'_>) -> Result<Self, NoHttpDate> {
        let none = NoHttpDate { offset: text.start().offset() };
        let mut scratch = [0; MAX_TEXT_LEN];
        if text.len() > scratch.len() {
            return Err(none);
        }
        let bytes = text.cursor().read_contiguous(text.len(), &mut scratch).map_err(|_| none)?;
        Self::parse_bytes(bytes).ok_or(none)
    }

    /// How many seconds after 1970 began.
    pub const fn unix_seconds(self) -> u64 {
        self.seconds
    }

    fn parse_bytes(bytes: &[u8]) -> Option<Self> {
        let fields =
            Fields::of_fixdate(bytes).or_else(|| Fields::of_rfc850(bytes)).or_else(|| Fields::of_asctime(bytes))?;
        Self::from_unix_seconds(fields.unix_seconds())
    }
}

impl TryFrom<SystemTime> for HttpDate {
    type Error = HttpDateOutOfRange;

    /// Fractions of a second are cut off.
    fn try_from(time: SystemTime) -> Result<Self, HttpDateOutOfRange> {
        let since = time.duration_since(UNIX_EPOCH).map_err(|_| HttpDateOutOfRange)?;
        Self::from_unix_seconds(since.as_secs()).ok_or(HttpDateOutOfRange)
    }
}

impl From<HttpDate> for SystemTime {
    fn from(date: HttpDate) -> Self {
        UNIX_EPOCH + Duration::from_secs(date.seconds)
    }
}

impl Encode for HttpDate {
    #[inline]
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encode_bounded(self, out)
    }
}

impl MaxSize for HttpDate {
    const MAX_SIZE: usize = LEN;

    fn put(&self, memory: &mut [u8]) -> usize {
        let mut place = &mut memory[..LEN];
        // It has exactly this length, so that there is room.
        let _ = write!(place, "{}", httpdate::HttpDate::from(SystemTime::from(*self)));
        LEN
    }
}

impl Decode<'_> for HttpDate {
    type Error = NoHttpDate;

    fn decode(cursor: &mut Cursor<'_>) -> Result<Decoded<Self>, NoHttpDate> {
        let mut text = [0; LEN];
        let len = cursor.remaining().copy_to(&mut text);
        let date = Fields::of_fixdate(&text[..len]).and_then(|fields| Self::from_unix_seconds(fields.unix_seconds()));
        match date {
            Some(date) => {
                let _ = cursor.skip(LEN);
                Ok(Decoded::Value(date))
            }
            None if len < LEN && begins_fixdate(&text[..len]) => Ok(Decoded::NeedMore(1)),
            None => Err(NoHttpDate { offset: cursor.position().offset() }),
        }
    }
}
