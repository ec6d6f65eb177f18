//! The pool's rules that one thread can show.

use std::{mem, sync::Arc};

use headpond_pool::{Block, BlockSource, Pool, PoolError, PoolOptions, PoolOptionsError};

const SIZE: usize = 64;

fn small() -> PoolOptions {
    PoolOptions::new().block_size(SIZE).slab_blocks(4)
}

fn rent_all(pool: &Pool) -> Vec<Block> {
    std::iter::from_fn(|| pool.rent().ok()).collect()
}

#[test]
fn a_dropped_block_is_rented_again() {
    let pool = Pool::new();
    let block = pool.rent().unwrap();
    let first = block.as_ptr();
    drop(block);
    assert_eq!(pool.rent().unwrap().as_ptr(), first);
    assert_eq!(pool.stats().slabs, 1);
}

#[test]
fn defaults_are_4096_bytes_in_slabs_of_32() {
    let pool = Pool::default();
    let block = pool.rent().unwrap();
    assert_eq!((block.len(), pool.block_size(), BlockSource::block_size(&pool)), (4096, 4096, 4096));
    let stats = pool.stats();
    assert_eq!((stats.system_bytes, stats.idle, stats.rented), (32 * 4096, 31, 1));
}

#[test]
fn blocks_are_aligned_zeroed_and_apart() {
    for size in [1, 63, 64, 100, 4096, 8192] {
        let pool = PoolOptions::new().block_size(size).slab_blocks(3).build().unwrap();
        let mut blocks: Vec<Block> = (0..7).map(|_| pool.rent().unwrap()).collect();
        for (index, block) in blocks.iter_mut().enumerate() {
            assert_eq!(block.len(), size);
            assert_eq!(block.as_ptr().addr() % if size % 4096 == 0 { 4096 } else { 64 }, 0);
            assert!(block.iter().all(|&byte| byte == 0));
            block.fill(index as u8 + 1);
        }
        for (index, block) in blocks.iter().enumerate() {
            assert!(block.iter().all(|&byte| byte == index as u8 + 1));
        }
    }
}

#[test]
fn options_out_of_range_are_refused() {
    let build = |options: PoolOptions| options.build().unwrap_err();
    assert_eq!(build(PoolOptions::new().block_size(0)), PoolOptionsError::BlockSize);
    assert_eq!(build(PoolOptions::new().slab_blocks(0)), PoolOptionsError::SlabBlocks);
    let (block_size, slab_blocks) = (usize::MAX / 4, 8);
    let too_large = build(PoolOptions::new().block_size(block_size).slab_blocks(slab_blocks));
    assert_eq!(too_large, PoolOptionsError::SlabTooLarge { block_size, slab_blocks });
    let budget = build(small().max_bytes(SIZE - 1));
    assert_eq!(budget, PoolOptionsError::Budget { max_bytes: SIZE - 1, block_size: SIZE });
    assert!(small().max_bytes(SIZE).max_bytes(None).build().is_ok());
}

#[test]
fn the_whole_budget_can_be_rented_and_no_more() {
    for blocks in [1, 3, 4, 5, 11, 100] {
        let pool = small().max_bytes(blocks * SIZE + SIZE / 2).build().unwrap();
        let held = rent_all(&pool);
        assert_eq!(held.len(), blocks);
        let limit = blocks * SIZE + SIZE / 2;
        assert_eq!(pool.rent().unwrap_err(), PoolError::Exhausted { requested: SIZE, limit });
        assert_eq!(pool.stats().peak_system_bytes, blocks * SIZE);
        drop(held);
        assert_eq!(rent_all(&pool).len(), blocks);
    }
}

#[test]
fn the_budget_counts_dedicated_allocations() {
    let pool = small().max_bytes(8 * SIZE).build().unwrap();
    let large = pool.rent_sized(5 * SIZE + 1).unwrap();
    assert_eq!((large.len(), large.as_ptr().addr() % 64), (5 * SIZE + 1, 0));
    assert!(large.iter().all(|&byte| byte == 0));
    let held = rent_all(&pool);
    assert_eq!(held.len(), 2, "what is left of the budget is two blocks and 63 bytes");
    let limit = 8 * SIZE;
    assert_eq!(pool.rent_sized(SIZE + 1).unwrap_err(), PoolError::Exhausted { requested: SIZE + 1, limit });
    let stats = pool.stats();
    assert_eq!((stats.rented, stats.dedicated, stats.dedicated_bytes), (3, 1, 5 * SIZE + 1));
    drop(large);
    assert_eq!(pool.stats().system_bytes, 2 * SIZE, "a dedicated allocation goes back to the system");
    assert_eq!(rent_all(&pool).len(), 6);
}

#[test]
fn more_than_the_budget_is_too_large_for_ever() {
    let pool = small().max_bytes(8 * SIZE).build().unwrap();
    let (requested, limit) = (8 * SIZE + 1, 8 * SIZE);
    assert_eq!(pool.rent_sized(requested).unwrap_err(), PoolError::TooLarge { requested, limit });
    assert_eq!(pool.rent_sized(limit).unwrap().len(), limit);
}

#[test]
fn what_the_system_cannot_give_is_an_error_and_changes_nothing() {
    let pool = small().build().unwrap();
    // Refused before the allocator is asked: sanitizers stop a program that asks it for so much.
    let bytes = isize::MAX as usize;
    assert_eq!(pool.rent_sized(bytes).unwrap_err(), PoolError::Allocation { bytes });
    let stats = pool.stats();
    assert_eq!((stats.rented, stats.system_bytes), (0, 0));
}

#[test]
fn idle_slabs_make_room_for_a_dedicated_allocation() {
    let pool = small().max_bytes(8 * SIZE).build().unwrap();
    let mut held = rent_all(&pool);
    held.sort_by_key(|block| block.as_ptr().addr());
    // Each slab keeps a block out: nothing can be given back.
    let kept = (held.remove(0), held.pop().unwrap());
    drop(held);
    assert!(matches!(pool.rent_sized(4 * SIZE), Err(PoolError::Exhausted { .. })));
    assert_eq!(pool.stats().system_bytes, 8 * SIZE, "slabs that would not suffice stay");
    drop(kept.0);
    let large = pool.rent_sized(4 * SIZE).unwrap();
    assert_eq!(pool.stats().system_bytes, 8 * SIZE);
    drop((large, kept.1));
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn trim_gives_back_every_wholly_free_slab() {
    let pool = small().build().unwrap();
    let mut held: Vec<Block> = (0..100).map(|_| pool.rent().unwrap()).collect();
    assert_eq!(pool.stats().system_bytes, 100 * SIZE);
    assert_eq!(pool.trim(), 0);
    let kept = held.swap_remove(37);
    drop(held);
    assert_eq!(pool.trim(), 96 * SIZE);
    let stats = pool.stats();
    assert_eq!((stats.slabs, stats.idle, stats.rented), (1, 3, 1));
    drop(kept);
    assert_eq!(pool.trim(), 4 * SIZE);
    assert_eq!((pool.stats().system_bytes, pool.stats().peak_system_bytes), (0, 100 * SIZE));
}

#[test]
fn after_a_burst_no_more_than_the_limit_lies_idle() {
    let pool = small().max_idle_bytes(64 * SIZE).build().unwrap();
    let burst: Vec<Block> = (0..1000).map(|_| pool.rent().unwrap()).collect();
    assert_eq!(pool.stats().system_bytes, 1000 * SIZE);
    drop(burst);
    // The depot keeps to its limit; one cache holds 32 more.
    let stats = pool.stats();
    assert!(stats.idle <= 64 + 32, "{stats:?}");
    assert!(stats.slabs * 4 <= 64 + 32 * 4, "each cached block can pin one slab: {stats:?}");
    // Within the limit nothing goes back and forth.
    let served = stats.served_by_system;
    for _ in 0..10 {
        drop((0..48).map(|_| pool.rent().unwrap()).collect::<Vec<_>>());
    }
    assert_eq!(pool.stats().served_by_system, served);
}

#[test]
fn exactly_the_slabs_beyond_the_limit_go_back() {
    // Of 65 blocks that come back one by one the cache has 31 in the end: filled with 32, it gave half away twice.
    for limit in [0, 1, 7, 16, 31] {
        let pool = small().slab_blocks(1).max_idle_bytes(limit * SIZE).build().unwrap();
        drop((0..65).map(|_| pool.rent().unwrap()).collect::<Vec<_>>());
        let stats = pool.stats();
        assert_eq!(stats.idle - limit, 31, "in the cache: {stats:?}");
        assert_eq!((stats.slabs, stats.system_bytes), (stats.idle, stats.idle * SIZE));
        // A dedicated allocation takes no more than it needs, either.
        assert_eq!(pool.trim(), (31 + limit) * SIZE);
    }
}

#[test]
fn exactly_the_slabs_in_the_way_make_room() {
    let pool = small().slab_blocks(1).max_bytes(20 * SIZE).max_idle_bytes(None).build().unwrap();
    drop(rent_all(&pool));
    assert_eq!(pool.stats().slabs, 20);
    let large = pool.rent_sized(5 * SIZE).unwrap();
    assert_eq!((pool.stats().slabs, pool.stats().system_bytes), (15, 20 * SIZE));
    drop(large);
    // There is room by now.
    let large = pool.rent_sized(4 * SIZE).unwrap();
    assert_eq!((pool.stats().slabs, pool.stats().system_bytes), (15, 19 * SIZE));
    drop(large);
}

#[test]
fn without_a_limit_everything_stays_idle() {
    let pool = small().max_idle_bytes(None).build().unwrap();
    drop((0..1000).map(|_| pool.rent().unwrap()).collect::<Vec<_>>());
    assert_eq!(pool.stats().idle, 1000);
}

#[test]
fn low_slabs_are_used_first_so_that_others_become_free() {
    let pool = small().max_idle_bytes(None).build().unwrap();
    drop((0..800).map(|_| pool.rent().unwrap()).collect::<Vec<_>>());
    let kept: Vec<Block> = (0..200).map(|_| pool.rent().unwrap()).collect();
    pool.trim();
    // 33 blocks of a cache and 128 of the free list may be scattered; the rest fills slabs in their order.
    assert!(pool.stats().slabs <= 33 + 128 + 200 / 4, "{:?}", pool.stats());
    drop(kept);
}

#[test]
fn stats_are_exact_at_rest() {
    let pool = small().build().unwrap();
    let mut held: Vec<Block> = (0..70).map(|_| pool.rent().unwrap()).collect();
    held.truncate(13);
    let large = pool.rent_sized(1000).unwrap();
    let stats = pool.stats();
    assert_eq!((stats.rented, stats.dedicated, stats.idle), (14, 1, 72 - 13));
    assert_eq!((stats.slabs, stats.system_bytes), (18, 72 * SIZE + 1000));
    assert_eq!(stats.peak_rented, 70);
    assert_eq!((stats.served(), stats.served_dedicated), (71, 1));
    assert_eq!(stats.served_by_system, 18);
    assert_eq!(stats.waiting, 0);
    drop((held, large));
    let stats = pool.stats();
    assert_eq!((stats.rented, stats.dedicated_bytes, stats.idle), (0, 0, 72));
}

#[test]
fn the_peak_is_exact_on_one_thread() {
    let pool = small().build().unwrap();
    let mut peak = 0;
    let mut held = Vec::new();
    for target in [3, 1, 17, 2, 40, 0, 39, 41, 5, 100, 0] {
        while held.len() < target {
            held.push(pool.rent().unwrap());
        }
        held.truncate(target);
        peak = peak.max(target);
        if target % 2 == 1 {
            assert_eq!(pool.stats().peak_rented, peak);
        }
    }
    assert_eq!(pool.stats().peak_rented, 100);
}

#[test]
fn rents_are_counted_by_what_served_them() {
    let pool = PoolOptions::new().block_size(SIZE).slab_blocks(64).build().unwrap();
    drop(pool.rent().unwrap());
    drop(pool.rent().unwrap());
    let stats = pool.stats();
    assert_eq!((stats.served_by_system, stats.served_by_depot, stats.served_by_cache), (1, 0, 1));
    let held: Vec<Block> = (0..64).map(|_| pool.rent().unwrap()).collect();
    let stats = pool.stats();
    assert_eq!((stats.served_by_system, stats.served()), (1, 66));
    assert!(stats.served_by_depot > 0 && stats.served_by_cache > 32);
    drop(held);
}

#[test]
fn a_slice_keeps_its_block_rented() {
    let pool = small().build().unwrap();
    let mut block = pool.rent().unwrap();
    block[..2].copy_from_slice(b"hi");
    let slice = block.into_slice(..2);
    let other = slice.clone();
    drop(slice);
    assert_eq!(pool.stats().rented, 1);
    drop(other);
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn foreign_memory_is_not_in_the_gauge() {
    let pool = small().build().unwrap();
    let foreign = headpond_pool::Slice::from_owner(vec![1_u8; 100]);
    assert_eq!(pool.stats().rented, 0);
    drop(foreign);
}

#[test]
fn blocks_outlive_the_last_handle() {
    let pool = small().build().unwrap();
    let other = pool.clone();
    let mut held: Vec<Block> = (0..20).map(|_| pool.rent().unwrap()).collect();
    let large = pool.rent_sized(1000).unwrap();
    let slice = held.pop().unwrap().into_slice(..);
    drop(pool);
    held.truncate(15);
    drop(other);
    held.iter_mut().for_each(|block| block.fill(7));
    assert!(held.iter().all(|block| block.iter().all(|&byte| byte == 7)));
    assert_eq!(large.len(), 1000);
    drop(held);
    assert_eq!(slice.len(), SIZE);
    drop(slice);
    drop(large);
}

#[cfg(debug_assertions)]
#[test]
fn returned_blocks_are_poisoned_in_debug_builds() {
    let pool = small().build().unwrap();
    pool.rent().unwrap().fill(b'x');
    assert!(pool.rent().unwrap().iter().all(|&byte| byte == 0xDD));
}

#[cfg(feature = "zeroize")]
#[test]
fn wiped_blocks_show_nothing_of_their_last_tenant() {
    let pool = small().wipe_on_return(true).build().unwrap();
    pool.rent().unwrap().fill(b'x');
    assert!(pool.rent().unwrap().iter().all(|&byte| byte == 0));
    let slice = pool.rent().unwrap().into_slice(..10);
    drop(slice);
    assert!(pool.rent().unwrap().iter().all(|&byte| byte == 0));
}

#[test]
fn leaks_name_the_line_that_rented() {
    let pool = small().track_leaks(true).build().unwrap();
    assert!(pool.leaks().is_empty());
    drop(pool.rent().unwrap());
    let (block, line) = (pool.rent().unwrap(), line!());
    let large = pool.rent_sized(1000).unwrap();
    let leaks = pool.leaks();
    assert_eq!(leaks.len(), 2);
    let leak = leaks.iter().find(|leak| leak.bytes() == SIZE).unwrap();
    assert_eq!((leak.location().file(), leak.location().line()), (file!(), line));
    assert!(leak.to_string().contains("64 bytes rented at"), "{leak}");
    let slice = block.into_slice(..1);
    assert_eq!(pool.leaks().len(), 2);
    drop((slice, large));
    assert!(pool.leaks().is_empty());
}

#[test]
fn without_tracking_no_leak_is_named() {
    let pool = small().build().unwrap();
    let block = pool.rent().unwrap();
    assert!(pool.leaks().is_empty());
    drop(block);
}

#[test]
fn a_pool_is_a_block_source() {
    let source: Arc<dyn BlockSource> = Arc::new(small().build().unwrap());
    assert_eq!(source.rent(1).unwrap().len(), SIZE);
    assert_eq!(source.rent(SIZE).unwrap().len(), SIZE);
    assert_eq!(source.rent(SIZE + 1).unwrap().len(), SIZE + 1);
}

#[test]
fn a_handle_is_small_and_shared() {
    assert_eq!(mem::size_of::<Pool>(), mem::size_of::<usize>());
    let pool = small().build().unwrap();
    let block = pool.clone().rent().unwrap();
    assert_eq!(pool.stats().rented, 1);
    drop(block);
}
