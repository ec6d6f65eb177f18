//! Numbers as text, cut everywhere, against the standard library on flat text.

use std::{fmt::Debug, str::FromStr};

use headpond_codec::{
    Decode, Decoded, Encode,
    number::{Decimal, Float, Integer, NumberError, parse_float, parse_integer, write_float},
};
use headpond_pool::SequenceBuf;

use crate::{cuts, small_blocks::SmallBlocks};

/// Numbers at the edges of their types, and ones that are hard to read right: near the middle between two.
const FLOATS: [&str; 34] = [
    "0",
    "-0",
    "0.0",
    "1",
    "+1.5e10",
    "-2.5E-3",
    ".5",
    "5.",
    "00012.50",
    "1e0005",
    "inf",
    "-inf",
    "+infinity",
    "NaN",
    "nan",
    "5e-324",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "2.2250738585072011e-308",
    "2.2250738585072014e-308",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "1e400",
    "-1e-400",
    "9007199254740993",
    "9007199254740992.9999999999999999999999999999",
    "1.00000000000000011102230246251565404236316680908203125",
    "1.00000000000000011102230246251565404236316680908203124",
    "1.00000000000000011102230246251565404236316680908203126",
    "0.1",
    "0.30000000000000004",
    "1.1754944e-38",
    "3.4028236e38",
    "16777217",
];

/// Texts that are no float.
const NO_FLOATS: [&str; 17] = [
    "", "-", "+", ".", "e5", ".e5", "1e", "1e+", "1..2", "1.2.3", "1_000", "0x10", " 1", "1 ", "--1", "infinit",
    "1e5.5",
];

fn check_float<F: Float + FromStr + PartialEq + Debug>(bits: impl Fn(F) -> u64)
where
    F::Err: Debug,
{
    for text in FLOATS {
        let expected: F = text.parse().unwrap();
        cuts::for_each_cut(text.as_bytes(), |sequence| {
            let found: F = parse_float(sequence).unwrap();
            assert_eq!(bits(found), bits(expected), "{sequence:?} {found:?} {expected:?}");
        });
    }
    for text in NO_FLOATS {
        assert!(text.parse::<F>().is_err(), "{text}");
        cuts::for_each_cut(text.as_bytes(), |sequence| {
            let offset = sequence.start().offset();
            assert_eq!(parse_float::<F>(sequence), Err(NumberError::Invalid { offset }), "{sequence:?}");
        });
    }
}

#[test]
fn floats_are_read_as_the_standard_library_reads_them() {
    check_float::<f64>(f64::to_bits);
    check_float::<f32>(|number| number.to_bits().into());
}

/// As many digits as the middle between two floats may have, and more than is read.
#[test]
fn long_floats() {
    let text = format!("2.4703282292062327208299450254{}1e-324", "0".repeat(700));
    let (long, expected) = (SequenceBuf::from(text.clone()), text.parse::<f64>().unwrap());
    assert_eq!(parse_float(long.as_sequence()), Ok(expected));
    let limit = SequenceBuf::from("1".to_owned() + &"0".repeat(1099));
    assert_eq!(parse_float(limit.as_sequence()), Ok(f64::INFINITY));
    let beyond = SequenceBuf::from("1".to_owned() + &"0".repeat(1100));
    assert_eq!(parse_float::<f64>(beyond.as_sequence()), Err(NumberError::Invalid { offset: 0 }));
}

/// How many digits a number has, without zeros before and behind them, and the power of ten of the first. The digits of
/// two that are as near may differ in the last.
fn size(text: &str) -> (usize, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let leading = all.len() - all.trim_start_matches('0').len();
    let power = exponent.parse::<i32>().unwrap() + whole.len() as i32 - 1 - leading as i32;
    (all.trim_matches('0').len(), power)
}

/// Patterns of bits that go through all exponents: what is written is the shortest, and is read back as the same.
#[test]
fn floats_are_written_as_the_shortest_that_is_read_back() {
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..20_000 {
        bits = bits.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
        let wide = f64::from_bits(bits);
        let narrow = f32::from_bits((bits >> 32) as u32);
        let mut out = SmallBlocks::of(8 + round % 9);
        let len = write_float(&mut out, wide).unwrap();
        let text = String::from_utf8(out.bytes()).unwrap();
        assert_eq!(len, text.len());
        if wide.is_finite() {
            assert_eq!(size(&text), size(&format!("{wide:e}")), "{text}");
            assert_eq!(parse_float::<f64>(SequenceBuf::from(text).as_sequence()).map(f64::to_bits), Ok(wide.to_bits()));
        }
        let mut out = Vec::new();
        write_float(&mut out, narrow).unwrap();
        if narrow.is_finite() {
            let text = String::from_utf8(out).unwrap();
            assert_eq!(size(&text), size(&format!("{narrow:e}")), "{text}");
            assert_eq!(text.parse::<f32>().unwrap().to_bits(), narrow.to_bits());
        }
    }
    for (number, text) in [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (-0.1, "-0.1"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
        (f64::NAN, "NaN"),
        (5e-324, "5e-324"),
        (f64::MAX, "1.7976931348623157e+308"),
    ] {
        let mut out = Vec::new();
        write_float(&mut out, number).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}

fn check_integer<I: Integer + FromStr + PartialEq + Debug>() {
    let edges = ["127", "128", "255", "256", "-128", "-129", "65535", "65536", "4294967295", "4294967296"];
    let wide = [
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "340282366920938463463374607431768211455",
        "340282366920938463463374607431768211456",
        "-170141183460469231731687303715884105728",
        "-170141183460469231731687303715884105729",
    ];
    let forms = ["0", "+0", "000", "+17", "-1", "", "+", "-", "--1", "1-", "1 ", " 1", "0x1", "1.0", "１"];
    for text in edges.into_iter().chain(wide).chain(forms) {
        let expected = text.parse::<I>().ok();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        cuts::for_each_cut(text.as_bytes(), |sequence| match parse_integer::<I>(sequence) {
            Ok(found) => assert_eq!(Some(found), expected, "{sequence:?}"),
            Err(NumberError::OutOfRange { offset }) => {
                assert!(expected.is_none() && is_number(text.trim_start_matches('-')), "{sequence:?}");
                assert_eq!(offset, sequence.start().offset());
            }
            Err(NumberError::Invalid { offset }) => {
                let before = text.strip_prefix(['+', '-']).unwrap_or(text);
                let digits = before.bytes().take_while(u8::is_ascii_digit).count();
                let place = if digits > 0 || before != text { text.len() - before.len() + digits } else { 0 };
                assert!(expected.is_none() && !is_number(before), "{sequence:?}");
                assert_eq!(offset - sequence.start().offset(), place as u64, "{sequence:?}");
            }
            Err(other) => panic!("{other}"),
        });
    }
}

#[test]
fn integers_are_read_as_the_standard_library_reads_them() {
    check_integer::<u8>();
    check_integer::<i8>();
    check_integer::<u32>();
    check_integer::<i64>();
    check_integer::<u64>();
    check_integer::<u128>();
    check_integer::<i128>();
}

/// A number ends with the first byte that is no digit of it, which must have arrived.
#[test]
fn a_decimal_ends_where_its_digits_do() {
    for (text, expected, len) in
        [("0;", 0_i32, 1), ("-42 ", -42, 3), ("+7+", 7, 2), ("2147483647\r\n", i32::MAX, 10), ("0010-", 10, 4)]
    {
        cuts::for_each_cut(text.as_bytes(), |sequence| {
            let mut cursor = sequence.cursor();
            assert_eq!(Decimal::decode(&mut cursor), Ok(Decoded::Value(Decimal(expected))));
            assert_eq!(cursor.position() - sequence.start(), len, "{sequence:?}");
            for part in 0..=len {
                let mut cursor = sequence.slice(..sequence.start() + part).cursor();
                assert_eq!(Decimal::<i32>::decode(&mut cursor), Ok(Decoded::NeedMore(1)));
                assert_eq!(cursor.position(), sequence.start());
            }
        });
    }
    let mut out = SmallBlocks::of(4);
    Decimal(-1234_i64).encode(&mut out).unwrap();
    assert_eq!(out.bytes(), b"-1234");
}

#[test]
fn what_is_no_decimal_is_refused_at_once() {
    for (text, error) in [
        ("x", NumberError::Invalid { offset: 0 }),
        ("-x", NumberError::Invalid { offset: 1 }),
        ("--1", NumberError::Invalid { offset: 1 }),
        ("256", NumberError::OutOfRange { offset: 0 }),
        ("-1", NumberError::OutOfRange { offset: 0 }),
        ("0000000000000000000000000000000000000000000000000", NumberError::Invalid { offset: 0 }),
    ] {
        cuts::for_each_cut(text.as_bytes(), |sequence| {
            let at = |offset: u64| sequence.start().offset() + offset;
            let expected = match error {
                NumberError::OutOfRange { offset } => NumberError::OutOfRange { offset: at(offset) },
                NumberError::Invalid { offset } => NumberError::Invalid { offset: at(offset) },
                other => other,
            };
            let mut cursor = sequence.cursor();
            assert_eq!(Decimal::<u8>::decode(&mut cursor), Err(expected), "{sequence:?}");
            assert_eq!(cursor.position(), sequence.start());
        });
    }
}
