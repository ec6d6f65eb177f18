//! A writing end of a pipe as a stream of bytes: what the newtypes of every runtime do.

use std::{
    io::{self, IoSlice},
    task::{Context, Poll, ready},
};

use headpond_pipe::{FlushError, PipeWrite};

use crate::error;

/// The most that one write takes, so that a writer that never waits cannot fill the memory: the default pause threshold.
const MAX_WRITE: usize = 64 * 1024;

/// A writing end with what the last write left to be said.
#[derive(Debug)]
pub(crate) struct ByteWriter<W> {
    inner: W,
    /// For a pipe in memory, whose bytes have arrived once they are published: neither a flush nor the end waits for the peer, or
    /// minds that it is gone; a write lets go of the block, and takes no more bytes than this.
    window: Option<usize>,
    /// The last write went through, and the next one is to wait.
    held_back: bool,
    /// The last write was pending: the task counts on its wake-up, whatever else it polls meanwhile.
    waits: bool,
    /// The last write went through, and something failed after it.
    deferred: Option<io::Error>,
}

impl<W: PipeWrite> ByteWriter<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, window: None, held_back: false, waits: false, deferred: None }
    }

    /// As a socket: back-pressure holds back writes, of `window` bytes at most, and never a flush.
    pub(crate) fn with_window(inner: W, window: usize) -> Self {
        Self { window: Some(window), ..Self::new(inner) }
    }

    /// Copies bytes of all the pieces, as many as one write takes, and publishes them at once: code that never flushes is
    /// heard all the same. Waits before, while the pipe is paused, and for memory: bytes once taken are never waited for.
    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if pieces.iter().all(|piece| piece.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        self.take_deferred()?;
        let room = self.poll_room(cx);
        self.waits = room.is_pending();
        ready!(room)?;
        let written = self.put(pieces)?;
        self.deferred = self.publish(cx).err().map(error::of_flush);
        Poll::Ready(Ok(written))
    }

    /// Publishes, waits for back-pressure unless this is a pipe in memory, and lets go of the block: a stream is flushed
    /// when its writer goes idle.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.take_deferred()?;
        if self.window.is_some() {
            return Poll::Ready(self.publish(cx).map_err(error::of_flush));
        }
        self.inner.release();
        ready!(self.inner.poll_flush(cx)).map_err(error::of_flush)?;
        self.held_back = false;
        self.go_on_waiting(cx);
        Poll::Ready(Ok(()))
    }

    pub(crate) fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.take_deferred()?;
        let finished = self.inner.poll_finish(cx);
        finished.map(|outcome| self.forgiven(outcome)).map_err(error::of_flush)
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

    /// Waits for back-pressure, and for memory.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.held_back {
            ready!(self.inner.poll_flush(cx)).map_err(error::of_flush)?;
            self.held_back = false;
        }
        self.inner.poll_reserve(cx, 1).map_err(error::of_write)
    }

    /// Publishes, and leaves the waiting to the next write.
    fn publish(&mut self, cx: &mut Context<'_>) -> Result<(), FlushError> {
        if self.window.is_some() {
            // Users of such pipes rarely flush, and an idle one is to hold no block. Elsewhere the flush lets go: here it
            // costs 16 of 52 ns a write.
            self.inner.release();
        }
        let published = self.inner.poll_flush(cx);
        self.held_back = published.is_pending();
        match published {
            Poll::Ready(outcome) => {
                self.go_on_waiting(cx);
                self.forgiven(outcome)
            }
            // As the write that was pending before, this one is woken when the reader has caught up.
            Poll::Pending if self.waits => Ok(()),
            Poll::Pending => {
                // The task goes on: it must not be woken for a wait it has not begun.
                self.inner.withdraw();
                Ok(())
            }
        }
    }

    /// After a flush, which takes an earlier wait of the end back: a write that was pending goes on waiting, or is woken.
    fn go_on_waiting(&mut self, cx: &mut Context<'_>) {
        if self.waits && self.inner.poll_reserve(cx, 1).is_ready() {
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

    fn take_deferred(&mut self) -> io::Result<()> {
        self.deferred.take().map_or(Ok(()), Err)
    }

    /// Copies into as many blocks as there is memory for. There is some.
    fn put(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let most = self.window.map_or(MAX_WRITE, |window| window.min(MAX_WRITE));
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
