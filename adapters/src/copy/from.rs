//! Copying a stream straight into a writing end.

use std::task::{Context, Poll, ready};

use headpond_pipe::{CopyError, FlushError, PipeOptions, PipeWrite, PollBudget, ReadError};

use crate::{
    stream::{LEAST_READ, ReadStream, checked, settled},
    sync::Arc,
};

/// How far a copy from a stream is.
#[derive(Debug, Default)]
pub(crate) struct CopyIn {
    copied: u64,
    /// How many of those are not flushed.
    unflushed: usize,
    ended: bool,
}

impl CopyIn {
    /// Goes on until everything is copied: read straight into the writer's memory, and flushed after each read. When it is over, the
    /// writer waits for nothing.
    pub(crate) fn poll<S: ReadStream, W: PipeWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
        writer: &mut W,
    ) -> Poll<Result<u64, CopyError>> {
        let copied = self.poll_steps(cx, stream, writer);
        if copied.is_ready() {
            writer.withdraw();
        }
        copied
    }

    fn poll_steps<S: ReadStream, W: PipeWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
        writer: &mut W,
    ) -> Poll<Result<u64, CopyError>> {
        let mut budget = PollBudget::new();
        loop {
            if !self.gathers(writer) {
                ready!(self.poll_flush(cx, writer))?;
            }
            if self.ended {
                return Poll::Ready(Ok(self.copied));
            }
            ready!(budget.poll(cx));
            if self.unflushed > 0 && writer.poll_reserve(cx, 1)?.is_pending() {
                // A flush makes room.
                ready!(self.poll_flush(cx, writer))?;
            }
            ready!(writer.poll_reserve(cx, 1))?;
            let mut memory = writer.reserve(1)?.at_least(1)?;
            let offered = memory.len();
            let Poll::Ready(read) = settled(cx, |cx| stream.poll_read(cx, &mut memory)) else {
                // What has gathered is not to wait for more, and an idle stream holds no block.
                ready!(self.poll_flush(cx, writer))?;
                writer.release();
                return poll_gone(cx, writer).map(|error| Err(error.into()));
            };
            match read.and_then(|n| checked(n, offered)) {
                Ok(0) => self.ended = true,
                Ok(n) => {
                    memory.advance(n);
                    self.copied += n as u64;
                    self.unflushed += n;
                    budget.spend(n.max(LEAST_READ));
                }
                Err(error) => return Poll::Ready(Err(ReadError::Aborted(Arc::new(error)).into())),
            }
        }
    }
}

impl CopyIn {
    /// Whether more may be read before the next flush: where flushes cost something, and little has gathered.
    fn gathers<W: PipeWrite + ?Sized>(&self, writer: &W) -> bool {
        !self.ended && self.unflushed < PipeOptions::DEFAULT_PAUSE_THRESHOLD && writer.gathers()
    }

    fn poll_flush<W: PipeWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        writer: &mut W,
    ) -> Poll<Result<(), FlushError>> {
        ready!(writer.poll_flush(cx))?;
        self.unflushed = 0;
        Poll::Ready(Ok(()))
    }
}

/// Waits until nobody reads what is written, while there is nothing to write: all of it is flushed, so that the writer waits for
/// nothing else.
fn poll_gone<W: PipeWrite + ?Sized>(cx: &mut Context<'_>, writer: &mut W) -> Poll<FlushError> {
    ready!(writer.poll_closed(cx));
    // A flush knows why.
    Poll::Ready(match writer.poll_flush(cx) {
        Poll::Ready(Err(error)) => error,
        _ => FlushError::Closed(None),
    })
}
