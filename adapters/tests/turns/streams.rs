//! Streams that are always ready, and streams that never are. They speak the traits of both runtimes.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::ReadBuf;

/// Has bytes without end, all of them `x`, and takes any number.
#[derive(Debug, Default)]
pub(crate) struct Endless {
    pub(crate) read: u64,
    pub(crate) written: u64,
    calls: u64,
}

impl Endless {
    fn read(&mut self, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        self.calls += 1;
        assert!(self.calls < 100_000, "a poll that never ends");
        memory.fill(b'x');
        self.read += memory.len() as u64;
        Poll::Ready(Ok(memory.len()))
    }

    fn write(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.calls += 1;
        assert!(self.calls < 100_000, "a poll that never ends");
        self.written += bytes.len() as u64;
        Poll::Ready(Ok(bytes.len()))
    }
}

impl futures_lite::AsyncRead for Endless {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        self.read(memory)
    }
}

impl futures_lite::AsyncWrite for Endless {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl tokio::io::AsyncRead for Endless {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, memory: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = self.read(memory.initialize_unfilled());
        read.map_ok(|n| memory.advance(n))
    }
}

impl tokio::io::AsyncWrite for Endless {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Has nothing, ever.
#[derive(Debug, Default)]
pub(crate) struct Idle;

impl futures_lite::AsyncRead for Idle {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut [u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }
}

impl tokio::io::AsyncRead for Idle {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}
