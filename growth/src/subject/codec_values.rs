//! Codecs of values that nest: RESP, MessagePack, JSON.

use anyhow::{Result, anyhow, ensure};
use headpond_codec::{
    Decoded, Decoder, Encode, Encoder, json,
    json::JsonDecoder,
    messagepack,
    resp::{self, CommandDecoder, RespEncoder, RespVersion},
};
use serde_json::Value;

use super::codec_text::repeated;
use crate::{
    decoding::{decoding, encode},
    material::cut,
    meter::Meter,
    operation::{Left, Operation, nothing},
};

/// An array head of RESP, and so many times the same.
fn array(kind: char, element: &[u8], n: usize) -> Vec<u8> {
    [format!("{kind}{n}\r\n").as_bytes(), &element.repeat(n)].concat()
}

/// The same of MessagePack, with the head of that kind and two bytes for the number.
fn packed(kind: u8, element: &[u8], n: usize) -> Vec<u8> {
    [&[kind][..], &(n as u16).to_be_bytes(), &element.repeat(n)].concat()
}

pub(super) const DECODING: &[Operation] = decoding! {
    "resp/tokens": resp::TokenDecoder::new(), |n| repeated(b"$4\r\nbody\r\n:12\r\n", n, b"");
    "resp/frames": resp::FrameDecoder::new(), |n| repeated(b"*2\r\n:1\r\n+OK\r\n", n, b"");
    "resp/a long array": resp::FrameDecoder::new(), |n| array('*', b":1\r\n", n);
    "resp/a long map of bulks": resp::FrameDecoder::new(), |n| array('%', b"$1\r\na\r\n$1\r\nb\r\n", n);
    "resp/a long bulk": resp::FrameDecoder::new(), |n: usize| format!("${}\r\n{}\r\n", 4 * n, "a".repeat(4 * n)).into_bytes();
    "resp/a long line": resp::FrameDecoder::new(), |n| repeated(b"+a", 2 * n, b"\r\n");
    "resp/a long big number": resp::FrameDecoder::new(), |n| [b"(", &*repeated(b"9", 4 * n, b"\r\n")].concat();
    "resp/a streamed string": resp::FrameDecoder::new(), |n| [b"$?\r\n", &*repeated(b";1\r\na\r\n", n, b";0\r\n")].concat();
    "resp/a streamed array": resp::FrameDecoder::new(), |n| [b"*?\r\n", &*repeated(b":1\r\n", n, b".\r\n")].concat();
    "resp/attributes of each element": resp::FrameDecoder::new(), |n| array('*', b"|1\r\n+a\r\n:1\r\n:2\r\n", n);
    "resp/long attributes": resp::FrameDecoder::new(), |n| [array('|', b"+a\r\n:1\r\n", n), b":2\r\n".to_vec()].concat();
    "resp/deep" [12]: resp::FrameDecoder::with_limits(resp::Limits::new().max_depth(200)), |n| repeated(b"*1\r\n", n, b":1\r\n");
    "resp/commands": CommandDecoder::new(), |n| repeated(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n", n, b"");
    "resp/a command of many arguments": CommandDecoder::new(), |n| array('*', b"$1\r\na\r\n", n);
    "resp/inline commands": CommandDecoder::new(), |n| repeated(b"GET a\r\n", n, b"");
    "resp/an inline command of many arguments": CommandDecoder::new(), |n| repeated(b"a \"b\" ", n, b"\r\n");
    "messagepack/tokens": messagepack::TokenDecoder::new(), |n| repeated(b"\xa4body\x07", n, b"");
    "messagepack/a long array": messagepack::FrameDecoder::new(), |n| packed(0xdc, b"\x07", n);
    "messagepack/a long map": messagepack::FrameDecoder::new(), |n| packed(0xde, b"\xa1a\x07", n);
    "messagepack/a long string": messagepack::FrameDecoder::new(), |n| packed(0xda, b"a", n);
    "messagepack/deep" [12]: messagepack::FrameDecoder::with_limits(messagepack::Limits::new().max_depth(200)),
        |n| repeated(b"\x91", n, b"\x07");
    "json/many": JsonDecoder::new(), |n| repeated(b"{\"a\":1} ", n, b"");
    "json/a long string": JsonDecoder::new(), |n| [b"\"", &*repeated(b"\\\"ab", n, b"\"")].concat();
    "json/a long array": JsonDecoder::new(), |n| [b"[1", &*repeated(b",1", n, b"]")].concat();
    "json/a long number": JsonDecoder::new(), |n| repeated(b"1", 4 * n, b" ");
    "json/white space": JsonDecoder::new(), |n| repeated(b" ", 4 * n, b"1 ");
    "json/deep": JsonDecoder::new(), |n: usize| repeated(b"[", n, &b"]".repeat(n));
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("resp/to_value, a long array", resp_array),
    Operation::new("resp/to_value, a streamed string", resp_streamed),
    Operation::new("resp/to_value, deep", resp_deep).from(12),
    Operation::new("resp/arguments of a command", resp_arguments),
    Operation::new("resp/arguments of an inline command", resp_inline),
    Operation::new("resp/encode", resp_encode),
    Operation::new("messagepack/to_value", packed_value),
    Operation::new("messagepack/to_value, deep", packed_deep).from(12),
    Operation::new("messagepack/encode", packed_encode),
    Operation::new("json/read", json_read),
    Operation::new("json/read_with", json_read_with),
    Operation::new("json/write", json_write),
];

/// The frame of the bytes, built, compared, shown, encoded and dropped.
fn resp_value(bytes: &[u8], meter: &mut Meter) -> Result<Left> {
    let chain = cut(bytes, 3);
    let mut decoder = resp::FrameDecoder::with_limits(resp::Limits::new().max_depth(200));
    meter.count(|| {
        let mut cursor = chain.as_sequence().cursor();
        let Decoded::Value(frame) = decoder.decode(&mut cursor)? else { return Err(anyhow!("the frame is there")) };
        let value = frame.to_value();
        ensure!(frame.tokens().count() > 0 && value == value.clone() && !format!("{value:?}").is_empty(), "the same");
        let mut out = Vec::new();
        value.encode(&mut out)?;
        Ok(RespEncoder::new(RespVersion::V2).encode(&value, &mut out)?)
    })?;
    nothing()
}

fn resp_array(n: usize, meter: &mut Meter) -> Result<Left> {
    resp_value(&array('*', b"%1\r\n+a\r\n$1\r\nb\r\n", n), meter)
}

fn resp_streamed(n: usize, meter: &mut Meter) -> Result<Left> {
    resp_value(&[b"$?\r\n", &*repeated(b";1\r\na\r\n", n, b";0\r\n")].concat(), meter)
}

fn resp_deep(n: usize, meter: &mut Meter) -> Result<Left> {
    resp_value(&repeated(b"*1\r\n", n, b":1\r\n"), meter)
}

fn arguments(bytes: &[u8], n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = cut(bytes, 3);
    meter.count(|| {
        let (mut decoder, mut cursor) = (CommandDecoder::new(), chain.as_sequence().cursor());
        let Decoded::Value(command) = decoder.decode(&mut cursor)? else { return Err(anyhow!("the command is there")) };
        ensure!(command.arguments().map(|argument| argument.to_slice().len()).sum::<usize>() == n, "each");
        ensure!(command.len() == n && command.arguments().len() == n, "each");
        Ok(())
    })?;
    nothing()
}

fn resp_arguments(n: usize, meter: &mut Meter) -> Result<Left> {
    arguments(&array('*', b"$1\r\na\r\n", n), n, meter)
}

fn resp_inline(n: usize, meter: &mut Meter) -> Result<Left> {
    arguments(&repeated(b"a \"b\" ", n / 2, b"\r\n"), n, meter)
}

fn resp_encode(n: usize, meter: &mut Meter) -> Result<Left> {
    let long = "a".repeat(n);
    encode(meter, |out| {
        let mut encoder = RespEncoder::new(RespVersion::V2);
        for _ in 0..n {
            encoder.encode(&resp::Token::<&str>::Map(1), out)?;
            resp::Token::Bulk("body").encode(out)?;
            resp::Token::<&str>::Double(0.5).encode(out)?;
        }
        resp::Token::Simple(&*long).encode(out)?;
        resp::Token::Bulk(&*long).encode(out)?;
        Ok(encoder.encode(&resp::Token::BulkError(&*long), out)?)
    })
}

fn packed_frame(bytes: &[u8], meter: &mut Meter) -> Result<Left> {
    let chain = cut(bytes, 3);
    let mut decoder = messagepack::FrameDecoder::with_limits(messagepack::Limits::new().max_depth(200));
    meter.count(|| {
        let mut cursor = chain.as_sequence().cursor();
        let Decoded::Value(frame) = decoder.decode(&mut cursor)? else { return Err(anyhow!("the frame is there")) };
        let value = frame.to_value();
        ensure!(frame.tokens().count() > 0 && value == value.clone() && !format!("{value:?}").is_empty(), "the same");
        Ok(value.encode(&mut Vec::new())?)
    })?;
    nothing()
}

fn packed_value(n: usize, meter: &mut Meter) -> Result<Left> {
    packed_frame(&packed(0xdc, b"\x81\xa1a\x07", n), meter)
}

fn packed_deep(n: usize, meter: &mut Meter) -> Result<Left> {
    packed_frame(&repeated(b"\x91", n, b"\x07"), meter)
}

fn packed_encode(n: usize, meter: &mut Meter) -> Result<Left> {
    let long = "a".repeat(n);
    encode(meter, |out| {
        for number in 0..n as u64 {
            messagepack::Token::String("body").encode(out)?;
            messagepack::Token::<&str>::Unsigned(number).encode(out)?;
        }
        Ok(messagepack::Token::Binary(&*long).encode(out)?)
    })
}

/// An object with much of everything.
fn json_text(n: usize) -> Vec<u8> {
    let items: Vec<Value> =
        (0..n).map(|number| serde_json::json!({"name": "a\n\u{e9}", "number": number, "half": 0.5})).collect();
    Value::Array(vec![Value::Array(items), Value::String("\\a".repeat(n))]).to_string().into_bytes()
}

fn json_read(n: usize, meter: &mut Meter) -> Result<Left> {
    let (chain, near) = (cut(&json_text(n), 1), cut(&json_text(n), usize::MAX));
    ensure!(meter.count(|| json::read::<Value>(chain.as_sequence()))?.is_array(), "an array");
    ensure!(meter.count(|| json::read::<Value>(near.as_sequence()))?.is_array(), "an array");
    nothing()
}

fn json_read_with(n: usize, meter: &mut Meter) -> Result<Left> {
    let (chain, mut scratch) = (cut(&json_text(n), 1), Vec::new());
    ensure!(meter.count(|| json::read_with::<Value>(chain.as_sequence(), &mut scratch))?.is_array(), "an array");
    nothing()
}

fn json_write(n: usize, meter: &mut Meter) -> Result<Left> {
    let value: Value = serde_json::from_slice(&json_text(n))?;
    encode(meter, |out| {
        json::write(out, &value)?;
        json::write_pretty(out, &value)?;
        (0..n).try_for_each(|number| json::write_line(out, &number).map(drop))?;
        Ok(())
    })
}
