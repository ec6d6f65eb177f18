//! Models of the pool: two threads, two or three operations each, in every interleaving within loom's bound. Each
//! `model_` says which interleaving it hunts; the mutants that each is seen to catch are in `xtask/mutants/pool.txt`.
//!
//! Under loom a pool has two caches of two blocks, one a thread (the main thread and the second one). That nothing
//! leaks is loom's to see: every block out, and every handle, holds on to an `Arc` of its.
//!
//! Every ordering stronger than `Relaxed` has its mutant, but for the count of handles: loom has the read-modify-writes of
//! different places happen in one order, so that the claims before a handle's end come first whatever that says. The argument
//! for that one is in `docs/UNSAFE.md`.

mod lifetime;
mod memory;
mod waiting;

use crate::pool::{Pool, PoolOptions};

/// A pool with room for so many blocks.
fn pool_of(blocks: usize) -> Pool {
    PoolOptions::new().max_bytes(blocks * 64).build().unwrap()
}

/// The same, in slabs of one block, so that a block's worth can go back to the system, or to a dedicated allocation.
fn pool_of_single_blocks(blocks: usize) -> PoolOptions {
    PoolOptions::new().slab_blocks(1).max_bytes(blocks * 64)
}
