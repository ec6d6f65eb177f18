//! Shared, immutable bytes.
//!
//! # Invariants
//!
//! 1. `data` points to `len` initialised bytes, which nobody writes as long as the slice lives.
//! 2. The bytes live as long as `handle` does, or for ever when there is none.

use std::{
    any::Any,
    borrow::Borrow,
    cmp, fmt,
    hash::{Hash, Hasher},
    ops::{Bound, Deref, RangeBounds},
    ptr::NonNull,
    slice,
};

use crate::memory::{foreign, header::Handle};

/// Shared, immutable bytes: a range of a pooled block, or foreign memory, kept alive by a reference count.
///
/// Cloning and slicing copy no bytes. A slice of a block keeps the whole block rented until it is dropped: see
/// [`compact`](Slice::compact).
///
/// # Examples
///
/// ```
/// use headpond_pool::Slice;
///
/// let all = Slice::from(b"key=value".to_vec());
/// let value = all.slice(4..);
/// drop(all);
/// assert_eq!(value, "value");
/// ```
#[derive(Clone)]
pub struct Slice {
    data: NonNull<u8>,
    len: usize,
    handle: Option<Handle>,
}

// SAFETY: invariant 1: shared memory that nobody writes; `Handle` counts atomically.
unsafe impl Send for Slice {}
// SAFETY: as above.
unsafe impl Sync for Slice {}

impl Slice {
    /// No bytes, and no memory held.
    pub const fn new() -> Self {
        Self::from_static(&[])
    }

    /// Bytes that live for ever.
    pub const fn from_static(bytes: &'static [u8]) -> Self {
        // `NonNull::from` is not const for slices; a reference is never null.
        let data = NonNull::new(bytes.as_ptr().cast_mut());
        match data {
            Some(data) => Self { data, len: bytes.len(), handle: None },
            None => unreachable!(),
        }
    }

    /// Bytes that `owner` keeps alive: it is dropped with the last slice. One allocation, no copy. Should its destructor
    /// panic, that goes no further. A slice is given back as it is, and a `bytes::Bytes` is converted.
    ///
    /// An owner may hold other slices, and their owners others, as deep as may be: beyond 16 levels an owner is dropped not
    /// inside the one that held it, but when the outermost one is gone, so that no depth overflows the stack.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::Slice;
    ///
    /// let text = Slice::from_owner(String::from("kept by its owner"));
    /// assert_eq!(text.len(), 17);
    /// ```
    pub fn from_owner<T: AsRef<[u8]> + Send + 'static>(owner: T) -> Self {
        let mut owner = Some(owner);
        let any: &mut dyn Any = &mut owner;
        if let Some(slice) = any.downcast_mut::<Option<Self>>() {
            return slice.take().unwrap_or_default();
        }
        #[cfg(feature = "bytes")]
        if let Some(bytes) = any.downcast_mut::<Option<bytes::Bytes>>() {
            return bytes.take().unwrap_or_default().into();
        }
        owner.map_or_else(Self::new, |owner| {
            Self::whole(foreign::adopt(owner, |owner| {
                let bytes = (*owner).as_ref();
                (NonNull::from(bytes).cast(), bytes.len())
            }))
        })
    }

    /// All the bytes behind a handle.
    fn whole(handle: Handle) -> Self {
        let header = handle.header();
        Self { data: header.data(), len: header.capacity(), handle: Some(handle) }
    }

    /// Copies bytes into memory of their own.
    pub fn copy_from_slice(bytes: &[u8]) -> Self {
        Self::from(bytes.to_vec())
    }

    /// Rebuilds a slice.
    ///
    /// # Safety
    ///
    /// The module's invariants.
    #[inline]
    pub(crate) unsafe fn from_parts(handle: Option<Handle>, data: NonNull<u8>, len: usize) -> Self {
        Self { data, len, handle }
    }

    #[inline]
    pub(crate) fn into_parts(self) -> (Option<Handle>, NonNull<u8>, usize) {
        (self.handle, self.data, self.len)
    }

    /// A part of it, sharing the same memory.
    ///
    /// # Panics
    ///
    /// When the range lies outside the slice.
    #[must_use]
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Self {
        self.clone().into_range(range)
    }

    /// Narrows it to a part of itself, without touching the count.
    ///
    /// # Panics
    ///
    /// When the range lies outside the slice.
    #[must_use]
    pub fn into_range(mut self, range: impl RangeBounds<usize>) -> Self {
        let (start, end) = bounds(range, self.len);
        // SAFETY: `bounds` checked that start <= end <= len.
        self.data = unsafe { self.data.add(start) };
        self.len = end - start;
        self
    }

    /// Takes the first `at` bytes off, which are returned.
    ///
    /// # Panics
    ///
    /// When `at` is past the end.
    #[must_use]
    pub fn split_to(&mut self, at: usize) -> Self {
        let head = self.slice(..at);
        // SAFETY: `slice` checked that at <= len.
        self.data = unsafe { self.data.add(at) };
        self.len -= at;
        head
    }

    /// How many bytes stay allocated on its account: the size of the block or owner behind it. What a `bytes::Bytes` keeps beyond
    /// its own bytes cannot be known.
    pub fn pinned_bytes(&self) -> usize {
        self.handle.as_ref().map_or(0, |handle| handle.header().capacity())
    }

    /// Copies the bytes into memory of their own when they are less than half of what they pin, so that a small
    /// slice kept for long does not keep a whole block rented. Otherwise returns it as it is.
    #[must_use]
    pub fn compact(self) -> Self {
        if self.handle.is_some() && self.len < self.pinned_bytes() / 2 { Self::copy_from_slice(&self) } else { self }
    }

    /// Whether this is the only holder of its memory. Bytes that live for ever have none.
    pub fn is_unique(&self) -> bool {
        self.handle.as_ref().is_some_and(|handle| {
            #[cfg(feature = "bytes")]
            if foreign::as_bytes(handle).is_some_and(|bytes| !bytes.is_unique()) {
                return false;
            }
            handle.is_unique()
        })
    }
}

/// The start and end of `range` within `len` bytes.
///
/// # Panics
///
/// When it lies outside.
pub(crate) fn bounds(range: impl RangeBounds<usize>, len: usize) -> (usize, usize) {
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&start) => start.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&end) => end.saturating_add(1),
        Bound::Excluded(&end) => end,
        Bound::Unbounded => len,
    };
    assert!(start <= end && end <= len, "range {start}..{end} is outside of {len} bytes");
    (start, end)
}

impl Default for Slice {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Slice {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: invariants 1 and 2.
        unsafe { slice::from_raw_parts(self.data.as_ptr(), self.len) }
    }
}

impl AsRef<[u8]> for Slice {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Borrow<[u8]> for Slice {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl From<Vec<u8>> for Slice {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from_owner(bytes)
    }
}

impl From<Box<[u8]>> for Slice {
    fn from(bytes: Box<[u8]>) -> Self {
        Self::from_owner(bytes)
    }
}

impl From<String> for Slice {
    fn from(text: String) -> Self {
        Self::from_owner(text)
    }
}

impl From<&'static [u8]> for Slice {
    fn from(bytes: &'static [u8]) -> Self {
        Self::from_static(bytes)
    }
}

impl From<&'static str> for Slice {
    fn from(text: &'static str) -> Self {
        Self::from_static(text.as_bytes())
    }
}

#[cfg(feature = "bytes")]
impl From<bytes::Bytes> for Slice {
    /// Shares the memory; one allocation for the count. Made a `Bytes` again, it is the same one, or a part of it.
    fn from(bytes: bytes::Bytes) -> Self {
        if bytes.is_empty() { Self::new() } else { Self::whole(foreign::adopt_bytes(bytes)) }
    }
}

#[cfg(feature = "bytes")]
impl From<Slice> for bytes::Bytes {
    /// Shares the memory; one allocation for `Bytes`' own count, unless the slice was made of a `Bytes`, or lives for ever.
    ///
    /// A [`Bytes::from_owner`](bytes::Bytes::from_owner) of a slice is opaque instead: made a slice again it is not seen through.
    fn from(slice: Slice) -> Self {
        if slice.is_empty() {
            return Self::new();
        }
        let (handle, data, len) = slice.into_parts();
        let Some(handle) = handle else {
            // SAFETY: invariants 1 and 2: without a handle the bytes live for ever.
            return Self::from_static(unsafe { slice::from_raw_parts(data.as_ptr(), len) });
        };
        match foreign::into_bytes(handle) {
            Ok(mut bytes) => {
                let offset = data.as_ptr().addr() - bytes.as_ptr().addr();
                bytes::Buf::advance(&mut bytes, offset);
                bytes.truncate(len);
                bytes
            }
            Err(handle) => Self::from_owner(Slice { data, len, handle: Some(handle) }),
        }
    }
}

impl PartialEq for Slice {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

impl Eq for Slice {}

impl PartialEq<[u8]> for Slice {
    fn eq(&self, other: &[u8]) -> bool {
        self[..] == *other
    }
}

impl PartialEq<Slice> for [u8] {
    fn eq(&self, other: &Slice) -> bool {
        other == self
    }
}

impl PartialOrd for Slice {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Slice {
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        self[..].cmp(&other[..])
    }
}

impl Hash for Slice {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self[..].hash(state);
    }
}

impl fmt::Debug for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}
