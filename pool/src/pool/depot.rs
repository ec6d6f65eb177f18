//! What lies behind the caches, under one lock: the slabs, the budget and the queue.
//!
//! # Invariants
//!
//! 1. A free block is in the free list or in its slab's list; `free` counts both. Every other block is outside, in a cache,
//!    with a waiter or rented: `outside` counts those.
//! 2. `open` holds the slabs with a free block, `whole` those with all their blocks free, `vacant` the places below the table's
//!    end where no slab is. `whole_blocks` counts the blocks of the whole ones.
//! 3. `system_bytes` is the bytes of all slabs and dedicated allocations, the reserved ones included, and within the
//!    budget.
//! 4. The `listed` slots of the free list from `oldest` on, wrapping at its end, hold rights to free blocks.
//! 5. `home` points to the pool that owns the depot, with the right of its `Arc`, from before the first growth on.

use std::{mem::MaybeUninit, ptr::NonNull};

use crate::{
    error::PoolError,
    pool::{
        options::PoolOptions,
        shared::Shared,
        slab::{FreeBlock, Slab},
        slab_set::{SlabSet, looks},
        stats::PoolStats,
        waiting::Queue,
    },
};

/// The most blocks in the free list: a few batches.
const FREE_LIST_BLOCKS: usize = if cfg!(loom) { 2 } else { 128 };

/// The table of slabs keeps room for so many.
const LEAST_TABLE: usize = 64;

/// What every exchange of a batch touches comes first, on the cache line of the lock: each line more is one more that
/// travels between the threads.
#[repr(C)]
pub(crate) struct Depot {
    free: usize,
    outside: usize,
    dedicated: usize,
    peak_rented: usize,
    served_by_depot: u64,
    /// Whether every cache is disabled, which is so while somebody waits and after the last handle is gone.
    pub(crate) caches_disabled: bool,
    /// Whether the last handle is gone.
    pub(crate) is_closed: bool,
    /// Whether, after that, the outstanding blocks own a reference to the pool together.
    pub(crate) kept_by_outstanding: bool,
    /// How many blocks are in the free list.
    listed: u32,
    /// The slot of the block that has waited longest.
    oldest: u32,
    /// The free list, of the blocks that came back last: most batches go out as they came, and no header is touched, which would be
    /// a cache line that each block carries from thread to thread. First in, first out: what goes this way goes from one thread to
    /// another, and memory that the other core has just read costs twice as much to write as memory that has left its cache meanwhile.
    free_list: [MaybeUninit<FreeBlock>; FREE_LIST_BLOCKS],
    options: PoolOptions,
    /// The pool, as its `Arc` points to it, for the headers of new blocks.
    pub(crate) home: NonNull<Shared>,
    slabs: Vec<Option<Slab>>,
    open: SlabSet,
    whole: SlabSet,
    whole_blocks: usize,
    vacant: SlabSet,
    pub(crate) queue: Queue,
    /// The rest of the counters and peaks; what is counted elsewhere is filled in by `stats`.
    counted: PoolStats,
}

// SAFETY: `home` is only handed on, to headers.
unsafe impl Send for Depot {}

impl Depot {
    pub(crate) fn new(options: &PoolOptions) -> Self {
        Self {
            free: 0,
            outside: 0,
            dedicated: 0,
            peak_rented: 0,
            served_by_depot: 0,
            caches_disabled: false,
            is_closed: false,
            kept_by_outstanding: false,
            listed: 0,
            oldest: 0,
            free_list: [MaybeUninit::uninit(); FREE_LIST_BLOCKS],
            options: options.clone(),
            home: NonNull::dangling(),
            slabs: Vec::new(),
            open: SlabSet::default(),
            whole: SlabSet::default(),
            whole_blocks: 0,
            vacant: SlabSet::default(),
            queue: Queue::default(),
            counted: PoolStats { block_size: options.block_size, ..PoolStats::default() },
        }
    }

    /// Gives a free block out: one from the free list, or from the lowest slab that has one, so that the others become
    /// whole.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<FreeBlock> {
        let block = match self.listed.checked_sub(1) {
            Some(left) => {
                self.listed = left;
                let slot = self.oldest as usize;
                self.oldest = ((slot + 1) % FREE_LIST_BLOCKS) as u32;
                // SAFETY: invariant 4: the oldest slot was one of those that are filled.
                unsafe { self.free_list[slot].assume_init() }
            }
            None => self.take_from_slab()?,
        };
        self.free -= 1;
        self.outside += 1;
        Some(block)
    }

    /// Takes a block back.
    ///
    /// # Safety
    ///
    /// The right is the caller's, and the block is of this pool.
    #[inline]
    pub(crate) unsafe fn put(&mut self, block: FreeBlock) {
        if self.listed as usize == FREE_LIST_BLOCKS {
            self.clear_free_list(FREE_LIST_BLOCKS / 2);
        }
        self.free_list[(self.oldest + self.listed) as usize % FREE_LIST_BLOCKS] = MaybeUninit::new(block);
        self.listed += 1;
        self.free += 1;
        self.outside -= 1;
    }

    /// Takes a slab from the system, a smaller one when the budget has no room for a whole one. `Ok(false)`: it has no
    /// room for a block.
    pub(crate) fn grow(&mut self) -> Result<bool, PoolError> {
        let block_size = self.options.block_size;
        let room = self.options.max_bytes.map_or(usize::MAX, |limit| limit - self.counted.system_bytes);
        let blocks = self.options.slab_blocks.min(room / block_size);
        if blocks == 0 {
            return Ok(false);
        }
        let bytes = blocks * block_size;
        let refused = PoolError::Allocation { bytes };
        let vacant = self.vacant.first();
        if vacant.is_none() && self.slabs.try_reserve(1).is_err() {
            return Err(refused);
        }
        let place = vacant.unwrap_or(self.slabs.len());
        let slab = Slab::new(blocks, block_size, place, self.home).ok_or(refused)?;
        match vacant {
            Some(place) => {
                self.slabs[place] = Some(slab);
                self.vacant.remove(place);
            }
            None => self.slabs.push(Some(slab)),
        }
        self.open.insert(place);
        self.whole.insert(place);
        self.whole_blocks += blocks;
        self.free += blocks;
        self.counted.slabs += 1;
        self.add_system_bytes(bytes);
        Ok(true)
    }

    /// Takes budget for a dedicated allocation.
    pub(crate) fn reserve(&mut self, bytes: usize) -> bool {
        let fits = match self.options.max_bytes {
            Some(limit) => bytes <= limit - self.counted.system_bytes,
            None => self.counted.system_bytes.checked_add(bytes).is_some(),
        };
        if fits {
            self.dedicated += 1;
            self.counted.dedicated_bytes += bytes;
            self.add_system_bytes(bytes);
        }
        fits
    }

    /// Gives the budget of a dedicated allocation back.
    pub(crate) fn unreserve(&mut self, bytes: usize) {
        self.dedicated -= 1;
        self.counted.dedicated_bytes -= bytes;
        self.counted.system_bytes -= bytes;
    }

    /// Gives wholly free slabs back to the system until `bytes` more fit the budget; none when that cannot be.
    pub(crate) fn make_room(&mut self, bytes: usize) {
        let Some(limit) = self.options.max_bytes else { return };
        self.clear_free_list(0);
        let whole_bytes = self.whole_blocks * self.options.block_size;
        if self.counted.system_bytes - whole_bytes > limit - bytes {
            return;
        }
        while self.counted.system_bytes > limit - bytes && self.give_slab_back() {}
    }

    /// Gives wholly free slabs back to the system until no more than `keep` bytes of free blocks are left. Says how
    /// many bytes that was.
    pub(crate) fn give_idle_back(&mut self, keep: usize) -> usize {
        if self.free * self.options.block_size <= keep {
            return 0;
        }
        self.clear_free_list(0);
        let before = self.counted.system_bytes;
        while self.free * self.options.block_size > keep && self.give_slab_back() {}
        before - self.counted.system_bytes
    }

    /// Notes how many blocks may have been out since this was last asked: those outside, but for `low` which stayed
    /// in caches all the while.
    pub(crate) fn note_peak(&mut self, low: usize) {
        self.note_rented(self.outside_and_dedicated() - low);
    }

    /// Notes that so many blocks were out.
    pub(crate) fn note_rented(&mut self, rented: usize) {
        self.peak_rented = self.peak_rented.max(rented);
    }

    pub(crate) fn outside_and_dedicated(&self) -> usize {
        self.outside + self.dedicated
    }

    /// Counts a rent.
    pub(crate) fn note_served(&mut self, origin: Origin) {
        match origin {
            Origin::Depot => self.served_by_depot += 1,
            Origin::System => self.counted.served_by_system += 1,
            Origin::Dedicated => self.counted.served_dedicated += 1,
        }
    }

    /// Whether so many bytes of blocks are free.
    pub(crate) fn is_over(&self, bytes: usize, block_size: usize) -> bool {
        self.free * block_size > bytes
    }

    pub(crate) fn has_free(&self) -> bool {
        self.free != 0
    }

    pub(crate) fn has_outside(&self) -> bool {
        self.outside != 0
    }

    /// The gauges and counters, given how many blocks the caches hold and have served.
    pub(crate) fn stats(&self, cached: usize, served_by_cache: u64) -> PoolStats {
        PoolStats {
            // A block that changed caches while they were being counted may have been seen in both.
            rented: self.outside.saturating_sub(cached) + self.dedicated,
            dedicated: self.dedicated,
            peak_rented: self.peak_rented,
            served_by_depot: self.served_by_depot,
            idle: self.free + cached,
            served_by_cache,
            waiting: self.queue.waiting(),
            ..self.counted
        }
    }

    fn take_from_slab(&mut self) -> Option<FreeBlock> {
        let place = self.open.first()?;
        let slab = self.slabs[place].as_mut()?;
        let block = slab.take()?;
        if self.whole.remove(place) {
            self.whole_blocks -= slab.blocks();
        }
        if !slab.has_free() {
            self.open.remove(place);
        }
        Some(block)
    }

    /// Puts all but the oldest `keep` blocks of the free list into their slabs.
    #[cold]
    fn clear_free_list(&mut self, keep: usize) {
        for behind in keep..self.listed as usize {
            // SAFETY: invariant 4: the slot is one of those that are filled, whose count is set back below.
            let block = unsafe { self.free_list[(self.oldest as usize + behind) % FREE_LIST_BLOCKS].assume_init() };
            let place = block.slab();
            let Some(slab) = self.slabs[place].as_mut() else { unreachable!("a slab outlives its blocks") };
            // SAFETY: the right was the free list's, and `place` is the block's own slab.
            unsafe { slab.put(block) };
            if slab.is_whole() && self.whole.insert(place) {
                self.whole_blocks += slab.blocks();
            }
            self.open.insert(place);
        }
        self.listed = self.listed.min(keep as u32);
    }

    /// Gives the highest wholly free slab back to the system.
    fn give_slab_back(&mut self) -> bool {
        let Some(place) = self.whole.last() else { return false };
        let Some(slab) = self.slabs[place].take() else { return false };
        self.whole.remove(place);
        self.whole_blocks -= slab.blocks();
        self.open.remove(place);
        self.vacant.insert(place);
        self.shorten_table();
        self.free -= slab.blocks();
        self.counted.slabs -= 1;
        self.counted.system_bytes -= slab.blocks() * self.options.block_size;
        true
    }

    /// Takes the places behind the last slab out of the table, and gives memory back when three quarters of it are unused: after
    /// a burst little of it stays. Every place that goes was made by a growth, so that a place costs a constant.
    fn shorten_table(&mut self) {
        while self.slabs.last().is_some_and(Option::is_none) {
            looks::note();
            self.slabs.pop();
            self.vacant.remove(self.slabs.len());
        }
        if self.slabs.capacity() > LEAST_TABLE && self.slabs.len() <= self.slabs.capacity() / 4 {
            let places = (self.slabs.len() * 2).max(LEAST_TABLE);
            self.slabs.shrink_to(places);
            for set in [&mut self.open, &mut self.whole, &mut self.vacant] {
                set.shrink_to(self.slabs.len());
            }
        }
    }

    fn add_system_bytes(&mut self, bytes: usize) {
        self.counted.system_bytes += bytes;
        self.counted.peak_system_bytes = self.counted.peak_system_bytes.max(self.counted.system_bytes);
    }
}

impl Drop for Depot {
    fn drop(&mut self) {
        self.clear_free_list(0);
    }
}

/// Where a rent that took the lock got its memory.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    Depot,
    System,
    Dedicated,
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// A depot with so many free blocks, all taken.
    fn all_out(blocks: usize) -> (Depot, Vec<FreeBlock>) {
        let mut depot = Depot::new(&PoolOptions::new().block_size(64).slab_blocks(blocks));
        assert_eq!(depot.grow(), Ok(true));
        let out = std::iter::from_fn(|| depot.take()).collect();
        (depot, out)
    }

    fn put_back(depot: &mut Depot, blocks: &[FreeBlock]) {
        for &block in blocks {
            // SAFETY: it was taken from here, and is put back once.
            unsafe { depot.put(block) };
        }
    }

    /// With so many slabs of one block, what was looked at in all, a slab, and at the most in one step: growing, taking, putting
    /// back, making room for a dedicated allocation, trimming.
    fn looks_of(slabs: usize) -> (usize, usize) {
        let options = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(2 * slabs * 64);
        let mut depot = Depot::new(&options);
        let (mut all, mut most) = (0, 0);
        let mut note = |(looks, ())| (all, most) = (all + looks, most.max(looks));
        let mut out = Vec::new();
        for _ in 0..slabs {
            note(looks::of(|| assert_eq!(depot.grow(), Ok(true))));
            note(looks::of(|| out.extend(depot.take())));
        }
        // From the highest down, so that the lowest free place moves, and the ones below stay taken.
        let (kept, back) = out.split_at(slabs / 2);
        for &block in back.iter().rev() {
            note(looks::of(|| put_back(&mut depot, &[block])));
        }
        note(looks::of(|| depot.make_room(slabs * 64 + 64)));
        assert_eq!(depot.counted.slabs, slabs - 1);
        note(looks::of(|| assert_eq!(depot.grow(), Ok(true))));
        let mut again = Vec::new();
        for _ in 0..slabs / 4 {
            note(looks::of(|| again.extend(depot.take())));
        }
        for &block in kept.iter().chain(&again) {
            note(looks::of(|| put_back(&mut depot, &[block])));
        }
        let before = depot.counted.slabs;
        let (looks, ()) = looks::of(|| assert_eq!(depot.give_idle_back(0), before * 64));
        note((looks / before, ()));
        (all / slabs, most)
    }

    #[test]
    fn no_step_looks_at_every_slab() {
        for slabs in [1 << 10, 1 << 13, 1 << 16] {
            let (a_slab, most) = looks_of(slabs);
            assert!(a_slab <= 100, "{a_slab} looks a slab, of {slabs}");
            // A step clears the free list at the most: each of its blocks is a change or two of a set.
            assert!(most <= 8 * FREE_LIST_BLOCKS, "{most} looks in one step, of {slabs} slabs");
        }
    }

    #[test]
    fn slabs_given_back_leave_no_table_behind() {
        let mut depot = Depot::new(&PoolOptions::new().block_size(64).slab_blocks(1));
        let mut out = Vec::new();
        for _ in 0..5000 {
            assert_eq!(depot.grow(), Ok(true));
            out.extend(depot.take());
        }
        // The first stays out, and its place in the table with it; a place between is used again.
        let (first, others) = out.split_at(1);
        put_back(&mut depot, others);
        assert_eq!(depot.give_idle_back(0), 4999 * 64);
        assert_eq!((depot.slabs.len(), depot.slabs.capacity()), (1, LEAST_TABLE));
        for _ in 0..3 {
            assert_eq!(depot.grow(), Ok(true));
        }
        assert_eq!(depot.slabs.len(), 4);
        put_back(&mut depot, first);
        assert_eq!(depot.give_idle_back(0), 4 * 64);
        assert_eq!((depot.slabs.len(), depot.whole_blocks, depot.vacant.first()), (0, 0, None));
    }

    #[test]
    fn the_lowest_vacant_place_is_filled_first() {
        let mut depot = Depot::new(&PoolOptions::new().block_size(64).slab_blocks(1));
        let mut out = Vec::new();
        for _ in 0..200 {
            assert_eq!(depot.grow(), Ok(true));
            out.extend(depot.take());
        }
        put_back(&mut depot, &[out[150], out[3], out[70]]);
        assert_eq!(depot.give_idle_back(0), 3 * 64);
        let again = [(); 4].map(|()| {
            assert_eq!(depot.grow(), Ok(true));
            depot.take().expect("just grown")
        });
        assert_eq!(again.map(FreeBlock::slab), [3, 70, 150, 200]);
        put_back(&mut depot, &again);
        for (place, &block) in out.iter().enumerate() {
            if ![3, 70, 150].contains(&place) {
                put_back(&mut depot, &[block]);
            }
        }
    }

    #[test]
    fn what_came_first_goes_first_wherever_in_the_free_list_it_is() {
        let (mut depot, out) = all_out(FREE_LIST_BLOCKS);
        // So many that the second half runs over the end of the free list.
        let (first, second) = out.split_at(FREE_LIST_BLOCKS / 2 + 9);
        put_back(&mut depot, first);
        assert_eq!(std::iter::from_fn(|| depot.take()).collect::<Vec<_>>(), first);
        put_back(&mut depot, second);
        put_back(&mut depot, first);
        assert_eq!(std::iter::from_fn(|| depot.take()).collect::<Vec<_>>(), [second, first].concat());
        put_back(&mut depot, &out);
    }

    #[test]
    fn a_full_free_list_keeps_the_oldest_and_loses_nothing() {
        let (mut depot, out) = all_out(2 * FREE_LIST_BLOCKS);
        for rotation in [0, 50, 100] {
            // Moves the oldest slot on.
            put_back(&mut depot, &out[..rotation]);
            let again: Vec<_> = (0..rotation).filter_map(|_| depot.take()).collect();
            put_back(&mut depot, &again);
            put_back(&mut depot, &out[rotation..]);
            let taken: Vec<_> = std::iter::from_fn(|| depot.take()).collect();
            let kept = rotation.min(FREE_LIST_BLOCKS / 2);
            assert_eq!(taken[..kept], again[..kept]);
            assert!(taken.len() == out.len() && out.iter().all(|block| taken.contains(block)), "each once");
        }
        put_back(&mut depot, &out);
    }
}
