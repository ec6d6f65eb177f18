//! JSON into small blocks and out of every layout, against `serde_json` on flat bytes.

use std::collections::BTreeMap;

use headpond_codec::{
    Decoded, Decoder, Encode, EncodeError,
    json::{self, Json, JsonDecoder, JsonLine, ReadJsonError, WriteJsonError},
};
use headpond_pool::{SequenceBuf, Slice};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{cuts, small_blocks::SmallBlocks, splits};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Order<'a> {
    id: u64,
    #[serde(borrow)]
    name: &'a str,
    price: f64,
    tags: Vec<&'a str>,
    note: Option<String>,
}

const ORDER: &str = r#"{"id":18446744073709551615,"name":"Käse","price":0.1,"tags":["a","b\/c"],"note":"tab\t\u20ac"}"#;

/// Texts that are JSON.
const GOOD: [&str; 12] = [
    "0",
    "-1.5e-7",
    "true",
    " null ",
    r#""""#,
    r#""\"\\\/\b\f\n\r\t\u0041\ud83e\udd80 é🦀""#,
    "[]",
    "[ 1 , [ ] , { } ]",
    r#"{"a":{"b":[{"c":"}"}]}}"#,
    "\r\n{\n\t\"k\" : \"]\"\n}\n",
    "123456789012345678901234567890",
    r#"["\ufffd"]"#,
];

/// Texts that are none, and where that is seen at the latest: the byte that is wrong, or the end.
const BAD: [(&str, u64); 14] = [
    ("", 0),
    ("  ", 2),
    ("tru", 3),
    ("trux", 3),
    ("[1,]", 3),
    ("[1 2]", 3),
    ("{\"a\" 1}", 5),
    ("{1:2}", 1),
    ("\"a", 2),
    ("\"a\nb\"", 2),
    ("\n\n  [1,\n  x]", 10),
    ("1 2", 2),
    ("01", 1),
    ("[\"\\q\"]", 3),
];

fn offset(error: &ReadJsonError) -> u64 {
    match error {
        ReadJsonError::Syntax { offset, .. } | ReadJsonError::Data { offset, .. } => *offset,
        ReadJsonError::Truncated { offset, .. } => *offset,
        other => panic!("{other}"),
    }
}

#[test]
fn what_is_written_is_what_the_reference_writes() {
    for text in GOOD {
        let value: Value = serde_json::from_str(text).unwrap();
        for size in [1, 3, 8, 1000] {
            let (mut out, mut pretty) = (SmallBlocks::of(size), SmallBlocks::of(size));
            let expected = serde_json::to_string(&value).unwrap();
            assert_eq!(json::write(&mut out, &value).unwrap(), expected.len());
            assert_eq!(out.bytes(), expected.as_bytes());
            json::write_pretty(&mut pretty, &value).unwrap();
            assert_eq!(pretty.bytes(), serde_json::to_vec_pretty(&value).unwrap());
            let mut line = SmallBlocks::of(size);
            assert_eq!(json::write_line(&mut line, &value).unwrap(), expected.len() + 1);
            assert_eq!(line.bytes(), (expected + "\n").as_bytes());
        }
    }
}

#[test]
fn what_cannot_be_written_is_a_typed_error() {
    let no_key = BTreeMap::from([([1, 2], 3)]);
    assert!(matches!(json::write(&mut Vec::new(), &no_key), Err(WriteJsonError::Value(_))));
    assert!(matches!(Json(&no_key).encode(&mut Vec::new()), Err(EncodeError::Unrepresentable { .. })));
    assert!(matches!(JsonLine(&no_key).encode(&mut Vec::new()), Err(EncodeError::Unrepresentable { .. })));
    // There is room for the value, and none for the line feed.
    let mut full = SmallBlocks::of(8).at_most(1);
    assert!(matches!(JsonLine(12_345_678).encode(&mut full), Err(EncodeError::Write(_))));
    for blocks in 0..3 {
        let mut out = SmallBlocks::of(8).at_most(blocks);
        let error = json::write(&mut out, &json!({ "key": [1, 2, 3, 4, 5, 6, 7] })).unwrap_err();
        assert!(matches!(error, WriteJsonError::Write(_)), "{error}");
        assert!(out.bytes().len() <= 8 * blocks);
        assert!(matches!(Json([1; 20]).encode(&mut SmallBlocks::of(8).at_most(blocks)), Err(EncodeError::Write(_))));
    }
}

#[test]
fn every_split_is_read_alike() {
    for text in GOOD {
        let expected: Value = serde_json::from_str(text).unwrap();
        cuts::for_each_cut(text.as_bytes(), |sequence| {
            let mut scratch = b"of the last one".to_vec();
            assert_eq!(json::read::<Value>(sequence).unwrap(), expected, "{sequence:?}");
            assert_eq!(json::read_with::<Value>(sequence, &mut scratch).unwrap(), expected, "{sequence:?}");
        });
    }
}

#[test]
fn every_error_has_its_place() {
    for (text, place) in BAD {
        cuts::for_each_cut(text.as_bytes(), |sequence| {
            let errors = [
                json::read::<Value>(sequence).unwrap_err(),
                json::read_with::<Value>(sequence, &mut Vec::new()).unwrap_err(),
            ];
            for error in errors {
                assert_eq!(offset(&error), sequence.start().offset() + place, "{sequence:?} {error}");
                let ends = serde_json::from_str::<Value>(text).unwrap_err().is_eof();
                assert_eq!(matches!(error, ReadJsonError::Truncated { .. }), ends, "{sequence:?} {error}");
            }
        });
    }
    cuts::for_each_cut(br#"[1,"two"]"#, |sequence| {
        let error = json::read::<Vec<u8>>(sequence).unwrap_err();
        assert!(matches!(error, ReadJsonError::Data { .. }));
        assert!((7..9).contains(&(offset(&error) - sequence.start().offset())), "{error}");
    });
}

#[test]
fn a_value_borrows_from_the_stream_or_from_the_scratch() {
    let expected = |note: &str| format!("{}\"note\":\"{note}\"}}", &ORDER[..ORDER.find("\"note\"").unwrap()]);
    let text = ORDER.replace(r"b\/c", "c");
    cuts::for_each_cut(text.as_bytes(), |sequence| {
        let mut scratch = Vec::new();
        let order: Order<'_> = json::read_with(sequence, &mut scratch).unwrap();
        assert_eq!((order.name, &order.tags[..]), ("Käse", &["a", "c"][..]));
        assert_eq!(order.note.as_deref(), Some("tab\t€"));
        let mut out = Vec::new();
        json::write(&mut out, &order).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected(r"tab\t€").replace(r"b\/c", "c"));
        let name = order.name.as_ptr();
        if let Some(chunk) = sequence.as_single_chunk() {
            assert!(chunk.as_ptr_range().contains(&name));
            assert!(scratch.is_empty());
        } else {
            assert!(scratch.as_ptr_range().contains(&name));
        }
    });
}

#[test]
fn deep_nesting_is_refused_not_followed() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let buffer: SequenceBuf = deep.as_bytes().chunks(4096).map(Slice::copy_from_slice).collect();
    let mut decoder = JsonDecoder::new();
    let text = decoder.decode(&mut buffer.as_sequence().cursor()).unwrap().value().unwrap();
    assert_eq!(text.len(), deep.len());
    let error = json::read::<Value>(text).unwrap_err();
    assert!(matches!(error, ReadJsonError::Syntax { offset: 127, .. }), "{error}");
}

#[test]
fn values_in_a_row_end_where_they_end() {
    let stream = GOOD.join("\n");
    let texts = splits::items(stream.as_bytes(), JsonDecoder::new, |text| text.to_vec());
    assert_eq!(texts, GOOD.map(|text| text.trim().as_bytes().to_vec()));
    let values: Vec<Value> = serde_json::Deserializer::from_str(&stream).into_iter().collect::<Result<_, _>>().unwrap();
    for (text, value) in texts.into_iter().zip(values) {
        assert_eq!(json::read::<Value>(SequenceBuf::from(text).as_sequence()).unwrap(), value);
    }
}

/// Streams whose values stand close together, or are none, and what becomes of them.
#[test]
fn what_stands_between_values() {
    let texts = |stream: &str| {
        let (items, error) =
            splits::outcome(stream.as_bytes(), JsonDecoder::new, |text| String::from_utf8(text.to_vec()).unwrap());
        (items.join("|"), error)
    };
    let truncated = Some("truncated".to_owned());
    for (stream, items, error) in [
        ("", "", None),
        (" \r\n\t", "", None),
        ("[][]{}\"\"1\"2\"", "[]|[]|{}|\"\"|1|\"2\"", None),
        ("1 2,3", "1|2|,|3", None),
        ("]}:", "]|}|:", None),
        ("nul\\ ' x", "nul\\|'|x", None),
        ("[\"\\\\\"]1", "[\"\\\\\"]|1", None),
        ("[\"\\\"]\"]", "[\"\\\"]\"]", None),
        ("[}", "[}", None),
        ("1[", "1", truncated.clone()),
        ("\"\\\"", "", truncated.clone()),
        ("{\"", "", truncated),
    ] {
        assert_eq!(texts(stream), (items.to_owned(), error), "{stream}");
    }
}

#[test]
fn a_value_too_long_is_refused_before_it_is_gathered() {
    for (stream, items) in
        [("[1,2]\n[1,23]", 1), ("[12", 0), ("12345 123456", 1), ("12345 12345", 1), ("1      2", 1), ("\"1234\"", 0)]
    {
        let make = || JsonDecoder::new().max_len(5);
        let (found, error) = splits::outcome(stream.as_bytes(), make, |text| text.to_vec());
        let expected = (items, stream != "[12");
        let too_long = error.as_deref().is_some_and(|error| error.ends_with("is longer than 5 bytes"));
        assert_eq!((found.len(), too_long), expected, "{stream} {error:?}");
    }
    let mut decoder = JsonDecoder::new().max_len(4);
    let buffer = SequenceBuf::from("7 [1,23]");
    let mut cursor = buffer.as_sequence().cursor();
    assert_eq!(decoder.decode(&mut cursor).unwrap().value().unwrap(), "7");
    let error = decoder.decode(&mut cursor).unwrap_err();
    assert_eq!((error.offset, error.limit), (1, 4));
    assert_eq!(decoder.decode(&mut cursor).unwrap_err(), error);
    decoder.reset();
    let mut other = SequenceBuf::from("[1]");
    assert_eq!(decoder.decode(&mut other.as_sequence().cursor()).unwrap().value().unwrap(), "[1]");
    other.consume(3);
    assert_eq!(decoder.decode(&mut other.as_sequence().cursor()).unwrap(), Decoded::NeedMore(1));
}
