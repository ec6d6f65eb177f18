//! The view of memory that a writer fills.
//!
//! # Invariants
//!
//! 1. A `Grow` target stays valid and unused for as long as the buffer's lifetime, and its function may be called with
//!    it once, with at most as many bytes as the view has, all initialised.

use std::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    ptr::NonNull,
};

use crate::error::WriteError;

/// Memory to write into, handed out by [`BufferWriter::reserve`](crate::BufferWriter::reserve).
///
/// It dereferences to its bytes: the first of them is where the stream goes on. What they hold is unspecified but
/// initialised: in a pool's block, whatever its last tenant left there. [`advance`](Self::advance) counts the first `n` as
/// written, whether they were or not, so a caller that advances over bytes it did not write shows another's to its reader.
/// [`wipe_on_return`](crate::PoolOptions#method.wipe_on_return) sees to it that there are none; debug builds poison them.
/// Dropped without an advance, nothing is written.
#[must_use = "bytes put into the view count only after `advance`"]
pub struct WritableBuffer<'a> {
    view: &'a mut [u8],
    filled: Filled<'a>,
}

/// Where `advance` leaves its count.
enum Filled<'a> {
    /// A counter of the writer's.
    Count(&'a mut usize),
    /// A growable buffer whose length is set by a call.
    Grow { target: NonNull<()>, grow: unsafe fn(NonNull<()>, usize), lifetime: PhantomData<&'a mut ()> },
}

// SAFETY: invariant 1: the target is an exclusively borrowed `Vec` or `BytesMut`, both `Send` and `Sync`.
unsafe impl Send for WritableBuffer<'_> {}
// SAFETY: as above.
unsafe impl Sync for WritableBuffer<'_> {}

impl<'a> WritableBuffer<'a> {
    /// A view over `view`; `advance(n)` adds `n` to `filled`. For those who implement
    /// [`BufferWriter`](crate::BufferWriter).
    #[inline]
    pub fn new(view: &'a mut [u8], filled: &'a mut usize) -> Self {
        Self { view, filled: Filled::Count(filled) }
    }

    /// A view whose `advance(n)` calls `grow(target, n)`.
    ///
    /// # Safety
    ///
    /// The module's invariant 1.
    pub(crate) unsafe fn growing(view: &'a mut [u8], target: NonNull<()>, grow: unsafe fn(NonNull<()>, usize)) -> Self {
        Self { view, filled: Filled::Grow { target, grow, lifetime: PhantomData } }
    }

    /// Returns the view, unless it has fewer than `max(min, 1)` bytes.
    ///
    /// A writer keeps its promise to give as many as it was asked for; but [`BufferWriter`](crate::BufferWriter) is a safe trait,
    /// which anyone implements. A loop that relies on more memory with each reservation asks here, and ends with an error where
    /// it would loop for ever.
    ///
    /// # Errors
    ///
    /// [`WriteError::ShortBuffer`], with nothing written.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::BufferWriter;
    ///
    /// fn write_header(out: &mut impl BufferWriter) -> Result<(), headpond_pool::WriteError> {
    ///     let mut memory = out.reserve(4)?.at_least(4)?;
    ///     memory[..4].copy_from_slice(b"LOG1"); // cannot be out of bounds, whatever `out` is
    ///     memory.advance(4);
    ///     Ok(())
    /// }
    /// # let mut out = Vec::new();
    /// # write_header(&mut out)?;
    /// # assert_eq!(out, b"LOG1");
    /// # Ok::<(), headpond_pool::WriteError>(())
    /// ```
    #[inline]
    pub fn at_least(self, min: usize) -> Result<Self, WriteError> {
        let requested = min.max(1);
        if self.view.len() < requested { Err(too_short(requested, self.view.len())) } else { Ok(self) }
    }

    /// Counts the first `n` bytes of the view as written.
    ///
    /// # Panics
    ///
    /// When the view has fewer, with nothing changed.
    #[inline]
    pub fn advance(self, n: usize) {
        if n > self.view.len() {
            past_the_view(n, self.view.len());
        }
        match self.filled {
            Filled::Count(filled) => *filled += n,
            // SAFETY: invariant 1: `self` is consumed, so this is the one call, and `n` was checked.
            Filled::Grow { target, grow, .. } => unsafe { grow(target, n) },
        }
    }
}

#[cold]
#[inline(never)]
fn too_short(requested: usize, given: usize) -> WriteError {
    WriteError::ShortBuffer { requested, given }
}

#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn past_the_view(n: usize, len: usize) -> ! {
    panic!("cannot advance by {n} bytes: the view has {len}")
}

impl Deref for WritableBuffer<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.view
    }
}

impl DerefMut for WritableBuffer<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        self.view
    }
}

impl fmt::Debug for WritableBuffer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WritableBuffer").field("len", &self.view.len()).finish_non_exhaustive()
    }
}
