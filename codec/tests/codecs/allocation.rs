//! Nothing is allocated for a value, whichever way it goes, once the writer has its memory.

use std::fmt::Write;

use headpond_codec::{
    Decode, Decoded, Decoder, Encode, Encoder,
    ascii::{Ascii, Lowercase},
    base::Base,
    chunked::{ChunkedDecoder, Piece, write_chunk, write_chunk_with, write_end},
    cobs::Cobs,
    delimited::Delimited,
    encoding::{Encoding, TextDecoder, TextEncoder},
    http_date::HttpDate,
    json::{self, JsonDecoder},
    messagepack::{self, Timestamp as Instant},
    netstring::Netstring,
    number::write_float,
    percent::{COMPONENT, Percent, PercentDecoder},
    record::{Record, RecordRef},
    resp,
    rfc3339::{self, Rfc3339},
    text::Text,
    utf8::{self, Malformed, Utf8Decoder},
    websocket::{Event, Frame, FrameEncoder, MessageDecoder, Role},
};
use headpond_pool::{Sequence, SequenceBuf, Slice};
use jiff::Timestamp;
use zerocopy::byteorder::network_endian::U64;

/// Runs `work` and fails if it allocated.
fn without_allocation(what: &str, work: impl FnOnce()) {
    let counts = allocation_counter::measure(work);
    assert_eq!((counts.count_total, counts.bytes_total), (0, 0), "{what}");
}

/// Text in chunks of three bytes.
fn cut(bytes: &[u8]) -> SequenceBuf {
    bytes.chunks(3).map(Slice::copy_from_slice).collect()
}

#[test]
fn encoding_a_value_allocates_nothing() {
    let mut out = Vec::with_capacity(4096);
    let encoding = Encoding::for_label(b"gb18030").unwrap();
    let document = serde_json::json!({ "name": "head\npond", "sizes": [1, 2.5, null, { "deep": true }] });
    without_allocation("encoders", || {
        write!(out.text(), "{:>8}|{:?}", 42, "é").unwrap();
        write_float(&mut out, 0.1_f64 + 0.2).unwrap();
        Base::Base64.of("headpond").encode(&mut out).unwrap();
        Percent::new("50 %", COMPONENT).encode(&mut out).unwrap();
        HttpDate::from_unix_seconds(784_111_777).unwrap().encode(&mut out).unwrap();
        Rfc3339::new(Timestamp::UNIX_EPOCH).precision(3).encode(&mut out).unwrap();
        Record(U64::new(7)).encode(&mut out).unwrap();
        Lowercase("HEAD").encode(&mut out).unwrap();
        let mut encoder = TextEncoder::new(encoding).unmappable(Malformed::Replace);
        encoder.encode("一丂🦀\u{e5e5}", &mut out).unwrap();
        encoder.finish(&mut out).unwrap();
        json::write(&mut out, &document).unwrap();
    });
    assert!(out.ends_with(br#"{"name":"head\npond","sizes":[1,2.5,null,{"deep":true}]}"#));
}

fn decoders(texts: [Sequence<'_>; 8], out: &mut Vec<u8>) -> (usize, u64) {
    let [utf8, shift_jis, base64, percent, http_date, time, record, json] = texts;
    let (mut parts, mut cursor) = (Utf8Decoder::new(), utf8.cursor());
    let mut len = 0;
    while let Some(part) = parts.finish(&mut cursor).unwrap() {
        len += part.len();
    }
    utf8::validate(utf8).unwrap();
    let mut decoder = TextDecoder::new(Encoding::for_label(b"sjis").unwrap()).malformed(Malformed::Replace);
    decoder.finish(&mut shift_jis.cursor(), out).unwrap();
    Base::Base64.finish(&mut base64.cursor(), out).unwrap();
    PercentDecoder::new().finish(&mut percent.cursor(), out).unwrap();
    let date = HttpDate::parse(http_date.trim_ascii()).unwrap();
    let time = rfc3339::parse(time).unwrap();
    let record = RecordRef::<U64>::decode(&mut record.cursor()).unwrap().value().unwrap();
    let mut values = JsonDecoder::new();
    let Decoded::Value(value) = values.decode(&mut json.cursor()).unwrap() else { panic!("no value") };
    let numbers: [u16; 3] = json::read(value).unwrap();
    (len, date.unix_seconds() + time.as_second() as u64 + record.get() + u64::from(numbers[2]))
}

#[test]
fn decoding_a_value_allocates_nothing() {
    let buffers = [
        cut("Ünïcödé".as_bytes()),
        cut(b"\x82\xa0\x83\x8f\xff"),
        cut(b"aGVhZHBvbmQ="),
        cut(b"50%20%25"),
        cut(b" Thu, 01 Jan 1970 00:01:40 GMT "),
        cut(b"1970-01-01T00:00:07.5Z"),
        cut(b"\0\0\0\0\0\0\x01\0"),
        cut(b"[1,2,300] "),
    ];
    let texts = buffers.each_ref().map(SequenceBuf::as_sequence);
    let mut out = Vec::with_capacity(4096);
    without_allocation("decoders", || {
        assert_eq!(decoders(texts, &mut out), (11, 100 + 7 + 256 + 300));
    });
    assert_eq!(out, "あワ\u{fffd}headpond50 %".as_bytes());
}

#[test]
fn writing_a_frame_allocates_nothing() {
    let mut out = Vec::with_capacity(4096);
    let long = "x".repeat(300);
    without_allocation("frames", || {
        Delimited::by(b"\r\n").encode("a line", &mut out).unwrap();
        Delimited::by_any_of(b",;").encode("a field", &mut out).unwrap();
        Netstring::new().encode("text", &mut out).unwrap();
        Cobs::new().encode("a\0b", &mut out).unwrap();
        write_chunk(&mut out, "data").unwrap();
        write_chunk_with(&mut out, |out| "more".encode(out)).unwrap();
        write_end(&mut out, [("name", "value")]).unwrap();
        let mut frames = FrameEncoder::client(|| [1, 2, 3, 4]);
        frames.encode(Frame::text("short"), &mut out).unwrap();
        frames.encode(Frame::text(&long[..]), &mut out).unwrap();
        messagepack::Token::String("text").encode(&mut out).unwrap();
        messagepack::Token::<&str>::Timestamp(Instant::new(-1, 5).unwrap()).encode(&mut out).unwrap();
        resp::Token::Bulk(&long[..]).encode(&mut out).unwrap();
    });
    assert!(out.len() > 2 * long.len());
}

#[test]
fn reading_a_frame_allocates_nothing() {
    let chunked = cut(b"5;a=b\r\nhello\r\n0\r\nname: value\r\n\r\n");
    let websocket = cut(b"\x01\x04caf\xc3\x89\x02hi\x80\x01\xa9");
    let scalar = cut(b"\xdb\0\0\0\x04text");
    let (mut out, mut data) = (Vec::with_capacity(4096), 0);
    without_allocation("frames", || {
        let (mut decoder, mut cursor) = (ChunkedDecoder::new(), chunked.as_sequence().cursor());
        while let Decoded::Value(piece) = decoder.decode(&mut cursor).unwrap() {
            if let Piece::Data(part) = piece {
                data += part.len();
            }
        }
        assert!(decoder.is_done());
        let (mut decoder, mut cursor) = (MessageDecoder::new(Role::Client), websocket.as_sequence().cursor());
        let ping = decoder.decode_into(&mut cursor, &mut out).unwrap();
        assert!(matches!(ping, Decoded::Value(Event::Ping(payload)) if *payload == *b"hi"));
        assert_eq!(decoder.decode_into(&mut cursor, &mut out).unwrap(), Decoded::Value(Event::Text(5)));
        let mut decoder = messagepack::FrameDecoder::new();
        let frame = decoder.decode(&mut scalar.as_sequence().cursor()).unwrap().value().unwrap();
        assert!(matches!(frame.first(), messagepack::Token::String(text) if text == "text"));
    });
    assert_eq!((&out[..], data), ("caf\u{e9}".as_bytes(), 5));
}
