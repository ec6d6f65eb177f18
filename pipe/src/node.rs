//! The nodes by which chunks travel from the writer to the reader: a linked list with one producer and one consumer, its
//! nodes recycled.
//!
//! # Invariants
//!
//! 1. A node's place is written by the writer before the node is linked, and not again while the reader can reach it: from its
//!    linking until `head` has moved past it.
//! 2. A node's load is the writer's until a byte behind the node's position is flushed; from then on the reader, once it has
//!    popped the node, may read it, and the writer writes it no more until `head` has moved past the node.
//! 3. `next` of the last node is null. Whoever sees it set, sees the next node's place, and its load once it is flushed.
//! 4. The one counted reference of a load belongs to the writer while the node is the last (or is not flushed), and to the
//!    reader once it has a successor that is not marked `previous_gone`.
//! 5. Every node is a box. It is in one list at a time: the chain, which begins at the reader's node and ends at the writer's last
//!    one and is freed with the core; or one of [spare nodes](crate::spare_nodes), which their owners free.
//! 6. A node is spare once `head`, the reader's node, has moved past it: then no end refers to it any more.

use std::ptr::{self, NonNull};

use headpond_pool::internal::RawChunk;

use crate::sync::{AtomicPtr, Ordering, UnsafeCell};

/// Where a node's bytes stand, and what became of the load before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Where the first byte stands in the stream: also where the bytes of the node before end.
    pub(crate) position: u64,
    /// The reference of the node before was given back already, when nothing of it was left to read.
    pub(crate) previous_gone: bool,
}

/// The memory of a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Nothing yet, or nothing any more.
    pub(crate) chunk: Option<RawChunk>,
    /// How many bytes of memory there are.
    pub(crate) capacity: usize,
}

impl Load {
    pub(crate) const VOID: Self = Self { chunk: None, capacity: 0 };
}

#[derive(Debug)]
pub(crate) struct Node {
    next: AtomicPtr<Node>,
    place: UnsafeCell<Place>,
    load: UnsafeCell<Load>,
}

impl Node {
    /// A node of its own, last in its list.
    pub(crate) fn allocate() -> NonNull<Self> {
        NonNull::from(Box::leak(Box::new(Self {
            next: AtomicPtr::new(ptr::null_mut()),
            place: UnsafeCell::new(Place { position: 0, previous_gone: true }),
            load: UnsafeCell::new(Load::VOID),
        })))
    }

    /// Frees a list of nodes; what their loads refer to is left alone.
    ///
    /// # Safety
    ///
    /// Nobody else can reach the list.
    pub(crate) unsafe fn free_list(first: NonNull<Self>) {
        let mut node = Some(first);
        while let Some(this) = node {
            // SAFETY: invariant 5, and the caller's promise.
            let this = unsafe { Box::from_raw(this.as_ptr()) };
            node = this.next();
        }
    }

    /// The node after it, if one is linked.
    #[inline]
    pub(crate) fn next(&self) -> Option<NonNull<Self>> {
        // Ordering: Acquire pairs with the Release of `link`: the next node's place is seen with it (invariant 3).
        NonNull::new(self.next.load(Ordering::Acquire))
    }

    /// Makes `next`, or nothing, follow in a list of spare nodes.
    pub(crate) fn set_next_spare(&self, next: *mut Self) {
        // Ordering: Relaxed: whoever hands the list on publishes it.
        self.next.store(next, Ordering::Relaxed);
    }

    /// The node after it in a list of spare nodes.
    pub(crate) fn next_spare(&self) -> Option<NonNull<Self>> {
        // Ordering: Relaxed: as above; the list is the caller's.
        NonNull::new(self.next.load(Ordering::Relaxed))
    }

    /// Makes `next` follow.
    pub(crate) fn link(&self, next: NonNull<Self>) {
        // Ordering: Release publishes the next node's place and load to whoever acquires the pointer.
        self.next.store(next.as_ptr(), Ordering::Release);
    }

    /// The writer prepares an unlinked, fresh or recycled, node.
    ///
    /// # Safety
    ///
    /// The caller is the writer, and the reader cannot reach the node.
    pub(crate) unsafe fn prepare(&self, place: Place, load: Load) {
        // Ordering: Relaxed: `link` publishes the node as a whole.
        self.next.store(ptr::null_mut(), Ordering::Relaxed);
        // SAFETY: invariant 1: the reader cannot reach the node.
        self.place.with_mut(|inner| unsafe { *inner = place });
        // SAFETY: invariant 2, likewise.
        self.load.with_mut(|inner| unsafe { *inner = load });
    }

    /// Where it stands.
    ///
    /// # Safety
    ///
    /// The caller is the writer, or the reader that reached the node by [`next`](Self::next).
    #[inline]
    pub(crate) unsafe fn place(&self) -> Place {
        // SAFETY: invariant 1.
        self.place.with(|inner| unsafe { *inner })
    }

    /// What it holds.
    ///
    /// # Safety
    ///
    /// The caller is the writer and the node not flushed, or whoever invariant 2 lets read it.
    #[inline]
    pub(crate) unsafe fn load(&self) -> Load {
        // SAFETY: invariant 2.
        self.load.with(|inner| unsafe { *inner })
    }

    /// Replaces what it holds.
    ///
    /// # Safety
    ///
    /// The caller is the writer, and no byte of the node is flushed; or nobody else can reach it any more.
    pub(crate) unsafe fn set_load(&self, load: Load) {
        // SAFETY: invariant 2.
        self.load.with_mut(|inner| unsafe { *inner = load });
    }
}
