//! The futures of a read.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::{PipeRead, ReadView};
use crate::error::ReadError;

/// A read under way: see [`PipeReadExt::read`](crate::PipeReadExt::read).
///
/// Dropping it loses nothing.
#[must_use = "a future does nothing unless awaited"]
pub struct Read<'a, R: PipeRead + ?Sized>(Waiting<'a, R>);

/// A read of a given number of bytes under way: see [`PipeReadExt::read_at_least`](crate::PipeReadExt::read_at_least).
///
/// Dropping it takes back what it asked for, and loses nothing.
#[must_use = "a future does nothing unless awaited"]
pub struct ReadAtLeast<'a, R: PipeRead + ?Sized> {
    waiting: Waiting<'a, R>,
    at_least: usize,
}

/// A reader until its view is made.
struct Waiting<'a, R: PipeRead + ?Sized>(Option<&'a mut R>);

impl<'a, R: PipeRead + ?Sized> Read<'a, R> {
    #[inline]
    pub(crate) fn new(reader: &'a mut R) -> Self {
        Self(Waiting(Some(reader)))
    }
}

impl<'a, R: PipeRead + ?Sized> ReadAtLeast<'a, R> {
    #[inline]
    pub(crate) fn new(reader: &'a mut R, at_least: usize) -> Self {
        Self { waiting: Waiting(Some(reader)), at_least }
    }
}

impl<'a, R: PipeRead + ?Sized> Waiting<'a, R> {
    #[inline]
    fn poll(&mut self, cx: &mut Context<'_>, at_least: usize) -> Poll<Result<ReadView<'a, R>, ReadError>> {
        let Some(reader) = self.0.take() else { polled_again() };
        match reader.poll_read(cx, at_least) {
            Poll::Ready(Ok(status)) => {
                if cfg!(debug_assertions) {
                    reader.note_view(status);
                }
                Poll::Ready(Ok(ReadView::new(reader, status)))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                self.0 = Some(reader);
                Poll::Pending
            }
        }
    }
}

impl<R: PipeRead + ?Sized> Drop for Waiting<'_, R> {
    #[inline]
    fn drop(&mut self) {
        if let Some(reader) = &mut self.0 {
            reader.withdraw();
        }
    }
}

impl<'a, R: PipeRead + ?Sized> Future for Read<'a, R> {
    type Output = Result<ReadView<'a, R>, ReadError>;

    /// # Panics
    ///
    /// When polled again after it was ready.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx, 0)
    }
}

impl<'a, R: PipeRead + ?Sized> Future for ReadAtLeast<'a, R> {
    type Output = Result<ReadView<'a, R>, ReadError>;

    /// # Panics
    ///
    /// When polled again after it was ready.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let at_least = self.at_least;
        self.waiting.poll(cx, at_least)
    }
}

#[cold]
#[track_caller]
fn polled_again() -> ! {
    panic!("a read was polled after it was ready")
}

impl<R: PipeRead + ?Sized> fmt::Debug for Read<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Read").finish_non_exhaustive()
    }
}

impl<R: PipeRead + ?Sized> fmt::Debug for ReadAtLeast<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadAtLeast").field("at_least", &self.at_least).finish_non_exhaustive()
    }
}
