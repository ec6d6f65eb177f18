//! The futures of the writing end.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use headpond_pool::{WritableBuffer, WriteError};

use super::PipeWrite;
use crate::error::FlushError;

/// A flush under way: see [`PipeWriteExt::flush`](crate::PipeWriteExt::flush).
#[must_use = "a future does nothing unless awaited"]
pub struct Flush<'a, W: PipeWrite + ?Sized> {
    writer: &'a mut W,
    pending: bool,
}

impl<'a, W: PipeWrite + ?Sized> Flush<'a, W> {
    #[inline]
    pub(crate) fn new(writer: &'a mut W) -> Self {
        Self { writer, pending: false }
    }
}

impl<W: PipeWrite + ?Sized> Future for Flush<'_, W> {
    type Output = Result<(), FlushError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let flushed = self.writer.poll_flush(cx);
        self.pending = flushed.is_pending();
        match flushed {
            // Told apart, so that the common case carries no room for an error along.
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            other => other,
        }
    }
}

impl<W: PipeWrite + ?Sized> Drop for Flush<'_, W> {
    #[inline]
    fn drop(&mut self) {
        if self.pending {
            self.writer.withdraw();
        }
    }
}

impl<W: PipeWrite + ?Sized> fmt::Debug for Flush<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flush").field("pending", &self.pending).finish_non_exhaustive()
    }
}

/// A finish under way: see [`PipeWriteExt::finish_async`](crate::PipeWriteExt::finish_async).
#[must_use = "a future does nothing unless awaited"]
pub struct Finish<'a, W: PipeWrite + ?Sized>(&'a mut W);

impl<'a, W: PipeWrite + ?Sized> Finish<'a, W> {
    pub(crate) fn new(writer: &'a mut W) -> Self {
        Self(writer)
    }
}

impl<W: PipeWrite + ?Sized> Future for Finish<'_, W> {
    type Output = Result<(), FlushError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_finish(cx)
    }
}

impl<W: PipeWrite + ?Sized> Drop for Finish<'_, W> {
    fn drop(&mut self) {
        self.0.withdraw();
    }
}

impl<W: PipeWrite + ?Sized> fmt::Debug for Finish<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finish").finish_non_exhaustive()
    }
}

/// A wait for the reader's end: see [`PipeWriteExt::closed`](crate::PipeWriteExt::closed).
#[must_use = "a future does nothing unless awaited"]
pub struct Closed<'a, W: PipeWrite + ?Sized>(&'a mut W);

impl<'a, W: PipeWrite + ?Sized> Closed<'a, W> {
    pub(crate) fn new(writer: &'a mut W) -> Self {
        Self(writer)
    }
}

impl<W: PipeWrite + ?Sized> Future for Closed<'_, W> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_closed(cx)
    }
}

impl<W: PipeWrite + ?Sized> Drop for Closed<'_, W> {
    fn drop(&mut self) {
        self.0.withdraw();
    }
}

impl<W: PipeWrite + ?Sized> fmt::Debug for Closed<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed").finish_non_exhaustive()
    }
}

/// A wait for memory: see [`PipeWriteExt::reserve_async`](crate::PipeWriteExt::reserve_async).
#[must_use = "a future does nothing unless awaited"]
pub struct Reserve<'a, W: PipeWrite + ?Sized> {
    writer: Option<&'a mut W>,
    min: usize,
}

impl<'a, W: PipeWrite + ?Sized> Reserve<'a, W> {
    pub(crate) fn new(writer: &'a mut W, min: usize) -> Self {
        Self { writer: Some(writer), min }
    }
}

impl<'a, W: PipeWrite + ?Sized> Future for Reserve<'a, W> {
    type Output = Result<WritableBuffer<'a>, WriteError>;

    /// # Panics
    ///
    /// When polled again after it was ready.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let min = self.min;
        let Some(writer) = &mut self.writer else { polled_again() };
        let ready = ready!(writer.poll_reserve(cx, min));
        let Some(writer) = self.writer.take() else { polled_again() };
        Poll::Ready(match ready {
            Ok(()) => writer.reserve(min),
            Err(error) => Err(error),
        })
    }
}

impl<W: PipeWrite + ?Sized> Drop for Reserve<'_, W> {
    fn drop(&mut self) {
        if let Some(writer) = &mut self.writer {
            writer.withdraw();
        }
    }
}

#[cold]
#[track_caller]
fn polled_again() -> ! {
    panic!("a reservation was polled after it was ready")
}

impl<W: PipeWrite + ?Sized> fmt::Debug for Reserve<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve").field("min", &self.min).finish_non_exhaustive()
    }
}
