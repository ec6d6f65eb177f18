//! What a read has to look after besides its writer, in one place: the fast path looks at one flag.

/// The states of a reader in which a read does more than look for bytes.
#[derive(Debug, Default)]
pub(super) struct SlowPath {
    any: bool,
    parked: bool,
    closed: bool,
}

impl SlowPath {
    /// Returns `true` if a read only looks for bytes.
    #[inline]
    pub(super) fn is_fast(&self) -> bool {
        !self.any
    }

    /// The reader's waker is in its cell, or was taken from there.
    #[inline]
    pub(super) fn parked(&self) -> bool {
        self.parked
    }

    pub(super) fn closed(&self) -> bool {
        self.closed
    }

    pub(super) fn set_parked(&mut self, parked: bool) {
        self.parked = parked;
        self.any = self.parked || self.closed;
    }

    pub(super) fn set_closed(&mut self) {
        self.closed = true;
        self.any = true;
    }
}
