//! Taking bytes out of a sequence: copied, or shared by reference count.

use std::{borrow::Cow, iter::FusedIterator, ops::Range, ops::RangeBounds};

use super::Sequence;
use crate::{memory::Slice, sequence::position::Position};

impl<'a> Sequence<'a> {
    /// Copies the first bytes into `out`, as many as both have, and returns how many.
    pub fn copy_to(&self, out: &mut [u8]) -> usize {
        let mut copied = 0;
        for chunk in self.chunks() {
            let rest = &mut out[copied..];
            let n = chunk.len().min(rest.len());
            rest[..n].copy_from_slice(&chunk[..n]);
            copied += n;
            if n < chunk.len() {
                break;
            }
        }
        copied
    }

    /// Copies the bytes into a vector.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len());
        self.chunks().for_each(|chunk| out.extend_from_slice(chunk));
        out
    }

    /// The bytes as one slice: borrowed when they lie in one chunk, otherwise copied.
    pub fn to_cow(&self) -> Cow<'a, [u8]> {
        self.as_single_chunk().map_or_else(|| Cow::Owned(self.to_vec()), Cow::Borrowed)
    }

    /// Shares the bytes within `range` without copying them: they outlive the sequence, and whatever it was borrowed
    /// from. Each slice keeps its whole block rented: see [`Slice::compact`].
    ///
    /// # Panics
    ///
    /// When the range lies outside the sequence.
    ///
    /// ```
    /// use headpond_pool::{SequenceBuf, Slice};
    ///
    /// let mut buffer = SequenceBuf::from_iter([Slice::from("head"), Slice::from("pond")]);
    /// let kept: Vec<Slice> = buffer.as_sequence().to_slices(..).collect();
    /// buffer.clear();
    /// assert_eq!(kept[1], b"pond"[..]);
    /// ```
    pub fn to_slices(&self, range: impl RangeBounds<Position>) -> Slices<'a> {
        let sequence = self.slice(range);
        Slices { sequence, indices: 0..sequence.chunk_count() }
    }

    /// The bytes within `range` as one slice: shared when they lie in one chunk, otherwise copied.
    ///
    /// # Panics
    ///
    /// When the range lies outside the sequence.
    pub fn to_contiguous(&self, range: impl RangeBounds<Position>) -> Slice {
        let sequence = self.slice(range);
        if sequence.as_single_chunk().is_some() {
            sequence.to_slices(..).next().unwrap_or_default()
        } else {
            Slice::from(sequence.to_vec())
        }
    }

    /// [`to_slices`](Self::to_slices) as [`bytes::Bytes`]: shared, never copied; one small allocation each.
    ///
    /// # Panics
    ///
    /// When the range lies outside the sequence.
    #[cfg(feature = "bytes")]
    pub fn to_bytes(&self, range: impl RangeBounds<Position>) -> SharedBytes<'a> {
        SharedBytes(self.to_slices(range))
    }

    /// [`to_contiguous`](Self::to_contiguous) as one [`bytes::Bytes`]: shared when the bytes lie in one chunk,
    /// otherwise copied.
    ///
    /// # Panics
    ///
    /// When the range lies outside the sequence.
    #[cfg(feature = "bytes")]
    pub fn to_contiguous_bytes(&self, range: impl RangeBounds<Position>) -> bytes::Bytes {
        let sequence = self.slice(range);
        if sequence.as_single_chunk().is_some() {
            sequence.to_bytes(..).next().unwrap_or_default()
        } else {
            bytes::Bytes::from(sequence.to_vec())
        }
    }
}

/// Shared slices of a [`Sequence`], in order, none of them empty: see [`Sequence::to_slices`].
#[derive(Clone, Debug)]
pub struct Slices<'a> {
    sequence: Sequence<'a>,
    indices: Range<usize>,
}

impl Iterator for Slices<'_> {
    type Item = Slice;

    fn next(&mut self) -> Option<Slice> {
        loop {
            let slice = self.sequence.chunk_slice(self.indices.next()?);
            if !slice.is_empty() {
                return Some(slice);
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.indices.len()))
    }
}

impl FusedIterator for Slices<'_> {}

/// Shared [`bytes::Bytes`] of a [`Sequence`], in order, none of them empty: see [`Sequence::to_bytes`].
#[cfg(feature = "bytes")]
#[derive(Clone, Debug)]
pub struct SharedBytes<'a>(Slices<'a>);

#[cfg(feature = "bytes")]
impl Iterator for SharedBytes<'_> {
    type Item = bytes::Bytes;

    fn next(&mut self) -> Option<bytes::Bytes> {
        self.0.next().map(bytes::Bytes::from)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

#[cfg(feature = "bytes")]
impl FusedIterator for SharedBytes<'_> {}
