//! Where a byte stands in a stream.

use std::{
    fmt,
    ops::{Add, AddAssign, Sub, SubAssign},
};

/// An absolute byte offset in a stream, counted since the stream began.
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
