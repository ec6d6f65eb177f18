//! MessagePack, against `rmpv`.

use headpond_codec::{
    Encode,
    messagepack::{FrameDecoder, Limits, Token, TokenDecoder, Value},
};
use headpond_pool::Sequence;

use super::{End, Stream};

/// What a stream is made of.
pub type Op = super::Op<Item>;

/// A value, or the head of an aggregate, whose elements are the items behind it.
#[derive(Debug, Clone, arbitrary::Arbitrary)]
#[expect(missing_docs, reason = "they say what they are")]
pub enum Item {
    Nil,
    Boolean(bool),
    Unsigned(u64, u8),
    Signed(i64, u8),
    Single(f32),
    Double(f64),
    Text(String),
    Bytes(Vec<u8>),
    Extension(i8, Vec<u8>),
    Array(u8),
    Map(u8),
}

/// The depth that both are told.
const DEPTH: u8 = 20;

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let words: &[&[u8]] = &[
        b"\xc1",
        b"\x91",
        b"\x81",
        b"\xdd\0\0\0\x02",
        b"\xdc\0\x01",
        b"\xde\0\0",
        b"\xdb\0\0\0\x01",
        b"\xc7\x0c\xff",
        b"\xd6\xff",
        b"\xd7\xff",
        b"\0\0\0\0",
        b"\xd3",
        b"\xcf",
        b"\xd9",
        b"\xc5\0",
    ];
    let stream = Stream::of(ops, words, write);
    let limits = Limits::new().max_depth(DEPTH);
    let (values, end) = stream.decode(
        || FrameDecoder::with_limits(limits),
        |all: &mut Vec<(Shown, String, Vec<u8>)>, frame| {
            let value = frame.to_value();
            all.push((Shown(value.clone()), format!("{value:?}"), frame.sequence().to_vec()));
        },
    );
    let mut rest = &stream.bytes[..];
    for (value, shown, bytes) in &values {
        let before = rest.len();
        let theirs = rmpv::decode::read_value_with_max_depth(&mut rest, usize::from(DEPTH) + 2).expect("rmpv reads it");
        assert_eq!(before - rest.len(), bytes.len(), "of the same length");
        assert_eq!(*shown, format!("{:?}", of_reference(&theirs)));
        write_again(&value.0, shown, &theirs);
    }
    match end {
        End::Clean => assert!(rest.is_empty()),
        End::Truncated => {
            assert!(rmpv::decode::read_value_with_max_depth(&mut rest, usize::from(DEPTH) + 2).is_err());
        }
        End::Failed(error) => {
            let is_known =
                error.starts_with("no value begins") || error.contains("nested more") || error.contains("more than");
            assert!(is_known, "{error}");
        }
    }
    narrow(&stream, limits);
    parts(&stream, limits);
}

/// A value, equal to what is shown as it is: a NaN is not equal to itself.
#[derive(Debug)]
struct Shown(Value);

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        format!("{self:?}") == format!("{other:?}")
    }
}

fn write(item: &Item, out: &mut Vec<u8>) {
    let token = match item {
        Item::Nil => Token::Nil,
        Item::Boolean(value) => Token::Boolean(*value),
        Item::Unsigned(number, shift) => Token::Unsigned(number >> (shift % 64)),
        Item::Signed(number, shift) => Token::Signed(number >> (shift % 64)),
        Item::Single(number) => Token::Float32(*number),
        Item::Double(number) => Token::Float64(*number),
        Item::Text(text) => Token::String(text.as_bytes()),
        Item::Bytes(bytes) => Token::Binary(&bytes[..]),
        Item::Extension(kind, data) => Token::Extension { kind: *kind, data: &data[..] },
        Item::Array(len) => Token::Array((*len % 20).into()),
        Item::Map(len) => Token::Map((*len % 20).into()),
    };
    token.encode(out).expect("a Vec has memory");
}

fn of_reference(value: &rmpv::Value) -> Value {
    let shared = |bytes: &[u8]| headpond_pool::Slice::copy_from_slice(bytes);
    match value {
        rmpv::Value::Nil => Value::Nil,
        rmpv::Value::Boolean(value) => Value::Boolean(*value),
        rmpv::Value::Integer(number) => {
            number.as_u64().map_or_else(|| Value::Signed(number.as_i64().unwrap_or_default()), Value::Unsigned)
        }
        rmpv::Value::F32(number) => Value::Float32(*number),
        rmpv::Value::F64(number) => Value::Float64(*number),
        rmpv::Value::String(text) => Value::String(shared(text.as_bytes())),
        rmpv::Value::Binary(bytes) => Value::Binary(shared(bytes)),
        rmpv::Value::Array(elements) => Value::Array(elements.iter().map(of_reference).collect()),
        rmpv::Value::Map(pairs) => {
            Value::Map(pairs.iter().map(|(key, value)| (of_reference(key), of_reference(value))).collect())
        }
        rmpv::Value::Ext(kind, data) => {
            instant(*kind, data).unwrap_or(Value::Extension { kind: *kind, data: shared(data) })
        }
    }
}

/// A timestamp, by its three forms.
fn instant(kind: i8, data: &[u8]) -> Option<Value> {
    let number = |bytes: &[u8]| bytes.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let (seconds, nanoseconds) = match (kind, data.len()) {
        (-1, 4) => (number(data) as i64, 0),
        (-1, 8) => ((number(data) % (1 << 34)) as i64, (number(data) >> 34) as u32),
        (-1, 12) => (number(&data[4..]) as u64 as i64, number(&data[..4]) as u32),
        _ => return None,
    };
    headpond_codec::messagepack::Timestamp::new(seconds, nanoseconds).map(Value::Timestamp)
}

/// What was read is written in its smallest form, as by rmpv, and read again as the same.
fn write_again(value: &Value, shown: &str, theirs: &rmpv::Value) {
    let (mut ours, mut expected) = (Vec::new(), Vec::new());
    value.encode(&mut ours).expect("a Vec has memory");
    if !shown.contains("Timestamp") && is_utf8(theirs) {
        rmpv::encode::write_value(&mut expected, theirs).expect("a Vec has memory");
        assert_eq!(ours, expected);
    }
    let stream = Stream { bytes: ours, cuts: Vec::new(), variant: 0, limit: None };
    let own = |all: &mut Vec<String>, frame: headpond_codec::messagepack::Frame<'_>| {
        all.push(format!("{:?}", frame.to_value()))
    };
    assert_eq!(stream.decode(FrameDecoder::new, own), (vec![shown.to_owned()], End::Clean));
}

/// rmpv writes texts that are not UTF-8 as binary data.
fn is_utf8(value: &rmpv::Value) -> bool {
    match value {
        rmpv::Value::String(text) => text.is_str(),
        rmpv::Value::Array(elements) => elements.iter().all(is_utf8),
        rmpv::Value::Map(pairs) => pairs.iter().all(|(key, value)| is_utf8(key) && is_utf8(value)),
        _ => true,
    }
}

/// Limits fail the same, however the bytes arrive.
fn narrow(stream: &Stream, limits: Limits) {
    let Some(limit) = stream.limit else { return };
    let limits = match stream.variant % 3 {
        0 => limits.max_values(limit as u64),
        1 => limits.max_string(limit as u32),
        _ => limits.max_depth(limit as u8 % DEPTH),
    };
    let own =
        |all: &mut Vec<Vec<u8>>, frame: headpond_codec::messagepack::Frame<'_>| all.push(frame.sequence().to_vec());
    let _ = stream.decode(|| FrameDecoder::with_limits(limits).max_len(limit), own);
}

/// Long strings in parts are the same tokens as whole ones.
fn parts(stream: &Stream, limits: Limits) {
    let whole = stream.decode(
        || TokenDecoder::with_limits(limits),
        |all: &mut Vec<String>, token: Token<Sequence<'_>>| all.push(format!("{:?}", token.to_owned())),
    );
    let own = |all: &mut Vec<Token<Vec<u8>>>, token: Token<Sequence<'_>>| match (all.last_mut(), token.to_owned()) {
        (Some(Token::Part(before)), Token::Part(part)) => before.extend(part),
        (_, token) => all.push(token),
    };
    let shown = |token| format!("{token:?}");
    let make = || TokenDecoder::with_limits(limits).split_above(2);
    let mut split = fed_shown(stream, make, own);
    let mut together: Vec<String> = Vec::new();
    let mut tokens = std::mem::take(&mut split.0).into_iter().peekable();
    while let Some(token) = tokens.next() {
        let missing = |len: u32, part: &[u8]| part.len() < len as usize;
        let part = match token {
            Token::StringHead(_) | Token::BinaryHead(_) | Token::ExtensionHead { .. } => match tokens.next() {
                Some(Token::Part(part)) => part,
                _ => break,
            },
            _ => Vec::new(),
        };
        match token {
            Token::StringHead(len) | Token::BinaryHead(len) | Token::ExtensionHead { len, .. }
                if missing(len, &part) =>
            {
                break;
            }
            Token::StringHead(_) => together.push(shown(Token::String(part))),
            Token::BinaryHead(_) => together.push(shown(Token::Binary(part))),
            Token::ExtensionHead { kind, .. } => together.push(shown(Token::Extension { kind, data: part })),
            token => together.push(shown(token)),
        }
    }
    assert_eq!((together, split.1), whole);
}

/// As [`Stream::decode`], of tokens that may hold a NaN: one arrival is enough, since whole tokens go through all.
fn fed_shown<T>(
    stream: &Stream,
    make: impl Fn() -> TokenDecoder,
    own: impl Fn(&mut Vec<T>, Token<Sequence<'_>>),
) -> (Vec<T>, End) {
    super::fed(stream.pieces(), make(), &own)
}
