//! The pipe: both ends, and the way back to a new one.

use std::fmt;

use crate::{core::Core, options::PipeOptions, reader::Reader, sync::Arc, writer::Writer};

/// A pipe is both its ends. It has a direction: bytes go in at the writer and come out at the reader. Two directions take two
/// pipes.
///
/// # Examples
///
/// ```
/// use headpond_pipe::{Pipe, PipeOptions};
/// use headpond_pool::Pool;
///
/// let pool = Pool::new();
/// let options = PipeOptions::new(&pool);
/// let Pipe { mut writer, mut reader } = Pipe::new(&options);
/// writer.write(b"hello")?;
/// # let _ = writer.poll_flush(&mut std::task::Context::from_waker(std::task::Waker::noop()));
/// assert_eq!(reader.peek(), b"hello"[..]);
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
#[derive(Debug)]
pub struct Pipe {
    /// Where bytes go in.
    pub writer: Writer,
    /// Where they come out.
    pub reader: Reader,
}

impl Pipe {
    /// A new pipe.
    pub fn new(options: &PipeOptions) -> Self {
        Self::over(Arc::new(Core::new(options.clone())))
    }

    /// Its two ends.
    pub fn split(self) -> (Writer, Reader) {
        (self.writer, self.reader)
    }

    /// The equivalent of a new pipe with the same options. Cancellers of the old one do nothing to it.
    ///
    /// # Errors
    ///
    /// When the two ends are not of one pipe, or either has not ended; both are handed back.
    pub fn reset(self) -> Result<Self, ResetError> {
        let reason = if !Arc::ptr_eq(self.writer.core(), self.reader.core()) {
            Reason::Strangers
        } else if !self.writer.has_ended() {
            Reason::WriterOpen
        } else if !self.reader.has_closed() {
            Reason::ReaderOpen
        } else {
            let core = Arc::clone(self.writer.core());
            drop(self);
            return Ok(Self::over(Core::renew(core)));
        };
        Err(ResetError { pipe: Box::new(self), reason })
    }

    fn over(core: Arc<Core>) -> Self {
        Self { writer: Writer::new(Arc::clone(&core)), reader: Reader::new(core) }
    }
}

/// Why a pipe could not be reset, with its ends as they were. Two are equal when the reason is the same.
#[derive(thiserror::Error)]
#[error("the pipe cannot be reset: {reason}")]
pub struct ResetError {
    pipe: Box<Pipe>,
    reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("the ends belong to different pipes")]
    Strangers,
    #[error("the writer has neither finished nor aborted")]
    WriterOpen,
    #[error("the reader is not closed")]
    ReaderOpen,
}

impl ResetError {
    /// The two ends.
    pub fn into_pipe(self) -> Pipe {
        *self.pipe
    }
}

impl PartialEq for ResetError {
    fn eq(&self, other: &Self) -> bool {
        self.reason == other.reason
    }
}

impl Eq for ResetError {}

impl fmt::Debug for ResetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResetError").field("reason", &self.reason).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use headpond_pool::Pool;

    use super::*;

    fn ended() -> Pipe {
        let mut pipe = Pipe::new(&PipeOptions::new(Pool::new()));
        assert!(pipe.writer.finish().is_ok());
        pipe.reader.close();
        pipe
    }

    #[test]
    fn a_reset_uses_the_core_again_unless_a_canceller_still_holds_it() {
        let pipe = ended();
        let core = Arc::as_ptr(pipe.writer.core());
        assert!(pipe.reset().is_ok_and(|pipe| Arc::as_ptr(pipe.writer.core()) == core));

        let pipe = ended();
        let (core, canceller) = (Arc::as_ptr(pipe.writer.core()), pipe.reader.canceller());
        assert!(pipe.reset().is_ok_and(|pipe| Arc::as_ptr(pipe.writer.core()) != core));
        drop(canceller);
    }
}
