//! Nodes that carry nothing at the moment: the reader hands back those it has moved past, and the writer uses them again.
//!
//! A pipe keeps as many as were in use at once while it is busy, so that nothing is allocated then, and a few once it is idle.
//!
//! # Invariants
//!
//! 1. A spare node is referred to by the one list it is in (node invariants 5 and 6). Lists end at a null `next`.
//! 2. The reader alone stores anything but null in `ReturnedNodes`: what it loads from there is null or a list of its own.

use std::{
    mem::ManuallyDrop,
    ptr::{self, NonNull},
};

use crate::{
    node::Node,
    sync::{AtomicPtr, Ordering},
};

/// How many spare nodes an idle pipe keeps in each of its two lists: enough for half of the default pause threshold.
pub(crate) const IDLE_NODES: usize = 8;

/// A list of spare nodes that one owner has to itself.
#[derive(Debug)]
pub(crate) struct SpareNodes(*mut Node);

// SAFETY: invariant 1: an owned list, which may change threads.
unsafe impl Send for SpareNodes {}
// SAFETY: as above; nothing is done through a shared reference.
unsafe impl Sync for SpareNodes {}

impl SpareNodes {
    pub(crate) const fn new() -> Self {
        Self(ptr::null_mut())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_null()
    }

    /// Takes one out.
    pub(crate) fn pop(&mut self) -> Option<NonNull<Node>> {
        let first = NonNull::new(self.0)?;
        // SAFETY: invariant 1: the nodes of the list live, and are ours.
        self.0 = as_ptr(unsafe { first.as_ref() }.next_spare());
        Some(first)
    }

    /// Puts one in.
    ///
    /// # Safety
    ///
    /// No end refers to the node any more, and it is in no list.
    pub(crate) unsafe fn push(&mut self, node: NonNull<Node>) {
        // SAFETY: the caller's promise: the node is ours.
        unsafe { node.as_ref() }.set_next_spare(self.0);
        self.0 = node.as_ptr();
    }

    /// Frees all but the first [`IDLE_NODES`].
    pub(crate) fn trim(&mut self) {
        let Some(mut last) = NonNull::new(self.0) else { return };
        for _ in 1..IDLE_NODES {
            // SAFETY: invariant 1: the nodes of the list live, and are ours.
            match unsafe { last.as_ref() }.next_spare() {
                Some(next) => last = next,
                None => return,
            }
        }
        // SAFETY: as above.
        let last = unsafe { last.as_ref() };
        let rest = last.next_spare();
        last.set_next_spare(ptr::null_mut());
        drop(Self(as_ptr(rest)));
    }

    /// Takes the list out, as the pointer to its first node.
    fn into_raw(self) -> *mut Node {
        ManuallyDrop::new(self).0
    }
}

impl Drop for SpareNodes {
    fn drop(&mut self) {
        while let Some(node) = self.pop() {
            // SAFETY: invariant 1, and node invariant 5: a box that nothing refers to any more.
            drop(unsafe { Box::from_raw(node.as_ptr()) });
        }
    }
}

/// The list through which spare nodes go back from the reader to the writer.
#[derive(Debug)]
pub(crate) struct ReturnedNodes(AtomicPtr<Node>);

impl ReturnedNodes {
    pub(crate) fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// Hands back the nodes from `first` to `last`, which follow each other.
    ///
    /// # Safety
    ///
    /// The caller is the reader, and has moved past all of them.
    pub(crate) unsafe fn give(&self, first: NonNull<Node>, last: NonNull<Node>) {
        let mut before = SpareNodes::new();
        // Ordering: Relaxed: only null is acted upon, and behind it is nothing to see.
        if !self.0.load(Ordering::Relaxed).is_null() {
            before = self.take_back();
        }
        // SAFETY: node invariant 6, by the caller's promise.
        unsafe { last.as_ref() }.set_next_spare(before.into_raw());
        self.put(first.as_ptr());
    }

    /// Keeps no more than [`IDLE_NODES`] of them.
    ///
    /// # Safety
    ///
    /// The caller is the reader.
    pub(crate) unsafe fn trim(&self) {
        let mut nodes = self.take_back();
        nodes.trim();
        self.put(nodes.into_raw());
    }

    /// Takes all of them.
    ///
    /// # Safety
    ///
    /// The caller is the writer, or nobody else is left.
    pub(crate) unsafe fn take(&self) -> SpareNodes {
        // Ordering: Relaxed: as in `give`. A look first, since the exchange is a locked operation.
        if self.0.load(Ordering::Relaxed).is_null() {
            return SpareNodes::new();
        }
        // Ordering: Acquire pairs with the Release of `put`: the reader is done with the nodes, and their links are seen.
        SpareNodes(self.0.swap(ptr::null_mut(), Ordering::Acquire))
    }

    /// The reader takes back what the writer has not taken.
    fn take_back(&self) -> SpareNodes {
        // Ordering: Relaxed: invariant 2: the reader's own list, or nothing.
        SpareNodes(self.0.swap(ptr::null_mut(), Ordering::Relaxed))
    }

    fn put(&self, first: *mut Node) {
        // Ordering: Release publishes the end of the reader's accesses to the nodes, and their links.
        self.0.store(first, Ordering::Release);
    }
}

fn as_ptr(node: Option<NonNull<Node>>) -> *mut Node {
    node.map_or(ptr::null_mut(), NonNull::as_ptr)
}
