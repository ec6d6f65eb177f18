//! A stream in both directions as an `AsyncRead` and `AsyncWrite`.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use headpond_pipe::{PipeRead, PipeWrite};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

use super::reader::put;
use crate::duplex::Duplex;

impl<R: PipeRead + Unpin, W: PipeWrite + Unpin> AsyncRead for Duplex<R, W> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, memory: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if memory.remaining() > 0 {
            ready!(this.poll_fill(cx))?;
            put(this.as_reader(), memory);
        }
        Poll::Ready(Ok(()))
    }
}

impl<R: PipeRead + Unpin, W: PipeWrite + Unpin> AsyncBufRead for Duplex<R, W> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        ready!(this.poll_fill(cx))?;
        Poll::Ready(Ok(this.as_reader().lent()))
    }

    /// # Panics
    ///
    /// When fewer bytes are buffered.
    fn consume(self: Pin<&mut Self>, bytes: usize) {
        self.get_mut().as_reader().consume(bytes);
    }
}

impl<R: Unpin, W: PipeWrite + Unpin> AsyncWrite for Duplex<R, W> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().as_writer().poll_write(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().as_writer().poll_write(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().as_writer().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().as_writer().poll_finish(cx)
    }
}
