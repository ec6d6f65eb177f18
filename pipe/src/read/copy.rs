//! Copying everything from a reader to a writer.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use super::{PipeRead, PipeReadExt};
use crate::{error::CopyError, write::PipeWrite};

/// A copy under way: see [`PipeReadExt::copy_to`](crate::PipeReadExt::copy_to).
#[must_use = "a future does nothing unless awaited"]
pub struct CopyTo<'a, R: PipeRead + ?Sized, W: PipeWrite + ?Sized> {
    reader: &'a mut R,
    writer: &'a mut W,
    copied: u64,
    step: Step,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Read,
    Flush { finished: bool },
    Done,
}

impl<'a, R: PipeRead + ?Sized, W: PipeWrite + ?Sized> CopyTo<'a, R, W> {
    pub(crate) fn new(reader: &'a mut R, writer: &'a mut W) -> Self {
        Self { reader, writer, copied: 0, step: Step::Read }
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Result<u64, CopyError>> {
        loop {
            match self.step {
                Step::Read => {
                    let status = ready!(self.reader.poll_read(cx, 0))?;
                    if status.is_cancelled() {
                        return Poll::Ready(Err(CopyError::Cancelled));
                    }
                    self.step = Step::Flush { finished: status.is_finished() };
                    let available = self.reader.buffer().len();
                    if available > 0 {
                        self.copied += self.reader.transfer(self.writer, available)? as u64;
                    } else if status.is_finished() {
                        self.step = Step::Done;
                    }
                }
                Step::Flush { finished } => {
                    ready!(self.writer.poll_flush(cx))?;
                    self.step = if finished { Step::Done } else { Step::Read };
                }
                Step::Done => return Poll::Ready(Ok(self.copied)),
            }
        }
    }
}

impl<R: PipeRead + ?Sized, W: PipeWrite + ?Sized> Future for CopyTo<'_, R, W> {
    type Output = Result<u64, CopyError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_step(cx)
    }
}

impl<R: PipeRead + ?Sized, W: PipeWrite + ?Sized> Drop for CopyTo<'_, R, W> {
    fn drop(&mut self) {
        self.reader.withdraw();
        self.writer.withdraw();
    }
}

impl<R: PipeRead + ?Sized, W: PipeWrite + ?Sized> fmt::Debug for CopyTo<'_, R, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyTo").field("copied", &self.copied).field("step", &self.step).finish_non_exhaustive()
    }
}
