//! Encoders that write straight into pooled memory, decoders that read across blocks.
//!
//! An encoder takes any [`BufferWriter`](headpond_pool::BufferWriter): a pipe's writer, a `Vec<u8>`, a `BytesMut`. It
//! puts its bytes where they will be read from, so that there is no `String` and no `Vec` in between. A decoder reads
//! from a [`Cursor`](headpond_pool::Cursor) over whatever has arrived, gives parts of it back as
//! [`Sequence`](headpond_pool::Sequence)s without copying them, and goes on where it stopped once there is more.
//!
//! # The shape of a codec
//!
//! | trait | what has it |
//! |---|---|
//! | [`Encode`] | a value that knows its form: `Be(1_u16)`, `Leb128(300_u64)`, a RESP token, a `str` |
//! | [`MaxSize`] | such a value of bounded size: one reservation, also for several in a row, and no check behind it |
//! | [`Decode`] | a value read without a memory of what came before |
//! | [`Decoder`] | whatever has options, limits, or a memory of what it has already searched: lines, frames, texts |
//! | [`Encoder`] | what has options for items of one kind; [`Plain`] for values that know their form |
//! | [`Payload`] | bytes of known length to put a frame around: `[u8]`, `str`, a `Sequence`, a shared `Slice` |
//!
//! - **A decoder answers** with a value, with "at least `n` more bytes are needed" ([`Decoded`]), or with an error of
//!   its module that names the offset in the stream. Without a value the cursor stands where it stood.
//! - **Resuming** costs what is new. A decoder keeps the place up to which it has searched; nothing is rescanned, however
//!   small the pieces are in which a stream arrives, and however hostile they are.
//! - **Failing fast**: what a decoder asks for is what its answer cannot change before, and it fails with the first byte that nothing can
//!   come of any more. Two are judged once they are whole, since their types know no part of them: a record, and a message of protobuf.
//! - **Limits** are checked on what a stream announces, before memory is spent on it. Every decoder of items that may be
//!   large has one, and a default; what may nest is bounded in depth. A limit means the same where something is written.
//! - **What does not fit** a block, or memory, is taken in parts: every frame with a length has a streaming form, which
//!   gives the head first and then [`Body`](body::Body), part by part as it arrives.
//! - **Nothing is allocated** for a value, unless an owned one is what was asked for.
//! - Decoders of your own are written with [`attempt`].
//!
//! # The codecs
//!
//! | module | job |
//! |---|---|
//! | [`binary`] | integers and floats of fixed width, in both byte orders |
//! | [`varint`] | integers of variable width: LEB128, zigzag, QUIC's |
//! | [`prefix`] | bodies behind their length, which is put there afterwards if need be |
//! | [`number`] | integers and floats as decimal text |
//! | [`text`] | strings, characters and everything that `write!` formats |
//! | [`ascii`] | the case of letters, and white space around a text, in a `Sequence` |
//! | [`utf8`] | text checked, and read part by part, wherever it is cut |
//! | `encoding` (feature `encoding_rs`) | text in every encoding of the WHATWG's standard, both ways |
//! | `base` (feature `data-encoding`) | bytes as hexadecimal, Base32 and Base64 text |
//! | `percent` (feature `percent-encoding`) | bytes as text in URLs |
//! | `http_date` (feature `httpdate`) | times as HTTP has them |
//! | `rfc3339` (feature `jiff`) | times as RFC 3339 has them |
//! | [`mod@line`] | lines, of bounded length, with the endings of your choice |
//! | [`delimited`] | frames that end with a delimiter |
//! | [`length_delimited`] | frames behind a length field, with the options of `tokio_util`'s codec |
//! | [`netstring`] | Bernstein's netstrings |
//! | [`cobs`] | consistent overhead byte stuffing |
//! | `record` (feature `zerocopy`) | records whose bytes are their value, read by reference |
//! | [`chunked`] | the chunked transfer coding of HTTP/1.1 |
//! | `json` (feature `serde_json`) | what serde serializes, written as JSON and read back; the values of a stream |
//! | `protobuf` (feature `prost`) | protobuf's messages, alone and behind their length |
//! | [`resp`] | RESP2 and RESP3, the protocol of Redis: tokens, whole frames, commands |
//! | [`messagepack`] | MessagePack: tokens, whole frames, values |
//! | [`websocket`] | the frames of WebSocket, and their messages |
//!
//! ```
//! use headpond_codec::{Decoded, Decoder, line::LineDecoder, number, text};
//! use headpond_pool::SequenceBuf;
//!
//! let mut out = Vec::new();
//! text::write_str(&mut out, "age ")?;
//! number::write_integer(&mut out, 42_u8)?;
//! text::write_str(&mut out, "\nname")?;
//!
//! let buffer = SequenceBuf::from(out);
//! let mut cursor = buffer.as_sequence().cursor();
//! let mut lines = LineDecoder::new();
//! assert_eq!(lines.decode(&mut cursor)?.value().unwrap(), "age 42");
//! assert_eq!(lines.decode(&mut cursor)?, Decoded::NeedMore(1));
//! // What may have been cut off, `LineDecoder::new().require_ending(true)` refuses.
//! assert_eq!(lines.finish(&mut cursor)?.unwrap(), "name");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod ascii;
#[cfg(feature = "data-encoding")]
#[cfg_attr(docsrs, doc(cfg(feature = "data-encoding")))]
pub mod base;
pub mod binary;
pub mod body;
pub mod chunked;
pub mod cobs;
mod decode;
pub mod delimited;
mod encode;
#[cfg(feature = "encoding_rs")]
#[cfg_attr(docsrs, doc(cfg(feature = "encoding_rs")))]
pub mod encoding;
mod field_range;
#[cfg(feature = "httpdate")]
#[cfg_attr(docsrs, doc(cfg(feature = "httpdate")))]
pub mod http_date;
mod items;
#[cfg(feature = "serde_json")]
#[cfg_attr(docsrs, doc(cfg(feature = "serde_json")))]
pub mod json;
pub mod length_delimited;
pub mod line;
pub mod messagepack;
mod nested;
pub mod netstring;
pub mod number;
mod pair;
#[cfg(feature = "percent-encoding")]
#[cfg_attr(docsrs, doc(cfg(feature = "percent-encoding")))]
pub mod percent;
pub mod prefix;
#[cfg(feature = "prost")]
#[cfg_attr(docsrs, doc(cfg(feature = "prost")))]
pub mod protobuf;
#[cfg(feature = "zerocopy")]
#[cfg_attr(docsrs, doc(cfg(feature = "zerocopy")))]
pub mod record;
pub mod resp;
#[cfg(feature = "jiff")]
#[cfg_attr(docsrs, doc(cfg(feature = "jiff")))]
pub mod rfc3339;
mod searched;
pub mod text;
pub mod utf8;
pub mod varint;
pub mod websocket;

pub use decode::{Decode, Decoded, Decoder, FinishError, Interrupt, attempt};
pub use encode::{Encode, EncodeError, Encoder, MaxSize, Payload, encode_bounded, encode_each, encode_whole};
pub use items::Items;
pub use pair::{Codec, Mapped, Plain};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
