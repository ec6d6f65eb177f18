//! The reader's side of the chain of nodes: what it takes from its writer, and gives back.
//!
//! The invariants are those of [`node`](crate::node) and of [`reader`](super).

use std::ptr::NonNull;

use headpond_pool::internal;

use super::Reader;
use crate::{node::Node, spare_nodes::IDLE_NODES, word::WriterState};

/// For how many chunks an idle reader keeps memory: as many as the default pause threshold has blocks.
const IDLE_CHUNKS: usize = 16;

impl Reader {
    /// Takes whatever is flushed. Returns the word it saw.
    #[inline]
    pub(super) fn look(&mut self) -> WriterState {
        let word = self.core.writer_word().load();
        if !self.slow_path.closed() {
            self.catch_up(word);
        }
        word
    }

    /// Takes what is flushed as of `word`. Says whether that was anything.
    #[inline]
    pub(super) fn catch_up(&mut self, word: WriterState) -> bool {
        let end = self.chain.end().offset();
        let grown = word.grown_beyond(end);
        if grown != 0 {
            self.pull(end + grown);
        }
        grown != 0
    }

    /// Makes the bytes up to `flushed` part of the chain.
    #[inline]
    pub(super) fn pull(&mut self, flushed: u64) {
        // SAFETY: node invariant 5.
        if unsafe { self.node.as_ref() }.next().is_some() {
            self.take_nodes(flushed);
        }
        let bytes = (flushed - self.chain.end().offset()) as usize;
        // SAFETY: invariant 1: these flushed bytes lie in the last chunk, which is lent: its writer goes on in it.
        unsafe { internal::grow_last(&mut self.chain, bytes) };
    }

    /// Goes on to the node that holds the last byte before `flushed`.
    #[cold]
    #[inline(never)]
    pub(super) fn take_nodes(&mut self, flushed: u64) {
        let first = self.node;
        let mut passed = None;
        // SAFETY: node invariant 5.
        while let Some(next) = unsafe { self.node.as_ref() }.next() {
            // SAFETY: node invariant 5: we reached it by `next`.
            let place = unsafe { next.as_ref() }.place();
            if place.position >= flushed {
                break;
            }
            passed = Some(self.node);
            self.returned_nodes += 1;
            self.take_node(next, place.position, place.previous_gone);
        }
        if let Some(last) = passed {
            // SAFETY: we have moved past them.
            unsafe { self.core.returned_nodes().give(first, last) };
        }
    }

    /// Gives up what a burst has left, since it may be long until the next one.
    pub(super) fn trim(&mut self) {
        if self.returned_nodes > IDLE_NODES {
            self.returned_nodes = 0;
            // SAFETY: we are the reader.
            unsafe { self.core.returned_nodes().trim() };
        }
        internal::shrink_to(&mut self.chain, IDLE_CHUNKS);
    }

    /// Goes on in the next node, whose first byte is flushed.
    pub(super) fn take_node(&mut self, next: NonNull<Node>, position: u64, previous_gone: bool) {
        if internal::last_is_lent(&self.chain) {
            let bytes = (position - self.chain.end().offset()) as usize;
            // SAFETY: invariant 1: the last chunk has all bytes before `position`, which are flushed.
            unsafe { internal::grow_last(&mut self.chain, bytes) };
            self.complete_last(previous_gone);
        }
        // SAFETY: node invariant 2: a byte behind the node's position is flushed.
        let load = unsafe { next.as_ref().load() };
        if let Some(chunk) = load.chunk {
            // SAFETY: invariant 2: the writer keeps it until it has a successor; nothing of it is shown yet.
            unsafe { internal::push_lent(&mut self.chain, chunk, load.capacity) };
        }
        self.node = next;
    }

    /// The lent chunk has a successor: its reference is ours, unless it is gone.
    pub(super) fn complete_last(&mut self, previous_gone: bool) {
        if previous_gone {
            internal::forget_last(&mut self.chain);
        } else {
            // SAFETY: node invariant 4: linking a successor gave the reference to us.
            unsafe { internal::own_last(&mut self.chain) };
        }
    }

    /// Gives back a wholly consumed chunk that the writer has moved on from.
    #[inline]
    pub(super) fn give_back_finished_chunk(&mut self) {
        // SAFETY: node invariant 5.
        if let Some(next) = unsafe { self.node.as_ref() }.next() {
            self.give_back_before(next);
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn give_back_before(&mut self, next: NonNull<Node>) {
        // SAFETY: node invariant 5: it was reached by `next`.
        let place = unsafe { next.as_ref() }.place();
        // Otherwise bytes of it are written and not flushed yet.
        if internal::last_is_lent(&self.chain) && place.position == self.chain.end().offset() {
            self.complete_last(place.previous_gone);
        }
    }

    /// Takes a tail that its writer has let go of, all consumed as far as was seen.
    pub(super) fn take_released_tail(&mut self) {
        let old = self.core.writer_word().take_released();
        // More may have been flushed meanwhile, into this tail or another.
        self.catch_up(old);
        if old.is_released() {
            // SAFETY: whoever clears `RELEASED` has the reference of the last node's chunk, which is our last: all is pulled.
            unsafe { internal::own_last(&mut self.chain) };
        }
    }

    /// Once the writer has ended, the last chunk is nobody else's: its memory goes back as soon as it is consumed.
    pub(super) fn take_over_last(&mut self, ended: WriterState) {
        if internal::last_is_lent(&self.chain) {
            if ended.is_released() {
                self.take_released_tail();
            } else {
                self.resolve_last(ended);
            }
        }
        if self.chain.is_empty() {
            self.trim();
        }
    }

    /// Before closing, settles whose the lent chunk is. True when it stays the writer's.
    pub(super) fn resolve_last(&mut self, word: WriterState) -> bool {
        if !internal::last_is_lent(&self.chain) || word.is_released() {
            return false;
        }
        // SAFETY: node invariant 5.
        match unsafe { self.node.as_ref() }.next() {
            Some(next) => {
                // SAFETY: node invariant 5: we reached it by `next`.
                let place = unsafe { next.as_ref() }.place();
                if place.position == self.chain.end().offset() || word.is_ended() {
                    self.complete_last(place.previous_gone);
                    return false;
                }
                // The writer may still patch what is written and not flushed in it.
                true
            }
            // An ended writer that left no released tail has given it back itself.
            None => !word.is_ended(),
        }
    }
}
