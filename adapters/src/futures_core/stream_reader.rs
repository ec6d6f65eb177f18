//! A `Stream` as a reading end.

use std::{
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use headpond_pipe::{PipeOptions, ReadCanceller, Reader};
use headpond_pool::Slice;

use crate::{
    feed::{Feed, PieceError, Pieces},
    forward::impl_pipe_read,
};

/// Any [`Stream`] of bytes as a [`PipeRead`](headpond_pipe::PipeRead): its items are shown one behind the other where they
/// lie, and the next is taken only when more is asked for.
///
/// An item is `Bytes`, a [`Slice`], a `Vec<u8>`, or whatever else makes a [`Slice`]. The stream's end is the end; its error
/// is [`ReadError::Aborted`](headpond_pipe::ReadError::Aborted), behind the bytes before it. After either it is not polled
/// again. Of the options, `max_unconsumed` matters: no block is rented.
pub struct StreamReader<S>(Feed<Items<S>>);

/// The stream whose items are pieces.
struct Items<S>(S);

impl<S> StreamReader<S> {
    /// Reads from `stream`.
    pub fn new(stream: S, options: &PipeOptions) -> Self {
        Self(Feed::new(Items(stream), options))
    }

    /// The stream, and a reader of what was taken from it and not consumed, which ends there.
    pub fn into_parts(self) -> (S, Reader) {
        let (items, reader) = self.0.into_parts();
        (items.0, reader)
    }

    /// The stream.
    pub fn get_ref(&self) -> &S {
        &self.0.pieces().0
    }

    /// The stream. What is taken from it directly, the reader does not see.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.0.pieces_mut().0
    }

    /// A handle that cancels reads, from anywhere.
    pub fn canceller(&self) -> ReadCanceller {
        self.0.canceller()
    }
}

impl<S, B, E> Pieces for Items<S>
where
    S: Stream<Item = Result<B, E>> + Unpin,
    B: Into<Slice>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Slice, PieceError>>> {
        let item = Pin::new(&mut self.0).poll_next(cx);
        item.map(|item| item.map(|item| item.map(B::into).map_err(E::into)))
    }
}

impl_pipe_read!(
    [S, B, E] StreamReader<S>,
    S: Stream<Item = Result<B, E>> + Unpin,
    B: Into<Slice>,
    E: Into<Box<dyn Error + Send + Sync>>,
);

impl<S> fmt::Debug for StreamReader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StreamReader").field(&self.0).finish()
    }
}
