//! Where a byte stands in a stream.

use std::{
    fmt,
    ops::{Add, AddAssign, Sub},
};

/// An absolute byte offset in a stream, counted since the stream began.
///
/// ```
/// use headpond_pool::Position;
///
/// let start = Position::ZERO;
/// assert_eq!((start + 12) - start, 12);
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
}

impl Add<usize> for Position {
    type Output = Self;

    #[inline]
    fn add(self, bytes: usize) -> Self {
        Self(self.0 + bytes as u64)
    }
}

impl AddAssign<usize> for Position {
    #[inline]
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
    /// In debug builds, when `earlier` is the later one.
    #[inline]
    fn sub(self, earlier: Self) -> usize {
        (self.0 - earlier.0) as usize
    }
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
