//! The writer's side of the chain of nodes: what it links, takes back and cleans up.
//!
//! # Invariants
//!
//! Those of [`node`](crate::node), and:
//!
//! 1. `last` is the last node; `last_position` is its position, or `u64::MAX` for the first node of all, which never holds
//!    anything. The last node is *open* when no byte is written behind its position: then its load is the writer's to replace.
//! 2. `Held` is the reference of the last node's block, which is the writer's. `Released` is the same, while the writer's word says
//!    `RELEASED`, or after somebody has taken it: only the word tells. `None`: the last node's load is void, or given back.
//! 3. The chain is the writer's alone once it saw `CLOSED` set by a reader that found neither `RELEASED` nor `ENDED`.
//! 4. While `unflushed_since` is the flushed count, `unflushed` is the first node at that position or behind; otherwise the last node
//!    alone may be. The reader does not move past such a node, so that it stays what it is. The positions of nodes increase.

use std::ptr::{self, NonNull};

use headpond_pool::{Block, Slice, internal::RawChunk};

use crate::{
    core::Core,
    node::{Load, Node, Place},
    spare_nodes::SpareNodes,
};

/// The block being filled.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tail {
    /// There is none.
    None,
    /// The writer's.
    Held(RawChunk),
    /// Whoever takes it first has it.
    Released(RawChunk),
}

/// The chain as its writer sees it.
#[derive(Debug)]
pub(super) struct Chain {
    last: NonNull<Node>,
    last_position: u64,
    unflushed: NonNull<Node>,
    unflushed_since: u64,
    spare: SpareNodes,
    tail: Tail,
}

/// Where the stream is: how many bytes are written, and how many of them flushed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) written: u64,
    pub(super) flushed: u64,
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
        // SAFETY: nobody has the core but who is making its two ends.
        let first = unsafe { core.head() };
        Self {
            last: first,
            last_position: u64::MAX,
            unflushed: first,
            unflushed_since: u64::MAX,
            spare: SpareNodes::new(),
            tail: Tail::None,
        }
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
    pub(super) fn install(&mut self, core: &Core, counts: Counts, block: Block) -> (NonNull<u8>, usize) {
        let Counts { written, .. } = counts;
        let (chunk, capacity) = RawChunk::from_block(block);
        let load = Load { chunk: Some(chunk), capacity, is_block: true };
        if self.is_open(written) {
            self.release_held();
            // SAFETY: invariant 1: the node is open, and so ours.
            unsafe { self.last.as_ref().set_load(load) };
        } else {
            self.link(core, counts, load);
        }
        self.tail = Tail::Held(chunk);
        (chunk.data(), capacity)
    }

    /// Links shared memory in at `written`; the `room` bytes left behind the `filled` ones of a held block go on after it.
    pub(super) fn append(&mut self, core: &Core, counts: Counts, filled: usize, room: usize, slice: Slice) -> Appended {
        let Counts { written, flushed } = counts;
        let (chunk, len) = RawChunk::from_slice(slice);
        let load = Load { chunk: Some(chunk), capacity: len, is_block: false };
        let rest = if self.is_open(written) {
            let rest = match self.tail {
                Tail::Held(tail) => Some(tail),
                Tail::None | Tail::Released(_) => None,
            };
            // SAFETY: invariant 1: the node is open, and so ours. Its block, if any, moves to the next node.
            unsafe { self.last.as_ref().set_load(load) };
            rest
        } else {
            let rest = match self.tail {
                // SAFETY: invariant 2: the reference is ours, and `room` bytes follow the filled ones.
                Tail::Held(tail) if room > 0 => Some(unsafe { tail.share(filled) }),
                Tail::Held(_) | Tail::None | Tail::Released(_) => None,
            };
            self.link(core, counts, load);
            rest
        };
        // The slice is complete: it gets a successor at once, so that the reader may give it back once consumed.
        self.tail = Tail::Held(chunk);
        let load = Load { chunk: rest, capacity: room, is_block: true };
        self.link(core, Counts { written: written + len as u64, flushed }, load);
        self.tail = rest.map_or(Tail::None, Tail::Held);
        Appended { len, block_goes_on: rest.is_some() }
    }

    /// Returns the last node, as a prefix remembers it.
    #[inline]
    pub(super) fn last(&self) -> NonNull<()> {
        self.last.cast()
    }

    /// Discards everything from `position` on, which is not before `flushed`, and lies before what is written. `before` was the last
    /// node when `position` was all that was written, and is not now. What begins there is the open last node from here on: returns
    /// its memory, which is the rest of the block that the bytes before lie in, or the first block of what is discarded, if any.
    ///
    /// The reader may look at that node's place meanwhile, but no further.
    ///
    /// # Safety
    ///
    /// `before` is a node of this chain, from [`last`](Self::last), and nothing was flushed, or rewound to before `position`, since.
    pub(super) unsafe fn rewind(
        &mut self,
        core: &Core,
        before: NonNull<()>,
        position: u64,
    ) -> Option<(NonNull<u8>, usize)> {
        let before = before.cast::<Node>();
        // SAFETY: the reader does not move past it before a flush, and no rewind has discarded it: it is on the list.
        let before_ref = unsafe { before.as_ref() };
        let begins = before_ref.place().position == position;
        // It was the last node, and is not any more.
        let first = if begins { before } else { before_ref.next()? };
        // SAFETY: node invariant 5: on the list.
        let first_ref = unsafe { first.as_ref() };
        let mut kept = None;
        if first_ref.place().position > position {
            // SAFETY: bytes from `position` up to there were written to `before` since, and are not flushed.
            kept = unsafe { self.move_back(core, before_ref, first_ref, position) };
        }
        // SAFETY: no byte behind its position is flushed, of this node and of all behind.
        let mut rest = unsafe { first_ref.cut() };
        let mut node = first;
        loop {
            // SAFETY: node invariant 5: it was on the list just now.
            let this = unsafe { node.as_ref() };
            // SAFETY: node invariant 2: not flushed, so the load is ours.
            let load = unsafe { this.load() };
            let is_ours = node != self.last || matches!(self.tail, Tail::Held(_));
            match load.chunk.filter(|_| is_ours) {
                Some(_) if load.is_block && kept.is_none() => kept = Some(load),
                // SAFETY: node invariant 4, and invariant 2: the reference is ours.
                Some(chunk) => unsafe { chunk.release() },
                None => {}
            }
            let next = rest;
            if node != first {
                // SAFETY: it was cut off, and the reader has not seen it: it follows links of what is flushed.
                unsafe { self.spare.push(node) };
            }
            let Some(next) = next else { break };
            // SAFETY: as for `this`.
            rest = unsafe { next.as_ref() }.next();
            node = next;
        }
        let load = kept.unwrap_or(Load::VOID);
        // SAFETY: node invariant 2: the node is open, and so ours.
        unsafe { first_ref.set_load(load) };
        (self.last, self.last_position) = (first, position);
        self.tail = load.chunk.map_or(Tail::None, Tail::Held);
        load.chunk.map(|chunk| (chunk.data(), load.capacity))
    }

    /// Moves the node behind `before` back to `position`. Returns the rest of the block of `before`, from there on.
    ///
    /// # Safety
    ///
    /// Bytes from `position` up to the node's are written, and not flushed.
    unsafe fn move_back(&self, core: &Core, before: &Node, node: &Node, position: u64) -> Option<Load> {
        let start = before.place().position;
        let previous_gone = core.consumed() == position;
        // SAFETY: node invariant 2: reading it is both ends' right.
        let load = unsafe { before.load() };
        let chunk = load.chunk?;
        let offset = (position - start) as usize;
        // First: once it is moved, the reader may give back what it has of the memory before.
        // SAFETY: node invariant 4: there is a successor, but not where the reader is, so that the reference is still in the node; and
        // bytes behind `offset` were written.
        let rest = unsafe { chunk.share(offset) };
        // SAFETY: we are the writer, nothing from `position` on is flushed, and `rest` is the other reference.
        unsafe { node.move_back(Place { position, previous_gone }) };
        if previous_gone {
            // Nothing is left to read in it, and its reader need not come for it.
            // SAFETY: as above: the reader gives back nothing that is marked as gone, and has read all of it.
            unsafe { chunk.release() };
        }
        Some(Load { chunk: Some(rest), capacity: load.capacity - offset, is_block: true })
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
    pub(super) fn discard_unflushed(&mut self, flushed: u64) {
        if self.unflushed_since == flushed {
            let mut node = self.unflushed;
            while node != self.last {
                // SAFETY: invariant 4: the node stays on the list.
                let this = unsafe { node.as_ref() };
                // SAFETY: node invariants 2 and 4: not flushed, so the load is ours.
                unsafe { release_load(this) };
                // Nodes up to the last one have a successor.
                let Some(next) = this.next() else { break };
                node = next;
            }
        }
        if self.last_position != u64::MAX && self.last_position >= flushed {
            self.release_open();
        }
    }

    /// Gives back everything that a reader left when it closed. Nothing is linked from here on.
    pub(super) fn clean_up_closed(&mut self, core: &Core) {
        self.spare = SpareNodes::new();
        if let Tail::Released(_) = self.tail {
            // The reader took the tail, and everything before it.
            self.tail = Tail::None;
            return;
        }
        // SAFETY: we saw `CLOSED`.
        let head = unsafe { core.head() };
        // SAFETY: nodes on the list live (node invariant 5).
        let head_ref = unsafe { head.as_ref() };
        let successor = head_ref.next();
        if let Some(successor) = successor {
            // SAFETY: nodes on the list live (node invariant 5).
            let previous_gone = unsafe { successor.as_ref() }.place().previous_gone;
            // SAFETY: we saw `CLOSED`.
            let abandoned = unsafe { core.lent_at_close() } && !previous_gone;
            if abandoned {
                // SAFETY: invariant 3: the reader left this one to us.
                unsafe { release_load(head_ref) };
            }
        }
        let mut next = successor;
        while let Some(this) = next {
            // SAFETY: as above.
            let node = unsafe { this.as_ref() };
            next = node.next();
            if next.is_some() {
                // SAFETY: invariant 3: never taken by the reader, so the reference is still in the node.
                unsafe { release_load(node) };
            }
        }
        self.release_held();
        if let Some(successor) = successor {
            head_ref.set_next_spare(ptr::null_mut());
            (self.last, self.last_position, self.unflushed_since) = (head, u64::MAX, u64::MAX);
            // SAFETY: invariant 3: a closed reader looks at no node any more, so nobody else can reach them.
            unsafe { Node::free_list(successor) };
        }
    }

    /// Gives up the spare nodes that an idle pipe does not keep: the writer's own, and, once everything is consumed, those that the
    /// reader has handed back, since it may wait already.
    pub(super) fn trim(&mut self, core: &Core, everything_consumed: bool) {
        if everything_consumed {
            // SAFETY: we are the writer.
            let returned = unsafe { core.returned_nodes().take() };
            if self.spare.is_empty() {
                self.spare = returned;
            }
        }
        self.spare.trim();
    }

    /// Links a node behind the last, at what is written, whose block goes to the reader if it is held, and not all consumed.
    fn link(&mut self, core: &Core, counts: Counts, load: Load) {
        let Counts { written: position, flushed } = counts;
        if core.consumed() == position {
            // Nothing is left to read in it, and its reader need not come for it.
            self.release_held();
        }
        let previous_gone = !matches!(self.tail, Tail::Held(_));
        let node = self.take_node(core);
        // SAFETY: the node is fresh or spare: the reader cannot reach it.
        unsafe { node.as_ref().prepare(Place { position, previous_gone }, load) };
        let last = self.last;
        if self.unflushed_since != flushed {
            // Only the last of the nodes linked before the flush can be at its position.
            let last_is_unflushed = self.last_position != u64::MAX && self.last_position >= flushed;
            self.unflushed = if last_is_unflushed { last } else { node };
            self.unflushed_since = flushed;
        }
        // SAFETY: node invariant 5: the last node is on the list until it has a successor.
        unsafe { last.as_ref().link(node) };
        self.last = node;
        self.last_position = position;
    }

    /// A node that the reader has handed back, or a new one.
    fn take_node(&mut self, core: &Core) -> NonNull<Node> {
        if let Some(node) = self.spare.pop() {
            return node;
        }
        // SAFETY: we are the writer.
        self.spare = unsafe { core.returned_nodes().take() };
        self.spare.pop().unwrap_or_else(Node::allocate)
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
