//! Numbers as decimal text, written where they will be read from, and read wherever they lie.
//!
//! No buffer lies between an integer and the block. Where that has room for the longest number, the digits are put in place eight at a
//! time, with whatever comes behind them to be overwritten. At its end they are counted first, and then put in place from the last to the
//! first, two at a time: a block is used up to its last byte. A float's text is made by `zmij`, in a buffer on the stack, and
//! copied.

mod float;
mod parse;

use headpond_pool::{BufferWriter, WriteError};

pub use float::{Float, Shortest, parse_float, write_float};
pub(crate) use float::{MAX_FLOAT_LEN, parse_float_bytes, put_float};
pub use parse::{Decimal, NumberError, parse_integer};

/// Writes an integer as decimal text, with a `-` before a negative one, and returns how many bytes that took.
///
/// The text is contiguous: it takes a new block when the current one has no room for all of it.
///
/// # Errors
///
/// When the writer has no memory, or nobody to read it. Nothing is written then.
///
/// # Examples
///
/// ```
/// use headpond_codec::number::write_integer;
///
/// let mut out = Vec::new();
/// assert_eq!(write_integer(&mut out, -273_i16)?, 4);
/// assert_eq!(out, b"-273");
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
#[inline]
pub fn write_integer<I: Integer>(out: &mut (impl BufferWriter + ?Sized), value: I) -> Result<usize, WriteError> {
    let mut memory = out.reserve(1)?;
    if memory.len() < I::ROOM {
        return write_exactly(out, value);
    }
    let len = value.put_at_start(&mut memory[..I::ROOM]);
    memory.advance(len);
    Ok(len)
}

/// As [`write_integer`], with no byte to spare.
#[inline(never)]
fn write_exactly<I: Integer>(out: &mut (impl BufferWriter + ?Sized), value: I) -> Result<usize, WriteError> {
    let len = value.decimal_len();
    let mut memory = out.reserve(len)?.at_least(len)?;
    value.put_decimal(&mut memory[..len]);
    memory.advance(len);
    Ok(len)
}

/// The integers that [`write_integer`] writes: all of the language's.
pub trait Integer: Copy + sealed::Sealed {
    /// The length of the longest of them in decimal text, in bytes, sign included.
    const MAX_DECIMAL_LEN: usize;

    /// How long it is in decimal text, in bytes, sign included.
    fn decimal_len(self) -> usize;

    #[doc(hidden)]
    fn put_decimal(self, exactly: &mut [u8]);

    /// How much memory `put_at_start` takes, in bytes; no less than any of these numbers is long.
    #[doc(hidden)]
    const ROOM: usize;

    /// Puts the text at the start of `memory`, anything behind it, and returns its length.
    #[doc(hidden)]
    fn put_at_start(self, memory: &mut [u8]) -> usize;

    #[doc(hidden)]
    const ZERO: Self;

    /// The number with a digit put behind it, away from zero in its sign's direction.
    #[doc(hidden)]
    fn push_digit(self, digit: u8, negative: bool) -> Option<Self>;
}

mod sealed {
    #[expect(unnameable_types, reason = "that is what seals the trait")]
    pub trait Sealed {}
}

/// Integers by way of the 32, 64 or 128 bits that hold their magnitude.
macro_rules! integers {
    ($($magnitude:ident by $put:ident, $put_at_start:ident in $room:ident { $($unsigned:ty, $signed:ty;)* })*) => {$($(
        impl sealed::Sealed for $unsigned {}
        impl sealed::Sealed for $signed {}

        impl Integer for $unsigned {
            const MAX_DECIMAL_LEN: usize = <$unsigned>::MAX.ilog10() as usize + 1;
            const ZERO: Self = 0;

            #[inline]
            fn push_digit(self, digit: u8, negative: bool) -> Option<Self> {
                if negative && digit > 0 {
                    return None;
                }
                self.checked_mul(10)?.checked_add(digit as $unsigned)
            }

            #[inline]
            fn decimal_len(self) -> usize {
                digits((self as $magnitude).checked_ilog10())
            }

            #[inline]
            fn put_decimal(self, exactly: &mut [u8]) {
                $put(exactly, self as $magnitude);
            }

            const ROOM: usize = $room;

            #[inline]
            fn put_at_start(self, memory: &mut [u8]) -> usize {
                $put_at_start(memory, 0, self as $magnitude)
            }
        }

        impl Integer for $signed {
            const MAX_DECIMAL_LEN: usize = <$signed>::MAX.ilog10() as usize + 2;
            const ZERO: Self = 0;

            #[inline]
            fn push_digit(self, digit: u8, negative: bool) -> Option<Self> {
                let shifted = self.checked_mul(10)?;
                let digit = digit as $signed;
                if negative { shifted.checked_sub(digit) } else { shifted.checked_add(digit) }
            }

            #[inline]
            fn decimal_len(self) -> usize {
                usize::from(self < 0) + self.unsigned_abs().decimal_len()
            }

            #[inline]
            fn put_decimal(self, exactly: &mut [u8]) {
                let digits = match exactly {
                    [sign, digits @ ..] if self < 0 => {
                        *sign = b'-';
                        digits
                    }
                    digits => digits,
                };
                self.unsigned_abs().put_decimal(digits);
            }

            const ROOM: usize = $room;

            #[inline]
            fn put_at_start(self, memory: &mut [u8]) -> usize {
                // Overwritten, unless it is wanted.
                memory[0] = b'-';
                $put_at_start(memory, usize::from(self < 0), self.unsigned_abs() as $magnitude)
            }
        }
    )*)*};
}

integers! {
    u32 by put_u32, put_u32_from in ROOM { u8, i8; u16, i16; u32, i32; }
    u64 by put_u64, put_u64_from in ROOM { u64, i64; usize, isize; }
    u128 by put_u128, put_u128_from in ROOM_128 { u128, i128; }
}

/// How many digits a number has, by its logarithm.
#[inline]
fn digits(log10: Option<u32>) -> usize {
    log10.map_or(1, |log10| log10 as usize + 1)
}

/// The two digits of every number below 100.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut n = 0;
    while n < 100 {
        pairs[n] = [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
        n += 1;
    }
    pairs
};

/// Fills `digits`, as many as the number has, or more, with the number, zeros leading.
macro_rules! put {
    ($name:ident, $int:ty) => {
        #[inline]
        fn $name(digits: &mut [u8], value: $int) {
            let mut rest = value;
            let (pairs, odd) = split_from_end(digits);
            for pair in pairs.rev() {
                pair.copy_from_slice(&PAIRS[(rest % 100) as usize]);
                rest /= 100;
            }
            if let Some(odd) = odd {
                *odd = b'0' + (rest % 10) as u8;
            }
        }
    };
}

put!(put_u32, u32);
put!(put_u64, u64);

/// As `put_u64`, in groups of 18 digits, since a division of 128 bits is many times dearer than one of 64.
#[inline]
fn put_u128(digits: &mut [u8], value: u128) {
    const GROUP_LEN: usize = 18;
    const GROUP: u128 = 10_u128.pow(GROUP_LEN as u32);
    let (mut digits, mut rest) = (digits, value);
    while digits.len() > GROUP_LEN {
        let (head, group) = digits.split_at_mut(digits.len() - GROUP_LEN);
        put_u64(group, (rest % GROUP) as u64);
        rest /= GROUP;
        digits = head;
    }
    put_u64(digits, rest as u64);
}

/// The pairs of digits that end the number, and the single one that stands before them when their count is odd.
#[inline]
fn split_from_end(digits: &mut [u8]) -> (std::slice::ChunksExactMut<'_, u8>, Option<&mut u8>) {
    let (odd, pairs) = digits.split_at_mut(digits.len() % 2);
    (pairs.chunks_exact_mut(2), odd.first_mut())
}

/// What the longest number of 64 bits takes.
const ROOM: usize = 20;
/// What the longest of 128 bits takes.
const ROOM_128: usize = 40;

/// Eight digits have so many values.
const EIGHT: u64 = 100_000_000;

/// The digits of a number below [`EIGHT`], zeros leading, the first in the lowest byte: all at once, by way of four and two of
/// them side by side.
#[inline]
fn eight_digits(value: u64) -> u64 {
    // Each part's quotient by multiplication, and its remainder above it.
    let fours = value / 10_000 + ((value % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let pairs = hundreds + ((fours - 100 * hundreds) << 16);
    let tens = ((pairs * 103) >> 10) & 0x000f_000f_000f_000f;
    tens + ((pairs - 10 * tens) << 8)
}

/// Puts a number from `at` on, where eight bytes are, or as many as it has digits, and returns where it ends.
#[inline]
fn put_u64_from(memory: &mut [u8], at: usize, value: u64) -> usize {
    let all = |memory: &mut [u8], at: usize, eight: u64| {
        memory[at..at + 8].copy_from_slice(&(eight_digits(eight) | 0x3030_3030_3030_3030).to_le_bytes());
        at + 8
    };
    match value {
        0..EIGHT => put_u32_from(memory, at, value as u32),
        _ if value / EIGHT < EIGHT => {
            let at = put_u32_from(memory, at, (value / EIGHT) as u32);
            all(memory, at, value % EIGHT)
        }
        _ => {
            let (first, rest) = (value / (EIGHT * EIGHT), value % (EIGHT * EIGHT));
            let at = put_u32_from(memory, at, first as u32);
            let at = all(memory, at, rest / EIGHT);
            all(memory, at, rest % EIGHT)
        }
    }
}

/// As `put_u64_from`.
#[inline]
fn put_u32_from(memory: &mut [u8], at: usize, value: u32) -> usize {
    let value = u64::from(value);
    match value {
        // Lengths and counts mostly, whose ends what stands behind them waits for.
        0..10 => {
            memory[at] = b'0' + value as u8;
            return at + 1;
        }
        10..100 => {
            memory[at..at + 2].copy_from_slice(&PAIRS[value as usize]);
            return at + 2;
        }
        EIGHT.. => return put_u64_from(memory, at, value),
        _ => {}
    }
    let digits = eight_digits(value);
    // The last one stands even when it is a zero.
    let zeros = (digits | 1 << 56).trailing_zeros() / 8;
    let text = (digits | 0x3030_3030_3030_3030) >> (8 * zeros);
    memory[at..at + 8].copy_from_slice(&text.to_le_bytes());
    at + 8 - zeros as usize
}

/// As `put_u64_from`.
fn put_u128_from(memory: &mut [u8], at: usize, value: u128) -> usize {
    if let Ok(value) = u64::try_from(value) {
        return put_u64_from(memory, at, value);
    }
    let end = at + value.decimal_len();
    put_u128(&mut memory[at..end], value);
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<I: Integer>(value: I) -> String {
        let mut out = Vec::new();
        let len = write_integer(&mut out, value).unwrap();
        assert_eq!(len, out.len());
        assert!(len <= I::MAX_DECIMAL_LEN && I::MAX_DECIMAL_LEN <= I::ROOM);
        // Where there is no byte to spare.
        let mut exactly = Vec::new();
        assert_eq!(write_exactly(&mut exactly, value).unwrap(), len);
        assert_eq!(exactly, out);
        // Among other bytes, as the value of a row.
        let mut memory = vec![b'?'; I::ROOM];
        let end = value.put_at_start(&mut memory);
        assert_eq!(memory[..end], out);
        String::from_utf8(out).unwrap()
    }

    /// Digits by eight: every one of them in every place, and every number of four digits at either end.
    #[test]
    fn eight_digits_match_the_standard_library() {
        for value in (0..10_000).flat_map(|part| [part, part * 10_000, part * 10_001, 99_999_999 - part]) {
            let digits = eight_digits(value) | 0x3030_3030_3030_3030;
            assert_eq!(digits.to_le_bytes(), format!("{value:08}").as_bytes());
        }
    }

    /// Every value of eight and sixteen bits, and the neighbours of every power of two and of ten for the wider ones.
    #[test]
    fn every_width_matches_the_standard_library() {
        for value in 0..=u16::MAX {
            assert_eq!(text(value), value.to_string());
            assert_eq!(text(value as i16), (value as i16).to_string());
            assert_eq!(text(value as u8), (value as u8).to_string());
            assert_eq!(text(value as i8), (value as i8).to_string());
        }
        let twos = (0..128).map(|exponent| 1_u128 << exponent);
        let tens = (0..39).map(|exponent| 10_u128.pow(exponent));
        for power in twos.chain(tens) {
            for value in [power.wrapping_sub(1), power, power + 1, power / 9 * 7, !power] {
                assert_eq!(text(value), value.to_string());
                assert_eq!(text(value as i128), (value as i128).to_string());
                assert_eq!(text(value as u64), (value as u64).to_string());
                assert_eq!(text(value as i64), (value as i64).to_string());
                assert_eq!(text(value as u32), (value as u32).to_string());
                assert_eq!(text(value as i32), (value as i32).to_string());
                assert_eq!(text(value as usize), (value as usize).to_string());
                assert_eq!(text(value as isize), (value as isize).to_string());
            }
        }
    }

    #[test]
    fn the_longest_have_the_length_declared() {
        assert_eq!(text(u8::MAX).len(), u8::MAX_DECIMAL_LEN);
        assert_eq!(text(i8::MIN).len(), i8::MAX_DECIMAL_LEN);
        assert_eq!(text(u64::MAX).len(), u64::MAX_DECIMAL_LEN);
        assert_eq!(text(i64::MIN).len(), i64::MAX_DECIMAL_LEN);
        assert_eq!(text(u128::MAX).len(), u128::MAX_DECIMAL_LEN);
        assert_eq!(text(i128::MIN).len(), i128::MAX_DECIMAL_LEN);
    }
}
