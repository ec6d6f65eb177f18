//! Copying a reading end straight to a stream, and the other copies.

#[cfg(any(feature = "futures-io", feature = "tokio"))]
pub(crate) mod between;
pub(crate) mod from;
#[cfg(any(feature = "futures-io", feature = "tokio"))]
pub(crate) mod streams;

use std::{
    io,
    task::{Context, Poll, ready},
};

use headpond_pipe::{CopyError, FlushError, PipeRead, PollBudget, ReadError};

use crate::{
    sink::poll_write_out,
    stream::{WriteStream, settled},
    sync::Arc,
};

/// How far a copy is.
#[derive(Debug, Default)]
pub(crate) struct Copy {
    copied: u64,
    /// The last read is being written out; whether it was the end.
    writing: Option<bool>,
    /// The stream was written to since it was flushed.
    unsent: bool,
}

impl Copy {
    /// Goes on until everything is copied: straight from the blocks, consuming exactly what the stream takes. When it is over, the
    /// reader waits for nothing.
    pub(crate) fn poll<R: PipeRead + ?Sized, S: WriteStream>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut R,
        stream: &mut S,
    ) -> Poll<Result<u64, CopyError>> {
        let copied = self.poll_steps(cx, reader, stream);
        if copied.is_ready() {
            reader.withdraw();
        }
        copied
    }

    fn poll_steps<R: PipeRead + ?Sized, S: WriteStream>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut R,
        stream: &mut S,
    ) -> Poll<Result<u64, CopyError>> {
        let mut budget = PollBudget::new();
        loop {
            ready!(budget.poll(cx));
            let finished = match self.writing {
                Some(finished) => finished,
                None => ready!(self.poll_read(cx, reader, stream))?,
            };
            self.writing = Some(finished);
            let (copied, unsent) = (&mut self.copied, &mut self.unsent);
            let written = ready!(poll_write_out(reader, stream, cx, &mut budget, |n| {
                *copied += n as u64;
                *unsent = true;
            }));
            if let Err(error) = written {
                // What the stream did not take is still to be read.
                let start = reader.buffer().start();
                reader.advance_to(start, start);
                self.writing = None;
                return Poll::Ready(Err(sink_error(error)));
            }
            if finished {
                ready!(self.poll_send(cx, stream))?;
                return Poll::Ready(Ok(self.copied));
            }
            self.writing = None;
        }
    }

    /// Reads; the stream sends on what it has while there is nothing more.
    fn poll_read<R: PipeRead + ?Sized, S: WriteStream>(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut R,
        stream: &mut S,
    ) -> Poll<Result<bool, CopyError>> {
        match reader.poll_read(cx, 0)? {
            Poll::Ready(status) if status.is_cancelled() => Poll::Ready(Err(CopyError::Cancelled)),
            Poll::Ready(status) => Poll::Ready(Ok(status.checked(reader.buffer().len(), 0)?.is_finished())),
            Poll::Pending => {
                if let Poll::Ready(sent) = self.poll_send(cx, stream) {
                    sent?;
                }
                Poll::Pending
            }
        }
    }

    fn poll_send<S: WriteStream>(&mut self, cx: &mut Context<'_>, stream: &mut S) -> Poll<Result<(), CopyError>> {
        if self.unsent {
            ready!(settled(cx, |cx| stream.poll_flush(cx))).map_err(sink_error)?;
            self.unsent = false;
        }
        Poll::Ready(Ok(()))
    }
}

/// What a failure to write out means for a copy: the stream's, or that of a reader that makes no progress.
pub(crate) fn sink_error(error: io::Error) -> CopyError {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(ReadError::NoProgress) => ReadError::NoProgress.into(),
        _ => CopyError::Flush(FlushError::Sink(Arc::new(error))),
    }
}
