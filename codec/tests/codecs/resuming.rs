//! What a decoder has looked at it does not look at again while it waits: else a stream that comes byte by byte takes the square of
//! its length.
//!
//! No clock tells that. The bytes that were offered before are changed behind the decoder's back, each time before one more comes:
//! whoever reads them again comes to something else.

use headpond_codec::{
    Decoded, Decoder,
    chunked::ChunkedDecoder,
    cobs::Cobs,
    delimited::Delimited,
    length_delimited::LengthDelimited,
    line::{LineDecoder, LineEnding},
    messagepack,
    netstring::Netstring,
    prefix::{LengthPrefix, Prefixed},
    resp::{self, CommandDecoder},
    utf8::Utf8Decoder,
    websocket::{self, Role},
};
use headpond_pool::{SequenceBuf, Slice};

/// So many of the last bytes may be looked at again with each that comes: a number without its end, half of a delimiter.
const FEW: usize = 24;

/// What bytes are changed to, over and over: whatever ends, begins or spoils something.
const CHANGES: [&[u8]; 11] = [b"\0", b"\n", b"\r", b"\r\n", b"\r\n--\r\n", b"\"", b"]", b"1", b"$", b";", b"\xc1"];

/// A stream. Every second part is a head of a few bytes, which may be looked at until what it announces is complete.
struct Stream {
    bytes: Vec<u8>,
    is_head: Vec<bool>,
}

/// An item is complete when so many bytes of the stream have come, and ends behind so many.
type End = (usize, usize);

impl Stream {
    fn of(parts: &[&[u8]]) -> Self {
        let (mut bytes, mut is_head) = (Vec::new(), Vec::new());
        for (index, part) in parts.iter().enumerate() {
            assert!(index % 2 == 0 || part.len() < FEW, "a head is short");
            bytes.extend_from_slice(part);
            is_head.resize(bytes.len(), index % 2 == 1);
        }
        Self { bytes, is_head }
    }

    /// What is offered, in one chunk or one for each byte; what was offered before is `changed`.
    fn offer(&self, consumed: usize, len: usize, changed: Option<&[u8]>, in_one: bool) -> SequenceBuf {
        let mut bytes = self.bytes[..len].to_vec();
        if let Some(changed) = changed {
            let before = consumed..len.saturating_sub(FEW);
            before.filter(|at| !self.is_head[*at]).for_each(|at| bytes[at] = changed[at % changed.len()]);
        }
        let width = if in_one { len - consumed } else { 1 };
        let gone = [Slice::copy_from_slice(&bytes[..consumed])];
        let mut buffer: SequenceBuf =
            gone.into_iter().chain(bytes[consumed..].chunks(width.max(1)).map(Slice::copy_from_slice)).collect();
        buffer.consume(consumed);
        buffer
    }

    /// The items of a stream that comes byte by byte. The bytes before are changed, but for when an item is complete: then it may be
    /// read as a whole, once.
    fn decode<D: Decoder>(&self, mut decoder: D, changed: Option<(&[u8], &[End])>, in_one: bool) -> Vec<End> {
        let (mut ends, mut consumed) = (Vec::<End>::new(), 0);
        for len in 1..=self.bytes.len() {
            loop {
                let changed =
                    changed.filter(|(_, plain)| plain.get(ends.len()).is_none_or(|(complete, _)| *complete != len));
                let buffer = self.offer(consumed, len, changed.map(|(bytes, _)| bytes), in_one);
                let mut cursor = buffer.as_sequence().cursor();
                match decoder.decode(&mut cursor) {
                    Ok(Decoded::NeedMore(_)) => break,
                    Ok(Decoded::Value(_)) => consumed = cursor.position().offset() as usize,
                    Err(error) => panic!("{error}, with {len} bytes of {}", self.bytes.escape_ascii()),
                }
                ends.push((len, consumed));
            }
        }
        ends
    }
}

/// Checks that a decoder finds so many items in the parts, whatever becomes of the bytes that it has looked at.
fn looks_once<D: Decoder>(make: impl Fn() -> D, items: usize, parts: &[&[u8]]) {
    let stream = Stream::of(parts);
    let plain = stream.decode(make(), None, true);
    assert_eq!(plain.len(), items, "{plain:?}");
    for (in_one, change) in [true, false].into_iter().flat_map(|in_one| CHANGES.map(|change| (in_one, change))) {
        let found = stream.decode(make(), Some((change, &plain)), in_one);
        assert_eq!(found, plain, "{} stands behind, in one chunk: {in_one}", change.escape_ascii());
    }
}

/// Bytes that end nothing, more than may be looked at again.
const LONG: &[u8] = &[b'x'; 70];

#[test]
fn what_ends_with_a_mark() {
    for ending in [LineEnding::Lf, LineEnding::CrLf, LineEnding::Any] {
        looks_once(|| LineDecoder::new().ending(ending), 2, &[LONG, b"", b"\r\n", b"", LONG, b"", b"\r\n"]);
    }
    looks_once(|| Delimited::by(b"\r\n--\r\n"), 2, &[LONG, b"", b"\r\n-", b"", LONG, b"", b"\r\n--\r\n\r\n--\r\n"]);
    looks_once(|| Delimited::by_any_of(b";\n"), 2, &[LONG, b"", b";", b"", LONG, b"", b"\n"]);
    let stuffed = [&[71][..], LONG, &[71], LONG, &[0]].concat();
    looks_once(Cobs::new, 2, &[&stuffed, b"", &stuffed]);
}

#[test]
fn what_has_a_length() {
    for (prefix, head) in [
        (LengthPrefix::U8, &[70][..]),
        (LengthPrefix::U16Be, &[0, 70]),
        (LengthPrefix::U16Le, &[70, 0]),
        (LengthPrefix::U32Be, &[0, 0, 0, 70]),
        (LengthPrefix::U32Le, &[70, 0, 0, 0]),
        (LengthPrefix::Varint, &[70]),
    ] {
        looks_once(|| Prefixed::new(prefix), 2, &[b"", head, LONG, head, LONG]);
    }
    looks_once(LengthDelimited::new, 2, &[b"", &[0, 0, 0, 70], LONG, &[0, 0, 0, 70], LONG]);
    looks_once(Netstring::new, 2, &[b"", b"70:", LONG, b",70:", LONG, b","]);
}

#[test]
fn the_lines_of_a_chunked_body() {
    let line = [b"; name=\"", LONG, b"\""].concat();
    let trailer = [b"name: ", LONG].concat();
    let parts = [b"5".as_slice(), &line, b"\r\nhello\r\n0", &line, b"\r\n", &trailer, b"\r\n\r\n"].concat();
    // Two heads, each byte of the data, a trailer and the end.
    looks_once(ChunkedDecoder::new, 9, &[&parts]);
}

#[test]
fn resp() {
    let numbers = ":1\r\n".repeat(20);
    let map = "%1\r\n_\r\n#t\r\n".repeat(5);
    let parts: [&[u8]; 9] = [
        b"*28\r\n",
        b"",
        numbers.as_bytes(),
        b"+",
        &[LONG, b"\r\n"].concat(),
        b"$70\r\n",
        &[LONG, b"\r\n"].concat(),
        b"",
        &[map.as_bytes(), b"_\r\n"].concat(),
    ];
    looks_once(resp::FrameDecoder::new, 1, &parts);
    looks_once(resp::TokenDecoder::new, 1 + 20 + 2 + 15 + 1, &parts);
    for sign in [b"+", b"-"] {
        looks_once(
            resp::TokenDecoder::new,
            2,
            &[b"", sign, &[LONG, b"\r\n"].concat(), sign, &[LONG, b"\r\n"].concat()],
        );
    }
    let digits = [b'7'; 70];
    looks_once(resp::TokenDecoder::new, 1, &[b"", b"(", &digits, b"", b"\r\n"]);
    looks_once(resp::TokenDecoder::new, 1, &[b"", b",", &digits, b"", b"\r\n"]);
}

#[test]
fn commands_of_resp() {
    let short = "$1\r\na\r\n".repeat(12);
    let parts: [&[u8]; 5] = [b"*14\r\n", b"", short.as_bytes(), b"$70\r\n", &[LONG, b"\r\n$0\r\n\r\n"].concat()];
    looks_once(CommandDecoder::new, 1, &parts);
    // The first byte tells that it is a line.
    looks_once(
        CommandDecoder::new,
        2,
        &[b"", b"s", &[b"et k ", LONG, b"\r\n"].concat(), b"g", &[b"et ", LONG, b"\n"].concat()],
    );
}

#[test]
fn messagepack_values() {
    let short = [0x92, 0xa1, b'a', 0xc0].repeat(20);
    let parts: [&[u8]; 6] = [b"\xdc\0\x16", b"", &short, b"\xd9\x46", LONG, b"\xc4\0"];
    looks_once(messagepack::FrameDecoder::new, 1, &parts);
    looks_once(messagepack::TokenDecoder::new, 1 + 60 + 2, &parts);
}

#[test]
fn websocket_frames_and_messages() {
    // In frames, each byte of a payload is a part.
    let parts: [&[u8]; 6] = [b"", b"\x01\x46", LONG, b"\x80\x46", LONG, b"\x89\0"];
    looks_once(|| websocket::FrameDecoder::new(Role::Client), 3 + 140, &parts);
    looks_once(|| websocket::MessageDecoder::new(Role::Client), 2, &parts);
}

#[test]
fn text() {
    looks_once(Utf8Decoder::new, 70 + 2, &[LONG, b"", "é🦀".as_bytes()]);
}

#[cfg(feature = "serde_json")]
#[test]
fn json_values() {
    use headpond_codec::json::JsonDecoder;

    let nested = format!("[{}\"{}\"{}]", "[{\"a\":1},".repeat(10), "x\\\"".repeat(20), "]".repeat(10));
    looks_once(JsonDecoder::new, 2, &[nested.as_bytes(), b"", &[b"\n  ", &[b'7'; 70][..], b" "].concat()]);
}

#[cfg(feature = "prost")]
#[test]
fn protobuf_messages() {
    use headpond_codec::protobuf::MessageCodec;

    looks_once(MessageCodec::<String>::new, 1, &[b"", b"\x48\x0a\x46", LONG]);
}
