//! The nodes by which chunks travel from the writer to the reader: a linked list with one producer and one consumer, its
//! nodes recycled.
//!
//! # Invariants
//!
//! 1. A node's place is written by the writer before the node is linked, and from then until the reader has moved past it only by a
//!    rewind: it moves the place of a node that is not flushed back, to no position before what is flushed. The reader sees the
//!    place of before or the new one, and stops at either.
//! 2. A node's load is the writer's until a byte behind the node's position is flushed; from then on the reader, once it has
//!    popped the node, may read it, and the writer writes it no more until the reader has moved past the node.
//! 3. `next` of the last node is null. Whoever sees it set, sees the next node's place, and its load once it is flushed. A rewind
//!    cuts the list behind a node that is not flushed, where the reader does not look: it follows `next` of nodes it has taken.
//! 4. The one counted reference of a load belongs to the writer while the node is the last (or is not flushed), and to the
//!    reader once it has a successor that is not marked `previous_gone`.
//! 5. Every node is a box. It is in one list at a time: the chain, which begins at the reader's node and ends at the writer's last
//!    one and is freed with the core; or one of [spare nodes](crate::spare_nodes), which their owners free.
//! 6. A node is spare once the reader has moved past it: then no end refers to it any more.

use std::ptr::{self, NonNull};

use headpond_pool::internal::RawChunk;

use crate::sync::{AtomicPtr, AtomicU64, Ordering, UnsafeCell};

/// Where a node's bytes stand, and what became of the load before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Where the first byte stands in the stream: also where the bytes of the node before end.
    pub(crate) position: u64,
    /// The reference of the node before was given back already, when nothing of it was left to read.
    pub(crate) previous_gone: bool,
}

impl Place {
    /// As one word: positions are below 2^63.
    fn to_bits(self) -> u64 {
        self.position << 1 | u64::from(self.previous_gone)
    }

    fn from_bits(bits: u64) -> Self {
        Self { position: bits >> 1, previous_gone: bits & 1 != 0 }
    }
}

/// The memory of a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Nothing yet, or nothing any more.
    pub(crate) chunk: Option<RawChunk>,
    /// How many bytes of memory there are.
    pub(crate) capacity: usize,
    /// The writer may write to it, where nothing is written yet: a block, or the rest of one.
    pub(crate) is_block: bool,
}

impl Load {
    pub(crate) const VOID: Self = Self { chunk: None, capacity: 0, is_block: false };
}

#[derive(Debug)]
pub(crate) struct Node {
    next: AtomicPtr<Node>,
    /// A [`Place`].
    place: AtomicU64,
    load: UnsafeCell<Load>,
}

impl Node {
    /// A node of its own, last in its list.
    pub(crate) fn allocate() -> NonNull<Self> {
        NonNull::from(Box::leak(Box::new(Self {
            next: AtomicPtr::new(ptr::null_mut()),
            // Where no node is: the first one of all stays there.
            place: AtomicU64::new(u64::MAX),
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
        // Ordering: Relaxed: as above.
        self.place.store(place.to_bits(), Ordering::Relaxed);
        // SAFETY: invariant 2, likewise.
        self.load.with_mut(|inner| unsafe { *inner = load });
    }

    /// Where it stands.
    #[inline]
    pub(crate) fn place(&self) -> Place {
        // Ordering: Acquire pairs with the Release of `move_back`: with the new place, a second reference to the memory before it.
        Place::from_bits(self.place.load(Ordering::Acquire))
    }

    /// Moves it back to where its writer has rewound to.
    ///
    /// # Safety
    ///
    /// The caller is the writer, no byte behind the new position is flushed, and the memory of the node before is kept by another
    /// reference, or by none of the node before: see invariants 1 and 4.
    pub(crate) unsafe fn move_back(&self, place: Place) {
        // Ordering: Release publishes that reference: a reader that sees the node begin where it has read up to gives its own back.
        self.place.store(place.to_bits(), Ordering::Release);
    }

    /// Cuts the list off behind it, and returns the rest.
    ///
    /// # Safety
    ///
    /// The caller is the writer, and the node not flushed.
    pub(crate) unsafe fn cut(&self) -> Option<NonNull<Self>> {
        let rest = self.next();
        // Ordering: Relaxed: invariant 3: the reader follows it once the node is flushed, and that publishes this.
        self.next.store(ptr::null_mut(), Ordering::Relaxed);
        rest
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
