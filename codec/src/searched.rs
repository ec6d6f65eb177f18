//! What a decoder remembers of a search that has found nothing yet.

use headpond_pool::Position;

/// Up to where the item that begins at `start` has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Searched {
    start: Position,
    end: Position,
}

impl Searched {
    /// Nothing was searched.
    pub(crate) const NOTHING: Self = Self { start: Position::ZERO, end: Position::ZERO };

    /// Remembers that the item that begins at `start` does not end before `end`.
    #[inline]
    pub(crate) fn note(&mut self, start: Position, end: Position) {
        *self = Self { start, end };
    }

    /// Whether what was noted last begins at `start`.
    #[inline]
    pub(crate) fn begins_at(&self, start: Position) -> bool {
        self.start == start
    }

    /// Whether what was searched is the item that begins at `start`.
    #[inline]
    pub(crate) fn is_of(&self, start: Position) -> bool {
        self.start == start && self.end > start
    }

    /// Whether nothing from `start` on was searched.
    #[inline]
    pub(crate) fn is_before(&self, start: Position) -> bool {
        self.end <= start
    }

    /// From where to search on for the end of the item that begins at `start`, in what there is before `end`.
    #[inline]
    pub(crate) fn resume(&self, start: Position, end: Position) -> Position {
        if self.is_of(start) { self.end.min(end) } else { start }
    }
}
