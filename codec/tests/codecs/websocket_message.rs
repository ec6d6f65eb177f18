//! The messages of WebSocket: put together from every fragmentation, against tungstenite, and what is refused.

use std::io::{self, Read, Write};

use headpond_codec::{
    Decoded, Decoder, Encoder,
    websocket::{
        CloseCode, Event, Frame, FrameEncoder, Message, MessageDecoder, MessageError, Opcode, Role, WebSocketError,
    },
};
use headpond_pool::{SequenceBuf, Slice};
use tungstenite::protocol::{Role as ReferenceRole, WebSocket};

use crate::{
    small_blocks::SmallBlocks,
    splits::{Outcome, outcome},
    websocket::KEY,
};

fn read(bytes: &[u8]) -> Outcome<Message> {
    outcome(bytes, || MessageDecoder::new(Role::Client), |message| message)
}

/// What comes of `bytes` when payloads go to the caller's memory, which comes in blocks of two bytes.
fn read_into(pieces: &[&[u8]]) -> (Vec<Event>, Vec<u8>, Option<String>) {
    let (mut decoder, mut buffer) = (MessageDecoder::new(Role::Client), SequenceBuf::new());
    let (mut events, mut out) = (Vec::new(), SmallBlocks::of(2));
    for piece in pieces {
        buffer.push(Slice::copy_from_slice(piece));
        let mut cursor = buffer.as_sequence().cursor();
        loop {
            match decoder.decode_into(&mut cursor, &mut out) {
                Ok(Decoded::Value(event)) => events.push(event),
                Ok(Decoded::NeedMore(_)) => break,
                Err(error) => return (events, out.bytes(), Some(error.to_string())),
            }
        }
        // At most a head without its end is left.
        assert!(cursor.len() < 14);
        let consumed = cursor.position() - buffer.start();
        buffer.consume(consumed);
    }
    (events, out.bytes(), None)
}

fn text(text: &str) -> Message {
    Message::Text(text.to_owned())
}

#[test]
fn messages_are_put_together_around_control_frames() {
    let stream =
        b"\x81\x05Hello\x01\x03Hel\x89\x05Hello\x80\x02lo\x02\0\0\x01\xff\x8a\0\x80\0\x82\0\x88\x05\x03\xe8bye";
    let (messages, error) = read(stream);
    assert_eq!(error, None);
    assert_eq!(messages.len(), 7);
    assert_eq!(messages[0], text("Hello"));
    assert!(matches!(&messages[1], Message::Ping(payload) if **payload == *b"Hello"));
    assert_eq!(messages[2], text("Hello"));
    assert!(matches!(&messages[3], Message::Pong(payload) if payload.is_empty()));
    assert_eq!(messages[4..6], [Message::Binary(vec![0xff]), Message::Binary(vec![])]);
    let Message::Close(Some(close)) = &messages[6] else { panic!("{:?}", messages[6]) };
    assert_eq!((close.code(), close.reason()), (CloseCode::NORMAL, "bye"));

    let (events, out, error) = read_into(&[stream]);
    assert_eq!((&out[..], &error), (&b"HelloHello\xff"[..], &None));
    assert_eq!(events[0], Event::Text(5));
    assert_eq!(events[2], Event::Text(5));
    assert_eq!(events[4..6], [Event::Binary(1), Event::Binary(0)]);
    for cut in 0..=stream.len() {
        assert_eq!(read_into(&[&stream[..cut], &stream[cut..]]), (events.clone(), out.clone(), None));
    }
    assert_eq!(read_into(&stream.chunks(1).collect::<Vec<_>>()), (events, out, None));
}

/// Code points of every length, cut at every two places into frames.
#[test]
fn texts_are_checked_across_frames() {
    let whole = "a\u{e4}\u{20ac}\u{1f600}z";
    for first in 0..=whole.len() {
        for second in first..=whole.len() {
            let bytes = whole.as_bytes();
            let mut stream = Vec::new();
            let mut frames = FrameEncoder::server();
            frames.encode(Frame::new(Opcode::Text, &bytes[..first]).fragment(), &mut stream).unwrap();
            frames.encode(Frame::continuation(&bytes[first..second]).fragment(), &mut stream).unwrap();
            frames.encode(Frame::ping("\u{e4}"), &mut stream).unwrap();
            frames.encode(Frame::continuation(&bytes[second..]), &mut stream).unwrap();
            let (events, out, error) = read_into(&stream.chunks(1).collect::<Vec<_>>());
            assert_eq!((events.len(), &out[..], error), (2, bytes, None));
            assert_eq!(events[1], Event::Text(bytes.len() as u64));
        }
    }
}

/// Bytes that no UTF-8 has, over-long forms, surrogates, beyond the last code point, and what is cut off: each with where the
/// code point begins that is none, within a text that begins at offset 2.
#[test]
fn what_is_not_utf8_is_refused_at_its_first_byte() {
    for (bytes, at) in [
        (&b"\x80"[..], 0),
        (b"a\xbf", 1),
        (b"\xc0\xaf", 0),
        (b"\xc1\xbf", 0),
        (b"\xe0\x80\xaf", 0),
        (b"\xe0\x9f\xbf", 0),
        (b"\xf0\x80\x80\xaf", 0),
        (b"ok\xf0\x8f\xbf\xbf", 2),
        (b"\xed\xa0\x80", 0),
        (b"\xed\xbf\xbf", 0),
        (b"\xf4\x90\x80\x80", 0),
        (b"\xf8\x88\x80\x80\x80", 0),
        (b"\xfe", 0),
        (b"\xff", 0),
        (b"\xc3", 0),
        (b"\xe2\x82", 0),
        (b"abc\xf0\x9f\x98", 3),
        (b"\xc3a", 0),
        (b"\xe2\x82a", 0),
    ] {
        assert!(std::str::from_utf8(bytes).is_err());
        let stream = [&[0x81, bytes.len() as u8][..], bytes].concat();
        let error = WebSocketError::Utf8 { offset: 2 + at };
        assert_eq!(error.close_code(), CloseCode::INVALID_DATA);
        assert_eq!(read(&stream), (vec![], Some(error.to_string())), "{bytes:?}");
        assert_eq!(read_into(&stream.chunks(1).collect::<Vec<_>>()).2, Some(error.to_string()));
    }
    // Before the rest of the frame has come.
    assert!(read_into(&[b"\x81\x7d\xc0"]).2.is_some());
    // Heads stand between the bytes of a text, and other frames.
    for (stream, offset) in [
        (&b"\x01\x01a\x80\x02b\xff"[..], 6),
        (b"\x01\x01\xc3\x80\x03\xa9b\xff", 7),
        (b"\x01\x02a\xc3\x89\x01!\x80\x01x", 3),
        (b"\x01\x01\xe2\x00\x01\x82\x80\x01x", 2),
        (b"\x01\x02a\xc3\x80\x00", 3),
    ] {
        let error = Some(WebSocketError::Utf8 { offset }.to_string());
        assert_eq!(read_into(&[stream]).2, error, "{}", stream.escape_ascii());
        assert_eq!(read_into(&stream.chunks(1).collect::<Vec<_>>()).2, error, "{}", stream.escape_ascii());
    }
    // A binary message may hold anything.
    assert_eq!(read(b"\x82\x01\xff"), (vec![Message::Binary(vec![0xff])], None));
}

#[test]
fn close_frames_say_what_they_may() {
    for code in [1000_u16, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
        let stream = [&b"\x88\x02"[..], &code.to_be_bytes()].concat();
        let (messages, error) = read(&stream);
        assert!(matches!(messages[..], [Message::Close(Some(close))] if close.code().get() == code && error.is_none()));
    }
    for code in [0_u16, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
        let stream = [&b"\x88\x02"[..], &code.to_be_bytes()].concat();
        // The first byte of most says so by itself.
        let by_code = WebSocketError::CloseCode { offset: 2, code }.to_string();
        let by_byte =
            WebSocketError::Malformed { offset: 2, expected: "a code that a close frame may have" }.to_string();
        let is_known = matches!(code >> 8, 0x03 | 0x0b..=0x13);
        assert_eq!(read(&stream), (vec![], Some(if is_known { by_code } else { by_byte })), "{code}");
    }
    assert_eq!(read(b"\x88\0"), (vec![Message::Close(None)], None));
    let half = WebSocketError::Malformed { offset: 1, expected: "a close code of two bytes, or none" };
    assert_eq!(read(b"\x88\x01\x03"), (vec![], Some(half.to_string())));
    assert_eq!(read(b"\x88\x04\x03\xe8\xc3x"), (vec![], Some(WebSocketError::Utf8 { offset: 4 }.to_string())));
    // A peer may close within a message, and ends the stream where it should.
    assert_eq!(read(b"\x01\x01a\x88\0"), (vec![Message::Close(None)], None));
    let after = WebSocketError::AfterClose { offset: 2 };
    assert_eq!(read(b"\x88\0\x81\0"), (vec![Message::Close(None)], Some(after.to_string())));
}

#[test]
fn a_message_beyond_the_limit_is_refused_by_the_head_that_exceeds_it() {
    let make = || MessageDecoder::new(Role::Client).max_len(5).max_frame_len(4);
    let own = |message| message;
    assert_eq!(outcome(b"\x01\x03Hel\x80\x02lo", make, own), (vec![text("Hello")], None));
    let message = WebSocketError::TooLong { offset: 5, limit: 5, unit: "message" }.to_string();
    assert_eq!(outcome(b"\x01\x03Hel\x80\x03", make, own), (vec![], Some(message)));
    let frame = WebSocketError::TooLong { offset: 0, limit: 4, unit: "frame" }.to_string();
    assert_eq!(outcome(b"\x81\x05", make, own), (vec![], Some(frame)));
    // The length begins anew with each message, and control frames are no part of it.
    assert_eq!(outcome(b"\x01\x03abc\x89\x04ping\x80\x02de\x81\x04abcd", make, own).1, None);
}

#[test]
fn an_exhausted_writer_loses_nothing() {
    let mut stream = Vec::new();
    let mut frames = FrameEncoder::client(|| KEY);
    frames.encode(Frame::text("Hel\u{20ac}").fragment(), &mut stream).unwrap();
    frames.encode(Frame::continuation("lo"), &mut stream).unwrap();
    let buffer = SequenceBuf::from(stream);
    let (mut decoder, mut cursor) = (MessageDecoder::new(Role::Server), buffer.as_sequence().cursor());
    let mut bytes = Vec::new();
    let event = loop {
        // Room for one block of two bytes at a time.
        let mut out = SmallBlocks::of(2).at_most(1);
        let result = decoder.decode_into(&mut cursor, &mut out);
        bytes.extend(out.bytes());
        match result {
            Ok(Decoded::Value(event)) => break event,
            Err(MessageError::Write(_)) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((event, &bytes[..]), (Event::Text(8), "Hel\u{20ac}lo".as_bytes()));
}

#[test]
fn an_error_is_for_good_until_a_reset() {
    let mut decoder = MessageDecoder::new(Role::Client);
    let buffer = SequenceBuf::from(&b"\x81\x02\xc3x\x81\x01x"[..]);
    let mut cursor = buffer.as_sequence().cursor();
    for _ in 0..2 {
        assert!(matches!(decoder.decode(&mut cursor), Err(MessageError::Invalid(WebSocketError::Utf8 { offset: 2 }))));
        assert!(decoder.decode_into(&mut cursor.clone(), &mut Vec::new()).is_err());
    }
    decoder.reset();
    let buffer = SequenceBuf::from(&b"\x81\x01x"[..]);
    assert_eq!(decoder.decode(&mut buffer.as_sequence().cursor()).unwrap().value(), Some(text("x")));
}

/// A stream in memory, for the reference.
struct Memory<'a> {
    incoming: &'a [u8],
    outgoing: Vec<u8>,
}

impl Read for Memory<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.incoming.read(into)
    }
}

impl Write for Memory<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outgoing.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn payloads() -> Vec<String> {
    let text = |len: usize| "\u{e4}\u{1f600}x".repeat(len / 7) + &"y".repeat(len % 7);
    [0, 1, 125, 126, 1000, 65536].map(text).into()
}

#[test]
fn tungstenite_reads_what_is_written_here() {
    let mut stream = Vec::new();
    let mut frames = FrameEncoder::client(|| KEY);
    for text in payloads() {
        let (head, tail) = text.as_bytes().split_at(text.len() / 2);
        frames.encode(Frame::text(&text[..]), &mut stream).unwrap();
        frames.encode(Frame::binary(head).fragment(), &mut stream).unwrap();
        frames.encode(Frame::pong("pong"), &mut stream).unwrap();
        frames.encode(Frame::continuation(tail), &mut stream).unwrap();
    }
    frames.encode(Frame::close(CloseCode::GOING_AWAY, "bye"), &mut stream).unwrap();
    let memory = Memory { incoming: &stream, outgoing: Vec::new() };
    let mut socket = WebSocket::from_raw_socket(memory, ReferenceRole::Server, None);
    for text in payloads() {
        assert_eq!(socket.read().unwrap().into_text().unwrap().as_str(), text);
        assert_eq!(socket.read().unwrap().into_data(), b"pong"[..]);
        assert_eq!(socket.read().unwrap().into_data(), text.as_bytes());
    }
    let tungstenite::Message::Close(Some(close)) = socket.read().unwrap() else { panic!("a close frame") };
    assert_eq!((u16::from(close.code), close.reason.as_str()), (1001, "bye"));
}

#[test]
fn what_tungstenite_writes_is_read_here() {
    for (reference, role) in [(ReferenceRole::Client, Role::Server), (ReferenceRole::Server, Role::Client)] {
        let mut socket = WebSocket::from_raw_socket(Memory { incoming: &[], outgoing: Vec::new() }, reference, None);
        for text in payloads() {
            socket.send(tungstenite::Message::text(text.clone())).unwrap();
            socket.send(tungstenite::Message::binary(text.into_bytes())).unwrap();
            socket.send(tungstenite::Message::Ping(b"ping"[..].into())).unwrap();
        }
        let stream = &socket.get_ref().outgoing;
        let mut decoder = MessageDecoder::new(role);
        let buffer: SequenceBuf = stream.chunks(4096).map(Slice::copy_from_slice).collect();
        let mut cursor = buffer.as_sequence().cursor();
        for expected in payloads() {
            let mut next = || decoder.decode(&mut cursor).unwrap().value().expect("a message");
            assert_eq!(next(), text(&expected));
            assert_eq!(next(), Message::Binary(expected.into_bytes()));
            assert!(matches!(next(), Message::Ping(payload) if *payload == *b"ping"));
        }
        assert!(cursor.is_empty());
    }
}
