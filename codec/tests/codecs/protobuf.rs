//! Protobuf's messages into small blocks and out of every layout, against `prost` on flat bytes.

use std::collections::BTreeMap;

use headpond_codec::{
    Decoder, Encode, EncodeError, Encoder,
    protobuf::{self, MessageCodec, MessageError, Protobuf},
};
use headpond_pool::{SequenceBuf, Slice};
use prost::Message;

use crate::{cuts, small_blocks::SmallBlocks, splits};

/// The message types of the documentation's examples, in one.
#[derive(Clone, PartialEq, Message)]
struct Example {
    #[prost(int32, optional, tag = "1")]
    a: Option<i32>,
    #[prost(string, tag = "2")]
    b: String,
    #[prost(message, optional, boxed, tag = "3")]
    c: Option<Box<Example>>,
    #[prost(int32, repeated, packed = "false", tag = "5")]
    e: Vec<i32>,
    #[prost(int32, repeated, tag = "6")]
    f: Vec<i32>,
}

/// Every kind of field there is.
#[derive(Clone, PartialEq, Message)]
struct Kinds {
    #[prost(double, tag = "1")]
    double: f64,
    #[prost(float, tag = "2")]
    float: f32,
    #[prost(int64, tag = "3")]
    int64: i64,
    #[prost(uint64, tag = "4")]
    uint64: u64,
    #[prost(sint32, tag = "5")]
    sint32: i32,
    #[prost(fixed64, tag = "6")]
    fixed64: u64,
    #[prost(sfixed32, tag = "7")]
    sfixed32: i32,
    #[prost(bool, tag = "8")]
    bool: bool,
    #[prost(bytes = "bytes", tag = "9")]
    shared: bytes::Bytes,
    #[prost(bytes = "vec", tag = "10")]
    owned: Vec<u8>,
    #[prost(btree_map = "string, sint64", tag = "11")]
    map: BTreeMap<String, i64>,
    #[prost(string, repeated, tag = "2000000")]
    far: Vec<String>,
}

fn kinds() -> Kinds {
    Kinds {
        double: -0.1,
        float: 1.5,
        int64: -2,
        uint64: u64::MAX,
        sint32: -64,
        fixed64: 1 << 40,
        sfixed32: i32::MIN,
        bool: true,
        shared: bytes::Bytes::from_static(b"shared \0\xff"),
        owned: vec![7; 20],
        map: [("a".to_owned(), -1), ("é".to_owned(), 300)].into(),
        far: vec![String::new(), "far".to_owned()],
    }
}

/// The examples of the documentation's page on the encoding.
#[test]
fn published_messages() {
    let inner = Example { a: Some(150), ..Example::default() };
    for (bytes, message) in [
        (&b"\x08\x96\x01"[..], inner.clone()),
        (b"\x12\x07testing", Example { b: "testing".to_owned(), ..Example::default() }),
        (b"\x1a\x03\x08\x96\x01", Example { c: Some(Box::new(inner)), ..Example::default() }),
        (b"\x28\x01\x28\x02\x28\x03", Example { e: vec![1, 2, 3], ..Example::default() }),
        (b"\x32\x06\x03\x8e\x02\x9e\xa7\x05", Example { f: vec![3, 270, 86_942], ..Example::default() }),
        (b"\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", Example { a: Some(-2), ..Example::default() }),
    ] {
        let mut out = Vec::new();
        assert_eq!(protobuf::write(&mut out, &message).unwrap(), bytes.len());
        assert_eq!(out, bytes);
        cuts::for_each_cut(bytes, |sequence| assert_eq!(protobuf::read::<Example>(sequence).unwrap(), message));
    }
}

#[test]
fn every_kind_of_field_goes_round_in_every_layout() {
    let (message, bytes) = (kinds(), kinds().encode_to_vec());
    for size in [1, 3, 8, 64, 1000] {
        let mut out = SmallBlocks::of(size);
        Protobuf(message.clone()).encode(&mut out).unwrap();
        assert_eq!(out.bytes(), bytes);
    }
    let mut reused = Kinds::default();
    cuts::for_each_cut(&bytes, |sequence| {
        assert_eq!(protobuf::read::<Kinds>(sequence).unwrap(), message);
        reused.clear();
        protobuf::merge(&mut reused, sequence).unwrap();
        assert_eq!(reused, message);
    });
}

/// Every beginning of a message, and every byte of it changed: what `prost` refuses at once is refused wherever it is cut.
#[test]
fn what_the_reference_refuses_is_refused() {
    let good = kinds().encode_to_vec();
    let mut texts: Vec<Vec<u8>> = (0..good.len()).map(|len| good[..len].to_vec()).collect();
    for at in 0..good.len() {
        for byte in [0, 0x7f, 0x80, 0xff] {
            let mut text = good.clone();
            text[at] = byte;
            texts.push(text);
        }
    }
    let (mut refused, mut taken) = (0, 0);
    for text in texts {
        let expected = Kinds::decode(&text[..]);
        for width in [1, 2, 5, 1000] {
            let buffer: SequenceBuf = text.chunks(width).map(Slice::copy_from_slice).collect();
            match protobuf::read::<Kinds>(buffer.as_sequence()) {
                // Bytes of a float may be no number, which is not equal to itself.
                Ok(message) => assert_eq!(Ok(message.encode_to_vec()), expected.as_ref().map(Message::encode_to_vec)),
                Err(error) => {
                    assert_eq!(Err(&error.source), expected.as_ref());
                    assert!(error.offset == 0 && error.seen <= text.len() as u64);
                }
            }
        }
        refused += usize::from(expected.is_err());
        taken += usize::from(expected.is_ok());
    }
    assert!(refused > 100 && taken > 100, "{refused} {taken}");
}

#[test]
fn a_stream_of_messages() {
    let messages = [kinds(), Kinds::default(), kinds()];
    let (mut out, mut flat) = (SmallBlocks::of(16), Vec::new());
    let mut codec = MessageCodec::<Kinds>::new();
    for message in &messages {
        codec.encode(message, &mut out).unwrap();
        message.encode_length_delimited(&mut flat).unwrap();
    }
    assert_eq!(out.bytes(), flat);
    assert_eq!(splits::items(&flat, MessageCodec::<Kinds>::new, |message| message), messages);
    let (found, error) = splits::outcome(&flat[..flat.len() - 1], MessageCodec::<Kinds>::new, |message| message);
    assert_eq!((&found[..], error.as_deref()), (&messages[..2], Some("truncated")));
}

#[test]
fn a_message_too_long_is_refused_before_it_is_gathered() {
    let mut codec = MessageCodec::<Example>::new().max_len(9);
    let message = |len| Example { b: "x".repeat(len), ..Example::default() };
    let mut out = Vec::new();
    codec.encode(&message(7), &mut out).unwrap();
    let error = codec.encode(&message(8), &mut out).unwrap_err();
    assert!(matches!(error, EncodeError::TooLong { len: 10, limit: 9 }));
    assert_eq!(out.len(), 10, "nothing of it is written");

    out.extend_from_slice(b"\x0a\x12");
    let make = || MessageCodec::<Example>::new().max_len(9);
    let (found, error) = splits::outcome(&out, make, |message| message);
    assert_eq!(found, [message(7)]);
    assert_eq!(error.as_deref(), Some("the prefix at offset 10 announces at least 10 bytes, where 9 is the most"));
}

#[test]
fn a_body_that_is_no_message_is_refused_where_it_stands() {
    let stream = b"\x02\x08\x01\x03\x08\x01\x07\x00";
    let (found, error) = splits::outcome(stream, MessageCodec::<Example>::new, |message| message.a);
    assert_eq!(found, [Some(1)]);
    assert_eq!(error.as_deref(), Some("no message at offset 4, as was seen at offset 7"));
}

#[test]
fn deep_nesting_is_refused_not_followed() {
    let mut bytes = Vec::new();
    for _ in 0..10_000 {
        let mut outer = vec![0x1a];
        prost::encode_length_delimiter(bytes.len(), &mut outer).unwrap();
        outer.extend_from_slice(&bytes);
        bytes = outer;
    }
    let buffer: SequenceBuf = bytes.chunks(4096).map(Slice::copy_from_slice).collect();
    let error = protobuf::read::<Example>(buffer.as_sequence()).unwrap_err();
    assert!(error.source.to_string().contains("recursion limit reached"), "{error:?}");
    let mut codec = MessageCodec::<Example>::new();
    let mut stream = Vec::new();
    prost::encode_length_delimiter(bytes.len(), &mut stream).unwrap();
    let buffer = SequenceBuf::from_iter([Slice::from(stream), Slice::from(bytes)]);
    let mut cursor = buffer.as_sequence().cursor();
    assert!(matches!(codec.decode(&mut cursor), Err(MessageError::Message(_))));
    assert_eq!(cursor.position(), buffer.start());
}

#[test]
fn a_writer_without_memory_is_an_error() {
    for blocks in 0..4 {
        let mut out = SmallBlocks::of(8).at_most(blocks);
        assert!(protobuf::write(&mut out, &kinds()).is_err());
        assert!(out.bytes().len() <= 8 * blocks);
        let mut codec = MessageCodec::new();
        assert!(matches!(codec.encode(&kinds(), &mut SmallBlocks::of(8).at_most(blocks)), Err(EncodeError::Write(_))));
    }
}
