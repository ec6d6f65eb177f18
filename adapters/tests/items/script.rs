//! A stream, a body and a sink that do what a script says.

use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use http::HeaderMap;
use http_body::{Body, Frame};

/// What a giver does when it is polled. After the script comes the end.
#[derive(Debug, Clone)]
pub(crate) enum Give {
    Bytes(Bytes),
    Trailers(HeaderMap),
    /// Nothing, and no wake.
    Never,
    Fail(ErrorKind),
}

/// A giver of bytes, as a stream and as a body. Polled after it has ended, it panics.
#[derive(Debug, Default)]
pub(crate) struct Giver {
    script: VecDeque<Give>,
    ended: bool,
}

impl Giver {
    pub(crate) fn new(script: impl IntoIterator<Item = Give>) -> Self {
        Self { script: script.into_iter().collect(), ended: false }
    }

    /// The bytes in pieces of `size`.
    pub(crate) fn in_pieces(bytes: &[u8], size: usize) -> Self {
        Self::new(bytes.chunks(size).map(|piece| Give::Bytes(Bytes::copy_from_slice(piece))))
    }

    /// Goes on with this, and forgets that it gave nothing.
    pub(crate) fn push(&mut self, give: Give) {
        self.script.retain(|give| !matches!(give, Give::Never));
        self.script.push_back(give);
    }

    fn poll(&mut self) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        assert!(!self.ended, "polled after the end");
        Poll::Ready(match self.script.pop_front() {
            Some(Give::Bytes(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Give::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
            Some(Give::Never) => {
                self.script.push_front(Give::Never);
                return Poll::Pending;
            }
            Some(Give::Fail(kind)) => {
                self.ended = true;
                Some(Err(kind.into()))
            }
            None => {
                self.ended = true;
                None
            }
        })
    }
}

impl Stream for Giver {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let frame = self.get_mut().poll();
        frame.map(|frame| frame.map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default())))
    }
}

impl Body for Giver {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.get_mut().poll()
    }
}

/// A sink that keeps what it is given, and what it was told.
#[derive(Debug, Default)]
pub(crate) struct Taker {
    pub(crate) taken: Vec<Bytes>,
    /// How many items it takes before it is not ready.
    pub(crate) room: usize,
    /// Which item it refuses, once, counted from 0.
    pub(crate) refuses: Option<usize>,
    pub(crate) flushes: usize,
    pub(crate) closed: bool,
    /// Forgets what it has taken when it is flushed.
    pub(crate) forgetful: bool,
    /// A flush, or a close, waits and wakes nobody.
    pub(crate) holds: bool,
}

impl Taker {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.taken.concat()
    }
}

impl Sink<Bytes> for Taker {
    type Error = io::Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        assert!(!self.closed, "used after it was closed");
        if self.room > 0 { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn start_send(mut self: Pin<&mut Self>, bytes: Bytes) -> io::Result<()> {
        assert!(self.room > 0, "given more than it was ready for");
        if self.refuses == Some(self.taken.len()) {
            self.refuses = None;
            return Err(ErrorKind::NetworkDown.into());
        }
        self.room -= 1;
        self.taken.push(bytes);
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.holds {
            return Poll::Pending;
        }
        self.flushes += 1;
        if self.forgetful {
            self.taken.clear();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.holds {
            return Poll::Pending;
        }
        self.closed = true;
        Poll::Ready(Ok(()))
    }
}
