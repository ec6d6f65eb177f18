//! A reading end of compressed bytes as a stream of the plain ones.

use std::{
    io::{self, IoSliceMut},
    task::{Context, Poll, ready},
};

use flate2::{Decompress, FlushDecompress, Status};
use headpond_pipe::{PipeRead, PollBudget, ReadCanceller};
use headpond_pool::SharedError;

use super::{Format, InflateError, format::GZIP_MAGIC};
use crate::{
    byte_reader::consume,
    error,
    stream::{ReadPieces, ReadStream},
};

/// What input counts for that makes no output, in bytes at the least.
const IN_VAIN: usize = PollBudget::BYTES / 32;

/// A reading end, and what inflates its bytes.
pub(super) struct Inflater<R> {
    pub(super) inner: R,
    pub(super) limit: Option<u64>,
    pub(super) single: bool,
    /// Of what is read into: a cancellation met below goes there.
    pub(super) canceller: Option<ReadCanceller>,
    format: Format,
    decompress: Decompress,
    stage: Stage,
    /// All bytes inflated, of every member.
    made: u64,
    /// The last call filled what it was offered: more may come of no input.
    full: bool,
    /// How much input is taken before others get their turn: it may go on for ever and make nothing.
    budget: PollBudget,
    /// Met behind bytes that are to be read first.
    fault: Option<InflateError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Inside,
    /// Behind a member, or the whole of it.
    Between,
    Ended,
}

impl<R> Inflater<R> {
    pub(super) fn new(inner: R, format: Format) -> Self {
        Self {
            inner,
            limit: None,
            single: false,
            canceller: None,
            format,
            decompress: format.decompress(),
            stage: Stage::Inside,
            made: 0,
            full: false,
            budget: PollBudget::new(),
            fault: None,
        }
    }
}

impl<R: PipeRead> Inflater<R> {
    /// Waits for `bytes` of input. Whether there are so many: the source may end before.
    fn poll_input(&mut self, cx: &mut Context<'_>, bytes: usize) -> Poll<io::Result<bool>> {
        while self.inner.buffer().len() < bytes {
            let status = ready!(self.inner.poll_read(cx, bytes)).map_err(error::of_read)?;
            if status.is_cancelled() {
                // Not an error, by which all would be over: what is read into shows the cancellation, and goes on after it.
                self.canceller.iter().for_each(ReadCanceller::cancel);
                return Poll::Pending;
            }
            if status.checked(self.inner.buffer().len(), bytes).map_err(error::of_read)?.is_finished() {
                break;
            }
        }
        Poll::Ready(Ok(self.inner.buffer().len() >= bytes))
    }

    /// Inflates from one stretch of input once. How many bytes were made.
    fn inflate(&mut self, memory: &mut [u8]) -> usize {
        let left = self.limit.map(|limit| limit.saturating_sub(self.made));
        // With nothing left, one byte shows whether there is more.
        let mut beyond = [0];
        let offered = match left {
            Some(0) => &mut beyond[..],
            Some(left) => {
                let most = usize::try_from(left).unwrap_or(usize::MAX).min(memory.len());
                &mut memory[..most]
            }
            None => memory,
        };
        let (before_in, before_out) = (self.decompress.total_in(), self.decompress.total_out());
        let input = self.inner.buffer().first_chunk();
        let input = &input[..input.len().min(self.budget.left())];
        let refused = self.format.refused(before_in, input);
        let bytes = refused.as_ref().map_or(input, |refused| &refused[..]);
        let outcome = self.decompress.decompress(bytes, offered, FlushDecompress::None);
        let taken = input.len().min((self.decompress.total_in() - before_in) as usize);
        let made = (self.decompress.total_out() - before_out) as usize;
        self.full = made == offered.len();
        consume(&mut self.inner, taken);
        self.budget.spend(if made == 0 { IN_VAIN.max(taken) } else { taken });
        if let (Some(0), Some(limit), true) = (left, self.limit, made > 0) {
            self.fault = Some(InflateError::TooLong { limit });
            return 0;
        }
        self.made += made as u64;
        match outcome {
            Ok(Status::StreamEnd) => self.stage = Stage::Between,
            Ok(_) => {}
            Err(error) => self.fault = Some(InflateError::Corrupt(error)),
        }
        made
    }

    /// Looks for what stands behind the end of a member.
    fn poll_next_member(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.single || !ready!(self.poll_input(cx, 1))? {
            self.stage = Stage::Ended;
            return Poll::Ready(Ok(()));
        }
        if self.format != Format::Gzip {
            return Poll::Ready(Err(InflateError::TrailingData.into()));
        }
        for len in 1..=GZIP_MAGIC.len() {
            // A byte at a time: what is wrong with the first is told though the second never comes.
            let begins = ready!(self.poll_input(cx, len))? && {
                let buffer = self.inner.buffer();
                buffer.slice(..buffer.start() + len) == GZIP_MAGIC[..len]
            };
            if !begins {
                return Poll::Ready(Err(InflateError::TrailingData.into()));
            }
        }
        self.decompress = self.format.decompress();
        (self.stage, self.full) = (Stage::Inside, false);
        Poll::Ready(Ok(()))
    }
}

impl<R: PipeRead> ReadStream for Inflater<R> {
    fn poll_read(&mut self, cx: &mut Context<'_>, memory: &mut [u8]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.budget.poll(cx));
            if let Some(fault) = self.fault.take() {
                return Poll::Ready(Err(fault.into()));
            }
            match self.stage {
                Stage::Inside => {
                    if !self.full && !ready!(self.poll_input(cx, 1))? {
                        return Poll::Ready(Err(InflateError::Truncated.into()));
                    }
                    let made = self.inflate(memory);
                    if made > 0 {
                        return Poll::Ready(Ok(made));
                    }
                }
                Stage::Between => ready!(self.poll_next_member(cx))?,
                Stage::Ended => return Poll::Ready(Ok(0)),
            }
        }
    }

    fn withdraw(&mut self) {
        self.inner.withdraw();
    }

    fn close(&mut self, error: Option<SharedError>) {
        self.inner.close(error);
    }
}

impl<R: PipeRead> ReadPieces for Inflater<R> {
    const VECTORED: bool = false;

    fn poll_read_pieces(&mut self, cx: &mut Context<'_>, pieces: &mut [IoSliceMut<'_>]) -> Poll<io::Result<usize>> {
        let Some(first) = pieces.first_mut() else { return Poll::Ready(Ok(0)) };
        self.poll_read(cx, first)
    }
}
