//! The future of a read.

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
/// Dropping it takes back what it waited for, and loses nothing.
#[must_use = "a future does nothing unless awaited"]
pub struct Read<'a, R: PipeRead + ?Sized> {
    reader: Option<&'a mut R>,
    at_least: usize,
}

impl<'a, R: PipeRead + ?Sized> Read<'a, R> {
    #[inline]
    pub(crate) fn new(reader: &'a mut R, at_least: usize) -> Self {
        Self { reader: Some(reader), at_least }
    }
}

impl<'a, R: PipeRead + ?Sized> Future for Read<'a, R> {
    type Output = Result<ReadView<'a, R>, ReadError>;

    /// # Panics
    ///
    /// When polled again after it was ready.
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(reader) = self.reader.take() else { polled_again() };
        match reader.poll_read(cx, self.at_least) {
            Poll::Ready(Ok(status)) => Poll::Ready(Ok(ReadView::new(reader, status))),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                self.reader = Some(reader);
                Poll::Pending
            }
        }
    }
}

impl<R: PipeRead + ?Sized> Drop for Read<'_, R> {
    #[inline]
    fn drop(&mut self) {
        if let Some(reader) = &mut self.reader {
            reader.withdraw();
        }
    }
}

#[cold]
#[track_caller]
fn polled_again() -> ! {
    panic!("a read was polled after it was ready")
}

impl<R: PipeRead + ?Sized> fmt::Debug for Read<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Read").field("at_least", &self.at_least).finish_non_exhaustive()
    }
}
