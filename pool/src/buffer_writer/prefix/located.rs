//! Prefixes that know their place.

use std::ptr::NonNull;

use crate::buffer_writer::prefix::Prefix;

/// Where a prefix is in its writer's memory and in time, as plain data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrefixPlace {
    /// Its bytes; dangling when it has none.
    pub data: NonNull<u8>,
    /// The last node of its writer's chain when it was made.
    pub node: NonNull<()>,
    /// How much was flushed then.
    pub flushed: u64,
    /// How often its writer had rewound then.
    pub rewinds: u64,
}

// SAFETY: plain data; only the writer that made the prefix follows the pointers, after its own checks.
unsafe impl Send for PrefixPlace {}
// SAFETY: as above.
unsafe impl Sync for PrefixPlace {}

/// Makes a prefix that remembers its place, so that its writer finds it at once.
///
/// # Safety
///
/// `owner` is a number that no other writer has, `place.data` points to the `len` bytes at `position` of that writer's stream for as
/// long as they are unflushed and not rewound, and so long `place.node` is of that writer's chain.
pub unsafe fn prefix_at(owner: u64, position: u64, len: usize, place: PrefixPlace) -> Prefix {
    Prefix { owner, position, len, place: Some(place) }
}

/// Returns the place of a prefix, if [`prefix_at`] made it.
pub fn prefix_place(prefix: &Prefix) -> Option<PrefixPlace> {
    prefix.place
}
