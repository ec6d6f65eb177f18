//! Memory that somebody else owns: a header in a box beside the owner, which is dropped with the last reference.
//!
//! # Invariants
//!
//! 1. The header is the first field of a `repr(C)` box, so a pointer to it is a pointer to the box.
//! 2. `data` is taken from the owner after it has reached its final place in the box, and the owner is not touched
//!    again until it is dropped.

use std::ptr::NonNull;

use crate::header::{Handle, Header};

#[repr(C)]
struct Owned<T> {
    header: Header,
    owner: T,
}

/// Boxes `owner` and counts the bytes that `view` finds in it.
pub(crate) fn adopt<T: Send + 'static>(owner: T, view: impl FnOnce(&mut T) -> (NonNull<u8>, usize)) -> Handle {
    let mut boxed = Box::new(Owned { header: Header::new(NonNull::dangling(), 0, release::<T>), owner });
    let (data, capacity) = view(&mut boxed.owner);
    boxed.header = Header::new(data, capacity, release::<T>);
    let owned = NonNull::from(Box::leak(boxed));
    // SAFETY: invariant 1: the header was just made with one reference, which becomes the handle's.
    unsafe { Handle::from_raw(owned.cast()) }
}

/// Drops the box whose header this is.
///
/// # Safety
///
/// `header` is the first field of a boxed `Owned<T>` that nobody else refers to any more.
unsafe fn release<T>(header: NonNull<Header>) {
    // SAFETY: invariant 1, and the last reference is the caller's to give.
    drop(unsafe { Box::from_raw(header.cast::<Owned<T>>().as_ptr()) });
}
