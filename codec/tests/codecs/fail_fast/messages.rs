//! Messages of protocols: heads of chunks, tokens of MessagePack, frames of WebSocket, messages of protobuf.

use headpond_codec::{
    chunked::{self, ChunkedDecoder},
    messagepack,
    websocket::{FrameDecoder, FrameHead, MessageDecoder, Role, WebSocketError},
};

use super::{STREAMS, Streams, Values, value};

#[test]
fn chunked_heads() {
    let limits = chunked::Limits::new().max_line(7).max_chunk(20).max_body(18).max_extensions(5);
    let streams = Streams { alphabet: b"01a; =\"\r\n", len: 5, ends: b"\r\n0\"a=;", ..STREAMS };
    streams.check(|| ChunkedDecoder::with_limits(limits));
    let streams = Streams { start: b"2;a", alphabet: b"a; =\"\\\r\n", len: 5, ..streams };
    for max_extensions in [4, 6, 100] {
        streams.check(|| ChunkedDecoder::with_limits(limits.max_extensions(max_extensions)));
        streams.check(|| ChunkedDecoder::with_limits(limits.max_line(6).max_extensions(max_extensions)));
    }
    // Behind the data of a chunk, with two bytes of data and of extensions left.
    let before = b"10;abc\r\n0123456789abcdef";
    let streams = Streams { before, start: b"", alphabet: b"023;a\r\n", len: 6, ..streams };
    streams.check(|| ChunkedDecoder::with_limits(limits.max_extensions(6)));
}

#[test]
fn chunked_trailers() {
    let streams = Streams { before: b"0\r\n", alphabet: b"a: \t\r\n\0", len: 6, ends: b"\r\n:a", ..STREAMS };
    for max_trailers in [0, 1, 2, 3, 4, 100] {
        streams.check(|| ChunkedDecoder::with_limits(chunked::Limits::new().max_trailers(max_trailers)));
    }
}

#[test]
fn messagepack_tokens_and_frames() {
    let limits = messagepack::Limits::new().max_string(3).max_values(4).max_depth(2);
    let alphabet = b"\0\x01\x02\x04\x80\x81\x91\x92\x9f\xa0\xa2\xa4\xc0\xc1\xc4\xc5\xc7\xc9\xca\xcd\xd4\xd6\xd9\xdb\xdc\xdd\xde\xdf\xff";
    let streams = Streams { alphabet, len: 3, ends: b"\0", ..STREAMS };
    streams.check(|| messagepack::TokenDecoder::with_limits(limits));
    streams.check(|| messagepack::TokenDecoder::with_limits(limits).split_above(1));
    for max_len in [1, 2, 3, 4, 6, 100] {
        streams.check(|| messagepack::FrameDecoder::with_limits(limits).max_len(max_len));
    }
    let streams = Streams { alphabet: b"\0\x01\x02\x03\x04\x05\xc1\xff", len: 5, ..streams };
    for start in [&b"\xc5"[..], b"\xc6", b"\xc7", b"\xc8", b"\xc9", b"\xd5", b"\xda", b"\xdb"] {
        let streams = Streams { start, ..streams };
        streams.check(|| messagepack::TokenDecoder::with_limits(limits));
        streams.check(|| messagepack::FrameDecoder::with_limits(limits).max_len(7));
    }
    for start in [&b"\xdc"[..], b"\xdd", b"\xde", b"\xdf", b"\x91\xdd", b"\x92\xdf", b"\x92\xc7", b"\x91\xd9"] {
        let streams = Streams { start, ..streams };
        streams.check(|| messagepack::FrameDecoder::with_limits(limits).max_len(7));
        streams.check(|| messagepack::FrameDecoder::with_limits(limits.max_values(1000)).max_len(100));
    }
    // What may be long is tried at its head.
    for (max, start) in [256, 65_536]
        .into_iter()
        .flat_map(|max| [b"\xc4", b"\xc5", b"\xc6", b"\xc8", b"\xdc", b"\xdd", b"\xdf"].map(|start| (max, start)))
    {
        let limits = limits.max_string(max).max_values(max.into());
        Streams { start, len: 3, ..streams }.check(|| messagepack::TokenDecoder::with_limits(limits));
    }
}

#[test]
fn heads_of_websocket() {
    let alphabet = b"\0\x01\x02\x08\x0b\x10\x7d\x7e\x7f\x80\x81\x82\x88\x89\xc1\xfe\xff";
    let streams = Streams { alphabet, len: 3, ends: b"\0\x01\x7e\x80\x81", ..STREAMS };
    streams.check(|| Values(value::<FrameHead, WebSocketError>));
    for role in [Role::Client, Role::Server] {
        for max_len in [0, 125, 126, 200, 256, 65_535, 65_536, u64::MAX] {
            let mask = if role == Role::Server { 0x80 } else { 0 };
            streams.check(|| FrameDecoder::new(role).max_len(max_len));
            let before: &[u8] = if mask == 0 { b"\x01\0" } else { b"\x01\x80\0\0\0\0" };
            Streams { before, ..streams }.check(|| FrameDecoder::new(role).max_len(max_len).allow_reserved(4));
            for (start, alphabet, len) in
                [([0x82, 126 | mask], &b"\0\x01\x7d\x7e\x80\xff"[..], 4), ([0x82, 127 | mask], b"\0\x01\xff", 9)]
            {
                let streams = Streams { start: &start, alphabet, len, ..streams };
                if max_len >= if start[1] & 1 == 0 { 126 } else { 65_536 } {
                    streams.check(|| FrameDecoder::new(role).max_len(max_len));
                }
            }
        }
    }
}

/// What a message may go on with, and a close frame.
const ENDS: &[u8] = b"a\x80\xa0\x90\0\x81\x82\x01\x02\x03\xe8\xb8";

/// Texts, close frames and fragments, told by the first byte that is wrong.
#[test]
fn messages_of_websocket() {
    let alphabet = b"\0\x01\x02\x03\x05\x80\x81\x82\x88\x89\xc3\xe0\xe2\xff";
    let streams = Streams { alphabet, len: 4, ends: ENDS, ..STREAMS };
    let make = |max_len| move || MessageDecoder::new(Role::Client).max_frame_len(3).max_len(max_len);
    streams.check(make(3));
    streams.check(make(5));
    let streams = Streams { alphabet: b"a\x80\xa9\xc3\xe2\xf0\x03\xe8\0\x01\x89", len: 4, ..streams };
    for start in [
        &b"\x81\x01"[..],
        b"\x81\x02",
        b"\x81\x03",
        b"\x01\x01",
        b"\x01\x02",
        b"\x01\x03",
        b"\x02\x02",
        b"\x82\x02",
        b"\x89\x03",
        b"\x02\x01a\x80",
        b"\x01\x01\xc3",
        b"\x01\x02\xe2\x82",
        b"\x01\x01\xe2\x80\x02",
    ] {
        for max_len in [3, 4, 5] {
            Streams { start, ..streams }.check(make(max_len));
        }
    }
}

#[test]
fn close_frames_of_websocket() {
    let streams = Streams { start: b"\x88", alphabet: b"\0\x01\x02\x03\xe8\xa9", len: 4, ends: ENDS, ..STREAMS };
    streams.check(|| MessageDecoder::new(Role::Client));
    let alphabet = b"\x03\xe8\xed\xf7\x07\x0b\xb8\xb7\x0c\x13\x87\x88a\xc3\xa9";
    for start in [&b"\x88\x02"[..], b"\x88\x03", b"\x88\x04\x03\xe8"] {
        Streams { start, alphabet, ..streams }.check(|| MessageDecoder::new(Role::Client));
    }
    // What comes behind the close frame is one too many.
    let behind = Streams { before: b"\x88\0", start: b"", alphabet: b"\0\x81\x88", len: 2, ..streams };
    behind.check(|| MessageDecoder::new(Role::Client));
    behind.check(|| FrameDecoder::new(Role::Client));
    // Masked, the code is seen behind its key.
    let ends = b"\x02\xea\0\x03\xe8";
    let masked = Streams { start: b"\x88\x82\x01\x02\x03", alphabet: b"\0\x04\x02\xe8\xea", ends, ..streams };
    masked.check(|| MessageDecoder::new(Role::Server));
    let all: Vec<u8> = (0..=255).collect();
    let masked = Streams { alphabet: b"\x80\x81\x82\x01", len: 2, ends: &all, ..streams };
    masked.check(|| MessageDecoder::new(Role::Server));
}

/// A text that is none is told while most of its frame is missing.
#[test]
fn a_text_asks_for_one_byte_and_binary_data_for_all() {
    use headpond_codec::{Decoded, Decoder};
    use headpond_pool::SequenceBuf;

    let answer = |bytes: &[u8]| {
        let buffer = SequenceBuf::from(bytes.to_vec());
        MessageDecoder::new(Role::Client).decode(&mut buffer.as_sequence().cursor())
    };
    assert!(matches!(answer(b"\x81\x64a"), Ok(Decoded::NeedMore(1))));
    assert!(answer(b"\x81\x64a\xff").is_err());
    assert!(matches!(answer(b"\x82\x64a"), Ok(Decoded::NeedMore(99))));
    assert!(matches!(answer(b"\x02\x64a"), Ok(Decoded::NeedMore(100))));
    assert!(matches!(answer(b"\x89\x64a"), Ok(Decoded::NeedMore(99))));
}

/// What a message holds is judged once it is there: nothing shorter than the message is tried.
#[cfg(feature = "prost")]
#[test]
fn protobuf() {
    use headpond_codec::protobuf::MessageCodec;

    let streams = Streams { alphabet: b"\0\x80\x83\xff", len: 6, ends: b"\0\x01\x08", ..STREAMS };
    for max_len in [0, 2] {
        streams.check(|| MessageCodec::<u64>::new().max_len(max_len));
    }
}
