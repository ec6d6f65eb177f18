//! Where a byte stands in a stream.

use std::{
    fmt,
    ops::{Add, AddAssign, Sub, SubAssign},
};

/// An absolute byte offset in a stream, counted since the stream began.
///
/// It has 64 bits everywhere. The difference of two is a `usize`, which is what slices are measured in: on a 32-bit system two
/// positions of a long stream may lie further apart than that, and [`bytes_since`](Self::bytes_since) says how far. Sums and
/// differences that do not fit panic, in release builds too; none is ever cut short.
///
/// # Examples
///
/// ```
/// use headpond_pool::Position;
///
/// let start = Position::ZERO;
/// assert_eq!((start + 12) - start, 12);
/// assert_eq!((start + 12) - 2, start + 10);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(u64);

impl Position {
    /// Where every stream begins.
    pub const ZERO: Self = Self(0);

    /// Where every stream ends at the latest: no sum of a position up to here and a length overflows. No memory holds so many
    /// bytes, but a shared slice can be appended, and consumed, again and again.
    pub const LAST: Self = Self(i64::MAX as u64);

    /// The position `offset` bytes after the beginning.
    #[inline]
    pub const fn new(offset: u64) -> Self {
        Self(offset)
    }

    /// How many bytes stand before it in the stream.
    #[inline]
    pub const fn offset(self) -> u64 {
        self.0
    }

    /// Returns the position so many bytes before, unless the stream begins behind that.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::Position;
    ///
    /// assert_eq!(Position::new(5).checked_sub(5), Some(Position::ZERO));
    /// assert_eq!(Position::new(5).checked_sub(6), None);
    /// ```
    #[inline]
    pub const fn checked_sub(self, bytes: usize) -> Option<Self> {
        match self.0.checked_sub(bytes as u64) {
            Some(offset) => Some(Self(offset)),
            None => None,
        }
    }

    /// Returns how many bytes lie between `earlier` and this position, or `None` when `earlier` is the later one.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::Position;
    ///
    /// let far = Position::new(5 << 32);
    /// assert_eq!(far.bytes_since(Position::new(1)), Some((5 << 32) - 1));
    /// assert_eq!(Position::ZERO.bytes_since(far), None);
    /// ```
    #[inline]
    pub const fn bytes_since(self, earlier: Self) -> Option<u64> {
        self.0.checked_sub(earlier.0)
    }

    /// The position `bytes` further, where both are a chain's: then no sum overflows.
    #[inline]
    pub(crate) const fn forward(self, bytes: usize) -> Self {
        debug_assert!(self.0 <= Self::LAST.0);
        Self(self.0.wrapping_add(bytes as u64))
    }

    /// The bytes since a position that is not later, and belongs to the same chain, which holds no more than a `usize` counts.
    #[inline]
    pub(crate) const fn since(self, earlier: Self) -> usize {
        debug_assert!(earlier.0 <= self.0 && self.0 - earlier.0 <= usize::MAX as u64);
        self.0.wrapping_sub(earlier.0) as usize
    }
}

impl Add<usize> for Position {
    type Output = Self;

    /// The position `bytes` further.
    ///
    /// # Panics
    ///
    /// When that is beyond 2^64 - 1.
    #[inline]
    #[track_caller]
    fn add(self, bytes: usize) -> Self {
        match self.0.checked_add(bytes as u64) {
            Some(sum) => Self(sum),
            None => overflow(self, bytes),
        }
    }
}

impl AddAssign<usize> for Position {
    /// Goes `bytes` further.
    ///
    /// # Panics
    ///
    /// As the sum.
    #[inline]
    #[track_caller]
    fn add_assign(&mut self, bytes: usize) {
        *self = *self + bytes;
    }
}

impl Sub for Position {
    type Output = usize;

    /// The bytes between two positions.
    ///
    /// # Panics
    ///
    /// When `earlier` is the later one, or more than `usize::MAX` bytes lie between, as they may on a 32-bit system: see
    /// [`bytes_since`](Self::bytes_since).
    #[inline]
    #[track_caller]
    fn sub(self, earlier: Self) -> usize {
        match self.bytes_since(earlier) {
            Some(bytes) if bytes <= usize::MAX as u64 => bytes as usize,
            _ => no_length(self, earlier),
        }
    }
}

impl Sub<usize> for Position {
    type Output = Self;

    /// Returns the position so many bytes before.
    ///
    /// # Panics
    ///
    /// When the stream begins behind that, in every build: see [`checked_sub`](Self::checked_sub).
    #[inline]
    #[track_caller]
    fn sub(self, bytes: usize) -> Self {
        match self.checked_sub(bytes) {
            Some(position) => position,
            None => before_the_stream(self, bytes),
        }
    }
}

impl SubAssign<usize> for Position {
    /// Goes so many bytes back.
    ///
    /// # Panics
    ///
    /// As the subtraction.
    #[inline]
    #[track_caller]
    fn sub_assign(&mut self, bytes: usize) {
        *self = *self - bytes;
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn overflow(position: Position, bytes: usize) -> ! {
    panic!("no position is {bytes} bytes beyond {position}")
}

#[cold]
#[inline(never)]
#[track_caller]
fn no_length(later: Position, earlier: Position) -> ! {
    if later < earlier {
        panic!("position {earlier} is not before {later}")
    }
    panic!("from {earlier} to {later} are more than {} bytes", usize::MAX)
}

#[cold]
#[inline(never)]
#[track_caller]
fn before_the_stream(position: Position, bytes: usize) -> ! {
    panic!("no byte of a stream stands {bytes} bytes before position {position}")
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Position;

    #[test]
    #[should_panic(expected = "no position is 2 bytes beyond 18446744073709551614")]
    fn a_sum_that_does_not_fit_panics() {
        let _ = Position::new(u64::MAX - 1) + 2;
    }

    #[test]
    #[should_panic(expected = "position 8 is not before 7")]
    fn a_difference_below_zero_panics() {
        let _ = Position::new(7) - Position::new(8);
    }

    /// 2^32 is 0 in 32 bits.
    #[test]
    fn a_difference_is_never_cut_short() {
        let (near, far) = (Position::new(1), Position::new((1 << 32) + 1));
        assert_eq!(far.bytes_since(near), Some(1 << 32));
        let difference = std::panic::catch_unwind(|| far - near);
        assert_eq!(difference.ok(), usize::try_from(1_u64 << 32).ok());
    }
}
