//! Times as HTTP and RFC 3339 have them, against `httpdate` and `jiff` on flat bytes.

use std::time::{Duration, UNIX_EPOCH};

use headpond_codec::{
    Decode, Encode,
    http_date::HttpDate,
    rfc3339::{self, Rfc3339, Rfc3339Error},
};
use headpond_pool::{Cursor, SequenceBuf};
use jiff::{Timestamp, tz::Offset};

use super::{Bytes, Stop, Stream, Values};

/// What a stream is made of: items are times.
pub type Op = super::Op<Item>;

/// A time, in one of the forms.
#[derive(Debug, Clone, arbitrary::Arbitrary)]
#[expect(missing_docs, reason = "they say what they are")]
pub enum Item {
    Http { seconds: u64 },
    Rfc3339 { seconds: i64, nanoseconds: u32, offset: i16, precision: Option<u8> },
}

/// Where the year 10000 begins, in seconds since 1970.
const END: u64 = 253_402_300_800;

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let words: &[&[u8]] = &[
        b"Sun, 06 Nov 1994 08:49:37 GMT",
        b"Sunday, 06-Nov-94 08:49:37 GMT",
        b"Sun Nov  6 08:49:37 1994",
        b"Thu, 29 Feb 2024 23:59:60 GMT",
        b"Fri, 30 Feb 2024 00:00:00 GMT",
        b" GMT",
        b"1985-04-12T23:20:50.52Z",
        b"1996-12-19t16:39:57-08:00",
        b"1990-12-31 23:59:60z",
        b"2023-02-29T00:00:00+24:00",
        b".123456789",
        b"[UTC]",
        b"0",
        b"9",
    ];
    let stream = Stream::of(ops, words, |item, out| match item {
        Item::Http { seconds } => write_http(seconds % END, out),
        Item::Rfc3339 { seconds, nanoseconds, offset, precision } => {
            // A part of the times has years that are not of four digits.
            let time = Timestamp::new(seconds % END as i64, (nanoseconds % 1_000_000_000) as i32);
            let offset = Offset::from_seconds(i32::from(*offset) % 1440 * 60);
            if let (Ok(time), Ok(offset)) = (time, offset) {
                write_rfc3339(time, offset, precision.map(|digits| digits % 10), out);
            }
        }
    });
    in_a_row(&stream);
    let buffer = stream.buffer();
    let text = std::str::from_utf8(&stream.bytes).ok().filter(|text| text.len() <= 64);
    let ours = HttpDate::parse(buffer.as_sequence()).map(HttpDate::unix_seconds);
    assert_eq!(ours.ok(), text.and_then(http_seconds), "{}", stream.bytes.escape_ascii());
    let theirs: Option<Timestamp> = text.and_then(|text| text.parse().ok());
    match (rfc3339::parse(buffer.as_sequence()), text.is_some_and(has_form)) {
        (Ok(time), true) => assert_eq!(Some(time), theirs),
        (Err(Rfc3339Error::OutOfRange { offset: 0 }), true) => assert_eq!(theirs, None),
        (Err(Rfc3339Error::Unrepresentable { offset: 0 }), true) => {
            assert_eq!(theirs, None);
            let digits = text.and_then(|text| text.split_once('.')).map_or(0, |(_, fraction)| fraction.len());
            assert!(text.is_some_and(|text| text.starts_with("9999-12-3")) || digits > 9, "{text:?}");
        }
        (Err(Rfc3339Error::Invalid { offset: 0 }), false) => {}
        (ours, has_form) => panic!("{}: {ours:?}, its form: {has_form}", stream.bytes.escape_ascii()),
    }
}

fn write_http(seconds: u64, out: &mut Vec<u8>) {
    let before = out.len();
    HttpDate::from_unix_seconds(seconds).expect("it is in range").encode(out).expect("a Vec has memory");
    let expected = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    assert_eq!(out[before..], *expected.as_bytes());
}

fn write_rfc3339(time: Timestamp, offset: Offset, precision: Option<u8>, out: &mut Vec<u8>) {
    let mut value = Rfc3339::new(time).offset(offset);
    value = precision.map_or(value, |digits| value.precision(digits));
    let before = out.len();
    let year = offset.to_datetime(time).year();
    assert_eq!(value.encode(out).is_ok(), (0..10_000).contains(&year), "{time} at {offset}");
    if out.len() > before {
        let text = std::str::from_utf8(&out[before..]).expect("it is ASCII");
        assert!(has_form(text), "{text}");
        // Cut off at so many digits.
        let unit = 10_i128.pow(9 - u32::from(precision.unwrap_or(9)));
        let back = rfc3339::parse(SequenceBuf::from(text.to_owned()).as_sequence());
        let back = back.expect("it was written").as_nanosecond();
        assert!((back - time.as_nanosecond()).abs() < unit && back % unit == 0, "{text} for {time}");
    }
}

/// What `httpdate` reads, of a text that is one of the three forms of that date.
fn http_seconds(text: &str) -> Option<u64> {
    // It knows no leap second.
    let text = match text.find(":60") {
        Some(at) if text[at + 3..].starts_with(' ') => text.replacen(":60", ":59", 1),
        _ => text.to_owned(),
    };
    let time = httpdate::parse_http_date(&text).ok()?;
    let seconds = Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).filter(|seconds| *seconds < END)?;
    let date = httpdate::fmt_http_date(time);
    let [weekday, day, month, year, time, _] = date.split(' ').collect::<Vec<_>>()[..] else { panic!("{date}") };
    let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let name = names.into_iter().find(|name| name[..3] == weekday[..3])?;
    let century = if (1970..2070).contains(&year.parse::<u32>().ok()?) { &year[2..] } else { "" };
    let asctime = |day: &str| format!("{} {month} {day} {time} {year}", &weekday[..3]);
    let forms = [
        format!("{name}, {day}-{month}-{century} {time} GMT"),
        asctime(day),
        asctime(&day.strip_prefix('0').map_or(day.to_owned(), |digit| format!(" {digit}"))),
        date.clone(),
    ];
    forms.contains(&text).then_some(seconds)
}

/// Dates one behind the other are those that are written so.
fn in_a_row(stream: &Stream) {
    let decode = |cursor: &mut Cursor<'_>| HttpDate::decode(cursor).map(|decoded| decoded.map(HttpDate::unix_seconds));
    let (dates, end) = stream.decode(|| Values(decode), |dates, seconds| dates.push(seconds));
    let read = |bytes: &[u8]| {
        Bytes::of(bytes).values(|bytes| {
            let text = std::str::from_utf8(bytes.take(29)?).map_err(|_| Stop::Failed)?;
            let is_fixdate = text.as_bytes()[3] == b',' && text.ends_with(" GMT");
            http_seconds(text).filter(|_| is_fixdate).ok_or(Stop::Failed)
        })
    };
    let ends = |date: u64| {
        let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(date * 86_400 * 11));
        (1..29).map(move |at| text.as_bytes()[at..].to_vec())
    };
    let ends: Vec<Vec<u8>> = (0..30).flat_map(ends).collect();
    let naive = super::settled(read(&stream.bytes), &end, &stream.bytes, &ends, read);
    assert_eq!((dates, end.kind()), naive, "{}", stream.bytes.escape_ascii());
}

/// RFC 3339's grammar, whatever the numbers of the date and the time are.
fn has_form(text: &str) -> bool {
    if !text.is_ascii() {
        return false;
    }
    let has_mask = |text: &str, mask: &str| {
        let masked = text.chars().map(|character| if character.is_ascii_digit() { '0' } else { character });
        masked.eq(mask.chars())
    };
    let Some((date_time, rest)) = text.split_at_checked(19) else {
        return false;
    };
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => match fraction.trim_start_matches(|character: char| character.is_ascii_digit()) {
            zone if zone.len() == fraction.len() => return false,
            zone => zone,
        },
        None => rest,
    };
    let is_time = has_mask(&date_time.to_uppercase().replace(' ', "T"), "0000-00-00T00:00:00");
    let is_offset = || {
        let signless = zone.strip_prefix(['+', '-']).unwrap_or_default();
        has_mask(signless, "00:00") && &signless[..2] < "24" && &signless[3..] < "60"
    };
    is_time && (zone.eq_ignore_ascii_case("z") || is_offset())
}
