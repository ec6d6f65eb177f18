//! What stands around the deflated bytes.

use flate2::{Compress, Compression, Decompress};

/// How far back a match may lie, as a power of two: the most there is, which every peer may use.
const WINDOW_BITS: u8 = 15;

/// What every member of a gzip stream begins with.
pub(super) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// How deflated bytes are told of by the header of either format.
const DEFLATED: u8 = 8;

/// The bit of a zlib header that says that a dictionary is needed, which nobody here has.
const NEEDS_DICTIONARY: u8 = 0x20;

/// As many bytes as any fault of a header needs behind it to be told by the inflater.
const MOST_LOOKED_AHEAD: usize = 8;

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

    /// The start of `input`, which begins at the byte `position` of a stream or member, up to a byte that no header has there,
    /// with zeros behind it: `None` when there is no such byte. The inflater looks at two bytes of a header at once, and would
    /// wait for the second of them, whatever the first is; given these, it tells at once what is wrong.
    pub(super) fn refused(self, position: u64, input: &[u8]) -> Option<[u8; MOST_LOOKED_AHEAD]> {
        let within = usize::try_from(position).ok().filter(|&position| position < 3)?;
        let at = (within..3).zip(input).position(|(position, &byte)| self.refuses(position, byte))?;
        let mut refused = [0; MOST_LOOKED_AHEAD];
        refused[..=at].copy_from_slice(&input[..=at]);
        Some(refused)
    }

    fn refuses(self, position: usize, byte: u8) -> bool {
        match (self, position) {
            (Self::Gzip, 0) => byte != GZIP_MAGIC[0],
            (Self::Gzip, 2) => byte != DEFLATED,
            (Self::Zlib, 0) => byte & 0x0f != DEFLATED || byte >> 4 > WINDOW_BITS - 8,
            (Self::Zlib, 1) => byte & NEEDS_DICTIONARY != 0,
            _ => false,
        }
    }
}
