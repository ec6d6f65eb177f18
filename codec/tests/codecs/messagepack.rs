//! MessagePack: every format of its specification, every split, rmpv on the same bytes, and what is refused.

use headpond_codec::{
    Decoded, Decoder, Encode, EncodeError,
    messagepack::{FrameDecoder, Limits, MessagePackError, Timestamp, Token, TokenDecoder, Value},
};
use headpond_pool::{Sequence, SequenceBuf, Slice};

use crate::{
    small_blocks::SmallBlocks,
    splits::{fed, for_each_arrival, items, outcome},
};

type Owned = Token<Vec<u8>>;

fn owned(token: Token<Sequence<'_>>) -> Owned {
    token.to_owned()
}

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 13) as u8).collect()
}

fn encoded(tokens: &[Token<impl headpond_codec::Payload>]) -> Vec<u8> {
    let mut out = SmallBlocks::of(16);
    tokens.iter().for_each(|token| token.encode(&mut out).unwrap());
    out.bytes()
}

/// The head of each format, as the specification's tables have it, and what it is the smallest of.
fn scalars() -> Vec<(Vec<u8>, Owned)> {
    let instant = |seconds, nanoseconds| Token::Timestamp(Timestamp::new(seconds, nanoseconds).unwrap());
    vec![
        (b"\xc0".to_vec(), Token::Nil),
        (b"\xc2".to_vec(), Token::Boolean(false)),
        (b"\xc3".to_vec(), Token::Boolean(true)),
        (b"\x00".to_vec(), Token::Unsigned(0)),
        (b"\x7f".to_vec(), Token::Unsigned(127)),
        (b"\xcc\x80".to_vec(), Token::Unsigned(128)),
        (b"\xcc\xff".to_vec(), Token::Unsigned(255)),
        (b"\xcd\x01\x00".to_vec(), Token::Unsigned(256)),
        (b"\xcd\xff\xff".to_vec(), Token::Unsigned(65535)),
        (b"\xce\x00\x01\x00\x00".to_vec(), Token::Unsigned(65536)),
        (b"\xce\xff\xff\xff\xff".to_vec(), Token::Unsigned(u32::MAX.into())),
        (b"\xcf\x00\x00\x00\x01\x00\x00\x00\x00".to_vec(), Token::Unsigned(1 << 32)),
        (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(), Token::Unsigned(u64::MAX)),
        (b"\xff".to_vec(), Token::Signed(-1)),
        (b"\xe0".to_vec(), Token::Signed(-32)),
        (b"\xd0\xdf".to_vec(), Token::Signed(-33)),
        (b"\xd0\x80".to_vec(), Token::Signed(-128)),
        (b"\xd1\xff\x7f".to_vec(), Token::Signed(-129)),
        (b"\xd1\x80\x00".to_vec(), Token::Signed(-32768)),
        (b"\xd2\xff\xff\x7f\xff".to_vec(), Token::Signed(-32769)),
        (b"\xd2\x80\x00\x00\x00".to_vec(), Token::Signed(i32::MIN.into())),
        (b"\xd3\xff\xff\xff\xff\x7f\xff\xff\xff".to_vec(), Token::Signed(i64::from(i32::MIN) - 1)),
        (b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00".to_vec(), Token::Signed(i64::MIN)),
        (b"\xca\x3f\xc0\x00\x00".to_vec(), Token::Float32(1.5)),
        (b"\xcb\xc0\x09\x21\xfb\x54\x44\x2d\x18".to_vec(), Token::Float64(-std::f64::consts::PI)),
        (b"\xa0".to_vec(), Token::String(vec![])),
        ([&b"\xbf"[..], &bytes(31)].concat(), Token::String(bytes(31))),
        ([&b"\xd9\x20"[..], &bytes(32)].concat(), Token::String(bytes(32))),
        ([&b"\xd9\xff"[..], &bytes(255)].concat(), Token::String(bytes(255))),
        ([&b"\xda\x01\x00"[..], &bytes(256)].concat(), Token::String(bytes(256))),
        ([&b"\xdb\x00\x01\x00\x00"[..], &bytes(65536)].concat(), Token::String(bytes(65536))),
        (b"\xc4\x00".to_vec(), Token::Binary(vec![])),
        ([&b"\xc4\xff"[..], &bytes(255)].concat(), Token::Binary(bytes(255))),
        ([&b"\xc5\x01\x00"[..], &bytes(256)].concat(), Token::Binary(bytes(256))),
        ([&b"\xc6\x00\x01\x00\x00"[..], &bytes(65536)].concat(), Token::Binary(bytes(65536))),
        (b"\xc7\x00\x05".to_vec(), Token::Extension { kind: 5, data: vec![] }),
        (b"\xd4\x05a".to_vec(), Token::Extension { kind: 5, data: b"a".to_vec() }),
        (b"\xd5\x80ab".to_vec(), Token::Extension { kind: -128, data: b"ab".to_vec() }),
        (b"\xc7\x03\x7fabc".to_vec(), Token::Extension { kind: 127, data: b"abc".to_vec() }),
        (b"\xd6\x00abcd".to_vec(), Token::Extension { kind: 0, data: b"abcd".to_vec() }),
        ([&b"\xd7\x01"[..], &bytes(8)].concat(), Token::Extension { kind: 1, data: bytes(8) }),
        ([&b"\xd8\x01"[..], &bytes(16)].concat(), Token::Extension { kind: 1, data: bytes(16) }),
        ([&b"\xc7\xff\x01"[..], &bytes(255)].concat(), Token::Extension { kind: 1, data: bytes(255) }),
        ([&b"\xc8\x01\x00\x01"[..], &bytes(256)].concat(), Token::Extension { kind: 1, data: bytes(256) }),
        ([&b"\xc9\x00\x01\x00\x00\x01"[..], &bytes(65536)].concat(), Token::Extension { kind: 1, data: bytes(65536) }),
        (b"\xd6\xff\x00\x00\x00\x00".to_vec(), instant(0, 0)),
        (b"\xd6\xff\xff\xff\xff\xff".to_vec(), instant(0xffff_ffff, 0)),
        (b"\xd7\xff\x00\x00\x00\x01\x00\x00\x00\x00".to_vec(), instant(1 << 32, 0)),
        (b"\xd7\xff\x00\x00\x00\x04\x00\x00\x00\x00".to_vec(), instant(0, 1)),
        (b"\xd7\xff\xee\x6b\x27\xff\xff\xff\xff\xff".to_vec(), instant((1 << 34) - 1, 999_999_999)),
        (b"\xc7\x0c\xff\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00".to_vec(), instant(1 << 34, 0)),
        (b"\xc7\x0c\xff\x3b\x9a\xc9\xff\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(), instant(-1, 999_999_999)),
    ]
}

#[test]
fn every_format_goes_there_and_back_in_its_smallest_form() {
    for (bytes, token) in scalars() {
        let shown = &bytes[..bytes.len().min(12)];
        assert_eq!(encoded(std::slice::from_ref(&token)), bytes, "{shown:x?}");
        if bytes.len() < 300 {
            assert_eq!(items(&bytes, TokenDecoder::new, owned), [token], "{shown:x?}");
        } else {
            let pieces: Vec<&[u8]> = bytes.chunks(1000).collect();
            assert_eq!(fed(&pieces, TokenDecoder::new(), &owned), (vec![token], None));
        }
    }
}

#[test]
fn aggregates_have_three_forms_each() {
    for (len, array, map) in [
        (0, &b"\x90"[..], &b"\x80"[..]),
        (15, b"\x9f", b"\x8f"),
        (16, b"\xdc\x00\x10", b"\xde\x00\x10"),
        (65535, b"\xdc\xff\xff", b"\xde\xff\xff"),
        (65536, b"\xdd\x00\x01\x00\x00", b"\xdf\x00\x01\x00\x00"),
        (u32::MAX, b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff"),
    ] {
        assert_eq!(encoded(&[Token::<&str>::Array(len)]), array);
        assert_eq!(encoded(&[Token::<&str>::Map(len)]), map);
        for (head, values) in [(array, u64::from(len)), (map, 2 * u64::from(len))] {
            let make = || TokenDecoder::with_limits(Limits::new().max_values(values));
            let (tokens, error) = outcome(head, make, owned);
            assert_eq!((tokens.len(), error.is_some()), (1, len > 0));
            let whole = [head, &vec![0xc0; values.min(100) as usize]].concat();
            let (tokens, error) = fed(&[&whole], make(), &owned);
            assert_eq!((tokens.len() as u64, error.is_some()), (1 + values.min(100), values > 100));
        }
    }
}

#[test]
fn longer_forms_than_needed_are_read() {
    for (bytes, token) in [
        (&b"\xcc\x01"[..], Token::Unsigned(1)),
        (b"\xcf\0\0\0\0\0\0\0\x01", Token::Unsigned(1)),
        (b"\xd0\x01", Token::Unsigned(1)),
        (b"\xd3\0\0\0\0\0\0\0\x01", Token::Unsigned(1)),
        (b"\xd3\xff\xff\xff\xff\xff\xff\xff\xff", Token::Signed(-1)),
        (b"\xdb\0\0\0\x01a", Token::String(b"a".to_vec())),
        (b"\xc6\0\0\0\x01a", Token::Binary(b"a".to_vec())),
        (b"\xdd\0\0\0\0", Token::Array(0)),
        (b"\xde\0\0", Token::Map(0)),
        (b"\xc7\x01\x09a", Token::Extension { kind: 9, data: b"a".to_vec() }),
        (b"\xc7\x04\xff\0\0\0\x01", Token::Timestamp(Timestamp::new(1, 0).unwrap())),
        (b"\xc7\x0c\xff\0\0\0\0\0\0\0\0\0\0\0\x01", Token::Timestamp(Timestamp::new(1, 0).unwrap())),
    ] {
        assert_eq!(items(bytes, TokenDecoder::new, owned), [token]);
    }
    assert_eq!(encoded(&[Token::<&str>::Signed(200)]), b"\xcc\xc8");
}

/// Data of the type of timestamps that is none stays what it is.
#[test]
fn timestamps_that_are_none_are_extensions() {
    for bytes in [
        &b"\xd4\xffa"[..],
        b"\xc7\x00\xff",
        b"\xd7\xff\xee\x6b\x28\x00\0\0\0\0",
        b"\xc7\x0c\xff\x3b\x9a\xca\x00\0\0\0\0\0\0\0\0",
        b"\xc7\x05\xffabcde",
    ] {
        let tokens = items(bytes, TokenDecoder::new, owned);
        assert!(matches!(tokens[..], [Token::Extension { kind: -1, .. }]));
        assert_eq!(encoded(&tokens), bytes);
    }
    assert_eq!(Timestamp::new(0, 1_000_000_000), None);
}

/// The example of msgpack.org.
#[test]
fn the_example_of_the_home_page() {
    let bytes = b"\x82\xa7compact\xc3\xa6schema\x00";
    let frames = items(bytes, FrameDecoder::new, |frame| frame.to_value());
    let text = |text: &'static str| Value::String(text.into());
    let expected = Value::Map(vec![(text("compact"), Value::Boolean(true)), (text("schema"), Value::Unsigned(0))]);
    assert_eq!(frames, std::slice::from_ref(&expected));
    let mut out = Vec::new();
    expected.encode(&mut out).unwrap();
    assert_eq!(out, bytes);
}

/// A generator of values, the same in each run: SplitMix64, after Steele, Lea and Flood (2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Of any magnitude.
    fn number(&mut self) -> u64 {
        let bits = self.below(64);
        self.next() >> bits
    }

    fn bytes(&mut self) -> Vec<u8> {
        let len = [3, 40, 300][self.below(3) as usize];
        (0..self.below(len)).map(|_| self.next() as u8 & 0x7f).collect()
    }

    fn value(&mut self, depth: u32) -> rmpv::Value {
        match self.below(if depth == 0 { 9 } else { 11 }) {
            0 => rmpv::Value::Nil,
            1 => rmpv::Value::Boolean(self.below(2) == 0),
            2 => rmpv::Value::from(self.number()),
            3 => rmpv::Value::from((self.number() as i64).wrapping_neg()),
            4 => rmpv::Value::F32(self.number() as f32 / 3.0),
            5 => rmpv::Value::F64(self.number() as f64 / -3.0),
            6 => rmpv::Value::from(String::from_utf8(self.bytes()).unwrap()),
            7 => rmpv::Value::Binary(self.bytes()),
            8 => rmpv::Value::Ext(self.below(128) as i8, self.bytes()),
            9 => rmpv::Value::Array((0..self.below(20)).map(|_| self.value(depth - 1)).collect()),
            _ => {
                rmpv::Value::Map((0..self.below(20)).map(|_| (self.value(depth - 1), self.value(depth - 1))).collect())
            }
        }
    }
}

fn of_reference(value: &rmpv::Value) -> Value {
    match value {
        rmpv::Value::Nil => Value::Nil,
        rmpv::Value::Boolean(value) => Value::Boolean(*value),
        rmpv::Value::Integer(number) => {
            number.as_u64().map_or_else(|| Value::Signed(number.as_i64().unwrap()), Value::Unsigned)
        }
        rmpv::Value::F32(number) => Value::Float32(*number),
        rmpv::Value::F64(number) => Value::Float64(*number),
        rmpv::Value::String(text) => Value::String(Slice::copy_from_slice(text.as_bytes())),
        rmpv::Value::Binary(bytes) => Value::Binary(Slice::copy_from_slice(bytes)),
        rmpv::Value::Array(elements) => Value::Array(elements.iter().map(of_reference).collect()),
        rmpv::Value::Map(pairs) => {
            Value::Map(pairs.iter().map(|(key, value)| (of_reference(key), of_reference(value))).collect())
        }
        rmpv::Value::Ext(kind, data) => Value::Extension { kind: *kind, data: Slice::copy_from_slice(data) },
    }
}

#[test]
fn rmpv_reads_and_writes_the_same_bytes() {
    let mut random = Random(7);
    for round in 0..300 {
        let value = random.value(3);
        let mut theirs = Vec::new();
        rmpv::encode::write_value(&mut theirs, &value).unwrap();
        let ours = of_reference(&value);
        let mut out = SmallBlocks::of(50);
        ours.encode(&mut out).unwrap();
        assert_eq!(out.bytes(), theirs, "{value}");
        let width = [1, 3, 100, 4096][round % 4];
        let pieces: Vec<&[u8]> = theirs.chunks(width).collect();
        assert_eq!(fed(&pieces, FrameDecoder::new(), &|frame| frame.to_value()), (vec![ours], None));
    }
}

/// A few values one after the other, cut everywhere.
#[test]
fn values_follow_each_other() {
    let stream = b"\x93\x01\x92\xa1a\x80\xc4\x02xy\xc0\xdf\0\0\0\x01\xca\x3f\xc0\0\0\xd4\x01z\xcd\x12\x34";
    let frames = items(stream, FrameDecoder::new, |frame| frame.sequence().to_vec());
    assert_eq!(frames, [&stream[..10], b"\xc0", &stream[11..24], b"\xcd\x12\x34"]);
    assert_eq!(items(stream, TokenDecoder::new, owned).len(), 11);
}

#[test]
fn the_byte_that_is_never_used_is_refused() {
    let error = MessagePackError::NeverUsed { offset: 2 }.to_string();
    assert_eq!(outcome(b"\x93\x01\xc1\x02", TokenDecoder::new, owned).1, Some(error.clone()));
    assert_eq!(outcome(b"\x93\x01\xc1\x02", FrameDecoder::new, |frame| frame.to_value()), (vec![], Some(error)));
}

#[test]
fn what_is_announced_beyond_the_limits_is_refused_by_its_head() {
    let limits = Limits::new().max_string(3).max_values(4).max_depth(2);
    let read = |bytes: &[u8]| {
        let make = || FrameDecoder::with_limits(limits).max_len(12);
        outcome(bytes, make, |frame| frame.to_value()).1
    };
    let too_long = |offset, limit, unit| Some(MessagePackError::TooLong { offset, limit, unit }.to_string());
    for within in
        [&b"\xa3abc"[..], b"\x94\x01\x02\x03\x04", b"\x82\x01\x02\x03\x04", b"\x91\x93\x01\x02\x03", b"\x91\x90"]
    {
        assert_eq!(read(within), None, "{within:x?}");
    }
    for (bytes, error) in [
        (&b"\xa4"[..], too_long(0, 3, "bytes in a string")),
        (b"\x92\x01\xc4\x04", too_long(2, 3, "bytes in a string")),
        (b"\xdb\xff\xff\xff\xff", too_long(0, 3, "bytes in a string")),
        (b"\xd8", too_long(0, 3, "bytes in a string")),
        (b"\x95", too_long(0, 4, "values")),
        (b"\x83", too_long(0, 4, "values")),
        (b"\xdf\xff\xff\xff\xff", too_long(0, 4, "values")),
        // All levels together: no tree of short arrays gets around it.
        (b"\x92\x91\x01\x92", too_long(3, 4, "values")),
        (b"\x91\x91\x91", Some(MessagePackError::TooDeep { offset: 2, limit: 2 }.to_string())),
        (b"\x91\x91\x90", Some(MessagePackError::TooDeep { offset: 2, limit: 2 }.to_string())),
        (b"\x94\xa3abc\xa3abc\xa3", too_long(0, 12, "bytes")),
    ] {
        assert_eq!(read(bytes), error, "{bytes:x?}");
    }
    // What is wrong behind the limit is not looked at, however much of it is there.
    let of_four = || FrameDecoder::with_limits(limits).max_len(4);
    assert_eq!(outcome(b"\xdb\xff\xff\xff\xff", of_four, |frame| frame.to_value()).1, too_long(0, 4, "bytes"));
    assert_eq!(outcome(b"\x94\x01\x02\x03\xc1", of_four, |frame| frame.to_value()).1, too_long(0, 4, "bytes"));
    // It counts anew for the next value.
    assert_eq!(read(b"\x94\x01\x02\x03\x04\x94\x01\x02\x03\x04"), None);
}

/// As many arrays within each other as there may be at the most do not exhaust the stack.
#[test]
fn a_tower_of_arrays_is_read_or_refused() {
    let tower = [vec![0x91; 255], vec![0xc0]].concat();
    let make = || FrameDecoder::with_limits(Limits::new().max_depth(255));
    let (values, error) = fed(&[&tower], make(), &|frame| frame.to_value());
    assert_eq!((values.len(), error), (1, None));
    let mut out = Vec::new();
    values[0].encode(&mut out).unwrap();
    assert_eq!(out, tower);
    let (_, error) = fed(&[&[0x91; 100_000]], make(), &|frame| frame.to_value());
    assert_eq!(error, Some(MessagePackError::TooDeep { offset: 255, limit: 255 }.to_string()));
}

#[test]
fn long_strings_come_in_parts() {
    let stream = b"\x94\xa3abc\xc4\x05abcde\xc7\x05\x07abcde\xd6\xff\0\0\0\x01\xa0";
    let make = || TokenDecoder::new().split_above(3);
    let read = |pieces: &[&[u8]]| {
        let (tokens, error) = fed(pieces, make(), &owned);
        assert_eq!(error, None);
        // Neighbouring parts are one.
        tokens.into_iter().fold(Vec::new(), |mut all: Vec<Owned>, token| {
            match (all.last_mut(), token) {
                (Some(Token::Part(before)), Token::Part(part)) => before.extend(part),
                (_, token) => all.push(token),
            }
            all
        })
    };
    let part = || Token::Part(b"abcde".to_vec());
    let instant = Timestamp::new(1, 0).unwrap();
    for_each_arrival(stream, |pieces| {
        assert_eq!(
            read(pieces),
            [
                Token::Array(4),
                Token::String(b"abc".to_vec()),
                Token::BinaryHead(5),
                part(),
                Token::ExtensionHead { kind: 7, len: 5 },
                part(),
                Token::Timestamp(instant),
                Token::String(vec![]),
            ][..],
        );
    });
    assert_eq!(encoded(&read(&[stream])), stream);
    // The value ends with its last part.
    let mut decoder = TokenDecoder::new().split_above(0);
    let buffer = SequenceBuf::from(&b"\x91\xa2ab"[..]);
    let mut cursor = buffer.as_sequence().cursor();
    while let Decoded::Value(token) = decoder.decode(&mut cursor).unwrap() {
        assert_eq!(decoder.is_inside(), !matches!(token, Token::Part(_)));
    }
}

#[test]
fn a_string_asks_for_all_that_is_missing() {
    let buffer = SequenceBuf::from(&b"\x92\xd9\x64abc"[..]);
    let mut cursor = buffer.as_sequence().cursor();
    // And for the byte behind it, which may be one that begins no value.
    assert_eq!(FrameDecoder::new().decode(&mut cursor).unwrap(), Decoded::NeedMore(98));
    let tokens = TokenDecoder::new().decode(&mut cursor).unwrap();
    assert_eq!(tokens, Decoded::Value(Token::Array(2)));
    let full = Token::String("abc").encode(&mut SmallBlocks::of(8).at_most(0));
    assert!(matches!(full, Err(EncodeError::Write(_))));
}

#[test]
fn text_is_text_only_when_it_is_utf8() {
    assert_eq!(Value::String("\u{e4}".into()).as_str(), Some("\u{e4}"));
    assert_eq!(Value::String(Slice::copy_from_slice(b"\xff")).as_str(), None);
    assert_eq!(Value::Binary("a".into()).as_str(), None);
}
