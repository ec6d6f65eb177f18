//! Copying between ends of pipes: whole blocks move by reference.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use headpond_pipe::{CopyError, CopyTo, PipeRead, PipeReadExt, PipeWrite, PipeWriteExt};

/// What a writing end can do with a reading end.
pub trait CopyFromExt: PipeWrite {
    /// Copies everything from a reader, up to the end of its stream, flushing as it goes: the mirror image of
    /// [`PipeReadExt::copy_to`](headpond_pipe::PipeReadExt::copy_to), with the same contract.
    fn copy_from<'a, R: PipeRead + ?Sized>(&'a mut self, reader: &'a mut R) -> CopyTo<'a, R, Self> {
        reader.copy_to(self)
    }
}

impl<W: PipeWrite + ?Sized> CopyFromExt for W {}

/// Copies everything from a reader to a writer, by reference where the writer links memory in, and finishes the writer.
/// Resolves to the number of bytes moved. As [`copy_to`](PipeReadExt::copy_to), it gives way to other tasks, and notices that nobody
/// reads the destination any more.
///
/// # Errors
///
/// When either end fails, or a read is cancelled. What the writer did not take is still the reader's, and the writer is not
/// finished.
///
/// # Cancel safety
///
/// Dropping the future loses nothing: what the writer has taken is consumed, though perhaps not flushed.
///
/// # Examples
///
/// ```
/// use headpond_pipe::{Pipe, PipeOptions};
/// use headpond_pool::Pool;
///
/// # futures_lite::future::block_on(async {
/// let options = PipeOptions::new(&Pool::new());
/// let (mut first, mut second) = (Pipe::new(&options), Pipe::new(&options));
/// first.writer.write(b"from pipe to pipe")?;
/// first.writer.finish()?;
/// assert_eq!(headpond_adapters::copy(&mut first.reader, &mut second.writer).await?, 17);
/// assert_eq!(second.reader.peek(), "from pipe to pipe");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn copy<R: PipeRead + ?Sized, W: PipeWrite + ?Sized>(
    reader: &mut R,
    writer: &mut W,
) -> Result<u64, CopyError> {
    let copied = reader.copy_to(writer).await?;
    writer.finish_async().await?;
    Ok(copied)
}

/// Copies both ways between two peers, each a reader and a writer: what either says reaches the other, and its end ends the
/// other's stream. Resolves when both have ended, to the bytes moved from `a` to `b`, and from `b` to `a`. Each direction gives way
/// to the other.
///
/// # Errors
///
/// The first failure of either direction, at once, be it that nobody reads a destination any more while both are idle. What was
/// not moved is still its reader's.
///
/// # Cancel safety
///
/// As [`copy`].
pub async fn copy_bidirectional<R, W>(
    a: (&mut (impl PipeRead + ?Sized), &mut W),
    b: (&mut R, &mut (impl PipeWrite + ?Sized)),
) -> Result<(u64, u64), CopyError>
where
    R: PipeRead + ?Sized,
    W: PipeWrite + ?Sized,
{
    let mut there = pin!(copy(a.0, b.1));
    let mut back = pin!(copy(b.0, a.1));
    let (mut sent, mut received) = (None, None);
    poll_fn(|cx| {
        if sent.is_none() {
            if let Poll::Ready(copied) = there.as_mut().poll(cx) {
                sent = Some(copied?);
            }
        }
        if received.is_none() {
            if let Poll::Ready(copied) = back.as_mut().poll(cx) {
                received = Some(copied?);
            }
        }
        match (sent, received) {
            (Some(sent), Some(received)) => Poll::Ready(Ok((sent, received))),
            _ => Poll::Pending,
        }
    })
    .await
}
