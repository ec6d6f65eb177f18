//! The chunked transfer coding of HTTP/1.1, after RFC 9112, section 7.1: chunks behind their size, extensions, trailers.
//!
//! | you want | take |
//! |---|---|
//! | to read a body | [`ChunkedDecoder`], which gives [`Piece`]s of it as they arrive |
//! | to write one | [`write_chunk`] for what is at hand, [`write_chunk_with`] for what is yet to be encoded, [`write_end`] |
//! | to write a chunk that is not there as a whole | [`ChunkedEncoder`], which takes [`Piece`]s |
//!
//! Two recipients that disagree about where a body ends let a request be smuggled past one of them. So nothing is read but
//! what the grammar has: lines end with `\r\n` and nothing else, a size is hexadecimal digits without sign, prefix or
//! space, white space stands only where an extension follows, extensions are names with tokens or quoted strings, and
//! trailers are not folded and have no space before their colon.

mod decoder;
mod encoder;
mod grammar;

use headpond_pool::{Sequence, Slice};

pub use decoder::ChunkedDecoder;
pub use encoder::{ChunkedEncoder, write_chunk, write_chunk_with, write_end};

/// A piece of a body in the chunked coding.
///
/// Decoded ones hold a [`Sequence`]. To be written they may hold whatever is a [`Payload`](crate::Payload).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece<B> {
    /// The line before a chunk. The last chunk has a size of 0.
    Chunk {
        /// How many bytes of data follow.
        size: u64,
        /// Extensions as they stand there, from the first `;` and the space before it on. Who does not know one ignores it.
        extensions: B,
    },
    /// Data: as much of a chunk as has arrived.
    Data(B),
    /// A field behind the last chunk. Which may be merged with the header's fields is for the protocol above to say: nothing
    /// that frames, routes or authenticates.
    Trailer {
        /// Its name, a token.
        name: B,
        /// Its value, without white space around it.
        value: B,
    },
    /// The end of the body.
    End,
}

impl<B> Piece<B> {
    /// The same with its bytes changed.
    pub fn map<C>(self, mut change: impl FnMut(B) -> C) -> Piece<C> {
        match self {
            Self::Chunk { size, extensions } => Piece::Chunk { size, extensions: change(extensions) },
            Self::Data(bytes) => Piece::Data(change(bytes)),
            Self::Trailer { name, value } => Piece::Trailer { name: change(name), value: change(value) },
            Self::End => Piece::End,
        }
    }
}

impl Piece<Sequence<'_>> {
    /// The same, to be kept: its bytes share the stream's memory, or are copied where that would pin much more than they are.
    pub fn to_slices(self) -> Piece<Slice> {
        self.map(|bytes| bytes.to_contiguous(..).compact())
    }
}

/// How much of what a body may be. What is beyond is refused when it is announced, or before it is gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    max_line: usize,
    max_chunk: u64,
    max_body: u64,
    max_extensions: u64,
    max_trailers: usize,
}

impl Limits {
    /// Lines of 4 KiB, chunks of 1 GiB, bodies of any length, 16 KiB of extensions and 16 KiB of trailers.
    pub const fn new() -> Self {
        Self {
            max_line: 4 << 10,
            max_chunk: 1 << 30,
            max_body: u64::MAX,
            max_extensions: 16 << 10,
            max_trailers: 16 << 10,
        }
    }

    /// How long the line before a chunk may be, its line end not counted, in bytes.
    #[must_use]
    pub const fn max_line(mut self, bytes: usize) -> Self {
        self.max_line = bytes;
        self
    }

    /// How large a chunk may be, in bytes of data.
    #[must_use]
    pub const fn max_chunk(mut self, bytes: u64) -> Self {
        self.max_chunk = bytes;
        self
    }

    /// How large the chunks of a body may be together, in bytes of data.
    #[must_use]
    pub const fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = bytes;
        self
    }

    /// How long the extensions of a body may be together, in bytes.
    #[must_use]
    pub const fn max_extensions(mut self, bytes: u64) -> Self {
        self.max_extensions = bytes;
        self
    }

    /// How long the trailers may be together, their line ends not counted, in bytes.
    #[must_use]
    pub const fn max_trailers(mut self, bytes: usize) -> Self {
        self.max_trailers = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// Why bytes are no body in the chunked coding, or not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChunkedError {
    /// Something else stands there than the coding has.
    #[error("at offset {offset}: {expected} expected")]
    Malformed {
        /// Where the byte that is wrong stands in the stream, in bytes.
        offset: u64,
        /// What should be there.
        expected: &'static str,
    },
    /// A line, a chunk, the body, its extensions or its trailers are longer than they may be.
    #[error("with what begins at offset {offset} there are more than {limit} {unit}")]
    TooLong {
        /// Where the line begins in the stream that is too long, or announces too much, in bytes.
        offset: u64,
        /// How much there may be.
        limit: u64,
        /// Of what.
        unit: &'static str,
    },
}
