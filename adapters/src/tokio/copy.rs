//! The copy of a reading end to an `AsyncWrite`.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use headpond_pipe::{CopyError, PipeRead};
use tokio::io::AsyncWrite;

use super::stream::TokioStream;
use crate::copy::Copy;

/// A copy under way: see [`TokioReadExt::copy_to_tokio`](super::TokioReadExt::copy_to_tokio).
///
/// It writes from the blocks where they lie, many with one call, and consumes exactly what the stream takes; the stream is
/// flushed whenever there is nothing more to read, and not shut down at the end. It resolves to the number of bytes.
///
/// # Errors
///
/// When the reader or the stream fails, or a read is cancelled. What the stream did not take is still to be read.
///
/// # Cancel safety
///
/// Dropping it loses nothing: what the stream took is consumed, the rest is not.
#[must_use = "a future does nothing unless awaited"]
pub struct CopyToStream<'a, R: PipeRead + ?Sized, S> {
    reader: &'a mut R,
    stream: TokioStream<&'a mut S>,
    copy: Copy,
}

impl<'a, R: PipeRead + ?Sized, S> CopyToStream<'a, R, S> {
    pub(super) fn new(reader: &'a mut R, stream: &'a mut S) -> Self {
        Self { reader, stream: TokioStream(stream), copy: Copy::default() }
    }
}

impl<R: PipeRead + ?Sized, S: AsyncWrite + Unpin> Future for CopyToStream<'_, R, S> {
    type Output = Result<u64, CopyError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.copy.poll(cx, this.reader, &mut this.stream)
    }
}

impl<R: PipeRead + ?Sized, S> Drop for CopyToStream<'_, R, S> {
    fn drop(&mut self) {
        self.reader.withdraw();
    }
}

impl<R: PipeRead + ?Sized, S> fmt::Debug for CopyToStream<'_, R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyToStream").field("copy", &self.copy).finish_non_exhaustive()
    }
}
