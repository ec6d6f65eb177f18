//! MessagePack: every format there is, nested, streamed, in its smallest form.
//!
//! | you want | take |
//! |---|---|
//! | values, whole | [`FrameDecoder`], whose [`Frame`]s give [`Token`]s or an owned [`Value`] |
//! | values larger than memory | [`TokenDecoder`], which gives one token after the other, long strings in parts |
//! | to write | [`Token`]s, or a [`Value`]: both are encoded by themselves |
//!
//! Nothing is allocated for a token or a frame. A decoder allocates for the levels that are open, and keeps what it has for
//! them. All of them bound what a stream may announce: [`Limits`].
//!
//! What is wrong, or too long, is told with the first byte that shows it: a frame whose count alone announces more than it may have, too.
//!
//! Every form of a number or a length is read, also a longer one than it needs. The smallest is written.

mod frame;
mod head;
mod nesting;
mod scan;
mod timestamp;
mod token;
mod token_decoder;
mod value;

pub use frame::{Frame, FrameDecoder, Tokens};
pub use timestamp::Timestamp;
pub use token::Token;
pub use token_decoder::TokenDecoder;
pub use value::Value;

/// What a stream may announce. What is beyond is refused when it is announced, before anything is gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    max_string: u32,
    max_values: u64,
    max_depth: u8,
}

impl Limits {
    /// Strings of 16 MiB and 2^20 values within one, 64 levels deep.
    pub const fn new() -> Self {
        Self { max_string: 16 << 20, max_values: 1 << 20, max_depth: 64 }
    }

    /// How long a string, binary data or an extension may be, in bytes.
    #[must_use]
    pub const fn max_string(mut self, bytes: u32) -> Self {
        self.max_string = bytes;
        self
    }

    /// How many values may stand within one, on all levels together; a pair of a map is two. An owned [`Value`] takes some tens of
    /// bytes for each, though it be one byte in the stream.
    #[must_use]
    pub const fn max_values(mut self, values: u64) -> Self {
        self.max_values = values;
        self
    }

    /// How many arrays and maps may stand within each other.
    #[must_use]
    pub const fn max_depth(mut self, levels: u8) -> Self {
        self.max_depth = levels;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// Why bytes are not MessagePack, or not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessagePackError {
    /// The one byte that no value begins with, 0xc1.
    #[error("no value begins with the byte at offset {offset}")]
    NeverUsed {
        /// Where it stands in the stream, in bytes.
        offset: u64,
    },
    /// A string, an aggregate or a frame is longer than it may be.
    #[error("with what begins at offset {offset} there are more than {limit} {unit}")]
    TooLong {
        /// Where it begins in the stream, in bytes.
        offset: u64,
        /// How much there may be.
        limit: u64,
        /// Of what.
        unit: &'static str,
    },
    /// Arrays and maps stand within each other more deeply than they may.
    #[error("what begins at offset {offset} is nested more than {limit} deep")]
    TooDeep {
        /// Where it begins in the stream, in bytes.
        offset: u64,
        /// How deep they may be.
        limit: u8,
    },
}
