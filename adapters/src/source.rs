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
    Pipe, PipeOptions, PipeOptionsBuilder, PipeRead, PipeWrite, ReadCanceller, ReadError, ReadStatus, Reader, Writer,
};
use headpond_pool::{Position, Sequence, SharedError};

use crate::{
    error,
    stream::{ReadStream, checked, uninterrupted},
    sync::Arc,
};

/// The rest of a block is left unused when it is smaller than a block over this: reads of a few bytes cost a call each.
const LEAST_READ_DIVISOR: usize = 8;

/// A stream, and the pipe it is read into.
pub(crate) struct Source<S> {
    stream: S,
    writer: Writer,
    reader: Reader,
    least_read: usize,
    max_unconsumed: usize,
    /// The stream is not asked again.
    ended: bool,
}

impl<S> Source<S> {
    pub(crate) fn new(stream: S, options: &PipeOptions) -> Self {
        let unpaused = PipeOptionsBuilder::over(options.source().clone())
            .pause_threshold(0)
            .max_unconsumed(options.max_unconsumed())
            .build();
        // They come from options that were valid, and so are they.
        let Pipe { writer, reader } = Pipe::new(&unpaused.unwrap_or_else(|_| options.clone()));
        Self {
            stream,
            writer,
            reader,
            least_read: (options.source().block_size() / LEAST_READ_DIVISOR).max(1),
            max_unconsumed: options.max_unconsumed().unwrap_or(usize::MAX),
            ended: false,
        }
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

    pub(crate) fn canceller(&self) -> ReadCanceller {
        self.reader.canceller()
    }

    pub(crate) fn try_read(&mut self) -> Result<Option<ReadStatus>, ReadError> {
        PipeRead::try_read(&mut self.reader)
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

    fn fail(&mut self, error: io::Error) {
        self.ended = true;
        PipeWrite::abort(&mut self.writer, Arc::new(error));
    }
}

impl<S: ReadStream> Source<S> {
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>, at_least: usize) -> Poll<Result<ReadStatus, ReadError>> {
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
            if self.poll_fill(cx).is_pending() {
                // An idle stream holds no block; the reader takes it when it parks, and is woken by a cancel.
                self.writer.release();
                return self.reader.poll_read(cx, at_least);
            }
        }
    }

    /// Reads the stream once: what it brings is published, be it bytes, its end or its error.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let reserved = ready!(self.writer.poll_reserve(cx, self.least_read));
        let mut memory = match reserved.and_then(|()| self.writer.reserve(self.least_read)) {
            Ok(memory) => memory,
            Err(error) => {
                self.fail(error::of_write(error));
                return Poll::Ready(());
            }
        };
        let asked = memory.len();
        let read = ready!(uninterrupted(|| self.stream.poll_read(cx, &mut memory)));
        match read.and_then(|n| checked(n, asked)) {
            Ok(0) => {
                self.ended = true;
                // It cannot fail while the reader is here and not closed.
                let _ = self.writer.finish();
            }
            Ok(n) => {
                memory.advance(n);
                // As above; and it never waits: see the module's docs. The reader is not parked, so it wakes nobody.
                let _ = self.writer.poll_flush(cx);
            }
            Err(error) => self.fail(error),
        }
        Poll::Ready(())
    }
}

impl<S> fmt::Debug for Source<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceReader")
            .field("buffer", &self.buffer())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
