//! Memory that somebody else owns: a header in a box beside the owner, which is dropped with the last reference.
//!
//! # Invariants
//!
//! 1. The header is the first field of a `repr(C)` box, so a pointer to it is a pointer to the box.
//! 2. `data` is taken from the owner in its final place, through the pointer by which the box is reached from then on,
//!    and the owner is not touched again until it is dropped.

use std::ptr::NonNull;

use crate::{
    containment::contain,
    header::{Handle, Header},
};

#[repr(C)]
struct Owned<T> {
    header: Header,
    owner: T,
}

/// Boxes `owner` and counts the bytes that `view` finds in it.
pub(crate) fn adopt<T: Send + 'static>(owner: T, view: impl FnOnce(&mut T) -> (NonNull<u8>, usize)) -> Handle {
    let header = Header::new(NonNull::dangling(), 0, release::<T>);
    let owned = NonNull::from(Box::leak(Box::new(Owned { header, owner })));
    // SAFETY: invariant 1: the header was just made with one reference, which becomes the handle's: it frees the box,
    // should `view` panic.
    let handle = unsafe { Handle::from_raw(owned.cast()) };
    // SAFETY: nobody else reaches the box yet. The view is taken behind `owned` (invariant 2): a `Box` that is moved, or
    // a reference to the whole made later, would forbid the use of a pointer to bytes that lie in the owner itself.
    unsafe {
        let (data, capacity) = view(&mut (*owned.as_ptr()).owner);
        (*owned.as_ptr()).header = Header::new(data, capacity, release::<T>);
    }
    handle
}

/// Drops the box whose header this is.
///
/// # Safety
///
/// `header` is the first field of a boxed `Owned<T>` that nobody else refers to any more.
unsafe fn release<T>(header: NonNull<Header>) {
    // SAFETY: invariant 1, and the last reference is the caller's to give.
    let owned = unsafe { Box::from_raw(header.cast::<Owned<T>>().as_ptr()) };
    // The header's invariant 5.
    contain(|| drop(owned));
}
