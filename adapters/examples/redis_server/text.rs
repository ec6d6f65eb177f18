//! Strings.

use std::{
    mem,
    ops::{Deref, Range},
};

use headpond_pool::Slice;

/// A string.
#[derive(Debug)]
pub(crate) enum Text {
    /// As it arrived. A long one shares the blocks it was received in, and is sent from there.
    Arrived(Slice),
    /// In memory of its own, with room to grow: what is put behind it, again and again, costs what it is long.
    Edited(Vec<u8>),
}

impl Text {
    /// Changes the bytes.
    pub(crate) fn edit(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = match mem::take(self) {
            Self::Arrived(slice) => slice.to_vec(),
            Self::Edited(bytes) => bytes,
        };
        change(&mut bytes);
        *self = Self::Edited(bytes);
    }

    /// All of it, to be sent.
    pub(crate) fn to_slice(&self) -> Slice {
        self.part(0..self.len())
    }

    /// A part of it, to be sent.
    pub(crate) fn part(&self, range: Range<usize>) -> Slice {
        match self {
            Self::Arrived(slice) => slice.slice(range),
            Self::Edited(bytes) => Slice::copy_from_slice(&bytes[range]),
        }
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Arrived(slice) => slice,
            Self::Edited(bytes) => bytes,
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Slice::new().into()
    }
}

impl From<Slice> for Text {
    fn from(slice: Slice) -> Self {
        Self::Arrived(slice)
    }
}
