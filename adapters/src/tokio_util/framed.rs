//! Frames of a codec over the ends of a pipe.

use std::{
    io, mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::BytesMut;
use futures_core::Stream;
use futures_sink::Sink;
use headpond_pipe::{PipeRead, PipeWrite, PollBudget, ReadError};
use headpond_pool::{Slice, WriteError};
use tokio_util::codec::{Decoder, Encoder};

use crate::{byte_reader, error, gathered::Gathered};

/// How many bytes of frames may gather before the sink is flushed by itself: as `tokio_util` has it.
const MAX_UNFLUSHED: usize = 8 * 1024;

/// How many bytes are taken from the end at once, to be copied for the decoder.
const MOST_TAKEN: usize = 64 * 1024;

/// Frames of at most so many bytes are copied into the pipe's block; longer ones are linked in, which costs two allocations.
const MAX_COPIED: usize = 1024;

/// A codec over an end of a pipe: over a [`PipeRead`] a [`Stream`] of what its [`Decoder`] decodes, over a [`PipeWrite`] a
/// [`Sink`] of what its [`Encoder`] encodes, and over what is both, such as a [`Duplex`](crate::Duplex), both.
///
/// It takes the place of `tokio_util::codec::{Framed, FramedRead, FramedWrite}`, and treats a codec as they do: after an
/// error of the decoder, or a cancelled read, the stream ends once, and goes on if it is polled again. Once the pipe has ended,
/// or failed, it has ended for good, behind the error if there is one. Bytes are copied once on their way to the decoder, which
/// wants them contiguous. The stream gives way to other tasks now and then, however much there is: see [`PollBudget`].
///
/// Closing the sink finishes the end; dropped without, it ends as its options say.
///
/// # Cancel safety
///
/// A future that waits for the next frame, or for the sink, can be dropped at any time: bytes of half a frame stay for the
/// next, and a frame given to the sink stays with it. A frame that fails to be encoded leaves nothing behind, nor does one whose codec panics.
#[derive(Debug)]
pub struct Framed<T, C> {
    end: T,
    codec: C,
    /// Taken from the end and not decoded.
    undecoded: BytesMut,
    reading: Reading,
    /// Who asks may go on as long as there are frames: so the stream waits now and then.
    budget: PollBudget,
    /// Where frames are encoded; empty in between.
    encoded: BytesMut,
    gathered: Gathered,
}

/// What a [`Framed`] is made of: see [`Framed::into_parts`].
#[derive(Debug)]
#[non_exhaustive]
pub struct FramedParts<T, C> {
    /// The end.
    pub end: T,
    /// The codec.
    pub codec: C,
    /// What was taken from the end and not decoded.
    pub undecoded: BytesMut,
}

/// What the decoder is to be asked, or what is to be done before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// It has seen everything and wants more; or nothing has come yet.
    Waiting,
    /// There is something it has not seen, or the end.
    Decoding { ended: bool },
    /// It has failed, or the read was cancelled: that is to look like the end, once.
    Failed { ended: bool },
    /// The end has failed, or has given its last.
    Over,
}

impl<T, C> FramedParts<T, C> {
    /// Parts from elsewhere.
    pub fn new(end: T, codec: C, undecoded: BytesMut) -> Self {
        Self { end, codec, undecoded }
    }
}

impl<T, C> Framed<T, C> {
    /// Frames of `codec` over `end`.
    pub fn new(end: T, codec: C) -> Self {
        Self {
            end,
            codec,
            undecoded: BytesMut::new(),
            reading: Reading::Waiting,
            budget: PollBudget::new(),
            encoded: BytesMut::new(),
            gathered: Gathered::up_to(MAX_UNFLUSHED),
        }
    }

    /// As [`new`](Self::new), going on where another left off.
    pub fn from_parts(parts: FramedParts<T, C>) -> Self {
        let FramedParts { end, codec, undecoded } = parts;
        let reading = if undecoded.is_empty() { Reading::Waiting } else { Reading::Decoding { ended: false } };
        Self { undecoded, reading, ..Self::new(end, codec) }
    }

    /// The end, the codec, and what stands between them: what was sent and not flushed is written to the end, and what was
    /// taken from it and not decoded is handed out.
    pub fn into_parts(self) -> FramedParts<T, C> {
        FramedParts { end: self.end, codec: self.codec, undecoded: self.undecoded }
    }

    /// The end. What was taken from it and not decoded is [`undecoded`](Self::undecoded).
    pub fn get_ref(&self) -> &T {
        &self.end
    }

    /// The end.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.end
    }

    /// The codec.
    pub fn codec(&self) -> &C {
        &self.codec
    }

    /// The codec.
    pub fn codec_mut(&mut self) -> &mut C {
        &mut self.codec
    }

    /// What was taken from the end and not decoded.
    pub fn undecoded(&self) -> &BytesMut {
        &self.undecoded
    }
}

impl<T: PipeRead, C: Decoder> Framed<T, C> {
    /// Waits for bytes, or the end, and takes what there is, but not too much at once.
    fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let filled = byte_reader::poll_fill(&mut self.end, cx);
        if filled.is_pending() {
            self.budget = PollBudget::new();
            if self.undecoded.is_empty() {
                // An idle stream does not keep the memory of its longest frame.
                self.undecoded = BytesMut::new();
            }
        }
        ready!(filled)?;
        let (start, mut left) = (self.end.buffer().start(), self.end.buffer().len().min(MOST_TAKEN));
        self.undecoded.reserve(left);
        let taken = byte_reader::take(&mut self.end, |chunk| {
            let n = chunk.len().min(left);
            self.undecoded.extend_from_slice(&chunk[..n]);
            left -= n;
            n
        });
        if self.end.buffer().start() != start + taken {
            return Poll::Ready(Err(error::of_read(ReadError::NoProgress)));
        }
        Poll::Ready(Ok(taken))
    }

    fn decode(&mut self, ended: bool) -> Result<Option<C::Item>, C::Error> {
        let before = self.undecoded.len();
        let decoded =
            if ended { self.codec.decode_eof(&mut self.undecoded) } else { self.codec.decode(&mut self.undecoded) };
        self.budget.spend(before.saturating_sub(self.undecoded.len()));
        decoded
    }
}

impl<T: PipeRead + Unpin, C: Decoder + Unpin> Stream for Framed<T, C> {
    type Item = Result<C::Item, C::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            ready!(this.budget.poll(cx));
            match this.reading {
                Reading::Over => return Poll::Ready(None),
                Reading::Failed { ended } => {
                    this.reading = if ended { Reading::Over } else { Reading::Waiting };
                    return Poll::Ready(None);
                }
                Reading::Decoding { ended } => match this.decode(ended) {
                    Ok(Some(frame)) => return Poll::Ready(Some(Ok(frame))),
                    Ok(None) => this.reading = if ended { Reading::Over } else { Reading::Waiting },
                    Err(error) => {
                        this.reading = Reading::Failed { ended };
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                Reading::Waiting => match ready!(this.poll_take(cx)) {
                    Ok(taken) => {
                        this.budget.spend(taken);
                        this.reading = Reading::Decoding { ended: taken == 0 };
                    }
                    Err(error) => {
                        this.reading = Reading::Failed { ended: !error::is_cancelled(&error) };
                        return Poll::Ready(Some(Err(error.into())));
                    }
                },
            }
        }
    }
}

impl<T: PipeWrite, C> Framed<T, C> {
    /// Writes out the frame just encoded.
    fn put(&mut self) -> io::Result<()> {
        let len = self.encoded.len();
        self.gathered.add(len);
        if len <= MAX_COPIED {
            match self.end.write(&self.encoded) {
                // A frame can do without the pool.
                Err(WriteError::Pool(_)) => {}
                outcome => {
                    self.encoded.clear();
                    return outcome.map_err(error::of_write);
                }
            }
        }
        let frame = mem::take(&mut self.encoded).freeze();
        self.end.append(Slice::from(frame)).map_err(error::of_write)
    }
}

impl<T, C, I> Sink<I> for Framed<T, C>
where
    T: PipeWrite + Unpin,
    C: Encoder<I> + Unpin,
{
    type Error = C::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        let this = self.get_mut();
        this.gathered.poll_ready(&mut this.end, cx).map_err(|error| error::of_flush(error).into())
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), C::Error> {
        let this = self.get_mut();
        // Taken out meanwhile: half a frame goes with it, when the codec fails or panics.
        let mut encoded = mem::take(&mut this.encoded);
        this.codec.encode(item, &mut encoded)?;
        this.encoded = encoded;
        Ok(this.put()?)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        let this = self.get_mut();
        this.gathered.poll_flush(&mut this.end, cx).map_err(|error| error::of_flush(error).into())
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.get_mut().end.poll_finish(cx).map_err(|error| error::of_flush(error).into())
    }
}
