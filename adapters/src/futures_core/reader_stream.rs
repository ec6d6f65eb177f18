//! A reading end as a `Stream`.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::{FusedStream, Stream};
use headpond_pipe::{PipeRead, Reader};

use crate::piece_reader::PieceReader;

/// A reading end of a pipe as a [`Stream`] of [`Bytes`]: each shares a stretch of a block, or of whatever was appended.
///
/// A block stays rented as long as any `Bytes` of it lives; copy what is small and kept for long. The stream ends with the
/// pipe's, or with its error, which is one of the [crate](crate#errors)'s table; a cancelled read is an error after which it
/// goes on. It gives way to other tasks now and then, however much there is: see [`PollBudget`](headpond_pipe::PollBudget).
///
/// # Cancel safety
///
/// Dropping a future that waits for the next item loses nothing.
#[derive(Debug)]
pub struct ReaderStream<R = Reader>(PieceReader<R>);

impl<R: PipeRead> ReaderStream<R> {
    /// Reads from `inner`.
    pub fn new(inner: R) -> Self {
        Self(PieceReader::new(inner))
    }

    /// The end, with everything that was not given out.
    pub fn into_inner(self) -> R {
        self.0.into_inner()
    }

    /// The end.
    pub fn get_ref(&self) -> &R {
        self.0.get_ref()
    }

    /// The end.
    pub fn get_mut(&mut self) -> &mut R {
        self.0.get_mut()
    }
}

impl<R: PipeRead + Unpin> Stream for ReaderStream<R> {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        self.get_mut().0.poll_next(cx).map(|piece| piece.map(|piece| piece.map(Bytes::from)))
    }
}

impl<R: PipeRead + Unpin> FusedStream for ReaderStream<R> {
    fn is_terminated(&self) -> bool {
        self.0.is_done()
    }
}
