//! The writer's side of the chain of nodes: what it links, takes back and cleans up.
//!
//! # Invariants
//!
//! Those of [`node`](crate::node), and:
//!
//! 1. `last` is the last node; `last_position` is its position, or `u64::MAX` for the first node of all, which never holds
//!    anything. The last node is *open* when no byte is written behind its position: then its load is the writer's to replace.
//! 2. `Held` is the reference of the last node's block, which is the writer's. `Loose` is the same, while the writer's word says
//!    `LOOSE`, or after somebody has taken it: only the word tells. `None`: the last node's load is void, or given back.
//! 3. The chain is the writer's alone once it saw `CLOSED` set by a reader that found neither `LOOSE` nor `ENDED`.

use std::ptr::NonNull;

use headpond_pool::{Block, Slice, doors::RawChunk};

use crate::{
    broken::{self, Broken},
    core::Core,
    node::{Load, Node, Place},
};

/// The block being filled.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tail {
    /// There is none.
    None,
    /// The writer's.
    Held(RawChunk),
    /// Whoever takes it first has it.
    Loose(RawChunk),
}

/// The chain as its writer sees it.
#[derive(Debug)]
pub(super) struct Chain {
    last: NonNull<Node>,
    last_position: u64,
    /// The reader's last taken node, as last looked at.
    head_seen: NonNull<Node>,
    tail: Tail,
}

/// What became of an appended slice's neighbourhood: how much of the current block goes on after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Appended {
    /// The bytes appended.
    pub(super) len: usize,
    /// Whether the rest of the block is still the writer's.
    pub(super) block_goes_on: bool,
}

impl Chain {
    /// The chain of a fresh core.
    pub(super) fn new(core: &Core) -> Self {
        let first = core.head();
        Self { last: first, last_position: u64::MAX, head_seen: first, tail: Tail::None }
    }

    #[inline]
    pub(super) fn tail(&self) -> Tail {
        self.tail
    }

    pub(super) fn set_tail(&mut self, tail: Tail) {
        self.tail = tail;
    }

    /// Whether the last node holds no byte of the `written` ones.
    pub(super) fn is_open(&self, written: u64) -> bool {
        self.last_position == written
    }

    /// Makes a block the tail: bytes from `written` on go there. Returns where it begins, and its capacity.
    pub(super) fn install(&mut self, core: &Core, written: u64, block: Block) -> (NonNull<u8>, usize) {
        let (chunk, capacity) = RawChunk::from_block(block);
        let load = Load { chunk: Some(chunk), capacity, is_block: true };
        if self.is_open(written) {
            self.release_held();
            // SAFETY: invariant 1: the node is open, and so ours.
            unsafe { self.last.as_ref().set_load(load) };
        } else {
            self.link(core, written, load);
        }
        self.tail = Tail::Held(chunk);
        (chunk.data(), capacity)
    }

    /// Links shared memory in at `written`; the `room` bytes left behind the `filled` ones of a held block go on after it.
    pub(super) fn append(&mut self, core: &Core, written: u64, filled: usize, room: usize, slice: Slice) -> Appended {
        let (chunk, len) = RawChunk::from_slice(slice);
        let load = Load { chunk: Some(chunk), capacity: len, is_block: false };
        let rest = if self.is_open(written) {
            let rest = match self.tail {
                Tail::Held(tail) => Some(tail),
                Tail::None | Tail::Loose(_) => None,
            };
            // SAFETY: invariant 1: the node is open, and so ours. Its block, if any, moves to the next node.
            unsafe { self.last.as_ref().set_load(load) };
            rest
        } else {
            let rest = match self.tail {
                // SAFETY: invariant 2: the reference is ours, and `room` bytes follow the filled ones.
                Tail::Held(tail) if room > 0 => Some(unsafe { tail.share(filled) }),
                Tail::Held(_) | Tail::None | Tail::Loose(_) => None,
            };
            self.link(core, written, load);
            rest
        };
        // The slice is complete: it gets a successor at once, so that the reader may give it back once consumed.
        self.tail = Tail::Held(chunk);
        self.link(core, written + len as u64, Load { chunk: rest, capacity: room, is_block: rest.is_some() });
        self.tail = rest.map_or(Tail::None, Tail::Held);
        Appended { len, block_goes_on: rest.is_some() }
    }

    /// Gives a tail back that has nothing left to read, or nothing in it.
    pub(super) fn release_held(&mut self) {
        if let Tail::Held(tail) = self.tail {
            // SAFETY: invariant 2; from here on the node is marked void by `tail`, and by its successor's `previous_gone`.
            unsafe { tail.release() };
        }
        self.tail = Tail::None;
    }

    /// Gives the tail back when no byte is in its node, which becomes void.
    pub(super) fn release_open(&mut self) {
        self.release_held();
        // SAFETY: invariant 1: the caller saw that the node is open.
        unsafe { self.last.as_ref().set_load(Load::VOID) };
    }

    /// Gives back everything linked at `flushed` or behind.
    pub(super) fn discard_unflushed(&mut self, core: &Core, flushed: u64) {
        let mut node = Some(core.head());
        while let Some(this) = node {
            // SAFETY: nodes on the list live (node invariant 5).
            let this_ref = unsafe { this.as_ref() };
            // SAFETY: we are the writer.
            let place = unsafe { this_ref.place() };
            if place.position >= flushed {
                if this == self.last {
                    if self.last_position != u64::MAX {
                        self.release_open();
                    }
                } else {
                    // SAFETY: node invariants 2 and 4: not flushed, so the load is ours. The first node of all is void.
                    unsafe { release_load(this_ref) };
                }
            }
            node = this_ref.next();
        }
    }

    /// Gives back everything that a reader left when it closed.
    pub(super) fn clean_up_closed(&mut self, core: &Core) {
        if let Tail::Loose(_) = self.tail {
            // The reader took the tail, and everything before it.
            self.tail = Tail::None;
            return;
        }
        let head = core.head();
        // SAFETY: nodes on the list live (node invariant 5).
        let mut node = unsafe { head.as_ref() };
        let mut next = node.next();
        if let Some(successor) = next {
            // SAFETY: we saw `CLOSED`; and we are the writer.
            let abandoned = unsafe { core.lent_at_close() && !successor.as_ref().place().previous_gone };
            if abandoned {
                // SAFETY: invariant 3: the reader left this one to us.
                unsafe { release_load(node) };
            }
        }
        while let Some(this) = next {
            // SAFETY: as above.
            node = unsafe { this.as_ref() };
            next = node.next();
            if next.is_some() {
                // SAFETY: invariant 3: never taken by the reader, so the reference is still in the node.
                unsafe { release_load(node) };
            }
        }
        self.release_held();
    }

    /// The memory of `len` unflushed bytes at `position`, when they lie together in a block of ours.
    pub(super) fn find_unflushed(&self, core: &Core, position: u64, len: usize, written: u64) -> Option<NonNull<u8>> {
        // A forged prefix may lie anywhere, and run over the end of all positions.
        let behind = position.checked_add(len as u64)?;
        let mut node = core.head();
        loop {
            // SAFETY: nodes on the list live (node invariant 5).
            let this = unsafe { node.as_ref() };
            // SAFETY: we are the writer; the load is read only after its position was seen to be ours.
            let start = unsafe { this.place() }.position;
            let next = this.next();
            // SAFETY: as above.
            let end = next.map_or(written, |next| unsafe { next.as_ref().place() }.position);
            if start <= position && behind <= end {
                // SAFETY: node invariant 2: it holds unflushed bytes, so it stays what it is, and is only read here.
                let load = unsafe { this.load() };
                let offset = (position - start) as usize;
                // SAFETY: the offset lies within the node's bytes.
                return load.chunk.filter(|_| load.is_block).map(|chunk| unsafe { chunk.data().add(offset) });
            }
            node = next?;
        }
    }

    /// Links a node at `position` behind the last, whose block goes to the reader if it is held, and not all consumed.
    fn link(&mut self, core: &Core, position: u64, load: Load) {
        if core.consumed() == position {
            // Nothing is left to read in it, and its reader need not come for it.
            self.release_held();
        }
        let previous_gone = !matches!(self.tail, Tail::Held(_)) && !broken::is(Broken::PreviousGoneUnsaid);
        let node = self.take_node(core);
        // SAFETY: the node is fresh or recycled: the reader cannot reach it.
        unsafe { node.as_ref().prepare(Place { position, previous_gone }, load) };
        // SAFETY: node invariant 5.
        unsafe { self.last.as_ref().link(node) };
        if broken::is(Broken::LinkBeforePrepare) {
            // SAFETY: none: that is the mistake.
            unsafe { node.as_ref().prepare(Place { position, previous_gone }, load) };
        }
        self.last = node;
        self.last_position = position;
    }

    /// A node that the reader has moved past, or a new one.
    fn take_node(&mut self, core: &Core) -> NonNull<Node> {
        // SAFETY: we are the writer.
        let first = unsafe { core.first() };
        if first == self.head_seen && !(broken::is(Broken::NodeTakenTooEarly) && first != self.last) {
            self.head_seen = core.head();
            if first == self.head_seen {
                return Node::allocate();
            }
        }
        // SAFETY: node invariant 5. The head is behind the first node, so that one has a successor.
        match unsafe { first.as_ref() }.next() {
            Some(second) => {
                // SAFETY: we are the writer; the caller links the first node in at the end.
                unsafe { core.set_first(second) };
                first
            }
            None => Node::allocate(),
        }
    }
}

/// Gives a node's reference back and leaves the node void.
///
/// # Safety
///
/// The reference in the node is the caller's, and so is the node's load.
unsafe fn release_load(node: &Node) {
    // SAFETY: the caller's promise.
    unsafe {
        if let Some(chunk) = node.load().chunk {
            chunk.release();
            node.set_load(Load::VOID);
        }
    }
}
