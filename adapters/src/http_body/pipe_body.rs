//! A reading end as a body.

use std::{
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use headpond_pipe::{PipeRead, Reader};
use http_body::{Body, Frame, SizeHint};

use crate::piece_reader::PieceReader;

/// A reading end of a pipe as a [`Body`]: each frame shares a stretch of a block, or of whatever was appended.
///
/// A block stays rented until its frames are sent. An error of the pipe, one of the [crate](crate#errors)'s table, breaks
/// the message off: a writer that is dropped never looks like a complete body. Nothing follows an error but that of a cancelled read.
///
/// With a length that is known ([`with_len`](Self::with_len)) the message has a `content-length`, and a pipe that brings fewer or
/// more bytes is an error too. Whoever sends such a message drops the body as soon as it has given all its bytes, and may do so before
/// the writer has finished: that is [no failure](PipeRead::mark_complete) to the writer, unless it writes more.
#[derive(Debug)]
pub struct PipeBody<R = Reader> {
    pieces: PieceReader<R>,
    /// How many bytes are still to come, when that is known.
    left: Option<u64>,
}

impl<R: PipeRead> PipeBody<R> {
    /// A body of everything that `inner` will give, however much.
    pub fn new(inner: R) -> Self {
        Self { pieces: PieceReader::new(inner), left: None }
    }

    /// A body of so many bytes.
    pub fn with_len(inner: R, bytes: u64) -> Self {
        Self { pieces: PieceReader::new(inner), left: Some(bytes) }
    }

    /// The end, with everything that was not given out.
    pub fn into_inner(self) -> R {
        self.pieces.into_inner()
    }

    /// The end.
    pub fn get_ref(&self) -> &R {
        self.pieces.get_ref()
    }

    /// The end.
    pub fn get_mut(&mut self) -> &mut R {
        self.pieces.get_mut()
    }

    /// Counts what is given out against what was promised.
    fn count(&mut self, piece: Option<&[u8]>) -> io::Result<()> {
        let Some(left) = &mut self.left else { return Ok(()) };
        match piece {
            Some(piece) => match left.checked_sub(piece.len() as u64) {
                Some(rest) => *left = rest,
                None => return Err(io::Error::new(ErrorKind::InvalidData, "the body is longer than it was to be")),
            },
            None if *left > 0 => {
                return Err(io::Error::new(ErrorKind::UnexpectedEof, format!("the body ended {left} bytes early")));
            }
            None => {}
        }
        Ok(())
    }
}

impl<R: PipeRead + Unpin> Body for PipeBody<R> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        let piece = match ready!(this.pieces.poll_next(cx)) {
            Some(Err(error)) => {
                if this.pieces.is_done() {
                    // That fewer came than were promised goes without saying.
                    this.left = None;
                }
                return Poll::Ready(Some(Err(error)));
            }
            Some(Ok(piece)) => Some(piece),
            None => None,
        };
        if let Err(error) = this.count(piece.as_deref()) {
            this.left = None;
            this.pieces.end();
            return Poll::Ready(Some(Err(error)));
        }
        // So that the last frame can be sent as the last, and an idle pipe holds no block meanwhile.
        this.pieces.look_for_the_end();
        if this.left == Some(0) {
            this.pieces.get_mut().mark_complete();
        }
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_done() && self.left.is_none_or(|left| left == 0)
    }

    fn size_hint(&self) -> SizeHint {
        match self.left {
            Some(left) => SizeHint::with_exact(left),
            None if self.pieces.is_done() => SizeHint::with_exact(0),
            None => SizeHint::default(),
        }
    }
}
