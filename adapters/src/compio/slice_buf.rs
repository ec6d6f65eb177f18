//! A slice as a buffer to be sent.

use std::ops::Deref;

use compio_buf::{IntoInner, IoBuf};
use headpond_pool::Slice;

/// A slice as an [`IoBuf`]: an operation sends its bytes where they lie, and holds them until it is over.
#[derive(Debug, Clone, Default)]
pub struct SliceBuf(Slice);

impl SliceBuf {
    /// A buffer of the slice's bytes.
    pub fn new(slice: Slice) -> Self {
        Self(slice)
    }
}

impl From<Slice> for SliceBuf {
    fn from(slice: Slice) -> Self {
        Self::new(slice)
    }
}

impl Deref for SliceBuf {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// The bytes stay where they are when a slice is moved, as an operation that holds their address needs.
impl IoBuf for SliceBuf {
    fn as_init(&self) -> &[u8] {
        self
    }
}

impl IntoInner for SliceBuf {
    type Inner = Slice;

    fn into_inner(self) -> Slice {
        self.0
    }
}
