//! What is decoded, and by whom.

use bytes::BytesMut;
use headpond_codec::{
    Decode, Decoded, Decoder,
    line::LineDecoder,
    resp::{Argument, CommandDecoder},
    varint::Leb128,
};
use headpond_pool::Sequence;
use memchr::memchr;
use redis_protocol::resp2::{decode::decode_range, types::RangeFrame};
use tokio_util::codec::Decoder as _;

use super::{Batch, Flat, Items, Visit};
use crate::payload::Noise;

/// Lines of up to eighty bytes, their endings not counted.
pub(crate) struct Lines;

impl Items for Lines {
    fn batch(count: usize, noise: &mut Noise) -> Batch {
        let line = |bits: u64| (0..bits % 81).map(|at| b'A' + ((bits >> 8) + at * 11).rem_euclid(58) as u8).collect();
        let parts: Vec<Vec<u8>> = noise.take(count).map(line).collect();
        let bytes = parts.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
        Batch { parts, bytes }
    }

    fn take(view: Sequence<'_>, visit: &mut impl Visit) {
        let (mut decoder, mut cursor) = (LineDecoder::new(), view.cursor());
        while let Ok(Decoded::Value(line)) = decoder.decode(&mut cursor) {
            visit.visit(line);
        }
    }
}

/// A loop over memchr, as `bstr` has one: as fast as lines of one slice can be found.
pub(crate) struct Memchr;

impl Flat for Memchr {
    const NAME: &'static str = "memchr";
    type Items = Lines;

    fn take(bytes: &mut BytesMut, visit: &mut impl Visit) {
        let mut rest = &bytes[..];
        while let Some(end) = memchr(b'\n', rest) {
            let line = &rest[..end];
            visit.visit(line.strip_suffix(b"\r").unwrap_or(line));
            rest = &rest[end + 1..];
        }
    }
}

/// tokio-util's codec, whose lines are `String`s.
pub(crate) struct LinesCodec;

impl Flat for LinesCodec {
    const NAME: &'static str = "lines-codec";
    type Items = Lines;
    const CONSUMES: bool = true;

    fn take(bytes: &mut BytesMut, visit: &mut impl Visit) {
        let mut codec = tokio_util::codec::LinesCodec::new();
        while let Ok(Some(line)) = codec.decode(bytes) {
            visit.visit(line.as_bytes());
        }
    }
}

/// Commands as a client pipelines them.
pub(crate) struct Commands;

impl Items for Commands {
    fn batch(count: usize, noise: &mut Noise) -> Batch {
        let (mut parts, mut bytes) = (Vec::new(), Vec::new());
        for bits in noise.take(count) {
            let key = format!("key:{:06}", (bits >> 8) % 1_000_000);
            let value = "v".repeat(3 + (bits >> 32) as usize % 62);
            let command: &[&str] = match bits % 8 {
                0 => &["PING"],
                1 | 2 => &["SET", &key, &value],
                3 => &["SET", &key, &value, "EX", "3600"],
                4 => &["INCR", &key],
                5 => &["HSET", &key, "field", &value],
                _ => &["GET", &key],
            };
            bytes.extend(format!("*{}\r\n", command.len()).bytes());
            for argument in command {
                bytes.extend(format!("${}\r\n{argument}\r\n", argument.len()).bytes());
                parts.push(argument.as_bytes().to_vec());
            }
        }
        Batch { parts, bytes }
    }

    fn take(view: Sequence<'_>, visit: &mut impl Visit) {
        let (mut decoder, mut cursor) = (CommandDecoder::new(), view.cursor());
        while let Ok(Decoded::Value(command)) = decoder.decode(&mut cursor) {
            for argument in command.arguments() {
                if let Argument::Shared(argument) = argument {
                    visit.visit(argument);
                }
            }
        }
    }
}

/// The decoder of redis-protocol that copies nothing.
pub(crate) struct RedisProtocol;

impl Flat for RedisProtocol {
    const NAME: &'static str = "redis-protocol";
    type Items = Commands;

    fn take(bytes: &mut BytesMut, visit: &mut impl Visit) {
        let mut rest = &bytes[..];
        while let Ok(Some((RangeFrame::Array(arguments), len))) = decode_range(rest) {
            for argument in &arguments {
                if let RangeFrame::BulkString((start, end)) = *argument {
                    visit.visit(&rest[start..end]);
                }
            }
            rest = &rest[len..];
        }
    }
}

/// Numbers of one byte to ten.
pub(crate) struct Varints;

impl Items for Varints {
    fn batch(count: usize, noise: &mut Noise) -> Batch {
        let (mut parts, mut bytes) = (Vec::new(), Vec::new());
        for number in noise.take(count).map(|bits| bits >> (bits % 64)) {
            parts.push(number.to_le_bytes().into());
            bytes.extend(unsigned_varint::encode::u64(number, &mut unsigned_varint::encode::u64_buffer()));
        }
        Batch { parts, bytes }
    }

    fn take(view: Sequence<'_>, visit: &mut impl Visit) {
        let mut cursor = view.cursor();
        while let Ok(Decoded::Value(Leb128(number))) = Leb128::<u64>::decode(&mut cursor) {
            visit.visit(number);
        }
    }
}

/// unsigned-varint, which refuses the same.
pub(crate) struct UnsignedVarint;

impl Flat for UnsignedVarint {
    const NAME: &'static str = "unsigned-varint";
    type Items = Varints;

    fn take(bytes: &mut BytesMut, visit: &mut impl Visit) {
        let mut rest = &bytes[..];
        while let Ok((number, behind)) = unsigned_varint::decode::u64(rest) {
            visit.visit(number);
            rest = behind;
        }
    }
}
