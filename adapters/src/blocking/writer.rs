//! A writing end as a `Write`.

use std::{
    io::{self, IoSlice, Write},
    task::{Context, Poll},
    time::Duration,
};

use headpond_pipe::{PipeWrite, Writer};
use headpond_pool::WritableBuffer;

use super::wait::Wait;
use crate::{byte_writer::ByteWriter, error};

/// A writing end of a pipe as a [`Write`], for a thread that may wait.
///
/// A write waits while the pipe is paused, and for memory; then it copies up to 64 KiB and publishes them at once. A flush
/// waits for back-pressure, and lets go of the block being filled. [`finish`](Self::finish) ends the stream; dropped
/// without, it ends as the pipe's options say, which is with an error by default. Errors are those of the
/// [crate](crate#errors)'s table, and [`TimedOut`](io::ErrorKind::TimedOut): see the [module](super#timeouts).
///
/// Over an end that pays by the flush, such as a `DeflateWriter` or the writer of a TLS session, and where it is [asked for](Self::gathering), a write gathers instead:
/// the bytes wait for the flush, for the end, or for 64 KiB of them. Over an end that writes to a stream, such as a
/// `SinkWriter`, a write sends what the stream takes, and the rest waits for the next call: flush before you wait for an answer.
/// In a [`Duplex`](crate::Duplex) the reading half sees to both.
///
/// [`reserve`](Self::reserve) hands out memory to write in place, and waits as a write does.
#[derive(Debug)]
pub struct BlockingWriter<W = Writer> {
    inner: ByteWriter<W>,
    wait: Wait,
}

impl<W: PipeWrite> BlockingWriter<W> {
    /// Writes to `inner`.
    pub fn new(inner: W) -> Self {
        Self::over(ByteWriter::new(inner))
    }

    pub(crate) fn over(inner: ByteWriter<W>) -> Self {
        Self { inner, wait: Wait::default() }
    }

    /// How long one call may wait; `None`, as it is at first, for as long as it takes.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.wait.set_timeout(timeout);
    }

    /// How long one call may wait.
    pub fn timeout(&self) -> Option<Duration> {
        self.wait.timeout()
    }

    /// Publishes what was put in place before, waits while the pipe is paused, and waits for `max(min, 1)` bytes of memory to write
    /// into: what is [advanced](WritableBuffer::advance) by is published by the next call.
    ///
    /// # Errors
    ///
    /// When the reader is gone or the stream has ended; when the wait was cancelled, or takes longer than the
    /// [timeout](Self::set_timeout); at once when waiting cannot help, with a [`PoolError`](headpond_pool::PoolError) inside, since
    /// more is asked for than the budget can ever give (`TooLarge`), or the source of blocks is spent and none that is
    /// waited for (`Exhausted`).
    ///
    /// # Examples
    ///
    /// ```
    /// use headpond_adapters::blocking::BlockingWriteExt;
    /// use headpond_pipe::{Pipe, PipeOptions};
    /// use headpond_pool::Pool;
    ///
    /// let Pipe { writer, mut reader } = Pipe::new(&PipeOptions::new(Pool::new()));
    /// let mut writer = writer.into_blocking();
    /// let mut memory = writer.reserve(4)?;
    /// memory[..4].copy_from_slice(b"pond");
    /// memory.advance(4);
    /// writer.finish()?;
    /// assert_eq!(reader.peek(), b"pond"[..]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn reserve(&mut self, min: usize) -> io::Result<WritableBuffer<'_>> {
        self.wait(|inner, cx| inner.poll_room_in_place(cx, min))?;
        self.inner.get_mut().reserve(min).map_err(error::of_write)
    }

    /// Publishes everything written and ends the stream cleanly.
    ///
    /// # Errors
    ///
    /// When the reader is gone, the stream was aborted, or what stands behind the end fails or takes too long.
    pub fn finish(&mut self) -> io::Result<()> {
        self.wait(ByteWriter::poll_finish)
    }

    /// Has writes gather until a flush, the end or 64 KiB, whatever the end is: for one whose stream pays by the flush, or by the
    /// call, as a compressor or TLS of another crate does, which this one cannot know.
    #[must_use]
    pub fn gathering(mut self) -> Self {
        self.inner.gather();
        self
    }

    /// The end, with everything that was written. That a cancellation met the last write is forgotten.
    pub fn into_inner(self) -> W {
        self.inner.into_inner()
    }

    /// The end.
    pub fn get_ref(&self) -> &W {
        self.inner.get_ref()
    }

    /// The end.
    pub fn get_mut(&mut self) -> &mut W {
        self.inner.get_mut()
    }

    pub(super) fn as_bytes(&mut self) -> &mut ByteWriter<W> {
        &mut self.inner
    }

    fn wait<T>(
        &mut self,
        mut poll: impl FnMut(&mut ByteWriter<W>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> io::Result<T> {
        let inner = &mut self.inner;
        match self.wait.until(|cx| poll(inner, cx)) {
            Ok(outcome) => outcome,
            Err(timed_out) => {
                // Its turn for memory is passed on, and it is woken for nothing it does not wait for.
                self.inner.get_mut().withdraw();
                Err(timed_out.into())
            }
        }
    }
}

impl<W: PipeWrite> Write for BlockingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.wait(|inner, cx| inner.poll_write(cx, pieces))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.wait(ByteWriter::poll_flush)
    }
}
