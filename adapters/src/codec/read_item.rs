//! One item at a time off a reading end, awaited.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use headpond_codec::Decoder;
use headpond_pipe::{PipeRead, PollBudget};

use super::ReadItemError;

/// Items off any [`PipeRead`], without a stream in between.
pub trait ReadItemExt: PipeRead {
    /// Waits for the next item that `decoder` finds, and consumes it; `None` once the stream has ended behind an item.
    ///
    /// The decoder's items must be owned, which [`Decoder::map`] makes them. It waits for as many bytes as the decoder
    /// asks for, so that an item of a known length costs one wake-up, and a length that the end may not hold is an error
    /// at once.
    ///
    /// # Errors
    ///
    /// See [`ReadItemError`]. Nothing is consumed then, and nothing is lost: a cancelled read is simply made again, and
    /// whoever knows where to go on after bytes that are no item consumes them, [resets](Decoder::reset) the decoder, and reads on.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: bytes are consumed when their item is given out, and not before.
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_adapters::codec::ReadItemExt;
    /// use headpond_codec::{Decoder, line::LineDecoder};
    /// # use headpond_pipe::{Pipe, PipeOptions};
    ///
    /// # futures_lite::future::block_on(async {
    /// # let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&headpond_pool::Pool::new()));
    /// # writer.write(b"one\ntwo\n")?;
    /// # writer.finish()?;
    /// let mut decoder = LineDecoder::new().map(|line| line.to_vec());
    /// let mut lines = Vec::new();
    /// while let Some(line) = reader.read_item(&mut decoder).await? {
    ///     lines.push(line);
    /// }
    /// assert_eq!(lines, [b"one", b"two"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn read_item<'a, D, O>(&'a mut self, decoder: &'a mut D) -> ReadItem<'a, Self, D>
    where
        D: for<'i> Decoder<Item<'i> = O>,
    {
        ReadItem { reader: self, decoder, budget: PollBudget::new(), waits: false }
    }
}

impl<R: PipeRead + ?Sized> ReadItemExt for R {}

/// A read of an item under way: see [`ReadItemExt::read_item`].
///
/// Dropping it loses nothing.
#[must_use = "a future does nothing unless awaited"]
pub struct ReadItem<'a, R: PipeRead + ?Sized, D> {
    reader: &'a mut R,
    decoder: &'a mut D,
    budget: PollBudget,
    waits: bool,
}

impl<R, D, O> Future for ReadItem<'_, R, D>
where
    R: PipeRead + ?Sized,
    D: for<'a> Decoder<Item<'a> = O>,
{
    type Output = Result<Option<O>, ReadItemError<D::Error>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let item = poll_item(this.reader, this.decoder, cx, usize::MAX, &mut this.budget);
        this.waits = item.is_pending();
        item
    }
}

impl<R: PipeRead + ?Sized, D> Drop for ReadItem<'_, R, D> {
    fn drop(&mut self) {
        if self.waits {
            self.reader.withdraw();
        }
    }
}

impl<R: PipeRead + ?Sized, D> fmt::Debug for ReadItem<'_, R, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadItem").field("waits", &self.waits).finish_non_exhaustive()
    }
}

/// The next item, of at most `limit` bytes, consumed. Without one everything there is counts as examined: an end that was
/// aborted shows what is not, again and again, before it tells.
///
/// What is buffered is decoded before anything is waited for, whether an earlier poll has seen it or not: the decoder
/// remembers how far it has looked, and so nothing need be remembered here. What is read and what is given is taken off the budget,
/// which is whole again once there is something to wait for.
pub(super) fn poll_item<R, D, O>(
    reader: &mut R,
    decoder: &mut D,
    cx: &mut Context<'_>,
    limit: usize,
    budget: &mut PollBudget,
) -> Poll<Result<Option<O>, ReadItemError<D::Error>>>
where
    R: PipeRead + ?Sized,
    D: for<'a> Decoder<Item<'a> = O>,
{
    let mut is_ended = false;
    loop {
        ready!(budget.poll(cx));
        let buffer = reader.buffer();
        let start = buffer.start();
        let mut items = decoder.items(buffer, is_ended);
        let item = items.next().transpose()?;
        let (consumed, needed) = (items.consumed(), items.needed());
        let len = if item.is_some() { consumed - start } else { buffer.len().saturating_add(needed) };
        if len > limit {
            return Poll::Ready(Err(ReadItemError::TooLong { offset: start.offset(), len, limit }));
        }
        let examined = if item.is_some() { consumed } else { buffer.end() };
        reader.advance_to(consumed, examined);
        budget.spend(consumed - start);
        if item.is_some() || is_ended {
            return Poll::Ready(Ok(item));
        }
        let before = reader.buffer().len();
        let Poll::Ready(read) = reader.poll_read(cx, len) else {
            *budget = PollBudget::new();
            return Poll::Pending;
        };
        let status = read?;
        if status.is_cancelled() {
            return Poll::Ready(Err(ReadItemError::Cancelled));
        }
        let there = reader.buffer().len();
        is_ended = status.checked(there, len.max(before + 1))?.is_finished();
        budget.spend(there - before.min(there));
    }
}
