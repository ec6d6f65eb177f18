//! Texts: of characters, of digits, and of values.

#[cfg(any(feature = "data-encoding", feature = "percent-encoding"))]
use headpond_codec::Decoder;
use headpond_codec::utf8::{Malformed, Utf8Decoder};

use super::{STREAMS, Streams};
#[cfg(feature = "httpdate")]
use super::{Values, value};

#[test]
fn utf8() {
    let alphabet = b"a\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc3\xe0\xe2\xed\xf0\xf4\xf5\xff";
    let streams = Streams { alphabet, len: 4, ends: b"\x80\x90\xa0", ..STREAMS };
    streams.check(Utf8Decoder::new);
    streams.check(|| Utf8Decoder::new().malformed(Malformed::Replace));
}

#[cfg(feature = "serde_json")]
#[test]
fn json() {
    use headpond_codec::json::JsonDecoder;

    let streams = Streams { alphabet: b"[]{\"\\1 ,", len: 5, ends: b"\"]x", ..STREAMS };
    for max_len in [0, 1, 2, 4, 5, 6, 7, 8, 9, 100] {
        streams.check(|| JsonDecoder::new().max_len(max_len));
    }
}

/// Decodes a part of a text at a time; what it leaves is the beginning of something.
#[cfg(any(feature = "data-encoding", feature = "percent-encoding"))]
#[derive(Clone)]
struct Parts<F>(F);

#[cfg(any(feature = "data-encoding", feature = "percent-encoding"))]
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct PartsError(String);

#[cfg(any(feature = "data-encoding", feature = "percent-encoding"))]
impl<F: Fn(&mut headpond_pool::Cursor<'_>, bool) -> Result<(), String>> Decoder for Parts<F> {
    type Item<'a> = ();
    type Error = PartsError;

    fn decode<'a>(
        &mut self,
        cursor: &mut headpond_pool::Cursor<'a>,
    ) -> Result<headpond_codec::Decoded<()>, PartsError> {
        let start = cursor.position();
        let decoded = self.0(cursor, false).map_err(PartsError);
        if decoded.is_err() || !cursor.is_empty() || cursor.position() == start {
            cursor.rewind_to(start);
            return decoded.map(|()| headpond_codec::Decoded::NeedMore(1));
        }
        Ok(headpond_codec::Decoded::Value(()))
    }

    fn finish<'a>(
        &mut self,
        cursor: &mut headpond_pool::Cursor<'a>,
    ) -> Result<Option<()>, headpond_codec::FinishError<PartsError>> {
        self.0(cursor, true).map(Some).map_err(|error| headpond_codec::FinishError::Invalid(PartsError(error)))
    }

    fn reset(&mut self) {}
}

#[cfg(feature = "data-encoding")]
#[test]
fn base() {
    use headpond_codec::base::Base;

    let all = [
        Base::Hex,
        Base::HexUpper,
        Base::Base32,
        Base::Base32NoPad,
        Base::Base64,
        Base::Base64NoPad,
        Base::Base64Url,
        Base::Base64UrlNoPad,
    ];
    for base in all {
        let streams = Streams { alphabet: b"AQB1=-!", len: 5, ends: b"A=", ..STREAMS };
        let parts = Parts(move |input: &mut headpond_pool::Cursor<'_>, last| {
            let decoded = if last { base.finish(input, &mut Vec::new()) } else { base.decode(input, &mut Vec::new()) };
            decoded.map_err(|error| error.to_string())
        });
        streams.check(|| parts.clone());
        if matches!(base, Base::Base32 | Base::Base32NoPad) {
            for start in [&b"AA"[..], b"AE", b"AAAA", b"AAA"] {
                Streams { start, alphabet: b"AQB=!", len: 6, ..streams }.check(|| parts.clone());
            }
        }
    }
}

#[cfg(feature = "percent-encoding")]
#[test]
fn percent() {
    use headpond_codec::percent::PercentDecoder;

    for malformed in [Malformed::Refuse, Malformed::Replace] {
        let parts = Parts(move |input: &mut headpond_pool::Cursor<'_>, last| {
            let (decoder, mut out) = (PercentDecoder::new().malformed(malformed), Vec::new());
            let decoded = if last { decoder.finish(input, &mut out) } else { decoder.decode(input, &mut out) };
            decoded.map_err(|error| error.to_string())
        });
        Streams { alphabet: b"%4fgx", len: 5, ends: b"0", ..STREAMS }.check(|| parts.clone());
    }
}

/// Every beginning of a date in two centuries and a bit, each with every character behind it that dates have.
#[cfg(feature = "httpdate")]
#[test]
fn dates() {
    use std::collections::BTreeSet;

    use headpond_codec::{
        Decode, Decoded, Encode,
        http_date::{HttpDate, NoHttpDate},
    };
    use headpond_pool::SequenceBuf;

    const DATE_LEN: usize = "Sun, 06 Nov 1994".len();
    let alphabet = b"0123456789 :,MTWFSJADNGonuehrajpbtcgvlidyxsm";
    let decode = |bytes: &[u8]| {
        let buffer = SequenceBuf::from(bytes.to_vec());
        HttpDate::decode(&mut buffer.as_sequence().cursor())
    };
    // 1970 to 2199: of each day of the week every day of the year.
    let mut beginnings = BTreeSet::new();
    for days in 0..84_006 {
        let (mut text, date) = (Vec::new(), HttpDate::from_unix_seconds(days * 86_400).expect("it is in range"));
        date.encode(&mut text).expect("a Vec has memory");
        let mut len = DATE_LEN;
        while len > 0 && beginnings.insert(text[..len].to_vec()) {
            len -= 1;
        }
    }
    for (at, beginning) in beginnings.iter().enumerate() {
        assert_eq!(decode(beginning), Ok(Decoded::NeedMore(1)), "{}", beginning.escape_ascii());
        if beginning.len() == DATE_LEN || beginning.len() > DATE_LEN - 4 && at % 11 != 0 {
            continue;
        }
        for byte in alphabet {
            let next = [&beginning[..], &[*byte]].concat();
            // Later years are not among the beginnings.
            if next.len() > DATE_LEN - 4 && next[DATE_LEN - 4..] >= b"22"[..] && byte.is_ascii_digit() {
                continue;
            }
            assert_eq!(decode(&next).is_ok(), beginnings.contains(&next), "{}", next.escape_ascii());
        }
    }
    for refused in ["Sat, 01 Jan 0", "Sat, 01 Jan 18", "Sat, 01 Jan 196", "Fri, 01 Jan 9999 x"] {
        assert!(decode(refused.as_bytes()).is_err(), "{refused}");
    }
    assert_eq!(decode(b"Sat, 01 Jan 99"), Ok(Decoded::NeedMore(1)));
    for time in ["08:49:37 GMT", "23:59:60 GMT", "00:00:00 GMT"] {
        let whole = format!("Sun, 06 Nov 1994 {time}");
        for at in DATE_LEN..whole.len() {
            let streams = Streams { start: &whole.as_bytes()[..at], alphabet, len: 1, ends: b"0: GMT", ..STREAMS };
            streams.check(|| Values(value::<HttpDate, NoHttpDate>));
        }
    }
}
