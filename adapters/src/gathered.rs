//! What a sink has put on a writing end and not flushed: what the sinks of bytes, frames and items share.

use std::task::{Context, Poll, ready};

use headpond_pipe::{FlushError, PipeWrite};

/// How many bytes have gathered since the last flush, and how many may.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gathered {
    bytes: usize,
    most: usize,
}

impl Gathered {
    /// None, and so many before a flush is waited for.
    pub(crate) const fn up_to(most: usize) -> Self {
        Self { bytes: 0, most }
    }

    /// Counts what was written.
    pub(crate) fn add(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Waits until there may be more: for back-pressure, once there are too many.
    pub(crate) fn poll_ready<W: PipeWrite>(
        &mut self,
        end: &mut W,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), FlushError>> {
        if self.bytes < self.most { Poll::Ready(Ok(())) } else { self.poll_publish(end, cx) }
    }

    /// Publishes all of it, lets go of the block being filled, and waits for back-pressure.
    pub(crate) fn poll_flush<W: PipeWrite>(
        &mut self,
        end: &mut W,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), FlushError>> {
        end.release();
        self.poll_publish(end, cx)
    }

    /// Publishes all of it, and waits for back-pressure.
    fn poll_publish<W: PipeWrite>(&mut self, end: &mut W, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        ready!(end.poll_flush(cx))?;
        self.bytes = 0;
        Poll::Ready(Ok(()))
    }
}

#[cfg(feature = "codec")]
impl Gathered {
    /// Waits for `min` bytes of memory. What has gathered takes memory, too, which comes back only if it is published.
    pub(crate) fn poll_room<W: PipeWrite>(
        &mut self,
        end: &mut W,
        cx: &mut Context<'_>,
        min: usize,
    ) -> Poll<Result<(), RoomError>> {
        let reserved = end.poll_reserve(cx, min);
        if reserved.is_ready() || self.bytes == 0 {
            return reserved.map_err(RoomError::Reserve);
        }
        ready!(self.poll_publish(end, cx)).map_err(RoomError::Flush)?;
        // The flush took the wait for memory back.
        end.poll_reserve(cx, min).map_err(RoomError::Reserve)
    }
}

/// Why there will be no room.
#[cfg(feature = "codec")]
#[derive(Debug)]
pub(crate) enum RoomError {
    Reserve(headpond_pool::WriteError),
    Flush(FlushError),
}
