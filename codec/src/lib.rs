//! Encoders that write straight into pooled memory, decoders that read across blocks.
//!
//! An encoder takes any [`BufferWriter`](headpond_pool::BufferWriter): a pipe's writer, a `Vec<u8>`, a `BytesMut`. It
//! puts its bytes where they will be read from, so that there is no `String` and no `Vec` in between. A decoder reads
//! from a [`Cursor`](headpond_pool::Cursor) over whatever has arrived, gives parts of it back as
//! [`Sequence`](headpond_pool::Sequence)s without copying them, and goes on where it stopped once there is more.
//!
//! | module | job |
//! |---|---|
//! | [`number`] | integers as decimal text |
//! | [`text`] | strings, characters and everything that `write!` formats |
//! | [`mod@line`] | lines, of bounded length, with the endings of your choice |
//!
//! ```
//! use headpond_codec::{line::LineDecoder, number, text};
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
//! assert_eq!(lines.decode(&mut cursor)?.unwrap(), "age 42");
//! assert!(lines.decode(&mut cursor)?.is_none());
//! assert_eq!(lines.finish(&mut cursor)?.unwrap(), "name");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod line;
pub mod number;
pub mod text;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
