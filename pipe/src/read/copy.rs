//! Copying everything from a reader to a writer.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use headpond_pool::WriteError;

use super::{PipeRead, PipeReadExt};
use crate::{
    budget::PollBudget,
    error::{CopyError, FlushError, ReadError},
    options::PipeOptions,
    write::PipeWrite,
};

/// A copy under way: see [`PipeReadExt::copy_to`](crate::PipeReadExt::copy_to).
#[must_use = "a future does nothing unless awaited"]
pub struct CopyTo<'a, R: PipeRead + ?Sized, W: PipeWrite + ?Sized> {
    reader: &'a mut R,
    writer: &'a mut W,
    copied: u64,
    /// How many of those are not flushed.
    unflushed: usize,
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
        Self { reader, writer, copied: 0, unflushed: 0, step: Step::Read }
    }

    fn poll_steps(&mut self, cx: &mut Context<'_>) -> Poll<Result<u64, CopyError>> {
        let mut budget = PollBudget::new();
        loop {
            match self.step {
                Step::Read => {
                    ready!(budget.poll(cx));
                    let Poll::Ready(read) = self.reader.poll_read(cx, 0) else {
                        // What has gathered is not to wait for more.
                        ready!(self.poll_flush(cx))?;
                        return self.poll_gone(cx).map(Err);
                    };
                    let status = read?;
                    if status.is_cancelled() {
                        return Poll::Ready(Err(CopyError::Cancelled));
                    }
                    let available = self.reader.buffer().len();
                    status.checked(available, 0)?;
                    let moved = match self.move_some(available.min(budget.left())) {
                        // A flush makes room.
                        Err(CopyError::Write(WriteError::Pool(_))) if self.unflushed > 0 => {
                            self.step = Step::Flush { finished: false };
                            continue;
                        }
                        moved => moved?,
                    };
                    budget.spend(moved);
                    self.step = match status.is_finished() && moved == available {
                        true if moved == 0 && self.unflushed == 0 => Step::Done,
                        false if self.gathers() => Step::Read,
                        finished => Step::Flush { finished },
                    };
                }
                Step::Flush { finished } => {
                    ready!(self.poll_flush(cx))?;
                    self.step = if finished { Step::Done } else { Step::Read };
                }
                Step::Done => return Poll::Ready(Ok(self.copied)),
            }
        }
    }

    fn move_some(&mut self, bytes: usize) -> Result<usize, CopyError> {
        let end = self.reader.buffer().start() + bytes;
        let moved = self.reader.transfer(self.writer, bytes)?;
        self.copied += moved as u64;
        self.unflushed += moved;
        if self.reader.buffer().start() == end { Ok(moved) } else { Err(ReadError::NoProgress.into()) }
    }

    /// Whether more may be moved before the next flush: where flushes cost something, and little has gathered.
    fn gathers(&self) -> bool {
        self.unflushed < PipeOptions::DEFAULT_PAUSE_THRESHOLD && self.writer.gathers()
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        if self.unflushed > 0 {
            ready!(self.writer.poll_flush(cx))?;
            self.unflushed = 0;
        }
        Poll::Ready(Ok(()))
    }

    /// Waits until nobody reads what is written, while there is nothing to write: everything before is flushed, so that the writer
    /// waits for nothing else.
    fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<CopyError> {
        ready!(self.writer.poll_closed(cx));
        // A flush knows why.
        Poll::Ready(CopyError::Flush(match self.writer.poll_flush(cx) {
            Poll::Ready(Err(error)) => error,
            _ => FlushError::Closed(None),
        }))
    }

    /// Takes back whatever waits at either end.
    fn withdraw(&mut self) {
        self.reader.withdraw();
        self.writer.withdraw();
    }
}

impl<R: PipeRead + ?Sized, W: PipeWrite + ?Sized> Future for CopyTo<'_, R, W> {
    type Output = Result<u64, CopyError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let copied = self.poll_steps(cx);
        if copied.is_ready() {
            self.withdraw();
        }
        copied
    }
}

impl<R: PipeRead + ?Sized, W: PipeWrite + ?Sized> Drop for CopyTo<'_, R, W> {
    fn drop(&mut self) {
        self.withdraw();
    }
}

impl<R: PipeRead + ?Sized, W: PipeWrite + ?Sized> fmt::Debug for CopyTo<'_, R, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyTo").field("copied", &self.copied).field("step", &self.step).finish_non_exhaustive()
    }
}
