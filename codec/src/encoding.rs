//! Text in every encoding of the WHATWG's Encoding Standard: `encoding_rs`, over blocks.
//!
//! A [`TextDecoder`] turns a stream of bytes into UTF-8, a [`TextEncoder`] turns text into bytes, each straight into a
//! writer's memory. Both keep their state between calls, so that a stream may be cut anywhere, within a character or an escape
//! sequence, and the writer flushed at any time.
//!
//! Labels are found with [`Encoding::for_label`]. By that standard `latin1`, `ascii` and their like mean windows-1252.

mod decoder;
mod encoder;
mod utf16;

use headpond_pool::WriteError;

pub use decoder::{ByteOrderMark, TextDecoder};
pub use encoder::TextEncoder;
pub use encoding_rs::Encoding;

/// Why bytes were not decoded to the last.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeTextError {
    /// The writer gave no memory. Decoding goes on at the cursor once it does.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The bytes are no text in the encoding.
    #[error("the {len} bytes at offset {offset} are no {encoding}")]
    Malformed {
        /// Where they stand in the stream, in bytes.
        offset: u64,
        /// How many belong together: one U+FFFD stands for them.
        len: usize,
        /// The name of the encoding.
        encoding: &'static str,
    },
}

/// Why text was not encoded to the last.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeTextError {
    /// The writer gave no memory.
    #[error("the writer failed after {taken} bytes of the text")]
    Write {
        /// How many bytes of the text are encoded: the rest is what to go on with.
        taken: usize,
        /// What the writer said.
        source: WriteError,
    },
    /// The encoding has no place for a character.
    #[error("{encoding} has no place for {character:?}, at byte {taken} of the text")]
    Unmappable {
        /// How many bytes of the text are encoded, those before the character.
        taken: usize,
        /// The character.
        character: char,
        /// The name of the encoding.
        encoding: &'static str,
    },
}
