//! Renting and giving back.

use anyhow::Result;
use headpond_pool::{Block, Pool, PoolOptions};

use crate::{
    meter::Meter,
    operation::{Left, Operation, nothing},
};

/// What a pool is when new: its caches, most of all.
pub(super) const IDLE_POOL: u64 = 24 << 10;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("pool/rent, one block a slab", rent_single).from(512),
    Operation::new("pool/rent, slabs of blocks", rent_slabs).from(512),
    Operation::new("pool/rent_sized, dedicated", rent_dedicated),
    Operation::new("pool/return in order", return_in_order).from(512),
    Operation::new("pool/return backwards", return_backwards).from(512),
    Operation::new("pool/return, nothing kept", return_keeping_nothing).from(512).leaving(IDLE_POOL),
    Operation::new("pool/rent again after a return", churn).from(512),
    Operation::new("pool/rent and return beside rented ones", beside_rented).from(512),
    Operation::new("pool/rent near a spent budget", near_budget).from(512),
    Operation::new("pool/trim", trim).from(512).leaving(IDLE_POOL),
    Operation::new("pool/trim between", trim_between).from(512),
    Operation::new("pool/stats over and over", stats).from(512),
    Operation::new("pool/drop with blocks out", drop_first).from(512),
    Operation::new("pool/track_leaks", track_leaks).from(32),
];

fn single() -> PoolOptions {
    PoolOptions::new().block_size(64).slab_blocks(1)
}

fn rent(pool: &Pool, n: usize) -> Result<Vec<Block>> {
    let mut blocks = Vec::with_capacity(n);
    for _ in 0..n {
        blocks.push(pool.rent()?);
    }
    Ok(blocks)
}

fn rent_single(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().build()?;
    meter.count(|| rent(&pool, n))?;
    nothing()
}

fn rent_slabs(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = PoolOptions::new().block_size(64).slab_blocks(8).build()?;
    meter.count(|| rent(&pool, n))?;
    nothing()
}

fn rent_dedicated(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().build()?;
    let mut blocks = Vec::with_capacity(n);
    meter.count(|| (0..n).try_for_each(|_| pool.rent_sized(100).map(|block| blocks.push(block))))?;
    meter.count(|| drop(blocks));
    nothing()
}

fn return_in_order(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().build()?;
    let blocks = rent(&pool, n)?;
    meter.count(|| drop(blocks));
    nothing()
}

fn return_backwards(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().max_idle_bytes(None).build()?;
    let blocks = rent(&pool, n)?;
    meter.count(|| blocks.into_iter().rev().for_each(drop));
    nothing()
}

fn return_keeping_nothing(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().max_idle_bytes(0).build()?;
    let blocks = rent(&pool, n)?;
    meter.count(|| drop(blocks));
    pool.trim();
    Ok(Box::new(pool))
}

fn churn(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().build()?;
    drop(rent(&pool, n)?);
    meter.count(|| (0..4).try_for_each(|_| rent(&pool, n).map(drop)))?;
    nothing()
}

/// Many slabs are all rented out, and a few blocks come and go.
fn beside_rented(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().max_idle_bytes(0).build()?;
    let _rented = rent(&pool, n)?;
    meter.count(|| (0..n / 64).try_for_each(|_| rent(&pool, 64).map(drop)))?;
    nothing()
}

fn near_budget(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().max_bytes(n * 64).build()?;
    let mut rented = rent(&pool, n)?;
    meter.count(|| {
        (0..n).try_for_each(|_| {
            let refused = pool.rent().is_err();
            rented.pop();
            rented.push(pool.rent()?);
            anyhow::ensure!(refused, "the budget is spent");
            Ok(())
        })
    })?;
    nothing()
}

fn trim(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().max_idle_bytes(None).build()?;
    drop(rent(&pool, n)?);
    meter.count(|| pool.trim());
    Ok(Box::new(pool))
}

/// Over and over, beside slabs that are all rented out.
fn trim_between(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().max_idle_bytes(None).build()?;
    let mut rented = rent(&pool, n)?;
    meter.count(|| {
        while rented.pop().is_some() {
            pool.trim();
        }
    });
    nothing()
}

fn stats(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().build()?;
    let _rented = rent(&pool, n)?;
    meter.count(|| (0..n / 16).map(|_| pool.stats().rented).sum::<usize>());
    nothing()
}

fn drop_first(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().build()?;
    let blocks = rent(&pool, n)?;
    meter.count(|| (drop(pool), drop(blocks)));
    nothing()
}

fn track_leaks(n: usize, meter: &mut Meter) -> Result<Left> {
    let pool = single().track_leaks(true).build()?;
    let blocks = meter.count(|| rent(&pool, n))?;
    anyhow::ensure!(meter.count(|| pool.leaks().len()) == n, "each block is on the list");
    meter.count(|| drop(blocks));
    nothing()
}
