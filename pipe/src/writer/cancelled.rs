//! Waiting for a canceller, on behalf of whoever waits elsewhere.

use std::task::{Context, Poll};

use super::{Writer, wait::Park};
use crate::{core::WriterWait, error::FlushError};

impl Writer {
    /// Waits until a canceller cancels, or the reader is gone, and tells which; whether the stream has ended or not.
    ///
    /// It is for an end that stands on this one, and waits for something else in a flush or a finish of its own: polled
    /// beside that, it has a [`FlushCanceller`](crate::FlushCanceller) end that wait, too. Whoever goes on without it takes the
    /// wait back by [`withdraw`](crate::PipeWrite::withdraw), or by another wait of this end.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::task::{Context, Poll, Waker};
    ///
    /// use headpond_pipe::{FlushError, Pipe, PipeOptions};
    /// use headpond_pool::Pool;
    ///
    /// let Pipe { mut writer, reader: _reader } = Pipe::new(&PipeOptions::new(&Pool::new()));
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert!(writer.poll_cancelled(&mut cx).is_pending());
    /// writer.canceller().cancel();
    /// assert!(matches!(writer.poll_cancelled(&mut cx), Poll::Ready(FlushError::Cancelled)));
    /// ```
    pub fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> Poll<FlushError> {
        loop {
            let seen = self.core.reader_word().load();
            if let Some(error) = self.interruption(seen) {
                return Poll::Ready(error);
            }
            // Who waits for memory is woken by the same two, and by its source, which knows nothing of this.
            if let Park::Parked = self.park(cx, seen, WriterWait::Reserve) {
                return Poll::Pending;
            }
        }
    }
}
