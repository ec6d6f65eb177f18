//! What a pool has been doing.

/// A pool's gauges and counters at one moment: see [`Pool::stats`](crate::Pool::stats).
///
/// Exact when no rent or return is in flight on another thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PoolStats {
    /// The size of an ordinary block, in bytes.
    pub block_size: usize,
    /// Blocks out: rented and not yet returned, by whatever holds them now (a pipe, a slice). Dedicated ones too.
    pub rented: usize,
    /// The part of `rented` that is dedicated allocations.
    pub dedicated: usize,
    /// Bytes in those dedicated allocations.
    pub dedicated_bytes: usize,
    /// Free blocks, in the caches and in the depot.
    pub idle: usize,
    /// The most blocks that were out at once. Exact while one thread used the pool; with more, an upper bound: it may
    /// count what up to that many caches held as rented (32 blocks each at most).
    pub peak_rented: usize,
    /// Slabs held.
    pub slabs: usize,
    /// Bytes of blocks taken from the system now, slabs and dedicated allocations: what the budget bounds. Headers (64
    /// bytes a block) and the padding of odd block sizes come on top.
    pub system_bytes: usize,
    /// The most that `system_bytes` ever was.
    pub peak_system_bytes: usize,
    /// Rents of ordinary blocks served by a cache, without a lock.
    pub served_by_cache: u64,
    /// Rents of ordinary blocks served by the depot.
    pub served_by_depot: u64,
    /// Rents of ordinary blocks that had to wait for a new slab from the system.
    pub served_by_system: u64,
    /// Rents served by a dedicated allocation.
    pub served_dedicated: u64,
    /// How many wait for memory.
    pub waiting: usize,
}

impl PoolStats {
    /// All rents served so far.
    pub const fn served(&self) -> u64 {
        self.served_by_cache + self.served_by_depot + self.served_by_system + self.served_dedicated
    }
}
