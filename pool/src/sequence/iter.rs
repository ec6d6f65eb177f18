//! Iteration over chunks and over bytes.

use std::{
    io::IoSlice,
    iter::{Copied, Flatten, FusedIterator},
    ops::Range,
};

use super::Sequence;

impl<'a> Sequence<'a> {
    /// The bytes as contiguous pieces, in order; none of them empty.
    #[inline]
    pub fn chunks(&self) -> Chunks<'a> {
        Chunks { sequence: *self, indices: 0..self.chunk_count() }
    }

    /// The bytes, one by one.
    ///
    /// Convenient, and slower than a loop over the slices of [`chunks`](Self::chunks).
    pub fn bytes(&self) -> ByteIter<'a> {
        ByteIter { bytes: self.chunks().flatten().copied(), len: self.len() }
    }

    /// Fills `out` with the first pieces, as `writev` takes them, and returns how many there are. It allocates nothing;
    /// what does not fit is left for a call over the rest.
    ///
    /// ```
    /// use std::io::{IoSlice, Write};
    /// use headpond_pool::{SequenceBuf, Slice};
    ///
    /// let buffer = SequenceBuf::from_iter([Slice::from("head"), Slice::from("pond")]);
    /// let mut pieces = [IoSlice::new(&[]); 8];
    /// let filled = buffer.as_sequence().io_slices(&mut pieces);
    /// assert_eq!(filled, 2);
    /// let mut out = Vec::new();
    /// assert_eq!(out.write_vectored(&pieces[..filled])?, 8);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn io_slices(&self, out: &mut [IoSlice<'a>]) -> usize {
        let mut filled = 0;
        for (piece, chunk) in out.iter_mut().zip(self.chunks()) {
            *piece = IoSlice::new(chunk);
            filled += 1;
        }
        filled
    }
}

/// The contiguous pieces of a [`Sequence`]: see [`Sequence::chunks`].
#[derive(Clone, Debug)]
pub struct Chunks<'a> {
    sequence: Sequence<'a>,
    indices: Range<usize>,
}

impl<'a> Iterator for Chunks<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let bytes = self.sequence.chunk_bytes(self.indices.next()?);
            if !bytes.is_empty() {
                return Some(bytes);
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.indices.len()))
    }
}

impl DoubleEndedIterator for Chunks<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        loop {
            let bytes = self.sequence.chunk_bytes(self.indices.next_back()?);
            if !bytes.is_empty() {
                return Some(bytes);
            }
        }
    }
}

impl FusedIterator for Chunks<'_> {}

/// The single bytes of a [`Sequence`]: see [`Sequence::bytes`].
#[derive(Clone, Debug)]
pub struct ByteIter<'a> {
    bytes: Copied<Flatten<Chunks<'a>>>,
    len: usize,
}

impl Iterator for ByteIter<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let byte = self.bytes.next()?;
        self.len -= 1;
        Some(byte)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len, Some(self.len))
    }

    fn fold<B, F: FnMut(B, u8) -> B>(self, init: B, fold: F) -> B {
        self.bytes.fold(init, fold)
    }
}

impl DoubleEndedIterator for ByteIter<'_> {
    fn next_back(&mut self) -> Option<u8> {
        let byte = self.bytes.next_back()?;
        self.len -= 1;
        Some(byte)
    }
}

impl ExactSizeIterator for ByteIter<'_> {}

impl FusedIterator for ByteIter<'_> {}
