//! A reading end that is read by the piece, each piece shared: what `Stream` and `Body` have in common.

use std::{
    io,
    task::{Context, Poll, ready},
};

use headpond_pipe::{PipeRead, PollBudget};
use headpond_pool::Slice;

use crate::{
    byte_reader,
    error::{self, Cancelled},
};

/// A reading end, and whether it has said its last.
#[derive(Debug)]
pub(crate) struct PieceReader<R> {
    inner: R,
    done: bool,
    /// A read that did not wait met a cancellation, which is for the next to tell.
    cancelled: bool,
    /// Who asks may go on as long as there are pieces: so it waits now and then.
    budget: PollBudget,
}

impl<R: PipeRead> PieceReader<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, done: false, cancelled: false, budget: PollBudget::new() }
    }

    /// The next stretch of memory. After the end, or an error other than a cancellation, there is none.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Slice>>> {
        if self.done {
            return Poll::Ready(None);
        }
        if std::mem::take(&mut self.cancelled) {
            return Poll::Ready(Some(Err(io::Error::other(Cancelled))));
        }
        ready!(self.budget.poll(cx));
        let filled = byte_reader::poll_fill(&mut self.inner, cx);
        if filled.is_pending() {
            self.budget = PollBudget::new();
        }
        if let Err(error) = ready!(filled) {
            self.done = !error::is_cancelled(&error);
            return Poll::Ready(Some(Err(error)));
        }
        let piece = self.inner.buffer().to_slices(..).next();
        match &piece {
            Some(piece) => {
                self.budget.spend(piece.len());
                byte_reader::consume(&mut self.inner, piece.len());
            }
            None => self.done = true,
        }
        Poll::Ready(piece.map(Ok))
    }

    /// Whether there is nothing more to come.
    pub(crate) fn is_done(&self) -> bool {
        self.done
    }

    pub(crate) fn into_inner(mut self) -> R {
        self.inner.withdraw();
        self.inner
    }

    pub(crate) fn get_ref(&self) -> &R {
        &self.inner
    }

    pub(crate) fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }
}

#[cfg(feature = "http-body")]
impl<R: PipeRead> PieceReader<R> {
    /// Gives nothing more.
    pub(crate) fn end(&mut self) {
        self.done = true;
    }

    /// Looks, without waiting, whether the piece just given was the last.
    pub(crate) fn look_for_the_end(&mut self) {
        if self.done || self.cancelled || !self.inner.buffer().is_empty() {
            return;
        }
        // An error stays, for the next read to tell.
        if let Ok(Some(status)) = self.inner.try_read() {
            self.cancelled = status.is_cancelled();
            self.done = status.is_finished() && !self.cancelled && self.inner.buffer().is_empty();
        }
    }
}
