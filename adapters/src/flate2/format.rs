//! What stands around the deflated bytes.

use flate2::{Compress, Compression, Decompress};

/// How far back a match may lie, as a power of two: the most there is, which every peer may use.
const WINDOW_BITS: u8 = 15;

/// What stands around the deflated bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// As the program of that name writes them, and HTTP's `gzip` (RFC 1952): a checksum and a length behind, and any number of
    /// such members one after the other.
    Gzip,
    /// A header of two bytes and a checksum (RFC 1950): PNG, git, HTTP's `deflate`.
    Zlib,
    /// Nothing (RFC 1951): ZIP, WebSocket's `permessage-deflate`. What is corrupt may go unnoticed.
    Deflate,
}

impl Format {
    pub(super) fn compress(self, level: Compression) -> Compress {
        match self {
            Self::Gzip => Compress::new_gzip(level, WINDOW_BITS),
            Self::Zlib => Compress::new(level, true),
            Self::Deflate => Compress::new(level, false),
        }
    }

    pub(super) fn decompress(self) -> Decompress {
        match self {
            Self::Gzip => Decompress::new_gzip(WINDOW_BITS),
            Self::Zlib => Decompress::new(true),
            Self::Deflate => Decompress::new(false),
        }
    }
}
