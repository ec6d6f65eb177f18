//! A stream as the reading end of a pipe.
//!
//! The stream is read straight into the blocks of a pipe of its own, both ends of which are here: the writer is filled
//! whenever the reader has nothing to show. So everything a reader does, it does as any pipe's: positions, limits, cancel,
//! keeping slices. The writer never pauses, since the stream is read only on demand.

use std::{
    fmt, io,
    task::{Context, Poll, ready},
};

use headpond_pipe::{
    Pipe, PipeOptions, PipeOptionsBuilder, PipeRead, PipeWrite, PollBudget, ReadCanceller, ReadError, ReadStatus,
    Reader, Writer,
};
use headpond_pool::{Position, Sequence, SharedError};

use crate::{
    intake::{Filled, Intake},
    stream::ReadPieces,
    sync::Arc,
};

/// A stream, and the pipe it is read into.
pub(crate) struct Source<S> {
    stream: S,
    inlet: Inlet,
}

/// A pipe that a stream is read into.
#[derive(Debug)]
pub(crate) struct Inlet {
    writer: Writer,
    reader: Reader,
    intake: Intake,
    max_unconsumed: usize,
    /// The stream is not asked again.
    ended: bool,
    /// The last read of the stream filled all it was offered: there may be more.
    full: bool,
}

impl<S> Source<S> {
    pub(crate) fn new(stream: S, options: &PipeOptions) -> Self {
        Self { stream, inlet: Inlet::new(options) }
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }

    pub(crate) fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    pub(crate) fn canceller(&self) -> ReadCanceller {
        self.inlet.reader.canceller()
    }

    pub(crate) fn try_read(&mut self) -> Result<Option<ReadStatus>, ReadError> {
        PipeRead::try_read(&mut self.inlet.reader)
    }

    pub(crate) fn buffer(&self) -> Sequence<'_> {
        self.inlet.buffer()
    }

    pub(crate) fn advance_to(&mut self, consumed: Position, examined: Position) {
        self.inlet.advance_to(consumed, examined);
    }

    pub(crate) fn into_parts(self) -> (S, Reader) {
        (self.stream, self.inlet.into_reader())
    }
}

impl<S: ReadPieces> Source<S> {
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>, at_least: usize) -> Poll<Result<ReadStatus, ReadError>> {
        let read = self.inlet.poll_read(cx, &mut self.stream, at_least);
        if read.is_ready() {
            // A cancellation leaves it waiting.
            self.stream.withdraw();
        }
        read
    }

    pub(crate) fn close(&mut self, error: Option<SharedError>) {
        self.inlet.close(error.clone());
        self.stream.close(error);
    }

    pub(crate) fn withdraw(&mut self) {
        self.inlet.withdraw();
        self.stream.withdraw();
    }

    pub(crate) fn note_view(&mut self, status: ReadStatus) {
        self.inlet.reader.note_view(status);
    }
}

impl Inlet {
    pub(crate) fn new(options: &PipeOptions) -> Self {
        let intake = Intake::new(options);
        let max_unconsumed = intake.max_unconsumed(options);
        let unpaused = PipeOptionsBuilder::over(options.source().clone())
            .pause_threshold(0)
            .max_unconsumed(max_unconsumed)
            .build();
        // They come from options that were valid, and so are they.
        let Pipe { writer, reader } = Pipe::new(&unpaused.unwrap_or_else(|_| options.clone()));
        let max_unconsumed = max_unconsumed.unwrap_or(usize::MAX);
        Self { writer, reader, intake, max_unconsumed, ended: false, full: false }
    }

    /// What was read and not consumed, which ends there.
    pub(crate) fn into_reader(mut self) -> Reader {
        self.writer.withdraw();
        // Its reader is here, so there is nobody to be told of a failure.
        let _ = self.writer.finish();
        self.reader
    }

    pub(crate) fn buffer(&self) -> Sequence<'_> {
        self.reader.buffer()
    }

    pub(crate) fn advance_to(&mut self, consumed: Position, examined: Position) {
        self.reader.advance_to(consumed, examined);
    }

    pub(crate) fn close(&mut self, error: Option<SharedError>) {
        PipeRead::close(&mut self.reader, error);
        self.ended = true;
        // Gives the writer's block back; that the reader is gone is known.
        let _ = self.writer.finish();
    }

    pub(crate) fn withdraw(&mut self) {
        self.reader.withdraw();
        self.writer.withdraw();
    }

    pub(crate) fn poll_read<S: ReadPieces>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
        at_least: usize,
    ) -> Poll<Result<ReadStatus, ReadError>> {
        let mut budget = PollBudget::new();
        loop {
            let is_there = at_least > 0 && self.reader.unconsumed() >= at_least;
            if self.ended || is_there || at_least > self.max_unconsumed {
                return self.reader.poll_read(cx, at_least);
            }
            match PipeRead::try_read(&mut self.reader)? {
                Some(status) if at_least == 0 || status.is_finished() || status.is_cancelled() => {
                    return Poll::Ready(Ok(status));
                }
                _ => {}
            }
            let before = self.reader.unconsumed();
            if budget.poll(cx).is_pending() || self.poll_fill(cx, stream).is_pending() {
                // An idle stream holds no block; the reader takes it when it parks, and is woken by a cancel.
                self.writer.release();
                return self.reader.poll_read(cx, at_least);
            }
            budget.spend(self.reader.unconsumed().saturating_sub(before));
        }
    }

    /// Reads the stream once: what it brings is published, be it bytes, its end or its error.
    fn poll_fill<S: ReadPieces>(&mut self, cx: &mut Context<'_>, stream: &mut S) -> Poll<()> {
        self.full = false;
        match ready!(self.intake.poll_fill(cx, stream, &mut self.writer)) {
            Filled::Bytes { full } => {
                self.full = full;
                // It cannot fail while the reader is here and not closed; and it never waits: see the module's docs. The
                // reader is not parked, so it wakes nobody.
                let _ = self.writer.poll_flush(cx);
            }
            Filled::End => {
                self.ended = true;
                // As above.
                let _ = self.writer.finish();
            }
            Filled::Failed(error) => self.fail(error),
        }
        Poll::Ready(())
    }

    fn fail(&mut self, error: io::Error) {
        self.ended = true;
        PipeWrite::abort(&mut self.writer, Arc::new(error));
    }
}

/// What copies between streams look at.
#[cfg(any(feature = "futures-io", feature = "tokio"))]
impl Inlet {
    pub(crate) fn reader(&mut self) -> &mut Reader {
        &mut self.reader
    }

    /// Whether the stream had as much as the last read could take.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }
}

impl<S> fmt::Debug for Source<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceReader")
            .field("buffer", &self.inlet.buffer())
            .field("ended", &self.inlet.ended)
            .finish_non_exhaustive()
    }
}
