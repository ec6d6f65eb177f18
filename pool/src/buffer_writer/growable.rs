//! Growable buffers as writers: `Vec<u8>` and `BytesMut`; and the trait's forwarding.
//!
//! # Invariants
//!
//! 1. A view covers the bytes from a buffer's length on, within its capacity, all zeroed before it is made.
//! 2. The buffer stays exclusively borrowed while a view lives, and nothing else uses it; only the view's one
//!    `advance` touches it, when its bytes are not referred to any more.

use std::{mem::MaybeUninit, ops::Range, ptr::NonNull};

use crate::{
    buffer_writer::{BufferWriter, Prefix},
    error::{PatchError, PoolError, WriteError},
    memory::{Slice, WritableBuffer},
};

/// The least that a reserve offers, in bytes. Each reserve zeroes its view anew, so this bounds what a loop of
/// small ones costs: zeroing the whole spare capacity each time would make it quadratic.
const LEAST_VIEW: usize = 64;
/// The most that is offered beyond what is needed, in bytes, to a caller that can put so many: what is zeroed is still in the core's
/// first cache when it is overwritten.
const MOST_VIEW: usize = 4096;

/// What prefixes of growable buffers are marked with: they have no identity of their own.
const VEC_OWNER: u64 = u64::MAX;
#[cfg(feature = "bytes")]
const BYTES_MUT_OWNER: u64 = u64::MAX - 1;

/// A prefix can be patched, and rewound to, as long as the buffer still holds it: nothing is ever flushed. It is known by its
/// offset alone, so taking bytes off the front moves it, and what is written after a rewind may be in its place.
impl BufferWriter for Vec<u8> {
    fn reserve(&mut self, min: usize) -> Result<WritableBuffer<'_>, WriteError> {
        self.reserve_up_to(min, 0)
    }

    fn reserve_up_to(&mut self, min: usize, most: usize) -> Result<WritableBuffer<'_>, WriteError> {
        let len = view_len(min, most);
        self.try_reserve(len).map_err(|_| PoolError::Allocation { bytes: len })?;
        let mut target = NonNull::from(self);
        // SAFETY: the view is made through `target`, which nothing else uses until its `advance` (invariant 2); its
        // `len` bytes are zeroed here (invariant 1).
        unsafe {
            let view = zeroed(target.as_mut().spare_capacity_mut(), len);
            Ok(WritableBuffer::growing(view, target.cast(), grow_vec))
        }
    }

    fn append(&mut self, slice: Slice) -> Result<(), WriteError> {
        self.write(&slice)
    }

    fn reserve_prefix(&mut self, n: usize) -> Result<Prefix, WriteError> {
        self.try_reserve(n).map_err(|_| PoolError::Allocation { bytes: n })?;
        let position = self.len();
        self.resize(position + n, 0);
        Ok(Prefix::new(VEC_OWNER, position as u64, n))
    }

    fn patch(&mut self, prefix: &Prefix, bytes: &[u8]) -> Result<(), PatchError> {
        patch(self, VEC_OWNER, prefix, bytes)
    }

    fn written_since(&self, prefix: &Prefix) -> Result<usize, PatchError> {
        Ok(self.len() - range(self.len(), VEC_OWNER, prefix)?.end)
    }

    fn rewind(&mut self, prefix: &Prefix) -> Result<(), PatchError> {
        self.truncate(range(self.len(), VEC_OWNER, prefix)?.start);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.try_reserve(bytes.len()).map_err(|_| PoolError::Allocation { bytes: bytes.len() })?;
        self.extend_from_slice(bytes);
        Ok(())
    }
}

/// Sets the length of a vector `n` further.
///
/// # Safety
///
/// `target` is the vector of a view of at least `n` bytes, and both are used by nobody else.
unsafe fn grow_vec(target: NonNull<()>, n: usize) {
    // SAFETY: invariants 1 and 2.
    unsafe {
        let vec = target.cast::<Vec<u8>>().as_mut();
        vec.set_len(vec.len() + n);
    }
}

/// As for `Vec<u8>`. An allocation that fails ends the program: `BytesMut` knows no other way.
#[cfg(feature = "bytes")]
impl BufferWriter for bytes::BytesMut {
    fn reserve(&mut self, min: usize) -> Result<WritableBuffer<'_>, WriteError> {
        self.reserve_up_to(min, 0)
    }

    fn reserve_up_to(&mut self, min: usize, most: usize) -> Result<WritableBuffer<'_>, WriteError> {
        let len = view_len(min, most);
        bytes::BytesMut::reserve(self, len);
        let mut target = NonNull::from(self);
        // SAFETY: the view is made through `target`, which nothing else uses until its `advance` (invariant 2); its
        // `len` bytes are zeroed here (invariant 1).
        unsafe {
            let view = zeroed(target.as_mut().spare_capacity_mut(), len);
            Ok(WritableBuffer::growing(view, target.cast(), grow_bytes_mut))
        }
    }

    fn append(&mut self, slice: Slice) -> Result<(), WriteError> {
        self.write(&slice)
    }

    fn reserve_prefix(&mut self, n: usize) -> Result<Prefix, WriteError> {
        // First: it panics where the sum below would wrap.
        self.reserve(n);
        let position = self.len();
        self.resize(position + n, 0);
        Ok(Prefix::new(BYTES_MUT_OWNER, position as u64, n))
    }

    fn patch(&mut self, prefix: &Prefix, bytes: &[u8]) -> Result<(), PatchError> {
        patch(self, BYTES_MUT_OWNER, prefix, bytes)
    }

    fn written_since(&self, prefix: &Prefix) -> Result<usize, PatchError> {
        Ok(self.len() - range(self.len(), BYTES_MUT_OWNER, prefix)?.end)
    }

    fn rewind(&mut self, prefix: &Prefix) -> Result<(), PatchError> {
        self.truncate(range(self.len(), BYTES_MUT_OWNER, prefix)?.start);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.extend_from_slice(bytes);
        Ok(())
    }
}

/// Sets the length of a `BytesMut` `n` further.
///
/// # Safety
///
/// As [`grow_vec`].
#[cfg(feature = "bytes")]
unsafe fn grow_bytes_mut(target: NonNull<()>, n: usize) {
    // SAFETY: invariants 1 and 2.
    unsafe {
        let bytes = target.cast::<bytes::BytesMut>().as_mut();
        bytes.set_len(bytes.len() + n);
    }
}

/// How many bytes are offered to who needs `min` and can put `most`.
fn view_len(min: usize, most: usize) -> usize {
    min.max(most.clamp(LEAST_VIEW, MOST_VIEW))
}

/// The first `len` bytes of `spare`, zeroed.
fn zeroed(spare: &mut [MaybeUninit<u8>], len: usize) -> &mut [u8] {
    let view = &mut spare[..len];
    view.fill(MaybeUninit::new(0));
    // SAFETY: all of it was initialised in the line above, and `MaybeUninit<u8>` is laid out as `u8`.
    unsafe { &mut *(std::ptr::from_mut(view) as *mut [u8]) }
}

/// Where a prefix is in a buffer of `len` bytes.
fn range(len: usize, owner: u64, prefix: &Prefix) -> Result<Range<usize>, PatchError> {
    if prefix.owner() != owner {
        return Err(PatchError::Foreign);
    }
    let range = usize::try_from(prefix.position())
        .ok()
        .and_then(|start| Some(start..start.checked_add(prefix.len())?))
        .filter(|range| range.end <= len);
    range.ok_or(PatchError::Flushed { position: prefix.position() })
}

fn patch(buffer: &mut [u8], owner: u64, prefix: &Prefix, bytes: &[u8]) -> Result<(), PatchError> {
    let range = range(buffer.len(), owner, prefix);
    if prefix.owner() == owner && bytes.len() > prefix.len() {
        return Err(PatchError::TooLong { given: bytes.len(), reserved: prefix.len() });
    }
    buffer[range?][..bytes.len()].copy_from_slice(bytes);
    Ok(())
}

/// Every call goes to what the pointer points to.
macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<T: BufferWriter + ?Sized> BufferWriter for $pointer {
            #[inline]
            fn reserve(&mut self, min: usize) -> Result<WritableBuffer<'_>, WriteError> {
                (**self).reserve(min)
            }

            #[inline]
            fn reserve_up_to(&mut self, min: usize, most: usize) -> Result<WritableBuffer<'_>, WriteError> {
                (**self).reserve_up_to(min, most)
            }

            #[inline]
            fn append(&mut self, slice: Slice) -> Result<(), WriteError> {
                (**self).append(slice)
            }

            #[inline]
            fn reserve_prefix(&mut self, n: usize) -> Result<Prefix, WriteError> {
                (**self).reserve_prefix(n)
            }

            #[inline]
            fn patch(&mut self, prefix: &Prefix, bytes: &[u8]) -> Result<(), PatchError> {
                (**self).patch(prefix, bytes)
            }

            #[inline]
            fn written_since(&self, prefix: &Prefix) -> Result<usize, PatchError> {
                (**self).written_since(prefix)
            }

            #[inline]
            fn rewind(&mut self, prefix: &Prefix) -> Result<(), PatchError> {
                (**self).rewind(prefix)
            }

            #[inline]
            fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
                (**self).write(bytes)
            }
        }
    )*};
}

forward!(&mut T, Box<T>);
