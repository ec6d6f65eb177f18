//! The three forms of a date, and what may still become one.

use std::ops::RangeInclusive;

/// A date and a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fields {
    /// From Monday on.
    weekday: usize,
    day: u64,
    /// From January on.
    month: usize,
    year: u64,
    seconds_of_day: u64,
}

/// How long a date is, in bytes.
pub(super) const FIXDATE_LEN: usize = FIXDATE.len();

/// Digits and letters where such stand, and everything else as it is.
const FIXDATE: &[u8; 29] = b"aaa, 00 aaa 0000 00:00:00 GMT";

const WEEKDAYS: [&[u8]; 7] = [b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday", b"Sunday"];

const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// How long the names are.
const SHORT: usize = 3;

/// The years that dates have.
const YEARS: RangeInclusive<u64> = 1970..=9999;

impl Fields {
    /// RFC 9110's IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
    pub(super) fn of_fixdate(text: &[u8]) -> Option<Self> {
        let (weekday, rest) = short_weekday(text)?;
        let rest = rest.strip_prefix(b", ")?;
        let (day, rest) = number(rest, 2)?;
        let (month, rest) = month(rest.strip_prefix(b" ")?)?;
        let (year, rest) = number(rest.strip_prefix(b" ")?, 4)?;
        let (seconds_of_day, rest) = time(rest.strip_prefix(b" ")?)?;
        Self { weekday, day, month, year, seconds_of_day }.ends(rest, b" GMT")
    }

    /// RFC 850's: `Sunday, 06-Nov-94 08:49:37 GMT`. Of the two centuries that the year may be in, it is that of 1970 to 2069.
    pub(super) fn of_rfc850(text: &[u8]) -> Option<Self> {
        let comma = text.iter().position(|byte| *byte == b',')?;
        let weekday = WEEKDAYS.iter().position(|name| *name == &text[..comma])?;
        let (day, rest) = number(text[comma..].strip_prefix(b", ")?, 2)?;
        let (month, rest) = month(rest.strip_prefix(b"-")?)?;
        let (short, rest) = number(rest.strip_prefix(b"-")?, 2)?;
        let year = if short < 70 { 2000 + short } else { 1900 + short };
        let (seconds_of_day, rest) = time(rest.strip_prefix(b" ")?)?;
        Self { weekday, day, month, year, seconds_of_day }.ends(rest, b" GMT")
    }

    /// That of C's `asctime`: `Sun Nov  6 08:49:37 1994`.
    pub(super) fn of_asctime(text: &[u8]) -> Option<Self> {
        let (weekday, rest) = short_weekday(text)?;
        let (month, rest) = month(rest.strip_prefix(b" ")?)?;
        let rest = rest.strip_prefix(b" ")?;
        let (day, rest) = rest.strip_prefix(b" ").map_or_else(|| number(rest, 2), |digit| number(digit, 1))?;
        let (seconds_of_day, rest) = time(rest.strip_prefix(b" ")?)?;
        let (year, rest) = number(rest.strip_prefix(b" ")?, 4)?;
        Self { weekday, day, month, year, seconds_of_day }.ends(rest, b"")
    }

    /// The seconds since 1970 began; of a leap second those of the one before.
    pub(super) fn unix_seconds(self) -> u64 {
        days_since_1970(self.year, self.month, self.day) * 86_400 + self.seconds_of_day
    }

    /// The same, if the text ends so and there is such a day.
    fn ends(self, rest: &[u8], end: &[u8]) -> Option<Self> {
        let exists = YEARS.contains(&self.year) && is_day(self.weekday, self.day, self.month, self.year);
        (rest == end && exists).then_some(self)
    }
}

/// Whether a text, no longer than a date, is the beginning of one in the form of RFC 9110.
pub(super) fn begins_fixdate(text: &[u8]) -> bool {
    let part = |from: usize, to: usize| &text[from.min(text.len())..to.min(text.len())];
    let is_literal = |(byte, form): (&u8, &u8)| matches!(form, b'a' | b'0') || byte == form;
    let is_within =
        |from: usize, numbers: u64| (0..numbers).any(|number| begins_number(part(from, from + 2), number, 2));
    let has_form = text.iter().zip(FIXDATE).all(is_literal);
    let is_time = has_form && is_within(17, 24) && is_within(20, 60) && is_within(23, 61);
    is_time && begins_day(part(0, SHORT), part(5, 7), part(8, 11), part(12, 16))
}

/// Whether there is a day whose name, number, month and year begin so. They come in that order: of what comes first there is all when
/// there is any of what comes later.
fn begins_day(name: &[u8], day: &[u8], month: &[u8], year: &[u8]) -> bool {
    let is_named = |weekday: usize| WEEKDAYS[weekday].starts_with(name);
    let years = years_beginning(year);
    if !(0..WEEKDAYS.len()).any(is_named) || years.is_empty() {
        return false;
    }
    // In a year that has them all. Each of them has each name in some year.
    let days = |month: usize| (1..=days_of(month, 2000)).filter(|number| begins_number(day, *number, 2));
    let mut dates = (0..MONTHS.len())
        .filter(|number| MONTHS[*number].starts_with(month))
        .flat_map(|month| days(month).map(move |day| (month, day)));
    if year.is_empty() {
        return dates.next().is_some();
    }
    dates.any(|(month, day)| {
        years
            .clone()
            .any(|year| (0..WEEKDAYS.len()).any(|weekday| is_named(weekday) && is_day(weekday, day, month, year)))
    })
}

/// The years whose first digits are these.
fn years_beginning(digits: &[u8]) -> RangeInclusive<u64> {
    let scale = 10_u64.pow(4 - digits.len() as u32);
    let first =
        digits.iter().try_fold(0, |year, digit| digit.is_ascii_digit().then(|| year * 10 + u64::from(digit - b'0')));
    let first = first.unwrap_or(u64::from(u16::MAX)) * scale;
    first.max(*YEARS.start())..=(first + scale - 1).min(*YEARS.end())
}

/// Whether the first digits of a number of so many are these.
fn begins_number(text: &[u8], number: u64, width: u32) -> bool {
    let digit = |at: u32| (number / 10_u64.pow(width - 1 - at) % 10) as u8 + b'0';
    text.iter().zip(0..width).all(|(byte, at)| *byte == digit(at))
}

/// The first three letters of a name.
fn short_weekday(text: &[u8]) -> Option<(usize, &[u8])> {
    let (name, rest) = text.split_at_checked(SHORT)?;
    Some((WEEKDAYS.iter().position(|weekday| weekday[..SHORT] == *name)?, rest))
}

fn month(text: &[u8]) -> Option<(usize, &[u8])> {
    let (name, rest) = text.split_at_checked(SHORT)?;
    Some((MONTHS.iter().position(|month| *month == name)?, rest))
}

/// A number of so many digits.
fn number(text: &[u8], digits: usize) -> Option<(u64, &[u8])> {
    let (number, rest) = text.split_at_checked(digits)?;
    let value =
        number.iter().try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u64::from(digit - b'0')));
    Some((value?, rest))
}

/// The seconds since midnight at `08:49:37`. A leap second, the 60th of its minute, is read as the one before.
fn time(text: &[u8]) -> Option<(u64, &[u8])> {
    let (hour, rest) = number(text, 2)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?, 2)?;
    let (second, rest) = number(rest.strip_prefix(b":")?, 2)?;
    (hour < 24 && minute < 60 && second <= 60).then(|| ((hour * 60 + minute) * 60 + second.min(59), rest))
}

/// Whether there is that day, and it is one of that name.
fn is_day(weekday: usize, day: u64, month: usize, year: u64) -> bool {
    // The first of January of 1970 was a Thursday.
    (1..=days_of(month, year)).contains(&day) && (days_since_1970(year, month, day) + 3) % 7 == weekday as u64
}

/// How many days there are.
fn days_of(month: usize, year: u64) -> u64 {
    const DAYS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    DAYS[month] + u64::from(month == 1 && is_leap(year))
}

fn is_leap(year: u64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days lie between the first of January of 1970 and that one.
fn days_since_1970(year: u64, month: usize, day: u64) -> u64 {
    let leap_days = |year: u64| year / 4 - year / 100 + year / 400;
    let before = (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969);
    before + (0..month).map(|month| days_of(month, year)).sum::<u64>() + day - 1
}
