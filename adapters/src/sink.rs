//! A stream as the writing end of a pipe.
//!
//! What is written gathers in the blocks of a pipe of its own, both ends of which are here; a flush writes all of it to the
//! stream, many blocks with one call. While a flush or a finish waits, wherever in the stream that is, the pipe's writer waits
//! for a canceller beside it.

use std::{
    fmt,
    io::{self, IoSlice},
    task::{Context, Poll, ready},
};

use headpond_pipe::{
    FlushCanceller, FlushError, Pipe, PipeOptions, PipeOptionsBuilder, PipeRead, PipeWrite, PollBudget, ReadError,
    Reader, Writer,
};
use headpond_pool::{SharedError, WriteError};

use crate::{
    error,
    stream::{WriteStream, checked, settled},
    sync::Arc,
};

/// How many chunks one call writes: with blocks of 4 KiB, a quarter of a mebibyte.
const PIECES: usize = 64;

/// A stream, and the pipe that it takes its bytes from.
pub(crate) struct Sink<S> {
    stream: S,
    pub(crate) writer: Writer,
    reader: Reader,
    progress: Progress,
    /// The stream was written to since it was flushed.
    unsent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Open,
    /// The writer has ended; the stream is to take the rest and be closed.
    Finishing,
    Finished,
}

/// Writes everything in the buffer of `reader` to a stream, and consumes exactly what that takes; gives way when the budget is
/// spent. `moved` is told of it before.
pub(crate) fn poll_write_out<R: PipeRead + ?Sized, S: WriteStream>(
    reader: &mut R,
    stream: &mut S,
    cx: &mut Context<'_>,
    budget: &mut PollBudget,
    mut moved: impl FnMut(usize),
) -> Poll<io::Result<()>> {
    loop {
        let whole = reader.buffer();
        if whole.is_empty() {
            return Poll::Ready(Ok(()));
        }
        ready!(budget.poll(cx));
        let buffer = whole.slice(..whole.start() + whole.len().min(budget.left()));
        let mut pieces = [IoSlice::new(&[]); PIECES];
        let filled = buffer.io_slices(&mut pieces);
        let written = ready!(settled(cx, |cx| stream.poll_write(cx, &pieces[..filled])))?;
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        let written = checked(written, buffer.len())?;
        let consumed = buffer.start() + written;
        moved(written);
        reader.advance_to(consumed, consumed);
        budget.spend(written);
        if reader.buffer().start() != consumed {
            return Poll::Ready(Err(error::of_read(ReadError::NoProgress)));
        }
    }
}

impl<S> Sink<S> {
    pub(crate) fn new(stream: S, options: &PipeOptions) -> Self {
        let unpaused = PipeOptionsBuilder::over(options.source().clone())
            .pause_threshold(0)
            .max_unconsumed(None)
            .oversize(options.oversize())
            .build();
        // They come from options that were valid, and so are they.
        let Pipe { writer, reader } = Pipe::new(&unpaused.unwrap_or_else(|_| options.clone()));
        Self { stream, writer, reader, progress: Progress::Open, unsent: false }
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }

    pub(crate) fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    pub(crate) fn into_parts(mut self) -> (S, Reader) {
        self.writer.withdraw();
        // Its reader is here, so there is nobody to be told of a failure.
        let _ = self.writer.finish();
        (self.stream, self.reader)
    }

    pub(crate) fn canceller(&self) -> FlushCanceller {
        self.writer.canceller()
    }

    /// How many bytes the stream has not taken, published or not.
    pub(crate) fn unwritten(&self) -> usize {
        self.writer.unflushed() + self.reader.unconsumed()
    }

    pub(crate) fn release(&mut self) {
        self.writer.release();
    }
}

impl<S: WriteStream> Sink<S> {
    pub(crate) fn gathers(&self) -> bool {
        S::PAYS_BY_THE_FLUSH
    }

    pub(crate) fn poll_reserve(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
        let reserved = self.poll_memory(cx, min);
        if reserved.is_ready() {
            // A cancellation leaves it waiting.
            self.stream.withdraw();
        }
        reserved
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        // It never pauses, so it never waits.
        if let Poll::Ready(Err(error)) = self.writer.poll_flush(cx) {
            // As above.
            self.stream.withdraw();
            return Poll::Ready(Err(error));
        }
        let sent = self.poll_send(cx);
        self.poll_unless_cancelled(cx, sent)
    }

    pub(crate) fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
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

    pub(crate) fn abort(&mut self, error: SharedError) {
        PipeWrite::abort(&mut self.writer, error.clone());
        if self.progress == Progress::Open {
            // What the stream has not taken it never will.
            self.reader.close();
            self.stream.abort(error);
        }
    }

    pub(crate) fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.stream.poll_closed(cx).is_ready() {
            // The next flush asks the stream, which knows why.
            self.unsent = true;
            return Poll::Ready(());
        }
        self.writer.poll_closed(cx)
    }

    pub(crate) fn withdraw(&mut self) {
        self.writer.withdraw();
        self.stream.withdraw();
    }

    /// Memory comes back when the stream takes what was published, so a wait for it writes that out.
    fn poll_memory(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
        loop {
            let reserved = self.writer.poll_reserve(cx, min);
            if reserved.is_ready() || !self.has_published() {
                return reserved;
            }
            match self.poll_write_published(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => {
                    self.writer.withdraw();
                    return Poll::Ready(Err(WriteError::Closed(Some(Arc::new(error)))));
                }
                // Something may have been written, for which the wait for memory was taken back.
                Poll::Pending => return self.writer.poll_reserve(cx, min),
            }
        }
    }

    /// What the stream has come to; while it waits, a canceller is waited for as well.
    fn poll_unless_cancelled(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<()>>,
    ) -> Poll<Result<(), FlushError>> {
        let outcome = match outcome {
            Poll::Ready(outcome) => {
                self.writer.withdraw();
                outcome.map_err(sink_error)
            }
            Poll::Pending => Err(ready!(self.writer.poll_cancelled(cx))),
        };
        // A cancellation leaves it waiting.
        self.stream.withdraw();
        Poll::Ready(outcome)
    }

    /// Writes what is published, and closes the stream.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(if S::CLOSE_FLUSHES { self.poll_write_published(cx) } else { self.poll_send(cx) })?;
        settled(cx, |cx| self.stream.poll_close(cx))
    }

    /// Writes what is published, and has the stream send it on.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_published(cx))?;
        if self.unsent {
            ready!(settled(cx, |cx| self.stream.poll_flush(cx)))?;
            self.unsent = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_published(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut budget = PollBudget::new();
        while self.has_published() {
            let (writer, unsent) = (&mut self.writer, &mut self.unsent);
            ready!(poll_write_out(&mut self.reader, &mut self.stream, cx, &mut budget, |_| {
                *unsent = true;
                // Or else the advance that follows would wake the task that is running.
                writer.withdraw();
            }))?;
        }
        Poll::Ready(Ok(()))
    }

    /// Whether there are published bytes that the stream has not taken. When there are none, a block that was let go of is
    /// given back.
    fn has_published(&mut self) -> bool {
        // It fails only when it is closed, and then shows nothing.
        let _ = PipeRead::try_read(&mut self.reader);
        !self.reader.buffer().is_empty()
    }
}

fn sink_error(error: io::Error) -> FlushError {
    if error::is_cancelled(&error) { FlushError::Cancelled } else { FlushError::Sink(Arc::new(error)) }
}

impl<S> fmt::Debug for Sink<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unwritten = self.unwritten();
        f.debug_struct("SinkWriter")
            .field("unwritten", &unwritten)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
