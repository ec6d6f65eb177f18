//! The frames of WebSocket: the examples of RFC 6455, every split of them, tungstenite on the same bytes, and what is refused.

use headpond_codec::{
    Decoded, Decoder, EncodeError, Encoder, Payload,
    websocket::{CloseCode, Frame, FrameDecoder, FrameEncoder, FrameHead, Mask, Opcode, Piece, Role, WebSocketError},
};
use headpond_pool::{Sequence, SequenceBuf, Slice};
use tungstenite::protocol::frame::{
    Frame as ReferenceFrame, FrameHeader,
    coding::{Control, Data, OpCode},
};

use crate::{
    cuts,
    small_blocks::SmallBlocks,
    splits::{fed, for_each_arrival, refused, whole_value},
};

pub(crate) const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

fn head(opcode: Opcode, len: u64) -> FrameHead {
    FrameHead { is_final: true, reserved: 0, opcode, mask: None, len }
}

/// Section 5.7 of the RFC.
fn examples() -> Vec<(Vec<u8>, FrameHead, Vec<u8>)> {
    let masked = |head| FrameHead { mask: Some(KEY), ..head };
    let hello = || b"Hello".to_vec();
    let (medium, long): (Vec<u8>, Vec<u8>) = ((0..=255).collect(), (0..65536).map(|i| (i / 3) as u8).collect());
    vec![
        (b"\x81\x05Hello".to_vec(), head(Opcode::Text, 5), hello()),
        (b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58".to_vec(), masked(head(Opcode::Text, 5)), hello()),
        (b"\x01\x03Hel".to_vec(), FrameHead { is_final: false, ..head(Opcode::Text, 3) }, b"Hel".to_vec()),
        (b"\x80\x02lo".to_vec(), head(Opcode::Continuation, 2), b"lo".to_vec()),
        (b"\x89\x05Hello".to_vec(), head(Opcode::Ping, 5), hello()),
        (b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58".to_vec(), masked(head(Opcode::Pong, 5)), hello()),
        ([&b"\x82\x7e\x01\x00"[..], &medium].concat(), head(Opcode::Binary, 256), medium),
        ([&b"\x82\x7f\0\0\0\0\0\x01\0\0"[..], &long].concat(), head(Opcode::Binary, 65536), long),
    ]
}

/// The frames of a stream, each with its whole payload.
type Frames = Vec<(FrameHead, Vec<u8>)>;

fn gather(pieces: Vec<(Option<FrameHead>, Vec<u8>)>) -> Frames {
    let mut frames = Frames::new();
    for (head, payload) in pieces {
        match head {
            Some(head) => frames.push((head, payload)),
            None => frames.last_mut().expect("a head comes first").1.extend(payload),
        }
    }
    frames
}

fn own(piece: Piece<'_>) -> (Option<FrameHead>, Vec<u8>) {
    match piece {
        Piece::Head(head) => (Some(head), Vec::new()),
        Piece::Payload(part) => (None, part.to_vec()),
        _ => unreachable!(),
    }
}

/// What comes of `bytes` in every arrival.
fn read(bytes: &[u8], make: impl Fn() -> FrameDecoder) -> (Frames, Option<String>) {
    let read = |pieces: &[&[u8]]| {
        let (pieces, error) = fed(pieces, make(), &own);
        (gather(pieces), error)
    };
    let expected = read(&[bytes]);
    if bytes.len() < 1000 {
        for_each_arrival(bytes, |pieces| assert_eq!(read(pieces), expected, "{pieces:?}"));
        cuts::for_each_cut(bytes, |sequence| {
            let (mut decoder, mut cursor, mut pieces) = (make(), sequence.cursor(), Vec::new());
            let ended = loop {
                match decoder.finish(&mut cursor) {
                    Ok(Some(piece)) => pieces.push(own(piece)),
                    ended => break ended.map(drop),
                }
            };
            assert_eq!((gather(pieces), ended.is_err()), (expected.0.clone(), expected.1.is_some()), "{sequence:?}");
        });
    } else {
        for cut in 0..20 {
            assert_eq!(read(&[&bytes[..cut], &bytes[cut..]]), expected);
        }
        assert_eq!(read(&bytes.chunks(1).collect::<Vec<_>>()), expected);
    }
    expected
}

fn role_of(head: &FrameHead) -> Role {
    if head.mask.is_some() { Role::Server } else { Role::Client }
}

fn write(frame: Frame<impl Payload>, mask: Option<[u8; 4]>, out: &mut SmallBlocks) -> Result<(), EncodeError> {
    match mask {
        Some(key) => FrameEncoder::client(|| key).encode(frame, out),
        None => FrameEncoder::server().encode(frame, out),
    }
}

#[test]
fn the_examples_of_the_rfc() {
    for (bytes, head, payload) in examples() {
        // A continuation needs something to continue.
        if head.opcode != Opcode::Continuation {
            let (frames, error) = read(&bytes, || FrameDecoder::new(role_of(&head)));
            assert_eq!(frames, [(head, payload.clone())]);
            // The fragment leaves its message open.
            assert_eq!(error.is_some(), !head.is_final);
            for block in [1, 5, 4096] {
                let mut out = SmallBlocks::of(block);
                let frame = Frame::new(head.opcode, &payload[..]);
                let frame = if head.is_final { frame } else { frame.fragment() };
                write(frame, head.mask, &mut out).unwrap();
                assert_eq!(out.bytes(), bytes);
            }
        }
        let head_len = bytes.len() - payload.len();
        whole_value(&bytes[..head_len], &head);
    }
}

/// Every length around the places where its form changes, masked and not, in both directions.
#[test]
fn tungstenite_reads_and_writes_the_same_frames() {
    for len in [0, 1, 2, 3, 4, 5, 31, 32, 33, 125, 126, 127, 128, 129, 1000, 65535, 65536, 70_001] {
        for mask in [None, Some(KEY), Some([0, 0xff, 1, 2])] {
            let payload: Vec<u8> = (0..len).map(|i: u32| (i * 31) as u8).collect();
            let header = FrameHeader { mask, ..FrameHeader::default() };
            let mut theirs = Vec::new();
            let mut frame = ReferenceFrame::message(payload.clone(), OpCode::Data(Data::Binary), true);
            *frame.header_mut() = FrameHeader { opcode: OpCode::Data(Data::Binary), ..header };
            frame.format(&mut theirs).unwrap();
            let mut ours = SmallBlocks::of(300);
            write(Frame::binary(&payload[..]), mask, &mut ours).unwrap();
            assert_eq!(ours.bytes(), theirs, "{len} bytes, {mask:?}");
            // A sequence in pieces is masked over their joins.
            let mut ours = SmallBlocks::of(300);
            let pieces: SequenceBuf = payload.chunks(37).map(Slice::copy_from_slice).collect();
            write(Frame::binary(pieces.as_sequence()), mask, &mut ours).unwrap();
            assert_eq!(ours.bytes(), theirs, "{len} bytes, {mask:?}");
            let role = if mask.is_some() { Role::Server } else { Role::Client };
            let (frames, error) = read(&theirs, || FrameDecoder::new(role));
            assert_eq!((frames.len(), error), (1, None));
            assert_eq!(frames[0].1, payload);
            let (parsed, parsed_len) = FrameHeader::parse(&mut std::io::Cursor::new(&ours.bytes())).unwrap().unwrap();
            assert_eq!((parsed.mask, parsed_len, parsed.is_final), (mask, u64::from(len), true));
        }
    }
    let mut theirs = Vec::new();
    ReferenceFrame::close(Some(tungstenite::protocol::CloseFrame { code: 1000.into(), reason: "bye".into() }))
        .format(&mut theirs)
        .unwrap();
    let mut ours = SmallBlocks::of(4);
    write(Frame::close(CloseCode::NORMAL, "bye"), None, &mut ours).unwrap();
    assert_eq!(ours.bytes(), theirs);
    assert_eq!(OpCode::from(9), OpCode::Control(Control::Ping));
}

#[test]
fn heads_that_are_none_are_refused() {
    let start = "at offset START: ";
    for (bytes, expected) in [
        (&b"\x83\0"[..], "an opcode of RFC 6455"),
        (b"\x87\0", "an opcode of RFC 6455"),
        (b"\x8b\0", "an opcode of RFC 6455"),
        (b"\x8f", "an opcode of RFC 6455"),
        (b"\x09\0", "a control frame in one piece"),
        (b"\x08", "a control frame in one piece"),
    ] {
        assert_eq!(refused::<FrameHead>(bytes), format!("{start}{expected} expected"));
    }
    for (bytes, offset, expected) in [
        (&b"\x89\x7e\0\x7e"[..], 1, "a control frame of at most 125 bytes"),
        (b"\x88\x7f", 1, "a control frame of at most 125 bytes"),
        (b"\x82\x7e\0\x7d", 2, "a length in its shortest form"),
        (b"\x82\xfe\0\0\x01\x02\x03\x04", 1, "a frame without a mask, as a server sends them"),
        (b"\x82\x7f\0\0\0\0\0\0\xff\xff", 2, "a length in its shortest form"),
        (b"\x82\x7f\x80\0\0\0\0\0\0\0", 2, "a length of at most 63 bits"),
    ] {
        let error = WebSocketError::Malformed { offset, expected }.to_string();
        assert_eq!(read(bytes, || FrameDecoder::new(Role::Client)), (vec![], Some(error)));
    }
}

#[test]
fn what_the_roles_and_the_order_do_not_allow_is_refused() {
    for (bytes, role, offset) in [
        // Without a mask to a server, with one to a client, though it be zero.
        (&b"\x82\x01x"[..], Role::Server, 1),
        (b"\x82\x81\0\0\0\0x", Role::Client, 1),
        // Bits that nobody agreed on.
        (b"\xc1\0", Role::Client, 0),
        (b"\xa1\0", Role::Client, 0),
        (b"\x91\0", Role::Client, 0),
        // A continuation of nothing, also behind a whole message, and a message in a message, also behind a ping.
        (b"\x80\0", Role::Client, 0),
        (b"\0\0", Role::Client, 0),
        (b"\x81\0\x80\0", Role::Client, 2),
        (b"\x01\0\x81\0", Role::Client, 2),
        (b"\x02\0\x89\0\x02\0", Role::Client, 4),
    ] {
        let (_, error) = read(bytes, || FrameDecoder::new(role));
        let error = error.unwrap_or_default();
        assert!(error.starts_with(&format!("at offset {offset}: ")), "{bytes:?}: {error}");
    }
    let allowed = || FrameDecoder::new(Role::Client).allow_reserved(4);
    let (frames, error) = read(b"\xc1\x01a\x81\x01b", allowed);
    assert_eq!((frames.iter().map(|(head, _)| head.reserved).collect::<Vec<_>>(), error), (vec![4, 0], None));
    assert!(read(b"\xe1\0", allowed).1.is_some());
}

#[test]
fn a_frame_beyond_the_limit_is_refused_by_its_head() {
    let make = || FrameDecoder::new(Role::Client).max_len(300);
    assert_eq!(read(&[&b"\x82\x7e\x01\x2c"[..], &[7; 300]].concat(), make).1, None);
    let error = WebSocketError::TooLong { offset: 0, limit: 300, unit: "frame" };
    assert_eq!(read(b"\x82\x7e\x01\x2d", make), (vec![], Some(error.to_string())));
    assert_eq!(read(b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", make), (vec![], Some(error.to_string())));
    assert_eq!(error.close_code(), CloseCode::TOO_LARGE);
}

#[test]
fn a_stream_that_ends_within_a_frame_or_a_message_is_truncated() {
    for bytes in [&b"\x82"[..], b"\x82\x02", b"\x82\x02a", b"\x02\x01a", b"\x02\0\x89\0", b"\x82\x7e\x01"] {
        assert_eq!(read(bytes, || FrameDecoder::new(Role::Client)).1.as_deref(), Some("truncated"), "{bytes:?}");
    }
}

#[test]
fn parts_are_unmasked_into_the_callers_memory() {
    let text = b"the quick brown fox jumps over the lazy dog, twice over";
    let mut out = SmallBlocks::of(7);
    write(Frame::binary(&text[..]), Some(KEY), &mut out).unwrap();
    let buffer: SequenceBuf = out.pieces().into_iter().map(Slice::copy_from_slice).collect();
    let (mut frames, mut cursor) = (FrameDecoder::new(Role::Server), buffer.as_sequence().cursor());
    assert!(matches!(frames.decode(&mut cursor), Ok(Decoded::Value(Piece::Head(_)))));
    let Ok(Decoded::Value(Piece::Payload(part))) = frames.decode(&mut cursor) else { panic!("a payload") };
    assert_eq!((part.len(), part.unmasked()), (text.len(), None::<Sequence<'_>>));
    for room in 0..=text.len() + 3 {
        let mut memory = vec![b'?'; room];
        let len = part.copy_to(&mut memory);
        assert_eq!(len, room.min(text.len()));
        assert_eq!((&memory[..len], memory[len..].iter().all(|byte| *byte == b'?')), (&text[..len], true));
    }
    let mut back = SmallBlocks::of(5);
    part.write_to(&mut back).unwrap();
    assert_eq!((back.bytes(), part.to_vec()), (text.to_vec(), text.to_vec()));
}

/// Against the RFC's own words: octet i is combined with octet i modulo 4 of the key.
#[test]
fn masks_go_on_at_any_byte() {
    let bytes: Vec<u8> = (0..100).collect();
    let expected: Vec<u8> = bytes.iter().enumerate().map(|(i, byte)| byte ^ KEY[i % 4]).collect();
    for first in 0..=bytes.len() {
        for second in [first, first + 1, first + 2, first + 33, bytes.len()] {
            let second = second.min(bytes.len());
            let (mut mask, mut copying, mut copied) = (Mask::new(KEY), Mask::new(KEY), vec![0; bytes.len()]);
            let mut applied = bytes.clone();
            for range in [0..first, first..second, second..bytes.len()] {
                mask.apply(&mut applied[range.clone()]);
                copying.copy(&bytes[range.clone()], &mut copied[range]);
            }
            assert_eq!((&applied, &copied), (&expected, &expected), "{first} {second}");
        }
    }
}

#[test]
fn payloads_larger_than_a_block_are_streamed() {
    let payload: Vec<u8> = (0..10_000).map(|i| (i % 251) as u8).collect();
    let mut whole = SmallBlocks::of(64);
    write(Frame::binary(&payload[..]), Some(KEY), &mut whole).unwrap();
    let mut out = SmallBlocks::of(64);
    let mut writer = FrameEncoder::client(|| KEY).begin(Opcode::Binary, true, 10_000, &mut out).unwrap();
    for part in payload.chunks(777) {
        assert!(!writer.is_done());
        assert!(matches!(writer.write([0; 10_001], &mut out), Err(EncodeError::TooLong { .. })));
        writer.write(part, &mut out).unwrap();
    }
    assert!(writer.is_done());
    assert_eq!(out.bytes(), whole.bytes());
}

#[test]
fn frames_that_are_not_due_are_not_written() {
    let mut out = Vec::new();
    let mut frames = FrameEncoder::server();
    assert!(matches!(frames.encode(Frame::continuation("x"), &mut out), Err(EncodeError::Unrepresentable { .. })));
    assert!(matches!(frames.encode(Frame::ping("x").fragment(), &mut out), Err(EncodeError::Unrepresentable { .. })));
    assert!(matches!(frames.encode(Frame::ping(&[0; 126]), &mut out), Err(EncodeError::TooLong { limit: 125, .. })));
    let reason = "r".repeat(124);
    let close = Frame::close(CloseCode::NORMAL, &reason);
    assert!(matches!(frames.encode(close, &mut out), Err(EncodeError::TooLong { limit: 125, .. })));
    assert!(frames.begin(Opcode::Binary, true, 1 << 63, &mut out).is_err());
    assert!(out.is_empty());
    frames.encode(Frame::text("a").fragment(), &mut out).unwrap();
    frames.encode(Frame::ping("p"), &mut out).unwrap();
    assert!(frames.encode(Frame::text("b"), &mut out).is_err());
    frames.encode(Frame::continuation("c").fragment(), &mut out).unwrap();
    frames.encode(Frame::continuation("d"), &mut out).unwrap();
    assert!(frames.encode(Frame::continuation("e"), &mut out).is_err());
    assert_eq!(out, b"\x01\x01a\x89\x01p\0\x01c\x80\x01d");
}

#[test]
fn a_frame_that_found_no_memory_was_not_begun() {
    let mut full = SmallBlocks::of(8).at_most(0);
    let mut frames = FrameEncoder::server();
    assert!(matches!(frames.encode(Frame::text("a").fragment(), &mut full), Err(EncodeError::Write(_))));
    let mut out = Vec::new();
    frames.encode(Frame::text("a"), &mut out).unwrap();
    assert_eq!(out, b"\x81\x01a");
}

/// RFC 6455, section 5.5.1: behind a close frame no data is sent; and no control frame says anything to anyone.
#[test]
fn nothing_is_written_behind_a_close_frame() {
    let mut out = Vec::new();
    let mut frames = FrameEncoder::server();
    frames.encode(Frame::text("Hel").fragment(), &mut out).unwrap();
    frames.encode(Frame::close(CloseCode::NORMAL, "bye"), &mut out).unwrap();
    assert!(frames.is_closed());
    let before = out.clone();
    let refused = |result: Result<(), EncodeError>| assert!(matches!(result, Err(EncodeError::Unrepresentable { .. })));
    refused(frames.encode(Frame::text("x"), &mut out));
    refused(frames.encode(Frame::binary("x"), &mut out));
    refused(frames.encode(Frame::continuation("lo"), &mut out));
    refused(frames.encode(Frame::ping("x"), &mut out));
    refused(frames.encode(Frame::pong("x"), &mut out));
    refused(frames.encode(Frame::close(CloseCode::NORMAL, ""), &mut out));
    refused(frames.begin(Opcode::Binary, true, 1, &mut out).map(drop));
    assert_eq!(out, before);
    // Also when the close frame was begun, and its payload comes behind it; not when it was not written.
    let mut frames = FrameEncoder::server();
    frames.encode(Frame::close(CloseCode::NORMAL, ""), &mut SmallBlocks::of(1).at_most(0)).unwrap_err();
    assert!(!frames.is_closed());
    let mut payload = frames.begin(Opcode::Close, true, 2, &mut out).unwrap();
    payload.write(&[3, 232][..], &mut out).unwrap();
    refused(frames.encode(Frame::text("x"), &mut out));
}
