//! Blocks and their bytes from thread to thread.

use loom::{sync::Arc, thread};

use super::{pool_of, pool_of_single_blocks};
use crate::{
    memory::{Block, Slice},
    pool::Pool,
    sync::UnsafeCell,
};

/// Hunts: a block popped by its owner and taken by one who drains the same cache for want of memory, at once.
#[test]
fn model_pop_against_steal() {
    loom::model(|| {
        let pool = pool_of(2);
        let blocks = (pool.rent().unwrap(), pool.rent().unwrap());
        drop(blocks);
        let other = pool.clone();
        let thief = thread::spawn(move || {
            let (first, second) = (other.rent(), other.rent());
            (first.ok(), second.ok())
        });
        let mine = pool.rent().ok();
        let (first, second) = thief.join().unwrap();
        let mut addresses: Vec<_> = [mine, first, second].into_iter().flatten().map(|block| block.address()).collect();
        assert_eq!(addresses.len(), 2, "two blocks for three rents, and none is lost or in two hands");
        addresses.dedup();
        assert_eq!(addresses.len(), 2);
    });
}

/// Hunts: a return into a cache that was just drained for a rent that then fails, with nothing rented any more: the
/// rent may fail, but the block must be there for the next.
#[test]
fn model_return_against_exhausted_rent() {
    loom::model(|| {
        let pool = pool_of(1);
        let block = pool.rent().unwrap();
        let returner = thread::spawn(move || drop(block));
        let early = pool.rent().is_ok();
        returner.join().unwrap();
        assert!(pool.rent().is_ok(), "{early}");
        assert_eq!(pool.stats().rented, 0);
    });
}

/// Hunts: a trim that frees a slab while a block of it is on its way out of a cache, or back into one.
#[test]
fn model_trim_against_rent_and_return() {
    loom::model(|| {
        let pool = pool_of(2);
        drop(pool.rent().unwrap());
        let other = pool.clone();
        let renter = thread::spawn(move || {
            let mut block = other.rent().unwrap();
            block[0] = 1;
            drop(block);
        });
        pool.trim();
        renter.join().unwrap();
        let stats = pool.stats();
        assert_eq!((stats.rented, stats.idle * 64), (0, stats.system_bytes));
        pool.trim();
        assert_eq!(pool.stats().system_bytes, 0);
    });
}

/// Hunts: two returns that find the depot over its limit at once: exactly the slabs that it asks for go. Of three blocks that a thread
/// returns two fill its cache; then one of these goes to the depot with the third.
#[test]
fn model_idle_beyond_the_limit_from_both_sides() {
    loom::model(|| {
        let pool = pool_of_single_blocks(6).max_idle_bytes(64).build().unwrap();
        let (mine, theirs) = ([(); 3].map(|()| pool.rent().unwrap()), [(); 3].map(|()| pool.rent().unwrap()));
        let returner = thread::spawn(move || drop(theirs));
        drop(mine);
        returner.join().unwrap();
        let stats = pool.stats();
        assert_eq!((stats.idle, stats.system_bytes), (3, 3 * 64), "one in each cache, and the limit in the depot");
    });
}

/// Hunts: figures taken between the moves of a block: a gauge that underflows, or a count that is lost.
#[test]
fn model_stats_against_rent_and_return() {
    loom::model(|| {
        let pool = pool_of(2);
        let other = pool.clone();
        let renter = thread::spawn(move || drop(other.rent().unwrap()));
        assert!(pool.stats().rented <= 1);
        renter.join().unwrap();
        let stats = pool.stats();
        assert_eq!((stats.rented, stats.idle, stats.served(), stats.peak_rented), (0, 2, 1, 1));
    });
}

/// Hunts: two growths, or a growth and a dedicated allocation, that both find the same room in the budget.
#[test]
fn model_dedicated_against_growth() {
    loom::model(|| {
        let pool = pool_of(3);
        let other = pool.clone();
        let renter = thread::spawn(move || other.rent_sized(2 * 64).ok());
        let (first, second) = (pool.rent().ok(), pool.rent().ok());
        let large = renter.join().unwrap();
        let stats = pool.stats();
        assert!(stats.system_bytes <= 3 * 64 && stats.peak_system_bytes <= 3 * 64);
        assert!(first.is_some(), "one block fits beside the allocation");
        assert!(second.is_some() || large.is_some());
        drop((first, second, large));
        assert_eq!(pool.rent_sized(3 * 64).unwrap().len(), 3 * 64);
    });
}

/// Hunts: the block of two slices rented anew, and written, while the holder of the other still reads.
#[test]
fn model_slice_drop_against_reuse() {
    /// Reads through a slice, lets go of it, and writes to the block if it is to be had.
    fn read_then_write(pool: &Pool, slice: Slice, bytes: &UnsafeCell<()>) {
        bytes.with(|_| ());
        drop(slice);
        let anew = pool.rent();
        if anew.is_ok() {
            bytes.with_mut(|_| ());
        }
    }
    loom::model(|| {
        let pool = pool_of(1);
        let slice = pool.rent().unwrap().into_slice(..);
        // Stands for the block's bytes, so that the model sees who touches them.
        let bytes = Arc::new(UnsafeCell::new(()));
        let theirs = (pool.clone(), slice.clone(), Arc::clone(&bytes));
        let other = thread::spawn(move || read_then_write(&theirs.0, theirs.1, &theirs.2));
        read_then_write(&pool, slice, &bytes);
        other.join().unwrap();
    });
}

/// Hunts: a holder that finds itself alone, and so may write, while the other that let go still reads. (That one begins with
/// a clone because loom would not set its first access, were it a load, against the load that asks.)
#[test]
fn model_unique_against_slice_drop() {
    loom::model(|| {
        let pool = pool_of(1);
        let slice = pool.rent().unwrap().into_slice(..);
        // Stands for the block's bytes, as above.
        let bytes = Arc::new(UnsafeCell::new(()));
        let theirs = (slice.clone(), Arc::clone(&bytes));
        let other = thread::spawn(move || {
            let copy = theirs.0.clone();
            theirs.1.with(|_| ());
            drop((theirs.0, copy));
        });
        if slice.is_unique() {
            bytes.with_mut(|_| ());
        }
        other.join().unwrap();
        assert!(slice.is_unique());
    });
}

/// Hunts: blocks that are rented here and returned there, both threads dealing with the depot at once.
#[test]
fn model_batches_from_both_sides() {
    loom::model(|| {
        let pool = Pool::new();
        let held: Vec<Block> = (0..3).map(|_| pool.rent().unwrap()).collect();
        let returner = thread::spawn(move || drop(held));
        let mine = (pool.rent().unwrap(), pool.rent().unwrap());
        assert_ne!(mine.0.address(), mine.1.address());
        drop(mine);
        returner.join().unwrap();
        let stats = pool.stats();
        assert_eq!((stats.rented, stats.idle * 64), (0, stats.system_bytes));
    });
}
