//! A stream of tokio, as the adapters see it.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::stream::{ReadStream, WriteStream};

/// A stream of tokio.
pub(crate) struct TokioStream<S>(pub(crate) S);

impl<S: AsyncRead + Unpin> ReadStream for TokioStream<S> {
    fn poll_read(&mut self, cx: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut filled = ReadBuf::new(memory);
        Pin::new(&mut self.0).poll_read(cx, &mut filled).map_ok(|()| filled.filled().len())
    }
}

impl<S: AsyncWrite + Unpin> WriteStream for TokioStream<S> {
    fn poll_write(&mut self, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match pieces {
            [piece] => Pin::new(&mut self.0).poll_write(cx, piece),
            pieces => Pin::new(&mut self.0).poll_write_vectored(cx, pieces),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
