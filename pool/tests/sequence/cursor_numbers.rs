//! Integers and floats in both byte orders.

use headpond_pool::Incomplete;

use crate::cuts::{at, for_each_cut};

/// More bytes than the widest number, none like another.
const BYTES: [u8; 20] =
    [0x80, 1, 0xfe, 3, 0x7f, 5, 0xc0, 7, 8, 0xff, 10, 0x0b, 0x8c, 13, 0xee, 15, 16, 0x71, 0x92, 0xa3];

macro_rules! numbers {
    ($($number:ident: $be:ident, $le:ident;)*) => {$(
        #[test]
        fn $number() {
            const N: usize = size_of::<$number>();
            for_each_cut(&BYTES, |sequence| {
                for offset in 0..=BYTES.len() {
                    let mut cursor = sequence.cursor();
                    cursor.rewind_to(at(sequence, offset));
                    let mut other = cursor.clone();
                    let rest = &BYTES[offset..];
                    let expected =
                        rest.first_chunk::<N>().copied().ok_or_else(|| Incomplete { needed: N - rest.len() });
                    assert_eq!(cursor.$be().map($number::to_be_bytes), expected);
                    assert_eq!(other.$le().map($number::to_le_bytes), expected);
                    let passed = expected.map_or(0, |bytes| bytes.len());
                    assert_eq!(cursor.remaining(), rest[passed..]);
                    assert_eq!(other.remaining(), rest[passed..]);
                }
            });
        }
    )*};
}

numbers! {
    u8: u8, u8;
    i8: i8, i8;
    u16: u16_be, u16_le;
    i16: i16_be, i16_le;
    u32: u32_be, u32_le;
    i32: i32_be, i32_le;
    u64: u64_be, u64_le;
    i64: i64_be, i64_le;
    u128: u128_be, u128_le;
    i128: i128_be, i128_le;
    f32: f32_be, f32_le;
    f64: f64_be, f64_le;
}

#[test]
fn known_values() {
    for_each_cut(&[0x12, 0x34, 0x56, 0x78, 0xc0, 0x20, 0, 0], |sequence| {
        let start = sequence.cursor();
        assert_eq!(start.clone().u16_be(), Ok(0x1234));
        assert_eq!(start.clone().u16_le(), Ok(0x3412));
        assert_eq!(start.clone().u32_be(), Ok(0x1234_5678));
        assert_eq!(start.clone().u32_le(), Ok(0x7856_3412));
        assert_eq!(start.clone().u64_be(), Ok(0x1234_5678_c020_0000));
        assert_eq!(start.clone().i64_le(), Ok(0x20c0_7856_3412));
        let mut cursor = start;
        assert_eq!(cursor.skip(4), Ok(()));
        assert_eq!(cursor.clone().f32_be(), Ok(-2.5));
        assert_eq!(cursor.clone().i8(), Ok(-64));
        assert_eq!(cursor.array(), Ok([0xc0, 0x20]));
        assert_eq!(cursor.i16_be(), Ok(0));
        assert_eq!(cursor.u8(), Err(Incomplete { needed: 1 }));
    });
}
