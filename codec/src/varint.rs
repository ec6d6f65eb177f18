//! Integers of variable width: LEB128, as protobuf and WebAssembly have them, with zigzag for signed ones, and QUIC's.
//!
//! Small numbers take one byte. A number may be split anywhere, and has one form only: LEB128 that is longer than it need
//! be is refused, so that equal values are equal bytes.

mod quic;

use headpond_pool::{BufferWriter, Cursor};

use crate::{
    decode::{Decode, Decoded},
    encode::{Encode, EncodeError, MaxSize, encode_bounded},
};

pub use quic::{QuicVarint, QuicVarintTooLarge};

/// An unsigned number in LEB128: seven bits a byte, the low ones first, the high bit set on all bytes but the last.
///
/// Of `u32`, `u64` and `u128`.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decode, Encode, varint::Leb128};
/// use headpond_pool::SequenceBuf;
///
/// let mut out = Vec::new();
/// Leb128(624_485_u32).encode(&mut out)?;
/// assert_eq!(out, [0xe5, 0x8e, 0x26]);
/// let buffer = SequenceBuf::from(out);
/// assert_eq!(Leb128::decode(&mut buffer.as_sequence().cursor())?.value(), Some(Leb128(624_485_u32)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Leb128<T>(pub T);

/// A signed number in LEB128 by way of zigzag: 0, -1, 1, -2 … become 0, 1, 2, 3 …, so that small ones are short.
///
/// Of `i32`, `i64` and `i128`.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, varint::ZigZag};
///
/// let mut out = Vec::new();
/// (ZigZag(-1_i64), ZigZag(1_i64), ZigZag(-65_i64)).encode(&mut out)?;
/// assert_eq!(out, [1, 2, 0x81, 0x01]);
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ZigZag<T>(pub T);

/// Why bytes are no variable-width number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VarintError {
    /// The number has more bits than its type.
    #[error("the number at offset {offset} has more than {bits} bits")]
    TooLarge {
        /// Where it begins in the stream, in bytes.
        offset: u64,
        /// How many bits its type has.
        bits: u32,
    },
    /// The number ends with bytes that add nothing to it.
    #[error("the number at offset {offset} is longer than it need be")]
    Overlong {
        /// Where it begins in the stream, in bytes.
        offset: u64,
    },
}

/// What is wrong with a number, whose offset is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    TooLarge,
    Overlong,
}

macro_rules! leb128 {
    ($($unsigned:ident $signed:ident $far:ident $read:ident;)*) => {$(
        impl Encode for Leb128<$unsigned> {
            #[inline]
            fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
                encode_bounded(self, out)
            }
        }

        impl MaxSize for Leb128<$unsigned> {
            const MAX_SIZE: usize = ($unsigned::BITS as usize).div_ceil(7);

            #[inline]
            fn put(&self, memory: &mut [u8]) -> usize {
                let memory = &mut memory[..Self::MAX_SIZE];
                let (mut rest, mut len) = (self.0, 0);
                while rest >= 0x80 {
                    memory[len] = rest as u8 | 0x80;
                    (rest, len) = (rest >> 7, len + 1);
                }
                memory[len] = rest as u8;
                len + 1
            }
        }

        impl Decode<'_> for Leb128<$unsigned> {
            type Error = VarintError;

            #[inline(always)]
            fn decode(cursor: &mut Cursor<'_>) -> Result<Decoded<Self>, VarintError> {
                if let Some((value, len)) = near(cursor.chunk()) {
                    // Narrower ones may be too large, as wider ones are not.
                    let narrowed = value as $unsigned;
                    if u128::from(narrowed) == u128::from(value) {
                        let _ = cursor.skip(len);
                        return Ok(Decoded::Value(Self(narrowed)));
                    }
                }
                let (behind, read) = $far(cursor.clone());
                *cursor = behind;
                read
            }
        }

        /// As `decode`, over joins and up to the end of what there is.
        #[inline(never)]
        fn $far(mut cursor: Cursor<'_>) -> (Cursor<'_>, Result<Decoded<Leb128<$unsigned>>, VarintError>) {
            let read = match $read(Joined(cursor.clone())) {
                Ok(Some((value, len))) => {
                    let _ = cursor.skip(len);
                    Ok(Decoded::Value(Leb128(value)))
                }
                Ok(None) => Ok(Decoded::NeedMore(1)),
                Err(flaw) => Err(flaw.at(&cursor, $unsigned::BITS)),
            };
            (cursor, read)
        }

        /// A number and its length; `None` when its last byte is missing.
        #[inline]
        fn $read(bytes: impl Iterator<Item = u8>) -> Result<Option<($unsigned, usize)>, Flaw> {
            let (mut value, mut shift): ($unsigned, u32) = (0, 0);
            for byte in bytes {
                let bits = $unsigned::from(byte & 0x7f);
                // Of the last byte that there may be, the bits beyond the type must be clear, and that is the last.
                if shift + 7 > $unsigned::BITS && (byte >= 0x80 || bits >> ($unsigned::BITS - shift) != 0) {
                    return Err(Flaw::TooLarge);
                }
                value |= bits << shift;
                shift += 7;
                if byte < 0x80 {
                    let overlong = byte == 0 && shift > 7;
                    return if overlong { Err(Flaw::Overlong) } else { Ok(Some((value, (shift / 7) as usize))) };
                }
            }
            Ok(None)
        }

        impl Encode for ZigZag<$signed> {
            #[inline]
            fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
                encode_bounded(self, out)
            }
        }

        impl MaxSize for ZigZag<$signed> {
            const MAX_SIZE: usize = Leb128::<$unsigned>::MAX_SIZE;

            #[inline]
            fn put(&self, memory: &mut [u8]) -> usize {
                let folded = (self.0 << 1) ^ (self.0 >> ($signed::BITS - 1));
                Leb128(folded as $unsigned).put(memory)
            }
        }

        impl Decode<'_> for ZigZag<$signed> {
            type Error = VarintError;

            #[inline]
            fn decode(cursor: &mut Cursor<'_>) -> Result<Decoded<Self>, VarintError> {
                let folded = Leb128::<$unsigned>::decode(cursor)?;
                Ok(folded.map(|Leb128(folded)| Self((folded >> 1) as $signed ^ -((folded & 1) as $signed))))
            }
        }
    )*};
}

leb128! {
    u32 i32 far_u32 read_u32;
    u64 i64 far_u64 read_u64;
    u128 i128 far_u128 read_u128;
}

/// A number of up to 64 bits and its length, where ten bytes lie in one chunk, as they do for nearly every number. What is wrong
/// with others is found out elsewhere.
///
/// Eight bytes are taken at once: a loop over them ends where no processor foresees it.
#[inline(always)]
fn near(chunk: &[u8]) -> Option<(u64, usize)> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let Some(&[a, b, c, d, e, f, g, h, ninth, tenth]) = chunk.first_chunk() else {
        return if let [byte @ 0..0x80, ..] = *chunk { Some((byte.into(), 1)) } else { None };
    };
    let word = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
    let ends = !word & HIGH;
    if ends == 0 {
        let value = gather(word & !HIGH) | u64::from(ninth & 0x7f) << 56;
        return match (ninth, tenth) {
            (1..0x80, _) => Some((value, 9)),
            (0x80.., 1) => Some((value | 1 << 63, 10)),
            _ => None,
        };
    }
    let len = (ends.trailing_zeros() / 8 + 1) as usize;
    let value = gather(word & (ends ^ (ends - 1)) & !HIGH);
    // Without branches: nearly all are, and the lengths of none are foreseen.
    let is_shortest = (len == 1) | (value >> (7 * (len - 1)) != 0);
    is_shortest.then_some((value, len))
}

/// The low seven bits of each byte, side by side; the high ones are clear.
#[inline(always)]
fn gather(word: u64) -> u64 {
    let pairs = (word & 0x007f_007f_007f_007f) | (word & 0x7f00_7f00_7f00_7f00) >> 1;
    let fours = (pairs & 0x0000_3fff_0000_3fff) | (pairs & 0x3fff_0000_3fff_0000) >> 2;
    (fours & 0x0fff_ffff) | (fours & 0x0fff_ffff_0000_0000) >> 4
}

impl Flaw {
    #[cold]
    fn at(self, cursor: &Cursor<'_>, bits: u32) -> VarintError {
        let offset = cursor.position().offset();
        match self {
            Self::TooLarge => VarintError::TooLarge { offset, bits },
            Self::Overlong => VarintError::Overlong { offset },
        }
    }
}

/// The bytes of a cursor, over joins.
struct Joined<'a>(Cursor<'a>);

impl Iterator for Joined<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.0.u8().ok()
    }
}
