//! The queue of those who wait for memory.

use std::{future::Future, pin::Pin};

use anyhow::{Result, ensure};
use headpond_pool::{Block, Pool, PoolOptions, RentAsync};

use crate::{
    drive::context,
    meter::Meter,
    operation::{Left, Operation, nothing},
    subject::pool::IDLE_POOL,
};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::new("waiting/join a long line", join),
    Operation::new("waiting/poll in a long line", poll_again),
    Operation::new("waiting/leave from the front", leave_front).leaving(IDLE_POOL),
    Operation::new("waiting/leave from the back", leave_back),
    Operation::new("waiting/served one by one", serve),
    Operation::new("waiting/served all at once", serve_all).leaving(IDLE_POOL),
    Operation::new("waiting/refused beside a line", barge),
];

type Line<'p> = Vec<Pin<Box<RentAsync<'p>>>>;

/// Everything is rented out.
fn spent(blocks: usize) -> Result<(Pool, Vec<Block>)> {
    let pool = PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(64 * blocks).max_idle_bytes(0).build()?;
    let rented = (0..blocks).map(|_| pool.rent()).collect::<Result<_, _>>()?;
    Ok((pool, rented))
}

fn line(pool: &Pool, n: usize) -> Line<'_> {
    let mut line: Line<'_> = (0..n).map(|_| Box::pin(pool.rent_async(1))).collect();
    poll(&mut line);
    line
}

/// Polls everybody, and returns how many are served.
fn poll(line: &mut Line<'_>) -> usize {
    let before = line.len();
    line.retain_mut(|rent| rent.as_mut().poll(&mut context()).is_pending());
    before - line.len()
}

fn join(n: usize, meter: &mut Meter) -> Result<Left> {
    let (pool, _rented) = spent(1)?;
    let line = meter.count(|| line(&pool, n));
    ensure!(line.len() == n, "all wait");
    nothing()
}

fn poll_again(n: usize, meter: &mut Meter) -> Result<Left> {
    let (pool, _rented) = spent(1)?;
    let mut line = line(&pool, n);
    meter.count(|| (0..4).for_each(|_| _ = poll(&mut line)));
    nothing()
}

fn leave_front(n: usize, meter: &mut Meter) -> Result<Left> {
    let (pool, rented) = spent(1)?;
    let line = line(&pool, n);
    meter.count(|| drop(line));
    drop(rented);
    pool.trim();
    Ok(Box::new(pool))
}

fn leave_back(n: usize, meter: &mut Meter) -> Result<Left> {
    let (pool, _rented) = spent(1)?;
    let line = line(&pool, n);
    meter.count(|| line.into_iter().rev().for_each(drop));
    nothing()
}

/// One block goes from hand to hand.
fn serve(n: usize, meter: &mut Meter) -> Result<Left> {
    let (pool, rented) = spent(1)?;
    let line = line(&pool, n);
    meter.count(|| {
        drop(rented);
        line.into_iter().try_for_each(|mut rent| {
            ensure!(rent.as_mut().poll(&mut context()).is_ready(), "the first in line is served");
            Ok(())
        })
    })?;
    nothing()
}

fn serve_all(n: usize, meter: &mut Meter) -> Result<Left> {
    let (pool, rented) = spent(n)?;
    let mut line = line(&pool, n);
    let served = meter.count(|| {
        drop(rented);
        poll(&mut line)
    });
    ensure!(served == n, "all are served");
    drop(line);
    pool.trim();
    Ok(Box::new(pool))
}

fn barge(n: usize, meter: &mut Meter) -> Result<Left> {
    let (pool, _rented) = spent(1)?;
    let _line = line(&pool, n);
    ensure!(meter.count(|| (0..n).all(|_| pool.rent().is_err())), "nobody overtakes");
    nothing()
}
