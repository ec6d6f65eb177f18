//! What the two ends of a pipe share.
//!
//! # Invariants
//!
//! 1. `abort_error` is written by the writer before it sets `ENDED`, and read by the reader after it saw that.
//! 2. `close_error`, `lent_at_close` and `head` are written by the reader before it sets `CLOSED` in the writer's word, and read by
//!    the writer after it saw that, or by the last owner of the core.

use std::{fmt, ptr::NonNull, task::Waker};

use crossbeam_utils::CachePadded;
use headpond_pool::SharedError;

use crate::{
    node::Node,
    options::PipeOptions,
    spare_nodes::ReturnedNodes,
    stats::Counters,
    sync::{Arc, AtomicU64, Ordering, UnsafeCell},
    waker_cell::WakerCell,
    word::{ReaderWord, WriterWord},
};

/// What a parked writer waits for, which says who may wake it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum WriterWait {
    /// The end of a pause, or a close, or a cancellation.
    Flush,
    /// Memory, of which its source tells it, or something else that no reader tells of; or a close, or a cancellation.
    Reserve,
    /// Everything consumed, or a close.
    Drained,
    /// A close.
    Closed,
}

/// The words and what belongs beside them, on cache lines of their own; the rest is touched at a park, or for a block.
pub(crate) struct Core {
    writer: CachePadded<WriterSide>,
    reader: CachePadded<ReaderSide>,
    reader_waker: WakerCell,
    /// The position that a parked reader waits to see flushed.
    reader_target: AtomicU64,
    writer_waker: WakerCell,
    writer_wait: AtomicU64,
    counters: Counters,
    options: PipeOptions,
}

/// The word, and what is written once, at an ending, for which there is room.
struct WriterSide {
    word: WriterWord,
    abort_error: UnsafeCell<Option<SharedError>>,
    close_error: UnsafeCell<Option<SharedError>>,
    lent_at_close: UnsafeCell<bool>,
    /// The first node of the chain: the one whose chunk the reader took last before it closed.
    head: UnsafeCell<NonNull<Node>>,
}

struct ReaderSide {
    word: ReaderWord,
    /// How far the reader has consumed.
    consumed: AtomicU64,
    returned_nodes: ReturnedNodes,
}

// SAFETY: the cells are accessed as invariants 1 and 2 say; nodes are `Box`es of atomics and cells with their own protocol.
unsafe impl Send for Core {}
// SAFETY: as above.
unsafe impl Sync for Core {}

impl Core {
    pub(crate) fn new(options: PipeOptions) -> Self {
        let first = Node::allocate();
        Self {
            writer: CachePadded::new(WriterSide {
                word: WriterWord::new(),
                abort_error: UnsafeCell::new(None),
                close_error: UnsafeCell::new(None),
                lent_at_close: UnsafeCell::new(false),
                head: UnsafeCell::new(first),
            }),
            reader: CachePadded::new(ReaderSide {
                word: ReaderWord::new(),
                consumed: AtomicU64::new(0),
                returned_nodes: ReturnedNodes::new(),
            }),
            reader_waker: WakerCell::new(),
            reader_target: AtomicU64::new(0),
            writer_waker: WakerCell::new(),
            writer_wait: AtomicU64::new(0),
            counters: Counters::new(),
            options,
        }
    }

    /// A fresh core with the same options: this one, when nobody else holds it.
    pub(crate) fn renew(mut core: Arc<Self>) -> Arc<Self> {
        let fresh = Self::new(core.options.clone());
        match Arc::get_mut(&mut core) {
            Some(own) => {
                *own = fresh;
                core
            }
            None => Arc::new(fresh),
        }
    }

    #[inline]
    pub(crate) fn writer_word(&self) -> &WriterWord {
        &self.writer.word
    }

    #[inline]
    pub(crate) fn reader_word(&self) -> &ReaderWord {
        &self.reader.word
    }

    pub(crate) fn options(&self) -> &PipeOptions {
        &self.options
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(crate) fn reader_waker(&self) -> &WakerCell {
        &self.reader_waker
    }

    pub(crate) fn writer_waker(&self) -> &WakerCell {
        &self.writer_waker
    }

    /// How far the reader has consumed.
    #[inline]
    pub(crate) fn consumed(&self) -> u64 {
        // Ordering: Acquire pairs with the Release of `set_consumed`: the reader is done with the bytes before, whose memory
        // the caller may give back.
        self.reader.consumed.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn set_consumed(&self, position: u64) {
        // Ordering: Release publishes the end of the reader's accesses to everything before `position`.
        self.reader.consumed.store(position, Ordering::Release);
    }

    pub(crate) fn returned_nodes(&self) -> &ReturnedNodes {
        &self.reader.returned_nodes
    }

    pub(crate) fn reader_target(&self) -> u64 {
        // Ordering: Relaxed: the caller saw `WAITING` (or `DEMAND`) by an acquiring access to a word that the reader
        // changed, releasing, after it had stored the target.
        self.reader_target.load(Ordering::Relaxed)
    }

    pub(crate) fn set_reader_target(&self, position: u64) {
        // Ordering: Relaxed: published by the park that follows.
        self.reader_target.store(position, Ordering::Relaxed);
    }

    pub(crate) fn set_writer_wait(&self, wait: WriterWait) {
        // Ordering: Relaxed: published by the park that follows.
        self.writer_wait.store(wait as u64, Ordering::Relaxed);
    }

    /// The waker of a reader that waits for no more than is flushed.
    #[must_use = "a waker taken must be woken"]
    pub(crate) fn claim_reader(&self, wanted: impl FnMut() -> bool) -> Option<Waker> {
        self.reader_waker.claim(self.writer.word.park_bit(), &self.counters.reader_wakes, wanted)
    }

    /// The waker of a writer that waits for one of `waits`.
    #[must_use = "a waker taken must be woken"]
    pub(crate) fn claim_writer(&self, waits: &[WriterWait]) -> Option<Waker> {
        self.writer_waker.claim(self.reader.word.park_bit(), &self.counters.writer_wakes, || {
            // Ordering: Relaxed: as for `reader_target`: `WAITING` was seen by an acquiring access.
            let wait = self.writer_wait.load(Ordering::Relaxed);
            waits.iter().any(|&wanted| wanted as u64 == wait)
        })
    }

    /// What the writer aborted with.
    ///
    /// # Safety
    ///
    /// The caller saw `ENDED`.
    pub(crate) unsafe fn abort_error(&self) -> Option<SharedError> {
        // SAFETY: invariant 1.
        self.writer.abort_error.with(|error| unsafe { (*error).clone() })
    }

    /// # Safety
    ///
    /// The caller is the writer, which has not ended yet.
    pub(crate) unsafe fn set_abort_error(&self, error: SharedError) {
        // SAFETY: invariant 1.
        self.writer.abort_error.with_mut(|cell| unsafe { *cell = Some(error) });
    }

    /// What the reader closed with.
    ///
    /// # Safety
    ///
    /// The caller saw `CLOSED`.
    pub(crate) unsafe fn close_error(&self) -> Option<SharedError> {
        // SAFETY: invariant 2.
        self.writer.close_error.with(|error| unsafe { (*error).clone() })
    }

    /// # Safety
    ///
    /// The caller is the reader, which has not closed yet.
    pub(crate) unsafe fn set_close_error(&self, error: Option<SharedError>) {
        // SAFETY: invariant 2.
        self.writer.close_error.with_mut(|cell| unsafe { *cell = error });
    }

    /// Whether the reader left the load of its head node to the writer when it closed.
    ///
    /// # Safety
    ///
    /// The caller saw `CLOSED`.
    pub(crate) unsafe fn lent_at_close(&self) -> bool {
        // SAFETY: invariant 2.
        self.writer.lent_at_close.with(|lent| unsafe { *lent })
    }

    /// # Safety
    ///
    /// The caller is the reader, which has not closed yet.
    pub(crate) unsafe fn set_lent_at_close(&self, lent: bool) {
        // SAFETY: invariant 2.
        self.writer.lent_at_close.with_mut(|cell| unsafe { *cell = lent });
    }

    /// The first node of the chain.
    ///
    /// # Safety
    ///
    /// The caller saw `CLOSED`, or has the core to itself.
    pub(crate) unsafe fn head(&self) -> NonNull<Node> {
        // SAFETY: invariant 2.
        self.writer.head.with(|head| unsafe { *head })
    }

    /// # Safety
    ///
    /// The caller is the reader, which has not closed yet, and `node` is the one whose chunk it took last.
    pub(crate) unsafe fn set_head(&self, node: NonNull<Node>) {
        // SAFETY: invariant 2.
        self.writer.head.with_mut(|head| unsafe { *head = node });
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        // SAFETY: invariant 2: nobody else is left, and the reader closed before it was gone. The ends gave back what the nodes
        // referred to.
        unsafe {
            Node::free_list(self.head());
            drop(self.returned_nodes().take());
        }
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("writer", &self.writer.word.load())
            .field("reader", &self.reader.word.load())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom), target_arch = "x86_64"))]
mod tests {
    use super::Core;

    /// Ten thousand idle pipes hold as many of these; the count of their `Arc` takes 128 bytes more, for the alignment.
    #[test]
    fn a_core_takes_three_pairs_of_cache_lines() {
        assert_eq!(size_of::<Core>(), 3 * 128);
    }
}
