//! Fixed widths in both orders, against byteorder.

use byteorder::{BE, LE, WriteBytesExt};
use headpond_codec::{
    Encode, MaxSize,
    binary::{Be, Le},
};
use headpond_pool::{BufferWriter, PoolError, WriteError};

use crate::{small_blocks::SmallBlocks, splits::whole_value};

fn encoded(value: &impl Encode) -> Vec<u8> {
    let mut out = Vec::new();
    value.encode(&mut out).unwrap();
    out
}

macro_rules! widths {
    ($($name:ident $write:ident $number:ty: $($value:expr),*;)*) => {$(
        #[test]
        fn $name() {
            for value in [$($value),*] {
                let (mut be, mut le) = (Vec::new(), Vec::new());
                be.$write::<BE>(value).unwrap();
                le.$write::<LE>(value).unwrap();
                assert_eq!(encoded(&Be(value)), be);
                assert_eq!(encoded(&Le(value)), le);
                assert_eq!(be.len(), Be::<$number>::MAX_SIZE);
                whole_value(&be, &Be(value));
                whole_value(&le, &Le(value));
            }
        }
    )*};
}

widths! {
    two_bytes write_u16 u16: 0, 1, 0x0102, u16::MAX;
    two_bytes_signed write_i16 i16: 0, -1, 0x0102, i16::MIN;
    four_bytes write_u32 u32: 0, 0x0102_0304, u32::MAX;
    four_bytes_signed write_i32 i32: -1, 0x0102_0304, i32::MIN;
    eight_bytes write_u64 u64: 0x0102_0304_0506_0708, u64::MAX;
    eight_bytes_signed write_i64 i64: -2, 0x0102_0304_0506_0708, i64::MIN;
    sixteen_bytes write_u128 u128: 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10, u128::MAX;
    sixteen_bytes_signed write_i128 i128: -3, i128::MIN;
    float write_f32 f32: 0.0, -0.0, 1.5, f32::MIN_POSITIVE, f32::INFINITY;
    double write_f64 f64: 0.1, -0.0, f64::MAX, f64::NEG_INFINITY;
}

#[test]
fn single_bytes() {
    assert_eq!(encoded(&[Be(0_u8), Be(255)]), [0, 255]);
    assert_eq!(encoded(&(Le(-1_i8), Be(-128_i8))), [255, 128]);
    whole_value(&[200], &Be(200_u8));
    whole_value(&[200], &Le(-56_i8));
}

/// Several values in a row lie in one block, or none of them is written.
#[test]
fn a_row_of_values_is_reserved_once() {
    for before in 0..8 {
        let mut out = SmallBlocks::of(8);
        out.write(&vec![b'-'; before]).unwrap();
        (Be(1_u16), Le(2_u32), Be(3_u8)).encode(&mut out).unwrap();
        assert!(out.pieces().last().unwrap().ends_with(&[0, 1, 2, 0, 0, 0, 3]));
    }
    let mut out = SmallBlocks::of(8).at_most(1);
    out.write(b"--").unwrap();
    let error = (Be(1_u32), Be(2_u32)).encode(&mut out).unwrap_err();
    assert!(matches!(error, headpond_codec::EncodeError::Write(WriteError::Pool(PoolError::Exhausted { .. }))));
    assert_eq!(out.bytes(), b"--");
}
