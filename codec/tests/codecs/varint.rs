//! Variable widths: published vectors, every boundary, a reference crate, and every form that is not the shortest.

use headpond_codec::{
    Decode, Decoded, Encode, MaxSize,
    varint::{Leb128, QuicVarint, QuicVarintTooLarge, VarintError, ZigZag},
};
use headpond_pool::SequenceBuf;

use crate::splits::{refused, whole_value};

fn encoded(value: impl Encode) -> Vec<u8> {
    let mut out = Vec::new();
    value.encode(&mut out).unwrap();
    out
}

/// The neighbours of every power of two.
fn boundaries() -> impl Iterator<Item = u128> {
    let powers = (0..128).map(|exponent| 1_u128 << exponent);
    powers.flat_map(|power| [power.wrapping_sub(1), power, power + 1, !power])
}

/// Protocol Buffers' documentation of its encoding, and the DWARF standard's figure of LEB128.
#[test]
fn published_numbers() {
    for (value, bytes) in [
        (1_u64, &[0x01][..]),
        (150, &[0x96, 0x01]),
        (2, &[2]),
        (127, &[127]),
        (128, &[0x80, 1]),
        (129, &[0x81, 1]),
        (12857, &[0xb9, 0x64]),
        (624_485, &[0xe5, 0x8e, 0x26]),
    ] {
        assert_eq!(encoded(Leb128(value as u32)), bytes);
        whole_value(bytes, &Leb128(value as u32));
        whole_value(bytes, &Leb128(value));
        whole_value(bytes, &Leb128(u128::from(value)));
    }
    // -2 as a 64-bit number, from the same page.
    let minus_two = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    assert_eq!(encoded(Leb128(-2_i64 as u64)), minus_two);
    whole_value(&minus_two, &Leb128(-2_i64 as u64));
}

/// The table of the same documentation.
#[test]
fn published_zigzags() {
    for (value, folded) in
        [(0, 0), (-1, 1), (1, 2), (-2, 3), (0x7fff_ffff, 0xffff_fffe), (-0x8000_0000, 0xffff_ffff_u32)]
    {
        assert_eq!(encoded(ZigZag(value)), encoded(Leb128(folded)));
        whole_value(&encoded(Leb128(folded)), &ZigZag(value));
    }
}

#[test]
fn every_boundary_matches_the_reference() {
    for value in boundaries() {
        let mut buffer = unsigned_varint::encode::u64_buffer();
        let reference = unsigned_varint::encode::u64(value as u64, &mut buffer);
        assert_eq!(encoded(Leb128(value as u64)), reference);
        whole_value(reference, &Leb128(value as u64));
        let mut buffer = unsigned_varint::encode::u128_buffer();
        let reference = unsigned_varint::encode::u128(value, &mut buffer);
        assert_eq!(encoded(Leb128(value)), reference);
        whole_value(reference, &Leb128(value));
        let mut buffer = unsigned_varint::encode::u32_buffer();
        let reference = unsigned_varint::encode::u32(value as u32, &mut buffer);
        assert_eq!(encoded(Leb128(value as u32)), reference);
        whole_value(reference, &Leb128(value as u32));
        whole_value(&encoded(ZigZag(value as i32)), &ZigZag(value as i32));
        whole_value(&encoded(ZigZag(value as i64)), &ZigZag(value as i64));
        whole_value(&encoded(ZigZag(value as i128)), &ZigZag(value as i128));
    }
}

#[test]
fn the_longest_have_the_size_declared() {
    assert_eq!((encoded(Leb128(u32::MAX)).len(), Leb128::<u32>::MAX_SIZE), (5, 5));
    assert_eq!((encoded(Leb128(u64::MAX)).len(), Leb128::<u64>::MAX_SIZE), (10, 10));
    assert_eq!((encoded(Leb128(u128::MAX)).len(), Leb128::<u128>::MAX_SIZE), (19, 19));
    assert_eq!((encoded(ZigZag(i64::MIN)).len(), ZigZag::<i64>::MAX_SIZE), (10, 10));
    assert_eq!((encoded(QuicVarint::MAX).len(), QuicVarint::MAX_SIZE), (8, 8));
}

#[test]
fn a_longer_form_than_need_be_is_refused() {
    for bytes in [&[0x80, 0][..], &[0xff, 0], &[0x81, 0x80, 0], &[0x80, 0x80, 0x80, 0x80, 0]] {
        assert_eq!(refused::<Leb128<u32>>(bytes), "the number at offset START is longer than it need be");
        refused::<Leb128<u64>>(bytes);
        refused::<Leb128<u128>>(bytes);
        refused::<ZigZag<i32>>(bytes);
    }
}

#[test]
fn more_bits_than_the_type_has_are_refused() {
    assert_eq!(
        refused::<Leb128<u32>>(&[0xff, 0xff, 0xff, 0xff, 0x10]),
        "the number at offset START has more than 32 bits"
    );
    refused::<Leb128<u32>>(&[0x80, 0x80, 0x80, 0x80, 0x80, 1]);
    let ten = [[0xff; 9].as_slice(), &[0x02]].concat();
    assert_eq!(refused::<Leb128<u64>>(&ten), "the number at offset START has more than 64 bits");
    refused::<ZigZag<i64>>(&[0x80; 11]);
    let nineteen = [[0xff; 18].as_slice(), &[0x04]].concat();
    assert_eq!(refused::<Leb128<u128>>(&nineteen), "the number at offset START has more than 128 bits");
}

/// Where much else lies behind a number, its bytes are taken at once.
#[test]
fn what_follows_is_no_part_of_a_number() {
    fn decoded<T>(bytes: &[u8]) -> Result<(Option<T>, usize), VarintError>
    where
        Leb128<T>: for<'a> Decode<'a, Error = VarintError>,
    {
        let buffer = SequenceBuf::from(bytes.to_vec());
        let mut cursor = buffer.as_sequence().cursor();
        let value = Leb128::<T>::decode(&mut cursor)?.value();
        Ok((value.map(|Leb128(value)| value), cursor.position().offset() as usize))
    }
    for behind in [0x00, 0x01, 0x7f, 0x80, 0xff] {
        let followed = |bytes: &[u8]| [bytes, &[behind; 20]].concat();
        for value in boundaries() {
            let bytes = encoded(Leb128(value));
            assert_eq!(decoded::<u128>(&followed(&bytes)), Ok((Some(value), bytes.len())));
            let bytes = encoded(Leb128(value as u64));
            assert_eq!(decoded::<u64>(&followed(&bytes)), Ok((Some(value as u64), bytes.len())));
            let bytes = encoded(Leb128(value as u32));
            assert_eq!(decoded::<u32>(&followed(&bytes)), Ok((Some(value as u32), bytes.len())));
        }
        for len in 1..10 {
            let overlong = [vec![0x80; len], vec![0]].concat();
            assert_eq!(decoded::<u64>(&followed(&overlong)), Err(VarintError::Overlong { offset: 0 }), "{len}");
        }
        let wide = encoded(Leb128(1_u64 << 32));
        assert_eq!(decoded::<u32>(&followed(&wide)), Err(VarintError::TooLarge { offset: 0, bits: 32 }));
        let wide = encoded(Leb128(1_u128 << 64));
        assert_eq!(decoded::<u64>(&followed(&wide)), Err(VarintError::TooLarge { offset: 0, bits: 64 }));
    }
}

/// A number that can only be too large is refused without its end.
#[test]
fn no_more_is_read_than_the_longest_number() {
    let buffer = SequenceBuf::from(vec![0xff; 5]);
    let mut cursor = buffer.as_sequence().cursor();
    assert_eq!(Leb128::<u32>::decode(&mut cursor), Err(VarintError::TooLarge { offset: 0, bits: 32 }));
    let buffer = SequenceBuf::from(vec![0x80; 9]);
    assert_eq!(Leb128::<u64>::decode(&mut buffer.as_sequence().cursor()), Ok(Decoded::NeedMore(1)));
}

/// RFC 9000, appendix A.1.
#[test]
fn published_quic_numbers() {
    for (value, bytes) in [
        (151_288_809_941_952_652, &[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c][..]),
        (494_878_333, &[0x9d, 0x7f, 0x3e, 0x7d]),
        (15_293, &[0x7b, 0xbd]),
        (37, &[0x25]),
    ] {
        let value = QuicVarint::new(value).unwrap();
        assert_eq!(encoded(value), bytes);
        whole_value(bytes, &value);
    }
    // Two bytes for 37: allowed, but not everywhere.
    whole_value(&[0x40, 0x25], &QuicVarint::new(37).unwrap());
    let buffer = SequenceBuf::from(vec![0x40, 0x25]);
    let mut cursor = buffer.as_sequence().cursor();
    assert_eq!(QuicVarint::decode_shortest(&mut cursor), Err(VarintError::Overlong { offset: 0 }));
    assert_eq!(cursor.position().offset(), 0);
}

#[test]
fn quic_boundaries() {
    for (value, size) in
        [(0, 1), (63, 1), (64, 2), (16_383, 2), (16_384, 4), (1 << 30, 8), ((1 << 30) - 1, 4), ((1 << 62) - 1, 8)]
    {
        let value = QuicVarint::new(value).unwrap();
        assert_eq!(encoded(value).len(), size);
        whole_value(&encoded(value), &value);
    }
    assert_eq!(QuicVarint::new(1 << 62).map_err(|QuicVarintTooLarge { value, .. }| value), Err(1 << 62));
}
