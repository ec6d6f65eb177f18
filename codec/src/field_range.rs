//! What a number of fixed width can still become of which only the first bytes have come.
//!
//! A length or a count that is out of bounds is refused with the byte that shows it, and not with the last one of its field.

use headpond_pool::Cursor;

/// A field of bytes that holds a number, and the numbers that it may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FieldRange {
    width: usize,
    is_big_endian: bool,
    low: u64,
    high: u64,
}

/// Some of the first bytes of a field, with zeros for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Partial {
    /// The number that they make: no larger than what the field holds.
    pub(crate) number: u64,
    /// How many of the bytes there are.
    pub(crate) len: usize,
}

impl FieldRange {
    /// The high byte comes first of `width` bytes, eight at most, that hold one of the numbers from `low` to `high`.
    pub(crate) const fn big_endian(width: usize, low: u64, high: u64) -> Self {
        Self { width, is_big_endian: true, low, high }
    }

    /// The low byte comes first.
    pub(crate) const fn little_endian(width: usize, low: u64, high: u64) -> Self {
        Self { width, is_big_endian: false, low, high }
    }

    /// Reads as much of the field as there is at the cursor, up to the first byte that no number within the range goes on from.
    ///
    /// # Errors
    ///
    /// What there is up to that byte, itself included.
    pub(crate) fn read(&self, cursor: &Cursor<'_>) -> Result<Partial, Partial> {
        let mut partial = Partial { number: 0, len: 0 };
        let mut bytes = cursor.remaining().bytes();
        loop {
            if !self.is_possible(partial) {
                return Err(partial);
            }
            let Some(byte) = bytes.next().filter(|_| partial.len < self.width) else { return Ok(partial) };
            let place = if self.is_big_endian { self.width - 1 - partial.len } else { partial.len };
            partial.number |= u64::from(byte) << (8 * place);
            partial.len += 1;
        }
    }

    /// The least number within the range that the bytes are the first of, if there is one.
    pub(crate) fn least(&self, partial: Partial) -> Option<u64> {
        let number = u128::from(partial.number);
        let (low, high) = (u128::from(self.low), u128::from(self.high).min(low_bits(8 * self.width)));
        let unknown = 8 * (self.width - partial.len);
        let least = if self.is_big_endian {
            if number + low_bits(unknown) < low { None } else { Some(number.max(low)) }
        } else {
            let step = low_bits(8 * partial.len) + 1;
            Some(number + low.saturating_sub(number).div_ceil(step) * step)
        };
        least.filter(|least| *least <= high).map(|least| least as u64)
    }

    /// Whether every number that the bytes are the first of is less than the least that the field may hold.
    pub(crate) fn is_below(&self, partial: Partial) -> bool {
        let unknown = low_bits(8 * (self.width - partial.len));
        let most = if self.is_big_endian { unknown } else { unknown << (8 * partial.len) };
        u128::from(partial.number) + most < u128::from(self.low)
    }

    /// How many bytes must come at the least before none of the numbers within the range is possible, if that can be.
    pub(crate) fn fails_after(&self, partial: Partial) -> Option<usize> {
        (1..=self.width - partial.len).find(|more| self.can_fail_with(partial, *more))
    }

    fn is_possible(&self, partial: Partial) -> bool {
        self.least(partial).is_some()
    }

    /// Whether there are `more` bytes that no number within the range goes on from.
    fn can_fail_with(&self, partial: Partial, more: usize) -> bool {
        let len = partial.len + more;
        if self.is_big_endian {
            // The numbers that begin alike lie together: the first and the last of these groups are the ones to be outside.
            let filled = (low_bits(8 * more) << (8 * (self.width - len))) as u64;
            let extremes = [partial.number, partial.number | filled];
            return extremes.into_iter().any(|number| !self.is_possible(Partial { number, len }));
        }
        // Those that begin alike are as far apart as `step`: the range holds one of them unless it lies between two.
        let (known, step) = (low_bits(8 * partial.len) + 1, low_bits(8 * len) + 1);
        let (low, high) = (u128::from(self.low), u128::from(self.high).min(low_bits(8 * self.width)));
        if high - low + 1 >= step {
            return false;
        }
        let (last, next) = (high % step, low % step);
        let from = last + 1;
        let to = if next > last { next } else { next + step };
        let first = from + (u128::from(partial.number) + step - from % known) % known;
        first < to
    }
}

/// A number of so many bits, all of them ones.
const fn low_bits(bits: usize) -> u128 {
    (1 << bits) - 1
}

#[cfg(test)]
mod tests {
    use headpond_pool::SequenceBuf;

    use super::*;

    fn number(bytes: [u8; 2], is_big_endian: bool) -> u64 {
        u64::from(if is_big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    /// Every beginning of a field of two bytes, against all that may follow.
    #[test]
    fn every_beginning_is_judged_by_what_may_follow() {
        let ranges = [
            (0, 0),
            (0, 1),
            (0, 255),
            (0, 256),
            (0, 300),
            (1, 65_535),
            (255, 256),
            (126, 65_535),
            (1000, 1100),
            (1000, 1255),
            (1000, 1256),
            (250, 260),
            (65_530, 70_000),
            (70_000, 80_000),
        ];
        for ((low, high), is_big_endian) in ranges.into_iter().flat_map(|range| [(range, true), (range, false)]) {
            let field = FieldRange { width: 2, is_big_endian, low, high };
            let fits = |first, second| (low..=high).contains(&number([first, second], is_big_endian));
            let read = |bytes: &[u8]| field.read(&SequenceBuf::from(bytes.to_vec()).as_sequence().cursor());
            let possible = |first| (0..=255).any(|second| fits(first, second));
            let nothing = read(&[]);
            assert_eq!(nothing.is_ok(), (0..=255).any(possible), "{low}..={high}");
            let Ok(nothing) = nothing else { continue };
            let fails_after = if (0..=255).all(possible) {
                let all = (0..=255).all(|first| (0..=255).all(|second| fits(first, second)));
                (!all).then_some(2)
            } else {
                Some(1)
            };
            assert_eq!(field.fails_after(nothing), fails_after, "{low}..={high}, {is_big_endian}");
            for first in 0..=255 {
                let partial = read(&[first]);
                assert_eq!(partial.is_ok(), possible(first), "{low}..={high}: {first}");
                let Ok(partial) = partial else { continue };
                let numbers = (0..=255).map(|second| number([first, second], is_big_endian));
                assert_eq!(field.least(partial), numbers.filter(|number| (low..=high).contains(number)).min());
                let can_fail = !(0..=255).all(|second| fits(first, second));
                assert_eq!(field.fails_after(partial), can_fail.then_some(1), "{low}..={high}: {first}");
                for second in [0, 1, 76, 77, 231, 232, 255] {
                    assert_eq!(read(&[first, second, 7]).is_ok(), fits(first, second), "{low}..={high}");
                }
            }
        }
    }
}
