//! JSON, against `serde_json` on flat bytes.

use headpond_codec::json::{self, JsonDecoder, ReadJsonError};
use headpond_pool::Sequence;
use serde_json::{Value, error::Category};

use super::{Bytes, End, Outcome, Stop, Stream, conversion::SmallBlocks};

/// What a stream is made of: items are values.
pub type Op = super::Op<Item>;

/// A value with nothing in it, or with what is made of it.
#[derive(Debug, Clone, arbitrary::Arbitrary)]
#[expect(missing_docs, reason = "they say what they are")]
pub enum Item {
    Word(Option<bool>),
    Integer(i64),
    Float(f64),
    Text(String),
    Nested(u8, String),
}

impl Item {
    fn value(&self) -> Value {
        match self {
            Self::Word(word) => (*word).into(),
            Self::Integer(number) => (*number).into(),
            Self::Float(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
            // 127 levels can be read.
            Self::Nested(depth, text) => (0..depth % 130).fold(Value::Null, |inner, level| match level % 3 {
                0 => Value::Array(vec![inner]),
                1 => Value::Object([(text.clone(), inner)].into_iter().collect()),
                _ => Value::Array(vec![text.as_str().into(), inner]),
            }),
        }
    }
}

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let words: &[&[u8]] = &[
        b" \n",
        b"[",
        b"]",
        b"{\"a\":",
        b"}",
        b",",
        b":",
        b"\"",
        b"\\",
        b"\\\"",
        b"\\ud83d",
        b"\\ude00",
        b"\"\\u00e9\"",
        b"true",
        b"-1.5e3",
        b"18446744073709551616",
        b"\xff",
    ];
    let stream = Stream::of(ops, words, |item, out| write(&item.value(), out));
    let limit = stream.limit.unwrap_or(1 << 16);
    let mut texts = stream.decode(
        || JsonDecoder::new().max_len(limit),
        |texts: &mut Vec<Vec<u8>>, text| {
            read(text);
            texts.push(text.to_vec());
        },
    );
    texts.1 = texts.1.kind();
    let ends: Vec<Vec<u8>> =
        (0..9).flat_map(|depth| ["", "\"", "x\""].map(|end| [end.as_bytes(), &vec![b']'; depth]].concat())).collect();
    let flat = naive(&stream.bytes, limit);
    let expected = super::settled(flat, &texts.1, &stream.bytes, &ends, |bytes| naive(bytes, limit));
    assert_eq!(texts, expected, "{}", stream.bytes.escape_ascii());
    read(stream.buffer().as_sequence());
}

/// Reads a text in every way there is, and writes what that was.
fn read(text: Sequence<'_>) {
    let (bytes, mut scratch) = (text.to_vec(), Vec::new());
    let flat = serde_json::from_slice::<Value>(&bytes);
    let joined = json::read_with::<Value>(text, &mut scratch);
    for ours in [json::read::<Value>(text), joined] {
        match (ours, &flat) {
            (Ok(ours), Ok(theirs)) => assert_eq!(ours, *theirs),
            (Err(ours), Err(theirs)) => {
                let (offset, category) = match ours {
                    ReadJsonError::Syntax { offset, .. } => (offset, Category::Syntax),
                    ReadJsonError::Data { offset, .. } => (offset, Category::Data),
                    ReadJsonError::Truncated { offset, .. } => (offset, Category::Eof),
                    other => panic!("another error: {other}"),
                };
                assert_eq!(category, theirs.classify(), "{}", bytes.escape_ascii());
                let place = json::read::<Value>(headpond_pool::SequenceBuf::from(bytes.clone()).as_sequence());
                let place = offset_of(&place.expect_err("it was none")) + text.start().offset();
                assert_eq!(offset, place, "{}", bytes.escape_ascii());
                assert!((text.start().offset()..=text.end().offset()).contains(&offset));
            }
            (ours, theirs) => panic!("{}: here {ours:?}, there {theirs:?}", bytes.escape_ascii()),
        }
    }
    if let Ok(value) = flat {
        write(&value, &mut scratch);
    }
}

fn offset_of(error: &ReadJsonError) -> u64 {
    match error {
        ReadJsonError::Syntax { offset, .. }
        | ReadJsonError::Data { offset, .. }
        | ReadJsonError::Truncated { offset, .. } => *offset,
        other => panic!("another error: {other}"),
    }
}

/// Writes a value behind what there is.
fn write(value: &Value, out: &mut Vec<u8>) {
    let expected = serde_json::to_vec(value).expect("a value can be written");
    let mut blocks = SmallBlocks::of(5);
    assert_eq!(json::write(&mut blocks, value).expect("there are blocks"), expected.len());
    assert_eq!(blocks.bytes(), expected);
    let before = out.len();
    json::write(out, value).expect("a Vec has memory");
    assert_eq!(out[before..], expected);
    let mut pretty = SmallBlocks::of(300);
    json::write_pretty(&mut pretty, value).expect("there are blocks");
    assert_eq!(pretty.bytes(), serde_json::to_vec_pretty(value).expect("a value can be written"));
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn naive(bytes: &[u8], limit: usize) -> Outcome<Vec<u8>> {
    let (mut bytes, mut texts) = (Bytes::of(bytes), Vec::new());
    loop {
        let start = bytes.at;
        let end = text_end(&mut bytes);
        // A text that has not ended may go on; white space may only be too long.
        if bytes.at - start > limit {
            return (texts, End::Failed(String::new()));
        }
        match end {
            Ok(true) => {
                texts.push(bytes.all[start..bytes.at].iter().copied().skip_while(|byte| is_space(*byte)).collect())
            }
            Ok(false) => return (texts, End::Clean),
            Err(stop) => return (texts, stop.end()),
        }
    }
}

/// Goes behind the next text, if there is one.
fn text_end(bytes: &mut Bytes<'_>) -> Result<bool, Stop> {
    while bytes.peek().is_ok_and(is_space) {
        bytes.next()?;
    }
    if bytes.is_empty() {
        return Ok(false);
    }
    let mut open = 0_usize;
    loop {
        match bytes.next()? {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            b'"' => string_end(bytes)?,
            b',' | b':' => {}
            _ if open == 0 => {
                while bytes.peek().is_ok_and(|byte| !is_space(byte) && !b"{}[]\",:".contains(&byte)) {
                    bytes.next()?;
                }
            }
            _ => {}
        }
        if open == 0 {
            return Ok(true);
        }
    }
}

fn string_end(bytes: &mut Bytes<'_>) -> Result<(), Stop> {
    loop {
        match bytes.next()? {
            b'"' => return Ok(()),
            b'\\' => drop(bytes.next()?),
            _ => {}
        }
    }
}
