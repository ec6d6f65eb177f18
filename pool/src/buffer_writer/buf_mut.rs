//! `bytes::BufMut` over writers: over any, growing; and over one view of memory, bounded.
//!
//! # Invariants
//!
//! 1. `writer` is exclusively borrowed for `'a`.
//! 2. `view`, when there is one, was handed out by `*writer`, which nothing else uses until the view is gone.
//! 3. `filled` bytes of the view are written, no more than it has.

use std::{fmt, marker::PhantomData, mem, ptr::NonNull};

use bytes::{Buf, BufMut, buf::UninitSlice};

use crate::{
    buffer_writer::BufferWriter,
    error::WriteError,
    memory::{WritableBuffer, past_the_view},
};

/// Where the bytes go after an error. Larger writes of [`BufMut`]'s own take it in several rounds.
const SCRATCH_BYTES: usize = 64;

/// Writes of less than this share one reserve; larger ones are handed to the writer whole.
const SMALL_WRITE_BYTES: usize = 64;

/// Any [`BufferWriter`] as a [`BufMut`], which cannot fail: it grows over as many blocks as it takes, and keeps the
/// first error for [`finish`](Self::finish).
///
/// After an error the bytes put in are dropped, never a panic. A value put in with one call is not torn by it when
/// the writer's [`write`](BufferWriter::write) writes nothing of a call that fails. Dropping the view without
/// `finish` keeps what was written, and loses the error.
///
/// # Examples
///
/// ```
/// use bytes::BufMut;
/// use headpond_pool::BufMutView;
///
/// let mut out = Vec::new();
/// let mut view = BufMutView::new(&mut out);
/// view.put_u16(3);
/// view.put_slice(b"abc");
/// assert_eq!(view.finish()?, 5);
/// assert_eq!(out, b"\0\x03abc");
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
pub struct BufMutView<'a, W: BufferWriter + ?Sized> {
    writer: NonNull<W>,
    view: Option<WritableBuffer<'a>>,
    filled: usize,
    /// Bytes written before the view.
    counted: usize,
    error: Option<WriteError>,
    scratch: [u8; SCRATCH_BYTES],
    borrow: PhantomData<&'a mut W>,
}

// SAFETY: invariant 1: it is a `&mut W` and a view, and both can be sent when `W` can.
unsafe impl<W: BufferWriter + Send + ?Sized> Send for BufMutView<'_, W> {}
// SAFETY: as above; shared access reaches neither.
unsafe impl<W: BufferWriter + Sync + ?Sized> Sync for BufMutView<'_, W> {}

impl<'a, W: BufferWriter + ?Sized> BufMutView<'a, W> {
    /// Writes into `writer`, behind what it holds.
    pub fn new(writer: &'a mut W) -> Self {
        Self {
            writer: NonNull::from(writer),
            view: None,
            filled: 0,
            counted: 0,
            error: None,
            scratch: [0; SCRATCH_BYTES],
            borrow: PhantomData,
        }
    }

    /// Counts everything put in as written, and returns how many bytes that is.
    ///
    /// # Errors
    ///
    /// The first that the writer gave. What was put in before it is written.
    pub fn finish(mut self) -> Result<usize, WriteError> {
        self.finish_view();
        self.error.take().map_or(Ok(self.counted), Err)
    }

    /// The first error the writer gave, if there was one: nothing put in since is written.
    pub fn error(&self) -> Option<&WriteError> {
        self.error.as_ref()
    }

    /// How many bytes were put in, before any error.
    pub fn written(&self) -> usize {
        self.counted + self.filled
    }

    /// Advances over what is filled: the writer is free again.
    fn finish_view(&mut self) {
        if let Some(view) = self.view.take() {
            self.counted += self.filled;
            view.advance(mem::take(&mut self.filled));
        }
    }

    /// Lets `write` use the writer, unless there was an error.
    fn with_writer<T>(&mut self, write: impl FnOnce(&'a mut W) -> Result<T, WriteError>) -> Option<T> {
        self.finish_view();
        if self.error.is_some() {
            return None;
        }
        // SAFETY: invariant 1; `finish_view` has just consumed the view (invariant 2), and what `write` returns that borrows
        // from the writer becomes the next one.
        match write(unsafe { self.writer.as_mut() }) {
            Ok(value) => Some(value),
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    /// Puts in what the view has no room for.
    #[cold]
    #[inline(never)]
    fn put_far(&mut self, src: &[u8]) {
        if self.view.is_none() && src.len() < SMALL_WRITE_BYTES {
            self.space();
        }
        let fits = self.view.as_mut().and_then(|view| view[self.filled..].get_mut(..src.len()));
        if let Some(place) = fits {
            place.copy_from_slice(src);
            self.filled += src.len();
        } else if self.with_writer(|writer| writer.write(src)).is_some() {
            self.counted += src.len();
        }
    }

    /// What is left of the view, reserving another when it is full: nothing after an error.
    fn space(&mut self) -> Option<&mut [u8]> {
        if self.view.as_ref().is_none_or(|view| view.len() == self.filled) {
            self.view = self.with_writer(|writer| writer.reserve(1)?.at_least(1));
        }
        self.view.as_mut().map(|view| &mut view[self.filled..])
    }
}

// SAFETY: `chunk_mut` gives the view behind `filled`, which `advance_mut` moves no further than the view (invariant 3). As
// `remaining_mut` promises, it is never empty: `space` reserves another view when this one is full, and fails over a writer
// that gives an empty one; then it is the scratch.
unsafe impl<W: BufferWriter + ?Sized> BufMut for BufMutView<'_, W> {
    #[inline]
    fn remaining_mut(&self) -> usize {
        usize::MAX
    }

    #[inline]
    unsafe fn advance_mut(&mut self, n: usize) {
        if self.error.is_some() {
            return;
        }
        let left = self.view.as_ref().map_or(0, |view| view.len() - self.filled);
        if n > left {
            past_the_view(n, left);
        }
        self.filled += n;
    }

    #[inline]
    fn chunk_mut(&mut self) -> &mut UninitSlice {
        if self.space().is_some() {
            if let Some(view) = &mut self.view {
                return UninitSlice::new(&mut view[self.filled..]);
            }
        }
        UninitSlice::new(&mut self.scratch)
    }

    fn put<T: Buf>(&mut self, mut src: T) {
        while src.has_remaining() {
            let chunk = src.chunk();
            let n = chunk.len();
            self.put_slice(chunk);
            src.advance(n);
        }
    }

    #[inline]
    fn put_slice(&mut self, src: &[u8]) {
        // Small enough to be compiled into its callers, where a slice of known length is a store or two: serializers put in single
        // bytes. A document of JSON, put in through the view token by token, took 1.8 times as long otherwise.
        let end = self.filled + src.len();
        match self.view.as_mut().and_then(|view| view.get_mut(self.filled..end)) {
            Some(place) => {
                place.copy_from_slice(src);
                self.filled = end;
            }
            None => self.put_far(src),
        }
    }
}

impl<W: BufferWriter + ?Sized> Drop for BufMutView<'_, W> {
    fn drop(&mut self) {
        self.finish_view();
    }
}

impl<W: BufferWriter + ?Sized> fmt::Debug for BufMutView<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufMutView")
            .field("written", &self.written())
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl<'a> WritableBuffer<'a> {
    /// The view as a bounded [`BufMut`], which counts what is put in and advances over it on
    /// [`finish`](WritableBufMut::finish).
    pub fn into_buf_mut(self) -> WritableBufMut<'a> {
        WritableBufMut { buffer: self, filled: 0 }
    }
}

/// One view of memory as a [`BufMut`]: it has as much room as the view, and putting in more panics, as `BufMut` says.
///
/// # Examples
///
/// ```
/// use bytes::BufMut;
/// use headpond_pool::BufferWriter;
///
/// let mut out = Vec::new();
/// let mut memory = BufferWriter::reserve(&mut out, 8)?.into_buf_mut();
/// memory.put_u32_le(7);
/// assert_eq!(memory.finish(), 4);
/// assert_eq!(out, [7, 0, 0, 0]);
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
#[derive(Debug)]
#[must_use = "bytes put in count only after `finish`"]
pub struct WritableBufMut<'a> {
    buffer: WritableBuffer<'a>,
    filled: usize,
}

impl WritableBufMut<'_> {
    /// Counts everything put in as written, and returns how many bytes that is.
    #[expect(clippy::must_use_candidate, reason = "the count is often known")]
    pub fn finish(self) -> usize {
        self.buffer.advance(self.filled);
        self.filled
    }
}

// SAFETY: `chunk_mut` gives the view behind `filled`, which `advance_mut` moves no further than the view (invariant 3).
unsafe impl BufMut for WritableBufMut<'_> {
    #[inline]
    fn remaining_mut(&self) -> usize {
        self.buffer.len() - self.filled
    }

    #[inline]
    unsafe fn advance_mut(&mut self, n: usize) {
        if n > self.remaining_mut() {
            past_the_view(n, self.remaining_mut());
        }
        self.filled += n;
    }

    #[inline]
    fn chunk_mut(&mut self) -> &mut UninitSlice {
        UninitSlice::new(&mut self.buffer[self.filled..])
    }
}
