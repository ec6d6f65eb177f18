//! Vectored reads of a stream of `futures-io`.

use std::{
    io::{self, IoSliceMut},
    pin::Pin,
    task::{Context, Poll},
};

use futures_io::AsyncRead;

use super::stream::FuturesStream;
use crate::stream::ReadPieces;

impl<S: AsyncRead + Unpin> ReadPieces for FuturesStream<S> {
    /// Where the stream has no such read of its own, the trait's fills the first piece.
    const VECTORED: bool = true;

    fn poll_read_pieces(&mut self, cx: &mut Context<'_>, pieces: &mut [IoSliceMut<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read_vectored(cx, pieces)
    }
}
