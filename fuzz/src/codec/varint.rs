//! Integers of variable width, against arithmetic on more bits than they have.

use std::{convert::Infallible, fmt::Debug};

use headpond_codec::{
    Decode, Decoded, Encode,
    varint::{Leb128, QuicVarint, VarintError, ZigZag},
};
use headpond_pool::Cursor;

use super::{Bytes, Stop, Stream, Values};

/// What a stream is made of: items are numbers, shifted down by so many bits, in one of the forms.
pub type Op = super::Op<(u8, u8, u128)>;

/// Runs the operations.
///
/// # Panics
///
/// When two outcomes differ.
pub fn run(ops: &[Op]) {
    let stream = Stream::of(ops, &[&[0x80], &[0], &[0x7f], &[0xff], &[0xff, 0xff, 0xff, 0xff, 0xf]], |item, out| {
        let number = item.2 >> (item.1 % 128);
        let _ = match item.0 % 3 {
            0 => Leb128(number).encode(out),
            1 => ZigZag(number as i128).encode(out),
            _ => QuicVarint::new(number as u64 >> 2).unwrap_or_default().encode(out),
        };
    });
    match stream.variant % 8 {
        0 => leb128::<Leb128<u32>>(&stream, |value| value.0.into(), 32),
        1 => leb128::<Leb128<u64>>(&stream, |value| value.0.into(), 64),
        2 => leb128::<Leb128<u128>>(&stream, |value| value.0, 128),
        3 => leb128::<ZigZag<i32>>(&stream, |value| folded(value.0.into()), 32),
        4 => leb128::<ZigZag<i64>>(&stream, |value| folded(value.0.into()), 64),
        5 => leb128::<ZigZag<i128>>(&stream, |value| folded(value.0), 128),
        6 => quic(&stream, false),
        _ => quic(&stream, true),
    }
}

/// By the definition: 0, -1, 1, -2 become 0, 1, 2, 3.
fn folded(number: i128) -> u128 {
    let double = number.unsigned_abs().wrapping_mul(2);
    if number < 0 { double.wrapping_sub(1) } else { double }
}

fn leb128<V>(stream: &Stream, number: fn(&V) -> u128, bits: u32)
where
    V: for<'a> Decode<'a, Error = VarintError> + Encode + PartialEq + Debug,
{
    let (values, end) = stream.decode(|| Values(|cursor| V::decode(cursor)), |values, value| values.push(value));
    let (naive, naive_end) = Bytes::of(&stream.bytes).values(|bytes| read_leb128(bytes, bits));
    assert_eq!((values.iter().map(number).collect::<Vec<_>>(), end.kind()), (naive, naive_end));
    let mut out = Vec::new();
    values.iter().for_each(|value| value.encode(&mut out).expect("a Vec has memory"));
    assert!(stream.bytes.starts_with(&out), "there is one form only");
}

/// Seven bits a byte, of which none may be beyond the type; that is found with the byte that shows it.
fn read_leb128(bytes: &mut Bytes<'_>, bits: u32) -> Result<u128, Stop> {
    let mut digits = Vec::new();
    loop {
        let byte = bytes.next()?;
        digits.extend((0..7).map(|bit| byte >> bit & 1));
        let is_beyond = digits.iter().skip(bits as usize).any(|bit| *bit == 1);
        // With another byte there would be more of them than the type has.
        if is_beyond || byte & 0x80 != 0 && digits.len() >= bits as usize {
            return Err(Stop::Failed);
        }
        if byte & 0x80 == 0 {
            if byte == 0 && digits.len() > 7 {
                return Err(Stop::Failed);
            }
            return Ok(digits.iter().take(128).rev().fold(0, |number, bit| number << 1 | u128::from(*bit)));
        }
    }
}

fn in_any_form(cursor: &mut Cursor<'_>) -> Result<Decoded<QuicVarint>, Infallible> {
    QuicVarint::decode(cursor)
}

fn quic(stream: &Stream, is_shortest: bool) {
    let own = |values: &mut Vec<u128>, value: QuicVarint| values.push(value.get().into());
    let (values, end) = if is_shortest {
        stream.decode(|| Values(QuicVarint::decode_shortest), own)
    } else {
        stream.decode(|| Values(in_any_form), own)
    };
    let naive = Bytes::of(&stream.bytes).values(|bytes| {
        let len = 1_u64 << (bytes.peek()? >> 6);
        // By the first of its bytes alone, were the others as large as can be.
        let there = bytes.all[bytes.at..].iter().take(len as usize).chain(std::iter::repeat(&0xff));
        let most = there.take(len as usize).fold(0, |number, byte| number << 8 | u64::from(*byte))
            & ((1 << (8 * len - 2)) - 1);
        if is_shortest && len > 1 && most < 1 << (4 * len - 2) {
            return Err(Stop::Failed);
        }
        let number = bytes.number(len)? & ((1 << (8 * len - 2)) - 1);
        let shortest = [1, 2, 4, 8].into_iter().find(|len| number < 1 << (8 * len - 2));
        if is_shortest && shortest != Some(len) { Err(Stop::Failed) } else { Ok(number.into()) }
    });
    assert_eq!((values, end.kind()), naive);
}
