//! A pool against a list of what is out of it.
//!
//! Every block is filled with a byte of its own, which must still be there when it goes back.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use arbitrary::Arbitrary;
use headpond_pool::{Block, BlockSource, Pool, PoolError, PoolOptions, Slice, Ticket};

use crate::wakes::Wakes;

/// What can be done. Numbers are taken modulo what there is.
#[derive(Debug, Clone, Arbitrary)]
#[expect(missing_docs, reason = "each is the call of that name")]
pub enum Op {
    /// Gives everything back and starts again with another pool. Done for one number in sixteen, or when it comes first.
    Setup(u8, Setup),
    Rent,
    RentMany(u8),
    RentSized(u8),
    /// Any block or slice that is out.
    Drop(u8),
    DropMany(u8),
    IntoSlice(u8, u8, u8),
    CloneSlice(u8),
    Narrow(u8, u8, u8),
    Compact(u8),
    Trim,
    /// Waits for so much, with a place in the line.
    Wait(u8),
    PollWaiter(u8),
    DropWaiter(u8),
    /// Polled once and dropped.
    RentAsync(u8),
    CloneHandle,
    DropHandle,
}

/// The options of a pool.
#[derive(Debug, Clone, Copy, Arbitrary)]
#[expect(missing_docs, reason = "each is the option of that name")]
pub struct Setup {
    pub block_size: u8,
    pub slab_blocks: u8,
    /// In blocks, and some bytes more.
    pub budget: Option<(u8, u8)>,
    pub max_idle: Option<u8>,
    pub track_leaks: bool,
}

/// Most blocks and slices out: more find nothing more.
const MOST_OUT: usize = 100;

/// Runs the operations on a pool and on the list.
///
/// # Panics
///
/// When they differ.
pub fn run(ops: &[Op]) {
    let mut world =
        World::new(Setup { block_size: 63, slab_blocks: 3, budget: None, max_idle: None, track_leaks: false });
    for op in ops {
        world.apply(op);
        world.check();
    }
    world.finish();
}

/// Memory that is out.
enum Held {
    Block(Block),
    /// With which of the counted pieces of memory it shares.
    Slice(Slice),
}

struct Out {
    held: Held,
    /// One number for a block and all slices of it.
    memory: usize,
    /// How much of the budget that memory takes.
    size: usize,
    tag: u8,
}

struct Waiter {
    min: usize,
    ticket: Ticket,
    wakes: Arc<Wakes>,
    granted: bool,
}

struct World {
    /// The same pool, by one handle or more.
    handles: Vec<Pool>,
    block_size: usize,
    slab_blocks: usize,
    budget: usize,
    /// Whether a dedicated allocation depends on which slabs lie idle.
    fragments: bool,
    leaks: bool,
    out: Vec<Out>,
    /// In the order they came.
    line: Vec<Waiter>,
    memories: usize,
    served: u64,
    peak: usize,
    operations: usize,
}

impl World {
    fn new(setup: Setup) -> Self {
        let block_size = usize::from(setup.block_size) % 80 + 1;
        let slab_blocks = usize::from(setup.slab_blocks) % 5 + 1;
        let budget = setup.budget.map_or(usize::MAX, |(blocks, more)| {
            block_size * (usize::from(blocks) % 20 + 1) + usize::from(more) % block_size
        });
        let options = PoolOptions::new().block_size(block_size).slab_blocks(slab_blocks).track_leaks(setup.track_leaks);
        let options = options.max_idle_bytes(setup.max_idle.map(|blocks| usize::from(blocks) * block_size));
        let options = if setup.budget.is_some() { options.max_bytes(budget) } else { options };
        Self {
            handles: vec![options.build().expect("valid options")],
            block_size,
            slab_blocks,
            budget,
            fragments: setup.budget.is_some() && slab_blocks > 1,
            leaks: setup.track_leaks,
            out: Vec::new(),
            line: Vec::new(),
            memories: 0,
            served: 0,
            peak: 0,
            operations: 0,
        }
    }

    fn apply(&mut self, op: &Op) {
        match *op {
            Op::Setup(sure, setup) if sure % 16 == 0 || self.operations == 0 => {
                std::mem::replace(self, Self::new(setup)).finish();
            }
            Op::Rent => self.rent(0),
            Op::RentMany(n) => (0..n % 16).for_each(|_| self.rent(0)),
            Op::RentSized(min) => self.rent(self.size_asked(min)),
            Op::Drop(which) => self.give_back(which),
            Op::DropMany(n) => (0..n % 32).for_each(|i| self.give_back(i.wrapping_mul(7))),
            Op::IntoSlice(which, start, end) => self.make_slice(which.into(), start.into(), end.into()),
            Op::CloneSlice(which) => self.clone_slice(which.into()),
            Op::Narrow(which, start, end) => self.narrow(which.into(), start.into(), end.into()),
            Op::Compact(which) => self.compact(which.into()),
            Op::Trim => self.trim(),
            Op::Wait(min) => self.wait(self.size_asked(min)),
            Op::PollWaiter(which) => self.poll_waiter(which.into()),
            Op::DropWaiter(which) => {
                if !self.line.is_empty() {
                    self.line.remove(usize::from(which) % self.line.len());
                }
            }
            Op::RentAsync(min) => self.rent_async(self.size_asked(min)),
            Op::CloneHandle => self.handles.push(self.handles[0].clone()),
            Op::DropHandle if self.handles.len() > 1 => drop(self.handles.swap_remove(0)),
            Op::Setup(..) | Op::DropHandle => {}
        }
        self.operations += 1;
        self.settle();
    }

    /// Where idle slabs make room or not, only ordinary blocks are asked for.
    fn size_asked(&self, min: u8) -> usize {
        if self.fragments { usize::from(min) % (self.block_size + 1) } else { min.into() }
    }

    fn size(&self, min: usize) -> usize {
        min.max(self.block_size)
    }

    /// Every piece of memory once.
    fn memories_out(&self) -> Vec<(usize, usize)> {
        let mut memories: Vec<_> = self.out.iter().map(|out| (out.memory, out.size)).collect();
        memories.retain(|&(_, size)| size > 0);
        memories.sort_unstable();
        memories.dedup();
        memories
    }

    fn free(&self) -> usize {
        let out: usize = self.memories_out().iter().map(|(_, size)| size).sum();
        let granted: usize = self.line.iter().filter(|waiter| waiter.granted).map(|waiter| self.size(waiter.min)).sum();
        self.budget.saturating_sub(out + granted)
    }

    /// What a plain rent comes to.
    fn expect(&self, min: usize) -> Result<(), &'static str> {
        let size = self.size(min);
        if size > self.budget {
            Err("too large")
        } else if self.line.iter().any(|waiter| !waiter.granted) || size > self.free() {
            Err("exhausted")
        } else {
            Ok(())
        }
    }

    fn rent(&mut self, min: usize) {
        if self.out.len() >= MOST_OUT {
            return;
        }
        let expected = self.expect(min);
        let pool = &self.handles[self.operations % self.handles.len()];
        let rented = if min == 0 { pool.rent() } else { pool.rent_sized(min) };
        assert_eq!(rented.as_ref().map(|_| ()).map_err(name), expected);
        if let Ok(block) = rented {
            self.take(block, min);
        }
    }

    /// A block that was just rented.
    fn take(&mut self, mut block: Block, min: usize) {
        let size = self.size(min);
        assert_eq!(block.len(), size);
        assert_eq!(block.as_ptr() as usize % 64, 0);
        self.memories += 1;
        let tag = self.memories as u8;
        block.fill(tag);
        self.out.push(Out { held: Held::Block(block), memory: self.memories, size, tag });
        self.served += 1;
        self.peak = self.peak.max(self.memories_out().len());
    }

    fn give_back(&mut self, which: u8) {
        if !self.out.is_empty() {
            self.out.swap_remove(usize::from(which) % self.out.len()).check();
        }
    }

    fn make_slice(&mut self, which: usize, start: usize, end: usize) {
        if self.out.is_empty() {
            return;
        }
        let Out { held, memory, size, tag } = self.out.swap_remove(which % self.out.len());
        let held = match held {
            Held::Block(block) => {
                let (start, end) = part(block.len(), start, end);
                let slice = block.into_slice(start..end);
                assert!(slice.is_unique());
                assert_eq!(slice.pinned_bytes(), size);
                Held::Slice(slice)
            }
            slice => slice,
        };
        self.out.push(Out { held, memory, size, tag });
    }

    fn slice(&self, which: usize) -> Option<(usize, &Out, &Slice)> {
        let slices = self.out.iter().enumerate().filter_map(|(i, out)| match &out.held {
            Held::Slice(slice) => Some((i, out, slice)),
            Held::Block(_) => None,
        });
        let slices: Vec<_> = slices.collect();
        slices.get(which % slices.len().max(1)).copied()
    }

    fn clone_slice(&mut self, which: usize) {
        if let Some((_, &Out { memory, size, tag, .. }, slice)) =
            self.slice(which).filter(|_| self.out.len() < MOST_OUT)
        {
            let held = Held::Slice(slice.clone());
            self.out.push(Out { held, memory, size, tag });
        }
    }

    fn narrow(&mut self, which: usize, start: usize, end: usize) {
        if let Some((_, &Out { memory, size, tag, .. }, slice)) = self.slice(which) {
            let (start, end) = part(slice.len(), start, end);
            let held = Held::Slice(slice.slice(start..end));
            self.out.push(Out { held, memory, size, tag });
        }
    }

    /// A slice that is less than half of what it pins goes on in memory of its own.
    fn compact(&mut self, which: usize) {
        let Some((index, ..)) = self.slice(which) else { return };
        let Out { held, memory, size, tag } = self.out.swap_remove(index);
        let Held::Slice(slice) = held else { return };
        let moves = size > 0 && slice.len() < size / 2;
        let slice = slice.compact();
        let size = if moves { 0 } else { size };
        self.out.push(Out { held: Held::Slice(slice), memory, size, tag });
    }

    fn trim(&mut self) {
        let before = self.handles[0].stats();
        let trimmed = self.handles[0].trim();
        let after = self.handles[0].stats();
        assert_eq!(before.system_bytes - after.system_bytes, trimmed);
        if self.slab_blocks == 1 {
            assert_eq!(after.idle, 0);
        }
        if self.out.iter().all(|out| out.size == 0) && self.line.is_empty() {
            assert_eq!((after.system_bytes, after.slabs), (0, 0));
        }
    }

    fn wait(&mut self, min: usize) {
        if self.line.len() < 8 {
            self.line.push(Waiter { min, ticket: Ticket::new(), wakes: Wakes::new(), granted: false });
            self.poll_waiter(self.line.len() - 1);
        }
    }

    fn poll_waiter(&mut self, which: usize) {
        if self.line.is_empty() {
            return;
        }
        let which = which % self.line.len();
        let mut waiter = self.line.remove(which);
        let min = waiter.min;
        // One that was never polled stands at the end of the line.
        let expected = match (waiter.granted, waiter.ticket.is_empty()) {
            (true, _) => Ok(()),
            (false, true) => self.expect(min),
            (false, false) => Err("exhausted"),
        };
        let waker = waiter.wakes.waker();
        let polled = self.handles[0].poll_rent(&mut Context::from_waker(&waker), min, &mut waiter.ticket);
        match polled {
            Poll::Ready(Ok(block)) => {
                assert_eq!(expected, Ok(()));
                self.take(block, min);
            }
            Poll::Ready(Err(error)) => assert_eq!(Err(name(&error)), expected),
            Poll::Pending => {
                assert_eq!(expected, Err("exhausted"));
                self.line.insert(which, waiter);
            }
        }
    }

    fn rent_async(&mut self, min: usize) {
        let expected = self.expect(min);
        let wakes = Wakes::new();
        let waker = wakes.waker();
        let pool = self.handles[0].clone();
        let mut rent = std::pin::pin!(pool.rent_async(min));
        match rent.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(Ok(block)) => {
                assert_eq!(expected, Ok(()));
                self.take(block, min);
            }
            Poll::Ready(Err(error)) => assert_eq!(Err(name(&error)), expected),
            Poll::Pending => assert_eq!(expected, Err("exhausted")),
        }
    }

    /// What has come back goes to those who wait, in order of arrival.
    fn settle(&mut self) {
        while let Some(first) = self.line.iter().position(|waiter| !waiter.granted) {
            if self.size(self.line[first].min) > self.free() {
                break;
            }
            self.line[first].granted = true;
        }
    }

    fn check(&mut self) {
        let stats = self.handles[0].stats();
        let out = self.memories_out();
        let granted = self.line.iter().filter(|waiter| waiter.granted).count();
        assert!(
            (out.len()..=out.len() + granted).contains(&stats.rented),
            "{} out, {granted} granted: {stats:?}",
            out.len()
        );
        assert_eq!(stats.block_size, self.block_size);
        assert_eq!(stats.waiting, self.line.len() - granted);
        if granted == 0 {
            let dedicated: Vec<usize> = out.iter().map(|out| out.1).filter(|&size| size > self.block_size).collect();
            assert_eq!((stats.dedicated, stats.dedicated_bytes), (dedicated.len(), dedicated.iter().sum()));
            let ordinary = (stats.rented - stats.dedicated + stats.idle) * self.block_size;
            assert_eq!(stats.system_bytes, ordinary + stats.dedicated_bytes);
        }
        assert!(stats.system_bytes <= self.budget && stats.system_bytes <= stats.peak_system_bytes);
        assert!(stats.peak_rented >= self.peak);
        assert!(stats.served() >= self.served);
        for waiter in &self.line {
            assert_eq!(waiter.wakes.count(), u64::from(waiter.granted), "told once, when it is its turn");
        }
        if self.leaks && granted == 0 {
            assert_eq!(self.handles[0].leaks().len(), out.len());
        }
    }

    /// Everything goes back, some of it after the last handle.
    fn finish(mut self) {
        self.line.clear();
        let late = self.out.split_off(self.out.len() / 2);
        self.out.iter().for_each(Out::check);
        self.out.clear();
        drop(self.handles);
        late.iter().for_each(Out::check);
    }
}

impl Out {
    /// Nobody else has written there.
    fn check(&self) {
        let bytes: &[u8] = match &self.held {
            Held::Block(block) => block,
            Held::Slice(slice) => slice,
        };
        assert!(bytes.iter().all(|&byte| byte == self.tag));
    }
}

fn name(error: &PoolError) -> &'static str {
    match error {
        PoolError::Exhausted { .. } => "exhausted",
        PoolError::TooLarge { .. } => "too large",
        _ => "unexpected",
    }
}

/// An ordered pair of offsets within `len` bytes.
fn part(len: usize, start: usize, end: usize) -> (usize, usize) {
    let (start, end) = (start % (len + 1), end % (len + 1));
    (start.min(end), start.max(end))
}
