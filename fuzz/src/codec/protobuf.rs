//! Protobuf's messages, against `prost` on flat bytes.

use std::collections::BTreeMap;

use headpond_codec::{
    Decoded, Decoder, Encoder,
    protobuf::{self, MessageCodec, MessageError},
};
use headpond_pool::{Cursor, SequenceBuf};
use prost::Message;

use super::{Bytes, Stop, Stream, conversion::SmallBlocks};

/// What a stream is made of: items are messages.
pub type Op = super::Op<Item>;

/// A message with fields of each wire type, and itself.
#[derive(Clone, PartialEq, Message, arbitrary::Arbitrary)]
#[expect(missing_docs, reason = "they say what they are")]
pub struct Item {
    #[prost(int64, tag = "1")]
    pub integer: i64,
    #[prost(double, tag = "2")]
    pub double: f64,
    #[prost(string, tag = "3")]
    pub text: String,
    #[prost(bytes = "vec", tag = "4")]
    pub bytes: Vec<u8>,
    #[prost(message, optional, boxed, tag = "5")]
    pub inner: Option<Box<Item>>,
    #[prost(sint32, repeated, tag = "6")]
    pub packed: Vec<i32>,
    #[prost(btree_map = "string, fixed32", tag = "7")]
    pub map: BTreeMap<String, u32>,
    #[prost(fixed64, optional, tag = "2000000")]
    pub far: Option<u64>,
}

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let words: &[&[u8]] = &[
        b"\0",
        b"\x80\0",
        b"\x83\x80\x80\x80\0\x08\x96\x01",
        b"\xff\xff\xff\xff\x0f",
        b"\xff\xff\xff\xff\x10",
        b"\x07\x1a\x05\xe2\x82\xac\xff ",
        b"\x04\x32\x02\x03\x8e",
        b"\x02\x2a\0",
        b"\x04\x2b\x08\x01\x2c",
        b"\x09\x11\0\0\0\0\0\0\xf8\x7f",
    ];
    let stream = Stream::of(ops, words, write);
    let limit = stream.limit.unwrap_or(1 << 16);
    // As they are encoded: a float that is not a number equals nothing.
    let (messages, end) = stream.decode(
        || Codec(MessageCodec::new().max_len(limit)),
        |messages, message| messages.push(message.encode_to_vec()),
    );
    let read = |bytes: &[u8]| {
        Bytes::of(bytes).values(|bytes| {
            let len = bytes.padded_varint()?;
            if len > limit as u64 {
                return Err(Stop::Failed);
            }
            Ok(Item::decode(bytes.take(len)?).map_err(|_| Stop::Failed)?.encode_to_vec())
        })
    };
    let naive = super::settled(read(&stream.bytes), &end, &stream.bytes, &super::prefix_ends(), read);
    assert_eq!((messages, end.kind()), naive, "{}", stream.bytes.escape_ascii());
    alone(&stream);
}

/// The codec, with errors that do not say how far it read: that depends on where the bytes lie.
struct Codec(MessageCodec<Item>);

impl Decoder for Codec {
    type Item<'a> = Item;
    type Error = MessageError;

    fn decode<'a>(&mut self, cursor: &mut Cursor<'a>) -> Result<Decoded<Item>, MessageError> {
        self.0.decode(cursor).map_err(|mut error| {
            if let MessageError::Message(error) = &mut error {
                error.seen = error.offset;
            }
            error
        })
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

/// All of the stream as one message.
fn alone(stream: &Stream) {
    let buffer = stream.buffer();
    let ours = protobuf::read::<Item>(buffer.as_sequence()).map_err(|error| error.source.to_string());
    let theirs = Item::decode(&stream.bytes[..]).map_err(|error| error.to_string());
    let encoded = |message: &Item| message.encode_to_vec();
    assert_eq!(ours.as_ref().map(encoded), theirs.as_ref().map(encoded), "{}", stream.bytes.escape_ascii());
    if let Ok(message) = ours {
        write(&message, &mut Vec::new());
    }
}

/// Writes a message behind its length, and alone.
fn write(message: &Item, out: &mut Vec<u8>) {
    let expected = message.encode_length_delimited_to_vec();
    let before = out.len();
    MessageCodec::new().encode(message, out).expect("a Vec has memory");
    assert_eq!(out[before..], expected);
    let mut blocks = SmallBlocks::of(7);
    MessageCodec::new().encode(message, &mut blocks).expect("there are blocks");
    assert_eq!(blocks.bytes(), expected);
    let (mut blocks, len) = (SmallBlocks::of(7), message.encoded_len());
    assert_eq!(protobuf::write(&mut blocks, message).expect("there are blocks"), len);
    assert_eq!(blocks.bytes(), message.encode_to_vec());
    if let Some(less) = len.checked_sub(1) {
        let (mut narrow, buffer) = (MessageCodec::<Item>::new().max_len(less), SequenceBuf::from(expected));
        assert!(narrow.encode(message, &mut Vec::new()).is_err(), "{len} bytes");
        assert!(narrow.decode(&mut buffer.as_sequence().cursor()).is_err(), "{len} bytes");
    }
}
