//! A body as a reading end.

use std::{
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Buf;
use headpond_pipe::{PipeOptions, ReadCanceller, Reader};
use headpond_pool::Slice;
use http::HeaderMap;
use http_body::Body;

use crate::{
    feed::{Feed, PieceError, Pieces},
    forward::impl_pipe_read,
};

/// Any [`Body`] as a [`PipeRead`](headpond_pipe::PipeRead): its frames are shown one behind the other where they lie, and the
/// next is taken only when more is asked for, which is what holds back the peer.
///
/// Data in `Bytes`, as hyper gives it, is not copied. The body's end is the end, and [`trailers`](Self::trailers) has what
/// came with it; its error is [`ReadError::Aborted`](headpond_pipe::ReadError::Aborted), behind the bytes before it. After
/// either it is not polled again. A body that is not `Unpin` is pinned first, by `Box::pin` or `std::pin::pin!`. Of the
/// options, `max_unconsumed` matters: no block is rented.
pub struct BodyReader<B>(Feed<Frames<B>>);

/// The body whose frames are pieces.
struct Frames<B> {
    body: B,
    trailers: Option<HeaderMap>,
}

impl<B> BodyReader<B> {
    /// Reads from `body`.
    pub fn new(body: B, options: &PipeOptions) -> Self {
        Self(Feed::new(Frames { body, trailers: None }, options))
    }

    /// The body, and a reader of what was taken from it and not consumed, which ends there.
    pub fn into_parts(self) -> (B, Reader) {
        let (frames, reader) = self.0.into_parts();
        (frames.body, reader)
    }

    /// The trailers, once they have come: behind all the data, so a read that saw the end saw them before.
    pub fn trailers(&self) -> Option<&HeaderMap> {
        self.0.pieces().trailers.as_ref()
    }

    /// The body.
    pub fn get_ref(&self) -> &B {
        &self.0.pieces().body
    }

    /// The body. What is taken from it directly, the reader does not see.
    pub fn get_mut(&mut self) -> &mut B {
        &mut self.0.pieces_mut().body
    }

    /// A handle that cancels reads, from anywhere.
    pub fn canceller(&self) -> ReadCanceller {
        self.0.canceller()
    }
}

impl<B> Pieces for Frames<B>
where
    B: Body + Unpin,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Slice, PieceError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        frame.map(|frame| frame.map(|frame| frame.map(|frame| self.take(frame)).map_err(B::Error::into)))
    }
}

impl<B: Body> Frames<B> {
    /// The data of a frame; none when it is of another kind.
    fn take(&mut self, frame: http_body::Frame<B::Data>) -> Slice {
        match frame.into_data() {
            Ok(mut data) => data.copy_to_bytes(data.remaining()).into(),
            Err(frame) => {
                if let Ok(trailers) = frame.into_trailers() {
                    self.trailers.get_or_insert_default().extend(trailers);
                }
                Slice::new()
            }
        }
    }
}

impl_pipe_read!(
    [B] BodyReader<B>,
    B: Body + Unpin,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
);

impl<B> fmt::Debug for BodyReader<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader").field("feed", &self.0).field("trailers", &self.trailers()).finish()
    }
}
