//! The pool's rules that take several threads to show. No test depends on timing: threads meet at barriers and channels.

use std::{
    cell::RefCell,
    sync::{Barrier, mpsc},
    thread,
};

use headpond_pool::{Block, PoolOptions};

const SIZE: usize = 64;

fn small() -> PoolOptions {
    PoolOptions::new().block_size(SIZE).slab_blocks(4)
}

#[test]
fn blocks_rented_here_and_returned_there_go_round() {
    let pool = small().build().unwrap();
    let (sender, receiver) = mpsc::sync_channel::<Block>(8);
    thread::scope(|scope| {
        scope.spawn(move || receiver.into_iter().for_each(drop));
        for round in 0..10_000_u32 {
            let mut block = pool.rent().unwrap();
            block[..4].copy_from_slice(&round.to_le_bytes());
            sender.send(block).unwrap();
        }
        drop(sender);
    });
    let stats = pool.stats();
    assert_eq!((stats.rented, stats.served()), (0, 10_000));
    // Out at once: 8 in the channel and one at each end; the rest lies in two caches and the depot's last batch.
    assert!(stats.idle <= 10 + 2 * 32 + 17 + 3, "no imbalance: {stats:?}");
    assert!(stats.served_by_cache >= 9_000, "{stats:?}");
}

#[test]
fn a_rent_fails_only_after_every_cache_was_drained() {
    let pool = small().max_bytes(16 * SIZE).build().unwrap();
    let barrier = Barrier::new(5);
    let all: Vec<Block> = std::iter::from_fn(|| pool.rent().ok()).collect();
    assert_eq!(all.len(), 16);
    let mut all = all.into_iter();
    thread::scope(|scope| {
        for _ in 0..4 {
            let four: Vec<Block> = all.by_ref().take(4).collect();
            let barrier = &barrier;
            scope.spawn(move || {
                drop(four);
                // Its cache holds them for as long as the thread lives.
                barrier.wait();
                barrier.wait();
            });
        }
        barrier.wait();
        let held: Vec<Block> = std::iter::from_fn(|| pool.rent().ok()).collect();
        assert_eq!(held.len(), 16);
        barrier.wait();
    });
}

#[test]
fn trim_empties_the_caches_of_all_threads() {
    let pool = small().build().unwrap();
    let barrier = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                drop((0..20).map(|_| pool.rent().unwrap()).collect::<Vec<_>>());
                barrier.wait();
                barrier.wait();
            });
        }
        barrier.wait();
        assert!(pool.stats().idle >= 20);
        pool.trim();
        assert_eq!((pool.stats().idle, pool.stats().system_bytes), (0, 0));
        barrier.wait();
    });
}

#[test]
fn blocks_cached_by_a_thread_that_ended_are_not_lost() {
    let pool = small().max_bytes(8 * SIZE).build().unwrap();
    thread::scope(|scope| {
        let all: Vec<Block> = std::iter::from_fn(|| pool.rent().ok()).collect();
        scope.spawn(move || drop(all)).join().unwrap();
    });
    assert_eq!(pool.stats().idle, 8);
    let held: Vec<Block> = std::iter::from_fn(|| pool.rent().ok()).collect();
    assert_eq!(held.len(), 8);
}

#[test]
fn threads_that_come_and_go_share_the_same_caches() {
    let pool = small().build().unwrap();
    for _ in 0..2_000 {
        thread::scope(|scope| {
            scope.spawn(|| drop((pool.rent().unwrap(), pool.rent().unwrap())));
        });
    }
    let stats = pool.stats();
    assert_eq!((stats.rented, stats.served()), (0, 4_000));
    // Other tests' threads may hold low numbers, but no thread of ours leaves a cache behind for itself.
    assert!(stats.system_bytes <= 64 * 36 * SIZE, "{stats:?}");
}

#[test]
fn more_threads_than_caches_work() {
    let pool = small().max_bytes(4096 * SIZE).build().unwrap();
    let barrier = Barrier::new(300);
    thread::scope(|scope| {
        for _ in 0..300 {
            scope.spawn(|| {
                let block = pool.rent().unwrap();
                barrier.wait();
                drop(block);
            });
        }
    });
    let stats = pool.stats();
    assert_eq!(stats.rented, 0);
    assert!(stats.peak_rented >= 300 && stats.peak_rented <= stats.system_bytes / SIZE, "{stats:?}");
}

thread_local! {
    static KEPT: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

#[test]
fn blocks_dropped_while_a_thread_ends_go_back() {
    let pool = small().max_bytes(4 * SIZE).build().unwrap();
    let used_before = pool.clone();
    thread::spawn(move || {
        // Registered before the pool's own destructor, so dropped after it on most systems; and the other way round.
        KEPT.with_borrow_mut(|kept| kept.push(used_before.rent().unwrap()));
        KEPT.with_borrow_mut(|kept| kept.push(used_before.rent().unwrap()));
    })
    .join()
    .unwrap();
    assert_eq!((pool.stats().rented, pool.stats().idle), (0, 4));
}

#[test]
fn the_last_handle_and_the_last_blocks_go_at_once() {
    for round in 0..500 {
        let pool = small().build().unwrap();
        let barrier = Barrier::new(3);
        let (one, other) = (pool.rent().unwrap(), pool.rent().unwrap().into_slice(..round % SIZE));
        thread::scope(|scope| {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                drop(one);
            });
            scope.spawn(move || {
                barrier.wait();
                drop(other);
            });
            barrier.wait();
            drop(pool);
        });
    }
}

/// The last handle goes while the last block is put into a cache. Under Miri, where a return yields behind its last touch of the
/// pool, a reference to it that lives longer is an error.
#[test]
fn a_pool_goes_the_moment_its_last_block_is_back() {
    for yields in 0..8 {
        let pool = small().build().unwrap();
        let (block, dedicated) = (pool.rent().unwrap(), (yields % 2 == 0).then(|| pool.rent_sized(3 * SIZE).unwrap()));
        let returner = thread::spawn(move || drop((dedicated, block)));
        (0..yields).for_each(|_| thread::yield_now());
        drop(pool);
        assert!(returner.join().is_ok());
    }
}

#[test]
fn the_budget_holds_against_many_threads() {
    let pool = small().max_bytes(32 * SIZE).build().unwrap();
    thread::scope(|scope| {
        for thread in 0..4_usize {
            let pool = &pool;
            scope.spawn(move || {
                let mut held: Vec<Block> = Vec::new();
                for round in 0..5_000_usize {
                    match (round * 7 + thread) % 5 {
                        0 => held.clear(),
                        1 => held.extend(pool.rent_sized(3 * SIZE)),
                        _ => held.extend(pool.rent()),
                    }
                    held.iter_mut().for_each(|block| block[0] = thread as u8);
                    assert!(
                        held.iter().all(|block| block[0] == thread as u8),
                        "nobody else writes to a block that is out"
                    );
                }
            });
        }
    });
    let stats = pool.stats();
    assert!(stats.peak_system_bytes <= 32 * SIZE, "{stats:?}");
    assert_eq!((stats.rented, stats.idle * SIZE), (0, stats.system_bytes));
}
