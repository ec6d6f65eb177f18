//! Items of a codec over the ends of a pipe, as a stream and a sink.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};
use futures_sink::Sink;
use headpond_codec::{Decoder, Encoder, encode_whole};
use headpond_pipe::{PipeOptions, PipeRead, PipeWrite, PollBudget};
use headpond_pool::WriteError;

use super::{ReadItemError, SendItemError, read_item::poll_item};
use crate::{gathered::Gathered, sync::Arc};

/// A codec over an end of a pipe: over a [`PipeRead`] a [`Stream`] of what its [`Decoder`] decodes, over a [`PipeWrite`] a
/// [`Sink`] of what its [`Encoder`] encodes, and over what is both, such as a [`Duplex`](crate::Duplex), both.
///
/// Bytes are decoded where they arrived, and encoded where they will be sent from. A stream gives out what outlives its
/// buffer, so the decoder's items must be owned: [`Decoder::map`] makes them of borrowed ones, and can do so without a
/// copy. Over a decoder whose items borrow there is no stream, and no hint of it but a missing method `next`.
/// [`Codec`](headpond_codec::Codec) joins a decoder and an encoder.
///
/// # The stream
///
/// An item is consumed when it is given out. The end of the stream within an item, bytes that are none, an item longer than
/// the decoder or [`max_len`](Self::max_len) allows, and an error of the end behind the last item, are the last that the stream
/// gives; a cancelled read is an error after which it goes on. The bytes of the item that was not given stay with the end:
/// whoever knows where the next one begins consumes up to there, and [resumes](Self::resume). It gives way to other tasks now and
/// then, however much there is: see [`PollBudget`].
///
/// # The sink
///
/// What was sent is published by a flush, or once 64 KiB have gathered: then the sink is ready again when back-pressure lets
/// it, and when there is memory for the next item, as much as [`room`](Self::room) says. [Closing](Self::close) finishes the
/// end; dropped without, it ends as its options say.
///
/// An item that fails to be encoded, or whose encoder panics, leaves nothing behind, and the sink goes on; unless a part of it was
/// written and the end cannot take it back, being no writer of a pipe: then nothing that makes sense could follow, and the end is
/// aborted with the error.
///
/// # Cancel safety
///
/// A future that waits for the next item, or for the sink, can be dropped at any time: bytes of half an item stay with the
/// end, and an item given to the sink stays with it.
///
/// # Examples
///
/// Lines one way, and whatever knows its form the other:
///
/// ```
/// use futures_util::{SinkExt, StreamExt};
/// use headpond_adapters::{codec::Framed, duplex};
/// use headpond_codec::{Codec, Decoder, Plain, line::LineDecoder, number::Decimal};
/// use headpond_pipe::PipeOptions;
/// use headpond_pool::Pool;
///
/// # futures_lite::future::block_on(async {
/// let (client, server) = duplex(&PipeOptions::new(&Pool::new()));
/// // `map` has the items owned.
/// let codec = || Codec { decoder: LineDecoder::new().map(|line| line.to_vec()), encoder: Plain };
/// let (mut client, mut server) = (Framed::new(client, codec()), Framed::new(server, codec()));
/// client.send("how many fathoms?\n").await?;
/// client.close().await?;
/// while let Some(line) = server.next().await {
///     server.send((Decimal(line?.len()), '\n')).await?;
/// }
/// server.close().await?;
/// assert_eq!(client.next().await.ok_or("no answer")??, b"17");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Framed<T, C> {
    end: T,
    codec: C,
    max_len: usize,
    room: usize,
    /// The stream has given its last.
    is_done: bool,
    /// Who asks may go on as long as there are items: so the stream waits now and then.
    budget: PollBudget,
    gathered: Gathered,
}

impl<T, C> Framed<T, C> {
    /// Items of `codec` over `end`, as long as the codec and the end allow.
    pub fn new(end: T, codec: C) -> Self {
        let (budget, gathered) = (PollBudget::new(), Gathered::up_to(PipeOptions::DEFAULT_PAUSE_THRESHOLD));
        Self { end, codec, max_len: usize::MAX, room: 1, is_done: false, budget, gathered }
    }

    /// Says how many bytes of the stream an item may take: one that is longer is refused as soon as that is known, which is
    /// before anything is gathered when it says how long it is.
    #[must_use]
    pub fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }

    /// Says how many bytes of memory the sink waits for, in turn with others, before it is ready for an item: at least one. An
    /// item that takes no more in one piece never fails for want of memory.
    #[must_use]
    pub fn room(mut self, bytes: usize) -> Self {
        self.room = bytes.max(1);
        self
    }

    /// The end.
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

    /// The end and the codec. Nothing stands between them: what was not given out is the end's, and so is what was sent.
    pub fn into_parts(self) -> (T, C) {
        (self.end, self.codec)
    }
}

impl<T, C: Decoder> Framed<T, C> {
    /// Has the stream go on after its last, with whatever is unconsumed then. The decoder is [reset](Decoder::reset).
    pub fn resume(&mut self) {
        self.codec.reset();
        self.is_done = false;
    }
}

impl<T, C, O> Stream for Framed<T, C>
where
    T: PipeRead + Unpin,
    C: for<'a> Decoder<Item<'a> = O> + Unpin,
{
    type Item = Result<O, ReadItemError<C::Error>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.is_done {
            return Poll::Ready(None);
        }
        let item = ready!(poll_item(&mut this.end, &mut this.codec, cx, this.max_len, &mut this.budget));
        this.is_done = match &item {
            Ok(item) => item.is_none(),
            Err(error) => !error.is_passing(),
        };
        Poll::Ready(item.transpose())
    }
}

impl<T, C, O> FusedStream for Framed<T, C>
where
    T: PipeRead + Unpin,
    C: for<'a> Decoder<Item<'a> = O> + Unpin,
{
    fn is_terminated(&self) -> bool {
        self.is_done
    }
}

impl<T: PipeWrite, C> Framed<T, C> {
    /// Publishes what was sent, and waits for back-pressure.
    ///
    /// It is what `SinkExt::flush` does, which has to be told the type of an item where the encoder takes items of several types.
    ///
    /// # Errors
    ///
    /// When the end fails, or a canceller ends the wait.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future un-publishes nothing.
    pub async fn flush(&mut self) -> Result<(), SendItemError> {
        Ok(poll_fn(|cx| self.gathered.poll_flush(&mut self.end, cx)).await?)
    }

    /// Publishes what was sent, and finishes the end.
    ///
    /// It is what `SinkExt::close` does, which has to be told the type of an item where the encoder takes items of several types.
    ///
    /// # Errors
    ///
    /// When the end fails.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing; called again, it goes on.
    pub async fn close(&mut self) -> Result<(), SendItemError> {
        Ok(poll_fn(|cx| self.end.poll_finish(cx)).await?)
    }

    /// Up to where the stream was written.
    fn written(&mut self) -> Result<u64, WriteError> {
        // A prefix of no bytes takes no memory, and knows where it stands.
        Ok(self.end.reserve_prefix(0)?.position())
    }
}

impl<T, C, I> Sink<I> for Framed<T, C>
where
    T: PipeWrite + Unpin,
    C: Encoder<I> + Unpin,
{
    type Error = SendItemError;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SendItemError>> {
        let this = self.get_mut();
        ready!(this.gathered.poll_ready(&mut this.end, cx))?;
        this.gathered.poll_room(&mut this.end, cx, this.room).map_err(SendItemError::from)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), SendItemError> {
        let this = self.get_mut();
        let before = this.written()?;
        let codec = &mut this.codec;
        let encoded = encode_whole(&mut this.end, |end| codec.encode(item, end));
        let len = this.written()?.saturating_sub(before);
        match encoded {
            Ok(()) => this.gathered.add(usize::try_from(len).unwrap_or(usize::MAX)),
            Err(error) => {
                if len > 0 {
                    this.end.abort(Arc::new(error.clone()));
                }
                return Err(error.into());
            }
        }
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SendItemError>> {
        let this = self.get_mut();
        this.gathered.poll_flush(&mut this.end, cx).map_err(SendItemError::from)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SendItemError>> {
        self.get_mut().end.poll_finish(cx).map_err(SendItemError::from)
    }
}
