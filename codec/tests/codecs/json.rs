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

/// The shortest text of a float is read as that float, and as nothing close to it.
#[test]
fn floats_are_read_back_as_they_were() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for number in
        [5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 0.1, 122.416_294_033_786_58, 9_007_199_254_740_992.0]
    {
        assert_eq!(read_back(number).to_bits(), number.to_bits(), "{number:e}");
    }
    for _ in 0..20_000 {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let number = f64::from_bits(state);
        if number.is_finite() {
            assert_eq!(read_back(number).to_bits(), number.to_bits(), "{number:e}");
        }
    }
}

fn read_back(number: f64) -> f64 {
    let mut out = Vec::new();
    json::write(&mut out, &number).unwrap();
    json::read(SequenceBuf::from(out).as_sequence()).unwrap()
}

/// Wherever a text is cut, what is wrong with it is at the same place.
#[test]
fn the_place_of_an_error_depends_on_no_cut() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "it is never read")]
    struct Known {
        a: u8,
        b: (bool, String),
    }

    fn places<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str) {
        let mut found = std::collections::BTreeSet::new();
        cuts::for_each_cut(text.as_bytes(), |sequence| {
            for error in [
                json::read::<T>(sequence).unwrap_err(),
                json::read_with::<Value>(sequence, &mut Vec::new())
                    .err()
                    .unwrap_or_else(|| json::read::<T>(sequence).unwrap_err()),
            ] {
                found.insert(offset(&error) - sequence.start().offset());
            }
        });
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
    }

    for text in [
        "{\"a\":1,\"c\":2}",
        "{\"a\":\"x\"}",
        "{\"a\":1}",
        "{\"a\":300,\"b\":[true,\"\"]}",
        "{\"a\":1,\n\"b\":[true]}",
        "{\"a\":1,\"b\":[1,\"\"]}",
        "{\"a\":1,\"b\":[true,\n2]}",
        "[1,2,\"three\"]",
        "[1,[true,\"x\",3]]",
        "\"text\"",
        "12345",
        "1.5",
        "null",
        "true ",
        "{\"a\":1,\"a\":2}",
        " -1 ",
    ] {
        places::<Known>(text);
        cuts::for_each_cut(text.as_bytes(), |sequence| {
            let one = json::read::<Known>(sequence).unwrap_err();
            let other = json::read_with::<Known>(sequence, &mut Vec::new()).unwrap_err();
            assert_eq!(offset(&one), offset(&other), "{sequence:?}");
        });
    }
    for (text, _) in BAD {
        places::<Value>(text);
    }
}
