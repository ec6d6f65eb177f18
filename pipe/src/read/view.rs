//! What a read gives: the unconsumed bytes, and the duty to say how far they were used.

use std::fmt;

use headpond_pool::{Position, Sequence};

use super::{PipeRead, ReadStatus};
use crate::reader::Reader;

/// Everything unconsumed, borrowed from the reader until it is told how far the bytes were consumed and examined.
///
/// Dropped without that, nothing changes: the next read is ready at once with the same bytes. A loop that does so again and again never
/// waits, and holds up its thread: debug builds panic when it goes on for thousands of views within seconds.
#[must_use = "not advanced, it changes nothing: the next read brings the same bytes at once"]
pub struct ReadView<'a, R: PipeRead + ?Sized + 'a = Reader> {
    reader: &'a mut R,
    status: ReadStatus,
}

impl<'a, R: PipeRead + ?Sized + 'a> ReadView<'a, R> {
    #[inline]
    pub(crate) fn new(reader: &'a mut R, status: ReadStatus) -> Self {
        Self { reader, status }
    }

    /// Everything unconsumed, across blocks.
    #[inline]
    pub fn buffer(&self) -> Sequence<'_> {
        self.reader.buffer()
    }

    /// Whether the stream ended cleanly, and the buffer holds the last of it.
    #[inline]
    pub fn is_finished(&self) -> bool {
        self.status.is_finished()
    }

    /// Whether the read was cancelled; the buffer holds whatever there is.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.status.is_cancelled()
    }

    /// Lets go of everything before `consumed`. The next read is ready at once if there is more.
    ///
    /// # Panics
    ///
    /// When the position lies outside the buffer, with nothing changed.
    #[inline]
    pub fn advance(self, consumed: Position) {
        self.reader.advance_to(consumed, consumed);
    }

    /// Lets go of everything before `consumed`, and asks for more than is there: the next read waits for it.
    ///
    /// # Panics
    ///
    /// When the position lies outside the buffer, with nothing changed.
    #[inline]
    pub fn need_more(self, consumed: Position) {
        let end = self.reader.buffer().end();
        self.reader.advance_to(consumed, end);
    }

    /// Lets go of everything before `consumed`, and marks everything before `examined` as looked at: the next read waits for a
    /// byte behind that. Examined may move back, but not before consumed.
    ///
    /// # Panics
    ///
    /// When the positions do not lie in the buffer in this order, with nothing changed.
    #[inline]
    pub fn advance_to(self, consumed: Position, examined: Position) {
        self.reader.advance_to(consumed, examined);
    }

    /// Lets go of everything in the buffer.
    #[inline]
    pub fn advance_all(self) {
        let end = self.reader.buffer().end();
        self.reader.advance_to(end, end);
    }
}

impl<R: PipeRead + ?Sized> fmt::Debug for ReadView<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadView").field("buffer", &self.buffer()).field("status", &self.status).finish()
    }
}
