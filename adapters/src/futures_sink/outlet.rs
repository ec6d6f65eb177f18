//! A pipe whose bytes go to a `Sink`, piece by piece, as they lie.
//!
//! What is written gathers in a pipe, both ends of which are here. While a flush or a finish waits, wherever in the sink that
//! is, the pipe's writer waits for a canceller beside it.

use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_sink::Sink;
use headpond_pipe::{
    FlushError, Pipe, PipeOptions, PipeOptionsBuilder, PipeRead, PipeWrite, PollBudget, Reader, Writer,
};
use headpond_pool::{SharedError, WriteError};

/// A sink, and the pipe that it takes its bytes from.
pub(super) struct Outlet<S> {
    pub(super) sink: S,
    pub(super) writer: Writer,
    pub(super) reader: Reader,
    progress: Progress,
    /// The sink was given something since it was flushed.
    unsent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Open,
    /// The writer has ended; the sink is to take the rest and be closed.
    Finishing,
    Finished,
}

impl<S> Outlet<S> {
    pub(super) fn new(sink: S, options: &PipeOptions) -> Self {
        let unpaused = PipeOptionsBuilder::over(options.source().clone())
            .pause_threshold(0)
            .max_unconsumed(None)
            .oversize(options.oversize())
            .build();
        // They come from options that were valid, and so are they.
        let Pipe { writer, reader } = Pipe::new(&unpaused.unwrap_or_else(|_| options.clone()));
        Self { sink, writer, reader, progress: Progress::Open, unsent: false }
    }

    /// How many bytes the sink has not taken, published or not.
    pub(super) fn unwritten(&self) -> usize {
        self.writer.unflushed() + self.reader.unconsumed()
    }

    pub(super) fn abort(&mut self, error: SharedError) {
        PipeWrite::abort(&mut self.writer, error);
        if self.progress == Progress::Open {
            // What the sink has not taken it never will.
            self.reader.close();
        }
    }

    /// Whether there are published bytes that the sink has not taken. When there are none, a block that was let go of is
    /// given back.
    fn has_published(&mut self) -> bool {
        // It fails only when it is closed, and then shows nothing.
        let _ = PipeRead::try_read(&mut self.reader);
        !self.reader.buffer().is_empty()
    }
}

impl<S> Outlet<S>
where
    S: Sink<Bytes> + Unpin,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
{
    /// Memory comes back when the sink takes what was published and is done with it, so a wait for it sends that on.
    pub(super) fn poll_reserve(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
        let reserved = self.writer.poll_reserve(cx, min);
        if reserved.is_ready() {
            return reserved;
        }
        if let Poll::Ready(Err(error)) = self.poll_send(cx) {
            self.writer.withdraw();
            return Poll::Ready(Err(WriteError::Closed(Some(error))));
        }
        // Something may have been sent, for which the wait for memory was taken back.
        self.writer.poll_reserve(cx, min)
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        // It never pauses, so it never waits.
        if let Poll::Ready(Err(error)) = self.writer.poll_flush(cx) {
            return Poll::Ready(Err(error));
        }
        let sent = self.poll_send(cx);
        self.poll_unless_cancelled(cx, sent)
    }

    pub(super) fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        if self.progress == Progress::Open {
            self.writer.finish()?;
            self.progress = Progress::Finishing;
        }
        if self.progress == Progress::Finishing {
            let ended = self.poll_end(cx);
            ready!(self.poll_unless_cancelled(cx, ended))?;
            self.progress = Progress::Finished;
            self.reader.close();
        }
        Poll::Ready(Ok(()))
    }

    /// What the sink has come to; while it waits, a canceller is waited for as well.
    fn poll_unless_cancelled(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<Result<(), SharedError>>,
    ) -> Poll<Result<(), FlushError>> {
        match outcome {
            Poll::Ready(outcome) => {
                self.writer.withdraw();
                Poll::Ready(outcome.map_err(FlushError::Sink))
            }
            Poll::Pending => self.writer.poll_cancelled(cx).map(Err),
        }
    }

    /// Gives the sink what is published, and closes it, which flushes as well.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SharedError>> {
        ready!(self.poll_hand_over(cx))?;
        Pin::new(&mut self.sink).poll_close(cx).map_err(shared)
    }

    /// Gives the sink what is published, and has it flushed.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SharedError>> {
        ready!(self.poll_hand_over(cx))?;
        if self.unsent {
            ready!(Pin::new(&mut self.sink).poll_flush(cx)).map_err(shared)?;
            self.unsent = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Gives the sink what is published. What it refuses stays.
    fn poll_hand_over(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SharedError>> {
        let mut budget = PollBudget::new();
        while self.has_published() {
            ready!(budget.poll(cx));
            ready!(Pin::new(&mut self.sink).poll_ready(cx)).map_err(shared)?;
            let buffer = self.reader.buffer();
            let Some(piece) = buffer.to_slices(..).next() else { break };
            budget.spend(piece.len());
            let consumed = buffer.start() + piece.len();
            Pin::new(&mut self.sink).start_send(piece.into()).map_err(shared)?;
            self.unsent = true;
            // Or else the advance that follows would wake the task that is running.
            self.writer.withdraw();
            self.reader.advance_to(consumed, consumed);
        }
        Poll::Ready(Ok(()))
    }
}

fn shared(error: impl Into<Box<dyn Error + Send + Sync>>) -> SharedError {
    SharedError::from(error.into())
}
