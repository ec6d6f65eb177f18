//! The pump that receives.

use std::task::{Context, Poll, ready};

use headpond_pipe::{FlushError, Pipe, PipeOptions, PipeOptionsBuilder, PipeWrite, PollBudget, Reader, Writer};
use headpond_pool::SharedError;

use crate::{
    error,
    intake::{Filled, Intake},
    stream::{LEAST_READ, ReadPieces, settled},
    sync::Arc,
};

/// How many bytes are discarded by one read, once nobody wants them.
const DISCARDED: usize = 4096;

/// Reads the stream into a pipe.
#[derive(Debug)]
pub(super) struct Inbound {
    writer: Writer,
    intake: Intake,
    step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Receive,
    /// The reader is closed: what comes is read, and nobody sees it.
    Discard,
    Over,
}

impl Inbound {
    /// The pump, and the reader of what it receives.
    pub(super) fn new(options: &PipeOptions) -> (Self, Reader) {
        let intake = Intake::new(options);
        let over_intake = PipeOptionsBuilder::over(options.source().clone())
            .pause_threshold(options.pause_threshold())
            .resume_threshold(options.resume_threshold())
            .max_unconsumed(intake.max_unconsumed(options))
            .looks_before_parking(options.looks_before_parking())
            .build();
        // They come from options that were valid, and so are they.
        let Pipe { writer, reader } = Pipe::new(&over_intake.unwrap_or_else(|_| options.clone()));
        (Self { writer, intake, step: Step::Receive }, reader)
    }

    pub(super) fn received(&self) -> u64 {
        self.writer.stats().flushed
    }

    pub(super) fn is_over(&self) -> bool {
        self.step == Step::Over
    }

    /// Ends the reader's stream with an error.
    pub(super) fn abort(&mut self, error: SharedError) {
        PipeWrite::abort(&mut self.writer, error);
        self.step = Step::Over;
    }

    /// Receives until the peer ends its stream, or fails. After a `fault` met by the other pump the stream's end is no clean
    /// one: the system tells of a reset once, and shows the end to whoever asks next.
    pub(super) fn poll<S: ReadPieces>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
        fault: Option<&SharedError>,
    ) -> Poll<Result<(), SharedError>> {
        let mut budget = PollBudget::new();
        loop {
            ready!(budget.poll(cx));
            let ended = match self.step {
                Step::Receive => ready!(self.poll_receive(cx, &mut budget, stream)),
                Step::Discard => ready!(poll_discard(cx, &mut budget, stream)),
                Step::Over => return Poll::Ready(Ok(())),
            };
            match (ended, fault) {
                (Ok(false), _) => {}
                (Ok(true), None) => {
                    // A reader that has closed meanwhile needs no end.
                    let _ = self.writer.finish();
                    self.step = Step::Over;
                }
                (Ok(true), Some(fault)) => {
                    self.abort(fault.clone());
                }
                (Err(error), _) => {
                    self.abort(error.clone());
                    return Poll::Ready(Err(error));
                }
            }
        }
    }

    /// Reads once, while the reader is not behind. Says whether that was the end.
    fn poll_receive<S: ReadPieces>(
        &mut self,
        cx: &mut Context<'_>,
        budget: &mut PollBudget,
        stream: &mut S,
    ) -> Poll<Result<bool, SharedError>> {
        if let Err(FlushError::Closed(_)) = ready!(self.writer.poll_flush(cx)) {
            return Poll::Ready(Ok(self.discard()));
        }
        let Poll::Ready(filled) = self.intake.poll_fill(cx, stream, &mut self.writer) else {
            // An idle connection holds no block, and notices when its ends are dropped.
            self.writer.release();
            ready!(self.writer.poll_closed(cx));
            return Poll::Ready(Ok(self.discard()));
        };
        budget.spend(self.writer.unflushed().max(LEAST_READ));
        Poll::Ready(match filled {
            Filled::Bytes { .. } => Ok(false),
            Filled::End => Ok(true),
            // The reader went in between.
            Filled::Failed(error) if error::is_closed(&error) => Ok(self.discard()),
            Filled::Failed(error) => Err(Arc::new(error)),
        })
    }

    fn discard(&mut self) -> bool {
        // Nothing more is written.
        let _ = self.writer.finish();
        self.step = Step::Discard;
        false
    }
}

/// Reads once, for nobody. Says whether that was the end.
fn poll_discard<S: ReadPieces>(
    cx: &mut Context<'_>,
    budget: &mut PollBudget,
    stream: &mut S,
) -> Poll<Result<bool, SharedError>> {
    let mut memory = [0; DISCARDED];
    match ready!(settled(cx, |cx| stream.poll_read(cx, &mut memory))) {
        Ok(n) => {
            budget.spend(n.max(LEAST_READ));
            Poll::Ready(Ok(n == 0))
        }
        Err(error) => Poll::Ready(Err(Arc::new(error))),
    }
}
