//! The writing end as a trait.

mod future;

use std::{
    fmt,
    task::{Context, Poll},
};

use headpond_pool::{BufferWriter, SharedError, WriteError};

use crate::error::FlushError;

pub use future::{Closed, Finish, Flush, Reserve};

/// Something to write to in place: the pipe's [`Writer`](crate::Writer), or a sink behind an adapter.
///
/// The trait is object-safe. [`PipeWriteExt`] makes futures of its polls.
pub trait PipeWrite: BufferWriter {
    /// Waits until a `reserve` of `min` bytes would succeed, in turn with others who wait for the same memory.
    ///
    /// # Errors
    ///
    /// When waiting cannot help, or the wait was cancelled.
    fn poll_reserve(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>>;

    /// Publishes everything written, in full, then waits until the reader has caught up enough.
    ///
    /// # Errors
    ///
    /// See [`FlushError`].
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>>;

    /// Publishes everything written and ends the stream cleanly; waits for what stands behind the writer to have done so.
    ///
    /// # Errors
    ///
    /// See [`FlushError`].
    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>>;

    /// Waits until the reader is gone.
    ///
    /// A copy whose source is idle polls it once everything is flushed, and ends when it is ready. It may take the place of an
    /// earlier wait of this end, which is then polled again.
    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Lets go of the block being filled, so that an idle stream holds no memory. Takes effect with the next flush when bytes
    /// are unflushed. The next `reserve` takes it up again, or rents another.
    fn release(&mut self);

    /// Discards what is unflushed, and ends the stream with an error. Does nothing when it has ended already.
    fn abort(&mut self, error: SharedError);

    /// Whether every flush of this end costs something that the peer sees, as the marks of a compressed stream do. Code that
    /// flushes unasked, after each small write, is to gather bytes first.
    fn gathers(&self) -> bool {
        false
    }

    /// Takes back a poll that was pending: its waker is dropped, and its ticket given up. Nothing else is lost.
    fn withdraw(&mut self) {}
}

/// Conveniences over any [`PipeWrite`].
pub trait PipeWriteExt: PipeWrite {
    /// Waits for `max(min, 1)` bytes of memory to write into, in turn with others who wait.
    ///
    /// # Errors
    ///
    /// When waiting cannot help, or the wait was cancelled.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future passes its turn on, and loses nothing. Forgotten (`mem::forget`), its ticket stays the writer's, and holds
    /// up whoever waits behind it, until the writer waits again or is dropped.
    fn reserve_async(&mut self, min: usize) -> Reserve<'_, Self> {
        Reserve::new(self, min)
    }

    /// Publishes everything written, in full, then waits until the reader has caught up enough.
    ///
    /// # Errors
    ///
    /// See [`FlushError`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future un-publishes nothing.
    fn flush(&mut self) -> Flush<'_, Self> {
        Flush::new(self)
    }

    /// As [`flush`](Self::flush), and lets go of the block being filled once everything is published.
    ///
    /// # Errors
    ///
    /// See [`FlushError`].
    ///
    /// # Cancel safety
    ///
    /// As [`flush`](Self::flush).
    fn flush_release(&mut self) -> Flush<'_, Self> {
        // Takes effect with the flush, which publishes before it waits.
        self.release();
        Flush::new(self)
    }

    /// Publishes everything written and ends the stream cleanly; resolves once what stands behind the writer has done so.
    ///
    /// # Errors
    ///
    /// See [`FlushError`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: called again, it goes on where it was. Never polled, it has ended nothing.
    fn finish_async(&mut self) -> Finish<'_, Self> {
        Finish::new(self)
    }

    /// Formats straight into the writer's memory, over as many blocks as it takes: this is what `write!` and `writeln!` call.
    ///
    /// # Errors
    ///
    /// When the writer fails, with its own error, or a formatting trait does, with [`WriteError::Format`]. What was formatted
    /// before is written.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_pipe::{PipeWrite, PipeWriteExt};
    /// use headpond_pool::WriteError;
    ///
    /// fn status(writer: &mut dyn PipeWrite, code: u16) -> Result<(), WriteError> {
    ///     write!(writer, "HTTP/1.1 {code}\r\n")
    /// }
    /// ```
    fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<(), WriteError> {
        let mut this = self;
        let out: &mut dyn BufferWriter = &mut this;
        out.write_fmt(arguments)
    }

    /// Waits until the reader is gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    fn closed(&mut self) -> Closed<'_, Self> {
        Closed::new(self)
    }
}

impl<W: PipeWrite + ?Sized> PipeWriteExt for W {}

macro_rules! forward_pipe_write {
    ($($wrapper:ty),*) => {$(
        impl<W: PipeWrite + ?Sized> PipeWrite for $wrapper {
            fn poll_reserve(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
                (**self).poll_reserve(cx, min)
            }

            fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
                (**self).poll_flush(cx)
            }

            fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
                (**self).poll_finish(cx)
            }

            fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
                (**self).poll_closed(cx)
            }

            fn release(&mut self) {
                (**self).release();
            }

            fn abort(&mut self, error: SharedError) {
                (**self).abort(error);
            }

            fn gathers(&self) -> bool {
                (**self).gathers()
            }

            fn withdraw(&mut self) {
                (**self).withdraw();
            }
        }
    )*};
}

forward_pipe_write!(&mut W, Box<W>);
