//! The trait of whatever hands out memory to be written in place.

#[cfg(feature = "bytes")]
mod buf_mut;
mod format;
mod growable;
pub(crate) mod prefix;

use crate::{
    error::{PatchError, WriteError},
    memory::{Slice, WritableBuffer},
};

#[cfg(feature = "bytes")]
pub use buf_mut::{BufMutView, WritableBufMut};
pub use prefix::Prefix;

/// Something that hands out memory, which the caller fills in place: a pipe's writer, a `Vec<u8>`, a `BytesMut`.
///
/// Encoders take `&mut dyn BufferWriter` or `&mut impl BufferWriter + ?Sized`.
///
/// # Methods of the same name
///
/// A `Vec` has an `append` and a `reserve` of its own, which a call with a dot finds first, and a `BytesMut` a `reserve`; where
/// [`std::io::Write`] is in scope, `write` may be either. The trait's is called by its full name, or through a reference that is
/// a writer and nothing else:
///
/// ```
/// use headpond_pool::{BufferWriter, Slice};
///
/// let mut out = Vec::new();
/// BufferWriter::append(&mut out, Slice::from("by its name"))?;
/// let writer: &mut dyn BufferWriter = &mut out;
/// writer.append(Slice::from(", by a reference"))?;
/// assert_eq!(out, b"by its name, by a reference");
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
///
/// # Examples
///
/// ```
/// use headpond_pool::BufferWriter;
///
/// let mut out = Vec::new();
/// let mut memory = BufferWriter::reserve(&mut out, 3)?;
/// memory[..3].copy_from_slice(b"abc");
/// memory.advance(3);
/// BufferWriter::write(&mut out, b"def")?;
/// assert_eq!(out, b"abcdef");
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
pub trait BufferWriter {
    /// At least `max(min, 1)` contiguous bytes to write into; often more. Asked again without an advance, it is the same
    /// memory; after one, the memory behind. How much of it counts is said by
    /// [`WritableBuffer::advance`].
    ///
    /// An implementation that gives less breaks its contract; what writes to it fails then with
    /// [`WriteError::ShortBuffer`]. Code over any writer sees to that with [`WritableBuffer::at_least`].
    ///
    /// # Errors
    ///
    /// When there is no memory, or nobody to read it.
    fn reserve(&mut self, min: usize) -> Result<WritableBuffer<'_>, WriteError>;

    /// As [`reserve`](Self::reserve), for a caller that has up to `most` bytes to put there. Whoever offers as much as it has either
    /// way, as blocks do, does nothing else, which is what is provided; a growable buffer, which makes its memory for the call, makes
    /// more of it.
    ///
    /// # Errors
    ///
    /// As [`reserve`](Self::reserve).
    #[inline]
    fn reserve_up_to(&mut self, min: usize, most: usize) -> Result<WritableBuffer<'_>, WriteError> {
        let _ = most;
        self.reserve(min)
    }

    /// Links shared memory in, where that is possible, or copies it. An empty slice changes nothing.
    ///
    /// [`Vec::append`] hides it: see [above](BufferWriter#methods-of-the-same-name).
    ///
    /// # Errors
    ///
    /// As [`reserve`](Self::reserve); nothing of the slice is written then.
    fn append(&mut self, slice: Slice) -> Result<(), WriteError>;

    /// Writes `n` contiguous zero bytes to be overwritten later by [`patch`](Self::patch): the length that stands
    /// before a body whose size is not known yet. A prefix of no bytes is a mark, for [`rewind`](Self::rewind) and
    /// [`written_since`](Self::written_since).
    ///
    /// # Errors
    ///
    /// As [`reserve`](Self::reserve).
    fn reserve_prefix(&mut self, n: usize) -> Result<Prefix, WriteError>;

    /// Overwrites the first bytes of a prefix.
    ///
    /// # Errors
    ///
    /// When the prefix was already published, is another writer's, or is shorter than `bytes`; nothing changes then.
    fn patch(&mut self, prefix: &Prefix, bytes: &[u8]) -> Result<(), PatchError>;

    /// Returns how many bytes were written behind a prefix.
    ///
    /// # Errors
    ///
    /// As [`patch`](Self::patch).
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::BufferWriter;
    ///
    /// let mut out = Vec::new();
    /// let length = out.reserve_prefix(2)?;
    /// BufferWriter::write(&mut out, b"body")?;
    /// let body = out.written_since(&length)?;
    /// out.patch(&length, &(body as u16).to_be_bytes())?;
    /// assert_eq!(out, b"\0\x04body");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn written_since(&self, prefix: &Prefix) -> Result<usize, PatchError>;

    /// Discards everything from the start of a prefix on, so that what failed midway leaves no half of it behind. Prefixes further
    /// on are void from then on, and so is this one, unless it is a mark of no bytes: to that one can rewind again.
    ///
    /// # Errors
    ///
    /// When the prefix was already published or discarded, or is another writer's; nothing changes then.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pool::BufferWriter;
    ///
    /// let mut out = b"whole,".to_vec();
    /// let mark = out.reserve_prefix(0)?;
    /// BufferWriter::write(&mut out, b"ha")?;
    /// out.rewind(&mark)?;
    /// assert_eq!(out, b"whole,");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn rewind(&mut self, prefix: &Prefix) -> Result<(), PatchError>;

    /// Copies `bytes`, over as many blocks as it takes.
    ///
    /// # Errors
    ///
    /// As [`reserve`](Self::reserve). The pipe's writer writes nothing of a call that fails.
    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let mut memory = self.reserve_up_to(1, rest.len())?.at_least(1)?;
            let n = memory.len().min(rest.len());
            let (head, tail) = rest.split_at(n);
            memory[..n].copy_from_slice(head);
            memory.advance(n);
            rest = tail;
        }
        Ok(())
    }
}
