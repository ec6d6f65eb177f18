//! RESP, the protocol of Redis, versions 2 and 3: every type, pipelined, nested, streamed, and inline commands.
//!
//! | you want | take |
//! |---|---|
//! | commands, as a server reads them | [`CommandDecoder`], whose [`Command`]s borrow their arguments |
//! | replies, as a client reads them | [`FrameDecoder`], whose [`Frame`]s are whole, and give [`Token`]s or a [`Value`] |
//! | replies larger than memory | [`TokenDecoder`], which gives one token after the other, long strings in parts |
//! | to write either | [`Token`]s, which are encoded by themselves; [`RespEncoder`] for a client that speaks RESP2 only |
//!
//! Nothing is allocated for a frame, a command or a token. A decoder allocates for the levels that are open, and keeps what it has for
//! them. All of them bound what a stream may announce: [`Limits`].
//!
//! What is wrong, or too long, is told with the first byte that shows it: a frame whose count alone announces more than it may have, too.
//!
//! Line breaks are `\r\n` and nothing else, but for inline commands, which may end with `\n`. A `+` before a number and
//! zeros leading are accepted, up to twenty digits; `inf` and `nan` in any case, as hiredis takes them.

mod build;
mod command;
mod encoder;
mod frame;
mod inline;
mod line;
mod near;
mod nesting;
mod scan;
mod token;
mod token_decoder;
mod value;

pub use command::{Argument, Arguments, Command, CommandDecoder};
pub use encoder::{RespEncoder, RespVersion};
pub use frame::{Frame, FrameDecoder, Tokens};
pub use token::Token;
pub use token_decoder::TokenDecoder;
pub use value::Value;

/// What a stream may announce. What is beyond is refused when it is announced, before anything is gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub(crate) max_line: usize,
    pub(crate) max_string: u64,
    pub(crate) max_elements: u64,
    pub(crate) max_depth: u8,
}

impl Limits {
    /// Lines of 64 KiB, strings of 512 MiB and 2^20 elements; 32 levels deep.
    pub const fn new() -> Self {
        Self { max_line: 64 << 10, max_string: 512 << 20, max_elements: 1 << 20, max_depth: 32 }
    }

    /// How long a simple string, a simple error, a big number or an inline command may be, in bytes.
    #[must_use]
    pub const fn max_line(mut self, bytes: usize) -> Self {
        self.max_line = bytes;
        self
    }

    /// How long a bulk or verbatim string or a bulk error may be, in bytes.
    #[must_use]
    pub const fn max_string(mut self, bytes: u64) -> Self {
        self.max_string = bytes;
        self
    }

    /// How many elements an array, a set or a push may announce, and how many pairs a map or attributes.
    #[must_use]
    pub const fn max_elements(mut self, elements: u64) -> Self {
        self.max_elements = elements;
        self
    }

    /// How many aggregates may stand within each other. A streamed string counts as one, and attributes with the value that they are of
    /// as another: a [`Value`] is as many levels deep, and so is what goes through one.
    #[must_use]
    pub const fn max_depth(mut self, levels: u8) -> Self {
        self.max_depth = levels;
        self
    }

    /// For bytes that were checked before.
    pub(crate) const NONE: Self =
        Self { max_line: usize::MAX, max_string: u64::MAX, max_elements: u64::MAX, max_depth: u8::MAX };
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// Why bytes are not RESP, or not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RespError {
    /// Something else stands there than the protocol has.
    #[error("at offset {offset}: {expected} expected")]
    Malformed {
        /// Where what is wrong begins in the stream, in bytes.
        offset: u64,
        /// What should be there.
        expected: &'static str,
    },
    /// A line, a string, an aggregate or a frame is longer than it may be.
    #[error("what begins at offset {offset} has more than {limit} {unit}")]
    TooLong {
        /// Where it begins in the stream, in bytes.
        offset: u64,
        /// How much there may be.
        limit: u64,
        /// Of what.
        unit: &'static str,
    },
    /// Aggregates, and what has attributes, stand within each other more deeply than they may.
    #[error("the aggregate at offset {offset} is nested more than {limit} deep")]
    TooDeep {
        /// Where it begins in the stream, in bytes.
        offset: u64,
        /// How deep they may be.
        limit: u8,
    },
    /// A quote of an inline command does not end, or something follows it without a space between.
    #[error("unbalanced quotes in the inline command at offset {offset}")]
    UnbalancedQuotes {
        /// Where the command begins in the stream, in bytes.
        offset: u64,
    },
}
