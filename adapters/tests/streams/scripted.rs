//! Streams that do what a script says, and remember what was asked of them. They speak the traits of both runtimes.

use std::{
    collections::VecDeque,
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

/// What a source does when it is polled.
#[derive(Debug, Clone)]
pub(crate) enum Give {
    Bytes(Vec<u8>),
    /// Nothing now; it wakes at once.
    Pending,
    /// Nothing, and no wake.
    Never,
    Fail(ErrorKind),
}

/// Everything that may come before a piece, many times over.
pub(crate) fn source_storm() -> Vec<Give> {
    let storm = [ErrorKind::Interrupted, ErrorKind::WouldBlock].map(|kind| vec![Give::Fail(kind); 40]);
    storm.join(&Give::Pending)
}

/// A source: its script, then the end.
#[derive(Debug, Default)]
pub(crate) struct Source {
    script: VecDeque<Give>,
    pub(crate) polls: usize,
    pub(crate) polls_after_end: usize,
    ended: bool,
}

impl Source {
    pub(crate) fn new(script: impl IntoIterator<Item = Give>) -> Self {
        Self { script: script.into_iter().collect(), ..Self::default() }
    }

    /// The bytes in pieces of `size`, with `between` before each.
    pub(crate) fn in_pieces(bytes: &[u8], size: usize, between: &[Give]) -> Self {
        let pieces = bytes.chunks(size).map(|piece| Give::Bytes(piece.to_vec()));
        Self::new(pieces.flat_map(|piece| between.iter().cloned().chain([piece])))
    }

    pub(crate) fn push(&mut self, give: Give) {
        self.script.push_back(give);
    }

    fn poll(&mut self, cx: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        self.polls += 1;
        self.polls_after_end += usize::from(self.ended);
        assert!(!memory.is_empty(), "a source was polled with no memory");
        match self.script.pop_front() {
            Some(Give::Bytes(mut bytes)) => {
                let n = bytes.len().min(memory.len());
                memory[..n].copy_from_slice(&bytes[..n]);
                if n < bytes.len() {
                    self.script.push_front(Give::Bytes(bytes.split_off(n)));
                }
                Poll::Ready(Ok(n))
            }
            Some(Give::Pending) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Give::Never) => Poll::Pending,
            Some(Give::Fail(kind)) => {
                self.ended = !matches!(kind, ErrorKind::Interrupted | ErrorKind::WouldBlock);
                Poll::Ready(Err(kind.into()))
            }
            None => {
                self.ended = true;
                Poll::Ready(Ok(0))
            }
        }
    }
}

impl futures_lite::AsyncRead for Source {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll(cx, memory)
    }
}

impl tokio::io::AsyncRead for Source {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        memory: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = self.get_mut().poll(cx, memory.initialize_unfilled());
        read.map_ok(|n| memory.advance(n))
    }
}

/// What a sink does when it is polled.
#[derive(Debug, Clone)]
pub(crate) enum Accept {
    /// So many bytes at most.
    UpTo(usize),
    /// Nothing now; it wakes at once.
    Pending,
    /// Nothing, and no wake.
    Never,
    Fail(ErrorKind),
}

/// Everything that may come before a byte is accepted, many times over.
pub(crate) fn sink_storm() -> Vec<Accept> {
    let storm = [ErrorKind::Interrupted, ErrorKind::WouldBlock].map(|kind| vec![Accept::Fail(kind); 40]);
    [storm.join(&Accept::Pending), vec![Accept::UpTo(1)]].concat()
}

/// A sink: its script, then everything.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    script: VecDeque<Accept>,
    pub(crate) written: Vec<u8>,
    /// How many pieces each write that was accepted had.
    pub(crate) writes: Vec<usize>,
    /// Bytes that were flushed.
    pub(crate) flushed: usize,
    pub(crate) flushes: usize,
    pub(crate) closes: usize,
    /// A flush, or a close, waits and wakes nobody.
    pub(crate) holds: bool,
}

impl Sink {
    pub(crate) fn new(script: impl IntoIterator<Item = Accept>) -> Self {
        Self { script: script.into_iter().collect(), ..Self::default() }
    }

    pub(crate) fn push(&mut self, accept: Accept) {
        self.script.push_back(accept);
    }

    pub(crate) fn untouched(&self) -> bool {
        self.writes.is_empty() && self.flushes == 0 && self.closes == 0
    }

    fn poll(&mut self, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        assert!(pieces.iter().all(|piece| !piece.is_empty()), "a sink was offered an empty piece");
        let limit = match self.script.pop_front() {
            Some(Accept::UpTo(limit)) => limit,
            Some(Accept::Pending) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(Accept::Never) => {
                self.script.push_front(Accept::Never);
                return Poll::Pending;
            }
            Some(Accept::Fail(kind)) => return Poll::Ready(Err(kind.into())),
            None => usize::MAX,
        };
        self.writes.push(pieces.len());
        let before = self.written.len();
        for piece in pieces {
            let taken = self.written.len() - before;
            self.written.extend_from_slice(&piece[..piece.len().min(limit - taken)]);
        }
        Poll::Ready(Ok(self.written.len() - before))
    }

    /// A sink that would not accept does now.
    pub(crate) fn relent(&mut self) {
        self.script.clear();
        self.holds = false;
    }

    fn flush(&mut self) -> Poll<io::Result<()>> {
        if self.holds {
            return Poll::Pending;
        }
        self.flushes += 1;
        self.flushed = self.written.len();
        Poll::Ready(Ok(()))
    }

    fn close(&mut self) -> Poll<io::Result<()>> {
        if self.holds {
            return Poll::Pending;
        }
        self.closes += 1;
        Poll::Ready(Ok(()))
    }
}

impl futures_lite::AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll(cx, pieces)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().flush()
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().close()
    }
}

impl tokio::io::AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().flush()
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().close()
    }
}

/// A source and a sink in one.
#[derive(Debug, Default)]
pub(crate) struct Both {
    pub(crate) source: Source,
    pub(crate) sink: Sink,
}

impl futures_lite::AsyncRead for Both {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        self.get_mut().source.poll(cx, memory)
    }
}

impl tokio::io::AsyncRead for Both {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        memory: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        tokio::io::AsyncRead::poll_read(Pin::new(&mut self.get_mut().source), cx, memory)
    }
}

impl futures_lite::AsyncWrite for Both {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().sink.poll(cx, &[IoSlice::new(bytes)])
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().sink.flush()
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().sink.close()
    }
}

impl tokio::io::AsyncWrite for Both {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().sink.poll(cx, &[IoSlice::new(bytes)])
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().sink.flush()
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().sink.close()
    }
}
