//! Integers and floats of fixed width, in both byte orders.

use std::convert::Infallible;

use headpond_pool::{BufferWriter, Cursor};

use crate::{
    decode::{Decode, Decoded},
    encode::{Encode, EncodeError, MaxSize, encode_bounded},
};

/// A number with its high byte first: network byte order.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Decode, Encode, binary::Be};
/// use headpond_pool::SequenceBuf;
///
/// let mut out = Vec::new();
/// (Be(0x0102_u16), Be(-1_i8), Be(1.5_f32)).encode(&mut out)?;
/// assert_eq!(out, [1, 2, 0xff, 0x3f, 0xc0, 0, 0]);
///
/// let buffer = SequenceBuf::from(out);
/// let mut cursor = buffer.as_sequence().cursor();
/// assert_eq!(Be::<u16>::decode(&mut cursor)?.value(), Some(Be(0x0102)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Be<T>(pub T);

/// A number with its low byte first.
///
/// # Examples
///
/// ```
/// use headpond_codec::{Encode, binary::Le};
///
/// let mut out = Vec::new();
/// Le(0x0102_u16).encode(&mut out)?;
/// assert_eq!(out, [2, 1]);
/// # Ok::<(), headpond_codec::EncodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Le<T>(pub T);

macro_rules! fixed {
    ($order:ident $to:ident $from:ident: $($number:ty)*) => {$(
        impl Encode for $order<$number> {
            #[inline]
            fn encode<W: BufferWriter + ?Sized>(&self, out: &mut W) -> Result<(), EncodeError> {
                encode_bounded(self, out)
            }
        }

        impl MaxSize for $order<$number> {
            const MAX_SIZE: usize = size_of::<$number>();

            #[inline]
            fn put(&self, memory: &mut [u8]) -> usize {
                memory[..Self::MAX_SIZE].copy_from_slice(&self.0.$to());
                Self::MAX_SIZE
            }
        }

        impl Decode<'_> for $order<$number> {
            type Error = Infallible;

            #[inline]
            fn decode(cursor: &mut Cursor<'_>) -> Result<Decoded<Self>, Infallible> {
                Ok(match cursor.array() {
                    Ok(bytes) => Decoded::Value($order(<$number>::$from(bytes))),
                    Err(incomplete) => Decoded::NeedMore(incomplete.needed),
                })
            }
        }
    )*};
}

fixed!(Be to_be_bytes from_be_bytes: u8 i8 u16 i16 u32 i32 u64 i64 u128 i128 f32 f64);
fixed!(Le to_le_bytes from_le_bytes: u8 i8 u16 i16 u32 i32 u64 i64 u128 i128 f32 f64);
