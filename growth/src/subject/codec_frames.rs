//! Codecs that frame bytes, and those of fixed forms.

use anyhow::{Result, ensure};
use headpond_codec::{
    Decoder, Encode, Encoder,
    binary::{Be, Le},
    chunked::{self, ChunkedDecoder, ChunkedEncoder, Piece},
    cobs::Cobs,
    encode_each,
    length_delimited::LengthDelimited,
    netstring::Netstring,
    prefix::{LengthPrefix, Prefixed, write_prefixed},
    protobuf::{self, MessageCodec},
    record::Records,
    varint::{Leb128, QuicVarint, ZigZag},
};

use super::codec_text::repeated;
use crate::{
    decoding::{decoding, encode, values},
    material::{chain, cut},
    meter::Meter,
    operation::{Left, Operation, nothing},
};

/// Something of each kind that grows.
#[derive(Clone, PartialEq, prost::Message)]
struct Many {
    #[prost(string, repeated, tag = "1")]
    names: Vec<String>,
    #[prost(uint32, repeated, tag = "2")]
    numbers: Vec<u32>,
    #[prost(bytes = "bytes", tag = "3")]
    body: bytes::Bytes,
}

pub(super) const DECODING: &[Operation] = decoding! {
    "length/many": LengthDelimited::new(), |n| repeated(b"\0\0\0\x04body", n, b"");
    "length/a long one": LengthDelimited::new(), |n: usize| repeated(&((4 * n) as u32).to_be_bytes(), 1, &vec![1; 4 * n]);
    "prefix/many": Prefixed::new(LengthPrefix::U16Be), |n| repeated(b"\0\x04body", n, b"");
    "prefix/a long one": Prefixed::new(LengthPrefix::U32Le), |n: usize| repeated(&((4 * n) as u32).to_le_bytes(), 1, &vec![1; 4 * n]);
    "netstring/many": Netstring::new(), |n| repeated(b"4:body,", n, b"");
    "netstring/a long one": Netstring::new(), |n: usize| format!("{}:{},", 4 * n, "a".repeat(4 * n)).into_bytes();
    "cobs/many": Cobs::new(), |n| repeated(b"\x03ab\0", n, b"");
    "cobs/a long one": Cobs::new(), |n| repeated(b"\x01", 4 * n, b"\0");
    "chunked/many": ChunkedDecoder::new(), |n| repeated(b"4\r\nbody\r\n", n, b"0\r\n\r\n");
    "chunked/a long one": ChunkedDecoder::new(), |n: usize| format!("{:x}\r\n{}\r\n0\r\n\r\n", 4 * n, "a".repeat(4 * n)).into_bytes();
    "chunked/a long extension": ChunkedDecoder::new(), |n: usize| format!("1;{}\r\na\r\n0\r\n\r\n", "a".repeat(2 * n)).into_bytes();
    "chunked/trailers": ChunkedDecoder::new(), |n| repeated(b"0\r\n", 1, &repeated(b"a: b\r\n", n, b"\r\n"));
    "protobuf/many": MessageCodec::<Many>::new(), |n| repeated(b"\x04\x0a\x02ab", n, b"");
    "protobuf/a long one": MessageCodec::<Many>::new(), |n: usize| {
        let many = Many { names: vec!["ab".into(); n], numbers: vec![7; n], body: vec![1; n].into() };
        prost::Message::encode_length_delimited_to_vec(&many)
    };
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("binary/decode", |n, meter| values::<Be<u32>>(&vec![1; 4 * n], meter)),
    Operation::new("binary/encode", binary),
    Operation::new("varint/decode", |n, meter| values::<Leb128<u64>>(&repeated(b"\x80\x80\x01", n, b""), meter)),
    Operation::new("varint/decode, signed", |n, meter| {
        values::<ZigZag<i64>>(&repeated(b"\x80\x80\x01", n, b""), meter)
    }),
    Operation::new("varint/decode, QUIC", |n, meter| values::<QuicVarint>(&repeated(b"\x40\x01", n, b""), meter)),
    Operation::new("varint/encode", varint),
    Operation::new("length/encode", lengths),
    Operation::new("prefix/write_prefixed before one flush", prefixed),
    Operation::new("prefix/write_prefixed within each other", prefixed_nested).from(16),
    Operation::new("cobs/unstuff", unstuff),
    Operation::new("cobs/encode", cobs),
    Operation::new("chunked/encode", chunks),
    Operation::new("chunked/trailers, encode", trailers),
    Operation::new("protobuf/read", protobuf_read),
    Operation::new("protobuf/write", protobuf_write),
    Operation::new("record/decode", records),
];

fn binary(n: usize, meter: &mut Meter) -> Result<Left> {
    encode(meter, |out| Ok(encode_each((0..n as u32).map(|number| (Be(number), Le(number))), out)?))
}

fn varint(n: usize, meter: &mut Meter) -> Result<Left> {
    encode(meter, |out| {
        for number in 0..n as u64 {
            Leb128(number).encode(out)?;
            ZigZag(number as i64).encode(out)?;
            QuicVarint::new(number)?.encode(out)?;
        }
        Ok(())
    })
}

fn lengths(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 1, b"a");
    encode(meter, |out| {
        for _ in 0..n {
            LengthDelimited::new().encode("body", out)?;
            Prefixed::new(LengthPrefix::Varint).encode("body", out)?;
            Netstring::new().encode("body", out)?;
        }
        LengthDelimited::new().encode(chain.as_sequence(), out)?;
        Ok(Netstring::new().encode(chain.as_sequence(), out)?)
    })
}

fn prefixed(n: usize, meter: &mut Meter) -> Result<Left> {
    encode(meter, |out| {
        (0..n).try_for_each(|_| write_prefixed(out, LengthPrefix::U32Be, |out| "body".encode(out)))?;
        Ok((0..n).try_for_each(|_| chunked::write_chunk_with(out, |out| "body".encode(out)))?)
    })
}

fn prefixed_nested(n: usize, meter: &mut Meter) -> Result<Left> {
    fn within(levels: usize, out: &mut dyn headpond_pool::BufferWriter) -> Result<(), headpond_codec::EncodeError> {
        if levels == 0 { Ok(()) } else { write_prefixed(out, LengthPrefix::U32Be, |out| within(levels - 1, out)) }
    }
    encode(meter, |out| Ok(within(n, out)?))
}

fn unstuff(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = cut(&repeated(b"\x02a", 4 * n, b"\0"), 1);
    encode(meter, |out| {
        let frame = Cobs::new().decode(&mut chain.as_sequence().cursor())?.value();
        let frame = frame.ok_or_else(|| anyhow::anyhow!("a frame is there"))?;
        frame.write_to(out)?;
        ensure!(frame.to_vec().len() == 8 * n - 1, "all of it");
        Ok(())
    })
}

fn cobs(n: usize, meter: &mut Meter) -> Result<Left> {
    let (zeros, ones) = (chain(n, 1, b"\0"), chain(n, 1, b"\x01"));
    encode(meter, |out| {
        Cobs::new().encode(zeros.as_sequence(), out)?;
        Cobs::new().encode(ones.as_sequence(), out)?;
        Ok((0..n).try_for_each(|_| Cobs::new().encode("body", out))?)
    })
}

fn chunks(n: usize, meter: &mut Meter) -> Result<Left> {
    encode(meter, |out| {
        (0..n).try_for_each(|_| chunked::write_chunk(out, "body"))?;
        let mut encoder = ChunkedEncoder::new();
        encoder.encode(Piece::Chunk { size: n as u64, extensions: "" }, out)?;
        (0..n).try_for_each(|_| encoder.encode(Piece::Data("a"), out))?;
        encoder.encode(Piece::Chunk { size: 0, extensions: "" }, out)?;
        (0..n).try_for_each(|_| encoder.encode(Piece::Trailer { name: "a", value: "b" }, out))?;
        Ok(encoder.encode(Piece::<&str>::End, out)?)
    })
}

fn trailers(n: usize, meter: &mut Meter) -> Result<Left> {
    encode(meter, |out| Ok(chunked::write_end(out, (0..n).map(|_| ("name", "value")))?))
}

fn many(n: usize) -> Many {
    Many { names: vec!["ab".into(); n], numbers: vec![7; n], body: vec![1; n].into() }
}

fn protobuf_read(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = cut(&prost::Message::encode_to_vec(&many(n)), 1);
    ensure!(meter.count(|| protobuf::read::<Many>(chain.as_sequence()))?.names.len() == n, "each");
    nothing()
}

fn protobuf_write(n: usize, meter: &mut Meter) -> Result<Left> {
    let many = many(n);
    encode(meter, |out| {
        protobuf::write(out, &many)?;
        Ok(MessageCodec::<Many>::new().encode(&many, out)?)
    })
}

fn records(n: usize, meter: &mut Meter) -> Result<Left> {
    let chain = chain(n, 4, b"record");
    let mut cursor = chain.as_sequence().cursor();
    let count = meter.count(|| Records::<[u8; 4]>::decode(&mut cursor, n).value().map_or(0, Iterator::count));
    ensure!(count == n, "each");
    nothing()
}
