//! Writers that break their contract: everything that writes fails, with a typed error, and neither spins nor panics.

use std::{
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind},
};

use headpond_codec::{
    Decoder, Encode, EncodeError, Encoder,
    ascii::{Lowercase, Uppercase},
    base::{Base, BaseEncoder},
    binary::{Be, Le},
    chunked::{ChunkedEncoder, Piece, write_chunk, write_chunk_with, write_end},
    cobs::Cobs,
    delimited::Delimited,
    encode_bounded, encode_each,
    encoding::{Encoding, TextDecoder, TextEncoder},
    http_date::HttpDate,
    json,
    length_delimited::LengthDelimited,
    messagepack,
    netstring::Netstring,
    number::{Decimal, Shortest, write_float, write_integer},
    percent::{NON_ALPHANUMERIC, Percent, PercentDecoder},
    prefix::{LengthPrefix, Prefixed, write_prefixed},
    protobuf::{self, MessageCodec},
    record,
    resp::{self, RespEncoder, RespVersion},
    rfc3339::Rfc3339,
    text::{TextWriter, write_char, write_fmt, write_str},
    utf8::Malformed,
    varint::{Leb128, QuicVarint, ZigZag},
    websocket::{self, CloseCode, Frame, FrameEncoder, MessageDecoder, Opcode, Role},
};
use headpond_pool::{BufferWriter, PatchError, Prefix, SequenceBuf, Slice, WritableBuffer, WriteError};
use jiff::Timestamp;
use zerocopy::byteorder::network_endian::U16;

/// More calls than anything here makes of a writer that gives a byte at a time: who makes them spins.
const MOST_CALLS: usize = 20_000;

/// Gives views of at most so many bytes, whatever it was asked for, and says anything of its positions.
struct Broken {
    memory: [u8; 256],
    most: usize,
    /// Never looked at.
    filled: usize,
    /// Where its prefixes are, one after the other, the last for ever.
    positions: &'static [u64],
    calls: usize,
}

impl Broken {
    fn new(most: usize, positions: &'static [u64]) -> Self {
        Self { memory: [0; 256], most, filled: 0, positions, calls: 0 }
    }

    fn count(&mut self) {
        self.calls += 1;
        assert!(self.calls < MOST_CALLS, "it spins");
    }
}

impl BufferWriter for Broken {
    fn reserve(&mut self, min: usize) -> Result<WritableBuffer<'_>, WriteError> {
        self.count();
        let len = min.max(1).min(self.most).min(self.memory.len());
        Ok(WritableBuffer::new(&mut self.memory[..len], &mut self.filled))
    }

    fn append(&mut self, slice: Slice) -> Result<(), WriteError> {
        self.write(&slice)
    }

    fn reserve_prefix(&mut self, n: usize) -> Result<Prefix, WriteError> {
        self.count();
        let (position, later) = self.positions.split_first().unwrap();
        if !later.is_empty() {
            self.positions = later;
        }
        Ok(Prefix::new(0, *position, n))
    }

    fn patch(&mut self, _: &Prefix, _: &[u8]) -> Result<(), PatchError> {
        Ok(())
    }

    fn written_since(&self, _: &Prefix) -> Result<usize, PatchError> {
        Ok(usize::MAX)
    }

    fn rewind(&mut self, _: &Prefix) -> Result<(), PatchError> {
        Ok(())
    }
}

type Outcome = Result<(), Box<dyn Error>>;
type Case = (&'static str, fn(&mut dyn BufferWriter) -> Outcome);

/// Longer than what is written with its head in one piece.
fn long() -> String {
    "häd".repeat(100)
}

fn chain(pieces: &[&'static [u8]]) -> SequenceBuf {
    pieces.iter().map(|piece| Slice::from(*piece)).collect()
}

fn encode(value: &impl Encode, out: &mut dyn BufferWriter) -> Outcome {
    Ok(value.encode(out)?)
}

const VALUES: &[Case] = &[
    ("integer", |out| Ok(write_integer(out, -1_234_567_i64).map(drop)?)),
    ("wide integer", |out| Ok(write_integer(out, i128::MIN).map(drop)?)),
    ("float", |out| Ok(write_float(out, 0.1).map(drop)?)),
    ("decimal", |out| encode(&Decimal(-12_i8), out)),
    ("shortest", |out| encode(&Shortest(0.5_f32), out)),
    ("tuple", |out| encode(&(Be(1_u64), Le(2_u32), 'x', Leb128(3_u32), ZigZag(-4_i64)), out)),
    ("array", |out| encode(&[Be(1_u16); 9], out)),
    ("bounded", |out| Ok(encode_bounded(&QuicVarint::MAX, out)?)),
    ("nothing", |out| encode(&[Be(0_u8); 0], out)),
    ("each", |out| Ok(encode_each((0..300_u32).map(Be), out)?)),
    ("character", |out| Ok(write_char(out, '\u{1f980}').map(drop)?)),
    ("string", |out| Ok(write_str(out, &long())?)),
    ("format", |out| Ok(write_fmt(out, format_args!("{:>80}|{:?}", 42, '\u{e9}')).map(drop)?)),
    ("text", |out| {
        let mut text = TextWriter::new(out);
        let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{:é>40}", 42));
        Ok(text.finish().map(drop)?)
    }),
    ("sequence", |out| encode(&chain(&[b"ab", b"cd"]).as_sequence(), out)),
    ("slice", |out| encode(&Slice::from("shared"), out)),
    ("lower", |out| encode(&Lowercase("HEAD"), out)),
    ("upper", |out| encode(&Uppercase(long()), out)),
    ("date", |out| encode(&HttpDate::from_unix_seconds(784_111_777).ok_or("no date")?, out)),
    ("time", |out| encode(&Rfc3339::new(Timestamp::UNIX_EPOCH).precision(9), out)),
    ("record", |out| Ok(record::write(out, &[U16::new(1), U16::new(2)])?)),
    ("protobuf", |out| Ok(protobuf::write(out, &long()).map(drop)?)),
    ("protobuf of little", |out| Ok(protobuf::write(out, &7_u32).map(drop)?)),
    ("JSON", |out| Ok(json::write(out, &("text", [1, 2], long())).map(drop)?)),
    ("pretty JSON", |out| Ok(json::write_pretty(out, &[Some(1.5), None]).map(drop)?)),
    ("JSON line", |out| Ok(json::write_line(out, &[true]).map(drop)?)),
];

const TEXTS: &[Case] = &[
    ("hex", |out| encode(&Base::Hex.of(long()), out)),
    ("Base32", |out| encode(&Base::Base32.of(long()), out)),
    ("Base64", |out| encode(&Base::Base64.of("12345"), out)),
    ("Base64 in pieces", |out| {
        let mut encoder = BaseEncoder::new(Base::Base64Url);
        long().as_bytes().chunks(7).try_for_each(|piece| encoder.encode(piece, out))?;
        Ok(encoder.finish(out)?)
    }),
    ("from hex", |out| Ok(Base::Hex.finish(&mut chain(&[b"686", b"5"]).as_sequence().cursor(), out)?)),
    ("from Base64", |out| Ok(Base::Base64.finish(&mut chain(&[b"aGVhZHB", b"vbmQ="]).as_sequence().cursor(), out)?)),
    ("from the rest of Base64", |out| {
        Ok(Base::Base64NoPad.finish(&mut chain(&[b"aG", b"U"]).as_sequence().cursor(), out)?)
    }),
    ("percent", |out| encode(&Percent::new(long(), NON_ALPHANUMERIC), out)),
    ("from percent", |out| {
        Ok(PercentDecoder::new().finish(&mut chain(&[b"a%2", b"0b", b"ccccccc"]).as_sequence().cursor(), out)?)
    }),
    ("GB 18030", |out| encode_text("gb18030", "一丂🦀\u{e5e5}x", out)),
    ("Shift_JIS with numbers for what it has not", |out| encode_text("sjis", "あ🦀", out)),
    ("ISO-2022-JP", |out| encode_text("iso-2022-jp", "aあ", out)),
    ("UTF-16", |out| encode_text("utf-16le", "aé🦀", out)),
    ("from Shift_JIS", |out| decode_text("sjis", &[b"\x82", b"\xa0a\x83\x8f\xff"], out)),
    ("from UTF-16", |out| decode_text("utf-16be", &[b"\0a\xd8", b"\x3e\xdd\x80\xd8\0"], out)),
    ("from windows-1252", |out| decode_text("latin1", &[b"\xe4\xf6\xfc", b"abc"], out)),
];

fn encode_text(label: &str, text: &str, out: &mut dyn BufferWriter) -> Outcome {
    let encoding = Encoding::for_label(label.as_bytes()).ok_or("no encoding")?;
    let mut encoder = TextEncoder::new(encoding).unmappable(Malformed::Replace);
    encoder.encode(text, out)?;
    Ok(encoder.finish(out)?)
}

fn decode_text(label: &str, pieces: &[&'static [u8]], out: &mut dyn BufferWriter) -> Outcome {
    let encoding = Encoding::for_label(label.as_bytes()).ok_or("no encoding")?;
    let mut decoder = TextDecoder::new(encoding).malformed(Malformed::Replace);
    Ok(decoder.finish(&mut chain(pieces).as_sequence().cursor(), out)?)
}

const FRAMES: &[Case] = &[
    ("prefixed", |out| Ok(Prefixed::new(LengthPrefix::Varint).encode(long(), out)?)),
    ("prefixed afterwards", |out| Ok(write_prefixed(out, LengthPrefix::U32Be, |out| "body".encode(out))?)),
    ("length-delimited", |out| Ok(LengthDelimited::new().encode(long(), out)?)),
    ("delimited", |out| Ok(Delimited::by(b"\r\n").encode(long(), out)?)),
    ("netstring", |out| Ok(Netstring::new().encode("text", out)?)),
    ("COBS", |out| Ok(Cobs::new().encode(&b"a\0b"[..], out)?)),
    ("long COBS", |out| Ok(Cobs::new().encode(long(), out)?)),
    ("from COBS", |out| {
        let buffer = chain(&[b"\x02a", b"\x03bc\0"]);
        let frame = Cobs::new().decode(&mut buffer.as_sequence().cursor())?.value().ok_or("no frame")?;
        Ok(frame.write_to(out)?)
    }),
    ("protobuf's messages", |out| Ok(MessageCodec::new().encode(&long(), out)?)),
    ("chunk", |out| Ok(write_chunk(out, long())?)),
    ("chunk afterwards", |out| Ok(write_chunk_with(out, |out| "data".encode(out))?)),
    ("trailers", |out| Ok(write_end(out, [("name", "value")])?)),
    ("chunks", |out| {
        let mut chunked = ChunkedEncoder::new();
        let pieces = [
            Piece::Chunk { size: 4, extensions: ";a=b" },
            Piece::Data("data"),
            Piece::Chunk { size: 0, extensions: "" },
            Piece::Trailer { name: "name", value: "value" },
            Piece::End,
        ];
        Ok(pieces.into_iter().try_for_each(|piece| chunked.encode(piece, out))?)
    }),
    ("WebSocket", |out| Ok(FrameEncoder::server().encode(Frame::text("short"), out)?)),
    ("masked", |out| Ok(FrameEncoder::client(|| [1, 2, 3, 4]).encode(Frame::text(long()), out)?)),
    ("close", |out| Ok(FrameEncoder::client(|| [9; 4]).encode(Frame::close(CloseCode::NORMAL, "bye"), out)?)),
    ("WebSocket in parts", |out| {
        let mut payload = FrameEncoder::client(|| [1, 2, 3, 4]).begin(Opcode::Binary, true, 9, out)?;
        payload.write("part", out)?;
        Ok(payload.write("whole", out)?)
    }),
    ("from WebSocket", |out| {
        let buffer = chain(&[b"\x81\x85\x37\xfa\x21\x3d", b"\x7f\x9f\x4d\x51\x58"]);
        Ok(MessageDecoder::new(Role::Server).decode_into(&mut buffer.as_sequence().cursor(), out).map(drop)?)
    }),
    ("from WebSocket's frames", |out| {
        let buffer = chain(&[b"\x81\x85\x37\xfa\x21\x3d", b"\x7f\x9f\x4d\x51\x58"]);
        let (mut decoder, mut cursor) = (websocket::FrameDecoder::new(Role::Server), buffer.as_sequence().cursor());
        while let Some(piece) = decoder.decode(&mut cursor)?.value() {
            if let websocket::Piece::Payload(payload) = piece {
                payload.write_to(out)?;
            }
        }
        Ok(())
    }),
];

fn resp_tokens(version: RespVersion, out: &mut dyn BufferWriter) -> Outcome {
    let long = long();
    let tokens = [
        resp::Token::Bulk("small"),
        resp::Token::Bulk(&long),
        resp::Token::Simple("simple"),
        resp::Token::Simple(&long),
        resp::Token::Error("error"),
        resp::Token::Integer(i64::MIN),
        resp::Token::Double(-1.5),
        resp::Token::BigNumber("123"),
        resp::Token::BulkError("bulk\r\nerror"),
        resp::Token::Verbatim { format: *b"txt", text: "text" },
        resp::Token::Map(1),
        resp::Token::Null,
        resp::Token::Boolean(true),
    ];
    // Each of them: they fail of themselves, too.
    let mut outcome = Ok(());
    for token in &tokens {
        let encoded = RespEncoder::new(version).encode(token, out);
        outcome = outcome.and(encoded);
    }
    Ok(outcome?)
}

const PROTOCOLS: &[Case] = &[
    ("RESP2", |out| resp_tokens(RespVersion::V2, out)),
    ("RESP3", |out| resp_tokens(RespVersion::V3, out)),
    ("value of RESP", |out| encode(&resp::Value::Array(vec![resp::Value::Bulk("abc".into()), resp::Value::Null]), out)),
    ("MessagePack", |out| {
        let long = long();
        let tokens = [
            messagepack::Token::Map(1),
            messagepack::Token::Unsigned(u64::MAX),
            messagepack::Token::Signed(-7),
            messagepack::Token::Float64(1.5),
            messagepack::Token::String("small"),
            messagepack::Token::String(&long),
            messagepack::Token::Extension { kind: 7, data: &long },
            messagepack::Token::Timestamp(messagepack::Timestamp::new(-1, 5).ok_or("no time")?),
        ];
        let outcomes: Vec<Result<(), EncodeError>> = tokens.iter().map(|token| token.encode(out)).collect();
        Ok(outcomes.into_iter().collect::<Result<(), _>>()?)
    }),
    ("value of MessagePack", |out| {
        encode(&messagepack::Value::Array(vec![messagepack::Value::String("abc".into())]), out)
    }),
];

/// What is at the bottom of an error.
fn root(error: &(dyn Error + 'static)) -> String {
    error.source().map_or_else(|| error.to_string(), root)
}

/// Runs a case over a writer. What it fails with in the end, if it does.
fn run((name, write): &Case, mut out: Broken) -> Option<String> {
    let most = out.most;
    let outcome = catch_unwind(AssertUnwindSafe(|| write(&mut out)));
    match outcome {
        Ok(outcome) => outcome.err().map(|error| root(error.as_ref())),
        Err(_) => panic!("{name} over views of at most {most} bytes panics"),
    }
}

fn cases() -> impl Iterator<Item = &'static Case> {
    [VALUES, TEXTS, FRAMES, PROTOCOLS].into_iter().flatten()
}

#[test]
fn views_that_are_empty_are_an_error() {
    for case in cases() {
        let error = run(case, Broken::new(0, &[0])).unwrap_or_default();
        assert!(error.starts_with("the writer gave 0 bytes of memory"), "{}: {error:?}", case.0);
    }
}

#[test]
fn views_that_are_too_short_are_an_error_or_enough() {
    for most in 1..=160 {
        for case in cases() {
            let error = run(case, Broken::new(most, &[0, 100]));
            let says = error.as_ref().is_none_or(|error| error.starts_with("the writer gave"));
            assert!(says, "{} over {most} bytes: {error:?}", case.0);
        }
    }
}

#[test]
fn positions_that_make_no_sense_are_no_panic() {
    for positions in [&[u64::MAX][..], &[u64::MAX, 0], &[0, u64::MAX], &[9, 3, u64::MAX / 2]] {
        for case in cases() {
            run(case, Broken::new(usize::MAX, positions));
        }
    }
}
