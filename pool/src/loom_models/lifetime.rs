//! The end of a pool.

use loom::thread;

use super::{pool_of, pool_of_single_blocks};
use crate::pool::Pool;

/// Hunts: the last block put into a cache just after the last handle emptied that and went: a pool nobody frees, or
/// one that two do.
#[test]
fn model_last_handle_against_return() {
    loom::model(|| {
        let pool = Pool::new();
        let block = pool.rent().unwrap();
        let returner = thread::spawn(move || drop(block));
        drop(pool);
        returner.join().unwrap();
    });
}

/// Hunts: two blocks returned at once to a pool without handles, each taking itself for the last, or neither.
#[test]
fn model_last_two_blocks_of_a_closed_pool() {
    loom::model(|| {
        let pool = Pool::new();
        let (first, second) = (pool.rent().unwrap(), pool.rent().unwrap());
        drop(pool);
        let returner = thread::spawn(move || drop(first));
        drop(second.into_slice(..1));
        returner.join().unwrap();
    });
}

/// Hunts: the last two handles dropped at once, after rents on both threads.
#[test]
fn model_last_two_handles() {
    loom::model(|| {
        let pool = Pool::new();
        let other = pool.clone();
        let renter = thread::spawn(move || {
            drop(other.rent().unwrap());
            drop(other);
        });
        let kept = pool.rent().unwrap();
        drop(pool);
        renter.join().unwrap();
        drop(kept);
    });
}

/// Hunts: the pool freed by the last handle while a return, whose block the depot has, is still unlocking that. Two blocks fill the
/// returner's cache, and the third goes to the depot.
#[test]
fn model_last_handle_against_return_to_the_depot() {
    loom::model(|| {
        let pool = Pool::new();
        let blocks = [(); 3].map(|()| pool.rent().unwrap());
        let returner = thread::spawn(move || drop(blocks));
        drop(pool);
        returner.join().unwrap();
    });
}

/// Hunts: a block and a dedicated allocation of a pool without handles, returned at once: a pool that either frees under the other, or
/// that both leave.
#[test]
fn model_block_and_dedicated_of_a_closed_pool() {
    loom::model(|| {
        let pool = pool_of_single_blocks(3).build().unwrap();
        let (block, large) = (pool.rent().unwrap(), pool.rent_sized(2 * 64).unwrap());
        drop(pool);
        let returner = thread::spawn(move || drop(large));
        drop(block);
        returner.join().unwrap();
    });
}

/// Hunts: a dedicated allocation returned while the last handle goes.
#[test]
fn model_last_handle_against_dedicated_return() {
    loom::model(|| {
        let pool = pool_of(2);
        let large = pool.rent_sized(2 * 64).unwrap();
        let returner = thread::spawn(move || drop(large));
        drop(pool);
        returner.join().unwrap();
    });
}
