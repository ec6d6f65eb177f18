//! Numbers as decimal text, against the standard library's.

use std::{
    fmt::{Debug, Display},
    str::FromStr,
};

use headpond_codec::number::{self, Decimal, Float, Integer};

use super::{Bytes, Stop, Stream, Values};

/// What a stream is made of: items are numbers.
pub type Op = super::Op<Item>;

/// A number, shifted down by so many bits, or any float.
#[derive(Debug, Clone, arbitrary::Arbitrary)]
#[expect(missing_docs, reason = "they say what they are")]
pub enum Item {
    Unsigned(u128, u8),
    Signed(i128, u8),
    Double(f64),
    Single(f32),
}

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let words: &[&[u8]] =
        &[b" ", b"-", b"+", b"0", b"9", b".", b"e", b"E-", b"inf", b"NaN", b"infinity", b"255", b"-128", b"1e400"];
    let stream = Stream::of(ops, words, |item, out| {
        let text = match item {
            Item::Unsigned(number, shift) => (number >> (shift % 128)).to_string(),
            Item::Signed(number, shift) => (number >> (shift % 128)).to_string(),
            Item::Double(number) => format!("{number:e}"),
            Item::Single(number) => number.to_string(),
        };
        out.extend_from_slice(text.as_bytes());
    });
    for op in ops {
        match op {
            super::Op::Item(Item::Double(number)) => float_goes_there_and_back(*number, f64::to_bits),
            super::Op::Item(Item::Single(number)) => float_goes_there_and_back(*number, f32::to_bits),
            _ => {}
        }
    }
    match stream.variant % 8 {
        0 => integer::<u8>(&stream),
        1 => integer::<i8>(&stream),
        2 => integer::<u64>(&stream),
        3 => integer::<i64>(&stream),
        4 => integer::<u128>(&stream),
        5 => integer::<i128>(&stream),
        6 => float::<f64>(&stream, f64::to_bits),
        _ => float::<f32>(&stream, |number| number.to_bits().into()),
    }
}

fn float_goes_there_and_back<F: Float + FromStr, B: PartialEq + Debug>(value: F, bits: fn(F) -> B) {
    let mut out = Vec::new();
    number::write_float(&mut out, value).expect("a Vec has memory");
    let text = std::str::from_utf8(&out).expect("it is ASCII");
    let Ok(back) = text.parse::<F>() else { panic!("{text} is no number") };
    // One NaN is as good as another.
    assert!(bits(back) == bits(value) || text == "NaN", "{text}");
}

fn integer<I: Integer + FromStr + Display + PartialEq + Debug>(stream: &Stream) {
    // Each number, and one byte behind it.
    let decode = |cursor: &mut headpond_pool::Cursor<'_>| {
        use headpond_codec::{Decode, Decoded, Interrupt, attempt};
        attempt(cursor, |cursor| match Decimal::<I>::decode(cursor).map_err(Interrupt::Invalid)? {
            Decoded::Value(Decimal(value)) => {
                cursor.skip(1)?;
                Ok(value)
            }
            Decoded::NeedMore(at_least) => Err(Interrupt::NeedMore(at_least)),
        })
    };
    let (values, end) = stream.decode(|| Values(decode), |values, value| values.push(value));
    let (naive, naive_end) = Bytes::of(&stream.bytes).values(read::<I>);
    assert_eq!((&values, end.kind()), (&naive, naive_end));
    for value in values {
        let mut out = Vec::new();
        number::write_integer(&mut out, value).expect("a Vec has memory");
        assert_eq!(out, value.to_string().as_bytes());
    }
    let whole = number::parse_integer::<I>(stream.buffer().as_sequence()).ok();
    assert_eq!(whole, parsed(&stream.bytes), "{}", stream.bytes.escape_ascii());
}

/// As the standard library reads it, but for the sign of a zero that has none.
fn parsed<I: FromStr>(text: &[u8]) -> Option<I> {
    let text = std::str::from_utf8(text).ok()?;
    let digits =
        text.strip_prefix('-').filter(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit == b'0'));
    digits.unwrap_or(text).parse().ok()
}

/// A number of at most forty bytes and the byte behind it, found to be none or too large with the byte that shows it.
fn read<I: FromStr>(bytes: &mut Bytes<'_>) -> Result<I, Stop> {
    let mut text = Vec::new();
    loop {
        match bytes.next()? {
            sign @ (b'-' | b'+') if text.is_empty() => text.push(sign),
            digit @ b'0'..=b'9' => {
                text.push(digit);
                if parsed::<I>(&text).is_none() {
                    return Err(Stop::Failed);
                }
            }
            _ => return parsed(&text).ok_or(Stop::Failed),
        }
        if text.len() > 40 {
            return Err(Stop::Failed);
        }
    }
}

fn float<F: Float + FromStr>(stream: &Stream, bits: fn(F) -> u64) {
    let buffer = stream.buffer();
    let ours = number::parse_float::<F>(buffer.as_sequence());
    let text = std::str::from_utf8(&stream.bytes).ok().filter(|text| text.len() <= 1100);
    let theirs = text.and_then(|text| text.parse::<F>().ok());
    match (ours, theirs) {
        (Ok(ours), Some(theirs)) => {
            assert_eq!(bits(ours), bits(theirs), "{}", stream.bytes.escape_ascii());
            let mut out = Vec::new();
            number::write_float(&mut out, ours).expect("a Vec has memory");
        }
        (Err(_), None) => {}
        (ours, theirs) => {
            panic!("{}: read here: {}, there: {}", stream.bytes.escape_ascii(), ours.is_ok(), theirs.is_some())
        }
    }
}
