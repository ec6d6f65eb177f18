//! Times of HTTP and of RFC 3339: the examples the standards print, the crates that know the calendar, and what is no time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use headpond_codec::{
    Decode, Decoded, Encode, EncodeError, MaxSize,
    http_date::HttpDate,
    rfc3339::{self, Rfc3339, Rfc3339Error},
};
use headpond_pool::SequenceBuf;
use jiff::{
    Timestamp,
    tz::{Offset, offset},
};

use crate::{cuts, small_blocks::SmallBlocks, splits};

fn text(value: impl Encode) -> String {
    let mut out = SmallBlocks::of(7);
    value.encode(&mut out).unwrap();
    String::from_utf8(out.bytes()).unwrap()
}

/// RFC 9110, section 5.6.7.
#[test]
fn published_http_dates() {
    let date = HttpDate::from_unix_seconds(784_111_777).unwrap();
    assert_eq!(text(date), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(HttpDate::MAX_SIZE, 29);
    splits::whole_value(b"Sun, 06 Nov 1994 08:49:37 GMT", &date);
    for form in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
        cuts::for_each_cut(form.as_bytes(), |sequence| assert_eq!(HttpDate::parse(sequence), Ok(date)));
    }
}

/// Days apart by a number that is prime to weeks, months and years, to the end.
#[test]
fn http_dates_go_round_and_agree_with_the_calendar() {
    for seconds in (0..253_402_300_800).step_by(86_400 * 97 + 3_607) {
        let date = HttpDate::from_unix_seconds(seconds).unwrap();
        let expected =
            Timestamp::from_second(seconds as i64).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        assert_eq!(text(date), expected);
        let buffer = SequenceBuf::from(expected);
        assert_eq!(HttpDate::decode(&mut buffer.as_sequence().cursor()), Ok(Decoded::Value(date)));
    }
}

#[test]
fn times_without_an_http_date_have_none() {
    assert_eq!(HttpDate::from_unix_seconds(253_402_300_799).map(text).unwrap(), "Fri, 31 Dec 9999 23:59:59 GMT");
    assert_eq!(HttpDate::from_unix_seconds(253_402_300_800), None);
    assert_eq!(
        HttpDate::try_from(UNIX_EPOCH - Duration::from_nanos(1)).unwrap_err().to_string(),
        "a date is of the years 1970 to 9999"
    );
    assert_eq!(
        HttpDate::try_from(UNIX_EPOCH + Duration::from_secs(253_402_300_800)).unwrap_err().to_string(),
        "a date is of the years 1970 to 9999"
    );
    let date = HttpDate::try_from(UNIX_EPOCH + Duration::from_millis(1_999)).unwrap();
    assert_eq!(SystemTime::from(date), UNIX_EPOCH + Duration::from_secs(1));
}

/// Every date with one character changed to one that is never right there, and its beginnings.
#[test]
fn what_is_no_http_date_is_refused() {
    let good = "Sun, 06 Nov 1994 08:49:37 GMT";
    for at in 0..good.len() {
        let mut bad = good.as_bytes().to_vec();
        bad[at] = 0xff;
        let buffer = SequenceBuf::from(bad);
        assert_eq!(HttpDate::parse(buffer.as_sequence()).unwrap_err().offset, 0);
        let mut cursor = buffer.as_sequence().cursor();
        HttpDate::decode(&mut cursor).unwrap_err();
        assert_eq!(cursor.len(), good.len());
    }
    for bad in [
        "",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Thu, 01 Jan 1900 00:00:00 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
    ] {
        assert!(HttpDate::parse(SequenceBuf::from(bad).as_sequence()).is_err(), "{bad}");
    }
    let long = SequenceBuf::from(format!("{good}{}", " ".repeat(1000)));
    assert!(HttpDate::parse(long.as_sequence()).is_err());
    // As long as a date.
    let old = SequenceBuf::from("Sun Nov  6 08:49:37 1994     ");
    assert!(HttpDate::parse(old.as_sequence()).is_err());
    assert!(HttpDate::decode(&mut old.as_sequence().cursor()).is_err());
}

/// RFC 3339, section 5.8.
#[test]
fn published_rfc3339_times() {
    for (text, seconds, nanoseconds) in [
        ("1985-04-12T23:20:50.52Z", 482_196_050, 520_000_000),
        ("1996-12-19T16:39:57-08:00", 851_042_397, 0),
        ("1990-12-31T23:59:60Z", 662_687_999, 0),
        ("1990-12-31T15:59:60-08:00", 662_687_999, 0),
        ("1937-01-01T12:00:27.87+00:20", -1_041_337_173, 870_000_000),
    ] {
        let expected = Timestamp::from_second(seconds).unwrap() + Duration::from_nanos(nanoseconds);
        cuts::for_each_cut(text.as_bytes(), |sequence| assert_eq!(rfc3339::parse(sequence), Ok(expected), "{text}"));
    }
}

#[test]
fn rfc3339_times_go_round_and_agree_with_the_calendar() {
    let (first, last) = (-62_167_219_200_i64, 253_402_207_199);
    for seconds in (first..=last).step_by(86_400 * 197 + 3_607).chain([last]) {
        for nanoseconds in [0, 1, 250_000_000, 999_999_999] {
            let time = Timestamp::from_second(seconds).unwrap() + Duration::from_nanos(nanoseconds);
            let expected = time.to_string();
            assert_eq!(text(Rfc3339::new(time)), expected);
            assert_eq!(rfc3339::parse(SequenceBuf::from(expected).as_sequence()), Ok(time));
        }
    }
    let time = Timestamp::from_second(0).unwrap() + Duration::from_nanos(123_456_789);
    assert_eq!(text(Rfc3339::new(time).precision(0)), "1970-01-01T00:00:00Z");
    assert_eq!(text(Rfc3339::new(time).precision(4)), "1970-01-01T00:00:00.1234Z");
    assert_eq!(text(Rfc3339::new(time).precision(200)), "1970-01-01T00:00:00.123456789Z");
    assert_eq!(text(Rfc3339::new(time).offset(offset(-9))), "1969-12-31T15:00:00.123456789-09:00");
    assert_eq!(text(Rfc3339::new(time).offset(Offset::UTC)), "1970-01-01T00:00:00.123456789+00:00");
}

#[test]
fn a_year_of_another_length_is_not_written() {
    for time in [Timestamp::MIN, Timestamp::from_second(-62_167_219_201).unwrap()] {
        let mut out = Vec::new();
        let error = Rfc3339::new(time).encode(&mut out).unwrap_err();
        assert!(matches!(error, EncodeError::Unrepresentable { .. }));
        assert!(out.is_empty());
    }
    assert_eq!(text(Rfc3339::new(Timestamp::MAX)), Timestamp::MAX.to_string());
}

#[test]
fn what_is_no_rfc3339_time_is_refused() {
    let invalid = |text: &str| rfc3339::parse(SequenceBuf::from(text.to_owned()).as_sequence());
    for text in [
        "",
        "1985-04-12",
        "1985-04-12T23:20:50",
        "1985-04-12T23:20Z",
        "1985-04-12T23:20:50.Z",
        "1985-04-12T23:20:50,5Z",
        "1985-04-12T23:20:50-08",
        "1985-04-12T23:20:50+0800",
        "1985-04-12T23:20:50+24:00",
        "1985-04-12T23:20:50+08:60",
        "1985-04-12T23:20:50Z[UTC]",
        "19850412T232050Z",
        "+001985-04-12T23:20:50Z",
        " 1985-04-12T23:20:50Z",
        "1985-04-12T23:20:50Z ",
        "1985-04-12_23:20:50Z",
    ] {
        assert_eq!(invalid(text), Err(Rfc3339Error::Invalid { offset: 0 }), "{text}");
    }
    for text in [
        "1985-02-29T23:20:50Z",
        "1985-13-12T23:20:50Z",
        "1985-04-00T23:20:50Z",
        "1985-04-12T24:00:00Z",
        "1985-04-12T23:60:50Z",
        "1985-04-12T23:20:61Z",
    ] {
        assert_eq!(invalid(text), Err(Rfc3339Error::OutOfRange { offset: 0 }), "{text}");
    }
    // It exists, and is finer than what there is a number for.
    assert_eq!(invalid("1985-04-12T23:20:50.0123456789Z"), Err(Rfc3339Error::Unrepresentable { offset: 0 }));
    let long = format!("1985-04-12T23:20:50.{}Z", "0".repeat(1000));
    assert_eq!(invalid(&long), Err(Rfc3339Error::Invalid { offset: 0 }));
    assert_eq!(invalid("1985-04-12t23:20:50-00:00"), invalid("1985-04-12 23:20:50z"));
}

/// RFC 9110, section 5.6.7: seconds go up to 60, for leap seconds. As in RFC 3339's times, it is the 59th that is read.
#[test]
fn an_http_date_of_a_leap_second_is_read() {
    let parse =
        |text: &str| HttpDate::parse(SequenceBuf::from(text.to_owned()).as_sequence()).map(HttpDate::unix_seconds);
    for form in ["Sat, 31 Dec 2016 23:59:60 GMT", "Saturday, 31-Dec-16 23:59:60 GMT", "Sat Dec 31 23:59:60 2016"] {
        assert_eq!(parse(form), Ok(1_483_228_799), "{form}");
        assert!(parse(&form.replace(":60", ":61")).is_err());
    }
    let buffer = SequenceBuf::from("Sat, 31 Dec 2016 23:59:60 GMT");
    let decoded = HttpDate::decode(&mut buffer.as_sequence().cursor()).unwrap();
    assert_eq!(decoded.value().map(HttpDate::unix_seconds), Some(1_483_228_799));
}

/// The grammar has no place for anything but what stands there: each byte of each form replaced by each other, and put in before it.
#[test]
fn nothing_else_stands_in_an_http_date() {
    let good = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"];
    for form in good {
        for (at, byte) in (0..=form.len()).flat_map(|at| (0..=255).map(move |byte| (at, byte))) {
            let (before, behind) = form.as_bytes().split_at(at);
            let put_in = [before, &[byte], behind].concat();
            assert!(
                HttpDate::parse(SequenceBuf::from(put_in.clone()).as_sequence()).is_err(),
                "{}",
                put_in.escape_ascii()
            );
            let [other, rest @ ..] = behind else { continue };
            let is_digit = byte.is_ascii_digit() && (other.is_ascii_digit() || other == &b' ');
            if byte != *other && !is_digit {
                let changed = [before, &[byte], rest].concat();
                let parsed = HttpDate::parse(SequenceBuf::from(changed.clone()).as_sequence());
                assert!(parsed.is_err(), "{}", changed.escape_ascii());
            }
        }
    }
    for text in [" Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT\n", "Sunday, 06-Nov-94x08:49:37 GMT"]
    {
        assert!(HttpDate::parse(SequenceBuf::from(text).as_sequence()).is_err(), "{text}");
    }
}

/// They exist: it is `jiff` whose timestamps end a day earlier.
#[test]
fn times_beyond_the_last_timestamp_are_told_apart() {
    let parse = |text: &str| rfc3339::parse(SequenceBuf::from(text.to_owned()).as_sequence());
    for text in
        ["9999-12-31T23:59:59Z", "9999-12-30T22:00:01Z", "9999-12-31T23:59:60+00:00", "9999-12-31T00:00:00-23:59"]
    {
        assert_eq!(parse(text), Err(Rfc3339Error::Unrepresentable { offset: 0 }), "{text}");
    }
    assert_eq!(parse("9999-12-30T22:00:00.999999999Z"), Ok(Timestamp::MAX));
    assert_eq!(parse("9999-12-31T21:59:00+23:59").unwrap().to_string(), "9999-12-30T22:00:00Z");
    for text in ["9999-12-32T23:59:59Z", "9999-02-29T23:59:59Z", "9999-12-31T24:00:00Z"] {
        assert_eq!(parse(text), Err(Rfc3339Error::OutOfRange { offset: 0 }), "{text}");
    }
}
