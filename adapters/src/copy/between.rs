//! Copying between streams that were not made ends of a pipe.

use std::{
    future::poll_fn,
    io,
    task::{Context, Poll, ready},
};

use headpond_pipe::{CopyError, PipeOptions, PollBudget};

use super::sink_error;
use crate::{
    intake::MOST_READ,
    sink::poll_write_out,
    source::Inlet,
    stream::{ReadPieces, WriteStream, settled},
};

/// One direction of a copy: a pipe that is filled when it is empty, and emptied before it is filled again.
#[derive(Debug)]
struct Direction {
    inlet: Inlet,
    copied: u64,
    step: Step,
    /// The stream was written to since it was flushed.
    unsent: bool,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Read,
    Write { finished: bool },
    Close,
    Done,
}

/// Copies everything, and flushes.
pub(crate) async fn copy<A: ReadPieces, B: WriteStream>(
    from: &mut A,
    to: &mut B,
    options: &PipeOptions,
) -> Result<u64, CopyError> {
    let mut direction = Direction::new(options);
    poll_fn(|cx| direction.poll(cx, from, to, false)).await
}

/// Copies everything both ways, closing each stream when the other has ended.
pub(crate) async fn copy_bidirectional<A, B>(
    a: &mut A,
    b: &mut B,
    options: &PipeOptions,
) -> Result<(u64, u64), CopyError>
where
    A: ReadPieces + WriteStream,
    B: ReadPieces + WriteStream,
{
    let (mut there, mut back) = (Direction::new(options), Direction::new(options));
    poll_fn(|cx| {
        let there = there.poll(cx, a, b, true)?;
        let back = back.poll(cx, b, a, true)?;
        match (there, back) {
            (Poll::Ready(there), Poll::Ready(back)) => Poll::Ready(Ok((there, back))),
            _ => Poll::Pending,
        }
    })
    .await
}

impl Direction {
    fn new(options: &PipeOptions) -> Self {
        Self { inlet: Inlet::new(options), copied: 0, step: Step::Read, unsent: false }
    }

    fn poll<A: ReadPieces, B: WriteStream>(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut A,
        to: &mut B,
        closes: bool,
    ) -> Poll<Result<u64, CopyError>> {
        let mut budget = PollBudget::new();
        loop {
            ready!(budget.poll(cx));
            match self.step {
                Step::Read => {
                    let finished = ready!(self.poll_gather(cx, from, to))?;
                    self.step = Step::Write { finished };
                }
                Step::Write { finished } => {
                    ready!(self.poll_write(cx, &mut budget, to)).map_err(sink_error)?;
                    self.step = if finished { Step::Close } else { Step::Read };
                }
                Step::Close => {
                    ready!(self.poll_send(cx, to)).map_err(sink_error)?;
                    if closes {
                        ready!(settled(cx, |cx| to.poll_close(cx))).map_err(sink_error)?;
                    }
                    self.step = Step::Done;
                }
                Step::Done => return Poll::Ready(Ok(self.copied)),
            }
        }
    }

    /// Reads until the stream has no more for now, up to what one vectored read takes: where the stream has no such reads,
    /// several plain ones go with one write. Says whether that was the end.
    fn poll_gather<A: ReadPieces, B: WriteStream>(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut A,
        to: &mut B,
    ) -> Poll<Result<bool, CopyError>> {
        loop {
            match self.inlet.poll_read(cx, from, 0) {
                // What came before an error is written first; the next read fails the same way.
                Poll::Ready(Err(error)) if self.inlet.buffer().is_empty() => return Poll::Ready(Err(error.into())),
                Poll::Ready(Err(_)) => return Poll::Ready(Ok(false)),
                Poll::Ready(Ok(status)) => {
                    let finished = status.is_finished();
                    if finished || !self.inlet.is_full() || self.inlet.buffer().len() >= MOST_READ {
                        return Poll::Ready(Ok(finished));
                    }
                    let (start, end) = (self.inlet.buffer().start(), self.inlet.buffer().end());
                    self.inlet.advance_to(start, end);
                }
                Poll::Pending if self.inlet.buffer().is_empty() => {
                    // While there is nothing more, the stream sends on what it has.
                    if let Poll::Ready(Err(error)) = self.poll_send(cx, to) {
                        return Poll::Ready(Err(sink_error(error)));
                    }
                    return Poll::Pending;
                }
                Poll::Pending => {
                    self.inlet.withdraw();
                    return Poll::Ready(Ok(false));
                }
            }
        }
    }

    fn poll_write<B: WriteStream>(
        &mut self,
        cx: &mut Context<'_>,
        budget: &mut PollBudget,
        to: &mut B,
    ) -> Poll<io::Result<()>> {
        let (copied, unsent) = (&mut self.copied, &mut self.unsent);
        poll_write_out(self.inlet.reader(), to, cx, budget, |n| {
            *copied += n as u64;
            *unsent = true;
        })
    }

    fn poll_send<B: WriteStream>(&mut self, cx: &mut Context<'_>, to: &mut B) -> Poll<io::Result<()>> {
        if self.unsent {
            ready!(settled(cx, |cx| to.poll_flush(cx)))?;
            self.unsent = false;
        }
        Poll::Ready(Ok(()))
    }
}
