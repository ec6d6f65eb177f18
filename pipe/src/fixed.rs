//! Memory that is already there, as a reading end.

use std::task::{Context, Poll};

use headpond_pool::{Position, Sequence, SequenceBuf, SharedError};

use crate::{
    error::ReadError,
    read::{PipeRead, ReadStatus},
};

/// A reader over bytes that are all there: a message received whole, a file mapped into memory, a test's input.
///
/// # Examples
///
/// ```
/// use headpond_pipe::{FixedReader, PipeRead};
/// use headpond_pool::{SequenceBuf, Slice};
///
/// let mut reader = FixedReader::new(SequenceBuf::from_iter([Slice::from("one "), Slice::from("two")]));
/// assert!(reader.try_read()?.is_some_and(|status| status.is_finished()));
/// assert_eq!(reader.buffer(), b"one two"[..]);
/// # Ok::<(), headpond_pipe::ReadError>(())
/// ```
#[derive(Debug, Default)]
pub struct FixedReader {
    chain: SequenceBuf,
    closed: bool,
}

impl FixedReader {
    /// A reader over `bytes`: anything that makes a chain of slices.
    pub fn new(bytes: impl Into<SequenceBuf>) -> Self {
        Self { chain: bytes.into(), closed: false }
    }

    /// What is not consumed.
    pub fn into_inner(self) -> SequenceBuf {
        self.chain
    }
}

impl PipeRead for FixedReader {
    fn poll_read(&mut self, _: &mut Context<'_>, _: usize) -> Poll<Result<ReadStatus, ReadError>> {
        Poll::Ready(if self.closed { Err(ReadError::Closed) } else { Ok(ReadStatus::new(true, false)) })
    }

    fn try_read(&mut self) -> Result<Option<ReadStatus>, ReadError> {
        if self.closed { Err(ReadError::Closed) } else { Ok(Some(ReadStatus::new(true, false))) }
    }

    fn buffer(&self) -> Sequence<'_> {
        self.chain.as_sequence()
    }

    fn advance_to(&mut self, consumed: Position, examined: Position) {
        let (start, end) = (self.chain.start(), self.chain.end());
        assert!(
            start <= consumed && consumed <= examined && examined <= end,
            "cannot advance to consumed {consumed}, examined {examined}: the buffer is {start}..{end}"
        );
        self.chain.consume(consumed - start);
    }

    fn close(&mut self, _: Option<SharedError>) {
        self.chain.clear();
        self.closed = true;
    }
}
