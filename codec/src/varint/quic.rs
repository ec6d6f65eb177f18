//! QUIC's variable-width integers: RFC 9000, section 16.

use std::convert::Infallible;

use headpond_pool::{BufferWriter, Cursor, Incomplete};

use super::VarintError;
use crate::{
    decode::{Decode, Decoded},
    encode::{Encode, EncodeError, MaxSize, encode_bounded},
};

/// A number below 2^62, in one, two, four or eight bytes: the first two bits say in how many.
///
/// It is written in the shortest form. It is read in any, as QUIC allows; [`decode_shortest`](Self::decode_shortest) is
/// for where it does not.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decode, Encode, varint::QuicVarint};
/// use headpond_pool::SequenceBuf;
///
/// let mut out = Vec::new();
/// QuicVarint::new(15_293)?.encode(&mut out)?;
/// assert_eq!(out, [0x7b, 0xbd]);
/// let buffer = SequenceBuf::from(out);
/// let read = QuicVarint::decode(&mut buffer.as_sequence().cursor())?.value();
/// assert_eq!(read.map(QuicVarint::get), Some(15_293));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct QuicVarint(u64);

/// A number of 2^62 or more, which QUIC has no form for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{value} is not below 2^62")]
#[non_exhaustive]
pub struct QuicVarintTooLarge {
    /// The number.
    pub value: u64,
}

impl QuicVarint {
    /// The largest.
    pub const MAX: Self = Self((1 << 62) - 1);

    /// A number.
    ///
    /// # Errors
    ///
    /// When it is 2^62 or more.
    #[inline]
    pub const fn new(value: u64) -> Result<Self, QuicVarintTooLarge> {
        if value <= Self::MAX.0 { Ok(Self(value)) } else { Err(QuicVarintTooLarge { value }) }
    }

    /// The number.
    #[inline]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// As [`Decode::decode`], for a place where the shortest form is the only one, as that of a frame's type.
    ///
    /// # Errors
    ///
    /// When it is longer than it need be.
    pub fn decode_shortest(cursor: &mut Cursor<'_>) -> Result<Decoded<Self>, VarintError> {
        let mut head = [0; 8];
        let available = cursor.remaining().copy_to(&mut head);
        let size = 1 << (head[0] >> 6);
        // A number has a shorter form when the first half of its bytes is clear, and two bits more: the size says itself by two bits.
        let half = size / 2;
        let is_clear = head[0] & 0x3f == 0 && head[1..].iter().take(half.max(1) - 1).all(|byte| *byte == 0);
        if size > 1 && is_clear && available <= half && available > 0 {
            return Ok(Decoded::NeedMore(half + 1 - available));
        }
        if size > 1 && is_clear && available > half && head[half] < 0x40 {
            return Err(VarintError::Overlong { offset: cursor.position().offset() });
        }
        let Ok(decoded) = Self::decode(cursor);
        Ok(decoded)
    }

    /// How many bytes the shortest form takes.
    #[inline]
    pub const fn size(self) -> usize {
        match self.0 {
            0..0x40 => 1,
            0x40..0x4000 => 2,
            0x4000..0x4000_0000 => 4,
            _ => 8,
        }
    }
}

impl Encode for QuicVarint {
    #[inline]
    fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
        encode_bounded(self, out)
    }
}

impl MaxSize for QuicVarint {
    const MAX_SIZE: usize = 8;

    #[inline]
    fn put(&self, memory: &mut [u8]) -> usize {
        let size = self.size();
        // In the high bits of the first byte: the logarithm of the size.
        let tagged = (self.0 << (64 - 8 * size)) | u64::from(size.ilog2()) << 62;
        memory[..size].copy_from_slice(&tagged.to_be_bytes()[..size]);
        size
    }
}

impl Decode<'_> for QuicVarint {
    type Error = Infallible;

    #[inline]
    fn decode(cursor: &mut Cursor<'_>) -> Result<Decoded<Self>, Infallible> {
        Ok(match read(cursor) {
            Ok(value) => Decoded::Value(Self(value)),
            Err(incomplete) => Decoded::NeedMore(incomplete.needed),
        })
    }
}

#[inline]
fn read(cursor: &mut Cursor<'_>) -> Result<u64, Incomplete> {
    Ok(match cursor.peek()? >> 6 {
        0 => u64::from(cursor.u8()?),
        1 => u64::from(cursor.u16_be()? & 0x3fff),
        2 => u64::from(cursor.u32_be()? & 0x3fff_ffff),
        _ => cursor.u64_be()? & QuicVarint::MAX.0,
    })
}
