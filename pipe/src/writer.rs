//! The writing end.
//!
//! # Invariants
//!
//! 1. `data` points to `capacity` bytes of the tail's block, of which those from `filled` on are nobody else's, or `capacity` is
//!    `filled` and nothing is behind. The writer alone holds the tail then, so nobody gives the block back.
//! 2. `base` is the stream position of `data`; `base + filled` bytes are written, `flushed` of them published.
//! 3. Bytes before `filled` are not written to, except through a prefix while they are unflushed.

mod cancelled;
mod chain;
mod drained;
mod ending;
mod flush;
mod format;
mod prefix;
mod room;
mod slow_path;
mod wait;

use std::{
    fmt,
    ptr::NonNull,
    slice,
    task::{Context, Poll},
};

use headpond_pool::{Block, BufferWriter, PatchError, Prefix, SharedError, Slice, Ticket, WritableBuffer, WriteError};

use self::{
    chain::{Chain, Counts},
    prefix::Rewinds,
    slow_path::SlowPath,
};
use crate::{
    cancel::FlushCanceller,
    core::Core,
    error::{FlushError, WriterDropped},
    options::OnWriterDrop,
    stats::PipeStats,
    sync::{Arc, unique_id},
    word::Ending,
    write::{Closed, Flush, PipeWrite, Reserve},
};

pub use drained::Drained;

/// The writing end of a pipe: hands out pooled memory, counts what was put there, publishes it by a flush.
///
/// It is owned by one task at a time. Dropped without [`finish`](Self::finish) or [`abort`](Self::abort), it aborts the
/// stream with [`WriterDropped`], unless the options say otherwise.
///
/// # Examples
///
/// ```
/// # use headpond_pipe::{Pipe, PipeOptions};
/// # use headpond_pool::Pool;
/// # let waker = std::task::Waker::noop();
/// # let mut cx = std::task::Context::from_waker(waker);
/// let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&Pool::new()));
/// let mut memory = writer.reserve(5)?;
/// memory[..5].copy_from_slice(b"hello");
/// memory.advance(5);
/// # let _ =
/// writer.poll_flush(&mut cx);
/// assert_eq!(reader.peek(), b"hello"[..]);
/// # Ok::<(), headpond_pool::WriteError>(())
/// ```
pub struct Writer {
    /// Where the memory handed out begins; dangling while there is none (invariant 1).
    data: NonNull<u8>,
    /// How many bytes from `data` on are written.
    filled: usize,
    /// How many bytes from `data` on are the writer's.
    capacity: usize,
    /// The position of `data` in the stream.
    base: u64,
    /// How many bytes are published.
    flushed: u64,
    slow_path: SlowPath,
    /// The reader had closed with bytes unflushed.
    discarded: bool,
    core: Arc<Core>,
    /// The nodes through which chunks go to the reader.
    chain: Chain,
    /// What `capacity` was before the tail was released.
    released_capacity: usize,
    /// How many bytes are examined, as of the last look.
    examined: u64,
    /// From how many unexamined bytes on a flush pauses; 0 for never.
    pause: u64,
    /// Below how many unexamined bytes it resumes.
    resume: u64,
    /// The ticket of a pending wait for memory.
    ticket: Ticket,
    /// Blocks rented for the write under way; empty between writes.
    spare: Vec<Block>,
    /// The number by which this writer knows its prefixes.
    id: u64,
    /// Which of them are void.
    rewinds: Rewinds,
}

// SAFETY: the pointers lead to memory that the protocol of the module and of `node` makes the writer's own; everything shared is
// behind atomics of the core.
unsafe impl Send for Writer {}
// SAFETY: shared references only read plain fields and atomics.
unsafe impl Sync for Writer {}

impl Writer {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let chain = Chain::new(&core);
        let pause = core.options().pause_threshold() as u64;
        let pause_at = if pause == 0 { u64::MAX } else { pause };
        Self {
            data: NonNull::dangling(),
            filled: 0,
            capacity: 0,
            base: 0,
            flushed: 0,
            slow_path: SlowPath::new(pause_at),
            discarded: false,
            chain,
            released_capacity: 0,
            examined: 0,
            pause,
            resume: core.options().resume_threshold() as u64,
            ticket: Ticket::new(),
            spare: Vec::new(),
            id: unique_id(),
            rewinds: Rewinds::new(),
            core,
        }
    }

    /// Memory to write into: at least `max(min, 1)` contiguous bytes, the rest of the current block when that suffices,
    /// otherwise a new one. Asked again without an advance, it is the same memory; after one, the memory behind.
    ///
    /// More than a block's size gets an allocation of its own, unless the options reject that.
    ///
    /// # Errors
    ///
    /// When the pool has no memory to give, the reader is gone, or this end has ended the stream.
    #[inline]
    pub fn reserve(&mut self, min: usize) -> Result<WritableBuffer<'_>, WriteError> {
        if self.capacity - self.filled < min.max(1) || self.core.writer_word().load().is_closed() {
            self.make_room(min.max(1))?;
        }
        // SAFETY: invariant 1: the bytes behind the filled ones are ours alone, and initialised by the pool.
        let view =
            unsafe { slice::from_raw_parts_mut(self.data.as_ptr().add(self.filled), self.capacity - self.filled) };
        Ok(WritableBuffer::new(view, &mut self.filled))
    }

    /// Waits for memory, in turn with every other end that waits for the same pool.
    ///
    /// # Errors
    ///
    /// As [`reserve`](Self::reserve), and when the wait was cancelled. It does not fail for a spent budget, unless more was
    /// asked for than the budget can ever give.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future passes its turn on, and loses nothing. Forgotten (`mem::forget`), its ticket stays the writer's, and holds
    /// up whoever waits behind it, until the writer waits again or is dropped.
    pub fn reserve_async(&mut self, min: usize) -> Reserve<'_, Self> {
        Reserve::new(self, min)
    }

    /// Counts the next `n` bytes of the memory last reserved as written.
    ///
    /// # Panics
    ///
    /// When that memory has fewer, with nothing changed.
    #[inline]
    pub fn advance(&mut self, n: usize) {
        let room = self.capacity - self.filled;
        assert!(n <= room, "cannot advance by {n} bytes: {room} are reserved");
        self.filled += n;
    }

    /// Copies `bytes`, over as many blocks as it takes, all of which are rented before any byte is copied.
    ///
    /// # Errors
    ///
    /// As [`reserve`](Self::reserve); nothing of the call is written then.
    #[inline]
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        // Not even nothing is written where there is no room: the stream may have ended.
        if bytes.len() >= self.capacity - self.filled || self.core.writer_word().load().is_closed() {
            return self.write_slow(bytes);
        }
        self.put(bytes);
        Ok(())
    }

    /// Links shared memory into the stream without copying it; the current block goes on after it. An empty slice changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// When the reader is gone, or this end has ended the stream.
    ///
    /// # Panics
    ///
    /// When 2^56 bytes would be unexamined, or the stream would have 2^63, with nothing changed. On a 32-bit system also when more than
    /// `usize::MAX` would be unconsumed: the same memory can be appended again and again.
    pub fn append(&mut self, slice: Slice) -> Result<(), WriteError> {
        self.check_open()?;
        if slice.is_empty() {
            return Ok(());
        }
        self.reclaim();
        let room = self.capacity - self.filled;
        // The rest of the block goes on after the slice, where its bytes are not counted again.
        self.check_count(slice.len().saturating_add(room));
        let counts = self.counts();
        let written = counts.written;
        let appended = self.chain.append(&self.core, counts, self.filled, room, slice);
        if appended.block_goes_on {
            // SAFETY: invariant 1: `filled <= capacity`.
            self.data = unsafe { self.data.add(self.filled) };
            self.capacity -= self.filled;
        } else {
            self.capacity = 0;
        }
        self.filled = 0;
        self.base = written + appended.len as u64;
        Ok(())
    }

    /// Links a block in whose first `filled` bytes are written already; writing goes on behind them, and the rest of the block before is
    /// given up. A block with nothing in it goes back, and changes nothing.
    ///
    /// # Errors
    ///
    /// When the reader is gone, or this end has ended the stream: then the block goes back.
    ///
    /// # Panics
    ///
    /// When the block has fewer than `filled` bytes; and as [`append`](Self::append), for the whole block.
    ///
    /// # Examples
    ///
    /// ```
    /// # use headpond_pipe::{Pipe, PipeOptions};
    /// # use headpond_pool::Pool;
    /// # let pool = Pool::new();
    /// # let Pipe { mut writer, mut reader } = Pipe::new(&PipeOptions::new(&pool));
    /// let mut block = pool.rent()?;
    /// block[..5].copy_from_slice(b"hello");
    /// writer.append_block(block, 5)?;
    /// writer.write(b" world")?; // in the same block
    /// writer.finish()?;
    /// assert_eq!(reader.peek(), b"hello world"[..]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn append_block(&mut self, block: Block, filled: usize) -> Result<(), WriteError> {
        let capacity = block.capacity();
        assert!(filled <= capacity, "cannot append {filled} bytes of a block: it has {capacity}");
        self.check_open()?;
        if filled > 0 {
            self.install(block, filled)?;
            self.filled = filled;
        }
        Ok(())
    }

    /// Publishes everything written, in full, then waits until the reader has caught up enough. With nothing written it waits
    /// only while the pipe is paused, and wakes nobody.
    ///
    /// # Errors
    ///
    /// When the reader is gone, unless as for [`finish`](Self::finish), or the flush was cancelled: then its bytes are published all
    /// the same.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future un-publishes nothing.
    #[inline]
    pub fn flush(&mut self) -> Flush<'_, Self> {
        Flush::new(self)
    }

    /// As [`flush`](Self::flush), and lets go of the block being filled.
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush).
    ///
    /// # Cancel safety
    ///
    /// As [`flush`](Self::flush).
    pub fn flush_release(&mut self) -> Flush<'_, Self> {
        // Takes effect with the flush, which publishes before it waits.
        self.release();
        Flush::new(self)
    }

    /// The poll behind [`flush`](Self::flush).
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush).
    #[inline]
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        let (flushed, written) = (self.flushed, self.written());
        if self.slow_path.is_fast(written) {
            if written == flushed {
                return self.flush_nothing(cx);
            }
            self.flushed = written;
            let old = self.core.writer_word().publish(written - flushed);
            if old.is_clear_for_flush() {
                return Poll::Ready(Ok(()));
            }
            return self.flush_slow(cx, old);
        }
        self.flush_cold(cx)
    }

    /// Lets go of the block being filled, so that an idle pipe holds none: it goes back once everything in it is consumed. With
    /// bytes unflushed, it takes effect at the next flush. The next [`reserve`](Self::reserve) takes the block up again if
    /// it is still there, or rents another.
    pub fn release(&mut self) {
        if self.written() != self.flushed {
            self.slow_path.release_on_flush();
        } else {
            self.release_tail();
        }
    }

    /// Publishes what is unflushed and ends the stream cleanly: the reader gets it all, then the end. Does nothing when the
    /// stream has ended already.
    ///
    /// # Errors
    ///
    /// When the reader is gone, unless it had [all it wanted](crate::PipeRead::mark_complete) and this end wrote no more; or when
    /// this end aborted before.
    pub fn finish(&mut self) -> Result<(), FlushError> {
        self.end(Ending::Finish);
        if self.slow_path.closed() {
            self.closed_result()?;
        }
        self.ended_result().unwrap_or(Ok(()))
    }

    /// Discards what is unflushed, and ends the stream with `error`: the reader first gets what was published, then the error.
    /// Does nothing when the stream has ended already.
    pub fn abort(&mut self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) {
        self.abort_shared(SharedError::from(error.into()));
    }

    /// Waits until the reader is gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub fn closed(&mut self) -> Closed<'_, Self> {
        Closed::new(self)
    }

    /// Waits until everything flushed is consumed.
    ///
    /// # Errors
    ///
    /// When the reader closed before.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub fn drained(&mut self) -> Drained<'_> {
        Drained::new(self)
    }

    /// A handle that cancels this end's flushes, from anywhere.
    pub fn canceller(&self) -> FlushCanceller {
        FlushCanceller::new(Arc::clone(&self.core))
    }

    /// How many bytes are written and not flushed.
    #[inline]
    pub fn unflushed(&self) -> usize {
        // No pipe holds more than a length counts: see `check_count`.
        (self.written() - self.flushed) as usize
    }

    /// Returns how many bytes are flushed and not consumed; 0 once the reader has closed.
    pub fn unconsumed(&self) -> usize {
        if self.slow_path.closed() || self.core.writer_word().load().is_closed() {
            return 0;
        }
        // As above.
        (self.flushed - self.core.consumed()) as usize
    }

    /// Counts of what went through the pipe, as of now.
    pub fn stats(&self) -> PipeStats {
        let examined = self.examined + self.core.reader_word().load().grown_beyond(self.examined);
        PipeStats::new(&self.core, self.written(), self.flushed, examined)
    }

    #[inline]
    fn written(&self) -> u64 {
        self.base + self.filled as u64
    }

    fn counts(&self) -> Counts {
        Counts { written: self.written(), flushed: self.flushed }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.slow_path.ended().is_some()
    }

    fn check_open(&mut self) -> Result<(), WriteError> {
        if self.slow_path.ended().is_some() {
            return Err(WriteError::Ended);
        }
        if self.slow_path.closed() || self.core.writer_word().load().is_closed() {
            self.notice_closed();
            return Err(self.closed_write_error());
        }
        Ok(())
    }

    fn closed_error(&self) -> FlushError {
        // SAFETY: called once `closed` is set, which says that `CLOSED` was seen.
        FlushError::Closed(unsafe { self.core.close_error() })
    }

    fn closed_write_error(&self) -> WriteError {
        // SAFETY: as above.
        WriteError::Closed(unsafe { self.core.close_error() })
    }
}

impl BufferWriter for Writer {
    #[inline]
    fn reserve(&mut self, min: usize) -> Result<WritableBuffer<'_>, WriteError> {
        Self::reserve(self, min)
    }

    fn append(&mut self, slice: Slice) -> Result<(), WriteError> {
        Self::append(self, slice)
    }

    fn reserve_prefix(&mut self, n: usize) -> Result<Prefix, WriteError> {
        Self::reserve_prefix(self, n)
    }

    fn patch(&mut self, prefix: &Prefix, bytes: &[u8]) -> Result<(), PatchError> {
        Self::patch(self, prefix, bytes)
    }

    fn written_since(&self, prefix: &Prefix) -> Result<usize, PatchError> {
        Self::written_since(self, prefix)
    }

    fn rewind(&mut self, prefix: &Prefix) -> Result<(), PatchError> {
        Self::rewind(self, prefix)
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        Self::write(self, bytes)
    }
}

impl PipeWrite for Writer {
    fn poll_reserve(&mut self, cx: &mut Context<'_>, min: usize) -> Poll<Result<(), WriteError>> {
        match self.take_up_room(min.max(1)) {
            Ok(false) => self.wait_for_memory(cx, min.max(1)),
            Ok(true) => {
                self.withdraw();
                Poll::Ready(Ok(()))
            }
            Err(error) => {
                self.withdraw();
                Poll::Ready(Err(error))
            }
        }
    }

    #[inline]
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        Self::poll_flush(self, cx)
    }

    fn poll_finish(&mut self, _: &mut Context<'_>) -> Poll<Result<(), FlushError>> {
        Poll::Ready(self.finish())
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.wait_for_close(cx)
    }

    fn release(&mut self) {
        Self::release(self);
    }

    fn gathers(&self) -> bool {
        self.core.options().gathers()
    }

    fn abort(&mut self, error: SharedError) {
        self.abort_shared(error);
    }

    fn withdraw(&mut self) {
        self.unpark();
        self.ticket.clear();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        match self.core.options().on_writer_drop() {
            OnWriterDrop::Abort => self.abort_shared(SharedError::from(Box::new(WriterDropped) as Box<_>)),
            OnWriterDrop::Finish => self.end(Ending::Finish),
        }
        self.unpark();
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("written", &self.written())
            .field("flushed", &self.flushed)
            .field("ended", &self.slow_path.ended())
            .finish_non_exhaustive()
    }
}
