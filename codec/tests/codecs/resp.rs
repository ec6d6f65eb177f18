//! RESP: the examples of its specification, every split of them, redis-protocol on the same bytes, and what is refused.

use headpond_codec::{
    Decoded, Decoder, Encode, EncodeError, Encoder,
    resp::{Frame, FrameDecoder, Limits, RespEncoder, RespVersion, Token, TokenDecoder, Value},
};
use headpond_pool::{Sequence, SequenceBuf, Slice};
use redis_protocol::{
    resp2::types::OwnedFrame as Frame2,
    resp3::{
        decode::complete,
        types::{OwnedFrame as Frame3, VerbatimStringFormat},
    },
};

use crate::{
    small_blocks::SmallBlocks,
    splits::{items, outcome},
};

type Owned = Token<Vec<u8>>;

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// The examples of the specification's page, and one of each type it has no example of.
fn examples() -> Vec<(&'static str, Vec<Owned>)> {
    vec![
        ("+OK\r\n", vec![Token::Simple(bytes("OK"))]),
        ("-Error message\r\n", vec![Token::Error(bytes("Error message"))]),
        (":1000\r\n", vec![Token::Integer(1000)]),
        (":-9223372036854775808\r\n", vec![Token::Integer(i64::MIN)]),
        ("$5\r\nhello\r\n", vec![Token::Bulk(bytes("hello"))]),
        ("$0\r\n\r\n", vec![Token::Bulk(vec![])]),
        ("$4\r\n\r\n\r\n\r\n", vec![Token::Bulk(bytes("\r\n\r\n"))]),
        ("$-1\r\n", vec![Token::NullBulk]),
        ("*0\r\n", vec![Token::Array(0)]),
        (
            "*2\r\n$5\r\nhello\r\n$5\r\nworld\r\n",
            vec![Token::Array(2), Token::Bulk(bytes("hello")), Token::Bulk(bytes("world"))],
        ),
        ("*-1\r\n", vec![Token::NullArray]),
        (
            "*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+Hello\r\n-World\r\n",
            vec![
                Token::Array(2),
                Token::Array(3),
                Token::Integer(1),
                Token::Integer(2),
                Token::Integer(3),
                Token::Array(2),
                Token::Simple(bytes("Hello")),
                Token::Error(bytes("World")),
            ],
        ),
        ("_\r\n", vec![Token::Null]),
        ("#t\r\n", vec![Token::Boolean(true)]),
        ("#f\r\n", vec![Token::Boolean(false)]),
        (",1.23\r\n", vec![Token::Double(1.23)]),
        (",-1.5e+300\r\n", vec![Token::Double(-1.5e300)]),
        (",inf\r\n", vec![Token::Double(f64::INFINITY)]),
        (",-inf\r\n", vec![Token::Double(f64::NEG_INFINITY)]),
        (
            "(3492890328409238509324850943850943825024385\r\n",
            vec![Token::BigNumber(bytes("3492890328409238509324850943850943825024385"))],
        ),
        ("!21\r\nSYNTAX invalid syntax\r\n", vec![Token::BulkError(bytes("SYNTAX invalid syntax"))]),
        ("=15\r\ntxt:Some string\r\n", vec![Token::Verbatim { format: *b"txt", text: bytes("Some string") }]),
        (
            "%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n",
            vec![
                Token::Map(2),
                Token::Simple(bytes("first")),
                Token::Integer(1),
                Token::Simple(bytes("second")),
                Token::Integer(2),
            ],
        ),
        ("~1\r\n#t\r\n", vec![Token::Set(1), Token::Boolean(true)]),
        (">1\r\n+pubsub\r\n", vec![Token::Push(1), Token::Simple(bytes("pubsub"))]),
        (
            "|1\r\n+ttl\r\n:3600\r\n*2\r\n:1\r\n|0\r\n:2\r\n",
            vec![
                Token::Attributes(1),
                Token::Simple(bytes("ttl")),
                Token::Integer(3600),
                Token::Array(2),
                Token::Integer(1),
                Token::Attributes(0),
                Token::Integer(2),
            ],
        ),
        (
            "$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;1\r\nd\r\n;0\r\n",
            vec![
                Token::StreamedString,
                Token::Chunk(bytes("Hell")),
                Token::Chunk(bytes("o wor")),
                Token::Chunk(bytes("d")),
                Token::EndOfString,
            ],
        ),
        (
            "*?\r\n:1\r\n~?\r\n.\r\n.\r\n",
            vec![Token::StreamedArray, Token::Integer(1), Token::StreamedSet, Token::End, Token::End],
        ),
        ("%?\r\n+a\r\n:1\r\n.\r\n", vec![Token::StreamedMap, Token::Simple(bytes("a")), Token::Integer(1), Token::End]),
    ]
}

fn encoded<B: headpond_codec::Payload>(tokens: &[Token<B>]) -> Vec<u8> {
    let mut out = Vec::new();
    tokens.iter().for_each(|token| token.encode(&mut out).unwrap());
    out
}

fn owned(token: Token<Sequence<'_>>) -> Owned {
    token.to_owned()
}

#[test]
fn every_type_goes_there_and_back() {
    for (text, tokens) in examples() {
        assert_eq!(items(text.as_bytes(), TokenDecoder::new, owned), tokens, "{text:?}");
        let frames = items(text.as_bytes(), FrameDecoder::new, |frame| frame.tokens().map(owned).collect::<Vec<_>>());
        assert_eq!(frames, std::slice::from_ref(&tokens), "{text:?}");
        assert_eq!(encoded(&tokens), text.as_bytes());
    }
}

/// Into blocks of any size, and up to where these end.
#[test]
fn every_type_is_written_over_blocks() {
    let long = "x".repeat(300);
    let payload: SequenceBuf = long.as_bytes().chunks(7).map(Slice::copy_from_slice).collect();
    for size in [1, 2, 3, 5, 8, 64] {
        for (text, tokens) in examples() {
            let mut out = SmallBlocks::of(size);
            tokens.iter().for_each(|token| token.encode(&mut out).unwrap());
            assert_eq!(out.bytes(), text.as_bytes(), "blocks of {size}");
            let full = tokens[0].encode(&mut SmallBlocks::of(size).at_most(0));
            assert!(matches!(full, Err(EncodeError::Write(_))), "{text:?}");
        }
        let mut out = SmallBlocks::of(size);
        for version in [RespVersion::V2, RespVersion::V3] {
            RespEncoder::new(version).encode(&Token::Bulk(payload.as_sequence()), &mut out).unwrap();
            RespEncoder::new(version).encode(&Token::Simple(payload.as_sequence()), &mut out).unwrap();
        }
        assert_eq!(out.bytes(), format!("$300\r\n{long}\r\n+{long}\r\n").repeat(2).as_bytes(), "blocks of {size}");
    }
}

/// One after the other, in pieces of any size.
#[test]
fn pipelined_frames() {
    let (texts, tokens): (Vec<&str>, Vec<Vec<Owned>>) = examples().into_iter().unzip();
    let stream = texts.concat();
    let frames = items(stream.as_bytes(), FrameDecoder::new, |frame| frame.sequence().to_vec());
    assert_eq!(frames, texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>());
    assert_eq!(items(stream.as_bytes(), TokenDecoder::new, owned), tokens.concat());
}

#[test]
fn a_nan_is_a_double() {
    // Redis 7 writes "nan"; older ones print what their C library does, and hiredis takes any case.
    for text in ["nan", "-nan", "NaN", "NAN", "-NaN", "nAn"] {
        let buffer = SequenceBuf::from(format!(",{text}\r\n"));
        let token = TokenDecoder::new().decode(&mut buffer.as_sequence().cursor()).unwrap().value().unwrap();
        assert!(matches!(token, Token::Double(number) if number.is_nan()));
    }
    assert_eq!(encoded(&[Token::<&str>::Double(f64::NAN)]), b",nan\r\n");
}

/// As Redis writes them: in RESP2 a score is text, and clients take it as it comes.
#[test]
fn whole_doubles_have_no_point() {
    for (number, text) in [
        (1.0, "1"),
        (-42.0, "-42"),
        (0.0, "0"),
        (-0.0, "-0"),
        (9_007_199_254_740_991.0, "9007199254740991"),
        (1e20, "1e+20"),
        (2.5, "2.5"),
    ] {
        assert_eq!(encoded(&[Token::<&str>::Double(number)]), format!(",{text}\r\n").as_bytes());
        let mut out = Vec::new();
        RespEncoder::new(RespVersion::V2).encode(&Token::<&str>::Double(number), &mut out).unwrap();
        assert_eq!(out, format!("${}\r\n{text}\r\n", text.len()).as_bytes());
    }
}

#[test]
fn signs_and_zeros_that_lead_are_read() {
    for (text, token) in [
        (":+42\r\n", Token::Integer(42)),
        (":0\r\n", Token::Integer(0)),
        (":-0\r\n", Token::Integer(0)),
        (":00000000000000000007\r\n", Token::Integer(7)),
        ("*+1\r\n:1\r\n", Token::Array(1)),
        (",+1E2\r\n", Token::Double(100.0)),
        (",INF\r\n", Token::Double(f64::INFINITY)),
        (",+Inf\r\n", Token::Double(f64::INFINITY)),
        (",-iNF\r\n", Token::Double(f64::NEG_INFINITY)),
        (",10\r\n", Token::Double(10.0)),
        ("(+12\r\n", Token::BigNumber(bytes("+12"))),
    ] {
        assert_eq!(items(text.as_bytes(), TokenDecoder::new, owned)[0], token);
    }
}

#[test]
fn what_is_not_resp_is_refused_with_its_offset() {
    for (text, offset) in [
        ("?\r\n", 0),
        ("\r\n", 0),
        ("+OK\n", 3),
        ("+OK\rx\n", 3),
        (":\r\n", 1),
        (":1x\r\n", 1),
        (":-\r\n", 1),
        (":9223372036854775808\r\n", 1),
        (":000000000000000000001\r\n", 1),
        ("$-2\r\n", 1),
        ("$5\r\nhelloo\r\n", 9),
        ("*-2\r\n", 1),
        ("%-1\r\n", 1),
        ("~-1\r\n", 1),
        (">?\r\n", 1),
        ("|?\r\n", 1),
        ("=3\r\ntxt\r\n", 1),
        ("=5\r\ntxtab\r\n", 4),
        ("!-1\r\n", 1),
        ("#x\r\n", 1),
        ("#tt\r\n", 2),
        ("_x\r\n", 1),
        (",1.2.3\r\n", 1),
        (",infinity\r\n", 1),
        (",\r\n", 1),
        ("(12a\r\n", 1),
        ("(\r\n", 1),
        ("(-\r\n", 1),
        (";1\r\na\r\n", 0),
        (".\r\n", 0),
        ("*1\r\n.\r\n", 4),
        ("$?\r\n:1\r\n", 4),
        ("%?\r\n:1\r\n.\r\n", 8),
        ("*?\r\n|1\r\n:1\r\n:2\r\n.\r\n", 16),
    ] {
        for error in [
            outcome(text.as_bytes(), TokenDecoder::new, owned).1,
            outcome(text.as_bytes(), FrameDecoder::new, |frame| frame.sequence().to_vec()).1,
        ] {
            let error = error.unwrap_or_else(|| panic!("{text:?} was taken"));
            assert!(error.starts_with(&format!("at offset {offset}: ")), "{text:?}: {error}");
        }
    }
}

/// With what is announced alone.
#[test]
fn limits_hold_before_anything_is_gathered() {
    let limits = Limits::new().max_string(10).max_line(10).max_elements(3).max_depth(2);
    let tight = || TokenDecoder::with_limits(limits);
    for (text, error) in [
        ("$11\r\n", "what begins at offset 0 has more than 10 bytes"),
        ("*1\r\n!99999999999\r\n", "what begins at offset 4 has more than 10 bytes"),
        ("*4\r\n", "what begins at offset 0 has more than 3 elements"),
        ("%4000000000\r\n", "what begins at offset 0 has more than 3 elements"),
        ("+01234567890", "what begins at offset 1 has more than 10 bytes"),
        ("*1\r\n*1\r\n*1\r\n", "the aggregate at offset 8 is nested more than 2 deep"),
        ("*1\r\n*1\r\n$?\r\n", "the aggregate at offset 8 is nested more than 2 deep"),
    ] {
        assert_eq!(outcome(text.as_bytes(), tight, owned).1.as_deref(), Some(error), "{text:?}");
    }
    let small = || FrameDecoder::new().max_len(20);
    let text = "*2\r\n$4\r\nabcd\r\n$4\r\n";
    let error = outcome(text.as_bytes(), small, |frame| frame.sequence().to_vec()).1;
    assert_eq!(error.unwrap(), "what begins at offset 0 has more than 20 bytes");
}

#[test]
fn what_fits_the_limits_exactly_is_taken() {
    let limits = Limits::new().max_string(5).max_line(2).max_elements(2).max_depth(2);
    let text = "*2\r\n*1\r\n$5\r\nabcde\r\n+ab\r\n";
    let frames = items(
        text.as_bytes(),
        || FrameDecoder::with_limits(limits).max_len(text.len()),
        |frame| frame.sequence().to_vec(),
    );
    assert_eq!(frames.len(), 1);
}

/// A tree as deep as a decoder allows at all.
#[test]
fn the_deepest_value() {
    let depth = 255;
    let text = "*1\r\n".repeat(depth) + ":1\r\n";
    let buffer = SequenceBuf::from(text.clone());
    let mut frames = FrameDecoder::with_limits(Limits::new().max_depth(255));
    let frame = frames.decode(&mut buffer.as_sequence().cursor()).unwrap().value().unwrap();
    let mut out = Vec::new();
    frame.to_value().encode(&mut out).unwrap();
    assert_eq!(out, text.as_bytes());
}

#[test]
fn a_long_string_comes_in_parts() {
    let text = "*2\r\n$12\r\nHello world!\r\n$5\r\nsmall\r\n";
    let split = || TokenDecoder::new().split_above(5);
    // Parts are as large as what has arrived: together they are the string.
    let joined = |tokens: Vec<Owned>| {
        let parts =
            tokens.iter().filter_map(|token| if let Token::Part(part) = token { Some(part.clone()) } else { None });
        let others = tokens.iter().filter(|token| !matches!(token, Token::Part(_))).cloned();
        (parts.collect::<Vec<_>>().concat(), others.collect::<Vec<_>>())
    };
    let expected = (
        bytes("Hello world!"),
        vec![Token::Array(2), Token::BulkHead(12), Token::EndOfParts, Token::Bulk(bytes("small"))],
    );
    for width in 1..=text.len() {
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(width).collect();
        let (tokens, error) = crate::splits::fed(&pieces, split(), &owned);
        assert_eq!(encoded(&tokens), text.as_bytes());
        assert_eq!((joined(tokens), error), (expected.clone(), None));
    }
    let (_, error) = crate::splits::fed(&[b"$12\r\nHello"], split(), &owned);
    assert_eq!(error.as_deref(), Some("truncated"));
}

#[test]
fn a_frame_that_ends_early_is_truncated() {
    for text in ["*1\r\n", "%1\r\n:1\r\n", "|1\r\n:1\r\n:2\r\n", "$3\r\nab", "$?\r\n", "*?\r\n:1\r\n"] {
        assert_eq!(outcome(text.as_bytes(), FrameDecoder::new, |_| ()).1.as_deref(), Some("truncated"));
        assert_eq!(outcome(text.as_bytes(), TokenDecoder::new, |_| ()).1.as_deref(), Some("truncated"));
    }
}

#[test]
fn a_decoder_that_failed_fails_again() {
    let buffer = SequenceBuf::from("*2\r\n:1\r\n?");
    let mut cursor = buffer.as_sequence().cursor();
    let mut frames = FrameDecoder::new();
    let error = frames.decode(&mut cursor).unwrap_err();
    assert_eq!(frames.decode(&mut cursor).unwrap_err(), error);
}

fn value(frame: Frame<'_>) -> Value {
    frame.to_value()
}

#[test]
fn values_are_what_is_streamed() {
    let text = "*3\r\n$?\r\n;2\r\nab\r\n;0\r\n%?\r\n+k\r\n*?\r\n_\r\n.\r\n.\r\n|1\r\n+a\r\n:1\r\n$-1\r\n";
    let values = items(text.as_bytes(), FrameDecoder::new, value);
    let expected = Value::Array(vec![
        Value::Bulk("ab".into()),
        Value::Map(vec![(Value::Simple("k".into()), Value::Array(vec![Value::Null]))]),
        Value::Attributed {
            attributes: vec![(Value::Simple("a".into()), Value::Integer(1))],
            value: Box::new(Value::Null),
        },
    ]);
    assert_eq!(values, [expected]);
}

#[test]
fn what_resp_has_no_form_for_is_not_written() {
    let mut out = Vec::new();
    for token in [Token::Simple("a\r\nb"), Token::Error("a\n"), Token::BigNumber("1.5"), Token::Chunk("")] {
        assert!(matches!(token.encode(&mut out), Err(EncodeError::Unrepresentable { .. })), "{token:?}");
    }
    assert!(out.is_empty());
}

#[test]
fn resp2_has_a_form_for_every_value() {
    let all = "*10\r\n_\r\n#t\r\n#f\r\n,1.5\r\n(123\r\n!4\r\na\r\nb\r\n=6\r\ntxt:hi\r\n%1\r\n+k\r\n:1\r\n~1\r\n,inf\r\n|1\r\n+x\r\n:1\r\n$1\r\nz\r\n";
    let value = items(all.as_bytes(), FrameDecoder::new, value).pop().unwrap();
    let mut out = Vec::new();
    RespEncoder::new(RespVersion::V2).encode(&value, &mut out).unwrap();
    let expected = "*10\r\n$-1\r\n:1\r\n:0\r\n$3\r\n1.5\r\n$3\r\n123\r\n-a  b\r\n$2\r\nhi\r\n*2\r\n+k\r\n:1\r\n*1\r\n$3\r\ninf\r\n$1\r\nz\r\n";
    assert_eq!(out.escape_ascii().to_string(), expected.as_bytes().escape_ascii().to_string());
    let mut out = Vec::new();
    RespEncoder::new(RespVersion::V3).encode(&value, &mut out).unwrap();
    assert_eq!(out, all.as_bytes());
    let error = RespEncoder::new(RespVersion::V2).encode(&Token::<&str>::Attributes(1), &mut out).unwrap_err();
    assert!(matches!(error, EncodeError::Unrepresentable { .. }));
}

/// The same frame as redis-protocol has it.
fn reference(value: &Value) -> Frame3 {
    let attributes = None;
    match value {
        Value::Null => Frame3::Null,
        Value::Simple(text) => Frame3::SimpleString { data: text.to_vec(), attributes },
        Value::Error(text) => Frame3::SimpleError { data: String::from_utf8(text.to_vec()).unwrap(), attributes },
        Value::Integer(number) => Frame3::Number { data: *number, attributes },
        Value::Bulk(bytes) => Frame3::BlobString { data: bytes.to_vec(), attributes },
        Value::Boolean(value) => Frame3::Boolean { data: *value, attributes },
        Value::Double(number) => Frame3::Double { data: *number, attributes },
        Value::BigNumber(digits) => Frame3::BigNumber { data: digits.to_vec(), attributes },
        Value::BulkError(bytes) => Frame3::BlobError { data: bytes.to_vec(), attributes },
        Value::Verbatim { text, .. } => {
            Frame3::VerbatimString { data: text.to_vec(), format: VerbatimStringFormat::Text, attributes }
        }
        Value::Array(parts) => Frame3::Array { data: parts.iter().map(reference).collect(), attributes },
        Value::Push(parts) => Frame3::Push { data: parts.iter().map(reference).collect(), attributes },
        Value::Set(parts) => Frame3::Set { data: parts.iter().map(reference).collect(), attributes },
        Value::Map(pairs) => Frame3::Map {
            data: pairs.iter().map(|(key, value)| (reference(key), reference(value))).collect(),
            attributes,
        },
        _ => panic!("no example here has attributes"),
    }
}

#[test]
fn redis_protocol_reads_the_same_and_writes_it_so() {
    let mut compared = 0;
    for (text, _) in examples() {
        // It streams by other calls, and has the nulls of RESP2 in its RESP2 decoder only.
        if text.contains(['|', '?']) || text[1..].starts_with("-1\r\n") {
            continue;
        }
        let value = items(text.as_bytes(), FrameDecoder::new, value).pop().unwrap();
        let (theirs, len) =
            complete::decode(text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}")).unwrap();
        assert_eq!((reference(&value), len), (theirs, text.len()), "{text:?}");
        compared += 1;
    }
    assert!(compared > 20);
}

#[test]
fn redis_protocol_reads_resp2_the_same() {
    let parts =
        [Value::Integer(-7), Value::Bulk("bulk".into()), Value::Simple("OK".into()), Value::Error("ERR x".into())];
    let value = Value::Array(vec![Value::Null, Value::Array(parts.to_vec())]);
    let mut out = Vec::new();
    RespEncoder::new(RespVersion::V2).encode(&value, &mut out).unwrap();
    let (theirs, len) = redis_protocol::resp2::decode::decode(&out).unwrap().unwrap();
    let expected = Frame2::Array(vec![
        Frame2::Null,
        Frame2::Array(vec![
            Frame2::Integer(-7),
            Frame2::BulkString(bytes("bulk")),
            Frame2::SimpleString(bytes("OK")),
            Frame2::Error("ERR x".to_owned()),
        ]),
    ]);
    assert_eq!((theirs, len), (expected, out.len()));
}

/// A stream of one-byte pieces is read in time linear in its length: each byte is offered once it has arrived, and what
/// was checked is not checked again. Quadratic work on this many bytes would take minutes.
#[test]
fn small_pieces_of_a_long_frame_take_linear_time() {
    let text = format!("*2000\r\n{}+{}\r\n", ":1\r\n".repeat(1999), "x".repeat(60_000));
    let mut frames = FrameDecoder::new();
    let mut buffer = SequenceBuf::new();
    let mut found = 0;
    for byte in text.as_bytes().chunks(1) {
        buffer.push(Slice::copy_from_slice(byte));
        if let Decoded::Value(frame) = frames.decode(&mut buffer.as_sequence().cursor()).unwrap() {
            assert_eq!(frame.sequence().len(), text.len());
            found += 1;
        }
    }
    assert_eq!(found, 1);
}

/// What is wrong within the limit is wrong, and what goes beyond it is too long, however little of it has come.
#[test]
fn a_frame_beyond_the_limit_fails_the_same_however_it_arrives() {
    let read = |bytes: &[u8], limit| {
        outcome(bytes, || FrameDecoder::new().max_len(limit), |frame: Frame<'_>| frame.sequence().to_vec()).1
    };
    for (bytes, limit, expected) in [
        (&b";;"[..], 0, "what begins at offset 0 has more than 0 bytes"),
        (b";;", 1, "at offset 0: a value, and no chunk of a string expected"),
        (b":;", 3, "what begins at offset 0 has more than 3 bytes"),
        (b":;", 4, "at offset 1: an integer expected"),
        (b"+abc\nx", 4, "what begins at offset 0 has more than 4 bytes"),
        (b"+abc\nx", 5, "what begins at offset 0 has more than 5 bytes"),
        (b"+abc\nx", 6, "at offset 4: a line end expected"),
        (b"*2\r\n:1\r\n?", 8, "what begins at offset 0 has more than 8 bytes"),
        (b"*2\r\n:1\r\n?", 10, "what begins at offset 0 has more than 10 bytes"),
        (b"*2\r\n:1\r\n?", 11, "at offset 8: a type of RESP expected"),
        (b"$3\r\nabcde", 8, "what begins at offset 0 has more than 8 bytes"),
        (b"$3\r\nabcde", 9, "at offset 7: a line end expected"),
    ] {
        assert_eq!(read(bytes, limit).as_deref(), Some(expected), "{} within {limit}", bytes.escape_ascii());
    }
}
