//! The extension that the specification defines itself: an instant.

use headpond_pool::Sequence;

/// The type that timestamps have among the extensions.
pub(super) const KIND: i8 = -1;

/// The first number of nanoseconds that is a second.
const SECOND: u32 = 1_000_000_000;

/// An instant: seconds since 1970-01-01 00:00:00 UTC, leap seconds not counted, and nanoseconds behind them.
///
/// # Examples
///
/// ```
/// use headpond_codec::messagepack::Timestamp;
///
/// let half_a_second_before_1970 = Timestamp::new(-1, 500_000_000).unwrap();
/// assert_eq!(half_a_second_before_1970.seconds(), -1);
/// assert_eq!(Timestamp::new(0, 1_000_000_000), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanoseconds: u32,
}

impl Timestamp {
    /// That instant, if the nanoseconds are less than a second.
    pub const fn new(seconds: i64, nanoseconds: u32) -> Option<Self> {
        if nanoseconds < SECOND { Some(Self { seconds, nanoseconds }) } else { None }
    }

    /// The seconds.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// The nanoseconds behind them.
    pub const fn nanoseconds(self) -> u32 {
        self.nanoseconds
    }

    /// Whether an extension of that type and length may be one.
    pub(super) const fn fits(kind: i8, len: u32) -> bool {
        kind == KIND && matches!(len, 4 | 8 | 12)
    }

    /// The data of an extension of its type, if it is one of its three forms.
    pub(super) fn read(data: Sequence<'_>) -> Option<Self> {
        let mut cursor = data.cursor();
        match data.len() {
            4 => Self::new(cursor.u32_be().ok()?.into(), 0),
            8 => {
                let both = cursor.u64_be().ok()?;
                Self::new((both & ((1 << 34) - 1)) as i64, (both >> 34) as u32)
            }
            12 => {
                let nanoseconds = cursor.u32_be().ok()?;
                Self::new(cursor.i64_be().ok()?, nanoseconds)
            }
            _ => None,
        }
    }

    /// Puts the data of the smallest form there is at the start of `memory`, and returns how long it is.
    pub(super) fn put(self, memory: &mut [u8]) -> usize {
        match u64::try_from(self.seconds) {
            Ok(seconds @ 0..=0xffff_ffff) if self.nanoseconds == 0 => {
                memory[..4].copy_from_slice(&(seconds as u32).to_be_bytes());
                4
            }
            Ok(seconds) if seconds >> 34 == 0 => {
                memory[..8].copy_from_slice(&(u64::from(self.nanoseconds) << 34 | seconds).to_be_bytes());
                8
            }
            _ => {
                memory[..4].copy_from_slice(&self.nanoseconds.to_be_bytes());
                memory[4..12].copy_from_slice(&self.seconds.to_be_bytes());
                12
            }
        }
    }
}
