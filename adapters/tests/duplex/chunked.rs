//! A stream whose bytes are cut up.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::plan::Random;

/// How many pieces of a vectored write are passed on, at most.
const MOST_PIECES: usize = 8;

/// A stream that moves a random part of what it is asked to, and is not ready now and then.
#[derive(Debug)]
pub(crate) struct Chunked<S> {
    inner: S,
    most: usize,
    random: Random,
}

impl<S> Chunked<S> {
    pub(crate) fn new(inner: S, most: usize, random: Random) -> Self {
        Self { inner, most, random }
    }

    /// How many bytes go now; pending once in eight.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        if self.random.below(8) == 0 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(1 + self.random.below(self.most))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Chunked<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, memory: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let piece = ready!(this.poll_piece(cx)).min(memory.remaining());
        let mut part = ReadBuf::new(memory.initialize_unfilled_to(piece));
        ready!(Pin::new(&mut this.inner).poll_read(cx, &mut part))?;
        let read = part.filled().len();
        memory.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Chunked<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let piece = ready!(this.poll_piece(cx)).min(bytes.len());
        Pin::new(&mut this.inner).poll_write(cx, &bytes[..piece])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let mut left = ready!(this.poll_piece(cx));
        let mut part = [IoSlice::new(&[]); MOST_PIECES];
        for (part, piece) in part.iter_mut().zip(pieces) {
            let n = left.min(piece.len());
            *part = IoSlice::new(&piece[..n]);
            left -= n;
        }
        Pin::new(&mut this.inner).poll_write_vectored(cx, &part)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}
