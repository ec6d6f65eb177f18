//! tokio's sockets as the pumps see them.

use std::{
    io::{self, ErrorKind, IoSlice, IoSliceMut},
    pin::Pin,
    task::{Context, Poll, ready},
};

#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use crate::{
    stream::{ReadPieces, ReadStream, WriteStream},
    transport::socket::Socket,
};

/// A socket of tokio: unlike its `AsyncRead`, it has vectored reads.
#[derive(Debug)]
pub(super) struct NetSocket<S>(pub(super) S);

impl<S: AsyncRead + Unpin> ReadStream for NetSocket<S> {
    fn poll_read(&mut self, cx: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut filled = ReadBuf::new(memory);
        Pin::new(&mut self.0).poll_read(cx, &mut filled).map_ok(|()| filled.filled().len())
    }
}

impl<S: AsyncWrite + Unpin> WriteStream for NetSocket<S> {
    fn poll_write(&mut self, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, pieces)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

macro_rules! impl_read_pieces {
    ($stream:ty) => {
        impl ReadPieces for NetSocket<$stream> {
            const VECTORED: bool = true;

            fn poll_read_pieces(
                &mut self,
                cx: &mut Context<'_>,
                pieces: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                loop {
                    ready!(self.0.poll_read_ready(cx))?;
                    match self.0.try_read_vectored(pieces) {
                        // It was not ready after all, which the stream has noted.
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                        read => return Poll::Ready(read),
                    }
                }
            }
        }
    };
}

impl_read_pieces!(TcpStream);
#[cfg(unix)]
impl_read_pieces!(UnixStream);

impl Socket for NetSocket<TcpStream> {
    fn reset(&mut self) {
        // It fails for a socket that is no longer connected, whose peer knows.
        let _ = self.0.set_zero_linger();
    }
}

#[cfg(unix)]
impl Socket for NetSocket<UnixStream> {
    /// Such sockets know no reset: the peer sees an end, and fails to write.
    fn reset(&mut self) {}
}
