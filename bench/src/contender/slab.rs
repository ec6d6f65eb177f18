//! Where a sender of `Bytes` produces them.

use bytes::{Bytes, BytesMut};

use crate::payload::Produce;

/// Memory for many small messages, or for one large one.
const LEAST: usize = 64 * 1024;

/// Zeroed memory, cut into messages from the front, so that small ones share an allocation.
#[derive(Debug, Default)]
pub(crate) struct Slab(BytesMut);

impl Slab {
    /// The next message.
    #[inline(always)]
    pub(crate) fn message(&mut self, n: usize, payload: &mut impl Produce) -> Bytes {
        if self.0.len() < n {
            self.0 = BytesMut::zeroed(n.max(LEAST));
        }
        let mut message = self.0.split_to(n);
        payload.fill(&mut message);
        message.freeze()
    }
}
