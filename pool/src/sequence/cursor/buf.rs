//! `bytes::Buf` for a cursor.

use std::io::IoSlice;

use bytes::{Buf, Bytes};

use super::Cursor;

impl Buf for Cursor<'_> {
    #[inline]
    fn remaining(&self) -> usize {
        self.len()
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        Cursor::chunk(self)
    }

    fn chunks_vectored<'b>(&'b self, out: &mut [IoSlice<'b>]) -> usize {
        Cursor::remaining(self).io_slices(out)
    }

    #[inline]
    #[track_caller]
    fn advance(&mut self, n: usize) {
        let left = self.len();
        assert!(self.skip(n).is_ok(), "cannot advance by {n} bytes: {left} are left");
    }

    /// Shares the bytes when they lie in one chunk, otherwise copies them.
    #[track_caller]
    fn copy_to_bytes(&mut self, n: usize) -> Bytes {
        let left = self.len();
        match self.take_exact(n) {
            Ok(taken) => taken.to_contiguous_bytes(..),
            Err(_) => panic!("cannot take {n} bytes: {left} are left"),
        }
    }
}
