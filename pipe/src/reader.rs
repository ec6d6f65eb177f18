//! The reading end.
//!
//! # Invariants
//!
//! 1. `chain` ends at the flushed count of the writer's word as it was last looked at, and `node` is the node whose chunk was pushed
//!    last; that chunk is lent as long as nobody gave us its reference.
//! 2. A lent chunk's memory is kept by the writer until it has a successor, or until everything in it is consumed; so its
//!    published bytes may be read while they are unconsumed.

mod chain;
mod slow_path;
mod wait;

use std::{
    fmt,
    ptr::NonNull,
    task::{Context, Poll, Waker},
};

use headpond_pool::{BufferWriter, Position, Sequence, SequenceBuf, SharedError, WriteError, internal};

use self::slow_path::SlowPath;
#[cfg(all(debug_assertions, not(loom), not(target_family = "wasm")))]
use crate::read::forgetful::{Standing, Views};
use crate::{
    cancel::ReadCanceller,
    core::{Core, WriterWait},
    error::{ReadError, ReadInFull},
    node::Node,
    read::{CopyTo, PipeRead, PipeReadExt, Read, ReadAtLeast, ReadStatus, ReadView},
    stats::PipeStats,
    sync::Arc,
    word::{Change, ReaderState, WriterState},
    write::PipeWrite,
};

/// The reading end of a pipe: sees everything unread across blocks without a copy, says how far it consumed and examined, and is
/// woken only when there is more.
///
/// It is owned by one task at a time. Dropped, it closes.
///
/// # Examples
///
/// ```
/// use headpond_pipe::{PipeRead, PipeReadExt};
/// use headpond_pool::Position;
///
/// /// Reads up to the first newline, and past it.
/// async fn skip_line(reader: &mut headpond_pipe::Reader) -> Result<usize, headpond_pipe::ReadError> {
///     loop {
///         let view = reader.read().await?;
///         let buffer = view.buffer();
///         match buffer.position_of(b'\n') {
///             Some(newline) => {
///                 let len = newline - buffer.start();
///                 view.advance(newline + 1);
///                 return Ok(len);
///             }
///             None if view.is_finished() => return Ok(0),
///             None => {
///                 let start = buffer.start();
///                 view.need_more(start);
///             }
///         }
///     }
/// }
/// ```
pub struct Reader {
    /// Everything taken from the writer and not consumed.
    chain: SequenceBuf,
    /// How far the last advance examined.
    examined: Position,
    /// The highest position examined, which is what the writer knows of.
    highest: u64,
    /// The node whose chunk was taken last.
    node: NonNull<Node>,
    core: Arc<Core>,
    slow_path: SlowPath,
    /// Whether the reader's word says `DEMAND`.
    has_demand: bool,
    /// Up to where all that was wanted is consumed; no position, before anybody says so.
    complete_at: u64,
    /// How many nodes were handed back since their list was last trimmed.
    returned_nodes: usize,
    /// How many bytes may be unconsumed while a read waits for more.
    max_unconsumed: usize,
    /// How many bytes a read may ask for at once: no more than that, and no more than the source of blocks ever has out.
    max_at_least: usize,
    /// From how many unexamined bytes on the writer pauses; 0 for never.
    pause: u64,
    /// Below how many unexamined bytes an advance ends a pause.
    resume: u64,
    #[cfg(all(debug_assertions, not(loom), not(target_family = "wasm")))]
    views: Views,
}

// SAFETY: the node pointer leads to memory that the protocol of `node` lets this end read; everything shared is behind atomics of
// the core.
unsafe impl Send for Reader {}
// SAFETY: shared references only read plain fields, published bytes and atomics.
unsafe impl Sync for Reader {}

impl Reader {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let options = core.options();
        let max_unconsumed = options.max_unconsumed().unwrap_or(usize::MAX);
        // SAFETY: nobody has the core but who is making its two ends.
        let node = unsafe { core.head() };
        Self {
            chain: SequenceBuf::new(),
            examined: Position::ZERO,
            highest: 0,
            node,
            slow_path: SlowPath::default(),
            has_demand: false,
            complete_at: u64::MAX,
            returned_nodes: 0,
            max_unconsumed,
            max_at_least: options.source().limit().map_or(max_unconsumed, |limit| limit.min(max_unconsumed)),
            #[cfg(all(debug_assertions, not(loom), not(target_family = "wasm")))]
            views: Views::default(),
            pause: options.pause_threshold() as u64,
            resume: options.resume_threshold() as u64,
            core,
        }
    }

    /// Waits for a byte not yet examined, or the end, or a cancellation. After the end it is always ready.
    ///
    /// # Errors
    ///
    /// When the writer aborted and everything published is examined; when the pipe holds as much as it may and all of it is
    /// examined; when this end is closed.
    ///
    /// # Panics
    ///
    /// In debug builds, when thousands of views were dropped in a row within seconds, and nobody advanced: see [`ReadView`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[inline]
    pub fn read(&mut self) -> Read<'_, Self> {
        Read::new(self)
    }

    /// Waits until at least `n` bytes are unconsumed, or the end, or a cancellation: it is woken once, when they are there. 0 asks
    /// for nothing in particular, as [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); at once when `n` is more than the pipe may hold, or than its source of blocks ever has out
    /// ([`BlockSource::limit`](headpond_pool::BlockSource::limit), a pool's budget), and not there. A reader of memory that its writer
    /// appends from elsewhere may be made over a source without a limit.
    ///
    /// Less than the budget can stall all the same, when others hold so much of it that the rest is less than `n`: let budgets be
    /// several times the longest message, or have the writer wait with a timeout.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing, and takes back what it asked for.
    #[inline]
    pub fn read_at_least(&mut self, n: usize) -> ReadAtLeast<'_, Self> {
        ReadAtLeast::new(self, n)
    }

    /// A view, when there is something unexamined, or the end, or a cancellation; never waits.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    #[inline]
    pub fn try_read(&mut self) -> Result<Option<ReadView<'_>>, ReadError> {
        Ok(self.try_status()?.map(|status| ReadView::new(self, status)))
    }

    /// Everything published and unconsumed, examined or not. Never waits and never fails: after an abort it still shows what is
    /// left.
    #[inline]
    pub fn peek(&mut self) -> Sequence<'_> {
        self.look();
        self.chain.as_sequence()
    }

    /// Everything unconsumed, as of the last look.
    #[inline]
    pub fn buffer(&self) -> Sequence<'_> {
        self.chain.as_sequence()
    }

    /// Lets go of everything before `consumed`, and marks everything before `examined` as looked at: the next read waits for a byte
    /// behind that. Examined may move back, but not before consumed.
    ///
    /// # Panics
    ///
    /// When the positions do not lie in the buffer in this order, with nothing changed.
    #[inline]
    pub fn advance_to(&mut self, consumed: Position, examined: Position) {
        let end = self.chain.end();
        if consumed == end && examined == end && consumed != self.chain.start() {
            // Everything there is, which most advances are, is within the buffer.
            self.pass(consumed, examined);
        } else {
            self.advance_partly(consumed, examined);
        }
    }

    /// Stops reading. The bytes left go back at once, and the writer learns of it: flushes and writes fail.
    pub fn close(&mut self) {
        self.close_shared(None);
    }

    /// As [`close`](Self::close), with an error for the writer.
    pub fn close_with(&mut self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) {
        self.close_shared(Some(SharedError::from(error.into())));
    }

    /// Copies everything to a writer, up to the end of the stream, flushing as it goes: by reference where the writer links memory
    /// in. Resolves to the number of bytes moved. Neither end is finished.
    ///
    /// # Errors
    ///
    /// When either end fails, or a read is cancelled. What the writer did not take is still here.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: what the writer has taken is consumed, though perhaps not flushed.
    pub fn copy_to<'a, W: PipeWrite + ?Sized>(&'a mut self, writer: &'a mut W) -> CopyTo<'a, Self, W> {
        CopyTo::new(self, writer)
    }

    /// Moves the next `n` bytes, or as many as there are, to a writer, by reference where it links memory in: whole chunks go from
    /// pipe to pipe without a copy. They are not flushed. Returns how many were moved.
    ///
    /// # Errors
    ///
    /// When the writer fails; the bytes it took are consumed, the others not.
    pub fn transfer<W: BufferWriter + ?Sized>(&mut self, writer: &mut W, n: usize) -> Result<usize, WriteError> {
        self.look();
        PipeReadExt::transfer(self, writer, n)
    }

    /// Whether the writer has aborted, even if published bytes are still to be examined.
    pub fn is_aborted(&self) -> bool {
        self.core.writer_word().load().is_aborted()
    }

    /// Returns how many bytes are flushed and not consumed; 0 once closed.
    pub fn unconsumed(&self) -> usize {
        if self.slow_path.closed() {
            return 0;
        }
        // No pipe holds more than a length counts: see the writer's `check_count`.
        (self.flushed_now(self.core.writer_word().load()) - self.chain.start().offset()) as usize
    }

    /// A handle that cancels this end's reads, from anywhere.
    pub fn canceller(&self) -> ReadCanceller {
        ReadCanceller::new(Arc::clone(&self.core))
    }

    /// Counts of what went through the pipe, as of now.
    pub fn stats(&self) -> PipeStats {
        let flushed = self.flushed_now(self.core.writer_word().load());
        PipeStats::new(&self.core, flushed, flushed, self.highest)
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    pub(crate) fn has_closed(&self) -> bool {
        self.slow_path.closed()
    }

    fn buffered(&self) -> usize {
        self.chain.len()
    }

    /// An advance that leaves something.
    #[inline(never)]
    fn advance_partly(&mut self, consumed: Position, examined: Position) {
        let (start, end) = (self.chain.start(), self.chain.end());
        if !(start <= consumed && consumed <= examined && examined <= end) {
            outside(consumed, examined, start, end);
        }
        // A closed reader has passed everything, and the chain is no more its own.
        if !self.slow_path.closed() {
            self.pass(consumed, examined);
        }
    }

    /// Goes on to positions within the buffer.
    #[inline(always)]
    fn pass(&mut self, consumed: Position, examined: Position) {
        let moves = consumed != self.chain.start();
        self.examined = examined;
        if moves {
            // SAFETY: `start <= consumed <= end`, as the caller saw.
            unsafe { internal::consume_to(&mut self.chain, consumed) };
            self.core.set_consumed(consumed.offset());
        }
        let mut newly_examined = 0;
        if examined.offset() > self.highest {
            newly_examined = examined.offset() - self.highest;
            self.highest = examined.offset();
        }
        // A writer that waits for a drain is seen by this change alone, so it is made even when it adds nothing.
        if newly_examined != 0 || moves {
            let old = self.core.reader_word().examine(newly_examined);
            if consumed == self.chain.end() {
                self.give_back_finished_chunk();
            }
            if !old.is_clear_for_advance() {
                self.after_advance();
            }
        }
    }

    #[inline]
    fn try_status(&mut self) -> Result<Option<ReadStatus>, ReadError> {
        if self.slow_path.parked() {
            self.unpark();
        }
        let word = self.look();
        if self.examined < self.chain.end() && word.is_clear_for_read() {
            return Ok(Some(ReadStatus::default()));
        }
        self.try_slow(word)
    }

    /// A `try_read` that finds no bytes, or something besides.
    #[cold]
    fn try_slow(&mut self, word: WriterState) -> Result<Option<ReadStatus>, ReadError> {
        match self.outcome(word, 0) {
            Some(result) => result.map(Some),
            None if self.buffered() >= self.max_unconsumed => {
                Err(ReadError::LimitExceeded { limit: self.max_unconsumed })
            }
            None => {
                if self.chain.is_empty() {
                    self.give_back_finished_chunk();
                    if word.is_released() && self.flushed_now(word) == self.chain.end().offset() {
                        self.take_released_tail();
                    }
                    self.trim();
                }
                Ok(None)
            }
        }
    }

    /// Ends a pause that this advance has worn off, and tells a writer that waits for everything to be consumed.
    #[cold]
    #[inline(never)]
    fn after_advance(&mut self) {
        let reader_word = self.core.reader_word();
        loop {
            let seen: ReaderState = reader_word.load();
            let flushed = self.flushed_now(self.core.writer_word().load());
            let drained = flushed == self.chain.start().offset();
            if seen.is_paused() && flushed - self.highest < self.resume {
                if reader_word.resume(seen) == Change::Lost {
                    continue;
                }
                // The flush that was held back may be dropped, and the writer wait for the drain instead.
                let waits = [WriterWait::Flush, WriterWait::Drained];
                let waits = if drained { &waits[..] } else { &waits[..1] };
                self.core.claim_writer(waits).into_iter().for_each(Waker::wake);
                return;
            }
            if seen.is_waiting() && drained {
                self.core.claim_writer(&[WriterWait::Drained]).into_iter().for_each(Waker::wake);
            }
            return;
        }
    }

    fn close_shared(&mut self, error: Option<SharedError>) {
        if self.slow_path.closed() {
            return;
        }
        // A stranger's destructor, which may panic: dropped with the end closed and the writer woken.
        let _waker = self.take_waker_back();
        let position = self.chain.start().offset();
        let is_complete = error.is_none() && self.complete_at == position;
        let error =
            if is_complete { Some(SharedError::from(Box::new(ReadInFull { position }) as Box<_>)) } else { error };
        // SAFETY: we are the reader, and have not closed.
        unsafe { self.core.set_close_error(error) };
        loop {
            let word = self.look();
            let left_to_writer = self.resolve_last(word);
            // SAFETY: as above; `node` is the one whose chunk we took last.
            unsafe {
                self.core.set_lent_at_close(left_to_writer);
                self.core.set_head(self.node);
            }
            if self.core.writer_word().close(word) == Change::Made {
                if word.is_released() {
                    // SAFETY: clearing `RELEASED` gave us the reference of the last node's chunk, which is our last: all is pulled.
                    unsafe { internal::own_last(&mut self.chain) };
                }
                break;
            }
        }
        self.slow_path.set_closed();
        // Gives back all that is ours; a chunk still lent is the writer's.
        let end = self.chain.end();
        internal::restart(&mut self.chain, end);
        self.trim();
        self.examined = end;
        let old = self.core.reader_word().close();
        if old.is_waiting() {
            let waits = [WriterWait::Flush, WriterWait::Reserve, WriterWait::Drained, WriterWait::Closed];
            self.core.claim_writer(&waits).into_iter().for_each(Waker::wake);
        }
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn outside(consumed: Position, examined: Position, start: Position, end: Position) -> ! {
    panic!("cannot advance to consumed {consumed}, examined {examined}: the buffer is {start}..{end}")
}

impl PipeRead for Reader {
    #[inline]
    fn poll_read(&mut self, cx: &mut Context<'_>, at_least: usize) -> Poll<Result<ReadStatus, ReadError>> {
        if !self.slow_path.is_fast() {
            return self.poll_slow(cx, at_least);
        }
        let word = self.core.writer_word().load();
        if word.is_clear_for_read() {
            // What is new is not examined.
            if self.catch_up(word) && at_least == 0 {
                return Poll::Ready(Ok(ReadStatus::default()));
            }
            let enough = if at_least == 0 { self.examined < self.chain.end() } else { self.chain.len() >= at_least };
            if enough {
                return Poll::Ready(Ok(ReadStatus::default()));
            }
        }
        self.poll_slow(cx, at_least)
    }

    #[inline]
    fn try_read(&mut self) -> Result<Option<ReadStatus>, ReadError> {
        self.try_status()
    }

    #[inline]
    fn buffer(&self) -> Sequence<'_> {
        Self::buffer(self)
    }

    #[inline]
    fn advance_to(&mut self, consumed: Position, examined: Position) {
        Self::advance_to(self, consumed, examined);
    }

    fn close(&mut self, error: Option<SharedError>) {
        self.close_shared(error);
    }

    fn mark_complete(&mut self) {
        self.complete_at = self.chain.start().offset();
    }

    fn withdraw(&mut self) {
        self.unpark();
    }

    #[cfg(all(debug_assertions, not(loom), not(target_family = "wasm")))]
    fn note_view(&mut self, status: ReadStatus) {
        if status.is_finished() || status.is_cancelled() {
            self.views.forget();
            return;
        }
        let standing = Standing { consumed: self.chain.start(), examined: self.examined, end: self.chain.end() };
        self.views.note(standing, std::time::Instant::now);
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.close_shared(None);
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("chain", &self.chain).field("examined", &self.examined).finish_non_exhaustive()
    }
}
