//! Whatever gives bytes in pieces of its own, as the reading end of a pipe.
//!
//! Each piece is linked into a pipe, both ends of which are here, without a copy: it is asked for when the reader has nothing
//! to show. So everything a reader does, it does as any pipe's: positions, limits, cancel, keeping slices. The writer never
//! pauses, since a piece is taken only on demand, and no block is ever rented.

use std::{
    error::Error,
    fmt,
    task::{Context, Poll},
};

use headpond_pipe::{
    Pipe, PipeOptions, PipeOptionsBuilder, PipeRead, PipeWrite, PollBudget, ReadCanceller, ReadError, ReadStatus,
    Reader, Writer,
};
use headpond_pool::{Block, BlockSource, PoolError, Position, Sequence, SharedError, Slice};

use crate::sync::Arc;

/// What an empty piece counts for, in bytes: a giver of nothing is not to hold up its executor.
const EMPTY: usize = PollBudget::BYTES / 32;

/// What pieces fail with, as they give it.
pub(crate) type PieceError = Box<dyn Error + Send + Sync>;

/// No memory: pieces bring their own, and a pool's budget is none of theirs.
#[derive(Debug)]
struct Nothing;

impl BlockSource for Nothing {
    fn block_size(&self) -> usize {
        1
    }

    fn rent(&self, min: usize) -> Result<Block, PoolError> {
        Err(PoolError::TooLarge { requested: min, limit: 0 })
    }
}

/// Whatever gives bytes in pieces.
pub(crate) trait Pieces {
    /// The next piece, which may be empty; none at the end. It is not asked again after that, nor after an error.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Slice, PieceError>>>;
}

/// A giver of pieces, and the pipe they are linked into.
pub(crate) struct Feed<P> {
    pieces: P,
    writer: Writer,
    reader: Reader,
    max_unconsumed: usize,
    /// Nothing is asked for again.
    ended: bool,
}

impl<P> Feed<P> {
    pub(crate) fn new(pieces: P, options: &PipeOptions) -> Self {
        let unpaused = PipeOptionsBuilder::over(Arc::new(Nothing))
            .pause_threshold(0)
            .max_unconsumed(options.max_unconsumed())
            .build();
        // They come from options that were valid, and so are they.
        let Pipe { writer, reader } = Pipe::new(&unpaused.unwrap_or_else(|_| options.clone()));
        let max_unconsumed = options.max_unconsumed().unwrap_or(usize::MAX);
        Self { pieces, writer, reader, max_unconsumed, ended: false }
    }

    pub(crate) fn pieces(&self) -> &P {
        &self.pieces
    }

    pub(crate) fn pieces_mut(&mut self) -> &mut P {
        &mut self.pieces
    }

    pub(crate) fn into_parts(mut self) -> (P, Reader) {
        // Its reader is here, so there is nobody to be told of a failure.
        let _ = self.writer.finish();
        self.reader.withdraw();
        (self.pieces, self.reader)
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
    }

    pub(crate) fn withdraw(&mut self) {
        self.reader.withdraw();
    }

    pub(crate) fn note_view(&mut self, status: ReadStatus) {
        self.reader.note_view(status);
    }
}

impl<P: Pieces> Feed<P> {
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>, at_least: usize) -> Poll<Result<ReadStatus, ReadError>> {
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
            let polled = budget.poll(cx);
            let piece = if polled.is_ready() { self.pieces.poll_piece(cx) } else { Poll::Pending };
            match piece {
                // The reader parks, so that a cancel finds it.
                Poll::Pending => return self.reader.poll_read(cx, at_least),
                Poll::Ready(Some(Ok(piece))) => {
                    budget.spend(if piece.is_empty() { EMPTY } else { piece.len() });
                    self.put(cx, piece);
                }
                Poll::Ready(Some(Err(error))) => {
                    self.ended = true;
                    PipeWrite::abort(&mut self.writer, error.into());
                }
                Poll::Ready(None) => {
                    self.ended = true;
                    // It cannot fail while the reader is here and not closed.
                    let _ = self.writer.finish();
                }
            }
        }
    }

    fn put(&mut self, cx: &mut Context<'_>, piece: Slice) {
        // Neither can fail while the reader is here and not closed; and the flush never waits: see the module's docs. The
        // reader is not parked, so it wakes nobody.
        if !piece.is_empty() && self.writer.append(piece).is_ok() {
            let _ = self.writer.poll_flush(cx);
        }
    }
}

impl<P> fmt::Debug for Feed<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("buffer", &self.buffer()).field("ended", &self.ended).finish_non_exhaustive()
    }
}
