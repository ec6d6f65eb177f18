//! Values that nest, on a stack much smaller than any thread's: what a stream may drive deep is bounded before anything is built of
//! it, and what is within the bounds is built, copied, compared, shown, written and dropped in little of a stack.

use std::thread;

use headpond_codec::{
    Decoded, Decoder, Encode, Encoder, messagepack,
    resp::{self, RespEncoder, RespError, RespVersion},
};
use headpond_pool::SequenceBuf;

/// A thread of the standard library has 2 MiB.
const SMALL_STACK: usize = 128 << 10;

/// Where levels are as many as a decoder can be told to take: eight times as many as RESP takes without, four as MessagePack.
const STACK_OF_THE_DEEPEST: usize = 512 << 10;

fn on_a_stack_of(bytes: usize, work: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(bytes).spawn(work).unwrap().join().unwrap();
}

/// Everything that goes through all levels of a value.
fn use_resp(value: &resp::Value) {
    let copy = value.clone();
    assert_eq!(copy, *value);
    assert!(!format!("{value:?}").is_empty());
    for version in [RespVersion::V2, RespVersion::V3] {
        let mut out = Vec::new();
        RespEncoder::new(version).encode(&copy, &mut out).unwrap();
        assert!(!out.is_empty());
    }
    let mut out = Vec::new();
    copy.encode(&mut out).unwrap();
    drop(copy);
}

fn use_messagepack(value: &messagepack::Value) {
    let copy = value.clone();
    assert_eq!(copy, *value);
    assert!(!format!("{value:?}").is_empty());
    let mut out = Vec::new();
    copy.encode(&mut out).unwrap();
    assert!(!out.is_empty());
}

/// Each of the ways in which one level of RESP opens another, and what ends them all.
const LEVELS_OF_RESP: [(&str, &str); 11] = [
    ("|0\r\n", ""),
    ("|1\r\n+k\r\n+v\r\n", ""),
    ("|1\r\n+k\r\n", ":2\r\n"),
    ("|1\r\n", "+v\r\n:2\r\n"),
    ("*1\r\n", ""),
    ("%1\r\n+k\r\n", ""),
    ("%1\r\n", "+v\r\n"),
    ("~1\r\n", ""),
    ("*?\r\n", ".\r\n"),
    ("%?\r\n+k\r\n", ".\r\n"),
    ("*1\r\n|0\r\n", ""),
];

/// A value of so many levels, and how many levels one of `open` is.
fn nested(open: &str, close: &str, levels: usize) -> (String, usize) {
    let each = if open == "*1\r\n|0\r\n" { 2 } else { 1 };
    (open.repeat(levels / each) + ":1\r\n" + &close.repeat(levels / each), each)
}

fn resp_frame(limits: resp::Limits, text: &str) -> Result<resp::Value, RespError> {
    let buffer = SequenceBuf::from(text.to_owned());
    match resp::FrameDecoder::with_limits(limits).decode(&mut buffer.as_sequence().cursor())? {
        Decoded::Value(frame) => Ok(frame.to_value()),
        Decoded::NeedMore(needed) => panic!("{needed} more bytes are needed"),
    }
}

#[test]
fn attributes_nest_no_deeper_than_aggregates() {
    on_a_stack_of(SMALL_STACK, || {
        for (open, close) in LEVELS_OF_RESP {
            for levels in [34, 5_000, 100_000] {
                let (text, _) = nested(open, close, levels);
                let error = resp_frame(resp::Limits::new(), &text).unwrap_err();
                assert!(matches!(error, RespError::TooDeep { limit: 32, .. }), "{levels} of {open:?}: {error}");
            }
        }
    });
}

#[test]
fn the_deepest_value_of_resp_takes_little_stack() {
    on_a_stack_of(SMALL_STACK, || {
        for (open, close) in LEVELS_OF_RESP {
            use_resp(&resp_frame(resp::Limits::new(), &nested(open, close, 32).0).unwrap());
        }
    });
    on_a_stack_of(STACK_OF_THE_DEEPEST, || {
        for (open, close) in LEVELS_OF_RESP {
            let limits = resp::Limits::new().max_depth(u8::MAX);
            use_resp(&resp_frame(limits, &nested(open, close, 254).0).unwrap());
            let (text, each) = nested(open, close, 256);
            let error = resp_frame(limits, &text).unwrap_err();
            assert!(matches!(error, RespError::TooDeep { limit: 255, .. }), "{each} of {open:?}: {error}");
        }
    });
}

/// Which is told token by token, too.
#[test]
fn tokens_of_resp_are_refused_where_they_open_a_level_too_many() {
    for (open, limit, offset) in [("|0\r\n", 3, 12), ("*1\r\n|0\r\n", 3, 12), ("|1\r\n", 2, 8), ("$?\r\n", 0, 0)] {
        let buffer = SequenceBuf::from(open.repeat(10));
        let mut tokens = resp::TokenDecoder::with_limits(resp::Limits::new().max_depth(limit));
        let mut cursor = buffer.as_sequence().cursor();
        let error = loop {
            match tokens.decode(&mut cursor) {
                Ok(Decoded::Value(_)) => {}
                Ok(Decoded::NeedMore(_)) => panic!("all of {open:?} were taken"),
                Err(error) => break error,
            }
        };
        assert_eq!(error, RespError::TooDeep { offset, limit }, "{open:?}");
    }
    // One after the other is not within each other.
    let side_by_side = "*3\r\n".to_owned() + &"|0\r\n:1\r\n".repeat(3);
    resp_frame(resp::Limits::new().max_depth(2), &side_by_side).unwrap();
}

#[test]
fn the_deepest_value_of_messagepack_takes_little_stack() {
    let levels: [(&[u8], u8); 3] = [(b"\x91", 64), (b"\x81\x01", 64), (b"\xdf\0\0\0\x01\xc0", 64)];
    let value = |limits, open: &[u8], levels| {
        let buffer = SequenceBuf::from([open.repeat(levels), vec![0xc0]].concat());
        let frame = messagepack::FrameDecoder::with_limits(limits).decode(&mut buffer.as_sequence().cursor())?;
        Ok(frame.value().expect("all of it is there").to_value())
    };
    on_a_stack_of(SMALL_STACK, move || {
        for (open, limit) in levels {
            use_messagepack(&value(messagepack::Limits::new(), open, limit.into()).unwrap());
            for levels in [65, 100_000] {
                let error: messagepack::MessagePackError =
                    value(messagepack::Limits::new(), open, levels).map(drop).unwrap_err();
                assert!(matches!(error, messagepack::MessagePackError::TooDeep { limit: 64, .. }), "{error}");
            }
        }
    });
    on_a_stack_of(STACK_OF_THE_DEEPEST, move || {
        for (open, _) in levels {
            use_messagepack(&value(messagepack::Limits::new().max_depth(u8::MAX), open, 255).unwrap());
        }
    });
}

/// `serde_json` and `prost` bound what they follow.
#[cfg(all(feature = "serde_json", feature = "prost"))]
#[test]
fn the_deepest_of_the_others() {
    use headpond_codec::{json, protobuf};

    #[derive(Clone, PartialEq, prost::Message)]
    struct Chain {
        #[prost(message, optional, boxed, tag = "1")]
        next: Option<Box<Chain>>,
    }

    let chain = |levels: usize| {
        let mut bytes = Vec::new();
        for _ in 0..levels {
            let mut outer = vec![0x0a];
            prost::encoding::encode_varint(bytes.len() as u64, &mut outer);
            outer.append(&mut bytes);
            bytes = outer;
        }
        SequenceBuf::from(bytes)
    };
    on_a_stack_of(STACK_OF_THE_DEEPEST, move || {
        for open in ["[", "{\"a\":"] {
            let text = SequenceBuf::from(open.repeat(100_000));
            json::read::<serde_json::Value>(text.as_sequence()).unwrap_err();
            let close = if open == "[" { "]" } else { "}" };
            let text = SequenceBuf::from(open.repeat(127) + "1" + &close.repeat(127));
            let value: serde_json::Value = json::read(text.as_sequence()).unwrap();
            json::write(&mut Vec::new(), &value.clone()).unwrap();
        }
        let message: Chain = protobuf::read(chain(100).as_sequence()).unwrap();
        protobuf::write(&mut Vec::new(), &message.clone()).unwrap();
        protobuf::read::<Chain>(chain(10_000).as_sequence()).unwrap_err();
    });
}
