//! A writing end that takes compressed bytes as a stream of the plain ones.

use std::{
    io::{self, IoSlice},
    task::{Context, Poll, ready},
};

use flate2::{Compress, FlushCompress, Status};
use headpond_pipe::PipeWrite;
use headpond_pool::SharedError;

use crate::{error, stream::WriteStream};

/// How much memory a flush needs at once. With 6 bytes or fewer it cannot tell whether it has written all of its mark, and writes
/// another, for ever.
const LEAST_OF_A_FLUSH: usize = 8;

/// A writing end, and what deflates for it. That others get their turn is seen to by what it is written by, which offers no more
/// than a poll is to take.
pub(super) struct Deflater<W> {
    pub(super) inner: W,
    compress: Compress,
    /// The last call filled the memory it was given: more may be inside, and what there is is to be published.
    full: bool,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Bytes were taken, and may be inside.
    Open,
    /// All that were taken are in the end below.
    Synced,
    /// So is the end of the stream.
    Ended,
}

impl<W> Deflater<W> {
    pub(super) fn new(inner: W, compress: Compress) -> Self {
        Self { inner, compress, full: false, stage: Stage::Open }
    }
}

impl<W: PipeWrite> Deflater<W> {
    /// Deflates once, into one stretch of the end's memory. How many bytes were taken, and how it stands.
    fn poll_deflate(
        &mut self,
        cx: &mut Context<'_>,
        input: &[u8],
        flush: FlushCompress,
    ) -> Poll<io::Result<(usize, Status)>> {
        if self.full {
            // Before memory is asked for: it may have to come back from the reader.
            ready!(self.inner.poll_flush(cx)).map_err(error::of_flush)?;
            self.full = false;
        }
        let least = if flush == FlushCompress::Sync { LEAST_OF_A_FLUSH } else { 1 };
        ready!(self.inner.poll_reserve(cx, least)).map_err(error::of_write)?;
        let memory = self.inner.reserve(least).and_then(|memory| memory.at_least(least));
        let mut memory = memory.map_err(error::of_write)?;
        let offered = memory.len();
        let (before_in, before_out) = (self.compress.total_in(), self.compress.total_out());
        let outcome = self.compress.compress(input, &mut memory, flush);
        let taken = (self.compress.total_in() - before_in) as usize;
        let made = (self.compress.total_out() - before_out) as usize;
        memory.advance(made);
        self.full = made == offered;
        Poll::Ready(outcome.map(|status| (taken, status)).map_err(io::Error::other))
    }
}

impl<W: PipeWrite> WriteStream for Deflater<W> {
    const CLOSE_FLUSHES: bool = true;
    const PAYS_BY_THE_FLUSH: bool = true;

    fn poll_write(&mut self, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let Some(piece) = pieces.first() else { return Poll::Ready(Ok(0)) };
        loop {
            let (taken, _) = ready!(self.poll_deflate(cx, piece, FlushCompress::None))?;
            if taken > 0 {
                self.stage = Stage::Open;
                return Poll::Ready(Ok(taken));
            }
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.stage == Stage::Open {
            ready!(self.poll_deflate(cx, &[], FlushCompress::Sync))?;
            // Memory left over says that nothing is inside.
            if !self.full {
                self.stage = Stage::Synced;
            }
        }
        // An idle stream holds no block.
        self.inner.release();
        self.inner.poll_flush(cx).map_err(error::of_flush)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.stage != Stage::Ended {
            let (_, status) = ready!(self.poll_deflate(cx, &[], FlushCompress::Finish))?;
            if status == Status::StreamEnd {
                self.stage = Stage::Ended;
            }
        }
        self.inner.poll_finish(cx).map_err(error::of_flush)
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.inner.poll_closed(cx)
    }

    fn abort(&mut self, error: SharedError) {
        self.inner.abort(error);
    }

    fn withdraw(&mut self) {
        self.inner.withdraw();
    }
}
