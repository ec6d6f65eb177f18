//! A writing end of a pipe as a stream of bytes: what the newtypes of every runtime do.
//!
//! # Which bytes go when
//!
//! The one place for the rule. A write publishes what it took, and does not wait for it: code that never flushes is heard all
//! the same. There are two exceptions, and in either the bytes go later:
//!
//! - An end over a stream moves bytes only while it is polled, and the stream may not take all of them at once. The rest is
//!   *owed*.
//! - Over an end that [pays by the flush](PipeWrite::gathers), or where it was asked for, a write only *gathers*.
//!
//! What is owed goes by every poll of either half of a duplex, and what has gathered once 64 KiB have, or there is no memory
//! for more, or when the reading half of a duplex is about to wait: nobody who waits for an answer holds back the question. A
//! flush and a shutdown send both. A writing half alone has nothing else: its documentation says that bytes wait for its flush.

use std::{
    io::{self, IoSlice},
    task::{Context, Poll, ready},
};

use headpond_pipe::{FlushError, PipeOptions, PipeWrite};
use headpond_pool::{SharedError, WriteError};

use crate::{
    error,
    halves::{Half, Halves},
};

/// The most that one write takes, so that a writer that never waits cannot fill the memory, and the most that gathers: the
/// default pause threshold.
const MAX_WRITE: usize = PipeOptions::DEFAULT_PAUSE_THRESHOLD;

/// A writing end with what the last write left to be said.
#[derive(Debug)]
pub(crate) struct ByteWriter<W> {
    inner: W,
    /// For a pipe in memory, whose bytes have arrived once they are published: neither a flush nor the end waits for the peer, or
    /// minds that it is gone; a write lets go of the block, and takes no more bytes than this.
    window: Option<usize>,
    /// Told to gather, whatever the end is.
    gathers: bool,
    /// How many bytes have gathered.
    gathered: usize,
    /// What the end was to do and has not done: the next write waits for it.
    owed: Owed,
    /// The last write was pending: the task counts on its wake-up, whatever else it polls meanwhile.
    waits: bool,
    /// The last write went through, and something failed after it.
    deferred: Option<FlushError>,
    /// Of a duplex's two; a writing half alone notes none.
    halves: Option<Halves>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owed {
    Nothing,
    Flush,
    Finish,
}

impl<W: PipeWrite> ByteWriter<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self {
            inner,
            window: None,
            gathers: false,
            gathered: 0,
            owed: Owed::Nothing,
            waits: false,
            deferred: None,
            halves: None,
        }
    }

    /// The half of a duplex, whose other half calls [`drive`](Self::drive).
    pub(crate) fn half(inner: W) -> Self {
        Self { halves: Some(Halves::default()), ..Self::new(inner) }
    }

    /// As a socket: back-pressure holds back writes, of `window` bytes at most, and never a flush.
    pub(crate) fn with_window(inner: W, window: usize) -> Self {
        Self { window: Some(window), ..Self::new(inner) }
    }

    /// Has writes gather, whatever the end is. Pipes in memory go on publishing.
    pub(crate) fn gather(&mut self) {
        self.gathers = true;
    }

    pub(crate) fn is_gathering(&self) -> bool {
        self.window.is_none() && (self.gathers || self.inner.gathers())
    }

    /// Copies bytes of all the pieces, as many as one write takes, and publishes or gathers them: see the module's docs. Waits
    /// before, while bytes are owed, and for memory: bytes once taken are never waited for.
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if pieces.iter().all(|piece| piece.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        self.take_deferred().map_err(error::of_flush)?;
        let room = self.poll_room(cx);
        self.waits = room.is_pending();
        self.note(cx, self.waits);
        ready!(room)?;
        let written = self.put(pieces)?;
        if self.is_gathering() {
            self.gathered += written;
            if self.gathered < MAX_WRITE {
                // The other half may be waiting already: it looks again.
                self.wake(Half::Reading);
                return Poll::Ready(Ok(written));
            }
        }
        self.deferred = self.publish(cx).err();
        Poll::Ready(Ok(written))
    }

    /// Publishes, waits for back-pressure unless this is a pipe in memory, and lets go of the block: a stream is flushed
    /// when its writer goes idle.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.window.is_some() {
            self.take_deferred().map_err(error::of_flush)?;
            return Poll::Ready(self.publish(cx).map_err(error::of_flush));
        }
        self.inner.release();
        ready!(self.poll_flush_end(cx)).map_err(error::of_flush)?;
        self.go_on_waiting(cx);
        Poll::Ready(Ok(()))
    }

    /// Publishes what was written in place, unless it gathers, and waits for back-pressure, then for memory: none comes while what a reader is to give
    /// back is not published.
    pub(crate) fn poll_room_in_place(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<io::Result<()>> {
        if !self.is_gathering() || self.gathered >= MAX_WRITE {
            ready!(self.poll_flush_end(cx)).map_err(error::of_flush)?;
        }
        ready!(self.poll_reserve(cx, min)).map_err(error::of_write)?;
        if self.is_gathering() {
            // About as much as will be written there.
            self.gathered += min.max(1);
        }
        Poll::Ready(Ok(()))
    }

    pub(crate) fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let finished = self.poll_finish_end(cx);
        finished.map(|outcome| self.forgiven(outcome)).map_err(error::of_flush)
    }

    /// As the end's own, with what a write has left to be said.
    pub(crate) fn poll_flush_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.take_deferred()?;
        let flushed = self.poll(Half::Writing, Owed::Flush, cx);
        self.note(cx, flushed.is_pending() || self.waits);
        flushed
    }

    /// As the end's own, with what a write has left to be said.
    pub(crate) fn poll_finish_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.take_deferred()?;
        let finished = self.poll(Half::Writing, Owed::Finish, cx);
        self.note(cx, finished.is_pending() || self.waits);
        finished
    }

    /// As the end's own. What has gathered takes memory, too, which comes back only if it is published.
    pub(crate) fn poll_reserve(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
        let reserved = self.poll_memory(cx, min);
        if reserved.is_ready() || self.gathered == 0 {
            return reserved;
        }
        self.deferred = ready!(self.poll(Half::Writing, Owed::Flush, cx)).err();
        // The flush took the wait for memory back.
        self.poll_memory(cx, min)
    }

    /// What the reading half of a duplex does at each poll, whose task `cx` is: it sends on what is owed, and when it is about to
    /// wait what has gathered as well. What fails is for the next write, flush or shutdown to tell.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>, waits: bool) {
        let Some(halves) = &mut self.halves else { return };
        halves.note(Half::Reading, cx, waits);
        if waits && self.gathered > 0 && self.owed == Owed::Nothing {
            // An idle stream holds no block.
            self.inner.release();
            self.owed = Owed::Flush;
        }
        if self.owed == Owed::Nothing {
            return;
        }
        match self.poll(Half::Reading, self.owed, cx) {
            Poll::Pending => {}
            Poll::Ready(outcome) => {
                if self.owed != Owed::Nothing {
                    // Cancelled: the bytes are still there.
                    cx.waker().wake_by_ref();
                }
                let outcome = self.forgiven(outcome);
                self.deferred = self.deferred.take().or(outcome.err());
                self.wake(Half::Writing);
            }
        }
    }

    /// The read that was pending was given up.
    pub(crate) fn withdraw_reading(&mut self) {
        let Some(halves) = &mut self.halves else { return };
        if halves.waits(Half::Reading) {
            halves.forget(Half::Reading);
            if self.owed != Owed::Nothing && !halves.waits(Half::Writing) {
                self.inner.withdraw();
            }
        }
    }

    pub(crate) fn withdraw(&mut self) {
        self.inner.withdraw();
        self.halves.iter_mut().for_each(|halves| halves.forget(Half::Writing));
    }

    pub(crate) fn abort(&mut self, error: SharedError) {
        self.inner.abort(error);
        (self.owed, self.gathered) = (Owed::Nothing, 0);
    }

    pub(crate) fn into_inner(mut self) -> W {
        self.inner.withdraw();
        self.inner
    }

    pub(crate) fn get_ref(&self) -> &W {
        &self.inner
    }

    pub(crate) fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// Has the end do something, and notes whether it is owed now.
    fn poll(&mut self, half: Half, what: Owed, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        self.gathered = 0;
        let inner = &mut self.inner;
        let mut poll = |cx: &mut Context<'_>| match what {
            Owed::Nothing => Poll::Ready(Ok(())),
            Owed::Flush => inner.poll_flush(cx),
            Owed::Finish => inner.poll_finish(cx),
        };
        let outcome = match &self.halves {
            Some(halves) => halves.poll(half, cx, poll),
            None => poll(cx),
        };
        let is_owed = matches!(outcome, Poll::Pending | Poll::Ready(Err(FlushError::Cancelled)));
        self.owed = if is_owed { what } else { Owed::Nothing };
        outcome
    }

    fn poll_memory(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
        let inner = &mut self.inner;
        match &self.halves {
            Some(halves) => halves.poll(Half::Writing, cx, |cx| inner.poll_reserve(cx, min)),
            None => inner.poll_reserve(cx, min),
        }
    }

    /// Waits for back-pressure, and for memory.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.owed == Owed::Flush {
            ready!(self.poll(Half::Writing, Owed::Flush, cx)).map_err(error::of_flush)?;
        }
        ready!(self.poll_reserve(cx, 1)).map_err(error::of_write)?;
        Poll::Ready(self.take_deferred().map_err(error::of_flush))
    }

    /// Publishes, and leaves the waiting to the next write, or to the other half.
    fn publish(&mut self, cx: &mut Context<'_>) -> Result<(), FlushError> {
        if self.window.is_some() {
            // Users of such pipes rarely flush, and an idle one is to hold no block. Elsewhere the flush lets go: here it
            // costs 16 of 52 ns a write.
            self.inner.release();
        }
        match self.poll(Half::Writing, Owed::Flush, cx) {
            Poll::Ready(outcome) => {
                self.go_on_waiting(cx);
                self.forgiven(outcome)
            }
            // As the write that was pending before, this one is woken when the reader has caught up.
            Poll::Pending if self.waits => Ok(()),
            Poll::Pending => {
                // The task goes on: it must not be woken for a wait it has not begun.
                self.inner.withdraw();
                self.wake(Half::Reading);
                Ok(())
            }
        }
    }

    /// After a flush, which takes an earlier wait of the end back: a write that was pending goes on waiting, or is woken.
    fn go_on_waiting(&mut self, cx: &mut Context<'_>) {
        if self.waits && self.poll_memory(cx, 1).is_ready() {
            self.waits = false;
            // The memory it has is nobody's who does not come for it.
            self.inner.release();
            cx.waker().wake_by_ref();
        }
    }

    /// In memory it is a write that fails when the peer is gone: a peer that goes as soon as it has its answer is no error.
    fn forgiven(&self, outcome: Result<(), FlushError>) -> Result<(), FlushError> {
        match outcome {
            Err(FlushError::Closed(None)) if self.window.is_some() => Ok(()),
            outcome => outcome,
        }
    }

    fn take_deferred(&mut self) -> Result<(), FlushError> {
        self.deferred.take().map_or(Ok(()), Err)
    }

    /// Notes whether the writing half's task waits now.
    fn note(&mut self, cx: &Context<'_>, waits: bool) {
        self.halves.iter_mut().for_each(|halves| halves.note(Half::Writing, cx, waits));
    }

    fn wake(&mut self, half: Half) {
        self.halves.iter_mut().for_each(|halves| halves.wake(half));
    }

    /// Copies into as many blocks as there is memory for. There is some.
    fn put(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let most = self.window.map_or(MAX_WRITE - self.gathered, |window| window.min(MAX_WRITE));
        let mut written = 0;
        for piece in pieces {
            let mut rest = &piece[..piece.len().min(most - written)];
            while !rest.is_empty() {
                let mut memory = match self.inner.reserve(1).and_then(|memory| memory.at_least(1)) {
                    Ok(memory) => memory,
                    Err(_) if written > 0 => return Ok(written),
                    Err(error) => return Err(error::of_write(error)),
                };
                let n = memory.len().min(rest.len());
                memory[..n].copy_from_slice(&rest[..n]);
                memory.advance(n);
                rest = &rest[n..];
                written += n;
            }
        }
        Ok(written)
    }
}
