//! The pump that sends.

use std::task::{Context, Poll, ready};

use headpond_pipe::{CopyError, FlushError, PipeRead, ReadError, Reader};
use headpond_pool::SharedError;

use crate::{
    copy::Copy,
    stream::{WriteStream, settled},
    sync::Arc,
};

/// Writes a pipe to the stream.
#[derive(Debug)]
pub(super) struct Outbound {
    reader: Reader,
    copy: Copy,
    step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Send,
    /// Everything is sent; the stream is to be ended.
    End,
    Over,
}

/// Why nothing more is sent.
pub(super) enum Unsent {
    /// The writer has aborted, or was dropped unfinished.
    Aborted(SharedError),
    /// The stream has failed.
    Failed(SharedError),
}

impl Outbound {
    pub(super) fn new(reader: Reader) -> Self {
        Self { reader, copy: Copy::default(), step: Step::Send }
    }

    pub(super) fn sent(&self) -> u64 {
        self.reader.stats().consumed
    }

    pub(super) fn is_over(&self) -> bool {
        self.step == Step::Over
    }

    /// Fails the writer's flushes with an error.
    pub(super) fn close(&mut self, error: SharedError) {
        PipeRead::close(&mut self.reader, Some(error));
        self.step = Step::Over;
    }

    /// Sends until the writer has finished, and ends the stream.
    pub(super) fn poll<S: WriteStream>(&mut self, cx: &mut Context<'_>, stream: &mut S) -> Poll<Result<(), Unsent>> {
        loop {
            match self.step {
                Step::Send => {
                    if self.reader.is_aborted() {
                        // What is unsent is worth nothing without its end.
                        let end = self.reader.peek().end();
                        self.reader.advance_to(end, end);
                    }
                    match ready!(self.copy.poll(cx, &mut self.reader, stream)) {
                        Ok(_) => self.step = Step::End,
                        // Nobody has a canceller of this reader.
                        Err(CopyError::Cancelled) => {}
                        Err(error) => return Poll::Ready(Err(self.fail(error))),
                    }
                }
                Step::End => match ready!(settled(cx, |cx| stream.poll_close(cx))) {
                    Ok(()) => {
                        self.reader.close();
                        self.step = Step::Over;
                    }
                    Err(error) => {
                        let error: SharedError = Arc::new(error);
                        self.close(error.clone());
                        return Poll::Ready(Err(Unsent::Failed(error)));
                    }
                },
                Step::Over => return Poll::Ready(Ok(())),
            }
        }
    }

    fn fail(&mut self, error: CopyError) -> Unsent {
        let unsent = match error {
            CopyError::Read(ReadError::Aborted(error)) => Unsent::Aborted(error),
            CopyError::Flush(FlushError::Sink(error)) => Unsent::Failed(error),
            other => Unsent::Failed(Arc::new(other)),
        };
        let (Unsent::Aborted(error) | Unsent::Failed(error)) = &unsent;
        self.close(error.clone());
        unsent
    }
}
