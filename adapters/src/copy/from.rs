//! Copying a stream straight into a writing end.

use std::task::{Context, Poll, ready};

use headpond_pipe::{CopyError, PipeWrite, ReadError};

use crate::{
    stream::{ReadStream, checked, settled},
    sync::Arc,
};

/// How far a copy from a stream is.
#[derive(Debug, Default)]
pub(crate) struct CopyIn {
    copied: u64,
    ended: bool,
}

impl CopyIn {
    /// Goes on until everything is copied: read straight into the writer's memory, and flushed after each read.
    pub(crate) fn poll<S: ReadStream, W: PipeWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
        writer: &mut W,
    ) -> Poll<Result<u64, CopyError>> {
        loop {
            ready!(writer.poll_flush(cx))?;
            if self.ended {
                return Poll::Ready(Ok(self.copied));
            }
            ready!(writer.poll_reserve(cx, 1))?;
            let mut memory = writer.reserve(1)?.at_least(1)?;
            let offered = memory.len();
            let Poll::Ready(read) = settled(cx, |cx| stream.poll_read(cx, &mut memory)) else {
                // An idle stream holds no block.
                writer.release();
                return Poll::Pending;
            };
            match read.and_then(|n| checked(n, offered)) {
                Ok(0) => self.ended = true,
                Ok(n) => {
                    memory.advance(n);
                    self.copied += n as u64;
                }
                Err(error) => return Poll::Ready(Err(ReadError::Aborted(Arc::new(error)).into())),
            }
        }
    }
}
