//! Integers and floats, in both byte orders.

use super::{Cursor, Incomplete};

impl Cursor<'_> {
    /// The next byte.
    ///
    /// # Errors
    ///
    /// At the end.
    #[inline]
    pub fn u8(&mut self) -> Result<u8, Incomplete> {
        self.array().map(u8::from_ne_bytes)
    }

    /// The next byte, as a signed number.
    ///
    /// # Errors
    ///
    /// At the end.
    #[inline]
    pub fn i8(&mut self) -> Result<i8, Incomplete> {
        self.array().map(i8::from_ne_bytes)
    }

    /// The next `N` bytes, copied.
    ///
    /// # Errors
    ///
    /// When fewer are left.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Incomplete> {
        if let Some((bytes, rest)) = self.rest.split_first_chunk() {
            self.rest = rest;
            return Ok(*bytes);
        }
        self.far(Self::array_across)
    }

    /// [`array`](Self::array), over a join.
    #[inline(never)]
    fn array_across<const N: usize>(mut self) -> (Self, Result<[u8; N], Incomplete>) {
        let mut bytes = [0; N];
        let read = self.read_exact_into(&mut bytes);
        (self, read.map(|()| bytes))
    }
}

macro_rules! numbers {
    ($($number:ident, $be:ident, $le:ident, $bytes:literal;)*) => {
        impl Cursor<'_> {
            $(
                #[doc = concat!("The next ", $bytes, " bytes as an `", stringify!($number), "`, the high byte first.")]
                ///
                /// # Errors
                ///
                /// When fewer are left.
                #[inline]
                pub fn $be(&mut self) -> Result<$number, Incomplete> {
                    self.array().map($number::from_be_bytes)
                }

                #[doc = concat!("The next ", $bytes, " bytes as an `", stringify!($number), "`, the low byte first.")]
                ///
                /// # Errors
                ///
                /// When fewer are left.
                #[inline]
                pub fn $le(&mut self) -> Result<$number, Incomplete> {
                    self.array().map($number::from_le_bytes)
                }
            )*
        }
    };
}

numbers! {
    u16, u16_be, u16_le, 2;
    i16, i16_be, i16_le, 2;
    u32, u32_be, u32_le, 4;
    i32, i32_be, i32_le, 4;
    u64, u64_be, u64_le, 8;
    i64, i64_be, i64_le, 8;
    u128, u128_be, u128_le, 16;
    i128, i128_be, i128_le, 16;
    f32, f32_be, f32_le, 4;
    f64, f64_be, f64_le, 8;
}
