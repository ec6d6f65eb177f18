//! Wakers that use the pool, or panic, when a clone of them is dropped.
//!
//! # Invariants
//!
//! 1. The data of every waker made here points to a `Dropping` that is borrowed for longer than the waker lives.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    ptr,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll, RawWaker, RawWakerVTable, Waker},
};

use headpond_pool::{Pool, PoolOptions};

/// What the drop of a clone does.
struct Dropping {
    pool: Pool,
    act: fn(&Pool),
    /// Whether it does that, or nothing.
    armed: AtomicBool,
}

const VTABLE: RawWakerVTable = RawWakerVTable::new(|data| RawWaker::new(data, &VTABLE), |_| {}, |_| {}, dropped);

/// # Safety
///
/// `data` is a waker's of this file.
unsafe fn dropped(data: *const ()) {
    // SAFETY: invariant 1.
    let dropping = unsafe { &*data.cast::<Dropping>() };
    if dropping.armed.load(Ordering::SeqCst) {
        (dropping.act)(&dropping.pool);
    }
}

/// Polls with a waker whose clones, the future's too, are dropped before `dropping` is. A panic counts as pending.
fn poll<F: Future>(future: std::pin::Pin<&mut F>, dropping: &Dropping) -> Poll<F::Output> {
    // SAFETY: `VTABLE` is for the data of these wakers: invariant 1, which each test upholds by the order of its variables.
    let waker = unsafe { Waker::from_raw(RawWaker::new(ptr::from_ref(dropping).cast(), &VTABLE)) };
    let mut cx = Context::from_waker(&waker);
    dropping.armed.store(true, Ordering::SeqCst);
    let polled = catch_unwind(AssertUnwindSafe(|| future.poll(&mut cx)));
    dropping.armed.store(false, Ordering::SeqCst);
    polled.unwrap_or(Poll::Pending)
}

fn pool() -> Pool {
    PoolOptions::new().block_size(64).slab_blocks(1).max_bytes(256).build().expect("valid")
}

fn panics(_: &Pool) {
    panic!("a waker's own mistake");
}

#[test]
fn what_was_granted_at_once_is_not_lost() {
    let pool = pool();
    let dropping = Dropping { pool: pool.clone(), act: panics, armed: AtomicBool::new(false) };
    assert!(poll(pin!(pool.rent_async(100)), &dropping).is_pending(), "it panicked");
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn what_was_waited_for_is_not_lost() {
    let pool = pool();
    let dropping = Dropping { pool: pool.clone(), act: panics, armed: AtomicBool::new(false) };
    let all = pool.rent_sized(256).expect("the budget");
    let mut waiting = pin!(pool.rent_async(64));
    assert!(poll(waiting.as_mut(), &dropping).is_pending());
    drop(all);
    assert!(poll(waiting.as_mut(), &dropping).is_pending(), "it panicked");
    assert_eq!(pool.stats().rented, 0);
}

#[test]
fn no_lock_is_held() {
    let pool = pool();
    // With the lock held the statistics would never come, so another thread waits for them.
    let looks = |pool: &Pool| {
        let pool = pool.clone();
        let (seen, looked) = std::sync::mpsc::channel();
        std::thread::spawn(move || seen.send(pool.stats()));
        assert!(looked.recv_timeout(std::time::Duration::from_secs(5)).is_ok(), "the lock is held");
    };
    let dropping = Dropping { pool: pool.clone(), act: looks, armed: AtomicBool::new(false) };
    assert!(poll(pin!(pool.rent_async(100)), &dropping).is_ready());
}
