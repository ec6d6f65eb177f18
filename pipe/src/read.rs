//! The reading end as a trait.

mod copy;
#[cfg(all(debug_assertions, not(loom), not(target_family = "wasm")))]
pub(crate) mod forgetful;
mod future;
mod view;

use std::task::{Context, Poll};

use headpond_pool::{BufferWriter, Position, Sequence, SharedError, Slice, WriteError};

use crate::{error::ReadError, write::PipeWrite};

pub use copy::CopyTo;
pub use future::{Read, ReadAtLeast};
pub use view::ReadView;

/// What a read brought, besides the bytes that [`PipeRead::buffer`] shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadStatus {
    finished: bool,
    cancelled: bool,
}

impl ReadStatus {
    /// A status; for those who implement [`PipeRead`].
    pub const fn new(finished: bool, cancelled: bool) -> Self {
        Self { finished, cancelled }
    }

    /// Whether the stream ended cleanly, and the buffer holds the last of it.
    pub const fn is_finished(self) -> bool {
        self.finished
    }

    /// Whether the read was cancelled; the buffer holds whatever there is.
    pub const fn is_cancelled(self) -> bool {
        self.cancelled
    }

    /// Checks that a read of `at_least` bytes, whose reader now has `unconsumed` bytes, had a reason to be ready: for loops over a
    /// reader of any kind, which end with an error where they would go round for ever.
    ///
    /// # Errors
    ///
    /// [`ReadError::NoProgress`], when there is neither an end nor a cancellation nor so many bytes, and at least one.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pipe::{ReadError, ReadStatus};
    ///
    /// let status = ReadStatus::new(false, false);
    /// assert!(status.checked(4, 4).is_ok());
    /// assert!(matches!(status.checked(3, 4), Err(ReadError::NoProgress)));
    /// assert!(ReadStatus::new(true, false).checked(0, 4).is_ok());
    /// ```
    pub fn checked(self, unconsumed: usize, at_least: usize) -> Result<Self, ReadError> {
        if self.finished || self.cancelled || unconsumed >= at_least.max(1) {
            Ok(self)
        } else {
            Err(ReadError::NoProgress)
        }
    }
}

/// Something to read from without copying: the pipe's [`Reader`](crate::Reader), a source behind an adapter, memory.
///
/// The trait is object-safe. Its polls give a plain status; the conveniences of [`PipeReadExt`] build a [`ReadView`] of it.
///
/// Positions are absolute offsets in the stream. *Consumed* is how far the bytes are done with; *examined* is how far they
/// were looked at: a read waits for a byte behind that.
pub trait PipeRead {
    /// Waits until there is something to read. With `at_least` 0 that is a byte behind the examined position; otherwise
    /// that many unconsumed bytes. Either way the end of the stream, or a cancellation, is something too. When it is
    /// ready, [`buffer`](Self::buffer) shows everything unconsumed.
    ///
    /// An implementation that is ready without any of these makes a loop over it go round for ever. Those of this crate and of
    /// the adapters fail with [`ReadError::NoProgress`] then: see [`ReadStatus::checked`].
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    fn poll_read(&mut self, cx: &mut Context<'_>, at_least: usize) -> Poll<Result<ReadStatus, ReadError>>;

    /// As [`poll_read`](Self::poll_read), without waiting: `None` when nothing is unexamined.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    fn try_read(&mut self) -> Result<Option<ReadStatus>, ReadError>;

    /// Everything unconsumed, as of the last read.
    fn buffer(&self) -> Sequence<'_>;

    /// Lets go of everything before `consumed`, and marks everything before `examined` as looked at.
    ///
    /// # Panics
    ///
    /// When the positions do not lie in the buffer in this order, with nothing changed.
    fn advance_to(&mut self, consumed: Position, examined: Position);

    /// Stops reading, for good. The bytes left go back at once; the writer learns of it, and of `error`.
    fn close(&mut self, error: Option<SharedError>);

    /// Says that everything that is wanted of the stream is consumed: closed, or dropped, without reading on, the end is then no
    /// failure to its writer, whose flush and finish go well, unless it has written more. An end that stands on something else
    /// than a pipe need not do anything.
    ///
    /// It is for whoever knows where its message ends, and may be gone before the writer says so.
    fn mark_complete(&mut self) {}

    /// Takes back a poll that was pending: its waker is dropped, and what it waited for forgotten. Nothing else is lost.
    fn withdraw(&mut self) {}

    /// Tells that a [`ReadView`] is made of what a poll brought; only in debug builds, in which a pipe's reader panics when a loop
    /// makes thousands of them and never advances. For whoever reads from a pipe behind it, which is told in turn.
    #[doc(hidden)]
    fn note_view(&mut self, status: ReadStatus) {
        let _ = status;
    }
}

/// Conveniences over any [`PipeRead`].
pub trait PipeReadExt: PipeRead {
    /// Waits for a byte not yet examined, or the end, or a cancellation.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    fn read(&mut self) -> Read<'_, Self> {
        Read::new(self)
    }

    /// Waits until at least `n` bytes are unconsumed, or the end, or a cancellation. 0 asks for nothing in particular, as
    /// [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing, and takes back what it asked for.
    fn read_at_least(&mut self, n: usize) -> ReadAtLeast<'_, Self> {
        ReadAtLeast::new(self, n)
    }

    /// A view, when there is something unexamined, or the end, or a cancellation.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    fn try_view(&mut self) -> Result<Option<ReadView<'_, Self>>, ReadError> {
        Ok(self.try_read()?.map(|status| ReadView::new(self, status)))
    }

    /// Copies everything to a writer, up to the end of the stream, flushing as it goes: by reference where the writer links
    /// memory in. Resolves to the number of bytes moved. Neither end is finished.
    ///
    /// While there is nothing to read, it waits for the writer to be [closed](PipeWrite::poll_closed) as well: when nobody reads there
    /// any more, it ends with the error of a flush. Between ends that are always ready, it gives way to other tasks by a
    /// [`PollBudget`](crate::PollBudget) for each poll.
    ///
    /// # Errors
    ///
    /// When either end fails, or a read is cancelled. What the writer did not take is still here.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: what the writer has taken is consumed, though perhaps not flushed.
    fn copy_to<'a, W: PipeWrite + ?Sized>(&'a mut self, writer: &'a mut W) -> CopyTo<'a, Self, W> {
        CopyTo::new(self, writer)
    }

    /// Moves the next `n` bytes, or as many as the buffer has, to a writer, by reference where it links memory in. They are
    /// not flushed. Returns how many were moved.
    ///
    /// # Errors
    ///
    /// When the writer fails; the bytes it took are consumed, the others not.
    fn transfer<W: BufferWriter + ?Sized>(&mut self, writer: &mut W, n: usize) -> Result<usize, WriteError> {
        let (mut moved, mut reached) = (0, self.buffer().start());
        loop {
            let buffer = self.buffer();
            if buffer.start() != reached {
                // It shows again what was consumed.
                return Ok(moved);
            }
            let chunk = buffer.slice(..buffer.start() + (n - moved).min(buffer.first_chunk().len()));
            if chunk.is_empty() {
                return Ok(moved);
            }
            let (bytes, end) = (chunk.len(), chunk.end());
            chunk.to_slices(..).try_for_each(|slice: Slice| writer.append(slice))?;
            self.advance_to(end, end);
            (moved, reached) = (moved + bytes, end);
        }
    }
}

impl<R: PipeRead + ?Sized> PipeReadExt for R {}

macro_rules! forward_pipe_read {
    ($($wrapper:ty),*) => {$(
        impl<R: PipeRead + ?Sized> PipeRead for $wrapper {
            fn poll_read(&mut self, cx: &mut Context<'_>, at_least: usize) -> Poll<Result<ReadStatus, ReadError>> {
                (**self).poll_read(cx, at_least)
            }

            fn try_read(&mut self) -> Result<Option<ReadStatus>, ReadError> {
                (**self).try_read()
            }

            fn buffer(&self) -> Sequence<'_> {
                (**self).buffer()
            }

            fn advance_to(&mut self, consumed: Position, examined: Position) {
                (**self).advance_to(consumed, examined);
            }

            fn close(&mut self, error: Option<SharedError>) {
                (**self).close(error);
            }

            fn mark_complete(&mut self) {
                (**self).mark_complete();
            }

            fn withdraw(&mut self) {
                (**self).withdraw();
            }

            fn note_view(&mut self, status: ReadStatus) {
                (**self).note_view(status);
            }
        }
    )*};
}

forward_pipe_read!(&mut R, Box<R>);
