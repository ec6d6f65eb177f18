//! A reading end as a `Read`.

use std::{
    io::{self, BufRead, IoSliceMut, Read},
    task::{Context, Poll},
    time::Duration,
};

use headpond_pipe::{PipeRead, Reader};

use super::wait::Wait;
use crate::byte_reader::ByteReader;

/// A reading end of a pipe as a [`Read`] and [`BufRead`], for a thread that may wait.
///
/// The latter lends the bytes where they lie; the former copies them. What the end buffers comes first, whether it was
/// examined or not. Errors are those of the [crate](crate#errors)'s table, and
/// [`TimedOut`](io::ErrorKind::TimedOut): see the [module](super#timeouts).
#[derive(Debug)]
pub struct BlockingReader<R = Reader> {
    inner: ByteReader<R>,
    wait: Wait,
}

impl<R: PipeRead> BlockingReader<R> {
    /// Reads from `inner`.
    pub fn new(inner: R) -> Self {
        Self::over(ByteReader::new(inner))
    }

    pub(crate) fn over(inner: ByteReader<R>) -> Self {
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

    /// The end, with everything that was not read.
    pub fn into_inner(self) -> R {
        self.inner.into_inner()
    }

    /// The end.
    pub fn get_ref(&self) -> &R {
        self.inner.get_ref()
    }

    /// The end.
    pub fn get_mut(&mut self) -> &mut R {
        self.inner.get_mut()
    }

    pub(super) fn as_bytes(&mut self) -> &mut ByteReader<R> {
        &mut self.inner
    }

    pub(super) fn wait<T>(
        &mut self,
        mut poll: impl FnMut(&mut ByteReader<R>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> io::Result<T> {
        let inner = &mut self.inner;
        match self.wait.until(|cx| poll(inner, cx)) {
            Ok(outcome) => outcome,
            Err(timed_out) => {
                self.inner.get_mut().withdraw();
                Err(timed_out.into())
            }
        }
    }
}

impl<R: PipeRead> Read for BlockingReader<R> {
    fn read(&mut self, memory: &mut [u8]) -> io::Result<usize> {
        self.read_vectored(&mut [IoSliceMut::new(memory)])
    }

    fn read_vectored(&mut self, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.wait(|inner, cx| inner.poll_read_pieces(cx, pieces))
    }
}

impl<R: PipeRead> BufRead for BlockingReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.wait(ByteReader::poll_fill)?;
        Ok(self.inner.lent())
    }

    /// # Panics
    ///
    /// When fewer bytes are buffered.
    fn consume(&mut self, bytes: usize) {
        self.inner.consume(bytes);
    }
}
