//! Prefixes that know where their bytes are.

use std::ptr::NonNull;

use crate::buffer_writer::prefix::Prefix;

/// Where the bytes of a prefix are, as plain data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory(NonNull<u8>);

// SAFETY: plain data; only the writer that made the prefix follows the pointer, after its own checks.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

/// Makes a prefix that remembers where its bytes are, so that its writer finds them at once.
///
/// # Safety
///
/// `owner` is a number that no other writer has, and `data` points to the `len` bytes at `position` of that writer's stream for as
/// long as they are unflushed.
pub unsafe fn prefix_at(owner: u64, position: u64, len: usize, data: NonNull<u8>) -> Prefix {
    Prefix { owner, position, len, memory: Some(Memory(data)) }
}

/// Returns where the bytes of a prefix are, if [`prefix_at`] made it.
pub fn prefix_data(prefix: &Prefix) -> Option<NonNull<u8>> {
    prefix.memory.map(|memory| memory.0)
}
