//! WebSocket's frames and messages, against a reading byte by byte that gathers everything.

use headpond_codec::{
    Decoded, Encoder,
    websocket::{Event, Frame, FrameDecoder, FrameEncoder, FrameHead, Message, MessageDecoder, Opcode, Piece, Role},
};
use headpond_pool::{SequenceBuf, Slice};

use super::{Bytes, End, Outcome, Stop, Stream};

/// What a stream is made of: items are frames.
pub type Op = super::Op<Item>;

/// A frame, or what is like one.
#[derive(Debug, Clone, arbitrary::Arbitrary)]
pub struct Item {
    first: u8,
    key: [u8; 4],
    payload: Vec<u8>,
    /// Written as often as that.
    repeat: u8,
}

/// A head as text, and a payload, put together.
type Seen = (String, Vec<u8>);

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let is_server = match ops.iter().rev().find(|op| matches!(op, super::Op::Options(..))) {
        Some(super::Op::Options(variant, _)) => variant % 2 == 1,
        _ => false,
    };
    let words: &[&[u8]] = &[
        b"\x81\x05Hello",
        b"\x01\x03Hel",
        b"\x80\x02lo",
        b"\x89\0",
        b"\x88\x02\x03\xe8",
        b"\x82\x7e",
        b"\x82\x7f",
        b"\xe2\x82",
        b"\xac",
        b"\0\0",
        b"\x80\0",
        b"\x01\x02\xe2\x82",
        b"\x80\x01\xac",
    ];
    let stream = Stream::of(ops, words, |item, out| write(item, is_server, out));
    let role = if is_server { Role::Server } else { Role::Client };
    let limit = stream.limit.map_or(1 << 20, |limit| limit as u64);

    let make = || FrameDecoder::new(role).max_len(limit);
    let (frames, end) = stream.decode(make, |all: &mut Vec<Seen>, piece| match piece {
        Piece::Head(head) => all.push((format!("{head:?}"), Vec::new())),
        Piece::Payload(part) => all.last_mut().expect("a head comes first").1.extend(part.to_vec()),
        other => panic!("another kind of piece: {other:?}"),
    });
    let Frames { frames: naive, end: naive_end, len } = read(&stream.bytes, is_server, limit);
    let naive_seen: Vec<Seen> = naive.iter().map(|(head, payload)| (format!("{head:?}"), payload.clone())).collect();
    assert_eq!((&frames, end.kind()), (&naive_seen, naive_end.clone()));

    // A message may be twice as long as a frame.
    let make = || MessageDecoder::new(role).max_frame_len(limit).max_len(2 * limit);
    let messages = stream.decode(make, |all: &mut Vec<String>, message| all.push(told(&message)));
    let expected = messages_of(&naive, naive_end, len < stream.bytes.len(), 2 * limit);
    let expected = super::settled(expected, &messages.1, &stream.bytes, &more(), |bytes| {
        let Frames { frames, end, len } = read(bytes, is_server, limit);
        messages_of(&frames, end, len < bytes.len(), 2 * limit)
    });
    assert_eq!((&messages.0, messages.1.kind()), (&expected.0, expected.1));
    into_memory(&stream, make, &messages);
    write_again(&naive, is_server);
}

fn write(item: &Item, is_masked: bool, out: &mut Vec<u8>) {
    for _ in 0..=item.repeat % 4 {
        let len = item.payload.len();
        let mask = if is_masked { 0x80 } else { 0 };
        out.push(item.first & 0x8f);
        match len {
            0..126 => out.push(len as u8 | mask),
            _ => {
                out.push(126 | mask);
                out.extend_from_slice(&(len as u16).to_be_bytes());
            }
        }
        if is_masked {
            out.extend_from_slice(&item.key);
        }
        out.extend(
            item.payload
                .iter()
                .zip(item.key.iter().cycle())
                .map(|(byte, key)| if is_masked { byte ^ key } else { *byte }),
        );
    }
}

/// What may follow the beginning of a message.
fn more() -> Vec<Vec<u8>> {
    let heads = (0..13).map(|zeros| vec![0; zeros]).chain([
        b"\x80\0".to_vec(),
        b"\x80\x80\0\0\0\0".to_vec(),
        b"\x80\x02aa".to_vec(),
    ]);
    let payloads: [&[u8]; 6] = [b"", b"a", b"\x80", b"\x80\x80", b"\x80\x80\x80", b"\x03\xe8"];
    heads.flat_map(|head| payloads.map(|payload| [&head[..], payload].concat())).collect()
}

/// The frames of a stream, the last of which may lack a part of its payload, how it ends, and up to where they go.
struct Frames {
    frames: Vec<(FrameHead, Vec<u8>)>,
    end: End,
    len: usize,
}

fn read(bytes: &[u8], is_server: bool, limit: u64) -> Frames {
    let (mut bytes, mut frames, mut is_open, mut is_closed) = (Bytes::of(bytes), Vec::new(), false, false);
    loop {
        let len = bytes.at;
        if bytes.is_empty() {
            return Frames { frames, end: if is_open && !is_closed { End::Truncated } else { End::Clean }, len };
        }
        if is_closed {
            return Frames { frames, end: Stop::Failed.end(), len };
        }
        let head = match read_head(&mut bytes, is_server, is_open, limit) {
            Ok(head) => head,
            Err(stop) => return Frames { frames, end: stop.end(), len },
        };
        if !head.opcode.is_control() {
            is_open = !head.is_final;
        }
        is_closed = head.opcode == Opcode::Close;
        let there = head.len.min((bytes.all.len() - bytes.at) as u64);
        let payload = bytes.take(there).expect("it is there").iter().enumerate();
        let payload = payload.map(|(at, byte)| head.mask.map_or(*byte, |key| byte ^ key[at % 4])).collect();
        frames.push((head, payload));
        if there < head.len {
            return Frames { frames, end: End::Truncated, len: bytes.at };
        }
    }
}

fn read_head(bytes: &mut Bytes<'_>, is_server: bool, is_open: bool, limit: u64) -> Result<FrameHead, Stop> {
    let first = bytes.next()?;
    let opcode = match first & 0xf {
        0 => Opcode::Continuation,
        1 => Opcode::Text,
        2 => Opcode::Binary,
        8 => Opcode::Close,
        9 => Opcode::Ping,
        10 => Opcode::Pong,
        _ => return Err(Stop::Failed),
    };
    let (is_final, is_control) = (first >= 0x80, first & 8 != 0);
    let is_due = is_control || is_open == (opcode == Opcode::Continuation);
    if is_control && !is_final || first & 0x70 != 0 || !is_due {
        return Err(Stop::Failed);
    }
    let second = bytes.next()?;
    let (is_masked, short) = (second >= 0x80, second & 0x7f);
    if is_control && short > 125 || is_masked != is_server {
        return Err(Stop::Failed);
    }
    let size = [0, 2, 8][usize::from(short.saturating_sub(125))];
    let (least, most) = match size {
        0 => (u64::from(short), u64::from(short)),
        _ => bounds_of(bytes, size),
    };
    let shortest = [0, 126, 65_536][usize::from(short.saturating_sub(125))];
    if most < shortest || least.max(shortest) > limit.min(i64::MAX as u64) {
        return Err(Stop::Failed);
    }
    bytes.take(size)?;
    let mask = if is_masked { Some((bytes.number(4)? as u32).to_be_bytes()) } else { None };
    Ok(FrameHead { is_final, reserved: 0, opcode, mask, len: least })
}

/// The least and the most that a number of so many bytes may be, of which some may be missing.
fn bounds_of(bytes: &Bytes<'_>, size: u64) -> (u64, u64) {
    let filled = |filler: u8| {
        let there = bytes.all[bytes.at..].iter().copied().chain(std::iter::repeat(filler));
        there.take(size as usize).fold(0, |number, byte| number << 8 | u64::from(byte))
    };
    (filled(0), filled(0xff))
}

/// What the frames amount to, and how the stream ends then.
fn messages_of(frames: &[(FrameHead, Vec<u8>)], end: End, has_more: bool, limit: u64) -> Outcome<String> {
    let (mut messages, mut whole, mut announced, mut is_text) = (Vec::new(), Vec::new(), 0, false);
    let failed = End::Failed(String::new());
    let mut is_closed = false;
    for (head, payload) in frames {
        if is_closed {
            return (messages, failed);
        }
        let is_complete = payload.len() as u64 == head.len;
        match head.opcode {
            Opcode::Ping if is_complete => messages.push(format!("Ping {payload:?}")),
            Opcode::Pong if is_complete => messages.push(format!("Pong {payload:?}")),
            Opcode::Close if is_complete => match close_of(payload) {
                Some(close) => {
                    messages.push(close);
                    is_closed = true;
                }
                None => return (messages, failed),
            },
            Opcode::Ping | Opcode::Pong | Opcode::Close => {}
            _ => {
                if head.opcode != Opcode::Continuation {
                    (whole, announced, is_text) = (Vec::new(), 0, head.opcode == Opcode::Text);
                }
                announced += head.len;
                if announced > limit {
                    return (messages, failed);
                }
                whole.extend_from_slice(payload);
                let is_last = head.is_final && is_complete;
                match std::str::from_utf8(&whole) {
                    Err(error) if is_text && (is_last || error.error_len().is_some()) => return (messages, failed),
                    _ if is_last && is_text => messages.push(format!("Text {whole:?}")),
                    _ if is_last => messages.push(format!("Binary {whole:?}")),
                    _ => {}
                }
            }
        }
    }
    // Behind the close frame a single byte is one too many, be it a frame or not. It may leave a message unfinished.
    match (is_closed, has_more) {
        (true, true) => (messages, failed),
        (true, false) => (messages, End::Clean),
        (false, _) => (messages, end),
    }
}

fn close_of(payload: &[u8]) -> Option<String> {
    match payload {
        [] => Some("Close".to_owned()),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            let is_known = (1000..=1014).contains(&code) && !(1004..=1006).contains(&code);
            let reason = std::str::from_utf8(reason).ok()?;
            (is_known || (3000..5000).contains(&code)).then(|| format!("Close {code} {reason:?}"))
        }
        [_] => None,
    }
}

fn told(message: &Message) -> String {
    match message {
        Message::Text(text) => format!("Text {:?}", text.as_bytes()),
        Message::Binary(bytes) => format!("Binary {bytes:?}"),
        Message::Ping(payload) => format!("Ping {:?}", payload.to_vec()),
        Message::Pong(payload) => format!("Pong {:?}", payload.to_vec()),
        Message::Close(None) => "Close".to_owned(),
        Message::Close(Some(close)) => format!("Close {} {:?}", close.code().get(), close.reason()),
        other => panic!("another kind of message: {other:?}"),
    }
}

/// The same messages come when their payloads go to the caller's memory.
fn into_memory(stream: &Stream, make: impl Fn() -> MessageDecoder, expected: &Outcome<String>) {
    let (mut decoder, mut buffer, mut out) = (make(), SequenceBuf::new(), Vec::new());
    let (mut messages, mut error) = (Vec::new(), None);
    for piece in stream.pieces() {
        buffer.push(Slice::copy_from_slice(piece));
        let mut cursor = buffer.as_sequence().cursor();
        while error.is_none() {
            match decoder.decode_into(&mut cursor, &mut out) {
                Ok(Decoded::Value(event)) => messages.push(told_event(event, &mut out)),
                Ok(Decoded::NeedMore(_)) => break,
                Err(failed) => error = Some(failed.to_string()),
            }
        }
        let consumed = cursor.position() - buffer.start();
        buffer.consume(consumed);
    }
    assert_eq!(messages, expected.0);
    match &expected.1 {
        End::Failed(message) => assert_eq!(error.as_ref(), Some(message)),
        _ => assert_eq!(error, None),
    }
}

fn told_event(event: Event, out: &mut Vec<u8>) -> String {
    let mut payload = |len| {
        assert_eq!(out.len() as u64, len);
        std::mem::take(out)
    };
    match event {
        Event::Text(len) => format!("Text {:?}", payload(len)),
        Event::Binary(len) => format!("Binary {:?}", payload(len)),
        Event::Ping(payload) => format!("Ping {:?}", payload.to_vec()),
        Event::Pong(payload) => format!("Pong {:?}", payload.to_vec()),
        Event::Close(None) => "Close".to_owned(),
        Event::Close(Some(close)) => format!("Close {} {:?}", close.code().get(), close.reason()),
        other => panic!("another kind of event: {other:?}"),
    }
}

/// Whole frames can be written, and are the same bytes.
fn write_again(frames: &[(FrameHead, Vec<u8>)], is_masked: bool) {
    let whole = frames.iter().take_while(|(head, payload)| payload.len() as u64 == head.len);
    let (mut out, mut keys) = (Vec::new(), whole.clone().filter_map(|(head, _)| head.mask));
    let (mut client, mut server) = (FrameEncoder::client(|| keys.next().unwrap_or_default()), FrameEncoder::server());
    for (head, payload) in whole.clone() {
        let frame = Frame::new(head.opcode, &payload[..]);
        let frame = if head.is_final { frame } else { frame.fragment() };
        let written = if is_masked { client.encode(frame, &mut out) } else { server.encode(frame, &mut out) };
        written.expect("it was read");
    }
    let again = read(&out, is_masked, 1 << 20);
    assert_eq!(again.frames, whole.cloned().collect::<Vec<_>>());
    assert!(!matches!(again.end, End::Failed(_)));
}
