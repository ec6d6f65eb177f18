//! Reading a stream into the blocks of a pipe.

use std::{
    array,
    io::{self, IoSliceMut},
    task::{Context, Poll, ready},
};

use headpond_pipe::{PipeOptions, PipeWrite, Writer};
use headpond_pool::{Block, BlockSource};

use crate::{
    error,
    stream::{ReadPieces, checked, settled},
    sync::Arc,
};

/// The rest of a block is too small to be read into alone when it is smaller than a block over this: reads of a few bytes
/// cost a call each.
const LEAST_READ_DIVISOR: usize = 8;

/// The most bytes that one read is offered, unless a block has more: what a reader may be behind beside the pause threshold.
pub(crate) const MOST_READ: usize = 64 * 1024;

/// The most pieces that one read is offered.
const MOST_PIECES: usize = 16;

/// What one read of a stream came to.
#[must_use]
#[derive(Debug)]
pub(crate) enum Filled {
    /// So many bytes, written and not flushed; and whether they fill all that the read was offered.
    Bytes {
        full: bool,
    },
    End,
    Failed(io::Error),
}

/// How a stream is read: into how many blocks, and which.
#[derive(Debug)]
pub(crate) struct Intake {
    /// Where the pipe that is read into has its blocks from.
    source: Arc<dyn BlockSource>,
    /// Rented for the read under way; empty while the stream has nothing.
    blocks: Vec<Block>,
    /// How many blocks the next read is offered besides the writer's own: none, unless the last one was filled.
    extra: usize,
    most_extra: usize,
    least_read: usize,
}

impl Intake {
    /// For a pipe whose blocks come from where those of `options` do.
    pub(crate) fn new(options: &PipeOptions) -> Self {
        let block_size = options.source().block_size().max(1);
        Self {
            source: options.source().clone(),
            blocks: Vec::new(),
            extra: 0,
            most_extra: (MOST_READ / block_size).clamp(1, MOST_PIECES) - 1,
            least_read: (block_size / LEAST_READ_DIVISOR).max(1),
        }
    }

    /// How much the pipe that is read into may hold unconsumed: all of it lies in the source's blocks, so that more than the source
    /// ever has out is not waited for.
    pub(crate) fn max_unconsumed(&self, options: &PipeOptions) -> Option<usize> {
        options.max_unconsumed().into_iter().chain(self.source.limit()).min()
    }

    /// Reads the stream once, into the rest of the writer's block, and into several more when the last read filled what it
    /// was offered. While the stream has nothing no block is held but the writer's, which is the caller's to release.
    pub(crate) fn poll_fill<S: ReadPieces>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
        writer: &mut Writer,
    ) -> Poll<Filled> {
        // A read over several pieces makes good use of the smallest rest.
        let least = if S::VECTORED && self.most_extra > 0 { 1 } else { self.least_read };
        let reserved = ready!(writer.poll_reserve(cx, least));
        let mut memory = match reserved.and_then(|()| writer.reserve(least)) {
            Ok(memory) => memory,
            Err(error) => return Poll::Ready(Filled::Failed(error::of_write(error))),
        };
        let wanted = if memory.len() < self.least_read { self.extra.max(1) } else { self.extra };
        while S::VECTORED && self.blocks.len() < wanted.min(self.most_extra) {
            let Ok(block) = self.source.rent(self.source.block_size()) else { break };
            self.blocks.push(block);
        }
        let offered = memory.len() + self.blocks.iter().map(|block| block.len()).sum::<usize>();
        let Poll::Ready(read) = poll_read_pieces(cx, stream, &mut memory, &mut self.blocks) else {
            self.blocks.clear();
            self.extra = 0;
            return Poll::Pending;
        };
        let read = read.and_then(|n| checked(n, offered));
        let filled = match read {
            Ok(0) => Filled::End,
            Ok(n) => {
                // A stream that knows no vectored reads fills the first piece alone.
                let full = n == offered || n == memory.len();
                self.extra = if n == offered { (self.extra * 2 + 1).min(self.most_extra) } else { 0 };
                let own = n.min(memory.len());
                memory.advance(own);
                self.append_blocks(writer, n - own);
                Filled::Bytes { full }
            }
            Err(error) => Filled::Failed(error),
        };
        self.blocks.clear();
        Poll::Ready(filled)
    }

    /// Gives the writer as many of the extra blocks as `bytes` went into.
    fn append_blocks(&mut self, writer: &mut Writer, bytes: usize) {
        let mut left = bytes;
        for block in self.blocks.drain(..) {
            let filled = left.min(block.len());
            // Only a reader that has closed makes it fail: then nobody wants the rest.
            if filled == 0 || writer.append_block(block, filled).is_err() {
                break;
            }
            left -= filled;
        }
    }
}

fn poll_read_pieces<S: ReadPieces>(
    cx: &mut Context<'_>,
    stream: &mut S,
    memory: &mut [u8],
    blocks: &mut [Block],
) -> Poll<io::Result<usize>> {
    if blocks.is_empty() {
        return settled(cx, |cx| stream.poll_read(cx, memory));
    }
    let count = 1 + blocks.len();
    let mut pieces: [_; MOST_PIECES] = array::from_fn(|_| IoSliceMut::new(&mut []));
    let memories = std::iter::once(memory).chain(blocks.iter_mut().map(|block| &mut block[..]));
    pieces.iter_mut().zip(memories).for_each(|(piece, memory)| *piece = IoSliceMut::new(memory));
    settled(cx, |cx| stream.poll_read_pieces(cx, &mut pieces[..count]))
}
