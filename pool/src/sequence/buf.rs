//! `bytes::Buf` for what owns its bytes: a slice, and a chain of slices.

use std::{io::IoSlice, mem};

use bytes::{Buf, Bytes};

use crate::{memory::Slice, sequence::sequence_buf::SequenceBuf};

impl Buf for Slice {
    #[inline]
    fn remaining(&self) -> usize {
        self.len()
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        self
    }

    #[inline]
    fn advance(&mut self, n: usize) {
        assert!(n <= self.len(), "cannot advance by {n} bytes: {} are left", self.len());
        *self = mem::take(self).into_range(n..);
    }

    /// Shares the bytes.
    fn copy_to_bytes(&mut self, n: usize) -> Bytes {
        self.split_to(n).into()
    }
}

impl Buf for SequenceBuf {
    #[inline]
    fn remaining(&self) -> usize {
        self.len()
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        self.as_sequence().first_chunk()
    }

    fn chunks_vectored<'a>(&'a self, out: &mut [IoSlice<'a>]) -> usize {
        self.as_sequence().io_slices(out)
    }

    #[inline]
    fn advance(&mut self, n: usize) {
        self.consume(n);
    }

    /// Shares the bytes when they lie in one chunk, otherwise copies them.
    fn copy_to_bytes(&mut self, n: usize) -> Bytes {
        let bytes = self.as_sequence().to_contiguous_bytes(..self.start() + n);
        self.consume(n);
        bytes
    }
}
