//! Nothing is allocated for a value, whichever way it goes, once the writer has its memory.

use headpond_codec::{
    Decode, Decoded, Decoder, Encode, Encoder,
    ascii::{Ascii, Lowercase, Uppercase},
    base::{Base, BaseEncoder},
    binary::{Be, Le},
    chunked::{ChunkedDecoder, ChunkedEncoder, Piece, write_chunk, write_chunk_with, write_end},
    cobs::Cobs,
    delimited::Delimited,
    encode_each,
    encoding::{Encoding, TextDecoder, TextEncoder},
    http_date::HttpDate,
    json::{self, JsonDecoder},
    length_delimited::LengthDelimited,
    line::LineDecoder,
    messagepack::{self, Timestamp as Instant},
    netstring::Netstring,
    number::{Decimal, parse_float, parse_integer, write_float, write_integer},
    percent::{COMPONENT, Percent, PercentDecoder},
    prefix::{LengthPrefix, Prefixed, write_prefixed},
    protobuf::MessageCodec,
    record::{Record, RecordRef, Records, write as write_records},
    resp::{self, RespEncoder, RespVersion},
    rfc3339::{self, Rfc3339},
    text::{Text, write_char, write_str},
    utf8::{self, Malformed, Utf8Decoder, Utf8Validator},
    varint::{Leb128, QuicVarint, ZigZag},
    websocket::{self, CloseCode, Event, Frame, FrameEncoder, MessageDecoder, Opcode, Role},
};
use headpond_pool::{Sequence, SequenceBuf, Slice};
use jiff::Timestamp;
use zerocopy::byteorder::network_endian::{U16, U64};

/// Runs `work` and fails if it allocated.
fn without_allocation(what: &str, work: impl FnOnce()) {
    let counts = allocation_counter::measure(work);
    assert_eq!((counts.count_total, counts.bytes_total), (0, 0), "{what}");
}

/// Takes the items of a stream that comes byte by byte, cut everywhere; what the decoder keeps for the levels of what nests it has from
/// the same stream before.
fn takes<D: Decoder>(what: &str, mut decoder: D, stream: &[u8], items: usize) {
    let buffer: SequenceBuf = stream.chunks(1).map(Slice::copy_from_slice).collect();
    let mut take = || {
        let (whole, mut start, mut found) = (buffer.as_sequence(), buffer.start(), 0);
        decoder.reset();
        for len in 1..=stream.len() {
            let mut cursor = whole.slice(start..whole.start() + len).cursor();
            while let Decoded::Value(_) = decoder.decode(&mut cursor).unwrap_or_else(|error| panic!("{what}: {error}"))
            {
                (start, found) = (cursor.position(), found + 1);
            }
        }
        assert_eq!((found, start), (items, whole.end()), "{what}");
    };
    take();
    without_allocation(what, take);
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

/// As long as the boundary of a body in parts may be, with what stands around it.
const BOUNDARY: &[u8] = b"\r\n--0123456789012345678901234567890123456789012345678901234567890123456789--";

#[test]
fn no_decoder_allocates_for_an_item() {
    takes("lines", LineDecoder::new(), b"one\r\ntwo\n", 2);
    takes("delimited", Delimited::by(b"\r\n\r\n"), b"a\r\nb\r\n\r\n\r\n\r\n", 2);
    takes("delimited by any", Delimited::by_any_of(b",;:|"), b"a,b;c|", 3);
    takes("delimited by much", Delimited::by(BOUNDARY), &[b"part", BOUNDARY, b"part", BOUNDARY].concat(), 2);
    takes("length-delimited", LengthDelimited::new().field_len(2), b"\0\x02ab\0\0", 2);
    takes("prefixed", Prefixed::new(LengthPrefix::Varint), b"\x02ab\x80\x80\x80\x80\0", 2);
    takes("netstrings", Netstring::new(), b"2:ab,0:,", 2);
    takes("COBS", Cobs::new(), b"\x03ab\x02c\0\x01\0", 2);
    takes("chunked", ChunkedDecoder::new(), b"2;a=b\r\nab\r\n0\r\nname: value\r\n\r\n", 6);
    takes("UTF-8", Utf8Decoder::new().malformed(Malformed::Replace), "a\u{e9}\u{1f980}".as_bytes(), 3);
    takes("JSON", JsonDecoder::new(), br#"[{"a":"\""}] 1[]"#, 3);
    takes("protobuf", MessageCodec::<u64>::new(), b"\x03\x08\x96\x01\0", 2);
    let values =
        "*2\r\n%1\r\n+k\r\n*?\r\n,1.5\r\n.\r\n$3\r\nabc\r\n|1\r\n+a\r\n(12\r\n$?\r\n;1\r\na\r\n;0\r\n".as_bytes();
    takes("RESP", resp::FrameDecoder::new(), values, 2);
    takes("tokens of RESP", resp::TokenDecoder::new(), values, 13);
    takes("parts of RESP", resp::TokenDecoder::new().split_above(2), b"$3\r\nabc\r\n", 5);
    takes("commands", resp::CommandDecoder::new(), b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\nset k 'v w'\r\n", 2);
    let values = b"\x92\x81\xa1k\x91\xca\x3f\xc0\0\0\xc4\x03abc\xd6\xff\0\0\0\x01";
    takes("MessagePack", messagepack::FrameDecoder::new(), values, 2);
    takes("tokens of MessagePack", messagepack::TokenDecoder::new(), values, 7);
    takes("parts of MessagePack", messagepack::TokenDecoder::new().split_above(2), b"\xa3abc", 4);
    takes(
        "WebSocket",
        websocket::FrameDecoder::new(Role::Server),
        b"\x81\x82\x01\x02\x03\x04ab\x89\x80\x01\x02\x03\x04",
        4,
    );
}

#[test]
fn no_number_and_no_text_is_read_by_way_of_the_heap() {
    let numbers = cut(b"\0\x01\x02\0\x96\x01\x03\x7b\xbd-12;");
    let texts = [&b"-170141183460469231731687303715884105728"[..], b"-1.5e-300", b" \tMiXeD \r\n"].map(cut);
    let whole = SequenceBuf::from("na\u{ef}ve");
    let records = cut(b"\0\x01\0\x02\0\x03");
    without_allocation("numbers and texts", || {
        let mut cursor = numbers.as_sequence().cursor();
        assert_eq!(Be::<u16>::decode(&mut cursor).unwrap(), Decoded::Value(Be(1)));
        assert_eq!(Le::<u16>::decode(&mut cursor).unwrap(), Decoded::Value(Le(2)));
        assert_eq!(Leb128::<u128>::decode(&mut cursor).unwrap(), Decoded::Value(Leb128(150)));
        assert_eq!(ZigZag::<i32>::decode(&mut cursor).unwrap(), Decoded::Value(ZigZag(-2)));
        assert_eq!(QuicVarint::decode_shortest(&mut cursor).unwrap().value().map(QuicVarint::get), Some(15_293));
        assert_eq!(Decimal::<i8>::decode(&mut cursor).unwrap(), Decoded::Value(Decimal(-12)));
        let [integer, float, mixed] = texts.each_ref().map(SequenceBuf::as_sequence);
        assert_eq!(parse_integer(integer), Ok(i128::MIN));
        assert_eq!(parse_float(float), Ok(-1.5e-300));
        assert!(mixed.trim_ascii().eq_ignore_ascii_case(b"mixed"));
        assert_eq!(utf8::decode(whole.as_sequence()).as_deref(), Ok("na\u{ef}ve"));
        let records = Records::<U16>::decode(&mut records.as_sequence().cursor(), 3).value().unwrap();
        assert_eq!(records.map(|record| record.unwrap().get()).sum::<u16>(), 6);
        let mut validator = Utf8Validator::new();
        whole.as_sequence().chunks().try_for_each(|chunk| validator.push(chunk)).unwrap();
    });
}

#[test]
fn no_encoder_allocates_beside_the_memory_it_writes_to() {
    let mut out = Vec::with_capacity(1 << 16);
    let long = "x".repeat(300);
    without_allocation("encoders", || {
        (Be(1_u16), Le(1.5_f64), Leb128(u128::MAX), ZigZag(-1_i64), QuicVarint::MAX).encode(&mut out).unwrap();
        write_integer(&mut out, i128::MIN).unwrap();
        encode_each([Decimal(1), Decimal(-1)], &mut out).unwrap();
        write_str(&mut out, &long).unwrap();
        write_char(&mut out, '\u{1f980}').unwrap();
        Uppercase("lower").encode(&mut out).unwrap();
        for prefix in [LengthPrefix::U16Be, LengthPrefix::U32Le, LengthPrefix::Varint] {
            Prefixed::new(prefix).encode(&long, &mut out).unwrap();
            write_prefixed(&mut out, prefix, |out| "body".encode(out)).unwrap();
        }
        LengthDelimited::new().encode(&long, &mut out).unwrap();
        Delimited::by(BOUNDARY).encode(&long, &mut out).unwrap();
        for base in [Base::Hex, Base::Base32, Base::Base64UrlNoPad] {
            let mut encoder = BaseEncoder::new(base);
            long.as_bytes().chunks(7).try_for_each(|piece| encoder.encode(piece, &mut out)).unwrap();
            encoder.finish(&mut out).unwrap();
        }
        let mut chunked = ChunkedEncoder::new();
        let pieces = [
            Piece::Chunk { size: 4, extensions: ";a=b" },
            Piece::Data("data"),
            Piece::Chunk { size: 0, extensions: "" },
        ];
        pieces.into_iter().try_for_each(|piece| chunked.encode(piece, &mut out)).unwrap();
        let mut frames = FrameEncoder::client(|| [1, 2, 3, 4]);
        let mut payload = frames.begin(Opcode::Binary, true, 600, &mut out).unwrap();
        payload.write(&long, &mut out).unwrap();
        frames.encode(Frame::close(CloseCode::NORMAL, "bye"), &mut out).unwrap();
        MessageCodec::new().encode(&long, &mut out).unwrap();
        write_records(&mut out, &[U16::new(1), U16::new(2)]).unwrap();
    });
    without_allocation("values that nest", || {
        let tokens = [
            resp::Token::Map(1),
            resp::Token::Simple("key"),
            resp::Token::Array(2),
            resp::Token::Double(1.5),
            resp::Token::Verbatim { format: *b"txt", text: &long[..] },
            resp::Token::BigNumber("123"),
            resp::Token::Null,
        ];
        for version in [RespVersion::V2, RespVersion::V3] {
            tokens.iter().try_for_each(|token| RespEncoder::new(version).encode(token, &mut out)).unwrap();
        }
        let tokens = [
            messagepack::Token::Map(1),
            messagepack::Token::Unsigned(u64::MAX),
            messagepack::Token::Extension { kind: 7, data: &long[..] },
            messagepack::Token::Float64(1.5),
        ];
        tokens.iter().try_for_each(|token| token.encode(&mut out)).unwrap();
    });
    assert!(out.len() < 1 << 16);
}
