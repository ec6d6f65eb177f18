//! The end of a pool.

use loom::thread;

use super::{is_caught, pool_of};
use crate::{broken::Broken, pool::Pool};

/// Hunts: the last block put into a cache just after the last handle emptied that and went: a pool nobody frees, or
/// one that two do.
fn last_handle_against_return() {
    loom::model(|| {
        let pool = Pool::new();
        let block = pool.rent().unwrap();
        let returner = thread::spawn(move || drop(block));
        drop(pool);
        returner.join().unwrap();
    });
}

#[test]
fn model_last_handle_against_return() {
    last_handle_against_return();
}

#[test]
fn broken_close_that_leaves_the_caches_open() {
    assert!(is_caught(Broken::CloseWithoutDrain, last_handle_against_return));
}

#[test]
fn broken_last_block_that_frees_nothing() {
    assert!(is_caught(Broken::ForgetHeirs, last_handle_against_return));
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
