//! Reads of a stream of tokio, whose trait knows one piece only.

use std::{
    io::{self, IoSliceMut},
    task::{Context, Poll},
};

use tokio::io::AsyncRead;

use super::stream::TokioStream;
use crate::stream::{ReadPieces, ReadStream};

impl<S: AsyncRead + Unpin> ReadPieces for TokioStream<S> {
    const VECTORED: bool = false;

    fn poll_read_pieces(&mut self, cx: &mut Context<'_>, pieces: &mut [IoSliceMut<'_>]) -> Poll<io::Result<usize>> {
        let Some(first) = pieces.first_mut() else { return Poll::Ready(Ok(0)) };
        self.poll_read(cx, first)
    }
}
