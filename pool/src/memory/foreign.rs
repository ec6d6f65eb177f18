//! Memory that somebody else owns: a header in a box beside the owner, which is dropped with the last reference.
//!
//! An owner may hold slices of other owners, those of others yet, and so on, as deep as a caller likes. Dropped inside each other,
//! they would take a stretch of the stack each; so beyond a few levels an owner waits until the outermost one is gone.
//!
//! # Invariants
//!
//! 1. The header is the first field of a `repr(C)` box, so a pointer to it is a pointer to the box. The link behind it has the same
//!    place whatever the owner's type is.
//! 2. `data` is taken from the owner in its final place, through the pointer by which the box is reached from then on,
//!    and the owner is not touched again until it is dropped; but for a `Bytes`, none of whose bytes lie in itself, and
//!    which may be looked at, and taken out by the only holder.
//! 3. Only boxes whose last reference is gone are in the list of those that wait, each once, and whoever takes one out drops it.
//! 4. A header whose kind is `Bytes` is that of an `Owned<Bytes>`.

use std::{cell::Cell, ptr::NonNull};

#[cfg(feature = "bytes")]
use bytes::Bytes;

use crate::memory::{
    header::{Handle, Header, Kind},
    panic_guard::catch_panic,
};

/// How many owners are dropped inside each other. Programs that nest them on purpose need fewer, and a small stack has room for them.
const MOST_NESTED: usize = 16;

#[repr(C)]
struct Owned<T> {
    link: Link,
    owner: T,
}

/// What is the same for every owner.
#[repr(C)]
struct Link {
    header: Header,
    /// The next of those that wait to be dropped.
    next: Option<NonNull<Link>>,
}

impl Link {
    fn new<T>(data: NonNull<u8>, capacity: usize, kind: Kind) -> Self {
        Self { header: Header::new(data, capacity, kind, release::<T>), next: None }
    }
}

/// The owners of this thread that are being dropped.
struct Drops {
    /// How many are, inside each other.
    depth: Cell<usize>,
    waiting: Cell<Option<NonNull<Link>>>,
}

thread_local! {
    /// It needs no destructor, so that it is there for whatever a thread drops as it ends.
    static DROPS: Drops = const { Drops { depth: Cell::new(0), waiting: Cell::new(None) } };
}

/// Boxes `owner` and counts the bytes that `view` finds in it.
pub(crate) fn adopt<T: Send + 'static>(owner: T, view: impl FnOnce(&mut T) -> (NonNull<u8>, usize)) -> Handle {
    adopt_as(Kind::Other, owner, view)
}

fn adopt_as<T: Send + 'static>(kind: Kind, owner: T, view: impl FnOnce(&mut T) -> (NonNull<u8>, usize)) -> Handle {
    // Of no kind yet: should `view` panic, nobody looks at the owner.
    let link = Link::new::<T>(NonNull::dangling(), 0, Kind::Other);
    let owned = NonNull::from(Box::leak(Box::new(Owned { link, owner })));
    // SAFETY: invariant 1: the header was just made with one reference, which becomes the handle's: it frees the box,
    // should `view` panic.
    let handle = unsafe { Handle::from_raw(owned.cast()) };
    // SAFETY: nobody else reaches the box yet. The view is taken behind `owned` (invariant 2): a `Box` that is moved, or
    // a reference to the whole made later, would forbid the use of a pointer to bytes that lie in the owner itself.
    unsafe {
        let (data, capacity) = view(&mut (*owned.as_ptr()).owner);
        (*owned.as_ptr()).link = Link::new::<T>(data, capacity, kind);
    }
    handle
}

/// Boxes a `Bytes`, which can be had back.
#[cfg(feature = "bytes")]
pub(crate) fn adopt_bytes(bytes: Bytes) -> Handle {
    adopt_as(Kind::Bytes, bytes, |bytes| (NonNull::from(&bytes[..]).cast(), bytes.len()))
}

/// The `Bytes` that keep this memory, if it is such.
#[cfg(feature = "bytes")]
pub(crate) fn as_bytes(handle: &Handle) -> Option<&Bytes> {
    if handle.header().kind() != Kind::Bytes {
        return None;
    }
    let owned = handle.as_ptr().cast::<Owned<Bytes>>();
    // SAFETY: invariants 1 and 4: it is such a box, which the handle keeps; invariant 2: nobody writes the owner meanwhile.
    Some(unsafe { &(*owned.as_ptr()).owner })
}

/// The `Bytes` that keep this memory, shared, or taken out by the only holder.
///
/// # Errors
///
/// When it is no such memory: the handle comes back.
#[cfg(feature = "bytes")]
pub(crate) fn into_bytes(handle: Handle) -> Result<Bytes, Handle> {
    let Some(bytes) = as_bytes(&handle) else { return Err(handle) };
    if !handle.is_unique() {
        return Ok(bytes.clone());
    }
    // SAFETY: invariants 1 and 4; the only reference is ours, and ends here.
    let owned = unsafe { Box::from_raw(handle.into_raw().cast::<Owned<Bytes>>().as_ptr()) };
    Ok(owned.owner)
}

/// Drops the box whose header this is: at once, or, deep inside other drops, after the outermost of them.
///
/// # Safety
///
/// `header` is the first field of a boxed `Owned<T>` that nobody else refers to any more.
unsafe fn release<T>(header: NonNull<Header>) {
    if cfg!(loom) {
        // All threads of a model are one of the system's, whose state they would share.
        // SAFETY: the caller's promise.
        return unsafe { drop_owned::<T>(header) };
    }
    DROPS.with(|drops| {
        let depth = drops.depth.get();
        if depth == MOST_NESTED {
            let link = header.cast::<Link>();
            // SAFETY: invariant 1, and nobody else refers to the box (invariant 3).
            unsafe { (*link.as_ptr()).next = drops.waiting.replace(Some(link)) };
            return;
        }
        // Nothing below unwinds: the header's invariant 5.
        drops.depth.set(depth + 1);
        // SAFETY: the caller's promise.
        unsafe { drop_owned::<T>(header) };
        if depth == 0 {
            drops.drop_waiting();
        }
        drops.depth.set(depth);
    });
}

impl Drops {
    /// Drops those that wait, and those that come to wait meanwhile. The caller's own drop still counts, so that none of theirs does
    /// this again.
    fn drop_waiting(&self) {
        while let Some(link) = self.waiting.get() {
            // SAFETY: invariant 3: the box is there, and ours once it is out of the list.
            self.waiting.set(unsafe { (*link.as_ptr()).next });
            // SAFETY: as above; its last reference was given up when it was put there.
            unsafe { Header::release(link.cast()) };
        }
    }
}

/// # Safety
///
/// As [`release`].
unsafe fn drop_owned<T>(header: NonNull<Header>) {
    // SAFETY: invariant 1, and the last reference is the caller's to give.
    let owned = unsafe { Box::from_raw(header.cast::<Owned<T>>().as_ptr()) };
    // The header's invariant 5.
    catch_panic(|| drop(owned));
}
